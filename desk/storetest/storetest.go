package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// An Engine is an engine under test. The zero Engine is not usable.
type Engine struct {
	// Open prepares a storage for one case and returns a function that opens the storage.
	// The storage may be empty or be shared by all cases. A case that calls the function
	// twice has two values on one storage, as two processes have. Open closes everything by
	// t.Cleanup.
	Open func(t *testing.T) func() store.Stores

	// Bound prepares a storage and returns a function that gives a source in a transaction
	// that ends with the test. Cases about the loops are left out. A nil Bound means that the
	// engine joins no transactions.
	Bound func(t *testing.T) func() store.Source

	// Settle waits until lists show every commit. A nil Settle means that lists show a commit
	// immediately.
	Settle func(context.Context, store.Stores) error

	// Lose does a batch, or does it not, as done says, in a way that leaves the caller without
	// an answer, and returns the error of that commit, which has a token. A test does this by
	// cutting the connection. With a nil Lose, the case about Outcome is skipped.
	Lose func(ctx context.Context, r store.Records, b store.Batch, done bool) error

	// Fill leaves no room in the storage of a case, not even for a batch of 64 KiB. The storage
	// must be that of one case alone. With a nil Fill, the case about full storages is skipped.
	Fill func(context.Context, store.Stores) error

	// Now is the clock of an engine with Features.OwnClock, and nil for others. The clock of
	// the suite stands still at its time then, and a case that would move the clock is skipped
	// from there on.
	Now func() time.Time

	// Skip has the reasons for which cases are skipped, by name.
	Skip map[string]string
}

// A Rule is a sentence of the port with a case. The zero Rule is not usable.
type Rule struct {
	// Name is the name of the case, such as commit/stale.
	Name string
	// Text is the sentence.
	Text string

	bound bool // the case needs one source alone
	alone bool // the case looks at all tenants
	check func(*probe)
}

// Rules returns all rules, in the order of the port.
func Rules() []Rule {
	return slices.Concat(
		sourceRules, readRules, listRules, orderRules, countRules, logRules,
		commitRules, questionRules, keyRules, raceRules, lockRules, outcomeRules, fullRules,
		timerRules, outboxRules, laneRules, settleRules, dueRules, clockRules,
		parkedRules, eraseRules, expireRules, endRules,
	)
}

// Check tests the rule. The error describes the violation. Open opens the storage of the case,
// as [Engine] says; of e only the functions without a [testing.T] are used. A rule that does not
// apply to the engine is not violated.
func (r Rule) Check(ctx context.Context, e Engine, open func() store.Stores) error {
	_, err := run(ctx, open, e, r.check)
	return err
}

// Run tests an engine, with all cases in parallel.
func Run(t *testing.T, e Engine) {
	t.Helper()
	rules := Rules()
	for name := range e.Skip {
		if !slices.ContainsFunc(rules, func(r Rule) bool { return r.Name == name }) {
			t.Errorf("no case is named %s", name)
		}
	}
	var one sync.Mutex // for the cases that look at all tenants
	for _, r := range rules {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			if why, ok := e.Skip[r.Name]; ok {
				t.Skip(why)
			}
			if r.alone {
				one.Lock()
				defer one.Unlock()
			}
			skipped, err := run(t.Context(), e.Open(t), e, r.check)
			report(t, r, skipped, err)
		})
		if e.Bound == nil || !r.bound {
			continue
		}
		t.Run(r.Name+"/bound", func(t *testing.T) {
			t.Parallel()
			if why, ok := e.Skip[r.Name+"/bound"]; ok {
				t.Skip(why)
			}
			open := e.Bound(t)
			skipped, err := run(t.Context(), func() store.Stores { return bound{open()} }, e, r.check)
			report(t, r, skipped, err)
		})
	}
}

func report(t *testing.T, r Rule, skipped string, err error) {
	t.Helper()
	switch {
	case err != nil:
		t.Errorf("%v\nrule: %s", err, r.Text)
	case skipped != "":
		t.Skip(skipped)
	}
}

// bound are stores whose loops do not work.
type bound struct{ store.Source }

var errBound = errors.New("storetest: there are no loops in a transaction")

func (bound) Due(context.Context, store.DueQuery) (store.DuePage, error) {
	return store.DuePage{}, errBound
}

func (bound) Claim(context.Context, store.Claim) (store.Claims, error) {
	return store.Claims{}, errBound
}

func (bound) Settle(context.Context, ...store.Settlement) error { return errBound }

func (bound) Expire(context.Context, time.Time, int) (int, error) { return 0, errBound }
