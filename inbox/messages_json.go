package inbox

import (
	"encoding/json"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// Messages are replies and notes in the order of their conversation. In JSON each has a
// member type, which is reply or note. The zero Messages are empty.
type Messages []Message

// The values of the member type.
const (
	typeReply = "reply"
	typeNote  = "note"
)

type (
	typedReply struct {
		Type string `json:"type"`
		Reply
	}
	typedNote struct {
		Type string `json:"type"`
		Note
	}
)

// MarshalJSON implements [json.Marshaler].
func (m Messages) MarshalJSON() ([]byte, error) {
	out := make([]any, len(m))
	for i, one := range m {
		switch one := one.(type) {
		case Reply:
			out[i] = typedReply{typeReply, one}
		case Note:
			out[i] = typedNote{typeNote, one}
		default:
			return nil, &helpdesk.FieldError{Path: check.At("messages", i), Reason: "must be a reply or a note"}
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON implements [json.Unmarshaler]. The error for a message that is
// neither a reply nor a note matches [helpdesk.ErrInvalid].
func (m *Messages) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return check.JSON(err)
	}
	out := make(Messages, len(parts))
	for i, part := range parts {
		var kind struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(part, &kind); err != nil {
			return check.JSON(err)
		}
		switch kind.Type {
		case typeReply:
			var r typedReply
			if err := json.Unmarshal(part, &r); err != nil {
				return check.JSON(err)
			}
			out[i] = r.Reply
		case typeNote:
			var n typedNote
			if err := json.Unmarshal(part, &n); err != nil {
				return check.JSON(err)
			}
			out[i] = n.Note
		default:
			return &helpdesk.FieldError{Path: check.At("messages", i) + ".type", Value: kind.Type, Reason: "must be reply or note"}
		}
	}
	*m = out
	return nil
}
