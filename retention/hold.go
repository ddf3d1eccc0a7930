package retention

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Hold keeps a record from being deleted, whatever its age, until the release of the
// hold. A record can have any number of holds, told apart by their IDs. A Hold is plain
// data; [Holds.Place] refuses the zero Hold.
//
// The reason is a code of the product, such as "litigation". A code carries no personal
// data, but free text does.
type Hold struct {
	ID         string    `json:"id,omitzero"`
	Reason     string    `json:"reason,omitzero"`
	PlacedAt   time.Time `json:"placed_at,omitzero"`
	ReleasedAt time.Time `json:"released_at,omitzero"` // zero while the hold is in force
}

// IsInForce reports whether h has not been released.
func (h Hold) IsInForce() bool { return h.ReleasedAt.IsZero() }

// check returns a *helpdesk.FieldError for every fault of a hold to be placed.
func (h Hold) check() error {
	var f faults
	if h.ID == "" || len(h.ID) > maxName || strings.ContainsFunc(h.ID, func(r rune) bool { return r <= ' ' || r > '~' }) {
		f.Reject("id", h.ID, "must be 1 to 100 visible ASCII characters")
	}
	if !isCode(h.Reason) {
		f.Reject("reason", h.Reason, "must be a code: a lower-case letter, then at most 31 of a-z, 0-9 and _")
	}
	if h.PlacedAt.IsZero() {
		f.Reject("placed_at", "", "must be set")
	}
	return f.Err()
}

func isCode(s string) bool {
	if s == "" || len(s) > 32 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return true
}

// Holds are the holds on one record, released holds included, in any order. The nil Holds
// have no hold. The methods return changed copies.
type Holds []Hold

// Place returns the holds with h in force, and reports whether that is a change.
//
// Place is idempotent. A hold in force stays as it was first placed. A hold that was
// released at or after h.PlacedAt stays released, so a repeated delivery changes nothing. A
// released hold is in force again if h.PlacedAt is later than the release. The error joins a
// [*helpdesk.FieldError] for each fault of h: the ID, the reason and the instant are
// required.
func (hs Holds) Place(h Hold) (Holds, bool, error) {
	if err := h.check(); err != nil {
		return hs, false, err
	}
	h.PlacedAt, h.ReleasedAt = utc(h.PlacedAt), time.Time{}
	i := hs.index(h.ID)
	if i < 0 {
		out := append(slices.Clone(hs), h)
		slices.SortFunc(out, func(a, b Hold) int { return cmp.Compare(a.ID, b.ID) })
		return out, true, nil
	}
	if hs[i].IsInForce() || !h.PlacedAt.After(hs[i].ReleasedAt) {
		return hs, false, nil
	}
	out := slices.Clone(hs)
	out[i] = h
	return out, true, nil
}

// Release returns the holds with one hold released at the instant, and reports whether that
// is a change.
//
// Release is idempotent: an unknown or released hold changes nothing, and neither does an
// instant before the hold was placed, which belongs to a repeated delivery. The error for a
// zero instant is a [*helpdesk.FieldError].
func (hs Holds) Release(id string, at time.Time) (Holds, bool, error) {
	if at.IsZero() {
		return hs, false, &helpdesk.FieldError{Path: "released_at", Reason: "must be set"}
	}
	i := hs.index(id)
	if i < 0 || !hs[i].IsInForce() || at.Before(hs[i].PlacedAt) {
		return hs, false, nil
	}
	out := slices.Clone(hs)
	out[i].ReleasedAt = utc(at)
	return out, true, nil
}

func (hs Holds) index(id string) int {
	return slices.IndexFunc(hs, func(h Hold) bool { return h.ID == id })
}

// inForce yields the holds that have not been released, in the order of hs.
func (hs Holds) inForce() iter.Seq[Hold] {
	return func(yield func(Hold) bool) {
		for _, h := range hs {
			if h.IsInForce() && !yield(h) {
				return
			}
		}
	}
}

// any reports whether a hold is in force.
func (hs Holds) any() bool { return slices.ContainsFunc(hs, Hold.IsInForce) }

// lastRelease returns the latest instant at which a hold was released, zero if
// none was.
func (hs Holds) lastRelease() time.Time {
	var last time.Time
	for _, h := range hs {
		last = later(last, h.ReleasedAt)
	}
	return last
}

// ids returns the IDs of the holds in force, each once, in increasing order.
func (hs Holds) ids() []string {
	var out []string
	for h := range hs.inForce() {
		out = append(out, h.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// utc returns t in UTC and without a monotonic reading.
func utc(t time.Time) time.Time { return t.UTC().Round(0) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
