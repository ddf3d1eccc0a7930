package desk_test

import (
	"errors"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

func photo(s string) inbox.CustomerMessageParams {
	return inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: s, Attachments: []inbox.AttachmentRef{{Ref: "photo", Size: 1}, {Ref: "photo", Size: 1}}}}
}

// R51, T40: an attachment that a merged ticket gave on stays for as long as a
// conversation has it, and goes with the last one.
func TestPurgeSparesSharedBlobs(t *testing.T) {
	t.Parallel()
	files := &shelf{has: map[string]bool{"photo": true, "own": true, "other": true}}
	w := newWorld(t, func(c *desk.Config) { c.AttachmentEraser = files })
	ctx := t.Context()
	a, b := w.ticketed(live), w.ticketed(live)
	w.must(w.o.Ticket(a.Ticket).MergeInto(ctx, agent, b.Ticket))
	w.must(w.o.Conversation(a.Conversation).AddCustomerMessage(ctx, customer, photo("Look.")))
	w.must(w.o.Conversation(a.Conversation).Reply(ctx, agent, inbox.MessageParams{Body: "Thanks.", Attachments: []inbox.AttachmentRef{{Ref: "own", Size: 1}}}))
	w.settle()
	w.must(w.o.Conversation(b.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonFixedBefore}))
	w.must(w.o.Ticket(b.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true})) // so that it stays
	w.goneAt(a.Ticket, 40*day)
	require.Equal(t, map[string]bool{"photo": true, "other": true}, files.has)
	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Equal(t, 1, stones[0].Counts.Blobs) // its own
	left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Conversations: []inbox.ID{a.Conversation}, Tickets: []ticket.ID{a.Ticket}})
	require.NoError(t, err)
	require.Zero(t, left.Total())

	w.must(w.o.Ticket(b.Ticket).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Privileged: true}))
	w.goneAt(b.Ticket, 40*day)
	require.Equal(t, map[string]bool{"other": true}, files.has)
}

// T39, T40: of two conversations that go at once, each with the messages of the
// other still there, one takes the attachment with it.
func TestPurgeOfBothTakesSharedBlobs(t *testing.T) {
	t.Parallel()
	files := &shelf{has: map[string]bool{"photo": true}, fail: errors.New("down")}
	policy, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxShare: 100}})
	require.NoError(t, err)
	w := newWorld(t, func(c *desk.Config) { c.AttachmentEraser, c.Retention = files, policy })
	ctx := t.Context()
	for range 2 {
		r := w.ticketed(live)
		w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, photo("Look.")))
		w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, solved))
	}
	for range 31 {
		w.clock.advance(day)
		_, _ = w.o.ApplyRetention(ctx)
	}
	require.Equal(t, map[string]bool{"photo": true}, files.has) // both have begun
	files.fail = nil
	w.clock.advance(time.Hour)
	_, err = w.o.ApplyRetention(ctx)
	require.NoError(t, err)
	require.Empty(t, files.has)
	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, stones, 4)
}
