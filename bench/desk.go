package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

// A host is a desk with the least around it: its clock is set by hand, and what it
// sends goes nowhere.
type host struct {
	at     atomic.Int64
	stores store.Stores
	desk   *desk.Desk
}

func newHost(stores store.Stores, edit ...func(*desk.Config)) *host {
	h := &host{stores: stores}
	h.at.Store(time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC).UnixNano())
	c := desk.Config{
		Stores: stores, Transport: h, Accounts: h, Clock: h.now, Secrets: []desk.Secret{{ID: "s", Key: bytes.Repeat([]byte{7}, retention.MinKey)}},
		Retention: must(retention.New(retention.Config{Breaker: retention.Breaker{MaxCount: 1_000_000, MaxShare: 100}})),
	}
	for _, e := range edit {
		e(&c)
	}
	h.desk = must(desk.New(c))
	return h
}

func (h *host) now() time.Time { return time.Unix(0, h.at.Load()) }

func (h *host) advance(d time.Duration) { h.at.Add(int64(d)) }

func (*host) Send(context.Context, desk.Envelope) error { return nil }

func (*host) Account(_ context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	return desk.Account{Ref: ref, Email: ref + "@account.example"}, nil
}

func (h *host) office(name string) *desk.Tenant { return must(h.desk.Tenant(store.TenantID(name))) }

var (
	customer = desk.Meta{Author: helpdesk.Customer("customer")}
	agent    = desk.Meta{Author: helpdesk.Agent("agent")}
)

// opened returns a conversation with an open ticket: two commands.
func opened(o *desk.Tenant) desk.Result {
	ctx := context.Background()
	r := must(o.Start(ctx, customer, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: inbox.Contact{Customer: "customer", Account: "acc"},
		Message: inbox.MessageParams{Body: "Nothing has printed since this morning, on none of our printers."},
	}))
	return must(o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{
		Intake:   ticket.Intake{Kind: ticket.IntakeIssue, Title: "Nothing prints", Description: "Nothing has printed since this morning, on none of our printers."},
		Severity: severity.High,
	}))
}

// storyCommands is how many commands a story takes.
const storyCommands = 6

// story is a conversation from its start to the resolution of its ticket.
func story(o *desk.Tenant) desk.Result {
	ctx := context.Background()
	r := opened(o)
	must(o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{Body: "I am on it."}))
	must(o.Conversation(r.Conversation).AskCustomer(ctx, agent, inbox.MessageParams{Body: "Which model?"}))
	must(o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: "The red one."}}))
	must(o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Turned it on."}))
	return r
}

// together has n commands given by so many clients at once, each of a tenant of its
// own.
func (h *host) together(clients, n int) {
	var left atomic.Int64
	left.Store(int64(max(1, n/storyCommands)))
	var all sync.WaitGroup
	for i := range clients {
		o := h.office("tenant-" + strconv.Itoa(i))
		all.Go(func() {
			for left.Add(-1) >= 0 {
				story(o)
			}
		})
	}
	all.Wait()
}

// commanding gives commands on so many cores.
func commanding(h *host, cores int) work {
	return func(n int) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		h.together(cores, n)
	}
}

// A crowd is a desk on which a timer becomes due each millisecond, among many open
// tickets.
type crowd struct {
	*host
	fired int
}

// newCrowd returns a crowd of n tickets, all opened at the same instant, whose
// timers were set for an hour later and after, one a millisecond. They are copies
// of one ticket with other IDs, put into the store as a desk does.
func newCrowd(n int) *crowd {
	c := &crowd{host: newHost(memstore.New())}
	o := c.office("acme")
	r := opened(o)
	s := must(c.stores.Tenant("acme"))
	ctx := context.Background()
	from, to := r.Ticket.String(), r.Conversation.String()
	read := must(s.Read(ctx, store.ReadRequest{Records: []store.Ref{{Kind: "ticket", ID: from}, {Kind: "conversation", ID: to}}}))
	one, chat := read.Records[0], read.Records[1]
	due := c.now().Add(time.Hour + 2*time.Millisecond)
	must(s.Commit(ctx, store.Batch{Timers: []store.Timer{{Of: one.Ref, Name: "due"}}})) // not this one
	for i := range n {
		id := fmt.Sprintf("0195a0b4-7c1e-7000-8000-%012d", i)
		conversation := fmt.Sprintf("0195a0b4-7c1e-7000-9000-%012d", i)
		renamed := func(body []byte) []byte {
			return bytes.ReplaceAll(bytes.ReplaceAll(body, []byte(from), []byte(id)), []byte(to), []byte(conversation))
		}
		of := store.Ref{Kind: "ticket", ID: id}
		must(s.Commit(ctx, store.Batch{
			Changes: []store.Change{{
				Ref: of, Body: renamed(one.Body),
				Attributes: []store.Attribute{{Name: "conversation", Value: store.Text(conversation)}, {Name: "status", Value: store.Text("submitted")}},
			}, {
				Ref: store.Ref{Kind: "conversation", ID: conversation}, Body: renamed(chat.Body),
			}},
			Timers: []store.Timer{{Of: of, Name: "due", At: due.Add(time.Duration(i) * time.Millisecond)}},
		}))
	}
	c.advance(time.Hour + time.Millisecond)
	must(c.desk.FireTimers(ctx)) // the tenant's hourly sweep
	return c
}

// fire has the next n timers become due, and handles them.
func (c *crowd) fire(n int) {
	c.advance(time.Duration(n) * time.Millisecond)
	for want := c.fired + n; c.fired < want; {
		fired := must(c.desk.FireTimers(context.Background()))
		if fired == 0 {
			panic(fmt.Sprintf("%d timers are missing", want-c.fired))
		}
		c.fired += fired
	}
}

// lazily makes work of something that takes a while to set up.
func lazily[T any](set func() T, do func(T, int)) work {
	once := sync.OnceValue(set)
	return func(n int) { do(once(), n) }
}

// A cemetery is a desk on which tickets go after their thirty days.
type cemetery struct {
	*host
	office *desk.Tenant
}

func newCemetery() *cemetery {
	h := newHost(memstore.New())
	return &cemetery{h, h.office("acme")}
}

// age resolves n tickets and lets thirty days pass.
func (c *cemetery) age(n int) {
	for range n {
		story(c.office)
	}
	for range 31 {
		must(c.office.ApplyRetention(context.Background()))
		c.advance(24 * time.Hour)
	}
}

// purge deletes n tickets and their conversations.
func (c *cemetery) purge(n int) {
	report := must(c.office.ApplyRetention(context.Background()))
	if report.Deleted != 2*n {
		panic(fmt.Sprintf("%d records are deleted, not %d: %v", report.Deleted, 2*n, report.Refusals))
	}
}

// openTicketBytes is what an open ticket takes in memory, with its conversation,
// two messages, events, timers, and the messages of the outbox: the average of many.
func openTicketBytes(many int) float64 {
	n := min(5_000, many)
	used := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := used()
	h := newHost(memstore.New())
	o := h.office("acme")
	for range n {
		opened(o)
	}
	taken := used() - before
	runtime.KeepAlive(h)
	return float64(taken) / float64(n)
}

// deskCases measure the desk: in memory on one core and on two, what is due among
// few open tickets and many, and deletion.
func deskCases(many int) []benchCase {
	few := min(many, 20_000)
	firing := func(n int) work { return lazily(func() *crowd { return newCrowd(n) }, (*crowd).fire) }
	h := newHost(memstore.New())
	grave := sync.OnceValue(newCemetery)
	return []benchCase{{
		name: "desk/command", // ours: on two cores
		ours: commanding(h, 2), peers: []peer{{name: "one-core", work: commanding(h, 1)}},
		check: func() (int, error) {
			o := h.office("acme")
			v, err := o.Ticket(story(o).Ticket).View(context.Background())
			if err == nil && v.Ticket.Status != ticket.StatusResolved {
				err = errors.New("the ticket is not resolved")
			}
			return storyCommands, err
		},
	}, {
		name: "desk/purge", // a ticket with its conversation, messages and events
		ours: func(n int) { grave().purge(n) }, prepare: func(n int) { grave().age(n) },
	}, {
		name: "desk/due-timer", // ours: among a million open tickets
		big:  max(1, many/1000), ours: firing(many), peers: []peer{{name: "among-20k", work: firing(few)}},
		check: func() (int, error) {
			c := newCrowd(100)
			c.fire(100)
			if n := must(c.desk.FireTimers(context.Background())); n != 0 {
				return 0, fmt.Errorf("%d timers too many", n)
			}
			return 100, nil
		},
	}}
}
