// Package transporttest tests implementations of [desk.Transport], with one case for each rule in
// the comments of the port.
//
// A [Harness] shows the delivered messages, as a mail server for tests does. A transport that does
// not carry every field of an envelope declares that by its [Features].
package transporttest
