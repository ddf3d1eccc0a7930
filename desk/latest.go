package desk

import (
	"math"
	"sync/atomic"
	"time"
)

// A latest is the latest instant that was read from a clock or from a record, in
// microseconds since 1970. A clock that shows much less has gone back.
type latest struct{ at atomic.Int64 }

// clear forgets every instant.
func (l *latest) clear() { l.at.Store(math.MinInt64) }

// raise makes at the latest instant, unless a later one was read.
func (l *latest) raise(at time.Time) {
	to := at.UnixMicro()
	for old := l.at.Load(); to > old && !l.at.CompareAndSwap(old, to); old = l.at.Load() {
	}
}

// wentBack reports whether now is before the latest instant by more than the tolerance.
// It returns that instant then, and makes now the latest; of several callers at a time
// one gets true.
func (l *latest) wentBack(now time.Time, tolerance time.Duration) (was time.Time, ok bool) {
	old := l.at.Load()
	if old == math.MinInt64 || old <= now.Add(tolerance).UnixMicro() {
		return time.Time{}, false
	}
	return time.UnixMicro(old).UTC(), l.at.CompareAndSwap(old, now.UnixMicro())
}
