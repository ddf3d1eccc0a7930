package sqlite_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

// A host is a desk on stores, with a clock set by hand.
type host struct {
	mu   sync.Mutex
	at   time.Time
	post *memtransport.Transport
	desk *desk.Desk
	acme *desk.Tenant
}

func (h *host) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *host) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func (h *host) set(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = at
}

func (*host) Account(_ context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	return desk.Account{Ref: ref, Email: "ada@account.example"}, nil
}

func newHost(tb testing.TB, s store.Stores, at time.Time) *host {
	tb.Helper()
	return newHostWith(tb, s, at, desk.Reminders{})
}

func newHostWith(tb testing.TB, s store.Stores, at time.Time, r desk.Reminders) *host {
	tb.Helper()
	h := &host{at: at, post: memtransport.New()}
	var err error
	h.desk, err = desk.New(desk.Config{
		Stores: s, Transport: h.post, Accounts: h, Clock: h.now, Secrets: []desk.Secret{{ID: "s", Key: bytes.Repeat([]byte{7}, 32)}},
		Reminders: r,
	})
	require.NoError(tb, err)
	h.acme, err = h.desk.Tenant("acme")
	require.NoError(tb, err)
	return h
}

// work does what is to be done now.
func (h *host) work(tb testing.TB) {
	tb.Helper()
	for {
		sent, err := h.desk.Deliver(tb.Context())
		require.NoError(tb, err)
		fired, err := h.desk.FireTimers(tb.Context())
		require.NoError(tb, err)
		if sent+fired == 0 {
			return
		}
	}
}

var (
	ada   = desk.Meta{Author: helpdesk.Customer("ada")}
	grace = desk.Meta{Author: helpdesk.Agent("grace")}
)

func opened(tb testing.TB, o *desk.Tenant) desk.Result {
	tb.Helper()
	chat, err := o.Start(tb.Context(), ada, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: inbox.Contact{Customer: "ada", Account: "acc"},
		Message: inbox.MessageParams{Body: "Nothing prints."},
	})
	require.NoError(tb, err)
	made, err := o.Conversation(chat.Conversation).CreateTicket(tb.Context(), grace, inbox.CreateTicketParams{
		Intake: ticket.Intake{Title: "Printer", Description: "Nothing prints."}, Severity: severity.High,
	})
	require.NoError(tb, err)
	return made
}

// A desk is closed in the middle of a story and goes on with the file: mails are sent
// once, clocks run on, a breach is recorded when it was due, and after thirty days
// nothing is left (R36, R49, R51).
func TestDesk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	s := openFile(t, sqlite.Config{Path: path})
	h := newHost(t, s, monday)
	made := opened(t, h.acme)
	h.work(t)
	require.Len(t, h.post.Delivered(), 2) // the mail and the line in the chat
	require.NoError(t, s.Close())

	h = newHost(t, openFile(t, sqlite.Config{Path: path}), monday.Add(2*time.Hour))
	h.work(t)
	require.Empty(t, h.post.Delivered())
	view, err := h.acme.Ticket(made.Ticket).View(t.Context())
	require.NoError(t, err)
	require.Equal(t, monday.Add(time.Hour), view.Clocks.Clocks[0].Breaches[0].Due)
	events, err := h.acme.Ticket(made.Ticket).Events(t.Context(), 0, 0)
	require.NoError(t, err)
	var breach time.Time
	for _, e := range events.Events {
		if e.Type == desk.EventBreach {
			breach = e.At
		}
	}
	require.Equal(t, monday.Add(time.Hour), breach, "at the instant at which it was due")

	_, err = h.acme.Conversation(made.Conversation).Reply(t.Context(), grace, inbox.MessageParams{Body: "Is it on?"})
	require.NoError(t, err)
	_, err = h.acme.Conversation(made.Conversation).Resolve(t.Context(), grace, ticket.ResolveParams{Action: "Turned it on."})
	require.NoError(t, err)
	h.work(t)
	require.Len(t, h.post.Delivered(), 2)
	for range 31 {
		h.advance(24 * time.Hour)
		h.work(t)
	}
	_, err = h.acme.Ticket(made.Ticket).View(t.Context())
	require.ErrorIs(t, err, helpdesk.ErrGone)
	left, err := h.acme.VerifyErasure(t.Context(), desk.VerifyErasureParams{Conversations: []inbox.ID{made.Conversation}, Tickets: []ticket.ID{made.Ticket}})
	require.NoError(t, err)
	require.Zero(t, left.Total())
	require.Equal(t, "ok", integrity(t, path))
}

// T35: a clock that is in another century for three calls resolves and deletes nothing, and all
// goes on when it is right again.
func TestDeskWhoseClockJumps(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	const days = 24 * time.Hour
	right := time.Now() // which has a monotonic reading; what is tested does not depend on the date
	h := newHostWith(t, openFile(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "desk.db")}), right, desk.Reminders{ResolveAfter: 10 * days, Clock: inbox.WaitCalendar})
	var all []ticket.ID
	for range 20 {
		made := opened(t, h.acme)
		_, err := h.acme.Ticket(made.Ticket).AskCustomer(ctx, grace, inbox.MessageParams{Body: "Is it on?"})
		require.NoError(t, err)
		all = append(all, made.Ticket)
	}
	h.work(t)
	count := func(s ticket.Status) (n int) {
		for _, id := range all {
			view, err := h.acme.Ticket(id).View(ctx)
			require.NoError(t, err)
			if view.Ticket.Status == s {
				n++
			}
		}
		return n
	}
	h.advance(time.Hour)
	h.work(t)
	right = h.now()
	for range 3 {
		h.set(time.Date(2190, time.March, 2, 9, 0, 0, 0, time.UTC)) // as time.Now would show it: without a monotonic reading
		h.work(t)
		_, err := h.desk.RemoveExpired(ctx)
		require.NoError(t, err)
		report, err := h.acme.ApplyRetention(ctx)
		require.NoError(t, err)
		require.Equal(t, "clock_unconfirmed", report.Refusals[0].Code)
		require.True(t, report.At.Equal(right.Round(0)))
	}
	require.Equal(t, 20, count(ticket.StatusWaitingOnCustomer))
	h.set(right)
	h.work(t)
	require.Equal(t, 20, count(ticket.StatusWaitingOnCustomer))
	for range 11 {
		h.advance(days)
		h.work(t)
	}
	require.Equal(t, 20, count(ticket.StatusResolved))
}

// T18: two write to one conversation at once, from two desks on one file: both
// messages are there.
func TestTwoDesks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	one := newHost(t, openFile(t, sqlite.Config{Path: path}), monday)
	two := newHost(t, openFile(t, sqlite.Config{Path: path}), monday)
	made := opened(t, one.acme)
	var all sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		o := []*desk.Tenant{one.acme, two.acme}[i%2]
		all.Go(func() {
			_, errs[i] = o.Conversation(made.Conversation).AddNote(context.WithoutCancel(t.Context()), grace, inbox.MessageParams{Body: strconv.Itoa(i)})
		})
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	view, err := two.acme.Conversation(made.Conversation).View(t.Context(), inbox.Viewer{Agent: "grace"}, desk.MessageQuery{})
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, m := range view.Messages {
		if n, ok := m.(inbox.Note); ok {
			seen[string(n.Comment)] = true
		}
	}
	require.Len(t, seen, len(errs))
}
