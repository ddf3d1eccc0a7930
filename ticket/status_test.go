package ticket_test

import (
	"encoding"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

var (
	_ encoding.TextAppender    = ticket.Status("")
	_ encoding.TextMarshaler   = ticket.Status("")
	_ encoding.TextUnmarshaler = (*ticket.Status)(nil)
)

// R45–R48: the names are frozen.
func TestStatusTextsR45R46R47R48(t *testing.T) {
	t.Parallel()
	want := []string{"submitted", "in_progress", "waiting_on_customer", "resolved", "closed", "purged"}
	var got []string
	for s := range ticket.Statuses() {
		require.True(t, s.IsKnown())
		text, err := s.MarshalText()
		require.NoError(t, err)
		require.Equal(t, s.String(), string(text))
		var back ticket.Status
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, s, back)
		got = append(got, string(text))
	}
	require.Equal(t, want, got)
	require.Equal(t, []ticket.Category{"new", "open", "waiting", "done"}, slices.Collect(ticket.Categories()))
	require.False(t, ticket.Category("").IsValid())
	require.True(t, ticket.CategoryDone.IsValid())
}

// T44: a status of a newer version is kept verbatim.
func TestUnknownStatusT44(t *testing.T) {
	t.Parallel()
	var s ticket.Status
	require.NoError(t, json.Unmarshal([]byte(`"on_hold_2"`), &s))
	require.Equal(t, ticket.Status("on_hold_2"), s)
	require.False(t, s.IsKnown())
	text, err := json.Marshal(s)
	require.NoError(t, err)
	require.Equal(t, `"on_hold_2"`, string(text))
	for _, bad := range []string{"", "A", "1a", "a b", "a-b", strings.Repeat("x", 33), "ä", "_a"} {
		require.ErrorIs(t, s.UnmarshalText([]byte(bad)), helpdesk.ErrInvalid, "%q", bad)
		require.Equal(t, ticket.Status("on_hold_2"), s, "left alone")
		b, err := ticket.Status(bad).AppendText([]byte("is:"))
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.Equal(t, "is:", string(b))
	}
	for _, good := range []string{"a", "az", "a0", "a9_", strings.Repeat("x", 32)} {
		require.NoError(t, s.UnmarshalText([]byte(good)))
	}
	require.False(t, ticket.StatusNone.IsKnown())
}

// T44: a ticket in it is read-only, and loses nothing.
func TestUnknownStatusOfTicketT44(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventPlaceLegalHold)
	text, err := json.Marshal(d.Ticket)
	require.NoError(t, err)
	newer := strings.Replace(string(text), `"status":"in_progress"`, `"status":"on_hold_2"`, 1)
	require.NotEqual(t, string(text), newer)
	require.NoError(t, json.Unmarshal([]byte(newer), &d.Ticket))
	require.Equal(t, ticket.Status("on_hold_2"), d.Status())
	require.False(t, d.IsKnown())
	require.Empty(t, d.Category())
	require.False(t, d.IsOpen() || d.IsDone())
	for k := range ticket.EventKinds() {
		if k == ticket.EventCreate || k == ticket.EventMergeFrom || k == ticket.EventPurge || k == ticket.EventClose {
			continue
		}
		e := refused(t, d.do(k, typical(k)))
		require.Equal(t, ticket.Reason("unknown_status"), e.Reason, "%s", k)
		require.Equal(t, ticket.Status("on_hold_2"), e.Status)
	}
	require.Error(t, d.do(ticket.EventMergeFrom, agent))
	require.Error(t, d.do(ticket.EventPurge, system))
	require.Error(t, d.do(ticket.EventClose, system))
	require.Equal(t, ticket.Reason("unknown_status"), d.Why(ticket.EventReply, agent).Reason)
	back, err := json.Marshal(d.Ticket)
	require.NoError(t, err)
	require.Equal(t, newer, string(back))
}

func TestNamesAreFrozen(t *testing.T) {
	t.Parallel()
	kinds := "create pick_up assign reply ask_customer customer_message auto_message undelivered delivered note answer mitigate remind give_up " +
		"resolve reopen close merge_into merge_from follow_up claim_severity confirm_severity decline_severity correct_severity " +
		"pause_clocks resume_clocks hold release purge"
	var got []string
	guards := make(map[ticket.Guard]bool)
	for k := range ticket.EventKinds() {
		require.True(t, k.IsBuiltin())
		got = append(got, string(k))
		n := 0
		for g := range k.Guards() {
			guards[g] = true
			n++
		}
		require.Positive(t, n)
	}
	require.Equal(t, strings.Fields(kinds), got)
	for range ticket.EventKinds() {
		break
	}
	require.False(t, ticket.EventKind("dance").IsBuiltin())
	for range ticket.EventKind("dance").Guards() {
		t.Error("a host's own event has no guards here")
	}
	for g := range guards {
		require.Equal(t, g != ticket.Guard(""), g.Text() != "", "%q is explained", g)
	}
	effects := make(map[ticket.EffectKind]bool)
	for _, r := range ticket.StandardClosed().Config().Rows {
		for _, e := range r.Effects {
			effects[e] = true
		}
	}
	require.Len(t, effects, 12)
	for e := range effects {
		require.NotEmpty(t, e.Text(), "%q is explained", e)
	}
	require.Empty(t, ticket.EffectKind("dance").Text())
}
