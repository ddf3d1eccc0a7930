package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/examples/internal/zones"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// The exit statuses.
const (
	exitDone     = 0 // every command was carried out; with -verify: as recorded
	exitErrors   = 1 // some commands got an error; with -verify: something differs
	exitUnusable = 2 // the input is not JSON Lines, or not there
)

// maxLine is the length of the longest line, in bytes.
const maxLine = 16 << 20

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	record := flags.String("record", "", "write a scenario to this `file`: the commands, each followed by what it led to")
	db := flags.String("db", "", "keep everything in this new SQLite `file`, and not in memory; restart closes and opens it")
	zoneinfo := flags.String("zoneinfo", "", "take zones from this zoneinfo `directory` or zip file, and from nowhere else")
	verify := flags.Bool("verify", false, "compare what happens with what the scenario says, and write nothing but the first difference")
	flags.Usage = func() {
		complain(stderr, "usage: simulate [-db file] [-zoneinfo path] [-record file] [-verify] [file]\n\n"+
			"Plays commands to a helpdesk on a clock of its own, one JSON object a line; docs/simulate.md says which.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitDone
		}
		return exitUnusable
	}
	var input []byte
	var err error
	name := "standard input"
	switch flags.NArg() {
	case 0:
	case 1:
		name = flags.Arg(0)
	default:
		flags.Usage()
		return exitUnusable
	}
	fail := func(err error) int {
		complain(stderr, "simulate: %s: %v", name, err)
		return exitUnusable
	}
	if flags.NArg() == 1 {
		input, err = os.ReadFile(name)
		stdin = bytes.NewReader(input)
	}
	if err != nil {
		return fail(err)
	}
	kept, err := newStorage(*db)
	if err != nil {
		complain(stderr, "simulate: %v", err)
		return exitUnusable
	}
	defer kept.close() //nolint:errcheck // what was committed is there
	p := player{stores: kept.open, resolver: holidays.Resolver(), verify: *verify}
	if *zoneinfo != "" {
		if p.resolver.Zone, err = zones.From(*zoneinfo); err != nil {
			complain(stderr, "simulate: %v", err)
			return exitUnusable
		}
	}
	switch {
	case *verify:
		var played bytes.Buffer
		if input, err = io.ReadAll(stdin); err != nil {
			return fail(err)
		}
		p.scenario, p.recorded = &played, dataLines(input)
		err := p.play(bytes.NewReader(input), io.Discard)
		if other, ok := errors.AsType[*otherDataError](err); ok {
			complain(stdout, "%v", other)
			return exitErrors
		}
		if err != nil {
			return fail(err)
		}
		if where, ok := difference(input, played.Bytes()); !ok {
			complain(stdout, "%s", where)
			return exitErrors
		}
		return exitDone
	case *record != "":
		var played bytes.Buffer
		p.scenario = &played
		if err := p.play(stdin, stdout); err != nil {
			return fail(err)
		}
		if err := os.WriteFile(*record, played.Bytes(), 0o644); err != nil {
			return fail(err)
		}
	default:
		if err := p.play(stdin, stdout); err != nil {
			return fail(err)
		}
	}
	if p.failed {
		return exitErrors
	}
	return exitDone
}

// complain tells a person. If even that does not work, nothing is left to do.
func complain(stderr io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(stderr, format+"\n", args...)
}

// difference returns the first line at which two texts differ, and true if there
// is none.
func difference(want, got []byte) (string, bool) {
	w, g := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range max(len(w), len(g)) {
		var a, b []byte
		if i < len(w) {
			a = bytes.TrimRight(w[i], "\r")
		}
		if i < len(g) {
			b = g[i]
		}
		if !bytes.Equal(a, b) {
			return fmt.Sprintf("line %d differs\nwant: %s\ngot:  %s", i+1, a, b), false
		}
	}
	return "", true
}

// A player plays the commands of an input.
type player struct {
	stores   func() (store.Stores, error) // opens what is stored, and after a restart opens it again
	scenario io.Writer                    // if not nil: the commands, each followed by what it led to
	failed   bool

	resolver *hours.Resolver
	verify   bool
	recorded []zones.Data // with -verify: the data that the scenario was recorded with, from here on
	written  []byte       // the data that were written last
}

// play reads commands to the end of the input, and writes what happens.
func (p *player) play(input io.Reader, output io.Writer) error {
	out := bufio.NewWriter(output)
	sim, err := newSimulation(p.stores, p.resolver)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(input)
	lines.Buffer(nil, maxLine)
	n := 1
	for ; lines.Scan(); n++ {
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			p.copy(nil)
			continue
		}
		c, err := parseLine(line)
		if err != nil {
			return errors.Join(fmt.Errorf("line %d is not JSON: %w", n, err), out.Flush())
		}
		if c.skip { // what a recorded command led to
			continue
		}
		p.copy(line)
		if c.note {
			continue
		}
		happened, ok := sim.command(c)
		p.failed = p.failed || !ok
		if err := p.data(sim); err != nil {
			return errors.Join(err, out.Flush())
		}
		for _, l := range happened {
			if _, err := fmt.Fprintf(out, "%s\n", l); err != nil {
				return err
			}
			p.copy([]byte(l))
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	err = lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("line %d is longer than %d bytes", n, maxLine)
	}
	return errors.Join(err, out.Flush())
}

// copy writes a line of the scenario. It goes to memory, which takes it.
func (p *player) copy(line []byte) {
	if p.scenario != nil {
		_, _ = fmt.Fprintf(p.scenario, "%s\n", line)
	}
}
