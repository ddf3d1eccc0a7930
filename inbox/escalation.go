package inbox

import (
	"iter"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
)

// An Escalation is a timer that calls the team when nobody acts on a conversation, or
// when a conversation stays active too long. It is plain data.
//
// Escalations are armed while a conversation is active. The decision that archives the
// conversation, or gives control to the AI, disarms the escalations. ID and Epoch tell a
// timer that fires too late, and such a timer does nothing.
type Escalation struct {
	ID      string    `json:"id,omitzero"`
	Kind    TimerKind `json:"kind,omitzero"`
	ArmedAt time.Time `json:"armed_at,omitzero"`
	Due     time.Time `json:"due,omitzero"`
	Epoch   uint64    `json:"epoch,omitzero"`

	// FiredAt is the instant of delivery, or zero while the escalation is pending. A
	// delivered escalation is history, which archiving does not remove.
	FiredAt time.Time `json:"fired_at,omitzero"`
}

// IsPending reports whether e has not been delivered yet.
func (e Escalation) IsPending() bool { return e.FiredAt.IsZero() }

// maxFired is how many delivered escalations a conversation remembers.
const maxFired = 5

// Escalations yields the pending escalations of c, and the last five delivered
// escalations, in the order of arming.
func (c Conversation) Escalations() iter.Seq[Escalation] { return slices.Values(c.escalations) }

// hasPendingEscalation reports whether an escalation waits for its time.
func (c Conversation) hasPendingEscalation() bool {
	return slices.ContainsFunc(c.escalations, Escalation.IsPending)
}

// Escalate is the command of an escalation's timer. The timer of an escalation that is no
// longer pending, because somebody acted or the conversation was archived, changes
// nothing: there is no event and no error. A timer that fires early is refused.
func (c Conversation) Escalate(cmd helpdesk.Command, id string) (Conversation, []Event, error) {
	i := slices.IndexFunc(c.escalations, func(e Escalation) bool { return e.ID == id && e.IsPending() })
	if i < 0 && c.late(EventEscalate, &cmd) {
		return c, nil, nil
	}
	guard := guardNone
	if i >= 0 {
		switch {
		case normal(cmd.At).Before(c.escalations[i].Due):
			guard = guardEarly
		case c.state == StatusArchived:
			guard = guardInPlace
		}
	}
	ch, err := c.begin(EventEscalate, guard, &cmd)
	if err != nil {
		return c, nil, err
	}
	ch.c.escalations = slices.Clone(c.escalations)
	ch.c.escalations[i].FiredAt = ch.ev.At
	ch.forgetFired()
	ch.ev.Timer = id
	ch.notify()
	return ch.finish(c)
}

// late reports whether a command that finds nothing to do is merely too late: it
// is by who may give it, and there is a conversation.
func (c Conversation) late(k EventKind, cmd *helpdesk.Command) bool {
	return c.state != StatusNone && conversations().May(k, cmd.By)
}

// arm arms an escalation, unless it is not wanted or one of its kind is pending.
func (ch *change) arm(kind TimerKind, after Duration) {
	if after <= 0 || slices.ContainsFunc(ch.c.escalations, func(e Escalation) bool { return e.Kind == kind && e.IsPending() }) {
		return
	}
	ch.armAt(kind, ch.c.policy.wait(ch.ev.At, after))
}

func (ch *change) armAt(kind TimerKind, due time.Time) {
	c := &ch.c
	c.armed++
	e := Escalation{
		ID:   c.key("escalation", string(kind), number(c.armed)),
		Kind: kind, ArmedAt: ch.ev.At, Due: due, Epoch: c.epoch,
	}
	c.escalations = append(slices.Clip(c.escalations), e)
	ch.effect(Effect{Kind: EffectArmTimer, Key: e.ID, Timer: kind, Due: due, Epoch: e.Epoch})
}

// disarm takes away the pending escalation of a kind.
func (ch *change) disarm(kind TimerKind) {
	ch.disarmIf(func(e Escalation) bool { return e.Kind == kind })
}

// disarmAll takes away every pending escalation.
func (ch *change) disarmAll() { ch.disarmIf(func(Escalation) bool { return true }) }

func (ch *change) disarmIf(match func(Escalation) bool) {
	if !ch.c.hasPendingEscalation() {
		return
	}
	var kept []Escalation
	for _, e := range ch.c.escalations {
		if e.IsPending() && match(e) {
			ch.cancelTimers = append(ch.cancelTimers, e.ID)
		} else {
			kept = append(kept, e)
		}
	}
	ch.c.escalations = kept
}

func (ch *change) forgetFired() {
	fired := 0
	for _, e := range ch.c.escalations {
		if !e.IsPending() {
			fired++
		}
	}
	ch.c.escalations = slices.DeleteFunc(ch.c.escalations, func(e Escalation) bool {
		if e.IsPending() || fired <= maxFired {
			return false
		}
		fired--
		return true
	})
}
