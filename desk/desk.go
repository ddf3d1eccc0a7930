package desk

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/relay"
	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/mail"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// A Config describes a [Desk]. Stores, Transport, Accounts, Clock and Secrets are
// required. The zero value of every other field stands for the default that the
// field's comment names. The zero Config is refused by [New].
type Config struct {
	// Stores is the storage, Transport sends messages to customers, and Accounts
	// knows the accounts of your product.
	Stores    store.Stores
	Transport Transport
	Accounts  Accounts

	// Clock returns the current time: time.Now. The desk has no other clock. Clock
	// must be safe for concurrent use.
	//
	// A clock whose values have a monotonic reading, as those of time.Now do, is watched for
	// jumps: the desk does not believe it while its time of day and the monotonic time since
	// the last believed instant differ by more than MaxGap of the retention policy, 72 hours
	// by default, forwards or backwards. Commands and messages then go on by the last believed
	// instant and the monotonic time since; no timer is fired, no message is given up for its
	// age or attempts, and nothing is deleted, until the clock is right again or a person
	// calls [Desk.ConfirmClock]. A machine that sleeps for longer than MaxGap looks the same.
	// Smaller steps are taken over as they come. A new desk believes its first reading. Values
	// without a monotonic reading are always believed; UTC, In and Round take it away, so give
	// time.Now itself.
	Clock func() time.Time

	// Secrets are the keys of the hashes that stand in place of the IDs of deleted
	// records: 1 to 10. The first makes new hashes, and every one recognizes its own. A
	// secret has at least [retention.MinKey] random bytes, and is used for one
	// installation only.
	//
	// To change the secret, add a new one behind the old one in every process, and then
	// put the new one first. The old one has to stay for as long as tombstones are kept
	// that were made with it. A run of retention reports secrets that are missing, or
	// have other bytes: see [RetentionReport].
	Secrets []Secret

	Assistant        Assistant        // the AI; nil: your product calls AddAIReply, MakeOffer and ReportAIFailure
	AttachmentEraser AttachmentEraser // erases attachments; nil: there are none
	Effects          Effects          // carries out the effects of your own lifecycle; nil: they are in the events only
	CopyEraser       CopyEraser       // erases copies, such as a search index; nil: there are none
	Contracts        Contracts        // knows channel partners; nil: there are none

	// Notifier tells the team. Nil: [Tenant.Notifications] lists the notifications of
	// conversations, and a breach and other news of a ticket are in [Tenant.Tickets]
	// and in the events of the ticket only.
	Notifier Notifier

	Policies   *sla.Book           // service levels; nil: [sla.Standard] for every ticket
	Lifecycles []*ticket.Lifecycle // the first is that of new tickets; none: [ticket.Standard]. Names must differ
	Inbox      inbox.Config        // for tenants without settings of their own; see [Tenant.UpdateSettings]
	Retention  retention.Policy    // zero: [retention.Standard]
	Reminders  Reminders           // zero: no reminders, and no ticket is resolved or closed by itself

	// Templates returns the texts that the library itself sends to customers; nil:
	// [English]. Templates must be safe for concurrent use.
	Templates func(TemplateData) Content

	// MailDomain is the right-hand side of the Message-IDs of mails; empty:
	// helpdesk.invalid.
	MailDomain string

	// NewID returns the ID of a new record, created at the given instant; nil: UUIDs
	// of version 7. IDs must be unique, and NewID safe for concurrent use.
	NewID func(at time.Time) uuid.UUID

	// Random is the source of all other randomness, such as references of tickets and
	// the jitter of retries; nil: [rand.Reader]. Random must be fit for secrets. The
	// desk reads from Random in one goroutine at a time.
	Random io.Reader

	// Logger is the log; nil: no log. A line has codes, numbers, names of tenants and the
	// IDs of records, and never a text that people wrote, an address, or the text of an
	// error of a port or of the storage.
	Logger *slog.Logger

	Hooks  Hooks
	Limits Limits
}

// Reminders say how the desk treats a customer who does not answer a question of the
// team. The times count from the sending of the question, or from the last reminder.
// In the zero Reminders every time is 0, so nothing happens. A time is 0, or from a
// second to 20 years.
//
// A desk with new Reminders applies longer times, and 0, at once; a shorter or a
// first time counts for a ticket from its next change on.
type Reminders struct {
	Every        time.Duration // the time between two reminders
	MaxReminders int           // the greatest number of reminders for one question; 0 stands for 3
	ResolveAfter time.Duration // the time from the question until the ticket is resolved for want of an answer
	CloseAfter   time.Duration // the time from the resolution until the ticket is closed, in lifecycles with a separate closed status

	// Clock says which time counts: the open time of the schedule of the ticket's policy
	// (S41), or all time. All time counts too for a schedule that never opens for long enough.
	Clock inbox.WaitClock
}

// Limits bound the work that a [Desk] does at once, and the time that the desk waits.
// The zero value of each field stands for the default in its comment; no field may be
// negative. Timeout, SendFor, MailWindow and RetentionEvery are at most 20 years.
type Limits struct {
	AssistantMessages int // how many of the last messages of a conversation the AI gets; 100

	// Poll is the longest pause of a loop that found nothing to do, and the pause after an
	// error. If Poll is zero, both are 1 s, but a loop that found nothing pauses for up to a
	// minute if the storage is a [store.Waiter] whose Wait works.
	Poll time.Duration

	Timeout time.Duration // the time that a port has for one call, such as the AI for an answer; 30 s

	// Workers is the number of messages to customers and to the team that [Desk.Run] sends at
	// a time. Run handles as many questions to the AI, and as many timers, beside them. 16.
	Workers int

	// SendFor is the age of a message, from the instant at which it was to be sent, from which
	// on a failed attempt is the last: the message becomes a dead letter. There are at least
	// 3 attempts, over an hour at least, or over SendFor if that is less, so that an outage of
	// the desk itself loses nothing. 5 days.
	SendFor time.Duration

	// MaxSends is the number of attempts after which a message becomes a dead letter, even if
	// it is younger than SendFor. 0 stands for no such limit, except for a question to the AI,
	// which has 15 attempts.
	MaxSends int

	// MailsPerWindow is the number of confirmation mails that one account gets within
	// MailWindow; further mails wait. 20 within 1 h.
	MailsPerWindow int
	MailWindow     time.Duration

	// MailStarts is the number of conversations that one mail sender begins within 24
	// hours and the AI answers. People hold further conversations, so that two
	// machines that write to each other come to an end. 20.
	MailStarts int

	KeepResults    time.Duration // the time for which idempotency keys are remembered; 7 days
	RetentionEvery time.Duration // the time between two runs of retention for a tenant; 1 h
}

func (l Limits) withDefaults() Limits {
	set(&l.AssistantMessages, 100)
	set(&l.Poll, time.Second)
	set(&l.Timeout, 30*time.Second)
	set(&l.Workers, 16)
	set(&l.SendFor, 5*24*time.Hour)
	set(&l.MailsPerWindow, 20)
	set(&l.MailWindow, time.Hour)
	set(&l.MailStarts, 20)
	set(&l.KeepResults, 7*24*time.Hour)
	set(&l.RetentionEvery, time.Hour)
	return l
}

// What no host has to judge.
const (
	maxAttempts = 50              // how often a command is decided, and again after each lost race
	claimBatch  = 100             // the number of messages or timers that a loop claims at once
	maxPage     = 200             // the longest page of a list
	minLease    = 2 * time.Minute // see leaseFor
	minBackoff  = 5 * time.Second // the pause after the first failure to send a message; doubled after each
	maxBackoff  = time.Hour       // the longest pause between two attempts
	maxAsks     = 15              // how often a question to the AI is handled; a customer waits
)

// limits are all bounds of a desk: those of the host, and those of the desk's own.
type limits struct {
	Limits
	tuning
}

// A tuning has the constants, as tests can set them.
type tuning struct {
	Attempts, Batch, Page, MaxLog int
	Lease, MinBackoff, MaxBackoff time.Duration
}

func (l Limits) tuned() limits {
	l = l.withDefaults()
	return limits{l, tuning{maxAttempts, claimBatch, maxPage, maxLog, leaseFor(l.Timeout), minBackoff, maxBackoff}}
}

// leaseFor returns the time that a worker has for what it claimed, which is more than a port
// has: a worker sends several messages one after the other.
func leaseFor(timeout time.Duration) time.Duration {
	return max(minLease, min(timeout, 8*time.Hour)*3+timeout)
}

func set[T comparable](v *T, to T) {
	if *v == *new(T) {
		*v = to
	}
}

// A Desk is a helpdesk for any number of tenants: the commands and views, and the
// loops that send, remind and delete on time. [New] makes a Desk; the zero Desk
// cannot be used. A Desk is safe for concurrent use, and several processes can each
// have one on the same storage.
type Desk struct {
	c         Config
	key       retention.Key
	secrets   []string // the IDs of those of the key
	mail      [][]byte // the secrets of Message-IDs
	isEnglish bool     // the texts are those of the library
	inbox     *inbox.Policy
	retention retention.Policy
	log       *slog.Logger
	limits    limits

	random sync.Mutex // guards c.Random

	known sync.Map                       // Tenant → struct{}: has a record for sweeps
	turns [store.Outbox + 1]atomic.Value // string: where the next claim of each queue begins

	clock    watch
	stuck    stuck    // calls of ports that are under way though their time is over
	pools    sync.Map // *schedule.Pool → struct{}: the slots of the loops that run
	relay    *relay.Relay
	newer    atomic.Int64 // how often something was left to a later version
	troubles troubles     // what the last runs of retention found

	sweeps, outbox latest // instants; see Desk.resweep and Desk.reclaim

	wakers schedule.Wakers
	deaf   atomic.Bool // the storage failed to say when there is work

	canon func(use inbox.EventKind, text []byte, fingerprint string) // looks at what is hashed of a command with a key; nil but in tests
}

// New returns a desk. The error joins a [*helpdesk.FieldError] for each field of c
// that is missing or wrong. New reads and writes no storage.
func New(c Config) (*Desk, error) {
	d := &Desk{limits: c.Limits.tuned(), retention: c.Retention, log: c.Logger}
	d.sweeps.clear()
	d.outbox.clear()
	d.relay = newRelay(d)
	var f check.Faults
	c.missing(&f)
	key, err := retention.NewKey(c.Secrets...)
	f.Take("", err)
	d.key = key
	for _, s := range c.Secrets {
		d.secrets = append(d.secrets, s.ID)
	}
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
	d.mail = threadSecrets(c.Secrets)
	f.Want(mail.IsDomain(c.MailDomain), "mail_domain", "must be the name of a domain")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if c.Policies == nil {
		if c.Policies, err = sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: sla.Standard()}}}); err != nil {
			return nil, err
		}
	}
	if len(c.Lifecycles) == 0 {
		c.Lifecycles = []*ticket.Lifecycle{ticket.Standard()}
	}
	if d.isEnglish = c.Templates == nil; d.isEnglish {
		c.Templates = English
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if d.retention.IsZero() {
		d.retention = retention.Standard()
	}
	d.clock.limit, d.clock.elapsed = d.retention.Config().MaxGap, elapsed
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	set(&c.Reminders.MaxReminders, 3)
	c.Secrets = nil
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
	c.Want(r.Clock.IsValid(), "reminders.clock", "must be business or calendar")
}

// longestLimit is the longest time of which an instant is made that a store keeps.
const longestLimit = 20 * 366 * 24 * time.Hour

const mustBeYears = "must be at most 20 years"

func (l Limits) check(c *check.Faults) {
	for _, f := range []struct {
		name string
		n    int
	}{
		{"lines", l.AssistantMessages},
		{"max_sends", cmp.Or(l.MaxSends, 1)},
		{"mails_per_window", l.MailsPerWindow},
		{"mail_starts", l.MailStarts},
		{"poll", int(l.Poll)},
		{"workers", l.Workers},
		{"timeout", int(l.Timeout)},
		{"send_for", int(l.SendFor)},
		{"mail_window", int(l.MailWindow)},
		{"keep_results", int(l.KeepResults)},
		{"sweep_every", int(l.RetentionEvery)},
	} {
		c.Want(f.n > 0, "limits."+f.name, "must be positive")
	}
	for _, f := range []struct {
		name string
		d    time.Duration
	}{{"timeout", l.Timeout}, {"send_for", l.SendFor}, {"mail_window", l.MailWindow}, {"sweep_every", l.RetentionEvery}} {
		c.Want(f.d <= longestLimit, "limits."+f.name, mustBeYears)
	}
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

// A Tenant has the commands and lists of one tenant of a [Desk]. No method takes the
// name of a tenant, so no method can reach the records of another tenant: the ID of
// such a record is answered like an ID that does not exist. [Desk.Tenant] returns a
// Tenant; the zero Tenant cannot be used. A Tenant is safe for concurrent use, and
// cheap to make.
//
// Every command takes a [Meta], with the author and an idempotency key. A refused
// command changes nothing. Beside the errors that its comment names, a command
// returns
//
//   - [helpdesk.ErrNotFound] for a record that does not exist, and [helpdesk.ErrGone]
//     for a record that was deleted, if the author is of the team or the record's own
//     customer
//   - the refusals of packages inbox, ticket and severity, such as ErrNotAllowed, and
//     ErrInvalid with every fault at once; see [ProblemOf]
//   - [ErrKeyReused] for an idempotency key of another command
//   - [ErrBusy] after 50 lost races
//   - [helpdesk.ErrUncertain] for an unknown outcome: give the command again with the
//     same key
//   - the errors of the storage, such as [store.ErrFull], and of the context
type Tenant struct {
	d      *Desk
	tenant store.TenantID
	store  store.Records
}

// Tenant returns the commands and lists of a tenant, which need not have any records
// yet. The error for a text that cannot be the name of a tenant matches
// [store.ErrTenant].
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

// ID returns the name of the tenant.
func (o *Tenant) ID() store.TenantID { return o.tenant }

// hasSeen notes an instant that the clock showed, here or elsewhere.
func (d *Desk) hasSeen(at time.Time) {
	d.sweeps.raise(at)
	d.outbox.raise(at)
}

// A Secret makes the keyed hashes of a [Desk]; see [retention.Secret] and Config.Secrets.
type Secret = retention.Secret

// maxLog is the size of the kept log of a ticket in JSON beyond which it is an entry of
// its own, in bytes.
const maxLog = 64 << 10
