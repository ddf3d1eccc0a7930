package severity_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/stretchr/testify/require"
)

type answer interface {
	fmt.Stringer
	encoding.TextAppender
	encoding.TextMarshaler
}

// enums are the four answers in one shape; their names are frozen.
var enums = []struct {
	question severity.Question
	typ      string
	texts    []string // by value; the first is "not answered"
	of       func(uint8) answer
	parse    func(string, uint8) (answer, error) // into a variable that holds the number
}{
	{
		severity.QuestionAffected, "Affected",
		[]string{"", "one", "some", "many", "all"},
		func(v uint8) answer { return severity.Affected(v) },
		func(s string, v uint8) (answer, error) {
			a := severity.Affected(v)
			err := a.UnmarshalText([]byte(s))
			return a, err
		},
	},
	{
		severity.QuestionAbility, "Ability",
		[]string{"", "yes", "partly", "degraded", "critical", "down"},
		func(v uint8) answer { return severity.Ability(v) },
		func(s string, v uint8) (answer, error) {
			a := severity.Ability(v)
			err := a.UnmarshalText([]byte(s))
			return a, err
		},
	},
	{
		severity.QuestionWorkaround, "Workaround",
		[]string{"", "yes", "temporary", "unreasonable", "none"},
		func(v uint8) answer { return severity.Workaround(v) },
		func(s string, v uint8) (answer, error) {
			a := severity.Workaround(v)
			err := a.UnmarshalText([]byte(s))
			return a, err
		},
	},
	{
		severity.QuestionPersistence, "Persistence",
		[]string{"", "once", "intermittent", "always"},
		func(v uint8) answer { return severity.Persistence(v) },
		func(s string, v uint8) (answer, error) {
			a := severity.Persistence(v)
			err := a.UnmarshalText([]byte(s))
			return a, err
		},
	},
}

// holding returns Answers with a, and nothing else.
func holding(a answer) (all severity.Answers) {
	switch a := a.(type) {
	case severity.Affected:
		all.Affected = a
	case severity.Ability:
		all.Ability = a
	case severity.Workaround:
		all.Workaround = a
	case severity.Persistence:
		all.Persistence = a
	}
	return all
}

// R25: the answers of the intake form.
func TestAnswerTextsR25(t *testing.T) {
	t.Parallel()
	for _, e := range enums {
		t.Run(e.typ, func(t *testing.T) {
			t.Parallel()
			for i, text := range e.texts {
				v := uint8(i)
				a := e.of(v)
				require.Equal(t, v != 0, holding(a).Has(e.question), "zero is not an answer")
				require.Equal(t, text, a.String())
				b, err := a.AppendText([]byte("is:"))
				require.NoError(t, err)
				require.Equal(t, "is:"+text, string(b))
				parsed, err := e.parse(text, 2)
				require.NoError(t, err)
				require.Equal(t, a, parsed)
			}
			for _, v := range []uint8{uint8(len(e.texts)), 255} {
				a := e.of(v)
				require.False(t, holding(a).Has(e.question))
				require.Equal(t, fmt.Sprintf("%s(%d)", e.typ, v), a.String())
				b, err := a.AppendText([]byte("is:"))
				require.ErrorIs(t, err, helpdesk.ErrInvalid)
				require.Equal(t, "is:", string(b))
				_, err = a.MarshalText()
				require.ErrorIs(t, err, helpdesk.ErrInvalid)
			}
			for _, text := range []string{"None", "unknown", "1", " ", e.texts[1] + " "} {
				parsed, err := e.parse(text, 2)
				require.ErrorIs(t, err, helpdesk.ErrInvalid)
				require.ErrorContains(t, err, string(e.question))
				require.Equal(t, e.of(2), parsed, "refused text changes nothing")
			}
			_, err := e.parse(strings.Repeat("x", 1<<20), 0)
			require.Less(t, len(err.Error()), 200, "a long text is cut in the error")
		})
	}
}

func TestAnswerErrorTexts(t *testing.T) {
	t.Parallel()
	var p severity.Persistence
	require.EqualError(t, p.UnmarshalText([]byte("daily")),
		`persistence: "daily" must be once, intermittent or always`)
	_, err := severity.Affected(9).MarshalText()
	require.EqualError(t, err, `affected: "9" must be one, some, many or all`)
}

func TestAnswersHas(t *testing.T) {
	t.Parallel()
	a := severity.Answers{Ability: severity.AbilityDown}
	require.True(t, a.Has(severity.QuestionAbility))
	require.False(t, a.Has(severity.QuestionAffected))
	require.False(t, a.Has("mood"), "no question of the package")
}

func TestAnswersJSON(t *testing.T) {
	t.Parallel()
	a := severity.Answers{severity.AffectedAll, severity.AbilityDown, severity.WorkaroundNone, severity.PersistenceAlways}
	text, err := json.Marshal(a)
	require.NoError(t, err)
	require.JSONEq(t, `{"affected":"all","ability":"down","workaround":"none","persistence":"always"}`, string(text))
	var b severity.Answers
	require.NoError(t, json.Unmarshal(text, &b))
	require.Equal(t, a, b)

	text, err = json.Marshal(severity.Answers{Ability: severity.AbilityYes})
	require.NoError(t, err)
	require.JSONEq(t, `{"ability":"yes"}`, string(text), "what is not answered is left out")
	require.NoError(t, json.Unmarshal([]byte(`{"ability":""}`), &b))
	require.Zero(t, b.Ability)
	require.ErrorIs(t, json.Unmarshal([]byte(`{"ability":"no"}`), &b), helpdesk.ErrInvalid)
}
