package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

var (
	at  = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	one = store.Ref{Kind: "ticket", ID: "t1"}
)

// paths returns the paths of the faults of an error.
func paths(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	var all []string
	for _, e := range joined.Unwrap() {
		f, ok := errors.AsType[*helpdesk.FieldError](e)
		require.True(t, ok)
		require.NotEmpty(t, f.Reason)
		all = append(all, f.Path)
	}
	return all
}

func change(attributes ...store.Attribute) store.Batch {
	return store.Batch{Changes: []store.Change{{Ref: one, Attributes: attributes}}}
}

func attr(name string, v store.Value) store.Attribute { return store.Attribute{Name: name, Value: v} }

func entry(n uint64, id string) store.Entry {
	return store.Entry{Of: one, Log: "event", N: n, ID: id, At: at}
}

func message(key, topic string) store.Message {
	return store.Message{Key: key, Of: one, Topic: topic, At: at}
}

func TestBatchCheck(t *testing.T) {
	t.Parallel()
	first := time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(2201, time.January, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		batch store.Batch
		want  []string
	}{
		"nothing":           {store.Batch{}, nil},
		"an absent kind":    {store.Batch{Changes: []store.Change{{Ref: store.Ref{ID: "x"}}}}, []string{"changes[0].ref.kind"}},
		"a long kind":       {store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: strings.Repeat("k", 33), ID: "x"}}}}, []string{"changes[0].ref.kind"}},
		"the longest names": {store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: strings.Repeat("k", 32), ID: strings.Repeat("x", 128)}}}}, nil},
		"a long ID":         {store.Batch{Expect: []store.Expected{{Ref: store.Ref{Kind: "k", ID: strings.Repeat("x", 129)}}}}, []string{"expect[0].ref.id"}},
		"an ID with NUL":    {store.Batch{Append: []store.Entry{{Of: one, Log: "e", N: 1, ID: "\x00", At: at}}}, []string{"append[0].id"}},

		"all types":           {change(attr("status", store.Text("new")), attr("open", store.Bool(true)), attr("due", store.Instant(at)), attr("label", store.Text("a")), attr("label", store.Text("b"))), nil},
		"an unknown name":     {change(attr("color", store.Text("red"))), []string{"changes[0].attributes[0].name"}},
		"another type":        {change(attr("open", store.Text("yes")), attr("due", store.Number(1))), []string{"changes[0].attributes[0].value", "changes[0].attributes[1].value"}},
		"no value":            {change(attr("status", store.Value{})), []string{"changes[0].attributes[0].value"}},
		"an empty text":       {change(attr("status", store.Text(""))), []string{"changes[0].attributes[0].value"}},
		"a long text":         {change(attr("title", store.Text(strings.Repeat("x", 257)))), []string{"changes[0].attributes[0].value"}},
		"the longest text":    {change(attr("title", store.Text(strings.Repeat("x", 256)))), nil},
		"no UTF-8":            {change(attr("title", store.Text("\xff"))), []string{"changes[0].attributes[0].value"}},
		"two values of one":   {change(attr("status", store.Text("a")), attr("open", store.Bool(true)), attr("status", store.Text("b"))), []string{"changes[0].attributes[2].name"}},
		"one value twice":     {change(attr("label", store.Text("a")), attr("label", store.Text("a"))), []string{"changes[0].attributes[1]"}},
		"no columns":          {store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "purge", ID: "x"}, Attributes: []store.Attribute{attr("due", store.Instant(at))}}}}, []string{"changes[0].attributes[0].name"}},
		"an early instant":    {change(attr("due", store.Instant(first.Add(-1)))), []string{"changes[0].attributes[0].value"}},
		"the first instant":   {change(attr("due", store.Instant(first))), nil},
		"the last instant":    {change(attr("due", store.Instant(last.Add(-1)))), nil},
		"a late instant":      {change(attr("due", store.Instant(last))), []string{"changes[0].attributes[0].value"}},
		"a late expiry":       {store.Batch{Changes: []store.Change{{Ref: one, ExpiresAt: last}}}, []string{"changes[0].expires_at"}},
		"a deletion":          {store.Batch{Changes: []store.Change{{Ref: one, Expected: "1", Delete: true}}}, nil},
		"a deletion of none":  {store.Batch{Changes: []store.Change{{Ref: one, Delete: true, Body: []byte("{}")}}}, []string{"changes[0].delete", "changes[0].expected"}},
		"a long body":         {store.Batch{Changes: []store.Change{{Ref: one, Body: make([]byte, store.MaxBody+1)}}}, []string{"changes[0].body"}},
		"the longest body":    {store.Batch{Changes: []store.Change{{Ref: one, Body: make([]byte, store.MaxBody)}}}, nil},
		"a record twice":      {store.Batch{Changes: []store.Change{{Ref: one}, {Ref: one}}}, []string{"changes[1].ref"}},
		"read and changed":    {store.Batch{Expect: []store.Expected{{Ref: one}}, Changes: []store.Change{{Ref: one}}}, []string{"changes[0].ref"}},
		"expected twice":      {store.Batch{Expect: []store.Expected{{Ref: one}, {Ref: one}}}, []string{"expect[1].ref"}},
		"replaced twice":      {store.Batch{Replace: []store.Replacement{{Of: one, Log: "a"}, {Of: one, Log: "a"}}}, []string{"replace[1]"}},
		"two logs":            {store.Batch{Replace: []store.Replacement{{Of: one, Log: "a"}, {Of: one, Log: "b"}}}, nil},
		"N of zero":           {store.Batch{Append: []store.Entry{entry(0, "a")}}, []string{"append[0].n"}},
		"the greatest N":      {store.Batch{Append: []store.Entry{entry(store.MaxN, "a")}}, nil},
		"a greater N":         {store.Batch{Append: []store.Entry{entry(store.MaxN+1, "a")}}, []string{"append[0].n"}},
		"N twice":             {store.Batch{Append: []store.Entry{entry(1, "a"), entry(1, "b")}}, []string{"append[1].n"}},
		"an ID twice":         {store.Batch{Append: []store.Entry{entry(1, "a"), entry(2, "a")}}, []string{"append[1].id"}},
		"an entry of no time": {store.Batch{Append: []store.Entry{{Of: one, Log: "e", N: 1, ID: "a"}}}, []string{"append[0].at"}},
		"a timer twice":       {store.Batch{Timers: []store.Timer{{Of: one, Name: "a", At: at}, {Of: one, Name: "a"}}}, []string{"timers[1].name"}},
		"a removed timer":     {store.Batch{Timers: []store.Timer{{Of: one, Name: "a"}}}, nil},
		"a key twice":         {store.Batch{Send: []store.Message{message("a", "t"), message("a", "t")}}, []string{"send[1].key"}},
		"a long key":          {store.Batch{Send: []store.Message{message(strings.Repeat("k", 256), "t")}, Withdraw: []string{strings.Repeat("k", 256)}}, []string{"withdraw[0]", "send[0].key"}},
		"the longest key":     {store.Batch{Send: []store.Message{message(strings.Repeat("k", 255), "t")}}, nil},
		"topics":              {store.Batch{Send: []store.Message{message("a", "ai"), message("b", "customer/email"), message("c", "feed/crm_2/x"), message("d", strings.Repeat("k", 31)+"/"+strings.Repeat("k", 32))}}, nil},
		"malformed topics":    {store.Batch{Send: []store.Message{message("a", ""), message("b", "a//b"), message("c", "/a"), message("d", "a/"), message("e", "A"), message("f", "a-b"), message("g", strings.Repeat("k", 32)+"/"+strings.Repeat("k", 32))}}, []string{"send[0].topic", "send[1].topic", "send[2].topic", "send[3].topic", "send[4].topic", "send[5].topic", "send[6].topic"}},
		"a result of no key":  {store.Batch{Key: store.Key{Result: store.Result{Fingerprint: "f"}}}, []string{"key.name"}},
		"a key of no result":  {store.Batch{Key: store.Key{Name: "k"}}, []string{"key.result.fingerprint", "key.result.of.kind", "key.result.of.id"}},
		"a key":               {store.Batch{Key: store.Key{Name: "k", Result: store.Result{Fingerprint: "f", Of: one}}}, nil},
		"many parts":          {store.Batch{Ack: make([]store.Receipt, store.MaxParts)}, nil},
		"too many parts":      {store.Batch{Ack: make([]store.Receipt, store.MaxParts+1)}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, paths(t, c.batch.Check()))
		})
	}
	var many store.Batch
	for range 100 {
		many.Timers = append(many.Timers, store.Timer{})
	}
	require.Len(t, paths(t, many.Check()), 50, "faults")
}

func TestRequestCheck(t *testing.T) {
	t.Parallel()
	query := func(q store.Query) store.ReadRequest {
		if q.Limit == 0 {
			q.Limit = 1
		}
		return store.ReadRequest{Lists: []store.Query{q}}
	}
	where := func(m ...store.Match) store.ReadRequest { return query(store.Query{Kind: "ticket", Where: m}) }
	for name, c := range map[string]struct {
		request store.ReadRequest
		want    []string
	}{
		"nothing":            {store.ReadRequest{}, nil},
		"names":              {store.ReadRequest{Records: []store.Ref{{}}, Key: " "}, []string{"records[0].kind", "records[0].id", "key"}},
		"limits":             {store.ReadRequest{Lists: []store.Query{{Kind: "k"}}, Logs: []store.LogQuery{{Of: one, Log: "e", Limit: store.MaxLimit + 1}}, Counts: []store.CountQuery{{Kind: "k", Limit: -1}}}, []string{"lists[0].limit", "logs[0].limit", "counts[0].limit"}},
		"the greatest limit": {query(store.Query{Kind: "k", Limit: store.MaxLimit}), nil},
		"an order":           {query(store.Query{Kind: "ticket", Order: "due", From: at}), nil},
		"no order":           {query(store.Query{Kind: "ticket", Order: "resolved"}), []string{"lists[0].order"}},
		"bounds of none":     {query(store.Query{Kind: "ticket", From: at}), []string{"lists[0].from"}},
		"bounds reversed":    {query(store.Query{Kind: "ticket", Order: "due", From: at, Before: at}), []string{"lists[0].from"}},
		"a cursor":           {query(store.Query{Kind: "ticket", Cursor: "x"}), []string{"lists[0].cursor"}},
		"matches":            {where(store.Match{Name: "status", Value: store.Text("a")}, store.Match{Name: "assignee", Absent: true}, store.Match{Name: "conversation", Same: store.Ref{Kind: "conversation", ID: "c"}}), nil},
		"an unknown name":    {where(store.Match{Name: "color", Absent: true}), []string{"lists[0].where[0].name"}},
		"no condition":       {where(store.Match{Name: "status"}), []string{"lists[0].where[0]"}},
		"two conditions":     {where(store.Match{Name: "status", Absent: true, Value: store.Text("a")}), []string{"lists[0].where[0]"}},
		"another type":       {where(store.Match{Name: "open", Value: store.Text("a")}), []string{"lists[0].where[0].value"}},
		"no such record":     {where(store.Match{Name: "status", Same: store.Ref{Kind: "conversation", ID: "c"}}), []string{"lists[0].where[0].same.kind"}},
		"many":               {where(make([]store.Match, store.MaxMatches+1)...), []string{"lists[0].where"}},
		"a bound":            {store.ReadRequest{Logs: []store.LogQuery{{Of: one, Log: "e", Limit: 1, After: 5, Before: 5}}}, []string{"logs[0].before"}},
		"a count":            {store.ReadRequest{Counts: []store.CountQuery{{Kind: "ticket", By: "due", Limit: 1}, {Kind: "ticket", By: "open", Limit: 1}, {Kind: "ticket", By: "x", Limit: 1}}}, []string{"counts[0].by", "counts[2].by"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, paths(t, c.request.Check()))
		})
	}
}

func TestWorkCheck(t *testing.T) {
	t.Parallel()
	good := store.Claim{Queue: store.Outbox, Want: []store.Want{{Tenant: "a", Topic: "t", Limit: 1}}, Now: at, Lease: 1}
	require.NoError(t, good.Check())
	bad := good
	bad.Want = []store.Want{{Tenant: "A", Topic: "", Limit: 0}, {Tenant: "a", Topic: "t", Limit: 1}, {Tenant: "a", Topic: "t", Limit: 1}}
	bad.Lease = 0
	require.Equal(t, []string{"want[0].tenant", "want[0].topic", "want[0].limit", "want[2]", "lease"}, paths(t, bad.Check()))
	bad = good
	bad.Queue = store.Timers
	bad.Lease = time.Date(2201, time.January, 1, 0, 0, 0, 0, time.UTC).Sub(at)
	require.Equal(t, []string{"want[0].topic", "lease"}, paths(t, bad.Check()))
	bad.Want, bad.Lease = nil, bad.Lease-1
	require.NoError(t, bad.Check())
	require.Equal(t, []string{"queue", "now", "lease"}, paths(t, store.Claim{}.Check()))

	require.NoError(t, store.CheckSettlements(store.Settlement{Verdict: store.Done}, store.Settlement{Receipt: "a", Verdict: store.Retry, At: at}, store.Settlement{Receipt: "b", Verdict: store.Park, Reason: "why", Tried: at}))
	require.Equal(t, []string{"settlements[0].verdict", "settlements[1].at", "settlements[1].reason", "settlements[2].at", "settlements[3].reason", "settlements[3].receipt"},
		paths(t, store.CheckSettlements(store.Settlement{Receipt: "a"}, store.Settlement{Receipt: "b", Verdict: store.Done, At: at, Reason: "x"}, store.Settlement{Receipt: "c", Verdict: store.Retry}, store.Settlement{Receipt: "c", Verdict: store.Park, Reason: "\x00"})))
	require.Equal(t, []string{""}, paths(t, store.CheckSettlements(settlements(store.MaxParts+1)...)))
	require.NoError(t, store.CheckSettlements(settlements(store.MaxParts)...))

	require.NoError(t, store.DueQuery{Queue: store.Timers, Limit: 1}.Check())
	require.Equal(t, []string{"queue", "limit", "cursor"}, paths(t, store.DueQuery{Cursor: "x"}.Check()))
	require.NoError(t, store.ParkedQuery{Limit: 1}.Check())
	require.Equal(t, []string{"topic", "limit", "cursor"}, paths(t, store.ParkedQuery{Topic: "/", Cursor: "x"}.Check()))
	require.NoError(t, store.Revival{Limit: 1}.Check())
	require.Equal(t, []string{"topic", "limit"}, paths(t, store.Revival{Key: "k", Topic: "t"}.Check()))
	require.NoError(t, store.Erasure{All: true, Limit: 1}.Check())
	require.NoError(t, store.Erasure{Of: []store.Ref{one}, Limit: 1}.Check())
	require.Equal(t, []string{"of", "limit"}, paths(t, store.Erasure{}.Check()))
	require.Equal(t, []string{"of"}, paths(t, store.Erasure{All: true, Of: []store.Ref{one}, Limit: 1}.Check()))
	require.NoError(t, store.CheckLimit(1))
	require.Error(t, store.CheckLimit(store.MaxLimit+1))
	require.Equal(t, []string{"of[1].kind", "of[1].id"}, paths(t, store.CheckRefs(one, store.Ref{})))
	require.Equal(t, []string{"ref.id"}, paths(t, store.Ref{Kind: "k"}.Check()))
}

func settlements(n int) []store.Settlement {
	all := make([]store.Settlement, n)
	for i := range all {
		all[i] = store.Settlement{Receipt: store.Receipt(store.SequenceText(uint64(i))), Verdict: store.Done}
	}
	return all
}
