package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/stretchr/testify/require"
)

// T5, T6: no header field of an envelope can become two.
func TestEnvelopeCheckT5T6(t *testing.T) {
	t.Parallel()
	good := desk.Envelope{
		Tenant: "acme", Key: "k", Channel: helpdesk.ChannelEmail, To: "zoë@example.org", Conversation: "c", Subject: "Hi – é",
		Body: "line\r\nline", MessageID: "a@b", InReplyTo: "c@d",
	}
	require.NoError(t, good.Check())
	require.NoError(t, desk.Envelope{Tenant: "acme", Key: "k", Channel: "pager", To: "1", Body: "b"}.Check())
	require.Equal(t, []string{"tenant", "key", "channel", "to", "body"}, fields(desk.Envelope{}.Check()))

	set := map[string]func(*desk.Envelope, string){
		"to":           func(e *desk.Envelope, s string) { e.To = s },
		"conversation": func(e *desk.Envelope, s string) { e.Conversation = s },
		"subject":      func(e *desk.Envelope, s string) { e.Subject = s },
		"message_id":   func(e *desk.Envelope, s string) { e.MessageID = s },
		"in_reply_to":  func(e *desk.Envelope, s string) { e.InReplyTo = s },
		"key":          func(e *desk.Envelope, s string) { e.Key = s },
	}
	for field, set := range set {
		for _, bad := range []string{"a\r\nBcc: x", "a\nb", "a\rb", "a\x00", "a\tb", "a\x1fb", "\x7f", "\u0080", "\u0085", "\u009f", "\u2028", "\u2029", "\xff", strings.Repeat("a", 321)} {
			e := good
			set(&e, bad)
			require.Equal(t, []string{field}, fields(e.Check()), "%s %.20q", field, bad)
			require.NotContains(t, e.Check().Error(), "Bcc")
		}
	}
	for field, longest := range map[string]int{"to": 320, "conversation": 128, "subject": 256, "message_id": 255, "in_reply_to": 255, "key": 255} {
		e := good
		set[field](&e, strings.Repeat("a", longest))
		require.NoError(t, e.Check(), field)
		set[field](&e, strings.Repeat("a", longest+1))
		require.Equal(t, []string{field}, fields(e.Check()))
	}
	for _, bad := range []string{"<a@b>", "a b", "é"} {
		e := good
		e.MessageID = bad
		require.Equal(t, []string{"message_id"}, fields(e.Check()))
	}
	e := good
	e.Subject = "~\u00a0\u2027"
	require.NoError(t, e.Check())
	e.Body = "a\x00"
	require.Equal(t, []string{"body"}, fields(e.Check()))
}

func TestRetryErrorText(t *testing.T) {
	t.Parallel()
	require.EqualError(t, &desk.RetryError{After: time.Minute}, "desk: try again in 1m0s")
}
