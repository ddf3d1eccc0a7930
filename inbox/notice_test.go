package inbox_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// unreadOf returns the causes of the unread notifications of the agent, in order.
func unreadOf(c inbox.Conversation, agent string) []inbox.EventKind {
	out := []inbox.EventKind{}
	for n := range c.Notifications() {
		if n.Agent == agent && !n.IsRead() {
			out = append(out, n.Cause)
		}
	}
	return out
}

// fires has the pending escalation of the kind fire when it is due.
func (p *play) fires(kind inbox.TimerKind) {
	p.t.Helper()
	for e := range p.c().Escalations() {
		if e.Kind == kind && e.IsPending() {
			s := p.system()
			if e.Due.After(s.At) {
				s.At, p.now = e.Due, e.Due
			}
			p.conv(p.c().Escalate(s, e.ID))
			return
		}
	}
	require.Fail(p.t, "not armed", "%s among %v", kind, pendingKinds(p.c()))
}

func (p *play) by(who string) helpdesk.Command {
	s := p.agent()
	s.Who = who
	return s
}

// R86, T48: after the agent acted, each further message makes a notice.
func TestNoticeAfterActingR86(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	told := func(cause inbox.EventKind) {
		t.Helper()
		require.Equal(t, cause, p.effect(inbox.EffectNotify).Cause)
	}
	told(inbox.EventStart)
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
	require.Empty(t, unreadOf(p.c(), ""))
	for range 2 { // messages 2 and 3
		p.replies()
		require.Zero(t, unreadCount(p.c()))
		p.says()
		told(inbox.EventAddCustomerMessage)
		p.says() // it merges
		require.NotContains(t, p.effects(), inbox.EffectNotify)
		require.Equal(t, 1, unreadCount(p.c()))
	}
	for range 2 { // 4 and 5 reopen the ticket
		p.resolves()
		require.Zero(t, unreadCount(p.c()))
		p.says()
		told(inbox.EventAddCustomerMessage)
	}
}

// R86: each command by which somebody of the team deals with the conversation reads what
// stands there: the author's own notices and the team's, and nobody else's.
func TestWhoActsHasReadR86(t *testing.T) {
	t.Parallel()
	do := map[string]func(p *play){
		"reply":  func(p *play) { p.do(p.k.Reply(p.agent(), p.msg())) },
		"ask":    func(p *play) { p.do(p.k.AskCustomer(p.agent(), p.msg())) },
		"note":   func(p *play) { p.conv(p.c().AddNote(p.agent(), p.msg())) },
		"pickup": func(p *play) { p.do(p.k.PickUp(p.agent())) },
		"create": func(p *play) { p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(3))) },
		"resolve": func(p *play) {
			p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
		},
		"return": func(p *play) { p.conv(p.c().ReturnToAI(p.agent())) },
	}
	for name, act := range do {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := automatic
			c.SeveralTickets = true
			p := start(t, helpdesk.ChannelEmail, c)
			p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), offerDraft("o1")))
			o, _ := p.c().OpenOffer()
			p.confirms(o)
			p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureGiveUp, ""))
			sent := p.effect(inbox.EffectNotify).Key
			p.conv(p.c().MarkNotified(p.system(), sent))
			p.conv(p.c().Follow(p.agent(), "agent-1"))
			p.conv(p.c().Follow(p.agent(), "agent-2"))
			p.says()
			require.Equal(t, 3, unreadCount(p.c()))
			n := p.c().Len()
			act(p)
			require.Equal(t, []inbox.EventKind{}, unreadOf(p.c(), "agent-1"))
			require.Equal(t, []inbox.EventKind{}, unreadOf(p.c(), ""))
			require.Equal(t, []inbox.EventKind{inbox.EventAddCustomerMessage}, unreadOf(p.c(), "agent-2"))
			require.GreaterOrEqual(t, p.c().ReadUpTo("agent-1"), uint64(n))
			require.Less(t, p.c().ReadUpTo("agent-2"), uint64(n))
			require.Len(t, p.effect(inbox.EffectCancelNotifications).Cancels, 1, "what was sent is not taken back")
			for x := range p.c().Notifications() {
				if x.ID == sent {
					require.Equal(t, p.last.At, x.ReadAt)
				}
			}
		})
	}

	p := start(t, helpdesk.ChannelEmail, inbox.Config{}) // nobody in particular has read nothing
	s := p.agent()
	s.Who = ""
	p.do(p.k.Reply(s, p.msg()))
	require.Equal(t, 1, unreadCount(p.c()))
	p.conv(p.c().AddNote(p.system(), p.msg()))
	p.conv(p.c().Follow(p.agent(), "agent-2")) // this says nothing of what stands there
	p.conv(p.c().AddTag(p.agent(), "x"))
	require.Equal(t, 1, unreadCount(p.c()))

	p = start(t, helpdesk.ChannelEmail, automatic) // the AI has it
	p.conv(p.c().Follow(p.agent(), "agent-1"))
	p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureGiveUp, ""))
	p.conv(p.c().ReturnToAI(p.by("agent-2")))
	require.Equal(t, 1, unreadCount(p.c()), "agent-1 has not read it")
	p.conv(p.c().TakeOver(p.agent()))
	require.Zero(t, unreadCount(p.c()))

	p = start(t, helpdesk.ChannelEmail, inbox.Config{Archived: inbox.ArchivedEscalate})
	p.archives()
	require.EqualValues(t, 1, p.c().ReadUpTo("agent-1"))
	p.says()
	require.Equal(t, 1, unreadCount(p.c()))
	p.conv(p.c().Unarchive(p.agent()))
	require.Zero(t, unreadCount(p.c()))
}

// R86: a command on a ticket alone reads too, but a hold is none that deals with it.
func TestTicketCommandReadsR86(t *testing.T) {
	t.Parallel()
	begin := func() (*play, ticket.Ticket) {
		p := start(t, helpdesk.ChannelLiveChat, automatic)
		tk := p.confirms(p.offers())
		require.Equal(t, 1, unreadCount(p.c()))
		return p, tk
	}
	p, tk := begin()
	s := p.agent()
	now, events, err := tk.PickUp(s)
	require.NoError(t, err)
	k, err := p.k.ReplaceTicket(now, events[0])
	require.NoError(t, err)
	require.Zero(t, unreadCount(k.Conversation))
	require.EqualValues(t, 1, k.Conversation.ReadUpTo("agent-1"))
	for n := range k.Conversation.Notifications() {
		require.Equal(t, events[0].At, n.ReadAt)
	}
	require.Equal(t, 1, unreadCount(p.c()), "the old case is as it was")
	k, err = p.k.ReplaceTicket(now, ticket.Event{})
	require.NoError(t, err)
	require.Equal(t, 1, unreadCount(k.Conversation))

	p, tk = begin()
	now, events, err = tk.PlaceLegalHold(p.agent(), ticket.LegalHoldParams{ID: "h", Reason: "x", Privileged: true})
	require.NoError(t, err)
	k, err = p.k.ReplaceTicket(now, events[0])
	require.NoError(t, err)
	require.Equal(t, 1, unreadCount(k.Conversation))
}

// R86: an escalation, a reopening, somebody in copy and a handover make a notice of their
// own beside an unread one; a further message adds to the last.
func TestNoticesOfTheirOwnR86(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	want := []inbox.EventKind{inbox.EventConfirmOffer}
	also := func(cause inbox.EventKind) {
		t.Helper()
		want = append(want, cause)
		require.Equal(t, cause, p.effect(inbox.EffectNotify).Cause)
		require.Equal(t, want, unreadOf(p.c(), ""))
	}
	for _, kind := range []inbox.TimerKind{"queue_wait", "no_action", "not_closed"} { // no escalation is silent
		p.fires(kind)
		also(inbox.EventEscalate)
	}
	p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
	also(inbox.EventAddParticipantMessage)
	p.says()
	require.NotContains(t, p.effects(), inbox.EffectNotify)
	require.Equal(t, want, unreadOf(p.c(), ""))
	all := slices.Collect(p.c().Notifications())
	require.EqualValues(t, p.c().Len(), all[len(all)-1].Seq)
	require.EqualValues(t, 1, all[0].Seq)

	p = start(t, helpdesk.ChannelEmail, automatic) // a ticket that comes back while its conversation is active
	p.confirms(p.offers())
	p.conv(p.c().Follow(p.agent(), "agent-2"))
	p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureGiveUp, ""))
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	require.Len(t, unreadOf(p.c(), "agent-2"), 1)
	p.says()
	require.Equal(t, []inbox.EventKind{inbox.EventReportAIFailure, inbox.EventAddCustomerMessage}, unreadOf(p.c(), "agent-2"))
	p.says() // and once
	require.Len(t, unreadOf(p.c(), "agent-2"), 2)
	p.conv(p.c().ReturnToAI(p.agent())) // a handover again
	p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureGiveUp, ""))
	require.Len(t, unreadOf(p.c(), "agent-2"), 3)

	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	p.archives() // removes them all
	require.Zero(t, unreadCount(p.c()))
	p.says() // what is reopened is told
	require.Equal(t, []inbox.EventKind{inbox.EventAddCustomerMessage}, unreadOf(p.c(), "agent-2"))
}

// R86, T48: a flood of somebody in copy is bounded, each message is told, and it pushes out
// no escalation.
func TestFloodOfNoticesR86(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	p.fires("queue_wait")
	for i := range 20 {
		p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
		require.Equal(t, inbox.EventAddParticipantMessage, p.effect(inbox.EffectNotify).Cause, i)
	}
	got := unreadOf(p.c(), "")
	require.Len(t, got, 8)
	require.Equal(t, []inbox.EventKind{inbox.EventConfirmOffer, inbox.EventEscalate}, got[:2])
	p.fires("no_action")
	require.Equal(t, []inbox.EventKind{inbox.EventConfirmOffer, inbox.EventAddParticipantMessage}, unreadOf(p.c(), "")[:2], "the oldest escalation gave way to the new one")
	require.Len(t, unreadOf(p.c(), ""), 8)

	p = start(t, helpdesk.ChannelEmail, inbox.Config{NoAction: inbox.Duration(time.Minute)})
	for range 9 { // no alike: the oldest of all
		p.says()
		p.fires("no_action")
		p.conv(p.c().Follow(p.agent(), "agent-2"))
		p.conv(p.c().Unfollow(p.agent(), "agent-2"))
		if !slices.Contains(pendingKinds(p.c()), "no_action") {
			p.says()
		}
	}
	require.Len(t, unreadOf(p.c(), ""), 8)

	p = start(t, helpdesk.ChannelEmail, inbox.Config{NotClosed: inbox.Duration(time.Minute)}) // many who are told
	for i := range 100 {
		p.conv(p.c().Follow(p.agent(), "follower-"+strconv.Itoa(i)))
	}
	p.fires("not_closed")
	for range 3 {
		p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
		n := 0
		for _, e := range p.last.Effects {
			if e.Kind == inbox.EffectNotify {
				n++
			}
		}
		require.Equal(t, 100, n)
		require.Equal(t, 128, unreadCount(p.c()))
	}
	require.Contains(t, unreadOf(p.c(), "follower-99"), inbox.EventAddParticipantMessage)
	require.Contains(t, unreadOf(p.c(), "follower-99"), inbox.EventEscalate)
}

// T49: somebody is called on every way on which people have a conversation and nobody in
// particular does, and not once somebody has it.
func TestQueueWaitT49(t *testing.T) {
	t.Parallel()
	mail := func() *play { return start(t, helpdesk.ChannelEmail, automatic) }
	turns := automatic
	turns.MaxTurns = 1
	ways := map[string]func() *play{
		"the AI gives up": func() *play {
			p := mail()
			p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureGiveUp, ""))
			return p
		},
		"it fails": func() *play {
			p := mail()
			p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureError, ""))
			return p
		},
		"it does not answer in time": func() *play {
			p := mail()
			p.conv(p.c().ReportAIFailure(p.system(), p.c().ControlToken(), inbox.FailureTimeout, ""))
			return p
		},
		"its turns are over": func() *play {
			p := start(t, helpdesk.ChannelEmail, turns)
			p.says()
			return p
		},
		"somebody in copy": func() *play {
			p := mail()
			p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
			return p
		},
		"the add-on is off": func() *play {
			p := mail()
			off := automatic
			off.AddOn = false
			p.k.Conversation = p.c().WithPolicy(policy(t, off))
			p.conv(p.c().SwitchOff(p.agent()))
			return p
		},
		"a ticket in the live chat": func() *play {
			p := start(t, helpdesk.ChannelLiveChat, automatic)
			p.confirms(p.offers())
			return p
		},
		"a start with people": func() *play {
			c := automatic
			c.AddOn = false
			return start(t, helpdesk.ChannelEmail, c)
		},
		"reopened": func() *play {
			c := automatic
			c.AddOn = false
			p := start(t, helpdesk.ChannelEmail, c)
			p.archives()
			require.Empty(t, pendingKinds(p.c()))
			p.says()
			return p
		},
	}
	ends := map[string]func(*play){
		"reply":   func(p *play) { p.replies() },
		"pick up": func(p *play) { p.do(p.k.PickUp(p.agent())) },
		"create":  func(p *play) { p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(9))) },
		"archive": func(p *play) {
			p.do(p.k.Archive(p.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
		},
		"return": func(p *play) { p.conv(p.c().ReturnToAI(p.agent())) },
		"a reply of nobody in particular": func(p *play) {
			s := p.agent()
			s.Who = ""
			p.do(p.k.Reply(s, p.msg()))
		},
	}
	for way, begin := range ways {
		p := begin()
		require.Contains(t, pendingKinds(p.c()), inbox.TimerKind("queue_wait"), way)
		for e := range p.c().Escalations() {
			if e.Kind == "queue_wait" {
				require.Equal(t, p.last.At.Add(10*time.Minute), e.Due, way)
			}
		}
		p.says()
		p.conv(p.c().AddNote(p.agent(), p.msg()))
		require.NotContains(t, p.effects(), inbox.EffectArmTimer, way)
		require.Contains(t, pendingKinds(p.c()), inbox.TimerKind("queue_wait"), "nobody has it yet: %s", way)
		p.fires("queue_wait")
		require.Equal(t, []inbox.EventKind{inbox.EventEscalate}, unreadOf(p.c(), ""), way)
		p.says()
		require.NotContains(t, pendingKinds(p.c()), inbox.TimerKind("queue_wait"), "once: %s", way)
		for end, act := range ends {
			p := begin()
			switch {
			case end == "return" && (way == "a ticket in the live chat" || !p.c().Policy().Config().AddOn), p.c().HadTicket() && slices.Contains([]string{"create", "archive", "a reply of nobody in particular"}, end):
				continue
			case end == "return" && p.c().Status() == inbox.StatusQueue:
				continue
			}
			act(p)
			require.NotContains(t, pendingKinds(p.c()), inbox.TimerKind("queue_wait"), "%s, %s", way, end)
		}
	}
	p := mail() // somebody has it from the start
	p.replies()
	require.Equal(t, []inbox.TimerKind{"not_closed"}, pendingKinds(p.c()))
	p = mail()
	s := p.agent()
	s.Who = ""
	p.do(p.k.Reply(s, p.msg()))
	require.Equal(t, []inbox.TimerKind{"not_closed"}, pendingKinds(p.c()))
}

// R84: once people have closed a conversation, a message in it goes to whom a new one on
// its channel would go.
func TestReachableAgainR84(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	p.replies()
	p.says()
	p.in(inbox.StatusHuman) // until then it is the people's turn
	old := p.c().Control().Epoch
	p.archives()
	p.says()
	p.in(inbox.StatusAI)
	require.Equal(t, inbox.Guard("automated"), p.last.Guard)
	require.Equal(t, []inbox.EffectKind{inbox.EffectAskAI}, p.effects())
	ask := p.effect(inbox.EffectAskAI)
	require.Equal(t, []any{p.c().ControlToken(), p.last.Message}, []any{ask.Token, ask.Message})
	require.Greater(t, p.c().Control().Epoch, old+1, "the archive, and the AI")
	require.Empty(t, p.c().Control().Who)
	require.Equal(t, 1, p.c().Snapshot().Turns)
	reason, at := p.c().Archived()
	require.Empty(t, reason)
	require.True(t, at.IsZero())
	require.Zero(t, unreadCount(p.c()))
	require.Empty(t, pendingKinds(p.c()))
	p.answers()
	p.replies() // and the people's again
	p.says()
	p.in(inbox.StatusHuman)

	people := func(why string, p *play) {
		t.Helper()
		p.in(inbox.StatusHuman)
		require.Equal(t, inbox.Guard("reopen"), p.last.Guard, why)
		require.Equal(t, 1, unreadCount(p.c()), why)
	}
	archived := func(ch helpdesk.Channel, c inbox.Config) *play {
		p := start(t, ch, c)
		p.archives()
		return p
	}
	p = archived(helpdesk.ChannelLiveChat, automatic) // it never had a ticket
	p.says()
	p.in(inbox.StatusAI)

	p = archived(helpdesk.ChannelEmail, automatic)
	p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
	people("somebody in copy", p)
	p = archived(helpdesk.ChannelEmail, automatic)
	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: p.msg(), Forwarded: true}))
	people("the AI does not answer what was forwarded", p)
	manual := automatic
	manual.Manual = []helpdesk.Channel{helpdesk.ChannelEmail}
	p = archived(helpdesk.ChannelEmail, manual)
	p.says()
	people("the AI does not answer the channel", p)
	p = archived(helpdesk.ChannelEmail, automatic)
	p.k.Conversation = p.c().WithPolicy(nil)
	p.says()
	people("no add-on", p)

	ticketed := func(ch helpdesk.Channel) *play {
		p := start(t, ch, automatic)
		p.confirms(p.offers())
		p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
		p.archives()
		return p
	}
	p = ticketed(helpdesk.ChannelEmail)
	p.says()
	people("its ticket is open again", p)
	require.True(t, p.k.Tickets[0].IsOpen())
	for _, ch := range []helpdesk.Channel{helpdesk.ChannelEmail, helpdesk.ChannelLiveChat} {
		p = ticketed(ch)
		p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: p.msg(), Aside: true}))
		require.False(t, p.k.Tickets[0].IsOpen())
		if ch == helpdesk.ChannelEmail {
			p.in(inbox.StatusAI)
		} else {
			people("R39", p)
		}
	}

	p = start(t, helpdesk.ChannelEmail, automatic) // the message is for the ticket that its ticket was merged into
	tk := p.confirms(p.offers())
	other, _, err := ticket.New(ticket.Standard(), p.agent(), ticket.Params{
		ID: ticketID(77), Reference: ticket.NewReference(77), Conversation: "other", Channel: helpdesk.ChannelEmail,
		Intake: ticket.Intake{Title: "Other", Requester: contact.Customer, Account: contact.Account},
	})
	require.NoError(t, err)
	merged, _, events, err := tk.MergeInto(p.agent(), other)
	require.NoError(t, err)
	p.k, err = p.k.ReplaceTicket(merged, events[0])
	require.NoError(t, err)
	p.archives()
	p.says()
	people("merged", p)
	require.Equal(t, ticketID(77), p.last.Tickets[0].Other)

	open := automatic
	open.OpenTicket = inbox.OpenTicketAllow
	p = start(t, helpdesk.ChannelEmail, open) // an open ticket has the message, and is not reopened
	p.confirms(p.offers())
	p.archives()
	p.says()
	p.in(inbox.StatusAI)
	require.Len(t, p.last.Tickets, 1)
}
