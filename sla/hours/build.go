package hours

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// Limits on a Config that comes from strangers.
const (
	maxDepth = 32  // compositions within each other
	maxSpans = 100 // of one day
)

// New returns the schedule for c. The resolver turns names into values, and may be nil.
//
// The error joins one [*helpdesk.FieldError] for each fault: a field that is missing, malformed
// or does not belong with the others, a zone, day, date or name that does not exist, and a
// repeated date. New reads zone files, as [time.LoadLocation] does, unless the resolver has zones
// or the zone is GMT or UTC.
//
// A schedule without hours is no fault. Such a schedule never opens, and the questions return a
// [*NeverOpensError] (S8).
func New(c Config, r *Resolver) (*Schedule, error) {
	b := builder{resolver: r}
	s := b.schedule(&c, "", 1)
	if err := b.Err(); err != nil {
		return nil, err
	}
	cfg := c.Clone()
	s.cfg = &cfg
	return s, nil
}

// A builder turns a Config into a Schedule and collects what is wrong.
type builder struct {
	check.Faults
	told     map[string]bool // paths at which something was wrong before
	resolver *Resolver
}

func (b *builder) fault(path, value, reason string) {
	if !b.told[path] {
		b.Reject(path, value, reason)
	}
}

func tooDeep() string { return fmt.Sprintf("is nested more than %d deep", maxDepth) }

// schedule builds the schedule that c, at path, describes. If there are
// faults, the result is of no use.
func (b *builder) schedule(c *Config, path string, depth int) *Schedule {
	var src source
	kind := b.kind(c, path)
	var zone *zone
	if c.Zone != "" {
		zone = b.zone(c.Zone, check.Join(path, "zone"))
	}
	switch kind {
	case "any":
		src = b.composition(anyOf, c.Any, check.Join(path, kind), depth)
	case "all":
		src = b.composition(allOf, c.All, check.Join(path, kind), depth)
	case "except":
		src = b.composition(exceptFor, c.Except, check.Join(path, kind), depth)
	case "always":
		src = flat{open: true}
	case "versions":
		src = b.versions(c, zone, path)
	default:
		if c.Zone == "" {
			b.fault(check.Join(path, "zone"), "", "is missing; name a zone such as Europe/London")
		}
		v := Version{
			Hours: c.Hours, Closed: c.Closed, Special: c.Special,
			Holidays: c.Holidays, HolidaysOn: c.HolidaysOn, Days: c.Days,
		}
		src = &rules{zone: zone, versions: []version{b.version(&v, path)}}
	}
	return &Schedule{src: src, name: c.Name}
}

// kind returns the field that says which kind of schedule c is, or "" for
// plain weekly hours, and finds fault with what does not belong with it.
func (b *builder) kind(c *Config, path string) string {
	fields := []struct {
		name  string
		value string
		set   bool
	}{
		{"any", "", c.Any != nil},
		{"all", "", c.All != nil},
		{"except", "", c.Except != nil},
		{"versions", "", c.Versions != nil},
		{"always", "true", c.Always},
		{"zone", c.Zone, c.Zone != ""},
		{"hours", "", len(c.Hours) > 0},
		{"closed", "", len(c.Closed) > 0},
		{"special", "", len(c.Special) > 0},
		{"holidays", "", len(c.Holidays) > 0},
		{"holidays_on", c.HolidaysOn, c.HolidaysOn != ""},
		{"days", "", len(c.Days) > 0},
	}
	const kinds, zone = 5, 5
	kind := ""
	for i, f := range fields {
		switch {
		case !f.set:
		case kind == "" && i < kinds:
			kind = f.name
		case kind == "", i == zone && (kind == "versions" || kind == "always"):
		default:
			b.fault(check.Join(path, f.name), f.value, "cannot stand beside "+kind)
		}
	}
	return kind
}

// zone returns the zone of a name, or nil with a fault.
func (b *builder) zone(name, path string) *zone {
	z, err := b.resolver.zone(name)
	if err != nil {
		b.unresolved(path, name, err)
	}
	return z
}

func (b *builder) composition(o op, members []Member, path string, depth int) source {
	switch {
	case depth > maxDepth:
		b.fault(path, "", tooDeep())
		return nil
	case o == exceptFor && len(members) != 2:
		b.fault(path, strconv.Itoa(len(members))+" schedules", "must be two: what is open, and what is taken out")
	case len(members) == 0:
		b.fault(path, "", "must have at least one schedule")
	}
	c := &composition{op: o, members: make([]*Schedule, len(members))}
	for i := range members {
		c.members[i] = b.member(&members[i], check.At(path, i), depth)
	}
	return c
}

func (b *builder) member(m *Member, path string, depth int) *Schedule {
	switch {
	case (m.Name == "") == (m.Config == nil):
		b.fault(path, m.Name, "must be either the name of a schedule or a schedule")
	case m.Config != nil:
		return b.schedule(m.Config, path, depth+1)
	default:
		s, err := b.resolver.Lookup(m.Name)
		if err == nil {
			return s
		}
		b.unresolved(path, m.Name, err)
	}
	return nil
}

// unresolved finds fault with a name that the resolver returned err for.
func (b *builder) unresolved(path, name string, err error) {
	switch {
	case b.told[path]:
	case errors.Is(err, helpdesk.ErrInvalid):
		b.Take(path, err)
	default:
		b.Reject(path, name, fmt.Sprintf("cannot be resolved: %v", err))
	}
}

// versions builds the versions of c (S5).
func (b *builder) versions(c *Config, zone *zone, path string) source {
	if len(c.Versions) == 0 {
		b.fault(check.Join(path, "versions"), "", "must have at least one version")
	}
	r := &rules{zone: zone, versions: make([]version, len(c.Versions))}
	zoneName := c.Zone
	needed := false
	for i := range c.Versions {
		cv := &c.Versions[i]
		vpath := check.At(check.Join(path, "versions"), i)
		v := b.version(cv, vpath)
		v.from, v.name = math.MinInt64, cv.Name
		if i > 0 || !cv.From.IsZero() {
			v.from = b.from(c.Versions, i, check.Join(vpath, "from"))
			if v.name == "" {
				v.name = cv.From.UTC().Format(time.RFC3339)
			}
			if i > 0 {
				r.versions[i-1].until = v.from
			}
		}
		switch {
		case cv.Zone == "":
		case zoneName == "":
			zoneName, r.zone = cv.Zone, b.zone(cv.Zone, check.Join(vpath, "zone"))
		case cv.Zone != zoneName:
			b.fault(check.Join(vpath, "zone"), cv.Zone, "must be the zone of the schedule, "+strconv.Quote(zoneName)+", or absent")
		}
		needed = needed || !cv.Always
		r.versions[i] = v
	}
	if zoneName == "" && needed {
		b.fault(check.Join(path, "zone"), "", "is missing; name a zone such as Europe/London")
	}
	return r
}

// from checks the From of version i and returns it in Unix seconds.
func (b *builder) from(versions []Version, i int, path string) int64 {
	t := versions[i].From
	text := t.Format(time.RFC3339Nano)
	sec := t.Unix()
	_, offset := t.Zone()
	switch {
	case i == 0:
		b.fault(path, text, "must be absent in the first version, which holds since ever")
	case t.IsZero():
		b.fault(path, "", "is missing; every version but the first states from when on it holds")
	case t.Nanosecond() != 0:
		b.fault(path, text, "must be a whole second")
	case sec < horizonStart || sec >= horizonEnd:
		b.fault(path, text, "must be from 1900 to 2200")
	case offset <= -day || day <= offset:
		b.fault(path, text, "must have an offset of less than a day") // or it has no JSON form
	case i > 1 && !versions[i-1].From.Before(t):
		b.fault(path, text, "must be later than that of the version before")
	}
	return sec
}

// version builds the hours of v.
func (b *builder) version(v *Version, path string) version {
	out := version{from: math.MinInt64, until: math.MaxInt64, always: v.Always}
	if v.Always {
		for _, f := range []struct {
			name string
			n    int
		}{{"hours", len(v.Hours)}, {"closed", len(v.Closed)}, {"special", len(v.Special)}, {"holidays", len(v.Holidays)}, {"holidays_on", len(v.HolidaysOn)}, {"days", len(v.Days)}} {
			if f.n > 0 {
				b.fault(check.Join(path, f.name), "", "cannot stand beside always")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.Hours)) {
		field := check.Key(check.Join(path, "hours"), name)
		i := slices.Index(dayNames[:], name)
		if i < 0 {
			b.fault(field, name, "is not a day; the days are mon, tue, wed, thu, fri, sat and sun")
			continue
		}
		out.week[i] = b.clocks(v.Hours[name], field)
	}
	seen := make(map[int64]string, len(v.Closed)+len(v.Special))
	add := func(text, field string, d date) {
		n, ok := b.date(text, field)
		if !ok {
			return
		}
		if first, twice := seen[n]; twice {
			b.fault(field, text, "is stated already, in "+first)
			return
		}
		seen[n] = field
		d.day = n
		out.dates = append(out.dates, d)
	}
	for i, text := range v.Closed {
		add(text, check.At(check.Join(path, "closed"), i), date{cause: causeClosed})
	}
	for _, text := range slices.Sorted(maps.Keys(v.Special)) {
		field := check.Key(check.Join(path, "special"), text)
		add(text, field, date{cause: causeSpecial, clocks: b.clocks(v.Special[text], field)})
	}
	slices.SortFunc(out.dates, func(p, q date) int { return cmp.Compare(p.day, q.day) })
	switch out.on = v.HolidaysOn; out.on {
	case "", onBoth, onObserved, onActual:
	default:
		b.fault(check.Join(path, "holidays_on"), v.HolidaysOn, "must be both, observed or actual")
	}
	out.days = b.days(v.Days, check.Join(path, "days"))
	for i, name := range v.Holidays {
		list, err := b.resolver.holidays(name)
		if err != nil {
			b.unresolved(check.At(check.Join(path, "holidays"), i), name, err)
		}
		out.holidays = append(out.holidays, list...)
	}
	return out
}

// clocks parses the spans of one day.
func (b *builder) clocks(spans []string, path string) []clock {
	if len(spans) > maxSpans {
		b.fault(path, strconv.Itoa(len(spans))+" spans", fmt.Sprintf("are too many; a day has at most %d", maxSpans))
		return nil
	}
	out := make([]clock, 0, len(spans))
	for i, text := range spans {
		if k, reason := parseClock(text); reason != "" {
			b.fault(check.At(path, i), text, reason)
		} else {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(p, q clock) int { return cmp.Compare(p.open, q.open) })
	return out
}

// parseClock parses a span of a day, or says why it cannot.
func parseClock(text string) (clock, string) {
	from, to, found := strings.Cut(text, "-")
	open, ok1 := parseTime(from)
	shut, ok2 := parseTime(to)
	switch {
	case !found || !ok1 || !ok2:
		return clock{}, `must be HH:MM-HH:MM, from 00:00 to 24:00`
	case open == day:
		return clock{}, "must not start at 24:00, which is the next date's 00:00"
	case open == shut:
		return clock{}, "is empty; all day is 00:00-24:00"
	case shut < open:
		shut += day
	}
	return clock{open, shut}, ""
}

// parseTime parses HH:MM or HH:MM:SS, up to 24:00, into seconds.
func parseTime(text string) (int64, bool) {
	if len(text) != len("15:04") && len(text) != len("15:04:05") {
		return 0, false
	}
	var parts [3]int64
	for i := range parts {
		if 3*i >= len(text) {
			break
		}
		hi, lo := text[3*i]-'0', text[3*i+1]-'0'
		if hi > 9 || lo > 9 || i > 0 && text[3*i-1] != ':' {
			return 0, false
		}
		parts[i] = int64(hi)*10 + int64(lo)
	}
	sec := parts[0]*hour + parts[1]*minute + parts[2]
	return sec, parts[1] < 60 && parts[2] < 60 && sec <= day
}

// date parses YYYY-MM-DD.
func (b *builder) date(text, path string) (int64, bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		b.fault(path, text, "is not a date that exists, YYYY-MM-DD")
		return 0, false
	}
	return dayNumber(t.Date()), true
}
