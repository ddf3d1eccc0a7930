package ticket_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// served says by the whole log when the clocks of a ticket started (S11), and when the
// customer got the first reply (S12).
func served(s ticket.Snapshot, log []sla.Event) (start, reply time.Time) {
	if s.OnBehalf {
		if start = s.CreatedAt; !s.ContactAt.IsZero() {
			start = s.ContactAt
		}
	}
	lost := map[string]bool{}
	for _, ev := range log {
		lost[ev.Message] = lost[ev.Message] || ev.Kind == sla.KindUndelivered
		if !s.OnBehalf && ev.Kind == sla.KindMessage && ev.By == customer && !ev.Auto && (start.IsZero() || ev.At.Before(start)) {
			start = ev.At
		}
	}
	if !start.IsZero() && !s.OnBehalf && start.Before(s.CreatedAt) {
		start = s.CreatedAt
	}
	for _, ev := range log {
		if ev.Kind == sla.KindMessage && ev.By.IsPerson() && ev.Public && !lost[ev.ID] && !start.IsZero() && !ev.At.Before(start) &&
			(reply.IsZero() || ev.At.Before(reply)) {
			reply = ev.At
		}
	}
	return start, reply
}

// A life is one ticket twice: once with its whole log, and once with a log that is
// compacted, whose messages the host keeps.
type life struct {
	whole, lean ticket.Ticket
	policy      *sla.Policy // of lean; nil for none
	log         []sla.Event // from the events
	sent        map[string]*sentMessage
	names       []string // of the messages
	slow        map[string]int
	largest     int // bytes of lean in JSON
}

type sentMessage struct {
	event sla.Event
	lost  bool
}

// born returns a life that has begun.
func born(policy *sla.Policy, l *ticket.Lifecycle, s helpdesk.Command, p ticket.Params) (*life, error) {
	t, events, err := ticket.New(l, s, p)
	if err != nil {
		return nil, err
	}
	x := &life{whole: t, lean: t, policy: policy, sent: map[string]*sentMessage{}, slow: map[string]int{}}
	x.hear(events)
	return x, nil
}

// hear keeps what a host keeps of the events.
func (x *life) hear(events []ticket.Event) {
	for _, ev := range events {
		if ev.Ticket != x.whole.ID() {
			continue
		}
		x.log = append(x.log, ev.Log...)
		for _, e := range ev.Log {
			switch e.Kind {
			case sla.KindMessage:
				if x.sent[ev.Message] == nil {
					x.names = append(x.names, ev.Message)
				}
				x.sent[ev.Message] = &sentMessage{event: sla.Event{ID: e.ID, By: e.By, Public: e.Public, Auto: e.Auto}}
			case sla.KindUndelivered:
				x.sent[ev.Message].lost = true
			default: // says nothing of messages
			}
		}
	}
}

type act1 = func(ticket.Ticket) (ticket.Ticket, []ticket.Event, error)

// do gives a command to both, and compares what they answer.
func (x *life) do(command act1) error {
	whole, events, err := command(x.whole)
	lean, got, errLean := command(x.lean)
	if (err == nil) != (errLean == nil) || err != nil && err.Error() != errLean.Error() {
		return fmt.Errorf("the whole ticket answers %w, the compacted one %w", err, errLean)
	}
	if err != nil {
		return nil //nolint:nilerr // both refuse
	}
	if !reflect.DeepEqual(events, got) {
		return fmt.Errorf("the whole ticket has the events %+v, the compacted one %+v", events, got)
	}
	x.whole, x.lean = whole, lean
	x.hear(events)
	return nil
}

// compact compacts the compacted one, as a host does, and compares the tickets.
func (x *life) compact() error {
	now := x.lean.UpdatedAt()
	lean, _, err := x.lean.Compact(x.policy, now)
	if e, ok := errors.AsType[*sla.WholeLogError](err); ok {
		x.slow[e.Reason]++
		lean, _, err = x.lean.WithLog(x.log).Compact(x.policy, now)
	}
	if err != nil {
		return err
	}
	text, err := json.Marshal(lean)
	if err != nil {
		return err
	}
	x.largest = max(x.largest, len(text))
	var back ticket.Ticket
	if err := json.Unmarshal(text, &back); err != nil {
		return err
	}
	if !reflect.DeepEqual(back.Snapshot(), lean.Snapshot()) {
		return fmt.Errorf("stored as %s", text)
	}
	x.lean = back
	return x.compare(now)
}

func (x *life) compare(now time.Time) error {
	whole, lean := x.whole.Snapshot(), x.lean.Snapshot()
	if !reflect.DeepEqual(x.log, whole.Log.Events) {
		return fmt.Errorf("the log is %v, that of the events %v", whole.Log.Events, x.log)
	}
	start, reply := served(whole, x.log)
	for _, l := range []ticket.Log{whole.Log, lean.Log} {
		if l.Unsure || !l.Begun.Equal(start) || !l.RepliedAt.Equal(reply) || (l.Replied == "") != reply.IsZero() {
			return fmt.Errorf("begun at %v and replied at %v, the ticket has %+v", start, reply, l)
		}
	}
	if !slices.Equal(whole.Log.Notified, lean.Log.Notified) || len(lean.Log.Notified) > 16 {
		return fmt.Errorf("notified on %v and %v", whole.Log.Notified, lean.Log.Notified)
	}
	if x.policy != nil {
		want, err := x.whole.Evaluate(x.policy, now.Add(time.Hour))
		got, errLean := x.lean.Evaluate(x.policy, now.Add(time.Hour))
		if err := errors.Join(err, errLean); err != nil {
			return err
		}
		if !reflect.DeepEqual(want.Clocks, got.Clocks) {
			return fmt.Errorf("clocks are %+v, those of the compacted log %+v", want.Clocks, got.Clocks)
		}
	}
	whole.Log, lean.Log = ticket.Log{}, ticket.Log{}
	if !reflect.DeepEqual(whole, lean) {
		return fmt.Errorf("the whole ticket is %+v, the compacted one %+v", whole, lean)
	}
	return nil
}

// step draws a command for a life; name makes the names as long as is wanted.
func (x *life) step(t *rapid.T, n int, now time.Time, name func(string) string) error {
	s := func(by helpdesk.Actor) helpdesk.Command {
		c := helpdesk.Command{ID: name(fmt.Sprintf("c%d", n)), At: now, Author: helpdesk.Author{By: by, Who: name("w")}}
		if by == customer {
			c.Who = x.whole.Requester()
		}
		return c
	}
	channels := []helpdesk.Channel{"", helpdesk.ChannelEmail, helpdesk.ChannelLiveChat, helpdesk.ChannelPhone, helpdesk.ChannelSMS}
	for i := range 20 {
		channels = append(channels, helpdesk.Channel(fmt.Sprintf("own_%d", i)))
	}
	m := ticket.Message{ID: name(fmt.Sprintf("m%d", n)), Channel: rapid.SampledFrom(channels).Draw(t, "channel")}
	if rapid.IntRange(0, 3).Draw(t, "backdated") == 0 {
		m.HappenedAt = now.Add(-time.Duration(rapid.IntRange(-1, 120).Draw(t, "by")) * time.Minute)
	}
	level := severity.Level(rapid.IntRange(1, 4).Draw(t, "level"))
	var of act1
	switch what := rapid.IntRange(0, 19).Draw(t, "what"); what {
	case 0, 1, 2:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			return t.AddCustomerMessage(s(customer), m)
		}
	case 3, 4:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) { return t.Reply(s(agent), m) }
	case 5:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) { return t.AskCustomer(s(agent), m) }
	case 6:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) { return t.RecordAutoReply(s(customer), m) }
	case 7, 8, 9:
		if len(x.names) == 0 {
			return nil
		}
		message := rapid.SampledFrom(x.names).Draw(t, "message")
		was := *x.sent[message]
		x.lean = x.lean.WithMessage(was.event, was.lost)
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			if what == 9 {
				return t.MarkDelivered(s(system), message)
			}
			return t.MarkBounced(s(system), message)
		}
	case 10:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			return t.Resolve(s(agent), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam})
		}
	case 11:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) { return t.Reopen(s(agent), "y") }
	case 12:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			return t.ClaimSeverity(s(agent), level, m.Channel)
		}
	case 13:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) { return t.ConfirmSeverity(s(agent)) }
	case 14:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			return t.DeclineSeverity(s(agent), level)
		}
	case 15:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			return t.CorrectSeverity(s(agent), ticket.CorrectSeverityParams{Level: level, Reason: "z"})
		}
	case 16:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			if t.Snapshot().ClocksPaused {
				return t.ResumeClocks(s(agent))
			}
			return t.PauseClocks(s(agent), "z")
		}
	case 17: // another is merged into it, which was compacted or not
		p := draft()
		p.Intake.Requester, p.Intake.Account = x.whole.Requester(), x.whole.Account()
		p.ID, p.Reference = ticket.NewID(now, [10]byte{byte(n)}), ticket.NewReference(uint64(n))
		from, _, err := ticket.New(x.whole.Lifecycle(), helpdesk.Command{ID: "other", At: now.Add(-time.Hour), Author: helpdesk.Author{By: ai}}, p)
		if err != nil {
			return err
		}
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			_, into, events, err := from.MergeInto(s(agent), t)
			if err != nil {
				return t, nil, err
			}
			return into, events[1:], nil
		}
	case 18:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			return t.PlaceLegalHold(s(agent), ticket.LegalHoldParams{ID: name(fmt.Sprintf("h%d", n)), Reason: "v", Privileged: true})
		}
	default:
		of = func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
			return t.AddFollowUp(s(agent), ticket.NewID(now, [10]byte{byte(n)}))
		}
	}
	return x.do(of)
}

// drawLife draws a life.
func drawLife(t *rapid.T, steps int, name func(string) string) (*life, error) {
	p := draft()
	by := ai
	if rapid.Bool().Draw(t, "own") {
		by, p.Offer, p.OnBehalf = agent, "", rapid.Bool().Draw(t, "on behalf")
	}
	if rapid.Bool().Draw(t, "contact") {
		p.ContactAt = opened.Add(-time.Hour)
	}
	p.Intake.Requester, p.Intake.Account = name("r"), name("a")
	p.Conversation = name("c")
	policy := sla.Standard()
	if rapid.IntRange(0, 3).Draw(t, "no policy") == 0 {
		policy = nil
	}
	x, err := born(policy, ticket.Standard(), helpdesk.Command{ID: name("c"), At: opened, Author: helpdesk.Author{By: by, Who: name("w")}}, p)
	if err != nil {
		return nil, err
	}
	now := opened
	for n := range rapid.IntRange(0, steps).Draw(t, "steps") {
		now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "wait")) * time.Minute)
		if err := x.step(t, n, now, name); err != nil {
			return nil, fmt.Errorf("step %d: %w", n, err)
		}
		if rapid.IntRange(0, 3).Draw(t, "compact") > 0 {
			if err := x.compact(); err != nil {
				return nil, fmt.Errorf("compacting after step %d: %w", n, err)
			}
		}
	}
	if err := x.compact(); err != nil {
		return nil, err
	}
	// What a merge says of it is the same.
	into := x.whole
	if from := x.whole; from.IsOpen() {
		q := draft()
		q.Intake.Requester, q.Intake.Account = from.Requester(), from.Account()
		q.ID, q.Reference = ticket.NewID(now, [10]byte{1, 2, 3}), ticket.NewReference(3)
		if into, _, err = ticket.New(from.Lifecycle(), helpdesk.Command{ID: "into", At: now, Author: helpdesk.Author{By: ai}}, q); err != nil {
			return nil, err
		}
	}
	merge := func(t ticket.Ticket) (ticket.Ticket, []ticket.Event, error) {
		from, _, events, err := t.MergeInto(helpdesk.Command{ID: "merge", At: now, Author: helpdesk.Agent("w")}, into)
		return from, events, err
	}
	return x, x.do(merge)
}

// S11, S12, S25: a ticket that keeps only a part of its log decides and counts as one that
// has all of it.
func TestCompactedLifeS11S12S25(t *testing.T) {
	t.Parallel()
	slow, lives := map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		x, err := drawLife(t, 40, func(s string) string { return s })
		if err != nil {
			t.Fatal(err)
		}
		lives++
		for reason, n := range x.slow {
			slow[reason] += n
		}
	})
	t.Logf("%d lives, from the whole log: %v", lives, slow)
}

// The size of a ticket without long texts has a bound, whatever happens to it: 64 KB of
// its log, and 64 KB for the rest with the longest names.
func TestTicketIsBounded(t *testing.T) {
	t.Parallel()
	name := func(s string) string { return s + strings.Repeat("x", 128-len(s)) }
	largest := 0
	rapid.Check(t, func(t *rapid.T) {
		x, err := drawLife(t, 150, name)
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, x.largest)
		s := x.lean.Snapshot()
		s.Log.Events = nil
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 64<<10 {
			t.Fatalf("%d bytes: %s", len(text), text)
		}
	})
	t.Logf("largest with its log: %d bytes", largest)
}

// A ticket with 10,000 messages stays below 4 KB, with a policy and without.
func TestManyMessagesStaySmall(t *testing.T) {
	t.Parallel()
	for what, policy := range map[string]*sla.Policy{"standard": sla.Standard(), "none": nil} {
		d := open(t, ticket.Standard())
		for n := range 10_000 {
			s := d.stamp(customer)
			m := ticket.Message{ID: fmt.Sprintf("m%d", n), Channel: helpdesk.ChannelEmail}
			var err error
			if n%2 == 0 {
				d.Ticket, _, err = d.AddCustomerMessage(s, m)
			} else {
				s.Author = helpdesk.Agent("agent-1")
				d.Ticket, _, err = d.Reply(s, m)
			}
			require.NoError(t, err)
			d.Ticket, _, err = d.Compact(policy, s.At)
			require.NoError(t, err)
		}
		text, err := json.Marshal(d.Ticket)
		require.NoError(t, err)
		require.Less(t, len(text), 4<<10, what)
		log := d.Snapshot().Log
		require.Equal(t, 10_004, log.Dropped+len(log.Events), "%s: the opening, two notifications and a status besides", what)
		t.Logf("%s: %d bytes, %d events", what, len(text), len(log.Events))
	}
}

// What a ticket is told that it cannot know by what it kept.
func TestCompactRefusals(t *testing.T) {
	t.Parallel()
	compacted := func() *desk {
		d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventReply, ticket.EventReply)
		var err error
		d.Ticket, _, err = d.Compact(nil, d.now)
		require.NoError(t, err)
		require.Empty(t, d.SLALog())
		return d
	}
	d := compacted()
	_, _, err := d.MarkBounced(d.stamp(system), "message-2")
	require.Equal(t, []string{"message"}, rejected(t, err), "it is not at hand")
	_, err = d.Evaluate(sla.Standard(), d.now)
	e, ok := errors.AsType[*sla.WholeLogError](err)
	require.True(t, ok)
	require.Equal(t, "policy", e.Reason)

	// The first reply bounces: which is the first now only the whole log says.
	whole := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventReply, ticket.EventReply)
	first := whole.SLALog()[2]
	d.Ticket = d.WithMessage(sla.Event{ID: first.ID, By: agent, Public: true}, false)
	d.Ticket, _, err = d.MarkBounced(d.stamp(system), "message-2")
	require.NoError(t, err)
	_, _, err = d.Compact(nil, d.now)
	e, ok = errors.AsType[*sla.WholeLogError](err)
	require.True(t, ok)
	require.Equal(t, "reply", e.Reason)
	require.ErrorIs(t, err, helpdesk.ErrConflict)
	_, _, _, err = d.MergeInto(d.stamp(agent), other(d)) //nolint:dogsled // the error alone
	_, ok = errors.AsType[*sla.WholeLogError](err)
	require.True(t, ok)
	text, err := json.Marshal(d.Ticket)
	require.NoError(t, err)
	var back ticket.Ticket
	require.NoError(t, json.Unmarshal(text, &back))
	require.True(t, back.Snapshot().Log.Unsure)
	require.Len(t, back.Snapshot().Log.Added, 1)

	back = back.WithLog(append(whole.SLALog(), back.Snapshot().Log.Added...))
	_, into, _, err := back.MergeInto(d.stamp(agent), other(d))
	require.NoError(t, err)
	log := into.SLALog()
	require.Equal(t, whole.SLALog()[4].At, log[len(log)-1].Other.FirstReplyAt)

	// Another message than the first is nothing.
	d = compacted()
	last := whole.SLALog()[5]
	d.Ticket = d.WithMessage(sla.Event{ID: last.ID, By: agent, Public: true}, false)
	d.Ticket, _, err = d.MarkBounced(d.stamp(system), "message-4")
	require.NoError(t, err)
	_, _, err = d.Compact(nil, d.now)
	require.NoError(t, err)
}

// What a ticket keeps of its past is bounded; a hold is not forgotten but refused.
func TestTicketKeepsTheLast(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply)
	for range 7 {
		d.must(ticket.EventResolve, ticket.EventReopen)
	}
	d.must(ticket.EventResolve)
	var episodes []int
	for r := range d.Resolutions() {
		episodes = append(episodes, r.Episode)
	}
	require.Equal(t, []int{4, 5, 6, 7, 8}, episodes)
	require.Equal(t, 8, d.Episode())
	r, ok := d.Resolution()
	require.True(t, ok)
	require.Equal(t, 8, r.Episode)
	for n := range 25 {
		var err error
		d.Ticket, _, err = d.AddFollowUp(d.stamp(agent), ticket.NewID(opened, [10]byte{9, byte(n)}))
		require.NoError(t, err)
	}
	follow := d.Snapshot().FollowUps
	require.Len(t, follow, 20)
	require.Equal(t, ticket.NewID(opened, [10]byte{9, 24}), follow[19])
	d.must(ticket.EventReopen)
	for n := range 25 {
		p := draft()
		p.ID, p.Reference = ticket.NewID(opened, [10]byte{8, byte(n)}), ticket.NewReference(uint64(n))
		from, _, err := ticket.New(d.Lifecycle(), helpdesk.Command{ID: "other", At: opened, Author: helpdesk.Author{By: ai}}, p)
		require.NoError(t, err)
		_, d.Ticket, _, err = from.MergeInto(d.stamp(agent), d.Ticket)
		require.NoError(t, err)
	}
	require.Len(t, d.Snapshot().MergedFrom, 20)

	hold := func(n int) error {
		var err error
		d.Ticket, _, err = d.PlaceLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: fmt.Sprintf("h%d", n), Reason: "v", Privileged: true})
		return err
	}
	for n := range 100 {
		require.NoError(t, hold(n))
	}
	require.Equal(t, []string{"hold"}, rejected(t, hold(100)))
	require.ErrorContains(t, hold(100), "must be one of at most 100")
	require.NoError(t, hold(99), "it stands")
	require.Len(t, slices.Collect(d.Holds()), 100)
}
