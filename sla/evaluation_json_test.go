package sla_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla"
)

// The JSON form of an evaluation: what does not apply is absent.
func TestEvaluationJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit edit
		log  []sla.Event
		now  moment
		want string
	}{
		{
			name: "running and untargeted", edit: warnAt(50), log: events(at("10:00").opened(low)), now: at("10:30").plus(1500 * time.Microsecond),
			want: `{"clocks":[
				{"metric":"first_reply","cycle":1,"state":"running","verdict":"pending","severity":"low","start":"2026-03-03T10:00:00Z",
				 "due":"2026-03-03T13:00:00Z","elapsed_seconds":1800.0015,"remaining_seconds":8999.9985,"next":{"at":"2026-03-03T11:30:00Z","what":"warn_50"}},
				{"metric":"resolution","cycle":1,"state":"running","verdict":"untargeted","severity":"low","start":"2026-03-03T10:00:00Z","elapsed_seconds":1800.0015}]}`,
		},
		{
			name: "not started", log: events(at("10:00").openedBy("agent", email, low)), now: at("10:30"),
			want: `{"clocks":[{"metric":"first_reply","cycle":1,"state":"not_started","verdict":"excluded"},
				{"metric":"resolution","cycle":1,"state":"not_started","verdict":"excluded"}]}`,
		},
		{
			name: "merged away before the start", log: events(at("10:00").openedBy("agent", email, low), at("10:10").mergedInto()), now: at("10:30"),
			want: `{"clocks":[{"metric":"first_reply","cycle":1,"state":"cancelled","verdict":"excluded"},
				{"metric":"resolution","cycle":1,"state":"cancelled","verdict":"excluded"}]}`,
		},
		{
			name: "everything", log: events(
				at("10:00").opened(high), named(`e"2`, at("09:59").note()), at("11:30").corrected(low),
				at("11:40").changed(high), at("11:45").merged(at("09:30")), at("11:50").resolved(),
			), now: at("12:00"),
			want: `{"clocks":[
				{"metric":"first_reply","cycle":1,"state":"stopped","verdict":"breached","severity":"high","start":"2026-03-03T10:00:00Z","anchor":"2026-03-03T09:30:00Z",
				 "due":"2026-03-03T10:30:00Z","stop":"2026-03-03T11:50:00Z","elapsed_seconds":8400,"remaining_seconds":0,"overdue_seconds":4800,
				 "breaches":[{"at":"2026-03-03T11:40:00Z","due":"2026-03-03T11:00:00Z","severity":"high","cause":"retarget"}]},
				{"metric":"resolution","cycle":1,"state":"stopped","verdict":"met","severity":"high","start":"2026-03-03T10:00:00Z",
				 "due":"2026-03-03T14:00:00Z","stop":"2026-03-03T11:50:00Z","elapsed_seconds":6600,"remaining_seconds":7800}],
				"anomalies":[{"code":"skew","event":"e\"2"}],
				"voided":[{"metric":"first_reply","at":"2026-03-03T11:00:00Z","due":"2026-03-03T11:00:00Z","severity":"high"}]}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ev, err := policy(t, tt.edit).Evaluate(tt.log, tt.now.Time)
			require.NoError(t, err)
			got, err := json.Marshal(ev)
			require.NoError(t, err)
			var want bytes.Buffer
			require.NoError(t, json.Compact(&want, []byte(tt.want)))
			require.Equal(t, want.String(), string(got), "to the byte")

			// Its parts are written alike on their own.
			var parts struct{ Clocks, Voided []json.RawMessage }
			require.NoError(t, json.Unmarshal(got, &parts))
			for i, c := range ev.Clocks {
				text, err := json.Marshal(c)
				require.NoError(t, err)
				require.JSONEq(t, string(parts.Clocks[i]), string(text))
				var clock struct {
					Next     json.RawMessage
					Breaches []json.RawMessage
				}
				require.NoError(t, json.Unmarshal(text, &clock))
				for k, b := range c.Breaches {
					text, err := json.Marshal(b)
					require.NoError(t, err)
					require.JSONEq(t, string(clock.Breaches[k]), string(text))
				}
				if !c.Next.IsZero() {
					text, err := json.Marshal(c.Next)
					require.NoError(t, err)
					require.JSONEq(t, string(clock.Next), string(text))
				}
			}
			for i, v := range ev.Voided {
				text, err := json.Marshal(v)
				require.NoError(t, err)
				require.JSONEq(t, string(parts.Voided[i]), string(text))
			}
		})
	}
	empty, err := json.Marshal(sla.Evaluation{})
	require.NoError(t, err)
	require.JSONEq(t, `{"clocks":[]}`, string(empty))
	_, ok := sla.Evaluation{}.Clock(sla.MetricFirstReply)
	require.False(t, ok)
}

// The JSON form of pieces (S30).
func TestPieceJSON(t *testing.T) {
	t.Parallel()
	pieces, err := policy(t, nil).Explain(events(at("16:30").opened(high), named(`a"b`, at("18:00").held())), at("19:00").Time, sla.MetricResolution, 0)
	require.NoError(t, err)
	got, err := json.Marshal(pieces)
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"from":"2026-03-03T16:30:00Z","to":"2026-03-03T17:00:00Z","kind":"counted","cause":"open (nine to five)"},
		{"from":"2026-03-03T17:00:00Z","to":"2026-03-03T18:00:00Z","kind":"closed","cause":"outside hours (nine to five)"},
		{"from":"2026-03-03T18:00:00Z","to":"2026-03-03T19:00:00Z","kind":"paused","cause":"a\"b"}]`, string(got))
}
