package ticket

import (
	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// PickUp assigns t to the author, a member of the team.
func (t Ticket) PickUp(cmd helpdesk.Command) (Ticket, []Event, error) {
	c, err := begin(&t, EventPickUp, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.assignToActor()
	return c.finish(t)
}

// Assign assigns t, which somebody has picked up, to another member of the team.
func (t Ticket) Assign(cmd helpdesk.Command, to string) (Ticket, []Event, error) {
	c, err := begin(&t, EventAssign, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ref("assignee", to, true)
	c.assign(to)
	return c.finish(t)
}

// Reply records a public reply of a member of the team. The first reply ends the clock
// of the first reply, and picks up a ticket without an assignee. A ticket that waits for the customer
// keeps waiting.
func (t Ticket) Reply(cmd helpdesk.Command, m Message) (Ticket, []Event, error) {
	c, err := begin(&t, EventReply, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.adopt()
	c.message(m, false)
	return c.finish(t)
}

// AskCustomer records a public question and makes t wait for the customer's answer.
func (t Ticket) AskCustomer(cmd helpdesk.Command, m Message) (Ticket, []Event, error) {
	c, err := begin(&t, EventAskCustomer, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.adopt()
	c.message(m, false)
	return c.finish(t)
}

// AddCustomerMessage records a message of the customer. A waiting ticket goes on. A
// ticket that is done is reopened inside the window of the lifecycle, and calls for a
// follow-up after the window. A merged ticket forwards the message. For automatic
// messages see [Ticket.RecordAutoReply].
func (t Ticket) AddCustomerMessage(cmd helpdesk.Command, m Message) (Ticket, []Event, error) {
	c, err := begin(&t, EventAddCustomerMessage, t.messageGuard(&cmd), &cmd)
	if err != nil {
		return t, nil, err
	}
	c.message(m, false)
	c.notified(m.Channel)
	c.ev.Other = t.mergedInto
	return c.finish(t)
}

func (t Ticket) messageGuard(cmd *helpdesk.Command) Guard {
	switch {
	case !t.IsDone():
		return guardNone
	case !isNil(t.mergedInto):
		return guardMerged
	}
	window := t.lc.config.ReopenWindow
	if window > 0 && normal(cmd.At).After(t.lastClosed.Add(window)) {
		return guardOutsideWindow
	}
	return guardInWindow
}

// RecordAutoReply records an automatic message, such as an out-of-office reply or a
// bounce. The status does not change, and nobody is told.
func (t Ticket) RecordAutoReply(cmd helpdesk.Command, m Message) (Ticket, []Event, error) {
	c, err := begin(&t, EventRecordAutoReply, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.message(m, true)
	return c.finish(t)
}

// MarkBounced records that a message of the team did not reach the customer. A first
// reply that bounced no longer counts as a reply (S12).
func (t Ticket) MarkBounced(cmd helpdesk.Command, message string) (Ticket, []Event, error) {
	c, err := begin(&t, EventMarkBounced, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ev.Message = message
	if last, delivered := t.message(message); last == nil {
		c.reject("message", message, mustBeMessage)
	} else if delivered {
		c.record(cmd.ID, sla.Event{Kind: sla.KindUndelivered, Message: last.ID})
	}
	return c.finish(t)
}

const mustBeMessage = "must be the ID of a message of the ticket"

// MarkDelivered records that a message of the team reached the customer after all, and
// so reverses [Ticket.MarkBounced]. For the clocks the message counts from now (S12).
func (t Ticket) MarkDelivered(cmd helpdesk.Command, message string) (Ticket, []Event, error) {
	c, err := begin(&t, EventMarkDelivered, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ev.Message = message
	if last, delivered := t.message(message); last == nil {
		c.reject("message", message, mustBeMessage)
	} else if !delivered {
		c.record(message, sla.Event{Kind: sla.KindMessage, By: last.By, Public: last.Public, Auto: last.Auto})
	}
	return c.finish(t)
}

// AddNote records an internal note by its ID. The status does not change, and no clock
// counts the note.
func (t Ticket) AddNote(cmd helpdesk.Command, note string) (Ticket, []Event, error) {
	c, err := begin(&t, EventAddNote, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.id("message", note)
	c.ev.Message = note
	return c.finish(t)
}

// Mitigate records that the impact is gone, while the cause remains. The resolution clock
// stops if the policy says so, and t stays open.
func (t Ticket) Mitigate(cmd helpdesk.Command) (Ticket, []Event, error) {
	c, err := begin(&t, EventMitigate, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.record(cmd.ID, sla.Event{Kind: sla.KindMitigated})
	return c.finish(t)
}

// Remind calls for a reminder to the customer, whose answer t awaits. The host decides
// when to remind.
func (t Ticket) Remind(cmd helpdesk.Command) (Ticket, []Event, error) {
	c, err := begin(&t, EventRemind, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	return c.finish(t)
}

// PauseClocks pauses, for a stated reason, the clocks that the policy allows to pause
// (S15). Pausing again changes nothing.
func (t Ticket) PauseClocks(cmd helpdesk.Command, reason string) (Ticket, []Event, error) {
	c, err := begin(&t, EventPauseClocks, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ev.Reason = c.text("reason", reason, true)
	if !t.paused {
		c.t.paused = true
		c.record(cmd.ID, sla.Event{Kind: sla.KindPaused, Reason: c.ev.Reason})
	}
	return c.finish(t)
}

// ResumeClocks resumes the clocks that [Ticket.PauseClocks] paused, if any.
func (t Ticket) ResumeClocks(cmd helpdesk.Command) (Ticket, []Event, error) {
	c, err := begin(&t, EventResumeClocks, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	if t.paused {
		c.t.paused = false
		c.record(cmd.ID, sla.Event{Kind: sla.KindResumed})
	}
	return c.finish(t)
}

// UpdateIntake adds answers to the form; see [Intake.Missing]. A field that is given
// replaces the old answer, and a field that is empty keeps the old answer. Requester,
// account and kind can be given only where the form lacks an answer. A customer who is
// not the requester gets [helpdesk.ErrNotFound].
func (t Ticket) UpdateIntake(cmd helpdesk.Command, in Intake) (Ticket, []Event, error) {
	c, err := begin(&t, EventUpdateIntake, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	full := t.Intake().merge(in, &c.faults)
	c.intake(&full)
	c.t.intake = &full
	return c.finish(t)
}

// Do carries out an event that the lifecycle adds, under a guard that the caller found.
// The row of the event gives the next status and the effects. The error is a
// [*helpdesk.FieldError] for an event of this package, which has a method of its own. A
// customer who is not the requester gets [helpdesk.ErrNotFound].
func (t Ticket) Do(cmd helpdesk.Command, k EventKind, g Guard) (Ticket, []Event, error) {
	if k.isBuiltin() {
		return t, nil, &helpdesk.FieldError{Path: "kind", Value: string(k), Reason: "must be an event of the lifecycle's own"}
	}
	c, err := begin(&t, k, g, &cmd)
	if err != nil {
		return t, nil, err
	}
	if to := t.rules().Category(c.ev.To); cmd.By.IsPerson() && (to == CategoryOpen || to == CategoryWaiting) {
		c.adopt()
	}
	return c.finish(t)
}
