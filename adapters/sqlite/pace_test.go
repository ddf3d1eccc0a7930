package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/faults"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/stretchr/testify/require"
)

// A servers is a transport and an AI whose calls can hang, even beyond their contexts, or panic.
type servers struct {
	mu    sync.Mutex
	fails func(context.Context, store.TenantID) error // nil: nothing does
	sent  map[store.TenantID][]string                 // what was said, in order
	got   chan struct{}
	ended chan struct{}
}

func newServers(t *testing.T) *servers {
	t.Helper()
	s := &servers{sent: map[store.TenantID][]string{}, got: make(chan struct{}, 1), ended: make(chan struct{})}
	t.Cleanup(func() { close(s.ended) })
	return s
}

func (s *servers) Send(ctx context.Context, e desk.Envelope) error {
	if s.fails != nil {
		if err := s.fails(ctx, e.Tenant); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[e.Tenant] = append(s.sent[e.Tenant], e.Body)
	select {
	case s.got <- struct{}{}:
	default:
	}
	return nil
}

// Answer never comes before the AI's time is over.
func (s *servers) Answer(ctx context.Context, _ desk.Turn) (desk.Answer, error) {
	<-ctx.Done()
	return desk.Answer{}, ctx.Err()
}

func (s *servers) Erase(ctx context.Context, _ store.TenantID, _ ...inbox.AttachmentRef) error {
	<-ctx.Done()
	return ctx.Err()
}

func (s *servers) Remaining(ctx context.Context, _ store.TenantID, _ ...inbox.AttachmentRef) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// waits waits until a tenant was sent so many.
func (s *servers) waits(t *testing.T, tenant store.TenantID, n int) []string {
	t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		sent := append([]string(nil), s.sent[tenant]...)
		s.mu.Unlock()
		if len(sent) >= n {
			return sent
		}
		select {
		case <-s.got:
		case <-time.After(10 * time.Millisecond): // another took the signal
		case <-late:
			require.Fail(t, "it waits for ever", "%s: %d of %d", tenant, len(sent), n)
		}
	}
}

func (*servers) Account(_ context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	return desk.Account{Ref: ref, Email: "ada@account.example"}, nil
}

// busy is a desk on a file whose loops run until the test ends.
func busy(t *testing.T, s *servers, wrap func(store.Stores) store.Stores, edit func(*desk.Config)) *desk.Desk {
	t.Helper()
	c := desk.Config{
		Stores: wrap(openFile(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "desk.db")})), Transport: s, Accounts: s, Clock: time.Now,
		Secrets: []desk.Secret{{ID: "s", Key: bytes.Repeat([]byte{7}, 32)}}, Limits: desk.Limits{Timeout: time.Second},
	}
	edit(&c)
	d, err := desk.New(c)
	require.NoError(t, err)
	return d
}

func runs(t *testing.T, d *desk.Desk) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var all sync.WaitGroup
	all.Go(func() { _ = d.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		all.Wait()
	})
}

func same(s store.Stores) store.Stores { return s }

// say has a tenant's team say n things in a conversation of its own each.
func say(t *testing.T, d *desk.Desk, tenant store.TenantID, n int, edit func(*inbox.StartParams)) {
	t.Helper()
	o, err := d.Tenant(tenant)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for i := range n {
		p := inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, People: true,
			Contact: inbox.Contact{Customer: "ada", Account: "acc", Email: "ada@example.com"}, Message: inbox.MessageParams{Body: "Nothing prints."},
		}
		edit(&p)
		r, err := o.Start(ctx, withKey(ada, fmt.Sprintf("s-%s-%v-%d", tenant, p.People, i)), p)
		require.NoError(t, err)
		if p.People {
			_, err = o.Conversation(r.Conversation).Reply(ctx, withKey(grace, fmt.Sprintf("r-%s-%d", tenant, i)), inbox.MessageParams{Body: strconv.Itoa(i)})
			require.NoError(t, err)
		}
	}
}

func withKey(m desk.Meta, key string) desk.Meta {
	m.IdempotencyKey = key
	return m
}

func asIs(*inbox.StartParams) {}

// Nine tenants do not wait for a tenth with much to say to a server that hangs, heeds no
// context, or panics.
func TestOthersDoNotWait(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"hangs", "heeds no context", "panics"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newServers(t)
			s.fails = func(ctx context.Context, tenant store.TenantID) error {
				switch {
				case tenant != "dead":
					return nil
				case how == "panics":
					panic("secret words")
				case how == "hangs":
					<-ctx.Done()
				default:
					<-s.ended
				}
				return errors.New("dead")
			}
			d := busy(t, s, same, func(*desk.Config) {})
			say(t, d, "dead", veryMany(40), asIs)
			runs(t, d)
			for i := range 9 {
				say(t, d, store.TenantID(fmt.Sprintf("live-%d", i)), 2, asIs)
			}
			for i := range 9 {
				require.Len(t, s.waits(t, store.TenantID(fmt.Sprintf("live-%d", i)), 2), 2)
			}
		})
	}
}

// A person's reply does not wait for questions to an AI that does not answer.
func TestRepliesDoNotWaitForTheAI(t *testing.T) {
	t.Parallel()
	s := newServers(t)
	d := busy(t, s, same, func(c *desk.Config) { c.Assistant, c.Limits.Timeout = s, time.Minute })
	say(t, d, "acme", 200, func(p *inbox.StartParams) { p.People, p.Channel = false, helpdesk.ChannelLiveChat })
	runs(t, d)
	say(t, d, "acme", 1, func(p *inbox.StartParams) { p.Message.Body = "Hello?" })
	require.Contains(t, s.waits(t, "acme", 1), "0")
}

// Timers do not wait for a run of retention whose attachments hang.
func TestTimersDoNotWaitForASweep(t *testing.T) {
	t.Parallel()
	s := newServers(t)
	var fired sync.WaitGroup
	fired.Add(1)
	once := sync.OnceFunc(fired.Done)
	d := busy(t, s, same, func(c *desk.Config) {
		c.AttachmentEraser, c.Limits.Timeout, c.Limits.RetentionEvery = s, time.Minute, time.Second
		c.Inbox = inbox.Config{Clock: inbox.WaitCalendar, NoAction: inbox.Duration(2 * time.Second)}
		c.Hooks.Count = func(_ context.Context, name string, _ int64, _ ...slog.Attr) {
			if name == "desk.timers" {
				once()
			}
		}
	})
	o, err := d.Tenant("acme")
	require.NoError(t, err)
	p := inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, People: true, Contact: inbox.Contact{Customer: "ada", Account: "acc"},
		Message: inbox.MessageParams{Body: "See.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Type: "image/png", Size: 1}}},
	}
	r, err := o.Start(t.Context(), ada, p)
	require.NoError(t, err)
	_, err = o.Conversation(r.Conversation).Archive(t.Context(), grace, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
	require.NoError(t, err)
	_, err = o.Conversation(r.Conversation).RequestErasure(t.Context(), grace)
	require.NoError(t, err)
	runs(t, d)
	p.Message.Attachments = nil
	_, err = o.Start(t.Context(), ada, p) // whose timer comes
	require.NoError(t, err)
	fired.Wait()
}

// On a storage that does not know of a third of its answers whether anything was done, all is sent,
// and nothing is given up.
func TestLoopsOnAStorageThatLies(t *testing.T) {
	t.Parallel()
	for _, calls := range [][]string{{"Records.Commit"}, {"Records.Commit", "Stores.Settle", "Stores.Claim", "Records.Erase", "Stores.Expire"}} {
		t.Run(fmt.Sprint(len(calls), " calls"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newServers(t)
				var n atomic.Int64
				in := faults.Scripted(func(c faults.Call) (done bool, err error) {
					if !slices.Contains(calls, c.Name) {
						return true, nil
					}
					if k := n.Add(1); k%3 == 0 {
						return k%2 == 0, &store.Error{Kind: helpdesk.ErrUncertain}
					}
					return true, nil
				})
				d := busy(t, s, in.Stores, func(c *desk.Config) { c.Limits.MaxSends = 2 })
				runs(t, d)
				many := min(veryMany(30), 500)
				say(t, d, "acme", many, asIs)
				time.Sleep(6 * time.Hour) // what was handed out without a word comes again after its lease
				s.mu.Lock()
				sent := map[string]bool{}
				for _, body := range s.sent["acme"] {
					sent[body] = true
				}
				s.mu.Unlock()
				require.Len(t, sent, many)
				o, err := d.Tenant("acme")
				require.NoError(t, err)
				health, err := o.Health(t.Context())
				require.NoError(t, err)
				require.Zero(t, health.Backlog)
			})
		})
	}
}
