package severity

import (
	"fmt"
	"iter"

	"github.com/deskcore/helpdesk"
)

// A Level ranks a support request (R10). Greater is more severe, so Levels
// compare with <.
//
// The zero Level is unset: it is not valid and has no text form. Store the text
// form, never the number. Levels are plain values, safe for concurrent use.
type Level uint8

// The levels, in increasing order of severity.
const (
	Low    Level = iota + 1 // general enquiries and small issues (R14)
	Medium                  // intermittent, or some users, or a temporary workaround (R13)
	High                    // persistent, without a reasonable workaround (R12)
	Urgent                  // everybody is stopped and there is no workaround (R11)
)

var levels = [...]string{Low: "low", Medium: "medium", High: "high", Urgent: "urgent"}

// All yields every valid Level in increasing order.
func All() iter.Seq[Level] {
	return func(yield func(Level) bool) {
		for l := Low; l <= Urgent; l++ {
			if !yield(l) {
				return
			}
		}
	}
}

// Parse returns the Level whose text form is s: low, medium, high or urgent. It
// also accepts severe, the other name of [Urgent] (R11). The error for any other
// text, in other letter case too, is a [*helpdesk.FieldError] without a path.
func Parse(s string) (Level, error) {
	for l := range All() {
		if levels[l] == s {
			return l, nil
		}
	}
	if s == "severe" {
		return Urgent, nil
	}
	return 0, &helpdesk.FieldError{Value: fmt.Sprintf("%.60s", s), Reason: mustBeLevel}
}

// IsValid reports whether l is one of the levels of this package.
func (l Level) IsValid() bool { return Low <= l && l <= Urgent }

// String returns the text form of a valid Level, and Level(n) otherwise.
func (l Level) String() string {
	if !l.IsValid() {
		return fmt.Sprintf("Level(%d)", uint8(l))
	}
	return levels[l]
}

// AppendText implements [encoding.TextAppender]. The error for a Level that is
// not valid is a [*helpdesk.FieldError] without a path.
func (l Level) AppendText(b []byte) ([]byte, error) {
	if !l.IsValid() {
		return b, &helpdesk.FieldError{Value: l.String(), Reason: mustBeLevel}
	}
	return append(b, levels[l]...), nil
}

// MarshalText implements [encoding.TextMarshaler]. The error for a Level that is
// not valid is a [*helpdesk.FieldError] without a path.
func (l Level) MarshalText() ([]byte, error) { return l.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler] by [Parse]. On an error it
// leaves l alone.
func (l *Level) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*l = parsed
	return nil
}
