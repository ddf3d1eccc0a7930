package memstore

// A slot is the place of something in a heap.
type slot struct {
	at  int64  // nanoseconds since 1970; the least is first
	seq uint64 // the order of what has the same at
	pos int    // 1 and up; 0 is not in a heap
}

func (s *slot) less(o *slot) bool { return s.at < o.at || s.at == o.at && s.seq < o.seq }

// A placed thing has a slot. It is in one heap at most.
type placed interface{ place() *slot }

// A heap has its least element first and finds every element by its slot.
type heap[T placed] struct{ items []T }

// first returns the least element, and false if there is none.
func (h *heap[T]) first() (T, bool) {
	if len(h.items) == 0 {
		var none T
		return none, false
	}
	return h.items[0], true
}

func (h *heap[T]) push(x T) {
	h.items = append(h.items, x)
	x.place().pos = len(h.items)
	h.up(len(h.items) - 1)
}

// remove does nothing if x is not in the heap.
func (h *heap[T]) remove(x T) {
	i := x.place().pos - 1
	if i < 0 {
		return
	}
	var none T
	last := len(h.items) - 1
	h.swap(i, last)
	h.items[last] = none
	h.items = h.items[:last]
	x.place().pos = 0
	if i < last {
		h.fix(h.items[i])
	}
}

// fix puts x where it belongs after its slot was changed.
func (h *heap[T]) fix(x T) {
	i := x.place().pos - 1
	if !h.down(i) {
		h.up(i)
	}
}

func (h *heap[T]) swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.items[i].place().pos = i + 1
	h.items[j].place().pos = j + 1
}

func (h *heap[T]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h.items[i].place().less(h.items[parent].place()) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h *heap[T]) down(i int) bool {
	start := i
	for {
		least := 2*i + 1
		if least >= len(h.items) {
			break
		}
		if right := least + 1; right < len(h.items) && h.items[right].place().less(h.items[least].place()) {
			least = right
		}
		if !h.items[least].place().less(h.items[i].place()) {
			break
		}
		h.swap(i, least)
		i = least
	}
	return i > start
}
