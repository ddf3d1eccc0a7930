package desk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/stretchr/testify/require"
)

var errAway = errors.New("the mail server is away")

// written begins a conversation by mail that the AI has first.
var written = inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: contact}

// isMail reports whether something goes by mail.
func isMail(e desk.Envelope) bool { return e.Channel == helpdesk.ChannelEmail }

// T28, T29: a mail server is away for a day, or for almost five: every reply arrives, in order, and
// the first one is in time.
func TestMailServerAway(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]time.Duration{"a day": day, "4.9 days": 49 * day / 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx := t.Context()
			r := w.ticketed(written)
			w.run()
			w.post.take()
			w.post.fail = func(e desk.Envelope) error {
				if isMail(e) {
					return errAway
				}
				return nil
			}
			w.clock.advance(time.Minute)
			began := w.clock.now()
			for n, s := range []string{"one", "two", "three"} {
				w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text(s)))
				w.run()
				w.clock.advance(time.Duration(n+1) * time.Hour)
			}
			for w.clock.now().Before(began.Add(away)) {
				w.run()
				w.clock.advance(7 * time.Minute)
			}
			require.Empty(t, w.post.take())
			require.Empty(t, w.parked())
			w.post.fail = nil
			for range 8 {
				w.clock.advance(10 * time.Minute)
				w.run()
			}
			var got []string
			for _, e := range w.post.take() {
				if isMail(e) {
					got = append(got, e.Body)
				}
			}
			require.Equal(t, []string{"one", "two", "three"}, got)
			require.Empty(t, w.parked())
			first, ok := w.ticket(r.Ticket).Clocks.Clock(sla.MetricFirstReply)
			require.True(t, ok)
			require.Equal(t, began, first.Stop)
			require.Empty(t, first.Breaches)
		})
	}
}

// T28: what a mail server did not take for five days is given up, the first first, and what is
// sent later goes out.
func TestMailServerAwayForLong(t *testing.T) {
	t.Parallel()
	var keys []string
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(written)
	w.run()
	w.post.fail = func(e desk.Envelope) error {
		if isMail(e) {
			return errAway
		}
		return nil
	}
	began := w.clock.now()
	for _, s := range []string{"one", "two", "three"} {
		w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text(s)))
		w.run()
		w.clock.advance(time.Hour)
	}
	lost := map[int]time.Time{}
	for w.clock.now().Before(began.Add(6 * day)) {
		w.run()
		dead, _, err := w.o.DeadLetters(ctx, "", 0)
		require.NoError(t, err)
		for _, l := range dead {
			if key := l.Key[strings.LastIndex(l.Key, "/")+1:]; !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		if _, ok := lost[len(keys)]; !ok {
			lost[len(keys)] = w.clock.now()
		}
		w.clock.advance(7 * time.Minute)
	}
	require.Equal(t, []string{"4", "5", "6"}, keys)
	require.Equal(t, []string{"customer age", "customer age", "customer age"}, w.parked())
	require.GreaterOrEqual(t, lost[1].Sub(began), 5*day)
	require.LessOrEqual(t, lost[1].Sub(began), 5*day+70*time.Minute) // 5.1 days are too long
	page, _, err := w.o.DeadLetters(ctx, "", 0)
	require.NoError(t, err)
	for _, l := range page {
		require.GreaterOrEqual(t, l.Tries, 3)
	}
	v := w.conversation(r.Conversation)
	require.True(t, v.Messages[3].(inbox.Reply).Undelivered)
	w.post.fail = nil
	w.post.take()
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("four")))
	w.run()
	sent := w.post.take()
	require.Equal(t, "four", sent[len(sent)-1].Body)
}

// T28: both sides of every bound of giving up by age.
func TestGivenUpByAge(t *testing.T) {
	t.Parallel()
	const days = 5 * day
	for _, c := range []struct {
		name    string
		sendFor time.Duration
		at      []time.Duration // when it is tried
		up      bool
	}{
		{"old enough", 0, []time.Duration{0, day, days}, true},
		{"not old enough", 0, []time.Duration{0, day, days - 1}, false},
		{"two attempts", 0, []time.Duration{0, days}, false},
		{"three in an hour", 0, []time.Duration{days, days + 30*time.Minute, days + time.Hour}, true},
		{"three in less", 0, []time.Duration{days, days + 30*time.Minute, days + time.Hour - 1}, false},
		{"four, the last after an hour", 0, []time.Duration{days, days + 10*time.Second, days + 40*time.Second, days + time.Hour}, true},
		{"another time", 2 * day, []time.Duration{0, day, 2 * day}, true},
		{"not yet", 2 * day, []time.Duration{0, day, 2*day - 1}, false},
		{"a short one", 10 * time.Minute, []time.Duration{0, 5 * time.Minute, 10 * time.Minute}, true},
		{"late", 10 * time.Minute, []time.Duration{time.Hour, 65 * time.Minute, 70 * time.Minute}, true},
		{"late, not yet", 10 * time.Minute, []time.Duration{time.Hour, 65 * time.Minute, 70*time.Minute - 1}, false},
		{"by many attempts alone", 0, sixteen(), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(x *desk.Config) { x.Limits.SendFor = c.sendFor })
			r := w.start(live)
			w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
			began, tries := w.clock.now(), 0
			w.post.fail = func(desk.Envelope) error { tries++; return errAway }
			for n, at := range c.at {
				w.clock.advance(began.Add(at).Sub(w.clock.now()))
				_, err := w.desk.Deliver(t.Context())
				require.NoError(t, err)
				require.Equal(t, n+1, tries)
				if n < len(c.at)-1 {
					require.Empty(t, w.parked(), at)
				}
			}
			if c.up {
				require.Equal(t, []string{"customer age"}, w.parked())
			} else {
				require.Empty(t, w.parked())
			}
		})
	}
}

// sixteen are attempts far enough apart.
func sixteen() []time.Duration {
	var all []time.Duration
	for n := range 16 {
		all = append(all, time.Duration(n)*time.Hour)
	}
	return all
}

// T28: a message that was revived long after it was to be sent is not given up at its first failure.
func TestRevivedIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("Hello.")))
	w.post.fail = func(desk.Envelope) error { return desk.ErrRejected }
	w.run()
	require.Equal(t, []string{"customer rejected"}, w.parked()) // at once
	w.clock.advance(20 * day)
	page, _, err := w.o.DeadLetters(ctx, "", 0)
	require.NoError(t, err)
	require.NoError(t, w.o.Revive(ctx, page[0].Key))
	w.post.fail = func(desk.Envelope) error { return errAway }
	for range 55 {
		w.run()
		w.clock.advance(time.Minute)
	}
	require.Empty(t, w.parked())
	for range 90 {
		w.run()
		w.clock.advance(time.Minute)
	}
	require.Equal(t, []string{"customer age"}, w.parked())
}

// T28, T35: nothing is given up, by age or attempts, while the clock is not believed.
func TestNotGivenUpByAWrongClock(t *testing.T) {
	t.Parallel()
	for reason, most := range map[string]int{"age": 0, "tries": 4} {
		w, j := jumping(t, func(c *desk.Config) { c.Limits.MaxSends = most })
		r := w.start(live)
		w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
		tries := 0
		w.post.fail = func(desk.Envelope) error { tries++; return errAway }
		w.run()
		j.jump(40 * day)
		for range 6 {
			w.clock.advance(day)
			w.run()
		}
		require.Equal(t, 7, tries)
		require.Empty(t, w.parked())
		j.jump(0)
		w.clock.advance(day)
		w.run()
		require.Equal(t, []string{"customer " + reason}, w.parked())
	}
}

// T31: a question to the AI whose answer cannot be carried out is a person's after fifteen
// attempts, without any Limits.MaxSends: a customer waits.
func TestQuestionIsNotHandledForDays(t *testing.T) {
	t.Parallel()
	a := &assistant{answer: func(context.Context, desk.Turn) (desk.Answer, error) { return desk.Answer{}, errAway }}
	w := newWorld(t, func(c *desk.Config) { c.Assistant = a })
	r := w.start(live)
	w.run()
	require.Len(t, a.turns, 1) // a failure of the AI itself hands over at once
	require.Equal(t, inbox.ListActive, w.conversation(r.Conversation).List)

	w = newWorld(t, func(c *desk.Config) { c.Assistant = a })
	h, _ := w.hooked()
	a.answer = func(context.Context, desk.Turn) (desk.Answer, error) { return desk.Answer{Text: "Hello."}, nil }
	a.turns = nil
	h.fail = refusesAnswers
	r = w.start(live)
	for range 40 {
		w.run()
		w.clock.advance(time.Hour)
	}
	require.Len(t, a.turns, 15)
	require.Equal(t, []string{"ai tries"}, w.parked())
	require.Equal(t, inbox.ListActive, w.conversation(r.Conversation).List)
}

// refusesAnswers refuses every commit of an answer of the AI.
func refusesAnswers(b store.Batch) error {
	for _, e := range b.Append {
		if e.Log == "event" && strings.Contains(string(e.Body), `"type":"ai_reply"`) {
			return errMishap
		}
	}
	return nil
}
