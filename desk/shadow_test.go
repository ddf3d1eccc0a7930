package desk_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/sla"
)

// TestMain has every answer that the clocks give in the tests of this package looked at
// by a shadow, which answers from a log that was compacted after every event of it.
func TestMain(m *testing.M) {
	s := shadow{seed: maphash.MakeSeed(), known: map[uint64]carried{}, slow: map[string]int{}}
	desk.Shadow(s.look)
	code := m.Run()
	if testing.Verbose() || len(s.wrong) > 0 {
		fmt.Printf("shadow: %d answers of %d logs, largest of %d events and then of %d; from the whole log: %v\n",
			s.answers, len(s.known), s.whole, s.kept, s.slow)
	}
	for i, w := range s.wrong {
		if code = 1; i < 10 {
			fmt.Fprintln(os.Stderr, "shadow:", w)
		}
	}
	os.Exit(code)
}

// A shadow does what a desk is going to do: it carries the compacted log of a ticket
// from event to event.
type shadow struct {
	seed maphash.Seed

	mu          sync.Mutex
	known       map[uint64]carried // by the events of a log and their policy
	answers     int
	slow        map[string]int
	whole, kept int // events of the longest log, and of what was kept of it
	wrong       []string
}

// A carried is what a ticket keeps of its log.
type carried struct {
	log      sla.Compacted
	finished map[int]sla.Clock // by cycle
	now      time.Time         // when its last event was recorded
}

// recorded returns when an event became known.
func recorded(e *sla.Event) time.Time {
	if e.RecordedAt.IsZero() {
		return e.At
	}
	return e.RecordedAt
}

// look compares what the whole log says at now with what its compacted part and its
// last event say.
func (s *shadow) look(p *sla.Policy, log []sla.Event, now time.Time, want sla.Evaluation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sums := make([]uint64, len(log)+1) // of the events before each
	sums[0] = maphash.String(s.seed, p.Digest())
	for i := range log {
		e := &log[i]
		sums[i+1] = maphash.Comparable(s.seed, [2]any{sums[i], fmt.Sprint(
			e.ID, e.Kind, e.At.UnixNano(), recorded(e).UnixNano(), e.By, e.Channel, e.Severity, e.Status, e.OnBehalf, e.ContactAt,
			e.Public, e.Auto, e.Message, e.SameRequester, e.Other, e.Into,
		)})
	}
	n := len(log) - 1
	from := n
	for from > 0 && s.known[sums[from]].now.IsZero() {
		from--
	}
	c := s.known[sums[from]]
	for i := from; i < n; i++ {
		var err error
		if c, err = s.next(p, c, log[:i+1]); err != nil {
			s.wrong = append(s.wrong, err.Error())
			return
		}
		s.known[sums[i+1]] = c
	}
	got, err := p.EvaluateCompacted(c.log, log[n:], now)
	if need, ok := errors.AsType[*sla.WholeLogError](err); ok {
		s.slow[need.Reason]++
		return
	}
	s.answers++
	if n+1 > s.whole {
		s.whole, s.kept = n+1, len(c.log.Events)+1
	}
	if err == nil {
		err = differ(want, got, c.finished, log[n])
	}
	if err != nil {
		text, _ := json.Marshal(log)
		s.wrong = append(s.wrong, fmt.Sprintf("%v: at %v of %s", err, now, text))
	}
}

// next takes the last event of a log, whose others are carried.
func (s *shadow) next(p *sla.Policy, c carried, log []sla.Event) (carried, error) {
	last := log[len(log)-1:]
	now := recorded(&last[0])
	if now.Before(c.now) {
		now = c.now
	}
	after, finished, err := p.Compact(c.log, last, now)
	rows := maps.Clone(c.finished)
	if need, ok := errors.AsType[*sla.WholeLogError](err); ok {
		s.slow[need.Reason]++
		rows = nil
		after, finished, err = p.Compact(sla.Compacted{}, log, now)
	}
	if err != nil {
		return carried{}, err
	}
	if rows == nil {
		rows = map[int]sla.Clock{}
	}
	for _, x := range finished {
		rows[x.Cycle] = x
	}
	// It is stored, and read again.
	text, err := json.Marshal(after)
	if err != nil {
		return carried{}, err
	}
	var back sla.Compacted
	if err := json.Unmarshal(text, &back); err != nil {
		return carried{}, err
	}
	return carried{back, rows, now}, nil
}

// differ says in what two evaluations differ that must not.
func differ(want, got sla.Evaluation, finished map[int]sla.Clock, last sla.Event) error {
	clocks := append(slices.Collect(maps.Values(finished)), got.Clocks...)
	slices.SortFunc(clocks, func(a, b sla.Clock) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Cycle, b.Cycle))
	})
	if !reflect.DeepEqual(want.Clocks, clocks) {
		return fmt.Errorf("clocks are %+v, the compacted log has %+v", want.Clocks, clocks)
	}
	voided := map[sla.VoidedBreach]int{}
	for _, v := range want.Voided {
		voided[v]++
	}
	for _, v := range got.Voided {
		voided[v]--
	}
	for v, n := range voided {
		if n != 0 {
			return fmt.Errorf("voided is %+v %d times more than in the compacted log", v, n)
		}
	}
	of := func(e sla.Evaluation) (codes []string) {
		for _, a := range e.Anomalies {
			if a.Event == last.ID {
				codes = append(codes, a.Code)
			}
		}
		return codes
	}
	if !slices.Equal(of(want), of(got)) {
		return fmt.Errorf("the last event is odd in %v, in the compacted log in %v", of(want), of(got))
	}
	return nil
}
