package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, onTerminal(os.Stdout))) }

func run(args []string, stdout, stderr io.Writer, colours bool) int {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print one JSON object for each ticket")
	now := time.Date(2026, time.April, 7, 12, 0, 0, 0, time.UTC)
	flags.Func("now", "the `instant` to ask about, instead of "+now.Format(time.RFC3339), func(s string) (err error) {
		now, err = time.Parse(time.RFC3339, s)
		return err
	})
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	standings, err := assessAll(now)
	if err == nil {
		if *asJSON {
			err = printJSON(stdout, standings, now)
		} else {
			err = printPage(stdout, standings, now, colours)
		}
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "report:", err)
		return 1
	}
	return 0
}

// assessAll says how every ticket of the log that was opened by now stands, policy
// by policy.
func assessAll(now time.Time) ([]standing, error) {
	book, err := openBook()
	if err != nil {
		return nil, err
	}
	tickets, err := readTickets(ticketLog)
	if err != nil {
		return nil, err
	}
	var standings []standing
	for _, t := range tickets {
		if t.Events[0].At.After(now) {
			continue
		}
		s, err := assess(book, t, now)
		if err != nil {
			return nil, err
		}
		standings = append(standings, s)
	}
	slices.SortStableFunc(standings, func(a, b standing) int { return strings.Compare(a.Partner, b.Partner) })
	return standings, nil
}
