package relay_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/relay"
	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var errAway = errors.New("is away")

// A batch is what the storage was told at once.
type batch struct {
	at  time.Time
	all []store.Settlement
}

// A port is a host and a storage that note everything.
type port struct {
	send    func(context.Context, *store.Item) (relay.Answer, error)
	givenUp func(reason string) error
	settle  func(context.Context) error

	mu      sync.Mutex
	asked   []store.Receipt
	batches []batch
	told    []string
}

func (p *port) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, fmt.Sprintf(format, args...))
}

func (p *port) Send(ctx context.Context, m *store.Item) (relay.Answer, error) {
	p.mu.Lock()
	p.asked = append(p.asked, m.Receipt)
	p.mu.Unlock()
	return p.send(ctx, m)
}

func (p *port) GivenUp(_ context.Context, m *store.Item, reason string) error {
	p.note("given up %s: %s", m.Receipt, reason)
	if p.givenUp == nil {
		return nil
	}
	return p.givenUp(reason)
}

func (p *port) Settle(ctx context.Context, all ...store.Settlement) error {
	p.mu.Lock()
	p.batches = append(p.batches, batch{time.Now(), append([]store.Settlement(nil), all...)})
	p.mu.Unlock()
	if p.settle == nil {
		return nil
	}
	return p.settle(ctx)
}

func (p *port) Sent(_ context.Context, m *store.Item) { p.note("sent %s", m.Receipt) }
func (p *port) Left(_ context.Context, m *store.Item) { p.note("left %s", m.Receipt) }
func (p *port) Retried(_ context.Context, m *store.Item, err error, attempt int, wait time.Duration) {
	p.note("retried %s: %v, attempt %d, wait %s", m.Receipt, err, attempt, wait)
}

func (p *port) Parked(_ context.Context, m *store.Item, reason string) {
	p.note("parked %s: %s", m.Receipt, reason)
}
func (p *port) Fault(_ context.Context, err error)      { p.note("fault: %v", err) }
func (p *port) Unreturned(_ context.Context, err error) { p.note("unreturned: %v", err) }

// settled returns everything that the storage was told, in order.
func (p *port) settled() (all []store.Settlement) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.batches {
		all = append(all, b.all...)
	}
	return all
}

// takes is how long the host of the tests takes for a message.
const takes = 5 * time.Second

// answers has the host give an answer after a while.
func answers(a relay.Answer, err error) func(context.Context, *store.Item) (relay.Answer, error) {
	return func(context.Context, *store.Item) (relay.Answer, error) {
		<-time.After(takes)
		return a, err
	}
}

func config(p relay.Port) relay.Config {
	return relay.Config{
		Port: p, Now: time.Now,
		IsTimely: func() bool { return true },
		Jitter:   func(wait time.Duration) (time.Duration, error) { return wait, nil },
		MaxSends: func(*store.Item) int { return 0 },
		SendFor:  5 * 24 * time.Hour, MinBackoff: 10 * time.Second, MaxBackoff: 5 * time.Minute,
		Timeout: 30 * time.Second, Lease: 2 * time.Minute, Spare: 4 * time.Second,
	}
}

// What the storage and the host hear of each answer. An attempt is counted only where the host was
// asked, at the instant at which it was; a host may ask for a pause of at most a day.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	failed := relay.Answer{Kind: relay.Failed, Health: schedule.Failed}
	after := func(d time.Duration) relay.Answer {
		return relay.Answer{Kind: relay.Failed, After: d, Health: schedule.Well}
	}
	retried := func(attempt int, wait time.Duration) []string {
		return []string{fmt.Sprintf("retried r: is away, attempt %d, wait %s", attempt, wait)}
	}
	for _, tt := range []struct {
		name    string
		item    store.Item
		answer  relay.Answer
		err     error
		verdict store.Verdict // none: nothing is settled
		reason  string
		tried   bool
		wait    time.Duration
		told    []string
		returns error
	}{
		{name: "sent", answer: relay.Answer{Health: schedule.Well}, verdict: store.Done, tried: true, told: []string{"sent r"}},
		{name: "nobody left", err: errAway, verdict: store.Done, tried: true, told: []string{"sent r"}},
		{name: "cut", answer: relay.Answer{Kind: relay.Cut}, err: errAway, returns: errAway},
		{
			name: "rejected", answer: relay.Answer{Kind: relay.Never, Reason: "rejected", Asked: true, Health: schedule.Well}, err: errAway,
			verdict: store.Park, reason: "rejected", tried: true, told: []string{"given up r: rejected", "parked r: rejected"},
		},
		{
			name: "damaged", answer: relay.Answer{Kind: relay.Never, Reason: "damaged"}, err: errAway,
			verdict: store.Park, reason: "damaged", told: []string{"given up r: damaged", "parked r: damaged"},
		},
		{
			name: "newer", item: store.Item{Handed: 1, Attempts: 5}, answer: relay.Answer{Kind: relay.Newer}, err: errAway,
			verdict: store.Retry, wait: 10 * time.Second, told: []string{"left r"},
		},
		{
			name: "newer, third", item: store.Item{Handed: 3}, answer: relay.Answer{Kind: relay.Newer, After: time.Hour},
			verdict: store.Retry, wait: 40 * time.Second, told: []string{"left r"},
		},
		{
			name: "newer, often", item: store.Item{Handed: 4}, answer: relay.Answer{Kind: relay.Newer},
			verdict: store.Retry, wait: time.Minute, told: []string{"left r"},
		},
		{
			name: "newer, never handed out", answer: relay.Answer{Kind: relay.Newer},
			verdict: store.Retry, wait: 10 * time.Second, told: []string{"left r"},
		},
		{name: "failed", answer: failed, err: errAway, verdict: store.Retry, tried: true, wait: 10 * time.Second, told: retried(1, 10*time.Second)},
		{
			name: "failed twice", item: store.Item{Attempts: 1, Handed: 9}, answer: failed, err: errAway,
			verdict: store.Retry, tried: true, wait: 20 * time.Second, told: retried(2, 20*time.Second),
		},
		{
			name: "attempts of a storage that is wrong", item: store.Item{Attempts: -3}, answer: failed, err: errAway,
			verdict: store.Retry, tried: true, wait: 10 * time.Second, told: retried(-2, 10*time.Second),
		},
		{name: "undone", answer: relay.Answer{Kind: relay.Undone}, err: errAway, verdict: store.Retry, wait: 10 * time.Second, told: retried(1, 10*time.Second)},
		{
			name: "undone after attempts", item: store.Item{Attempts: 3}, answer: relay.Answer{Kind: relay.Undone, After: time.Minute}, err: errAway,
			verdict: store.Retry, wait: 80 * time.Second, told: retried(4, 80*time.Second),
		},
		{name: "after less", answer: after(9 * time.Second), err: errAway, verdict: store.Retry, tried: true, wait: 10 * time.Second, told: retried(1, 10*time.Second)},
		{name: "after more", answer: after(11 * time.Second), err: errAway, verdict: store.Retry, tried: true, wait: 11 * time.Second, told: retried(1, 11*time.Second)},
		{name: "after none", answer: after(-day), err: errAway, verdict: store.Retry, tried: true, wait: 10 * time.Second, told: retried(1, 10*time.Second)},
		{name: "after a day less", answer: after(day - 1), err: errAway, verdict: store.Retry, tried: true, wait: day - 1, told: retried(1, day-1)},
		{name: "after a day", answer: after(day), err: errAway, verdict: store.Retry, tried: true, wait: day, told: retried(1, day)},
		{name: "after a day more", answer: after(day + 1), err: errAway, verdict: store.Retry, tried: true, wait: day, told: retried(1, day)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				m := tt.item
				m.Receipt, m.Message.At = "r", began
				var want []store.Settlement
				if tt.verdict != 0 {
					s := store.Settlement{Receipt: "r", Verdict: tt.verdict, Reason: tt.reason}
					if tt.tried {
						s.Tried = began
					}
					if tt.verdict == store.Retry {
						s.At = began.Add(takes + tt.wait)
					}
					want = append(want, s)
				}
				p := &port{send: answers(tt.answer, tt.err)}
				require.Equal(t, tt.returns, relay.New(config(p)).One(t.Context(), &m))
				require.Equal(t, want, p.settled())
				require.Equal(t, tt.told, p.told)

				p = &port{send: answers(tt.answer, tt.err)}
				m.Message.At = time.Now()
				require.Equal(t, tt.answer.Health, relay.New(config(p)).All(t.Context(), []store.Item{m}, 0))
				require.Len(t, p.settled(), min(1, int(tt.verdict)))
				if tt.returns != nil {
					require.Equal(t, []string{"fault: is away"}, p.told)
				} else {
					require.Equal(t, tt.told, p.told)
				}
			})
		})
	}
}

// One says at once that a message was taken, also when the loop ends meanwhile, and has only so
// much time for it.
func TestOneSettlesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := &port{send: func(context.Context, *store.Item) (relay.Answer, error) {
			cancel()
			return relay.Answer{}, nil
		}}
		p.settle = func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		began := time.Now()
		require.Equal(t, context.DeadlineExceeded, relay.New(config(p)).One(ctx, &store.Item{Receipt: "r"}))
		require.Equal(t, began.Add(30*time.Second), time.Now())
		require.Equal(t, []batch{{began, []store.Settlement{{Receipt: "r", Verdict: store.Done, Tried: began}}}}, p.batches)
	})
}

// Who could not note that a message is given up has not given it up; without chance there is no
// pause, and the message is handed out again when its lease ends.
func TestFaultsOfOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failed := relay.Answer{Kind: relay.Failed}
		p := &port{send: answers(relay.Answer{Kind: relay.Never, Reason: "rejected"}, nil), givenUp: func(string) error { return errAway }}
		require.Equal(t, errAway, relay.New(config(p)).One(t.Context(), &store.Item{Receipt: "r"}))
		require.Empty(t, p.batches)
		require.Equal(t, []string{"given up r: rejected"}, p.told)

		for _, kind := range []relay.Kind{relay.Failed, relay.Undone, relay.Newer} {
			p = &port{send: answers(relay.Answer{Kind: kind}, nil)}
			c := config(p)
			c.Jitter = func(time.Duration) (time.Duration, error) { return 0, errAway }
			require.Equal(t, errAway, relay.New(c).One(t.Context(), &store.Item{Receipt: "r", Handed: 1, Message: store.Message{At: time.Now()}}))
			require.Empty(t, p.batches)
		}
		for _, a := range []relay.Answer{{}, failed, {Kind: relay.Undone}, {Kind: relay.Newer}, {Kind: relay.Never}} {
			p = &port{send: answers(a, nil), settle: func(context.Context) error { return errAway }}
			require.Equal(t, errAway, relay.New(config(p)).One(t.Context(), &store.Item{Receipt: "r", Handed: 1, Message: store.Message{At: time.Now()}}))
			require.Len(t, p.settled(), 1)
		}
	})
}

// A message is given up after so many attempts, or by its age: never before, and never while nobody
// knows the time.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	const sendFor, rest = 5 * 24 * time.Hour, 5 * time.Minute
	ago := func(d time.Duration) time.Duration { return d - takes } // when the attempt has failed, it is so old
	for _, tt := range []struct {
		name           string
		attempts, most int
		age, first     time.Duration // before the attempt; a zero first is none
		sendFor        time.Duration
		jumped         bool
		reason         string
	}{
		{name: "one attempt less", attempts: 3, most: 5},
		{name: "the last attempt", attempts: 4, most: 5, reason: relay.ReasonTries},
		{name: "more than enough", attempts: 40, most: 5, reason: relay.ReasonTries},
		{name: "only one", most: 1, reason: relay.ReasonTries},
		{name: "any number", attempts: 1_000_000, first: time.Hour},
		{name: "the last attempt, of unknown age", attempts: 4, most: 5, jumped: true},
		{name: "young", attempts: 9, age: ago(sendFor - 1), first: ago(sendFor - 1)},
		{name: "old", attempts: 9, age: ago(sendFor), first: ago(sendFor), reason: relay.ReasonAge},
		{name: "old, at an unknown time", attempts: 9, age: ago(sendFor), first: ago(sendFor), jumped: true},
		{name: "old, second attempt", attempts: 1, age: ago(sendFor), first: ago(sendFor)},
		{name: "old, third attempt", attempts: 2, age: ago(sendFor), first: ago(sendFor), reason: relay.ReasonAge},
		{name: "revived a moment ago", attempts: 9, age: 2 * sendFor, first: ago(rest - 1)},
		{name: "revived", attempts: 9, age: 2 * sendFor, first: ago(rest), reason: relay.ReasonAge},
		{name: "no first attempt is known", attempts: 9, age: 2 * sendFor},
		{name: "short-lived", attempts: 2, age: time.Hour, first: ago(time.Minute), sendFor: time.Minute, reason: relay.ReasonAge},
		{name: "short-lived, revived", attempts: 2, age: time.Hour, first: ago(time.Minute - 1), sendFor: time.Minute},
		{name: "both", attempts: 9, most: 5, age: sendFor, first: sendFor, reason: relay.ReasonTries},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				p := &port{send: answers(relay.Answer{Kind: relay.Failed, Health: schedule.Failed}, errAway)}
				c := config(p)
				c.MaxSends = func(*store.Item) int { return tt.most }
				c.IsTimely = func() bool { return !tt.jumped }
				if tt.sendFor > 0 {
					c.SendFor = tt.sendFor
				}
				m := store.Item{Receipt: "r", Attempts: tt.attempts, Message: store.Message{At: began.Add(-tt.age)}}
				if tt.first != 0 {
					m.FirstTry = began.Add(-tt.first)
				}
				require.NoError(t, relay.New(c).One(t.Context(), &m))
				got := p.settled()
				require.Len(t, got, 1)
				require.Equal(t, began, got[0].Tried, "the host was asked")
				if tt.reason == "" {
					require.Equal(t, store.Retry, got[0].Verdict)
					return
				}
				require.Equal(t, store.Settlement{Receipt: "r", Verdict: store.Park, Reason: tt.reason, Tried: began}, got[0])
				require.Equal(t, []string{"given up r: " + tt.reason, "parked r: " + tt.reason}, p.told)
			})
		})
	}
}

// The pause doubles from the least to the most, whatever the numbers, and chance has the last word.
func TestBackoff(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		least := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "least"))
		most := time.Duration(rapid.Int64Range(int64(least), int64(1000*time.Hour)).Draw(t, "most"))
		attempts := rapid.IntRange(0, 100).Draw(t, "attempts")
		half := rapid.Bool().Draw(t, "half")
		now := check.Begin
		p := &port{send: func(context.Context, *store.Item) (relay.Answer, error) {
			return relay.Answer{Kind: relay.Undone}, nil
		}}
		c := config(p)
		c.MinBackoff, c.MaxBackoff, c.Now = least, most, func() time.Time { return now }
		var asked time.Duration
		c.Jitter = func(wait time.Duration) (time.Duration, error) {
			asked = wait
			if half {
				wait /= 2
			}
			return wait, nil
		}
		require.NoError(t, relay.New(c).One(context.Background(), &store.Item{Receipt: "r", Attempts: attempts}))
		want := least
		for range attempts {
			if want > most/2 {
				want = most
				break
			}
			want *= 2
		}
		if attempts < 32 { // one that is as large as that is not doubled to the end
			require.Equal(t, want, asked)
		}
		require.LessOrEqual(t, asked, most)
		require.GreaterOrEqual(t, asked, min(want, most))
		if half {
			asked /= 2
		}
		require.Equal(t, now.Add(asked), p.settled()[0].At)
	})
}

// What is to be tried again after the last instant that a storage keeps is so at that instant.
func TestEndOfTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ now, at time.Time }{
		{check.End.Add(-10*time.Second - 2), check.End.Add(-2)},
		{check.End.Add(-10*time.Second - 1), check.End.Add(-1)},
		{check.End.Add(-10 * time.Second), check.End.Add(-1)},
		{check.End.Add(-11 * time.Second), check.End.Add(-time.Second)},
	} {
		for _, kind := range []relay.Kind{relay.Failed, relay.Undone, relay.Newer} {
			p := &port{send: func(context.Context, *store.Item) (relay.Answer, error) { return relay.Answer{Kind: kind}, nil }}
			c := config(p)
			c.Now = func() time.Time { return tt.now }
			m := store.Item{Receipt: "r", Handed: 1, Message: store.Message{At: tt.now}}
			require.NoError(t, relay.New(c).One(t.Context(), &m))
			require.Equal(t, tt.at, p.settled()[0].At, kind)
		}
	}
}
