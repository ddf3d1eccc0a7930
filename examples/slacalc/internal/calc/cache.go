package calc

import "container/list"

// The bounds of a cache. Text and entries are counted, not what an entry takes
// up when it is compiled; that is in the order of a hundred kilobytes.
const (
	maxEntries = 256
	maxText    = 4 << 20
)

// A cache keeps what was compiled from JSON texts, those that were asked for
// last. The zero cache is empty.
type cache[T any] struct {
	byText map[string]*list.Element // of *entry[T]
	recent list.List                // the last one used in front
	text   int                      // bytes of all texts
}

type entry[T any] struct {
	text  string
	value T
	named bool // it depends on names, which may be defined again
}

func (c *cache[T]) get(text []byte) (value T, ok bool) {
	e, ok := c.byText[string(text)]
	if !ok {
		return value, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(*entry[T]).value, true
}

func (c *cache[T]) put(text []byte, value T, named bool) {
	if len(text) > maxText {
		return
	}
	if c.byText == nil {
		c.byText = make(map[string]*list.Element)
	}
	e := &entry[T]{string(text), value, named}
	c.byText[e.text] = c.recent.PushFront(e)
	c.text += len(text)
	for c.recent.Len() > maxEntries || c.text > maxText {
		c.drop(c.recent.Back())
	}
}

func (c *cache[T]) drop(e *list.Element) {
	gone := c.recent.Remove(e).(*entry[T])
	delete(c.byText, gone.text)
	c.text -= len(gone.text)
}

// dropNamed forgets what depends on names.
func (c *cache[T]) dropNamed() {
	for e := c.recent.Front(); e != nil; {
		next := e.Next()
		if e.Value.(*entry[T]).named {
			c.drop(e)
		}
		e = next
	}
}
