package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// A report writes what came of a run. It keeps the first error of writing.
type report struct {
	out, notes io.Writer
	titles     int
	err        error
}

func (r *report) printf(to io.Writer, format string, args ...any) {
	if _, err := fmt.Fprintf(to, format, args...); err != nil && r.err == nil {
		r.err = err
	}
}

func (r *report) title(text string) {
	if r.titles++; r.titles > 1 {
		r.printf(r.notes, "\n")
	}
	r.printf(r.notes, "%s\n\n", text)
}

// checked compares the answers of a case and tells; it reports whether they
// agree.
func (r *report) checked(c benchCase) bool {
	answers, err := c.check()
	if err != nil {
		r.printf(r.notes, "  %-18s DIFFER: %v\n", c.name, err)
		return false
	}
	r.printf(r.notes, "  %-18s %d of %d agree\n", c.name, answers, answers)
	return true
}

// fault shows what a peer has wrong; it reports whether it still has.
func (r *report) fault(f fault) bool {
	e := f.ask()
	verdict := ""
	if !e.wrong {
		verdict = " (NOT ANY MORE)"
	}
	r.printf(r.notes, "  %s %s%s\n    %s\n    ours  %s\n    %-5s %s\n", f.peer, f.title, verdict, e.question, e.ours, f.peer, e.peer)
	return e.wrong
}

// figure counts something and writes it.
func (r *report) figure(f figure, asJSON bool) {
	value := f.value()
	if f.unit == inBytes {
		r.printf(r.notes, "  %-18s %s %s\n", f.name, grouped(value), f.of)
		if asJSON {
			r.printf(r.out, "{\"case\":%q,\"bytes\":%.0f}\n", f.name, value)
		}
		return
	}
	r.printf(r.notes, "  %-18s %.4g %s\n", f.name, value, f.of)
	if asJSON {
		r.printf(r.out, "{\"case\":%q,%q:%.4g}\n", f.name, f.unit, value)
	}
}

const row = "  %-18s %12s   %-11s %12s %10s %7s\n"

func (r *report) head() {
	r.printf(r.out, row, "case", "ours", "peer", "peer takes", "ratio", "allocs")
}

// rows writes a case into the table.
func (r *report) rows(c benchCase, m measurement) {
	allocs := strconv.FormatFloat(m.allocs, 'f', -1, 64)
	if len(c.peers) == 0 {
		r.printf(r.out, row, c.name, nanos(m.ours), "none", "", "", allocs)
	}
	name, ours := c.name, nanos(m.ours)
	for i, p := range c.peers {
		r.printf(r.out, row, name, ours, p.name, nanos(m.peers[i]), grouped(m.peers[i]/m.ours)+"×", allocs)
		name, ours, allocs = "", "", ""
	}
}

// A result is a line of the JSON output.
type result struct {
	Case   string  `json:"case"`
	Ours   float64 `json:"ours_ns"`
	Peer   string  `json:"peer"`
	PeerNs float64 `json:"peer_ns"` // 0 without a peer
	Ratio  float64 `json:"ratio"`   // 0 without a peer
	Allocs float64 `json:"allocs"`
}

// objects writes a case as JSON, one object for every peer.
func (r *report) objects(c benchCase, m measurement) {
	lines := json.NewEncoder(r.out)
	write := func(peer string, peerNs, ratio float64) {
		if err := lines.Encode(result{c.name, tenths(m.ours), peer, tenths(peerNs), tenths(ratio), m.allocs}); err != nil && r.err == nil {
			r.err = err
		}
	}
	if len(c.peers) == 0 {
		write("none", 0, 0)
	}
	for i, p := range c.peers {
		write(p.name, m.peers[i], m.peers[i]/m.ours)
	}
}

func tenths(x float64) float64 {
	if x < 1 { // so that what is small is not nothing
		return math.Round(10_000*x) / 10_000
	}
	return math.Round(10*x) / 10
}

// nanos returns a time for people.
func nanos(ns float64) string {
	switch {
	case ns < 1e3:
		return fmt.Sprintf("%.1f ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	default:
		return fmt.Sprintf("%.1f ms", ns/1e6)
	}
}

// grouped returns a ratio with its thousands apart, and tenths if it is small.
func grouped(x float64) string {
	if x < 10 {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	digits := strconv.FormatFloat(x, 'f', 0, 64)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
