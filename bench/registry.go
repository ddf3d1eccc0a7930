package main

import "slices"

// A benchCase is work that is done by this library and, perhaps, by peers.
type benchCase struct {
	name  string // area/what
	ours  work
	peers []peer

	// prepare sets up what ours needs to be asked n questions, if anything. It is
	// not timed.
	prepare work

	// big, if not 0, says that there is so much in memory that collecting garbage
	// between the turns would take longer than they do: there are ten turns of so
	// many questions then, and garbage is left to them.
	big int

	// check compares the answers of all and returns how many; it is nil where
	// there is nobody to compare with.
	check func() (answers int, err error)
}

// Work asks n questions.
type work func(n int)

type peer struct {
	name    string
	work    work
	prepare work // as in benchCase
}

// A fault is something that a peer is known to have wrong, and the proof.
type fault struct {
	peer  string
	title string
	ask   func() evidence
}

// Evidence is what came of one question.
type evidence struct {
	question   string
	ours, peer string
	wrong      bool // the peer's answer is indeed wrong
}

// areas are all that can be measured; every area has a file of its own. Many is how
// much there is where that must not matter, folder where files are kept.
func areas(many int, folder string) ([]benchCase, []fault) {
	hours, calFaults := hoursCases(many)
	return slices.Concat(hours, slaCases(), ticketCases(), deskCases(many), sqliteCases(many, folder), longCases(many, folder), queueCases(many, folder), paceCases(many, folder)), calFaults
}

// A figure is what is counted, such as what something takes in memory.
type figure struct {
	name  string // area/what
	unit  string // as JSON has it
	value func() float64
	of    string
}

// figures are all that is counted, and not timed.
func figures(many int, folder string) []figure {
	return append(append(hoursFigures(many), figure{
		"desk/open-ticket", inBytes, func() float64 { return openTicketBytes(many) },
		"bytes of memory, with its conversation, messages and events",
	}), paceFigures(many, folder)...)
}

const inBytes = "bytes"
