package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/examples/internal/showtest"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// report runs the program without a terminal.
func report(t *testing.T, args ...string) string {
	t.Helper()
	var out, problems bytes.Buffer
	require.Zero(t, run(args, &out, &problems, false), problems.String())
	require.Empty(t, problems.String())
	return out.String()
}

// TestGolden compares what is printed, byte by byte.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"page.golden":         nil,
		"page-monday.golden":  {"-now", "2026-03-30T09:00:00+01:00"},
		"page-first.golden":   {"-now", "2026-03-24T09:00:00Z"},
		"page-nothing.golden": {"-now", "2026-03-23T00:00:00Z"},
		"json.golden":         {"-json"},
	} {
		showtest.Golden(t, name, report(t, args...))
	}
}

// TestWidth: the page fits into a hundred columns, and no line ends in blanks.
func TestWidth(t *testing.T) {
	t.Parallel()
	showtest.Fits(t, report(t), 100)
}

// TestColours: they change nothing but colours.
func TestColours(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Zero(t, run(nil, &out, io.Discard, true))
	require.Contains(t, out.String(), "\x1b[31mbreached\x1b[0m")
	require.Contains(t, out.String(), "\x1b[32mmet\x1b[0m")
	require.Equal(t, report(t), regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(out.String(), ""))

	file, err := os.Open("doc.go")
	require.NoError(t, err)
	require.False(t, onTerminal(file))
	require.NoError(t, file.Close())
	require.False(t, onTerminal(file), "a closed file")
}

// TestJSON: one object a ticket or conversation, in the form that is documented.
func TestJSON(t *testing.T) {
	t.Parallel()
	tickets, conversations := 0, 0
	for line := range strings.Lines(report(t, "-json")) {
		tickets++
		var got struct {
			Ticket, Title, Partner, Policy string
			Conversation                   bool
			Version                        int
			Now                            time.Time
			Clocks                         []map[string]any
			Explain                        []struct {
				Metric string
				Cycle  int
				Pieces []struct {
					From, To    time.Time
					Kind, Cause string
				}
			}
		}
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&got))
		require.Equal(t, "2026-04-07T12:00:00Z", got.Now.Format(time.RFC3339))
		require.Equal(t, map[string]string{"": "standard", "harbour": "harbour"}[got.Partner], got.Policy)
		require.Equal(t, len(got.Clocks), len(got.Explain))
		if got.Conversation { // R79, S34: a first reply is owed without a ticket, and no resolution
			require.Len(t, got.Clocks, 1)
			require.Equal(t, "first_reply", got.Clocks[0]["metric"])
			require.Equal(t, "breached", got.Clocks[0]["verdict"])
			conversations++
		}
		for i, c := range got.Clocks { // the pieces that counted add up
			require.Equal(t, c["metric"], got.Explain[i].Metric)
			var counted time.Duration
			for _, piece := range got.Explain[i].Pieces {
				require.NotEmpty(t, piece.Cause)
				if piece.Kind == "counted" {
					counted += piece.To.Sub(piece.From)
				}
			}
			require.InDelta(t, c["elapsed_seconds"], counted.Seconds(), 0)
		}
	}
	require.Equal(t, 10, tickets)
	require.Equal(t, 1, conversations)
}

// TestArguments: help is no failure, nonsense is one, and so is a full disk.
func TestArguments(t *testing.T) {
	t.Parallel()
	require.Zero(t, run([]string{"-h"}, io.Discard, io.Discard, false))
	require.Equal(t, 2, run([]string{"-now", "yesterday"}, io.Discard, io.Discard, false))
	for _, args := range [][]string{nil, {"-json"}} {
		var problems bytes.Buffer
		require.Equal(t, 1, run(args, showtest.BrokenWriter{}, &problems, false))
		require.Equal(t, "report: broken\n", problems.String())
	}
}

// TestAssessRefuses: a partner without a policy (R9), and a log that is not one.
func TestAssessRefuses(t *testing.T) {
	t.Parallel()
	book, err := openBook()
	require.NoError(t, err)
	now := time.Date(2026, time.April, 7, 12, 0, 0, 0, time.UTC)
	opening := sla.Event{
		ID: "1", Kind: sla.KindOpened, At: now, By: helpdesk.ActorCustomer, Channel: helpdesk.ChannelSMS, Severity: severity.Low,
	}
	_, err = assess(book, &ticket{Partner: "unknown", Events: []sla.Event{opening}}, now)
	require.ErrorIs(t, err, sla.ErrNoContract)
	_, err = assess(book, &ticket{Events: []sla.Event{opening, {ID: "2"}}}, now)
	require.ErrorAs(t, err, new(*sla.EventError))
	_, err = readTickets([]byte("{}\n{"))
	require.Error(t, err)
}

// TestStories: the sentences that the committed log has no ticket for.
func TestStories(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.April, 7, 12, 0, 0, 0, time.UTC)
	p := &page{now: at}
	s := standing{ticket: &ticket{Events: []sla.Event{{ID: "h", Kind: sla.KindPaused}}}}
	for want, c := range map[string]sla.Clock{
		"The customer has not been in touch yet.":                   {State: sla.StateNotStarted},
		"Merged into another ticket.":                               {State: sla.StateCancelled},
		"Stands still.":                                             {State: sla.StatePaused},
		"Resolved without an answer, while there was time for one.": {State: sla.StateStopped, Verdict: sla.VerdictExcluded, Stop: at},
		"Late since Mon 6 Apr 12:00. Nobody has answered it yet.": {
			Metric: sla.MetricFirstReply, State: sla.StateRunning, Verdict: sla.VerdictBreached,
			Breaches: []sla.Breach{{Due: at.Add(-24 * time.Hour), Cause: sla.CauseElapsed}},
		},
	} {
		require.Equal(t, want, strings.Join(p.outcome(s, c), " "))
	}
	require.Equal(t, "on hold", paused(s, "h"))
	require.Empty(t, level(sla.Clock{}))
}
