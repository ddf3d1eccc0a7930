package zones

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/sla/hours"
)

// A Data has the fingerprints of what schedules name: zones, and lists of holidays (S39).
type Data struct {
	Zones    map[string]string `json:"zones"`
	Holidays map[string]string `json:"holidays"`
}

// DataOf returns the fingerprints of what the schedules name, and what their members name, as the
// resolver knows it.
func DataOf(r *hours.Resolver, schedules ...hours.Member) (Data, error) {
	d := named{zones: map[string]string{}, lists: map[string]string{}, of: r}
	err := d.members(schedules)
	return Data{d.zones, d.lists}, err
}

// members adds what schedules name.
func (d *named) members(all []hours.Member) error {
	for _, m := range all {
		of := m.Config
		switch {
		case of != nil:
		case m.Name == "": // a policy need not have one
			continue
		default:
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
	return d.members(slices.Concat(c.Any, c.All, c.Except))
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
