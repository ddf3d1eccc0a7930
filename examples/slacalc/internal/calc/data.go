package calc

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
	"github.com/deskcore/helpdesk/sla/hours"
)

// data answers data: what stands behind the names in a schedule (S39).
func (c *Calculator) data(q *wire.Question) error {
	s, err := c.catalog.schedule(q)
	if err != nil {
		return err
	}
	d := named{zones: map[string]string{}, lists: map[string]string{}, of: c.catalog.resolver}
	if err := d.schedule(s.Config()); err != nil {
		return err
	}
	c.begin(q)
	for _, part := range []struct {
		name string
		of   map[string]string
	}{{"zones", d.zones}, {"holidays", d.lists}} {
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

// A named has the fingerprints of what has a name.
type named struct {
	zones, lists map[string]string
	of           *hours.Resolver
}

// schedule adds what a schedule and its members name.
func (d *named) schedule(c hours.Config) error {
	if c.Zone != "" {
		if err := d.zone(c.Zone); err != nil {
			return err
		}
	}
	lists := slices.Clone(c.Holidays)
	for _, v := range c.Versions {
		lists = append(lists, v.Holidays...)
		if v.Zone != "" {
			if err := d.zone(v.Zone); err != nil {
				return err
			}
		}
	}
	for _, l := range lists {
		if err := d.list(l); err != nil {
			return err
		}
	}
	for _, m := range slices.Concat(c.Any, c.All, c.Except) {
		of := m.Config
		if of == nil {
			s, err := d.of.Lookup(m.Name)
			if err != nil {
				return err
			}
			known := s.Config()
			of = &known
		}
		if err := d.schedule(*of); err != nil {
			return err
		}
	}
	return nil
}

func (d *named) zone(name string) error {
	if d.zones[name] != "" {
		return nil
	}
	s, err := hours.New(hours.Config{Zone: name}, d.of)
	if err != nil {
		return err
	}
	d.zones[name] = s.Fingerprint().Zone
	return nil
}

// list is about the observed and the actual dates of a list.
func (d *named) list(name string) error {
	if d.lists[name] != "" {
		return nil
	}
	var all strings.Builder
	for _, on := range []string{"observed", "actual"} {
		s, err := hours.New(hours.Config{Zone: "UTC", Holidays: []string{name}, HolidaysOn: on}, d.of)
		if err != nil {
			return err
		}
		all.WriteString(s.Fingerprint().Holidays + "\n")
	}
	sum := sha256.Sum256([]byte(all.String()))
	d.lists[name] = "sha256:" + hex.EncodeToString(sum[:])
	return nil
}
