package inbox_test

import (
	"encoding/json"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/stretchr/testify/require"
)

// R68, R77: replies and notes of a view are told apart in JSON, and come back as
// what they were.
func TestMessagesJSON(t *testing.T) {
	t.Parallel()
	all := inbox.Messages{
		inbox.Reply{ID: "m1", Seq: 1, Author: helpdesk.Agent("lena"), Body: "Hello."},
		inbox.Note{ID: "m2", Seq: 2, Author: helpdesk.Agent("lena"), Comment: "Odd."},
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	require.JSONEq(t, `[{"type":"reply","id":"m1","seq":1,"by":"agent","who":"lena","body":"Hello."},
		{"type":"note","id":"m2","seq":2,"by":"agent","who":"lena","comment":"Odd."}]`, string(text))
	var back inbox.Messages
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, all, back)

	for text, want := range map[string]string{
		`[{"type":"letter"}]`:             `messages[0].type: "letter" must be reply or note`,
		`[{"type":"reply"},{"id":"m2"}]`:  `messages[1].type: must be reply or note`,
		`[{"type":"reply","seq":"many"}]`: `seq: must be a whole number`,
		`[{"type":"note","seq":-1}]`:      `seq: must be a whole number`,
		`[7]`:                             `must be an object`,
		`{}`:                              `must be a list`,
	} {
		err := json.Unmarshal([]byte(text), &back)
		require.ErrorIs(t, err, helpdesk.ErrInvalid, text)
		require.ErrorContains(t, err, want, text)
		require.Equal(t, all, back, text)
	}
	_, err = json.Marshal(inbox.Messages{nil})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}
