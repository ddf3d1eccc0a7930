package inbox

import (
	"iter"
	"slices"
	"sync"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/machine"
)

// A Row lets actors cause an event in a status under a guard, and gives the next status
// and the effects that can follow. An event without a row is refused. A Row is
// plain data.
type Row struct {
	Status  Status           `json:"state,omitzero"`
	Event   EventKind        `json:"event,omitzero"`
	Guard   Guard            `json:"guard,omitzero"`
	By      []helpdesk.Actor `json:"by,omitzero"` // the actors that may cause the event
	Next    Status           `json:"next,omitzero"`
	Effects []EffectKind     `json:"effects,omitzero"` // the effects that can follow; an [Event] has the effects that do follow
}

// Rows yields copies of the rows of the machine, in a fixed order.
func Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, r := range conversations().rows {
			r.By, r.Effects = slices.Clone(r.By), slices.Clone(r.Effects)
			if !yield(r) {
				return
			}
		}
	}
}

// Who may.
var (
	customer   = []helpdesk.Actor{helpdesk.ActorCustomer}
	thirdParty = []helpdesk.Actor{helpdesk.ActorThirdParty}
	writers    = []helpdesk.Actor{helpdesk.ActorCustomer, helpdesk.ActorThirdParty}
	person     = []helpdesk.Actor{helpdesk.ActorAgent}
	ai         = []helpdesk.Actor{helpdesk.ActorAI}
	system     = []helpdesk.Actor{helpdesk.ActorSystem}
	failing    = []helpdesk.Actor{helpdesk.ActorAI, helpdesk.ActorSystem}
	switching  = []helpdesk.Actor{helpdesk.ActorAgent, helpdesk.ActorSystem}
	labelling  = []helpdesk.Actor{helpdesk.ActorAgent, helpdesk.ActorAI, helpdesk.ActorSystem}
	machines   = []helpdesk.Actor{helpdesk.ActorCustomer, helpdesk.ActorSystem, helpdesk.ActorThirdParty}
)

// What may follow.
var (
	asks      = []EffectKind{EffectAskAI}
	notifies  = []EffectKind{EffectNotify, EffectArmTimer}
	sends     = []EffectKind{EffectSend}
	answers   = []EffectKind{EffectSend, EffectCancelTimers, EffectArmTimer, EffectCancelNotifications}
	disarms   = []EffectKind{EffectCancelTimers}
	deals     = []EffectKind{EffectCancelTimers, EffectCancelNotifications}
	returns   = []EffectKind{EffectCancelTimers, EffectAskAI, EffectCancelNotifications}
	offers    = []EffectKind{EffectTellOffer, EffectArmTimer}
	replaces  = []EffectKind{EffectTellOffer, EffectCancelTimers, EffectArmTimer}
	queues    = []EffectKind{EffectCancelTimers, EffectArmTimer, EffectNotify}
	takes     = []EffectKind{EffectCancelTimers, EffectArmTimer, EffectCancelNotifications}
	fails     = []EffectKind{EffectHoldingLine, EffectCancelTimers, EffectArmTimer, EffectNotify}
	escalates = []EffectKind{EffectNotify}
	archives  = []EffectKind{EffectCancelTimers, EffectCancelNotifications}
	reopens   = []EffectKind{EffectCancelTimers, EffectArmTimer, EffectNotify}
	elsewhere = []EffectKind{EffectStartConversation}
	forgets   = []EffectKind{EffectCancelNotifications}
)

// rows are the machine: machines 3.2 and 3.3 of the design in one.
func rows() []Row {
	r := []Row{
		{StatusNone, EventStart, guardNone, writers, StatusHuman, notifies},
		{StatusNone, EventStart, guardAutomated, customer, StatusAI, asks},
	}
	r = append(r, messages()...)
	r = append(r, underAI()...)
	r = append(r, people()...)
	r = append(r, ending()...)
	return append(r, aside()...)
}

// messages: what comes in. It is never refused while there is a conversation.
func messages() []Row {
	r := []Row{
		{StatusAI, EventAddCustomerMessage, guardMaxTurns, customer, StatusHuman, fails},
		{StatusOffer, EventAddCustomerMessage, guardMaxTurns, customer, StatusHuman, fails},
		{StatusAI, EventAddCustomerMessage, guardAddOnOff, customer, StatusHuman, fails},
		{StatusOffer, EventAddCustomerMessage, guardAddOnOff, customer, StatusHuman, fails},
	}
	for _, s := range []Status{StatusAI, StatusOffer} {
		r = append(r,
			Row{s, EventAddCustomerMessage, guardNone, customer, s, asks},
			Row{s, EventAddParticipantMessage, guardNone, thirdParty, StatusHuman, fails})
	}
	for _, s := range []Status{StatusQueue, StatusHuman} {
		r = append(r,
			Row{s, EventAddCustomerMessage, guardNone, customer, s, notifies},
			Row{s, EventAddParticipantMessage, guardNone, thirdParty, s, notifies})
	}
	for _, m := range []struct {
		event EventKind
		by    []helpdesk.Actor
	}{{EventAddCustomerMessage, customer}, {EventAddParticipantMessage, thirdParty}} {
		r = append(r,
			Row{StatusArchived, m.event, guardReopen, m.by, StatusHuman, reopens},
			Row{StatusArchived, m.event, guardEscalate, m.by, StatusArchived, notifies},
			Row{StatusArchived, m.event, guardNewConversation, m.by, StatusArchived, elsewhere})
		for _, s := range living {
			r = append(r, Row{s, m.event, guardFull, m.by, s, elsewhere})
		}
	}
	return append(r, Row{StatusArchived, EventAddCustomerMessage, guardAutomated, customer, StatusAI, []EffectKind{EffectAskAI, EffectCancelTimers}})
}

// underAI: the AI's own commands, and how control leaves it.
func underAI() []Row {
	r := []Row{
		{StatusAI, EventMakeOffer, guardNone, ai, StatusOffer, offers},
		{StatusOffer, EventMakeOffer, guardSupersede, ai, StatusOffer, replaces},
		{StatusOffer, EventDeclineOffer, guardNone, customer, StatusAI, disarms},
		{StatusOffer, EventExpireOffer, guardNone, system, StatusAI, nil},
		{StatusOffer, EventConfirmOffer, guardNone, customer, StatusAI, disarms},
		{StatusOffer, EventConfirmOffer, guardLiveChat, customer, StatusQueue, queues},
	}
	for _, s := range []Status{StatusAI, StatusOffer} {
		r = append(r,
			Row{s, EventAddAIReply, guardNone, ai, s, sends},
			Row{s, EventReportAIFailure, guardNone, failing, StatusHuman, fails},
			Row{s, EventTakeOver, guardNone, person, StatusHuman, takes},
			Row{s, EventSwitchOff, guardNone, switching, StatusHuman, fails},
			Row{s, EventReply, guardNone, person, StatusHuman, answers},
			Row{s, EventAskCustomer, guardNone, person, StatusHuman, answers},
			Row{s, EventPickUp, guardNone, person, s, forgets},
			Row{s, EventResolve, guardNone, person, s, forgets})
	}
	return r
}

// people: what people do while they hold control.
func people() []Row {
	var r []Row
	for _, s := range []Status{StatusQueue, StatusHuman} {
		r = append(r,
			Row{s, EventReply, guardNone, person, StatusHuman, answers},
			Row{s, EventAskCustomer, guardNone, person, StatusHuman, answers},
			Row{s, EventPickUp, guardNone, person, StatusHuman, deals},
			Row{s, EventResolve, guardNone, person, StatusHuman, deals},
			Row{s, EventCreateTicket, guardNone, person, StatusHuman, deals},
			Row{s, EventEscalate, guardNone, system, s, escalates})
	}
	return append(r, Row{StatusHuman, EventReturnToAI, guardNone, person, StatusAI, returns})
}

// ending: archiving, coming back and deletion.
func ending() []Row {
	r := []Row{
		{StatusArchived, EventUnarchive, guardNone, person, StatusHuman, takes},
		{StatusArchived, EventEscalate, guardInPlace, system, StatusArchived, escalates},
		{StatusArchived, EventResolve, guardNone, person, StatusArchived, deals},
	}
	for _, s := range living {
		if s != StatusArchived {
			r = append(r,
				Row{s, EventArchive, guardNone, switching, StatusArchived, archives},
				Row{s, EventArchiveIdle, guardNone, system, StatusArchived, archives})
		}
		r = append(r,
			Row{s, EventUnlinkTicket, guardNone, system, s, nil},
			Row{s, EventPurge, guardNone, system, StatusPurged, archives})
	}
	return r
}

// aside: what is written down and changes neither list nor control.
func aside() []Row {
	var r []Row
	for _, s := range living {
		note := switching
		if s.Holder() == HolderAI {
			note = labelling
		}
		r = append(r,
			Row{s, EventRecordAutoReply, guardNone, machines, s, nil},
			Row{s, EventMarkBounced, guardNone, system, s, tellsTeam(s)},
			Row{s, EventMarkDelivered, guardNone, system, s, nil},
			Row{s, EventAddNote, guardNone, note, s, forgets},
			Row{s, EventAddTag, guardNone, labelling, s, nil},
			Row{s, EventRemoveTag, guardNone, labelling, s, nil},
			Row{s, EventSetSentiment, guardNone, labelling, s, nil},
			Row{s, EventIdentify, guardNone, switching, s, nil},
			Row{s, EventFollow, guardNone, person, s, nil},
			Row{s, EventUnfollow, guardNone, person, s, forgets},
			Row{s, EventMarkRead, guardNone, person, s, forgets},
			Row{s, EventMarkNotified, guardNone, system, s, nil})
	}
	return r
}

// tellsTeam is the effect of what the team has to know while people hold control.
func tellsTeam(s Status) []EffectKind {
	if s.List() == ListActive {
		return notifies
	}
	return nil
}

var living = []Status{StatusAI, StatusOffer, StatusQueue, StatusHuman, StatusArchived}

// A lifecycle is rows and what they say.
type lifecycle struct {
	machine.Table[Status, EventKind, Guard, helpdesk.Actor, EffectKind]
	rows []Row
}

// conversations is the lifecycle of every conversation.
var conversations = sync.OnceValue(func() *lifecycle {
	l := &lifecycle{rows: rows()}
	type row = machine.Row[Status, EventKind, Guard, helpdesk.Actor, EffectKind]
	table := make([]row, len(l.rows))
	for i, r := range l.rows {
		table[i] = row{State: r.Status, Event: r.Event, Guard: r.Guard, By: r.By, Next: r.Next, Effects: r.Effects}
	}
	t, _ := machine.New(states[:], table) // with a fault, which TestRows would find, it would refuse everything
	l.Table = *t
	return l
})

// judge returns the row or the refusal. Who it is comes first (T46): somebody who
// never may learns nothing about the state.
func judge(s Status, k EventKind, g Guard, by helpdesk.Actor) (*Row, error) {
	l := conversations()
	if d := l.Judge(s, k, g, by); d.Accepted() {
		return &l.rows[d.Row], nil
	}
	x := l.Refusal(s, k, g, by)
	return nil, &NotAllowedError{
		Status: s, Event: k, Actor: by, Guard: g, Reason: Reason(x.Reason),
		Actors: x.Actors, Guards: x.Guards, In: x.In,
	}
}
