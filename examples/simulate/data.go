package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/examples/internal/zones"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A dataLine is a line of a scenario that says with which data it was recorded (S39).
type dataLine struct {
	At   time.Time   `json:"at"`
	Data *zones.Data `json:"data"`
}

// data returns what stands behind the names in the policies.
func (s *simulation) data() (zones.Data, error) {
	var all []hours.Member
	for _, p := range s.policies {
		c := p.Config()
		all = append(all, c.Schedule)
		for _, targets := range c.Targets {
			for _, t := range targets {
				all = append(all, t.Schedule)
			}
		}
	}
	return zones.DataOf(s.resolver, all...)
}

// dataLines returns the lines of a scenario that say with which data it was recorded.
func dataLines(scenario []byte) (all []zones.Data) {
	for line := range bytes.Lines(scenario) {
		var l struct {
			dataLine
			Do *string `json:"do"`
		}
		if json.Unmarshal(line, &l) == nil && l.Data != nil && l.Do == nil {
			all = append(all, *l.Data)
		}
	}
	return all
}

// An otherDataError says which data are others than those that a scenario was recorded with.
type otherDataError struct{ faults []string }

func (e *otherDataError) Error() string {
	var b bytes.Buffer
	b.WriteString("the scenario was recorded with other data, and its answers are not those of here")
	for _, f := range e.faults {
		b.WriteString("\n" + f)
	}
	return b.String()
}

// compareData returns an [*otherDataError] if a scenario was recorded with other data than these.
func compareData(recorded, here zones.Data) error {
	var faults []string
	compare := func(what string, recorded, here map[string]string) {
		names := maps.Clone(here)
		if names == nil {
			names = map[string]string{}
		}
		maps.Copy(names, recorded)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			was, is := recorded[name], here[name]
			if was != is {
				faults = append(faults, fmt.Sprintf("%s %s: recorded with %s, here is %s", what, name, orNone(was), orNone(is)))
			}
		}
	}
	compare("zone", recorded.Zones, here.Zones)
	compare("holidays", recorded.Holidays, here.Holidays)
	if faults == nil {
		return nil
	}
	return &otherDataError{faults}
}

func orNone(fingerprint string) string {
	if fingerprint == "" {
		return "none"
	}
	return fingerprint
}

// data writes the data of the policies into the scenario, if they are others than those written
// last, and compares them with those that the scenario was recorded with.
func (p *player) data(s *simulation) error {
	if p.scenario == nil || p.verify && p.recorded == nil {
		return nil
	}
	d, err := s.data()
	if err != nil {
		return err
	}
	line, err := json.Marshal(dataLine{s.now, &d})
	if err != nil {
		return err
	}
	if written, _ := json.Marshal(d); !bytes.Equal(written, p.written) {
		p.written = written
		p.copy(line)
		if len(p.recorded) > 0 {
			recorded := p.recorded[0]
			p.recorded = p.recorded[1:]
			return compareData(recorded, d)
		}
	}
	return nil
}
