package main

import (
	"fmt"
	"io"
	"os"

	"github.com/deskcore/helpdesk/examples/internal/show"
)

func main() { os.Exit(run(os.Stdout, os.Stderr)) }

func run(stdout, stderr io.Writer) int {
	p := &page{show.Printer{W: stdout}}
	c, err := play(p.step)
	if err == nil {
		p.customerView(c)
		p.lookUps(c)
		err = p.Err
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "handoff:", err)
		return 1
	}
	return 0
}
