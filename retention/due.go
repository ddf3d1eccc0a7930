package retention

import "time"

// A verdict is what decides about one record on its own.
type verdict struct {
	state  State     // kept, scheduled or held
	reason Reason    // why
	due    time.Time // zero if the state is kept
	since  time.Time // what the reason counts from
}

// facts are what a verdict is about.
type facts struct {
	open     bool
	closed   time.Time
	word     time.Time     // the last message that came in since
	period   time.Duration // 0 is for ever
	closing  Reason        // what the closing is called
	forever  Reason        // why without a period it is kept
	erasure  time.Time
	holds    Holds
	released time.Time
}

// judge decides about one record. It does not allocate.
func (p Policy) judge(f *facts) verdict {
	switch {
	case p.c.Period == 0:
		return verdict{state: StateKept, reason: reasonNoPolicy}
	case f.open:
		return verdict{state: StateKept, reason: reasonOpen}
	case f.period == 0 && !isUsable(f.erasure):
		return verdict{state: StateKept, reason: f.forever}
	case !isUsable(f.closed):
		return verdict{state: StateKept, reason: reasonNoClosing}
	}
	v := verdict{state: StateScheduled, reason: f.closing, due: f.closed.Add(f.period), since: f.closed}
	from := f.closed
	if isUsable(f.word) && f.word.After(f.closed) { // R87
		from = f.word
		v.reason, v.due, v.since = reasonLastWord, from.Add(f.period), from
	}
	// Who asks before the closing has the record go at the closing (T41).
	if asked := later(from, f.erasure); isUsable(f.erasure) && (f.period == 0 || asked.Before(v.due)) {
		v.reason, v.due, v.since = reasonErasure, asked, f.erasure
	}
	if f.holds.any() {
		v.state, v.reason, v.since = StateHeld, reasonHold, time.Time{}
		return v
	}
	released := later(f.released, f.holds.lastRelease())
	switch {
	case !released.Before(endOfTime):
		return verdict{state: StateKept, reason: reasonNoRelease}
	case !v.due.After(released):
		v.reason, v.due, v.since = reasonRelease, released.Add(p.c.Grace), released
	}
	return v
}

func (p Policy) judgeItem(i *Item) verdict {
	return p.judge(&facts{
		open: i.Open, closed: i.LastClosedAt, word: i.LastWordAt, period: p.c.Period, closing: reasonClosing,
		erasure: i.ErasureAt, holds: i.Holds, released: i.ReleasedAt,
	})
}

// judgeTicketless decides about a conversation without tickets.
func (p Policy) judgeTicketless(c *Conversation) verdict {
	return p.judge(&facts{
		open: c.Open, closed: c.ClosedAt, word: c.LastWordAt, period: p.c.Ticketless, closing: reasonArchived, forever: reasonNoTickets,
		erasure: c.ErasureAt, holds: c.Holds, released: c.ReleasedAt,
	})
}

// Due returns the due instant of i, in UTC: the period after the last closing, or after the last
// message that came in since, or earlier after a request for erasure. If that instant is past at the release of the last hold, the
// due instant is the end of the grace. The result is false if i is not due at all, because
// the ticket is open, held, or was never closed.
//
// A sweep deletes i at [Policy.ReadyAt], not earlier. For a ticket with a conversation pass
// the result of [Item.In]. Due does not depend on the other tickets of the conversation.
// Due does not allocate.
func (p Policy) Due(i Item) (time.Time, bool) {
	v := p.judgeItem(&i)
	if v.state != StateScheduled {
		return time.Time{}, false
	}
	return utc(v.due), true
}

// ReadyAt returns the first instant at which a sweep deletes i: the due instant and the
// skew. The result is false as for [Policy.Due].
func (p Policy) ReadyAt(i Item) (time.Time, bool) {
	due, ok := p.Due(i)
	if !ok {
		return time.Time{}, false
	}
	return due.Add(p.skew), true
}
