package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
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
	d := w.desk // before another is opened
	var all sync.WaitGroup
	all.Go(func() { _ = d.Run(ctx) })
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
				w.says(w.tenantOf("dead"), veryMany(500))
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

// T31: a panic of the assistant, and an error, hand the conversation to people at once. One that
// never returns does so when its time is over: see TestBrokenPorts.
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
				time.Sleep(time.Second)
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

// A fragile has every port of a host; one of them panics or hangs, as long as it is broken.
type fragile struct {
	mu     sync.Mutex
	broken string // the name of a port
	hangs  bool
	closed chan struct{}
	shelf  shelf
	calls  map[string]int
}

func (f *fragile) called(port string) {
	f.mu.Lock()
	f.calls[port]++
	broken, hangs := f.broken == port, f.hangs
	f.mu.Unlock()
	switch {
	case broken && hangs:
		<-f.closed
	case broken:
		panic("secret words of a customer")
	}
}

func (f *fragile) mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = ""
}

type (
	fragileTransport   struct{ *fragile }
	fragileNotifier    struct{ *fragile }
	fragileEffects     struct{ *fragile }
	fragileAccounts    struct{ *fragile }
	fragileContracts   struct{ *fragile }
	fragileAssistant   struct{ *fragile }
	fragileAttachments struct{ *fragile }
	fragileCopies      struct{ *fragile }
)

func (f fragileTransport) Send(context.Context, desk.Envelope) error {
	f.called("Transport")
	return nil
}

func (f fragileNotifier) Notify(context.Context, desk.Notice) error {
	f.called("Notifier")
	return nil
}

func (f fragileEffects) Do(context.Context, store.TenantID, ticket.ID, ticket.Effect) error {
	f.called("Effects")
	return nil
}

func (f fragileAccounts) Account(_ context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	f.called("Accounts")
	return desk.Account{Ref: ref, Email: "ada@account.example"}, nil
}

func (f fragileContracts) Partner(context.Context, store.TenantID, string) (string, error) {
	f.called("Contracts")
	return "", nil
}

func (f fragileAssistant) Answer(context.Context, desk.Turn) (desk.Answer, error) {
	f.called("Assistant")
	return desk.Answer{Text: "Have you tried water?"}, nil
}

func (f fragileAttachments) Erase(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) error {
	f.called("AttachmentEraser")
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shelf.Erase(ctx, t, of...)
}

func (f fragileAttachments) Remaining(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shelf.Remaining(ctx, t, of...)
}

func (f fragileCopies) Erase(context.Context, store.TenantID, ...store.Ref) error {
	f.called("CopyEraser")
	return nil
}

func (f fragileCopies) Remaining(context.Context, store.TenantID, ...store.Ref) (int, error) {
	return 0, nil
}

// A panic in any port of the host, and a call of any that does not return, end neither the process
// nor the loops: it is said in the log, without what the port knows of people, and once the port
// works again all is done.
func TestBrokenPorts(t *testing.T) {
	t.Parallel()
	ports := []string{"Transport", "Notifier", "Effects", "Accounts", "Contracts", "Assistant", "AttachmentEraser", "CopyEraser", "Templates"}
	for _, port := range ports {
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
		f := &fragile{broken: port, hangs: hangs, closed: make(chan struct{}), shelf: shelf{has: map[string]bool{"photo": true}}, calls: map[string]int{}}
		var log lines
		w := newWorld(t, func(c *desk.Config) {
			c.Clock, c.Logger = time.Now, slog.New(slog.NewTextHandler(&log, nil))
			c.Transport, c.Notifier, c.Effects, c.Accounts, c.Contracts = fragileTransport{f}, fragileNotifier{f}, fragileEffects{f}, fragileAccounts{f}, fragileContracts{f}
			c.Assistant, c.AttachmentEraser, c.CopyEraser = fragileAssistant{f}, fragileAttachments{f}, fragileCopies{f}
			c.Lifecycles = []*ticket.Lifecycle{ownLifecycle(t)}
			templates := c.Templates
			c.Templates = func(d desk.TemplateData) desk.Content {
				f.called("Templates")
				if templates != nil {
					return templates(d)
				}
				return desk.Content{Subject: "Hello", Body: "Hello."}
			}
			c.Limits.RetentionEvery = time.Hour
		})
		ctx := t.Context()
		stop := w.running()
		start := live
		start.Message = inbox.MessageParams{Body: "See.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Type: "image/png", Size: 1}}}
		r := w.must(w.o.Start(ctx, customer, start))
		conv := w.o.Conversation(r.Conversation)
		time.Sleep(10 * time.Minute)
		if port == "Assistant" {
			require.Equal(t, inbox.ListActive, w.conversation(r.Conversation).List, "a person has it at once")
		} else {
			w.must(conv.TakeOver(ctx, agent))
		}
		made, err := conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer."})
		if port == "Contracts" { // without its answer no ticket is opened, and the caller hears of it
			require.Error(t, err)
			require.NotContains(t, err.Error(), "secret")
			f.mend()
			made, err = conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer."})
		}
		require.NoError(t, err)
		w.must(conv.PickUp(ctx, agent))
		w.must(w.o.Ticket(made.Ticket).Do(ctx, agent, "ask_vendor", ""))
		w.must(conv.Reply(ctx, agent, text("Soon.")))
		w.must(conv.AddCustomerMessage(ctx, customer, said("When?")))
		time.Sleep(time.Minute) // or nobody is told of what is archived at once
		w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
		w.must(conv.Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
		_, err = conv.RequestErasure(ctx, agent)
		require.NoError(t, err)
		time.Sleep(2 * time.Hour) // the port is asked again and again
		require.NotContains(t, log.String(), "secret")
		f.mu.Lock()
		asked := f.calls[port]
		f.mu.Unlock()
		require.Positive(t, asked)
		other := w.must(w.tenantOf("other").Start(ctx, customer, live)) // the loops go on
		f.mend()
		time.Sleep(12 * time.Hour)
		backlog, err := w.o.Health(ctx)
		require.NoError(t, err)
		require.Zero(t, backlog.Backlog, "all has been sent, and nothing given up")
		_, err = w.o.Ticket(made.Ticket).View(ctx)
		require.ErrorIs(t, err, helpdesk.ErrGone)
		require.Empty(t, f.shelf.has)
		_, err = w.tenantOf("other").Conversation(other.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
		require.NoError(t, err)
		close(f.closed)
		stop()
	})
}

// A port that ends its goroutine has failed, like one that panics: nothing was sent.
func TestPortThatEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		w := newWorld(t, func(c *desk.Config) {
			c.Clock = time.Now
			c.Transport = transportFunc(func(context.Context, desk.Envelope) error {
				if asked.Add(1) == 1 {
					runtime.Goexit()
				}
				return nil
			})
		})
		w.says(w.o, 1)
		stop := w.running()
		time.Sleep(time.Minute)
		require.EqualValues(t, 2, asked.Load(), "it is tried again")
		stop()
	})
}

type transportFunc func(context.Context, desk.Envelope) error

func (f transportFunc) Send(ctx context.Context, e desk.Envelope) error { return f(ctx, e) }

// veryMany returns how many the tests have that are many: 10,000 in the long form, but few with the
// race detector, which makes that last too long.
func veryMany(short int) int {
	if raceEnabled {
		return short
	}
	return campaign.Rounds(short, 10_000)
}
