package sla_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/hostile"
	"github.com/deskcore/helpdesk/sla"
)

// A megabyte of what is wrong is told in few words, and costs what its length says.
// It is not parallel because it counts what the program allocates.
func TestHostilePolicies(t *testing.T) {
	wrap := func(before, element, after string) func(int) string {
		return func(n int) string { return before + hostile.List(element, n) + after }
	}
	read := func(data []byte) error {
		_, err := sla.Parse(data, nil)
		return err
	}
	hostile.Check(t, hostile.Megabyte, hostile.Texts{
		"unknown members": wrap(`{`, `"member%d":1`, `}`),
		"wrong targets":   wrap(`{"targets":{"low":{"resolution":{`, `"target%d":{}`, `}}}}`),
	}, read)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"repeated":       wrap(`{"schedule":"standard",`, `"name":"%d"`, `}`),
		"wrong levels":   wrap(`{"targets":{`, `"level%d":{}`, `}}`),
		"wrong metrics":  wrap(`{"targets":{"low":{`, `"metric%d":{}`, `}}}`),
		"wrong pauses":   wrap(`{"pause":{"resolution":[`, `"status%d"`, `]}}`),
		"wrong holds":    wrap(`{"hold":[`, `"metric%d"`, `]}`),
		"wrong warnings": wrap(`{"warn_at":[`, `0`, `]}`),
		"wrong stops":    wrap(`{"targets":{"low":{"resolution":{"none":true,"stop_on":[`, `"stop%d"`, `]}}}}`),
		"many channels":  wrap(`{"gate":{"level":"urgent","until_confirmed":"high","channels":[`, `"c%d"`, `]}}`),
		"one channel":    wrap(`{"gate":{"level":"urgent","until_confirmed":"high","channels":[`, `"sms"`, `]}}`),
		"wrong dates":    wrap(`{"schedule":{"zone":"UTC","closed":[`, `"2026-02-30"`, `]}}`),
		"nested lists":   wrap(`{"schedule":`, strings.Repeat("[", 900)+strings.Repeat("]", 900)+`,"name":"x"`, `}`),
	}, read)
}

// So is a log of events that are wrong.
func TestHostileLogs(t *testing.T) {
	evaluate := func(data []byte) error {
		var list []json.RawMessage
		require.NoError(t, json.Unmarshal(data, &list))
		log := make([]sla.Event, len(list))
		for i := range log {
			_ = log[i].UnmarshalJSON(list[i]) // what is wrong stays zero
		}
		_, err := sla.Standard().Evaluate(log, at("09:00").Time)
		return err
	}
	opened := `{"id":"%d","kind":"opened","at":"2026-03-02T09:00:00Z","by":"customer","channel":"sms","severity":"low"}`
	message := `{"id":"one","kind":"message","at":"2026-03-02T09:00:00Z","by":"customer"}`
	other := `{"id":"one","kind":"message","at":"2026-03-02T09:00:00Z","by":"agent"}`
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"wrong events":  func(n int) string { return `[` + hostile.List(`{"id":"%d"}`, n) + `]` },
		"many openings": func(n int) string { return `[` + hostile.List(opened, n) + `]` },
		"two contents":  func(n int) string { return `[` + hostile.List(message+","+other, n) + `]` },
	}, evaluate)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"wrong members": func(n int) string { return `{` + hostile.List(`"public":"%d"`, n) + `}` },
		"a long kind":   func(n int) string { return `{"id":"x","kind":"` + strings.Repeat("x", n) + `"}` },
		"a long ID":     func(n int) string { return `{"id":"` + strings.Repeat("x", n) + `"}` },
	}, func(data []byte) error { return new(sla.Event).UnmarshalJSON(data) })
}

// A book of many rules is checked in proportion to them.
func TestHostileBooks(t *testing.T) {
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"wrong channels": func(n int) string { return strings.Repeat("X", n/40) },
	}, func(data []byte) error {
		rules := make([]sla.Rule, len(data))
		for i, b := range data {
			rules[i] = sla.Rule{Partner: "acme", Channels: []helpdesk.Channel{helpdesk.Channel(b)}}
		}
		_, err := sla.NewBook(sla.BookConfig{Rules: rules[:len(rules)/64]})
		return err
	})
}
