package desk_test

import (
	"strconv"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/stretchr/testify/require"
)

// Pages of messages in both directions, for the team and for the customer, whose numbers
// have gaps where there is a note (R77).
func TestMessagePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	for n := 2; n <= 10; n++ {
		if n%3 == 0 {
			w.must(conv.AddNote(ctx, agent, text(strconv.Itoa(n))))
		} else {
			w.must(conv.AddCustomerMessage(ctx, customer, said(strconv.Itoa(n))))
		}
	}
	for _, tt := range []struct {
		q             desk.MessageQuery
		team          []uint64
		earlier, more bool
		customer      []uint64
		before, after bool
	}{
		{desk.MessageQuery{}, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, false, false, []uint64{1, 2, 4, 5, 7, 8, 10}, false, false},
		{desk.MessageQuery{Limit: 3}, []uint64{1, 2, 3}, false, true, []uint64{1, 2, 4}, false, true},
		{desk.MessageQuery{Limit: 7}, []uint64{1, 2, 3, 4, 5, 6, 7}, false, true, []uint64{1, 2, 4, 5, 7, 8, 10}, false, false},
		{desk.MessageQuery{After: 3, Limit: 2}, []uint64{4, 5}, true, true, []uint64{4, 5}, true, true},
		{desk.MessageQuery{After: 8}, []uint64{9, 10}, true, false, []uint64{10}, true, false},
		{desk.MessageQuery{After: 10}, nil, false, false, nil, false, false},
		{desk.MessageQuery{After: 1 << 63}, nil, false, false, nil, false, false},
		{desk.MessageQuery{Last: true, Limit: 2}, []uint64{9, 10}, true, false, []uint64{8, 10}, true, false},
		{desk.MessageQuery{Last: true, Before: 8, Limit: 2}, []uint64{6, 7}, true, true, []uint64{5, 7}, true, true},
		{desk.MessageQuery{Last: true, Before: 3, Limit: 5}, []uint64{1, 2}, false, true, []uint64{1, 2}, false, true},
		{desk.MessageQuery{Before: 4}, []uint64{1, 2, 3}, false, true, []uint64{1, 2}, false, true},
		{desk.MessageQuery{Before: 4, Limit: 2}, []uint64{1, 2}, false, true, []uint64{1, 2}, false, true},
		{desk.MessageQuery{Before: 1}, nil, false, false, nil, false, false},
		{desk.MessageQuery{Before: 1 << 63, Last: true, Limit: 1}, []uint64{10}, true, false, []uint64{10}, true, false},
		{desk.MessageQuery{After: 4, Before: 8, Last: true, Limit: 2}, []uint64{6, 7}, true, true, []uint64{5, 7}, true, true},
		{desk.MessageQuery{After: 4, Before: 6, Limit: 9}, []uint64{5}, true, true, []uint64{5}, true, true},
	} {
		v, err := conv.View(ctx, inbox.Viewer{}, tt.q)
		require.NoError(t, err)
		var got []uint64
		for _, m := range v.Messages {
			got = append(got, m.Number())
		}
		require.Equal(t, []any{tt.team, tt.earlier, tt.more}, []any{got, v.Earlier, v.More}, "%+v", tt.q)
		c, err := conv.CustomerView(ctx, "cust-1", tt.q)
		require.NoError(t, err)
		got = nil
		for _, m := range c.Messages {
			got = append(got, m.Seq)
		}
		require.Equal(t, []any{tt.customer, tt.before, tt.after}, []any{got, c.Earlier, c.More}, "customer: %+v", tt.q)
	}
}

// T15: of three mails under one ID the first and the second are kept, and the third, which
// says what the second does, is known.
func TestThreeMailsOfOneID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	send := func(body string) error {
		_, err := w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{
			MessageParams: inbox.MessageParams{ID: "mail-1", Body: body},
		})
		return err
	}
	require.NoError(t, send("one"))
	require.NoError(t, send("two"))
	for _, body := range []string{"two", "one"} {
		err := send(body)
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.ErrorContains(t, err, "must not have been used in this conversation")
	}
	require.Len(t, w.conversation(r.Conversation).Messages, 3)
}
