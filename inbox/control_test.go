package inbox_test

import (
	"errors"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R39, D5, T32: what the AI decided under an old epoch is refused, also when it
// holds control again, and nothing is sent.
func TestStaleControlR39(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	lease := p.c().ControlToken()
	require.Equal(t, inbox.ControlToken{Conversation: id(1), Epoch: 1, Turn: 1}, lease)
	p.conv(p.c().TakeOver(p.agent()))
	require.Equal(t, inbox.Control{Status: inbox.StatusHuman, Epoch: 2, Who: "agent-1"}, p.c().Control())
	require.Zero(t, p.c().ControlToken())

	stale := func(want inbox.Status, current uint64) {
		t.Helper()
		before := p.c()
		for _, try := range []func() (inbox.Conversation, []inbox.Event, error){
			func() (inbox.Conversation, []inbox.Event, error) { return p.c().AddAIReply(p.ai(), lease, p.msg()) },
			func() (inbox.Conversation, []inbox.Event, error) {
				return p.c().ReportAIFailure(p.system(), lease, inbox.FailureTimeout, "")
			},
			func() (inbox.Conversation, []inbox.Event, error) {
				k, events, err := p.k.MakeOffer(p.ai(), lease, offerDraft("o1"))
				return k.Conversation, events, err
			},
		} {
			c, events, err := try()
			require.Equal(t, before, c)
			require.Empty(t, events)
			require.ErrorAs(t, err, new(*inbox.StaleControlError))
			var e *inbox.StaleControlError
			require.ErrorAs(t, err, &e)
			require.Equal(t, want, e.Status)
			require.Equal(t, uint64(1), e.Epoch)
			require.Equal(t, current, e.Current)
			require.ErrorContains(t, err, "of epoch 1, turn 1 is refused")
		}
	}
	stale(inbox.StatusHuman, 2)
	p.conv(p.c().ReturnToAI(p.agent()))
	require.Equal(t, inbox.Control{Status: inbox.StatusAI, Epoch: 3}, p.c().Control())
	stale(inbox.StatusAI, 3)
	p.archives()
	stale(inbox.StatusArchived, 4)

	_, _, err := inbox.Conversation{}.AddAIReply(p.ai(), lease, p.msg())
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	_, _, err = p.c().AddAIReply(p.agent(), lease, p.msg()) // T46: who it is comes first
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	require.NotErrorAs(t, err, new(*inbox.StaleControlError))
}

// Every way in which control passes raises the epoch, and nothing else does.
func TestEpoch(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	require.EqualValues(t, 1, p.c().Control().Epoch)
	step := func(want uint64) {
		t.Helper()
		require.Equal(t, want, p.c().Control().Epoch)
		require.Equal(t, want, p.last.Epoch)
	}
	p.says()
	step(1)
	p.answers()
	step(1)
	o := p.offers()
	step(1)
	p.conv(p.c().DeclineOffer(p.customer(), o.ID))
	step(1)
	p.confirms(p.offers()) // by mail the AI stays
	step(1)
	p.replies() // R76: a person's reply takes control
	step(2)
	p.replies()
	step(2)
	p.conv(p.c().AddNote(p.agent(), p.msg()))
	step(2)
	p.resolves()
	step(2)
	p.conv(p.c().ReturnToAI(p.agent()))
	step(3)
	p.archives()
	step(4)
	p.says()
	p.in(inbox.StatusHuman)
	step(5)
	require.Empty(t, p.c().Control().Who) // nobody of the team yet
	p.resolves()
	require.Equal(t, "agent-1", p.c().Control().Who)
	p.archives()
	step(6)
	p.conv(p.c().Unarchive(p.agent()))
	step(7)
	require.Equal(t, "agent-1", p.c().Control().Who)
}

// The same turn answered twice changes nothing; an older one is stale; one that was
// never asked is a mistake.
func TestTurns(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	first := p.c().ControlToken()
	p.says()
	second := p.c().ControlToken()
	require.EqualValues(t, 2, second.Turn)
	require.Equal(t, second, p.effect(inbox.EffectAskAI).Token)
	require.Equal(t, "conv/"+id(1).String()+"/ask/2", p.effect(inbox.EffectAskAI).Key)
	p.conv(p.c().AddAIReply(p.ai(), second, draft("a2", "To both.")))
	require.EqualValues(t, 2, p.last.Turn)
	require.Equal(t, "conv/"+id(1).String()+"/ai/2", p.effect(inbox.EffectSend).Key)
	asked, answered, _ := p.c().Turns()
	require.EqualValues(t, []uint64{2, 2}, []uint64{asked, answered})

	before := p.c()
	p.conv(p.c().AddAIReply(p.ai(), second, draft("a2", "To both."))) // delivered again
	require.Equal(t, before, p.c())
	require.Empty(t, p.last.ID)
	var stale *inbox.StaleControlError
	for _, other := range []inbox.MessageParams{ // another one is not dropped as if it had been sent (T58)
		draft("a3", "To both."), draft("a2", "To both, again."), draft("m1", "To both."),
		{ID: "a2", Body: "To both.", Attachments: []inbox.AttachmentRef{{Ref: "x"}}},
		{ID: "a2"},
	} {
		after, events, err := p.c().AddAIReply(p.ai(), second, other)
		require.ErrorAs(t, err, &stale)
		require.Empty(t, events)
		require.Equal(t, before, after)
		require.EqualValues(t, []uint64{2, 2}, []uint64{stale.Turn, stale.Answered})
		require.ErrorContains(t, err, "the turn was answered before")
	}
	_, _, err := p.c().AddAIReply(p.ai(), first, draft("a2", "To both."))
	require.ErrorAs(t, err, &stale)
	require.EqualValues(t, []uint64{1, 2}, []uint64{stale.Turn, stale.Answered})

	for name, lease := range map[string]inbox.ControlToken{
		"lease.turn":         {Conversation: id(1), Epoch: 1, Turn: 3},
		"lease.conversation": {Conversation: id(2), Epoch: 1, Turn: 2},
	} {
		_, _, err := p.c().AddAIReply(p.ai(), lease, p.msg())
		requireFields(t, err, name)
	}
	_, _, err = p.c().AddAIReply(p.ai(), inbox.ControlToken{Conversation: id(1), Epoch: 1}, p.msg())
	requireFields(t, err, "lease.turn")
	_, _, err = p.c().AddAIReply(p.ai(), inbox.ControlToken{}, p.msg())
	require.ErrorAs(t, err, new(*inbox.StaleControlError))
}

// requireFields checks that an error joins exactly one FieldError for each field.
func requireFields(tb tester, err error, fields ...string) {
	tb.Helper()
	require.ErrorIs(tb, err, helpdesk.ErrInvalid)
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	var got []string
	for _, e := range all {
		f, ok := errors.AsType[*helpdesk.FieldError](e)
		require.True(tb, ok, e)
		require.Contains(tb, f.Error(), f.Path)
		got = append(got, f.Path)
	}
	require.Equal(tb, fields, got)
}

// T31: whatever goes wrong with the AI, a person takes its place, with a note that
// says why, and the customer hears of it once.
func TestFailT31(t *testing.T) {
	t.Parallel()
	for f := range inbox.Failures() {
		p := start(t, helpdesk.ChannelEmail, automatic)
		p.offers()
		lease := p.c().ControlToken()
		switch f {
		case "other_participant":
			p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
		default:
			p.conv(p.c().ReportAIFailure(p.system(), lease, f, ""))
		}
		p.in(inbox.StatusHuman)
		require.Equal(t, f, p.last.Failure)
		require.EqualValues(t, 2, p.c().Control().Epoch)
		note := lastNote(t, p)
		require.Equal(t, f, note.Failure)
		require.Equal(t, inbox.Untrusted(f), note.Comment)
		require.Equal(t, helpdesk.ActorSystem, note.By)
		line := p.effect(inbox.EffectHoldingLine)
		require.Equal(t, "conv/"+id(1).String()+"/holding/1", line.Key)
		require.Equal(t, f, line.Failure)
		require.Equal(t, inbox.OfferWithdrawn, p.lastOffer().Status)
		require.Equal(t, p.lastOffer().ID, p.last.Offer)
		require.True(t, p.c().HasPendingEscalation())
		p.effect(inbox.EffectNotify)
		_, _, err := p.c().ReportAIFailure(p.system(), lease, f, "") // once
		require.ErrorAs(t, err, new(*inbox.StaleControlError))
	}
}

func lastNote(tb tester, p *play) inbox.Note {
	tb.Helper()
	page := p.c().Messages(0, p.c().Len())
	n, ok := page[len(page)-1].(inbox.Note)
	require.True(tb, ok)
	return n
}

func TestFailByAI(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	for _, f := range []inbox.Failure{"", "bored", "max_turns", "other_participant"} {
		_, _, err := p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), f, "")
		requireFields(t, err, "failure")
	}
	_, _, err := p.c().ReportAIFailure(p.system(), p.c().ControlToken(), "other_participant", "")
	requireFields(t, err, "failure")
	p.answers()
	_, _, err = p.c().ReportAIFailure(p.system(), p.c().ControlToken(), inbox.FailureTimeout, "") // it was not too late after all
	require.ErrorAs(t, err, new(*inbox.StaleControlError))
	_, _, err = p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureError, "")
	require.ErrorAs(t, err, new(*inbox.StaleControlError))

	p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureGiveUp, "beyond\x00 me")) // it can give up after an answer
	require.Equal(t, inbox.Untrusted("give_up: beyond me"), lastNote(t, p).Comment)
	require.Equal(t, helpdesk.ActorAI, lastNote(t, p).By)
	require.NotContains(t, p.effects(), inbox.EffectHoldingLine) // no answer is due
}

// The AI has as many turns in a row as it may, and not one more.
func TestMaxTurns(t *testing.T) {
	t.Parallel()
	c := automatic
	c.MaxTurns = 2
	p := start(t, helpdesk.ChannelEmail, c)
	p.says()
	p.in(inbox.StatusAI)
	require.Equal(t, 2, p.c().Snapshot().Turns)
	p.says()
	p.in(inbox.StatusHuman)
	require.Equal(t, inbox.Guard("max_turns"), p.last.Guard)
	require.Equal(t, inbox.Failure("max_turns"), lastNote(t, p).Failure)
	require.Equal(t, helpdesk.ActorSystem, lastNote(t, p).By)
	require.Equal(t, helpdesk.ActorCustomer, p.last.By)
	require.EqualValues(t, 3, p.c().LastCustomerMessage())
	p.conv(p.c().ReturnToAI(p.agent()))
	require.Equal(t, 1, p.c().Snapshot().Turns) // it counts anew: it is asked about what nobody has answered
	p.says()
	p.in(inbox.StatusAI)
}

// R64, T31: whom it is handed back to answers what nobody has answered, and only that.
func TestHandedBack(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	p.conv(p.c().TakeOver(p.agent()))
	old := p.c().ControlToken()
	p.says()
	asked := p.last.Message
	p.conv(p.c().AddNote(p.agent(), p.msg()))
	p.do(p.k.RecordAutoReply(p.customer(), p.msg()))
	p.conv(p.c().ReturnToAI(p.agent()))
	e := p.effect(inbox.EffectAskAI)
	require.Equal(t, asked, e.Message)
	require.Equal(t, p.c().ControlToken(), e.Token)
	require.NotEqual(t, old, e.Token)
	p.answers()
	p.conv(p.c().TakeOver(p.agent()))
	p.conv(p.c().ReturnToAI(p.agent()))
	require.NotContains(t, p.effects(), inbox.EffectAskAI)
}

// R65, T33: without the add-on everything goes to people; switching it off strands
// nobody.
func TestAddOnR65(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, inbox.Config{})
	p.in(inbox.StatusHuman)
	require.Equal(t, inbox.ListActive, p.c().List())
	_, _, err := p.c().ReturnToAI(p.agent())
	requireAddOnOff(t, err)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	require.ErrorContains(t, err, "add-on is off")
	c, _, err := inbox.Start(p.customer(), beginning(5), nil)
	require.NoError(t, err)
	require.Equal(t, inbox.StatusHuman, c.Status())

	p = start(t, helpdesk.ChannelEmail, automatic)
	p.offers()
	_, _, err = p.c().SwitchOff(p.system())
	var e *inbox.NotAllowedError
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Guard("add_on_on"), e.Guard)

	p.k.Conversation = p.c().WithPolicy(nil) // the tenant has it no more
	for _, try := range []func() error{
		func() error { _, _, err := p.c().AddAIReply(p.ai(), p.c().ControlToken(), p.msg()); return err },
		func() error { _, _, err := p.k.MakeOffer(p.ai(), p.c().ControlToken(), offerDraft("o9")); return err },
	} {
		requireAddOnOff(t, try())
	}
	off := *p
	off.conv(p.c().SwitchOff(p.system()))
	off.in(inbox.StatusHuman)
	require.Equal(t, inbox.Untrusted("the automated add-on was switched off"), lastNote(t, &off).Comment)
	require.Contains(t, off.effects(), inbox.EffectHoldingLine) // an answer was due
	require.Empty(t, off.effect(inbox.EffectHoldingLine).Failure)
	_, _, err = off.c().SwitchOff(p.system()) // nothing to do
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)

	p.says() // not switched off yet: the next message goes to people
	p.in(inbox.StatusHuman)
	require.Equal(t, inbox.Guard("add_on_off"), p.last.Guard)
	require.NotContains(t, p.effects(), inbox.EffectAskAI)

	p = start(t, helpdesk.ChannelEmail, automatic)
	p.k.Conversation = p.c().WithPolicy(nil)
	p.conv(p.c().ReportAIFailure(p.ai(), p.c().ControlToken(), inbox.FailureGiveUp, "")) // it may still give up
	p.in(inbox.StatusHuman)
}

// R65: a channel can be people's even with the add-on.
func TestManualChannel(t *testing.T) {
	t.Parallel()
	c := automatic
	c.Manual = []helpdesk.Channel{helpdesk.ChannelPhone}
	p := start(t, helpdesk.ChannelPhone, c)
	p.in(inbox.StatusHuman)
	_, _, err := p.c().ReturnToAI(p.agent())
	requireAddOnOff(t, err)
	start(t, helpdesk.ChannelSMS, c).in(inbox.StatusAI)
	start(t, "kiosk", c).in(inbox.StatusAI) // R31: a product's own channel
}

// R38, R39: control passes to people with the ticket if and only if the channel is
// live chat, and there for good.
func TestControlOnCreationR38(t *testing.T) {
	t.Parallel()
	for ch, want := range map[helpdesk.Channel]inbox.Status{
		helpdesk.ChannelLiveChat: inbox.StatusQueue, helpdesk.ChannelSMS: inbox.StatusAI,
		helpdesk.ChannelEmail: inbox.StatusAI, helpdesk.ChannelPhone: inbox.StatusAI, "kiosk": inbox.StatusAI,
	} {
		p := start(t, ch, automatic)
		p.confirms(p.offers())
		p.in(want)
		require.Equal(t, want == inbox.StatusAI, p.c().Control().Epoch == 1)
		p.says()
		p.in(want)
		if want == inbox.StatusAI {
			require.Contains(t, p.effects(), inbox.EffectAskAI)
			continue
		}
		require.NotContains(t, p.effects(), inbox.EffectAskAI)
		require.Len(t, p.last.Tickets, 1) // R40: the ticket has the message, and is still submitted
		require.Equal(t, ticket.StatusSubmitted, p.last.Tickets[0].To)
		p.do(p.k.PickUp(p.agent()))
		p.resolves()
		guard := func() {
			t.Helper()
			_, _, err := p.c().ReturnToAI(p.agent())
			var e *inbox.NotAllowedError
			require.ErrorAs(t, err, &e)
			require.Equal(t, inbox.Guard("live_chat_ticket"), e.Guard)
		}
		guard()
		p.conv(p.c().AddNote(p.agent(), p.msg()))
		tk := p.k.Tickets[0]
		p.do(inbox.Case{Conversation: p.c()}.UnlinkTicket(p.system(), tk.ID())) // even when the ticket is gone
		require.Empty(t, p.k.Tickets)
		guard()
	}
}

// R41: a new conversation starts under the AI while people hold another.
func TestNewConversationR41(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	p.in(inbox.StatusQueue)
	c, _, err := inbox.Start(p.customer(), beginning(2), policy(t, automatic))
	require.NoError(t, err)
	require.Equal(t, inbox.StatusAI, c.Status())
}

func beginning(n int) inbox.StartParams {
	return inbox.StartParams{
		ID: id(n), Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: contact, Message: draft("m1", "hello"),
	}
}

// T34: a clock that goes back does not put an event before another.
func TestTimeGoesOn(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	last := p.c().UpdatedAt()
	s := p.agent()
	s.At = last.Add(-time.Hour)
	p.conv(p.c().TakeOver(s))
	require.Equal(t, last.Add(time.Nanosecond), p.last.At)
	s = p.agent()
	s.At = last.Add(time.Nanosecond)
	p.conv(p.c().AddTag(s, "x"))
	require.Equal(t, last.Add(2*time.Nanosecond), p.last.At)
	s = p.agent()
	s.At = last.Add(time.Hour).In(time.FixedZone("x", 3600))
	p.conv(p.c().AddTag(s, "y"))
	require.Equal(t, last.Add(time.Hour), p.last.At)
}

func TestCommandFaults(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	s := p.agent()
	s.ID, s.At, s.Who = "a b", time.Time{}, "x\ny"
	_, _, err := p.c().TakeOver(s)
	requireFields(t, err, "id", "at", "who")
	for _, good := range []string{"a", string(make128('x'))} {
		s := p.agent()
		s.ID = good
		_, _, err := p.c().TakeOver(s)
		require.NoError(t, err)
	}
	for _, bad := range []string{"", "#", "é", "\x7f", " ", string(append(make128('x'), 'x'))} {
		s := p.agent()
		s.ID = bad
		_, _, err := p.c().TakeOver(s)
		requireFields(t, err, "id")
	}
	for at, ok := range map[time.Time]bool{
		time.Date(1899, 12, 31, 23, 59, 59, 999999999, time.UTC): true, // a clock that is far behind counts as one that went back
		time.Date(2200, 12, 31, 23, 59, 59, 999999999, time.UTC): true,
		time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC):              false,
	} {
		s := p.agent()
		s.At = at
		_, _, err := p.c().AddTag(s, "x")
		require.Equal(t, ok && at.Year() > 1900, err == nil, at)
	}
	s = p.agent()
	s.At = time.Date(2200, 12, 31, 23, 59, 59, 999999999, time.UTC)
	p.conv(p.c().TakeOver(s))
	_, _, err = p.c().AddTag(p.agent(), "x") // no instant is left
	requireFields(t, err, "at")
	s = p.agent()
	s.Who = string(append(make128('x'), 'x'))
	_, _, err = start(t, helpdesk.ChannelEmail, automatic).c().TakeOver(s)
	requireFields(t, err, "who")
	s.Who = string(make128('x'))
	_, _, err = start(t, helpdesk.ChannelEmail, automatic).c().TakeOver(s)
	require.NoError(t, err)
}

func make128(b byte) []byte {
	out := make([]byte, 128)
	for i := range out {
		out[i] = b
	}
	return out
}

// T18, T19: what was decided before the customer's last message is found out.
func TestCheckSeen(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	p.replies()
	seen := uint64(p.c().Len())
	p.says()
	err := p.c().CheckSeen(seen, inbox.EventResolve)
	var e *inbox.ConflictError
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.ConflictError{Event: inbox.EventResolve, Seen: seen, Last: seen + 1}, *e)
	require.ErrorContains(t, err, "message 2 was seen, and the customer's last is 3")

	require.NoError(t, p.c().CheckSeen(0, inbox.EventResolve), "no condition")
	require.NoError(t, p.c().CheckSeen(uint64(p.c().Len()), inbox.EventResolve))
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "done"}))
	p.says() // resolve first: the message reopens, and is not lost
	tk, open := p.k.OpenTicket()
	require.True(t, open)
	require.Equal(t, ticket.StatusInProgress, tk.Status())

	last := uint64(p.c().Len())
	requireFields(t, p.c().CheckSeen(last+1, inbox.EventReply), "if_seen")
	p.conv(p.c().AddNote(p.agent(), p.msg())) // a colleague's note is no message of the customer's
	require.NoError(t, p.c().CheckSeen(last, inbox.EventReply))
}

// A refusal says what would be right: who may, when, or what to do first.
func TestRefusalsHelp(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	_, _, err := p.c().TakeOver(p.ai())
	require.EqualError(t, err, `inbox: "ai" cannot take_over while human: this actor may not, only agent may`)
	_, _, err = p.c().Unarchive(p.agent())
	require.EqualError(t, err, `inbox: "agent" cannot unarchive while human: not in this state, only while archived`)
	_, _, err = p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x"})
	require.EqualError(t, err, `inbox: "agent" cannot resolve while human (no_ticket): there is no open ticket: create one first`)
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
	_, _, err = p.k.Archive(p.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
	require.EqualError(t, err, `inbox: "agent" cannot archive while human (open_ticket): resolve the open ticket or change the policy`)
	p.do(p.k.PickUp(p.agent()))
	s := p.agent()
	s.Who = "agent-2"
	_, _, err = p.k.PickUp(s)
	require.ErrorContains(t, err, "(picked_up): a colleague was first: ")
	_, _, err = p.c().ReturnToAI(p.agent())
	require.ErrorContains(t, err, "(add_on_off): the AI does not answer the channel: ")
	unknown := &inbox.NotAllowedError{Status: "zoned", Event: "fly", Actor: helpdesk.ActorAgent, Reason: "actor"}
	require.EqualError(t, unknown, `inbox: "agent" cannot fly while zoned: this actor may not`)
	unknown.Reason, unknown.Guard = "guard", "odd"
	require.EqualError(t, unknown, `inbox: "agent" cannot fly while zoned (odd): not under this condition`)
}
