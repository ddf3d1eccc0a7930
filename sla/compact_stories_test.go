package sla_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// compact compacts a log at an instant.
func compact(t require.TestingT, p *sla.Policy, now moment, log ...sla.Event) (sla.Compacted, []sla.Clock) {
	c, finished, err := p.Compact(sla.Compacted{}, log, now.Time)
	require.NoError(t, err)
	return c, finished
}

func ids(log []sla.Event) []string {
	var all []string
	for _, e := range log {
		all = append(all, e.ID)
	}
	return all
}

// What is kept of a log, and what is left out.
func TestCompactKeeps(t *testing.T) {
	t.Parallel()
	team := at("10:00").openedBy(helpdesk.ActorAgent, email, high)
	for _, tt := range []struct {
		name string
		edit edit
		now  string
		log  []sla.Event
		kept []string
	}{
		{
			name: "the first reply, and no other message", now: "12:00",
			log:  events(at("10:00").opened(high), ai(at("10:01")), at("10:05").note(), at("10:10").reply(), at("10:20").question(), at("10:30").reply()),
			kept: []string{"e1", "e4"},
		},
		{
			name: "what happened at this very instant", now: "10:30",
			log:  events(at("10:00").opened(high), ai(at("10:01")), at("10:10").reply(), at("10:30").reply(), at("10:30").note()),
			kept: []string{"e1", "e3", "e4", "e5"},
		},
		{
			name: "what lies ahead", now: "10:30",
			log:  events(at("10:00").opened(high), ai(at("10:01")), at("10:10").reply(), at("10:31").question(), at("10:32").reply()),
			kept: []string{"e1", "e3", "e4", "e5"},
		},
		{
			name: "everything, if a bounce lies ahead", now: "10:30",
			log:  events(at("10:00").opened(high), ai(at("10:01")), at("10:10").reply(), at("10:11").reply(), at("10:31").undelivered("e3")),
			kept: []string{"e1", "e2", "e3", "e4", "e5"},
		},
		{
			name: "what is stamped ahead but counts before", now: "10:30",
			log:  events(at("10:00").opened(high), ai(at("10:01")), at("10:10").reply(), recorded(at("10:20"), at("10:40").reply())),
			kept: []string{"e1", "e3", "e4"},
		},
		{
			name: "the customer's first message, where clocks start at it", now: "12:00",
			log:  events(team, at("10:05").note(), at("10:10").question(), at("10:20").question(), at("10:30").reply(), at("10:40").question()),
			kept: []string{"e1", "e3", "e5"},
		},
		{
			name: "replies that a first contact may still make the first, up to the skew", now: "10:07",
			log:  events(team, at("10:01").reply(), at("10:05").plus(-nano).reply(), at("10:05").reply(), at("10:06").note()),
			kept: []string{"e1", "e4"},
		},
		{
			name: "the next delivered reply, if the first was not", now: "12:00",
			log:  events(at("10:00").opened(high), at("10:10").reply(), at("10:20").undelivered("e2"), at("10:30").reply(), at("10:40").reply()),
			kept: []string{"e1", "e4"},
		},
		{
			name: "a message that bounces at this very instant", now: "10:40",
			log:  events(at("10:00").opened(high), ai(at("10:05")), at("10:10").reply(), at("10:20").reply(), at("10:40").undelivered("e4")),
			kept: []string{"e1", "e3", "e4", "e5"},
		},
		{
			name: "a bounce that came before its message", now: "12:00",
			log:  events(at("10:00").opened(high), ai(at("10:05")), at("10:10").undelivered("e9")),
			kept: []string{"e1", "e3"},
		},
		{
			name: "replies that bounced, and their bounces, if a level was corrected meanwhile", now: "12:00",
			log: events(
				at("10:00").opened(high), ai(at("10:05")), at("10:10").reply(), at("10:20").undelivered("e3"), at("10:25").corrected(low),
				at("10:30").reply(), at("10:40").reply(), at("10:50").undelivered("e7"),
			),
			kept: []string{"e1", "e3", "e4", "e5", "e6"},
		},
		{
			name: "levels, notifications, mergers, changes of status and holds", now: "18:00",
			log: events(
				at("10:00").opened(high), at("10:01").notified(chat), at("10:02").changed(urgent), at("10:03").confirmed(), at("10:04").corrected(low),
				at("10:05").declined(medium), at("10:06").merged(at("09:00")), at("10:07").held(), at("10:08").released(), at("10:09").mitigated(),
				at("10:10").working(), at("10:11").waiting(), at("10:12").resolved(), at("10:13").mergedInto(), ai(at("10:14")),
			),
			kept: []string{"e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e9", "e10", "e11", "e12", "e13", "e14"},
		},
		{
			name: "no level, no status and no hold that changed nothing", now: "18:00",
			log: events(
				at("10:00").opened(high), at("10:01").status(sla.StatusSubmitted), at("10:02").working(), at("10:03").working(), at("10:04").released(),
				at("10:05").held(), at("10:06").held(), at("10:07").released(), at("10:08").released(), at("10:09").resolved(), at("10:10").resolved(),
				at("10:11").changed(high), at("10:12").changed(low), at("10:13").changed(low), at("10:14").corrected(medium), at("10:15").changed(medium),
				at("10:16").changed(low),
			),
			kept: []string{"e1", "e3", "e6", "e8", "e10", "e13", "e15", "e17"},
		},
		{
			name: "the oldest message that waits for an answer, where next replies are promised", edit: nextReplies(time.Hour), now: "12:00",
			log: events(
				at("10:00").opened(high), at("10:10").reply(), at("10:20").question(), at("10:25").question(), at("10:30").reply(),
				at("10:40").question(), at("10:50").question(),
			),
			kept: []string{"e1", "e2", "e6"},
		},
		{
			name: "the oldest message that waits while the ticket is resolved", edit: nextReplies(time.Hour), now: "12:00",
			log:  events(at("10:00").opened(high), at("10:10").reply(), at("10:20").resolved(), at("10:40").question(), at("10:50").question()),
			kept: []string{"e1", "e2", "e3", "e4"},
		},
		{
			name: "all messages, if the level is corrected at this instant: it may be another level's", edit: nextReplies(time.Hour), now: "12:00",
			log: events(
				at("10:00").opened(high), at("10:10").reply(), at("10:20").question(), at("10:30").reply(), at("12:00").corrected(low),
			),
			kept: []string{"e1", "e2", "e3", "e4", "e5"},
		},
		{
			name: "nothing is left out before the opening counts", now: "09:30",
			log:  events(at("10:00").opened(high), ai(at("09:01"))),
			kept: []string{"e1", "e2"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := policy(t, tt.edit)
			c, _ := compact(t, p, at(tt.now), tt.log...)
			require.Equal(t, tt.kept, ids(c.Events))
			require.Equal(t, len(tt.log)-len(tt.kept), c.Dropped)
			again, finished, err := p.Compact(c, nil, at(tt.now).Time)
			require.NoError(t, err)
			require.Empty(t, finished)
			require.Equal(t, c, again, "there is nothing more to leave out")
			reversed := slices.Clone(tt.log)
			slices.Reverse(reversed)
			c2, _ := compact(t, p, at(tt.now), reversed...)
			require.Equal(t, c.Dropped, c2.Dropped)
			require.ElementsMatch(t, c.Events, c2.Events, "in whichever order they came")
		})
	}
}

// Finished cycles of the next reply are handed out once, numbered on (S14).
func TestCompactFinishedS14(t *testing.T) {
	t.Parallel()
	p := policy(t, nextReplies(time.Hour))
	log := events(
		at("10:00").opened(high), at("10:10").reply(), at("10:20").question(), at("11:30").reply(), // e4: late
		at("11:40").question(), at("11:50").resolved(), at("12:00").working(), at("12:10").question(),
	)
	c, finished, err := p.Compact(sla.Compacted{}, log[:5], at("11:45").Time)
	require.NoError(t, err)
	require.Len(t, finished, 1)
	require.Equal(t, 1, finished[0].Cycle)
	require.Equal(t, sla.VerdictBreached, finished[0].Verdict)
	require.Equal(t, 1, c.Finished)
	require.Equal(t, at("11:30").Time, c.FinishedAt)
	require.Equal(t, p.Digest(), c.Policy)
	require.Equal(t, at("11:45").Time, c.Through)

	ev, err := p.EvaluateCompacted(c, log[5:], at("12:30").Time)
	require.NoError(t, err)
	clock, _ := ev.Clock(sla.MetricNextReply)
	require.Equal(t, 3, clock.Cycle)
	require.Equal(t, at("12:10").Time, clock.Start)

	c, finished, err = p.Compact(c, log[5:], at("12:30").Time)
	require.NoError(t, err)
	require.Len(t, finished, 1)
	require.Equal(t, 2, finished[0].Cycle)
	require.Equal(t, 2, c.Finished)
	require.Equal(t, []string{"e1", "e2", "e6", "e7", "e8"}, ids(c.Events))
	roundTrip(t, c)
}

// When the whole log is needed, and both sides of when.
func TestCompactNeedsTheWholeLog(t *testing.T) {
	t.Parallel()
	holidays := func(date string) *sla.Policy {
		c := desk()
		nextReplies(time.Hour)(&c)
		c.Schedule.Config.Holidays = []string{"ours"}
		day, err := time.Parse(time.DateOnly, date)
		require.NoError(t, err)
		p, err := sla.New(c, &hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) {
			return []hours.Holiday{{Name: "day off", Observed: func(year int) time.Time { return day.AddDate(year-day.Year(), 0, 0) }}}, nil
		}})
		require.NoError(t, err)
		return p
	}
	p := holidays("2026-03-03")
	log := events(
		at("10:00").opened(high), at("10:10").reply(), at("10:20").question(), at("10:30").reply(), at("10:35").changed(low), at("10:40").question(),
	)
	c, _ := compact(t, p, at("11:00"), log...)
	require.Equal(t, []string{"e1", "e2", "e5", "e6"}, ids(c.Events))
	other := policy(t, edits(nextReplies(time.Hour), warnAt(50), func(c *sla.Config) { c.Schedule.Config.Holidays = nil }))
	later := at("12:00")
	for _, tt := range []struct {
		name string
		p    *sla.Policy
		now  moment
		tail sla.Event
		want string
	}{
		{"later", p, later, named("x", at("11:00").reply()), ""},
		{"late", p, later, named("x", at("11:00").plus(-nano).reply()), "late"},
		{"recorded before", p, later, named("x", recorded(at("10:59"), at("11:30").reply())), "late"},
		{"recorded a little before", p, later, named("x", recorded(at("10:59"), at("11:01").reply())), ""},
		{"the first reply bounces", p, later, named("x", at("11:30").undelivered("e2")), "bounce"},
		{"a message that was left out bounces", p, later, named("x", at("11:30").undelivered("e4")), "bounce"},
		{"a message that nobody knows bounces", p, later, named("x", at("11:30").undelivered("e99")), "bounce"},
		{"the customer's own message bounces", p, later, named("x", at("11:30").undelivered("e6")), ""},
		{"a correction of a level since the last answer", p, later, named("x", at("11:30").corrected(medium)), ""},
		{"another policy", other, later, named("x", at("11:30").reply()), "policy"},
		{"other holidays under the same name", holidays("2026-03-04"), later, named("x", at("11:30").reply()), "data"},
		{"the same holidays", holidays("2026-03-03"), later, named("x", at("11:30").reply()), ""},
		{"an unknown kind", p, later, sla.Event{ID: "x", Kind: 99, At: at("11:30").Time}, "kind"},
		{"now", p, at("11:00"), named("x", at("11:00").reply()), ""},
		{"an instant of the past", p, at("11:00").plus(-nano), named("x", at("11:00").reply()), "past"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.p.EvaluateCompacted(c, []sla.Event{tt.tail}, tt.now.Time)
			_, _, compacting := tt.p.Compact(c, []sla.Event{tt.tail}, tt.now.Time)
			require.Equal(t, err, compacting)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, helpdesk.ErrConflict)
			e, ok := errors.AsType[*sla.WholeLogError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, tt.want, e.Reason)
			if e.Event != "" {
				require.Equal(t, "x", e.Event)
			}
			require.Contains(t, err.Error(), tt.want)
		})
	}

	// A reply of the very instant at which the log was compacted is not settled. One
	// that counts before it is, whatever it says.
	for _, tt := range []struct {
		reply sla.Event
		want  bool
	}{
		{named("e3", at("11:00").reply()), false},
		{named("e3", at("11:00").plus(-nano).reply()), true},
		{named("e3", recorded(at("10:20"), at("11:10").reply())), true},
		{named("e3", recorded(at("11:10"), at("11:10").reply())), false},
	} {
		c, _ := compact(t, p, at("11:00"), log[0], named("e2", ai(at("10:01"))), tt.reply, named("e4", at("11:00").note()))
		require.Equal(t, 1, c.Dropped)
		_, err := p.EvaluateCompacted(c, []sla.Event{named("x", at("11:30").undelivered("e3"))}, later.Time)
		_, slow := errors.AsType[*sla.WholeLogError](err)
		require.Equal(t, tt.want, slow, "%v: %v", tt.reply.At, err)
	}

	// The level of the opening counts for what was said before it.
	early := at("10:40").opened(high)
	early.ContactAt = at("10:00").Time
	before, _ := compact(t, p, at("11:00"), named("e1", early), log[1], log[2], log[3])
	require.Equal(t, 1, before.Finished)
	_, err := p.EvaluateCompacted(before, []sla.Event{named("x", at("11:30").corrected(medium))}, later.Time)
	e, ok := errors.AsType[*sla.WholeLogError](err)
	require.True(t, ok && e.Reason == "correction", "%v", err)

	// A correction that reaches back to a cycle that was left out.
	at1030 := at("10:30")
	for set, want := range map[moment]bool{at1030: true, at1030.plus(-nano): true, at1030.plus(nano): false} {
		log := append(log[:4:4], named("e5", set.changed(low)), log[5])
		reached, _ := compact(t, p, at("11:00"), log...)
		_, err := p.EvaluateCompacted(reached, []sla.Event{named("x", at("11:30").corrected(medium))}, later.Time)
		e, ok := errors.AsType[*sla.WholeLogError](err)
		require.Equal(t, want, ok, "%v", err)
		if ok {
			require.Equal(t, "correction", e.Reason)
		}
	}

	// While nothing was left out, nothing needs more.
	whole, _ := compact(t, p, at("11:00"), log[0], log[1])
	require.Equal(t, sla.Compacted{Events: log[:2:2]}, whole)
	for _, e := range []sla.Event{at("10:05").reply(), at("11:30").undelivered("e2"), at("10:40").corrected(low)} {
		_, err := other.EvaluateCompacted(whole, []sla.Event{named("x", e)}, at("10:30").Time)
		require.NoError(t, err)
	}
	_, err = p.EvaluateCompacted(sla.Compacted{}, nil, later.Time)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, _, err = p.Compact(whole, nil, time.Time{})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// A fault of the tail is a fault of the log, and what cannot be evaluated cannot be
// compacted.
func TestCompactFaults(t *testing.T) {
	t.Parallel()
	p := policy(t, nil)
	c, _ := compact(t, p, at("11:00"), events(at("10:00").opened(high), ai(at("10:01")), at("10:02").reply())...)
	require.Equal(t, 1, c.Dropped)
	never := policy(t, target(low, sla.MetricFirstReply, sla.Target{Within: time.Hour, Schedule: hours.Member{Config: &hours.Config{Zone: "UTC"}}}))
	opened := named("e1", at("10:00").opened(low))
	for _, tt := range []struct {
		p    *sla.Policy
		c    sla.Compacted
		tail []sla.Event
		want error
	}{
		{p, c, []sla.Event{at("11:30").reply()}, helpdesk.ErrInvalid},
		{p, c, []sla.Event{named("x", at("11:30").reply()), named("x", at("11:31").reply())}, helpdesk.ErrInvalid},
		{p, c, []sla.Event{named("x", at("11:30").opened(low))}, helpdesk.ErrInvalid},
		{never, sla.Compacted{}, []sla.Event{opened}, helpdesk.ErrInvalid},
	} {
		_, _, err := tt.p.Compact(tt.c, tt.tail, at("12:00").Time)
		require.ErrorIs(t, err, tt.want)
		_, err = tt.p.EvaluateCompacted(tt.c, tt.tail, at("12:00").Time)
		require.ErrorIs(t, err, tt.want)
	}
	_, err := never.EvaluateCompacted(sla.Compacted{}, []sla.Event{opened, named("x", at("11:30").corrected(high))}, at("12:00").Time)
	require.ErrorIs(t, err, helpdesk.ErrInvalid, "what stood before the correction is asked, too")
}

// A ticket with thousands of messages keeps a dozen events, and its head stays small.
func TestCompactStaysSmall(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*sla.Policy{"standard": sla.Standard(), "next replies": policy(t, nextReplies(time.Hour))} {
		var c sla.Compacted
		m := at("09:00")
		cycles, first := []sla.Clock{}, named("a", m.opened(severity.Medium))
		for i := range 3000 {
			m = m.plus(time.Minute)
			e := m.question()
			if i%2 == 1 {
				e = m.reply()
			}
			tail := []sla.Event{named(fmt.Sprintf("e%d", i), e)}
			if i == 0 {
				tail = append(tail, first)
			}
			after, finished, err := p.Compact(c, tail, m.Time)
			require.NoError(t, err)
			c, cycles = after, append(cycles, finished...)
		}
		require.Less(t, len(c.Events), 5, name)
		require.Equal(t, 3001, len(c.Events)+c.Dropped)
		text, err := json.Marshal(c)
		require.NoError(t, err)
		require.Less(t, len(text), 1000, "%s", text)
		if name == "standard" {
			require.Empty(t, cycles)
			continue
		}
		require.Len(t, cycles, 1498) // the first message and the last cycle are none
		for i, x := range cycles {
			require.Equal(t, i+1, x.Cycle)
		}
	}
}
