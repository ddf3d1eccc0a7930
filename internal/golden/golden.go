package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Updating reports whether the golden files are to be written anew.
func Updating() bool { return *update }

// Equal compares a text with a golden file, byte by byte, and fails the test if they
// differ. With -update it writes the file.
func Equal(tb testing.TB, file, got string) {
	tb.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	if string(want) == got {
		return
	}
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	from := max(0, at-80)
	tb.Fatalf("%s differs at byte %d; go test -update writes it anew\nwant …%.160q\ngot  …%.160q", file, at,
		want[min(from, len(want)):], got[min(from, len(got)):])
}
