package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// Usage is how much room a helpdesk takes on the disk, in bytes. It is plain data.
type Usage struct {
	File int64 `json:"file,omitzero"`
	// Journal is the size of the file with -wal behind the name. A reader that keeps a
	// transaction open lets the journal grow until the end of the transaction.
	Journal int64 `json:"journal,omitzero"`
	// Reserve is the size of the file with -reserve behind the name.
	Reserve int64 `json:"reserve,omitzero"`

	// Held reports that the journal is larger than Config.WarnJournal, and could not be emptied
	// because somebody reads.
	Held bool `json:"held,omitzero"`
	// Full reports that the disk is full, and that the reserve is in use.
	Full bool `json:"full,omitzero"`
}

// Usage returns how much room the helpdesk takes. It looks at the sizes of the files, and may be
// called often. The sizes of files that are not there are 0.
func (s *Stores) Usage() Usage {
	w := s.writer
	return Usage{
		File: sizeOf(w.path), Journal: sizeOf(w.journal.path), Reserve: sizeOf(w.reserve.path),
		Held: w.journal.held.Load(), Full: w.reserve.spent.Load(),
	}
}

// sizeOf returns the size of a file, and 0 for none.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// A JournalError means that a commit was refused, because the journal is too large and cannot be
// emptied: somebody keeps a transaction open. It comes with [store.ErrRetry].
type JournalError struct {
	Bytes int64 // the size of the journal
	Limit int64 // the size from which commits are refused
}

func (e *JournalError) Error() string {
	return fmt.Sprintf("sqlite: the journal has %d bytes, and commits end at %d: a reader keeps it from being emptied", e.Bytes, e.Limit)
}

const (
	// usual is how many bytes the journal has when it is written back into the file. Pages that
	// many commits changed are written back once.
	usual = 16 << 20
	// readersWait is how many milliseconds the writer waits for readers, once the journal has
	// become larger than usual: longer than a read takes, and shorter than a commit may.
	readersWait = 50
	// rest is the pause between two attempts to empty a journal that has reached its limit.
	rest = 500 * time.Millisecond
)

// A journal is what the writer knows of the file with -wal behind the name. SQLite empties it by
// itself if nobody reads what is in it. If it grows beyond that, the writer waits for the readers, and
// tries again when it has grown by another eighth: an attempt can take as long as the journal is.
type journal struct {
	path             string
	usual, warn, max int64
	size, next       int64
	rest             <-chan time.Time // there is no attempt before, once it is over max
	said             bool             // that commits are refused
	held             atomic.Bool
}

func (j *journal) open(c Config, path string) {
	j.path, j.warn, j.max = path+"-wal", c.WarnJournal, c.MaxJournal
	j.usual = min(usual, j.warn/2)
	j.next = j.usual + j.usual/2
}

// limit is the size from which something is refused.
func (j *journal) limit(spare bool) int64 {
	if spare {
		return j.max + j.max/16
	}
	return j.max
}

// refuses returns why something is not written, or nil.
func (j *journal) refuses(spare bool) error {
	if j.size <= j.limit(spare) {
		return nil
	}
	return &store.Error{Kind: store.ErrRetry, Path: "journal", Err: &JournalError{j.size, j.limit(spare)}}
}

// tend keeps the journal small. It is called when no transaction is open.
func (w *writer) tend() {
	j := &w.journal
	if j.size = sizeOf(j.path); j.size <= j.next {
		return
	}
	if j.size > j.max && j.said && !over(j.rest) {
		return
	}
	before := j.size
	wait := readersWait
	if before > j.max {
		wait = 0
	}
	err := w.checkpoint("TRUNCATE", wait)
	if j.size = sizeOf(j.path); j.size < before { // whoever emptied it
		j.next = j.usual + j.usual/2
		if j.held.Swap(false) {
			w.say(slog.LevelInfo, "the journal of the file was emptied", before, nil)
		}
		j.said = false
		return
	}
	j.next = min(before+before/8, j.max)
	j.rest = time.After(rest)
	if before > j.warn && !j.held.Swap(true) {
		w.say(slog.LevelWarn, "the journal of the file grows: a reader keeps it from being emptied", before, err)
	}
	if before > j.max {
		if !j.said {
			w.say(slog.LevelError, "commits are refused: the journal of the file has reached its limit", before, err)
		}
		j.said = true
	}
}

// over reports whether a pause is over.
func over(pause <-chan time.Time) bool {
	select {
	case <-pause:
		return true
	default:
		return false
	}
}

// checkpoint writes the journal back into the file, and waits for others for so many milliseconds.
func (w *writer) checkpoint(mode string, wait int) error {
	var busy, all, done int64
	_, err := w.row("PRAGMA busy_timeout = "+strconv.Itoa(wait), nil, new(int64))
	if err == nil {
		_, err = w.row("PRAGMA wal_checkpoint("+mode+")", nil, &busy, &all, &done)
	}
	_, again := w.row("PRAGMA busy_timeout = "+strconv.FormatInt(w.wait.Milliseconds(), 10), nil, new(int64))
	if err == nil {
		err = again
	}
	return err
}

// say writes a line into the log of the host. Of an error it has the code of SQLite and the word of
// the system, and not its text: a driver may quote what is stored.
func (w *writer) say(level slog.Level, text string, bytes int64, err error) {
	attrs := []slog.Attr{slog.String("file", w.path), slog.Int64("bytes", bytes)}
	number, ofSystem := errors.AsType[syscall.Errno](err)
	switch {
	case ofSystem:
		attrs = append(attrs, slog.String("system", number.Error()))
	case code(err) != 0:
		attrs = append(attrs, slog.Int("sqlite", code(err)))
	case err != nil:
		attrs = append(attrs, slog.String("type", fmt.Sprintf("%T", err)))
	}
	w.log.LogAttrs(context.Background(), level, text, attrs...)
}
