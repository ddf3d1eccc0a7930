package retention

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The kinds of errors of this package. Each is matched, with [errors.Is], by the
// struct named with it, which carries the data. None carries more than IDs,
// codes, numbers and instants (T45).
var (
	// ErrInvalid is matched by every [*FieldError].
	ErrInvalid = errors.New("retention: invalid value")
	// ErrInput is matched by every [*InputError].
	ErrInput = errors.New("retention: invalid input")
	// ErrRefused is matched by every [*RefusedError].
	ErrRefused = errors.New("retention: sweep refused")
	// ErrChanged is matched by every [*ChangedError].
	ErrChanged = errors.New("retention: record changed since it was planned")
	// ErrEarly is matched by every [*EarlyError].
	ErrEarly = errors.New("retention: not due yet")
	// ErrStepOrder is matched by every [*StepError].
	ErrStepOrder = errors.New("retention: purge step out of order")
	// ErrGone is matched by every [*GoneError]: what happens from then on happens
	// to a record that is not there (R42).
	ErrGone = errors.New("retention: gone")
	// ErrKey is returned for a [Key] that is too short, or not set.
	ErrKey = errors.New("retention: no key, or a key of less than 32 bytes")
	// ErrForged is matched by every [*ProofError].
	ErrForged = errors.New("retention: tombstone does not stand")
)

// A FieldError reports one fault of a [Config] or a [Hold]. It matches
// [ErrInvalid].
type FieldError struct {
	Field  string // where, as a JSON path: breaker.max_share
	Value  string // what stands there, shortened if it is long; empty if nothing does
	Reason string // what would be right
}

func (e *FieldError) Error() string {
	if e.Value == "" {
		return "retention: " + e.Field + ": " + e.Reason
	}
	return "retention: " + e.Field + ": " + strconv.Quote(e.Value) + " " + e.Reason
}

// Is reports whether target is [ErrInvalid].
func (e *FieldError) Is(target error) bool { return target == ErrInvalid }

// An InputError reports one fault of an [Input], for which no plan is made. It
// matches [ErrInput].
type InputError struct {
	Kind   Kind   // of the record; empty for the Input itself
	ID     string // of the record; may be empty
	Reason string // what would be right
}

func (e *InputError) Error() string {
	if e.Kind == "" {
		return "retention: " + e.Reason
	}
	return fmt.Sprintf("retention: %s %q: %s", e.Kind, e.ID, e.Reason)
}

// Is reports whether target is [ErrInput].
func (e *InputError) Is(target error) bool { return target == ErrInput }

// A RefusedError reports why a sweep must not be carried out without somebody's
// explicit word, an [Override]. It matches [ErrRefused].
type RefusedError struct {
	Code Refusal `json:"code"`

	At        time.Time `json:"at,omitzero"`        // clock: the instant of the sweep
	Watermark time.Time `json:"watermark,omitzero"` // clock: the instant of the last sweep
	Latest    time.Time `json:"latest,omitzero"`    // clock_jump: the last instant that would have done

	Count      int `json:"count,omitzero"`      // breaker: how many records would go
	Population int `json:"population,omitzero"` // breaker: of how many
	Limit      int `json:"limit,omitzero"`      // max_count: how many may; max_share: how many percent may
}

func (e *RefusedError) Error() string {
	switch e.Code {
	case RefusalClockBack:
		return fmt.Sprintf("retention: sweep refused: now is %s, before the last sweep at %s", stamp(e.At), stamp(e.Watermark))
	case RefusalClockJump:
		return fmt.Sprintf("retention: sweep refused: now is %s, later than %s, too long after the last sweep at %s",
			stamp(e.At), stamp(e.Latest), stamp(e.Watermark))
	case RefusalMaxCount:
		return fmt.Sprintf("retention: sweep refused: %d records would go, at most %d may", e.Count, e.Limit)
	case RefusalMaxShare:
		return fmt.Sprintf("retention: sweep refused: %d of %d records would go, at most %d percent may", e.Count, e.Population, e.Limit)
	default:
		return fmt.Sprintf("retention: sweep refused: %q", string(e.Code))
	}
}

// Is reports whether target is [ErrRefused].
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

// A ChangedError reports a record that is not what it was when its deletion was
// planned: another revision, missing, or new (T22, T23). Skip the purge and plan
// again. It matches [ErrChanged].
type ChangedError struct {
	Kind    Kind
	ID      string
	Planned string // the planned revision; empty if the record was not planned
	Found   string // the revision found; empty if the record is missing
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("retention: %s %q changed since it was planned: revision %q, want %q", e.Kind, e.ID, e.Found, e.Planned)
}

// Is reports whether target is [ErrChanged].
func (e *ChangedError) Is(target error) bool { return target == ErrChanged }

// An EarlyError reports a purge that was to begin before it may. It matches
// [ErrEarly].
type EarlyError struct {
	At        time.Time // when it was to begin
	NotBefore time.Time // when it may
}

func (e *EarlyError) Error() string {
	return fmt.Sprintf("retention: not due yet: at %s, may go from %s on", stamp(e.At), stamp(e.NotBefore))
}

// Is reports whether target is [ErrEarly].
func (e *EarlyError) Is(target error) bool { return target == ErrEarly }

// A StepError reports a [Step] that was said to be done before its turn. It
// matches [ErrStepOrder].
type StepError struct {
	Step Step // the one said to be done
	Next Step // the one whose turn it is; empty if the purge has not begun
}

func (e *StepError) Error() string {
	return fmt.Sprintf("retention: step %q is not next, %q is", string(e.Step), string(e.Next))
}

// Is reports whether target is [ErrStepOrder].
func (e *StepError) Is(target error) bool { return target == ErrStepOrder }

// A GoneError answers whoever asks for a record that is being deleted or was
// (R42). It matches [ErrGone].
type GoneError struct {
	Kind Kind
	ID   string
	At   time.Time // since when, in UTC
}

func (e *GoneError) Error() string {
	return fmt.Sprintf("retention: %s %q is gone since %s", e.Kind, e.ID, stamp(e.At))
}

// Is reports whether target is [ErrGone].
func (e *GoneError) Is(target error) bool { return target == ErrGone }

// A ProofError reports a tombstone that was not made with the key, was changed
// since, or does not follow the one before it. It matches [ErrForged].
type ProofError struct {
	Index  int // of the tombstone in the chain; 0 outside one
	Reason string
}

func (e *ProofError) Error() string {
	return fmt.Sprintf("retention: tombstone %d %s", e.Index, e.Reason)
}

// Is reports whether target is [ErrForged].
func (e *ProofError) Is(target error) bool { return target == ErrForged }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
