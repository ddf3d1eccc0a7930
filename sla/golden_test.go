package sla_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/sla"
	"github.com/stretchr/testify/require"
)

// The words for everything that can be wrong with a policy.
func TestFaultTexts(t *testing.T) {
	t.Parallel()
	const (
		none    = `{"first_reply":{"none":true},"next_reply":{"none":true},"resolution":{"none":true}}`
		targets = `"targets":{"low":` + none + `,"medium":` + none + `,"high":` + none + `,"urgent":` + none + `}`
		good    = `"name":"p","schedule":"standard",` + targets
	)
	row := func(clock string) string {
		return `{"name":"p","schedule":"standard","targets":{"low":` + none + `,"medium":` + none + `,"high":` + none + `,"urgent":{"first_reply":` + clock + `,"next_reply":{"none":true},"resolution":` + clock + `}}}`
	}
	texts := []string{
		``, `null`, `[]`, `{`, `{}`, `{` + good + `}{}`, `{` + good + `}`,
		`{` + good + `,"fly":1,"Name":"x","name":"y"}`,
		`{"name":7,"version":"x","schedule":7,"targets":[],"warn_at":"x","pause":7,"hold":{},"reopen":7,"reopen_window":7,"retarget":7,"gate":7,"skew":7}`,
		`{"name":"","version":-1,"schedule":"nobody",` + targets + `}`,
		`{"name":"P! ` + strings.Repeat("x", 300) + `","schedule":{"zone":"Mars","hours":{"day":["9"]}},` + targets + `}`,
		`{` + good + `,"warn_at":[0,50,50,40,101,10001]}`, `{` + good + `,"warn_at":[1.5,"50"]}`,
		`{` + good + `,"reopen":"burn","retarget":"burn","reopen_window":"-1h","skew":"-1h"}`,
		`{` + good + `,"reopen":"once","reopen_window":"1h"}`, `{` + good + `,"reopen_window":"soon"}`,
		`{` + good + `,"gate":{"level":"dire","until_confirmed":"dire","channels":[]}}`,
		`{` + good + `,"gate":{"level":"urgent","until_confirmed":"urgent","channels":["pigeon","phone","phone"]}}`,
		`{` + good + `,"gate":{"level":"urgent"}}`,
		`{` + good + `,"pause":{"patience":[],"resolution":["asleep","resolved","resolved"]},"hold":["patience","resolution","resolution"]}`,
		`{"name":"p","schedule":"standard","targets":{}}`,
		`{"name":"p","schedule":"standard","targets":{"dire":{},"urgent":{},"low":{"patience":{}}}}`,
		`{"name":"p","schedule":"standard","targets":{"urgent":[],"low":{"first_reply":7}}}`,
		`{` + good + `,"reopen":"burn","retarget":"burn","version":-7}`, `{` + good + `,"gate":{"level":"urgent","until_confirmed":"urgent","channels":["a b"]}}`,
		`{` + good + `,"gate":{"level":"urgent","until_confirmed":"high","channels":[]}}`,
		`{` + good + `,"pause":{"resolution":["asleep","resolved","resolved"]},"hold":["resolution","resolution"]}`,
		`{"name":"p","schedule":"standard","targets":{"urgent":{},"low":{"resolution":{"none":true}},"medium":` + none + `,"high":` + none + `}}`,
		row(`{"within":"1h","clock":"sundial","from":"notified"}`), row(`{"within":"1h","from":"birth"}`), row(`{"within":"1h","stop_at":["burned","resolved","resolved"]}`),
		row(`{"within":"1h","stop_at":["mitigated"]}`), row(`{"within":"1h","stop_at":[]}`), row(`{"within":"1h","schedule":"nobody"}`), row(`{"best_effort":true,"clock":"calendar"}`),
		row(`{}`), row(`{"within":"-1h"}`), row(`{"within":"0s"}`), row(`{"within":"soon"}`), row(`{"within":"1h","none":true}`),
		row(`{"none":true,"best_effort":true}`), row(`{"within":"1h","clock":"sundial","from":"birth","stop_at":["burned","resolved","resolved"]}`),
		row(`{"within":"1h","from":"notified"}`), row(`{"within":"1h","stop_at":["mitigated"]}`),
		row(`{"within":"1h","schedule":"nobody","clock":"calendar","fly":1}`), row(`{"within":{"low":"1h"},"best_effort":"x"}`),
	}
	var said strings.Builder
	for _, text := range texts {
		_, err := sla.Parse([]byte(text), nil)
		fmt.Fprintf(&said, "== %.600s\n%v\n", text, err)
	}
	golden.Equal(t, "testdata/faults.golden", said.String())
}

// The words for everything that can be wrong with an event.
func TestEventFaultTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	for _, text := range []string{
		`null`, `[]`, `{}`, `7`, `{"id":"e","kind":"fly","at":"yesterday"}`, `{"id":7}`,
		`{"id":"a b","at":"1800-01-01T00:00:00Z","kind":"opened"}`,
		`{"id":"e","at":"2026-03-02T09:00:00Z","kind":"opened","by":"pope","channel":"pigeon","severity":"dire","contact_at":"soon"}`,
		`{"id":"e","at":"2026-03-02T09:00:00Z","kind":"notified"}`, `{"id":"e","at":"2026-03-02T09:00:00Z","kind":"severity_changed"}`,
		`{"id":"e","at":"2026-03-02T09:00:00Z","kind":"severity_corrected","to":"low"}`, `{"id":"e","at":"2026-03-02T09:00:00Z","kind":"message"}`,
		`{"id":"e","at":"2026-03-02T09:00:00Z","recorded_at":"1800-01-01T00:00:00Z","kind":"message","by":"agent","public":true}`,
		`{"id":"e","at":"2026-03-02T09:00:00Z","kind":"undelivered"}`, `{"id":"e","at":"2026-03-02T09:00:00Z","kind":"held"}`,
		`{"id":"e","at":"2026-03-02T09:00:00Z","kind":"status","to":"asleep"}`, `{"id":"e","at":"2026-03-02T09:00:00Z","kind":"merged_from"}`,
		`{"id":"e","at":"2026-03-02T09:00:00Z","kind":"merged_from","same_requester":true,"other":{"start":"soon","first_reply_at":"soon"}}`,
		`{"id":"e","at":"2026-03-02T09:00:00Z","kind":"merged_into"}`,
	} {
		var e sla.Event
		err := json.Unmarshal([]byte(text), &e)
		if err == nil {
			err = e.Validate()
		}
		fmt.Fprintf(&said, "== %s\n%v\n", text, err)
	}
	golden.Equal(t, "testdata/event-faults.golden", said.String())
}

// The words for everything that can be wrong with a book of policies.
func TestBookFaultTexts(t *testing.T) {
	t.Parallel()
	p := sla.Standard()
	var said strings.Builder
	for _, c := range []sla.BookConfig{
		{},
		{Rules: []sla.Rule{{}}},
		{Rules: []sla.Rule{{Policy: p, Own: true, Partner: "a"}, {Policy: p, Partner: "a", Channels: []helpdesk.Channel{"pigeon"}}, {Policy: p, Partner: "a"}, {Policy: p, Partner: "a"}}},
		{Rules: []sla.Rule{{Policy: p}, {Policy: p}}},
	} {
		_, err := sla.NewBook(c)
		fmt.Fprintf(&said, "== %d rules\n%v\n", len(c.Rules), err)
	}
	b, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: p, Own: true}}})
	require.NoError(t, err)
	_, err = b.Choose(sla.Situation{Partner: "a"})
	fmt.Fprintf(&said, "== no rule\n%v\n", err)
	_, err = b.Policy(sla.Ref{Name: "gold", Version: 3})
	fmt.Fprintf(&said, "== no policy\n%v\n", err)
	golden.Equal(t, "testdata/book-faults.golden", said.String())
}
