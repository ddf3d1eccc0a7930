package hours_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk/sla/hours"
)

// S4: both sides of what holidays_on says: for a day of a weekend with another day observed, for
// one without, and for a definition that moves a weekday.
func TestHolidaysOnS4(t *testing.T) {
	t.Parallel()
	list := hours.FromCal(
		&cal.Holiday{
			Name: "christmas", Month: time.December, Day: 25, Func: cal.CalcDayOfMonth,
			Observed: []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 2}},
		},
		&cal.Holiday{Name: "may", Month: time.May, Day: 1, Func: cal.CalcDayOfMonth},
		&cal.Holiday{
			Name: "moved", Month: time.June, Day: 17, Func: cal.CalcDayOfMonth,
			Observed: []cal.AltDay{{Day: time.Wednesday, Offset: -2}, {Day: time.Friday, Offset: 3}},
		},
	)
	closed := func(on string, year int) string {
		s, err := hours.New(hours.Config{Zone: "UTC", Hours: hours.Daily("00:00-24:00"), Holidays: []string{"x"}, HolidaysOn: on},
			&hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) { return list, nil }})
		require.NoError(t, err)
		var out []string
		for _, d := range closedDates(t, s, year) {
			out = append(out, d[5:])
		}
		return strings.Join(out, " ")
	}
	// 2022: 25 December is a Sunday, 1 May a Sunday with nothing observed for it, 17 June a Friday.
	for on, want := range map[string]string{"": "05-01 06-20 12-25 12-27", "both": "05-01 06-20 12-25 12-27", "observed": "05-01 06-20 12-27", "actual": "05-01 06-17 12-25"} {
		require.Equal(t, want, closed(on, 2022), on)
	}
	// 2026: 25 December is a Friday, 17 June a Wednesday.
	for on, want := range map[string]string{"both": "05-01 06-15 12-25", "observed": "05-01 06-15 12-25", "actual": "05-01 06-17 12-25"} {
		require.Equal(t, want, closed(on, 2026), on)
	}
	_, err := hours.New(hours.Config{Zone: "UTC", HolidaysOn: "monday"}, nil)
	require.ErrorContains(t, err, `holidays_on: "monday" must be both, observed or actual`)
	_, err = hours.New(hours.Config{Always: true, HolidaysOn: "both", Days: []string{"every 05-01"}}, nil)
	require.ErrorContains(t, err, "holidays_on")
	require.ErrorContains(t, err, "days")
	_, err = hours.New(hours.Config{Zone: "UTC", Versions: []hours.Version{{HolidaysOn: "x", Days: []string{"y"}}}}, nil)
	require.ErrorContains(t, err, "versions[0].holidays_on")
	require.ErrorContains(t, err, "versions[0].days[0]")
}

// S4: days of the schedule's own, with what they are called, and which of several counts.
func TestDaysS4(t *testing.T) {
	t.Parallel()
	may := hours.FromCal(&cal.Holiday{Name: "May Day", Month: time.May, Day: 1, Func: cal.CalcDayOfMonth})
	r := &hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) { return may, nil }}
	for _, tt := range []struct {
		name string
		edit func(*hours.Config)
		date string
		want string
	}{
		{"a date", days("2026-08-15 Assumption"), "2026-08-15", "holiday Assumption"},
		{"a date is of one year", days("2026-08-15"), "2027-08-15", "08:00-20:00"},
		{"every year", days("every 08-15  Assumption  of Mary"), "2031-08-15", "holiday Assumption of Mary"},
		{"every year, without every", days("08-15"), "2031-08-15", "holiday"},
		{"29 February", days("every 02-29 Leap"), "2028-02-29", "holiday Leap"},
		{"29 February in another year", days("every 02-29 Leap"), "2027-03-01", "08:00-20:00"},
		{"2nd Saturday", days("every 2nd saturday 09:00-13:00"), "2026-03-14", "09:00-13:00"},
		{"1st Saturday", days("every 2nd saturday 09:00-13:00"), "2026-03-07", "08:00-20:00"},
		{"5th", days("Every 5th Mon"), "2026-03-30", "holiday"},
		{"no 5th", days("every 5th mon"), "2026-02-23", "08:00-20:00"},
		{"last", days("every last friday 09:00-12:00, 13:00-15:00 Early close"), "2026-02-27", "09:00-12:00 13:00-15:00"},
		{"last is not the one before", days("every last friday"), "2026-02-20", "08:00-20:00"},
		{"overnight", days("2026-03-04 22:00-02:00"), "2026-03-04", "22:00-02:00"},
		{"closed of a date wins", func(c *hours.Config) { c.Closed, c.Days = []string{"2026-03-04"}, []string{"2026-03-04 09:00-10:00"} }, "2026-03-04", "closed date"},
		{"special wins over a closing", func(c *hours.Config) {
			c.Special, c.Days = hours.Dates{"2026-03-04": {"09:00-10:00"}}, []string{"2026-03-04 Off"}
		}, "2026-03-04", "09:00-10:00"},
		{"a closing wins over an opening", days("2026-03-04 09:00-10:00", "every 03-04 Off"), "2026-03-04", "holiday Off"},
		{"a holiday wins over an opening", days("2026-05-01 09:00-10:00"), "2026-05-01", "holiday May Day"},
		{"a date wins over every year", days("every 03-04 09:00-10:00", "2026-03-04 11:00-12:00"), "2026-03-04", "11:00-12:00"},
		{"a date names the closing", days("every 03-04 Yearly", "2026-03-04 Once"), "2026-03-04", "holiday Once"},
		{"a date names a holiday", days("2026-05-01 Ours"), "2026-05-01", "holiday Ours"},
		{"the first of two of every year", days("every 03-04 09:00-10:00", "every 1st wednesday 11:00-12:00"), "2026-03-04", "09:00-10:00"},
	} {
		c := hours.Config{Zone: "UTC", Hours: hours.Daily("08:00-20:00"), Holidays: []string{"may"}}
		tt.edit(&c)
		s, err := hours.New(c, r)
		require.NoError(t, err, tt.name)
		day := at(t, tt.date+"T00:00:00Z")
		var open []string
		closed := ""
		for reason := range s.Reasons(day, day.AddDate(0, 0, 1).Add(3*time.Hour)) {
			switch {
			case reason.Open && reason.Start.Before(day.AddDate(0, 0, 1)):
				open = append(open, reason.Start.Format("15:04")+"-"+reason.End.Format("15:04"))
			case closed == "" && reason.Start.Equal(day):
				closed = strings.TrimSuffix(reason.String(), " (desk)")
			}
		}
		got := strings.Join(open, " ")
		if got == "" {
			got = closed
		}
		require.Equal(t, tt.want, got, tt.name)
		again, err := hours.New(s.Config(), r)
		require.NoError(t, err)
		require.Equal(t, s.Config(), again.Config())
		text, err := json.Marshal(s.Config())
		require.NoError(t, err)
		parsed, err := hours.Parse(text, r)
		require.NoError(t, err)
		require.Equal(t, s.Config(), parsed.Config())
	}
}

func days(all ...string) func(*hours.Config) { return func(c *hours.Config) { c.Days = all } }

// What is wrong with a day of the schedule's own is told with its place, all at once.
func TestDaysFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "must be a date",
		"every":                   "must be a date",
		"2026-02-30":              "2026-02-30",
		"every 02-30":             "must have a day that exists",
		"13-01":                   "must have a day that exists",
		"every 2026-08-15":        "must have a day such as 08-15",
		"every 2nd":               "must have a weekday behind 2nd",
		"2nd someday":             "must have a weekday behind 2nd",
		"every 6th monday":        "must have a day such as 08-15",
		"every monday":            "must have a day such as 08-15",
		"Assumption":              "Assumption",
		"2026-08-15 9:00-10:00":   "must be HH:MM-HH:MM",
		"2026-08-15 09-13":        "must be HH:MM-HH:MM",
		"2026-08-15 09:00-09:00":  "is empty",
		"every 08-15 25:00-26:00": "must be HH:MM-HH:MM",
	} {
		_, err := hours.New(hours.Config{Zone: "UTC", Days: []string{"every 01-01", text}}, nil)
		require.ErrorContains(t, err, "days[1]", text)
		require.ErrorContains(t, err, want, text)
	}
	_, err := hours.New(hours.Config{Zone: "UTC", Days: []string{"every 01-01 a", "01-01 b", "every 01-01 09:00-10:00", "01-01 10:00-11:00"}}, nil)
	require.ErrorContains(t, err, `days[1]: "01-01 b" is stated already, in days[0]`)
	require.ErrorContains(t, err, "in days[2]")
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprintf("%d-01-01", 1900+i)
	}
	_, err = hours.New(hours.Config{Zone: "UTC", Days: many}, nil)
	require.ErrorContains(t, err, "1001 days")
}

// S4: a slow model, which asks each rule about each date by itself.
func TestDaysModelS4(t *testing.T) {
	t.Parallel()
	nths := []string{"1st", "2nd", "3rd", "4th", "5th", "last"}
	rapid.Check(t, func(t *rapid.T) {
		type rule struct {
			text  string
			on    func(time.Time) bool
			one   bool // of one date
			spans string
		}
		draw := func(i int) rule {
			var r rule
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				d := time.Date(2026, 1, 1+rapid.IntRange(0, 60).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
				r.text, r.one = d.Format(time.DateOnly), true
				r.on = func(x time.Time) bool { return x.Equal(d) }
			case 1:
				d := time.Date(2024, 1, 1+rapid.IntRange(0, 60).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
				r.text = "every " + d.Format("01-02")
				r.on = func(x time.Time) bool { return x.Format("01-02") == d.Format("01-02") }
			default:
				n := rapid.IntRange(0, 5).Draw(t, "nth")
				of := time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))
				r.text = "every " + nths[n] + " " + of.String()
				r.on = func(x time.Time) bool {
					if x.Weekday() != of {
						return false
					}
					if n == 5 {
						return x.AddDate(0, 0, 7).Month() != x.Month()
					}
					return (x.Day()-1)/7 == n
				}
			}
			if rapid.Bool().Draw(t, "open") {
				r.spans = fmt.Sprintf("0%d:00-1%d:00", i%9, i%10)
				r.text += " " + r.spans
			}
			return r
		}
		var rules []rule
		c := hours.Config{Zone: "UTC", Hours: hours.Daily("08:00-20:00")}
		for i := range rapid.IntRange(0, 12).Draw(t, "rules") {
			r := draw(i)
			if slices.ContainsFunc(rules, func(o rule) bool {
				return strings.TrimSuffix(o.text, " "+o.spans) == strings.TrimSuffix(r.text, " "+r.spans) && (o.spans == "") == (r.spans == "")
			}) {
				continue
			}
			rules, c.Days = append(rules, r), append(c.Days, r.text)
		}
		s, err := hours.New(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		for d := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2026; d = d.AddDate(0, 0, 1) {
			want := "08:00-20:00"
			best := 9
			for _, r := range rules {
				rank := 0
				if r.spans != "" {
					rank += 2
				}
				if !r.one {
					rank++
				}
				if r.on(d) && rank < best {
					best, want = rank, r.spans
				}
			}
			got := ""
			for sp := range s.Spans(d, d.AddDate(0, 0, 1)) {
				got = sp.Start.Format("15:04") + "-" + sp.End.Format("15:04")
			}
			if got != want {
				t.Fatalf("%s: %s, want %s under %q", d.Format(time.DateOnly), got, want, c.Days)
			}
		}
	})
}
