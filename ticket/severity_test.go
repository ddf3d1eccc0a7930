package ticket_test

import (
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// last returns the events that were added to the log after the first n.
func (d *desk) since(n int) []sla.Event { return d.SLALog()[n:] }

// R23, R24: claimed is not confirmed; only a person of the team confirms.
func TestConfirmR23R24(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard())
	require.NoError(t, d.do(ticket.EventClaimSeverity, customer))
	require.Equal(t, severity.Urgent, d.Severity())
	require.Equal(t, severity.Urgent, d.events[0].Severity)
	require.Equal(t, []ticket.EffectKind{ticket.EffectNotify}, d.effects(), "somebody has to look at it")
	require.Equal(t, []sla.Event{
		{ID: "event-2#3", Kind: sla.KindSeverityChanged, At: d.now, Severity: severity.Urgent},
		{ID: "event-2#4", Kind: sla.KindNotified, At: d.now, Channel: helpdesk.ChannelLiveChat},
	}, d.since(2))
	require.Equal(t, severity.High, inForce(d.Snapshot().Claim, d.now))
	for _, by := range []helpdesk.Actor{customer, ai, system, thirdParty} {
		require.Equal(t, ticket.Reason("actor"), refused(t, d.do(ticket.EventConfirmSeverity, by)).Reason)
	}
	d.must(ticket.EventConfirmSeverity)
	require.Equal(t, severity.Urgent, d.events[0].Severity)
	require.Equal(t, severity.Urgent, inForce(d.Snapshot().Claim, d.now))
	require.Equal(t, opened, chatted(d.Snapshot().Claim), "counted from the notification")
	require.Equal(t, []sla.Event{{ID: "event-7#5", Kind: sla.KindSeverityConfirmed, At: d.now}}, d.since(4))
	d.must(ticket.EventConfirmSeverity)
	require.Empty(t, d.since(5), "again changes nothing")
	e := refused(t, d.do(ticket.EventDeclineSeverity, agent))
	require.Equal(t, ticket.Guard("confirmed"), e.Guard)
	require.Equal(t, ticket.Reason("guard"), e.Reason)
}

func TestClaim(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard())
	claim := func(by helpdesk.Actor, l severity.Level, ch helpdesk.Channel) error {
		var err error
		var tk ticket.Ticket
		if tk, d.events, err = d.ClaimSeverity(d.stamp(by), l, ch); err == nil {
			d.Ticket = tk
		}
		return err
	}
	require.NoError(t, claim(ai, severity.Medium, ""))
	require.Empty(t, d.since(2), "it had this level")
	require.NoError(t, claim(customer, severity.Medium, helpdesk.ChannelSMS))
	require.Equal(t, []sla.Kind{sla.KindNotified}, slaKinds(d.since(2)))
	require.NoError(t, claim(customer, severity.Urgent, helpdesk.ChannelEmail))
	require.Equal(t, []sla.Kind{sla.KindSeverityChanged, sla.KindNotified}, slaKinds(d.since(3)))
	require.Equal(t, helpdesk.ChannelEmail, d.events[0].Channel)
	notices := slices.Collect(d.Snapshot().Claim.Notices())
	require.Len(t, notices, 3, "what was notified stays")
	require.Equal(t, severity.Notice{Channel: helpdesk.ChannelLiveChat, At: opened}, notices[0])

	require.Equal(t, []string{"severity", "channel"}, rejected(t, claim(customer, 9, "Fax")))
	require.Equal(t, []string{"severity"}, rejected(t, claim(customer, 0, "")))
}

// T60: once a person has decided, a higher level is a new claim, whoever makes it, and only a
// person claims a lower one.
func TestDecidedT60(t *testing.T) {
	t.Parallel()
	for _, k := range []ticket.EventKind{ticket.EventConfirmSeverity, ticket.EventDeclineSeverity, ticket.EventCorrectSeverity} {
		for _, by := range []helpdesk.Actor{customer, ai, agent} {
			d := open(t, ticket.Standard()).must(k)
			was := d.Severity()
			claim := func(l severity.Level) error {
				tk, events, err := d.ClaimSeverity(d.stamp(by), l, helpdesk.ChannelLiveChat)
				if err == nil {
					d.Ticket, d.events = tk, events
				}
				return err
			}
			require.NoError(t, claim(severity.Urgent), "everything is down now")
			require.Equal(t, severity.Urgent, d.Severity())
			want := severity.StatusClaimed
			if k == ticket.EventConfirmSeverity {
				want = severity.StatusConfirmed
			}
			require.Equal(t, want, d.Snapshot().Claim.Status(), "S23: a confirmation holds for the ticket")
			n := len(d.SLALog())
			require.NoError(t, claim(severity.Urgent), "again changes nothing")
			require.Len(t, d.SLALog(), n)
			if by == agent {
				require.NoError(t, claim(was), "the team may take it back")
				continue
			}
			e := refused(t, claim(severity.Low))
			require.Equal(t, ticket.Guard("decided"), e.Guard)
			require.Equal(t, ticket.Reason("actor"), e.Reason)
			require.Equal(t, []helpdesk.Actor{agent}, e.Actors, "those who may under the guard")
			require.NotContains(t, e.Error(), "customer may")
		}
	}
}

// S23: after a decline a claim needs a notification of its own, which the next message on the
// channel is.
func TestNotifiedAgainS23S36(t *testing.T) {
	t.Parallel()
	policy := sla.Standard()
	d := open(t, ticket.Standard()).must(ticket.EventClaimSeverity, ticket.EventDeclineSeverity)
	tk, _, err := d.ClaimSeverity(d.stamp(customer), severity.Urgent, helpdesk.ChannelEmail)
	require.NoError(t, err)
	ev, err := tk.Evaluate(policy, tk.UpdatedAt())
	require.NoError(t, err)
	require.Empty(t, ev.Provisional)
	tk, _, err = tk.AddCustomerMessage(d.stamp(customer), ticket.Message{ID: "m", Channel: helpdesk.ChannelLiveChat})
	require.NoError(t, err)
	ev, err = tk.Evaluate(policy, tk.UpdatedAt())
	require.NoError(t, err)
	require.Len(t, ev.Provisional, 2)
	require.Equal(t, tk.UpdatedAt().Add(15*time.Minute), ev.Provisional[0].Due)
}

// S35: a ticket knows what was said before it was opened.
func TestInheritsS35(t *testing.T) {
	t.Parallel()
	contact, reply, waits := opened.Add(-30*time.Minute), opened.Add(-25*time.Minute), opened.Add(-10*time.Minute)
	p := draft()
	p.OnBehalf, p.ContactAt, p.Severity = true, contact, severity.High
	p.FirstReply = ticket.Message{ID: "r", HappenedAt: reply}
	p.Waiting = ticket.Message{ID: "q", HappenedAt: waits}
	make := func(p ticket.Params) (ticket.Ticket, error) {
		tk, _, err := ticket.New(ticket.Standard(), helpdesk.Command{ID: "e", At: opened, Author: helpdesk.Agent("agent-1")}, p)
		return tk, err
	}
	p.Offer = ""
	tk, err := make(p)
	require.NoError(t, err)
	c, _ := evaluated(t, tk, opened).Clock(sla.MetricFirstReply)
	require.Equal(t, []any{contact, reply, sla.VerdictMet}, []any{c.Start, c.Stop, c.Verdict})
	log := tk.Snapshot().Log
	require.Equal(t, []any{contact, reply}, []any{log.Begun, log.RepliedAt})
	tk, _, err = tk.MarkBounced(helpdesk.Command{ID: "b", At: opened.Add(time.Hour), Author: helpdesk.Author{By: system}}, "r")
	require.NoError(t, err)
	c, _ = evaluated(t, tk, opened.Add(time.Hour)).Clock(sla.MetricFirstReply)
	require.Equal(t, []any{sla.VerdictBreached, contact.Add(time.Hour)}, []any{c.Verdict, c.Breaches[0].At}, "in force from the contact")
	require.Equal(t, sla.CauseElapsed, c.Breaches[0].Cause)

	for name, edit := range map[string]func(*ticket.Params){
		"first_reply.happened_at": func(p *ticket.Params) { p.FirstReply.HappenedAt = contact.Add(-1) },
		"waiting.happened_at":     func(p *ticket.Params) { p.Waiting.HappenedAt = opened.Add(1) },
		"waiting.message":         func(p *ticket.Params) { p.Waiting.ID = "a b" },
	} {
		q := p
		edit(&q)
		_, err := make(q)
		require.Equal(t, []string{name}, rejected(t, err))
	}
	p.FirstReply.HappenedAt, p.Waiting.HappenedAt = contact, opened
	_, err = make(p)
	require.NoError(t, err, "both ends")
}

func evaluated(t *testing.T, tk ticket.Ticket, now time.Time) sla.Evaluation {
	t.Helper()
	ev, err := tk.Evaluate(sla.Standard(), now)
	require.NoError(t, err)
	return ev
}

func TestDecline(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventDeclineSeverity)
	require.Equal(t, severity.Low, d.Severity())
	require.Equal(t, severity.Low, d.events[0].Severity)
	require.Equal(t, severity.StatusDeclined, d.Snapshot().Claim.Status())
	require.Equal(t, []sla.Event{{ID: "event-2#3", Kind: sla.KindSeverityDeclined, At: d.now, Severity: severity.Low}}, d.since(2))
	d.must(ticket.EventDeclineSeverity)
	require.Empty(t, d.since(3), "again changes nothing")
	require.Equal(t, ticket.Guard("declined"), refused(t, d.do(ticket.EventConfirmSeverity, agent)).Guard)

	// Claimed anew after all: what was declined counts no more.
	tk, _, err := d.ClaimSeverity(d.stamp(agent), severity.Low, "")
	require.NoError(t, err)
	require.Equal(t, severity.StatusClaimed, tk.Snapshot().Claim.Status())
	require.Equal(t, severity.Low, tk.Snapshot().Claim.Level())
	require.Len(t, tk.SLALog(), 3, "the level is the same")

	e := open(t, ticket.Standard()).must(ticket.EventClaimSeverity)
	for _, to := range []severity.Level{0, severity.Urgent, 9} {
		_, _, err := e.DeclineSeverity(e.stamp(agent), to)
		require.Equal(t, []string{"to"}, rejected(t, err))
	}
	tk, _, err = e.DeclineSeverity(e.stamp(agent), severity.High)
	require.NoError(t, err)
	_, _, err = tk.DeclineSeverity(e.stamp(agent), severity.Medium)
	require.Equal(t, ticket.Guard("declined"), refused(t, err).Guard)
}

// S22: a correction says that the level was wrong when it was set.
func TestCorrect(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventResolve)
	n := len(d.SLALog())
	d.must(ticket.EventCorrectSeverity)
	require.Equal(t, resolved, d.Status(), "also when it is over")
	require.Equal(t, severity.High, d.Severity())
	require.Equal(t, severity.High, d.Snapshot().Claim.Level())
	require.Equal(t, []sla.Event{{
		ID: "event-4#6", Kind: sla.KindSeverityCorrected, At: d.now, Severity: severity.High, Reason: "it was worse",
	}}, d.since(n))
	require.Equal(t, "it was worse", d.events[0].Reason)
	require.Equal(t, severity.High, d.events[0].Severity)
	d.must(ticket.EventCorrectSeverity)
	require.Empty(t, d.since(n+1), "to the same level changes nothing")
	_, _, err := d.CorrectSeverity(d.stamp(agent), ticket.CorrectSeverityParams{Level: 9, Reason: ""})
	require.Equal(t, []string{"to", "reason"}, rejected(t, err))

	e := open(t, ticket.Standard()).must(ticket.EventClaimSeverity, ticket.EventConfirmSeverity, ticket.EventCorrectSeverity)
	require.Equal(t, severity.StatusConfirmed, e.Snapshot().Claim.Status())
	require.Equal(t, severity.High, e.Snapshot().Claim.Level())
}

func slaKinds(events []sla.Event) []sla.Kind {
	var kinds []sla.Kind
	for _, ev := range events {
		kinds = append(kinds, ev.Kind)
	}
	return kinds
}

// R16–R24: a ticket yields its clocks. 2 March 2026 is a Monday, 9:00 GMT.
func TestEvaluateR16R17R18R22R24(t *testing.T) {
	t.Parallel()
	policy := sla.Standard()
	clock := func(d *desk, m sla.Metric) sla.Clock {
		e, err := d.Evaluate(policy, d.now)
		require.NoError(t, err)
		require.Empty(t, e.Anomalies)
		for _, c := range e.Clocks {
			if c.Metric == m {
				return c
			}
		}
		t.Fatalf("no clock of %v", m)
		return sla.Clock{}
	}
	d := open(t, ticket.Standard()).must(ticket.EventClaimSeverity) // 9:01
	require.Equal(t, severity.High, clock(d, sla.MetricFirstReply).Severity, "R24: not confirmed")
	require.Equal(t, opened.Add(time.Hour), clock(d, sla.MetricFirstReply).Due)
	d.must(ticket.EventConfirmSeverity)
	claimed := opened.Add(time.Minute) // S36: in a chat a later claim notifies by itself
	require.Equal(t, claimed.Add(15*time.Minute), clock(d, sla.MetricFirstReply).Due, "R17: from the notification")
	require.Equal(t, claimed.Add(5*time.Hour), clock(d, sla.MetricResolution).Due, "R18")
	d.must(ticket.EventPickUp)
	require.Equal(t, sla.VerdictPending, clock(d, sla.MetricFirstReply).Verdict, "S12: a status change is no reply")
	d.must(ticket.EventReply)
	require.Equal(t, sla.VerdictMet, clock(d, sla.MetricFirstReply).Verdict)
	d.must(ticket.EventMarkBounced)
	require.Equal(t, sla.VerdictPending, clock(d, sla.MetricFirstReply).Verdict, "a bounce takes it back")
	d.must(ticket.EventReply, ticket.EventMitigate)
	require.Equal(t, sla.VerdictMet, clock(d, sla.MetricResolution).Verdict, "R22")
	require.True(t, d.IsOpen())
	_, err := ticket.Ticket{}.Evaluate(policy, d.now)
	require.ErrorAs(t, err, new(*sla.OpeningError))

	late := open(t, ticket.Standard()).after(3 * time.Hour).must(ticket.EventReply)
	require.Equal(t, sla.VerdictBreached, clock(late, sla.MetricFirstReply).Verdict, "R16: a fact, and no error")
}

// chatted returns when a claim was first notified in the live chat (R23).
func chatted(c severity.Claim) time.Time {
	for n := range c.Notices() {
		if n.Channel == helpdesk.ChannelLiveChat {
			return n.At
		}
	}
	return time.Time{}
}

// inForce is the standard gate once more, in the plainest words (R23, R24, S23):
// which level counts at an instant, by what the claim says.
func inForce(c severity.Claim, now time.Time) severity.Level {
	declined, when := c.Declined()
	chat, confirmed := chatted(c), c.ConfirmedAt()
	switch {
	case declined != 0 && !when.After(now):
		return declined
	case c.Level() != severity.Urgent:
		return c.Level()
	case chat.IsZero(), chat.After(now), confirmed.IsZero(), confirmed.After(now):
		return severity.High
	default:
		return severity.Urgent
	}
}

// The level in force by the claim is the one by the clocks.
func TestInForceAgrees(t *testing.T) {
	t.Parallel()
	kinds := []ticket.EventKind{
		ticket.EventClaimSeverity, ticket.EventConfirmSeverity, ticket.EventDeclineSeverity, ticket.EventCorrectSeverity, ticket.EventAddCustomerMessage,
	}
	for i := range 5 * 5 * 5 {
		d := open(t, ticket.Standard())
		for n := i; n > 0; n /= 5 {
			_ = d.do(kinds[n%5], typical(kinds[n%5]))
			e, err := d.Evaluate(sla.Standard(), d.now)
			require.NoError(t, err)
			require.Empty(t, e.Anomalies)
			require.Equal(t, inForce(d.Snapshot().Claim, d.now), e.Clocks[0].Severity)
		}
	}
}
