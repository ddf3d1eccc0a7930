package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// A desk on a file says what an operator has to know of all tenants and of the file.
func TestHealthOfTenants(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	start := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	s := open(t)
	h := newHost(t, s, start)
	var all []store.TenantID
	for i := range 5 {
		name := store.TenantID(fmt.Sprintf("t-%d", i))
		all = append(all, name)
		o, err := h.desk.Tenant(name)
		require.NoError(t, err)
		for range i {
			opened(t, o)
		}
		if i == 0 { // a tenant with nothing but a message
			r, err := s.Tenant(name)
			require.NoError(t, err)
			_, err = r.Commit(ctx, store.Batch{Send: []store.Message{{Key: "k", Of: head(0), Topic: "feed/crm", At: start}}})
			require.NoError(t, err)
		}
	}
	sum := 0
	for _, limit := range []int{1, 2, 5, 6} {
		var names []store.TenantID
		sum = 0
		for cursor := ""; ; {
			page, next, err := h.desk.Tenants(ctx, cursor, limit)
			require.NoError(t, err)
			for _, one := range page {
				o, err := h.desk.Tenant(one.Tenant)
				require.NoError(t, err)
				alone, err := o.Health(ctx)
				require.NoError(t, err)
				require.Equal(t, alone, one)
				names = append(names, one.Tenant)
				sum += one.Backlog.Waiting
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		require.Equal(t, all, names, "limit %d", limit)
	}
	o, err := h.desk.Health(ctx)
	require.NoError(t, err)
	require.Equal(t, desk.Backlog{Waiting: sum, DueSince: start}, o.Backlog)
	require.Equal(t, "sqlite", o.Storage.Name)
	require.EqualValues(t, 2, o.Condition.Schema)
	require.Equal(t, s.Usage().File+s.Usage().Journal+s.Usage().Reserve, o.Condition.Bytes)
	require.Empty(t, o.Condition.Warnings)
}

// Ten thousand dead letters in a file are revived in the order in which they went the first time.
func TestReviveAll(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	start := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	s := open(t)
	h := newHost(t, s, start)
	many := veryMany(1_000)
	for i := 0; i < many; i += store.MaxParts / 2 {
		var b store.Batch
		for n := i; n < min(i+store.MaxParts/2, many); n++ {
			b.Send = append(b.Send, store.Message{Key: fmt.Sprintf("k/%06d", n), Of: head(n % 4000), Topic: "customer/email", At: start})
		}
		_, err := acme(t, s).Commit(ctx, b)
		require.NoError(t, err)
	}
	parkAll := func() (keys []string) {
		for {
			got, err := s.Claim(ctx, store.Claim{
				Queue: store.Outbox, Now: start, Lease: time.Minute, Want: []store.Want{{Tenant: "acme", Topic: "customer/email", Limit: store.MaxParts}},
			})
			require.NoError(t, err)
			if len(got.Items) == 0 {
				return keys
			}
			var done []store.Settlement
			for _, i := range got.Items {
				keys = append(keys, i.Message.Key)
				done = append(done, store.Settlement{Receipt: i.Receipt, Verdict: store.Park, Reason: "tries"})
			}
			require.NoError(t, s.Settle(ctx, done...))
		}
	}
	before := parkAll()
	require.Len(t, before, many)
	n, err := h.acme.ReviveAll(ctx, "customer")
	require.NoError(t, err)
	require.Equal(t, many, n)
	require.Equal(t, before, parkAll())
}

// Warnings are what a person has to see to: a newer schema, and a reserve that could not be made.
func TestExamine(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "desk.db")
	require.NoError(t, os.Mkdir(path+"-reserve", 0o700))
	s, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	require.NoError(t, err)
	_, err = raw(t, path).ExecContext(ctx, "INSERT INTO helpdesk_version (version_id, is_applied) VALUES (3, 1)")
	require.NoError(t, err)
	c, err := s.Examine(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 3, c.Schema)
	require.Equal(t, []string{"no_reserve", "schema_newer"}, c.Warnings)
	require.NoError(t, s.Close())
	_, err = s.Examine(ctx)
	require.ErrorIs(t, err, store.ErrClosed)
}
