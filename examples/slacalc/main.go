package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// The exit statuses.
const (
	exitAnswered = 0 // every line
	exitErrors   = 1 // some lines got an error
	exitUnusable = 2 // the input is not JSON Lines, or not there
)

// Sizes of buffers: what is read and written at once, and how much room a long
// line or answer may leave behind.
const (
	bufferSize = 128 << 10
	maxKept    = 1 << 20
)

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("slacalc", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		complain(stderr, "usage: slacalc [file]\n\nAnswers questions about SLA arithmetic, one JSON object a line; `go doc ./examples/slacalc` says which.")
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitAnswered
		}
		return exitUnusable
	}
	input, name := stdin, "standard input"
	switch flags.NArg() {
	case 0:
	case 1:
		file, err := os.Open(flags.Arg(0))
		if err != nil {
			complain(stderr, "slacalc: %v", err)
			return exitUnusable
		}
		defer func() { _ = file.Close() }() // it was only read
		input, name = file, flags.Arg(0)
	default:
		flags.Usage()
		return exitUnusable
	}
	c := newCalculator()
	if err := c.run(input, stdout); err != nil {
		complain(stderr, "slacalc: %s: %v", name, err)
		return exitUnusable
	}
	if c.failed {
		return exitErrors
	}
	return exitAnswered
}

// complain tells a person. If even that does not work, nothing is left to do.
func complain(stderr io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(stderr, format+"\n", args...)
}

// run answers all lines of an input.
func (c *calculator) run(input io.Reader, output io.Writer) error {
	out := bufio.NewWriterSize(output, bufferSize)
	lines := lineReader{in: bufio.NewReaderSize(flusher{input, out}, bufferSize)}
	for {
		line, err := lines.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return errors.Join(err, out.Flush())
		}
		if len(line) == 0 {
			continue
		}
		answer, err := c.line(line)
		if err != nil {
			return errors.Join(fmt.Errorf("line %d is not JSON: %w", lines.number, err), out.Flush())
		}
		if _, err := out.Write(answer); err != nil {
			return err
		}
	}
}

// A flusher is an input that writes out all answers before it waits for more.
type flusher struct {
	input io.Reader
	out   *bufio.Writer
}

func (f flusher) Read(p []byte) (int, error) {
	if err := f.out.Flush(); err != nil {
		return 0, err
	}
	return f.input.Read(p)
}

// A lineReader reads lines of any length.
type lineReader struct {
	in     *bufio.Reader
	number int    // of the last line, from 1
	long   []byte // a line that the buffer did not hold
}

var (
	byteOrderMark = []byte("\ufeff")
	errNotUTF8    = errors.New("it is not UTF-8")
)

// next returns the next line without white space around it. It is valid until
// the next call.
func (r *lineReader) next() ([]byte, error) {
	if r.long = r.long[:0]; cap(r.long) > maxKept {
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
