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
		{StatusResolved, KindClose, GuardNone, system, StatusClosed, nil},
		{StatusClosed, KindCustomerMessage, GuardInWindow, customer, StatusClosed, []EffectKind{EffectOfferFollowUp}},
		{StatusClosed, KindCustomerMessage, GuardOutsideWindow, customer, StatusClosed, []EffectKind{EffectOfferFollowUp}},
		{StatusClosed, KindCustomerMessage, GuardMerged, customer, StatusClosed, []EffectKind{EffectForward}},
		{StatusClosed, KindAutoMessage, GuardNone, machines, StatusClosed, nil},
		{StatusClosed, KindUndelivered, GuardNone, system, StatusClosed, nil},
		{StatusClosed, KindDelivered, GuardNone, system, StatusClosed, nil},
		{StatusClosed, KindFollowUp, GuardNone, followers, StatusClosed, nil},
		{StatusClosed, KindMergeInto, GuardNone, person, StatusClosed, nil},
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
		{StatusNone, KindCreate, GuardOffer, ai, StatusSubmitted, created},
		{StatusNone, KindCreate, GuardNone, person, StatusSubmitted, created},
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
		{submitted, KindPickUp, GuardNone, person, progress, taken},
		{submitted, KindReply, GuardNone, person, progress, taken},
		{submitted, KindAskCustomer, GuardNone, person, waiting, taken},
		{submitted, KindCustomerMessage, GuardNone, customer, submitted, notify},
		{progress, KindAssign, GuardNone, person, progress, nil},
		{progress, KindReply, GuardNone, person, progress, nil},
		{progress, KindAskCustomer, GuardNone, person, waiting, nil},
		{progress, KindCustomerMessage, GuardNone, customer, progress, notify},
		{waiting, KindAssign, GuardNone, person, waiting, nil},
		{waiting, KindReply, GuardNone, person, waiting, nil},
		{waiting, KindCustomerMessage, GuardNone, customer, progress, notify},
		{waiting, KindRemind, GuardNone, system, waiting, []EffectKind{EffectRemindCustomer}},
		{waiting, KindGiveUp, GuardNone, system, StatusResolved, resolved},
	}
}

// finishing: resolving, and coming back.
func finishing() []Row {
	const done = StatusResolved
	return []Row{
		{StatusSubmitted, KindResolve, GuardReason, person, done, resolved},
		{StatusInProgress, KindResolve, GuardNone, person, done, resolved},
		{StatusInProgress, KindResolve, GuardReason, person, done, resolved},
		{StatusWaitingOnCustomer, KindResolve, GuardNone, person, done, resolved},
		{StatusWaitingOnCustomer, KindResolve, GuardReason, person, done, resolved},
		{done, KindCustomerMessage, GuardInWindow, customer, StatusInProgress, reopened},
		{done, KindCustomerMessage, GuardOutsideWindow, customer, done, []EffectKind{EffectOfferFollowUp}},
		{done, KindCustomerMessage, GuardMerged, customer, done, []EffectKind{EffectForward}},
		{done, KindReopen, GuardNone, person, StatusInProgress, reopened},
		{done, KindFollowUp, GuardNone, followers, done, nil},
	}
}

// merging: an open ticket is resolved by it, a resolved one stays so.
func merging() []Row {
	var rows []Row
	for _, s := range open {
		rows = append(rows,
			Row{s, KindMergeInto, GuardNone, person, StatusResolved, merged},
			Row{s, KindMergeFrom, GuardNone, person, s, nil})
	}
	return append(rows, Row{StatusResolved, KindMergeInto, GuardNone, person, StatusResolved, nil})
}

var open = []Status{StatusSubmitted, StatusInProgress, StatusWaitingOnCustomer}

// weighing: severity, mitigation and the clocks, while the ticket is open.
func weighing() []Row {
	var rows []Row
	for _, s := range open {
		rows = append(rows,
			Row{s, KindMitigate, GuardNone, person, s, nil},
			Row{s, KindAnswer, GuardNone, anybody, s, nil},
			Row{s, KindClaimSeverity, GuardNone, anybody, s, notify},
			Row{s, KindClaimSeverity, GuardDecided, person, s, notify},
			Row{s, KindConfirmSeverity, GuardNone, person, s, nil},
			Row{s, KindDeclineSeverity, GuardNone, person, s, nil},
			Row{s, KindPauseClocks, GuardNone, person, s, nil},
			Row{s, KindResumeClocks, GuardNone, person, s, nil})
	}
	for _, s := range append(slices.Clone(open), StatusResolved) {
		rows = append(rows, Row{s, KindCorrectSeverity, GuardNone, person, s, nil})
	}
	return rows
}

// keeping: holds, for as long as there is a record.
func keeping(in ...Status) []Row {
	var rows []Row
	for _, s := range in {
		rows = append(rows,
			Row{s, KindHold, GuardPrivileged, person, s, nil},
			Row{s, KindRelease, GuardPrivileged, person, s, nil})
	}
	return rows
}

// aside: what is written down and changes nothing else.
func aside(in ...Status) []Row {
	var rows []Row
	for _, s := range in {
		rows = append(rows,
			Row{s, KindNote, GuardNone, person, s, nil},
			Row{s, KindAutoMessage, GuardNone, machines, s, nil},
			Row{s, KindUndelivered, GuardNone, system, s, nil},
			Row{s, KindDelivered, GuardNone, system, s, nil})
	}
	return rows
}

func purge(s Status) Row {
	return Row{s, KindPurge, GuardDue, system, StatusPurged, nil}
}
