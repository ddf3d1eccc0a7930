package calc

import (
	"maps"
	"slices"

	"github.com/deskcore/helpdesk/examples/internal/zones"
	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
	"github.com/deskcore/helpdesk/sla/hours"
)

// data answers data: what stands behind the names in a schedule (S39).
func (c *Calculator) data(q *wire.Question) error {
	s, err := c.catalog.schedule(q)
	if err != nil {
		return err
	}
	known := s.Config()
	d, err := zones.DataOf(c.catalog.resolver, hours.Member{Config: &known})
	if err != nil {
		return err
	}
	c.begin(q)
	for _, part := range []struct {
		name string
		of   map[string]string
	}{{"zones", d.Zones}, {"holidays", d.Holidays}} {
		c.answer.Name(part.name)
		c.answer.Open('{')
		for _, name := range slices.Sorted(maps.Keys(part.of)) {
			c.answer.Name(name)
			c.answer.Text(part.of[name])
		}
		c.answer.Close('}')
	}
	c.end()
	return nil
}
