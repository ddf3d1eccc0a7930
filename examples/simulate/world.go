package main

import (
	"context"
	"errors"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// transport is the simulation as what delivers messages: it writes them out.
type transport simulation

// An outgoing is a message as it left.
type outgoing struct {
	Channel      helpdesk.Channel      `json:"channel"`
	To           string                `json:"to"`
	Conversation string                `json:"conversation,omitzero"`
	Subject      string                `json:"subject,omitzero"`
	Body         string                `json:"body"`
	Blobs        []inbox.AttachmentRef `json:"blobs,omitempty"`
	MessageID    string                `json:"message_id,omitzero"`
	InReplyTo    string                `json:"in_reply_to,omitzero"`
	References   []string              `json:"references,omitempty"`
	Automatic    bool                  `json:"automatic,omitzero"`
	Answer       string                `json:"answer,omitzero"` // of the transport, if it did not take it
}

var errDown = errors.New("the transport is down")

func (t *transport) Send(_ context.Context, e desk.Envelope) error {
	if err := e.Check(); err != nil {
		return errors.Join(err, desk.ErrRejected)
	}
	answer, err := t.answer(e.Channel)
	(*simulation)(t).happened("out", outgoing{
		Channel: e.Channel, To: e.To, Conversation: e.Conversation, Subject: e.Subject, Body: e.Body, Blobs: e.Attachments,
		MessageID: e.MessageID, InReplyTo: e.InReplyTo, References: e.References, Automatic: e.Automatic, Answer: answer,
	})
	return err
}

// answer returns what the transport was told to answer.
func (t *transport) answer(ch helpdesk.Channel) (string, error) {
	for _, f := range t.faults {
		if f.times == 0 || f.channel != "" && f.channel != ch {
			continue
		}
		f.times--
		switch f.answer {
		case "rejected":
			return f.answer, desk.ErrRejected
		case "uncertain":
			return f.answer, helpdesk.ErrUncertain
		case "later":
			return f.answer, &desk.RetryError{After: time.Hour}
		default:
			return f.answer, errDown
		}
	}
	return "", nil
}

// directory is the simulation as the host's accounts and contracts.
type directory simulation

func (d *directory) Account(_ context.Context, _ desk.TenantID, ref string) (desk.Account, error) {
	a, ok := d.accounts[ref]
	if !ok {
		return desk.Account{}, &desk.NotFoundError{What: "account"}
	}
	return a.Account, nil
}

func (d *directory) Partner(_ context.Context, _ desk.TenantID, ref string) (string, error) {
	return d.accounts[ref].partner, nil
}

// pager is the simulation as what tells the team.
type pager simulation

// A told is what the team was told.
type told struct {
	Agent        string    `json:"agent,omitzero"` // none: the whole team
	Cause        string    `json:"cause"`
	Conversation inbox.ID  `json:"conversation,omitzero"`
	Ticket       ticket.ID `json:"ticket,omitzero"`

	// What a clock came to.
	Of       string         `json:"of,omitzero"`
	Metric   sla.Metric     `json:"metric,omitzero"`
	Cycle    int            `json:"cycle,omitzero"`
	Due      time.Time      `json:"due,omitzero"`
	Severity severity.Level `json:"severity,omitzero"`
	Percent  int            `json:"percent,omitzero"`
	Passed   []int          `json:"passed,omitzero"`
	At       time.Time      `json:"at,omitzero"`
}

func (p *pager) Notify(_ context.Context, n desk.Notice) error {
	t := told{Agent: n.Agent, Cause: n.Cause, Conversation: n.Conversation, Ticket: n.Ticket}
	if c := n.Clock; c.Metric != 0 {
		if t.Of = n.Conversation.String(); n.Ticket != (ticket.ID{}) {
			t.Of = n.Ticket.String()
		}
		t.Metric, t.Cycle, t.Due, t.Severity, t.Percent, t.Passed, t.At = c.Metric, c.Cycle, c.Due, c.Severity, c.Percent, c.Passed, c.At
	}
	(*simulation)(p).happened("notice", t)
	return nil
}

// blobs is the simulation as what keeps attachments.
type blobs simulation

func (b *blobs) Erase(_ context.Context, _ desk.TenantID, of ...inbox.AttachmentRef) error {
	for _, ref := range of {
		if !b.erased[ref.Ref] {
			b.erased[ref.Ref] = true
			(*simulation)(b).happened("erased", ref.Ref)
		}
	}
	return nil
}

func (b *blobs) Remaining(_ context.Context, _ desk.TenantID, of ...inbox.AttachmentRef) (int, error) {
	n := 0
	for _, ref := range of {
		if !b.erased[ref.Ref] {
			n++
		}
	}
	return n, nil
}
