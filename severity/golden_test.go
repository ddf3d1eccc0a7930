package severity_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/severity"
	"github.com/stretchr/testify/require"
)

// The words for everything that can be wrong with a level, answers and a claim.
func TestFaultTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	for _, text := range []string{"", "dire", "HIGH", "5", strings.Repeat("x", 300), "\x00"} {
		_, err := severity.Parse(text)
		fmt.Fprintf(&said, "== level %.40q\n%v\n", text, err)
	}
	for _, text := range []string{
		`null`, `7`, `[]`, `{}`, `{"fly":1}`, `{"affected":"none"}`, `{"ability":"fly"}`, `{"workaround":"maybe"}`, `{"persistence":"often"}`,
		`{"affected":"ALL"}`, `{"affected":""}`, `{"affected":"` + strings.Repeat("x", 300) + `"}`,
	} {
		var a severity.Answers
		err := json.Unmarshal([]byte(text), &a)
		fmt.Fprintf(&said, "== answers %s\n%v, %v\n", text, err, a)
	}
	for _, a := range []severity.Answers{{Affected: 9}, {Ability: 9, Workaround: 9, Persistence: 9}} {
		_, err := json.Marshal(a)
		fmt.Fprintf(&said, "== answers %v\n%v\n", a, err)
	}
	for _, text := range []string{
		`null`, `7`, `{}`, `{"level":"dire"}`, `{"level":"high","notices":[]}`, `{"level":"high","notices":[{"channel":"pigeon","at":"2026-03-02T09:00:00Z"}]}`,
		`{"level":"high","notices":[{"channel":"email"}],"confirmed_at":"2026-03-02T09:00:00Z","declined_at":"2026-03-02T09:00:00Z"}`,
		`{"level":"high","notices":[{"channel":"email","at":"2026-03-02T09:00:00Z"},{"channel":"email","at":"2026-03-02T08:00:00Z"}],"fly":1}`,
	} {
		var c severity.Claim
		err := json.Unmarshal([]byte(text), &c)
		fmt.Fprintf(&said, "== claim %s\n%v\n", text, err)
	}
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	_, err := severity.NewClaim(9, "pigeon", time.Time{})
	fmt.Fprintf(&said, "== a new claim\n%v\n", err)
	c, err := severity.NewClaim(severity.High, helpdesk.ChannelEmail, at)
	require.NoError(t, err)
	_, err = c.Notify("pigeon", time.Time{})
	fmt.Fprintf(&said, "== a notice\n%v\n", err)
	_, err = c.Decline(9, "pope", time.Time{})
	fmt.Fprintf(&said, "== declined\n%v\n", err)
	c, err = c.Confirm(helpdesk.ActorAgent, at)
	require.NoError(t, err)
	_, err = c.Decline(severity.Low, helpdesk.ActorAgent, at)
	fmt.Fprintf(&said, "== declined after it was confirmed\n%v\n", err)
	golden.Equal(t, "testdata/faults.golden", said.String())
}
