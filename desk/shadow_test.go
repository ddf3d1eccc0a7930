package desk_test

import (
	"cmp"
	"encoding/json"
	"fmt"
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
// by a shadow, which asks the whole log.
func TestMain(m *testing.M) {
	s := shadow{slow: map[string]int{}}
	desk.Shadow(s.look, s.count)
	code := m.Run()
	if testing.Verbose() || len(s.wrong) > 0 {
		fmt.Printf("shadow: %d answers, longest log of %d events; read whole: %v\n", s.answers, s.whole, s.slow)
	}
	for i, w := range s.wrong {
		if code = 1; i < 10 {
			fmt.Fprintln(os.Stderr, "shadow:", w)
		}
	}
	os.Exit(code)
}

// A shadow compares what a desk answers by what it keeps of the log of a ticket with what
// the whole log says.
type shadow struct {
	mu      sync.Mutex
	answers int
	whole   int            // events of the longest log
	slow    map[string]int // how often the whole log was read, by reason
	wrong   []string
}

func (s *shadow) count(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow[reason]++
}

// look compares an answer with what the whole log says.
func (s *shadow) look(p *sla.Policy, log, added []sla.Event, finished []sla.Clock, now time.Time, got sla.Evaluation) {
	want, err := p.Evaluate(log, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers++
	s.whole = max(s.whole, len(log))
	if err == nil {
		err = differ(want, got, finished, added)
	}
	if err != nil {
		text, _ := json.Marshal(log)
		s.wrong = append(s.wrong, fmt.Sprintf("%v: at %v of %s", err, now, text))
	}
}

// differ says in what two evaluations differ that must not.
func differ(want, got sla.Evaluation, finished []sla.Clock, added []sla.Event) error {
	clocks := slices.Concat(finished, got.Clocks)
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
			if slices.ContainsFunc(added, func(ev sla.Event) bool { return ev.ID == a.Event }) {
				codes = append(codes, a.Code)
			}
		}
		return codes
	}
	if !slices.Equal(of(want), of(got)) {
		return fmt.Errorf("the new events are odd in %v, in the compacted log in %v", of(want), of(got))
	}
	return nil
}
