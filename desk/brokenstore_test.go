package desk_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A brittle storage panics in every so many calls while it is broken.
type brittle struct {
	store.Stores
	every  atomic.Int64 // 0: it is whole
	calls  atomic.Int64
	panics atomic.Int64
}

type brittleRecords struct {
	store.Records
	s *brittle
}

func (s *brittle) call() {
	if every := s.every.Load(); every > 0 && s.calls.Add(1)%every == 0 {
		s.panics.Add(1)
		panic("secret")
	}
}

func (s *brittle) Tenant(t store.TenantID) (store.Records, error) {
	of, err := s.Stores.Tenant(t)
	return brittleRecords{of, s}, err
}

func (s *brittle) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	s.call()
	return s.Stores.Due(ctx, q)
}

func (s *brittle) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	s.call()
	return s.Stores.Claim(ctx, c)
}

func (s *brittle) Settle(ctx context.Context, all ...store.Settlement) error {
	s.call()
	return s.Stores.Settle(ctx, all...)
}

func (s *brittle) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	s.call()
	return s.Stores.Expire(ctx, now, limit)
}

func (r brittleRecords) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	r.s.call()
	return r.Records.Read(ctx, q)
}

func (r brittleRecords) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	r.s.call()
	return r.Records.Commit(ctx, b)
}

func (r brittleRecords) Erase(ctx context.Context, e store.Erasure) (int, error) {
	r.s.call()
	return r.Records.Erase(ctx, e)
}

// A storage that panics in the loops ends no process: what was to be done is done later.
func TestStorageThatPanics(t *testing.T) {
	t.Parallel()
	for name, every := range map[string]int64{"always": 1, "often": 3, "now and then": 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &brittle{}
				w := newWorld(t, func(c *desk.Config) {
					s.Stores, c.Stores = c.Stores, s
					c.Clock = time.Now
					c.Limits.RetentionEvery = time.Hour
				})
				ctx := t.Context()
				r := w.must(w.o.Start(ctx, customer, byMail))
				conv := w.o.Conversation(r.Conversation)
				w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer."}))
				w.must(conv.Reply(ctx, agent, text("Yes.")))
				gone := w.must(w.o.Start(ctx, customer, byMail))
				w.must(w.o.Conversation(gone.Conversation).Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
				_, err := w.o.Conversation(gone.Conversation).RequestErasure(ctx, agent)
				require.NoError(t, err)
				s.every.Store(every)
				stop := w.running()
				defer stop()
				time.Sleep(3 * time.Hour)
				require.Positive(t, s.panics.Load())
				s.every.Store(0)
				time.Sleep(3 * time.Hour)
				health, err := w.o.Health(ctx)
				require.NoError(t, err)
				require.Zero(t, health.Backlog, "all has been sent, and nothing given up")
				require.Zero(t, health.Purges)
				_, err = w.o.Conversation(gone.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
				require.ErrorIs(t, err, helpdesk.ErrGone)
			})
		})
	}
}
