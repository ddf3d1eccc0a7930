package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A MessageQuery selects messages of a conversation by their numbers, which count from 1.
// Selected messages always come in order. It is plain data. The zero query selects the
// first page.
type MessageQuery struct {
	After  uint64 `json:"after,omitzero"`  // only messages with numbers above
	Before uint64 `json:"before,omitzero"` // only messages with numbers below; zero: all
	Last   bool   `json:"last,omitzero"`   // the last messages of these; otherwise the first
	Limit  int    `json:"limit,omitzero"`  // not positive, or above 200: 200
}

// A messageBody is what is stored of a message.
type messageBody struct {
	envelope

	Message inbox.MessageRecord `json:"m"`
	Public  uint64              `json:"public,omitzero"`   // its number among the public ones; zero: of a note, or not counted
	Tickets []hearer            `json:"tickets,omitempty"` // whose logs have it
}

// A hearer is a ticket whose log has a message.
type hearer struct {
	Ticket ticket.ID `json:"ticket"`
	Event  string    `json:"event"` // ID of the last event of the message there
}

// heardBy returns the tickets whose logs got a message by an event.
func heardBy(ev *inbox.Event) []hearer {
	var all []hearer
	for _, t := range ev.Tickets {
		for _, e := range t.Log {
			if t.Message == ev.Message && e.Kind == sla.KindMessage {
				all = append(all, hearer{t.Ticket, e.ID})
			}
		}
	}
	return all
}

// A lostBody says whether a message did not arrive, from then on.
type lostBody struct {
	envelope

	Lost    bool     `json:"lost"`
	Tickets []hearer `json:"tickets,omitempty"` // as they stand then
}

// A blobBody says that messages of a conversation have an attachment.
type blobBody struct {
	envelope

	Conversation inbox.ID            `json:"conversation"`
	Blob         inbox.AttachmentRef `json:"blob"`
}

// A messageRow is what is known of a message at hand beside the message.
type messageRow struct {
	stored  bool
	public  uint64 // as in a messageBody
	lost    bool   // by what was read
	changes int    // of whether it is lost
	tickets []hearer
}

// maxSeq is more than any number of a message, and what a place in a log can be counted by.
const maxSeq = 1 << 36

// lostPlace is the place in logLost of the n-th change of a message.
func lostPlace(seq uint64, n int) uint64 { return seq<<16 | uint64(n) }

const maxLost = 1<<16 - 1 // changes of one message

// namedMessages asks for the messages with the IDs, whatever they are.
func namedMessages(id inbox.ID, names []string) []store.LogQuery {
	var out []store.LogQuery
	for _, name := range names {
		if check.IsGraphic(name, maxID) { // no message has another
			out = append(out,
				store.LogQuery{Of: conversationRef(id), Log: logMessage, ID: name, Limit: 1},
				store.LogQuery{Of: conversationRef(id), Log: logNote, ID: name, Limit: 1})
		}
	}
	return out
}

// handPages has the messages of pages at hand. Entries of other logs are left out.
func (f *file) handPages(pages []store.EntryPage) error {
	var list []inbox.Message
	for _, page := range pages {
		for _, e := range page.Entries {
			if e.Log != logMessage && e.Log != logNote {
				continue
			}
			m, row, err := f.needs.message(e)
			if err != nil {
				return err
			}
			if f.rows == nil {
				f.rows = make(map[uint64]messageRow, len(page.Entries))
			}
			list, f.rows[e.N] = append(list, m), row
		}
	}
	for _, page := range pages {
		for _, e := range page.Entries {
			if e.Log != logLost {
				continue
			}
			if err := f.readLost(list, e); err != nil {
				return err
			}
		}
	}
	f.now.Conversation = f.now.Conversation.WithMessages(list...)
	return nil
}

// message returns the message of an entry.
func (n *needs) message(e store.Entry) (inbox.Message, messageRow, error) {
	var b messageBody
	if err := n.read(entryOf(e.Of, e), &b); err != nil {
		return nil, messageRow{}, err
	}
	row := messageRow{stored: true, public: b.Public, tickets: b.Tickets}
	switch m := b.Message; {
	case m.Reply != nil && m.Reply.Seq == e.N:
		return *m.Reply, row, nil
	case m.Note != nil && m.Note.Seq == e.N:
		return *m.Note, row, nil
	default:
		return nil, messageRow{}, b.unfit(e.Of)
	}
}

// readLost notes in a list of messages what became of one of them, by the last change.
func (f *file) readLost(list []inbox.Message, e store.Entry) error {
	var b lostBody
	if err := f.needs.read(entryOf(e.Of, e), &b); err != nil {
		return err
	}
	seq, n := e.N>>16, int(e.N&maxLost)
	row, ok := f.rows[seq]
	if !ok || n <= row.changes {
		return nil
	}
	row.changes, row.lost = n, b.Lost
	if len(b.Tickets) > 0 {
		row.tickets = b.Tickets
	}
	f.rows[seq] = row
	for i, m := range list {
		if r, ok := m.(inbox.Reply); ok && r.Seq == seq {
			r.Undelivered = b.Lost
			list[i] = r
		}
	}
	return nil
}

// nameMessages has the messages with the IDs at hand, as far as there are any.
func (o *Tenant) nameMessages(ctx context.Context, f *file, names ...string) error {
	q := namedMessages(f.id, names)
	if len(q) == 0 {
		return nil
	}
	s, err := o.store.Read(ctx, store.ReadRequest{Logs: q})
	if err != nil {
		return err
	}
	return f.handPages(s.Logs)
}

// nameSent has the message at hand that went out with the ID or, without an ID, with the
// number, and what became of it, with the tickets that heard of it.
func (o *Tenant) nameSent(ctx context.Context, f *file, id string, seq uint64) error {
	q := store.LogQuery{Of: conversationRef(f.id), Log: logMessage, ID: id, Limit: 1}
	switch {
	case id == "" && (seq == 0 || seq > maxSeq), id != "" && !check.IsGraphic(id, maxID):
		return nil
	case id == "":
		q.After, q.Before = seq-1, seq+1
	}
	note := q
	note.Log = logNote
	s, err := o.store.Read(ctx, store.ReadRequest{Logs: []store.LogQuery{q, note}})
	if err != nil {
		return err
	}
	if len(s.Logs[0].Entries) == 0 {
		if id == "" && seq <= uint64(f.now.Conversation.Len()) && len(s.Logs[1].Entries) == 0 {
			return damaged(q.Of) // there was one
		}
		return nil
	}
	s.Logs = s.Logs[:1]
	seq = s.Logs[0].Entries[0].N
	lost, err := o.store.Read(ctx, store.ReadRequest{Logs: []store.LogQuery{{
		Of: q.Of, Log: logLost, After: lostPlace(seq, 0), Before: lostPlace(seq+1, 0), Descending: true, Limit: 1,
	}}})
	if err != nil {
		return err
	}
	if err := f.handPages(append(s.Logs, lost.Logs...)); err != nil {
		return err
	}
	for _, h := range f.rows[seq].tickets {
		if err := o.nameTicket(ctx, f, h.Ticket); err != nil && !isNotFound(err) && !errors.Is(err, helpdesk.ErrGone) {
			return err
		}
		f.remind(seq, h)
	}
	return nil
}

// remind has the message with the number at hand in a ticket whose log had it.
func (f *file) remind(seq uint64, h hearer) {
	t := f.ticket(h.Ticket)
	for _, m := range f.now.Conversation.Messages(seq-1, 1) {
		r, ok := m.(inbox.Reply)
		if !ok || r.Seq != seq || t == nil {
			continue
		}
		t.now = t.now.WithMessage(sla.Event{ID: h.Event, By: r.By, Public: true, Auto: r.Auto}, r.Undelivered)
		f.now.Tickets = slices.Clone(f.now.Tickets)
		for i := range f.now.Tickets {
			if f.now.Tickets[i].ID() == h.Ticket {
				f.now.Tickets[i] = t.now
			}
		}
	}
}

// sent returns the case of the command as nameSent leaves it.
func (w *work) sent(id string, seq uint64) (inbox.Case, error) {
	f := w.files[0]
	err := w.o.nameSent(w.ctx, f, id, seq)
	return f.now, err
}

// pageRequest asks for a page of messages: of the public ones, or of all.
func pageRequest(id inbox.ID, public bool, q MessageQuery) []store.LogQuery {
	if q.Limit < 1 || q.After >= maxSeq {
		return nil
	}
	base := store.LogQuery{Of: conversationRef(id), After: q.After, Before: min(q.Before, maxSeq), Descending: q.Last, Limit: q.Limit}
	messages, notes, lost := base, base, base
	messages.Log, notes.Log = logMessage, logNote
	lost.Log, lost.Limit = logLost, min(4*q.Limit, store.MaxLimit)
	lost.After = lostPlace(q.After, maxLost)
	if lost.Before = 0; q.Before > 0 {
		lost.Before = lostPlace(min(q.Before, maxSeq), 0)
	}
	if public {
		return []store.LogQuery{messages, lost}
	}
	return []store.LogQuery{messages, notes, lost}
}

// loadPage returns a conversation without its tickets, with a page of its messages and its
// last offers at hand. The limit may be one above that of a page, so that it is known
// whether there are more.
func (o *Tenant) loadPage(ctx context.Context, id inbox.ID, public bool, q MessageQuery) (*file, error) {
	request := pageRequest(id, public, q)
	offers := lastOffers(id, shownOffers)
	if public {
		offers = lastOffers(id, 1) // the open one is the last
	}
	s, err := o.store.Read(ctx, store.ReadRequest{
		Records: []store.Ref{settingsRef, conversationRef(id)}, Logs: slices.Concat(offers, request, q.beside(id, public)),
	})
	if err != nil {
		return nil, err
	}
	pages, beside := s.Logs[len(offers):][:len(request)], s.Logs[len(offers)+len(request):]
	s.Logs = s.Logs[:len(offers)]
	f, err := o.openTalk(ctx, id, &s)
	if err != nil || len(pages) == 0 {
		return f, err
	}
	var found []store.Entry // of both logs, as many as wanted
	for _, page := range pages[:len(pages)-1] {
		found = append(found, page.Entries...)
	}
	slices.SortFunc(found, func(a, b store.Entry) int { return cmp.Compare(a.N, b.N) })
	if over := len(found) - q.Limit; over > 0 && q.Last {
		found = found[over:]
	} else if over > 0 {
		found = found[:q.Limit]
	}
	whole := !public && q.isWhole(found, uint64(f.now.Conversation.Len()))
	if public {
		if whole, err = q.isWholePublic(pages[0], beside, f.now.Conversation.Counts().Public); err != nil {
			return nil, err
		}
	}
	if !whole {
		return nil, damaged(conversationRef(id)) // a message is missing
	}
	lost := pages[len(pages)-1]
	if lost.More && len(found) > 0 { // more changes than were asked for: those of the page
		lost, err = o.lostOf(ctx, id, found[0].N, found[len(found)-1].N)
		if err != nil {
			return nil, err
		}
	}
	return f, f.handPages([]store.EntryPage{{Entries: found}, lost})
}

// lostOf returns what became of the messages from one number to another.
func (o *Tenant) lostOf(ctx context.Context, id inbox.ID, first, last uint64) (store.EntryPage, error) {
	var all store.EntryPage
	q := store.LogQuery{
		Of: conversationRef(id), Log: logLost, After: lostPlace(first, 0), Before: lostPlace(last+1, 0), Limit: store.MaxLimit,
	}
	for {
		s, err := o.store.Read(ctx, store.ReadRequest{Logs: []store.LogQuery{q}})
		if err != nil {
			return all, err
		}
		all.Entries = append(all.Entries, s.Logs[0].Entries...)
		if !s.Logs[0].More {
			return all, nil
		}
		q.After = all.Entries[len(all.Entries)-1].N
	}
}

// heard notes which tickets got the message of an event.
func (f *file) heard(ev *inbox.Event) {
	if ev.Kind == inbox.EventMarkDelivered {
		f.heardAgain(ev)
		return
	}
	if ev.Seq == 0 || len(ev.Tickets) == 0 {
		return
	}
	row := messageRow{tickets: heardBy(ev)}
	if f.rows == nil {
		f.rows = make(map[uint64]messageRow)
	}
	f.rows[ev.Seq] = row
}

// heardAgain notes by which events tickets have a message that was delivered after all.
func (f *file) heardAgain(ev *inbox.Event) {
	r, _ := f.now.Conversation.Message(ev.Message)
	row, ok := f.rows[r.Seq]
	if !ok {
		return
	}
	row.tickets = slices.Clone(row.tickets)
	for _, h := range heardBy(ev) {
		for i := range row.tickets {
			if row.tickets[i].Ticket == h.Ticket {
				row.tickets[i] = h
			}
		}
	}
	f.rows[r.Seq] = row
}

// putMessages stores what a command added, and what it learned of messages that went out.
func (w *work) putMessages(f *file) error {
	of := conversationRef(f.id)
	publics := f.body.Conversation.Counts.Public // as they were read
	for _, m := range f.now.Conversation.Messages(0, math.MaxInt) {
		row := f.rows[m.Number()]
		reply, public := m.(inbox.Reply)
		if !row.stored {
			e := store.Entry{Of: of, Log: logNote, N: m.Number()}
			b := messageBody{Tickets: row.tickets}
			switch m := m.(type) {
			case inbox.Reply:
				added := m
				added.Undelivered = false
				publics++
				b.Public = publics
				b.Message.Reply, e.Log, e.ID, e.At = &added, logMessage, m.ID, m.At
			case inbox.Note:
				b.Message.Note, e.ID, e.At = &m, m.ID, m.At
			}
			var err error
			if e.Body, err = encode(&b); err != nil {
				return err
			}
			w.batch.Append = append(w.batch.Append, e)
		}
		if public && reply.Undelivered != row.lost {
			if err := w.putLost(of, reply, row); err != nil {
				return err
			}
		}
	}
	return w.putBlobs(f)
}

func (w *work) putLost(of store.Ref, r inbox.Reply, row messageRow) error {
	if row.changes >= maxLost {
		return &helpdesk.FieldError{Path: "message", Value: r.ID, Reason: "must not have bounced so often"}
	}
	body, err := encode(&lostBody{Lost: r.Undelivered, Tickets: row.tickets})
	if err != nil {
		return err
	}
	n := lostPlace(r.Seq, row.changes+1)
	w.batch.Append = append(w.batch.Append, store.Entry{
		Of: of, Log: logLost, N: n, ID: strconv.FormatUint(n, 10), At: w.now, Body: body,
	})
	return nil
}

// blobRef names the record of an attachment of a conversation.
func blobRef(conversation inbox.ID, ref string) store.Ref {
	sum := sha256.Sum256([]byte(ref))
	return store.Ref{Kind: kindBlob, ID: conversation.String() + "." + hex.EncodeToString(sum[:16])}
}

// putBlobs stores that the added messages have attachments, unless that is stored.
func (w *work) putBlobs(f *file) error {
	blobs := map[store.Ref]inbox.AttachmentRef{}
	var refs []store.Ref
	for _, m := range f.now.Conversation.Added() {
		if r, ok := m.(inbox.Reply); ok {
			for _, blob := range r.Attachments {
				ref := blobRef(f.id, blob.Ref)
				if _, ok := blobs[ref]; !ok {
					refs = append(refs, ref)
				}
				blobs[ref] = blob
			}
		}
	}
	if len(refs) == 0 {
		return nil
	}
	s, err := w.store.Read(w.ctx, store.ReadRequest{Records: refs})
	if err != nil {
		return err
	}
	for _, rec := range s.Records {
		if rec.Revision != "" {
			continue
		}
		blob := blobs[rec.Ref]
		body, err := encode(&blobBody{Conversation: f.id, Blob: blob})
		if err != nil {
			return err
		}
		w.batch.Changes = append(w.batch.Changes, store.Change{Ref: rec.Ref, Body: body, Attributes: []store.Attribute{
			{Name: attrBlob, Value: store.Text(blob.Ref)}, {Name: attrConversation, Value: store.Text(f.id.String())},
		}})
	}
	return nil
}
