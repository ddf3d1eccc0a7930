package inbox

import "strconv"

// A Contact is the customer of a conversation: the contact of record. It is plain data,
// fixed when the conversation starts.
//
// Customer and Account are references of the host, not names or addresses. Without a
// Customer nobody can confirm an offer, and without an Account no offer can be
// confirmed. The other fields are personal data; see [Conversation.TeamView].
type Contact struct {
	Customer string `json:"customer,omitzero"`
	Account  string `json:"account,omitzero"`

	Name  string `json:"name,omitzero"`  // one line; cut after 200 runes
	Email string `json:"email,omitzero"` // one address; any other text goes behind the name
	Phone string `json:"phone,omitzero"` // one line; cut after 200 runes
}

// The lengths of the longest name, telephone number and subject that are kept, in runes.
const (
	maxContact = 200
	maxSubject = 200
)

// For returns c for somebody who may see contact details and wants to, and
// otherwise only what is no personal data (R74). shown is the viewer's setting,
// permitted the product's decision about the viewer: it takes both.
func (c Contact) shownTo(permitted, shown bool) Contact {
	if permitted && shown {
		return c
	}
	return Contact{Customer: c.Customer, Account: c.Account}
}

func size(n int64) string { return strconv.FormatInt(n, 10) + " bytes" }

// clone is slices.Clone, but for an empty slice, which becomes nil.
func clone[T any](s []T) []T { return append([]T(nil), s...) }
