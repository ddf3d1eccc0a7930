package clean

import (
	"errors"
	"mime"
	"net/mail"
	"strings"
)

// Subject returns the text of a header field such as the subject of a mail: words
// encoded by RFC 2047 are decoded first, and what comes out is cleaned by [Line],
// so that a line end hidden in an encoded word does not survive. A field that
// cannot be decoded is cleaned as it is.
func Subject(raw string) string {
	var d mime.WordDecoder
	decoded, err := d.DecodeHeader(raw)
	if err != nil {
		decoded = raw
	}
	return Line(decoded)
}

// MaxSubject is the length of the longest field that [Field] returns, in runes.
const MaxSubject = 78

// Field returns a header field made of a prefix and a text: one line, at most
// [MaxSubject] runes, whatever the two contain.
func Field(prefix, text string) string {
	return Cut(Line(prefix+" "+text), MaxSubject)
}

// Encode returns a value of a header field in ASCII, as one line: encoded by RFC
// 2047 where it is not ASCII. It cleans by [Line] first, so the result never has
// a line end.
func Encode(value string) string {
	value = Line(value)
	encoded := mime.QEncoding.Encode("utf-8", value)
	return strings.NewReplacer("\r", "", "\n", "").Replace(encoded)
}

// ErrAddress is the error of [Address].
var ErrAddress = errors.New("not one mail address")

// Address returns the bare address in s, such as a@example.org in
// "A <a@example.org>". It refuses anything but exactly one address, and any
// control character, with [ErrAddress]; the error does not repeat s.
func Address(s string) (string, error) {
	if !IsSafe(s) {
		return "", ErrAddress
	}
	a, err := mail.ParseAddress(s)
	if err != nil || !IsSafe(a.Address) || strings.ContainsAny(a.Address, " ,;<>") {
		return "", ErrAddress
	}
	return a.Address, nil
}
