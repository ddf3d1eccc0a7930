package retention_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

var (
	closed = time.Date(2026, time.January, 30, 9, 0, 0, 0, time.UTC)
	due    = time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	ready  = due.Add(5 * time.Minute)
)

func item() retention.Item {
	return retention.Item{TicketID: "T-1", Revision: "7", LastClosedAt: closed}
}

func released(placed, at time.Time) retention.Holds {
	h := hold("3", placed)
	h.ReleasedAt = at
	return retention.Holds{h}
}

func TestDue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*retention.Item)
		want time.Time // zero: not due at all
	}{
		{"R51: 30 × 24 h after the closing", func(*retention.Item) {}, due},
		{"R51: the last closing counts", func(i *retention.Item) { i.LastClosedAt = closed.Add(day) }, due.Add(day)},
		{"R51: open", func(i *retention.Item) { i.Open = true }, time.Time{}},
		{"never closed", func(i *retention.Item) { i.LastClosedAt = time.Time{} }, time.Time{}},
		{"D6: held", func(i *retention.Item) { i.Holds = retention.Holds{hold("3", closed)} }, time.Time{}},
		{"D6: one of two released", func(i *retention.Item) {
			i.Holds = append(released(closed, closed.Add(day)), hold("4", closed))
		}, time.Time{}},
		{"released before the due: the same due", func(i *retention.Item) { i.Holds = released(closed, due.Add(-1)) }, due},
		{"released at the due: grace", func(i *retention.Item) { i.Holds = released(closed, due) }, due.Add(day)},
		{"released after the due: grace", func(i *retention.Item) { i.Holds = released(closed, due.Add(time.Hour)) }, due.Add(time.Hour + day)},
		{"released, said by the store", func(i *retention.Item) { i.ReleasedAt = due.Add(time.Hour) }, due.Add(time.Hour + day)},
		{"the later release counts", func(i *retention.Item) {
			i.Holds, i.ReleasedAt = released(closed, due.Add(2*time.Hour)), due.Add(time.Hour)
		}, due.Add(2*time.Hour + day)},
		{"the later release counts, the other way", func(i *retention.Item) {
			i.Holds, i.ReleasedAt = released(closed, due.Add(time.Hour)), due.Add(2*time.Hour)
		}, due.Add(2*time.Hour + day)},
		{"released before the closing", func(i *retention.Item) { i.ReleasedAt = closed.Add(-day) }, due},
		{"R87: the last message that came in counts", func(i *retention.Item) { i.LastWordAt = closed.Add(1) }, due.Add(1)},
		{"R87: at the closing", func(i *retention.Item) { i.LastWordAt = closed }, due},
		{"R87: before the closing", func(i *retention.Item) { i.LastWordAt = closed.Add(-1) }, due},
		{"R87: at no believable instant", func(i *retention.Item) { i.LastWordAt = time.Unix(0, 0) }, due},
		{"R87: of what is open", func(i *retention.Item) { i.LastWordAt, i.Open = closed.Add(day), true }, time.Time{}},
		{"R87, T41: erasure before the last message", func(i *retention.Item) {
			i.ErasureAt, i.LastWordAt = closed.Add(time.Hour), closed.Add(day)
		}, closed.Add(day)},
		{"T41: erasure after the closing", func(i *retention.Item) { i.ErasureAt = closed.Add(time.Hour) }, closed.Add(time.Hour)},
		{"T41: erasure before the closing", func(i *retention.Item) { i.ErasureAt = closed.Add(-time.Hour) }, closed},
		{"T41: erasure at the due", func(i *retention.Item) { i.ErasureAt = due }, due},
		{"T41: erasure after the due", func(i *retention.Item) { i.ErasureAt = due.Add(time.Hour) }, due},
		{"T41: erasure of what is held", func(i *retention.Item) {
			i.ErasureAt, i.Holds = closed.Add(time.Hour), retention.Holds{hold("3", closed)}
		}, time.Time{}},
		{"T41: erasure of what is open", func(i *retention.Item) { i.ErasureAt, i.Open = closed, true }, time.Time{}},
		{"T41: erasure of what was never closed", func(i *retention.Item) { i.ErasureAt, i.LastClosedAt = closed, time.Time{} }, time.Time{}},
		{"T41: erasure asked while held, released", func(i *retention.Item) {
			i.ErasureAt, i.Holds = closed.Add(time.Hour), released(closed, closed.Add(2*time.Hour))
		}, closed.Add(2*time.Hour + day)},
		{"T37: over the change to summer time", func(i *retention.Item) {
			i.LastClosedAt = time.Date(2026, time.March, 15, 9, 0, 0, 0, london(t))
		}, time.Date(2026, time.April, 14, 9, 0, 0, 0, time.UTC)},
		{"a closing of 1970 is none", func(i *retention.Item) { i.LastClosedAt = time.Unix(0, 0) }, time.Time{}},
		{"just before the first believable", func(i *retention.Item) {
			i.LastClosedAt = time.Date(1971, time.January, 1, 0, 0, 0, -1, time.UTC)
		}, time.Time{}},
		{"the first believable", func(i *retention.Item) {
			i.LastClosedAt = time.Date(1971, time.January, 1, 0, 0, 0, 0, time.UTC)
		}, time.Date(1971, time.January, 31, 0, 0, 0, 0, time.UTC)},
		{"the last believable", func(i *retention.Item) {
			i.LastClosedAt = time.Date(9000, time.January, 1, 0, 0, 0, -1, time.UTC)
		}, time.Date(9000, time.January, 31, 0, 0, 0, -1, time.UTC)},
		{"after the last believable", func(i *retention.Item) {
			i.LastClosedAt = time.Date(9000, time.January, 1, 0, 0, 0, 0, time.UTC)
		}, time.Time{}},
		{"a closing so late that it would overflow", func(i *retention.Item) { i.LastClosedAt = time.Unix(1<<62, 0) }, time.Time{}},
		{"an erasure of 1970 is none", func(i *retention.Item) { i.ErasureAt = time.Unix(0, 0) }, due},
		{"a release of 1970 is none", func(i *retention.Item) { i.ReleasedAt = time.Unix(0, 0) }, due},
		{"the last believable release", func(i *retention.Item) {
			i.ReleasedAt = time.Date(9000, time.January, 1, 0, 0, 0, -1, time.UTC)
		}, time.Date(9000, time.January, 2, 0, 0, 0, -1, time.UTC)},
		{"a release after that", func(i *retention.Item) {
			i.ReleasedAt = time.Date(9000, time.January, 1, 0, 0, 0, 0, time.UTC)
		}, time.Time{}},
	}
	p := retention.Standard()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := item()
			tt.edit(&i)
			got, ok := p.Due(i)
			require.Equal(t, tt.want, got)
			require.Equal(t, !tt.want.IsZero(), ok)

			at, ok := p.ReadyAt(i)
			require.Equal(t, !tt.want.IsZero(), ok)
			if !ok {
				require.Zero(t, at)
				require.False(t, isReady(p, i, time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC)))
				return
			}
			// R51, T36: never early, the skew later, and both sides of the instant.
			require.Equal(t, tt.want.Add(5*time.Minute), at)
			require.False(t, isReady(p, i, tt.want.Add(-1)))
			require.False(t, isReady(p, i, tt.want))
			require.False(t, isReady(p, i, at.Add(-1)))
			require.True(t, isReady(p, i, at))
			require.True(t, isReady(p, i, at.Add(1)))
		})
	}
}

func london(t *testing.T) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	return l
}

// Durations are the policy's.
func TestDueOfPolicies(t *testing.T) {
	t.Parallel()
	p, err := retention.New(retention.Config{Period: 10 * day, Grace: 48 * time.Hour, Skew: -1})
	require.NoError(t, err)
	got, ok := p.Due(item())
	require.True(t, ok)
	require.Equal(t, closed.Add(10*day), got)
	at, _ := p.ReadyAt(item())
	require.Equal(t, got, at, "a negative skew is none")
	require.False(t, isReady(p, item(), got.Add(-1)))
	require.True(t, isReady(p, item(), got))

	i := item()
	i.ReleasedAt = due
	got, _ = p.Due(i)
	require.Equal(t, due.Add(48*time.Hour), got)

	// The zero Policy deletes nothing.
	_, ok = retention.Policy{}.Due(item())
	require.False(t, ok)
	_, ok = retention.Policy{}.ReadyAt(item())
	require.False(t, ok)
	require.False(t, isReady(retention.Policy{}, item(), due.Add(1000*day)))
}

// What keeps a conversation keeps its tickets; what hastens it, hastens them.
func TestIn(t *testing.T) {
	t.Parallel()
	p := retention.Standard()
	i := item()
	i.Holds = released(closed, closed.Add(time.Hour))
	before := i

	require.Equal(t, i, i.In(retention.Conversation{ID: "C-1"}))

	held := i.In(retention.Conversation{Holds: retention.Holds{hold("9", closed)}})
	_, ok := p.Due(held)
	require.False(t, ok)
	require.Equal(t, before, i)

	later := i.In(retention.Conversation{ReleasedAt: due.Add(time.Hour)})
	got, _ := p.Due(later)
	require.Equal(t, due.Add(time.Hour+day), got)
	i.ReleasedAt = due.Add(2 * time.Hour)
	require.Equal(t, due.Add(2*time.Hour), i.In(retention.Conversation{ReleasedAt: due}).ReleasedAt)

	word := item().In(retention.Conversation{LastWordAt: closed.Add(time.Hour)}) // R87
	got, _ = p.Due(word)
	require.Equal(t, due.Add(time.Hour), got)
	require.Equal(t, word, word.In(retention.Conversation{LastWordAt: closed}))
	require.Contains(t, p.Explain(word, closed).String(), "last message ")

	i = item()
	i = i.In(retention.Conversation{ErasureAt: t0})
	require.Equal(t, t0, i.ErasureAt)
	require.Equal(t, t0.Add(-1), i.In(retention.Conversation{ErasureAt: t0.Add(-1)}).ErasureAt)
	require.Equal(t, t0, i.In(retention.Conversation{ErasureAt: t0.Add(1)}).ErasureAt)
	require.Equal(t, t0, i.In(retention.Conversation{ErasureAt: time.Unix(0, 0)}).ErasureAt)
	i.ErasureAt = time.Unix(0, 0)
	require.Equal(t, t0, i.In(retention.Conversation{ErasureAt: t0}).ErasureAt)
}

func TestDueDoesNotAllocate(t *testing.T) {
	p := retention.Standard()
	i := item()
	i.Holds = append(released(closed, due.Add(time.Hour)), released(closed, due)...)
	i.ErasureAt = t0
	require.Zero(t, testing.AllocsPerRun(100, func() {
		p.Due(i)
		isReady(p, i, due)
		_ = i.In(retention.Conversation{})
	}))
}
