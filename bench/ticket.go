package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/looplab/fsm"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
)

// A question is what may be asked of a lifecycle: all of them are answered yes.
type question struct {
	status ticket.Status
	kind   ticket.EventKind
	by     helpdesk.Actor
	next   ticket.Status
}

var questions = []question{
	{ticket.StatusSubmitted, ticket.EventPickUp, helpdesk.ActorAgent, ticket.StatusInProgress},
	{ticket.StatusInProgress, ticket.EventAskCustomer, helpdesk.ActorAgent, ticket.StatusWaitingOnCustomer},
	{ticket.StatusWaitingOnCustomer, ticket.EventAddCustomerMessage, helpdesk.ActorCustomer, ticket.StatusInProgress},
	{ticket.StatusInProgress, ticket.EventResolve, helpdesk.ActorAgent, ticket.StatusResolved},
}

// machineEvents are the rows of the lifecycle, as looplab/fsm takes them: the
// same lifecycle on both sides. A guard makes an event of its own.
func machineEvents(l *ticket.Lifecycle) fsm.Events {
	var events fsm.Events
	for _, r := range l.Config().Rows {
		name := string(r.Event)
		if r.Guard != "" {
			name += ":" + string(r.Guard)
		}
		events = append(events, fsm.EventDesc{Name: name, Src: []string{string(r.Status)}, Dst: string(r.Next)})
	}
	return events
}

// fire asks a machine, which is at the status of q, for the next one.
func fire(m *fsm.FSM, q question) (ticket.Status, error) {
	err := m.Event(context.Background(), string(q.kind))
	if _, same := errors.AsType[fsm.NoTransitionError](err); err != nil && !same {
		return "", err
	}
	return ticket.Status(m.Current()), nil
}

// ticketCases compare a decision of the compiled table with looplab/fsm, from
// which it is made: one machine kept and set back, and one built each time.
func ticketCases() []benchCase {
	lifecycle := ticket.Standard()
	events := machineEvents(lifecycle)
	kept := fsm.NewFSM(string(ticket.StatusSubmitted), events, nil)
	decide := func(q question) ticket.Decision {
		return lifecycle.Decide(q.status, q.kind, "", q.by)
	}
	reset := func(q question) (ticket.Status, error) {
		kept.SetState(string(q.status))
		return fire(kept, q)
	}
	build := func(q question) (ticket.Status, error) {
		return fire(fsm.NewFSM(string(q.status), events, nil), q)
	}
	asking := func(ask func(question) (ticket.Status, error)) work {
		return func(n int) {
			var next ticket.Status
			for i := range n {
				next = must(ask(questions[i%len(questions)]))
			}
			runtime.KeepAlive(next)
		}
	}
	return []benchCase{{
		name: "ticket/decide",
		ours: func(n int) {
			var d ticket.Decision
			for i := range n {
				d = decide(questions[i%len(questions)])
			}
			runtime.KeepAlive(d)
		},
		peers: []peer{{name: "looplab-kept", work: asking(reset)}, {name: "looplab-new", work: asking(build)}},
		check: func() (int, error) {
			for _, q := range questions {
				d := decide(q)
				a, errA := reset(q)
				b, errB := build(q)
				if err := errors.Join(errA, errB); err != nil {
					return 0, err
				}
				if d.Next != q.next || a != q.next || b != q.next {
					return 0, fmt.Errorf("%s %s: ours %s, kept %s, new %s", q.status, q.kind, d.Next, a, b)
				}
			}
			return len(questions), nil
		},
	}}
}
