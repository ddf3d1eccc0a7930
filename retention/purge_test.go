package retention_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

func target(id string) retention.Target {
	return retention.Target{ID: id, Revision: "r" + id, ClosedAt: closed, Reason: retention.Reason("closing"), Since: closed}
}

// whole deletes a conversation with two tickets, part a ticket of a conversation
// that stays, loose a conversation without tickets.
func whole() retention.Purge {
	return retention.Purge{
		Policy: standard, PlannedAt: ready, NotBefore: ready,
		Conversation: target("C-1"), Tickets: []retention.Target{target("T-1"), target("T-2")},
	}
}

func part() retention.Purge {
	pu := whole()
	pu.Conversation = retention.Target{}
	pu.Stays = retention.Record{Kind: retention.KindConversation, ID: "C-1", Revision: "rC-1"}
	pu.Tickets = pu.Tickets[:1]
	return pu
}

func loose() retention.Purge {
	pu := whole()
	pu.Tickets = nil
	pu.Conversation.Reason = retention.Reason("archived")
	return pu
}

func found(pu retention.Purge) []retention.Record { return slices.Collect(expected(pu)) }

func begin(t *testing.T, pu retention.Purge) retention.Progress {
	t.Helper()
	pr, err := pu.Begin(found(pu), retention.Counts{Messages: 5, Notes: 1}, ready)
	require.NoError(t, err)
	return pr
}

// T40: nothing the library owns is left out: what is queued, what is stored, what
// is derived.
func TestSteps(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pu   retention.Purge
		want []retention.Step
	}{
		"whole": {whole(), []retention.Step{"cancel", "blobs", "messages", "conversation", "ticket", "index", "tombstone"}},
		"part":  {part(), []retention.Step{"cancel", "blobs", "messages", "ticket", "index", "tombstone"}},
		"loose": {loose(), []retention.Step{"cancel", "blobs", "messages", "conversation", "index", "tombstone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pr := begin(t, tt.pu)
			require.Equal(t, tt.want, slices.Collect(pr.Remaining()))
			for s := range pr.Remaining() {
				require.Equal(t, retention.StepCancel, s)
				break
			}
		})
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	require.Equal(t, []retention.Record{
		{Kind: "ticket", ID: "T-1", Revision: "rT-1"},
		{Kind: "ticket", ID: "T-2", Revision: "rT-2"},
		{Kind: "conversation", ID: "C-1", Revision: "rC-1"},
	}, found(whole()))
	require.Equal(t, []retention.Record{
		{Kind: "ticket", ID: "T-1", Revision: "rT-1"}, {Kind: "conversation", ID: "C-1", Revision: "rC-1"},
	}, found(part()), "the one that stays may be held by now")
	pu := part()
	pu.Stays = retention.Record{}
	require.Equal(t, []retention.Record{{Kind: "ticket", ID: "T-1", Revision: "rT-1"}}, found(pu))
	require.Equal(t, []retention.Record{{Kind: "conversation", ID: "C-1", Revision: "rC-1"}}, found(loose()))
	require.Equal(t, []retention.Record{{Kind: "ticket", ID: "T-1", Revision: "rT-1"}}, slices.Collect(part().Records()), "what is deleted")
	require.Equal(t, found(whole()), slices.Collect(whole().Records()))
	for r := range expected(whole()) {
		require.Equal(t, "T-1", r.ID)
		break
	}
}

// T22, T23: what changed since the plan is not deleted.
func TestBeginT22T23(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		found []retention.Record
		want  []string
	}{
		{"unchanged, in another order", []retention.Record{
			{Kind: "conversation", ID: "C-1", Revision: "rC-1"},
			{Kind: "ticket", ID: "T-2", Revision: "rT-2"},
			{Kind: "ticket", ID: "T-1", Revision: "rT-1"},
		}, nil},
		{"T22: the customer wrote, T23: a hold was placed", []retention.Record{
			{Kind: "conversation", ID: "C-1", Revision: "8"},
			{Kind: "ticket", ID: "T-2", Revision: "rT-2"},
			{Kind: "ticket", ID: "T-1", Revision: "9"},
		}, []string{
			`retention: ticket "T-1" changed since it was planned: revision "9", want "rT-1"`,
			`retention: conversation "C-1" changed since it was planned: revision "8", want "rC-1"`,
		}},
		{"deleted meanwhile", nil, []string{
			`retention: ticket "T-1" changed since it was planned: revision "", want "rT-1"`,
			`retention: ticket "T-2" changed since it was planned: revision "", want "rT-2"`,
			`retention: conversation "C-1" changed since it was planned: revision "", want "rC-1"`,
		}},
		{"a ticket was added, and one is of another kind", []retention.Record{
			{Kind: "ticket", ID: "C-1", Revision: "rC-1"},
			{Kind: "ticket", ID: "T-2", Revision: "rT-2"},
			{Kind: "ticket", ID: "T-1", Revision: "rT-1"},
		}, []string{
			`retention: conversation "C-1" changed since it was planned: revision "", want "rC-1"`,
			`retention: ticket "C-1" changed since it was planned: revision "rC-1", want ""`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pr, err := whole().Begin(tt.found, retention.Counts{}, ready)
			if tt.want == nil {
				require.NoError(t, err)
				require.Equal(t, retention.StatePurging, pr.Explain().State)
				return
			}
			require.Zero(t, pr)
			require.ErrorAs(t, err, new(*retention.ChangedError))
			joined, ok := err.(interface{ Unwrap() []error })
			require.True(t, ok)
			var got []string
			for _, e := range joined.Unwrap() {
				got = append(got, e.Error())
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// T23: a hold was placed on the conversation that was to stay.
func TestBeginLooksAtWhatStaysT23(t *testing.T) {
	t.Parallel()
	records := found(part())
	records[1].Revision = "8"
	_, err := part().Begin(records, retention.Counts{}, ready)
	require.EqualError(t, err, `retention: conversation "C-1" changed since it was planned: revision "8", want "rC-1"`)
	_, err = part().Begin(records[:1], retention.Counts{}, ready)
	require.ErrorAs(t, err, new(*retention.ChangedError))
}

// R51: never early, even if the clock went back since the plan.
func TestBeginNeverEarlyR51(t *testing.T) {
	t.Parallel()
	_, err := whole().Begin(found(whole()), retention.Counts{}, ready.Add(-1))
	require.ErrorAs(t, err, new(*retention.EarlyError))
	require.EqualError(t, err, "retention: not due yet: at 2026-03-01T09:04:59.999999999Z, may go from 2026-03-01T09:05:00Z on")
	require.NotErrorAs(t, err, new(*retention.ChangedError))
	_, err = whole().Begin(nil, retention.Counts{}, ready.Add(-1))
	require.ErrorAs(t, err, new(*retention.EarlyError))
	require.ErrorAs(t, err, new(*retention.ChangedError))
	pu := whole()
	pr, err := pu.Begin(found(pu), retention.Counts{}, ready.In(time.FixedZone("", 3600)))
	require.NoError(t, err)
	require.Equal(t, ready, pr.BegunAt)
	pu.Tickets[0].ID = "changed"
	require.Equal(t, "T-1", pr.Purge.Tickets[0].ID, "the progress has its own")
}

// T39: a purge crashes at every step, before and after it was stored, and goes on
// from what was stored.
func TestResumeT39(t *testing.T) {
	t.Parallel()
	for _, pu := range []retention.Purge{whole(), part(), loose()} {
		all := slices.Collect(begin(t, pu).Remaining())
		for crash := range 2 * len(all) {
			stored, err := json.Marshal(begin(t, pu))
			require.NoError(t, err)
			var did []retention.Step
			for run := 0; ; run++ {
				var pr retention.Progress
				require.NoError(t, json.Unmarshal(stored, &pr))
				if !pr.DoneAt.IsZero() {
					break
				}
				require.Less(t, run, 3)
				for k, s := range slices.Collect(pr.Remaining()) {
					did = append(did, s)
					if run == 0 && crash == 2*k {
						break // done, not stored
					}
					pr, err = pr.Finish(s, ready.Add(time.Hour))
					require.NoError(t, err)
					stored, err = json.Marshal(pr)
					require.NoError(t, err)
					if run == 0 && crash == 2*k+1 {
						break // done and stored
					}
				}
			}
			if crash%2 == 0 { // one was done again
				did = slices.Delete(did, crash/2, crash/2+1)
			}
			require.Equal(t, all, did, "crash %d", crash)
		}
	}
}

func TestFinish(t *testing.T) {
	t.Parallel()
	pr := begin(t, whole())
	require.Equal(t, retention.StatePurging, pr.Explain().State)

	same, err := pr.Finish(retention.StepBlobs, ready)
	require.ErrorAs(t, err, new(*retention.StepError))
	require.EqualError(t, err, `retention: step "blobs" is not next, "cancel" is`)
	require.Equal(t, pr, same)
	_, err = pr.Finish("melt", ready)
	require.ErrorAs(t, err, new(*retention.StepError))
	_, err = begin(t, part()).Finish(retention.StepConversation, ready)
	require.ErrorAs(t, err, new(*retention.StepError), "it has no such step")
	_, err = begin(t, loose()).Finish(retention.StepTicket, ready)
	require.ErrorAs(t, err, new(*retention.StepError))

	// A step done again is no error and changes nothing.
	pr, err = pr.Finish(retention.StepCancel, ready)
	require.NoError(t, err)
	require.Equal(t, retention.StepBlobs, pr.Next)
	same, err = pr.Finish(retention.StepCancel, ready.Add(day))
	require.NoError(t, err)
	require.Equal(t, pr, same)

	for s := range pr.Remaining() {
		require.False(t, !pr.DoneAt.IsZero())
		pr, err = pr.Finish(s, ready.Add(time.Hour).In(time.FixedZone("", 3600)))
		require.NoError(t, err)
	}
	require.False(t, pr.DoneAt.IsZero())
	require.Equal(t, ready.Add(time.Hour), pr.DoneAt)
	require.Equal(t, retention.StateTombstone, pr.Explain().State)
	require.Empty(t, slices.Collect(pr.Remaining()))
	for s := range begin(t, whole()).Remaining() {
		same, err = pr.Finish(s, ready.Add(day))
		require.NoError(t, err)
		require.Equal(t, pr, same)
	}
	_, err = pr.Finish("melt", ready)
	require.ErrorAs(t, err, new(*retention.StepError))

	// T34: a clock that went back does not make the end come before the beginning.
	pr = begin(t, whole())
	for s := range pr.Remaining() {
		pr, err = pr.Finish(s, ready.Add(-day))
		require.NoError(t, err)
	}
	require.Equal(t, ready, pr.DoneAt)

	// Nothing happens to what has not begun, or to a step of a newer version.
	var zero retention.Progress
	require.Empty(t, slices.Collect(zero.Remaining()))
	_, err = zero.Finish(retention.StepCancel, ready)
	require.ErrorAs(t, err, new(*retention.StepError))
	require.Zero(t, zero.Explain().GoneAt)
	pr = begin(t, whole())
	pr.Next = "melt"
	require.Empty(t, slices.Collect(pr.Remaining()))
	_, err = pr.Finish(retention.StepTombstone, ready)
	require.ErrorAs(t, err, new(*retention.StepError))
}

// R42, T39: from the beginning of the purge on, whoever asks is told "gone".
func TestGoneR42(t *testing.T) {
	t.Parallel()
	pr := begin(t, whole())
	for _, id := range []string{"T-1", "T-2"} {
		err := pr.Gone(retention.KindTicket, id)
		require.ErrorIs(t, err, helpdesk.ErrGone)
		require.Equal(t, &retention.GoneError{Kind: "ticket", ID: id, At: ready}, err)
	}
	require.EqualError(t, pr.Gone(retention.KindConversation, "C-1"), `retention: conversation "C-1" is gone since 2026-03-01T09:05:00Z`)
	require.NoError(t, pr.Gone(retention.KindConversation, "T-1"))
	require.NoError(t, pr.Gone(retention.KindTicket, "T-3"))
	require.NoError(t, begin(t, part()).Gone(retention.KindConversation, "C-1"), "it stays")
	require.ErrorIs(t, begin(t, part()).Gone(retention.KindTicket, "T-1"), helpdesk.ErrGone)

	require.Equal(t, "gone: deletion began 1 March 2026 09:05 GMT: last resolved 30 January 2026 09:00 GMT", pr.Explain().String())
	require.Equal(t, "gone: deletion began 1 March 2026 09:05 GMT: archived 30 January 2026 09:00 GMT", begin(t, loose()).Explain().String())
	require.Equal(t, retention.StatePurging, begin(t, part()).Explain().State)
	var err error
	for s := range pr.Remaining() {
		pr, err = pr.Finish(s, ready.Add(time.Hour))
		require.NoError(t, err)
	}
	require.Equal(t, "gone: deleted 1 March 2026 09:05 GMT: last resolved 30 January 2026 09:00 GMT", pr.Explain().String())
	require.Equal(t, "gone: deletion began 1 March 2026 09:05 GMT: last resolved 30 January 2026 09:00 GMT", begin(t, part()).Explain().String())
}
