package desk_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// bySystemIn returns what the library said in a conversation.
func (w *world) bySystemIn(id inbox.ID) []inbox.Reply {
	w.t.Helper()
	var out []inbox.Reply
	for _, m := range w.conversation(id).Messages {
		if r, ok := m.(inbox.Reply); ok && r.By == helpdesk.ActorSystem {
			out = append(out, r)
		}
	}
	return out
}

// R83: what the library says to a customer stands in the conversation, word for word as it is
// sent, in the view of the team and in that of the customer, which has the customer's tickets.
func TestSystemMessagesR83(t *testing.T) {
	t.Parallel()
	for _, ch := range []helpdesk.Channel{helpdesk.ChannelLiveChat, helpdesk.ChannelSMS, helpdesk.ChannelEmail} {
		w := newWorld(t, func(c *desk.Config) {
			c.Reminders = desk.Reminders{Clock: inbox.WaitCalendar, Every: day, MaxReminders: 1}
		})
		ctx := t.Context()
		r := w.start(begin(ch, contact))
		h := w.o.Conversation(r.Conversation)
		offer := w.must(h.MakeOffer(ctx, ai, r.ControlToken, proposal))
		w.run()
		made := w.must(h.ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}))
		w.run()
		if ch != helpdesk.ChannelLiveChat {
			w.must(h.AddParticipantMessage(ctx, friend, text("Me too."))) // which brings the holding line
		}
		w.must(h.AskCustomer(ctx, agent, text("Which?")))
		w.run()
		w.clock.advance(day + time.Minute)
		w.run()
		asked := w.clock.now()
		w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "Put it out.", Details: "With water."}))
		w.run()
		said := w.bySystemIn(r.Conversation)
		want := []string{"I can open a support ticket", "Your support ticket is HD-", "A member of our team", "We need an answer", "is resolved.\n\nPrinter on fire\n\nAction taken: Put it out.\n\nWith water."}
		if ch == helpdesk.ChannelLiveChat {
			want = append(want[:2], want[3:]...)
		}
		require.Len(t, said, len(want), "%s: %+v", ch, said)
		for i, words := range want {
			require.Contains(t, string(said[i].Body), words)
		}
		require.WithinDuration(t, asked, said[len(said)-1].At, time.Microsecond)
		bodies := map[string]string{}
		for _, e := range w.post.take() {
			if e.Message != "" && e.Automatic {
				bodies[e.Message] = e.Body
			}
		}
		for _, m := range said[:len(said)-1] { // the last one goes by mail to the account
			if ch == helpdesk.ChannelEmail && strings.Contains(string(m.Body), "ticket is HD-") {
				continue // a mail has said it (T56), or says it here
			}
			require.Equal(t, string(m.Body), bodies[m.ID], "%s %s", ch, m.ID)
		}
		v, err := h.CustomerView(ctx, "cust-1", desk.MessageQuery{})
		require.NoError(t, err)
		n := 0
		for _, m := range v.Messages {
			if m.By == helpdesk.ActorSystem {
				require.Equal(t, string(said[n].Body), string(m.Body))
				n++
			}
		}
		require.Equal(t, len(said), n)
		require.Len(t, v.Tickets, 1)
		require.Equal(t, []any{made.Ticket, made.Reference, ticket.StatusResolved, "Put it out."},
			[]any{v.Tickets[0].ID, v.Tickets[0].Reference, v.Tickets[0].Status, v.Tickets[0].Resolution[0].Action})
	}
}

// R83, T28: a text that does not arrive is noted, as a reply is.
func TestSystemMessageIsLostR83(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Limits.MaxSends = 2 })
	w.post.fail = func(e desk.Envelope) error {
		if e.Channel == helpdesk.ChannelSMS {
			return errAway
		}
		return nil
	}
	r := w.ticketed(sms)
	for range 4 {
		w.run()
		w.clock.advance(time.Hour)
	}
	for _, m := range w.bySystemIn(r.Conversation) {
		if strings.Contains(string(m.Body), "ticket is HD-") {
			require.True(t, m.Undelivered)
		}
	}
	w.post.fail = nil
	n, err := w.o.ReviveAll(t.Context(), "")
	require.NoError(t, err)
	require.Positive(t, n)
	w.run()
	for _, m := range w.bySystemIn(r.Conversation) {
		require.False(t, m.Undelivered && strings.Contains(string(m.Body), "ticket is HD-"))
	}
}

// wording has texts of the host's own, and remembers what it was asked.
type wording struct {
	mu    sync.Mutex
	asked []desk.TemplateData
	fails func()
}

func (o *wording) text(d desk.TemplateData) desk.Content {
	o.mu.Lock()
	o.asked = append(o.asked, d)
	fails := o.fails
	o.mu.Unlock()
	if fails != nil {
		fails()
	}
	c := desk.English(d)
	c.Body = d.Locale + ": " + c.Body
	return c
}

func (o *wording) of(kind desk.OccasionKind) (last desk.TemplateData) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.asked {
		if d.Kind == kind {
			last = d
		}
	}
	return last
}

// What texts can depend on: tenant, customer, account, channel, language and kind.
func TestTemplateData(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ contact, account, chat, mail string }{
		{"", "", "", ""}, {"de", "", "de", "de"}, {"", "fr-CA", "fr-CA", "fr-CA"}, {"de", "fr-CA", "de", "fr-CA"},
	} {
		o := &wording{}
		known := accounts{"acc-1": {Ref: "acc-1", Name: "Ada", Email: "ada@account.example", Phone: "+44 1", Locale: tt.account}}
		w := newWorld(t, func(c *desk.Config) { c.Templates, c.Accounts = o.text, known })
		b := live
		b.Contact.Locale = tt.contact
		r := w.ticketed(b)
		w.run()
		w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
		w.must(w.o.Conversation(r.Conversation).Resolve(t.Context(), agent, duplicate))
		w.run()
		for _, kind := range []desk.OccasionKind{desk.OccasionOffer, desk.OccasionTicket, desk.OccasionReply, desk.OccasionMailCreated, desk.OccasionMailResolved} {
			d := o.of(kind)
			locale, channel := tt.chat, helpdesk.ChannelLiveChat
			if kind == desk.OccasionMailCreated || kind == desk.OccasionMailResolved {
				locale, channel = tt.mail, helpdesk.ChannelEmail
			}
			require.Equal(t, []any{store.TenantID("acme"), "cust-1", known["acc-1"], channel, locale}, []any{d.Tenant, d.Customer, d.Account, d.Channel, d.Locale}, "%s", kind)
		}
		require.Equal(t, "Your printer burns.", o.of(desk.OccasionTicket).Summary)
		require.True(t, strings.HasPrefix(string(w.bySystemIn(r.Conversation)[0].Body), tt.chat+": "))
	}
}

// Words that the host does not give stop no command, and are asked for again when they are sent.
func TestTemplatesThatFail(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]func(){
		"panics": func() { panic("no words") },
		"ends":   func() { select {} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &wording{fails: fails}
			w := newWorld(t, func(c *desk.Config) { c.Templates, c.Limits.Timeout = o.text, 10*time.Millisecond })
			r := w.ticketed(live)
			require.NotZero(t, r.Ticket)
			require.Empty(t, w.bySystemIn(r.Conversation))
			o.mu.Lock()
			o.fails = nil
			o.mu.Unlock()
			w.run()
			var bodies []string
			for _, e := range w.post.take() {
				bodies = append(bodies, e.Body)
			}
			require.Contains(t, strings.Join(bodies, "\n"), ": Your support ticket is HD-")
		})
	}
	silent := newWorld(t, func(c *desk.Config) { c.Templates = func(desk.TemplateData) desk.Content { return desk.Content{} } })
	require.Empty(t, silent.bySystemIn(silent.ticketed(live).Conversation))

	// An account that does not answer keeps no text back either.
	o := &wording{}
	w := newWorld(t, func(c *desk.Config) { c.Templates, c.Accounts = o.text, awayAccounts{} })
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).MakeOffer(t.Context(), ai, r.ControlToken, proposal))
	require.Equal(t, desk.Account{Ref: "acc-1"}, o.of(desk.OccasionOffer).Account)
}

type awayAccounts struct{}

func (awayAccounts) Account(context.Context, store.TenantID, string) (desk.Account, error) {
	return desk.Account{}, errAway
}

// R44, R83: the tickets of a customer, by assurance; another's are not there.
func TestCustomerTicketsR83(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	one := w.resolved(live)
	w.clock.advance(time.Minute)
	two := w.ticketed(sms)
	merged := w.ticketed(live)
	w.must(w.o.Ticket(merged.Ticket).MergeInto(ctx, agent, two.Ticket))
	other := live
	other.Contact = inbox.Contact{Customer: "cust-2", Account: "acc-2"}
	r := w.must(w.o.Start(ctx, desk.Meta{Author: helpdesk.Customer("cust-2")}, opening(other, text("Hi."))))
	w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
	w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, titled("other")))

	ask := func(customer string, a inbox.Assurance) ([]inbox.StatusView, error) {
		list, next, err := w.o.CustomerTickets(ctx, inbox.Inquiry{Customer: customer, Assurance: a}, "", 0)
		require.Empty(t, next)
		return list, err
	}
	full, err := ask("cust-1", inbox.AssuranceVerified)
	require.NoError(t, err)
	require.Len(t, full, 2)
	for i, id := range []ticket.ID{two.Ticket, one.Ticket} { // the last changed first
		require.Equal(t, id, full[i].ID)
		v, err := w.o.LookUp(ctx, string(full[i].Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
		require.NoError(t, err)
		require.Equal(t, v, full[i])
	}
	require.NotEmpty(t, full[1].Resolution[0].Action)
	claimed, err := ask("cust-1", inbox.AssuranceClaimed)
	require.NoError(t, err)
	for i := range full {
		require.Equal(t, inbox.StatusView{Reference: full[i].Reference, Status: full[i].Status}, claimed[i])
	}
	for _, q := range []inbox.Inquiry{{Customer: "cust-1"}, {Customer: "cust-1", Assurance: inbox.AssuranceNone}, {Assurance: inbox.AssuranceVerified}, {Customer: "cust-1", Assurance: inbox.AssuranceClaimed, Direct: true}} {
		_, _, err := w.o.CustomerTickets(ctx, q, "", 0)
		require.ErrorIs(t, err, inbox.ErrIdentity)
	}
	none, err := ask("cust-3", inbox.AssuranceVerified)
	require.NoError(t, err)
	require.Empty(t, none)
	var all []inbox.StatusView
	for cursor, n := "", 0; ; n++ {
		list, next, err := w.o.CustomerTickets(ctx, inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified}, cursor, 1)
		require.NoError(t, err)
		all = append(all, list...)
		if cursor = next; next == "" {
			break
		}
		require.Less(t, n, 5)
	}
	require.Equal(t, full, all)
}
