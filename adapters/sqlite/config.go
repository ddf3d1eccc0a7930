package sqlite

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Config names a file and how the file is used. Path is required. The zero value of every
// other field is the default. It is plain data.
type Config struct {
	// Path names the file, which is made if it does not exist. The folder must exist. The
	// host may have tables of its own in the file. SQLite keeps two more files beside this
	// one, with -wal and -shm behind the name, which belong to the file: a copy of the file
	// alone may lack the last commits.
	Path string

	// MaxBytes is the greatest size of the file, in bytes, at least [MinBytes]. A commit that
	// needs more is refused with [store.ErrFull]. Deletions make room. Deletions and the loops
	// may use a sixteenth more. Zero means no limit.
	MaxBytes int64

	// Reserve is how many bytes are kept free on the disk for deletions and the loops, at least
	// 1 MiB, in a file with -reserve behind the name. When the disk is full, they go on with that
	// room, and everything else is refused with [store.ErrFull], until the disk has room again, or
	// until deletions have made as much room within the file. The default is 16 MiB, or MaxBytes if
	// that is less. A negative Reserve means none.
	Reserve int64

	// WarnJournal and MaxJournal are sizes of the journal, in bytes. The journal grows beyond
	// 16 MiB only while somebody keeps a transaction open that reads, such as a shell of SQLite.
	// Above WarnJournal, at least 1 MiB, that is said to the Logger. Above MaxJournal, at least
	// WarnJournal, commits are refused with [store.ErrRetry] and a [*JournalError] until the
	// reader ends; deletions and the loops may use a sixteenth more. The defaults are 64 MiB and
	// 1 GiB, or WarnJournal if that is more.
	WarnJournal int64
	MaxJournal  int64

	// Logger is told what needs a person: a journal that cannot be emptied, and a full disk. See
	// [Stores.Usage]. Nil means no log. The log never has what people wrote.
	Logger *slog.Logger

	// Wait is the time for which a commit waits while another process writes, at least a
	// millisecond. The default is 10 s.
	Wait time.Duration

	// Group is the greatest number of commits that are written to the disk together. The
	// default is 128.
	Group int

	// Readers is the greatest number of reads at once. The default is 4.
	Readers int

	// Manual leaves migrations to the host, with [Migrate] or [Migrations]: Open changes no
	// table, and refuses a file without the schema of this version with [ErrForeign].
	Manual bool

	// Trace, if not nil, is called with each statement before its execution. Trace must be
	// safe for concurrent use, and must not keep or change args, which have what people
	// wrote. It is for tests and measurements.
	Trace func(query string, args []any)
}

// MinBytes is the least Config.MaxBytes: 1 MiB.
const MinBytes = 1 << 20

// pageSize is the size of a page of a new file in bytes. The journal has whole pages, and a command
// changes few bytes in each of many: small ones make the journal three times as small as those of
// 4096 bytes. A file of the host keeps its own.
const pageSize = 1024

func (c Config) withDefaults() Config {
	if c.Wait == 0 {
		c.Wait = 10 * time.Second
	}
	if c.Reserve == 0 {
		c.Reserve = 16 << 20
		if c.MaxBytes > 0 {
			c.Reserve = min(c.Reserve, max(c.MaxBytes, 1<<20))
		}
	}
	if c.WarnJournal == 0 {
		c.WarnJournal = 64 << 20
	}
	if c.MaxJournal == 0 {
		c.MaxJournal = max(1<<30, c.WarnJournal)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
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
		"must name a file, not be a name of SQLite's own: memstore is the engine in memory")
	want(c.MaxBytes == 0 || c.MaxBytes >= MinBytes, "max_bytes", strconv.FormatInt(c.MaxBytes, 10), fmt.Sprintf("must be 0 or at least %d", MinBytes))
	want(c.Reserve < 0 || c.Reserve >= 1<<20, "reserve", strconv.FormatInt(c.Reserve, 10), "must be negative, for none, or at least 1 MiB")
	want(c.WarnJournal >= 1<<20, "warn_journal", strconv.FormatInt(c.WarnJournal, 10), "must be at least 1 MiB")
	want(c.MaxJournal >= c.WarnJournal, "max_journal", strconv.FormatInt(c.MaxJournal, 10), "must be at least WarnJournal")
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
