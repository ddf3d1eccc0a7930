package retention

import (
	"slices"
	"time"
)

// A Kind says what a record is.
type Kind string

// The kinds.
const (
	KindTicket       Kind = "ticket"
	KindConversation Kind = "conversation"
)

// A Record is a stored ticket or conversation at one revision. Revisions are the
// store's and opaque: they are compared and nothing else.
type Record struct {
	Kind     Kind   `json:"kind,omitzero"`
	ID       string `json:"id,omitzero"`
	Revision string `json:"revision,omitzero"`
}

// An Item is what has to be known of a ticket to decide when it goes. The zero
// Item is kept.
//
// Instants before 1971 or after the year 8999 are not believed: an instant that
// nobody set often reads as 1970. A ticket without a believable closing is
// kept, and [Explanation] says so.
type Item struct {
	TicketID       string `json:"ticket,omitzero"`
	ConversationID string `json:"conversation,omitzero"` // empty if it has none
	Revision       string `json:"revision,omitzero"`

	// Open says that the ticket is not closed now, whatever LastClosedAt says.
	Open bool `json:"open,omitzero"`
	// LastClosedAt is when it was last closed (resolved).
	LastClosedAt time.Time `json:"last_closed_at,omitzero"`

	Holds Holds `json:"holds,omitzero"`
	// ReleasedAt is when the last hold was released, for a store that does not
	// keep released holds. The later of it and those in Holds counts.
	ReleasedAt time.Time `json:"released_at,omitzero"`

	// ErasureAt is when somebody asked that the record be erased before its
	// time; zero if nobody did. The request waits while the ticket is open or
	// held (T41).
	ErasureAt time.Time `json:"erasure_at,omitzero"`
}

// A Conversation is what has to be known of a conversation to decide when it
// goes. What keeps it, keeps its tickets too, so that a ticket's last messages do
// not outlive it unseen: its holds are theirs, and so is a request for erasure.
// The zero Conversation is kept.
type Conversation struct {
	ID       string `json:"id,omitzero"`
	Revision string `json:"revision,omitzero"`

	// Tickets are the IDs of all its tickets that still exist. Whoever deletes a
	// ticket and leaves the conversation takes the ticket's ID off this list.
	Tickets []string `json:"tickets,omitzero"`

	// Open says that it is not archived now. It matters only without tickets.
	Open bool `json:"open,omitzero"`
	// ClosedAt is when it was last archived. It matters only without tickets.
	ClosedAt time.Time `json:"closed_at,omitzero"`

	Holds      Holds     `json:"holds,omitzero"`
	ReleasedAt time.Time `json:"released_at,omitzero"` // as in Item
	ErasureAt  time.Time `json:"erasure_at,omitzero"`  // as in Item
}

// In returns i with what c says of all its tickets: its holds and the release of
// its last one, and a request for erasure. It does not look at the IDs.
func (i Item) In(c Conversation) Item {
	if len(c.Holds) > 0 {
		i.Holds = slices.Concat(i.Holds, c.Holds)
	}
	i.ReleasedAt = later(i.ReleasedAt, c.ReleasedAt)
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
