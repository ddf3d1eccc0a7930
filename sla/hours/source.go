package hours

// A source gives the spans of a schedule over any part of the horizon. It is
// immutable and safe for concurrent use.
//
// [a, b) is never empty, and a is at most a second before the horizon.
type source interface {
	// size estimates how many spans there are in [a, b), for their memory.
	size(a, b int64) int

	// appendSpans joins the spans of the schedule, clipped to [a, b), to dst,
	// all of which is before a.
	appendSpans(dst []span, a, b int64) []span

	// pieces cuts [a, b) into pieces with their reasons. name is that of the
	// schedule.
	pieces(name string, a, b int64, memo memo) []piece
}

// A flat source is always open or never.
type flat struct {
	open bool
}

func (flat) size(int64, int64) int { return 1 }

func (f flat) appendSpans(dst []span, a, b int64) []span {
	if !f.open {
		return dst
	}
	return join(dst, a, b)
}

func (f flat) pieces(name string, a, b int64, _ memo) []piece {
	w := why{open: f.open, cause: CauseHours, schedule: name}
	if !f.open {
		w.cause = CauseOutside
	}
	return addPiece(nil, a, b, w)
}
