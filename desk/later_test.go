package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A node is a JSON value whose members keep their order.
type node struct {
	open  json.Delim // '{', '[' or 0
	value json.RawMessage
	names []string
	all   []*node
}

func parsed(t require.TestingT, text []byte) *node {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	n, err := parse(d)
	require.NoError(t, err, "%s", text)
	return n
}

func parse(d *json.Decoder) (*node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	open, ok := token.(json.Delim)
	if !ok {
		text, err := json.Marshal(token)
		return &node{value: text}, err
	}
	n := &node{open: open}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			n.names = append(n.names, name.(string))
		}
		inner, err := parse(d)
		if err != nil {
			return nil, err
		}
		n.all = append(n.all, inner)
	}
	_, err = d.Token()
	return n, err
}

func (n *node) text() string {
	if n.open == 0 {
		return string(n.value)
	}
	var parts []string
	for i, inner := range n.all {
		text := inner.text()
		if n.open == '{' {
			name, _ := json.Marshal(n.names[i])
			text = string(name) + ":" + text
		}
		parts = append(parts, text)
	}
	if n.open == '[' {
		return "[" + strings.Join(parts, ",") + "]"
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (n *node) member(name string) *node {
	for i, have := range n.names {
		if have == name {
			return n.all[i]
		}
	}
	return nil
}

// mark is the member that a later version has in every object, each with a number of its
// own.
const mark = "zz_later"

var marks = regexp.MustCompile(`"` + mark + `":\d+,|,?"` + mark + `":\d+`)

// earlier returns a text as this version would have written it.
func earlier(text []byte) []byte {
	plain := marks.ReplaceAll(text, nil)
	return bytes.Replace(plain, []byte(`"v":2,"min":1`), []byte(`"v":1`), 1)
}

// laterStores are stores where a later version of the library writes, too: whatever is stored gets
// members in every object that this version does not know, and the envelope of the later
// version. It looks whether what is written again still has them.
type laterStores struct {
	*memstore.Stores
	t testing.TB

	mu      sync.Mutex
	marks   int
	written map[string]*node // by what it is of
	kept    int              // marks that were still there when something was written again
	again   map[string]int   // by log: entries that were written again
	away    atomic.Bool      // the later version
}

func newLaterStores(tb testing.TB) *laterStores {
	tb.Helper()
	return &laterStores{Stores: memstore.New(), t: tb, written: map[string]*node{}, again: map[string]int{}}
}

func (s *laterStores) Tenant(name store.TenantID) (store.Records, error) {
	r, err := s.Stores.Tenant(name)
	return laterRecords{r, s, name}, err
}

type laterRecords struct {
	store.Records
	s    *laterStores
	name store.TenantID
}

func (r laterRecords) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if r.s.away.Load() {
		return r.Records.Commit(ctx, b)
	}
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	written := map[string]*node{}
	change := func(of string, body []byte) []byte {
		if len(body) == 0 {
			return body
		}
		n := parsed(r.s.t, body)
		of = string(r.name) + " " + of
		// Who deletes writes its record step by step, without reading it in between.
		own := strings.Contains(of, " purge/") && !bytes.Contains(body, []byte(mark))
		if before := r.s.written[of]; before != nil && !own {
			if parts := strings.Fields(of); len(parts) == 4 {
				r.s.again[parts[2]]++
			}
			r.s.compare(of, before, n)
		}
		r.s.markAll(n)
		n.envelope(r.s.t)
		written[of] = n
		return []byte(n.text())
	}
	b.Changes = append([]store.Change(nil), b.Changes...)
	for i := range b.Changes {
		c := &b.Changes[i]
		c.Body = change(c.Ref.String(), c.Body)
		if c.Delete {
			delete(r.s.written, string(r.name)+" "+c.Ref.String())
		}
	}
	for _, replaced := range b.Replace {
		of := fmt.Sprintf("%s %s %s ", r.name, replaced.Of, replaced.Log)
		for name := range r.s.written {
			id, ok := strings.CutPrefix(name, of)
			if ok && !slices.ContainsFunc(b.Append, func(e store.Entry) bool { return e.Of == replaced.Of && e.Log == replaced.Log && e.ID == id }) {
				delete(r.s.written, name)
			}
		}
	}
	b.Append = append([]store.Entry(nil), b.Append...)
	for i := range b.Append {
		e := &b.Append[i]
		of := fmt.Sprintf("%s %s %s", e.Of, e.Log, e.ID)
		if head := r.s.written[string(r.name)+" "+e.Of.String()]; head != nil && e.Log == "kept" && r.s.written[string(r.name)+" "+of] == nil {
			r.s.again["moved"]++ // out of its ticket
			r.s.compare(of, head.member("t").member("log").member("events"), parsed(r.s.t, e.Body).member("events"))
		}
		e.Body = change(of, e.Body)
	}
	b.Send = append([]store.Message(nil), b.Send...)
	for i := range b.Send {
		b.Send[i].Body = change("message", b.Send[i].Body)
		delete(written, string(r.name)+" message")
	}
	b.Key.Result.Body = change("result", b.Key.Result.Body)
	delete(written, string(r.name)+" result")
	done, err := r.Records.Commit(ctx, b)
	if err == nil && done.Replayed == nil {
		maps.Copy(r.s.written, written)
	}
	return done, err
}

// envelope says that a later version wrote it, and that this one may act on it.
func (n *node) envelope(t require.TestingT) {
	v := n.member("v")
	require.NotNil(t, v, "without an envelope: %.300s", n.text())
	if n.member("min") != nil {
		require.Equal(t, "2 1", n.member("v").text()+" "+n.member("min").text())
		return
	}
	require.Equal(t, "1", v.text())
	v.value = json.RawMessage("2")
	for i, name := range n.names {
		if name == "v" {
			n.names = append(n.names[:i+1], append([]string{"min"}, n.names[i+1:]...)...)
			n.all = append(n.all[:i+1], append([]*node{{value: json.RawMessage("1")}}, n.all[i+1:]...)...)
			return
		}
	}
}

// markAll gives each object that has none a mark.
func (s *laterStores) markAll(n *node) {
	for _, inner := range n.all {
		s.markAll(inner)
	}
	if n.open == '{' && n.member(mark) == nil {
		s.marks++
		n.names = append([]string{mark}, n.names...)
		n.all = append([]*node{{value: json.RawMessage(strconv.Itoa(s.marks))}}, n.all...)
	}
}

// compare says whether what is the same object in both has the same mark: by the names of
// members, of elements by id or because nothing in them has changed.
func (s *laterStores) compare(of string, before, now *node) {
	switch {
	case before.open == '{' && now.open == '{':
		was, is := before.member(mark), now.member(mark)
		if a, b := before.member("id"), now.member("id"); a != nil && b != nil && a.text() != b.text() { // it is another
			if was != nil && is != nil && is.text() == was.text() {
				s.t.Errorf("%s: the mark %s is given to another: %.500s", of, was.text(), now.text())
			}
			return
		}
		if was != nil {
			if is == nil || is.text() != was.text() {
				s.t.Errorf("%s: the mark %s is lost: %.500s", of, was.text(), now.text())
			}
			s.kept++
		}
		for i, name := range before.names {
			if inner := now.member(name); inner != nil {
				s.compare(of+"."+name, before.all[i], inner)
			}
		}
	case before.open == '[' && now.open == '[':
		taken := map[*node]bool{}
		for _, a := range before.all {
			id := a.member("id")
			for _, b := range now.all {
				same := id != nil && b.member("id") != nil && b.member("id").text() == id.text() ||
					id == nil && a.open == '{' && !taken[b] && string(earlier([]byte(a.text()))) == string(earlier([]byte(b.text())))
				if same {
					taken[b] = true
					s.compare(of+"[]", a, b)
					break
				}
			}
		}
	}
}

// T44: beside a later version, whose members this one does not know, the whole story is the
// same: whatever is stored differs only by those members, and those stay where they are.
func TestStoryBesideLaterVersion(t *testing.T) {
	t.Parallel()
	stores := newLaterStores(t)
	tape := toldStoryOn(t, stores, stores.Stores)
	for name, lines := range tape.files {
		want, err := os.ReadFile(filepath.Join("testdata", "stored", name+".golden"))
		require.NoError(t, err)
		where, same := firstDifference(string(want), strings.Join(lines, "\n")+"\n")
		require.True(t, same, "%s: %s", name, where)
	}
	require.Greater(t, stores.kept, 1000)
}

// T44: the members that a later version has in the entries of a log that is replaced stay, too:
// of a kept log with each event, wherever it comes to lie, of long texts and of finished
// clocks.
func TestLogsBesideLaterVersion(t *testing.T) {
	t.Parallel()
	stores := newLaterStores(t)
	w := newWorld(t, func(c *desk.Config) { c.Policies, c.Stores = chatty(t), stores }).tune(func(c *desk.Tuning) { c.MaxLog = 8000 })
	ctx := desk.Unshadowed(t.Context())
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	w.must(conv.TakeOver(ctx, agent))
	made := w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{
		Intake: ticket.Intake{Title: "Printer", Description: strings.Repeat("It is on fire. ", 40_000)}, Summary: "Printer.",
	}))
	tick := w.o.Ticket(made.Ticket)
	w.must(conv.PickUp(ctx, agent))
	w.must(tick.UpdateIntake(ctx, agent, ticket.Intake{Steps: "Print."}))
	w.must(tick.UpdateIntake(ctx, agent, ticket.Intake{Expected: "Paper."}))
	var lost desk.Result
	for range 4 { // finished clocks
		w.clock.advance(time.Minute)
		lost = w.must(conv.Reply(ctx, agent, text("Yes.")))
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("And?")))
	}
	w.must(conv.MarkBounced(ctx, system, lost.Message)) // the clocks are looked at anew
	for n := range 50 {
		stores.away.Store(n < 20) // most are written by this version
		w.clock.advance(time.Minute)
		w.must(conv.AskCustomer(ctx, agent, text("Which?")))
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("This.")))
	}
	w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Turned it on."}))
	w.must(tick.Reopen(ctx, agent, "It is off again."))
	for _, log := range []string{"text", "clock", "kept", "moved"} {
		require.Positive(t, stores.again[log], log)
	}
}

// T44: what a later version has in a closing goes with it when it is none of the last that a
// ticket keeps, and stands in nobody's way.
func TestClosingsBesideLaterVersion(t *testing.T) {
	t.Parallel()
	stores := newLaterStores(t)
	w := newWorld(t, func(c *desk.Config) { c.Stores = stores })
	r := w.ticketed(live)
	w.must(w.o.Conversation(r.Conversation).PickUp(t.Context(), agent))
	for range 8 {
		w.clock.advance(time.Minute)
		w.must(w.o.Conversation(r.Conversation).Resolve(t.Context(), agent, ticket.ResolveParams{Action: "Done."}))
		w.must(w.o.Ticket(r.Ticket).Reopen(t.Context(), agent, "No."))
	}
	require.Len(t, w.ticket(r.Ticket).Ticket.Resolutions, 5)
}
