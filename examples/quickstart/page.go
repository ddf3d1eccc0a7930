package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/examples/internal/show"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
)

// A page is what is printed.
type page struct {
	show.Printer

	day     string // of the last step
	control string // as printed last
}

func (p *page) title() {
	p.Printf("From a question to a ticket, to its resolution, to nothing. All times are GMT.\n")
}

func (p *page) heading(text string) { p.Printf("\n%s\n\n", text) }

// line prints what somebody said or did, wrapped.
func (p *page) line(at, who, text string) {
	for i, l := range show.Wrap(text, 76) {
		if i > 0 {
			at, who = "", ""
		}
		p.Printf("%s\n", strings.TrimRight(fmt.Sprintf("%-7s %-8s %s", at, who, l), " "))
	}
}

// on prints the day, if it is another than that of the line before.
func (p *page) on(now time.Time) {
	if day := now.Format("Monday 2 January 2006"); day != p.day {
		p.day = day
		p.heading(day)
	}
}

// step prints what somebody does.
func (p *page) step(now time.Time, s step) {
	p.on(now)
	p.line(now.Format("15:04"), s.who, s.says)
}

// sent prints what left by the transport. What people said stands there already.
func (p *page) sent(e desk.Envelope) {
	switch {
	case e.Channel == helpdesk.ChannelEmail:
		p.line("", "mail", e.To+": "+e.Subject)
	case e.Automatic:
		p.line("", "AI", e.Body)
	}
}

// told prints what the team was told.
func (p *page) told(n desk.Notice) {
	what, ok := causes[n.Cause]
	if !ok {
		what = show.Words(n.Cause)
	}
	at := ""
	if n.Cause == desk.EventWarning || n.Cause == desk.EventBreach {
		p.on(n.At)
		at = n.At.Format("15:04")
	}
	p.line(at, "team", what)
}

// causes says what the team is told of.
var causes = map[string]string{
	"confirm":          "hears of the ticket",
	"customer_message": "hears of the message",
	"create":           "hears of the ticket",
	"start":            "hears of the question",
	desk.EventWarning:  "is warned that a promise is close to its end",
	desk.EventBreach:   "hears of a broken promise",
}

// detail prints a line about the state of things.
func (p *page) detail(what, format string, args ...any) {
	p.Printf("%s\n", strings.TrimRight(fmt.Sprintf("%16s │ %-12s %s", "", what, fmt.Sprintf(format, args...)), " "))
}

// conversation prints who may speak, if that is new.
func (p *page) conversation(v inbox.TeamView) {
	speaks := "nobody"
	switch v.Control.Status {
	case inbox.StatusAI:
		speaks = "the AI"
	case inbox.StatusOffer:
		speaks = "the AI, and its offer stands"
	case inbox.StatusQueue:
		speaks = "people, once one picks it up; the AI is silent"
	case inbox.StatusHuman:
		speaks = "people, once one picks it up"
		if v.Control.Who != "" {
			speaks = "people: " + v.Control.Who
		}
	case inbox.StatusNone, inbox.StatusArchived, inbox.StatusPurged:
	}
	control := fmt.Sprintf("%s; may speak: %s", v.List, speaks)
	if control != p.control {
		p.control = control
		p.detail("list", "%s", control)
	}
	if len(v.Tickets) == 0 { // a ticket takes the clocks over
		p.clocks(v.Clocks)
	}
}

// ticket prints how the ticket stands.
func (p *page) ticket(v desk.TicketView) {
	p.detail("ticket", "%s", show.Words(v.Ticket.Status.String()))
	p.clocks(v.Clocks)
}

// clocks prints how the promises stand.
func (p *page) clocks(e sla.Evaluation) {
	for _, c := range e.Clocks {
		p.detail("  "+show.Words(c.Metric.String()), "%s", clock(c))
	}
}

// clock says how a promise stands.
func clock(c sla.Clock) string {
	of := fmt.Sprintf("%s of %s used", span(c.Elapsed), span(c.Target))
	switch {
	case c.Target == 0:
		return "nothing is promised"
	case c.State == sla.StateStopped:
		return fmt.Sprintf("%s, %s", c.Verdict, of)
	case c.State == sla.StatePaused:
		return "stands still, " + of
	default:
		return fmt.Sprintf("due %s, %s", c.Due.Format(moment), of)
	}
}

// span writes a length of time without what is zero.
func span(d time.Duration) string {
	s := strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s")
	if strings.HasSuffix(s, "h0m") {
		return strings.TrimSuffix(s, "0m")
	}
	if s == "" {
		return "0m"
	}
	return s
}

// status prints what somebody hears who asks for the ticket.
func (p *page) status(who string, v inbox.StatusView) {
	switch {
	case v.Full:
		p.Printf("%-22s %s, %s: %s\n", who, v.Title, show.Words(v.Status.String()), v.Resolution[len(v.Resolution)-1].Action)
	case v.Reference != "":
		p.Printf("%-22s %s\n", who, show.Words(v.Status.String()))
	default:
		p.Printf("%-22s there is no such ticket\n", who)
	}
}

// fate prints what is to become of the ticket.
func (p *page) fate(now time.Time, why retention.Explanation) {
	p.Printf("%s\n        %s\n", now.Format(moment+":05.999999999"), why)
}

// left prints what is left in the end.
func (p *page) left(records, stones int) {
	p.Printf("\nLeft of conversation, messages, note, ticket, mails and timers: %d records.\n", records)
	p.Printf("Left to prove that they went in time: %d tombstones, which name nobody.\n", stones)
}
