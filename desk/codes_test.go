package desk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/desk"
	"github.com/stretchr/testify/require"
)

// Codes has every constant of the type but CodeNone, sorted, and a copy each time.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var want []desk.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") || len(spec.Values) != 1 {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		if text != "" {
			want = append(want, desk.Code(text))
		}
		return true
	})
	slices.Sort(want)
	got := desk.Codes()
	require.Equal(t, want, got)
	require.Equal(t, desk.CodeNone, desk.CodeOf(nil))
	require.NotContains(t, got, desk.CodeNone)
	got[0] = "changed"
	require.Equal(t, want, desk.Codes())
}
