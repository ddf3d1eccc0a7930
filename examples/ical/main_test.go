package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// S4: days off of a calendar close a desk beside the holidays of a country.
func TestRun(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/acme.ics")
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	var out strings.Builder
	require.NoError(t, run(f, &out))
	require.Contains(t, out.String(), "asked Wed, 23 Dec 2026 16:00:00 UTC, due Mon, 04 Jan 2027 09:30:00 UTC")
	for _, day := range []string{"holiday Company holiday", "holiday Christmas Day", "holiday Boxing Day", "holiday Between the years", "holiday New Year's Day"} {
		require.Contains(t, out.String(), day)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"nonsense": "the calendar cannot be read",
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n": `"x" is no event of whole days`,
	} {
		require.ErrorContains(t, run(strings.NewReader(text), &strings.Builder{}), want)
	}
}
