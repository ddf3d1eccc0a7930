package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

// A storage is where a run keeps everything: in memory, or in a file, which a restart
// closes and opens again.
type storage struct {
	memory *memstore.Stores
	path   string
	file   *sqlite.Stores
}

// newStorage returns the storage in that file, and in memory without one. The file
// must not be there, or be empty: a run begins with nothing.
func newStorage(path string) (*storage, error) {
	if path == "" {
		return &storage{memory: memstore.New()}, nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Size() > 0:
		return nil, fmt.Errorf("-db %s must be a new file: a run begins with nothing", path)
	}
	return &storage{path: path}, nil
}

func (s *storage) open() (store.Stores, error) {
	if s.memory != nil {
		return s.memory, nil
	}
	if err := s.close(); err != nil {
		return nil, err
	}
	var err error
	s.file, err = sqlite.Open(context.Background(), sqlite.Config{Path: s.path})
	return s.file, err
}

func (s *storage) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
