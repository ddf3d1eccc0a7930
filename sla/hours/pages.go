package hours

// page returns page k. It makes it when it is first asked for; nothing waits for
// that but who asks.
func (s *Schedule) page(k int) *page {
	if p := s.pages[k].Load(); p != nil {
		return p
	}
	p := sharedPage(newPage(s.pageSpans(k, nil), start(k)), s.settle)
	if !s.pages[k].CompareAndSwap(nil, p) {
		p = s.pages[k].Load() // made by another meanwhile
	}
	return p
}

// settle moves the rows of p, a page that nobody has yet, into a dictionary.
func (s *Schedule) settle(p *page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.dictionaries {
		if d := &s.dictionaries[i]; d.stride == p.stride {
			if !d.add(p) {
				d.rows = p.rows // a new one; pages keep the old one
			}
			return
		}
	}
	s.dictionaries = append(s.dictionaries, dictionary{p.stride, p.rows})
}

// total returns the open seconds of page k.
func (s *Schedule) total(k int) int64 {
	if p := s.pages[k].Load(); p != nil {
		return int64(p.total)
	}
	return s.count(k)
}

// count counts the open seconds of a page without making it, and keeps the
// number: a question about two far instants leaves the pages in between alone.
func (s *Schedule) count(k int) int64 {
	known := &s.rarely().counts[k]
	if n := known.Load(); n > 0 {
		return int64(n - 1)
	}
	n := int64(0)
	for _, sp := range s.pageSpans(k, nil) {
		n += sp.end - sp.start
	}
	known.Store(uint32(n + 1))
	return n
}

// pageSpans returns what is open in page k, clipped to the horizon and the
// second before it. It must not be changed. m may be nil.
func (s *Schedule) pageSpans(k int, m spanMemo) []span {
	spans, ok := m[s]
	if ok {
		return spans
	}
	a, b := max(start(k), horizonStart-1), min(start(k+1), horizonEnd)
	if p := s.pages[k].Load(); p != nil {
		spans = p.appendSpans(spans, start(k), a, b)
	} else {
		spans = s.source().spans(a, b, k, m)
	}
	if m != nil {
		m[s] = spans
	}
	return spans
}

// A spanMemo keeps the spans of one page: a schedule may be a member many times
// over.
type spanMemo map[*Schedule][]span

// spansIn returns what is open in [a, b), a part of the horizon.
func (s *Schedule) spansIn(a, b int64) []span {
	var spans []span
	for a < b {
		k := pageOf(a)
		end := min(b, start(k+1))
		spans = s.page(k).appendSpans(spans, start(k), a, end)
		a = end
	}
	return spans
}

// source returns what the schedule is made from.
func (s *Schedule) source() source {
	if s.src == nil {
		return flat{}
	}
	return s.src
}
