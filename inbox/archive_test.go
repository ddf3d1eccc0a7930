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

func pendingKinds(c inbox.Conversation) []inbox.TimerKind {
	var out []inbox.TimerKind
	for e := range c.Escalations() {
		if e.IsPending() {
			out = append(out, e.Kind)
		}
	}
	return out
}

func unreadCount(c inbox.Conversation) int {
	n := 0
	for x := range c.Notifications() {
		if !x.IsRead() {
			n++
		}
	}
	return n
}

// R61–R63: archiving removes pending escalations and unread notifications in the
// same decision; what was delivered or read is history; control passes.
func TestArchiveR62(t *testing.T) {
	t.Parallel()
	for _, reason := range []inbox.ArchiveReason{inbox.ArchiveClosed, inbox.ArchiveArchived} {
		p := start(t, helpdesk.ChannelEmail, automatic)
		p.conv(p.c().TakeOver(p.agent()))
		p.says()
		p.conv(p.c().MarkRead(p.agent(), 2))
		p.says()
		p.conv(p.c().Follow(p.agent(), "agent-2"))
		p.says()
		var first inbox.Escalation
		for e := range p.c().Escalations() {
			first = e
			break
		}
		s := p.system()
		s.At = first.Due
		p.now = first.Due
		p.conv(p.c().Escalate(s, first.ID))
		require.Equal(t, []inbox.TimerKind{inbox.TimerKind("not_closed")}, pendingKinds(p.c()))
		unread := unreadCount(p.c())
		require.Equal(t, 4, unread, "the escalation is told beside the messages (R86)")

		by := p.agent()
		p.do(p.k.Archive(by, inbox.ArchiveParams{Reason: reason}))
		require.Equal(t, []inbox.EffectKind{inbox.EffectCancelTimers, inbox.EffectCancelNotifications}, p.effects())
		require.Len(t, p.effect(inbox.EffectCancelTimers).Cancels, 1)
		require.Len(t, p.effect(inbox.EffectCancelNotifications).Cancels, unread)
		require.Empty(t, pendingKinds(p.c()))
		require.Zero(t, unreadCount(p.c()))
		require.Len(t, slices.Collect(p.c().Escalations()), 1) // delivered: history
		require.Len(t, slices.Collect(p.c().Notifications()), 1)
		got, at := p.c().Archived()
		require.Equal(t, []any{reason, p.last.At, reason}, []any{got, at, p.last.Archived})
		require.EqualValues(t, 3, p.c().Control().Epoch)
		require.Empty(t, p.c().Control().Who)

		p.conv(p.c().Escalate(p.system(), p.effectless())) // T21: a timer that comes too late
		require.Empty(t, p.last.ID)
		p.conv(p.c().Unarchive(p.agent()))
		got, at = p.c().Archived()
		require.Equal(t, []any{inbox.ArchiveReason(""), time.Time{}}, []any{got, at})
		require.Equal(t, []inbox.TimerKind{inbox.TimerKind("no_action"), inbox.TimerKind("not_closed")}, pendingKinds(p.c())) // re-armed
	}
	p := start(t, helpdesk.ChannelEmail, automatic)
	for _, bad := range []inbox.ArchiveReason{"", "lost"} {
		_, _, err := p.k.Archive(p.agent(), inbox.ArchiveParams{Reason: bad})
		requireFields(t, err, "reason")
	}
	p.do(p.k.Archive(p.system(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	require.Empty(t, p.last.Effects) // nothing was armed
}

// effectless is the ID of an escalation that was cancelled.
func (p *play) effectless() string {
	return "conv/" + id(1).String() + "/escalation/not_closed/2"
}

// R61a: archiving while a ticket is open is refused, resolves it first, or lets it
// be.
func TestArchiveOpenTicketR61(t *testing.T) {
	t.Parallel()
	begin := func(o inbox.OnOpenTicket) *play {
		c := automatic
		c.OpenTicket = o
		p := start(t, helpdesk.ChannelLiveChat, c)
		p.confirms(p.offers())
		return p
	}
	for _, o := range []inbox.OnOpenTicket{"", inbox.OpenTicketRefuse} {
		p := begin(o)
		_, _, err := p.k.Archive(p.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
		var e *inbox.NotAllowedError
		require.ErrorAs(t, err, &e)
		require.Equal(t, inbox.Guard("open_ticket"), e.Guard)
		require.ErrorContains(t, err, "open_ticket")
		p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
		p.archives()
	}
	p := begin(inbox.OpenTicketResolve)
	_, _, err := p.k.Archive(p.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}) // R50: the action is required
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	p.do(p.k.PickUp(p.agent()))
	_, _, err = p.k.Archive(p.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
	requireFieldsOf(t, err, "action")
	p.do(p.k.Archive(p.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed, Resolution: ticket.ResolveParams{Action: "done"}}))
	require.True(t, p.k.Tickets[0].IsDone())
	require.Len(t, p.last.Tickets, 1)
	mail := slices.ContainsFunc(p.last.Tickets[0].Effects, func(e ticket.Effect) bool { return e.Kind == ticket.EffectMailResolved })
	require.True(t, mail) // R63: no notification, and kept
	p.conv(p.c().Unarchive(p.agent()))
	p.archives() // nothing to resolve

	p = begin(inbox.OpenTicketAllow)
	p.archives()
	_, open := p.k.OpenTicket()
	require.True(t, open)
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	p.in(inbox.StatusArchived)

	// T44: a ticket in a status of a newer version is not known to be done
	p = begin("")
	s := p.k.Tickets[0].Snapshot()
	s.Status = "escalated"
	tk, err := ticket.FromSnapshot(nil, s)
	require.NoError(t, err)
	p.k.Tickets = []ticket.Ticket{tk}
	_, _, err = p.k.Archive(p.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	p.says() // but a message is not lost on it
	require.Empty(t, p.last.Tickets)
	p.do(p.k.RecordAutoReply(p.customer(), p.msg()))
	require.Empty(t, p.last.Tickets)
}

// A message of the customer, and of somebody in copy, in an archived conversation:
// R61, R62 and the three policies.
func TestArchivedMessage(t *testing.T) {
	t.Parallel()
	begin := func(o inbox.OnArchived) *play {
		c := automatic
		c.Archived = o
		p := start(t, helpdesk.ChannelLiveChat, c)
		p.confirms(p.offers())
		p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
		p.archives()
		return p
	}
	for _, o := range []inbox.OnArchived{"", inbox.ArchivedReopen} {
		p := begin(o)
		p.says()
		p.in(inbox.StatusHuman)
		require.Equal(t, inbox.Guard("reopen"), p.last.Guard)
		require.Equal(t, []inbox.TimerKind{"no_action", "not_closed", "queue_wait"}, pendingKinds(p.c()))
		require.Equal(t, 1, unreadCount(p.c()))
		tk, open := p.k.OpenTicket() // T19: and the ticket with it
		require.True(t, open)
		require.Equal(t, ticket.StatusInProgress, tk.Status())
		p = begin(o)
		p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
		p.in(inbox.StatusHuman)
		_, open = p.k.OpenTicket()
		require.False(t, open)
	}

	p := begin(inbox.ArchivedEscalate)
	p.says()
	p.in(inbox.StatusArchived)
	require.Equal(t, inbox.Guard("escalate"), p.last.Guard)
	require.Equal(t, []inbox.TimerKind{inbox.TimerKind("no_action")}, pendingKinds(p.c())) // R62's exception
	armed := p.effect(inbox.EffectArmTimer)
	require.Equal(t, p.now.Add(time.Hour), armed.Due)
	_, open := p.k.OpenTicket()
	require.False(t, open)
	p.says()
	require.Len(t, pendingKinds(p.c()), 1, "one")
	s := p.system()
	s.At = armed.Due.Add(-time.Nanosecond)
	_, _, err := p.c().Escalate(s, armed.Key)
	var e *inbox.NotAllowedError
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Guard("early"), e.Guard)
	s.At = armed.Due
	p.now = armed.Due
	p.conv(p.c().Escalate(s, armed.Key))
	require.Equal(t, inbox.Guard("in_place"), p.last.Guard)
	p.in(inbox.StatusArchived)
	require.Equal(t, armed.Key, p.last.Timer)
	p.says()
	require.Len(t, pendingKinds(p.c()), 1)
	p.conv(p.c().Unarchive(p.agent()))
	require.Contains(t, p.effects(), inbox.EffectCancelTimers)
	require.Equal(t, []inbox.TimerKind{inbox.TimerKind("no_action"), inbox.TimerKind("not_closed")}, pendingKinds(p.c()))

	open2 := start(t, helpdesk.ChannelEmail, inbox.Config{Archived: inbox.ArchivedEscalate, OpenTicket: inbox.OpenTicketAllow})
	open2.do(open2.k.CreateTicket(nil, open2.agent(), staffDraft(2)))
	open2.archives()
	open2.says() // an open ticket has the message
	require.Len(t, open2.last.Tickets, 1)
	require.Equal(t, open2.last.At, open2.effect(inbox.EffectArmTimer).Due, "without a delay it is due now")

	p = begin(inbox.ArchivedNewConversation)
	n := p.c().Len()
	d := p.msg()
	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: d}))
	p.in(inbox.StatusArchived)
	require.Equal(t, []inbox.EffectKind{inbox.EffectStartConversation}, p.effects())
	require.Equal(t, d.ID, p.effect(inbox.EffectStartConversation).Message)
	require.Equal(t, n, p.c().Len())
	require.Empty(t, p.last.Tickets)
}

// Escalations: no answer for a time, active for a time, nobody picks up for a time;
// T21: what was cancelled does nothing.
func TestEscalations(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	require.Empty(t, pendingKinds(p.c())) // R64: the AI has it
	p.confirms(p.offers())
	require.ElementsMatch(t, []inbox.TimerKind{inbox.TimerKind("no_action"), inbox.TimerKind("not_closed"), inbox.TimerKind("queue_wait")}, pendingKinds(p.c()))
	due := map[inbox.TimerKind]time.Duration{
		"no_action": time.Hour, "not_closed": 48 * time.Hour, "queue_wait": 10 * time.Minute,
	}
	ids := map[inbox.TimerKind]string{}
	for e := range p.c().Escalations() {
		require.Equal(t, p.now.Add(due[e.Kind]), e.Due)
		require.Equal(t, []any{p.now, p.c().Control().Epoch}, []any{e.ArmedAt, e.Epoch})
		ids[e.Kind] = e.ID
	}
	for _, e := range p.last.Effects {
		if e.Kind == inbox.EffectArmTimer {
			require.Equal(t, []any{ids[e.Timer], p.c().Control().Epoch}, []any{e.Key, e.Epoch})
		}
	}
	s := p.system()
	s.At = p.now.Add(10 * time.Minute)
	p.now = s.At
	p.conv(p.c().Escalate(s, ids["queue_wait"]))
	p.in(inbox.StatusQueue) // never back to the AI
	p.conv(p.c().Escalate(p.system(), ids["queue_wait"]))
	require.Empty(t, p.last.ID, "once")

	p.do(p.k.PickUp(p.agent()))
	require.ElementsMatch(t, []inbox.TimerKind{inbox.TimerKind("no_action"), inbox.TimerKind("not_closed")}, pendingKinds(p.c()))
	p.replies() // R76: an answer
	require.Equal(t, []string{ids[inbox.TimerKind("no_action")]}, p.effect(inbox.EffectCancelTimers).Cancels)
	require.Equal(t, []inbox.TimerKind{inbox.TimerKind("not_closed")}, pendingKinds(p.c()))
	p.replies()
	require.NotContains(t, p.effects(), inbox.EffectCancelTimers)
	p.says()
	require.ElementsMatch(t, []inbox.TimerKind{inbox.TimerKind("no_action"), inbox.TimerKind("not_closed")}, pendingKinds(p.c()))
	again := p.effect(inbox.EffectArmTimer)
	require.NotEqual(t, ids[inbox.TimerKind("no_action")], again.Key)
	p.says()
	require.NotContains(t, p.effects(), inbox.EffectArmTimer) // it runs since the first of them
	p.conv(p.c().Escalate(p.system(), ids["no_action"]))
	require.Empty(t, p.last.ID)
	_, _, err := p.c().Escalate(p.agent(), again.Key)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	p.asks()
	require.Equal(t, []inbox.TimerKind{inbox.TimerKind("not_closed")}, pendingKinds(p.c()))

	mail := start(t, helpdesk.ChannelEmail, automatic)
	mail.conv(mail.c().TakeOver(mail.agent())) // taking over is no answer yet
	require.ElementsMatch(t, []inbox.TimerKind{inbox.TimerKind("no_action"), inbox.TimerKind("not_closed")}, pendingKinds(mail.c()))
	mail.conv(mail.c().ReturnToAI(mail.agent()))
	require.Empty(t, pendingKinds(mail.c()))
	mail.replies() // and this one is
	require.Equal(t, []inbox.TimerKind{inbox.TimerKind("not_closed")}, pendingKinds(mail.c()))

	queue := start(t, helpdesk.ChannelLiveChat, automatic)
	queue.confirms(queue.offers())
	queue.replies()
	require.Len(t, queue.effect(inbox.EffectCancelTimers).Cancels, 2) // no action, and the queue
}

// Delivered escalations are remembered, but not for ever.
func TestEscalationHistory(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{NoAction: inbox.Duration(time.Second)})
	for range 105 {
		for e := range p.c().Escalations() {
			if e.IsPending() {
				p.conv(p.c().Escalate(p.system(), e.ID))
			}
		}
		p.says()
	}
	all := slices.Collect(p.c().Escalations())
	require.Len(t, all, 6)
	require.True(t, all[5].IsPending())
	require.Equal(t, "conv/"+id(1).String()+"/escalation/no_action/101", all[0].ID)
}

// R55: notifications are listed for each member of the team and for the team, one
// unread for each; reading them is for whoever has read.
func TestNotificationsR55(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	n := p.effect(inbox.EffectNotify)
	require.Equal(t, []any{"", inbox.EventStart}, []any{n.Agent, n.Cause}) // nobody has it: the team
	p.says()
	require.NotContains(t, p.effects(), inbox.EffectNotify) // it is known already
	team := slices.Collect(p.c().NotificationsOf("agent-1"))
	require.Len(t, team, 1)
	require.EqualValues(t, 2, team[0].Seq)
	require.Equal(t, n.Key, team[0].ID)

	p.conv(p.c().MarkNotified(p.system(), n.Key))
	team = slices.Collect(p.c().NotificationsOf(""))
	require.Equal(t, p.now, team[0].SentAt)
	p.conv(p.c().MarkNotified(p.system(), n.Key)) // told twice
	require.Empty(t, p.last.ID)

	p.conv(p.c().Follow(p.agent(), "agent-2"))
	p.replies()
	require.True(t, slices.Collect(p.c().NotificationsOf(""))[0].IsRead(), "who writes has read what stood there (R86)")
	p.says()
	var to []string
	for _, e := range p.last.Effects {
		if e.Kind == inbox.EffectNotify {
			to = append(to, e.Agent)
			require.Contains(t, e.Key, "/"+e.Agent)
		}
	}
	require.Equal(t, []string{"agent-2", "agent-1"}, to)
	require.Len(t, slices.Collect(p.c().NotificationsOf("agent-2")), 2) // the team's too
	require.Len(t, slices.Collect(p.c().NotificationsOf("agent-3")), 1)
	stop := 0
	for range p.c().NotificationsOf("agent-2") {
		stop++
		break
	}
	require.Equal(t, 1, stop)

	p.conv(p.c().MarkRead(p.agent(), 1))
	require.Equal(t, 2, unreadCount(p.c()), "they are about later messages")
	require.EqualValues(t, 3, p.c().ReadUpTo("agent-1"), "who wrote the third has read what stood there (R86)")
	require.Equal(t, 1, p.c().Unread("agent-1"))
	require.Equal(t, 4, p.c().Unread("agent-2"))
	p.conv(p.c().MarkRead(p.agent(), 4))
	require.Equal(t, 1, unreadCount(p.c())) // agent-2 has not
	require.Len(t, p.effect(inbox.EffectCancelNotifications).Cancels, 1)
	require.Equal(t, []any{"agent-1", uint64(4)}, []any{p.last.Agent, p.last.Seq})
	p.conv(p.c().MarkRead(p.agent(), 2)) // never back
	require.EqualValues(t, 4, p.c().ReadUpTo("agent-1"))
	require.Zero(t, p.c().Unread("agent-1"))
	p.conv(p.c().AddNote(p.agent(), p.msg()))
	require.Zero(t, p.c().Unread("agent-1"))
	require.Equal(t, 5, p.c().Unread("agent-2"))
	require.Zero(t, p.c().ReadUpTo("agent-2"))

	_, _, err := p.c().MarkRead(p.agent(), 6)
	requireFields(t, err, "up_to")
	s := p.agent()
	s.Who = ""
	_, _, err = p.c().MarkRead(s, 1)
	requireFields(t, err, "who")

	p.conv(p.c().Unfollow(p.agent(), "agent-2"))
	require.Len(t, p.effect(inbox.EffectCancelNotifications).Cancels, 1)
	require.Zero(t, unreadCount(p.c()))
	require.Empty(t, slices.Collect(p.c().Followers()))
	p.conv(p.c().Unfollow(p.agent(), "agent-2")) // is none
	require.Empty(t, p.last.Effects)
}

func TestWatchers(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	for i := range 100 {
		p.conv(p.c().Follow(p.agent(), "agent-"+strconv.Itoa(i)))
	}
	p.conv(p.c().Follow(p.agent(), "agent-7")) // is one
	require.True(t, slices.IsSorted(slices.Collect(p.c().Followers())))
	require.Len(t, slices.Collect(p.c().Followers()), 100)
	_, _, err := p.c().Follow(p.agent(), "agent-100")
	requireFields(t, err, "agent")
	require.ErrorContains(t, err, strconv.Itoa(100+1)+" watchers")
	_, _, err = p.c().Follow(p.agent(), "")
	requireFields(t, err, "agent")
	_, _, err = p.c().Unfollow(p.agent(), "")
	requireFields(t, err, "agent")
	p.replies()
	s := p.agent()
	s.Who = "agent-8"
	p.do(p.k.Reply(s, p.msg()))
	p.says()
	require.Len(t, p.last.Effects, 100, "who holds it is among them")

	read := func(who string, upTo int) {
		s := p.agent()
		s.Who = who
		p.conv(p.c().MarkRead(s, uint64(upTo)))
	}
	for i := range 126 { // with agent-1 and agent-8, who wrote
		read("r"+strconv.Itoa(i), 1+i%2)
	}
	read("one more", 3)
	marks := p.c().Snapshot().Marks
	require.Len(t, marks, 128, "nobody is refused: the mark that lies furthest back is forgotten")
	require.Zero(t, p.c().ReadUpTo("r0"))
	require.EqualValues(t, 1, p.c().ReadUpTo("r10"))
	require.EqualValues(t, 3, p.c().ReadUpTo("one more"))
	require.EqualValues(t, 2, p.c().ReadUpTo("agent-1"))
	read("another", 0)
	require.Zero(t, p.c().ReadUpTo("r10"))
	require.Len(t, p.c().Snapshot().Marks, 128)
}

// Read notifications are remembered, but not for ever.
func TestNotificationHistory(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	for range 105 {
		p.conv(p.c().MarkRead(p.agent(), uint64(p.c().Len())))
		p.says()
	}
	all := slices.Collect(p.c().Notifications())
	require.Len(t, all, 6)
	require.False(t, all[5].IsRead())
	require.EqualValues(t, 101, all[0].Seq)
}

// R51, T22: a conversation goes with its tickets, not early, not while one is open
// or held, and says nothing afterwards.
func TestPurgeR51(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	guard := func(want inbox.Guard, at, due time.Time) {
		t.Helper()
		s := p.system()
		s.At = at
		before := snapshots(p.k)
		k, _, err := p.k.Purge(s, due)
		var e *inbox.NotAllowedError
		require.ErrorAs(t, err, &e)
		require.Equal(t, want, e.Guard)
		require.Equal(t, before, snapshots(k))
	}
	guard("ticket_kept", p.now.Add(time.Hour), p.now)
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	due := p.now.Add(30 * 24 * time.Hour)
	guard("early", due.Add(-time.Nanosecond), due)
	guard("early", due, time.Time{})

	held, _, err := p.k.Tickets[0].PlaceLegalHold(helpdesk.Command{ID: "h", At: p.now, Author: helpdesk.Author{By: helpdesk.ActorAgent}}, ticket.LegalHoldParams{ID: "h1", Reason: "court", Privileged: true})
	require.NoError(t, err)
	s := p.system()
	s.At = due
	k, _, err := inbox.Case{Conversation: p.c(), Tickets: []ticket.Ticket{held}}.Purge(s, due)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	require.Equal(t, p.c().Snapshot(), k.Conversation.Snapshot())

	replies := slices.Collect(p.c().Replies())
	require.NotEmpty(t, replies)
	p.now = due
	p.do(p.k.Purge(s, due))
	p.in(inbox.StatusPurged)
	require.Len(t, p.last.Tickets, 1)
	require.Equal(t, ticket.StatusPurged, p.k.Tickets[0].Status())
	require.Equal(t, []any{id(1), 0, inbox.Contact{}, inbox.Kind(""), true}, []any{p.c().ID(), p.c().Len(), p.c().Contact(), p.c().Kind(), p.c().HadTicket()})
	require.Equal(t, inbox.List(""), p.c().List())
	require.Contains(t, p.effects(), inbox.EffectCancelTimers)

	_, _, err = p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: p.msg()})
	require.ErrorIs(t, err, helpdesk.ErrGone)
	_, _, err = p.k.Purge(p.system(), due)
	require.ErrorIs(t, err, helpdesk.ErrGone)

	alone := start(t, helpdesk.ChannelEmail, inbox.Config{}) // without tickets it is the policy's word
	alone.do(alone.k.Purge(alone.system(), alone.now))
	alone.in(inbox.StatusPurged)
}

// A ticket that is purged on its own is forgotten, and nothing else of it.
func TestUnlink(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(3)))
	_, _, err := p.k.UnlinkTicket(p.system(), ticketID(2))
	var e *inbox.NotAllowedError
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Guard("ticket_kept"), e.Guard)
	_, _, err = p.k.UnlinkTicket(p.system(), ticketID(9))
	requireFields(t, err, "ticket")

	due := p.now.Add(time.Hour)
	purged, _, err := p.k.Tickets[0].Purge(helpdesk.Command{ID: "p", At: due, Author: helpdesk.Author{By: helpdesk.ActorSystem}}, due)
	require.NoError(t, err)
	p.k.Tickets = []ticket.Ticket{purged, p.k.Tickets[1]}
	p.do(p.k.UnlinkTicket(p.system(), ticketID(2)))
	require.Equal(t, ticketID(2), p.last.Ticket)
	require.Equal(t, []inbox.TicketLink{{Ticket: ticketID(3)}}, p.c().Snapshot().Tickets)
	require.Len(t, p.k.Tickets, 1)
	require.True(t, p.c().HadTicket())
	require.Empty(t, p.last.Tickets)

	// a purged ticket that is still there is no obstacle
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	due = p.now.Add(time.Hour)
	purged, _, err = p.k.Tickets[0].Purge(helpdesk.Command{ID: "p", At: due, Author: helpdesk.Author{By: helpdesk.ActorSystem}}, due)
	require.NoError(t, err)
	p.k.Tickets = []ticket.Ticket{purged}
	p.now = due
	p.archives()
	p.do(p.k.Purge(p.system(), due))
	require.Empty(t, p.last.Tickets)
}

// A case has every ticket of its conversation, and no other.
func TestCaseTickets(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
	own := p.k.Tickets[0]
	other := start(t, helpdesk.ChannelEmail, inbox.Config{})
	other.do(other.k.CreateTicket(nil, other.agent(), staffDraft(3)))
	foreign, err := ticket.FromSnapshot(nil, func() ticket.Snapshot {
		s := own.Snapshot()
		s.ID, s.Conversation = ticketID(4), id(2).String()
		return s
	}())
	require.NoError(t, err)
	for name, tickets := range map[string][]ticket.Ticket{
		"none": nil, "not known to be open": {own, other.k.Tickets[0]}, "another's": {own, foreign}, "twice": {own, own},
	} {
		_, _, err := inbox.Case{Conversation: p.c(), Tickets: tickets}.Reply(p.agent(), p.msg())
		requireFields(t, err, "tickets")
		require.NotEmpty(t, name)
	}
}
