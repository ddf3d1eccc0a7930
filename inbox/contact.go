package inbox

import (
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/ticket"
)

// A Contact is the customer of a conversation: the contact of record. It is plain data. What
// is not known when the conversation starts can be added by [Case.Identify].
//
// Customer and Account are references of the host, not names or addresses. Without both of
// them no offer can be made. The other fields are personal data; see [Conversation.TeamView].
type Contact struct {
	Customer string `json:"customer,omitzero"`
	Account  string `json:"account,omitzero"`

	Name  string `json:"name,omitzero"`  // one line; cut after 200 runes
	Email string `json:"email,omitzero"` // one address; any other text goes behind the name
	Phone string `json:"phone,omitzero"` // one line; cut after 200 runes

	// Locale is the language of the customer, such as de-AT, for the texts that your product
	// gives: letters, digits and hyphens, at most 35 bytes. Any other text is dropped.
	Locale string `json:"locale,omitzero"`
}

// The lengths of the longest name, telephone number and subject that are kept, in runes.
const (
	maxContact = 200
	maxSubject = 200
)

// maxLocale is the length of the longest language tag, in bytes.
const maxLocale = 35

// For returns c for somebody who may see contact details and wants to, and
// otherwise only what is no personal data (R74). shown is the viewer's setting,
// permitted the product's decision about the viewer: it takes both.
func (c Contact) shownTo(permitted, shown bool) Contact {
	if permitted && shown {
		return c
	}
	return Contact{Customer: c.Customer, Account: c.Account, Locale: c.Locale}
}

func size(n int64) string { return strconv.FormatInt(n, 10) + " bytes" }

// clone is slices.Clone, but for an empty slice, which becomes nil.
func clone[T any](s []T) []T { return append([]T(nil), s...) }

// Identify records who a visitor is, once it is known: it adds a customer, an account and
// addresses that the contact lacks, and replaces name and locale by those that are given. Open tickets of the
// customer that have no account get it. A member of the team identifies a visitor, or your product, as the system, after a login.
// A customer and an account that are known never change: another one is refused as a
// [*NotAllowedError] under the guard other_customer. An address that is known cannot be replaced.
// Where nothing is new there is no event and no error.
func (k Case) Identify(cmd helpdesk.Command, add Contact) (Case, []Event, error) {
	// R89
	f := k.Conversation.facts()
	now, guard := f.contact, guardNone
	if isElse(now.Customer, add.Customer) || isElse(now.Account, add.Account) {
		guard = guardOtherCustomer
	}
	ch, err := k.begin(EventIdentify, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	if add == (Contact{}) {
		ch.reject("contact", "", "must be given")
	}
	if _, err := clean.Address(add.Email); err != nil && add.Email != "" {
		ch.reject("contact.email", "", "must be a mail address")
	}
	ch.contact(&add)
	for _, a := range []struct {
		field      string
		known, new *string
	}{{"email", &now.Email, &add.Email}, {"phone", &now.Phone, &add.Phone}} {
		if isElse(*a.known, *a.new) {
			ch.reject("contact."+a.field, "", "must be the one that is known, or empty")
		}
	}
	for _, a := range []struct{ known, new *string }{
		{&now.Customer, &add.Customer}, {&now.Account, &add.Account}, {&now.Name, &add.Name}, {&now.Locale, &add.Locale}, {&now.Email, &add.Email}, {&now.Phone, &add.Phone},
	} {
		if *a.new != "" {
			*a.known = *a.new
		}
	}
	if now == f.contact && !ch.Any() {
		return k, nil, nil
	}
	made := *f
	made.contact = now
	ch.c.made = &made
	for i := range ch.tickets {
		if t := &ch.tickets[i]; t.IsOpen() {
			ch.identify(i, &now)
		}
	}
	return ch.close(k)
}

// identify gives a ticket of the customer the account that it lacks.
func (ch *change) identify(i int, c *Contact) {
	in := ch.tickets[i].Intake()
	if in.Account == "" && c.Account != "" && in.Requester == c.Customer {
		ch.hear(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			return t.UpdateIntake(cmd, ticket.Intake{Account: c.Account})
		})
	}
}

// isElse reports whether something is known, and something else is given.
func isElse(known, given string) bool { return known != "" && given != "" && known != given }
