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
	require.Equal(t, []severity.Notice{{Channel: helpdesk.ChannelLiveChat, At: at(0)}}, slices.Collect(c.Notices()))
	require.Equal(t, at(1), c.ConfirmedAt())
}

func TestZeroClaim(t *testing.T) {
	t.Parallel()
	var c severity.Claim
	require.True(t, c.IsZero())
	require.Zero(t, c.Level())
	require.Zero(t, c.Status())
	require.Empty(t, slices.Collect(c.Notices()))
	require.Zero(t, c.ConfirmedAt())
	to, when := c.Declined()
	require.Zero(t, to)
	require.Zero(t, when)
}

// FuzzClaimScript plays commands and checks what must hold in every life (R23,
// R24): a person decides once, one way or the other, and the first notification of
// each channel stays.
func FuzzClaimScript(f *testing.F) {
	f.Add([]byte{0, 5, 9})
	f.Add([]byte{1, 6, 2, 10})
	f.Fuzz(func(t *testing.T, script []byte) {
		channels := []helpdesk.Channel{helpdesk.ChannelLiveChat, helpdesk.ChannelSMS, helpdesk.ChannelEmail, helpdesk.ChannelPhone}
		c, err := severity.NewClaim(severity.Urgent, helpdesk.ChannelSMS, at(0))
		require.NoError(t, err)
		first := map[helpdesk.Channel]time.Time{helpdesk.ChannelSMS: at(0)}
		var decided severity.Status
		for i, b := range script {
			now, arg := at(i-int(b)%3), int(b/4)
			var next severity.Claim
			before := snapshot(t, c)
			switch b % 4 {
			case 0:
				ch := channels[arg%len(channels)]
				if next, err = c.Notify(ch, now); first[ch].IsZero() || now.Before(first[ch]) {
					first[ch] = now
				}
			case 1:
				if next, err = c.Confirm(helpdesk.ActorAgent, now); err == nil {
					decided = severity.StatusConfirmed
				}
			case 2:
				next, err = c.Confirm(helpdesk.ActorAI, now)
				require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
			default:
				if next, err = c.Decline(severity.Level(arg%5), helpdesk.ActorAgent, now); err == nil {
					decided = severity.StatusDeclined
				}
			}
			require.Equal(t, before, snapshot(t, c), "a command changed the old value")
			if err != nil {
				require.Equal(t, c, next, "a refused command changed the claim")
				continue
			}
			if c.Status() == severity.StatusConfirmed || c.Status() == severity.StatusDeclined {
				require.Equal(t, c.Status(), next.Status(), "what was decided was decided anew")
				require.Equal(t, c.ConfirmedAt(), next.ConfirmedAt())
			}
			c = next
			require.Equal(t, severity.Urgent, c.Level())
			require.Equal(t, cmp.Or(decided, severity.StatusClaimed), c.Status())
			require.Equal(t, decided == severity.StatusConfirmed, !c.ConfirmedAt().IsZero())
			to, when := c.Declined()
			require.Equal(t, decided == severity.StatusDeclined, to > 0 && to < c.Level() && !when.IsZero())
			notices := map[helpdesk.Channel]time.Time{}
			var last time.Time
			for n := range c.Notices() {
				require.False(t, n.At.Before(last), "the earliest first")
				last, notices[n.Channel] = n.At, n.At
			}
			require.Equal(t, first, notices)
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
	fmt.Println(c.Level(), c.Status(), c.ConfirmedAt().Format(time.TimeOnly))
	// Output:
	// severity: "ai" cannot confirm a claim: want agent, a person of the team
	// urgent confirmed 12:10:00
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
	to, when := c.Declined()
	fmt.Println(c.Status(), to, when.Format(time.TimeOnly))
	// Output:
	// declined medium 12:10:00
}
