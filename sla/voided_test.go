package sla_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// drawBusyLog draws a long log of a ticket whose level changes and is corrected again
// and again.
func drawBusyLog(t *rapid.T) []sla.Event {
	opening := moment{tuesday.Add(9 * time.Hour)}
	by := rapid.SampledFrom([]helpdesk.Actor{helpdesk.ActorCustomer, helpdesk.ActorAgent}).Draw(t, "by")
	log := []sla.Event{named("a", opening.openedBy(by, rapid.SampledFrom([]helpdesk.Channel{chat, email}).Draw(t, "channel"), drawLevel(t)))}
	at := opening
	for i := range rapid.IntRange(0, 60).Draw(t, "events") {
		if rapid.IntRange(0, 2).Draw(t, "later") > 0 {
			at = at.plus(time.Duration(rapid.IntRange(0, 8).Draw(t, "after")) * tick)
		}
		var e sla.Event
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0, 1:
			e = at.changed(drawLevel(t))
		case 2, 3, 4:
			e = at.corrected(drawLevel(t))
		case 5:
			e = at.status(rapid.SampledFrom([]sla.Status{sla.StatusResolved, sla.StatusInProgress}).Draw(t, "status"))
		default:
			e = drawEvent(t, at, log)
		}
		e.ID = fmt.Sprintf("%c%d", 'a'+rapid.IntRange(0, 3).Draw(t, "id"), i)
		if rapid.IntRange(0, 9).Draw(t, "recorded") == 0 {
			e.RecordedAt = e.At.Add(time.Duration(rapid.IntRange(-6, 3).Draw(t, "recorded_at")) * tick)
		}
		log = append(log, e)
	}
	return log
}

// inOrder returns the events that count at now in their order (S10), each where it
// counts, and nothing if the opening does not.
func inOrder(log []sla.Event, skew time.Duration, now time.Time) ([]sla.Event, []time.Time) {
	type placed struct {
		sla.Event
		at time.Time
	}
	var all []placed
	var opening time.Time
	for _, e := range known(log, skew, now) {
		at := e.At
		if !e.RecordedAt.IsZero() && at.After(e.RecordedAt.Add(skew)) {
			at = e.RecordedAt
		}
		if e.Kind == sla.KindOpened {
			opening = at
		}
		all = append(all, placed{e, at})
	}
	if opening.IsZero() {
		return nil, nil
	}
	for i := range all {
		if p := &all[i]; p.Kind != sla.KindMessage && p.at.Before(opening) {
			p.at = opening
		}
	}
	slices.SortFunc(all, func(a, b placed) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(kindRank[a.Kind], kindRank[b.Kind]), cmp.Compare(a.ID, b.ID))
	})
	events, ats := make([]sla.Event, len(all)), make([]time.Time, len(all))
	for i, p := range all {
		events[i], ats[i] = p.Event, p.at
	}
	return events, ats
}

// slowlyVoided is S22 word for word: the breaches that were on record right before a
// correction and are not now.
func slowlyVoided(t require.TestingT, p *sla.Policy, log []sla.Event, now time.Time) []sla.VoidedBreach {
	ev, err := p.Evaluate(log, now)
	require.NoError(t, err)
	listed := map[sla.VoidedBreach]bool{}
	for _, c := range ev.Clocks {
		for _, b := range c.Breaches {
			listed[sla.VoidedBreach{Metric: c.Metric, At: b.At, Due: b.Due, Severity: b.Severity}] = true
		}
	}
	var gone []sla.VoidedBreach
	order, ats := inOrder(log, max(0, p.Config().Skew), now)
	for i, e := range order {
		if e.Kind != sla.KindSeverityCorrected {
			continue
		}
		before := slices.Clone(order[:i])
		for k := i; k < len(order); k++ { // a bounce of the same instant is known
			if order[k].Kind == sla.KindUndelivered && ats[k].Equal(ats[i]) {
				before = append(before, order[k])
			}
		}
		then, err := p.Evaluate(before, ats[i])
		require.NoError(t, err)
		for _, c := range then.Clocks {
			for _, b := range c.Breaches {
				v := sla.VoidedBreach{Metric: c.Metric, At: b.At, Due: b.Due, Severity: b.Severity}
				if !listed[v] {
					listed[v] = true
					gone = append(gone, v)
				}
			}
		}
	}
	return gone
}

// S22: however many corrections there are, what they voided is what evaluating right
// before each of them says.
func voided(t *rapid.T) {
	p, err := sla.New(drawConfig(t), nil)
	require.NoError(t, err)
	log := drawBusyLog(t)
	now := log[len(log)-1].At.Add(time.Duration(rapid.IntRange(-20, 20).Draw(t, "now")) * tick)
	ev, err := p.Evaluate(rapid.Permutation(log).Draw(t, "arrival"), now)
	require.NoError(t, err)
	require.Equal(t, slowlyVoided(t, p, log, now), ev.Voided, "%s", sayLog(p, log, now))
}

// sayLog writes a case to be read.
func sayLog(p *sla.Policy, log []sla.Event, now time.Time) string {
	var out strings.Builder
	for _, e := range log {
		text, _ := json.Marshal(e)
		fmt.Fprintf(&out, "%s\n", text)
	}
	text, _ := json.Marshal(p)
	fmt.Fprintf(&out, "at %s under %s\n", say(now), text)
	return out.String()
}

func TestVoidedS22(t *testing.T) {
	t.Parallel()
	rapid.Check(t, voided)
}
