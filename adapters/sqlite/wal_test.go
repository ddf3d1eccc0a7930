package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/campaign"
)

var monday = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// A world is a desk with conversations of which each has a ticket, and a log.
type world struct {
	records store.Records
	conv    []store.Revision
	ticket  []store.Revision
	n       []uint64 // the last number in the logs
	at      time.Time
}

func pad(n int) []byte { return []byte(`{"pad":"` + strings.Repeat("x", n-10) + `"}`) }

// id is spread over the table, as random ones are.
func id(i int) string { return fmt.Sprintf("%08x-5bd1-4e5a-9d0a-%012x", uint32(i)*2654435761, i) }

func convRef(i int) store.Ref   { return store.Ref{Kind: "conversation", ID: id(i)} }
func ticketRef(i int) store.Ref { return store.Ref{Kind: "ticket", ID: id(i + 1<<20)} }

func at(name string, t time.Time) store.Attribute {
	return store.Attribute{Name: name, Value: store.Instant(t)}
}

func txt(name, v string) store.Attribute {
	return store.Attribute{Name: name, Value: store.Text(v)}
}

func (w *world) convChange(i, tags int) store.Change {
	c := store.Change{Ref: convRef(i), Expected: w.conv[i], Body: pad(2048), Attributes: []store.Attribute{
		txt("conversation", id(i)), txt("list", "inbox"), txt("channel", "email"), txt("customer", fmt.Sprint("customer-", i%5000)),
		txt("account", fmt.Sprint("account-", i%700)), txt("kind", "support"),
		{Name: "open", Value: store.Bool(true)},
		at("created", monday.Add(time.Duration(i)*time.Second)), at("updated", w.at), at("last_in", w.at),
	}}
	for t := range tags {
		c.Attributes = append(c.Attributes, txt("tag", fmt.Sprint("tag-", (i+t)%50)))
	}
	return c
}

func (w *world) ticketChange(i int, status string) store.Change {
	return store.Change{Ref: ticketRef(i), Expected: w.ticket[i], Body: pad(2048), Attributes: []store.Attribute{
		txt("conversation", id(i)), txt("reference", fmt.Sprint("T-", i)), txt("lifecycle", "standard"), txt("status", status), txt("category", "open"),
		{Name: "open", Value: store.Bool(true)},
		txt("severity", "normal"), txt("assignee", fmt.Sprint("agent-", i%40)), txt("customer", fmt.Sprint("customer-", i%5000)),
		txt("account", fmt.Sprint("account-", i%700)), txt("channel", "email"), txt("title", fmt.Sprint("Something is wrong with ", i)), txt("policy", "gold@1"),
		at("created", monday.Add(time.Duration(i)*time.Second)), at("updated", w.at), at("due", w.at.Add(time.Duration(i%977+5)*time.Minute)),
	}}
}

func (w *world) entry(of store.Ref, log string, n uint64, size int) store.Entry {
	return store.Entry{Of: of, Log: log, N: n, ID: fmt.Sprintf("%s%d-%08x", log[:1], n, uint32(n)*2654435761), At: w.at, Body: pad(size)}
}

func (w *world) event(i int, of store.Ref) store.Entry {
	w.n[i]++
	return w.entry(of, "event", w.n[i], 300)
}

func (w *world) message(i int) store.Entry {
	w.n[i]++
	return w.entry(convRef(i), "message", w.n[i], 1000)
}

func (w *world) send(i int) store.Message {
	return store.Message{Key: fmt.Sprint(convRef(i), "/", w.n[i]), Of: convRef(i), Topic: "customer/email", At: w.at, Body: pad(300)}
}

func (w *world) timer(i int) store.Timer {
	return store.Timer{Of: ticketRef(i), Name: "sla", At: w.at.Add(time.Duration(i%977+5) * time.Minute)}
}

func (w *world) key(i int) store.Key {
	return store.Key{Name: fmt.Sprintf("%08x-%d-%d", uint32(w.n[i]*31+uint64(i))*2654435761, i, w.n[i]), Result: store.Result{
		Fingerprint: "sha256:0123456789abcdef", Of: convRef(i), Body: pad(200), ExpiresAt: w.at.Add(7 * 24 * time.Hour),
	}}
}

// The commands, as batches.
func (w *world) tag(i int) store.Batch {
	return store.Batch{Changes: []store.Change{w.convChange(i, 3)}, Append: []store.Entry{w.event(i, convRef(i))}}
}

func (w *world) note(i int) store.Batch {
	return store.Batch{Changes: []store.Change{w.convChange(i, 2)}, Append: []store.Entry{w.message(i), w.event(i, convRef(i))}}
}

func (w *world) customer(i int) store.Batch {
	return store.Batch{
		Key: w.key(i), Changes: []store.Change{w.convChange(i, 2), w.ticketChange(i, "open")},
		Append: []store.Entry{w.message(i), w.event(i, convRef(i)), w.event(i, ticketRef(i))},
		Timers: []store.Timer{w.timer(i)}, Send: []store.Message{w.send(i)},
	}
}

func (w *world) reply(i int) store.Batch {
	b := w.customer(i)
	b.Changes[1] = w.ticketChange(i, "pending")
	m := w.send(i)
	m.Key, m.Topic = m.Key+"/feed", "feed/crm"
	b.Send = append(b.Send, m)
	b.Timers = append(b.Timers, store.Timer{Of: ticketRef(i), Name: "reminder", At: w.at.Add(time.Hour * 48)})
	return b
}

func (w *world) commit(tb testing.TB, i int, b store.Batch) {
	tb.Helper()
	done, err := w.records.Commit(tb.Context(), b)
	require.NoError(tb, err)
	for k, c := range b.Changes {
		if c.Ref.Kind == "ticket" {
			w.ticket[i] = done.Revisions[k]
		} else {
			w.conv[i] = done.Revisions[k]
		}
	}
}

func newWorld(tb testing.TB, records store.Records, size int) *world {
	tb.Helper()
	w := &world{records: records, conv: make([]store.Revision, size), ticket: make([]store.Revision, size), n: make([]uint64, size), at: monday}
	for from := 0; from < size; from += 40 {
		var b store.Batch
		for i := from; i < min(from+40, size); i++ {
			w.at = w.at.Add(37 * time.Second)
			one := w.customer(i)
			b.Changes = append(b.Changes, one.Changes...)
			b.Append = append(b.Append, one.Append...)
			b.Append = append(b.Append, w.message(i), w.event(i, convRef(i)), w.event(i, ticketRef(i)))
			b.Timers = append(b.Timers, one.Timers...)
			b.Send = append(b.Send, one.Send...)
		}
		done, err := records.Commit(tb.Context(), b)
		require.NoError(tb, err)
		for i := from; i < min(from+40, size); i++ {
			w.conv[i], w.ticket[i] = done.Revisions[2*(i-from)], done.Revisions[2*(i-from)+1]
		}
	}
	return w
}

// What a command writes to the journal. The goals are those of a command of a team and of a
// customer on a desk with many conversations.
func TestJournal(t *testing.T) {
	t.Parallel()
	size := campaign.Rounds(4000, 20_000)
	path := filepath.Join(t.TempDir(), "desk.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	records, err := s.Tenant("acme")
	require.NoError(t, err)
	w := newWorld(t, records, size)
	db := raw(t, path)
	journal := func() int64 {
		info, err := os.Stat(path + "-wal")
		require.NoError(t, err)
		return info.Size()
	}
	for _, c := range []struct {
		name  string
		batch func(int) store.Batch
		goal  int64
	}{{"tag", w.tag, 20_000}, {"note", w.note, 30_000}, {"message", w.customer, int64(campaign.Rounds(45_000, 47_000))}, {"reply", w.reply, 65_000}} {
		var sum int64
		const rounds = 30
		for k := range rounds {
			_, err := db.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
			require.NoError(t, err)
			i := (k*7919 + 13) % size
			w.at = w.at.Add(37 * time.Second)
			w.commit(t, i, c.batch(i))
			sum += journal()
		}
		t.Logf("%s: %d bytes", c.name, sum/rounds)
		require.LessOrEqual(t, sum/rounds, c.goal, c.name)
	}
}
