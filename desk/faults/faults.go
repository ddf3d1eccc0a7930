package faults

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/deskcore/helpdesk"
)

// A Kind is a way in which a call of a port fails. The zero Kind is none.
type Kind uint8

// The kinds.
const (
	// CrashBefore ends the process before the call has an effect. This and all
	// later calls fail with [ErrCrashed] and have no effect, until
	// Injector.Restart.
	CrashBefore Kind = iota + 1

	// CrashAfter ends the process when the call has had its effect: the answer
	// is lost, and all later calls fail.
	CrashAfter

	// Fail makes the call fail with [ErrInjected] without effect. Later calls
	// do not fail.
	Fail

	// UncertainDone makes a commit or a sending fail with [helpdesk.ErrUncertain],
	// though it had its effect. Later calls do not fail.
	UncertainDone

	// UncertainLost makes a commit or a sending fail with [helpdesk.ErrUncertain],
	// and it had no effect. Later calls do not fail.
	UncertainLost
)

var kinds = [...]string{CrashBefore: "crash before", CrashAfter: "crash after", Fail: "fail", UncertainDone: "uncertain, done", UncertainLost: "uncertain, lost"}

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{CrashBefore, CrashAfter, Fail, UncertainDone, UncertainLost} }

// String returns the name of a kind, and Kind(n) for what is none.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kinds) {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kinds[k]
}

// Applies reports whether a call can fail in this way.
func (k Kind) Applies(c Call) bool {
	switch k {
	case CrashBefore, CrashAfter, Fail:
		return true
	case UncertainDone, UncertainLost:
		return c.Name == "Store.Commit" || c.Name == "Transport.Send"
	default:
		return false
	}
}

var (
	// ErrCrashed is the error of every call of a process that has ended.
	ErrCrashed = errors.New("faults: crashed")

	// ErrInjected is the error of a call that was made to fail.
	ErrInjected = errors.New("faults: failed on purpose")
)

// A Call is one call of a port.
type Call struct {
	N    int    // 1 is the first
	Name string // such as Store.Commit

	// Note says more about the call: the tenant, and which records, keys or
	// messages.
	Note string
}

// String returns number, name and note.
func (c Call) String() string {
	return strings.TrimSuffix(fmt.Sprintf("call %d, %s %s", c.N, c.Name, c.Note), " ")
}

// A Fault is a kind of failure at a call. The zero Fault never happens.
type Fault struct {
	Call int // its number
	Kind Kind
}

// String returns the kind and the number of the call.
func (f Fault) String() string { return fmt.Sprintf("%v at call %d", f.Kind, f.Call) }

// An Injector counts the calls of the ports that it has wrapped, and makes one of
// them fail. It is safe for concurrent use; the calls are then numbered as they
// come. The zero Injector is ready, and makes nothing fail.
type Injector struct {
	mu      sync.Mutex
	fault   Fault
	calls   []Call
	met     bool
	crashed bool
}

// New returns an Injector that makes one call fail.
func New(f Fault) *Injector { return &Injector{fault: f} }

// Calls returns the calls so far, whether they failed or not.
func (in *Injector) Calls() []Call {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.calls)
}

// Fault returns the call that was made to fail, and false if none was.
func (in *Injector) Fault() (Call, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.met {
		return Call{}, false
	}
	return in.calls[in.fault.Call-1], true
}

// Crashed reports whether the process has ended and was not started anew.
func (in *Injector) Crashed() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.crashed
}

// Restart starts the process anew: calls do not fail any more. What was in its
// memory is the caller's to drop.
func (in *Injector) Restart() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.crashed = false
}

// enter numbers a call and says what becomes of it: whether it is done, and with
// which error it ends.
func (in *Injector) enter(name, note string) (do bool, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.crashed {
		return false, ErrCrashed
	}
	c := Call{N: len(in.calls) + 1, Name: name, Note: note}
	in.calls = append(in.calls, c)
	if c.N != in.fault.Call || !in.fault.Kind.Applies(c) {
		return true, nil
	}
	in.met = true
	switch in.fault.Kind {
	case CrashBefore:
		in.crashed = true
		return false, ErrCrashed
	case CrashAfter:
		in.crashed = true
		return true, ErrCrashed
	case UncertainDone:
		return true, fmt.Errorf("%w: %w", helpdesk.ErrUncertain, ErrInjected)
	case UncertainLost:
		return false, fmt.Errorf("%w: %w", helpdesk.ErrUncertain, ErrInjected)
	default:
		return false, ErrInjected
	}
}

// call does a call, unless it is made to fail. A call whose answer is lost and that
// failed by itself had no effect.
func call[T any](in *Injector, name, note string, do func() (T, error)) (T, error) {
	var none T
	doing, fault := in.enter(name, note)
	if !doing {
		return none, fault
	}
	got, err := do()
	if fault != nil {
		return none, fault
	}
	return got, err
}

// Do does a call of a port of the host, which in counts, unless the call is made to
// fail. The name, such as Transport.Send, says which call it is, and the note which
// one of them. A host wraps a port of its own by a type whose methods call Do:
//
//	func (t transport) Send(ctx context.Context, e desk.Envelope) error {
//		return t.in.Do("Transport.Send", e.Key, func() error { return t.Transport.Send(ctx, e) })
//	}
func (in *Injector) Do(name, note string, do func() error) error {
	_, err := call(in, name, note, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// A Scenario does something with ports that it has wrapped with the Injector, goes
// on after Injector.Restart as a new process would, and returns an error if then
// not all is well. Errors on the way that are due to the fault are its own to
// ignore.
type Scenario func(*Injector) error

// A FailureError says that a scenario did not end well. It unwraps to the
// scenario's own error.
type FailureError struct {
	Fault Fault
	Call  Call  // that failed; zero if the scenario failed undisturbed
	Err   error // what was not well
}

func (e *FailureError) Error() string {
	if e.Fault == (Fault{}) {
		return fmt.Sprintf("faults: undisturbed: %v", e.Err)
	}
	return fmt.Sprintf("faults: %v: %v: %v", e.Fault.Kind, e.Call, e.Err)
}

// Unwrap returns the scenario's error.
func (e *FailureError) Unwrap() error { return e.Err }

// Faults yields a fault of each of the kinds at each of the calls to which it
// applies, in the order of the calls.
func Faults(calls []Call, kinds ...Kind) iter.Seq[Fault] {
	return func(yield func(Fault) bool) {
		for _, c := range calls {
			for _, k := range kinds {
				if k.Applies(c) && !yield(Fault{Call: c.N, Kind: k}) {
					return
				}
			}
		}
	}
}

// Explore runs a scenario undisturbed, and then with a fault of each of the kinds
// at each call that the undisturbed one made. It returns the joined failures, each
// a [*FailureError]; if it fails undisturbed, that alone. Calls that are made only
// because of a fault are not made to fail.
//
// A scenario that makes other calls than the undisturbed one before its fault is
// not deterministic; a fault that it then does not meet is an error too.
func Explore(s Scenario, kinds ...Kind) error {
	in := New(Fault{})
	if err := s(in); err != nil {
		return &FailureError{Err: err}
	}
	var errs []error
	for f := range Faults(in.Calls(), kinds...) {
		in := New(f)
		err := s(in)
		c, met := in.Fault()
		if !met {
			err = errors.Join(err, errNotMet)
		}
		if err != nil {
			errs = append(errs, &FailureError{Fault: f, Call: c, Err: err})
		}
	}
	return errors.Join(errs...)
}

var errNotMet = errors.New("the call was not made: the scenario is not deterministic")
