// Package machine keeps lifecycles as tables. A lifecycle is stated as rows, built
// once in looplab/fsm, asked there for every pair of a state and an event, and kept
// as a [Table]. The table answers whether something may happen, why not and what
// may, and draws itself; all answers come from [Table.Judge].
//
// A guard is a condition that is found before the table is asked, so that state,
// event and guard name at most one row and the order of the rows decides nothing.
// Effects stay outside too: a table only names them.
//
// The package knows no domain: the words are those of whoever builds a table. The
// empty state is that before the beginning; it is every table's first. Everything
// here is immutable and safe for concurrent use.
package machine
