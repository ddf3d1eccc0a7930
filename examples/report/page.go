package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/examples/internal/show"
	"github.com/deskcore/helpdesk/sla"
)

// printPage prints what a person wants to know.
func printPage(w io.Writer, standings []standing, now time.Time, colours bool) error {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		return err
	}
	p := &page{Printer: show.Printer{W: w}, now: now.UTC(), newYork: newYork, colours: colours}
	p.Printf("%s\n\n", p.paint(bold, fmt.Sprintf("%s, as of %s GMT (%s in New York)",
		amount(standings), p.now.Format("Monday 2 January 2006, 15:04"), p.now.In(newYork).Format("Monday 15:04"))))
	if len(standings) > 0 {
		p.table(standings)
		p.timeline(standings)
		p.reasons(standings)
	}
	return p.Err
}

// amount says how many tickets there are, and how many conversations if there are any.
func amount(standings []standing) string {
	conversations := 0
	for _, s := range standings {
		if s.Conversation {
			conversations++
		}
	}
	text := plural(len(standings)-conversations, "ticket")
	if conversations > 0 {
		text += " and " + plural(conversations, "conversation")
	}
	return text
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// A page is being written.
type page struct {
	show.Printer
	now     time.Time
	newYork *time.Location
	colours bool
}

func (p *page) heading(title string) { p.Printf("%s\n\n", p.paint(bold, title)) }

const row = "%-6s %-6s  %-11s  %-16s  %-16s  %-13s  %6s  %s\n"

// table prints a row for every clock.
func (p *page) table(standings []standing) {
	p.heading("Where every promise stands")
	p.Printf(row, "ticket", "level", "promise", "due in GMT", "due in New York", "used", "left", "verdict")
	policy := ""
	for _, s := range standings {
		if ref := s.policy.Ref().String(); ref != policy {
			policy = ref
			p.Printf("%s\n", p.paint(faint, "policy "+policy+whose(s)))
		}
		id := s.ID
		for _, c := range s.clocks {
			gmt, newYork := p.due(s, c)
			left := ""
			if c.Target > 0 && c.State != sla.StateStopped {
				left = span(c.Remaining)
			}
			p.Printf(row, id, level(c), metric(c), gmt, newYork, used(c), left, p.verdict(c))
			id = ""
		}
	}
	p.Printf("\n")
}

// whose returns for whom the policy of a ticket is.
func whose(s standing) string {
	if s.Partner == "" {
		return ""
	}
	return ", for the partner " + s.Partner
}

// due returns when c is due, or in its place the reason for which it is not.
func (p *page) due(s standing, c sla.Clock) (gmt, newYork string) {
	switch {
	case !c.Due.IsZero():
		return c.Due.Format(moment), c.Due.In(p.newYork).Format(moment)
	case c.State == sla.StatePaused:
		return "none (paused)", ""
	case s.policy.Target(c.Severity, c.Metric).BestEffort:
		return "best effort", ""
	default:
		return "not promised", ""
	}
}

// moment is how instants are written. The year is in the title.
const moment = "Mon 2 Jan 15:04"

func level(c sla.Clock) string {
	if !c.Severity.IsValid() {
		return ""
	}
	return c.Severity.String()
}

func metric(c sla.Clock) string { return show.Words(c.Metric.String()) }

func used(c sla.Clock) string {
	if c.Target == 0 {
		return span(c.Elapsed)
	}
	return span(c.Elapsed) + " of " + span(c.Target)
}

// span writes a length of time in hours and minutes: 9h30m.
func span(d time.Duration) string {
	d = d.Truncate(time.Minute)
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return fmt.Sprintf("%dm", minutes)
	case minutes == 0:
		return fmt.Sprintf("%dh", hours)
	default:
		return fmt.Sprintf("%dh%02dm", hours, minutes)
	}
}

// The days and the resolution of the timeline.
const (
	days = 16
	cell = 6 * time.Hour
)

// timeline prints a line for every clock, with days as columns.
func (p *page) timeline(standings []standing) {
	first := p.now.Truncate(24*time.Hour).AddDate(0, 0, 1-days)
	p.heading("How the time was counted")

	var months, weekdays, dates strings.Builder
	for i := range days {
		day := first.AddDate(0, 0, i)
		month := ""
		if i == 0 || day.Day() == 1 {
			month = day.Format("Jan")
		}
		fmt.Fprintf(&months, "%-4s", month)
		fmt.Fprintf(&weekdays, "%-4s", day.Format("Mon")[:2])
		fmt.Fprintf(&dates, "%-4s", day.Format("_2"))
	}
	for _, line := range []*strings.Builder{&months, &weekdays, &dates} {
		p.Printf("%s\n", strings.TrimRight(fmt.Sprintf("%21s%s", "", line), " "))
	}
	for _, s := range standings {
		id := s.ID
		for i, c := range s.clocks {
			p.Printf("%-6s %-11s   %s\n", id, metric(c), strings.TrimRight(p.bar(c, s.pieces[i], first), " "))
			id = ""
		}
	}
	p.Printf("\n%s\n", p.paint(faint, "█ counted  · closed  ░ paused  ✓ done  ✗ done late; a mark is six hours"))
	p.calendarNotes(standings, first)
	p.Printf("\n")
}

// bar draws the pieces of a clock. Where a mark stands for several things, time
// that counts is shown before a pause, and a pause before closed hours.
func (p *page) bar(c sla.Clock, pieces []sla.Piece, first time.Time) string {
	marks := []rune(strings.Repeat(" ", days*int(24*time.Hour/cell)))
	weight := map[rune]int{' ': 0, '·': 1, '░': 2, '█': 3}
	for _, piece := range pieces {
		mark := map[sla.PieceKind]rune{sla.PieceCounted: '█', sla.PiecePaused: '░', sla.PieceClosed: '·', sla.PieceResolved: ' '}[piece.Kind]
		for i := range marks {
			start := first.Add(time.Duration(i) * cell)
			if piece.From.Before(start.Add(cell)) && piece.To.After(start) && weight[mark] > weight[marks[i]] {
				marks[i] = mark
			}
		}
	}
	if end := int(c.Stop.Sub(first) / cell); !c.Stop.IsZero() && !c.Stop.Before(first) && end < len(marks) {
		marks[end] = '✓'
		if c.Verdict == sla.VerdictBreached {
			marks[end] = '✗'
		}
	}
	var b strings.Builder
	for _, mark := range marks {
		switch mark {
		case '✓':
			b.WriteString(p.paint(green, "✓"))
		case '✗':
			b.WriteString(p.paint(red, "✗"))
		case '·', '░':
			b.WriteString(p.paint(faint, string(mark)))
		default:
			b.WriteRune(mark)
		}
	}
	return b.String()
}

// calendarNotes says on which of the days the calendars are out of the ordinary.
func (p *page) calendarNotes(standings []standing, first time.Time) {
	seen := map[string]bool{}
	for _, s := range standings {
		schedule := s.policy.Schedule()
		if seen[schedule.Name()] {
			continue
		}
		seen[schedule.Name()] = true
		zone, err := time.LoadLocation(schedule.Config().Zone)
		if err != nil {
			continue
		}
		var notes []string
		for i := range days {
			day := first.AddDate(0, 0, i)
			noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone)
			if noon.Sub(noon.AddDate(0, 0, -1)) != 24*time.Hour {
				notes = append(notes, noon.Format("2 January the clocks change"))
			}
			for reason := range schedule.Reasons(noon, noon.Add(1)) {
				if reason.Cause == "holiday" {
					notes = append(notes, noon.Format("2 January ")+reason.Holiday)
				}
			}
		}
		if notes != nil {
			p.Printf("%s\n", p.paint(faint, schedule.Name()+": "+strings.Join(notes, ", ")))
		}
	}
}

// The colours of a terminal.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (p *page) paint(colour, text string) string {
	if !p.colours || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (p *page) verdict(c sla.Clock) string {
	text := string(c.Verdict)
	switch c.Verdict {
	case sla.VerdictMet:
		return p.paint(green, text)
	case sla.VerdictBreached:
		return p.paint(red, text)
	case sla.VerdictPending:
		return p.paint(yellow, text)
	default:
		return p.paint(faint, text)
	}
}

// onTerminal reports whether f is a terminal that shows colours, and its user has
// nothing against them.
func onTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
