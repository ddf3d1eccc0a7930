package retention_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

var t0 = time.Date(2026, time.February, 1, 12, 0, 0, 0, time.UTC)

func hold(id string, at time.Time) retention.Hold {
	return retention.Hold{ID: id, Reason: "litigation", PlacedAt: at}
}

func inForce(hs retention.Holds) []string {
	var out []string
	for h := range unreleased(hs) {
		out = append(out, h.ID)
	}
	return out
}

// D6: any number of holds, by ID; placing and releasing are idempotent.
func TestHoldsD6(t *testing.T) {
	t.Parallel()
	var hs retention.Holds
	require.False(t, isHeld(hs))
	require.True(t, lastRelease(hs).IsZero())

	two, changed, err := hs.Place(hold("2", t0))
	require.NoError(t, err)
	require.True(t, changed)
	require.Empty(t, hs, "the receiver stays")
	both, changed, err := two.Place(hold("1", t0.Add(time.Hour)))
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, retention.Holds{hold("1", t0.Add(time.Hour)), hold("2", t0)}, both)
	require.Len(t, two, 1)

	again, changed, err := both.Place(retention.Hold{ID: "2", Reason: "audit", PlacedAt: t0.Add(2 * time.Hour)})
	require.NoError(t, err)
	require.False(t, changed, "it stands as it was first placed")
	require.Equal(t, both, again)

	released, changed, err := both.Release("2", t0.Add(3*time.Hour))
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, []string{"1"}, inForce(released))
	require.Equal(t, []string{"1", "2"}, inForce(both), "the receiver stays")
	require.True(t, isHeld(released))
	require.Equal(t, t0.Add(3*time.Hour), lastRelease(released))

	again, changed, err = released.Release("2", t0.Add(4*time.Hour))
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, released, again)
	_, changed, err = released.Release("3", t0)
	require.NoError(t, err)
	require.False(t, changed, "not known")

	none, changed, err := released.Release("1", t0.Add(5*time.Hour))
	require.NoError(t, err)
	require.True(t, changed)
	require.False(t, isHeld(none))
	require.Equal(t, t0.Add(5*time.Hour), lastRelease(none))
}

// D6: what is delivered twice, or late, changes nothing.
func TestHoldsDeliveredAgainD6(t *testing.T) {
	t.Parallel()
	placed, _, err := retention.Holds(nil).Place(hold("1", t0))
	require.NoError(t, err)

	// A release is of the hold as it was placed, at the same instant or later.
	_, changed, err := placed.Release("1", t0.Add(-1))
	require.NoError(t, err)
	require.False(t, changed)
	released, changed, err := placed.Release("1", t0)
	require.NoError(t, err)
	require.True(t, changed)

	_, changed, err = released.Place(hold("1", t0))
	require.NoError(t, err)
	require.False(t, changed, "the first placing again")
	anew, changed, err := released.Place(hold("1", t0.Add(1)))
	require.NoError(t, err)
	require.True(t, changed, "a later placing")
	require.True(t, isHeld(anew))
	require.False(t, isHeld(released), "the receiver stays")
	_, changed, err = anew.Release("1", t0)
	require.NoError(t, err)
	require.False(t, changed, "the first release again")
}

func TestHoldsNormalise(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	hs, _, err := retention.Holds(nil).Place(retention.Hold{ID: "1", Reason: "a", PlacedAt: t0.In(zone), ReleasedAt: t0})
	require.NoError(t, err)
	require.Equal(t, retention.Holds{{ID: "1", Reason: "a", PlacedAt: t0}}, hs)
	hs, _, err = hs.Release("1", t0.Add(1).In(zone))
	require.NoError(t, err)
	require.Equal(t, t0.Add(1), hs[0].ReleasedAt)
	require.False(t, hs[0].IsInForce())
}

func TestHoldRejects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*retention.Hold)
		want []string
	}{
		{"accepts", func(*retention.Hold) {}, nil},
		{"ID of 100 bytes", func(h *retention.Hold) { h.ID = strings.Repeat("~", 100) }, nil},
		{"ID of 101 bytes", func(h *retention.Hold) { h.ID = strings.Repeat("!", 101) }, []string{"id"}},
		{"no ID", func(h *retention.Hold) { h.ID = "" }, []string{"id"}},
		{"ID with a space", func(h *retention.Hold) { h.ID = "a b" }, []string{"id"}},
		{"ID with DEL", func(h *retention.Hold) { h.ID = "a\x7f" }, []string{"id"}},
		{"reason of 32", func(h *retention.Hold) { h.Reason = "a" + strings.Repeat("_", 31) }, nil},
		{"reason of 33", func(h *retention.Hold) { h.Reason = "a" + strings.Repeat("_", 32) }, []string{"reason"}},
		{"all letters", func(h *retention.Hold) { h.Reason = "az09_" }, nil},
		{"first letter z", func(h *retention.Hold) { h.Reason = "z" }, nil},
		{"no reason", func(h *retention.Hold) { h.Reason = "" }, []string{"reason"}},
		{"reason in words", func(h *retention.Hold) { h.Reason = "Jane Doe sues" }, []string{"reason"}},
		{"before a", func(h *retention.Hold) { h.Reason = "`" }, []string{"reason"}},
		{"after z", func(h *retention.Hold) { h.Reason = "{" }, []string{"reason"}},
		{"before a inside", func(h *retention.Hold) { h.Reason = "a`" }, []string{"reason"}},
		{"after z inside", func(h *retention.Hold) { h.Reason = "a{" }, []string{"reason"}},
		{"before 0", func(h *retention.Hold) { h.Reason = "a/" }, []string{"reason"}},
		{"after 9", func(h *retention.Hold) { h.Reason = "a:" }, []string{"reason"}},
		{"everything", func(h *retention.Hold) { *h = retention.Hold{} }, []string{"id", "reason", "placed_at"}},
	}
	before := retention.Holds{hold("0", t0)}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := hold("1", t0)
			tt.edit(&h)
			hs, changed, err := before.Place(h)
			require.Equal(t, tt.want, fields(t, err))
			require.Equal(t, tt.want == nil, changed)
			if err != nil {
				require.Equal(t, before, hs)
			}
		})
	}
	hs, changed, err := before.Release("0", time.Time{})
	require.Equal(t, []string{"released_at"}, fields(t, err))
	require.EqualError(t, err, "released_at: must be set")
	require.False(t, changed)
	require.Equal(t, before, hs)
}

func TestInForceStops(t *testing.T) {
	t.Parallel()
	hs := retention.Holds{hold("1", t0), hold("2", t0)}
	for h := range unreleased(hs) {
		require.Equal(t, "1", h.ID)
		break
	}
	require.Len(t, slices.Collect(unreleased(hs)), 2)
}
