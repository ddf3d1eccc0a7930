package pairs

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Verdict says what happens if two commands that were decided on the same state
// are committed one after the other, the second decided anew.
type Verdict string

// The verdicts.
const (
	// Commutes: both are accepted in either order, and what comes out is the
	// same. The second can be decided anew without anybody noticing.
	Commutes Verdict = "commutes"

	// FirstWins: whichever comes second is refused, or changes nothing.
	FirstWins Verdict = "first wins"

	// Conflict: the order decides. Both may be right, and what comes out differs,
	// or only one order works; whoever comes second has to hear of the first.
	Conflict Verdict = "conflict"
)

// A Pair is two commands in a state, and their verdict.
type Pair struct {
	State   string   `json:"state"` // its name, see [States]
	A       string   `json:"a"`     // the commands, by the names of their actions
	B       string   `json:"b"`
	Verdict Verdict  `json:"verdict"`
	Shared  []string `json:"shared,omitempty"` // the fields that both change, sorted; empty if one depends on what the other changes
}

// A State is a named state in which pairs are tried.
type State struct {
	Name string
	Path []string // the actions that lead there
}

// States are the states in which pairs are tried, on the live chat with the
// add-on, with the commands that lead there.
func States() []State {
	offered := []string{string(ActionOffer)}
	queued := append(slices.Clone(offered), string(ActionConfirm))
	working := append(slices.Clone(queued), string(ActionReply))
	waiting := append(slices.Clone(working), string(ActionAsk))
	resolved := append(slices.Clone(working), string(ActionResolve))
	return []State{
		{"the AI answers", nil},
		{"an offer stands", offered},
		{"in the queue, submitted", queued},
		{"in progress", working},
		{"waiting on the customer", waiting},
		{"resolved", resolved},
		{"archived", append(slices.Clone(resolved), string(ActionArchive))},
	}
}

// SeenAll ends the name of a command of a member of the team that is decided on
// what had been seen: with the IfSeen of its stamp.
const SeenAll = ", having seen all"

//go:embed pairs.json
var recorded []byte

// Concurrency returns the pairs of commands that touch the same field, in every one
// of [States]: that both change one, or one depends on what the other changes. Every
// other pair commutes. Commands of members of the team are there twice: as they are,
// and as decided on what had been seen, see [SeenAll].
func Concurrency() ([]Pair, error) {
	var pairs []Pair
	err := json.Unmarshal(recorded, &pairs)
	return pairs, err
}

// Encode returns the pairs in the form in which they are recorded, a line for each.
func Encode(pairs []Pair) ([]byte, error) {
	lines := make([]string, len(pairs))
	for i, p := range pairs {
		line, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		lines[i] = string(line)
	}
	return []byte("[\n" + strings.Join(lines, ",\n") + "\n]\n"), nil
}

// table returns the commands that stand in the pairs of a state, in order, and the
// verdicts about them, both ways round.
func table(pairs []Pair, state string) ([]string, map[[2]string]Verdict) {
	var names []string
	verdicts := map[[2]string]Verdict{}
	for _, p := range pairs {
		if p.State != state {
			continue
		}
		for _, n := range []string{p.A, p.B} {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
		verdicts[[2]string{p.A, p.B}], verdicts[[2]string{p.B, p.A}] = p.Verdict, p.Verdict
	}
	return names, verdicts
}

// Complete returns what [Concurrency] returned with the pairs that it leaves out:
// of the commands that stand in the table of a state, every two once. Those left
// out touch no field in common, and commute.
func Complete(pairs []Pair) []Pair {
	var out []Pair
	for _, s := range States() {
		names, verdicts := table(pairs, s.Name)
		for i, a := range names {
			for _, b := range names[i:] {
				if _, ok := verdicts[[2]string{a, b}]; !ok {
					out = append(out, Pair{State: s.Name, A: a, B: b, Verdict: Commutes})
				}
			}
		}
	}
	return append(out, pairs...)
}

// Markdown returns the pairs as one table for each state, always the same.
func Markdown(pairs []Pair) string {
	var b strings.Builder
	for _, s := range States() {
		names, verdicts := table(pairs, s.Name)
		fmt.Fprintf(&b, "## %s%s\n\n| |", strings.ToUpper(s.Name[:1]), s.Name[1:])
		for i := range names {
			fmt.Fprintf(&b, " %d |", i+1)
		}
		b.WriteString("\n|---|" + strings.Repeat("---|", len(names)) + "\n")
		for i, a := range names {
			fmt.Fprintf(&b, "| %d %s |", i+1, a)
			for j, other := range names {
				sign := ""
				if j <= i {
					sign = verdicts[[2]string{a, other}].sign()
				}
				fmt.Fprintf(&b, " %s |", sign)
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (v Verdict) sign() string {
	switch v {
	case Commutes:
		return "="
	case FirstWins:
		return "1"
	case Conflict:
		return "×"
	default:
		return ""
	}
}
