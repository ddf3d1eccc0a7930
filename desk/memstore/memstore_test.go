package memstore_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// reopen takes a snapshot and restores it.
func reopen(_ context.Context, s store.Stores) (store.Stores, error) {
	var b bytes.Buffer
	if err := s.(*memstore.Stores).Snapshot(&b); err != nil {
		return nil, err
	}
	return memstore.Restore(&b)
}

func TestStores(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) store.Stores { return memstore.New() }, storetest.Features{Reopen: reopen})
}
