package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// Features say what an engine has, or does differently. The zero Features are
// those of an engine that cannot be opened a second time, is asked for the time
// and shows in lists at once what was committed.
type Features struct {
	// Reopen closes the stores and opens what they have stored again, as if the
	// process had been started anew. If it is nil, nothing is tested of what
	// outlasts a process.
	Reopen func(context.Context, store.Stores) (store.Stores, error)

	// Clock is that of an engine which goes by its own when something is due.
	// If it is nil, the engine goes by the instants in claims alone.
	Clock *Clock

	// Settle waits until lists show everything that was committed. If it is
	// nil, they do at once.
	Settle func(context.Context, store.Stores) error

	// SelfPurging says that records disappear at their PurgeAt by themselves, so
	// that Purge need not find them.
	SelfPurging bool

	// Uncertain makes the next Commit answer with an error that matches
	// [helpdesk.ErrUncertain], with its batch done or not as it is asked, or as the
	// engine can. If it is nil, nothing is tested of such commits: an engine
	// that always knows what became of a batch needs none.
	Uncertain func(ctx context.Context, s store.Stores, done bool) error
}

// A Clock is that of an engine.
type Clock struct {
	Now  func() time.Time
	Wait func(context.Context, time.Duration) error

	// Unit is how long cases make things wait. Greater is slower; too small and the
	// engine does not tell early from late.
	Unit time.Duration
}

// A Case tests one rule. The zero Case is not usable.
type Case struct {
	name  string
	rule  string
	needs func(Features) bool // nil: nothing
	check func(*probe)
}

// Name returns the name of the case, such as "commit/stale".
func (c Case) Name() string { return c.name }

// Rule returns the rule that a failure breaks.
func (c Case) Rule() string { return c.rule }

// Applies reports whether the rule says something of engines with these features.
func (c Case) Applies(f Features) bool { return c.needs == nil || c.needs(f) }

// Check tests the rule on empty stores and returns how they break it, and nil if
// they do not.
func (c Case) Check(ctx context.Context, s store.Stores, f Features) error {
	return run(ctx, s, f, c.check)
}

// Cases yields all cases, in the order of the port's rules.
func Cases() iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for _, group := range [][]Case{tenantCases, readCases, commitCases, atomicCases, uncertainCases, keyCases, eventCases, listCases, timerCases, outboxCases, parkCases, eraseCases, purgeCases, wholeCases} {
			for _, c := range group {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// Run tests the stores that open returns. It is called once for each case, and
// must return empty stores, of which it can arrange the end by t.Cleanup. A case
// about a feature that is not there is skipped.
func Run(t *testing.T, open func(t *testing.T) store.Stores, f Features) {
	t.Helper()
	for c := range Cases() {
		t.Run(c.name, func(t *testing.T) {
			if !c.Applies(f) {
				t.Skip("does not apply to the declared features")
			}
			if err := c.Check(t.Context(), open(t), f); err != nil {
				t.Errorf("%v\nrule: %s", err, c.rule)
			}
		})
	}
}

// Check is Run without a [testing.T]: it returns the joined violations, each a
// [*ViolationError].
func Check(ctx context.Context, open func() (store.Stores, error), f Features) error {
	var errs []error
	for c := range Cases() {
		if !c.Applies(f) {
			continue
		}
		s, err := open()
		if err != nil {
			return fmt.Errorf("storetest: opening stores: %w", err)
		}
		if err := c.Check(ctx, s, f); err != nil {
			errs = append(errs, &ViolationError{Case: c.name, Rule: c.rule, Found: err.Error()})
		}
	}
	return errors.Join(errs...)
}

// A ViolationError is a rule that an implementation breaks.
type ViolationError struct {
	Case  string
	Rule  string
	Found string // how
}

func (v *ViolationError) Error() string {
	return fmt.Sprintf("storetest: %s: %s\nrule: %s", v.Case, v.Found, v.Rule)
}
