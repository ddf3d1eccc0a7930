package sqlite_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/desk/store"
)

func head(g int) store.Ref { return store.Ref{Kind: "head", ID: strconv.Itoa(g)} }

func linkRef(g, i int) store.Ref { return store.Ref{Kind: "ticket", ID: fmt.Sprintf("%d.%d", g, i)} }

// state returns how many links the chain of a saver has.
func state(ctx context.Context, st store.Records, g int) (int, store.Revision, error) {
	got, err := st.Read(ctx, store.ReadRequest{Records: []store.Ref{head(g)}})
	if err != nil || got.Records[0].Revision == "" {
		return 0, "", err
	}
	var body struct{ N int }
	err = json.Unmarshal(got.Records[0].Body, &body)
	return body.N, got.Records[0].Revision, err
}

func headBody(n int) []byte { return []byte(`{"n":` + strconv.Itoa(n) + `}`) }

// link adds a link to the chain of a saver: a record, a change of its head, two entries, a
// message, a timer, and the result of a key.
func link(g, i int, rev store.Revision) store.Batch {
	name := fmt.Sprintf("%d.%d", g, i)
	return store.Batch{
		Key: store.Key{Name: name, Result: store.Result{Fingerprint: "f", Of: linkRef(g, i), Body: []byte("{}")}},
		Changes: []store.Change{
			{Ref: head(g), Expected: rev, Body: headBody(i)},
			{Ref: linkRef(g, i), Body: []byte(`"` + strings.Repeat(name, 100) + `"`), Attributes: []store.Attribute{
				txt("assignee", strconv.Itoa(g)), txt("label", "a"), txt("label", "b"), at("updated", monday),
			}},
		},
		Append: []store.Entry{
			{ID: name, N: uint64(i), Of: head(g), Log: "event", At: monday}, {ID: name, N: 1, Of: linkRef(g, i), Log: "event", At: monday},
		},
		Timers: []store.Timer{{Of: linkRef(g, i), Name: "due", At: monday}},
		Send:   []store.Message{{Key: name, Of: linkRef(g, i), Topic: "mail", At: monday, Body: []byte("{}")}},
	}
}

// requireLink requires a link to be there as a whole, or not at all.
func requireLink(t *testing.T, st store.Records, g, i int, there bool) {
	t.Helper()
	name := fmt.Sprintf("%d.%d", g, i)
	left, err := st.Remaining(t.Context(), linkRef(g, i))
	require.NoError(t, err)
	got, err := st.Read(t.Context(), store.ReadRequest{Key: name})
	require.NoError(t, err)
	if !there {
		require.Zero(t, left.Total(), "%s is torn", name)
		require.Empty(t, got.Result.Fingerprint)
		return
	}
	require.Equal(t, "f", got.Result.Fingerprint)
	require.Equal(t, store.Remainder{Records: 1, Timers: 1, Entries: 1, Messages: 1, Results: 1}, left, "%s is lost or torn", name)
}
