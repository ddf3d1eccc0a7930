package inbox

import (
	"time"
	"unicode/utf8"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/ticket"
)

// A Stamp says who gives a command and when. Every command has one.
type Stamp struct {
	// ID becomes the event's, and that of the events of tickets that go with it:
	// 1 to 128 printable ASCII characters without space and #, used once in the
	// life of a conversation. A UUID will do.
	ID string

	// At is now. The event is stamped with it or, where a clock went back, with
	// the first instant after the conversation's last event (T34). Years 1900 to
	// 2200.
	At time.Time

	// By is the kind of party. Who is which one, a reference that means
	// something to the product: at most 128 bytes, not a name or an address.
	By  helpdesk.Actor
	Who string
}

// isOther reports whether s is of a customer who is known not to be the contact:
// somebody in copy, say (T11).
func (s Stamp) isOther(contact *Contact) bool {
	return s.By == helpdesk.ActorCustomer && s.Who != "" && contact.Customer != "" && s.Who != contact.Customer
}

// ticket returns s for a command on a ticket.
func (s Stamp) ticket() ticket.Stamp {
	return ticket.Stamp{ID: s.ID, At: s.At, By: s.By, Who: s.Who}
}

// maxRef is the length of the longest reference, in bytes.
const maxRef = 128

// The instants that clocks can reckon with.
var (
	minTime = time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)
	endTime = time.Date(2201, time.January, 1, 0, 0, 0, 0, time.UTC)
)

func (s Stamp) check(f *faults) {
	f.id("id", s.ID)
	f.instant("at", s.At)
	f.ref("who", s.Who, false)
}

// id refuses what cannot be the ID of an event, a message or an offer.
func (f *faults) id(field, s string) {
	if !isID(s) {
		f.reject(field, s, "must be 1 to 128 printable ASCII characters without space and #")
	}
}

func isID(s string) bool {
	if s == "" || len(s) > maxRef {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '#' {
			return false
		}
	}
	return true
}

func (f *faults) instant(field string, t time.Time) {
	if t.Before(minTime) || !t.Before(endTime) {
		f.reject(field, t.UTC().Format(time.RFC3339), "must lie in the years 1900 to 2200")
	}
}

// ref refuses what cannot be a reference to something of the product's.
func (f *faults) ref(field, s string, required bool) {
	switch {
	case s == "" && required:
		f.reject(field, "", "must be given")
	case len(s) > maxRef || !utf8.ValidString(s) || !clean.IsSafe(s):
		f.reject(field, "", "must be at most 128 bytes of UTF-8 without control characters")
	}
}

// normal returns t in UTC and without a reading of the monotonic clock.
func normal(t time.Time) time.Time { return t.Round(0).UTC() }

// utc is like normal and leaves the zero time as it is.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return normal(t)
}
