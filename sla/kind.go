package sla

import "fmt"

// A Kind is the kind of fact that an [Event] records. The order of the constants is the order
// of events at one instant (S10). KindSeverityChanged and KindSeverityCorrected share a
// place, and so do KindSeverityConfirmed and KindSeverityDeclined: IDs decide between such
// events.
//
// The zero Kind is unset: it is not valid and has no text form.
type Kind uint8

// The kinds. The comment of a kind lists the fields of [Event] that the kind uses, apart
// from ID, Kind, At and RecordedAt. A field with a question mark may be zero.
const (
	KindOpened            Kind = iota + 1 // By, Channel, Severity, ContactAt?, OnBehalf?
	KindNotified                          // Channel
	KindSeverityChanged                   // Severity
	KindSeverityCorrected                 // Severity, Reason
	KindSeverityConfirmed
	KindSeverityDeclined // Severity
	KindMergedFrom       // SameRequester?, Other.Start, Other.FirstReplyAt?
	KindResumed          // ends the pause of a KindPaused; the text form is released
	KindMessage          // By, Public?, Auto?
	KindUndelivered      // Message
	KindMitigated
	KindPaused     // Reason; the text form is held
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
	KindResumed:           "released",
	KindMessage:           "message",
	KindUndelivered:       "undelivered",
	KindMitigated:         "mitigated",
	KindPaused:            "held",
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

// parseKind returns the Kind whose text form is s.
func parseKind(s string) (Kind, error) {
	for k := KindOpened; k <= KindMergedInto; k++ {
		if kindNames[k] == s {
			return k, nil
		}
	}
	return 0, unnamed(s, mustBeKind)
}

// isValid reports whether k is one of the kinds.
func (k Kind) isValid() bool { return KindOpened <= k && k <= KindMergedInto }

// String returns the text form of a valid Kind, and Kind(n) otherwise.
func (k Kind) String() string {
	if !k.isValid() {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// AppendText implements [encoding.TextAppender]. The error for a Kind that is
// not valid is a [*helpdesk.FieldError] without a path.
func (k Kind) AppendText(b []byte) ([]byte, error) {
	if !k.isValid() {
		return b, unnamed(k.String(), mustBeKind)
	}
	return append(b, kindNames[k]...), nil
}

// MarshalText implements [encoding.TextMarshaler]. The error for a Kind that is
// not valid is a [*helpdesk.FieldError] without a path.
func (k Kind) MarshalText() ([]byte, error) { return k.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler]. The error for a
// text that is no Kind is a [*helpdesk.FieldError] without a path. On an error k
// does not change.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := parseKind(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}
