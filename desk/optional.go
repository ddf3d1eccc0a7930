package desk

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// The ports below are optional: see [Config]. Implementations must be safe for
// concurrent use.

// A Notifier tells members of the team that something happened. It is asked again
// with the same key after an error, and if the outcome was lost.
type Notifier interface {
	Notify(context.Context, Notice) error
}

// A Notice is what a member of the team is told. It is plain data, and holds
// nothing that people wrote.
type Notice struct {
	Tenant       store.TenantID
	Key          string // the same whenever the same is told
	Agent        string // whom; empty is the whole team
	Conversation uuid.UUID
	Ticket       uuid.UUID // may be zero
	Cause        string    // what happened: an event of package inbox or ticket, sla_warning or sla_breach
	At           time.Time
}

// Effects does what a lifecycle of the host's own calls for. It is asked again
// with the same key after an error, and if the outcome was lost.
type Effects interface {
	Do(ctx context.Context, t store.TenantID, of uuid.UUID, e ticket.Effect) error
}

// An Index is whatever the host keeps about records elsewhere, such as a search
// index or a cache (T40).
type Index interface {
	// Forget removes everything about the records. Doing it again is no error.
	Forget(ctx context.Context, t store.TenantID, of ...store.Ref) error

	// Residue counts what is left of the records.
	Residue(ctx context.Context, t store.TenantID, of ...store.Ref) (int, error)
}

// Contracts knows which channel partner an account belongs to (R9).
type Contracts interface {
	// Partner returns the partner of the account, and "" for the vendor's own.
	Partner(ctx context.Context, t store.TenantID, account string) (string, error)
}

// Hooks are called while a desk works, for traces and figures. They have the shape
// of OpenTelemetry's calls, and need no part of it. Attributes are names, codes
// and IDs, never what people wrote. Hooks that are nil are not called; the others
// must be safe for concurrent use, quick, and must not call the desk.
type Hooks struct {
	// Start begins a span. What it returns takes the place of the context, and is
	// called when the span ends, with its error or nil.
	Start func(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, func(error))

	// Count adds to a counter.
	Count func(ctx context.Context, name string, n int64, attrs ...slog.Attr)
}

func (h Hooks) start(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, func(error)) {
	if h.Start == nil {
		return ctx, func(error) {}
	}
	return h.Start(ctx, name, attrs...)
}

func (h Hooks) count(ctx context.Context, name string, n int64, attrs ...slog.Attr) {
	if h.Count != nil && n != 0 {
		h.Count(ctx, name, n, attrs...)
	}
}

// The names of the counters of [Hooks].
const (
	CountCommands  = "desk.commands"   // commands that were carried out
	CountRaces     = "desk.races"      // decisions that were made anew because somebody was faster
	CountUncertain = "desk.uncertain"  // commits whose outcome had to be looked up
	CountSent      = "desk.sent"       // messages that a transport took
	CountRetried   = "desk.retried"    // messages to be tried again
	CountParked    = "desk.parked"     // messages that were given up
	CountStale     = "desk.stale"      // answers of the AI that came too late (T32)
	CountTimers    = "desk.timers"     // timers that were handled
	CountPurged    = "desk.purged"     // records that were deleted
	CountRefused   = "desk.refused"    // sweeps that were refused (T35)
	CountClockBack = "desk.clock_back" // how often the clock was found to have gone back (T34)
)

// Words.

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
type Occasion struct {
	Kind OccasionKind

	Body inbox.Untrusted // reply: what was written

	Offer inbox.OfferView // offer

	// Of the ticket.
	Reference   ticket.Reference
	Title       string
	Description string
	Summary     string
	Action      string // mail_resolved: the action taken (R50)
	Details     string // mail_resolved
}

// A Wording is what is said. The subject stands in mails only; it is made one line
// and cut to 78 runes.
type Wording struct {
	Subject string
	Body    string
}

// English says everything in English, with the reference as the only thing in a
// subject: what people wrote does not stand there, so nobody can use the helpdesk
// to send text of theirs to others (T16).
func English(o Occasion) Wording {
	ref := string(o.Reference)
	switch o.Kind {
	case OccasionOffer:
		return Wording{"Shall we open a support ticket?", paragraphs(
			"I can open a support ticket for you.", o.Offer.Title, o.Offer.Description, o.Offer.Summary, "Shall I?",
		)}
	case OccasionHolding:
		return Wording{"Your conversation with us", "A member of our team will answer you here."}
	case OccasionTicket:
		return Wording{"Your support ticket " + ref, paragraphs("Your support ticket is "+ref+".", o.Summary)}
	case OccasionRemind:
		return Wording{"Your support ticket " + ref, "We need an answer from you to go on with your support ticket " + ref + "."}
	case OccasionMailCreated:
		return Wording{"Your support ticket " + ref, paragraphs(
			"We have opened the support ticket "+ref+" for you.", o.Title, o.Description,
		)}
	case OccasionMailResolved:
		return Wording{"Your support ticket " + ref + " is resolved", paragraphs(
			"Your support ticket "+ref+" is resolved.", o.Title, "Action taken: "+o.Action, o.Details,
		)}
	default: // a reply says itself what it says
		return Wording{"Your conversation with us", string(o.Body)}
	}
}

// paragraphs puts an empty line between texts, and leaves out those that are empty.
func paragraphs(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), "\n\n")
}
