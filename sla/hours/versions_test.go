package hours_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

// S5: each version's spans, shifts included, are clipped to its validity.
func TestVersions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		versions []hours.Version
		from, to string
		want     []string
	}{
		{
			"hours change in the middle of a day",
			[]hours.Version{
				{Hours: hours.Daily("09:00-17:00")},
				{From: at(t, "2026-03-03T12:00:00Z"), Hours: hours.Daily("10:00-20:00")},
			},
			"2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z",
			[]string{"2026-03-02T09:00:00Z 2026-03-02T17:00:00Z", "2026-03-03T09:00:00Z 2026-03-03T20:00:00Z", "2026-03-04T10:00:00Z 2026-03-04T20:00:00Z"},
		},
		{
			"a shift is cut where its version ends",
			[]hours.Version{
				{Hours: hours.Daily("22:00-06:00")},
				{From: at(t, "2026-03-03T00:00:00Z"), Hours: hours.Daily("09:00-17:00")},
			},
			"2026-03-02T12:00:00Z", "2026-03-04T00:00:00Z",
			[]string{"2026-03-02T22:00:00Z 2026-03-03T00:00:00Z", "2026-03-03T09:00:00Z 2026-03-03T17:00:00Z"},
		},
		{
			"a shift that began before its version is cut too",
			[]hours.Version{
				{Hours: hours.Daily("09:00-17:00")},
				{From: at(t, "2026-03-03T00:00:00Z"), Hours: hours.Daily("22:00-06:00")},
			},
			"2026-03-02T12:00:00Z", "2026-03-04T00:00:00Z",
			[]string{"2026-03-02T12:00:00Z 2026-03-02T17:00:00Z", "2026-03-03T00:00:00Z 2026-03-03T06:00:00Z", "2026-03-03T22:00:00Z 2026-03-04T00:00:00Z"},
		},
		{
			"a holiday entered after the fact rewrites nothing",
			[]hours.Version{
				{Hours: hours.Daily("09:00-17:00")},
				{From: at(t, "2026-03-03T13:00:00Z"), Hours: hours.Daily("09:00-17:00"), Closed: []string{"2026-03-02", "2026-03-03", "2026-03-04"}},
			},
			"2026-03-02T00:00:00Z", "2026-03-06T00:00:00Z",
			[]string{"2026-03-02T09:00:00Z 2026-03-02T17:00:00Z", "2026-03-03T09:00:00Z 2026-03-03T13:00:00Z", "2026-03-05T09:00:00Z 2026-03-05T17:00:00Z"},
		},
		{
			"a version of a second, and one of always",
			[]hours.Version{
				{Hours: hours.Daily("09:00-17:00")},
				{From: at(t, "2026-03-02T20:00:00Z"), Always: true},
				{From: at(t, "2026-03-02T20:00:01Z")},
				{From: at(t, "2026-03-04T12:00:00+01:00"), Hours: hours.Daily("09:00-17:00")},
			},
			"2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z",
			[]string{"2026-03-02T09:00:00Z 2026-03-02T17:00:00Z", "2026-03-02T20:00:00Z 2026-03-02T20:00:01Z", "2026-03-04T11:00:00Z 2026-03-04T17:00:00Z"},
		},
		{
			"versions that are open where they meet merge",
			[]hours.Version{{Always: true}, {From: at(t, "2026-03-03T00:00:00Z"), Hours: hours.Daily("00:00-01:00")}},
			"2026-03-02T00:00:00Z", "2026-03-03T12:00:00Z",
			[]string{"2026-03-02T00:00:00Z 2026-03-03T01:00:00Z"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := build(t, hours.Config{Zone: "UTC", Versions: tt.versions})
			require.Equal(t, tt.want, spans(t, s, tt.from, tt.to))
		})
	}
}

// S5: the zone may stand in the versions instead.
func TestVersionsZone(t *testing.T) {
	t.Parallel()
	s := build(t, hours.Config{Versions: []hours.Version{
		{Zone: "Asia/Tokyo", Hours: hours.Daily("09:00-17:00")},
		{From: at(t, "2026-03-03T00:00:00Z"), Hours: hours.Daily("10:00-11:00")},
	}})
	require.Equal(t, []string{"2026-03-02T00:00:00Z 2026-03-02T08:00:00Z", "2026-03-03T01:00:00Z 2026-03-03T02:00:00Z"},
		spans(t, s, "2026-03-02T00:00:00Z", "2026-03-03T12:00:00Z"))
}
