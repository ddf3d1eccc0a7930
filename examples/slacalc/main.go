package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/deskcore/helpdesk/examples/slacalc/internal/calc"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// The exit statuses.
const (
	exitAnswered = 0 // every line
	exitErrors   = 1 // some lines got an error
	exitUnusable = 2 // the input is not JSON Lines, or not there
)

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("slacalc", flag.ContinueOnError)
	flags.SetOutput(stderr)
	zoneinfo := flags.String("zoneinfo", "", "")
	flags.Usage = func() {
		complain(stderr, "usage: slacalc [-zoneinfo path] [file]\n\nAnswers questions about SLA arithmetic, one JSON object a line; `go doc ./examples/slacalc` says which.")
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
	c := calc.New()
	if *zoneinfo != "" {
		if err := c.ZonesFrom(*zoneinfo); err != nil {
			complain(stderr, "slacalc: %v", err)
			return exitUnusable
		}
	}
	if err := answerLines(c, input, stdout); err != nil {
		complain(stderr, "slacalc: %s: %v", name, err)
		return exitUnusable
	}
	if c.Failed() {
		return exitErrors
	}
	return exitAnswered
}

// complain tells a person. If even that does not work, nothing is left to do.
func complain(stderr io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(stderr, format+"\n", args...)
}
