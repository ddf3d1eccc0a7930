package desk_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/fastjson"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// never is the ID of nothing.
var never = uuid.MustParse("01900000-0000-7000-8000-00000000dead")

// purged returns a conversation with a ticket that is gone, with it.
func (w *world) purged() desk.Result {
	w.t.Helper()
	r := w.resolved(live)
	w.pass(32 * day)
	_, err := w.o.Conversation(r.Conversation).View(w.t.Context(), inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(w.t, err, helpdesk.ErrGone)
	return r
}

// outcomes gives every command on a conversation and on a ticket, and every question of a
// customer, and returns their errors by name.
func (w *world) outcomes(of helpdesk.Author, conversation inbox.ID, id ticket.ID, reference string) map[string]error {
	w.t.Helper()
	ctx := w.t.Context()
	all := map[string]error{}
	for _, handle := range []any{w.o.Conversation(conversation), w.o.Ticket(id)} {
		v := reflect.ValueOf(handle)
		for m := range v.Type().Methods() {
			in := m.Func.Type()
			if in.NumIn() < 3 || in.In(2) != reflect.TypeFor[desk.Meta]() {
				continue
			}
			args := []reflect.Value{v, reflect.ValueOf(ctx), reflect.ValueOf(desk.Meta{Author: of})}
			for i := 3; i < in.NumIn(); i++ {
				args = append(args, reflect.Zero(in.In(i)))
			}
			if in.NumIn() == 4 && in.In(3) == reflect.TypeFor[ticket.ID]() { // the other ticket is the one
				args[3] = reflect.ValueOf(id)
			}
			out := m.Func.Call(args)
			err, _ := reflect.TypeAssert[error](out[len(out)-1])
			all[v.Type().Name()+"."+m.Name] = err
		}
	}
	if of.By == helpdesk.ActorCustomer {
		_, err := w.o.Conversation(conversation).CustomerView(ctx, of.Who, desk.MessageQuery{})
		all["CustomerView"] = err
		for _, a := range []inbox.Assurance{inbox.AssuranceVerified, inbox.AssuranceClaimed} {
			_, err = w.o.LookUp(ctx, reference, inbox.Inquiry{Customer: of.Who, Assurance: a})
			all["LookUp "+string(a)] = err
		}
	}
	return all
}

// R85, T13: that something is gone only the team learns, and the customer whose it was. To
// anybody else it is as what never was, word by word.
func TestGoneIsForItsCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.purged()
	reference := string(r.Reference)
	other := ticket.NewReference(7)
	require.NotEqual(t, r.Reference, other)
	same := strings.NewReplacer(r.Conversation.String(), never.String(), r.Ticket.String(), never.String(), reference, string(other))
	for _, tt := range []struct {
		author helpdesk.Author
		learns bool
	}{
		{helpdesk.Customer("cust-1"), true},
		{helpdesk.Customer("cust-2"), false},
		{helpdesk.Customer("cust-"), false},
		{helpdesk.Customer("cust-10"), false},
		{helpdesk.Customer(""), false},
		{helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "cust-1"}, false},
		{helpdesk.Author{Who: "cust-1"}, false},
		{agent.Author, true},
		{system.Author, true},
		{ai.Author, true},
	} {
		gone := w.outcomes(tt.author, r.Conversation, r.Ticket, reference)
		none := w.outcomes(tt.author, inbox.ID(never), ticket.ID(never), string(other))
		require.Greater(t, len(gone), 40)
		learned := 0
		for name, err := range gone {
			require.Error(t, err, name)
			is := &desk.GoneError{}
			if tt.learns && errors.As(err, &is) {
				require.Equal(t, w.clock.now().Year(), is.At.Year())
				require.ErrorIs(t, none[name], helpdesk.ErrNotFound, "%s of %v", name, tt.author)
				learned++
				continue
			}
			if none[name] == nil { // of no name at all
				continue
			}
			require.NotErrorIs(t, err, helpdesk.ErrGone, "%s of %v", name, tt.author)
			require.Equal(t, none[name].Error(), same.Replace(err.Error()), "%s of %v", name, tt.author)
		}
		require.Equal(t, tt.learns, learned > 0, "%v", tt.author)
		if tt.author == helpdesk.Customer("cust-1") {
			for _, name := range []string{"CustomerView", "LookUp verified", "LookUp claimed", "ConversationHandle.RequestErasure", "TicketHandle.ClaimSeverity", "ConversationHandle.ConfirmOffer"} {
				require.ErrorIs(t, gone[name], helpdesk.ErrGone, name)
			}
		}
	}
}

// R85: a mail to a conversation that is gone begins a new one, whoever wrote it.
func TestGoneForReceive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.purged()
	for _, who := range []string{"cust-1", "cust-2", ""} {
		start := live
		start.Contact.Customer = who
		m := desk.InboundMessage{Conversation: r.Conversation, Start: start, Message: said("Hello?")}
		next := w.must(w.o.Receive(t.Context(), desk.Meta{Author: helpdesk.Customer(who)}, m))
		require.NotEqual(t, r.Conversation, next.Conversation)
		m.Machine = true
		_, err := w.o.Receive(t.Context(), desk.Meta{Author: helpdesk.Customer(who)}, m)
		require.Equal(t, who == "cust-1", errors.Is(err, helpdesk.ErrGone), err)
		require.Equal(t, who != "cust-1", errors.Is(err, helpdesk.ErrNotFound), err)
	}
}

// R85: the record of what is gone has a keyed hash of the customer, and another one for each
// record; one of before, without a hash, is for the team only.
func TestGoneRecordHasAHashOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.purged()
	records := w.records()
	page, err := records.Read(ctx, store.ReadRequest{Lists: []store.Query{{Kind: "gone", Limit: 100}}})
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, rec := range page.Lists[0].Records {
		require.NotContains(t, string(rec.Body), "cust-1")
		var b map[string]any
		require.NoError(t, fastjson.Decode(rec.Body, &b))
		of, _ := b["of"].(string)
		require.Len(t, of, 64)
		require.False(t, seen[of], "two records do not tell that they had the same customer")
		seen[of] = true
		delete(b, "of")
		body, err := fastjson.Append(nil, b)
		require.NoError(t, err)
		_, err = records.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: rec.Ref, Expected: rec.Revision, Body: body}}})
		require.NoError(t, err)
	}
	require.Len(t, seen, 3) // the conversation, the ticket and its reference
	for who, want := range map[helpdesk.Author]error{helpdesk.Customer("cust-1"): helpdesk.ErrNotFound, agent.Author: helpdesk.ErrGone} {
		_, err := w.o.Ticket(r.Ticket).Mitigate(ctx, desk.Meta{Author: who})
		require.ErrorIs(t, err, want)
	}
	_, err = w.o.LookUp(ctx, string(r.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
}
