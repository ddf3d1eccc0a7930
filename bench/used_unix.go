//go:build unix

package main

import (
	"syscall"
	"time"
)

// used is how long this process had a processor.
func used() time.Duration {
	var u syscall.Rusage
	must(0, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
