package hours_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// listed is open on weekdays in a zone, but for the holidays of these lists.
func listed(tb testing.TB, zone string, lists ...[]hours.Holiday) *hours.Schedule {
	tb.Helper()
	c := hours.Config{Zone: zone, Hours: hours.Weekdays("09:00-17:00")}
	for i := range lists {
		c.Holidays = append(c.Holidays, strconv.Itoa(i))
	}
	s, err := hours.New(c, &hours.Resolver{Holidays: func(name string) ([]hours.Holiday, error) {
		i, err := strconv.Atoi(name)
		return lists[i], err
	}})
	require.NoError(tb, err)
	return s
}

// yearly is a holiday on a date of every year from one to another.
func yearly(name string, month time.Month, day, from, to int) hours.Holiday {
	return hours.Holiday{Name: name, Observed: func(year int) time.Time {
		if year < from || to < year {
			return time.Time{}
		}
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}}
}

func sum(lines ...string) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(strings.Join(lines, "\n")+"\n")))
}

// S39: the texts are what their documentation says.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	require.Equal(t, hours.Fingerprint{Zone: sum("-2209161600 0")}, hours.Standard().Fingerprint())
	require.Equal(t, hours.Fingerprint{Zone: sum("-2209161600 -18000")}, listed(t, "EST").Fingerprint())
	require.Zero(t, hours.Always().Fingerprint())
	require.Zero(t, new(hours.Schedule).Fingerprint())
	require.Zero(t, build(t, hours.Config{Versions: []hours.Version{{Always: true}}}).Fingerprint())

	// A list that never has a day is one, of no lines.
	require.Equal(t, fmt.Sprintf("sha256:%x", sha256.Sum256(nil)), listed(t, "UTC", []hours.Holiday{{Name: "never"}}).Fingerprint().Holidays)
	require.Equal(t, sum(`2026-12-25 "Christmas Day"`, `2027-01-01 "A\u00f1o \"Nuevo\"\n"`), listed(t, "UTC", []hours.Holiday{
		yearly("Año \"Nuevo\"\n", time.January, 1, 2027, 2027), yearly("Christmas Day", time.December, 25, 2026, 2026),
	}).Fingerprint().Holidays)

	// London, as the model reads its clocks.
	w := wallOf(t, "Europe/London")
	var lines []string
	for i, st := range w.of {
		if from := max(st.from, horizonFrom-2*86400); from < min(st.to, horizonTo) {
			lines = append(lines, fmt.Sprint(from, " ", w.offsets[i]))
		}
	}
	require.Contains(t, lines, "1774746000 3600")
	require.Equal(t, sum(lines...), listed(t, "Europe/London").Fingerprint().Zone)
}

// S39: the holidays of the model, with those that are observed in another year
// and several on a date.
func TestFingerprintOfHolidays(t *testing.T) {
	t.Parallel()
	s, err := hours.New(hours.Config{Zone: "UTC", Hours: hours.Daily("09:00-17:00"), Holidays: []string{"moved", "monthly"}}, listResolver)
	require.NoError(t, err)
	var lines []string
	for r := range s.Reasons(hours.Horizon().Start, hours.Horizon().End) {
		if r.Cause == "holiday" {
			lines = append(lines, fmt.Sprintf("%s %q", r.Start.Format(time.DateOnly), r.Holiday))
		}
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	// And the days around the horizon whose hours may reach into it.
	lines = append([]string{`1899-12-31 "Old Year"`}, lines...)
	lines = append(lines, `2201-01-01 "New Year"`)
	require.Equal(t, sum(lines...), s.Fingerprint().Holidays)
}

// S39: equal exactly when the data are, whatever their names.
func TestFingerprintIsOfData(t *testing.T) {
	t.Parallel()
	of := func(lists ...[]hours.Holiday) string { return listed(t, "UTC", lists...).Fingerprint().Holidays }
	first := yearly("First", time.May, 1, 1900, 2200)
	last := yearly("Last", time.December, 31, 1900, 2200)
	same := of([]hours.Holiday{first, last})
	require.Equal(t, same, of([]hours.Holiday{last, first}))
	require.Equal(t, same, of([]hours.Holiday{last}, []hours.Holiday{first}))
	require.Equal(t, same, of([]hours.Holiday{first, last, yearly("hidden", time.May, 1, 2000, 2001)}))
	require.Equal(t, same, of([]hours.Holiday{first, last, yearly("late", time.May, 1, 2201, 2300)}))
	for _, other := range [][]hours.Holiday{
		{first},
		{first, last, yearly("more", time.May, 2, 2200, 2200)},
		{first, yearly("Last", time.December, 31, 1900, 2199)},
		{first, yearly("Last", time.December, 30, 1900, 2200)},
		{first, yearly("last", time.December, 31, 1900, 2200)},
		{yearly("hidden", time.May, 1, 2000, 2001), first, last},
	} {
		require.NotEqual(t, same, of(other))
	}

	london := listed(t, "Europe/London").Fingerprint()
	require.Equal(t, london, listed(t, "Europe/Belfast").Fingerprint())
	require.NotEqual(t, london, listed(t, "Europe/Paris").Fingerprint())
	require.Equal(t, hours.Standard().Fingerprint(), listed(t, "UTC").Fingerprint())
	zones := map[string]string{}
	for _, zone := range oddZones {
		f := listed(t, zone).Fingerprint().Zone
		require.Regexp(t, "^sha256:[0-9a-f]{64}$", f)
		require.Empty(t, zones[f], zone)
		zones[f] = zone
	}

	// The hours are no data: these are what a Config says itself.
	a, err := hours.New(hours.Config{Zone: "Europe/London", Holidays: []string{"gb"}}, holidays.Resolver())
	require.NoError(t, err)
	require.Equal(t, plain(t, 0).Fingerprint(), a.Fingerprint())
	require.Equal(t, a.Fingerprint(), a.Named("other").Fingerprint())
}

// S39: what is composed has the data of its parts.
func TestFingerprintOfParts(t *testing.T) {
	t.Parallel()
	first := []hours.Holiday{yearly("First", time.May, 1, 1900, 2200)}
	last := []hours.Holiday{yearly("Last", time.December, 31, 1900, 2200)}
	a, b := listed(t, "Europe/London", first), listed(t, "Asia/Tokyo", last)
	fa, fb := a.Fingerprint(), b.Fingerprint()
	both := hours.Fingerprint{
		Zone:     sum(slices.Sorted(slices.Values([]string{fa.Zone, fb.Zone}))...),
		Holidays: sum(slices.Sorted(slices.Values([]string{fa.Holidays, fb.Holidays}))...),
	}
	require.Equal(t, both, hours.Union(a, b).Fingerprint())
	require.Equal(t, both, hours.Subtract(b, a).Fingerprint())
	require.Equal(t, both, hours.Intersect(hours.Union(a, hours.Always()), hours.Union(b, a), nil).Fingerprint())
	require.Equal(t, fa, hours.Union(a, a, hours.Always()).Fingerprint())
	require.Zero(t, hours.Union().Fingerprint())
	require.Equal(t, hours.Fingerprint{Zone: both.Zone, Holidays: fa.Holidays}, hours.Union(a, listed(t, "Asia/Tokyo")).Fingerprint())

	// As many paths as you like, and many askers.
	s := hours.Union(a, b)
	for range 60 {
		s = hours.Union(s, s)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := s.Fingerprint(); got != both {
				t.Errorf("got %v", got)
			}
		})
	}
	wg.Wait()

	// Versions are parts, of one zone.
	resolver := &hours.Resolver{Holidays: func(name string) ([]hours.Holiday, error) {
		return map[string][]hours.Holiday{"first": first, "last": last}[name], nil
	}}
	v := []hours.Version{{Holidays: []string{"first"}}, {From: at(t, "2026-01-01T00:00:00Z")}, {From: at(t, "2027-01-01T00:00:00Z"), Holidays: []string{"last"}}}
	s, err := hours.New(hours.Config{Zone: "Asia/Tokyo", Versions: v}, resolver)
	require.NoError(t, err)
	require.Equal(t, hours.Fingerprint{Zone: fb.Zone, Holidays: both.Holidays}, s.Fingerprint())
	s, err = hours.New(hours.Config{Zone: "Asia/Tokyo", Versions: v[:2]}, resolver)
	require.NoError(t, err)
	require.Equal(t, hours.Fingerprint{Zone: fb.Zone, Holidays: fa.Holidays}, s.Fingerprint())
}

// The JSON form leaves out what there is not.
func TestFingerprintJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(hours.Fingerprint{Zone: "sha256:00"})
	require.NoError(t, err)
	require.JSONEq(t, `{"zone":"sha256:00"}`, string(text))
}
