package ticket_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/internal/hostile"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A megabyte of what is wrong is told in few words, and costs what its length says.
// It is not parallel because it counts what the program allocates.
func TestHostileLifecycles(t *testing.T) {
	wrap := func(before, element, after string) func(int) string {
		return func(n int) string { return before + hostile.List(element, n) + after }
	}
	read := func(data []byte) error {
		var c ticket.Config
		if err := c.UnmarshalJSON(data); err != nil {
			return err
		}
		_, err := ticket.NewLifecycle(c)
		return err
	}
	hostile.Check(t, hostile.Megabyte, hostile.Texts{
		"unknown members": wrap(`{"name":"x",`, `"member%d":1`, `}`),
		"repeated":        wrap(`{`, `"name":"%d"`, `}`),
		"nested lists":    wrap(`{"rows":[`, strings.Repeat("[", 900)+strings.Repeat("]", 900), `]}`),
		"wrong rows":      wrap(`{"rows":[`, `{"row":1}`, `]}`),
	}, read)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"many rows":     wrap(`{"rows":[`, `{"event":"e%d"}`, `]}`),
		"many statuses": wrap(`{"statuses":[`, `{"status":"s%d","category":"new"}`, `]}`),
		"many actors":   wrap(`{"rows":[{"by":[`, `"agent"`, `]}]}`),
		"many effects":  wrap(`{"rows":[{"effects":[`, `"effect%d"`, `]}]}`),
		"a long name":   func(n int) string { return `{"name":"` + strings.Repeat("é", n/2) + `"}` },
	}, read)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"a log of nothing": wrap(`{"log":[`, `{}`, `]}`),
		"resolutions":      wrap(`{"resolutions":[`, `{}`, `]}`),
		"unknown":          wrap(`{`, `"member%d":1`, `}`),
	}, func(data []byte) error { return json.Unmarshal(data, new(ticket.Ticket)) })
}

// What is as large as it may be, and wrong in everything, takes no time to speak of.
func TestLargestLifecycle(t *testing.T) {
	t.Parallel()
	c := ticket.Config{Name: "x", Initial: "s0"}
	for i := range 200 {
		c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: ticket.Status(fmt.Sprintf("s%d", i)), Category: ticket.CategoryNew})
	}
	for i := range 1000 {
		c.Rows = append(c.Rows, ticket.Row{Status: ticket.Status(fmt.Sprintf("s%d", i%200)), Event: ticket.EventKind(fmt.Sprintf("e%d", i)), Next: "s1"})
	}
	const size = "size"
	err := lifecycleError(c)
	require.ErrorContains(t, err, "faults more")
	require.NotContains(t, err.Error(), "are too many")
	more := c.Clone()
	more.Rows = append(more.Rows, c.Rows[0])
	require.Equal(t, []ticket.FaultCode{size}, codes(t, lifecycleError(more)))
	more = c.Clone()
	more.Statuses = append(more.Statuses, ticket.StatusConfig{Status: "s200", Category: ticket.CategoryNew})
	require.Equal(t, []ticket.FaultCode{size}, codes(t, lifecycleError(more)))
	for _, n := range []int{100, 101} {
		more = c.Clone()
		for i := range n {
			more.Rows[0].Effects = append(more.Rows[0].Effects, ticket.EffectKind(fmt.Sprintf("x%d", i)))
			more.Rows[1].By = append(more.Rows[1].By, agent)
		}
		require.Equal(t, n > 100, strings.Count(lifecycleError(more).Error(), "are too many") == 2)
	}
}

func lifecycleError(c ticket.Config) error {
	_, err := ticket.NewLifecycle(c)
	return err
}
