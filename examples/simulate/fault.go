package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/deskcore/helpdesk/desk"
)

// The program's own codes of errors; the others are those of desk.CodeOf.
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
	return &fault{code, fmt.Sprintf(format, args...)}
}

// faultOf returns the fault that an error amounts to. The parts of a joined error,
// which stand in lines of their own, become one line.
func faultOf(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	return &fault{string(desk.CodeOf(err)), strings.ReplaceAll(err.Error(), "\n", "; ")}
}
