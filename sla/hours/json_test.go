package hours_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
)

// Every form of a configuration, in its canonical JSON form.
var canonical = []string{
	`{"zone":"UTC"}`,
	`{"always":true}`,
	`{"name":"desk","zone":"Europe/London","hours":{"mon":["09:00-12:30","13:30-17:00"],"sat":["22:00-06:00"],"sun":[]},"closed":["2026-12-25"],"special":{"2026-12-24":["09:00-13:00"],"2026-12-31":[]},"holidays":["gb"]}`,
	`{"zone":"Europe/London","versions":[{"hours":{"mon":["09:00-17:00"]}},{"name":"summer","from":"2026-04-01T00:00:00+01:00","zone":"Europe/London","hours":{"tue":["09:00-17:00"]},"closed":["2026-12-25"],"special":{"2026-12-24":["09:00-13:00"]},"holidays":["gb"]},{"from":"2027-04-01T00:00:00Z","always":true}]}`,
	`{"any":["standard",{"zone":"UTC","hours":{"sat":["10:00-14:00"]}}]}`,
	`{"all":["standard",{"except":["always",{"any":["standard"]}]}]}`,
	`{"except":["always","standard"]}`,
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	r := &hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) { return nil, nil }}
	u := at(t, "2026-01-01T00:00:00Z")
	for _, text := range canonical {
		var c hours.Config
		require.NoError(t, json.Unmarshal([]byte(text), &c))
		data, err := json.Marshal(c)
		require.NoError(t, err)
		require.Equal(t, text, string(data))

		s, err := hours.Parse([]byte(text), r)
		require.NoError(t, err)
		require.Equal(t, c, s.Config())
		again, err := hours.New(s.Config(), r)
		require.NoError(t, err)
		require.Equal(t, c, again.Config())
		require.Empty(t, collect(hours.Differences(s, again, u, u.AddDate(2, 0, 0))))
	}
}

// The days are in the order of the week, and a list without spans is a list.
func TestMarshalWeek(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(hours.Config{
		Hours:   hours.Week{"sun": nil, "fri": nil, "mon": {"09:00-17:00"}, "sat": {}, "wed": nil, "thu": nil, "tue": nil, "y": nil, "a": nil},
		Special: hours.Dates{"2026-12-24": nil, "2026-01-02": {"10:00-11:00"}},
	})
	require.NoError(t, err)
	require.Equal(t, `{"hours":{"mon":["09:00-17:00"],"tue":[],"wed":[],"thu":[],"fri":[],"sat":[],"sun":[],"a":[],"y":[]},"special":{"2026-01-02":["10:00-11:00"],"2026-12-24":[]}}`, string(data))
}

func TestParseRejects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"no JSON", `{"zone"`, []string{""}},
		{"nothing", ``, []string{""}},
		{"more than one", `{"always":true}{}`, []string{""}},
		{"a list", `[]`, []string{""}},
		{"null", `null`, []string{""}},
		{"an unknown field", `{"always":true,"tz":"UTC"}`, []string{"tz"}},
		{"names are exact", `{"always":true,"Zone":"UTC"}`, []string{"Zone"}},
		{"a repeated field", `{"always":true,"always":true}`, []string{"always"}},
		{"a repeated day", `{"zone":"UTC","hours":{"mon":[],"tue":[],"mon":[]}}`, []string{"hours.mon"}},
		{"a repeated date", `{"zone":"UTC","special":{"2026-12-24":[],"2026-12-24":[]}}`, []string{"special.2026-12-24"}},
		{"types", `{"name":1,"zone":[],"hours":[],"closed":{},"special":1,"holidays":"gb"}`, []string{"name", "zone", "hours", "closed", "special", "holidays"}},
		{
			"types of items", `{"zone":"UTC","hours":{"mon":"09:00-17:00","tue":[1]},"closed":[20261225],"special":{"2026-12-24":true},"holidays":[null]}`,
			[]string{"hours.mon", "hours.tue[0]", "closed[0]", "special.2026-12-24", "holidays[0]"},
		},
		{"types of the rest", `{"always":"yes","versions":{},"any":1,"all":"standard","except":true}`, []string{"always", "versions", "any", "all", "except"}},
		{"null fields", `{"zone":null,"versions":null}`, []string{"zone", "versions"}},
		{"members", `{"any":["standard",1,null,{"zone":"UTC","x":1},""]}`, []string{"any[1]", "any[2]", "any[3].x", "any[4]"}},
		{
			"versions", `{"zone":"UTC","versions":[1,{"from":"2026-01-01","x":1},{"from":"2026-01-01T00:00:00Z","any":[]},{"from":"2026-01-02T00:00:00Z","name":1,"zone":1,"hours":1,"closed":1,"special":1,"holidays":1,"always":1}]}`,
			[]string{
				"versions[0]", "versions[1].from", "versions[1].x", "versions[2].any", "versions[3].name", "versions[3].zone", "versions[3].hours",
				"versions[3].closed", "versions[3].special", "versions[3].holidays", "versions[3].always",
			},
		},
		{"faults of both kinds", `{"zone":"Mars","hours":{"monday":[],"mon":["x"]},"x":1}`, []string{"x", "zone", "hours.mon[0]", "hours.monday"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := hours.Parse([]byte(tt.text), nil)
			require.Nil(t, s)
			got := faults(t, err)
			if tt.name == "members" || tt.name == "types of the rest" {
				require.Subset(t, got, tt.want)
				return
			}
			require.ElementsMatch(t, tt.want, got)
		})
	}
}

// An error leaves the receiver alone.
func TestUnmarshalError(t *testing.T) {
	t.Parallel()
	c := hours.Config{Name: "desk"}
	require.Equal(t, []string{"x"}, faults(t, c.UnmarshalJSON([]byte(`{"name":"other","x":1}`))))
	require.Equal(t, []string{""}, faults(t, c.UnmarshalJSON([]byte(`null`))))
	require.Equal(t, hours.Config{Name: "desk"}, c)
	require.NoError(t, c.UnmarshalJSON([]byte(` {"always":true} `)))
	require.Equal(t, hours.Config{Always: true}, c)

	m := hours.Member{Name: "desk"}
	require.Equal(t, []string{"x"}, faults(t, m.UnmarshalJSON([]byte(`{"name":"other","x":1}`))))
	require.Equal(t, []string{""}, faults(t, m.UnmarshalJSON([]byte(`1`))))
	require.Equal(t, []string{""}, faults(t, m.UnmarshalJSON([]byte(`""`))))
	require.Equal(t, hours.Member{Name: "desk"}, m)
	require.NoError(t, m.UnmarshalJSON([]byte(`{"always":true}`)))
	require.Equal(t, hours.Member{Config: &hours.Config{Always: true}}, m)
	require.NoError(t, m.UnmarshalJSON([]byte(`"night"`)))
	require.Equal(t, hours.Member{Name: "night"}, m)
}

func TestParseValue(t *testing.T) {
	t.Parallel()
	_, err := hours.Parse([]byte(`{"zone":"UTC","tz":"Europe/London"}`), nil)
	require.ErrorContains(t, err, `tz: "Europe/London" is not known`)
}

// A text of brackets is refused, whatever it holds in the end.
func TestDepthOfTextIsBounded(t *testing.T) {
	t.Parallel()
	text := `{"any":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`
	_, err := hours.Parse([]byte(text), nil)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	require.ErrorContains(t, err, "1000")
}
