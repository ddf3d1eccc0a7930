package sla_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// A keeping is a ticket whose log is compacted after every batch of events: what a host
// does.
type keeping struct {
	p        *sla.Policy
	whole    []sla.Event
	c        sla.Compacted
	finished map[int]sla.Clock // by cycle
	slow     map[string]int    // how often the whole log was needed
	fast     int
	mutate   func(*sla.Compacted) // nil, but to see whether a fault is found
	ignore   string               // empty, but for the same
}

func newKeeping(p *sla.Policy) *keeping {
	return &keeping{p: p, finished: map[int]sla.Clock{}, slow: map[string]int{}}
}

// take takes a batch of events that become known at now, checks that what is known of
// the log suffices to answer as the whole does, and compacts it.
func (k *keeping) take(batch []sla.Event, now time.Time) error {
	k.whole = append(slices.Clip(k.whole), batch...)
	c, tail := k.c, batch
	err := k.check(c, tail, now)
	if e, ok := errors.AsType[*sla.WholeLogError](err); ok && e.Reason == k.ignore {
		c.Dropped, c.FinishedAt = 0, time.Time{} // nothing is checked then
		err = k.check(c, tail, now)
	}
	if err != nil {
		if _, ok := errors.AsType[*sla.WholeLogError](err); !ok {
			return err
		}
		c, tail = sla.Compacted{}, k.whole
		clear(k.finished)
		if err := k.check(c, tail, now); err != nil {
			return fmt.Errorf("from the whole log: %w", err)
		}
	}
	after, finished, err := k.p.Compact(c, tail, now)
	if err != nil {
		return fmt.Errorf("compacting: %w", err)
	}
	for _, x := range finished {
		if _, twice := k.finished[x.Cycle]; twice {
			return fmt.Errorf("cycle %d was finished before", x.Cycle)
		}
		k.finished[x.Cycle] = x
	}
	if k.mutate != nil {
		k.mutate(&after)
	}
	k.c = after
	return nil
}

// check compares what a compacted log and a tail say with what the whole log says.
func (k *keeping) check(c sla.Compacted, tail []sla.Event, now time.Time) error {
	got, err := k.p.EvaluateCompacted(c, tail, now)
	if e, ok := errors.AsType[*sla.WholeLogError](err); ok {
		k.slow[e.Reason]++
		return err
	}
	k.fast++
	want, wrong := k.p.Evaluate(k.whole, now)
	if err := errors.Join(err, wrong); err != nil {
		return err
	}
	return sameAnswer(want, got, k.finished, tail)
}

// sameAnswer says in what two evaluations differ: clocks but for finished cycles,
// voided breaches, and the anomalies of the tail.
func sameAnswer(want, got sla.Evaluation, finished map[int]sla.Clock, tail []sla.Event) error {
	all := slices.Concat(got.Clocks, slices.Collect(maps.Values(finished)))
	slices.SortFunc(all, func(a, b sla.Clock) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Cycle, b.Cycle))
	})
	voided := func(ev sla.Evaluation) []sla.VoidedBreach {
		return slices.SortedFunc(slices.Values(ev.Voided), func(a, b sla.VoidedBreach) int {
			return cmp.Or(cmp.Compare(a.Metric, b.Metric), a.At.Compare(b.At), a.Due.Compare(b.Due), cmp.Compare(a.Severity, b.Severity))
		})
	}
	ofTail := func(ev sla.Evaluation) []sla.Anomaly {
		return slices.DeleteFunc(slices.Clone(ev.Anomalies), func(a sla.Anomaly) bool {
			return !slices.ContainsFunc(tail, func(e sla.Event) bool { return e.ID == a.Event })
		})
	}
	differ := func(what string, want, got any) error {
		return fmt.Errorf("%s: the whole log says\n%v\nthe compacted one\n%v", what, want, got)
	}
	switch {
	case !slices.Equal(clockLines(want.Clocks), clockLines(all)):
		return differ("clocks", clockLines(want.Clocks), clockLines(all))
	case !reflect.DeepEqual(want.Provisional, got.Provisional):
		return differ("provisional", want.Provisional, got.Provisional)
	case !reflect.DeepEqual(want.Clocks, all):
		return differ("clocks", want.Clocks, all)
	case !slices.Equal(voided(want), voided(got)):
		return differ("voided", voided(want), voided(got))
	case !slices.Equal(ofTail(want), ofTail(got)):
		return differ("anomalies", ofTail(want), ofTail(got))
	}
	return nil
}

// drawTalk draws the log of a ticket about which much is said.
func drawTalk(t *rapid.T) []sla.Event {
	opening := moment{tuesday.Add(9 * time.Hour)}
	log := []sla.Event{named("a", opening.openedBy(rapid.SampledFrom([]helpdesk.Actor{helpdesk.ActorCustomer, helpdesk.ActorAgent}).Draw(t, "by"), email, drawLevel(t)))}
	at := opening.plus(-2 * tick)
	for i := range rapid.IntRange(0, 40).Draw(t, "events") {
		at = at.plus(time.Duration(rapid.IntRange(0, 6).Draw(t, "after")) * tick)
		var e sla.Event
		switch rapid.IntRange(0, 11).Draw(t, "what") {
		case 0, 1, 2:
			e = at.question()
		case 3, 4, 5:
			e = at.reply()
		case 6, 7:
			e = at.status(rapid.SampledFrom(statuses).Draw(t, "status"))
		case 8:
			e = at.corrected(drawLevel(t))
		case 9:
			e = at.undelivered(log[rapid.IntRange(0, len(log)-1).Draw(t, "message")].ID)
		default:
			e = drawEvent(t, at, log)
		}
		e.ID = fmt.Sprintf("%c%d", 'a'+rapid.IntRange(0, 3).Draw(t, "id"), i)
		log = append(log, e)
	}
	return log
}

// drawBatches draws the order in which the events of a log become known, some of them
// late, those of one instant often together, and the instants at which they do.
func drawBatches(t *rapid.T, log []sla.Event, skew time.Duration) (batches [][]sla.Event, nows []time.Time) {
	counts := func(e sla.Event) time.Time {
		if !e.RecordedAt.IsZero() && e.At.After(e.RecordedAt.Add(skew)) {
			return e.RecordedAt
		}
		return e.At
	}
	order := slices.Clone(log)
	slices.SortStableFunc(order, func(a, b sla.Event) int { return counts(a).Compare(counts(b)) })
	for range rapid.IntRange(0, 2).Draw(t, "late") {
		i := rapid.IntRange(0, len(order)-1).Draw(t, "from")
		k := rapid.IntRange(i, len(order)-1).Draw(t, "to")
		e := order[i]
		copy(order[i:], order[i+1:k+1])
		order[k] = e
	}
	var now time.Time
	for i := 0; i < len(order); {
		n := 1
		for i+n < len(order) && counts(order[i+n]).Equal(counts(order[i])) && rapid.IntRange(0, 3).Draw(t, "together") > 0 {
			n++
		}
		if rapid.IntRange(0, 9).Draw(t, "more") == 0 {
			n = rapid.IntRange(1, len(order)-i).Draw(t, "batch")
		}
		for _, e := range order[i : i+n] {
			if now.Before(counts(e)) {
				now = counts(e)
			}
		}
		if rapid.IntRange(0, 5).Draw(t, "noticed later") == 0 {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "by")) * tick)
		}
		batches = append(batches, rapid.Permutation(order[i:i+n]).Draw(t, "arrival"))
		nows = append(nows, now)
		i += n
	}
	return batches, nows
}

// A tale is how the log of a ticket became known.
type tale struct {
	config  sla.Config
	batches [][]sla.Event
	nows    []time.Time // when each of them did
	laters  []time.Time // when somebody asked next
}

// drawTale draws a tale that begins with a batch that has the opening.
func drawTale(t *rapid.T, draw func(*rapid.T) []sla.Event) tale {
	x := tale{config: drawConfig(t)}
	log := draw(t)
	if rapid.IntRange(0, 4).Draw(t, "twice") == 0 {
		e := rapid.SampledFrom(log).Draw(t, "again")
		switch rapid.IntRange(0, 2).Draw(t, "recorded") {
		case 0:
			e.RecordedAt = e.At.Add(-time.Duration(rapid.IntRange(0, 4).Draw(t, "by")) * tick)
		case 1:
			e.RecordedAt = time.Time{}
		default:
		}
		log = append(log, e)
	}
	batches, nows := drawBatches(t, log, max(0, x.config.Skew))
	var waiting []sla.Event
	for i, batch := range batches {
		waiting = append(waiting, batch...)
		if len(x.batches) == 0 && !slices.ContainsFunc(waiting, func(e sla.Event) bool { return e.Kind == sla.KindOpened }) {
			continue // there is no ticket yet
		}
		x.batches, x.nows = append(x.batches, waiting), append(x.nows, nows[i])
		x.laters = append(x.laters, nows[i].Add(time.Duration(rapid.Int64Range(0, int64(30*time.Hour)).Draw(t, "later"))))
		waiting = nil
	}
	return x
}

// compacted checks that a log that is compacted after every batch of events answers as
// the whole log does, through its stored form, then and later.
func compacted(x tale, k *keeping) error {
	for i, batch := range x.batches {
		if err := k.take(batch, x.nows[i]); err != nil {
			return fmt.Errorf("batch %d: %w", i, err)
		}
		text, err := json.Marshal(k.c)
		if err != nil {
			return err
		}
		var back sla.Compacted
		if err := json.Unmarshal(text, &back); err != nil {
			return err
		}
		if !reflect.DeepEqual(k.c, back) {
			return fmt.Errorf("batch %d: stored as %s", i, text)
		}
		k.c = back
		if err := k.check(k.c, nil, x.laters[i]); err != nil {
			return fmt.Errorf("after batch %d, at %s: %w", i, say(x.laters[i]), err)
		}
	}
	return nil
}

// tellTale writes a tale to be read.
func tellTale(x tale, p *sla.Policy) string {
	var out strings.Builder
	for i, batch := range x.batches {
		fmt.Fprintf(&out, "batch %d, then asked at %s: %s", i, say(x.laters[i]), sayLog(p, batch, x.nows[i]))
	}
	return out.String()
}

var drawLogs = map[string]func(*rapid.T) []sla.Event{"any": drawLog, "fine": drawFineLog, "busy": drawBusyLog, "talk": drawTalk}

// The kept part of a log and what comes after it answer as the whole log does, or say
// that they cannot.
func TestCompact(t *testing.T) {
	t.Parallel()
	for name, draw := range drawLogs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slow, fast, kept, all := map[string]int{}, 0, 0, 0
			rapid.Check(t, func(t *rapid.T) {
				x := drawTale(t, draw)
				p, err := sla.New(x.config, nil)
				require.NoError(t, err)
				k := newKeeping(p)
				require.NoError(t, compacted(x, k), "%s", tellTale(x, p))
				for reason, n := range k.slow {
					slow[reason] += n
				}
				fast += k.fast
				kept += len(k.c.Events)
				all += len(k.c.Events) + k.c.Dropped
			})
			t.Logf("answered from what was kept %d times, from the whole log %v; kept %d of %d events", fast, slow, kept, all)
			require.Greater(t, fast, 2*(slow["late"]+slow["bounce"]+slow["correction"]))
		})
	}
}
