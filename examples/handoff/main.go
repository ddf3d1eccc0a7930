package main

import (
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Stdout, os.Stderr)) }

func run(stdout, stderr io.Writer) int {
	p := &page{w: stdout}
	c, err := play(p.step)
	if err == nil {
		p.customerView(c)
		p.lookUps(c)
		err = p.err
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "handoff:", err)
		return 1
	}
	return 0
}
