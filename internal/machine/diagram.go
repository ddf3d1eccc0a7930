package machine

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// A Style is how a domain speaks of its table in diagrams.
type Style[S ~string] struct {
	State   string                // what a state is called
	None    string                // the empty state
	Final   S                     // the state after the end: it is drawn as the end
	Effects string                // the heading of what has to be done
	Or      func([]string) string // joins alternatives
	Class   func(S) string        // what a state amounts to; one that is "" is not drawn
}

// An arrow is what leads from one state to another: rows that are alike but for
// their event and guard.
type arrow[S, A, F ~string] struct {
	from, to S
	events   []string // each with its [guard]
	by       []A
	effects  []F
}

// arrows yields what changes the state, in the order of the rows.
func (t *Table[S, E, G, A, F]) arrows() iter.Seq[arrow[S, A, F]] {
	return func(yield func(arrow[S, A, F]) bool) {
		done := make([]bool, len(t.rows))
		for i := range t.rows {
			r := &t.rows[i]
			if r.State == r.Next || done[i] {
				continue
			}
			a := arrow[S, A, F]{from: r.State, to: r.Next, by: r.By, effects: r.Effects}
			for j := i; j < len(t.rows); j++ {
				if o := &t.rows[j]; o.State == r.State && o.Next == r.Next && t.alike(r, o) {
					a.events = append(a.events, caption(o.Event, o.Guard))
					done[j] = true
				}
			}
			if !yield(a) {
				return
			}
		}
	}
}

// alike reports whether the same actors may, and the same follows.
func (t *Table[S, E, G, A, F]) alike(r, o *Row[S, E, G, A, F]) bool {
	return t.bits(o.By) == t.bits(r.By) && slices.Equal(o.Effects, r.Effects)
}

func caption[E, G ~string](e E, g G) string {
	if g == "" {
		return string(e)
	}
	return string(e) + " [" + string(g) + "]"
}

// Mermaid returns a state diagram in the language of Mermaid: every row that
// changes the state, with its event, [guard], who may, and after a slash the
// effects. The text is the same for the same table.
func (t *Table[S, E, G, A, F]) Mermaid(style Style[S]) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range t.states {
		if c := style.Class(s); c != "" {
			fmt.Fprintf(&b, "    %s: %s (%s)\n", s, s, c)
		}
	}
	node := func(s S) string {
		if s == "" || s == style.Final {
			return "[*]"
		}
		return string(s)
	}
	for a := range t.arrows() {
		fmt.Fprintf(&b, "    %s --> %s: %s by %s", node(a.from), node(a.to), style.Or(a.events), style.Or(words(a.by)))
		if len(a.effects) > 0 {
			fmt.Fprintf(&b, " / %s", list(a.effects))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// DOT returns the same diagram, without the effects, in the language of Graphviz.
func (t *Table[S, E, G, A, F]) DOT(style Style[S]) string {
	var b strings.Builder
	b.WriteString("digraph {\n    \"[start]\" [shape=point]\n    \"[end]\" [shape=doublecircle, label=\"\"]\n")
	for _, s := range t.states {
		if c := style.Class(s); c != "" {
			fmt.Fprintf(&b, "    %q [shape=box, label=\"%s\\n(%s)\"]\n", string(s), s, c)
		}
	}
	node := func(s S) string {
		switch s {
		case "":
			return "[start]"
		case style.Final:
			return "[end]"
		default:
			return string(s)
		}
	}
	for a := range t.arrows() {
		fmt.Fprintf(&b, "    %q -> %q [label=\"%s\\nby %s\"]\n", node(a.from), node(a.to), style.Or(a.events), style.Or(words(a.by)))
	}
	b.WriteString("}\n")
	return b.String()
}

// Markdown returns the rows as a table in Markdown. Rows that leave the state as
// it is, and are alike otherwise, share a line. The text is the same for the same
// table.
func (t *Table[S, E, G, A, F]) Markdown(style Style[S]) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | event | guard | by | next | %s |\n| --- | --- | --- | --- | --- | --- |\n", style.State, style.Effects)
	label := func(s S) string {
		if s == "" {
			return style.None
		}
		return string(s)
	}
	done := make([]bool, len(t.rows))
	for i := range t.rows {
		if done[i] {
			continue
		}
		r := &t.rows[i]
		states, next := []string{label(r.State)}, label(r.Next)
		if r.State == r.Next {
			next = "same"
			for j := i + 1; j < len(t.rows); j++ {
				if o := &t.rows[j]; o.State == o.Next && o.Event == r.Event && o.Guard == r.Guard && t.alike(r, o) {
					states = append(states, label(o.State))
					done[j] = true
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", list(states), r.Event, r.Guard, list(r.By), next, list(r.Effects))
	}
	return b.String()
}

// Guards returns the guards of the rows, in the order of their first use.
func (t *Table[S, E, G, A, F]) Guards() []G {
	var out []G
	for i := range t.rows {
		if g := t.rows[i].Guard; g != "" && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}

// Effects returns the effects of the rows, in the order of their first use.
func (t *Table[S, E, G, A, F]) Effects() []F {
	var out []F
	for i := range t.rows {
		for _, f := range t.rows[i].Effects {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// Legend returns a table in Markdown of the words and what they mean.
func Legend[T ~string](what, meaning string, of []T, texts map[T]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %s |\n| --- | --- |\n", what, meaning)
	for _, w := range of {
		fmt.Fprintf(&b, "| %s | %s |\n", w, texts[w])
	}
	return b.String()
}

func list[T ~string](of []T) string { return strings.Join(words(of), ", ") }

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}
