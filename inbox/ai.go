package inbox

import (
	"github.com/deskcore/helpdesk"
)

// A Lease is what the AI is asked under and must answer with: control was its at
// that epoch, and that turn is what it answers. It is a comparable plain value.
//
// It is a lease and not a flag: whether it still counts is decided when the
// answer comes, however late that is. The zero Lease never counts.
type ControlToken struct {
	Conversation ID     `json:"conversation,omitzero"`
	Epoch        uint64 `json:"epoch,omitzero"`
	Turn         uint64 `json:"turn,omitzero"` // from 1: which message of the customer
}

// Lease returns the lease for the last message of the customer, and the zero one
// while the AI does not hold control.
func (c Conversation) ControlToken() ControlToken {
	if c.state.Holder() != HolderAI {
		return ControlToken{}
	}
	return ControlToken{Conversation: c.facts().id, Epoch: c.epoch, Turn: c.turn}
}

// beginAI is begin for a command that comes with a lease. A stale one is refused
// as such, whatever the state is by now.
func (c Conversation) beginAI(k EventKind, g Guard, cmd *helpdesk.Command, l ControlToken) (*change, error) {
	if conversations().May(k, cmd.By) && c.state.isKnown() && c.state != StatusPurged && l.Epoch != c.epoch {
		return nil, c.stale(k, l)
	}
	if c.state.Holder() == HolderAI && !c.policy.Automates(c.facts().channel) && k != EventReportAIFailure {
		g = guardAddOnOff
	}
	ch, err := c.begin(k, g, cmd)
	if err != nil {
		return nil, err
	}
	ch.lease(l)
	return ch, nil
}

func (ch *change) lease(l ControlToken) {
	c := &ch.c
	if l.Conversation != c.facts().id {
		ch.reject("lease.conversation", l.Conversation.String(), "must be of this conversation")
	}
	if l.Turn < 1 || l.Turn > c.turn {
		ch.reject("lease.turn", number(l.Turn), "must be a turn that the AI was asked for, at most "+number(c.turn))
	}
	ch.ev.Turn = l.Turn
}

func (c Conversation) stale(k EventKind, l ControlToken) error {
	return &StaleControlError{
		Event: k, Status: c.state, Epoch: l.Epoch, Current: c.epoch, Turn: l.Turn, Answered: c.answered,
	}
}

// AIReply adds what the AI answers and sends it, if the AI still holds control
// under the lease. Otherwise the error is a [*StaleControlError] and nothing is
// sent (R39, D5, T32); so it is for an answer to an older turn than was answered
// already. The same turn answered again changes nothing: there is no event and no
// error.
func (c Conversation) AddAIReply(cmd helpdesk.Command, l ControlToken, d MessageParams) (Conversation, []Event, error) {
	if cmd.By == helpdesk.ActorAI && c.state.Holder() == HolderAI && l.Epoch == c.epoch &&
		l.Conversation == c.facts().id && 0 < l.Turn && l.Turn <= c.answered {
		if l.Turn == c.answered {
			return c, nil, nil
		}
		return c, nil, c.stale(EventAddAIReply, l)
	}
	ch, err := c.beginAI(EventAddAIReply, guardNone, &cmd, l)
	if err != nil {
		return c, nil, err
	}
	ch.c.answered = l.Turn
	ch.public(d, false, c.key("ai", number(l.Turn)))
	return ch.finish(c)
}

// AIFail says that the AI does not go on, and why: a person takes its place. It
// leaves a note with the reason and the comment, which may be empty, and tells
// the customer once that a person will answer (T31). The AI itself says that it
// gives up or has met an error; the rest is for the system to notice. A failure
// about a turn that was answered, or under an older epoch, is stale.
func (c Conversation) ReportAIFailure(cmd helpdesk.Command, l ControlToken, f Failure, comment string) (Conversation, []Event, error) {
	ch, err := c.beginAI(EventReportAIFailure, guardNone, &cmd, l)
	if err != nil {
		return c, nil, err
	}
	switch {
	case !f.isValid(), f == failureOtherParticipant, f == failureMaxTurns && cmd.By == helpdesk.ActorAI:
		ch.reject("failure", string(f), "must be give_up, error, timeout, queue_full or, by the system, max_turns")
	case f != FailureGiveUp && !ch.Any() && l.Turn <= c.answered:
		return c, nil, c.stale(EventReportAIFailure, l)
	default:
		ch.fail(f, comment)
	}
	return ch.finish(c)
}

// SwitchOff gives an automated conversation to people because the tenant does not
// have the add-on any more, or not on this channel (R65). It has to be given for
// each of them, so that none is stranded; c must be under the new policy.
func (c Conversation) SwitchOff(cmd helpdesk.Command) (Conversation, []Event, error) {
	guard := guardNone
	if c.policy.Automates(c.facts().channel) {
		guard = guardAddOnOn
	}
	ch, err := c.begin(EventSwitchOff, guard, &cmd)
	if err != nil {
		return c, nil, err
	}
	ch.fail("", "the automated add-on was switched off")
	return ch.finish(c)
}

// fail has people take the place of the AI: with a note, a line to the customer
// if an answer is due, and somebody told. The state passes by the table.
func (ch *change) fail(f Failure, comment string) {
	text := string(f)
	switch {
	case comment != "" && f != "":
		text += ": " + comment
	case comment != "":
		text = comment
	}
	ch.noteOf(f, text)
	if ch.ev.Kind == EventAddCustomerMessage || ch.ev.Kind == EventAddParticipantMessage || ch.c.turn > ch.c.answered {
		// once for each time that control passes
		ch.effect(Effect{Kind: EffectHoldingLine, Key: ch.c.key("holding", number(ch.c.epoch)), Failure: f})
	}
	ch.ev.Failure = f
	ch.notify()
}

// noteOf adds a note of the library's own: no command can give its ID.
func (ch *change) noteOf(f Failure, text string) {
	var own faults
	comment := own.body("comment", text)
	ch.Take("", own.Err())
	author := ch.ev.Author
	if author.By != helpdesk.ActorAI {
		ch.ev.Author = helpdesk.Author{By: helpdesk.ActorSystem}
	}
	ch.note(Note{ID: "note#" + number(ch.number()), Comment: comment, Failure: f})
	ch.ev.Author = author
}
