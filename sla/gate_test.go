package sla_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/stretchr/testify/require"
)

// R23, R24, S23: whatever the gate, its level is in force only from the instant when
// both exist: the notification on one of its channels and the confirmation of a
// person. Until then its stand-in is, to the nanosecond.
func TestLevelInForceR23R24S23(t *testing.T) {
	t.Parallel()
	const phone = helpdesk.ChannelPhone
	gate := func(l, standIn severity.Level, channels ...helpdesk.Channel) edit {
		return edits(func(c *sla.Config) {
			c.Gate = &sla.Gate{Level: l, Channels: channels, UntilConfirmed: standIn}
		}, target(urgent, sla.MetricFirstReply, sla.Target{Within: 15 * time.Minute}),
			target(urgent, sla.MetricResolution, sla.Target{Within: time.Hour}))
	}
	by := func(m moment, c helpdesk.Channel, l severity.Level) sla.Event {
		return m.openedBy(helpdesk.ActorCustomer, c, l)
	}
	usual := gate(urgent, high, chat)
	type want map[string]severity.Level
	tests := []struct {
		name  string
		gate  edit
		log   []sla.Event
		since string // when the gate opens; empty if it does not
		want  want
	}{
		{"R24: claimed is not confirmed", usual, events(at("10:00").chat(urgent)), "", want{"10:00": high, "16:00": high}},
		{
			"R24: confirmed", usual, events(at("10:00").chat(urgent), at("10:10").confirmed()),
			"10:10",
			want{"10:00": high, "10:09": high, "10:11": urgent},
		},
		{
			"R23: confirmed, notified elsewhere", usual, events(by(at("10:00"), email, urgent), at("10:10").confirmed()),
			"",
			want{"10:00": high, "10:10": high, "16:00": high},
		},
		{
			"R23: notified by chat after an email", usual, events(by(at("10:00"), email, urgent), at("10:05").notified(chat), at("10:10").confirmed()),
			"10:10",
			want{"10:05": high, "10:09": high},
		},
		{
			"R23: notified by chat after the confirmation", usual,
			events(by(at("10:00"), phone, urgent), at("10:10").confirmed(), at("10:20").notified(chat)),
			"10:20",
			want{"10:10": high, "10:19": high},
		},
		{"notified and confirmed at once", usual, events(at("10:00").chat(urgent), at("10:00").confirmed()), "", want{"10:00": urgent}},
		{"confirmed before it was notified", usual, events(
			by(at("09:55"), email, urgent), at("09:56").confirmed(), at("10:00").notified(chat),
		), "10:00", want{"09:55": high, "09:59": high}},
		{"S23: declining sets the level given", usual, events(at("10:00").chat(urgent), at("10:10").declined(medium)), "", want{
			"10:00": high, "10:09": high, "10:10": medium, "16:00": medium,
		}},
		{"a later notice does not undo a decline", usual, events(
			by(at("10:00"), email, urgent), at("10:10").declined(low), at("10:20").notified(chat),
		), "", want{"10:09": high, "10:10": low, "10:20": low}},
		{"another level passes freely", usual, events(by(at("10:00"), email, medium)), "", want{"10:00": medium, "16:00": medium}},
		{"another level can be declined", usual, events(by(at("10:00"), email, medium), at("10:03").declined(low)), "", want{
			"10:02": medium, "10:03": low,
		}},
		{"other channels by configuration", gate(urgent, high, email, phone), events(
			at("10:00").chat(urgent), at("10:01").confirmed(), at("10:02").notified(email), at("10:03").notified(phone),
		), "10:02", want{"10:01": high}},
		{"another stand-in by configuration", gate(urgent, medium, chat), events(at("10:00").chat(urgent), at("10:01").confirmed()), "10:01", want{
			"10:00": medium,
		}},
		{"another gated level", gate(high, medium, chat), events(at("10:00").chat(high), at("10:01").confirmed()), "10:01", want{"10:00": medium}},
		{"only the gated level is gated", gate(high, medium, chat), events(at("10:00").chat(urgent)), "", want{"10:00": urgent}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := policy(t, tt.gate)
			inForce := func(now time.Time) severity.Level {
				e, err := p.Evaluate(tt.log, now)
				require.NoError(t, err)
				require.Empty(t, e.Anomalies)
				return e.Clocks[0].Severity
			}
			for m, l := range tt.want {
				require.Equal(t, l, inForce(at(m).Time), m)
			}
			if tt.since != "" {
				g := p.Config().Gate
				require.Equal(t, g.UntilConfirmed, inForce(at(tt.since).Add(-1)))
				require.Equal(t, g.Level, inForce(at(tt.since).Time))
			}
		})
	}
}
