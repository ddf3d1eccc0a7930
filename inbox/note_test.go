package inbox_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/stretchr/testify/require"
)

// A note is no reply, and a reply no note: neither converts into the other, and a
// list of replies takes no note. These lines are the compile-time half of R77:
//
//	inbox.Reply(inbox.Note{})             // does not compile
//	[]inbox.CustomerMessageView{note}     // does not compile
var (
	_ inbox.Message = inbox.Reply{}
	_ inbox.Message = inbox.Note{}
)

// R68, R77: no type that is for customers, or leaves the house, has a place for a
// note: not directly, not behind an interface, not in a map.
func TestNoNoteReachesACustomer(t *testing.T) {
	t.Parallel()
	note, reply := reflect.TypeFor[inbox.Note](), reflect.TypeFor[inbox.Reply]()
	require.False(t, note.ConvertibleTo(reply))
	require.False(t, reply.ConvertibleTo(note))
	require.False(t, note.ConvertibleTo(reflect.TypeFor[inbox.CustomerMessageView]()))

	var reaches func(t reflect.Type, seen map[reflect.Type]bool) bool
	reaches = func(t reflect.Type, seen map[reflect.Type]bool) bool {
		if seen[t] || t == reflect.TypeFor[time.Time]() {
			return false
		}
		seen[t] = true
		if t == note || t.Kind() == reflect.Interface {
			return true // anything could be in an interface
		}
		switch t.Kind() { //nolint:exhaustive // the others hold nothing
		case reflect.Struct:
			for f := range t.Fields() {
				if reaches(f.Type, seen) {
					return true
				}
			}
		case reflect.Slice, reflect.Array, reflect.Pointer, reflect.Chan:
			return reaches(t.Elem(), seen)
		case reflect.Map:
			return reaches(t.Key(), seen) || reaches(t.Elem(), seen)
		case reflect.Func:
			return true
		}
		return false
	}
	for _, safe := range []reflect.Type{
		reflect.TypeFor[inbox.CustomerView](), reflect.TypeFor[inbox.CustomerMessageView](), reflect.TypeFor[inbox.OfferView](),
		reflect.TypeFor[inbox.StatusView](), reflect.TypeFor[inbox.ResolutionView](),
		reflect.TypeFor[inbox.Reply](), reflect.TypeFor[inbox.Effect](), reflect.TypeFor[inbox.Offer](), reflect.TypeFor[inbox.ControlToken](),
		reflect.TypeFor[inbox.Contact](), reflect.TypeFor[inbox.AttachmentRef](), reflect.TypeFor[inbox.Notification](),
	} {
		require.False(t, reaches(safe, map[reflect.Type]bool{}), safe)
	}
	// The test would notice: these are the team's.
	for _, unsafe := range []reflect.Type{
		note, reflect.TypeFor[inbox.TeamView](), reflect.TypeFor[inbox.Snapshot](), reflect.TypeFor[inbox.MessageRecord](),
		reflect.TypeFor[map[string]inbox.Note](), reflect.TypeFor[*[1]inbox.Note](), reflect.TypeFor[func()](),
	} {
		require.True(t, reaches(unsafe, map[reflect.Type]bool{}), unsafe)
	}
}

// Every view type of the package is known to the test above: those for customers
// there, and the team's.
func TestEveryViewIsKnown(t *testing.T) {
	t.Parallel()
	known := []string{"CustomerView", "CustomerMessageView", "OfferView", "StatusView", "ResolutionView", "TeamView"}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var views []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && strings.HasSuffix(spec.Name.Name, "View") {
				views = append(views, spec.Name.Name)
			}
			return true
		})
	}
	require.ElementsMatch(t, known, views)
}

// R77: a note changes no status, is not sent, and is in no customer's view; the
// team sees it in its place (R68).
func TestNoteR77(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	tk := p.k.Tickets[0]
	p.conv(p.c().AddNote(p.agent(), draft("n1", "Ask Bob.\r\nHe knows.")))
	require.Equal(t, []inbox.EffectKind{inbox.EffectCancelNotifications}, p.effects(), "the author has read what stood there (R86)")
	require.Empty(t, p.last.Tickets)
	require.Equal(t, []any{uint64(2), "n1"}, []any{p.last.Seq, p.last.Message})
	require.Equal(t, tk.Status(), p.k.Tickets[0].Status())
	p.in(inbox.StatusQueue)
	want := inbox.Note{ID: "n1", Seq: 2, At: p.now, Author: helpdesk.Agent("agent-1"), Comment: "Ask Bob.\nHe knows."}
	require.Equal(t, want, lastNote(t, p))
	require.EqualValues(t, 2, want.Number())
	_, ok := p.c().Message("n1") // what a relay looks for
	require.False(t, ok)
	for _, m := range p.c().CustomerView(0, 100).Messages {
		require.NotContains(t, string(m.Body), "Bob")
	}
	_, _, err := p.c().AddNote(p.ai(), draft("n2", "x")) // people hold control
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	_, _, err = p.c().AddNote(p.agent(), inbox.MessageParams{ID: "n1", Attachments: []inbox.AttachmentRef{{Ref: "x"}}})
	requireFields(t, err, "message", "blobs", "comment")
	_, _, err = p.c().AddNote(p.agent(), draft("n2", strings.Repeat("é", inbox.MaxBody+1)))
	requireFields(t, err, "comment")
	p.conv(p.c().AddNote(p.agent(), draft("n2", strings.Repeat("é", inbox.MaxBody))))
}
