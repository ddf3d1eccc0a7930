package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// T46: another actor is refused as such, whichever ticket the command names; an agent is
// told that the ticket is not of the conversation.
func TestTicketMember(t *testing.T) {
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
		`{"do":"reply","conversation":"c","ticket":"u","text":"q"}`:               `must be an open ticket of the conversation`,
		`{"do":"reply","conversation":"c","ticket":"t","text":"q"}`:               `"did":"reply","result"`,
	} {
		out, _, _ := simulate(t, world+line)
		require.Contains(t, out[strings.LastIndex(out, `"did":`):], want, line)
	}
}
