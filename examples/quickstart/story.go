package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/examples/internal/show"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

var (
	ada   = desk.Meta{Author: helpdesk.Customer("ada")}
	bob   = desk.Meta{Author: helpdesk.Customer("bob")}
	grace = desk.Meta{Author: helpdesk.Agent("grace")}
)

// A story is what happens in one conversation after the other.
type story struct {
	*product
	desk *desk.Desk
	acme *desk.Tenant

	chat desk.Result // of the conversation's start
	made desk.Result // of the ticket's creation; zero: there is none yet
}

// A step is one thing that somebody does.
type step struct {
	at   string // an instant, in the form of moment
	who  string
	says string
	do   func(*story, context.Context, string) error
}

const year = " 2026"

// moment is how instants are written. Their year is always the same.
const moment = "Mon 2 Jan 15:04"

// mails is the story of a mail. Its clock runs from the first word, without a ticket, and
// the answer counts for the ticket that is made afterwards.
var mails = []step{
	{"Thu 26 Mar 15:50", "page", "says when an answer would come", func(s *story, _ context.Context, _ string) error {
		by, err := sla.Standard().Promise(s.now)
		s.page.line("", "", "to whoever writes now: by "+by.Format(moment))
		return err
	}},
	{"Thu 26 Mar 15:55", "Bob", "How do I export my contacts? (by mail)", func(s *story, ctx context.Context, text string) (err error) {
		s.chat, err = s.acme.Start(ctx, bob, inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail,
			Contact: inbox.Contact{Customer: "bob", Account: "acme-43", Name: "Bob", Email: "bob@acme.example"},
			Message: inbox.MessageParams{Body: text},
		})
		return err
	}},
	{"Thu 26 Mar 16:20", "Grace", "Under Contacts, Export. Does it work?", (*story).graceSays},
	{"Thu 26 Mar 16:45", "Bob", "The file is empty. (by mail)", customerSays(bob)},
	{"Thu 26 Mar 16:50", "Grace", "makes it a ticket", func(s *story, ctx context.Context, _ string) (err error) {
		s.made, err = s.acme.Conversation(s.chat.Conversation).CreateTicket(ctx, grace, inbox.CreateTicketParams{
			Intake:   ticket.Intake{Kind: ticket.IntakeIssue, Title: "The export is empty", Description: "The file is empty."},
			Severity: severity.Medium,
		})
		return err
	}},
	{"Thu 26 Mar 17:25", "Grace", "Try again, please: it has them all now.", (*story).graceSays},
	{"Thu 26 Mar 17:30", "Grace", "resolves it: filled the export again", resolves("filled the export again")},
}

// steps is the story of a chat up to the resolution. The AI says what answers has, when it
// is asked.
var steps = []step{
	{"Thu 26 Mar 21:20", "Ada", "Our campaigns have not gone out since this morning.", func(s *story, ctx context.Context, text string) (err error) {
		s.chat, err = s.acme.Start(ctx, ada, inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat,
			Contact: inbox.Contact{Customer: "ada", Account: "acme-42", Name: "Ada"},
			Message: inbox.MessageParams{Body: text},
		})
		return err
	}},
	{"Thu 26 Mar 21:24", "Ada", "All of them, for everybody here. It says: queue is full.", customerSays(ada)},
	{"Thu 26 Mar 21:25", "Ada", "presses Yes", func(s *story, ctx context.Context, _ string) error {
		view, err := s.acme.Conversation(s.chat.Conversation).CustomerView(ctx, "ada", desk.MessageQuery{})
		if err != nil {
			return err
		}
		s.made, err = s.acme.Conversation(s.chat.Conversation).ConfirmOffer(ctx, ada, inbox.ConfirmParams{Offer: view.Offer.ID, Shown: view.Offer.Shown})
		return err
	}},
	{"Thu 26 Mar 21:40", "Ada", "It has just become worse.", customerSays(ada)},
	{"Fri 27 Mar 06:12", "Grace", "Good morning Ada, I am on it.", (*story).graceSays},
	{"Fri 27 Mar 06:15", "Grace", "notes: third full queue this month.", func(s *story, ctx context.Context, text string) error {
		_, err := s.acme.Conversation(s.chat.Conversation).AddNote(ctx, grace, inbox.MessageParams{Body: text})
		return err
	}},
	{"Fri 27 Mar 06:20", "Grace", "Which list did you send to first?", func(s *story, ctx context.Context, text string) error {
		_, err := s.acme.Conversation(s.chat.Conversation).AskCustomer(ctx, grace, inbox.MessageParams{Body: text})
		return err
	}},
	{"Mon 30 Mar 08:30", "Ada", "The one of all our customers.", customerSays(ada)},
	{"Mon 30 Mar 10:00", "Grace", "resolves it: removed a damaged list from the queue", resolves("removed a damaged list from the queue")},
	{"Mon 30 Mar 10:05", "Grace", "archives the conversation", func(s *story, ctx context.Context, _ string) error {
		_, err := s.acme.Conversation(s.chat.Conversation).Archive(ctx, grace, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
		return err
	}},
}

// answers is what the AI says.
var answers = []desk.Answer{
	{Text: "I am sorry to hear that. Is it all of them, and is there a message?"},
	{Offer: desk.Proposal{
		Intake: ticket.Intake{
			Kind: ticket.IntakeIssue, Title: "Campaigns are not sent", Description: "No campaign has gone out since this morning: queue is full.",
			Answers: severity.Answers{
				Affected: severity.AffectedMany, Ability: severity.AbilityDegraded,
				Workaround: severity.WorkaroundNone, Persistence: severity.PersistenceAlways,
			},
		},
		Summary: "A colleague will look at why your campaigns are not sent.",
		Reason:  "it cannot look into the queue",
	}},
}

func customerSays(who desk.Meta) func(*story, context.Context, string) error {
	return func(s *story, ctx context.Context, text string) error {
		_, err := s.acme.Conversation(s.chat.Conversation).AddCustomerMessage(ctx, who, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: text}})
		return err
	}
}

func (s *story) graceSays(ctx context.Context, text string) error {
	_, err := s.acme.Conversation(s.chat.Conversation).Reply(ctx, grace, inbox.MessageParams{Body: text})
	return err
}

func resolves(action string) func(*story, context.Context, string) error {
	return func(s *story, ctx context.Context, _ string) error {
		_, err := s.acme.Conversation(s.chat.Conversation).Resolve(ctx, grace, ticket.ResolveParams{Action: action})
		return err
	}
}

// tell plays the story, and prints it.
func tell(ctx context.Context, w io.Writer) error {
	p := &product{
		now: instant(mails[0].at),
		accounts: map[string]desk.Account{
			"acme-42": {Ref: "acme-42", Name: "Ada", Email: "ada@acme.example", Phone: "+44 20 7946 0000"},
			"acme-43": {Ref: "acme-43", Name: "Bob", Email: "bob@acme.example"},
		},
		answers: answers,
		page:    &page{Printer: show.Printer{W: w}},
	}
	s := &story{product: p}
	var err error
	if s.desk, s.acme, err = p.open(); err != nil {
		return err
	}
	p.page.title()
	if err := s.play(ctx, mails); err != nil {
		return err
	}
	s.chat, s.made = desk.Result{}, desk.Result{}
	if err := s.play(ctx, steps); err != nil {
		return err
	}
	if err := s.askAround(ctx); err != nil {
		return err
	}
	if err := s.forget(ctx); err != nil {
		return err
	}
	return p.page.Err
}

// play carries out the steps, and prints how things stand after each.
func (s *story) play(ctx context.Context, steps []step) error {
	for _, step := range steps {
		if err := s.until(ctx, instant(step.at)); err != nil {
			return err
		}
		s.page.step(s.now, step)
		if err := step.do(s, ctx, step.says); err != nil {
			return fmt.Errorf("%s, %s: %w", step.at, step.who, err)
		}
		if err := work(ctx, s.desk); err != nil {
			return err
		}
		if err := s.standing(ctx); err != nil {
			return err
		}
	}
	return nil
}

func instant(s string) time.Time {
	t, err := time.Parse(moment+" 2006", s+year)
	if err != nil {
		panic(err) // a mistake in the script
	}
	return t
}

// until lets time pass, and has done what is due meanwhile, hour by hour.
func (s *story) until(ctx context.Context, at time.Time) error {
	for s.now.Before(at) {
		s.now = first(s.now.Truncate(time.Hour).Add(time.Hour), at)
		if err := work(ctx, s.desk); err != nil {
			return err
		}
	}
	return nil
}

func first(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// standing prints who may speak, and how the conversation or its ticket stands.
func (s *story) standing(ctx context.Context) error {
	if s.chat.Conversation == (inbox.ID{}) {
		return nil
	}
	conversation, err := s.acme.Conversation(s.chat.Conversation).View(ctx, inbox.Viewer{Agent: "grace"}, desk.MessageQuery{})
	if err != nil {
		return err
	}
	s.page.conversation(conversation)
	if s.made.Reference == "" {
		return nil
	}
	view, err := s.acme.Ticket(s.made.Ticket).View(ctx)
	if err != nil {
		return err
	}
	s.page.ticket(view)
	return nil
}

// askAround prints what whoever asks for the ticket gets to hear.
func (s *story) askAround(ctx context.Context) error {
	s.page.heading("Who asks for the ticket, and what they hear")
	for _, asks := range []struct {
		who string
		is  inbox.Inquiry
	}{
		{"Ada, signed in", inbox.Inquiry{Customer: "ada", Assurance: inbox.AssuranceVerified}},
		{"Ada's number, by text", inbox.Inquiry{Customer: "ada", Assurance: inbox.AssuranceClaimed}},
		{"somebody else", inbox.Inquiry{Customer: "bob", Assurance: inbox.AssuranceVerified}},
	} {
		view, err := s.acme.LookUp(ctx, string(s.made.Reference), asks.is)
		if code := desk.ProblemOf(err).Code; code != "" && code != "not_found" {
			return err
		}
		s.page.status(asks.who, view)
	}
	return nil
}

// forget lets thirty days pass, and prints what is left.
func (s *story) forget(ctx context.Context) error {
	s.page.heading("Thirty days later")
	why, err := s.acme.Ticket(s.made.Ticket).ExplainRetention(ctx)
	if err != nil {
		return err
	}
	for _, at := range []time.Time{s.now, why.Due.Add(-time.Nanosecond), why.Due, why.Due.Add(time.Hour)} {
		if err := s.until(ctx, at); err != nil {
			return err
		}
		why, err := s.acme.Ticket(s.made.Ticket).ExplainRetention(ctx)
		if err != nil {
			return err
		}
		s.page.fate(s.now, why)
	}
	left, err := s.acme.VerifyErasure(ctx, desk.VerifyErasureParams{Conversations: []inbox.ID{s.chat.Conversation}, Tickets: []ticket.ID{s.made.Ticket}})
	if err != nil {
		return err
	}
	stones, _, err := s.acme.Tombstones(ctx, "", 10)
	if err != nil {
		return err
	}
	s.page.left(left.Total(), len(stones))
	return nil
}
