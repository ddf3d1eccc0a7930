package helpdesk_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostReadme is the greatest number of lines of the README.
const mostReadme = 180

// pages returns the documents for readers: those of the root and of docs.
func pages(t *testing.T) []string {
	t.Helper()
	if !isRepository() {
		t.Skip("the documents are part of the repository only")
	}
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		all = append(all, found...)
	}
	require.Contains(t, all, "README.md")
	return all
}

// The README is read to its end.
func TestREADMEIsShort(t *testing.T) {
	t.Parallel()
	if !isRepository() {
		t.Skip("the README is part of the repository only")
	}
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	require.LessOrEqual(t, strings.Count(string(text), "\n"), mostReadme, "move figures and chapters to docs")
}

var (
	inlineLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	referenceLink = regexp.MustCompile(`(?m)^\[[^]]+\]: (\S+)$`)
	codeBlock     = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan      = regexp.MustCompile("`[^`\n]*`")
	heading       = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notInAnchor   = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// links returns the targets of all links of a page.
func links(text string) []string {
	text = codeSpan.ReplaceAllString(codeBlock.ReplaceAllString(text, ""), "")
	var all []string
	for _, m := range append(inlineLink.FindAllStringSubmatch(text, -1), referenceLink.FindAllStringSubmatch(text, -1)...) {
		all = append(all, m[1])
	}
	return all
}

// hasAnchor reports whether a page has a heading that a link to #anchor finds.
func hasAnchor(text, anchor string) bool {
	for _, m := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		if strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-") == anchor {
			return true
		}
	}
	return false
}

// Every relative link of the documents leads to a file of the repository, and to a
// heading of it if the link says one.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, link := range links(string(text)) {
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			target, anchor, anchored := strings.Cut(link, "#")
			file := page
			if target != "" {
				file = filepath.Join(filepath.Dir(page), target)
			}
			require.False(t, strings.HasPrefix(file, ".."), "%s links out of the repository: %s", page, link)
			found, err := os.ReadFile(file)
			require.NoError(t, err, "%s links to %s", page, link)
			if anchored {
				require.True(t, hasAnchor(string(found), anchor), "%s links to %s, which has no such heading", page, link)
			}
		}
	}
}

// Every manual page is found from the README.
func TestREADMELinksEveryPage(t *testing.T) {
	t.Parallel()
	all := pages(t)
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	linked := links(string(text))
	for _, page := range all {
		if page != "README.md" {
			require.Contains(t, linked, filepath.ToSlash(page))
		}
	}
}

// The page about the desk names every method of a tenant and of its handles, and no
// method of a handle that there is not.
func TestDeskPageNamesEveryMethod(t *testing.T) {
	t.Parallel()
	pages(t)
	page, err := os.ReadFile("docs/desk.md")
	require.NoError(t, err)
	api, err := os.ReadFile("docs/api/desk.txt")
	require.NoError(t, err)
	methods := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^func \(\w+ \*?(?:Tenant|ConversationHandle|TicketHandle)\) (\w+)\(`).FindAllStringSubmatch(string(api), -1) {
		methods[m[1]] = true
		if m[1] != "ID" {
			require.Regexp(t, `[.\x60]`+m[1]+`\b`, string(page), m[1])
		}
	}
	require.NotEmpty(t, methods)
	named := regexp.MustCompile(`\bt\.(?:Conversation\(id\)\.|Ticket\(id\)\.)?([A-Z]\w+)\b`)
	for _, m := range named.FindAllStringSubmatch(string(page), -1) {
		require.True(t, methods[m[1]], "docs/desk.md names %s", m[0])
	}
	rows := regexp.MustCompile(`(?m)^\| ((?:\x60[A-Z]\w+\x60(?:, )?)+) \| `)
	for _, m := range rows.FindAllStringSubmatch(strings.Split(string(page), "## The AI")[0], -1) {
		for name := range strings.SplitSeq(strings.ReplaceAll(m[1], "`", ""), ", ") {
			require.True(t, methods[name] || name == "IdempotencyKey" || name == "Author" || name == "IfLastMessage" || name == "IfRevision", "docs/desk.md names %s", name)
		}
	}
}

// apiName is a name in a document: of a package, or of a type of any package.
var apiName = regexp.MustCompile(`^([A-Za-z]\w*)\.([A-Z]\w*)(?:\.([A-Z]\w*))?\b`)

// names returns the names of Go that a page has in code spans, by their parts.
func names(text string) [][]string {
	var all [][]string
	for _, span := range codeSpan.FindAllString(codeBlock.ReplaceAllString(text, ""), -1) {
		if m := apiName.FindStringSubmatch(strings.TrimPrefix(strings.Trim(span, "`"), "*")); m != nil {
			all = append(all, slices.DeleteFunc(m[1:], func(s string) bool { return s == "" }))
		}
	}
	return all
}

// The documents speak of names that there are: desk.Meta is one of package desk, and
// Limits.Poll one of some package. The changelog has old ones, too.
func TestDocumentsNameTheAPI(t *testing.T) {
	t.Parallel()
	all := pages(t)
	api := map[string]string{}
	files, err := filepath.Glob("docs/api/*.txt")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		api[name[strings.LastIndex(name, "-")+1:]] = string(text)
	}
	has := func(text string, words []string) bool {
		return !slices.ContainsFunc(words, func(w string) bool {
			return !regexp.MustCompile(`\b` + w + `\b`).MatchString(text)
		})
	}
	checked := 0
	for _, page := range all {
		if page == "CHANGELOG.md" {
			continue
		}
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, parts := range names(string(text)) {
			first, of := parts[0], api[parts[0]]
			switch {
			case of != "":
				checked++
				require.True(t, has(of, parts[1:]), "%s names %s", page, strings.Join(parts, "."))
			case first[0] >= 'A' && first[0] <= 'Z':
				checked++
				require.True(t, slices.ContainsFunc(slices.Collect(maps.Values(api)), func(text string) bool { return has(text, parts) }),
					"%s names %s", page, strings.Join(parts, "."))
			}
		}
	}
	require.Positive(t, checked)
	t.Logf("%d names", checked)
}

func TestLinkRules(t *testing.T) {
	t.Parallel()
	page := "# One, *two*: S1\n\n[`a`](b.md) and [c][d], `f[T](x)`\n\n```md\n# no\n[x](y.md)\n```\n\n[d]: e.md#f\n"
	require.Equal(t, []string{"b.md", "e.md#f"}, links(page))
	require.True(t, hasAnchor(page, "one-two-s1"))
	require.False(t, hasAnchor(page, "no"))
	require.Equal(t, [][]string{{"desk", "Meta"}, {"Limits", "Lease"}, {"ticket", "Ticket", "Reply"}},
		names("`desk.Meta`, `Limits.Lease`, `*ticket.Ticket.Reply(x)`, `README.md`, [`a`](b.Md)\n"))
}
