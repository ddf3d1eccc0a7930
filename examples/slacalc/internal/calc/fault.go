package calc

import (
	"errors"
	"fmt"
	"strings"

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
	is   error
	code string
}{
	{sla.ErrConflict, conflict},
	{sla.ErrEvent, badEvent},
	{sla.ErrOpening, badOpening},
	{sla.ErrUnknown, unknownCycle},
	{hours.ErrNeverOpens, neverOpens},
	{hours.ErrRange, outOfRange},
}

// faultOf returns the fault that an error of the library amounts to.
func faultOf(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			return &fault{k.code, oneLine(err)}
		}
	}
	return &fault{badQuestion, oneLine(err)}
}

// oneLine returns the text of err; the parts of a joined error, which stand in
// lines of their own, become one.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
