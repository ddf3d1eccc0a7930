package helpdesk

import "time"

// An Author says who does something. The zero Author is nobody.
type Author struct {
	// By is the kind of party.
	By Actor `json:"by,omitzero"`

	// Who is the party itself: a reference that means something to the product, of
	// at most 128 bytes of UTF-8 without control characters. It should not be a
	// name or an address.
	Who string `json:"who,omitzero"`
}

// Agent returns the author for a member of the team.
func Agent(who string) Author { return Author{By: ActorAgent, Who: who} }

// Customer returns the author for a customer.
func Customer(who string) Author { return Author{By: ActorCustomer, Who: who} }

// A Command says who gives a command, when, and under which name. Every decision
// of packages ticket, inbox and severity is made with one. The zero Command is
// refused.
type Command struct {
	// ID becomes the ID of the event that the command makes, and of the events
	// that follow from that one: 1 to 128 printable ASCII characters without space
	// and #. A UUID will do. It must be new, which is not checked here: a store of
	// events knows which commands were carried out before.
	ID string `json:"id,omitzero"`

	// At is the present instant, in the years 1900 to 2200. The event is stamped
	// with it. Where a clock has gone back, the event is stamped with the first
	// instant after the last event instead.
	At time.Time `json:"at,omitzero"`

	Author
}
