package sqlite

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Config says which file, and how it is used. Path is required; the zero value of
// every other field is the default that stands beside it.
type Config struct {
	// Path names the file. It is made if it is not there; its folder has to be.
	// Beside it SQLite keeps two more, with -wal and -shm behind the name: they
	// belong to it, and a copy of the file alone may lack what was committed last.
	Path string

	// MaxBytes is how large the file may become, in bytes: at least [MinBytes]. A
	// commit that needs more is refused with [store.ErrFull]. What was deleted makes
	// room for what comes. 0 is without limit.
	MaxBytes int64

	// Wait is how long a commit waits while another process is writing; 10 s.
	Wait time.Duration

	// Group is how many commits, at most, are written to the disk together; 128.
	Group int

	// Readers is how many reads run at once; 4.
	Readers int

	// Trace, if not nil, is called with every statement that is about to be
	// executed. It must be safe for concurrent use, and must not keep or change
	// args. What people wrote is among them: it is for tests and measurements.
	Trace func(query string, args []any)
}

// MinBytes is the least that Config.MaxBytes can be: 1 MiB.
const MinBytes = 1 << 20

// pageSize is the size of a page of the file in bytes.
const pageSize = 4096

func (c Config) withDefaults() Config {
	if c.Wait == 0 {
		c.Wait = 10 * time.Second
	}
	if c.Group == 0 {
		c.Group = 128
	}
	if c.Readers == 0 {
		c.Readers = 4
	}
	return c
}

// check returns everything that is wrong with c, each a [*helpdesk.FieldError].
func (c Config) check() error {
	var errs []error
	want := func(ok bool, field, value, reason string) {
		if !ok {
			errs = append(errs, &helpdesk.FieldError{Path: field, Value: value, Reason: reason})
		}
	}
	want(c.Path != "" && !strings.ContainsRune(c.Path, 0), "path", "", "must name a file")
	want(!strings.HasPrefix(c.Path, ":memory:") && !strings.HasPrefix(c.Path, "file:"), "path", "",
		"must name a file, not be a name of SQLite's own: memstore keeps things in memory")
	want(c.MaxBytes == 0 || c.MaxBytes >= MinBytes, "max_bytes", strconv.FormatInt(c.MaxBytes, 10), fmt.Sprintf("must be 0 or at least %d", MinBytes))
	want(c.Wait >= time.Millisecond, "wait", c.Wait.String(), "must be at least a millisecond")
	want(c.Group >= 1, "group", strconv.Itoa(c.Group), "must be positive")
	want(c.Readers >= 1, "readers", strconv.Itoa(c.Readers), "must be positive")
	return errors.Join(errs...)
}

// dsn returns the name by which the driver opens the file.
func (c Config) dsn(pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{
		"busy_timeout(" + strconv.FormatInt(c.Wait.Milliseconds(), 10) + ")",
		"synchronous(FULL)",
		"temp_store(MEMORY)",
		"cache_size(-16384)",
	}, pragmas...)}
	return "file:" + (&url.URL{Path: c.Path}).EscapedPath() + "?" + q.Encode()
}
