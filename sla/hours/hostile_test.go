package hours_test

import (
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/internal/hostile"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// A megabyte of what is wrong is told in few words, and costs what its length says.
// It is not parallel because it counts what the program allocates.
func TestHostileSchedules(t *testing.T) {
	wrap := func(before, element, after string) func(int) string {
		return func(n int) string { return before + hostile.List(element, n) + after }
	}
	read := func(data []byte) error {
		_, err := hours.Parse(data, holidays.Resolver())
		return err
	}
	hostile.Check(t, hostile.Megabyte, hostile.Texts{
		"unknown members":  wrap(`{"zone":"UTC",`, `"member%d":1`, `}`),
		"repeated members": wrap(`{"zone":"UTC",`, `"name":"%d"`, `}`),
		"nested lists":     wrap(`{"any":[`, strings.Repeat("[", 900)+strings.Repeat("]", 900), `]}`),
		"wrong days":       wrap(`{"zone":"UTC","hours":{`, `"day%d":[]`, `}}`),
		"wrong dates":      wrap(`{"zone":"UTC","closed":[`, `"2026-02-30"`, `]}`),
	}, read)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"nested schedules":  wrap(`{"any":[`, strings.Repeat(`{"any":[`, 31)+"{}"+strings.Repeat("]}", 31), `]}`),
		"wrong special":     wrap(`{"zone":"UTC","special":{`, `"%d":[]`, `}}`),
		"one date":          wrap(`{"zone":"UTC","closed":[`, `"2026-12-24"`, `]}`),
		"wrong spans":       wrap(`{"zone":"UTC","special":{"2026-12-24":[`, `"9-5"`, `]}}`),
		"wrong names":       wrap(`{"any":[`, `"schedule%d"`, `]}`),
		"unknown holidays":  wrap(`{"zone":"UTC","holidays":[`, `"land%d"`, `]}`),
		"wrong versions":    wrap(`{"zone":"UTC","versions":[`, `{"zone":"Mars"}`, `]}`),
		"versions in order": wrap(`{"zone":"UTC","versions":[{},`, `{"from":"2026-01-01T00:00:00Z"}`, `]}`),
		"a long name":       func(n int) string { return `{"zone":"` + strings.Repeat("é", n/2) + `"}` },
		"no JSON":           func(n int) string { return strings.Repeat("{", n) },
	}, read)
}
