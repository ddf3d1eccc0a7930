package sla

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/fastjson"
	"github.com/deskcore/helpdesk/severity"
)

// eventJSON is the JSON form of an [Event]. Every value is text, so that all
// that is wrong with an event can be told at once.
type eventJSON struct {
	ID            string      `json:"id"`
	At            string      `json:"at"`
	RecordedAt    string      `json:"recorded_at,omitempty"`
	Kind          string      `json:"kind"`
	By            string      `json:"by,omitempty"`
	Channel       string      `json:"channel,omitempty"`
	Severity      string      `json:"severity,omitempty"`
	To            string      `json:"to,omitempty"`
	OnBehalf      bool        `json:"on_behalf,omitempty"`
	ContactAt     string      `json:"contact_at,omitempty"`
	Public        *bool       `json:"public,omitempty"`
	Auto          bool        `json:"auto,omitempty"`
	Message       string      `json:"message,omitempty"`
	Reason        string      `json:"reason,omitempty"`
	SameRequester *bool       `json:"same_requester,omitempty"`
	Other         *mergedJSON `json:"other,omitempty"`
	Into          string      `json:"into,omitempty"`
}

// forms holds forms that are not in use: each log has many events.
var forms = sync.Pool{New: func() any { return new(eventJSON) }}

type mergedJSON struct {
	Start        string `json:"start,omitempty"`
	FirstReplyAt string `json:"first_reply_at,omitempty"`
}

// MarshalJSON implements [json.Marshaler]. Instants keep their offset. The error joins an
// [*EventError] for each fault of an Event that is not valid, or that has a field that the kind
// does not use: the JSON form has no place for such a field.
func (e Event) MarshalJSON() ([]byte, error) {
	if err := errors.Join(e.Validate(), e.superfluous()); err != nil {
		return nil, err
	}
	out := forms.Get().(*eventJSON) //nolint:forcetypeassert // nothing else is put there
	defer forms.Put(out)
	*out = eventJSON{ID: e.ID, At: stamp(e.At), RecordedAt: stamp(e.RecordedAt), Kind: e.Kind.String()}
	switch e.Kind {
	case KindOpened:
		out.By, out.Channel, out.Severity = string(e.By), string(e.Channel), e.Severity.String()
		out.OnBehalf, out.ContactAt = e.OnBehalf, stamp(e.ContactAt)
	case KindNotified:
		out.Channel = string(e.Channel)
	case KindSeverityChanged, KindSeverityDeclined:
		out.To = e.Severity.String()
	case KindSeverityCorrected:
		out.To, out.Reason = e.Severity.String(), e.Reason
	case KindMessage:
		public := e.Public
		out.By, out.Public, out.Auto = string(e.By), &public, e.Auto
	case KindUndelivered:
		out.Message = e.Message
	case KindPaused:
		out.Reason = e.Reason
	case KindStatus:
		out.To = string(e.Status)
	case KindMergedFrom:
		same := e.SameRequester
		out.SameRequester = &same
		out.Other = &mergedJSON{stamp(e.Other.Start), stamp(e.Other.FirstReplyAt)}
	case KindMergedInto:
		out.Into = e.Into
	case KindSeverityConfirmed, KindResumed, KindMitigated:
	}
	return fastjson.Append(make([]byte, 0, usualEvent), out)
}

// usualEvent is how many bytes the JSON form of most events has at most.
const usualEvent = 144

// uses lists the members of the JSON form that a kind uses.
var uses = [...][]string{
	KindOpened:            {"by", "channel", "severity", "on_behalf", "contact_at"},
	KindNotified:          {"channel"},
	KindSeverityChanged:   {"severity"},
	KindSeverityCorrected: {"severity", "reason"},
	KindSeverityConfirmed: {},
	KindSeverityDeclined:  {"severity"},
	KindMergedFrom:        {"same_requester", "other"},
	KindResumed:           {},
	KindMessage:           {"by", "public", "auto"},
	KindUndelivered:       {"message"},
	KindMitigated:         {},
	KindPaused:            {"reason"},
	KindStatus:            {"to"},
	KindMergedInto:        {"into"},
}

// superfluous reports the fields that are set though the kind of e does not use
// them.
func (e Event) superfluous() error {
	if !e.Kind.isValid() {
		return nil
	}
	var errs []error
	for _, f := range []struct {
		name, value string
		set         bool
	}{
		{"by", string(e.By), e.By != ""},
		{"channel", string(e.Channel), e.Channel != ""},
		{"severity", e.Severity.String(), e.Severity != 0},
		{"to", string(e.Status), e.Status != ""},
		{"on_behalf", "true", e.OnBehalf},
		{"contact_at", stamp(e.ContactAt), !e.ContactAt.IsZero()},
		{"public", "true", e.Public},
		{"auto", "true", e.Auto},
		{"message", e.Message, e.Message != ""},
		{"reason", "", e.Reason != ""},
		{"same_requester", "true", e.SameRequester},
		{"other", "", !e.Other.Start.IsZero() || !e.Other.FirstReplyAt.IsZero()},
		{"into", e.Into, e.Into != ""},
	} {
		if f.set && !slices.Contains(uses[e.Kind], f.name) {
			errs = append(errs, &EventError{ID: e.ID, Path: f.name, Value: f.value, Reason: "does not go with kind " + e.Kind.String()})
		}
	}
	return errors.Join(errs...)
}

// stamp writes t with its offset, or in UTC if RFC 3339 cannot say that: one
// with seconds, as in local mean time, or of a day and more.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	const day = 24 * 60 * 60
	if _, offset := t.Zone(); offset%60 != 0 || offset <= -day || offset >= day {
		t = t.UTC()
	}
	return t.Format(time.RFC3339Nano)
}

// UnmarshalJSON implements [json.Unmarshaler]. Unknown fields, and fields that the kind does
// not use, are ignored. The error joins an [*EventError] for each fault. On an error e does not
// change.
func (e *Event) UnmarshalJSON(data []byte) error {
	in := forms.Get().(*eventJSON) //nolint:forcetypeassert // nothing else is put there
	defer forms.Put(in)
	if err := readEvent(data, in); err != nil {
		e := &EventError{ID: in.ID}
		if f, ok := errors.AsType[*helpdesk.FieldError](check.JSON(err)); ok {
			e.Path, e.Reason = f.Path, f.Reason
		}
		return e
	}
	d := eventDecoder{id: in.ID}
	out := Event{ID: in.ID, At: d.time("at", in.At), RecordedAt: d.time("recorded_at", in.RecordedAt)}
	kind, err := parseKind(in.Kind)
	if err != nil {
		d.reject("kind", in.Kind, mustBeKind)
	}
	out.Kind = kind
	switch kind {
	case KindOpened:
		out.By, out.Channel, out.Severity = helpdesk.Actor(in.By), helpdesk.Channel(in.Channel), d.level("severity", in.Severity)
		out.OnBehalf, out.ContactAt = in.OnBehalf, d.time("contact_at", in.ContactAt)
	case KindNotified:
		out.Channel = helpdesk.Channel(in.Channel)
	case KindSeverityChanged, KindSeverityDeclined:
		out.Severity = d.level("to", in.To)
	case KindSeverityCorrected:
		out.Severity, out.Reason = d.level("to", in.To), in.Reason
	case KindMessage:
		out.By, out.Auto = helpdesk.Actor(in.By), in.Auto
		out.Public = in.Public != nil && *in.Public
	case KindUndelivered:
		out.Message = in.Message
	case KindPaused:
		out.Reason = in.Reason
	case KindStatus:
		out.Status = Status(in.To)
	case KindMergedFrom:
		out.SameRequester = in.SameRequester != nil && *in.SameRequester
		if in.Other != nil {
			out.Other.Start = d.time("other.start", in.Other.Start)
			out.Other.FirstReplyAt = d.time("other.first_reply_at", in.Other.FirstReplyAt)
		}
	case KindMergedInto:
		out.Into = in.Into
	case KindSeverityConfirmed, KindResumed, KindMitigated:
	}
	var f check.Faults
	faultsOf(&out, &f)
	for _, fault := range check.Split(f.Err()) {
		d.add(fault)
	}
	if err := d.Err(); err != nil {
		return err
	}
	*e = out
	return nil
}

// readEvent reads what MarshalJSON writes fast, and leaves all else to package encoding/json.
func readEvent(data []byte, in *eventJSON) error {
	*in = eventJSON{}
	if fastjson.DecodeKnown(data, in) == nil {
		return nil
	}
	*in = eventJSON{}
	return json.Unmarshal(data, in)
}

// An eventDecoder gathers the faults of one event, at most one a field.
type eventDecoder struct {
	check.Faults
	id   string
	seen map[string]bool
}

func (d *eventDecoder) reject(path, value, reason string) {
	d.add(&EventError{ID: d.id, Path: path, Value: check.Shorten(value, 60), Reason: reason})
}

func (d *eventDecoder) add(err error) {
	if e, ok := errors.AsType[*EventError](err); ok {
		if d.seen[e.Path] {
			return
		}
		if d.seen == nil {
			d.seen = make(map[string]bool)
		}
		d.seen[e.Path] = true
	}
	d.Add(err)
}

func (d *eventDecoder) time(field, s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		d.reject(field, s, "must be an instant of RFC 3339, such as 2026-03-29T09:00:00Z")
	}
	return t
}

func (d *eventDecoder) level(field, s string) severity.Level {
	l, err := severity.Parse(s)
	if err != nil {
		d.reject(field, s, mustBeLevel)
	}
	return l
}
