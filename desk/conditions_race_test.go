package desk_test

import (
	"strconv"
	"testing"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// Whatever comes between the reading and the commit of a command under a revision has
// the command refused.
func TestRevisionRaces(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	type on func(w *world, c desk.ConversationHandle, k desk.TicketHandle, m desk.Meta) error
	res := ticket.ResolveParams{Action: "Done."}
	hold := ticket.LegalHoldParams{ID: "h", Reason: "x", Privileged: true}
	r1 := func(_ desk.Result, err error) error { return err }
	conv := map[string]on{
		"tag": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			return r1(c.AddTag(ctx, m, "x"))
		},
		"note": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			return r1(c.AddNote(ctx, m, text("x")))
		},
		"reply": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			return r1(c.Reply(ctx, m, text("x")))
		},
		"pick": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			return r1(c.PickUp(ctx, m))
		},
		"resolve": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			return r1(c.Resolve(ctx, m, res))
		},
		"hold": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			return r1(c.PlaceLegalHold(ctx, m, hold))
		},
		"erase": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			_, err := c.RequestErasure(ctx, m)
			return err
		},
		"message": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			m.Author = customer.Author
			return r1(c.AddCustomerMessage(ctx, m, said("x")))
		},
		"auto": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			m.Author = customer.Author
			return r1(c.RecordAutoReply(ctx, m, text("x")))
		},
		"read": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			return r1(c.MarkRead(ctx, m, 1))
		},
		"follow": func(w *world, c desk.ConversationHandle, _ desk.TicketHandle, m desk.Meta) error {
			return r1(c.Follow(ctx, m, "agent-9"))
		},
	}
	tick := map[string]on{
		"reply": func(w *world, _ desk.ConversationHandle, k desk.TicketHandle, m desk.Meta) error {
			return r1(k.Reply(ctx, m, text("x")))
		},
		"pick": func(w *world, _ desk.ConversationHandle, k desk.TicketHandle, m desk.Meta) error {
			return r1(k.PickUp(ctx, m))
		},
		"ask": func(w *world, _ desk.ConversationHandle, k desk.TicketHandle, m desk.Meta) error {
			m.Who = "agent-1"
			return r1(k.AskCustomer(ctx, m, text("x")))
		},
		"resolve": func(w *world, _ desk.ConversationHandle, k desk.TicketHandle, m desk.Meta) error {
			return r1(k.Resolve(ctx, m, res))
		},
		"claim": func(w *world, _ desk.ConversationHandle, k desk.TicketHandle, m desk.Meta) error {
			return r1(k.ClaimSeverity(ctx, m, severity.High, ""))
		},
		"mitigate": func(w *world, _ desk.ConversationHandle, k desk.TicketHandle, m desk.Meta) error {
			return r1(k.Mitigate(ctx, m))
		},
		"seen": func(w *world, _ desk.ConversationHandle, k desk.TicketHandle, m desk.Meta) error {
			m.IfLastMessage = 1
			return r1(k.Mitigate(ctx, m))
		},
		"merge": func(w *world, _ desk.ConversationHandle, k desk.TicketHandle, m desk.Meta) error {
			return r1(k.MergeInto(ctx, m, w.ticketed(live).Ticket))
		},
	}
	race := func(name string, ofTicket bool, do on) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			h, other := w.hooked()
			r := w.ticketed(live)
			w.must(w.o.Ticket(r.Ticket).PickUp(ctx, agent))
			if name == "conversation pick" || name == "ticket pick" {
				r = w.ticketed(live)
			}
			m := at(agent, w.conversation(r.Conversation).Revision)
			if ofTicket {
				m = at(agent, w.ticket(r.Ticket).Revision)
			}
			n := 0
			h.before = func(b store.Batch) {
				named := false
				for _, c := range b.Changes {
					named = named || c.Ref.ID == r.Ticket.String() || c.Ref.ID == r.Conversation.String()
				}
				if !named || n > 0 {
					return
				}
				n++
				p := ticket.LegalHoldParams{ID: "between-" + strconv.Itoa(n), Reason: "x", Privileged: true}
				if ofTicket {
					_, err := other.Ticket(r.Ticket).PlaceLegalHold(ctx, agent, p)
					require.NoError(t, err)
				} else {
					_, err := other.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, p)
					require.NoError(t, err)
				}
			}
			err := do(w, w.o.Conversation(r.Conversation), w.o.Ticket(r.Ticket), m)
			require.Equal(t, 1, n, "err %v", err)
			require.ErrorIs(t, err, desk.ErrChanged)
		})
	}
	for name, do := range conv {
		race("conversation "+name, false, do)
	}
	for name, do := range tick {
		race("ticket "+name, true, do)
	}
}

// A change of another ticket, or of the conversation, is none of this ticket.
func TestRevisionOfTicketAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	rev := w.ticket(r.Ticket).Revision
	w.must(w.o.Conversation(r.Conversation).AddNote(ctx, agent, text("x")))
	w.must(w.o.Ticket(r.Ticket).PickUp(ctx, at(agent, rev)))
	crev := w.conversation(r.Conversation).Revision
	w.must(w.o.Ticket(r.Ticket).Assign(ctx, agent, "agent-2"))
	_, err := w.o.Conversation(r.Conversation).Resolve(ctx, at(agent, crev), ticket.ResolveParams{Action: "x"})
	t.Log("conversation handle after a change of the ticket alone:", err)
}

// After the deletion.
func TestRevisionGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.resolved(live)
	rev := w.ticket(r.Ticket).Revision
	crev := w.conversation(r.Conversation).Revision
	w.pass(40 * day)
	w.pass(day)
	for name, err := range map[string]error{
		"ticket":       func() error { _, err := w.o.Ticket(r.Ticket).Reply(ctx, at(agent, rev), text("x")); return err }(),
		"assign":       func() error { _, err := w.o.Ticket(r.Ticket).Assign(ctx, at(agent, rev), "x"); return err }(),
		"view":         func() error { _, err := w.o.Ticket(r.Ticket).View(ctx); return err }(),
		"events":       func() error { _, err := w.o.Ticket(r.Ticket).Events(ctx, 0, 0); return err }(),
		"clock":        func() error { _, err := w.o.Ticket(r.Ticket).ExplainClock(ctx, sla.Metric(0), 0); return err }(),
		"conversation": func() error { _, err := w.o.Conversation(r.Conversation).AddTag(ctx, at(agent, crev), "x"); return err }(),
		"cevents":      func() error { _, err := w.o.Conversation(r.Conversation).Events(ctx, 0, 0); return err }(),
		"merge": func() error {
			_, err := w.o.Ticket(w.ticketed(live).Ticket).MergeInto(ctx, agent, r.Ticket)
			return err
		}(),
	} {
		require.Equal(t, "gone", desk.ProblemOf(err).Code, "%s: %v", name, err)
	}
	for name, err := range map[string]error{
		"ticket": func() error { _, err := w.o.Ticket(ticket.ID{}).Reply(ctx, at(agent, rev), text("x")); return err }(),
		"assign": func() error { _, err := w.o.Ticket(ticket.ID{}).Assign(ctx, at(agent, rev), "x"); return err }(),
		"events": func() error { _, err := w.o.Ticket(ticket.ID{}).Events(ctx, 0, 0); return err }(),
		"conv":   func() error { _, err := w.o.Conversation(inbox.ID{}).AddTag(ctx, agent, "x"); return err }(),
		"ai": func() error {
			_, err := w.o.Conversation(inbox.ID{}).AddAIReply(ctx, ai, inbox.ControlToken{}, text("x"))
			return err
		}(),
		"cross": func() error { _, err := w.o.Ticket(ticket.ID(r.Conversation)).View(ctx); return err }(),
	} {
		require.Equal(t, "not_found", desk.ProblemOf(err).Code, "%s: %v", name, err)
	}
	// A late message with a revision, of a conversation that was deleted: it is not lost (T22).
	_, err := w.o.Receive(ctx, at(customer, crev), desk.InboundMessage{Conversation: r.Conversation, Start: live, Message: said("Hello?")})
	require.NoError(t, err, "receive")
	m := customer
	m.IfLastMessage = 1
	_, err = w.o.Receive(ctx, m, desk.InboundMessage{Conversation: r.Conversation, Start: live, Message: said("Hello?")})
	t.Log("receive with if_seen:", err)
}
