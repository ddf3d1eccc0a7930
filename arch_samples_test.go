package helpdesk_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A rule that cannot fail is worth nothing: each is shown samples that break it,
// beside samples that do not.

// requireWrong asserts that exactly one thing is wrong and says what, or none.
func requireWrong(t *testing.T, want string, got []string) {
	t.Helper()
	if want == "" {
		require.Empty(t, got)
		return
	}
	require.Len(t, got, 1)
	require.Contains(t, got[0], want)
}

func sample(t *testing.T, name, text string) source {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	return source{name, fset, file}
}

func TestImportRules(t *testing.T) {
	t.Parallel()
	tests := []struct{ from, to, want string }{
		{"severity", "", ""},
		{"severity", "time", ""},
		{"severity", "database/sql/driver", ""},
		{"severity", "sla", "arrows point down only"},
		{"severity", "internal/strictjson", "may import only rooms"},
		{"", "severity", "arrows point down only"},
		{"", "internal/strictjson", "arrows point down only"},
		{"internal/strictjson", "", ""},
		{"internal/strictjson", "severity", "arrows point down only"},
		{"sla/hours", "", ""},
		{"sla/hours", "internal/strictjson", ""},
		{"sla/hours", "sla/hours/holidays", ""},
		{"sla/hours/holidays", "sla/hours", ""},
		{"sla/hours", "sla", "arrows point down only"},
		{"sla/hours/holidays", "sla", "arrows point down only"},
		{"sla", "sla/hours", ""},
		{"sla", "severity", ""},
		{"sla", "ticket", "arrows point down only"},
		{"sla", "inbox", "arrows point down only"},
		{"ticket", "sla", ""},
		{"ticket", "inbox", "arrows point down only"},
		{"inbox", "ticket", ""},
		{"inbox", "retention", "arrows point down only"},
		{"retention", "inbox", "arrows point down only"},
		{"retention", "ticket", ""},
		{"desk", "inbox", ""},
		{"desk", "desk/store", ""},
		{"desk/store", "", ""},
		{"desk/store", "inbox", "may import only rooms"},
		{"desk/store", "internal/check", "may import only rooms"},
		{"desk/store", "github.com/google/uuid", "import no third-party"},
		{"desk/memstore", "desk/store", ""},
		{"desk/memstore", "desk", "arrows point down only"},
		{"desk/faults", "ticket", "may import only rooms"},
		{"desk/storetest", "desk/memstore", "may import only rooms"},
		{"mail", "inbox", "arrows point down only"},
		{"desk", "adapters/sqlite", "arrows point down only"},
		{"desk/memstore", "bench", "arrows point down only"},
		{"inbox", "desk", "arrows point down only"},
		{"utils", "", "has no floor"},
		{"sla", "utils", "which has no floor"},
		{"slatwo", "", "has no floor"},
		{"desk", "net/http", "belongs in an adapter"},
		{"desk", "net/http/httptest", "belongs in an adapter"},
		{"desk", "net/mail", ""},
		{"desk", "database/sql", "belongs in an adapter"},
		{"sla", "os", "belongs in an adapter"},
		{"sla", "os/exec", "belongs in an adapter"},
		{"internal/campaign", "os", ""},
		{"internal/campaign", "os/exec", "belongs in an adapter"},
		{"desk", "internal/campaign", "only tests may"},
		{"ticket", "github.com/google/uuid", ""},
		{"ticket", "github.com/looplab/fsm", ""},
		{"inbox", "golang.org/x/text/secure/precis", ""},
		{"sla/hours/holidays", "github.com/rickar/cal/v2/gb", ""},
		{"sla/hours", "github.com/rickar/cal", "the core ships only"},
		{"sla", "github.com/google/uuidx", "the core ships only"},
		{"desk/storetest", "github.com/stretchr/testify/require", "import no third-party"},
		{"desk", "pgregory.net/rapid", "the core ships only"},
	}
	full := func(name string) string {
		known := name == "" || slices.Contains([]string{"utils", "slatwo"}, name)
		if _, ok := roomOf(module + "/" + name); ok || known {
			return strings.TrimSuffix(module+"/"+name, "/")
		}
		return name
	}
	for _, tt := range tests {
		t.Run(tt.from+" imports "+tt.to, func(t *testing.T) {
			t.Parallel()
			requireWrong(t, tt.want, wrongImports(pack{ImportPath: full(tt.from), Imports: []string{full(tt.to)}}))
		})
	}
}

func TestTestImportRules(t *testing.T) {
	t.Parallel()
	tests := []struct{ to, want string }{
		{"os", ""},
		{"net/http", ""},
		{"github.com/stretchr/testify/require", ""},
		{"pgregory.net/rapid", ""},
		{module + "/sla", ""},
		{forTests[0], ""},
		{"github.com/google/uuid", ""},
		{"github.com/stretchr/testify/assert", "in a test"},
		{"github.com/google/go-cmp/cmp", "in a test"},
	}
	for _, tt := range tests {
		requireWrong(t, tt.want, wrongImports(pack{ImportPath: module, TestImports: []string{tt.to}}))
		requireWrong(t, tt.want, wrongImports(pack{ImportPath: module, XTestImports: []string{tt.to}}))
	}
}

func TestCommentRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"sound", map[string]string{"sla/doc.go": "// Package sla is.\npackage sla", "sla/a.go": "package sla"}, ""},
		{"none", map[string]string{"sla/doc.go": "package sla"}, "one package comment"},
		{"a directive is none", map[string]string{"sla/doc.go": "//go:build linux\npackage sla"}, "one package comment"},
		{"two", map[string]string{"sla/doc.go": "// Package sla is.\npackage sla", "sla/b/doc.go": "// Package sla was.\npackage sla"}, "one package comment"},
		{"the only file", map[string]string{"sla/sla.go": "// Package sla is.\npackage sla"}, ""},
		{"elsewhere", map[string]string{"sla/sla.go": "// Package sla is.\npackage sla", "sla/a.go": "package sla"}, "belongs in doc.go"},
		{"another name", map[string]string{"sla/doc.go": "// Package slow is.\npackage sla"}, `must start with one of ["Package sla "]`},
		{"a program", map[string]string{"examples/quickstart/main.go": "// Command quickstart runs.\npackage main"}, ""},
		{"a program in the other form", map[string]string{"bench/main.go": "// Bench measures.\npackage main"}, ""},
		{"a program by another name", map[string]string{"examples/quickstart/main.go": "// Command main runs.\npackage main"}, "must start with one of"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var files []source
			for name, text := range tt.files {
				files = append(files, sample(t, name, text))
			}
			requireWrong(t, tt.want, wrongComments(files))
		})
	}
}

func TestClockRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text  string
		want, loops string // what is wrong in a pure package, and in a loop
	}{
		{"sound", `import "time"; func F(now time.Time) time.Time { return now.Add(time.Hour).UTC() }`, "", ""},
		{"now", `import "time"; var t = time.Now()`, "a.go:1: names time.Now", "time.Now"},
		{"now as a value", `import "time"; var now = time.Now`, "time.Now", "time.Now"},
		{"alias", `import clock "time"; var t = clock.Now()`, "time.Now", "time.Now"},
		{"dot", `import . "time"; var t = Now()`, "with a dot", "with a dot"},
		{"since", `import "time"; func F(t time.Time) any { return time.Since(t) }`, "time.Since", "time.Since"},
		{"until", `import "time"; func F(t time.Time) any { return time.Until(t) }`, "time.Until", "time.Until"},
		{"sleep", `import "time"; func F() { time.Sleep(1) }`, "time.Sleep", "time.Sleep"},
		{"local", `import "time"; var l = time.Local`, "time.Local", "time.Local"},
		{"local by a method", `import "time"; func F(t time.Time) any { return t.Local() }`, "calls Local", "calls Local"},
		{"local by name", `import "time"; var l, err = time.LoadLocation("Local")`, "machine's zone", "machine's zone"},
		{"a zone by name", `import "time"; var l, err = time.LoadLocation("Europe/London")`, "", ""},
		{"timer", `import "time"; var t = time.NewTimer(1)`, "time.NewTimer", ""},
		{"ticker", `import "time"; var t = time.NewTicker(1)`, "time.NewTicker", ""},
		{"tick", `import "time"; var t = time.Tick(1)`, "time.Tick", ""},
		{"after", `import "time"; var t = time.After(1)`, "time.After", ""},
		{"after func", `import "time"; var t = time.AfterFunc(1, nil)`, "time.AfterFunc", ""},
		{"somebody else's Now", `import "example.org/time/v2"; var t = v2.Now()`, "", ""},
		{"only a word", `import "time"; var s, d = "time.Now", time.Second`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := sample(t, "sla/a.go", "package sla; "+tt.text)
			requireWrong(t, tt.want, wrongClock(s, false))
			requireWrong(t, tt.loops, wrongClock(s, true))
		})
	}
}

func TestSleepRules(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"none", `import "time"; func TestF(t *testing.T) { _ = time.Hour }`, ""},
		{"plain", `import "time"; func TestF(t *testing.T) { time.Sleep(1) }`, "a test sleeps"},
		{"alias", `import z "time"; func TestF(t *testing.T) { z.Sleep(1) }`, "a test sleeps"},
		{
			"in a bubble",
			`import ("time"; "testing/synctest"); func TestF(t *testing.T) { synctest.Test(t, func(t *testing.T) { time.Sleep(1) }) }`, "",
		},
		{
			"beside a bubble",
			`import ("time"; "testing/synctest"); func TestF(t *testing.T) { synctest.Test(t, func(t *testing.T) {}); time.Sleep(1) }`,
			"a test sleeps",
		},
		{
			"in no bubble of that package",
			`import "time"; func TestF(t *testing.T) { synctest.Test(t, func(t *testing.T) { time.Sleep(1) }) }`, "a test sleeps",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			requireWrong(t, tt.want, wrongSleep(sample(t, "sla/a_test.go", "package sla_test; "+tt.text)))
		})
	}
}

func TestModuleRules(t *testing.T) {
	t.Parallel()
	const core = `"Module":{"Path":"` + module + `"}`
	nested := func(dir string) string { return `"Module":{"Path":"` + module + `/` + dir + `"}` }
	require1 := `"Require":[{"Path":"` + module + `","Version":"v0.0.0"}]`
	replace := func(to string) string {
		return `"Replace":[{"Old":{"Path":"` + module + `"},"New":{"Path":"` + to + `"}}]`
	}
	tests := []struct{ name, dir, text, want string }{
		{"core", ".", core + `,"Require":[{"Path":"github.com/google/uuid"},{"Path":"pgregory.net/rapid"}]`, ""},
		{"core with an indirect one", ".", core + `,"Require":[{"Path":"example.org/x","Indirect":true}]`, ""},
		{"core with another", ".", core + `,"Require":[{"Path":"example.org/x"}]`, "requires example.org/x"},
		{"core that replaces", ".", core + `,` + replace("../x"), "replaces"},
		{"core by another name", ".", nested("x"), "is module"},
		{"nested", "examples", nested("examples") + `,` + require1 + `,` + replace("../"), ""},
		{"nested deeper", "adapters/sqlite", nested("adapters/sqlite") + `,` + require1 + `,` + replace("../../"), ""},
		{"nested by another name", "examples", nested("bench") + `,` + require1 + `,` + replace("../"), "want " + module + "/examples"},
		{"nested without a replace", "examples", nested("examples"), "does not replace"},
		{"nested with a wrong replace", "adapters/sqlite", nested("adapters/sqlite") + `,` + require1 + `,` + replace("../"), "by its folder"},
		{
			"nested with a sibling that is not replaced", "examples",
			nested("examples") + `,"Require":[{"Path":"` + module + `/adapters/sqlite"}],` + replace("../"), "by its folder",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var m modFile
			require.NoError(t, json.Unmarshal([]byte("{"+tt.text+"}"), &m))
			requireWrong(t, tt.want, wrongModule(tt.dir, m))
		})
	}
}

func TestWorkRules(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"sound", `{"Go":"1.26.0","Use":[{"DiskPath":"."},{"DiskPath":"./bench"}]}`, ""},
		{"a module is missing", `{"Use":[{"DiskPath":"."}]}`, "does not use ./bench"},
		{"no module", `{"Use":[{"DiskPath":"."},{"DiskPath":"./bench"},{"DiskPath":"./x"}]}`, "uses ./x"},
		{"a replace", `{"Use":[{"DiskPath":"."},{"DiskPath":"./bench"}],"Replace":[{"Old":{"Path":"a"}}]}`, "only use lines"},
		{"a toolchain", `{"Toolchain":"go1.27","Use":[{"DiskPath":"."},{"DiskPath":"./bench"}]}`, "only use lines"},
		{"a debug setting", `{"Godebug":[{"Key":"a"}],"Use":[{"DiskPath":"."},{"DiskPath":"./bench"}]}`, "only use lines"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var w workFile
			require.NoError(t, json.Unmarshal([]byte(tt.text), &w))
			requireWrong(t, tt.want, wrongWork(w, []string{".", "bench"}))
		})
	}
}

func TestPathRules(t *testing.T) {
	t.Parallel()
	slash := "/" // so that this file does not break the rule
	tests := []struct{ text, want string }{
		{"see docs/semantics.md and go test work", ""},
		{"https://example.org/work/of/art", ""},
		{"first\n\"" + slash + "work/main\"", "a.md:2: names a path"},
		{slash + "home/me/x", "a.md:1: names a path"},
		{"HOME=" + slash + "root/x", "names a path"},
		{"(" + slash + "Users/me)", "names a path"},
		{"\x00 " + slash + "work/main", ""},
	}
	for _, tt := range tests {
		requireWrong(t, tt.want, wrongPaths("a.md", []byte(tt.text)))
	}
}
