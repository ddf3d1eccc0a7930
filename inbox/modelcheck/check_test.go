package modelcheck_test

import (
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/inbox/modelcheck"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

var full = inbox.Config{
	AddOn:    true,
	NoAction: inbox.Duration(time.Hour), NotClosed: inbox.Duration(48 * time.Hour), QueueWait: inbox.Duration(10 * time.Minute),
}

func with(change func(*inbox.Config)) inbox.Config {
	c := full
	change(&c)
	return c
}

// standard is package retention's own rule.
func standard(t ticket.Ticket, released time.Time) (time.Time, bool) {
	var holds retention.Holds
	for h := range t.Holds() {
		holds = append(holds, retention.Hold{ID: h.ID, PlacedAt: h.At})
	}
	return retention.Standard().ReadyAt(retention.Item{
		TicketID: t.ID().String(), ConversationID: t.Conversation(),
		Open: !t.IsDone(), LastClosedAt: t.LastClosedAt(), Holds: holds, ReleasedAt: released,
	})
}

// The whole of ticket × conversation × control × retention, to the end, under
// every policy: R34, R38, R39, R50, R51, R58–R65, R77, R91. The two that take longest, and
// are each nearly two others, only if the campaign is long.
func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		c    modelcheck.Config
	}{
		{"live chat", modelcheck.Config{Policy: full, Retention: standard}},
		{"live chat, losing the add-on", modelcheck.Config{Policy: full, Retention: standard, Switching: true}},
		{"live chat, two tickets", modelcheck.Config{Policy: inbox.Config{AddOn: true}, Retention: standard, MaxTickets: 2}},
		{"mail", modelcheck.Config{Channel: helpdesk.ChannelEmail, Policy: full, Retention: standard}},
		{"mail, two tickets of offers", modelcheck.Config{Channel: helpdesk.ChannelEmail, Policy: inbox.Config{AddOn: true, StaffMayNotCreate: true}, MaxTickets: 2, Wrap: unheld}},
		{"mail, losing the add-on", modelcheck.Config{Channel: helpdesk.ChannelEmail, Policy: inbox.Config{AddOn: true}, Switching: true}},
		{"several at a time", modelcheck.Config{
			Channel: helpdesk.ChannelEmail, Policy: inbox.Config{}, Retention: standard, MaxTickets: 2,
		}},
		{"a visitor", modelcheck.Config{Policy: inbox.Config{AddOn: true}, Retention: standard, Visitor: true}},
		{"no add-on", modelcheck.Config{Policy: inbox.Config{}, Retention: standard, MaxTickets: 2}},
		{"a product's own channel", modelcheck.Config{Channel: "kiosk", Policy: full}},
		{"escalated in place", modelcheck.Config{Policy: with(func(c *inbox.Config) { c.Archived = inbox.ArchivedEscalate })}},
		{"new conversation", modelcheck.Config{Policy: with(func(c *inbox.Config) { c.Archived = inbox.ArchivedNewConversation })}},
		{"archiving resolves", modelcheck.Config{Policy: with(func(c *inbox.Config) { c.OpenTicket = inbox.OpenTicketResolve })}},
		{"archiving lets tickets be", modelcheck.Config{Policy: with(func(c *inbox.Config) { c.OpenTicket = inbox.OpenTicketAllow })}},
		{"archived when idle", modelcheck.Config{Policy: with(func(c *inbox.Config) { c.Idle = inbox.Duration(7 * 24 * time.Hour) }), Retention: standard}},
		{"the AI has two turns", modelcheck.Config{Policy: with(func(c *inbox.Config) { c.MaxTurns = 2 })}},
		{"a separate closed status", modelcheck.Config{Policy: full, Lifecycle: ticket.StandardClosed(), Actions: closing}},
	}
	long := []string{"live chat, two tickets", "mail, losing the add-on", "new conversation", "archiving lets tickets be", "the AI has two turns"}
	for _, tt := range tests {
		if !campaign.Long() && slices.Contains(long, tt.name) {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := modelcheck.Check(tt.c)
			t.Logf("%+v", r)
			require.NoError(t, err)
			require.Positive(t, r.Purged)
		})
	}
}

// closing has the system close resolved tickets.
func closing(w *modelcheck.World) []modelcheck.Action {
	var out []modelcheck.Action
	for i, tk := range w.Case.Tickets {
		if tk.Status() != ticket.StatusResolved {
			continue
		}
		out = append(out, modelcheck.Action{Name: "system: close", Do: func(w *modelcheck.World) (inbox.Case, []inbox.Event, error) {
			s := w.Command(helpdesk.ActorSystem)
			closed, _, err := tk.Close(helpdesk.Command{ID: s.ID, At: s.At, Author: helpdesk.Author{By: s.By}})
			if err != nil {
				return w.Case, nil, err
			}
			tickets := append([]ticket.Ticket(nil), w.Case.Tickets...)
			tickets[i] = closed
			return inbox.Case{Conversation: w.Case.Conversation, Tickets: tickets}, nil, nil
		}})
	}
	return out
}

// unheld leaves holds out, to have fewer states.
func unheld(a modelcheck.Action) modelcheck.Action {
	if a.Name == string(pairs.ActionHold) {
		a.Do = func(w *modelcheck.World) (inbox.Case, []inbox.Event, error) { return w.Case, nil, nil }
	}
	return a
}
