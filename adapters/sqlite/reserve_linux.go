package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// allocate makes the reserve, with room on the disk for all of it.
func allocate(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(syscall.Fallocate(int(f.Fd()), 0, 0, size), f.Close())
	if errors.Is(err, syscall.EOPNOTSUPP) {
		return fillUp(path, size)
	}
	return err
}
