package retention

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/internal/check"
)

// An Input is the records of one tenant from which a plan is made. It is plain data; the
// zero Input has no records.
//
// The Input may lack records of the tenant. But a ticket needs its conversation and all
// other tickets of the conversation. Records with missing company are kept, and the plan
// has the reason.
type Input struct {
	Items         []Item         `json:"items,omitzero"`
	Conversations []Conversation `json:"conversations,omitzero"`

	// Population is the number of tickets and conversations of the tenant, for the
	// share of the breaker. A Population below the number of given records is taken as
	// that number.
	Population int `json:"population,omitzero"`

	// Watermark is [Plan.NextWatermark] of the last sweep. With a zero Watermark no jump
	// of the clock can be noticed, so the first sweep should have the instant of the
	// installation.
	Watermark time.Time `json:"watermark,omitzero"`
}

// A Plan lists the records that one sweep would delete and the records that the sweep
// would keep, with the reasons. Making a plan changes nothing: a plan is a dry run until
// the caller approves the plan and carries out its purges. A plan has IDs, codes and
// instants, and no personal data. The zero Plan deletes nothing.
type Plan struct {
	Policy     PolicyRef `json:"policy,omitzero"`
	At         time.Time `json:"at,omitzero"` // the instant of the sweep, in UTC
	Watermark  time.Time `json:"watermark,omitzero"`
	Population int       `json:"population,omitzero"`

	// Going are the records to delete, by due instant.
	Going []Entry `json:"going,omitzero"`
	// Kept are all other records, tickets before conversations and then by ID.
	Kept []Entry `json:"kept,omitzero"`

	// Refusals are the reasons for which the plan needs an [Override].
	Refusals []*RefusedError `json:"refusals,omitzero"`
}

// An Entry is one record of a plan. It is plain data.
type Entry struct {
	Record
	// Conversation is the conversation of a ticket, or empty.
	Conversation string `json:"conversation,omitzero"`
	// ClosedAt is the last believable closing, in UTC; for a conversation, the last
	// closing of its tickets.
	ClosedAt time.Time `json:"closed_at,omitzero"`
	// Why is the state of the record and the reason.
	Why Explanation `json:"why,omitzero"`
}

// The codes of a RefusedError.
const (
	refusalClockBack   = "clock_back"        // now is before the last sweep (T34)
	refusalClockJump   = "clock_jump"        // now is too long after the last sweep (T35)
	refusalUnconfirmed = "clock_unconfirmed" // the clock jumped while a desk ran
	refusalMaxCount    = "max_count"         // too many records would go
	refusalMaxShare    = "max_share"         // too great a share of the records would go
)

// isClock reports whether e is about the clock, rather than the breaker.
func (e *RefusedError) isClock() bool {
	return e.Code == refusalClockBack || e.Code == refusalClockJump
}

// An Override is a person's explicit decision that a refused sweep is right. The zero
// Override lifts no refusal. The host should record the person.
type Override struct {
	Clock bool `json:"clock,omitzero"` // the clock is right in spite of the jump
	Count int  `json:"count,omitzero"` // the number of records that may be deleted in spite of the breaker
}

// lifts reports whether o lifts r for a plan that deletes count records.
func (o Override) lifts(r *RefusedError, count int) bool {
	if r.isClock() {
		return o.Clock
	}
	return count <= o.Count
}

// Plan returns the records that a sweep at now deletes, and the records that the sweep
// keeps. A ticket is deleted when the ticket is ready ([Policy.ReadyAt]) and nothing keeps
// its conversation for the ticket. A conversation is deleted with the last of its tickets.
//
// The same input in any order gives the same plan. Refusals are part of the plan, not
// errors. The error joins an [*InputError] for each record without an ID, for each record
// that is given twice, and for a negative population.
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

// NextWatermark returns the [Input.Watermark] for the next sweep: the instant of this sweep,
// or the old watermark if the clock is not to be believed.
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
