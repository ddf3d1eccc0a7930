package severity

import (
	"database/sql/driver"
	"fmt"

	"github.com/deskcore/helpdesk"
)

// Value implements [driver.Valuer] by the text form of l. The error for an invalid Level
// is a [*helpdesk.FieldError].
func (l Level) Value() (driver.Value, error) {
	text, err := l.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// Scan implements [database/sql.Scanner] by [Parse], for a string or bytes. The error for
// any other value, such as a null or a number, is a [*helpdesk.FieldError]. On an error l
// does not change.
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
