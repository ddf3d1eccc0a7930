package inbox_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// checkHead compares what a conversation keeps of its messages with all of them.
func checkHead(t tester, c inbox.Conversation) {
	t.Helper()
	s := c.Snapshot()
	var counts inbox.MessageCounts
	var last inbox.LastMessage
	var customer uint64
	for _, m := range s.Messages {
		switch {
		case m.Note != nil:
			counts.Notes++
			if m.Note.By == helpdesk.ActorAI {
				counts.Inbound++
			}
		default:
			r := m.Reply
			counts.Public++
			counts.Attachments += uint64(len(r.Attachments))
			if r.By != helpdesk.ActorAgent {
				counts.Inbound++
			}
			if !r.Auto {
				last = inbox.LastMessage{ID: r.ID, Seq: r.Seq, At: r.At, By: r.By}
			}
			if !r.Auto && r.By == helpdesk.ActorCustomer {
				customer = r.Seq
			}
		}
	}
	require.Equal(t, counts, s.Counts)
	require.Equal(t, counts, c.Counts())
	require.Equal(t, last, s.LastPublic)
	require.Equal(t, customer, s.LastCustomer)
	require.EqualValues(t, len(s.Messages), s.Len)
	require.Len(t, c.Added(), len(s.Messages), "it was never stored")
}

// checkOffers compares what a conversation keeps of its offers with all of them.
func checkOffers(t tester, c inbox.Conversation) {
	t.Helper()
	s := c.Snapshot()
	require.Equal(t, len(s.Offers), s.OfferCount)
	require.Equal(t, s.Offers, c.AddedOffers(), "it was never stored")
	var open inbox.Offer
	var ended []inbox.Offer
	for _, o := range s.Offers {
		if o.Status == inbox.OfferOpen {
			open = inbox.Offer{ID: o.ID, Status: o.Status, Shown: o.Shown, FollowUpOf: o.FollowUpOf, OfferedAt: o.OfferedAt, ExpiresAt: o.ExpiresAt}
			continue
		}
		ended = append(ended, inbox.Offer{ID: o.ID, Status: o.Status, ClosedAt: o.ClosedAt, Ticket: o.Ticket})
	}
	require.Equal(t, open, s.OpenOffer)
	require.Equal(t, ended, c.EndedOffers())
}

// checkTickets compares what a conversation keeps of its tickets with all of them.
func checkTickets(t tester, k inbox.Case) {
	t.Helper()
	s := k.Conversation.Snapshot()
	require.Equal(t, len(k.Tickets), s.Count)
	linked := func(id ticket.ID) bool {
		return slices.ContainsFunc(s.Tickets, func(l inbox.TicketLink) bool { return l.Ticket == id })
	}
	done, back := 0, 0 // tickets that are done, and that were
	var needed []ticket.ID
	for _, tk := range k.Tickets {
		if tk.IsDone() {
			done++
			require.Equal(t, linked(tk.ID()), slices.Contains(s.Done, tk.ID()))
			continue
		}
		if !tk.LastClosedAt().IsZero() || tk.Snapshot().Episode > 0 {
			back++
		}
		needed = append(needed, tk.ID())
		require.True(t, linked(tk.ID()))
		require.NotContains(t, s.Done, tk.ID())
	}
	require.LessOrEqual(t, len(s.Done), 4)
	require.GreaterOrEqual(t, len(s.Done), min(done, 4-back)) // one that came back leaves, and no older one comes
	for _, id := range k.Conversation.CaseTickets() {
		if i := slices.Index(needed, id); i >= 0 {
			needed = slices.Delete(needed, i, i+1)
			continue
		}
		require.Contains(t, s.Done, id)
	}
	require.Empty(t, needed, "a case needs every open ticket")
}

// apart returns the case as a host has it that keeps messages apart, and has read those
// with the names.
func (p *play) apart(names ...string) inbox.Case {
	p.t.Helper()
	s := p.c().Snapshot()
	var list []inbox.Message
	for _, m := range s.Messages {
		switch {
		case m.Reply != nil && slices.Contains(names, m.Reply.ID):
			list = append(list, *m.Reply)
		case m.Note != nil && slices.Contains(names, m.Note.ID):
			list = append(list, *m.Note)
		}
	}
	s.Messages = nil
	c, err := inbox.FromSnapshot(s)
	require.NoError(p.t, err)
	k := p.k
	k.Conversation = c.WithPolicy(p.c().Policy()).WithMessages(list...)
	return k
}

// same checks that a command on a case without its messages came to the same as on the
// whole one.
func (p *play) same(whole, apart inbox.Case, a, b []inbox.Event, errA, errB error) {
	p.t.Helper()
	require.Equal(p.t, errA, errB)
	require.Equal(p.t, a, b)
	x, y := whole.Conversation.Snapshot(), apart.Conversation.Snapshot()
	x.Messages, y.Messages = nil, nil
	x.Offers, y.Offers = nil, nil
	require.Equal(p.t, x, y)
}

// T15: that an ID is taken, and by what, is found among the messages that the host has
// read by name. Of three arrivals under one ID, *one, two, two*, the third is known.
func TestNamesT15(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	p.conv(p.c().AddNote(p.agent(), draft("n1", "Odd.")))
	p.do(p.k.Reply(p.agent(), draft("r1", "Yes.")))
	long := strings.Repeat("x", inbox.MaxBody+1)
	for _, m := range []inbox.MessageParams{
		draft("m2", "one"), draft("m2", "two"), draft("m2", "two"), draft("m2", "one"),
		draft("n1", "Odd."), draft("n1", "Odd."), draft("r1", "Yes."), draft("r1", "Yes."),
		draft("no ID", "one"), draft("no ID", "two"), draft("no ID", "two"), draft("no ID", "one"),
		draft("m3", long), draft("m3", long), draft("m3", long+"y"), draft("new", "three"),
	} {
		names := inbox.NamesOf(m)
		require.Len(t, names, 2)
		cmd := p.customer()
		in := inbox.CustomerMessageParams{MessageParams: m}
		apart, b, errB := p.apart(names...).AddCustomerMessage(cmd, in)
		whole, a, errA := p.k.AddCustomerMessage(cmd, in)
		p.same(whole, apart, a, b, errA, errB)
		p.k = whole
		if errA == nil {
			require.Len(t, apart.Conversation.Added(), 1)
			require.Equal(t, whole.Conversation.Messages(uint64(whole.Conversation.Len()-1), 1), apart.Conversation.Added())
		}
	}
	require.Equal(t, 3+2+1+1+2+1+1, p.c().Len())
	require.Empty(t, inbox.NamesOf(draft("", "one")))
}

// T28: what became of a message that went out is told by its name alone, and stands in
// what the host has at hand then.
func TestBounceApartT28(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	p.do(p.k.Reply(p.agent(), draft("r1", "Yes.")))
	p.says()
	k := p.apart("r1")
	require.Empty(t, k.Conversation.Added())
	cmd := p.system()
	lost, b, errB := k.MarkBounced(cmd, "r1")
	whole, a, errA := p.k.MarkBounced(cmd, "r1")
	p.same(whole, lost, a, b, errA, errB)
	r, ok := lost.Conversation.Message("r1")
	require.True(t, ok && r.Undelivered)
	require.Empty(t, lost.Conversation.Added(), "it is no new message")
	again, events, err := lost.MarkBounced(p.system(), "r1")
	require.NoError(t, err)
	require.Empty(t, events[0].Effects)
	back, _, err := again.MarkDelivered(p.system(), "r1")
	require.NoError(t, err)
	r, _ = back.Conversation.Message("r1")
	require.False(t, r.Undelivered)
	_, _, err = p.apart().MarkBounced(p.system(), "r1")
	requireFields(t, err, "message")
}

// A page of messages, as a view has it, in any order and with others beside.
func TestWithMessages(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	for range 3 {
		p.says()
	}
	p.conv(p.c().AddNote(p.agent(), p.msg()))
	all := p.c().Messages(0, 10)
	require.Len(t, all, 5)
	c := p.apart().Conversation
	require.Empty(t, c.Messages(0, 10))
	require.Equal(t, 5, c.Len())
	c = c.WithMessages(all[3], all[1], all[3], inbox.Reply{ID: "later", Seq: 6}, inbox.Reply{ID: "none"})
	require.Equal(t, []inbox.Message{all[1], all[3]}, c.Messages(0, 10))
	require.Equal(t, []inbox.Message{all[3]}, c.Messages(2, 10))
	require.Equal(t, []inbox.Message{all[1]}, c.Messages(0, 1))
	require.Empty(t, c.Added())
	require.Equal(t, all, c.WithMessages(all...).Messages(0, 10))
	v := c.TeamView(inbox.Viewer{Agent: "agent-2"}, 2, 10)
	require.Equal(t, []any{1, true, 5}, []any{len(v.Messages), v.More, v.Unread})
	more, _, err := c.AddNote(p.agent(), p.msg())
	require.NoError(t, err)
	require.Len(t, more.Added(), 1)
	require.EqualValues(t, 6, more.Added()[0].Number())
}

// answerable returns the case as a host has it that keeps messages and offers apart, and
// has read the offers with the names.
func (p *play) answerable(names ...string) inbox.Case {
	p.t.Helper()
	s := p.c().Snapshot()
	list := slices.DeleteFunc(s.Offers, func(o inbox.Offer) bool { return !slices.Contains(names, o.ID) })
	slices.Reverse(list)
	s.Messages, s.Offers = nil, nil
	c, err := inbox.FromSnapshot(s)
	require.NoError(p.t, err)
	k := p.k
	k.Conversation = c.WithPolicy(p.c().Policy()).WithOffers(list...)
	return k
}

// R27–R34, T24: an offer that a command names is all that it asks of offers, however many
// there are. What it comes to is the same, and says what to store.
func TestOffersApart(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	type step func(inbox.Case, helpdesk.Command) (inbox.Case, []inbox.Event, error)
	run := func(cmd helpdesk.Command, f step, names ...string) inbox.Case {
		t.Helper()
		apart, b, errB := f(p.answerable(names...), cmd)
		whole, a, errA := f(p.k, cmd)
		p.same(whole, apart, a, b, errA, errB)
		p.k = whole
		return apart
	}
	on := func(f func(inbox.Conversation, helpdesk.Command) (inbox.Conversation, []inbox.Event, error)) step {
		return func(k inbox.Case, cmd helpdesk.Command) (inbox.Case, []inbox.Event, error) {
			c, events, err := f(k.Conversation, cmd)
			k.Conversation = c
			return k, events, err
		}
	}
	offer := func(id, supersedes string) inbox.Case {
		d := offerDraft(id)
		d.Supersedes = supersedes
		return run(p.ai(), func(k inbox.Case, cmd helpdesk.Command) (inbox.Case, []inbox.Event, error) {
			return k.MakeOffer(cmd, k.Conversation.ControlToken(), d)
		}, id)
	}
	k := offer("o1", "")
	added := k.Conversation.AddedOffers()
	require.Len(t, added, 1)
	require.Equal(t, p.lastOffer(), added[0])
	require.Empty(t, k.Conversation.EndedOffers())
	head, ok := p.answerable().Conversation.OpenOffer()
	require.True(t, ok)
	require.Equal(t, []any{"o1", added[0].Shown, "", inbox.OfferOpen}, []any{head.ID, head.Shown, head.Intake.Title, head.Status})
	require.Empty(t, slices.Collect(p.answerable().Conversation.Offers()))

	offer("o1", "o1") // refused, though it is not at hand
	k = offer("o2", "o1")
	require.Len(t, k.Conversation.AddedOffers(), 1)
	require.Equal(t, []inbox.Offer{{ID: "o1", Status: inbox.OfferSuperseded, ClosedAt: p.now}}, k.Conversation.EndedOffers())
	offer("o1", "o2") // taken

	decline := func(id string) inbox.Case {
		return run(p.customer(), on(func(c inbox.Conversation, cmd helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
			return c.DeclineOffer(cmd, id)
		}), id)
	}
	decline("o1")
	decline("o9")
	k = decline("o2")
	require.Equal(t, []inbox.Offer{{ID: "o2", Status: inbox.OfferDeclined, ClosedAt: p.now}}, k.Conversation.EndedOffers())
	require.Empty(t, k.Conversation.AddedOffers())
	decline("o2")

	offer("o3", "")
	run(p.agent(), on(inbox.Conversation.TakeOver), "none")
	require.Equal(t, inbox.OfferWithdrawn, p.lastOffer().Status)
	run(p.agent(), on(inbox.Conversation.ReturnToAI))
	offer("o4", "")
	expire := p.system()
	expire.At = p.lastOffer().ExpiresAt
	p.now = expire.At
	run(expire, on(func(c inbox.Conversation, cmd helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return c.ExpireOffer(cmd, "o4")
	}))
	decline("o4")

	offer("o5", "")
	d := confirmation(p.lastOffer(), 1)
	confirm := func(id string) inbox.Case {
		d := d
		d.Offer = id
		return run(p.customer(), func(k inbox.Case, cmd helpdesk.Command) (inbox.Case, []inbox.Event, error) {
			return k.ConfirmOffer(nil, cmd, d)
		}, id)
	}
	for _, id := range []string{"o1", "o2", "o3", "o4", "o9"} {
		confirm(id)
	}
	_, _, err := p.answerable().ConfirmOffer(nil, p.customer(), d)
	requireFields(t, err, "offer")
	k = confirm("o5")
	require.Equal(t, []inbox.Offer{{ID: "o5", Status: inbox.OfferConfirmed, ClosedAt: p.now, Ticket: d.Ticket}}, k.Conversation.EndedOffers())
	require.Equal(t, "Printer on fire", k.Tickets[0].Intake().Title)
	confirm("o5") // again
	checkOffers(t, p.c())

	all := slices.Collect(p.c().Offers())
	c := p.answerable("o4", "o2").Conversation
	require.Equal(t, []inbox.Offer{all[1], all[3]}, c.TeamView(inbox.Viewer{}, 0, 1).Offers)
	require.Equal(t, all, c.WithOffers(all...).TeamView(inbox.Viewer{}, 0, 1).Offers)
	require.Empty(t, c.AddedOffers())
	lie := all[4]
	lie.Status = inbox.OfferOpen
	require.Len(t, slices.Collect(c.WithOffers(lie, inbox.Offer{}, all[1]).Offers()), 2)
}

// R86: whoever had the conversation once and never read of it is forgotten in the end, the
// one of long ago first, and never somebody who is told now.
func TestUnreadIsBoundedR86(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{NoAction: inbox.Duration(time.Minute)})
	for i := range 100 {
		p.conv(p.c().Follow(p.agent(), "follower-"+strconv.Itoa(i)))
	}
	for i := range 60 {
		cmd := p.agent()
		cmd.Who = "agent-" + strconv.Itoa(i)
		p.do(p.k.Reply(cmd, p.msg()))
		p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
		p.says()
	}
	unread := map[string]bool{}
	all := 0
	for n := range p.c().Notifications() {
		if n.IsRead() {
			require.Empty(t, n.Agent, "whoever replied has read what the team was told")
			continue
		}
		all++
		unread[n.Agent] = true
	}
	require.Len(t, unread, 128)
	require.Equal(t, 128, all)
	require.True(t, unread["follower-0"] && unread["follower-99"] && unread["agent-59"] && unread["agent-32"])
	require.False(t, unread["agent-31"])
}
