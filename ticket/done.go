package ticket

import (
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/clean"
)

// A ResolveReason says why a ticket was resolved without work. [Ticket.Resolve] takes
// duplicate, spam and fixed_before. Two more follow from other commands: no_answer
// from [Ticket.ResolveUnanswered] and merged from [Ticket.MergeInto]. The zero
// ResolveReason means that the team worked on the ticket.
type ResolveReason string

// The reasons that [Ticket.Resolve] takes.
const (
	ReasonDuplicate   ResolveReason = "duplicate"
	ReasonSpam        ResolveReason = "spam"
	ReasonFixedBefore ResolveReason = "fixed_before"
	reasonNoAnswer    ResolveReason = "no_answer" // of ResolveUnanswered
	reasonMerged      ResolveReason = "merged"    // of MergeInto
)

// IsGiven reports whether r is one of the reasons that [Ticket.Resolve] takes.
func (r ResolveReason) isGiven() bool {
	return r == ReasonDuplicate || r == ReasonSpam || r == ReasonFixedBefore
}

// ResolveParams are the input of [Ticket.Resolve]. The zero ResolveParams are refused.
type ResolveParams struct {
	// Action is the action taken, at most 20,000 runes. It is required.
	Action string `json:"action,omitzero"`

	// Details describe the action further, in at most 20,000 runes.
	Details string `json:"details,omitzero"`

	// Reason says why the ticket needed no work: duplicate, spam or fixed_before, or
	// empty. A ticket that nobody picked up needs a reason.
	Reason ResolveReason `json:"reason,omitzero"`
}

// Resolve resolves t with the action taken, and starts the time until deletion. The
// author becomes the assignee of a ticket without one.
func (t Ticket) Resolve(cmd helpdesk.Command, sol ResolveParams) (Ticket, []Event, error) {
	guard := guardNone
	if sol.Reason != "" {
		guard = guardReason
	}
	c, err := begin(&t, EventResolve, guard, &cmd)
	if err != nil {
		return t, nil, err
	}
	sol.Action = c.text("action", sol.Action, true)
	sol.Details = c.text("details", sol.Details, false)
	if sol.Reason != "" && !sol.Reason.isGiven() {
		c.reject("reason", string(sol.Reason), "must be duplicate, spam or fixed_before")
	}
	c.adopt()
	c.resolve(sol)
	return c.finish(t)
}

// ResolveUnanswered resolves t because the customer did not answer. The host decides
// when to give up.
func (t Ticket) ResolveUnanswered(cmd helpdesk.Command) (Ticket, []Event, error) {
	c, err := begin(&t, EventResolveUnanswered, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.resolve(ResolveParams{Action: "no answer", Reason: reasonNoAnswer})
	return c.finish(t)
}

// The most that a ticket keeps of what its events have all of.
const (
	maxHolds       = 100
	maxHoldReason  = 2_000 // runes
	maxResolutions = 5
	maxLinks       = 20 // tickets merged into it, and tickets that continue it
)

// resolve adds a resolution. The action is set.
func (c *change) resolve(sol ResolveParams) {
	c.ev.Action, c.ev.Details, c.ev.Reason = sol.Action, sol.Details, string(sol.Reason)
	c.t.resolutions = withLast(c.t.resolutions, maxResolutions, Resolution{
		Episode: c.t.episode + 1, At: c.ev.At, Author: c.ev.Author,
		Action: sol.Action, Details: sol.Details, Reason: sol.Reason,
	})
}

// Reopen opens t, which is done, for a stated reason. The resolution stays in the
// history, and the date of deletion is cancelled.
func (t Ticket) Reopen(cmd helpdesk.Command, reason string) (Ticket, []Event, error) {
	guard := guardNone
	if !isNil(t.mergedInto) {
		guard = guardMerged
	}
	c, err := begin(&t, EventReopen, guard, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ev.Reason = c.text("reason", reason, true)
	c.adopt()
	return c.finish(t)
}

// Close freezes t, which is resolved, in a lifecycle with a separate closed status.
// The time until deletion goes on.
func (t Ticket) Close(cmd helpdesk.Command) (Ticket, []Event, error) {
	c, err := begin(&t, EventClose, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	return c.finish(t)
}

// LegalHoldParams are the input of [Ticket.PlaceLegalHold] and
// [Ticket.ReleaseLegalHold]. The zero LegalHoldParams are refused.
type LegalHoldParams struct {
	// ID names the hold among the holds of the record, in the characters of the ID of a
	// [helpdesk.Command].
	ID string `json:"hold,omitzero"`

	// Reason says why the hold is placed, in at most 2,000 runes. Placing a hold needs a
	// reason; releasing a hold ignores the reason.
	Reason string `json:"reason,omitzero"`

	// Privileged says that the caller has checked the author's right to place and
	// release holds. Without Privileged the command is refused.
	Privileged bool `json:"privileged,omitzero"`
}

// PlaceLegalHold keeps t from being purged until the hold is released. A ticket can
// be under at most 100 holds. A hold with an ID that stands already changes nothing.
func (t Ticket) PlaceLegalHold(cmd helpdesk.Command, h LegalHoldParams) (Ticket, []Event, error) {
	c, err := begin(&t, EventPlaceLegalHold, privilege(h.Privileged), &cmd)
	if err != nil {
		return t, nil, err
	}
	c.id("hold", h.ID)
	c.ev.Hold, c.ev.Reason = h.ID, c.long("reason", h.Reason, true, maxHoldReason)
	if t.holdIndex(h.ID) < 0 {
		if len(t.holds) >= maxHolds {
			c.reject("hold", h.ID, "must be one of at most "+strconv.Itoa(maxHolds))
		}
		c.t.holds = with(t.holds, LegalHold{ID: h.ID, Reason: c.ev.Reason, Who: cmd.Who, At: c.ev.At})
	}
	return c.finish(t)
}

// ReleaseLegalHold removes the hold with the ID of h.
func (t Ticket) ReleaseLegalHold(cmd helpdesk.Command, h LegalHoldParams) (Ticket, []Event, error) {
	c, err := begin(&t, EventReleaseLegalHold, privilege(h.Privileged), &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ev.Hold = h.ID
	if i := t.holdIndex(h.ID); i < 0 {
		c.reject("hold", h.ID, "must be the ID of a hold that stands")
	} else {
		rest := make([]LegalHold, 0, len(t.holds)-1)
		c.t.holds = append(append(rest, t.holds[:i]...), t.holds[i+1:]...)
	}
	return c.finish(t)
}

// holdIndex returns where the hold with the ID stands in the list, and -1 if it does
// not.
func (t Ticket) holdIndex(id string) int {
	for i := range t.holds {
		if t.holds[i].ID == id {
			return i
		}
	}
	return -1
}

func privilege(ok bool) Guard {
	if ok {
		return guardPrivileged
	}
	return guardNone
}

// Purge ends t. The result keeps the ID, the reference and the lifecycle, and nothing
// that people wrote or did. The argument due is the date of the retention policy.
// Purge is refused before due, if due lies before the last closing, and while t is
// under a legal hold. The caller deletes the record and the conversation.
func (t Ticket) Purge(cmd helpdesk.Command, due time.Time) (Ticket, []Event, error) {
	guard := guardDue
	switch at := normal(cmd.At); {
	case t.IsHeld():
		guard = guardHeld
	case due.IsZero(), at.Before(due), t.lastClosed.IsZero(), due.Before(t.lastClosed):
		guard = guardEarly
	}
	c, err := begin(&t, EventPurge, guard, &cmd)
	if err != nil {
		return t, nil, err
	}
	after, events, err := c.finish(t)
	if err != nil {
		return t, nil, err
	}
	f := t.facts()
	return Ticket{
		lc: t.lc, lifecycle: t.lifecycle, status: after.status, lastAt: after.lastAt,
		made: &facts{id: f.id, idText: f.idText, ref: f.ref, createdAt: f.createdAt},
	}, events, nil
}

func (f *faults) tooLong(field string, n, limit int) {
	f.reject(field, strconv.Itoa(n), "must be at most "+strconv.Itoa(limit)+" runes")
}

// title cleans the title of a command and refuses what is no title (T1, T2).
func (f *faults) title(s string) string {
	s = clean.Line(s)
	switch n := clean.Len(s); {
	case n == 0:
		f.reject("title", "", "must not be empty")
	case n > MaxTitle:
		f.tooLong("title", n, MaxTitle)
	}
	return s
}
