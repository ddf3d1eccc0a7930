// Package check gathers what is wrong with an argument or a configuration, so
// that all faults are told at once and a hostile input cannot make the answer
// grow without bound.
package check
