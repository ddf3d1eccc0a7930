package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

var (
	sms       = inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelSMS, Contact: contact}
	duplicate = ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}
)

func titled(s string) inbox.CreateTicketParams {
	return inbox.CreateTicketParams{Intake: ticket.Intake{Title: s}, Summary: s}
}

// R51, T42: a message for a ticket that was merged into another of the same
// conversation reopens that one.
func TestMergedWithinConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	one := w.ticketed(live)
	c := one.Conversation
	w.must(w.o.Conversation(c).Resolve(ctx, agent, duplicate))
	two := w.must(w.o.Conversation(c).CreateTicket(ctx, agent, titled("Again")))
	w.must(w.o.Conversation(c).Resolve(ctx, agent, duplicate))
	w.must(w.o.Ticket(one.Ticket).Reopen(ctx, agent, "it was the same"))
	w.must(w.o.Ticket(two.Ticket).MergeInto(ctx, agent, one.Ticket))
	w.must(w.o.Conversation(c).Resolve(ctx, agent, duplicate))
	w.clock.advance(29 * day)
	w.must(w.o.Conversation(c).AddCustomerMessage(ctx, customer, said("It is broken again.")))
	require.Equal(t, ticket.StatusInProgress, w.ticket(one.Ticket).Ticket.Status)
}

// R39: what a customer writes in a live chat with a ticket gets no answer of the AI,
// also if that ticket was merged into one of a conversation that the AI holds.
func TestMergedIntoAutomated(t *testing.T) {
	t.Parallel()
	a := &assistant{answer: func(context.Context, desk.Turn) (desk.Answer, error) { return desk.Answer{Text: "I am the AI."}, nil }}
	w := newWorld(t, func(c *desk.Config) { c.Assistant = a })
	ctx := t.Context()
	chat, other := w.ticketed(live), w.ticketed(sms)
	w.must(w.o.Ticket(chat.Ticket).MergeInto(ctx, agent, other.Ticket))
	w.run()
	w.post.take()
	w.must(w.o.Conversation(chat.Conversation).AddCustomerMessage(ctx, customer, said("Any news?")))
	w.run()
	require.Empty(t, w.post.take())
}

// R38-R40, R47: a live chat with an open ticket that is full (or archived, under
// NewConversation) goes on with people, and the ticket hears the answer.
func TestContinuedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Reminders = desk.Reminders{ResolveAfter: 48 * time.Hour}
		c.Inbox.Archived, c.Inbox.OpenTicket = inbox.ArchivedNewConversation, inbox.OpenTicketAllow
	})
	ctx := t.Context()
	r := w.ticketed(live)
	w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which one?")))
	w.must(w.o.Conversation(r.Conversation).Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	m := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("The red one.")))
	w.clock.advance(49 * time.Hour)
	w.run()
	v := w.ticket(r.Ticket).Ticket
	require.Equal(t, ticket.StatusInProgress, v.Status)
	require.NotEqual(t, inbox.ListAutomated, m.List)
	_, err := w.o.Conversation(m.Conversation).ReturnToAI(ctx, agent) // for good (R39)
	var refused *inbox.NotAllowedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, inbox.Guard("live_chat_ticket"), refused.Guard)
}

// R47, R72: with several tickets, the customer's answer ends the waiting of the one that asked.
func TestSeveralWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{SeveralTickets: true}
		c.Reminders = desk.Reminders{ResolveAfter: 48 * time.Hour}
	})
	ctx := t.Context()
	r := w.start(live)
	one := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, titled("one")))
	w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which one?")))
	w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, titled("two")))
	w.clock.advance(time.Hour)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("The red one.")))
	w.clock.advance(48 * time.Hour)
	w.run() // resolves it: "no answer"
	require.Equal(t, ticket.StatusInProgress, w.ticket(one.Ticket).Ticket.Status)
}

// R27, R34: what cannot become a ticket cannot be offered.
func TestOfferThatCannotBeConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for _, in := range []ticket.Intake{
		{Kind: "nonsense", Title: "Printer", Description: "Burns."},
		{Kind: ticket.IntakeBug, Title: "Printer", Description: "Burns.", Steps: strings.Repeat("x", 20_000+1)},
	} {
		r := w.start(live)
		d := proposal
		d.Intake = in
		offer, err := w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, d)
		if err == nil {
			_, err = w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown})
			require.NoError(t, err, "it was offered, and consented to")
		}
	}
}

// T31: an AI that fills in an answer that is none is replaced by a person at once.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	p := desk.Proposal{
		Intake:  ticket.Intake{Title: "Printer", Description: "Burns.", Answers: severity.Answers{Affected: 99}},
		Summary: "Burns.", Reason: "hardware",
	}
	a := &assistant{answer: func(context.Context, desk.Turn) (desk.Answer, error) {
		return desk.Answer{Text: "Well.", Offer: p}, nil
	}}
	w := newWorld(t, func(c *desk.Config) { c.Assistant = a })
	r := w.start(live)
	w.run()
	require.Len(t, a.turns, 1)
	require.Equal(t, inbox.StatusHuman, w.conversation(r.Conversation).Control.Status)
}

// R64, T31: what the customer wrote while people held the conversation is answered after it was handed back.
func TestHandedBack(t *testing.T) {
	t.Parallel()
	a := &assistant{answer: func(context.Context, desk.Turn) (desk.Answer, error) { return desk.Answer{Text: "Hi."}, nil }}
	w := newWorld(t, func(c *desk.Config) { c.Assistant = a })
	ctx := t.Context()
	r := w.start(sms)
	w.run()
	w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("And what about the toner?")))
	w.must(w.o.Conversation(r.Conversation).ReturnToAI(ctx, agent))
	w.run()
	require.Len(t, a.turns, 2)
}

// T1: a keyed mail whose date has an impossible zone is not lost.
func TestDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := said("Hello.")
	sent, err := time.Parse(time.RFC1123Z, "Sun, 01 Mar 2026 10:00:00 +2400") // as net/mail does
	require.NoError(t, err)
	m.SentAt = sent
	_, err = w.o.Receive(t.Context(), keyed(customer, "mail-1"), desk.InboundMessage{Start: live, Message: m})
	require.NoError(t, err)
}

// T6: what goes to the address on the account goes to one address.
func TestOneAddress(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"a@example.org, b@example.org", "Ann <a@example.org>"} {
		w := newWorld(t, func(c *desk.Config) { c.Accounts = accounts{"acc-1": {Ref: "acc-1", Email: email}} })
		r := w.start(begin(helpdesk.ChannelEmail, inbox.Contact{Customer: "cust-1", Account: "acc-1"}))
		w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hi.")))
		w.run()
		for _, e := range w.post.take() {
			require.Equal(t, "a@example.org", e.To)
		}
	}
}

// R40, R55: who has the ticket is told of what the customer writes.
func TestAssigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	w.must(w.o.Conversation(r.Conversation).PickUp(ctx, agent))
	w.must(w.o.Ticket(r.Ticket).Assign(ctx, agent, "agent-2"))
	w.run()
	w.team.take()
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Hello?")))
	w.run()
	var told []string
	for _, n := range w.team.take() {
		told = append(told, n.Agent)
	}
	require.Contains(t, told, "agent-2")
}

// R47, T28: a question that did not reach the customer is not given up on.
func TestUndeliveredQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Reminders = desk.Reminders{ResolveAfter: 48 * time.Hour} })
	ctx := t.Context()
	r := w.ticketed(sms)
	w.run()
	w.post.fail = func(desk.Envelope) error { return desk.ErrRejected }
	w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which one?")))
	w.run()
	w.clock.advance(49 * time.Hour)
	w.run()
	require.NotEqual(t, ticket.StatusResolved, w.ticket(r.Ticket).Ticket.Status)
}

// A reminder that waited in the outbox is not sent after the answer.
func TestStaleReminder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Reminders = desk.Reminders{Every: 24 * time.Hour} })
	ctx := t.Context()
	r := w.ticketed(sms)
	w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which one?")))
	w.run()
	w.post.take()
	w.clock.advance(24*time.Hour + time.Minute)
	_, err := w.desk.FireTimers(ctx)
	require.NoError(t, err)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("The red one.")))
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	w.run()
	require.Empty(t, on(helpdesk.ChannelSMS, w.post.take()))
}

// R34: an AI is not told that it may offer where nobody can confirm.
func TestMayOffer(t *testing.T) {
	t.Parallel()
	a := &assistant{answer: func(context.Context, desk.Turn) (desk.Answer, error) { return desk.Answer{Text: "Hi."}, nil }}
	w := newWorld(t, func(c *desk.Config) { c.Assistant = a })
	for _, who := range []inbox.Contact{{}, {Customer: "cust-1"}} {
		w.start(begin(helpdesk.ChannelLiveChat, who))
	}
	w.run()
	require.Len(t, a.turns, 2)
	require.False(t, a.turns[0].MayOffer || a.turns[1].MayOffer)
}

// T15: the same Message-ID with another body is another mail.
func TestSameMessageID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(begin(helpdesk.ChannelEmail, contact))
	_, err := w.o.Conversation(r.Conversation).AddParticipantMessage(ctx, desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "somebody"}}, inbox.MessageParams{ID: "<1@x>", Body: "One."})
	require.NoError(t, err)
	_, err = w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{ID: "<1@x>", Body: "Other."}})
	require.NoError(t, err)
}

// FollowUp of a message is told also where the ticket was merged.
func TestFollowUpMerged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		lc := ticket.StandardConfig()
		lc.Name, lc.ReopenWindow = "short", time.Hour
		l, err := ticket.NewLifecycle(lc)
		require.NoError(t, err)
		c.Lifecycles = []*ticket.Lifecycle{l}
	})
	ctx := t.Context()
	a, b := w.ticketed(live), w.ticketed(live)
	w.must(w.o.Ticket(a.Ticket).MergeInto(ctx, agent, b.Ticket))
	w.must(w.o.Conversation(b.Conversation).Resolve(ctx, agent, duplicate))
	w.clock.advance(day)
	require.True(t, w.must(w.o.Conversation(a.Conversation).AddCustomerMessage(ctx, customer, said("Again."))).FollowUp)
}

// R42: confirming again what led to a ticket that was deleted says so.
func TestConfirmGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox.SeveralTickets = true })
	ctx := t.Context()
	r := w.start(sms)
	offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal))
	yes := inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}
	w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, yes))
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, duplicate))
	second := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal))
	w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: second.Offer, Shown: second.Shown}))
	for range 32 {
		w.clock.advance(day)
		w.run()
	}
	again, err := w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, yes)
	require.True(t, err != nil || again.Ticket != ticket.ID{}, "no ticket and no error")
}

// Every page takes a limit that is not positive.
func TestTombstones(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, err := w.o.Tombstones(t.Context(), "", 0)
	require.NoError(t, err)
}

// T13: what a stranger writes does not become a message of the customer whose ticket
// the stranger's was merged into.
func TestForwardOfStranger(t *testing.T) {
	t.Parallel()
	for _, who := range []inbox.Contact{{}, {Customer: "cust-2", Account: "acc-1"}} {
		w := newWorld(t)
		ctx := t.Context()
		known := w.ticketed(live)
		w.must(w.o.Conversation(known.Conversation).AskCustomer(ctx, agent, text("Which one?")))
		stranger := desk.Meta{Author: helpdesk.Customer(who.Customer)}
		r := w.must(w.o.Start(ctx, stranger, opening(begin(helpdesk.ChannelLiveChat, who), text("I am Ada, really."))))
		w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
		d := titled("Printer")
		d.Intake.Requester, d.Intake.Account = "cust-1", "acc-1"
		made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, d))
		w.must(w.o.Ticket(made.Ticket).MergeInto(ctx, agent, known.Ticket))
		w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, stranger, said("Send it to another address.")))
		v, err := w.o.Conversation(known.Conversation).CustomerView(ctx, "cust-1", desk.MessageQuery{})
		require.NoError(t, err)
		require.Equal(t, ticket.StatusWaitingOnCustomer, w.ticket(known.Ticket).Ticket.Status)
		require.Len(t, v.Messages, 4) // with the offer and the ticket
	}
}

// T30: a machine that answers without saying so, and outside of the thread, does not
// Table 3.1: the ticket that follows a message outside of the reopen window is linked,

// R46, R48, R72: of several open tickets each can be worked on.
func TestSeveralOlder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{SeveralTickets: true} })
	ctx := t.Context()
	r := w.start(live)
	one := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, titled("one")))
	two := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, titled("two")))
	older := w.o.Ticket(one.Ticket)
	is := func(first, second ticket.Status) {
		t.Helper()
		require.Equal(t, []ticket.Status{first, second}, []ticket.Status{w.ticket(one.Ticket).Ticket.Status, w.ticket(two.Ticket).Ticket.Status})
	}
	picked := w.must(older.PickUp(ctx, agent))
	require.Equal(t, one.Ticket, picked.Ticket)
	is(ticket.StatusInProgress, ticket.StatusSubmitted)
	asked := w.must(older.AskCustomer(ctx, agent, text("Which?"))) // an answer in the other one (R88)
	require.Equal(t, []any{one.Ticket, ticket.StatusWaitingOnCustomer}, []any{asked.Ticket, asked.Status})
	is(ticket.StatusWaitingOnCustomer, ticket.StatusInProgress)
	w.must(older.Reply(ctx, agent, text("Never mind.")))
	is(ticket.StatusWaitingOnCustomer, ticket.StatusInProgress)
	keyedCall := keyed(agent, "k")
	w.must(older.Resolve(ctx, keyedCall, ticket.ResolveParams{Action: "Done."}))
	is(ticket.StatusResolved, ticket.StatusInProgress)
	require.True(t, w.must(older.Resolve(ctx, keyedCall, ticket.ResolveParams{Action: "Done."})).Replayed)
	_, err := w.o.Ticket(two.Ticket).Resolve(ctx, keyedCall, ticket.ResolveParams{Action: "Done."})
	require.ErrorIs(t, err, desk.ErrKeyReused)

	for name, try := range map[string]func() (desk.Result, error){
		"done": func() (desk.Result, error) { return older.Reply(ctx, agent, text("Hello?")) },
		"ask": func() (desk.Result, error) {
			return older.AskCustomer(ctx, agent, text("Hello?"))
		},
		"again": func() (desk.Result, error) { return older.Resolve(ctx, agent, duplicate) },
	} {
		_, err := try()
		require.Equal(t, "invalid", desk.ProblemOf(err).Code, name)
		require.ErrorContains(t, err, "must be an open ticket of the conversation", name)
	}
}

// Table 3.1: the ticket that follows a message outside of the reopen window is linked,
// also if the AI offers it.
func TestFollowUpByOffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		lc := ticket.StandardConfig()
		lc.Name, lc.ReopenWindow = "short", time.Hour
		l, err := ticket.NewLifecycle(lc)
		require.NoError(t, err)
		c.Lifecycles = []*ticket.Lifecycle{l}
	})
	ctx := t.Context()
	r := w.ticketed(sms)
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, duplicate))
	w.clock.advance(day)
	m := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Again.")))
	require.True(t, m.FollowUp)
	offer := w.must(w.o.Conversation(m.ControlToken.Conversation).MakeOffer(ctx, ai, m.ControlToken, proposal))
	next := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}))
	require.Equal(t, r.Ticket, w.ticket(next.Ticket).Ticket.FollowUpOf)
	require.Equal(t, []ticket.ID{next.Ticket}, w.ticket(r.Ticket).Ticket.FollowUps)
}

// T42, R51: a conversation whose ticket was merged goes when the other one's does.
func TestMergedRetention(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	b := begin(helpdesk.ChannelEmail, contact)
	from, into := w.ticketed(b), w.ticketed(b)
	w.must(w.o.Ticket(from.Ticket).MergeInto(ctx, agent, into.Ticket))
	for range 32 {
		w.clock.advance(day)
		w.must(w.o.Conversation(into.Conversation).AskCustomer(ctx, agent, text("Which one?")))
		r := w.must(w.o.Receive(ctx, customer, desk.InboundMessage{Conversation: from.Conversation, Start: b, Message: said("The red one.")}))
		require.Equal(t, from.Conversation, r.Conversation)
		require.Equal(t, ticket.StatusInProgress, w.ticket(into.Ticket).Ticket.Status)
		w.run()
	}
	e, err := w.o.Ticket(from.Ticket).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, retention.Reason("open"), e.Reason)
	w.must(w.o.Conversation(into.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	w.pass(29 * day)
	w.conversation(from.Conversation)
	w.pass(2 * day) // both go together
	for _, id := range []ticket.ID{from.Ticket, into.Ticket} {
		_, err := w.o.Ticket(id).View(ctx)
		require.ErrorIs(t, err, helpdesk.ErrGone)
	}
}

// T30: a machine that answers without saying so, and outside of the thread, does not
// get an answer for each of its mails; the next day it is a day like every other.
func TestLoopT30(t *testing.T) {
	t.Parallel()
	a := &assistant{answer: func(context.Context, desk.Turn) (desk.Answer, error) { return desk.Answer{Text: "Hi."}, nil }}
	w := newWorld(t, func(c *desk.Config) { c.Assistant, c.Limits.MailStarts = a, 3 })
	starts := func(b inbox.StartParams, n, automated int) {
		t.Helper()
		got := 0
		for range n {
			r := w.must(w.o.Receive(t.Context(), customer, desk.InboundMessage{Start: b, Message: said("We have received your mail.")}))
			if r.List == inbox.ListAutomated {
				got++
			}
			w.run()
		}
		require.Equal(t, automated, got)
		require.Len(t, w.post.take(), automated)
	}
	b := begin(helpdesk.ChannelEmail, contact)
	starts(b, 5, 3)
	b.Contact.Email = "Ada <ADA@private.example>" // the same
	starts(b, 1, 0)
	b.Contact.Email = ""
	starts(b, 4, 3) // by the customer's name
	starts(sms, 5, 5)
	b.Contact.Email = "other@private.example"
	starts(b, 1, 1)
	w.clock.advance(day - 1)
	b = begin(helpdesk.ChannelEmail, contact)
	starts(b, 1, 0)
	w.clock.advance(1)
	starts(b, 4, 3)
}

// T28: what came back is noted where it belongs, and nothing is reopened.
func TestBouncedT28(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(sms)
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{ID: "answer", Body: "Hello."}))
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	w.run()
	sent := w.post.take()
	noted := func() desk.MailEvent { return w.ticket(r.Ticket).MailFailed }
	for _, e := range mails(sent) {
		require.NoError(t, w.o.MarkBounced(ctx, keyed(system, "b/"+e.Key), e.Key))
		require.NoError(t, w.o.MarkBounced(ctx, keyed(system, "b/"+e.Key), e.Key))
		require.Equal(t, "bounced", noted().Reason)
	}
	require.Equal(t, []any{desk.OccasionMailResolved, 1}, []any{noted().Occasion, noted().Episode})
	require.Equal(t, ticket.StatusResolved, w.ticket(r.Ticket).Ticket.Status)
	for _, e := range sent {
		if e.Message == "answer" {
			require.NoError(t, w.o.MarkBounced(ctx, agent, e.Key))
		}
	}
	all := w.replies(r.Conversation)
	require.True(t, all[len(all)-1].Undelivered)

	conv, tick := r.Conversation.String(), r.Ticket.String()
	for _, bad := range []string{
		"", "x", "conv/x/msg/1", "conv/" + conv, "conv/" + conv + "/msg/0", "conv/" + conv + "/msg/x", "conv/" + conv + "/msg/1",
		"conv/" + conv + "/msg/99", "conv/" + conv + "/offer/o", "ticket/" + tick + "/mail_resolved/0", "ticket/" + tick + "/mail_resolved",
		"ticket/" + tick + "/mail_created/1", "ticket/" + tick + "/tell_customer",
	} {
		require.ErrorIs(t, w.o.MarkBounced(ctx, system, bad), helpdesk.ErrInvalid, bad)
	}
	never := "019cadc6-9a80-7b73-a48e-d247dbe58800"
	require.ErrorIs(t, w.o.MarkBounced(ctx, system, "ticket/"+never+"/mail_created"), helpdesk.ErrNotFound)
	require.ErrorIs(t, w.o.MarkBounced(ctx, system, "conv/"+never+"/msg/1"), helpdesk.ErrNotFound)
	require.ErrorIs(t, w.o.MarkBounced(ctx, customer, "conv/"+conv+"/msg/2"), helpdesk.ErrNotAllowed)
}

// R90: a question by telephone needs no mail to leave before reminders count, and counts from when
// it was asked.
func TestAskedElsewhereR90(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{}
		c.Reminders = desk.Reminders{Clock: inbox.WaitCalendar, Every: day, MaxReminders: 1}
	})
	ctx := t.Context()
	r := w.start(byPeople)
	made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, titled("one")))
	w.clock.advance(time.Hour)
	said := w.clock.now().Add(-30 * time.Minute)
	w.run()
	w.post.take()
	w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, inbox.MessageParams{Body: "Which?", Via: helpdesk.ChannelPhone, SentAt: said}))
	w.run()
	require.Empty(t, w.post.take())
	v := w.ticket(made.Ticket)
	require.Equal(t, []any{ticket.StatusWaitingOnCustomer, said}, []any{v.Ticket.Status, v.Clocks.Clocks[0].Stop})
	w.clock.advance(24*time.Hour - 30*time.Minute - time.Second)
	w.run()
	require.Empty(t, w.post.take())
	w.clock.advance(2 * time.Second)
	w.run()
	require.Len(t, w.post.take(), 1)
	_, err := w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{Body: "x", Via: helpdesk.ChannelPhone, SentAt: w.clock.now().Add(time.Hour)})
	require.Equal(t, "invalid", desk.ProblemOf(err).Code)
}

// R88: what is done to one of several open tickets names it, on every channel but the live chat,
// where there is one.
func TestAmbiguousR88(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	sms := live
	sms.Channel = helpdesk.ChannelSMS
	r := w.start(sms)
	h := w.o.Conversation(r.Conversation)
	_, err := h.Mitigate(ctx, agent)
	require.ErrorContains(t, err, "no open ticket")
	_, err = h.Mitigate(ctx, customer)
	require.Equal(t, 403, desk.ProblemOf(err).Status)
	one := w.must(h.CreateTicket(ctx, agent, titled("one")))
	require.Equal(t, one.Ticket, w.must(h.Mitigate(ctx, agent)).Ticket)
	two := w.must(h.CreateTicket(ctx, agent, titled("two")))
	for name, try := range map[string]func(desk.Meta) (desk.Result, error){
		"ask":      func(c desk.Meta) (desk.Result, error) { return h.AskCustomer(ctx, c, text("Which?")) },
		"resolve":  func(c desk.Meta) (desk.Result, error) { return h.Resolve(ctx, c, duplicate) },
		"mitigate": func(c desk.Meta) (desk.Result, error) { return h.Mitigate(ctx, c) },
	} {
		_, err := try(agent)
		p := desk.ProblemOf(err)
		require.Equal(t, []any{"ambiguous", 409}, []any{p.Code, p.Status}, name)
		_, err = try(ai)
		p = desk.ProblemOf(err)
		require.Equal(t, []any{"not_allowed", 403}, []any{p.Code, p.Status}, name)
	}
	w.must(w.o.Ticket(two.Ticket).Mitigate(ctx, agent))
	w.must(h.Reply(ctx, agent, text("Soon.")))
	for _, id := range []ticket.ID{one.Ticket, two.Ticket} {
		v := w.ticket(id)
		require.Equal(t, ticket.StatusInProgress, v.Ticket.Status)
		require.Equal(t, sla.VerdictMet, v.Clocks.Clocks[0].Verdict)
	}
	w.must(w.o.Ticket(one.Ticket).Resolve(ctx, agent, duplicate))
	require.Equal(t, two.Ticket, w.must(h.Resolve(ctx, agent, duplicate)).Ticket)

	chat := w.start(live)
	w.must(w.o.Conversation(chat.Conversation).CreateTicket(ctx, agent, titled("one")))
	_, err = w.o.Conversation(chat.Conversation).CreateTicket(ctx, agent, titled("two"))
	require.Equal(t, "not_allowed", desk.ProblemOf(err).Code)
}
