// Package campaign says how long those tests run that try very many things: crashes at
// every call, races of every pair of commands, walks at random. They run short by
// default, so that all tests together are quick, and long where a change has to pass
// (.ci/run). Only tests import it.
package campaign

import "os"

// Variable is the name of the environment variable that has campaigns run long. Any
// value but the empty one does.
const Variable = "HELPDESK_LONG"

// Long reports whether campaigns run long.
func Long() bool { return os.Getenv(Variable) != "" }

// Rounds returns long if campaigns run long, and short otherwise.
func Rounds(short, long int) int {
	if Long() {
		return long
	}
	return short
}
