package desk_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// ownLifecycle is that of the story: with a closed status, a time for reopening, and
// an event and an effect of its own.
func ownLifecycle(t *testing.T) *ticket.Lifecycle {
	t.Helper()
	c := ticket.StandardClosedConfig()
	c.Name, c.ReopenWindow = "own", 3*day
	c.Rows = append(c.Rows, ticket.Row{
		Status: ticket.StatusInProgress, Event: "ask_vendor", By: []helpdesk.Actor{helpdesk.ActorAgent},
		Next: ticket.StatusInProgress, Effects: []ticket.EffectKind{"call_vendor"},
	})
	l, err := ticket.NewLifecycle(c)
	require.NoError(t, err)
	return l
}

// A story is a desk with a clock, names and chances of its own, so that it stores
// the same bytes whenever it is told.
type story struct {
	*world
	tape  *tape
	ctx   context.Context
	keys  int
	files *shelf

	contracts *moody
}

// moody are contracts that are away at times.
type moody struct {
	partners
	away bool
}

func (m *moody) Partner(ctx context.Context, t store.TenantID, account string) (string, error) {
	if m.away {
		return "", errors.New("away")
	}
	return m.partners.Partner(ctx, t, account)
}

// toldStory tells the story, and returns what was written down and what is stored.
func toldStory(t *testing.T) (*tape, *memstore.Stores) {
	t.Helper()
	stores := memstore.New()
	return toldStoryOn(t, stores, stores), stores
}

// toldStoryOn tells the story on stores, which are in the memory.
func toldStoryOn(t *testing.T, on store.Stores, memory *memstore.Stores) *tape {
	t.Helper()
	r := newTape(on, memory)
	s := &story{tape: r, ctx: t.Context(), files: &shelf{has: map[string]bool{}}, contracts: &moody{partners: partners{"acc-1": "reseller"}}}
	policy, err := retention.New(retention.Config{Period: 12 * day, Ticketless: 10 * day, Tombstones: 200 * day, Breaker: retention.Breaker{MaxCount: 3, MaxShare: 100}})
	require.NoError(t, err)
	s.world = newWorld(t, func(c *desk.Config) {
		c.Stores, c.Hooks, c.Retention, c.AttachmentEraser = r, r.noted(), policy, s.files
		c.Lifecycles = []*ticket.Lifecycle{ownLifecycle(t)}
		c.Random = rand.NewChaCha8([32]byte{2})
		c.Reminders = desk.Reminders{Clock: inbox.WaitCalendar, Every: day, MaxReminders: 2, ResolveAfter: 4 * day, CloseAfter: 5 * day}
		c.Limits = desk.Limits{MailsPerWindow: 2, MailWindow: time.Hour, MaxSends: 2, RetentionEvery: day}
		c.Contracts = s.contracts
		standard := sla.Standard()
		c.Policies, err = sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Partner: "reseller", Policy: standard}, {Policy: standard}}})
		require.NoError(t, err)
		c.Effects = &vendorPort{}
		c.NewID = counted()
	})
	s.tell()
	return r
}

func newTape(on store.Stores, memory *memstore.Stores) *tape {
	return &tape{Stores: memory, on: on, files: map[string][]string{}, lines: map[string][]string{}, sets: map[string]map[string]bool{}}
}

// counted returns a maker of IDs, one after the other.
func counted() func(time.Time) uuid.UUID {
	made := uint32(0)
	return func(time.Time) uuid.UUID {
		made++
		id := uuid.UUID{6: 0x70, 8: 0x80}
		binary.BigEndian.PutUint32(id[12:], made)
		return id
	}
}

// toldLogs tells of a ticket whose clocks are finished, and whose log is long, and returns
// what was written down of its logs and of the ticket.
func toldLogs(t *testing.T) *tape {
	t.Helper()
	stores := memstore.New()
	r := newTape(stores, stores)
	w := newWorld(t, func(c *desk.Config) {
		c.Stores, c.Hooks, c.Policies, c.NewID = r, r.noted(), chatty(t), counted()
		c.Random = rand.NewChaCha8([32]byte{3})
	}).tune(func(c *desk.Tuning) { c.MaxLog = 2000 })
	ctx := desk.Unshadowed(t.Context())
	r.step = "a talk"
	made := w.ticketed(live)
	conv := w.o.Conversation(made.Conversation)
	w.must(conv.PickUp(ctx, agent))
	var first desk.Result
	for n := range 4 {
		w.clock.advance(time.Minute)
		if sent := w.must(conv.Reply(ctx, agent, text("Yes."))); n == 0 {
			first = sent
		}
		w.clock.advance(40 * time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("And?")))
	}
	r.step = "the first answer did not arrive"
	w.must(conv.MarkBounced(ctx, system, first.Message))
	r.step = "a long log"
	for range 8 {
		w.clock.advance(time.Minute)
		w.must(conv.AskCustomer(ctx, agent, text("Which?")))
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("This.")))
	}
	r.step = "short again"
	w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Turned it on."}))
	w.must(w.o.Ticket(made.Ticket).Reopen(ctx, agent, "It is off again."))
	return r
}

// step names what is written down next, and lets time pass.
func (s *story) step(name string) {
	s.tape.step = name
	s.clock.advance(time.Minute + 1500*time.Microsecond)
}

// key is a call with a key of its own, whose holder has seen nothing in particular.
func (s *story) key(c desk.Meta) desk.Meta {
	s.keys++
	c.IdempotencyKey = fmt.Sprintf("story-%d", s.keys)
	return c
}

func (s *story) agent() desk.Meta    { return s.key(agent) }
func (s *story) customer() desk.Meta { return s.key(customer) }
func (s *story) theAI() desk.Meta    { return s.key(ai) }
func (s *story) system() desk.Meta   { return s.key(system) }

// loops does what is due, whatever comes of it.
func (s *story) loops() {
	for range 50 {
		sent, _ := s.desk.Deliver(s.ctx)
		fired, _ := s.desk.FireTimers(s.ctx)
		if sent+fired == 0 {
			return
		}
	}
	require.Fail(s.t, "the loops never come to rest")
}

// days lets days pass, half a day at a time.
func (s *story) days(n int) {
	for range 2 * n {
		s.clock.advance(12 * time.Hour)
		s.loops()
	}
}

func (s *story) tell() {
	s.chat()
	s.work()
	s.mailbox()
	s.severities()
	s.merged()
	s.asking()
	s.archives()
	s.host()
	s.people()
	s.promises()
	s.deletions()
	s.otherRules()
	s.noContract()
}

var burning = ticket.Intake{
	Kind: ticket.IntakeBug, Title: "Printer <on> fire & \"more\"", Description: "It is on fire.\nReally \u2028 now.",
	Answers: severity.Answers{
		Affected: severity.AffectedMany, Ability: severity.AbilityDegraded,
		Workaround: severity.WorkaroundUnreasonable, Persistence: severity.PersistenceAlways,
	},
	FirstSeen: "since Monday", Steps: "Print.", Expected: "Paper.", Actual: "Ash.",
	Page: "/print", Versions: "1.2", Evidence: "photo",
}

// chat is a live chat under the AI, with an offer that is declined, one that expires,
// one that takes the place of another, and one that the customer confirms (R27–R38).
func (s *story) chat() {
	s.step("settings of its own")
	own := automatic
	own.Manual, own.MaxTurns, own.OfferTTL = []helpdesk.Channel{helpdesk.ChannelPhone}, 9, inbox.Duration(2*time.Hour)
	own.SeveralTickets, own.OneTicket = true, true
	require.NoError(s.t, s.o.UpdateSettings(s.ctx, s.agent(), own))

	s.step("a chat begins")
	first := inbox.MessageParams{
		ID: "first", Body: "My printer is on fire. <b>Ä</b> \U0001f525", SentAt: s.clock.now().Add(-90 * time.Second),
		Attachments: []inbox.AttachmentRef{
			{Ref: "photo", Type: "image/png", Size: 12345, SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
			{Ref: "", Size: 1},
		},
	}
	r := s.must(s.o.Start(s.ctx, s.customer(), opening(live, first)))
	s.loops()
	s.step("the AI answers")
	s.must(s.o.Conversation(r.ControlToken.Conversation).AddAIReply(s.ctx, s.theAI(), r.ControlToken, inbox.MessageParams{Body: "Have you tried water?", Attachments: []inbox.AttachmentRef{{Ref: "manual", Type: "text/plain", Size: 7}}}))
	s.loops()
	s.step("the customer again")
	again := s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("It did not help.")))
	s.step("an offer")
	o := s.must(s.o.Conversation(again.ControlToken.Conversation).MakeOffer(s.ctx, s.theAI(), again.ControlToken, inbox.OfferParams{Reason: "it burns", Summary: "Your printer burns.", Intake: burning}))
	s.step("it is declined")
	s.must(s.o.Conversation(r.Conversation).DeclineOffer(s.ctx, s.customer(), o.Offer))
	s.loops()
	s.step("an offer that expires")
	again = s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("Or perhaps?")))
	s.must(s.o.Conversation(again.ControlToken.Conversation).MakeOffer(s.ctx, s.theAI(), again.ControlToken, inbox.OfferParams{ID: "late", Reason: "it burns", Summary: "Your printer burns.", Intake: burning, Severity: severity.Low}))
	s.loops()
	s.clock.advance(3 * time.Hour)
	s.loops()
	s.step("an offer, and one in its place")
	again = s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("Now then.")))
	o = s.must(s.o.Conversation(again.ControlToken.Conversation).MakeOffer(s.ctx, s.theAI(), again.ControlToken, inbox.OfferParams{ID: "one", Reason: "it burns", Summary: "Your printer burns.", Intake: burning}))
	s.loops()
	s.must(s.o.Conversation(again.ControlToken.Conversation).MakeOffer(s.ctx, s.theAI(), again.ControlToken, inbox.OfferParams{ID: "two", Reason: "it burns more", Summary: "Your printer burns.", Intake: burning, Supersedes: o.Offer}))
	shown := s.conversation(r.Conversation).Offers
	s.step("it is confirmed")
	yes := s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{ID: "yes", Body: "Yes."}, Aside: true}))
	s.must(s.o.Conversation(r.Conversation).ConfirmOffer(s.ctx, s.customer(), inbox.ConfirmParams{
		Offer: "two", Shown: shown[len(shown)-1].Shown, Message: yes.Message, ContactAt: monday.Add(time.Minute),
	}))
	s.loops()
}

// work is what the team does with a chat that it holds and its ticket.
func (s *story) work() {
	s.step("a ticket of the team")
	r := s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("Something else."))))
	s.loops()
	s.must(s.o.Conversation(r.Conversation).TakeOver(s.ctx, s.agent()))
	made := s.must(s.o.Conversation(r.Conversation).CreateTicket(s.ctx, s.agent(), inbox.CreateTicketParams{
		Intake: ticket.Intake{Kind: ticket.IntakeIssue, Title: "Scanner"}, Summary: "Your scanner.", Severity: severity.High,
		ContactAt: s.clock.now().Add(-time.Minute),
	}))
	s.loops()
	s.step("picked up")
	pick := s.agent()
	pick.IfLastMessage = 1
	s.must(s.o.Ticket(made.Ticket).PickUp(s.ctx, pick))
	s.step("a reply")
	reply := s.must(s.o.Conversation(r.Conversation).Reply(s.ctx, s.agent(), inbox.MessageParams{Body: "I am on it.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Size: 12345}}}))
	s.loops()
	s.step("it did not arrive, and did after all")
	s.must(s.o.Conversation(r.Conversation).MarkBounced(s.ctx, s.system(), reply.Message))
	s.must(s.o.Conversation(r.Conversation).MarkDelivered(s.ctx, s.system(), reply.Message))
	s.step("it came back")
	require.NoError(s.t, s.o.MarkBounced(s.ctx, s.agent(), s.replyKey(r.Conversation, reply.Message)))
	s.step("around it")
	s.must(s.o.Conversation(r.Conversation).AddNote(s.ctx, s.agent(), inbox.MessageParams{Body: "Is it plugged in?", SentAt: s.clock.now().Add(-time.Hour)}))
	s.must(s.o.Conversation(r.Conversation).AddTag(s.ctx, s.agent(), "ünder"))
	s.must(s.o.Conversation(r.Conversation).AddTag(s.ctx, s.agent(), "fire"))
	s.must(s.o.Conversation(r.Conversation).RemoveTag(s.ctx, s.agent(), "fire"))
	s.must(s.o.Conversation(r.Conversation).SetSentiment(s.ctx, s.agent(), inbox.SentimentMixed))
	s.must(s.o.Conversation(r.Conversation).Follow(s.ctx, s.agent(), "agent-2"))
	s.must(s.o.Conversation(r.Conversation).Follow(s.ctx, s.agent(), "agent-3"))
	s.must(s.o.Conversation(r.Conversation).Unfollow(s.ctx, s.agent(), "agent-3"))
	s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("And?")))
	s.loops()
	s.must(s.o.Conversation(r.Conversation).MarkRead(s.ctx, s.agent(), 4))
	s.step("somebody in copy, and a machine")
	s.must(s.o.Conversation(r.Conversation).AddParticipantMessage(s.ctx, s.key(desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "friend"}}), text("Me too.")))
	s.must(s.o.Conversation(r.Conversation).RecordAutoReply(s.ctx, s.customer(), text("I am out of office.")))
	s.step("assigned")
	s.must(s.o.Conversation(r.Conversation).Identify(s.ctx, s.system(), inbox.Contact{Name: "Ada Lovelace", Locale: "en-GB"}))
	s.must(s.o.Ticket(made.Ticket).Assign(s.ctx, s.agent(), "agent-2"))
	s.must(s.o.Ticket(made.Ticket).UpdateIntake(s.ctx, s.agent(), ticket.Intake{
		Requester: "cust-1", Account: "acc-1", Kind: ticket.IntakeIssue, Title: "Scanner", Description: "It hums.", FirstSeen: "today",
	}))
	s.step("the vendor")
	s.must(s.o.Ticket(made.Ticket).Do(s.ctx, s.agent(), "ask_vendor", ""))
	s.loops()
	s.clock.advance(time.Minute)
	s.loops()
	s.step("clocks by hand")
	s.must(s.o.Ticket(made.Ticket).PauseClocks(s.ctx, s.agent(), "spare parts"))
	s.clock.advance(time.Hour)
	s.must(s.o.Ticket(made.Ticket).ResumeClocks(s.ctx, s.agent()))
	s.must(s.o.Ticket(made.Ticket).Mitigate(s.ctx, s.agent()))
	s.step("held")
	s.must(s.o.Ticket(made.Ticket).PlaceLegalHold(s.ctx, s.agent(), ticket.LegalHoldParams{ID: "h1", Reason: "litigation", Privileged: true}))
	s.must(s.o.Ticket(made.Ticket).PlaceLegalHold(s.ctx, s.agent(), ticket.LegalHoldParams{ID: "h2", Reason: "audit", Privileged: true}))
	s.must(s.o.Ticket(made.Ticket).ReleaseLegalHold(s.ctx, s.agent(), ticket.LegalHoldParams{ID: "h1", Privileged: true}))
	s.must(s.o.Conversation(r.Conversation).PlaceLegalHold(s.ctx, s.agent(), ticket.LegalHoldParams{ID: "c1", Reason: "everything", Privileged: true}))
	s.must(s.o.Conversation(r.Conversation).PlaceLegalHold(s.ctx, s.agent(), ticket.LegalHoldParams{ID: "c2", Reason: "everything else", Privileged: true}))
	s.must(s.o.Conversation(r.Conversation).ReleaseLegalHold(s.ctx, s.agent(), ticket.LegalHoldParams{ID: "c1", Privileged: true}))
	s.step("clocks run out")
	s.days(3)
	s.step("resolved")
	s.must(s.o.Conversation(r.Conversation).Resolve(s.ctx, s.agent(), ticket.ResolveParams{Action: "Plugged it in.", Details: "The blue one."}))
	s.loops()
	s.step("reopened, and resolved again")
	s.must(s.o.Ticket(made.Ticket).Reopen(s.ctx, s.agent(), "it hums again"))
	s.must(s.o.Conversation(r.Conversation).Resolve(s.ctx, s.agent(), ticket.ResolveParams{Action: "Plugged it in.", Reason: ticket.ReasonFixedBefore}))
	s.loops()
	s.step("a message reopens, and the last hold goes")
	s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("No!")))
	s.must(s.o.Ticket(made.Ticket).ReleaseLegalHold(s.ctx, s.agent(), ticket.LegalHoldParams{ID: "h2", Privileged: true}))
	s.must(s.o.Conversation(r.Conversation).ReleaseLegalHold(s.ctx, s.agent(), ticket.LegalHoldParams{ID: "c2", Privileged: true}))
	s.loops()
}

// made has the team make a ticket of a conversation, which it takes over first if the
// AI has it.
func (s *story) made(conversation inbox.ID, d inbox.CreateTicketParams) desk.Result {
	if s.conversation(conversation).List == inbox.ListAutomated {
		s.must(s.o.Conversation(conversation).TakeOver(s.ctx, s.agent()))
	}
	return s.must(s.o.Conversation(conversation).CreateTicket(s.ctx, s.agent(), d))
}

// replyKey returns the key under which a reply goes out.
func (s *story) replyKey(conversation inbox.ID, message string) string {
	for _, m := range s.conversation(conversation).Messages {
		if r, ok := m.(inbox.Reply); ok && r.ID == message {
			return r.Key
		}
	}
	require.Fail(s.t, "no such reply")
	return ""
}

// mailbox is what comes and goes by mail: what is given up, what comes back, and what
// has to wait (T16, T28, T30).
func (s *story) mailbox() {
	mail := inbox.StartParams{Kind: inbox.KindComment, Channel: helpdesk.ChannelEmail, Contact: contact}
	s.step("a mail")
	first := said("By mail.")
	first.ID, first.Subject = "1@customer.example", "A printer on fire"
	r := s.must(s.o.Receive(s.ctx, s.customer(), desk.InboundMessage{Start: mail, Message: first}))
	s.step("answered by a machine")
	s.must(s.o.Receive(s.ctx, s.key(desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorSystem}}), desk.InboundMessage{Conversation: r.Conversation, Message: said("Out of office."), Machine: true}))
	s.step("mails that are given up")
	s.post.fail = func(e desk.Envelope) error {
		if e.Channel == helpdesk.ChannelEmail {
			return fmt.Errorf("no such box: %w", desk.ErrRejected)
		}
		return nil
	}
	s.made(r.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "By mail."})
	s.must(s.o.Conversation(r.Conversation).Reply(s.ctx, s.agent(), text("By mail, too.")))
	s.loops()
	s.post.fail = nil
	s.step("the mail of another ticket goes out, and comes back")
	r = s.must(s.o.Start(s.ctx, s.customer(), opening(mail, text("By mail again."))))
	other := s.made(r.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "By mail."})
	s.clock.advance(2 * time.Hour)
	s.loops()
	require.NoError(s.t, s.o.MarkBounced(s.ctx, s.system(), "ticket/"+other.Ticket.String()+"/mail_created"))
	s.step("resolved: more mails than may go, and one that makes good for the first")
	s.must(s.o.Conversation(r.Conversation).PickUp(s.ctx, s.agent()))
	for range 3 {
		s.must(s.o.Conversation(r.Conversation).Resolve(s.ctx, s.agent(), ticket.ResolveParams{Action: "Done."}))
		s.must(s.o.Ticket(other.Ticket).Reopen(s.ctx, s.agent(), "not done"))
		s.loops()
	}
	s.days(1)
	s.step("revived")
	page, _, err := s.o.DeadLetters(s.ctx, "", 0)
	require.NoError(s.t, err)
	for _, p := range page {
		require.NoError(s.t, s.o.Revive(s.ctx, p.Key))
	}
	s.loops()
	s.must(s.o.Conversation(r.Conversation).Resolve(s.ctx, s.agent(), ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))

	s.loops()
}

// severities is what is said about how bad it is (R22–R24).
func (s *story) severities() {
	s.step("how bad it is")
	r := s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("It is bad."))))
	made := s.made(r.Conversation, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Bad"}, Summary: "Bad."})
	s.must(s.o.Ticket(made.Ticket).ClaimSeverity(s.ctx, s.customer(), severity.Urgent, helpdesk.ChannelLiveChat))
	s.must(s.o.Ticket(made.Ticket).ClaimSeverity(s.ctx, s.customer(), severity.Urgent, helpdesk.ChannelPhone))
	s.clock.advance(16 * time.Minute)
	s.loops()
	s.must(s.o.Ticket(made.Ticket).ConfirmSeverity(s.ctx, s.agent()))
	s.must(s.o.Ticket(made.Ticket).CorrectSeverity(s.ctx, s.agent(), ticket.CorrectSeverityParams{Level: severity.High, Reason: "misread"}))
	s.loops()
	r = s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("Is it bad?"))))
	made = s.made(r.Conversation, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Not bad"}, Summary: "Not bad."})
	s.must(s.o.Ticket(made.Ticket).ClaimSeverity(s.ctx, s.customer(), severity.Urgent, ""))
	s.must(s.o.Ticket(made.Ticket).DeclineSeverity(s.ctx, s.agent(), severity.Medium))
	s.loops()
}

// merged is two tickets that become one, and a message that goes on to it (T42).
func (s *story) merged() {
	s.step("merged")
	a := s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("One."))))
	one := s.made(a.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "One."})
	b := s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("Two."))))
	two := s.made(b.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "Two."})
	s.must(s.o.Conversation(a.Conversation).Reply(s.ctx, s.agent(), text("I see.")))
	s.must(s.o.Ticket(one.Ticket).MergeInto(s.ctx, s.agent(), two.Ticket))
	s.step("forwarded")
	s.must(s.o.Conversation(a.Conversation).AddCustomerMessage(s.ctx, s.customer(), inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: "To both.", SentAt: s.clock.now().Add(-30 * time.Second)}}))
	s.loops()
}

// asking is a customer who is asked, reminded and given up, and comes back too late
// (R47).
func (s *story) asking() {
	s.step("asked")
	r := s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("Ask me."))))
	made := s.made(r.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "Ask."})
	s.must(s.o.Conversation(r.Conversation).AskCustomer(s.ctx, s.agent(), text("Which model?")))
	s.loops()
	s.step("reminded and given up")
	s.days(5)
	require.Equal(s.t, ticket.StatusResolved, s.ticket(made.Ticket).Ticket.Status)
	s.step("too late")
	s.days(4)
	late := s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("The red one.")))
	require.True(s.t, late.FollowUp)
	s.step("a follow-up, and closed")
	s.made(r.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "More.", FollowUpOf: made.Ticket})
	s.days(2)
	require.Equal(s.t, ticket.StatusClosed, s.ticket(made.Ticket).Ticket.Status)
	s.step("asked, and the question never arrives")
	r = s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("Ask me more."))))
	s.made(r.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "Ask."})
	s.post.fail = func(desk.Envelope) error { return errors.New("down") }
	s.must(s.o.Conversation(r.Conversation).AskCustomer(s.ctx, s.agent(), text("Which model?")))
	for range 3 {
		s.loops()
		s.clock.advance(time.Minute)
	}
	s.post.fail = nil
	s.loops()
}

// archives is what becomes of conversations that are put away (R61–R63, T43).
func (s *story) archives() {
	s.step("archived, and out again")
	r := s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("A question."))))
	s.must(s.o.Conversation(r.Conversation).TakeOver(s.ctx, s.agent()))
	s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("Well?")))
	s.must(s.o.Conversation(r.Conversation).Archive(s.ctx, s.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveArchived}))
	s.must(s.o.Conversation(r.Conversation).Unarchive(s.ctx, s.agent()))
	s.must(s.o.Conversation(r.Conversation).ReturnToAI(s.ctx, s.agent()))
	s.must(s.o.Conversation(s.lease(r.Conversation).Conversation).ReportAIFailure(s.ctx, s.theAI(), s.lease(r.Conversation), inbox.FailureGiveUp, "too hard"))
	s.loops()
	s.step("nobody comes")
	s.clock.advance(2 * time.Hour)
	s.loops()
	s.must(s.o.Conversation(r.Conversation).Archive(s.ctx, s.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	s.step("a message in its place begins another")
	own := automatic
	own.Archived = inbox.ArchivedNewConversation
	require.NoError(s.t, s.o.UpdateSettings(s.ctx, s.system(), own))
	next := s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("One more thing.")))
	require.NotEqual(s.t, r.Conversation, next.Conversation)
	s.must(s.o.Conversation(next.Conversation).Archive(s.ctx, s.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	s.step("a message in its place is an escalation")
	own.Archived, own.OpenTicket = inbox.ArchivedEscalate, inbox.OpenTicketResolve
	require.NoError(s.t, s.o.UpdateSettings(s.ctx, s.system(), own))
	s.must(s.o.Conversation(next.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("And one more.")))
	s.days(1)
	s.step("archived with its ticket")
	r = s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("The last."))))
	s.made(r.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "Last."})
	s.must(s.o.Conversation(r.Conversation).Archive(s.ctx, s.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed, Resolution: ticket.ResolveParams{Action: "Away.", Reason: ticket.ReasonDuplicate}}))
	s.loops()
}

func (s *story) lease(conversation inbox.ID) inbox.ControlToken {
	l, err := s.o.Conversation(conversation).ControlToken(s.ctx)
	require.NoError(s.t, err)
	return l
}

// host is a desk that asks its AI itself.
func (s *story) host() {
	s.config.Assistant = answers{}
	s.open()
	s.step("the desk asks the AI")
	r := s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("Hello."))))
	s.loops()
	s.step("which offers")
	s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("offer")))
	s.loops()
	s.step("and leaves")
	s.must(s.o.Conversation(r.Conversation).AddCustomerMessage(s.ctx, s.customer(), said("leave")))
	s.loops()
	s.step("and fails")
	r = s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("fail"))))
	s.loops()
	s.step("the add-on is switched off")
	s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("Under the AI."))))
	require.NoError(s.t, s.o.UpdateSettings(s.ctx, s.agent(), inbox.Config{StaffMayNotCreate: true}))
	require.NoError(s.t, s.o.UpdateSettings(s.ctx, s.agent(), inbox.Config{SeveralTickets: true}))
	s.loops()
}

// An answers is an AI that does what the customer's last word says.
type answers struct{}

func (answers) Answer(_ context.Context, t desk.Turn) (desk.Answer, error) {
	switch t.Messages[len(t.Messages)-1].Text {
	case "offer":
		return desk.Answer{Text: "Shall I?", Offer: desk.Proposal{Intake: burning, Summary: "Your printer.", Reason: "it burns"}}, nil
	case "leave":
		return desk.Answer{Leave: "too hard"}, nil
	case "fail":
		return desk.Answer{}, errors.New("down")
	default:
		return desk.Answer{Text: "Hello to you."}, nil
	}
}

// people is another tenant, without settings of its own, and where somebody else's
// customer writes.
func (s *story) people() {
	s.step("another tenant")
	o, err := s.desk.Tenant("globex")
	require.NoError(s.t, err)
	c := inbox.Contact{Customer: "cust-9", Account: "acc-2", Name: "Bob", Phone: "+1 5550100"}
	r := s.must(o.Start(s.ctx, s.key(desk.Meta{Author: helpdesk.Customer("cust-9")}), opening(begin(helpdesk.ChannelSMS, c), text("Hi."))))
	s.loops()
	s.must(o.Conversation(r.Conversation).TakeOver(s.ctx, s.agent()))
	s.must(o.Conversation(r.Conversation).CreateTicket(s.ctx, s.agent(), inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Hi"}, Summary: "Hi."}))
	s.loops()
}

// deletions is what the retention policy and a request delete (R51, T35, T41).
func (s *story) deletions() {
	s.step("a conversation that is to go")
	r := s.must(s.o.Start(s.ctx, s.customer(), opening(live, inbox.MessageParams{Body: "Forget me.", Attachments: []inbox.AttachmentRef{{Ref: "mine", Size: 1}}})))
	made := s.made(r.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "Forget."})
	s.must(s.o.Conversation(r.Conversation).Resolve(s.ctx, s.agent(), ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
	_, err := s.o.Conversation(r.Conversation).RequestErasure(s.ctx, s.customer())
	require.NoError(s.t, err)
	s.step("it goes, when its attachments can, and what waits with it")
	s.files.fail = errors.New("down")
	s.post.fail = func(desk.Envelope) error { return &desk.RetryError{After: 9 * day} }
	s.loops()
	s.clock.advance(day + time.Hour)
	s.loops()
	s.files.fail, s.post.fail = nil, nil
	s.days(1)
	_, err = s.o.Ticket(made.Ticket).View(s.ctx)
	require.ErrorIs(s.t, err, helpdesk.ErrGone)
	s.step("a ticket goes before its conversation")
	r = s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("Stay."))))
	s.made(r.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "Going."})
	s.must(s.o.Conversation(r.Conversation).Resolve(s.ctx, s.agent(), ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
	s.made(r.Conversation, inbox.CreateTicketParams{Intake: burning, Summary: "Staying."})
	s.days(14)
	s.step("too many at once")
	for range 4 {
		r = s.must(s.o.Start(s.ctx, s.customer(), opening(live, text("One of many."))))
		s.must(s.o.Conversation(r.Conversation).Archive(s.ctx, s.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	}
	s.days(11)
	s.step("a clock that jumps")
	s.clock.advance(4 * day)
	s.loops()
	_, err = s.o.ApplyRetentionAnyway(s.ctx, retention.Override{Clock: true})
	require.NoError(s.t, err)
	s.step("somebody's word")
	_, err = s.o.ApplyRetentionAnyway(s.ctx, retention.Override{Count: 99})
	require.NoError(s.t, err)
	s.loops()
}
