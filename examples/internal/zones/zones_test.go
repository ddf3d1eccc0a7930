package zones_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/examples/internal/zones"
	"github.com/stretchr/testify/require"
)

// utc is a zone file of a zone that is always an hour ahead, with the text form only.
const ahead = "TZif2\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x0e\x10\x00\x00CET\x00" +
	"TZif2\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x0e\x10\x00\x00CET\x00\nCET-1\n"

// S39: zones come from where they are said to be, a directory or a zip file, and from nowhere else.
func TestFromS39(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "Mars"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Mars", "Olympus"), []byte(ahead), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Mars", "Broken"), []byte("no zone"), 0o600))
	file := filepath.Join(t.TempDir(), "zoneinfo.zip")
	f, err := os.Create(file)
	require.NoError(t, err)
	w := zip.NewWriter(f)
	entry, err := w.Create("Mars/Olympus")
	require.NoError(t, err)
	_, err = entry.Write([]byte(ahead))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	for _, path := range []string{dir, file} {
		zone, err := zones.From(path)
		require.NoError(t, err)
		loc, err := zone("Mars/Olympus")
		require.NoError(t, err)
		require.Equal(t, "12:00", time.Date(2026, 1, 1, 11, 0, 0, 0, time.UTC).In(loc).Format("15:04"))
		again, err := zone("Mars/Olympus")
		require.NoError(t, err)
		require.Same(t, loc, again)
		for _, none := range []string{"Europe/London", "", "../Mars/Olympus", "/Mars/Olympus", "Mars"} {
			_, err := zone(none)
			require.ErrorIs(t, err, helpdesk.ErrNotFound, none)
		}
	}
	zone, err := zones.From(dir)
	require.NoError(t, err)
	_, err = zone("Mars/Broken")
	require.ErrorContains(t, err, "zone Mars/Broken")
	for _, path := range []string{filepath.Join(dir, "nowhere"), filepath.Join(dir, "Mars", "Broken")} {
		_, err := zones.From(path)
		require.ErrorContains(t, err, "zones cannot be read")
	}
}
