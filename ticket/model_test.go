package ticket_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"pgregory.net/rapid"
)

// A model says in a few words what a ticket is.
type model struct {
	status   ticket.Status
	assigned bool
	closings int
	holds    map[string]bool
	merged   bool
	decided  bool
	messages int
	closedAt time.Time
}

// may says what the standard lifecycle allows.
func (m *model) may(k ticket.EventKind, by helpdesk.Actor, ok bool) bool {
	open := m.status == submitted || m.status == progress || m.status == waiting
	done := m.status == resolved || m.status == closed
	h := by == agent
	switch k {
	case ticket.EventPickUp:
		return h && m.status == submitted
	case ticket.EventAssign:
		return h && (m.status == progress || m.status == waiting)
	case ticket.EventReply, ticket.EventMitigate:
		return h && open
	case ticket.EventAskCustomer:
		return h && (m.status == submitted || m.status == progress)
	case ticket.EventAddCustomerMessage:
		return by == customer && (open || done)
	case ticket.EventRecordAutoReply:
		return by != agent && by != ai && (open || done)
	case ticket.EventAddNote:
		return h && (open || m.status == resolved)
	case ticket.EventRemind, ticket.EventResolveUnanswered:
		return by == system && m.status == waiting
	case ticket.EventResolve: // ok: with a reason
		return h && (m.status == submitted && ok || m.status == progress || m.status == waiting)
	case ticket.EventReopen:
		return h && m.status == resolved && !m.merged
	case ticket.EventClose:
		return by == system && m.status == resolved
	case ticket.EventMergeInto:
		return h && !m.merged && (open || done)
	case ticket.EventClaimSeverity:
		return open && (h || (ok || !m.decided) && (by == customer || by == ai)) // ok: not a lower level (T60)
	case ticket.EventCorrectSeverity:
		return h && (open || m.status == resolved)
	case ticket.EventPlaceLegalHold: // ok: privileged
		return h && ok && (open || done)
	case ticket.EventReleaseLegalHold:
		return h && ok && (open || done)
	case ticket.EventPurge: // ok: due
		return by == system && done && ok && len(m.holds) == 0
	default:
		return false
	}
}

// A ticket does what the model says, whatever happens in whatever order: R28,
// R46–R51, D10, D11, T34, T46.
func TestModelR46R47R48R49R50R51(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		lifecycle := ticket.StandardClosed()
		now := opened
		tk, _, err := ticket.New(lifecycle, helpdesk.Command{ID: "e0", At: now, Author: helpdesk.Author{By: ai}}, draft())
		if err != nil {
			rt.Fatal(err)
		}
		m := &model{status: submitted, holds: map[string]bool{}}
		kinds := []ticket.EventKind{
			ticket.EventPickUp, ticket.EventAssign, ticket.EventReply, ticket.EventAskCustomer, ticket.EventAddCustomerMessage, ticket.EventRecordAutoReply,
			ticket.EventMitigate, ticket.EventAddNote, ticket.EventRemind, ticket.EventResolveUnanswered, ticket.EventResolve, ticket.EventReopen, ticket.EventClose,
			ticket.EventMergeInto, ticket.EventClaimSeverity, ticket.EventCorrectSeverity, ticket.EventPlaceLegalHold, ticket.EventReleaseLegalHold, ticket.EventPurge,
		}
		mails := make(map[string]bool)
		n := 0
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			n++
			k := rapid.SampledFrom(kinds).Draw(rt, "kind")
			by := typical(k)
			if rapid.IntRange(0, 5).Draw(rt, "by") == 0 {
				by = rapid.SampledFrom(slices.Collect(helpdesk.Actors())).Draw(rt, "other")
			}
			ok := rapid.IntRange(0, 3).Draw(rt, "ok") > 0
			now = now.Add(time.Duration(rapid.IntRange(-60, 3600).Draw(rt, "wait")) * time.Second)
			s := helpdesk.Command{ID: fmt.Sprintf("e%d", n), At: now, Author: helpdesk.Author{By: by, Who: tk.Requester()}}
			hold := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "hold")

			if k == ticket.EventClaimSeverity {
				ok = severity.Level(n%4+1) >= tk.Severity()
			}

			before := tk
			next, events, err := act(tk, s, k, ok, hold, n)
			may := m.may(k, by, ok)
			sound := k != ticket.EventReleaseLegalHold || m.holds[hold]
			if (err == nil) != (may && sound) {
				rt.Fatalf("%s by %s in %s (%v): %v", k, by, m.status, ok, err)
			}
			if err != nil {
				if len(events) > 0 || next.Status() != before.Status() || !next.UpdatedAt().Equal(before.UpdatedAt()) {
					rt.Fatal("a refused command changed something")
				}
				continue
			}
			m.step(k, hold, next.UpdatedAt())
			tk = next
			m.compare(rt, tk, before, events)
			for _, ev := range events {
				for _, f := range ev.Effects {
					if mails[f.Key] && f.Kind == ticket.EffectMailResolved {
						rt.Fatalf("R49: the key %s came twice", f.Key)
					}
					mails[f.Key] = true
				}
			}
			if m.status == ticket.StatusPurged {
				return
			}
		}
		if _, err := tk.Evaluate(sla.Standard(), now.Add(time.Hour)); err != nil {
			rt.Fatal(err)
		}
		text, err := json.Marshal(tk)
		if err != nil {
			rt.Fatal(err)
		}
		var back ticket.Ticket
		if err := json.Unmarshal(text, &back); err != nil {
			rt.Fatal(err)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != string(text) {
			rt.Fatalf("%v\n%s\n%s", err, text, again)
		}
	})
}

func act(tk ticket.Ticket, s helpdesk.Command, k ticket.EventKind, ok bool, hold string, n int) (ticket.Ticket, []ticket.Event, error) {
	msg := ticket.Message{ID: fmt.Sprintf("m%d", n)}
	switch k {
	case ticket.EventPickUp:
		return tk.PickUp(s)
	case ticket.EventAssign:
		return tk.Assign(s, "agent-2")
	case ticket.EventReply:
		return tk.Reply(s, msg)
	case ticket.EventAskCustomer:
		return tk.AskCustomer(s, msg)
	case ticket.EventAddCustomerMessage:
		return tk.AddCustomerMessage(s, msg)
	case ticket.EventRecordAutoReply:
		return tk.RecordAutoReply(s, msg)
	case ticket.EventMitigate:
		return tk.Mitigate(s)
	case ticket.EventAddNote:
		return tk.AddNote(s, "note")
	case ticket.EventRemind:
		return tk.Remind(s)
	case ticket.EventResolveUnanswered:
		return tk.ResolveUnanswered(s)
	case ticket.EventResolve:
		sol := ticket.ResolveParams{Action: "done"}
		if ok {
			sol.Reason = ticket.ReasonSpam
		}
		return tk.Resolve(s, sol)
	case ticket.EventReopen:
		return tk.Reopen(s, "again")
	case ticket.EventClose:
		return tk.Close(s)
	case ticket.EventMergeInto:
		f := draft()
		f.ID = ticket.NewID(opened, [10]byte{42})
		target, _, err := ticket.New(tk.Lifecycle(), helpdesk.Command{ID: "t", At: opened, Author: helpdesk.Author{By: ai}}, f)
		if err != nil {
			return tk, nil, err
		}
		from, _, events, err := tk.MergeInto(s, target)
		return from, events, err
	case ticket.EventClaimSeverity:
		return tk.ClaimSeverity(s, severity.Level(n%4+1), helpdesk.ChannelSMS)
	case ticket.EventCorrectSeverity:
		return tk.CorrectSeverity(s, ticket.CorrectSeverityParams{Level: severity.Level(n%4 + 1), Reason: "wrong"})
	case ticket.EventPlaceLegalHold:
		return tk.PlaceLegalHold(s, ticket.LegalHoldParams{ID: hold, Reason: "law", Privileged: ok})
	case ticket.EventReleaseLegalHold:
		return tk.ReleaseLegalHold(s, ticket.LegalHoldParams{ID: hold, Privileged: ok})
	default:
		due := tk.LastClosedAt()
		if !ok {
			due = due.Add(-1)
		}
		if !due.IsZero() && s.At.Before(due) {
			s.At = due
		}
		return tk.Purge(s, due)
	}
}

// step is what an accepted command does to the model.
func (m *model) step(k ticket.EventKind, hold string, at time.Time) {
	finish := func(s ticket.Status) {
		m.status, m.assigned, m.closedAt = s, true, at
		m.closings++
	}
	switch k {
	case ticket.EventPickUp:
		m.status, m.assigned = progress, true
	case ticket.EventReply:
		if m.status == submitted {
			m.status = progress
		}
		m.assigned = true
	case ticket.EventAskCustomer:
		m.status, m.assigned = waiting, true
	case ticket.EventAddCustomerMessage:
		m.messages++
		switch {
		case m.status == waiting, m.status == resolved && !m.merged:
			m.status, m.closedAt = progress, time.Time{}
		}
	case ticket.EventResolve, ticket.EventResolveUnanswered:
		finish(resolved)
	case ticket.EventReopen:
		m.status, m.closedAt = progress, time.Time{}
	case ticket.EventClose:
		m.status = closed
	case ticket.EventMergeInto:
		m.merged = true
		if m.status != resolved && m.status != closed {
			finish(resolved)
		}
	case ticket.EventCorrectSeverity:
		m.decided = true
	case ticket.EventPlaceLegalHold:
		m.holds[hold] = true
	case ticket.EventReleaseLegalHold:
		delete(m.holds, hold)
	case ticket.EventPurge:
		m.status = ticket.StatusPurged
	default: // changes nothing that the model knows
	}
}

func (m *model) compare(rt *rapid.T, tk, before ticket.Ticket, events []ticket.Event) {
	check := func(ok bool, what string) {
		if !ok {
			rt.Fatalf("%s: %+v; model %+v", what, tk.Snapshot(), m)
		}
	}
	check(len(events) > 0, "D10")
	check(tk.Status() == m.status, "status")
	check(tk.UpdatedAt().After(before.UpdatedAt()), "T34")
	if m.status == ticket.StatusPurged {
		check(tk.Intake().Title == "" && len(tk.SLALog()) == 0, "something is left")
		return
	}
	check((tk.Assignee() != "") == m.assigned, "assignee")
	check(tk.Episode() == m.closings, "closings")
	check(tk.LastClosedAt().Equal(m.closedAt), "last closing")
	check(tk.IsHeld() == (len(m.holds) > 0), "holds")
	check(tk.IsDone() != tk.IsOpen(), "open or done")
	check(m.merged == (tk.MergedInto() != nobody), "merged")
	r, ok := tk.Resolution()
	check(ok == tk.IsDone() && (!ok || r.Action != ""), "R50: a done ticket has an action taken")
	log := tk.SLALog()
	check(len(log) >= len(before.SLALog()), "the log only grows")
	for i, ev := range before.SLALog() {
		check(log[i] == ev, "the log only grows")
	}
}
