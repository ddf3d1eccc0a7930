package desk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A lossy is what a storage has of a story, at an instant.
type lossy struct {
	t        *testing.T
	snapshot []byte
	at       time.Time
	ids      desk.Result // the conversation and the ticket
	edit     func(*desk.Config)
}

// world returns a desk on a storage of its own, with everything or without what is lost.
func (l *lossy) world(lose func(store.Records)) *world {
	l.t.Helper()
	stores, err := memstore.Restore(bytes.NewReader(l.snapshot))
	require.NoError(l.t, err)
	w := newWorld(l.t, l.edit, func(c *desk.Config) { c.Stores, c.Random = stores, rand.NewChaCha8([32]byte{99}) })
	w.clock.at, w.stores = l.at, stores
	if lose != nil {
		lose(w.records())
	}
	return w
}

// told is a story with an entry in every log and a record of every kind that a conversation
// and its ticket have.
func told(t *testing.T) *lossy {
	t.Helper()
	l := &lossy{t: t, edit: func(c *desk.Config) { c.Policies = chatty(t) }}
	stores := memstore.New()
	w := newWorld(t, l.edit, func(c *desk.Config) { c.Stores = stores })
	w.stores = stores
	ctx := t.Context()
	r := w.start(live)
	talk := w.o.Conversation(r.Conversation)
	first := w.must(talk.MakeOffer(ctx, ai, r.ControlToken, proposal))
	w.must(talk.DeclineOffer(ctx, customer, first.Offer))
	r = w.must(talk.AddCustomerMessage(ctx, customer, said("Please do.")))
	second := w.must(talk.MakeOffer(ctx, ai, r.ControlToken, proposal))
	made := w.must(talk.ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: second.Offer, Shown: second.Shown}))
	tick := w.o.Ticket(made.Ticket)
	step := func(r desk.Result, err error) {
		t.Helper()
		w.must(r, err)
		w.clock.advance(10 * time.Minute)
		w.run()
	}
	step(talk.PickUp(ctx, agent))
	step(talk.AddNote(ctx, agent, inbox.MessageParams{ID: "note", Body: "Hm."}))
	step(tick.UpdateIntake(ctx, agent, ticket.Intake{Steps: "Print.", Expected: "Paper."}))
	step(talk.AskCustomer(ctx, agent, inbox.MessageParams{ID: "asked", Body: "Which?"}))
	step(talk.AddCustomerMessage(ctx, customer, photo("This.")))
	step(talk.Reply(ctx, agent, inbox.MessageParams{ID: "answer", Body: "Aha."}))
	step(talk.MarkBounced(ctx, system, "answer"))
	step(talk.Resolve(ctx, agent, ticket.ResolveParams{Action: "Replaced.", Details: "The drum."}))
	step(tick.Reopen(ctx, agent, "It burns again."))
	step(talk.AddCustomerMessage(ctx, customer, said("It burns.")))
	w.must(talk.Reply(ctx, agent, inbox.MessageParams{ID: "unsent", Body: "Again?"})) // in the outbox
	l.ids = made
	l.at = w.clock.now()
	var b bytes.Buffer
	require.NoError(t, stores.Snapshot(&b))
	l.snapshot = b.Bytes()
	return l
}

// losses returns, by name, how each entry of the logs of the conversation and the ticket gets
// lost, and each of their records.
func (l *lossy) losses() map[string]func(store.Records) {
	l.t.Helper()
	ctx := l.t.Context()
	all := map[string]func(store.Records){}
	records := l.world(nil).records()
	conv, tick := store.Ref{Kind: "conversation", ID: l.ids.Conversation.String()}, store.Ref{Kind: "ticket", ID: l.ids.Ticket.String()}
	logs := map[store.Ref][]string{
		conv: {"message", "note", "lost", "offer", "offer_end", "event"},
		tick: {"event", "clock", "text", "resolution", "reopening"},
	}
	for of, names := range logs {
		for _, log := range names {
			s, err := records.Read(ctx, store.ReadRequest{Logs: []store.LogQuery{{Of: of, Log: log, Limit: 1000}}})
			require.NoError(l.t, err)
			entries := s.Logs[0].Entries
			require.NotEmpty(l.t, entries, "%s of %s", log, of.Kind)
			for i, e := range entries {
				all[fmt.Sprintf("%s %d of the %s", log, e.N, of.Kind)] = func(r store.Records) {
					_, err := r.Commit(ctx, store.Batch{
						Replace: []store.Replacement{{Of: of, Log: log}}, Append: slices.Concat(entries[:i:i], entries[i+1:]),
					})
					require.NoError(l.t, err)
				}
			}
		}
	}
	for _, of := range []store.Ref{conv, tick} {
		all["the "+of.Kind] = func(r store.Records) {
			s, err := r.Read(ctx, store.ReadRequest{Records: []store.Ref{of}})
			require.NoError(l.t, err)
			_, err = r.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: of, Expected: s.Records[0].Revision, Delete: true}}})
			require.NoError(l.t, err)
		}
	}
	return all
}

// asks are what a desk can be asked about the conversation and its ticket, and does.
func (l *lossy) asks() map[string]func(*world) (any, error) {
	ctx := l.t.Context()
	talk := func(w *world) desk.ConversationHandle { return w.o.Conversation(l.ids.Conversation) }
	tick := func(w *world) desk.TicketHandle { return w.o.Ticket(l.ids.Ticket) }
	all := map[string]func(*world) (any, error){}
	viewer := inbox.Viewer{Agent: "agent-1", MaySeeContact: true, ShowContact: true}
	for name, q := range map[string]desk.MessageQuery{
		"all": {}, "the first two": {Limit: 2}, "the last two": {Limit: 2, Last: true}, "from the middle": {After: 3, Limit: 3},
		"before": {Before: 5, Last: true, Limit: 3}, "one": {After: 1, Limit: 1}, "few before": {Before: 3}, "past all": {After: 100},
	} {
		all["View of "+name] = func(w *world) (any, error) { return talk(w).View(ctx, viewer, q) }
		all["CustomerView of "+name] = func(w *world) (any, error) { return talk(w).CustomerView(ctx, "cust-1", q) }
	}
	add := func(name string, f func(w *world) (any, error)) { all[name] = f }
	add("ControlToken", func(w *world) (any, error) { return talk(w).ControlToken(ctx) })
	add("Conversation.Events", func(w *world) (any, error) { return talk(w).Events(ctx, 0, 0) })
	add("Conversation.Events, the first", func(w *world) (any, error) { return talk(w).Events(ctx, 0, 3) })
	add("Conversation.Events, the rest", func(w *world) (any, error) { return talk(w).Events(ctx, 3, 100) })
	add("Ticket.Events", func(w *world) (any, error) { return tick(w).Events(ctx, 0, 0) })
	add("Ticket.Events, the middle", func(w *world) (any, error) { return tick(w).Events(ctx, 2, 2) })
	add("Conversation.ExplainRetention", func(w *world) (any, error) { return talk(w).ExplainRetention(ctx) })
	add("Ticket.ExplainRetention", func(w *world) (any, error) { return tick(w).ExplainRetention(ctx) })
	add("Ticket.View", func(w *world) (any, error) { return tick(w).View(ctx) })
	add("ExplainClock", func(w *world) (any, error) { return tick(w).ExplainClock(ctx, sla.MetricNextReply, 1) })
	add("LookUp", func(w *world) (any, error) {
		return w.o.LookUp(ctx, string(l.ids.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	})
	command := func(name string, f func(w *world) (desk.Result, error)) {
		add(name, func(w *world) (any, error) { return f(w) })
	}
	command("AddCustomerMessage", func(w *world) (desk.Result, error) { return talk(w).AddCustomerMessage(ctx, customer, said("More.")) })
	command("AddCustomerMessage of an ID", func(w *world) (desk.Result, error) {
		return talk(w).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{ID: "more", Body: "More."}})
	})
	command("Reply", func(w *world) (desk.Result, error) { return talk(w).Reply(ctx, agent, text("So?")) })
	command("Reply again", func(w *world) (desk.Result, error) {
		return talk(w).Reply(ctx, agent, inbox.MessageParams{ID: "answer", Body: "Aha."})
	})
	command("AddNote again", func(w *world) (desk.Result, error) {
		return talk(w).AddNote(ctx, agent, inbox.MessageParams{ID: "note", Body: "Hm."})
	})
	command("Ticket.Reply", func(w *world) (desk.Result, error) { return tick(w).Reply(ctx, agent, text("So?")) })
	command("AskCustomer", func(w *world) (desk.Result, error) { return talk(w).AskCustomer(ctx, agent, text("So?")) })
	command("AddNote", func(w *world) (desk.Result, error) { return talk(w).AddNote(ctx, agent, text("So.")) })
	command("AddTag", func(w *world) (desk.Result, error) { return talk(w).AddTag(ctx, agent, "fire") })
	command("MarkRead", func(w *world) (desk.Result, error) { return talk(w).MarkRead(ctx, agent, 5) })
	command("MarkDelivered", func(w *world) (desk.Result, error) { return talk(w).MarkDelivered(ctx, system, "answer") })
	command("MarkBounced", func(w *world) (desk.Result, error) { return talk(w).MarkBounced(ctx, system, "asked") })
	add("MarkBounced by number", func(w *world) (any, error) {
		return nil, w.o.MarkBounced(ctx, agent, fmt.Sprintf("conv/%v/msg/%d", l.ids.Conversation, l.number("asked")))
	})
	command("ConfirmOffer again", func(w *world) (desk.Result, error) {
		return talk(w).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: l.offer(1).ID, Shown: l.offer(1).Shown})
	})
	command("DeclineOffer again", func(w *world) (desk.Result, error) { return talk(w).DeclineOffer(ctx, customer, l.offer(0).ID) })
	command("Resolve", func(w *world) (desk.Result, error) { return talk(w).Resolve(ctx, agent, solved) })
	command("Ticket.Resolve", func(w *world) (desk.Result, error) { return tick(w).Resolve(ctx, agent, solved) })
	command("Archive", func(w *world) (desk.Result, error) {
		return talk(w).Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
	})
	command("UpdateIntake", func(w *world) (desk.Result, error) {
		return tick(w).UpdateIntake(ctx, agent, ticket.Intake{Actual: "Fire."})
	})
	command("ClaimSeverity", func(w *world) (desk.Result, error) { return tick(w).ClaimSeverity(ctx, customer, severity.Urgent, "") })
	command("Mitigate", func(w *world) (desk.Result, error) { return tick(w).Mitigate(ctx, agent) })
	command("Assign", func(w *world) (desk.Result, error) { return tick(w).Assign(ctx, agent, "agent-2") })
	command("PlaceLegalHold", func(w *world) (desk.Result, error) {
		return tick(w).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "court", Privileged: true})
	})
	add("RequestErasure", func(w *world) (any, error) { return talk(w).RequestErasure(ctx, customer) })
	add("Deliver", func(w *world) (any, error) {
		_, err := w.desk.Deliver(ctx)
		letters, _, failed := w.o.DeadLetters(ctx, "", 0)
		if failed == nil && len(letters) > 0 && letters[0].Reason == "damaged" {
			return nil, errors.Join(err, fmt.Errorf("a dead letter: %w", helpdesk.ErrDamaged))
		}
		return []any{w.post.take(), letters}, errors.Join(err, failed)
	})
	return all
}

// number returns the number of the message with the ID.
func (l *lossy) number(id string) uint64 {
	for _, m := range l.world(nil).conversation(l.ids.Conversation).Messages {
		if r, ok := m.(inbox.Reply); ok && r.ID == id {
			return r.Seq
		}
	}
	return 0
}

// offer returns the n-th offer.
func (l *lossy) offer(n int) inbox.Offer {
	s, err := l.world(nil).records().Read(l.t.Context(), store.ReadRequest{Logs: []store.LogQuery{
		{Of: store.Ref{Kind: "conversation", ID: l.ids.Conversation.String()}, Log: "offer", Limit: 10},
	}})
	require.NoError(l.t, err)
	var b struct {
		O inbox.Offer `json:"o"`
	}
	require.NoError(l.t, json.Unmarshal(s.Logs[0].Entries[n].Body, &b))
	return b.O
}

// T44: of a record that lost something the answer is the one that it would be, or that it is
// damaged: never that somebody was faster, and never that it does not exist. The short form asks
// one of four questions of each loss.
func TestLostEntries(t *testing.T) {
	if raceEnabled {
		t.Skip("it has one goroutine, and the race detector would take minutes")
	}
	t.Parallel()
	l := told(t)
	asks := l.asks()
	want := map[string]string{}
	for name, ask := range asks {
		got, err := ask(l.world(nil))
		require.NotErrorIs(t, err, helpdesk.ErrDamaged, name)
		want[name] = outcomeText(t, got, err)
	}
	losses := l.losses()
	every := campaign.Rounds(4, 1)
	for i, lost := range slices.Sorted(maps.Keys(losses)) {
		lose := losses[lost]
		for j, name := range slices.Sorted(maps.Keys(asks)) {
			if (i+j)%every > 0 {
				continue
			}
			ask := asks[name]
			got, err := ask(l.world(lose))
			if errors.Is(err, helpdesk.ErrDamaged) {
				require.False(t, errors.Is(err, helpdesk.ErrNotFound) || errors.Is(err, desk.ErrBusy) || errors.Is(err, desk.ErrNewer), "%s without %s: %v", name, lost, err)
				continue
			}
			if !untold(name, lost) {
				require.Equal(t, want[name], outcomeText(t, got, err), "%s without %s", name, lost)
			}
		}
	}
}

// untold reports whether nothing else tells of what is lost.
func untold(ask, lost string) bool {
	switch {
	case strings.HasPrefix(lost, "lost "): // that a message bounced
		return true
	case strings.HasPrefix(lost, "offer") && strings.HasPrefix(ask, "View of "): // which goes on without it: see TestLostOffer
		return true
	case lost == "the ticket":
		return ask == "LookUp" // by a reference, which the ticket alone has
	case lost == "the conversation":
		return ask == "Ticket.View" // which says in words that it cannot tell when the ticket goes
	default: // an ID, which the message alone has
		return slices.Contains([]string{"AddNote again", "Reply again", "MarkBounced", "MarkDelivered"}, ask)
	}
}

func outcomeText(t *testing.T, got any, err error) string {
	t.Helper()
	if err != nil {
		return "error: " + err.Error()
	}
	b, err := json.Marshal(got)
	require.NoError(t, err)
	return string(b)
}

// T44: a record that is older than its log says that it is damaged, and not that somebody was
// faster: nobody was.
func TestRecordOlderThanItsLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.ticketed(live)
	w.must(w.o.Conversation(made.Conversation).PickUp(ctx, agent))
	records := w.records()
	conv, tick := store.Ref{Kind: "conversation", ID: made.Conversation.String()}, store.Ref{Kind: "ticket", ID: made.Ticket.String()}
	read := func() []store.Record {
		s, err := records.Read(ctx, store.ReadRequest{Records: []store.Ref{conv, tick}})
		require.NoError(t, err)
		return s.Records
	}
	before := read()
	w.must(w.o.Conversation(made.Conversation).Reply(ctx, agent, text("Hello.")))
	w.must(w.o.Ticket(made.Ticket).Mitigate(ctx, agent))
	var back store.Batch
	for i, rec := range read() {
		back.Changes = append(back.Changes, store.Change{Ref: rec.Ref, Expected: rec.Revision, Body: before[i].Body})
	}
	_, err := records.Commit(ctx, back)
	require.NoError(t, err)
	for name, give := range map[string]func() error{
		"a note": func() error {
			_, err := w.o.Conversation(made.Conversation).AddNote(ctx, agent, text("Hm."))
			return err
		},
		"a message": func() error {
			_, err := w.o.Conversation(made.Conversation).AddCustomerMessage(ctx, customer, said("Hello?"))
			return err
		},
		"a message with a key": func() error {
			_, err := w.o.Conversation(made.Conversation).AddCustomerMessage(ctx, keyed(customer, "k"), said("Hello?"))
			return err
		},
		"of the ticket": func() error {
			_, err := w.o.Ticket(made.Ticket).Assign(ctx, agent, "agent-2")
			return err
		},
	} {
		err := give()
		require.ErrorIs(t, err, helpdesk.ErrDamaged, name)
		require.NotErrorIs(t, err, helpdesk.ErrConflict, name)
		require.Equal(t, "damaged", desk.ProblemOf(err).Code)
	}
	left, err := records.Read(ctx, store.ReadRequest{Logs: []store.LogQuery{{Of: conv, Log: "note", Limit: 10}}})
	require.NoError(t, err)
	require.Empty(t, left.Logs[0].Entries)
}

// T44: a long log of a ticket that lacks one of its parts is damaged, whichever it is.
func TestLostPartOfALongLog(t *testing.T) {
	if raceEnabled {
		t.Skip("it has one goroutine, and the race detector would take minutes")
	}
	t.Parallel()
	w := newWorld(t)
	ctx := desk.Unshadowed(t.Context())
	made := w.ticketed(live)
	of := store.Ref{Kind: "ticket", ID: made.Ticket.String()}
	conv := w.o.Conversation(made.Conversation)
	w.must(conv.PickUp(ctx, agent))
	for range 252 {
		w.clock.advance(time.Minute)
		w.must(conv.AskCustomer(ctx, agent, text("Which?")))
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("This.")))
	}
	rows := w.rows(made.Ticket, "kept")
	require.NotEmpty(t, rows)
	var b map[string]any
	require.NoError(t, json.Unmarshal(rows[0].Body, &b))
	events, _ := b["events"].([]any)
	b["parts"] = 3
	three := func() (parts []store.Entry) { // as a log that is longer still is stored
		for i := range 3 {
			b["events"] = events[i*len(events)/3 : (i+1)*len(events)/3]
			body, err := json.Marshal(b)
			require.NoError(t, err)
			parts = append(parts, store.Entry{Of: of, Log: "kept", N: uint64(i + 1), ID: strconv.Itoa(i + 1), At: w.clock.now(), Body: body})
		}
		return parts
	}()
	put := func(entries ...store.Entry) {
		_, err := w.records().Commit(ctx, store.Batch{Replace: []store.Replacement{{Of: of, Log: "kept"}}, Append: entries})
		require.NoError(t, err)
	}
	put(three...)
	_, err := w.o.Ticket(made.Ticket).View(ctx)
	require.NoError(t, err)
	for i := range three {
		put(slices.Concat(three[:i:i], three[i+1:])...)
		_, err := w.o.Ticket(made.Ticket).View(ctx)
		require.ErrorIs(t, err, helpdesk.ErrDamaged, i)
		_, err = w.o.Ticket(made.Ticket).Mitigate(ctx, agent)
		require.ErrorIs(t, err, helpdesk.ErrDamaged, i)
	}
}
