package severity

import (
	"database/sql/driver"
	"fmt"
)

// Value implements [driver.Valuer]: the text form of l. The error for a Level
// that is not valid matches [ErrUnknown].
func (l Level) Value() (driver.Value, error) {
	text, err := l.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// Scan implements [database/sql.Scanner] by [Parse]. It takes text as a string
// or as bytes; a null, a number or anything else is an error that matches
// [ErrUnknown]. On an error it leaves l alone.
func (l *Level) Scan(src any) error {
	switch src := src.(type) {
	case string:
		return l.UnmarshalText([]byte(src))
	case []byte:
		return l.UnmarshalText(src)
	default:
		return fmt.Errorf("severity: level of type %T is %w: want text", src, ErrUnknown)
	}
}
