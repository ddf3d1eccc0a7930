package hours

import (
	"reflect"
	"sync"
	"time"
	"weak"
)

// Schedules of equal hours have equal pages, and those of one zone have its
// changes of clocks in common: what lives is there once. These shelves know what
// there is and keep none of it; that something is found saves memory and changes
// no answer.
var (
	livingPages [64]shelf[uint64, page] // by the last bits of their hash
	livingZones shelf[string, zone]     // by name
)

// A shelf knows values as long as somebody else keeps them.
type shelf[K comparable, V any] struct {
	mu    sync.Mutex
	known map[K]weak.Pointer[V]
	limit int // of entries, before those go whose value is gone
}

// get returns the value of a key, or nil.
func (s *shelf[K, V]) get(key K) *V {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[key].Value()
}

// put makes v the value of a key. When the shelf has doubled, what is left of it
// moves into a map that fits.
func (s *shelf[K, V]) put(key K, v *V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= s.limit {
		live := make(map[K]weak.Pointer[V])
		for k, w := range s.known {
			if w.Value() != nil {
				live[k] = w
			}
		}
		s.known, s.limit = live, 2*len(live)+8
	}
	s.known[key] = weak.Make(v)
}

// sharedPage returns a page that is the same as p, which nobody has yet: one
// that is there already, or p after settle has had it.
func sharedPage(p *page, settle func(*page)) *page {
	h := p.hash()
	s := &livingPages[h%uint64(len(livingPages))]
	if q := s.get(h); q != nil && q.same(p) {
		return q
	}
	settle(p)
	s.put(h, p)
	return p
}

// sharedZone returns the zone of loc, which was read a moment ago.
func sharedZone(loc *time.Location) *zone {
	name := loc.String()
	if z := livingZones.get(name); z != nil && reflect.DeepEqual(z.loc, loc) { // files may change
		return z
	}
	z := &zone{loc: loc}
	livingZones.put(name, z)
	return z
}
