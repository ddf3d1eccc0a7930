package hours

// A source gives the spans of a schedule over any part of the horizon. It is
// immutable and safe for concurrent use.
//
// [a, b) is never empty, and a is at most a second before the horizon.
type source interface {
	// spans returns what is open in [a, b), clipped to it: in page k, as far as
	// it lies in the horizon and the second before it. It must not be changed.
	spans(a, b int64, k int, memo spanMemo) []span

	// pieces cuts [a, b) into pieces with their reasons. name is that of the
	// schedule.
	pieces(name string, a, b int64, memo memo) []piece
}

// A flat source is always open or never.
type flat struct {
	open bool
}

func (f flat) spans(a, b int64, _ int, _ spanMemo) []span {
	if !f.open {
		return nil
	}
	return []span{{a, b}}
}

func (f flat) pieces(name string, a, b int64, _ memo) []piece {
	w := why{open: f.open, cause: causeHours, schedule: name}
	if !f.open {
		w.cause = causeOutside
	}
	return addPiece(nil, a, b, w)
}
