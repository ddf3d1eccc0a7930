package hours_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/stretchr/testify/require"
)

// The words for everything that can be wrong with a schedule.
func TestFaultTexts(t *testing.T) {
	t.Parallel()
	texts := []string{
		``, `null`, `[]`, `{"zone"`, `{"always":true}{}`, `{}`,
		`{"zone":"Mars/Olympus_Mons"}`, `{"zone":"Local"}`, `{"zone":""}`, `{"always":true,"zone":"x"}`,
		`{"always":true,"tz":"UTC","Zone":"UTC"}`, `{"always":true,"always":true}`,
		`{"zone":"UTC","hours":{"mon":[],"monday":[],"mon":[]},"special":{"2026-12-24":[],"2026-12-24":[]}}`,
		`{"name":1,"zone":[],"hours":[],"closed":{},"special":1,"holidays":"gb"}`,
		`{"zone":"UTC","hours":{"mon":"09:00-17:00","tue":[1]},"closed":[20261225],"special":{"2026-12-24":true},"holidays":[null]}`,
		`{"always":"yes","versions":{},"any":1,"all":"standard","except":true}`, `{"zone":null,"versions":null}`,
		`{"zone":"UTC","hours":{"mon":["9-17","24:00-25:00","07:00-07:00","24:00-06:00","09:00-12:00","11:00-13:00","09:00–17:00"]}}`,
		`{"zone":"UTC","hours":{"mon":["` + strings.Repeat("ü", 100) + `"]}}`,
		`{"zone":"UTC","closed":["2026-02-29","26-03-01","","2026-02-28","2026-02-28"]}`,
		`{"zone":"UTC","closed":["2026-12-24"],"special":{"2026-12-24":["10:00-11:00"],"2026-13-01":["25:00-26:00"]}}`,
		`{"zone":"UTC","holidays":["gb","atlantis"]}`,
		`{"always":true,"hours":{"mon":[]},"closed":["x"],"special":{"x":[]},"holidays":["x"]}`,
		`{"any":[]}`, `{"all":[]}`, `{"except":[]}`, `{"except":["standard"]}`, `{"except":["standard","always","nobody"]}`,
		`{"any":["standard",1,null,{"zone":"UTC","x":1},""]}`, `{"zone":"UTC","hours":{"mon":[]},"any":["always"]}`,
		`{"versions":[],"always":true,"any":["always"],"all":[],"except":[],"closed":["x"],"special":{"x":[]},"holidays":["x"]}`,
		`{"zone":"UTC","versions":[]}`, `{"zone":"UTC","hours":{"mon":[]},"versions":[{}]}`, `{"versions":[{}]}`,
		`{"zone":"UTC","versions":[{"zone":"UTC"},{"from":"2026-01-01T00:00:00Z","zone":"GMT"}]}`,
		`{"zone":"UTC","versions":[{"from":"2026-01-01T00:00:00Z"},{}]}`,
		`{"zone":"UTC","versions":[{},{"from":"2026-01-01T00:00:00.5Z"},{"from":"1899-12-31T23:59:59Z"},{"from":"2026-01-01T00:00:00Z"},{"from":"2026-01-01T00:00:00Z"}]}`,
		`{"zone":"UTC","versions":[1,{"from":"2026-01-01","x":1},{"from":"2026-01-01T00:00:00Z","any":[]},{"from":"2026-01-02T00:00:00Z","name":1,"zone":1,"hours":1,"closed":1,"special":1,"holidays":1,"always":1}]}`,
		`{"zone":"UTC","versions":[{"hours":{"mon":["x"]},"closed":["x"],"special":{"x":[]},"holidays":["x"]},{"from":"2026-01-01T00:00:00Z","always":true,"hours":{"mon":[]},"closed":["2026-01-01"],"special":{"2026-01-02":[]},"holidays":["x"]}]}`,
		`{"any":[{"except":["always",{"zone":"x"}]}]}`,
		strings.Repeat(`{"any":[`, 40) + `"always"` + strings.Repeat(`]}`, 40),
		`{"zone":"UTC","hours":{"mon":["` + strings.Join(many(101), `","`) + `"]}}`,
	}
	var said strings.Builder
	for _, text := range texts {
		_, err := hours.Parse([]byte(text), nil)
		fmt.Fprintf(&said, "== %.200s\n%v\n", text, err)
	}
	second := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []hours.Config{
		{Any: []hours.Member{{}, {Name: "standard", Config: &hours.Config{}}}},
		{Zone: "UTC", Versions: []hours.Version{{}, {From: second.In(time.FixedZone("", 86400))}}},
	} {
		_, err := hours.New(c, nil)
		fmt.Fprintf(&said, "== of fields\n%v\n", err)
	}
	golden.Equal(t, "testdata/faults.golden", said.String())
}

// The words for questions that have no answer.
func TestRefusalTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	say := func(what string, err error) { fmt.Fprintf(&said, "== %s\n%v\n", what, err) }
	never, err := hours.Parse([]byte(`{"name":"never","zone":"UTC"}`), nil)
	require.NoError(t, err)
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	for _, s := range []*hours.Schedule{never, hours.Always(), hours.Standard()} {
		for _, d := range []time.Duration{2_000_000 * time.Hour, -2_000_000 * time.Hour} {
			_, err := s.Add(at, d)
			say("add", err)
			_, err = s.Sub(at, d)
			say("sub", err)
		}
		_, err := s.NextOpen(at)
		say("next open", err)
		_, err = s.NextClose(at)
		say("next close", err)
		_, err = s.PrevClose(at)
		say("previous close", err)
		_, err = s.Add(hours.Horizon().End, 0)
		say("beyond the horizon", err)
		_, err = s.Between(hours.Horizon().Start, hours.Horizon().End.Add(-1))
		say("between", err)
	}
	golden.Equal(t, "testdata/refusals.golden", said.String())
}
