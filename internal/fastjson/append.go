package fastjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// Append appends the JSON form of v, or of what v points to. A pointer saves a copy. After an
// error dst is returned as it was.
func Append(dst []byte, v any) ([]byte, error) {
	out, err := appendAny(dst, reflect.ValueOf(v))
	if err != nil {
		return dst, err
	}
	return out, nil
}

// appendAny appends v, or what it points to.
func appendAny(dst []byte, v reflect.Value) ([]byte, error) {
	switch {
	case !v.IsValid(), v.Kind() == reflect.Pointer && v.IsNil():
		return append(dst, "null"...), nil
	case v.Kind() != reflect.Pointer:
		at := reflect.New(v.Type())
		at.Elem().Set(v)
		v = at
	}
	return planOf(v.Type().Elem()).append(dst, v.Elem())
}

// append appends v, which has an address.
func (p *plan) append(dst []byte, v reflect.Value) ([]byte, error) {
	switch p.writes {
	case writesJSON:
		if p.typ.Kind() == reflect.Pointer && v.IsNil() {
			return append(dst, "null"...), nil
		}
		b, err := v.Addr().Interface().(json.Marshaler).MarshalJSON() //nolint:forcetypeassert // the plan says so
		return append(dst, b...), err
	case writesAppendText:
		start := len(dst) + 1
		dst, err := v.Addr().Interface().(encoding.TextAppender).AppendText(append(dst, '"')) //nolint:forcetypeassert // the plan says so
		if err != nil {
			return dst, err
		}
		for i := start; i < len(dst); i++ {
			if c := dst[i]; c >= utf8.RuneSelf || escapes[c] {
				return appendString(dst[:start-1], string(dst[start:])), nil
			}
		}
		return append(dst, '"'), nil
	case writesText:
		b, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText() //nolint:forcetypeassert // the plan says so
		return appendString(dst, string(b)), err
	case writesByPlan:
	}
	switch p.form {
	case formBool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case formInt:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case formUint:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case formString:
		return appendString(dst, v.String()), nil
	case formTime:
		dst, err := v.Addr().Interface().(*time.Time).AppendText(append(dst, '"')) //nolint:forcetypeassert // the plan says so
		return append(dst, '"'), err
	case formSlice:
		return p.appendSlice(dst, v)
	case formPointer:
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
		return p.elem.append(dst, v.Elem())
	case formStruct:
		return p.appendStruct(dst, v)
	case formInterface:
		return appendAny(dst, v.Elem())
	case formOther:
	}
	b, err := json.Marshal(v.Addr().Interface())
	return append(dst, b...), err
}

func (p *plan) appendSlice(dst []byte, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return append(dst, "null"...), nil
	}
	dst = append(dst, '[')
	var err error
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = p.elem.append(dst, v.Index(i)); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (p *plan) appendStruct(dst []byte, v reflect.Value) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for i := range p.fields {
		f := &p.fields[i]
		m := f.of(v)
		if f.omitZero && f.plan.isZero(m) || f.omitEmpty && isEmpty(m) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, f.quoted...)
		var err error
		if dst, err = f.plan.append(dst, m); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// isZero reports whether omitzero leaves v out.
func (p *plan) isZero(v reflect.Value) bool {
	switch {
	case p.form == formTime:
		return v.Addr().Interface().(*time.Time).IsZero() //nolint:forcetypeassert // the plan says so
	case p.unset == unsetMethod && (p.typ.Kind() != reflect.Pointer || !v.IsNil()):
		return v.Addr().Interface().(zeroer).IsZero() //nolint:forcetypeassert // the plan says so
	case p.typ.Kind() == reflect.String:
		return v.Len() == 0
	default:
		return v.IsZero()
	}
}

// isEmpty reports whether omitempty leaves v out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

// escapes says which bytes of ASCII do not stand for themselves in a string.
var escapes = func() (out [utf8.RuneSelf]bool) {
	for c := range out {
		out[c] = c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&'
	}
	return out
}()

const hex = "0123456789abcdef"

// appendString appends s as package encoding/json does, safe in HTML.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if !escapes[c] {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\b':
				dst = append(dst, '\\', 'b')
			case '\f':
				dst = append(dst, '\\', 'f')
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(append(dst, s[start:i]...), `\ufffd`...)
		case r == '\u2028' || r == '\u2029':
			dst = append(append(dst, s[start:i]...), '\\', 'u', '2', '0', '2', hex[r&15])
		default:
			i += n
			continue
		}
		i += n
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}
