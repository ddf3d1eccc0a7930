package hours_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
)

// faults returns the fields of the faults that err joins, in order.
func faults(tb testing.TB, err error) []string {
	tb.Helper()
	if err == nil {
		return nil
	}
	require.ErrorIs(tb, err, helpdesk.ErrInvalid)
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	var out []string
	for _, e := range all {
		fe, ok := errors.AsType[*helpdesk.FieldError](e)
		require.True(tb, ok)
		require.NotEmpty(tb, fe.Reason)
		out = append(out, fe.Path)
	}
	return out
}

func TestNewRejects(t *testing.T) {
	t.Parallel()
	second := at(t, "2026-01-01T00:00:00Z")
	week := hours.Weekdays("09:00-17:00")
	tests := []struct {
		name string
		edit func(*hours.Config)
		want []string
	}{
		{"accepts", func(*hours.Config) {}, nil},
		{"no hours", func(c *hours.Config) { c.Hours = nil }, nil},
		{"no zone", func(c *hours.Config) { c.Zone = "" }, []string{"zone"}},
		{"unknown zone", func(c *hours.Config) { c.Zone = "Mars/Olympus_Mons" }, []string{"zone"}},
		{"local zone", func(c *hours.Config) { c.Zone = "Local" }, []string{"zone"}},
		{"zone outside the zone files", func(c *hours.Config) { c.Zone = "../../etc/passwd" }, []string{"zone"}},
		{"unknown day", func(c *hours.Config) { c.Hours = hours.Week{"monday": {}, "mon": {}, "Tue": {}} }, []string{"hours.Tue", "hours.monday"}},
		{"spans", func(c *hours.Config) { c.Hours = hours.Week{"mon": {"09:00-17:00", "17:00-17:00", "9-17"}} }, []string{"hours.mon[1]", "hours.mon[2]"}},
		{"as many spans as there may be", func(c *hours.Config) { c.Hours["mon"] = many(100) }, nil},
		{"too many spans", func(c *hours.Config) { c.Hours["mon"] = many(101) }, []string{"hours.mon"}},
		{"closed", func(c *hours.Config) { c.Closed = []string{"2026-02-28", "2026-02-29", "2028-02-29", "26-03-01", ""} }, []string{"closed[1]", "closed[3]", "closed[4]"}},
		{"closed twice", func(c *hours.Config) { c.Closed = []string{"2026-02-28", "2026-02-27", "2026-02-28"} }, []string{"closed[2]"}},
		{"special", func(c *hours.Config) {
			c.Special = hours.Dates{"2026-13-01": {"25:00-26:00"}, "2026-12-24": {"10:00-10:00"}}
		}, []string{"special.2026-12-24[0]", "special.2026-13-01[0]", "special.2026-13-01"}},
		{"S3 closed and special", func(c *hours.Config) {
			c.Closed, c.Special = []string{"2026-12-24"}, hours.Dates{"2026-12-24": {"10:00-11:00"}}
		}, []string{"special.2026-12-24"}},
		{"unknown holidays", func(c *hours.Config) { c.Holidays = []string{"gb", "atlantis"} }, []string{"holidays[0]", "holidays[1]"}},
		{"always", func(c *hours.Config) { *c = hours.Config{Always: true} }, nil},
		{"always in a zone", func(c *hours.Config) { *c = hours.Config{Always: true, Zone: "Europe/Paris"} }, nil},
		{"always in no zone that is known", func(c *hours.Config) { *c = hours.Config{Always: true, Zone: "x"} }, []string{"zone"}},
		{"always with hours", func(c *hours.Config) {
			*c = hours.Config{Always: true, Hours: week, Closed: []string{"x"}, Special: hours.Dates{"x": nil}, Holidays: []string{"x"}}
		}, []string{"hours", "closed", "special", "holidays"}},
		{"any", func(c *hours.Config) { *c = hours.Config{Any: []hours.Member{{Name: "standard"}}} }, nil},
		{"any of none", func(c *hours.Config) { *c = hours.Config{Any: []hours.Member{}} }, []string{"any"}},
		{"all of none", func(c *hours.Config) { *c = hours.Config{All: []hours.Member{}} }, []string{"all"}},
		{"except one", func(c *hours.Config) { *c = hours.Config{Except: []hours.Member{{Name: "standard"}}} }, []string{"except"}},
		{"except two", func(c *hours.Config) {
			*c = hours.Config{Except: []hours.Member{{Name: "standard"}, {Name: "always"}}}
		}, nil},
		{"except three", func(c *hours.Config) {
			*c = hours.Config{Except: []hours.Member{{Name: "standard"}, {Name: "always"}, {Name: "nobody"}}}
		}, []string{"except", "except[2]"}},
		{"members", func(c *hours.Config) {
			*c = hours.Config{All: []hours.Member{{}, {Name: "standard", Config: &hours.Config{}}, {Name: "desk"}, {Config: &hours.Config{}}}}
		}, []string{"all[0]", "all[1]", "all[2]", "all[3].zone"}},
		{"any in a zone", func(c *hours.Config) { c.Any = []hours.Member{{Name: "always"}} }, []string{"zone", "hours"}},
		{"everything at once", func(c *hours.Config) {
			c.Versions, c.Always = []hours.Version{{}}, true
			c.Any, c.All, c.Except = []hours.Member{{Name: "always"}}, []hours.Member{}, []hours.Member{}
			c.Closed, c.Special, c.Holidays = []string{"x"}, hours.Dates{"x": nil}, []string{"x"}
		}, []string{"all", "except", "versions", "always", "zone", "hours", "closed", "special", "holidays"}},
		{"versions", func(c *hours.Config) {
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{{Hours: week}, {From: second, Always: true}, {From: second.Add(time.Second)}}}
		}, nil},
		{"no versions", func(c *hours.Config) { *c = hours.Config{Zone: "UTC", Versions: []hours.Version{}} }, []string{"versions"}},
		{"versions beside hours", func(c *hours.Config) { c.Versions = []hours.Version{{}} }, []string{"hours"}},
		{"versions without a zone", func(c *hours.Config) { *c = hours.Config{Versions: []hours.Version{{}}} }, []string{"zone"}},
		{"versions that need no zone", func(c *hours.Config) { *c = hours.Config{Versions: []hours.Version{{Always: true}}} }, nil},
		{"S5 the zone is shared", func(c *hours.Config) {
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{{Zone: "UTC"}, {From: second, Zone: "GMT"}}}
		}, []string{"versions[1].zone"}},
		{"S5 the zone may stand in the versions", func(c *hours.Config) {
			*c = hours.Config{Versions: []hours.Version{{Zone: "Asia/Tokyo"}, {From: second, Zone: "Asia/Tokyo"}}}
		}, nil},
		{"S5 the zone of versions is checked", func(c *hours.Config) {
			*c = hours.Config{Versions: []hours.Version{{Zone: "x"}, {From: second, Zone: "y"}}}
		}, []string{"versions[0].zone", "versions[1].zone"}},
		{"S5 the first version has no from", func(c *hours.Config) {
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{{From: second}, {From: second}}}
		}, []string{"versions[0].from"}},
		{"S5 the others have one", func(c *hours.Config) {
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{{}, {}, {From: second}}}
		}, []string{"versions[1].from"}},
		{"S5 from grows", func(c *hours.Config) {
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{{}, {From: second}, {From: second}, {From: second.Add(-time.Second)}}}
		}, []string{"versions[2].from", "versions[3].from"}},
		{"S5 from is a whole second", func(c *hours.Config) {
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{{}, {From: second.Add(1)}}}
		}, []string{"versions[1].from"}},
		{"S5 from is within the horizon", func(c *hours.Config) {
			h := hours.Horizon()
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{{}, {From: h.Start.Add(-time.Second)}, {From: h.Start}, {From: h.End.Add(-time.Second)}, {From: h.End}}}
		}, []string{"versions[1].from", "versions[4].from"}},
		{"S5 from can be written", func(c *hours.Config) {
			east := func(sec int) time.Time { return second.In(time.FixedZone("", sec)) }
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{{}, {From: east(86400)}, {From: east(86340).Add(time.Second)}, {From: east(-86400).Add(time.Minute)}, {From: east(-86340).Add(time.Hour)}}}
		}, []string{"versions[1].from", "versions[3].from"}},
		{"faults of versions", func(c *hours.Config) {
			*c = hours.Config{Zone: "UTC", Versions: []hours.Version{
				{Hours: hours.Week{"mon": {"x"}}, Closed: []string{"x"}, Special: hours.Dates{"x": nil}, Holidays: []string{"x"}},
				{From: second, Always: true, Hours: week, Closed: []string{"2026-01-01"}, Special: hours.Dates{"2026-01-02": nil}, Holidays: []string{"x"}},
			}}
		}, []string{
			"versions[0].hours.mon[0]", "versions[0].closed[0]", "versions[0].special.x", "versions[0].holidays[0]",
			"versions[1].hours", "versions[1].closed", "versions[1].special", "versions[1].holidays", "versions[1].holidays[0]",
		}},
		{"nested", func(c *hours.Config) {
			inner := *c
			inner.Zone = "x"
			*c = hours.Config{Any: []hours.Member{{Config: &hours.Config{Except: []hours.Member{{Name: "always"}, {Config: &inner}}}}}}
		}, []string{"any[0].except[1].zone"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := hours.Config{Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:00")}
			tt.edit(&c)
			s, err := hours.New(c, nil)
			require.Equal(t, tt.want, faults(t, err))
			require.Equal(t, err == nil, s != nil)
		})
	}
}

// many returns n spans of a day.
func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%02d:%02d-%02d:%02d", i/6, i%6*10, i/6, i%6*10+5)
	}
	return out
}

// A span is HH:MM-HH:MM or with seconds, up to 24:00; anything else is a
// fault.
func TestSpanSyntax(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"00:00-24:00":       true,
		"00:00:00-24:00:00": true,
		"23:59:59-24:00":    true,
		"23:59-00:00":       true,
		"22:00-06:00":       true,
		"00:01-00:00":       true,
		"09:00:30-17:00":    true,
		"00:00-00:00":       false,
		"09:00-09:00:00":    false,
		"24:00-24:00":       false,
		"24:00-06:00":       false,
		"00:00-24:00:01":    false,
		"00:00-24:01":       false,
		"00:00-25:00":       false,
		"09:60-17:00":       false,
		"09:00-17:00:60":    false,
		"9:00-17:00":        false,
		"09.00-17.00":       false,
		"09:00.30-17:00":    false,
		"09:00-17:00 ":      false,
		" 09:00-17:00":      false,
		"09:00–17:00":       false,
		"09:00-17:00-18:00": false,
		"09:00":             false,
		"-":                 false,
		"":                  false,
		"0/:00-17:00":       false,
		"09:00-1::00":       false,
		"09:0a-17:00":       false,
	} {
		c := hours.Config{Zone: "UTC", Hours: hours.Week{"mon": {text}}}
		_, err := hours.New(c, nil)
		require.Equal(t, ok, err == nil, "%q: %v", text, err)
		if !ok {
			fe, is := errors.AsType[*helpdesk.FieldError](err)
			require.True(t, is)
			require.Equal(t, "hours.mon[0]", fe.Path)
			require.Equal(t, text, fe.Value)
		}
	}
}

func TestFieldErrorText(t *testing.T) {
	t.Parallel()
	_, err := hours.New(hours.Config{Zone: "Mars", Hours: hours.Week{"mon": {strings.Repeat("ü", 100), "24:00-25:00", "07:00-07:00", "24:00-06:00"}}}, nil)
	require.EqualError(t, err, strings.Join([]string{
		`zone: "Mars" is not a zone that this system knows; name one such as Europe/London`,
		`hours.mon[0]: "` + strings.Repeat("ü", 60) + `" must be HH:MM-HH:MM, from 00:00 to 24:00`,
		`hours.mon[1]: "24:00-25:00" must be HH:MM-HH:MM, from 00:00 to 24:00`,
		`hours.mon[2]: "07:00-07:00" is empty; all day is 00:00-24:00`,
		`hours.mon[3]: "24:00-06:00" must not start at 24:00, which is the next date's 00:00`,
	}, "\n"))
	_, err = hours.New(hours.Config{}, nil)
	require.EqualError(t, err, "zone: is missing; name a zone such as Europe/London")
	// A value is cut only if it is long, and between runes.
	_, err = hours.New(hours.Config{Zone: strings.Repeat("x", 60)}, nil)
	require.ErrorContains(t, err, `"`+strings.Repeat("x", 60)+`"`)
	_, err = hours.New(hours.Config{Zone: strings.Repeat("x", 59) + "üü"}, nil)
	require.ErrorContains(t, err, `"`+strings.Repeat("x", 59)+`ü"`)
}

func TestResolver(t *testing.T) {
	t.Parallel()
	broken := errors.New("the store is down")
	night := weekly(t, "UTC", hours.Daily("22:00-06:00"))
	r := &hours.Resolver{
		Schedule: func(name string) (*hours.Schedule, error) {
			switch name {
			case "night", "always":
				return night, nil
			case "nil":
				return nil, nil
			case "broken":
				return nil, broken
			default:
				return nil, helpdesk.ErrNotFound
			}
		},
		Holidays: func(name string) ([]hours.Holiday, error) {
			if name == "broken" {
				return nil, broken
			}
			return nil, helpdesk.ErrNotFound
		},
	}
	s, err := r.Lookup("night")
	require.NoError(t, err)
	require.Same(t, night, s)
	s, err = r.Lookup("always") // its own comes first
	require.NoError(t, err)
	require.Same(t, night, s)
	s, err = r.Lookup("standard") // unknown to the function, but built in
	require.NoError(t, err)
	require.Equal(t, "standard", s.Name())
	for _, name := range []string{"nil", "day", ""} {
		_, err = r.Lookup(name)
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
	}
	_, err = r.Lookup("broken")
	require.ErrorIs(t, err, broken)

	for _, none := range []*hours.Resolver{nil, {}} {
		s, err = none.Lookup("always")
		require.NoError(t, err)
		require.Equal(t, "always", s.Name())
		_, err = none.Lookup("night")
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
	}

	_, err = hours.New(hours.Config{Any: []hours.Member{{Name: "broken"}, {Name: "day"}}}, r)
	require.EqualError(t, err, `any[0]: "broken" cannot be resolved: the store is down
any[1]: "day" is not the name of a schedule that the resolver knows`)
	_, err = hours.New(hours.Config{Zone: "UTC", Holidays: []string{"broken", "gb"}}, r)
	require.EqualError(t, err, `holidays[0]: "broken" cannot be resolved: the store is down
holidays[1]: "gb" is not the name of a list of holidays that the resolver knows`)
	require.NotErrorIs(t, err, broken)
}

// Compositions from strangers end somewhere.
func TestDepth(t *testing.T) {
	t.Parallel()
	nested := func(depth int) hours.Config {
		c := hours.Config{Always: true}
		for range depth {
			c = hours.Config{All: []hours.Member{{Config: new(c)}}}
		}
		return c
	}
	s, err := hours.New(nested(32), nil)
	require.NoError(t, err)
	open, err := s.IsOpen(at(t, "2026-03-02T00:00:00Z"))
	require.NoError(t, err)
	require.True(t, open)
	field := strings.Repeat("all[0].", 32) + "all"
	_, err = hours.New(nested(33), nil)
	require.Equal(t, []string{field}, faults(t, err))
	data, err := json.Marshal(nested(33))
	require.NoError(t, err)
	_, err = hours.Parse(data, nil)
	require.Equal(t, []string{field}, faults(t, err))
	var c hours.Config
	require.Equal(t, []string{field}, faults(t, json.Unmarshal(data, &c)))
	data, err = json.Marshal(nested(32))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &c))
}

// New and Config copy: nobody changes a schedule from outside.
func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	member := &hours.Config{Zone: "UTC", Hours: hours.Week{"mon": {"09:00-17:00"}}, Closed: []string{"2026-01-01"}, Special: hours.Dates{"2026-01-02": {"10:00-11:00"}}}
	versions := &hours.Config{Zone: "UTC", Versions: []hours.Version{{Hours: hours.Week{"mon": {"09:00-17:00"}}, Closed: []string{"2026-01-01"}, Special: hours.Dates{"2026-01-02": {"10:00-11:00"}}}}}
	s := build(t, hours.Config{Any: []hours.Member{{Config: member}, {Config: versions}}})
	want, err := json.Marshal(s.Config())
	require.NoError(t, err)
	spoil := func(m *hours.Config) {
		if m.Versions != nil {
			m.Versions[0].Hours["mon"][0] = "x"
			m.Versions[0].Closed[0] = "x"
			m.Versions[0].Special["2026-01-02"][0] = "x"
			m.Versions[0].Name = "x"
			return
		}
		m.Hours["mon"][0] = "x"
		m.Hours["tue"] = nil
		m.Closed[0] = "x"
		m.Special["2026-01-02"][0] = "x"
		m.Zone = "x"
	}
	spoil(member)
	spoil(versions)
	c := s.Config()
	spoil(c.Any[0].Config)
	spoil(c.Any[1].Config)
	c.Any[0] = hours.Member{}
	got, err := json.Marshal(s.Config())
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got))
}

func TestNamed(t *testing.T) {
	t.Parallel()
	u := at(t, "2026-03-02T09:30:00Z")
	for _, s := range []*hours.Schedule{desk(t), hours.Union(desk(t), hours.Standard()), hours.Always(), new(hours.Schedule), hours.Intersect()} {
		n := s.Named("night")
		require.Equal(t, "night", n.Name())
		require.Equal(t, "night", n.Config().Name)
		require.Empty(t, collect(hours.Differences(s, n, u, u.AddDate(1, 0, 0))))
	}
	reasons := collect(desk(t).Named("night").Reasons(u, u.Add(1)))
	require.Len(t, reasons, 1)
	require.Equal(t, "night", reasons[0].Schedule)
}

func TestWeekHelpers(t *testing.T) {
	t.Parallel()
	w := hours.Weekdays("09:00-12:00", "13:00-17:00")
	require.Len(t, w, 5)
	require.Equal(t, []string{"09:00-12:00", "13:00-17:00"}, w["mon"])
	require.NotContains(t, w, "sat")
	require.NotContains(t, w, "sun")
	w["mon"][0] = "x" // each day has its own
	require.Equal(t, "09:00-12:00", w["fri"][0])
	d := hours.Daily("10:00-11:00")
	require.Len(t, d, 7)
	require.Equal(t, []string{"10:00-11:00"}, d["sun"])
}
