package desk_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/stretchr/testify/require"
)

// How many pairs race at least, with the race detector and without, if the campaign is
// long.
const leastRaces = 10_000

// The table of verdicts for two at once (docs/concurrency.md) holds for a desk:
// every pair of commands in every state races on two desks that share a storage, many
// times if the campaign is long. Two rounds of a pair hold both commands until each has
// decided on the same state, and have one and then the other commit first: what
// comes out then is what comes out one after the other. The others run freely:
// what comes out is what comes out in one of the two orders. T18–T20, T24, T25,
// D2, R34, R62.
func TestRacingPairs(t *testing.T) {
	t.Parallel()
	known, err := pairs.Concurrency()
	require.NoError(t, err)
	all := asUseCases(pairs.Complete(known))
	rounds := campaign.Rounds(2, (leastRaces+len(all)-1)/len(all)) // in the short form, both are held, and none is free
	var raced, decidedAnew, collided atomic.Int64
	t.Cleanup(func() { // when all states are through
		if t.Failed() {
			return
		}
		require.Equal(t, int64(rounds*len(all)), raced.Load())
		require.Positive(t, collided.Load())
		require.GreaterOrEqual(t, decidedAnew.Load(), collided.Load())
		t.Logf("%d pairs of commands raced in %d rounds; %d times both wrote the same, %d decisions were made anew",
			len(all), raced.Load(), collided.Load(), decidedAnew.Load())
	})
	for _, s := range pairs.States() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				scenes := map[inbox.TimerKind]*scene{}
				for _, p := range all {
					if p.State != s.Name {
						continue
					}
					soon := soonest(p)
					if scenes[soon] == nil {
						scenes[soon] = newScene(t, s, soon)
					}
					d := &duel{scene: scenes[soon], pair: p, names: [2]string{p.A, p.B}}
					d.weigh()
					for n := range rounds {
						d.round(n)
					}
					raced.Add(int64(rounds))
					decidedAnew.Add(d.decidedAnew)
					collided.Add(d.collided)
				}
			})
		})
	}
}

// asUseCases returns the pairs with the verdicts for the use cases of a desk. Those
// are the commands of the table but for one: reopening a ticket takes its
// conversation out of the archive by the same commit.
func asUseCases(all []pairs.Pair) []pairs.Pair {
	const reopen, unarchive, archived = string(pairs.ActionReopen), string(pairs.ActionUnarchive), "archived"
	verdict := func(a, b string) pairs.Verdict {
		i := slices.IndexFunc(all, func(p pairs.Pair) bool {
			return p.State == archived && (p.A == a && p.B == b || p.A == b && p.B == a)
		})
		return all[i].Verdict
	}
	out := slices.Clone(all)
	for i, p := range out {
		if p.State != archived || p.A != reopen && p.B != reopen {
			continue
		}
		other := p.A
		if other == reopen {
			other = p.B
		}
		if verdict(unarchive, other) != p.Verdict {
			out[i].Verdict = pairs.Conflict
		}
	}
	return out
}

// soonest returns the timer of a pair that goes off first.
func soonest(p pairs.Pair) inbox.TimerKind {
	a, _ := timerOf(p.A)
	b, both := timerOf(p.B)
	switch {
	case a == "":
		return b
	case both && a != b:
		return "" // each at its own time
	default:
		return a
	}
}

// A duel is one pair of the table.
type duel struct {
	*scene
	pair   pairs.Pair
	names  [2]string
	orders [2]result // what comes out if this one is first

	decidedAnew, collided int64
}

func (d *duel) where() string {
	return d.pair.State + ": " + d.pair.A + " and " + d.pair.B + ": " + string(d.pair.Verdict)
}

// weigh gives the two commands in both orders, and makes sure that what comes of
// it is what the verdict says.
func (d *duel) weigh() {
	where := d.where()
	moved := [2]bool{} // the second changed something, by which was first
	for first := range d.orders {
		alone := d.single(d.names, first)
		require.Equal(d.t, "", alone.codes[first], where)
		both := d.serial(d.names, first, 1-first)
		d.orders[first] = both
		require.Equal(d.t, "", both.codes[first], where)
		moved[first] = !slices.Equal(alone.all.things, both.all.things)
		if refused := both.codes[1-first]; refused != "" {
			require.Equal(d.t, alone.all.lines, both.all.lines, "%s: nothing of a refused command is done", where)
			require.Contains(d.t, []string{
				"not_allowed", "stale_control", "offer", "seen", "invalid",
			}, refused, where)
		}
		if moved[first] {
			require.Greater(d.t, both.all.facts, alone.all.facts, "%s: what is done is an event (D10)", where)
		}
	}
	switch d.pair.Verdict {
	case pairs.Commutes:
		for first := range d.orders {
			require.Equal(d.t, "", d.orders[first].codes[1-first], where)
		}
		require.Equal(d.t, d.orders[0].all.things, d.orders[1].all.things, where)
		require.Equal(d.t, d.orders[0].all.events, d.orders[1].all.events, where)
	case pairs.FirstWins:
		require.Equal(d.t, [2]bool{}, moved, where)
	default:
	}
}

// round has the two race once.
func (d *duel) round(n int) {
	where, held := d.where(), n%7 < 2
	first := -1
	if held {
		first = n % 7
	}
	got := d.race(d.names, first)
	d.decidedAnew += got.raced
	if held {
		want := d.orders[first]
		require.Equal(d.t, want.codes, got.codes, "%s: %s commits first", where, d.names[first])
		require.Equal(d.t, want.all.lines, got.all.lines, "%s: %s commits first", where, d.names[first])
		if d.a.collide() {
			d.collided++
			require.Positive(d.t, got.raced, "%s: both changed the same record", where)
		}
	} else {
		as := func(r result) bool { return r.codes == got.codes && slices.Equal(r.all.lines, got.all.lines) }
		if !as(d.orders[0]) {
			require.Equal(d.t, d.orders[1].codes, got.codes, where)
			require.Equal(d.t, d.orders[1].all.lines, got.all.lines, where)
		}
	}
	d.once(got)
}

// once makes sure that what an accepted command wrote is there once, and in the
// outbox once if it is for the customer; and not at all of a refused one. Where the
// first wins it is there once for the two.
func (d *duel) once(got result) {
	var wrote, sent, mayWrite, maySend [2]int
	for i, name := range d.names {
		wrote[i], sent[i] = got.all.messages[sides[i]], got.all.sent[sides[i]]
		if got.codes[i] != "" {
			continue
		}
		name, _ = strings.CutSuffix(name, pairs.SeenAll)
		switch pairs.ActionKind(name) {
		case pairs.ActionReply, pairs.ActionAsk, pairs.ActionAIReply:
			mayWrite[i], maySend[i] = 1, 1
		case pairs.ActionMessage, pairs.ActionAutoMessage, pairs.ActionParticipant, pairs.ActionNote:
			mayWrite[i] = 1
		default:
		}
	}
	if d.pair.Verdict == pairs.FirstWins && mayWrite == [2]int{1, 1} {
		mayWrite, maySend = [2]int{wrote[0], 1 - wrote[0]}, [2]int{sent[0], 1 - sent[0]}
	}
	require.Equal(d.t, mayWrite, wrote, "%s: messages", d.where())
	require.Equal(d.t, maySend, sent, "%s: messages to be sent", d.where())
}
