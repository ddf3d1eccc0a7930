package inbox

import (
	"iter"
	"slices"
	"sync"

	"github.com/deskcore/helpdesk"
)

// A Row says that an event may happen in a state, by whom, under which guard,
// what the next state is, and what may have to be done besides. What no row says
// is refused.
type Row struct {
	State   State
	Event   EventKind
	Guard   Guard
	By      []helpdesk.Actor
	Next    State
	Effects []EffectKind // those that can follow; the [Event] has those that do
}

// Rows yields copies of the rows of the one machine of conversations, in a fixed
// order.
func Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, r := range machine().rows {
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
	for _, s := range []State{StateAI, StateOffer} {
		r = append(r,
			Row{s, EventCustomerMessage, GuardNone, customer, s, asks},
			Row{s, EventParticipantMessage, GuardNone, thirdParty, StateHuman, fails})
	}
	for _, s := range []State{StateQueue, StateHuman} {
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
	for _, s := range []State{StateAI, StateOffer} {
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
	for _, s := range []State{StateQueue, StateHuman} {
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
func tellsTeam(s State) []EffectKind {
	if s.List() == ListActive {
		return notifies
	}
	return nil
}

var living = []State{StateAI, StateOffer, StateQueue, StateHuman, StateArchived}

// A table answers what the rows say.
type table struct {
	rows  []Row
	index map[rowKey]*Row
	cells map[cell]bool      // has any row, under whichever guard
	may   map[EventKind]bits // who may at all
}

// actors returns who may give the command, in whichever state, sorted.
func (t *table) actors(k EventKind) []string {
	var out []string
	for a := range helpdesk.Actors() {
		if t.may[k]&bitOf(a) != 0 {
			out = append(out, string(a))
		}
	}
	slices.Sort(out)
	return out
}

// states returns the states in which the actor may give the command, under whichever
// condition, in their order.
func (t *table) states(k EventKind, by helpdesk.Actor) []string {
	var out []string
	for _, r := range t.rows {
		if r.Event == k && slices.Contains(r.By, by) && !slices.Contains(out, label(r.State)) {
			out = append(out, label(r.State))
		}
	}
	return out
}

type rowKey struct {
	state State
	event EventKind
	guard Guard
}

type cell struct {
	state State
	event EventKind
}

// bits has one bit for each actor.
type bits uint8

func bitOf(a helpdesk.Actor) bits {
	switch a {
	case helpdesk.ActorCustomer:
		return 1 << 0
	case helpdesk.ActorAgent:
		return 1 << 1
	case helpdesk.ActorAI:
		return 1 << 2
	case helpdesk.ActorSystem:
		return 1 << 3
	case helpdesk.ActorThirdParty:
		return 1 << 4
	default:
		return 0
	}
}

var machine = sync.OnceValue(func() *table {
	t := &table{rows: rows(), index: map[rowKey]*Row{}, cells: map[cell]bool{}, may: map[EventKind]bits{}}
	for i := range t.rows {
		r := &t.rows[i]
		t.index[rowKey{r.State, r.Event, r.Guard}] = r
		t.cells[cell{r.State, r.Event}] = true
		for _, a := range r.By {
			t.may[r.Event] |= bitOf(a)
		}
	}
	return t
})

// check returns the row or the refusal. Who it is comes first (T46): somebody who
// never may learns nothing about the state.
func (t *table) check(s State, k EventKind, g Guard, by helpdesk.Actor) (*Row, error) {
	refuse := func(r Reason) (*Row, error) {
		return nil, &NotAllowedError{List: s.List(), State: s, Event: k, Actor: by, Guard: g, Reason: r}
	}
	if t.may[k]&bitOf(by) == 0 {
		return refuse(ReasonActor)
	}
	if s != StateNone && !s.IsKnown() {
		return refuse(ReasonUnknownState)
	}
	row, ok := t.index[rowKey{s, k, g}]
	switch {
	case ok && slices.Contains(row.By, by):
		return row, nil
	case ok:
		return refuse(ReasonActor)
	case t.cells[cell{s, k}]:
		return refuse(ReasonGuard)
	default:
		return refuse(ReasonState)
	}
}
