package desk_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// peeked are stores whose reads of a log can be met by something else.
type peeked struct {
	store.Stores
	log  string
	meet func() error // nil: nothing
}

type peekedRecords struct {
	store.Records
	s *peeked
}

func (s *peeked) Tenant(t store.TenantID) (store.Records, error) {
	r, err := s.Stores.Tenant(t)
	return &peekedRecords{r, s}, err
}

func (r *peekedRecords) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	for _, l := range q.Logs {
		if l.Log == r.s.log && r.s.meet != nil {
			if err := r.s.meet(); err != nil {
				return store.Snapshot{}, err
			}
		}
	}
	return r.Records.Read(ctx, q)
}

func newPeeked(t *testing.T, log string) (*world, *peeked) {
	t.Helper()
	p := &peeked{log: log}
	w := newWorld(t, func(c *desk.Config) {
		p.Stores = c.Stores
		c.Stores = p
	})
	return w, p
}

// A list tells the deadlines without reading a log, also in a process whose clock is behind
// that of the one that looked last (T36).
func TestListReadsNoLog(t *testing.T) {
	t.Parallel()
	w, p := newPeeked(t, "event")
	ctx := desk.Unshadowed(t.Context())
	made := w.ticketed(live)
	conv := w.o.Conversation(made.Conversation)
	w.must(conv.PickUp(ctx, agent))
	w.must(w.o.Ticket(made.Ticket).ClaimSeverity(ctx, agent, severity.High, ""))
	for range 30 {
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("This.")))
		w.clock.advance(time.Minute)
		w.must(conv.Reply(ctx, agent, text("That.")))
	}
	w.clock.advance(time.Minute)
	w.must(conv.AddCustomerMessage(ctx, customer, said("This.")))
	for range 12 { // the clocks go on without commands
		w.clock.advance(time.Hour)
		for n := 1; n > 0; {
			var err error
			n, err = w.desk.FireTimers(ctx)
			require.NoError(t, err)
		}
	}
	no := errors.New("a log is read")
	p.meet = func() error { return no }
	now, _, err := w.o.Tickets(ctx, desk.TicketQuery{})
	require.NoError(t, err)
	require.False(t, now[0].Due.IsZero())
	w.clock.advance(-2 * time.Hour)
	behind, _, err := w.o.Tickets(ctx, desk.TicketQuery{})
	require.NoError(t, err)
	require.Equal(t, now, behind)

	// The view does read it, says so if it cannot, and tells what the whole log tells.
	_, err = w.o.Ticket(made.Ticket).View(ctx)
	require.ErrorIs(t, err, no)
	p.meet = nil
	v, err := w.o.Ticket(made.Ticket).View(ctx)
	require.NoError(t, err)
	want, err := sla.Standard().Evaluate(w.wholeLog(made.Ticket), asked(v))
	require.NoError(t, err)
	require.Equal(t, want.Clocks, v.Clocks.Clocks)
}

// A list and a view that lose a race with a command whose ticket has its log apart tell of
// the state after it.
func TestViewsReadLogsWithTheirTicket(t *testing.T) {
	t.Parallel()
	w, p := newPeeked(t, "kept")
	ctx := desk.Unshadowed(t.Context())
	made := w.ticketed(live)
	conv := w.o.Conversation(made.Conversation)
	w.must(conv.PickUp(ctx, agent))
	for range 252 {
		w.clock.advance(time.Minute)
		w.must(conv.AskCustomer(ctx, agent, text("Which?")))
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("This.")))
	}
	raced := 0
	for name, read := range map[string]func() error{
		"view": func() error {
			_, err := conv.View(ctx, inbox.Viewer{}, desk.MessageQuery{})
			return err
		},
		"ticket": func() error {
			_, err := w.o.Ticket(made.Ticket).View(ctx)
			return err
		},
		"list": func() error {
			list, _, err := w.o.Tickets(ctx, desk.TicketQuery{})
			require.Len(t, list, 1)
			return err
		},
		"plan": func() error {
			_, err := w.o.PlanRetention(ctx)
			return err
		},
	} {
		before := raced
		p.meet = func() error {
			p.meet = nil
			raced++
			w.clock.advance(time.Minute)
			if raced%2 == 1 {
				w.must(conv.AskCustomer(ctx, agent, text("Which?")))
			} else {
				w.must(conv.AddCustomerMessage(ctx, customer, said("This.")))
			}
			return nil
		}
		require.NoError(t, read(), name)
		if name == "list" {
			require.Equal(t, before+1, raced, name)
		}
	}
}

// What cannot be read whole is damaged: an event that is no JSON, and a history that lacks
// one, which is no shorter history (T44).
func TestDamagedEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := desk.Unshadowed(t.Context())
	made := w.ticketed(live)
	conv, tick := w.o.Conversation(made.Conversation), w.o.Ticket(made.Ticket)
	w.must(conv.PickUp(ctx, agent))
	w.must(tick.ClaimSeverity(ctx, agent, severity.High, ""))
	w.clock.advance(time.Minute)
	w.must(conv.Reply(ctx, agent, text("That.")))
	w.clock.advance(time.Minute)
	view, err := tick.View(ctx)
	require.NoError(t, err)
	rows := w.rows(made.Ticket, "event")
	for i := range rows {
		without := store.Batch{Replace: []store.Replacement{{Of: rows[0].Of, Log: "event"}}}
		for k, e := range rows {
			if k != i {
				without.Append = append(without.Append, e)
			}
		}
		_, err = w.records().Commit(ctx, without)
		require.NoError(t, err)
		_, err = tick.ExplainClock(ctx, view.Clocks.Clocks[0].Metric, 1)
		require.ErrorIs(t, err, helpdesk.ErrDamaged, "without event %d of %d", i+1, len(rows))
	}

	of := store.Ref{Kind: "conversation", ID: made.Conversation.String()}
	for _, event := range []string{`{"a":1]`, ``, `nonsense`, `"a` + "\n" + `b"`} {
		_, err = w.records().Commit(ctx, store.Batch{
			Replace: []store.Replacement{{Of: of, Log: "event"}},
			Append:  []store.Entry{{Of: of, Log: "event", N: 1, ID: "x", At: w.clock.now(), Body: []byte(`{"v":1,"type":"start","event":` + event + `}`)}},
		})
		require.NoError(t, err)
		_, err = conv.Events(ctx, 0, 10)
		require.ErrorIs(t, err, helpdesk.ErrDamaged, event)
	}
}

// A row of a log that is not JSON, or of a newer version, is told apart from one that is not
// there, in each log that a view of a ticket or of a conversation reads (T44).
func TestUnreadableRows(t *testing.T) {
	t.Parallel()
	for _, log := range []string{"text", "resolution", "reopening", "clock", "kept", "offer", "offer_end"} {
		t.Run(log, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *desk.Config) { c.Policies = chatty(t) })
			ctx := desk.Unshadowed(t.Context())
			made := w.ticketed(live)
			conv, tick := w.o.Conversation(made.Conversation), w.o.Ticket(made.Ticket)
			w.must(conv.PickUp(ctx, agent))
			for range 3 { // finished clocks
				w.clock.advance(time.Minute)
				w.must(conv.Reply(ctx, agent, text("Yes.")))
				w.clock.advance(time.Minute)
				w.must(conv.AddCustomerMessage(ctx, customer, said("And?")))
			}
			w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Turned it on."}))
			w.must(tick.Reopen(ctx, agent, "It is off again."))
			rounds := 0
			if log == "kept" {
				rounds = 250
			}
			w.must(conv.PickUp(ctx, agent))
			for range rounds {
				w.clock.advance(time.Minute)
				w.must(conv.AskCustomer(ctx, agent, text("Which?")))
				w.clock.advance(time.Minute)
				w.must(conv.AddCustomerMessage(ctx, customer, said("This.")))
			}
			of := store.Ref{Kind: "ticket", ID: made.Ticket.String()}
			view := func() error {
				_, err := tick.View(ctx)
				return err
			}
			if log == "offer" || log == "offer_end" {
				of = store.Ref{Kind: "conversation", ID: made.Conversation.String()}
				view = func() error {
					_, err := conv.View(ctx, inbox.Viewer{}, desk.MessageQuery{})
					return err
				}
			}
			require.NoError(t, view())
			got, err := w.records().Read(ctx, store.ReadRequest{Logs: []store.LogQuery{{Of: of, Log: log, Limit: 1000}}})
			require.NoError(t, err)
			rows := got.Logs[0].Entries
			require.NotEmpty(t, rows)
			for body, want := range map[string]error{`{"v":1,"o":1,"intake":1,"clock":1,"events":1,"action":1,"reason":1,"status":1}`: helpdesk.ErrDamaged, `{"v":99}`: desk.ErrNewer} {
				b := store.Batch{Replace: []store.Replacement{{Of: of, Log: log}}}
				for _, e := range rows {
					e.Body = []byte(body)
					b.Append = append(b.Append, e)
				}
				_, err = w.records().Commit(ctx, b)
				require.NoError(t, err)
				require.ErrorIs(t, view(), want, body)
			}
		})
	}
}

// A history that cannot be read stops no command: the answer that needs it is not known, and
// the host's log says so (T44).
func TestCommandPastADamagedHistory(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	w := newWorld(t, func(c *desk.Config) {
		c.Policies = chatty(t)
		c.Logger = slog.New(slog.NewTextHandler(&told, nil))
	})
	ctx := desk.Unshadowed(t.Context())
	made := w.ticketed(live)
	conv := w.o.Conversation(made.Conversation)
	w.must(conv.PickUp(ctx, agent))
	for n := range 30 {
		w.must(conv.Reply(ctx, agent, inbox.MessageParams{ID: "r" + strconv.Itoa(n), Body: "Yes."}))
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("And?")))
		w.clock.advance(time.Minute)
	}
	rows := w.rows(made.Ticket, "event")
	b := store.Batch{Replace: []store.Replacement{{Of: rows[0].Of, Log: "event"}}}
	for i, e := range rows {
		if i != 3 {
			b.Append = append(b.Append, e)
		}
	}
	_, err := w.records().Commit(ctx, b)
	require.NoError(t, err)
	w.must(conv.MarkBounced(ctx, system, "r10"))
	require.Contains(t, told.String(), "clocks cannot be evaluated")
	require.NotContains(t, told.String(), "And?", "what people wrote")
	w.must(conv.Reply(ctx, agent, text("Here.")))
}
