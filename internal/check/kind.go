package check

// Sentinel returns an error of a kind, with a text of its own: what a package
// declares where there is nothing to say but that it happened, and callers branch
// on it.
func Sentinel(kind error, text string) error { return &sentinel{kind, text} }

type sentinel struct {
	kind error
	text string
}

func (s *sentinel) Error() string { return s.text }

func (s *sentinel) Unwrap() error { return s.kind }
