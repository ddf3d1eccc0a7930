// Package wire is the text that slacalc reads and writes: lines of an input, a
// question taken apart into its members, instants, durations, and the line of
// an answer. It knows nothing about schedules and policies.
//
// What is common is read without allocating memory; what is not is left to
// encoding/json and package time, which have the last word.
package wire
