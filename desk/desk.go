package desk

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/mail"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// A Config says what a [Desk] is made of. Stores, Transport, Accounts, Clock and
// Secret are required; the zero value of every other field is the default that
// stands beside it.
type Config struct {
	Stores    store.Stores
	Transport Transport
	Accounts  Accounts

	// Clock tells the time: time.Now. Nothing else does.
	Clock func() time.Time

	// Secret makes tombstones, and what is known of what is gone, and must not be
	// changed while they are kept, which nothing checks: at least [retention.MinKey]
	// random bytes, one secret for each installation.
	Secret []byte

	Assistant        Assistant        // the AI; nil: the host lets its AI act by AIReply, Offer and AIFail
	AttachmentEraser AttachmentEraser // erases attachments; nil: there are none
	Effects          Effects          // does the effects of a lifecycle's own; nil: they stand in the events only
	CopyEraser       CopyEraser       // the host's search index; nil: there is none
	Contracts        Contracts        // knows channel partners; nil: there are none

	// Notifier tells the team. Nil: what conversations notify of stands in
	// [Tenant.Notifications] only (R55), and what tickets do by themselves, such as
	// a breach, in [Tenant.Tickets] and in their events.
	Notifier Notifier

	Policies   *sla.Book           // service levels; nil: [sla.Standard] for every ticket
	Lifecycles []*ticket.Lifecycle // the first is that of new tickets; none: [ticket.Standard]
	Inbox      inbox.Config        // of tenants without settings of their own; see [Tenant.UpdateSettings]
	Retention  retention.Policy    // zero: [retention.Standard]
	Reminders  Reminders           // zero: nobody is reminded, and nothing is closed by itself

	// Words are what the library itself says to customers; nil: [English].
	Templates func(TemplateData) Content

	// MailDomain is the right-hand side of the IDs of mails; empty: helpdesk.invalid.
	MailDomain string

	// NewID makes the IDs of what is created, at the instant given; nil: UUIDs of
	// version 7. They must be unique.
	NewID func(at time.Time) uuid.UUID

	// Random is where other randomness comes from: references of tickets and the
	// jitter of retries; nil: [rand.Reader]. It must be fit for secrets.
	Random io.Reader

	Logger *slog.Logger // nil: nothing is logged. What people wrote never is.
	Hooks  Hooks
	Limits Limits
}

// Reminders say what happens when a customer who is asked does not answer. Times
// count from when the question was sent, or from the last reminder. All of them are 0 by
// default: nothing happens. A desk that is made with others, shorter ones or the first,
// goes by them for a ticket from when it next changes; longer ones and none hold at
// once.
type Reminders struct {
	Every        time.Duration // remind the customer so often; at least a second
	MaxReminders int           // at most so many times; 0 is 3
	ResolveAfter time.Duration // resolve the ticket for want of an answer so long after the question
	CloseAfter   time.Duration // freeze a resolved ticket after so long, in lifecycles with a separate closed status
}

// Limits bound what a [Desk] does at once and how patient it is. The zero value of
// each is the default that stands beside it.
type Limits struct {
	Attempts          int // how often a command that lost a race is decided anew; 50
	Batch             int // how much a loop claims at once; 100
	Page              int // the longest page of a list; 200
	AssistantMessages int // how much of a conversation the AI gets to see; 100 messages

	Lease      time.Duration // how long a worker has for what it claimed; 2 min
	Poll       time.Duration // how long a loop waits when there is nothing to do; 1 s
	Timeout    time.Duration // how long the AI has for an answer, and everybody else for taking a message; 30 s
	Workers    int           // how many messages are sent at once; 1
	MinBackoff time.Duration // after the first failure to send a message; doubled after each; 5 s
	MaxBackoff time.Duration // at most; 1 h
	MaxSends   int           // how often a message is tried before it is parked; 15

	// MailsPerWindow is how many confirmation mails one account gets within
	// MailWindow; further ones wait (T16). 20 within 1 h.
	MailsPerWindow int
	MailWindow     time.Duration

	// MailStarts is how many conversations that one sender of mail begins within 24
	// hours the AI answers; people hold further ones, so that two machines that write
	// to each other come to an end (T30). 20.
	MailStarts int

	KeepResults    time.Duration // for how long a command's key is known; 7 days
	RetentionEvery time.Duration // how often a tenant's records are looked through for deletion; 1 h
}

func (l Limits) withDefaults() Limits {
	set(&l.Attempts, 50)
	set(&l.Batch, 100)
	set(&l.Page, 200)
	set(&l.AssistantMessages, 100)
	set(&l.Lease, 2*time.Minute)
	set(&l.Poll, time.Second)
	set(&l.Timeout, 30*time.Second)
	set(&l.Workers, 1)
	set(&l.MinBackoff, 5*time.Second)
	set(&l.MaxBackoff, time.Hour)
	set(&l.MaxSends, 15)
	set(&l.MailsPerWindow, 20)
	set(&l.MailWindow, time.Hour)
	set(&l.MailStarts, 20)
	set(&l.KeepResults, 7*24*time.Hour)
	set(&l.RetentionEvery, time.Hour)
	return l
}

func set[T comparable](v *T, to T) {
	if *v == *new(T) {
		*v = to
	}
}

// A Desk is a helpdesk for any number of tenants: the use cases, and the loops
// that send what is to be sent and do what is due. Make one with [New]. It is
// safe for concurrent use, and several processes can each have one on the same
// storage.
type Desk struct {
	c         Config
	key       retention.Key
	inbox     *inbox.Policy
	retention retention.Policy
	log       *slog.Logger
	limits    Limits

	random sync.Mutex // guards c.Random

	known   sync.Map // Tenant → struct{}: has a record for sweeps
	untried sync.Map // messageID → int: how often a message was handed out here and not tried

	sweeps, outbox latest // instants; see Desk.resweep and Desk.reclaim
}

// New returns a desk. The error joins one fault for everything that is missing in
// c or wrong with it.
func New(c Config) (*Desk, error) {
	d := &Desk{limits: c.Limits.withDefaults(), retention: c.Retention, log: c.Logger}
	d.sweeps.clear()
	d.outbox.clear()
	var f check.Faults
	c.missing(&f)
	key, err := retention.NewKey(c.Secret)
	f.Want(err == nil, "secret", fmt.Sprintf("must have at least %d bytes", retention.MinKey))
	d.key = key
	d.inbox, err = inbox.NewPolicy(c.Inbox)
	f.Take("inbox", err)
	c.Reminders.check(&f)
	d.limits.check(&f)
	seen := make(map[string]bool)
	for i, l := range c.Lifecycles {
		field := check.At("lifecycles", i)
		switch {
		case l == nil:
			f.Reject(field, "", "must not be nil")
		case seen[l.Name()]:
			f.Reject(field, l.Name(), "must have a name of its own")
		default:
			seen[l.Name()] = true
		}
	}
	set(&c.MailDomain, "helpdesk.invalid")
	_, err = mail.MessageID(mail.MessageIDParams{Domain: c.MailDomain})
	f.Want(err == nil, "mail_domain", "must be the name of a domain")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if c.Policies == nil {
		if c.Policies, err = sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: sla.Standard()}}, PartnersByDefault: true}); err != nil {
			return nil, err
		}
	}
	if len(c.Lifecycles) == 0 {
		c.Lifecycles = []*ticket.Lifecycle{ticket.Standard()}
	}
	if c.Templates == nil {
		c.Templates = English
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if d.retention.IsZero() {
		d.retention = retention.Standard()
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	set(&c.Reminders.MaxReminders, 3)
	c.Secret = nil
	d.c = c
	return d, nil
}

// missing rejects the required fields that are nil.
func (c *Config) missing(f *check.Faults) {
	f.Want(c.Stores != nil, "stores", "must be given")
	f.Want(c.Transport != nil, "transport", "must be given")
	f.Want(c.Accounts != nil, "accounts", "must be given")
	f.Want(c.Clock != nil, "clock", "must be given")
}

func (r Reminders) check(c *check.Faults) {
	for _, f := range []struct {
		name string
		d    time.Duration
	}{{"every", r.Every}, {"give_up", r.ResolveAfter}, {"close", r.CloseAfter}} {
		c.Want(f.d == 0 || f.d >= time.Second, "reminders."+f.name, "must be 0 or at least a second")
		c.Want(f.d <= longestLimit, "reminders."+f.name, mustBeYears)
	}
	c.Want(r.MaxReminders >= 0, "reminders.most", "must not be negative")
}

// longestLimit is the longest time of which an instant is made that a store keeps.
const longestLimit = 20 * 366 * 24 * time.Hour

const mustBeYears = "must be at most 20 years"

func (l Limits) check(c *check.Faults) {
	for _, f := range []struct {
		name string
		n    int
	}{
		{"attempts", l.Attempts},
		{"batch", l.Batch},
		{"page", l.Page},
		{"lines", l.AssistantMessages},
		{"max_sends", l.MaxSends},
		{"mails_per_window", l.MailsPerWindow},
		{"mail_starts", l.MailStarts},
		{"lease", int(l.Lease)},
		{"poll", int(l.Poll)},
		{"workers", l.Workers},
		{"timeout", int(l.Timeout)},
		{"min_backoff", int(l.MinBackoff)},
		{"max_backoff", int(l.MaxBackoff)},
		{"mail_window", int(l.MailWindow)},
		{"keep_results", int(l.KeepResults)},
		{"sweep_every", int(l.RetentionEvery)},
	} {
		c.Want(f.n > 0, "limits."+f.name, "must be positive")
	}
	for _, f := range []struct {
		name string
		d    time.Duration
	}{
		{"lease", l.Lease}, {"max_backoff", l.MaxBackoff}, {"mail_window", l.MailWindow}, {"sweep_every", l.RetentionEvery},
	} {
		c.Want(f.d <= longestLimit, "limits."+f.name, mustBeYears)
	}
	c.Want(l.Lease > l.Timeout, "limits.lease", "must be longer than timeout")
	c.Want(l.MaxBackoff >= l.MinBackoff, "limits.max_backoff", "must not be shorter than min_backoff")
}

// now returns the instant at which a command is given.
func (d *Desk) now() time.Time {
	at := d.c.Clock().Round(0).UTC()
	d.hasSeen(at)
	return at
}

// bytes fills b with randomness.
func (d *Desk) bytes(b []byte) error {
	d.random.Lock()
	defer d.random.Unlock()
	if _, err := io.ReadFull(d.c.Random, b); err != nil {
		return fmt.Errorf("desk: no randomness: %w", err)
	}
	return nil
}

func (d *Desk) newID(at time.Time) (uuid.UUID, error) {
	if d.c.NewID != nil {
		return d.c.NewID(at), nil
	}
	var random [10]byte
	if err := d.bytes(random[:]); err != nil {
		return uuid.Nil, err
	}
	if at.Unix() < 0 {
		at = time.Unix(0, 0)
	}
	return uuid.UUID(ticket.NewID(at, random)), nil
}

func (d *Desk) newReference() (ticket.Reference, error) {
	var random [8]byte
	if err := d.bytes(random[:]); err != nil {
		return "", err
	}
	return ticket.NewReference(binary.BigEndian.Uint64(random[:])), nil
}

// lifecycle returns the lifecycle of that name, and nil for one that the desk does
// not have.
func (d *Desk) lifecycle(name string) *ticket.Lifecycle {
	for _, l := range d.c.Lifecycles {
		if l.Name() == name {
			return l
		}
	}
	return nil
}

// An Office is the desk of one tenant. None of its methods takes a tenant, so
// none can reach across: the ID of another tenant's record answers exactly as one
// that never was (D1, T12). It is safe for concurrent use, and cheap to make.
//
// The commands all have a [Meta], which says who gives them and makes them
// repeatable. Nothing of a refused command is done. Besides the errors that stand
// beside each command it can be
//
//   - [helpdesk.ErrNotFound] for a record that is not there, and [helpdesk.ErrGone] for one that was
//     deleted by the retention policy;
//   - the refusals of packages inbox, ticket and severity: ErrNotAllowed,
//     ErrInvalid with every fault at once, and so on, see [ProblemOf];
//   - [store.ErrKeyReused] for a key that was used for something else;
//   - [ErrBusy] where others were faster time after time;
//   - [helpdesk.ErrUncertain] where the outcome is not known: give the command again with
//     the same key;
//   - what the store says, [store.ErrFull] among it, and the error of the context.
type Tenant struct {
	d      *Desk
	tenant store.TenantID
	store  store.Store
}

// Tenant returns the office of a tenant, which needs not have been seen before.
// The error for what cannot be the name of a tenant matches [store.ErrTenant].
func (d *Desk) Tenant(t store.TenantID) (*Tenant, error) {
	if _, err := store.ParseTenantID(string(t)); err != nil {
		return nil, err
	}
	s, err := d.c.Stores.Tenant(t)
	if err != nil {
		return nil, err
	}
	return &Tenant{d: d, tenant: t, store: s}, nil
}

// Name returns the tenant.
func (o *Tenant) ID() store.TenantID { return o.tenant }

// hasSeen notes an instant that the clock showed, here or elsewhere.
func (d *Desk) hasSeen(at time.Time) {
	d.sweeps.raise(at)
	d.outbox.raise(at)
}
