package inbox

import (
	"fmt"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A State says how far a conversation has come and who holds it. There is one
// machine, so that the list a conversation is in, and who may speak in it, can
// never contradict each other: both follow from the State.
//
// A state of a newer version decodes verbatim and is never turned into another;
// every command on a conversation in it is refused. The zero State is that of a
// conversation which does not exist yet; it has no text form. States are plain
// values, safe for concurrent use.
type Status string

// The states.
const (
	StatusNone     Status = ""            // before it starts
	StatusAI       Status = "ai"          // the AI holds it
	StatusOffer    Status = "offer"       // the AI holds it, and an offer to open a ticket stands
	StatusQueue    Status = "human_queue" // people hold it; nobody has picked it up yet
	StatusHuman    Status = "human"       // people hold it
	StatusArchived Status = "archived"    // closed or archived; nobody holds it
	StatusPurged   Status = "purged"      // after the end: the record is deleted
)

var states = [...]Status{StatusAI, StatusOffer, StatusQueue, StatusHuman, StatusArchived, StatusPurged}

// IsKnown reports whether s is one of the states above.
func (s Status) isKnown() bool { return slices.Contains(states[:], s) }

// String returns the text form of s, and the empty string for [StatusNone].
func (s Status) String() string { return string(s) }

// AppendText implements [encoding.TextAppender]. The error for a State that does
// not have the form of a name is a [*helpdesk.FieldError] without a path.
func (s Status) AppendText(b []byte) ([]byte, error) { return appendName(b, "state", string(s)) }

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (s Status) MarshalText() ([]byte, error) { return s.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts every text
// that has the form of a name, known or not, and keeps it as it is. The error
// for any other, a [*helpdesk.FieldError] without a path, leaves s alone.
func (s *Status) UnmarshalText(text []byte) error {
	if err := checkName("state", string(text)); err != nil {
		return err
	}
	*s = Status(text)
	return nil
}

// List returns the list that a conversation in state s is in, and the empty one
// for a state that is in none: before the start, after the end, and unknown.
func (s Status) List() List {
	switch s {
	case StatusAI, StatusOffer:
		return ListAutomated
	case StatusQueue, StatusHuman:
		return ListActive
	case StatusArchived:
		return ListArchived
	default:
		return ""
	}
}

// Holder returns who holds a conversation in state s.
func (s Status) Holder() Holder {
	switch s.List() {
	case ListAutomated:
		return HolderAI
	case ListActive:
		return HolderPeople
	default:
		return HolderNobody
	}
}

// A List is one of the three lists of the inbox (R58, R59). They are a
// partition: every conversation that exists is in exactly one, see [Status.List].
// The zero List is none.
type List string

// The lists. [ListActive] is what an inbox shows first (R54), and is what "open
// conversations" means (R67).
const (
	ListActive    List = "active"    // neither archived nor automated (R60)
	ListArchived  List = "archived"  // closed or archived (R61)
	ListAutomated List = "automated" // the AI holds control (R64)
)

var lists = [...]List{ListActive, ListArchived, ListAutomated}

// IsValid reports whether l is one of the lists.
func (l List) IsValid() bool { return slices.Contains(lists[:], l) }

// String returns the name of l.
func (l List) String() string { return string(l) }

// A Holder says who holds a conversation: who may speak in it without taking it
// over first.
type Holder string

// The holders.
const (
	HolderNobody Holder = "nobody" // archived, or no conversation
	HolderAI     Holder = "ai"     // the AI answers; a person who speaks takes over
	HolderPeople Holder = "people" // the AI is refused
)

// A Control is who holds a conversation, and the epoch of that. It is a plain
// value.
//
// The epoch is a fencing token: it rises whenever control passes between the AI,
// people and nobody. What the AI decided under an older epoch is refused (D5),
// so it does not matter how late it arrives.
type Control struct {
	Status Status `json:"state,omitzero"`
	Epoch  uint64 `json:"epoch,omitzero"` // from 1
	Who    string `json:"who,omitzero"`   // the member of the team who took or picked it up last, while people hold it
}

// maxName is the length of the longest name of a word type, in bytes.
const maxName = 32

func isName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z':
		case i > 0 && ('0' <= b && b <= '9' || b == '_'):
		default:
			return false
		}
	}
	return true
}

func checkName(what, s string) error {
	if isName(s) {
		return nil
	}
	return &helpdesk.FieldError{
		Value: check.Shorten(s, 60),
		Reason: fmt.Sprintf("must be the name of a %s: a lower-case letter, "+
			"then at most %d lower-case letters, digits or underscores", what, maxName-1),
	}
}

func appendName(b []byte, what, s string) ([]byte, error) {
	if err := checkName(what, s); err != nil {
		return b, err
	}
	return append(b, s...), nil
}
