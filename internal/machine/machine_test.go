package machine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/internal/machine"
	"github.com/looplab/fsm"
	"github.com/stretchr/testify/require"
)

type (
	state  string
	event  string
	guard  string
	actor  string
	effect string

	row   = machine.Row[state, event, guard, actor, effect]
	table = machine.Table[state, event, guard, actor, effect]
	fault = machine.Fault[state, event, guard]
)

// door is the lifecycle of a door with a lock.
var (
	doorStates = []state{"shut", "locked", "open", "gone"}
	doorRows   = []row{
		{"", "build", "", []actor{"smith"}, "open", []effect{"bill"}},
		{"open", "shut", "", []actor{"anybody", "smith", "wind"}, "shut", nil},
		{"shut", "open", "", []actor{"anybody", "smith"}, "open", nil},
		{"shut", "push", "", []actor{"anybody", "smith"}, "open", nil},
		{"shut", "knock", "", []actor{"anybody"}, "shut", []effect{"bark"}},
		{"locked", "knock", "", []actor{"anybody"}, "locked", []effect{"bark"}},
		{"shut", "lock", "has_key", []actor{"anybody", "smith"}, "locked", []effect{"click"}},
		{"locked", "open", "has_key", []actor{"anybody"}, "open", []effect{"click"}},
		{"locked", "open", "by_force", []actor{"smith"}, "open", []effect{"crack", "bill"}},
		{"open", "remove", "", []actor{"smith"}, "gone", nil},
	}
)

func door(tb testing.TB) *table {
	tb.Helper()
	t, faults := machine.New(doorStates, doorRows)
	require.Empty(tb, faults)
	return t
}

// T46: the questions are asked in one order, and the first that is not met is the
// reason.
func TestJudgeT46(t *testing.T) {
	t.Parallel()
	d := door(t)
	tests := []struct {
		state  state
		event  event
		guard  guard
		actor  actor
		next   state
		reason machine.Reason
	}{
		{"", "build", "", "smith", "open", ""},
		{"shut", "lock", "has_key", "anybody", "locked", ""},
		{"locked", "open", "by_force", "smith", "open", ""},
		{"locked", "knock", "", "anybody", "locked", ""},
		{"ajar", "dance", "drunk", "nobody", "", machine.UnknownEvent},
		{"ajar", "dance", "", "smith", "", machine.UnknownEvent},
		{"open", "lo", "", "smith", "", machine.UnknownEvent},
		{"open", "", "", "smith", "", machine.UnknownEvent},
		{"open", event(strings.Repeat("x", 1000)), "", "smith", "", machine.UnknownEvent},
		{"ajar", "remove", "", "anybody", "", machine.NotActor}, // never, wherever
		{"open", "remove", "", "nobody", "", machine.NotActor},
		{"open", "remove", "", "", "", machine.NotActor},
		{"ajar", "remove", "", "smith", "", machine.UnknownState},
		{"shut", "remove", "", "smith", "", machine.NotState},
		{"gone", "remove", "", "smith", "", machine.NotState},
		{"", "remove", "", "smith", "", machine.NotState},
		{"shut", "lock", "", "anybody", "", machine.NotGuard},
		{"shut", "lock", "by_force", "anybody", "", machine.NotGuard},
		{"locked", "open", "by_force", "anybody", "", machine.NotActor}, // under another guard
	}
	for _, tt := range tests {
		got := d.Judge(tt.state, tt.event, tt.guard, tt.actor)
		require.Equal(t, tt.reason, got.Reason, "%+v", tt)
		require.Equal(t, tt.reason == "", got.Accepted(), "%+v", tt)
		if !got.Accepted() {
			require.Equal(t, -1, got.Row)
			continue
		}
		r := doorRows[got.Row]
		require.Equal(t, tt.next, r.Next)
		require.Equal(t, []any{tt.state, tt.event, tt.guard}, []any{r.State, r.Event, r.Guard})
		require.Contains(t, r.By, tt.actor)
	}
}

func TestZeroTableRefuses(t *testing.T) {
	t.Parallel()
	var z table
	require.Equal(t, machine.Decision{Row: -1, Reason: machine.NoRows}, z.Judge("", "build", "", "smith"))
	require.Equal(t, machine.Explanation[state, guard, actor]{Reason: machine.NoRows}, z.Explain("", "build", "smith"))
	require.Equal(t, machine.Explanation[state, guard, actor]{Reason: machine.NoRows}, z.Refusal("", "build", "", "smith"))
	require.Empty(t, z.Allowed("", "smith"))
	require.False(t, z.May("build", "smith"))
	require.False(t, z.Has(""))
	require.Empty(t, z.Actors("build"))
	require.Empty(t, z.In("build", "smith"))
}

func TestHas(t *testing.T) {
	t.Parallel()
	d := door(t)
	for _, s := range append(doorStates, "") {
		require.True(t, d.Has(s), s)
	}
	require.False(t, d.Has("ajar"))
}

func TestExplain(t *testing.T) {
	t.Parallel()
	d := door(t)
	type x = machine.Explanation[state, guard, actor]
	for _, tt := range []struct {
		state state
		event event
		actor actor
		want  x
	}{
		{"shut", "open", "smith", x{Actors: []actor{"anybody", "smith"}, Guards: []guard{""}, In: []state{"locked", "shut"}}},
		{"locked", "open", "anybody", x{Actors: []actor{"anybody", "smith"}, Guards: []guard{"has_key"}, In: []state{"locked", "shut"}}},
		{"locked", "open", "wind", x{Reason: machine.NotActor, Actors: []actor{"anybody", "smith"}}},
		{"open", "shut", "wind", x{Actors: []actor{"anybody", "smith", "wind"}, Guards: []guard{""}, In: []state{"open"}}},
		{"locked", "shut", "wind", x{Reason: machine.NotState, In: []state{"open"}}},
		{"ajar", "shut", "wind", x{Reason: machine.UnknownState, In: []state{"open"}}},
		{"open", "dance", "wind", x{Reason: machine.UnknownEvent}},
	} {
		require.Equal(t, tt.want, d.Explain(tt.state, tt.event, tt.actor), "%+v", tt)
	}
	// Under a guard that is not met, only the states where it is met help.
	require.Equal(t, x{
		Reason: machine.NotGuard, Actors: []actor{"anybody", "smith"}, Guards: []guard{"has_key"}, In: []state{"shut"},
	}, d.Refusal("locked", "open", "", "anybody"))
	require.Equal(t, x{
		Reason: machine.NotGuard, Actors: []actor{"anybody", "smith"}, Guards: []guard{""}, In: []state{"locked"},
	}, d.Refusal("shut", "open", "has_key", "anybody"))
	require.Equal(t, []event{"lock", "open", "push"}, d.Allowed("shut", "smith"))
	require.Empty(t, d.Allowed("gone", "smith"))
	require.Equal(t, []actor{"anybody", "smith", "wind"}, d.Actors("shut"))
	require.Empty(t, d.Actors("dance"))
	require.Equal(t, []state{"shut", "locked"}, d.In("knock", "anybody"), "in the order of the rows")
	require.True(t, d.May("shut", "wind"))
	require.False(t, d.May("open", "wind"))
	require.False(t, d.May("open", ""))
}

func TestFaults(t *testing.T) {
	t.Parallel()
	who := []actor{"smith"}
	many := make([]actor, 65)
	for i := range many {
		many[i] = actor(strings.Repeat("x", i+1))
	}
	for _, tt := range []struct {
		name string
		add  []row
		want []fault
	}{
		{"sound", nil, nil},
		{"in an unknown state", []row{{"ajar", "slam", "", who, "shut", nil}}, []fault{{"state", "ajar", "slam", ""}}},
		{"to an unknown state", []row{{"open", "slam", "", who, "ajar", nil}}, []fault{{"state", "open", "slam", ""}}},
		{"by nobody", []row{{"open", "slam", "", nil, "shut", nil}}, []fault{{"actors", "open", "slam", ""}}},
		{"by 61 more", []row{{"open", "slam", "", many[:61], "shut", nil}}, nil},
		{"by 62 more", []row{{"open", "slam", "", many[:62], "shut", nil}}, []fault{{"actors", "open", "slam", ""}}},
		{"twice", []row{{"open", "shut", "", []actor{"dog"}, "locked", nil}}, []fault{{"duplicate", "open", "shut", ""}}},
		{"under another guard", []row{{"open", "shut", "by_force", who, "locked", nil}}, nil},
		{"behind nothing", []row{{"sunk", "raise", "", who, "shut", nil}, {"sunk", "raise", "", who, "open", nil}}, []fault{
			{"unreachable", "sunk", "raise", ""}, {"unreachable", "sunk", "raise", ""}, {"duplicate", "sunk", "raise", ""},
		}},
		{"an island", []row{{"sunk", "raise", "", who, "deep", nil}, {"deep", "raise", "", who, "sunk", nil}}, []fault{
			{"unreachable", "sunk", "raise", ""}, {"unreachable", "deep", "raise", ""},
		}},
		{"reached by a later row", []row{{"sunk", "raise", "", who, "shut", nil}, {"open", "sink", "", who, "sunk", nil}}, nil},
		// looplab/fsm knows the empty state by the name none, and a guard by a colon.
		{"a state with its name", []row{{"open", "vanish", "", who, "none", nil}, {"none", "build", "twice", who, "open", nil}}, []fault{
			{"disagrees", "", "build", "twice"}, {"disagrees", "none", "build", ""},
		}},
		{"an event with its name", []row{{"open", "lock:has_key", "", who, "shut", nil}}, []fault{
			{"disagrees", "open", "lock", "has_key"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			states := append(slices.Clone(doorStates), "sunk", "deep")
			if tt.name == "a state with its name" {
				states = append(states, "none")
			}
			got, faults := machine.New(states, slices.Concat(doorRows, tt.add))
			require.ElementsMatch(t, tt.want, faults)
			reason := got.Judge("gone", "open", "", "smith").Reason
			require.Equal(t, tt.want != nil, reason == machine.NoRows, "a table with faults is empty")
		})
	}
}

// T47: a machine of looplab/fsm that this test builds knows the same ways.
func TestMachineAgreesT47(t *testing.T) {
	t.Parallel()
	d := door(t)
	var events fsm.Events
	for _, r := range doorRows {
		events = append(events, fsm.EventDesc{Name: string(r.Event) + "/" + string(r.Guard), Src: []string{"/" + string(r.State)}, Dst: "/" + string(r.Next)})
	}
	m := fsm.NewFSM("/", events, nil)
	for _, s := range append(doorStates, "", "ajar") {
		m.SetState("/" + string(s))
		for _, r := range doorRows {
			anybody := slices.ContainsFunc(d.Actors(r.Event), func(a actor) bool { return d.Judge(s, r.Event, r.Guard, a).Accepted() })
			require.Equal(t, m.Can(string(r.Event)+"/"+string(r.Guard)), anybody, "%s %s %s", s, r.Event, r.Guard)
		}
	}
}

var sink machine.Decision

func TestJudgeAllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	d := door(t)
	n := testing.AllocsPerRun(100, func() {
		sink = d.Judge("locked", "open", "has_key", "anybody")
		sink = d.Judge("locked", "open", "", "anybody")
		sink = d.Judge("ajar", "remove", "", "smith")
		sink = d.Judge("locked", "dance", "", "anybody")
		_ = d.May("open", "smith")
	})
	require.Zero(t, n)
}

func BenchmarkJudge(b *testing.B) {
	d := door(b)
	for _, bm := range []struct {
		name  string
		event event
		guard guard
	}{{"accepted", "open", "has_key"}, {"refused", "remove", ""}} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = d.Judge("locked", bm.event, bm.guard, "anybody")
			}
		})
	}
}
