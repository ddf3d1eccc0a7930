package calc

import (
	"time"

	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
	"github.com/deskcore/helpdesk/sla"
)

// This file answers the questions about tickets.

// log reads the members that all of them have.
func (c *Calculator) log(q *wire.Question) (*sla.Policy, []sla.Event, time.Time, error) {
	p, err := c.catalog.policy(q)
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	now, err := readInstant("now", q.Now)
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	events, err := readEvents(q.Events)
	return p, events, now, err
}

func (c *Calculator) evaluate(q *wire.Question) error {
	p, events, now, err := c.log(q)
	if err != nil {
		return err
	}
	evaluation, err := p.Evaluate(events, now)
	if err != nil {
		return err
	}
	provisional := evaluation.Provisional
	evaluation.Provisional = nil
	form, err := evaluation.MarshalJSON()
	if err != nil {
		return err
	}
	c.begin(q)
	c.answer.Members(form)
	if len(provisional) > 0 {
		c.answer.Name("provisional")
		c.answer.Open('[')
		for _, p := range provisional { // these members and no others
			form, err := sla.Provisional{Metric: p.Metric, Due: p.Due, Overdue: p.Overdue, Next: p.Next}.MarshalJSON()
			if err != nil {
				return err
			}
			c.answer.JSON(form)
		}
		c.answer.Close(']')
	}
	c.end()
	return nil
}

func (c *Calculator) explain(q *wire.Question) error {
	p, events, now, err := c.log(q)
	if err != nil {
		return err
	}
	metric, err := readMetric(q.Metric)
	if err != nil {
		return err
	}
	cycle, err := readCycle(q.Cycle)
	if err != nil {
		return err
	}
	pieces, err := p.Explain(events, now, metric, cycle)
	if err != nil {
		return err
	}
	c.begin(q)
	c.answer.Name("pieces")
	c.answer.Open('[')
	for _, piece := range pieces {
		form, err := piece.MarshalJSON()
		if err != nil {
			return err
		}
		c.answer.JSON(form)
	}
	c.answer.Close(']')
	c.end()
	return nil
}
