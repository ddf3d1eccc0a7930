package deletion_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/deskcore/helpdesk/desk/internal/deletion"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Records of a tenant: what is planned, what was begun and what is gone.
type records struct {
	planned []string
	fails   map[string]error // by the ID; "plan" and "look" are those calls
	changed map[string]bool

	begun  []string
	gone   []string
	after  func() // after each call
	pageOf int
}

func purge(id string) retention.Purge {
	return retention.Purge{Conversation: retention.Target{ID: id}}
}

func (r *records) did() {
	if r.after != nil {
		r.after()
	}
}

func (r *records) Plan(context.Context) ([]retention.Purge, error) {
	defer r.did()
	var all []retention.Purge
	for _, id := range r.planned {
		if !slices.Contains(r.begun, id) && !slices.Contains(r.gone, id) {
			all = append(all, purge(id))
		}
	}
	return all, r.fails["plan"]
}

func (r *records) Begin(_ context.Context, p retention.Purge) (string, error) {
	defer r.did()
	id := p.Conversation.ID
	if err := r.fails["begin "+id]; err != nil || r.changed[id] {
		return "", err
	}
	r.begun = append(r.begun, id)
	slices.Sort(r.begun)
	return id, nil
}

func (r *records) Unfinished(_ context.Context, cursor string) ([]string, string, error) {
	defer r.did()
	if err := r.fails["look"]; err != nil {
		return nil, "", err
	}
	var page []string
	for _, id := range r.begun {
		if id <= cursor {
			continue
		}
		if len(page) == r.pageOf {
			return page, page[len(page)-1], nil
		}
		page = append(page, id)
	}
	return page, "", nil
}

func (r *records) Finish(_ context.Context, id string) (int, error) {
	defer r.did()
	if err := r.fails["finish "+id]; err != nil {
		return 0, err
	}
	r.begun = slices.DeleteFunc(r.begun, func(b string) bool { return b == id })
	r.gone = append(r.gone, id)
	return 2, nil
}

// all runs to the end, and returns the number of turns.
func all(t require.TestingT, run *deletion.Run) int {
	for n := 1; ; n++ {
		require.Less(t, n, 10_000)
		if over, _ := run.Next(context.Background()); over {
			return n
		}
	}
}

// T39: what an earlier run began is finished, T22: what has changed is left, and one
// that fails stops no other.
func TestRun(t *testing.T) {
	t.Parallel()
	bad := errors.New("the port is away")
	r := &records{
		planned: []string{"a", "b", "c", "d"}, begun: []string{"x", "y"}, pageOf: 2,
		changed: map[string]bool{"b": true},
		fails:   map[string]error{"begin c": bad, "finish a": bad, "finish x": bad},
	}
	run := deletion.New(r)
	all(t, run)
	require.Equal(t, []string{"a", "x"}, r.begun)
	require.Equal(t, []string{"y", "d"}, r.gone)
	require.Equal(t, []int{4, 4, 1}, []int{run.Planned, run.Deleted, run.Skipped})
	require.Equal(t, "the port is away\nthe port is away\nthe port is away", run.Err().Error())
}

// All that is due is taken from readers before the first attachment is erased: a port
// that is away for hours must not hold that up.
func TestRunBeginsBeforeItFinishes(t *testing.T) {
	t.Parallel()
	r := &records{planned: []string{"c", "a", "b"}, begun: []string{"x"}, pageOf: 9}
	r.after = func() {
		if len(r.gone) > 0 {
			require.Len(t, append(r.begun, r.gone...), 4)
		}
	}
	all(t, deletion.New(r))
	require.Equal(t, []string{"x", "c", "a", "b"}, r.gone, "what is older first, then in the order of the plan")
}

// What was begun is finished though nothing can be planned.
func TestRunWithoutPlan(t *testing.T) {
	t.Parallel()
	r := &records{begun: []string{"x"}, pageOf: 1, fails: map[string]error{"plan": errors.New("cannot be read")}}
	run := deletion.New(r)
	all(t, run)
	require.Equal(t, []string{"x"}, r.gone)
	require.EqualError(t, run.Err(), "cannot be read")

	r = &records{begun: []string{"x"}, fails: map[string]error{"look": errors.New("is away")}}
	run = deletion.New(r)
	all(t, run)
	require.Empty(t, r.gone)
	require.EqualError(t, run.Err(), "is away")
	over, err := run.Next(context.Background())
	require.True(t, over, "which it stays")
	require.NoError(t, err)
}

// However many deletions fail, a run remembers a few faults.
func TestRunRemembersFewFaults(t *testing.T) {
	t.Parallel()
	r := &records{pageOf: 7, fails: map[string]error{}}
	for n := range 250 {
		id := fmt.Sprintf("%03d", n)
		r.begun = append(r.begun, id)
		r.fails["finish "+id] = errors.New("fault " + id)
	}
	run := deletion.New(r)
	all(t, run)
	require.ErrorContains(t, run.Err(), "fault 099\n150 further faults")
	require.NotContains(t, run.Err().Error(), "fault 100")
}

// A run that is cut off anywhere loses nothing: another one does the rest. Each turn is small:
// it begins or finishes one deletion at most.
func TestRunCutOff(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := &records{pageOf: rapid.IntRange(1, 4).Draw(t, "page")}
		for n := range rapid.IntRange(0, 6).Draw(t, "planned") {
			r.planned = append(r.planned, "p"+strconv.Itoa(n))
		}
		for n := range rapid.IntRange(0, 6).Draw(t, "begun") {
			r.begun = append(r.begun, "b"+strconv.Itoa(n))
		}
		want := append(slices.Clone(r.planned), r.begun...)
		ctx, cancel := context.WithCancel(t.Context())
		left := rapid.IntRange(0, 20).Draw(t, "calls")
		r.after = func() {
			if left--; left <= 0 {
				cancel()
			}
		}
		run := deletion.New(r)
		for ctx.Err() == nil {
			before := len(r.begun) + 2*len(r.gone)
			over, err := run.Next(ctx)
			require.LessOrEqual(t, len(r.begun)+2*len(r.gone)-before, 1)
			if over {
				break
			}
			if err != nil {
				require.ErrorIs(t, err, context.Canceled)
			}
		}
		cancel()
		over, err := run.Next(ctx)
		require.False(t, over)
		require.ErrorIs(t, err, context.Canceled)
		r.after = nil
		all(t, deletion.New(r))
		slices.Sort(want)
		slices.Sort(r.gone)
		require.Equal(t, want, r.gone)
	})
}
