package sla_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

const nano = time.Nanosecond

// S10: which events count, and when.
func TestLogS10(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name:  "stamped before the opening: at the opening",
		log:   events(at("10:00").opened(high), at("09:50").changed(low)),
		now:   at("10:30"),
		first: "running pending low due 13:00 used 30m next breach 13:00",
		odd:   "early e2",
	}, story{
		name:  "stamped at the opening: nothing odd",
		log:   events(at("10:00").opened(high), at("10:00").changed(low)),
		now:   at("10:30"),
		first: "running pending low due 13:00 used 30m next breach 13:00",
	}, story{
		name:       "a status stamped before the opening: at the opening",
		log:        events(at("10:00").opened(high), at("09:00").waiting()),
		now:        at("10:30"),
		resolution: "paused pending high used 0",
		odd:        "early e2",
	}, story{
		name:  "later than recorded by the skew: as stamped",
		log:   events(at("10:00").opened(high), recorded(at("10:30"), at("10:32").reply())),
		now:   at("12:00"),
		first: "stopped met high due 11:00 stop 10:32 used 32m",
	}, story{
		name:  "later than recorded by more: as recorded",
		log:   events(at("10:00").opened(high), recorded(at("10:30"), at("10:32").plus(nano).reply())),
		now:   at("12:00"),
		first: "stopped met high due 11:00 stop 10:30 used 30m",
		odd:   "future e2",
	}, story{
		name: "no difference allowed: as recorded",
		edit: func(c *sla.Config) { c.Skew = -1 },
		log: events(
			at("10:00").opened(high),
			recorded(at("10:30"), at("10:30").note()),
			recorded(at("10:30"), at("10:30").plus(nano).reply()),
		),
		now:   at("12:00"),
		first: "stopped met high due 11:00 stop 10:30 used 30m",
		odd:   "future e3",
	}, story{
		name:  "recorded later than it happened: as it happened",
		log:   events(at("10:00").opened(high), recorded(at("11:30"), at("10:20").reply())),
		now:   at("12:00"),
		first: "stopped met high due 11:00 stop 10:20 used 20m",
	}, story{
		name:  "an opening stamped later than recorded",
		log:   events(recorded(at("10:00"), at("10:30").opened(high))),
		now:   at("10:30"),
		first: "running pending high due 11:00 used 30m next breach 11:00",
		odd:   "future e1",
	}, story{
		name: "delivered twice: once, and the earliest recording counts",
		log: events(
			at("10:00").opened(high),
			named("r", recorded(at("10:50"), at("12:00").reply())),
			named("r", recorded(at("10:40"), at("12:00").reply())),
			named("r", at("12:00").reply()),
		),
		now:   at("12:30"),
		first: "stopped met high due 11:00 stop 10:40 used 40m",
		odd:   "duplicate r, future r",
	}, story{
		name: "an opening delivered twice",
		log: events(
			named("o", at("10:00").opened(high)),
			named("o", recorded(at("10:01"), at("10:00").opened(high))),
		),
		now:   at("10:30"),
		first: "running pending high due 11:00 used 30m next breach 11:00",
		odd:   "duplicate o",
	}, story{
		name:  "at now: counts",
		log:   events(at("10:00").opened(high), at("10:30").reply()),
		now:   at("10:30"),
		first: "stopped met high due 11:00 stop 10:30 used 30m",
	}, story{
		name:  "after now: ignored, whatever it is",
		log:   events(at("10:00").opened(high), at("10:30").plus(nano).reply(), named("x", at("11:00").waiting()), named("x", at("11:00").waiting())),
		now:   at("10:30"),
		first: "running pending high due 11:00 used 30m next breach 11:00",
	}, story{
		name:       "opened after now",
		log:        events(at("10:00").opened(high), at("09:00").reply()),
		now:        at("10:00").plus(-nano),
		first:      "not_started excluded",
		next:       "-",
		resolution: "not_started excluded",
	})
}

// S10: a transition that changes nothing is reported and does nothing.
func TestRedundantS10(t *testing.T) {
	t.Parallel()
	const running = "running pending medium due wed 10:00 used 30m next breach wed 10:00"
	tell(t, story{
		name:       "status",
		log:        events(at("10:00").opened(medium), at("10:05").status(sla.StatusSubmitted), at("10:10").working(), at("10:20").working()),
		now:        at("10:30"),
		resolution: running,
		odd:        "redundant e2, redundant e4",
	}, story{
		name:       "level",
		log:        events(at("10:00").opened(medium), at("10:10").changed(medium), at("10:15").declined(medium), at("10:20").corrected(medium)),
		now:        at("10:30"),
		resolution: running,
		odd:        "redundant e2, redundant e3, redundant e4",
	}, story{
		name:       "confirmation",
		log:        events(at("10:00").opened(medium), at("10:10").confirmed(), at("10:20").confirmed()),
		now:        at("10:30"),
		resolution: running,
		odd:        "redundant e3",
	}, story{
		name:       "hold",
		log:        events(at("10:00").opened(medium), at("10:05").released(), at("10:10").held(), at("10:20").held()),
		now:        at("10:30"),
		resolution: "paused pending medium used 10m",
		odd:        "redundant e2, redundant e4",
	}, story{
		name:       "mitigation",
		log:        events(at("10:00").opened(medium), at("10:10").mitigated(), at("10:20").mitigated()),
		now:        at("10:30"),
		resolution: "stopped met medium due wed 10:00 stop 10:10 used 10m",
		odd:        "redundant e3",
	}, story{
		name: "delivery",
		log: events(
			at("10:00").opened(medium), named("m", at("10:05").reply()), at("10:10").undelivered("m"), at("10:20").undelivered("m"),
			at("10:15").undelivered("nothing"), at("10:16").undelivered("e1"), at("10:17").undelivered("late"), named("late", at("10:40").reply()),
		),
		now:   at("10:30"),
		first: "running pending medium due 12:00 used 30m next breach 12:00",
		odd:   "redundant e5, redundant e6, redundant e7, redundant e4",
	}, story{
		name:       "merged away",
		log:        events(at("10:00").opened(medium), at("10:20").mergedInto(), at("10:25").mergedInto(), at("10:26").working(), at("10:27").reply()),
		now:        at("10:30"),
		first:      "cancelled excluded medium due 12:00 used 20m",
		resolution: "cancelled excluded medium due wed 10:00 used 20m",
		odd:        "redundant e3",
	})
}

// S10: a log that cannot be read is refused as a whole, with all its faults.
func TestLogRefusedS10(t *testing.T) {
	t.Parallel()
	p := policy(t, nil)
	now := at("11:00")
	refused := func(t *testing.T, log []sla.Event) error {
		t.Helper()
		ev, err := p.Evaluate(log, now.Time)
		require.Error(t, err)
		require.Zero(t, ev)
		return err
	}

	t.Run("no opening", func(t *testing.T) {
		t.Parallel()
		var opening *sla.OpeningError
		err := refused(t, nil)
		requireA[*sla.OpeningError](t, err)
		require.ErrorAs(t, err, &opening)
		require.Zero(t, opening.Found)
		requireA[*sla.OpeningError](t, refused(t, events(at("10:00").reply())))
	})
	t.Run("two openings", func(t *testing.T) {
		t.Parallel()
		var opening *sla.OpeningError
		err := refused(t, events(at("10:00").opened(high), at("10:00").opened(high)))
		require.ErrorAs(t, err, &opening)
		require.Equal(t, 2, opening.Found)
		require.EqualError(t, opening, "sla: a log has exactly one opening, found 2")
	})
	t.Run("a second opening after now", func(t *testing.T) {
		t.Parallel()
		requireA[*sla.OpeningError](t, refused(t, events(at("10:00").opened(high), at("fri 10:00").opened(high))))
	})
	t.Run("one ID, other content", func(t *testing.T) {
		t.Parallel()
		opened := at("10:00").opened(high)
		for name, pair := range map[string][2]sla.Event{
			"at":       {at("10:30").reply(), at("10:31").reply()},
			"kind":     {at("10:30").waiting(), at("10:30").mitigated()},
			"public":   {at("10:30").reply(), at("10:30").note()},
			"by":       {at("10:30").reply(), at("10:30").question()},
			"auto":     {at("10:30").question(), at("10:30").message(helpdesk.ActorCustomer, true, true)},
			"level":    {at("10:30").changed(low), at("10:30").changed(medium)},
			"status":   {at("10:30").waiting(), at("10:30").working()},
			"channel":  {at("10:30").notified(chat), at("10:30").notified(email)},
			"message":  {at("10:30").undelivered("a"), at("10:30").undelivered("b")},
			"start":    {at("10:30").merged(at("09:00")), at("10:30").merged(at("09:01"))},
			"reply":    {at("10:30").merged(at("09:00")), at("10:30").mergedAnswered(at("09:00"), at("09:10"))},
			"opening":  {at("10:00").opened(high), at("10:00").chat(high)},
			"later":    {at("fri 10:00").waiting(), at("fri 10:00").working()},
			"out side": {at("10:30").waiting(), at("fri 10:00").waiting()},
		} {
			log := []sla.Event{named("o", opened), named("x", pair[0]), named("x", pair[1])}
			if pair[0].Kind == sla.KindOpened {
				log = log[1:]
			}
			var conflict *sla.ConflictError
			err := refused(t, log)
			requireA[*sla.ConflictError](t, err, name)
			require.ErrorAs(t, err, &conflict, name)
			require.Equal(t, "x", conflict.ID, name)
		}
	})
	t.Run("same instant said in another zone is the same content", func(t *testing.T) {
		t.Parallel()
		reply := at("10:30").reply()
		abroad := reply
		abroad.At = reply.At.In(time.FixedZone("", 5*60*60))
		_, err := p.Evaluate([]sla.Event{named("o", at("10:00").opened(high)), named("x", reply), named("x", abroad)}, now.Time)
		require.NoError(t, err)
	})
	t.Run("all faults at once", func(t *testing.T) {
		t.Parallel()
		err := refused(t, []sla.Event{
			named("a", at("10:00").waiting()), named("a", at("10:00").working()),
			named("b", at("10:10").waiting()), named("b", at("10:10").working()),
			{Kind: sla.KindMessage, ID: "c"},
		})
		requireA[*sla.OpeningError](t, err)
		requireA[*sla.EventError](t, err)
		requireA[*sla.ConflictError](t, err)
		require.Len(t, unjoin(err), 5, "two conflicts, an opening, the event's instant and author")
	})
	t.Run("a long log", func(t *testing.T) {
		t.Parallel()
		log, _ := long(100)
		log = append(log, log[99], named(log[50].ID, at("10:00").mitigated()))
		err := refused(t, log)
		requireA[*sla.ConflictError](t, err)
		require.ErrorContains(t, err, `sla: event "e00050" stands in the log twice with different content`)
	})
	t.Run("now out of range (S9)", func(t *testing.T) {
		t.Parallel()
		for _, now := range []time.Time{{}, time.Date(1899, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC)} {
			_, err := p.Evaluate(events(at("10:00").opened(high)), now)
			requireA[*hours.RangeError](t, err)
		}
		_, err := p.Evaluate(events(at("10:00").opened(high)), time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		_, err = p.Evaluate(events(at("10:00").opened(high)), time.Date(2200, 12, 31, 23, 59, 59, 999999999, time.UTC))
		require.NoError(t, err)
	})
}

// unjoin lists what an error joins.
func unjoin(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// S10, S12: a long log is read like a short one.
func TestLongLogS10(t *testing.T) {
	t.Parallel()
	log := events(at("10:00").opened(high), at("10:20").reply(), at("10:30").undelivered("e2"), at("10:40").undelivered("n1"))
	for i := range 30 {
		log = append(log, named(fmt.Sprintf("n%d", i), at("10:01").plus(time.Duration(i)*time.Minute).note()))
	}
	ev, err := policy(t, nil).Evaluate(log, at("10:50").Time)
	require.NoError(t, err)
	require.Equal(t, "running pending high due 11:00 used 50m next breach 11:00", sayClocks(&ev, sla.MetricFirstReply))
	require.Empty(t, ev.Anomalies)
}

// S10: the log that is given is not changed.
func TestLogIsKeptS10(t *testing.T) {
	t.Parallel()
	log, now := dozen(24 * time.Hour)
	log[3], log[9] = log[9], log[3]
	before := append([]sla.Event(nil), log...)
	_, err := sla.Standard().Evaluate(log, now)
	require.NoError(t, err)
	require.Equal(t, before, log)
}

// S11: the clocks start at the first contact with the customer.
func TestStartS11(t *testing.T) {
	t.Parallel()
	contact := func(m moment, e sla.Event) sla.Event {
		e.ContactAt = m.Time
		return e
	}
	behalf := func(e sla.Event) sla.Event {
		e.OnBehalf = true
		return e
	}
	const (
		fromTen    = "running pending high due 11:00 used 30m next breach 11:00"
		notStarted = "not_started excluded"
	)
	tell(t, story{
		name:       "opened by the customer",
		log:        events(at("10:00").opened(high)),
		now:        at("10:30"),
		first:      fromTen,
		resolution: "running pending high due 14:00 used 30m next breach 14:00",
	}, story{
		name:       "at the very start",
		log:        events(at("10:00").opened(high)),
		now:        at("10:00"),
		first:      "running pending high due 11:00 used 0 next breach 11:00",
		resolution: "running pending high due 14:00 used 0 next breach 14:00",
	}, story{
		name:       "by the AI on the customer's behalf: at the contact (R30)",
		log:        events(contact(at("09:40"), behalf(at("10:00").openedBy(helpdesk.ActorAI, chat, high)))),
		now:        at("10:30"),
		first:      "running pending high start 09:40 due 10:40 used 50m next breach 10:40",
		resolution: "running pending high start 09:40 due 13:40 used 50m next breach 13:40",
	}, story{
		name:  "by an agent on the customer's behalf, no contact given: at the opening",
		log:   events(behalf(at("10:00").openedBy(helpdesk.ActorAgent, email, high))),
		now:   at("10:30"),
		first: fromTen,
	}, story{
		name:  "by the customer, who was in contact before",
		log:   events(contact(at("09:40"), at("10:00").opened(high))),
		now:   at("10:30"),
		first: "running pending high start 09:40 due 10:40 used 50m next breach 10:40",
	}, story{
		name:  "contact at the opening",
		log:   events(contact(at("10:00"), at("10:00").opened(high))),
		now:   at("10:30"),
		first: fromTen,
	}, story{
		name:  "contact after the opening: the opening counts",
		log:   events(contact(at("10:00").plus(nano), at("10:00").opened(high))),
		now:   at("10:30"),
		first: fromTen,
		odd:   "future e1",
	}, story{
		name:       "by an agent: nobody waits yet",
		log:        events(contact(at("09:40"), at("09:00").openedBy(helpdesk.ActorAgent, email, high)), at("09:30").reply()),
		now:        at("10:30"),
		first:      notStarted,
		next:       "-",
		resolution: notStarted,
	}, story{
		name:       "by an agent: from the customer's first message",
		log:        events(at("09:00").openedBy(helpdesk.ActorAgent, email, high), at("10:00").question(), at("10:20").question()),
		now:        at("10:30"),
		first:      fromTen,
		resolution: "running pending high due 14:00 used 30m next breach 14:00",
	}, story{
		name:  "by an agent: right before the message",
		log:   events(at("09:00").openedBy(helpdesk.ActorAgent, email, high), at("10:00").question()),
		now:   at("10:00").plus(-nano),
		first: notStarted,
	}, story{
		name:  "by an agent: at the message",
		log:   events(at("09:00").openedBy(helpdesk.ActorAgent, email, high), at("10:00").question()),
		now:   at("10:00"),
		first: "running pending high due 11:00 used 0 next breach 11:00",
	}, story{
		name: "by the system: an automatic message and others' messages are no contact",
		log: events(
			at("09:00").openedBy(helpdesk.ActorSystem, email, high),
			at("09:30").message(helpdesk.ActorCustomer, true, true), at("09:40").message(helpdesk.ActorThirdParty, true, false),
			at("10:00").question(),
		),
		now:   at("10:30"),
		first: fromTen,
	}, story{
		name:  "by an agent: a message stamped before the opening counts at it",
		log:   events(at("10:00").openedBy(helpdesk.ActorAgent, email, high), at("09:50").question()),
		now:   at("10:30"),
		first: fromTen,
		odd:   "early e2",
	}, story{
		name:       "the level in force at the start counts, not the one before",
		log:        events(at("09:00").openedBy(helpdesk.ActorAgent, email, low), at("09:30").changed(high), at("10:00").question()),
		now:        at("10:30"),
		first:      fromTen,
		resolution: "running pending high due 14:00 used 30m next breach 14:00",
	}, story{
		name:       "merged away before the start",
		log:        events(at("09:00").openedBy(helpdesk.ActorAgent, email, low), at("09:30").mergedInto(), at("10:00").question()),
		now:        at("10:30"),
		first:      "cancelled excluded",
		resolution: "cancelled excluded",
	})
}

// isA reports whether there is an error of a type in another.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// requireA requires that there is.
func requireA[E error](t *testing.T, err error, about ...any) {
	t.Helper()
	require.Truef(t, isA[E](err), "%v %v", err, about)
}
