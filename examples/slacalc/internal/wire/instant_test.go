package wire

import (
	"errors"
	"regexp"
	"testing"
	"time"
)

// FuzzInstant holds the reading of instants against the standard library, which
// is less strict.
func FuzzInstant(f *testing.F) {
	for _, s := range []string{
		"2026-03-29T01:30:00Z", "2026-03-29T01:30:00.123456789+05:45", "1999-02-29T00:00:00Z", "2000-02-29T23:59:59-23:59", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.9Z",
		"2026-03-29T24:00:00Z", "2026-03-29T23:60:00Z", "2026-03-29T23:59:60Z", "2026-00-10T00:00:00Z", "2026-04-31T00:00:00Z", "2026-03-29T01:30:00", "2026-03-29T01:30:00.Z",
		"2026-03-29T01:30:00+24:00", "2026-03-29T01:30:00+23:60", "2026-03-29T1:30:00Z", "2026-03-29T01:30:00+1:00", "2026-03-29 01:30:00Z", "2026-03-29t01:30:00z", "2026-03-29T01:30:00,5Z", "2026-03-29T01:30:00.0000000000Z", "1900-02-29T00:00:00Z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := ParseInstant([]byte(s))
		var want time.Time
		err := want.UnmarshalText([]byte(s))
		if err == nil && lax.MatchString(s) {
			err = errors.New("not RFC 3339")
		}
		if ok != (err == nil) {
			t.Fatalf("%q: %v, want %v", s, ok, err)
		}
		if !ok {
			return
		}
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Fatalf("%q: %v, want %v", s, got, want)
		}
		again, ok := ParseInstant(AppendInstant(nil, got))
		if year := got.Year(); 0 <= year && year <= 9999 && (!ok || !again.Equal(got)) {
			t.Fatalf("%q is written as %s", s, AppendInstant(nil, got))
		}
	})
}

// What the standard library takes although RFC 3339 does not have it, and digits
// after the ninth, which it drops.
var lax = regexp.MustCompile(`,|\.\d{10}|T\d:|[+-](2[4-9]|[3-9]\d):..$|[+-]..:[6-9].$`)
