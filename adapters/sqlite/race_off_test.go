//go:build !race

package sqlite_test

// raceEnabled says that the race detector is on, which makes everything slow.
const raceEnabled = false
