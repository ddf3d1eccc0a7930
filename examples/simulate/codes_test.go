package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/desk"
	"github.com/stretchr/testify/require"
)

// The clock of a run keeps to the years that the library can store, and the run
// goes on after a command that would have left them.
func TestClockEnds(t *testing.T) {
	t.Parallel()
	const begin = `{"do":"start","as":"c","channel":"sms","contact":{"customer":"x"},"text":"Hello."}` + "\n"
	const end = "\n" + `{"do":"customer_message","conversation":"c","text":"Still there?"}`
	for line, code := range map[string]string{
		`{"do":"advance","until":"2200-01-01T00:00:00Z"}`:          badAt,
		`{"do":"advance","until":"9999-12-31T00:00:00Z"}`:          badAt,
		`{"do":"advance","for":"70000d"}`:                          badAt,
		`{"do":"advance","for":"999999d"}`:                         badCommand,
		`{"do":"advance","for":"99999d2560000h"}`:                  badCommand,
		`{"do":"health","at":"2200-01-01T00:00:00Z"}`:              badAt,
		`{"do":"health","at":"+70000d"}`:                           badAt,
		`{"do":"set_clock","until":"2200-01-01T00:00:00Z"}`:        badAt,
		`{"do":"set_clock","until":"1899-12-31T23:59:59.999999Z"}`: badAt,
	} {
		out, _, status := simulate(t, begin+line+end)
		require.Equal(t, exitErrors, status, line)
		require.Equal(t, 1, strings.Count(out, `"error":{`), out)
		require.Contains(t, out, `"code":"`+code+`"`, line)
		require.Contains(t, out, `"did":"customer_message","result"`, line)
	}
	out, _, status := simulate(t, `{"do":"health","at":"2200-01-01T00:00:00Z"}`)
	require.Equal(t, exitErrors, status)
	require.Contains(t, out, badAt)
	out, _, status = simulate(t, `{"do":"start","at":"2199-12-31T23:00:00Z","channel":"sms","contact":{"customer":"x"},"text":"Hello."}`)
	require.Equal(t, exitDone, status, out)
	require.NotContains(t, out, "trouble")
}

// The manual's table of codes has those of the program and those of the library,
// and nothing else.
func TestManualHasEveryCode(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../docs/simulate.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(manual), "\n| code | meaning |\n|---|---|\n")
	require.True(t, ok)
	table, _, _ := strings.Cut(rest, "\n\n")
	var got []string
	for line := range strings.Lines(table) {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(first, -1) {
			got = append(got, m[1])
		}
	}
	want := []string{badCommand, unknownDo, unknownName, badAt}
	for _, c := range desk.Codes() {
		want = append(want, string(c))
	}
	slices.Sort(got)
	slices.Sort(want)
	require.Equal(t, want, got)
}
