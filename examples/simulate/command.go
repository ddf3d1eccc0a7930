package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// A command is one line of the input, with the members of all commands; which one
// uses which stands in the table of commands.
type command struct {
	Do     string        `json:"do"`
	At     string        `json:"at"`
	As     string        `json:"as"`
	Tenant desk.TenantID `json:"tenant"`
	Key    string        `json:"key"`
	By     actor         `json:"by"`
	Who    string        `json:"who"`
	IfSeen uint64        `json:"if_seen"`

	Conversation string           `json:"conversation"`
	Ticket       string           `json:"ticket"`
	Into         string           `json:"into"`
	FollowUpOf   string           `json:"follow_up_of"`
	Reference    string           `json:"reference"`
	Kind         inbox.Kind       `json:"kind"`
	Channel      helpdesk.Channel `json:"channel"`
	Contact      inbox.Contact    `json:"contact"`

	Message string                `json:"message"`
	Topic   string                `json:"topic"`
	All     bool                  `json:"all"`
	Text    string                `json:"text"`
	Subject string                `json:"subject"`
	SentAt  string                `json:"sent_at"`
	SaidAt  string                `json:"said_at"`
	Via     helpdesk.Channel      `json:"via"`
	Aside   bool                  `json:"aside"`
	Machine bool                  `json:"machine"`
	Blobs   []inbox.AttachmentRef `json:"blobs"`

	Lease      string        `json:"lease"`
	Failure    inbox.Failure `json:"failure"`
	Comment    string        `json:"comment"`
	Offer      string        `json:"offer"`
	Supersedes string        `json:"supersedes"`
	Shown      string        `json:"shown"`
	ContactAt  string        `json:"contact_at"`
	OnBehalf   bool          `json:"on_behalf"` // taken, and changes nothing
	About      string        `json:"about"`
	Proactive  bool          `json:"proactive"`

	Title       string        `json:"title"`
	Description string        `json:"description"`
	Summary     string        `json:"summary"`
	Reason      string        `json:"reason"`
	Intake      ticket.Intake `json:"intake"`

	Level   severity.Level       `json:"level"`
	Action  string               `json:"action"`
	Details string               `json:"details"`
	Code    ticket.ResolveReason `json:"code"`

	Tag       string          `json:"tag"`
	Sentiment inbox.Sentiment `json:"sentiment"`
	Agent     string          `json:"agent"`
	UpTo      uint64          `json:"up_to"`
	To        string          `json:"to"`

	Hold       string           `json:"hold"`
	Privileged *bool            `json:"privileged"`
	Event      ticket.EventKind `json:"event"`
	Guard      ticket.Guard     `json:"guard"`

	Assurance inbox.Assurance `json:"assurance"`
	Customer  string          `json:"customer"`
	Direct    bool            `json:"direct"`
	Contacts  bool            `json:"contacts"`

	List    inbox.List `json:"list"`
	Any     bool       `json:"any"`
	Of      string     `json:"of"`
	CountBy string     `json:"-"` // the member by of counts

	Open       bool `json:"open"`
	Unassigned bool `json:"unassigned"`
	Breached   bool `json:"breached"`
	ByDue      bool `json:"by_due"`

	Holder   string          `json:"holder"`
	Status   ticket.Status   `json:"status"`
	Category ticket.Category `json:"category"`
	Assignee string          `json:"assignee"`
	Account  string          `json:"account"`
	Oldest   bool            `json:"oldest"`
	Cursor   string          `json:"cursor"`
	Limit    int             `json:"limit"`
	After    uint64          `json:"after"`
	Metric   string          `json:"metric"`
	Cycle    int             `json:"cycle"`

	For   string `json:"for"`
	Until string `json:"until"`
	Clock bool   `json:"clock"`
	Count int    `json:"count"`

	Answer string `json:"answer"`
	Times  int    `json:"times"`

	Name    string `json:"name"`
	Email   string `json:"email"`
	Phone   string `json:"phone"`
	Partner string `json:"partner"`

	Labels map[string]string `json:"labels"`

	Raw          string  `json:"raw"`
	EnvelopeFrom *string `json:"envelope_from"`
	Recipient    string  `json:"recipient"`

	Inbox     json.RawMessage   `json:"inbox"`
	Policies  []json.RawMessage `json:"policies"`
	Partners  map[string]string `json:"partners"`
	Rules     []ruleForm        `json:"rules"`
	Default   any               `json:"default_for_partners"`
	Mail      *mailRules        `json:"mail"`
	Lifecycle json.RawMessage   `json:"lifecycle"`
	Retention json.RawMessage   `json:"retention"`
	Reminders *reminders        `json:"reminders"`
	Limits    *limits           `json:"limits"`

	members    []string
	skip, note bool
	fault      error
}

// reminders and limits are those of the desk that a scenario can set.
type reminders struct {
	Every  string `json:"every"`
	Most   int    `json:"most"`
	GiveUp string `json:"give_up"`
	Close  string `json:"close"`
	Clock  string `json:"clock"`
}

type limits struct {
	MaxSends       int    `json:"max_sends"`
	MailsPerWindow int    `json:"mails_per_window"`
	MailWindow     string `json:"mail_window"`
	MailStarts     int    `json:"mail_starts"`
	RetentionEvery string `json:"sweep_every"`
}

// common are the members that every command has.
var common = []string{"do", "at", "as", "tenant", "key", "by", "who", "if_seen"}

var errNotObject = errors.New("it is not an object")

// An actor is one that this program knows: a name of a newer version would stay as it is.
type actor helpdesk.Actor

func (a *actor) UnmarshalText(text []byte) error {
	known, err := helpdesk.ParseActor(string(text))
	*a = actor(known)
	return err
}

// parseLine reads one line. The error is for what is not JSON; what is wrong with
// a command is left in it.
func parseLine(line []byte) (*command, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	var all map[string]json.RawMessage
	if err := d.Decode(&all); err != nil {
		if _, other := errors.AsType[*json.UnmarshalTypeError](err); other {
			return &command{fault: faultf(badCommand, "%v", errNotObject)}, nil
		}
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	c := &command{}
	if _, ok := all["do"]; !ok {
		_, c.note = all["note"]
		_, did := all["did"]
		_, at := all["at"]
		c.skip = !c.note && (did || at)
		if !c.note && !c.skip {
			c.fault = faultf(badCommand, "do must be given")
		}
		return c, nil
	}
	for name := range all {
		c.members = append(c.members, name)
	}
	slices.Sort(c.members)
	plain := line
	if by, ok := all["by"]; ok && string(all["do"]) == `"counts"` { // an attribute, and no actor
		if !isText(by, &c.CountBy) {
			c.Do, c.fault = "counts", faultf(badCommand, "by is of the wrong form")
			return c, nil
		}
		delete(all, "by")
		plain, _ = json.Marshal(all)
	}
	if err := json.Unmarshal(plain, c); err != nil {
		c.fault = faultf(badCommand, "%s", wrongForm(err))
	} else if name, ok := twice(line); ok {
		c.fault = faultf(badCommand, "%s is there twice", name)
	}
	return c, nil
}

// isText puts the text that data are into s, and reports whether they are one.
func isText(data []byte, s *string) bool { return json.Unmarshal(data, s) == nil }

// twice returns a member that the object has twice, and false if it has none.
func twice(line []byte) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(line))
	_, _ = d.Token() // the line was read before: it is an object
	seen := map[string]bool{}
	for d.More() {
		t, _ := d.Token()
		name, _ := t.(string)
		if seen[name] {
			return name, true
		}
		seen[name] = true
		var value json.RawMessage
		_ = d.Decode(&value)
	}
	return "", false
}

// wrongForm says what is wrong with a member, without what stood there.
func wrongForm(err error) string {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return t.Field + " is of the wrong form"
	}
	return "a member is of the wrong form: " + err.Error()
}

// only refuses members that the command does not have.
func (c *command) only(members []string) error {
	for _, m := range c.members {
		if !slices.Contains(common, m) && !slices.Contains(members, m) {
			return faultf(badCommand, "%s has no member %q", c.Do, m)
		}
	}
	return nil
}

// call is who gives the command.
func (c *command) call(by helpdesk.Actor, who string) desk.Meta {
	call := desk.Meta{IdempotencyKey: c.Key, Author: helpdesk.Author{By: by, Who: who}, IfLastMessage: c.IfSeen}
	if own := helpdesk.Actor(c.By); own != "" && own != by {
		call.By, call.Who = own, ""
	}
	if c.Who != "" {
		call.Who = c.Who
	}
	return call
}

// instant reads the member, which may be left out.
func (s *simulation) instant(member, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, faultf(badCommand, "%s must be an instant such as 2026-03-02T09:00:00Z", member)
	}
	return at.UTC(), nil
}

func (s *simulation) office(c *command) (*desk.Tenant, error) {
	if c.Tenant == "" {
		c.Tenant = "acme"
	}
	return s.desk.Tenant(c.Tenant)
}

func (s *simulation) conversation(c *command) (inbox.ID, error) {
	id, err := s.names.id("conversation", c.Conversation)
	return inbox.ID(id), err
}

func (s *simulation) ticket(c *command) (ticket.ID, error) {
	id, err := s.names.id("ticket", c.Ticket)
	return ticket.ID(id), err
}

// draft is the message of a command. One without a name gets one.
func (s *simulation) draft(c *command) (inbox.MessageParams, error) {
	sent, err := s.instant("sent_at", c.SentAt)
	if c.SaidAt != "" && err == nil {
		if c.Via == "" || c.SentAt != "" {
			return inbox.MessageParams{}, faultf(badCommand, "said_at must stand with via, and without sent_at")
		}
		sent, err = s.instant("said_at", c.SaidAt)
	}
	if c.Message == "" {
		s.messages++
		c.Message = "m" + number(s.messages)
	}
	return inbox.MessageParams{ID: c.Message, Subject: c.Subject, Body: c.Text, SentAt: sent, Via: c.Via, Attachments: c.Blobs}, err
}

// lease is what the AI answers with: that of a command by its name, or the last one
// of the conversation.
func (s *simulation) lease(c *command) (inbox.ControlToken, error) {
	if c.Lease != "" {
		l, ok := s.leasesBy[c.Lease]
		if !ok {
			return inbox.ControlToken{}, faultf(unknownName, "lease: no command called %q got one", c.Lease)
		}
		return l, nil
	}
	id, err := s.conversation(c)
	if err != nil {
		return inbox.ControlToken{}, err
	}
	l, ok := s.leases[id]
	if !ok {
		return inbox.ControlToken{Conversation: id}, nil
	}
	return l, nil
}

// A result is what a command answers. Names stand in it for IDs.
type result struct {
	Conversation string           `json:"conversation,omitzero"`
	List         inbox.List       `json:"list,omitzero"`
	Ticket       string           `json:"ticket,omitzero"`
	Reference    ticket.Reference `json:"reference,omitzero"`
	Status       ticket.Status    `json:"status,omitzero"`
	Message      string           `json:"message,omitzero"`
	Seq          uint64           `json:"seq,omitzero"`
	Offer        string           `json:"offer,omitzero"`
	Shown        string           `json:"shown,omitzero"`
	Epoch        uint64           `json:"epoch,omitzero"` // of the lease
	Turn         uint64           `json:"turn,omitzero"`  // of the lease
	NoAddress    bool             `json:"no_address,omitzero"`
	FollowUp     bool             `json:"follow_up,omitzero"`
	Replayed     bool             `json:"replayed,omitzero"`
}

// result takes up what a command returned: new things get names, and what members
// stand for that are left out next time is remembered.
func (s *simulation) result(c *command, what string, r desk.Result) result {
	out := result{
		List: r.List, Reference: r.Reference, Status: r.Status, Message: r.Message, Seq: r.Seq, Offer: r.Offer, Shown: r.Shown,
		Epoch: r.ControlToken.Epoch, Turn: r.ControlToken.Turn, NoAddress: r.NoAddress, FollowUp: r.FollowUp, Replayed: r.Replayed,
	}
	as := func(kind string) string {
		if what == kind {
			return c.As
		}
		return ""
	}
	if r.Conversation != (inbox.ID{}) {
		out.Conversation = s.names.give(uuid.UUID(r.Conversation), as("c"), "c")
	}
	if r.Ticket != (ticket.ID{}) {
		out.Ticket = s.names.give(uuid.UUID(r.Ticket), as("t"), "t")
	}
	if r.ControlToken != (inbox.ControlToken{}) {
		s.leases[r.ControlToken.Conversation] = r.ControlToken
		if c.As != "" {
			s.leasesBy[c.As] = r.ControlToken
		}
	}
	if r.Offer != "" {
		s.shown[r.Offer], s.offers[r.Offer] = r.Shown, r.Conversation
	}
	return out
}

// setup describes the desk; it goes before everything else.
func (s *simulation) setup(c *command) error {
	if s.begun {
		return faultf(badCommand, "setup must be the first command")
	}
	before := s.config
	var through lists
	if c.Mail != nil {
		var err error
		if through, err = c.Mail.read(); err != nil {
			return err
		}
	}
	err := errors.Join(s.setInbox(c), s.setPolicies(c), s.setLifecycle(c), s.setRetention(c), s.setPatience(c))
	if err == nil {
		err = s.open()
	}
	if err != nil {
		s.config = before // nothing of it is done
		return err
	}
	s.lists = through
	s.answer(c, "", nil)
	return nil
}

func (s *simulation) setInbox(c *command) error {
	if c.Inbox == nil {
		return nil
	}
	var err error
	s.config.Inbox, err = inbox.ParseConfig(c.Inbox)
	return err
}

// A ruleForm is which policy tickets get that match.
type ruleForm struct {
	Policy  string            `json:"policy"`
	Partner string            `json:"partner"`
	Labels  map[string]string `json:"labels"`
	Channel helpdesk.Channel  `json:"channel"`
}

func (f *ruleForm) rule(byName map[string]*sla.Policy) (sla.Rule, error) {
	p, ok := byName[f.Policy]
	if !ok {
		return sla.Rule{}, fmt.Errorf("there is no policy %q", f.Policy)
	}
	r := sla.Rule{Partner: f.Partner, Labels: f.Labels, Policy: p}
	if f.Channel != "" {
		r.Channels = []helpdesk.Channel{f.Channel}
	}
	return r, nil
}

func (s *simulation) setPolicies(c *command) error {
	switch {
	case c.Policies == nil && c.Partners != nil:
		return faultf(badCommand, "partners must stand with policies")
	case c.Policies == nil && c.Default == nil && c.Rules == nil:
		return nil
	case c.Policies != nil && len(c.Policies) == 0:
		return faultf(badCommand, "policies must have at least one")
	}
	var book sla.BookConfig
	var policies []*sla.Policy
	own := ""
	byName := map[string]*sla.Policy{sla.StandardName: sla.Standard()}
	seen := map[string]bool{}
	for _, raw := range c.Policies {
		p, err := sla.Parse(raw, s.resolver)
		if err != nil {
			return faultf(badCommand, "policies: %v", err)
		}
		if seen[p.Ref().Name] {
			return faultf(badCommand, "policies: there are two %q", p.Ref().Name)
		}
		seen[p.Ref().Name], byName[p.Ref().Name] = true, p
		policies = append(policies, p)
		own = cmp.Or(own, p.Ref().Name)
	}
	covered := map[string]bool{} // by a rule for all that a partner, or nobody's customer, brings
	for i, r := range c.Rules {
		rule, err := r.rule(byName)
		if err != nil {
			return faultf(badCommand, "rules[%d]: %v", i, err)
		}
		book.Rules = append(book.Rules, rule)
		covered[r.Partner] = covered[r.Partner] || len(r.Labels) == 0 && r.Channel == ""
	}
	partners := make([]string, 0, len(c.Partners))
	for p := range c.Partners {
		partners = append(partners, p)
	}
	slices.Sort(partners)
	for _, partner := range partners {
		p, ok := byName[c.Partners[partner]]
		if !ok {
			return faultf(badCommand, "partners: there is no policy %q", c.Partners[partner])
		}
		book.Rules = append(book.Rules, sla.Rule{Partner: partner, Policy: p})
	}
	vendor := sla.Rule{Policy: byName[cmp.Or(own, sla.StandardName)]}
	switch d := c.Default.(type) {
	case nil:
	case bool:
		book.PartnersByDefault = d
	case string: // which a partner has that no rule names
		p, ok := byName[d]
		if !ok {
			return faultf(badCommand, "default_for_partners: there is no policy %q", d)
		}
		vendor.Own, book.PartnersByDefault = true, true
		book.Rules = append(book.Rules, vendor)
		vendor = sla.Rule{Policy: p}
	default:
		return faultf(badCommand, "default_for_partners must be true, false or the name of a policy")
	}
	if vendor.Own || !covered[""] {
		book.Rules = append(book.Rules, vendor)
	}
	var err error
	if s.config.Policies, err = sla.NewBook(book); err != nil {
		return err
	}
	for i := range book.Rules {
		if p := book.Rules[i].Policy; !slices.Contains(policies, p) {
			policies = append(policies, p)
		}
	}
	s.policies = policies
	return nil
}

func (s *simulation) setLifecycle(c *command) error {
	if c.Lifecycle == nil {
		return nil
	}
	var name string
	if json.Unmarshal(c.Lifecycle, &name) == nil {
		switch name {
		case "standard":
			s.config.Lifecycles = []*ticket.Lifecycle{ticket.Standard()}
		case "standard_closed":
			s.config.Lifecycles = []*ticket.Lifecycle{ticket.StandardClosed()}
		default:
			return faultf(badCommand, "lifecycle must be standard, standard_closed or a definition")
		}
		return nil
	}
	var config ticket.Config
	if err := json.Unmarshal(c.Lifecycle, &config); err != nil {
		return err
	}
	l, err := ticket.NewLifecycle(config)
	s.config.Lifecycles = []*ticket.Lifecycle{l}
	return err
}

func (s *simulation) setRetention(c *command) error {
	if c.Retention == nil {
		return nil
	}
	var err error
	s.config.Retention, err = retention.Parse(c.Retention)
	return err
}

func (s *simulation) setPatience(c *command) error {
	var errs []error
	set := func(member, text string, d *time.Duration) {
		if text != "" {
			var err error
			*d, err = parseFor(member, text)
			errs = append(errs, err)
		}
	}
	if r := c.Reminders; r != nil {
		s.config.Reminders.MaxReminders = r.Most
		s.config.Reminders.Clock = inbox.WaitClock(r.Clock)
		set("reminders.every", r.Every, &s.config.Reminders.Every)
		set("reminders.give_up", r.GiveUp, &s.config.Reminders.ResolveAfter)
		set("reminders.close", r.Close, &s.config.Reminders.CloseAfter)
	}
	if l := c.Limits; l != nil {
		s.config.Limits.MaxSends, s.config.Limits.MailsPerWindow, s.config.Limits.MailStarts = l.MaxSends, l.MailsPerWindow, l.MailStarts
		set("limits.mail_window", l.MailWindow, &s.config.Limits.MailWindow)
		set("limits.sweep_every", l.RetentionEvery, &s.config.Limits.RetentionEvery)
	}
	return errors.Join(errs...)
}
