package mail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/mail"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// T5: a sender's name stands as it is if it has only letters, digits and spaces,
// and in quotes with the characters right before and behind those.
func TestComposeName(t *testing.T) {
	t.Parallel()
	from := func(name string) string {
		m := outgoing()
		m.From.Name = name
		raw, err := mail.Compose(m)
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(raw), "\r\n")
		return first
	}
	for _, plain := range []string{"0", "9", "A", "Z", "a", "z", "Desk 0129 AMZ amz"} {
		require.Equal(t, "From: "+plain, from(plain))
	}
	for _, other := range []string{"/", ":", "@", "[", "`", "{", "Desk."} {
		require.Equal(t, `From: "`+other+`"`, from(other))
	}
}

// T6: the first and the last letters and digits are as good as any between, and the
// name before the @ has at most 64 characters.
func TestComposeAddress(t *testing.T) {
	t.Parallel()
	m := outgoing()
	m.To, m.ReplyTo, m.MessageID = "AZaz09@help.example", strings.Repeat("a", 64)+"@help.example", "AZaz09.1@help.example"
	raw, err := mail.Compose(m)
	require.NoError(t, err)
	h := parse(t, raw).Header
	require.Equal(t, "AZaz09@help.example", h.Get("To"))
	require.Equal(t, m.ReplyTo, h.Get("Reply-To"))
	require.Equal(t, "<AZaz09.1@help.example>", h.Get("Message-ID"))

	m.ReplyTo = "a" + m.ReplyTo
	_, err = mail.Compose(m)
	require.EqualError(t, err, "reply_to: must be exactly one mail address")
}

// The first and the last year that a date can have.
func TestComposeDate(t *testing.T) {
	t.Parallel()
	for year, ok := range map[int]bool{1969: false, 1970: true, 9999: true, 10000: false} {
		m := outgoing()
		m.Date = time.Date(year, time.June, 1, 0, 0, 0, 0, time.UTC)
		_, err := mail.Compose(m)
		require.Equal(t, ok, err == nil, year)
	}
}

// T14: the token decides, whatever stands before the plus sign.
func TestThreadsFindBarePlus(t *testing.T) {
	t.Parallel()
	th, id := threads(t, 1), uuid.MustParse("019d19ec-2680-7000-8000-000000000001")
	got, ok := th.Find(header(t, "To: +"+th.Token(id)+"@help.example"))
	require.True(t, ok)
	require.Equal(t, id, got)
}

// T14: a recipient that cannot be read does not hide the token in another.
func TestFindBesideTheUnreadable(t *testing.T) {
	t.Parallel()
	th, id := threads(t, 1), uuid.MustParse("019d19ec-2680-7000-8000-000000000001")
	address, err := th.Address("support@help.example", id)
	require.NoError(t, err)
	for _, to := range []string{
		"=?windows-1252?q?Unterst=FCtzung?= <" + address + ">",
		"=?windows-1252?q?M=FCller?= <x@y.example>, " + address,
		"Support [ACME] <" + address + ">",
		"hans.@y.example, " + address,
	} {
		got, ok := th.Find(header(t, "To: "+to))
		require.True(t, ok && got == id, to)
	}
}

// T30: a report with a parameter that is not well formed is a report.
func TestReportNotWellFormed(t *testing.T) {
	t.Parallel()
	for _, v := range []string{
		"multipart/report; report-type=delivery-status; boundary=----=_Part_1",
		"multipart/report; report-type=delivery-status; boundary=a/b",
	} {
		require.True(t, mail.Detect(header(t, "Content-Type: "+v), mail.Receiver{}).Automatic(), v)
	}
}
