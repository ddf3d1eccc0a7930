package desk_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R54, R58–R61: the lists, page by page, by what a person looks for.
func TestConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ids := map[inbox.List][]inbox.ID{}
	for i := range 30 {
		b := live
		b.Contact.Customer = fmt.Sprintf("cust-%d", i%3)
		b.Channel = []helpdesk.Channel{helpdesk.ChannelLiveChat, helpdesk.ChannelSMS}[i%2]
		by := customer
		by.Who = b.Contact.Customer
		r := w.must(w.o.Start(ctx, by, opening(b, text("Hello."))))
		w.clock.advance(time.Second)
		switch i % 3 {
		case 1:
			r = w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
		case 2:
			r = w.must(w.o.Conversation(r.Conversation).Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveArchived}))
		}
		ids[r.List] = append(ids[r.List], r.Conversation)
		w.clock.advance(time.Second)
	}
	list := func(q desk.ConversationQuery) []inbox.ID {
		t.Helper()
		var out []inbox.ID
		for {
			lines, next, err := w.o.Conversations(ctx, q)
			require.NoError(t, err)
			for _, l := range lines {
				out = append(out, l.ID)
			}
			if q.Cursor = next; next == "" {
				return out
			}
		}
	}
	for l, want := range ids {
		require.Equal(t, want, list(desk.ConversationQuery{List: l, Oldest: true, Limit: 4}), l)
		newest := list(desk.ConversationQuery{List: l, Limit: 3})
		require.Equal(t, want[0], newest[len(newest)-1])
	}
	require.Equal(t, ids[inbox.ListActive], list(desk.ConversationQuery{Oldest: true})) // R54, R67
	require.Len(t, list(desk.ConversationQuery{Any: true}), 30)
	require.Len(t, list(desk.ConversationQuery{Any: true, Customer: "cust-1"}), 10)
	require.Len(t, list(desk.ConversationQuery{Any: true, Channel: helpdesk.ChannelSMS}), 15)
	require.Len(t, list(desk.ConversationQuery{Holder: "agent-1"}), 10)
	require.Empty(t, list(desk.ConversationQuery{Tag: "hot"}))
	w.must(w.o.Conversation(ids[inbox.ListActive][0]).AddTag(ctx, agent, "HOT"))
	require.Equal(t, ids[inbox.ListActive][:1], list(desk.ConversationQuery{Tag: " hot "}))

	_, _, err := w.o.Conversations(ctx, desk.ConversationQuery{List: "funny"})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, _, err = w.o.Conversations(ctx, desk.ConversationQuery{Tag: "\x00"})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, _, err = w.o.Conversations(ctx, desk.ConversationQuery{Cursor: "nonsense"})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	lines, _, err := w.o.Conversations(ctx, desk.ConversationQuery{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, "agent-1", lines[0].Holder)
	require.Equal(t, 1, lines[0].Messages)
}

func TestTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	a, b, c := w.ticketed(live), w.ticketed(live), w.resolved(live)
	w.must(w.o.Conversation(b.Conversation).PickUp(ctx, agent))
	w.must(w.o.Ticket(a.Ticket).ClaimSeverity(ctx, agent, severity.High, ""))
	w.clock.advance(90 * time.Minute)
	list := func(q desk.TicketQuery) []ticket.ID {
		t.Helper()
		lines, _, err := w.o.Tickets(ctx, q)
		require.NoError(t, err)
		var out []ticket.ID
		for _, l := range lines {
			out = append(out, l.ID)
		}
		return out
	}
	require.Len(t, list(desk.TicketQuery{}), 3)
	require.Equal(t, []ticket.ID{b.Ticket}, list(desk.TicketQuery{Assignee: "agent-1", Category: ticket.CategoryOpen}))
	require.Equal(t, []ticket.ID{c.Ticket}, list(desk.TicketQuery{Status: ticket.StatusResolved, Oldest: true}))
	require.Equal(t, []ticket.ID{a.Ticket}, list(desk.TicketQuery{Severity: severity.High, Customer: "cust-1", Account: "acc-1"}))
	require.Empty(t, list(desk.TicketQuery{Customer: "cust-2"}))
	lines, _, err := w.o.Tickets(ctx, desk.TicketQuery{Severity: severity.High})
	require.NoError(t, err)
	require.True(t, lines[0].Breached)
	require.Equal(t, monday.Add(time.Hour), lines[0].Due)
	_, _, err = w.o.Tickets(ctx, desk.TicketQuery{Cursor: "nonsense"})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)

	pieces, err := w.o.Ticket(a.Ticket).ExplainClock(ctx, sla.MetricFirstReply, 0)
	require.NoError(t, err)
	require.Len(t, pieces, 1)
	_, err = w.o.Ticket(a.Ticket).ExplainClock(ctx, sla.MetricFirstReply, 7)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// R42–R44, R50, T13, T17: how a ticket stands, by its reference.
func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.resolved(live)
	ask := func(customer string, a inbox.Assurance, direct bool) (inbox.StatusView, error) {
		return w.o.LookUp(ctx, string(made.Reference), inbox.Inquiry{Customer: customer, Assurance: a, Direct: direct})
	}
	v, err := ask("cust-1", inbox.AssuranceVerified, true)
	require.NoError(t, err)
	require.True(t, v.Full)
	require.Equal(t, "Done.", v.Resolution[0].Action)
	v, err = ask("cust-1", inbox.AssuranceClaimed, false)
	require.NoError(t, err)
	require.Equal(t, inbox.StatusView{Reference: made.Reference, Status: ticket.StatusResolved}, v)
	for _, a := range []inbox.Assurance{"", inbox.AssuranceNone} {
		_, err = ask("cust-1", a, false)
		require.ErrorIs(t, err, inbox.ErrIdentity)
	}
	_, err = ask("cust-1", inbox.AssuranceClaimed, true)
	require.ErrorIs(t, err, inbox.ErrIdentity)
	_, err = ask("cust-2", inbox.AssuranceVerified, false)
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	never, never2 := ticket.NewReference(1), err.Error()
	_, err = w.o.LookUp(ctx, string(never), inbox.Inquiry{Customer: "cust-2", Assurance: inbox.AssuranceVerified})
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	require.Len(t, err.Error(), len(never2))
	_, err = w.o.LookUp(ctx, "nonsense", inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// The views for customers can hold no note, whatever is done to them (R77).
func TestCustomerViewsHoldNoNotes(t *testing.T) {
	t.Parallel()
	note := reflect.TypeFor[inbox.Note]()
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(x reflect.Type) {
		if seen[x] {
			return
		}
		seen[x] = true
		require.NotEqual(t, note, x)
		require.NotEqual(t, reflect.Interface, x.Kind(), x)
		switch x.Kind() {
		case reflect.Slice, reflect.Array, reflect.Pointer, reflect.Map:
			look(x.Elem())
		case reflect.Struct:
			if x == reflect.TypeFor[time.Time]() {
				return
			}
			for field := range x.Fields() {
				look(field.Type)
			}
		default:
		}
	}
	look(reflect.TypeFor[inbox.CustomerView]())
	look(reflect.TypeFor[inbox.StatusView]())
	look(reflect.TypeFor[desk.TemplateData]())
	look(reflect.TypeFor[desk.Turn]())
	look(reflect.TypeFor[desk.Envelope]())
	look(reflect.TypeFor[desk.Notice]())
}

// Queries fail as their store does.
func TestQueriesFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.ticketed(live)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ask := range map[string]func() error{
		"conversation": func() error {
			_, err := w.o.Conversation(made.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
			return err
		},
		"customer": func() error {
			_, err := w.o.Conversation(made.Conversation).CustomerView(ctx, "x", desk.MessageQuery{})
			return err
		},
		"lease":         func() error { _, err := w.o.Conversation(made.Conversation).ControlToken(ctx); return err },
		"ticket":        func() error { _, err := w.o.Ticket(made.Ticket).View(ctx); return err },
		"explain":       func() error { _, err := w.o.Ticket(made.Ticket).ExplainClock(ctx, sla.MetricFirstReply, 0); return err },
		"conversations": func() error { _, _, err := w.o.Conversations(ctx, desk.ConversationQuery{}); return err },
		"tickets":       func() error { _, _, err := w.o.Tickets(ctx, desk.TicketQuery{}); return err },
		"notifications": func() error { _, _, err := w.o.Notifications(ctx, desk.NotificationQuery{}); return err },
		"events":        func() error { _, err := w.o.Conversation(made.Conversation).Events(ctx, 0, 0); return err },
		"ticket events": func() error { _, err := w.o.Ticket(made.Ticket).Events(ctx, 0, 0); return err },
		"health":        func() error { _, err := w.o.Health(ctx); return err },
		"parked":        func() error { _, _, err := w.o.DeadLetters(ctx, "", 0); return err },
		"plan":          func() error { _, err := w.o.PlanRetention(ctx); return err },
		"sweep":         func() error { _, err := w.o.ApplyRetention(ctx); return err },
		"tombstones":    func() error { _, _, err := w.o.Tombstones(ctx, "", 1); return err },
		"residue": func() error {
			_, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Tickets: []ticket.ID{made.Ticket}})
			return err
		},
		"settings":  func() error { _, err := w.o.Settings(ctx); return err },
		"configure": func() error { return w.o.UpdateSettings(ctx, agent, inbox.Config{}) },
		"start":     func() error { _, err := w.o.Start(ctx, customer, opening(live, text("x"))); return err },
		"reply":     func() error { _, err := w.o.Conversation(made.Conversation).Reply(ctx, agent, text("x")); return err },
		"due":       func() error { _, err := w.o.Ticket(made.Ticket).ExplainRetention(ctx); return err },
		"due too":   func() error { _, err := w.o.Conversation(made.Conversation).ExplainRetention(ctx); return err },
		"deliver":   func() error { _, err := w.desk.Deliver(ctx); return err },
		"fire":      func() error { _, err := w.desk.FireTimers(ctx); return err },
		"expire":    func() error { _, err := w.desk.RemoveExpired(ctx); return err },
		"status": func() error {
			_, err := w.o.LookUp(ctx, string(made.Reference), inbox.Inquiry{Customer: "x", Assurance: inbox.AssuranceClaimed})
			return err
		},
	} {
		err := ask()
		require.ErrorIs(t, err, context.Canceled, name)
		require.Equal(t, "canceled", desk.ProblemOf(err).Code, name)
	}
}

// T44: what a newer version wrote is left alone, and what cannot be read is not
// repeated.
func TestUnreadableRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.ticketed(live)
	s, err := w.stores.Tenant("acme")
	require.NoError(t, err)
	spoil := func(kind, id, body string) (was string) {
		t.Helper()
		var all []store.Attribute
		if kind == "ticket" {
			all = append(attributed("conversation", made.Conversation.String()), store.Attribute{Name: "open", Value: store.Bool(true)})
		}
		return damage(t, s, store.Ref{Kind: kind, ID: id}, body, all...)
	}
	conv, tick := made.Conversation.String(), made.Ticket.String()
	for _, tt := range []struct {
		kind, id, body string
		is             error
	}{
		{"ticket", tick, `{"v":2}`, desk.ErrNewer},
		{"ticket", tick, `secret words`, helpdesk.ErrDamaged},
		{"ticket", tick, `{"v":1,"t":{}}`, helpdesk.ErrDamaged},
		{"conversation", conv, `{"v":0}`, helpdesk.ErrDamaged},
		{"conversation", conv, `secret words`, helpdesk.ErrDamaged},
	} {
		was := spoil(tt.kind, tt.id, tt.body)
		_, reply := w.o.Conversation(made.Conversation).Reply(ctx, agent, text("x"))
		_, view := w.o.Conversation(made.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
		for kind, err := range map[string]error{"": reply, "ticket": view} { // what asks for no such record
			if tt.kind == kind {
				require.NoError(t, err, tt.body)
				continue
			}
			require.ErrorIs(t, err, tt.is, tt.body)
			require.NotContains(t, err.Error(), "secret")
		}
		spoil(tt.kind, tt.id, was)
	}
	// A message that cannot be read, or is missing, stops the views of it alone.
	ref := store.Ref{Kind: "conversation", ID: conv}
	first := entries(t, s, ref, "message")[0]
	for body, is := range map[string]error{`{"v":9}`: desk.ErrNewer, `secret words`: helpdesk.ErrDamaged, `{"v":1}`: helpdesk.ErrDamaged, "": helpdesk.ErrDamaged} {
		rest := entries(t, s, ref, "message")[1:]
		if body != "" {
			bad := first
			bad.Body = []byte(body)
			rest = append(rest, bad)
		}
		_, err = s.Commit(ctx, store.Batch{Replace: []store.Replacement{{Of: ref, Log: "message"}}, Append: rest})
		require.NoError(t, err)
		w.must(w.o.Conversation(made.Conversation).AddTag(ctx, agent, "fire"))
		_, err = w.o.Conversation(made.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
		require.ErrorIs(t, err, is, body)
		require.NotContains(t, err.Error(), "secret")
		_, err = s.Commit(ctx, store.Batch{Replace: []store.Replacement{{Of: ref, Log: "message"}}, Append: append(rest[:len(rest)-min(1, len(body))], first)})
		require.NoError(t, err)
	}
	require.NoError(t, w.o.UpdateSettings(ctx, agent, automatic))
	for _, body := range []string{`{"v":2}`, `secret words`, `{"v":1,"inbox":{"max_turns":-1}}`} {
		spoil("settings", "inbox", body)
		_, err := w.o.Settings(ctx)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "secret")
	}
	spoil("sweep", "sweep", `{"v":2}`)
	_, err = w.o.Health(ctx)
	require.ErrorIs(t, err, desk.ErrNewer)
}
