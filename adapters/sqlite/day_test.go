package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/faults"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A fragile has every port of a host. One of them panics or hangs as long as it is broken.
type fragile struct {
	mu     sync.Mutex
	broken string // the name of the port
	hangs  bool
	ended  chan struct{}
	asked  int // how often the broken one was
	log    bytes.Buffer
}

func (f *fragile) called(port string) {
	f.mu.Lock()
	broken := f.broken == port
	if broken {
		f.asked++
	}
	f.mu.Unlock()
	switch {
	case broken && f.hangs:
		<-f.ended
	case broken:
		panic("secret words of a customer")
	}
}

func (f *fragile) mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = ""
}

func (f *fragile) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.Write(p)
}

func (f *fragile) Send(context.Context, desk.Envelope) error {
	f.called("Transport")
	return nil
}

func (f *fragile) Notify(context.Context, desk.Notice) error {
	f.called("Notifier")
	return nil
}

func (f *fragile) Do(context.Context, store.TenantID, ticket.ID, ticket.Effect) error {
	f.called("Effects")
	return nil
}

func (f *fragile) Account(_ context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	f.called("Accounts")
	return desk.Account{Ref: ref, Email: "ada@account.example"}, nil
}

func (f *fragile) Partner(context.Context, store.TenantID, string) (string, error) {
	f.called("Contracts")
	return "", nil
}

func (f *fragile) Answer(context.Context, desk.Turn) (desk.Answer, error) {
	f.called("Assistant")
	return desk.Answer{Text: "Have you tried water?"}, nil
}

func (f *fragile) Erase(context.Context, store.TenantID, ...inbox.AttachmentRef) error {
	f.called("AttachmentEraser")
	return nil
}

func (*fragile) Remaining(context.Context, store.TenantID, ...inbox.AttachmentRef) (int, error) {
	return 0, nil
}

// fragileCopies are the copies of a fragile.
type fragileCopies struct{ f *fragile }

func (c fragileCopies) Erase(context.Context, store.TenantID, ...store.Ref) error {
	c.f.called("CopyEraser")
	return nil
}

func (fragileCopies) Remaining(context.Context, store.TenantID, ...store.Ref) (int, error) {
	return 0, nil
}

// asksVendor is the standard lifecycle with an effect of the host's own.
func asksVendor(t *testing.T) *ticket.Lifecycle {
	t.Helper()
	c := ticket.StandardClosedConfig()
	c.Name = "own"
	c.Rows = append(c.Rows, ticket.Row{
		Status: ticket.StatusInProgress, Event: "ask_vendor", By: []helpdesk.Actor{helpdesk.ActorAgent},
		Next: ticket.StatusInProgress, Effects: []ticket.EffectKind{"call_vendor"},
	})
	l, err := ticket.NewLifecycle(c)
	require.NoError(t, err)
	return l
}

// A panic or a hang of any port of the host ends neither the process nor the loops, on a file, too:
// once the port works again all is done.
func TestBrokenPorts(t *testing.T) {
	t.Parallel()
	for _, port := range []string{"Transport", "Notifier", "Effects", "Accounts", "Contracts", "Assistant", "AttachmentEraser", "CopyEraser", "Templates"} {
		for _, hangs := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/hangs %v", port, hangs), func(t *testing.T) {
				t.Parallel()
				brokenPort(t, port, hangs)
			})
		}
	}
}

func brokenPort(t *testing.T, port string, hangs bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		f := &fragile{broken: port, hangs: hangs, ended: make(chan struct{})}
		d := busy(t, nil, same, func(c *desk.Config) {
			c.Logger = slog.New(slog.NewTextHandler(f, nil))
			c.Transport, c.Notifier, c.Effects, c.Accounts, c.Contracts, c.Assistant, c.AttachmentEraser, c.CopyEraser = f, f, f, f, f, f, f, fragileCopies{f}
			c.Lifecycles, c.Inbox = []*ticket.Lifecycle{asksVendor(t)}, inbox.Config{AddOn: true}
			c.Templates = func(desk.TemplateData) desk.Content {
				f.called("Templates")
				return desk.Content{Subject: "Hello", Body: "Hello."}
			}
			c.Limits.RetentionEvery, c.Limits.Timeout = time.Hour, 30*time.Second
		})
		t.Cleanup(func() { close(f.ended) })
		runs(t, d)
		ctx := t.Context()
		o, err := d.Tenant("acme")
		require.NoError(t, err)
		begin := inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: inbox.Contact{Customer: "ada", Account: "acc"},
			Message: inbox.MessageParams{Body: "See.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Type: "image/png", Size: 1}}},
		}
		done := func(_ desk.Result, err error) {
			t.Helper()
			require.NoError(t, err)
		}
		r, err := o.Start(ctx, ada, begin)
		require.NoError(t, err)
		conv := o.Conversation(r.Conversation)
		time.Sleep(10 * time.Minute)
		view, err := conv.View(ctx, inbox.Viewer{}, desk.MessageQuery{})
		require.NoError(t, err)
		if port == "Assistant" {
			require.Equal(t, inbox.ListActive, view.List, "a person has it")
		} else {
			done(conv.TakeOver(ctx, grace))
		}
		p := inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer."}
		made, err := conv.CreateTicket(ctx, grace, p)
		if port == "Contracts" { // without its answer no ticket is opened, and the caller hears of it
			require.Error(t, err)
			f.mend()
			made, err = conv.CreateTicket(ctx, grace, p)
		}
		require.NoError(t, err)
		done(conv.PickUp(ctx, grace))
		done(o.Ticket(made.Ticket).Do(ctx, grace, "ask_vendor", ""))
		done(conv.Reply(ctx, grace, inbox.MessageParams{Body: "Soon."}))
		done(conv.AddCustomerMessage(ctx, ada, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: "When?"}}))
		time.Sleep(time.Minute)
		done(conv.Resolve(ctx, grace, ticket.ResolveParams{Action: "Done."}))
		done(conv.Archive(ctx, grace, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
		_, err = conv.RequestErasure(ctx, grace)
		require.NoError(t, err)
		time.Sleep(time.Hour) // the port is asked again and again
		f.mu.Lock()
		require.Positive(t, f.asked)
		f.mu.Unlock()
		f.mend()
		time.Sleep(3 * time.Hour)
		health, err := o.Health(ctx)
		require.NoError(t, err)
		require.Zero(t, health.Backlog, "all was sent, and nothing given up")
		_, err = o.Ticket(made.Ticket).View(ctx)
		require.ErrorIs(t, err, helpdesk.ErrGone)
		f.mu.Lock()
		require.NotContains(t, f.log.String(), "secret")
		f.mu.Unlock()
	})
}

// A day without the mail server, or without the storage, or without its answers: nothing is given
// up, and all goes out in order.
func TestOutageOfADay(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"mail server", "storage", "answers of the storage"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var away atomic.Bool
				in := faults.Scripted(func(faults.Call) (bool, error) {
					if !away.Load() || what == "mail server" {
						return true, nil
					}
					return false, &store.Error{Kind: map[string]error{"storage": helpdesk.ErrUnavailable}[what], Err: helpdesk.ErrUncertain}
				})
				s := newServers(t)
				s.fails = func(context.Context, store.TenantID) error {
					if away.Load() && what == "mail server" {
						return errors.New("away")
					}
					return nil
				}
				d := busy(t, s, in.Stores, func(*desk.Config) {})
				say(t, d, "acme", 1, asIs)
				o, err := d.Tenant("acme")
				require.NoError(t, err)
				all, _, err := o.Conversations(t.Context(), desk.ConversationQuery{})
				require.NoError(t, err)
				for n := range 4 {
					_, err = o.Conversation(all[0].ID).Reply(t.Context(), grace, inbox.MessageParams{Body: strconv.Itoa(n + 1)})
					require.NoError(t, err)
				}
				away.Store(true)
				runs(t, d)
				outage := 24 * time.Hour
				if raceEnabled { // which makes everything slow
					outage = 3 * time.Hour
				}
				time.Sleep(outage)
				away.Store(false)
				time.Sleep(time.Hour + 5*time.Minute) // the longest pause between attempts, and the longest rest
				s.mu.Lock()
				require.Equal(t, []string{"0", "1", "2", "3", "4"}, s.sent["acme"])
				s.mu.Unlock()
				dead, _, err := o.DeadLetters(t.Context(), "", 10)
				require.NoError(t, err)
				require.Empty(t, dead)
			})
		})
	}
}

// A herd notes what was said in each conversation, in order.
type herd struct {
	mu   sync.Mutex
	said map[string][]string
	n    int
}

func (h *herd) Send(_ context.Context, e desk.Envelope) error {
	<-time.After(10 * time.Millisecond)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said[e.Conversation] = append(h.said[e.Conversation], e.Body)
	h.n++
	return nil
}

func (*herd) Account(_ context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	return desk.Account{Ref: ref, Email: "ada@account.example"}, nil
}

// After an hour in which nothing ran, very many messages and timers are due at once: each goes out,
// those of a conversation in their order.
func TestHerd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := veryMany(300) / 2 // conversations with two messages each, and as many with a timer each
		h := &herd{said: map[string][]string{}}
		var fired atomic.Int64
		d := busy(t, nil, same, func(c *desk.Config) {
			c.Transport, c.Accounts, c.Inbox = h, h, inbox.Config{Clock: inbox.WaitCalendar, NoAction: inbox.Duration(30 * time.Minute)}
			c.Hooks.Count = func(_ context.Context, name string, n int64, _ ...slog.Attr) {
				if name == "desk.timers" {
					fired.Add(n)
				}
			}
		})
		for i := range n {
			o, err := d.Tenant(store.TenantID(fmt.Sprintf("tenant-%d", i%10)))
			require.NoError(t, err)
			for range 2 {
				r, err := o.Start(t.Context(), ada, inbox.StartParams{
					Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, People: true, Contact: inbox.Contact{Customer: "ada", Account: "acc", Email: "ada@example.com"},
					Message: inbox.MessageParams{Body: "Help."},
				})
				require.NoError(t, err)
				h.said[r.Conversation.String()] = nil
				if len(h.said)%2 == 0 { // nobody answers every second one, which its timer says
					continue
				}
				for k := range 2 {
					_, err = o.Conversation(r.Conversation).Reply(t.Context(), grace, inbox.MessageParams{Body: strconv.Itoa(k)})
					require.NoError(t, err)
				}
			}
		}
		time.Sleep(time.Hour)
		began := time.Now()
		runs(t, d)
		sent := func() int {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.n
		}
		for sent() < 2*n || fired.Load() < int64(n) {
			time.Sleep(time.Second)
			synctest.Wait()
			require.Less(t, time.Since(began), time.Hour, "%d of %d messages, %d timers", sent(), 2*n, fired.Load())
		}
		time.Sleep(time.Minute)
		h.mu.Lock()
		defer h.mu.Unlock()
		require.Equal(t, 2*n, h.n, "none twice")
		for of, all := range h.said {
			require.True(t, len(all) == 0 || slices.Equal(all, []string{"0", "1"}), "%s: %v", of, all)
		}
	})
}
