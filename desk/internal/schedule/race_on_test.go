//go:build race

package schedule_test

// raceEnabled says that the race detector is on, which makes everything slow.
const raceEnabled = true
