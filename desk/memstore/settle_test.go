package memstore_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// Settle is one transaction, also over tenants: who sees that the item of one tenant is settled
// sees the same of the next. Settlements that name tenants in other orders do not wait for each
// other for ever.
func TestSettleTenants(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	s := memstore.New()
	ctx := t.Context()
	const tenants = 40
	var all []store.Records
	var want []store.Want
	for i := range tenants {
		name := store.TenantID(fmt.Sprintf("t%02d", i))
		r, err := s.Tenant(name)
		require.NoError(t, err)
		all = append(all, r)
		want = append(want, store.Want{Tenant: name, Limit: 1})
	}
	left := func(of store.Records) int {
		n, err := of.Remaining(ctx)
		if err != nil {
			t.Error(err)
		}
		return n.Timers
	}
	for range 200 {
		for _, r := range all {
			_, err := r.Commit(ctx, store.Batch{Timers: []store.Timer{{Of: named("a"), Name: "x", At: at}}})
			require.NoError(t, err)
		}
		got, err := s.Claim(ctx, store.Claim{Queue: store.Timers, Want: want, Now: at, Lease: time.Minute})
		require.NoError(t, err)
		require.Len(t, got.Items, tenants)
		var settlements, backwards []store.Settlement
		for i := range got.Items {
			settlements = append(settlements, store.Settlement{Receipt: got.Items[i].Receipt, Verdict: store.Done})
			backwards = append(backwards, store.Settlement{Receipt: got.Items[tenants-1-i].Receipt, Verdict: store.Park}) // void for a timer
		}
		var wg sync.WaitGroup
		var torn atomic.Int64
		wg.Go(func() {
			for left(all[0]) > 0 {
			}
			if left(all[tenants-1]) > 0 {
				torn.Add(1)
			}
		})
		for _, one := range [][]store.Settlement{backwards, settlements} {
			wg.Go(func() {
				if err := s.Settle(ctx, one...); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Zero(t, torn.Load(), "the first is settled, the last is not")
	}
}
