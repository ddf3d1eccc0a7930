package ticket

import (
	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// MergeInto merges t into another ticket, which is open, is of the same requester and
// was not merged; so no circle can arise. MergeInto returns both tickets and the
// events of both, to be stored together. The merge resolves an open t and forwards
// later messages to the other ticket. A merged ticket cannot be reopened.
//
// The guard of a refusal names the fault of the pair. If t was compacted, the error can be
// a [*sla.WholeLogError]; see [Ticket.Compact].
func (t Ticket) MergeInto(cmd helpdesk.Command, other Ticket) (from, into Ticket, events []Event, err error) {
	c, err := begin(&t, EventMergeInto, t.mergeGuard(&other), &cmd)
	if err != nil {
		return t, other, nil, err
	}
	if t.log.unsure {
		return t, other, nil, errUnsure()
	}
	o, err := begin(&other, EventMergeFrom, guardNone, &cmd)
	if err != nil {
		return t, other, nil, err
	}
	o.ev.ID += "#" + string(EventMergeFrom) // two events of one command
	c.ev.Other, o.ev.Other = other.ID(), t.ID()
	c.t.mergedInto = other.ID()
	o.t.mergedFrom = withLast(other.mergedFrom, maxLinks, t.ID())
	c.adopt()
	if t.IsOpen() {
		c.resolve(ResolveParams{Action: "merged into " + string(other.Reference()), Reason: reasonMerged})
	}
	c.record(c.ev.ID, sla.Event{Kind: sla.KindMergedInto, Into: other.ID().String()})
	if start := t.log.begun; !start.IsZero() {
		o.record(c.ev.ID, sla.Event{
			Kind: sla.KindMergedFrom, SameRequester: true,
			Other: sla.MergedTicket{Start: start, FirstReplyAt: t.log.repliedAt},
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

// AddFollowUp records in t, which is done, that another ticket continues t. The other
// ticket names t in its [Params].
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
		c.t.followUps = withLast(t.followUps, maxLinks, other)
	}
	return c.finish(t)
}
