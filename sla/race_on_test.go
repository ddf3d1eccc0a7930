//go:build race

package sla_test

// raceEnabled says that the race detector is on: it makes a sync.Pool forget at random.
const raceEnabled = true
