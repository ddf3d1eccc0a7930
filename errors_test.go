package helpdesk_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/mail"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
	"github.com/deskcore/helpdesk/ticket"
)

// Whatever is invalid, in whichever package, is of one kind, and says where.
func TestInvalidIsOneKind(t *testing.T) {
	t.Parallel()
	nine := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	command := func(by helpdesk.Author) helpdesk.Command { return helpdesk.Command{ID: "e1", At: nine, Author: by} }
	grace, ada := helpdesk.Agent("grace"), helpdesk.Customer("ada")
	id := ticket.NewID(nine, [10]byte{})
	c, _, err := inbox.Start(command(ada), inbox.StartParams{
		ID: inbox.ID(id), Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Message: inbox.MessageParams{ID: "m1", Body: "Help!"},
	}, nil)
	require.NoError(t, err)
	k := inbox.Case{Conversation: c}
	cmd := helpdesk.Command{ID: "e2", At: nine.Add(time.Minute), Author: grace}

	for path, do := range map[string]func() error{
		"body: must not be empty": func() error {
			_, _, err := k.Reply(cmd, inbox.MessageParams{ID: "m2"})
			return err
		},
		"intake.title: must not be empty": func() error {
			_, _, err := k.CreateTicket(nil, cmd, inbox.CreateTicketParams{ID: id, Reference: ticket.NewReference(1), Intake: ticket.Intake{Requester: "ada"}})
			return err
		},
		"id: must be 1 to 128": func() error {
			bad := cmd
			bad.ID = ""
			_, _, err := k.Reply(bad, inbox.MessageParams{ID: "m2", Body: "Yes?"})
			return err
		},
		"tag: must not be empty": func() error { _, err := inbox.NormalTag(" "); return err },
		"must be a reference":    func() error { _, err := ticket.ParseReference("HD-1"); return err },
		"name of a status":       func() error { return new(ticket.Status).UnmarshalText([]byte("!")) },
		"lifecycle":              func() error { _, err := ticket.NewLifecycle(ticket.Config{}); return err },
		"kind: must be enquiry":  func() error { return ticket.Intake{Title: "x", Kind: "a b"}.Check() },
		"max_turns: \"-1\"":      func() error { _, err := inbox.NewPolicy(inbox.Config{MaxTurns: -1}); return err },
		"targets.urgent":         func() error { _, err := sla.New(sla.Config{Name: "gold"}, nil); return err },
		"rules[0].own": func() error {
			_, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Partner: "x", Own: true}}})
			return err
		},
		"kinds of event":       func() error { return new(sla.Kind).UnmarshalText([]byte("x")) },
		"by: must be customer": func() error { return sla.Event{ID: "e", Kind: sla.KindMessage, At: nine}.Validate() },
		"exactly one opening":  func() error { _, err := sla.Standard().Evaluate(nil, nine); return err },
		"zone: \"Mars\"":       func() error { _, err := hours.New(hours.Config{Zone: "Mars"}, nil); return err },
		"is not from 1900":     func() error { _, err := hours.Standard().IsOpen(nine.AddDate(-200, 0, 0)); return err },
		"list of holidays":     func() error { _, err := holidays.Find("atlantis"); return err },
		"breaker.max_share": func() error {
			_, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxShare: 101}})
			return err
		},
		"reason: \"a b\"": func() error {
			_, _, err := retention.Holds(nil).Place(retention.Hold{ID: "1", Reason: "a b", PlacedAt: nine})
			return err
		},
		"secrets: must be given":   func() error { _, err := retention.NewKey(); return err },
		"to: must be exactly one":  func() error { _, err := mail.Compose(mail.Outgoing{}); return err },
		"ability: \"no\"":          func() error { return json.Unmarshal([]byte(`{"ability":"no"}`), new(severity.Answers)) },
		"\"dire\" must be low":     func() error { _, err := severity.Parse("dire"); return err },
		"must be customer, agent":  func() error { _, err := helpdesk.ParseActor("pope"); return err },
		"the name of a channel":    func() error { _, err := helpdesk.ParseChannel("Pigeon"); return err },
		"level: \"Level(9)\" must": func() error { _, err := severity.NewClaim(9, "sms", nine); return err },
	} {
		err := do()
		require.ErrorIs(t, err, helpdesk.ErrInvalid, path)
		require.ErrorContains(t, err, path)
	}
}

func TestFieldErrorIsReadable(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]helpdesk.FieldError{
		"must be given":          {Reason: "must be given"},
		`"x" must be y`:          {Value: "x", Reason: "must be y"},
		"title: must be given":   {Path: "title", Reason: "must be given"},
		`title: "x" must be y`:   {Path: "title", Value: "x", Reason: "must be y"},
		`a: "\x1b[2J" must be y`: {Path: "a", Value: "\x1b[2J", Reason: "must be y"},
	} {
		require.EqualError(t, &e, want)
	}
}
