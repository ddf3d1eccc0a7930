// Package hostile tests that what is read from strangers costs what its length
// says, however wrong it is, and that what is said about it can be read. It is for
// tests only.
package hostile

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
)

// The sizes of texts, in bytes: the usual one, and the one for what is read at the
// edge.
const (
	Usual    = 1 << 17
	Megabyte = 1 << 20
)

const (
	fraction = 8      // of a text that is read for comparison
	maxText  = 20_000 // bytes of an error
	maxCost  = 400    // bytes that are allocated for each byte
)

var errNone = errors.New("there is no error")

// Texts has functions that make a text of about so many bytes, by name.
type Texts map[string]func(size int) string

// Check reads each of the texts, of the size and of an eighth of it, and reports an
// error that is not invalid or longer than 20,000 bytes, and a reading that
// allocates more than 400 bytes for each byte, or more than in proportion. Since it
// counts what the whole program allocates, the test must not be parallel.
func Check(tb testing.TB, size int, texts Texts, read func(data []byte) error) {
	tb.Helper()
	for name, text := range texts {
		if wrong := measure(size, text, read); wrong != nil {
			tb.Errorf("%s: %v", name, wrong)
		}
	}
}

func measure(size int, text func(size int) string, read func(data []byte) error) error {
	var costs [2]uint64
	for i, n := range []int{size / fraction, size} {
		data := []byte(text(n))
		var err error
		costs[i] = allocated(func() { err = read(data) })
		switch {
		case !errors.Is(err, helpdesk.ErrInvalid):
			return fmt.Errorf("%d bytes are not invalid: %w", len(data), cmp.Or(err, errNone))
		case len(err.Error()) > maxText:
			return fmt.Errorf("the error has %d bytes: %.200s", len(err.Error()), err.Error())
		}
	}
	if n := uint64(size); costs[1] > maxCost*n || costs[1] > 2*fraction*costs[0]+n {
		return fmt.Errorf("%d bytes cost %d, and %d bytes %d", size/fraction, costs[0], size, costs[1])
	}
	return nil
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Members returns an object with as many members as fit. The format of a member
// gets a number: `"a%d":1`.
func Members(format string, size int) string { return "{" + List(format, size) + "}" }

// List returns the elements of a list, parted by commas, as many as fit. The format
// of an element may take a number.
func List(format string, size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.Contains(format, "%") {
			fmt.Fprintf(&b, format, i)
		} else {
			b.WriteString(format)
		}
	}
	return b.String()
}
