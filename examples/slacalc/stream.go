package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/deskcore/helpdesk/examples/slacalc/internal/calc"
	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
)

// bufferSize is what is read and written at once, in bytes.
const bufferSize = 128 << 10

// answerLines answers all lines of an input.
func answerLines(c *calc.Calculator, input io.Reader, output io.Writer) error {
	out := bufio.NewWriterSize(output, bufferSize)
	lines := wire.NewLineReader(bufio.NewReaderSize(flusher{input, out}, bufferSize))
	for {
		line, err := lines.Next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return errors.Join(err, out.Flush())
		}
		if len(line) == 0 {
			continue
		}
		answer, err := c.Answer(line)
		if err != nil {
			return errors.Join(fmt.Errorf("line %d is not JSON: %w", lines.Number(), err), out.Flush())
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
