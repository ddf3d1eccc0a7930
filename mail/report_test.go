package mail_test

import (
	"encoding/base64"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/mail"
	"github.com/stretchr/testify/require"
)

// report reads a mail as a delivery report.
func report(tb testing.TB, raw string) (mail.Report, bool) {
	tb.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	require.NoError(tb, err)
	return mail.ReadReport(m.Header, m.Body)
}

// parts makes a report of parts, each with its type first.
func parts(all ...string) string {
	var b strings.Builder
	b.WriteString("Content-Type: multipart/report; report-type=delivery-status; boundary=\"b b\"\n\n")
	for _, p := range all {
		b.WriteString("--b b\nContent-Type: " + p + "\n")
	}
	return b.String() + "--b b--\n"
}

const (
	perMail  = "message/delivery-status\n\nReporting-MTA: dns; mx.example\nArrival-Date: Mon, 2 Mar 2026 09:00:00 +0000\n\n"
	original = "message/rfc822\n\nMessage-ID: <1@help.example>\nSubject: x\n\nHello.\n"
)

// T55, RFC 3464: a report says of which mail it is, which recipients, and whether for good.
func TestReadReportT55(t *testing.T) {
	t.Parallel()
	failed := "Final-Recipient: rfc822; ada@x.example\nAction: failed\nStatus: 5.1.1\n\n"
	ada := mail.ReportRecipient{Address: "ada@x.example", Action: "failed", Status: "5.1.1"}
	for name, tt := range map[string]struct {
		raw    string
		want   mail.Report
		failed bool
	}{
		"failed": {parts("text/plain\n\nSorry.\n", perMail+failed, original), mail.Report{MessageID: "1@help.example", Recipients: []mail.ReportRecipient{ada}}, true},
		"headers only": {parts(perMail+failed, "text/rfc822-headers\n\nMessage-Id: <1@help.example>\n\n"), mail.Report{
			MessageID: "1@help.example", Recipients: []mail.ReportRecipient{ada},
		}, true},
		"without the mail": {parts(perMail + failed), mail.Report{Recipients: []mail.ReportRecipient{ada}}, true},
		"delayed": {parts(perMail+"Original-Recipient: RFC822;ada@x.example\nAction: Delayed (3 hours)\nStatus: 4.4.1\n\n", original), mail.Report{
			MessageID: "1@help.example", Recipients: []mail.ReportRecipient{{Address: "ada@x.example", Action: "delayed", Status: "4.4.1"}},
		}, false},
		"failed for now": {parts(perMail + strings.Replace(failed, "5.1.1", "4.2.2", 1)), mail.Report{
			Recipients: []mail.ReportRecipient{{Address: "ada@x.example", Action: "failed", Status: "4.2.2"}},
		}, false},
		"one of two": {parts(perMail + failed + "Final-Recipient: rfc822; bob@x.example\nAction: relayed\nStatus: 2.0.0\n\n"), mail.Report{
			Recipients: []mail.ReportRecipient{ada, {Address: "bob@x.example", Action: "relayed", Status: "2.0.0"}},
		}, false},
		"without a status":  {parts(perMail + "Final-Recipient: ada@x.example\nAction: failed\n\n"), mail.Report{Recipients: []mail.ReportRecipient{{Address: "ada@x.example", Action: "failed"}}}, true},
		"without an action": {parts(perMail + "Final-Recipient: rfc822; ada@x.example\n\n"), mail.Report{}, false},
		"base64": {parts("message/delivery-status\nContent-Transfer-Encoding: BASE64\n\n" + base64.StdEncoding.EncodeToString([]byte("Reporting-MTA: x\n\n"+failed)) + "\n"), mail.Report{
			Recipients: []mail.ReportRecipient{ada},
		}, true},
		"cut off":  {strings.TrimSuffix(parts(perMail+failed), "\n--b b--\n"), mail.Report{Recipients: []mail.ReportRecipient{ada}}, true},
		"one part": {"Content-Type: message/delivery-status\n\nReporting-MTA: x\n\n" + failed, mail.Report{Recipients: []mail.ReportRecipient{ada}}, true},
		"malformed parameters": {"Content-Type: multipart/report; report-type=delivery-status; boundary=a/b\n\n--a/b\nContent-Type: " + perMail + failed + "--a/b--\n", mail.Report{
			Recipients: []mail.ReportRecipient{ada},
		}, true},
		"in quotes of another program": {"X-Failed-Recipients: ada@x.example,\n bob@x.example\n\nA message that you sent could not be delivered.\n\n> From: x\n> Message-ID: <1@help.example>\n", mail.Report{
			MessageID: "1@help.example", Recipients: []mail.ReportRecipient{{Address: "ada@x.example", Action: "failed"}, {Address: "bob@x.example", Action: "failed"}},
		}, true},
		"nothing in quotes": {"X-Failed-Recipients: ada@x.example\n\nSorry.\n", mail.Report{Recipients: []mail.ReportRecipient{{Address: "ada@x.example", Action: "failed"}}}, true},
	} {
		got, ok := report(t, tt.raw)
		require.True(t, ok, name)
		require.Equal(t, tt.want, got, name)
		require.Equal(t, tt.failed, got.Failed(), name)
	}
	for name, raw := range map[string]string{
		"a mail":                "Subject: x\n\nFinal-Recipient: rfc822; ada@x.example\n",
		"a receipt":             "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\nContent-Type: " + perMail + "--b--\n",
		"no boundary":           "Content-Type: multipart/report; report-type=delivery-status\n\n" + perMail,
		"no part with a status": parts("text/plain\n\nSorry.\n", original),
	} {
		got, ok := report(t, raw)
		require.False(t, ok, name)
		require.Zero(t, got, name)
	}
}

// T55: a report is bounded, however long a hostile one is.
func TestReadReportIsBounded(t *testing.T) {
	t.Parallel()
	one := "Final-Recipient: rfc822; ada@x.example\nAction: failed\nStatus: 5.1.1\n\n"
	got, ok := report(t, parts(perMail+strings.Repeat(one, 1000)))
	require.True(t, ok)
	require.LessOrEqual(t, len(got.Recipients), 100)
	got, ok = report(t, "X-Failed-Recipients: "+strings.Repeat("a@x.example, ", 1000)+"\n\n"+strings.Repeat("x", 2<<20)+"\nMessage-ID: <1@help.example>\n")
	require.True(t, ok)
	require.Len(t, got.Recipients, 100)
	require.Empty(t, got.MessageID)
	got, ok = report(t, parts(perMail+one, "text/rfc822-headers\n\nMessage-ID: <"+strings.Repeat("a", 300)+"@x>\n\n"))
	require.True(t, ok)
	require.Empty(t, got.MessageID)
	_, ok = report(t, parts(append(make([]string, 30), perMail+one)...))
	require.False(t, ok, "it comes after too many parts")
}

// Hostile mail finds nothing, and stops nothing.
func FuzzIncoming(f *testing.F) {
	for _, s := range []string{
		"", "Subject: x\n\ny", parts(perMail+"Final-Recipient: rfc822; a@x\nAction: failed\n\n", original), "X-Failed-Recipients: a@x\n\nMessage-ID: <1@x>",
		"In-Reply-To: <1@x>\nReferences: <<<>>> @ <a@b> (\nTo: a+@b, +@, \"+\"@x\nFrom: <\n\n", "Content-Type: multipart/report; boundary=\n\n", "Precedence:\nAuto-Submitted: ;\n\n",
	} {
		f.Add(s)
	}
	th := threads(f, 1)
	f.Fuzz(func(t *testing.T, raw string) {
		m, err := netmail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			return
		}
		if id, ok := th.Find(m.Header); ok {
			t.Fatalf("%v was found without the secret", id)
		}
		if d := mail.Detect(m.Header, mail.Receiver{Threads: th}); d.Automatic() != (len(d.Reasons) > 0) {
			t.Fatalf("%+v", d)
		}
		r, ok := mail.ReadReport(m.Header, m.Body)
		if _, _, mine := th.OpenMessageID(r.MessageID); mine || len(r.Recipients) > 100 || len(r.MessageID) > 255 || !ok && (r.MessageID != "" || r.Recipients != nil) {
			t.Fatalf("%+v", r)
		}
	})
}
