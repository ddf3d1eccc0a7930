package desk

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// of returns what was told of a cycle, and nil if it is not known.
func (x *winder) of(m sla.Metric, cycle int) *told {
	for i := range x.told {
		if t := &x.told[i]; t.Metric == m && t.Cycle == cycle {
			return t
		}
	}
	return nil
}

// newest returns the number of the newest cycle of which it is known what was told, at
// least 1.
func newest(list []told, m sla.Metric) int {
	n := 1
	for _, t := range list {
		if t.Metric == m {
			n = max(n, t.Cycle)
		}
	}
	return n
}

// note notes that something was told.
func (t *told) note(level severity.Level, percent int) {
	i := slices.IndexFunc(t.Levels, func(l toldLevel) bool { return l.Severity == level })
	if i < 0 {
		i = len(t.Levels)
		t.Levels = append(t.Levels, toldLevel{Severity: level})
	}
	l := &t.Levels[i]
	l.Percent, l.Breached = max(l.Percent, percent), l.Breached || percent == 0
}

// noteAll notes an event, and what it was told in place of.
func (t *told) noteAll(ev *ClockEvent) {
	t.note(ev.Severity, ev.Percent)
	for _, percent := range ev.Passed {
		t.note(ev.Severity, percent)
	}
}

// has reports whether it was told.
func (t *told) has(level severity.Level, percent int) bool {
	return slices.ContainsFunc(t.Levels, func(l toldLevel) bool {
		return l.Severity == level && (percent == 0 && l.Breached || percent > 0 && l.Percent >= percent)
	})
}

// isTold reports whether an event of a clock was recorded before. Of an older cycle than
// the newest it asks what stood before the command, and in the end the events.
func (x *winder) isTold(ev *ClockEvent, at time.Time) (bool, error) {
	if t := x.of(ev.Metric, ev.Cycle); t != nil {
		return t.has(ev.Severity, ev.Percent), nil
	}
	if ev.Cycle >= newest(x.t.body.Told, ev.Metric) {
		return false, nil // it is new
	}
	if !x.read && ev.Percent == 0 && !x.t.before.IsZero() {
		before, err := x.evaluate(&x.t.before, at)
		if err != nil {
			return false, err
		}
		for i := range before.Clocks {
			c := &before.Clocks[i]
			if c.Metric == ev.Metric && c.Cycle == ev.Cycle && slices.ContainsFunc(c.Breaches, func(b sla.Breach) bool { return b.Severity == ev.Severity }) {
				return true, nil
			}
		}
	}
	if err := x.readWhole("told"); err != nil {
		return false, err
	}
	return x.stood(ev.mark(), ev.Metric, ev.Cycle), nil
}

// stood reports whether an event with the mark stands in the history of the ticket, about
// a cycle that has its number still.
func (x *winder) stood(mark string, m sla.Metric, cycle int) bool {
	return slices.ContainsFunc(x.history.told[mark], func(numbering int) bool {
		return m != sla.MetricNextReply || !slices.ContainsFunc(x.t.body.Lasts[min(numbering, len(x.t.body.Lasts)):], func(last int) bool { return cycle > last })
	})
}

// renumber has the cycles of the next reply recorded anew that come after those there are,
// if there are fewer than before: an answer that was taken back made two of them one, and
// the next are others.
func (x *winder) renumber(clocks []sla.Clock) error {
	last := x.t.now.Snapshot().Log.Finished
	for i := range clocks {
		if clocks[i].Metric == sla.MetricNextReply {
			last = max(last, clocks[i].Cycle)
		}
	}
	if last == 0 || last >= newest(x.t.body.Told, sla.MetricNextReply) {
		return nil
	}
	if err := x.readWhole("renumbered"); err != nil {
		return err
	}
	now, void := told{Metric: sla.MetricNextReply, Cycle: last}, false
	for mark := range x.history.told {
		parts := strings.Split(mark, "/")
		if len(parts) != 4 || parts[0] != sla.MetricNextReply.String() {
			continue
		}
		cycle, _ := strconv.Atoi(parts[1])
		if !x.stood(mark, sla.MetricNextReply, cycle) {
			continue
		}
		void = void || cycle > last
		var level severity.Level
		if cycle == last && level.UnmarshalText([]byte(parts[2])) == nil {
			percent, _ := strconv.Atoi(parts[3]) // 0 for a breach
			now.note(level, percent)
		}
	}
	slices.SortFunc(now.Levels, func(a, b toldLevel) int { return int(a.Severity) - int(b.Severity) })
	x.told = slices.DeleteFunc(x.told, func(t told) bool { return t.Metric == sla.MetricNextReply })
	x.told = append(x.told, now)
	x.t.body.Told = slices.Clone(x.told)
	if void {
		x.t.body.Lasts = append(slices.Clip(x.t.body.Lasts), last)
	}
	return nil
}

// suffix tells the events of a cycle from those of one that had its number before.
func (b *ticketBody) suffix(m sla.Metric) string {
	switch n := len(b.Lasts); {
	case m != sla.MetricNextReply || n == 0:
		return ""
	case n == 1:
		return "+"
	default:
		return "+" + strconv.Itoa(n)
	}
}

// keepTold keeps what was told of the newest cycle of each metric.
func (x *winder) keepTold(clocks []sla.Clock) {
	var kept []told
	for _, m := range [...]sla.Metric{sla.MetricFirstReply, sla.MetricNextReply, sla.MetricResolution} {
		n := newest(x.told, m)
		for i := range clocks {
			if clocks[i].Metric == m {
				n = max(n, clocks[i].Cycle)
			}
		}
		t := told{Metric: m, Cycle: n}
		if had := x.of(m, n); had != nil {
			t = *had
		}
		if t.Cycle > 1 || len(t.Levels) > 0 {
			kept = append(kept, t)
		}
	}
	x.t.body.Told = kept
}
