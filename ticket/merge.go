package ticket

import (
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// MergeInto merges t into another ticket of the same requester, which is open
// and not merged itself; so no circle can come about (T42). It returns both
// tickets and the events of both, which have to be stored together. An open t is
// resolved by it, and later messages are forwarded. Unlike other tickets t cannot
// be reopened.
//
// The refusal names as guard what is wrong with the pair.
func (t Ticket) MergeInto(cmd helpdesk.Command, other Ticket) (from, into Ticket, events []Event, err error) {
	c, err := begin(&t, EventMergeInto, t.mergeGuard(&other), &cmd)
	if err != nil {
		return t, other, nil, err
	}
	o, err := begin(&other, EventMergeFrom, guardNone, &cmd)
	if err != nil {
		return t, other, nil, err
	}
	o.ev.ID += "#" + string(EventMergeFrom) // two events of one command
	c.ev.Other, o.ev.Other = other.ID(), t.ID()
	c.t.mergedInto = other.ID()
	o.t.mergedFrom = with(other.mergedFrom, t.ID())
	c.adopt()
	if t.IsOpen() {
		c.resolve(ResolveParams{Action: "merged into " + string(other.Reference()), Reason: reasonMerged})
	}
	c.record(c.ev.ID, sla.Event{Kind: sla.KindMergedInto, Into: other.ID().String()})
	start, reply := t.served()
	if !start.IsZero() {
		o.record(c.ev.ID, sla.Event{
			Kind: sla.KindMergedFrom, SameRequester: true,
			Other: sla.MergedTicket{Start: start, FirstReplyAt: reply},
		})
	}

	from, first, err := c.finish(t)
	if err != nil {
		return t, other, nil, err
	}
	into, second, err := o.finish(other)
	if err != nil {
		return t, other, nil, err
	}
	return from, into, append(first, second...), nil
}

func (t Ticket) mergeGuard(other *Ticket) Guard {
	switch {
	case !isNil(t.mergedInto):
		return guardMerged
	case t.ID() == other.ID():
		return guardSelf
	case t.Requester() != other.Requester() || t.Account() != other.Account():
		return guardOtherRequester
	case !isNil(other.mergedInto):
		return guardTargetMerged
	case !other.IsOpen():
		return guardTargetDone
	default:
		return guardNone
	}
}

// served returns when the clocks of t started (S11), and when the customer got
// the first reply (S12); both may be zero.
func (t Ticket) served() (start, reply time.Time) {
	f := t.facts()
	if f.onBehalf {
		start = f.createdAt
		if !f.contactAt.IsZero() {
			start = f.contactAt
		}
	}
	lost := make(map[string]bool)
	for e := t.log; e != nil; e = e.before {
		if e.event.Kind == sla.KindUndelivered {
			lost[e.event.Message] = true
		}
	}
	if !f.onBehalf {
		for e := t.log; e != nil; e = e.before {
			ev := &e.event
			if ev.Kind == sla.KindMessage && ev.By == helpdesk.ActorCustomer && !ev.Auto && (start.IsZero() || ev.At.Before(start)) {
				start = ev.At
			}
		}
		if start.Before(f.createdAt) && !start.IsZero() {
			start = f.createdAt
		}
	}
	for e := t.log; e != nil; e = e.before {
		ev := &e.event
		if ev.Kind == sla.KindMessage && ev.By.IsPerson() && ev.Public && !lost[ev.ID] && !start.IsZero() &&
			!ev.At.Before(start) && (reply.IsZero() || ev.At.Before(reply)) {
			reply = ev.At
		}
	}
	return start, reply
}

// FollowUp notes in t, which is done, that another ticket continues it. The
// other one says so by its draft; see [Params.FollowUpOf].
func (t Ticket) AddFollowUp(cmd helpdesk.Command, other ID) (Ticket, []Event, error) {
	c, err := begin(&t, EventAddFollowUp, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	if isNil(other) || other == t.ID() {
		c.reject("other", other.String(), "must be another ticket")
	}
	c.ev.Other = other
	known := false
	for _, id := range t.followUps {
		known = known || id == other
	}
	if !known {
		c.t.followUps = with(t.followUps, other)
	}
	return c.finish(t)
}
