package retention

import (
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
)

// An InputError reports one fault of an [Input]. It matches [helpdesk.ErrInvalid]. It is
// plain data.
type InputError struct {
	Kind   Kind   // empty for the Input itself
	ID     string // may be empty
	Reason string // the broken rule
}

func (e *InputError) Error() string {
	if e.Kind == "" {
		return "retention: " + e.Reason
	}
	return fmt.Sprintf("retention: %s %.128q: %s", e.Kind, e.ID, e.Reason)
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *InputError) Unwrap() error { return helpdesk.ErrInvalid }

// A RefusedError reports a reason for which a sweep needs an [Override]. It matches
// [helpdesk.ErrNotAllowed]. It is plain data.
type RefusedError struct {
	// Code is clock_back if now is before the last sweep, clock_jump if now is too
	// long after it, max_count if too many records would go, and max_share if too
	// great a share of all records would go. A desk that does not believe its clock
	// refuses with clock_unconfirmed.
	Code string `json:"code"`

	At        time.Time `json:"at,omitzero"`        // clock: the instant of the sweep
	Watermark time.Time `json:"watermark,omitzero"` // clock: the instant of the last sweep
	Latest    time.Time `json:"latest,omitzero"`    // clock_jump, clock_unconfirmed: the last believable instant

	Count      int `json:"count,omitzero"`      // breaker: the number of records to delete
	Population int `json:"population,omitzero"` // breaker: the number of all records
	Limit      int `json:"limit,omitzero"`      // max_count: a number of records; max_share: percent
}

func (e *RefusedError) Error() string {
	switch e.Code {
	case refusalClockBack:
		return fmt.Sprintf("retention: sweep refused: now is %s, before the last sweep at %s", stamp(e.At), stamp(e.Watermark))
	case refusalClockJump:
		return fmt.Sprintf("retention: sweep refused: now is %s, later than %s, too long after the last sweep at %s",
			stamp(e.At), stamp(e.Latest), stamp(e.Watermark))
	case refusalUnconfirmed:
		return fmt.Sprintf("retention: sweep refused: the clock jumped to %s, and nobody has confirmed it", stamp(e.At))
	case refusalMaxCount:
		return fmt.Sprintf("retention: sweep refused: %d records would go, at most %d may", e.Count, e.Limit)
	case refusalMaxShare:
		return fmt.Sprintf("retention: sweep refused: %d of %d records would go, at most %d percent may", e.Count, e.Population, e.Limit)
	default:
		return fmt.Sprintf("retention: sweep refused: %q", e.Code)
	}
}

// Unwrap returns [helpdesk.ErrNotAllowed].
func (e *RefusedError) Unwrap() error { return helpdesk.ErrNotAllowed }

// A ChangedError reports a record that has changed since the plan: another revision, a
// missing record, or a new one. Skip the purge and plan again. It matches
// [helpdesk.ErrConflict]. It is plain data.
type ChangedError struct {
	Kind    Kind
	ID      string
	Planned string // the planned revision; empty for a record outside the plan
	Found   string // the revision found; empty for a missing record
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("retention: %s %.128q changed since it was planned: revision %.128q, want %.128q", e.Kind, e.ID, e.Found, e.Planned)
}

// Unwrap returns [helpdesk.ErrConflict].
func (e *ChangedError) Unwrap() error { return helpdesk.ErrConflict }

// An EarlyError reports an attempt to begin a purge too early. It matches
// [helpdesk.ErrNotAllowed]. It is plain data.
type EarlyError struct {
	At        time.Time // the instant of the attempt
	NotBefore time.Time // the first permitted instant
}

func (e *EarlyError) Error() string {
	return fmt.Sprintf("retention: not due yet: at %s, may go from %s on", stamp(e.At), stamp(e.NotBefore))
}

// Unwrap returns [helpdesk.ErrNotAllowed].
func (e *EarlyError) Unwrap() error { return helpdesk.ErrNotAllowed }

// A StepError reports a [Step] that was finished before its turn. It matches
// [helpdesk.ErrNotAllowed]. It is plain data.
type StepError struct {
	Step Step // the finished step
	Next Step // the step to do; empty if the purge has not begun
}

func (e *StepError) Error() string {
	return fmt.Sprintf("retention: step %q is not next, %q is", string(e.Step), string(e.Next))
}

// Unwrap returns [helpdesk.ErrNotAllowed].
func (e *StepError) Unwrap() error { return helpdesk.ErrNotAllowed }

// A GoneError reports a record that is deleted, or is being deleted. It matches
// [helpdesk.ErrGone]. It is plain data.
type GoneError struct {
	Kind Kind
	ID   string
	At   time.Time // the beginning of the deletion, in UTC
}

func (e *GoneError) Error() string {
	return fmt.Sprintf("retention: %s %.128q is gone since %s", e.Kind, e.ID, stamp(e.At))
}

// Unwrap returns [helpdesk.ErrGone].
func (e *GoneError) Unwrap() error { return helpdesk.ErrGone }

// A ProofError reports a tombstone that was not made with the key, was changed since, or
// does not follow the tombstone before. It matches [helpdesk.ErrDamaged]. It is plain data.
type ProofError struct {
	Index  int // the place of the tombstone in the chain, from 0
	Reason string
}

func (e *ProofError) Error() string {
	return fmt.Sprintf("retention: tombstone %d %s", e.Index, e.Reason)
}

// Unwrap returns [helpdesk.ErrDamaged].
func (e *ProofError) Unwrap() error { return helpdesk.ErrDamaged }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
