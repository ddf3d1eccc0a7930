package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCases fixes which cases there are, and which peers they have: the names
// are what figures are compared by.
func TestCases(t *testing.T) {
	t.Parallel()
	cases, faults := areas(brief.many, t.TempDir())
	got := make(map[string][]string)
	for _, c := range cases {
		require.NotContains(t, got, c.name)
		got[c.name] = []string{}
		for _, p := range c.peers {
			got[c.name] = append(got[c.name], p.name)
		}
		require.Equal(t, c.check != nil, len(c.peers) > 0, "%s: peers are checked", c.name)
	}
	all := []string{"cal", "cal-cached", "hand"}
	for _, name := range alone {
		require.Equal(t, []string{}, got[name], name)
		delete(got, name)
	}
	require.Equal(t, map[string][]string{
		"hours/add-3h": all, "hours/add-160h": all,
		"hours/between-1d": all, "hours/between-1y": all, "hours/between-10y": all,
		"hours/is-open": all, "hours/compile-10y": {},
		"hours/random-10000": {"cal", "hand"}, "hours/far-1970": {},
		"sla/evaluate-12": {}, "sla/corrections-1000": {}, "sla/compact-1000": {}, "sla/queue-10000": {},
		"ticket/decide": {"looplab-kept", "looplab-new"},
		"desk/command":  {"one-core"}, "desk/due-timer": {"among-20k"}, "desk/purge": {},
		"desk/command-disk": {"raw-driver"},
	}, got)
	require.Len(t, faults, 5)
	var counted []string
	for _, f := range figures(brief.many, t.TempDir()) {
		counted = append(counted, f.name)
	}
	require.Equal(t, []string{
		"hours/memory-1", "hours/memory-10000", "desk/open-ticket",
		"desk/fair", "desk/idle-10000", "desk/idle-10000-calls",
		"desk/fair-sqlite", "desk/idle-10000-sqlite", "desk/idle-10000-sqlite-calls",
	}, counted)
}

// alone are the cases of commands, views and lists, in memory and on a file, which nobody
// is compared with.
var alone = func() (all []string) {
	all = append(all, "desk/resolve-events-10000")
	for _, engine := range []string{"", "-sqlite"} {
		for _, name := range []string{
			"command-10", "command-10000", "view20-10", "view20-20", "view20-10000", "tag", "note", "reply",
			"list-2-attributes-10000", "queue-by-due-10000", "hot-1", "hot-32", "due-10000", "outbox-10000",
		} {
			all = append(all, "desk/"+name+engine)
		}
	}
	return all
}()

// TestAgreement: ours and the peers answer the same, and what is said to be
// wrong with a peer is.
func TestAgreement(t *testing.T) {
	t.Parallel()
	cases, faults := areas(brief.many, t.TempDir())
	for _, c := range cases {
		if c.check != nil {
			answers, err := c.check()
			require.NoError(t, err, c.name)
			want, ok := map[string]int{"ticket/decide": len(questions), "desk/command": storyCommands, "desk/due-timer": 100, "desk/command-disk": savers * storyCommands}[c.name]
			if !ok {
				want = instants
			}
			require.Equal(t, want, answers, c.name)
		}
	}
	for _, f := range faults {
		e := f.ask()
		require.True(t, e.wrong, "%s %s: %+v", f.peer, f.title, e)
		require.NotEqual(t, e.ours, e.peer)
	}
}

// TestJSON runs every case for a moment and looks at the form of what is
// written, never at a time.
func TestJSON(t *testing.T) {
	t.Parallel()
	var out, notes bytes.Buffer
	require.Zero(t, run([]string{"-json"}, &out, &notes, brief))
	require.Contains(t, notes.String(), "256 of 256 agree")
	require.Contains(t, notes.String(), "cal closes one second late\n")
	require.NotContains(t, notes.String(), "NOT ANY MORE")
	require.Regexp(t, `(?m)^  desk/open-ticket +[\d,]+ bytes of memory`, notes.String())

	lines := map[string]int{}
	for line := range strings.Lines(out.String()) {
		var members map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &members))
		lines[members["case"].(string)]++
		if members["bytes"] != nil {
			require.Len(t, members, 2)
			require.Positive(t, members["bytes"])
			continue
		}
		if members["ours_ns"] == nil {
			require.Len(t, members, 2)
			continue
		}
		require.Len(t, members, 6)
		require.Positive(t, members["ours_ns"])
		require.GreaterOrEqual(t, members["allocs"], 0.0)
		if members["peer"] == "none" {
			require.Zero(t, members["peer_ns"])
			require.Zero(t, members["ratio"])
			continue
		}
		require.Contains(t, []any{"cal", "cal-cached", "hand", "looplab-kept", "looplab-new", "one-core", "among-20k", "raw-driver"}, members["peer"])
		require.Positive(t, members["peer_ns"])
		require.Positive(t, members["ratio"])
	}
	for _, name := range alone {
		require.Equal(t, 1, lines[name], name)
		delete(lines, name)
	}
	require.Equal(t, map[string]int{
		"hours/add-3h": 3, "hours/add-160h": 3, "hours/between-1d": 3, "hours/between-1y": 3, "hours/between-10y": 3,
		"hours/is-open": 3, "hours/compile-10y": 1, "hours/random-10000": 2, "hours/far-1970": 1,
		"hours/memory-1": 1, "hours/memory-10000": 1, "desk/open-ticket": 1, "ticket/decide": 2,
		"sla/evaluate-12": 1, "sla/corrections-1000": 1, "sla/compact-1000": 1, "sla/queue-10000": 1,
		"desk/command": 1, "desk/due-timer": 1, "desk/purge": 1, "desk/command-disk": 1,
		"desk/fair": 1, "desk/idle-10000": 1, "desk/idle-10000-calls": 1,
		"desk/fair-sqlite": 1, "desk/idle-10000-sqlite": 1, "desk/idle-10000-sqlite-calls": 1,
	}, lines)
}

// TestTable: the table for people has the same, and -run picks some.
func TestTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Zero(t, run([]string{"-run", "hours/is"}, &out, io.Discard, brief))
	require.Regexp(t, `(?m)^  hours/is-open +256 of 256 agree$`, out.String())
	require.Regexp(t, `(?m)^  case +ours +peer +peer takes +ratio +allocs$`, out.String())
	require.Regexp(t, `(?m)^  hours/is-open +[\d.]+ [nµm]s +cal +[\d.]+ [nµm]s +[\d.,]+× +\d+$`, out.String())
	require.Regexp(t, `(?m)^ +cal-cached +[\d.]+ [nµm]s +[\d.,]+×`, out.String())
	require.NotContains(t, out.String(), "add-3h")

	out.Reset()
	require.Zero(t, run([]string{"-run", "sla/evaluate"}, &out, io.Discard, brief))
	require.Regexp(t, `(?m)^  sla/evaluate-12 +[\d.]+ [nµm]s +none +\d+$`, out.String())
}

// TestArguments: help is no failure, nonsense is one.
func TestArguments(t *testing.T) {
	t.Parallel()
	var problems bytes.Buffer
	require.Zero(t, run([]string{"-h"}, io.Discard, &problems, brief))
	require.Contains(t, problems.String(), "-json")
	require.Equal(t, 2, run([]string{"-x"}, io.Discard, io.Discard, brief))
	require.Equal(t, 1, run([]string{"-json", "-run", "sla/evaluate"}, brokenWriter{}, io.Discard, brief))
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

// TestUnsound: a difference, and a fault that is gone, are told.
func TestUnsound(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := report{out: &out, notes: &out}
	require.False(t, r.checked(benchCase{name: "x/y", check: func() (int, error) { return 0, errors.New("1 is not 2") }}))
	require.False(t, r.fault(fault{"them", "is slow to answer", func() evidence { return evidence{"1 + 1?", "2", "2", false} }}))
	require.Equal(t, "  x/y                DIFFER: 1 is not 2\n"+
		"  them is slow to answer (NOT ANY MORE)\n    1 + 1?\n    ours  2\n    them  2\n", out.String())
}

// TestFigures: how figures are made and written.
func TestFigures(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 2, median([]float64{9, 1, 2}), 0)
	require.InDelta(t, 2.5, median([]float64{9, 1, 2, 3}), 0)
	for x, want := range map[float64]string{9.94: "9.9", 10: "10", 999.6: "1,000", 1234567: "1,234,567", 123456: "123,456"} {
		require.Equal(t, want, grouped(x))
	}
	for ns, want := range map[float64]string{12.34: "12.3 ns", 999: "999.0 ns", 1000: "1.0 µs", 1234567: "1.2 ms"} {
		require.Equal(t, want, nanos(ns))
	}
	for x, want := range map[float64]float64{12.34: 12.3, 1.25: 1.3, 0.04: 0.04, 0.12344: 0.1234} {
		require.InDelta(t, want, tenths(x), 1e-9)
	}
	require.Panics(t, func() { must(0, errors.New("broken")) })
}
