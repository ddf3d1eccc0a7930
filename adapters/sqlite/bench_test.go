package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
)

// BenchmarkCommit commits what a customer's message does: two records, three entries, a timer, a
// message and a result; alone, and with many who commit at once and share the disk's time.
func BenchmarkCommit(b *testing.B) {
	w := newWorld(b, acme(b, open(b)), 4000)
	b.Run("alone", func(b *testing.B) {
		for i := 0; b.Loop(); i = (i + 131) % 4000 {
			w.commit(b, i, w.customer(i))
		}
	})
	b.Run("together", func(b *testing.B) {
		var next atomic.Int64
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for i := int(next.Add(1)); pb.Next(); i = (i + 16) % 4000 {
				w.commit(b, i, w.customer(i))
			}
		})
	})
}

// BenchmarkList asks for pages of a desk with 300,000 tickets, of which 10,000 are open. An
// account and an assignee have 50,000 each, and three tickets have both.
func BenchmarkList(b *testing.B) {
	size := 300_000
	if testing.Short() {
		size = 30_000
	}
	path := filepath.Join(b.TempDir(), "desk.db")
	s := openFile(b, sqlite.Config{Path: path})
	many(b, raw(b, path), size)
	r := acme(b, s)
	for _, c := range lists() {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				got, err := r.Read(b.Context(), c.ask)
				require.NoError(b, err)
				if len(got.Lists) > 0 {
					require.Equal(b, c.want, len(got.Lists[0].Records)) //nolint:testifylint // Len would print the bodies
				}
			}
		})
	}
}

// A question is a request, and how many records come back.
type question struct {
	name string
	ask  store.ReadRequest
	want int
}

func value(name, v string) store.Match { return store.Match{Name: name, Value: store.Text(v)} }

// lists returns the questions that views ask.
func lists() []question {
	open := store.Match{Name: "open", Value: store.Bool(true)}
	none := store.Match{Name: "assignee", Absent: true}
	page := func(order string, down bool, where ...store.Match) store.ReadRequest {
		return store.ReadRequest{Lists: []store.Query{{Kind: "ticket", Where: where, Order: order, Descending: down, Limit: 20}}}
	}
	count := func(by string, where ...store.Match) store.ReadRequest {
		return store.ReadRequest{Counts: []store.CountQuery{{Kind: "ticket", By: by, Where: where, Limit: 100}}}
	}
	return []question{
		{"due of open", page("due", false, open), 20},
		{"due", page("due", false), 20},
		{"updated of open", page("updated", true, open), 20},
		{"updated", page("updated", true), 20},
		{"created", page("created", true), 20},
		{"id", page("", false), 20},
		{"status and open by due", page("due", false, value("status", "open"), open), 20},
		{"assignee and open by updated", page("updated", true, value("assignee", "agent-7"), open), 20},
		{"unassigned and open by due", page("due", false, none, open), 0},
		{"conversation and open", page("", false, value("conversation", "c17"), open), 1},
		{"conversation of 10000 and open", page("", false, value("conversation", "long"), open), 0},
		{"two rare pairs", page("due", false, value("account", "big"), value("assignee", "busy")), 3},
		{"two by id", page("", false, value("account", "big"), value("assignee", "busy")), 3},
		{"two, the other order", page("updated", true, value("assignee", "busy"), value("account", "big")), 3},
		{"one of 50000 by updated", page("updated", true, value("account", "big")), 20},
		{"pair of many", page("updated", true, value("assignee", "busy"), value("severity", "normal")), 20},
		{"reference", page("", false, value("reference", "T-12345")), 1},
		{"no index", page("updated", true, value("title", "Title 17")), 1},
		{"label and open", page("due", false, value("label", "x7"), open), 20},
		{"counts of open by status", count("status", open), 0},
		{"counts of an agent", count("status", value("assignee", "agent-7")), 0},
		{"counts of all by status", count("status"), 0},
	}
}

// many makes tickets as they come into being, past the package: it is faster.
func many(tb testing.TB, db *sql.DB, n int) {
	tb.Helper()
	open := n / 30
	for _, q := range []string{
		"PRAGMA synchronous = OFF", "BEGIN",
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO helpdesk_ticket (tenant, id, rev, conversation, reference, lifecycle, status, category, open, severity, assignee, customer, account, channel, label, title, created, updated, due, body)
			SELECT 'acme', printf('%%08x-%%d', (i * 2654435761) & 4294967295, i), i, iif(i %% 30 = 11 AND i > %[2]d, 'long', 'c' || i), 'T-' || i, 'standard',
				iif(i <= %[2]d, iif(i %% 3 = 0, 'pending', 'open'), 'closed'), 'bug', i <= %[2]d, 'normal',
				iif(i %% 6 = 0 OR i IN (7, 13, 19), 'busy', 'agent-' || (i %% 40)), 'customer-' || (i %% 9000), iif(i %% 6 = 1, 'big', 'account-' || (i %% 700)),
				'email', json_array('x' || (i %% 50)), 'Title ' || i, i * 1000000000, i * 1000000000 + (i * 7919 %% 100000) * 1000000000,
				iif(i <= %[2]d, 1772442000000000000 + (i * 7919 %% 100000) * 1000000000, NULL), zeroblob(2000) FROM n`, n, open),
		"INSERT INTO helpdesk_value SELECT tenant, 'ticket', 'label', json_extract(label, '$[0]'), CAST(open AS TEXT), rec FROM helpdesk_ticket",
		"COMMIT",
	} {
		_, err := db.ExecContext(tb.Context(), q)
		require.NoError(tb, err)
	}
}

// BenchmarkDue asks which of 10,000 tenants with timers have some that are due: 50, of which one
// has 100,000.
func BenchmarkDue(b *testing.B) {
	path := filepath.Join(b.TempDir(), "desk.db")
	s := openFile(b, sqlite.Config{Path: path})
	db := raw(b, path)
	for _, q := range []string{
		"BEGIN",
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
			INSERT INTO helpdesk_timer SELECT 't-' || i, 'ticket', 'x', 'sla', d, d, 0, 0, NULL, 0 FROM (SELECT i, iif(i % 200 = 0, 1000, 4000000000000000000) d FROM n)`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
			INSERT INTO helpdesk_timer SELECT 't-200', 'ticket', 'y' || i, 'sla', i, i, 0, 0, NULL, 0 FROM n`,
		"COMMIT",
	} {
		_, err := db.ExecContext(b.Context(), q)
		require.NoError(b, err)
	}
	b.Run("due", func(b *testing.B) {
		for b.Loop() {
			got, err := s.Due(b.Context(), store.DueQuery{Queue: store.Timers, Now: monday, Limit: 100})
			require.NoError(b, err)
			require.Len(b, got.Due, 50)
		}
	})
	b.Run("claim", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			got, err := s.Claim(b.Context(), store.Claim{Queue: store.Timers, Now: monday, Lease: time.Hour, Want: []store.Want{{Tenant: "t-200", Limit: 100}}})
			require.NoError(b, err)
			require.Len(b, got.Items, 100)
		}
	})
}

// BenchmarkHotConversation gives commands on one conversation of a desk, from one client and
// from many. A command counts once however many clients there are, so the times compare.
func BenchmarkHotConversation(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(strconv.Itoa(clients), func(b *testing.B) {
			s, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "desk.db")})
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, s.Close()) })
			o := newHost(b, s, monday).acme
			r := opened(b, o)
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var all sync.WaitGroup
			for range clients {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := o.Conversation(r.Conversation).AddNote(b.Context(), grace, inbox.MessageParams{Body: "Note."}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
		})
	}
}
