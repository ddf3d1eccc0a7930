package sqlite_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
)

// A small disk that is really full. It has to be mounted, for which rights are needed.
func TestFullDiskMounted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("no disk can be mounted here (%v): TestFullDisk has one that is made of the sizes of files", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, 0)) })
	filler := filepath.Join(folder, "filler")
	d := disk{config: sqlite.Config{Path: filepath.Join(folder, "desk.db")}}
	d.open = func(c sqlite.Config) *sqlite.Stores {
		s := openFile(t, c)
		s.SetDisk(0, nil)
		return s
	}
	d.fill = func() {
		f, err := os.Create(filler)
		require.NoError(t, err)
		for err == nil {
			_, err = f.Write(make([]byte, 512))
		}
		require.ErrorIs(t, err, syscall.ENOSPC)
		require.NoError(t, f.Close())
	}
	d.free = func() { require.NoError(t, os.Remove(filler)) }
	d.run(t)
}
