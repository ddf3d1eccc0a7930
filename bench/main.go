package main

import (
	"errors"
	"flag"
	"io"
	"os"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, full)) }

func run(args []string, stdout, stderr io.Writer, p plan) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print one JSON object a line")
	prefix := flags.String("run", "", "measure only the cases whose names begin with `this`")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	r := report{out: stdout, notes: stdout}
	if *asJSON {
		r.notes = stderr
	}

	folder, err := os.MkdirTemp("", "helpdesk-bench-")
	if err != nil {
		r.printf(stderr, "bench: %v\n", err)
		return 1
	}
	defer os.RemoveAll(folder) //nolint:errcheck // what is left is the system's to clean
	cases, faults := areas(p.many, folder)
	sound := true
	r.title("The same questions, the same answers")
	for _, c := range cases {
		if c.check != nil && strings.HasPrefix(c.name, *prefix) {
			sound = r.checked(c) && sound
		}
	}
	r.title("Where a peer is wrong")
	for _, f := range faults {
		sound = r.fault(f) && sound
	}
	r.title("How long it takes")
	if !*asJSON {
		r.head()
	}
	for _, c := range cases {
		if !strings.HasPrefix(c.name, *prefix) {
			continue
		}
		if m := p.measure(c); *asJSON {
			r.objects(c, m)
		} else {
			r.rows(c, m)
		}
	}
	r.title("How much it takes")
	for _, f := range figures(p.many, folder) {
		if strings.HasPrefix(f.name, *prefix) {
			r.figure(f, *asJSON)
		}
	}
	if !sound || r.err != nil {
		return 1
	}
	return 0
}
