package mail_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/mail"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// R47, D11, T30: what a machine wrote is recognised, and what a person wrote is not
// taken for it.
func TestDetect(t *testing.T) {
	t.Parallel()
	own := mail.Receiver{Domains: []string{"help.example"}}
	tests := []struct {
		header string
		want   []string
	}{
		{"", nil},
		{"Auto-Submitted: no", nil},
		{"Auto-Submitted: No (a person)", nil},
		{"Auto-Submitted: auto-replied", []string{"auto_submitted"}},
		{"auto-submitted: AUTO-GENERATED; type=vacation", []string{"auto_submitted"}},
		{"Auto-Submitted:", []string{"auto_submitted"}},
		{"X-Autoreply: yes", []string{"autoreply"}},
		{"X-Autorespond: out of office", []string{"autoreply"}},
		{"X-Autoresponder: vacation", []string{"autoreply"}},
		{"X-Autoreply: no", nil},
		{"Precedence: bulk", []string{"precedence"}},
		{"Precedence: JUNK", []string{"precedence"}},
		{"Precedence: auto_reply", []string{"precedence"}},
		{"Precedence: list", []string{"precedence"}},
		{"Precedence: first-class", nil},
		{"List-Unsubscribe: <mailto:x@y.example>", []string{"list"}},
		{"List-Id: talk", []string{"list"}},
		{"Listing: not of a list", nil},
		{"Return-Path: <>", []string{"return_path"}},
		{"Return-Path: < >", []string{"return_path"}},
		{"Return-Path: <ada@example.org>", nil},
		{"Content-Type: multipart/report; report-type=delivery-status; boundary=x", []string{"report"}},
		{"Content-Type: multipart/mixed; boundary=x", nil},
		{"Content-Type: ;;;", nil},
		{"Message-ID: <abc@help.example>", []string{"own_message"}},
		{"Message-ID: <abc@HELP.example>", []string{"own_message"}},
		{"Message-ID: <abc@help.example.org>", nil},
		{"Message-ID: help.example", nil},
		{"Auto-Submitted: auto-replied\nPrecedence: bulk\nReturn-Path: <>", []string{"auto_submitted", "precedence", "return_path"}},
		{"X-Auto-Response-Suppress: All", nil}, // people's programs set it too
	}
	for _, tt := range tests {
		h := header(t, tt.header)
		d := mail.Detect(h, own)
		require.Equal(t, tt.want, d.Reasons, tt.header)
		require.Equal(t, len(tt.want) > 0, d.Automatic(), tt.header)
		require.Equal(t, strings.Contains(tt.header, "Suppress"), d.NoAutoReply, tt.header)
	}
	require.False(t, mail.Detect(header(t, "X-Auto-Response-Suppress: None"), own).NoAutoReply)
	require.Equal(t, []string{"return_path"}, mail.Detect(nil, mail.Receiver{NullSender: true}).Reasons)
	require.True(t, mail.Detect(netmail.Header{"auto-submitted": {"yes"}}, own).Automatic(), "a header that is not canonical")
}

func header(t *testing.T, lines string) netmail.Header {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader("Subject: x\n" + lines + "\n\n"))
	if lines == "" {
		m, err = netmail.ReadMessage(strings.NewReader("Subject: x\n\n"))
	}
	require.NoError(t, err)
	return m.Header
}

func threads(tb testing.TB, secret byte) mail.Threads {
	tb.Helper()
	th, err := mail.NewThreads(bytes.Repeat([]byte{secret}, 32), "tenant")
	require.NoError(tb, err)
	return th
}

// T14: only a token made with the secret leads into a conversation.
func TestThreads(t *testing.T) {
	t.Parallel()
	th, id := threads(t, 1), uuid.MustParse("019d19ec-2680-7000-8000-000000000001")
	token := th.Token(id)
	require.Len(t, token, 50)
	got, ok := th.Open(token)
	require.True(t, ok)
	require.Equal(t, id, got)
	got, ok = th.Open(strings.ToUpper(token)) // mail programs change the case
	require.True(t, ok)
	require.Equal(t, id, got)

	for _, bad := range []string{"", token[1:], token + "0", strings.Repeat("0", 50), strings.Repeat("u", 50), token[:49] + "!"} {
		_, ok := th.Open(bad)
		require.False(t, ok, bad)
	}
	for i := range token {
		changed := []byte(token)
		changed[i] = map[bool]byte{true: 'b', false: 'a'}[changed[i] == 'a']
		_, ok := th.Open(string(changed))
		require.False(t, ok, "character %d", i)
	}
	other, err := mail.NewThreads(bytes.Repeat([]byte{1}, 32), "tenant-2") // T12
	require.NoError(t, err)
	_, ok = other.Open(token)
	require.False(t, ok)
	_, ok = threads(t, 2).Open(token)
	require.False(t, ok)
	require.Empty(t, mail.Threads{}.Token(id))
	_, ok = mail.Threads{}.Open(token)
	require.False(t, ok)

	_, err = mail.NewThreads(make([]byte, 31), "tenant")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

func TestThreadsAddress(t *testing.T) {
	t.Parallel()
	th, id := threads(t, 1), uuid.MustParse("019d19ec-2680-7000-8000-000000000001")
	address, err := th.Address("support-thirt@help.example", id)
	require.NoError(t, err)
	local, _, _ := strings.Cut(address, "@")
	require.Len(t, local, 64)
	for _, field := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"} {
		got, ok := th.Find(header(t, field+": Somebody <x@y.example>, "+address))
		require.True(t, ok, field)
		require.Equal(t, id, got)
	}
	for _, lines := range []string{
		"", "To: support@help.example", "To: <", "To: support+1234@help.example", "To: \"a+b\"@help.example",
		"Subject: [#1234] Re: " + th.Token(id), "From: " + address,
	} {
		_, ok := th.Find(header(t, lines))
		require.False(t, ok, lines)
	}
	for _, bad := range []string{"support-fourte@help.example", "two@a.example, b@c.example", "", "support@", "\"a b\"@help.example"} {
		_, err := th.Address(bad, id)
		require.ErrorIs(t, err, helpdesk.ErrInvalid, bad)
		require.NotContains(t, err.Error(), "help.example")
	}
	_, err = mail.Threads{}.Address("support@help.example", id)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// T15: the same mail twice is one; a mail without a Message-ID is never the same as
// another.
func TestDeliveryKey(t *testing.T) {
	t.Parallel()
	d := mail.Delivery{Scope: "t", Channel: helpdesk.ChannelEmail, Mailbox: "support@help.example", MessageID: "<1@x>", Body: []byte("hello")}
	key, ok := d.Key()
	require.True(t, ok)
	same := d
	same.MessageID, same.Mailbox = " 1@x ", "Support@HELP.example"
	again, ok := same.Key()
	require.True(t, ok)
	require.Equal(t, key, again)
	for name, change := range map[string]func(*mail.Delivery){
		"scope":   func(d *mail.Delivery) { d.Scope = "t2" },
		"channel": func(d *mail.Delivery) { d.Channel = helpdesk.ChannelSMS },
		"mailbox": func(d *mail.Delivery) { d.Mailbox = "sales@help.example" },
		"id":      func(d *mail.Delivery) { d.MessageID = "<2@x>" },
		"body":    func(d *mail.Delivery) { d.Body = []byte("hello!") },
		"border":  func(d *mail.Delivery) { d.Scope, d.Channel = "te", "mail" },
	} {
		other := d
		change(&other)
		key2, ok := other.Key()
		require.True(t, ok, name)
		require.NotEqual(t, key, key2, name)
	}
	for _, empty := range []string{"", "  ", "<>", "< >"} {
		d.MessageID = empty
		_, ok := d.Key()
		require.False(t, ok, empty)
	}
}

// T27: one key, one Message-ID.
func TestMessageID(t *testing.T) {
	t.Parallel()
	a, err := mail.MessageID(mail.MessageIDParams{Scope: "tenant", Key: "conv/1/msg/2", Domain: "help.example"})
	require.NoError(t, err)
	b, err := mail.MessageID(mail.MessageIDParams{Scope: "tenant", Key: "conv/1/msg/2", Domain: "help.example"})
	require.NoError(t, err)
	require.Equal(t, a, b)
	require.Regexp(t, `^[0-9a-z]{32}@help\.example$`, a)
	for _, other := range [][2]string{{"tenant", "conv/1/msg/3"}, {"tenant2", "conv/1/msg/2"}, {"tenantconv", "/1/msg/2"}} {
		c, err := mail.MessageID(mail.MessageIDParams{Scope: other[0], Key: other[1], Domain: "help.example"})
		require.NoError(t, err)
		require.NotEqual(t, a, c)
	}
	for _, bad := range []string{"", "help example", "help..example", "a\r\nb", "hélp.example", strings.Repeat("a", 190)} {
		_, err := mail.MessageID(mail.MessageIDParams{Scope: "t", Key: "k", Domain: bad})
		require.ErrorIs(t, err, helpdesk.ErrInvalid, bad)
	}
	_, err = mail.MessageID(mail.MessageIDParams{Scope: "t", Key: "k", Domain: strings.Repeat("a", 189)})
	require.NoError(t, err)
}

// T5: a subject is one line of at most 78 runes, whatever is hidden in the title.
func TestSubject(t *testing.T) {
	t.Parallel()
	ref := ticket.NewReference(1)
	tests := []struct{ title, want string }{
		{"Printer on fire", "[Help] " + string(ref) + " Printer on fire"},
		{"=?utf-8?q?Hi=0D=0ABcc:_x@y.example?=", "[Help] " + string(ref) + " Hi Bcc: x@y.example"},
		{"=?utf-8?q?=3D=3Futf-8=3Fq=3FHi=3D0D=3D0ABcc=3F=3D?=", "[Help] " + string(ref) + " Hi Bcc"},
		{"a\r\nBcc: x", "[Help] " + string(ref) + " a Bcc: x"},
		{"", "[Help] " + string(ref)},
		{"=?broken", "[Help] " + string(ref) + " = ?broken"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, mail.Subject("[Help]", ref, tt.title), tt.title)
	}
	long := mail.Subject("[Help]", ref, strings.Repeat("é", 200))
	require.Equal(t, 78, utf8.RuneCountInString(long))
	require.True(t, strings.HasSuffix(long, "…"))
	require.Equal(t, string(ref)+" x", mail.Subject("", ref, "x"))
}

func outgoing() mail.Outgoing {
	return mail.Outgoing{
		From: netmail.Address{Name: "The desk", Address: "support@help.example"}, To: "ada@example.org",
		ReplyTo: "support+0@help.example", Subject: "Your ticket", MessageID: "abc@help.example", InReplyTo: "def@example.org",
		Date: time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC), Body: "Hello.\nWe look.",
	}
}

var fieldNames = []string{
	"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "In-Reply-To", "Message-Id",
	"Mime-Version", "References", "Reply-To", "Subject", "To", "X-Auto-Response-Suppress",
}

func TestCompose(t *testing.T) {
	t.Parallel()
	raw, err := mail.Compose(outgoing())
	require.NoError(t, err)
	m := parse(t, raw)
	require.Equal(t, "Hello.\nWe look.\n", body(t, m))
	require.Equal(t, "auto-generated", m.Header.Get("Auto-Submitted"))
	require.True(t, mail.Detect(m.Header, mail.Receiver{}).Automatic(), "we recognise our own kind")

	o := outgoing()
	o.Person, o.ReplyTo, o.InReplyTo, o.From.Name = true, "", "", `O"Hara, Ada \ Desk`
	raw, err = mail.Compose(o)
	require.NoError(t, err)
	m = parse(t, raw)
	require.Empty(t, m.Header.Get("Auto-Submitted"))
	require.False(t, mail.Detect(m.Header, mail.Receiver{}).Automatic())
	from, err := m.Header.AddressList("From")
	require.NoError(t, err)
	require.Equal(t, o.From.Name, from[0].Name)
}

// T6: exactly one recipient, and nothing that could become a second field.
func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit func(*mail.Outgoing)
		want []string
	}{
		"two recipients":   {func(o *mail.Outgoing) { o.To = "a@x.example, b@x.example" }, []string{"to"}},
		"line end":         {func(o *mail.Outgoing) { o.To = "a@x.example\r\nBcc: b@x.example" }, []string{"to"}},
		"no recipient":     {func(o *mail.Outgoing) { o.To = "" }, []string{"to"}},
		"a name":           {func(o *mail.Outgoing) { o.To = "Ada" }, []string{"to"}},
		"group":            {func(o *mail.Outgoing) { o.To = "all: a@x.example, b@x.example;" }, []string{"to"}},
		"long name":        {func(o *mail.Outgoing) { o.To = strings.Repeat("a", 65) + "@x.example" }, []string{"to"}},
		"quoted name":      {func(o *mail.Outgoing) { o.To = `"a b"@x.example` }, []string{"to"}},
		"literal domain":   {func(o *mail.Outgoing) { o.To = "a@[127.0.0.1]" }, []string{"to"}},
		"sender":           {func(o *mail.Outgoing) { o.From.Address = "x" }, []string{"from"}},
		"answer":           {func(o *mail.Outgoing) { o.ReplyTo = "x\ny" }, []string{"reply_to"}},
		"message-id":       {func(o *mail.Outgoing) { o.MessageID = "a@b>\r\nX: y" }, []string{"message_id"}},
		"no message-id":    {func(o *mail.Outgoing) { o.MessageID = "" }, []string{"message_id"}},
		"half message-id":  {func(o *mail.Outgoing) { o.MessageID = "abc" }, []string{"message_id"}},
		"empty name in id": {func(o *mail.Outgoing) { o.MessageID = "@help.example" }, []string{"message_id"}},
		"long message-id":  {func(o *mail.Outgoing) { o.MessageID = strings.Repeat("a", 244) + "@help.example" }, []string{"message_id"}},
		"in reply to":      {func(o *mail.Outgoing) { o.InReplyTo = "a b@c" }, []string{"in_reply_to"}},
		"no date":          {func(o *mail.Outgoing) { o.Date = time.Time{} }, []string{"date"}},
		"late date":        {func(o *mail.Outgoing) { o.Date = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, []string{"date"}},
		"everything": {func(o *mail.Outgoing) { *o = mail.Outgoing{ReplyTo: "x", InReplyTo: "x"} }, []string{
			"from", "to", "reply_to", "message_id", "in_reply_to", "date",
		}},
	}
	for name, tt := range tests {
		o := outgoing()
		tt.edit(&o)
		raw, err := mail.Compose(o)
		require.ErrorIs(t, err, helpdesk.ErrInvalid, name)
		require.Nil(t, raw)
		var fields []string
		for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
			var f *helpdesk.FieldError
			require.ErrorAs(t, e, &f)
			require.NotContains(t, f.Error(), "example", "no address in an error (T45)")
			fields = append(fields, f.Path)
		}
		require.Equal(t, tt.want, fields, name)
	}
	o := outgoing()
	o.MessageID = strings.Repeat("a", 242) + "@help.example"
	_, err := mail.Compose(o)
	require.NoError(t, err)
}

func parse(tb testing.TB, raw []byte) *netmail.Message {
	tb.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	require.NoError(tb, err)
	return m
}

func body(tb testing.TB, m *netmail.Message) string {
	tb.Helper()
	b, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	require.NoError(tb, err)
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// One header field stays one, whatever people write (T5, T6).
func FuzzCompose(f *testing.F) {
	for _, s := range []string{
		"", "plain", "a\r\nBcc: x@y.example", "=?utf-8?q?Hi=0D=0ABcc:?=", "=?utf-8?b?DQpCY2M6IHg=?=", "é\u2028ü", "\x00\x85", "=?x?=?=?",
		strings.Repeat("🎉", 100), "a\n\n.\r\nb", strings.Repeat("=?utf-8?q?a?= ", 30), "\xff\xfe", "x\u202Ey",
	} {
		f.Add(s, s, s, s)
	}
	f.Fuzz(func(t *testing.T, subject, name, to, text string) {
		o := outgoing()
		o.Subject, o.From.Name, o.Body = subject, name, text
		raw, err := mail.Compose(o)
		if err != nil {
			t.Fatalf("texts of people are refused: %v", err)
		}
		one(t, raw)
		o.To = to
		raw, err = mail.Compose(o)
		if err == nil {
			one(t, raw)
		} else if raw != nil {
			t.Fatal("a mail in spite of an error")
		}
		if s := mail.Subject(name, ticket.NewReference(7), subject); utf8.RuneCountInString(s) > 78 || strings.ContainsFunc(s, unicode.IsControl) {
			t.Fatalf("subject %q", s)
		}
	})
}

// one checks that a mail has exactly the fields that it should have, each once.
func one(t *testing.T, raw []byte) {
	t.Helper()
	head, _, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		t.Fatalf("no end of the header: %q", raw)
	}
	var names []string
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r < ' ' }) {
			t.Fatalf("line %q", line)
		}
		if name, _, ok := strings.Cut(line, ":"); ok && line[0] != ' ' {
			names = append(names, name)
		} else if line[0] != ' ' {
			t.Fatalf("line %q is neither a field nor the rest of one", line)
		}
	}
	m := parse(t, raw)
	var fields []string
	for name, values := range m.Header {
		if len(values) != 1 {
			t.Fatalf("%s is there %d times", name, len(values))
		}
		fields = append(fields, name)
	}
	slices.Sort(fields)
	if !slices.Equal(fields, fieldNames) || len(names) != len(fields) {
		t.Fatalf("fields %q, lines %q", fields, names)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || utf8.RuneCountInString(subject) > 78 || strings.ContainsFunc(subject, unicode.IsControl) {
		t.Fatalf("subject %q: %v", subject, err)
	}
	for _, field := range []string{"From", "To", "Reply-To"} {
		list, err := m.Header.AddressList(field)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s %q: %v", field, m.Header.Get(field), err)
		}
	}
}

// The secret of Threads shows in no log and in no text, however it is printed.
func TestThreadsNeverShow(t *testing.T) {
	t.Parallel()
	threads, err := mail.NewThreads([]byte("secret secret secret secret secret"), "acme")
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("threads", "t", threads)
	for _, text := range []string{
		fmt.Sprint(threads), fmt.Sprintf("%+v %#v %x %q", threads, threads, threads, threads),
		fmt.Sprint(struct{ T mail.Threads }{threads}), log.String(),
	} {
		require.NotContains(t, text, "secret")
		require.NotContains(t, text, "736563726574")
		require.Contains(t, text, "mail.Threads")
	}
}

// "The secret never shows": also not in a host's struct that is printed.
func TestSecretInAStruct(t *testing.T) {
	t.Parallel()
	secret := bytes.Repeat([]byte("hunter2!"), 4)
	threads, err := mail.NewThreads(secret, "acme")
	require.NoError(t, err)
	host := struct {
		name    string
		threads mail.Threads
	}{"host", threads}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, host), "hunter2", verb)
	}
}
