package desk_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// briefly has tickets deleted two hours after they were closed, and people answer.
func briefly(c *desk.Config) {
	c.Inbox = inbox.Config{}
	var err error
	if c.Retention, err = retention.New(retention.Config{Period: 2 * time.Hour}); err != nil {
		panic(err)
	}
}

// three returns the three tickets of one conversation, closed one after the other.
func (w *world) three() [3]desk.Result {
	w.t.Helper()
	r := w.start(live)
	var all [3]desk.Result
	for i := range all {
		all[i] = w.must(w.o.Conversation(r.Conversation).CreateTicket(w.t.Context(), agent, inbox.CreateTicketParams{
			Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer.",
		}))
		w.must(w.o.Conversation(r.Conversation).Resolve(w.t.Context(), agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
		w.clock.advance(time.Minute)
	}
	return all
}

// R51, D6: of three tickets of a conversation two are due in the same sweep, and
// the third is held: those two go at their time, by one deletion, and the
// conversation with all that was written goes with the last of its tickets.
func TestPurgeSomeOfThree(t *testing.T) {
	t.Parallel()
	w := newWorld(t, briefly)
	ctx := t.Context()
	w.run()
	all := w.three()
	conv := all[0].Conversation
	w.must(w.o.Ticket(all[2].Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true}))
	w.run()
	w.post.take()
	w.clock.advance(2*time.Hour + 10*time.Minute)
	plan, err := w.o.PlanRetention(ctx)
	require.NoError(t, err)
	require.Len(t, plan.Going, 2)
	report := w.sweep()
	require.Equal(t, 2, report.Deleted)
	require.Zero(t, report.Skipped)
	for _, r := range all[:2] {
		_, err := w.o.Ticket(r.Ticket).View(ctx)
		require.ErrorIs(t, err, helpdesk.ErrGone)
		left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Tickets: []ticket.ID{r.Ticket}})
		require.NoError(t, err)
		require.Zero(t, left.Total())
	}
	w.ticket(all[2].Ticket)
	v := w.conversation(conv)
	require.Len(t, v.Tickets, 1)
	require.NotEmpty(t, v.Messages)
	e, err := w.o.Conversation(conv).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, retention.StateHeld, e.State)
	require.Zero(t, w.sweep().Planned)

	w.must(w.o.Ticket(all[2].Ticket).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Privileged: true}))
	w.pass(25 * time.Hour)
	_, err = w.o.Conversation(conv).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone)
	left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Conversations: []inbox.ID{conv}, Tickets: []ticket.ID{all[2].Ticket}})
	require.NoError(t, err)
	require.Zero(t, left.Total())
	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, stones, 4)
	key, err := retention.NewKey(secret)
	require.NoError(t, err)
	require.NoError(t, retention.VerifyChain(key, retention.Sum{}, stones))
	health, err := w.o.Health(ctx)
	require.NoError(t, err)
	require.Zero(t, health.Purges)
}

// T22, T23: what changes the conversation that stays, or a ticket that goes, before
// the deletion begins, keeps the tickets until the next sweep.
func TestPurgeOfSomeLoses(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(w *world, all [3]desk.Result) error{
		"message": func(w *world, all [3]desk.Result) error {
			_, err := w.o.Conversation(all[0].Conversation).AddCustomerMessage(w.t.Context(), customer, said("Wait!"))
			return err
		},
		"hold on the second": func(w *world, all [3]desk.Result) error {
			_, err := w.o.Ticket(all[1].Ticket).PlaceLegalHold(w.t.Context(), agent, ticket.LegalHoldParams{ID: "late", Reason: "wait", Privileged: true})
			return err
		},
		"reopening of the second": func(w *world, all [3]desk.Result) error {
			_, err := w.o.Ticket(all[1].Ticket).Reopen(w.t.Context(), agent, "wait")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, briefly)
			w.run()
			all := w.three()
			w.must(w.o.Ticket(all[2].Ticket).PlaceLegalHold(t.Context(), agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true}))
			stores := &between{Stores: w.stores}
			w.config.Stores = stores
			w.open()
			var doErr error
			stores.before = func() { doErr = do(w, all) }
			w.clock.advance(2*time.Hour + 10*time.Minute)
			report := w.sweep()
			require.NoError(t, doErr)
			require.Equal(t, 1, report.Skipped)
			require.Zero(t, report.Deleted)
			for _, r := range all {
				w.ticket(r.Ticket)
			}
			require.Len(t, w.conversation(all[0].Conversation).Tickets, 3)
		})
	}
}

// R51, T42: a ticket that was merged into another of the same conversation goes at
// its time, while that one keeps the conversation; so does one that was closed for
// good.
func TestPurgeOfMerged(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*desk.Config){
		"resolved": func(*desk.Config) {},
		"closed": func(c *desk.Config) {
			c.Lifecycles, c.Reminders = []*ticket.Lifecycle{ticket.StandardClosed()}, desk.Reminders{CloseAfter: time.Minute}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, briefly, func(c *desk.Config) { c.Inbox = inbox.Config{SeveralTickets: true} }, edit)
			ctx := t.Context()
			w.run()
			r := w.start(live)
			draft := inbox.CreateTicketParams{Intake: ticket.Intake{Title: "One"}, Summary: "One."}
			one := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft))
			two := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft))
			w.must(w.o.Ticket(one.Ticket).MergeInto(ctx, agent, two.Ticket))
			w.clock.advance(30 * time.Minute)
			w.run()
			w.clock.advance(2 * time.Hour)
			w.run()
			_, err := w.o.Ticket(one.Ticket).View(ctx)
			require.ErrorIs(t, err, helpdesk.ErrGone)
			w.ticket(two.Ticket)
			require.Len(t, w.conversation(r.Conversation).Tickets, 1)
			m := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Hello?")))
			require.Equal(t, two.Ticket, m.Ticket)
		})
	}
}

// A reluctant shelf refuses one call, and remembers what it was asked.
type reluctant struct {
	shelf
	refuse int // which call, from 1
	calls  [][]string
}

func (s *reluctant) Erase(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) error {
	var names []string
	for _, b := range of {
		names = append(names, b.Ref)
	}
	if s.calls = append(s.calls, names); len(s.calls) == s.refuse {
		return errors.New("the shelf is locked")
	}
	return s.shelf.Erase(ctx, t, of...)
}

// R51, T39, T40: the attachments of a conversation are erased page by page. What is done is
// not done again after a failure, and the count is right in the end.
func TestAttachmentsByPage(t *testing.T) {
	t.Parallel()
	const page, many = 5, 33
	files := &reluctant{shelf: shelf{has: map[string]bool{}}, refuse: 4}
	w := newWorld(t, func(c *desk.Config) { c.AttachmentEraser, c.Inbox = files, inbox.Config{} }).tune(func(c *desk.Tuning) { c.Page = page })
	ctx := t.Context()
	w.run()
	r := w.start(live)
	for i := range many {
		ref := "photo-" + strconv.Itoa(i)
		files.has[ref] = true
		w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{
			MessageParams: inbox.MessageParams{Body: "Look.", Attachments: []inbox.AttachmentRef{{Ref: ref, Size: 1}}},
		}))
	}
	w.archive(r)
	_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.clock.advance(time.Hour)
	_, err = w.o.ApplyRetention(ctx)
	require.ErrorContains(t, err, "locked")
	require.Len(t, files.has, many-3*page)
	require.Len(t, listed(t, w.records(), "blob"), many-3*page)
	w.clock.advance(time.Hour)
	_, err = w.o.ApplyRetention(ctx)
	require.NoError(t, err)
	require.Empty(t, files.has)
	require.Len(t, files.calls, 8, "7 pages, and one of them twice")
	require.Equal(t, files.calls[3], files.calls[4])
	for _, names := range files.calls {
		require.LessOrEqual(t, len(names), page)
	}
	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Equal(t, many, stones[0].Counts.Blobs)
	left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Conversations: []inbox.ID{r.Conversation}})
	require.NoError(t, err)
	require.Zero(t, left.Total())
}
