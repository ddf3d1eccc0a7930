// Package mail reads and writes electronic mail for a helpdesk. It detects mail
// from machines ([Detect]), finds the conversation of a reply ([Threads]), reads delivery
// reports ([ReadReport]), gives a repeated delivery the same key ([Delivery.Key]), and
// composes mail in which the text of a user cannot become a header field ([Compose]).
//
// The package neither sends nor receives mail. A program that polls a mailbox
// parses each mail with [net/mail.ReadMessage] and passes the header to this
// package. A program that speaks SMTP sends the bytes that Compose returns.
//
// All functions are pure and safe for concurrent use.
//
// # Incoming mail
//
//	found := mail.Detect(message.Header, mail.Receiver{Threads: threads})
//	if found.Automatic() {
//		// store the mail as an automatic reply, which changes no status
//	}
//	conversation, ok := threads.Find(message.Header)
//	if report, ok := mail.ReadReport(message.Header, message.Body); ok && report.Failed() {
//		_, key, ok := threads.OpenMessageID(report.MessageID)
//		// the outgoing mail with that key did not arrive, if ok
//	}
//
// The Threads of a desk are those of its tenant. Decoding the parts of a mail is left to a
// library for MIME.
//
// A ticket number in a subject never selects a conversation, because anyone can
// write a number. Only a token made with the secret of [Threads] selects a
// conversation. Mail without a valid token starts a new conversation.
//
// # Outgoing mail
//
// [Subject] joins a prefix, a ticket reference and a title into one line. Encoded
// words in the title are decoded before cleaning, so that no line end stays hidden.
// [Compose] refuses values that could become a second field or a second recipient,
// and marks automatic mail as automatic.
package mail
