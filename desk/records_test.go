package desk_test

import (
	"context"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// records returns what the storage has of the tenant acme.
func (w *world) records() store.Records {
	w.t.Helper()
	s, err := w.stores.Tenant("acme")
	require.NoError(w.t, err)
	return s
}

// loaded returns a record, which may not be there.
func loaded(ctx context.Context, s store.Records, r store.Ref) (store.Record, error) {
	snapshot, err := s.Read(ctx, store.ReadRequest{Records: []store.Ref{r}})
	if err != nil {
		return store.Record{}, err
	}
	if snapshot.Records[0].Revision == "" {
		return store.Record{}, helpdesk.ErrNotFound
	}
	return snapshot.Records[0], nil
}

// listed returns the records of a kind.
func listed(tb testing.TB, s store.Records, kind string) []store.Record {
	tb.Helper()
	snapshot, err := s.Read(tb.Context(), store.ReadRequest{Lists: []store.Query{{Kind: kind, Limit: 1000}}})
	require.NoError(tb, err)
	require.Empty(tb, snapshot.Lists[0].Next)
	return snapshot.Lists[0].Records
}

// entries returns the entries of a log.
func entries(tb testing.TB, s store.Records, of store.Ref, log string) []store.Entry {
	tb.Helper()
	snapshot, err := s.Read(tb.Context(), store.ReadRequest{Logs: []store.LogQuery{{Of: of, Log: log, Limit: 1000}}})
	require.NoError(tb, err)
	return snapshot.Logs[0].Entries
}

// attributed returns the attributes of those names of a record, as a fixture needs them
// that changes a record behind the desk's back.
func attributed(pairs ...string) []store.Attribute {
	var out []store.Attribute
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, store.Attribute{Name: pairs[i], Value: store.Text(pairs[i+1])})
	}
	return out
}

// damage has a record say something else, and be listed under the attributes alone.
func damage(tb testing.TB, s store.Records, r store.Ref, body string, all ...store.Attribute) (was string) {
	tb.Helper()
	rec, err := loaded(tb.Context(), s, r)
	require.NoError(tb, err)
	_, err = s.Commit(tb.Context(), store.Batch{Changes: []store.Change{{Ref: r, Expected: rec.Revision, Body: []byte(body), Attributes: all}}})
	require.NoError(tb, err)
	return string(rec.Body)
}

// claimed hands out what is due in a queue.
func claimed(tb testing.TB, s store.Stores, c store.Claim, limit int) []store.Item {
	tb.Helper()
	due, err := s.Due(tb.Context(), store.DueQuery{Queue: c.Queue, Now: c.Now, Limit: 1000})
	require.NoError(tb, err)
	for _, d := range due.Due {
		c.Want = append(c.Want, store.Want{Tenant: d.Tenant, Topic: d.Topic, Limit: limit})
	}
	if len(c.Want) == 0 {
		return nil
	}
	got, err := s.Claim(tb.Context(), c)
	require.NoError(tb, err)
	return got.Items
}
