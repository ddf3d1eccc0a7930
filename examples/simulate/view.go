package main

import (
	"context"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// A paged is a page of a list.
type paged struct {
	Items any    `json:"items"`
	Next  string `json:"next,omitzero"`
}

// An explained is why something is still here.
type explained struct {
	State retention.State `json:"state"`
	Words string          `json:"words"`
}

// view is a question about a conversation.
func view(f func(act) (any, error)) func(*simulation, *command) (string, any, error) {
	return func(s *simulation, c *command) (string, any, error) {
		x, err := s.on(c, "", "")
		if err != nil {
			return "", nil, err
		}
		v, err := f(x)
		return "view", formOf(v), err
	}
}

// viewTicket is a question about a ticket.
func viewTicket(f func(act) (any, error)) func(*simulation, *command) (string, any, error) {
	return func(s *simulation, c *command) (string, any, error) {
		id, err := s.ticket(c)
		if err != nil {
			return "", nil, err
		}
		o, err := s.office(c)
		if err != nil {
			return "", nil, err
		}
		v, err := f(act{s: s, ctx: context.Background(), o: o, c: c, id: uuid.UUID(id)})
		return "view", formOf(v), err
	}
}

func explain(x act) (any, error) {
	m, err := metricOf(x.c.Metric)
	if err != nil {
		return nil, err
	}
	pieces, err := x.o.Ticket(ticket.ID(x.id)).ExplainClock(x.ctx, m, x.c.Cycle)
	if pieces == nil {
		pieces = []sla.Piece{}
	}
	return pieces, err
}

func (s *simulation) viewStatus(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	reference := c.Reference
	if reference != "" && c.Ticket != "" {
		return "", nil, faultf(badCommand, "ticket or reference must be given, and not both")
	}
	if reference == "" {
		id, err := s.ticket(c)
		if err != nil {
			return "", nil, err
		}
		t, err := o.Ticket(id).View(context.Background())
		if err != nil {
			return "", nil, err
		}
		reference = string(t.Ticket.Reference)
	}
	v, err := o.LookUp(context.Background(), reference, inbox.Inquiry{Customer: c.Customer, Assurance: c.Assurance, Direct: c.Direct})
	return "view", formOf(v), err
}

func (s *simulation) viewCustomerTickets(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	list, next, err := o.CustomerTickets(context.Background(), inbox.Inquiry{Customer: c.Customer, Assurance: c.Assurance, Direct: c.Direct}, s.cursor(c.Cursor), c.Limit)
	items := make([]any, len(list))
	for i := range list {
		items[i] = formOf(list[i])
	}
	return "view", paged{items, s.next(next)}, err
}

func (s *simulation) viewRetention(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	var e retention.Explanation
	if c.Ticket != "" {
		var id ticket.ID
		if id, err = s.ticket(c); err == nil {
			e, err = o.Ticket(id).ExplainRetention(context.Background())
		}
	} else {
		var id inbox.ID
		if id, err = s.conversation(c); err == nil {
			e, err = o.Conversation(id).ExplainRetention(context.Background())
		}
	}
	return "view", explained{e.State, e.String()}, err
}

func (s *simulation) viewConversations(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	lines, next, err := o.Conversations(context.Background(), c.conversations())
	return "view", paged{orEmpty(lines), next}, err
}

// conversations are those that a list or a count is about.
func (c *command) conversations() desk.ConversationQuery {
	return desk.ConversationQuery{
		List: c.List, Any: c.Any, Customer: c.Customer, Channel: c.Channel, Tag: c.Tag, Holder: c.Holder,
		Open: c.Open, Unassigned: c.Unassigned, Breached: c.Breached, ByDue: c.ByDue,
		Oldest: c.Oldest, Cursor: c.Cursor, Limit: c.Limit,
	}
}

func (s *simulation) viewTickets(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	lines, next, err := o.Tickets(context.Background(), c.tickets())
	if err == nil && c.Reference != "" {
		h, err := o.TicketByReference(context.Background(), c.Reference)
		if err != nil {
			return "", nil, err
		}
		for { // the one that it names, if it is among them
			lines = slices.DeleteFunc(lines, func(l desk.TicketSummary) bool { return l.ID != h.ID() })
			if len(lines) > 0 || next == "" {
				return "view", paged{orEmpty(lines), ""}, nil
			}
			q := c.tickets()
			q.Cursor = next
			if lines, next, err = o.Tickets(context.Background(), q); err != nil {
				return "", nil, err
			}
		}
	}
	return "view", paged{orEmpty(lines), next}, err
}

// tickets are those that a list or a count is about.
func (c *command) tickets() desk.TicketQuery {
	return desk.TicketQuery{
		Status: c.Status, Category: c.Category, Assignee: c.Assignee, Customer: c.Customer, Account: c.Account, Severity: c.Level,
		Tag: c.Tag, Open: c.Open, Unassigned: c.Unassigned, Breached: c.Breached, ByDue: c.ByDue,
		Oldest: c.Oldest, Cursor: c.Cursor, Limit: c.Limit,
	}
}

// A counted is a number of what has a value.
type counted struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

func (s *simulation) viewCounts(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	var counts []desk.Count
	switch c.Of {
	case "tickets":
		counts, err = o.CountTickets(context.Background(), c.tickets(), c.CountBy)
	case "conversations":
		counts, err = o.CountConversations(context.Background(), c.conversations(), c.CountBy)
	default:
		return "", nil, faultf(badCommand, "of must be tickets or conversations")
	}
	items := []counted{}
	for _, n := range counts {
		items = append(items, counted{n.Value, n.Count})
	}
	return "view", paged{Items: items}, err
}

// orEmpty has a list without items be written as one.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// A notified is a notification in a list.
type notified struct {
	Conversation inbox.ID        `json:"conversation"`
	Agent        string          `json:"agent,omitzero"`
	Cause        inbox.EventKind `json:"cause"`
	Seq          uint64          `json:"seq,omitzero"`
}

func (s *simulation) viewNotifications(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	lines, next, err := o.Notifications(context.Background(), desk.NotificationQuery{Agent: c.Agent, Cursor: c.Cursor, Limit: c.Limit})
	items := []notified{}
	for _, l := range lines {
		items = append(items, notified{l.Conversation, l.Notification.Agent, l.Notification.Cause, l.Notification.Seq})
	}
	return "view", paged{items, next}, err
}

func (s *simulation) viewSettings(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	config, err := o.Settings(context.Background())
	return "view", config, err
}

// A healthy is what a desk waits for.
type healthy struct {
	Waiting int                  `json:"waiting"`
	Parked  int                  `json:"parked"`
	Purges  int                  `json:"purges"`
	Without int                  `json:"no_contract,omitzero"`
	Sweep   desk.RetentionReport `json:"sweep"`
}

func (s *simulation) viewHealth(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	h, err := o.Health(context.Background())
	return "view", healthy{h.Backlog.Waiting, h.Backlog.Parked, h.Purges, h.NoContract, h.Retention}, err
}

// A parked is a message that was given up.
type parked struct {
	Message string `json:"message"` // its key, for revive
	Topic   string `json:"topic"`
	To      string `json:"to,omitzero"`
	Reason  string `json:"reason"`
	Attempt int    `json:"attempt"`
}

func (s *simulation) viewParked(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	letters, next, err := o.DeadLetters(context.Background(), s.cursor(c.Cursor), c.Limit)
	items := []parked{}
	for _, l := range letters {
		items = append(items, parked{l.Key, l.Topic, l.To, l.Reason, l.Tries})
	}
	return "view", paged{items, s.next(next)}, err
}

// A planned is a record of a plan.
type planned struct {
	Kind  retention.Kind `json:"kind"`
	ID    string         `json:"id"`
	Words string         `json:"words"`
}

func (s *simulation) viewPlan(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	p, err := o.PlanRetention(context.Background())
	list := func(entries []retention.Entry) []planned {
		out := []planned{}
		for _, e := range entries {
			out = append(out, planned{e.Kind, e.ID, e.Why.String()})
		}
		return out
	}
	var refusals []string
	for _, r := range p.Refusals {
		refusals = append(refusals, strings.TrimPrefix(r.Error(), "retention: "))
	}
	return "view", struct {
		Going    []planned `json:"going"`
		Kept     []planned `json:"kept"`
		Refusals []string  `json:"refusals,omitempty"`
	}{list(p.Going), list(p.Kept), refusals}, err
}

func (s *simulation) viewTombstones(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	if c.Limit == 0 {
		c.Limit = 100
	}
	stones, next, err := o.Tombstones(context.Background(), s.cursor(c.Cursor), c.Limit)
	return "view", paged{orEmpty(stones), s.next(next)}, err
}

func (s *simulation) viewResidue(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	var p desk.VerifyErasureParams
	if c.Conversation != "" {
		id, err := s.names.id("conversation", c.Conversation)
		if err != nil {
			return "", nil, err
		}
		p.Conversations = append(p.Conversations, inbox.ID(id))
	}
	if c.Ticket != "" {
		id, err := s.names.id("ticket", c.Ticket)
		if err != nil {
			return "", nil, err
		}
		p.Tickets = append(p.Tickets, ticket.ID(id))
	}
	r, err := o.VerifyErasure(context.Background(), p)
	return "view", struct {
		Left int `json:"left"`
	}{r.Total()}, err
}
