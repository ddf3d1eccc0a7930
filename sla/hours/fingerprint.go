package hours

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Fingerprint identifies the data behind a schedule that its [Config] only names (S39):
// the clock changes of the zone, and the dates of the holidays. Two machines with other data
// have other texts, and two machines with equal data have equal texts, whatever the names
// and the files. Fingerprints are comparable with ==. It is plain data.
//
// A text is "sha256:" with 64 hexadecimal digits, or empty without such data. The hash is
// that of lines, each with a line feed, and will not change.
type Fingerprint struct {
	// Zone is the fingerprint of the offsets of the zone over the [Horizon]. A line has
	// the Unix second from which an offset holds, and the offset in seconds east of UTC:
	// "1774746000 3600". The second of the first line is two days before the horizon.
	Zone string `json:"zone,omitzero"`

	// Holidays is the fingerprint of the dates of the holidays, from 28 December 1899 to
	// 3 January 2201. A line has a date and the name of the holiday, quoted as by
	// strconv.QuoteToASCII: 2026-12-25 "Christmas Day". Of several holidays on a date,
	// the line has the one that [Schedule.Reasons] names.
	Holidays string `json:"holidays,omitzero"`
}

// Fingerprint returns the fingerprint of the data behind the schedule. If versions or members
// have different data, the hash is that of their texts, each once, sorted, one for a line.
//
// The first call takes about a millisecond, and calls [Holiday.Observed] for every year.
// Further calls cost nothing.
func (s *Schedule) Fingerprint() Fingerprint {
	if f := s.rarely().fingerprint.Load(); f != nil {
		return *f
	}
	d := data{zones: map[string]bool{}, holidays: map[string]bool{}, seen: map[*Schedule]bool{}}
	d.add(s)
	f := Fingerprint{Zone: combined(d.zones), Holidays: combined(d.holidays)}
	s.rarely().fingerprint.Store(&f)
	return f
}

// A data collects the fingerprints of what schedules are made from.
type data struct {
	zones, holidays map[string]bool
	seen            map[*Schedule]bool // a schedule may be a member many times over
}

func (d *data) add(s *Schedule) {
	if d.seen[s] {
		return
	}
	d.seen[s] = true
	switch src := s.src.(type) {
	case *composition:
		for _, m := range src.members {
			d.add(m)
		}
	case *rules:
		if src.zone != nil {
			d.zones[src.zone.fingerprint()] = true
		}
		for i := range src.versions {
			if v := &src.versions[i]; len(v.holidays) > 0 {
				d.holidays[v.fingerprint()] = true
			}
		}
	}
}

// combined returns the fingerprint of what has these.
func combined(parts map[string]bool) string {
	texts := slices.Sorted(maps.Keys(parts))
	switch len(texts) {
	case 0:
		return ""
	case 1:
		return texts[0]
	default:
		return hashed(strings.Join(texts, "\n") + "\n")
	}
}

// hashed returns the fingerprint of lines.
func hashed(lines string) string {
	sum := sha256.Sum256([]byte(lines))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// fingerprint returns that of the holidays of the version.
func (v *version) fingerprint() string {
	only := version{holidays: v.holidays, on: v.on}
	var lines strings.Builder
	for _, d := range only.datesIn(horizonStart/day-4, horizonEnd/day+2) {
		fmt.Fprintf(&lines, "%s %+q\n", time.Unix(d.day*day, 0).UTC().Format(time.DateOnly), d.name)
	}
	return hashed(lines.String())
}

// fingerprint returns that of the zone.
func (z *zone) fingerprint() string {
	if f := z.known.Load(); f != nil {
		return *f
	}
	var lines strings.Builder
	c := civil{loc: z.loc}
	last, first := int64(0), true
	for u := int64(horizonStart - 2*day); u < horizonEnd; u = c.end {
		if c.seek(u); first || c.offset != last {
			fmt.Fprintf(&lines, "%d %d\n", u, c.offset)
		}
		last, first = c.offset, false
	}
	f := hashed(lines.String())
	z.known.Store(&f)
	return f
}
