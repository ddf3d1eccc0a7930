package helpdesk

import "fmt"

// A Channel is the way by which a message comes in or goes out.
//
// Four channels are built in. A product adds a channel by using another name: a lower-case ASCII
// letter, then at most 31 lower-case ASCII letters, digits and underscores. Names are compared
// byte by byte and need no registration.
//
// The zero Channel is unset: it is not valid and has no text form. Channels are plain values, safe
// for concurrent use. Package [database/sql] stores a Channel as text.
type Channel string

// The built-in channels.
const (
	ChannelLiveChat Channel = "live_chat" // the chat of the helpdesk in the product
	ChannelSMS      Channel = "sms"       // text messages
	ChannelEmail    Channel = "email"
	ChannelPhone    Channel = "phone"
)

// maxChannel is the length of the longest name of a channel, in bytes.
const maxChannel = 32

// ParseChannel returns the Channel with the name s, built in or a product's own. The error for a
// text that is not the name of a channel is a [*FieldError] without a path.
func ParseChannel(s string) (Channel, error) {
	c := Channel(s)
	if err := c.check(); err != nil {
		return "", err
	}
	return c, nil
}

// IsValid reports whether c has the form of a channel's name.
func (c Channel) IsValid() bool {
	if len(c) == 0 || len(c) > maxChannel {
		return false
	}
	for i := range len(c) {
		switch b := c[i]; {
		case 'a' <= b && b <= 'z':
		case i > 0 && ('0' <= b && b <= '9' || b == '_'):
		default:
			return false
		}
	}
	return true
}

// String returns the name of c, and the empty string for the zero Channel.
func (c Channel) String() string { return string(c) }

// AppendText implements [encoding.TextAppender]. The error for a Channel that
// is not valid is a [*FieldError] without a path.
func (c Channel) AppendText(b []byte) ([]byte, error) {
	if err := c.check(); err != nil {
		return b, err
	}
	return append(b, c...), nil
}

// MarshalText implements [encoding.TextMarshaler]. The error for a Channel that
// is not valid is a [*FieldError] without a path.
func (c Channel) MarshalText() ([]byte, error) { return c.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler] by [ParseChannel]. On an error c does not
// change.
func (c *Channel) UnmarshalText(text []byte) error {
	for _, known := range [...]Channel{ChannelLiveChat, ChannelSMS, ChannelEmail, ChannelPhone} { // their texts are there already
		if string(text) == string(known) {
			*c = known
			return nil
		}
	}
	parsed, err := ParseChannel(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

func (c Channel) check() error {
	if c.IsValid() {
		return nil
	}
	return &FieldError{
		Value: fmt.Sprintf("%.60s", string(c)),
		Reason: fmt.Sprintf("must be the name of a channel: a lower-case letter, "+
			"then at most %d lower-case letters, digits or underscores", maxChannel-1),
	}
}
