package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
)

// A file outlasts the process: what was committed is there when it is opened again.
func ExampleOpen() {
	folder, err := os.MkdirTemp("", "helpdesk")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // what is left is the system's to clean
	ctx := context.Background()
	config := sqlite.Config{Path: filepath.Join(folder, "helpdesk.db")}
	ref := store.Ref{Kind: "note", ID: "1"}

	stores, err := sqlite.Open(ctx, config)
	if err != nil {
		panic(err)
	}
	acme, err := stores.Tenant("acme")
	if err != nil {
		panic(err)
	}
	if _, err := acme.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: ref, Body: []byte(`"hello"`)}}}); err != nil {
		panic(err)
	}
	if err := stores.Close(); err != nil {
		panic(err)
	}

	if stores, err = sqlite.Open(ctx, config); err != nil {
		panic(err)
	}
	defer stores.Close() //nolint:errcheck // nothing was written
	acme, err = stores.Tenant("acme")
	if err != nil {
		panic(err)
	}
	found, err := acme.Read(ctx, store.ReadRequest{Records: []store.Ref{ref}})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(found.Records[0].Body))
	other, err := stores.Tenant("other")
	if err != nil {
		panic(err)
	}
	found, err = other.Read(ctx, store.ReadRequest{Records: []store.Ref{ref}})
	fmt.Println(found.Records[0].Revision == "", err)
	// Output:
	// "hello"
	// true <nil>
}
