package inbox_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/internal/machine/machinetest"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R28, R29, R38–R40, R58–R65: every question to the machine of conversations, also
// about words that it does not know, and its answer: the next state and what can
// follow, or the refusal as data and in words (T46).
func TestDecisionsAreRecordedT46R28R29(t *testing.T) {
	t.Parallel()
	q := machinetest.Questions[inbox.Status, inbox.EventKind, inbox.Guard, helpdesk.Actor]{
		Events: append(slices.Collect(inbox.EventKinds()), "dance", ""),
		States: append([]inbox.Status{inbox.StatusNone}, slices.Collect(inbox.Statuses())...),
		Actors: append(slices.Collect(helpdesk.Actors()), "robot", ""),
		Guards: []inbox.Guard{
			"", "automated", "max_turns", "reopen", "escalate",
			"new_conversation", "full", "live_chat", "supersede", "in_place",
			"add_on_off", "live_chat_ticket", "add_on_on", "open_ticket", "open_offer",
			"staff_may_not", "no_ticket", "ticket_kept", "early", "picked_up",
			"other_customer", "other",
		},
	}
	q.States = append(q.States, "nonsense")
	for r := range inbox.Rows() {
		require.Contains(t, q.Guards, r.Guard)
	}
	text := q.Record(func(s inbox.Status, k inbox.EventKind, g inbox.Guard, by helpdesk.Actor) string {
		next, effects, err := inbox.Check(s, k, g, by)
		if err == nil {
			return fmt.Sprintf("goes to %s with %q", next, effects)
		}
		e, ok := errors.AsType[*inbox.NotAllowedError](err)
		require.True(t, ok)
		require.Equal(t, []any{s, k, g, by}, []any{e.Status, e.Event, e.Guard, e.Actor})
		return refusalText(t, e)
	})
	golden.Equal(t, filepath.Join("testdata", "decisions.txt"), text)
}

// refusalText says what a refusal says, without what was asked.
func refusalText(t *testing.T, e *inbox.NotAllowedError) string {
	t.Helper()
	under := ""
	if e.Guard != "" {
		under = " (" + string(e.Guard) + ")"
	}
	state := string(e.Status)
	if state == "" {
		state = "not started"
	}
	start := fmt.Sprintf("inbox: %q cannot %s while %s%s", string(e.Actor), e.Event, state, under)
	text := e.Error()
	require.Equal(t, start, text[:len(start)])
	return fmt.Sprintf("refused %s: actors %q, guards %q, in %q%s", e.Reason, e.Actors, e.Guards, e.In, text[len(start):])
}

// A refusal of a conversation and one of a ticket say the same things in the same
// words: whoever shows one can show the other.
func TestRefusalsAreAlike(t *testing.T) {
	t.Parallel()
	ours, theirs := reflect.TypeFor[inbox.NotAllowedError](), reflect.TypeFor[ticket.NotAllowedError]()
	require.Equal(t, theirs.NumField(), ours.NumField())
	for i := range ours.NumField() {
		name := ours.Field(i).Name
		if name == "State" {
			name = "Status"
		}
		require.Equal(t, theirs.Field(i).Name, name)
		require.Equal(t, theirs.Field(i).Type.Kind(), ours.Field(i).Type.Kind(), name)
	}
	for reason, same := range map[inbox.Reason]ticket.Reason{
		"unknown_status": "unknown_status", "unknown_event": "unknown_event",
		"actor": "actor", "status": "status", "guard": "guard",
	} {
		require.EqualValues(t, same, reason)
	}

	// What would be right, as data.
	_, _, err := inbox.Check(inbox.StatusHuman, inbox.EventAddAIReply, "", helpdesk.ActorAI)
	require.Equal(t, &inbox.NotAllowedError{
		Status: inbox.StatusHuman, Event: inbox.EventAddAIReply, Actor: helpdesk.ActorAI, Reason: "status",
		In: []inbox.Status{inbox.StatusAI, inbox.StatusOffer},
	}, err)
	_, _, err = inbox.Check(inbox.StatusHuman, inbox.EventArchive, "open_ticket", helpdesk.ActorAgent)
	require.Equal(t, &inbox.NotAllowedError{
		Status: inbox.StatusHuman, Event: inbox.EventArchive, Actor: helpdesk.ActorAgent, Guard: "open_ticket", Reason: "guard",
		Actors: []helpdesk.Actor{helpdesk.ActorAgent, helpdesk.ActorSystem}, Guards: []inbox.Guard{""},
	}, err)
	_, _, err = inbox.Check(inbox.StatusHuman, inbox.EventAddNote, "", helpdesk.ActorAI)
	require.Equal(t, &inbox.NotAllowedError{
		Status: inbox.StatusHuman, Event: inbox.EventAddNote, Actor: helpdesk.ActorAI, Reason: "actor",
		Actors: []helpdesk.Actor{helpdesk.ActorAgent, helpdesk.ActorSystem}, In: []inbox.Status{inbox.StatusAI, inbox.StatusOffer},
	}, err)
}
