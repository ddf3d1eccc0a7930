// Package calc answers the questions of slacalc. Doc.go of the program has the
// operations, the definitions and the codes of errors.
//
// A [Calculator] takes one line after the other. The schedules and policies that
// questions are about are kept in a catalog, by the names that were defined and,
// where a question has one written out, by its text.
package calc
