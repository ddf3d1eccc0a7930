package memstore_test

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

func ExampleNew() {
	ctx := context.Background()
	stores := memstore.New()
	acme, err := stores.Tenant("acme")
	if err != nil {
		panic(err)
	}

	// One batch: a record, a fact about it, a mail and a timer, all or nothing.
	due := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	ticket := store.Ref{Kind: "ticket", ID: "T-1"}
	done, err := acme.Commit(ctx, store.Batch{
		Changes:  []store.Change{{Ref: ticket, Body: []byte("printer on fire"), Timers: []store.Timer{{Name: "first-reply", At: due}}}},
		Events:   []store.Event{{ID: "1", Of: ticket, Type: "created", At: due.Add(-time.Hour)}},
		Messages: []store.Message{{Key: "ticket/T-1/created", Of: ticket, Topic: "mail", To: "account-7", At: due.Add(-time.Hour)}},
	})
	if err != nil {
		panic(err)
	}

	// Whoever read an older revision has to read again.
	_, err = acme.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: ticket, Body: []byte("printer is fine")}}})
	fmt.Println(err)

	timers, err := stores.Timers().Claim(ctx, store.ClaimParams{Now: due, Lease: time.Minute, Limit: 10})
	if err != nil {
		panic(err)
	}
	fmt.Println(timers[0].Tenant, timers[0].Of, timers[0].Timer.Name, len(done.Revisions))
	// Output:
	// desk: ticket/T-1: changed meanwhile
	// acme ticket/T-1 first-reply 1
}

func ExampleStores_Snapshot() {
	ctx := context.Background()
	stores := memstore.New()
	acme, err := stores.Tenant("acme")
	if err != nil {
		panic(err)
	}
	ticket := store.Ref{Kind: "ticket", ID: "T-1"}
	if _, err := acme.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: ticket, Body: []byte("printer on fire")}}}); err != nil {
		panic(err)
	}
	var file bytes.Buffer // or an *os.File
	if err := stores.Snapshot(&file); err != nil {
		panic(err)
	}
	torn := bytes.NewReader(file.Bytes()[:file.Len()/2])

	restored, err := memstore.Restore(&file)
	if err != nil {
		panic(err)
	}
	acme, err = restored.Tenant("acme")
	if err != nil {
		panic(err)
	}
	r, err := acme.Load(ctx, ticket)
	fmt.Println(string(r.Body), err)

	_, err = memstore.Restore(torn)
	fmt.Println(err)
	// Output:
	// printer on fire <nil>
	// memstore: not a whole snapshot: it ends early
}

func ExampleRestore() {
	_, err := memstore.Restore(bytes.NewReader([]byte(`{"tickets":[{"id":1,"title":"a printer"}]}`)))
	fmt.Println(err)
	// Output:
	// memstore: not a whole snapshot: it begins with something else
}
