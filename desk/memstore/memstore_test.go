package memstore_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
	"github.com/stretchr/testify/require"
)

var at = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// recordsOf returns the records of a tenant.
func recordsOf(tb testing.TB, s *memstore.Stores, name store.TenantID) store.Records {
	tb.Helper()
	r, err := s.Tenant(name)
	require.NoError(tb, err)
	return r
}

func TestStores(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Engine{Open: func(*testing.T) func() store.Stores {
		s := memstore.New()
		return func() store.Stores { return s }
	}})
}
