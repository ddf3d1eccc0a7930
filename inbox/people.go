package inbox

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

func durationOf(d Duration) time.Duration { return time.Duration(d) }

// TakeOver gives control from the AI to people. The open offer is withdrawn, and earlier
// decisions of the AI are refused from then on.
func (c Conversation) TakeOver(cmd helpdesk.Command) (Conversation, []Event, error) {
	ch, err := c.begin(EventTakeOver, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	return ch.finish(c)
}

// Reply adds and sends a public message of a member of the team. From then on people
// hold control. The reply counts for every open ticket: a ticket without an assignee is picked
// up, and the ticket in Focus is only the first of them in the [Event].
func (k Case) Reply(cmd helpdesk.Command, d MessageParams) (Case, []Event, error) {
	ch, err := k.begin(EventReply, guardNone, &cmd)
	if err != nil {
		return k, nil, err
	}
	ch.public(d, false, ch.c.key("msg", number(ch.number())))
	if i := k.open(); i >= 0 {
		ch.on(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			return t.Reply(cmd, ch.ticketMessage(d))
		})
		ch.answers(i, d)
	}
	return ch.close(k)
}

// answers has a public message of the team count for every open ticket beside one (R88). A
// ticket whose lifecycle has no place for it stays as it is.
func (ch *change) answers(i int, d MessageParams) {
	for j := range ch.tickets {
		if j != i && ch.tickets[j].IsOpen() {
			ch.hear(j, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
				return t.Reply(cmd, ch.ticketMessage(d))
			})
		}
	}
}

// AskCustomer sends a question to the customer and sets the open ticket to waiting. For other
// open tickets the question counts as a reply. Without an open ticket AskCustomer is refused, and
// so it is while several are open and none is in Focus.
func (k Case) AskCustomer(cmd helpdesk.Command, d MessageParams) (Case, []Event, error) {
	i, guard := k.needOpen()
	ch, err := k.begin(EventAskCustomer, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	ch.public(d, false, ch.c.key("msg", number(ch.number())))
	if i >= 0 {
		ch.on(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			return t.AskCustomer(cmd, ch.ticketMessage(d))
		})
		ch.answers(i, d)
	}
	return ch.close(k)
}

func (k Case) needOpen() (int, Guard) {
	switch i := k.open(); {
	case k.isAmbiguous():
		return i, guardAmbiguous
	case i >= 0:
		return i, guardNone
	case k.Focus != (ticket.ID{}): // which begin refuses
		return -1, guardNone
	default:
		return -1, guardNoTicket
	}
}

// PickUp takes the conversation out of the queue for the author, a member of the team,
// and assigns a submitted ticket too. While the AI holds the conversation, picking up a
// ticket leaves control with the AI: a person's reply takes control.
//
// The first author wins. While a colleague has picked up everything, PickUp is refused;
// see [Case.Reply], [Conversation.TakeOver] and [ticket.Ticket.Assign] for ways to take
// over. Picking up again changes nothing: there is no event and no error.
func (k Case) PickUp(cmd helpdesk.Command) (Case, []Event, error) {
	guard := guardNone
	if has := k.pickedUpBy(); has != "" && cmd.Who != "" {
		switch {
		case has != cmd.Who:
			guard = guardPickedUp
		case cmd.By.IsPerson():
			return k, nil, nil
		}
	}
	ch, err := k.begin(EventPickUp, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	if cmd.Who == "" {
		ch.ref("who", "", true)
	}
	if i := k.open(); i >= 0 && k.Tickets[i].Category() == ticket.CategoryNew {
		ch.on(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			return t.PickUp(cmd)
		})
	}
	return ch.close(k)
}

// pickedUpBy returns who has picked up all that there is to pick up, and the empty
// string if nobody has.
func (k Case) pickedUpBy() string {
	i := k.open()
	switch {
	case i >= 0 && k.Tickets[i].Category() == ticket.CategoryNew:
		return ""
	case k.Conversation.state == StatusHuman:
		return k.Conversation.who
	case k.Conversation.state.Holder() == HolderAI && i >= 0:
		return k.Tickets[i].Assignee()
	default:
		return ""
	}
}

// Resolve resolves the open ticket with the action taken. Control does not pass: on the
// live chat the AI does not return. While several tickets are open and none is in Focus,
// Resolve is refused.
func (k Case) Resolve(cmd helpdesk.Command, sol ticket.ResolveParams) (Case, []Event, error) {
	i, guard := k.needOpen()
	ch, err := k.begin(EventResolve, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	if i >= 0 {
		ch.on(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			return t.Resolve(cmd, sol)
		})
		ch.ev.Ticket = k.Tickets[i].ID()
	}
	return ch.close(k)
}

// ReturnToAI gives control back to the AI. If the customer wrote the last public message,
// the AI is asked to answer it. ReturnToAI is refused where the AI does not
// answer, and on a live chat that had a ticket.
func (c Conversation) ReturnToAI(cmd helpdesk.Command) (Conversation, []Event, error) {
	guard := guardNone
	switch {
	case c.facts().channel == helpdesk.ChannelLiveChat && c.hadTicket:
		guard = guardLiveChatTicket
	case !c.policy.Automates(c.facts().channel):
		guard = guardAddOnOff
	}
	ch, err := c.begin(EventReturnToAI, guard, &cmd)
	if err != nil {
		return c, nil, err
	}
	return ch.finish(c)
}

// AddNote adds an internal comment. A note is never sent and changes no list, no control
// and no ticket. The AI can add a note only while the AI holds control.
func (c Conversation) AddNote(cmd helpdesk.Command, d MessageParams) (Conversation, []Event, error) {
	guard := guardNone
	if cmd.By == helpdesk.ActorAI && c.isFull() {
		guard = guardFull
	}
	ch, err := c.begin(EventAddNote, guard, &cmd)
	if err != nil {
		return c, nil, err
	}
	ch.messageID(d.ID)
	if len(d.Attachments) > 0 {
		ch.reject("blobs", "", "must not be given with a note")
	}
	if d.Via != "" {
		ch.reject("via", string(d.Via), "must not be given with a note")
	}
	ch.note(Note{ID: d.ID, Comment: ch.body("comment", d.Body)})
	return ch.finish(c)
}

// note adds n.
func (ch *change) note(n Note) {
	n.Seq, n.At, n.Author = ch.number(), ch.ev.At, ch.ev.Author
	ch.add(n)
	if ch.ev.Seq == 0 {
		ch.ev.Seq, ch.ev.Message = n.Seq, n.ID
	}
}

// CreateTicketParams are the input of [Case.CreateTicket]. The zero CreateTicketParams
// are refused.
type CreateTicketParams struct {
	ID        ticket.ID        `json:"ticket,omitzero"`    // made by the caller, see [ticket.NewID]; zero in a call of package desk
	Reference ticket.Reference `json:"reference,omitzero"` // made by the caller; zero as the ID is
	Intake    ticket.Intake    `json:"intake,omitzero"`    // an empty requester and account are those of the contact
	Summary   string           `json:"summary,omitzero"`
	Severity  severity.Level   `json:"severity,omitzero"` // zero: the level that the answers of the intake call for

	// About is the ID of the message of the customer that the ticket is about, and
	// ContactAt the instant of the customer's request: the clocks of the ticket begin then.
	// At most one of them is given. Without both, the clocks begin with what the customer
	// waits for: the contact of the [Episode], or else the oldest message since the last
	// ticket that people have not answered, or else the customer's last message. A ticket
	// knows what people have answered since.
	About     string    `json:"about,omitzero"`
	ContactAt time.Time `json:"contact_at,omitzero"`

	// Proactive says that the customer has not asked for the ticket: its clocks begin with
	// the customer's next message to it, and the [Episode] goes on. About and ContactAt
	// must be empty then.
	Proactive bool `json:"proactive,omitzero"`

	FollowUpOf ticket.ID `json:"follow_up_of,omitzero"`
}

// CreateTicket creates a ticket from the conversation while people hold the
// conversation. Members of the team create tickets, unless the policy forbids it; a
// customer confirms an offer instead. The [Config] says how many tickets can be open at
// a time.
// A nil l is [ticket.Standard].
func (k Case) CreateTicket(l *ticket.Lifecycle, cmd helpdesk.Command, d CreateTicketParams) (Case, []Event, error) {
	guard := guardNone
	switch {
	case k.Conversation.policy.raw().StaffMayNotCreate:
		guard = guardStaffMayNot
	case k.busy():
		guard = guardOpenTicket
	}
	ch, err := k.begin(EventCreateTicket, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	contact := ch.contactOf(&d)
	p := ticket.Params{
		ID: d.ID, Reference: d.Reference, Intake: d.Intake, Summary: d.Summary, Severity: d.Severity,
		OnBehalf: !contact.IsZero(), ContactAt: contact, FollowUpOf: d.FollowUpOf,
	}
	if !contact.IsZero() {
		reply, waiting := k.Conversation.inherited(contact)
		p.FirstReply = ticket.Message{ID: reply.ID, HappenedAt: earlier(reply.At, normal(cmd.At))}
		p.Waiting = ticket.Message{ID: waiting.ID, HappenedAt: earlier(waiting.At, normal(cmd.At))}
	}
	ch.alone = d.Proactive
	ch.create(cmd, l, p)
	return ch.close(k)
}

// earlier returns the earlier of two instants: a clock may have gone back since (T34).
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// contactOf returns since when the customer has asked for a ticket of the team, and zero if
// nobody has.
func (ch *change) contactOf(d *CreateTicketParams) time.Time {
	switch c := &ch.c; {
	case d.Proactive:
		if d.About != "" {
			ch.reject("about", d.About, "must not be given with a proactive ticket")
		}
		if !d.ContactAt.IsZero() {
			ch.reject("contact_at", d.ContactAt.UTC().Format(time.RFC3339), "must not be given with a proactive ticket")
		}
		return time.Time{}
	case d.About != "":
		r, ok := c.Message(d.About)
		if !ok || r.By != helpdesk.ActorCustomer || r.Auto {
			ch.reject("about", d.About, "must be a message of the customer in this conversation")
		}
		if !d.ContactAt.IsZero() {
			ch.reject("contact_at", d.ContactAt.UTC().Format(time.RFC3339), "must not be given with about")
		}
		return r.At
	case !d.ContactAt.IsZero():
		return d.ContactAt
	default:
		return c.contactOf()
	}
}

// create creates a ticket of the conversation by the same decision.
func (ch *change) create(cmd helpdesk.Command, l *ticket.Lifecycle, d ticket.Params) {
	f := ch.c.facts()
	d.Conversation, d.Channel = f.text, f.channel
	if d.Intake.Requester == "" {
		d.Intake.Requester = f.contact.Customer
	}
	if d.Intake.Account == "" {
		d.Intake.Account = f.contact.Account
	}
	if l == nil {
		l = ticket.Standard()
	}
	if ch.c.linked(d.ID) || slices.ContainsFunc(ch.tickets, func(t ticket.Ticket) bool { return t.ID() == d.ID }) {
		ch.reject("ticket", d.ID.String(), "must be new")
	}
	t, events, err := ticket.New(l, cmd, d)
	if err != nil {
		ch.addTicket("", err)
		return
	}
	ch.tickets = append(append([]ticket.Ticket(nil), ch.tickets...), t)
	ch.c.tickets = append(clone(ch.c.tickets), TicketLink{Ticket: d.ID, Offer: d.Offer})
	ch.c.hadTicket = true
	ch.c.count++
	ch.opens = d.ID
	ch.ev.Ticket = d.ID
	ch.ev.Tickets = append(ch.ev.Tickets, events...)
}
