package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// A doing is one of the commands: its members, and what it does. It returns what
// to call the answer, and the answer.
type doing struct {
	members []string
	run     func(*simulation, *command) (string, any, error)
}

func members(s string) []string { return strings.Fields(s) }

// commands are filled in by init, since one of them names them all.
var commands map[string]doing

func known() []string { return slices.Sorted(maps.Keys(commands)) }

const (
	says  = "message text sent_at blobs"
	forms = "title description summary intake level"
)

func init() {
	commands = map[string]doing{
		"setup":     {members("inbox policies partners rules default_for_partners mail lifecycle retention reminders limits"), nil},
		"advance":   {members("for until"), (*simulation).doAdvance},
		"set_clock": {members("until"), (*simulation).doSetClock},
		"restart":   {nil, (*simulation).doRestart},
		"account":   {members("name email phone partner labels"), (*simulation).doAccount},
		"transport": {members("answer channel times"), (*simulation).doTransport},

		"start":               {members("kind channel contact subject " + says), (*simulation).doStart},
		"receive":             {members("conversation kind channel contact aside machine subject " + says), (*simulation).doReceive},
		"mail":                {members("raw envelope_from recipient"), (*simulation).doMail},
		"customer_message":    {members("conversation aside subject " + says), (*simulation).doCustomerMessage},
		"participant_message": {members("conversation " + says), message(helpdesk.ActorThirdParty, "friend", desk.ConversationHandle.AddParticipantMessage, nil)},
		"auto_message":        {members("conversation " + says), message(helpdesk.ActorCustomer, "", desk.ConversationHandle.RecordAutoReply, nil)},
		"delivered": {members("conversation message"), onConversation(helpdesk.ActorSystem, "", func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).MarkDelivered(x.ctx, x.call, x.c.Message)
		})},
		"undelivered": {members("conversation message"), onConversation(helpdesk.ActorSystem, "", func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).MarkBounced(x.ctx, x.call, x.c.Message)
		})},

		"ai_reply": {members("conversation lease " + says), (*simulation).doAIReply},
		"ai_fail":  {members("conversation lease failure comment"), (*simulation).doAIFail},
		"offer":    {members("conversation lease reason supersedes " + forms), (*simulation).doOffer},
		"confirm":  {members("conversation offer shown message contact_at"), (*simulation).doConfirm},
		"decline":  {members("conversation offer"), (*simulation).doDecline},

		"take_over":    {members("conversation"), plainly(desk.ConversationHandle.TakeOver, nil)},
		"return_to_ai": {members("conversation"), plainly(desk.ConversationHandle.ReturnToAI, nil)},
		"pick_up":      {members("conversation ticket"), plainly(desk.ConversationHandle.PickUp, desk.TicketHandle.PickUp)},
		"unarchive":    {members("conversation"), plainly(desk.ConversationHandle.Unarchive, nil)},
		"reply":        {members("conversation ticket via said_at " + says), message(helpdesk.ActorAgent, anAgent, desk.ConversationHandle.Reply, desk.TicketHandle.Reply)},
		"ask":          {members("conversation ticket via said_at " + says), message(helpdesk.ActorAgent, anAgent, desk.ConversationHandle.AskCustomer, desk.TicketHandle.AskCustomer)},
		"note":         {members("conversation " + says), message(helpdesk.ActorAgent, anAgent, desk.ConversationHandle.AddNote, nil)},
		"archive": {members("conversation reason action details code"), onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).Archive(x.ctx, x.call, inbox.ArchiveParams{Reason: inbox.ArchiveReason(x.c.Reason), Resolution: x.c.solution()})
		})},
		"resolve": {members("conversation ticket action details code"), onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
			switch about, err := x.byTicket(); {
			case err != nil:
				return desk.Result{}, err
			case about:
				return x.o.Ticket(x.ticket).Resolve(x.ctx, x.call, x.c.solution())
			}
			return x.o.Conversation(inbox.ID(x.id)).Resolve(x.ctx, x.call, x.c.solution())
		})},
		"create_ticket": {members("conversation follow_up_of on_behalf contact_at about proactive " + forms), (*simulation).doCreateTicket},

		"tag": {members("conversation tag"), onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).AddTag(x.ctx, x.call, x.c.Tag)
		})},
		"untag": {members("conversation tag"), onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).RemoveTag(x.ctx, x.call, x.c.Tag)
		})},
		"sentiment": {members("conversation sentiment"), onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).SetSentiment(x.ctx, x.call, x.c.Sentiment)
		})},
		"identify": {members("conversation contact"), (*simulation).doIdentify},
		"watch": {members("conversation agent"), onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).Follow(x.ctx, x.call, x.c.Agent)
		})},
		"unwatch": {members("conversation agent"), onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).Unfollow(x.ctx, x.call, x.c.Agent)
		})},
		"mark_read": {members("conversation up_to"), onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).MarkRead(x.ctx, x.call, x.c.UpTo)
		})},
		"request_erasure": {members("conversation"), (*simulation).doRequestErasure},

		"assign": {members("ticket to"), onTicket(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).Assign(x.ctx, x.call, x.c.To)
		})},
		"mitigate": {members("conversation ticket"), (*simulation).doMitigate},
		"answer": {members("ticket intake"), onTicket(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).UpdateIntake(x.ctx, x.call, x.c.Intake)
		})},
		"reopen": {members("ticket reason"), onTicket(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).Reopen(x.ctx, x.call, x.c.Reason)
		})},
		"merge": {members("ticket into"), (*simulation).doMerge},
		"claim_severity": {members("ticket level channel"), onTicket(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).ClaimSeverity(x.ctx, x.call, x.c.Level, x.c.Channel)
		})},
		"confirm_severity": {members("ticket"), onTicket(func(x act) (desk.Result, error) { return x.o.Ticket(ticket.ID(x.id)).ConfirmSeverity(x.ctx, x.call) })},
		"decline_severity": {members("ticket level"), onTicket(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).DeclineSeverity(x.ctx, x.call, x.c.Level)
		})},
		"correct_severity": {members("ticket level reason"), onTicket(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).CorrectSeverity(x.ctx, x.call, ticket.CorrectSeverityParams{Level: x.c.Level, Reason: x.c.Reason})
		})},
		"pause_clocks": {members("ticket reason"), onTicket(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).PauseClocks(x.ctx, x.call, x.c.Reason)
		})},
		"resume_clocks": {members("ticket"), onTicket(func(x act) (desk.Result, error) { return x.o.Ticket(ticket.ID(x.id)).ResumeClocks(x.ctx, x.call) })},
		"hold": {members("ticket conversation hold reason privileged"), onEither(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).PlaceLegalHold(x.ctx, x.call, ticket.LegalHoldParams{ID: x.c.Hold, Reason: x.c.Reason, Privileged: x.c.privileged()})
		}, func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).PlaceLegalHold(x.ctx, x.call, ticket.LegalHoldParams{ID: x.c.Hold, Reason: x.c.Reason, Privileged: x.c.privileged()})
		})},
		"release": {members("ticket conversation hold privileged"), onEither(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).ReleaseLegalHold(x.ctx, x.call, ticket.LegalHoldParams{ID: x.c.Hold, Privileged: x.c.privileged()})
		}, func(x act) (desk.Result, error) {
			return x.o.Conversation(inbox.ID(x.id)).ReleaseLegalHold(x.ctx, x.call, ticket.LegalHoldParams{ID: x.c.Hold, Privileged: x.c.privileged()})
		})},
		"do_event": {members("ticket event guard"), onTicket(func(x act) (desk.Result, error) {
			return x.o.Ticket(ticket.ID(x.id)).Do(x.ctx, x.call, x.c.Event, x.c.Guard)
		})},

		"configure": {members("inbox"), (*simulation).doConfigure},
		"sweep":     {members("clock count"), (*simulation).doSweep},
		"revive":    {members("message topic all"), (*simulation).doRevive},
		"bounced":   {members("message"), (*simulation).doBounced},

		"status": {members("ticket reference customer assurance direct"), (*simulation).viewStatus},
		"conversation": {members("conversation agent contacts after limit"), view(func(x act) (any, error) {
			return x.o.Conversation(inbox.ID(x.id)).View(x.ctx, inbox.Viewer{Agent: x.c.Agent, MaySeeContact: x.c.Contacts, ShowContact: x.c.Contacts}, desk.MessageQuery{After: x.c.After, Limit: x.c.Limit})
		})},
		"customer_conversation": {members("conversation customer after limit"), view(func(x act) (any, error) {
			if x.c.Customer == "" {
				x.c.Customer = x.s.customers[inbox.ID(x.id)]
			}
			return x.o.Conversation(inbox.ID(x.id)).CustomerView(x.ctx, x.c.Customer, desk.MessageQuery{After: x.c.After, Limit: x.c.Limit})
		})},
		"ticket":           {members("ticket"), viewTicket(func(x act) (any, error) { return x.o.Ticket(ticket.ID(x.id)).View(x.ctx) })},
		"explain":          {members("ticket metric cycle"), viewTicket(explain)},
		"retention":        {members("conversation ticket"), (*simulation).viewRetention},
		"conversations":    {members("list any customer channel tag holder open unassigned breached by_due oldest cursor limit"), (*simulation).viewConversations},
		"tickets":          {members("status category assignee customer account level open unassigned breached tag by_due reference oldest cursor limit"), (*simulation).viewTickets},
		"customer_tickets": {members("customer assurance direct cursor limit"), (*simulation).viewCustomerTickets},
		"counts":           {members("of by list any channel holder status category assignee customer account level open unassigned breached tag"), (*simulation).viewCounts},
		"notifications":    {members("agent cursor limit"), (*simulation).viewNotifications},
		"settings":         {nil, (*simulation).viewSettings},
		"health":           {nil, (*simulation).viewHealth},
		"events":           {members("conversation ticket cursor limit"), (*simulation).viewEvents},
		"parked":           {members("cursor limit"), (*simulation).viewParked},
		"plan":             {nil, (*simulation).viewPlan},
		"tombstones":       {members("cursor limit"), (*simulation).viewTombstones},
		"residue":          {members("conversation ticket"), (*simulation).viewResidue},
	}
}

// anAgent is who gives an agent's command that does not say.
const anAgent = "agent"

func number(n int) string { return strconv.Itoa(n) }

func (c *command) solution() ticket.ResolveParams {
	return ticket.ResolveParams{Action: c.Action, Details: c.Details, Reason: c.Code}
}

func (c *command) privileged() bool { return c.Privileged == nil || *c.Privileged }

func (s *simulation) doAdvance(c *command) (string, any, error) {
	to := s.now
	switch {
	case (c.For == "") == (c.Until == ""):
		return "", nil, faultf(badCommand, "for or until must be given, and not both")
	case c.For != "":
		d, err := parseFor("for", c.For)
		if err != nil {
			return "", nil, err
		}
		to = to.Add(d)
	default:
		at, err := s.instant("until", c.Until)
		if err != nil {
			return "", nil, err
		}
		if at.Before(s.now) {
			return "", nil, faultf(badAt, "until must not be before %s; see set_clock", stamp(s.now))
		}
		to = at
	}
	if err := onClock("the clock", to); err != nil {
		return "", nil, err
	}
	s.advance(to)
	return "", nil, nil
}

func (s *simulation) doSetClock(c *command) (string, any, error) {
	at, err := s.instant("until", c.Until)
	if err == nil && at.IsZero() {
		err = faultf(badCommand, "until must be given")
	}
	if err == nil {
		err = onClock("until", at)
	}
	if err == nil {
		s.now = at
	}
	return "", nil, err
}

func (s *simulation) doRestart(*command) (string, any, error) { return "", nil, s.restart() }

func (s *simulation) doAccount(c *command) (string, any, error) {
	if c.As == "" {
		return "", nil, faultf(badCommand, "as must be given")
	}
	s.accounts[c.As] = account{desk.Account{Ref: c.As, Name: c.Name, Email: c.Email, Phone: c.Phone, Labels: c.Labels}, c.Partner}
	return "", nil, nil
}

func (s *simulation) doTransport(c *command) (string, any, error) {
	if !slices.Contains([]string{"ok", "down", "rejected", "uncertain", "later"}, c.Answer) {
		return "", nil, faultf(badCommand, "answer must be ok, down, rejected, uncertain or later")
	}
	if c.Answer == "ok" {
		s.faults = slices.DeleteFunc(s.faults, func(f *failing) bool { return c.Channel == "" || f.channel == c.Channel })
		return "", nil, nil
	}
	if c.Times < 0 {
		return "", nil, faultf(badCommand, "times must be positive, or left out for always")
	}
	f := &failing{channel: c.Channel, answer: c.Answer, times: c.Times}
	if f.times == 0 {
		f.times = -1
	}
	s.faults = append(s.faults, f)
	return "", nil, nil
}

func (s *simulation) doStart(c *command) (string, any, error) { return s.begin(c, inbox.ID{}) }

func (s *simulation) doReceive(c *command) (string, any, error) {
	if c.Conversation == "" {
		return s.begin(c, inbox.ID{})
	}
	id, err := s.conversation(c)
	if err != nil {
		return "", nil, err
	}
	return s.begin(c, id)
}

// begin starts a conversation, or goes on with one.
func (s *simulation) begin(c *command, id inbox.ID) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	d, err := s.draft(c)
	if err != nil {
		return "", nil, err
	}
	if c.Kind == "" {
		c.Kind = inbox.KindQuestion
	}
	b := inbox.StartParams{Kind: c.Kind, Channel: c.Channel, Contact: c.Contact}
	who := c.Contact.Customer
	if who == "" {
		who = s.customers[id]
	}
	call := c.call(helpdesk.ActorCustomer, who)
	var r desk.Result
	if c.Do == "start" {
		b.Message = d
		r, err = o.Start(context.Background(), call, b)
	} else {
		a := desk.InboundMessage{Conversation: id, Start: b, Message: inbox.CustomerMessageParams{MessageParams: d, Aside: c.Aside}, Machine: c.Machine}
		r, err = o.Receive(context.Background(), call, a)
	}
	if err != nil {
		return "", nil, err
	}
	if _, old := s.customers[r.Conversation]; !old {
		s.customers[r.Conversation] = c.Contact.Customer
	}
	return "result", s.result(c, "c", r), nil
}

func (s *simulation) doCustomerMessage(c *command) (string, any, error) {
	x, err := s.on(c, helpdesk.ActorCustomer, "")
	if err != nil {
		return "", nil, err
	}
	d, err := s.draft(c)
	if err != nil {
		return "", nil, err
	}
	r, err := x.o.Conversation(inbox.ID(x.id)).AddCustomerMessage(x.ctx, x.call, inbox.CustomerMessageParams{MessageParams: d, Aside: c.Aside})
	if err != nil {
		return "", nil, err
	}
	if r.Conversation != inbox.ID(x.id) {
		s.customers[r.Conversation] = s.customers[inbox.ID(x.id)]
	}
	return "result", s.result(c, "c", r), nil
}

// byAI prepares a command of the AI.
func (s *simulation) byAI(c *command) (act, inbox.ControlToken, error) {
	l, err := s.lease(c)
	if err != nil {
		return act{}, l, err
	}
	o, err := s.office(c)
	return act{s: s, ctx: context.Background(), o: o, c: c, call: c.call(helpdesk.ActorAI, ""), id: uuid.UUID(l.Conversation)}, l, err
}

func (s *simulation) doAIReply(c *command) (string, any, error) {
	x, l, err := s.byAI(c)
	if err != nil {
		return "", nil, err
	}
	d, err := s.draft(c)
	if err != nil {
		return "", nil, err
	}
	r, err := x.o.Conversation(l.Conversation).AddAIReply(x.ctx, x.call, l, d)
	if err != nil {
		return "", nil, err
	}
	return "result", s.result(c, "", r), nil
}

func (s *simulation) doAIFail(c *command) (string, any, error) {
	x, l, err := s.byAI(c)
	if err != nil {
		return "", nil, err
	}
	r, err := x.o.Conversation(l.Conversation).ReportAIFailure(x.ctx, x.call, l, c.Failure, c.Comment)
	if err != nil {
		return "", nil, err
	}
	return "result", s.result(c, "", r), nil
}

// form is the intake of a command: title and description can stand beside it.
func (c *command) form() ticket.Intake {
	in := c.Intake
	if c.Title != "" {
		in.Title = c.Title
	}
	if c.Description != "" {
		in.Description = c.Description
	}
	return in
}

func (s *simulation) doOffer(c *command) (string, any, error) {
	x, l, err := s.byAI(c)
	if err != nil {
		return "", nil, err
	}
	if c.As == "" {
		c.As = s.names.fresh("o")
	}
	r, err := x.o.Conversation(l.Conversation).MakeOffer(x.ctx, x.call, l, inbox.OfferParams{
		ID: c.As, Reason: c.Reason, Intake: c.form(), Summary: c.Summary, Severity: c.Level, Supersedes: c.Supersedes,
	})
	if err != nil {
		return "", nil, err
	}
	return "result", s.result(c, "o", r), nil
}

// offered finds the conversation of an offer, where it is not given.
func (s *simulation) offered(c *command) error {
	if c.Conversation != "" || c.Offer == "" {
		return nil
	}
	id, ok := s.offers[c.Offer]
	if !ok {
		return faultf(unknownName, "offer: nothing is called %q", c.Offer)
	}
	c.Conversation = s.names.of(uuid.UUID(id))
	return nil
}

func (s *simulation) doDecline(c *command) (string, any, error) {
	if err := s.offered(c); err != nil {
		return "", nil, err
	}
	return onConversation(helpdesk.ActorCustomer, "", func(x act) (desk.Result, error) {
		return x.o.Conversation(inbox.ID(x.id)).DeclineOffer(x.ctx, x.call, x.c.Offer)
	})(s, c)
}

func (s *simulation) doConfirm(c *command) (string, any, error) {
	if err := s.offered(c); err != nil {
		return "", nil, err
	}
	x, err := s.on(c, helpdesk.ActorCustomer, "")
	if err != nil {
		return "", nil, err
	}
	at, err := s.instant("contact_at", c.ContactAt)
	if err != nil {
		return "", nil, err
	}
	shown := c.Shown
	if shown == "" {
		shown = s.shown[c.Offer]
	}
	r, err := x.o.Conversation(inbox.ID(x.id)).ConfirmOffer(x.ctx, x.call, inbox.ConfirmParams{Offer: c.Offer, Shown: shown, Message: c.Message, ContactAt: at})
	if err != nil {
		return "", nil, err
	}
	return "result", s.result(c, "t", r), nil
}

func (s *simulation) doCreateTicket(c *command) (string, any, error) {
	x, err := s.on(c, helpdesk.ActorAgent, anAgent)
	if err != nil {
		return "", nil, err
	}
	at, err := s.instant("contact_at", c.ContactAt)
	if err != nil {
		return "", nil, err
	}
	d := inbox.CreateTicketParams{
		Intake: c.form(), Summary: c.Summary, Severity: c.Level, ContactAt: at, About: c.About, Proactive: c.Proactive,
	}
	if c.FollowUpOf != "" {
		of, err := s.names.id("follow_up_of", c.FollowUpOf)
		if err != nil {
			return "", nil, err
		}
		d.FollowUpOf = ticket.ID(of)
	}
	r, err := x.o.Conversation(inbox.ID(x.id)).CreateTicket(x.ctx, x.call, d)
	if err != nil {
		return "", nil, err
	}
	return "result", s.result(c, "t", r), nil
}

func (s *simulation) doMerge(c *command) (string, any, error) {
	into, err := s.names.id("into", c.Into)
	if err != nil {
		return "", nil, err
	}
	return onTicket(func(x act) (desk.Result, error) {
		return x.o.Ticket(ticket.ID(x.id)).MergeInto(x.ctx, x.call, ticket.ID(into))
	})(s, c)
}

func (s *simulation) doRequestErasure(c *command) (string, any, error) {
	x, err := s.on(c, helpdesk.ActorAgent, anAgent)
	if err != nil {
		return "", nil, err
	}
	e, err := x.o.Conversation(inbox.ID(x.id)).RequestErasure(x.ctx, x.call)
	return "view", explained{e.State, e.String()}, err
}

func (s *simulation) doConfigure(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	config, err := inbox.ParseConfig(c.Inbox)
	if err != nil {
		return "", nil, err
	}
	return "", nil, o.UpdateSettings(context.Background(), c.call(helpdesk.ActorAgent, anAgent), config)
}

func (s *simulation) doSweep(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	r, err := o.ApplyRetentionAnyway(context.Background(), retention.Override{Clock: c.Clock, Count: c.Count})
	for _, refusal := range r.Refusals { // there are none if the sweep was carried out
		err = errors.Join(err, refusal)
	}
	return "view", r, err
}

func (s *simulation) doRevive(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	ways := 0
	for _, named := range []bool{c.Message != "", c.Topic != "", c.All} {
		if named {
			ways++
		}
	}
	switch {
	case ways > 1:
		return "", nil, &helpdesk.FieldError{Path: "revive", Reason: "must have one of message, topic and all"}
	case c.All, c.Topic != "":
		_, err = o.ReviveAll(context.Background(), c.Topic)
	default:
		err = o.Revive(context.Background(), s.names.out(c.Message))
	}
	return "", nil, err
}

func (s *simulation) doBounced(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	return "", nil, o.MarkBounced(context.Background(), c.call(helpdesk.ActorSystem, ""), s.names.out(c.Message))
}

// metricOf returns the metric of that name.
func metricOf(name string) (sla.Metric, error) {
	for m := range sla.Metrics() {
		if m.String() == name {
			return m, nil
		}
	}
	return 0, faultf(badCommand, "metric must be first_reply, next_reply or resolution")
}

// doMitigate is about a ticket, or about the open one of a conversation.
func (s *simulation) doMitigate(c *command) (string, any, error) {
	if c.Ticket != "" {
		return onTicket(func(x act) (desk.Result, error) { return x.o.Ticket(ticket.ID(x.id)).Mitigate(x.ctx, x.call) })(s, c)
	}
	return onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
		return x.o.Conversation(inbox.ID(x.id)).Mitigate(x.ctx, x.call)
	})(s, c)
}

// doIdentify is by the host, which knows who has logged in.
func (s *simulation) doIdentify(c *command) (string, any, error) {
	return onConversation(helpdesk.ActorSystem, "", func(x act) (desk.Result, error) {
		r, err := x.o.Conversation(inbox.ID(x.id)).Identify(x.ctx, x.call, c.Contact)
		if err == nil && c.Contact.Customer != "" {
			s.customers[inbox.ID(x.id)] = c.Contact.Customer
		}
		return r, err
	})(s, c)
}
