// Package mail is what the rules of a helpdesk need to know of electronic mail:
// which mail a machine wrote ([Detect]), to which conversation one belongs
// ([Threads]), whether it came before ([Delivery.Key]), and how one goes out so
// that one header field stays one ([Compose]).
//
// It neither sends nor receives. A program that reads a mail box parses a mail with
// [net/mail.ReadMessage] and gives the header to this package; one that speaks
// SMTP gives it what Compose returned.
//
// # In
//
//	found := mail.Detect(message.Header, mail.Receiver{Domains: []string{"help.example"}})
//	if found.Automatic() {
//		// Case.AutoMessage: kept, flagged, and nothing else happens
//	}
//	conversation, ok := threads.Find("tenant-1", message.Header)
//
// A number in a subject is never taken for a thread: anybody can write one. Only a
// token made with the secret of [Threads] is, so a guess leads to a new
// conversation.
//
// # Out
//
// [Subject] makes a subject of a prefix, a reference and a title; what was hidden
// in encoded words is found before it is cleaned. [Compose] refuses what could
// become a second field or a second recipient, and says that a machine wrote the
// mail.
package mail
