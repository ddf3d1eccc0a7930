// Package show prints what the example programs have to show.
package show

import (
	"fmt"
	"io"
	"strings"
)

// A Printer prints to W and keeps the first error, after which it prints nothing
// more. The zero Printer is not usable: it has no W.
type Printer struct {
	W   io.Writer
	Err error
}

// Printf prints as [fmt.Fprintf] does.
func (p *Printer) Printf(format string, args ...any) {
	if p.Err == nil {
		_, p.Err = fmt.Fprintf(p.W, format, args...)
	}
}

// Wrap breaks a text into lines of at most width bytes, where it has words. A word
// that is longer has a line of its own, and line breaks in the text stay.
func Wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.Lines(text) {
		line := ""
		for word := range strings.FieldsSeq(paragraph) {
			if line != "" && len(line)+1+len(word) > width {
				lines = append(lines, line)
				line = ""
			}
			line = strings.TrimLeft(line+" "+word, " ")
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// Words writes a name of the library as people do: first_reply as first reply.
func Words(name string) string { return strings.ReplaceAll(name, "_", " ") }
