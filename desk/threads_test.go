package desk_test

import (
	"bytes"
	"context"
	"errors"
	netmail "net/mail"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/mail"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// fromMail starts a conversation by mail that people hold.
func (w *world) fromMail(contact inbox.Contact, m inbox.MessageParams) desk.Result {
	w.t.Helper()
	return w.must(w.o.Start(w.t.Context(), customer, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: contact, People: true, Message: m,
	}))
}

// T51, T55: an answer to a mail that the desk sent, and a bounce of it, are found by its Message-ID,
// in its own tenant only, and also after the secret was changed.
func TestThreadsOfADeskT51(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.fromMail(contact, inbox.MessageParams{ID: "1@customer.example", Body: "Nothing prints."})
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("Is it on?")))
	w.run()
	sent := mails(w.post.take())
	require.Len(t, sent, 1)
	answer := netmail.Header{"In-Reply-To": {"<" + sent[0].MessageID + ">"}}
	found, key, ok := w.o.Threads().Answered(answer)
	require.True(t, ok)
	require.Equal(t, r.Conversation, inbox.ID(found))
	require.Equal(t, sent[0].Key, key)
	require.NoError(t, w.o.MarkBounced(ctx, system, key))
	require.True(t, w.conversation(r.Conversation).Messages[1].(inbox.Reply).Undelivered)

	other, err := w.desk.Tenant("other")
	require.NoError(t, err)
	_, ok = other.Threads().Find(answer)
	require.False(t, ok)
	next := w.config
	next.Secrets = append([]desk.Secret{{ID: "next", Key: bytes.Repeat([]byte{9}, 32)}}, next.Secrets...)
	d, err := desk.New(next)
	require.NoError(t, err)
	o, err := d.Tenant("acme")
	require.NoError(t, err)
	id, ok := o.Threads().Find(answer)
	require.True(t, ok)
	require.Equal(t, found, id)
	next.Secrets = next.Secrets[:1]
	d, err = desk.New(next)
	require.NoError(t, err)
	o, err = d.Tenant("acme")
	require.NoError(t, err)
	_, ok = o.Threads().Find(answer)
	require.False(t, ok, "the secret is gone")
}

// T56: what goes out by mail stands in the thread of the customer's last mail before it, under its
// subject.
func TestMailsStandInTheThreadT56(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.fromMail(contact, inbox.MessageParams{ID: "1@customer.example", Body: "Help.", Subject: "Printer\r\nBcc: x"})
	h := w.o.Conversation(r.Conversation)
	sent := func() desk.Envelope {
		w.run()
		all := mails(w.post.take())
		require.Len(t, all, 1)
		require.NoError(t, all[0].Check())
		return all[0]
	}
	w.must(h.Reply(ctx, agent, text("Is it on?")))
	e := sent()
	require.Equal(t, "1@customer.example", e.InReplyTo)
	require.Equal(t, []string{"1@customer.example"}, e.References)
	require.Equal(t, "Re: Printer Bcc: x", e.Subject)
	require.Equal(t, "Printer Bcc: x", string(w.conversation(r.Conversation).Messages[0].(inbox.Reply).Subject))

	w.must(h.AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{ID: "2@customer.example", Body: "Yes.", Subject: "RE: Printer"}}))
	w.must(h.Reply(ctx, agent, text("And now?")))
	w.must(h.AddCustomerMessage(ctx, customer, said("No."))) // before that is sent, and without a Message-ID
	e = sent()
	require.Equal(t, "2@customer.example", e.InReplyTo)
	require.Equal(t, "RE: Printer", e.Subject)
	w.must(h.Reply(ctx, agent, text("Oh.")))
	e = sent()
	require.Empty(t, e.InReplyTo)
	require.Equal(t, "Your conversation with us", e.Subject)

	live := w.start(live) // where there are no threads
	w.must(w.o.Conversation(live.Conversation).TakeOver(ctx, agent))
	w.must(w.o.Conversation(live.Conversation).Reply(ctx, agent, text("Hello.")))
	w.run()
	for _, e := range w.post.take() {
		require.Empty(t, e.InReplyTo)
	}
}

// T56, R36: a ticket of a conversation by mail sends one mail on creation, in the thread, if the account
// has the address of the conversation; else the confirmation goes to that of the account, and a line
// to that of the conversation.
func TestOneMailOnCreationT56(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		email, account string // of the contact
		want           []string
	}{
		"the address of the account": {"Ada@Account.example", "acc", []string{"ada@account.example in thread"}},
		"no address of its own":      {"", "acc", []string{"ada@account.example in thread"}},
		"another address":            {"ada@home.example", "acc", []string{"ada@account.example", "ada@home.example in thread"}},
		"an account that is gone":    {"ada@home.example", "gone", []string{"ada@home.example in thread"}},
		"no account":                 {"ada@home.example", "", []string{"ada@home.example in thread"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *desk.Config) { c.Accounts = accounts{"acc": {Ref: "acc", Email: "ada@account.example"}} })
			r := w.fromMail(inbox.Contact{Customer: contact.Customer, Account: tt.account, Email: tt.email}, inbox.MessageParams{ID: "1@customer.example", Body: "Help."})
			w.must(w.o.Conversation(r.Conversation).CreateTicket(t.Context(), agent, inbox.CreateTicketParams{
				Intake: ticket.Intake{Title: "Printer"}, Severity: severity.Low,
			}))
			w.run()
			w.clock.advance(time.Hour)
			w.run()
			var got []string
			for _, e := range mails(w.post.take()) {
				to := e.To
				if e.InReplyTo == "1@customer.example" {
					to += " in thread"
				}
				got = append(got, to)
			}
			require.ElementsMatch(t, tt.want, got)
		})
	}
}

// While the accounts do not answer, nobody knows whether one mail says it all: the line waits.
func TestLineWaitsForTheAccountT56(t *testing.T) {
	t.Parallel()
	known := accounts{"acc": {Ref: "acc", Email: "ada@account.example"}}
	a := &flaky{accounts: known}
	w := newWorld(t, func(c *desk.Config) { c.Accounts = a })
	r := w.fromMail(inbox.Contact{Customer: contact.Customer, Account: "acc", Email: "ada@home.example"}, inbox.MessageParams{ID: "1@customer.example", Body: "Help."})
	w.must(w.o.Conversation(r.Conversation).CreateTicket(t.Context(), agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}}))
	a.away.Store(true)
	w.run()
	require.Empty(t, mails(w.post.take()))
	a.away.Store(false)
	w.clock.advance(time.Hour)
	w.run()
	require.Len(t, mails(w.post.take()), 2)
}

// flaky are accounts that can be away.
type flaky struct {
	accounts

	away atomic.Bool
}

func (f *flaky) Account(ctx context.Context, t store.TenantID, ref string) (desk.Account, error) {
	if f.away.Load() {
		return desk.Account{}, errors.New("away")
	}
	return f.accounts.Account(ctx, t, ref)
}

// The address for answers finds its conversation.
func TestThreadsAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.fromMail(contact, text("Help."))
	address, err := w.o.Threads().Address("support@help.example", uuid.UUID(r.Conversation))
	require.NoError(t, err)
	id, ok := w.o.Threads().Find(netmail.Header{"Delivered-To": {address}})
	require.True(t, ok)
	require.Equal(t, r.Conversation, inbox.ID(id))
	require.False(t, mail.Detect(netmail.Header{"Message-Id": {"<1@x.example>"}}, mail.Receiver{Threads: w.o.Threads()}).Automatic())
}
