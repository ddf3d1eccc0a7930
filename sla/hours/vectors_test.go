package hours_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

// TestVectors answers the worked examples of S2 to S9 that every
// implementation of these rules, in any language, agrees on.
func TestVectors(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../testdata/schedule.jsonl")
	require.NoError(t, err)
	n := 0
	for line := range bytes.Lines(data) {
		n++
		var q struct {
			ID, Op    string
			Schedule  json.RawMessage
			At, Until time.Time
			For       string
			Want      struct {
				At      time.Time
				Seconds json.Number
				Open    bool
			}
		}
		require.NoError(t, json.Unmarshal(line, &q))
		s, err := hours.Parse(q.Schedule, nil)
		require.NoError(t, err, q.ID)
		var d time.Duration
		if q.For != "" {
			d, err = time.ParseDuration(q.For)
			require.NoError(t, err, q.ID)
		}
		var got time.Time
		switch q.Op {
		case "add":
			got, err = s.Add(q.At, d)
		case "sub":
			got, err = s.Sub(q.At, d)
		case "next_open":
			got, err = s.NextOpen(q.At)
		case "next_close":
			got, err = s.NextClose(q.At)
		case "between":
			d, err = s.Between(q.At, q.Until)
			want, perr := time.ParseDuration(q.Want.Seconds.String() + "s")
			require.NoError(t, perr, q.ID)
			require.Equal(t, want, d, q.ID)
		case "is_open":
			var open bool
			open, err = s.IsOpen(q.At)
			require.Equal(t, q.Want.Open, open, q.ID)
		default:
			t.Fatalf("%s: no operation %q", q.ID, q.Op)
		}
		require.NoError(t, err, q.ID)
		if !q.Want.At.IsZero() {
			require.True(t, q.Want.At.Equal(got), "%s: got %v, want %v", q.ID, got, q.Want.At)
		}
	}
	require.Equal(t, 300, n)
}
