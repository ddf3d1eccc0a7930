package memstore

import (
	"iter"
	"math"
	"slices"
	"sort"
)

// chunk is the greatest number of entries in one piece of a sorted list.
const chunk = 128

const (
	noDue = math.MaxInt64 // behind every instant
	first = math.MinInt64 // before every instant, and that of none: store.Nanos of the zero time
	never = first
)

// A member of a sorted list comes before others with the same number.
type member[T any] interface{ before(T) bool }

// A sorted list has its members by a number and their own order, in pieces, so that putting
// one in moves few. The numbers stand in the list, so that a search touches few members.
type sorted[T member[T]] struct {
	chunks [][]entry[T] // none of them empty
	n      int
}

type entry[T member[T]] struct {
	at int64
	x  T
}

func (e entry[T]) less(at int64, x T) bool { return e.at < at || e.at == at && e.x.before(x) }

// find returns where the first entry at or behind (at, x) is, or would be.
func (s *sorted[T]) find(at int64, x T) (c, i int) {
	c = sort.Search(len(s.chunks), func(c int) bool {
		return !s.chunks[c][len(s.chunks[c])-1].less(at, x)
	})
	if c == len(s.chunks) {
		return c, 0
	}
	piece := s.chunks[c]
	return c, sort.Search(len(piece), func(i int) bool { return !piece[i].less(at, x) })
}

func (s *sorted[T]) insert(at int64, x T) {
	s.n++
	c, i := s.find(at, x)
	if c == len(s.chunks) {
		if c == 0 {
			s.chunks = append(s.chunks, []entry[T]{{at, x}})
			return
		}
		c-- // behind everything: into the last piece
		i = len(s.chunks[c])
		if i >= chunk { // members often come in order: do not leave half-full pieces
			s.chunks = append(s.chunks, append(make([]entry[T], 0, 8), entry[T]{at, x}))
			return
		}
	}
	s.chunks[c] = slices.Insert(s.chunks[c], i, entry[T]{at, x})
	if piece := s.chunks[c]; len(piece) > chunk {
		half := slices.Clone(piece[chunk/2:])
		clear(piece[chunk/2:])
		s.chunks[c] = piece[:chunk/2]
		s.chunks = slices.Insert(s.chunks, c+1, half)
	}
}

// remove takes out x, which must be in the list at the number.
func (s *sorted[T]) remove(at int64, x T) {
	s.n--
	c, i := s.find(at, x)
	s.chunks[c] = slices.Delete(s.chunks[c], i, i+1)
	if len(s.chunks[c]) == 0 {
		s.chunks = slices.Delete(s.chunks, c, c+1)
		return
	}
	c = max(c, 1) // the second of two neighbours
	if c < len(s.chunks) && len(s.chunks[c-1])+len(s.chunks[c]) <= chunk/2 {
		s.chunks[c-1] = append(s.chunks[c-1], s.chunks[c]...)
		s.chunks = slices.Delete(s.chunks, c, c+1)
	}
}

// least returns the number of the first entry, and noDue for none.
func (s *sorted[T]) least() int64 {
	if len(s.chunks) == 0 {
		return noDue
	}
	return s.chunks[0][0].at
}

// ascend yields the entries at or behind (at, x).
func (s *sorted[T]) ascend(at int64, x T) iter.Seq2[int64, T] {
	return func(yield func(int64, T) bool) {
		c, i := s.find(at, x)
		for ; c < len(s.chunks); c, i = c+1, 0 {
			for _, e := range s.chunks[c][i:] {
				if !yield(e.at, e.x) {
					return
				}
			}
		}
	}
}

// descend yields the entries before (at, x), the last first.
func (s *sorted[T]) descend(at int64, x T) iter.Seq2[int64, T] {
	return func(yield func(int64, T) bool) {
		c, i := s.find(at, x)
		for {
			for i--; i >= 0; i-- {
				if e := s.chunks[c][i]; !yield(e.at, e.x) {
					return
				}
			}
			if c--; c < 0 {
				return
			}
			i = len(s.chunks[c])
		}
	}
}
