package check_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/stretchr/testify/require"
)

func TestFaultsAreAllTold(t *testing.T) {
	t.Parallel()
	var f check.Faults
	require.False(t, f.Any())
	require.NoError(t, f.Err())
	f.Reject("title", "", "must be given")
	f.Reject("channel", "fax", "must be the name of a channel")
	require.True(t, f.Any())
	err := f.Err()
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	require.EqualError(t, err, "title: must be given\nchannel: \"fax\" must be the name of a channel")
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	var f check.Faults
	for range check.Most {
		f.Reject("a", "b", "c")
	}
	require.Len(t, check.Split(f.Err()), check.Most)
	f.Reject("a", "b", "c")
	f.Take("x", errors.New("d"))
	require.Len(t, check.Split(f.Err()), check.Most+1)
	require.ErrorContains(t, f.Err(), "and 2 faults more")
	require.ErrorIs(t, check.Split(f.Err())[check.Most], helpdesk.ErrInvalid)
}

func TestValuesAreShortened(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{59: 59, 60: 60, 61: 60, 1 << 20: 60} {
		var f check.Faults
		f.Reject("a", strings.Repeat("é", n), "c")
		fault, ok := errors.AsType[*helpdesk.FieldError](check.Split(f.Err())[0])
		require.True(t, ok)
		require.Equal(t, strings.Repeat("é", want), fault.Value)
	}
}

func TestFaultsOfPartsGetTheirPath(t *testing.T) {
	t.Parallel()
	var part, whole check.Faults
	part.Reject("zone", "Mars", "must be a zone")
	part.Reject("[2]", "", "must be given")
	part.Reject("", "x", "is odd")
	whole.Take("schedule", part.Err())
	whole.Take("schedule", nil)
	whole.Take("schedule", errors.New("other"))
	require.EqualError(t, whole.Err(), "schedule.zone: \"Mars\" must be a zone\nschedule[2]: must be given\nschedule: \"x\" is odd\nother")
	require.Equal(t, "a[1]", check.At("a", 1))
}

func TestFieldErrorText(t *testing.T) {
	t.Parallel()
	require.EqualError(t, &helpdesk.FieldError{Reason: "must not be empty"}, "must not be empty")
	require.EqualError(t, &helpdesk.FieldError{Value: "x", Reason: "is odd"}, `"x" is odd`)
}

func TestWant(t *testing.T) {
	t.Parallel()
	var f check.Faults
	f.Want(true, "a", "must be")
	f.Want(false, "b", "must be")
	require.EqualError(t, f.Err(), "b: must be")
}

func TestForms(t *testing.T) {
	t.Parallel()
	require.True(t, check.IsInstant(check.Begin))
	require.False(t, check.IsInstant(check.Begin.Add(-1)))
	require.True(t, check.IsInstant(check.End.Add(-1)))
	require.False(t, check.IsInstant(check.End))

	for s, want := range map[string]bool{"": false, "a": true, "~!": true, "abc": true, "abcd": false, "a b": false, "\x7f": false, "é": false} {
		require.Equal(t, want, check.IsGraphic(s, 3), "%q", s)
	}
	for s, want := range map[string]bool{"": true, "é": true, "abc": true, "abcd": false, "\x00": false, "\xff": false} {
		require.Equal(t, want, check.IsText(s, 3), "%q", s)
	}
}
