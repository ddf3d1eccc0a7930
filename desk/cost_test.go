package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A meter is around stores, and measures what passes.
type meter struct {
	store.Stores
	cost cost
}

// A cost is what a call takes of a storage.
type cost struct{ Calls, Records, Events, BytesRead, BytesWritten int }

type meterStore struct {
	store.Records
	m *meter
}

func (m *meter) Tenant(t store.TenantID) (store.Records, error) {
	s, err := m.Stores.Tenant(t)
	return meterStore{s, m}, err
}

func (s meterStore) Read(ctx context.Context, r store.ReadRequest) (store.Snapshot, error) {
	snapshot, err := s.Records.Read(ctx, r)
	if desk.IsShadow(ctx) {
		return snapshot, err
	}
	s.m.cost.Calls++
	for _, q := range r.Logs {
		if q.Log == "event" {
			s.m.cost.Events++
		}
	}
	read := func(body []byte) {
		s.m.cost.Records++
		s.m.cost.BytesRead += len(body)
	}
	for _, rec := range snapshot.Records {
		read(rec.Body)
	}
	for _, page := range snapshot.Lists {
		for _, rec := range page.Records {
			read(rec.Body)
		}
	}
	for _, page := range snapshot.Logs {
		for _, e := range page.Entries {
			read(e.Body)
		}
	}
	return snapshot, err
}

func (s meterStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	s.m.cost.Calls++
	for _, c := range b.Changes {
		s.m.cost.BytesWritten += len(c.Body)
	}
	for _, e := range b.Append {
		s.m.cost.BytesWritten += len(e.Body)
	}
	return s.Records.Commit(ctx, b)
}

// What a command, a view and a delivery take of the storage is the same for 10 and for
// 10,000 messages, most of which are not even there.
func TestCostDoesNotGrowWithMessages(t *testing.T) {
	t.Parallel()
	measure := func(n int) map[string]cost {
		m := &meter{}
		w := newWorld(t, func(c *desk.Config) {
			m.Stores = c.Stores
			c.Stores = m
			c.Inbox = inbox.Config{}
			c.MailDomain = "help.example"
		})
		ctx := t.Context()
		start := live
		start.Channel = "email"
		r := w.start(start)
		w.fill(r.Conversation, n)
		w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("One more.")))
		made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
		w.run()
		out := map[string]cost{}
		conv, tick := w.o.Conversation(r.Conversation), w.o.Ticket(made.Ticket)
		step := func(name string, f func() error) {
			w.clock.advance(time.Minute)
			m.cost = cost{}
			require.NoError(t, f(), name)
			out[name] = m.cost
		}
		command := func(f func() (desk.Result, error)) func() error {
			return func() error { _, err := f(); return err }
		}
		step("tag", command(func() (desk.Result, error) { return conv.AddTag(ctx, agent, "fire") }))
		step("note", command(func() (desk.Result, error) { return conv.AddNote(ctx, agent, text("Odd.")) }))
		step("named note", command(func() (desk.Result, error) {
			return conv.AddNote(ctx, agent, inbox.MessageParams{ID: "n1", Body: "Odd."})
		}))
		step("message", command(func() (desk.Result, error) {
			return conv.AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{ID: "c1", Body: "Hello?"}})
		}))
		step("pick up", command(func() (desk.Result, error) { return conv.PickUp(ctx, agent) }))
		step("reply", command(func() (desk.Result, error) {
			return conv.Reply(ctx, agent, inbox.MessageParams{ID: "r1", Body: "I am on it."})
		}))
		step("deliver", func() error { _, err := w.desk.Deliver(ctx); return err })
		step("bounce", command(func() (desk.Result, error) { return conv.MarkBounced(ctx, system, "r1") }))
		step("delivered", command(func() (desk.Result, error) { return conv.MarkDelivered(ctx, system, "r1") }))
		step("ask", command(func() (desk.Result, error) { return conv.AskCustomer(ctx, agent, text("Which one?")) }))
		step("answer", command(func() (desk.Result, error) { return conv.AddCustomerMessage(ctx, customer, said("The red one.")) }))
		step("read", command(func() (desk.Result, error) { return conv.MarkRead(ctx, agent, 3) }))
		step("severity", command(func() (desk.Result, error) { return tick.ClaimSeverity(ctx, agent, 2, "email") }))
		step("view 20", func() error {
			v, err := conv.View(ctx, inbox.Viewer{Agent: "agent-1"}, desk.MessageQuery{Last: true, Limit: 20})
			require.Len(t, v.Messages, min(20, n+8))
			return err
		})
		step("customer's view", func() error {
			_, err := conv.CustomerView(ctx, "cust-1", desk.MessageQuery{Last: true, Limit: 5})
			return err
		})
		step("timers", func() error { _, err := w.desk.FireTimers(ctx); return err })
		step("resolve", command(func() (desk.Result, error) {
			return conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Replaced it.", Reason: ticket.ReasonDuplicate})
		}))
		step("archive", command(func() (desk.Result, error) {
			return conv.Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
		}))
		return out
	}
	few, many := measure(20), measure(10_000)
	for name, a := range few {
		b := many[name]
		require.Equal(t, []int{a.Calls, a.Records}, []int{b.Calls, b.Records}, name)
		grown := func(what string, x, y int) {
			require.LessOrEqual(t, y, x+x/10+64, fmt.Sprintf("%s: %s %d for few messages, and %d for many", name, what, x, y))
		}
		grown("bytes read", a.BytesRead, b.BytesRead)
		grown("bytes written", a.BytesWritten, b.BytesWritten)
		require.LessOrEqual(t, b.Records, 26, name)
	}
}

// What a command takes does not grow with the tickets that are done either, and an old one
// is found where it is named.
func TestCostDoesNotGrowWithTickets(t *testing.T) {
	t.Parallel()
	measure := func(n int) map[string]cost {
		m := &meter{}
		w := newWorld(t, func(c *desk.Config) {
			m.Stores = c.Stores
			c.Stores = m
			c.Inbox = inbox.Config{}
		})
		ctx := t.Context()
		r := w.start(live)
		conv := w.o.Conversation(r.Conversation)
		var made []desk.Result
		create := func() {
			made = append(made, w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}})))
		}
		resolve := func() {
			w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Replaced it.", Reason: ticket.ReasonDuplicate}))
		}
		for i := range n {
			create()
			w.must(conv.Reply(ctx, agent, inbox.MessageParams{ID: "r" + strconv.Itoa(i), Body: "I am on it."}))
			resolve()
			w.clock.advance(time.Minute)
		}
		create()
		w.run()
		out := map[string]cost{}
		step := func(name string, f func() (desk.Result, error)) {
			w.clock.advance(time.Minute)
			m.cost = cost{}
			w.must(f())
			out[name] = m.cost
		}
		step("tag", func() (desk.Result, error) { return conv.AddTag(ctx, agent, "fire") })
		step("message", func() (desk.Result, error) { return conv.AddCustomerMessage(ctx, customer, said("Hello?")) })
		step("reply", func() (desk.Result, error) { return conv.Reply(ctx, agent, text("I am on it.")) })
		step("bounce for the first ticket", func() (desk.Result, error) { return conv.MarkBounced(ctx, system, "r0") })
		step("resolve", func() (desk.Result, error) {
			return conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Replaced it.", Reason: ticket.ReasonDuplicate})
		})
		step("reopen by a message", func() (desk.Result, error) { return conv.AddCustomerMessage(ctx, customer, said("Again.")) })
		require.NotEqual(t, ticket.StatusResolved, w.ticket(made[n].Ticket).Ticket.Status, "the newest")
		resolve()
		step("archive", func() (desk.Result, error) {
			return conv.Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
		})
		step("reopen the first", func() (desk.Result, error) { return w.o.Ticket(made[0].Ticket).Reopen(ctx, agent, "It broke again.") })

		v := w.conversation(r.Conversation)
		require.Len(t, v.Tickets, n+1, "all, the oldest first")
		require.Equal(t, []ticket.ID{made[0].Ticket, made[n].Ticket}, []ticket.ID{v.Tickets[0].Ticket, v.Tickets[n].Ticket})
		first := w.ticket(made[0].Ticket)
		require.Equal(t, "r0", func() string { // the first ticket heard that its answer had not arrived
			page, err := w.o.Ticket(made[0].Ticket).Events(ctx, 0, 100)
			require.NoError(t, err)
			for _, ev := range page.Events {
				var e ticket.Event
				if ev.Type == string(ticket.EventMarkBounced) {
					require.NoError(t, json.Unmarshal(ev.Body, &e))
					return e.Message
				}
			}
			return ""
		}())
		require.NotEqual(t, ticket.StatusResolved, first.Ticket.Status)
		_, err := w.o.Conversation(r.Conversation).ExplainRetention(ctx)
		require.NoError(t, err)
		return out
	}
	few, many := measure(6), measure(40)
	for name, a := range few {
		b := many[name]
		require.Equal(t, []int{a.Calls, a.Records}, []int{b.Calls, b.Records}, name)
		require.LessOrEqual(t, b.BytesRead, a.BytesRead+a.BytesRead/10, name)
		require.LessOrEqual(t, b.BytesWritten, a.BytesWritten+a.BytesWritten/10, name)
	}
}
