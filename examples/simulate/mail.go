package main

import (
	"context"
	"errors"
	"io"
	netmail "net/mail"
	"slices"
	"strings"

	gomail "github.com/emersion/go-message/mail"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/mail"
)

// A received is what became of a mail.
type received struct {
	result

	Machine bool     `json:"machine,omitzero"`
	Reason  []string `json:"reason,omitempty"` // why a machine wrote it
	Bounced string   `json:"bounced,omitzero"` // what came back
}

// doMail does what the mail gateway of a product does with a whole mail.
func (s *simulation) doMail(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	m := readMail(c.Raw)
	if c.Recipient != "" {
		m.header["Delivered-To"] = append([]string{c.Recipient}, m.header["Delivered-To"]...)
	}
	threads := o.Threads()
	found := mail.Detect(m.header, mail.Receiver{Threads: threads, NullSender: c.EnvelopeFrom != nil && strings.Trim(*c.EnvelopeFrom, "<> ") == ""})
	out := received{Machine: found.Automatic(), Reason: found.Reasons}
	people := found.NoAutoReply
	if list, through := m.list(); through {
		switch {
		case s.lists.refused:
			out.Machine, out.Reason = true, append(out.Reason, "list")
		case slices.ContainsFunc(s.lists.known, func(of string) bool { return strings.EqualFold(of, list) }):
			people = false
		}
	}
	if key := m.bounced(threads, found); key != "" {
		out.Bounced = key
		if err := o.MarkBounced(context.Background(), c.call(helpdesk.ActorSystem, ""), key); err != nil {
			return "", nil, err
		}
	}
	id, known := threads.Find(m.header)
	contact, err := s.sender(o, inbox.ID(id), known, m)
	if err != nil {
		return "", nil, err
	}
	call := c.call(helpdesk.ActorCustomer, contact.Customer)
	if known && contact.Customer != s.customers[inbox.ID(id)] {
		call = c.call(helpdesk.ActorThirdParty, m.from)
	}
	if key, ok := (mail.Delivery{Scope: string(c.Tenant), Channel: helpdesk.ChannelEmail, Mailbox: c.Recipient, MessageID: m.id, Body: []byte(m.text)}).Key(); ok && c.Key == "" {
		call.IdempotencyKey = key
	}
	c.Message, c.Text = m.id, m.text
	d, err := s.draft(c)
	if err != nil {
		return "", nil, err
	}
	d.Subject = m.subject
	r, err := o.Receive(context.Background(), call, desk.InboundMessage{
		Conversation: inbox.ID(id), Message: inbox.CustomerMessageParams{MessageParams: d}, Machine: out.Machine,
		Start: inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: contact, People: people},
	})
	switch {
	case out.Machine && errors.Is(err, helpdesk.ErrNotFound): // of no conversation of ours
		return "result", out, nil
	case err != nil:
		return "", nil, err
	}
	if _, old := s.customers[r.Conversation]; !old {
		s.customers[r.Conversation] = contact.Customer
	}
	out.result = s.result(c, "c", r)
	return "result", out, nil
}

// sender returns who wrote a mail: the customer of the conversation, if it comes from one of the
// customer's addresses, or else whom the accounts know by the address.
func (s *simulation) sender(o *desk.Tenant, id inbox.ID, known bool, m letter) (inbox.Contact, error) {
	if known {
		v, err := o.Conversation(id).View(context.Background(), inbox.Viewer{Agent: anAgent, MaySeeContact: true, ShowContact: true}, desk.MessageQuery{Limit: 1})
		switch {
		case errors.Is(err, helpdesk.ErrNotFound), errors.Is(err, helpdesk.ErrGone):
		case err != nil:
			return inbox.Contact{}, err
		case strings.EqualFold(v.Contact.Email, m.from), strings.EqualFold(s.accounts[v.Contact.Account].Email, m.from):
			return v.Contact, nil
		}
	}
	contact := inbox.Contact{Name: m.name, Email: m.from}
	var refs []string
	for ref, a := range s.accounts {
		if m.from != "" && strings.EqualFold(a.Email, m.from) {
			refs = append(refs, ref)
		}
	}
	if len(refs) > 0 { // of several the first by name
		contact.Account = slices.Min(refs)
		contact.Customer = contact.Account
	}
	return contact, nil
}

// A letter is a mail that was read.
type letter struct {
	header            netmail.Header
	body              string // as it came
	id, subject, text string
	name, from        string
}

// readMail reads a mail. What cannot be read is text, so that nothing is lost.
func readMail(raw string) letter {
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return letter{header: netmail.Header{}, text: raw}
	}
	body, _ := io.ReadAll(m.Body)
	out := letter{header: m.Header, body: string(body), text: string(body), subject: m.Header.Get("Subject")}
	out.id = strings.Trim(strings.TrimSpace(m.Header.Get("Message-Id")), "<>")
	if from, err := (&netmail.AddressParser{}).Parse(m.Header.Get("From")); err == nil {
		out.name, out.from = from.Name, from.Address
	}
	if text, ok := plainText(raw); ok {
		out.text = text
	}
	return out
}

// plainText returns the first part of a mail that is plain text.
func plainText(raw string) (string, bool) {
	r, err := gomail.CreateReader(strings.NewReader(raw))
	if r == nil || err != nil && r == nil {
		return "", false
	}
	for range 100 {
		part, err := r.NextPart()
		if part == nil || err != nil && part == nil {
			return "", false
		}
		inline, ok := part.Header.(*gomail.InlineHeader)
		if !ok {
			continue
		}
		if kind, _, err := inline.ContentType(); err == nil && kind != "text/plain" {
			continue
		}
		text, err := io.ReadAll(part.Body)
		return strings.TrimRight(string(text), "\r\n"), err == nil
	}
	return "", false
}

// bounced returns the key of the mail that did not arrive, if this one says so.
func (m *letter) bounced(threads mail.Threads, found mail.Detection) string {
	if report, ok := mail.ReadReport(m.header, strings.NewReader(m.body)); ok {
		if _, key, ok := threads.OpenMessageID(report.MessageID); ok && report.Failed() {
			return key
		}
		if !report.Failed() || report.MessageID != "" {
			return ""
		}
	} else if !slices.Contains(found.Reasons, "daemon") {
		return ""
	}
	_, key, _ := threads.Answered(m.header)
	return key
}

// mailRules are the rules for mail that comes in.
type mailRules struct {
	// Lists is true where mail through a list may be a person's and is left to people, which is
	// the default; false where it is a machine's; or the lists, by List-Id, of which the AI may
	// answer mail.
	Lists any `json:"lists"`
}

// lists are the rules for mail through lists.
type lists struct {
	refused bool
	known   []string
}

// read returns the rules that a command gives.
func (r *mailRules) read() (l lists, err error) {
	bad := faultf(badCommand, "mail.lists must be true, false or a list of names")
	switch v := r.Lists.(type) {
	case nil:
	case bool:
		l.refused = !v
	case []any:
		for _, name := range v {
			text, ok := name.(string)
			if !ok {
				return l, bad
			}
			l.known = append(l.known, text)
		}
	default:
		return l, bad
	}
	return l, nil
}

// list returns the List-Id of a mail, and whether it came through a list.
func (m *letter) list() (id string, through bool) {
	for name := range m.header {
		through = through || strings.HasPrefix(name, "List-")
	}
	id = m.header.Get("List-Id")
	if i := strings.LastIndexByte(id, '<'); i >= 0 {
		id = strings.Trim(id[i:], "<> ")
	}
	return id, through || strings.EqualFold(strings.TrimSpace(m.header.Get("Precedence")), "list")
}
