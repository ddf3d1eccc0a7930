// Package deletion carries out retention for one tenant in small turns: a [Run] plans what goes,
// takes it away from readers, and then erases what hangs on it, one deletion a turn. A run that
// ends early loses nothing: what was planned is planned again, and what was begun is found
// again by the next run.
package deletion

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/deskcore/helpdesk/retention"
)

// Records are the records of one tenant, as a [Run] deletes them.
type Records interface {
	// Plan decides what goes now.
	Plan(ctx context.Context) ([]retention.Purge, error)

	// Begin takes the records of a purge away from readers, and keeps in mind what is
	// left to do, under the name that it returns. The name is empty if nothing was
	// begun, because a record has changed meanwhile.
	Begin(ctx context.Context, p retention.Purge) (begun string, err error)

	// Unfinished returns a page of the names of deletions that were begun, and the
	// cursor of the next page, which is empty on the last.
	Unfinished(ctx context.Context, cursor string) (page []string, next string, err error)

	// Finish carries out what is left of a deletion, and returns how many records are
	// gone for good by that.
	Finish(ctx context.Context, begun string) (int, error)
}

// A Run is one run of retention. It is not safe for concurrent use.
type Run struct {
	records Records
	phase   phase
	purges  []retention.Purge
	own     []string        // what this run began, in the order of its plan: that is finished last
	isOwn   map[string]bool // the same
	begun   []string        // what is finished now
	cursor  string
	faults  []error
	more    int // faults that were not kept

	Planned int // deletions that were planned
	Deleted int // records that are gone for good
	Skipped int // deletions that were not begun, because a record had changed
}

type phase int

const (
	planning  phase = iota
	beginning       // first all of them: what is due is gone for readers, however long the rest takes
	looking         // for what earlier runs began
	finishing       // a page of that
	ending          // what this run began
	over
)

// mostFaults is how many faults of a run are kept.
const mostFaults = 100

// New returns a run that has not begun.
func New(r Records) *Run { return &Run{records: r, isOwn: map[string]bool{}} }

// Next does a small turn, and reports whether the run is over. A fault stops nothing else: it
// is returned, and joins those of [Run.Err]. When the context has ended, the run is not over.
func (r *Run) Next(ctx context.Context) (done bool, err error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	switch r.phase {
	case planning:
		err = r.plan(ctx)
	case beginning:
		err = r.begin(ctx)
	case looking:
		err = r.look(ctx)
	case finishing, ending:
		err = r.finish(ctx)
	case over:
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		r.keep(err)
	}
	return r.phase == over, err
}

func (r *Run) keep(err error) {
	if len(r.faults) == mostFaults {
		r.more++
		return
	}
	r.faults = append(r.faults, err)
}

// Err returns the faults of the run so far, joined: the first 100, and the number of the others.
func (r *Run) Err() error {
	all := r.faults
	if r.more > 0 {
		all = append(slices.Clip(all), fmt.Errorf("%d further faults", r.more))
	}
	return errors.Join(all...)
}

func (r *Run) plan(ctx context.Context) error {
	purges, err := r.records.Plan(ctx)
	if ctx.Err() != nil {
		return err // it is planned again
	}
	r.purges, r.Planned = purges, len(purges)
	r.phase = beginning
	r.skip()
	return err
}

// skip goes on to looking for what was begun, if there is nothing to begin any more.
func (r *Run) skip() {
	if len(r.purges) == 0 {
		r.phase = looking
	}
}

func (r *Run) begin(ctx context.Context) error {
	begun, err := r.records.Begin(ctx, r.purges[0])
	if ctx.Err() != nil {
		return err
	}
	r.purges = r.purges[1:]
	switch {
	case begun != "":
		r.own = append(r.own, begun)
		r.isOwn[begun] = true
	case err == nil:
		r.Skipped++
	}
	r.skip()
	return err
}

func (r *Run) look(ctx context.Context) error {
	page, next, err := r.records.Unfinished(ctx, r.cursor)
	if err != nil {
		next = ""
	}
	r.begun = slices.DeleteFunc(page, func(name string) bool { return r.isOwn[name] })
	r.cursor, r.phase = next, finishing
	r.turn()
	return err
}

// turn goes on if nothing is left of what is finished now.
func (r *Run) turn() {
	switch {
	case len(r.begun) > 0:
	case r.phase == ending:
		r.phase = over
	case r.cursor != "":
		r.phase = looking
	default:
		if r.begun, r.phase = r.own, ending; len(r.own) == 0 {
			r.phase = over
		}
	}
}

func (r *Run) finish(ctx context.Context) error {
	n, err := r.records.Finish(ctx, r.begun[0])
	r.begun = r.begun[1:]
	r.Deleted += n
	r.turn()
	return err
}
