package desk_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A useCase is one command in a world that is ready for it.
type useCase struct {
	name string
	edit func(*desk.Config)
	prep func(w *world) desk.Result
	do   func(w *world, r desk.Result) error
	wait time.Duration // how much later the loops run once more
}

func plainly(do func(w *world, r desk.Result) (desk.Result, error)) func(*world, desk.Result) error {
	return func(w *world, r desk.Result) error { _, err := do(w, r); return err }
}

var k = map[string]desk.Meta{
	"customer": keyed(customer, "key"), "agent": keyed(agent, "key"), "ai": keyed(ai, "key"), "system": keyed(system, "key"),
}

// useCases has every use case that changes something.
func useCases() []useCase {
	started := func(w *world) desk.Result { return w.start(live) }
	ticketed := func(w *world) desk.Result { return w.ticketed(live) }
	resolved := func(w *world) desk.Result { return w.resolved(live) }
	offered := func(w *world) desk.Result {
		r := w.start(live)
		o := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(w.t.Context(), ai, r.ControlToken, proposal))
		o.ControlToken = r.ControlToken
		return o
	}
	ctx := context.Background()
	sol := ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}
	return []useCase{
		{name: "start", prep: func(*world) desk.Result { return desk.Result{} }, do: plainly(func(w *world, _ desk.Result) (desk.Result, error) {
			return w.o.Start(ctx, k["customer"], opening(live, text("Hello.")))
		})},
		{name: "start under people", edit: func(c *desk.Config) { c.Inbox = inbox.Config{} }, prep: func(*world) desk.Result { return desk.Result{} }, do: plainly(func(w *world, _ desk.Result) (desk.Result, error) {
			return w.o.Start(ctx, k["customer"], opening(live, text("Hello.")))
		})},
		{name: "answered by the AI", edit: func(c *desk.Config) { c.Assistant = placeholder{} }, prep: func(*world) desk.Result { return desk.Result{} }, do: plainly(func(w *world, _ desk.Result) (desk.Result, error) {
			return w.o.Start(ctx, k["customer"], opening(live, text("Hello.")))
		})},
		{name: "offered by the AI", edit: func(c *desk.Config) { c.Assistant = placeholder{} }, prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, k["customer"], said("It did not help."))
		})},
		{name: "receive", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Receive(ctx, k["customer"], desk.InboundMessage{Conversation: r.Conversation, Start: live, Message: said("And?")})
		})},
		{name: "customer message", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, k["customer"], said("And?"))
		})},
		{name: "message elsewhere", edit: func(c *desk.Config) { c.Inbox.Archived = inbox.ArchivedNewConversation }, prep: func(w *world) desk.Result {
			r := w.start(live)
			w.archive(r)
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, k["customer"], said("And?"))
		})},
		{name: "forwarded message", prep: func(w *world) desk.Result {
			a, b := w.ticketed(live), w.ticketed(live)
			w.must(w.o.Ticket(a.Ticket).MergeInto(ctx, agent, b.Ticket))
			return a
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, k["customer"], said("And?"))
		})},
		{name: "participant message", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddParticipantMessage(ctx, desk.Meta{IdempotencyKey: "key", Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "friend"}}, text("Hi."))
		})},
		{name: "auto message", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).RecordAutoReply(ctx, k["customer"], text("Away."))
		})},
		{name: "delivered", prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{ID: "answer", Body: "Hello."}))
			return w.must(w.o.Conversation(r.Conversation).MarkBounced(ctx, system, "answer"))
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).MarkDelivered(ctx, k["system"], "answer")
		})},
		{name: "undelivered", prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{ID: "answer", Body: "Hello."}))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).MarkBounced(ctx, k["system"], "answer")
		})},
		{name: "rejected by the transport", prep: started, do: func(w *world, r desk.Result) error {
			w.post.fail = func(e desk.Envelope) error {
				if strings.Contains(e.Body, "nowhere") {
					return desk.ErrRejected
				}
				return nil
			}
			_, err := w.o.Conversation(r.Conversation).Reply(ctx, k["agent"], text("To nowhere."))
			return err
		}},
		{name: "sent later", prep: started, do: func(w *world, r desk.Result) error {
			open := monday.Add(5 * time.Minute)
			w.post.fail = func(desk.Envelope) error {
				if w.clock.now().Before(open) {
					return &desk.RetryError{After: 6 * time.Minute}
				}
				return nil
			}
			_, err := w.o.Conversation(r.Conversation).Reply(ctx, k["agent"], text("Hello."))
			return err
		}},
		{name: "AI reply", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.ControlToken.Conversation).AddAIReply(ctx, k["ai"], r.ControlToken, text("Hello."))
		})},
		{name: "AI fail", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.ControlToken.Conversation).ReportAIFailure(ctx, k["ai"], r.ControlToken, inbox.FailureGiveUp, "too hard")
		})},
		{name: "offer", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, k["ai"], r.ControlToken, proposal)
		})},
		{name: "confirm", prep: offered, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).ConfirmOffer(ctx, k["customer"], inbox.ConfirmParams{Offer: r.Offer, Shown: r.Shown})
		})},
		{name: "decline", prep: offered, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).DeclineOffer(ctx, k["customer"], r.Offer)
		})},
		{name: "offer expires", prep: offered, do: func(*world, desk.Result) error { return nil }, wait: 25 * time.Hour},
		{name: "take over", prep: offered, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).TakeOver(ctx, k["agent"])
		})},
		{name: "return to AI", prep: func(w *world) desk.Result {
			r := w.start(live)
			return w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).ReturnToAI(ctx, k["agent"])
		})},
		{name: "reply", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).Reply(ctx, k["agent"], text("Hello."))
		})},
		{name: "ask", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AskCustomer(ctx, k["agent"], text("Which?"))
		})},
		{name: "note", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddNote(ctx, k["agent"], text("Hm."))
		})},
		{name: "pick up", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).PickUp(ctx, k["agent"])
		})},
		{name: "reply about a ticket", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).Reply(ctx, k["agent"], text("Hello."))
		})},
		{name: "ask about a ticket", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).AskCustomer(ctx, k["agent"], text("Which?"))
		})},
		{name: "pick up a ticket", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).PickUp(ctx, k["agent"])
		})},
		{name: "resolve a ticket", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).Resolve(ctx, k["agent"], sol)
		})},
		{name: "archive", prep: resolved, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).Archive(ctx, k["agent"], inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
		})},
		{name: "unarchive", prep: func(w *world) desk.Result { r := w.resolved(live); w.archive(r); return r }, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).Unarchive(ctx, k["agent"])
		})},
		{name: "tag", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddTag(ctx, k["agent"], "hot")
		})},
		{name: "untag", prep: func(w *world) desk.Result {
			r := w.start(live)
			w.must(w.o.Conversation(r.Conversation).AddTag(ctx, agent, "hot"))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).RemoveTag(ctx, k["agent"], "hot")
		})},
		{name: "sentiment", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).SetSentiment(ctx, k["agent"], inbox.SentimentMixed)
		})},
		{name: "watch", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).Follow(ctx, k["agent"], "agent-2")
		})},
		{name: "unwatch", prep: func(w *world) desk.Result {
			r := w.start(live)
			w.must(w.o.Conversation(r.Conversation).Follow(ctx, agent, "agent-2"))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).Unfollow(ctx, k["agent"], "agent-2")
		})},
		{name: "mark read", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).MarkRead(ctx, k["agent"], 1)
		})},
		{name: "create ticket", edit: func(c *desk.Config) { c.Inbox = inbox.Config{} }, prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).CreateTicket(ctx, k["agent"], inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer."})
		})},
		{name: "follow up", prep: resolved, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).CreateTicket(ctx, k["agent"], inbox.CreateTicketParams{
				Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer.", FollowUpOf: r.Ticket,
			})
		})},
		{name: "resolve", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).Resolve(ctx, k["agent"], sol)
		})},
		{name: "reopen", prep: func(w *world) desk.Result { r := w.resolved(live); w.archive(r); return r }, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).Reopen(ctx, k["agent"], "no")
		})},
		{name: "merge", prep: func(w *world) desk.Result {
			a, b := w.ticketed(live), w.ticketed(live)
			a.Offer = b.Ticket.String()
			return a
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).MergeInto(ctx, k["agent"], ticket.ID(uuid.MustParse(r.Offer)))
		})},
		{name: "assign", prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			w.must(w.o.Conversation(r.Conversation).PickUp(ctx, agent))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).Assign(ctx, k["agent"], "agent-2")
		})},
		{name: "mitigate", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).Mitigate(ctx, k["agent"])
		})},
		{name: "identify", prep: func(w *world) desk.Result {
			visitor := live
			visitor.Contact, visitor.People = inbox.Contact{}, true
			r := w.must(w.o.Start(ctx, desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorCustomer}}, opening(visitor, text("Hello."))))
			w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer", Requester: contact.Customer}}))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).Identify(ctx, k["system"], contact)
		})},
		{name: "mitigate the open one", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).Mitigate(ctx, k["agent"])
		})},
		{name: "answer", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).UpdateIntake(ctx, k["agent"], ticket.Intake{FirstSeen: "Monday"})
		})},
		{name: "claim severity", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).ClaimSeverity(ctx, k["customer"], severity.Urgent, helpdesk.ChannelLiveChat)
		})},
		{name: "confirm severity", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).ConfirmSeverity(ctx, k["agent"])
		})},
		{name: "decline severity", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).DeclineSeverity(ctx, k["agent"], severity.Low)
		})},
		{name: "correct severity", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).CorrectSeverity(ctx, k["agent"], ticket.CorrectSeverityParams{Level: severity.Low, Reason: "small"})
		})},
		{name: "pause clocks", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).PauseClocks(ctx, k["agent"], "a part")
		})},
		{name: "resume clocks", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).ResumeClocks(ctx, k["agent"])
		})},
		{name: "hold", prep: resolved, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).PlaceLegalHold(ctx, k["agent"], ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true})
		})},
		{name: "release", prep: func(w *world) desk.Result {
			r := w.resolved(live)
			w.must(w.o.Ticket(r.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true}))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).ReleaseLegalHold(ctx, k["agent"], ticket.LegalHoldParams{ID: "h", Privileged: true})
		})},
		{name: "bounced", prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, inbox.MessageParams{ID: "answer", Body: "Hello."}))
			w.run()
			return r
		}, do: func(w *world, r desk.Result) error {
			if err := w.o.MarkBounced(ctx, k["system"], "ticket/"+r.Ticket.String()+"/mail_created"); err != nil {
				return err
			}
			call := k["system"]
			call.IdempotencyKey += "2"
			return w.o.MarkBounced(ctx, call, "conv/"+r.Conversation.String()+"/msg/2")
		}},
		{name: "hold conversation", prep: resolved, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, k["agent"], ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true})
		})},
		{name: "release conversation", prep: func(w *world) desk.Result {
			r := w.resolved(live)
			w.must(w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true}))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, k["agent"], ticket.LegalHoldParams{ID: "h", Privileged: true})
		})},
		{name: "switch off", prep: func(w *world) desk.Result { w.start(live); return w.start(live) }, do: func(w *world, _ desk.Result) error {
			return w.o.UpdateSettings(ctx, k["agent"], inbox.Config{})
		}},
		{name: "clocks", prep: ticketed, do: func(*world, desk.Result) error { return nil }, wait: 3 * time.Hour},
		{name: "reminder", edit: func(c *desk.Config) { c.Reminders = desk.Reminders{Every: day, MaxReminders: 1, ResolveAfter: 3 * day} }, prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			return w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which?")))
		}, do: func(*world, desk.Result) error { return nil }, wait: 25 * time.Hour},
		{name: "given up", edit: func(c *desk.Config) { c.Reminders = desk.Reminders{ResolveAfter: 2 * day} }, prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			return w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which?")))
		}, do: func(*world, desk.Result) error { return nil }, wait: 49 * time.Hour},
		{name: "purge of some", edit: briefly, prep: func(w *world) desk.Result {
			all := w.three()
			w.must(w.o.Ticket(all[2].Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true}))
			return all[0]
		}, do: func(*world, desk.Result) error { return nil }, wait: 3 * time.Hour},
		{name: "purge of the rest", edit: briefly, prep: func(w *world) desk.Result {
			all := w.three()
			w.must(w.o.Ticket(all[2].Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true}))
			w.pass(3 * time.Hour)
			return w.must(w.o.Ticket(all[2].Ticket).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Privileged: true}))
		}, do: func(*world, desk.Result) error { return nil }, wait: 27 * time.Hour},
		{name: "closes by itself", edit: func(c *desk.Config) {
			c.Lifecycles, c.Reminders = []*ticket.Lifecycle{ticket.StandardClosed()}, desk.Reminders{CloseAfter: day}
		}, prep: resolved, do: func(*world, desk.Result) error { return nil }, wait: 25 * time.Hour},
		{name: "an event of the host's own", edit: func(c *desk.Config) { c.Lifecycles = []*ticket.Lifecycle{vendorLifecycle()} }, prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).Do(ctx, k["agent"], "ask_vendor", "")
		})},
		{name: "confirm again", prep: func(w *world) desk.Result {
			r := offered(w)
			made := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: r.Offer, Shown: r.Shown}))
			made.Offer, made.Shown = r.Offer, r.Shown
			return made
		}, do: func(w *world, r desk.Result) error {
			again, err := w.o.Conversation(r.Conversation).ConfirmOffer(ctx, k["customer"], inbox.ConfirmParams{Offer: r.Offer, Shown: r.Shown})
			if err == nil && again.Ticket != r.Ticket { // R34
				return errors.New("another ticket")
			}
			return err
		}},
		{name: "receive after a purge", edit: briefly, prep: func(w *world) desk.Result {
			r := w.three()[0]
			w.pass(4 * time.Hour)
			_, err := w.o.Ticket(r.Ticket).View(ctx)
			require.ErrorIs(w.t, err, helpdesk.ErrGone)
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Receive(ctx, k["customer"], desk.InboundMessage{Conversation: r.Conversation, Start: live, Message: said("And?")})
		})},
		{name: "revive", prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			w.post.fail = func(desk.Envelope) error { return desk.ErrRejected }
			w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("To nowhere.")))
			w.rest()
			w.post.fail = nil
			return r
		}, do: func(w *world, _ desk.Result) error {
			page, _, err := w.o.DeadLetters(ctx, "", 10)
			for _, p := range page {
				err = errors.Join(err, w.o.Revive(ctx, p.Key))
			}
			return err
		}},
		{name: "revive all", prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			w.post.fail = func(desk.Envelope) error { return desk.ErrRejected }
			w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("To nowhere.")))
			w.rest()
			w.post.fail = nil
			return r
		}, do: func(w *world, _ desk.Result) error {
			_, err := w.o.ReviveAll(ctx, "customer")
			return err
		}},
		{name: "sweep", edit: briefly, prep: func(w *world) desk.Result {
			r := w.three()[0]
			w.clock.advance(3 * time.Hour)
			return r
		}, do: func(w *world, _ desk.Result) error {
			_, err := w.o.ApplyRetention(ctx)
			return err
		}},
		{name: "sweep anyway", edit: briefly, prep: func(w *world) desk.Result {
			r := w.three()[0]
			w.clock.advance(40 * day) // nobody swept meanwhile
			report := w.sweep()
			require.NotEmpty(w.t, report.Refusals)
			return r
		}, do: func(w *world, _ desk.Result) error {
			_, err := w.o.ApplyRetentionAnyway(ctx, retention.Override{Clock: true, Count: 100})
			return err
		}},
		{name: "expire", prep: func(w *world) desk.Result {
			r := w.start(live)
			w.must(w.o.Conversation(r.Conversation).AddTag(ctx, keyed(agent, "old"), "hot"))
			w.pass(8 * day)
			return r
		}, do: func(w *world, _ desk.Result) error {
			_, err := w.desk.RemoveExpired(ctx)
			return err
		}},
		{name: "a look at everything", prep: ticketed, do: func(w *world, r desk.Result) error {
			_, err := w.o.Conversation(r.Conversation).Events(ctx, 0, 1)
			if err == nil {
				_, err = w.o.Ticket(r.Ticket).Events(ctx, 0, 1)
			}
			if err == nil {
				_, err = w.o.Health(ctx)
			}
			if err == nil {
				_, _, err = w.o.Tickets(ctx, desk.TicketQuery{})
			}
			return err
		}},
		{name: "erasure", prep: func(w *world) desk.Result {
			r := w.must(w.o.Start(ctx, customer, opening(live, inbox.MessageParams{Body: "Look.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Size: 1}}})))
			offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal))
			made := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}))
			w.must(w.o.Conversation(made.Conversation).Resolve(ctx, agent, sol))
			return made
		}, do: func(w *world, r desk.Result) error {
			_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, k["agent"])
			return err
		}, wait: 3 * time.Hour},
	}
}
