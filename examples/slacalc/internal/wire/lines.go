package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// MaxKept is how much room, in bytes, a long line or answer may leave behind
// for the next.
const MaxKept = 1 << 20

// A LineReader reads lines of any length. The zero LineReader is not usable;
// see [NewLineReader].
type LineReader struct {
	in     *bufio.Reader
	number int    // of the last line, from 1
	long   []byte // a line that the buffer did not hold
}

// NewLineReader returns a reader of the lines of in.
func NewLineReader(in *bufio.Reader) *LineReader { return &LineReader{in: in} }

// Number returns the number of the last line, counting from 1.
func (r *LineReader) Number() int { return r.number }

var (
	byteOrderMark = []byte("\ufeff")
	errNotUTF8    = errors.New("it is not UTF-8")
)

// Next returns the next line without white space around it. The line is valid
// until the next call. The error is io.EOF after the last line, that of the
// input, or a line that is not UTF-8.
func (r *LineReader) Next() ([]byte, error) {
	if r.long = r.long[:0]; cap(r.long) > MaxKept {
		r.long = nil
	}
	line, err := r.in.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		r.long = append(r.long, line...)
		line, err = r.in.ReadSlice('\n')
	}
	if len(r.long) > 0 {
		r.long = append(r.long, line...)
		line = r.long
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return nil, err
	}
	if r.number++; r.number == 1 {
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	line = bytes.Trim(line, " \t\r\n")
	if !utf8.Valid(line) {
		return nil, fmt.Errorf("line %d is not JSON: %w", r.number, errNotUTF8)
	}
	return line, nil
}
