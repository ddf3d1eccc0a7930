package ticket

import (
	"slices"

	"github.com/deskcore/helpdesk"
)

// The names of the lifecycles of this package.
const (
	NameStandard       = "standard"
	NameStandardClosed = "standard_closed"
)

// StandardConfig returns the definition of the standard lifecycle: submitted, in
// progress, waiting on customer and resolved (R45–R48), where resolved is
// closed. A message of the customer reopens a resolved ticket until it is
// purged. Change it as needed and give it a name of its own.
func StandardConfig() Config {
	c := Config{
		Name:    NameStandard,
		Initial: StatusSubmitted,
		Statuses: []StatusConfig{
			{StatusSubmitted, CategoryNew},
			{StatusInProgress, CategoryOpen},
			{StatusWaitingOnCustomer, CategoryWaiting},
			{StatusResolved, CategoryDone},
		},
	}
	c.Rows = slices.Concat(
		creating(), working(), finishing(), merging(),
		weighing(), keeping(StatusSubmitted, StatusInProgress, StatusWaitingOnCustomer, StatusResolved),
		aside(StatusSubmitted, StatusInProgress, StatusWaitingOnCustomer, StatusResolved),
		[]Row{purge(StatusResolved)},
	)
	return c.Clone() // the lists below are shared
}

// StandardClosedConfig returns the definition of the standard lifecycle with a
// separate closed status: the system closes a resolved ticket, and from then on
// it is frozen. A message of the customer then calls for a follow-up, and only
// holds, merging and deletion are left.
func StandardClosedConfig() Config {
	c := StandardConfig()
	c.Name = NameStandardClosed
	c.Statuses = append(c.Statuses, StatusConfig{StatusClosed, CategoryDone})
	closed := []Row{
		{StatusResolved, EventClose, GuardNone, system, StatusClosed, nil},
		{StatusClosed, EventAddCustomerMessage, GuardInWindow, customer, StatusClosed, []EffectKind{EffectOfferFollowUp}},
		{StatusClosed, EventAddCustomerMessage, GuardOutsideWindow, customer, StatusClosed, []EffectKind{EffectOfferFollowUp}},
		{StatusClosed, EventAddCustomerMessage, GuardMerged, customer, StatusClosed, []EffectKind{EffectForward}},
		{StatusClosed, EventRecordAutoReply, GuardNone, machines, StatusClosed, nil},
		{StatusClosed, EventMarkBounced, GuardNone, system, StatusClosed, nil},
		{StatusClosed, EventMarkDelivered, GuardNone, system, StatusClosed, nil},
		{StatusClosed, EventAddFollowUp, GuardNone, followers, StatusClosed, nil},
		{StatusClosed, EventMergeInto, GuardNone, person, StatusClosed, nil},
		purge(StatusClosed),
	}
	c.Rows = slices.Concat(c.Rows, closed, keeping(StatusClosed))
	return c.Clone()
}

// Who may.
var (
	person    = []helpdesk.Actor{helpdesk.ActorAgent}
	customer  = []helpdesk.Actor{helpdesk.ActorCustomer}
	system    = []helpdesk.Actor{helpdesk.ActorSystem}
	ai        = []helpdesk.Actor{helpdesk.ActorAI}
	followers = []helpdesk.Actor{helpdesk.ActorAgent, helpdesk.ActorAI}
	machines  = []helpdesk.Actor{helpdesk.ActorCustomer, helpdesk.ActorSystem, helpdesk.ActorThirdParty}
	anybody   = []helpdesk.Actor{helpdesk.ActorCustomer, helpdesk.ActorAgent, helpdesk.ActorAI}
)

// What follows.
var (
	notify   = []EffectKind{EffectNotify}
	taken    = []EffectKind{EffectCancelNotifications}
	created  = []EffectKind{EffectMailCreated, EffectTellCustomer, EffectArmTimers, EffectNotify}
	resolved = []EffectKind{EffectMailResolved, EffectCancelTimers, EffectCancelNotifications, EffectScheduleRetention}
	merged   = []EffectKind{EffectCancelTimers, EffectCancelNotifications, EffectScheduleRetention}
	reopened = []EffectKind{EffectCancelRetention, EffectArmTimers, EffectNotify}
)

// creating: by the AI on a confirmed offer, or by the team; never by a customer
// (R27, R29, R34, R72).
func creating() []Row {
	return []Row{
		{StatusNone, EventCreate, GuardOffer, ai, StatusSubmitted, created},
		{StatusNone, EventCreate, GuardNone, person, StatusSubmitted, created},
	}
}

// working: between the team and the customer.
func working() []Row {
	const (
		submitted = StatusSubmitted
		progress  = StatusInProgress
		waiting   = StatusWaitingOnCustomer
	)
	return []Row{
		{submitted, EventPickUp, GuardNone, person, progress, taken},
		{submitted, EventReply, GuardNone, person, progress, taken},
		{submitted, EventAskCustomer, GuardNone, person, waiting, taken},
		{submitted, EventAddCustomerMessage, GuardNone, customer, submitted, notify},
		{progress, EventAssign, GuardNone, person, progress, nil},
		{progress, EventReply, GuardNone, person, progress, nil},
		{progress, EventAskCustomer, GuardNone, person, waiting, nil},
		{progress, EventAddCustomerMessage, GuardNone, customer, progress, notify},
		{waiting, EventAssign, GuardNone, person, waiting, nil},
		{waiting, EventReply, GuardNone, person, waiting, nil},
		{waiting, EventAddCustomerMessage, GuardNone, customer, progress, notify},
		{waiting, EventRemind, GuardNone, system, waiting, []EffectKind{EffectRemindCustomer}},
		{waiting, EventResolveUnanswered, GuardNone, system, StatusResolved, resolved},
	}
}

// finishing: resolving, and coming back.
func finishing() []Row {
	const done = StatusResolved
	return []Row{
		{StatusSubmitted, EventResolve, GuardReason, person, done, resolved},
		{StatusInProgress, EventResolve, GuardNone, person, done, resolved},
		{StatusInProgress, EventResolve, GuardReason, person, done, resolved},
		{StatusWaitingOnCustomer, EventResolve, GuardNone, person, done, resolved},
		{StatusWaitingOnCustomer, EventResolve, GuardReason, person, done, resolved},
		{done, EventAddCustomerMessage, GuardInWindow, customer, StatusInProgress, reopened},
		{done, EventAddCustomerMessage, GuardOutsideWindow, customer, done, []EffectKind{EffectOfferFollowUp}},
		{done, EventAddCustomerMessage, GuardMerged, customer, done, []EffectKind{EffectForward}},
		{done, EventReopen, GuardNone, person, StatusInProgress, reopened},
		{done, EventAddFollowUp, GuardNone, followers, done, nil},
	}
}

// merging: an open ticket is resolved by it, a resolved one stays so.
func merging() []Row {
	var rows []Row
	for _, s := range open {
		rows = append(rows,
			Row{s, EventMergeInto, GuardNone, person, StatusResolved, merged},
			Row{s, EventMergeFrom, GuardNone, person, s, nil})
	}
	return append(rows, Row{StatusResolved, EventMergeInto, GuardNone, person, StatusResolved, nil})
}

var open = []Status{StatusSubmitted, StatusInProgress, StatusWaitingOnCustomer}

// weighing: severity, mitigation and the clocks, while the ticket is open.
func weighing() []Row {
	var rows []Row
	for _, s := range open {
		rows = append(rows,
			Row{s, EventMitigate, GuardNone, person, s, nil},
			Row{s, EventUpdateIntake, GuardNone, anybody, s, nil},
			Row{s, EventClaimSeverity, GuardNone, anybody, s, notify},
			Row{s, EventClaimSeverity, GuardDecided, person, s, notify},
			Row{s, EventConfirmSeverity, GuardNone, person, s, nil},
			Row{s, EventDeclineSeverity, GuardNone, person, s, nil},
			Row{s, EventPauseClocks, GuardNone, person, s, nil},
			Row{s, EventResumeClocks, GuardNone, person, s, nil})
	}
	for _, s := range append(slices.Clone(open), StatusResolved) {
		rows = append(rows, Row{s, EventCorrectSeverity, GuardNone, person, s, nil})
	}
	return rows
}

// keeping: holds, for as long as there is a record.
func keeping(in ...Status) []Row {
	var rows []Row
	for _, s := range in {
		rows = append(rows,
			Row{s, EventPlaceLegalHold, GuardPrivileged, person, s, nil},
			Row{s, EventReleaseLegalHold, GuardPrivileged, person, s, nil})
	}
	return rows
}

// aside: what is written down and changes nothing else.
func aside(in ...Status) []Row {
	var rows []Row
	for _, s := range in {
		rows = append(rows,
			Row{s, EventAddNote, GuardNone, person, s, nil},
			Row{s, EventRecordAutoReply, GuardNone, machines, s, nil},
			Row{s, EventMarkBounced, GuardNone, system, s, nil},
			Row{s, EventMarkDelivered, GuardNone, system, s, nil})
	}
	return rows
}

func purge(s Status) Row {
	return Row{s, EventPurge, GuardDue, system, StatusPurged, nil}
}
