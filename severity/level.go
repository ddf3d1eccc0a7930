package severity

import (
	"fmt"
	"iter"

	"github.com/deskcore/helpdesk"
)

// A Level is the severity of a support request. Many helpdesks call it priority. A
// greater Level is more severe, so levels compare with <.
//
// The zero Level is unset: it is not valid and has no text form. Store the text form,
// never the number. Levels are plain values, safe for concurrent use.
type Level uint8

// The levels, in increasing order of severity.
const (
	Low    Level = iota + 1 // general enquiries and small issues
	Medium                  // intermittent, or some users, or a temporary workaround
	High                    // persistent, without a reasonable workaround
	Urgent                  // everybody is stopped and there is no workaround
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

// Parse returns the Level with the text form s: low, medium, high or urgent. Parse also
// accepts severe, another name of [Urgent]. The error for any other text, in other
// letter case too, is a [*helpdesk.FieldError] without a path.
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

// UnmarshalText implements [encoding.TextUnmarshaler] by [Parse]. On an error l does not
// change.
func (l *Level) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*l = parsed
	return nil
}
