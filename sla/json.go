package sla

import (
	"encoding"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
)

// A writer writes JSON. It parts the members of an object and the elements of a
// list by what it wrote last. It keeps the first error, and goes on.
type writer struct {
	buf []byte
	err error
}

// encode returns what write writes.
func encode(write func(*writer)) ([]byte, error) {
	var w writer
	write(&w)
	return w.buf, w.err
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) comma() {
	if n := len(w.buf); n > 0 && w.buf[n-1] != '{' && w.buf[n-1] != '[' && w.buf[n-1] != ':' {
		w.buf = append(w.buf, ',')
	}
}

func (w *writer) open() {
	w.comma()
	w.buf = append(w.buf, '{')
}

func (w *writer) close() { w.buf = append(w.buf, '}') }

func (w *writer) member(name string) {
	w.comma()
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '"', ':')
}

// text writes s, and nothing if it is empty.
func (w *writer) text(member, s string) {
	if s == "" {
		return
	}
	w.member(member)
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			quoted, err := json.Marshal(s)
			if err != nil {
				w.fail(err)
			}
			w.buf = append(w.buf, quoted...)
			return
		}
	}
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, s...)
	w.buf = append(w.buf, '"')
}

// name writes the text form of v, which needs no escaping.
func (w *writer) name(member string, v encoding.TextAppender) {
	w.member(member)
	w.buf = append(w.buf, '"')
	var err error
	if w.buf, err = v.AppendText(w.buf); err != nil {
		w.fail(err)
	}
	w.buf = append(w.buf, '"')
}

func (w *writer) number(member string, n int) {
	w.member(member)
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
}

// time writes t, and nothing if it is zero.
func (w *writer) time(member string, t time.Time) {
	if t.IsZero() {
		return
	}
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		w.fail(&helpdesk.FieldError{Path: member, Reason: "must lie in the years 0 to 9999"})
	}
	w.member(member)
	w.buf = append(w.buf, '"')
	w.buf = t.AppendFormat(w.buf, time.RFC3339Nano)
	w.buf = append(w.buf, '"')
}

// seconds writes d exactly and as short as possible.
func (w *writer) seconds(member string, d time.Duration) {
	w.member(member)
	whole, frac := int64(d/time.Second), int64(d%time.Second)
	if d < 0 {
		w.buf = append(w.buf, '-')
		whole, frac = -whole, -frac
	}
	w.buf = strconv.AppendInt(w.buf, whole, 10)
	if frac == 0 {
		return
	}
	w.buf = append(w.buf, '.')
	for unit := int64(time.Second) / 10; frac > 0; unit /= 10 {
		w.buf = append(w.buf, byte('0'+frac/unit))
		frac %= unit
	}
}

func list[T any](w *writer, member string, items []T, write func(T, *writer)) {
	w.member(member)
	w.buf = append(w.buf, '[')
	for _, item := range items {
		write(item, w)
	}
	w.buf = append(w.buf, ']')
}

// seconds is a duration whose JSON form is a number of seconds.
type seconds time.Duration

// longestNumber bounds the text of a number, and largestExponent its exponent: a
// number of nanoseconds that fits needs less, and what is longer costs time.
const (
	longestNumber   = 64
	largestExponent = 20
)

// UnmarshalJSON implements [json.Unmarshaler]: exact to the nanosecond, or an error.
func (s *seconds) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		return nil
	}
	fault := &helpdesk.FieldError{Value: text, Reason: "must be a number of seconds, exact to the nanosecond"}
	if len(text) > longestNumber {
		return fault
	}
	if k := strings.IndexAny(text, "eE"); k >= 0 {
		if n, err := strconv.Atoi(text[k+1:]); err != nil || n < -largestExponent || n > largestExponent {
			return fault
		}
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return fault
	}
	r.Mul(r, new(big.Rat).SetInt64(int64(time.Second)))
	if !r.IsInt() || !r.Num().IsInt64() {
		return fault
	}
	*s = seconds(r.Num().Int64())
	return nil
}
