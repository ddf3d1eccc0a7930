package desk_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A hook is around stores, and has something happen before and after calls.
type hook struct {
	store.Stores
	fail   func(store.Batch) error          // a commit, which is not done
	before func(store.Batch)                // a commit
	change func(*store.Batch)               // a commit
	after  func(store.Batch)                // a commit that was done
	loaded func(context.Context, store.Ref) // a record was read
	tenant error
}

func (h *hook) Tenant(t store.TenantID) (store.Records, error) {
	if h.tenant != nil {
		return nil, h.tenant
	}
	s, err := h.Stores.Tenant(t)
	return &hookStore{s, h}, err
}

type hookStore struct {
	store.Records
	h *hook
}

func (s *hookStore) Read(ctx context.Context, r store.ReadRequest) (store.Snapshot, error) {
	snapshot, err := s.Records.Read(ctx, r)
	for _, ref := range r.Records {
		if s.h.loaded != nil {
			s.h.loaded(ctx, ref)
		}
	}
	return snapshot, err
}

func (s *hookStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if s.h.fail != nil {
		if err := s.h.fail(b); err != nil {
			return store.Committed{}, err
		}
	}
	if s.h.before != nil {
		s.h.before(b)
	}
	if s.h.change != nil {
		s.h.change(&b)
	}
	done, err := s.Records.Commit(ctx, b)
	if s.h.after != nil && err == nil {
		s.h.after(b)
	}
	return done, err
}

// hooked returns a hook around the stores of w, and the office of another process
// on the same stores.
func (w *world) hooked() (*hook, *desk.Tenant) {
	w.t.Helper()
	other := w.o
	h := &hook{Stores: w.stores}
	w.config.Stores = h
	w.open()
	return h, other
}

// changes reports whether a batch changes the record of that kind.
func changes(b store.Batch, kind string) bool {
	for _, c := range b.Changes {
		if c.Ref.Kind == kind {
			return true
		}
	}
	return false
}

// Whichever call of the store fails, a query says so: it never answers from half of
// what it needs.
func TestQueriesSayWhatFailed(t *testing.T) {
	t.Parallel()
	w, x := wired(t)
	ctx := t.Context()
	made := w.ticketed(live)
	gone := w.resolved(live)
	_, err := w.o.Conversation(gone.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.pass(2 * time.Hour)
	full := inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified}
	for name, ask := range map[string]func() error{
		"conversation": func() error {
			_, err := w.o.Conversation(made.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
			return err
		},
		"customer": func() error {
			_, err := w.o.Conversation(made.Conversation).CustomerView(ctx, "cust-1", desk.MessageQuery{})
			return err
		},
		"lease":          func() error { _, err := w.o.Conversation(made.Conversation).ControlToken(ctx); return err },
		"ticket":         func() error { _, err := w.o.Ticket(made.Ticket).View(ctx); return err },
		"explain":        func() error { _, err := w.o.Ticket(made.Ticket).ExplainClock(ctx, sla.MetricFirstReply, 0); return err },
		"status":         func() error { _, err := w.o.LookUp(ctx, string(made.Reference), full); return err },
		"status of gone": func() error { _, err := w.o.LookUp(ctx, string(gone.Reference), full); return err },
		"conversations":  func() error { _, _, err := w.o.Conversations(ctx, desk.ConversationQuery{}); return err },
		"tickets":        func() error { _, _, err := w.o.Tickets(ctx, desk.TicketQuery{}); return err },
		"notifications":  func() error { _, _, err := w.o.Notifications(ctx, desk.NotificationQuery{}); return err },
		"events":         func() error { _, err := w.o.Conversation(made.Conversation).Events(ctx, 0, 0); return err },
		"ticket events":  func() error { _, err := w.o.Ticket(made.Ticket).Events(ctx, 0, 0); return err },
		"health":         func() error { _, err := w.o.Health(ctx); return err },
		"plan":           func() error { _, err := w.o.PlanRetention(ctx); return err },
		"tombstones":     func() error { _, _, err := w.o.Tombstones(ctx, "", 1); return err },
		"residue": func() error {
			_, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Tickets: []ticket.ID{made.Ticket}})
			return err
		},
		"settings":          func() error { _, err := w.o.Settings(ctx); return err },
		"when a ticket":     func() error { _, err := w.o.Ticket(made.Ticket).ExplainRetention(ctx); return err },
		"when":              func() error { _, err := w.o.Conversation(made.Conversation).ExplainRetention(ctx); return err },
		"when gone":         func() error { _, err := w.o.Ticket(gone.Ticket).ExplainRetention(ctx); return err },
		"when all are gone": func() error { _, err := w.o.Conversation(gone.Conversation).ExplainRetention(ctx); return err },
	} {
		x.off, x.calls, x.at = false, nil, 0
		whole := ask()
		require.True(t, whole == nil || errors.Is(whole, helpdesk.ErrGone), "%s: %v", name, whole)
		calls := len(x.calls)
		require.Positive(t, calls, name)
		for at := range calls {
			x.calls, x.at, x.how = nil, at+1, failsOnce
			require.ErrorIs(t, ask(), errMishap, "%s: call %d of %d", name, at+1, calls)
		}
		x.off = true
	}
}

// T44: a record of any kind that cannot be read, or is of a newer version, is left
// alone and said to be so, without what stands in it.
func TestDamagedRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.ticketed(live)
	w.run()
	gone := w.resolved(live)
	_, err := w.o.Conversation(gone.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.pass(2 * time.Hour)
	_, err = w.o.Ticket(gone.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	later := w.resolved(live)
	_, err = w.o.Conversation(later.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	s, err := w.stores.Tenant("acme")
	require.NoError(t, err)
	full := inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified}
	for _, tt := range []struct {
		kind string
		ask  func() error
	}{
		{"gone", func() error { _, err := w.o.Ticket(gone.Ticket).View(ctx); return err }},
		{"gone", func() error { _, err := w.o.LookUp(ctx, string(gone.Reference), full); return err }},
		{"tombstone", func() error { _, _, err := w.o.Tombstones(ctx, "", 10); return err }},
		{"sweep", func() error { _, err := w.o.ApplyRetention(ctx); return err }},
		{"ticket", func() error { _, _, err := w.o.Tickets(ctx, desk.TicketQuery{}); return err }},
		{"ticket", func() error { _, err := w.o.LookUp(ctx, string(made.Reference), full); return err }},
		{"ticket", func() error { _, err := w.o.Conversation(made.Conversation).ExplainRetention(ctx); return err }},
		{"conversation", func() error { _, _, err := w.o.Conversations(ctx, desk.ConversationQuery{Any: true}); return err }},
		{"conversation", func() error { _, _, err := w.o.Notifications(ctx, desk.NotificationQuery{}); return err }},
		{"conversation", func() error { _, err := w.o.Conversation(made.Conversation).ExplainRetention(ctx); return err }},
	} {
		for body, is := range map[string]error{`secret words`: helpdesk.ErrDamaged, `{"v":2}`: desk.ErrNewer} {
			all := listed(t, s, tt.kind)
			require.NotEmpty(t, all, tt.kind)
			rewrite := func(body []byte, rec store.Record) {
				var by []store.Attribute
				switch tt.kind { // by which it is listed
				case "ticket":
					by = attributed("reference", string(made.Reference), "conversation", made.Conversation.String(), "customer", "cust-1")
					by = append(by, store.Attribute{Name: "updated", Value: store.Instant(w.clock.now())})
				case "conversation":
					by = append(attributed("unread", "team"), store.Attribute{Name: "updated", Value: store.Instant(w.clock.now())})
				}
				damage(t, s, rec.Ref, string(body), by...)
			}
			for _, rec := range all {
				rewrite([]byte(body), rec)
			}
			err = tt.ask()
			require.ErrorIs(t, err, is, "%s: %s", tt.kind, body)
			require.NotContains(t, err.Error(), "secret")
			for _, rec := range all {
				rewrite(rec.Body, rec)
			}
		}
	}
}

// T39: a deletion whose record cannot be read stops no other, and is reported again
// and again.
func TestDamagedPurge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.run()
	s, err := w.stores.Tenant("acme")
	require.NoError(t, err)
	_, err = s.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "purge", ID: "x"}, Body: []byte("secret words")}}})
	require.NoError(t, err)
	r := w.resolved(live)
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.clock.advance(time.Hour)
	for range 2 {
		_, err = w.o.ApplyRetention(ctx)
		require.ErrorIs(t, err, helpdesk.ErrDamaged)
		require.NotContains(t, err.Error(), "secret")
		_, err = w.o.Ticket(r.Ticket).View(ctx)
		require.ErrorIs(t, err, helpdesk.ErrGone)
	}
}

// D3: a result that cannot be read is not made up.
func TestDamagedResult(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	h, _ := w.hooked()
	r := w.start(live)
	h.before = func(b store.Batch) {
		if b.Key.Name != "" {
			copy(b.Key.Result.Body, "secret words")
		}
	}
	_, err := w.o.Conversation(r.Conversation).AddNote(ctx, keyed(agent, "k"), text("x"))
	require.NoError(t, err)
	_, err = w.o.Conversation(r.Conversation).AddNote(ctx, keyed(agent, "k"), text("x"))
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	require.NotContains(t, err.Error(), "secret")
	require.Len(t, w.conversation(r.Conversation).Messages, 2)
}

// D4: randomness that ends in the middle of a command: nothing of it is done. A
// message that fails is handed out again all the same.
func TestRandomnessEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	random := w.config.Random
	r := w.start(live)
	offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal))
	consent := inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}
	made, failed := desk.Result{}, 0
	for n := int64(0); made.Ticket == (ticket.ID{}); n += 2 {
		w.config.Random = io.LimitReader(random, n)
		w.open()
		var err error
		if made, err = w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, consent); err != nil {
			require.ErrorContains(t, err, "randomness")
			failed++
		}
		require.Less(t, n, int64(100))
	}
	require.Greater(t, failed, 10)
	require.Len(t, w.conversation(r.Conversation).Tickets, 1)

	w.config.Random = io.LimitReader(random, 0)
	w.open()
	w.post.fail = func(desk.Envelope) error { return errors.New("down") }
	_, err := w.desk.Deliver(ctx) // it cannot even be left to chance when to try again
	require.ErrorContains(t, err, "randomness")
	w.post.fail, w.config.Random = nil, random
	w.open()
	w.clock.advance(time.Hour)
	w.run()
	require.Len(t, w.post.take(), 2) // mail and line: the offer was confirmed before it was shown
}

// D4: the host can make the IDs.
func TestOwnIDs(t *testing.T) {
	t.Parallel()
	var made []uuid.UUID
	w := newWorld(t, func(c *desk.Config) {
		c.NewID = func(at time.Time) uuid.UUID {
			require.Equal(t, monday, at)
			made = append(made, uuid.UUID(ticket.NewID(at, [10]byte{byte(len(made))})))
			return made[len(made)-1]
		}
	})
	r := w.ticketed(live)
	require.Contains(t, made, uuid.UUID(r.Conversation))
	require.Contains(t, made, uuid.UUID(r.Ticket))
}

// A store that cannot be had is an error of whoever asks for it, and of the loops.
func TestNoStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ticketed(live)
	h, _ := w.hooked()
	h.tenant = errMishap
	_, err := w.desk.Tenant("acme")
	require.ErrorIs(t, err, errMishap)
	_, err = w.desk.Deliver(t.Context())
	require.ErrorIs(t, err, errMishap)
	w.clock.advance(day)
	_, err = w.desk.FireTimers(t.Context())
	require.ErrorIs(t, err, errMishap)
	h.tenant = nil
	w.run()
	require.Len(t, w.post.take(), 2)
}

// D7, R51: outside the reopening window a message reopens nothing, and the result
// says that a new ticket should continue the old one.
func TestReopeningWindow(t *testing.T) {
	t.Parallel()
	c := ticket.Standard().Config()
	c.ReopenWindow = 3 * day
	lifecycle, err := ticket.NewLifecycle(c)
	require.NoError(t, err)
	w := newWorld(t, func(c *desk.Config) { c.Lifecycles = []*ticket.Lifecycle{lifecycle} })
	ctx := t.Context()
	r := w.resolved(live)
	w.clock.advance(3*day - 1)
	m := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Again.")))
	require.False(t, m.FollowUp)
	require.Equal(t, ticket.StatusInProgress, m.Status)
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Again."}))
	w.clock.advance(4 * day)
	m = w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("And again.")))
	require.True(t, m.FollowUp)
	require.Equal(t, ticket.StatusResolved, w.ticket(r.Ticket).Ticket.Status)
	next := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{
		Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer.", FollowUpOf: r.Ticket,
	}))
	require.Equal(t, r.Ticket, w.ticket(next.Ticket).Ticket.FollowUpOf)
	require.Equal(t, []ticket.ID{next.Ticket}, w.ticket(r.Ticket).Ticket.FollowUps)
}

// R65: the add-on is switched off right after a conversation has begun with it, by
// somebody who has not seen the conversation: it is not stranded.
func TestSwitchedOffMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, other := w.hooked()
	h.after = func(b store.Batch) {
		if changes(b, "conversation") {
			h.after = nil
			require.NoError(t, other.UpdateSettings(t.Context(), agent, inbox.Config{}))
		}
	}
	r := w.start(live)
	require.Equal(t, inbox.ListActive, r.List)
	require.Zero(t, r.ControlToken)
	require.Equal(t, inbox.ListActive, w.conversation(r.Conversation).List)
}

// R65: who configures while somebody else still takes conversations from the AI sees
// to it himself: his settings stand.
func TestConfiguredMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	h, other := w.hooked()
	h.after = func(b store.Batch) {
		if changes(b, "conversation") { // the first is taken
			h.after = nil
			require.NoError(t, other.UpdateSettings(ctx, agent, automatic))
		}
	}
	require.NoError(t, w.o.UpdateSettings(ctx, agent, inbox.Config{}))
	require.Equal(t, inbox.ListActive, w.conversation(r.Conversation).List)
	got, err := w.o.Settings(ctx)
	require.NoError(t, err)
	require.True(t, got.AddOn)
	require.Equal(t, inbox.ListAutomated, w.start(live).List)
	w.run()
}

// T22, T36: of two processes that sweep at once one deletes, and neither fails.
func TestTwoSweeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.resolved(live)
	_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.clock.advance(time.Hour)
	h, other := w.hooked()
	var theirs desk.RetentionReport
	h.before = func(b store.Batch) {
		if changes(b, "sweep") {
			h.before = nil
			var err error
			theirs, err = other.ApplyRetention(ctx)
			require.NoError(t, err)
		}
	}
	ours := w.sweep()
	require.Equal(t, 2, theirs.Deleted)
	require.Zero(t, ours.Deleted)
	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, stones, 2)
	health, err := w.o.Health(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, health.Retention.Deleted)
}

// T22: a ticket goes between the look at it and the look at its conversation: it is
// gone, and the conversation that stays is not touched.
func TestUnlinkedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, briefly)
	ctx := t.Context()
	w.run()
	all := w.three()
	w.must(w.o.Ticket(all[2].Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true}))
	w.clock.advance(2*time.Hour + 10*time.Minute)
	h, other := w.hooked()
	h.loaded = func(ctx context.Context, r store.Ref) {
		if r.ID == all[0].Ticket.String() {
			h.loaded = nil
			report, err := other.ApplyRetention(ctx)
			require.NoError(t, err)
			require.Equal(t, 2, report.Deleted)
		}
	}
	_, err := w.o.Ticket(all[0].Ticket).Reopen(ctx, agent, "wait")
	require.ErrorIs(t, err, helpdesk.ErrGone)
	require.Len(t, w.conversation(all[2].Conversation).Tickets, 1)
}

// T39: who is told to stop in the middle of a deletion stops, and the next sweep
// goes on.
func TestSweepStops(t *testing.T) {
	t.Parallel()
	files := &stopping{shelf: shelf{has: map[string]bool{"photo": true}}}
	w := newWorld(t, func(c *desk.Config) { c.AttachmentEraser = files })
	w.run()
	for range 2 {
		r := w.must(w.o.Start(t.Context(), customer, opening(live, inbox.MessageParams{Body: "Look.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Size: 1}}})))
		w.archive(r)
		_, err := w.o.Conversation(r.Conversation).RequestErasure(t.Context(), agent)
		require.NoError(t, err)
	}
	w.clock.advance(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	files.stop = cancel
	n, err := w.desk.FireTimers(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, n)
	health, err := w.o.Health(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, health.Purges, "both were begun before the first attachment was erased")
	files.stop = func() {}
	w.clock.advance(time.Hour)
	w.run()
	stones, _, err := w.o.Tombstones(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, stones, 2)
	health, err = w.o.Health(t.Context())
	require.NoError(t, err)
	require.Zero(t, health.Purges)
}

// A stopping shelf has its caller told to stop.
type stopping struct {
	shelf
	stop func()
}

func (s *stopping) Erase(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) error {
	if s.stop(); ctx.Err() != nil {
		return ctx.Err()
	}
	return s.shelf.Erase(ctx, t, of...)
}

// T28: who is told to stop while a message is handed over says so, and the message
// is sent when its lease has ended.
func TestDeliverStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
	ctx, cancel := context.WithCancel(t.Context())
	w.post.fail = func(desk.Envelope) error {
		cancel()
		return ctx.Err()
	}
	_, err := w.desk.Deliver(ctx)
	require.ErrorIs(t, err, context.Canceled)
	w.post.fail = nil
	w.run()
	require.Empty(t, w.post.take())
	w.clock.advance(2 * time.Minute)
	w.run()
	require.Len(t, w.post.take(), 1)
	require.Empty(t, w.parked())
}

// A tombstone that would outlive what a store can keep is kept for good, and so is
// the word that something is gone.
func TestTombstoneForGood(t *testing.T) {
	t.Parallel()
	policy, err := retention.New(retention.Config{Tombstones: 100 * 366 * 24 * time.Hour})
	require.NoError(t, err)
	w := newWorld(t, func(c *desk.Config) { c.Retention = policy })
	w.clock.at = time.Date(2150, time.March, 2, 9, 0, 0, 0, time.UTC)
	ctx := t.Context()
	r := w.resolved(live)
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.pass(2 * time.Hour)
	n, err := w.desk.RemoveExpired(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	w.clock.at = time.Date(2200, time.December, 31, 0, 0, 0, 0, time.UTC)
	for n = 1; n > 0; {
		n, err = w.desk.RemoveExpired(ctx)
		require.NoError(t, err)
	}
	_, err = w.o.Ticket(r.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, stones, 2)
}

// A clock beyond what can be stored: nothing is done, and nothing of it stays.
func TestFarClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.start(live)
	for _, year := range []int{2201, 9999, 10_001} {
		w.clock.at = time.Date(year, time.March, 2, 9, 0, 0, 0, time.UTC)
		_, err := w.o.Conversation(r.Conversation).AddNote(t.Context(), agent, text("x"))
		require.Error(t, err, year)
		_, err = w.o.Start(t.Context(), customer, opening(live, text("x")))
		require.Error(t, err, year)
	}
	w.clock.at = monday
	require.Len(t, w.conversation(r.Conversation).Messages, 1)
	lines, _, err := w.o.Conversations(t.Context(), desk.ConversationQuery{Any: true})
	require.NoError(t, err)
	require.Len(t, lines, 1)
}
