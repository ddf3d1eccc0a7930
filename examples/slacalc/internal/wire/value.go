package wire

import (
	"bytes"
	"encoding/json"
)

// A Value is the JSON text of one member, as it stands in the line. The zero
// Value is a member that is not there.
type Value []byte

// Text returns what is in a JSON string, and false for any other value.
func (v Value) Text() ([]byte, bool) {
	if len(v) < 2 || !v.IsText() {
		return nil, false
	}
	inner := v[1 : len(v)-1]
	if bytes.IndexByte(inner, '\\') >= 0 {
		var s string
		err := json.Unmarshal(v, &s)
		return []byte(s), err == nil
	}
	return inner, true
}

// IsText reports whether v is a JSON string.
func (v Value) IsText() bool { return len(v) > 0 && v[0] == '"' }

// IsObject reports whether v is a JSON object.
func (v Value) IsObject() bool { return len(v) > 0 && v[0] == '{' }

// IsList reports whether v is a JSON array.
func (v Value) IsList() bool { return len(v) > 0 && v[0] == '[' }

// String returns v for an error message: not all of it, if it is long.
func (v Value) String() string {
	const most = 60
	switch r := []rune(string(v)); {
	case len(r) == 0:
		return "nothing"
	case len(r) > most:
		return string(r[:most]) + "…"
	default:
		return string(v)
	}
}

// Members returns the members of a JSON object by their names. The error is
// that of encoding/json.
func Members(object []byte) (map[string]Value, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(object, &raw); err != nil {
		return nil, err
	}
	members := make(map[string]Value, len(raw))
	for name, value := range raw {
		members[name] = Value(value)
	}
	return members, nil
}
