package desk

import (
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// An OccasionKind says what there is to say.
type OccasionKind string

// The kinds of occasion.
const (
	OccasionReply        OccasionKind = "reply"         // what somebody of the team, or the AI, wrote
	OccasionOffer        OccasionKind = "offer"         // an offer to open a ticket (R27)
	OccasionHolding      OccasionKind = "holding"       // a person will answer (T31)
	OccasionTicket       OccasionKind = "ticket"        // reference and summary, in the conversation (R35)
	OccasionRemind       OccasionKind = "remind"        // an answer is awaited
	OccasionMailCreated  OccasionKind = "mail_created"  // confirmation of a ticket (R36)
	OccasionMailResolved OccasionKind = "mail_resolved" // confirmation of a resolution (R49)
)

// An Occasion is something that the library says to a customer, with what it is
// about. It is plain data; fields that an occasion does not use are zero.
type TemplateData struct {
	Kind OccasionKind `json:"kind,omitzero"`

	Body inbox.Untrusted `json:"body,omitzero"` // reply: what was written

	Offer inbox.OfferView `json:"offer,omitzero"` // offer

	// Of the ticket.
	Reference   ticket.Reference `json:"reference,omitzero"`
	Title       string           `json:"title,omitzero"`
	Description string           `json:"description,omitzero"`
	Summary     string           `json:"summary,omitzero"`
	Action      string           `json:"action,omitzero"`  // mail_resolved: the action taken (R50)
	Details     string           `json:"details,omitzero"` // mail_resolved
}

// A Wording is what is said. The subject stands in mails only; it is made one line
// and cut to 78 runes.
type Content struct {
	Subject string `json:"subject,omitzero"`
	Body    string `json:"body,omitzero"`
}

// English says everything in English, with the reference as the only thing in a
// subject: what people wrote does not stand there, so nobody can use the helpdesk
// to send text of theirs to others (T16).
func English(o TemplateData) Content {
	ref := string(o.Reference)
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
