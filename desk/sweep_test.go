package desk_test

import (
	"context"
	"errors"
	"strings"
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

// A shelf keeps attachments, and an index keeps records, until they are erased.
type shelf struct {
	has  map[string]bool
	fail error
}

func (s *shelf) Erase(_ context.Context, _ store.TenantID, of ...inbox.AttachmentRef) error {
	if s.fail != nil {
		return s.fail
	}
	for _, b := range of {
		delete(s.has, b.Ref)
	}
	return nil
}

func (s *shelf) Remaining(_ context.Context, _ store.TenantID, of ...inbox.AttachmentRef) (int, error) {
	n := 0
	for _, b := range of {
		if s.has[b.Ref] {
			n++
		}
	}
	return n, nil
}

type index struct {
	forgot map[store.Ref]bool
	deaf   bool
}

func (x *index) Erase(_ context.Context, _ store.TenantID, of ...store.Ref) error {
	for _, r := range of {
		x.forgot[r] = !x.deaf
	}
	return nil
}

func (x *index) Remaining(_ context.Context, _ store.TenantID, of ...store.Ref) (int, error) {
	n := 0
	for _, r := range of {
		if !x.forgot[r] {
			n++
		}
	}
	return n, nil
}

// resolved returns a conversation whose ticket is resolved.
func (w *world) resolved(b inbox.StartParams) desk.Result {
	w.t.Helper()
	made := w.ticketed(b)
	w.must(w.o.Conversation(made.Conversation).Resolve(w.t.Context(), agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}))
	return made
}

func (w *world) sweep() desk.RetentionReport {
	w.t.Helper()
	r, err := w.o.ApplyRetention(w.t.Context())
	require.NoError(w.t, err)
	return r
}

// pass lets time go by, with the loops running.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	for ; d > day; d -= day {
		w.clock.advance(day)
		w.run()
	}
	w.clock.advance(d)
	w.run()
}

// R51, T40: everything goes, after thirty days and the skew, not a nanosecond
// before: record, messages, notes, timers, outbox, results, attachments, index.
func TestPurgeEverything(t *testing.T) {
	t.Parallel()
	files := &shelf{has: map[string]bool{"photo": true, "log": true, "other": true}}
	idx := &index{forgot: map[store.Ref]bool{}}
	w := newWorld(t, func(c *desk.Config) { c.AttachmentEraser, c.CopyEraser = files, idx })
	ctx := t.Context()
	w.pass(time.Hour)
	r := w.must(w.o.Start(ctx, keyed(customer, "k"), opening(live, inbox.MessageParams{Body: "Look.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Size: 1}}})))
	offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal))
	made := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}))
	w.must(w.o.Conversation(r.Conversation).AddNote(ctx, agent, text("A note.")))
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{Body: "Try this.", Attachments: []inbox.AttachmentRef{{Ref: "log", Size: 1}}}))
	w.post.fail = func(desk.Envelope) error { return desk.ErrRejected }
	w.run() // something stays parked
	w.post.fail = nil
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	closed := w.ticket(made.Ticket).Ticket.LastClosedAt
	left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Conversations: []inbox.ID{r.Conversation}, Tickets: []ticket.ID{made.Ticket}})
	require.NoError(t, err)
	require.Positive(t, left.Records)
	require.Positive(t, left.Messages)
	require.Positive(t, left.Keys)
	require.Positive(t, left.Entries)
	require.Positive(t, left.Results)

	w.pass(30*day + 5*time.Minute - w.clock.now().Sub(closed) - 1)
	require.Zero(t, w.sweep().Planned)
	e, err := w.o.Conversation(r.Conversation).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, retention.StateScheduled, e.State)
	w.clock.advance(1)
	report := w.sweep()
	require.Equal(t, 2, report.Deleted)
	left, err = w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Conversations: []inbox.ID{r.Conversation}, Tickets: []ticket.ID{made.Ticket}})
	require.NoError(t, err)
	require.Zero(t, left.Total())
	require.Equal(t, map[string]bool{"other": true}, files.has)
	require.True(t, idx.forgot[store.Ref{Kind: "ticket", ID: made.Ticket.String()}])
	require.Empty(t, w.parked())
	// The key is unknown again, and what it made is gone.
	again := w.must(w.o.Start(ctx, keyed(customer, "k"), opening(live, inbox.MessageParams{Body: "Look.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Size: 1}}})))
	require.NotEqual(t, r.Conversation, again.Conversation)

	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, stones, 2)
	counts := stones[0].Counts
	require.Equal(t, 5, counts.Messages) // three of the system
	require.Equal(t, 1, counts.Notes)
	require.Equal(t, 2, counts.Blobs)
	require.Positive(t, counts.Outbox)
	e, err = w.o.Ticket(made.Ticket).ExplainRetention(ctx)
	require.NoError(t, err)
	want := retention.Explanation{State: retention.StateTombstone, Reason: retention.Reason("closing"), Since: closed, GoneAt: w.clock.now()}
	require.Equal(t, want, e) // the last closing, and not when it went
	e, err = w.o.Conversation(r.Conversation).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, want, e)
	for _, do := range []func() error{
		func() error { _, err := w.o.Conversation(r.Conversation).Reply(ctx, agent, text("x")); return err },
		func() error {
			_, err := w.o.Ticket(made.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "late", Privileged: true})
			return err
		}, // T23
		func() error { _, err := w.o.Ticket(made.Ticket).Reopen(ctx, agent, "late"); return err },
		func() error { _, err := w.o.Conversation(r.Conversation).Events(ctx, 0, 0); return err },
	} {
		require.ErrorIs(t, do(), helpdesk.ErrGone)
	}
}

// Tombstones form a chain over all purges, and expire after a year; then the record
// never was.
func TestTombstonesExpire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	var all []desk.Result
	for range 5 {
		all = append(all, w.resolved(live))
		w.pass(day)
	}
	w.pass(32 * day)
	key, err := retention.NewKey(secret)
	require.NoError(t, err)
	var chain []retention.Tombstone
	for cursor := ""; ; {
		page, next, err := w.o.Tombstones(ctx, cursor, 3)
		require.NoError(t, err)
		chain = append(chain, page...)
		if cursor = next; cursor == "" {
			break
		}
	}
	require.Len(t, chain, 10)
	require.NoError(t, retention.VerifyChain(key, retention.Sum{}, chain))
	_, err = w.o.Ticket(all[0].Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	w.clock.advance(366 * day)
	for {
		n, err := w.desk.RemoveExpired(ctx)
		require.NoError(t, err)
		if n == 0 {
			break
		}
	}
	_, err = w.o.Ticket(all[0].Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	require.NotErrorIs(t, err, helpdesk.ErrGone)
	page, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Empty(t, page)
}

// R51: reopening cancels; the last closing counts.
func TestReopenedIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.resolved(live)
	w.pass(29 * day)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Again.")))
	w.pass(29 * day)
	e, err := w.o.Ticket(r.Ticket).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, retention.Reason("open"), e.Reason)
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Again."}))
	w.pass(29 * day)
	w.ticket(r.Ticket)
	w.pass(2 * day)
	_, err = w.o.Ticket(r.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
}

// D6, T23: holds; and the grace after a late release.
func TestHoldsKeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.resolved(live)
	w.must(w.o.Ticket(r.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Reason: "litigation", Privileged: true}))
	w.must(w.o.Ticket(r.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "b", Reason: "audit", Privileged: true}))
	w.pass(40 * day)
	w.must(w.o.Ticket(r.Ticket).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Privileged: true}))
	w.pass(10 * day)
	e, err := w.o.Conversation(r.Conversation).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, e.Holds)
	w.must(w.o.Ticket(r.Ticket).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "b", Privileged: true}))
	w.pass(day)
	w.ticket(r.Ticket)
	w.pass(2 * time.Hour)
	_, err = w.o.Ticket(r.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
}

// T41: who asks to be forgotten goes as soon as the ticket is done and not held.
func TestErasure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	e, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	require.True(t, !e.ErasureAt.IsZero())
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.must(w.o.Ticket(r.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Reason: "litigation", Privileged: true}))
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
	w.pass(2 * time.Hour)
	e, err = w.o.Conversation(r.Conversation).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, retention.StateHeld, e.State)
	w.must(w.o.Ticket(r.Ticket).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a", Privileged: true}))
	w.pass(26 * time.Hour)
	_, err = w.o.Ticket(r.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	e, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	require.Zero(t, e.State)
}

// A conversation without tickets is kept, unless the policy says otherwise.
func TestTicketless(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.start(live)
	w.archive(r)
	w.pass(100 * day)
	require.Equal(t, inbox.ListArchived, w.conversation(r.Conversation).List)

	policy, err := retention.New(retention.Config{Ticketless: 10 * day})
	require.NoError(t, err)
	w = newWorld(t, func(c *desk.Config) { c.Retention = policy })
	r = w.start(live)
	other := w.start(live)
	w.archive(r)
	w.pass(9 * day)
	w.conversation(r.Conversation)
	w.pass(2 * day)
	_, err = w.o.Conversation(r.Conversation).View(t.Context(), inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone)
	w.conversation(other.Conversation)
	// Archived, and taken out again: kept.
	w.archive(other)
	w.must(w.o.Conversation(other.Conversation).Unarchive(t.Context(), agent))
	w.pass(20 * day)
	w.conversation(other.Conversation)
}

// A ticket goes alone while another keeps the conversation.
func TestPurgeOneOfTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	draft := inbox.CreateTicketParams{Intake: ticket.Intake{Title: "One"}, Summary: "One."}
	one := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft))
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
	w.pass(time.Hour)
	two := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft))
	w.pass(31 * day)
	_, err := w.o.Ticket(one.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	w.ticket(two.Ticket)
	v := w.conversation(r.Conversation)
	require.Len(t, v.Tickets, 1)
	left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Tickets: []ticket.ID{one.Ticket}})
	require.NoError(t, err)
	require.Zero(t, left.Total())
	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, stones, 1)
	page, err := w.o.Conversation(r.Conversation).Events(ctx, 0, 0)
	require.NoError(t, err)
	require.Equal(t, "unlink", page.Events[len(page.Events)-1].Type)
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("Hello.")))
}

// T35: a sweep that would delete too much, or whose clock jumped, deletes nothing
// until a person says so; Plan says what it would do.
func TestBreaker(t *testing.T) {
	t.Parallel()
	policy, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxCount: 5, MaxShare: 50, MinCount: 3}})
	require.NoError(t, err)
	w := newWorld(t, func(c *desk.Config) { c.Retention = policy })
	ctx := t.Context()
	for range 2 {
		w.resolved(live)
	}
	w.pass(31 * day)
	health, err := w.o.Health(ctx)
	require.NoError(t, err)
	require.Len(t, health.Retention.Refusals, 1)
	require.Equal(t, "max_share", health.Retention.Refusals[0].Code) // four of four
	for range 2 {
		w.start(live)
	}
	for range 3 {
		w.ticketed(live)
	}
	plan, err := w.o.PlanRetention(ctx)
	require.NoError(t, err)
	require.Len(t, plan.Going, 4)
	require.Empty(t, plan.Refusals) // four of twelve
	require.Equal(t, 4, w.sweep().Deleted)

	for range 4 {
		w.resolved(live)
	}
	w.pass(31 * day)
	require.Equal(t, "max_count", w.sweep().Refusals[0].Code)
	r, err := w.o.ApplyRetentionAnyway(ctx, retention.Override{Count: 7})
	require.NoError(t, err)
	require.NotEmpty(t, r.Refusals)
	r, err = w.o.ApplyRetentionAnyway(ctx, retention.Override{Count: 8})
	require.NoError(t, err)
	require.Equal(t, 8, r.Deleted)

	keep := w.resolved(live)
	w.clock.advance(31 * day) // nobody swept meanwhile
	require.Equal(t, "clock_jump", w.sweep().Refusals[0].Code)
	w.ticket(keep.Ticket)
	w.clock.advance(-40 * day)
	require.Equal(t, "clock_back", w.sweep().Refusals[0].Code)
	w.clock.advance(40 * day)
	r, err = w.o.ApplyRetentionAnyway(ctx, retention.Override{Clock: true})
	require.NoError(t, err)
	require.Equal(t, 2, r.Deleted)
}

// T39: a purge that cannot be finished is finished later, and stops nothing else;
// what is left over is noticed.
func TestPurgeResumes(t *testing.T) {
	t.Parallel()
	files := &shelf{has: map[string]bool{"photo": true}, fail: errors.New("shelf is down")}
	idx := &index{forgot: map[store.Ref]bool{}, deaf: true}
	w := newWorld(t, func(c *desk.Config) { c.AttachmentEraser, c.CopyEraser = files, idx })
	ctx := t.Context()
	r := w.must(w.o.Start(ctx, customer, opening(live, inbox.MessageParams{Body: "Look.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Size: 1}}})))
	w.archive(r)
	_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.clock.advance(time.Hour)
	_, err = w.o.ApplyRetention(ctx)
	require.ErrorContains(t, err, "shelf")
	_, err = w.o.Conversation(r.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone) // from the beginning of the purge on
	health, err := w.o.Health(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, health.Purges)
	requested := w.clock.now().Add(-time.Hour)
	e, err := w.o.Conversation(r.Conversation).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, retention.Explanation{
		State: retention.StatePurging, Reason: retention.Reason("erasure"), Since: requested, GoneAt: w.clock.now(),
	}, e)

	files.fail = nil
	_, err = w.o.ApplyRetention(ctx)
	require.ErrorIs(t, err, desk.ErrNotErased)
	idx.deaf = false
	// The step was done, so far as it could be known: somebody has to see to it.
	for r := range idx.forgot {
		idx.forgot[r] = true
	}
	report, err := w.o.ApplyRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, report.Deleted)
	health, err = w.o.Health(ctx)
	require.NoError(t, err)
	require.Zero(t, health.Purges)
}

// between has something happen before the commit that begins a purge.
type between struct {
	store.Stores
	before func()
}

func (b *between) Tenant(t store.TenantID) (store.Records, error) {
	s, err := b.Stores.Tenant(t)
	return &betweenStore{s, b}, err
}

type betweenStore struct {
	store.Records
	b *between
}

func (s *betweenStore) Commit(ctx context.Context, batch store.Batch) (store.Committed, error) {
	for _, c := range batch.Changes {
		if f := s.b.before; f != nil && c.Ref.Kind == "purge" && !c.Delete {
			s.b.before = nil
			f()
		}
	}
	return s.Records.Commit(ctx, batch)
}

// T22, T23: a message, a reopening or a hold that comes before the purge begins
// wins, and nothing is deleted.
func TestPurgeLoses(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(o *desk.Tenant, r desk.Result) error{
		"message": func(o *desk.Tenant, r desk.Result) error {
			_, err := o.Conversation(r.Conversation).AddCustomerMessage(context.Background(), customer, said("Wait!"))
			return err
		},
		"reopen": func(o *desk.Tenant, r desk.Result) error {
			_, err := o.Ticket(r.Ticket).Reopen(context.Background(), agent, "wait")
			return err
		},
		"hold": func(o *desk.Tenant, r desk.Result) error {
			_, err := o.Ticket(r.Ticket).PlaceLegalHold(context.Background(), agent, ticket.LegalHoldParams{ID: "h", Reason: "wait", Privileged: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.resolved(live)
			w.pass(29 * day)
			stores := &between{Stores: w.stores}
			w.config.Stores = stores
			w.open()
			var doErr error
			stores.before = func() { doErr = do(w.o, r) }
			w.clock.advance(2 * day)
			report := w.sweep()
			require.NoError(t, doErr)
			require.Equal(t, 1, report.Skipped)
			require.Zero(t, report.Deleted)
			w.ticket(r.Ticket)
			w.conversation(r.Conversation)
		})
	}
}

// What is stored of a deletion has nothing in it that people wrote, nor an ID.
func TestNothingPersonalStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.resolved(begin(helpdesk.ChannelEmail, contact))
	w.pass(32 * day)
	_, err := w.o.Ticket(r.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	s, err := w.stores.Tenant("acme")
	require.NoError(t, err)
	for _, kind := range []string{"conversation", "blob", "ticket", "settings", "sweep", "purge", "gone", "tombstone", "mails"} {
		for _, rec := range listed(t, s, kind) {
			all := rec.Ref.String() + string(rec.Body)
			for _, personal := range []string{"ada", "Ada", "printer", "fire", "cust-1", "acc-1", r.Conversation.String(), r.Ticket.String(), string(r.Reference)} {
				require.False(t, strings.Contains(all, personal), "%s has %s", rec.Ref, personal)
			}
		}
	}
}
