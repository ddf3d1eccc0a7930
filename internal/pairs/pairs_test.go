package pairs_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/stretchr/testify/require"
)

// What the table must say, whatever else changes.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	known, err := pairs.Concurrency()
	require.NoError(t, err)
	const (
		ai, offer, queue, working = "the AI answers", "an offer stands", "in the queue, submitted", "in progress"
		waiting, resolved         = "waiting on the customer", "resolved"
	)
	tests := []struct {
		state, a, b string
		want        pairs.Verdict
	}{
		{working, "agent: reply", "agent: reply", pairs.Commutes},                         // T18
		{working, "customer: message", "agent: reply", pairs.Conflict},                    // T18: it was answered, or was not
		{working, "customer: message", "agent: resolve, having seen all", pairs.Conflict}, // T19
		{working, "customer: message", "agent: resolve", pairs.Conflict},                  // T19: reopened, or not
		{working, "agent: resolve", "agent: resolve", pairs.FirstWins},                    // two agents
		{waiting, "customer: message", "agent: resolve", pairs.Conflict},                  // T19
		{resolved, "customer: message", "agent: archive", pairs.Conflict},                 // T20
		{resolved, "agent: archive", "agent: archive", pairs.FirstWins},                   // two agents
		{offer, "customer: confirm", "customer: confirm", pairs.FirstWins},                // T24
		{offer, "customer: confirm", "agent: take over", pairs.FirstWins},                 // T25
		{offer, "customer: confirm", "customer: decline", pairs.FirstWins},                // T25
		{ai, "ai: reply", "agent: take over", pairs.Conflict},                             // T32: said before, or refused
		{ai, "ai: reply", "ai: reply", pairs.FirstWins},                                   // delivered twice
		{ai, "ai: give up", "agent: take over", pairs.FirstWins},                          // a person has it
		{queue, "agent: pick up", "agent: pick up", pairs.FirstWins},                      // two agents
		{queue, "customer: message", "agent: pick up", pairs.Conflict},                    // R86: whoever acts has read it, or is told of it
		{queue, "customer's machine: out of office", "agent: pick up", pairs.Commutes},    // R40
		{resolved, "customer: message", "system: timer idle", pairs.Conflict},             // R91: it is idle, or is not
		{resolved, "agent: archive", "system: timer idle", pairs.FirstWins},               // R91
		{working, "agent: note", "agent: note", pairs.Commutes},                           // R77
		{working, "agent: note", "customer: message", pairs.Conflict},                     // R86
	}
	for _, tt := range tests {
		got := pairs.Commutes
		for _, p := range known {
			if p.State == tt.state && (p.A == tt.a && p.B == tt.b || p.A == tt.b && p.B == tt.a) {
				got = p.Verdict
			}
		}
		require.Equal(t, tt.want, got, "%s: %s and %s", tt.state, tt.a, tt.b)
	}
}

// The complete table has every two commands of a state once: those that were left
// out commute, all others keep their verdict.
func TestComplete(t *testing.T) {
	t.Parallel()
	known, err := pairs.Concurrency()
	require.NoError(t, err)
	given := map[[3]string]pairs.Verdict{}
	commands := map[string]map[string]bool{}
	for _, p := range known {
		given[[...]string{p.State, p.A, p.B}] = p.Verdict
		if commands[p.State] == nil {
			commands[p.State] = map[string]bool{}
		}
		commands[p.State][p.A], commands[p.State][p.B] = true, true
	}
	want := 0
	for _, c := range commands {
		want += len(c) * (len(c) + 1) / 2
	}
	all := pairs.Complete(known)
	require.Len(t, all, want)
	found := 0
	for _, p := range all {
		if v, ok := given[[...]string{p.State, p.A, p.B}]; ok {
			found++
			require.Equal(t, v, p.Verdict)
		} else {
			require.Equal(t, pairs.Commutes, p.Verdict, "%s: %s and %s", p.State, p.A, p.B)
		}
	}
	require.Equal(t, len(known), found)
	require.Empty(t, pairs.Complete(nil))
}

// The record is read as it was written.
func TestEncode(t *testing.T) {
	t.Parallel()
	known, err := pairs.Concurrency()
	require.NoError(t, err)
	require.NotEmpty(t, known)
	text, err := pairs.Encode(known)
	require.NoError(t, err)
	var again []pairs.Pair
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, known, again)
	require.True(t, slices.ContainsFunc(known, func(p pairs.Pair) bool { return strings.HasSuffix(p.B, pairs.SeenAll) }))
}

// The documentation has the tables of the record; the head is that of the test which
// writes both.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	known, err := pairs.Concurrency()
	require.NoError(t, err)
	text, err := os.ReadFile("../../docs/concurrency.md")
	require.NoError(t, err)
	_, tables, _ := strings.Cut(string(text), "race on a desk.\n\n")
	require.Equal(t, tables, pairs.Markdown(known))
}
