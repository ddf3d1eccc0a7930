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

// Columns returns the columns of attributes that the engine writes, by table.
func Columns() map[string][]string {
	all := map[string][]string{}
	for _, t := range allTables {
		for _, c := range t.columns {
			all[t.name] = append(all[t.name], c.Name)
		}
	}
	return all
}

// SetFew makes lists take the ways for many records with few of them.
func (s *Stores) SetFew(n int) { s.few = n }
