package clean

import (
	"strings"
	"unicode"
)

// Ellipsis ends a text that [Cut] shortened.
const Ellipsis = "…"

// Cut returns s if it has at most limit runes, and otherwise its beginning with
// [Ellipsis], together at most limit runes. It cuts between characters as people
// see them; see the package comment. A first character that is longer than the
// limit leaves the ellipsis alone, and a limit below 1 leaves nothing.
func Cut(s string, limit int) string {
	if len(s) <= limit || Len(s) <= limit {
		return s
	}
	if limit < 1 {
		return ""
	}
	end, n := 0, 0 // where the last character that fits ends; runes before i
	var c cluster
	for i, r := range s {
		if n > 0 && c.ends(r) {
			end = i
		}
		if n == limit-1 { // one is left for the ellipsis
			break
		}
		c.add(r)
		n++
	}
	return strings.TrimRightFunc(s[:end], unicode.IsSpace) + Ellipsis
}

// A cluster is what has been read of one character.
type cluster struct {
	last  rune
	flags int // regional indicators in a row up to last
}

func (c *cluster) add(r rune) {
	if isFlag(r) {
		c.flags++
	} else {
		c.flags = 0
	}
	c.last = r
}

// ends reports whether r begins a new character.
func (c *cluster) ends(r rune) bool {
	switch {
	case unicode.IsControl(c.last), unicode.IsControl(r):
		return true
	case extends(r), c.last == joiner:
		return false
	case isFlag(r) && c.flags%2 == 1:
		return false
	default:
		return !hangul(c.last, r)
	}
}

const joiner = '\u200D'

// extends reports whether r belongs to what stands before it.
func extends(r rune) bool {
	return r == joiner || r == '\u200C' || unicode.Is(unicode.M, r) ||
		'\U0001F3FB' <= r && r <= '\U0001F3FF' || // skin tones
		'\U000E0020' <= r && r <= '\U000E007F' // tags
}

// isFlag reports whether r is a regional indicator: two of them are a flag.
func isFlag(r rune) bool { return '\U0001F1E6' <= r && r <= '\U0001F1FF' }

// hangul reports whether r goes on with the Korean syllable that last is a part
// of: L with L, V or a syllable; V and LV with V or T; T and LVT with T.
func hangul(last, r rune) bool {
	const (
		other = iota
		lead
		vowel
		trail
		open   // a whole syllable without trailing part
		closed // and with one
	)
	part := func(r rune) int {
		switch {
		case '\u1100' <= r && r <= '\u115F', '\uA960' <= r && r <= '\uA97C':
			return lead
		case '\u1160' <= r && r <= '\u11A7', '\uD7B0' <= r && r <= '\uD7C6':
			return vowel
		case '\u11A8' <= r && r <= '\u11FF', '\uD7CB' <= r && r <= '\uD7FB':
			return trail
		case '\uAC00' <= r && r <= '\uD7A3' && (r-'\uAC00')%28 == 0:
			return open
		case '\uAC00' <= r && r <= '\uD7A3':
			return closed
		default:
			return other
		}
	}
	next := part(r)
	switch part(last) {
	case lead:
		return next == lead || next == vowel || next == open || next == closed
	case vowel, open:
		return next == vowel || next == trail
	case trail, closed:
		return next == trail
	default:
		return false
	}
}
