package modelcheck_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/inbox/modelcheck"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// onHold is a product's own lifecycle: a ticket can be put on hold and taken up
// again, by events of the product's own.
func onHold(tb testing.TB) *ticket.Lifecycle {
	tb.Helper()
	c := ticket.StandardConfig()
	c.Name = "with_a_third_party"
	agent := []helpdesk.Actor{helpdesk.ActorAgent}
	c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: "at_supplier", Category: ticket.CategoryOpen})
	c.Rows = append(c.Rows, ticket.Row{Status: ticket.StatusInProgress, Event: "send_away", By: agent, Next: "at_supplier"})
	var resolved []ticket.EffectKind
	for _, r := range c.Rows {
		if r.Status == ticket.StatusInProgress && r.Event == ticket.EventResolve {
			resolved = r.Effects
		}
	}
	c.Rows = append(c.Rows,
		ticket.Row{Status: "at_supplier", Event: "come_back", By: agent, Next: ticket.StatusInProgress},
		ticket.Row{Status: "at_supplier", Event: ticket.EventAddCustomerMessage, By: []helpdesk.Actor{helpdesk.ActorCustomer}, Next: "at_supplier"},
		ticket.Row{Status: "at_supplier", Event: ticket.EventRecordAutoReply, By: []helpdesk.Actor{helpdesk.ActorCustomer}, Next: "at_supplier"},
		ticket.Row{Status: "at_supplier", Event: ticket.EventResolve, Guard: "reason", By: agent, Next: ticket.StatusResolved, Effects: resolved},
	)
	l, err := ticket.NewLifecycle(c)
	require.NoError(tb, err)
	return l
}

// sending are the actions of that lifecycle.
func sending(w *modelcheck.World) []modelcheck.Action {
	var out []modelcheck.Action
	for _, kind := range []ticket.EventKind{"send_away", "come_back"} {
		out = append(out, modelcheck.Action{Name: "agent: " + string(kind), Do: func(w *modelcheck.World) (inbox.Case, []inbox.Event, error) {
			tk, ok := w.Case.OpenTicket()
			if !ok {
				return w.Case, nil, helpdesk.ErrNotAllowed
			}
			s := w.Command(helpdesk.ActorAgent)
			next, _, err := tk.Do(helpdesk.Command{ID: s.ID, At: s.At, Author: s.Author}, kind, "")
			if err != nil {
				return w.Case, nil, err
			}
			return inbox.Case{Conversation: w.Case.Conversation, Tickets: []ticket.Ticket{next}}, nil, nil
		}})
	}
	return out
}

// A product checks its own lifecycle, with actions and invariants of its own.
func TestOwnLifecycle(t *testing.T) {
	t.Parallel()
	seen := false
	c := modelcheck.Config{
		Policy: full, Lifecycle: onHold(t), Actions: sending,
		Invariants: []modelcheck.Invariant{{Name: "away only by hand", Check: func(tr modelcheck.Transition) string {
			tk, ok := tr.After.Case.OpenTicket()
			if !ok || tk.Status() != "at_supplier" {
				return ""
			}
			seen = true
			if before, _ := tr.Before.Case.OpenTicket(); before.Status() != "at_supplier" && tr.Action != "agent: send_away" {
				return "it went by " + tr.Action
			}
			return ""
		}}},
	}
	_, err := modelcheck.Check(c)
	require.NoError(t, err)
	require.True(t, seen)

	c.Invariants = []modelcheck.Invariant{{Name: "never away", Check: func(tr modelcheck.Transition) string {
		if tk, ok := tr.After.Case.OpenTicket(); ok && tk.Status() == "at_supplier" {
			return "it is"
		}
		return ""
	}}}
	_, err = modelcheck.Check(c)
	var v *modelcheck.ViolationError
	require.ErrorAs(t, err, &v)
	require.Equal(t, "never away", v.Invariant)
	require.Equal(t, "agent: send_away", v.Trace[len(v.Trace)-1])
	require.Len(t, v.Trace, 4) // the shortest: control, a ticket, picked up, sent away
}

// Mutants are found under a product's own lifecycle too.
func TestMutantsOwnLifecycle(t *testing.T) {
	t.Parallel()
	for _, m := range modelcheck.Mutants() {
		if m.Needs != "" {
			continue
		}
		_, err := modelcheck.Check(m.Break(modelcheck.Config{Policy: full, Lifecycle: onHold(t), Actions: sending}))
		var v *modelcheck.ViolationError
		require.ErrorAs(t, err, &v, m.Name)
		require.Equal(t, m.Invariant, v.Invariant, m.Name)
	}
}

// A key of a product's own tells more states apart; a limit ends an exploration
// that is too large.
func TestKeyAndLimit(t *testing.T) {
	t.Parallel()
	c := modelcheck.Config{}
	before, err := modelcheck.Check(c)
	require.NoError(t, err)
	c.Key = func(w *modelcheck.World) string {
		return fmt.Sprint(min(w.Takeovers, 1), w.Case.Conversation.Len() > 3)
	}
	after, err := modelcheck.Check(c)
	require.NoError(t, err)
	require.Greater(t, after.States, before.States)
	c.MaxStates = after.States
	_, err = modelcheck.Check(c)
	require.NoError(t, err)
	c.MaxStates--
	r, err := modelcheck.Check(c)
	require.ErrorIs(t, err, modelcheck.ErrTooLarge)
	require.Equal(t, c.MaxStates, r.States)

	_, err = modelcheck.Check(modelcheck.Config{Policy: inbox.Config{MaxTurns: -1}})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// What nobody can ever delete is found, with the shortest way into the trap.
func TestTrap(t *testing.T) {
	t.Parallel()
	_, err := modelcheck.Check(modelcheck.Config{Policy: full, Retention: func(tk ticket.Ticket, released time.Time) (time.Time, bool) {
		due, ok := modelcheck.ThirtyDays(tk, released)
		return due, ok && released.IsZero() // once held, held for ever
	}})
	var v *modelcheck.ViolationError
	require.ErrorAs(t, err, &v)
	require.Equal(t, "deletion is always reachable", v.Invariant)
	require.Equal(t, "agent: hold the ticket", v.Trace[len(v.Trace)-1]) // from here on it is either held or was
}

func TestThirtyDays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC)
	stamp := func(id string) helpdesk.Command {
		return helpdesk.Command{ID: id, At: at, Author: helpdesk.Agent("grace")}
	}
	tk, _, err := ticket.New(ticket.Standard(), stamp("e1"), ticket.Params{
		ID: ticket.NewID(at, [10]byte{1}), Reference: ticket.NewReference(1), Channel: helpdesk.ChannelEmail,
		Intake: ticket.Intake{Requester: "ada", Title: "x"},
	})
	require.NoError(t, err)
	_, ok := modelcheck.ThirtyDays(tk, time.Time{})
	require.False(t, ok)
	tk, _, err = tk.Resolve(stamp("e2"), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam})
	require.NoError(t, err)
	due, ok := modelcheck.ThirtyDays(tk, time.Time{})
	require.True(t, ok)
	require.Equal(t, tk.LastClosedAt().Add(720*time.Hour), due) // R51
	tk, _, err = tk.PlaceLegalHold(stamp("e3"), ticket.LegalHoldParams{ID: "h", Reason: "court", Privileged: true})
	require.NoError(t, err)
	_, ok = modelcheck.ThirtyDays(tk, time.Time{})
	require.False(t, ok)
}

// A violation prints its trace, a line for each action.
func TestViolationError(t *testing.T) {
	t.Parallel()
	err := &modelcheck.ViolationError{Invariant: "nobody sleeps", Reason: "somebody does", Trace: []string{"a: lies down", "a: snores"}}
	require.Equal(t, "modelcheck: nobody sleeps: somebody does\n  1. a: lies down\n  2. a: snores", err.Error())
}

func ExampleCheck() {
	// A product that lets the AI answer, and escalates after an hour.
	_, err := modelcheck.Check(modelcheck.Config{
		Policy: inbox.Config{AddOn: true, NoAction: inbox.Duration(time.Hour)},
	})
	fmt.Println(err)

	// And one that believes that nobody ever archives.
	_, err = modelcheck.Check(modelcheck.Config{
		Invariants: []modelcheck.Invariant{{Name: "nobody archives", Check: func(t modelcheck.Transition) string {
			if t.After.Case.Conversation.List() == inbox.ListArchived {
				return "somebody did"
			}
			return ""
		}}},
	})
	fmt.Println(err)
	// Output:
	// <nil>
	// modelcheck: nobody archives: somebody did
	//   1. agent: archive
}

// merging merges an open ticket into one of another conversation of the customer.
func merging(w *modelcheck.World) []modelcheck.Action {
	tk, ok := w.Case.OpenTicket()
	if !ok {
		return nil
	}
	return []modelcheck.Action{{Name: "agent: merge", Do: func(w *modelcheck.World) (inbox.Case, []inbox.Event, error) {
		cmd := w.Command(helpdesk.ActorAgent)
		in := tk.Intake()
		other, _, err := ticket.New(tk.Lifecycle(), cmd, ticket.Params{
			ID: ticket.NewID(time.Unix(0, 0), [10]byte{1}), Reference: ticket.NewReference(1 << 30), Conversation: "other",
			Channel: tk.Channel(), Intake: ticket.Intake{Title: "other", Requester: in.Requester, Account: in.Account},
		})
		if err != nil {
			return w.Case, nil, err
		}
		merged, _, events, err := tk.MergeInto(cmd, other)
		if err != nil {
			return w.Case, nil, err
		}
		k, err := w.Case.ReplaceTicket(merged, events[0])
		return k, nil, err
	}}}
}

// R84: what is for a ticket that another was merged into goes to people.
func TestMergedR84(t *testing.T) {
	t.Parallel()
	merged := false
	c := modelcheck.Config{Channel: helpdesk.ChannelEmail, Policy: full, Actions: merging, Invariants: []modelcheck.Invariant{{
		Name: "passed on", Check: func(tr modelcheck.Transition) string {
			for _, ev := range tr.Events {
				merged = merged || ev.From == inbox.StatusArchived && len(ev.Tickets) > 0 && ev.Tickets[0].Other != ticket.ID{}
			}
			return ""
		},
	}}}
	_, err := modelcheck.Check(c)
	require.NoError(t, err)
	require.True(t, merged)
}
