package desk

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/fastjson"
	"github.com/deskcore/helpdesk/sla"
)

const (
	// version is the version of what this library stores. It rises when a stored form gets
	// a member, or a member a value, that the version before does not know.
	version = 1

	// compatible is the least version that may act on what this version writes, unless an
	// envelope says more.
	compatible = 1
)

// An envelope is the part that everything stored in JSON begins with. A version reads what a
// later one wrote as far as it knows the members, keeps the others when it writes the record
// again, and leaves it alone if it may not act on it (T44). See docs/formats.md.
type envelope struct {
	// Version is the latest version that wrote the record.
	Version int `json:"v"`
	// Least is the least version that may act on the record: write it again, carry it out, or
	// decide by it. An earlier one may show it. Zero means Version, and that an earlier one
	// may not even show it.
	Least int `json:"min,omitzero"`

	was []byte // the record as it was read, if a later version wrote it
}

// A stored is a form with an envelope.
type stored interface{ head() *envelope }

func (e *envelope) head() *envelope { return e }

// least returns the least version that may act on the record.
func (e *envelope) least() int {
	if e.Least > 0 {
		return e.Least
	}
	return e.Version
}

// unfit says that what was read cannot be, which the version that wrote it knows better.
func (e *envelope) unfit(r store.Ref) error {
	if e.Version > version {
		return newer(r)
	}
	return damaged(r)
}

func newer(r store.Ref) error { return fmt.Errorf("desk: %v: %w", r, ErrNewer) }

// needs is the least version that may act on what was read; zero means any.
type needs int

// check returns an error if this version may not act on what was read.
func (n *needs) check(r store.Ref) error {
	if *n > version {
		return newer(r)
	}
	return nil
}

// read reads a record, whether or not this version may act on it.
func (n *needs) read(r store.Record, into stored) error {
	e := into.head()
	err := fastjson.Decode(r.Body, into)
	if err != nil { // the cause could repeat what people wrote
		var of envelope
		if isUnknownName(err) || fastjson.Decode(r.Body, &of) == nil && of.Version > version {
			return newer(r.Ref)
		}
		return damaged(r.Ref)
	}
	if e.Version < 1 || e.Least < 0 || e.Least > e.Version {
		return damaged(r.Ref)
	}
	if e.Version > version {
		if e.Least == 0 {
			return newer(r.Ref)
		}
		e.was = r.Body
	}
	*n = max(*n, needs(e.least()))
	return nil
}

// decode reads a record that this version may act on.
func decode(r store.Record, into stored) error {
	var n needs
	if err := n.read(r, into); err != nil {
		return err
	}
	return n.check(r.Ref)
}

// entryOf is the record that stands for an entry of a log of r.
func entryOf(r store.Ref, e store.Entry) store.Record { return store.Record{Ref: r, Body: e.Body} }

// isUnknownName reports whether a form cannot be read because it has the name of something that
// this version does not know, such as a level or a kind of event.
func isUnknownName(err error) bool {
	if e, ok := errors.AsType[*sla.EventError](err); ok && check.IsName(e.Value) {
		return true
	}
	e, ok := errors.AsType[*helpdesk.FieldError](err)
	return ok && check.IsName(e.Value)
}

// scratch holds buffers of [encode], so that what it returns is made once and of its size.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// maxScratch is the size from which on a buffer is not used again.
const maxScratch = 64 << 10

// encode writes a form, with what a later version wrote into it and this one does not know.
func encode(v stored) ([]byte, error) {
	e := v.head()
	if e.least() > version {
		return nil, fmt.Errorf("desk: %w", ErrNewer)
	}
	e.Least = max(e.least(), compatible)
	if e.Version = max(e.Version, version); e.Version == 1 {
		e.Least = 0 // no version is earlier
	}
	buf := scratch.Get().(*[]byte) //nolint:forcetypeassert // nothing else is put there
	b, err := fastjson.Append((*buf)[:0], v)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	out := bytes.Clone(b)
	if cap(b) <= maxScratch {
		*buf = b
		scratch.Put(buf)
	}
	if e.was != nil {
		return keepUnknown(v, out)
	}
	return out, nil
}

// keepUnknown puts into the new text of a form what was unknown in the old one.
func keepUnknown(v stored, now []byte) ([]byte, error) {
	was := v.head().was
	same := reflect.New(reflect.TypeOf(v).Elem()).Interface()
	if err := fastjson.Decode(was, same); err != nil {
		return nil, fmt.Errorf("desk: %w", ErrNewer)
	}
	known, err := fastjson.Append(nil, same)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", ErrNewer)
	}
	out, err := fastjson.Keep(was, known, now)
	if err != nil { // where it belongs is for the version that wrote it to say
		return nil, fmt.Errorf("desk: %w", ErrNewer)
	}
	return out, nil
}
