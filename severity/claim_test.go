package severity_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/stretchr/testify/require"
)

// at returns an instant so many minutes after the tests' noon.
func at(minutes int) time.Time {
	return time.Date(2026, time.March, 2, 12, minutes, 0, 0, time.UTC)
}

func claim(t *testing.T, level severity.Level, channel helpdesk.Channel, minutes int) severity.Claim {
	t.Helper()
	c, err := severity.NewClaim(level, channel, at(minutes))
	require.NoError(t, err)
	return c
}

// fields returns the names of the rejected fields.
func fields(t *testing.T, err error) []string {
	t.Helper()
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	var names []string
	var walk func(error)
	walk = func(err error) {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range joined.Unwrap() {
				walk(e)
			}
			return
		}
		field, ok := errors.AsType[*helpdesk.FieldError](err)
		require.True(t, ok, "%v", err)
		names = append(names, field.Path)
	}
	walk(err)
	return names
}

// R23, R24, S23: Urgent is in force only from the instant when both the
// notification on an eligible channel and the confirmation exist.
func TestInForceR23R24(t *testing.T) {
	t.Parallel()
	const (
		urgent, high, medium = severity.Urgent, severity.High, severity.Medium
		chat, email, phone   = helpdesk.ChannelLiveChat, helpdesk.ChannelEmail, helpdesk.ChannelPhone
	)
	type step func(severity.Claim) (severity.Claim, error)
	notify := func(c helpdesk.Channel, m int) step {
		return func(x severity.Claim) (severity.Claim, error) { return x.Notify(c, at(m)) }
	}
	confirm := func(m int) step {
		return func(x severity.Claim) (severity.Claim, error) { return x.Confirm(helpdesk.ActorAgent, at(m)) }
	}
	decline := func(to severity.Level, m int) step {
		return func(x severity.Claim) (severity.Claim, error) {
			return x.Decline(to, helpdesk.ActorAgent, at(m))
		}
	}
	tests := []struct {
		name     string
		gate     severity.Gate
		level    severity.Level
		channel  helpdesk.Channel
		steps    []step
		since    int // minutes, or -1
		notified int // minutes, or -1
		want     map[int]severity.Level
	}{
		{
			name: "R24 claimed is not confirmed", level: urgent, channel: chat,
			since: -1, notified: 0, want: map[int]severity.Level{0: high, 600: high},
		},
		{
			name: "R24 confirmed", level: urgent, channel: chat, steps: []step{confirm(10)},
			since: 10, notified: 0, want: map[int]severity.Level{0: high, 9: high, 10: urgent, 11: urgent},
		},
		{
			name: "R23 confirmed, notified elsewhere", level: urgent, channel: email, steps: []step{confirm(10)},
			since: -1, notified: -1, want: map[int]severity.Level{0: high, 10: high, 600: high},
		},
		{
			name: "R23 notified by chat after an email", level: urgent, channel: email,
			steps: []step{notify(chat, 5), confirm(10)},
			since: 10, notified: 5, want: map[int]severity.Level{9: high, 10: urgent},
		},
		{
			name: "R23 notified by chat after the confirmation", level: urgent, channel: phone,
			steps: []step{confirm(10), notify(chat, 20)},
			since: 20, notified: 20, want: map[int]severity.Level{10: high, 19: high, 20: urgent},
		},
		{
			name: "notified and confirmed at once", level: urgent, channel: chat, steps: []step{confirm(0)},
			since: 0, notified: 0, want: map[int]severity.Level{-1: high, 0: urgent},
		},
		{
			name: "confirmed before it was notified", level: urgent, channel: chat, steps: []step{confirm(-5)},
			since: 0, notified: 0, want: map[int]severity.Level{-5: high, -1: high, 0: urgent},
		},
		{
			name: "S23 declining sets the level given", level: urgent, channel: chat, steps: []step{decline(medium, 10)},
			since: -1, notified: 0, want: map[int]severity.Level{0: high, 9: high, 10: medium, 600: medium},
		},
		{
			name: "a later notice does not undo a decline", level: urgent, channel: email,
			steps: []step{decline(severity.Low, 10), notify(chat, 20)},
			since: -1, notified: 20, want: map[int]severity.Level{9: high, 10: severity.Low, 20: severity.Low},
		},
		{
			name: "another level passes freely", level: medium, channel: email,
			since: 0, notified: -1, want: map[int]severity.Level{0: medium, 600: medium},
		},
		{
			name: "another level can be declined", level: medium, channel: email, steps: []step{decline(severity.Low, 3)},
			since: 0, notified: -1, want: map[int]severity.Level{2: medium, 3: severity.Low},
		},
		{
			name: "other channels by configuration", gate: severity.Gate{Channels: []helpdesk.Channel{email, phone}},
			level: urgent, channel: chat, steps: []step{notify(phone, 3), notify(email, 2), confirm(1)},
			since: 2, notified: 2, want: map[int]severity.Level{1: high, 2: urgent},
		},
		{
			name: "another fallback by configuration", gate: severity.Gate{Until: medium},
			level: urgent, channel: chat, steps: []step{confirm(1)},
			since: 1, notified: 0, want: map[int]severity.Level{0: medium, 1: urgent},
		},
		{
			name: "another gated level", gate: severity.Gate{Level: high},
			level: high, channel: chat, steps: []step{confirm(1)},
			since: 1, notified: 0, want: map[int]severity.Level{0: medium, 1: high},
		},
		{
			name: "only the gated level is gated", gate: severity.Gate{Level: high},
			level: urgent, channel: chat,
			since: 0, notified: 0, want: map[int]severity.Level{0: urgent},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.gate.Validate())
			c := claim(t, tt.level, tt.channel, 0)
			for _, step := range tt.steps {
				before := snapshot(t, c)
				next, err := step(c)
				require.NoError(t, err)
				require.Equal(t, before, snapshot(t, c), "a command changed the old value")
				c = next
			}
			instant := func(minutes int) time.Time {
				if minutes < 0 {
					return time.Time{}
				}
				return at(minutes)
			}
			require.Equal(t, instant(tt.since), c.Since(tt.gate))
			require.Equal(t, instant(tt.notified), c.NotifiedAt(tt.gate))
			for minutes, want := range tt.want {
				require.Equal(t, want, c.InForce(tt.gate, at(minutes)), "after %d minutes", minutes)
			}
			if gated := cmp.Or(tt.gate.Level, urgent) == tt.level; gated && tt.since >= 0 { // to the nanosecond
				require.NotEqual(t, tt.level, c.InForce(tt.gate, at(tt.since).Add(-1)))
				require.Equal(t, tt.level, c.InForce(tt.gate, at(tt.since)))
			}
		})
	}
}

func snapshot(t *testing.T, c severity.Claim) string {
	t.Helper()
	text, err := json.Marshal(c)
	require.NoError(t, err)
	return string(text)
}

// R24: only a person of the team confirms or declines.
func TestOnlyPeopleDecideR24(t *testing.T) {
	t.Parallel()
	c := claim(t, severity.Urgent, helpdesk.ChannelLiveChat, 0)
	for _, by := range append(slices.Collect(helpdesk.Actors()), "", "robot") {
		confirmed, errConfirm := c.Confirm(by, at(1))
		declined, errDecline := c.Decline(severity.Low, by, at(1))
		if by == helpdesk.ActorAgent {
			require.NoError(t, errConfirm)
			require.Equal(t, severity.StatusConfirmed, confirmed.Status())
			require.NoError(t, errDecline)
			require.Equal(t, severity.StatusDeclined, declined.Status())
			continue
		}
		for event, err := range map[string]error{"confirm": errConfirm, "decline": errDecline} {
			require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
			refused, ok := errors.AsType[*severity.NotAllowedError](err)
			require.True(t, ok)
			require.Equal(t, &severity.NotAllowedError{Status: severity.StatusClaimed, Event: event, Actor: by}, refused)
		}
		require.Equal(t, c, confirmed, "a refused command changes nothing")
		require.Equal(t, c, declined, "a refused command changes nothing")
	}
}

// R24: every status against every command, made by a person.
func TestClaimCommandsByStatus(t *testing.T) {
	t.Parallel()
	claimed := claim(t, severity.Urgent, helpdesk.ChannelLiveChat, 0)
	confirmed, err := claimed.Confirm(helpdesk.ActorAgent, at(1))
	require.NoError(t, err)
	declined, err := claimed.Decline(severity.Medium, helpdesk.ActorAgent, at(1))
	require.NoError(t, err)

	commands := map[string]func(severity.Claim) (severity.Claim, error){
		"notify":  func(c severity.Claim) (severity.Claim, error) { return c.Notify(helpdesk.ChannelSMS, at(2)) },
		"confirm": func(c severity.Claim) (severity.Claim, error) { return c.Confirm(helpdesk.ActorAgent, at(2)) },
		"decline medium": func(c severity.Claim) (severity.Claim, error) {
			return c.Decline(severity.Medium, helpdesk.ActorAgent, at(2))
		},
		"decline low": func(c severity.Claim) (severity.Claim, error) {
			return c.Decline(severity.Low, helpdesk.ActorAgent, at(2))
		},
	}
	tests := []struct {
		claim   severity.Claim
		status  severity.Status
		changes []string
		same    []string
		refused []string
	}{
		{severity.Claim{}, "", nil, nil, []string{"notify", "confirm", "decline medium", "decline low"}},
		{claimed, severity.StatusClaimed, []string{"notify", "confirm", "decline medium", "decline low"}, nil, nil},
		{confirmed, severity.StatusConfirmed, []string{"notify"}, []string{"confirm"}, []string{"decline medium", "decline low"}},
		{declined, severity.StatusDeclined, []string{"notify"}, []string{"decline medium"}, []string{"confirm", "decline low"}},
	}
	for _, tt := range tests {
		require.Equal(t, tt.status, tt.claim.Status())
		require.Len(t, commands, len(tt.changes)+len(tt.same)+len(tt.refused))
		for _, name := range tt.changes {
			next, err := commands[name](tt.claim)
			require.NoError(t, err, "%s while %s", name, tt.status)
			require.NotEqual(t, tt.claim, next, "%s while %s", name, tt.status)
		}
		for _, name := range tt.same {
			next, err := commands[name](tt.claim)
			require.NoError(t, err, "%s while %s", name, tt.status)
			require.Equal(t, tt.claim, next, "%s while %s", name, tt.status)
		}
		for _, name := range tt.refused {
			next, err := commands[name](tt.claim)
			require.ErrorIs(t, err, helpdesk.ErrNotAllowed, "%s while %s", name, tt.status)
			require.Equal(t, tt.claim, next, "%s while %s", name, tt.status)
		}
	}
}

func TestClaimRefusesArguments(t *testing.T) {
	t.Parallel()
	_, err := severity.NewClaim(0, "Fax", time.Time{})
	require.Equal(t, []string{"level", "channel", "at"}, fields(t, err))
	_, err = severity.NewClaim(9, helpdesk.ChannelSMS, at(0))
	require.Equal(t, []string{"level"}, fields(t, err))

	c := claim(t, severity.Urgent, helpdesk.ChannelLiveChat, 0)
	next, err := c.Notify("", time.Time{})
	require.Equal(t, []string{"channel", "at"}, fields(t, err))
	require.Equal(t, c, next)
	next, err = c.Confirm(helpdesk.ActorAgent, time.Time{})
	require.Equal(t, []string{"at"}, fields(t, err))
	require.Equal(t, c, next)
	next, err = c.Decline(severity.Urgent, helpdesk.ActorAgent, time.Time{})
	require.Equal(t, []string{"declined_to", "at"}, fields(t, err))
	require.Equal(t, c, next)

	for _, to := range []severity.Level{0, severity.High, severity.Urgent, 9} {
		high := claim(t, severity.High, helpdesk.ChannelLiveChat, 0)
		next, err := high.Decline(to, helpdesk.ActorAgent, at(1))
		require.Equal(t, []string{"declined_to"}, fields(t, err), "%v", to)
		require.Equal(t, high, next)
	}

	for _, tt := range []struct {
		year int
		ok   bool
	}{{0, false}, {1, true}, {9999, true}, {10000, false}} {
		_, err := severity.NewClaim(severity.Low, helpdesk.ChannelSMS, time.Date(tt.year, time.June, 1, 0, 0, 0, 0, time.UTC))
		require.Equal(t, tt.ok, err == nil, "year %d: %v", tt.year, err)
	}
}

func TestClaimErrorTexts(t *testing.T) {
	t.Parallel()
	c := claim(t, severity.Urgent, helpdesk.ChannelLiveChat, 0)
	_, err := c.Confirm(helpdesk.ActorAI, at(1))
	require.EqualError(t, err, `severity: "ai" cannot confirm a claim: want agent, a person of the team`)
	_, err = severity.Claim{}.Notify(helpdesk.ChannelLiveChat, at(1))
	require.EqualError(t, err, `severity: cannot notify: nothing is claimed`)
	confirmed, err := c.Confirm(helpdesk.ActorAgent, at(1))
	require.NoError(t, err)
	_, err = confirmed.Decline(severity.Low, helpdesk.ActorAgent, at(2))
	require.EqualError(t, err, `severity: cannot decline: the claim is confirmed`)
	_, err = c.Decline(severity.Urgent, helpdesk.ActorAgent, at(2))
	require.EqualError(t, err, `declined_to: "urgent" must be a level below urgent`)
	_, err = c.Notify("Fax", at(2))
	require.EqualError(t, err, `channel: "Fax" must be the name of a channel`)
	require.EqualError(t, &severity.NotAllowedError{Status: severity.StatusDeclined, Event: "confirm"},
		`severity: cannot confirm: the claim is declined`)
}

// Notifications may arrive in any order and more than once.
func TestNoticesAnyOrder(t *testing.T) {
	t.Parallel()
	type notices = []severity.Notice
	want := notices{
		{Channel: helpdesk.ChannelEmail, At: at(1)},
		{Channel: helpdesk.ChannelPhone, At: at(1)},
		{Channel: helpdesk.ChannelLiveChat, At: at(3)},
	}
	orders := []notices{
		{want[0], want[1], want[2], want[0]},
		{want[2], want[1], want[0]},
		{{Channel: helpdesk.ChannelEmail, At: at(2)}, want[2], want[0], want[1], {Channel: helpdesk.ChannelLiveChat, At: at(4)}},
	}
	for _, order := range orders {
		c, err := severity.NewClaim(severity.Urgent, order[0].Channel, order[0].At)
		require.NoError(t, err)
		for _, n := range order[1:] {
			c, err = c.Notify(n.Channel, n.At)
			require.NoError(t, err)
		}
		require.Equal(t, want, slices.Collect(c.Notices()))
	}
}

func TestClaimKeepsInstantsInUTC(t *testing.T) {
	t.Parallel()
	est := time.FixedZone("EST", -5*60*60)
	c, err := severity.NewClaim(severity.Urgent, helpdesk.ChannelLiveChat, at(0).In(est))
	require.NoError(t, err)
	c, err = c.Confirm(helpdesk.ActorAgent, at(1).In(est))
	require.NoError(t, err)
	require.Equal(t, at(0), c.NotifiedAt(severity.Gate{}))
	require.Equal(t, at(1), c.ConfirmedAt())
}

func TestZeroClaim(t *testing.T) {
	t.Parallel()
	var c severity.Claim
	require.True(t, c.IsZero())
	require.Zero(t, c.Level())
	require.Zero(t, c.Status())
	require.Empty(t, slices.Collect(c.Notices()))
	require.Zero(t, c.Since(severity.Gate{}))
	require.Zero(t, c.NotifiedAt(severity.Gate{}))
	require.Zero(t, c.ConfirmedAt())
	to, when := c.Declined()
	require.Zero(t, to)
	require.Zero(t, when)
	require.Zero(t, c.InForce(severity.Gate{}, at(0)))
}

// FuzzClaimScript plays commands and checks what must hold in every life.
func FuzzClaimScript(f *testing.F) {
	f.Add([]byte{0, 5, 9})
	f.Add([]byte{1, 6, 2, 10})
	f.Fuzz(func(t *testing.T, script []byte) {
		channels := slices.Collect(helpdesk.Channels())
		c, err := severity.NewClaim(severity.Urgent, helpdesk.ChannelSMS, at(0))
		require.NoError(t, err)
		gate := severity.Gate{}
		for i, b := range script {
			now, arg := at(i-int(b)%3), int(b/4)
			var next severity.Claim
			switch b % 4 {
			case 0:
				next, err = c.Notify(channels[arg%len(channels)], now)
			case 1:
				next, err = c.Confirm(helpdesk.ActorAgent, now)
			case 2:
				next, err = c.Confirm(helpdesk.ActorAI, now)
			default:
				next, err = c.Decline(severity.Level(arg%5), helpdesk.ActorAgent, now)
			}
			if err != nil {
				require.Equal(t, c, next, "a refused command changed the claim")
				continue
			}
			c = next
			for m := -5; m <= len(script)+5; m++ {
				if c.InForce(gate, at(m)) != severity.Urgent {
					continue
				}
				require.False(t, c.ConfirmedAt().IsZero(), "urgent without a confirmation")
				require.False(t, c.ConfirmedAt().After(at(m)), "urgent before the confirmation")
				require.False(t, c.NotifiedAt(gate).IsZero(), "urgent without a notification")
				require.False(t, c.NotifiedAt(gate).After(at(m)), "urgent before the notification")
			}
		}
	})
}

func ExampleNewClaim() {
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	c, err := severity.NewClaim(severity.Urgent, helpdesk.ChannelLiveChat, noon)
	if err != nil {
		panic(err)
	}
	_, err = c.Confirm(helpdesk.ActorAI, noon.Add(time.Minute))
	fmt.Println(err)
	c, err = c.Confirm(helpdesk.ActorAgent, noon.Add(10*time.Minute))
	if err != nil {
		panic(err)
	}
	var gate severity.Gate // the standard one
	fmt.Println(c.InForce(gate, noon.Add(9*time.Minute)))
	fmt.Println(c.InForce(gate, noon.Add(10*time.Minute)))
	fmt.Println("clocks count from", c.NotifiedAt(gate).Format(time.TimeOnly))
	// Output:
	// severity: "ai" cannot confirm a claim: want agent, a person of the team
	// high
	// urgent
	// clocks count from 12:00:00
}

func ExampleClaim_Decline() {
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	c, err := severity.NewClaim(severity.Urgent, helpdesk.ChannelLiveChat, noon)
	if err != nil {
		panic(err)
	}
	c, err = c.Decline(severity.Medium, helpdesk.ActorAgent, noon.Add(10*time.Minute))
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Status(), c.InForce(severity.Gate{}, noon), c.InForce(severity.Gate{}, noon.Add(time.Hour)))
	// Output:
	// declined high medium
}

func BenchmarkInForce(b *testing.B) {
	c, err := severity.NewClaim(severity.Urgent, helpdesk.ChannelLiveChat, at(0))
	if err != nil {
		b.Fatal(err)
	}
	c, err = c.Confirm(helpdesk.ActorAgent, at(10))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.InForce(severity.Gate{}, at(20))
	}
}
