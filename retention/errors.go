package retention

import (
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
)

// An InputError reports one fault of an [Input], for which no plan is made. It
// matches [helpdesk.ErrInvalid].
type InputError struct {
	Kind   Kind   // of the record; empty for the Input itself
	ID     string // of the record; may be empty
	Reason string // what would be right
}

func (e *InputError) Error() string {
	if e.Kind == "" {
		return "retention: " + e.Reason
	}
	return fmt.Sprintf("retention: %s %.128q: %s", e.Kind, e.ID, e.Reason)
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *InputError) Unwrap() error { return helpdesk.ErrInvalid }

// A RefusedError reports why a sweep must not be carried out without somebody's
// explicit word, an [Override]. It matches [helpdesk.ErrNotAllowed].
type RefusedError struct {
	// Code is clock_back if now is before the last sweep, clock_jump if now is too
	// long after it, max_count if too many records would go, and max_share if too
	// great a share of all records would go.
	Code string `json:"code"`

	At        time.Time `json:"at,omitzero"`        // clock: the instant of the sweep
	Watermark time.Time `json:"watermark,omitzero"` // clock: the instant of the last sweep
	Latest    time.Time `json:"latest,omitzero"`    // clock_jump: the last instant that would have done

	Count      int `json:"count,omitzero"`      // breaker: how many records would go
	Population int `json:"population,omitzero"` // breaker: of how many
	Limit      int `json:"limit,omitzero"`      // max_count: how many may; max_share: how many percent may
}

func (e *RefusedError) Error() string {
	switch e.Code {
	case refusalClockBack:
		return fmt.Sprintf("retention: sweep refused: now is %s, before the last sweep at %s", stamp(e.At), stamp(e.Watermark))
	case refusalClockJump:
		return fmt.Sprintf("retention: sweep refused: now is %s, later than %s, too long after the last sweep at %s",
			stamp(e.At), stamp(e.Latest), stamp(e.Watermark))
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

// A ChangedError reports a record that is not what it was when its deletion was
// planned: another revision, missing, or new (T22, T23). Skip the purge and plan
// again. It matches [helpdesk.ErrConflict].
type ChangedError struct {
	Kind    Kind
	ID      string
	Planned string // the planned revision; empty if the record was not planned
	Found   string // the revision found; empty if the record is missing
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("retention: %s %.128q changed since it was planned: revision %.128q, want %.128q", e.Kind, e.ID, e.Found, e.Planned)
}

// Unwrap returns [helpdesk.ErrConflict].
func (e *ChangedError) Unwrap() error { return helpdesk.ErrConflict }

// An EarlyError reports a purge that was to begin before it may. It matches
// [helpdesk.ErrNotAllowed].
type EarlyError struct {
	At        time.Time // when it was to begin
	NotBefore time.Time // when it may
}

func (e *EarlyError) Error() string {
	return fmt.Sprintf("retention: not due yet: at %s, may go from %s on", stamp(e.At), stamp(e.NotBefore))
}

// Unwrap returns [helpdesk.ErrNotAllowed].
func (e *EarlyError) Unwrap() error { return helpdesk.ErrNotAllowed }

// A StepError reports a [Step] that was said to be done before its turn. It
// matches [helpdesk.ErrNotAllowed].
type StepError struct {
	Step Step // the one said to be done
	Next Step // the one whose turn it is; empty if the purge has not begun
}

func (e *StepError) Error() string {
	return fmt.Sprintf("retention: step %q is not next, %q is", string(e.Step), string(e.Next))
}

// Unwrap returns [helpdesk.ErrNotAllowed].
func (e *StepError) Unwrap() error { return helpdesk.ErrNotAllowed }

// A GoneError answers whoever asks for a record that is being deleted or was
// (R42). It matches [helpdesk.ErrGone].
type GoneError struct {
	Kind Kind
	ID   string
	At   time.Time // since when, in UTC
}

func (e *GoneError) Error() string {
	return fmt.Sprintf("retention: %s %.128q is gone since %s", e.Kind, e.ID, stamp(e.At))
}

// Unwrap returns [helpdesk.ErrGone].
func (e *GoneError) Unwrap() error { return helpdesk.ErrGone }

// A ProofError reports a tombstone that was not made with the key, was changed
// since, or does not follow the one before it. It matches
// [helpdesk.ErrDamaged].
type ProofError struct {
	Index  int // of the tombstone in the chain; 0 outside one
	Reason string
}

func (e *ProofError) Error() string {
	return fmt.Sprintf("retention: tombstone %d %s", e.Index, e.Reason)
}

// Unwrap returns [helpdesk.ErrDamaged].
func (e *ProofError) Unwrap() error { return helpdesk.ErrDamaged }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
