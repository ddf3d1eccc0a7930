package retention_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/retention"
)

var resolved = time.Date(2026, time.January, 30, 9, 0, 0, 0, time.UTC)

// When will it be deleted?
func ExamplePolicy_Explain() {
	policy := retention.Standard()
	now := time.Date(2026, time.February, 10, 12, 0, 0, 0, time.UTC)

	ticket := retention.Item{TicketID: "T-1", LastClosedAt: resolved}
	fmt.Println(policy.Explain(ticket, now))

	// Why is it still here?
	var err error
	ticket.Holds, _, err = ticket.Holds.Place(retention.Hold{ID: "3", Reason: "litigation", PlacedAt: now})
	if err != nil {
		panic(err)
	}
	fmt.Println(policy.Explain(ticket, now.AddDate(0, 6, 0)))

	ticket.Open = true
	fmt.Println(policy.Explain(ticket, now.AddDate(0, 6, 0)))
	// Output:
	// due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT
	// kept: hold #3
	// kept: open, hold #3
}

// A conversation goes with the last of its tickets.
func ExamplePolicy_ExplainConversation() {
	policy := retention.Standard()
	conversation := retention.Conversation{ID: "C-1", Tickets: []string{"T-1", "T-2"}}
	one := retention.Item{TicketID: "T-1", ConversationID: "C-1", LastClosedAt: resolved}
	two := retention.Item{TicketID: "T-2", ConversationID: "C-1", Open: true}
	now := resolved.AddDate(0, 6, 0)

	fmt.Println(policy.ExplainConversation(conversation, []retention.Item{one, two}, now))
	fmt.Println(policy.ExplainConversation(retention.Conversation{ID: "C-2"}, nil, now))
	// Output:
	// kept: ticket T-2: open
	// kept: no ticket
}

// The last closing counts, and a sweep is late rather than early.
func ExamplePolicy_Due() {
	policy := retention.Standard()
	ticket := retention.Item{TicketID: "T-1", LastClosedAt: resolved}

	due, ok := policy.Due(ticket)
	fmt.Println(due, ok)
	ready, _ := policy.ReadyAt(ticket)
	fmt.Println(policy.Explain(ticket, ready.Add(-1)).Ripe, policy.Explain(ticket, ready).Ripe, ready.Sub(due))

	ticket.Open = true // reopened
	_, ok = policy.Due(ticket)
	fmt.Println(ok)
	// Output:
	// 2026-03-01 09:00:00 +0000 UTC true
	// false true 5m0s
	// false
}

func ExampleNew() {
	policy, err := retention.New(retention.Config{
		Name:       "partner",
		Period:     60 * 24 * time.Hour,
		Ticketless: 90 * 24 * time.Hour,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(policy.Config().Period, policy.Config().Grace)

	_, err = retention.New(retention.Config{Grace: time.Hour, Breaker: retention.Breaker{MaxShare: 200}})
	fmt.Println(err)
	// Output:
	// 1440h0m0s 24h0m0s
	// grace: "1h0m0s" must be from 24h0m0s to 878400h0m0s
	// breaker.max_share: "200" must be from 1 to 100
}

func ExampleParse() {
	policy, err := retention.Parse([]byte(`{"name":"partner","period":"1440h","breaker":{"max_share":5}}`))
	if err != nil {
		panic(err)
	}
	fmt.Println(policy.Config().Period, policy.Config().Breaker.MaxShare)

	_, err = retention.Parse([]byte(`{"perod":"1440h"}`))
	fmt.Println(err)
	// Output:
	// 1440h0m0s 5
	// perod: "1440h" is not known
}

// Placing and releasing are idempotent.
func ExampleHolds_Place() {
	var holds retention.Holds
	hold := retention.Hold{ID: "3", Reason: "litigation", PlacedAt: resolved}
	for range 2 {
		var changed bool
		var err error
		holds, changed, err = holds.Place(hold)
		fmt.Println(len(holds), changed, err)
	}
	holds, changed, err := holds.Release("3", resolved.Add(time.Hour))
	fmt.Println(holds[0].IsInForce(), changed, err)
	// Output:
	// 1 true <nil>
	// 1 false <nil>
	// false true <nil>
}

// A dry run, what changed since the one before, and a refusal.
func ExamplePolicy_Plan() {
	policy := retention.Standard()
	input := retention.Input{
		Items: []retention.Item{
			{TicketID: "T-1", ConversationID: "C-1", LastClosedAt: resolved},
			{TicketID: "T-2", ConversationID: "C-2", LastClosedAt: resolved.Add(48 * time.Hour)},
		},
		Conversations: []retention.Conversation{{ID: "C-1", Tickets: []string{"T-1"}}, {ID: "C-2", Tickets: []string{"T-2"}}},
		Watermark:     resolved.Add(30 * 24 * time.Hour),
	}
	today := resolved.Add(31 * 24 * time.Hour)
	plan, err := policy.Plan(input, today)
	if err != nil {
		panic(err)
	}
	for _, e := range plan.Going {
		fmt.Println("goes: ", e.Kind, e.ID, "–", e.Why)
	}
	for _, e := range plan.Kept {
		fmt.Println("stays:", e.Kind, e.ID, "–", e.Why)
	}

	input.Items[0].Open = true
	tomorrow, err := policy.Plan(input, today.Add(24*time.Hour))
	if err != nil {
		panic(err)
	}
	for _, c := range tomorrow.Diff(plan).Dropped {
		fmt.Println("since:", c)
	}

	jumped, err := policy.Plan(input, today.AddDate(1, 0, 0))
	if err != nil {
		panic(err)
	}
	_, err = jumped.Approve(retention.Override{})
	refused, ok := errors.AsType[*retention.RefusedError](err)
	fmt.Println(ok && refused.Code == "clock_jump")
	// Output:
	// goes:  ticket T-1 – due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT
	// goes:  conversation C-1 – due 1 March 2026 09:00 GMT: ticket T-1: last resolved 30 January 2026 09:00 GMT
	// stays: ticket T-2 – due 3 March 2026 09:00 GMT: last resolved 1 February 2026 09:00 GMT
	// stays: conversation C-2 – due 3 March 2026 09:00 GMT: ticket T-2: last resolved 1 February 2026 09:00 GMT
	// since: ticket T-1: kept: open
	// since: conversation C-1: kept: ticket T-1: open
	// true
}

// A purge that crashes goes on from the stored progress.
func ExampleProgress() {
	now := resolved.Add(31 * 24 * time.Hour)
	plan, err := retention.Standard().Plan(retention.Input{Items: []retention.Item{{TicketID: "T-1", Revision: "7", LastClosedAt: resolved}}}, now)
	if err != nil {
		panic(err)
	}
	purges, err := plan.Approve(retention.Override{})
	if err != nil {
		panic(err)
	}
	// In one commit, with the record found at the revision that was planned:
	found := []retention.Record{{Kind: retention.KindTicket, ID: "T-1", Revision: "7"}}
	progress, err := purges[0].Begin(found, retention.Counts{Messages: 12}, now)
	if err != nil {
		panic(err)
	}
	progress, err = progress.Finish(retention.StepCancel, now)
	if err != nil {
		panic(err)
	}
	stored, err := json.Marshal(progress)
	if err != nil {
		panic(err)
	}

	// The process dies here, and another one goes on.
	var resumed retention.Progress
	if err := json.Unmarshal(stored, &resumed); err != nil {
		panic(err)
	}
	fmt.Println(errors.Is(resumed.Gone(retention.KindTicket, "T-1"), helpdesk.ErrGone))
	for step := range resumed.Remaining() {
		fmt.Println(step)
		if resumed, err = resumed.Finish(step, now); err != nil {
			panic(err)
		}
	}
	fmt.Println(!resumed.DoneAt.IsZero())
	fmt.Println(resumed.Explain())
	// Output:
	// true
	// blobs
	// messages
	// ticket
	// index
	// tombstone
	// true
	// gone: deleted 2 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT
}

// Proof that a ticket was deleted, without saying whose it was.
func ExampleNewKey() {
	key, err := retention.NewKey(retention.Secret{ID: "2026", Key: bytes.Repeat([]byte{1}, retention.MinKey)}) // use random bytes
	if err != nil {
		panic(err)
	}
	purge := retention.Purge{Tickets: []retention.Target{{ID: "T-1", ClosedAt: resolved, Reason: retention.Reason("closing"), Since: resolved}}}
	progress, err := purge.Begin([]retention.Record{{Kind: retention.KindTicket, ID: "T-1"}}, retention.Counts{}, resolved.Add(31*24*time.Hour))
	if err != nil {
		panic(err)
	}
	chain, err := progress.Tombstones(key, "acme", retention.Sum{})
	if err != nil {
		panic(err)
	}
	one, _ := key.Digests(chain[0].Scope, chain[0].Kind, "T-1")
	two, _ := key.Digests(chain[0].Scope, chain[0].Kind, "T-2")
	fmt.Println(chain[0].Digest == one[0], chain[0].Digest == two[0])
	fmt.Println(retention.VerifyChain(key, retention.Sum{}, chain))
	fmt.Println(chain[0].Explain())

	chain[0].PurgedAt = chain[0].PurgedAt.Add(-24 * time.Hour)
	fmt.Println(retention.VerifyChain(key, retention.Sum{}, chain[:1]))
	// Output:
	// true false
	// <nil>
	// gone: deleted 2 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT
	// retention: tombstone 0 was changed, or made with another key
}

func ExampleStandard() {
	fmt.Println(retention.Standard().Config().Period)
	// Output: 720h0m0s
}
