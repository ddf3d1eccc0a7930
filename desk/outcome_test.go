package desk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A teller is a shaky storage that can tell what became of a commit.
type teller struct {
	*shaky
	tells []tellerAnswer
	asked int
}

type tellerAnswer struct {
	done bool
	err  error
}

func (s *teller) Tenant(t store.TenantID) (store.Records, error) {
	of, err := s.shaky.Tenant(t)
	return tellingRecords{of, s}, err
}

type tellingRecords struct {
	store.Records
	of *teller
}

func (s tellingRecords) Outcome(_ context.Context, token string) (bool, error) {
	if token != "t" || len(s.of.tells) == 0 {
		return false, helpdesk.ErrUncertain
	}
	a := s.of.tells[0]
	s.of.tells, s.of.asked = s.of.tells[1:], s.of.asked+1
	return a.done, a.err
}

// The outcome of a command without a key is asked for where the storage can tell, also at
// the last try. What was not done is given again, and what may have been done never is.
func TestOutcomeIsAskedFor(t *testing.T) {
	t.Parallel()
	lost := &store.Error{Kind: helpdesk.ErrUncertain, Token: "t"}
	done, undone := shakyAnswer{lost, true}, shakyAnswer{lost, false}
	busy := shakyAnswer{err: &store.Error{Kind: store.ErrRetry}}
	yes, no, unknown := tellerAnswer{done: true}, tellerAnswer{}, tellerAnswer{err: helpdesk.ErrUncertain}
	for name, tt := range map[string]struct {
		answers []shakyAnswer
		tells   []tellerAnswer
		want    error
		asked   int
		notes   int
	}{
		"done":                     {[]shakyAnswer{done}, []tellerAnswer{yes}, nil, 1, 1},
		"not done":                 {[]shakyAnswer{undone}, []tellerAnswer{no}, nil, 1, 1},
		"not done, then done":      {[]shakyAnswer{undone, done}, []tellerAnswer{no, yes}, nil, 2, 1},
		"not done, then busy":      {[]shakyAnswer{undone, busy}, []tellerAnswer{no}, nil, 1, 1},
		"not done, then unknown":   {[]shakyAnswer{undone, done}, []tellerAnswer{no, unknown}, helpdesk.ErrUncertain, 2, 1},
		"never done":               {[]shakyAnswer{undone, undone, undone, undone, undone, undone}, []tellerAnswer{no, no, no, no, no, no}, store.ErrRetry, 6, 0},
		"done at the last try":     {[]shakyAnswer{undone, undone, undone, undone, undone, done}, []tellerAnswer{no, no, no, no, no, yes}, nil, 6, 1},
		"busy, then done":          {[]shakyAnswer{busy, done}, []tellerAnswer{yes}, nil, 1, 1},
		"busy until the last try":  {[]shakyAnswer{busy, busy, busy, busy, busy, done}, []tellerAnswer{yes}, nil, 1, 1},
		"busy, unknown at the end": {[]shakyAnswer{busy, busy, busy, busy, busy, done}, []tellerAnswer{unknown}, helpdesk.ErrUncertain, 1, 1},
		"still unknown":            {[]shakyAnswer{done}, []tellerAnswer{unknown}, helpdesk.ErrUncertain, 1, 1},
		"the storage is away":      {[]shakyAnswer{done}, []tellerAnswer{{err: store.ErrRetry}}, helpdesk.ErrUncertain, 1, 1},
		"without a name":           {[]shakyAnswer{{helpdesk.ErrUncertain, true}}, nil, helpdesk.ErrUncertain, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &teller{shaky: &shaky{Stores: memstore.New()}, tells: tt.tells}
			w := newWorld(t, func(c *desk.Config) { c.Stores = s })
			r := w.start(live)
			s.answers = tt.answers
			_, err := w.o.Conversation(r.Conversation).AddNote(t.Context(), agent, text("Once."))
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, tt.want == helpdesk.ErrUncertain, errors.Is(err, helpdesk.ErrUncertain)) //nolint:errorlint // the row itself
			require.Equal(t, tt.asked, s.asked)
			require.Empty(t, s.answers, "it was given as often as it may be")
			require.Len(t, w.conversation(r.Conversation).Messages, 1+tt.notes)
		})
	}
}

// A command that lost a race is decided again at once, and after further races with pauses
// that grow, until it was tried often enough or its caller has waited long enough.
func TestPausesBetweenRaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		r := w.start(live)
		h, _ := w.hooked()
		var at []time.Time
		h.fail = func(store.Batch) error {
			at = append(at, time.Now())
			return &store.Error{Kind: store.ErrConflict}
		}
		_, err := w.o.Conversation(r.Conversation).AddTag(t.Context(), agent, "fire")
		require.ErrorIs(t, err, desk.ErrBusy)
		require.Len(t, at, 50)
		require.Equal(t, at[0], at[1], "at once")
		for i := 2; i < len(at); i++ {
			longest := min(time.Millisecond<<min(i-2, 8), 250*time.Millisecond)
			pause := at[i].Sub(at[i-1])
			require.LessOrEqual(t, pause, longest)
			require.GreaterOrEqual(t, pause, longest/2)
		}
		at = nil
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err = w.o.Conversation(r.Conversation).AddTag(ctx, agent, "fire")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 100*time.Millisecond, time.Since(began))
		require.Less(t, len(at), 12)
	})
}

// What the storage says was not done is tried again, within the deadline of the caller.
func TestTriedAgain(t *testing.T) {
	t.Parallel()
	s := &shaky{Stores: memstore.New()}
	w := newWorld(t, func(c *desk.Config) { c.Stores = s })
	r := w.start(live)
	busy := shakyAnswer{err: &store.Error{Kind: store.ErrRetry}}
	s.answers = []shakyAnswer{busy, busy, busy}
	w.must(w.o.Conversation(r.Conversation).AddNote(t.Context(), agent, text("Once.")))
	require.Len(t, w.conversation(r.Conversation).Messages, 2)
	for range 10 {
		s.answers = append(s.answers, busy)
	}
	_, err := w.o.Conversation(r.Conversation).AddNote(t.Context(), agent, text("Never."))
	require.ErrorIs(t, err, store.ErrRetry)
	s.answers = []shakyAnswer{busy, busy, busy}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.o.Conversation(r.Conversation).AddNote(ctx, agent, text("Too late."))
	require.Error(t, err)
	s.answers = nil
	require.Len(t, w.conversation(r.Conversation).Messages, 2)
}

// T28: messages that bounce and arrive many times stand as they were last, also where more
// changes lie between than a page has room for.
func TestManyBounces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	for _, id := range []string{"r1", "r2", "r3"} {
		w.must(conv.Reply(ctx, agent, inbox.MessageParams{ID: id, Body: "Hello."}))
	}
	for i := range 31 {
		w.must(conv.MarkBounced(ctx, system, "r3"))
		if i < 30 {
			w.must(conv.MarkDelivered(ctx, system, "r3"))
		}
	}
	w.must(conv.MarkBounced(ctx, system, "r1"))
	for _, q := range []desk.MessageQuery{{}, {Limit: 4}, {Last: true, Limit: 4}, {After: 1, Limit: 3}} {
		v, err := conv.View(ctx, inbox.Viewer{}, q)
		require.NoError(t, err)
		lost := map[string]bool{}
		for _, m := range v.Messages {
			if r, ok := m.(inbox.Reply); ok && r.Undelivered {
				lost[r.ID] = true
			}
		}
		require.Equal(t, map[string]bool{"r1": true, "r3": true}, lost, "%+v", q)
	}
	// An ID that is taken is found also by a command on the ticket, and in a second look.
	made := w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: strings.Repeat("ü", 120)}}))
	_, err := w.o.Ticket(made.Ticket).Reply(ctx, agent, inbox.MessageParams{ID: "r1", Body: "Hello?"})
	require.ErrorContains(t, err, "must not have been used in this conversation")
	w.must(w.o.Ticket(made.Ticket).AskCustomer(ctx, agent, inbox.MessageParams{ID: "r4", Body: "Hello?"}))
	w.clock.advance(time.Minute)
	list, _, err := w.o.Tickets(ctx, desk.TicketQuery{Open: true})
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("ü", 120), list[0].Title)
	require.Equal(t, made.Ticket, w.o.Ticket(made.Ticket).ID())
	require.Equal(t, r.Conversation, conv.ID())
}

// The texts of errors say what is wrong, and nothing of what is stored.
func TestOwnErrorTexts(t *testing.T) {
	t.Parallel()
	require.EqualError(t, &desk.KeyReusedError{Key: "k"}, `desk: "k": key was used for something else`)
	require.EqualError(t, &desk.NotFoundError{What: "account"}, "desk: account: not found")
	require.ErrorIs(t, &desk.KeyReusedError{}, desk.ErrKeyReused)
}

// R51, T40: the attachments of a conversation go page by page; one that cannot be read
// stops its deletion and no other, and is reported until it can.
func TestManyAttachments(t *testing.T) {
	t.Parallel()
	files := &shelf{has: map[string]bool{}}
	w := newWorld(t, func(c *desk.Config) { c.AttachmentEraser, c.Inbox = files, inbox.Config{} }).tune(func(c *desk.Tuning) { c.Page = 2 })
	ctx := t.Context()
	w.run()
	begin := func(prefix string, n int) desk.Result {
		m := inbox.MessageParams{Body: "Look."}
		for i := range n {
			ref := prefix + string(rune('a'+i))
			files.has[ref] = true
			m.Attachments = append(m.Attachments, inbox.AttachmentRef{Ref: ref, Size: 1}, inbox.AttachmentRef{Ref: ref, Size: 1})
		}
		r := w.must(w.o.Start(ctx, customer, opening(live, m)))
		w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: m})) // the same once more
		return r
	}
	many, bad := begin("p", 7), begin("q", 1)
	require.Len(t, listed(t, w.records(), "blob"), 8)
	for _, r := range []desk.Result{many, bad} {
		w.archive(r)
		_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
		require.NoError(t, err)
	}
	var ref store.Ref
	for _, rec := range listed(t, w.records(), "blob") {
		if strings.HasPrefix(rec.Ref.ID, bad.Conversation.String()) {
			ref = rec.Ref
		}
	}
	by := attributed("blob", "qa", "conversation", bad.Conversation.String())
	was := damage(t, w.records(), ref, "secret words", by...)
	w.clock.advance(time.Hour)
	_, err := w.o.ApplyRetention(ctx)
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	require.NotContains(t, err.Error(), "secret")
	require.Equal(t, map[string]bool{"qa": true}, files.has)
	damage(t, w.records(), ref, was, by...)
	w.clock.advance(time.Hour)
	_, err = w.o.ApplyRetention(ctx)
	require.NoError(t, err)
	require.Empty(t, files.has)
	require.Empty(t, listed(t, w.records(), "blob"))
	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, stones, 2)
	require.Equal(t, 7, stones[0].Counts.Blobs)
}

// A page of a view of a conversation with a great many tickets has those of a page, and
// says what of them cannot be read.
func TestManyTicketsInAView(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	var made []ticket.ID
	for range 6 {
		m := w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
		made = append(made, m.Ticket)
		w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
		w.clock.advance(time.Second)
	}
	require.Len(t, w.conversation(r.Conversation).Tickets, 6)
	damage(t, w.records(), store.Ref{Kind: "ticket", ID: made[0].String()}, "secret words", attributed("conversation", r.Conversation.String())...)
	_, err := conv.View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	_, err = conv.ExplainRetention(ctx)
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	w.must(conv.AddTag(ctx, agent, "fire")) // which asks for no such ticket
	_, err = w.o.Ticket(made[0]).Reopen(ctx, agent, "again")
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
}

// A caller who gives up is not kept waiting for another try.
func TestNoTryAfterTheDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.start(live)
	h, _ := w.hooked()
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	h.fail = func(store.Batch) error {
		tries++
		cancel()
		return &store.Error{Kind: store.ErrRetry}
	}
	_, err := w.o.Conversation(r.Conversation).AddTag(ctx, agent, "fire")
	require.ErrorIs(t, err, store.ErrRetry)
	require.Equal(t, 1, tries)
}

// T1: a mail is not lost for its date, whatever that is.
func TestDatesOfNoCalendar(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.start(live)
	m := said("From the future.")
	m.SentAt = time.Date(12026, time.March, 2, 9, 0, 0, 0, time.UTC)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, m))
	last := w.conversation(r.Conversation).Messages[1].(inbox.Reply)
	require.True(t, last.SentAt.IsZero())
}

// A transport that asks for a pause beyond all calendars gets the longest there is: a day.
func TestPauseWithoutEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
	w.post.fail = func(desk.Envelope) error { return &desk.RetryError{After: 1<<63 - 1} }
	_, err := w.desk.Deliver(t.Context())
	require.NoError(t, err)
	w.post.fail = nil
	w.clock.advance(24*time.Hour - time.Second)
	_, err = w.desk.Deliver(t.Context())
	require.NoError(t, err)
	require.Empty(t, w.post.take())
	w.clock.advance(time.Second)
	_, err = w.desk.Deliver(t.Context())
	require.NoError(t, err)
	require.Len(t, w.post.take(), 1)
}
