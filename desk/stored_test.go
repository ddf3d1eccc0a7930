package desk_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// What is stored does not change its form unnoticed (T44): everything that the story
// of stored_story_test.go has a desk commit is written down, record by record, event
// by event, message by message and key by key, byte by byte but for white space.
// Whoever changes a file below testdata/stored decides that what was stored before
// can still be read.
func TestStored(t *testing.T) {
	t.Parallel()
	tape, stores := toldStory(t)
	logs := toldLogs(t)
	for _, name := range []string{"clocks-ticket", "kepts-ticket"} {
		tape.files[name] = logs.files[name]
	}
	tape.files["ticket-with-logs"] = logs.files["record-ticket"]
	tape.hasEverything(t)

	files := map[string]string{}
	for name, lines := range tape.files {
		files[name+".golden"] = strings.Join(lines, "\n") + "\n"
	}
	dir := filepath.Join("testdata", "stored")
	if golden.Updating() {
		require.NoError(t, os.RemoveAll(dir))
		require.NoError(t, os.MkdirAll(dir, 0o755))
		for name, text := range files {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		}
	}
	kept, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, kept, len(files), "a file too many, or one that is missing: there are %v", kept)
	for name, got := range files {
		want, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		where, same := firstDifference(string(want), got)
		require.True(t, same, "%s: %s", name, where)
	}
	areRestored(t, stores)
}

// docs/formats.md lists each form with its golden file.
func TestFormatsAreListed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "docs", "formats.md"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the documents are part of the repository only")
	}
	require.NoError(t, err)
	source := desksSource(t)
	for _, name := range slices.Concat(source.constants("kind"), source.constants("log"), source.constants("topic")) {
		require.Contains(t, string(text), "`"+name+"`")
	}
	kept, err := filepath.Glob(filepath.Join("testdata", "stored", "*.golden"))
	require.NoError(t, err)
	for _, file := range kept {
		name := strings.TrimSuffix(filepath.Base(file), ".golden")
		if !strings.HasPrefix(name, "outbox-") && name != "timers" {
			require.Contains(t, string(text), "`"+name+"`")
		}
	}
}

// hasEverything compares what the story had with what there is: each kind of record, topic, occasion, event and command
// that the source names is in what was stored, or stands here with the reason why not.
func (r *tape) hasEverything(t *testing.T) {
	t.Helper()
	source := desksSource(t)
	require.Equal(t, source.constants("kind"), r.seen("record"), "kinds of records")
	require.Equal(t, source.constants("topic"), r.seen("topic"), "topics")
	require.Equal(t, source.constants("Occasion"), r.seen("occasion"), "occasions")

	events := slices.Concat(source.constants("Event"), []string{"configure", "request_erasure"})
	conversation := make(map[inbox.EventKind]bool)
	for r := range inbox.Rows() {
		if k := r.Event; k != inbox.EventPurge && !conversation[k] { // what is deleted keeps no events
			conversation[k] = true
			events = append(events, string(k))
		}
	}
	ofTicket := make(map[ticket.EventKind]bool)
	for _, r := range ticket.StandardClosedConfig().Rows {
		if k := r.Event; k != ticket.EventPurge && k != ticket.EventAddNote && !ofTicket[k] { // as above; notes stand in the conversation
			ofTicket[k] = true
			events = append(events, string(k))
		}
	}
	events = append(events, "ask_vendor") // of a lifecycle's own
	require.Equal(t, sorted(events), r.seen("event"), "types of events")

	require.Equal(t, source.commands(t), r.seen("use"), "commands")
	own := []string{"asked", "notified", "switch_off", "timer"} // the desk's, which have no key
	keyed := slices.DeleteFunc(source.commands(t), func(use string) bool { return slices.Contains(own, use) })
	require.Equal(t, keyed, r.seen("keyed"), "commands with keys")

	members := source.members()
	for _, root := range []any{
		inbox.Snapshot{},
		inbox.Event{},
		inbox.Config{},
		ticket.Snapshot{},
		ticket.Event{},
		desk.Result{},
		desk.RetentionReport{},
		desk.MailEvent{},
		desk.ClockEvent{},
		retention.Progress{},
		retention.Tombstone{},
	} {
		members = append(members, membersOf(reflect.TypeOf(root))...)
	}
	var never []string
	all := r.all()
	for _, name := range sorted(members) {
		if !strings.Contains(all, strconv.Quote(name)+":") {
			never = append(never, name)
		}
	}
	// A message too long for a golden file, a purge that is over, a race, what became of a
	// message, what came elsewhere, offers, and why a ticket was reopened, which have entries of their own, and
	// records that are damaged; secrets that are missing. Of a kept log: what waits to be
	// compacted.
	require.Equal(t, []string{"added", "cut", "done_at", "elsewhere", "lasts", "missing_secrets", "offers", "overheard", "reopen_reason", "skipped", "undelivered", "unreadable", "unsure", "voided"}, never, "members that were never stored")
}

// all returns everything that was written down.
func (r *tape) all() string {
	var all strings.Builder
	for _, lines := range r.files {
		all.WriteString(strings.Join(lines, "\n"))
	}
	return all.String()
}

// membersOf returns the names of the members of what has a JSON form by its fields.
func membersOf(t reflect.Type) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Marshaler]()) {
		return nil
	}
	var all []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			all = append(all, name)
		}
		all = append(all, membersOf(field.Type)...)
	}
	return all
}

// A tape is around a storage, and writes down what is committed.
type tape struct {
	*memstore.Stores
	on    store.Stores // where it is stored, which lead there
	use   string       // the command that is carried out
	step  string       // of the story
	files map[string][]string
	lines map[string][]string        // of the last body of each record
	sets  map[string]map[string]bool // what there was, by what it is
}

// noted returns hooks by which the tape knows which command is carried out.
func (r *tape) noted() desk.Hooks {
	return desk.Hooks{Start: func(ctx context.Context, name string, _ ...slog.Attr) (context.Context, func(error)) {
		before := r.use
		r.use = strings.TrimPrefix(name, "desk.")
		return ctx, func(error) { r.use = before }
	}}
}

func (r *tape) saw(what, which string) {
	if r.sets[what] == nil {
		r.sets[what] = map[string]bool{}
	}
	r.sets[what][which] = true
}

func (r *tape) seen(what string) []string {
	var all []string
	for which := range r.sets[what] {
		all = append(all, which)
	}
	return sorted(all)
}

func sorted(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return slices.Compact(all)
}

func (r *tape) write(file string, lines ...string) {
	r.files[file] = append(r.files[file], lines...)
}

func (r *tape) Tenant(t store.TenantID) (store.Records, error) {
	s, err := r.on.Tenant(t)
	return tapedStore{s, r, t}, err
}

type tapedStore struct {
	store.Records
	r      *tape
	tenant store.TenantID
}

func (s tapedStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	done, err := s.Records.Commit(ctx, b)
	if err == nil && done.Replayed == nil {
		s.r.record(s.tenant, &b)
	}
	return done, err
}

// record writes down a batch: what it says of each thing goes to the file of its kind.
func (r *tape) record(tenant store.TenantID, b *store.Batch) {
	at := fmt.Sprintf("== %s: %s, %s", r.step, tenant, r.use)
	for i := range b.Changes {
		r.change(at, tenant, &b.Changes[i])
	}
	for i := range b.Append {
		e := &b.Append[i]
		file := e.Log + "s-" + e.Of.Kind
		line := fmt.Sprintf("%s %d at %s", e.Of, e.N, instant(e.At))
		if e.Log == "event" {
			var body struct{ Type string }
			if json.Unmarshal(e.Body, &body) == nil {
				r.saw("event", body.Type)
			}
		}
		r.write(file, at, line, "id "+e.ID)
		r.write(file, pretty(e.Body)...)
	}
	for _, t := range b.Timers {
		r.write("timers", at, fmt.Sprintf("%s %s %s", t.Of, t.Name, instant(t.At)))
	}
	for i := range b.Send {
		m := &b.Send[i]
		topic, _, _ := strings.Cut(m.Topic, "/")
		r.saw("topic", topic)
		var o struct{ Occasion string }
		if json.Unmarshal(m.Body, &o) == nil && o.Occasion != "" {
			r.saw("occasion", o.Occasion)
		}
		r.write("outbox-"+topic, at, fmt.Sprintf("of %s, to %s, at %s", m.Of, m.Topic, instant(m.At)), "key "+m.Key)
		r.write("outbox-"+topic, pretty(m.Body)...)
	}
	for _, key := range b.Withdraw {
		r.write("outbox-withdrawn", at, "key "+key)
	}
	if r.use != "" && r.use != "deliver" && r.use != "sweep" { // whose batches are no commands
		r.saw("use", r.use)
	}
	if k := &b.Key; k.Name != "" {
		r.saw("keyed", r.use)
		r.write("keys", at, fmt.Sprintf("%s of %s, until %s", k.Name, k.Result.Of, instant(k.Result.ExpiresAt)), "fingerprint "+k.Result.Fingerprint)
		r.write("keys", pretty(k.Result.Body)...)
	}
}

// change writes a record down whole when it is new, and then what is new in it.
func (r *tape) change(at string, tenant store.TenantID, c *store.Change) {
	r.saw("record", c.Ref.Kind)
	name := string(tenant) + " " + c.Ref.String()
	file := "record-" + c.Ref.Kind
	if c.Delete {
		r.write(file, at, c.Ref.String()+" deleted")
		delete(r.lines, name)
		return
	}
	head := c.Ref.String()
	if !c.ExpiresAt.IsZero() {
		head += " until " + instant(c.ExpiresAt)
	}
	now := []string{"-- as follows"}
	for _, a := range c.Attributes {
		now = append(now, fmt.Sprintf("attribute %s %s %q", a.Name, a.Value.Type(), a.Value.String()))
	}
	now = append(now, pretty(c.Body)...)
	r.write(file, at, head)
	if c.Expected == "" {
		r.write(file, now...)
	} else {
		r.write(file, turned(r.lines[name], now)...)
	}
	r.lines[name] = now
}

func instant(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.RFC3339Nano)
}

// pretty returns the lines of a JSON text, which is as it came but for white space.
// What is no JSON, or had white space, is shown as it is.
func pretty(body []byte) []string {
	body = earlier(body)
	var wide, narrow bytes.Buffer
	err := errors.Join(json.Indent(&wide, body, "", " "), json.Compact(&narrow, body))
	if err != nil || !bytes.Equal(narrow.Bytes(), body) {
		return []string{strconv.Quote(string(body))}
	}
	return strings.Split(wide.String(), "\n")
}

// turned returns what makes now of before: the lines that are gone and those that
// came, each with the line before it.
func turned(before, now []string) []string {
	// The longest common lines of all ends.
	n := make([][]int, len(before)+1)
	for i := range n {
		n[i] = make([]int, len(now)+1)
	}
	for i := range slices.Backward(before) {
		for j := len(now) - 1; j >= 0; j-- {
			if n[i][j] = max(n[i+1][j], n[i][j+1]); before[i] == now[j] {
				n[i][j] = n[i+1][j+1] + 1
			}
		}
	}
	var out []string
	last := "" // the line before, unless it was shown
	show := func(sign, line string) {
		if last != "" {
			out = append(out, "  "+last)
		}
		last = ""
		out = append(out, sign+" "+line)
	}
	for i, j := 0, 0; i < len(before) || j < len(now); {
		switch {
		case i < len(before) && j < len(now) && before[i] == now[j]:
			last = now[j]
			i, j = i+1, j+1
		case j == len(now) || i < len(before) && n[i+1][j] >= n[i][j+1]:
			show("-", before[i])
			i++
		default:
			show("+", now[j])
			j++
		}
	}
	return out
}

// firstDifference says where two texts first differ.
func firstDifference(want, got string) (string, bool) {
	if want == got {
		return "", true
	}
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	line := func(all []string) string {
		if i < len(all) {
			return strconv.Quote(all[i])
		}
		return "the end"
	}
	return fmt.Sprintf("line %d: want %.2000s, got %.2000s", i+1, line(a), line(b)), false
}

// A source is the parsed code of the desk.
type source []*ast.File

func desksSource(t *testing.T) source { t.Helper(); return sourceOf(t, ".") }

func sourceOf(t *testing.T, dir string) source {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var s source
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		s = append(s, parsed)
	}
	require.NotEmpty(t, s)
	return s
}

// constants returns the texts of the constants whose names have the prefix and then
// another word.
func (s source) constants(prefix string) []string {
	var all []string
	for _, file := range s {
		ast.Inspect(file, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range v.Names {
				word, found := strings.CutPrefix(name.Name, prefix)
				if !found || word == "" || word[0] < 'A' || word[0] > 'Z' || i >= len(v.Values) {
					continue
				}
				if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text := unquoted(lit); text != "reference" || prefix != "kind" { // of a ticket, among what is gone
						all = append(all, text)
					}
				}
			}
			return true
		})
	}
	return sorted(all)
}

// members returns the names of the members of the desk's own stored forms.
func (s source) members() []string {
	var all []string
	for _, file := range s {
		ast.Inspect(file, func(n ast.Node) bool {
			named, ok := n.(*ast.TypeSpec)
			if !ok || named.Name.Name != "order" && !strings.HasSuffix(named.Name.Name, "Body") {
				return true
			}
			form, ok := named.Type.(*ast.StructType)
			if !ok {
				return true
			}
			for _, f := range form.Fields.List {
				if f.Tag == nil {
					continue
				}
				name, _, _ := strings.Cut(reflect.StructTag(unquoted(f.Tag)).Get("json"), ",")
				all = append(all, name)
			}
			return true
		})
	}
	return all
}

// commands returns the names that commands have in what they leave.
func (s source) commands(t *testing.T) []string {
	t.Helper()
	values := map[string]string{}
	for prefix, of := range map[string]source{"": s, "inbox.": sourceOf(t, "../inbox"), "ticket.": sourceOf(t, "../ticket")} {
		for _, file := range of {
			ast.Inspect(file, func(n ast.Node) bool {
				if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
					if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						values[prefix+spec.Names[0].Name] = unquoted(lit)
					}
				}
				return true
			})
		}
	}
	ways := []string{"do", "onCase", "onConversation", "onOffer", "onTicket", "onWhole", "onHolds", "tag"}
	var all []string
	for _, file := range s {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			if way, ok := call.Fun.(*ast.SelectorExpr); !ok || !slices.Contains(ways, way.Sel.Name) {
				return true
			}
			ast.Inspect(call.Args[1], func(n ast.Node) bool {
				name := ""
				switch n := n.(type) {
				case *ast.Ident:
					name = n.Name
				case *ast.SelectorExpr:
					if of, ok := n.X.(*ast.Ident); ok {
						name = of.Name + "." + n.Sel.Name
					}
				}
				if values[name] != "" {
					all = append(all, values[name])
				}
				return true
			})
			return true
		})
	}
	return sorted(all)
}

func unquoted(lit *ast.BasicLit) string {
	text, err := strconv.Unquote(lit.Value)
	return cmp.Or(text, fmt.Sprint(err))
}
