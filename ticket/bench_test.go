package ticket_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/looplab/fsm"
)

// The decision of BenchmarkDecide, asked of looplab/fsm too.
const (
	benchStatus = ticket.StatusWaitingOnCustomer
	benchKind   = ticket.EventAddCustomerMessage
)

var sinkDecision ticket.Decision

func BenchmarkDecide(b *testing.B) {
	l := ticket.Standard()
	b.Run("table", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sinkDecision = l.Decide(benchStatus, benchKind, "", helpdesk.ActorCustomer)
		}
	})
	b.Run("table-refused", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sinkDecision = l.Decide(ticket.StatusResolved, ticket.EventPickUp, "", helpdesk.ActorAgent)
		}
	})

	events := fsmEvents(l)
	b.Run("looplab-kept", func(b *testing.B) {
		m := fsm.NewFSM("none", events, nil)
		b.ReportAllocs()
		for b.Loop() {
			m.SetState(string(benchStatus))
			if err := m.Event(context.Background(), string(benchKind)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("looplab-new", func(b *testing.B) { // with the whole table
		b.ReportAllocs()
		for b.Loop() {
			m := fsm.NewFSM(string(benchStatus), events, nil)
			if err := m.Event(context.Background(), string(benchKind)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("looplab-new-small", func(b *testing.B) { // with five events only
		small := fsm.Events{
			{Name: "pick_up", Src: []string{"submitted"}, Dst: "in_progress"},
			{Name: "ask_customer", Src: []string{"submitted", "in_progress"}, Dst: "waiting_on_customer"},
			{Name: "customer_message", Src: []string{"waiting_on_customer"}, Dst: "in_progress"},
			{Name: "resolve", Src: []string{"in_progress", "waiting_on_customer"}, Dst: "resolved"},
			{Name: "reopen", Src: []string{"resolved"}, Dst: "in_progress"},
		}
		b.ReportAllocs()
		for b.Loop() {
			m := fsm.NewFSM(string(benchStatus), small, nil)
			if err := m.Event(context.Background(), string(benchKind)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkNewLifecycle(b *testing.B) {
	c := ticket.StandardClosedConfig()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ticket.NewLifecycle(c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTicketJSON(b *testing.B) {
	tk := longTicket(b, 100)
	text, err := json.Marshal(tk)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("marshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(tk); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var back ticket.Ticket
			if err := json.Unmarshal(text, &back); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// fsmEvents are the rows of l as looplab/fsm takes them, written down anew.
func fsmEvents(l *ticket.Lifecycle) fsm.Events {
	var events fsm.Events
	for _, r := range l.Config().Rows {
		events = append(events, fsm.EventDesc{Name: fsmName(r.Event, r.Guard), Src: []string{fsmState(r.Status)}, Dst: string(r.Next)})
	}
	return events
}

func fsmName(k ticket.EventKind, g ticket.Guard) string {
	if g == "" {
		return string(k)
	}
	return string(k) + ":" + string(g)
}

func fsmState(s ticket.Status) string {
	if s == ticket.StatusNone {
		return "none"
	}
	return string(s)
}

// asked returns the state after the event, and whether the machine took it.
func asked(m *fsm.FSM, s ticket.Status, event string) (ticket.Status, bool) {
	m.SetState(fsmState(s))
	err := m.Event(context.Background(), event)
	if _, same := errors.AsType[fsm.NoTransitionError](err); err != nil && !same {
		return "", false
	}
	return ticket.Status(m.Current()), true
}

// BenchmarkCommand measures commands on tickets with logs of different lengths.
func BenchmarkCommand(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		tk := longTicket(b, n)
		now := tk.UpdatedAt().Add(time.Minute)
		agent := helpdesk.Command{ID: "00000000-0000-7000-8000-000000000001", At: now, Author: helpdesk.Agent("a1")}
		client := agent
		client.By, client.Who = helpdesk.ActorCustomer, "c1"
		msg := ticket.Message{ID: "00000000-0000-7000-8000-000000000002", Channel: helpdesk.ChannelLiveChat}
		b.Run(fmt.Sprintf("reply/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := tk.Reply(agent, msg); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("resolve/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := tk.Resolve(agent, ticket.ResolveParams{Action: "restarted the queue"}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("customer-message/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := tk.AddCustomerMessage(client, msg); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("refused/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := tk.Remind(agent); err == nil {
					b.Fatal("an agent may remind")
				}
			}
		})
	}
}

// longTicket returns a ticket in progress with at least n events in its log.
func longTicket(tb testing.TB, n int) ticket.Ticket {
	tb.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tk, _, err := ticket.New(ticket.Standard(), helpdesk.Command{ID: "e", At: now, Author: helpdesk.Author{By: helpdesk.ActorAI}}, ticket.Params{
		ID: ticket.NewID(now, [10]byte{}), Reference: ticket.NewReference(1), Offer: "o", Channel: helpdesk.ChannelLiveChat,
		Intake: ticket.Intake{Requester: "c1", Title: "printer"}, Conversation: "00000000-0000-7000-8000-000000000003",
	})
	for i := 0; err == nil && (tk.Assignee() == "" || len(tk.SLALog()) < n) && i < n+1; i++ {
		s := helpdesk.Command{ID: fmt.Sprintf("event-%d", i), At: now, Author: helpdesk.Agent("a1")}
		tk, _, err = tk.Reply(s, ticket.Message{ID: fmt.Sprintf("message-%d", i)})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return tk
}
