package sqlite

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// A reserve is a file with nothing in it, which keeps room on the disk. When the disk is full, a
// deletion has the room: the file is cut to nothing, and what is written goes there. As long as it
// is so, nothing else is written, in this process or in another, unless the file has at least as
// much room within, which deletions made. The reserve is made anew as soon as the disk has room.
type reserve struct {
	path     string
	size     int64         // 0: there is none
	pause    time.Duration // from when it was cut until an attempt to make it anew, so that who cut it comes first
	rest     <-chan time.Time
	allocate func(path string, size int64) error
	failed   atomic.Bool // it cannot be made, though the disk is not full, and that was said
	spent    atomic.Bool
}

func (v *reserve) open(c Config, path string) {
	v.path, v.size = path+"-reserve", max(c.Reserve, 0)
	v.pause, v.allocate = time.Second, allocate
}

// noRoom reports whether an error of the system means that the disk is full.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// keep looks whether the reserve is there, and makes it if there is room.
func (w *writer) keep() {
	v := &w.reserve
	if v.size == 0 || v.failed.Load() {
		return
	}
	info, err := os.Stat(v.path)
	if err == nil && info.Size() >= v.size {
		if v.spent.Swap(false) {
			w.say(slog.LevelInfo, "the disk has room again: the reserve of the file is there", v.size, nil)
		}
		return
	}
	if err == nil && info.Size() == 0 && v.rest == nil { // another process may have cut it just now
		v.rest = time.After(v.pause)
	}
	if v.rest != nil && !over(v.rest) {
		w.spend(nil)
		return
	}
	v.rest = nil
	switch err := v.make(); {
	case err == nil:
		if v.spent.Swap(false) {
			w.say(slog.LevelInfo, "the disk has room again: the reserve of the file is there", v.size, nil)
		}
	case noRoom(err):
		v.rest = time.After(v.pause)
		w.spend(err)
	default: // it goes on without
		v.failed.Store(true)
		v.spent.Store(false)
		w.say(slog.LevelWarn, "the reserve of the file cannot be made: a full disk cannot be freed by deletion", v.size, err)
	}
}

// make makes the reserve, which is there as a whole or not at all: a part of it would be taken
// for one that was cut.
func (v *reserve) make() error {
	part := v.path + "-new"
	err := v.allocate(part, v.size)
	if err == nil {
		err = os.Rename(part, v.path)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) && sizeOf(v.path) >= v.size { // another process was faster
		return nil
	}
	_ = os.Remove(part)
	return err
}

// spend notes that the reserve is not there.
func (w *writer) spend(err error) {
	if !w.reserve.spent.Swap(true) {
		w.say(slog.LevelError, "the disk is full: the reserve of the file is for deletions", sizeOf(w.path), err)
	}
}

// release gives the reserve to who needs it, and reports whether there was one.
func (w *writer) release(r *request) bool {
	v := &w.reserve
	if sizeOf(v.path) == 0 || v.size == 0 || !r.spare && !w.roomy() || w.limit > 0 && !v.isFull() {
		return false
	}
	if err := os.Truncate(v.path, 0); err != nil {
		w.say(slog.LevelError, "the reserve of the file cannot be given up", v.size, err)
		return false
	}
	v.rest = time.After(v.pause)
	w.spend(nil)
	_ = w.checkpoint("RESTART", readersWait) // what cannot be written back now is later
	return true
}

// isFull reports whether the disk is full, and not only the file.
func (v *reserve) isFull() bool {
	err := v.allocate(v.path, v.size+v.size/4)
	_ = os.Truncate(v.path, v.size)
	return noRoom(err)
}

// roomy reports whether the file has as much room within as the reserve.
func (w *writer) roomy() bool {
	var free, size int64
	if _, err := w.row("PRAGMA freelist_count", nil, &free); err != nil {
		return false
	}
	if _, err := w.row("PRAGMA page_size", nil, &size); err != nil {
		return false
	}
	return free*size >= w.reserve.size
}

// refuses returns why something is not written while the disk is full, or nil.
func (w *writer) refuses(r *request) error {
	if err := w.journal.refuses(r.spare); err != nil {
		return err
	}
	if r.spare || !w.reserve.spent.Load() || w.roomy() {
		return nil
	}
	return &store.Error{Kind: store.ErrFull, Path: "reserve", Err: errors.New("sqlite: the disk is full, and the reserve of " + strconv.FormatInt(w.reserve.size, 10) + " bytes is for deletions")}
}

// fillUp makes a file of zeros.
func fillUp(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	piece := make([]byte, 1<<16)
	for at := int64(0); at < size && err == nil; at += int64(len(piece)) {
		_, err = f.Write(piece[:min(size-at, int64(len(piece)))])
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
