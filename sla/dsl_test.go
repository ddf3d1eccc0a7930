package sla_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// The tests tell stories of a desk that is open from Monday to Friday, 09:00 to
// 17:00 UTC, in the week of Tuesday 3 March 2026. Most tickets are opened at
// 10:00 that day.

// A moment is an instant of that week.
type moment struct{ time.Time }

var (
	tuesday = time.Date(2026, time.March, 3, 0, 0, 0, 0, time.UTC)
	days    = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

// at reads a moment: "10:00" is on the Tuesday, "fri 16:30:01" in its week,
// "+mon 09:00" in the week after.
func at(s string) moment {
	day, clock := tuesday, s
	if name, rest, ok := strings.Cut(s, " "); ok {
		clock = rest
		week := strings.Count(name, "+")
		k := slices.Index(days, strings.TrimLeft(name, "+"))
		if k < 0 {
			panic("no such day: " + s)
		}
		day = day.AddDate(0, 0, k-1+7*week)
	}
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, clock); err == nil {
			return moment{day.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
				time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond()))}
		}
	}
	panic("no such moment: " + s)
}

func (m moment) plus(d time.Duration) moment { return moment{m.Add(d)} }

// say writes a moment as at reads it.
func say(t time.Time) string {
	midnight := t.Truncate(24 * time.Hour)
	k := int(midnight.Sub(tuesday)/(24*time.Hour)) + 1
	text := t.Format("15:04:05.999999999")
	text = strings.TrimSuffix(text, ":00")
	if k < 0 || k > 20 {
		return t.Format(time.RFC3339Nano)
	}
	if k == 1 {
		return text
	}
	return strings.Repeat("+", k/7) + days[k%7] + " " + text
}

// sayFor writes a duration without the parts that are zero.
func sayFor(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// The events. Those that are not named are e1, e2, … in the order of the story.

func events(es ...sla.Event) []sla.Event {
	for i := range es {
		if es[i].ID == "" {
			es[i].ID = fmt.Sprintf("e%d", i+1)
		}
	}
	return es
}

func named(id string, e sla.Event) sla.Event {
	e.ID = id
	return e
}

// recorded says when the system learned of an event.
func recorded(m moment, e sla.Event) sla.Event {
	e.RecordedAt = m.Time
	return e
}

func (m moment) event(k sla.Kind) sla.Event { return sla.Event{Kind: k, At: m.Time} }

// opened is an opening by the customer, by email.
func (m moment) opened(l severity.Level) sla.Event {
	return m.openedBy(helpdesk.ActorCustomer, helpdesk.ChannelEmail, l)
}

// chat is an opening by the customer, in live chat.
func (m moment) chat(l severity.Level) sla.Event {
	return m.openedBy(helpdesk.ActorCustomer, helpdesk.ChannelLiveChat, l)
}

func (m moment) openedBy(a helpdesk.Actor, c helpdesk.Channel, l severity.Level) sla.Event {
	e := m.event(sla.KindOpened)
	e.By, e.Channel, e.Severity = a, c, l
	return e
}

func (m moment) message(by helpdesk.Actor, public, auto bool) sla.Event {
	e := m.event(sla.KindMessage)
	e.By, e.Public, e.Auto = by, public, auto
	return e
}

func (m moment) reply() sla.Event    { return m.message(helpdesk.ActorAgent, true, false) }
func (m moment) note() sla.Event     { return m.message(helpdesk.ActorAgent, false, false) }
func (m moment) question() sla.Event { return m.message(helpdesk.ActorCustomer, true, false) }

// ai is an answer by the AI.
func ai(m moment) sla.Event { return m.message(helpdesk.ActorAI, true, false) }

func (m moment) undelivered(id string) sla.Event {
	e := m.event(sla.KindUndelivered)
	e.Message = id
	return e
}

func (m moment) notified(c helpdesk.Channel) sla.Event {
	e := m.event(sla.KindNotified)
	e.Channel = c
	return e
}

func (m moment) level(k sla.Kind, l severity.Level) sla.Event {
	e := m.event(k)
	e.Severity, e.Reason = l, "triage"
	if k != sla.KindSeverityCorrected {
		e.Reason = ""
	}
	return e
}

func (m moment) changed(l severity.Level) sla.Event   { return m.level(sla.KindSeverityChanged, l) }
func (m moment) corrected(l severity.Level) sla.Event { return m.level(sla.KindSeverityCorrected, l) }

func (m moment) declined(l severity.Level) sla.Event { return m.level(sla.KindSeverityDeclined, l) }
func (m moment) confirmed() sla.Event                { return m.event(sla.KindSeverityConfirmed) }
func (m moment) mitigated() sla.Event                { return m.event(sla.KindMitigated) }
func (m moment) released() sla.Event                 { return m.event(sla.KindResumed) }

func (m moment) held() sla.Event {
	e := m.event(sla.KindPaused)
	e.Reason = "supplier"
	return e
}

func (m moment) status(s sla.Status) sla.Event {
	e := m.event(sla.KindStatus)
	e.Status = s
	return e
}

func (m moment) working() sla.Event  { return m.status(sla.StatusInProgress) }
func (m moment) waiting() sla.Event  { return m.status(sla.StatusWaitingOnCustomer) }
func (m moment) resolved() sla.Event { return m.status(sla.StatusResolved) }

// merged is a merger of another ticket of the same requester, which was not
// answered.
func (m moment) merged(start moment) sla.Event {
	e := m.event(sla.KindMergedFrom)
	e.SameRequester, e.Other.Start = true, start.Time
	return e
}

// mergedAnswered is a merger of another ticket of the same requester.
func (m moment) mergedAnswered(start, reply moment) sla.Event {
	e := m.merged(start)
	e.Other.FirstReplyAt = reply.Time
	return e
}

func (m moment) mergedInto() sla.Event {
	e := m.event(sla.KindMergedInto)
	e.Into = "T-2"
	return e
}

// The policy of the stories.

const (
	low    = severity.Low
	medium = severity.Medium
	high   = severity.High
	urgent = severity.Urgent

	chat  = helpdesk.ChannelLiveChat
	email = helpdesk.ChannelEmail
)

var weekdays = hours.Week{
	"mon": {"09:00-17:00"}, "tue": {"09:00-17:00"}, "wed": {"09:00-17:00"},
	"thu": {"09:00-17:00"}, "fri": {"09:00-17:00"},
}

// desk is a configuration with targets that are easy to reckon with, no warnings
// and no targets for next replies.
func desk() sla.Config {
	business := func(d time.Duration) sla.Target { return sla.Target{Within: d} }
	none := sla.Target{None: true}
	return sla.Config{
		Name: "desk", Version: 1,
		Schedule: hours.Member{Config: &hours.Config{Name: "nine to five", Zone: "UTC", Hours: weekdays}},
		Gate:     &sla.Gate{Level: urgent, Channels: []helpdesk.Channel{chat}, UntilConfirmed: high},
		Pause:    map[sla.Metric][]sla.Status{sla.MetricResolution: {sla.StatusWaitingOnCustomer}},
		Pausable: []sla.Metric{sla.MetricResolution},
		Targets: map[severity.Level]map[sla.Metric]sla.Target{
			urgent: {
				sla.MetricFirstReply: {Within: 15 * time.Minute, Clock: sla.BaseCalendar, From: sla.AnchorNotified},
				sla.MetricNextReply:  none,
				sla.MetricResolution: {
					Within: 4 * time.Hour, Clock: sla.BaseCalendar, From: sla.AnchorNotified,
					StopOn: []sla.Stop{sla.StopOnResolved, sla.StopOnMitigated},
				},
			},
			high: {
				sla.MetricFirstReply: business(time.Hour),
				sla.MetricNextReply:  none,
				sla.MetricResolution: business(4 * time.Hour),
			},
			medium: {
				sla.MetricFirstReply: business(2 * time.Hour),
				sla.MetricNextReply:  none,
				sla.MetricResolution: {Within: 8 * time.Hour, StopOn: []sla.Stop{sla.StopOnResolved, sla.StopOnMitigated}},
			},
			low: {
				sla.MetricFirstReply: business(3 * time.Hour),
				sla.MetricNextReply:  none,
				sla.MetricResolution: {BestEffort: true},
			},
		},
	}
}

// An edit changes a configuration.
type edit = func(*sla.Config)

// edits makes one edit of several.
func edits(es ...edit) edit {
	return func(c *sla.Config) {
		for _, e := range es {
			e(c)
		}
	}
}

func warnAt(percents ...int) edit { return func(c *sla.Config) { c.WarnAt = percents } }

func retarget(r sla.Retarget) edit { return func(c *sla.Config) { c.Retarget = r } }

func reopen(r sla.Reopen) edit { return func(c *sla.Config) { c.Reopen = r } }

// target replaces the target of one cell.
func target(l severity.Level, m sla.Metric, t sla.Target) edit {
	return func(c *sla.Config) { c.Targets[l][m] = t }
}

// nextReplies gives every level a target for next replies.
func nextReplies(d time.Duration) edit {
	return func(c *sla.Config) {
		for l := range severity.All() {
			c.Targets[l][sla.MetricNextReply] = sla.Target{Within: d}
		}
	}
}

func policy(t require.TestingT, edit edit) *sla.Policy {
	c := desk()
	if edit != nil {
		edit(&c)
	}
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	return p
}

// A story is a log, and what a policy says of it.
type story struct {
	name string
	edit edit // of the desk's policy
	log  []sla.Event
	now  moment

	// The clocks of each metric, as sayClock writes them, cycles parted by
	// "; ". Empty is not looked at, "-" is none.
	first, next, resolution string

	odd    string // anomalies: "skew e2, early e3"
	voided string // "resolution 14:00 high"
}

// tell checks stories, each in a subtest.
func tell(t *testing.T, stories ...story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			p, log := policy(t, s.edit), events(s.log...)
			ev, err := p.Evaluate(log, s.now.Time)
			require.NoError(t, err)
			slices.Reverse(log)
			backwards, err := p.Evaluate(log, s.now.Time)
			require.NoError(t, err)
			require.Equal(t, ev, backwards, "S10: the order of arrival does not matter")
			for _, c := range ev.Clocks {
				checkClock(t, c)
			}
			if s.first != "" {
				require.Equal(t, s.first, sayClocks(&ev, sla.MetricFirstReply), "first reply")
			}
			if s.next != "" {
				require.Equal(t, s.next, sayClocks(&ev, sla.MetricNextReply), "next reply")
			}
			if s.resolution != "" {
				require.Equal(t, s.resolution, sayClocks(&ev, sla.MetricResolution), "resolution")
			}
			require.Equal(t, s.odd, sayOdd(&ev), "anomalies")
			require.Equal(t, s.voided, sayVoided(&ev), "voided")
		})
	}
}

// checkClock checks what holds of every clock.
func checkClock(t require.TestingT, c sla.Clock) {
	if c.Target > 0 && c.State != sla.StateNotStarted {
		require.Equal(t, max(0, c.Target-c.Elapsed), c.Remaining, "remaining")
		require.Equal(t, max(0, c.Elapsed-c.Target), c.Overdue, "overdue")
	} else {
		require.Zero(t, c.Remaining)
		require.Zero(t, c.Overdue)
	}
	require.GreaterOrEqual(t, c.Elapsed, time.Duration(0))
	require.Equal(t, len(c.Breaches) > 0, c.Verdict == sla.VerdictBreached, "S17, S22")
}

func sayClocks(ev *sla.Evaluation, m sla.Metric) string {
	var all []string
	for _, c := range ev.Clocks {
		if c.Metric == m {
			text := sayClock(c)
			if c.Cycle != len(all)+1 {
				text = fmt.Sprintf("#%d %s", c.Cycle, text)
			}
			all = append(all, text)
		}
	}
	if len(all) == 0 {
		return "-"
	}
	return strings.Join(all, "; ")
}

// sayClock writes a clock in one line. What does not apply is left out, and so
// is a start at 10:00.
func sayClock(c sla.Clock) string {
	words := []string{string(c.State), string(c.Verdict)}
	add := func(name string, t time.Time) {
		if !t.IsZero() {
			words = append(words, name, say(t))
		}
	}
	if c.State == sla.StateNotStarted || c.Start.IsZero() {
		return strings.Join(words, " ")
	}
	words = append(words, c.Severity.String())
	if !c.Start.Equal(at("10:00").Time) {
		add("start", c.Start)
	}
	add("anchor", c.Anchor)
	add("due", c.Due)
	add("stop", c.Stop)
	words = append(words, "used", sayFor(c.Elapsed))
	if c.Overdue > 0 {
		words = append(words, "over", sayFor(c.Overdue))
	}
	for _, b := range c.Breaches {
		words = append(words, "breach", say(b.At), string(b.Cause), b.Severity.String())
		if !b.Due.Equal(b.At) {
			add("due", b.Due)
		}
	}
	if !c.Next.IsZero() {
		words = append(words, "next", c.Next.What(), say(c.Next.At))
	}
	return strings.Join(words, " ")
}

func sayOdd(ev *sla.Evaluation) string {
	var all []string
	for _, a := range ev.Anomalies {
		all = append(all, a.Code+" "+a.Event)
	}
	return strings.Join(all, ", ")
}

func sayVoided(ev *sla.Evaluation) string {
	var all []string
	for _, v := range ev.Voided {
		text := fmt.Sprintf("%v %s %v", v.Metric, say(v.At), v.Severity)
		if !v.Due.Equal(v.At) {
			text += " due " + say(v.Due)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
