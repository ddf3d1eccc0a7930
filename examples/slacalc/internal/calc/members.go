package calc

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
	"github.com/deskcore/helpdesk/sla"
)

// readInstant reads a member that is an instant.
func readInstant(name string, member wire.Value) (time.Time, error) {
	text, _ := member.Text()
	t, ok := wire.ParseInstant(text)
	if !ok {
		return t, faultf(badQuestion, "%s: %s must be an instant of RFC 3339, such as 2026-03-29T09:00:00Z", name, member)
	}
	return t, nil
}

// readDuration reads the member for.
func readDuration(member wire.Value) (time.Duration, error) {
	text, _ := member.Text()
	d, ok := wire.ParseDuration(text)
	if !ok {
		return 0, faultf(badQuestion, "for: %s must be a duration, such as 1h30m", member)
	}
	return d, nil
}

// readDays reads the member days, which stands in place of for.
func readDays(q *wire.Question) (float64, error) {
	var n float64
	switch {
	case q.For != nil:
		return 0, faultf(badQuestion, "days: %s must not stand beside for", q.Days)
	case json.Unmarshal(q.Days, &n) != nil:
		return 0, faultf(badQuestion, "days: %s must be a number of working days, such as 2 or 0.5", q.Days)
	}
	return n, nil
}

// readEvents reads the member events. The error has the faults of all events.
func readEvents(member wire.Value) ([]sla.Event, error) {
	var raw []json.RawMessage
	if !member.IsList() || json.Unmarshal(member, &raw) != nil {
		return nil, faultf(badQuestion, "events: %s must be a list", member)
	}
	events := make([]sla.Event, len(raw))
	var faults []error
	for i := range raw {
		if err := events[i].UnmarshalJSON(raw[i]); err != nil {
			faults = append(faults, err)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, &fault{badEvent, oneLine(err)}
	}
	return events, nil
}

// readMetric reads the member metric.
func readMetric(member wire.Value) (sla.Metric, error) {
	name, _ := member.Text()
	metric, err := sla.ParseMetric(string(name))
	if err != nil {
		return metric, faultf(badQuestion, "metric: %s must be first_reply, next_reply or resolution", member)
	}
	return metric, nil
}

// readCycle reads the member cycle. Without one it returns 0, which is the newest.
func readCycle(member wire.Value) (int, error) {
	if member == nil {
		return 0, nil
	}
	cycle, err := strconv.Atoi(string(member))
	if err != nil || cycle < 1 {
		return 0, faultf(badQuestion, "cycle: %s must be a whole number from 1 on", member)
	}
	return cycle, nil
}
