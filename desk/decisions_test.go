package desk_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// decisions returns what was recorded of decisions that are due about the first reply.
func (w *world) decisions(id ticket.ID) []string {
	w.t.Helper()
	page, err := w.o.Ticket(id).Events(w.t.Context(), 0, 0)
	require.NoError(w.t, err)
	var out []string
	for _, e := range page.Events {
		if e.Type != desk.EventDecisionWarning && e.Type != desk.EventDecisionOverdue {
			continue
		}
		var ev desk.ClockEvent
		require.NoError(w.t, json.Unmarshal(e.Body, &ev))
		require.Equal(w.t, severity.Urgent, ev.Severity)
		if ev.Metric == sla.MetricFirstReply {
			out = append(out, fmt.Sprintf("%s %d %v at %s", e.Type, ev.Percent, ev.Passed, e.At.Format("15:04:05")))
		}
	}
	return out
}

// R82, S36, S37: while nobody decides about a claim, the thresholds and the deadline that a confirmation
// would set are recorded and told, each once however often it is looked at, also of a new claim
// after a decline.
func TestDecisionsS36(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	w.run()
	w.team.take()
	h := w.o.Ticket(r.Ticket)
	claim := func() { w.must(h.ClaimSeverity(ctx, customer, severity.Urgent, helpdesk.ChannelLiveChat)) }
	claim()
	begun := w.clock.now()
	for range 20 {
		w.clock.advance(time.Minute)
		w.run()
		w.run()
	}
	at := func(d time.Duration) string { return begun.Add(d).Format("15:04:05") }
	of := func(from time.Duration) []string {
		return []string{
			"decision_warning 50 [] at " + at(from+450*time.Second),
			"decision_warning 75 [] at " + at(from+675*time.Second),
			"decision_warning 90 [] at " + at(from+810*time.Second),
			"decision_overdue 0 [] at " + at(from+15*time.Minute),
		}
	}
	require.Equal(t, of(0), w.decisions(r.Ticket))
	told := map[string]int{}
	for _, n := range w.team.take() {
		if n.Clock.Metric == sla.MetricFirstReply {
			told[n.Cause]++
		}
	}
	require.Equal(t, map[string]int{desk.EventDecisionWarning: 3, desk.EventDecisionOverdue: 1}, onlyClocks(told))

	w.must(h.DeclineSeverity(ctx, agent, severity.High))
	w.clock.advance(time.Hour)
	w.run()
	require.Equal(t, of(0), w.decisions(r.Ticket), "nothing is to be decided")

	again := w.clock.now().Sub(begun)
	claim()
	w.clock.advance(16 * time.Minute) // nobody looked meanwhile
	w.run()
	all := append(of(0), of(again)...)
	require.Equal(t, all, w.decisions(r.Ticket))
	w.must(h.ConfirmSeverity(ctx, agent))
	w.clock.advance(time.Hour)
	w.run()
	require.Equal(t, all, w.decisions(r.Ticket))
}
