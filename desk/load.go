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
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A file is a conversation with its tickets: as it was loaded, and as it is after
// what was decided since.
type file struct {
	id      inbox.ID
	rev     store.Revision // empty: the conversation is new
	body    conversationBody
	rows    map[uint64]messageRow // the messages that were read, by number
	now     inbox.Case
	changed bool // the conversation is to be stored

	tickets []*ticketFile
}

// A ticketFile is a ticket as it was loaded, and as it is after what was decided
// since.
type ticketFile struct {
	rev     store.Revision // empty: the ticket is new
	body    ticketBody
	logRev  store.Revision // empty: the log has no record of its own
	before  ticket.Ticket  // zero: the ticket is new
	added   []sla.Event    // to its log since then
	now     ticket.Ticket
	changed bool
}

func (f *file) ticket(id ticket.ID) *ticketFile {
	for _, t := range f.tickets {
		if t.now.ID() == id {
			return t
		}
	}
	return nil
}

// take makes k what f is from now on, and says what that changes.
func (f *file) take(k inbox.Case) {
	f.now, f.changed = k, true
	for _, t := range k.Tickets {
		tf := f.ticket(t.ID()) // one that is new is there already: see work.created
		// Every accepted command has an instant of its own.
		if !tf.now.UpdatedAt().Equal(t.UpdatedAt()) {
			tf.changed = true
		}
		tf.now = t
	}
}

// replace makes t what its ticket is from now on.
func (f *file) replace(t ticket.Ticket) error {
	k, err := f.now.ReplaceTicket(t, ticket.Event{})
	if err != nil {
		return err
	}
	f.take(k)
	return nil
}

// loadFile returns a conversation with its tickets, and with the messages at hand that
// have the IDs.
func (o *Tenant) loadFile(ctx context.Context, id inbox.ID, p *inbox.Policy, names ...string) (*file, error) {
	f, err := o.loadTalk(ctx, id, p, names...)
	if err != nil {
		return nil, err
	}
	if err := o.loadTickets(ctx, f); err != nil {
		return nil, err
	}
	return f, nil
}

// loadTalk is loadFile without the tickets.
func (o *Tenant) loadTalk(ctx context.Context, id inbox.ID, p *inbox.Policy, names ...string) (*file, error) {
	f, err := o.loadHead(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := inbox.FromSnapshot(f.body.Conversation)
	if err != nil {
		return nil, damaged(conversationRef(id))
	}
	f.now.Conversation = c.WithPolicy(p)
	return f, o.nameMessages(ctx, f, names...)
}

// loadHead returns what is stored of a conversation, without messages and tickets.
func (o *Tenant) loadHead(ctx context.Context, id inbox.ID) (*file, error) {
	rec, err := o.load(ctx, conversationRef(id), retention.KindConversation)
	if err != nil {
		return nil, err
	}
	f := &file{id: id, rev: rec.Revision}
	if err := decode(rec, &f.body, &f.body.Version); err != nil {
		return nil, err
	}
	return f, nil
}

// loadTickets adds the tickets of a conversation that a command needs.
func (o *Tenant) loadTickets(ctx context.Context, f *file) error {
	for _, id := range f.now.Conversation.CaseTickets() {
		if _, err := o.nameTicket(ctx, f, id); err != nil {
			return err
		}
	}
	return nil
}

// nameTicket adds a ticket of the conversation, unless f has it.
func (o *Tenant) nameTicket(ctx context.Context, f *file, id ticket.ID) (*ticketFile, error) {
	if t := f.ticket(id); t != nil {
		return t, nil
	}
	t, err := o.loadTicket(ctx, id)
	if err != nil {
		return nil, err
	}
	f.add(t)
	return t, nil
}

// add adds a ticket of the conversation.
func (f *file) add(t *ticketFile) {
	f.tickets = append(f.tickets, t)
	f.now.Tickets = append(slices.Clip(f.now.Tickets), t.now)
}

// loadAllTickets adds every ticket of a conversation, the oldest first: not for commands
// of the team, whose cost would grow with the tickets.
func (o *Tenant) loadAllTickets(ctx context.Context, f *file) error {
	q := store.Query{Kind: kindTicket, Where: []store.Field{{Name: fieldConversation, Value: f.id.String()}}, Limit: o.d.limits.Page}
	var all []*ticketFile
	for {
		page, err := o.store.List(ctx, q)
		if err != nil {
			return err
		}
		for _, rec := range page.Records {
			t, err := o.readTicket(ctx, rec)
			if err != nil {
				return err
			}
			if f.ticket(t.now.ID()) == nil {
				all = append(all, t)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	slices.SortFunc(all, func(a, b *ticketFile) int { return strings.Compare(a.now.ID().String(), b.now.ID().String()) })
	for _, t := range all {
		f.add(t)
	}
	if len(f.tickets) < f.body.Conversation.Count { // one cannot be found, and must not be forgotten
		return damaged(conversationRef(f.id))
	}
	return nil
}

// loadTicket returns a ticket.
func (o *Tenant) loadTicket(ctx context.Context, id ticket.ID) (*ticketFile, error) {
	for range o.d.limits.Attempts {
		rec, err := o.load(ctx, ticketRef(id), retention.KindTicket)
		if err != nil {
			return nil, err
		}
		if t, err := o.readTicket(ctx, rec); !errors.Is(err, store.ErrConflict) {
			return t, err
		}
	}
	return nil, ErrBusy
}

func (o *Tenant) readTicket(ctx context.Context, rec store.Record) (*ticketFile, error) {
	t := &ticketFile{rev: rec.Revision}
	if err := decode(rec, &t.body, &t.body.Version); err != nil {
		return nil, err
	}
	err := o.fetchLog(ctx, t, rec.Ref)
	if err != nil {
		return nil, err
	}
	if t.now, err = ticket.FromSnapshot(o.d.lifecycle(t.body.Ticket.Lifecycle), t.body.Ticket); err != nil {
		return nil, damaged(rec.Ref)
	}
	t.before = t.now
	return t, nil
}

// load returns a record. If it is not there because it was deleted, the error is a
// [*GoneError].
func (o *Tenant) load(ctx context.Context, r store.Ref, kind retention.Kind) (store.Record, error) {
	rec, err := o.store.Load(ctx, r)
	if errors.Is(err, helpdesk.ErrNotFound) {
		return store.Record{}, o.missing(ctx, kind, r.ID, r.String())
	}
	return rec, err
}

// A goneBody says since when something is gone.
type goneBody struct {
	Version int       `json:"v"`
	At      time.Time `json:"at"`
}

// kindReference is what the reference of a ticket is under in the records of what
// is gone.
const kindReference retention.Kind = "reference"

func (o *Tenant) goneRef(kind retention.Kind, id string) (store.Ref, error) {
	sum, err := o.d.key.Digest(string(o.tenant), kind, id)
	return store.Ref{Kind: kindGone, ID: sum.String()}, err
}

// missing returns the error about something that is not there.
func (o *Tenant) missing(ctx context.Context, kind retention.Kind, id, what string) error {
	ref, err := o.goneRef(kind, id)
	if err != nil {
		return err
	}
	rec, err := o.store.Load(ctx, ref)
	if errors.Is(err, helpdesk.ErrNotFound) {
		return &NotFoundError{What: what}
	}
	if err != nil {
		return err
	}
	var b goneBody
	if err := decode(rec, &b, &b.Version); err != nil {
		return err
	}
	return &GoneError{What: what, At: b.At}
}

// waits notes since when an answer of the customer is awaited.
func (t *ticketFile) waits(ev *ticket.Event) {
	b := &t.body
	asks := b.Asked == "" || ev.Message == b.Asked // not another message that is lost or found meanwhile
	switch waiting := t.now.Category() == ticket.CategoryWaiting; {
	case waiting && ev.Kind == ticket.EventMarkBounced:
		b.Unreached = b.Unreached || asks
	case waiting && b.Unreached && (ev.Kind == ticket.EventMarkDelivered && asks || ev.Kind == ticket.EventReply):
		b.Unreached, b.WaitingSince, b.Reminded, b.RemindedAt = false, ev.At, 0, time.Time{}
		b.Asked, b.Sent = ev.Message, ev.Kind == ticket.EventMarkDelivered
	case ev.Kind == ticket.EventRemind:
		b.Reminded++
		b.RemindedAt = ev.At
	case ev.Kind == ticket.EventAskCustomer, waiting && b.WaitingSince.IsZero():
		b.Unreached, b.WaitingSince, b.Reminded, b.RemindedAt = false, ev.At, 0, time.Time{}
		b.Asked, b.Sent = ev.Message, false
	case !waiting:
		b.Unreached, b.WaitingSince, b.Reminded, b.RemindedAt = false, time.Time{}, 0, time.Time{}
		b.Asked, b.Sent = "", false
	}
}

// longestMerge is how many tickets can be merged one into the other in a row.
const longestMerge = 50

// settings returns the settings of the tenant; their revision is empty if it has
// none of its own.
func (o *Tenant) settings(ctx context.Context) (settingsBody, store.Revision, error) {
	rec, err := o.store.Load(ctx, settingsRef)
	if errors.Is(err, helpdesk.ErrNotFound) {
		return settingsBody{}, "", nil
	}
	if err != nil {
		return settingsBody{}, "", err
	}
	var s settingsBody
	if err := decode(rec, &s, &s.Version); err != nil {
		return settingsBody{}, "", err
	}
	return s, rec.Revision, nil
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
	rec, err := o.store.Load(ctx, sweepRef)
	if isNotFound(err) {
		return sweepBody{}, "", nil
	}
	if err != nil {
		return sweepBody{}, "", err
	}
	var s sweepBody
	err = decode(rec, &s, &s.Version)
	return s, rec.Revision, err
}
