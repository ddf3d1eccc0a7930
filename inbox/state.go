package inbox

import (
	"fmt"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A Status is the stage of a conversation and names its holder. There is one machine: the
// list of the inbox and the holder follow from the Status, and so cannot contradict each
// other.
//
// A status of a newer version decodes verbatim. Such a status is never turned into a known
// one, and every command on the conversation is refused. The zero Status is that of a
// conversation before its start, and has no text form. Statuses are plain values, safe for
// concurrent use.
type Status string

// The statuses.
const (
	StatusNone     Status = ""            // before the start
	StatusAI       Status = "ai"          // the AI holds the conversation
	StatusOffer    Status = "offer"       // the AI holds the conversation, and an offer to open a ticket stands
	StatusQueue    Status = "human_queue" // people hold the conversation; nobody has picked it up yet
	StatusHuman    Status = "human"       // people hold the conversation
	StatusArchived Status = "archived"    // closed or archived; nobody holds the conversation
	StatusPurged   Status = "purged"      // the record is deleted
)

var states = [...]Status{StatusAI, StatusOffer, StatusQueue, StatusHuman, StatusArchived, StatusPurged}

// IsKnown reports whether s is one of the states above.
func (s Status) isKnown() bool { return slices.Contains(states[:], s) }

// String returns the text form of s, and the empty string for [StatusNone].
func (s Status) String() string { return string(s) }

// AppendText implements [encoding.TextAppender]. The error for a Status that does not have
// the form of a name is a [*helpdesk.FieldError] without a path.
func (s Status) AppendText(b []byte) ([]byte, error) { return appendName(b, "state", string(s)) }

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (s Status) MarshalText() ([]byte, error) { return s.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler]. Every text in the form of a name is
// kept as given, known or not. The error for any other text is a [*helpdesk.FieldError]
// without a path. On an error s does not change.
func (s *Status) UnmarshalText(text []byte) error {
	if err := checkName("state", string(text)); err != nil {
		return err
	}
	*s = Status(text)
	return nil
}

// List returns the list of a conversation in status s. The list is empty before the start,
// after the end and for an unknown status.
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

// Holder returns the holder of a conversation in status s.
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

// A List is one of the three lists of the inbox. Every conversation that exists is in
// exactly one list; see [Status.List]. The zero List is none.
type List string

// The lists. An inbox shows [ListActive] first, whose conversations are the open ones.
const (
	ListActive    List = "active"    // neither archived nor automated
	ListArchived  List = "archived"  // closed or archived
	ListAutomated List = "automated" // the AI holds control
)

var lists = [...]List{ListActive, ListArchived, ListAutomated}

// IsValid reports whether l is one of the three lists.
func (l List) IsValid() bool { return slices.Contains(lists[:], l) }

// String returns the name of l.
func (l List) String() string { return string(l) }

// A Holder is the party in control of a conversation, which may speak without taking the
// conversation over first.
type Holder string

// The holders.
const (
	HolderNobody Holder = "nobody" // archived, or no conversation
	HolderAI     Holder = "ai"     // the AI answers; a person who speaks takes over
	HolderPeople Holder = "people" // the AI is refused
)

// A Control names the holder of a conversation and the epoch. It is plain data.
//
// The epoch is a fencing token: the epoch rises each time control passes between the AI,
// people and nobody. A decision of the AI under an older epoch is refused, however late
// the decision arrives.
type Control struct {
	Status Status `json:"state,omitzero"`
	Epoch  uint64 `json:"epoch,omitzero"` // from 1
	Who    string `json:"who,omitzero"`   // the member of the team in control, while people hold the conversation
}

func checkName(what, s string) error {
	if check.IsName(s) {
		return nil
	}
	return &helpdesk.FieldError{
		Value: check.Shorten(s, 60),
		Reason: fmt.Sprintf("must be the name of a %s: a lower-case letter, "+
			"then at most %d lower-case letters, digits or underscores", what, check.MaxName-1),
	}
}

func appendName(b []byte, what, s string) ([]byte, error) {
	if err := checkName(what, s); err != nil {
		return b, err
	}
	return append(b, s...), nil
}
