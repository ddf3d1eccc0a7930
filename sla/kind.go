package sla

import (
	"fmt"
	"iter"
)

// A Kind says what an [Event] records. Kinds are declared in the order in which
// events of one instant are taken (S10); a change and a correction of the level
// share a place, where their IDs decide, and so do a confirmation and a decline.
//
// The zero Kind is unset: it is not valid and has no text form.
type Kind uint8

// The kinds. Beside each stand the fields of [Event] that it uses apart from ID,
// Kind, At and RecordedAt; a field in brackets may be left zero.
const (
	KindOpened            Kind = iota + 1 // By, Channel, Severity, [ContactAt, OnBehalf]
	KindNotified                          // Channel
	KindSeverityChanged                   // Severity
	KindSeverityCorrected                 // Severity, Reason
	KindSeverityConfirmed
	KindSeverityDeclined // Severity
	KindMergedFrom       // [SameRequester], Other.Start, [Other.FirstReplyAt]
	KindReleased
	KindMessage     // By, [Public, Auto]
	KindUndelivered // Message
	KindMitigated
	KindHeld       // Reason
	KindStatus     // Status
	KindMergedInto // Into
)

var kindNames = [...]string{
	KindOpened:            "opened",
	KindNotified:          "notified",
	KindSeverityChanged:   "severity_changed",
	KindSeverityCorrected: "severity_corrected",
	KindSeverityConfirmed: "severity_confirmed",
	KindSeverityDeclined:  "severity_declined",
	KindMergedFrom:        "merged_from",
	KindReleased:          "released",
	KindMessage:           "message",
	KindUndelivered:       "undelivered",
	KindMitigated:         "mitigated",
	KindHeld:              "held",
	KindStatus:            "status",
	KindMergedInto:        "merged_into",
}

// place returns where events of kind k stand among those of one instant.
func (k Kind) place() Kind {
	switch k {
	case KindSeverityCorrected:
		return KindSeverityChanged
	case KindSeverityDeclined:
		return KindSeverityConfirmed
	default:
		return k
	}
}

// Kinds yields every valid Kind in order.
func Kinds() iter.Seq[Kind] {
	return func(yield func(Kind) bool) {
		for k := KindOpened; k <= KindMergedInto; k++ {
			if !yield(k) {
				return
			}
		}
	}
}

// ParseKind returns the Kind whose text form is s. The error for any other text
// is a [*helpdesk.FieldError] without a path.
func ParseKind(s string) (Kind, error) {
	for k := range Kinds() {
		if kindNames[k] == s {
			return k, nil
		}
	}
	return 0, unnamed(s, mustBeKind)
}

// IsValid reports whether k is one of [Kinds].
func (k Kind) IsValid() bool { return KindOpened <= k && k <= KindMergedInto }

// String returns the text form of a valid Kind, and Kind(n) otherwise.
func (k Kind) String() string {
	if !k.IsValid() {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// AppendText implements [encoding.TextAppender]. The error for a Kind that is
// not valid is a [*helpdesk.FieldError] without a path.
func (k Kind) AppendText(b []byte) ([]byte, error) {
	if !k.IsValid() {
		return b, unnamed(k.String(), mustBeKind)
	}
	return append(b, kindNames[k]...), nil
}

// MarshalText implements [encoding.TextMarshaler]. The error for a Kind that is
// not valid is a [*helpdesk.FieldError] without a path.
func (k Kind) MarshalText() ([]byte, error) { return k.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler] by [ParseKind]. On an
// error it leaves k alone.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := ParseKind(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}
