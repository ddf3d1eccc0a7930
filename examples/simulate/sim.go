package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// The clock of a run starts here, on a Monday morning, unless its first command
// says otherwise.
var epoch = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// A simulation is one run: a desk, its world, and the clock of both.
type simulation struct {
	now    time.Time
	begun  bool // a command has been given: the world stands
	stores func() (store.Stores, error)
	tap    *tap
	config desk.Config
	desk   *desk.Desk

	resolver *hours.Resolver // of what policies name
	policies []*sla.Policy

	names *names
	ids   uint64

	lists    lists
	accounts map[string]account
	faults   []*failing
	erased   map[string]bool // attachments

	// What members that are left out stand for.
	customers map[inbox.ID]string             // by conversation
	leases    map[inbox.ID]inbox.ControlToken // by conversation: the last one
	leasesBy  map[string]inbox.ControlToken   // by the name of the command that got it
	shown     map[string]string               // by offer
	offers    map[string]inbox.ID             // by offer: its conversation
	messages  int
	cursors   map[string]string // of events and of what is parked, by the names of theirs

	due   map[string]time.Time // by record: as it was told last
	lines [][]byte
}

// An account is one of the host's accounts.
type account struct {
	desk.Account
	partner string
}

// A failing is what the transport answers for a while.
type failing struct {
	channel helpdesk.Channel // empty: every channel
	answer  string
	times   int // how often still; below 0: until told otherwise
}

// newSimulation returns a simulation that keeps everything in stores. Its policies take what they
// name from the resolver.
func newSimulation(stores func() (store.Stores, error), resolver *hours.Resolver) (*simulation, error) {
	s := &simulation{
		now: epoch, stores: stores, resolver: resolver, policies: []*sla.Policy{sla.Standard()}, names: newNames(),
		accounts: map[string]account{}, erased: map[string]bool{},
		customers: map[inbox.ID]string{}, leases: map[inbox.ID]inbox.ControlToken{}, leasesBy: map[string]inbox.ControlToken{},
		shown: map[string]string{}, offers: map[string]inbox.ID{}, due: map[string]time.Time{},
		cursors: map[string]string{},
	}
	secret := bytes.Repeat([]byte("simulate"), 4) // nothing is secret here
	s.config = desk.Config{
		Transport: (*transport)(s), Accounts: (*directory)(s), Contracts: (*directory)(s), Notifier: (*pager)(s), AttachmentEraser: (*blobs)(s),
		Clock: func() time.Time { return s.now }, Secrets: []desk.Secret{{ID: "run", Key: secret}}, NewID: s.newID, Random: rand.NewChaCha8([32]byte(secret)),
		MailDomain: "desk.example",
	}
	inner, err := stores()
	if err != nil {
		return nil, err
	}
	s.tap = newTap(inner)
	s.tap.events, s.tap.changed = s.event, s.change
	s.config.Stores = s.tap
	return s, nil
}

// restart opens what is stored again, and makes the desk anew.
func (s *simulation) restart() error {
	var err error
	if s.tap.Stores, err = s.stores(); err != nil {
		return err
	}
	return s.open()
}

// open makes the desk.
func (s *simulation) open() error {
	d, err := desk.New(s.config)
	if err != nil {
		return err
	}
	s.desk, s.begun = d, true
	return nil
}

// newID makes IDs one after the other.
func (s *simulation) newID(at time.Time) uuid.UUID {
	s.ids++
	var random [10]byte
	for i := range 8 {
		random[9-i] = byte(s.ids >> (8 * i))
	}
	return uuid.UUID(ticket.NewID(at, random))
}

// command carries out a command, and returns what happened and whether it got an
// error.
func (s *simulation) command(c *command) ([]string, bool) {
	s.lines = nil
	err := s.carryOut(c)
	if err != nil {
		s.answer(c, "error", map[string]string{"code": faultOf(err).code, "message": faultOf(err).message})
	}
	out := make([]string, len(s.lines))
	for i, l := range s.lines {
		out[i] = s.names.in(l)
	}
	return out, err == nil
}

func (s *simulation) carryOut(c *command) error {
	do, ok := commands[c.Do]
	switch {
	case c.fault != nil:
		return c.fault
	case !ok:
		return faultf(unknownDo, "there is no %q; there are %s", c.Do, strings.Join(known(), ", "))
	}
	if err := c.only(do.members); err != nil {
		return err
	}
	if c.As != "" && c.Key == "" && s.names.taken(c.As) { // with a key it may be the same again
		return faultf(badCommand, "as: %q is the name of something else", c.As)
	}
	if c.At != "" {
		at, err := parseAt(c.At, s.now)
		if err == nil {
			err = onClock("at", at)
		}
		if err != nil {
			return err
		}
		switch {
		case !s.begun:
			s.now = at
		case at.Before(s.now):
			return faultf(badAt, "at must not be before %s; see set_clock", s.now.Format(time.RFC3339Nano))
		default:
			s.advance(at)
		}
	}
	if c.Do == "setup" {
		return s.setup(c)
	}
	if !s.begun {
		if err := s.open(); err != nil {
			return err
		}
	}
	before := len(s.lines)
	what, result, err := do.run(s, c)
	if err != nil {
		return err
	}
	s.answer(c, what, result)
	// The answer goes before what it led to.
	n := len(s.lines)
	if c.Do != "advance" && c.Do != "set_clock" {
		s.lines = slices.Concat(s.lines[:before], s.lines[n-1:], s.lines[before:n-1])
	}
	s.rest()
	return nil
}

// An answered is the line about a command itself.
type answered struct {
	At  time.Time `json:"at"`
	Did string    `json:"did"`
	As  string    `json:"as,omitzero"`
}

func (s *simulation) answer(c *command, what string, result any) {
	s.line(answered{s.now, c.Do, c.As}, what, result)
}

// line adds a line: the members of head, and one more.
func (s *simulation) line(head any, name string, value any) {
	a, err := json.Marshal(head)
	if err != nil {
		return
	}
	if value == nil {
		s.lines = append(s.lines, a)
		return
	}
	b, err := plain(value)
	if err != nil {
		return
	}
	s.lines = append(s.lines, fmt.Appendf(a[:len(a)-1], ",%q:%s}", name, b))
}

// plain is json.Marshal without escapes for HTML.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

type atOnly struct {
	At time.Time `json:"at"`
}

func (s *simulation) happened(name string, value any) { s.line(atOnly{s.now}, name, value) }

// mostSteps is how often the loops are asked at one instant.
const mostSteps = 10_000

// rest does what is to be done now.
func (s *simulation) rest() {
	ctx := context.Background()
	for range mostSteps {
		sent, err := s.desk.Deliver(ctx)
		fired, more := s.desk.FireTimers(ctx)
		for _, err := range []error{err, more} {
			if err != nil {
				s.happened("trouble", map[string]string{"code": faultOf(err).code, "message": faultOf(err).message})
			}
		}
		if sent+fired == 0 || err != nil || more != nil {
			return
		}
	}
}

// advance moves the clock, and has everything done that is due on the way.
func (s *simulation) advance(to time.Time) {
	if s.begun {
		s.rest()
		for at, ok := s.tap.next(s.now); ok && !at.After(to); at, ok = s.tap.next(s.now) {
			s.now = at
			s.rest()
		}
	}
	if s.now = to; s.begun {
		s.rest()
		s.expire()
	}
}

// expire removes what has expired by now.
func (s *simulation) expire() {
	for {
		n, err := s.desk.RemoveExpired(context.Background())
		if n == 0 || err != nil {
			return
		}
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// A timerLine says when a conversation or a ticket is looked at next.
type timerLine struct {
	Of  string    `json:"of"`
	Due time.Time `json:"due,omitzero"` // none: never
}

// change tells when something is looked at next, and that it is gone.
func (s *simulation) change(c store.Change, timers map[store.Ref]time.Time) {
	if c.Ref.Kind != "conversation" && c.Ref.Kind != "ticket" {
		return
	}
	if c.Delete {
		delete(s.due, c.Ref.String())
		s.happened("gone", c.Ref.ID)
		return
	}
	due, set := timers[c.Ref]
	if old := s.due[c.Ref.String()]; set && !old.Equal(due) {
		s.due[c.Ref.String()] = due
		s.happened("timer", timerLine{c.Ref.ID, due})
	}
}
