package ticket_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// Why and Allowed say what Decide does, for everything that there is.
func TestWhyAgrees(t *testing.T) {
	t.Parallel()
	for _, l := range []*ticket.Lifecycle{ticket.Standard(), ticket.StandardClosed(), vendor(t)} {
		guards := make(map[ticket.EventKind][]ticket.Guard)
		for _, r := range l.Config().Rows {
			if !slices.Contains(guards[r.Event], r.Guard) {
				guards[r.Event] = append(guards[r.Event], r.Guard)
			}
		}
		statuses := []ticket.Status{ticket.StatusNone, ticket.StatusPurged, "nonsense"}
		for s := range l.Statuses() {
			statuses = append(statuses, s)
		}
		for _, s := range statuses {
			for _, a := range slices.AppendSeq([]helpdesk.Actor{"robot"}, helpdesk.Actors()) {
				var want []ticket.EventKind
				for k, gs := range guards {
					var allowed []ticket.Guard
					for _, g := range gs {
						if l.Decide(s, k, g, a).Allowed() {
							allowed = append(allowed, g)
						}
					}
					slices.Sort(allowed)
					x := l.Why(s, k, a)
					require.Equal(t, allowed, x.Guards)
					require.Equal(t, len(allowed) > 0, x.Allowed)
					require.Equal(t, x.Allowed, x.Reason == "")
					require.Equal(t, ticket.Explanation{
						Status: s, Event: k, Actor: a, Allowed: x.Allowed, Guards: x.Guards, Reason: x.Reason, Actors: x.Actors, In: x.In,
					}, x)
					require.NotContains(t, x.String(), "%!")
					if x.Allowed {
						want = append(want, k)
						require.Contains(t, x.In, s)
						require.Contains(t, x.Actors, a)
					} else if len(gs) == 1 {
						require.Equal(t, l.Decide(s, k, gs[0], a).Reason, x.Reason, "%s %s %s", s, k, a)
					}
				}
				slices.Sort(want)
				require.Equal(t, want, l.Allowed(s, a))
			}
		}
	}
}

// Where an actor may in one status, and only others in this one.
func TestWhyOthersOnly(t *testing.T) {
	t.Parallel()
	l, err := ticket.NewLifecycle(edited(ticket.StandardConfig(), submitted, ticket.EventAddNote, "", func(r *ticket.Row) {
		r.By = []helpdesk.Actor{agent, ai}
	}))
	require.NoError(t, err)
	x := l.Why(progress, ticket.EventAddNote, ai)
	require.Equal(t, ticket.Explanation{
		Status: progress, Event: ticket.EventAddNote, Actor: ai, Reason: "actor",
		Actors: []helpdesk.Actor{agent}, In: []ticket.Status{submitted},
	}, x)
	require.Equal(t, "ai cannot note while in_progress: only agent may", x.String())
	require.Equal(t, x.Reason, l.Decide(progress, ticket.EventAddNote, "", ai).Reason)
	require.Contains(t, l.Allowed(submitted, ai), ticket.EventAddNote)
	require.NotContains(t, l.Allowed(progress, ai), ticket.EventAddNote)
}

// T10: what the AI may do, and a customer.
func TestAllowed(t *testing.T) {
	t.Parallel()
	l := ticket.Standard()
	require.Equal(t, []ticket.EventKind{"answer", "claim_severity"}, l.Allowed(submitted, ai))
	require.Equal(t, []ticket.EventKind{"create"}, l.Allowed(ticket.StatusNone, ai))
	require.Empty(t, l.Allowed(ticket.StatusNone, customer), "R29")
	require.Equal(t, []ticket.EventKind{"auto_message", "customer_message"}, l.Allowed(resolved, customer))
	require.Equal(t, []ticket.EventKind{
		"answer", "assign", "claim_severity", "confirm_severity", "correct_severity", "decline_severity", "hold", "merge_from",
		"merge_into", "mitigate", "note", "pause_clocks", "release", "reply", "resolve", "resume_clocks",
	}, l.Allowed(waiting, agent))
	require.Empty(t, l.Allowed("nonsense", agent))
	d := open(t, l)
	require.Equal(t, l.Allowed(submitted, ai), d.Allowed(ai))
}

func TestWhyInWords(t *testing.T) {
	t.Parallel()
	l := ticket.StandardClosed()
	tests := []struct {
		status ticket.Status
		event  ticket.EventKind
		actor  helpdesk.Actor
		want   string
	}{
		{submitted, ticket.EventPickUp, agent, "agent can pick_up while submitted"},
		{submitted, ticket.EventResolve, agent, "agent can resolve while submitted if reason"},
		{progress, ticket.EventResolve, agent, "agent can resolve while in_progress"},
		{
			resolved, ticket.EventAddCustomerMessage, customer,
			"customer can customer_message while resolved if in_window, merged or outside_window",
		},
		{resolved, ticket.EventPickUp, agent, "agent cannot pick_up while resolved: only while submitted"},
		{submitted, ticket.EventReopen, agent, "agent cannot reopen while submitted: only while resolved"},
		{submitted, ticket.EventAssign, agent, "agent cannot assign while submitted: only while in_progress or waiting_on_customer"},
		{ticket.StatusPurged, ticket.EventReply, agent, "agent cannot reply while purged: only while in_progress, submitted or waiting_on_customer"},
		{submitted, ticket.EventCreate, ai, "ai cannot create while submitted: only while not created"},
		{submitted, ticket.EventPickUp, ai, "ai cannot pick_up while submitted: only agent may"},
		{resolved, ticket.EventPickUp, ai, "ai cannot pick_up while resolved: this actor never may"},
		{ticket.StatusNone, ticket.EventCreate, customer, "customer cannot create while not created: only agent and ai may"},
		{submitted, "dance", agent, "agent cannot dance while submitted: the lifecycle does not have this event"},
		{"on_hold", ticket.EventReply, agent, "agent cannot reply while on_hold: the lifecycle does not have this status"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, l.Why(tt.status, tt.event, tt.actor).String())
	}
	x := ticket.Ticket{}.Why(ticket.EventReply, agent)
	require.Equal(t, "agent cannot reply while not created: the lifecycle of the ticket is not known here", x.String())
	x = ticket.Standard().Why(progress, ticket.EventRemind, system)
	require.Equal(t, []ticket.Status{waiting}, x.In)
	x = vendor(t).Why("with_vendor", "vendor_answers", agent)
	require.Equal(t, "agent cannot vendor_answers while with_vendor: only third_party may", x.String())
	require.Equal(t, []helpdesk.Actor{thirdParty}, x.Actors)
}

// T45: a refusal says codes only.
func TestErrorTextsT45(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want string
	}{
		{
			&ticket.NotAllowedError{Status: resolved, Event: ticket.EventPickUp, Actor: agent, Reason: "status"},
			`ticket: "agent" cannot pick_up while resolved: not in this status`,
		},
		{
			&ticket.NotAllowedError{Status: resolved, Event: ticket.EventPickUp, Actor: agent, Reason: "status", In: []ticket.Status{"", submitted}},
			`ticket: "agent" cannot pick_up while resolved: not in this status, only while not created or submitted`,
		},
		{
			&ticket.NotAllowedError{Status: resolved, Event: ticket.EventReopen, Actor: customer, Reason: "actor", Actors: []helpdesk.Actor{agent}},
			`ticket: "customer" cannot reopen while resolved: this actor may not, only agent may`,
		},
		{
			&ticket.NotAllowedError{Event: ticket.EventCreate, Actor: customer, Reason: "actor"},
			`ticket: "customer" cannot create while not created: this actor may not`,
		},
		{
			&ticket.NotAllowedError{Status: resolved, Event: ticket.EventPurge, Actor: system, Guard: "held", Reason: "guard"},
			`ticket: "system" cannot purge while resolved (held): not under this condition`,
		},
		{
			&ticket.NotAllowedError{Status: "on_hold", Event: ticket.EventReply, Actor: agent, Reason: "unknown_status"},
			`ticket: "agent" cannot reply while on_hold: the lifecycle does not know the status`,
		},
		{
			&ticket.NotAllowedError{Status: submitted, Event: "dance", Actor: agent, Reason: "unknown_event"},
			`ticket: "agent" cannot dance while submitted: the lifecycle does not know the event`,
		},
		{
			&ticket.NotAllowedError{Status: submitted, Event: "reply", Actor: agent, Reason: "no_lifecycle"},
			`ticket: "agent" cannot reply while submitted: the lifecycle of the ticket is not known here`,
		},
		{&helpdesk.FieldError{Path: "title", Value: "121", Reason: "must be at most 120 runes"}, `title: "121" must be at most 120 runes`},
		{&helpdesk.FieldError{Path: "title", Reason: "must not be empty"}, `title: must not be empty`},
	}
	for _, tt := range tests {
		require.EqualError(t, tt.err, tt.want)
	}
}

// T45: the value in an error is a code, or it is not there.
func TestFieldErrorValueT45(t *testing.T) {
	t.Parallel()
	value := func(kind string) string {
		d := draft()
		d.Intake.Kind = ticket.IntakeKind(kind)
		_, _, err := ticket.New(ticket.Standard(), at(ai), d)
		e, ok := errors.AsType[*helpdesk.FieldError](err)
		require.True(t, ok)
		require.Equal(t, "intake.kind", e.Path)
		return e.Value
	}
	for _, code := range []string{"azAZ09", "a_-:.+()", strings.Repeat("x", 128)} {
		require.Equal(t, code[:min(len(code), 60)], value(code))
	}
	for _, text := range []string{"a b", "a@b", "a`", "a{", "a[", "a/", "a;", "é", "\x00", strings.Repeat("x", 129)} {
		require.Empty(t, value(text), "%q", text)
	}
}
