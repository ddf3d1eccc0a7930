package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// sizes returns how many bytes the heads of a conversation and of a ticket have.
func (w *world) sizes(r desk.Result) (conversation, ofTicket int) {
	w.t.Helper()
	ctx := w.t.Context()
	s := w.records()
	head, err := loaded(ctx, s, store.Ref{Kind: "conversation", ID: r.Conversation.String()})
	require.NoError(w.t, err)
	record, err := loaded(ctx, s, store.Ref{Kind: "ticket", ID: r.Ticket.String()})
	require.NoError(w.t, err)
	return len(head.Body), len(record.Body)
}

// T43: a customer who writes without end keeps the team from nothing: not from answering,
// not from resolving, and the conversation is deleted in the end. What is beyond the cap
// begins another conversation.
func TestEndlessCustomer(t *testing.T) {
	t.Parallel()
	if raceEnabled {
		t.Skip("it has one goroutine, and the race detector would take minutes")
	}
	w := newWorld(t, briefly)
	ctx := desk.Unshadowed(t.Context())
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	r = w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
	tick := w.o.Ticket(r.Ticket)
	long := strings.Repeat("ä", inbox.MaxBody-10)
	for i := range campaign.Rounds(3_000, 20_000) {
		body := "Again." // most are short, or they would take 4 GB
		if i%200 == 0 {
			body = long
		}
		w.clock.advance(time.Millisecond)
		w.must(conv.AddCustomerMessage(ctx, customer, said(body)))
	}
	head, record := w.sizes(r)
	require.Less(t, head, 4<<10)
	require.Less(t, record, 8<<10)

	w.must(conv.PickUp(ctx, agent))
	w.must(conv.Reply(ctx, agent, text(long)))
	w.must(conv.AddNote(ctx, agent, text(long)))
	w.must(conv.AskCustomer(ctx, agent, text("Which one?")))
	w.must(conv.AddCustomerMessage(ctx, customer, said(long)))
	hold := ticket.LegalHoldParams{ID: "h", Reason: "because", Privileged: true}
	w.must(conv.PlaceLegalHold(ctx, agent, hold))
	w.must(tick.PlaceLegalHold(ctx, agent, hold))

	w.full(r.Conversation, inbox.MaxMessages-1)
	last := w.must(conv.AddCustomerMessage(ctx, customer, said(long)))
	require.Equal(t, r.Conversation, last.Conversation)
	beyond := w.must(conv.AddCustomerMessage(ctx, customer, said(long)))
	require.NotEqual(t, r.Conversation, beyond.Conversation)
	require.Equal(t, r.Conversation, w.conversation(beyond.Conversation).Continues)
	w.must(conv.Reply(ctx, agent, text("Please write there.")))

	w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Details: "All of it."}))
	w.must(conv.Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	w.pass(3 * time.Hour)
	v := w.ticket(r.Ticket)
	require.Equal(t, ticket.StatusResolved, v.Ticket.Status, "held")
	w.must(conv.ReleaseLegalHold(ctx, agent, hold))
	w.must(tick.ReleaseLegalHold(ctx, agent, hold))
	w.pass(26 * time.Hour)
	_, err := conv.View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone)
	left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Conversations: []inbox.ID{r.Conversation}, Tickets: []ticket.ID{r.Ticket}})
	require.NoError(t, err)
	require.Zero(t, left.Total())
	w.must(w.o.Conversation(beyond.Conversation).AddNote(ctx, agent, text("It goes on here.")))
}

// full has the head of a conversation count so many messages that came in.
func (w *world) full(id inbox.ID, inbound int) {
	w.t.Helper()
	s := w.records()
	head, err := loaded(w.t.Context(), s, store.Ref{Kind: "conversation", ID: id.String()})
	require.NoError(w.t, err)
	var body struct {
		C struct {
			Counts inbox.MessageCounts `json:"counts"`
		} `json:"c"`
	}
	require.NoError(w.t, json.Unmarshal(head.Body, &body))
	was := `"inbound":` + strconv.FormatUint(body.C.Counts.Inbound, 10)
	require.Equal(w.t, 1, strings.Count(string(head.Body), was))
	change := store.Change{
		Ref: head.Ref, Expected: head.Revision, Attributes: attributed("conversation", id.String()),
		Body: []byte(strings.Replace(string(head.Body), was, `"inbound":`+strconv.Itoa(inbound), 1)),
	}
	_, err = s.Commit(w.t.Context(), store.Batch{Changes: []store.Change{change}})
	require.NoError(w.t, err)
}

// A tally counts the calls of stores.
type tally struct {
	store.Stores
	due, claims, records, settled atomic.Int64
}

func (c *tally) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	c.due.Add(1)
	return c.Stores.Due(ctx, q)
}

func (c *tally) Claim(ctx context.Context, q store.Claim) (store.Claims, error) {
	c.claims.Add(1)
	return c.Stores.Claim(ctx, q)
}

func (c *tally) Settle(ctx context.Context, all ...store.Settlement) error {
	c.settled.Add(1)
	return c.Stores.Settle(ctx, all...)
}

func (c *tally) Tenant(t store.TenantID) (store.Records, error) {
	s, err := c.Stores.Tenant(t)
	return tallied{s, c}, err
}

type tallied struct {
	store.Records
	c *tally
}

func (s tallied) Read(ctx context.Context, r store.ReadRequest) (store.Snapshot, error) {
	s.c.records.Add(1)
	return s.Records.Read(ctx, r)
}

func (s tallied) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	s.c.records.Add(1)
	return s.Records.Commit(ctx, b)
}

// reset returns the calls since the last reset: for work that is due, and of tenants.
func (c *tally) reset() (due, tenants int64) {
	return c.due.Swap(0) + c.claims.Swap(0), c.records.Swap(0) + c.settled.Swap(0)
}

// One desk serves 10,000 tenants, or 2,000 in the short form: each has a timer that is due and messages that wait, and
// a round costs as much as it has work, and not as there are tenants.
func TestManyTenants(t *testing.T) {
	t.Parallel()
	if raceEnabled {
		t.Skip("it has one goroutine, and the race detector would take minutes")
	}
	tenants := campaign.Rounds(2_000, 10_000)
	batch := tenants / 20
	calls := &tally{}
	w := newWorld(t, func(c *desk.Config) {
		calls.Stores = c.Stores
		c.Stores = calls
		c.Inbox = inbox.Config{Clock: inbox.WaitCalendar, NoAction: inbox.Duration(time.Hour)}
	}).tune(func(c *desk.Tuning) { c.Batch = batch })
	ctx := t.Context()
	served := map[store.TenantID]inbox.ID{}
	for i := range tenants {
		name := store.TenantID(fmt.Sprintf("tenant-%d", i))
		o, err := w.desk.Tenant(name)
		require.NoError(t, err)
		r := w.must(o.Start(ctx, customer, opening(live, text("Hello?"))))
		w.must(o.Conversation(r.Conversation).AddNote(ctx, agent, text("Ours.")))
		served[name] = r.Conversation
	}
	rounds := func(step func(context.Context) (int, error)) (done int) {
		calls.reset()
		for round := 0; ; round++ {
			require.Less(t, round, 10*tenants/batch)
			n, err := step(ctx)
			require.NoError(t, err)
			due, each := calls.reset()
			require.LessOrEqual(t, due, int64(4), "for %d items", n)
			require.LessOrEqual(t, each, int64(12*n+2), "for %d items", n)
			if n == 0 {
				return done
			}
			done += n
		}
	}
	rounds(w.desk.FireTimers) // the first sweeps
	w.clock.advance(time.Hour)
	require.GreaterOrEqual(t, rounds(w.desk.FireTimers), 2*tenants, "an escalation and a sweep of each")
	require.GreaterOrEqual(t, rounds(w.desk.Deliver), tenants)
	for _, n := range w.team.take() {
		if n.Conversation == served[n.Tenant] {
			delete(served, n.Tenant)
		}
	}
	require.Empty(t, served)
}

// Nothing that a ticket and its conversation keep grows with messages and changes of
// status, and no command is refused for it.
func TestBoundedHeads(t *testing.T) {
	t.Parallel()
	if raceEnabled {
		t.Skip("it has one goroutine, and the race detector would take minutes")
	}
	for name, tt := range map[string]struct {
		n    int
		step func(w *world, ctx context.Context, conv desk.ConversationHandle, i int)
	}{
		"messages": {campaign.Rounds(2_000, 10_000), func(w *world, ctx context.Context, conv desk.ConversationHandle, i int) {
			if i%2 == 0 {
				w.must(conv.AddCustomerMessage(ctx, customer, said("Again.")))
			} else {
				w.must(conv.Reply(ctx, agent, text("Yes.")))
			}
		}},
		"changes of status": {campaign.Rounds(150, 500), func(w *world, ctx context.Context, conv desk.ConversationHandle, i int) {
			if i%2 == 0 {
				w.must(conv.AskCustomer(ctx, agent, text("Which one?")))
			} else {
				w.must(conv.AddCustomerMessage(ctx, customer, said("The red one.")))
			}
		}},
		"closings": {campaign.Rounds(150, 500), func(w *world, ctx context.Context, conv desk.ConversationHandle, i int) {
			if i%2 == 0 {
				w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Turned it on.", Details: strings.Repeat("x", 1_000)}))
			} else {
				w.must(conv.AddCustomerMessage(ctx, customer, said("It is off again.")))
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
			ctx := desk.Unshadowed(t.Context())
			r := w.start(live)
			conv := w.o.Conversation(r.Conversation)
			r = w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
			w.must(conv.PickUp(ctx, agent))
			for i := range tt.n {
				w.clock.advance(time.Second)
				tt.step(w, ctx, conv, i)
			}
			head, record := w.sizes(r)
			require.Less(t, head, 8<<10)
			require.Less(t, record, 64<<10+16<<10, "the kept log of at most 64 KB, and the rest")
			w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
			w.must(conv.Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
		})
	}
}
