package sla

import (
	"fmt"
	"iter"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A Metric is the span that a clock measures. The order of metrics is the order of the clocks
// in an evaluation: first reply, next reply, resolution.
//
// The zero Metric is unset: it is not valid and has no text form.
type Metric uint8

// The metrics.
const (
	MetricFirstReply Metric = iota + 1 // from the first contact to the first public answer by a person (S11, S12)
	MetricNextReply                    // from the oldest unanswered message to the next such answer (S14)
	MetricResolution                   // from the first contact to the resolution or the mitigation (S18)
)

var metricNames = [...]string{
	MetricFirstReply: "first_reply",
	MetricNextReply:  "next_reply",
	MetricResolution: "resolution",
}

// Metrics yields every valid Metric in order.
func Metrics() iter.Seq[Metric] {
	return func(yield func(Metric) bool) {
		for m := MetricFirstReply; m <= MetricResolution; m++ {
			if !yield(m) {
				return
			}
		}
	}
}

// ParseMetric returns the Metric with the text form s. The error for any other text is a
// [*helpdesk.FieldError] without a path.
func ParseMetric(s string) (Metric, error) {
	for m := range Metrics() {
		if metricNames[m] == s {
			return m, nil
		}
	}
	return 0, unnamed(s, mustBeMetric)
}

// isValid reports whether m is one of [Metrics].
func (m Metric) isValid() bool { return MetricFirstReply <= m && m <= MetricResolution }

// String returns the text form of a valid Metric, and Metric(n) otherwise.
func (m Metric) String() string {
	if !m.isValid() {
		return fmt.Sprintf("Metric(%d)", uint8(m))
	}
	return metricNames[m]
}

// AppendText implements [encoding.TextAppender]. The error for a Metric that is
// not valid is a [*helpdesk.FieldError] without a path.
func (m Metric) AppendText(b []byte) ([]byte, error) {
	if !m.isValid() {
		return b, unnamed(m.String(), mustBeMetric)
	}
	return append(b, metricNames[m]...), nil
}

// MarshalText implements [encoding.TextMarshaler]. The error for a Metric that
// is not valid is a [*helpdesk.FieldError] without a path.
func (m Metric) MarshalText() ([]byte, error) { return m.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler] by [ParseMetric]. On an error m does
// not change.
func (m *Metric) UnmarshalText(text []byte) error {
	parsed, err := ParseMetric(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// What would be right.
const (
	mustBeMetric = "must be first_reply, next_reply or resolution"
	mustBeKind   = "must be one of the kinds of event"
	mustBeStatus = "must be submitted, in_progress, waiting_on_customer or resolved"
	mustBeLevel  = "must be low, medium, high or urgent"
)

// unnamed is the error for a text, or a value, that names nothing.
func unnamed(value, reason string) error {
	return &helpdesk.FieldError{Value: check.Shorten(value, 60), Reason: reason}
}
