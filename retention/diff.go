package retention

import (
	"slices"
	"time"
)

// A Diff is what changed from one plan to the next. Each list is in order: tickets
// before conversations, and then by ID.
type Diff struct {
	// Added go now and did not before.
	Added []Change `json:"added,omitzero"`
	// Dropped were to go and do not now: they are kept again, or no longer among
	// the records, since they were deleted.
	Dropped []Change `json:"dropped,omitzero"`
	// Moved are due at another instant than before; they may be in one of the
	// other lists too.
	Moved []Change `json:"moved,omitzero"`
}

// A Change is what was said of one record before and what is said now. An
// Explanation whose state is empty says that the record was not in the plan.
type Change struct {
	Kind   Kind        `json:"kind,omitzero"`
	ID     string      `json:"id,omitzero"`
	Before Explanation `json:"before,omitzero"`
	After  Explanation `json:"after,omitzero"`
}

// String says what happened to the record in words:
//
//	ticket T-1: kept: open
//	ticket T-1: not listed
func (c Change) String() string {
	words := "not listed"
	if c.After.State != "" {
		words = c.After.String()
	}
	return string(c.Kind) + " " + c.ID + ": " + words
}

// Diff returns what changed from prev to pl.
func (pl Plan) Diff(prev Plan) Diff {
	now, before := pl.byRecord(), prev.byRecord()
	d := Diff{Added: []Change{}, Dropped: []Change{}, Moved: []Change{}}
	for len(now) > 0 || len(before) > 0 {
		order := 0
		switch {
		case len(before) == 0:
			order = -1
		case len(now) == 0:
			order = 1
		default:
			order = compareEntries(now[0], before[0])
		}
		var c Change
		if order <= 0 {
			c.Kind, c.ID, c.After = now[0].Kind, now[0].ID, now[0].Why
			now = now[1:]
		}
		if order >= 0 {
			c.Kind, c.ID, c.Before = before[0].Kind, before[0].ID, before[0].Why
			before = before[1:]
		}
		switch {
		case c.After.Ripe && !c.Before.Ripe:
			d.Added = append(d.Added, c)
		case c.Before.Ripe && !c.After.Ripe:
			d.Dropped = append(d.Dropped, c)
		}
		from, to := c.Before.scheduledFor(), c.After.scheduledFor()
		if !from.IsZero() && !to.IsZero() && !from.Equal(to) {
			d.Moved = append(d.Moved, c)
		}
	}
	return d
}

// scheduledFor returns when e is to go, zero if it is not.
func (e Explanation) scheduledFor() time.Time {
	if e.State != StateScheduled {
		return time.Time{}
	}
	return e.Due
}

// byRecord returns all entries of pl in order of their records.
func (pl Plan) byRecord() []*Entry {
	out := make([]*Entry, 0, len(pl.Going)+len(pl.Kept))
	for i := range pl.Going {
		out = append(out, &pl.Going[i])
	}
	for i := range pl.Kept {
		out = append(out, &pl.Kept[i])
	}
	slices.SortFunc(out, compareEntries)
	return out
}
