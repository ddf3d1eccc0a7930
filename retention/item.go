package retention

import (
	"slices"
	"time"
)

// A Kind is the kind of a record. The zero Kind is not valid.
type Kind string

// The kinds.
const (
	KindTicket       Kind = "ticket"
	KindConversation Kind = "conversation"
)

// A Record names a stored ticket or conversation at one revision. Revisions belong to the
// store and are opaque: two revisions are equal or not. It is plain data; the zero Record
// names no record.
type Record struct {
	Kind     Kind   `json:"kind,omitzero"`
	ID       string `json:"id,omitzero"`
	Revision string `json:"revision,omitzero"`
}

// An Item holds the facts about a ticket that decide about its deletion. The zero Item is
// kept.
//
// Instants before 1971 or after the year 8999 are not believed, because an instant that
// nobody set often reads as 1970. A ticket without a believable closing is kept, and
// [Explanation] has the reason.
type Item struct {
	TicketID       string `json:"ticket,omitzero"`
	ConversationID string `json:"conversation,omitzero"` // empty without a conversation
	Revision       string `json:"revision,omitzero"`

	// Open reports that the ticket is not closed now. LastClosedAt does not matter then.
	Open bool `json:"open,omitzero"`
	// LastClosedAt is the instant of the last closing (resolution).
	LastClosedAt time.Time `json:"last_closed_at,omitzero"`
	// LastWordAt is the instant of the last message that came in from a person while no
	// ticket of the conversation was open, or zero. The period counts from the later of
	// LastWordAt and LastClosedAt, so that nothing that came in is deleted sooner.
	LastWordAt time.Time `json:"last_word_at,omitzero"`

	Holds Holds `json:"holds,omitzero"`
	// ReleasedAt is the instant of the last release of a hold, for a store that does
	// not keep released holds. The latest of ReleasedAt and the releases in Holds counts.
	ReleasedAt time.Time `json:"released_at,omitzero"`

	// ErasureAt is the instant of a request to erase the record before its time, or
	// zero. The request waits while the ticket is open or held.
	ErasureAt time.Time `json:"erasure_at,omitzero"`
}

// A Conversation holds the facts about a conversation that decide about its deletion. Its
// holds and a request for its erasure apply to its tickets too, so that the last messages
// of a ticket cannot outlive the ticket unseen. The zero Conversation is kept.
type Conversation struct {
	ID       string `json:"id,omitzero"`
	Revision string `json:"revision,omitzero"`

	// Tickets are the IDs of all existing tickets of the conversation. Deleting a
	// ticket has to remove its ID here.
	Tickets []string `json:"tickets,omitzero"`

	// Open reports that the conversation is not archived now. Open matters only
	// without tickets.
	Open bool `json:"open,omitzero"`
	// ClosedAt is the instant of the last archiving. ClosedAt matters only without
	// tickets.
	ClosedAt time.Time `json:"closed_at,omitzero"`

	LastWordAt time.Time `json:"last_word_at,omitzero"` // as in Item; it applies to all tickets

	Holds      Holds     `json:"holds,omitzero"`
	ReleasedAt time.Time `json:"released_at,omitzero"` // as in Item
	ErasureAt  time.Time `json:"erasure_at,omitzero"`  // as in Item
}

// In returns i with the facts of c that apply to all tickets of c: the holds, the last
// release, the last word and a request for erasure. In does not compare the IDs.
func (i Item) In(c Conversation) Item {
	if len(c.Holds) > 0 {
		i.Holds = slices.Concat(i.Holds, c.Holds)
	}
	i.ReleasedAt = later(i.ReleasedAt, c.ReleasedAt)
	if isUsable(c.LastWordAt) {
		i.LastWordAt = later(i.LastWordAt, c.LastWordAt)
	}
	switch {
	case !isUsable(c.ErasureAt):
	case !isUsable(i.ErasureAt):
		i.ErasureAt = c.ErasureAt
	default:
		i.ErasureAt = earlier(i.ErasureAt, c.ErasureAt)
	}
	return i
}

// Instants from firstInstant on and before endOfTime are believed.
var (
	firstInstant = time.Date(1971, time.January, 1, 0, 0, 0, 0, time.UTC)
	endOfTime    = time.Date(9000, time.January, 1, 0, 0, 0, 0, time.UTC)
)

func isUsable(t time.Time) bool { return !t.Before(firstInstant) && t.Before(endOfTime) }
