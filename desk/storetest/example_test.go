package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// The test of an adapter is one call.
func ExampleRun() {
	_ = func(t *testing.T) { //nolint:thelper // this is the body of TestStores
		storetest.Run(t, func(*testing.T) store.Stores {
			return memstore.New() // or the adapter's own, empty, with its end in t.Cleanup
		}, storetest.Features{})
	}
}

// Where there is no testing.T, a violation is an error that names the rule.
func ExampleCheck() {
	open := func() (store.Stores, error) { return forgetful{memstore.New()}, nil }
	err := storetest.Check(context.Background(), open, storetest.Features{})
	var v *storetest.ViolationError
	fmt.Println(errors.As(err, &v))
	// Output: true
}

// forgetful stores do not know the names of tenants.
type forgetful struct{ store.Stores }

func (f forgetful) Tenant(store.TenantID) (store.Store, error) { return f.Stores.Tenant("everybody") }
