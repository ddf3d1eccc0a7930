package inbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/hostile"
)

// A megabyte of what is wrong is told in few words, and costs what its length says.
// It is not parallel because it counts what the program allocates.
func TestHostilePoliciesAndConversations(t *testing.T) {
	wrap := func(before, element, after string) func(int) string {
		return func(n int) string { return before + hostile.List(element, n) + after }
	}
	policy := func(data []byte) error {
		c, err := inbox.ParseConfig(data)
		if err == nil {
			_, err = inbox.NewPolicy(c)
		}
		return err
	}
	hostile.Check(t, hostile.Megabyte, hostile.Texts{
		"unknown members": wrap(`{`, `"member%d":1`, `}`),
		"repeated":        wrap(`{`, `"add_on":true`, `}`),
		"nested lists":    wrap(`{"manual":[`, strings.Repeat("[", 900)+strings.Repeat("]", 900), `]}`),
	}, policy)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"wrong channels": wrap(`{"manual":[`, `"Channel %d"`, `]}`),
		"a long word":    func(n int) string { return `{"archived":"` + strings.Repeat("é", n/2) + `"}` },
	}, policy)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"empty messages": wrap(`{"state":"ai","messages":[`, `{}`, `]}`),
		"empty replies":  wrap(`{"state":"ai","messages":[`, `{"reply":{"seq":7}}`, `]}`),
		"marks":          wrap(`{"state":"ai","marks":[`, `{"agent":"%d","seq":7}`, `]}`),
		"offers":         wrap(`{"state":"ai","offers":[`, `{"status":"confirmed"}`, `]}`),
		"a long state":   func(n int) string { return `{"state":"` + strings.Repeat("é", n/2) + `"}` },
	}, func(data []byte) error { return json.Unmarshal(data, new(inbox.Conversation)) })
}
