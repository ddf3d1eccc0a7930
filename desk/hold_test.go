package desk_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// ticketless deletes conversations without tickets ten days after they are closed.
func ticketless(t *testing.T) func(*desk.Config) {
	t.Helper()
	policy, err := retention.New(retention.Config{Ticketless: 10 * day})
	require.NoError(t, err)
	return func(c *desk.Config) { c.Retention = policy }
}

// D6: a conversation without tickets can be held too, by any number of holds, and
// stays for a grace when the last is released.
func TestConversationHoldsD6(t *testing.T) {
	t.Parallel()
	w := newWorld(t, ticketless(t))
	ctx := t.Context()
	r := w.start(live)
	w.archive(r)
	w.must(w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Reason: "litigation", Privileged: true}))
	again := w.must(w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Reason: "other", Privileged: true}))
	require.Equal(t, r.Conversation, again.Conversation)
	w.must(w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "b", Reason: "audit", Privileged: true}))
	w.pass(12 * day)
	e, err := w.o.Conversation(r.Conversation).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, e.Holds)
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, customer) // T41: the hold wins, and the request stays
	require.NoError(t, err)
	w.must(w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Privileged: true}))
	w.pass(2 * day)
	w.conversation(r.Conversation)
	released := w.must(w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "b", Privileged: true}))
	require.Equal(t, inbox.ListArchived, released.List)
	w.pass(23 * time.Hour)
	w.conversation(r.Conversation)
	w.pass(3 * time.Hour)
	_, err = w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "c", Reason: "late", Privileged: true}) // T23
	require.ErrorIs(t, err, helpdesk.ErrGone)
	_, err = w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "c", Privileged: true})
	require.ErrorIs(t, err, helpdesk.ErrGone)
}

// D10: what happened, and once: a hold that stands already changes nothing.
func TestConversationHoldEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	for range 2 {
		w.must(w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Reason: "liti\x00gation", Privileged: true}))
	}
	w.must(w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Privileged: true}))
	events, err := w.o.Conversation(r.Conversation).Events(ctx, 0, 0)
	require.NoError(t, err)
	var got []string
	for _, ev := range events.Events {
		if strings.HasSuffix(ev.Type, "hold") || ev.Type == "release" {
			got = append(got, ev.Type+" "+string(ev.Body))
		}
	}
	require.Equal(t, []string{
		`hold {"by":"agent","who":"agent-1","hold":"a","reason":"litigation"}`,
		`release {"by":"agent","who":"agent-1","hold":"a"}`,
	}, got)
}

// D6: what holds a conversation holds its tickets, those that come later included,
// and any number of such conversations does not keep others from going.
func TestConversationHoldsTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		p, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxCount: 2, MaxShare: 100}})
		require.NoError(t, err)
		c.Retention = p
	})
	ctx := t.Context()
	var held []desk.Result
	for range 5 {
		r := w.start(live)
		w.must(w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Reason: "litigation", Privileged: true}))
		w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
		held = append(held, w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}})))
	}
	for _, r := range held {
		w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	}
	w.pass(time.Hour)
	free := w.resolved(live)
	w.pass(30*day + time.Hour)
	_, err := w.o.Ticket(free.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	for _, r := range held {
		w.ticket(r.Ticket)
	}
	e, err := w.o.Ticket(held[0].Ticket).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, []any{retention.StateHeld, []string{"a"}}, []any{e.State, e.Holds})
	plan, err := w.o.PlanRetention(ctx)
	require.NoError(t, err)
	require.Empty(t, plan.Going)
	require.NotEmpty(t, plan.Kept)
	w.must(w.o.Conversation(held[0].Conversation).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Privileged: true}))
	w.pass(26 * time.Hour)
	_, err = w.o.Ticket(held[0].Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	w.ticket(held[1].Ticket)
}

func TestConversationHoldRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	before := w.conversation(r.Conversation)
	for _, c := range []desk.Meta{customer, ai, friend, {Author: helpdesk.Author{By: helpdesk.ActorSystem}}} { // T46
		_, err := w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, c, ticket.LegalHoldParams{ID: "a", Reason: "litigation", Privileged: true})
		require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
		_, err = w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, c, ticket.LegalHoldParams{ID: "a", Privileged: true})
		require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	}
	_, err := w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Reason: "litigation"})
	require.Equal(t, "not_allowed", desk.ProblemOf(err).Code)
	require.ErrorContains(t, err, "privileged")
	_, err = w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a"})
	require.Equal(t, "not_allowed", desk.ProblemOf(err).Code)
	_, err = w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a b", Reason: " \x00", Privileged: true}) // all faults at once
	require.ErrorContains(t, err, "hold")
	require.ErrorContains(t, err, "reason")
	require.Equal(t, "invalid", desk.ProblemOf(err).Code)
	_, err = w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Reason: strings.Repeat("x", 2001), Privileged: true})
	require.Equal(t, "invalid", desk.ProblemOf(err).Code)
	_, err = w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Privileged: true})
	require.ErrorContains(t, err, "must be the ID of a hold that stands")
	require.Equal(t, before, w.conversation(r.Conversation))

	for i := range 100 {
		w.must(w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: strconv.Itoa(i), Reason: "litigation", Privileged: true}))
	}
	_, err = w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "more", Reason: "litigation", Privileged: true})
	require.ErrorContains(t, err, "100")
	w.must(w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "7", Reason: "litigation", Privileged: true}))
}
