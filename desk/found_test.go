package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// T41: a request for erasure is for the tickets too that the conversation gets
// after it.
func TestErasureOfLaterTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{
		Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer.",
	}))
	e, err := w.o.Ticket(made.Ticket).ExplainRetention(ctx)
	require.NoError(t, err)
	require.True(t, !e.ErasureAt.IsZero())
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
	e, err = w.o.Ticket(made.Ticket).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, retention.Reason("erasure"), e.Reason)
	w.pass(2 * time.Hour)
	_, err = w.o.Ticket(made.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	_, err = w.o.Conversation(r.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone)
}

// R51, T39, T44: a record that cannot be read keeps its own conversation, and no
// other, from being deleted.
func TestDamagedStopsNoOther(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind, body string
		is         error
	}{
		"ticket":            {"ticket", "secret words", helpdesk.ErrDamaged},
		"ticket of a newer": {"ticket", `{"v":2}`, desk.ErrNewer},
		"conversation":      {"conversation", "secret words", helpdesk.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, briefly)
			ctx := t.Context()
			w.run()
			bad, good := w.three(), w.three()
			s, err := w.stores.Tenant("acme")
			require.NoError(t, err)
			ref := store.Ref{Kind: tt.kind, ID: bad[0].Ticket.String()}
			if tt.kind == "conversation" {
				ref.ID = bad[0].Conversation.String()
			}
			damage(t, s, ref, tt.body, attributed("conversation", bad[0].Conversation.String())...)

			w.clock.advance(2*time.Hour + 10*time.Minute)
			_, err = w.o.PlanRetention(ctx)
			require.ErrorIs(t, err, tt.is)
			report, err := w.o.ApplyRetention(ctx)
			require.ErrorIs(t, err, tt.is)
			require.NotContains(t, err.Error(), "secret")
			require.GreaterOrEqual(t, report.Deleted, 4)
			require.Equal(t, 1, report.Unreadable)
			_, err = w.o.Conversation(good[0].Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
			require.ErrorIs(t, err, helpdesk.ErrGone)
			health, err := w.o.Health(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, health.Retention.Unreadable)
			_, err = w.o.ApplyRetention(ctx)
			require.ErrorIs(t, err, tt.is)
		})
	}
}

// T43: more tickets than one batch has room for go in several sweeps, and the
// conversation with the last of them.
func TestPurgeOfManyTickets(t *testing.T) {
	t.Parallel()
	policy, err := retention.New(retention.Config{Period: 2 * time.Hour, Breaker: retention.Breaker{MaxShare: 100}})
	require.NoError(t, err)
	w := newWorld(t, func(c *desk.Config) { c.Inbox, c.Retention = inbox.Config{}, policy })
	ctx := t.Context()
	w.run()
	r := w.start(live)
	var last ticket.ID
	many := campaign.Rounds(101, 205)
	for range many {
		made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{
			Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer.",
		}))
		last = made.Ticket
		w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
	}
	w.clock.advance(2*time.Hour + 10*time.Minute)
	deleted, sweeps := 0, 0
	for ; deleted <= many; sweeps++ {
		require.Less(t, sweeps, 10)
		report := w.sweep()
		require.Positive(t, report.Deleted)
		deleted += report.Deleted
	}
	require.Equal(t, many+1, deleted)
	_, err = w.o.Conversation(r.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone)
	left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Conversations: []inbox.ID{r.Conversation}, Tickets: []ticket.ID{last}})
	require.NoError(t, err)
	require.Zero(t, left.Total())
}

// A sparse store gives lists in pages of one record, as an engine can that is asked so.
type sparse struct{ store.Stores }

func (s sparse) Tenant(t store.TenantID) (store.Records, error) {
	inner, err := s.Stores.Tenant(t)
	return sparseStore{inner}, err
}

type sparseStore struct{ store.Records }

func (s sparseStore) Read(ctx context.Context, r store.ReadRequest) (store.Snapshot, error) {
	r.Lists = slices.Clone(r.Lists)
	for i := range r.Lists {
		r.Lists[i].Limit = 1
	}
	return s.Records.Read(ctx, r)
}

// R42, R51: only an empty cursor says that a page is the last.
func TestSparsePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Stores = sparse{c.Stores} })
	ctx := t.Context()
	w.run()
	r := w.resolved(live)
	v, err := w.o.LookUp(ctx, string(r.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.NoError(t, err)
	require.Equal(t, ticket.StatusResolved, v.Status)
	_, err = w.o.LookUp(ctx, "HD-0000-0000-0000", inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.Error(t, err)
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	s, err := w.stores.Tenant("acme")
	require.NoError(t, err)
	_, err = s.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "purge", ID: "x"}, Body: []byte("nonsense")}}})
	require.NoError(t, err)
	health, err := w.o.Health(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, health.Purges)
	w.clock.advance(time.Hour)
	_, err = w.o.ApplyRetention(ctx)
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	_, err = w.o.Conversation(r.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone)
}

// T31: a question to the AI that is given up, because what it answers can never be
// stored, is a person's.
func TestAssistantGivenUp(t *testing.T) {
	t.Parallel()
	a := &assistant{answer: func(context.Context, desk.Turn) (desk.Answer, error) { return desk.Answer{Text: "Hello."}, nil }}
	w := newWorld(t, func(c *desk.Config) { c.Assistant, c.Limits.MaxSends = a, 3 })
	h, _ := w.hooked()
	h.fail = func(b store.Batch) error {
		for _, e := range b.Append {
			if e.Log == "event" && strings.Contains(string(e.Body), `"type":"ai_reply"`) {
				return errMishap
			}
		}
		return nil
	}
	r := w.start(live)
	for range 4 {
		w.run()
		w.clock.advance(time.Hour)
	}
	require.Len(t, a.turns, 3)
	require.Equal(t, []string{"ai tries"}, w.parked())
	v := w.conversation(r.Conversation)
	require.Equal(t, inbox.ListActive, v.List)
	note, ok := v.Messages[len(v.Messages)-2].(inbox.Note)
	require.True(t, ok)
	require.Equal(t, inbox.FailureError, note.Failure)
	require.Len(t, w.post.take(), 1) // the holding line

	// One that came too late is given up, and that is all.
	r = w.start(live)
	w.run()
	w.must(w.o.Conversation(r.Conversation).TakeOver(t.Context(), agent))
	for range 4 {
		w.run()
		w.clock.advance(time.Hour)
	}
	require.Len(t, w.conversation(r.Conversation).Messages, 1)
	require.Len(t, w.parked(), 1)
}

// T41, T43: a request for erasure reaches every ticket, however many there are, also
// if it is given again because the answer was lost.
func TestErasureOfManyTickets(t *testing.T) {
	t.Parallel()
	policy, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxShare: 100}})
	require.NoError(t, err)
	w := newWorld(t, func(c *desk.Config) { c.Inbox, c.Retention = inbox.Config{}, policy })
	ctx := t.Context()
	w.run()
	r := w.start(live)
	var all []ticket.ID
	for range 120 {
		all = append(all, w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{
			Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer.",
		})).Ticket)
		w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
	}
	h, _ := w.hooked()
	n := 0
	h.fail = func(store.Batch) error {
		if n++; n == 2 {
			return errMishap
		}
		return nil
	}
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, keyed(agent, "k"))
	require.ErrorIs(t, err, errMishap)
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, keyed(agent, "k"))
	require.NoError(t, err)
	for _, id := range all {
		e, err := w.o.Ticket(id).ExplainRetention(ctx)
		require.NoError(t, err)
		require.Equal(t, retention.Reason("erasure"), e.Reason)
	}
	page, err := w.o.Conversation(r.Conversation).Events(ctx, 0, 0)
	require.NoError(t, err)
	asked := 0
	for _, e := range page.Events {
		if e.Type == "request_erasure" {
			asked++
		}
	}
	page, err = w.o.Conversation(r.Conversation).Events(ctx, page.Events[len(page.Events)-1].N, 0)
	require.NoError(t, err)
	for _, e := range page.Events {
		if e.Type == "request_erasure" {
			asked++
		}
	}
	require.Equal(t, 1, asked) // D10
	w.clock.advance(10 * time.Minute)
	require.Equal(t, 100, w.sweep().Deleted)
	require.Equal(t, 21, w.sweep().Deleted)
	_, err = w.o.Conversation(r.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone)
}

// T39, T44: when a deletion is under way is said of what it deletes, though another
// one cannot be read.
func TestExplainBesideDamagedPurge(t *testing.T) {
	t.Parallel()
	files := &shelf{has: map[string]bool{"photo": true}, fail: errMishap}
	w := newWorld(t, func(c *desk.Config) { c.AttachmentEraser = files })
	ctx := t.Context()
	w.run()
	s, err := w.stores.Tenant("acme")
	require.NoError(t, err)
	_, err = s.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "purge", ID: "!"}, Body: []byte("secret words")}}})
	require.NoError(t, err)
	r := w.must(w.o.Start(ctx, customer, opening(live, inbox.MessageParams{Body: "Look.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Size: 1}}})))
	w.archive(r)
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.clock.advance(time.Hour)
	_, err = w.o.ApplyRetention(ctx)
	require.ErrorIs(t, err, errMishap)
	e, err := w.o.Conversation(r.Conversation).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, retention.StatePurging, e.State)
}

// T41, T43: a request for erasure reaches every ticket of a conversation, however many were
// done: those that it only looks at are no part of its batches.
func TestErasureOfVeryManyTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox, c.Notifier = inbox.Config{}, nil })
	ctx := t.Context()
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	for range store.MaxParts + 50 {
		w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
		w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
		w.clock.advance(time.Second)
	}
	e, err := conv.RequestErasure(ctx, agent)
	require.NoError(t, err)
	require.Equal(t, retention.Reason("erasure"), e.Reason)
	for _, rec := range listed(t, w.records(), "ticket") {
		require.Contains(t, string(rec.Body), `"erasure_at"`, rec.Ref)
	}
}
