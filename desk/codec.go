package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// The kinds of records that a desk keeps.
const (
	kindConversation = "conversation" // all but its messages
	kindTicket       = "ticket"
	kindBlob         = "blob"      // that messages of a conversation have an attachment
	kindSettings     = "settings"  // of the tenant
	kindSweep        = "sweep"     // the last sweep of the tenant
	kindPurge        = "purge"     // a deletion that is under way
	kindGone         = "gone"      // that something was deleted, by the keyed hash of its ID
	kindTombstone    = "tombstone" // the proof of a deletion
	kindMails        = "mails"     // how many mails an account got lately
	kindSender       = "sender"    // how many conversations a sender of mail began lately
)

// The logs of records.
const (
	logMessage    = "message"   // public messages of a conversation, by number
	logNote       = "note"      // notes of a conversation, by number
	logLost       = "lost"      // whether a message did not arrive, by number and how often that changed
	logOffer      = "offer"     // offers of a conversation, by number
	logOfferEnd   = "offer_end" // what became of an offer, by its number
	logEvent      = "event"
	logClock      = "clock"      // the finished clocks of a ticket
	logText       = "text"       // the long texts of the form of a ticket, in parts
	logResolution = "resolution" // the texts of the resolutions of a ticket, by closing
	logReopening  = "reopening"  // why a ticket was reopened, by closing
	logKept       = "kept"       // the kept log of a ticket, if too long for it
)

// The attributes by which records are listed. Package store has the columns.
const (
	attrList         = "list"
	attrCustomer     = "customer"
	attrChannel      = "channel"
	attrTag          = "tag"
	attrHolder       = "holder" // the member of the team
	attrUnread       = "unread" // has unread notifications of the member of the team
	attrConversation = "conversation"
	attrStatus       = "status"
	attrCategory     = "category"
	attrOpen         = "open"
	attrAssignee     = "assignee"
	attrAccount      = "account"
	attrSeverity     = "severity"
	attrReference    = "reference"
	attrBlob         = "blob" // reference of an attachment of a message
	attrUpdated      = "updated"
	attrDue          = "due"
	attrBreached     = "breached"
	attrPurge        = "purge"
	attrPolicy       = "policy"
)

// causeNoContract is why the team is told of a ticket without targets (R80).
const causeNoContract = "no_contract"

// timerDue is the name of the one timer of a record (S28).
const timerDue = "due"

// dueTimer is the timer of a record; a zero instant removes it.
func dueTimer(of store.Ref, at time.Time) store.Timer {
	return store.Timer{Of: of, Name: timerDue, At: at}
}

func conversationRef(id inbox.ID) store.Ref {
	return store.Ref{Kind: kindConversation, ID: id.String()}
}
func ticketRef(id ticket.ID) store.Ref { return store.Ref{Kind: kindTicket, ID: id.String()} }

// conversationID returns the ID that s spells.
func conversationID(s string) (inbox.ID, error) {
	id, err := uuid.Parse(s)
	return inbox.ID(id), err
}

// ticketID returns the ID that s spells.
func ticketID(s string) (ticket.ID, error) {
	id, err := uuid.Parse(s)
	return ticket.ID(id), err
}

// A conversationBody is what is stored of a conversation. Its messages and offers are
// entries of logs, so that a new one does not write the old ones again.
type conversationBody struct {
	envelope

	Conversation inbox.Snapshot     `json:"c"`                    // without messages and offers
	Holds        []ticket.LegalHold `json:"holds,omitempty"`      // on the conversation itself
	ReleasedAt   time.Time          `json:"released_at,omitzero"` // when the last of them was released
	ErasureAt    time.Time          `json:"erasure_at,omitzero"`  // when somebody asked for its erasure
	ArchivedAt   time.Time          `json:"archived_at,omitzero"` // at the earliest; zero: when it says. See work.notBefore
	Purge        time.Time          `json:"purge,omitzero"`       // when it is to be deleted; zero: not by itself
	Timer        time.Time          `json:"timer,omitzero"`       // when it is to be looked at
	Events       uint64             `json:"events,omitzero"`      // in its log
	Successor    inbox.ID           `json:"successor,omitzero"`   // the conversation where it goes on
	Promise      promiseBody        `json:"promise,omitzero"`     // the clocks of its newest episode
	Due          time.Time          `json:"due,omitzero"`         // the earliest deadline of these
	Breached     bool               `json:"breached,omitzero"`    // one of these was missed, and somebody waits
}

// A ticketBody is what is stored of a ticket.
type ticketBody struct {
	envelope

	Ticket ticket.Snapshot `json:"t"` // without its long texts

	Tags []string `json:"tags,omitempty"` // of its conversation, to be listed by

	Labels []label `json:"labels,omitempty"` // of its account when it was created

	Policy     sla.Ref    `json:"policy,omitzero"`      // which it was opened under; zero: it has no targets
	Opened     ClockRules `json:"opened,omitzero"`      // the rules that it was opened under
	NoContract bool       `json:"no_contract,omitzero"` // there are no targets because its partner has no contract on file
	Rules      ClockRules `json:"rules,omitzero"`       // those under which its clocks were looked at last, if they are others
	Through    time.Time  `json:"through,omitzero"`     // up to when its clocks were looked at
	Told       []told     `json:"told,omitempty"`       // the warnings and breaches that were recorded of the newest cycles
	Claim      toldClaim  `json:"claim,omitzero"`       // what was recorded of the claim that nobody has decided about
	Lasts      []int      `json:"lasts,omitempty"`      // at each loss of an answer that made cycles one: the last of them then

	Finished finishedClocks `json:"finished,omitzero"`
	LogApart bool           `json:"log_apart,omitzero"` // the kept events are a record of their own

	Texts textCounts `json:"texts,omitzero"` // the entries of its long texts

	Notices []string `json:"notices,omitempty"` // keys of what the team was told of it and may not have been sent

	MailFailed MailEvent `json:"mail_failed,omitzero"` // the last mail to the account, if it was given up

	WaitingSince time.Time `json:"waiting_since,omitzero"` // since when an answer is awaited
	Asked        string    `json:"asked,omitzero"`         // ID of the message that asked last
	Sent         bool      `json:"sent,omitzero"`          // what was asked has left
	Unreached    bool      `json:"unreached,omitzero"`     // and did not arrive
	Overheard    bool      `json:"overheard,omitzero"`     // somebody in copy wrote since, and no person of the team acted
	Elsewhere    time.Time `json:"elsewhere,omitzero"`     // when to look again whether what the customer wrote elsewhere was read
	Reminded     int       `json:"reminded,omitzero"`      // how often since then
	RemindedAt   time.Time `json:"reminded_at,omitzero"`

	ClosedAt   time.Time `json:"closed_at,omitzero"`   // when it was last closed, at the earliest; zero: when it says. See work.notBefore
	ReleasedAt time.Time `json:"released_at,omitzero"` // when the last hold was released
	ErasureAt  time.Time `json:"erasure_at,omitzero"`  // when somebody asked for its erasure
	Purge      time.Time `json:"purge,omitzero"`       // when it is to be deleted; zero: not yet
	Timer      time.Time `json:"timer,omitzero"`       // when it is to be looked at
	Due        time.Time `json:"due,omitzero"`         // the earliest deadline of its clocks
	Breached   bool      `json:"breached,omitzero"`
	Events     uint64    `json:"events,omitzero"` // in its log
}

// cutBytes returns s, cut to so many bytes between two runes.
func cutBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// attributes are those of a change while it is made.
type attributes []store.Attribute

func (a *attributes) text(name, value string) {
	if value != "" {
		*a = append(*a, store.Attribute{Name: name, Value: store.Text(cutBytes(value, maxAttribute))})
	}
}

// tags adds the tags of a conversation, in the form by which they are told apart.
func (a *attributes) tags(tags []string) {
	for _, t := range tags {
		a.text(attrTag, strings.ReplaceAll(t, "\uFE0F", "")) // which has a character shown as an emoji
	}
}

func (a *attributes) instant(name string, at time.Time) {
	if !at.IsZero() {
		*a = append(*a, store.Attribute{Name: name, Value: store.Instant(at)})
	}
}

func (a *attributes) bool(name string, b bool) {
	*a = append(*a, store.Attribute{Name: name, Value: store.Bool(b)})
}

// maxAttribute is how many bytes of a text are listed.
const maxAttribute = 256

// change returns the change that stores b.
func (b *conversationBody) change(expected store.Revision) (store.Change, error) {
	b.Conversation.Messages, b.Conversation.Offers = nil, nil
	body, err := encode(b)
	if err != nil {
		return store.Change{}, err
	}
	s := &b.Conversation
	list := s.Status.List()
	a := make(attributes, 0, 14+len(s.Tags))
	a.text(attrConversation, s.ID.String())
	a.text(attrList, string(list))
	a.text(attrChannel, string(s.Channel))
	a.text(attrCustomer, s.Contact.Customer)
	a.text(attrAccount, s.Contact.Account)
	a.text(attrHolder, s.Who)
	a.tags(s.Tags)
	var unread []string
	for _, n := range s.Notifications {
		if !n.IsRead() {
			unread = append(unread, unreadBy(n.Agent))
		}
	}
	slices.Sort(unread)
	for _, u := range slices.Compact(unread) {
		a.text(attrUnread, u)
	}
	a.text("kind", string(s.Kind))
	a.bool(attrOpen, list == inbox.ListActive || list == inbox.ListAutomated)
	a.instant("created", s.StartedAt)
	a.instant(attrUpdated, s.UpdatedAt)
	a.instant(attrDue, b.Due)
	a.instant("archived", s.ArchivedAt)
	a.instant(attrPurge, b.Purge)
	a.instant("last_in", s.LastWordAt)
	a.bool(attrBreached, b.Breached)
	return store.Change{Ref: conversationRef(s.ID), Expected: expected, Body: body, Attributes: a}, nil
}

// unreadBy is the value of fieldUnread: the team has none that an agent can have.
func unreadBy(agent string) string {
	if agent == "" {
		return "team"
	}
	return "agent:" + agent
}

// due returns when the conversation is to be looked at next, and the zero time for
// never: at the first of its pending escalations, when its offer expires, or when a clock
// comes to something.
func (b *conversationBody) due() time.Time {
	var at time.Time
	for _, e := range b.Conversation.Escalations {
		if e.IsPending() {
			at = first(at, e.Due)
		}
	}
	return first(first(at, b.Conversation.OpenOffer.ExpiresAt), b.Promise.Next)
}

// first returns the earlier instant; a zero one is none.
func first(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// change returns the change that stores b, which has the snapshot of t.
func (b *ticketBody) change(t ticket.Ticket, expected store.Revision) (store.Change, error) {
	body, err := encode(b)
	if err != nil {
		return store.Change{}, err
	}
	s := &b.Ticket
	a := make(attributes, 0, 20+len(b.Tags))
	a.text(attrConversation, t.Conversation())
	a.text(attrReference, string(t.Reference()))
	a.text("lifecycle", s.Lifecycle)
	a.text(attrStatus, string(t.Status()))
	a.text(attrCategory, string(t.Category()))
	a.bool(attrOpen, !t.IsDone())
	a.text(attrSeverity, t.Severity().String())
	a.text(attrAssignee, t.Assignee())
	a.text(attrCustomer, t.Requester())
	a.text(attrAccount, t.Account())
	a.text(attrChannel, string(t.Channel()))
	a.tags(b.Tags)
	a.text("title", t.Intake().Title)
	switch {
	case b.NoContract:
		a.text(attrPolicy, causeNoContract) // which no policy is called: it would have a version
	case b.Policy != sla.Ref{}:
		a.text(attrPolicy, b.Policy.String())
	}
	a.instant("created", t.CreatedAt())
	a.instant(attrUpdated, t.UpdatedAt())
	if t.IsDone() {
		a.instant("resolved", t.LastClosedAt())
	} else {
		a.instant(attrDue, b.Due)
	}
	a.instant(attrPurge, b.Purge)
	a.bool(attrBreached, b.Breached)
	if into := t.MergedInto(); into != (ticket.ID{}) {
		a.text("merged_into", into.String())
	}
	if of := s.FollowUpOf; of != (ticket.ID{}) {
		a.text("follow_up_of", of.String())
	}
	return store.Change{Ref: ticketRef(t.ID()), Expected: expected, Body: body, Attributes: a}, nil
}

// An entryBody is what is stored of an event.
type entryBody struct {
	envelope

	Type  string          `json:"type"`
	Event json.RawMessage `json:"event"`
}

// eventEntry returns the n-th event of a record. It is written as an entryBody, whose Event
// it points to.
func eventEntry(of store.Ref, n uint64, id, kind string, at time.Time, event any) (store.Entry, error) {
	body, err := encode(&struct {
		envelope

		Type  string `json:"type"`
		Event any    `json:"event"`
	}{Type: kind, Event: event})
	return store.Entry{Of: of, Log: logEvent, N: n, ID: id, At: at, Body: body}, err
}

// item returns what retention has to know of the ticket.
func (b *ticketBody) item(t ticket.Ticket, rev store.Revision) retention.Item {
	return retention.Item{
		TicketID: t.ID().String(), ConversationID: t.Conversation(), Revision: string(rev),
		Open: !t.IsDone(), LastClosedAt: later(t.LastClosedAt(), b.ClosedAt),
		Holds: holds(t.Holds()), ReleasedAt: b.ReleasedAt, ErasureAt: b.ErasureAt,
	}
}

// record returns what retention has to know of the conversation, but for its tickets.
func (b *conversationBody) record(rev store.Revision) retention.Conversation {
	s := &b.Conversation
	c := retention.Conversation{
		ID: s.ID.String(), Revision: string(rev),
		Open: s.Status != inbox.StatusArchived, ClosedAt: later(s.ArchivedAt, b.ArchivedAt), LastWordAt: s.LastWordAt,
		Holds: holds(slices.Values(b.Holds)), ReleasedAt: b.ReleasedAt, ErasureAt: b.ErasureAt,
	}
	return c
}

// holds returns those of a ticket or a conversation as package retention knows them.
func holds(of func(yield func(ticket.LegalHold) bool)) retention.Holds {
	var out retention.Holds
	for h := range of {
		out = append(out, retention.Hold{ID: h.ID, PlacedAt: h.At})
	}
	return out
}

// hashed returns a key of fixed length.
func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

var settingsRef = store.Ref{Kind: kindSettings, ID: "inbox"}

// A settingsBody is what is stored of a tenant's settings.
type settingsBody struct {
	envelope

	Inbox     inbox.Config `json:"inbox"`
	Switching bool         `json:"switching,omitzero"` // conversations may have to be taken from the AI
	Events    uint64       `json:"events,omitzero"`    // in its log
}

// policy returns the policy of the settings, and def for none.
func (s *settingsBody) policy(def *inbox.Policy) (*inbox.Policy, error) {
	if s.Version == 0 {
		return def, nil
	}
	p, err := inbox.NewPolicy(s.Inbox)
	if err != nil {
		return nil, s.unfit(settingsRef)
	}
	return p, nil
}

func (s *settingsBody) change(expected store.Revision) (store.Change, error) {
	body, err := encode(s)
	if err != nil {
		return store.Change{}, err
	}
	return store.Change{Ref: settingsRef, Expected: expected, Body: body}, nil
}

var sweepRef = store.Ref{Kind: kindSweep, ID: "sweep"}

// A sweepBody is what is stored of a tenant's sweeps.
type sweepBody struct {
	envelope

	Watermark time.Time       `json:"watermark"`
	Next      time.Time       `json:"next,omitzero"`   // when the next sweep is due
	Tail      retention.Sum   `json:"tail,omitzero"`   // of the chain of tombstones
	Buried    uint64          `json:"buried,omitzero"` // how many tombstones there ever were
	Last      RetentionReport `json:"last,omitzero"`
	Secrets   []secretUse     `json:"secrets,omitempty"` // with which tombstones were made that are kept
}

func (s *sweepBody) change(expected store.Revision, next time.Time) (store.Change, error) {
	s.Next = next
	body, err := encode(s)
	if err != nil {
		return store.Change{}, err
	}
	return store.Change{Ref: sweepRef, Expected: expected, Body: body}, nil
}

// batch returns the batch that stores s, to be done again at next.
func (s *sweepBody) batch(expected store.Revision, next time.Time) (store.Batch, error) {
	c, err := s.change(expected, next)
	return store.Batch{Changes: []store.Change{c}, Timers: []store.Timer{dueTimer(sweepRef, next)}}, err
}

// A secretUse says until when something is kept that was made with a secret.
type secretUse struct {
	ID    string        `json:"id"`
	Check retention.Sum `json:"check"`          // shows other bytes under the same ID
	Until time.Time     `json:"until,omitzero"` // zero: for ever
}

// A told says what the team was told of a cycle. A ticket keeps that of the newest cycle of
// each metric, which is the only one that can run again.
type told struct {
	Metric sla.Metric  `json:"metric"`
	Cycle  int         `json:"cycle"`
	Levels []toldLevel `json:"levels,omitempty"`
}

// A toldLevel is what was told of a cycle while a level was in force: its breach, and the
// highest threshold, which every lower one went before.
type toldLevel struct {
	Severity severity.Level `json:"severity"`
	Percent  int            `json:"percent,omitzero"`
	Breached bool           `json:"breached,omitzero"`
}

// A toldClaim says what the team was told of a decision that is due (S36). A ticket keeps that of
// the newest claim.
type toldClaim struct {
	At   time.Time `json:"at,omitzero"` // since when the level is claimed
	Told []told    `json:"told,omitempty"`
}

// textCounts say of a ticket what entries its long texts have.
type textCounts struct {
	Form    uint64 `json:"form,omitzero"`    // in logText; zero: none, or not counted
	Reasons int    `json:"reasons,omitzero"` // in logReopening
}

// finishedClocks say of a ticket what entries it has in logClock.
type finishedClocks struct {
	N        uint64 `json:"n,omitzero"`
	Breached bool   `json:"breached,omitzero"` // one of them was
}

// rules are those under which the clocks of a ticket were looked at last.
func (b *ticketBody) rules() ClockRules {
	if b.Rules != (ClockRules{}) {
		return b.Rules
	}
	return b.Opened
}
