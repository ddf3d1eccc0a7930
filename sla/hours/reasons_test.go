package hours_test

import (
	"testing"
	"time"

	"github.com/rickar/cal/v2/gb"
	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

// reasons lists the reasons in [from, to) as "start text", and requires that
// they add up.
func reasons(tb testing.TB, s *hours.Schedule, from, to string) []string {
	tb.Helper()
	u, v := at(tb, from), at(tb, to)
	var out []string
	var last hours.Reason
	for r := range s.Reasons(u, v) {
		require.True(tb, r.Start.Equal(u), "a gap before %v", r)
		require.True(tb, r.Start.Before(r.End))
		require.Equal(tb, time.UTC, r.Start.Location())
		open, err := s.IsOpen(r.Start)
		require.NoError(tb, err)
		require.Equal(tb, open, r.Open)
		same := r
		same.Span = last.Span
		require.NotEqual(tb, last, same, "neighbours are alike")
		out = append(out, r.Start.Format("01-02T15:04:05.999999999 ")+r.String())
		u, last = r.End, r
	}
	require.True(tb, u.Equal(v))
	return out
}

// S30: every piece of time, with what makes it so.
func TestReasons(t *testing.T) {
	t.Parallel()
	r := &hours.Resolver{Holidays: func(name string) ([]hours.Holiday, error) {
		if name == "unnamed" {
			return []hours.Holiday{{Observed: func(year int) time.Time { return time.Date(year, 5, 1, 0, 0, 0, 0, time.UTC) }}}, nil
		}
		return hours.FromCal(gb.Holidays...), nil
	}}
	london := hours.Config{Name: "london", Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:00"), Holidays: []string{"gb", "unnamed"}}
	tests := []struct {
		name     string
		edit     func(*hours.Config)
		from, to string
		want     []string
	}{
		{"open", func(*hours.Config) {}, "2026-03-02T10:00:00Z", "2026-03-02T17:00:00Z", []string{"03-02T10:00:00 open (london)"}},
		{"to the nanosecond", func(*hours.Config) {}, "2026-03-02T16:59:59.999999999Z", "2026-03-02T17:00:00.5Z", []string{
			"03-02T16:59:59.999999999 open (london)", "03-02T17:00:00 outside hours (london)",
		}},
		{"nothing", func(*hours.Config) {}, "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z", nil},
		{"weekend", func(*hours.Config) {}, "2026-03-06T16:00:00Z", "2026-03-09T10:00:00Z", []string{
			"03-06T16:00:00 open (london)", "03-06T17:00:00 outside hours (london)", "03-09T09:00:00 open (london)",
		}},
		{"S4 Easter, in summer time", func(*hours.Config) {}, "2026-04-02T15:00:00Z", "2026-04-07T09:00:00Z", []string{
			"04-02T15:00:00 open (london)", "04-02T16:00:00 outside hours (london)", "04-02T23:00:00 holiday Good Friday (london)",
			"04-03T23:00:00 outside hours (london)", "04-05T23:00:00 holiday Easter Monday (london)", "04-06T23:00:00 outside hours (london)", "04-07T08:00:00 open (london)",
		}},
		{"a holiday without a name", func(c *hours.Config) { c.Name = "" }, "2026-05-01T10:00:00Z", "2026-05-01T11:00:00Z", []string{"05-01T10:00:00 holiday"}},
		{"S3 a closed date, and one with special hours", func(c *hours.Config) {
			c.Closed = []string{"2026-03-03", "2026-03-04", "2026-12-25"}
			c.Special = hours.Dates{"2026-03-05": {"10:00-11:00", "12:00-13:00"}}
		}, "2026-03-02T16:00:00Z", "2026-03-06T10:00:00Z", []string{
			"03-02T16:00:00 open (london)", "03-02T17:00:00 outside hours (london)", "03-03T00:00:00 closed date (london)",
			"03-05T00:00:00 outside the hours of a special date (london)", "03-05T10:00:00 open (london)",
			"03-05T11:00:00 outside the hours of a special date (london)", "03-05T12:00:00 open (london)", "03-05T13:00:00 outside the hours of a special date (london)",
			"03-06T00:00:00 outside hours (london)", "03-06T09:00:00 open (london)",
		}},
		{"a closed date that is a holiday is a closed date", func(c *hours.Config) { c.Closed = []string{"2026-12-25"} }, "2026-12-25T10:00:00Z", "2026-12-25T11:00:00Z", []string{
			"12-25T10:00:00 closed date (london)",
		}},
		{"S3 a shift into a closed date", func(c *hours.Config) {
			c.Hours, c.Closed = hours.Daily("22:00-06:00"), []string{"2026-03-03"}
		}, "2026-03-02T20:00:00Z", "2026-03-04T23:00:00Z", []string{
			"03-02T20:00:00 outside hours (london)", "03-02T22:00:00 open (london)", "03-03T06:00:00 closed date (london)",
			"03-04T00:00:00 outside hours (london)", "03-04T22:00:00 open (london)",
		}},
		{"S3 a date closed all through by a shift before it, and none of its own", func(c *hours.Config) {
			c.Hours, c.Closed = hours.Week{"mon": {"01:00-00:59"}}, []string{"2026-03-03"}
		}, "2026-03-02T00:59:00Z", "2026-03-03T02:00:00Z", []string{
			"03-02T00:59:00 outside hours (london)", "03-02T01:00:00 open (london)", "03-03T00:59:00 closed date (london)",
		}},
		{"S5 versions, by name or by their beginning", func(c *hours.Config) {
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{
				{Hours: hours.Daily("09:00-17:00")},
				{From: at(t, "2026-03-03T12:00:00+01:00"), Hours: hours.Daily("09:00-17:00"), Closed: []string{"2026-03-04"}},
				{Name: "v3", From: at(t, "2026-03-04T12:00:00Z"), Always: true},
			}}
		}, "2026-03-03T08:00:00Z", "2026-03-05T00:00:00Z", []string{
			"03-03T08:00:00 outside hours", "03-03T09:00:00 open", "03-03T11:00:00 open (version 2026-03-03T11:00:00Z)",
			"03-03T17:00:00 outside hours (version 2026-03-03T11:00:00Z)", "03-04T00:00:00 closed date (version 2026-03-03T11:00:00Z)", "03-04T12:00:00 open (version v3)",
		}},
		{"S5 versions before and after do not matter", func(c *hours.Config) {
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{
				{Hours: hours.Daily("09:00-17:00"), Closed: []string{"2026-03-02"}},
				{From: at(t, "2026-03-02T12:00:00Z"), Hours: hours.Daily("09:00-17:00")},
				{From: at(t, "2026-03-04T12:00:00Z"), Closed: []string{"2026-03-05"}},
			}}
		}, "2026-03-03T08:00:00Z", "2026-03-03T18:00:00Z", []string{
			"03-03T08:00:00 outside hours (version 2026-03-02T12:00:00Z)", "03-03T09:00:00 open (version 2026-03-02T12:00:00Z)", "03-03T17:00:00 outside hours (version 2026-03-02T12:00:00Z)",
		}},
		{"S5 a first version has its name", func(c *hours.Config) {
			*c = hours.Config{Name: "x", Zone: "UTC", Versions: []hours.Version{{Name: "v1"}}}
		}, "2026-03-03T08:00:00Z", "2026-03-05T00:00:00Z", []string{"03-03T08:00:00 outside hours (x, version v1)"}},
		{"always", func(c *hours.Config) { *c = hours.Config{Name: "a", Always: true} }, "2026-03-03T08:00:00Z", "2036-03-05T00:00:00Z", []string{"03-03T08:00:00 open (a)"}},
		{"never", func(c *hours.Config) { *c = hours.Config{Zone: "UTC"} }, "1900-01-01T00:00:00Z", "2201-01-01T00:00:00Z", []string{"01-01T00:00:00 outside hours"}},
		{"S6 union: the first that is open, or else the first", func(c *hours.Config) {
			tokyo := hours.Config{Name: "tokyo", Zone: "Asia/Tokyo", Hours: hours.Weekdays("09:00-19:00")}
			l := *c
			*c = hours.Config{Name: "both", Any: []hours.Member{{Config: &l}, {Config: &tokyo}}}
		}, "2026-04-01T22:00:00Z", "2026-04-03T12:00:00Z", []string{
			"04-01T22:00:00 outside hours (london)", "04-02T00:00:00 open (tokyo)", "04-02T08:00:00 open (london)", "04-02T16:00:00 outside hours (london)",
			"04-02T23:00:00 holiday Good Friday (london)", "04-03T00:00:00 open (tokyo)", "04-03T10:00:00 holiday Good Friday (london)",
		}},
		{"S6 intersection: the first that is closed, or else the first", func(c *hours.Config) {
			tokyo := hours.Config{Name: "tokyo", Zone: "Asia/Tokyo", Hours: hours.Weekdays("09:00-19:00")}
			l := *c
			*c = hours.Config{All: []hours.Member{{Config: &l}, {Config: &tokyo}}}
		}, "2026-04-01T22:00:00Z", "2026-04-03T12:00:00Z", []string{
			"04-01T22:00:00 outside hours (london)", "04-02T08:00:00 open (london)", "04-02T10:00:00 outside hours (tokyo)", "04-02T16:00:00 outside hours (london)",
			"04-02T23:00:00 holiday Good Friday (london)",
		}},
		{"S6 difference: the first, or what is taken out", func(c *hours.Config) {
			lunch := hours.Config{Name: "lunch", Zone: "Europe/London", Hours: hours.Daily("12:00-13:00", "16:30-18:00")}
			l := *c
			*c = hours.Config{Except: []hours.Member{{Config: &l}, {Config: &lunch}}}
		}, "2026-03-02T09:00:00Z", "2026-03-02T18:00:00Z", []string{
			"03-02T09:00:00 open (london)", "03-02T12:00:00 excepted hours (lunch)", "03-02T13:00:00 open (london)", "03-02T16:30:00 excepted hours (lunch)", "03-02T17:00:00 outside hours (london)",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := london
			tt.edit(&c)
			s, err := hours.New(c, r)
			require.NoError(t, err)
			require.Equal(t, tt.want, reasons(t, s, tt.from, tt.to))
		})
	}
	zero := new(hours.Schedule)
	require.Equal(t, []string{"03-02T09:00:00 outside hours"}, reasons(t, zero, "2026-03-02T09:00:00Z", "2026-03-02T18:00:00Z"))
}

// S30: a reason's data, and its bounds at the horizon.
func TestReasonFields(t *testing.T) {
	t.Parallel()
	h := hours.Horizon()
	s, err := hours.New(hours.Config{
		Name: "desk", Zone: "UTC", Versions: []hours.Version{{Name: "v1", Hours: hours.Daily("09:00-17:00"), Holidays: []string{"gb"}}},
	}, &hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) { return hours.FromCal(gb.Holidays...), nil }})
	require.NoError(t, err)
	u := at(t, "2026-12-25T00:00:00Z")
	require.Equal(t, []hours.Reason{
		{Span: hours.Span{Start: u, End: u.AddDate(0, 0, 1)}, Cause: "holiday", Schedule: "desk", Version: "v1", Holiday: "Christmas Day"},
		{Span: hours.Span{Start: u.AddDate(0, 0, 1), End: u.AddDate(0, 0, 1).Add(time.Hour)}, Cause: "holiday", Schedule: "desk", Version: "v1", Holiday: "Boxing Day"},
	}, collect(s.Reasons(u, u.AddDate(0, 0, 1).Add(time.Hour))))

	for r := range s.Reasons(h.Start.AddDate(-1, 0, 0), h.End.AddDate(1, 0, 0)) {
		require.Equal(t, h.Start, r.Start)
		break
	}
	end := collect(s.Reasons(h.End.Add(-time.Hour), h.End.AddDate(1, 0, 0)))
	require.Len(t, end, 1)
	require.Equal(t, h.End, end[0].End)
	require.Empty(t, collect(s.Reasons(h.End, h.End.AddDate(1, 0, 0))))
	require.Empty(t, collect(s.Reasons(h.Start.AddDate(-1, 0, 0), h.Start)))
	require.Empty(t, collect(s.Spans(h.Start.AddDate(-1, 0, 0), h.Start)))
}

// A schedule of versions that are always open needs no zone, for its reasons
// neither.
func TestReasonsOfAlways(t *testing.T) {
	t.Parallel()
	s := build(t, hours.Config{Name: "a", Versions: []hours.Version{{Always: true}, {From: at(t, "2026-03-03T00:00:00Z"), Always: true}}})
	u := at(t, "2026-03-02T00:00:00Z")
	reasons := collect(s.Reasons(u, u.AddDate(0, 0, 2)))
	require.Len(t, reasons, 2)
	require.Equal(t, hours.Reason{Span: hours.Span{Start: u, End: u.AddDate(0, 0, 1)}, Open: true, Cause: "hours", Schedule: "a"}, reasons[0])
	require.Equal(t, "2026-03-03T00:00:00Z", reasons[1].Version)
}
