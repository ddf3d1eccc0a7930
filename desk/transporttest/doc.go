// Package transporttest tests implementations of [desk.Transport]: one case for each
// rule in the comments of the port.
//
// What was delivered is seen through a [Harness], such as a mail server that
// collects. A transport that does not carry every field of an envelope says so in
// its [Features].
package transporttest
