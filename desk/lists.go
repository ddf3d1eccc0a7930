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
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A ConversationQuery selects conversations for a list: those that match every field
// given. It is plain data. The zero query selects the active conversations, the last
// changed first.
type ConversationQuery struct {
	List     inbox.List       `json:"list,omitzero"` // zero: [inbox.ListActive]
	Any      bool             `json:"any,omitzero"`  // all three lists; List is then ignored
	Customer string           `json:"customer,omitzero"`
	Channel  helpdesk.Channel `json:"channel,omitzero"`
	Tag      string           `json:"tag,omitzero"`    // in any form that [inbox.NormalTag] takes
	Holder   string           `json:"holder,omitzero"` // the responsible member of the team

	Open       bool `json:"open,omitzero"`       // only conversations that are not archived; without List, active and automated ones
	Unassigned bool `json:"unassigned,omitzero"` // only conversations without a responsible member of the team
	Breached   bool `json:"breached,omitzero"`   // only conversations of which a clock missed its target, as of their last change or timer

	// ByDue selects the conversations with a deadline, the earliest deadline first. Oldest is
	// then ignored.
	ByDue bool `json:"by_due,omitzero"`

	Oldest bool   `json:"oldest,omitzero"` // the longest unchanged first; otherwise the last changed first
	Cursor string `json:"cursor,omitzero"` // from the previous page; empty: the first page
	Limit  int    `json:"limit,omitzero"`  // not positive, or above 200: 200
}

// A ConversationSummary is a conversation in a list for the team. It is plain data.
// Customers must not see a ConversationSummary.
type ConversationSummary struct {
	ID        inbox.ID         `json:"id,omitzero"`
	List      inbox.List       `json:"list,omitzero"`
	Status    inbox.Status     `json:"state,omitzero"`
	Kind      inbox.Kind       `json:"kind,omitzero"`
	Channel   helpdesk.Channel `json:"channel,omitzero"`
	Customer  string           `json:"customer,omitzero"`
	Holder    string           `json:"holder,omitzero"`
	StartedAt time.Time        `json:"started_at,omitzero"`
	UpdatedAt time.Time        `json:"updated_at,omitzero"`
	Messages  int              `json:"messages,omitzero"`
	Tags      []string         `json:"tags,omitzero"`
	Sentiment inbox.Sentiment  `json:"sentiment,omitzero"`
	Tickets   []ticket.ID      `json:"tickets,omitzero"`

	// WaitingSince is since when the customer waits for an answer of people: the instant of
	// the oldest message that nobody has answered, or of the handover by the AI. Zero: nobody
	// waits, or the AI answers.
	WaitingSince time.Time `json:"waiting_since,omitzero"`

	// Clocks are the clocks of the newest [inbox.Episode] now. Due is the earliest deadline of
	// those that run, and Breached says that one of them missed its target.
	Clocks   sla.Evaluation `json:"clocks,omitzero"`
	Due      time.Time      `json:"due,omitzero"`
	Breached bool           `json:"breached,omitzero"`
}

func (b *conversationBody) line(d *Desk, now time.Time) ConversationSummary {
	s := &b.Conversation
	l := ConversationSummary{
		ID: s.ID, List: s.Status.List(), Status: s.Status, Kind: s.Kind, Channel: s.Channel, Customer: s.Contact.Customer,
		Holder: s.Who, StartedAt: s.StartedAt, UpdatedAt: s.UpdatedAt, Messages: int(s.Len), Tags: s.Tags, Sentiment: s.Sentiment,
	}
	if ev, p, err := d.conversationClocks(b, now); p != nil && err == nil {
		due, breached := deadline(ev)
		if l.Clocks, l.Breached = ev, breached; s.Episode.IsPromised() {
			l.Due = due
		}
	}
	if s.Status.Holder() == inbox.HolderPeople {
		l.WaitingSince = s.Waiting.At
		if m, waits := s.Episode.Waiting(); waits && s.Episode.IsPromised() {
			l.WaitingSince = m.At
		}
	}
	for _, t := range s.Tickets {
		l.Tickets = append(l.Tickets, t.Ticket)
	}
	return l
}

// Conversations returns a page of conversations, and the cursor of the next page,
// which is empty on the last. A conversation that changes during paging may be seen
// twice or not at all; every other conversation is seen once.
//
// An error that matches [helpdesk.ErrDamaged] or [ErrNewer] says that records of the
// page cannot be read; the other records and the cursor are valid.
func (o *Tenant) Conversations(ctx context.Context, q ConversationQuery) ([]ConversationSummary, string, error) {
	// R58, R59; unreadable: T44.
	conditions, err := q.where()
	if err != nil {
		return nil, "", err
	}
	query := store.Query{
		Kind: kindConversation, Where: conditions, Order: attrUpdated, Descending: !q.Oldest, Cursor: q.Cursor, Limit: o.page(q.Limit),
	}
	if q.ByDue {
		query.Order, query.Descending = attrDue, false
	}
	page, err := o.list(ctx, query)
	if err != nil {
		return nil, "", err
	}
	now := o.d.now()
	out := []ConversationSummary{}
	var stuck []error
	for _, rec := range page.Records {
		var b conversationBody
		if err := new(needs).read(rec, &b); err != nil {
			stuck = append(stuck, err)
			continue
		}
		out = append(out, b.line(o.d, now))
	}
	return out, page.Next, errors.Join(stuck...)
}

// where returns the conditions of q.
func (q *ConversationQuery) where() ([]store.Match, error) {
	tag := ""
	if q.Tag != "" {
		var err error
		if tag, err = inbox.NormalTag(q.Tag); err != nil {
			return nil, err
		}
	}
	list := q.List
	if list == "" && !q.Open {
		list = inbox.ListActive
	}
	if list != "" && !list.IsValid() {
		return nil, &helpdesk.FieldError{Path: "list", Reason: "must be active, archived or automated"}
	}
	if q.Any {
		list = ""
	}
	all := where(match(attrCustomer, q.Customer), match(attrTag, tag), match(attrHolder, q.Holder), match(attrChannel, string(q.Channel)), match(attrList, string(list)))
	all = append(all, flags(q.Open, false, q.Breached)...)
	if q.Unassigned {
		all = append(all, store.Match{Name: attrHolder, Absent: true})
	}
	return all, nil
}

func match(name, value string) store.Match {
	return store.Match{Name: name, Value: store.Text(value)}
}

// flags returns the conditions that a query asks for by yes or no.
func flags(open, due, breached bool) []store.Match {
	var all []store.Match
	if open || due {
		all = append(all, store.Match{Name: attrOpen, Value: store.Bool(true)})
	}
	if breached {
		all = append(all, store.Match{Name: attrBreached, Value: store.Bool(true)})
	}
	return all
}

// where returns the conditions that have a value.
func where(all ...store.Match) []store.Match {
	return slices.DeleteFunc(all, func(m store.Match) bool { return m.Value.Text() == "" })
}

// A TicketQuery selects tickets for a list: those that match every field given. It is
// plain data. The zero query selects all tickets, the last changed first. Oldest,
// Cursor and Limit are as in a [ConversationQuery].
type TicketQuery struct {
	Status   ticket.Status   `json:"status,omitzero"`
	Category ticket.Category `json:"category,omitzero"`
	Assignee string          `json:"assignee,omitzero"`
	Customer string          `json:"customer,omitzero"`
	Account  string          `json:"account,omitzero"`
	Severity severity.Level  `json:"severity,omitzero"` // as last claimed or set
	Tag      string          `json:"tag,omitzero"`      // of its conversation, as of the last change of either, in any form that [inbox.NormalTag] takes

	Open       bool `json:"open,omitzero"`       // only open tickets
	Unassigned bool `json:"unassigned,omitzero"` // only tickets without an assignee
	Breached   bool `json:"breached,omitzero"`   // only tickets of which a clock missed its target, as of their last change or timer

	// ByDue selects the open tickets with a deadline, the earliest deadline first. Oldest
	// is then ignored.
	ByDue bool `json:"by_due,omitzero"`

	Oldest bool   `json:"oldest,omitzero"`
	Cursor string `json:"cursor,omitzero"`
	Limit  int    `json:"limit,omitzero"`
}

// A TicketSummary is a ticket in a list for the team. It is plain data. Customers
// must not see a TicketSummary.
type TicketSummary struct {
	ID           ticket.ID        `json:"id,omitzero"`
	Reference    ticket.Reference `json:"reference,omitzero"`
	Conversation string           `json:"conversation,omitzero"`
	Status       ticket.Status    `json:"status,omitzero"`
	Assignee     string           `json:"assignee,omitzero"`
	Customer     string           `json:"customer,omitzero"`
	Title        string           `json:"title,omitzero"`
	Severity     severity.Level   `json:"severity,omitzero"`
	CreatedAt    time.Time        `json:"created_at,omitzero"`
	UpdatedAt    time.Time        `json:"updated_at,omitzero"`
	Due          time.Time        `json:"due,omitzero"` // the earliest deadline of the clocks that run or are paused; zero: none
	Breached     bool             `json:"breached,omitzero"`
}

// Tickets returns a page of tickets, and the cursor of the next page, which is empty
// on the last. Paging and unreadable records are as for [Tenant.Conversations].
func (o *Tenant) Tickets(ctx context.Context, q TicketQuery) ([]TicketSummary, string, error) {
	conditions, err := q.where()
	if err != nil {
		return nil, "", err
	}
	query := store.Query{
		Kind: kindTicket, Where: conditions, Order: attrUpdated, Descending: !q.Oldest, Cursor: q.Cursor, Limit: o.page(q.Limit),
	}
	if q.ByDue {
		query.Order, query.Descending = attrDue, false
	}
	page, err := o.list(ctx, query)
	if err != nil {
		return nil, "", err
	}
	now := o.d.now()
	out := []TicketSummary{}
	var stuck []error
	for _, rec := range page.Records {
		t, err := o.readTicket(ctx, rec)
		switch {
		case isNotFound(err), errors.Is(err, helpdesk.ErrGone): // deleted meanwhile
		case err != nil:
			stuck = append(stuck, err)
		default:
			out = append(out, o.line(t, now))
		}
	}
	return out, page.Next, errors.Join(stuck...)
}

// where returns the conditions of q.
func (q *TicketQuery) where() ([]store.Match, error) {
	var f check.Faults
	f.Want(q.Category == "" || q.Category.IsValid(), "category", "must be new, open, waiting or done")
	f.Want(q.Severity == 0 || q.Severity.IsValid(), "severity", "must be low, medium, high or urgent")
	if err := f.Err(); err != nil {
		return nil, err
	}
	level, tag := "", ""
	if q.Severity != 0 {
		level = q.Severity.String()
	}
	if q.Tag != "" {
		var err error
		if tag, err = inbox.NormalTag(q.Tag); err != nil {
			return nil, err
		}
	}
	all := where(match(attrCustomer, q.Customer), match(attrAccount, q.Account), match(attrAssignee, q.Assignee), match(attrStatus, string(q.Status)),
		match(attrCategory, string(q.Category)), match(attrSeverity, level), match(attrTag, tag))
	all = append(all, flags(q.Open, q.ByDue, q.Breached)...)
	if q.Unassigned {
		all = append(all, store.Match{Name: attrAssignee, Absent: true})
	}
	return all, nil
}

// A Count is a number of tickets or conversations with a value. It is plain data.
type Count struct {
	Value string `json:"value,omitzero"` // empty: without a value, or all
	Count int    `json:"count,omitzero"`
}

// CountTickets counts the tickets that q selects, by the value of an attribute, the greatest
// number first: status, category, assignee, customer, account, severity, channel, policy, tag,
// open or breached, or nothing for all together. A ticket with several tags counts under each.
// Cursor, Limit and the order of q are ignored. The counts are as of the last change or timer of
// each ticket, and the cost grows with the tickets that q selects.
func (o *Tenant) CountTickets(ctx context.Context, q TicketQuery, by string) ([]Count, error) {
	conditions, err := q.where()
	if err != nil {
		return nil, err
	}
	return o.count(ctx, kindTicket, conditions, by, attrStatus, attrCategory, attrAssignee, attrCustomer, attrAccount, attrSeverity,
		attrChannel, attrPolicy, attrTag, attrOpen, attrBreached)
}

// CountConversations counts the conversations that q selects, as [Tenant.CountTickets] does:
// by list, channel, customer, account, holder, tag, kind, open or breached.
func (o *Tenant) CountConversations(ctx context.Context, q ConversationQuery, by string) ([]Count, error) {
	conditions, err := q.where()
	if err != nil {
		return nil, err
	}
	return o.count(ctx, kindConversation, conditions, by, attrList, attrChannel, attrCustomer, attrAccount, attrHolder, attrTag, "kind",
		attrOpen, attrBreached)
}

func (o *Tenant) count(ctx context.Context, kind string, conditions []store.Match, by string, known ...string) ([]Count, error) {
	if by != "" && !slices.Contains(known, by) {
		return nil, &helpdesk.FieldError{Path: "by", Value: check.Shorten(by, 60), Reason: "must be empty or one of " + strings.Join(known, ", ")}
	}
	s, err := o.store.Read(ctx, store.ReadRequest{Counts: []store.CountQuery{{Kind: kind, Where: conditions, By: by, Limit: store.MaxLimit}}})
	if err != nil {
		return nil, err
	}
	out := []Count{}
	for _, c := range s.Counts[0] {
		value := ""
		if c.Value.Type() != 0 {
			value = c.Value.String()
		}
		out = append(out, Count{Value: value, Count: c.N})
	}
	return out, nil
}

// TicketByReference returns the handle of the ticket with a reference, for the team. The
// reference may be written as people say it; see [ticket.ParseReference]. The error matches
// [helpdesk.ErrNotFound] for a ticket that does not exist, and [helpdesk.ErrGone] for one that
// was deleted.
func (o *Tenant) TicketByReference(ctx context.Context, reference string) (TicketHandle, error) {
	ref, err := ticket.ParseReference(reference)
	if err != nil {
		return TicketHandle{}, err
	}
	id, err := o.byReference(ctx, ref)
	if err != nil {
		return TicketHandle{}, err
	}
	return o.Ticket(id), nil
}

// byReference returns the ticket with a reference.
func (o *Tenant) byReference(ctx context.Context, ref ticket.Reference) (ticket.ID, error) {
	query := store.Query{Kind: kindTicket, Where: []store.Match{match(attrReference, string(ref))}, Limit: 1}
	found, err := o.firstOf(ctx, query, 1)
	switch {
	case err != nil:
		return ticket.ID{}, err
	case len(found) == 0:
		return ticket.ID{}, o.missing(ctx, kindReference, string(ref), kindTicket+"/"+string(ref))
	}
	id, err := ticketID(found[0].Ref.ID)
	if err != nil {
		return ticket.ID{}, damaged(found[0].Ref)
	}
	return id, nil
}

func (o *Tenant) line(tf *ticketFile, now time.Time) TicketSummary {
	t := tf.now
	l := TicketSummary{
		ID: t.ID(), Reference: t.Reference(), Conversation: t.Conversation(), Status: t.Status(), Assignee: t.Assignee(),
		Customer: t.Requester(), Title: t.Intake().Title, Severity: t.Severity(), CreatedAt: t.CreatedAt(), UpdatedAt: t.UpdatedAt(),
	}
	if p := o.d.slaPolicy(tf.body.Policy); p != nil {
		e, err := t.Evaluate(p, later(now, t.UpdatedAt()))
		l.Due, l.Breached = deadline(e)
		l.Breached = l.Breached || tf.body.Finished.Breached
		if err != nil { // only its whole log would tell, which a list does not read: as it was seen last
			l.Due, l.Breached = tf.body.Due, tf.body.Breached
		}
	}
	return l
}
