package storetest_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
	"github.com/stretchr/testify/require"
)

// reopen takes a snapshot and restores it.
func reopen(_ context.Context, s store.Stores) (store.Stores, error) {
	if b, ok := s.(*stores); ok {
		s = b.Stores
	}
	var b bytes.Buffer
	if err := s.(*memstore.Stores).Snapshot(&b); err != nil {
		return nil, err
	}
	return memstore.Restore(&b)
}

func sound() store.Stores { return memstore.New() }

// tripped returns the names of the cases that stores do not pass.
func tripped(t *testing.T, open func() store.Stores, f storetest.Features) map[string]string {
	t.Helper()
	if f.Reopen == nil {
		f.Reopen = reopen
	}
	if f.Uncertain == nil {
		f.Uncertain = doubt(nil)
	}
	found := map[string]string{}
	for c := range storetest.Cases() {
		s := open()
		if strings.HasPrefix(c.Name(), "uncertain/") {
			s = &unsure{Stores: s}
		}
		if err := c.Check(t.Context(), s, f); err != nil {
			found[c.Name()] = err.Error()
		}
	}
	return found
}

// The other test says that every breakage is caught by the right rule; this one,
// that there is a breakage for every rule, and that what is sound is not caught.
func TestBroken(t *testing.T) {
	t.Parallel()
	require.Empty(t, tripped(t, sound, storetest.Features{}))

	caught := map[string]bool{}
	for _, b := range broken {
		got := tripped(t, b.open, b.features)
		for name := range got {
			caught[name] = true
		}
		for _, want := range b.trips {
			if got[want] == "" {
				t.Errorf("%s: not caught by %s, but by %q", b.name, want, slices.Sorted(maps.Keys(got)))
			}
		}
		require.NotEmpty(t, b.trips, "%s: caught by %q", b.name, got)
	}
	for c := range storetest.Cases() {
		if !caught[c.Name()] {
			t.Errorf("no broken store trips %s: %s", c.Name(), c.Rule())
		}
	}
}

func TestCases(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for c := range storetest.Cases() {
		require.NotEmpty(t, c.Rule())
		require.False(t, seen[c.Name()], "two cases are named %s", c.Name())
		seen[c.Name()] = true
	}
	for c := range storetest.Cases() {
		require.NotEmpty(t, c.Name())
		break // an iterator can be left
	}
	require.Greater(t, len(seen), 100)
}

func TestRun(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) store.Stores { return memstore.New() }, storetest.Features{Reopen: reopen})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	open := func() (store.Stores, error) { return memstore.New(), nil }
	require.NoError(t, storetest.Check(t.Context(), open, storetest.Features{}))

	lost := errors.New("no disk")
	require.ErrorIs(t, storetest.Check(t.Context(), func() (store.Stores, error) { return nil, lost }, storetest.Features{}), lost)

	err := storetest.Check(t.Context(), func() (store.Stores, error) { return broken[0].open(), nil }, storetest.Features{})
	violation, ok := errors.AsType[*storetest.ViolationError](err)
	require.True(t, ok)
	require.NotEmpty(t, violation.Case)
	require.Contains(t, violation.Error(), violation.Rule)
	require.Contains(t, violation.Error(), violation.Found)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	require.NotEmpty(t, joined.Unwrap())
}
