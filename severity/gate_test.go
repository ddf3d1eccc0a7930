package severity_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/stretchr/testify/require"
)

func TestGateValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		gate severity.Gate
		want []string
	}{
		{"zero", severity.Gate{}, nil},
		{"in full", severity.Gate{severity.Urgent, []helpdesk.Channel{helpdesk.ChannelPhone, "pager"}, severity.Low}, nil},
		{"lowest that can be gated", severity.Gate{Level: severity.Medium}, nil},
		{"nothing below low", severity.Gate{Level: severity.Low}, []string{"level", "until_confirmed"}},
		{"unknown level", severity.Gate{Level: 9, Until: severity.Low}, []string{"level"}},
		{"fallback as high", severity.Gate{Level: severity.High, Until: severity.High}, []string{"until_confirmed"}},
		{"fallback just below", severity.Gate{Level: severity.High, Until: severity.Medium}, nil},
		{"channels", severity.Gate{Channels: []helpdesk.Channel{"", "sms", "Fax"}}, []string{"channels[0]", "channels[2]"}},
		{"everything", severity.Gate{9, []helpdesk.Channel{"-"}, 9}, []string{"level", "channels[0]", "until_confirmed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.gate.Validate()
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			require.Equal(t, tt.want, fields(t, err))
		})
	}
	require.EqualError(t, severity.Gate{Level: severity.High, Until: severity.Urgent}.Validate(),
		`until_confirmed: "urgent" must be a level below high`)
}

// R23: the default set of eligible channels is the helpdesk's live chat.
func TestGateAcceptsR23(t *testing.T) {
	t.Parallel()
	for c := range helpdesk.Channels() {
		require.Equal(t, c == helpdesk.ChannelLiveChat, severity.Gate{}.Accepts(c), "%s", c)
		require.Equal(t, c == helpdesk.ChannelPhone, severity.Gate{Channels: []helpdesk.Channel{"phone"}}.Accepts(c), "%s", c)
	}
}

func TestGateJSON(t *testing.T) {
	t.Parallel()
	const text = `{"level":"urgent","channels":["live_chat"],"until_confirmed":"high"}`
	var g severity.Gate
	require.NoError(t, json.Unmarshal([]byte(text), &g))
	require.Equal(t, severity.Gate{severity.Urgent, []helpdesk.Channel{helpdesk.ChannelLiveChat}, severity.High}, g)
	out, err := json.Marshal(g)
	require.NoError(t, err)
	require.JSONEq(t, text, string(out))
	out, err = json.Marshal(severity.Gate{})
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(out))
}

func ExampleGate() {
	g := severity.Gate{Channels: []helpdesk.Channel{helpdesk.ChannelPhone, "pager"}, Until: severity.Medium}
	fmt.Println(g.Accepts(helpdesk.ChannelPhone), g.Accepts(helpdesk.ChannelLiveChat), g.Validate())
	fmt.Println(severity.Gate{Level: severity.High, Until: severity.High}.Validate())
	// Output:
	// true false <nil>
	// until_confirmed: "high" must be a level below high
}
