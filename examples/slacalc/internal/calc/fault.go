package calc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// The codes of errors. They are part of the program's interface.
const (
	badQuestion     = "bad_question"
	unknownOp       = "unknown_op"
	unknownSchedule = "unknown_schedule"
	unknownPolicy   = "unknown_policy"
	badSchedule     = "bad_schedule"
	badPolicy       = "bad_policy"
	badEvent        = "bad_event"
	badOpening      = "bad_opening"
	conflict        = "conflict"
	unknownCycle    = "unknown_cycle"
	neverOpens      = "never_opens"
	outOfRange      = "out_of_range"
)

// A fault is why a line has no answer.
type fault struct{ code, message string }

func (f *fault) Error() string { return f.code + ": " + f.message }

func faultf(code, format string, args ...any) error {
	return &fault{code, fmt.Sprintf(format, args...)}
}

// kinds are the codes of the library's errors, the most telling first.
var kinds = []struct {
	is   func(error) bool
	code string
}{
	{isA[*sla.ConflictError], conflict},
	{isA[*sla.EventError], badEvent},
	{isA[*sla.OpeningError], badOpening},
	{isA[*helpdesk.FieldError], unknownCycle}, // the questions themselves were checked before
	{isA[*hours.NeverOpensError], neverOpens},
	{isA[*hours.RangeError], outOfRange},
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// faultOf returns the fault that an error of the library amounts to.
func faultOf(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	for _, k := range kinds {
		if k.is(err) {
			return &fault{k.code, oneLine(err)}
		}
	}
	return &fault{badQuestion, oneLine(err)}
}

// oneLine returns the text of err; the parts of a joined error, which stand in
// lines of their own, become one.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
