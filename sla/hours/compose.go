package hours

// An op composes two sources.
type op uint8

const (
	anyOf op = iota
	allOf
	exceptFor
)

// A composition is a source made of schedules.
type composition struct {
	op      op
	members []*Schedule // at least one; exactly two for exceptFor
}

// Union returns the schedule that is open while at least one member is open (S6). The union of
// no schedules never opens. A nil member counts as the zero Schedule.
func Union(members ...*Schedule) *Schedule {
	if len(members) == 0 {
		return new(Schedule)
	}
	return compose(anyOf, members)
}

// Intersect returns the schedule that is open while all members are open (S6). The intersection
// of no schedules is always open. A nil member counts as the zero Schedule.
func Intersect(members ...*Schedule) *Schedule {
	if len(members) == 0 {
		s, _ := New(Config{Always: true}, nil)
		return s
	}
	return compose(allOf, members)
}

// Subtract returns the schedule that is open while a is open and b is closed (S6). A nil a or b
// counts as the zero Schedule.
func Subtract(a, b *Schedule) *Schedule {
	return compose(exceptFor, []*Schedule{a, b})
}

func compose(o op, members []*Schedule) *Schedule {
	c := &composition{op: o, members: make([]*Schedule, len(members))}
	for i, m := range members {
		if m == nil {
			m = new(Schedule)
		}
		c.members[i] = m
	}
	return &Schedule{src: c}
}

func (c *composition) spans(a, b int64, k int, memo spanMemo) []span {
	if memo == nil {
		memo = spanMemo{}
	}
	lists := make([][]span, len(c.members))
	for i, m := range c.members {
		lists[i] = m.pageSpans(k, memo)
	}
	return fold(lists, func(p, q []span) []span { return combine(p, q, a, b, c.op.open) })
}

// open reports whether a composition is open when its parts are or are not.
func (o op) open(p, q bool) bool {
	switch o {
	case allOf:
		return p && q
	case exceptFor:
		return p && !q
	default:
		return p || q
	}
}

// fold combines neighbours in lists, at least one, until one is left.
func fold[T any](lists []T, combine func(p, q T) T) T {
	if len(lists) == 1 {
		return lists[0]
	}
	half := len(lists) / 2
	return combine(fold(lists[:half], combine), fold(lists[half:], combine))
}

// combine returns the spans of [a, b) in which open holds for whether p and
// whether q is open. p and q are sorted and disjoint and may reach out of
// [a, b).
func combine(p, q []span, a, b int64, open func(p, q bool) bool) []span {
	out := make([]span, 0, len(p)+len(q))
	for u := a; u < b; {
		var inP, inQ bool
		v := b
		p, inP, v = advance(p, u, v)
		q, inQ, v = advance(q, u, v)
		if open(inP, inQ) {
			out = join(out, u, v)
		}
		u = v
	}
	return out
}

// advance drops the spans that ended by u, and returns the rest, whether u is
// in the first of them, and v or the instant after u when that changes,
// whichever is earlier.
func advance(p []span, u, v int64) (rest []span, in bool, next int64) {
	for len(p) > 0 && p[0].end <= u {
		p = p[1:]
	}
	switch {
	case len(p) == 0:
		return p, false, v
	case p[0].start <= u:
		return p, true, min(v, p[0].end)
	default:
		return p, false, min(v, p[0].start)
	}
}

func (c *composition) config() Config {
	members := make([]Member, len(c.members))
	for i, m := range c.members {
		cfg := m.Config()
		members[i].Config = &cfg
	}
	switch c.op {
	case allOf:
		return Config{All: members}
	case exceptFor:
		return Config{Except: members}
	default:
		return Config{Any: members}
	}
}
