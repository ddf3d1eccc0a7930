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

// Features are the permitted differences of an engine. The zero Features belong to an engine
// that cannot be reopened, has no clock of its own, and lists records immediately after a
// commit.
type Features struct {
	// Reopen closes the stores and opens the stored data again, as a new process would.
	// With a nil Reopen, durability is not tested.
	Reopen func(context.Context, store.Stores) (store.Stores, error)

	// Clock is the clock of an engine that decides by its own clock about due instants.
	// With a nil Clock, the engine decides by the instants in claims alone.
	Clock *Clock

	// Settle waits until lists show every commit. With a nil Settle, lists show a commit
	// immediately.
	Settle func(context.Context, store.Stores) error

	// SelfPurging reports that records disappear at their PurgeAt without Purge.
	SelfPurging bool

	// Uncertain makes the next Commit return an error that matches
	// [helpdesk.ErrUncertain], with the batch applied if done is true, or as the engine can.
	// With a nil Uncertain, such commits are not tested; an engine that always knows the
	// outcome needs none.
	Uncertain func(ctx context.Context, s store.Stores, done bool) error
}

// A Clock is the clock of an engine. The zero Clock is not usable.
type Clock struct {
	Now  func() time.Time
	Wait func(context.Context, time.Duration) error

	// Unit is the unit of waiting in the cases. With a greater Unit the suite is slower;
	// with too small a Unit the engine cannot tell early from late.
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

// Rule returns the rule of the case.
func (c Case) Rule() string { return c.rule }

// Applies reports whether the rule applies to engines with the features f.
func (c Case) Applies(f Features) bool { return c.needs == nil || c.needs(f) }

// Check tests the rule on empty stores. The error describes the violation.
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

// Run tests an engine. Run calls open once for each case; open returns empty stores, and can
// close the stores by t.Cleanup. Run skips the cases of missing features.
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

// Check is Run without a [testing.T]. The error joins a [*ViolationError] for each violation.
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

// A ViolationError reports a rule that an implementation breaks. It is plain data.
type ViolationError struct {
	Case  string
	Rule  string
	Found string // the violation in words
}

func (v *ViolationError) Error() string {
	return fmt.Sprintf("storetest: %s: %s\nrule: %s", v.Case, v.Found, v.Rule)
}
