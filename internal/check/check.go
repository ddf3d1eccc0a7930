package check

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/deskcore/helpdesk"
)

// Most is the greatest number of faults that are told.
const Most = 50

// Faults gathers faults. The zero Faults is empty. It is not safe for concurrent
// use.
type Faults struct {
	errs []error
	more int
}

// Reject adds a fault: the value at the path must be something else.
func (f *Faults) Reject(path, value, reason string) {
	if len(f.errs) == Most {
		f.more++
		return
	}
	f.errs = append(f.errs, &helpdesk.FieldError{Path: path, Value: shorten(value), Reason: reason})
}

// Take adds the faults that another check has found in a part, each with the path
// of the part before its own. An error that is no [*helpdesk.FieldError] is added as
// it is; nil adds nothing.
func (f *Faults) Take(path string, err error) {
	for _, e := range Split(err) {
		fault, ok := errors.AsType[*helpdesk.FieldError](e)
		switch {
		case ok:
			f.Reject(Join(path, fault.Path), fault.Value, fault.Reason)
		case len(f.errs) == Most:
			f.more++
		default:
			f.errs = append(f.errs, e)
		}
	}
}

// Any reports whether there is a fault.
func (f *Faults) Any() bool { return len(f.errs) > 0 }

// Err returns the joined faults, and nil if there is none.
func (f *Faults) Err() error {
	if f.more == 0 {
		return errors.Join(f.errs...)
	}
	rest := &helpdesk.FieldError{Reason: fmt.Sprintf("and %d faults more", f.more)}
	return errors.Join(append(f.errs[:len(f.errs):len(f.errs)], rest)...)
}

// Split returns the parts of a joined error, and the error itself if it is not
// joined.
func Split(err error) []error {
	switch many := err.(type) {
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

// longest is the greatest number of runes of a value that are shown.
const longest = 60

func shorten(s string) string {
	if len(s) <= longest {
		return s
	}
	n := 0
	for i := range s {
		if n == longest {
			return s[:i]
		}
		n++
	}
	return s
}

// Want rejects the field at the path, without its value, unless ok.
func (f *Faults) Want(ok bool, path, reason string) {
	if !ok {
		f.Reject(path, "", reason)
	}
}
