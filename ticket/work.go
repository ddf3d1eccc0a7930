package ticket

import (
	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// PickUp gives t to the member of the team who gives the command (R46).
func (t Ticket) PickUp(cmd helpdesk.Command) (Ticket, []Event, error) {
	c, err := begin(&t, EventPickUp, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.assignToActor()
	return c.finish(t)
}

// Assign gives t, which somebody has picked up, to another member of the team.
func (t Ticket) Assign(cmd helpdesk.Command, to string) (Ticket, []Event, error) {
	c, err := begin(&t, EventAssign, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ref("assignee", to, true)
	c.assign(to)
	return c.finish(t)
}

// Reply notes a public reply of a member of the team. The first one is the first
// reply for the clocks, and picks up a ticket that nobody has (R46, R76). While
// an answer of the customer is awaited, it is still awaited.
func (t Ticket) Reply(cmd helpdesk.Command, m Message) (Ticket, []Event, error) {
	c, err := begin(&t, EventReply, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.adopt()
	c.message(m, false)
	return c.finish(t)
}

// AskCustomer notes a public question, and that its answer is needed before the
// work goes on (R47).
func (t Ticket) AskCustomer(cmd helpdesk.Command, m Message) (Ticket, []Event, error) {
	c, err := begin(&t, EventAskCustomer, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.adopt()
	c.message(m, false)
	return c.finish(t)
}

// CustomerMessage notes a message that the customer wrote. A ticket that waits
// for it goes on (R47); one that is done is reopened inside the window of the
// lifecycle, and after it calls for a follow-up; one that was merged forwards it.
// For what a machine wrote see [Ticket.RecordAutoReply].
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

// AutoMessage notes a message that a machine wrote, such as an out-of-office
// reply or a bounce. It changes no status (D11) and tells nobody.
func (t Ticket) RecordAutoReply(cmd helpdesk.Command, m Message) (Ticket, []Event, error) {
	c, err := begin(&t, EventRecordAutoReply, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.message(m, true)
	return c.finish(t)
}

// Undelivered notes that a message of the team did not reach the customer: if it
// was the first reply, there was none (S12).
func (t Ticket) MarkBounced(cmd helpdesk.Command, message string) (Ticket, []Event, error) {
	c, err := begin(&t, EventMarkBounced, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ev.Message = message
	if last, delivered := t.log.message(message); last == nil {
		c.reject("message", message, mustBeMessage)
	} else if delivered {
		c.record(cmd.ID, sla.Event{Kind: sla.KindUndelivered, Message: last.ID})
	}
	return c.finish(t)
}

const mustBeMessage = "must be the ID of a message of the ticket"

// Delivered notes that a message of the team reached the customer after all, which
// [Ticket.MarkBounced] had taken back: for the clocks it was given now (S12).
func (t Ticket) MarkDelivered(cmd helpdesk.Command, message string) (Ticket, []Event, error) {
	c, err := begin(&t, EventMarkDelivered, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ev.Message = message
	if last, delivered := t.log.message(message); last == nil {
		c.reject("message", message, mustBeMessage)
	} else if !delivered {
		c.record(message, sla.Event{Kind: sla.KindMessage, By: last.By, Public: last.Public, Auto: last.Auto})
	}
	return c.finish(t)
}

// Note notes an internal note by its ID. It changes nothing and counts for no
// clock (R77).
func (t Ticket) AddNote(cmd helpdesk.Command, note string) (Ticket, []Event, error) {
	c, err := begin(&t, EventAddNote, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.id("message", note)
	c.ev.Message = note
	return c.finish(t)
}

// Mitigate notes that the impact is gone though the cause is not: where the
// policy says so the resolution clock stops, and t stays open (R22).
func (t Ticket) Mitigate(cmd helpdesk.Command) (Ticket, []Event, error) {
	c, err := begin(&t, EventMitigate, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.record(cmd.ID, sla.Event{Kind: sla.KindMitigated})
	return c.finish(t)
}

// Remind calls for a reminder to the customer whose answer is awaited. When that
// is so is the product's policy.
func (t Ticket) Remind(cmd helpdesk.Command) (Ticket, []Event, error) {
	c, err := begin(&t, EventRemind, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	return c.finish(t)
}

// PauseClocks stops by hand the clocks that the policy lets a hold stop (S15),
// for a stated reason. Pausing again changes nothing.
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

// ResumeClocks lets the clocks run again that were stopped by hand. If none is,
// it changes nothing.
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

// Answer takes answers to the questions that [Intake.Missing] names: fields that
// are given replace what was there, fields that are not are kept. Requester,
// account and kind can be given only where they were missing. To a customer who is
// not the requester the error is [helpdesk.ErrNotFound] (T13).
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

// Do carries out an event of the lifecycle's own, under a guard that the caller
// found. Its row says what the next status is and what follows. The error is a
// [*helpdesk.FieldError] for an event of this package, which has a method of its own, and
// [helpdesk.ErrNotFound] to a customer who is not the requester (T13).
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
