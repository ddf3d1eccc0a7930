package helpdesk_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/stretchr/testify/require"
)

var (
	_ fmt.Stringer             = helpdesk.Channel("")
	_ encoding.TextAppender    = helpdesk.Channel("")
	_ encoding.TextMarshaler   = helpdesk.Channel("")
	_ encoding.TextUnmarshaler = (*helpdesk.Channel)(nil)
)

// R31: the four channels of the documents, whose names are frozen.
func TestChannelsR31(t *testing.T) {
	t.Parallel()
	require.Equal(t, []helpdesk.Channel{"live_chat", "sms", "email", "phone"}, builtin)
	for _, c := range builtin {
		require.True(t, c.IsValid(), "%q", c)
	}
}

var builtin = []helpdesk.Channel{
	helpdesk.ChannelLiveChat, helpdesk.ChannelSMS, helpdesk.ChannelEmail, helpdesk.ChannelPhone,
}

func TestChannelForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		valid      bool
	}{
		{"one letter", "a", true},
		{"last letter", "z", true},
		{"a product's own", "whats_app2", true},
		{"ends in an underscore", "fax_", true},
		{"first and last digit", "x09", true},
		{"32 bytes", "a" + strings.Repeat("b", 31), true},
		{"33 bytes", "a" + strings.Repeat("b", 32), false},
		{"empty", "", false},
		{"starts with a digit", "1a", false},
		{"starts with an underscore", "_a", false},
		{"upper case", "SMS", false},
		{"upper case inside", "sMs", false},
		{"before a", "a`", false},
		{"after z", "a{", false},
		{"starts before a", "`a", false},
		{"starts after z", "{a", false},
		{"before 0", "a/", false},
		{"after 9", "a:", false},
		{"hyphen", "live-chat", false},
		{"space", "sms ", false},
		{"not ASCII", "café", false},
		{"NUL", "sms\x00", false},
		{"not UTF-8", "sms\xff", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.valid, helpdesk.Channel(tt.text).IsValid())
			got, err := helpdesk.ParseChannel(tt.text)
			text, errMarshal := helpdesk.Channel(tt.text).AppendText([]byte("x:"))
			if tt.valid {
				require.NoError(t, err)
				require.Equal(t, helpdesk.Channel(tt.text), got)
				require.NoError(t, errMarshal)
				require.Equal(t, "x:"+tt.text, string(text))
				return
			}
			require.ErrorIs(t, err, helpdesk.ErrInvalid)
			require.Zero(t, got)
			require.ErrorIs(t, errMarshal, helpdesk.ErrInvalid)
			require.Equal(t, "x:", string(text))
		})
	}
}

func TestChannelJSON(t *testing.T) {
	t.Parallel()
	var c helpdesk.Channel
	require.NoError(t, json.Unmarshal([]byte(`"email"`), &c))
	require.Equal(t, helpdesk.ChannelEmail, c)
	require.ErrorIs(t, json.Unmarshal([]byte(`"E-Mail"`), &c), helpdesk.ErrInvalid)
	require.Equal(t, helpdesk.ChannelEmail, c, "refused text changes nothing")

	text, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, `"email"`, string(text))
	_, err = json.Marshal(helpdesk.Channel(""))
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

func TestChannelErrorText(t *testing.T) {
	t.Parallel()
	_, err := helpdesk.ParseChannel("Fax")
	require.EqualError(t, err, `"Fax" must be the name of a channel: `+
		`a lower-case letter, then at most 31 lower-case letters, digits or underscores`)
	_, err = helpdesk.ParseChannel(strings.Repeat("x", 1<<20))
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	require.Less(t, len(err.Error()), 200, "a long text is cut in the error")
}

func FuzzParseChannel(f *testing.F) {
	for _, c := range builtin {
		f.Add(c.String())
	}
	f.Add("")
	f.Add("Whats App")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := helpdesk.ParseChannel(s)
		if err != nil {
			require.ErrorIs(t, err, helpdesk.ErrInvalid)
			require.Zero(t, c)
			return
		}
		text, err := c.MarshalText()
		require.NoError(t, err)
		require.Equal(t, s, string(text))
		require.Equal(t, s, c.String())
	})
}

func ExampleParseChannel() {
	for _, name := range []string{"live_chat", "whatsapp", "Carrier Pigeon"} {
		c, err := helpdesk.ParseChannel(name)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(c)
	}
	// Output:
	// live_chat
	// whatsapp
	// "Carrier Pigeon" must be the name of a channel: a lower-case letter, then at most 31 lower-case letters, digits or underscores
}

func BenchmarkParseChannel(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := helpdesk.ParseChannel("live_chat"); err != nil {
			b.Fatal(err)
		}
	}
}

// A name is read to the value that it is, built in or a product's own (R31).
func TestChannelUnmarshalText(t *testing.T) {
	t.Parallel()
	for _, c := range []helpdesk.Channel{
		helpdesk.ChannelLiveChat, helpdesk.ChannelSMS, helpdesk.ChannelEmail, helpdesk.ChannelPhone, "fax", "live_chat2", "s",
	} {
		var got helpdesk.Channel
		require.NoError(t, got.UnmarshalText([]byte(c)))
		require.Equal(t, c, got)
	}
	got := helpdesk.ChannelSMS
	require.ErrorIs(t, got.UnmarshalText([]byte("No")), helpdesk.ErrInvalid)
	require.Equal(t, helpdesk.ChannelSMS, got)
}
