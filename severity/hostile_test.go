package severity_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/internal/hostile"
	"github.com/deskcore/helpdesk/severity"
)

// A megabyte of what is wrong is told in few words, and costs what its length says.
// It is not parallel because it counts what the program allocates.
func TestHostileClaimsAndAnswers(t *testing.T) {
	wrap := func(before, element, after string) func(int) string {
		return func(n int) string { return before + hostile.List(element, n) + after }
	}
	hostile.Check(t, hostile.Megabyte, hostile.Texts{
		"unknown members": wrap(`{`, `"member%d":1`, `}`),
		"wrong channels":  wrap(`{"level":"low","notices":[`, `{"channel":"c%d","at":"0000-01-01T00:00:00Z"}`, `]}`),
		"many channels":   wrap(`{"level":"low","declined_to":"high","notices":[`, `{"channel":"c%d","at":"2026-03-02T09:00:00Z"}`, `]}`),
		"nested lists":    wrap(`{"notices":[`, strings.Repeat("[", 900)+strings.Repeat("]", 900), `]}`),
	}, func(data []byte) error { return new(severity.Claim).UnmarshalJSON(data) })
	hostile.Check(t, hostile.Megabyte, hostile.Texts{
		"wrong answers": wrap(`{`, `"affected":"nobody%d"`, `}`),
		"a long answer": func(n int) string { return `{"ability":"` + strings.Repeat("é", n/2) + `"}` },
	}, func(data []byte) error { return json.Unmarshal(data, new(severity.Answers)) })
}
