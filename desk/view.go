package desk

import (
	"context"
	"encoding/json"
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

// View returns the conversation as the member of the team may see it, with the messages
// that q selects. A conversation that does not exist is [helpdesk.ErrNotFound], a deleted
// conversation [helpdesk.ErrGone]. The view has the last 20 offers. The time does not
// depend on the number of messages.
func (h ConversationHandle) View(ctx context.Context, v inbox.Viewer, q MessageQuery) (inbox.TeamView, error) {
	q.Limit = h.t.page(q.Limit)
	f, err := h.t.loadPage(ctx, h.id, false, q)
	if err != nil {
		return inbox.TeamView{}, err
	}
	view := f.now.Conversation.TeamView(v, 0, q.Limit)
	if n := f.now.Conversation.TicketCount(); n > len(view.Tickets) {
		if view.Tickets, err = h.t.links(ctx, h.id, n); err != nil {
			return inbox.TeamView{}, err
		}
	}
	view.Revision, view.At = string(f.rev), h.t.d.now().UTC()
	if view.Clocks, _, err = h.t.d.conversationClocks(&f.body, view.At); err != nil {
		return inbox.TeamView{}, err
	}
	if f.body.Conversation.Episode.IsPromised() {
		view.Due, _ = deadline(view.Clocks)
	}
	return view, nil
}

// links returns the n tickets of a conversation, at most a page, the oldest first.
func (o *Tenant) links(ctx context.Context, id inbox.ID, n int) ([]inbox.TicketLink, error) {
	records, err := o.firstOf(ctx, store.Query{
		Kind: kindTicket, Where: []store.Match{{Name: attrConversation, Value: store.Text(id.String())}}, Limit: o.d.limits.Page, Descending: true,
	}, o.d.limits.Page)
	if err != nil {
		return nil, err
	}
	var out []inbox.TicketLink
	for _, rec := range records {
		t, err := o.readTicket(ctx, rec)
		if err != nil {
			return nil, err
		}
		out = append(out, inbox.TicketLink{Ticket: t.now.ID(), Offer: t.now.Snapshot().Offer})
	}
	if len(out) < min(n, o.d.limits.Page) {
		return nil, damaged(conversationRef(id)) // one is missing
	}
	slices.SortFunc(out, func(a, b inbox.TicketLink) int { return strings.Compare(a.Ticket.String(), b.Ticket.String()) })
	return out, nil
}

// CustomerView returns the conversation as its customer may see it: the type of the
// view has no field for notes. It has the customer's tickets, and the messages of the system are
// what the library itself said. To another customer the conversation does not exist.
// The messages are selected from the public ones as in [ConversationHandle.View].
func (h ConversationHandle) CustomerView(ctx context.Context, customer string, q MessageQuery) (inbox.CustomerView, error) {
	// R77; another customer: T13.
	q.Limit = h.t.page(q.Limit)
	one := q
	if !q.Last {
		one.Limit++ // to know whether there are more
	}
	f, err := h.t.loadPage(ctx, h.id, true, one)
	if err != nil {
		to := helpdesk.Customer(customer)
		return inbox.CustomerView{}, h.t.hide(ctx, h.t.tell(err, to), conversationRef(h.id), to)
	}
	if c := f.now.Conversation.Contact().Customer; c == "" || c != customer {
		return inbox.CustomerView{}, &NotFoundError{What: conversationRef(h.id).String()}
	}
	if err := f.whatIsOffered(); err != nil {
		return inbox.CustomerView{}, err
	}
	view := f.now.Conversation.CustomerView(0, q.Limit)
	if n := f.now.Conversation.TicketCount(); n > 0 {
		if view.Tickets, err = h.t.ticketsIn(ctx, h.id, customer, n); err != nil {
			return inbox.CustomerView{}, err
		}
	}
	view.More = view.More || len(view.Messages) > 0 && q.Before > 0 && q.Before <= uint64(f.now.Conversation.Len())
	view.Revision, view.At = string(f.rev), h.t.d.now().UTC()
	return view, nil
}

// ControlToken returns the token under which the AI can answer the conversation now,
// and the zero token while people hold control.
func (h ConversationHandle) ControlToken(ctx context.Context) (inbox.ControlToken, error) {
	f, err := h.t.loadTalk(ctx, h.id)
	if err != nil {
		return inbox.ControlToken{}, err
	}
	return f.now.Conversation.ControlToken(), nil
}

// A ClockTarget is the target of one clock of a ticket. It is plain data.
type ClockTarget struct {
	Metric  sla.Metric `json:"metric,omitzero"`
	Cycle   int        `json:"cycle,omitzero"`
	Seconds float64    `json:"target_seconds,omitzero"` // the counted time within which the clock has to stop
}

// A TicketView is a ticket as a member of the team sees it. It is plain data.
// Customers must not see a TicketView: [Tenant.LookUp] is for customers.
type TicketView struct {
	Ticket ticket.Snapshot `json:"ticket,omitzero"` // without the log of its clocks
	Policy sla.Ref         `json:"policy,omitzero"`

	// Labels are those of the account when the ticket was created; see [Account].
	Labels map[string]string `json:"labels,omitzero"`

	// NoContract says that the ticket has no targets because no policy is on file for the
	// partner of its account.
	NoContract bool `json:"no_contract,omitzero"`

	Rules     ClockRules         `json:"rules,omitzero"`     // the rules of the policy when the ticket was opened; see [EventRulesChanged]
	Clocks    sla.Evaluation     `json:"clocks,omitzero"`    // at the instant At; a ticket without targets has no clocks
	Missing   []string           `json:"missing,omitzero"`   // required answers that the intake form lacks
	Helpful   []string           `json:"helpful,omitzero"`   // further answers that the intake form lacks
	Allowed   []ticket.EventKind `json:"allowed,omitzero"`   // the events that a member of the team may cause now; a condition of one, such as a reason, can still be missing
	Retention string             `json:"retention,omitzero"` // when the ticket will be deleted, or why not, in words

	// MailFailed is the last mail to the address on the account, if that mail was
	// given up or came back: the address may be wrong. MailFailed is zero if the mail
	// was sent or still waits, and if there was none.
	MailFailed MailEvent `json:"mail_failed,omitzero"`

	// Targets has the targets of the clocks that have one, in the order of the clocks.
	Targets []ClockTarget `json:"targets,omitzero"`

	// Revision changes with every change of the ticket. It serves as an entity tag.
	Revision string `json:"revision,omitzero"`

	// At is the instant of the view, in UTC.
	At time.Time `json:"at,omitzero"`
}

// View returns the ticket as a member of the team sees it, with the clocks as of now.
func (h TicketHandle) View(ctx context.Context) (TicketView, error) {
	t, err := h.t.loadTicketLogs(ctx, h.id)
	if err != nil {
		return TicketView{}, err
	}
	now := h.t.d.now()
	words := "not known: what it depends on cannot be read"
	if why, err := h.t.explain(ctx, t, now); err == nil {
		words = why.String()
	} else if !unreadable(err) {
		return TicketView{}, err
	}
	v := TicketView{
		Ticket: t.now.Snapshot(), Policy: t.body.Policy, Labels: labelsOf(t.body.Labels), NoContract: t.body.NoContract, Rules: t.body.Opened,
		Allowed:    t.now.Allowed(helpdesk.ActorAgent),
		Retention:  words,
		MailFailed: t.body.MailFailed,
		Revision:   string(t.rev),
		At:         now.UTC(),
	}
	v.Ticket.Log = ticket.Log{}
	for l := range t.now.Intake().Missing() {
		if l.Required {
			v.Missing = append(v.Missing, l.Field)
		} else {
			v.Helpful = append(v.Helpful, l.Field)
		}
	}
	if p := h.t.d.slaPolicy(t.body.Policy); p != nil {
		if v.Clocks, err = h.t.clocks(ctx, t, p, later(now, t.now.UpdatedAt())); err != nil {
			return TicketView{}, err
		}
	}
	for _, c := range v.Clocks.Clocks {
		if c.Target > 0 {
			v.Targets = append(v.Targets, ClockTarget{Metric: c.Metric, Cycle: c.Cycle, Seconds: c.Target.Seconds()})
		}
	}
	return v, nil
}

// ExplainClock returns the pieces of time that make up the elapsed time of a clock
// (S30). Cycle counts from 1, and 0 is the newest; see [sla.Policy.Explain]. A ticket
// without targets has no pieces.
func (h TicketHandle) ExplainClock(ctx context.Context, m sla.Metric, cycle int) ([]sla.Piece, error) {
	t, err := h.t.loadTicket(ctx, h.id)
	if err != nil {
		return nil, err
	}
	p := h.t.d.slaPolicy(t.body.Policy)
	if p == nil {
		return nil, nil
	}
	past, err := h.t.history(ctx, t)
	if err != nil {
		return nil, err
	}
	return p.Explain(past.log, later(h.t.d.now(), t.now.UpdatedAt()), m, cycle)
}

// LookUp tells a customer how a ticket stands. A verified asker gets a full view with
// the action taken; an asker with a claimed identity gets reference and status. Any
// other asker is refused with [inbox.ErrIdentity]. For a merged ticket the view is of the
// ticket that the work goes on in. The reference may be written as
// people say it; see [ticket.ParseReference]. To another customer the ticket does not
// exist, before its deletion and after; the error for its own customer is then
// a [*GoneError].
func (o *Tenant) LookUp(ctx context.Context, reference string, q inbox.Inquiry) (inbox.StatusView, error) {
	// R42–R44, R50, R85.
	view, err := o.lookUp(ctx, reference, q)
	return view, o.tell(err, helpdesk.Customer(q.Customer))
}

func (o *Tenant) lookUp(ctx context.Context, reference string, q inbox.Inquiry) (inbox.StatusView, error) {
	ref, err := ticket.ParseReference(reference)
	if err != nil {
		return inbox.StatusView{}, err
	}
	if _, err := inbox.LookUp(ticket.Ticket{}, q); errors.Is(err, inbox.ErrIdentity) {
		return inbox.StatusView{}, err
	}
	none := &NotFoundError{What: kindTicket + "/" + string(ref)}
	id, err := o.byReference(ctx, ref)
	if err != nil {
		return inbox.StatusView{}, err
	}
	t, err := o.loadTicketTexts(ctx, id)
	if err = o.hide(ctx, err, ticketRef(id), helpdesk.Customer(q.Customer)); isNotFound(err) {
		err = none
	}
	if err != nil {
		return inbox.StatusView{}, err
	}
	view, err := inbox.LookUp(t.now, q)
	if errors.Is(err, helpdesk.ErrNotFound) {
		return inbox.StatusView{}, none
	}
	if err != nil || t.now.MergedInto() == (ticket.ID{}) {
		return view, err
	}
	into, err := o.mergers(ctx, t.now)
	if err != nil {
		return inbox.StatusView{}, err
	}
	return inbox.LookUp(t.now, q, into...)
}

// firstOf returns the first n records of a query, over as many pages as the store
// makes of them.
func (o *Tenant) firstOf(ctx context.Context, q store.Query, n int) ([]store.Record, error) {
	var found []store.Record
	for {
		page, err := o.list(ctx, q)
		if err != nil {
			return nil, err
		}
		found = append(found, page.Records...)
		if q.Cursor = page.Next; q.Cursor == "" || len(found) >= n {
			return found[:min(n, len(found))], nil
		}
	}
}

// A NotificationSummary is an unread notification with its conversation. It is plain
// data.
type NotificationSummary struct {
	Conversation inbox.ID           `json:"conversation,omitzero"`
	Notification inbox.Notification `json:"notification,omitzero"`
}

// A NotificationQuery selects unread notifications. It is plain data. The zero query
// selects the first page of the notifications for the whole team.
type NotificationQuery struct {
	Agent  string `json:"agent,omitzero"`  // the member of the team; empty: the whole team
	Cursor string `json:"cursor,omitzero"` // from the previous page; empty: the first page
	Limit  int    `json:"limit,omitzero"`  // a number of conversations; not positive, or above 200: 200
}

// Notifications returns a page of unread notifications, and the cursor of the next
// page, which is empty on the last. The notifications of the conversation that
// changed last come first. [ConversationHandle.MarkRead] marks notifications as read.
// Paging and unreadable records are as for [Tenant.Conversations].
func (o *Tenant) Notifications(ctx context.Context, q NotificationQuery) ([]NotificationSummary, string, error) {
	page, err := o.list(ctx, store.Query{
		Kind: kindConversation, Where: []store.Match{{Name: attrUnread, Value: store.Text(unreadBy(q.Agent))}}, Order: attrUpdated,
		Descending: true, Cursor: q.Cursor, Limit: o.page(q.Limit),
	})
	if err != nil {
		return nil, "", err
	}
	out := []NotificationSummary{}
	var stuck []error
	for _, rec := range page.Records {
		var b conversationBody
		if err := new(needs).read(rec, &b); err != nil {
			stuck = append(stuck, err)
			continue
		}
		for _, n := range b.Conversation.Notifications {
			if n.Agent == q.Agent && !n.IsRead() {
				out = append(out, NotificationSummary{b.Conversation.ID, n})
			}
		}
	}
	return out, page.Next, errors.Join(stuck...)
}

// An Event is an event of the history of a record. It is plain data.
type Event struct {
	ID   string          `json:"id,omitzero"`
	N    uint64          `json:"n,omitzero"` // the place in the history, from 1
	Type string          `json:"type,omitzero"`
	At   time.Time       `json:"at,omitzero"`
	Body json.RawMessage `json:"body,omitzero"` // a JSON object; see the methods that return events
}

// An EventPage is a page of the history of a record. It is plain data.
type EventPage struct {
	Events []Event `json:"events,omitzero"`
	More   bool    `json:"more,omitzero"` // there are events after the last of Events
}

// Events returns the history of the conversation after the event with the number after,
// at most limit events, the oldest first; zero stands for the beginning. The body of an
// event is an [inbox.Event] in JSON. The events of legal holds and of a request for
// erasure have bodies of their own, with the author as by and who. A limit that is not
// positive, or above 200, stands for 200.
func (h ConversationHandle) Events(ctx context.Context, after uint64, limit int) (EventPage, error) {
	return h.t.events(ctx, conversationRef(h.id), retention.KindConversation, after, limit)
}

// Events returns the history of the ticket, in pages as for [ConversationHandle.Events]:
// the body of an event is a [ticket.Event], a [ClockEvent] or a [MailEvent] in JSON.
func (h TicketHandle) Events(ctx context.Context, after uint64, limit int) (EventPage, error) {
	return h.t.events(ctx, ticketRef(h.id), retention.KindTicket, after, limit)
}

func (o *Tenant) events(ctx context.Context, of store.Ref, kind retention.Kind, after uint64, limit int) (EventPage, error) {
	q := store.LogQuery{Of: of, Log: logEvent, After: min(after, maxSeq), Limit: o.page(limit)}
	s, err := o.store.Read(ctx, store.ReadRequest{Records: []store.Ref{of}, Logs: []store.LogQuery{q}})
	switch {
	case err != nil:
		return EventPage{}, err
	case s.Records[0].Revision == "":
		return EventPage{}, o.missing(ctx, kind, of.ID, of.String())
	}
	page := EventPage{Events: []Event{}, More: s.Logs[0].More}
	n := q.After
	for _, e := range s.Logs[0].Entries {
		if n++; e.N != n { // one is missing
			return EventPage{}, damaged(of)
		}
		var b entryBody
		if err := new(needs).read(entryOf(of, e), &b); err != nil {
			return EventPage{}, err
		}
		page.Events = append(page.Events, Event{ID: e.ID, N: e.N, Type: b.Type, At: e.At, Body: b.Event})
	}
	if !page.More && n < eventsOf(s.Records[0]) { // the last are missing
		return EventPage{}, damaged(of)
	}
	return page, nil
}

// eventsOf returns the number of events of a record, and zero if it cannot be read: its events
// can.
func eventsOf(rec store.Record) uint64 {
	if rec.Ref.Kind == kindTicket {
		var b ticketBody
		if new(needs).read(rec, &b) == nil {
			return b.Events
		}
		return 0
	}
	var b conversationBody
	if new(needs).read(rec, &b) == nil {
		return b.Events
	}
	return 0
}
