package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func begin(ch helpdesk.Channel, c inbox.Contact) inbox.StartParams {
	return inbox.StartParams{Kind: inbox.KindQuestion, Channel: ch, Contact: c}
}

// parked returns the reasons of what was given up.
func (w *world) parked() []string {
	w.t.Helper()
	page, _, err := w.o.DeadLetters(w.t.Context(), "", 0)
	require.NoError(w.t, err)
	var out []string
	for _, p := range page {
		out = append(out, p.Topic+" "+p.Reason)
	}
	return out
}

// R35, R36, R49, T6, T16: where things go. Mails of confirmation go to the account's
// address only, whatever the customer wrote from.
func TestAddresses(t *testing.T) {
	t.Parallel()
	full := contact
	const oneMail = "nowhere else"
	bare := inbox.Contact{Customer: "cust-1", Account: "acc-1"}
	silent := inbox.Contact{Customer: "cust-1", Account: "acc-2"}
	unknown := inbox.Contact{Customer: "cust-1", Account: "acc-9"}
	for _, tt := range []struct {
		name    string
		ch      helpdesk.Channel
		contact inbox.Contact
		to      string // of what is said; empty: nowhere
		mail    string
		noted   bool
	}{
		{"email", helpdesk.ChannelEmail, full, "ada@private.example", "ada@account.example", false},
		{"email of the account", helpdesk.ChannelEmail, bare, oneMail, "ada@account.example", false},
		{"no email", helpdesk.ChannelEmail, silent, "", "", true},
		{"sms", helpdesk.ChannelSMS, full, "+44 20 7946 0000", "ada@account.example", false},
		{"sms of the account", helpdesk.ChannelSMS, bare, "+44 1", "ada@account.example", false},
		{"phone", helpdesk.ChannelPhone, full, "+44 20 7946 0000", "ada@account.example", false},
		{"phone of nobody", helpdesk.ChannelPhone, unknown, "", "", true},
		{"own channel", "pigeon", silent, "CONVERSATION", "", true},
		{"live chat", helpdesk.ChannelLiveChat, bare, "CONVERSATION", "ada@account.example", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			made := w.ticketed(begin(tt.ch, tt.contact))
			require.Equal(t, tt.noted, made.NoAddress)
			w.run()
			to, mail := map[string]bool{}, map[string]bool{}
			for _, e := range w.post.take() {
				require.NoError(t, e.Check())
				if strings.Contains(e.Body, "We have opened") {
					mail[e.To] = true
					require.Equal(t, helpdesk.ChannelEmail, e.Channel)
				} else {
					to[strings.ReplaceAll(e.To, made.Conversation.String(), "CONVERSATION")] = true
					require.Equal(t, tt.ch, e.Channel)
				}
				require.Equal(t, e.Channel == helpdesk.ChannelEmail, e.MessageID != "")
				require.Equal(t, e.Channel == helpdesk.ChannelEmail, e.Subject != "")
			}
			switch tt.to {
			case "":
				require.Empty(t, to)
				require.Contains(t, w.parked(), "customer "+"no_address")
			case oneMail: // T56: the confirmation says it
				require.Empty(t, to)
				require.Empty(t, w.parked())
			default:
				require.Equal(t, map[string]bool{tt.to: true}, to)
			}
			if tt.mail == "" {
				require.Empty(t, mail)
				require.Contains(t, w.parked(), "mail "+"no_address") // R36: reported
			} else {
				require.Equal(t, map[string]bool{tt.mail: true}, mail)
			}
		})
	}
	// An account whose address is two is as good as one without.
	w := newWorld(t, func(c *desk.Config) {
		c.Accounts = accounts{"acc-1": {Ref: "acc-1", Email: "a@example.org, b@example.org"}}
	})
	w.ticketed(live)
	w.run()
	require.Contains(t, w.parked(), "mail "+"no_address")
}

// T27, R49: each mail has an ID of its own that is the same whenever it is sent, and
// the second confirmation answers the first.
func TestMessageIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.ticketed(live)
	w.post.fail = func(desk.Envelope) error { return helpdesk.ErrUncertain }
	seen := map[string]map[string]bool{}
	note := func(e desk.Envelope) error {
		if seen[e.Key] == nil {
			seen[e.Key] = map[string]bool{}
		}
		seen[e.Key][e.MessageID] = true
		return helpdesk.ErrUncertain
	}
	w.post.fail = note
	w.run()
	w.clock.advance(time.Hour)
	w.run()
	w.post.fail = func(e desk.Envelope) error { _ = note(e); return nil }
	w.clock.advance(time.Hour)
	w.run()
	created := mails(w.post.take())
	require.Len(t, created, 1)
	for range 2 {
		w.must(w.o.Conversation(made.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}))
		w.run()
		resolved := mails(w.post.take())
		require.Len(t, resolved, 1)
		require.Equal(t, created[0].MessageID, resolved[0].InReplyTo)
		w.must(w.o.Ticket(made.Ticket).Reopen(ctx, agent, "no"))
	}
	ids := map[string]bool{}
	for _, of := range seen {
		require.Len(t, of, 1)
		for id := range of {
			if id != "" {
				require.False(t, ids[id])
				ids[id] = true
				require.True(t, strings.HasSuffix(id, "@helpdesk.invalid"), id)
			}
		}
	}
	require.Len(t, ids, 3)
}

// T28: what fails is tried later and later, and parked in the end; a reply then
// counts as undelivered. Somebody can revive it.
func TestRetries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Limits.MaxSends = 4 }).tune(func(c *desk.Tuning) {
		c.MinBackoff, c.MaxBackoff = 10*time.Second, 30*time.Second
	})
	ctx := t.Context()
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{ID: "answer", Body: "Hello."}))
	var at []time.Duration
	w.post.fail = func(desk.Envelope) error {
		at = append(at, w.clock.now().Sub(monday))
		return errors.New("down")
	}
	for range 200 {
		_, err := w.desk.Deliver(ctx)
		require.NoError(t, err)
		w.clock.advance(time.Second)
	}
	require.Len(t, at, 4)
	for i, most := range []time.Duration{10 * time.Second, 20 * time.Second, 30 * time.Second} {
		wait := at[i+1] - at[i]
		require.GreaterOrEqual(t, wait, most/2)
		require.LessOrEqual(t, wait, most+time.Second)
	}
	require.Equal(t, []string{"customer " + "tries"}, w.parked())
	health, err := w.o.Health(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, health.Backlog.Parked)
	v := w.conversation(r.Conversation)
	require.True(t, v.Messages[len(v.Messages)-1].(inbox.Reply).Undelivered)

	w.post.fail = nil
	require.NoError(t, w.o.Revive(ctx, "conv/"+r.Conversation.String()+"/msg/2"))
	w.run()
	require.Len(t, w.post.take(), 1)
	v = w.conversation(r.Conversation)
	require.False(t, v.Messages[len(v.Messages)-1].(inbox.Reply).Undelivered)
	require.ErrorIs(t, w.o.Revive(ctx, "nothing"), helpdesk.ErrNotFound)
}

// T28, S12: a reply that was revived is an answer from the instant at which it was
// delivered.
func TestRevivedReplyCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	w.run()
	w.post.fail = func(desk.Envelope) error { return desk.ErrRejected }
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{ID: "answer", Body: "Hello."}))
	first := func() sla.Clock {
		c, ok := w.ticket(r.Ticket).Clocks.Clock(sla.MetricFirstReply)
		require.True(t, ok)
		return c
	}
	require.False(t, first().Stop.IsZero())
	w.run()
	require.True(t, first().Stop.IsZero())
	w.post.fail = nil
	w.clock.advance(10 * time.Minute)
	page, _, err := w.o.DeadLetters(ctx, "", 0)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.NoError(t, w.o.Revive(ctx, page[0].Key))
	w.run()
	require.Equal(t, w.clock.now(), first().Stop)
	w.must(w.o.Conversation(r.Conversation).MarkBounced(ctx, system, "answer")) // it bounces in the end
	require.True(t, first().Stop.IsZero())
}

// A transport that says when, is asked then; one that says never, is not asked
// again.
func TestTransportAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("Hello.")))
	tries := 0
	w.post.fail = func(desk.Envelope) error { tries++; return &desk.RetryError{After: time.Hour} }
	w.run()
	w.clock.advance(time.Hour - 1)
	w.run()
	require.Equal(t, 1, tries)
	w.clock.advance(1)
	w.post.fail = func(desk.Envelope) error { tries++; return fmt.Errorf("no: %w", desk.ErrRejected) }
	w.run()
	require.Equal(t, 2, tries)
	require.Equal(t, []string{"customer " + "rejected"}, w.parked())
	w.clock.advance(day)
	w.run()
	require.Equal(t, 2, tries)

	// Messages of one conversation keep their order, whatever fails.
	other := w.start(live)
	fail := true
	w.post.fail = func(desk.Envelope) error {
		if fail {
			fail = false
			return errors.New("down")
		}
		return nil
	}
	for _, s := range []string{"one", "two", "three"} {
		w.must(w.o.Conversation(other.Conversation).Reply(ctx, agent, text(s)))
	}
	var got []string
	for range 100 {
		w.run()
		w.clock.advance(time.Second)
	}
	for _, e := range w.post.take() {
		got = append(got, e.Body)
	}
	require.Equal(t, []string{"one", "two", "three"}, got)
}

// T16: an account gets so many mails in a window; the others wait, and are sent.
func TestMailRate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Limits.MailsPerWindow, c.Limits.MailWindow, c.Limits.MaxSends = 3, time.Hour, 1
	})
	for range 8 {
		w.ticketed(live)
	}
	w.run()
	require.Len(t, mails(w.post.take()), 3)
	w.clock.advance(time.Hour - 1)
	w.run()
	require.Empty(t, mails(w.post.take()))
	w.clock.advance(1)
	w.run()
	require.Len(t, mails(w.post.take()), 3)
	w.clock.advance(time.Hour)
	w.run()
	require.Len(t, mails(w.post.take()), 2)
	require.Empty(t, w.parked())
	// What was counted is counted once, however often it is tried.
	w.clock.advance(2 * time.Hour)
	w.ticketed(live)
	for range 5 {
		w.post.fail = func(e desk.Envelope) error {
			if e.Channel == helpdesk.ChannelEmail {
				return &desk.RetryError{After: time.Second}
			}
			return nil
		}
		w.run()
		w.clock.advance(time.Minute)
	}
}

// T8, T16: what people wrote never stands in a subject, also with words of the
// host's own; a subject is one line.
func TestSubjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Templates = func(o desk.TemplateData) desk.Content {
			return desk.Content{Subject: "[" + string(o.Reference) + "]\r\nBcc: x@example.org " + strings.Repeat("y", 200), Body: "x"}
		}
	})
	w.ticketed(live)
	w.run()
	sent := mails(w.post.take())
	require.Len(t, sent, 1)
	require.NotContains(t, sent[0].Subject, "\n")
	require.LessOrEqual(t, len([]rune(sent[0].Subject)), 78)
}

// An assistant answers with what it was told to.
type assistant struct {
	mu     sync.Mutex
	turns  []desk.Turn
	answer func(context.Context, desk.Turn) (desk.Answer, error)
}

func (a *assistant) Answer(ctx context.Context, t desk.Turn) (desk.Answer, error) {
	a.mu.Lock()
	a.turns = append(a.turns, t)
	a.mu.Unlock()
	return a.answer(ctx, t)
}

// T31, R27, R30: what the AI may do, and that a person takes its place whatever
// goes wrong.
func TestAssistant(t *testing.T) {
	t.Parallel()
	good := desk.Proposal{Intake: ticket.Intake{Title: "Printer", Description: "Burns."}, Summary: "Your printer burns.", Reason: "hardware"}
	for _, tt := range []struct {
		name   string
		answer desk.Answer
		err    error
		state  inbox.Status
		says   int
	}{
		{"text", desk.Answer{Text: "Hello."}, nil, inbox.StatusAI, 1},
		{"offer", desk.Answer{Offer: good}, nil, inbox.StatusOffer, 1},
		{"text and offer", desk.Answer{Text: "Well.", Offer: good}, nil, inbox.StatusOffer, 2},
		{"leaves it", desk.Answer{Leave: "too hard"}, nil, inbox.StatusHuman, 1},
		{"says so and leaves it", desk.Answer{Text: "Sorry.", Leave: "too hard"}, nil, inbox.StatusHuman, 1},
		{"nothing", desk.Answer{}, nil, inbox.StatusHuman, 1},
		{"error", desk.Answer{}, errors.New("boom"), inbox.StatusHuman, 1},
		{"too long", desk.Answer{Text: strings.Repeat("x", inbox.MaxBody+1)}, nil, inbox.StatusHuman, 1},
		{"bad offer", desk.Answer{Offer: desk.Proposal{Intake: ticket.Intake{Title: "x"}}}, nil, inbox.StatusHuman, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := &assistant{answer: func(context.Context, desk.Turn) (desk.Answer, error) { return tt.answer, tt.err }}
			w := newWorld(t, func(c *desk.Config) { c.Assistant = a })
			r := w.start(live)
			w.run()
			require.Equal(t, tt.state, w.conversation(r.Conversation).Control.Status)
			require.Len(t, w.post.take(), tt.says)
			require.Len(t, a.turns, 1)
			require.Equal(t, []desk.TurnMessage{{By: helpdesk.ActorCustomer, Text: "My printer is on fire."}}, a.turns[0].Messages)
			require.True(t, a.turns[0].MayOffer)
			require.Equal(t, store.TenantID("acme"), a.turns[0].Tenant)
		})
	}
}

// R10, R25: the form that the AI filled in is that of the ticket, and its answers
// decide how severe it is.
func TestAssistantFillsInTheForm(t *testing.T) {
	t.Parallel()
	form := ticket.Intake{
		Kind: ticket.IntakeBug, Title: "Printer", Description: "Burns.", Steps: "Print.",
		Answers: severity.Answers{
			Affected: severity.AffectedMany, Ability: severity.AbilityDegraded,
			Workaround: severity.WorkaroundNone, Persistence: severity.PersistenceAlways,
		},
	}
	a := &assistant{answer: func(context.Context, desk.Turn) (desk.Answer, error) {
		return desk.Answer{Offer: desk.Proposal{Intake: form, Summary: "It burns.", Reason: "hardware"}}, nil
	}}
	w := newWorld(t, func(c *desk.Config) { c.Assistant = a })
	r := w.start(live)
	w.run()
	offer := w.conversation(r.Conversation).Offers[0]
	made := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(t.Context(), customer, inbox.ConfirmParams{Offer: offer.ID, Shown: offer.Shown}))
	v := w.ticket(made.Ticket)
	form.Requester, form.Account = contact.Customer, contact.Account
	require.Equal(t, form, v.Ticket.Intake)
	require.Equal(t, severity.High, form.Classify().Level)
	require.Equal(t, []string{"first_seen", "expected", "actual"}, v.Missing)
	for _, c := range v.Clocks.Clocks {
		require.Equal(t, severity.High, c.Severity)
	}
}

// T31: an AI that does not answer in time.
func TestAssistantTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &assistant{answer: func(ctx context.Context, _ desk.Turn) (desk.Answer, error) {
			<-ctx.Done()
			return desk.Answer{}, ctx.Err()
		}}
		w := newWorld(t, func(c *desk.Config) { c.Assistant, c.Clock = a, time.Now })
		r := w.start(live)
		began := time.Now()
		w.run()
		require.Equal(t, 30*time.Second, time.Since(began))
		v := w.conversation(r.Conversation)
		require.Equal(t, inbox.StatusHuman, v.Control.Status)
		require.Equal(t, inbox.FailureTimeout, v.Messages[1].(inbox.Note).Failure)
	})
}

// T32: what the AI decided before a person took over is dropped; so is an answer to
// a message that the customer has followed with another.
func TestAssistantTooLate(t *testing.T) {
	t.Parallel()
	var w *world
	var r desk.Result
	a := &assistant{}
	a.answer = func(ctx context.Context, _ desk.Turn) (desk.Answer, error) {
		_, err := w.o.Conversation(r.Conversation).TakeOver(ctx, agent)
		return desk.Answer{Text: "Hello."}, err
	}
	w = newWorld(t, func(c *desk.Config) { c.Assistant = a })
	r = w.start(live)
	w.run()
	require.Empty(t, w.post.take())

	a.answer = func(_ context.Context, turn desk.Turn) (desk.Answer, error) {
		return desk.Answer{Text: fmt.Sprintf("%d lines", len(turn.Messages))}, nil
	}
	r = w.start(live)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("And it smells.")))
	a.turns = nil
	w.run()
	require.Len(t, a.turns, 1) // once, about both
	sent := w.post.take()
	require.Len(t, sent, 1)
	require.Equal(t, "2 lines", sent[0].Body)

	// With an open ticket the AI may not offer another, and what it says besides is
	// sent; it is asked about the last lines only.
	a.answer = func(context.Context, desk.Turn) (desk.Answer, error) {
		return desk.Answer{Text: "It is being looked at.", Offer: desk.Proposal{Intake: ticket.Intake{Title: "x", Description: "x"}, Summary: "x", Reason: "x"}}, nil
	}
	w.config.Limits.AssistantMessages = 1
	w.config.Inbox.OneTicket = true
	w.open()
	sms := live
	sms.Channel = helpdesk.ChannelSMS
	r = w.ticketed(sms)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("Hello?")))
	a.turns = nil
	w.run()
	require.Len(t, a.turns, 1)
	require.False(t, a.turns[0].MayOffer)
	require.Equal(t, "Hello?", a.turns[0].Messages[0].Text)
	sent = on(helpdesk.ChannelSMS, w.post.take())
	require.Equal(t, "It is being looked at.", sent[len(sent)-1].Body)
}

// Who is told: whoever holds the conversation, the watchers, or the team; and what
// was delivered is noted (R55).
func TestNotices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	w.run()
	told := w.team.take()
	require.Len(t, told, 1)
	require.Empty(t, told[0].Agent)
	require.Equal(t, r.Conversation, told[0].Conversation)
	lines, _, err := w.o.Notifications(ctx, desk.NotificationQuery{})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.False(t, lines[0].Notification.SentAt.IsZero())

	w.must(w.o.Conversation(r.Conversation).MarkRead(ctx, agent, 1))
	w.must(w.o.Conversation(r.Conversation).PickUp(ctx, agent))
	w.must(w.o.Conversation(r.Conversation).Follow(ctx, agent, "agent 2 ü"))
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Hello?")))
	w.run()
	told = w.team.take()
	require.Len(t, told, 2)
	require.ElementsMatch(t, []string{"agent-1", "agent 2 ü"}, []string{told[0].Agent, told[1].Agent})
	// More of the same adds to what is unread.
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Hello??")))
	w.run()
	require.Empty(t, w.team.take())
	lines, _, err = w.o.Notifications(ctx, desk.NotificationQuery{Agent: "agent 2 ü"})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.EqualValues(t, 5, lines[0].Notification.Seq)

	// Under the AI the team hears of a ticket by the ticket.
	sms := live
	sms.Channel = helpdesk.ChannelSMS
	made := w.ticketed(sms)
	w.run()
	told = w.team.take()
	require.Len(t, told, 1)
	require.Equal(t, made.Ticket, told[0].Ticket)
	require.Equal(t, "create", told[0].Cause)
	// Picked up before it was told: nobody needs to be told any more.
	other := w.ticketed(sms)
	w.must(w.o.Conversation(other.Conversation).PickUp(ctx, agent))
	w.run()
	require.Empty(t, w.team.take())
}

// What is about something that was deleted is dropped.
func TestDeliverGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("Hello.")))
	require.NotEmpty(t, claimed(t, w.stores, store.Claim{Queue: store.Outbox, Now: w.clock.now(), Lease: time.Hour}, 10))
	w.archive(r)
	_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.clock.advance(2 * time.Hour)
	_, err = w.o.ApplyRetention(ctx)
	require.NoError(t, err)
	w.run()
	require.Empty(t, w.post.take())
}

// Several workers send at once, each message once.
func TestWorkers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Limits.Workers = 8 })
	want := map[inbox.ID]bool{}
	for range 50 {
		r := w.start(live)
		w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
		want[r.Conversation] = true
	}
	w.run()
	sent := w.post.take()
	require.Len(t, sent, 50)
	for _, e := range sent {
		delete(want, inbox.ID(uuid.MustParse(e.To)))
	}
	require.Empty(t, want)
}

// A worker that is slow leaves the rest of what it claimed to others, before its
// leases end.
func TestSlowWorker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 5 {
		r := w.start(live)
		w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
	}
	w.post.fail = func(desk.Envelope) error {
		w.clock.advance(time.Minute)
		return nil
	}
	n, err := w.desk.Deliver(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	w.clock.advance(time.Minute)
	w.post.fail = nil
	w.run()
	require.Len(t, w.post.take(), 5)
}
