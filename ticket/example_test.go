package ticket_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// exampleTicket returns a ticket that the AI created on Monday at nine.
func exampleTicket() ticket.Ticket {
	monday := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	t, _, err := ticket.New(ticket.Standard(), helpdesk.Command{ID: "e1", At: monday, Author: helpdesk.Author{By: helpdesk.ActorAI}}, ticket.Params{
		ID:        ticket.NewID(monday, [10]byte{}),
		Reference: ticket.NewReference(20260302),
		Offer:     "offer-7", // confirmed by the customer
		Channel:   helpdesk.ChannelLiveChat,
		Intake:    ticket.Intake{Requester: "customer-1", Title: "Campaigns do not go out"},
		Severity:  severity.High,
	})
	if err != nil {
		panic(err)
	}
	return t
}

func ExampleNew() {
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	t, events, err := ticket.New(ticket.Standard(), helpdesk.Command{ID: "e1", At: now, Author: helpdesk.Author{By: helpdesk.ActorAI}}, ticket.Params{
		ID:        ticket.NewID(now, [10]byte{}), // ten random bytes
		Reference: ticket.NewReference(20260302), // a random number
		Offer:     "offer-7",                     // confirmed by the customer
		Channel:   helpdesk.ChannelLiveChat,
		Intake:    ticket.Intake{Requester: "customer-1", Title: "Campaigns do not go out"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Reference(), t.Status(), t.Severity())
	for _, f := range events[0].Effects {
		fmt.Println(f.Kind, f.Key)
	}
	// Output:
	// HD-0000-00KA-9EE7 submitted medium
	// mail_created ticket/019cadc6-9a80-7000-8000-000000000000/mail_created
	// tell_customer ticket/019cadc6-9a80-7000-8000-000000000000/tell_customer
	// arm_timers ticket/019cadc6-9a80-7000-8000-000000000000/arm_timers/e1
	// notify ticket/019cadc6-9a80-7000-8000-000000000000/notify/e1
}

func ExampleTicket_Resolve() {
	t := exampleTicket()
	agent := helpdesk.Command{ID: "e2", At: t.CreatedAt().Add(time.Hour), Author: helpdesk.Agent("agent-1")}
	t, _, err := t.PickUp(agent)
	if err != nil {
		panic(err)
	}

	agent.ID, agent.At = "e3", agent.At.Add(time.Hour)
	_, _, err = t.Resolve(agent, ticket.ResolveParams{})
	fmt.Println(err)

	t, events, err := t.Resolve(agent, ticket.ResolveParams{Action: "restarted the queue"})
	fmt.Println(t.Status(), events[0].Episode, err)

	customer := helpdesk.Command{ID: "e4", At: agent.At.Add(time.Hour), Author: helpdesk.Author{By: helpdesk.ActorCustomer}}
	t, _, err = t.AddCustomerMessage(customer, ticket.Message{ID: "m1"})
	fmt.Println(t.Status(), err)
	for r := range t.Resolutions() {
		fmt.Println(r.Action, "until", r.ReopenedAt.Format(time.TimeOnly))
	}
	// Output:
	// action: must not be empty
	// resolved 1 <nil>
	// in_progress <nil>
	// restarted the queue until 12:00:00
}

// When is this due?
func ExampleTicket_Evaluate() {
	t := exampleTicket()
	now := t.CreatedAt().Add(10 * time.Minute)
	evaluation, err := t.Evaluate(sla.Standard(), now)
	if err != nil {
		panic(err)
	}
	for _, c := range evaluation.Clocks {
		fmt.Println(c.Metric, c.Verdict, c.Due.Format(time.DateTime))
	}
	// Output:
	// first_reply pending 2026-03-02 10:00:00
	// resolution pending 2026-03-03 09:00:00
}

// May the AI do this?
func ExampleTicket_Allowed() {
	t := exampleTicket()
	fmt.Println(t.Allowed(helpdesk.ActorAI))
	fmt.Println(t.Why(ticket.EventResolve, helpdesk.ActorAI))

	_, _, err := t.Resolve(helpdesk.Command{ID: "e2", At: t.CreatedAt(), Author: helpdesk.Author{By: helpdesk.ActorAI}}, ticket.ResolveParams{Action: "none"})
	if e, ok := errors.AsType[*ticket.NotAllowedError](err); ok {
		fmt.Println(e.Event, e.Status, e.Actor, e.Reason)
	}
	// Output:
	// [answer claim_severity]
	// ai cannot resolve while submitted: only agent may
	// resolve submitted ai actor
}

// What do we still have to ask?
func ExampleIntake_Missing() {
	form := ticket.Intake{
		Requester: "customer-1", Account: "account-1", Kind: ticket.IntakeIssue, Title: "Upload fails",
		Answers: severity.Answers{Affected: severity.AffectedSome, Ability: severity.AbilityPartly, Workaround: severity.WorkaroundTemporary},
	}
	for lack := range form.Missing() {
		fmt.Println(lack.Field, lack.Required)
	}
	fmt.Println(form.Classify().Level)
	// Output:
	// description true
	// persistence false
	// first_seen true
	// page false
	// versions false
	// evidence false
	// medium
}

func ExampleIntake_Fit() {
	form := ticket.Intake{Title: "=?utf-8?q?Dr=C3=BCcker?= on fire", Description: "Please help.\r\n"}.Fit()
	fmt.Printf("%s: %q\n", form.Title, form.Description)
	form = ticket.Intake{Description: "Please help."}.Fit()
	fmt.Println(form.Title)
	// Output:
	// Drücker on fire: "Please help."
	// (no subject)
}

func ExampleParseReference() {
	r := ticket.NewReference(20260302)
	fmt.Println(r)
	same, err := ticket.ParseReference("hd oooo oOka 9ee7") // as read out on the telephone
	fmt.Println(same == r, err)
	_, err = ticket.ParseReference("HD-0000-00AK-9EE7")
	fmt.Println(err)
	// Output:
	// HD-0000-00KA-9EE7
	// true <nil>
	// must be a reference: 12 letters and digits such as HD-7K3M-9QX2-VD4H
}

// A lifecycle with a status for the time in which a supplier is asked.
func ExampleNewLifecycle() {
	config := ticket.StandardConfig()
	config.Name = "with_suppliers"
	config.Statuses = append(config.Statuses, ticket.StatusConfig{Status: "with_supplier", Category: ticket.CategoryWaiting})
	config.Rows = append(config.Rows, ticket.Row{
		Status: ticket.StatusInProgress, Event: "ask_supplier", By: []helpdesk.Actor{helpdesk.ActorAgent}, Next: "with_supplier",
	})
	_, err := ticket.NewLifecycle(config)
	fmt.Println(err)

	config.Rows = append(config.Rows, ticket.Row{
		Status: "with_supplier", Event: ticket.EventAddCustomerMessage, By: []helpdesk.Actor{helpdesk.ActorCustomer}, Next: ticket.StatusInProgress,
	})
	lifecycle, err := ticket.NewLifecycle(config)
	fmt.Println(err)
	fmt.Println(lifecycle.Decide(ticket.StatusInProgress, "ask_supplier", "", helpdesk.ActorAgent).Next)
	// Output:
	// ticket: lifecycle: "with_supplier": has no way to a done status
	// ticket: lifecycle: "with_supplier": must take messages of the customer
	// <nil>
	// with_supplier
}

// A lifecycle read from a file.
func ExampleConfig() {
	var config ticket.Config
	err := json.Unmarshal([]byte(`{"name": "mine", "initail": "submitted", "reopen_window": "soon"}`), &config)
	fmt.Println(err)

	config = ticket.StandardConfig()
	config.Name, config.ReopenWindow = "mine", 14*24*time.Hour
	text, err := json.Marshal(config)
	if err != nil {
		panic(err)
	}
	err = json.Unmarshal(text, &config)
	fmt.Println(config.Name, config.ReopenWindow, err)
	// Output:
	// reopen_window: "soon" must be a duration such as 1h30m
	// initail: "submitted" is not known
	// mine 336h0m0s <nil>
}

func ExampleFromSnapshot() {
	text, err := json.Marshal(exampleTicket())
	if err != nil {
		panic(err)
	}
	var s ticket.Snapshot
	if err := json.Unmarshal(text, &s); err != nil {
		panic(err)
	}
	t, err := ticket.FromSnapshot(ticket.Standard(), s)
	fmt.Println(t.Intake().Title, t.Status(), err)
	// Output: Campaigns do not go out submitted <nil>
}

func ExampleStandardClosed() {
	for status, category := range ticket.StandardClosed().Statuses() {
		fmt.Println(status, category)
	}
	// Output:
	// submitted new
	// in_progress open
	// waiting_on_customer waiting
	// resolved done
	// closed done
}

func ExampleLifecycle_Mermaid() {
	fmt.Print(ticket.Standard().Mermaid())
	// Output:
	// stateDiagram-v2
	//     submitted: submitted (new)
	//     in_progress: in_progress (open)
	//     waiting_on_customer: waiting_on_customer (waiting)
	//     resolved: resolved (done)
	//     [*] --> submitted: create [offer] by ai / mail_created, tell_customer, arm_timers, notify
	//     [*] --> submitted: create by agent / mail_created, tell_customer, arm_timers, notify
	//     submitted --> in_progress: pick_up or reply by agent / cancel_notifications
	//     submitted --> waiting_on_customer: ask_customer by agent / cancel_notifications
	//     in_progress --> waiting_on_customer: ask_customer by agent
	//     waiting_on_customer --> in_progress: customer_message by customer / notify
	//     waiting_on_customer --> resolved: give_up by system / mail_resolved, cancel_timers, cancel_notifications, schedule_retention
	//     submitted --> resolved: resolve [reason] by agent / mail_resolved, cancel_timers, cancel_notifications, schedule_retention
	//     in_progress --> resolved: resolve or resolve [reason] by agent / mail_resolved, cancel_timers, cancel_notifications, schedule_retention
	//     waiting_on_customer --> resolved: resolve or resolve [reason] by agent / mail_resolved, cancel_timers, cancel_notifications, schedule_retention
	//     resolved --> in_progress: customer_message [in_window] by customer / cancel_retention, arm_timers, notify
	//     resolved --> in_progress: reopen by agent / cancel_retention, arm_timers, notify
	//     submitted --> resolved: merge_into by agent / cancel_timers, cancel_notifications, schedule_retention
	//     in_progress --> resolved: merge_into by agent / cancel_timers, cancel_notifications, schedule_retention
	//     waiting_on_customer --> resolved: merge_into by agent / cancel_timers, cancel_notifications, schedule_retention
	//     resolved --> [*]: purge [due] by system
}

func ExampleLifecycle_CheckMigration() {
	err := ticket.StandardClosed().CheckMigration(ticket.Standard(), nil)
	fmt.Println(err)
	err = ticket.StandardClosed().CheckMigration(ticket.Standard(), map[ticket.Status]ticket.Status{
		ticket.StatusClosed: ticket.StatusResolved,
	})
	fmt.Println(err)
	// Output:
	// ticket: lifecycle: "closed": must be mapped to a status of the new lifecycle
	// <nil>
}

// The caller brings the time and the randomness, so that what happened can be
// played again.
func ExampleNewID() {
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	fmt.Println(ticket.NewID(at, [10]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}))
	// Output: 019cadc6-9a80-7102-8304-05060708090a
}

// A reference can be read out on the telephone: it has a check symbol, and letters
// that are easily mistaken for digits are read as such.
func ExampleNewReference() {
	r := ticket.NewReference(0x0123456789abcdef)
	fmt.Println(r)
	heard, err := ticket.ParseReference(strings.ToLower(strings.ReplaceAll(string(r), "-", " ")))
	fmt.Println(heard == r, err)
	// Output:
	// HD-8T5C-Y4TQ-KFFR
	// true <nil>
}
