package strictjson_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/hostile"
	"github.com/deskcore/helpdesk/internal/strictjson"
)

func parse(t *testing.T, text string) (*strictjson.Node, *check.Faults) {
	t.Helper()
	var f check.Faults
	n, err := strictjson.Parse([]byte(text), &f)
	require.NoError(t, err)
	return n, &f
}

func TestParseRefusesWhatIsNotJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "[", `{"a"}`, `{"a":}`, `[1,`, `{"a":1`, `[[`, `{"a":{`, "nul", "1 2", `{} {}`, `{"a":1}]`} {
		var f check.Faults
		_, err := strictjson.Parse([]byte(text), &f)
		require.Error(t, err, "%q", text)
	}
}

// TestBoundsTheDepth: a text of brackets must not use up the stack.
func TestBoundsTheDepth(t *testing.T) {
	t.Parallel()
	var f check.Faults
	nest := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	_, err := strictjson.Parse(nest(1000), &f)
	require.NoError(t, err)
	_, err = strictjson.Parse(nest(1001), &f)
	require.ErrorContains(t, err, "1000")
}

func TestReadsEachType(t *testing.T) {
	t.Parallel()
	n, f := parse(t, `{"s":"text","l":["a","b"],"t":true,"i":-3,"d":"1h30m","at":"2026-03-29T01:00:00.5Z","o":{"x":1}}`)
	var at time.Time
	var names []string
	n.Object(f, func(m *strictjson.Members) {
		require.Equal(t, "text", m.String("s"))
		require.True(t, m.Get("s").IsString())
		require.Equal(t, []string{"a", "b"}, m.Strings("l"))
		require.True(t, m.Bool("t"))
		require.Equal(t, -3, m.Int("i"))
		require.Equal(t, 90*time.Minute, m.Duration("d"))
		at = m.Get("at").Time(f)
		m.Get("o").Map(f, func(name string, v *strictjson.Node) {
			names = append(names, name+"="+string(v.Raw()))
		})
		require.False(t, m.Get("o").IsString())
	})
	require.NoError(t, f.Err())
	require.True(t, at.Equal(time.Date(2026, time.March, 29, 1, 0, 0, 5e8, time.UTC)))
	require.Equal(t, []string{"x=1"}, names)
}

func TestAbsentIsZero(t *testing.T) {
	t.Parallel()
	n, f := parse(t, `{}`)
	n.Object(f, func(m *strictjson.Members) {
		require.Nil(t, m.Get("x"))
		require.Empty(t, m.String("x"))
		require.Nil(t, m.Strings("x"))
		require.False(t, m.Bool("x"))
		require.Zero(t, m.Int("x"))
		require.Zero(t, m.Duration("x"))
		require.True(t, m.Get("x").Time(f).IsZero())
		require.False(t, m.Get("x").IsString())
		m.Get("x").Object(f, func(*strictjson.Members) { t.Error("an absent object has no members") })
		m.Get("x").Map(f, func(string, *strictjson.Node) { t.Error("an absent map has no members") })
	})
	require.NoError(t, f.Err())
}

// TestTellsEveryFault: each with its path and its value, in one reading.
func TestTellsEveryFault(t *testing.T) {
	t.Parallel()
	n, f := parse(t, `{
		"s": 1, "l": {}, "l2": ["a", null], "b": "yes", "i": 1.5, "i2": "1", "d": 5, "at": "noon",
		"o": [], "m": true, "twice": 1, "twice": 2, "extra": [1], "deep": {"list": [{"oops": {}}]}
	}`)
	n.Object(f, func(m *strictjson.Members) {
		m.String("s")
		m.Strings("l")
		m.Strings("l2")
		m.Bool("b")
		m.Int("i")
		m.Int("i2")
		m.Duration("d")
		m.Get("at").Time(f)
		m.Get("o").Object(f, func(*strictjson.Members) { t.Error("a list is not an object") })
		m.Get("m").Map(f, func(string, *strictjson.Node) { t.Error("a truth is not an object") })
		m.Int("twice")
		m.Get("deep").Object(f, func(m *strictjson.Members) {
			m.Get("list").List(f, func(n *strictjson.Node) {
				n.Object(f, func(m *strictjson.Members) { m.Get("known") })
			})
		})
	})
	require.Equal(t, []helpdesk.FieldError{
		{Path: "twice", Value: "2", Reason: "stands there twice"},
		{Path: "s", Value: "1", Reason: "must be a string"},
		{Path: "l", Value: "{…}", Reason: "must be a list"},
		{Path: "l2[1]", Value: "null", Reason: "must be a string"},
		{Path: "b", Value: "yes", Reason: "must be true or false"},
		{Path: "i", Value: "1.5", Reason: "must be a whole number"},
		{Path: "i2", Value: "1", Reason: "must be a whole number"},
		{Path: "d", Value: "5", Reason: "must be a duration such as 1h30m"},
		{Path: "at", Value: "noon", Reason: "must be an instant of RFC 3339 such as 2026-03-29T09:00:00Z"},
		{Path: "o", Value: "[…]", Reason: "must be an object"},
		{Path: "m", Value: "true", Reason: "must be an object"},
		{Path: "deep.list[0].oops", Value: "{…}", Reason: "is not known"},
		{Path: "extra", Value: "[…]", Reason: "is not known"},
	}, faults(t, f))
}

func faults(t *testing.T, f *check.Faults) []helpdesk.FieldError {
	t.Helper()
	var out []helpdesk.FieldError
	for _, err := range check.Split(f.Err()) {
		fault, ok := errors.AsType[*helpdesk.FieldError](err)
		require.True(t, ok)
		out = append(out, *fault)
	}
	return out
}

func TestShortensLongValues(t *testing.T) {
	t.Parallel()
	long := make([]byte, 0, 300)
	for range 100 {
		long = append(long, "é"...)
	}
	n, f := parse(t, `"`+string(long)+`"`)
	n.Bool(f)
	require.Len(t, []rune(faults(t, f)[0].Value), 60)
	require.Empty(t, faults(t, f)[0].Path)
}

// A megabyte of anything costs what its length says, and its error can be read. It
// is not parallel because it counts what the program allocates.
func TestIsLinearAndBounded(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 900)
	lists := strings.Repeat("[", 990) + strings.Repeat("]", 990)
	read := func(data []byte) error {
		var f check.Faults
		n, err := strictjson.Parse(data, &f)
		if err != nil {
			return err
		}
		n.Object(&f, func(m *strictjson.Members) {
			m.Int("i")
			m.Duration("d")
			m.Strings("strings")
			m.Get("list").List(&f, func(n *strictjson.Node) { n.Object(&f, func(*strictjson.Members) {}) })
		})
		return f.Err()
	}
	hostile.Check(t, hostile.Megabyte, hostile.Texts{
		"unknown members":  func(n int) string { return hostile.Members(`"member%d":1`, n) },
		"repeated members": func(n int) string { return hostile.Members(`"a":%d`, n) },
		"nested lists":     func(n int) string { return "[" + hostile.List(lists, n) + "]" },
	}, read)
	hostile.Check(t, hostile.Usual, hostile.Texts{
		"a long name":          func(n int) string { return `{"` + strings.Repeat("é", n/2) + `":1}` },
		"unprintable names":    func(n int) string { return hostile.Members("\"\U000e0001\U000e0001\U000e0001\U000e0001%d\":1", n) },
		"repeated deep within": func(n int) string { return deep + hostile.Members(`"a":%d`, n) + strings.Repeat("}", 900) },
		"lists for objects":    func(n int) string { return `{"list":[` + hostile.List("[]", n) + "]}" },
		"wrong elements":       func(n int) string { return `{"strings":[` + hostile.List("1", n) + "]}" },
		"a long string":        func(n int) string { return `{"i":"` + strings.Repeat("x", n) + `"}` },
		"a long number":        func(n int) string { return `{"i":` + strings.Repeat("1", n) + `}` },
		"a long duration":      func(n int) string { return `{"d":"` + strings.Repeat("1", n) + `"}` },
		"no JSON":              func(n int) string { return strings.Repeat("\x01", n) },
		"no end":               func(n int) string { return "[" + strings.Repeat("1,", n/2) },
	}, read)
}

func TestRawIsTheText(t *testing.T) {
	t.Parallel()
	n, f := parse(t, ` { "a" : [ 1, {"b" : "x,:y"} ] , "c":"d"} `)
	var raw []string
	n.Object(f, func(m *strictjson.Members) {
		m.Get("a").List(f, func(n *strictjson.Node) { raw = append(raw, string(n.Raw())) })
		raw = append(raw, string(m.Get("c").Raw()))
	})
	require.Equal(t, []string{"1", `{"b" : "x,:y"}`, `"d"`}, raw)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a":[1,"b",{"c":null}],"a":2}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var faults check.Faults
		n, err := strictjson.Parse(data, &faults)
		if err != nil {
			return
		}
		// What was read stands in the text, and can be read again.
		if _, err := strictjson.Parse(n.Raw(), &faults); err != nil {
			t.Fatalf("%q has the text %q: %v", data, n.Raw(), err)
		}
	})
}
