package fastjson_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/internal/fastjson"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type name string

func (n name) AppendText(b []byte) ([]byte, error) { return append(b, n...), nil }
func (n name) MarshalText() ([]byte, error)        { return []byte(n), nil }
func (n *name) UnmarshalText(text []byte) error    { *n = name(text); return nil }

type own struct{ S string }

func (o own) MarshalJSON() ([]byte, error) { return json.Marshal([]string{o.S}) }
func (o *own) UnmarshalJSON(b []byte) error {
	var s []string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	o.S = strings.Join(s, "")
	return nil
}

type pair struct{ A, B int }

func (p pair) IsZero() bool { return p.A == 0 }

// sample has a member of each form.
type sample struct {
	Text string `json:"text"`
	Embedded
	Name    name           `json:"name,omitzero"`
	Names   []name         `json:"names"`
	Own     own            `json:"own"`
	Owns    []own          `json:"owns,omitempty"`
	At      time.Time      `json:"at,omitzero"`
	Yes     bool           `json:"yes,omitempty"`
	N       int            `json:"n"`
	Small   int8           `json:"small,omitzero"`
	U       uint16         `json:"u"`
	Pair    pair           `json:"pair,omitzero"`
	Pairs   []pair         `json:"pairs"`
	Pointer *pair          `json:"pointer"`
	Self    *sample        `json:"self,omitempty"`
	Map     map[string]int `json:"map,omitempty"`
	Bytes   []byte         `json:"bytes,omitempty"`
	Raw     json.RawMessage
	Any     any    `json:"any"`
	Left    string `json:"-"`
	F       float64
}

// Embedded is exported, as every embedded struct of the module is.
type Embedded struct {
	Inner
	In2 string `json:"in2,omitzero"`
}

// Inner lies two levels deep.
type Inner struct {
	In string `json:"in,omitzero"`
}

func text() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "plain", "<a href=\"x\">&\u2028\u2029", "ü\x80\xff", "\x00\x1f\x7f\b\f\n\r\t\\", "\U0001F600\ufffd"}))
}

func drawSample(t *rapid.T, depth int) sample {
	s := sample{
		Text: text().Draw(t, "text"), Name: name(text().Draw(t, "name")), Own: own{text().Draw(t, "own")},
		Yes: rapid.Bool().Draw(t, "yes"), N: rapid.Int().Draw(t, "n"), Small: rapid.Int8().Draw(t, "small"),
		U: rapid.Uint16().Draw(t, "u"), Pair: pair{rapid.IntRange(0, 1).Draw(t, "a"), 2},
		F: rapid.Float64Range(-1e9, 1e9).Draw(t, "f"), Left: "never",
	}
	s.In, s.In2 = text().Draw(t, "in"), text().Draw(t, "in2")
	if rapid.Bool().Draw(t, "timed") {
		s.At = time.Unix(rapid.Int64Range(-1e10, 1e10).Draw(t, "s"), rapid.Int64Range(0, 1e9-1).Draw(t, "ns")).UTC()
	}
	for range rapid.IntRange(0, 3).Draw(t, "many") {
		s.Names = append(s.Names, name(text().Draw(t, "one")))
		s.Owns = append(s.Owns, own{text().Draw(t, "one")})
		s.Pairs = append(s.Pairs, pair{1, 2})
		s.Bytes = append(s.Bytes, 200)
		s.Pointer = &pair{3, 4}
		s.Map = map[string]int{"a": 1}
		s.Raw = json.RawMessage(`{"x":[1,2]}`)
		s.Any = rapid.SampledFrom([]any{nil, "a<b", 1.5, pair{1, 2}, &pair{1, 2}, own{"x"}, &own{"y"}, name("n"), []any{nil, true}, (*pair)(nil)}).Draw(t, "any")
	}
	if depth > 0 && rapid.Bool().Draw(t, "deeper") {
		inner := drawSample(t, depth-1)
		s.Self = &inner
	}
	return s
}

// What is written and read is what package encoding/json writes and reads.
func TestAsEncodingJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSample(t, 2)
		want, err := json.Marshal(&s)
		require.NoError(t, err)
		got, err := fastjson.Append([]byte("before "), &s)
		require.NoError(t, err)
		require.Equal(t, "before "+string(want), string(got))

		var there, here sample
		require.NoError(t, json.Unmarshal(want, &there))
		require.NoError(t, fastjson.DecodeKnown(want, &here))
		require.Equal(t, there, here)
		indented, err := json.MarshalIndent(&s, " ", "\t")
		require.NoError(t, err)
		here, there = sample{}, sample{}
		require.NoError(t, json.Unmarshal(indented, &there))
		require.NoError(t, fastjson.Decode(indented, &here))
		require.Equal(t, there, here)
	})
}

func TestDecodeForms(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		``, `{`, `[`, `{}x`, `{"n":01}`, `{"n":1.5}`, `{"n":1e2}`, `{"n":-}`, `{"n":"1"}`, `{"small":128}`, `{"u":-1}`, `{"u":65536}`,
		`{"text":1}`, `{"text":"` + "\x01" + `"}`, `{"text":"\x"}`, `{"text":"a}`, `{"yes":1}`, `{"at":"now"}`, `{"at":1}`, `{"names":{}}`,
		`{"names":["a"`, `{"names":["a",]}`, `{"n":1,}`, `{"n" 1}`, `{n:1}`, `{"x":[}`, `{"x":tru}`, `{"pointer":nul}`, `{"F":"a"}`, `{"pair":[]}`,
		`{"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, strings.Repeat(`{"self":`, 20_000) + `{}` + strings.Repeat("}", 20_000),
	} {
		require.Error(t, fastjson.Decode([]byte(bad), new(sample)), "%.40s", bad)
		require.Error(t, json.Unmarshal([]byte(bad), new(sample)), "%.40s", bad)
	}
	var s sample
	require.NoError(t, fastjson.Decode([]byte(` { "zz" : {"a":["}"]} , "n" : 7 , "names" : [ ] , "text":null, "pointer":null,"map":null} `), &s))
	require.Equal(t, sample{N: 7, Names: []name{}}, s)
	require.ErrorIs(t, fastjson.DecodeKnown([]byte(`{"zz":1}`), &s), fastjson.ErrForm)
	var other sample
	require.NoError(t, fastjson.Decode([]byte(`{"TEXT":"a","N":1,"f":2,"Names":["b"]}`), &other), "names count with their case")
	require.Equal(t, sample{}, other)
	require.ErrorIs(t, fastjson.DecodeKnown([]byte(`{"TEXT":"a"}`), &other), fastjson.ErrForm)
	require.Error(t, fastjson.Decode([]byte(`{}`), s))
	require.Error(t, fastjson.Decode([]byte(`{}`), (*sample)(nil)))
	for _, v := range []any{nil, (*sample)(nil), s, "a", []int{1}, &s} {
		want, err := json.Marshal(v)
		require.NoError(t, err)
		got, err := fastjson.Append(nil, v)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
	s.At = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	out, err := fastjson.Append([]byte("kept"), &s)
	require.Error(t, err)
	require.Equal(t, "kept", string(out))
}

// FuzzDecode compares with package encoding/json on any text.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"text":"a\u00fc\ud83d","names":["b",null],"own":["c"],"at":"2026-03-02T09:00:00+01:00","pair":{"A":1,"B":-0},"self":{"n":9223372036854775807},"F":1e5}`))
	f.Add([]byte(`{"n":1,"n":2,"names":["a","b"],"names":["c"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var here, there sample
		if fastjson.DecodeKnown(data, &here) != nil {
			return
		}
		require.NoError(t, json.Unmarshal(data, &there))
		require.Equal(t, there, here)
		want, err := json.Marshal(&there)
		require.NoError(t, err)
		got, err := fastjson.Append(nil, &here)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	})
}

func BenchmarkDecode(b *testing.B) {
	s := sample{Text: "a text of some length", Names: []name{"one", "two"}, At: time.Unix(1e9, 5).UTC(), Pairs: []pair{{1, 2}, {3, 4}}, Raw: json.RawMessage("1")}
	data, err := json.Marshal(&s)
	require.NoError(b, err)
	b.Run("fastjson", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = fastjson.Decode(data, new(sample))
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = json.Unmarshal(data, new(sample))
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	s := sample{Text: "a text of some length", Names: []name{"one", "two"}, At: time.Unix(1e9, 5).UTC(), Pairs: []pair{{1, 2}, {3, 4}}, Raw: json.RawMessage("1")}
	b.Run("fastjson", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf, _ = fastjson.Append(buf[:0], &s)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(&s)
		}
	})
}

type texted struct{ s string }

func (x texted) MarshalText() ([]byte, error)  { return []byte(x.s), nil }
func (x *texted) UnmarshalText(b []byte) error { x.s = string(b); return nil }

// A type for which there is no plan is written and read by package encoding/json.
func TestOtherTypes(t *testing.T) {
	t.Parallel()
	own1 := own{"o"}
	for _, v := range []any{
		&struct {
			T   texted
			P   *own
			Nil *own
			Q   *texted
		}{T: texted{"<a>"}, P: &own1, Q: &texted{"q"}},
		&struct {
			N int `json:"n,string"`
		}{7},
		&struct {
			Odd string `json:"odd-name"`
		}{"x"},
		&struct{ A [2]int }{[2]int{1, 2}},
		&struct {
			M map[string]any `json:"m,omitempty"`
			A [1]int         `json:"a,omitempty"`
			B bool           `json:"b,omitempty"`
		}{M: map[string]any{"a": 1.5}},
		&struct {
			time.Time
		}{time.Unix(0, 0).UTC()},
	} {
		want, err := json.Marshal(v)
		require.NoError(t, err)
		got, err := fastjson.Append(nil, v)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
		here, there := reflect.New(reflect.TypeOf(v).Elem()), reflect.New(reflect.TypeOf(v).Elem())
		require.NoError(t, json.Unmarshal(want, there.Interface()))
		require.NoError(t, fastjson.Decode(want, here.Interface()))
		require.Equal(t, there.Interface(), here.Interface())
	}
	for _, bad := range []string{`{"T":1}`, `{"P":tru}`, `{"P":`, `{"T":nope}`} {
		require.Error(t, fastjson.Decode([]byte(bad), &struct {
			T texted
			P *own
		}{}))
	}
	_, err := fastjson.Append(nil, &struct{ C chan int }{})
	require.Error(t, err)
	_, err = fastjson.Append(nil, &struct{ L []time.Time }{[]time.Time{time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}})
	require.Error(t, err)
}

// wide is an element of which it pays to count how many there are.
type wide struct {
	Room [20]string `json:"-"`
	N    int        `json:"n"`
	In   []wide     `json:"in,omitempty"`
}

// A list has room for as many large elements as there are, and no more.
func TestLargeElements(t *testing.T) {
	t.Parallel()
	for n := range 6 {
		list := make([]wide, n)
		for i := range list {
			list[i] = wide{N: i, In: make([]wide, i)}
		}
		data, err := json.MarshalIndent(list, "", " ")
		require.NoError(t, err)
		var here, there []wide
		require.NoError(t, fastjson.Decode(data, &here))
		require.NoError(t, json.Unmarshal(data, &there))
		require.Equal(t, there, here)
		require.Equal(t, n, cap(here))
	}
	for _, bad := range []string{`[{"n":1} {"n":2}]`, `[{"n":1},]`, `[{"n":1},{"n":"x]}]`, `[{"n":1`, `[{"n":1},{"n":2}`} {
		require.ErrorIs(t, fastjson.Decode([]byte(bad), new([]wide)), fastjson.ErrForm, bad)
	}
}

// Which of two members with one name counts is for package encoding/json to say.
func TestOneNameTwice(t *testing.T) {
	t.Parallel()
	type Other struct {
		In string `json:"in"`
	}
	both := reflect.New(reflect.StructOf([]reflect.StructField{
		{Name: "Inner", Type: reflect.TypeFor[Inner](), Anonymous: true},
		{Name: "Other", Type: reflect.TypeFor[Other](), Anonymous: true},
		{Name: "N", Type: reflect.TypeFor[int]()},
	}))
	both.Elem().Field(0).Field(0).SetString("one")
	both.Elem().Field(1).Field(0).SetString("two")
	want, err := json.Marshal(both.Interface())
	require.NoError(t, err)
	got, err := fastjson.Append(nil, both.Interface())
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
	require.NoError(t, fastjson.Decode([]byte(`{"in":"three","N":4}`), both.Interface()))
	require.Equal(t, []any{"one", "two", int64(4)}, []any{both.Elem().Field(0).Field(0).String(), both.Elem().Field(1).Field(0).String(), both.Elem().Field(2).Int()})
}
