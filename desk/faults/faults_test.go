package faults_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/faults"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
	"github.com/deskcore/helpdesk/desk/transporttest"
	"github.com/stretchr/testify/require"
)

var (
	now    = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	ticket = store.Ref{Kind: "ticket", ID: "1"}
)

// Wrapped ports keep their rules as long as nothing is made to fail.
func TestSound(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Engine{Open: func(*testing.T) func() store.Stores {
		s := memstore.New()
		return func() store.Stores { return faults.New(faults.Fault{}).Stores(s) }
	}})
	transporttest.Run(t, func(*testing.T) transporttest.Harness {
		tr := memtransport.New()
		return transporttest.Harness{
			Transport: sender{tr, new(faults.Injector)},
			Delivered: func(context.Context) ([]desk.Envelope, error) { return tr.Delivered(), nil },
		}
	}, transporttest.Features{Deduplicates: true})
}

// sender is a transport of a host, wrapped as the documentation of Do says.
type sender struct {
	desk.Transport
	in *faults.Injector
}

func (s sender) Send(ctx context.Context, e desk.Envelope) error {
	return s.in.Do("Transport.Send", string(e.Tenant)+" "+e.Key, func() error { return s.Transport.Send(ctx, e) })
}

// every calls everything there is once, and returns the errors.
func every(ctx context.Context, in *faults.Injector) []error {
	var errs []error
	s := in.Stores(memstore.New())
	st, err := s.Tenant("acme")
	if err != nil {
		return []error{err}
	}
	note := func(err error) { errs = append(errs, err) }
	_, err = st.Commit(ctx, store.Batch{
		Key: store.Key{Name: "k", Result: store.Result{Fingerprint: "f", Of: ticket}}, Changes: []store.Change{{Ref: ticket}},
		Send: []store.Message{{Key: "m", Of: ticket, Topic: "t", At: now}},
	})
	note(err)
	_, err = st.Read(ctx, store.ReadRequest{
		Records: []store.Ref{ticket}, Lists: []store.Query{{Kind: "ticket", Limit: 1}}, Key: "k",
		Logs: []store.LogQuery{{Of: ticket, Log: "event", Limit: 1}}, Counts: []store.CountQuery{{Kind: "ticket", Limit: 1}},
	})
	note(err)
	_, err = s.Due(ctx, store.DueQuery{Queue: store.Outbox, Now: now, Limit: 1})
	note(err)
	_, err = s.Claim(ctx, store.Claim{Queue: store.Outbox, Now: now, Lease: 1, Want: []store.Want{{Tenant: "acme", Topic: "t", Limit: 1}}})
	note(err)
	note(s.Settle(ctx, store.Settlement{Receipt: "r", Verdict: store.Done}))
	_, err = st.Parked(ctx, store.ParkedQuery{Limit: 1})
	note(err)
	_, err = st.Revive(ctx, store.Revival{Key: "m", Limit: 1})
	note(err)
	_, err = st.Remaining(ctx, ticket)
	note(err)
	_, err = st.Erase(ctx, store.Erasure{Of: []store.Ref{ticket}, Limit: 10})
	note(err)
	_, err = s.Expire(ctx, now, 1)
	note(err)
	note(sender{memtransport.New(), in}.Send(ctx, desk.Envelope{Tenant: "acme", Key: "m", Channel: helpdesk.ChannelSMS, To: "1", Body: "b"}))
	return errs
}

// portCalls is how many methods the ports have that touch something.
const portCalls = 11

// methods returns the names of the calls of all ports that a [desk.Config] has.
func methods() map[string]bool {
	names := map[string]bool{}
	add := func(name string, port reflect.Type) {
		for m := range port.Methods() {
			names[name+"."+m.Name] = true
		}
	}
	add("Transport", reflect.TypeFor[desk.Transport]())
	add("Stores", reflect.TypeFor[store.Stores]())
	for _, touchesNothing := range []string{"Tenant", "Features"} {
		delete(names, "Stores."+touchesNothing)
	}
	add("Records", reflect.TypeFor[store.Records]())
	return names
}

// Every call of every port is counted, named, and can fail in every way that
// applies to it.
func TestEveryCall(t *testing.T) {
	t.Parallel()
	in := faults.New(faults.Fault{})
	for _, err := range every(t.Context(), in) {
		require.NoError(t, err)
	}
	_, met := in.Fault()
	require.False(t, met)
	calls := in.Calls()
	require.Len(t, calls, portCalls)
	require.Equal(t, "call 1, Records.Commit acme ticket/1 m", calls[0].String())
	require.Equal(t, "call 4, Stores.Claim outbox", calls[3].String())
	names := map[string]bool{}
	for i, c := range calls {
		require.Equal(t, i+1, c.N)
		names[c.Name] = true
	}
	require.Len(t, names, portCalls)
	require.Equal(t, methods(), names)

	n := 0
	for f := range faults.Faults(calls, faults.Kinds()...) {
		n++
		in := faults.New(f)
		errs := every(t.Context(), in)
		c, met := in.Fault()
		require.True(t, met)
		require.Equal(t, calls[f.Call-1], c)
		for i, err := range errs {
			switch failed := i + 1; {
			case failed < f.Call:
				require.NoError(t, err, f)
			case f.Kind == faults.CrashBefore || f.Kind == faults.CrashAfter:
				require.ErrorIs(t, err, faults.ErrCrashed, "%v: %v", f, calls[i])
			case failed == f.Call:
				require.ErrorIs(t, err, faults.ErrInjected, f)
				uncertain := f.Kind == faults.UncertainDone || f.Kind == faults.UncertainLost
				require.Equal(t, uncertain, errors.Is(err, helpdesk.ErrUncertain))
			case f.Call > 1: // what follows is not disturbed, unless nothing was committed
				require.NoError(t, err, "%v: %v", f, calls[i])
			}
		}
		require.Equal(t, f.Kind == faults.CrashBefore || f.Kind == faults.CrashAfter, in.Crashed())
		require.Len(t, in.Calls(), map[bool]int{true: f.Call, false: portCalls}[in.Crashed()], "calls after a crash are none")
	}
	require.Equal(t, 3*portCalls+2*2, n)
}

func TestEffects(t *testing.T) {
	t.Parallel()
	for _, k := range faults.Kinds() {
		in := faults.New(faults.Fault{Call: 1, Kind: k})
		s := memstore.New()
		st, err := in.Stores(s).Tenant("acme")
		require.NoError(t, err)
		done, err := st.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket}}})
		require.Error(t, err)
		require.Empty(t, done)
		in.Restart()
		require.False(t, in.Crashed())
		left, err := st.Remaining(t.Context(), ticket)
		require.NoError(t, err)
		require.Equal(t, k == faults.CrashAfter || k == faults.UncertainDone, left.Records == 1, "%v", k)
	}
}

func TestTenant(t *testing.T) {
	t.Parallel()
	_, err := new(faults.Injector).Stores(memstore.New()).Tenant("")
	require.ErrorIs(t, err, store.ErrTenant)
}

func TestKinds(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range faults.Kinds() {
		require.True(t, k.Applies(faults.Call{Name: "Records.Commit"}))
		require.NotContains(t, k.String(), "Kind")
		seen[k.String()] = true
	}
	require.Len(t, seen, len(faults.Kinds()))
	require.Equal(t, "Kind(0)", faults.Kind(0).String())
	require.Equal(t, "Kind(6)", faults.Kind(6).String())
	require.False(t, faults.Kind(0).Applies(faults.Call{Name: "Records.Commit"}))
	require.False(t, faults.UncertainDone.Applies(faults.Call{Name: "Records.Read"}))
	require.Equal(t, "crash after at call 3", faults.Fault{Call: 3, Kind: faults.CrashAfter}.String())
	for range faults.Faults([]faults.Call{{N: 1}, {N: 2}}, faults.Kinds()...) {
		break // an iterator can be left
	}
}

// relay sends what is in the outbox, until nothing is left.
func relay(ctx context.Context, s store.Stores, tr desk.Transport, at time.Time, first, then func(store.Item) error) error {
	for {
		claims, err := s.Claim(ctx, store.Claim{Queue: store.Outbox, Now: at, Lease: time.Minute, Want: []store.Want{{Tenant: "acme", Topic: "mail", Limit: 1}}})
		if err != nil || len(claims.Items) == 0 {
			return err
		}
		if err := first(claims.Items[0]); err != nil {
			return err
		}
		if err := then(claims.Items[0]); err != nil {
			return err
		}
	}
}

// scenario commits a ticket with a mail, and sends the mail. If sound, it
// acknowledges what it sent, and otherwise before it sends.
func scenario(ctx context.Context, sound bool) faults.Scenario {
	return func(in *faults.Injector) error {
		mem, post := memstore.New(), memtransport.New()
		process := func(at time.Time) error {
			s, tr := in.Stores(mem), sender{post, in}
			st, err := s.Tenant("acme")
			if err != nil {
				return err
			}
			batch := store.Batch{
				Key: store.Key{Name: "create", Result: store.Result{Fingerprint: "f", Of: ticket}}, Changes: []store.Change{{Ref: ticket}},
				Send: []store.Message{{Key: "mail", Of: ticket, Topic: "mail", At: now, Body: []byte(`"created"`)}},
			}
			if _, err := st.Commit(ctx, batch); err != nil {
				return err
			}
			send := func(d store.Item) error {
				return tr.Send(ctx, desk.Envelope{Tenant: d.Tenant, Key: d.Message.Key, Channel: helpdesk.ChannelEmail, To: "a@example.org", Body: string(d.Message.Body)})
			}
			ack := func(d store.Item) error {
				return s.Settle(ctx, store.Settlement{Receipt: d.Receipt, Verdict: store.Done})
			}
			if !sound {
				send, ack = ack, send
			}
			return relay(ctx, s, tr, at, send, ack)
		}
		if err := process(now); err != nil {
			in.Restart()
			if err := process(now.Add(time.Hour)); err != nil {
				return err
			}
		}
		if n := len(post.Delivered()); n != 1 {
			return fmt.Errorf("%d mails were delivered", n)
		}
		return nil
	}
}

// Explore finds no fault in a program that does it right, and the exact one in a
// program that does not.
func TestExplore(t *testing.T) {
	t.Parallel()
	require.NoError(t, faults.Explore(scenario(t.Context(), true), faults.Kinds()...))

	err := faults.Explore(scenario(t.Context(), false), faults.Kinds()...)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	var found []string
	for _, e := range joined.Unwrap() {
		failure, ok := errors.AsType[*faults.FailureError](e)
		require.True(t, ok)
		require.EqualError(t, errors.Unwrap(e), "0 mails were delivered")
		found = append(found, failure.Fault.Kind.String()+" "+failure.Call.Name)
	}
	// Its mail is lost if it stops between acknowledging and sending.
	require.ElementsMatch(t, []string{
		"crash after Stores.Settle", "crash before Transport.Send", "fail Transport.Send", "uncertain, lost Transport.Send",
	}, found)
	require.True(t, slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(s string) bool {
		return s == "faults: crash before: call 4, Transport.Send acme mail: 0 mails were delivered"
	}), err)
}

// A script decides about each call: whether it is done, and what its caller hears.
func TestScripted(t *testing.T) {
	t.Parallel()
	mem := memstore.New()
	var seen []faults.Call
	answers := []struct {
		done bool
		err  error
	}{{true, helpdesk.ErrUncertain}, {false, helpdesk.ErrUncertain}, {false, store.ErrRetry}, {false, nil}, {true, nil}}
	in := faults.Scripted(func(c faults.Call) (bool, error) {
		seen = append(seen, c)
		a := answers[c.N-1]
		return a.done, a.err
	})
	st, err := in.Stores(mem).Tenant("acme")
	require.NoError(t, err)
	left, err := mem.Tenant("acme")
	require.NoError(t, err)
	for i, a := range answers {
		of := store.Ref{Kind: "ticket", ID: string(rune('a' + i))}
		_, err := st.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: of}}})
		require.Equal(t, a.err, err)
		r, err := left.Remaining(t.Context(), of)
		require.NoError(t, err)
		require.Equal(t, a.done || a.err == nil, r.Records == 1)
		require.Equal(t, faults.Call{N: i + 1, Name: "Records.Commit", Note: "acme ticket/" + of.ID}, seen[i])
	}
	require.Empty(t, in.Calls())
	_, met := in.Fault()
	require.False(t, met)
	require.False(t, in.Crashed())
}

func TestExploreUndisturbed(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong from the start")
	err := faults.Explore(func(*faults.Injector) error { return wrong }, faults.Kinds()...)
	require.ErrorIs(t, err, wrong)
	require.EqualError(t, err, "faults: undisturbed: wrong from the start")

	runs := 0
	err = faults.Explore(func(in *faults.Injector) error {
		if runs++; runs == 1 {
			_, _ = in.Stores(memstore.New()).Expire(t.Context(), now, 1)
		}
		return nil
	}, faults.Fail)
	require.ErrorContains(t, err, "not deterministic")
}

func ExampleExplore() {
	ctx := context.Background()
	ticket := store.Ref{Kind: "ticket", ID: "1"}

	err := faults.Explore(func(in *faults.Injector) error {
		stores := memstore.New()
		program := func() error { // commits a ticket, and then, separately, its mail
			acme, err := in.Stores(stores).Tenant("acme")
			if err != nil {
				return err
			}
			if _, err := acme.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: ticket}}}); err != nil {
				return err
			}
			_, err = acme.Commit(ctx, store.Batch{Send: []store.Message{{Key: "mail", Of: ticket, Topic: "mail", At: time.Unix(0, 0)}}})
			return err
		}
		_ = program()
		in.Restart()

		acme, err := stores.Tenant("acme")
		if err != nil {
			return err
		}
		left, err := acme.Remaining(ctx, ticket)
		if left.Records != left.Messages {
			return fmt.Errorf("%d tickets and %d mails", left.Records, left.Messages)
		}
		return err
	}, faults.CrashBefore)
	fmt.Println(err)
	// Output:
	// faults: crash before: call 2, Records.Commit acme mail: 1 tickets and 0 mails
}

func ExampleNew() {
	in := faults.New(faults.Fault{Call: 1, Kind: faults.CrashAfter})
	acme, err := in.Stores(memstore.New()).Tenant("acme")
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	ticket := store.Ref{Kind: "ticket", ID: "1"}
	_, err = acme.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: ticket}}})
	fmt.Println(err)
	_, err = acme.Remaining(ctx, ticket)
	fmt.Println(err)

	in.Restart()
	_, err = acme.Remaining(ctx, ticket)
	fmt.Println(err)
	// Output:
	// faults: crashed
	// faults: crashed
	// <nil>
}
