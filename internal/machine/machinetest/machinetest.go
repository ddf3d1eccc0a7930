// Package machinetest writes down everything that a lifecycle answers, for golden
// files.
package machinetest

import (
	"fmt"
	"slices"
	"strings"
)

// Questions are the words of which every combination is asked. An empty word is
// written as "-".
type Questions[S, E, G, A ~string] struct {
	Events []E
	States []S
	Actors []A
	Guards []G
}

// Record asks for every combination of the words and returns the answers as text,
// a paragraph for each event: an answer, and under it in which states, by which
// actors and under which guards it is given. The text is the same for the same
// answers.
func (q Questions[S, E, G, A]) Record(ask func(S, E, G, A) string) string {
	var b strings.Builder
	for _, e := range q.Events {
		fmt.Fprintf(&b, "%s\n", word(e))
		var answers []string
		asked := map[string][]place[S]{} // of each answer
		for _, s := range q.States {
			for answer, when := range q.inState(s, e, ask, &answers) {
				asked[answer] = add(asked[answer], s, strings.Join(when, "; "))
			}
		}
		for _, answer := range answers {
			fmt.Fprintf(&b, "    %s\n", answer)
			for _, p := range asked[answer] {
				fmt.Fprintf(&b, "        %s: %s\n", words(p.states), p.when)
			}
		}
	}
	return b.String()
}

// A place is the states in which an answer is given on the same occasions.
type place[S ~string] struct {
	states []S
	when   string
}

func add[S ~string](places []place[S], s S, when string) []place[S] {
	for i := range places {
		if places[i].when == when {
			places[i].states = append(places[i].states, s)
			return places
		}
	}
	return append(places, place[S]{[]S{s}, when})
}

// inState returns by whom and under which guards each answer is given in one
// state, and adds answers that are new to the list.
func (q Questions[S, E, G, A]) inState(s S, e E, ask func(S, E, G, A) string, answers *[]string) map[string][]string {
	type group struct {
		actors []A
		guards []G
	}
	groups := map[string][]*group{}
	for _, a := range q.Actors {
		mine := map[string][]G{}
		for _, g := range q.Guards {
			answer := ask(s, e, g, a)
			mine[answer] = append(mine[answer], g)
			if !slices.Contains(*answers, answer) {
				*answers = append(*answers, answer)
			}
		}
		for answer, guards := range mine {
			i := slices.IndexFunc(groups[answer], func(x *group) bool { return slices.Equal(x.guards, guards) })
			if i < 0 {
				groups[answer] = append(groups[answer], &group{guards: guards})
				i = len(groups[answer]) - 1
			}
			groups[answer][i].actors = append(groups[answer][i].actors, a)
		}
	}
	out := map[string][]string{}
	for answer, list := range groups {
		for _, x := range list {
			under := words(x.guards)
			switch {
			case len(q.Guards) == 1:
				under = ""
			case len(x.guards) == len(q.Guards):
				under = " (any guard)"
			case len(x.guards) > len(q.Guards)/2:
				rest := slices.DeleteFunc(slices.Clone(q.Guards), func(g G) bool { return slices.Contains(x.guards, g) })
				under = " (not " + words(rest) + ")"
			default:
				under = " (" + under + ")"
			}
			out[answer] = append(out[answer], words(x.actors)+under)
		}
	}
	return out
}

func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = word(w)
	}
	return strings.Join(out, ", ")
}

func word[T ~string](w T) string {
	if w == "" {
		return "-"
	}
	return string(w)
}
