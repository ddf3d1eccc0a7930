package storetest_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
	"github.com/deskcore/helpdesk/internal/campaign"
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

// check has one case look at stores of their own, and returns what it found.
func check(t *testing.T, c storetest.Case, open func() store.Stores, f storetest.Features) string {
	t.Helper()
	if f.Reopen == nil {
		f.Reopen = reopen
	}
	if f.Uncertain == nil {
		f.Uncertain = doubt(nil)
	}
	s := open()
	if strings.HasPrefix(c.Name(), "uncertain/") {
		s = &unsure{Stores: s}
	}
	if err := c.Check(t.Context(), s, f); err != nil {
		return err.Error()
	}
	return ""
}

// What is sound is not caught by any rule; every breakage is caught by the rules that
// it breaks; and there is a breakage for every rule. Run long, all rules look at every
// breakage, and come to an end.
func TestBroken(t *testing.T) {
	t.Parallel()
	cases := map[string]storetest.Case{}
	for c := range storetest.Cases() {
		cases[c.Name()] = c
		require.Empty(t, check(t, c, sound, storetest.Features{}), c.Name())
	}
	meant := map[string]bool{}
	for _, b := range broken {
		require.NotEmpty(t, b.trips, b.name)
		for _, name := range b.trips {
			meant[name] = true
			require.Contains(t, cases, name, b.name)
		}
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			for _, name := range b.trips {
				if check(t, cases[name], b.open, b.features) == "" {
					t.Errorf("not caught by %s: %s", name, cases[name].Rule())
				}
			}
			if campaign.Long() {
				for c := range storetest.Cases() {
					check(t, c, b.open, b.features)
				}
			}
		})
	}
	for name, c := range cases {
		if !meant[name] {
			t.Errorf("no broken store is meant to trip %s: %s", name, c.Rule())
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
