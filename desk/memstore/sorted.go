package memstore

import (
	"cmp"
	"iter"
	"slices"
	"sort"
)

// chunk is the greatest number of records in one piece of a sorted list.
const chunk = 256

// A sorted list has records by sort and ID, in pieces, so that putting one in
// moves few.
type sorted struct {
	chunks [][]*node // none of them empty
	n      int
}

// A position is what records are sorted by.
type position struct{ sort, id string }

func (n *node) position() position { return position{n.sort, n.id} }

func (p position) compare(q position) int {
	return cmp.Or(cmp.Compare(p.sort, q.sort), cmp.Compare(p.id, q.id))
}

// find returns where the first record at or behind p is, or would be.
func (s *sorted) find(p position) (c, i int) {
	c = sort.Search(len(s.chunks), func(c int) bool {
		last := s.chunks[c][len(s.chunks[c])-1]
		return last.position().compare(p) >= 0
	})
	if c == len(s.chunks) {
		return c, 0
	}
	piece := s.chunks[c]
	i = sort.Search(len(piece), func(i int) bool { return piece[i].position().compare(p) >= 0 })
	return c, i
}

func (s *sorted) insert(n *node) {
	s.n++
	c, i := s.find(n.position())
	if c == len(s.chunks) {
		if c == 0 {
			s.chunks = append(s.chunks, []*node{n})
			return
		}
		c-- // behind everything: into the last piece
		i = len(s.chunks[c])
		if i >= chunk { // records often come in order: do not leave half-full pieces
			s.chunks = append(s.chunks, append(make([]*node, 0, 8), n))
			return
		}
	}
	s.chunks[c] = slices.Insert(s.chunks[c], i, n)
	if piece := s.chunks[c]; len(piece) > chunk {
		half := slices.Clone(piece[chunk/2:])
		clear(piece[chunk/2:])
		s.chunks[c] = piece[:chunk/2]
		s.chunks = slices.Insert(s.chunks, c+1, half)
	}
}

// remove takes out n, which must be in the list and sorted as it was put in.
func (s *sorted) remove(n *node) {
	s.n--
	c, i := s.find(n.position())
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

// ascend yields the records behind p, or all if there is no p.
func (s *sorted) ascend(p position, from bool) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		c, i := 0, 0
		if from {
			c, i = s.find(p)
		}
		for ; c < len(s.chunks); c, i = c+1, 0 {
			for _, n := range s.chunks[c][i:] {
				if from && n.position() == p {
					continue
				}
				if !yield(n) {
					return
				}
			}
		}
	}
}

// descend yields the records before p, or all if there is no p, the last first.
func (s *sorted) descend(p position, from bool) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		c, i := len(s.chunks), 0
		if from {
			c, i = s.find(p)
		}
		for {
			for i--; i >= 0; i-- {
				if !yield(s.chunks[c][i]) {
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
