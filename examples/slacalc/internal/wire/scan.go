package wire

import "bytes"

// A scanner goes over JSON text that has no line breaks.
type scanner struct {
	b []byte
	i int
}

// maxNesting is how deep in lists and objects the scanner goes.
const maxNesting = 32

// object goes past an object and gives each of its members to set. It takes no
// name that has an escape in it.
func (s *scanner) object(set func(name, value []byte)) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	for {
		s.space()
		name, ok := s.name()
		if !ok || !s.take(':') {
			return false
		}
		s.space()
		start := s.i
		if !s.value(0) {
			return false
		}
		set(name, s.b[start:s.i])
		if s.take(',') {
			continue
		}
		return s.take('}')
	}
}

func (s *scanner) peek() byte {
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

func (s *scanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\t' || s.b[s.i] == '\r') {
		s.i++
	}
}

// take goes past c and white space before it, if c is there.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.peek() != c || s.i == len(s.b) {
		return false
	}
	s.i++
	return true
}

func (s *scanner) end() bool {
	s.space()
	return s.i == len(s.b)
}

// name goes past a string without escapes and returns what is in it.
func (s *scanner) name() ([]byte, bool) {
	start := s.i + 1
	if !s.text() {
		return nil, false
	}
	name := s.b[start : s.i-1]
	return name, bytes.IndexByte(name, '\\') < 0
}

func (s *scanner) value(depth int) bool {
	switch c := s.peek(); c {
	case '"':
		return s.text()
	case '{', '[':
		return depth < maxNesting && s.nested(depth, c == '{')
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		return s.number()
	}
}

func (s *scanner) word(w string) bool {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return false
	}
	s.i += len(w)
	return true
}

func (s *scanner) text() bool {
	if s.peek() != '"' {
		return false
	}
	for i := s.i + 1; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			s.i = i + 1
			return true
		case c < ' ':
			return false
		case c == '\\':
			i++
			if i == len(s.b) || bytes.IndexByte([]byte(`"\/bfnrt`), s.b[i]) < 0 {
				return false // among them \u, which is rare
			}
		}
	}
	return false
}

func (s *scanner) digits() bool {
	start := s.i
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.i++
	}
	return s.i > start
}

func (s *scanner) number() bool {
	if s.peek() == '-' {
		s.i++
	}
	if s.peek() == '0' {
		s.i++
	} else if !s.digits() {
		return false
	}
	if s.peek() == '.' {
		s.i++
		if !s.digits() {
			return false
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.i++
		if c := s.peek(); c == '+' || c == '-' {
			s.i++
		}
		return s.digits()
	}
	return true
}

// nested goes past a list or, with names, an object.
func (s *scanner) nested(depth int, names bool) bool {
	closing := byte(']')
	if names {
		closing = '}'
	}
	s.i++
	if s.take(closing) {
		return true
	}
	for {
		s.space()
		if names && (!s.text() || !s.take(':')) {
			return false
		}
		s.space()
		if !s.value(depth + 1) {
			return false
		}
		if s.take(',') {
			continue
		}
		return s.take(closing)
	}
}
