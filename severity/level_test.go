package severity_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/stretchr/testify/require"
)

var (
	_ fmt.Stringer             = severity.Level(0)
	_ encoding.TextAppender    = severity.Level(0)
	_ encoding.TextMarshaler   = severity.Level(0)
	_ encoding.TextUnmarshaler = (*severity.Level)(nil)
	_ driver.Valuer            = severity.Level(0)
	_ sql.Scanner              = (*severity.Level)(nil)
)

// R10, R15: the names and their order are frozen.
func TestLevelsR10(t *testing.T) {
	t.Parallel()
	tests := []struct {
		level  severity.Level
		number uint8
		text   string
	}{
		{severity.Low, 1, "low"},
		{severity.Medium, 2, "medium"},
		{severity.High, 3, "high"},
		{severity.Urgent, 4, "urgent"},
	}
	all := slices.Collect(severity.All())
	require.Len(t, all, len(tests))
	for i, tt := range tests {
		require.Equal(t, tt.level, all[i])
		require.Equal(t, severity.Level(tt.number), tt.level)
		require.True(t, tt.level.IsValid())
		require.Equal(t, tt.text, tt.level.String())

		parsed, err := severity.Parse(tt.text)
		require.NoError(t, err)
		require.Equal(t, tt.level, parsed)
		text, err := tt.level.AppendText([]byte("is:"))
		require.NoError(t, err)
		require.Equal(t, "is:"+tt.text, string(text))
		value, err := tt.level.Value()
		require.NoError(t, err)
		require.Equal(t, tt.text, value)
	}
	for l := range severity.All() {
		require.Equal(t, severity.Low, l, "All stops when asked to")
		break
	}
}

// R11: the documents say "Urgent/Severe".
func TestParseSevereR11(t *testing.T) {
	t.Parallel()
	l, err := severity.Parse("severe")
	require.NoError(t, err)
	require.Equal(t, severity.Urgent, l)
	require.Equal(t, "urgent", l.String())
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Low", "URGENT", "Severe", "high ", "normal", "1", "Level(1)", "\xff"} {
		l, err := severity.Parse(text)
		require.ErrorIs(t, err, helpdesk.ErrInvalid, "%q", text)
		require.Zero(t, l)
	}
	_, err := severity.Parse("critical")
	require.EqualError(t, err, `"critical" must be low, medium, high or urgent`)
	_, err = severity.Parse(strings.Repeat("x", 1<<20))
	require.Less(t, len(err.Error()), 200, "a long text is cut in the error")
}

func TestInvalidLevel(t *testing.T) {
	t.Parallel()
	for _, l := range []severity.Level{0, 5, 255} {
		require.False(t, l.IsValid())
		require.Equal(t, fmt.Sprintf("Level(%d)", uint8(l)), l.String())
		text, err := l.AppendText([]byte("is:"))
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.Equal(t, "is:", string(text))
		value, err := l.Value()
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.Nil(t, value)
	}
}

func TestLevelJSON(t *testing.T) {
	t.Parallel()
	type ticket struct {
		Level  severity.Level            `json:"level"`
		Counts map[severity.Level]uint64 `json:"counts"`
	}
	in := ticket{severity.High, map[severity.Level]uint64{severity.Low: 2, severity.Urgent: 1}}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"level":"high","counts":{"low":2,"urgent":1}}`, string(text))
	var out ticket
	require.NoError(t, json.Unmarshal(text, &out))
	require.Equal(t, in, out)

	require.ErrorIs(t, json.Unmarshal([]byte(`{"level":"worst"}`), &out), helpdesk.ErrInvalid)
	require.Equal(t, in.Level, out.Level, "refused text changes nothing")
	require.Error(t, json.Unmarshal([]byte(`{"level":3}`), &out), "a number is not a text form")
}

func TestLevelScan(t *testing.T) {
	t.Parallel()
	for _, src := range []any{"medium", []byte("medium")} {
		var l severity.Level
		require.NoError(t, l.Scan(src))
		require.Equal(t, severity.Medium, l)
	}
	for _, src := range []any{nil, int64(2), 2.0, true, "", []byte(nil), "Medium", severity.Medium} {
		l := severity.High
		require.ErrorIs(t, l.Scan(src), helpdesk.ErrInvalid, "%T %v", src, src)
		require.Equal(t, severity.High, l, "a refused value changes nothing")
	}
	var l severity.Level
	require.EqualError(t, l.Scan(int64(2)), "must be text, and is of type int64")
}

func FuzzParse(f *testing.F) {
	for l := range severity.All() {
		f.Add(l.String())
	}
	f.Add("")
	f.Add("severe")
	f.Add("Level(1)")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := severity.Parse(s)
		if err != nil {
			require.ErrorIs(t, err, helpdesk.ErrInvalid)
			require.Zero(t, l)
			return
		}
		if s == "severe" {
			s = "urgent"
		}
		require.Equal(t, s, l.String())
		var scanned severity.Level
		value, err := l.Value()
		require.NoError(t, err)
		require.NoError(t, scanned.Scan(value))
		require.Equal(t, l, scanned)
	})
}

func ExampleParse() {
	l, err := severity.Parse("severe")
	fmt.Println(l, err)
	_, err = severity.Parse("critical")
	fmt.Println(err)
	// Output:
	// urgent <nil>
	// "critical" must be low, medium, high or urgent
}

func ExampleAll() {
	for l := range severity.All() {
		fmt.Println(l, l >= severity.High)
	}
	// Output:
	// low false
	// medium false
	// high true
	// urgent true
}
