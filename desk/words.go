package desk

import (
	"slices"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// An OccasionKind names the occasion of a message to a customer.
type OccasionKind string

// The occasions of messages to customers.
const (
	OccasionReply        OccasionKind = "reply"         // a member of the team or the AI wrote the message
	OccasionOffer        OccasionKind = "offer"         // the AI offers a ticket
	OccasionHolding      OccasionKind = "holding"       // a person will answer
	OccasionTicket       OccasionKind = "ticket"        // the reference and the summary of a new ticket, in the conversation
	OccasionRemind       OccasionKind = "remind"        // the team still waits for an answer
	OccasionMailCreated  OccasionKind = "mail_created"  // a mail confirms a new ticket
	OccasionMailResolved OccasionKind = "mail_resolved" // a mail confirms the resolution of a ticket
)

// TemplateData describes a message to a customer, for the texts in Config.Templates.
// It is plain data; fields that an occasion does not use are zero.
type TemplateData struct {
	Kind OccasionKind `json:"kind,omitzero"`

	Tenant   store.TenantID   `json:"tenant,omitzero"`
	Channel  helpdesk.Channel `json:"channel,omitzero"`  // that the text is for; email for a mail to the account
	Customer string           `json:"customer,omitzero"` // a reference, as in an [inbox.Contact]; empty: not known

	// Account is the account of the customer. If Accounts does not answer in time, only its Ref
	// is set.
	Account Account `json:"account,omitzero"`

	// Locale is the language of the text, such as de-AT: that of the contact, or else that of the
	// account; the other way round for a mail to the account. Empty: neither is known.
	Locale string `json:"locale,omitzero"`

	Body inbox.Untrusted `json:"body,omitzero"` // reply: the text

	Offer inbox.OfferView `json:"offer,omitzero"` // offer

	// Reference and the fields below describe the ticket.
	Reference   ticket.Reference `json:"reference,omitzero"`
	Title       string           `json:"title,omitzero"`
	Description string           `json:"description,omitzero"`
	Summary     string           `json:"summary,omitzero"`
	Action      string           `json:"action,omitzero"`  // mail_resolved: the action taken
	Details     string           `json:"details,omitzero"` // mail_resolved

	// Reason, of mail_resolved, is that of the resolution: no_answer if the customer did not
	// answer, whose Action is "no answer".
	Reason ticket.ResolveReason `json:"reason,omitzero"`
}

// A Content is the text of a message. Only a mail has a subject, which is made one
// line and cut to 78 runes. It is plain data; the zero Content cannot be sent,
// because its body is empty.
type Content struct {
	Subject string `json:"subject,omitzero"`
	Body    string `json:"body,omitzero"`
}

// English returns the English text of a message. The reference of the ticket is the
// only variable part of a subject: no subject repeats text that people wrote, so
// nobody can send text to others through the helpdesk.
func English(o TemplateData) Content {
	ref := string(o.Reference) // T16
	switch o.Kind {
	case OccasionOffer:
		return Content{"Shall we open a support ticket?", paragraphs(
			"I can open a support ticket for you.", o.Offer.Title, o.Offer.Description, o.Offer.Summary, "Shall I?",
		)}
	case OccasionHolding:
		return Content{"Your conversation with us", "A member of our team will answer you here."}
	case OccasionTicket:
		return Content{"Your support ticket " + ref, paragraphs("Your support ticket is "+ref+".", o.Summary)}
	case OccasionRemind:
		return Content{"Your support ticket " + ref, "We need an answer from you to go on with your support ticket " + ref + "."}
	case OccasionMailCreated:
		return Content{"Your support ticket " + ref, paragraphs(
			"We have opened the support ticket "+ref+" for you.", o.Title, o.Description,
		)}
	case OccasionMailResolved:
		return Content{"Your support ticket " + ref + " is resolved", paragraphs(
			"Your support ticket "+ref+" is resolved.", o.Title, "Action taken: "+o.Action, o.Details,
		)}
	default: // a reply says itself what it says
		return Content{"Your conversation with us", string(o.Body)}
	}
}

// paragraphs puts an empty line between texts, and leaves out those that are empty.
func paragraphs(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), "\n\n")
}
