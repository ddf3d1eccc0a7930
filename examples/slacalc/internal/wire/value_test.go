package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value                Value
		text                 string
		isText, list, object bool
	}{
		{nil, "", false, false, false},
		{Value(`"add"`), "add", true, false, false},
		{Value(`""`), "", true, false, false},
		{Value(`"a\u0064d"`), "add", true, false, false},
		{Value(`7`), "", false, false, false},
		{Value(`["add"]`), "", false, true, false},
		{Value(`{"add":1}`), "", false, false, true},
	}
	for _, tt := range tests {
		text, ok := tt.value.Text()
		require.Equal(t, tt.isText, ok, tt.value)
		require.Equal(t, tt.text, string(text))
		require.Equal(t, []bool{tt.isText, tt.list, tt.object}, []bool{tt.value.IsText(), tt.value.IsList(), tt.value.IsObject()}, tt.value)
	}
}

// A value in a message has at most sixty characters, and is something to read.
func TestValueString(t *testing.T) {
	t.Parallel()
	require.Equal(t, "nothing", Value(nil).String())
	sixty := strings.Repeat("é", 60)
	require.Equal(t, sixty, Value(sixty).String())
	require.Equal(t, sixty+"…", Value(sixty+"x").String())
}

func TestMembers(t *testing.T) {
	t.Parallel()
	members, err := Members([]byte(`{"a": {"b":1}, "c":null,"a":2}`))
	require.NoError(t, err)
	require.Equal(t, map[string]Value{"a": Value("2"), "c": Value("null")}, members)
	_, err = Members([]byte(`[1]`))
	require.Error(t, err)
}
