package ticket

import (
	"strings"
	"time"

	"github.com/deskcore/helpdesk/sla"
)

// Evaluate returns the clocks of t at the instant now under the policy p, which reads
// [Ticket.SLALog]. After [Ticket.Compact] the result lacks the clocks that are finished;
// see [sla.Policy.EvaluateCompacted]. The error is that of [sla.Policy.Evaluate], and
// after Compact that of EvaluateCompacted.
func (t Ticket) Evaluate(p *sla.Policy, now time.Time) (sla.Evaluation, error) {
	if t.log.kept == nil {
		return p.Evaluate(t.log.tail.events(), now)
	}
	return p.EvaluateCompacted(*t.log.kept, t.log.tail.events(), now)
}

// Compact returns t without the events that no clock depends on any more under the policy
// p, so that a ticket with many messages stays small. A ticket that has no policy has no
// clocks: for a nil p no event is kept. Compact is for a host that stores the events of a
// ticket, which have the whole log, and that compacts t before it stores t. Finished are
// the clocks that t knows no more, for the host to store; see [sla.Policy.Compact].
//
// The error is that of [sla.Policy.Compact]. If it is a [*sla.WholeLogError], give the whole
// log to [Ticket.WithLog] and compact the result: the ticket then knows no finished clock,
// and Finished has all of them. The reason is one of package sla, or "reply": the first
// reply was not delivered, or is another than was known, and later replies are not kept.
func (t Ticket) Compact(p *sla.Policy, now time.Time) (after Ticket, finished []sla.Clock, err error) {
	switch {
	case t.log.unsure:
		return t, nil, errUnsure()
	case p == nil:
		if n := t.log.len(); n > 0 {
			t.log.kept, t.log.tail = &sla.Compacted{Dropped: n}, nil
		}
		return t, nil, nil
	}
	var c sla.Compacted
	if t.log.kept != nil {
		c = *t.log.kept
	}
	if c, finished, err = p.Compact(c, t.log.tail.events(), now); err != nil || c.Dropped == 0 {
		return t, nil, err
	}
	t.log.kept, t.log.tail = &c, nil
	return t, finished, nil
}

func errUnsure() error { return &sla.WholeLogError{Reason: "reply"} }

// WithLog returns t with the given log, which must be the whole log of t: the logs of all
// events of t, in order.
func (t Ticket) WithLog(log []sla.Event) Ticket {
	t.log.kept, t.log.tail = nil, logOf(log)
	t.log.served(t.facts(), log)
	return t
}

// A sentMessage is a message that a caller has looked up for a command.
type sentMessage struct {
	event sla.Event
	lost  bool
}

// WithMessage returns t with a message at hand, for [Ticket.MarkBounced] or
// [Ticket.MarkDelivered] of a message that [Ticket.Compact] may have dropped. The
// argument ev is the last event of the message in the log, of which ID, By, Public and
// Auto are needed; lost says that the message counts as undelivered. The next command
// forgets the message.
func (t Ticket) WithMessage(ev sla.Event, lost bool) Ticket {
	t.sent = &sentMessage{ev, lost}
	return t
}

// message returns the last event of a message in the log, and whether the message was
// delivered as far as is known; nil if t does not know the message.
func (t Ticket) message(id string) (last *sla.Event, delivered bool) {
	if t.sent != nil {
		if name, _, _ := strings.Cut(t.sent.event.ID, "#"); name == id {
			return &t.sent.event, !t.sent.lost
		}
	}
	return t.log.message(id)
}
