package inbox_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// byTheHour answers within an hour of any time, and within ten minutes after the first
// reply.
func byTheHour(tb tester) *sla.Policy {
	tb.Helper()
	c := sla.Standard().Config()
	c.Gate, c.Name = nil, "by the hour"
	for l := range severity.All() {
		c.Targets[l] = map[sla.Metric]sla.Target{
			sla.MetricFirstReply: {Within: time.Hour, Clock: sla.BaseCalendar},
			sla.MetricNextReply:  {Within: 10 * time.Minute, Clock: sla.BaseCalendar},
			sla.MetricResolution: {None: true},
		}
	}
	p, err := sla.New(c, nil)
	require.NoError(tb, err)
	return p
}

// clock returns the newest clock of a metric in the episode at an instant.
func (p *play) clock(m sla.Metric, at time.Time) (sla.Clock, bool) {
	p.t.Helper()
	e, err := p.c().Episode().Evaluate(byTheHour(p.t), p.c().Channel(), at)
	require.NoError(p.t, err)
	return e.Clock(m)
}

// starts starts a conversation on a channel.
type starts func(helpdesk.Channel, inbox.Config) *play

// S34: what begins an episode, and since when it counts.
func TestEpisodeBeginsS34(t *testing.T) {
	t.Parallel()
	manual := inbox.Config{}
	for name, c := range map[string]struct {
		play    func(starts) *play
		number  int
		contact bool // at the last event; none if false
	}{
		"people hold it from the start": {func(start starts) *play { return start(helpdesk.ChannelEmail, manual) }, 1, true},
		"the AI holds it":               {func(start starts) *play { return start(helpdesk.ChannelEmail, automatic) }, 0, false},
		"the AI gives up": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, automatic)
			p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureGiveUp, ""))
			return p
		}, 1, true},
		"the AI gives up after an answer": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, automatic)
			p.answers()
			p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureGiveUp, ""))
			return p
		}, 1, true},
		"the AI has had its turns": {func(start starts) *play {
			c := automatic
			c.MaxTurns = 1
			p := start(helpdesk.ChannelEmail, c)
			p.says()
			return p
		}, 1, true},
		"somebody takes over, unanswered": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, automatic)
			p.conv(p.c().TakeOver(p.agent()))
			return p
		}, 1, true},
		"somebody takes over, answered": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, automatic)
			p.answers()
			p.conv(p.c().TakeOver(p.agent()))
			return p
		}, 0, false},
		"the add-on goes, unanswered": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, automatic)
			p.k.Conversation = p.c().WithPolicy(policy(t, manual))
			p.conv(p.c().SwitchOff(p.system()))
			return p
		}, 1, true},
		"the add-on goes, answered": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, automatic)
			p.answers()
			p.k.Conversation = p.c().WithPolicy(policy(t, manual))
			p.conv(p.c().SwitchOff(p.system()))
			return p
		}, 0, false},
		"somebody answers in place of the AI": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, automatic)
			p.replies()
			return p
		}, 1, true},
		"somebody else writes to the AI": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, automatic)
			p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
			return p
		}, 1, true},
		"somebody else writes, answered": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, automatic)
			p.answers()
			p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
			return p
		}, 1, false},
		"a message reopens it to people": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, manual)
			p.archives()
			p.says()
			return p
		}, 2, true},
		"unarchived, answered by archiving": {func(start starts) *play {
			p := start(helpdesk.ChannelEmail, manual)
			p.replies()
			p.archives()
			p.conv(p.c().Unarchive(p.agent()))
			return p
		}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := c.play(func(ch helpdesk.Channel, config inbox.Config) *play { return start(t, ch, config) })
			e := p.c().Episode()
			require.Equal(t, c.number, e.Number)
			require.Equal(t, c.number == 0, e.IsZero())
			switch {
			case c.number == 0:
			case !c.contact:
				require.Zero(t, e.Contact)
				require.False(t, e.IsPromised())
				require.Empty(t, e.SLALog(p.c().Channel(), severity.Low))
			case p.last.Kind == inbox.EventUnarchive:
				require.False(t, e.IsPromised(), "it ended")
			default:
				require.Equal(t, p.last.At, e.Contact)
				require.True(t, e.IsPromised())
			}
		})
	}
}

// S34: an automatic message is no contact, and the first of the customer's is.
func TestEpisodeContactS34(t *testing.T) {
	t.Parallel()
	p := &play{t: t, now: began}
	b := inbox.StartParams{ID: id(1), Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: contact, Message: draft("m1", "In copy.")}
	conv, events, err := inbox.Start(p.stamp(helpdesk.ActorThirdParty), b, nil)
	require.NoError(t, err)
	p.take(events)
	p.k.Conversation = conv
	require.Equal(t, 1, p.c().Episode().Number)
	require.False(t, p.c().Episode().IsPromised())
	p.do(p.k.RecordAutoReply(p.customer(), p.msg()))
	p.replies()
	require.Zero(t, p.c().Episode().Contact)
	p.says()
	require.Equal(t, p.last.At, p.c().Episode().Contact)
	require.Equal(t, 1, p.c().Episode().Number)
	c, ok := p.clock(sla.MetricFirstReply, p.now)
	require.True(t, ok)
	require.Equal(t, []any{p.last.At, sla.StateRunning, 1}, []any{c.Start, c.State, c.Cycle})
}

// S34, S12: the clock runs from the contact to the first answer that arrives.
func TestEpisodeRepliesS34(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	contact := p.last.At
	c, _ := p.clock(sla.MetricFirstReply, contact.Add(time.Hour))
	require.Equal(t, []any{contact, contact.Add(time.Hour), sla.VerdictPending}, []any{c.Start, c.Due, c.Verdict})
	c, _ = p.clock(sla.MetricFirstReply, contact.Add(time.Hour+1))
	require.Equal(t, sla.VerdictBreached, c.Verdict)
	p.conv(p.c().AddNote(p.agent(), p.msg()))
	p.replies()
	first := p.last
	p.replies()
	second := p.last
	c, _ = p.clock(sla.MetricFirstReply, p.now)
	require.Equal(t, []any{sla.VerdictMet, first.At}, []any{c.Verdict, c.Stop})
	p.do(p.k.MarkBounced(p.system(), first.Message))
	c, _ = p.clock(sla.MetricFirstReply, p.now)
	require.Equal(t, second.At, c.Stop, "the next that arrived")
	p.do(p.k.MarkBounced(p.system(), second.Message))
	p.do(p.k.MarkBounced(p.system(), second.Message)) // again
	c, _ = p.clock(sla.MetricFirstReply, p.now)
	require.Equal(t, sla.StateRunning, c.State)
	w, waits := p.c().Episode().Waiting()
	require.True(t, waits)
	require.Equal(t, "m1", w.ID)
	p.do(p.k.MarkDelivered(p.system(), second.Message))
	c, _ = p.clock(sla.MetricFirstReply, p.now)
	require.Equal(t, p.last.At, c.Stop, "from now on")
}

// S34, S14: next replies count on over the episodes.
func TestEpisodeNextRepliesS34(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	_, ok := p.clock(sla.MetricNextReply, p.now)
	require.False(t, ok)
	p.replies()
	for cycle := 1; cycle <= 3; cycle++ {
		p.says()
		asked := p.last.At
		p.says()
		c, ok := p.clock(sla.MetricNextReply, p.now)
		require.True(t, ok)
		require.Equal(t, []any{cycle, asked, asked.Add(10 * time.Minute), sla.StateRunning}, []any{c.Cycle, c.Start, c.Due, c.State})
		p.replies()
		c, _ = p.clock(sla.MetricNextReply, p.now)
		require.Equal(t, []any{cycle, p.last.At, sla.VerdictMet}, []any{c.Cycle, c.Stop, c.Verdict})
	}
	p.now = p.now.Add(72 * time.Hour)
	p.says()
	require.Equal(t, []int{2, 3}, []int{p.c().Episode().Number, p.c().Episode().Cycles})
	p.replies()
	p.says()
	c, _ := p.clock(sla.MetricNextReply, p.now)
	require.Equal(t, 4, c.Cycle)
}

// S34: a message begins another episode when nothing was unanswered for the rest, and not
// a nanosecond sooner.
func TestEpisodeRestS34(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rest, after time.Duration
		answered    bool
		number      int
	}{
		{0, 72 * time.Hour, true, 2},
		{0, 72*time.Hour - 1, true, 1},
		{0, 1000 * time.Hour, false, 1}, // it waits still
		{time.Hour, time.Hour, true, 2},
		{time.Hour, time.Hour - 1, true, 1},
	} {
		p := start(t, helpdesk.ChannelEmail, inbox.Config{Rest: inbox.Duration(c.rest)})
		if c.answered {
			p.replies()
		}
		p.now = p.last.At.Add(c.after - time.Minute)
		p.says()
		require.Equal(t, c.number, p.c().Episode().Number, "%+v", c)
		if c.number == 2 {
			require.Equal(t, p.last.At, p.c().Episode().Contact)
		}
	}
}

// S34, S13: archiving and the AI end an episode as resolving does.
func TestEpisodeEndsS34(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*play){
		"archived":  (*play).archives,
		"to the AI": func(p *play) { p.conv(p.c().ReturnToAI(p.agent())) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, late := range []bool{false, true} {
				p := start(t, helpdesk.ChannelEmail, automatic)
				p.conv(p.c().TakeOver(p.agent()))
				if late {
					p.now = p.now.Add(time.Hour)
				}
				end(p)
				e := p.c().Episode()
				require.Equal(t, p.last.At, e.EndedAt)
				require.False(t, e.IsPromised())
				c, ok := p.clock(sla.MetricFirstReply, p.now.Add(1000*time.Hour))
				require.True(t, ok)
				want := sla.VerdictExcluded
				if late {
					want = sla.VerdictBreached
				}
				require.Equal(t, []any{sla.StateStopped, want}, []any{c.State, c.Verdict})
			}
		})
	}
}

// S34: a ticket takes the clock over, one that nobody asked for does not; after the last one
// was resolved, a message that reopens none begins the next episode.
func TestEpisodeAndTicketsS34(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{SeveralTickets: true})
	d := staffDraft(2)
	d.Proactive = true
	p.do(p.k.CreateTicket(nil, p.agent(), d))
	require.True(t, p.c().Episode().IsPromised())
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(3)))
	e := p.c().Episode()
	require.Equal(t, []any{ticketID(3), p.last.At}, []any{e.Ticket, e.EndedAt})
	c, _ := p.clock(sla.MetricFirstReply, p.now.Add(1000*time.Hour))
	require.Equal(t, []any{sla.StateCancelled, sla.VerdictExcluded}, []any{c.State, c.Verdict})
	p.says()
	require.Equal(t, e, p.c().Episode(), "the tickets have clocks of their own")
	p.replies()
	p.k.Focus = ticketID(3)
	p.resolves()
	p.says()
	require.Equal(t, e, p.c().Episode(), "one is open")
	p.replies()
	p.resolves()
	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: p.msg(), Aside: true}))
	require.Equal(t, 2, p.c().Episode().Number)
	require.Equal(t, p.last.At, p.c().Episode().Contact)
	p.says() // reopens a ticket
	_, open := p.k.OpenTicket()
	require.True(t, open)
	require.Len(t, p.c().Episode().Exchange, 1)
}

// S34: of a long exchange the head keeps what its clocks need.
func TestEpisodeIsSmallS34(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]func(*play, int){
		"talk":           func(p *play, _ int) { p.says(); p.replies() },
		"only questions": func(p *play, _ int) { p.says() },
		"only answers":   func(p *play, _ int) { p.replies() },
		"lost":           func(p *play, _ int) { p.says(); p.replies(); p.do(p.k.MarkBounced(p.system(), p.last.Message)) },
		"many, one answer": func(p *play, i int) {
			p.says()
			if i%5 == 0 {
				p.replies()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, helpdesk.ChannelEmail, inbox.Config{})
			for i := range 100 {
				step(p, i)
				require.LessOrEqual(t, len(p.c().Episode().Exchange), 24)
			}
			c, ok := p.clock(sla.MetricFirstReply, p.now)
			require.True(t, ok)
			require.Equal(t, p.all[0].At, c.Start)
			data, err := json.Marshal(p.c().Episode())
			require.NoError(t, err)
			require.Less(t, len(data), 4000)
		})
	}
}

// S34: on random lives the clocks of the head are those of the whole log, by a slow model.
func TestEpisodeModelS34(t *testing.T) {
	t.Parallel()
	policy := byTheHour(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := start(rt, helpdesk.ChannelEmail, inbox.Config{})
		log := []sla.Event{{ID: "contact", Kind: sla.KindOpened, At: p.last.At, By: helpdesk.ActorCustomer, Channel: helpdesk.ChannelEmail, Severity: severity.Low}}
		message := func(by helpdesk.Actor) {
			log = append(log, sla.Event{ID: "m" + strconv.Itoa(len(log)), Kind: sla.KindMessage, At: p.last.At, By: by, Public: true})
		}
		var sent []string // messages of the team that arrived
		of, nth, replies := map[string]string{}, map[string]int{}, 0
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			p.now = p.now.Add(time.Duration(rapid.IntRange(0, 20).Draw(rt, "minutes")) * time.Minute)
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0, 1, 2:
				p.says()
				message(helpdesk.ActorCustomer)
			case 5:
				if n := len(sent); n == 0 || nth[sent[n-1]] > 6 && replies-nth[sent[n-1]] > 2 { // of those in the middle nothing may be known
					continue
				}
				m := sent[len(sent)-1]
				sent = sent[:len(sent)-1]
				p.do(p.k.MarkBounced(p.system(), m))
				log = append(log, sla.Event{ID: "l" + strconv.Itoa(len(log)), Kind: sla.KindUndelivered, At: p.last.At, Message: of[m]})
			default:
				p.replies()
				message(helpdesk.ActorAgent)
				sent = append(sent, p.last.Message)
				replies++
				nth[p.last.Message] = replies
				of[p.last.Message] = log[len(log)-1].ID
			}
		}
		at := p.now.Add(time.Duration(rapid.IntRange(0, 90).Draw(rt, "later")) * time.Minute)
		want, err := policy.Evaluate(log, at)
		require.NoError(rt, err)
		got, err := p.c().Episode().Evaluate(policy, helpdesk.ChannelEmail, at)
		require.NoError(rt, err)
		for _, m := range []sla.Metric{sla.MetricFirstReply, sla.MetricNextReply} {
			w, ok := want.Clock(m)
			g, found := got.Clock(m)
			if !found && w.State == sla.StateStopped {
				continue // it was left out
			}
			require.Equal(rt, ok, found, m)
			require.Equal(rt, w, g, m)
		}
	})
}

// S35: a ticket of the team counts from what the customer waits for.
func TestTicketInheritsContactS35(t *testing.T) {
	t.Parallel()
	begun := func(p *play) time.Time { return p.k.Tickets[len(p.k.Tickets)-1].Snapshot().Log.Begun }
	several := inbox.Config{SeveralTickets: true}

	p := start(t, helpdesk.ChannelSMS, several)
	first := p.last.At
	p.says()
	p.replies()
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
	require.Equal(t, first, begun(p), "the contact of the episode")
	p.says()
	waits := p.last.At
	p.says()
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(3)))
	require.Equal(t, waits, begun(p), "the oldest message since that nobody answered")
	p.says()
	last := p.last.At
	p.replies()
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(4)))
	require.Equal(t, last, begun(p), "the last message")

	d := staffDraft(5)
	d.About = "m1"
	p.do(p.k.CreateTicket(nil, p.agent(), d))
	require.Equal(t, first, begun(p), "what it is about")
	d = staffDraft(6)
	d.ContactAt = first.Add(-time.Hour)
	p.do(p.k.CreateTicket(nil, p.agent(), d))
	require.Equal(t, d.ContactAt, begun(p), "what is stated")
	d = staffDraft(7)
	d.Proactive = true
	p.do(p.k.CreateTicket(nil, p.agent(), d))
	require.Zero(t, begun(p), "nobody asked")

	for name, bad := range map[string]struct {
		change func(*inbox.CreateTicketParams)
		fields []string
	}{
		"of nobody":           {func(d *inbox.CreateTicketParams) { d.About = "m99" }, []string{"about"}},
		"of the team":         {func(d *inbox.CreateTicketParams) { d.About = p.all[2].Message }, []string{"about"}},
		"two":                 {func(d *inbox.CreateTicketParams) { d.About, d.ContactAt = "m1", first }, []string{"contact_at"}},
		"proactive and asked": {func(d *inbox.CreateTicketParams) { d.Proactive, d.About, d.ContactAt = true, "m1", first }, []string{"about", "contact_at"}},
	} {
		d := staffDraft(8)
		bad.change(&d)
		k, events, err := p.k.CreateTicket(nil, p.agent(), d)
		requireFieldsOf(t, err, bad.fields...)
		require.Equal(t, p.k, k, name)
		require.Empty(t, events)
	}
}

// S35: nobody has written, so nobody has asked.
func TestTicketOfNobodyS35(t *testing.T) {
	t.Parallel()
	p := &play{t: t, now: began}
	b := inbox.StartParams{ID: id(1), Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: contact, Message: draft("m1", "In copy.")}
	conv, events, err := inbox.Start(p.stamp(helpdesk.ActorThirdParty), b, nil)
	require.NoError(t, err)
	p.take(events)
	p.k.Conversation = conv
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
	require.Zero(t, p.k.Tickets[0].Snapshot().Log.Begun)
	p.says()
	require.Equal(t, p.last.At, p.k.Tickets[0].Snapshot().Log.Begun)
}

// S35: on an offer a ticket counts from the confirmation, as before.
func TestTicketOnOfferS35(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	tk := p.confirms(p.offers())
	require.Equal(t, p.last.At, tk.Snapshot().Log.Begun)
	require.True(t, p.c().Episode().IsZero())
}

// An episode that no conversation can have is refused.
func TestEpisodeFaults(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	p.replies()
	for name, c := range map[string]struct {
		change func(*inbox.Episode)
		field  string
	}{
		"number":  {func(e *inbox.Episode) { e.Number = -1 }, "episode.number"},
		"contact": {func(e *inbox.Episode) { e.Contact = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC) }, "episode.contact"},
		"none":    {func(e *inbox.Episode) { e.Contact = time.Time{} }, "episode.exchange"},
		"empty":   {func(e *inbox.Episode) { e.Exchange = nil }, "episode.exchange"},
		"order":   {func(e *inbox.Episode) { e.Exchange[1].At = e.Contact.Add(-1) }, "episode.exchange[1].at"},
		"no time": {func(e *inbox.Episode) { e.Exchange[1].At = time.Time{} }, "episode.exchange[1].at"},
		"end":     {func(e *inbox.Episode) { e.EndedAt = e.Contact.Add(-1) }, "episode.ended_at"},
	} {
		s := p.c().Snapshot()
		c.change(&s.Episode)
		_, err := inbox.FromSnapshot(s)
		var f *helpdesk.FieldError
		require.ErrorAs(t, err, &f, name)
		require.Equal(t, c.field, f.Path, name)
	}
	var none inbox.Episode
	_, waits := none.Waiting()
	require.False(t, waits)
	ev, err := none.Evaluate(byTheHour(t), helpdesk.ChannelEmail, began)
	require.NoError(t, err)
	require.Empty(t, ev.Clocks)
	_, err = p.c().Episode().Evaluate(byTheHour(t), helpdesk.ChannelEmail, time.Time{})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}
