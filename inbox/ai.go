package inbox

import (
	"slices"

	"github.com/deskcore/helpdesk"
)

// A ControlToken comes with a question to the AI and must come back with the answer.
// The token names the epoch in which the AI held control and the turn to answer.
// Whether the token still counts is decided when the answer comes, however late. A
// ControlToken is comparable. The zero ControlToken never counts.
type ControlToken struct {
	Conversation ID     `json:"conversation,omitzero"`
	Epoch        uint64 `json:"epoch,omitzero"`
	Turn         uint64 `json:"turn,omitzero"` // the number of the customer's message among the messages to answer, from 1
}

// ControlToken returns the token for the last message of the customer, and the zero
// token while the AI does not hold control.
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

// AddAIReply adds and sends a reply of the AI, if the AI still holds control under the
// token. Otherwise the error is a [*StaleControlError] and nothing is sent. A reply to
// a turn before the last answered turn is stale too, and so is another reply to that
// turn. The same reply once more, with the same ID, body and attachments, changes
// nothing: there is no event and no error. In a full conversation people take the place
// of the AI, as by [Conversation.ReportAIFailure].
func (c Conversation) AddAIReply(cmd helpdesk.Command, l ControlToken, d MessageParams) (Conversation, []Event, error) {
	if cmd.By == helpdesk.ActorAI && c.state.Holder() == HolderAI && l.Epoch == c.epoch &&
		l.Conversation == c.facts().id && 0 < l.Turn && l.Turn <= c.answered {
		if l.Turn == c.answered && c.saidBefore(l.Turn, &d) {
			return c, nil, nil
		}
		return c, nil, c.stale(EventAddAIReply, l)
	}
	if c.isFull() && cmd.By == helpdesk.ActorAI && c.state.Holder() == HolderAI {
		return c.ReportAIFailure(cmd, l, FailureGiveUp, "the conversation can take no more messages of the AI")
	}
	ch, err := c.beginAI(EventAddAIReply, guardNone, &cmd, l)
	if err != nil {
		return c, nil, err
	}
	ch.c.answered = l.Turn
	ch.public(d, false, c.key("ai", number(l.Turn)))
	return ch.finish(c)
}

// saidBefore reports whether d is the reply of the AI to the turn, once more.
func (c Conversation) saidBefore(turn uint64, d *MessageParams) bool {
	var f faults
	r, ok := c.Message(d.ID)
	return ok && r.Key == c.key("ai", number(turn)) && r.Body == f.body("body", d.Body) && slices.Equal(r.Attachments, d.Attachments)
}

// ReportAIFailure gives the conversation to people because the AI does not go on. The
// command adds a note with the failure and the comment, which may be empty, and tells
// the customer once that a person will answer. The AI itself reports give_up and
// error; the system reports the other failures. A failure of a turn that was answered,
// or of an older epoch, is stale.
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

// SwitchOff gives an automated conversation to people because the tenant no longer has
// the add-on, or no longer on this channel. Give the command for each automated
// conversation, so that none is stranded. The conversation must be under the new
// policy already.
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
