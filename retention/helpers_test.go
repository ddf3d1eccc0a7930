package retention_test

import (
	"iter"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/retention"
)

// standard names the standard policy.
var standard = retention.PolicyRef{Name: "standard", Version: 1}

// isReady reports whether a sweep at now takes i.
func isReady(p retention.Policy, i retention.Item, now time.Time) bool {
	ready, ok := p.ReadyAt(i)
	return ok && !now.Before(ready)
}

// isExpired reports whether s may be deleted at now.
func isExpired(p retention.Policy, s retention.Tombstone, now time.Time) bool {
	return p.Expired([]retention.Tombstone{s}, now) == 1
}

// unreleased yields the holds that have not been released.
func unreleased(hs retention.Holds) iter.Seq[retention.Hold] {
	return func(yield func(retention.Hold) bool) {
		for _, h := range hs {
			if h.IsInForce() && !yield(h) {
				return
			}
		}
	}
}

// isHeld reports whether a hold is in force.
func isHeld(hs retention.Holds) bool { return slices.ContainsFunc(hs, retention.Hold.IsInForce) }

// lastRelease returns the latest instant at which a hold was released.
func lastRelease(hs retention.Holds) time.Time {
	var last time.Time
	for _, h := range hs {
		if h.ReleasedAt.After(last) {
			last = h.ReleasedAt
		}
	}
	return last
}

// refusal returns why pl must not be carried out.
func refusal(pl retention.Plan, o retention.Override) error {
	_, err := pl.Approve(o)
	return err
}

// isEmpty reports whether nothing changed.
func isEmpty(d retention.Diff) bool { return len(d.Added)+len(d.Dropped)+len(d.Moved) == 0 }

// expected yields the records that a purge must find at their planned revisions.
func expected(pu retention.Purge) iter.Seq[retention.Record] {
	all := slices.Collect(pu.Records())
	if pu.Stays.ID != "" {
		all = append(all, pu.Stays)
	}
	return slices.Values(all)
}

// isOf reports whether s is the tombstone of the record with that ID.
func isOf(s retention.Tombstone, k retention.Key, id string) bool {
	digests, err := k.Digests(s.Scope, s.Kind, id)
	return err == nil && slices.Contains(digests, s.Digest)
}

// verify reports whether s was made with k and not changed since.
func verify(s retention.Tombstone, k retention.Key) error {
	return retention.VerifyChain(k, s.Previous, []retention.Tombstone{s})
}
