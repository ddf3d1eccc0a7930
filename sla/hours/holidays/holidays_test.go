package holidays_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickar/cal/v2/de"
	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

func TestFind(t *testing.T) {
	t.Parallel()
	list, err := holidays.Find("de-by")
	require.NoError(t, err)
	require.Len(t, list, len(de.HolidaysBY)+1) // with what was declared once
	for i, h := range list[:len(de.HolidaysBY)] {
		require.Equal(t, de.HolidaysBY[i].Name, h.Name)
		_, want := de.HolidaysBY[i].Calc(2026)
		require.Equal(t, want.Format(time.DateOnly), h.Observed(2026).Format(time.DateOnly))
	}
	list[0].Name = "x" // the caller's own
	again, err := holidays.Find("de-by")
	require.NoError(t, err)
	require.NotEqual(t, "x", again[0].Name)

	for _, name := range []string{"", "GB", "atlantis", "au", "aa", "gb-sct"} {
		_, err := holidays.Find(name)
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.ErrorContains(t, err, strings.TrimPrefix(`"`+name+`" is not the name of a list of holidays`, `"" `))
	}
}

// A name that is none is told with those that are near, and a list of the product's own goes first.
func TestOwnListsAndNearNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"GB": `; near is "gb"`, "uk": `; near are "gb"`, "au": `"au-act", "au-nsw", "au-nt", "au-qld", "au-sa"`, "de_XX": `"de", "de-bb", "de-be"`, "USA": `"us"`,
	} {
		_, err := holidays.Find(name)
		require.ErrorContains(t, err, want, name)
	}
	_, err := holidays.Find("atlantis")
	require.NotContains(t, err.Error(), "near")
	day := hours.Holiday{Name: "Founders", Observed: func(year int) time.Time { return time.Date(year, 3, 4, 0, 0, 0, 0, time.UTC) }}
	own := map[string][]hours.Holiday{"acme": {day}, "gb": {day}}
	r := holidays.Resolver(own)
	delete(own, "acme") // the caller's own
	for name, want := range map[string]int{"acme": 1, "gb": 1, "us": 11} {
		list, err := r.Holidays(name)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(list), want, name)
		require.Equal(t, want == 1, list[0].Name == "Founders", name)
	}
	_, err = r.Holidays("nowhere")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

func TestNames(t *testing.T) {
	t.Parallel()
	names := slices.Collect(holidays.Names())
	require.True(t, slices.IsSorted(names))
	require.Subset(t, names, []string{"gb", "us", "de", "de-by", "au-nsw", "ch-zh", "jp", "ecb"})
	for _, name := range names {
		list, err := holidays.Find(name)
		require.NoError(t, err)
		require.NotEmpty(t, list)
		s, err := hours.New(hours.Config{Zone: "UTC", Hours: hours.Weekdays("09:00-17:00"), Holidays: []string{name}}, holidays.Resolver())
		require.NoError(t, err)
		from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		with, err := s.Between(from, from.AddDate(10, 0, 0))
		require.NoError(t, err)
		without, err := weekdays(t).Between(from, from.AddDate(10, 0, 0))
		require.NoError(t, err)
		require.Less(t, with, without, name)
	}
}

func weekdays(tb testing.TB) *hours.Schedule {
	tb.Helper()
	s, err := hours.New(hours.Config{Zone: "UTC", Hours: hours.Weekdays("09:00-17:00")}, nil)
	require.NoError(tb, err)
	return s
}

// The table has every list that every package of the required version of
// rickar/cal exports.
func TestTableIsComplete(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.ImportPath}} {{.Dir}}", "github.com/rickar/cal/v2/...").Output()
	require.NoError(t, err)
	var want []string
	packages := 0
	for line := range strings.Lines(string(out)) {
		importPath, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		pkg := path.Base(importPath)
		if pkg == "v2" || pkg == "aa" || pkg == "tests" { // the root, what packages share, and tests
			continue
		}
		packages++
		before := len(want)
		for _, list := range exported(t, dir) {
			want = append(want, strings.TrimSuffix(pkg+"-"+strings.ToLower(list), "-"))
		}
		require.Greater(t, len(want), before, "%s has no list", importPath)
	}
	require.Greater(t, packages, 30)
	slices.Sort(want)
	require.Equal(t, want, slices.Collect(holidays.Names()))
}

// exported lists what follows "Holidays" in the names of the variables of a
// package that start so.
func exported(tb testing.TB, dir string) []string {
	tb.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(tb, err)
	var out []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		require.NoError(tb, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				for _, name := range spec.Names {
					if list, ok := strings.CutPrefix(name.Name, "Holidays"); ok {
						out = append(out, list)
					}
				}
			}
			_, isFunc := n.(*ast.FuncDecl)
			return !isFunc
		})
	}
	return out
}
