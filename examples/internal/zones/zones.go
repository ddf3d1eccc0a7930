package zones

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/deskcore/helpdesk"
)

// maxZone is the size of the greatest zone that is read.
const maxZone = 1 << 20

// From returns the zones of a zoneinfo directory, or of a zip file such as that of Go, for the
// field Zone of an hours.Resolver. The error says why there are none.
func From(path string) (func(name string) (*time.Location, error), error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("zones cannot be read: %w", err)
	}
	files := os.DirFS(path)
	if !info.IsDir() {
		if files, err = zipped(path); err != nil {
			return nil, err
		}
	}
	var mu sync.Mutex
	known := map[string]*time.Location{}
	return func(name string) (*time.Location, error) {
		mu.Lock()
		defer mu.Unlock()
		if loc := known[name]; loc != nil {
			return loc, nil
		}
		if !fs.ValidPath(name) {
			return nil, helpdesk.ErrNotFound
		}
		f, err := files.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, helpdesk.ErrNotFound
		}
		if err != nil {
			return nil, fmt.Errorf("zone %s: %w", name, err)
		}
		defer f.Close() //nolint:errcheck // it is only read
		data, err := io.ReadAll(io.LimitReader(f, maxZone))
		if err != nil {
			return nil, helpdesk.ErrNotFound // a folder, say
		}
		loc, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			return nil, fmt.Errorf("zone %s of %s: %w", name, path, err)
		}
		known[name] = loc
		return loc, nil
	}, nil
}

// zipped returns the files of a zip file, which stays open.
func zipped(path string) (fs.FS, error) {
	r, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("zones cannot be read: %s is neither a directory nor a zip file: %w", path, err)
	}
	return r, nil
}
