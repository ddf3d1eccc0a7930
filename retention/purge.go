package retention

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/internal/check"
)

// A Step is one part of a purge. Every step can be repeated without harm: a step deletes
// the data that exist, and having nothing to delete is success.
type Step string

// The steps in their order: data that could still act or leave come first, and the proof
// comes last.
const (
	StepCancel       Step = "cancel"       // timers, and outbox messages not sent yet
	StepBlobs        Step = "blobs"        // attachments
	StepMessages     Step = "messages"     // messages and notes of the conversation, if it is deleted, and of the tickets
	StepConversation Step = "conversation" // the conversation; left out if the conversation stays
	StepTicket       Step = "ticket"       // the tickets, and their IDs in a conversation that stays; left out without tickets
	StepIndex        Step = "index"        // search index, caches, results kept for idempotency
	StepTombstone    Step = "tombstone"    // write the tombstones
)

var steps = [...]Step{StepCancel, StepBlobs, StepMessages, StepConversation, StepTicket, StepIndex, StepTombstone}

// A Target is a record that a purge deletes. It is plain data; the zero Target is none.
type Target struct {
	ID       string    `json:"id,omitzero"`
	Revision string    `json:"revision,omitzero"` // the planned revision
	ClosedAt time.Time `json:"closed_at,omitzero"`
	Reason   Reason    `json:"reason,omitzero"`
	Since    time.Time `json:"since,omitzero"` // the instant from which the reason counts
}

// A Purge is a set of records that are deleted together: a conversation with the last of
// its tickets, the tickets that are deleted while their conversation stays, a ticket without
// a conversation, or a conversation without tickets. It is plain data; the zero Purge
// deletes nothing.
type Purge struct {
	Policy       PolicyRef `json:"policy,omitzero"`
	PlannedAt    time.Time `json:"planned_at,omitzero"`
	NotBefore    time.Time `json:"not_before,omitzero"`   // the first instant at which the purge may begin
	Conversation Target    `json:"conversation,omitzero"` // the conversation to delete; its ID is empty if no conversation is deleted
	Stays        Record    `json:"stays,omitzero"`        // the conversation of the tickets, if it stays
	Tickets      []Target  `json:"tickets,omitzero"`      // by ID
}

// Approve returns the purges of pl, by due instant. A refused plan needs an override: the
// error joins the [*RefusedError] of each refusal that o does not lift.
func (pl Plan) Approve(o Override) ([]Purge, error) {
	if err := pl.err(o); err != nil {
		return nil, err
	}
	units := map[string]int{} // position in out, by conversation
	var out []Purge
	for _, e := range pl.Going {
		conv := e.Conversation
		if e.Kind == KindConversation {
			conv = e.ID
		}
		at, ok := units[conv]
		if !ok || conv == "" {
			at = len(out)
			units[conv] = at
			out = append(out, Purge{Policy: pl.Policy, PlannedAt: pl.At})
		}
		u := &out[at]
		u.NotBefore = later(u.NotBefore, e.Why.Ready)
		t := Target{ID: e.ID, Revision: e.Revision, ClosedAt: e.ClosedAt, Reason: e.Why.Reason, Since: e.Why.Since}
		if e.Kind == KindConversation {
			u.Conversation = t
		} else {
			u.Tickets = append(u.Tickets, t)
		}
	}
	for _, e := range pl.Kept {
		if at, ok := units[e.ID]; ok && e.Kind == KindConversation {
			out[at].Stays = e.Record
		}
	}
	for i := range out {
		slices.SortFunc(out[i].Tickets, func(a, b Target) int { return cmp.Compare(a.ID, b.ID) })
	}
	return out, nil
}

// Records yields the records that pu deletes, at their planned revisions: the tickets by ID,
// then the conversation. A conversation that stays is not included.
func (pu Purge) Records() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for _, t := range pu.Tickets {
			if !yield(Record{KindTicket, t.ID, t.Revision}) {
				return
			}
		}
		if c := pu.Conversation; c.ID != "" {
			yield(Record{KindConversation, c.ID, c.Revision})
		}
	}
}

// expected yields the records that the commit which begins the purge has to find
// at the revisions that were planned: those of [Purge.Records], and then a
// conversation that stays, since a hold may have been placed on it.
func (pu Purge) expected() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for r := range pu.Records() {
			if !yield(r) {
				return
			}
		}
		if pu.Stays.ID != "" {
			yield(pu.Stays)
		}
	}
}

// Counts are the numbers of deleted things. It is plain data; the zero Counts are empty.
type Counts struct {
	Messages int `json:"messages,omitzero"`
	Notes    int `json:"notes,omitzero"`
	Blobs    int `json:"blobs,omitzero"`
	Outbox   int `json:"outbox,omitzero"` // messages that were never sent
	Timers   int `json:"timers,omitzero"`
}

// Begin returns the progress of a purge that begins at now. Found lists every record of the
// purge as the store has the record in the commit that stores the progress: the
// [Purge.Records], a conversation that stays, and for a conversation to delete, all its
// other tickets too.
//
// The error joins a [*ChangedError] for each record that differs from the plan, because a
// customer wrote, somebody reopened the ticket or placed a hold, or a ticket was added. For
// that, every change of an [Item] or a [Conversation] must change the revision of the
// record. Before [Purge.NotBefore] the error joins an [*EarlyError]. After an error nothing
// may be deleted.
//
// Counts are the numbers of things to delete. Begin takes the counts for the whole purge,
// because a step that is repeated after a crash would count wrong.
func (pu Purge) Begin(found []Record, counts Counts, now time.Time) (Progress, error) {
	var f check.Faults
	if now.Before(pu.NotBefore) {
		f.Add(&EarlyError{At: now, NotBefore: pu.NotBefore})
	}
	type name struct {
		kind Kind
		id   string
	}
	stored := make(map[name]string, len(found)) // the revisions
	for _, r := range slices.Backward(found) {  // the first counts
		stored[name{r.Kind, r.ID}] = r.Revision
	}
	planned := make(map[name]bool, len(found))
	for r := range pu.expected() {
		planned[name{r.Kind, r.ID}] = true
		switch revision, ok := stored[name{r.Kind, r.ID}]; {
		case !ok:
			f.Add(&ChangedError{Kind: r.Kind, ID: r.ID, Planned: r.Revision})
		case revision != r.Revision:
			f.Add(&ChangedError{Kind: r.Kind, ID: r.ID, Planned: r.Revision, Found: revision})
		}
	}
	for _, r := range found {
		if !planned[name{r.Kind, r.ID}] {
			f.Add(&ChangedError{Kind: r.Kind, ID: r.ID, Found: r.Revision})
		}
	}
	if err := f.Err(); err != nil {
		return Progress{}, err
	}
	pu.Tickets = slices.Clone(pu.Tickets)
	return Progress{Purge: pu, Counts: counts, BegunAt: utc(now), Next: steps[0]}, nil
}

// A Progress is the state of a purge that has begun. Store it after each step: after a crash
// the purge continues from the stored Progress. The zero Progress has not begun.
type Progress struct {
	Purge   Purge     `json:"purge,omitzero"`
	Counts  Counts    `json:"counts,omitzero"`
	BegunAt time.Time `json:"begun_at,omitzero"`
	Next    Step      `json:"next,omitzero"`    // the step to do; empty at the end
	DoneAt  time.Time `json:"done_at,omitzero"` // the end of the last step
}

// isDone reports whether every step was done.
func (pr Progress) isDone() bool { return !pr.DoneAt.IsZero() }

// state returns StateTombstone when pr is done, and StatePurging before.
func (pr Progress) state() State {
	if pr.isDone() {
		return StateTombstone
	}
	return StatePurging
}

// has reports whether step s has anything to do.
func (pr Progress) has(s Step) bool {
	switch s {
	case StepConversation:
		return pr.Purge.Conversation.ID != ""
	case StepTicket:
		return len(pr.Purge.Tickets) > 0
	default:
		return true
	}
}

// Remaining yields the steps that are left to do, in order.
func (pr Progress) Remaining() iter.Seq[Step] {
	return func(yield func(Step) bool) {
		from := slices.Index(steps[:], pr.Next)
		if from < 0 {
			return
		}
		for _, s := range steps[from:] {
			if pr.has(s) && !yield(s) {
				return
			}
		}
	}
}

// Finish returns pr after step s was done at now. Finishing a step again changes nothing and
// is no error. The error for a step before its turn, and for a step that the purge does not
// have, is a [*StepError].
func (pr Progress) Finish(s Step, now time.Time) (Progress, error) {
	at := slices.Index(steps[:], s)
	next := slices.Index(steps[:], pr.Next)
	if pr.isDone() {
		next = len(steps)
	}
	switch {
	case at < 0 || at > next || !pr.has(s):
		return pr, &StepError{Step: s, Next: pr.Next}
	case at < next:
		return pr, nil
	}
	for _, following := range steps[at+1:] {
		if pr.has(following) {
			pr.Next = following
			return pr, nil
		}
	}
	pr.Next = ""
	pr.DoneAt = utc(later(pr.BegunAt, now))
	return pr, nil
}

// Explain returns the explanation for the conversation, or for the ticket if the
// conversation stays: "gone: …".
func (pr Progress) Explain() Explanation {
	e := Explanation{State: pr.state(), GoneAt: pr.BegunAt}
	t := pr.Purge.Conversation
	if t.ID == "" && len(pr.Purge.Tickets) > 0 {
		t = pr.Purge.Tickets[0]
	}
	e.Reason, e.Since = t.Reason, t.Since
	return e
}

// Gone returns a [*GoneError] if the purge deletes the record, from the beginning of the
// purge on. Gone returns nil for any other record.
func (pr Progress) Gone(kind Kind, id string) error {
	for r := range pr.Purge.Records() {
		if r.Kind == kind && r.ID == id {
			return &GoneError{Kind: kind, ID: id, At: pr.BegunAt}
		}
	}
	return nil
}
