package sla

import (
	"encoding/json"
	"strconv"
	"time"
)

// MarshalJSON implements [json.Marshaler]. Instants are in UTC, durations exact
// numbers of seconds; what does not apply is absent, and so are anomalies and
// voided when there are none.
func (e Evaluation) MarshalJSON() ([]byte, error) {
	w := make(writer, 0, 512)
	w.open()
	w = list(w, "clocks", e.Clocks, Clock.write)
	if len(e.Anomalies) > 0 {
		w = list(w, "anomalies", e.Anomalies, Anomaly.write)
	}
	if len(e.Voided) > 0 {
		w = list(w, "voided", e.Voided, Voided.write)
	}
	w.close()
	return w, nil
}

// MarshalJSON implements [json.Marshaler], in the form of
// [Evaluation.MarshalJSON].
func (c Clock) MarshalJSON() ([]byte, error) { return c.write(nil), nil }

// MarshalJSON implements [json.Marshaler], in the form of
// [Evaluation.MarshalJSON].
func (b Breach) MarshalJSON() ([]byte, error) { return b.write(nil), nil }

// MarshalJSON implements [json.Marshaler], in the form of
// [Evaluation.MarshalJSON].
func (v Voided) MarshalJSON() ([]byte, error) { return v.write(nil), nil }

// MarshalJSON implements [json.Marshaler]: at, and what, which is [Next.What].
func (n Next) MarshalJSON() ([]byte, error) { return n.write(nil), nil }

// What returns the name of what happens: breach, or warn_ and the threshold in
// percent, or the empty string if nothing comes.
func (n Next) What() string {
	switch {
	case n.IsZero():
		return ""
	case n.Warn == 0:
		return "breach"
	default:
		return "warn_" + strconv.Itoa(n.Warn)
	}
}

func (c Clock) write(w writer) writer {
	w.open()
	w.name("metric", c.Metric.String())
	w.number("cycle", c.Cycle)
	w.name("state", string(c.State))
	w.name("verdict", string(c.Verdict))
	if c.State == StateNotStarted || c.Start.IsZero() {
		w.close()
		return w
	}
	w.name("severity", c.Severity.String())
	w.time("start", c.Start)
	w.time("anchor", c.Anchor)
	w.time("due", c.Due)
	w.time("stop", c.Stop)
	w.seconds("elapsed_seconds", c.Elapsed)
	if c.Target > 0 {
		w.seconds("remaining_seconds", c.Remaining)
	}
	if c.Overdue > 0 {
		w.seconds("overdue_seconds", c.Overdue)
	}
	if len(c.Breaches) > 0 {
		w = list(w, "breaches", c.Breaches, Breach.write)
	}
	if !c.Next.IsZero() {
		w.member("next")
		w = c.Next.write(w)
	}
	w.close()
	return w
}

func (b Breach) write(w writer) writer {
	w.open()
	w.time("at", b.At)
	w.time("due", b.Due)
	w.name("severity", b.Severity.String())
	w.name("cause", string(b.Cause))
	w.close()
	return w
}

func (n Next) write(w writer) writer {
	w.open()
	w.time("at", n.At)
	w.name("what", n.What())
	w.close()
	return w
}

func (a Anomaly) write(w writer) writer {
	w.open()
	w.name("code", string(a.Code))
	w.text("event", a.Event)
	w.close()
	return w
}

func (v Voided) write(w writer) writer {
	w.open()
	w.name("metric", v.Metric.String())
	w.time("at", v.At)
	w.time("due", v.Due)
	w.name("severity", v.Severity.String())
	w.close()
	return w
}

// A writer writes JSON. It parts the members of an object and the elements of a
// list by what it wrote last.
type writer []byte

func (w *writer) comma() {
	if n := len(*w); n > 0 && (*w)[n-1] != '{' && (*w)[n-1] != '[' && (*w)[n-1] != ':' {
		*w = append(*w, ',')
	}
}

func (w *writer) open() {
	w.comma()
	*w = append(*w, '{')
}

func (w *writer) close() { *w = append(*w, '}') }

func (w *writer) member(name string) {
	w.comma()
	*w = append(*w, '"')
	*w = append(*w, name...)
	*w = append(*w, '"', ':')
}

// name writes a value that needs no escaping.
func (w *writer) name(member, value string) {
	w.member(member)
	*w = append(*w, '"')
	*w = append(*w, value...)
	*w = append(*w, '"')
}

func (w *writer) text(member, value string) {
	w.member(member)
	quoted, err := json.Marshal(value)
	if err != nil { // a string always has a JSON form
		quoted = []byte(`""`)
	}
	*w = append(*w, quoted...)
}

func (w *writer) number(member string, n int) {
	w.member(member)
	*w = strconv.AppendInt(*w, int64(n), 10)
}

// time writes t, and nothing if it is zero.
func (w *writer) time(member string, t time.Time) {
	if t.IsZero() {
		return
	}
	w.member(member)
	*w = append(*w, '"')
	*w = t.UTC().AppendFormat(*w, time.RFC3339Nano)
	*w = append(*w, '"')
}

// seconds writes d, which is not negative, exactly and as short as possible.
func (w *writer) seconds(member string, d time.Duration) {
	w.member(member)
	*w = strconv.AppendInt(*w, int64(d/time.Second), 10)
	frac := int64(d % time.Second)
	if frac == 0 {
		return
	}
	*w = append(*w, '.')
	for unit := int64(time.Second) / 10; frac > 0; unit /= 10 {
		*w = append(*w, byte('0'+frac/unit))
		frac %= unit
	}
}

func list[T any](w writer, member string, items []T, write func(T, writer) writer) writer {
	w.member(member)
	w = append(w, '[')
	for _, item := range items {
		w = write(item, w)
	}
	return append(w, ']')
}
