package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// This file is what a program does to know how its tickets stand.

//go:embed data/harbour.json
var harbourPolicy []byte

// openBook returns the policies and whom they are for: the partner Harbour has
// its own, all others have the standard one.
func openBook() (*sla.Book, error) {
	harbour, err := sla.Parse(harbourPolicy, holidays.Resolver())
	if err != nil {
		return nil, err
	}
	return sla.NewBook(sla.BookConfig{Rules: []sla.Rule{
		{Partner: "harbour", Policy: harbour},
		{Own: true, Policy: sla.Standard()},
	}})
}

// A ticket is what happened to it, the opening first. A conversation without a ticket is
// one, too: package inbox returns its log, in which nothing is to be resolved.
type ticket struct {
	ID, Title, Partner string
	Conversation       bool
	Events             []sla.Event
}

//go:embed data/tickets.jsonl
var ticketLog []byte

// readTickets returns the tickets of a log that has one event a line, in the
// order in which they were opened.
func readTickets(log []byte) ([]*ticket, error) {
	var tickets []*ticket
	byID := make(map[string]*ticket)
	for line := range bytes.Lines(log) {
		var entry struct {
			Ticket, Title, Partner string
			Conversation           bool
			Event                  sla.Event
		}
		if err := json.Unmarshal(line, &entry); err != nil {
			return nil, err
		}
		t := byID[entry.Ticket]
		if t == nil {
			t = &ticket{ID: entry.Ticket, Title: entry.Title, Partner: entry.Partner, Conversation: entry.Conversation}
			byID[t.ID] = t
			tickets = append(tickets, t)
		}
		t.Events = append(t.Events, entry.Event)
	}
	return tickets, nil
}

// A standing is how a ticket stands at an instant.
type standing struct {
	*ticket
	policy *sla.Policy
	clocks []sla.Clock
	pieces [][]sla.Piece // of each clock: where its time went
}

// assess asks the policy of a ticket how it stands.
func assess(book *sla.Book, t *ticket, now time.Time) (standing, error) {
	opening := t.Events[0]
	policy, err := book.Choose(sla.Situation{Partner: t.Partner, Channel: opening.Channel})
	if err != nil {
		return standing{}, err
	}
	evaluation, err := policy.Evaluate(t.Events, now)
	if err != nil {
		return standing{}, fmt.Errorf("ticket %s: %w", t.ID, err)
	}
	s := standing{ticket: t, policy: policy, clocks: evaluation.Clocks}
	if t.Conversation {
		s.clocks = slices.DeleteFunc(s.clocks, func(c sla.Clock) bool { return c.Metric == sla.MetricResolution })
	}
	for _, clock := range s.clocks {
		pieces, err := policy.Explain(t.Events, now, clock.Metric, clock.Cycle)
		if err != nil {
			return standing{}, fmt.Errorf("ticket %s: %w", t.ID, err)
		}
		s.pieces = append(s.pieces, pieces)
	}
	return s, nil
}
