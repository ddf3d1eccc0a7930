package helpdesk_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// demands lists the rules that tests must name, and the package that keeps them:
// R of the requirements, S of the SLA semantics. A row counts once its package
// is there; rules of packages yet to come get their rows with them.
var demands = []struct {
	letter   string
	from, to int
	dir      string
}{
	{"R", 1, 6, "inbox"},
	{"R", 7, 8, "sla/hours"},
	{"R", 9, 9, "sla"},
	{"R", 10, 15, "severity"},
	{"R", 16, 22, "sla"},
	{"R", 23, 24, "severity"},
	{"R", 25, 30, "ticket"},
	{"R", 31, 31, "."},
	{"R", 32, 50, "inbox"},
	{"R", 51, 51, "retention"},
	{"R", 52, 78, "inbox"},
	{"R", 79, 91, "desk"},
	{"S", 1, 1, "."},
	{"S", 2, 9, "sla/hours"},
	{"S", 10, 30, "sla"},
}

// ruleName matches one rule (R11, S16) or a range of them (R11–R15, S2-S9).
var ruleName = regexp.MustCompile(`([RS])([0-9]+)(?:[–-]([RS])([0-9]+))?`)

// longestRange is the number of rules that one range can name. "S10–S30" says
// nothing about any of them.
const longestRange = 8

// namedRules adds the rules that the text names, short ranges in full, to the
// set. A rule may end a name (TestLevelsR10), but is no part of an abbreviation
// (UTS46).
func namedRules(text string, set map[string]bool) {
	for _, m := range ruleName.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > 0 && 'A' <= text[m[0]-1] && text[m[0]-1] <= 'Z' {
			continue
		}
		letter := text[m[2]:m[3]]
		first, _ := strconv.Atoi(text[m[4]:m[5]])
		last := first
		if m[6] >= 0 && text[m[6]:m[7]] == letter {
			last, _ = strconv.Atoi(text[m[8]:m[9]])
		}
		if last-first >= longestRange {
			continue
		}
		for n := first; n <= last; n++ {
			set[letter+strconv.Itoa(n)] = true
		}
	}
}

// Every rule has a test of the core that names it.
func TestEveryRuleIsTested(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." {
			_, err := os.Stat(filepath.Join(name, "go.mod"))
			if err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" {
				return fs.SkipDir // another module, or no code
			}
		}
		if !strings.HasSuffix(name, "_test.go") || name == "rules_test.go" {
			return nil
		}
		text, err := os.ReadFile(name)
		namedRules(string(text), named)
		return err
	}))
	for _, row := range demands {
		if files, err := filepath.Glob(filepath.Join(row.dir, "*.go")); err != nil || len(files) == 0 {
			continue // the package is yet to come
		}
		for n := row.from; n <= row.to; n++ {
			rule := fmt.Sprintf("%s%d", row.letter, n)
			if !named[rule] {
				t.Errorf("no test names %s, which package %s keeps", rule, row.dir)
			}
		}
	}
}

func TestNamedRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string
	}{
		{"// R11: text", []string{"R11"}},
		{"func TestLevelsR10(t", []string{"R10"}},
		{"TestExamplesR11R12", []string{"R11", "R12"}},
		{"(R23–R24, S23)", []string{"R23", "R24", "S23"}},
		{"S2-S4", []string{"S2", "S3", "S4"}},
		{"S9–R11", []string{"S9"}},
		{"R110", []string{"R110"}},
		{"UTS46, RFC 2047, R, xS", nil},
		{"S2–S9", []string{"S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9"}},
		{"S2–S10", nil},
		{"R5–R3", nil},
	}
	for _, tt := range tests {
		got := map[string]bool{}
		namedRules(tt.text, got)
		want := map[string]bool{}
		for _, r := range tt.want {
			want[r] = true
		}
		require.Equal(t, want, got, tt.text)
	}
}

// What documentation names by a letter and a number is explained: R, D and T in
// docs/rules.md, S in docs/semantics.md.
func TestRulesAreExplained(t *testing.T) {
	t.Parallel()
	explained := map[string]bool{}
	for _, file := range []string{"docs/rules.md", "docs/semantics.md"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^\| ([RDT][0-9].*?) \|`).FindAllStringSubmatch(string(text), -1) {
			explainedBy(m[1], explained)
		}
		explainedBy(strings.Join(regexp.MustCompile(`S[0-9]+`).FindAllString(string(text), -1), " "), explained)
	}
	used := regexp.MustCompile(`\b[RDST][0-9]{1,2}\b`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			if _, comment, ok := strings.Cut(line, "//"); ok {
				for _, rule := range used.FindAllString(comment, -1) {
					require.True(t, explained[rule], "%s: %s is not in docs/rules.md: %s", path, rule, line)
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
}

// explainedBy adds the rules of a list such as "R1–R6" or "R30, R32".
func explainedBy(list string, set map[string]bool) {
	for _, m := range regexp.MustCompile(`([RDST])([0-9]+)(?:–[RDST]([0-9]+))?`).FindAllStringSubmatch(list, -1) {
		first, _ := strconv.Atoi(m[2])
		last := first
		if m[3] != "" {
			last, _ = strconv.Atoi(m[3])
		}
		for n := first; n <= last; n++ {
			set[m[1]+strconv.Itoa(n)] = true
		}
	}
}
