package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// T28: what a port of the host answers says nothing of the desk's own records:
// a message stays until it was accepted.
func TestNotFoundOfTheHost(t *testing.T) {
	t.Parallel()
	for _, lost := range []error{
		fmt.Errorf("no such session: %w", helpdesk.ErrNotFound), &desk.NotFoundError{What: "session"}, helpdesk.ErrNotFound,
		helpdesk.ErrGone, &desk.GoneError{What: "session"}, helpdesk.ErrDamaged,
	} {
		told := &fickle{err: lost}
		w := newWorld(t, func(c *desk.Config) { c.Notifier = told })
		r := w.start(begin(helpdesk.ChannelLiveChat, contact))
		w.must(w.o.Conversation(r.Conversation).TakeOver(t.Context(), agent))
		w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("Hello?")))
		w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
		w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("It burns."))) // not read yet
		w.post.fail = func(desk.Envelope) error { return lost }
		w.run()
		require.Empty(t, w.post.take())
		w.post.fail, told.err = nil, nil
		w.pass(time.Hour)
		require.Len(t, chats(w.post.take()), 1, "%v", lost)
		require.Positive(t, told.told)
		require.Empty(t, w.parked())
	}
}

// A fickle tells the team, unless it fails.
type fickle struct {
	err  error
	told int
}

func (f *fickle) Notify(context.Context, desk.Notice) error {
	if f.err == nil {
		f.told++
	}
	return f.err
}

// T16, T28: waiting for the account's turn is not an attempt: a mail is given up after
// as many failures of the transport as it may have, and not before.
func TestWaitingIsNoAttempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Limits.MailsPerWindow, c.Limits.MailWindow, c.Limits.MaxSends = 1, time.Hour, 3
	}).tune(func(c *desk.Tuning) { c.MinBackoff, c.MaxBackoff = time.Second, time.Second })
	for range 6 {
		w.ticketed(live)
	}
	w.run()
	for range 4 {
		w.pass(time.Hour)
	}
	require.Len(t, mails(w.post.take()), 5, "one an hour")
	down := 0
	w.post.fail = func(e desk.Envelope) error {
		if e.Channel != helpdesk.ChannelEmail {
			return nil
		}
		down++
		return errors.New("down")
	}
	w.pass(time.Hour)
	for range 10 {
		w.pass(time.Second)
	}
	require.Equal(t, 3, down)
	require.Equal(t, []string{"mail tries"}, w.parked())
}

// R27, machine 3.3: an offer that closed before it was shown is not shown any more.
func TestClosedOfferIsNotShown(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*world, desk.Result, desk.Result){
		"takeover": func(w *world, r, _ desk.Result) {
			w.must(w.o.Conversation(r.Conversation).TakeOver(t.Context(), agent))
		},
		"archive": func(w *world, r, _ desk.Result) { w.archive(r) },
		"decline": func(w *world, r, o desk.Result) {
			w.must(w.o.Conversation(r.Conversation).DeclineOffer(t.Context(), customer, o.Offer))
		},
		"expiry": func(w *world, _, _ desk.Result) { w.clock.advance(30 * day) },
	} {
		w := newWorld(t)
		r := w.start(live)
		offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(t.Context(), ai, r.ControlToken, proposal))
		end(w, r, offer)
		_, err := w.desk.FireTimers(t.Context())
		require.NoError(t, err)
		w.run()
		for _, e := range w.post.take() {
			require.NotContains(t, e.Body, "Shall I?", name)
		}
		require.Empty(t, w.parked(), name)
	}
}

// R62, R63: nobody is told of the clocks of a ticket whose conversation was put away;
// the breach is recorded all the same.
func TestNoNoticeOfTheArchived(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox.OpenTicket = inbox.OpenTicketAllow })
	made := w.ticketed(live)
	w.archive(made)
	w.run()
	w.team.take()
	w.pass(2 * day)
	require.Contains(t, w.events(made.Ticket), desk.EventBreach)
	require.Empty(t, w.team.take())
}

// T28, T44: what cannot be said because its conversation cannot be read is given up in
// the end, and seen, and what waits behind it is not held up.
func TestUnreadableConversationIsParked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.ticketed(live)
	damage(t, w.records(), store.Ref{Kind: "conversation", ID: made.Conversation.String()}, "{")
	for range 5 {
		_, err := w.desk.Deliver(t.Context())
		require.NoError(t, err)
		w.clock.advance(time.Hour)
	}
	require.Contains(t, w.parked(), "customer damaged")
	health, err := w.o.Health(t.Context())
	require.NoError(t, err)
	require.Zero(t, health.Backlog.Waiting)
}

// T34: a clock that goes back between the claim of a timer and what it is about loses
// nothing: the timer is handed out again.
func TestClockBackWhileATimerFires(t *testing.T) {
	t.Parallel()
	steps, back := false, time.Duration(0)
	w := newWorld(t, func(c *desk.Config) {
		now := c.Clock
		c.Clock = func() time.Time {
			at := now().Add(-back)
			if steps { // the clock is right once, and then behind
				back = time.Minute
			}
			return at
		}
	})
	r := w.start(begin(helpdesk.ChannelLiveChat, contact))
	w.must(w.o.Conversation(r.Conversation).TakeOver(t.Context(), agent))
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("Hello?")))
	w.run()                                  // nothing else will touch the conversation
	w.clock.advance(time.Hour + time.Second) // the escalation for want of an answer is due
	steps = true
	_, err := w.desk.FireTimers(t.Context())
	require.NoError(t, err)
	steps, back = false, 0
	overdue := func() (n int) {
		for _, e := range w.conversation(r.Conversation).Escalations {
			if e.IsPending() && !e.Due.After(w.clock.now()) {
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, overdue(), "the clock was behind")
	w.clock.advance(10 * time.Minute)
	w.run()
	require.Zero(t, overdue())
}

// R68: the attachments of a reply leave with it, on every channel, whoever wrote
// it; nothing else that is sent has any.
func TestAttachmentsLeave(t *testing.T) {
	t.Parallel()
	photos := []inbox.AttachmentRef{{Ref: "bucket/1", Type: "image/png", Size: 7, SHA256: strings.Repeat("0a", 32)}, {Ref: "bucket/2"}}
	for _, ch := range []helpdesk.Channel{helpdesk.ChannelLiveChat, helpdesk.ChannelEmail, helpdesk.ChannelSMS} {
		t.Run(string(ch), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.ticketed(begin(ch, contact))
			w.run()
			for _, e := range w.post.take() {
				require.Empty(t, e.Attachments)
				require.Equal(t, e.Automatic && e.To != "ada@account.example", strings.HasPrefix(e.Message, "system#"), "%+v", e)
			}
			w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, inbox.MessageParams{ID: "answer", Body: "See here.", Attachments: photos}))
			w.run()
			sent := w.post.take()
			require.Len(t, sent, 1)
			require.Equal(t, photos, sent[0].Attachments)
			require.Equal(t, "answer", sent[0].Message)
		})
	}
}

// Envelope.Check looks at each attachment.
func TestEnvelopeBlobs(t *testing.T) {
	t.Parallel()
	good := inbox.AttachmentRef{Ref: "bucket/1", Type: "image/png", Size: inbox.MaxAttachmentSize, SHA256: strings.Repeat("0a", 32)}
	e := desk.Envelope{Tenant: "acme", Key: "1", Channel: helpdesk.ChannelEmail, To: "a@b.example", Body: "x", Message: "m"}
	e.Attachments = slices.Repeat([]inbox.AttachmentRef{good}, inbox.MaxAttachments)
	require.NoError(t, e.Check())
	for field, spoil := range map[string]func(*desk.Envelope){
		"message":         func(e *desk.Envelope) { e.Message = "a b" },
		"blobs":           func(e *desk.Envelope) { e.Attachments = append(e.Attachments, good) },
		"blobs[1].ref":    func(e *desk.Envelope) { e.Attachments[1].Ref = "a\nb" },
		"blobs[1].type":   func(e *desk.Envelope) { e.Attachments[1].Type = "a/b; c=d" },
		"blobs[1].size":   func(e *desk.Envelope) { e.Attachments[1].Size++ },
		"blobs[2].size":   func(e *desk.Envelope) { e.Attachments[2].Size = -1 },
		"blobs[1].sha256": func(e *desk.Envelope) { e.Attachments[1].SHA256 = strings.Repeat("0A", 32) },
		"blobs[3].sha256": func(e *desk.Envelope) { e.Attachments[3].SHA256 = "0a" },
	} {
		bad := e
		bad.Attachments = slices.Clone(e.Attachments)
		spoil(&bad)
		err := bad.Check()
		require.ErrorIs(t, err, helpdesk.ErrInvalid, field)
		fault, ok := errors.AsType[*helpdesk.FieldError](err)
		require.True(t, ok)
		require.Equal(t, field, fault.Path)
	}
}

// T28: a mail to the address on the account that is given up is seen on the ticket,
// which goes on as it was; one that arrives takes that back.
func TestRejectedAccountMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.post.fail = func(e desk.Envelope) error {
		if e.Channel == helpdesk.ChannelEmail {
			return fmt.Errorf("no such mail box: %w", desk.ErrRejected)
		}
		return nil
	}
	r := w.ticketed(live)
	require.Zero(t, w.ticket(r.Ticket).MailFailed)
	before := w.ticket(r.Ticket)
	w.run()
	v := w.ticket(r.Ticket)
	require.Equal(t, desk.MailEvent{Occasion: desk.OccasionMailCreated, Reason: "rejected", At: monday}, v.MailFailed)
	require.Equal(t, before.Ticket.Status, v.Ticket.Status)
	require.Equal(t, before.Clocks, v.Clocks)
	events := w.events(r.Ticket)
	require.Equal(t, desk.EventMailFailed, events[len(events)-1])
	require.Equal(t, []string{"mail " + "rejected"}, w.parked())

	w.must(w.o.Conversation(r.Conversation).PickUp(ctx, agent))
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Water."}))
	w.run()
	v = w.ticket(r.Ticket)
	require.Equal(t, desk.OccasionMailResolved, v.MailFailed.Occasion)
	require.Equal(t, ticket.StatusResolved, v.Ticket.Status)

	// Revived, and rejected again: that is noted already.
	events = w.events(r.Ticket)
	page, _, err := w.o.DeadLetters(ctx, "", 0)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.NoError(t, w.o.Revive(ctx, page[1].Key))
	w.run()
	require.Equal(t, events, w.events(r.Ticket))

	w.post.fail = nil
	require.NoError(t, w.o.Revive(ctx, page[1].Key))
	w.run()
	require.Zero(t, w.ticket(r.Ticket).MailFailed)
	require.Equal(t, append(events, desk.EventMailSent), w.events(r.Ticket))
	require.Equal(t, ticket.StatusResolved, w.ticket(r.Ticket).Ticket.Status)
}

// A mail that is held up while the ticket is resolved six times more still says what was done
// then, though the ticket itself keeps the last five resolutions (R49).
func TestMailHeldUpOverManyClosings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.ticketed(live)
	w.run()
	conv, tick := w.o.Conversation(r.Conversation), w.o.Ticket(r.Ticket)
	ctx := t.Context()
	for i := range 7 {
		w.clock.advance(time.Minute)
		w.must(conv.PickUp(ctx, agent))
		w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: fmt.Sprintf("Turned it on, time %d.", i+1)}))
		w.clock.advance(time.Minute)
		w.must(tick.Reopen(ctx, agent, "It is off again."))
	}
	w.run()
	var mails []string
	for _, e := range w.post.take() {
		if strings.Contains(e.Body, "Turned it on") {
			mails = append(mails, e.Body)
		}
	}
	require.Len(t, mails, 7)
	for i, body := range mails {
		require.Contains(t, body, fmt.Sprintf("time %d.", i+1))
	}
	dead, _, err := w.o.DeadLetters(ctx, "", 0)
	require.NoError(t, err)
	require.Empty(t, dead)
}
