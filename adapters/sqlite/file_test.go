package sqlite_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

// The files below testdata/files were written by this version and by versions of before, one for each
// version of the schema. What is in one can be read and worked with by every later version, so a file is
// never deleted. That of the schema of now is written anew, while no release has it, by
//
//	go test ./adapters/sqlite -run TestFiles -update

// A keeper is the host of the files: ports that fail when they are told to.
type keeper struct {
	*host
	files   error // of the attachments
	refused bool  // whether mail is refused for good
	down    bool  // whether nothing can be sent
}

func (k *keeper) Send(ctx context.Context, e desk.Envelope) error {
	switch {
	case k.refused && e.Channel == helpdesk.ChannelEmail:
		return fmt.Errorf("no such box: %w", desk.ErrRejected)
	case k.down:
		return errors.New("down")
	}
	return k.post.Send(ctx, e)
}

func (k *keeper) Erase(context.Context, store.TenantID, ...inbox.AttachmentRef) error { return k.files }

func (*keeper) Remaining(context.Context, store.TenantID, ...inbox.AttachmentRef) (int, error) {
	return 0, nil
}

func newKeeper(tb testing.TB, s store.Stores, at time.Time) *keeper {
	tb.Helper()
	k := &keeper{host: &host{at: at, post: memtransport.New()}}
	var err error
	k.desk, err = desk.New(desk.Config{
		Stores: s, Transport: k, Accounts: k, AttachmentEraser: k, Clock: k.now, Secrets: []desk.Secret{{ID: "s", Key: bytes.Repeat([]byte{7}, 32)}},
	})
	require.NoError(tb, err)
	k.acme, err = k.desk.Tenant("acme")
	require.NoError(tb, err)
	return k
}

// loops does what is to be done, whatever comes of it.
func (k *keeper) loops(ctx context.Context) {
	for range 100 {
		sent, _ := k.desk.Deliver(ctx)
		fired, _ := k.desk.FireTimers(ctx)
		if sent+fired == 0 {
			return
		}
	}
}

func keyed(c desk.Meta, key string) desk.Meta {
	c.IdempotencyKey = strings.ReplaceAll(key, " ", "-")
	return c
}

// whatMattersLater is the command of the story that every later version is given again, with its key.
var whatMattersLater = inbox.MessageParams{ID: "later", Body: "Is it on?"}

// tell writes what a file has: each kind of record, and work that is to be done. It returns when it ended.
func tell(t *testing.T, s store.Stores) time.Time {
	t.Helper()
	ctx := t.Context()
	k := newKeeper(t, s, monday)
	must := func(r desk.Result, err error) desk.Result {
		t.Helper()
		require.NoError(t, err)
		return r
	}
	own := inbox.Config{SeveralTickets: true, QueueWait: inbox.Duration(10 * time.Minute)}
	require.NoError(t, k.acme.UpdateSettings(ctx, keyed(grace, "settings"), own))
	chat := func(text string, a ...inbox.AttachmentRef) desk.Result {
		t.Helper()
		k.advance(time.Minute)
		return must(k.acme.Start(ctx, keyed(ada, "chat-"+text), inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: inbox.Contact{Customer: "ada", Account: "acc", Name: "Ada"},
			Message: inbox.MessageParams{Body: text, Attachments: a},
		}))
	}
	ticketOf := func(id inbox.ID, title string) desk.Result {
		t.Helper()
		return must(k.acme.Conversation(id).CreateTicket(ctx, keyed(grace, "ticket-"+title), inbox.CreateTicketParams{
			Intake: ticket.Intake{Title: title, Description: "Nothing prints."}, Severity: severity.High,
		}))
	}
	// One that is deleted, whole.
	gone := chat("Forget me.", inbox.AttachmentRef{Ref: "mine", Size: 1})
	ticketOf(gone.Conversation, "Gone")
	must(k.acme.Conversation(gone.Conversation).Resolve(ctx, keyed(grace, "gone"), ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
	// And one whose deletion stops in the middle: its attachment cannot be erased.
	half := chat("Forget me, too.", inbox.AttachmentRef{Ref: "other", Size: 1})
	ticketOf(half.Conversation, "Half gone")
	must(k.acme.Conversation(half.Conversation).Resolve(ctx, keyed(grace, "half"), ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}))
	for _, id := range []inbox.ID{gone.Conversation, half.Conversation} {
		_, err := k.acme.Conversation(id).RequestErasure(ctx, ada)
		require.NoError(t, err)
		k.loops(ctx)
		k.advance(25 * time.Hour)
		k.loops(ctx)
		k.files = errors.New("down")
		k.advance(25 * time.Hour)
		k.loops(ctx)
	}
	// Mail from outside, whose answer is refused for good.
	withAI := own
	withAI.AddOn = true
	require.NoError(t, k.acme.UpdateSettings(ctx, keyed(grace, "with the AI"), withAI))
	mail := must(k.acme.Receive(ctx, keyed(ada, "mail"), desk.InboundMessage{
		Start:   inbox.StartParams{Kind: inbox.KindComment, Channel: helpdesk.ChannelEmail, Contact: inbox.Contact{Customer: "ada", Account: "acc", Email: "ada@own.example"}},
		Message: inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: "By mail."}},
	}))
	must(k.acme.Conversation(mail.Conversation).TakeOver(ctx, keyed(grace, "taken over")))
	require.NoError(t, k.acme.UpdateSettings(ctx, keyed(grace, "without"), own))
	k.refused = true
	must(k.acme.Conversation(mail.Conversation).Reply(ctx, keyed(grace, "mail-reply"), inbox.MessageParams{Body: "By mail, too."}))
	k.loops(ctx)
	k.refused = false
	// One whose ticket is solved, and reopened.
	solved := chat("It is slow.")
	made := ticketOf(solved.Conversation, "Slow")
	must(k.acme.Conversation(solved.Conversation).PickUp(ctx, keyed(grace, "picked up")))
	must(k.acme.Conversation(solved.Conversation).Resolve(ctx, keyed(grace, "solved"), ticket.ResolveParams{Action: "Cleaned it."}))
	must(k.acme.Ticket(made.Ticket).Reopen(ctx, keyed(grace, "reopened"), "not done"))
	k.loops(ctx)
	// One that goes on in a later version: an answer that waits, and a clock that runs.
	on := chat("Nothing prints.", inbox.AttachmentRef{Ref: "photo", Type: "image/png", Size: 12345})
	ticketOf(on.Conversation, "Printer")
	must(k.acme.Conversation(on.Conversation).AddNote(ctx, keyed(grace, "note"), inbox.MessageParams{Body: "Call back."}))
	k.loops(ctx)
	k.down = true
	must(k.acme.Conversation(on.Conversation).Reply(ctx, keyed(grace, "later"), whatMattersLater))
	k.loops(ctx)
	return k.now()
}

// recordKinds are those of the records that the desk stores, by its own files.
func recordKinds(t *testing.T) (all []string) {
	t.Helper()
	names, err := filepath.Glob("../../desk/testdata/stored/record-*.golden")
	require.NoError(t, err)
	require.Greater(t, len(names), 8)
	for _, name := range names {
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "record-"), ".golden"))
	}
	return all
}

// formsVersion is the version of what the desk stores, by its own snapshots.
func formsVersion(t *testing.T) (newest int) {
	t.Helper()
	names, err := filepath.Glob("../../desk/testdata/snapshots/v*.snapshot")
	require.NoError(t, err)
	for _, name := range names {
		var forms, format int
		_, err := fmt.Sscanf(filepath.Base(name), "v%d-%d.snapshot", &forms, &format)
		require.NoError(t, err)
		newest = max(newest, forms)
	}
	require.Positive(t, newest)
	return newest
}

func TestFiles(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("migrations/*.sql")
	require.NoError(t, err)
	folder := filepath.Join("testdata", "files")
	now := filepath.Join(folder, fmt.Sprintf("v%d-%d.db.gz", formsVersion(t), len(names)))
	if golden.Updating() {
		writeFile(t, now)
	}
	_, err = os.Stat(now)
	require.NoError(t, err, "the schema, or what the desk stores, has a new version, and there is no file of it: see above")
	files, err := filepath.Glob(filepath.Join(folder, "v*.db.gz"))
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			readFile(t, file)
		})
	}
}

// writeFile has a story told and keeps its file, packed, with the instant at which it ended as a comment.
func writeFile(t *testing.T, name string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "desk.db")
	s := openFile(t, sqlite.Config{Path: path})
	end := tell(t, s)
	require.NoError(t, s.Close())
	small := filepath.Join(t.TempDir(), "small.db")
	_, err := raw(t, path).ExecContext(t.Context(), "VACUUM INTO ?", small)
	require.NoError(t, err)
	plain, err := os.ReadFile(small)
	require.NoError(t, err)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	w.Comment = end.Format(time.RFC3339Nano)
	_, err = w.Write(plain)
	require.NoError(t, errors.Join(err, w.Close()))
	require.Less(t, packed.Len(), 100<<10)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, packed.Bytes(), 0o600))
}

// unpack returns the path of a file, and the instant at which its story ended.
func unpack(t *testing.T, name string) (string, time.Time) {
	t.Helper()
	packed, err := os.ReadFile(name)
	require.NoError(t, err)
	r, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	end, err := time.Parse(time.RFC3339Nano, r.Comment)
	require.NoError(t, err)
	plain, err := io.ReadAll(r)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "desk.db")
	require.NoError(t, os.WriteFile(path, plain, 0o600))
	return path, end
}

// readFile opens a file that another version may have written: everything in it can be read, and goes on.
func readFile(t *testing.T, name string) {
	t.Helper()
	ctx := t.Context()
	path, end := unpack(t, name)
	db := raw(t, path)
	for _, kind := range recordKinds(t) {
		n := 0
		require.NoError(t, db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM helpdesk_record WHERE kind = ?1)
			+ (SELECT count(*) FROM helpdesk_ticket WHERE ?1 = 'ticket') + (SELECT count(*) FROM helpdesk_conversation WHERE ?1 = 'conversation')`, kind).Scan(&n))
		require.Positive(t, n, "the file has no record of the kind %s", kind)
	}
	for what, query := range map[string]string{
		"timer": "SELECT count(*) FROM helpdesk_timer", "waiting message": "SELECT count(*) FROM helpdesk_message WHERE state = 0",
		"parked message": "SELECT count(*) FROM helpdesk_message WHERE state = 1", "key of a message": "SELECT count(*) FROM helpdesk_message WHERE state = 2",
		"result": "SELECT count(*) FROM helpdesk_result",
	} {
		n := 0
		require.NoError(t, db.QueryRowContext(ctx, query).Scan(&n))
		require.Positive(t, n, "the file has no %s", what)
	}

	s := openFile(t, sqlite.Config{Path: path})
	k := newKeeper(t, s, end.Add(time.Minute))
	settings, err := k.acme.Settings(ctx)
	require.NoError(t, err)
	require.True(t, settings.SeveralTickets)
	chats, _, err := k.acme.Conversations(ctx, desk.ConversationQuery{Any: true})
	require.NoError(t, err)
	require.Len(t, chats, 3)
	var on inbox.ID
	for _, c := range chats {
		view, err := k.acme.Conversation(c.ID).View(ctx, inbox.Viewer{Agent: "grace"}, desk.MessageQuery{})
		require.NoError(t, err)
		require.NotEmpty(t, view.Messages)
		_, err = k.acme.Conversation(c.ID).CustomerView(ctx, "ada", desk.MessageQuery{})
		require.NoError(t, err)
		events, err := k.acme.Conversation(c.ID).Events(ctx, 0, 0)
		require.NoError(t, err)
		require.NotEmpty(t, events.Events)
		_, err = k.acme.Conversation(c.ID).ExplainRetention(ctx)
		require.NoError(t, err)
	}
	tickets, _, err := k.acme.Tickets(ctx, desk.TicketQuery{})
	require.NoError(t, err)
	require.Len(t, tickets, 2)
	var printer ticket.ID
	for _, l := range tickets {
		view, err := k.acme.Ticket(l.ID).View(ctx)
		require.NoError(t, err)
		events, err := k.acme.Ticket(l.ID).Events(ctx, 0, 0)
		require.NoError(t, err)
		require.NotEmpty(t, events.Events)
		require.Equal(t, l.ID, view.Ticket.ID)
		if l.Title == "Printer" {
			printer, on = l.ID, chatOf(t, l)
		}
	}
	require.NotZero(t, printer)
	stones, _, err := k.acme.Tombstones(ctx, "", 0)
	require.NoError(t, err)
	require.NotEmpty(t, stones)
	letters, _, err := k.acme.DeadLetters(ctx, "", 0)
	require.NoError(t, err)
	require.Len(t, letters, 1)
	health, err := k.acme.Health(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, health.Purges)

	// A command with its key again is the command of then.
	first, err := k.acme.Conversation(on).Reply(ctx, keyed(grace, "later"), whatMattersLater)
	require.NoError(t, err)
	require.Equal(t, "later", first.Message)
	again := whatMattersLater
	again.Body = "Something else."
	_, err = k.acme.Conversation(on).Reply(ctx, keyed(grace, "later"), again)
	require.ErrorIs(t, err, desk.ErrKeyReused)

	// What waited is sent, once, and what was given up, too, when it is asked for.
	require.NoError(t, k.acme.Revive(ctx, letters[0].Key))
	k.advance(24 * time.Hour)
	k.loops(ctx)
	sent := map[string]int{}
	for _, e := range k.post.Delivered() {
		sent[e.Body]++
	}
	require.Equal(t, 1, sent["Is it on?"], sent)
	require.Equal(t, 1, sent["By mail, too."], sent)

	// The deletion ends, and commands go on. A clock that has run out is told of.
	health, err = k.acme.Health(ctx)
	require.NoError(t, err)
	require.Zero(t, health.Purges)
	more, _, err := k.acme.Tombstones(ctx, "", 0)
	require.NoError(t, err)
	require.Greater(t, len(more), len(stones))
	_, err = k.acme.Conversation(on).AddCustomerMessage(ctx, ada, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: "It is."}})
	require.NoError(t, err)
	fired := false
	for range 20 {
		k.advance(24 * time.Hour)
		k.loops(ctx)
		events, err := k.acme.Ticket(printer).Events(ctx, 0, 0)
		require.NoError(t, err)
		for _, e := range events.Events {
			fired = fired || e.Type == desk.EventBreach
		}
	}
	require.True(t, fired, "the timer of a ticket never fired")
	_, err = k.acme.Conversation(on).PickUp(ctx, grace)
	require.NoError(t, err)
	_, err = k.acme.Conversation(on).Resolve(ctx, grace, ticket.ResolveParams{Action: "Turned it on."})
	require.NoError(t, err)
	k.loops(ctx)
	require.NoError(t, s.Close())
	require.Equal(t, "ok", integrity(t, path))
}

// chatOf returns the conversation of a ticket.
func chatOf(t *testing.T, l desk.TicketSummary) (id inbox.ID) {
	t.Helper()
	require.NoError(t, id.UnmarshalText([]byte(l.Conversation)))
	return id
}
