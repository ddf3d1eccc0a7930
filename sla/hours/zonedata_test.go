package hours_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/stretchr/testify/require"
)

// A shift is an instant from which clocks are ahead of UTC by so much.
type shift struct {
	at    time.Time
	ahead time.Duration
}

// tzif makes the data of a zone: 8 hours behind UTC until the first shift, and by a rule of POSIX
// after the last.
func tzif(rule string, shifts ...shift) []byte {
	var data []byte
	for _, wide := range []bool{false, true} { // the old form, which nobody reads any more, and the new one
		data = append(data, "TZif2"...)
		data = append(data, make([]byte, 15)...)
		of := shifts
		if !wide {
			of = nil
		}
		for _, n := range []int{0, 0, 0, len(of), len(of) + 1, 4} {
			data = binary.BigEndian.AppendUint32(data, uint32(n))
		}
		for _, s := range of {
			data = binary.BigEndian.AppendUint64(data, uint64(s.at.Unix()))
		}
		for i := range of {
			data = append(data, byte(i+1))
		}
		for _, s := range append([]shift{{ahead: -8 * time.Hour}}, of...) {
			data = binary.BigEndian.AppendUint32(data, uint32(int32(s.ahead/time.Second)))
			data = append(data, 0, 0)
		}
		data = append(data, "LMT\x00"...)
	}
	return append(data, "\n"+rule+"\n"...)
}

// resolverOf returns a Resolver with one zone of data.
func resolverOf(t *testing.T, name string, data []byte) *hours.Resolver {
	t.Helper()
	loc, err := time.LoadLocationFromTZData(name, data)
	require.NoError(t, err)
	return &hours.Resolver{Zone: func(n string) (*time.Location, error) {
		if n != name {
			return nil, helpdesk.ErrNotFound
		}
		return loc, nil
	}}
}

const vancouver = "America/Vancouver"

// S39: two versions of a zone side by side, each with its own answers and its own fingerprint.
func TestTwoVersionsOfAZoneS39(t *testing.T) {
	t.Parallel()
	config := hours.Config{Zone: vancouver, Hours: hours.Weekdays("09:00-17:00")}
	of := func(data []byte) *hours.Schedule {
		s, err := hours.New(config, resolverOf(t, vancouver, data))
		require.NoError(t, err)
		return s
	}
	back, stays := of(tzif("PST8PDT,M3.2.0,M11.1.0")), of(tzif("PST8PDT,M3.2.0,M11.1.0", shift{time.Date(2026, 3, 8, 10, 0, 0, 0, time.UTC), -7 * time.Hour}))
	stays2 := of(tzif("PDT7", shift{time.Date(2026, 3, 8, 10, 0, 0, 0, time.UTC), -7 * time.Hour}))
	require.Equal(t, back.Fingerprint(), of(tzif("PST8PDT,M3.2.0,M11.1.0")).Fingerprint()) // loaded again
	require.NotEqual(t, back.Fingerprint(), stays2.Fingerprint())
	require.NotEqual(t, back.Fingerprint(), stays.Fingerprint()) // before 2026 the one has summers, the other none
	from := time.Date(2026, 11, 2, 16, 5, 0, 0, time.UTC)
	due, err := back.Add(from, time.Hour)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 11, 2, 18, 0, 0, 0, time.UTC), due.UTC()) // open from 17:00 UTC on
	due, err = stays2.Add(from, time.Hour)
	require.NoError(t, err)
	require.Equal(t, from.Add(time.Hour), due.UTC()) // open from 16:00 UTC on
}

// S39: equal exactly when the transitions of 1900 to 2200 are.
func TestFingerprintOfTransitionsS39(t *testing.T) {
	t.Parallel()
	at := func(year int) time.Time { return time.Date(year, 5, 1, 3, 0, 0, 0, time.UTC) }
	of := func(shifts ...shift) string {
		s, err := hours.New(hours.Config{Zone: vancouver}, resolverOf(t, vancouver, tzif("<-03>3", shifts...)))
		require.NoError(t, err)
		return s.Fingerprint().Zone
	}
	first, last := shift{at(1950), -7 * time.Hour}, shift{at(2100), -3 * time.Hour}
	same := of(first, last)
	for name, other := range map[string]string{
		"one fewer":    of(last),
		"a second on":  of(shift{first.at.Add(time.Second), first.ahead}, last),
		"by a second":  of(shift{first.at, first.ahead + time.Second}, last),
		"one more":     of(first, shift{at(2000), -6 * time.Hour}, last),
		"a short one":  of(first, shift{at(2000), -6 * time.Hour}, shift{at(2000).Add(time.Minute), first.ahead}, last),
		"in the end":   of(first, shift{last.at.Add(time.Hour), last.ahead}),
		"by a quarter": of(first, shift{last.at.Add(-time.Hour), -15 * time.Minute}, last),
	} {
		require.NotEqual(t, same, other, name)
	}
	require.Equal(t, same, of(first, shift{at(2000), first.ahead}, last), "nothing changes")
	require.Equal(t, of(first), of(shift{at(1850), -5 * time.Hour}, shift{at(1860), -8 * time.Hour}, first), "before 1900")
}

// S39: where a resolver has zones, no others are looked for; what it says is told.
func TestZonesOfAResolverS39(t *testing.T) {
	t.Parallel()
	down := errors.New("disk is gone")
	r := &hours.Resolver{Zone: func(name string) (*time.Location, error) {
		switch name {
		case "Europe/London":
			return nil, down
		case "Europe/Paris":
			return nil, nil
		default:
			return nil, helpdesk.ErrNotFound
		}
	}}
	for _, name := range []string{"GMT", "UTC"} {
		_, err := hours.New(hours.Config{Zone: name}, r)
		require.NoError(t, err)
	}
	_, err := hours.New(hours.Config{Zone: "Europe/London"}, r)
	require.ErrorContains(t, err, down.Error())
	for _, name := range []string{"Europe/Paris", "Europe/Berlin", "Local"} {
		_, err := hours.New(hours.Config{Zone: name}, r)
		require.ErrorContains(t, err, "zone", name)
		require.ErrorContains(t, err, "is not a zone", name)
	}
	_, err = hours.New(hours.Config{Zone: "Europe/Berlin"}, &hours.Resolver{}) // those of the machine
	require.NoError(t, err)
}
