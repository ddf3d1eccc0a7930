package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// A calculator knows the names that were defined so far, and answers one line
// after the other.
type calculator struct {
	schedules map[string]*hours.Schedule
	policies  map[string]*sla.Policy

	inlineSchedules cache[*hours.Schedule]
	inlinePolicies  cache[*sla.Policy]

	resolver *hours.Resolver
	named    bool // the resolver was asked for a schedule

	q      question
	answer []byte // to the current line
	failed bool   // some line got an error
}

func newCalculator() *calculator {
	c := &calculator{
		schedules: map[string]*hours.Schedule{"standard": hours.Standard(), "always": hours.Always()},
		policies:  map[string]*sla.Policy{sla.StandardName: sla.Standard()},
		resolver:  holidays.Resolver(),
	}
	c.resolver.Schedule = func(name string) (*hours.Schedule, error) {
		c.named = true
		return c.schedules[name], nil
	}
	return c
}

// line returns the answer to a line, with its line break, and nothing for a
// definition. It is valid until the next call. The error is a line that is not
// JSON.
func (c *calculator) line(line []byte) ([]byte, error) {
	if c.answer = c.answer[:0]; cap(c.answer) > maxKept {
		c.answer = nil
	}
	object, err := c.q.read(line)
	if err != nil {
		return nil, err
	}
	switch {
	case !object:
		err = faultf(badQuestion, "a line must be an object")
	case c.q.define != nil:
		err = c.define(line)
	default:
		err = c.ask()
	}
	if err != nil {
		c.failed = true
		c.refuse(faultOf(err))
	}
	return c.answer, nil
}

// refuse makes the answer an error.
func (c *calculator) refuse(f *fault) {
	c.answer = c.answer[:0]
	if c.begin(); c.q.define != nil {
		c.member("define")
		c.answer = append(c.answer, c.q.define...)
		if _, name, err := c.definition(); err == nil && name != "" {
			c.member("name")
			c.answer = appendText(c.answer, name)
		}
	}
	c.member("error")
	c.answer = append(c.answer, `{"code":"`...)
	c.answer = append(c.answer, f.code...)
	c.answer = append(c.answer, `","message":`...)
	c.answer = appendText(c.answer, f.message)
	c.answer = append(c.answer, "}}\n"...)
}

// begin starts the answer with the id of the question, if it has one.
func (c *calculator) begin() {
	c.answer = append(c.answer, '{')
	if c.q.id != nil {
		c.member("id")
		c.answer = append(c.answer, c.q.id...)
	}
}

// member starts a member of the answer.
func (c *calculator) member(name string) {
	if n := len(c.answer); c.answer[n-1] != '{' {
		c.answer = append(c.answer, ',')
	}
	c.answer = append(c.answer, '"')
	c.answer = append(c.answer, name...)
	c.answer = append(c.answer, '"', ':')
}

func (c *calculator) end() { c.answer = append(c.answer, '}', '\n') }

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

func appendText(b []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil { // there is no string that has no JSON form
		text = []byte(`""`)
	}
	return append(b, text...)
}

// definition returns what a definition defines, as JSON, and the name for it.
func (c *calculator) definition() (value []byte, name string, err error) {
	what, ok := text(c.q.define)
	switch {
	case ok && string(what) == "schedule":
		value = c.q.schedule
	case ok && string(what) == "policy":
		value = c.q.policy
	default:
		return nil, "", faultf(badQuestion, "define: %s must be \"schedule\" or \"policy\"", shown(c.q.define))
	}
	if len(value) == 0 || value[0] != '{' {
		return nil, "", faultf(badQuestion, "%s: %s must be an object", what, shown(value))
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(value, &members); err != nil {
		return nil, "", err
	}
	named, ok := text(members["name"])
	if !ok || len(named) == 0 {
		return nil, "", faultf(badQuestion, "%s.name: %s must be a name", what, shown(members["name"]))
	}
	return value, string(named), nil
}

// define takes a definition. Unlike a question, it has no members that mean
// nothing.
func (c *calculator) define(line []byte) error {
	value, name, err := c.definition()
	if err != nil {
		return err
	}
	what, _ := text(c.q.define)
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return err
	}
	for _, member := range slices.Sorted(maps.Keys(members)) {
		if member != "id" && member != "define" && member != string(what) {
			return faultf(badQuestion, "%s: %s is not known in a definition; known are define, id and %s", member, shown(members[member]), what)
		}
	}
	if string(what) == "policy" {
		p, err := sla.Parse(value, c.resolver)
		if err != nil {
			return &fault{badPolicy, oneLine(err)}
		}
		c.policies[name] = p
		return nil
	}
	s, err := hours.Parse(value, c.resolver)
	if err != nil {
		return &fault{badSchedule, oneLine(err)}
	}
	c.schedules[name] = s
	c.inlineSchedules.dropNamed()
	c.inlinePolicies.dropNamed()
	return nil
}

// schedule returns the schedule that a question is about.
func (c *calculator) schedule() (*hours.Schedule, error) {
	raw := c.q.schedule
	switch {
	case len(raw) == 0:
		return nil, faultf(badQuestion, "schedule: must be given")
	case raw[0] == '"':
		name, _ := text(raw)
		if s, ok := c.schedules[string(name)]; ok {
			return s, nil
		}
		return nil, faultf(unknownSchedule, "schedule: %s is not defined", shown(raw))
	case raw[0] != '{':
		return nil, faultf(badQuestion, "schedule: %s must be a name or an object", shown(raw))
	}
	if s, ok := c.inlineSchedules.get(raw); ok {
		return s, nil
	}
	c.named = false
	s, err := hours.Parse(raw, c.resolver)
	if err != nil {
		return nil, &fault{badSchedule, oneLine(err)}
	}
	c.inlineSchedules.put(raw, s, c.named)
	return s, nil
}

// policy returns the policy that a question is about.
func (c *calculator) policy() (*sla.Policy, error) {
	raw := c.q.policy
	switch {
	case len(raw) == 0:
		return nil, faultf(badQuestion, "policy: must be given")
	case raw[0] == '"':
		name, _ := text(raw)
		if p, ok := c.policies[string(name)]; ok {
			return p, nil
		}
		return nil, faultf(unknownPolicy, "policy: %s is not defined", shown(raw))
	case raw[0] != '{':
		return nil, faultf(badQuestion, "policy: %s must be a name or an object", shown(raw))
	}
	if p, ok := c.inlinePolicies.get(raw); ok {
		return p, nil
	}
	c.named = false
	p, err := sla.Parse(raw, c.resolver)
	if err != nil {
		return nil, &fault{badPolicy, oneLine(err)}
	}
	c.inlinePolicies.put(raw, p, c.named)
	return p, nil
}

// text returns what is in a JSON string, and false for anything else.
func text(raw []byte) ([]byte, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return nil, false
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') >= 0 {
		var s string
		err := json.Unmarshal(raw, &s)
		return []byte(s), err == nil
	}
	return inner, true
}

// shown returns a JSON text for an error message: not all of it, if it is long.
func shown(raw []byte) string {
	const most = 60
	switch r := []rune(string(raw)); {
	case len(r) == 0:
		return "nothing"
	case len(r) > most:
		return string(r[:most]) + "…"
	default:
		return string(raw)
	}
}
