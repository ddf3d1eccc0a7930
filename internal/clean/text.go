package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns s as one line: valid UTF-8 with U+FFFD for what is not; every
// control character (NUL, tab and line ends included), U+2028 and U+2029 as a
// space; without direction marks, byte order marks and noncharacters; white
// space at the ends dropped, and each run of it within made one space.
//
// Line(Line(s)) == Line(s). A line of printable ASCII costs no allocation.
func Line(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	var b strings.Builder
	b.Grow(len(s))
	space := false // owed before the next character
	for _, r := range s {
		switch {
		case dropped(r), isBidi(r):
		case unicode.IsSpace(r), unicode.IsControl(r):
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plain reports whether s is printable ASCII with single spaces inside only.
func plain(s string) bool {
	space := true
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			if space {
				return false
			}
			space = true
		case c < ' ' || c > '~':
			return false
		default:
			space = false
		}
	}
	return !space || s == ""
}

// Text returns s as text of several lines: valid UTF-8 with U+FFFD for what is
// not; every line end (CR LF, CR, NEL, U+2028, U+2029) as a line feed; tabs
// kept, and every other control character, NUL first of all, dropped, as are
// byte order marks and noncharacters; white space at both ends dropped, but for
// the indentation of the first line. Direction marks are kept: text in Arabic or
// Hebrew can need them.
//
// Text(Text(s)) == Text(s).
func Text(s string) string {
	if plainText(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.ContainsFunc(s, odd) {
		var b strings.Builder
		b.Grow(len(s))
		cr := false
		for _, r := range s {
			switch {
			case r == '\n' && cr: // the line end is written already
			case r == '\r', r == '\n', r == '\u0085', r == '\u2028', r == '\u2029':
				b.WriteByte('\n')
			case r == '\t':
				b.WriteByte('\t')
			case dropped(r), unicode.IsControl(r):
			default:
				b.WriteRune(r)
			}
			cr = r == '\r'
		}
		s = b.String()
	}
	s = strings.TrimRightFunc(s, unicode.IsSpace)
	for { // blank lines before the first
		line, rest, more := strings.Cut(s, "\n")
		if !more || strings.TrimFunc(line, unicode.IsSpace) != "" {
			return s
		}
		s = rest
	}
}

// plainText reports whether s is printable ASCII with tabs and line feeds, and
// neither begins nor ends with white space.
func plainText(s string) bool {
	if s == "" {
		return true
	}
	for i := range len(s) {
		if c := s[i]; c > '~' || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return s[0] > ' ' && s[len(s)-1] > ' '
}

// odd reports whether Text may have to change r.
func odd(r rune) bool {
	return r != '\n' && r != '\t' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || dropped(r)
}

// dropped reports whether r is no text anywhere: a byte order mark or one of the
// code points that are never characters.
func dropped(r rune) bool {
	return r == '\uFEFF' || r&0xFFFE == 0xFFFE || '\uFDD0' <= r && r <= '\uFDEF'
}

// isBidi reports whether r sets the direction of what follows, and so can make a
// title look like another.
func isBidi(r rune) bool {
	switch r {
	case '\u061C', '\u200E', '\u200F':
		return true
	default:
		return '\u202A' <= r && r <= '\u202E' || '\u2066' <= r && r <= '\u2069'
	}
}

// Len returns the length of s in runes.
func Len(s string) int { return utf8.RuneCountInString(s) }

// IsSafe reports whether s is valid UTF-8 without control characters and line
// ends: it can stand in a line of a log or a header as it is.
func IsSafe(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}
