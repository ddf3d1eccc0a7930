package sla_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// FuzzEventJSON checks that an event that can be read is valid, and is the same
// event, in the same text, when it was written and read again.
func FuzzEventJSON(f *testing.F) {
	for text := range everyEvent() {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"id":"é","at":"1900-01-01T00:00:00+14:00","kind":"mitigated"}`))
	f.Add([]byte(`{"id":"x","at":"2026-03-03T10:00:00.000000001-05:00","kind":"status","to":"closed"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var e sla.Event
		if err := json.Unmarshal(text, &e); err != nil {
			require.Zero(t, e)
			var syntax *json.SyntaxError
			require.True(t, isA[*sla.EventError](err) || errors.As(err, &syntax), "%v", err)
			return
		}
		if string(text) == "null" { // which leaves things as they are, by convention
			return
		}
		require.NoError(t, e.Validate())
		written, err := json.Marshal(e)
		require.NoError(t, err)
		var again sla.Event
		require.NoError(t, json.Unmarshal(written, &again), "%s", written)
		require.True(t, again.At.Equal(e.At))
		require.True(t, again.RecordedAt.Equal(e.RecordedAt))
		twice, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(written), string(twice))

		opened := named("the opening", at("10:00").opened(high))
		if e.Kind != sla.KindOpened && e.ID != opened.ID {
			_, err := sla.Standard().Evaluate([]sla.Event{opened, e, again}, at("12:00").Time)
			require.NoError(t, err, "the same content")
		}
	})
}

// FuzzPolicyJSON checks that a policy that can be read is the same policy when
// it was written and read again, and that any other text is refused by name.
func FuzzPolicyJSON(f *testing.F) {
	f.Add([]byte(standardText))
	f.Add([]byte(strings.ReplaceAll(standardText, `"schedule":"standard"`, `"schedule":{"zone":"UTC","hours":{"mon":["09:00-17:00"]}},"reopen_window":"72h"`)))
	f.Add([]byte(strings.ReplaceAll(standardText, `"2m"`, `"0s"`)))
	f.Add([]byte(strings.ReplaceAll(standardText, `"business"`, `"calendar_from_open"`)))
	f.Add([]byte(`{"name":"x","targets":{"severe":{"resolution":{"within":"1h"}}},"hold":["x"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := sla.Parse(text, nil)
		if err != nil {
			require.Nil(t, p)
			require.ErrorIs(t, err, helpdesk.ErrInvalid)
			for _, fault := range unjoin(err) {
				e, ok := errors.AsType[*helpdesk.FieldError](fault)
				require.True(t, ok, "%T: %v", fault, fault)
				require.NotEmpty(t, e.Reason)
			}
			return
		}
		written, err := json.Marshal(p)
		require.NoError(t, err)
		again, err := sla.Parse(written, nil)
		require.NoError(t, err, "%s", written)
		twice, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(written), string(twice))
	})
}

// draws is what a random generator draws from a seed: enough for whole logs. A
// fuzzer that mutated the draws themselves would spend its time on making long
// inputs short.
func draws(seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 2026))
	b := make([]byte, 0, 16<<10)
	for len(b) < cap(b) {
		b = binary.LittleEndian.AppendUint64(b, random.Uint64())
	}
	return b
}

// FuzzModel compares the library with the model.
func FuzzModel(f *testing.F) {
	for seed := range uint64(16) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { rapid.MakeFuzz(agree)(t, draws(seed)) })
}

// FuzzLog checks all properties of logs.
func FuzzLog(f *testing.F) {
	for seed := range uint64(16) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		for name, check := range properties {
			t.Run(name, func(t *testing.T) { rapid.MakeFuzz(check)(t, draws(seed)) })
		}
	})
}
