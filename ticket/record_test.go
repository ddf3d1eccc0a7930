package ticket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/internal/machine/machinetest"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// everything asks l for all words that there are, and some that there are not.
func everything(l *ticket.Lifecycle) machinetest.Questions[ticket.Status, ticket.EventKind, ticket.Guard, helpdesk.Actor] {
	q := machinetest.Questions[ticket.Status, ticket.EventKind, ticket.Guard, helpdesk.Actor]{
		Events: slices.Collect(ticket.EventKinds()),
		States: []ticket.Status{ticket.StatusNone},
		Actors: append(slices.Collect(helpdesk.Actors()), "robot", ""),
		Guards: []ticket.Guard{""},
	}
	for s := range l.Statuses() {
		q.States = append(q.States, s)
	}
	q.States = append(q.States, ticket.StatusPurged, "nonsense")
	guard := func(g ticket.Guard) {
		if !slices.Contains(q.Guards, g) {
			q.Guards = append(q.Guards, g)
		}
	}
	for _, r := range l.Config().Rows {
		if !slices.Contains(q.Events, r.Event) {
			q.Events = append(q.Events, r.Event)
		}
		guard(r.Guard)
	}
	for k := range ticket.EventKinds() {
		for g := range k.Guards() {
			guard(g)
		}
	}
	guard("other")
	q.Events = append(q.Events, "dance", "")
	return q
}

// T46, R28, R29, R45–R48: every question to a lifecycle, and its answer: the next
// status and what follows, or the refusal with what would be right, as data and in
// words.
func TestDecisionsAreRecordedT46R28R29(t *testing.T) {
	t.Parallel()
	for _, l := range []*ticket.Lifecycle{ticket.Standard(), ticket.StandardClosed(), vendor(t)} {
		t.Run(l.Name(), func(t *testing.T) {
			t.Parallel()
			q := everything(l)
			text := q.Record(func(s ticket.Status, k ticket.EventKind, g ticket.Guard, by helpdesk.Actor) string {
				next, effects, err := l.Check(s, k, g, by)
				d := l.Decide(s, k, g, by)
				require.Equal(t, err == nil, d.Allowed())
				if err == nil {
					require.Equal(t, next, d.Next)
					require.Equal(t, slices.Collect(d.Effects()), slices.Clone(effects))
					return fmt.Sprintf("goes to %s with %q", next, effects)
				}
				e, ok := errors.AsType[*ticket.NotAllowedError](err)
				require.True(t, ok)
				require.Equal(t, []any{s, k, g, by, d.Reason}, []any{e.Status, e.Event, e.Guard, e.Actor, e.Reason})
				return refusalText(t, e)
			})
			q.Guards = q.Guards[:1]
			why := q.Record(func(s ticket.Status, k ticket.EventKind, _ ticket.Guard, by helpdesk.Actor) string {
				x := l.Why(s, k, by)
				require.Equal(t, []any{s, k, by}, []any{x.Status, x.Event, x.Actor})
				require.Equal(t, x.Allowed, slices.Contains(l.Allowed(s, by), k))
				_, words, _ := strings.Cut(x.String(), " while ")
				return fmt.Sprintf("%v %q: guards %q, actors %q, in %q: %s", x.Allowed, x.Reason, x.Guards, x.Actors, x.In, words)
			})
			golden.Equal(t, "testdata/"+l.Name()+".txt", "# What a command is answered\n\n"+text+"\n# Why\n\n"+why)
		})
	}
}

// refusalText says what a refusal says, without what was asked.
func refusalText(t *testing.T, e *ticket.NotAllowedError) string {
	t.Helper()
	under := ""
	if e.Guard != "" {
		under = " (" + string(e.Guard) + ")"
	}
	status := string(e.Status)
	if status == "" {
		status = "not created"
	}
	start := fmt.Sprintf("ticket: %q cannot %s while %s%s", string(e.Actor), e.Event, status, under)
	text := e.Error()
	require.Equal(t, start, text[:len(start)])
	return fmt.Sprintf("refused %s: actors %q, guards %q, in %q%s", e.Reason, e.Actors, e.Guards, e.In, text[len(start):])
}
