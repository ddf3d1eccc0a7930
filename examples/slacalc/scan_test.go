package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestScanTakesWhatIsCommon: the quick way takes all of the worked examples, and
// shapes that are usual elsewhere.
func TestScanTakesWhatIsCommon(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"schedule.jsonl", "sla.jsonl"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "sla", "testdata", name))
		require.NoError(t, err)
		for line := range bytes.Lines(data) {
			var q question
			require.True(t, q.scan(bytes.TrimSpace(line)), "%s", line)
		}
	}
	for _, line := range []string{
		`{}`, `{ }`, `{ "id" : 1 , "op" : "add" }`, `{"id":-0.5e+3}`, `{"id":"\"\\\/\b\f\n\r\t"}`, `{"id":[{},[],[null,true,false,1E-2]]}`,
	} {
		var q question
		require.True(t, q.scan([]byte(line)), line)
		require.NoError(t, sameWays([]byte(line)))
	}
}

// TestScanRefuses: what the quick way leaves to the slow one.
func TestScanRefuses(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", maxNesting+1) + strings.Repeat("]", maxNesting+1)
	for _, line := range []string{
		``, `{`, `}`, `[]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{"a":1}x`, `{a:1}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":+1}`, `{"a":-}`,
		`{"a":"` + "\x01" + `"}`, `{"a":"\u0041"}`, `{"a":"\x"}`, `{"a":"\`, `{"a":"`, `{"\n":1}`, `{"a":tru}`, `{"a":nul`, `{"a":[1,]}`, `{"a":[1}`, `{"a":{"b"}}`, `{"a":{1:2}}`,
		`{"a":` + deep + `}`,
	} {
		var q question
		require.False(t, q.scan([]byte(line)), line)
		require.NoError(t, sameWays([]byte(line)))
	}
}

// sameWays reports a line that the quick way takes and encoding/json takes apart
// differently, or not at all.
func sameWays(line []byte) error {
	var quick, slow question
	if !quick.scan(line) {
		return nil
	}
	object, err := slow.decode(line)
	switch {
	case err != nil:
		return err
	case !object:
		return faultf(badQuestion, "an object only to the quick way: %q", line)
	}
	for _, pair := range [][2][]byte{
		{quick.define, slow.define},
		{quick.id, slow.id},
		{quick.op, slow.op},
		{quick.schedule, slow.schedule},
		{quick.policy, slow.policy},
		{quick.at, slow.at},
		{quick.until, slow.until},
		{quick.duration, slow.duration},
		{quick.now, slow.now},
		{quick.events, slow.events},
		{quick.metric, slow.metric},
		{quick.cycle, slow.cycle},
	} {
		if !bytes.Equal(pair[0], pair[1]) {
			return faultf(badQuestion, "%q: quick %q, slow %q", line, pair[0], pair[1])
		}
	}
	return nil
}

// FuzzScan holds the quick way against encoding/json.
func FuzzScan(f *testing.F) {
	for _, line := range []string{
		ask, `{"define":"schedule","schedule":` + desk + `}`, `{"id":1,"id":2,"at":null}`, `{"a":"\"","op":"\\","op":[{"op":"x"}],"cycle":-1.5e3}`, `{"op":"\ud800"}`,
		"{\"\xff\":1,\"id\":\"\xff\"}", `{"id":1}}`, ` { "op" : { } , "for" : [ ] } `,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.ContainsAny(line, "\n") {
			return // it would be several lines
		}
		if err := sameWays(line); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzAnswer holds the answers of the two ways against each other: a line, and
// the same line with an escape in it that only the slow way takes.
func FuzzAnswer(f *testing.F) {
	f.Add(`1`, `add`, `standard`, `2026-03-06T21:30:00Z`, `1h30m`)
	f.Add(`"x"`, `between`, `always`, `2026-03-06T21:30:00.5+01:00`, `-1.5us`)
	f.Add(`[]`, `is_open`, `desk`, `2026-13-06T21:30:00Z`, `1h`)
	f.Fuzz(func(t *testing.T, id, op, schedule, at, duration string) {
		if !json.Valid([]byte(id)) {
			return
		}
		quote := func(s string) string {
			text, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		line := `,"op":` + quote(op) + `,"schedule":` + quote(schedule) + `,"at":` + quote(at) + `,"until":` + quote(at) + `,"for":` + quote(duration) + `}`
		c := newCalculator()
		answer := func(line string) string {
			got, err := c.line([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			return string(got)
		}
		id = strings.Join(strings.Fields(id), "")
		if !json.Valid([]byte(id)) {
			return
		}
		quick := answer(`{"id":` + id + line)
		if slow := answer(`{"\u0069d":` + id + line); slow != quick {
			t.Fatalf("quick %sslow  %s", quick, slow)
		}
		if !json.Valid([]byte(quick)) {
			t.Fatalf("not JSON: %s", quick)
		}
	})
}

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
		got, ok := parseInstant([]byte(s))
		var want time.Time
		err := want.UnmarshalText([]byte(s))
		if err == nil && lax.MatchString(s) {
			err = faultf(badQuestion, "not RFC 3339")
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
		again, ok := parseInstant(appendInstant(nil, got))
		if year := got.Year(); 0 <= year && year <= 9999 && (!ok || !again.Equal(got)) {
			t.Fatalf("%q is written as %s", s, appendInstant(nil, got))
		}
	})
}

// What the standard library takes although RFC 3339 does not have it, and digits
// after the ninth, which it drops.
var lax = regexp.MustCompile(`,|\.\d{10}|T\d:|[+-](2[4-9]|[3-9]\d):..$|[+-]..:[6-9].$`)

// FuzzDuration holds the reading of durations against the standard library.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"1h30m0s", "0s", "0", "", "s", "1ms", "1m1ms", "1m", "90m", "1h1h", "1.5h", "-1h", "+1h", "9999999h", "1000000h", "1000001h", "99999999s", "0000000s", "1000000h1000000h1000000h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseDuration([]byte(s))
		if want, err := time.ParseDuration(s); ok && (err != nil || got != want) {
			t.Fatalf("%q: %v, want %v, %v", s, got, want, err)
		}
	})
}

// TestDurationTakesWhatIsCommon: the usual forms need no memory.
func TestDurationTakesWhatIsCommon(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1h30m0s", "0s", "15m", "162h23m59s", "1000000h"} {
		_, ok := parseDuration([]byte(s))
		require.True(t, ok, s)
	}
}

// TestQuickWaysAllocateNothing: an ordinary question costs no memory. It does not
// run beside others, because it counts the allocations of all.
func TestQuickWaysAllocateNothing(t *testing.T) {
	c := newCalculator()
	for _, line := range []string{
		`{"id":"q1","op":"add","schedule":"standard","at":"2026-03-06T21:30:00+02:00","for":"3h30m"}`,
		`{"id":"q3","op":"between","schedule":"standard","at":"2026-03-06T21:30:00.25Z","until":"2026-04-06T21:30:00Z"}`,
		`{"id":"q4","op":"is_open","schedule":` + desk + `,"at":"2026-03-06T21:30:00Z"}`,
	} {
		text := []byte(line)
		allocs := testing.AllocsPerRun(100, func() {
			if _, err := c.line(text); err != nil {
				t.Fatal(err)
			}
		})
		require.Zero(t, allocs, line)
	}
}

// TestCache: bounded in entries and in text, and the last used stay.
func TestCache(t *testing.T) {
	t.Parallel()
	key := func(i int) []byte { return []byte{byte(i), byte(i >> 8)} }
	var c cache[int]
	_, ok := c.get(key(0))
	require.False(t, ok)
	for i := range maxEntries + 1 {
		c.put(key(i), i, i%2 == 0)
		got, ok := c.get(key(0))
		require.True(t, ok)
		require.Zero(t, got)
	}
	require.Len(t, c.byText, maxEntries)
	_, ok = c.get(key(1))
	require.False(t, ok, "the one used least recently went")
	require.Equal(t, 2*maxEntries, c.text)

	c.dropNamed()
	_, ok = c.get(key(0))
	require.False(t, ok)
	got, ok := c.get(key(3))
	require.True(t, ok)
	require.Equal(t, 3, got)
	require.Len(t, c.byText, maxEntries/2-1)
	require.Equal(t, len(c.byText), c.recent.Len())

	c.put(make([]byte, maxText), 7, false) // takes all of the room
	require.Len(t, c.byText, 1)
	require.Equal(t, maxText, c.text)
	c.put(make([]byte, maxText+1), 8, false) // more than there is
	require.Len(t, c.byText, 1)
	_, ok = c.get(make([]byte, maxText))
	require.True(t, ok)
}
