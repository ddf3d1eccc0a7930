package inbox

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"iter"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

// An OfferStatus is the status of an [Offer]. Only an open offer can be confirmed.
type OfferStatus string

// The statuses of offers.
const (
	OfferOpen       OfferStatus = "open"
	OfferConfirmed  OfferStatus = "confirmed"
	OfferDeclined   OfferStatus = "declined"   // by the customer
	OfferLapsed     OfferStatus = "expired"    // the customer did not answer in time
	OfferSuperseded OfferStatus = "superseded" // by another offer
	OfferWithdrawn  OfferStatus = "withdrawn"  // control passed before the customer answered
)

// An Offer is the AI's offer to open a ticket: the text that was shown to the customer,
// and the content of the ticket. It is plain data.
//
// A consent is bound to the text that was shown. Shown is a fingerprint of title,
// description and summary, and a confirmation must repeat the fingerprint.
type Offer struct {
	ID     string      `json:"id,omitzero"`
	Status OfferStatus `json:"status,omitzero"`
	Reason Untrusted   `json:"reason,omitzero"` // why the AI cannot resolve the matter

	Intake   ticket.Intake  `json:"intake,omitzero"` // with title and description
	Summary  string         `json:"summary,omitzero"`
	Severity severity.Level `json:"severity,omitzero"`
	Shown    string         `json:"shown,omitzero"` // the fingerprint: 64 hexadecimal digits

	// FollowUpOf is the ticket that the new ticket continues: the last ticket that is
	// done, if the customer's messages call for a follow-up. Zero means none.
	FollowUpOf ticket.ID `json:"follow_up_of,omitzero"`

	OfferedAt time.Time `json:"offered_at,omitzero"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // a confirmation must come before
	ClosedAt  time.Time `json:"closed_at,omitzero"`  // when the offer stopped being open
	Ticket    ticket.ID `json:"ticket,omitzero"`     // the new ticket of a confirmed offer
}

// MaxOffers is how many offers can be made in a conversation.
const maxOffers = 100

// fingerprint binds a consent to the conversation, the offer and the texts. Every
// part is preceded by its length, so that no two different offers have one.
func fingerprint(conversation ID, id, title, description, summary string) string {
	h := sha256.New()
	for _, s := range []string{"helpdesk offer v1", string(conversation[:]), id, title, description, summary} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Offers yields the offers of c at hand in the order of making: all of them, unless the
// host keeps offers apart; see [Conversation.WithOffers]. A conversation has at most 100.
func (c Conversation) Offers() iter.Seq[Offer] { return slices.Values(c.offers) }

// OpenOffer returns the open offer, and false if there is none. An open offer may be past
// its expiry. If the offer is not at hand, only the fields ID, Status, Shown, FollowUpOf,
// OfferedAt and ExpiresAt are set.
func (c Conversation) OpenOffer() (Offer, bool) {
	if c.openOffer.ID == "" {
		return Offer{}, false
	}
	if i := c.offer(c.openOffer.ID); i >= 0 {
		return c.offers[i], true
	}
	return c.openOffer, true
}

// WithOffers returns c with offers of c at hand, in any order: offers that a host keeps
// apart from the conversation and has read for a command that names them, or for a view. A
// conversation decides by what it keeps itself, with two exceptions: whether the ID of a
// new offer is taken, and what becomes of an offer that the customer answers. An offer that
// is at hand already is left out, and so is one that is said to be open and is not.
func (c Conversation) WithOffers(list ...Offer) Conversation {
	c.offers = clone(c.offers)
	for _, o := range list {
		switch {
		case o.ID == "" || c.offer(o.ID) >= 0:
			continue
		case o.ID == c.openOffer.ID:
			o = c.openOffer.with(&o)
		case o.Status == "" || o.Status == OfferOpen:
			continue
		}
		c.offers = append(c.offers, o)
	}
	slices.SortStableFunc(c.offers, func(a, b Offer) int { return a.OfferedAt.Compare(b.OfferedAt) })
	return c
}

// AddedOffers returns the offers that were made since c was started or read from a
// [Snapshot], in order: what a host has to store beside c. The last of them is the last
// offer of c.
func (c Conversation) AddedOffers() []Offer {
	return clone(c.offers[len(c.offers)-(c.offerCount-c.offersRead):])
}

// EndedOffers returns what became of the offers that stopped being open since c was
// started or read from a [Snapshot], in order. The fields ID, Status, ClosedAt and Ticket
// are set. A host stores them beside c.
func (c Conversation) EndedOffers() []Offer { return clone(c.ended) }

// head returns what a conversation keeps of o while o is open.
func (o Offer) head() Offer {
	return Offer{
		ID: o.ID, Status: OfferOpen, Shown: o.Shown, FollowUpOf: o.FollowUpOf,
		OfferedAt: utc(o.OfferedAt), ExpiresAt: utc(o.ExpiresAt),
	}
}

// with returns the open offer of which o is the head, with its content.
func (o Offer) with(content *Offer) Offer {
	o.Reason, o.Intake, o.Summary, o.Severity = content.Reason, content.Intake, content.Summary, content.Severity
	return o
}

func (c Conversation) offer(id string) int {
	return slices.IndexFunc(c.offers, func(o Offer) bool { return o.ID == id })
}

func (c Conversation) offerTimer(id string) string { return c.key("offer", id, "expiry") }

// closeOffer closes the open offer, if there is one, unless the command has done
// so. A confirmed offer has a ticket.
func (ch *change) closeOffer(status OfferStatus, made ticket.ID) {
	c := &ch.c
	id := c.openOffer.ID
	if id == "" {
		return
	}
	c.openOffer = Offer{}
	c.ended = append(slices.Clip(c.ended), Offer{ID: id, Status: status, ClosedAt: ch.ev.At, Ticket: made})
	if i := c.offer(id); i >= 0 {
		c.offers = clone(c.offers)
		o := &c.offers[i]
		o.Status, o.ClosedAt, o.Ticket = status, ch.ev.At, made
	}
	ch.ev.Offer = id
	if ch.ev.Kind != EventExpireOffer {
		ch.cancelTimers = append(ch.cancelTimers, c.offerTimer(id))
	}
}

// OfferParams are the input of [Case.MakeOffer]. The zero OfferParams are refused.
type OfferParams struct {
	ID     string `json:"offer,omitzero"`  // names the offer, in the characters of the ID of a [helpdesk.Command]
	Reason string `json:"reason,omitzero"` // why the AI cannot resolve the matter; required, at most 2,000 runes

	// Intake is the form of the ticket. Title and description are shown to the customer
	// and required; a title has at most [ticket.MaxTitle] runes. Requester and account
	// must be empty or equal to the contact's.
	Intake   ticket.Intake  `json:"intake,omitzero"`
	Summary  string         `json:"summary,omitzero"`  // required, at most [ticket.MaxSummary] runes
	Severity severity.Level `json:"severity,omitzero"` // zero: the level that the answers of the intake call for

	// Supersedes is the ID of the open offer that the new offer replaces, or empty.
	Supersedes string `json:"supersedes,omitzero"`
}

// MayOffer reports whether the AI could offer a ticket now, while the AI holds the conversation:
// customer and account are known, no offer is open, and another ticket may be open.
func (k Case) MayOffer() bool {
	c := k.Conversation
	contact := c.facts().contact
	return c.state.Holder() == HolderAI && contact.Customer != "" && contact.Account != "" && c.openOffer.ID == "" && !k.busy()
}

// MakeOffer makes an offer of the AI to open a ticket, under a token. The [Config] says whether
// another ticket may be open; no offer may, but the one that this one supersedes. Customer and
// account must be known; see [Case.Identify]. The effect is to show
// title, description and summary to the customer, who can confirm until the offer
// expires; see [Config].
func (k Case) MakeOffer(cmd helpdesk.Command, l ControlToken, d OfferParams) (Case, []Event, error) {
	c := k.Conversation
	guard := guardNone
	open, standing := c.OpenOffer()
	switch {
	case k.busy():
		guard = guardOpenTicket
	case standing && d.Supersedes == open.ID:
		guard = guardSupersede
	case standing:
		guard = guardOpenOffer
	}
	if _, err := c.beginAI(EventMakeOffer, guard, &cmd, l); err != nil {
		return k, nil, err
	}
	ch, err := k.begin(EventMakeOffer, guard, &cmd) // the same again, with the tickets checked
	if err != nil {
		return k, nil, err
	}
	ch.lease(l)
	ch.id("offer", d.ID)
	if d.ID != "" && (c.offer(d.ID) >= 0 || d.ID == open.ID) {
		ch.reject("offer", d.ID, "must not have been used in this conversation")
	}
	if c.offerCount >= maxOffers {
		ch.tooLong("offers", c.offerCount+1, maxOffers, "offers")
	}
	if d.Supersedes != "" && guard != guardSupersede {
		ch.reject("supersedes", d.Supersedes, "must be the ID of the open offer")
	}
	o := Offer{
		ID: d.ID, Status: OfferOpen, Severity: d.Severity, OfferedAt: ch.ev.At,
		ExpiresAt: ch.ev.At.Add(durationOf(c.policy.Config().OfferTTL)),
	}
	o.Reason = Untrusted(ch.limited("reason", d.Reason, ticket.MaxSummary))
	o.Summary = ch.limited("summary", d.Summary, ticket.MaxSummary)
	o.Intake = d.Intake
	contact := c.facts().contact
	if contact.Customer == "" { // T63: refused now, and not when the customer agrees
		ch.reject("contact.customer", "", "must be known before a ticket can be offered")
	}
	if contact.Account == "" {
		ch.reject("contact.account", "", "must be known before a ticket can be offered")
	}
	if r := d.Intake.Requester; r != "" && r != contact.Customer {
		ch.reject("intake.requester", "", "must be empty or the customer of the conversation")
	}
	if a := d.Intake.Account; a != "" && a != contact.Account {
		ch.reject("intake.account", "", "must be empty or the account of the customer")
	}
	o.Intake.Title = ch.title(d.Intake.Title)
	o.Intake.Description = ch.limited("intake.description", d.Intake.Description, MaxBody)
	rest := d.Intake // what is offered must be what can be created (R34)
	rest.Requester, rest.Account, rest.Title, rest.Description = "", "", "-", ""
	if err := rest.Check(); err != nil {
		ch.addTicket("intake", err)
	}
	if d.Severity != 0 && !d.Severity.IsValid() {
		ch.reject("severity", d.Severity.String(), "must be low, medium, high or urgent")
	}
	o.FollowUpOf = k.followed(&cmd)
	o.Shown = fingerprint(c.facts().id, o.ID, o.Intake.Title, o.Intake.Description, o.Summary)
	if guard == guardSupersede {
		ch.closeOffer(OfferSuperseded, ticket.ID{})
	}
	ch.c.offers = append(slices.Clip(ch.c.offers), o)
	ch.c.openOffer = o.head()
	ch.c.offerCount++
	ch.ev.Offer, ch.ev.Shown, ch.ev.Turn = o.ID, o.Shown, l.Turn
	ch.effect(Effect{Kind: EffectTellOffer, Key: c.key("offer", o.ID), Offer: o.ID})
	ch.effect(Effect{
		Kind: EffectArmTimer, Key: c.offerTimer(o.ID), Timer: timerOffer, Due: o.ExpiresAt, Epoch: c.epoch, Offer: o.ID,
	})
	return ch.close(k)
}

// followed returns the ticket of which what the customer writes now is a follow-up,
// and the zero UUID if there is none.
func (k Case) followed(cmd *helpdesk.Command) ticket.ID {
	i := k.done()
	if i < 0 {
		return ticket.ID{}
	}
	t := k.Tickets[i]
	_, events, err := t.AddCustomerMessage(helpdesk.Command{ID: cmd.ID, At: cmd.At, Author: helpdesk.Author{By: helpdesk.ActorCustomer}}, ticket.Message{ID: cmd.ID})
	if err != nil || !slices.ContainsFunc(events, func(ev ticket.Event) bool {
		return slices.ContainsFunc(ev.Effects, func(e ticket.Effect) bool { return e.Kind == ticket.EffectOfferFollowUp })
	}) {
		return ticket.ID{}
	}
	return t.ID()
}

func (ch *change) title(s string) string {
	s = clean.Line(s)
	switch n := clean.Len(s); {
	case n == 0:
		ch.reject("intake.title", "", "must not be empty")
	case n > ticket.MaxTitle:
		ch.tooLong("intake.title", n, ticket.MaxTitle, "runes")
	}
	return s
}

// limited cleans a text that is required and limited.
func (f *faults) limited(field, s string, limit int) string {
	s = clean.Text(s)
	switch n := clean.Len(s); {
	case n == 0:
		f.reject(field, "", "must not be empty")
	case n > limit:
		f.tooLong(field, n, limit, "runes")
	}
	return s
}

// standing says why the offer does not stand, if it does not.
func (c Conversation) standing(k EventKind, id string) error {
	i := c.offer(id)
	switch {
	case id != "" && id == c.openOffer.ID:
		return nil
	case i < 0:
		return &OfferError{Event: k, Offer: id, Reason: offerUnknown}
	case c.offers[i].Status == OfferLapsed:
		return &OfferError{Event: k, Offer: id, Status: OfferLapsed, Reason: offerExpired}
	default:
		return &OfferError{Event: k, Offer: id, Status: c.offers[i].Status, Reason: offerNotOpen}
	}
}

// DeclineOffer records that the customer declines the offer. The AI goes on. Only the
// contact of record can decline.
func (c Conversation) DeclineOffer(cmd helpdesk.Command, offer string) (Conversation, []Event, error) {
	guard := guardNone
	if cmd.By == helpdesk.ActorCustomer && !c.isCustomer(&cmd) {
		guard = guardOtherCustomer
	}
	ch, err := c.begin(EventDeclineOffer, guard, &cmd)
	if err != nil {
		return c, nil, err
	}
	if err := c.standing(EventDeclineOffer, offer); err != nil {
		return c, nil, err
	}
	ch.closeOffer(OfferDeclined, ticket.ID{})
	return ch.finish(c)
}

// ExpireOffer is the command of an offer's timer: the customer has not answered, and
// silence is not consent. The timer of an offer that is no longer open changes nothing:
// there is no event and no error. A timer that fires early is refused.
func (c Conversation) ExpireOffer(cmd helpdesk.Command, offer string) (Conversation, []Event, error) {
	o, ok := c.OpenOffer()
	if (!ok || o.ID != offer) && c.late(EventExpireOffer, &cmd) {
		return c, nil, nil
	}
	guard := guardNone
	if normal(cmd.At).Before(o.ExpiresAt) {
		guard = guardEarly
	}
	ch, err := c.begin(EventExpireOffer, guard, &cmd)
	if err != nil {
		return c, nil, err
	}
	ch.closeOffer(OfferLapsed, ticket.ID{})
	return ch.finish(c)
}

// ConfirmParams are the input of [Case.ConfirmOffer]: the customer's consent, and the
// names of the new ticket. The zero ConfirmParams are refused.
type ConfirmParams struct {
	Offer string `json:"offer,omitzero"` // the ID
	Shown string `json:"shown,omitzero"` // the fingerprint of the text that the customer was shown, from the [Offer]

	// Message is the ID of the customer's message with the consent, which must be in the
	// conversation and later than the offer. Empty means another way of consent, such as
	// a button.
	Message string `json:"message,omitzero"`

	Ticket    ticket.ID        `json:"ticket,omitzero"`    // the ID of the new ticket, made by the caller, see [ticket.NewID]; zero in a call of package desk
	Reference ticket.Reference `json:"reference,omitzero"` // of the new ticket, made by the caller, see [ticket.NewReference]; zero as the ID is

	// ContactAt is the instant of the customer's first request, if the clocks should
	// start then.
	ContactAt time.Time `json:"contact_at,omitzero"`
}

// ConfirmOffer records that the customer confirms an offer. The same decision creates
// the ticket, by the AI on the customer's behalf. On the live chat control passes to
// people; on every other channel control stays with the AI.
//
// Only the customer to whom the offer was made can confirm the offer: not the AI, and
// not a person in copy. The offer must be open and not past its expiry, and the
// confirmation must repeat the fingerprint of the text shown. The [Config] says whether
// another ticket may be open. Otherwise the error is a [*NotAllowedError] or
// an [*OfferError]. Confirming a confirmed offer again changes nothing and returns the
// case with the same ticket: there is no event and no error.
// A nil l is [ticket.Standard].
func (k Case) ConfirmOffer(l *ticket.Lifecycle, cmd helpdesk.Command, d ConfirmParams) (Case, []Event, error) {
	c := k.Conversation
	own := c.isCustomer(&cmd)
	i := c.offer(d.Offer)
	if own && i >= 0 && c.offers[i].Status == OfferConfirmed {
		if c.offers[i].Shown != d.Shown {
			return k, nil, &OfferError{Event: EventConfirmOffer, Offer: d.Offer, Status: OfferConfirmed, Reason: offerText}
		}
		return k, nil, nil
	}
	guard := guardNone
	switch {
	case cmd.By == helpdesk.ActorCustomer && !own:
		guard = guardOtherCustomer
	case k.busy():
		guard = guardOpenTicket
	case c.facts().channel == helpdesk.ChannelLiveChat:
		guard = guardLiveChat
	}
	if own && i >= 0 && c.state.isKnown() && c.state != StatusOffer && c.state != StatusPurged {
		if err := c.standing(EventConfirmOffer, d.Offer); err != nil {
			return k, nil, err // withdrawn, say, and better told so than by the state
		}
	}
	ch, err := k.begin(EventConfirmOffer, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	if err := c.standing(EventConfirmOffer, d.Offer); err != nil {
		return k, nil, err
	}
	if i < 0 {
		return k, nil, &helpdesk.FieldError{Path: "offer", Value: d.Offer, Reason: "must be at hand"}
	}
	o := c.offers[i]
	refuse := func(r OfferReason) (Case, []Event, error) {
		return k, nil, &OfferError{Event: EventConfirmOffer, Offer: o.ID, Status: o.Status, Reason: r}
	}
	switch {
	case !ch.ev.At.Before(o.ExpiresAt):
		return refuse(offerExpired)
	case d.Shown != o.Shown:
		return refuse(offerText)
	case c.facts().contact.Account == "":
		return refuse(offerNoAccount)
	}
	if d.Message != "" {
		r, ok := c.Message(d.Message)
		if !ok || r.By != helpdesk.ActorCustomer || r.Auto || r.At.Before(o.OfferedAt) {
			ch.reject("message", d.Message, "must be a message of the customer after the offer")
		}
		ch.ev.Message = d.Message
	}
	creator := helpdesk.Command{ID: cmd.ID, At: cmd.At, Author: helpdesk.Author{By: helpdesk.ActorAI}}
	in := o.Intake
	in.Requester, in.Account = "", "" // the contact's, whatever a stored offer says
	of := k.index(o.FollowUpOf)
	if of < 0 || !k.Tickets[of].IsDone() { // it was deleted, or goes on after all
		o.FollowUpOf = ticket.ID{}
	} else {
		ch.on(of, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			cmd.Author = creator.Author
			return t.AddFollowUp(cmd, d.Ticket)
		})
	}
	ch.create(creator, l, ticket.Params{
		ID: d.Ticket, Reference: d.Reference, Intake: in, Summary: o.Summary, Severity: o.Severity,
		Offer: o.ID, OnBehalf: true, ContactAt: d.ContactAt, FollowUpOf: o.FollowUpOf,
	})
	ch.closeOffer(OfferConfirmed, d.Ticket)
	ch.ev.Shown = o.Shown
	if ch.next == StatusQueue {
		ch.notify()
	}
	return ch.close(k)
}
