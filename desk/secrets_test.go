package desk_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

var (
	oldSecret = desk.Secret{ID: "old", Key: bytes.Repeat([]byte{1}, 32)}
	newSecret = desk.Secret{ID: "new", Key: bytes.Repeat([]byte{2}, 32)}
)

// with has the desk go on with other secrets.
func (w *world) with(secrets ...desk.Secret) {
	w.t.Helper()
	w.config.Secrets = secrets
	w.open()
}

// stones returns all tombstones.
func (w *world) stones() []retention.Tombstone {
	w.t.Helper()
	all, _, err := w.o.Tombstones(w.t.Context(), "", 100)
	require.NoError(w.t, err)
	return all
}

// R51, R85: what was deleted under a secret is found under it after another one was put
// first: it is gone, for its customer and the team, with its tombstone. The chain goes on.
func TestSecretsAreRotated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Secrets = []desk.Secret{oldSecret} })
	ctx := t.Context()
	before := w.purged()
	w.with(newSecret, oldSecret)
	after := w.purged()
	for _, r := range []desk.Result{before, after} {
		_, err := w.o.Ticket(r.Ticket).View(ctx)
		require.ErrorIs(t, err, helpdesk.ErrGone)
		_, err = w.o.Conversation(r.Conversation).CustomerView(ctx, "cust-1", desk.MessageQuery{})
		require.ErrorIs(t, err, helpdesk.ErrGone)
		_, err = w.o.Conversation(r.Conversation).CustomerView(ctx, "cust-2", desk.MessageQuery{})
		require.ErrorIs(t, err, helpdesk.ErrNotFound)
		_, err = w.o.LookUp(ctx, string(r.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceClaimed})
		require.ErrorIs(t, err, helpdesk.ErrGone)
		e, err := w.o.Ticket(r.Ticket).ExplainRetention(ctx)
		require.NoError(t, err)
		require.Equal(t, retention.StateTombstone, e.State)
	}
	stones := w.stones()
	require.Len(t, stones, 4)
	require.Equal(t, []string{"old", "old", "new", "new"}, []string{stones[0].Secret, stones[1].Secret, stones[2].Secret, stones[3].Secret})
	key, err := retention.NewKey(newSecret, oldSecret)
	require.NoError(t, err)
	require.NoError(t, retention.VerifyChain(key, retention.Sum{}, stones))
	require.Empty(t, w.sweep().MissingSecrets)
}

// R51: a purge that was begun under the old secret and ends under the new one is linked with
// its tombstone.
func TestSecretsAreRotatedDuringAPurge(t *testing.T) {
	t.Parallel()
	files := &shelf{has: map[string]bool{"photo": true}, fail: helpdesk.ErrUnavailable}
	w := newWorld(t, func(c *desk.Config) { c.Secrets, c.AttachmentEraser = []desk.Secret{oldSecret}, files })
	ctx := t.Context()
	r := w.ticketed(live)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, photo("Look.")))
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, solved))
	for range 32 {
		w.clock.advance(day)
		_, _ = w.o.ApplyRetention(ctx)
	}
	require.Empty(t, w.stones())
	_, err := w.o.Ticket(r.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	files.fail = nil
	w.with(newSecret, oldSecret)
	w.clock.advance(time.Hour)
	w.sweep()
	require.Len(t, w.stones(), 2)
	_, err = w.o.Ticket(r.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	e, err := w.o.Ticket(r.Ticket).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Equal(t, retention.StateTombstone, e.State)
}

// T16, T30: what was counted under the old secret counts on, by one record, under the name
// that new ones have.
func TestCountsAreRotated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Secrets, c.Limits.MailsPerWindow, c.Limits.MailStarts = []desk.Secret{oldSecret}, 1, 1
	})
	ctx := t.Context()
	mail := live
	mail.Channel = helpdesk.ChannelEmail
	names := func(kind string) []string {
		s, err := w.records().Read(ctx, store.ReadRequest{Lists: []store.Query{{Kind: kind, Limit: 10}}})
		require.NoError(t, err)
		var all []string
		for _, rec := range s.Lists[0].Records {
			all = append(all, rec.Ref.ID)
		}
		return all
	}
	mails := func() (n int) {
		for _, e := range w.post.take() {
			if e.To == "ada@account.example" {
				n++
			}
		}
		return n
	}
	require.Equal(t, inbox.ListAutomated, w.start(mail).List)
	w.ticketed(live)
	w.run()
	require.Equal(t, 1, mails())
	sender, account := names("sender"), names("mails")
	require.Len(t, sender, 1)
	require.Len(t, account, 1)

	w.with(newSecret, oldSecret)
	require.Equal(t, inbox.ListActive, w.start(mail).List)
	w.ticketed(live)
	_, _ = w.desk.Deliver(ctx)
	require.Zero(t, mails(), "it waits")
	require.Len(t, names("sender"), 1)
	require.Len(t, names("mails"), 1)
	require.NotEqual(t, sender, names("sender"))
	w.clock.advance(2 * time.Hour)
	w.run()
	require.Equal(t, 1, mails())
	require.NotEqual(t, account, names("mails"))

	w.with(newSecret) // and the old one is not needed any more
	require.Equal(t, inbox.ListActive, w.start(mail).List)
	require.Len(t, names("sender"), 1)
}

// A secret that is missing, or has other bytes, while tombstones made with it are kept, is
// said, and until then only.
func TestMissingSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Secrets = []desk.Secret{oldSecret} })
	ctx := t.Context()
	require.Empty(t, w.sweep().MissingSecrets)
	w.with(newSecret) // nothing was made with the old one
	require.Empty(t, w.sweep().MissingSecrets)
	w.with(oldSecret)

	r := w.purged()
	deleted := w.clock.now()
	require.Empty(t, w.sweep().MissingSecrets)
	w.with(newSecret)
	require.Equal(t, []string{"old"}, w.sweep().MissingSecrets)
	health, err := w.o.Health(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"old"}, health.Retention.MissingSecrets)
	_, err = w.o.Ticket(r.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrNotFound) // it cannot be found
	w.with(newSecret, desk.Secret{ID: "old", Key: bytes.Repeat([]byte{9}, 32)})
	require.Equal(t, []string{"old"}, w.sweep().MissingSecrets, "of that name is another one")
	w.with(desk.Secret{ID: "old", Key: bytes.Repeat([]byte{9}, 32)})
	require.Equal(t, []string{"old"}, w.sweep().MissingSecrets)
	w.with(newSecret, oldSecret)
	require.Empty(t, w.sweep().MissingSecrets)
	_, err = w.o.Ticket(r.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)

	w.with(newSecret)
	w.clock.advance(deleted.Add(364 * day).Sub(w.clock.now()))
	require.Equal(t, []string{"old"}, w.sweep().MissingSecrets)
	w.clock.advance(2 * day)
	require.Empty(t, w.sweep().MissingSecrets, "its tombstones have expired")
}

// Each secret that is missing is named.
func TestSeveralMissingSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Secrets = []desk.Secret{oldSecret, newSecret} })
	w.purged()
	w.with(newSecret, oldSecret)
	w.purged()
	w.with(desk.Secret{ID: "third", Key: bytes.Repeat([]byte{3}, 32)})
	require.Equal(t, []string{"old", "new"}, w.sweep().MissingSecrets)
}
