package helpdesk_test

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// isRepository reports whether the tests run in a clone. Whoever imports the
// library has a copy of the core only, without history and nested modules.
func isRepository() bool {
	_, err := os.Stat(".git")
	return err == nil
}

// run returns what a command printed, run in the folder and outside any workspace.
func run(t *testing.T, dir string, command ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), command[0], command[1:]...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOWORK=off")
	out, err := c.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		require.NoError(t, err, "%q in %s: %s", command, dir, exit.Stderr)
	}
	require.NoError(t, err)
	return string(out)
}

// modules returns the folders that hold a go.mod, with slashes; the core's is ".".
func modules(t *testing.T) []string {
	t.Helper()
	var dirs []string
	require.NoError(t, filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.Name() == "go.mod" {
			dirs = append(dirs, filepath.ToSlash(filepath.Dir(name)))
		}
		return nil
	}))
	return dirs
}

// listed has what go list said of the folders: several tests ask.
var listed = struct {
	sync.Mutex
	packages map[string][]pack
}{packages: map[string][]pack{}}

// packages returns the packages of the module in the folder.
func packages(t *testing.T, dir string) []pack {
	t.Helper()
	listed.Lock()
	defer listed.Unlock()
	if all, ok := listed.packages[dir]; ok {
		return all
	}
	d := json.NewDecoder(strings.NewReader(run(t, dir, "go", "list", "-e",
		"-json=ImportPath,Dir,Name,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports", "./...")))
	var all []pack
	for {
		var p pack
		err := d.Decode(&p)
		if err == io.EOF {
			listed.packages[dir] = all
			return all
		}
		require.NoError(t, err)
		all = append(all, p)
	}
}

// parse returns the named files of a package.
func parse(t *testing.T, p pack, names []string) []source {
	t.Helper()
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	var files []source
	for _, name := range names {
		full := filepath.Join(p.Dir, name)
		rel, err := filepath.Rel(root, full)
		require.NoError(t, err)
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, full, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, source{filepath.ToSlash(rel), fset, file})
	}
	return files
}

// The core's floors, and what it may import (design: what must never be).
func TestImports(t *testing.T) {
	t.Parallel()
	core := packages(t, ".")
	require.NotEmpty(t, core)
	for _, p := range core {
		require.Empty(t, wrongImports(p))
	}
}

// One package comment in every package of every module, in one file.
func TestPackageComments(t *testing.T) {
	t.Parallel()
	for _, dir := range modules(t) {
		for _, p := range packages(t, dir) {
			if files := parse(t, p, p.GoFiles); len(files) > 0 {
				require.Empty(t, wrongComments(files))
			}
		}
	}
}

// S1: no package of the core asks the machine for the time.
func TestNoClock(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t, ".") {
		room, _ := roomOf(p.ImportPath)
		for _, s := range parse(t, p, p.GoFiles) {
			require.Empty(t, wrongClock(s, room == "desk"))
		}
	}
}

func TestNoSleepingTests(t *testing.T) {
	t.Parallel()
	for _, dir := range modules(t) {
		for _, p := range packages(t, dir) {
			for _, s := range parse(t, p, slices.Concat(p.TestGoFiles, p.XTestGoFiles)) {
				require.Empty(t, wrongSleep(s))
			}
		}
	}
}

func TestModules(t *testing.T) {
	t.Parallel()
	if !isRepository() {
		return
	}
	dirs := modules(t)
	require.Contains(t, dirs, ".")
	for _, dir := range dirs {
		var m modFile
		require.NoError(t, json.Unmarshal([]byte(run(t, ".", "go", "mod", "edit", "-json", path.Join(dir, "go.mod"))), &m))
		require.Empty(t, wrongModule(dir, m))
	}
	var w workFile
	require.NoError(t, json.Unmarshal([]byte(run(t, ".", "go", "work", "edit", "-json", "go.work")), &w))
	require.Empty(t, wrongWork(w, dirs))
}

func TestNoMachinePaths(t *testing.T) {
	t.Parallel()
	if !isRepository() {
		return
	}
	names := strings.Split(strings.TrimSuffix(run(t, ".", "git", "ls-files", "-z"), "\x00"), "\x00")
	require.Contains(t, names, "go.mod")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted and not yet committed
		}
		require.NoError(t, err)
		require.Empty(t, wrongPaths(name, text))
	}
}
