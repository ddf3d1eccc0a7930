package check

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/deskcore/helpdesk"
)

// Most is the greatest number of faults that are told.
const Most = 50

// What is shown of the parts of a fault, and of all faults together.
const (
	maxValue  = 60       // runes
	maxReason = 300      // runes
	maxPath   = 256      // bytes
	maxText   = 16 << 10 // bytes
)

// Faults gathers faults. The zero Faults is empty. It is not safe for concurrent
// use.
type Faults struct {
	errs []error
	size int // of the texts of errs
	more int
}

// Reject adds a fault: the value at the path must be something else.
func (f *Faults) Reject(path, value, reason string) {
	if f.Full() {
		f.more++
		return
	}
	f.put(&helpdesk.FieldError{
		Path: middle(path), Value: Shorten(value, maxValue), Reason: Shorten(reason, maxReason),
	})
}

// Add adds an error that is told as it is; nil adds nothing.
func (f *Faults) Add(err error) {
	switch {
	case err == nil:
	case f.Full():
		f.more++
	default:
		f.put(err)
	}
}

func (f *Faults) put(err error) {
	n := len(err.Error()) + 1
	if len(f.errs) > 0 && f.size+n > maxText {
		f.more++
		return
	}
	f.errs = append(f.errs, err)
	f.size += n
}

// Take adds the faults that another check has found in a part, each with the path
// of the part before its own. An error that is no [*helpdesk.FieldError] is added as
// it is; nil adds nothing.
func (f *Faults) Take(path string, err error) {
	for _, e := range Split(err) {
		if fault, ok := errors.AsType[*helpdesk.FieldError](e); ok {
			f.Reject(Join(path, fault.Path), fault.Value, fault.Reason)
		} else {
			f.Add(e)
		}
	}
}

// Any reports whether there is a fault.
func (f *Faults) Any() bool { return len(f.errs) > 0 }

// Full reports whether another fault is counted and not told: whoever rejects need
// not find out the path and the value then.
func (f *Faults) Full() bool { return len(f.errs) == Most || f.more > 0 }

// Len returns the number of faults, those that are not told included.
func (f *Faults) Len() int { return len(f.errs) + f.more }

// Err returns the joined faults, and nil if there is none.
func (f *Faults) Err() error {
	if f.more == 0 {
		return errors.Join(f.errs...)
	}
	rest := &helpdesk.FieldError{Reason: fmt.Sprintf("and %d faults more", f.more)}
	return errors.Join(append(slices.Clip(f.errs), rest)...)
}

// Split returns the parts of a joined error, and the error itself if it is not
// joined.
func Split(err error) []error {
	switch many := err.(type) { //nolint:errorlint // the error itself is asked, not what it wraps
	case nil:
		return nil
	case interface{ Unwrap() []error }:
		return many.Unwrap()
	default:
		return []error{err}
	}
}

// Join returns the path of a field of a part.
func Join(part, field string) string {
	switch {
	case part == "":
		return field
	case field == "" || field[0] == '[':
		return part + field
	default:
		return part + "." + field
	}
}

// At returns the path of an element of a list.
func At(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// Key returns the path of a member of an object whose names are data. A name that
// is not plain is quoted and shortened: hours.mon, but hours["Mon Day"].
func Key(object, name string) string {
	if isPlain(name) {
		return Join(object, name)
	}
	return object + "[" + strconv.QuoteToASCII(Shorten(name, maxValue)) + "]"
}

func isPlain(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return 0 < len(name) && len(name) <= maxValue
}

// Shorten returns the first runes of s, at most n of them.
func Shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return strings.Clone(s[:i])
		}
		n--
	}
	return s
}

// Want rejects the field at the path, without its value, unless ok.
func (f *Faults) Want(ok bool, path, reason string) {
	if !ok {
		f.Reject(path, "", reason)
	}
}

// middle leaves out the middle of a path that is too long to be shown.
func middle(path string) string {
	if len(path) <= maxPath {
		return path
	}
	const gap = "…"
	head, tail := maxPath/2, len(path)-(maxPath/2-len(gap))
	for head > 0 && !utf8.RuneStart(path[head]) {
		head--
	}
	for tail < len(path) && !utf8.RuneStart(path[tail]) {
		tail++
	}
	return path[:head] + gap + path[tail:]
}
