package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What commit 0450493 answers to a command that names one of several tickets.
func TestAttackTicketMember(t *testing.T) {
	t.Parallel()
	const world = `{"do":"setup","inbox":{"open_ticket":"allow","several_tickets":true}}
{"do":"start","as":"c","channel":"sms","contact":{"customer":"ada","account":"a"},"text":"x"}
{"do":"start","as":"d","channel":"sms","contact":{"customer":"ada","account":"a"},"text":"x"}
{"do":"create_ticket","as":"t","conversation":"c","intake":{"title":"T"},"summary":"s"}
{"do":"create_ticket","as":"u","conversation":"d","intake":{"title":"T"},"summary":"s"}
{"do":"pick_up","conversation":"c","ticket":"t","key":"k"}
{"do":"customer_message","conversation":"c","text":"more"}
`
	for line, want := range map[string]string{
		`{"do":"pick_up","conversation":"c","ticket":"u","by":"ai"}`:              `"code":"not_allowed"`,
		`{"do":"resolve","conversation":"c","ticket":"u","action":"x","by":"ai"}`: `"code":"not_allowed"`,
		`{"do":"reply","conversation":"c","ticket":"u","text":"q","if_seen":1}`:   `"code":"seen"`,
		`{"do":"pick_up","conversation":"c","ticket":"u","key":"k"}`:              `"code":"key_reused"`,
		`{"do":"reply","conversation":"c","ticket":"u","text":""}`:                `body: must not be empty`,
		`{"do":"pick_up","conversation":"c","ticket":"u"}`:                        `"result":{"conversation":"c","list":"active"}`,
	} {
		out, _, _ := simulate(t, world+line)
		assert.Contains(t, out[strings.LastIndex(strings.TrimSpace(out), "\n"):], want, line)
	}
}
