package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// Every name of a queue, a verdict and a type reads back as what it names, and no other
// text does.
func TestTextsReadBack(t *testing.T) {
	t.Parallel()
	for _, q := range []store.Queue{store.Timers, store.Outbox} {
		var back store.Queue
		text, err := q.MarshalText()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, q, back)
	}
	for _, v := range []store.Verdict{store.Done, store.Retry, store.Park} {
		var back store.Verdict
		text, err := v.MarshalText()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, v, back)
	}
	for _, typ := range []store.Type{store.TypeText, store.TypeInstant, store.TypeBool, store.TypeNumber} {
		var back store.Type
		text, err := typ.MarshalText()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, typ, back)
	}
	require.ErrorIs(t, new(store.Queue).UnmarshalText([]byte("x")), helpdesk.ErrInvalid)
	require.ErrorIs(t, new(store.Verdict).UnmarshalText([]byte("x")), helpdesk.ErrInvalid)
	require.ErrorIs(t, new(store.Type).UnmarshalText([]byte("x")), helpdesk.ErrInvalid)
	require.Equal(t, []string{"none", "none", "none"}, []string{store.Queue(0).String(), store.Verdict(0).String(), store.Type(0).String()})
	require.Error(t, json.Unmarshal([]byte(`{"bool":1}`), new(store.Value)))
	require.Zero(t, store.Text("x").Time())
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	require.Equal(t, at, store.Instant(at).Time())
}

func TestRemainders(t *testing.T) {
	t.Parallel()
	r := store.Remainder{Records: 1, Timers: 2, Entries: 3, Messages: 4, Keys: 5, Results: 6}
	require.Equal(t, 21, r.Total())
	require.Equal(t, 42, r.Add(r).Total())
	require.Zero(t, store.Remainder{}.Total())
}
