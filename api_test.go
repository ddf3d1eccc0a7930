package helpdesk_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the record of the API anew")

// mostNames is the greatest number of exported names of the core: types,
// functions, methods, constants and variables. Methods of standard interfaces do
// not count, nor do fields, the methods of interfaces, and test kits. The number is
// what one person can know.
const mostNames = 1150

// testKits are the packages for tests of hosts and of engines.
var testKits = []string{"desk/faults", "desk/memtransport", "desk/storetest", "desk/storetest", "desk/transporttest", "inbox/modelcheck"}

// standardMethods are the methods of interfaces of the standard library.
var standardMethods = []string{
	"Error", "Is", "As", "Unwrap", "String", "MarshalJSON", "UnmarshalJSON",
	"MarshalText", "UnmarshalText", "AppendText", "Scan", "Value",
}

// A described package is one with its documentation.
type described struct {
	name string // without the module, such as sla/hours
	fset *token.FileSet
	doc  *doc.Package
}

// describe returns the packages of the core that can be imported.
func describe(t *testing.T) []described {
	t.Helper()
	var all []described
	for _, p := range packages(t, ".") {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if p.Name == "main" || slices.Contains(strings.Split(name, "/"), "internal") {
			continue
		}
		fset := token.NewFileSet()
		files := make([]*ast.File, 0, len(p.GoFiles))
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			require.NoError(t, err)
			files = append(files, f)
		}
		d, err := doc.NewFromFiles(fset, files, p.ImportPath)
		require.NoError(t, err)
		all = append(all, described{name, fset, d})
	}
	return all
}

// record returns the exported declarations of a package, without comments, and the
// number of names.
func (d described) record() (string, int) {
	var lines []string
	n := 0
	put := func(decl ast.Node) {
		var b bytes.Buffer
		_ = (&printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 4}).Fprint(&b, d.fset, decl)
		lines = append(lines, strings.TrimSpace(b.String()))
	}
	values := func(all []*doc.Value) {
		for _, v := range all {
			v.Decl.Doc = nil
			ast.Inspect(v.Decl, func(n ast.Node) bool {
				if s, ok := n.(*ast.ValueSpec); ok {
					s.Doc, s.Comment = nil, nil
				}
				return true
			})
			n += len(v.Names)
			put(v.Decl)
		}
	}
	funcs := func(all []*doc.Func) {
		for _, f := range all {
			if f.Recv == "" || !slices.Contains(standardMethods, f.Name) {
				n++
			}
			f.Decl.Doc, f.Decl.Body = nil, nil
			put(f.Decl)
		}
	}
	values(d.doc.Consts)
	values(d.doc.Vars)
	funcs(d.doc.Funcs)
	for _, typ := range d.doc.Types {
		n++
		ast.Inspect(typ.Decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				n.Doc = nil
			case *ast.TypeSpec:
				n.Doc, n.Comment = nil, nil
			case *ast.Field:
				n.Doc, n.Comment = nil, nil
			}
			return true
		})
		put(typ.Decl)
		values(typ.Consts)
		values(typ.Vars)
		funcs(typ.Funcs)
		funcs(typ.Methods)
	}
	return strings.Join(lines, "\n") + "\n", n
}

// The exported surface is as docs/api records it, and no wider than one person can
// know. Go test -update writes the record.
func TestSurface(t *testing.T) {
	t.Parallel()
	if !isRepository() {
		t.Skip("the record is part of the repository only")
	}
	sum, want := 0, map[string]bool{}
	var sizes []string
	for _, d := range describe(t) {
		text, n := d.record()
		file := filepath.Join("docs", "api", strings.ReplaceAll(cmp.Or(d.name, "helpdesk"), "/", "-")+".txt")
		want[file] = true
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		}
		recorded, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(recorded), text, "the API of %s: run go test . -update, and say in CHANGELOG.md what changed", d.name)
		if !slices.Contains(testKits, d.name) {
			sum += n
			sizes = append(sizes, fmt.Sprintf("%s %d", cmp.Or(d.name, "helpdesk"), n))
		}
	}
	found, err := filepath.Glob("docs/api/*.txt")
	require.NoError(t, err)
	for _, f := range found {
		require.True(t, want[f], "%s is of no package", f)
	}
	t.Logf("%d exported names: %s", sum, strings.Join(sizes, ", "))
	require.LessOrEqual(t, sum, mostNames, "exported names of the core: %s", strings.Join(sizes, ", "))
}

// texts returns the documentation of all exported names of a package.
func (d described) texts() []string {
	all := []string{d.doc.Doc}
	values := func(vs []*doc.Value) {
		for _, v := range vs {
			all = append(all, v.Doc)
			for _, s := range v.Decl.Specs {
				if s, ok := s.(*ast.ValueSpec); ok {
					all = append(all, s.Doc.Text(), s.Comment.Text())
				}
			}
		}
	}
	funcs := func(fs []*doc.Func) {
		for _, f := range fs {
			all = append(all, f.Doc)
		}
	}
	values(d.doc.Consts)
	values(d.doc.Vars)
	funcs(d.doc.Funcs)
	for _, typ := range d.doc.Types {
		all = append(all, typ.Doc)
		ast.Inspect(typ.Decl, func(n ast.Node) bool {
			if f, ok := n.(*ast.Field); ok {
				all = append(all, f.Doc.Text(), f.Comment.Text())
			}
			return true
		})
		values(typ.Consts)
		values(typ.Vars)
		funcs(typ.Funcs)
		funcs(typ.Methods)
	}
	return all
}

var (
	word      = regexp.MustCompile(`[A-Za-z][A-Za-z'’-]*`)
	ruleNames = regexp.MustCompile(`\b[RTD][0-9]+\b`)
	questions = []string{"what", "who", "whose", "whoever"}
	pronouns  = []string{"it", "them", "those", "these", "they"}
)

// Exported documentation is plain English for a stranger: no names of rules, few
// sentences that hang on a pronoun, and the zero value of every struct.
func TestDocumentationIsPlain(t *testing.T) {
	t.Parallel()
	for _, d := range describe(t) {
		words, asked, pointed := 0, 0, 0
		for _, text := range d.texts() {
			require.Empty(t, ruleNames.FindString(text), "a rule's number in the documentation of %s: %s", d.name, text)
			for _, w := range word.FindAllString(strings.ToLower(text), -1) {
				words++
				if slices.Contains(questions, w) {
					asked++
				}
				if slices.Contains(pronouns, w) {
					pointed++
				}
			}
		}
		for _, typ := range d.doc.Types {
			spec, ok := typ.Decl.Specs[0].(*ast.TypeSpec)
			if !ok {
				continue
			}
			if _, ok := spec.Type.(*ast.StructType); ok {
				lower := strings.ToLower(strings.Join(strings.Fields(typ.Doc), " "))
				require.True(t, strings.Contains(lower, "zero") || strings.Contains(lower, "plain data"),
					"%s.%s: the documentation of a struct says what its zero value is, or that it is plain data", path.Base(d.name), typ.Name)
			}
		}
		t.Logf("%-20s %6d words; in 1,000: %.1f what or who, %.1f it or they", d.name, words, 1000*float64(asked)/float64(words), 1000*float64(pointed)/float64(words))
		if words >= 500 {
			require.LessOrEqual(t, 1000*asked, 4*words, "what, who, whose or whoever in %s", d.name)
			require.LessOrEqual(t, 1000*pointed, 18*words, "it, them, those, these or they in %s", d.name)
		}
	}
}
