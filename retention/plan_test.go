package retention_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

// lines shows what goes and what is kept, for people and for tests.
func lines(pl retention.Plan) (going, kept []string) {
	say := func(es []retention.Entry) []string {
		var out []string
		for _, e := range es {
			out = append(out, fmt.Sprintf("%s %s: %s", e.Kind, e.ID, e.Why))
		}
		return out
	}
	return say(pl.Going), say(pl.Kept)
}

func mustPlan(t *testing.T, p retention.Policy, in retention.Input, now time.Time) retention.Plan {
	t.Helper()
	pl, err := p.Plan(in, now)
	require.NoError(t, err)
	return pl
}

// office is a tenant with something of everything at the instant ready.
func office() retention.Input {
	in := func(conv string, edit func(*retention.Item)) retention.Item {
		i := item()
		i.ConversationID = conv
		if edit != nil {
			edit(&i)
		}
		return i
	}
	items := []retention.Item{
		in("C-1", nil), // goes with its conversation
		in("C-2", nil), // goes, its conversation stays for T-3
		in("C-2", func(i *retention.Item) { i.Open = true }),
		in("C-3", func(i *retention.Item) { i.LastClosedAt = closed.Add(-time.Hour) }), // go together
		in("C-3", nil),
		in("C-4", nil), // held by the conversation's hold
		in("C-5", func(i *retention.Item) { i.Holds = retention.Holds{hold("3", closed)} }),
		in("", nil),    // has no conversation
		in("C-9", nil), // its conversation was not given
		in("C-6", nil), // its conversation names a ticket that was not given
		in("C-7", func(i *retention.Item) { i.LastClosedAt = closed.Add(1) }), // not ready
	}
	for k := range items {
		items[k].TicketID = fmt.Sprintf("T-%02d", k+1)
		items[k].Revision = fmt.Sprintf("r%d", k+1)
	}
	return retention.Input{
		Items: items,
		Conversations: []retention.Conversation{
			{ID: "C-1", Revision: "c1", Tickets: []string{"T-01"}, Open: true},
			{ID: "C-2", Revision: "c2", Tickets: []string{"T-02", "T-03"}},
			{ID: "C-3", Revision: "c3", Tickets: []string{"T-05", "T-04"}},
			{ID: "C-4", Tickets: []string{"T-06"}, Holds: retention.Holds{hold("9", closed)}},
			{ID: "C-5", Tickets: []string{"T-07"}},
			{ID: "C-6", Tickets: []string{"T-10", "T-99"}},
			{ID: "C-7"},
			{ID: "C-8", ClosedAt: closed},
		},
		Watermark: ready.Add(-time.Hour),
	}
}

// A dry run: what goes and what is kept, and why (R51).
func TestPlanR51(t *testing.T) {
	t.Parallel()
	pl := mustPlan(t, retention.Standard(), office(), ready)
	going, kept := lines(pl)
	const last = "last resolved 30 January 2026 09:00 GMT"
	require.Equal(t, []string{
		"ticket T-04: due 1 March 2026 08:00 GMT: last resolved 30 January 2026 08:00 GMT",
		"ticket T-01: due 1 March 2026 09:00 GMT: " + last,
		"ticket T-02: due 1 March 2026 09:00 GMT: " + last,
		"ticket T-05: due 1 March 2026 09:00 GMT: " + last,
		"ticket T-08: due 1 March 2026 09:00 GMT: " + last,
		"conversation C-1: due 1 March 2026 09:00 GMT: ticket T-01: " + last,
		"conversation C-3: due 1 March 2026 09:00 GMT: ticket T-05: " + last,
	}, going)
	require.Equal(t, []string{
		"ticket T-03: kept: open",
		"ticket T-06: kept: hold #9",
		"ticket T-07: kept: hold #3",
		"ticket T-09: kept: conversation not found",
		"ticket T-10: kept: ticket T-99 not found",
		"ticket T-11: due 1 March 2026 09:00 GMT: " + last,
		"conversation C-2: kept: ticket T-03: open",
		"conversation C-4: kept: hold #9",
		"conversation C-5: kept: ticket T-07: hold #3",
		"conversation C-6: kept: ticket T-99 not found",
		"conversation C-7: due 1 March 2026 09:00 GMT: ticket T-11: " + last,
		"conversation C-8: kept: no ticket",
	}, kept)
	require.Equal(t, retention.PolicyRef{Name: "standard", Version: 1}, pl.Policy)
	require.Equal(t, ready, pl.At)
	require.Equal(t, 19, pl.Population)
	require.Empty(t, pl.Refusals)
	require.Equal(t, retention.Record{Kind: "ticket", ID: "T-04", Revision: "r4"}, pl.Going[0].Record)
	require.Equal(t, closed, pl.Going[6].ClosedAt, "the last of its tickets'")
	require.Equal(t, "C-3", pl.Going[0].Conversation)
	require.Equal(t, closed.Add(-time.Hour), pl.Going[0].ClosedAt)
	require.True(t, pl.Kept[10].ClosedAt.After(closed))
	require.Equal(t, closed, pl.Kept[11].ClosedAt, "when it was archived")
	in := office()
	in.Conversations[0].ClosedAt = closed.Add(day)
	require.Equal(t, closed, mustPlan(t, retention.Standard(), in, ready).Going[5].ClosedAt, "the last of its tickets', whenever it was archived")

	// A moment earlier nothing is ready but what was closed an hour before.
	going, _ = lines(mustPlan(t, retention.Standard(), office(), ready.Add(-1)))
	require.Len(t, going, 1)
	// The zero Policy deletes nothing, and refuses nothing.
	in = office()
	in.Watermark = ready.Add(day)
	pl = mustPlan(t, retention.Policy{}, in, ready.Add(1000*day))
	require.Empty(t, pl.Going)
	require.Empty(t, pl.Refusals)
	require.Equal(t, "kept: no policy", pl.Kept[0].Why.String())
}

// What nobody may delete keeps its request for erasure in sight (T41).
func TestPlanKeepsRequestsT41(t *testing.T) {
	t.Parallel()
	in := retention.Input{
		Items: []retention.Item{
			ticket("T-1", nil),
			ticket("T-2", func(i *retention.Item) { i.ConversationID, i.ErasureAt = "C-9", t0 }),
			ticket("T-3", func(i *retention.Item) { i.Open = true }),
		},
		Conversations: []retention.Conversation{{ID: "C-1", Tickets: []string{"T-99"}, ErasureAt: t0}},
	}
	_, kept := lines(mustPlan(t, retention.Standard(), in, ready))
	const pending = "; erasure requested 1 February 2026 12:00 GMT is pending"
	require.Equal(t, []string{
		"ticket T-1: kept: ticket T-99 not found" + pending,
		"ticket T-2: kept: conversation not found" + pending,
		"ticket T-3: kept: open" + pending,
		"conversation C-1: kept: ticket T-99 not found" + pending,
	}, kept)
}

// A ticket of another conversation is not one's own, though it be named.
func TestPlanForeignTicket(t *testing.T) {
	t.Parallel()
	in := retention.Input{
		Items: []retention.Item{ticket("T-1", func(i *retention.Item) { i.ConversationID = "C-2" }), ticket("T-2", nil)},
		Conversations: []retention.Conversation{
			{ID: "C-1", Tickets: []string{"T-1", "T-2"}},
			{ID: "C-2", Tickets: []string{"T-1"}},
		},
	}
	going, kept := lines(mustPlan(t, retention.Standard(), in, ready))
	require.Len(t, going, 2)
	require.Equal(t, []string{"ticket T-2: kept: ticket T-1 not found", "conversation C-1: kept: ticket T-1 not found"}, kept)
}

func TestPlanDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	want := mustPlan(t, retention.Standard(), office(), ready)
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		in := office()
		r.Shuffle(len(in.Items), func(i, j int) { in.Items[i], in.Items[j] = in.Items[j], in.Items[i] })
		r.Shuffle(len(in.Conversations), func(i, j int) {
			in.Conversations[i], in.Conversations[j] = in.Conversations[j], in.Conversations[i]
		})
		require.Equal(t, want, mustPlan(t, retention.Standard(), in, ready))
	}
}

func TestPlanRejects(t *testing.T) {
	t.Parallel()
	in := retention.Input{
		Population: -1,
		Items:      []retention.Item{{TicketID: "b"}, {}, {TicketID: "a"}, {TicketID: "b"}, {}, {TicketID: "b"}, {TicketID: "c"}},
		Conversations: []retention.Conversation{
			{ID: "b"}, {ID: "a"}, {ID: "a"}, {ID: ""},
		},
	}
	pl, err := retention.Standard().Plan(in, ready)
	require.Zero(t, pl)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	var got []string
	for _, e := range joined.Unwrap() {
		require.ErrorAs(t, e, new(*retention.InputError))
		require.ErrorIs(t, e, helpdesk.ErrInvalid)
		got = append(got, e.Error())
	}
	require.Equal(t, []string{
		"retention: the population must not be negative: -1",
		`retention: ticket "": must have an ID`,
		`retention: ticket "b": must be given once`,
		`retention: conversation "": must have an ID`,
		`retention: conversation "a": must be given once`,
	}, got)
}

// T34, T35: both sides of the clock's limits.
func TestPlanClock(t *testing.T) {
	t.Parallel()
	mark := ready
	tests := []struct {
		name string
		now  time.Time
		want string
	}{
		{"T34: a moment back", mark.Add(-1), "clock_back"},
		{"the same instant", mark, ""},
		{"an hour later", mark.Add(time.Hour), ""},
		{"T35: at the limit", mark.Add(72 * time.Hour), ""},
		{"T35: past the limit", mark.Add(72*time.Hour + 1), "clock_jump"},
		{"T35: a thousand years", mark.AddDate(1000, 0, 0), "clock_jump"},
		{"no clock at all", time.Time{}, "clock_back"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := office()
			in.Watermark = mark.In(time.FixedZone("", 3600))
			pl := mustPlan(t, retention.Standard(), in, tt.now)
			yes, no := retention.Override{Clock: true}, retention.Override{Count: 1000}
			require.Equal(t, tt.now, pl.NextWatermark(yes))
			require.NoError(t, refusal(pl, yes))
			if tt.want == "" {
				require.Empty(t, pl.Refusals)
				require.NoError(t, refusal(pl, retention.Override{}))
				require.Equal(t, tt.now, pl.NextWatermark(retention.Override{}))
				return
			}
			require.Len(t, pl.Refusals, 1)
			require.Equal(t, tt.want, pl.Refusals[0].Code)
			require.Equal(t, mark, pl.NextWatermark(no), "a clock that is not believed is not kept")
			purges, err := pl.Approve(no)
			require.Empty(t, purges)
			require.ErrorAs(t, err, new(*retention.RefusedError))
		})
	}
	in := office()
	in.Watermark = time.Time{}
	pl := mustPlan(t, retention.Standard(), in, mark.AddDate(1000, 0, 0))
	require.NotContains(t, codes(pl), "clock_jump", "no last sweep to compare with")
	require.True(t, pl.Watermark.IsZero())
}

func codes(pl retention.Plan) []string {
	var out []string
	for _, r := range pl.Refusals {
		out = append(out, r.Code)
	}
	return out
}

// many is a tenant of which so many tickets go, and the others do not.
func many(going, population int) retention.Input {
	var in retention.Input
	for k := range population {
		i := item()
		i.TicketID, i.Open = fmt.Sprintf("T-%05d", k), k >= going
		in.Items = append(in.Items, i)
	}
	return in
}

// T35: both sides of the breaker's limits.
func TestPlanBreakerT35(t *testing.T) {
	t.Parallel()
	quarter := retention.Breaker{MaxCount: 40, MaxShare: 25, MinCount: 10}
	tests := []struct {
		name              string
		b                 retention.Breaker
		going, population int
		given             int // Input.Population
		want              []string
	}{
		{"nothing", quarter, 0, 1, 0, nil},
		{"share exactly at the limit", quarter, 25, 100, 0, nil},
		{"share one above the limit", quarter, 26, 100, 0, []string{"max_share"}},
		{"share above the limit by less than a percent", quarter, 25, 99, 0, []string{"max_share"}},
		{"a small sweep has no share", quarter, 9, 9, 0, nil},
		{"the least sweep that has one", quarter, 10, 10, 0, []string{"max_share"}},
		{"every sweep has one", retention.Breaker{MaxCount: 40, MaxShare: 25, MinCount: 1}, 1, 3, 0, []string{"max_share"}},
		{"of all records and not of those given", quarter, 26, 26, 104, nil},
		{"of all records, one above the limit", quarter, 26, 26, 103, []string{"max_share"}},
		{"at least those given", quarter, 25, 100, 1, nil},
		{"count exactly at the limit", quarter, 40, 1000, 0, nil},
		{"count one above the limit", quarter, 41, 1000, 0, []string{"max_count"}},
		{"both", quarter, 41, 100, 0, []string{"max_count", "max_share"}},
		{"a share of 100 lets all go", retention.Breaker{MaxCount: 40, MaxShare: 100}, 40, 40, 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := retention.New(retention.Config{Breaker: tt.b})
			require.NoError(t, err)
			in := many(tt.going, tt.population)
			in.Population = tt.given
			pl := mustPlan(t, p, in, ready)
			require.Len(t, pl.Going, tt.going, "the dry run shows all of it")
			require.Equal(t, tt.want, codes(pl))
			require.Equal(t, ready, pl.NextWatermark(retention.Override{}), "the clock is fine")
			if tt.want == nil {
				purges, err := pl.Approve(retention.Override{})
				require.NoError(t, err)
				require.Len(t, purges, tt.going)
				return
			}
			// The word is for so many and no more.
			for _, o := range []retention.Override{{}, {Clock: true}, {Count: tt.going - 1}} {
				purges, err := pl.Approve(o)
				require.Empty(t, purges)
				require.ErrorAs(t, err, new(*retention.RefusedError))
				var refused *retention.RefusedError
				require.ErrorAs(t, err, &refused)
				require.Equal(t, tt.going, refused.Count)
			}
			purges, err := pl.Approve(retention.Override{Count: tt.going})
			require.NoError(t, err)
			require.Len(t, purges, tt.going)
		})
	}
}

// Conversations count too.
func TestBreakerCountsRecords(t *testing.T) {
	t.Parallel()
	p, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxCount: 6}})
	require.NoError(t, err)
	pl := mustPlan(t, p, office(), ready)
	require.Equal(t, []string{"max_count"}, codes(pl))
	require.Equal(t, retention.RefusedError{Code: "max_count", Count: 7, Population: 19, Limit: 6}, *pl.Refusals[0])
}

func TestRefusedErrorText(t *testing.T) {
	t.Parallel()
	p, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxCount: 1, MaxShare: 10, MinCount: 1}})
	require.NoError(t, err)
	in := many(2, 4)
	in.Watermark = ready.Add(-4 * day)
	pl := mustPlan(t, p, in, ready)
	require.EqualError(t, refusal(pl, retention.Override{}),
		"retention: sweep refused: now is 2026-03-01T09:05:00Z, later than 2026-02-28T09:05:00Z, too long after the last sweep at 2026-02-25T09:05:00Z\n"+
			"retention: sweep refused: 2 records would go, at most 1 may\n"+
			"retention: sweep refused: 2 of 4 records would go, at most 10 percent may")
	in.Watermark = ready.Add(time.Second)
	pl = mustPlan(t, p, in, ready)
	require.EqualError(t, refusal(pl, retention.Override{Count: 2}),
		"retention: sweep refused: now is 2026-03-01T09:05:00Z, before the last sweep at 2026-03-01T09:05:01Z")
	require.EqualError(t, &retention.RefusedError{Code: "moon"}, `retention: sweep refused: "moon"`)
	require.NotErrorAs(t, refusal(pl, retention.Override{}), new(*retention.EarlyError))
}

// A plan can be stored and approved later; it holds nothing but IDs, codes and
// instants (T45).
func TestPlanJSON(t *testing.T) {
	t.Parallel()
	p, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxCount: 1}})
	require.NoError(t, err)
	in := office()
	in.Watermark = ready.Add(1)
	pl := mustPlan(t, p, in, ready)
	b, err := json.Marshal(pl)
	require.NoError(t, err)
	var again retention.Plan
	require.NoError(t, json.Unmarshal(b, &again))
	require.Equal(t, pl, again)
	o := retention.Override{Clock: true, Count: 7}
	want, err := pl.Approve(o)
	require.NoError(t, err)
	got, err := again.Approve(o)
	require.NoError(t, err)
	require.Equal(t, want, got)

	empty, err := json.Marshal(mustPlan(t, p, retention.Input{}, ready))
	require.NoError(t, err)
	require.JSONEq(t, `{"policy":{"name":"standard","version":1},"at":"2026-03-01T09:05:00Z","going":[],"kept":[]}`, string(empty))
}

// What is deleted together: a conversation with its tickets, a ticket whose
// conversation stays or which has none.
func TestApprove(t *testing.T) {
	t.Parallel()
	pl := mustPlan(t, retention.Standard(), office(), ready)
	purges, err := pl.Approve(retention.Override{})
	require.NoError(t, err)
	ref := retention.PolicyRef{Name: "standard", Version: 1}
	target := func(id, rev string, at time.Time) retention.Target {
		return retention.Target{ID: id, Revision: rev, ClosedAt: at, Reason: retention.Reason("closing"), Since: at}
	}
	require.Equal(t, []retention.Purge{
		{
			Policy: ref, PlannedAt: ready, NotBefore: ready, Conversation: target("C-3", "c3", closed),
			Tickets: []retention.Target{target("T-04", "r4", closed.Add(-time.Hour)), target("T-05", "r5", closed)},
		},
		{Policy: ref, PlannedAt: ready, NotBefore: ready, Conversation: target("C-1", "c1", closed), Tickets: []retention.Target{target("T-01", "r1", closed)}},
		{
			Policy: ref, PlannedAt: ready, NotBefore: ready, Tickets: []retention.Target{target("T-02", "r2", closed)},
			Stays: retention.Record{Kind: retention.KindConversation, ID: "C-2", Revision: "c2"},
		},
		{Policy: ref, PlannedAt: ready, NotBefore: ready, Tickets: []retention.Target{target("T-08", "r8", closed)}},
	}, purges)

	// Tickets stand by ID in a purge, whichever was due first.
	in := retention.Input{
		Items: []retention.Item{
			ticket("T-1", nil),
			ticket("T-2", func(i *retention.Item) { i.LastClosedAt = closed.Add(-day) }),
		},
		Conversations: []retention.Conversation{{ID: "C-1"}},
	}
	purges, err = mustPlan(t, retention.Standard(), in, ready).Approve(retention.Override{})
	require.NoError(t, err)
	require.Len(t, purges, 1)
	require.Equal(t, "T-1", purges[0].Tickets[0].ID)

	// All that go while their conversation stays, go together; those that have
	// none go one by one.
	in.Items = append(in.Items,
		ticket("T-3", func(i *retention.Item) { i.Open = true }),
		ticket("T-4", func(i *retention.Item) { i.ConversationID = "" }),
		ticket("T-5", func(i *retention.Item) { i.ConversationID = "" }),
	)
	in.Conversations[0].Revision = "c1"
	purges, err = mustPlan(t, retention.Standard(), in, ready).Approve(retention.Override{})
	require.NoError(t, err)
	require.Len(t, purges, 3)
	require.Len(t, purges[0].Tickets, 2)
	require.Equal(t, retention.Record{Kind: retention.KindConversation, ID: "C-1", Revision: "c1"}, purges[0].Stays)
	require.Equal(t, "T-4", purges[1].Tickets[0].ID)
	require.Equal(t, "T-5", purges[2].Tickets[0].ID)
	require.Zero(t, purges[2].Stays)

	// A conversation without tickets goes alone.
	p, err := retention.New(retention.Config{Ticketless: day})
	require.NoError(t, err)
	in = retention.Input{Conversations: []retention.Conversation{{ID: "C-1", ClosedAt: closed}}}
	purges, err = mustPlan(t, p, in, ready).Approve(retention.Override{})
	require.NoError(t, err)
	require.Len(t, purges, 1)
	require.Equal(t, retention.Target{ID: "C-1", ClosedAt: closed, Reason: retention.Reason("archived"), Since: closed}, purges[0].Conversation)
	require.Empty(t, purges[0].Tickets)

	purges, err = retention.Plan{}.Approve(retention.Override{})
	require.NoError(t, err)
	require.Empty(t, purges)
}

// A plan against the one before: what is new, what is gone, what moved.
func TestDiff(t *testing.T) {
	t.Parallel()
	p := retention.Standard()
	before := office()
	prev := mustPlan(t, p, before, ready)
	require.True(t, isEmpty(prev.Diff(prev)))

	after := office()
	after.Items = slices.DeleteFunc(after.Items, func(i retention.Item) bool { return i.TicketID == "T-08" }) // deleted
	after.Items[0].Open = true                                                                                // T-01 was reopened
	after.Items[1].ReleasedAt = ready                                                                         // T-02 was held and released
	after.Items = append(after.Items, retention.Item{TicketID: "T-20", LastClosedAt: closed})                 // is new
	next := mustPlan(t, p, after, ready.Add(1))                                                               // T-11 got ready
	d := next.Diff(prev)
	require.False(t, isEmpty(d))
	say := func(cs []retention.Change) []string {
		var out []string
		for _, c := range cs {
			out = append(out, c.String())
		}
		return out
	}
	require.Equal(t, []string{
		"ticket T-11: due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT",
		"ticket T-20: due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT",
		"conversation C-7: due 1 March 2026 09:00 GMT: ticket T-11: last resolved 30 January 2026 09:00 GMT",
	}, say(d.Added))
	require.Equal(t, []string{
		"ticket T-01: kept: open",
		"ticket T-02: due 2 March 2026 09:05 GMT: last hold released 1 March 2026 09:05 GMT",
		"ticket T-08: not listed",
		"conversation C-1: kept: ticket T-01: open",
	}, say(d.Dropped))
	require.Equal(t, []string{
		"ticket T-02: due 2 March 2026 09:05 GMT: last hold released 1 March 2026 09:05 GMT",
	}, say(d.Moved))
	require.Equal(t, due, d.Moved[0].Before.Due)
	require.Empty(t, d.Added[1].Before.State)

	// Back again is the mirror image.
	back := prev.Diff(next)
	require.Len(t, back.Added, len(d.Dropped))
	require.Len(t, back.Dropped, len(d.Added))
	require.Len(t, back.Moved, len(d.Moved))

	// Only moved.
	moved := office()
	moved.Items[10].LastClosedAt = closed.Add(day)
	d = mustPlan(t, p, moved, ready).Diff(prev)
	require.Empty(t, d.Added)
	require.Empty(t, d.Dropped)
	require.Equal(t, []string{
		"ticket T-11: due 2 March 2026 09:00 GMT: last resolved 31 January 2026 09:00 GMT",
		"conversation C-7: due 2 March 2026 09:00 GMT: ticket T-11: last resolved 31 January 2026 09:00 GMT",
	}, say(d.Moved))
	require.False(t, isEmpty(d))

	one := []retention.Change{{}}
	require.True(t, isEmpty(retention.Diff{}))
	require.False(t, isEmpty(retention.Diff{Added: one, Dropped: one}))
	require.False(t, isEmpty(retention.Diff{Added: one, Moved: one}))

	// Against nothing, everything that goes is new.
	require.Len(t, prev.Diff(retention.Plan{}).Added, 7)
	require.Len(t, retention.Plan{}.Diff(prev).Dropped, 7)
	b, err := json.Marshal(retention.Plan{}.Diff(retention.Plan{}))
	require.NoError(t, err)
	require.JSONEq(t, `{"added":[],"dropped":[],"moved":[]}`, string(b))
}

// An error carries IDs and codes only, and is found by its kind (T45).
func TestErrorsMatchTheirKind(t *testing.T) {
	t.Parallel()
	kinds := []error{
		helpdesk.ErrInvalid, helpdesk.ErrNotAllowed, helpdesk.ErrNotFound, helpdesk.ErrGone, helpdesk.ErrConflict,
		helpdesk.ErrUnavailable, helpdesk.ErrUncertain, helpdesk.ErrDamaged,
	}
	for err, want := range map[error]error{
		&retention.InputError{}: helpdesk.ErrInvalid, &retention.ChangedError{}: helpdesk.ErrConflict,
		&retention.RefusedError{}: helpdesk.ErrNotAllowed, &retention.EarlyError{}: helpdesk.ErrNotAllowed,
		&retention.StepError{}: helpdesk.ErrNotAllowed, &retention.GoneError{}: helpdesk.ErrGone,
		&retention.ProofError{}: helpdesk.ErrDamaged,
	} {
		for _, kind := range kinds {
			require.Equal(t, errors.Is(want, kind), errors.Is(err, kind), "%T %v", err, kind)
		}
	}
}
