package desk_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var (
	mallory = desk.Meta{Author: helpdesk.Customer("mallory")}
	friend  = desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "friend"}}
)

// T10, T16, R33, R36: what the AI offers is for the contact and for nobody else: the
// mail goes to the address on the contact's account.
func TestOfferIsForTheContactT10(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Accounts = accounts{"acc-1": {Ref: "acc-1", Email: "ada@account.example"}, "victim": {Ref: "victim", Email: "victim@else.example"}}
	})
	ctx := t.Context()
	r := w.start(live)
	p := proposal
	p.Intake.Account, p.Intake.Requester = "victim", "bob"
	_, err := w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, p)
	require.Equal(t, "invalid", desk.ProblemOf(err).Code)
	require.ErrorContains(t, err, "intake.requester: must be")
	require.ErrorContains(t, err, "intake.account: must be")
	p.Intake.Account, p.Intake.Requester = contact.Account, contact.Customer
	o := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, p))
	c := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: o.Offer, Shown: o.Shown}))
	w.run()
	sent := mails(w.post.take())
	require.Len(t, sent, 1)
	require.Equal(t, "ada@account.example", sent[0].To)
	_, err = w.o.LookUp(ctx, string(c.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.NoError(t, err)
}

// T10: nor does the AI or a customer give a ticket an account that lacks one.
func TestAccountOfATicketIsTheTeamsT10(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	b := live
	b.Contact.Account = ""
	r := w.start(b)
	w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
	id := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "t"}, Summary: "s"})).Ticket
	for _, c := range []desk.Meta{ai, customer} {
		_, err := w.o.Ticket(id).UpdateIntake(ctx, c, ticket.Intake{Account: "acc-2", FirstSeen: "Monday"})
		require.Equal(t, "invalid", desk.ProblemOf(err).Code)
		require.ErrorContains(t, err, "intake.account")
		require.Empty(t, w.ticket(id).Ticket.Intake.FirstSeen)
	}
	w.must(w.o.Ticket(id).UpdateIntake(ctx, agent, ticket.Intake{Account: "acc-2"}))
	w.must(w.o.Ticket(id).UpdateIntake(ctx, ai, ticket.Intake{Account: "acc-2", FirstSeen: "Monday"})) // the same again
	require.Equal(t, "Monday", w.ticket(id).Ticket.Intake.FirstSeen)
}

// T13: to a customer the ticket of another is as one that is not there.
func TestTicketOfAnotherT13(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	before := w.ticket(r.Ticket)
	nobody := desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorCustomer}}
	for _, c := range []desk.Meta{mallory, nobody} {
		commands := []func(id ticket.ID) error{
			func(id ticket.ID) error {
				_, err := w.o.Ticket(id).ClaimSeverity(ctx, c, severity.Urgent, helpdesk.ChannelLiveChat)
				return err
			},
			func(id ticket.ID) error {
				_, err := w.o.Ticket(id).UpdateIntake(ctx, c, ticket.Intake{FirstSeen: "never"})
				return err
			},
		}
		none := ticket.ID(uuid.MustParse("0195f3a0-0000-7000-8000-000000000000"))
		for _, do := range commands {
			want, got := do(none), do(r.Ticket)
			require.Equal(t, "not_found", desk.ProblemOf(want).Code)
			require.IsType(t, want, got)
			require.EqualError(t, got, "desk: ticket/"+r.Ticket.String()+": not found")
			require.EqualError(t, want, "desk: ticket/"+none.String()+": not found")
		}
	}
	require.Equal(t, before.Ticket, w.ticket(r.Ticket).Ticket)
	w.must(w.o.Ticket(r.Ticket).ClaimSeverity(ctx, customer, severity.Urgent, helpdesk.ChannelLiveChat))
}

// T11: somebody in copy does not become the customer where a new conversation begins
// with what they write, and the AI is not asked.
func TestInCopyBeginsAConversationT11(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox.Archived = inbox.ArchivedNewConversation })
	ctx := t.Context()
	for who, write := range map[string]func(desk.Result) (desk.Result, error){
		"friend": func(r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddParticipantMessage(ctx, friend, text("I am Ada."))
		},
		"mallory": func(r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, mallory, said("I am Ada."))
		},
	} {
		r := w.start(live)
		w.archive(r)
		n := w.must(write(r))
		require.NotEqual(t, r.Conversation, n.Conversation)
		w.begunInCopy(n, who)
		require.Equal(t, r.Conversation, w.conversation(n.Conversation).Continues)
	}
	r := w.start(live)
	w.archive(r)
	n := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("It is me.")))
	require.Equal(t, inbox.ListAutomated, n.List)
}

// T43: what is written to a conversation that is over goes to the one that continues
// it, and to the one that continues that; a new one begins only where none lives.
func TestSuccessorT43(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox.Archived = inbox.ArchivedNewConversation })
	ctx := t.Context()
	first := w.start(live)
	w.archive(first)
	write := func(s string) desk.Result {
		t.Helper()
		r := w.must(w.o.Conversation(first.Conversation).AddCustomerMessage(ctx, customer, said(s)))
		all := w.replies(r.Conversation)
		require.Equal(t, s, string(all[len(all)-1].Body))
		require.Equal(t, []any{all[len(all)-1].ID, all[len(all)-1].Seq}, []any{r.Message, r.Seq})
		return r
	}
	second := write("1")
	require.NotEqual(t, first.Conversation, second.Conversation)
	again := write("2")
	require.Equal(t, second.Conversation, again.Conversation)
	require.NotZero(t, again.ControlToken) // the AI is asked there
	p := w.must(w.o.Conversation(first.Conversation).AddParticipantMessage(ctx, friend, text("I am in copy.")))
	require.Equal(t, []any{second.Conversation, inbox.ListActive}, []any{p.Conversation, p.List})
	w.archive(second)
	third := write("3")
	require.NotContains(t, []inbox.ID{first.Conversation, second.Conversation}, third.Conversation)
	require.Equal(t, second.Conversation, w.conversation(third.Conversation).Continues)
	require.Equal(t, third.Conversation, write("4").Conversation)
	require.Len(t, w.replies(first.Conversation), 1)

	w.archive(third)
	_, err := w.o.Conversation(third.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	for range 30 {
		w.start(live)
	}
	for range 5 {
		w.clock.advance(time.Hour)
		w.run()
	}
	_, err = w.o.Conversation(third.Conversation).AddCustomerMessage(ctx, customer, said("x"))
	require.ErrorIs(t, err, helpdesk.ErrGone)
	fourth := write("5")
	require.NotEqual(t, third.Conversation, fourth.Conversation)
}

// begunInCopy makes sure that people hold what somebody in copy has begun.
func (w *world) begunInCopy(r desk.Result, who string) {
	w.t.Helper()
	require.Equal(w.t, inbox.ListActive, r.List)
	require.Zero(w.t, r.ControlToken)
	v := w.conversation(r.Conversation)
	require.Len(w.t, v.Messages, 1)
	m := v.Messages[0].(inbox.Reply)
	require.Equal(w.t, []any{helpdesk.ActorThirdParty, who}, []any{m.By, m.Who})
	require.Equal(w.t, contact, v.Contact)
}

// T22, T11: mail of somebody in copy is taken whether its conversation is there or
// gone, or there never was one.
func TestReceiveFromSomebodyInCopyT22(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for range 30 {
		w.start(live)
	}
	r := w.resolved(live)
	_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	for range 5 {
		w.clock.advance(time.Hour)
		w.run()
	}
	_, err = w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("x"))
	require.ErrorIs(t, err, helpdesk.ErrGone)
	there := w.start(live)
	for _, c := range []desk.Meta{friend, mallory} {
		gone := desk.InboundMessage{Conversation: r.Conversation, Start: live, Message: said("Me too.")}
		n := w.must(w.o.Receive(ctx, keyed(c, "gone-"+c.Who), gone))
		w.begunInCopy(n, c.Who)
		again := w.must(w.o.Receive(ctx, keyed(c, "gone-"+c.Who), gone))
		require.Equal(t, n.Conversation, again.Conversation)
		w.begunInCopy(w.must(w.o.Receive(ctx, c, desk.InboundMessage{Start: live, Message: said("Me too.")})), c.Who)

		n = w.must(w.o.Receive(ctx, c, desk.InboundMessage{Conversation: there.Conversation, Start: live, Message: said("Me too.")}))
		require.Equal(t, there.Conversation, n.Conversation)
		require.Equal(t, inbox.ListActive, n.List)
	}
	require.Len(t, w.replies(there.Conversation), 3)
}

// replies returns what customer, team and AI said in a conversation.
func (w *world) replies(conversation inbox.ID) []inbox.Reply {
	w.t.Helper()
	var out []inbox.Reply
	for _, m := range w.conversation(conversation).Messages {
		if r, ok := m.(inbox.Reply); ok && r.By != helpdesk.ActorSystem {
			out = append(out, r)
		}
	}
	return out
}

// T1: what comes in is never refused for its form, however odd a mail is.
func TestOddMailIsTakenT1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	var many []inbox.AttachmentRef
	for i := range inbox.MaxAttachments + 3 {
		many = append(many, inbox.AttachmentRef{Ref: "b" + strconv.Itoa(i), Size: 1})
	}
	odd := inbox.MessageParams{
		ID: "<a#b c@d>", Body: "x", SentAt: time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC),
		Attachments: append([]inbox.AttachmentRef{{Ref: "a b"}, {Ref: "t", Type: "text/plain; charset=utf-8", Size: -1, SHA256: "zz"}}, many...),
	}
	check := func(got desk.Result) {
		t.Helper()
		all := w.replies(got.Conversation)
		m := all[len(all)-1]
		require.Equal(t, got.Message, m.ID)
		require.True(t, strings.HasPrefix(m.ID, "sha256-"), m.ID)
		require.Zero(t, m.SentAt)
		require.Len(t, m.Attachments, inbox.MaxAttachments)
		require.Equal(t, inbox.AttachmentRef{Ref: "t", Type: "text/plain"}, m.Attachments[0])
		require.Equal(t, 5, m.Dropped)
	}
	b := live
	b.Channel = helpdesk.ChannelEmail
	b.Contact.Name, b.Contact.Email = strings.Repeat("n", 300), "noreply"
	check(w.must(w.o.Receive(ctx, customer, desk.InboundMessage{Start: b, Message: inbox.CustomerMessageParams{MessageParams: odd}})))
	check(w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: odd})))
	odd.ID += "2"
	check(w.must(w.o.Conversation(r.Conversation).AddParticipantMessage(ctx, friend, odd)))
	odd.ID += "3"
	check(w.must(w.o.Conversation(r.Conversation).RecordAutoReply(ctx, customer, odd)))
	odd.ID += "4"
	_, err := w.o.Conversation(r.Conversation).Reply(ctx, agent, odd) // the team can do better
	for _, want := range []string{"message", "sent_at", "blobs"} {
		require.ErrorContains(t, err, want)
	}
}

// T18, T19: every command on a ticket is refused to whoever has not read what the
// customer wrote since, and nothing changes by it.
func TestIfSeenOnTicketsT18(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	sol := ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}
	for name, do := range map[string]func(w *world, c desk.Meta, id ticket.ID) error{
		"reopen": func(w *world, c desk.Meta, id ticket.ID) error {
			w.must(w.o.Conversation(w.conversationOf(id)).Resolve(ctx, agent, sol))
			_, err := w.o.Ticket(id).Reopen(ctx, c, "because")
			return err
		},
		"mitigate": func(w *world, c desk.Meta, id ticket.ID) error { _, err := w.o.Ticket(id).Mitigate(ctx, c); return err },
		"merge": func(w *world, c desk.Meta, id ticket.ID) error {
			into := w.ticketed(live)
			_, err := w.o.Ticket(id).MergeInto(ctx, c, into.Ticket)
			return err
		},
		"assign": func(w *world, c desk.Meta, id ticket.ID) error {
			w.must(w.o.Conversation(w.conversationOf(id)).PickUp(ctx, agent))
			_, err := w.o.Ticket(id).Assign(ctx, c, "agent-2")
			return err
		},
		"answer": func(w *world, c desk.Meta, id ticket.ID) error {
			_, err := w.o.Ticket(id).UpdateIntake(ctx, c, ticket.Intake{FirstSeen: "Monday"})
			return err
		},
		"claim": func(w *world, c desk.Meta, id ticket.ID) error {
			_, err := w.o.Ticket(id).ClaimSeverity(ctx, c, severity.Urgent, "")
			return err
		},
		"confirm severity": func(w *world, c desk.Meta, id ticket.ID) error {
			_, err := w.o.Ticket(id).ConfirmSeverity(ctx, c)
			return err
		},
		"correct severity": func(w *world, c desk.Meta, id ticket.ID) error {
			_, err := w.o.Ticket(id).CorrectSeverity(ctx, c, ticket.CorrectSeverityParams{Level: severity.High, Reason: "wrong"})
			return err
		},
		"pause": func(w *world, c desk.Meta, id ticket.ID) error {
			_, err := w.o.Ticket(id).PauseClocks(ctx, c, "x")
			return err
		},
		"hold": func(w *world, c desk.Meta, id ticket.ID) error {
			_, err := w.o.Ticket(id).PlaceLegalHold(ctx, c, ticket.LegalHoldParams{ID: "h", Reason: "x", Privileged: true})
			return err
		},
		"erasure": func(w *world, c desk.Meta, id ticket.ID) error {
			_, err := w.o.Conversation(w.conversationOf(id)).RequestErasure(ctx, c)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seen, want := range map[uint64]string{3: "seen", 4: "", 9: "invalid"} {
				w := newWorld(t)
				r := w.ticketed(live)
				w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: text("Thanks!"), Aside: true}))
				c := keyed(agent, "k")
				c.IfLastMessage = seen
				err := do(w, c, r.Ticket)
				require.Equal(t, want, desk.ProblemOf(err).Code, "%v", err)
				if want == "invalid" {
					require.ErrorContains(t, err, "if_seen")
				}
			}
		})
	}
	w := newWorld(t)
	c := agent
	c.IfLastMessage = 1
	err := w.o.UpdateSettings(ctx, c, inbox.Config{})
	require.Equal(t, "invalid", desk.ProblemOf(err).Code)
	require.ErrorContains(t, err, "if_seen")
}

func (w *world) conversationOf(id ticket.ID) inbox.ID {
	w.t.Helper()
	conv, err := uuid.Parse(w.ticket(id).Ticket.Conversation)
	require.NoError(w.t, err)
	return inbox.ID(conv)
}

// D3: the key of a command that had nothing to change is used too: the command has
// the same result again, and no other command has it.
func TestKeyOfNothingD3(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	offer := w.conversation(r.Conversation).Offers[0]
	c := inbox.ConfirmParams{Offer: offer.ID, Shown: offer.Shown}
	key := keyed(customer, "k")
	first := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, key, c)) // confirmed before
	require.False(t, first.Replayed)
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
	w.archive(r)
	again := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, key, c))
	require.True(t, again.Replayed)
	first.Replayed = true
	require.Equal(t, first, again)
	_, err := w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, key, said("Another command."))
	require.ErrorIs(t, err, desk.ErrKeyReused)
}

// R72: a conversation has one open ticket, also where one comes back that was done.
func TestReopenBesideAnOpenOneR72(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, several := range []bool{false, true} {
		w := newWorld(t, func(c *desk.Config) { c.Inbox.SeveralTickets = several })
		r := w.resolved(live)
		n := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Two"}, Summary: "Two."}))
		_, err := w.o.Ticket(r.Ticket).Reopen(ctx, agent, "oops")
		if several {
			require.NoError(t, err)
			continue
		}
		var e *inbox.NotAllowedError
		require.ErrorAs(t, err, &e)
		require.Equal(t, []any{inbox.Guard("open_ticket"), inbox.EventKind("reopen"), helpdesk.ActorAgent}, []any{e.Guard, e.Event, e.Actor})
		require.Equal(t, "not_allowed", desk.ProblemOf(err).Code)
		require.Equal(t, ticket.StatusResolved, w.ticket(r.Ticket).Ticket.Status)
		w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
		w.must(w.o.Ticket(r.Ticket).Reopen(ctx, agent, "oops"))
		require.Equal(t, ticket.StatusResolved, w.ticket(n.Ticket).Ticket.Status)
	}
}

// T18: of two who pick up the first has it, and the second hears of it.
func TestTwoPickUpT18(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	second := desk.Meta{Author: helpdesk.Agent("agent-2")}
	mail := live
	mail.Channel = helpdesk.ChannelEmail
	for name, b := range map[string]inbox.StartParams{"people hold it": live, "the AI holds it": mail} {
		w := newWorld(t)
		r := w.ticketed(b)
		w.must(w.o.Conversation(r.Conversation).PickUp(ctx, agent))
		before := w.conversation(r.Conversation).Control
		_, err := w.o.Conversation(r.Conversation).PickUp(ctx, second)
		var e *inbox.NotAllowedError
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, inbox.Guard("picked_up"), e.Guard, name)
		require.Equal(t, before, w.conversation(r.Conversation).Control, name)
		require.Equal(t, "agent-1", w.ticket(r.Ticket).Ticket.Assignee, name)
		events := w.events(r.Ticket)
		again := w.must(w.o.Conversation(r.Conversation).PickUp(ctx, agent))
		require.Equal(t, before.Status.List(), again.List, name)
		require.Equal(t, events, w.events(r.Ticket), name)
		w.must(w.o.Conversation(r.Conversation).Reply(ctx, second, text("I go on."))) // the way to take it
		require.Equal(t, "agent-2", w.conversation(r.Conversation).Control.Who, name)
		w.must(w.o.Ticket(r.Ticket).Assign(ctx, second, "agent-2"))

		w.must(w.o.Conversation(r.Conversation).Resolve(ctx, second, ticket.ResolveParams{Action: "Done."}))
		w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, second, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Two"}, Summary: "Two."}))
		w.must(w.o.Conversation(r.Conversation).PickUp(ctx, agent)) // a new ticket waits for whoever is first
		require.Equal(t, "agent-1", w.conversation(r.Conversation).Control.Who, name)
	}
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).PickUp(ctx, second)) // nobody has it
	_, err := w.o.Conversation(r.Conversation).PickUp(ctx, agent)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
}
