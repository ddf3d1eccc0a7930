package fastjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// A plan says how the values of a type are written and read.
type plan struct {
	typ    reflect.Type
	form   form
	elem   *plan   // of a slice or a pointer
	fields []field // of a struct
	unset  unset   // what omitzero asks
	writes writes
	reads  reads
	raw    bool // it keeps whatever JSON it reads
}

// A form is a kind of JSON, or who writes it.
type form uint8

const (
	formOther form = iota // package encoding/json
	formBool
	formInt
	formUint
	formString
	formTime
	formSlice
	formPointer
	formStruct
	formInterface // it is read by package encoding/json
)

// unset is how a value says that it is zero.
type unset uint8

const (
	unsetZero   unset = iota // it is the zero value of its type
	unsetMethod              // by a method IsZero
)

// writes is which method writes the value, and reads which one reads it.
type (
	writes uint8
	reads  uint8
)

const (
	writesByPlan writes = iota
	writesJSON
	writesAppendText
	writesText
)

const (
	readsByPlan reads = iota
	readsJSON
	readsText
)

// A field is a member of a struct, its own or that of an embedded one.
type field struct {
	name      string
	quoted    string // with its colon
	index     []int
	plan      *plan
	omitEmpty bool
	omitZero  bool
}

type zeroer interface{ IsZero() bool }

var (
	plans sync.Map // reflect.Type → *plan

	typeTime         = reflect.TypeFor[time.Time]()
	typeRaw          = reflect.TypeFor[json.RawMessage]()
	typeZeroer       = reflect.TypeFor[zeroer]()
	typeMarshaler    = reflect.TypeFor[json.Marshaler]()
	typeUnmarshaler  = reflect.TypeFor[json.Unmarshaler]()
	typeAppender     = reflect.TypeFor[encoding.TextAppender]()
	typeTextMarshal  = reflect.TypeFor[encoding.TextMarshaler]()
	typeTextUnmarhal = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// planOf returns the plan of a type. A type that leads to itself has one too: the plan that
// is being made stands for it.
func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan) //nolint:forcetypeassert // nothing else is kept there
	}
	made := map[reflect.Type]*plan{}
	p := derive(t, made)
	for t, p := range made {
		plans.LoadOrStore(t, p)
	}
	return p
}

// derive makes the plan of a type, with those of what it leads to.
func derive(t reflect.Type, made map[reflect.Type]*plan) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan) //nolint:forcetypeassert // nothing else is kept there
	}
	if p, ok := made[t]; ok {
		return p
	}
	p := &plan{typ: t}
	made[t] = p
	if t == typeTime {
		p.form, p.unset = formTime, unsetMethod
		return p
	}
	to := reflect.PointerTo(t)
	if to.Implements(typeZeroer) {
		p.unset = unsetMethod
	}
	switch {
	case to.Implements(typeMarshaler):
		p.writes = writesJSON
	case to.Implements(typeTextMarshal) && to.Implements(typeAppender):
		p.writes = writesAppendText
	case to.Implements(typeTextMarshal):
		p.writes = writesText
	}
	p.raw = t == typeRaw
	switch {
	case to.Implements(typeUnmarshaler):
		p.reads = readsJSON
	case to.Implements(typeTextUnmarhal):
		p.reads = readsText
	}
	switch t.Kind() {
	case reflect.Bool:
		p.form = formBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.form = formInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.form = formUint
	case reflect.String:
		p.form = formString
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // bytes are written as base64
			p.form, p.elem = formSlice, derive(t.Elem(), made)
		}
	case reflect.Interface:
		p.form = formInterface
	case reflect.Pointer:
		if p.writes == writesByPlan && p.reads == readsByPlan {
			p.form, p.elem = formPointer, derive(t.Elem(), made)
		}
	case reflect.Struct:
		if p.writes == writesByPlan || p.reads == readsByPlan {
			if fields, ok := fieldsOf(t, nil, made); ok {
				p.form, p.fields = formStruct, fields
			}
		}
	default:
	}
	return p
}

// fieldsOf returns the members of a struct, and false if only package encoding/json knows
// them.
func fieldsOf(t reflect.Type, index []int, made map[reflect.Type]*plan) ([]field, bool) {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		at := append(slices.Clone(index), i)
		switch {
		case tag == "-":
			continue
		case f.Anonymous && name == "":
			if f.Type.Kind() != reflect.Struct || hasMethods(f.Type) {
				return nil, false
			}
			inner, ok := fieldsOf(f.Type, at, made)
			if !ok {
				return nil, false
			}
			out = append(out, inner...)
			continue
		case !f.IsExported():
			continue
		case !tagged || name == "":
			name = f.Name
		}
		if !isPlain(name) {
			return nil, false
		}
		member := field{name: name, quoted: `"` + name + `":`, index: at, plan: derive(f.Type, made)}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "":
			case "omitempty":
				member.omitEmpty = true
			case "omitzero":
				member.omitZero = true
			default:
				return nil, false
			}
		}
		out = append(out, member)
	}
	seen := map[string]bool{}
	for _, f := range out {
		if seen[f.name] {
			return nil, false // which one counts is for package encoding/json to say
		}
		seen[f.name] = true
	}
	return out, true
}

// hasMethods reports whether an embedded value of the type is written or read as a whole.
func hasMethods(t reflect.Type) bool {
	to := reflect.PointerTo(t)
	return t == typeTime || to.Implements(typeMarshaler) || to.Implements(typeUnmarshaler) ||
		to.Implements(typeTextMarshal) || to.Implements(typeTextUnmarhal)
}

// isPlain reports whether a name stands in JSON as it is.
func isPlain(name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return name != ""
}

// of returns the member of v.
func (f *field) of(v reflect.Value) reflect.Value {
	for _, i := range f.index {
		v = v.Field(i)
	}
	return v
}
