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

// A Kind is a way in which a call of a port fails. The zero Kind never applies.
type Kind uint8

// The kinds.
const (
	// CrashBefore ends the process before the call has an effect. The call and all later
	// calls fail with [ErrCrashed] and have no effect, until Injector.Restart.
	CrashBefore Kind = iota + 1

	// CrashAfter ends the process after the call has had its effect: the answer is lost,
	// and all later calls fail.
	CrashAfter

	// Fail makes the call fail with [ErrInjected] without effect. Later calls
	// do not fail.
	Fail

	// UncertainDone makes a commit or a sending fail with [helpdesk.ErrUncertain] after its
	// effect. Later calls do not fail.
	UncertainDone

	// UncertainLost makes a commit or a sending fail with [helpdesk.ErrUncertain] without
	// an effect. Later calls do not fail.
	UncertainLost
)

var kinds = [...]string{CrashBefore: "crash before", CrashAfter: "crash after", Fail: "fail", UncertainDone: "uncertain, done", UncertainLost: "uncertain, lost"}

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{CrashBefore, CrashAfter, Fail, UncertainDone, UncertainLost} }

// String returns the name of a kind, and Kind(n) for any other number.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kinds) {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kinds[k]
}

// Applies reports whether the call c can fail in the way of k.
func (k Kind) Applies(c Call) bool {
	switch k {
	case CrashBefore, CrashAfter, Fail:
		return true
	case UncertainDone, UncertainLost:
		return c.Name == "Records.Commit" || c.Name == "Transport.Send"
	default:
		return false
	}
}

var (
	// ErrCrashed is the error of every call of a process that has ended.
	ErrCrashed = errors.New("faults: crashed")

	// ErrInjected is the error of a call that failed on purpose.
	ErrInjected = errors.New("faults: failed on purpose")
)

// A Call is one call of a port. It is plain data.
type Call struct {
	N    int    // the number of the call, from 1
	Name string // the name, such as Records.Commit

	// Note lists the subjects of the call: the tenant, and records, keys or messages.
	Note string
}

// String returns the number, the name and the note.
func (c Call) String() string {
	return strings.TrimSuffix(fmt.Sprintf("call %d, %s %s", c.N, c.Name, c.Note), " ")
}

// A Fault is a kind of failure at a call. The zero Fault never happens.
type Fault struct {
	Call int // the number of the call
	Kind Kind
}

// String returns the kind and the number of the call.
func (f Fault) String() string { return fmt.Sprintf("%v at call %d", f.Kind, f.Call) }

// An Injector counts the calls of its wrapped ports, and makes one call fail. An Injector is safe
// for concurrent use; concurrent calls are numbered by arrival. The zero Injector is ready for use
// and makes no call fail.
type Injector struct {
	mu      sync.Mutex
	script  func(Call) (bool, error)
	fault   Fault
	calls   []Call
	met     bool
	crashed bool
}

// New returns an Injector that makes one call fail.
func New(f Fault) *Injector { return &Injector{fault: f} }

// Scripted returns an Injector that asks the script about each call: whether the call has its
// effect, and the error that the caller gets instead of the answer. A nil error stands for the
// answer of the call itself, which then has its effect. The Injector asks about one call at a time
// and keeps no list of the calls.
//
// A storage whose answers get lost is a script that returns [helpdesk.ErrUncertain] for some calls
// of Records.Commit.
func Scripted(script func(Call) (done bool, err error)) *Injector { return &Injector{script: script} }

// Calls returns all calls so far, failed calls included.
func (in *Injector) Calls() []Call {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.calls)
}

// Fault returns the call that failed on purpose, and false without such a call.
func (in *Injector) Fault() (Call, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.met {
		return Call{}, false
	}
	return in.calls[in.fault.Call-1], true
}

// Crashed reports whether the process has ended and has not started anew.
func (in *Injector) Crashed() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.crashed
}

// Restart starts the process anew: calls do not fail any more. The caller has to drop the memory
// of the old process.
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
	if in.script != nil {
		in.fault.Call++
		done, err := in.script(Call{N: in.fault.Call, Name: name, Note: note})
		return done || err == nil, err
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

// Do makes a call of a port of the host. The Injector counts the call, and makes the call unless
// the call has to fail. The name, such as Transport.Send, is that of the method, and the note
// tells one call from another. A host wraps a port by a type with methods that call Do:
//
//	func (t transport) Send(ctx context.Context, e desk.Envelope) error {
//		return t.in.Do("Transport.Send", e.Key, func() error { return t.Transport.Send(ctx, e) })
//	}
func (in *Injector) Do(name, note string, do func() error) error {
	_, err := call(in, name, note, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// A Scenario does something with ports that are wrapped with the Injector, continues after
// Injector.Restart as a new process would, and returns an error if the result is wrong. A Scenario
// ignores errors that come from the fault.
type Scenario func(*Injector) error

// A FailureError reports a scenario with a wrong result. It unwraps to the error of the scenario. It
// is plain data.
type FailureError struct {
	Fault Fault
	Call  Call  // the call of the fault; zero for the undisturbed scenario
	Err   error // the error of the scenario
}

func (e *FailureError) Error() string {
	if e.Fault == (Fault{}) {
		return fmt.Sprintf("faults: undisturbed: %v", e.Err)
	}
	return fmt.Sprintf("faults: %v: %v: %v", e.Fault.Kind, e.Call, e.Err)
}

// Unwrap returns the scenario's error.
func (e *FailureError) Unwrap() error { return e.Err }

// Faults yields a fault of each kind at each call to which the kind applies, in the order of the
// calls.
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

// Explore runs a scenario undisturbed, and then with a fault of each kind at each call of the
// undisturbed run. The error joins a [*FailureError] for each failed run; if the undisturbed run
// fails, the error is that of the undisturbed run alone. Explore makes no call fail that happens
// only because of a fault.
//
// A scenario that makes other calls before its fault than the undisturbed run is not deterministic.
// If such a scenario misses its fault, that is an error too.
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
