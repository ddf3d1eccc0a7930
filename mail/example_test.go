package mail_test

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/mail"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// An out-of-office reply has two signs of a machine.
func ExampleDetect() {
	m, err := netmail.ReadMessage(strings.NewReader("Auto-Submitted: auto-replied\nPrecedence: bulk\n\nI am out of office."))
	if err != nil {
		panic(err)
	}
	found := mail.Detect(m.Header, mail.Receiver{Domains: []string{"help.example"}})
	fmt.Println(found.Automatic(), found.Reasons)
	// Output: true [auto_submitted precedence]
}

// A bounce has an empty sender on its envelope. A person's mail program may ask for
// no automatic reply.
func ExampleDetection_Automatic() {
	bounce := mail.Detect(nil, mail.Receiver{NullSender: true})
	fmt.Println(bounce.Automatic(), bounce.Reasons)

	person := mail.Detect(netmail.Header{"X-Auto-Response-Suppress": {"All"}}, mail.Receiver{})
	fmt.Println(person.Automatic(), person.NoAutoReply)
	// Output:
	// true [return_path]
	// false true
}

// A line end that is hidden in the title does not survive.
func ExampleSubject() {
	reference := ticket.NewReference(1)
	fmt.Println(mail.Subject("[Help]", reference, "Printer on fire"))
	fmt.Println(mail.Subject("[Help]", reference, "=?utf-8?q?Fire=0D=0ABcc:_all@example.org?="))
	fmt.Println(mail.Subject("", reference, strings.Repeat("very ", 20)+"long"))
	// Output:
	// [Help] HD-0000-0000-0012 Printer on fire
	// [Help] HD-0000-0000-0012 Fire Bcc: all@example.org
	// HD-0000-0000-0012 very very very very very very very very very very very very…
}

// A mail from the desk itself is marked as automatic.
func ExampleCompose() {
	raw, err := mail.Compose(mail.Outgoing{
		From: netmail.Address{Name: "The desk", Address: "support@help.example"}, To: "ada@example.org",
		Subject:   mail.Subject("[Help]", ticket.NewReference(1), "=?utf-8?q?Fire=0D=0ABcc:_all@example.org?="),
		MessageID: "0c9ryd16g@help.example", Date: time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC),
		Body: "We have received your request.",
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(strings.ReplaceAll(string(raw), "\r", ""))
	// Output:
	// From: The desk
	//  <support@help.example>
	// To: ada@example.org
	// Subject: [Help] HD-0000-0000-0012 Fire Bcc: all@example.org
	// Date: Mon, 23 Mar 2026 09:00:00 +0000
	// Message-ID: <0c9ryd16g@help.example>
	// Auto-Submitted: auto-generated
	// X-Auto-Response-Suppress: All
	// MIME-Version: 1.0
	// Content-Type: text/plain; charset=utf-8
	// Content-Transfer-Encoding: quoted-printable
	//
	// We have received your request.
}

// The answer of an agent names the mail that it answers, and is no automatic mail.
func ExampleCompose_person() {
	raw, err := mail.Compose(mail.Outgoing{
		From: netmail.Address{Address: "support@help.example"}, To: "ada@example.org", ReplyTo: "support+token@help.example",
		Subject: "Re: Printer", MessageID: "2@help.example", InReplyTo: "1@example.org",
		Date: time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC), Body: "Is it on?", Person: true,
	})
	if err != nil {
		panic(err)
	}
	header, _, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r", ""), "\nMIME-Version")
	fmt.Println(header)
	// Output:
	// From: support@help.example
	// To: ada@example.org
	// Reply-To: support+token@help.example
	// Subject: Re: Printer
	// Date: Mon, 23 Mar 2026 09:00:00 +0000
	// Message-ID: <2@help.example>
	// In-Reply-To: <1@example.org>
	// References: <1@example.org>
}

var (
	secret       = []byte("32 bytes from a secret generator") // never a literal in a program
	conversation = uuid.MustParse("019d19ec-2680-7000-8000-000000000001")
)

// A reply comes back to the address that the desk gave, and so finds its
// conversation, in its own tenant only.
func ExampleNewThreads() {
	threads, err := mail.NewThreads("tenant-1", secret)
	if err != nil {
		panic(err)
	}
	address, err := threads.Address("support@help.example", conversation)
	if err != nil {
		panic(err)
	}
	found, ok := threads.Find(netmail.Header{"To": {address}})
	fmt.Println(found, ok)
	other, err := mail.NewThreads("tenant-2", secret)
	if err != nil {
		panic(err)
	}
	_, ok = other.Find(netmail.Header{"To": {address}})
	fmt.Println(ok)
	// Output:
	// 019d19ec-2680-7000-8000-000000000001 true
	// false
}

// The token stands behind the plus sign.
func ExampleThreads_Address() {
	threads, err := mail.NewThreads("tenant-1", secret)
	if err != nil {
		panic(err)
	}
	address, err := threads.Address("support@help.example", conversation)
	if err != nil {
		panic(err)
	}
	fmt.Println(address)
	// Output: support+06ehkv16g1r010000000000004g1ggx5e6r8rdme6e1jqpdm64@help.example
}

// Mail without a token begins a new conversation, whatever its subject says.
func ExampleThreads_Find() {
	threads, err := mail.NewThreads("tenant-1", secret)
	if err != nil {
		panic(err)
	}
	token := threads.Token(conversation)
	for _, header := range []netmail.Header{
		{"Cc": {"Desk <support+" + strings.ToUpper(token) + "@help.example>"}},
		{"To": {"support@help.example"}, "Subject": {"Re: HD-0000-0000-0012"}},
	} {
		_, ok := threads.Find(header)
		fmt.Println(ok)
	}
	// Output:
	// true
	// false
}

// An answer is known by the Message-ID of the mail that it answers, and so is a bounce.
func ExampleThreads_MessageID() {
	threads, err := mail.NewThreads("tenant-1", secret)
	if err != nil {
		panic(err)
	}
	sent, err := threads.MessageID(conversation, "message/7", "help.example")
	if err != nil {
		panic(err)
	}
	found, key, ok := threads.Answered(netmail.Header{"In-Reply-To": {"<" + sent + ">"}})
	fmt.Println(found, key, ok)
	// Output: 019d19ec-2680-7000-8000-000000000001 message/7 true
}

// A delivery report says which mail did not arrive, and to whom.
func ExampleReadReport() {
	threads, err := mail.NewThreads("tenant-1", secret)
	if err != nil {
		panic(err)
	}
	sent, err := threads.MessageID(conversation, "message/7", "help.example")
	if err != nil {
		panic(err)
	}
	m, err := netmail.ReadMessage(strings.NewReader("Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n" +
		"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n" +
		"Final-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: 5.1.1\n\n" +
		"--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + sent + ">\n\n--x--\n"))
	if err != nil {
		panic(err)
	}
	report, ok := mail.ReadReport(m.Header, m.Body)
	fmt.Println(ok, report.Failed(), report.Recipients)
	_, key, ok := threads.OpenMessageID(report.MessageID)
	fmt.Println(key, ok)
	// Output:
	// true true [{ada@example.org failed 5.1.1}]
	// message/7 true
}

// A token can travel by other ways than a mail's address, such as a link.
func ExampleThreads_Token() {
	threads, err := mail.NewThreads("tenant-1", secret)
	if err != nil {
		panic(err)
	}
	fmt.Println(threads.Token(conversation))
	// Output: 06ehkv16g1r010000000000004g1ggx5e6r8rdme6e1jqpdm64
}

// A token is valid for its own tenant only.
func ExampleThreads_Open() {
	threads, err := mail.NewThreads("tenant-1", secret)
	if err != nil {
		panic(err)
	}
	token := threads.Token(conversation)
	found, ok := threads.Open(token)
	fmt.Println(found, ok)
	other, err := mail.NewThreads("tenant-2", secret)
	if err != nil {
		panic(err)
	}
	_, ok = other.Open(token)
	fmt.Println(ok)
	// Output:
	// 019d19ec-2680-7000-8000-000000000001 true
	// false
}

// A mail that is delivered twice has one key.
func ExampleDelivery_Key() {
	first := mail.Delivery{
		Scope: "tenant-1", Channel: helpdesk.ChannelEmail, Mailbox: "support@help.example",
		MessageID: "<1@example.org>", Body: []byte("My printer is on fire."),
	}
	again := first
	again.Mailbox = "Support@Help.example"
	key, ok := first.Key()
	same, _ := again.Key()
	fmt.Println(ok, key == same)

	first.MessageID = "" // such a mail cannot be told from another
	_, ok = first.Key()
	fmt.Println(ok)
	// Output:
	// true true
	// false
}
