package sla_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// The manual page explains every rule under its number.
func TestSemanticsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/semantics.md")
	require.NoError(t, err)
	for n := 1; n <= 30; n++ {
		require.Regexp(t, regexp.MustCompile(fmt.Sprintf(`(?m)^\*\*S%d, `, n)), string(page))
	}
}

// The figures in the diagram of a clock change: what spans in London on the days
// when the clock is changed amount to (S2).
func TestSemanticsClockChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		date, span string
		want       time.Duration
	}{
		{"2026-03-29", "00:30-03:00", 90 * time.Minute},
		{"2026-03-29", "01:30-02:30", 30 * time.Minute},
		{"2026-03-29", "01:15-01:45", 0},
		{"2026-10-25", "00:30-03:00", 210 * time.Minute},
		{"2026-10-25", "01:30-02:30", 2 * time.Hour},
	} {
		s, err := hours.New(hours.Config{Zone: "Europe/London", Special: hours.Dates{tt.date: {tt.span}}}, nil)
		require.NoError(t, err)
		day, err := time.Parse(time.DateOnly, tt.date)
		require.NoError(t, err)
		got, err := s.Between(day.AddDate(0, 0, -1), day.AddDate(0, 0, 2))
		require.NoError(t, err)
		require.Equal(t, tt.want, got, "%s on %s", tt.span, tt.date)
	}
}

// The figures in the diagrams of a pause (S15) and of a change of level (S20).
func TestSemanticsPauseAndRetarget(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "pause", log: events(at("10:00").opened(medium), at("16:30").waiting(), at("wed 09:30").working()), now: at("wed 09:30"),
		resolution: "running pending medium due wed 11:00 used 6h30m next breach wed 11:00",
	}, story{
		name: "without it", log: events(at("10:00").opened(medium)), now: at("wed 09:00"),
		resolution: "running pending medium due wed 10:00 used 7h next breach wed 10:00",
	})
	around := target(high, sla.MetricResolution, sla.Target{Within: 24 * time.Hour, Clock: sla.BaseCalendar})
	for mode, want := range map[sla.Retarget]string{
		sla.RetargetFromStart:  "running pending high start fri 16:00 due sat 16:00 used 18h next breach sat 16:00",
		sla.RetargetFromChange: "running pending high start fri 16:00 anchor sat 10:00 due sun 10:00 used 0 next breach sun 10:00",
		sla.RetargetCarry:      "running pending high start fri 16:00 due sun 09:00 used 1h next breach sun 09:00",
	} {
		tell(t, story{
			name: string(mode), edit: edits(around, retarget(mode)),
			log: events(at("fri 16:00").opened(medium), at("sat 10:00").changed(high)), now: at("sat 10:00"), resolution: want,
		})
	}
}
