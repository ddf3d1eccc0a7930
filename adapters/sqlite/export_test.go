package sqlite

import (
	"context"
	"errors"
	"time"
)

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

// SetPatience sets the longest time that a read lasts.
func (s *Stores) SetPatience(d time.Duration) { s.patience = d }

// SetDisk takes the place of the disk for the reserve: how it is made, and after what pause.
func (s *Stores) SetDisk(pause time.Duration, allocate func(path string, size int64) error) {
	done := make(chan error, 1)
	_ = s.writer.put(context.Background(), &request{spare: true, done: done, do: func(w *writer) error {
		w.reserve.pause = pause
		if allocate != nil {
			w.reserve.allocate = allocate
		}
		return nil
	}})
}

// Fail has the answer of each commit from now on come from fail, which is given the commit.
func (s *Stores) Fail(fail func(commit func() error) error) {
	var again func(func() error) error
	again = func(commit func() error) error {
		s.writer.mishap.Store(&again)
		return fail(commit)
	}
	s.writer.mishap.Store(&again)
}
