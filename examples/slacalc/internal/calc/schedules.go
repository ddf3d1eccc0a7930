package calc

import (
	"errors"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
	"github.com/deskcore/helpdesk/sla/hours"
)

// This file answers the questions about schedules.

// scheduleAt reads the two members that all of them have.
func (c *Calculator) scheduleAt(q *wire.Question) (*hours.Schedule, time.Time, error) {
	s, err := c.catalog.schedule(q)
	if err != nil {
		return nil, time.Time{}, err
	}
	at, err := readInstant("at", q.At)
	return s, at, err
}

// scheduleBetween reads the three members of the questions about a span.
func (c *Calculator) scheduleBetween(q *wire.Question) (s *hours.Schedule, at, until time.Time, err error) {
	if s, at, err = c.scheduleAt(q); err != nil {
		return nil, at, until, err
	}
	until, err = readInstant("until", q.Until)
	return s, at, until, err
}

// shift answers add and sub, by a duration or by working days (S38).
func (c *Calculator) shift(q *wire.Question, by func(*hours.Schedule, time.Time, time.Duration) (time.Time, error),
	byDays func(*hours.Schedule, time.Time, float64) (time.Time, error),
) error {
	s, at, err := c.scheduleAt(q)
	if err != nil {
		return err
	}
	if q.Days != nil {
		n, err := readDays(q)
		if err != nil {
			return err
		}
		t, err := byDays(s, at, n)
		if isA[*helpdesk.FieldError](err) {
			return faultf(badQuestion, "%s", oneLine(err))
		}
		if err != nil {
			return err
		}
		c.answerAt(q, t)
		return nil
	}
	d, err := readDuration(q.For)
	if err != nil {
		return err
	}
	t, err := by(s, at, d)
	if err != nil {
		return err
	}
	c.answerAt(q, t)
	return nil
}

// next answers next_open and next_close.
func (c *Calculator) next(q *wire.Question, find func(*hours.Schedule, time.Time) (time.Time, error)) error {
	s, at, err := c.scheduleAt(q)
	if err != nil {
		return err
	}
	t, err := find(s, at)
	if err != nil {
		return err
	}
	c.answerAt(q, t)
	return nil
}

// answerAt is an answer that is an instant.
func (c *Calculator) answerAt(q *wire.Question, t time.Time) {
	c.begin(q)
	c.answer.Name("at")
	c.answer.Instant(t)
	c.end()
}

func (c *Calculator) isOpen(q *wire.Question) error {
	s, at, err := c.scheduleAt(q)
	if err != nil {
		return err
	}
	open, err := s.IsOpen(at)
	if err != nil {
		return err
	}
	c.begin(q)
	c.answer.Name("open")
	c.answer.Bool(open)
	c.end()
	return nil
}

func (c *Calculator) between(q *wire.Question) error {
	s, at, until, err := c.scheduleBetween(q)
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
	c.begin(q)
	c.answer.Name("seconds")
	c.answer.Seconds(sec, nanos)
	c.end()
	return nil
}

func (c *Calculator) spans(q *wire.Question) error {
	s, at, until, err := c.scheduleBetween(q)
	if err != nil {
		return err
	}
	for _, t := range [...]time.Time{at, until} { // Spans itself would clip them
		if _, err := s.IsOpen(t); err != nil {
			return err
		}
	}
	c.begin(q)
	c.answer.Name("spans")
	c.answer.Open('[')
	for span := range s.Spans(at, until) {
		c.answer.Open('[')
		c.answer.Instant(span.Start)
		c.answer.Instant(span.End)
		c.answer.Close(']')
	}
	c.answer.Close(']')
	c.end()
	return nil
}
