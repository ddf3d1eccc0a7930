package inbox

import (
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/strictjson"
	"github.com/deskcore/helpdesk/sla/hours"
)

// OnArchived is the effect of a message in an archived conversation. The zero OnArchived
// is [ArchivedReopen].
type OnArchived string

// The effects of a message in an archived conversation.
const (
	ArchivedReopen          OnArchived = "reopen"           // the conversation is active again
	ArchivedEscalate        OnArchived = "escalate"         // the conversation stays archived, and one escalation is armed
	ArchivedNewConversation OnArchived = "new_conversation" // a new, linked conversation begins
)

// OnOpenTicket is the answer to archiving while a ticket of the conversation is open. The
// zero OnOpenTicket is [OpenTicketRefuse].
type OnOpenTicket string

// The answers to archiving while a ticket is open.
const (
	OpenTicketRefuse  OnOpenTicket = "refuse"  // archiving is refused
	OpenTicketResolve OnOpenTicket = "resolve" // the ticket is resolved first, in the same decision
	OpenTicketAllow   OnOpenTicket = "allow"   // the ticket stays open
)

// A WaitClock says which time counts while something waits. The zero WaitClock is
// [WaitBusiness].
type WaitClock string

// The clocks of what waits.
const (
	WaitBusiness WaitClock = "business" // the open time of a schedule
	WaitCalendar WaitClock = "calendar" // all time
)

// IsValid reports whether c is one of the clocks of this package.
func (c WaitClock) IsValid() bool { return c == "" || c == WaitBusiness || c == WaitCalendar }

// defaultMailTurns is how many mails in a row the AI answers in a conversation unless
// MaxTurns of the [Config] says otherwise.
const defaultMailTurns = 20

// The bounds of the times of a [Config].
const (
	defaultOfferTTL = Duration(24 * time.Hour)
	defaultRest     = Duration(72 * time.Hour)
	minDelay        = Duration(time.Second)
	maxDelay        = Duration(366 * 24 * time.Hour)
)

// A Config holds the decisions of a tenant. It is plain data with a JSON form; see
// [ParseConfig]. The zero Config is the default: no add-on, so that people answer every
// message.
type Config struct {
	// AddOn says that the tenant has the Automated add-on: conversations start under the
	// AI. After switching the add-on off, give [Conversation.SwitchOff] for each
	// automated conversation. Until then answers of the AI are refused, and the next
	// message of the customer gives the conversation to people.
	AddOn bool `json:"add_on,omitzero"`

	// Manual are the channels that people answer, even with the add-on.
	Manual []helpdesk.Channel `json:"manual,omitzero"`

	// MaxTurns is the number of messages of the customer in a row that the AI answers
	// before people take over. Zero means 20 by mail, where an automatic sender may
	// answer, and no limit on other channels.
	MaxTurns int `json:"max_turns,omitzero"`

	// OfferTTL is the time until an offer expires. Zero means 24 hours.
	OfferTTL Duration `json:"offer_ttl,omitzero"`

	Archived   OnArchived   `json:"archived,omitzero"`
	OpenTicket OnOpenTicket `json:"open_ticket,omitzero"`

	// StaffMayNotCreate forbids members of the team to create tickets.
	StaffMayNotCreate bool `json:"staff_may_not_create,omitzero"`

	// A conversation on the live chat can have one open ticket at a time, and on any other
	// channel, where a customer has one thread for all matters, up to 30. SeveralTickets
	// allows 30 on the live chat too, and OneTicket, which goes first, one on every channel.
	SeveralTickets bool `json:"several_tickets,omitzero"`
	OneTicket      bool `json:"one_ticket,omitzero"`

	// NoAction, NotClosed and QueueWait arm escalations of an active conversation: for
	// a customer without an answer of the team, for a conversation that stays active,
	// and for a conversation that people hold and nobody in particular has picked up,
	// such as after the AI handed over. Zero means no escalation. New settings do not change armed escalations.
	// They count the open time of a schedule; see Clock and [Policy.WithHours].
	NoAction  Duration `json:"no_action,omitzero"`
	NotClosed Duration `json:"not_closed,omitzero"`
	QueueWait Duration `json:"queue_wait,omitzero"`

	// Clock says which time the escalations count. Offers and Rest count all time.
	Clock WaitClock `json:"clock,omitzero"`

	// Idle is the time after which a conversation in which nothing happens is archived by
	// itself; see [Case.ArchiveIdle]. All time counts. Zero means never. A new setting counts
	// for a conversation from its next change on.
	Idle Duration `json:"idle,omitzero"`

	// Rest is the time after which a message begins another [Episode], with a first reply
	// of its own, if nothing was unanswered meanwhile. Zero means 72 hours.
	Rest Duration `json:"rest,omitzero"`
}

// A Policy is a checked [Config]. It is immutable and safe for concurrent use. The nil
// Policy and the zero Policy are those of the zero Config.
type Policy struct {
	config Config
	hours  *hours.Schedule // that escalations count; nil: all time
}

// NewPolicy returns the Policy of c. The error joins one [*helpdesk.FieldError] for every
// fault of c. A time is zero or lies between a second and 366 days.
func NewPolicy(c Config) (*Policy, error) {
	var f faults
	c.Manual = slices.Clone(c.Manual)
	for i, ch := range c.Manual {
		if !ch.IsValid() {
			f.reject(check.At("manual", i), string(ch), "must be the name of a channel")
		}
	}
	if c.MaxTurns < 0 {
		f.reject("max_turns", strconv.Itoa(c.MaxTurns), "must not be negative")
	}
	switch c.Archived {
	case "", ArchivedReopen, ArchivedEscalate, ArchivedNewConversation:
	default:
		f.reject("archived", string(c.Archived), "must be reopen, escalate or new_conversation")
	}
	switch c.OpenTicket {
	case "", OpenTicketRefuse, OpenTicketResolve, OpenTicketAllow:
	default:
		f.reject("open_ticket", string(c.OpenTicket), "must be refuse, resolve or allow")
	}
	if !c.Clock.IsValid() {
		f.reject("clock", string(c.Clock), "must be business or calendar")
	}
	for _, d := range []struct {
		field string
		value Duration
	}{{"offer_ttl", c.OfferTTL}, {"no_action", c.NoAction}, {"not_closed", c.NotClosed}, {"queue_wait", c.QueueWait}, {"rest", c.Rest}, {"idle", c.Idle}} {
		if d.value != 0 && (d.value < minDelay || d.value > maxDelay) {
			f.reject(d.field, d.value.String(), "must lie between 1s and 8784h, or be 0")
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Policy{config: c}, nil
}

// WithHours returns p with the schedule whose open time escalations count (S41), unless the
// Clock of the Config is calendar. Without a schedule, or with one that never opens for long
// enough, all time counts. Escalations that are armed keep their instants.
func (p *Policy) WithHours(s *hours.Schedule) *Policy {
	return &Policy{config: *p.raw(), hours: s}
}

// wait returns when something that begins to wait at an instant has waited for d.
func (p *Policy) wait(at time.Time, d Duration) time.Time {
	if p != nil && p.hours != nil && p.config.Clock != WaitCalendar {
		if due, err := p.hours.Add(at, durationOf(d)); err == nil {
			return due
		}
	}
	return at.Add(durationOf(d))
}

// Config returns a copy of the Config of p, with the defaults filled in.
func (p *Policy) Config() Config {
	var c Config
	if p != nil {
		c = p.config
	}
	c.Manual = slices.Clone(c.Manual)
	if c.Archived == "" {
		c.Archived = ArchivedReopen
	}
	if c.OpenTicket == "" {
		c.OpenTicket = OpenTicketRefuse
	}
	if c.OfferTTL == 0 {
		c.OfferTTL = defaultOfferTTL
	}
	if c.Clock == "" {
		c.Clock = WaitBusiness
	}
	if c.Rest == 0 {
		c.Rest = defaultRest
	}
	return c
}

// Automates reports whether the AI answers the channel under p.
func (p *Policy) Automates(ch helpdesk.Channel) bool {
	c := p.raw()
	return c.AddOn && !slices.Contains(c.Manual, ch)
}

// isShared reports whether several tickets of a conversation on the channel can be open (R88).
func (p *Policy) isShared(ch helpdesk.Channel) bool {
	c := p.raw()
	return !c.OneTicket && (c.SeveralTickets || ch != helpdesk.ChannelLiveChat)
}

// rest returns the time after which a message begins another episode.
func (p *Policy) rest() time.Duration {
	if d := p.raw().Rest; d > 0 {
		return durationOf(d)
	}
	return durationOf(defaultRest)
}

// spent reports whether the AI has had all its turns in a row on the channel.
func (p *Policy) spent(ch helpdesk.Channel, turns int) bool {
	limit := p.raw().MaxTurns
	if limit == 0 && ch == helpdesk.ChannelEmail {
		limit = defaultMailTurns
	}
	return limit > 0 && turns >= limit
}

var noConfig Config

// raw returns the Config as it was given, which must not be changed.
func (p *Policy) raw() *Config {
	if p == nil {
		return &noConfig
	}
	return &p.config
}

// ParseConfig reads the JSON form of one Config. A field that is unknown, repeated or in
// the wrong form is an error, and so is data behind the object. The error joins one
// [*helpdesk.FieldError] for each. [NewPolicy] checks the meaning.
func ParseConfig(data []byte) (Config, error) {
	var form check.Faults
	root, err := strictjson.Parse(data, &form)
	if err != nil {
		return Config{}, err
	}
	var c Config
	root.Object(&form, func(m *strictjson.Members) {
		c.AddOn = m.Bool("add_on")
		for _, ch := range m.Strings("manual") {
			c.Manual = append(c.Manual, helpdesk.Channel(ch))
		}
		c.MaxTurns = m.Int("max_turns")
		c.OfferTTL = Duration(m.Duration("offer_ttl"))
		c.Archived = OnArchived(m.String("archived"))
		c.OpenTicket = OnOpenTicket(m.String("open_ticket"))
		c.StaffMayNotCreate = m.Bool("staff_may_not_create")
		c.SeveralTickets = m.Bool("several_tickets")
		c.OneTicket = m.Bool("one_ticket")
		c.NoAction = Duration(m.Duration("no_action"))
		c.NotClosed = Duration(m.Duration("not_closed"))
		c.QueueWait = Duration(m.Duration("queue_wait"))
		c.Idle = Duration(m.Duration("idle"))
		c.Rest = Duration(m.Duration("rest"))
		c.Clock = WaitClock(m.String("clock"))
	})
	if err := form.Err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// A Duration is a [time.Duration] whose text form is that of
// [time.ParseDuration], such as 72h.
type Duration time.Duration

// String returns the text form of d.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. The error for a text that is no
// duration is a [*helpdesk.FieldError] without a path. On an error d does not change.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return &helpdesk.FieldError{Value: check.Shorten(string(text), 60), Reason: "must be a duration such as 72h"}
	}
	*d = Duration(parsed)
	return nil
}
