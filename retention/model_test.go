package retention_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/retention"
	"pgregory.net/rapid"
)

// The model is a small store that does what a host does, and beside it the rules
// once more in the plainest words. Everything happens by the clock of the host,
// which may jump.

type mTicket struct {
	conv     string
	open     bool
	closed   time.Time
	holds    map[string]bool // in force
	freed    time.Time       // the last release
	erase    time.Time
	revision int
	state    retention.State
	given    retention.Holds // what the package keeps of the holds
}

type mConv struct {
	holds    map[string]bool
	freed    time.Time
	revision int
	given    retention.Holds
}

type model struct {
	policy    retention.Policy
	now       time.Time
	watermark time.Time
	tickets   map[string]*mTicket
	convs     map[string]*mConv
	made      int
}

func newModel() *model {
	return &model{
		policy: retention.Standard(), now: closed, watermark: closed,
		tickets: map[string]*mTicket{}, convs: map[string]*mConv{},
	}
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (m *model) heldBy(k *mTicket) bool {
	return len(k.holds) > 0 || k.conv != "" && len(m.convs[k.conv].holds) > 0
}

// ready is the rule of a ticket (R51, D6, T36, T41): when a sweep may take it.
func (m *model) ready(k *mTicket) (time.Time, bool) {
	if k.open || m.heldBy(k) {
		return time.Time{}, false
	}
	due := k.closed.Add(30 * 24 * time.Hour)
	if !k.erase.IsZero() {
		asked := k.erase
		if asked.Before(k.closed) {
			asked = k.closed
		}
		if asked.Before(due) {
			due = asked
		}
	}
	freed := k.freed
	if k.conv != "" && m.convs[k.conv].freed.After(freed) {
		freed = m.convs[k.conv].freed
	}
	if !freed.IsZero() && !due.After(freed) {
		due = freed.Add(24 * time.Hour)
	}
	return due.Add(5 * time.Minute), true
}

func (m *model) isReady(k *mTicket) bool {
	at, ok := m.ready(k)
	return ok && !m.now.Before(at)
}

func (m *model) ofConv(id string) []string {
	return slices.DeleteFunc(keys(m.tickets), func(t string) bool { return m.tickets[t].conv != id })
}

// touch changes the revision of a ticket, and of its conversation.
func (m *model) touch(k *mTicket) {
	k.revision++
	if k.conv != "" {
		m.convs[k.conv].revision++
	}
}

func (m *model) item(id string) retention.Item {
	k := m.tickets[id]
	return retention.Item{
		TicketID: id, ConversationID: k.conv, Revision: strconv.Itoa(k.revision),
		Open: k.open, LastClosedAt: k.closed, Holds: k.given, ErasureAt: k.erase,
	}
}

func (m *model) conversation(id string) retention.Conversation {
	return retention.Conversation{
		ID: id, Revision: strconv.Itoa(m.convs[id].revision), Tickets: m.ofConv(id), Holds: m.convs[id].given,
	}
}

func (m *model) input(t *rapid.T) retention.Input {
	in := retention.Input{Watermark: m.watermark}
	for _, id := range keys(m.tickets) {
		in.Items = append(in.Items, m.item(id))
	}
	for _, id := range keys(m.convs) {
		in.Conversations = append(in.Conversations, m.conversation(id))
	}
	if t != nil {
		in.Items = rapid.Permutation(in.Items).Draw(t, "items")
		in.Conversations = rapid.Permutation(in.Conversations).Draw(t, "conversations")
	}
	return in
}

// ways are how the state of a ticket passes on (R51, D6): what is not here cannot
// happen. The package has no such machine: it finds the state anew each time from
// what it is given.
var ways = map[retention.State]map[string]retention.State{
	"kept":      {"close": "scheduled", "close held": "held", "hold": "kept", "release": "kept", "release last": "kept"},
	"scheduled": {"reopen": "kept", "hold": "held", "sweep": "purging"},
	"held":      {"reopen": "kept", "hold": "held", "release": "held", "release last": "scheduled"},
	"purging":   {"done": "tombstone"},
}

// event moves the state of a ticket.
func event(t *rapid.T, k *mTicket, e string) {
	next, ok := ways[k.state][e]
	if !ok {
		t.Fatalf("cannot %s while %s", e, k.state)
	}
	k.state = next
}

// gone moves the state of tickets that are being deleted, or were, and compares it
// with that of their purge.
func gone(t *rapid.T, tickets []*mTicket, e string, pr retention.Progress) {
	for _, k := range tickets {
		event(t, k, e)
		if pr.Explain().State != k.state {
			t.Fatalf("the purge is %s, want %s", pr.Explain().State, k.state)
		}
	}
}

// act does one thing to the records. It returns the ticket it was done to.
func (m *model) act(t *rapid.T, what string) {
	if len(m.tickets) == 0 {
		return
	}
	id := rapid.SampledFrom(keys(m.tickets)).Draw(t, "ticket")
	k := m.tickets[id]
	hold := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "hold")
	switch what {
	case "close":
		if k.open {
			k.open, k.closed = false, m.now
			m.touch(k)
			if m.heldBy(k) {
				event(t, k, "close held")
			} else {
				event(t, k, "close")
			}
		}
	case "reopen":
		if !k.open {
			k.open = true
			m.touch(k)
			event(t, k, "reopen")
		}
	case "hold":
		hs, changed, err := k.given.Place(retention.Hold{ID: hold, Reason: "test", PlacedAt: m.now})
		if err != nil {
			t.Fatalf("%v", err)
		}
		if !changed { // in force, or released later than now by a clock that went back
			break
		}
		if k.holds[hold] {
			t.Fatalf("hold %s was placed twice", hold)
		}
		k.given, k.holds[hold] = hs, true
		m.touch(k)
		event(t, k, "hold")
	case "release":
		hs, changed, err := k.given.Release(hold, m.now)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if !changed {
			break
		}
		if !k.holds[hold] {
			t.Fatalf("hold %s was released twice", hold)
		}
		delete(k.holds, hold)
		k.given, k.freed = hs, latest(hs)
		m.touch(k)
		if m.heldBy(k) {
			event(t, k, "release")
		} else {
			event(t, k, "release last")
		}
	case "erase":
		if k.erase.IsZero() {
			k.erase = m.now
			m.touch(k)
		}
	case "hold conversation":
		if k.conv == "" || len(m.convs[k.conv].holds) > 0 {
			break
		}
		c := m.convs[k.conv]
		hs, changed, err := c.given.Place(retention.Hold{ID: "c", Reason: "test", PlacedAt: m.now})
		if err != nil {
			t.Fatalf("%v", err)
		}
		if changed {
			c.given, c.holds["c"] = hs, true
			c.revision++
			for _, id := range m.ofConv(k.conv) {
				event(t, m.tickets[id], "hold")
			}
		}
	case "release conversation":
		if k.conv == "" {
			break
		}
		c := m.convs[k.conv]
		hs, changed, err := c.given.Release("c", m.now)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if changed {
			delete(c.holds, "c")
			c.given, c.freed = hs, latest(hs)
			c.revision++
			for _, id := range m.ofConv(k.conv) {
				if k := m.tickets[id]; m.heldBy(k) {
					event(t, k, "release")
				} else {
					event(t, k, "release last")
				}
			}
		}
	}
}

// latest is the last release of a list of holds, told by hand.
func latest(hs retention.Holds) time.Time {
	var out time.Time
	for _, h := range hs {
		if h.ReleasedAt.After(out) {
			out = h.ReleasedAt
		}
	}
	return out
}

var actions = []string{"close", "reopen", "hold", "release", "erase", "hold conversation", "release conversation"}

func (m *model) add(t *rapid.T) {
	m.made++
	k := &mTicket{open: true, holds: map[string]bool{}, state: retention.StateKept}
	k.conv = rapid.SampledFrom([]string{"", "C-1", "C-2"}).Draw(t, "conversation")
	if k.conv != "" {
		if m.convs[k.conv] == nil {
			m.convs[k.conv] = &mConv{holds: map[string]bool{}}
		}
		m.convs[k.conv].revision++
	}
	m.tickets[fmt.Sprintf("T-%02d", m.made)] = k
}

// sweep plans, lets something happen in between, and carries out what is
// approved. It checks all that must never be.
func (m *model) sweep(t *rapid.T, o retention.Override, meanwhile func()) {
	in := m.input(t)
	plan, err := m.policy.Plan(in, m.now)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if same, _ := m.policy.Plan(m.input(nil), m.now); !isEmpty(same.Diff(plan)) || fmt.Sprint(same) != fmt.Sprint(plan) {
		t.Fatalf("the plan depends on the order of its input")
	}
	m.checkPlan(t, plan)
	purges, err := plan.Approve(o)
	jump := m.now.Before(m.watermark) || m.now.After(m.watermark.Add(72*time.Hour))
	if jump && !o.Clock && (err == nil || len(purges) > 0) {
		t.Fatalf("the clock jumped from %v to %v, and the sweep was approved", m.watermark, m.now)
	}
	m.watermark = plan.NextWatermark(o)
	if err != nil {
		return
	}
	meanwhile()
	for _, pu := range purges {
		m.purge(t, pu)
	}
}

func (m *model) checkPlan(t *rapid.T, plan retention.Plan) {
	going := map[string]bool{}
	for _, e := range plan.Going {
		going[e.ID] = true
	}
	if len(going) != len(plan.Going) || len(plan.Going)+len(plan.Kept) != len(m.tickets)+len(m.convs) {
		t.Fatalf("a record stands twice in the plan, or is missing")
	}
	for id, k := range m.tickets {
		if going[id] != m.isReady(k) {
			at, ok := m.ready(k)
			t.Fatalf("at %v ticket %s, ready at %v (%v): going %v", m.now, id, at, ok, going[id])
		}
	}
	for id := range m.convs {
		of := m.ofConv(id)
		all := len(of) > 0
		for _, k := range of {
			all = all && going[k]
		}
		if going[id] != all {
			t.Fatalf("conversation %s: going %v, and all of its tickets %v: %v", id, going[id], of, all)
		}
	}
}

// purge deletes what is unchanged, and nothing else (T22, T23).
func (m *model) purge(t *rapid.T, pu retention.Purge) {
	var found []retention.Record
	for _, tg := range pu.Tickets {
		if k := m.tickets[tg.ID]; k != nil {
			found = append(found, retention.Record{Kind: retention.KindTicket, ID: tg.ID, Revision: strconv.Itoa(k.revision)})
		}
	}
	id := pu.Conversation.ID
	if conv := id + pu.Stays.ID; conv != "" {
		found = append(found, retention.Record{Kind: retention.KindConversation, ID: conv, Revision: strconv.Itoa(m.convs[conv].revision)})
	}
	if id != "" {
		for _, k := range m.ofConv(id) {
			r := retention.Record{Kind: retention.KindTicket, ID: k, Revision: strconv.Itoa(m.tickets[k].revision)}
			if !slices.Contains(found, r) {
				found = append(found, r)
			}
		}
	}
	pr, err := pu.Begin(found, retention.Counts{}, m.now)
	unchanged := slices.Equal(slices.SortedFunc(slices.Values(found), cmpRecords), slices.SortedFunc(expected(pu), cmpRecords))
	if unchanged != (err == nil) {
		t.Fatalf("found %v of %v: %v", found, pu, err)
	}
	if err != nil {
		return
	}
	var going []*mTicket
	for _, tg := range pu.Tickets {
		k := m.tickets[tg.ID]
		if !m.isReady(k) {
			t.Fatalf("ticket %s is deleted at %v and should not be: %+v", tg.ID, m.now, k)
		}
		going = append(going, k)
		if pu.Stays.ID != "" {
			m.convs[k.conv].revision++
		}
		delete(m.tickets, tg.ID)
	}
	if id != "" {
		if left := m.ofConv(id); len(left) > 0 {
			t.Fatalf("conversation %s is deleted with tickets left: %v", id, left)
		}
		delete(m.convs, id)
	}
	gone(t, going, "sweep", pr)
	for s := range pr.Remaining() {
		if pr, err = pr.Finish(s, m.now); err != nil {
			t.Fatalf("%v", err)
		}
	}
	if pr.DoneAt.IsZero() {
		t.Fatalf("the purge did not end")
	}
	gone(t, going, "done", pr)
}

func cmpRecords(a, b retention.Record) int { return slices.Compare(parts(a), parts(b)) }
func parts(r retention.Record) []string    { return []string{string(r.Kind), r.ID, r.Revision} }

// check compares the answers about every record with the model.
func (m *model) check(t *rapid.T) {
	for id, k := range m.tickets {
		i := m.item(id)
		if k.conv != "" {
			i = i.In(m.conversation(k.conv))
		}
		e := m.policy.Explain(i, m.now)
		if e.State != k.state {
			t.Fatalf("ticket %s is %s, want %s", id, e.State, k.state)
		}
		at, ok := m.ready(k)
		if got, is := m.policy.ReadyAt(i); is != ok || !got.Equal(at) {
			t.Fatalf("ticket %s is ready at %v (%v), want %v (%v)", id, got, is, at, ok)
		}
		if e.Ripe != m.isReady(k) || isReady(m.policy, i, m.now) != e.Ripe {
			t.Fatalf("ticket %s: %v", id, e)
		}
	}
}

// R51, D6, T22, T23, T34, T35, T41: whatever happens in whatever order, nothing
// is deleted early, and everything can be deleted in the end.
func life(t *rapid.T) {
	m := newModel()
	repeat := map[string]func(*rapid.T){
		"add": m.add,
		"advance": func(t *rapid.T) {
			m.now = m.now.Add(time.Duration(rapid.Int64Range(0, int64(72*time.Hour)).Draw(t, "by")))
		},
		"jump": func(t *rapid.T) {
			m.now = m.now.Add(time.Duration(rapid.Int64Range(-1000, 1000).Draw(t, "hours")) * time.Hour)
		},
		"to a boundary": func(t *rapid.T) {
			if len(m.tickets) == 0 {
				return
			}
			k := m.tickets[rapid.SampledFrom(keys(m.tickets)).Draw(t, "ticket")]
			if at, ok := m.ready(k); ok {
				m.now = at.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "ns")))
			}
		},
		"sweep": func(t *rapid.T) {
			o := retention.Override{Clock: rapid.Bool().Draw(t, "override"), Count: rapid.IntRange(0, 20).Draw(t, "count")}
			m.sweep(t, o, func() {})
		},
		"race": func(t *rapid.T) {
			m.sweep(t, retention.Override{Clock: true, Count: 1000}, func() {
				if rapid.IntRange(0, 4).Draw(t, "what") == 0 {
					m.add(t)
					return
				}
				m.act(t, rapid.SampledFrom(actions).Draw(t, "action"))
			})
		},
		"": m.check,
	}
	for _, a := range actions {
		repeat[a] = func(t *rapid.T) { m.act(t, a) }
	}
	t.Repeat(repeat)

	// The end: everything is closed and let go, and time passes.
	m.now = m.now.AddDate(1, 0, 0) // later than all that the clock ever said
	for _, id := range keys(m.tickets) {
		k := m.tickets[id]
		for h := range k.holds {
			k.given, _, _ = k.given.Release(h, m.now)
		}
		k.freed, k.holds = latest(k.given), map[string]bool{}
		if k.open {
			k.open, k.closed = false, m.now
		}
		k.state = retention.StateScheduled
		m.touch(k)
	}
	for _, c := range m.convs {
		c.given, _, _ = c.given.Release("c", m.now)
		c.freed, c.holds = latest(c.given), map[string]bool{}
		c.revision++
	}
	m.check(t)
	for range 20 {
		m.now = m.now.Add(48 * time.Hour)
		m.sweep(t, retention.Override{Clock: true, Count: 1000}, func() {})
	}
	if len(m.tickets)+len(m.convs) > 0 {
		t.Fatalf("what was closed and is not held was never deleted: %v %v", keys(m.tickets), keys(m.convs))
	}
}

func TestLife(t *testing.T) {
	t.Parallel()
	rapid.Check(t, life)
}

func FuzzLife(f *testing.F) { f.Fuzz(rapid.MakeFuzz(life)) }
