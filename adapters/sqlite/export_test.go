package sqlite

// Queued returns how many requests wait for the writer.
func (s *Stores) Queued() int { return len(s.writer.asked) }
