package fastjson_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/deskcore/helpdesk/internal/fastjson"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestKeep(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ was, known, now, want string }{
		"nothing unknown":          {`{"a":1}`, `{"a":1}`, `{"a":2}`, `{"a":2}`},
		"nothing changed":          {`{"a":1, "z":2}`, `{"a":1}`, `{"a":1}`, `{"a":1, "z":2}`},
		"at the top":               {`{"z":{"n":1e400},"a":1}`, `{"a":1}`, `{"a":2}`, `{"a":2,"z":{"n":1e400}}`},
		"within":                   {`{"a":{"b":1,"z":2}}`, `{"a":{"b":1}}`, `{"a":{"b":3}}`, `{"a":{"b":3,"z":2}}`},
		"of what is gone":          {`{"a":{"b":1,"z":2},"c":1}`, `{"a":{"b":1},"c":1}`, `{"c":1}`, `{"c":1}`},
		"of what was empty":        {`{"a":{"z":2},"c":1}`, `{"c":1}`, `{"c":2}`, `{"c":2,"a":{"z":2}}`},
		"of what was empty, now":   {`{"a":{"z":2},"c":1}`, `{"c":1}`, `{"a":{"b":1},"c":1}`, `{"a":{"b":1,"z":2},"c":1}`},
		"known and unknown before": {`{"a":0,"c":1}`, `{"c":1}`, `{"a":5,"c":1}`, `{"a":5,"c":1}`},
		"null before":              {`{"a":null,"c":1}`, `{"c":1}`, `{"a":5,"c":1}`, `{"a":5,"c":1}`},
		"another one now":          {`{"a":{"id":1,"z":2},"b":1}`, `{"a":{"id":1},"b":1}`, `{"a":{"id":2},"b":1}`, `{"a":{"id":2},"b":1}`},
		"another kind now":         {`{"a":{"b":1,"z":2}}`, `{"a":{"b":1}}`, `{"a":[1]}`, `{"a":[1]}`},
		"twice":                    {`{"a":1,"z":1,"z":2}`, `{"a":1}`, `{"a":2}`, `{"a":2,"z":2}`},
		"escaped":                  {`{"\"z":"\\\"}","a":1}`, `{"a":1}`, `{"a":2}`, `{"a":2,"\"z":"\\\"}"}`},

		"one more":          {`[{"a":1,"z":1}]`, `[{"a":1}]`, `[{"a":0},{"a":1}]`, `[{"a":0},{"a":1,"z":1}]`},
		"one less":          {`[{"a":1,"z":1},{"a":2,"z":2}]`, `[{"a":1},{"a":2}]`, `[{"a":2}]`, `[{"a":2,"z":2}]`},
		"in another order":  {`[{"a":1,"z":1},{"a":2,"z":2}]`, `[{"a":1},{"a":2}]`, `[{"a":2},{"a":1}]`, `[{"a":2,"z":2},{"a":1,"z":1}]`},
		"two that are one":  {`[{"a":1,"z":1},{"a":1,"z":2}]`, `[{"a":1},{"a":1}]`, `[{"a":1},{"a":1},{"a":1}]`, `[{"a":1,"z":1},{"a":1,"z":2},{"a":1}]`},
		"changed, by ID":    {`[{"n":1,"id":"x","z":1},{"n":2,"id":"y","z":2}]`, `[{"n":1,"id":"x"},{"n":2,"id":"y"}]`, `[{"n":1,"id":"y"},{"n":3,"id":"x"}]`, `[{"n":1,"id":"y","z":2},{"n":3,"id":"x","z":1}]`},
		"gone, by ID":       {`[{"id":"x","z":1}]`, `[{"id":"x"}]`, `[{"id":"y"}]`, `[{"id":"y"}]`},
		"changed, by first": {`[{"k":"x","n":1,"z":1},{"k":"x","n":2,"z":2}]`, `[{"k":"x","n":1},{"k":"x","n":2}]`, `[{"k":"x","n":2,"l":1},{"k":"x","n":1,"l":1}]`, `[{"k":"x","n":2,"l":1,"z":2},{"k":"x","n":1,"l":1,"z":1}]`},
		"gone, by number":   {`[{"episode":1,"z":1},{"episode":2,"z":2}]`, `[{"episode":1},{"episode":2}]`, `[{"episode":2},{"episode":3}]`, `[{"episode":2,"z":2},{"episode":3}]`},
		"gone, by two":      {`[{"metric":"m","cycle":1,"n":1,"z":1},{"metric":"n","cycle":1,"z":2}]`, `[{"metric":"m","cycle":1,"n":1},{"metric":"n","cycle":1}]`, `[{"metric":"m","cycle":2},{"metric":"n","cycle":1,"n":1}]`, `[{"metric":"m","cycle":2},{"metric":"n","cycle":1,"n":1,"z":2}]`},
		"of texts":          {`["a","b"]`, `["a","b"]`, `["b","c"]`, `["b","c"]`},
		"of lists":          {`[[{"a":1,"z":1}]]`, `[[{"a":1}]]`, `[[{"a":1}],[]]`, `[[{"a":1,"z":1}],[]]`},
		"all gone":          {`[{"a":1,"z":1}]`, `[{"a":1}]`, `[]`, `[]`},
		"within one":        {`[{"id":1,"b":[{"c":1,"z":1}]}]`, `[{"id":1,"b":[{"c":1}]}]`, `[{"id":1,"b":[{"c":1},{"c":2}]}]`, `[{"id":1,"b":[{"c":1,"z":1},{"c":2}]}]`},
		"spaces":            {" { \"a\" : [ { \"b\" : 1 , \"z\" : 1 } ] } ", `{"a":[{"b":1}]}`, `{"a":[{"b":1},{"b":2}]}`, `{"a":[{ "b" : 1 , "z" : 1 },{"b":2}]}`},
	} {
		got, err := fastjson.Keep([]byte(c.was), []byte(c.known), []byte(c.now))
		require.NoError(t, err, name)
		require.Equal(t, c.want, string(got), name)
	}
}

// Nothing is lost, and nothing is given to another, in silence.
func TestKeepUnsure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		was, known, now string
		want            error
	}{
		"one changed into another": {`[{"a":1,"z":1}]`, `[{"a":1}]`, `[{"a":2}]`, fastjson.ErrUnsure},
		"one that is not read":     {`[{"a":1,"z":1},2]`, `[{"a":1}]`, `[{"a":2}]`, fastjson.ErrUnsure},
		"in another order":         {`[{"a":2,"z":2},{"a":1,"z":1}]`, `[{"a":1},{"a":2}]`, `[{"a":1},{"a":2},{"a":3}]`, fastjson.ErrUnsure},
		"deep within":              {`{"l":[[{"a":1,"z":1}]]}`, `{"l":[[{"a":1}]]}`, `{"l":[[{"a":2}]]}`, fastjson.ErrUnsure},
		"within a changed list":    {`{"l":[[1,2],[{"z":1}]]}`, `{"l":[[1,2],[{}]]}`, `{"l":[[1,2],[{},3]]}`, fastjson.ErrUnsure},
		"was no JSON":              {`{`, `{}`, `{}`, fastjson.ErrForm},
		"known no JSON":            {`{}`, `{]`, `{}`, fastjson.ErrForm},
		"now no JSON":              {`{}`, `{}`, ``, fastjson.ErrForm},
	} {
		_, err := fastjson.Keep([]byte(c.was), []byte(c.known), []byte(c.now))
		require.ErrorIs(t, err, c.want, name)
	}
}

// future puts a member that nobody knows into every object.
func future(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			x[k] = future(e)
		}
		x["zz_future"] = map[string]any{"n": len(x)}
	case []any:
		for i := range x {
			x[i] = future(x[i])
		}
	}
	return v
}

// past takes out what future put in, and counts it.
func past(v any) (n int) {
	switch x := v.(type) {
	case map[string]any:
		if _, ok := x["zz_future"]; ok {
			n++
			delete(x, "zz_future")
		}
		for _, e := range x {
			n += past(e)
		}
	case []any:
		for _, e := range x {
			n += past(e)
		}
	}
	return n
}

func drawJSON(t *rapid.T, depth int) any {
	kinds := 6
	if depth == 0 {
		kinds = 3
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return float64(rapid.IntRange(0, 3).Draw(t, "n"))
	case 1:
		return text().Draw(t, "text")
	case 2:
		return rapid.Bool().Draw(t, "bool")
	case 3:
		list := make([]any, rapid.IntRange(0, 4).Draw(t, "len"))
		for i := range list {
			list[i] = drawJSON(t, depth-1)
		}
		return list
	default:
		object := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "len") {
			object[rapid.SampledFrom([]string{"id", "a", "b", "c"}).Draw(t, "name")] = drawJSON(t, depth-1)
		}
		return object
	}
}

func marshal(t require.TestingT, v any) []byte {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

// What is known is as it was written, whatever is kept; and if nothing changed, all that is
// not known is kept.
func TestKeepProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		known := marshal(t, drawJSON(t, 3))
		var was any
		require.NoError(t, json.Unmarshal(known, &was))
		all := past(future(was))
		was = future(was)
		now := known
		if rapid.Bool().Draw(t, "changed") {
			now = marshal(t, drawJSON(t, 3))
		}
		got, err := fastjson.Keep(marshal(t, was), known, now)
		if err != nil {
			require.ErrorIs(t, err, fastjson.ErrUnsure)
			return
		}
		var kept any
		require.NoError(t, json.Unmarshal(got, &kept))
		n := past(kept)
		require.JSONEq(t, string(now), string(marshal(t, kept)))
		if bytes.Equal(known, now) {
			require.Equal(t, all, n)
		}
		require.LessOrEqual(t, n, all)
	})
}

func FuzzKeep(f *testing.F) {
	f.Add([]byte(`{"a":[{"id":1,"z":2}]}`), []byte(`{"a":[{"id":1}]}`), []byte(`{"a":[{"id":1,"b":3}]}`))
	f.Fuzz(func(t *testing.T, was, known, now []byte) {
		got, err := fastjson.Keep(was, known, now)
		if err != nil {
			return
		}
		require.True(t, json.Valid(got), "%s", got)
	})
}
