package fastjson

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// ErrForm says that a text is not JSON, or not that of the value. After it the value may be
// filled in part.
var ErrForm = errors.New("fastjson: not of the form")

// maxDepth is how deep a value may lie in others.
const maxDepth = 10_000

// Decode reads the JSON form of a value into what v points to. Members that v does not have
// are skipped. Errors of methods of the values are returned as they are, others match
// [ErrForm].
func Decode(data []byte, v any) error { return decode(data, v, false) }

// DecodeKnown is [Decode], except that a member that v does not have is an error.
func DecodeKnown(data []byte, v any) error { return decode(data, v, true) }

func decode(data []byte, v any, known bool) error {
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return fmt.Errorf("fastjson: %T is no pointer to a value", v)
	}
	d := decoder{data: data, known: known}
	d.space()
	if err := d.value(planOf(p.Type().Elem()), p.Elem()); err != nil {
		return err
	}
	if d.space(); d.at != len(data) {
		return ErrForm
	}
	return nil
}

type decoder struct {
	data  []byte
	at    int
	depth int
	known bool
}

func (d *decoder) space() {
	for d.at < len(d.data) {
		switch d.data[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

// next returns the byte that stands here, and 0 at the end.
func (d *decoder) next() byte {
	if d.at < len(d.data) {
		return d.data[d.at]
	}
	return 0
}

// take goes over a byte, and over the space behind it.
func (d *decoder) take(c byte) bool {
	if d.next() != c {
		return false
	}
	d.at++
	d.space()
	return true
}

func (d *decoder) word(w string) bool {
	if len(d.data)-d.at < len(w) || string(d.data[d.at:d.at+len(w)]) != w {
		return false
	}
	d.at += len(w)
	return true
}

// value reads the value that stands here.
func (d *decoder) value(p *plan, v reflect.Value) error {
	if p.reads == readsJSON {
		start := d.at
		if err := d.skip(); err != nil { // whether it is JSON is found by the method
			return err
		}
		if p.raw && !json.Valid(d.data[start:d.at]) {
			return ErrForm
		}
		return v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(d.data[start:d.at]) //nolint:forcetypeassert // the plan says so
	}
	if d.next() == 'n' {
		if !d.word("null") {
			return ErrForm
		}
		switch v.Kind() {
		case reflect.Slice, reflect.Pointer, reflect.Map, reflect.Interface:
			v.SetZero()
		default: // as package encoding/json does
		}
		return nil
	}
	if p.reads == readsText {
		text, err := d.text()
		if err != nil {
			return err
		}
		return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(text) //nolint:forcetypeassert // the plan says so
	}
	switch p.form {
	case formBool:
		switch {
		case d.word("true"):
			v.SetBool(true)
		case d.word("false"):
			v.SetBool(false)
		default:
			return ErrForm
		}
		return nil
	case formInt, formUint:
		return d.number(p, v)
	case formString:
		text, err := d.text()
		if err != nil {
			return err
		}
		v.SetString(string(text))
		return nil
	case formTime:
		text, err := d.text()
		if err != nil {
			return err
		}
		return v.Addr().Interface().(*time.Time).UnmarshalText(text) //nolint:forcetypeassert // the plan says so
	case formSlice:
		return d.slice(p, v)
	case formPointer:
		if v.IsNil() {
			v.Set(reflect.New(p.elem.typ))
		}
		return d.value(p.elem, v.Elem())
	case formStruct:
		return d.object(p, v)
	case formInterface, formOther:
	}
	start := d.at
	if err := d.skip(); err != nil {
		return err
	}
	if err := json.Unmarshal(d.data[start:d.at], v.Addr().Interface()); err != nil {
		return ErrForm
	}
	return nil
}

func (d *decoder) number(p *plan, v reflect.Value) error {
	start := d.at
	if d.next() == '-' {
		d.at++
	}
	digits := d.at
	for c := d.next(); '0' <= c && c <= '9'; c = d.next() {
		d.at++
	}
	if d.at == digits || d.data[digits] == '0' && d.at > digits+1 {
		return ErrForm
	}
	if c := d.next(); c == '.' || c == 'e' || c == 'E' {
		return ErrForm // no whole number, or none that package encoding/json takes
	}
	text := string(d.data[start:d.at])
	if p.form == formInt {
		n, err := strconv.ParseInt(text, 10, p.typ.Bits())
		if err != nil {
			return ErrForm
		}
		v.SetInt(n)
		return nil
	}
	n, err := strconv.ParseUint(text, 10, p.typ.Bits())
	if err != nil {
		return ErrForm
	}
	v.SetUint(n)
	return nil
}

func (d *decoder) slice(p *plan, v reflect.Value) error {
	if d.depth++; d.depth > maxDepth || !d.take('[') {
		return ErrForm
	}
	n := 0
	if d.next() != ']' {
		for {
			if n >= v.Cap() {
				v.Grow(d.more(p, n))
			}
			v.SetLen(n + 1)
			v.Index(n).SetZero()
			if err := d.value(p.elem, v.Index(n)); err != nil {
				return err
			}
			n++
			d.space()
			if !d.take(',') {
				break
			}
		}
	}
	if d.next() != ']' {
		return ErrForm
	}
	d.at++
	d.depth--
	if n == 0 {
		v.Set(reflect.MakeSlice(p.typ, 0, 0))
	}
	return nil
}

// large is the size of an element from which on it pays to count how many there are.
const large = 128

// more returns for how many elements of a list, of which n were read, there is to be room.
func (d *decoder) more(p *plan, n int) int {
	if n > 0 || p.elem.typ.Size() < large {
		return max(1, min(3*n, 1024)) // many lists have one
	}
	ahead := *d
	for n = 1; ahead.skip() == nil && n < 1024; n++ {
		if ahead.space(); !ahead.take(',') {
			break
		}
	}
	return n
}

func (d *decoder) object(p *plan, v reflect.Value) error {
	if d.depth++; d.depth > maxDepth || !d.take('{') {
		return ErrForm
	}
	expected := 0
	if d.next() != '}' {
		for {
			name, err := d.text()
			if err != nil {
				return err
			}
			if d.space(); !d.take(':') {
				return ErrForm
			}
			i := p.find(name, expected)
			switch {
			case i >= 0:
				f := &p.fields[i]
				if err := d.value(f.plan, f.of(v)); err != nil {
					return err
				}
				expected = i + 1
			case d.known:
				return ErrForm
			default:
				start := d.at
				if d.skip() != nil || !json.Valid(d.data[start:d.at]) {
					return ErrForm
				}
			}
			d.space()
			if !d.take(',') {
				break
			}
		}
	}
	if d.next() != '}' {
		return ErrForm
	}
	d.at++
	d.depth--
	return nil
}

// find returns the place of a member, which is most likely the one expected or soon after
// it, and -1 for none.
func (p *plan) find(name []byte, expected int) int {
	for i := expected; i < len(p.fields); i++ {
		if p.fields[i].name == string(name) {
			return i
		}
	}
	for i := range min(expected, len(p.fields)) {
		if p.fields[i].name == string(name) {
			return i
		}
	}
	return -1
}

// text reads a string. What it returns may be part of the text that is read.
func (d *decoder) text() ([]byte, error) {
	if d.next() != '"' {
		return nil, ErrForm
	}
	for i := d.at + 1; i < len(d.data); i++ {
		switch c := d.data[i]; {
		case c == '"':
			out := d.data[d.at+1 : i]
			d.at = i + 1
			return out, nil
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			return d.odd()
		}
	}
	return nil, ErrForm
}

// odd reads a string with escapes, or with other bytes than ASCII.
func (d *decoder) odd() ([]byte, error) {
	start, plain := d.at, true
	for i := d.at + 1; i < len(d.data); i++ {
		switch c := d.data[i]; {
		case c == '"':
			d.at = i + 1
			if inner := d.data[start+1 : i]; plain && utf8.Valid(inner) {
				return inner, nil
			}
			var s string
			if err := json.Unmarshal(d.data[start:d.at], &s); err != nil {
				return nil, ErrForm
			}
			return []byte(s), nil
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			return nil, ErrForm
		}
	}
	return nil, ErrForm
}

// skip goes over what would be a value if it were JSON.
func (d *decoder) skip() error {
	for open := 0; d.at < len(d.data); {
		switch c := d.data[d.at]; c {
		case '"':
			if !d.over() {
				return ErrForm
			}
		case '{', '[':
			open++
			d.at++
		case '}', ']':
			if open == 0 {
				return nil
			}
			open--
			d.at++
		case ',', ' ', '\t', '\n', '\r':
			if open == 0 {
				return nil
			}
			d.at++
		default:
			d.at++
			continue
		}
		if open == 0 {
			return nil
		}
	}
	return nil
}

// over goes over a string.
func (d *decoder) over() bool {
	for i := d.at + 1; i < len(d.data); i++ {
		switch d.data[i] {
		case '"':
			d.at = i + 1
			return true
		case '\\':
			i++
		}
	}
	return false
}
