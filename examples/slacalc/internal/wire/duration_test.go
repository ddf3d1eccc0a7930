package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzDuration holds the reading of durations against the standard library.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"1h30m0s", "0s", "0", "", "s", "1ms", "1m1ms", "1m", "90m", "1h1h", "1.5h", "-1h", "+1h", "9999999h", "1000000h", "1000001h", "99999999s", "0000000s", "1000000h1000000h1000000h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := time.ParseDuration(s)
		if got, ok := quickDuration([]byte(s)); ok && (err != nil || got != want) {
			t.Fatalf("%q: quick %v, want %v, %v", s, got, want, err)
		}
		if got, ok := ParseDuration([]byte(s)); ok != (err == nil) || got != want {
			t.Fatalf("%q: %v, %v, want %v, %v", s, got, ok, want, err)
		}
	})
}

// TestDurationTakesWhatIsCommon: the usual forms need no memory.
func TestDurationTakesWhatIsCommon(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1h30m0s", "0s", "15m", "162h23m59s", "1000000h"} {
		_, ok := quickDuration([]byte(s))
		require.True(t, ok, s)
	}
}

// A number of seconds is exact, as short as possible, and has one sign.
func TestAppendSeconds(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]struct{ sec, nanos int64 }{
		"0": {}, "1": {1, 0}, "-1": {-1, 0}, "0.5": {0, 5e8}, "-0.25": {0, -25e7}, "-3.000000001": {-3, -1}, "9498643199.999999999": {9498643199, 999999999},
	} {
		require.Equal(t, want, string(AppendSeconds(nil, d.sec, d.nanos)))
	}
}
