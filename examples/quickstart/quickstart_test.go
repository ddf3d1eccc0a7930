package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/examples/internal/showtest"
)

func quickstart(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, tell(t.Context(), &out))
	return out.String()
}

// The documents' story in one run, the same each time: R27–R51, R79.
func TestGolden(t *testing.T) {
	t.Parallel()
	showtest.Golden(t, "page.golden", quickstart(t))
}

// What the story has to show, whatever the page looks like.
func TestStory(t *testing.T) {
	t.Parallel()
	page := quickstart(t)
	at := 0
	for _, want := range []string{
		"whoever writes now: by Thu 26 Mar 18:50", // what a page can promise: three business hours
		"first reply due Thu 26 Mar 18:55",        // R79, S34: from the first word, without a ticket
		"first reply met, 25m of 3h used",
		"makes it a ticket",
		"first reply met, 25m of 2h used",                     // S35: the ticket inherits contact and reply
		"automated; may speak: the AI",                        // R64
		"Shall I?",                                            // R27
		"A colleague will look at why",                        // R35: the summary, in the chat
		"mail     ada@acme.example: Your support ticket HD-",  // R36: to the account's address
		"active; may speak: people",                           // R38
		"due Fri 27 Mar 06:25",                                // R19: one business hour, over the night
		"met, 47m of 1h used",                                 // R46
		"waiting on customer",                                 // R47
		"stands still, 8h55m of 24h used",                     // paused
		"due Mon 30 Mar 23:35, 8h55m of 24h used",             // and taken up again
		"is resolved",                                         // R49
		"resolved: removed a damaged list from the queue",     // R50
		"Ada's number, by text  resolved\n",                   // R44
		"somebody else          there is no such ticket",      // D1
		"09:59:59.999999999\n        due 29 April 2026 10:00", // R51: never early
		"gone: deleted 29 April 2026 11:00",                   // R51
		"0 records.",                                          // residue
		"4 tombstones",                                        // of conversations and tickets
	} {
		i := strings.Index(page[at:], want)
		require.GreaterOrEqual(t, i, 0, "%q is missing, or too early", want)
		at += i
	}
	_, after, _ := strings.Cut(page, "the AI is silent")
	require.NotContains(t, after, "AI       I ") // R39: after the ticket the AI says nothing of its own
}

// The page fits into a hundred columns, and no line ends in blanks.
func TestWidth(t *testing.T) {
	t.Parallel()
	showtest.Fits(t, quickstart(t), 100)
}

// A full disk is told of, and so is a story that goes another way.
func TestFailures(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, tell(t.Context(), showtest.BrokenWriter{}), showtest.ErrBroken)

	p := &product{page: &page{}}
	_, err := p.Account(t.Context(), "acme", "unknown")
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	answer, err := p.Answer(t.Context(), desk.Turn{})
	require.NoError(t, err)
	require.NotEmpty(t, answer.Leave) // an AI that has nothing to say leaves it to people
	require.ErrorIs(t, p.Send(t.Context(), desk.Envelope{}), desk.ErrRejected)
}

// Lengths of time leave out what is zero.
func TestSpan(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"0m": 59 * time.Second, "1m": time.Minute, "1h": time.Hour, "1h1m": 61 * time.Minute, "24h": 24 * time.Hour, "10m": 10 * time.Minute,
	} {
		require.Equal(t, want, span(d))
	}
}
