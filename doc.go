// Package helpdesk holds the words that all packages of the library share, and
// is the map of the library.
//
// The library embeds a helpdesk in a Go program: how severe a problem is, by
// when somebody has to answer, and whether somebody did. Its heart is a set of
// pure packages: values in, values out, no input or output, no clock, no global
// state. The instant "now" is always an argument, so every answer can be given
// again later, and every test is an ordinary function call.
//
// # Which package answers which question
//
//   - How bad is it, and says who? Package
//     [github.com/deskcore/helpdesk/severity] has the four levels, classifies
//     answers about impact, and keeps a claimed level from counting before a
//     person confirms it.
//
// # Floors
//
// Packages import downwards only. Floor 0 is this package and severity.
//
// # The words
//
// A [Channel] is the way a message came in or goes out. Four are built in, and
// products add their own. An [Actor] is the kind of party that did something;
// the set is closed, because rules depend on it: only a person of the team
// picks up a ticket, gives a first reply or confirms an urgent claim.
package helpdesk
