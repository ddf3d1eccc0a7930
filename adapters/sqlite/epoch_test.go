package sqlite_test

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
)

// contents returns every row of every table of the package.
func contents(tb testing.TB, path string) (all []string) {
	tb.Helper()
	db := raw(tb, path)
	var tables []string
	rows, err := db.QueryContext(tb.Context(), "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'helpdesk\\_%' ESCAPE '\\' ORDER BY name")
	require.NoError(tb, err)
	for rows.Next() {
		var name string
		require.NoError(tb, rows.Scan(&name))
		tables = append(tables, name)
	}
	require.NoError(tb, rows.Err())
	require.NoError(tb, rows.Close())
	for _, table := range tables {
		rows, err := db.QueryContext(tb.Context(), "SELECT * FROM "+table)
		require.NoError(tb, err)
		columns, err := rows.Columns()
		require.NoError(tb, err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			require.NoError(tb, rows.Scan(values...))
			var line strings.Builder
			line.WriteString(table)
			for _, v := range values {
				switch v := (*v.(*any)).(type) {
				case []byte:
					line.WriteString("|" + string(v))
				case string:
					line.WriteString("|" + v)
				case int64:
					line.WriteString("|" + strconv.FormatInt(v, 10))
				default:
					line.WriteString("|-")
				}
			}
			all = append(all, line.String())
		}
		require.NoError(tb, rows.Err())
		require.NoError(tb, rows.Close())
	}
	return all
}

// T44: every call that writes looks at the epoch in the transaction in which it writes, so that a
// process of before leaves a file alone that a newer one has brought to another epoch. It reads on.
func TestEpochOfEveryWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	s := openFile(t, sqlite.Config{Path: path})
	st := acme(t, s)
	ctx := t.Context()
	var revs []store.Revision
	for i := range 3 {
		b := link(i, 1, "")
		b.Timers = append(b.Timers, store.Timer{Of: head(i), Name: "t", At: monday})
		done, err := st.Commit(ctx, b)
		require.NoError(t, err)
		revs = append(revs, done.Revisions[0])
	}
	_, err := st.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "gone", ID: "x"}, Body: []byte("{}"), ExpiresAt: monday}}})
	require.NoError(t, err)
	claim := func(q store.Queue, topic string) (store.Claims, error) {
		return s.Claim(ctx, store.Claim{Queue: q, Now: monday, Lease: time.Minute, Want: []store.Want{{Tenant: "acme", Topic: topic, Limit: 1}}})
	}
	timer, err := claim(store.Timers, "")
	require.NoError(t, err)
	sent, err := claim(store.Outbox, "mail")
	require.NoError(t, err)
	given, err := claim(store.Outbox, "mail")
	require.NoError(t, err)
	receipts := []store.Receipt{timer.Items[0].Receipt, sent.Items[0].Receipt, given.Items[0].Receipt}
	require.NoError(t, s.Settle(ctx, store.Settlement{Receipt: receipts[2], Verdict: store.Park, Reason: "no"}))
	settle := func(r store.Receipt, v store.Verdict) func() error {
		return func() error {
			m := store.Settlement{Receipt: r, Verdict: v}
			switch v {
			case store.Retry:
				m.At = monday
			case store.Park:
				m.Reason = "no"
			default:
			}
			return s.Settle(ctx, m)
		}
	}
	change := store.Change{Ref: head(0), Expected: revs[0], Body: headBody(2)}
	gone := store.Change{Ref: head(1), Expected: revs[1], Delete: true}
	commit := func(b store.Batch) func() error {
		return func() error { _, err := st.Commit(ctx, b); return err }
	}
	key := link(2, 2, revs[2]).Key
	writes := map[string]func() error{
		"commit of nothing": commit(store.Batch{}),
		"change":            commit(store.Batch{Changes: []store.Change{change}}),
		"delete":            commit(store.Batch{Changes: []store.Change{gone}}),
		"expect":            commit(store.Batch{Expect: []store.Expected{{Ref: head(0), Revision: revs[0]}}}),
		"append":            commit(store.Batch{Append: []store.Entry{{Of: head(0), Log: "other", N: 1, ID: "o", At: monday, Body: []byte("{}")}}}),
		"replace":           commit(store.Batch{Replace: []store.Replacement{{Of: head(0), Log: "event"}}}),
		"timer":             commit(store.Batch{Timers: []store.Timer{{Of: head(0), Name: "u", At: monday}}}),
		"no timer":          commit(store.Batch{Timers: []store.Timer{{Of: head(1), Name: "t"}}}),
		"ack":               commit(store.Batch{Ack: receipts[:1]}),
		"send":              commit(store.Batch{Send: []store.Message{{Key: "new", Of: head(0), Topic: "mail", At: monday}}}),
		"withdraw":          commit(store.Batch{Withdraw: []string{sent.Items[0].Message.Key}}),
		"key":               commit(store.Batch{Key: key}),
		"update": func() error {
			_, err := st.(store.Locker).Update(ctx, []store.Ref{head(0)}, func(context.Context, store.Reader) (store.Batch, error) {
				t.Error("it decided on what it cannot write")
				return store.Batch{}, nil
			})
			return err
		},
		"erase":         func() error { _, err := st.Erase(ctx, store.Erasure{Of: []store.Ref{head(0)}, Limit: 10}); return err },
		"erase all":     func() error { _, err := st.Erase(ctx, store.Erasure{All: true, Limit: 10}); return err },
		"expire":        func() error { _, err := s.Expire(ctx, monday, 10); return err },
		"claim timers":  func() error { _, err := claim(store.Timers, ""); return err },
		"claim outbox":  func() error { _, err := claim(store.Outbox, "mail"); return err },
		"timer done":    settle(receipts[0], store.Done),
		"timer retried": settle(receipts[0], store.Retry),
		"sent":          settle(receipts[1], store.Done),
		"sent again":    settle(receipts[1], store.Retry),
		"parked":        settle(receipts[1], store.Park),
		"void":          settle("m.1.1", store.Done),
		"revive":        func() error { _, err := st.Revive(ctx, store.Revival{Limit: 10}); return err },
	}
	for _, epoch := range []int{2, 0} {
		// Another process has the file now, whose schema has grown.
		db := raw(t, path)
		_, err := db.ExecContext(ctx, "UPDATE helpdesk_epoch SET epoch = ?", epoch)
		require.NoError(t, err)
		_, err = db.ExecContext(ctx, "ALTER TABLE helpdesk_record ADD COLUMN more"+strconv.Itoa(epoch)+" TEXT")
		require.NoError(t, err)
		before := contents(t, path)
		for name, write := range writes {
			err := write()
			require.ErrorIs(t, err, store.ErrNewer, name)
			require.ErrorIs(t, err, helpdesk.ErrUnavailable, name)
			require.Equal(t, before, contents(t, path), name)
		}
		got, err := st.Read(ctx, store.ReadRequest{
			Records: []store.Ref{head(0), linkRef(0, 1)}, Logs: []store.LogQuery{{Of: head(0), Log: "event", Limit: 10}}, Key: key.Name,
		})
		require.NoError(t, err)
		require.Equal(t, revs[0], got.Records[0].Revision)
		require.NotEmpty(t, got.Logs[0].Entries)
		page, err := st.Parked(ctx, store.ParkedQuery{Limit: 10})
		require.NoError(t, err)
		require.Len(t, page.Parked, 1)
		_, err = s.Due(ctx, store.DueQuery{Queue: store.Timers, Now: monday, Limit: 10})
		require.NoError(t, err)
		left, err := st.Remaining(ctx, head(0))
		require.NoError(t, err)
		require.NotZero(t, left.Total())
		_, err = sqlite.Open(ctx, sqlite.Config{Path: path, Manual: true})
		require.Error(t, err)
	}
}

// A commit that waits while a newer process migrates is refused: the epoch counts at the time of
// the transaction, not of the call.
func TestEpochWhileWaiting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	s := openFile(t, sqlite.Config{Path: path})
	st := acme(t, s)
	db := raw(t, path)
	for _, query := range []string{"BEGIN IMMEDIATE", "UPDATE helpdesk_epoch SET epoch = 2"} {
		_, err := db.ExecContext(t.Context(), query)
		require.NoError(t, err)
	}
	refused := make(chan error, 1)
	go func() { _, err := st.Commit(t.Context(), link(0, 1, "")); refused <- err }()
	select {
	case err := <-refused:
		require.Fail(t, "it did not wait", "%v", err)
	default:
	}
	_, err := db.ExecContext(t.Context(), "COMMIT")
	require.NoError(t, err)
	require.ErrorIs(t, <-refused, store.ErrNewer)
	requireLink(t, st, 0, 1, false)
}
