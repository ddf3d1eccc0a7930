package desk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// spoil makes the record of a conversation or a ticket one of a newer version.
func (w *world) spoil(kind string, id fmt.Stringer, list string) {
	w.t.Helper()
	all := []store.Attribute{{Name: "updated", Value: store.Instant(w.clock.now())}}
	if kind == "conversation" {
		all = append(all, attributed("list", list, "unread", "team")...)
	}
	damage(w.t, w.records(), store.Ref{Kind: kind, ID: id.String()}, `{"v":99}`, all...)
}

// T44: a record of a newer version does not hide those that stand beside it in a list.
func TestListsPastTheUnreadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.ticketed(live), w.ticketed(live)
	w.run()
	w.spoil("ticket", one.Ticket, "")
	w.spoil("conversation", one.Conversation, "active")

	conversations, cursor, err := w.o.Conversations(t.Context(), desk.ConversationQuery{})
	require.ErrorIs(t, err, desk.ErrNewer)
	require.Empty(t, cursor)
	require.Len(t, conversations, 1)
	require.Equal(t, two.Conversation, conversations[0].ID)
	tickets, _, err := w.o.Tickets(t.Context(), desk.TicketQuery{})
	require.ErrorIs(t, err, desk.ErrNewer)
	require.Len(t, tickets, 1)
	require.Equal(t, two.Ticket, tickets[0].ID)
	notes, _, err := w.o.Notifications(t.Context(), desk.NotificationQuery{})
	require.ErrorIs(t, err, desk.ErrNewer)
	require.NotEmpty(t, notes)
}

// R65, T33: a conversation that cannot be read keeps no other one under the AI when the
// add-on is switched off.
func TestSwitchOffPastTheUnreadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.start(live), w.start(live)
	w.spoil("conversation", one.Conversation, "automated")
	_ = w.o.UpdateSettings(t.Context(), system, inbox.Config{}) // it may say that one is stuck
	for range 3 {
		w.clock.advance(day)
		_, _ = w.desk.FireTimers(t.Context()) // and so may the loop
	}
	require.Equal(t, inbox.ListActive, w.conversation(two.Conversation).List)
}

// T22: mail to a conversation that is not there any more, its tombstone included, begins
// a new one; a machine's does not.
func TestReceiveForWhatNeverWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mail := begin(helpdesk.ChannelEmail, contact)
	a := desk.InboundMessage{Conversation: inbox.ID(uuid.New()), Start: mail, Message: said("Any news?")}
	r := w.must(w.o.Receive(t.Context(), customer, a))
	require.NotEqual(t, a.Conversation, r.Conversation)
	require.NotEqual(t, inbox.ID{}, r.Conversation)
	a.Machine = true
	_, err := w.o.Receive(t.Context(), customer, a)
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
}

// A message that cannot be read is parked, and so is one of a topic that there is not. One of
// a later version waits for it, whatever it is (T44).
func TestUnreadableMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Limits.MaxSends = 2 })
	ctx := t.Context()
	r := w.start(live)
	s, err := w.stores.Tenant("acme")
	require.NoError(t, err)
	of := store.Ref{Kind: "conversation", ID: r.Conversation.String()}
	put := func(key, topic, body string) store.Message {
		return store.Message{Key: key, Of: of, Topic: topic, At: monday, Body: []byte(body)}
	}
	id := `"conversation":"` + r.Conversation.String() + `"`
	_, err = s.Commit(ctx, store.Batch{Send: []store.Message{
		put("1", "nonsense1", `no json`),
		put("2", "nonsense2", `{"v":1}`),
		put("3", "later", `{"v":2}`),
		put("3a", "later", `{"v":2,"min":1}`),
		put("3b", "customer/one", `{"v":2,"min":1,"occasion":"reply",`+id+`}`),
		put("3c", "customer/two", `{"v":2,"min":1,"occasion":"song",`+id+`}`),
		put("4", "customer", `{"v":1,"occasion":"reply",`+id+`}`),
		put("5", "effect", `{"v":1}`),
		put("6", "ai", `{"v":1,`+id+`}`),
	}})
	require.NoError(t, err)
	for range 10 {
		w.run()
		w.clock.advance(time.Minute)
	}
	require.ElementsMatch(t, []string{
		"nonsense1 damaged", "nonsense2 damaged", "customer damaged", "effect damaged",
	}, w.parked())
	_, err = s.Commit(ctx, store.Batch{Send: []store.Message{
		put("7", "customer", `{"v":1,"occasion":"offer",`+id+`}`),
		put("8", "notify", `{"v":1,`+id+`}`),
	}})
	require.NoError(t, err)
	w.config.Notifier = nil
	w.open()
	w.run()
	require.Contains(t, w.parked(), "customer damaged")
}
