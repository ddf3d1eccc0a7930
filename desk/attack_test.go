package desk_test

import (
	"database/sql/driver"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func at(m desk.Meta, revision string) desk.Meta { m.IfRevision = revision; return m }

var stranger = desk.Meta{Author: helpdesk.Customer("cust-2")}

// T13: to another customer the record does not exist, whatever revision is named.
func TestAttackRevisionTellsAStranger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	for _, rev := range []string{"", "nonsense"} {
		_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, at(stranger, rev))
		assert.Equal(t, "not_found", desk.ProblemOf(err).Code, "erasure %q: %v", rev, err)
		_, err = w.o.Ticket(r.Ticket).ClaimSeverity(ctx, at(stranger, rev), severity.High, helpdesk.ChannelLiveChat)
		assert.Equal(t, "not_found", desk.ProblemOf(err).Code, "claim %q: %v", rev, err)
	}
	_, err := w.o.Conversation(inbox.ID{1}).RequestErasure(ctx, at(stranger, "nonsense"))
	assert.Equal(t, "not_found", desk.ProblemOf(err).Code)
}

// RequestErasure again with the same key.
func TestAttackErasureAgainUnderRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	c := w.o.Conversation(r.Conversation)
	m := at(keyed(agent, "erase"), w.conversation(r.Conversation).Revision)
	first, err := c.RequestErasure(ctx, m)
	require.NoError(t, err)
	second, err := c.RequestErasure(ctx, m)
	require.NoError(t, err)
	require.Equal(t, first.State, second.State)
}

// RequestErasure of a conversation with more than 40 tickets, under a revision.
func TestAttackErasureOfManyUnderRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	c := w.o.Conversation(r.Conversation)
	w.must(c.TakeOver(ctx, agent))
	for range 42 {
		w.must(c.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer."}))
		w.must(c.PickUp(ctx, agent))
		w.must(c.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	}
	_, err := c.RequestErasure(ctx, at(agent, w.conversation(r.Conversation).Revision))
	require.NoError(t, err)
}

// Meta.IfRevision: "the command is refused with ErrChanged", also where the change is
// what is in the way now.
func TestAttackRevisionBeforeStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	h := w.o.Ticket(r.Ticket)
	w.must(h.PickUp(ctx, agent))
	rev := w.ticket(r.Ticket).Revision
	w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	_, err := h.Assign(ctx, at(agent, rev), "agent-2")
	assert.ErrorIs(t, err, desk.ErrChanged, "assign")
	_, err = h.Mitigate(ctx, at(agent, rev))
	assert.ErrorIs(t, err, desk.ErrChanged, "mitigate")
}

// Meta.IfRevision: "A command on neither is refused with a FieldError".
func TestAttackRevisionOnNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	field := func(name string, err error) {
		t.Helper()
		assert.ErrorIs(t, err, helpdesk.ErrInvalid, name)
		assert.ErrorContains(t, err, "if_revision", name)
	}
	field("settings", w.o.UpdateSettings(ctx, at(agent, "1"), automatic))
	_, err := w.o.Start(ctx, at(customer, "1"), opening(live, text("Hello.")))
	field("start", err)
	_, err = w.o.Receive(ctx, at(customer, "1"), desk.InboundMessage{Start: live, Message: said("Hello.")})
	field("receive", err)
}

// Paths of faults are those of the JSON form.
func TestAttackPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	path := func(name, want string, err error) {
		t.Helper()
		fields := desk.ProblemOf(err).Fields
		if assert.NotEmpty(t, fields, "%s: %v", name, err) {
			assert.Equal(t, want, fields[0].Path, name)
		}
	}
	p := ticket.LegalHoldParams{ID: "a b", Reason: "x", Privileged: true}
	_, err := w.o.Ticket(r.Ticket).PlaceLegalHold(ctx, agent, p)
	path("ticket hold", "id", err)
	_, err = w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, p)
	path("conversation hold", "id", err)
	_, err = w.o.Ticket(r.Ticket).ReleaseLegalHold(ctx, agent, p)
	path("ticket release", "id", err)
	_, err = w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, agent, p)
	path("conversation release", "id", err)
	_, err = w.o.Ticket(r.Ticket).CorrectSeverity(ctx, agent, ticket.CorrectSeverityParams{Reason: "x"})
	path("correct", "level", err)
	_, err = w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{ID: "a b", Body: "x"})
	path("reply", "id", err)
	_, err = w.o.Receive(ctx, customer, desk.InboundMessage{Start: inbox.StartParams{ID: inbox.ID{1}, Kind: live.Kind, Channel: live.Channel}, Message: said("x")})
	path("receive", "start.id", err)
	s := w.start(live)
	d := proposal
	d.ID = "a b"
	_, err = w.o.Conversation(s.Conversation).MakeOffer(ctx, ai, s.ControlToken, d)
	path("offer", "id", err)
}

// A command about a ticket that is done says so.
func TestAttackDoneTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	h := w.o.Ticket(r.Ticket)
	w.must(h.PickUp(ctx, agent))
	w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	_, err := h.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."})
	t.Log("handle", err, desk.ProblemOf(err))
	_, old := w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."})
	t.Log("conversation", old, desk.ProblemOf(old))
	assert.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	_, err = h.PickUp(ctx, agent)
	t.Log("pick up", err)
	_, err = h.PickUp(ctx, desk.Meta{Author: helpdesk.Agent("agent-2")})
	t.Log("pick up by another", err)
	_, err = h.AskCustomer(ctx, ai, text("x"))
	assert.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	_, err = h.PickUp(ctx, ai)
	assert.ErrorIs(t, err, helpdesk.ErrNotAllowed)
}

// IDs go into the host's database as those of uuid do.
func TestAttackIDInSQL(t *testing.T) {
	t.Parallel()
	_, err := driver.DefaultParameterConverter.ConvertValue(ticket.ID{1})
	assert.NoError(t, err)
	_, err = driver.DefaultParameterConverter.ConvertValue(inbox.ID{1})
	assert.NoError(t, err)
}

// A token of another conversation.
func TestAttackForeignToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.start(live), w.start(live)
	_, err := w.o.Conversation(a.Conversation).AddAIReply(t.Context(), ai, b.ControlToken, text("x"))
	t.Log(err)
	require.Error(t, err)
}

// The limit of reasons of holds.
func TestAttackReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.ticketed(live)
	long := make([]byte, 2001)
	for i := range long {
		long[i] = 'x'
	}
	p := ticket.LegalHoldParams{ID: "h", Reason: string(long), Privileged: true}
	_, err := w.o.Ticket(r.Ticket).PlaceLegalHold(t.Context(), agent, p)
	assert.NoError(t, err, "ticket")
	_, err = w.o.Conversation(r.Conversation).PlaceLegalHold(t.Context(), agent, p)
	assert.NoError(t, err, "conversation: LegalHoldParams.Reason says 20,000 runes")
}

// TicketHandle.PickUp "makes the author responsible for the ticket", or refuses.
func TestAttackPickUpOfAColleagues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	h := w.o.Ticket(r.Ticket)
	w.must(h.PickUp(ctx, agent))
	w.must(h.Assign(ctx, agent, "agent-2"))
	_, err := h.PickUp(ctx, agent)
	assert.True(t, err != nil || w.ticket(r.Ticket).Ticket.Assignee == "agent-1", "no error, and the assignee is %q", w.ticket(r.Ticket).Ticket.Assignee)
}

// T32: a stale answer of the AI is told as such, and counted.
func TestAttackStaleAIUnderRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	c := w.o.Conversation(r.Conversation)
	rev := w.conversation(r.Conversation).Revision
	w.must(c.TakeOver(ctx, agent))
	_, err := c.AddAIReply(ctx, at(ai, rev), r.ControlToken, text("x"))
	assert.Equal(t, "stale_control", desk.ProblemOf(err).Code, "%v", err)
}

// Problem.Retry: "whether the same request may succeed later".
func TestAttackRetryOfChanged(t *testing.T) {
	t.Parallel()
	assert.False(t, desk.ProblemOf(desk.ErrChanged).Retry)
}
