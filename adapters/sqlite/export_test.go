package sqlite

import "errors"

// Queued returns how many requests wait for the writer.
func (s *Stores) Queued() int { return len(s.writer.asked) }

// Mishap makes the disk fail in the next commit, before or after it was done.
func (s *Stores) Mishap(done bool) {
	mishap := func(commit func() error) error {
		if done {
			if err := commit(); err != nil {
				return err
			}
		}
		return errors.New("the disk failed")
	}
	s.writer.mishap.Store(&mishap)
}
