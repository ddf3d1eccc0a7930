package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// ask answers a question.
func (c *calculator) ask() error {
	op, ok := text(c.q.op)
	if !ok {
		return faultf(badQuestion, "op: %s must be the name of an operation", shown(c.q.op))
	}
	switch string(op) {
	case "add":
		return c.shift((*hours.Schedule).Add)
	case "sub":
		return c.shift((*hours.Schedule).Sub)
	case "between":
		return c.between()
	case "is_open":
		return c.isOpen()
	case "next_open":
		return c.next((*hours.Schedule).NextOpen)
	case "next_close":
		return c.next((*hours.Schedule).NextClose)
	case "spans":
		return c.spans()
	case "evaluate":
		return c.evaluate()
	case "explain":
		return c.explain()
	default:
		return faultf(unknownOp, "op: %s must be add, sub, between, is_open, next_open, next_close, spans, evaluate or explain", shown(c.q.op))
	}
}

// instant reads a member that is an instant.
func instant(name string, raw []byte) (time.Time, error) {
	inner, _ := text(raw)
	t, ok := parseInstant(inner)
	if !ok {
		return t, faultf(badQuestion, "%s: %s must be an instant of RFC 3339, such as 2026-03-29T09:00:00Z", name, shown(raw))
	}
	return t, nil
}

// duration reads the member for.
func (c *calculator) duration() (time.Duration, error) {
	inner, ok := text(c.q.duration)
	if d, ok := parseDuration(inner); ok {
		return d, nil
	}
	d, err := time.ParseDuration(string(inner))
	if !ok || err != nil {
		return 0, faultf(badQuestion, "for: %s must be a duration, such as 1h30m", shown(c.q.duration))
	}
	return d, nil
}

// scheduleAt reads the two members that all questions about schedules have.
func (c *calculator) scheduleAt() (*hours.Schedule, time.Time, error) {
	s, err := c.schedule()
	if err != nil {
		return nil, time.Time{}, err
	}
	at, err := instant("at", c.q.at)
	return s, at, err
}

func (c *calculator) shift(by func(*hours.Schedule, time.Time, time.Duration) (time.Time, error)) error {
	s, at, err := c.scheduleAt()
	if err != nil {
		return err
	}
	d, err := c.duration()
	if err != nil {
		return err
	}
	t, err := by(s, at, d)
	if err != nil {
		return err
	}
	c.at(t)
	return nil
}

func (c *calculator) next(find func(*hours.Schedule, time.Time) (time.Time, error)) error {
	s, at, err := c.scheduleAt()
	if err != nil {
		return err
	}
	t, err := find(s, at)
	if err != nil {
		return err
	}
	c.at(t)
	return nil
}

// at is an answer that is an instant.
func (c *calculator) at(t time.Time) {
	c.begin()
	c.member("at")
	c.answer = append(c.answer, '"')
	c.answer = appendInstant(c.answer, t)
	c.answer = append(c.answer, '"')
	c.end()
}

func (c *calculator) isOpen() error {
	s, at, err := c.scheduleAt()
	if err != nil {
		return err
	}
	open, err := s.IsOpen(at)
	if err != nil {
		return err
	}
	c.begin()
	c.member("open")
	c.answer = strconv.AppendBool(c.answer, open)
	c.end()
	return nil
}

func (c *calculator) between() error {
	s, at, err := c.scheduleAt()
	if err != nil {
		return err
	}
	until, err := instant("until", c.q.until)
	if err != nil {
		return err
	}
	d, err := s.Between(at, until)
	sec, nanos := int64(d/time.Second), int64(d%time.Second)
	if over, ok := errors.AsType[*hours.OverflowError](err); ok {
		sec, nanos = over.Seconds, over.Nanoseconds // a number has room for it
	} else if err != nil {
		return err
	}
	c.begin()
	c.member("seconds")
	c.answer = appendSeconds(c.answer, sec, nanos)
	c.end()
	return nil
}

func (c *calculator) spans() error {
	s, at, err := c.scheduleAt()
	if err != nil {
		return err
	}
	until, err := instant("until", c.q.until)
	if err != nil {
		return err
	}
	for _, t := range [...]time.Time{at, until} { // Spans itself would clip them
		if _, err := s.IsOpen(t); err != nil {
			return err
		}
	}
	c.begin()
	c.member("spans")
	c.answer = append(c.answer, '[')
	first := true
	for span := range s.Spans(at, until) {
		if !first {
			c.answer = append(c.answer, ',')
		}
		first = false
		c.answer = append(c.answer, '[', '"')
		c.answer = appendInstant(c.answer, span.Start)
		c.answer = append(c.answer, '"', ',', '"')
		c.answer = appendInstant(c.answer, span.End)
		c.answer = append(c.answer, '"', ']')
	}
	c.answer = append(c.answer, ']')
	c.end()
	return nil
}

// log reads the members that all questions about tickets have.
func (c *calculator) log() (*sla.Policy, []sla.Event, time.Time, error) {
	p, err := c.policy()
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	now, err := instant("now", c.q.now)
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	var raw []json.RawMessage
	if len(c.q.events) == 0 || c.q.events[0] != '[' || json.Unmarshal(c.q.events, &raw) != nil {
		return nil, nil, time.Time{}, faultf(badQuestion, "events: %s must be a list", shown(c.q.events))
	}
	events := make([]sla.Event, len(raw))
	var faults []error
	for i := range raw {
		if err := events[i].UnmarshalJSON(raw[i]); err != nil {
			faults = append(faults, err)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, time.Time{}, &fault{badEvent, oneLine(err)}
	}
	return p, events, now, nil
}

func (c *calculator) evaluate() error {
	p, events, now, err := c.log()
	if err != nil {
		return err
	}
	evaluation, err := p.Evaluate(events, now)
	if err != nil {
		return err
	}
	members, err := evaluation.MarshalJSON()
	if err != nil {
		return err
	}
	c.begin()
	if n := len(c.answer); c.answer[n-1] != '{' {
		c.answer = append(c.answer, ',')
	}
	c.answer = append(c.answer, members[1:]...)
	c.answer = append(c.answer, '\n')
	return nil
}

func (c *calculator) explain() error {
	p, events, now, err := c.log()
	if err != nil {
		return err
	}
	name, _ := text(c.q.metric)
	metric, err := sla.ParseMetric(string(name))
	if err != nil {
		return faultf(badQuestion, "metric: %s must be first_reply, next_reply or resolution", shown(c.q.metric))
	}
	cycle := 0
	if c.q.cycle != nil {
		if cycle, err = strconv.Atoi(string(c.q.cycle)); err != nil || cycle < 1 {
			return faultf(badQuestion, "cycle: %s must be a whole number from 1 on", shown(c.q.cycle))
		}
	}
	pieces, err := p.Explain(events, now, metric, cycle)
	if err != nil {
		return err
	}
	c.begin()
	c.member("pieces")
	c.answer = append(c.answer, '[')
	for i, piece := range pieces {
		if i > 0 {
			c.answer = append(c.answer, ',')
		}
		text, err := piece.MarshalJSON()
		if err != nil {
			return err
		}
		c.answer = append(c.answer, text...)
	}
	c.answer = append(c.answer, ']')
	c.end()
	return nil
}
