package sla_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// everyEvent is one event of each kind, with every field that the kind uses, and
// its JSON form.
func everyEvent() map[string]sla.Event {
	m := at("10:00")
	opened := m.openedBy(helpdesk.ActorAI, chat, urgent)
	opened.OnBehalf, opened.ContactAt = true, at("09:50").Time
	all := map[string]sla.Event{
		`"kind":"opened","by":"ai","channel":"live_chat","severity":"urgent","on_behalf":true,"contact_at":"2026-03-03T09:50:00Z"`: opened,
		`"kind":"opened","by":"customer","channel":"email","severity":"low"`:                                                       m.opened(low),
		`"kind":"notified","channel":"live_chat"`:                                                                                  m.notified(chat),
		`"kind":"message","by":"agent","public":true`:                                                                              m.reply(),
		`"kind":"message","by":"agent","public":false`:                                                                             m.note(),
		`"kind":"message","by":"customer","public":true,"auto":true`:                                                               m.message(helpdesk.ActorCustomer, true, true),
		`"kind":"undelivered","message":"m1"`:                                                                                      m.undelivered("m1"),
		`"kind":"status","to":"waiting_on_customer"`:                                                                               m.waiting(),
		`"kind":"severity_changed","to":"high"`:                                                                                    m.changed(high),
		`"kind":"severity_corrected","to":"high","reason":"triage"`:                                                                m.corrected(high),
		`"kind":"severity_confirmed"`:                                                                                              m.confirmed(),
		`"kind":"severity_declined","to":"medium"`:                                                                                 m.declined(medium),
		`"kind":"mitigated"`:                                                                                                       m.mitigated(),
		`"kind":"held","reason":"supplier"`:                                                                                        m.held(),
		`"kind":"released"`:                                                                                                        m.released(),
		`"kind":"merged_from","same_requester":true,"other":{"start":"2026-03-03T09:00:00Z"}`:                                      m.merged(at("09:00")),
		`"kind":"merged_from","same_requester":true,"other":{"start":"2026-03-03T09:00:00Z","first_reply_at":"2026-03-03T09:30:00Z"}`: m.mergedAnswered(at("09:00"), at("09:30")),
		`"kind":"merged_into","into":"T-2"`: m.mergedInto(),
	}
	whole := make(map[string]sla.Event)
	for text, e := range all {
		e.ID, e.RecordedAt = "e1", at("10:00:01.5").Time
		whole[`{"id":"e1","at":"2026-03-03T10:00:00Z","recorded_at":"2026-03-03T10:00:01.5Z",`+text+`}`] = e
	}
	return whole
}

// The JSON form of each kind is frozen, and reads back as it was.
func TestEventJSON(t *testing.T) {
	t.Parallel()
	seen := make(map[sla.Kind]bool)
	for text, e := range everyEvent() {
		got, err := json.Marshal(e)
		require.NoError(t, err)
		require.JSONEq(t, text, string(got))
		var back sla.Event
		require.NoError(t, json.Unmarshal([]byte(text), &back))
		require.Equal(t, e, back)
		require.NoError(t, back.Validate())
		seen[e.Kind] = true
	}
	for k := range kinds {
		require.True(t, seen[k], k)
	}
}

// Fields of other kinds, and those that nobody knows, are ignored.
func TestEventJSONIgnores(t *testing.T) {
	t.Parallel()
	var e sla.Event
	require.NoError(t, json.Unmarshal([]byte(`{"id":"x","at":"2026-03-03T10:00:00Z","kind":"mitigated","by":"nobody","to":"nowhere","note":{"a":[1]}}`), &e))
	require.Equal(t, named("x", at("10:00").mitigated()), e)
}

// Instants keep their offset where the form can say it, and are the same instant
// in any case.
func TestEventJSONInstants(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		offset int
		want   string
	}{
		{0, "2026-03-03T10:00:00Z"},
		{5*3600 + 30*60, "2026-03-03T15:30:00+05:30"},
		{-5 * 3600, "2026-03-03T05:00:00-05:00"},
		{-(43*60 + 8), "2026-03-03T10:00:00Z"}, // local mean time: RFC 3339 has no seconds there
		{24 * 3600, "2026-03-03T10:00:00Z"},    // nor a whole day
		{-24 * 3600, "2026-03-03T10:00:00Z"},
	} {
		e := named("x", at("10:00").mitigated())
		e.At = e.At.In(time.FixedZone("", tt.offset))
		text, err := json.Marshal(e)
		require.NoError(t, err)
		require.JSONEq(t, `{"id":"x","at":"`+tt.want+`","kind":"mitigated"}`, string(text))
		var back sla.Event
		require.NoError(t, json.Unmarshal(text, &back))
		require.True(t, back.At.Equal(e.At))
	}
}

// faultyFields returns the fields that err names.
func faultyFields(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	requireA[*sla.EventError](t, err)
	var fields []string
	for _, fault := range unjoin(err) {
		e, ok := errors.AsType[*sla.EventError](fault)
		require.True(t, ok, "%T: %v", fault, fault)
		require.NotEmpty(t, e.Reason)
		require.Contains(t, e.Error(), e.Path)
		fields = append(fields, e.Path)
	}
	return fields
}

// Every fault of an event is named by its field.
func TestEventJSONFaults(t *testing.T) {
	t.Parallel()
	const start = `{"id":"x","at":"2026-03-03T10:00:00Z","kind":`
	for _, tt := range []struct {
		text string
		want []string
	}{
		{`{}`, []string{"id", "at", "kind"}},
		{`{"id":"","at":"","kind":""}`, []string{"id", "at", "kind"}},
		{`{"id":"x","at":"yesterday","recorded_at":"10:00","kind":"mitigated"}`, []string{"at", "recorded_at"}},
		{`{"id":"x","at":"1899-12-31T23:59:59Z","kind":"mitigated"}`, []string{"at"}},
		{`{"id":"x","at":"2201-01-01T00:00:00Z","recorded_at":"2201-01-01T00:00:00Z","kind":"mitigated"}`, []string{"at", "recorded_at"}},
		{`{"id":"x","at":"1900-01-01T00:00:00Z","recorded_at":"2200-12-31T23:59:59.999999999Z","kind":"mitigated"}`, nil},
		{start + `"closed"}`, []string{"kind"}},
		{start + `"opened"}`, []string{"by", "channel", "severity"}},
		{start + `"opened","by":"robot","channel":"Fax machine","severity":"dire","contact_at":"then"}`, []string{"by", "channel", "severity", "contact_at"}},
		{start + `"opened","by":"agent","channel":"fax","severity":"severe","contact_at":"1800-01-01T00:00:00Z"}`, []string{"contact_at"}},
		{start + `"notified"}`, []string{"channel"}},
		{start + `"severity_changed"}`, []string{"to"}},
		{start + `"severity_declined"}`, []string{"to"}},
		{start + `"severity_corrected"}`, []string{"to", "reason"}},
		{start + `"merged_from"}`, []string{"other.start"}},
		{start + `"merged_from","other":{"start":"x","first_reply_at":"y"}}`, []string{"other.start", "other.first_reply_at"}},
		{start + `"merged_from","other":{"start":"1800-01-01T00:00:00Z","first_reply_at":"2300-01-01T00:00:00Z"}}`, []string{"other.start", "other.first_reply_at"}},
		{start + `"message"}`, []string{"by"}},
		{start + `"undelivered"}`, []string{"message"}},
		{start + `"held"}`, []string{"reason"}},
		{start + `"status"}`, []string{"to"}},
		{start + `"status","to":"closed"}`, []string{"to"}},
		{start + `"merged_into"}`, []string{"into"}},
		{start + `"released"}`, nil},
		{start + `"severity_confirmed"}`, nil},
		{`[]`, []string{""}},
		{`{"id":1}`, []string{"id"}},
		{start + `"mitigated","auto":"no"}`, []string{"auto"}},
	} {
		before := sla.Event{ID: "before"}
		e := before
		err := json.Unmarshal([]byte(tt.text), &e)
		require.ElementsMatch(t, tt.want, faultyFields(t, err), "%s: %v", tt.text, err)
		if err != nil {
			require.Equal(t, before, e, "left alone")
		}
	}
}

// What cannot be read back is not written, and what Validate refuses Evaluate
// refuses.
func TestEventValidate(t *testing.T) {
	t.Parallel()
	bad := map[string]sla.Event{
		"zero":     {},
		"no id":    {Kind: sla.KindMitigated, At: at("10:00").Time},
		"no kind":  {ID: "x", At: at("10:00").Time},
		"kind":     {ID: "x", At: at("10:00").Time, Kind: 99},
		"no at":    {ID: "x", Kind: sla.KindMitigated},
		"recorded": {ID: "x", Kind: sla.KindMitigated, At: at("10:00").Time, RecordedAt: time.Unix(1<<40, 0)},
		"by":       {ID: "x", Kind: sla.KindMessage, At: at("10:00").Time},
		"status":   {ID: "x", Kind: sla.KindStatus, At: at("10:00").Time, Status: "closed"},
		"level":    {ID: "x", Kind: sla.KindSeverityChanged, At: at("10:00").Time, Severity: 9},
		"channel":  {ID: "x", Kind: sla.KindNotified, At: at("10:00").Time, Channel: "X"},
	}
	for name, e := range bad {
		require.NotEmpty(t, faultyFields(t, e.Validate()), name)
		_, err := json.Marshal(e)
		requireA[*sla.EventError](t, err, name)
		_, err = policy(t, nil).Evaluate([]sla.Event{named("o", at("09:00").opened(high)), e}, at("11:00").Time)
		requireA[*sla.EventError](t, err, name)
	}
	long := sla.EventError{ID: strings.Repeat("x", 500), Path: "by", Value: strings.Repeat("y", 500), Reason: "is long"}
	require.Less(t, len(long.Error()), 200)
}
