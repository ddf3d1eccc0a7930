package desk_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// chatty is a policy with next replies.
func chatty(t *testing.T) *sla.Book {
	t.Helper()
	return book(t, func(c *sla.Config) {
		for l := range c.Targets {
			c.Targets[l][sla.MetricNextReply] = sla.Target{Within: time.Hour}
		}
		c.WarnAt = []int{50, 75}
	})
}

// wholeLog returns the log of a ticket, as its events have it.
func (w *world) wholeLog(id ticket.ID) []sla.Event {
	w.t.Helper()
	var log []sla.Event
	for after := uint64(0); ; {
		page, err := w.o.Ticket(id).Events(w.t.Context(), after, 0)
		require.NoError(w.t, err)
		for _, e := range page.Events {
			var b struct {
				Log []sla.Event `json:"log"`
			}
			require.NoError(w.t, json.Unmarshal(e.Body, &b))
			log = append(log, b.Log...)
			after = e.N
		}
		if !page.More {
			return log
		}
	}
}

// asked returns the instant of which a view tells: commands can be ahead of the clock.
func asked(v desk.TicketView) time.Time {
	if v.Ticket.UpdatedAt.After(v.At) {
		return v.Ticket.UpdatedAt
	}
	return v.At
}

// head returns what is stored of a ticket, and its kept log if that is apart.
func (w *world) head(id ticket.ID) (head, log []byte) {
	w.t.Helper()
	s, err := w.stores.Tenant("acme")
	require.NoError(w.t, err)
	of := store.Ref{Kind: "ticket", ID: id.String()}
	got, err := s.Read(w.t.Context(), store.ReadRequest{Records: []store.Ref{of}, Logs: []store.LogQuery{{Of: of, Log: "kept", Limit: 2}}})
	require.NoError(w.t, err)
	require.LessOrEqual(w.t, len(got.Logs[0].Entries), 1)
	for _, e := range got.Logs[0].Entries {
		log = e.Body
	}
	return got.Records[0].Body, log
}

// rows returns the entries of a log of a ticket.
func (w *world) rows(id ticket.ID, log string) []store.Entry {
	w.t.Helper()
	s, err := w.stores.Tenant("acme")
	require.NoError(w.t, err)
	got, err := s.Read(w.t.Context(), store.ReadRequest{Logs: []store.LogQuery{{Of: store.Ref{Kind: "ticket", ID: id.String()}, Log: log, Limit: 200}}})
	require.NoError(w.t, err)
	return got.Logs[0].Entries
}

// The view of a ticket has the clocks that are finished, which are rows beside it; after a
// bounce that made two cycles one, they are others (S14).
func TestFinishedClocks(t *testing.T) {
	t.Parallel()
	books := chatty(t)
	w := newWorld(t, func(c *desk.Config) { c.Policies = books }).tune(func(c *desk.Tuning) { c.Page = 7 })
	ctx := t.Context()
	made := w.ticketed(live)
	conv := w.o.Conversation(made.Conversation)
	same := func() int {
		v := w.ticket(made.Ticket)
		p, err := books.Policy(v.Policy)
		require.NoError(t, err)
		want, err := p.Evaluate(w.wholeLog(made.Ticket), asked(v))
		require.NoError(t, err)
		require.Equal(t, want.Clocks, v.Clocks.Clocks)
		list, _, err := w.o.Tickets(ctx, desk.TicketQuery{})
		require.NoError(t, err)
		require.Equal(t, want.Breached(), list[0].Breached)
		text, _ := w.head(made.Ticket)
		require.Less(t, len(text), 4<<10, "%s", text)
		pieces, err := w.o.Ticket(made.Ticket).ExplainClock(ctx, sla.MetricFirstReply, 1)
		require.NoError(t, err)
		explained, err := p.Explain(w.wholeLog(made.Ticket), asked(v), sla.MetricFirstReply, 1)
		require.NoError(t, err)
		require.Equal(t, explained, pieces)
		return len(want.Clocks)
	}
	var replies []string
	for n := range 30 {
		w.must(conv.Reply(ctx, agent, inbox.MessageParams{ID: "r" + strconv.Itoa(n), Body: "Yes."}))
		replies = append(replies, "r"+strconv.Itoa(n))
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("And?")))
		w.clock.advance(time.Duration(n*5) * time.Minute)
		same()
	}
	require.Equal(t, 32, same())
	rows := w.rows(made.Ticket, "clock")
	require.Len(t, rows, 29, "all but the one that runs")
	require.Equal(t, "next_reply/1", rows[0].ID)
	require.JSONEq(t, `{"v": 1, "clock": {"metric": "next_reply", "cycle": 1, "state": "stopped", "verdict": "met", "severity": "medium",
		"start": "2026-03-02T09:01:00Z", "due": "2026-03-02T10:01:00Z", "stop": "2026-03-02T09:01:00.000000001Z",
		"elapsed_seconds": 0.000000001, "remaining_seconds": 3599.999999999}}`, string(rows[0].Body))
	w.must(conv.MarkBounced(ctx, system, replies[10]))
	require.Equal(t, 31, same())
	w.must(conv.MarkDelivered(ctx, system, replies[10]))
	same()
	w.must(conv.MarkBounced(ctx, system, replies[0]))
	same()
	for range 3 {
		w.must(conv.Reply(ctx, agent, text("Yes.")))
		w.clock.advance(2 * time.Hour)
		w.must(conv.AddCustomerMessage(ctx, customer, said("And?")))
		same()
	}
}

// A ticket whose status changed 500 times has a log that is too long for it: it is a
// record of its own, which goes with the ticket.
func TestLongLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := desk.Unshadowed(t.Context())
	made := w.ticketed(live)
	conv := w.o.Conversation(made.Conversation)
	w.must(conv.PickUp(ctx, agent))
	largest := 0
	size := func() {
		text, _ := w.head(made.Ticket)
		largest = max(largest, len(text))
	}
	for range 252 {
		w.clock.advance(time.Minute)
		w.must(conv.AskCustomer(ctx, agent, text("Which?")))
		size()
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("This.")))
		size()
	}
	require.Less(t, largest, 68<<10)
	head, text := w.head(made.Ticket)
	require.Greater(t, len(text), 50<<10)
	require.Regexp(t, `^\{"v":1,"through":"[^"]+","events":\[\{"id":"[^"]+","at":"[^"]+","kind":"opened",`, string(text[:200]))
	require.Less(t, len(head), 4<<10)
	t.Logf("500 changes of status: largest head %d bytes, then %d and a log of %d", largest, len(head), len(text))

	ctx = t.Context()
	w.must(w.o.Ticket(made.Ticket).ClaimSeverity(ctx, agent, severity.High, "")) // which the shadow looks at
	v := w.ticket(made.Ticket)
	want, err := sla.Standard().Evaluate(w.wholeLog(made.Ticket), asked(v))
	require.NoError(t, err)
	require.Equal(t, want.Clocks, v.Clocks.Clocks)
	list, _, err := w.o.Tickets(ctx, desk.TicketQuery{})
	require.NoError(t, err)
	require.Len(t, list, 1)

	// One that is longer still is in parts.
	row := w.rows(made.Ticket, "kept")[0]
	var all struct {
		V       int         `json:"v"`
		Through time.Time   `json:"through"`
		Events  []sla.Event `json:"events"`
	}
	require.NoError(t, json.Unmarshal(row.Body, &all))
	batch := store.Batch{Replace: []store.Replacement{{Of: row.Of, Log: row.Log}}}
	for i, part := range [][]sla.Event{all.Events[:100], all.Events[100:101], all.Events[101:]} {
		e, some := row, all
		some.Events = part
		e.N, e.ID = uint64(i+1), strconv.Itoa(i+1)
		e.Body, err = json.Marshal(some)
		require.NoError(t, err)
		batch.Append = append(batch.Append, e)
	}
	_, err = w.records().Commit(ctx, batch)
	require.NoError(t, err)
	require.Equal(t, v.Clocks.Clocks, w.ticket(made.Ticket).Clocks.Clocks)

	w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	require.Len(t, w.rows(made.Ticket, "kept"), 1)
	w.must(conv.Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	w.pass(32 * day)
	_, err = w.o.Ticket(made.Ticket).View(ctx)
	require.Error(t, err)
	head, text = w.head(made.Ticket)
	require.Empty(t, string(head)+string(text))
	left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Tickets: []ticket.ID{made.Ticket}})
	require.NoError(t, err)
	require.Zero(t, left.Total())
}

// The parts of a kept log have all of it, in order, and an entry has room for each.
func TestLogParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var all []sla.Event
		for range rapid.IntRange(1, 6).Draw(rt, "n") {
			all = append(all, sla.Event{ID: "e", At: monday, Kind: sla.KindPaused, Reason: strings.Repeat("<", rapid.SampledFrom([]int{1, 500, 90_000, 300_000}).Draw(rt, "size"))})
		}
		parts := desk.LogParts(all)
		require.Equal(rt, all, slices.Concat(parts...))
		for _, part := range parts {
			require.NotEmpty(rt, part)
			text, err := json.Marshal(part)
			require.NoError(rt, err)
			require.Less(rt, len(text), store.MaxBody)
		}
	})
}

// A ticket with 10,000 messages, or 2,000 in the short form, stays below 4 KB, and no command,
// view or list reads its events.
func TestTicketOfManyMessages(t *testing.T) {
	t.Parallel()
	m := &meter{}
	w := newWorld(t, func(c *desk.Config) { m.Stores, c.Stores, c.Inbox = c.Stores, m, inbox.Config{} })
	ctx := desk.Unshadowed(t.Context())
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	made := w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
	tick := w.o.Ticket(made.Ticket)
	measure := func() map[string]cost {
		out := map[string]cost{}
		step := func(name string, f func() error) {
			w.clock.advance(time.Minute)
			m.cost = cost{}
			require.NoError(t, f(), name)
			require.Zero(t, m.cost.Events, name)
			out[name] = m.cost
		}
		command := func(f func() (desk.Result, error)) func() error {
			return func() error { _, err := f(); return err }
		}
		step("message", command(func() (desk.Result, error) { return conv.AddCustomerMessage(ctx, customer, said("Hello?")) }))
		step("reply", command(func() (desk.Result, error) { return conv.Reply(ctx, agent, text("Yes.")) }))
		step("severity", command(func() (desk.Result, error) { return tick.ClaimSeverity(ctx, agent, severity.High, "email") }))
		step("back", command(func() (desk.Result, error) { return tick.ClaimSeverity(ctx, agent, severity.Low, "") }))
		step("view", func() error { _, err := tick.View(ctx); return err })
		step("list", func() error { _, _, err := w.o.Tickets(ctx, desk.TicketQuery{}); return err })
		return out
	}
	many := func(n int) {
		for i := range n {
			w.clock.advance(time.Second)
			if i%2 == 0 {
				w.must(conv.AddCustomerMessage(ctx, customer, said("Hello?")))
			} else {
				w.must(conv.Reply(ctx, agent, text("Yes.")))
			}
		}
	}
	many(40)
	measure()
	few := measure()
	all := campaign.Rounds(2_000, 10_000)
	many(all - 40)
	lots := measure()
	for name, a := range few {
		b := lots[name]
		require.Equal(t, []int{a.Calls, a.Records}, []int{b.Calls, b.Records}, name)
		require.LessOrEqual(t, b.BytesRead, a.BytesRead+a.BytesRead/4, name) // what is kept of the middle, and longer numbers
		require.LessOrEqual(t, b.BytesWritten, a.BytesWritten+a.BytesWritten/4, name)
	}
	text, _ := w.head(made.Ticket)
	require.Less(t, len(text), 4<<10)
	t.Logf("%d messages: %d bytes", all, len(text))
}

// S17, S22, S27: whatever happens, each breach that stands was told, no event was told twice,
// and the answers are those of the whole log, which the shadow compares.
func TestKeptLogRandom(t *testing.T) {
	t.Parallel()
	books := chatty(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, func(c *desk.Config) { c.Policies, c.Inbox = books, inbox.Config{} })
		ctx := t.Context()
		r := w.start(live)
		conv := w.o.Conversation(r.Conversation)
		made := w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}, Proactive: rapid.Bool().Draw(rt, "proactive")}))
		tick := w.o.Ticket(made.Ticket)
		var replies []string
		for n := range rapid.IntRange(1, 30).Draw(rt, "steps") {
			w.clock.advance(time.Duration(rapid.IntRange(0, 90).Draw(rt, "wait")) * time.Minute)
			m := inbox.MessageParams{ID: "m" + strconv.Itoa(n), Body: "x"}
			if rapid.IntRange(0, 5).Draw(rt, "backdated") == 0 {
				m.SentAt = w.clock.now().Add(-time.Duration(rapid.IntRange(0, 180).Draw(rt, "by")) * time.Minute)
			}
			level := severity.Level(rapid.IntRange(1, 4).Draw(rt, "level"))
			var err error
			switch rapid.IntRange(0, 11).Draw(rt, "what") {
			case 0, 1, 2:
				_, err = conv.AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: m})
			case 3, 4:
				if _, err = conv.Reply(ctx, agent, m); err == nil {
					replies = append(replies, m.ID)
				}
			case 5, 6:
				if len(replies) > 0 {
					_, err = conv.MarkBounced(ctx, system, rapid.SampledFrom(replies).Draw(rt, "lost"))
				}
			case 7:
				if len(replies) > 0 {
					_, err = conv.MarkDelivered(ctx, system, rapid.SampledFrom(replies).Draw(rt, "found"))
				}
			case 8:
				_, err = tick.ClaimSeverity(ctx, agent, level, "")
			case 9:
				_, err = tick.CorrectSeverity(ctx, agent, ticket.CorrectSeverityParams{Level: level, Reason: "y"})
			case 10:
				_, err = conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "z", Reason: ticket.ReasonSpam})
			default:
				w.run()
			}
			_ = err // it may be refused
			v := w.ticket(made.Ticket)
			p, err := books.Policy(v.Policy)
			require.NoError(rt, err)
			want, err := p.Evaluate(w.wholeLog(made.Ticket), asked(v))
			require.NoError(rt, err)
			require.Equal(rt, want.Clocks, v.Clocks.Clocks)
		}
		w.run()
		v := w.ticket(made.Ticket)
		told := w.clockEvents(made.Ticket)
		for _, c := range v.Clocks.Clocks {
			for _, b := range c.Breaches {
				require.True(rt, slices.ContainsFunc(told, func(e desk.ClockEvent) bool {
					return e.Percent == 0 && e.Metric == c.Metric && e.Severity == b.Severity && e.Cycle == c.Cycle
				}), "%+v was not told: %+v", c, told)
			}
		}
	})
}

// S12, T28: a reply that arrived after all, and bounces again, is lost by the event of its
// second arrival.
func TestBouncesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.ticketed(live)
	conv := w.o.Conversation(made.Conversation)
	w.must(conv.Reply(ctx, agent, inbox.MessageParams{ID: "r1", Body: "Yes."}))
	var lost []string
	for range 3 {
		w.clock.advance(time.Minute)
		w.must(conv.MarkBounced(ctx, system, "r1"))
		w.clock.advance(time.Minute)
		w.must(conv.MarkDelivered(ctx, system, "r1"))
	}
	log := w.wholeLog(made.Ticket)
	for i, e := range log {
		if e.Kind == sla.KindUndelivered {
			j := slices.IndexFunc(log, func(m sla.Event) bool { return m.ID == e.Message })
			require.Less(t, j, i)
			lost = append(lost, e.Message)
		}
	}
	require.Len(t, lost, 3)
	require.Len(t, slices.Compact(lost), 3, "each arrival is lost once")
	c, ok := w.ticket(made.Ticket).Clocks.Clock(sla.MetricFirstReply)
	require.True(t, ok)
	require.Equal(t, log[len(log)-1].At, c.Stop)
}

// S14, S27: what the command that makes two cycles one finds out first about the second is
// about a cycle that is gone.
func TestBounceTellsOfTheCycleThatGoes(t *testing.T) {
	t.Parallel()
	books := chatty(t)
	w := newWorld(t, func(c *desk.Config) { c.Policies = books })
	ctx := t.Context()
	conv, tk := highTicket(w)
	h := w.o.Conversation(conv.Conversation)
	w.must(h.Reply(ctx, agent, text("hi")))
	w.must(h.AddCustomerMessage(ctx, customer, said("1"))) // cycle 1
	w.clock.advance(10 * time.Minute)
	lost := w.must(h.Reply(ctx, agent, text("hi")))
	w.must(h.AddCustomerMessage(ctx, customer, said("2"))) // cycle 2
	w.clock.advance(2 * time.Hour)
	w.must(h.MarkBounced(ctx, system, lost.Message)) // it was breached, which nobody had seen
	told := func() (n int) {
		for _, e := range w.clockEvents(tk.Ticket) {
			if e.Metric == sla.MetricNextReply && e.Cycle == 2 && e.Percent == 0 {
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, told())
	w.must(h.Reply(ctx, agent, text("hi")))
	w.must(h.AddCustomerMessage(ctx, customer, said("3"))) // cycle 2, another one
	w.clock.advance(2 * time.Hour)
	w.run()
	require.Equal(t, 2, told())
}

// S19, S22: a correction can breach a cycle that was over long ago: that is told, once.
func TestCorrectionOfAnOlderCycle(t *testing.T) {
	t.Parallel()
	books := book(t, func(c *sla.Config) {
		c.Reopen = sla.ReopenNewCycle
		for l := range c.Targets {
			c.Targets[l][sla.MetricResolution] = sla.Target{Within: 8 * time.Hour}
		}
		c.Targets[severity.High][sla.MetricResolution] = sla.Target{Within: time.Hour}
	})
	w := newWorld(t, func(c *desk.Config) { c.Policies, c.Inbox = books, inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	made := w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}, Severity: severity.Low}))
	tick := w.o.Ticket(made.Ticket)
	for range 3 {
		w.clock.advance(2 * time.Hour)
		w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}))
		w.clock.advance(time.Minute)
		w.must(tick.Reopen(ctx, agent, "It is not."))
	}
	told := func() (cycles []int) {
		for _, e := range w.clockEvents(made.Ticket) {
			if e.Metric == sla.MetricResolution && e.Percent == 0 {
				cycles = append(cycles, e.Cycle)
			}
		}
		return cycles
	}
	require.Empty(t, told())
	for range 2 {
		w.must(tick.CorrectSeverity(ctx, agent, ticket.CorrectSeverityParams{Level: severity.High, Reason: "It was."}))
		require.Equal(t, []int{1, 2, 3}, told())
		w.must(tick.CorrectSeverity(ctx, agent, ticket.CorrectSeverityParams{Level: severity.Low, Reason: "It was not."}))
	}
}
