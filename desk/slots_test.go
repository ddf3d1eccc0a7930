package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
)

// A server is a transport of many tenants, of which some are dead.
type server struct {
	mu     sync.Mutex
	sent   map[store.TenantID][]time.Time // when
	tried  map[store.TenantID]int
	dead   func(context.Context, store.TenantID) error // nil: none is
	closed chan struct{}
}

func newServer(dead func(context.Context, store.TenantID) error) *server {
	return &server{sent: map[store.TenantID][]time.Time{}, tried: map[store.TenantID]int{}, dead: dead, closed: make(chan struct{})}
}

func (s *server) Send(ctx context.Context, e desk.Envelope) error {
	s.mu.Lock()
	s.tried[e.Tenant]++
	s.mu.Unlock()
	if s.dead != nil {
		if err := s.dead(ctx, e.Tenant); err != nil {
			return err
		}
	}
	<-time.After(50 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[e.Tenant] = append(s.sent[e.Tenant], time.Now())
	return nil
}

// of returns when messages of a tenant were sent.
func (s *server) of(t store.TenantID) []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Time(nil), s.sent[t]...)
}

// running runs the loops of a desk until the returned function is called.
func (w *world) running() (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	var all sync.WaitGroup
	all.Go(func() { _ = w.desk.Run(ctx) })
	return func() {
		cancel()
		all.Wait()
	}
}

// tenantOf returns another tenant of the world.
func (w *world) tenantOf(name store.TenantID) *desk.Tenant {
	w.t.Helper()
	o, err := w.desk.Tenant(name)
	require.NoError(w.t, err)
	return o
}

var byMail = inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: contact, People: true}

// says has a tenant's team say something in a conversation of its own, n times.
func (w *world) says(o *desk.Tenant, n int) {
	w.t.Helper()
	for range n {
		r := w.must(o.Start(w.t.Context(), customer, byMail))
		w.must(o.Conversation(r.Conversation).Reply(w.t.Context(), agent, text("Yes.")))
	}
}

// Nine tenants do not wait for a tenth with very much to say to a dead server, whether that
// hangs until it is told to end, or for ever.
func TestOthersDoNotWait(t *testing.T) {
	t.Parallel()
	for name, hangs := range map[string]bool{"until its context ends": false, "for ever": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				closed := make(chan struct{})
				s := newServer(func(ctx context.Context, tenant store.TenantID) error {
					if tenant != "dead" {
						return nil
					}
					if !hangs {
						<-ctx.Done()
						return ctx.Err()
					}
					<-closed
					return errors.New("closed")
				})
				w := newWorld(t, func(c *desk.Config) { c.Clock, c.Transport = time.Now, s })
				w.says(w.tenantOf("dead"), campaign.Rounds(500, 10_000))
				stop := w.running()
				time.Sleep(time.Second)
				for minute := range 20 {
					for i := range 9 {
						o := store.TenantID(fmt.Sprintf("live-%d", i))
						began := time.Now()
						w.says(w.tenantOf(o), 2)
						time.Sleep(2 * time.Second)
						sent := s.of(o)
						require.Len(t, sent, 2*(minute+1), "minute %d", minute)
						require.LessOrEqual(t, sent[len(sent)-1].Sub(began), 2*time.Second)
					}
					time.Sleep(42 * time.Second)
				}
				s.mu.Lock()
				tried := s.tried["dead"]
				s.mu.Unlock()
				require.Positive(t, tried)
				require.Less(t, tried, 60, "it rests in between")
				close(closed)
				stop()
			})
		})
	}
}

// slowAI answers after five seconds.
type slowAI struct{}

func (slowAI) Answer(ctx context.Context, _ desk.Turn) (desk.Answer, error) {
	select {
	case <-ctx.Done():
		return desk.Answer{}, ctx.Err()
	case <-time.After(5 * time.Second):
		return desk.Answer{Text: "Have you tried water?"}, nil
	}
}

// A person's reply does not wait for questions to the AI.
func TestRepliesDoNotWaitForTheAI(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(nil)
		w := newWorld(t, func(c *desk.Config) { c.Clock, c.Transport, c.Assistant = time.Now, s, slowAI{} })
		for range 200 {
			w.start(live)
		}
		stop := w.running()
		time.Sleep(time.Second)
		began := time.Now()
		w.says(w.o, 1)
		time.Sleep(2 * time.Second)
		sent := s.of("acme")
		require.NotEmpty(t, sent)
		require.LessOrEqual(t, sent[0].Sub(began), time.Second)
		time.Sleep(5 * time.Minute)
		require.Len(t, s.of("acme"), 201, "every question is answered")
		stop()
	})
}

// A sweep whose attachments hang does not hold up the timers, of its own tenant neither.
func TestTimersDoNotWaitForASweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *desk.Config) {
			c.Clock, c.AttachmentEraser = time.Now, hanging{}
			c.Limits.RetentionEvery = time.Hour
		})
		start := byMail
		start.Message = inbox.MessageParams{Body: "See.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Type: "image/png", Size: 1}}}
		for range 20 {
			r := w.must(w.o.Start(t.Context(), customer, start))
			w.must(w.o.Conversation(r.Conversation).Archive(t.Context(), agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
			_, err := w.o.Conversation(r.Conversation).RequestErasure(t.Context(), agent)
			require.NoError(t, err)
		}
		stop := w.running()
		time.Sleep(90 * time.Minute) // its sweep is under way
		r := w.ticketed(live)
		time.Sleep(4 * 24 * time.Hour) // a weekend, and then some
		require.NotEmpty(t, w.clockEvents(r.Ticket))
		stop()
	})
}

type hanging struct{}

func (hanging) Erase(ctx context.Context, _ store.TenantID, _ ...inbox.AttachmentRef) error {
	<-ctx.Done()
	return ctx.Err()
}

func (hanging) Remaining(ctx context.Context, _ store.TenantID, _ ...inbox.AttachmentRef) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// A panic of the assistant, and one that never returns, hand the conversation to people at once.
func TestAssistantThatFailsHandsOver(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(context.Context) (desk.Answer, error){
		"panics": func(context.Context) (desk.Answer, error) { panic("secret words") },
		"fails":  func(context.Context) (desk.Answer, error) { return desk.Answer{}, errors.New("secret words") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log lines
				w := newWorld(t, func(c *desk.Config) {
					c.Clock, c.Assistant, c.Logger = time.Now, assistantFunc(answer), slog.New(slog.NewTextHandler(&log, nil))
				})
				r := w.start(live)
				stop := w.running()
				time.Sleep(time.Minute)
				require.Equal(t, inbox.ListActive, w.conversation(r.Conversation).List)
				stop()
				require.NotContains(t, log.String(), "secret")
			})
		})
	}
}

type assistantFunc func(context.Context) (desk.Answer, error)

func (f assistantFunc) Answer(ctx context.Context, _ desk.Turn) (desk.Answer, error) { return f(ctx) }

// lines are what was logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
