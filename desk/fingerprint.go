package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

const (
	maxCallKey = 200
	keyPrefix  = "key/"
)

// fingerprintVersion is the version of the canonical text. Another text for what a command
// could be given before needs another version, and a build that has one goes on comparing
// what it finds of the versions before, by their text. A member that is new needs none: while
// it is zero, it does not stand in the text.
const fingerprintVersion = 1

// members are what a command was given, by names that stay.
type members []member

type member struct {
	name  string
	value any
}

// A canon is a canonical text: a line for each member that is not zero, with its name, the
// number of bytes of its value and the value. So equal texts are of equal members, whatever
// people wrote.
type canon struct {
	text []byte
	err  error
}

// key returns the idempotency key of the call; its name is empty if it has none. The key is
// its author's own, so the name has the author in it, hashed: nothing personal, and of one
// length.
func (c Meta) key(use inbox.EventKind, input members) (store.Key, []byte, error) {
	if c.IdempotencyKey == "" {
		return store.Key{}, nil, nil
	}
	if !check.IsGraphic(c.IdempotencyKey, maxCallKey) {
		return store.Key{}, nil, &helpdesk.FieldError{Path: "key", Reason: "must be 1 to 200 bytes of printable ASCII without spaces"}
	}
	var name canon
	name.put("", members{{"by", string(c.By)}, {"who", c.Who}, {"key", c.IdempotencyKey}})
	var text canon
	text.put("", members{{"command", string(use)}, {"if_seen", c.IfLastMessage}, {"if_revision", c.IfRevision}})
	text.put("", input)
	if text.err != nil {
		return store.Key{}, nil, fmt.Errorf("desk: %s: %w", use, text.err)
	}
	return store.Key{Name: keyPrefix + hashed(string(name.text)), Result: store.Result{Fingerprint: text.fingerprint()}}, text.text, nil
}

// fingerprint returns what is stored of the text: its version, and its hash.
func (c *canon) fingerprint() string {
	sum := sha256.Sum256(c.text)
	return strconv.Itoa(fingerprintVersion) + ":" + hex.EncodeToString(sum[:])
}

// sameCommand returns nil if a fingerprint that is stored is that of the command. One of a
// newer version cannot be compared here: the command was carried out, or another with its
// key, and only a build that knows can tell. Nothing is done, and the caller can ask again.
func sameCommand(c Meta, stored, own string) error {
	if stored == own {
		return nil
	}
	text, _, ok := strings.Cut(stored, ":")
	n, err := strconv.Atoi(text)
	switch {
	case !ok || err != nil || n < 1:
		return fmt.Errorf("desk: result of a key: %w", helpdesk.ErrDamaged)
	case n > fingerprintVersion:
		return fmt.Errorf("desk: result of a key: %w", ErrNewer)
	default:
		return &KeyReusedError{Key: c.IdempotencyKey}
	}
}

// line writes a value that is not zero.
func (c *canon) line(name, value string) {
	c.text = append(c.text, name...)
	c.text = append(c.text, ' ')
	c.text = strconv.AppendInt(c.text, int64(len(value)), 10)
	c.text = append(c.text, ':')
	c.text = append(c.text, value...)
	c.text = append(c.text, '\n')
}

// put writes a value, and its members one by one. Every type that commands take is named
// here or in membersOf.
func (c *canon) put(name string, value any) {
	text := ""
	switch v := value.(type) {
	case nil:
	case members:
		for _, m := range v {
			path := m.name
			if name != "" {
				path = name + "." + m.name
			}
			c.put(path, m.value)
		}
	case string:
		text = v
	case bool:
		text = orZero(v, strconv.FormatBool)
	case int:
		text = orZero(v, strconv.Itoa)
	case int64:
		text = orZero(v, func(n int64) string { return strconv.FormatInt(n, 10) })
	case uint64:
		text = orZero(v, func(n uint64) string { return strconv.FormatUint(n, 10) })
	case time.Time:
		if !v.IsZero() {
			text = v.UTC().Format("2006-01-02T15:04:05.000000000Z")
		}
	case inbox.Duration:
		text = orZero(v, func(d inbox.Duration) string { return strconv.FormatInt(int64(d), 10) + "ns" })
	case inbox.ID:
		text = orZero(v, inbox.ID.String)
	case ticket.ID:
		text = orZero(v, ticket.ID.String)
	case severity.Level:
		text = orZero(v, severity.Level.String)
	default:
		all, ok := membersOf(value)
		if !ok {
			c.err = fmt.Errorf("%T of %q has no canonical form", value, name)
		}
		c.put(name, all)
	}
	if text != "" {
		c.line(name, text)
	}
}

func orZero[T comparable](v T, text func(T) string) string {
	if v == *new(T) {
		return ""
	}
	return text(v)
}

// membersOf returns the members of what commands take, by the names of their JSON forms. A
// list has its length beside its elements, since an element can be zero.
func membersOf(value any) (members, bool) {
	switch v := value.(type) {
	case inbox.StartParams:
		return members{
			{"conversation", v.ID},
			{"kind", string(v.Kind)},
			{"channel", string(v.Channel)},
			{"contact", v.Contact},
			{"continues", v.Continues},
			{"people", v.People},
			{"had_ticket", v.HadTicket},
			{"message", v.Message},
		}, true
	case inbox.Contact:
		return members{
			{"customer", v.Customer}, {"account", v.Account}, {"name", v.Name}, {"email", v.Email}, {"phone", v.Phone}, {"locale", v.Locale},
		}, true
	case inbox.CustomerMessageParams:
		return members{{"message", v.MessageParams}, {"aside", v.Aside}, {"forwarded", v.Forwarded}}, true
	case inbox.MessageParams:
		return members{{"id", v.ID}, {"body", v.Body}, {"sent_at", v.SentAt}, {"blobs", v.Attachments}, {"via", string(v.Via)}, {"subject", v.Subject}}, true
	case []inbox.AttachmentRef:
		all := members{{"n", len(v)}}
		for i, a := range v {
			all = append(all, member{strconv.Itoa(i), members{{"ref", a.Ref}, {"type", a.Type}, {"size", a.Size}, {"sha256", a.SHA256}}})
		}
		return all, true
	case inbox.ControlToken:
		return members{{"conversation", v.Conversation}, {"epoch", v.Epoch}, {"turn", v.Turn}}, true
	case inbox.OfferParams:
		return members{
			{"id", v.ID}, {"reason", v.Reason}, {"intake", v.Intake}, {"summary", v.Summary}, {"severity", v.Severity}, {"supersedes", v.Supersedes},
		}, true
	case inbox.ConfirmParams:
		return members{
			{"offer", v.Offer},
			{"shown", v.Shown},
			{"message", v.Message},
			{"ticket", v.Ticket},
			{"reference", string(v.Reference)},
			{"contact_at", v.ContactAt},
		}, true
	case inbox.CreateTicketParams:
		return members{
			{"ticket", v.ID},
			{"reference", string(v.Reference)},
			{"intake", v.Intake},
			{"summary", v.Summary},
			{"severity", v.Severity},
			{"about", v.About},
			{"proactive", v.Proactive},
			{"contact_at", v.ContactAt},
			{"follow_up_of", v.FollowUpOf},
		}, true
	case inbox.ArchiveParams:
		return members{{"reason", string(v.Reason)}, {"solution", v.Resolution}}, true
	case inbox.Config:
		manual := make([]string, len(v.Manual)) // a set
		for i, ch := range v.Manual {
			manual[i] = string(ch)
		}
		slices.Sort(manual)
		return members{
			{"add_on", v.AddOn},
			{"manual", strings.Join(slices.Compact(manual), " ")},
			{"max_turns", v.MaxTurns},
			{"offer_ttl", v.OfferTTL},
			{"archived", string(v.Archived)},
			{"open_ticket", string(v.OpenTicket)},
			{"staff_may_not_create", v.StaffMayNotCreate},
			{"several_tickets", v.SeveralTickets},
			{"one_ticket", v.OneTicket},
			{"no_action", v.NoAction},
			{"not_closed", v.NotClosed},
			{"queue_wait", v.QueueWait},
			{"rest", v.Rest},
			{"idle", v.Idle},
			{"clock", string(v.Clock)},
		}, true
	default:
		return membersOfTicket(value)
	}
}

// membersOfTicket is membersOf for what package ticket has.
func membersOfTicket(value any) (members, bool) {
	switch v := value.(type) {
	case ticket.Intake:
		return members{
			{"requester", v.Requester},
			{"account", v.Account},
			{"kind", string(v.Kind)},
			{"title", v.Title},
			{"description", v.Description},
			{"answers", v.Answers},
			{"first_seen", v.FirstSeen},
			{"steps", v.Steps},
			{"expected", v.Expected},
			{"actual", v.Actual},
			{"page", v.Page},
			{"versions", v.Versions},
			{"evidence", v.Evidence},
		}, true
	case severity.Answers:
		return members{
			{"affected", orZero(v.Affected, severity.Affected.String)},
			{"ability", orZero(v.Ability, severity.Ability.String)},
			{"workaround", orZero(v.Workaround, severity.Workaround.String)},
			{"persistence", orZero(v.Persistence, severity.Persistence.String)},
		}, true
	case ticket.ResolveParams:
		return members{{"action", v.Action}, {"details", v.Details}, {"reason", string(v.Reason)}}, true
	case ticket.CorrectSeverityParams:
		return members{{"level", v.Level}, {"reason", v.Reason}}, true
	case ticket.LegalHoldParams:
		return members{{"id", v.ID}, {"reason", v.Reason}, {"privileged", v.Privileged}}, true
	default:
		return nil, false
	}
}
