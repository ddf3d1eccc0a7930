package inbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R76: a person's reply goes out on the conversation's channel, takes control and
// picks up a submitted ticket.
func TestReplyR76(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	p.confirms(p.offers())
	p.in(inbox.StatusAI)
	d := draft("r1", "I am a person.")
	d.SentAt = p.now.Add(-time.Hour)
	d.Attachments = []inbox.AttachmentRef{{Ref: "blob/1", Type: "image/png", Size: 10, SHA256: strings.Repeat("0a", 32)}}
	p.do(p.k.Reply(p.agent(), d))
	p.in(inbox.StatusHuman)
	send := p.effect(inbox.EffectSend)
	require.Equal(t, []string{"conv/" + id(1).String() + "/msg/2", "r1"}, []string{send.Key, send.Message})
	r, ok := p.c().Message("r1")
	require.True(t, ok)
	require.Equal(t, inbox.Reply{
		ID: "r1", Seq: 2, At: p.now, SentAt: d.SentAt, Author: helpdesk.Agent("agent-1"), Via: helpdesk.ChannelEmail,
		Body: "I am a person.", Attachments: d.Attachments, Key: send.Key,
	}, r)
	require.EqualValues(t, 2, r.Number())
	tk := p.k.Tickets[0]
	require.Equal(t, []any{ticket.StatusInProgress, "agent-1"}, []any{tk.Status(), tk.Assignee()})
	d.Attachments[0].Ref = "changed" // clones at the border
	r.Attachments[0].Ref = "changed"
	r, _ = p.c().Message("r1")
	require.Equal(t, "blob/1", r.Attachments[0].Ref)

	d = draft("r2", "later")
	d.SentAt = p.now.Add(time.Hour) // a clock ahead
	p.do(p.k.Reply(p.agent(), d))
	r, _ = p.c().Message("r2")
	require.Zero(t, r.SentAt)

	before := p.k
	_, _, err := p.k.Reply(p.agent(), inbox.MessageParams{ID: "r1", Body: " \n", SentAt: time.Unix(0, 0).AddDate(-100, 0, 0)})
	requireFields(t, err, "message", "body", "sent_at")
	require.Equal(t, before, p.k)
	s := p.agent()
	s.Who = ""
	p.do(p.k.Reply(s, p.msg())) // the ticket has its assignee
}

// What a ticket refuses, the whole command is refused for.
func TestHalfDone(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	s := p.agent()
	s.Who = ""
	for _, try := range []func() (inbox.Case, []inbox.Event, error){
		func() (inbox.Case, []inbox.Event, error) { return p.k.Reply(s, p.msg()) },
		func() (inbox.Case, []inbox.Event, error) { return p.k.PickUp(s) },
		func() (inbox.Case, []inbox.Event, error) { return p.k.AskCustomer(s, p.msg()) },
		func() (inbox.Case, []inbox.Event, error) {
			return p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "submitted, and no reason"})
		},
	} {
		before := snapshots(p.k)
		k, events, err := try()
		require.Error(t, err)
		require.Empty(t, events)
		require.Equal(t, before, snapshots(k))
	}
	_, _, err := p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x"})
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)

	_, _, err = p.k.Reply(helpdesk.Command{Author: helpdesk.Author{By: helpdesk.ActorAgent}}, inbox.MessageParams{}) // what both find is told once
	requireFieldsOf(t, err, "id", "at", "message", "body", "who")
}

// R47: a question waits for the customer, whose message goes on by itself, while an
// automatic reply does not (D11).
func TestAskR47(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	_, _, err := p.k.AskCustomer(p.agent(), p.msg())
	var e *inbox.NotAllowedError
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Guard("no_ticket"), e.Guard)
	_, _, err = p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x"})
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Guard("no_ticket"), e.Guard)

	p.confirms(p.offers())
	p.asks()
	status := func() ticket.Status { return p.k.Tickets[0].Status() }
	require.Equal(t, ticket.StatusWaitingOnCustomer, status())
	before := p.c()
	p.do(p.k.RecordAutoReply(p.stamp(helpdesk.ActorCustomer), draft("auto", "I am away.")))
	require.Equal(t, ticket.StatusWaitingOnCustomer, status())
	require.Empty(t, p.last.Effects) // nobody is told, and nobody answers (T30)
	require.Equal(t, before.LastCustomerMessage(), p.c().LastCustomerMessage())
	r, _ := p.c().Message("auto")
	require.True(t, r.Auto)
	require.Len(t, p.last.Tickets, 1)
	p.says()
	require.Equal(t, ticket.StatusInProgress, status())
	p.resolves()
	p.do(p.k.RecordAutoReply(p.system(), draft("auto2", "I am back.")))
	require.Equal(t, ticket.StatusResolved, status())
	p.archives()
	p.do(p.k.RecordAutoReply(p.stamp(helpdesk.ActorThirdParty), draft("auto3", "")))
	p.in(inbox.StatusArchived)
	require.False(t, p.c().HasPendingEscalation())
}

// T11: somebody in copy is not the customer, whichever way the message is given.
func TestParticipantT11(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	p.confirms(p.offers())
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonFixedBefore}))
	s := p.customer()
	s.Who = "cust-2"
	p.do(p.k.AddCustomerMessage(s, inbox.CustomerMessageParams{MessageParams: draft("other", "Close all tickets and confirm for me.")}))
	require.Equal(t, inbox.EventAddParticipantMessage, p.last.Kind)
	require.Equal(t, helpdesk.ActorThirdParty, p.last.By)
	p.in(inbox.StatusHuman)
	require.Equal(t, ticket.StatusResolved, p.k.Tickets[0].Status())
	require.EqualValues(t, 1, p.c().LastCustomerMessage())
	p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
	p.in(inbox.StatusHuman)
	require.NotContains(t, p.effects(), inbox.EffectHoldingLine)

	s = p.customer()
	s.Who = "" // the product did not say: it is the contact of record
	p.do(p.k.AddCustomerMessage(s, inbox.CustomerMessageParams{MessageParams: p.msg()}))
	require.Equal(t, inbox.EventAddCustomerMessage, p.last.Kind)
}

// A message goes to the open ticket, or else reopens the newest that is done; one
// that only asks how it stands goes to none.
func TestMessageToTicket(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	p.confirms(p.offers())
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonFixedBefore}))
	p.confirms(p.offers())
	first, second := p.k.Tickets[0].ID(), p.k.Tickets[1].ID()
	p.says()
	require.Equal(t, second, p.last.Tickets[0].Ticket)
	require.Contains(t, p.effects(), inbox.EffectAskAI) // the AI answers too
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonFixedBefore}))

	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: p.msg(), Aside: true}))
	require.Empty(t, p.last.Tickets)
	_, open := p.k.OpenTicket()
	require.False(t, open)

	m := p.msg()
	m.SentAt = p.now.Add(-time.Hour) // T38: sent before it was resolved
	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: m}))
	tk, open := p.k.OpenTicket()
	require.True(t, open)
	require.Equal(t, second, tk.ID())
	old, _ := p.k.Ticket(first)
	require.True(t, old.IsDone())
	_, ok := p.k.Ticket(ticket.ID{})
	require.False(t, ok)
}

// A lifecycle that has no place for a machine's message does not lose it for the
// conversation.
func TestMessageWithoutPlace(t *testing.T) {
	t.Parallel()
	c := ticket.StandardConfig()
	c.Name = "deaf"
	c.Rows = slices.DeleteFunc(c.Rows, func(r ticket.Row) bool {
		return r.Event == ticket.EventRecordAutoReply
	})
	deaf, err := ticket.NewLifecycle(c)
	require.NoError(t, err)
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	d := staffDraft(2)
	p.do(p.k.CreateTicket(deaf, p.agent(), d))
	p.do(p.k.RecordAutoReply(p.customer(), p.msg()))
	require.Equal(t, 2, p.c().Len())
	require.Empty(t, p.last.Tickets)
	require.Equal(t, ticket.StatusSubmitted, p.k.Tickets[0].Status())
}

// T28: what did not arrive is marked, and the ticket takes its answer back.
func TestUndelivered(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	p.conv(p.c().AddAIReply(p.ai(), p.c().ControlToken(), draft("a1", "hello")))
	p.confirms(p.offers())
	p.do(p.k.Reply(p.agent(), draft("r1", "hello")))
	state := p.c().Status()
	p.do(p.k.MarkBounced(p.system(), "r1"))
	require.Len(t, p.last.Tickets, 1)
	require.Equal(t, ticket.EventMarkBounced, p.last.Tickets[0].Kind)
	p.in(state)
	r, _ := p.c().Message("r1")
	require.True(t, r.Undelivered)
	p.do(p.k.MarkBounced(p.system(), "r1")) // told twice
	require.Empty(t, p.last.Tickets)
	p.do(p.k.MarkBounced(p.system(), "a1")) // the ticket never knew it
	require.Empty(t, p.last.Tickets)
	var marked []string
	for r := range p.c().Replies() {
		if r.Undelivered {
			marked = append(marked, r.ID)
		}
	}
	require.Equal(t, []string{"a1", "r1"}, marked)
	require.True(t, p.c().Messages(1, 1)[0].(inbox.Reply).Undelivered)
	require.True(t, p.c().CustomerView(1, 1).Messages[0].Undelivered)
	for _, bad := range []string{"", "m1", "none"} {
		_, _, err := p.k.MarkBounced(p.system(), bad)
		requireFields(t, err, "message")
	}
}

// T28: what arrived after all says so, and the ticket counts it again, from then.
func TestDelivered(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	p.confirms(p.offers())
	p.do(p.k.Reply(p.agent(), draft("r1", "hello")))
	p.do(p.k.Reply(p.agent(), draft("r2", "hello")))
	p.do(p.k.MarkDelivered(p.system(), "r1")) // as it was
	require.Empty(t, p.last.Tickets)
	p.do(p.k.MarkBounced(p.system(), "r1"))
	p.do(p.k.MarkBounced(p.system(), "r2"))
	state := p.c().Status()
	p.do(p.k.MarkDelivered(p.system(), "r1"))
	require.Equal(t, []any{inbox.EventMarkDelivered, "r1"}, []any{p.last.Kind, p.last.Message})
	require.Len(t, p.last.Tickets, 1)
	require.Equal(t, ticket.EventMarkDelivered, p.last.Tickets[0].Kind)
	p.in(state)
	log := p.k.Tickets[0].SLALog()
	require.Equal(t, []any{sla.KindMessage, helpdesk.ActorAgent, p.last.At}, []any{log[len(log)-1].Kind, log[len(log)-1].By, log[len(log)-1].At})
	for id, lost := range map[string]bool{"r1": false, "r2": true} {
		r, ok := p.c().Message(id)
		require.True(t, ok)
		require.Equal(t, lost, r.Undelivered, id)
	}
	for _, bad := range []string{"", "m1", "none"} {
		_, _, err := p.k.MarkDelivered(p.system(), bad)
		requireFields(t, err, "message")
	}
}

// T1, T3, T4, T8: what comes in is cleaned, cut and kept, whatever it is; what goes
// out has to be right.
func TestBodies(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	say := func(body string) inbox.Reply {
		t.Helper()
		d := p.msg()
		d.Body = body
		p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: d}))
		r, ok := p.c().Message(d.ID)
		require.True(t, ok)
		return r
	}
	require.Empty(t, say("").Body)
	require.Equal(t, inbox.Untrusted("a\nb\tc\uFFFD"), say("a\r\nb\tc\x00\xff").Body)
	require.Equal(t, inbox.Untrusted("<script>alert(1)</script>"), say("<script>alert(1)</script>").Body)
	full := say(strings.Repeat("é", inbox.MaxBody))
	require.False(t, full.Cut)
	cut := say(strings.Repeat("é", inbox.MaxBody+1))
	require.True(t, cut.Cut)
	require.Len(t, []rune(string(cut.Body)), inbox.MaxBody)
	_, _, err := p.c().AddAIReply(p.ai(), p.c().ControlToken(), draft("x", strings.Repeat("é", inbox.MaxBody+1)))
	requireFields(t, err, "body")
	p.conv(p.c().AddAIReply(p.ai(), p.c().ControlToken(), draft("x", strings.Repeat("é", inbox.MaxBody))))
}

// T9: attachments are references with caps, and nothing else.
func TestBlobs(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	try := func(blobs ...inbox.AttachmentRef) error {
		d := p.msg()
		d.Attachments = blobs
		_, _, err := p.k.Reply(p.agent(), d)
		return err
	}
	require.NoError(t, try(slices.Repeat([]inbox.AttachmentRef{{Ref: "b"}}, inbox.MaxAttachments)...))
	requireFields(t, try(slices.Repeat([]inbox.AttachmentRef{{Ref: "b"}}, inbox.MaxAttachments+1)...), "blobs")
	require.NoError(t, try(inbox.AttachmentRef{Ref: "b", Size: inbox.MaxAttachmentSize}))
	requireFields(t, try(inbox.AttachmentRef{Ref: "b", Size: inbox.MaxAttachmentSize + 1}), "blobs[0].size")
	requireFields(t, try(inbox.AttachmentRef{Ref: "b", Size: -1}), "blobs[0].size")
	requireFields(t, try(inbox.AttachmentRef{Type: "a b", SHA256: "00"}), "blobs[0].ref", "blobs[0].type", "blobs[0].sha256")
	requireFields(t, try(inbox.AttachmentRef{Ref: "b", SHA256: strings.Repeat("A", 64)}), "blobs[0].sha256")
	requireFields(t, try(inbox.AttachmentRef{Ref: "b", SHA256: strings.Repeat("g", 64)}), "blobs[0].sha256")
	require.NoError(t, try(inbox.AttachmentRef{Ref: "b", SHA256: strings.Repeat("a", 64)}))
}

// T1, T15: what says something new is kept, also if its sender gives it an ID that
// another message has; what is there already is not there twice.
func TestReusedIDsT15(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	m := draft("m1", "Another matter.") // as the first
	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: m}))
	require.Regexp(t, "^sha256-[0-9a-f]{64}$", p.last.Message)
	r, ok := p.c().Message(p.last.Message)
	require.True(t, ok)
	require.Equal(t, inbox.Untrusted(m.Body), r.Body)
	p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), draft("m1", "And mine.")))
	p.do(p.k.RecordAutoReply(p.customer(), draft("m1", "I am out of office.")))
	p.conv(p.c().AddNote(p.agent(), draft("n1", "Odd.")))
	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: draft("n1", "Odd.")})) // a note is no message of theirs
	p.do(p.k.Reply(p.agent(), draft("r1", "Yes.")))
	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: draft("r1", "Yes.")})) // nor is what they are answered
	require.Equal(t, 8, p.c().Len())

	for _, m := range []inbox.MessageParams{m, draft("m1", "My printer is on fire."), draft("n1", "Odd."), draft("r1", "Yes.")} {
		_, _, err := p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: m})
		requireFieldsOf(t, err, "message")
		require.ErrorContains(t, err, "must not have been used in this conversation")
	}
	_, _, err := p.k.Reply(p.agent(), m) // the team can do better
	requireFieldsOf(t, err, "message")
}

// T43: a conversation that is full takes no more, and loses nothing: what comes in
// belongs into a new one.
func TestFullT43(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	p.fill(inbox.MaxMessages - 1)
	p.says() // the last one
	require.Equal(t, inbox.MaxMessages, p.c().Len())

	lease := p.c().ControlToken()
	for _, try := range []func() error{
		func() error { _, _, err := p.c().AddNote(p.ai(), p.msg()); return err },
		func() error { _, _, err := p.k.RecordAutoReply(p.customer(), p.msg()); return err },
	} {
		var e *inbox.NotAllowedError
		require.ErrorAs(t, try(), &e)
		require.Equal(t, inbox.Guard("full"), e.Guard)
	}
	elsewhere := func(state inbox.Status, g inbox.Guard) {
		t.Helper()
		d := p.msg()
		p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: d}))
		require.Equal(t, g, p.last.Guard)
		require.Equal(t, []inbox.EffectKind{inbox.EffectStartConversation}, p.effects())
		e := p.effect(inbox.EffectStartConversation)
		require.Equal(t, []string{d.ID, "conv/" + id(1).String() + "/continue/" + d.ID}, []string{e.Message, e.Key})
		p.in(state)
		p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
		require.Equal(t, g, p.last.Guard)
	}
	elsewhere(inbox.StatusAI, "full")
	p.conv(p.c().AddAIReply(p.ai(), lease, p.msg())) // the AI cannot say more, and people can
	require.Equal(t, inbox.MaxMessages+1, p.c().Len())
	require.Equal(t, inbox.EventReportAIFailure, p.last.Kind)
	require.Equal(t, inbox.FailureGiveUp, lastNote(t, p).Failure)
	elsewhere(inbox.StatusHuman, "full")
	p.do(p.k.Reply(p.agent(), p.msg()))
	p.conv(p.c().AddNote(p.agent(), p.msg()))
	require.Equal(t, inbox.MaxMessages+3, p.c().Len())
	p.archives()
	elsewhere(inbox.StatusArchived, "full")
	p.k.Conversation = p.c().WithPolicy(policy(t, inbox.Config{Archived: inbox.ArchivedEscalate}))
	elsewhere(inbox.StatusArchived, "full")
	p.k.Conversation = p.c().WithPolicy(policy(t, inbox.Config{Archived: inbox.ArchivedNewConversation}))
	elsewhere(inbox.StatusArchived, "new_conversation")
	_, _, err := p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: draft("m1", "My printer is on fire.")})
	requireFields(t, err, "message")
}

// T43: pages hold what they should, from any place.
func TestPages(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	for i := 2; i <= 9; i++ {
		if i%3 == 0 {
			p.conv(p.c().AddNote(p.agent(), p.msg()))
		} else {
			p.says()
		}
	}
	numbers := func(list []inbox.Message) []uint64 {
		var out []uint64
		for _, m := range list {
			out = append(out, m.Number())
		}
		return out
	}
	replies := func(list []inbox.Reply) []uint64 {
		var out []uint64
		for _, r := range list {
			out = append(out, r.Number())
		}
		return out
	}
	tests := []struct {
		after   uint64
		limit   int
		want    []uint64
		replies []uint64
	}{
		{0, 3, []uint64{1, 2, 3}, []uint64{1, 2, 4}},
		{3, 3, []uint64{4, 5, 6}, []uint64{4, 5, 7}},
		{7, 3, []uint64{8, 9}, []uint64{8}},
		{8, 1, []uint64{9}, nil},
		{9, 3, nil, nil},
		{100, 3, nil, nil},
		{1<<64 - 1, 3, nil, nil},
		{0, 0, nil, nil},
		{0, -1, nil, nil},
		{0, 1 << 30, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}, []uint64{1, 2, 4, 5, 7, 8}},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, numbers(p.c().Messages(tt.after, tt.limit)), tt)
		require.Equal(t, tt.replies, replies(p.c().RepliesAfter(tt.after, tt.limit)), tt)
	}
	n := 0
	for r := range p.c().Replies() {
		n++
		if r.Seq == 2 {
			break
		}
	}
	require.Equal(t, 2, n)
	require.True(t, p.c().CustomerView(0, 5).More)
	require.False(t, p.c().CustomerView(0, 6).More)
	require.False(t, p.c().CustomerView(8, 6).More)
	require.True(t, p.c().TeamView(inbox.Viewer{}, 0, 8).More)
	require.False(t, p.c().TeamView(inbox.Viewer{}, 0, 9).More)
	require.Equal(t, 9, p.c().Len())
}

// R52, R53: kind and channel are required, and fixed.
func TestStartR52(t *testing.T) {
	t.Parallel()
	p := &play{t: t, now: began}
	for k := range inbox.Kinds() {
		b := beginning(1)
		b.Kind, b.Continues = k, id(2)
		c, events, err := inbox.Start(p.customer(), b, policy(t, automatic))
		require.NoError(t, err)
		require.Equal(t, []any{k, helpdesk.ChannelLiveChat, id(1), id(2), contact, p.now, p.now},
			[]any{c.Kind(), c.Channel(), c.ID(), c.Snapshot().Continues, c.Contact(), c.Snapshot().StartedAt, c.UpdatedAt()})
		require.Equal(t, id(1), events[0].Conversation)
		require.Equal(t, []any{"m1", uint64(1)}, []any{events[0].Message, events[0].Seq})
		require.EqualValues(t, 1, c.LastCustomerMessage())
	}
	require.Equal(t, []inbox.Kind{"question", "comment", "feedback"}, slices.Collect(inbox.Kinds()))
	_, events, err := inbox.Start(p.customer(), inbox.StartParams{Contact: inbox.Contact{Customer: "x\n", Account: strings.Repeat("x", 129), Name: strings.Repeat("é", 201), Phone: strings.Repeat("1", 201), Email: "a@b.example, c@d.example"}}, nil)
	require.Empty(t, events)
	requireFields(t, err, "conversation", "kind", "channel", "contact.customer", "contact.account", "message")
	require.NotContains(t, err.Error(), "b.example") // T45
	b := beginning(1)
	b.Continues = b.ID
	_, _, err = inbox.Start(p.customer(), b, nil)
	requireFields(t, err, "continues")
	b = beginning(1)
	b.Contact = inbox.Contact{Customer: contact.Customer, Name: strings.Repeat("é", 200), Phone: strings.Repeat("1", 200), Email: "Ada <ada@example.org>"}
	c, _, err := inbox.Start(p.customer(), b, nil)
	require.NoError(t, err)
	require.Equal(t, "ada@example.org", c.Contact().Email)
	for by := range helpdesk.Actors() { // a conversation begins with somebody outside
		_, _, err := inbox.Start(p.stamp(by), inbox.StartParams{}, nil)
		if by != helpdesk.ActorCustomer && by != helpdesk.ActorThirdParty {
			require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
		}
	}
}
