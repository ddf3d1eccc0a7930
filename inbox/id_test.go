package inbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The text form of an ID is that of a UUID; any other text is invalid and changes
// nothing, and what is said of it is short.
func TestParseID(t *testing.T) {
	t.Parallel()
	u := uuid.MustParse("01940000-0000-7000-8000-000000000001")
	id, err := inbox.ParseID(u.String())
	require.NoError(t, err)
	require.Equal(t, inbox.ID(u), id)
	require.Equal(t, u.String(), id.String())
	text, err := json.Marshal(map[inbox.ID]inbox.ID{id: id})
	require.NoError(t, err)
	require.Equal(t, `{"`+u.String()+`":"`+u.String()+`"}`, string(text))
	var back map[inbox.ID]inbox.ID
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, map[inbox.ID]inbox.ID{id: id}, back)

	for _, bad := range []string{"", "nope", u.String() + "0", strings.Repeat("x", 10_000), "\x00"} {
		_, err := inbox.ParseID(bad)
		require.ErrorIs(t, err, helpdesk.ErrInvalid, bad)
		require.Less(t, len(err.Error()), 300)
		kept := id
		require.ErrorIs(t, kept.UnmarshalText([]byte(bad)), helpdesk.ErrInvalid)
		require.Equal(t, id, kept)
	}
}
