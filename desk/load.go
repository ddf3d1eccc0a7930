package desk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
)

// maxOpenTickets is more than how many tickets of a conversation can be open at a time.
const maxOpenTickets = 64

// caseRequest asks for all that a command on a conversation needs: the settings, the
// conversation, its open tickets, the offer with the ID, if one is given, and the messages
// with the IDs.
func caseRequest(id inbox.ID, offer string, names []string) store.ReadRequest {
	return store.ReadRequest{
		Records: []store.Ref{settingsRef, conversationRef(id)},
		Lists: []store.Query{{Kind: kindTicket, Where: []store.Match{
			{Name: attrConversation, Value: store.Text(id.String())}, {Name: attrOpen, Value: store.Bool(true)},
		}, Limit: maxOpenTickets}},
		Logs: append(namedMessages(id, names), namedOffer(id, offer)...),
	}
}

// openFile returns what a read of caseRequest found.
func (o *Tenant) openFile(ctx context.Context, id inbox.ID, s *store.Snapshot) (*file, error) {
	f, err := o.openTalk(ctx, id, s)
	if err != nil {
		return nil, err
	}
	if !f.hasNamedOffer(s.Logs) {
		return nil, damaged(conversationRef(id))
	}
	needed := f.now.Conversation.CaseTickets()
	for _, rec := range s.Lists[0].Records {
		if !slices.ContainsFunc(needed, func(id ticket.ID) bool { return id.String() == rec.Ref.ID }) {
			continue // it is not known to be its own
		}
		t, err := o.readTicket(ctx, rec)
		if err != nil {
			return nil, err
		}
		f.add(t)
	}
	for _, id := range needed { // one that is done
		if err := known(o.nameTicket(ctx, f, id), ticketRef(id)); err != nil {
			return nil, err
		}
	}
	for _, t := range f.tickets {
		if t.now.IsOpen() && t.body.Policy != f.body.Promise.Policy { // its policy is in force now
			c := f.now.Conversation
			f.now.Conversation = c.WithPolicy(c.Policy().WithHours(o.hours(t.body.Policy, t.now.Channel())))
			break
		}
	}
	return f, nil
}

// openTalk returns the conversation of a read, without its tickets, under the settings of
// the read, and has the messages and offers of the read at hand.
func (o *Tenant) openTalk(ctx context.Context, id inbox.ID, s *store.Snapshot) (*file, error) {
	f, err := o.openHead(ctx, id, s.Records[1])
	if err != nil {
		return nil, err
	}
	set, err := f.needs.settings(s.Records[0])
	if err != nil {
		return nil, err
	}
	p, err := set.policy(o.d.inbox)
	if err != nil {
		return nil, err
	}
	f.settings = s.Records[0].Revision
	c, err := inbox.FromSnapshot(f.body.Conversation)
	if err != nil {
		return nil, f.body.unfit(conversationRef(id))
	}
	f.now.Conversation = c.WithPolicy(p.WithHours(o.hours(f.body.Promise.Policy, c.Channel())))
	if err := f.handOffers(s.Logs); err != nil {
		return nil, err
	}
	return f, f.handPages(s.Logs)
}

// openHead returns what is stored of a conversation.
func (o *Tenant) openHead(ctx context.Context, id inbox.ID, rec store.Record) (*file, error) {
	if rec.Revision == "" {
		return nil, o.missing(ctx, retention.KindConversation, id.String(), rec.Ref.String())
	}
	f := &file{id: id, rev: rec.Revision}
	return f, f.needs.read(rec, &f.body)
}

// loadFile returns a conversation with the tickets that a command needs, and with the
// offer and the messages at hand that have the IDs.
func (o *Tenant) loadFile(ctx context.Context, id inbox.ID, offer string, names ...string) (*file, error) {
	s, err := o.store.Read(ctx, caseRequest(id, offer, names))
	if err != nil {
		return nil, err
	}
	return o.openFile(ctx, id, &s)
}

// loadTalk returns a conversation without its tickets, with the messages at hand that have
// the IDs.
func (o *Tenant) loadTalk(ctx context.Context, id inbox.ID, names ...string) (*file, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{
		Records: []store.Ref{settingsRef, conversationRef(id)}, Logs: namedMessages(id, names),
	})
	if err != nil {
		return nil, err
	}
	return o.openTalk(ctx, id, &s)
}

// loadHead returns what is stored of a conversation, without messages and tickets.
func (o *Tenant) loadHead(ctx context.Context, id inbox.ID) (*file, error) {
	rec, err := o.get(ctx, conversationRef(id))
	if err != nil {
		return nil, err
	}
	return o.openHead(ctx, id, rec)
}

// nameTicket adds a ticket of the conversation, unless f has it.
func (o *Tenant) nameTicket(ctx context.Context, f *file, id ticket.ID) error {
	if f.ticket(id) != nil {
		return nil
	}
	t, err := o.loadTicket(ctx, id)
	if err != nil {
		return err
	}
	f.add(t)
	return nil
}

// loadWhole returns what is stored of a conversation, with all its tickets and without
// messages.
func (o *Tenant) loadWhole(ctx context.Context, id inbox.ID) (*file, error) {
	f, err := o.loadTalk(ctx, id)
	if err != nil {
		return nil, err
	}
	return f, o.loadAllTickets(ctx, f)
}

// loadAllTickets adds every ticket of a conversation, the oldest first: not for commands
// of the team, whose cost would grow with the tickets.
func (o *Tenant) loadAllTickets(ctx context.Context, f *file) error {
	q := store.Query{Kind: kindTicket, Where: []store.Match{{Name: attrConversation, Value: store.Text(f.id.String())}}, Limit: o.d.limits.Page}
	var all []*ticketFile
	for {
		page, err := o.list(ctx, q)
		if err != nil {
			return err
		}
		for _, rec := range page.Records {
			t, err := o.readTicket(ctx, rec)
			if err != nil {
				return err
			}
			if f.ticket(t.now.ID()) == nil {
				t.listed = true
				all = append(all, t)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	slices.SortFunc(all, func(a, b *ticketFile) int { return strings.Compare(a.now.ID().String(), b.now.ID().String()) })
	f.tickets = append(f.tickets, all...)
	f.now.Tickets = slices.Grow(slices.Clip(f.now.Tickets), len(all)) // once, as they can be very many
	for _, t := range all {
		f.now.Tickets = append(f.now.Tickets, t.now)
	}
	if len(f.tickets) < f.body.Conversation.Count { // one cannot be found, and must not be forgotten
		return damaged(conversationRef(f.id))
	}
	return nil
}

// loadTicket returns a ticket.
func (o *Tenant) loadTicket(ctx context.Context, id ticket.ID) (*ticketFile, error) {
	rec, err := o.get(ctx, ticketRef(id))
	if err != nil {
		return nil, err
	}
	return o.openTicket(ctx, id, rec)
}

func (o *Tenant) openTicket(ctx context.Context, id ticket.ID, rec store.Record, logs ...store.EntryPage) (*ticketFile, error) {
	if rec.Revision == "" {
		return nil, o.missing(ctx, retention.KindTicket, id.String(), rec.Ref.String())
	}
	return o.readTicket(ctx, rec, logs...)
}

// readTicket returns the ticket of a record with the answers to the first of the questions of
// logsOf, if they are given. If the log of the ticket is apart, all is read again together
// with the log.
func (o *Tenant) readTicket(ctx context.Context, rec store.Record, logs ...store.EntryPage) (*ticketFile, error) {
	t := &ticketFile{rev: rec.Revision}
	err := t.needs.read(rec, &t.body)
	if err == nil && t.body.LogApart {
		t, logs, err = o.readApart(ctx, rec.Ref, logsOf(rec.Ref)[:len(logs)])
	}
	if err == nil && len(logs) > 0 {
		err = t.fill(rec.Ref, logs)
	}
	if err != nil {
		return nil, err
	}
	if t.now, err = ticket.FromSnapshot(o.d.lifecycle(t.body.Ticket.Lifecycle), t.body.Ticket); err != nil {
		return nil, t.body.unfit(rec.Ref)
	}
	t.before, t.events = t.now, t.body.Events
	if len(logs) > textLogs {
		t.finished = logs[textLogs].Entries
	}
	return t, nil
}

// readApart reads a ticket together with its log, as neither goes with another state of the
// other, and with other logs.
func (o *Tenant) readApart(ctx context.Context, of store.Ref, logs []store.LogQuery) (*ticketFile, []store.EntryPage, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Records: []store.Ref{of}, Logs: append([]store.LogQuery{keptLog(of)}, logs...)})
	if err != nil {
		return nil, nil, err
	}
	if s.Records[0].Revision == "" {
		return nil, nil, o.missing(ctx, retention.KindTicket, of.ID, of.String())
	}
	t := &ticketFile{rev: s.Records[0].Revision}
	if err := t.needs.read(s.Records[0], &t.body); err != nil {
		return nil, nil, err
	}
	if t.body.LogApart {
		err = t.takeLog(of, s.Logs[0])
	}
	return t, s.Logs[1:], err
}

// get returns a record; one that is not there has no revision.
func (o *Tenant) get(ctx context.Context, r store.Ref) (store.Record, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Records: []store.Ref{r}})
	if err != nil {
		return store.Record{}, err
	}
	return s.Records[0], nil
}

// list returns a page of records.
func (o *Tenant) list(ctx context.Context, q store.Query) (store.Page, error) {
	if err := q.Check(); err != nil {
		return store.Page{}, err
	}
	s, err := o.store.Read(ctx, store.ReadRequest{Lists: []store.Query{q}})
	if err != nil {
		return store.Page{}, err
	}
	return s.Lists[0], nil
}

// waits notes since when an answer of the customer is awaited.
func (t *ticketFile) waits(ev *ticket.Event) {
	b := &t.body
	asks := b.Asked == "" || ev.Message == b.Asked // not another message that is lost or found meanwhile
	switch waiting := t.now.Category() == ticket.CategoryWaiting; {
	case waiting && ev.Kind == ticket.EventMarkBounced:
		b.Unreached = b.Unreached || asks
	case waiting && b.Unreached && (ev.Kind == ticket.EventMarkDelivered && asks || ev.Kind == ticket.EventReply):
		b.Unreached = false
		t.waitAnew(ev.At)
		b.Asked, b.Sent = ev.Message, ev.Kind == ticket.EventMarkDelivered
	case ev.Kind == ticket.EventRemind:
		b.Reminded++
		b.RemindedAt = ev.At
	case ev.Kind == ticket.EventAskCustomer, waiting && b.WaitingSince.IsZero():
		b.Unreached = false
		t.waitAnew(ev.At)
		b.Asked, b.Sent = ev.Message, false
	case !waiting:
		b.Unreached = false
		t.waitAnew(time.Time{})
		b.Asked, b.Sent, b.Overheard = "", false, false
	}
}

// longestMerge is how many tickets can be merged one into the other in a row.
const longestMerge = 50

// mergers returns the tickets that t was merged into, one after the other, as far as they
// are there.
func (o *Tenant) mergers(ctx context.Context, t ticket.Ticket) ([]ticket.Ticket, error) {
	var into []ticket.Ticket
	for len(into) < longestMerge && t.MergedInto() != (ticket.ID{}) {
		next, err := o.loadTicketTexts(ctx, t.MergedInto())
		if isNotFound(err) || errors.Is(err, helpdesk.ErrGone) {
			break
		}
		if err != nil {
			return nil, err
		}
		t = next.now
		into = append(into, t)
	}
	return into, nil
}

// settings returns the settings of the tenant; their revision is empty if it has
// none of its own.
func (o *Tenant) settings(ctx context.Context) (settingsBody, store.Revision, error) {
	rec, err := o.get(ctx, settingsRef)
	if err != nil {
		return settingsBody{}, "", err
	}
	var n needs
	s, err := n.settings(rec)
	return s, rec.Revision, errors.Join(err, n.check(settingsRef))
}

// settings reads the settings of a tenant, which may have none of its own.
func (n *needs) settings(rec store.Record) (s settingsBody, err error) {
	if rec.Revision != "" {
		err = n.read(rec, &s)
	}
	return s, err
}

// policy returns the settings of the tenant, which may have none of its own.
func (o *Tenant) policy(ctx context.Context) (*inbox.Policy, error) {
	s, _, err := o.settings(ctx)
	if err != nil {
		return nil, err
	}
	return s.policy(o.d.inbox)
}

func (o *Tenant) loadSweep(ctx context.Context) (sweepBody, store.Revision, error) {
	rec, err := o.get(ctx, sweepRef)
	if err != nil || rec.Revision == "" {
		return sweepBody{}, "", err
	}
	var s sweepBody
	err = decode(rec, &s)
	return s, rec.Revision, err
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

// loadTicketTexts returns a ticket with its texts, for a message.
func (o *Tenant) loadTicketTexts(ctx context.Context, id ticket.ID) (*ticketFile, error) {
	return o.loadTicketWith(ctx, id, textsOf(ticketRef(id)))
}

// loadTicketLogs returns a ticket with its texts and finished clocks, for a view.
func (o *Tenant) loadTicketLogs(ctx context.Context, id ticket.ID) (*ticketFile, error) {
	return o.loadTicketWith(ctx, id, logsOf(ticketRef(id)))
}

func (o *Tenant) loadTicketWith(ctx context.Context, id ticket.ID, logs []store.LogQuery) (*ticketFile, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Records: []store.Ref{ticketRef(id)}, Logs: logs})
	if err != nil {
		return nil, err
	}
	return o.openTicket(ctx, id, s.Records[0], s.Logs...)
}

func (o *Tenant) page(limit int) int {
	if limit < 1 || limit > o.d.limits.Page {
		return o.d.limits.Page
	}
	return limit
}
