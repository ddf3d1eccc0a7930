package retention

import (
	"slices"
	"time"
)

// A Diff is the difference between two plans. Each list is in order: tickets before
// conversations, and then by ID. It is plain data; the zero Diff has no changes.
type Diff struct {
	// Added are the records that are deleted by the new plan only.
	Added []Change `json:"added,omitzero"`
	// Dropped are the records that are deleted by the old plan only: the new plan keeps
	// the record, or lacks the record because of its deletion.
	Dropped []Change `json:"dropped,omitzero"`
	// Moved are the records with another due instant. A record may be in another list
	// too.
	Moved []Change `json:"moved,omitzero"`
}

// A Change is one record with its explanations in two plans. An Explanation without a
// state means that the record is not in the plan. It is plain data.
type Change struct {
	Kind   Kind        `json:"kind,omitzero"`
	ID     string      `json:"id,omitzero"`
	Before Explanation `json:"before,omitzero"`
	After  Explanation `json:"after,omitzero"`
}

// String returns the record with its new explanation in words:
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
