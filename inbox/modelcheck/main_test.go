package modelcheck_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// An exploration makes much garbage and keeps little of it: collecting it less
// often takes a third off the time, for a hundred megabytes.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
