package ticket

import (
	"strings"

	"github.com/deskcore/helpdesk"
)

// A Reference is the name of a ticket for people, on the telephone or in the subject
// of a mail. It consists of 55 random bits and a check character. The random bits say
// nothing about the customer and cannot be guessed; the check character finds every
// single mistyped character and every two that changed places.
//
// The text form is HD- and three groups of four of Crockford's 32 letters and digits,
// without I, L, O and U. References are comparable plain values. The zero Reference is
// not valid and has no text form.
type Reference string

const (
	refPrefix   = "HD"
	refAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	refBits     = 55
	refSymbols  = refBits/5 + 1 // with the check character
)

// NewReference returns the reference made of the lowest 55 bits of random. The bits
// must come from a generator for secrets, because references are shown and must not be
// guessed one from another.
func NewReference(random uint64) Reference {
	var symbols [refSymbols]byte
	for i := refSymbols - 2; i >= 0; i-- {
		symbols[i] = byte(random & 31)
		random >>= 5
	}
	symbols[refSymbols-1] = refCheck(symbols[:refSymbols-1])
	b := make([]byte, 0, len(refPrefix)+refSymbols+3)
	b = append(b, refPrefix...)
	for i, s := range symbols {
		if i%4 == 0 {
			b = append(b, '-')
		}
		b = append(b, refAlphabet[s])
	}
	return Reference(b)
}

// refCheck returns the check symbol: the value at 2 of the polynomial whose
// coefficients are the symbols, in the field of 32 elements. Since the powers of
// 2 up to the 12th differ and none is 0, it changes with any one symbol and with
// any two that change places.
func refCheck(symbols []byte) byte {
	var sum byte
	for _, s := range symbols {
		sum = refDouble(sum) ^ s
	}
	return refDouble(sum)
}

// refDouble multiplies by 2 modulo x⁵ + x² + 1.
func refDouble(b byte) byte {
	b <<= 1
	if b > 31 {
		b ^= 0b100101
	}
	return b
}

// ParseReference returns the Reference that s spells. Capital and small letters are
// alike, I and L count as 1, and O counts as 0. Hyphens and spaces may stand anywhere,
// and the prefix may be absent. The error is a [*helpdesk.FieldError] without a path,
// and does not repeat s.
func ParseReference(s string) (Reference, error) {
	if r, ok := parseReference(s); ok {
		return r, nil
	}
	return "", errNoReference()
}

func errNoReference() error {
	return &helpdesk.FieldError{Reason: "must be a reference: 12 letters and digits such as HD-7K3M-9QX2-VD4H"}
}

func parseReference(s string) (Reference, bool) {
	if len(s) > maxRef {
		return "", false
	}
	var plain [maxRef]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '-' || c == ' ':
			continue
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		plain[n] = c
		n++
	}
	text := plain[:n]
	if len(text) == len(refPrefix)+refSymbols && string(text[:len(refPrefix)]) == refPrefix {
		text = text[len(refPrefix):]
	}
	if len(text) != refSymbols {
		return "", false
	}
	var bits uint64
	var check byte
	for i, c := range text {
		v := refValue(c)
		if v < 0 {
			return "", false
		}
		if i == refSymbols-1 {
			check = byte(v)
		} else {
			bits = bits<<5 | uint64(v)
		}
	}
	r := NewReference(bits)
	if r[len(r)-1] != refAlphabet[check] {
		return "", false
	}
	return r, true
}

// refValue returns the value of a symbol in capitals, and -1 for any other byte.
func refValue(c byte) int {
	switch c {
	case 'I', 'L':
		c = '1'
	case 'O':
		c = '0'
	}
	return strings.IndexByte(refAlphabet, c)
}

// IsValid reports whether r is a reference in its text form.
func (r Reference) IsValid() bool {
	parsed, ok := parseReference(string(r))
	return ok && parsed == r
}

// String returns the text form of r, and the empty string for the zero
// Reference.
func (r Reference) String() string { return string(r) }

// AppendText implements [encoding.TextAppender]. The error for a Reference that
// is not valid is a [*helpdesk.FieldError] without a path.
func (r Reference) AppendText(b []byte) ([]byte, error) {
	if !r.IsValid() {
		return b, errNoReference()
	}
	return append(b, r...), nil
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (r Reference) MarshalText() ([]byte, error) { return r.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler] by [ParseReference]. On an error
// r does not change.
func (r *Reference) UnmarshalText(text []byte) error {
	parsed, err := ParseReference(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}
