package wire

import (
	"encoding/json"
	"strconv"
	"time"
)

// An Answer is a line of the output that is being written: a JSON object and a
// line break. It puts the commas between members and between elements. The zero
// Answer is empty.
type Answer struct{ text []byte }

// Reset makes the answer empty again.
func (a *Answer) Reset() {
	if a.text = a.text[:0]; cap(a.text) > MaxKept {
		a.text = nil
	}
}

// Bytes returns the answer. It is valid until the next change.
func (a *Answer) Bytes() []byte { return a.text }

// comma puts a comma where the next name or value needs one.
func (a *Answer) comma() {
	if n := len(a.text); n > 0 {
		switch a.text[n-1] {
		case '{', '[', ':':
		default:
			a.text = append(a.text, ',')
		}
	}
}

// Open begins an object or a list, with { or [.
func (a *Answer) Open(bracket byte) {
	a.comma()
	a.text = append(a.text, bracket)
}

// Close ends an object or a list, with } or ].
func (a *Answer) Close(bracket byte) { a.text = append(a.text, bracket) }

// EndLine ends the line.
func (a *Answer) EndLine() { a.text = append(a.text, '\n') }

// Name begins a member; its value comes next. The name needs no escapes.
func (a *Answer) Name(name string) {
	a.comma()
	a.text = append(a.text, '"')
	a.text = append(a.text, name...)
	a.text = append(a.text, '"', ':')
}

// JSON writes a value that is JSON text already.
func (a *Answer) JSON(value []byte) {
	a.comma()
	a.text = append(a.text, value...)
}

// Members writes the members of a JSON object that has no white space.
func (a *Answer) Members(object []byte) {
	if len(object) > len("{}") {
		a.JSON(object[1 : len(object)-1])
	}
}

// Text writes a string.
func (a *Answer) Text(s string) {
	text, err := json.Marshal(s)
	if err != nil { // there is no string that has no JSON form
		text = []byte(`""`)
	}
	a.JSON(text)
}

// Bool writes true or false.
func (a *Answer) Bool(b bool) {
	a.comma()
	a.text = strconv.AppendBool(a.text, b)
}

// Instant writes an instant in the form of [AppendInstant], in quotes.
func (a *Answer) Instant(t time.Time) {
	a.comma()
	a.text = append(a.text, '"')
	a.text = AppendInstant(a.text, t)
	a.text = append(a.text, '"')
}

// Seconds writes a number of seconds in the form of [AppendSeconds].
func (a *Answer) Seconds(sec, nanos int64) {
	a.comma()
	a.text = AppendSeconds(a.text, sec, nanos)
}
