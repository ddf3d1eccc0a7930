package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// The words for everything that can be wrong with a configuration.
func TestFaultTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	w := newWorld(t)
	for _, c := range []desk.Config{
		{},
		{Stores: w.stores, Secrets: []desk.Secret{{ID: "s", Key: secret.Key[:31]}}},
	} {
		_, err := desk.New(c)
		fmt.Fprintf(&said, "== what is missing\n%v\n", err)
	}
	const years = 21 * 366 * day
	for _, edit := range []func(*desk.Config){
		func(c *desk.Config) { c.MailDomain = "a b" },
		func(c *desk.Config) { c.Lifecycles = []*ticket.Lifecycle{nil, ticket.Standard(), ticket.Standard()} },
		func(c *desk.Config) { c.Inbox = inbox.Config{MaxTurns: -1, Archived: "burn"} },
		func(c *desk.Config) {
			c.Reminders = desk.Reminders{Every: 1, MaxReminders: -1, ResolveAfter: -1, CloseAfter: time.Second - 1}
		},
		func(c *desk.Config) {
			c.Reminders = desk.Reminders{Every: years, ResolveAfter: years, CloseAfter: years}
		},
		func(c *desk.Config) {
			c.Limits = desk.Limits{
				AssistantMessages: -1, MaxSends: -1, MailsPerWindow: -1, MailStarts: -1, Workers: -1,
				Poll: -1, Timeout: -1, SendFor: -1, MailWindow: -1, KeepResults: -1, RetentionEvery: -1,
			}
		},
		func(c *desk.Config) {
			c.Limits = desk.Limits{Timeout: years, SendFor: years, MailWindow: years, RetentionEvery: years}
		},
		func(c *desk.Config) {
			c.MailDomain, c.Secrets, c.Clock = "-", nil, nil
		},
	} {
		c := w.config
		edit(&c)
		_, err := desk.New(c)
		fmt.Fprintf(&said, "== what is wrong\n%v\n", err)
	}
	golden.Equal(t, "testdata/faults.golden", said.String())
}

// The words for everything that can be wrong with what a store or a transport is
// given.
func TestFormFaultTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	say := func(what string, err error) { fmt.Fprintf(&said, "== %s\n%v\n", what, err) }
	early := time.Date(1899, time.December, 31, 0, 0, 0, 0, time.UTC)
	long := strings.Repeat("x", store.MaxBody+1)
	bad := store.Ref{Kind: "No", ID: "a b"}
	good := store.Ref{Kind: "a", ID: "1"}
	say("reference", bad.Check())
	say("batch", store.Batch{
		Key:    store.Key{Name: "a b", Result: store.Result{Of: bad, Body: []byte(long), ExpiresAt: early}},
		Expect: []store.Expected{{Ref: bad}, {Ref: good}, {Ref: good}},
		Changes: []store.Change{
			{Ref: bad, Delete: true, Body: []byte("{}")},
			{Ref: good, Body: []byte(long), ExpiresAt: early, Attributes: []store.Attribute{{Name: "A"}, {Name: "b", Value: store.Text("b")}}},
			{Ref: store.Ref{Kind: "ticket", ID: "1"}, Attributes: []store.Attribute{
				{Name: "status", Value: store.Text("\xff")},
				{Name: "open", Value: store.Text("yes")},
				{Name: "due", Value: store.Instant(early)},
				{Name: "assignee", Value: store.Text("a")},
				{Name: "assignee", Value: store.Text("b")},
			}},
			{Ref: good},
		},
		Replace:  []store.Replacement{{Of: bad}},
		Append:   []store.Entry{{Of: bad}, {ID: "e", Of: good, Log: "a", N: 1, At: monday, Body: []byte(long)}, {ID: "e", Of: good, Log: "a", N: 1, At: monday}},
		Timers:   []store.Timer{{Of: bad}, {Of: good, Name: "t", At: early}, {Of: good, Name: "t", At: monday}},
		Withdraw: []string{""},
		Send:     []store.Message{{Of: bad}, {Key: "k", Of: good, Topic: "t", At: monday, Body: []byte(long)}, {Key: "k", Of: good, Topic: "t/", At: monday}},
	}.Check())
	say("a key of nothing", store.Batch{Key: store.Key{Result: store.Result{Fingerprint: "f"}}}.Check())
	say("query", store.Query{Kind: "A", Where: []store.Match{{}}, Cursor: "x"}.Check())
	say("query", store.Query{Kind: "ticket", Where: []store.Match{{Name: "status", Value: store.Bool(true)}, {Name: "size", Absent: true}}, Order: "status", Limit: 1}.Check())
	say("claim", store.Claim{Now: early}.Check())
	say("claim", store.Claim{Queue: store.Timers, Now: monday, Lease: 200 * 365 * day, Want: []store.Want{{Tenant: "acme", Limit: 1}, {Tenant: "acme", Limit: 1}, {}}}.Check())
	say("envelope", desk.Envelope{}.Check())
	say("envelope", desk.Envelope{
		Tenant: "No Tenant", Key: "a b", Channel: "a b", To: "a\nb", Conversation: "a b", Message: "a b", Subject: "a\nb", Body: "\x00",
		Attachments: make([]inbox.AttachmentRef, inbox.MaxAttachments+1), MessageID: "<a>", InReplyTo: "a b",
	}.Check())
	say("envelope", desk.Envelope{Attachments: []inbox.AttachmentRef{{Ref: "a b", Type: "a b", Size: -1, SHA256: "X"}}}.Check())
	_, err := store.ParseTenantID("No Tenant")
	say("tenant", err)
	golden.Equal(t, "testdata/form-faults.golden", said.String())
}

// The words with which commands of the desk's own are refused.
func TestCommandFaultTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	say := func(what string, err error) { fmt.Fprintf(&said, "== %s\n%v\n", what, err) }
	made := 0
	w := newWorld(t, func(c *desk.Config) {
		c.NewID = func(time.Time) uuid.UUID {
			made++
			return uuid.UUID{6: 0x70, 8: 0x80, 15: byte(made)}
		}
	})
	ctx := t.Context()
	r := w.ticketed(live)
	never := uuid.UUID{6: 0x70, 8: 0x80, 0: 1}
	nobody := desk.Meta{Author: helpdesk.Author{By: "pope", Who: "\x00"}}
	with := func(c desk.Meta, edit func(*desk.Meta)) desk.Meta {
		edit(&c)
		return c
	}
	_, err := w.o.Ticket(ticket.ID(never)).View(ctx)
	say("no such ticket", err)
	_, err = w.o.Conversation(inbox.ID(never)).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	say("no such conversation", err)
	_, err = w.o.LookUp(ctx, "HD-0000-0000-0000", inbox.Inquiry{Assurance: inbox.AssuranceVerified, Customer: "cust-1"})
	say("no such reference", err)
	_, err = w.o.Conversation(r.Conversation).Reply(ctx, nobody, text("x"))
	say("an actor that is none", err)
	say("configure", w.o.UpdateSettings(ctx, nobody, inbox.Config{}))
	say("configure", w.o.UpdateSettings(ctx, desk.Meta{Author: helpdesk.Agent("\x00")}, inbox.Config{}))
	say("bounced", w.o.MarkBounced(ctx, customer, "x"))
	say("bounced", w.o.MarkBounced(ctx, agent, "conv/"+r.Conversation.String()+"/msg/9"))
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, ai)
	say("erasure", err)
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, with(customer, func(c *desk.Meta) { c.Who = "other" }))
	say("erasure", err)
	_, err = w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "a b", Reason: " ", Privileged: true})
	say("hold", err)
	_, err = w.o.Conversation(r.Conversation).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "x"})
	say("hold", err)
	_, err = w.o.Conversation(r.Conversation).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Privileged: true})
	say("release", err)
	_, err = w.o.Conversation(r.Conversation).AddNote(ctx, with(agent, func(c *desk.Meta) { c.IdempotencyKey = "a b" }), text("x"))
	say("key", err)
	_, err = w.o.Conversation(r.Conversation).AddNote(ctx, with(agent, func(c *desk.Meta) { c.IfLastMessage = 99 }), text("x"))
	say("seen", err)
	_, err = w.o.Start(ctx, with(customer, func(c *desk.Meta) { c.IfLastMessage = 1 }), opening(live, text("x")))
	say("seen", err)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: text("Hello?")}))
	_, err = w.o.Conversation(r.Conversation).Reply(ctx, with(agent, func(c *desk.Meta) { c.IfLastMessage = 1 }), text("x"))
	say("the customer has written since", err)
	w.must(w.o.Conversation(r.Conversation).AddNote(ctx, keyed(agent, "key"), text("x")))
	_, err = w.o.Conversation(r.Conversation).AddNote(ctx, keyed(agent, "key"), text("y"))
	say("key reused", err)
	_, err = w.o.Ticket(r.Ticket).ClaimSeverity(ctx, keyed(customer, "other"), severity.Level(9), "")
	say("level", err)
	_, err = w.o.Ticket(r.Ticket).UpdateIntake(ctx, customer, ticket.Intake{Account: "acc-2"})
	say("answer", err)
	_, err = w.o.Receive(ctx, customer, desk.InboundMessage{Machine: true})
	say("a machine", err)
	_, _, err = w.o.Tickets(ctx, desk.TicketQuery{Cursor: "x"})
	say("cursor", err)
	_, _, err = w.o.Conversations(ctx, desk.ConversationQuery{List: "x"})
	say("list", err)
	_, err = w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal)
	say("a lease that has passed", err)
	say("revive", w.o.Revive(ctx, "none"))
	golden.Equal(t, "testdata/command-faults.golden", said.String())
}
