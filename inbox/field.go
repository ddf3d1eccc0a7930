package inbox

import (
	"time"
	"unicode/utf8"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/clean"
)

// isOther reports whether cmd is of a customer who is known not to be the contact:
// somebody in copy, say (T11).
func isOther(cmd *helpdesk.Command, contact *Contact) bool {
	return cmd.By == helpdesk.ActorCustomer && cmd.Who != "" && contact.Customer != "" && cmd.Who != contact.Customer
}

// maxRef is the length of the longest reference, in bytes.
const maxRef = 128

// The instants that clocks can reckon with.
var (
	minTime = time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)
	endTime = time.Date(2201, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// command refuses a command that nobody can give.
func (f *faults) command(cmd *helpdesk.Command) {
	f.id("id", cmd.ID)
	f.instant("at", cmd.At)
	f.ref("who", cmd.Who, false)
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
