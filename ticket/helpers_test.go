package ticket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

const (
	submitted = ticket.StatusSubmitted
	progress  = ticket.StatusInProgress
	waiting   = ticket.StatusWaitingOnCustomer
	resolved  = ticket.StatusResolved
	closed    = ticket.StatusClosed

	customer   = helpdesk.ActorCustomer
	agent      = helpdesk.ActorAgent
	ai         = helpdesk.ActorAI
	system     = helpdesk.ActorSystem
	thirdParty = helpdesk.ActorThirdParty
)

// opened is a Monday.
var opened = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// A desk gives commands to one ticket, a minute after each other.
type desk struct {
	testing.TB
	ticket.Ticket
	now    time.Time
	n      int
	events []ticket.Event // of the last command
	err    error
}

func draft() ticket.Params {
	return ticket.Params{
		ID: ticket.NewID(opened, [10]byte{1}), Reference: ticket.NewReference(1),
		Intake: ticket.Intake{
			Requester: "customer-1", Account: "account-1", Kind: ticket.IntakeIssue,
			Title: "Campaigns do not go out", Description: "Since this morning.",
		},
		Summary: "Campaigns are stuck", Conversation: "conversation-1", Channel: helpdesk.ChannelLiveChat,
		Offer: "offer-1", Severity: severity.Medium,
	}
}

// open returns a desk with a ticket that the AI created.
func open(tb testing.TB, l *ticket.Lifecycle) *desk {
	tb.Helper()
	d := &desk{TB: tb, now: opened.Add(-time.Minute)}
	var err error
	d.Ticket, d.events, err = ticket.New(l, d.stamp(ai), draft())
	require.NoError(tb, err)
	return d
}

func (d *desk) stamp(by helpdesk.Actor) helpdesk.Command {
	d.n++
	d.now = d.now.Add(time.Minute)
	return helpdesk.Command{ID: fmt.Sprintf("event-%d", d.n), At: d.now, Author: helpdesk.Author{By: by, Who: string(by) + "-1"}}
}

func (d *desk) message() ticket.Message {
	return ticket.Message{ID: fmt.Sprintf("message-%d", d.n)}
}

// do carries a command out as actor by and checks what every command keeps.
func (d *desk) do(k ticket.EventKind, by helpdesk.Actor) error {
	d.Helper()
	before, old := d.Snapshot(), d.Ticket
	next, events, err := command(d, k, by)
	require.Equal(d, before, old.Snapshot(), "a command leaves the old value alone")
	d.events, d.err = events, err
	if err != nil {
		require.Equal(d, old, next, "a refused command changes nothing")
		require.Empty(d, events, "and nothing happened")
		return err
	}
	require.NotEmpty(d, events, "D10: every accepted command leaves an event")
	require.True(d, next.UpdatedAt().After(old.UpdatedAt()), "T34")
	d.Ticket = next
	return nil
}

func (d *desk) must(kinds ...ticket.EventKind) *desk {
	d.Helper()
	for _, k := range kinds {
		require.NoError(d, d.do(k, typical(k)), "%s", k)
	}
	return d
}

// at moves the clock.
func (d *desk) after(wait time.Duration) *desk {
	d.now = d.now.Add(wait)
	return d
}

// typical returns who usually gives a command.
func typical(k ticket.EventKind) helpdesk.Actor {
	switch k {
	case ticket.EventAddCustomerMessage, ticket.EventRecordAutoReply:
		return customer
	case ticket.EventMarkBounced, ticket.EventMarkDelivered, ticket.EventRemind, ticket.EventResolveUnanswered, ticket.EventClose, ticket.EventPurge:
		return system
	default:
		return agent
	}
}

// command gives a command with sound arguments.
func command(d *desk, k ticket.EventKind, by helpdesk.Actor) (ticket.Ticket, []ticket.Event, error) {
	s := d.stamp(by)
	switch t := d.Ticket; k {
	case ticket.EventPickUp:
		return t.PickUp(s)
	case ticket.EventAssign:
		return t.Assign(s, "agent-2")
	case ticket.EventReply:
		return t.Reply(s, d.message())
	case ticket.EventAskCustomer:
		return t.AskCustomer(s, d.message())
	case ticket.EventAddCustomerMessage:
		return t.AddCustomerMessage(s, d.message())
	case ticket.EventRecordAutoReply:
		return t.RecordAutoReply(s, d.message())
	case ticket.EventMarkBounced:
		return t.MarkBounced(s, lastMessage(t))
	case ticket.EventMarkDelivered:
		return t.MarkDelivered(s, lastMessage(t))
	case ticket.EventAddNote:
		return t.AddNote(s, "note-1")
	case ticket.EventUpdateIntake:
		return t.UpdateIntake(s, ticket.Intake{FirstSeen: "Monday"})
	case ticket.EventMitigate:
		return t.Mitigate(s)
	case ticket.EventRemind:
		return t.Remind(s)
	case ticket.EventResolveUnanswered:
		return t.ResolveUnanswered(s)
	case ticket.EventResolve:
		sol := ticket.ResolveParams{Action: "restarted the queue"}
		if t.Status() == submitted {
			sol.Reason = ticket.ReasonSpam
		}
		return t.Resolve(s, sol)
	case ticket.EventReopen:
		return t.Reopen(s, "it came back")
	case ticket.EventClose:
		return t.Close(s)
	case ticket.EventMergeInto:
		from, _, events, err := t.MergeInto(s, other(d))
		return from, events, err
	case ticket.EventMergeFrom:
		from, into, events, err := other(d).MergeInto(s, t)
		require.Equal(d, err == nil, from.MergedInto() == t.ID())
		return into, events, err
	case ticket.EventAddFollowUp:
		return t.AddFollowUp(s, ticket.NewID(opened, [10]byte{9}))
	case ticket.EventClaimSeverity:
		return t.ClaimSeverity(s, severity.Urgent, helpdesk.ChannelLiveChat)
	case ticket.EventConfirmSeverity:
		return t.ConfirmSeverity(s)
	case ticket.EventDeclineSeverity:
		return t.DeclineSeverity(s, severity.Low)
	case ticket.EventCorrectSeverity:
		return t.CorrectSeverity(s, ticket.CorrectSeverityParams{Level: severity.High, Reason: "it was worse"})
	case ticket.EventPauseClocks:
		return t.PauseClocks(s, "waiting for a supplier")
	case ticket.EventResumeClocks:
		return t.ResumeClocks(s)
	case ticket.EventPlaceLegalHold:
		return t.PlaceLegalHold(s, ticket.LegalHoldParams{ID: "hold-1", Reason: "a law suit", Privileged: true})
	case ticket.EventReleaseLegalHold:
		return t.ReleaseLegalHold(s, ticket.LegalHoldParams{ID: "hold-1", Privileged: true})
	case ticket.EventPurge:
		return t.Purge(s, t.LastClosedAt())
	default:
		return t.Do(s, k, "")
	}
}

// other returns another open ticket of the same requester.
func other(d *desk) ticket.Ticket {
	d.Helper()
	f := draft()
	f.ID, f.Reference = ticket.NewID(opened, [10]byte{2}), ticket.NewReference(2)
	t, _, err := ticket.New(d.Lifecycle(), helpdesk.Command{ID: "other", At: opened, Author: helpdesk.Author{By: ai}}, f)
	require.NoError(d, err)
	return t
}

// lastMessage returns the ID of the last message in the log of t.
func lastMessage(t ticket.Ticket) string {
	log := t.SLALog()
	for _, ev := range slices.Backward(log) {
		if ev.Kind == sla.KindMessage {
			id, _, _ := strings.Cut(ev.ID, "#")
			return id
		}
	}
	return "none"
}

// rejected returns the names of the fields that err joins.
func rejected(tb testing.TB, err error) []string {
	tb.Helper()
	if err == nil {
		return nil
	}
	require.ErrorIs(tb, err, helpdesk.ErrInvalid)
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	var fields []string
	for _, e := range list {
		f, ok := errors.AsType[*helpdesk.FieldError](e)
		require.True(tb, ok, "%v", e)
		fields = append(fields, f.Path)
	}
	return fields
}

// refused returns the refusal that err is.
func refused(tb testing.TB, err error) ticket.NotAllowedError {
	tb.Helper()
	require.ErrorIs(tb, err, helpdesk.ErrNotAllowed)
	e, ok := errors.AsType[*ticket.NotAllowedError](err)
	require.True(tb, ok)
	return *e
}

// effects returns the kinds of effect of the last command.
func (d *desk) effects() []ticket.EffectKind {
	var kinds []ticket.EffectKind
	for _, ev := range d.events {
		for _, f := range ev.Effects {
			kinds = append(kinds, f.Kind)
		}
	}
	return kinds
}

var nobody ticket.ID
