package desk

import (
	"math"
	"sync/atomic"
	"time"
)

// A tidemark is the latest instant that anybody has heard of, in microseconds
// since 1970.
type tidemark struct{ at atomic.Int64 }

func (m *tidemark) reset() { m.at.Store(math.MinInt64) }

func (m *tidemark) reach(at time.Time) {
	to := at.UnixMicro()
	for old := m.at.Load(); to > old && !m.at.CompareAndSwap(old, to); old = m.at.Load() {
	}
}

// fell returns the mark, and makes it now, if it is ahead of now by more than is to
// be borne.
func (m *tidemark) fell(now time.Time, borne time.Duration) (far time.Time, ok bool) {
	old := m.at.Load()
	if old == math.MinInt64 || old <= now.Add(borne).UnixMicro() {
		return time.Time{}, false
	}
	return time.UnixMicro(old).UTC(), m.at.CompareAndSwap(old, now.UnixMicro())
}
