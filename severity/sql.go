package severity

import (
	"database/sql/driver"
	"fmt"

	"github.com/deskcore/helpdesk"
)

// Value implements [driver.Valuer]: the text form of l. The error for a Level
// that is not valid is a [*helpdesk.FieldError].
func (l Level) Value() (driver.Value, error) {
	text, err := l.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// Scan implements [database/sql.Scanner] by [Parse]. It takes text as a string
// or as bytes; a null, a number or anything else is a
// [*helpdesk.FieldError]. On an error it leaves l alone.
func (l *Level) Scan(src any) error {
	switch src := src.(type) {
	case string:
		return l.UnmarshalText([]byte(src))
	case []byte:
		return l.UnmarshalText(src)
	default:
		return &helpdesk.FieldError{Reason: fmt.Sprintf("must be text, and is of type %T", src)}
	}
}
