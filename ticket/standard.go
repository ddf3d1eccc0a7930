package ticket

import (
	"slices"

	"github.com/deskcore/helpdesk"
)

// The names of the lifecycles of this package.
const (
	nameStandard       = "standard"
	nameStandardClosed = "standard_closed"
)

// StandardConfig returns the definition of the standard lifecycle, whose statuses are
// submitted, in progress, waiting on customer and resolved. A message of the customer
// reopens a resolved ticket until the ticket is purged. A changed definition needs a
// name of its own.
func StandardConfig() Config {
	c := Config{
		Name:    nameStandard,
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
	return c.clone() // the lists below are shared
}

// StandardClosedConfig returns the definition of the standard lifecycle with a separate
// closed status. The system closes a resolved ticket, which is frozen from then on. A
// message of the customer then calls for a follow-up, and only holds, merging and
// deletion are left.
func StandardClosedConfig() Config {
	c := StandardConfig()
	c.Name = nameStandardClosed
	c.Statuses = append(c.Statuses, StatusConfig{StatusClosed, CategoryDone})
	closed := []Row{
		{StatusResolved, EventClose, guardNone, system, StatusClosed, nil},
		{StatusClosed, EventAddCustomerMessage, guardInWindow, customer, StatusClosed, []EffectKind{EffectOfferFollowUp}},
		{StatusClosed, EventAddCustomerMessage, guardOutsideWindow, customer, StatusClosed, []EffectKind{EffectOfferFollowUp}},
		{StatusClosed, EventAddCustomerMessage, guardMerged, customer, StatusClosed, []EffectKind{EffectForward}},
		{StatusClosed, EventRecordAutoReply, guardNone, machines, StatusClosed, nil},
		{StatusClosed, EventMarkBounced, guardNone, system, StatusClosed, nil},
		{StatusClosed, EventMarkDelivered, guardNone, system, StatusClosed, nil},
		{StatusClosed, EventAddFollowUp, guardNone, followers, StatusClosed, nil},
		{StatusClosed, EventMergeInto, guardNone, person, StatusClosed, nil},
		purge(StatusClosed),
	}
	c.Rows = slices.Concat(c.Rows, closed, keeping(StatusClosed))
	return c.clone()
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
	informing = append(slices.Clone(anybody), helpdesk.ActorSystem) // who learns who the requester is (R89)
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
		{StatusNone, EventCreate, guardOffer, ai, StatusSubmitted, created},
		{StatusNone, EventCreate, guardNone, person, StatusSubmitted, created},
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
		{submitted, EventPickUp, guardNone, person, progress, taken},
		{submitted, EventReply, guardNone, person, progress, taken},
		{submitted, EventAskCustomer, guardNone, person, waiting, taken},
		{submitted, EventAddCustomerMessage, guardNone, customer, submitted, notify},
		{progress, EventAssign, guardNone, person, progress, nil},
		{progress, EventReply, guardNone, person, progress, nil},
		{progress, EventAskCustomer, guardNone, person, waiting, nil},
		{progress, EventAddCustomerMessage, guardNone, customer, progress, notify},
		{waiting, EventAssign, guardNone, person, waiting, nil},
		{waiting, EventReply, guardNone, person, waiting, nil},
		{waiting, EventAddCustomerMessage, guardNone, customer, progress, notify},
		{waiting, EventRemind, guardNone, system, waiting, []EffectKind{EffectRemindCustomer}},
		{waiting, EventResolveUnanswered, guardNone, system, StatusResolved, resolved},
	}
}

// finishing: resolving, and coming back.
func finishing() []Row {
	const done = StatusResolved
	return []Row{
		{StatusSubmitted, EventResolve, guardReason, person, done, resolved},
		{StatusInProgress, EventResolve, guardNone, person, done, resolved},
		{StatusInProgress, EventResolve, guardReason, person, done, resolved},
		{StatusWaitingOnCustomer, EventResolve, guardNone, person, done, resolved},
		{StatusWaitingOnCustomer, EventResolve, guardReason, person, done, resolved},
		{done, EventAddCustomerMessage, guardInWindow, customer, StatusInProgress, reopened},
		{done, EventAddCustomerMessage, guardOutsideWindow, customer, done, []EffectKind{EffectOfferFollowUp}},
		{done, EventAddCustomerMessage, guardMerged, customer, done, []EffectKind{EffectForward}},
		{done, EventReopen, guardNone, person, StatusInProgress, reopened},
		{done, EventAddFollowUp, guardNone, followers, done, nil},
	}
}

// merging: an open ticket is resolved by it, a resolved one stays so.
func merging() []Row {
	var rows []Row
	for _, s := range open {
		rows = append(rows,
			Row{s, EventMergeInto, guardNone, person, StatusResolved, merged},
			Row{s, EventMergeFrom, guardNone, person, s, nil})
	}
	return append(rows, Row{StatusResolved, EventMergeInto, guardNone, person, StatusResolved, nil})
}

var open = []Status{StatusSubmitted, StatusInProgress, StatusWaitingOnCustomer}

// weighing: severity, mitigation and the clocks, while the ticket is open.
func weighing() []Row {
	var rows []Row
	for _, s := range open {
		rows = append(rows,
			Row{s, EventMitigate, guardNone, person, s, nil},
			Row{s, EventUpdateIntake, guardNone, informing, s, nil},
			Row{s, EventClaimSeverity, guardNone, anybody, s, notify},
			Row{s, EventClaimSeverity, guardDecided, person, s, notify},
			Row{s, EventConfirmSeverity, guardNone, person, s, nil},
			Row{s, EventDeclineSeverity, guardNone, person, s, nil},
			Row{s, EventPauseClocks, guardNone, person, s, nil},
			Row{s, EventResumeClocks, guardNone, person, s, nil})
	}
	for _, s := range append(slices.Clone(open), StatusResolved) {
		rows = append(rows, Row{s, EventCorrectSeverity, guardNone, person, s, nil})
	}
	return rows
}

// keeping: holds, for as long as there is a record.
func keeping(in ...Status) []Row {
	var rows []Row
	for _, s := range in {
		rows = append(rows,
			Row{s, EventPlaceLegalHold, guardPrivileged, person, s, nil},
			Row{s, EventReleaseLegalHold, guardPrivileged, person, s, nil})
	}
	return rows
}

// aside: what is written down and changes nothing else.
func aside(in ...Status) []Row {
	var rows []Row
	for _, s := range in {
		rows = append(rows,
			Row{s, EventAddNote, guardNone, person, s, nil},
			Row{s, EventRecordAutoReply, guardNone, machines, s, nil},
			Row{s, EventMarkBounced, guardNone, system, s, nil},
			Row{s, EventMarkDelivered, guardNone, system, s, nil})
	}
	return rows
}

func purge(s Status) Row {
	return Row{s, EventPurge, guardDue, system, StatusPurged, nil}
}
