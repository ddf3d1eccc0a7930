package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla"
)

// S10: events of one instant are taken by their kind, whatever their IDs and
// whichever arrived first.
func TestKindOrderS10(t *testing.T) {
	t.Parallel()
	now := at("13:00")
	half := nextReplies(30 * time.Minute)
	tests := []struct {
		name          string
		edit          edit
		before        []sla.Event
		first, second sla.Event // of one instant
		metric        sla.Metric
		want          string
	}{
		{
			name: "opened, notified", before: []sla.Event{at("10:05").confirmed()},
			first: at("10:00").opened(urgent), second: at("10:00").notified(chat), metric: sla.MetricFirstReply,
			want: "running breached urgent due 10:15 used 3h over 2h45m breach 10:15 elapsed urgent",
		},
		{
			name: "opened, status", first: at("10:00").opened(high), second: at("10:00").waiting(), metric: sla.MetricResolution,
			want: "paused pending high used 0",
		},
		{
			name: "opened, message", first: at("10:00").opened(high), second: at("10:00").reply(), metric: sla.MetricFirstReply,
			want: "stopped met high due 11:00 stop 10:00 used 0",
		},
		{
			name: "opened, merged into", first: at("10:00").opened(high), second: at("10:00").mergedInto(), metric: sla.MetricFirstReply,
			want: "cancelled excluded high due 11:00 used 0",
		},
		{
			name: "notified, confirmed", before: []sla.Event{at("10:00").opened(urgent)},
			first: at("12:50").notified(chat), second: at("12:50").confirmed(), metric: sla.MetricFirstReply,
			want: "running breached urgent anchor 12:50 due 13:05 used 10m breach 11:00 elapsed high",
		},
		{
			name: "changed, declined", before: []sla.Event{at("10:00").opened(low)},
			first: at("10:30").changed(urgent), second: at("10:30").declined(medium), metric: sla.MetricFirstReply,
			want: "running breached medium due 12:00 used 3h over 1h breach 12:00 elapsed medium",
		},
		{
			name: "changed, message: the level in force at the reply is the new one", before: []sla.Event{at("10:00").opened(low)},
			first: at("11:30").changed(high), second: at("11:30").reply(), metric: sla.MetricFirstReply,
			want: "stopped breached high due 11:00 stop 11:30 used 1h30m over 30m breach 11:30 retarget high due 11:00",
		},
		{
			name: "changed, mitigated: the new target decides", before: []sla.Event{at("10:00").opened(high)},
			first: at("12:00").changed(medium), second: at("12:00").mitigated(), metric: sla.MetricResolution,
			want: "stopped met medium due wed 10:00 stop 12:00 used 2h",
		},
		{
			name: "changed, resolved", before: []sla.Event{at("10:00").opened(high)},
			first: at("12:00").changed(medium), second: at("12:00").resolved(), metric: sla.MetricResolution,
			want: "stopped met medium due wed 10:00 stop 12:00 used 2h",
		},
		{
			name: "merged from, message", before: []sla.Event{at("10:00").opened(high)},
			first: at("10:30").merged(at("09:45")), second: at("10:30").reply(), metric: sla.MetricFirstReply,
			want: "stopped met high anchor 09:45 due 10:45 stop 10:30 used 45m",
		},
		{
			name: "released, held", before: []sla.Event{at("10:00").opened(high), at("11:00").held()},
			first: at("12:00").released(), second: at("12:00").held(), metric: sla.MetricResolution,
			want: "paused pending high used 1h",
		},
		{
			name: "message, undelivered", before: []sla.Event{at("10:00").opened(high)},
			first: named("m", at("10:30").reply()), second: at("10:30").undelivered("m"), metric: sla.MetricFirstReply,
			want: "running breached high due 11:00 used 3h over 2h breach 11:00 elapsed high",
		},
		{
			name: "message, resolved: it was answered", before: []sla.Event{at("10:00").opened(high)},
			first: at("10:30").reply(), second: at("10:30").resolved(), metric: sla.MetricFirstReply,
			want: "stopped met high due 11:00 stop 10:30 used 30m",
		},
		{
			name: "message, resolved: the question came first", edit: half,
			before: []sla.Event{at("10:00").opened(high), at("10:10").reply()},
			first:  at("10:30").question(), second: at("10:30").resolved(), metric: sla.MetricNextReply,
			want: "stopped met high start 10:30 due 11:00 stop 10:30 used 0",
		},
		{
			name: "message, reopened: the question came first", edit: half,
			before: []sla.Event{at("10:00").opened(high), at("10:10").reply(), at("10:20").resolved()},
			first:  at("12:50").question(), second: at("12:50").working(), metric: sla.MetricNextReply,
			want: "running pending high start 12:50 due 13:20 used 10m next breach 13:20",
		},
		{
			name:   "mitigated, resolved: the mitigation stopped it, and reopening resumes nothing",
			before: []sla.Event{at("10:00").opened(medium), at("12:30").working()},
			first:  at("12:00").mitigated(), second: at("12:00").resolved(), metric: sla.MetricResolution,
			want: "stopped met medium due wed 10:00 stop 12:00 used 2h",
		},
		{
			name: "resolved, merged into", before: []sla.Event{at("10:00").opened(high)},
			first: at("12:00").resolved(), second: at("12:00").mergedInto(), metric: sla.MetricResolution,
			want: "stopped met high due 14:00 stop 12:00 used 2h",
		},
		{
			name: "message, merged into", before: []sla.Event{at("10:00").opened(high)},
			first: at("10:30").reply(), second: at("10:30").mergedInto(), metric: sla.MetricFirstReply,
			want: "stopped met high due 11:00 stop 10:30 used 30m",
		},
		{
			name: "merged from, merged into", before: []sla.Event{at("10:00").opened(high)},
			first: at("10:30").merged(at("09:45")), second: at("10:30").mergedInto(), metric: sla.MetricFirstReply,
			want: "cancelled excluded high anchor 09:45 due 10:45 used 45m",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := policy(t, tt.edit)
			for _, ids := range [][2]string{{"a", "b"}, {"b", "a"}} {
				a, b := tt.first, tt.second
				if a.ID == "" {
					a.ID = ids[0]
				}
				if b.ID == "" {
					b.ID = ids[1]
				}
				for _, pair := range [][]sla.Event{{a, b}, {b, a}} {
					ev, err := p.Evaluate(append(events(tt.before...), pair...), now.Time)
					require.NoError(t, err)
					require.Equal(t, tt.want, sayClocks(&ev, tt.metric))
					require.Empty(t, sayOdd(&ev))
				}
			}
		})
	}
}

// S10: events of one instant and one kind are taken by their IDs.
func TestIDOrderS10(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "levels", log: events(at("10:00").opened(low), named("y", at("10:30").changed(medium)), named("x", at("10:30").changed(high))), now: at("11:30"),
		first: "running pending medium due 12:00 used 1h30m next breach 12:00",
	}, story{
		name: "levels, the other way", log: events(at("10:00").opened(low), named("x", at("10:30").changed(medium)), named("y", at("10:30").changed(high))), now: at("10:40"),
		first: "running pending high due 11:00 used 40m next breach 11:00",
	}, story{
		name: "a change and a correction share a place: changed, corrected",
		log:  events(at("10:00").opened(low), named("x", at("10:30").changed(high)), named("y", at("10:30").corrected(medium))), now: at("11:30"),
		first: "running pending medium due 12:00 used 1h30m next breach 12:00",
	}, story{
		name: "corrected, changed",
		log:  events(at("10:00").opened(low), named("y", at("10:30").changed(high)), named("x", at("10:30").corrected(medium))), now: at("10:40"),
		first: "running pending high due 11:00 used 40m next breach 11:00",
	}, story{
		name: "question, reply", edit: nextReplies(time.Hour),
		log: events(at("10:00").opened(low), at("10:10").reply(), named("x", at("10:30").question()), named("y", at("10:30").reply())), now: at("10:40"),
		next: "stopped met low start 10:30 due 11:30 stop 10:30 used 0",
	}, story{
		name: "reply, question", edit: nextReplies(time.Hour),
		log: events(at("10:00").opened(low), at("10:10").reply(), named("y", at("10:30").question()), named("x", at("10:30").reply())), now: at("10:40"),
		next: "running pending low start 10:30 due 11:30 used 10m next breach 11:30",
	}, story{
		name: "resolved, reopened", edit: reopen(sla.ReopenNewCycle),
		log: events(at("10:00").opened(high), named("x", at("11:00").resolved()), named("y", at("11:00").working())), now: at("11:30"),
		resolution: "stopped met high due 14:00 stop 11:00 used 1h; running pending high start 11:00 due 15:00 used 30m next breach 15:00",
	})
}
