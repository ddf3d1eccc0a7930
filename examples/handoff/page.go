package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/examples/internal/show"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
)

// A page is what is printed.
type page struct{ show.Printer }

func (p *page) line(name, format string, args ...any) {
	p.Printf("          %-15s %s\n", name, fmt.Sprintf(format, args...))
}

// step prints what happened, who may speak, the list, and the clocks.
func (p *page) step(c *chat, s step, refusal error) {
	p.Printf("%s  %s: %s\n", c.now.Format(time.TimeOnly), s.who, s.text)
	if refusal != nil {
		p.line("REFUSED", "%s", reason(refusal))
	}
	for _, e := range c.made {
		if text, ok := effects[e.Kind]; ok {
			p.line("to do", "%s", text)
		}
	}
	control := c.is.Conversation.Control()
	p.line("who may speak", "%s (epoch %d)", speaker(control), control.Epoch)
	p.line("list", "%s", c.is.Conversation.List())
	p.clocks(c)
	p.Printf("\n")
}

// reason is why a command was refused, without the names of the library's types.
func reason(err error) string {
	if stale, ok := errors.AsType[*inbox.StaleControlError](err); ok {
		return fmt.Sprintf("the AI decided this under epoch %d, and people hold control since epoch %d; nothing is sent", stale.Epoch, stale.Current)
	}
	return strings.TrimPrefix(err.Error(), "inbox: ")
}

// The effects that the page shows.
var effects = map[inbox.EffectKind]string{
	inbox.EffectAskAI:               "ask the AI for an answer",
	inbox.EffectSend:                "send the message to the customer",
	inbox.EffectTellOffer:           "show the offer to the customer",
	inbox.EffectNotify:              "tell the team",
	inbox.EffectCancelTimers:        "cancel timers that are not needed any more",
	inbox.EffectCancelNotifications: "take back what the team was not told yet",
	"tell_customer":                 "tell the customer the ticket's reference and summary",
	"mail_created":                  "confirm the ticket to the account's address",
	"mail_resolved":                 "confirm the resolution to the account's address",
}

func speaker(c inbox.Control) string {
	switch c.Status {
	case inbox.StatusAI:
		return "the AI"
	case inbox.StatusOffer:
		return "the AI, and an offer stands"
	case inbox.StatusQueue:
		return "people: nobody has picked it up yet"
	case inbox.StatusHuman:
		return "people: " + c.Who
	default:
		return "nobody"
	}
}

// clocks prints how the ticket stands.
func (p *page) clocks(c *chat) {
	t, ok := c.ticket()
	if !ok {
		p.line("ticket", "none")
		return
	}
	p.line("ticket", "%s, %s", t.Reference(), show.Words(t.Status().String()))
	evaluation, err := t.Evaluate(c.sla, c.now)
	if err != nil {
		p.Err = errors.Join(p.Err, err)
		return
	}
	for _, clock := range evaluation.Clocks {
		p.line("  "+show.Words(clock.Metric.String()), "%s, %s", clock.State, standing(clock))
	}
}

func standing(c sla.Clock) string {
	switch {
	case c.State == sla.StateStopped && c.Target > 0:
		return fmt.Sprintf("%s after %v of %v", c.Verdict, c.Elapsed, c.Target)
	case c.Target == 0:
		return "no target"
	case c.Due.IsZero():
		return fmt.Sprintf("%v of %v used", c.Elapsed, c.Target)
	default:
		return fmt.Sprintf("due %s, %v left", c.Due.Format("Mon 2 Jan 15:04:05"), c.Remaining)
	}
}

// customerView prints what the customer can see: there is no place for the note.
func (p *page) customerView(c *chat) {
	p.Printf("What the customer sees\n\n")
	for _, m := range c.is.Conversation.CustomerView(0, inbox.MaxMessages).Messages {
		p.Printf("%s  %-8s  %s\n", m.At.Format(time.TimeOnly), m.By, m.Body)
	}
	p.Printf("\n")
}

// lookUps prints the answers to the question how the ticket stands.
func (p *page) lookUps(c *chat) {
	p.Printf("Who asks how the ticket stands\n\n")
	t, _ := c.ticket()
	for _, q := range []struct {
		who string
		ask inbox.Inquiry
	}{
		{"Ada, in her session", inbox.Inquiry{Customer: customer, Assurance: inbox.AssuranceVerified}},
		{"Ada's number, by text", inbox.Inquiry{Customer: customer, Assurance: inbox.AssuranceClaimed}},
		{"somebody unknown", inbox.Inquiry{Assurance: inbox.AssuranceNone}},
		{"another customer", inbox.Inquiry{Customer: "customer-2", Assurance: inbox.AssuranceVerified}},
	} {
		v, err := inbox.LookUp(t, q.ask)
		switch {
		case err != nil:
			p.Printf("%-22s %s\n", q.who, reason(err))
		case v.Full:
			p.Printf("%-22s %s: %s, %s: %s\n", q.who, v.Reference, v.Title, v.Status, v.Resolution[len(v.Resolution)-1].Action)
		default:
			p.Printf("%-22s %s: %s\n", q.who, v.Reference, v.Status)
		}
	}
}
