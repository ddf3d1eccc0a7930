package desk

import (
	"slices"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/sla"
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
