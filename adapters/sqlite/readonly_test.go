//go:build unix

package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
)

// envOpen has the test binary open the file that it names, as a user without rights, and say what came of it.
const envOpen = "HELPDESK_SQLITE_OPEN"

func openAsNobody(path string) int {
	const nobody = 65534
	if os.Geteuid() == 0 {
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			fmt.Print(err)
			return 1
		}
	}
	s, err := sqlite.Open(context.Background(), sqlite.Config{Path: path, Reserve: -1})
	if err == nil {
		err = s.Close()
	}
	fmt.Print(errors.Is(err, sqlite.ErrReadOnly), errors.Is(err, helpdesk.ErrUnavailable), errors.Is(err, helpdesk.ErrDamaged), " ", err)
	return 0
}

// A file, or a folder, that must not be written is refused by name.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]struct{ folder, file os.FileMode }{
		"file": {0o777, 0o444}, "folder": {0o555, 0o666}, "both": {0o555, 0o444}, "nothing is there": {0o555, 0}, "unreadable": {0o777, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, err := os.MkdirTemp("", "readonly") //nolint:usetesting // that of a test is for its user alone
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, errors.Join(os.Chmod(folder, 0o700), os.RemoveAll(folder))) })
			path := filepath.Join(folder, "desk.db")
			if name != "nothing is there" {
				require.NoError(t, openFile(t, sqlite.Config{Path: path, Reserve: -1}).Close())
				require.NoError(t, os.Chmod(path, mode.file))
			}
			require.NoError(t, os.Chmod(folder, mode.folder))
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), envOpen+"="+path)
			out, err := cmd.Output()
			require.NoError(t, err)
			require.Regexp(t, "^true true false ", string(out))
		})
	}
}
