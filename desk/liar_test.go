package desk_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/faults"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// elapse waits, in the time of a bubble.
func elapse(d time.Duration) { <-time.After(d) }

// A dice is a source of chance for several goroutines.
type dice struct {
	mu  sync.Mutex
	rnd *rand.Rand
}

func (d *dice) n(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rnd.IntN(n)
}

// A sluggish storage takes some time for each call, so that contexts end before, in and after
// calls.
type sluggish struct {
	store.Stores
	d *dice
}

func (s sluggish) nap() { elapse(time.Duration(s.d.n(800)) * time.Microsecond) }

func (s sluggish) Tenant(t store.TenantID) (store.Records, error) {
	of, err := s.Stores.Tenant(t)
	return sluggishRecords{of, s}, err
}

func (s sluggish) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	s.nap()
	defer s.nap()
	return s.Stores.Claim(ctx, c)
}

func (s sluggish) Settle(ctx context.Context, all ...store.Settlement) error {
	s.nap()
	defer s.nap()
	return s.Stores.Settle(ctx, all...)
}

type sluggishRecords struct {
	store.Records
	s sluggish
}

func (r sluggishRecords) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	r.s.nap()
	defer r.s.nap()
	return r.Records.Read(ctx, q)
}

func (r sluggishRecords) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	r.s.nap()
	defer r.s.nap()
	return r.Records.Commit(ctx, b)
}

func (r sluggishRecords) Erase(ctx context.Context, e store.Erasure) (int, error) {
	r.s.nap()
	defer r.s.nap()
	return r.Records.Erase(ctx, e)
}

// lies returns a script by which 30 of 100 calls with an effect get a false or an uncertain
// answer: that the outcome is unknown, whether it was done or not, or that nothing was done
// although it was, the last only if it is wicked. A call that was not done is never said to be
// done.
func lies(d *dice, told *atomic.Int64, wicked bool) func(faults.Call) (bool, error) {
	return func(c faults.Call) (bool, error) {
		switch c.Name {
		case "Records.Commit", "Stores.Settle", "Stores.Claim", "Records.Erase", "Stores.Expire":
		default:
			return true, nil
		}
		if told.Load() < 0 || d.n(100) >= 30 {
			return true, nil
		}
		told.Add(1)
		switch d.n(5) {
		case 0:
			return true, &store.Error{Kind: helpdesk.ErrUncertain}
		case 1:
			return false, &store.Error{Kind: helpdesk.ErrUncertain}
		case 2:
			return wicked, &store.Error{Kind: store.ErrRetry}
		case 3:
			return false, &store.Error{Kind: store.ErrRetry}
		default:
			return true, &store.Error{Kind: helpdesk.ErrUncertain, Err: store.ErrRetry}
		}
	}
}

// A heard is what the callers of the campaign heard: by mark of a message, the last error.
type heard struct {
	mu  sync.Mutex
	err map[string]error
}

func (h *heard) note(mark string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err[mark] = err
}

// A lied is a campaign on a storage that lies.
type lied struct {
	t      *testing.T
	mem    *memstore.Stores
	dice   *dice
	told   atomic.Int64
	wicked bool
	desks  []*desk.Desk
	post   *post
	team   *team
	heard  heard
}

func (l *lied) config(seed byte) desk.Config {
	in := faults.Scripted(lies(l.dice, &l.told, l.wicked))
	return desk.Config{
		Stores: sluggish{in.Stores(l.mem), l.dice}, Transport: l.post, Notifier: l.team, Clock: time.Now, Secrets: []desk.Secret{secret},
		Accounts: accounts{"acc-1": {Ref: "acc-1", Email: "ada@account.example"}},
		Inbox:    inbox.Config{OneTicket: true, Clock: inbox.WaitCalendar, NoAction: inbox.Duration(time.Hour), NotClosed: inbox.Duration(60 * day)},
		Limits: desk.Limits{
			Poll: time.Minute, Workers: 3, MaxSends: 6, MailsPerWindow: 1000, RetentionEvery: time.Hour,
		},
		Reminders: desk.Reminders{Clock: inbox.WaitCalendar, Every: 5 * time.Hour, ResolveAfter: 30 * time.Hour},
		Random:    rand.NewChaCha8([32]byte{seed}),
	}
}

// caller returns the tenant on one of the desks, and a context that may end soon.
func (l *lied) caller() (*desk.Tenant, context.Context, context.CancelFunc) {
	o, err := l.desks[l.dice.n(len(l.desks))].Tenant("acme")
	require.NoError(l.t, err)
	if l.dice.n(2) == 0 {
		ctx, cancel := context.WithCancel(l.t.Context())
		return o, ctx, cancel
	}
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Duration(l.dice.n(12_000))*time.Microsecond)
	return o, ctx, cancel
}

// give gives a command that leaves a message with the mark: with a key until it ended well,
// or without one once.
func (l *lied) give(mark string, by desk.Meta, command func(context.Context, *desk.Tenant, desk.Meta, inbox.MessageParams) (desk.Result, error)) (desk.Result, error) {
	keyed := l.dice.n(2) == 0
	if keyed {
		by.IdempotencyKey = mark
	}
	for n := 0; ; n++ {
		o, ctx, cancel := l.caller()
		r, err := command(ctx, o, by, marked(mark))
		cancel()
		l.heard.note(mark, err)
		if err == nil || !keyed || !desk.ProblemOf(err).Retry {
			return r, err
		}
		require.Less(l.t, n, 300, "%v", err)
	}
}

// host is a host that begins conversations and works on them.
func (l *lied) host(name string, rounds int) (all []desk.Result) {
	email := inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: contact}
	var begun []desk.Result
	for i := range rounds {
		mark := fmt.Sprintf("%s-%d", name, i)
		pick := func() inbox.ID { return begun[l.dice.n(len(begun))].Conversation }
		switch k := l.dice.n(12); {
		case k == 0 || len(begun) == 0:
			r, err := l.give(mark, customer, func(ctx context.Context, o *desk.Tenant, c desk.Meta, m inbox.MessageParams) (desk.Result, error) {
				return o.Start(ctx, c, opening(email, m))
			})
			if err == nil {
				begun = append(begun, r)
			}
		case k <= 2:
			id := pick()
			_, _ = l.give(mark, agent, func(ctx context.Context, o *desk.Tenant, c desk.Meta, m inbox.MessageParams) (desk.Result, error) {
				return o.Conversation(id).AddNote(ctx, c, m)
			})
		case k <= 4:
			id := pick()
			_, _ = l.give(mark, customer, func(ctx context.Context, o *desk.Tenant, c desk.Meta, m inbox.MessageParams) (desk.Result, error) {
				return o.Conversation(id).AddCustomerMessage(ctx, c, inbox.CustomerMessageParams{MessageParams: m})
			})
		case k <= 6:
			id := pick()
			_, _ = l.give(mark, agent, func(ctx context.Context, o *desk.Tenant, c desk.Meta, m inbox.MessageParams) (desk.Result, error) {
				if strings.HasSuffix(m.Body, "0]]") {
					return o.Conversation(id).AskCustomer(ctx, c, m)
				}
				return o.Conversation(id).Reply(ctx, c, m)
			})
		case k >= 8:
			l.turn(k)
		default:
			o, ctx, cancel := l.caller()
			_, _ = o.Conversation(pick()).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer", Description: mark}})
			cancel()
		}
		elapse(time.Duration(l.dice.n(120)) * time.Second)
	}
	return begun
}

// turn has a desk do a part of its work beside its loops, for a time that may be short.
func (l *lied) turn(k int) {
	o, ctx, cancel := l.caller()
	defer cancel()
	d := l.desks[l.dice.n(len(l.desks))]
	switch k {
	case 8:
		_, _ = d.Deliver(ctx)
	case 9:
		_, _ = d.FireTimers(ctx)
	case 10:
		_, _ = d.RemoveExpired(ctx)
	default:
		_, _ = o.ApplyRetention(ctx)
	}
}

// records are the records of the tenant, as they are.
func (l *lied) records() store.Records {
	of, err := l.mem.Tenant("acme")
	require.NoError(l.t, err)
	return of
}

// stored counts the messages with each mark in the storage, and has the keys of the replies.
func (l *lied) stored() (marks map[string]int, replies map[string]string) {
	marks, replies = map[string]int{}, map[string]string{}
	for _, rec := range listed(l.t, l.records(), "conversation") {
		for _, log := range []string{"message", "note"} {
			for _, e := range entries(l.t, l.records(), rec.Ref, log) {
				if strings.Contains(string(e.Body), `"by":"system"`) && log == "message" {
					continue // the library's own words
				}
				_, mark, _ := strings.Cut(string(e.Body), "[[")
				mark, _, ok := strings.Cut(mark, "]]")
				require.True(l.t, ok, "%s", e.Body)
				marks[mark]++
				if strings.Contains(string(e.Body), `"key":"`) {
					replies[mark] = rec.Ref.ID
				}
			}
		}
		for i, e := range entries(l.t, l.records(), rec.Ref, "event") {
			require.EqualValues(l.t, i+1, e.N, "the events have no gap")
		}
	}
	return marks, replies
}

// A storage that lies in 30 of 100 calls with an effect, under hosts with and without keys,
// with deadlines of all lengths, two desks that send, fire, sweep and delete at once: what was
// acknowledged is there once, what was refused is not, and nothing is there twice. Every reply
// is sent, none is a dead letter, every timer fires, and nothing is deleted before its time.
func TestStorageThatLies(t *testing.T) {
	t.Parallel()
	for seed := range campaign.Rounds(4, 100) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { liesTo(t, uint64(seed)) })
		})
	}
}

func liesTo(t *testing.T, seed uint64) {
	t.Helper()
	l := &lied{
		t: t, mem: memstore.New(), dice: &dice{rnd: rand.New(rand.NewPCG(seed, 7))}, post: &post{}, team: &team{},
		heard:  heard{err: map[string]error{}},
		wicked: seed%2 == 1,
	}
	for i := range 2 {
		d, err := desk.New(l.config(byte(i)))
		require.NoError(t, err)
		l.desks = append(l.desks, d)
	}
	run, stop := context.WithCancel(t.Context())
	var loops, hosts sync.WaitGroup
	for _, d := range l.desks {
		loops.Go(func() { _ = d.Run(run) })
	}
	begun := make([][]desk.Result, 3)
	for i := range begun {
		hosts.Go(func() { begun[i] = l.host(fmt.Sprint("h", i), 80) })
	}
	hosts.Wait()
	elapse(6 * time.Hour) // escalations, and reminders
	require.Greater(t, l.told.Load(), int64(100))

	// Nothing was deleted, and what was acknowledged is there.
	marks, replies := l.stored()
	for mark, err := range l.heard.err {
		switch {
		case err == nil:
			require.Equal(t, 1, marks[mark], mark)
		case errors.Is(err, helpdesk.ErrUncertain),
			l.wicked && (errors.Is(err, store.ErrRetry) || errors.Is(err, context.DeadlineExceeded)): // it lied, and there was no time to look
			require.LessOrEqual(t, marks[mark], 1, mark)
		default:
			require.Zero(t, marks[mark], "%s: %v", mark, err)
		}
	}
	for mark := range marks {
		require.Contains(t, l.heard.err, mark)
	}
	sent := map[string]bool{}
	l.post.mu.Lock()
	for _, e := range l.post.sent {
		_, mark, _ := strings.Cut(e.Body, "[[")
		mark, _, _ = strings.Cut(mark, "]]")
		sent[mark] = true
	}
	l.post.mu.Unlock()
	for mark := range replies {
		require.True(t, sent[mark], mark)
	}
	due, err := l.mem.Due(t.Context(), store.DueQuery{Queue: store.Timers, Now: time.Now().Add(-time.Hour), Limit: 1})
	require.NoError(t, err)
	require.Empty(t, due.Due, "all timers fired")

	// Some conversations are to be deleted.
	asked := map[string]bool{}
	for i, r := range begun[0] {
		if i < 3 { // not suspiciously many
			l.erase(r.Conversation)
			asked[r.Conversation.String()] = true
		}
	}
	had := len(listed(t, l.records(), "conversation"))
	elapse(12 * time.Hour)
	l.told.Store(-1 << 30) // the truth from now on
	elapse(12 * time.Hour)
	stop()
	loops.Wait()
	left := listed(t, l.records(), "conversation")
	o, err := l.desks[0].Tenant("acme")
	require.NoError(t, err)
	health, err := o.Health(t.Context())
	require.NoError(t, err)
	require.Equal(t, had-len(asked), len(left), "%+v", health) //nolint:testifylint // it would print them all
	for _, rec := range left {
		require.False(t, asked[rec.Ref.ID])
	}
	require.Empty(t, listed(t, l.records(), "purge"))
	stones := map[string]bool{}
	for _, rec := range listed(t, l.records(), "tombstone") {
		_, digest, _ := strings.Cut(string(rec.Body), `"digest":"`)
		digest, _, ok := strings.Cut(digest, `"`)
		require.True(t, ok, "%s", rec.Body)
		require.False(t, stones[digest], "one for each")
		stones[digest] = true
	}
	require.GreaterOrEqual(t, len(stones), len(asked))
	parked, err := l.records().Parked(t.Context(), store.ParkedQuery{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, parked.Parked)
	waiting, err := l.mem.Due(t.Context(), store.DueQuery{Queue: store.Outbox, Now: time.Now().Add(-time.Hour), Limit: 10})
	require.NoError(t, err)
	require.Empty(t, waiting.Due, "all was sent")
	after, _ := l.stored()
	for mark, n := range after {
		require.Equal(t, marks[mark], n)
	}
}

// erase has a conversation deleted, which is closed first.
func (l *lied) erase(id inbox.ID) {
	for n := 0; ; n++ {
		require.Less(l.t, n, 300)
		o, ctx, cancel := l.caller()
		_, err := o.Conversation(id).RequestErasure(ctx, agent)
		cancel()
		if err == nil {
			break
		}
	}
	var last error
	for n, done := 0, 0; done < 2; n++ {
		require.Less(l.t, n, 300, "%v", last)
		o, ctx, cancel := l.caller()
		_, err := o.Conversation(id).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate})
		if err == nil || !desk.ProblemOf(err).Retry {
			_, err = o.Conversation(id).Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
		}
		cancel()
		if last = err; err == nil || !desk.ProblemOf(err).Retry {
			done++
		}
	}
}
