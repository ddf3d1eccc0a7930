package helpdesk

import "time"

// An Author is the party that does something. The zero Author is nobody.
type Author struct {
	// By is the kind of party.
	By Actor `json:"by,omitzero"`

	// Who is a reference to the party in the terms of the product: at most 128 bytes of
	// UTF-8 without control characters. Who should not be a name or an address.
	Who string `json:"who,omitzero"`
}

// Agent returns the author for a member of the team.
func Agent(who string) Author { return Author{By: ActorAgent, Who: who} }

// Customer returns the author for a customer.
func Customer(who string) Author { return Author{By: ActorCustomer, Who: who} }

// A Command has the author, the time and the ID of a command. Every decision of packages ticket,
// inbox and severity needs a Command. The zero Command is refused.
type Command struct {
	// ID becomes the ID of the event of the command, and the stem of the IDs of the
	// events that follow: 1 to 128 printable ASCII characters without space and #, such as
	// a UUID. ID must be new. Only a store of events can check that.
	ID string `json:"id,omitzero"`

	// At is the present instant, in the years 1900 to 2200, and becomes the time of the
	// event. If the clock has gone back, the time of the event is the first instant after
	// the last event instead.
	At time.Time `json:"at,omitzero"`

	Author
}
