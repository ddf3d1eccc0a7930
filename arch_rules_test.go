package helpdesk_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The rules of the house, as functions from what is in the tree to what is wrong
// with it. arch_test.go asks them about this repository, and about samples that
// break them.

const module = "github.com/deskcore/helpdesk"

// A room is a folder of the core with all below it that is no room of its own.
// Packages import from rooms of a lower rank, and freely within their room. The
// tens are the floors. A new room is a decision: it needs a line here.
var rooms = map[string]int{
	"":               0, // the shared words
	"internal":       1, // helpers without a domain
	"severity":       2,
	"sla/hours":      10,
	"sla":            11,
	"ticket":         20,
	"inbox":          30,
	"retention":      30,
	"mail":           30,
	"desk/store":     40,
	"desk/memstore":  41,
	"desk/faults":    41,
	"desk/storetest": 42,
	"desk":           45,
	"adapters":       50,
	"bench":          50,
	"examples":       50,
}

// forTests are the packages of the core that may look at files and the environment:
// only tests import them.
var forTests = []string{module + "/internal/campaign", module + "/internal/golden"}

// narrow rooms import from the named rooms only, whatever their rank.
var narrow = map[string][]string{
	"severity":       {""},
	"mail":           {"", "internal", "ticket"},
	"desk/store":     {""},
	"desk/memstore":  {"", "desk/store"},
	"desk/faults":    {"", "desk/store"},
	"desk/storetest": {"", "desk/store"},
}

// Third-party packages that the core may import, by prefix: what it ships, and
// what its tests need besides.
var (
	thirdParty     = []string{"github.com/google/uuid", "github.com/looplab/fsm", "github.com/rickar/cal/v2", "golang.org/x/net", "golang.org/x/text"}
	testThirdParty = []string{"github.com/stretchr/testify/require", "pgregory.net/rapid"}
	directModules  = append([]string{"github.com/stretchr/testify", "pgregory.net/rapid"}, thirdParty...)
)

// A pack is a package as go list describes it.
type pack struct {
	ImportPath, Dir, Name              string
	GoFiles, TestGoFiles, XTestGoFiles []string
	Imports, TestImports, XTestImports []string
}

// roomOf returns the room of an import path of the module, and false if it has
// none.
func roomOf(importPath string) (string, bool) {
	rel := strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
	for {
		if _, ok := rooms[rel]; ok && (rel != "" || importPath == module) {
			return rel, true
		}
		if rel == "" || rel == "." {
			return "", false
		}
		rel = path.Dir(rel)
	}
}

func within(importPath string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return importPath == p || strings.HasPrefix(importPath, p+"/")
	})
}

func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// wrongImports says which imports of a package of the core break the floors or
// reach for the world.
func wrongImports(p pack) []string {
	var wrong []string
	reject := func(format string, args ...any) {
		wrong = append(wrong, p.ImportPath+" "+fmt.Sprintf(format, args...))
	}
	own, ok := roomOf(p.ImportPath)
	if !ok {
		reject("has no floor: give it a line in the table of rooms")
		return wrong
	}
	for _, i := range p.Imports {
		switch {
		case isStandard(i):
			if (within(i, []string{"net/http", "os"}) || i == "database/sql") && (i != "os" || !slices.Contains(forTests, p.ImportPath)) {
				reject("imports %s: that belongs in an adapter or in the host", i)
			}
		case slices.Contains(forTests, i):
			reject("imports %s: only tests may", i)
		case within(i, []string{module}):
			room, ok := roomOf(i)
			allowed, isNarrow := narrow[own]
			switch {
			case !ok:
				reject("imports %s, which has no floor", i)
			case room == own:
			case rooms[room] >= rooms[own]:
				reject("imports %s: arrows point down only", i)
			case isNarrow && !slices.Contains(allowed, room):
				reject("imports %s: it may import only rooms %q", i, allowed)
			}
		case strings.HasPrefix(own, "desk/"):
			reject("imports %s: the port and its engines import no third-party package", i)
		case !within(i, thirdParty):
			reject("imports %s: the core ships only %q", i, thirdParty)
		}
	}
	for _, i := range slices.Concat(p.TestImports, p.XTestImports) {
		if !isStandard(i) && !within(i, slices.Concat([]string{module}, thirdParty, testThirdParty)) {
			reject("imports %s in a test: only %q besides", i, testThirdParty)
		}
	}
	return wrong
}

// A source is a parsed file and its path inside the repository.
type source struct {
	path string
	fset *token.FileSet
	file *ast.File
}

func (s source) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(pos).Line)
}

// wrongComments says what is wrong with the package comment of one package,
// given its files that are no tests.
func wrongComments(files []source) []string {
	var with []string
	var wrong []string
	for _, f := range files {
		text := f.file.Doc.Text()
		if text == "" {
			continue
		}
		with = append(with, f.path)
		starts := []string{"Package " + f.file.Name.Name + " "}
		if f.file.Name.Name == "main" { // the program's name, as the go command's own programs do
			name := path.Base(path.Dir(f.path))
			starts = []string{"Command " + name + " ", strings.ToUpper(name[:1]) + name[1:] + " "}
		} else if path.Base(f.path) != "doc.go" && len(files) > 1 {
			wrong = append(wrong, f.path+": the package comment belongs in doc.go")
		}
		if !slices.ContainsFunc(starts, func(s string) bool { return strings.HasPrefix(text, s) }) {
			wrong = append(wrong, fmt.Sprintf("%s: the package comment must start with one of %q", f.path, starts))
		}
	}
	if len(with) != 1 {
		wrong = append(wrong, fmt.Sprintf("%s: one package comment, in one file; found it in %q", path.Dir(files[0].path), with))
	}
	return wrong
}

// localName returns the name by which f refers to the import, "." for a dot
// import, and "" if it does not import it.
func localName(f *ast.File, importPath string) string {
	for _, spec := range f.Imports {
		if got, err := strconv.Unquote(spec.Path.Value); err != nil || got != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

// mentions returns where s names pkg.name, for each of the names.
func mentions(s source, importPath string, names ...string) map[token.Pos]string {
	found := map[token.Pos]string{}
	local := localName(s.file, importPath)
	if local == "" {
		return found
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && slices.Contains(names, sel.Sel.Name) {
			found[sel.Pos()] = path.Base(importPath) + "." + sel.Sel.Name
		}
		return true
	})
	return found
}

// wrongClock says where a package of the core asks the machine for the time or
// its zone, or waits. Loops (desk) may own timers.
func wrongClock(s source, loops bool) []string {
	var wrong []string
	if localName(s.file, "time") == "." {
		wrong = append(wrong, s.path+": imports time with a dot, which hides who asks the clock")
	}
	names := []string{"Now", "Since", "Until", "Local", "Sleep"}
	if !loops {
		names = append(names, "After", "AfterFunc", "Tick", "NewTimer", "NewTicker")
	}
	for pos, name := range mentions(s, "time", names...) {
		wrong = append(wrong, fmt.Sprintf("%s: names %s: take the instant as an argument", s.at(pos), name))
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if ok && sel.Sel.Name == "Local" && len(call.Args) == 0 {
			wrong = append(wrong, s.at(sel.Pos())+": calls Local: answers must not depend on the machine's zone")
		}
		if ok && sel.Sel.Name == "LoadLocation" && len(call.Args) == 1 {
			if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Value == `"Local"` {
				wrong = append(wrong, s.at(sel.Pos())+": loads the machine's zone")
			}
		}
		return true
	})
	return wrong
}

// wrongSleep says where a test sleeps outside a synctest bubble, in which time
// costs nothing.
func wrongSleep(s source) []string {
	var bubbles []ast.Node
	local := localName(s.file, "testing/synctest")
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Test" {
			if x, ok := sel.X.(*ast.Ident); ok && local != "" && x.Name == local {
				bubbles = append(bubbles, call)
			}
		}
		return true
	})
	var wrong []string
	for pos := range mentions(s, "time", "Sleep") {
		inside := func(n ast.Node) bool { return n.Pos() <= pos && pos < n.End() }
		if !slices.ContainsFunc(bubbles, inside) {
			wrong = append(wrong, s.at(pos)+": a test sleeps")
		}
	}
	return wrong
}

// A modFile is a go.mod as go mod edit -json describes it.
type modFile struct {
	Module  struct{ Path string }
	Require []struct {
		Path, Version string
		Indirect      bool
	}
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

// wrongModule says what is wrong with the go.mod in the folder, "." being the
// core's.
func wrongModule(dir string, m modFile) []string {
	var wrong []string
	reject := func(format string, args ...any) {
		wrong = append(wrong, path.Join(dir, "go.mod")+": "+fmt.Sprintf(format, args...))
	}
	if dir == "." {
		if m.Module.Path != module {
			reject("is module %s", m.Module.Path)
		}
		if len(m.Replace) > 0 {
			reject("replaces %s: whoever imports the core would not see that", m.Replace[0].Old.Path)
		}
		for _, r := range m.Require {
			if !r.Indirect && !slices.Contains(directModules, r.Path) {
				reject("requires %s: only %q", r.Path, directModules)
			}
		}
		return wrong
	}
	if want := module + "/" + dir; m.Module.Path != want {
		reject("is module %s, want %s", m.Module.Path, want)
	}
	replaced := map[string]string{}
	for _, r := range m.Replace {
		replaced[r.Old.Path] = r.New.Path
	}
	for _, r := range m.Require {
		if !within(r.Path, []string{module}) {
			continue
		}
		sibling := strings.TrimPrefix(strings.TrimPrefix(r.Path, module), "/")
		got, ok := replaced[r.Path]
		if !ok || path.Join(dir, got) != path.Clean("./"+sibling) {
			reject("requires %s and does not replace it by its folder", r.Path)
		}
	}
	if _, ok := replaced[module]; !ok {
		reject("does not replace %s: without a tag nothing else works outside the workspace", module)
	}
	return wrong
}

// A workFile is a go.work as go work edit -json describes it.
type workFile struct {
	Go, Toolchain string
	Godebug       []struct{ Key string }
	Use           []struct{ DiskPath string }
	Replace       []struct{ Old struct{ Path string } }
}

// wrongWork says what is wrong with go.work, given the folders of all modules.
func wrongWork(w workFile, dirs []string) []string {
	var wrong []string
	if len(w.Replace) > 0 || len(w.Godebug) > 0 || w.Toolchain != "" {
		wrong = append(wrong, "go.work: only use lines")
	}
	var used []string
	for _, u := range w.Use {
		used = append(used, path.Clean(u.DiskPath))
	}
	for _, dir := range dirs {
		if !slices.Contains(used, dir) {
			wrong = append(wrong, "go.work: does not use ./"+dir)
		}
	}
	for _, dir := range used {
		if !slices.Contains(dirs, dir) {
			wrong = append(wrong, "go.work: uses ./"+dir+", which is no module")
		}
	}
	return wrong
}

// machinePath matches absolute paths of somebody's machine.
var machinePath = regexp.MustCompile(`(^|[\s"'=(:,])(/(work|home|root|Users)/\w[^\s"']*)`)

// wrongPaths says where a file names a path of somebody's machine.
func wrongPaths(name string, text []byte) []string {
	if bytes.IndexByte(text, 0) >= 0 {
		return nil // not a text
	}
	var wrong []string
	line := 0
	for l := range bytes.Lines(text) {
		line++
		if found := machinePath.FindSubmatch(l); found != nil {
			wrong = append(wrong, fmt.Sprintf("%s:%d: names a path of somebody's machine: %s", name, line, found[2]))
		}
	}
	return wrong
}
