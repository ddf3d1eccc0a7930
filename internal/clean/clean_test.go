package clean_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/stretchr/testify/require"
)

// T3, T4: one line of a title.
func TestLineT3T4(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "the printer, again", "the printer, again"},
		{"a tilde is printable", "~", "~"},
		{"delete is not", "a\x7fb", "a b"},
		{"NUL", "a\x00b", "a b"},
		{"NUL alone", "\x00", ""},
		{"escape", "a\x1b[31mb", "a [31mb"},
		{"line ends", "a\r\nb\nc\rd", "a b c d"},
		{"tab", "a\tb", "a b"},
		{"next line, a C1 control", "a\u0085b", "a b"},
		{"U+2028 and U+2029", "a\u2028b\u2029c", "a b c"},
		{"spaces at the ends", "  a  b ", "a b"},
		{"one space at the start", " a", "a"},
		{"one space at the end", "a ", "a"},
		{"only spaces", "   ", ""},
		{"one space", " ", ""},
		{"no-break space", "a\u00a0b", "a b"},
		{"direction override", "safe\u202Egnp.exe", "safegnp.exe"},
		{"last embedding mark", "a\u202Ab\u202Dc", "abc"},
		{"isolates", "a\u2066b\u2067c\u2068d\u2069e", "abcde"},
		{"marks", "a\u200Eb\u200Fc\u061Cd", "abcd"},
		{"beside the marks", "a\u2065b\u206Ac", "a\u2065b\u206Ac"},
		{"U+202F is a space", "a\u202Fb", "a b"},
		{"U+2029 before the marks is a line end", "a\u2029b", "a b"},
		{"byte order mark", "\uFEFFa", "a"},
		{"noncharacters", "a\uFFFEb\uFFFFc\uFDD0d\uFDEFe\U0001FFFEf", "abcdef"},
		{"beside the noncharacters", "\uFDCF\uFDF0\uFFFD", "\uFDCF\uFDF0\uFFFD"},
		{"invalid UTF-8", "a\xffb", "a\uFFFDb"},
		{"invalid bytes in a row are one", "a\xff\xfeb", "a\uFFFDb"},
		{"surrogate", "a\xed\xa0\x80b", "a\uFFFDb"},
		{"joiners are kept", "👩\u200D💻", "👩\u200D💻"},
		{"other scripts", "مرحبا 世界", "مرحبا 世界"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, clean.Line(tt.in))
		})
	}
}

// T3, T4: a body of several lines.
func TestTextT3T4(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "one\n\ttwo  three", "one\n\ttwo  three"},
		{"one letter", "a", "a"},
		{"one space", " ", ""},
		{"one line feed", "\n", ""},
		{"NUL", "a\x00b", "ab"},
		{"escape", "a\x1bb", "ab"},
		{"delete", "a\x7fb", "ab"},
		{"form feed", "a\fb", "ab"},
		{"line ends", "a\r\nb\rc\nd\u0085e\u2028f\u2029g", "a\nb\nc\nd\ne\nf\ng"},
		{"a carriage return and two line feeds", "a\r\n\nb", "a\n\nb"},
		{"two carriage returns", "a\r\rb", "a\n\nb"},
		{"direction marks are kept", "a\u202Eb\u200F", "a\u202Eb\u200F"},
		{"byte order mark", "\uFEFFa", "a"},
		{"invalid UTF-8", "a\xffb", "a\uFFFDb"},
		{"trailing white space", "a \n\t\n ", "a"},
		{"blank lines first", " \n\t\n  a\nb", "  a\nb"},
		{"indentation of the first line", "  a", "  a"},
		{"a no-break space is no letter", "\u00a0", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, clean.Text(tt.in))
		})
	}
}

func TestPlainCostsNothing(t *testing.T) { // not parallel: it counts allocations
	require.Zero(t, testing.AllocsPerRun(10, func() {
		clean.Line("The printer is on fire")
		clean.Text("The printer is on fire.\n\tAgain.")
	}))
}

func TestIsSafe(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a b", "héllo", "👩\u200D💻"} {
		require.True(t, clean.IsSafe(s), "%q", s)
	}
	for _, s := range []string{"a\nb", "a\rb", "\x00", "\x7f", "\u0085", "\u2028", "\u2029", "\xff"} {
		require.False(t, clean.IsSafe(s), "%q", s)
	}
}

// T1: where a title is cut.
func TestCutT1(t *testing.T) {
	t.Parallel()
	const (
		family = "👩\u200D👩\u200D👧" // five runes, one character
		flag   = "🇩🇪"
		accent = "e\u0301"
	)
	tests := []struct {
		name  string
		in    string
		limit int
		want  string
	}{
		{"fits exactly", "abcd", 4, "abcd"},
		{"fits in runes, not in bytes", "äöüß", 4, "äöüß"},
		{"one too many", "abcde", 4, "abc…"},
		{"one too many, not ASCII", "äöüßä", 4, "äöü…"},
		{"limit 1", "ab", 1, "…"},
		{"limit 0", "ab", 0, ""},
		{"limit below 0", "ab", -1, ""},
		{"empty", "", 0, ""},
		{"space before the ellipsis", "ab cd", 4, "ab…"},
		{"a mark stays with its letter", accent + "bcd", 3, accent + "…"},
		{"or goes with it", "a" + accent + "cd", 3, "a…"},
		{"two marks", "ae\u0301\u0302cdef", 4, "a…"},
		{"a family that fits", "a" + family + "bc", 7, "a" + family + "…"},
		{"a family that does not", "a" + family + "bcd", 6, "a…"},
		{"a family alone", family + "bcd", 3, "…"},
		{"a joiner at the cut", "ab\u200Dcd", 3, "a…"},
		{"a non-joiner", "ab\u200Ccdef", 4, "ab\u200C…"},
		{"a non-joiner at the cut", "ab\u200Ccdef", 3, "a…"},
		{"a flag that fits", "a" + flag + "bc", 4, "a" + flag + "…"},
		{"half a flag", "a" + flag + "bc", 3, "a…"},
		{"the first and the last letter of flags", "a\U0001F1E6\U0001F1FFbc", 3, "a…"},
		{"and the other way round", "a\U0001F1FF\U0001F1E6bc", 3, "a…"},
		{"beside the letters of flags", "a\U0001F1E5\U0001F1E5bc", 3, "a\U0001F1E5…"},
		{"and after them", "a\U0001F200\U0001F200bc", 3, "a\U0001F200…"},
		{"two flags, the cut between", flag + flag + "b", 4, flag + "…"},
		{"three flags, the cut in the third", flag + flag + flag + "b", 6, flag + flag + "…"},
		{"a flag after a flag and a letter", flag + "a" + flag + "bc", 5, flag + "a…"},
		{"a skin tone", "a👍🏽bcd", 3, "a…"},
		{"the first skin tone", "a👍🏻bcd", 3, "a…"},
		{"the last skin tone", "a👍🏿bcd", 3, "a…"},
		{"beside the skin tones", "a\U0001F3FAbcd", 3, "a\U0001F3FA…"},
		{"and after them", "a\U0001F400bcd", 3, "a\U0001F400…"},
		{"a variation selector", "a❤\uFE0Fbcd", 3, "a…"},
		{"a keycap", "a1\uFE0F\u20E3bcd", 4, "a…"},
		{"tag characters", "a🏴\U000E0067\U000E007Fbcd", 4, "a…"},
		{"the first tag character", "ab\U000E0020cd", 3, "a…"},
		{"carriage return and line feed", "ab\r\ncd", 4, "ab…"},
		{"two control characters", "a\x01\x02bcd", 3, "a\x01…"},
		{"a mark after a control character stands alone", "a\x01\u0301bcd", 3, "a\x01…"},
		{"a whole syllable", "가나다라", 3, "가나…"},
		{"a syllable in two parts", "a\u1100\u1161bcd", 3, "a…"},
		{"two leading parts", "a\u1100\u115Fbcd", 3, "a…"},
		{"a leading part and a syllable", "a\u1100가bcd", 3, "a…"},
		{"a leading part and a closed syllable", "a\u1100\uAC01bcd", 3, "a…"},
		{"a leading part and a trailing one", "a\u1100\u11A8bcd", 3, "a\u1100…"},
		{"an open syllable and a trailing part", "a가\u11A8bcd", 3, "a…"},
		{"an open syllable and a vowel", "a가\u1160bcd", 3, "a…"},
		{"another open syllable and a vowel", "a개\u1160bcd", 3, "a…"},
		{"a closed syllable and a trailing part", "a\uAC01\u11FFbcd", 3, "a…"},
		{"a closed syllable and a vowel", "a\uAC01\u1161bcd", 3, "a\uAC01…"},
		{"a vowel and a trailing part", "a\u1161\u11A8bcd", 3, "a…"},
		{"a trailing part and another", "a\u11A8\u11A8bcd", 3, "a…"},
		{"a trailing part and a vowel", "a\u11A8\u1161bcd", 3, "a\u11A8…"},
		{"old leading parts", "a\uA960\uA97Cbcd", 3, "a…"},
		{"old vowels", "a\uD7B0\uD7C6bcd", 3, "a…"},
		{"old trailing parts", "a\uD7CB\uD7FBbcd", 3, "a…"},
		{"the last syllable", "a\uD7A3\u11A8bcd", 3, "a…"},
		{"a vowel's last and a trailing part's first", "a\u11A7\u11A8bcd", 3, "a…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := clean.Cut(tt.in, tt.limit)
			require.Equal(t, tt.want, got)
			require.LessOrEqual(t, clean.Len(got), max(tt.limit, 0))
		})
	}
}

func TestLen(t *testing.T) {
	t.Parallel()
	require.Equal(t, 0, clean.Len(""))
	require.Equal(t, 4, clean.Len("äöüß"))
}

// T5: what hides in an encoded word does not survive.
func TestSubjectT5(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain", "Printer on fire", "Printer on fire"},
		{"encoded", "=?utf-8?q?Dr=C3=BCcker?=", "Drücker"},
		{"two words", "=?utf-8?b?w6Q=?= =?utf-8?b?w7Y=?=", "äö"},
		{"hidden line end", "=?utf-8?q?Hi=0D=0ABcc:x@example.org?=", "Hi Bcc:x@example.org"},
		{"hidden NUL", "=?utf-8?q?a=00b?=", "a b"},
		{"folded", "a\r\n b", "a b"},
		{"unknown charset", "=?x-none?q?a=0D=0Ab?=", "=?x-none?q?a=0D=0Ab?="},
		{"invalid bytes", "=?utf-8?q?a=FF?=", "a\uFFFD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, clean.Subject(tt.in))
		})
	}
}

func TestFieldT5(t *testing.T) {
	t.Parallel()
	require.Equal(t, "[HD-1] printer", clean.Field("[HD-1]", "printer"))
	require.Equal(t, "[HD-1] a b", clean.Field("[HD-1]", "a\r\nb"))
	long := clean.Field("[HD-1]", strings.Repeat("x", 1<<20))
	require.Equal(t, clean.MaxSubject, clean.Len(long))
	require.Equal(t, 78, clean.MaxSubject)
}

func TestEncodeT5(t *testing.T) {
	t.Parallel()
	require.Equal(t, "printer", clean.Encode("printer"))
	require.Equal(t, "=?utf-8?q?Dr=C3=BCcker?=", clean.Encode("Drücker"))
	require.Equal(t, "Hi Bcc: x", clean.Encode("Hi\r\nBcc: x"))
}

// T6: one address, and nothing else.
func TestAddressT6(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a@example.org":               "a@example.org",
		"Ann <a@example.org>":         "a@example.org",
		"\"Ann, B.\" <a@example.org>": "a@example.org",
	} {
		got, err := clean.Address(in)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, in := range []string{
		"", "a", "a@example.org, b@example.org", "a@example.org\r\nBcc: b@example.org",
		"a@example.org\n", "a\x00@example.org", "\"a b\"@example.org", "\"a,b\"@example.org",
		"g: a@example.org, b@example.org;", "\"<x>\"@example.org",
	} {
		got, err := clean.Address(in)
		require.ErrorIs(t, err, clean.ErrAddress, "%q", in)
		require.Empty(t, got)
		require.NotContains(t, err.Error(), "example", "T45")
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"", "a\r\nb", "=?utf-8?q?Hi=0D=0ABcc:x?=", "\xff\x00", "👩\u200D👩\u200D👧", "🇩🇪🇩🇪🇩🇪",
		"e\u0301\u0302", "\uFEFF \u2028", "가\u11A8", " \n\t a",
	} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		line, text := clean.Line(s), clean.Text(s)
		if clean.Line(line) != line || clean.Text(text) != text {
			t.Fatalf("cleaning %q again changes it", s)
		}
		if !clean.IsSafe(line) || !clean.IsSafe(clean.Subject(s)) || !clean.IsSafe(clean.Encode(s)) || !clean.IsSafe(clean.Field(s, s)) {
			t.Fatalf("%q is not one line", s)
		}
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t'
		}) {
			t.Fatalf("%q is not text", text)
		}
		for _, in := range []string{line, text} {
			cut := clean.Cut(in, limit)
			if n := clean.Len(cut); n > max(limit, 0) {
				t.Fatalf("Cut(%q, %d) has %d runes", in, limit, n)
			}
			if clean.Len(in) <= limit && cut != in {
				t.Fatalf("Cut(%q, %d) = %q", in, limit, cut)
			}
			if kept, ok := strings.CutSuffix(cut, clean.Ellipsis); ok && cut != in && !strings.HasPrefix(in, kept) {
				t.Fatalf("Cut(%q, %d) = %q", in, limit, cut)
			}
		}
		if a, err := clean.Address(s); err == nil && (!clean.IsSafe(a) || strings.ContainsAny(a, " \r\n")) {
			t.Fatalf("Address(%q) = %q", s, a)
		}
	})
}
