package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk"
)

// JSON returns what an error of [json.Unmarshal] says, as [*helpdesk.FieldError]s:
// those that a type has found itself, or one that names the place and does not
// repeat what stands there, which may be what people wrote.
func JSON(err error) error {
	if errors.Is(err, helpdesk.ErrInvalid) {
		return err
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &helpdesk.FieldError{Path: middle(e.Field), Reason: "must be " + formOf(e.Type)}
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &helpdesk.FieldError{Reason: fmt.Sprintf("must be JSON, and is not at byte %d", e.Offset)}
	}
	if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if name, err := strconv.Unquote(quoted); err == nil {
			return &helpdesk.FieldError{Path: Key("", name), Reason: "is not known"}
		}
	}
	return &helpdesk.FieldError{Reason: "must be of its form"}
}

// formOf returns the form in JSON of the values of a type.
func formOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	default:
		return "of its form"
	}
}
