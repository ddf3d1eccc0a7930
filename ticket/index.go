package ticket

// An index finds the number of a name without a map: a hash tells where the name
// must stand if it is one of the names, and one comparison whether it does. A
// table in which the names keep apart is tried out when the index is built.
type index struct {
	slots []slot // a power of two
	mul   uint64
	shift uint8
}

type slot struct {
	name string
	num  int // from 1; 0: empty
}

// newIndex returns the index of names by their place in the list. They must be
// different.
func newIndex[T ~string](names []T) index {
	for bits := uint8(1); ; bits++ {
		if 1<<bits < 2*len(names) {
			continue
		}
		for try := range uint64(256) {
			x := index{slots: make([]slot, 1<<bits), mul: (2*try + 1) * golden, shift: 64 - bits}
			if fill(&x, names) {
				return x
			}
		}
	}
}

func fill[T ~string](x *index, names []T) bool {
	for i, n := range names {
		s := &x.slots[hash(string(n))*x.mul>>x.shift]
		if s.num > 0 {
			return false
		}
		*s = slot{string(n), i + 1}
	}
	return true
}

// find returns the number of name, and false if it is none of the names.
func (x *index) find(name string) (int, bool) {
	if len(x.slots) == 0 {
		return 0, false
	}
	s := &x.slots[hash(name)*x.mul>>x.shift&uint64(len(x.slots)-1)]
	return s.num - 1, s.num > 0 && s.name == name
}

// golden is 2⁶⁴ divided by the golden ratio, as an odd number.
const golden = 0x9E3779B97F4A7C15

// hash adds up what stands in s, eight bytes at a time and each with a weight of
// its own; the last eight may overlap others.
func hash(s string) uint64 {
	n := len(s)
	h := uint64(n)
	if n < 8 {
		for i := range n {
			h = h<<8 | uint64(s[i])
		}
		return h * golden
	}
	h += word(s)*golden + word(s[n-8:])*(golden>>1|1)
	for i := 8; i+8 < n; i += 8 {
		h += word(s[i:]) * (golden>>2 + 2*uint64(i) | 1)
	}
	return h ^ h>>32
}

func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
