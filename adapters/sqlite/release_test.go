package sqlite_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
)

// laterVersion is what a later version of the library changes: it knows members that this one
// does not, at each level of what is stored, of events and of what commands are given, and
// a value of an answer, which only it may act on.
var laterVersion = []struct{ file, was, is string }{
	{"desk/envelope.go", "\tversion = 1\n", "\tversion = 2\n"},
	{"desk/codec.go", "func (b *conversationBody) change(expected store.Revision) (store.Change, error) {\n", `func (b *conversationBody) change(expected store.Revision) (store.Change, error) {
	b.Later = "top"
`},
	{"desk/codec.go", "type conversationBody struct {\n\tenvelope\n", "type conversationBody struct {\n\tenvelope\n\tLater string `json:\"later,omitzero\"`\n"},
	{"desk/codec.go", "func (b *ticketBody) change(t ticket.Ticket, expected store.Revision) (store.Change, error) {\n", `func (b *ticketBody) change(t ticket.Ticket, expected store.Revision) (store.Change, error) {
	if t.Intake().Answers.Affected > 4 {
		b.Least = 2
	}
`},
	{"inbox/conversation.go", "type TicketLink struct {\n", "type TicketLink struct {\n\tLater string `json:\"later,omitzero\"`\n"},
	{"inbox/people.go", "TicketLink{Ticket: d.ID, Offer: d.Offer}", "TicketLink{Ticket: d.ID, Offer: d.Offer, Later: \"element\"}"},
	{"inbox/notify.go", "Agent: agent, Cause: ch.ev.Kind,", "Agent: agent, Later: \"told\", Cause: ch.ev.Kind,"},
	{"inbox/notify.go", "type Notification struct {\n", "type Notification struct {\n\tLater string `json:\"later,omitzero\"`\n"},
	{"ticket/done.go", "LegalHold{ID: h.ID,", "LegalHold{Later: \"held\", ID: h.ID,"},
	{"ticket/ticket.go", "type LegalHold struct {\n", "type LegalHold struct {\n\tLater string `json:\"later,omitzero\"`\n"},
	{"inbox/message.go", "type MessageParams struct {\n", "type MessageParams struct {\n\tLater string `json:\"later,omitzero\"`\n"},
	{"desk/fingerprint.go", `{"subject", v.Subject}}, true`, `{"subject", v.Subject}, {"later", v.Later}}, true`},
	{"severity/answers.go", `affectedTexts    = []string{"", "one", "some", "many", "all"}`, `affectedTexts    = []string{"", "one", "some", "many", "all", "region"}`},
	{"severity/questions.go", "uint8(AffectedAll),", "uint8(AffectedAll) + 1,"},
}

// releases builds a process of this version and one of a later version.
func releases(t *testing.T) (this, later string) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the two versions are not built: there is no go command")
	}
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	replace := map[string]string{}
	texts := map[string]string{}
	for _, c := range laterVersion {
		path := filepath.Join(root, filepath.FromSlash(c.file))
		if _, ok := texts[path]; !ok {
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			texts[path] = string(source)
		}
		require.Equal(t, 1, strings.Count(texts[path], c.was), "%s has changed: the later version needs another place than %q", c.file, c.was)
		texts[path] = strings.Replace(texts[path], c.was, c.is, 1)
	}
	for path, text := range texts {
		to := filepath.Join(dir, strings.ReplaceAll(strings.TrimPrefix(path, root), string(filepath.Separator), "_"))
		require.NoError(t, os.WriteFile(to, []byte(text), 0o600))
		replace[path] = to
	}
	overlay := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	this, later = filepath.Join(dir, "this"), filepath.Join(dir, "later")
	for _, args := range [][]string{{"-o", this}, {"-o", later, "-overlay", overlay}} {
		build := exec.CommandContext(t.Context(), "go", append(append([]string{"build"}, args...), "./testdata/release")...)
		said, err := build.CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	return this, later
}

// A released is what a process of a release says.
type released struct {
	Code, Error                     string
	Conversation, Ticket, Message   string
	Replayed                        bool
	View                            *inbox.TeamView
	TicketView                      json.RawMessage `json:"ticket_view"`
	Bodies                          map[string]string
	Sent, Told, Parked, Fired, Done int
}

// T44: a process of this version and one of a later version work on one file, one after the
// other and at once. Nothing is lost, and nothing is refused that need not be.
func TestTwoReleasesOnOneFile(t *testing.T) {
	t.Parallel()
	if !campaign.Long() {
		t.Skip("the two versions are built where campaigns run long")
	}
	this, later := releases(t)
	file := filepath.Join(t.TempDir(), "desk.db")
	at := "2026-03-02T09:00:00Z"
	does := func(program string, args ...string) released {
		said, err := exec.CommandContext(t.Context(), program, append([]string{file, at}, args...)...).Output()
		require.NoError(t, err, "%v", args)
		var r released
		require.NoError(t, json.Unmarshal(said, &r))
		return r
	}
	ok := func(program string, args ...string) released {
		r := does(program, args...)
		require.Empty(t, r.Error, "%s %v", filepath.Base(program), args)
		return r
	}
	newer := func(args ...string) {
		r := does(this, args...)
		require.Equal(t, "newer", r.Code, "%v: %s", args, r.Error)
	}
	// kept says that what the later version wrote is still there.
	kept := func(c, tick string, want ...string) {
		r := ok(this, "bodies", c, tick)
		all := r.Bodies["conversation"] + r.Bodies["ticket"]
		for _, w := range want {
			require.Contains(t, all, `"later":"`+w+`"`)
		}
		require.Contains(t, r.Bodies["conversation"], `{"v":2,"min":1,`)
	}

	// What this version began, the later one goes on with, and the other way round.
	old := ok(this, "start")
	ok(later, "note", old.Conversation, "from the later one")
	kept(old.Conversation, old.Ticket, "top")
	ok(this, "reply", old.Conversation, "from this one")
	kept(old.Conversation, old.Ticket, "top")
	r := ok(later, "start")
	c, tick := r.Conversation, r.Ticket
	ok(later, "message", c, "And?")
	ok(later, "hold", tick, "one")
	all := []string{"top", "element", "told", "held"}
	kept(c, tick, all...)
	for _, step := range [][]string{
		{"tag", c, "red"},
		{"note", c, "Hm."},
		{"reply", c, "Soon."},
		{"message", c, "When?"},
		{"hold", tick, "two"},
		{"resolve", c},
		{"reopen", tick},
		{"message", c, "Still?"},
		{"assign", tick, "heidi"},
	} {
		ok(this, step...)
		kept(c, tick, all...)
		ok(later, "tag", c, "blue-"+step[0])
		kept(c, tick, all...)
	}
	view := ok(later, "view", c).View
	require.Equal(t, view.Messages, ok(this, "view", c).View.Messages)
	require.Equal(t, strings.ReplaceAll(string(ok(later, "ticket", tick).TicketView), `"later":"held",`, ""), string(ok(this, "ticket", tick).TicketView))
	for _, program := range []string{this, later} {
		r := ok(program, "work")
		require.Zero(t, r.Parked)
	}

	// A key is one command, whichever version carries it out.
	first := ok(this, "reply", c, "Once.", "key-1")
	again := ok(later, "reply", c, "Once.", "key-1")
	require.True(t, again.Replayed)
	require.Equal(t, first.Message, again.Message)
	first = ok(later, "note", c, "Once too.", "key-2")
	again = ok(this, "note", c, "Once too.", "key-2")
	require.True(t, again.Replayed)
	require.Equal(t, first.Message, again.Message)
	require.Equal(t, "key_reused", does(this, "note", c, "Twice.", "key-2").Code)

	// At once, on the same conversation.
	notes := func() int {
		var body struct {
			C struct{ Counts struct{ Notes int } }
		}
		require.NoError(t, json.Unmarshal([]byte(ok(this, "bodies", c, tick).Bodies["conversation"]), &body))
		return body.C.Counts.Notes
	}
	before := notes()
	n := campaign.Rounds(5, 50)
	var both sync.WaitGroup
	results := [2]released{}
	for i, program := range []string{this, later} {
		both.Go(func() { results[i] = does(program, "many", c, filepath.Base(program), strconv.Itoa(n)) })
	}
	both.Wait()
	for _, r := range results {
		require.Empty(t, r.Error)
		require.Equal(t, 4*n, r.Done)
	}
	require.Equal(t, before+8*n, notes())
	kept(c, tick, all...)

	// What only the later version may act on is refused by name, harms nothing else, and waits.
	ok(later, "affected", tick, "region")
	require.Contains(t, ok(this, "bodies", c, tick).Bodies["ticket"], `{"v":2,"min":2,`)
	newer("ticket", tick)
	newer("assign", tick, "ivan")
	newer("reply", c, "No?")
	newer("message", c, "No?")
	newer("resolve", c)
	ok(this, "view", c)
	ok(this, "tag", c, "green")
	ok(this, "reply", old.Conversation, "Elsewhere.")
	silent := ok(later, "start")
	ok(later, "message", silent.Conversation, "Anybody?")
	ok(later, "affected", silent.Ticket, "region")
	was := string(ok(later, "ticket", silent.Ticket).TicketView)
	require.NotContains(t, was, "breached")
	at = "2026-03-09T09:00:00Z"
	r = does(this, "work")
	require.Equal(t, "newer", r.Code)
	require.Zero(t, r.Parked)
	ok(this, "resolve", old.Conversation)
	at = "2026-03-09T09:10:00Z"
	require.Positive(t, ok(later, "work").Fired, "the timer of the ticket waited")
	require.Contains(t, ok(later, "bodies", silent.Conversation, silent.Ticket).Bodies["ticket"], `"breached":true`)
	ok(later, "resolve", c)
}
