package retention_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/retention"
	"pgregory.net/rapid"
)

// instants are those near which decisions change, and some that nobody should
// believe.
func instants() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		base := rapid.SampledFrom([]time.Time{{}, closed, closed.Add(day), due, ready, ready.Add(day), time.Unix(0, 0), time.Unix(1<<40, 0)}).Draw(t, "base")
		if base.IsZero() {
			return base
		}
		return base.Add(time.Duration(rapid.Int64Range(-1, 1).Draw(t, "ns")))
	})
}

func holdsOf() *rapid.Generator[retention.Holds] {
	return rapid.Custom(func(t *rapid.T) retention.Holds {
		var hs retention.Holds
		for range rapid.IntRange(0, 2).Draw(t, "holds") {
			hs = append(hs, retention.Hold{
				ID: rapid.SampledFrom([]string{"1", "2"}).Draw(t, "id"), PlacedAt: closed, ReleasedAt: instants().Draw(t, "released"),
			})
		}
		return hs
	})
}

func inputs() *rapid.Generator[retention.Input] {
	ids := []string{"", "a", "b", "c"}
	return rapid.Custom(func(t *rapid.T) retention.Input {
		in := retention.Input{Population: rapid.IntRange(0, 100).Draw(t, "population"), Watermark: instants().Draw(t, "watermark")}
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2", "3", "4", "5"}), 0, 5, rapid.ID).Draw(t, "tickets") {
			in.Items = append(in.Items, retention.Item{
				TicketID: id, ConversationID: rapid.SampledFrom(ids).Draw(t, "of"), Open: rapid.IntRange(0, 4).Draw(t, "open") == 0,
				LastClosedAt: instants().Draw(t, "closed"), Holds: holdsOf().Draw(t, "holds"),
				ReleasedAt: instants().Draw(t, "released"), ErasureAt: instants().Draw(t, "erasure"),
			})
		}
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(ids[1:]), 0, 3, rapid.ID).Draw(t, "conversations") {
			in.Conversations = append(in.Conversations, retention.Conversation{
				ID: id, Tickets: rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2", "3"}), 0, 2).Draw(t, "lists"),
				Open: rapid.Bool().Draw(t, "open"), ClosedAt: instants().Draw(t, "closed"), Holds: holdsOf().Draw(t, "holds"),
				ReleasedAt: instants().Draw(t, "released"), ErasureAt: instants().Draw(t, "erasure"),
			})
		}
		return in
	})
}

func believable(t time.Time) bool { return t.Year() >= 1971 && t.Year() < 9000 }

// mayGo says in the plainest words whether a ticket or a conversation without
// tickets may be deleted at now; period 0 is for ever.
func mayGo(open bool, closed time.Time, period time.Duration, erasures []time.Time, holds retention.Holds, releases []time.Time, now time.Time) bool {
	if open || !believable(closed) {
		return false
	}
	for _, h := range holds {
		if h.ReleasedAt.IsZero() {
			return false
		}
		releases = append(releases, h.ReleasedAt)
	}
	var dues []time.Time
	if period > 0 {
		dues = append(dues, closed.Add(period))
	}
	for _, e := range erasures {
		if believable(e) {
			dues = append(dues, slices.MaxFunc([]time.Time{e, closed}, time.Time.Compare))
		}
	}
	if len(dues) == 0 {
		return false
	}
	due := slices.MinFunc(dues, time.Time.Compare)
	last := slices.MaxFunc(append(releases, time.Time{}), time.Time.Compare)
	if last.Year() >= 9000 {
		return false
	}
	if !last.IsZero() && !due.After(last) {
		due = last.Add(24 * time.Hour)
	}
	return !now.Before(due.Add(5 * time.Minute))
}

// slowPlan returns the IDs of what goes, worked out one by one.
func slowPlan(in retention.Input, period time.Duration, now time.Time) (tickets, conversations []string) {
	conv := func(id string) *retention.Conversation {
		for k := range in.Conversations {
			if in.Conversations[k].ID == id {
				return &in.Conversations[k]
			}
		}
		return nil
	}
	complete := func(c *retention.Conversation) bool {
		for _, id := range c.Tickets {
			if !slices.ContainsFunc(in.Items, func(i retention.Item) bool { return i.TicketID == id && i.ConversationID == c.ID }) {
				return false
			}
		}
		return true
	}
	for _, i := range in.Items {
		erasures, holds, releases := []time.Time{i.ErasureAt}, i.Holds, []time.Time{i.ReleasedAt}
		if i.ConversationID != "" {
			c := conv(i.ConversationID)
			if c == nil || !complete(c) {
				continue
			}
			erasures, releases = append(erasures, c.ErasureAt), append(releases, c.ReleasedAt)
			holds = slices.Concat(holds, c.Holds)
		}
		if mayGo(i.Open, i.LastClosedAt, 720*time.Hour, erasures, holds, releases, now) {
			tickets = append(tickets, i.TicketID)
		}
	}
	for k := range in.Conversations {
		c := &in.Conversations[k]
		of, going := 0, 0
		for _, i := range in.Items {
			if i.ConversationID == c.ID {
				of++
				if slices.Contains(tickets, i.TicketID) {
					going++
				}
			}
		}
		switch {
		case !complete(c) || of != going:
		case of > 0:
			conversations = append(conversations, c.ID)
		case mayGo(c.Open, c.ClosedAt, period, []time.Time{c.ErasureAt}, c.Holds, []time.Time{c.ReleasedAt}, now):
			conversations = append(conversations, c.ID)
		}
	}
	slices.Sort(tickets)
	slices.Sort(conversations)
	return tickets, conversations
}

// R51, D6: the plan is what a slow one says, whatever the input; a conversation
// never goes with a ticket that is open, held or not yet due. It does not depend
// on the order of its input, and survives being stored.
func anyPlan(t *rapid.T) {
	in, now := inputs().Draw(t, "input"), instants().Draw(t, "now")
	p := retention.Standard()
	period := rapid.SampledFrom([]time.Duration{0, day}).Draw(t, "ticketless")
	if period > 0 {
		var err error
		if p, err = retention.New(retention.Config{Ticketless: period}); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := p.Plan(in, now)
	if err != nil {
		t.Fatal(err)
	}
	var tickets, conversations []string
	for _, e := range plan.Going {
		if e.Kind == retention.KindTicket {
			tickets = append(tickets, e.ID)
		} else {
			conversations = append(conversations, e.ID)
		}
	}
	slices.Sort(tickets)
	slices.Sort(conversations)
	wantTickets, wantConversations := slowPlan(in, period, now)
	if !slices.Equal(tickets, wantTickets) || !slices.Equal(conversations, wantConversations) {
		t.Fatalf("%v and %v go, want %v and %v", tickets, conversations, wantTickets, wantConversations)
	}

	mixed := in
	mixed.Items = rapid.Permutation(in.Items).Draw(t, "items")
	mixed.Conversations = rapid.Permutation(in.Conversations).Draw(t, "conversations")
	for k, c := range mixed.Conversations {
		mixed.Conversations[k].Tickets = rapid.Permutation(c.Tickets).Draw(t, "lists")
	}
	if again, err := p.Plan(mixed, now); err != nil || !reflect.DeepEqual(plan, again) {
		t.Fatalf("another order gives another plan: %+v and %+v", plan, again)
	}
	for _, c := range in.Conversations {
		for _, e := range slices.Concat(plan.Going, plan.Kept) {
			if why := p.ExplainConversation(c, in.Items, now); e.Kind == retention.KindConversation && e.ID == c.ID && !reflect.DeepEqual(why, e.Why) {
				t.Fatalf("conversation %s: the plan says %v, the question %v", c.ID, e.Why, why)
			}
		}
	}

	// Approved with an override, everything goes exactly once.
	purges, err := plan.Approve(retention.Override{Clock: true, Count: len(plan.Going)})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, pu := range purges {
		n += len(pu.Tickets)
		if pu.Conversation.ID != "" {
			n++
		}
		if now.Before(pu.NotBefore) {
			t.Fatalf("%+v is approved too early", pu)
		}
	}
	if n != len(plan.Going) {
		t.Fatalf("%d records in the purges of %d", n, len(plan.Going))
	}
	if now.Year() > 9999 || in.Watermark.Year() > 9999 {
		return // JSON has no such instants
	}
	b, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var stored retention.Plan
	if err := json.Unmarshal(b, &stored); err != nil || !reflect.DeepEqual(plan, stored) {
		t.Fatalf("%s: %v", b, err)
	}
}

func TestAnyPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, anyPlan)
}

func FuzzAnyPlan(f *testing.F) { f.Fuzz(rapid.MakeFuzz(anyPlan)) }
