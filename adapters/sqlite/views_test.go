package sqlite_test

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// Views are the same on every storage, to the difference between a list that is empty and
// one that is not there. Only revisions are each storage's own.
func TestViewsAreTheSame(t *testing.T) {
	t.Parallel()
	onFile, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "views.db")})
	require.NoError(t, err)
	defer func() { require.NoError(t, onFile.Close()) }()
	require.Equal(t, seen(t, memstore.New()), seen(t, onFile))
}

// seen returns what views show of a desk at several times, the empty ones first.
func seen(t *testing.T, stores store.Stores) map[string]any {
	t.Helper()
	h := &host{at: time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC), post: memtransport.New()}
	var err error
	h.desk, err = desk.New(desk.Config{
		Stores: stores, Transport: h.post, Accounts: h, Clock: h.now, Secrets: []desk.Secret{{ID: "s", Key: bytes.Repeat([]byte{7}, 32)}},
		Random: rand.NewChaCha8([32]byte{1}), Inbox: inbox.Config{AddOn: true},
	})
	require.NoError(t, err)
	h.acme, err = h.desk.Tenant("acme")
	require.NoError(t, err)
	ctx := t.Context()
	out := map[string]any{}
	put := func(name string, v any, err error) {
		require.NoError(t, err, name)
		_, known := out[name]
		require.False(t, known, name)
		out[name] = v
	}
	lists := func(when string) {
		chats, next, err := h.acme.Conversations(ctx, desk.ConversationQuery{Any: true})
		put(when+": conversations", chats, err)
		require.Empty(t, next)
		tickets, _, err := h.acme.Tickets(ctx, desk.TicketQuery{})
		put(when+": tickets", tickets, err)
		notices, _, err := h.acme.Notifications(ctx, desk.NotificationQuery{})
		put(when+": notifications", notices, err)
		letters, _, err := h.acme.DeadLetters(ctx, "", 0)
		put(when+": dead letters", letters, err)
		stones, _, err := h.acme.Tombstones(ctx, "", 0)
		put(when+": tombstones", stones, err)
		health, err := h.acme.Health(ctx)
		put(when+": health", health, err)
		settings, err := h.acme.Settings(ctx)
		put(when+": settings", settings, err)
		plan, err := h.acme.PlanRetention(ctx)
		for _, list := range [][]retention.Entry{plan.Going, plan.Kept} {
			for i := range list {
				list[i].Revision = ""
			}
		}
		put(when+": plan", plan, err)
	}
	one := func(when string, r desk.Result) {
		conv := h.acme.Conversation(r.Conversation)
		for page, q := range map[string]desk.MessageQuery{"all": {}, "the last": {Last: true, Limit: 1}, "none": {After: 1_000}} {
			v, err := conv.View(ctx, inbox.Viewer{Agent: "grace"}, q)
			v.Revision = ""
			put(when+": view of "+page, v, err)
			c, err := conv.CustomerView(ctx, "ada", q)
			c.Revision = ""
			put(when+": customer's view of "+page, c, err)
		}
		events, err := conv.Events(ctx, 0, 0)
		put(when+": events", events, err)
		events, err = conv.Events(ctx, 1_000, 0)
		put(when+": no events", events, err)
		why, err := conv.ExplainRetention(ctx)
		put(when+": retention", why, err)
		if r.Ticket == (ticket.ID{}) {
			return
		}
		tick := h.acme.Ticket(r.Ticket)
		v, err := tick.View(ctx)
		v.Revision = ""
		put(when+": ticket", v, err)
		events, err = tick.Events(ctx, 0, 0)
		put(when+": events of the ticket", events, err)
		pieces, err := tick.ExplainClock(ctx, sla.MetricFirstReply, 0)
		put(when+": clock", pieces, err)
		looked, err := h.acme.LookUp(ctx, string(r.Reference), inbox.Inquiry{Customer: "ada", Assurance: inbox.AssuranceVerified})
		put(when+": status", looked, err)
	}
	lists("before")
	started, err := h.acme.Start(ctx, ada, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: "live_chat", Contact: inbox.Contact{Customer: "ada", Account: "acc"},
		Message: inbox.MessageParams{Body: "Nothing prints."},
	})
	require.NoError(t, err)
	one("begun", started)
	offered, err := h.acme.Conversation(started.Conversation).MakeOffer(ctx, desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorAI}}, started.ControlToken, inbox.OfferParams{
		Reason: "it burns", Summary: "It burns.", Intake: ticket.Intake{Title: "Printer", Description: "It burns."},
	})
	require.NoError(t, err)
	one("offered", started)
	made, err := h.acme.Conversation(started.Conversation).ConfirmOffer(ctx, ada, inbox.ConfirmParams{Offer: offered.Offer, Shown: offered.Shown})
	require.NoError(t, err)
	h.work(t)
	lists("open")
	one("open", made)
	_, err = h.acme.Conversation(started.Conversation).Resolve(ctx, grace, ticket.ResolveParams{Action: "Put it out.", Reason: ticket.ReasonDuplicate})
	require.NoError(t, err)
	_, err = h.acme.Conversation(started.Conversation).Archive(ctx, grace, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
	require.NoError(t, err)
	h.work(t)
	one("closed", made)
	for range 31 {
		h.advance(24 * time.Hour)
		h.work(t)
	}
	lists("gone")
	why, err := h.acme.Conversation(started.Conversation).ExplainRetention(ctx)
	put("gone: retention", why, err)
	return out
}
