package desk_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// ids returns the tickets of a list.
func (w *world) ids(q desk.TicketQuery) []ticket.ID {
	w.t.Helper()
	list, next, err := w.o.Tickets(w.t.Context(), q)
	require.NoError(w.t, err)
	require.Empty(w.t, next)
	var out []ticket.ID
	for _, l := range list {
		out = append(out, l.ID)
	}
	return out
}

func (w *world) talks(q desk.ConversationQuery) []inbox.ID {
	w.t.Helper()
	list, next, err := w.o.Conversations(w.t.Context(), q)
	require.NoError(w.t, err)
	require.Empty(w.t, next)
	var out []inbox.ID
	for _, l := range list {
		out = append(out, l.ID)
	}
	return out
}

// What the page of an agent asks for: open, unassigned, breached, and by tag.
func TestTicketFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, quiet)
	ctx := t.Context()
	made := func(level severity.Level) (inbox.ID, ticket.ID) {
		r := w.start(byPeople)
		m := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}, Severity: level}))
		w.clock.advance(time.Minute)
		return r.Conversation, m.Ticket
	}
	_, high := made(severity.High)
	talk, mine := made(severity.Low)
	w.must(w.o.Conversation(talk).Reply(ctx, agent, text("Yes?")))
	_, done := made(severity.Low)
	w.must(w.o.Ticket(done).Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	w.clock.advance(2 * time.Hour)
	w.run()

	require.ElementsMatch(t, []ticket.ID{high, mine}, w.ids(desk.TicketQuery{Open: true}))
	require.Equal(t, []ticket.ID{high}, w.ids(desk.TicketQuery{Unassigned: true}))
	require.NotContains(t, w.ids(desk.TicketQuery{Open: true}), done)
	require.Equal(t, []ticket.ID{high}, w.ids(desk.TicketQuery{Unassigned: true, Open: true}))
	require.Equal(t, []ticket.ID{high}, w.ids(desk.TicketQuery{Breached: true}))
	require.Equal(t, []ticket.ID{high}, w.ids(desk.TicketQuery{ByDue: true, Unassigned: true}))
	_, _, err := w.o.Tickets(ctx, desk.TicketQuery{Tag: "\x00"})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, _, err = w.o.Tickets(ctx, desk.TicketQuery{Category: "lost", Severity: 9})
	require.ErrorContains(t, err, "category")
	require.ErrorContains(t, err, "severity")
}

// A ticket is listed by the tags of its conversation, whenever they were added.
func TestTicketsByTag(t *testing.T) {
	t.Parallel()
	w := newWorld(t, quiet)
	ctx := t.Context()
	r := w.start(byPeople)
	h := w.o.Conversation(r.Conversation)
	w.must(h.AddTag(ctx, agent, "VIP"))
	one := w.must(h.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}})).Ticket
	require.Equal(t, []ticket.ID{one}, w.ids(desk.TicketQuery{Tag: "vip"}))
	w.must(h.AddTag(ctx, agent, "printer"))
	require.Equal(t, []ticket.ID{one}, w.ids(desk.TicketQuery{Tag: "Printer"}))
	w.must(h.RemoveTag(ctx, agent, "vip"))
	require.Empty(t, w.ids(desk.TicketQuery{Tag: "vip"}))
	w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	w.must(h.AddTag(ctx, agent, "done"))
	require.Equal(t, []ticket.ID{one}, w.ids(desk.TicketQuery{Tag: "done"}))
	require.Equal(t, []inbox.ID{r.Conversation}, w.talks(desk.ConversationQuery{Tag: "done"}))
}

// T44: a ticket that only a later version may act on stops no tag of its conversation. It is
// listed by its tags once something changes it.
func TestTagBesideLaterTicketT44(t *testing.T) {
	t.Parallel()
	w, l := through(t, only("ticket", `"v":1`, atLeast2))
	ctx := t.Context()
	r := w.ticketed(live)
	h := w.o.Conversation(r.Conversation)
	l.on.Store(true)
	w.must(h.AddTag(ctx, agent, "vip"))
	require.Equal(t, []inbox.ID{r.Conversation}, w.talks(desk.ConversationQuery{Tag: "vip"}))
	l.on.Store(false)
	require.Empty(t, w.ids(desk.TicketQuery{Tag: "vip"}))
	w.must(h.Reply(ctx, agent, text("Is it on?")))
	require.Equal(t, []ticket.ID{r.Ticket}, w.ids(desk.TicketQuery{Tag: "vip"}))
}

// The same of conversations, with those that wait for people (R79).
func TestConversationFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	automated := w.start(live).Conversation
	mine := w.start(byPeople).Conversation
	w.must(w.o.Conversation(mine).PickUp(ctx, agent))
	w.clock.advance(time.Minute)
	late := w.start(byPeople).Conversation
	begun := w.clock.now()
	away := w.start(byPeople).Conversation
	w.must(w.o.Conversation(away).Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	w.clock.advance(178 * time.Minute)
	w.run()

	require.ElementsMatch(t, []inbox.ID{mine, late}, w.talks(desk.ConversationQuery{}))
	require.ElementsMatch(t, []inbox.ID{mine, late, automated}, w.talks(desk.ConversationQuery{Open: true}))
	require.Equal(t, []inbox.ID{automated}, w.talks(desk.ConversationQuery{Open: true, List: inbox.ListAutomated}))
	require.Equal(t, []inbox.ID{late}, w.talks(desk.ConversationQuery{Unassigned: true}))
	require.Equal(t, []inbox.ID{mine, late}, w.talks(desk.ConversationQuery{ByDue: true}))
	require.Empty(t, w.talks(desk.ConversationQuery{Breached: true}))
	w.clock.advance(90 * time.Second)
	w.run()
	require.Equal(t, []inbox.ID{mine}, w.talks(desk.ConversationQuery{Breached: true}))

	waits := map[inbox.ID]time.Time{}
	list, _, err := w.o.Conversations(ctx, desk.ConversationQuery{Any: true})
	require.NoError(t, err)
	for _, l := range list {
		if !l.WaitingSince.IsZero() {
			waits[l.ID] = l.WaitingSince
		}
	}
	require.Equal(t, map[inbox.ID]time.Time{mine: monday, late: begun}, waits)
	w.must(w.o.Conversation(mine).Reply(ctx, agent, text("Yes?")))
	list, _, err = w.o.Conversations(ctx, desk.ConversationQuery{Holder: "agent-1"})
	require.NoError(t, err)
	require.Zero(t, list[0].WaitingSince)
	_, _, err = w.o.Conversations(ctx, desk.ConversationQuery{List: "lost"})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// Who waits with a ticket is told, too.
func TestWhoWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, quiet)
	ctx := t.Context()
	r := w.start(byPeople)
	h := w.o.Conversation(r.Conversation)
	w.must(h.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
	w.must(h.Reply(ctx, agent, text("Yes?")))
	w.clock.advance(time.Hour)
	w.must(h.AddCustomerMessage(ctx, customer, said("And?")))
	asked := w.clock.now()
	w.clock.advance(time.Hour)
	w.must(h.AddCustomerMessage(ctx, customer, said("Well?")))
	list, _, err := w.o.Conversations(ctx, desk.ConversationQuery{})
	require.NoError(t, err)
	require.Equal(t, asked, list[0].WaitingSince)
}

// Counts by an attribute, under the filters.
func TestCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, quiet)
	ctx := t.Context()
	for i, level := range []severity.Level{severity.High, severity.Low, severity.Low} {
		r := w.start(byPeople)
		m := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}, Severity: level}))
		w.must(w.o.Conversation(r.Conversation).AddTag(ctx, agent, "all"))
		if i == 0 {
			w.must(w.o.Ticket(m.Ticket).PickUp(ctx, desk.Meta{Author: helpdesk.Agent("agent-2")}))
		}
	}
	tickets := func(by string, q desk.TicketQuery) []desk.Count {
		got, err := w.o.CountTickets(ctx, q, by)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, []desk.Count{{Value: "low", Count: 2}, {Value: "high", Count: 1}}, tickets("severity", desk.TicketQuery{}))
	require.Equal(t, []desk.Count{{Count: 2}, {Value: "agent-2", Count: 1}}, tickets("assignee", desk.TicketQuery{}))
	require.Equal(t, []desk.Count{{Value: "low", Count: 2}}, tickets("severity", desk.TicketQuery{Unassigned: true}))
	require.Equal(t, []desk.Count{{Count: 3}}, tickets("", desk.TicketQuery{Open: true}))
	require.Equal(t, []desk.Count{{Value: "all", Count: 3}}, tickets("tag", desk.TicketQuery{}))
	require.Equal(t, []desk.Count{{Value: "true", Count: 3}}, tickets("open", desk.TicketQuery{}))
	got, err := w.o.CountConversations(ctx, desk.ConversationQuery{Any: true}, "holder")
	require.NoError(t, err)
	require.Equal(t, []desk.Count{{Value: "agent-1", Count: 2}, {Value: "agent-2", Count: 1}}, got)
	for _, by := range []string{"title", "due"} {
		_, err := w.o.CountTickets(ctx, desk.TicketQuery{}, by)
		require.ErrorContains(t, err, "by: ")
		_, err = w.o.CountConversations(ctx, desk.ConversationQuery{}, by)
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
	}
	_, err = w.o.CountTickets(ctx, desk.TicketQuery{Severity: 9}, "")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, err = w.o.CountConversations(ctx, desk.ConversationQuery{Tag: "\x00"}, "")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// The team finds a ticket by its reference, as people say it.
func TestTicketByReference(t *testing.T) {
	t.Parallel()
	w := newWorld(t, quiet)
	r := w.start(byPeople)
	made := w.must(w.o.Conversation(r.Conversation).CreateTicket(t.Context(), agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
	h, err := w.o.TicketByReference(t.Context(), " "+string(made.Reference)+" ")
	require.NoError(t, err)
	require.Equal(t, made.Ticket, h.ID())
	_, err = w.o.TicketByReference(t.Context(), "nonsense")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, err = w.o.TicketByReference(t.Context(), string(ticket.NewReference(99)))
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
}
