package store

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Type is the type of an attribute. The zero Type belongs to the zero Value.
type Type uint8

// The types.
const (
	TypeText    Type = iota + 1 // 1 to 256 bytes of UTF-8 without NUL
	TypeInstant                 // from 1900 to 2200
	TypeBool
	TypeNumber // 64 bits with a sign
)

// String returns the name of the type, and "none" for the zero Type.
func (t Type) String() string {
	switch t {
	case TypeText:
		return "text"
	case TypeInstant:
		return "instant"
	case TypeBool:
		return "bool"
	case TypeNumber:
		return "number"
	default:
		return "none"
	}
}

// MarshalText returns the name of the type.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the name of a type. The error for any other text is a
// [*helpdesk.FieldError].
func (t *Type) UnmarshalText(b []byte) error {
	for typ := range TypeNumber + 1 {
		if typ.String() == string(b) {
			*t = typ
			return nil
		}
	}
	return &helpdesk.FieldError{Path: "type", Value: string(b), Reason: "must be text, instant, bool or number"}
}

// A Value is the value of an attribute. Two values are equal by == if type and contents are
// equal. The zero Value is no value.
type Value struct {
	typ  Type
	text string
	n    int64
}

// Text returns a text value.
func Text(s string) Value { return Value{typ: TypeText, text: s} }

// Instant returns the value of an instant.
func Instant(t time.Time) Value { return Value{typ: TypeInstant, n: Nanos(t)} }

// Bool returns the value of a bool.
func Bool(b bool) Value {
	v := Value{typ: TypeBool}
	if b {
		v.n = 1
	}
	return v
}

// Number returns the value of a number.
func Number(n int64) Value { return Value{typ: TypeNumber, n: n} }

// MakeValue returns the value of the type with the text or the number that Text and Int
// return. MakeValue is for engines.
func MakeValue(t Type, text string, n int64) Value { return Value{typ: t, text: text, n: n} }

// Type returns the type.
func (v Value) Type() Type { return v.typ }

// Text returns the text of a text, and nothing for any other value.
func (v Value) Text() string { return v.text }

// Int returns the number, 1 for true, 0 for false, and the [Nanos] of an instant.
func (v Value) Int() int64 { return v.n }

// Time returns the instant in UTC, and the zero time for any other value.
func (v Value) Time() time.Time {
	if v.typ != TypeInstant {
		return time.Time{}
	}
	return FromNanos(v.n)
}

// Compare returns a number below, at or above zero if v comes before, with or after o. Texts
// compare as bytes, and false comes before true. The zero Value comes first.
func (v Value) Compare(o Value) int {
	switch {
	case v.typ != o.typ:
		return int(v.typ) - int(o.typ)
	case v.n != o.n:
		if v.n < o.n {
			return -1
		}
		return 1
	case v.text < o.text:
		return -1
	case v.text > o.text:
		return 1
	default:
		return 0
	}
}

// String returns the contents in words.
func (v Value) String() string {
	switch v.typ {
	case TypeText:
		return v.text
	case TypeInstant:
		return v.Time().Format(time.RFC3339Nano)
	case TypeBool:
		return strconv.FormatBool(v.n != 0)
	case TypeNumber:
		return strconv.FormatInt(v.n, 10)
	default:
		return ""
	}
}

// encodedValue is the JSON form of a value: an object with one field.
type encodedValue struct {
	Text    *string    `json:"text,omitzero"`
	Instant *time.Time `json:"instant,omitzero"`
	Bool    *bool      `json:"bool,omitzero"`
	Number  *int64     `json:"number,omitzero"`
}

// MarshalJSON returns an object with one field, which is named like the type. The zero Value
// is an empty object.
func (v Value) MarshalJSON() ([]byte, error) {
	var e encodedValue
	switch v.typ {
	case TypeText:
		e.Text = &v.text
	case TypeInstant:
		e.Instant = new(v.Time())
	case TypeBool:
		e.Bool = new(v.n != 0)
	case TypeNumber:
		e.Number = &v.n
	default:
	}
	return json.Marshal(e)
}

// UnmarshalJSON reads the form of MarshalJSON.
func (v *Value) UnmarshalJSON(b []byte) error {
	var e encodedValue
	if err := json.Unmarshal(b, &e); err != nil {
		return err
	}
	*v = Value{}
	switch {
	case e.Text != nil:
		*v = Text(*e.Text)
	case e.Instant != nil:
		*v = Instant(*e.Instant)
	case e.Bool != nil:
		*v = Bool(*e.Bool)
	case e.Number != nil:
		*v = Number(*e.Number)
	}
	return nil
}

// An Attribute is a name and a value by which lists find records. An Attribute is plain data;
// the zero Attribute is not well-formed.
type Attribute struct {
	// Name is one of the [Columns] of the kind.
	Name  string `json:"name,omitzero"`
	Value Value  `json:"value,omitzero"`
}
