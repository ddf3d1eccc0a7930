package desk_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func keyed(c desk.Meta, key string) desk.Meta {
	c.IdempotencyKey = key
	return c
}

// R52, R53, R58–R60, R64, R65: where a conversation begins.
func TestStart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		config inbox.Config
		ch     helpdesk.Channel
		list   inbox.List
	}{
		{"without the add-on", inbox.Config{}, helpdesk.ChannelLiveChat, inbox.ListActive},
		{"with the add-on", inbox.Config{AddOn: true}, helpdesk.ChannelLiveChat, inbox.ListAutomated},
		{"manual channel", inbox.Config{AddOn: true, Manual: []helpdesk.Channel{helpdesk.ChannelSMS}}, helpdesk.ChannelSMS, inbox.ListActive},
		{"other channel", inbox.Config{AddOn: true, Manual: []helpdesk.Channel{helpdesk.ChannelSMS}}, helpdesk.ChannelPhone, inbox.ListAutomated},
		{"own channel", inbox.Config{AddOn: true}, "pigeon", inbox.ListAutomated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *desk.Config) { c.Inbox = tt.config })
			b := live
			b.Channel = tt.ch
			r := w.start(b)
			require.Equal(t, tt.list, r.List)
			require.EqualValues(t, 1, r.Seq)
			require.NotEmpty(t, r.Message)
			require.Equal(t, tt.list == inbox.ListAutomated, r.ControlToken != inbox.ControlToken{})
			lease, err := w.o.Conversation(r.Conversation).ControlToken(t.Context())
			require.NoError(t, err)
			require.Equal(t, r.ControlToken, lease)
			w.run()
			require.Equal(t, tt.list == inbox.ListActive, len(w.team.take()) > 0)
		})
	}
	w := newWorld(t)
	_, err := w.o.Start(t.Context(), agent, opening(live, text("Hello.")))
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed) // customers begin conversations
	_, err = w.o.Start(t.Context(), customer, inbox.StartParams{Contact: inbox.Contact{Customer: "\n"}, Message: text("Hello.")})
	for _, want := range []string{"kind", "channel", "contact.customer"} {
		require.ErrorContains(t, err, want) // all at once
	}
}

// The same command with the same key is done once and has the same result; any
// other is refused.
func TestKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	first := w.must(w.o.Start(ctx, keyed(customer, "k"), opening(live, text("Hello."))))
	require.False(t, first.Replayed)
	w.clock.advance(time.Hour)
	again := w.must(w.o.Start(ctx, keyed(customer, "k"), opening(live, text("Hello."))))
	require.True(t, again.Replayed)
	again.Replayed = false
	require.Equal(t, first, again)

	_, err := w.o.Start(ctx, keyed(customer, "k"), opening(live, text("Goodbye.")))
	require.ErrorIs(t, err, desk.ErrKeyReused)
	require.ErrorContains(t, err, `"k"`)
	_, err = w.o.Conversation(first.Conversation).AddCustomerMessage(ctx, keyed(customer, "k"), said("Hello."))
	require.ErrorIs(t, err, desk.ErrKeyReused)
	others := w.must(w.o.Start(ctx, keyed(desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorCustomer}}, "k"), opening(live, text("Hello."))))
	require.NotEqual(t, first.Conversation, others.Conversation) // by somebody else: T13
	_, err = w.o.Start(ctx, keyed(customer, "a b"), opening(live, text("Hello.")))
	require.ErrorIs(t, err, helpdesk.ErrInvalid)

	// What would be refused now was done then.
	w.must(w.o.Conversation(first.Conversation).TakeOver(ctx, keyed(agent, "t")))
	r := w.must(w.o.Conversation(first.Conversation).TakeOver(ctx, keyed(agent, "t")))
	require.True(t, r.Replayed)
	_, err = w.o.Conversation(first.Conversation).TakeOver(ctx, keyed(agent, "u"))
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	_, err = w.o.Conversation(first.Conversation).TakeOver(ctx, agent)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	_, err = w.o.Conversation(first.Conversation).TakeOver(ctx, keyed(desk.Meta{Author: helpdesk.Agent("agent-2")}, "t"))
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed) // another's key says nothing: T13

	// Keys are forgotten in the end.
	w.clock.advance(8 * day)
	for {
		n, err := w.desk.RemoveExpired(ctx)
		require.NoError(t, err)
		if n == 0 {
			break
		}
	}
	_, err = w.o.Conversation(first.Conversation).TakeOver(ctx, keyed(agent, "t"))
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
}

// A customer's message in an archived conversation: reopened, escalated in place,
// or the beginning of another one.
func TestArchivedMessage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		policy inbox.OnArchived
		list   inbox.List
		other  bool
	}{
		{"", inbox.ListActive, false},
		{inbox.ArchivedReopen, inbox.ListActive, false},
		{inbox.ArchivedEscalate, inbox.ListArchived, false},
		{inbox.ArchivedNewConversation, inbox.ListActive, true},
	} {
		t.Run(string(tt.policy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *desk.Config) {
				c.Inbox = inbox.Config{Archived: tt.policy, Clock: inbox.WaitCalendar, NoAction: inbox.Duration(time.Hour)}
			})
			r := w.start(live)
			w.archive(r)
			w.clock.advance(time.Minute)
			m := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("One more thing.")))
			require.Equal(t, tt.list, m.List)
			require.Equal(t, tt.other, m.Conversation != r.Conversation)
			v := w.conversation(m.Conversation)
			require.Equal(t, "One more thing.", string(v.Messages[len(v.Messages)-1].(inbox.Reply).Body))
			if tt.other {
				require.Equal(t, r.Conversation, v.Continues)
				require.Equal(t, contact, v.Contact)
				require.Len(t, w.conversation(r.Conversation).Messages, 1)
			}
			w.clock.advance(2 * time.Hour)
			w.run()
		})
	}
}

// T43: what does not fit begins another conversation, also by somebody in copy.
func TestFullConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	w.fill(r.Conversation, inbox.MaxMessages)
	_, err := w.o.Conversation(r.Conversation).RecordAutoReply(ctx, customer, text("Out of office."))
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	w.must(w.o.Conversation(r.Conversation).AddNote(ctx, agent, text("It is full.")))
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("Please write another mail.")))
	m := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Still there?")))
	require.NotEqual(t, r.Conversation, m.Conversation)
	friend := desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "friend"}}
	p := w.must(w.o.Conversation(r.Conversation).AddParticipantMessage(ctx, friend, text("I am in copy.")))
	require.NotEqual(t, r.Conversation, p.Conversation)
	require.Equal(t, r.Conversation, w.conversation(p.Conversation).Continues)
	v := w.conversation(r.Conversation)
	require.Equal(t, []any{200, true, false}, []any{len(v.Messages), v.More, v.Earlier})
}

// fill has a conversation with one message, and perhaps some of the system, have so many, behind the desk's back: all like
// the first, and with those in the middle missing, which no command may ask for.
func (w *world) fill(id inbox.ID, n int) {
	w.t.Helper()
	ctx := w.t.Context()
	s, err := w.stores.Tenant("acme")
	require.NoError(w.t, err)
	ref := store.Ref{Kind: "conversation", ID: id.String()}
	had := entries(w.t, s, ref, "message")
	first := had[0]
	var batch store.Batch
	for i := len(had) + 1; i <= n; i++ {
		if i > 210 && i <= n-40 {
			continue
		}
		seq := strconv.Itoa(i)
		e := first
		e.N, e.ID = uint64(i), "m"+seq
		e.Body = []byte(strings.NewReplacer(`"seq":1,`, `"seq":`+seq+`,`, `"id":"m-`, `"id":"m`+seq+`-`).Replace(string(first.Body)))
		batch.Append = append(batch.Append, e)
	}
	_, err = s.Commit(ctx, batch)
	require.NoError(w.t, err)
	head, err := loaded(ctx, s, ref)
	require.NoError(w.t, err)
	one := fmt.Sprintf(`"len":%d,"counts":{"public":%d,"inbound":1}`, len(had), len(had))
	many := strings.ReplaceAll(`"len":n,"counts":{"public":n,"inbound":n}`, "n,", strconv.Itoa(n)+",")
	many = strings.ReplaceAll(many, ":n}", ":"+strconv.Itoa(n)+"}")
	require.Contains(w.t, string(head.Body), one)
	body := strings.Replace(string(head.Body), one, many, 1)
	_, err = s.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: head.Ref, Expected: head.Revision, Body: []byte(body)}}})
	require.NoError(w.t, err)
}

// Receive takes up what came in, wherever it belongs.
func TestReceive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	arrival := desk.InboundMessage{Start: live, Message: said("Hello.")}
	r := w.must(w.o.Receive(ctx, keyed(customer, "mail-1"), arrival))
	again := w.must(w.o.Receive(ctx, keyed(customer, "mail-1"), arrival))
	require.True(t, again.Replayed) // T15: the same mail twice
	require.Equal(t, r.Conversation, again.Conversation)

	arrival.Conversation = r.Conversation
	m := w.must(w.o.Receive(ctx, keyed(customer, "mail-2"), arrival))
	require.Equal(t, r.Conversation, m.Conversation)
	require.EqualValues(t, 2, m.Seq)
	arrival.Machine = true
	auto := w.must(w.o.Receive(ctx, keyed(customer, "mail-3"), arrival))
	require.EqualValues(t, 3, auto.Seq)
	require.True(t, w.conversation(r.Conversation).Messages[2].(inbox.Reply).Auto) // T30

	arrival.Conversation = inbox.ID{}
	_, err := w.o.Receive(ctx, keyed(customer, "mail-4"), arrival)
	require.ErrorIs(t, err, helpdesk.ErrNotFound) // a machine begins nothing
	arrival.Conversation = inbox.ID(uuid.MustParse("019cadc6-9a80-7b73-a48e-d247dbe58800"))
	arrival.Machine = false
	lost := w.must(w.o.Receive(ctx, keyed(customer, "mail-5"), arrival)) // T1, T14: no mail is lost for want of its conversation
	require.NotEqual(t, r.Conversation, lost.Conversation)
	require.NotEqual(t, arrival.Conversation, lost.Conversation)

	// T22: once it is deleted a message begins another, twice the same one.
	w.must(w.o.Conversation(r.Conversation).Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.clock.advance(time.Hour)
	w.run()
	arrival.Conversation = r.Conversation
	_, err = w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Hello?"))
	require.ErrorIs(t, err, helpdesk.ErrGone)
	fresh := w.must(w.o.Receive(ctx, keyed(customer, "mail-6"), arrival))
	require.NotEqual(t, r.Conversation, fresh.Conversation)
	require.Len(t, w.conversation(fresh.Conversation).Messages, 1)
	again = w.must(w.o.Receive(ctx, keyed(customer, "mail-6"), arrival))
	require.Equal(t, fresh.Conversation, again.Conversation)
	arrival.Machine = true
	_, err = w.o.Receive(ctx, keyed(customer, "mail-7"), arrival)
	require.ErrorIs(t, err, helpdesk.ErrGone)
}

// T11, T28, D11: others than the customer, machines, and what did not arrive.
func TestOtherMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	friend := desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "friend"}}
	p := w.must(w.o.Conversation(r.Conversation).AddParticipantMessage(ctx, friend, text("I am in copy.")))
	require.Equal(t, inbox.ListActive, p.List)
	w.must(w.o.Conversation(r.Conversation).RecordAutoReply(ctx, customer, text("Out of office.")))
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{ID: "answer", Body: "Hello."}))
	w.must(w.o.Conversation(r.Conversation).MarkBounced(ctx, system, "answer"))
	v := w.conversation(r.Conversation)
	last := v.Messages[len(v.Messages)-1].(inbox.Reply)
	require.True(t, last.Undelivered)
	_, err := w.o.Conversation(r.Conversation).MarkBounced(ctx, system, "nothing")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// R39, T31, T32, D5: the AI under its lease, and after it.
func TestAI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	hello := text("Hello.")
	hello.ID = "hello"
	once := w.must(w.o.Conversation(r.Conversation).AddAIReply(ctx, ai, r.ControlToken, hello))
	require.False(t, once.Replayed)
	again := w.must(w.o.Conversation(r.Conversation).AddAIReply(ctx, ai, r.ControlToken, hello))
	require.True(t, again.Replayed) // T58: the same once more
	require.Equal(t, []any{once.Message, once.Seq}, []any{again.Message, again.Seq})
	_, err := w.o.Conversation(r.Conversation).AddAIReply(ctx, ai, r.ControlToken, text("Hello again."))
	require.ErrorAs(t, err, new(*inbox.StaleControlError), "the turn was answered")
	require.Len(t, w.conversation(r.Conversation).Messages, 2)
	failed := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Hm.")))
	w.must(w.o.Conversation(failed.ControlToken.Conversation).ReportAIFailure(ctx, ai, failed.ControlToken, inbox.FailureGiveUp, "too hard"))
	_, err = w.o.Conversation(failed.ControlToken.Conversation).AddAIReply(ctx, ai, failed.ControlToken, text("Wait."))
	require.ErrorAs(t, err, new(*inbox.StaleControlError))
	_, err = w.o.Conversation(failed.ControlToken.Conversation).MakeOffer(ctx, ai, failed.ControlToken, proposal)
	require.ErrorAs(t, err, new(*inbox.StaleControlError))
	_, err = w.o.Conversation(failed.ControlToken.Conversation).ReportAIFailure(ctx, ai, failed.ControlToken, inbox.FailureError, "")
	require.ErrorAs(t, err, new(*inbox.StaleControlError))
	w.run()
	require.Len(t, chats(w.post.take()), 2) // the answer, and that a person will go on

	back := w.must(w.o.Conversation(r.Conversation).ReturnToAI(ctx, agent))
	require.Equal(t, inbox.ListAutomated, back.List)
	w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
}

// R65, T33: switching the add-on off strands nobody, whoever is faster.
func TestSwitchOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t).tune(func(c *desk.Tuning) { c.Batch = 2 })
	ctx := t.Context()
	var all []desk.Result
	for range 5 {
		all = append(all, w.start(live))
	}
	sms := live
	sms.Channel = helpdesk.ChannelSMS
	other := w.start(sms)

	manual := automatic
	manual.Manual = []helpdesk.Channel{helpdesk.ChannelLiveChat}
	require.NoError(t, w.o.UpdateSettings(ctx, agent, manual))
	for _, r := range all {
		require.Equal(t, inbox.ListActive, w.conversation(r.Conversation).List)
	}
	require.Equal(t, inbox.ListAutomated, w.conversation(other.Conversation).List)
	got, err := w.o.Settings(ctx)
	require.NoError(t, err)
	require.Equal(t, manual.Manual, got.Manual)

	off := automatic
	off.AddOn = false
	require.NoError(t, w.o.UpdateSettings(ctx, keyed(agent, "off"), off))
	require.NoError(t, w.o.UpdateSettings(ctx, keyed(agent, "off"), off))
	require.Equal(t, inbox.ListActive, w.conversation(other.Conversation).List)
	require.Equal(t, inbox.ListActive, w.start(live).List)
	_, err = w.o.Conversation(other.Conversation).ReturnToAI(ctx, agent)
	var refused *inbox.NotAllowedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, inbox.Guard("add_on_off"), refused.Guard)
	lines, _, err := w.o.Conversations(ctx, desk.ConversationQuery{List: inbox.ListAutomated})
	require.NoError(t, err)
	require.Empty(t, lines)

	require.ErrorIs(t, w.o.UpdateSettings(ctx, agent, inbox.Config{MaxTurns: -1}), helpdesk.ErrInvalid)
	w.run()
}

// R61–R63, R61a: archiving removes what is pending, and is refused while a ticket
// is open, resolves it, or lets it be.
func TestArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.ticketed(live)
	_, err := w.o.Conversation(made.Conversation).Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	backlog := func() int {
		h, err := w.o.Health(ctx)
		require.NoError(t, err)
		return h.Backlog.Waiting
	}
	before := backlog()
	w.must(w.o.Conversation(made.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}))
	w.archive(made)
	// The notification that was not sent is withdrawn; the mails are not.
	require.Equal(t, before, backlog()) // minus the notification, plus the mail
	w.run()
	require.Empty(t, w.team.take())
	require.Len(t, mails(w.post.take()), 2)
	w.clock.advance(100 * day)
	fired, err := w.desk.FireTimers(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, fired) // the sweep
	require.Empty(t, w.team.take())

	resolves := automatic
	resolves.OpenTicket = inbox.OpenTicketResolve
	require.NoError(t, w.o.UpdateSettings(ctx, agent, resolves))
	made = w.ticketed(live)
	w.must(w.o.Conversation(made.Conversation).Archive(ctx, agent, inbox.ArchiveParams{
		Reason: inbox.ArchiveClosed, Resolution: ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam},
	}))
	require.Equal(t, ticket.StatusResolved, w.ticket(made.Ticket).Ticket.Status)
	// A ticket that is reopened takes its conversation along.
	r := w.must(w.o.Ticket(made.Ticket).Reopen(ctx, agent, "no"))
	require.Equal(t, inbox.ListActive, r.List)

	allows := automatic
	allows.OpenTicket = inbox.OpenTicketAllow
	require.NoError(t, w.o.UpdateSettings(ctx, agent, allows))
	w.archive(made)
	require.Equal(t, ticket.StatusInProgress, w.ticket(made.Ticket).Ticket.Status)
	w.must(w.o.Conversation(made.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	r = w.must(w.o.Ticket(made.Ticket).Reopen(ctx, agent, "no"))
	require.Equal(t, inbox.ListArchived, r.List)
	w.must(w.o.Conversation(made.Conversation).Unarchive(ctx, agent))
}

// R68–R70, R77: what is written down beside.
func TestAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).AddTag(ctx, agent, "  Hot   Printers "))
	w.must(w.o.Conversation(r.Conversation).AddTag(ctx, agent, "HOT PRINTERS"))
	w.must(w.o.Conversation(r.Conversation).AddTag(ctx, agent, "paper"))
	w.must(w.o.Conversation(r.Conversation).RemoveTag(ctx, agent, "Paper"))
	w.must(w.o.Conversation(r.Conversation).SetSentiment(ctx, ai, inbox.SentimentNegative))
	w.must(w.o.Conversation(r.Conversation).AddNote(ctx, agent, text("An arsonist.")))
	w.must(w.o.Conversation(r.Conversation).Follow(ctx, agent, "agent-2"))
	w.must(w.o.Conversation(r.Conversation).Follow(ctx, agent, "agent-3"))
	w.must(w.o.Conversation(r.Conversation).Unfollow(ctx, agent, "agent-3"))
	v := w.conversation(r.Conversation)
	require.Equal(t, []string{"hot printers"}, v.Tags)
	require.Equal(t, inbox.SentimentNegative, v.Sentiment)
	require.Equal(t, inbox.ListAutomated, v.List) // a note takes no control
	view, err := w.o.Conversation(r.Conversation).CustomerView(ctx, "cust-1", desk.MessageQuery{})
	require.NoError(t, err)
	require.Len(t, view.Messages, 1)
	for _, other := range []string{"cust-2", ""} { // T13
		_, err = w.o.Conversation(r.Conversation).CustomerView(ctx, other, desk.MessageQuery{})
		require.ErrorIs(t, err, helpdesk.ErrNotFound)
	}
	w.run()
	require.Empty(t, w.post.take())
}

// T18, T19: a reply that was decided before the customer's last message.
func TestIfSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Wait!")))
	c := agent
	c.IfLastMessage = 1
	_, err := w.o.Conversation(r.Conversation).Resolve(ctx, c, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam})
	require.ErrorAs(t, err, new(*inbox.ConflictError))
	c.IfLastMessage = 4
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, c, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
}

// A record that is not there stays so.
func TestMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	never := uuid.MustParse("019cadc6-9a80-7b73-a48e-d247dbe58800")
	_, err := w.o.Conversation(inbox.ID(never)).Reply(t.Context(), agent, text("x"))
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	require.False(t, errors.Is(err, helpdesk.ErrGone))
	_, err = w.o.Conversation(inbox.ID(never)).AddParticipantMessage(t.Context(), agent, text("x"))
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	_, err = w.o.Conversation(inbox.ID(never)).ConfirmOffer(t.Context(), customer, inbox.ConfirmParams{})
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	_, err = w.o.Conversation(inbox.ID(never)).CreateTicket(t.Context(), agent, inbox.CreateTicketParams{})
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	_, err = w.o.Conversation(inbox.ID(never)).ReturnToAI(t.Context(), agent)
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	_, err = w.o.Conversation(inbox.ID(never)).RequestErasure(t.Context(), agent)
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	_, err = w.o.Ticket(ticket.ID(never)).MergeInto(t.Context(), agent, ticket.ID(never))
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	_, err = w.o.Ticket(ticket.ID(never)).Reopen(t.Context(), agent, "x")
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	_, err = w.o.Ticket(ticket.ID(never)).Do(t.Context(), agent, "x", "")
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
}
