package retention

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/internal/check"
)

// An Input is what a plan is made from: the records of one tenant.
//
// It need not be all of them. The tickets of a conversation belong together,
// though: with a ticket give its conversation and all tickets of that. What is
// incomplete is kept, and the plan says so.
type Input struct {
	Items         []Item         `json:"items,omitzero"`
	Conversations []Conversation `json:"conversations,omitzero"`

	// Population is how many tickets and conversations the tenant has, of which
	// the breaker takes its share. It counts for at least as many as are given.
	Population int `json:"population,omitzero"`

	// Watermark is [Plan.NextWatermark] of the last sweep; zero if there was
	// none, and then no jump of the clock can be noticed: store the instant of
	// the installation as the first one.
	Watermark time.Time `json:"watermark,omitzero"`
}

// A Plan is what one sweep would delete and why, and what it would keep and why.
// Making it changes nothing: it is a dry run until [Policy.Plan]'s caller
// approves it and carries out its purges. It holds IDs, codes and instants, and
// no personal data. The zero Plan deletes nothing.
type Plan struct {
	Policy     PolicyRef `json:"policy,omitzero"`
	At         time.Time `json:"at,omitzero"` // the instant of the sweep, in UTC
	Watermark  time.Time `json:"watermark,omitzero"`
	Population int       `json:"population,omitzero"`

	// Going are the records to be deleted, those due first before the others;
	// Kept are all others, tickets before conversations and then by ID.
	Going []Entry `json:"going,omitzero"`
	Kept  []Entry `json:"kept,omitzero"`

	// Refusals are why the plan must not be carried out without an [Override].
	Refusals []*RefusedError `json:"refusals,omitzero"`
}

// An Entry is one record of a plan.
type Entry struct {
	Record
	Conversation string      `json:"conversation,omitzero"` // of a ticket; empty if it has none
	ClosedAt     time.Time   `json:"closed_at,omitzero"`    // the last believable closing, in UTC; of a conversation, the last of its tickets'
	Why          Explanation `json:"why,omitzero"`
}

// The codes of a RefusedError.
const (
	refusalClockBack = "clock_back" // now is before the last sweep (T34)
	refusalClockJump = "clock_jump" // now is too long after the last sweep (T35)
	refusalMaxCount  = "max_count"  // too many records would go
	refusalMaxShare  = "max_share"  // too great a share of the records would go
)

// isClock reports whether e is about the clock, rather than the breaker.
func (e *RefusedError) isClock() bool {
	return e.Code == refusalClockBack || e.Code == refusalClockJump
}

// An Override is a person's explicit word that a refused sweep is right. The zero
// Override overrides nothing. Keep a record of who gave it.
type Override struct {
	Clock bool `json:"clock,omitzero"` // the clock is right, for all that it jumped
	Count int  `json:"count,omitzero"` // so many records may go, whatever the breaker says
}

// lifts reports whether o lifts r for a plan that deletes count records.
func (o Override) lifts(r *RefusedError, count int) bool {
	if r.isClock() {
		return o.Clock
	}
	return count <= o.Count
}

// Plan says which of the records go at now. A ticket goes when it is ready
// ([Policy.ReadyAt]) and nothing keeps its conversation for it; a conversation
// goes with the last of its tickets (R51).
//
// The same input in any order gives the same plan. Refusals are part of the
// plan, not errors. The error joins an [*InputError] for every record without an
// ID or given twice, and for a negative population.
func (p Policy) Plan(in Input, now time.Time) (Plan, error) {
	b := planner{p: &p, in: &in, now: now}
	if err := b.index(); err != nil {
		return Plan{}, err
	}
	b.judge()
	plan := Plan{
		Policy: p.ref(), At: utc(now), Population: max(in.Population, len(in.Items)+len(in.Conversations)),
		Going: []Entry{}, Kept: []Entry{},
	}
	if !in.Watermark.IsZero() {
		plan.Watermark = utc(in.Watermark)
	}
	b.entries(&plan)
	plan.Refusals = p.refusals(&plan)
	return plan, nil
}

// refusals says why the plan must not be carried out. The zero Policy refuses
// nothing, having nothing to refuse.
func (p Policy) refusals(plan *Plan) []*RefusedError {
	var out []*RefusedError
	if p.IsZero() {
		return nil
	}
	if mark := plan.Watermark; !mark.IsZero() {
		switch latest := mark.Add(p.c.MaxGap); {
		case plan.At.Before(mark):
			out = append(out, &RefusedError{Code: refusalClockBack, At: plan.At, Watermark: mark})
		case plan.At.After(latest):
			out = append(out, &RefusedError{Code: refusalClockJump, At: plan.At, Watermark: mark, Latest: latest})
		}
	}
	count, limits := len(plan.Going), p.c.Breaker
	if count > limits.MaxCount {
		out = append(out, &RefusedError{Code: refusalMaxCount, Count: count, Population: plan.Population, Limit: limits.MaxCount})
	}
	if count >= limits.MinCount && int64(count)*100 > int64(limits.MaxShare)*int64(plan.Population) {
		out = append(out, &RefusedError{Code: refusalMaxShare, Count: count, Population: plan.Population, Limit: limits.MaxShare})
	}
	return out
}

// err returns nil if o lifts every refusal of pl. Otherwise the error joins the
// [*RefusedError] of each that it does not.
func (pl Plan) err(o Override) error {
	var f check.Faults
	for _, r := range pl.Refusals {
		if !o.lifts(r, len(pl.Going)) {
			f.Add(r)
		}
	}
	return f.Err()
}

// NextWatermark returns what to store as [Input.Watermark] of the next sweep:
// now, unless the clock is not to be believed.
func (pl Plan) NextWatermark(o Override) time.Time {
	for _, r := range pl.Refusals {
		if r.isClock() && !o.Clock {
			return pl.Watermark
		}
	}
	return pl.At
}

// A planner makes one plan.
type planner struct {
	p   *Policy
	in  *Input
	now time.Time

	items []int // indices of in.Items by ID
	convs []int // indices of in.Conversations by ID

	conv  []int // by position in items: position of the conversation in convs, -1 for none, unknown if it was not given
	first []int // by position in convs: position of its first ticket in items, -1 if it has none
	next  []int // by position in items: position of the next ticket of the same conversation, -1 after the last

	itemWhy []Explanation // by position in items
	convWhy []Explanation // by position in convs
	closed  []time.Time   // by position in convs
}

const unknown = -2

// index sorts the records, checks them and links tickets to conversations.
func (b *planner) index() error {
	var f check.Faults
	if b.in.Population < 0 {
		f.Add(&InputError{Reason: fmt.Sprintf("the population must not be negative: %d", b.in.Population)})
	}
	b.items = order(len(b.in.Items), b.itemID)
	wrongIDs(&f, KindTicket, b.items, b.itemID)
	b.convs = order(len(b.in.Conversations), b.convID)
	wrongIDs(&f, KindConversation, b.convs, b.convID)
	if err := f.Err(); err != nil {
		return err
	}
	at := make(map[string]int, len(b.convs))
	b.first = make([]int, len(b.convs))
	for k, c := range b.convs {
		at[b.convID(c)] = k
		b.first[k] = -1
	}
	b.conv, b.next = make([]int, len(b.items)), make([]int, len(b.items))
	for k := len(b.items) - 1; k >= 0; k-- { // backwards, so that each list is in order of ID
		b.conv[k] = -1
		id := b.in.Items[b.items[k]].ConversationID
		if id == "" {
			continue
		}
		c, ok := at[id]
		if !ok {
			b.conv[k] = unknown
			continue
		}
		b.conv[k], b.next[k] = c, b.first[c]
		b.first[c] = k
	}
	return nil
}

func (b *planner) itemID(i int) string { return b.in.Items[i].TicketID }
func (b *planner) convID(i int) string { return b.in.Conversations[i].ID }

// order returns the indices below n by increasing ID.
func order(n int, id func(int) string) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Compare(id(a), id(b)) })
	return out
}

// wrongIDs reports, once each, the IDs that are empty or stand there twice.
func wrongIDs(f *check.Faults, kind Kind, sorted []int, id func(int) string) {
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && id(sorted[to]) == id(sorted[from]) {
			to++
		}
		switch {
		case id(sorted[from]) == "":
			f.Add(&InputError{Kind: kind, Reason: "must have an ID"})
		case to-from > 1:
			f.Add(&InputError{Kind: kind, ID: id(sorted[from]), Reason: "must be given once"})
		}
		from = to
	}
}

// judge decides about every record.
func (b *planner) judge() {
	b.itemWhy = make([]Explanation, len(b.items))
	b.convWhy = make([]Explanation, len(b.convs))
	b.closed = make([]time.Time, len(b.convs))
	for k, c := range b.conv {
		if c >= 0 {
			continue
		}
		b.itemWhy[k] = b.p.Explain(b.in.Items[b.items[k]], b.now)
		if c == unknown {
			b.keep(k, reasonUnknownConversation, "")
		}
	}
	var tickets []ticketWhy
	for c := range b.convs {
		conv := &b.in.Conversations[b.convs[c]]
		tickets = tickets[:0]
		if b.first[c] < 0 {
			b.closed[c] = conv.ClosedAt
		}
		for k := b.first[c]; k >= 0; k = b.next[k] {
			item := b.in.Items[b.items[k]].In(*conv)
			b.itemWhy[k] = b.p.Explain(item, b.now)
			b.closed[c] = later(b.closed[c], instant(item.LastClosedAt))
			tickets = append(tickets, ticketWhy{item.TicketID, b.itemWhy[k]})
		}
		missing := missingTicket(conv, func(id string) bool { return b.has(c, id) })
		b.convWhy[c] = b.p.explainConversation(conv, tickets, missing, b.now)
		if missing != "" {
			for k := b.first[c]; k >= 0; k = b.next[k] {
				b.keep(k, reasonUnknownTicket, missing)
			}
		}
	}
}

// has reports whether the ticket was given and is one of the conversation's.
func (b *planner) has(c int, id string) bool {
	k, ok := slices.BinarySearchFunc(b.items, id, func(i int, id string) int { return cmp.Compare(b.itemID(i), id) })
	return ok && b.conv[k] == c
}

// keep makes a ticket stay that would go by itself.
func (b *planner) keep(k int, r Reason, ticket string) {
	why := &b.itemWhy[k]
	if why.State != StateScheduled {
		return
	}
	item := b.in.Items[b.items[k]]
	if c := b.conv[k]; c >= 0 {
		item = item.In(b.in.Conversations[b.convs[c]])
	}
	*why = Explanation{State: StateKept, Reason: r, Ticket: ticket}
	if isUsable(item.ErasureAt) {
		why.ErasureAt = utc(item.ErasureAt)
	}
}

// entries fills in what goes and what is kept.
func (b *planner) entries(plan *Plan) {
	add := func(e Entry) {
		if e.Why.Ripe {
			plan.Going = append(plan.Going, e)
		} else {
			plan.Kept = append(plan.Kept, e)
		}
	}
	plan.Kept = slices.Grow(plan.Kept, len(b.items)+len(b.convs))
	for k, i := range b.items {
		item := &b.in.Items[i]
		add(Entry{
			Record:       Record{KindTicket, item.TicketID, item.Revision},
			Conversation: item.ConversationID, ClosedAt: instant(item.LastClosedAt), Why: b.itemWhy[k],
		})
	}
	for k, c := range b.convs {
		conv := &b.in.Conversations[c]
		add(Entry{
			Record:   Record{KindConversation, conv.ID, conv.Revision},
			ClosedAt: instant(b.closed[k]), Why: b.convWhy[k],
		})
	}
	slices.SortFunc(plan.Going, func(x, y Entry) int {
		return cmp.Or(x.Why.Due.Compare(y.Why.Due), compareEntries(&x, &y))
	})
}

func compareEntries(x, y *Entry) int {
	return cmp.Or(cmp.Compare(rank(x.Kind), rank(y.Kind)), cmp.Compare(x.ID, y.ID))
}

// rank puts tickets before conversations.
func rank(k Kind) int {
	if k == KindTicket {
		return 0
	}
	return 1
}

// instant returns t in UTC, and the zero Time for one that is not believable.
func instant(t time.Time) time.Time {
	if !isUsable(t) {
		return time.Time{}
	}
	return utc(t)
}
