package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

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
	want = append(want, libraryCodes(t)...)
	slices.Sort(got)
	slices.Sort(want)
	require.Equal(t, want, got)
}

// libraryCodes returns the codes of desk.ProblemOf, from the page that lists them.
func libraryCodes(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/errors.md")
	require.NoError(t, err)
	var codes []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		codes = append(codes, m[1])
	}
	require.NotEmpty(t, codes)
	return codes
}

// The codes that a scenario cannot play: nothing else runs, fails or ends beside it, and no
// command is refused for a contract.
var neverPlayed = []string{"no_contract", "busy", "changed", "uncertain", "full", "canceled", "internal", "newer", "damaged", "conflict", "unavailable"}

// Every other code of the library is an answer in a scenario.
func TestEveryCodeIsPlayed(t *testing.T) {
	t.Parallel()
	played := map[string]bool{}
	for _, file := range scenarios(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`"error":\{"code":"([a-z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			played[m[1]] = true
		}
	}
	for _, c := range libraryCodes(t) {
		require.NotEqual(t, slices.Contains(neverPlayed, c), played[c], c)
	}
}

// The rows that are of the host and its pages, with nothing to play: a profile, the
// vendor's own support, the panels, where the menu is.
var ofTheHost = []int{56, 57, 66, 75}

// R7–R77: every row that can be played is named in a note, by itself and not as one of
// a range, beside the commands that show it.
func TestNotesNameEveryRow(t *testing.T) {
	t.Parallel()
	spans, row := regexp.MustCompile(`R[0-9]+[-–]R?[0-9]+`), regexp.MustCompile(`\bR([0-9]+a?)\b`)
	named := map[string]bool{}
	for _, file := range scenarios(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			var l struct {
				Note string `json:"note"`
			}
			if strings.TrimSpace(line) == "" || json.Unmarshal([]byte(line), &l) != nil {
				continue
			}
			for _, m := range row.FindAllStringSubmatch(spans.ReplaceAllString(l.Note, ""), -1) {
				named[m[1]] = true
			}
		}
	}
	for n := 7; n <= 77; n++ {
		require.NotEqual(t, slices.Contains(ofTheHost, n), named[strconv.Itoa(n)], "R%d", n)
	}
	require.True(t, named["61a"])
}
