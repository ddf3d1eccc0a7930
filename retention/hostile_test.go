package retention_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/internal/hostile"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

// A megabyte of what is wrong is told in few words, and costs what its length says.
// It is not parallel because it counts what the program allocates.
func TestHostilePoliciesAndPlans(t *testing.T) {
	wrap := func(before, element, after string) func(int) string {
		return func(n int) string { return before + hostile.List(element, n) + after }
	}
	policy := func(data []byte) error { _, err := retention.Parse(data); return err }
	hostile.Check(t, hostile.Megabyte, hostile.Texts{
		"unknown members": wrap(`{`, `"member%d":1`, `}`),
		"repeated":        wrap(`{`, `"name":"%d"`, `}`),
		"nested lists":    wrap(`{"breaker":[`, strings.Repeat("[", 900)+strings.Repeat("]", 900), `]}`),
	}, policy)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"a long name":     func(n int) string { return `{"name":"` + strings.Repeat("é", n/2) + `"}` },
		"a long duration": func(n int) string { return `{"period":"` + strings.Repeat("1", n) + `"}` },
	}, policy)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"records twice": wrap("", "%d", ""),
		"a long ID":     func(n int) string { return strings.Repeat("x", n) },
	}, func(data []byte) error {
		var in retention.Input
		for id := range bytes.SplitSeq(data, []byte(",")) {
			in.Items = append(in.Items, retention.Item{TicketID: string(id)}, retention.Item{TicketID: string(id)})
		}
		_, err := retention.Standard().Plan(in, t0)
		return err
	})
}

// Beginning a purge of many records costs what there is.
func TestBeginIsLinear(t *testing.T) {
	t.Parallel()
	const n = 20_000
	pu := retention.Purge{NotBefore: t0}
	found := make([]retention.Record, 0, n)
	for i := range n {
		id := strconv.Itoa(i)
		pu.Tickets = append(pu.Tickets, retention.Target{ID: id, Revision: "1"})
		found = append(found, retention.Record{Kind: retention.KindTicket, ID: id, Revision: "1"})
	}
	_, err := pu.Begin(found, retention.Counts{}, t0)
	require.NoError(t, err)
	for i := range found {
		found[i].Revision = "2"
	}
	_, err = pu.Begin(found, retention.Counts{}, t0)
	require.ErrorAs(t, err, new(*retention.ChangedError))
	require.ErrorContains(t, err, "and 19950 faults more")
}
