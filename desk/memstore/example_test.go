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
		Changes: []store.Change{{Ref: ticket, Body: []byte(`{"title":"printer on fire"}`)}},
		Append:  []store.Entry{{Of: ticket, Log: "event", N: 1, ID: "created", At: due.Add(-time.Hour)}},
		Timers:  []store.Timer{{Of: ticket, Name: "first-reply", At: due}},
		Send:    []store.Message{{Key: "ticket/T-1/created", Of: ticket, Topic: "customer/email", At: due.Add(-time.Hour)}},
	})
	if err != nil {
		panic(err)
	}

	// Whoever read an older revision has to read again.
	_, err = acme.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: ticket, Body: []byte(`{"title":"printer is fine"}`)}}})
	fmt.Println(err)

	got, err := stores.Claim(ctx, store.Claim{Queue: store.Timers, Want: []store.Want{{Tenant: "acme", Limit: 10}}, Now: due, Lease: time.Minute})
	if err != nil {
		panic(err)
	}
	fmt.Println(got.Items[0].Tenant, got.Items[0].Timer.Of, got.Items[0].Timer.Name, len(done.Revisions))
	// Output:
	// store: ticket/T-1: changed meanwhile
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
	if _, err := acme.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: ticket, Body: []byte(`{"title":"printer on fire"}`)}}}); err != nil {
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
	s, err := acme.Read(ctx, store.ReadRequest{Records: []store.Ref{ticket}})
	fmt.Println(string(s.Records[0].Body), err)

	_, err = memstore.Restore(torn)
	fmt.Println(err)
	// Output:
	// {"title":"printer on fire"} <nil>
	// memstore: not a whole snapshot: it ends early, at byte 21
}

func ExampleRestore() {
	_, err := memstore.Restore(bytes.NewReader([]byte(`{"tickets":[{"id":1,"title":"a printer"}]}`)))
	fmt.Println(err)
	// Output:
	// memstore: not a whole snapshot: it begins with something else, at byte 10
}
