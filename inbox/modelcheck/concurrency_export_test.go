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
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/ticket"
)

// Concurrency tries every pair of commands in every one of [pairs.States], in both
// orders, and returns those that touch the same field, as [pairs.Concurrency] has
// them. The error is a [*ViolationError] if an invariant breaks in some order.
func Concurrency() ([]pairs.Pair, error) {
	c := Config{
		Channel: helpdesk.ChannelLiveChat, Lifecycle: ticket.Standard(), Retention: ThirtyDays, Period: 30 * 24 * time.Hour, MaxTickets: 9, MaxStates: 1, learns: true,
		Policy: inbox.Config{
			AddOn: true, NoAction: inbox.Duration(time.Hour), NotClosed: inbox.Duration(48 * time.Hour), QueueWait: inbox.Duration(10 * time.Minute),
			Idle: inbox.Duration(7 * 24 * time.Hour),
		},
	}
	p, err := inbox.NewPolicy(c.Policy)
	if err != nil {
		return nil, err
	}
	m := &model{c: c, policy: p, all: invariants(c)}
	var out []pairs.Pair
	for _, s := range pairs.States() {
		w, err := m.walk(s.Path)
		if err != nil {
			return nil, err
		}
		found, err := m.pairs(s.Name, w)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
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
func (m *model) pairs(state string, w World) ([]pairs.Pair, error) {
	var commands []Action
	var touched [][]string
	for _, a := range m.commands(w) {
		then := at(w, 1, "1")
		k, events, err := a.Do(&then)
		if err != nil || len(events) == 0 && reflect.DeepEqual(essence(w.Case), essence(k)) {
			continue
		}
		commands = append(commands, a)
		touched = append(touched, differences(w.Case, k))
	}
	var out []pairs.Pair
	for i, a := range commands {
		for j := i; j < len(commands); j++ {
			shared := slices.DeleteFunc(slices.Clone(touched[i]), func(f string) bool { return !slices.Contains(touched[j], f) })
			v, err := m.verdict(w, a, commands[j])
			if err != nil {
				return nil, err
			}
			if len(shared) == 0 && v == pairs.Commutes {
				continue
			}
			out = append(out, pairs.Pair{State: state, A: a.Name, B: commands[j].Name, Verdict: v, Shared: shared})
		}
	}
	return out, nil
}

// commands are the actions of w that are commands, and the team's a second time.
func (m *model) commands(w World) []Action {
	var out []Action
	for _, a := range m.actions(&w) {
		if a.kind == pairs.ActionSweep || strings.HasPrefix(a.Name, "time:") || strings.HasPrefix(a.Name, "tenant:") || strings.HasSuffix(a.Name, cancelled) {
			continue
		}
		out = append(out, a)
		switch a.kind {
		case pairs.ActionReply, pairs.ActionAsk, pairs.ActionResolve, pairs.ActionArchive:
			n := uint64(w.Case.Conversation.Len())
			careful := a
			careful.Name += pairs.SeenAll
			careful.Do = func(w *World) (inbox.Case, []inbox.Event, error) {
				unseen := w.Case.Conversation.CheckSeen(n, inbox.EventKind(a.kind))
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

// at returns w so much later, where names are others, for a member of the team.
func at(w World, n int, agent string) World {
	w.n += n * 1000
	w.agent = agent
	w.Now = w.Now.Add(time.Duration(n) * time.Second)
	w.Case.Conversation = w.Case.Conversation.WithPolicy(w.Policy)
	return w
}

// verdict is what becomes of two commands of others than who has the conversation. What
// commutes for them must do so for who has it, whichever of the two that gives.
func (m *model) verdict(w World, a, b Action) (pairs.Verdict, error) {
	v, err := m.between(w, a, b, [2]string{"1", "2"})
	for _, who := range [...][2]string{{"", "2"}, {"1", ""}} {
		if err != nil || v != pairs.Commutes {
			break
		}
		var other pairs.Verdict
		if other, err = m.between(w, a, b, who); other != pairs.Commutes {
			v = pairs.Conflict
		}
	}
	return v, err
}

// between is the verdict for two commands of these members of the team.
func (m *model) between(w World, a, b Action, who [2]string) (pairs.Verdict, error) {
	ab, err := m.order(w, [2]Action{a, b}, who, 0)
	if err != nil {
		return "", err
	}
	ba, err := m.order(w, [2]Action{a, b}, who, 1)
	switch {
	case err != nil:
		return "", err
	case !ab.refused && !ba.refused && reflect.DeepEqual(ab.essence, ba.essence):
		return pairs.Commutes, nil
	case !ab.moved && !ba.moved:
		return pairs.FirstWins, nil
	default:
		return pairs.Conflict, nil
	}
}

// An outcome is what comes of two commands, one after the other.
type outcome struct {
	essence map[string]string
	refused bool // the second was
	moved   bool // the second changed something
}

// order carries out two commands, the i-th first, each under its own names.
func (m *model) order(w World, commands [2]Action, who [2]string, i int) (outcome, error) {
	first, second := commands[i], commands[1-i]
	before := at(w, i+1, who[i])
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
	middle.n, middle.agent = w.n+(2-i)*1000, who[1-i]
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
	out["state"] = fmt.Sprintf("%s %s", s.Status, s.Archived)
	out["contact"] = fmt.Sprint(s.Contact)
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
