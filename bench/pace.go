package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
)

// backlogTenants is how many tenants a backlog is spread over.
const backlogTenants = 10

// A backlog is a desk with very much to do at once, of several tenants.
type backlog struct {
	open func() store.Stores
	*host
	left atomic.Int64 // what is still to be done
	done chan struct{}
	dead string // a tenant whose server does not answer
	sent chan time.Time
}

// fresh makes a desk without work.
func (b *backlog) fresh(edit func(*desk.Config)) {
	if b.host != nil {
		if open, ok := b.stores.(io.Closer); ok {
			must(0, open.Close())
		}
	}
	b.done = make(chan struct{})
	b.sent = make(chan time.Time, 1)
	b.host = newHost(b.open(), func(c *desk.Config) {
		c.Transport = b
		edit(c)
	})
}

// Send answers at once, but for the dead tenant, whose answer never comes.
func (b *backlog) Send(ctx context.Context, e desk.Envelope) error {
	switch {
	case string(e.Tenant) == b.dead:
		<-ctx.Done()
		return ctx.Err()
	case b.dead != "":
		b.sent <- time.Now()
	}
	return nil
}

// counting returns a hook that counts down what the loops say that they did.
func (b *backlog) counting(what string) func(context.Context, string, int64, ...slog.Attr) {
	return func(_ context.Context, name string, n int64, _ ...slog.Attr) {
		if name != what {
			return
		}
		if left := b.left.Add(-n); left <= 0 && left+n > 0 {
			close(b.done)
		}
	}
}

// run runs the loops until the returned function is called.
func (b *backlog) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { _ = b.desk.Run(ctx) })
	return func() {
		cancel()
		all.Wait()
	}
}

// drain has the loops do everything.
func (b *backlog) drain(int) {
	defer b.run()()
	<-b.done
}

// A mold is what is stored of a conversation, to make others of the same form.
type mold struct {
	of      store.Ref // the record that has the work
	from    []string  // the IDs in it, of a conversation and perhaps of a ticket
	records []store.Record
	logs    []store.Entry
	message store.Message // to be sent, if any
}

// batch adds the cast with a number to a batch. What has timers has one that is due at.
func (m *mold) batch(b *store.Batch, n int, at time.Time) {
	name := func(text string) string {
		for i, from := range m.from {
			to := fmt.Sprintf("0195a0b4-7c1e-7000-%d-%012d", 8000+i, n)
			text = string(bytes.ReplaceAll([]byte(text), []byte(from), []byte(to)))
		}
		return text
	}
	renamed := func(r store.Ref) store.Ref { return store.Ref{Kind: r.Kind, ID: name(r.ID)} }
	for _, r := range m.records {
		c := store.Change{Ref: renamed(r.Ref), Body: []byte(name(string(r.Body)))}
		if r.Ref.Kind == "ticket" {
			c.Attributes = []store.Attribute{{Name: "conversation", Value: store.Text(name(m.from[0]))}, {Name: "status", Value: store.Text("submitted")}}
		}
		b.Changes = append(b.Changes, c)
	}
	for _, e := range m.logs {
		e.Of, e.Body = renamed(e.Of), []byte(name(string(e.Body)))
		b.Append = append(b.Append, e)
	}
	if m.message.Key == "" {
		b.Timers = append(b.Timers, store.Timer{Of: renamed(m.of), Name: "due", At: at})
		return
	}
	one := m.message
	one.Key, one.Of, one.Body, one.At = one.Key+"-"+strconv.Itoa(n), renamed(m.of), []byte(name(string(one.Body))), at
	b.Send = append(b.Send, one)
}

// read fills a mold from what is stored.
func (m *mold) read(stores store.Stores, tenant string, of ...store.Ref) {
	ctx := context.Background()
	r := store.ReadRequest{Records: of}
	for _, one := range of {
		for _, log := range []string{"message", "event", "clock", "text", "kept"} {
			r.Logs = append(r.Logs, store.LogQuery{Of: one, Log: log, Limit: 100})
		}
	}
	found := must(must(stores.Tenant(store.TenantID(tenant))).Read(ctx, r))
	m.records = found.Records
	for _, log := range found.Logs {
		m.logs = append(m.logs, log.Entries...)
	}
	for _, one := range of {
		m.from = append(m.from, one.ID)
	}
}

// cast puts n into the store, as a desk does, with work that is due now.
func (m *mold) cast(h *host, tenants []string, n int) {
	var all sync.WaitGroup
	for t, tenant := range tenants {
		s := must(h.stores.Tenant(store.TenantID(tenant)))
		all.Go(func() {
			var b store.Batch
			size := 0
			for i := t; i < n; i += len(tenants) {
				m.batch(&b, i, h.now())
				if size++; size == 50 {
					must(s.Commit(context.Background(), b))
					b, size = store.Batch{}, 0
				}
			}
			must(s.Commit(context.Background(), b))
		})
	}
	all.Wait()
}

func conversationOf(r desk.Result) store.Ref {
	return store.Ref{Kind: "conversation", ID: r.Conversation.String()}
}

// tickets makes n tickets with a timer that is due.
func (b *backlog) tickets(n int) {
	b.fresh(func(c *desk.Config) { c.Hooks.Count = b.counting("desk.timers") })
	r := opened(b.office("mold"))
	of := store.Ref{Kind: "ticket", ID: r.Ticket.String()}
	m := mold{of: of}
	m.read(b.stores, "mold", conversationOf(r), of)
	b.left.Store(int64(n))
	m.cast(b.host, tenantsOf(backlogTenants), n)
}

// messages makes n replies that wait to be sent to the customers of tenants.
func (b *backlog) messages(n int, tenants ...string) {
	b.fresh(func(c *desk.Config) {
		c.Hooks.Count = b.counting("desk.sent")
		if b.dead != "" {
			c.Limits.Timeout = 200 * time.Millisecond
		}
	})
	r := b.say("mold")
	m := mold{of: conversationOf(r)}
	m.read(b.stores, "mold", m.of)
	claimed := must(b.stores.Claim(context.Background(), store.Claim{
		Queue: store.Outbox, Want: []store.Want{{Tenant: "mold", Topic: "customer/live_chat", Limit: 1}}, Now: b.now(), Lease: 24 * time.Hour,
	}))
	m.message = claimed.Items[0].Message
	b.left.Store(int64(n))
	m.cast(b.host, tenants, n)
}

// say has a tenant's team say something in a new conversation.
func (h *host) say(tenant string) desk.Result {
	ctx := context.Background()
	o := h.office(tenant)
	r := must(o.Start(ctx, customer, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, People: true, Contact: inbox.Contact{Customer: "customer", Account: "acc"},
		Message: inbox.MessageParams{Body: "Nothing has printed since this morning."},
	}))
	return must(o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{Body: "I am on it."}))
}

func tenantsOf(n int) (all []string) {
	for i := range n {
		all = append(all, "tenant-"+strconv.Itoa(i))
	}
	return all
}

// fairness is how many seconds the messages of a tenant wait at most beside so many of
// another whose server is dead.
func fairness(open func() store.Stores, dead int) float64 {
	b := &backlog{open: open, dead: "dead"}
	b.messages(dead, "dead")
	defer b.run()()
	time.Sleep(100 * time.Millisecond) // the dead one has what it can have
	most := time.Duration(0)
	for range 10 {
		began := time.Now()
		b.say("live")
		most = max(most, (<-b.sent).Sub(began))
	}
	return most.Seconds()
}

// A counted counts the calls of a storage by the loops.
type counted struct {
	stores
	calls atomic.Int64
}

// A stores is a storage that wakes up the loops.
type stores interface {
	store.Stores
	store.Waiter
}

func (s *counted) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	s.calls.Add(1)
	return s.stores.Due(ctx, q)
}

func (s *counted) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	s.calls.Add(1)
	return s.stores.Claim(ctx, c)
}

func (s *counted) Settle(ctx context.Context, all ...store.Settlement) error {
	s.calls.Add(1)
	return s.stores.Settle(ctx, all...)
}

func (s *counted) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	s.calls.Add(1)
	return s.stores.Expire(ctx, now, limit)
}

func (s *counted) Tenant(t store.TenantID) (store.Records, error) {
	s.calls.Add(1)
	return s.stores.Tenant(t)
}

// idleness is what the loops of a desk take that knows so many tenants and has nothing to do:
// the share of a processor, in percent, and calls of the storage a second.
func idleness(open func() store.Stores, tenants int, lasts time.Duration) (percent, calls float64) {
	s := &counted{stores: open().(stores)} //nolint:forcetypeassert // both are
	h := newHost(s)
	h.say("mold")
	must(h.desk.Deliver(context.Background()))
	of := store.Ref{Kind: "sweep", ID: "sweep"}
	m := mold{of: of}
	m.read(s, "mold", of)
	at := h.now().Add(time.Hour)
	var all sync.WaitGroup
	next := atomic.Int64{}
	for range 32 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(tenants); i = next.Add(1) {
				must(must(s.Tenant(store.TenantID("tenant-"+strconv.FormatInt(i, 10)))).Commit(context.Background(), store.Batch{
					Changes: []store.Change{{Ref: of, Body: m.records[0].Body}}, Timers: []store.Timer{{Of: of, Name: "due", At: at}},
				}))
			}
		})
	}
	all.Wait()
	b := &backlog{host: h}
	stop := b.run()
	time.Sleep(lasts / 4) // it has looked once
	calledBefore, usedBefore, began := s.calls.Load(), used(), time.Now()
	time.Sleep(lasts)
	called, took, passed := s.calls.Load()-calledBefore, used()-usedBefore, time.Since(began)
	stop()
	return 100 * took.Seconds() / passed.Seconds(), float64(called) / passed.Seconds()
}

// hot gives n commands to one conversation by so many clients at once.
func hot(h *host, clients int) work {
	o := h.office("acme")
	conversation := o.Conversation(h.say("acme").Conversation)
	return func(n int) {
		var left atomic.Int64
		left.Store(int64(n))
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				for left.Add(-1) >= 0 {
					must(conversation.AddNote(context.Background(), agent, inbox.MessageParams{Body: "Odd."}))
				}
			})
		}
		all.Wait()
	}
}

// engines are the storages of the cases, by what their names end with.
func engines(folder, area string) map[string]func() store.Stores {
	made := atomic.Int64{}
	return map[string]func() store.Stores{
		"": func() store.Stores { return memstore.New() },
		"-sqlite": func() store.Stores {
			return must(sqlite.Open(context.Background(), sqlite.Config{Path: filepath.Join(folder, fmt.Sprintf("%s-%d.db", area, made.Add(1)))}))
		},
	}
}

// paceCases measure one busy conversation, and how fast the loops do much that is due.
func paceCases(many int, folder string) []benchCase {
	var out []benchCase
	all := engines(folder, "pace")
	for _, engine := range []string{"", "-sqlite"} {
		open := all[engine]
		for _, clients := range []int{1, 32} {
			ours := sync.OnceValue(func() work { return hot(newHost(open()), clients) })
			out = append(out, benchCase{name: "desk/hot-" + strconv.Itoa(clients) + engine, big: min(many/10, 320), ours: func(n int) { ours()(n) }})
		}
		n := min(many/4, 10_000)
		due, outgoing := &backlog{open: open}, &backlog{open: open}
		out = append(out, benchCase{
			name: "desk/due-10000" + engine, big: n, ours: due.drain, prepare: due.tickets,
		}, benchCase{
			name: "desk/outbox-10000" + engine, big: n, ours: outgoing.drain,
			prepare: func(n int) { outgoing.messages(n, tenantsOf(backlogTenants)...) },
		})
	}
	return out
}

// paceFigures count how long others wait beside a dead server, and what an idle desk takes.
func paceFigures(many int, folder string) []figure {
	var out []figure
	all := engines(folder, "figures")
	lasts := min(10*time.Second, time.Duration(many)*100*time.Microsecond)
	for _, engine := range []string{"", "-sqlite"} {
		open := all[engine]
		n := min(many/4, 10_000)
		idle := sync.OnceValues(func() (percent, calls float64) { return idleness(open, n, lasts) })
		out = append(out, figure{
			name: "desk/fair" + engine, unit: "seconds", value: func() float64 { return fairness(open, n) },
			of: "seconds, the longest wait beside a dead server",
		}, figure{
			name: "desk/idle-10000" + engine, unit: "cpu_percent", value: func() float64 { p, _ := idle(); return p },
			of: "percent of a processor",
		}, figure{
			name: "desk/idle-10000" + engine + "-calls", unit: "calls_per_second", value: func() float64 { _, c := idle(); return c },
			of: "calls of the storage a second",
		})
	}
	return out
}
