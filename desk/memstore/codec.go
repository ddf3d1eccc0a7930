package memstore

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// A SnapshotError reports that Restore cannot read a snapshot, and the reason. It
// matches [helpdesk.ErrDamaged]. It is plain data.
type SnapshotError struct {
	Reason string // a text for people, without stored contents

	// Offset is the number of bytes that were read when the fault was noticed. Where a text
	// was altered, only the sum at the end of the snapshot is wrong.
	Offset int64

	// Ref names the record that was being read, or the last one that was. Ref is zero before
	// the first record.
	Ref store.Ref
}

func (e *SnapshotError) Error() string {
	s := fmt.Sprintf("memstore: not a whole snapshot: %s, at byte %d", e.Reason, e.Offset)
	if e.Ref != (store.Ref{}) {
		s += ", in or behind " + e.Ref.String()
	}
	return s
}

// Unwrap returns [helpdesk.ErrDamaged].
func (e *SnapshotError) Unwrap() error { return helpdesk.ErrDamaged }

// A snapshot is the magic, the version, the contents and their SHA-256. Numbers
// are varints, and texts begin with their length.
const (
	magic   = "\x89deskmem\r\n"
	version = 2
)

// What follows in the contents.
const (
	tagEnd    = 0
	tagTenant = 1
	tagNode   = 2
)

// longest is the greatest length of a text in a snapshot.
const longest = 64 << 20

// An encoder writes until it fails.
type encoder struct {
	w   *bufio.Writer
	sum hash.Hash
	buf []byte
	err error
}

func newEncoder(w io.Writer) *encoder {
	sum := sha256.New()
	return &encoder{w: bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10), sum: sum}
}

func (e *encoder) write(b []byte) {
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}

func (e *encoder) uint(n uint64) {
	e.buf = binary.AppendUvarint(e.buf[:0], n)
	e.write(e.buf)
}

func (e *encoder) int(n int64) {
	e.buf = binary.AppendVarint(e.buf[:0], n)
	e.write(e.buf)
}

func (e *encoder) string(s string) {
	e.uint(uint64(len(s)))
	if e.err == nil {
		_, e.err = e.w.WriteString(s)
	}
}

func (e *encoder) bytes(b []byte) {
	e.uint(uint64(len(b)))
	e.write(b)
}

// finish writes the sum.
func (e *encoder) finish(w io.Writer) error {
	if e.err == nil {
		e.err = e.w.Flush()
	}
	if e.err == nil {
		_, e.err = w.Write(e.sum.Sum(nil))
	}
	return e.err
}

// A body hands out what r has but for the last bytes, which are the sum of the
// rest.
type body struct {
	r    io.Reader
	buf  []byte // read, and not handed out
	gone int64  // handed out
	sum  hash.Hash
	err  error // of r
}

func (b *body) Read(p []byte) (int, error) {
	for len(b.buf) <= sha256.Size {
		if b.err != nil {
			return 0, b.err
		}
		piece := make([]byte, 64<<10)
		var n int
		n, b.err = b.r.Read(piece)
		b.buf = append(b.buf, piece[:n]...)
	}
	n := copy(p, b.buf[:len(b.buf)-sha256.Size])
	_, _ = b.sum.Write(p[:n])
	b.buf, b.gone = b.buf[n:], b.gone+int64(n)
	return n, nil
}

// A decoder reads until it fails, and then returns zeros.
type decoder struct {
	body *body
	r    *bufio.Reader
	ref  store.Ref // of the record that is read
	err  error
}

func newDecoder(r io.Reader) *decoder {
	b := &body{r: r, sum: sha256.New()}
	return &decoder{body: b, r: bufio.NewReaderSize(b, 64<<10)}
}

func (d *decoder) fail(reason string) {
	if d.err == nil {
		d.err = &SnapshotError{Reason: reason, Offset: d.body.gone - int64(d.r.Buffered()), Ref: d.ref}
	}
}

// unknown notes contents that this build does not know, and skips the rest. If the sum of the
// snapshot is right, a newer build wrote them; they would be lost if they were left out.
func (d *decoder) unknown(what string) {
	if d.err != nil {
		return
	}
	switch _, err := io.Copy(io.Discard, d.r); {
	case err != nil:
		d.failed(err)
	case len(d.body.buf) == sha256.Size && bytes.Equal(d.body.buf, d.body.sum.Sum(nil)):
		d.err = &store.Error{Kind: store.ErrNewer, Ref: d.ref, Path: "snapshot: " + what}
	default:
		d.fail("the sum is wrong")
	}
}

// failed notes why reading did not go on: a reader's own error is handed through.
func (d *decoder) failed(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		d.fail("it ends early")
	} else if d.err == nil {
		d.err = fmt.Errorf("memstore: reading a snapshot: %w", err)
	}
}

func (d *decoder) uint() (n uint64) {
	for shift := 0; d.err == nil; shift += 7 {
		c, err := d.r.ReadByte()
		switch {
		case err != nil:
			d.failed(err)
		case shift > 63:
			d.fail("a number is too long")
		case c < 0x80:
			return n | uint64(c)<<shift
		}
		n |= uint64(c&0x7f) << shift
	}
	return 0
}

func (d *decoder) int() int64 {
	n := d.uint()
	return int64(n>>1) ^ -int64(n&1)
}

// raw reads n bytes, and takes little more memory than what is there.
func (d *decoder) raw(n uint64) []byte {
	if d.err != nil || n == 0 {
		return nil
	}
	b := make([]byte, min(n, 64<<10))
	for read := uint64(0); ; {
		if _, err := io.ReadFull(d.r, b[read:]); err != nil {
			d.failed(err)
			return nil
		}
		if read = uint64(len(b)); read == n {
			return slices.Clip(b)
		}
		b = append(b, make([]byte, min(n-read, read))...)
	}
}

func (d *decoder) bytes() []byte {
	n := d.uint()
	if n > longest {
		d.fail("a text is too long")
	}
	return d.raw(n)
}

func (d *decoder) string() string { return string(d.bytes()) }

// finish looks whether the contents end here, and compares the sum.
func (d *decoder) finish() error {
	if d.err != nil {
		return d.err
	}
	if _, err := d.r.ReadByte(); err == nil {
		d.fail("something is behind it")
	} else if !errors.Is(err, io.EOF) {
		d.failed(err)
	} else if !bytes.Equal(d.body.buf, d.body.sum.Sum(nil)) {
		d.fail("the sum is wrong")
	}
	return d.err
}
