package check_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/stretchr/testify/require"
)

func TestFaultsAreAllTold(t *testing.T) {
	t.Parallel()
	var f check.Faults
	require.False(t, f.Any())
	require.NoError(t, f.Err())
	f.Reject("title", "", "must be given")
	f.Reject("channel", "fax", "must be the name of a channel")
	require.True(t, f.Any())
	err := f.Err()
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	require.EqualError(t, err, "title: must be given\nchannel: \"fax\" must be the name of a channel")
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	var f check.Faults
	for range check.Most {
		f.Reject("a", "b", "c")
	}
	require.Len(t, check.Split(f.Err()), check.Most)
	f.Reject("a", "b", "c")
	f.Take("x", errors.New("d"))
	require.Len(t, check.Split(f.Err()), check.Most+1)
	require.ErrorContains(t, f.Err(), "and 2 faults more")
	require.ErrorIs(t, check.Split(f.Err())[check.Most], helpdesk.ErrInvalid)
}

func TestValuesAreShortened(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{59: 59, 60: 60, 61: 60, 1 << 20: 60} {
		var f check.Faults
		f.Reject("a", strings.Repeat("é", n), "c")
		fault, ok := errors.AsType[*helpdesk.FieldError](check.Split(f.Err())[0])
		require.True(t, ok)
		require.Equal(t, strings.Repeat("é", want), fault.Value)
	}
}

func TestFaultsOfPartsGetTheirPath(t *testing.T) {
	t.Parallel()
	var part, whole check.Faults
	part.Reject("zone", "Mars", "must be a zone")
	part.Reject("[2]", "", "must be given")
	part.Reject("", "x", "is odd")
	whole.Take("schedule", part.Err())
	whole.Take("schedule", nil)
	whole.Take("schedule", errors.New("other"))
	require.EqualError(t, whole.Err(), "schedule.zone: \"Mars\" must be a zone\nschedule[2]: must be given\nschedule: \"x\" is odd\nother")
	require.Equal(t, "a[1]", check.At("a", 1))
}

func TestFieldErrorText(t *testing.T) {
	t.Parallel()
	require.EqualError(t, &helpdesk.FieldError{Reason: "must not be empty"}, "must not be empty")
	require.EqualError(t, &helpdesk.FieldError{Value: "x", Reason: "is odd"}, `"x" is odd`)
}

func TestWant(t *testing.T) {
	t.Parallel()
	var f check.Faults
	f.Want(true, "a", "must be")
	f.Want(false, "b", "must be")
	require.EqualError(t, f.Err(), "b: must be")
}

func TestForms(t *testing.T) {
	t.Parallel()
	require.True(t, check.IsInstant(check.Begin))
	require.False(t, check.IsInstant(check.Begin.Add(-1)))
	require.True(t, check.IsInstant(check.End.Add(-1)))
	require.False(t, check.IsInstant(check.End))

	for s, want := range map[string]bool{"": false, "a": true, "~!": true, "abc": true, "abcd": false, "a b": false, "\x7f": false, "é": false} {
		require.Equal(t, want, check.IsGraphic(s, 3), "%q", s)
	}
	for s, want := range map[string]bool{"": true, "é": true, "abc": true, "abcd": false, "\x00": false, "\xff": false} {
		require.Equal(t, want, check.IsText(s, 3), "%q", s)
	}
}

// The parts of one fault, and all faults together, are bounded in their length.
func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]string{
		"ascii":       strings.Repeat("a", 1<<20),
		"wide":        strings.Repeat("é", 1<<20),
		"unprintable": strings.Repeat("\U000e0001", 1<<18),
		"broken":      strings.Repeat("\x80", 1<<20),
	} {
		var f check.Faults
		for range 1000 {
			f.Reject(part, part, part)
			f.Reject(check.Key("a", part), "", "c")
			f.Add(errors.New(part[:1<<10]))
		}
		require.Less(t, len(f.Err().Error()), 20_000, name)
		require.Equal(t, 3000, f.Len(), name)
		require.ErrorContains(t, f.Err(), "faults more", name)
	}
}

func TestPathsAreShortenedInTheMiddle(t *testing.T) {
	t.Parallel()
	for n, cut := range map[int]bool{255: false, 256: false, 257: true, 1 << 20: true} {
		var f check.Faults
		f.Reject("begin"+strings.Repeat("x", n-8)+"end", "", "c")
		fault, ok := errors.AsType[*helpdesk.FieldError](check.Split(f.Err())[0])
		require.True(t, ok)
		require.LessOrEqual(t, len(fault.Path), 256)
		require.Equal(t, cut, strings.Contains(fault.Path, "…"), n)
		require.True(t, strings.HasPrefix(fault.Path, "begin") && strings.HasSuffix(fault.Path, "end"))
	}
}

func TestPathsOfMembersWhoseNamesAreData(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"mon": "hours.mon", "2026-12-24": "hours.2026-12-24", "": `hours[""]`, "Mon Day": `hours["Mon Day"]`,
		"a.b": `hours["a.b"]`, "a\nb": `hours["a\nb"]`, "\x1b[2J": `hours["\x1b[2J"]`,
		strings.Repeat("x", 60): "hours." + strings.Repeat("x", 60),
		strings.Repeat("x", 61): `hours["` + strings.Repeat("x", 60) + `"]`,
	} {
		require.Equal(t, want, check.Key("hours", name))
	}
	require.Equal(t, "mon", check.Key("", "mon"))
}

func TestSentinelsAreOfTheirKind(t *testing.T) {
	t.Parallel()
	one, other := check.Sentinel(helpdesk.ErrNotFound, "no such policy"), check.Sentinel(helpdesk.ErrNotFound, "no such policy")
	require.EqualError(t, one, "no such policy")
	require.ErrorIs(t, one, helpdesk.ErrNotFound)
	require.NotErrorIs(t, one, helpdesk.ErrInvalid)
	require.NotErrorIs(t, one, other)
}

// What encoding/json says is told without what stands in the text.
func TestErrorsOfJSON(t *testing.T) {
	t.Parallel()
	type inner struct {
		Text   string           `json:"text"`
		Number int              `json:"number"`
		On     bool             `json:"on"`
		List   []int            `json:"list"`
		At     time.Time        `json:"at"`
		By     helpdesk.Actor   `json:"by"`
		Share  float64          `json:"share"`
		Map    map[string]inner `json:"map"`
	}
	for text, want := range map[string]string{
		`{"in":{"text":17}}`:            "in.text: must be a string",
		`{"in":{"number":"secret"}}`:    "in.number: must be a whole number",
		`{"in":{"number":1.5}}`:         "in.number: must be a whole number",
		`{"in":{"on":"secret"}}`:        "in.on: must be true or false",
		`{"in":{"list":"secret"}}`:      "in.list: must be a list",
		`{"in":{"share":"secret"}}`:     "in.share: must be of its form",
		`{"in":{"map":"secret"}}`:       "in.map: must be an object",
		`{"in":"secret"}`:               "in: must be an object",
		`[]`:                            "must be an object",
		`{"in":{"at":"secret"}}`:        "must be of its form",
		`{"unknown":"secret"}`:          "unknown: is not known",
		`{"un known":"secret"}`:         `["un known"]: is not known`,
		`{"in":secret}`:                 "must be JSON, and is not at byte 7",
		`{"in":{"by":"No body"}}`:       `"No body" must be customer, agent, ai, system or third_party`,
		`{"in":{"map":{"x":{"by":1}}}}`: "in.map.by: must be a string",
	} {
		var v struct {
			In inner `json:"in"`
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		err := check.JSON(d.Decode(&v))
		require.EqualError(t, err, want, text)
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
	}
}

func TestIsName(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("a", check.MaxName)
	for s, want := range map[string]bool{
		"a": true, "z9_": true, "in_progress": true, longest: true,
		"": false, longest + "a": false, "9a": false, "_a": false, "A": false, "aB": false, "a-b": false, "a b": false, "ä": false, "a{": false, "a`": false,
	} {
		require.Equal(t, want, check.IsName(s), "%q", s)
	}
}
