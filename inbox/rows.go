package inbox

import (
	"iter"
	"slices"
	"sync"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/machine"
)

// A Row says that an event may happen in a state, by whom, under which guard,
// what the next state is, and what may have to be done besides. What no row says
// is refused.
type Row struct {
	State   Status           `json:"state,omitzero"`
	Event   EventKind        `json:"event,omitzero"`
	Guard   Guard            `json:"guard,omitzero"`
	By      []helpdesk.Actor `json:"by,omitzero"`
	Next    Status           `json:"next,omitzero"`
	Effects []EffectKind     `json:"effects,omitzero"` // those that can follow; the [Event] has those that do
}

// Rows yields copies of the rows of the one machine of conversations, in a fixed
// order.
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
	answers   = []EffectKind{EffectSend, EffectCancelTimers, EffectArmTimer}
	disarms   = []EffectKind{EffectCancelTimers}
	offers    = []EffectKind{EffectTellOffer, EffectArmTimer}
	replaces  = []EffectKind{EffectTellOffer, EffectCancelTimers, EffectArmTimer}
	queues    = []EffectKind{EffectCancelTimers, EffectArmTimer, EffectNotify}
	takes     = []EffectKind{EffectCancelTimers, EffectArmTimer}
	fails     = []EffectKind{EffectHoldingLine, EffectCancelTimers, EffectArmTimer, EffectNotify}
	escalates = []EffectKind{EffectNotify}
	archives  = []EffectKind{EffectCancelTimers, EffectCancelNotifications}
	reopens   = []EffectKind{EffectArmTimer, EffectNotify}
	elsewhere = []EffectKind{EffectStartConversation}
	forgets   = []EffectKind{EffectCancelNotifications}
)

// rows are the machine: machines 3.2 and 3.3 of the design in one.
func rows() []Row {
	r := []Row{
		{StateNone, EventStart, GuardNone, writers, StateHuman, notifies},
		{StateNone, EventStart, GuardAutomated, customer, StateAI, asks},
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
		{StateAI, EventCustomerMessage, GuardMaxTurns, customer, StateHuman, fails},
		{StateOffer, EventCustomerMessage, GuardMaxTurns, customer, StateHuman, fails},
		{StateAI, EventCustomerMessage, GuardAddOnOff, customer, StateHuman, fails},
		{StateOffer, EventCustomerMessage, GuardAddOnOff, customer, StateHuman, fails},
	}
	for _, s := range []Status{StateAI, StateOffer} {
		r = append(r,
			Row{s, EventCustomerMessage, GuardNone, customer, s, asks},
			Row{s, EventParticipantMessage, GuardNone, thirdParty, StateHuman, fails})
	}
	for _, s := range []Status{StateQueue, StateHuman} {
		r = append(r,
			Row{s, EventCustomerMessage, GuardNone, customer, s, notifies},
			Row{s, EventParticipantMessage, GuardNone, thirdParty, s, notifies})
	}
	for _, m := range []struct {
		event EventKind
		by    []helpdesk.Actor
	}{{EventCustomerMessage, customer}, {EventParticipantMessage, thirdParty}} {
		r = append(r,
			Row{StateArchived, m.event, GuardReopen, m.by, StateHuman, reopens},
			Row{StateArchived, m.event, GuardEscalate, m.by, StateArchived, notifies},
			Row{StateArchived, m.event, GuardNewConversation, m.by, StateArchived, elsewhere})
		for _, s := range living {
			r = append(r, Row{s, m.event, GuardFull, m.by, s, elsewhere})
		}
	}
	return r
}

// underAI: the AI's own commands, and how control leaves it.
func underAI() []Row {
	r := []Row{
		{StateAI, EventOffer, GuardNone, ai, StateOffer, offers},
		{StateOffer, EventOffer, GuardSupersede, ai, StateOffer, replaces},
		{StateOffer, EventDecline, GuardNone, customer, StateAI, disarms},
		{StateOffer, EventExpire, GuardNone, system, StateAI, nil},
		{StateOffer, EventConfirm, GuardNone, customer, StateAI, disarms},
		{StateOffer, EventConfirm, GuardLiveChat, customer, StateQueue, queues},
	}
	for _, s := range []Status{StateAI, StateOffer} {
		r = append(r,
			Row{s, EventAIReply, GuardNone, ai, s, sends},
			Row{s, EventAIFail, GuardNone, failing, StateHuman, fails},
			Row{s, EventTakeOver, GuardNone, person, StateHuman, takes},
			Row{s, EventSwitchOff, GuardNone, switching, StateHuman, fails},
			Row{s, EventReply, GuardNone, person, StateHuman, answers},
			Row{s, EventAsk, GuardNone, person, StateHuman, answers},
			Row{s, EventPickUp, GuardNone, person, s, nil},
			Row{s, EventResolve, GuardNone, person, s, nil})
	}
	return r
}

// people: what people do while they hold control.
func people() []Row {
	var r []Row
	for _, s := range []Status{StateQueue, StateHuman} {
		r = append(r,
			Row{s, EventReply, GuardNone, person, StateHuman, answers},
			Row{s, EventAsk, GuardNone, person, StateHuman, answers},
			Row{s, EventPickUp, GuardNone, person, StateHuman, disarms},
			Row{s, EventResolve, GuardNone, person, StateHuman, disarms},
			Row{s, EventCreateTicket, GuardNone, person, StateHuman, disarms},
			Row{s, EventEscalate, GuardNone, system, s, escalates})
	}
	return append(r, Row{StateHuman, EventReturnToAI, GuardNone, person, StateAI, []EffectKind{EffectCancelTimers, EffectAskAI}})
}

// ending: archiving, coming back and deletion.
func ending() []Row {
	r := []Row{
		{StateArchived, EventUnarchive, GuardNone, person, StateHuman, []EffectKind{EffectCancelTimers, EffectArmTimer}},
		{StateArchived, EventEscalate, GuardInPlace, system, StateArchived, escalates},
		{StateArchived, EventResolve, GuardNone, person, StateArchived, disarms},
	}
	for _, s := range living {
		if s != StateArchived {
			r = append(r, Row{s, EventArchive, GuardNone, switching, StateArchived, archives})
		}
		r = append(r,
			Row{s, EventUnlink, GuardNone, system, s, nil},
			Row{s, EventPurge, GuardNone, system, StatePurged, archives})
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
			Row{s, EventAutoMessage, GuardNone, machines, s, nil},
			Row{s, EventUndelivered, GuardNone, system, s, tellsTeam(s)},
			Row{s, EventDelivered, GuardNone, system, s, nil},
			Row{s, EventNote, GuardNone, note, s, nil},
			Row{s, EventTag, GuardNone, labelling, s, nil},
			Row{s, EventUntag, GuardNone, labelling, s, nil},
			Row{s, EventSentiment, GuardNone, labelling, s, nil},
			Row{s, EventWatch, GuardNone, person, s, nil},
			Row{s, EventUnwatch, GuardNone, person, s, forgets},
			Row{s, EventMarkRead, GuardNone, person, s, forgets},
			Row{s, EventNotified, GuardNone, system, s, nil})
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

var living = []Status{StateAI, StateOffer, StateQueue, StateHuman, StateArchived}

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
		table[i] = row(r)
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
		State: s, Event: k, Actor: by, Guard: g, Reason: Reason(x.Reason),
		Actors: x.Actors, Guards: x.Guards, In: x.In,
	}
}
