package modelcheck

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
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
	State   string // its name, see [States]
	A, B    string // the commands, by the names of their actions
	Verdict Verdict
	Shared  []string // the fields that both change, sorted; empty if one depends on what the other changes
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

// Concurrency tries every pair of commands in every one of [States], in both
// orders, and returns those that touch the same field: that both change one, or
// one depends on what the other changes. Every other pair commutes. Commands of members of the team are there
// twice: as they are, and as decided on what had been seen (see
// [inbox.Conversation.CheckSeen]). The error is a [*ViolationError] if an invariant breaks in some
// order.
func Concurrency() ([]Pair, error) {
	c := Config{
		Channel: helpdesk.ChannelLiveChat, Lifecycle: ticket.Standard(), Retention: ThirtyDays, MaxTickets: 9, MaxStates: 1,
		Policy: inbox.Config{
			AddOn: true, NoAction: inbox.Duration(time.Hour), NotClosed: inbox.Duration(48 * time.Hour), QueueWait: inbox.Duration(10 * time.Minute),
		},
	}
	p, err := inbox.NewPolicy(c.Policy)
	if err != nil {
		return nil, err
	}
	m := &model{c: c, policy: p, all: Invariants(c)}
	var out []Pair
	for _, s := range States() {
		w, err := m.walk(s.Path)
		if err != nil {
			return nil, err
		}
		pairs, err := m.pairs(s.Name, w)
		if err != nil {
			return nil, err
		}
		out = append(out, pairs...)
	}
	return out, nil
}

// walk carries out the named actions from the start.
func (m *model) walk(path []string) (World, error) {
	w, err := m.start()
	for _, name := range path {
		if err != nil {
			return w, err
		}
		next, found := w, false
		for s := range m.steps(w) {
			if s.action == name && s.err == nil {
				next, found = *s.next, true
				break
			}
		}
		if !found {
			return w, &ViolationError{Invariant: "the path is open", Reason: name + " is refused"}
		}
		w = next
	}
	return w, err
}

// pairs tries the pairs of commands in w.
func (m *model) pairs(state string, w World) ([]Pair, error) {
	var commands []Action
	var touched [][]string
	for _, a := range m.commands(w) {
		then := at(w, 1)
		k, events, err := a.Do(&then)
		if err != nil || len(events) == 0 && reflect.DeepEqual(essence(w.Case), essence(k)) {
			continue
		}
		commands = append(commands, a)
		touched = append(touched, differences(w.Case, k))
	}
	var out []Pair
	for i, a := range commands {
		for j := i; j < len(commands); j++ {
			shared := slices.DeleteFunc(slices.Clone(touched[i]), func(f string) bool { return !slices.Contains(touched[j], f) })
			v, err := m.verdict(w, a, commands[j])
			if err != nil {
				return nil, err
			}
			if len(shared) == 0 && v == Commutes {
				continue
			}
			out = append(out, Pair{State: state, A: a.Name, B: commands[j].Name, Verdict: v, Shared: shared})
		}
	}
	return out, nil
}

// SeenAll ends the name of a command of a member of the team that is decided on
// what had been seen; see [inbox.Conversation.CheckSeen].
const SeenAll = ", having seen all"

// commands are the actions of w that are commands, and the team's a second time.
func (m *model) commands(w World) []Action {
	var out []Action
	for _, a := range m.actions(&w) {
		if a.Kind == ActionSweep || strings.HasPrefix(a.Name, "time:") || strings.HasPrefix(a.Name, "tenant:") || strings.HasSuffix(a.Name, cancelled) {
			continue
		}
		out = append(out, a)
		switch a.Kind {
		case ActionReply, ActionAsk, ActionResolve, ActionArchive:
			n := uint64(w.Case.Conversation.Len())
			careful := a
			careful.Name += SeenAll
			careful.Do = func(w *World) (inbox.Case, []inbox.Event, error) {
				unseen := w.Case.Conversation.CheckSeen(n, inbox.EventKind(a.Kind))
				k, events, err := a.Do(w)
				if unseen != nil && (err == nil && len(events) > 0 || errors.Is(err, helpdesk.ErrInvalid)) {
					return w.Case, nil, unseen
				}
				return k, events, err
			}
			out = append(out, careful)
		default:
		}
	}
	return out
}

// at returns w so much later, where names are others.
func at(w World, n int) World {
	w.n += n * 1000
	w.agent = strconv.Itoa(n) // another member of the team
	w.Now = w.Now.Add(time.Duration(n) * time.Second)
	w.Case.Conversation = w.Case.Conversation.Under(w.Policy)
	return w
}

func (m *model) verdict(w World, a, b Action) (Verdict, error) {
	ab, err := m.order(w, a, b, 1, 2)
	if err != nil {
		return "", err
	}
	ba, err := m.order(w, b, a, 2, 1)
	switch {
	case err != nil:
		return "", err
	case !ab.refused && !ba.refused && reflect.DeepEqual(ab.essence, ba.essence):
		return Commutes, nil
	case !ab.moved && !ba.moved:
		return FirstWins, nil
	default:
		return Conflict, nil
	}
}

// An outcome is what comes of two commands, one after the other.
type outcome struct {
	essence map[string]string
	refused bool // the second was
	moved   bool // the second changed something
}

// order carries out two commands, each under its own names.
func (m *model) order(w World, first, second Action, n1, n2 int) (outcome, error) {
	before := at(w, n1)
	before.Now = w.Now.Add(time.Second)
	k, events, err := first.Do(&before)
	if err != nil {
		return outcome{}, err
	}
	middle := before
	middle.observe(k, events)
	if err := m.breaks(&before, first, &middle, events); err != nil {
		return outcome{}, err
	}
	middle.n, middle.agent = w.n+n2*1000, strconv.Itoa(n2)
	middle.Now = w.Now.Add(2 * time.Second)
	then, events, err := second.Do(&middle)
	if err != nil {
		return outcome{essence: essence(k), refused: true}, nil //nolint:nilerr // a refusal is an answer here
	}
	after := middle
	after.observe(then, events)
	if err := m.breaks(&middle, second, &after, events); err != nil {
		return outcome{}, err
	}
	out := outcome{essence: essence(then)}
	out.moved = !reflect.DeepEqual(out.essence, essence(k))
	return out, nil
}

// essence is what a case amounts to, by field: without instants, positions, and
// names that are made up on the way.
func essence(k inbox.Case) map[string]string {
	c := k.Conversation
	out := map[string]string{}
	list := func(field string, items []string) {
		slices.Sort(items)
		out[field] = strings.Join(items, " ")
	}
	s := c.Snapshot()
	out["state"] = fmt.Sprintf("%s %s", s.State, s.Archived)
	out["epoch"] = strconv.FormatUint(s.Epoch, 10)
	out["turn"] = fmt.Sprintf("%d %d", s.Turn, s.Answered)
	var messages, offers, timers, marks []string
	for _, m := range s.Messages {
		switch {
		case m.Reply != nil:
			messages = append(messages, m.Reply.ID)
		default:
			name, _, _ := strings.Cut(m.Note.ID, "#")
			messages = append(messages, name+string(m.Note.Failure))
		}
	}
	for _, o := range s.Offers {
		offers = append(offers, o.ID+string(o.Status))
	}
	for _, e := range s.Escalations {
		timers = append(timers, fmt.Sprint(e.Kind, e.IsPending()))
	}
	for _, r := range s.Marks {
		marks = append(marks, r.Agent)
	}
	list("messages", messages)
	list("offers", offers)
	list("escalations", timers)
	out["notifications"] = strconv.FormatBool(unread(&c)) // whoever is told
	list("read marks", marks)
	var tickets []string
	for _, t := range k.Tickets {
		r, _ := t.Resolution()
		tickets = append(tickets, fmt.Sprint(t.ID(), t.Status(), t.Assignee(), t.Episode(), t.IsHeld(), r.Action))
	}
	list("tickets", tickets)
	return out
}

// differences are the fields in which two cases differ, sorted.
func differences(a, b inbox.Case) []string {
	x, y := essence(a), essence(b)
	var out []string
	for field, v := range x {
		if y[field] != v {
			out = append(out, field)
		}
	}
	slices.Sort(out)
	return out
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
