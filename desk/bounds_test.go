package desk_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// longName returns a name of 128 bytes, each of which takes six in JSON, but for the number.
func longName(n int) string { return fmt.Sprintf("%s%04d", strings.Repeat("<", 124), n) }

// worst has n runes, each of which takes six bytes in JSON.
func worst(n int) string { return strings.Repeat("<", n) }

// mostHead is what the head of a conversation, or of a ticket, has at most, in bytes: half of
// what a store takes.
const mostHead = store.MaxBody / 2

// The heads of a conversation and of a ticket stay small enough to be stored, with
// everything in them at its bound, and no command of the team is refused for it. In the short
// form fewer members of the team answer, and the reasons of the legal holds are short.
func TestHeadsAtTheirBounds(t *testing.T) {
	t.Parallel()
	if raceEnabled {
		t.Skip("it has one goroutine, and the race detector would take minutes")
	}
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{
			SeveralTickets: true, Clock: inbox.WaitCalendar, NoAction: inbox.Duration(time.Hour), NotClosed: inbox.Duration(time.Hour),
			QueueWait: inbox.Duration(time.Hour), OpenTicket: inbox.OpenTicketAllow,
		}
	})
	ctx := desk.Unshadowed(t.Context())
	by := func(n int) desk.Meta { return desk.Meta{Author: helpdesk.Agent(longName(n))} }
	start := live
	start.Contact = inbox.Contact{Customer: longName(0), Account: longName(1), Name: worst(200), Email: "a@b.example", Phone: worst(200)}
	owner := desk.Meta{Author: helpdesk.Customer(longName(0))}
	r := w.must(w.o.Start(ctx, owner, opening(start, inbox.MessageParams{ID: longName(1), Body: "Hello."})))
	conv := w.o.Conversation(r.Conversation)

	for i := range 50 {
		w.must(conv.AddTag(ctx, by(0), strings.Repeat("ä", 60)+fmt.Sprintf("%04d", i)))
	}
	_, err := conv.AddTag(ctx, by(0), "one more")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	for i := range 100 {
		w.must(conv.Follow(ctx, by(0), longName(1000+i)))
	}
	_, err = conv.Follow(ctx, by(0), longName(0))
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	var made []desk.Result
	create := func() desk.Result {
		r := w.must(conv.CreateTicket(ctx, by(0), inbox.CreateTicketParams{
			Intake: ticket.Intake{Title: worst(ticket.MaxTitle), Kind: ticket.IntakeBug}, Summary: worst(ticket.MaxSummary),
		}))
		made = append(made, r)
		return r
	}
	for i := range campaign.Rounds(20, 140) { // members of the team who hold it in turn
		w.must(conv.Reply(ctx, by(i), inbox.MessageParams{ID: longName(5000 + i), Body: "Yes."}))
		w.must(conv.AddCustomerMessage(ctx, owner, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{ID: longName(6000 + i), Body: "And?"}}))
	}
	for range 6 { // escalations that are delivered
		w.clock.advance(2 * time.Hour)
		for n := 1; n > 0; {
			n, err = w.desk.FireTimers(ctx)
			require.NoError(t, err)
		}
		w.must(conv.Archive(ctx, by(0), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
		w.must(conv.AddCustomerMessage(ctx, owner, said("Again.")))
	}

	for range 27 {
		create()
	}
	tick := w.o.Ticket(made[0].Ticket)
	for i := range 20 {
		w.must(tick.ClaimSeverity(ctx, by(0), severity.Level(1+i%4), helpdesk.Channel("channel_with_a_long_name_"+strconv.Itoa(i))))
	}
	w.must(tick.UpdateIntake(ctx, by(0), ticket.Intake{
		Description: worst(1 << 21), FirstSeen: worst(20_000), Steps: worst(20_000), Expected: worst(20_000), Actual: worst(20_000),
		Page: worst(20_000), Versions: worst(20_000), Evidence: worst(20_000),
	}))
	for range 3 {
		w.must(w.o.Ticket(create().Ticket).MergeInto(ctx, by(0), tick.ID()))
	}
	for range 7 {
		w.must(tick.PickUp(ctx, by(0)))
		w.must(tick.Resolve(ctx, by(0), ticket.ResolveParams{Action: worst(20_000), Details: worst(20_000)}))
		w.must(tick.Reopen(ctx, by(0), worst(20_000)))
	}
	for range 60 {
		w.must(tick.PauseClocks(ctx, by(0), worst(20_000)))
		w.must(tick.ResumeClocks(ctx, by(0)))
	}
	hold := func(i, runes int) ticket.LegalHoldParams {
		return ticket.LegalHoldParams{ID: longName(i), Reason: worst(runes), Privileged: true}
	}
	reason := campaign.Rounds(20, 2_000)
	for i := range 100 {
		w.must(conv.PlaceLegalHold(ctx, by(0), hold(i, reason)))
		w.must(tick.PlaceLegalHold(ctx, by(0), hold(i, reason)))
	}
	for _, h := range []ticket.LegalHoldParams{hold(100, 1), hold(100, 2_001)} {
		_, err = conv.PlaceLegalHold(ctx, by(0), h)
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		_, err = tick.PlaceLegalHold(ctx, by(0), h)
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.ErrorContains(t, err, "hold")
	}

	made[0].Conversation = r.Conversation
	head, record := w.sizes(made[0])
	require.Less(t, head, mostHead)
	require.Less(t, record, mostHead)
	if campaign.Long() {
		require.Greater(t, head, mostHead/2, "or the bounds were not reached")
		require.Greater(t, record, mostHead/2, "or the bounds were not reached")
	}
	w.must(tick.Resolve(ctx, by(0), ticket.ResolveParams{Action: worst(20_000), Details: worst(20_000)}))
	w.must(conv.Archive(ctx, by(0), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	v := w.ticket(made[0].Ticket)
	require.Equal(t, worst(1<<21), v.Ticket.Intake.Description)
	require.Len(t, v.Ticket.Resolutions, 5)
	for _, r := range v.Ticket.Resolutions {
		require.Equal(t, []string{worst(20_000), worst(20_000)}, []string{r.Action, r.Details})
	}
}
