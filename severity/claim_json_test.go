package severity_test

import (
	"encoding/json"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestClaimJSON(t *testing.T) {
	t.Parallel()
	claimed := claim(t, severity.Urgent, helpdesk.ChannelLiveChat, 0)
	confirmed, err := claimed.Confirm(helpdesk.ActorAgent, at(10))
	require.NoError(t, err)
	declined, err := claimed.Decline(severity.Medium, helpdesk.ActorAgent, at(10))
	require.NoError(t, err)
	to, when := declined.Declined()
	require.Equal(t, severity.Medium, to)
	require.Equal(t, at(10), when)

	const notices = `"notices":[{"channel":"live_chat","at":"2026-03-02T12:00:00Z"}]`
	for want, c := range map[string]severity.Claim{
		`null`:                               {},
		`{"level":"urgent",` + notices + `}`: claimed,
		`{"level":"urgent",` + notices + `,"confirmed_at":"2026-03-02T12:10:00Z"}`:                       confirmed,
		`{"level":"urgent",` + notices + `,"declined_at":"2026-03-02T12:10:00Z","declined_to":"medium"}`: declined,
	} {
		require.Equal(t, want, snapshot(t, c))
		decoded := claimed
		require.NoError(t, json.Unmarshal([]byte(want), &decoded))
		require.Equal(t, c, decoded)
	}
	holder := struct {
		Claim severity.Claim `json:"claim,omitzero"`
	}{}
	text, err := json.Marshal(holder)
	require.NoError(t, err)
	require.Equal(t, `{}`, string(text))
}

func TestClaimJSONRefuses(t *testing.T) {
	t.Parallel()
	const notices = `"notices":[{"channel":"live_chat","at":"2026-03-02T12:00:00Z"}]`
	tests := []struct {
		name, text string
		want       error
	}{
		{"no notices", `{"level":"urgent"}`, helpdesk.ErrInvalid},
		{"no level", `{` + notices + `}`, helpdesk.ErrInvalid},
		{"unknown level", `{"level":"worst",` + notices + `}`, helpdesk.ErrInvalid},
		{"bad channel", `{"level":"urgent","notices":[{"channel":"Fax","at":"2026-03-02T12:00:00Z"}]}`, helpdesk.ErrInvalid},
		{"bad second notice", `{"level":"urgent","notices":[{"channel":"sms","at":"2026-03-02T12:00:00Z"},{"channel":"email"}]}`, helpdesk.ErrInvalid},
		{"no instant", `{"level":"urgent","notices":[{"channel":"sms"}]}`, helpdesk.ErrInvalid},
		{"declined without an instant", `{"level":"urgent",` + notices + `,"declined_to":"low"}`, helpdesk.ErrInvalid},
		{"declined without a level", `{"level":"urgent",` + notices + `,"declined_at":"2026-03-02T12:10:00Z"}`, helpdesk.ErrInvalid},
		{"both", `{"level":"urgent",` + notices + `,"confirmed_at":"2026-03-02T12:10:00Z","declined_at":"2026-03-02T12:10:00Z","declined_to":"low"}`, helpdesk.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := claim(t, severity.High, helpdesk.ChannelSMS, 5)
			require.ErrorIs(t, json.Unmarshal([]byte(tt.text), &c), tt.want)
			require.Equal(t, claim(t, severity.High, helpdesk.ChannelSMS, 5), c, "refused text changes nothing")
		})
	}
	var c severity.Claim
	require.NoError(t, json.Unmarshal([]byte(`{"level":"urgent",`+notices+`,"by":"me"}`), &c), "a member of a newer version is ignored")
	require.Error(t, json.Unmarshal([]byte(`[]`), &c))
}

func FuzzClaimJSON(f *testing.F) {
	f.Add(`null`)
	f.Add(`{"level":"urgent","notices":[{"channel":"live_chat","at":"2026-03-02T12:00:00Z"}],"confirmed_at":"2026-03-02T12:10:00+02:00"}`)
	f.Add(`{"level":"severe","notices":[{"channel":"sms","at":"0001-01-01T00:00:01+14:00"}],"declined_at":"9999-12-31T23:59:59Z","declined_to":"low"}`)
	f.Fuzz(func(t *testing.T, s string) {
		var c severity.Claim
		if json.Unmarshal([]byte(s), &c) != nil {
			require.True(t, c.IsZero(), "refused text changes nothing")
			return
		}
		text, err := json.Marshal(c)
		require.NoError(t, err)
		var again severity.Claim
		require.NoError(t, json.Unmarshal(text, &again))
		require.Equal(t, c, again)
		require.Equal(t, c.IsZero(), c.Status() == "", "%s", text)
	})
}

// A claim that is decoded is the one that the commands make of the same notifications.
func TestClaimJSONIsMadeAsByCommands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		notices := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) severity.Notice {
			return severity.Notice{
				Channel: rapid.SampledFrom([]helpdesk.Channel{"sms", "email", "fax"}).Draw(t, "channel"),
				At:      at(rapid.IntRange(0, 3).Draw(t, "minute")),
			}
		}), 1, 8).Draw(t, "notices")
		want, err := severity.NewClaim(severity.High, notices[0].Channel, notices[0].At)
		require.NoError(t, err)
		for _, n := range notices[1:] {
			want, err = want.Notify(n.Channel, n.At)
			require.NoError(t, err)
		}
		text, err := json.Marshal(map[string]any{"level": "high", "notices": notices})
		require.NoError(t, err)
		var got severity.Claim
		require.NoError(t, json.Unmarshal(text, &got))
		require.Equal(t, want, got)
	})
}
