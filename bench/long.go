package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

// A long is a conversation with many messages and an open ticket.
type long struct {
	*host
	conversation desk.ConversationHandle
	ticket       desk.TicketHandle
}

// newLong returns a conversation on the stores with so many messages, and then a ticket.
func newLong(stores store.Stores, messages int) *long {
	l := &long{host: newHost(stores)}
	o := l.office("acme")
	ctx := context.Background()
	r := must(o.Start(ctx, customer, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: inbox.Contact{Customer: "customer", Account: "acc"},
		Message: inbox.MessageParams{Body: "Nothing has printed since this morning, on none of our printers."},
	}))
	l.conversation = o.Conversation(r.Conversation)
	l.write(messages - 1)
	made := must(l.conversation.CreateTicket(ctx, agent, inbox.CreateTicketParams{
		Intake:   ticket.Intake{Kind: ticket.IntakeIssue, Title: "Nothing prints", Description: "Nothing has printed since this morning."},
		Severity: severity.High,
	}))
	l.ticket = o.Ticket(made.Ticket)
	return l
}

// write adds n messages of the customer.
func (l *long) write(n int) {
	for i := range n {
		l.advance(time.Millisecond)
		must(l.conversation.AddCustomerMessage(context.Background(), customer, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: "Line " + strconv.Itoa(i) + " of many."}}))
	}
}

// view reads the last 20 messages n times.
func (l *long) view(n int) {
	for range n {
		v := must(l.conversation.View(context.Background(), inbox.Viewer{Agent: "agent"}, desk.MessageQuery{Last: true, Limit: 20}))
		if len(v.Messages) == 0 {
			panic("no messages")
		}
	}
}

// commands are single commands of a kind each.
func (l *long) tag(n int) {
	for i := range n {
		l.advance(time.Millisecond)
		if i%2 == 0 {
			must(l.conversation.AddTag(context.Background(), agent, "fire"))
		} else {
			must(l.conversation.RemoveTag(context.Background(), agent, "fire"))
		}
	}
}

func (l *long) note(n int) {
	for range n {
		l.advance(time.Millisecond)
		must(l.conversation.AddNote(context.Background(), agent, inbox.MessageParams{Body: "Odd."}))
	}
}

func (l *long) reply(n int) {
	for range n {
		l.advance(time.Millisecond)
		must(l.conversation.Reply(context.Background(), agent, inbox.MessageParams{Body: "I am on it."}))
	}
}

// An eventful is a ticket with many events, to begin with again and again: a ticket that is
// resolved thousands of times is none that anybody has.
type eventful struct {
	saved        []byte
	at           time.Time
	conversation inbox.ID
	ticket       ticket.ID
	now          *long
}

// newEventful returns a ticket whose log has so many events.
func newEventful(events int) *eventful {
	stores := memstore.New()
	l := newLong(stores, 1)
	l.write(events)
	var saved bytes.Buffer
	must(0, stores.Snapshot(&saved))
	return &eventful{saved: saved.Bytes(), at: l.now(), conversation: l.conversation.ID(), ticket: l.ticket.ID()}
}

// again begins with the ticket as it was.
func (e *eventful) again(int) {
	l := &long{host: newHost(must(memstore.Restore(bytes.NewReader(e.saved))))}
	l.advance(e.at.Sub(l.now()))
	o := l.office("acme")
	l.conversation, l.ticket = o.Conversation(e.conversation), o.Ticket(e.ticket)
	e.now = l
}

// resolve resolves the ticket and opens it again: two commands.
func (l *long) resolve(n int) {
	for range n {
		l.advance(time.Millisecond)
		must(l.conversation.Resolve(context.Background(), agent, ticket.ResolveParams{Action: "Turned it on.", Reason: ticket.ReasonDuplicate}))
		l.advance(time.Millisecond)
		must(l.ticket.Reopen(context.Background(), agent, "It is off again."))
	}
}

const (
	few     = 10
	plenty  = 10_000
	perPage = 20
)

// longCases measure commands and views on a conversation of 10 messages and of 10,000,
// in memory and on a file.
func longCases(many int, folder string) []benchCase {
	var out []benchCase
	add := func(name string, open func() store.Stores) {
		short := sync.OnceValue(func() *long { return newLong(open(), few) })
		tall := sync.OnceValue(func() *long { return newLong(open(), min(plenty, many)) })
		page := sync.OnceValue(func() *long { return newLong(open(), perPage) })
		of := func(l func() *long, do func(*long, int)) work { return func(n int) { do(l(), n) } }
		out = append(
			out,
			benchCase{name: "desk/command-10" + name, ours: of(short, (*long).write)},
			benchCase{name: "desk/command-10000" + name, ours: of(tall, (*long).write)},
			benchCase{name: "desk/view20-10" + name, ours: of(short, (*long).view)},
			benchCase{name: "desk/view20-20" + name, ours: of(page, (*long).view)}, // as many as the page has
			benchCase{name: "desk/view20-10000" + name, ours: of(tall, (*long).view)},
			benchCase{name: "desk/tag" + name, ours: of(short, (*long).tag)},
			benchCase{name: "desk/note" + name, ours: of(short, (*long).note)},
			benchCase{name: "desk/reply" + name, ours: of(short, (*long).reply)},
		)
	}
	add("", func() store.Stores { return memstore.New() })
	events := sync.OnceValue(func() *eventful { return newEventful(min(plenty, many)) })
	out = append(out, benchCase{
		name: "desk/resolve-events-10000", big: 10, // as often as that, and then from the beginning
		ours: func(n int) { events().now.resolve(n) }, prepare: func(n int) { events().again(n) },
	})
	made := 0
	add("-sqlite", func() store.Stores {
		made++
		return must(sqlite.Open(context.Background(), sqlite.Config{Path: filepath.Join(folder, fmt.Sprintf("long-%d.db", made))}))
	})
	return out
}

// A queue is a tenant with many tickets, put into the store as a desk does.
type queue struct {
	*host
	office *desk.Tenant
}

// newQueue returns a tenant with n tickets, of which every sixth is the agent's and every
// sixth the account's, three are of both, and open are open.
func newQueue(stores store.Stores, n, open int) *queue {
	q := &queue{host: newHost(stores)}
	q.office = q.host.office("acme")
	s := must(stores.Tenant("acme"))
	ctx := context.Background()
	r := opened(q.office)
	body := must(s.Read(ctx, store.ReadRequest{Records: []store.Ref{{Kind: "ticket", ID: r.Ticket.String()}}})).Records[0].Body
	var b store.Batch
	for i := range n {
		at := q.now().Add(time.Duration(i) * time.Millisecond)
		a := []store.Attribute{
			{Name: "conversation", Value: store.Text(r.Conversation.String())},
			{Name: "status", Value: store.Text("submitted")},
			{Name: "open", Value: store.Bool(i < open)},
			{Name: "channel", Value: store.Text([]string{"email", "sms", "phone"}[i%3])},
			{Name: "severity", Value: store.Text([]string{"low", "medium", "high", "urgent"}[i%4])},
		}
		if i%6 == 0 || i < 3 {
			a = append(a, store.Attribute{Name: "assignee", Value: store.Text("grace")})
		}
		if i%6 == 1 || i < 3 {
			a = append(a, store.Attribute{Name: "account", Value: store.Text("acme")})
		}
		a = append(a, store.Attribute{Name: "updated", Value: store.Instant(at)})
		if i < open {
			a = append(a, store.Attribute{Name: "due", Value: store.Instant(at.Add(time.Hour))})
		}
		b.Changes = append(b.Changes, store.Change{Ref: store.Ref{Kind: "ticket", ID: fmt.Sprintf("0195a0b4-7c1e-7000-8000-%012d", i)}, Body: body, Attributes: a})
		if len(b.Changes) == 60 || i == n-1 {
			must(s.Commit(ctx, b))
			b = store.Batch{}
		}
	}
	return q
}

func (q *queue) page(n int, query desk.TicketQuery) {
	query.Limit = perPage
	for range n {
		list, _, err := q.office.Tickets(context.Background(), query)
		if err != nil || len(list) == 0 {
			panic(fmt.Sprint(len(list), " tickets: ", err))
		}
	}
}

// queueCases measure lists: by two attributes, and by due.
func queueCases(many int, folder string) []benchCase {
	var out []benchCase
	for _, engine := range []string{"", "-sqlite"} {
		made := 0
		open := func() store.Stores {
			if engine == "" {
				return memstore.New()
			}
			made++
			return must(sqlite.Open(context.Background(), sqlite.Config{Path: filepath.Join(folder, fmt.Sprintf("queue-%d.db", made))}))
		}
		for _, n := range []int{10_000, 300_000} {
			if n > max(many, 10_000) {
				continue
			}
			q := sync.OnceValue(func() *queue { return newQueue(open(), n, 10_000) })
			name := "-" + strconv.Itoa(n) + engine
			out = append(
				out,
				benchCase{name: "desk/list-2-attributes" + name, ours: func(k int) { q().page(k, desk.TicketQuery{Assignee: "grace", Account: "acme"}) }},
				benchCase{name: "desk/queue-by-due" + name, ours: func(k int) { q().page(k, desk.TicketQuery{ByDue: true}) }},
			)
		}
	}
	return out
}
