package check

import (
	"strings"
	"time"
	"unicode/utf8"
)

// The instants with which the library reckons: Begin and later, before End.
var (
	Begin = time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)
	End   = time.Date(2201, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// IsInstant reports whether t lies in the years 1900 to 2200.
func IsInstant(t time.Time) bool { return !t.Before(Begin) && t.Before(End) }

// IsGraphic reports whether s is 1 to longest bytes of printable ASCII without
// spaces.
func IsGraphic(s string, longest int) bool {
	if s == "" || len(s) > longest {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// MaxName is the length of the longest name, in bytes.
const MaxName = 32

// IsName reports whether s has the form of the name of a status, an event and the like: a
// lower-case ASCII letter, then at most 31 lower-case ASCII letters, digits and underscores.
func IsName(s string) bool {
	if s == "" || len(s) > MaxName {
		return false
	}
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z':
		case i > 0 && ('0' <= b && b <= '9' || b == '_'):
		default:
			return false
		}
	}
	return true
}

// IsText reports whether s is at most longest bytes of UTF-8 without NUL.
func IsText(s string, longest int) bool {
	return len(s) <= longest && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
