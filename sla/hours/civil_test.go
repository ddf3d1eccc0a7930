package hours_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

// S2 and S3: which instants the spans of civil times are.
func TestCivilTime(t *testing.T) {
	t.Parallel()
	type week = hours.Week
	tests := []struct {
		name     string
		config   hours.Config
		from, to string
		want     []string
	}{
		{
			"S2 standard time, summer time",
			hours.Config{Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:30")},
			"2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z",
			[]string{"2026-03-27T09:00:00Z 2026-03-27T17:30:00Z", "2026-03-30T08:00:00Z 2026-03-30T16:30:00Z"},
		},
		{
			"S2 a skipped hour: opening at the end of the gap",
			hours.Config{Zone: "Europe/London", Hours: week{"sun": {"01:30-03:00"}}},
			"2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z",
			[]string{"2026-03-29T01:00:00Z 2026-03-29T02:00:00Z"},
		},
		{
			"S2 a skipped hour: closing at the end of the gap",
			hours.Config{Zone: "Europe/London", Hours: week{"sun": {"00:30-01:30"}}},
			"2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z",
			[]string{"2026-03-29T00:30:00Z 2026-03-29T01:00:00Z"},
		},
		{
			"S2 a span inside a skipped hour does not happen",
			hours.Config{Zone: "Europe/London", Hours: week{"sun": {"01:00-01:59:59", "05:00-06:00"}}},
			"2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z",
			[]string{"2026-03-29T04:00:00Z 2026-03-29T05:00:00Z"},
		},
		{
			"S2 spans on both sides of a skipped hour touch and merge",
			hours.Config{Zone: "Europe/London", Hours: week{"sun": {"00:00-01:00", "02:00-03:00"}}},
			"2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z",
			[]string{"2026-03-29T00:00:00Z 2026-03-29T02:00:00Z"},
		},
		{
			"S2 a repeated hour: the first pass opens",
			hours.Config{Zone: "Europe/London", Hours: week{"sun": {"01:30-03:00"}}},
			"2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z",
			[]string{"2026-10-25T00:30:00Z 2026-10-25T03:00:00Z"},
		},
		{
			"S2 a repeated hour: the first pass closes",
			hours.Config{Zone: "Europe/London", Hours: week{"sun": {"00:00-01:30"}}},
			"2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z",
			[]string{"2026-10-24T23:00:00Z 2026-10-25T00:30:00Z"},
		},
		{
			"S2 a day of 23 hours, and one of 25",
			hours.Config{Zone: "America/New_York", Hours: week{"sun": {"00:00-24:00"}}},
			"2026-03-08T00:00:00Z", "2026-03-10T00:00:00Z",
			[]string{"2026-03-08T05:00:00Z 2026-03-09T04:00:00Z"},
		},
		{
			"S2 a day of 25 hours",
			hours.Config{Zone: "America/New_York", Hours: week{"sun": {"00:00-24:00:00"}}},
			"2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z",
			[]string{"2026-11-01T04:00:00Z 2026-11-02T05:00:00Z"},
		},
		{
			"S2 summer time of half an hour",
			hours.Config{Zone: "Australia/Lord_Howe", Hours: week{"sun": {"01:45-02:15"}}},
			"2026-10-03T00:00:00Z", "2026-10-06T00:00:00Z",
			[]string{"2026-10-03T15:15:00Z 2026-10-03T15:30:00Z"},
		},
		{
			"S2 midnight does not exist: 00:00 is 01:00",
			hours.Config{Zone: "America/Sao_Paulo", Hours: week{"sat": {"22:00-24:00"}, "sun": {"00:00-02:00"}}},
			"2018-11-03T12:00:00Z", "2018-11-04T12:00:00Z",
			[]string{"2018-11-04T01:00:00Z 2018-11-04T04:00:00Z"},
		},
		{
			"S2 midnight comes twice: the first one counts",
			hours.Config{Zone: "America/Sao_Paulo", Hours: week{"sat": {"22:00-24:00"}}},
			"2018-02-17T12:00:00Z", "2018-02-18T12:00:00Z",
			// 24:00 is the first instant that reads Sunday 00:00: after the
			// hour from 23:00 has passed a second time.
			[]string{"2018-02-18T00:00:00Z 2018-02-18T03:00:00Z"},
		},
		{
			"S2 a date that was skipped has no spans",
			hours.Config{Zone: "Pacific/Apia", Hours: hours.Daily("09:00-17:00")},
			"2011-12-29T12:00:00Z", "2012-01-01T12:00:00Z",
			[]string{
				"2011-12-29T19:00:00Z 2011-12-30T03:00:00Z",
				"2011-12-30T19:00:00Z 2011-12-31T03:00:00Z",
				"2011-12-31T19:00:00Z 2012-01-01T03:00:00Z",
			},
		},
		{
			"S3 a shift into a skipped date ends with the date before",
			hours.Config{Zone: "Pacific/Apia", Hours: week{"thu": {"22:00-06:00"}}},
			"2011-12-29T12:00:00Z", "2012-01-01T12:00:00Z",
			[]string{"2011-12-30T08:00:00Z 2011-12-30T10:00:00Z"},
		},
		{
			"S3 a shift from a skipped date starts with the date after",
			hours.Config{Zone: "Pacific/Apia", Hours: week{"fri": {"22:00-06:00"}}},
			"2011-12-29T12:00:00Z", "2012-01-01T12:00:00Z",
			[]string{"2011-12-30T10:00:00Z 2011-12-30T16:00:00Z"},
		},
		{
			"S2 a date that came twice opens on its first pass",
			hours.Config{Zone: "Pacific/Kwajalein", Hours: hours.Daily("09:00-10:00")},
			"1969-09-28T12:00:00Z", "1969-10-02T12:00:00Z",
			// The clocks went back by 23 hours at 1969-09-30T24:00.
			[]string{"1969-09-28T22:00:00Z 1969-09-28T23:00:00Z", "1969-09-29T22:00:00Z 1969-09-29T23:00:00Z", "1969-10-01T21:00:00Z 1969-10-01T22:00:00Z"},
		},
		{
			"S2 offsets with seconds",
			hours.Config{Zone: "Asia/Kathmandu", Hours: week{"mon": {"09:00-17:00:01"}}},
			"1900-01-01T00:00:00Z", "1900-01-02T00:00:00Z",
			[]string{"1900-01-01T03:18:44Z 1900-01-01T11:18:45Z"},
		},
		{
			"S2 several spans a day, in any order, overlapping and touching",
			hours.Config{Zone: "UTC", Hours: week{"mon": {"15:00-16:00", "08:00-10:00", "09:00-11:00", "11:00-12:00", "15:00-15:30", "20:00-20:01"}}},
			"2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z",
			[]string{"2026-03-02T08:00:00Z 2026-03-02T12:00:00Z", "2026-03-02T15:00:00Z 2026-03-02T16:00:00Z", "2026-03-02T20:00:00Z 2026-03-02T20:01:00Z"},
		},
		{
			"S2 days that touch at midnight merge",
			hours.Config{Zone: "UTC", Hours: week{"mon": {"00:00-24:00"}, "tue": {"00:00-24:00"}}},
			"2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z",
			[]string{"2026-03-02T00:00:00Z 2026-03-04T00:00:00Z"},
		},
		{
			"S3 a shift belongs to the date on which it starts",
			hours.Config{Zone: "UTC", Hours: week{"sun": {"22:00-06:00"}}},
			"2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z",
			[]string{"2026-03-01T22:00:00Z 2026-03-02T06:00:00Z"},
		},
		{
			"S3 a shift to 00:00 ends with its date",
			hours.Config{Zone: "UTC", Hours: week{"sun": {"22:00-00:00"}}},
			"2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z",
			[]string{"2026-03-01T22:00:00Z 2026-03-02T00:00:00Z"},
		},
		{
			"S3 a shift of nearly a day overlaps the next date's",
			hours.Config{Zone: "UTC", Hours: week{"mon": {"10:00-09:59"}, "tue": {"09:00-10:30"}}},
			"2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z",
			[]string{"2026-03-02T10:00:00Z 2026-03-03T10:30:00Z"},
		},
		{
			"S3 a closed date loses its shift, not the one from the evening before",
			hours.Config{Zone: "UTC", Hours: hours.Daily("22:00-06:00"), Closed: []string{"2026-12-25"}},
			"2026-12-24T12:00:00Z", "2026-12-27T12:00:00Z",
			[]string{"2026-12-24T22:00:00Z 2026-12-25T06:00:00Z", "2026-12-26T22:00:00Z 2026-12-27T06:00:00Z"},
		},
		{
			"S3 a special date has exactly its spans, besides the shift from the evening before",
			hours.Config{Zone: "UTC", Hours: hours.Daily("22:00-06:00"), Special: hours.Dates{"2026-12-24": {"05:00-07:00", "23:00-01:00"}}},
			"2026-12-23T12:00:00Z", "2026-12-25T12:00:00Z",
			[]string{"2026-12-23T22:00:00Z 2026-12-24T07:00:00Z", "2026-12-24T23:00:00Z 2026-12-25T01:00:00Z"},
		},
		{
			"S3 a special date may be without spans, or open on a closed weekday",
			hours.Config{Zone: "UTC", Hours: hours.Weekdays("09:00-17:00"), Special: hours.Dates{"2026-03-06": {}, "2026-03-07": {"10:00-12:00"}}},
			"2026-03-05T12:00:00Z", "2026-03-09T12:00:00Z",
			[]string{"2026-03-05T12:00:00Z 2026-03-05T17:00:00Z", "2026-03-07T10:00:00Z 2026-03-07T12:00:00Z", "2026-03-09T09:00:00Z 2026-03-09T12:00:00Z"},
		},
		{
			"S2 a span is clipped to what was asked for, to the nanosecond",
			hours.Config{Zone: "UTC", Hours: hours.Daily("09:00-17:00")},
			"2026-03-02T09:00:00.000000001Z", "2026-03-02T16:59:59.999999999Z",
			[]string{"2026-03-02T09:00:00.000000001Z 2026-03-02T16:59:59.999999999Z"},
		},
		{
			"S2 the end of a span is not in it",
			hours.Config{Zone: "UTC", Hours: hours.Daily("09:00-17:00")},
			"2026-03-02T17:00:00Z", "2026-03-03T09:00:00Z",
			[]string{},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := build(t, tt.config)
			require.Equal(t, tt.want, spans(t, s, tt.from, tt.to))
			// And once more when more than that has been compiled.
			require.NoError(t, s.Compile(at(t, tt.from), at(t, tt.to).AddDate(1, 0, 0)))
			_, err := s.IsOpen(hours.Horizon().Start)
			require.NoError(t, err)
			require.Equal(t, tt.want, spans(t, s, tt.from, tt.to))
		})
	}
}

// S9: beyond the table of a zone file, package time knows the rule of a zone,
// year by year. The offsets of every part of every year hold.
func TestOffsetsOfAllYears(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{
		"Europe/London", "Europe/Dublin", "America/New_York", "America/Santiago", "Australia/Lord_Howe",
		"Pacific/Auckland", "Africa/Casablanca", "Africa/Monrovia", "Asia/Manila", "Asia/Kathmandu", "America/Nuuk", "Antarctica/Troll",
	} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			loc, err := time.LoadLocation(zone)
			require.NoError(t, err)
			s := weekly(t, zone, hours.Daily("06:00-18:00"))
			for year := 1900; year <= 2200; year++ {
				// New Year's Eve of a leap year is the 366th day.
				for _, first := range []time.Time{time.Date(year, 12, 30, 12, 0, 0, 0, time.UTC), time.Date(year, 6, 30, 0, 0, 0, 0, time.UTC)} {
					for u := first; u.Before(first.Add(36 * time.Hour)); u = u.Add(time.Hour) {
						local := u.In(loc)
						want := 6 <= local.Hour() && local.Hour() < 18
						open, err := s.IsOpen(u)
						require.NoError(t, err)
						require.Equal(t, want, open, "%v is %v", u, local)
					}
				}
			}
		})
	}
}
