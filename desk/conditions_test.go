package desk_test

import (
	"database/sql/driver"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

func at(m desk.Meta, revision string) desk.Meta { m.IfRevision = revision; return m }

var stranger = desk.Meta{Author: helpdesk.Customer("cust-2")}

// T13: to another customer the record does not exist, whatever revision is named.
func TestRevisionTellsAStranger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	for _, rev := range []string{"", "nonsense"} {
		_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, at(stranger, rev))
		require.Equal(t, "not_found", desk.ProblemOf(err).Code, "erasure %q: %v", rev, err)
		_, err = w.o.Ticket(r.Ticket).ClaimSeverity(ctx, at(stranger, rev), severity.High, helpdesk.ChannelLiveChat)
		require.Equal(t, "not_found", desk.ProblemOf(err).Code, "claim %q: %v", rev, err)
	}
	_, err := w.o.Conversation(inbox.ID{1}).RequestErasure(ctx, at(stranger, "nonsense"))
	require.Equal(t, "not_found", desk.ProblemOf(err).Code)
}

// RequestErasure again with the same key.
func TestErasureAgainUnderRevision(t *testing.T) {
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
func TestErasureOfManyUnderRevision(t *testing.T) {
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
func TestRevisionBeforeStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	h := w.o.Ticket(r.Ticket)
	w.must(h.PickUp(ctx, agent))
	rev := w.ticket(r.Ticket).Revision
	w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	_, err := h.Assign(ctx, at(agent, rev), "agent-2")
	require.ErrorIs(t, err, desk.ErrChanged, "assign")
	_, err = h.Mitigate(ctx, at(agent, rev))
	require.ErrorIs(t, err, desk.ErrChanged, "mitigate")
}

// Meta.IfRevision: "A command on neither is refused with a FieldError".
func TestRevisionOnNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	field := func(name string, err error) {
		t.Helper()
		require.ErrorIs(t, err, helpdesk.ErrInvalid, name)
		require.ErrorContains(t, err, "if_revision", name)
	}
	field("settings", w.o.UpdateSettings(ctx, at(agent, "1"), automatic))
	_, err := w.o.Start(ctx, at(customer, "1"), opening(live, text("Hello.")))
	field("start", err)
	_, err = w.o.Receive(ctx, at(customer, "1"), desk.InboundMessage{Start: live, Message: said("Hello.")})
	field("receive", err)
}

// Paths of faults are those of the JSON form.
func TestPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	path := func(name, want string, err error) {
		t.Helper()
		fields := desk.ProblemOf(err).Fields
		require.NotEmpty(t, fields, "%s: %v", name, err)
		require.Equal(t, want, fields[0].Path, name)
	}
	p := ticket.LegalHoldParams{ID: "a b", Reason: "x", Privileged: true}
	_, err := w.o.Ticket(r.Ticket).PlaceLegalHold(ctx, agent, p)
	path("ticket hold", "hold", err)
	_, err = w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, p)
	path("conversation hold", "hold", err)
	_, err = w.o.Ticket(r.Ticket).ReleaseLegalHold(ctx, agent, p)
	path("ticket release", "hold", err)
	_, err = w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, agent, p)
	path("conversation release", "hold", err)
	_, err = w.o.Ticket(r.Ticket).CorrectSeverity(ctx, agent, ticket.CorrectSeverityParams{Reason: "x"})
	path("correct", "to", err)
	_, err = w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{ID: "a b", Body: "x"})
	path("reply", "message", err)
	_, err = w.o.Receive(ctx, customer, desk.InboundMessage{Start: inbox.StartParams{ID: inbox.ID{1}, Kind: live.Kind, Channel: live.Channel}, Message: said("x")})
	path("receive", "conversation", err)
	s := w.start(live)
	d := proposal
	d.ID = "a b"
	_, err = w.o.Conversation(s.Conversation).MakeOffer(ctx, ai, s.ControlToken, d)
	path("offer", "offer", err)
}

// IDs go into the host's database as those of uuid do.
func TestIDInSQL(t *testing.T) {
	t.Parallel()
	_, err := driver.DefaultParameterConverter.ConvertValue(ticket.ID{1})
	require.NoError(t, err)
	_, err = driver.DefaultParameterConverter.ConvertValue(inbox.ID{1})
	require.NoError(t, err)
}

// A token of another conversation.
func TestForeignToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.start(live), w.start(live)
	_, err := w.o.Conversation(a.Conversation).AddAIReply(t.Context(), ai, b.ControlToken, text("x"))
	t.Log(err)
	require.Error(t, err)
}

// T32: a stale answer of the AI is told as such, and counted.
func TestStaleAIUnderRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	c := w.o.Conversation(r.Conversation)
	rev := w.conversation(r.Conversation).Revision
	w.must(c.TakeOver(ctx, agent))
	_, err := c.AddAIReply(ctx, at(ai, rev), r.ControlToken, text("x"))
	require.Equal(t, "stale_control", desk.ProblemOf(err).Code, "%v", err)
}
