package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A step is one thing that happens: so long after the one before, by whom, what
// is said, and the command. A step that must be refused says with which error.
type step struct {
	after   time.Duration
	who     string
	text    string
	do      func(*chat, string) error
	refused error
}

// script is the chat.
func script() []step {
	var late inbox.ControlToken // what the AI was asked last before it handed over
	minute := time.Minute
	return []step{
		{0, "customer", "My exports have failed since this morning, for everybody here.", (*chat).start, nil},
		{5 * time.Second, "AI", "I am sorry. Have you tried to export a single month?", func(c *chat, s string) error { return c.aiAnswers(c.asked, s) }, nil},
		{2 * minute, "customer", "Yes. It says 'time out' for one day, too.", (*chat).says, nil},
		{5 * time.Second, "AI", "offers to open a ticket: Exports fail for every user", func(c *chat, _ string) error {
			late = c.asked
			return c.aiOffers(inbox.OfferParams{
				ID: "offer-1", Reason: "the export service does not answer",
				Summary: "Your exports have failed since this morning. A colleague will look at it.",
				Intake: ticket.Intake{
					Kind: ticket.IntakeBug, Title: "Exports fail for every user",
					Description: "Every export ends with 'time out', also that of a single day.",
					Answers: severity.Answers{
						Affected: severity.AffectedMany, Ability: severity.AbilityDegraded,
						Workaround: severity.WorkaroundNone, Persistence: severity.PersistenceAlways,
					},
				},
			})
		}, nil},
		{minute, "customer", "confirms the offer", func(c *chat, _ string) error { return c.confirms() }, nil},
		{10 * time.Second, "AI", "One more idea: switch it off and on again.", func(c *chat, s string) error { return c.aiAnswers(late, s) }, helpdesk.ErrConflict},
		{2 * minute, "customer", "It is urgent for us: the month closes today.", (*chat).says, nil},
		{10 * minute, "agent", "picks it up", func(c *chat, _ string) error { return c.picksUp() }, nil},
		{minute, "agent", "note: third export ticket this week, see the disk on node 4.", (*chat).notes, nil},
		{4 * minute, "agent", "Hello Ada, Grace here. I am looking at the export service.", (*chat).answers, nil},
		{5 * minute, "agent", "archives the conversation", func(c *chat, _ string) error { return c.archives() }, helpdesk.ErrNotAllowed},
		{minute, "agent", "Which format do you export to?", (*chat).asks, nil},
		{2 * time.Hour, "customer", "CSV. But PDF fails as well.", (*chat).says, nil},
		{30 * minute, "agent", "Found it: a full disk. Exports work again.", (*chat).answers, nil},
		{minute, "agent", "resolves it: freed the disk of the export service", func(c *chat, _ string) error { return c.resolves("freed the disk of the export service") }, nil},
		{minute, "agent", "returns the conversation to the AI", func(c *chat, _ string) error { return c.returnsToAI() }, helpdesk.ErrNotAllowed},
		{minute, "agent", "archives the conversation", func(c *chat, _ string) error { return c.archives() }, nil},
	}
}

// play plays the script, and calls show after each step with the refusal, if
// there was one. The error is a step that did not go as written.
func play(show func(*chat, step, error)) (*chat, error) {
	policy, err := inbox.NewPolicy(inbox.Config{AddOn: true, NoAction: inbox.Duration(time.Hour)})
	if err != nil {
		return nil, err
	}
	c := &chat{
		now:    time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC), // a Monday
		policy: policy, sla: sla.Standard(),
	}
	for i, s := range script() {
		c.now, c.made = c.now.Add(s.after), nil
		err := s.do(c, s.text)
		if !errors.Is(err, s.refused) {
			return nil, fmt.Errorf("step %d, %s: got %w, want %w", i+1, s.who, orNone(err), orNone(s.refused))
		}
		show(c, s, err)
	}
	return c, nil
}

var errNone = errors.New("no error")

func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}
