package sla

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// MarshalJSON implements [json.Marshaler]. Instants are in UTC, and durations are exact numbers
// of seconds. Zero members are absent, with these exceptions: clocks, elapsed_seconds of a
// clock that has started, and remaining_seconds of a clock with a target. The error for a value
// without a text form is a [*helpdesk.FieldError].
func (e Evaluation) MarshalJSON() ([]byte, error) {
	w := writer{buf: make([]byte, 0, 512)}
	w.open()
	list(&w, "clocks", e.Clocks, Clock.write)
	if len(e.Anomalies) > 0 {
		list(&w, "anomalies", e.Anomalies, Anomaly.write)
	}
	if len(e.Voided) > 0 {
		list(&w, "voided", e.Voided, VoidedBreach.write)
	}
	if len(e.Provisional) > 0 {
		list(&w, "provisional", e.Provisional, Provisional.write)
	}
	w.close()
	return w.buf, w.err
}

// UnmarshalJSON implements [json.Unmarshaler] for the form of [Evaluation.MarshalJSON]. Unknown
// members are ignored. On an error e does not change.
func (e *Evaluation) UnmarshalJSON(data []byte) error {
	type plain Evaluation // without methods
	var in plain
	if err := json.Unmarshal(data, &in); err != nil {
		return check.JSON(err)
	}
	if len(in.Clocks) == 0 {
		in.Clocks = nil // as in the zero Evaluation
	}
	*e = Evaluation(in)
	return nil
}

// MarshalJSON implements [json.Marshaler], in the form of
// [Evaluation.MarshalJSON].
func (c Clock) MarshalJSON() ([]byte, error) { return encode(c.write) }

// UnmarshalJSON implements [json.Unmarshaler] for the form of [Clock.MarshalJSON]. Without
// target_seconds, the target follows from the other durations. On an error c does not change.
func (c *Clock) UnmarshalJSON(data []byte) error {
	type plain Clock // without methods
	in := struct {
		*plain
		Target    *seconds `json:"target_seconds"`
		Elapsed   seconds  `json:"elapsed_seconds"`
		Remaining *seconds `json:"remaining_seconds"`
		Overdue   seconds  `json:"overdue_seconds"`
	}{plain: new(plain)}
	if err := json.Unmarshal(data, &in); err != nil {
		return check.JSON(err)
	}
	out := Clock(*in.plain)
	out.Elapsed, out.Overdue = time.Duration(in.Elapsed), time.Duration(in.Overdue)
	if in.Remaining != nil {
		out.Remaining = time.Duration(*in.Remaining)
		out.Target = out.plainTarget()
	}
	if in.Target != nil {
		out.Target = time.Duration(*in.Target)
	}
	*c = out
	return nil
}

// MarshalJSON implements [json.Marshaler], in the form of
// [Evaluation.MarshalJSON].
func (b Breach) MarshalJSON() ([]byte, error) { return encode(b.write) }

// MarshalJSON implements [json.Marshaler], in the form of
// [Evaluation.MarshalJSON].
func (v VoidedBreach) MarshalJSON() ([]byte, error) { return encode(v.write) }

// MarshalJSON implements [json.Marshaler], with the members at and what; see [Next.What].
func (n Next) MarshalJSON() ([]byte, error) { return encode(n.write) }

// UnmarshalJSON implements [json.Unmarshaler] for the form of [Next.MarshalJSON]. The error is a
// [*helpdesk.FieldError], also for a text that [Next.What] does not return. On an error n does
// not change.
func (n *Next) UnmarshalJSON(data []byte) error {
	var in struct {
		At   time.Time `json:"at"`
		What string    `json:"what"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return check.JSON(err)
	}
	out := Next{At: in.At}
	if percent, ok := strings.CutPrefix(in.What, "warn_"); ok {
		out.Warn, _ = strconv.Atoi(percent) // 0, if it is no number, is none either
	}
	if rest, ok := strings.CutPrefix(in.What, "decide"); ok {
		out.Decision = true
		out.Warn, _ = strconv.Atoi(strings.TrimPrefix(rest, "_"))
	}
	if out.What() != in.What {
		return unknownNext(in.What)
	}
	*n = out
	return nil
}

// What returns the name of the change: "breach", or "warn_" and the threshold in percent, or the
// empty string for no change. Of a decision that is due the names are "decide", and "decide_" and
// the threshold.
func (n Next) What() string {
	switch {
	case n.IsZero():
		return ""
	case n.Decision && n.Warn == 0:
		return "decide"
	case n.Decision:
		return "decide_" + strconv.Itoa(n.Warn)
	case n.Warn == 0:
		return "breach"
	default:
		return "warn_" + strconv.Itoa(n.Warn)
	}
}

func unknownNext(what string) error {
	return &helpdesk.FieldError{Path: "what", Value: check.Shorten(what, 40), Reason: "must be breach, decide, or warn_ or decide_ and a percentage, at an instant"}
}

// plainTarget returns the target that the other durations of a clock with a target
// have if they belong to one evaluation.
func (c Clock) plainTarget() time.Duration { return c.Elapsed + c.Remaining - c.Overdue }

func (c Clock) write(w *writer) {
	w.open()
	if c.Metric != 0 {
		w.name("metric", c.Metric)
	}
	if c.Cycle != 0 {
		w.number("cycle", c.Cycle)
	}
	w.text("state", string(c.State))
	w.text("verdict", string(c.Verdict))
	if c.Severity != 0 {
		w.name("severity", c.Severity)
	}
	w.time("start", c.Start)
	w.time("anchor", c.Anchor)
	w.time("due", c.Due)
	w.time("stop", c.Stop)
	targeted := c.Target > 0 || c.Remaining != 0
	if !targeted && c.Target != 0 || targeted && c.Target != c.plainTarget() {
		w.seconds("target_seconds", c.Target)
	}
	if !c.Start.IsZero() || c.Elapsed != 0 {
		w.seconds("elapsed_seconds", c.Elapsed)
	}
	if targeted {
		w.seconds("remaining_seconds", c.Remaining)
	}
	if c.Overdue != 0 {
		w.seconds("overdue_seconds", c.Overdue)
	}
	if len(c.Breaches) > 0 {
		list(w, "breaches", c.Breaches, Breach.write)
	}
	if !c.Next.IsZero() || c.Next.Warn != 0 {
		w.member("next")
		c.Next.write(w)
	}
	w.close()
}

func (b Breach) write(w *writer) {
	w.open()
	w.time("at", b.At)
	w.time("due", b.Due)
	if b.Severity != 0 {
		w.name("severity", b.Severity)
	}
	w.text("cause", string(b.Cause))
	w.close()
}

func (p Provisional) write(w *writer) {
	w.open()
	w.time("claimed_at", p.ClaimedAt)
	if p.Metric != 0 {
		w.name("metric", p.Metric)
	}
	if p.Cycle != 0 {
		w.number("cycle", p.Cycle)
	}
	if p.Severity != 0 {
		w.name("severity", p.Severity)
	}
	w.time("due", p.Due)
	for _, d := range [...]struct {
		name string
		of   time.Duration
	}{{"target_seconds", p.Target}, {"elapsed_seconds", p.Elapsed}, {"overdue_seconds", p.Overdue}} {
		if d.of != 0 {
			w.seconds(d.name, d.of)
		}
	}
	if !p.Next.IsZero() || p.Next.Warn != 0 {
		w.member("next")
		p.Next.write(w)
	}
	w.close()
}

// MarshalJSON implements [json.Marshaler], in the form of
// [Evaluation.MarshalJSON].
func (p Provisional) MarshalJSON() ([]byte, error) { return encode(p.write) }

// UnmarshalJSON implements [json.Unmarshaler] for the form of [Provisional.MarshalJSON]. On an
// error p does not change.
func (p *Provisional) UnmarshalJSON(data []byte) error {
	type plain Provisional // without methods
	in := struct {
		*plain
		Target  seconds `json:"target_seconds"`
		Elapsed seconds `json:"elapsed_seconds"`
		Overdue seconds `json:"overdue_seconds"`
	}{plain: new(plain)}
	if err := json.Unmarshal(data, &in); err != nil {
		return check.JSON(err)
	}
	out := Provisional(*in.plain)
	out.Target, out.Elapsed, out.Overdue = time.Duration(in.Target), time.Duration(in.Elapsed), time.Duration(in.Overdue)
	*p = out
	return nil
}

func (n Next) write(w *writer) {
	w.open()
	w.time("at", n.At)
	w.text("what", n.What())
	w.close()
	if n.IsZero() && n.Warn != 0 {
		w.fail(unknownNext(strconv.Itoa(n.Warn)))
	}
}

func (a Anomaly) write(w *writer) {
	w.open()
	w.text("code", a.Code)
	w.text("event", a.Event)
	w.close()
}

func (v VoidedBreach) write(w *writer) {
	w.open()
	if v.Metric != 0 {
		w.name("metric", v.Metric)
	}
	w.time("at", v.At)
	w.time("due", v.Due)
	if v.Severity != 0 {
		w.name("severity", v.Severity)
	}
	w.close()
}
