package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/deskcore/helpdesk/desk"
)

// The program's own codes of errors; the others are those of desk.ProblemOf.
const (
	badCommand  = "bad_command"  // not an object, a member is missing, unknown or of the wrong form
	unknownDo   = "unknown_do"   // there is no such command
	unknownName = "unknown_name" // nothing has this name
	badAt       = "bad_at"       // the clock does not go back by itself, nor for ever on
)

// A fault is why a command was not carried out.
type fault struct{ code, message string }

func (f *fault) Error() string { return f.code + ": " + f.message }

func faultf(code, format string, args ...any) error {
	return &fault{code, oneLine(fmt.Sprintf(format, args...))}
}

// oneLine makes one line of the parts of a joined error, which stand in lines of
// their own.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", "; ") }

// faultOf returns the fault that an error amounts to.
func faultOf(err error) *fault {
	if all, ok := err.(interface{ Unwrap() []error }); ok { // of several, with the code of the first
		parts := all.Unwrap()
		var texts []string
		for _, e := range parts {
			texts = append(texts, faultOf(e).message)
		}
		if len(parts) > 0 && err.Error() == errors.Join(parts...).Error() {
			return &fault{faultOf(parts[0]).code, strings.Join(texts, "; ")}
		}
	}
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	return &fault{desk.ProblemOf(err).Code, oneLine(err.Error())}
}
