package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/examples/internal/show"
	"github.com/deskcore/helpdesk/sla"
)

// reasons says of every clock why it stands as it does.
func (p *page) reasons(standings []standing) {
	p.heading("Why (times are GMT)")
	for i, s := range standings {
		if i > 0 {
			p.Printf("\n")
		}
		p.Printf("%-6s %s  %s\n", s.ID, p.paint(bold, s.Title), p.paint(faint, "policy "+s.policy.Ref().String()))
		for i, c := range s.clocks {
			sentences := append(p.outcome(s, c), uncounted(s, s.pieces[i])...)
			p.paragraph(fmt.Sprintf("%-6s %-13s ", "", metric(c)), strings.Join(sentences, " "))
		}
	}
}

// outcome says what became of a promise.
func (p *page) outcome(s standing, c sla.Clock) (sentences []string) {
	say := func(format string, args ...any) { sentences = append(sentences, fmt.Sprintf(format, args...)) }
	for _, e := range s.Events {
		if e.At.After(p.now) || !c.Stop.IsZero() && e.At.After(c.Stop) {
			break
		}
		if e.Kind == sla.KindSeverityChanged || e.Kind == sla.KindSeverityConfirmed {
			say("%s on %s.", map[sla.Kind]string{
				sla.KindSeverityChanged:   "Became " + e.Severity.String(),
				sla.KindSeverityConfirmed: "Confirmed as urgent",
			}[e.Kind], e.At.Format(moment))
		}
	}
	for _, b := range c.Breaches {
		if b.Cause == sla.CauseRetarget {
			say("That made it late at once: %s was due %s.", b.Severity, b.Due.Format(moment))
		} else if c.Stop.IsZero() {
			say("Late since %s.", b.Due.Format(moment))
		}
	}
	switch {
	case c.State == sla.StateNotStarted:
		say("The customer has not been in touch yet.")
	case c.State == sla.StateCancelled:
		say("Merged into another ticket.")
	case c.State == sla.StatePaused && c.Remaining == 0:
		say("Stands still.")
	case c.State == sla.StatePaused:
		say("Stands still with %s left.", span(c.Remaining))
	case c.Verdict == sla.VerdictExcluded:
		say("Resolved without an answer, while there was time for one.")
	case c.Stop.IsZero() && c.Verdict == sla.VerdictPending:
		say("Time runs out on %s.", c.Due.Format(moment))
	case c.Stop.IsZero():
		say("Nobody has %s it yet.", strings.ToLower(done(s, c)))
	case c.Overdue > 0:
		say("%s on %s, %s late.", done(s, c), c.Stop.Format(moment), span(c.Overdue))
	case c.Target > 0:
		say("%s on %s with %s to spare.", done(s, c), c.Stop.Format(moment), span(c.Remaining))
	default:
		say("%s on %s.", done(s, c), c.Stop.Format(moment))
	}
	return sentences
}

// done is the word for what stops a clock.
func done(s standing, c sla.Clock) string {
	if c.Metric != sla.MetricResolution {
		return "Answered"
	}
	for _, e := range s.Events {
		if e.Kind == sla.KindMitigated && e.At.Equal(c.Stop) {
			return "Mitigated"
		}
	}
	return "Resolved"
}

// uncounted says which time did not count.
func uncounted(s standing, pieces []sla.Piece) []string {
	var causes []string // in the order in which they came
	total := make(map[string]time.Duration)
	for _, piece := range pieces {
		var cause string
		switch piece.Kind {
		case sla.PieceClosed:
			cause = closed(piece.Cause)
		case sla.PiecePaused:
			cause = paused(s, piece.Cause)
		default:
			continue
		}
		if !slices.Contains(causes, cause) {
			causes = append(causes, cause)
		}
		total[cause] += piece.To.Sub(piece.From)
	}
	if causes == nil {
		return nil
	}
	for i, cause := range causes {
		causes[i] = span(total[cause]) + " " + cause
	}
	return []string{"Not counted: " + strings.Join(causes, ", ") + "."}
}

// closed shortens the cause of closed time: "holiday Good Friday (London office)".
func closed(cause string) string {
	cause, _, _ = strings.Cut(cause, " (")
	if holiday, ok := strings.CutPrefix(cause, "holiday "); ok {
		return "of " + holiday
	}
	return cause
}

// paused says what an event that paused a clock was.
func paused(s standing, id string) string {
	for _, e := range s.Events {
		if e.ID == id && e.Kind == sla.KindStatus {
			return show.Words(string(e.Status))
		}
	}
	return "on hold"
}

// paragraph prints text after a margin, in lines that fit.
func (p *page) paragraph(margin, text string) {
	const width = 96
	for _, line := range show.Wrap(text, width-len(margin)) {
		p.Printf("%s%s\n", margin, line)
		margin = strings.Repeat(" ", len(margin))
	}
}
