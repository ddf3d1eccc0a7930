package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A lens shows what is stored as if another version had written it.
type lens struct {
	*memstore.Stores
	on   atomic.Bool
	edit func(what, body string) string
}

func (l *lens) look(what string, body []byte) []byte {
	if !l.on.Load() || len(body) == 0 {
		return body
	}
	return []byte(l.edit(what, string(body)))
}

func (l *lens) Tenant(name store.TenantID) (store.Records, error) {
	r, err := l.Stores.Tenant(name)
	return lensRecords{r, l}, err
}

func (l *lens) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	claims, err := l.Stores.Claim(ctx, c)
	for i := range claims.Items {
		m := &claims.Items[i].Message
		m.Body = l.look("outbox", m.Body)
	}
	return claims, err
}

type lensRecords struct {
	store.Records
	l *lens
}

func (r lensRecords) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	s, err := r.Records.Read(ctx, q)
	for i := range s.Records {
		s.Records[i].Body = r.l.look(s.Records[i].Ref.Kind, s.Records[i].Body)
	}
	for _, page := range s.Lists {
		for i := range page.Records {
			page.Records[i].Body = r.l.look(page.Records[i].Ref.Kind, page.Records[i].Body)
		}
	}
	for _, page := range s.Logs {
		for i := range page.Entries {
			page.Entries[i].Body = r.l.look(page.Entries[i].Log, page.Entries[i].Body)
		}
	}
	s.Result.Body = r.l.look("result", s.Result.Body)
	return s, err
}

// through returns a world that is looked at through a lens.
func through(t *testing.T, edit func(what, body string) string) (*world, *lens) {
	t.Helper()
	l := &lens{Stores: memstore.New(), edit: edit}
	return newWorld(t, func(c *desk.Config) { c.Stores = l }), l
}

// only edits what is of a kind, one of the kinds with a space between.
func only(kinds, from, to string) func(what, body string) string {
	return func(what, body string) string {
		if !strings.Contains(" "+kinds+" ", " "+what+" ") {
			return body
		}
		return strings.Replace(body, from, to, 1)
	}
}

const (
	atLeast2 = `"v":2,"min":2,"zz":{"v":9}`
	atLeast1 = `"v":2,"min":1`
)

// commands are some on a conversation and on its ticket, which change them.
func (w *world) commands(r desk.Result) map[string]func() error {
	ctx := w.t.Context()
	conv, tick := w.o.Conversation(r.Conversation), w.o.Ticket(r.Ticket)
	result := func(_ desk.Result, err error) error { return err }
	return map[string]func() error{
		"conversation tag":  func() error { return result(conv.AddTag(ctx, agent, "red")) },
		"conversation note": func() error { return result(conv.AddNote(ctx, agent, text("Hm."))) },
		"conversation hold": func() error {
			return result(conv.PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "court", Privileged: true}))
		},
		"both reply":    func() error { return result(conv.Reply(ctx, agent, text("Yes."))) },
		"both message":  func() error { return result(conv.AddCustomerMessage(ctx, customer, said("Well?"))) },
		"both pick up":  func() error { return result(conv.PickUp(ctx, agent)) },
		"both resolve":  func() error { return result(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."})) },
		"both erasure":  func() error { _, err := conv.RequestErasure(ctx, agent); return err },
		"ticket assign": func() error { return result(tick.Assign(ctx, agent, "agent-2")) },
		"ticket claim":  func() error { return result(tick.ClaimSeverity(ctx, agent, severity.Low, "")) },
		"ticket intake": func() error { return result(tick.UpdateIntake(ctx, agent, ticket.Intake{Steps: "Print."})) },
		"ticket pause":  func() error { return result(tick.PauseClocks(ctx, agent, "storm")) },
		"conversation by mail": func() error {
			_, err := w.o.Receive(ctx, customer, desk.InboundMessage{Conversation: r.Conversation, Message: said("Hello?")})
			return err
		},
	}
}

// T44: what only a later version may act on is shown, every command on it is refused by name,
// and nothing of it is changed, sent, given up or deleted.
func TestLeastVersion(t *testing.T) {
	t.Parallel()
	for _, kinds := range []string{"conversation", "ticket", "conversation ticket", "conversation ticket message note event clock text resolution settings"} {
		t.Run(kinds, func(t *testing.T) {
			t.Parallel()
			w, l := through(t, only(kinds, `"v":1`, atLeast2))
			ctx := t.Context()
			r := w.ticketed(live)
			w.run()
			view, before := w.conversation(r.Conversation), w.ticket(r.Ticket)
			was := w.revisions()
			l.on.Store(true)
			require.Equal(t, view, w.conversation(r.Conversation))
			require.Equal(t, before, w.ticket(r.Ticket))
			all, _, err := w.o.Conversations(ctx, desk.ConversationQuery{})
			require.NoError(t, err)
			require.Len(t, all, 1)
			tickets, _, err := w.o.Tickets(ctx, desk.TicketQuery{})
			require.NoError(t, err)
			require.Len(t, tickets, 1)
			page, err := w.o.Ticket(r.Ticket).Events(ctx, 0, 0)
			require.NoError(t, err)
			require.NotEmpty(t, page.Events)
			for name, command := range w.commands(r) {
				on, _, _ := strings.Cut(name, " ")
				if on != "both" && !strings.Contains(kinds, on) {
					continue
				}
				err := command()
				require.ErrorIs(t, err, desk.ErrNewer, name)
				require.NotErrorIs(t, err, helpdesk.ErrDamaged, name)
				require.NotErrorIs(t, err, helpdesk.ErrNotFound, name)
			}
			require.Equal(t, was, w.revisions())

			l.on.Store(false)
			w.must(w.o.Conversation(r.Conversation).PickUp(ctx, agent))
			for name, command := range w.commands(r) {
				if strings.HasPrefix(name, "ticket") { // the others may end it
					require.NoError(t, command(), name)
				}
			}
		})
	}
}

// T44: what a tenant has beside conversations and tickets is shown, too, if only a later version
// may act on it.
func TestLeastVersionViews(t *testing.T) {
	t.Parallel()
	w, l := through(t, only("settings sweep gone tombstone", `"v":1`, atLeast2))
	ctx := t.Context()
	r := w.resolved(live)
	w.archive(r)
	require.NoError(t, w.o.UpdateSettings(ctx, agent, inbox.Config{AddOn: true, MaxTurns: 7}))
	w.run()
	w.clock.advance(100 * day)
	_, err := w.o.ApplyRetentionAnyway(ctx, retention.Override{Clock: true, Count: 10})
	require.NoError(t, err)
	shown := func() []any {
		settings, err := w.o.Settings(ctx)
		require.NoError(t, err)
		health, err := w.o.Health(ctx)
		require.NoError(t, err)
		stones, _, err := w.o.Tombstones(ctx, "", 0)
		require.NoError(t, err)
		why, err := w.o.Ticket(r.Ticket).ExplainRetention(ctx)
		require.NoError(t, err)
		return []any{settings, health, stones, why}
	}
	before := shown()
	l.on.Store(true)
	require.Equal(t, before, shown())
	require.ErrorIs(t, w.o.UpdateSettings(ctx, agent, inbox.Config{}), desk.ErrNewer)
	_, err = w.o.ApplyRetention(ctx)
	require.ErrorIs(t, err, desk.ErrNewer)
}

// R51, T34, T44: what is closed after the clock went back is kept long enough, though it is a
// later version alone that sweeps.
func TestClockBackBesideLaterSweeps(t *testing.T) {
	t.Parallel()
	var kept []retention.Explanation
	for _, on := range []bool{false, true} {
		w, l := through(t, only("sweep", `"v":1`, atLeast2))
		r := w.ticketed(live)
		w.must(w.o.Conversation(r.Conversation).PickUp(t.Context(), agent))
		w.pass(20 * day)
		l.on.Store(on)
		w.clock.advance(-15 * day)
		w.must(w.o.Conversation(r.Conversation).Resolve(t.Context(), agent, ticket.ResolveParams{Action: "Done."}))
		why, err := w.o.Ticket(r.Ticket).ExplainRetention(t.Context())
		require.NoError(t, err)
		kept = append(kept, why)
	}
	require.Equal(t, kept[0].Ready, kept[1].Ready)
}

// T44: a command that has to read the whole history of a ticket for its clocks is refused if a later
// version wrote into that what cannot be read here: the ticket keeps its clocks and its timer.
func TestClocksOfLaterHistory(t *testing.T) {
	t.Parallel()
	w, l := through(t, only("event", `"v":1`, `"v":2`))
	ctx := desk.Unshadowed(t.Context())
	r := w.ticketed(live)
	conv := w.o.Conversation(r.Conversation)
	w.must(conv.PickUp(ctx, agent))
	var lost desk.Result
	for range 4 { // finished clocks
		w.clock.advance(time.Minute)
		lost = w.must(conv.Reply(ctx, agent, text("Yes.")))
		w.clock.advance(time.Minute)
		w.must(conv.AddCustomerMessage(ctx, customer, said("And?")))
	}
	was := w.revisions()
	l.on.Store(true)
	_, err := conv.MarkBounced(ctx, system, lost.Message)
	require.ErrorIs(t, err, desk.ErrNewer)
	require.Equal(t, was, w.revisions())
	l.on.Store(false)
	w.must(conv.MarkBounced(ctx, system, lost.Message))
}

// revisions returns those of all records.
func (w *world) revisions() map[string]store.Revision {
	all := map[string]store.Revision{}
	for _, kind := range []string{"conversation", "ticket", "settings", "purge", "gone", "tombstone"} {
		for _, rec := range listed(w.t, w.records(), kind) {
			all[rec.Ref.String()] = rec.Revision
		}
	}
	return all
}

// T44: timers of what only a later version may act on wait for it, and so does its time to be
// deleted.
func TestLeastVersionTimers(t *testing.T) {
	t.Parallel()
	w, l := through(t, only("conversation ticket", `"v":1`, atLeast2))
	r := w.resolved(live)
	w.archive(r)
	w.run()
	l.on.Store(true)
	was := w.revisions()
	for range 100 {
		w.clock.advance(day)
		_, _ = w.desk.FireTimers(t.Context()) // it says which could not be handled
	}
	_, err := w.desk.FireTimers(t.Context())
	require.NoError(t, err, "not due again at once")
	require.Equal(t, was, w.revisions())
	report, err := w.o.ApplyRetentionAnyway(t.Context(), retention.Override{Clock: true, Count: 10})
	require.ErrorIs(t, err, desk.ErrNewer)
	require.Zero(t, report.Deleted)
	require.Positive(t, report.Unreadable)

	l.on.Store(false)
	_, err = w.o.ApplyRetentionAnyway(t.Context(), retention.Override{Clock: true, Count: 10})
	require.NoError(t, err)
	_, err = w.o.Ticket(r.Ticket).View(t.Context())
	require.ErrorIs(t, err, helpdesk.ErrGone)
}

// T44: a message of a later version is neither sent nor given up, and it is not tried: once a
// process that knows it is there, it goes out like a new one.
func TestLaterMessageWaits(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]string{"its least version": `"v":1`, "an unknown form": `"v":1,"occasion":"reply"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := atLeast2
			if name == "an unknown form" {
				to = `"v":2,"min":1,"occasion":["reply"]`
			}
			w, l := through(t, only("outbox", from, to))
			w.config.Limits.MaxSends, w.config.Limits.SendFor = 15, 60*day // attempts are what counts here
			w.open()
			r := w.start(inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: contact, People: true})
			w.run()
			w.post.take()
			l.on.Store(true)
			w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Yes.")))
			for range 300 {
				w.clock.advance(time.Hour)
				_, err := w.desk.Deliver(t.Context())
				require.NoError(t, err)
			}
			require.Empty(t, w.post.take())
			require.Empty(t, w.parked())
			due, err := w.stores.Due(t.Context(), store.DueQuery{Queue: store.Outbox, Now: w.clock.now(), Limit: 10})
			require.NoError(t, err)
			require.Equal(t, time.Minute, due.Soon.Sub(w.clock.now()), "less often than at first, and not for long")
			l.on.Store(false)
			w.post.fail = func(desk.Envelope) error { return context.DeadlineExceeded } // what came before was no attempt
			for range 2 {                                                               // the third may be the last of a message that is so old
				w.clock.advance(day)
				_, err := w.desk.Deliver(t.Context())
				require.NoError(t, err)
			}
			require.Empty(t, w.parked())
			w.post.fail = nil
			w.clock.advance(day)
			w.run()
			require.NotEmpty(t, w.post.take())
		})
	}
}

// T29, T44: what is to be sent of a record that only a later version may act on waits for that:
// it is not sent again and again because nobody can note that it went out, and it is not left
// out because of what this version does not know.
func TestMessagesOfLeastVersionWait(t *testing.T) {
	t.Parallel()
	people := inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: contact, People: true}
	for _, tt := range []struct {
		name, kinds string
		do          func(*world) // and all that follows is to be sent
	}{
		{"a question", "ticket", func(w *world) {
			r := w.ticketed(live)
			w.must(w.o.Conversation(r.Conversation).PickUp(w.t.Context(), agent))
			w.run()
			w.post.take()
			w.team.take()
			w.must(w.o.Conversation(r.Conversation).AskCustomer(w.t.Context(), agent, text("Which?")))
		}},
		{"a reply", "conversation", func(w *world) {
			r := w.start(people)
			w.run()
			w.team.take()
			w.must(w.o.Conversation(r.Conversation).Reply(w.t.Context(), agent, text("Yes.")))
		}},
		{"a notification", "conversation", func(w *world) { w.start(people) }},
		{"a mail", "ticket", func(w *world) {
			w.post.fail = func(e desk.Envelope) error {
				if e.Channel == helpdesk.ChannelEmail {
					return desk.ErrRejected
				}
				return nil
			}
			r := w.ticketed(live)
			w.run()
			require.Equal(w.t, desk.OccasionMailCreated, w.ticket(r.Ticket).MailFailed.Occasion)
			w.post.fail = nil
			w.post.take()
			w.must(w.o.Conversation(r.Conversation).PickUp(w.t.Context(), agent))
			w.run()
			w.must(w.o.Conversation(r.Conversation).Resolve(w.t.Context(), agent, ticket.ResolveParams{Action: "Done."}))
			w.team.take()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, l := through(t, only(tt.kinds, `"v":1`, atLeast2))
			tt.do(w)
			l.on.Store(true)
			for range 300 {
				w.clock.advance(time.Minute)
				_, err := w.desk.Deliver(t.Context())
				require.NoError(t, err)
			}
			require.Empty(t, w.post.take())
			require.Empty(t, w.team.take())
			l.on.Store(false)
			w.clock.advance(time.Minute)
			w.run()
			since := func(n desk.Notice) bool { return n.Clock.Metric != 0 || n.Cause == string(inbox.EventEscalate) }
			require.Equal(t, 1, len(w.post.take())+len(slices.DeleteFunc(w.team.take(), since)))
		})
	}
}

// T44: what this version has no name for is shown as far as it can be, and is never damage.
func TestUnknownNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, kinds, from, to string }{
		{"an author", "message", `"by":"customer"`, `"by":"robot"`},
		{"an author of a ticket", "ticket", `"by":"ai","offer"`, `"by":"robot","offer"`},
		{"a kind", "conversation", `"kind":"question"`, `"kind":"riddle"`},
		{"a feeling", "conversation", `"state":`, `"sentiment":"amused","state":`},
		{"a cause", "conversation", `"cause":"confirm"`, `"cause":"telepathy"`},
		{"a status", "conversation", `"state":"human_queue"`, `"state":"on_the_moon"`},
		{"a status of a ticket", "ticket", `"status":"submitted"`, `"status":"on_the_moon"`},
		{"a type of an event", "event", `"type":"create"`, `"type":"dreamt"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			edit := only(tt.kinds, tt.from, tt.to)
			changed := false
			w, l := through(t, func(what, body string) string {
				now := edit(what, body)
				if now != body {
					changed = true
					now = strings.Replace(now, `"v":1`, atLeast1, 1)
				}
				return now
			})
			r := w.ticketed(live)
			w.run()
			l.on.Store(true)
			var shown strings.Builder
			for _, v := range []any{w.conversation(r.Conversation), w.ticket(r.Ticket)} {
				require.NoError(t, json.NewEncoder(&shown).Encode(v))
			}
			page, err := w.o.Ticket(r.Ticket).Events(t.Context(), 0, 0)
			require.NoError(t, err)
			require.NoError(t, json.NewEncoder(&shown).Encode(page))
			require.True(t, changed)
			_, value, _ := strings.Cut(tt.to, `:`)
			value, _, _ = strings.Cut(value, `,`)
			require.Contains(t, shown.String(), value)
			for name, command := range w.commands(r) {
				err := command()
				require.NotErrorIs(t, err, helpdesk.ErrDamaged, name)
				if tt.name == "a status of a ticket" && (strings.HasPrefix(name, "ticket assign") || strings.HasPrefix(name, "both resolve")) ||
					tt.name == "a status" && strings.HasPrefix(name, "both reply") {
					require.ErrorIs(t, err, desk.ErrNewer, name)
				}
				if tt.name != "a status" && strings.HasPrefix(name, "conversation") { // nothing is refused that need not be
					require.NoError(t, err, name)
				}
			}
		})
	}
	// A number stands for these, so a record with another one cannot be read at all.
	for _, tt := range []struct{ name, from, to string }{
		{"a level", `"severity":"high"`, `"severity":"blocker"`},
		{"a level claimed", `"level":"high"`, `"level":"blocker"`},
		{"an event of the clocks", `"kind":"severity_changed"`, `"kind":"dreamt"`},
		{"an answer", `"affected":"many"`, `"affected":"mars"`},
		{"a metric", `"metric":"first_reply"`, `"metric":"last_reply"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, version := range []string{`"v":1`, atLeast1} {
				w, l := through(t, func(what, body string) string {
					return strings.Replace(only("ticket", tt.from, tt.to)(what, body), `"v":1`, version, 1)
				})
				r := w.ticketed(live)
				w.must(w.o.Ticket(r.Ticket).UpdateIntake(t.Context(), agent, ticket.Intake{Answers: severity.Answers{Affected: severity.AffectedMany}}))
				w.must(w.o.Ticket(r.Ticket).ClaimSeverity(t.Context(), agent, severity.High, helpdesk.ChannelLiveChat))
				w.clock.advance(2 * day)
				w.run() // it is late
				l.on.Store(true)
				_, err := w.o.Ticket(r.Ticket).View(t.Context())
				require.ErrorIs(t, err, desk.ErrNewer)
				require.NotErrorIs(t, err, helpdesk.ErrDamaged)
				_, err = w.o.Ticket(r.Ticket).Assign(t.Context(), agent, "agent-2")
				require.ErrorIs(t, err, desk.ErrNewer)
			}
		})
	}
}

// T44, R51: what only a later version knows of a record is deleted with it: none of it is left
// anywhere in the storage.
func TestLaterMembersAreDeleted(t *testing.T) {
	t.Parallel()
	const later = `"v":2,"min":1,"zz":"personal"`
	stores := memstore.New()
	w := newWorld(t, func(c *desk.Config) { c.Stores = stores })
	h, _ := w.hooked()
	add := func(body []byte) []byte { return bytes.Replace(body, []byte(`"v":1`), []byte(later), 1) }
	h.change = func(b *store.Batch) {
		for i := range b.Changes {
			if c := &b.Changes[i]; c.Ref.Kind == "conversation" || c.Ref.Kind == "ticket" {
				c.Body = add(c.Body)
			}
		}
		for i := range b.Append {
			b.Append[i].Body = add(b.Append[i].Body)
		}
		for i := range b.Send {
			b.Send[i].Body = add(b.Send[i].Body)
		}
		b.Key.Result.Body = add(b.Key.Result.Body)
	}
	text := func() string {
		var all bytes.Buffer
		require.NoError(t, stores.Snapshot(&all))
		return all.String()
	}
	r := w.resolved(live)
	w.must(w.o.Conversation(r.Conversation).AddNote(t.Context(), keyed(agent, "k"), inbox.MessageParams{Body: "Hm."}))
	require.Greater(t, strings.Count(text(), "personal"), 10)
	w.pass(32 * day)
	_, err := w.o.Ticket(r.Ticket).View(t.Context())
	require.ErrorIs(t, err, helpdesk.ErrGone)
	require.Len(t, listed(t, w.records(), "tombstone"), 2)
	require.NotContains(t, text(), "personal")
}

// R85, T13, T44: what cannot be read here does not exist for a customer whose it is not, and that
// it is gone nobody else learns either. Its customer learns that it is there.
func TestStrangersLearnNothingOfUnreadable(t *testing.T) {
	t.Parallel()
	for _, to := range []string{`"v":1`, atLeast2, `"v":2`} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			w, l := through(t, only("conversation ticket settings gone", `"v":1`, to))
			ctx := t.Context()
			r := w.ticketed(live)
			conv, tick := w.o.Conversation(r.Conversation), w.o.Ticket(r.Ticket)
			asks := func(who string) map[string]error {
				by := desk.Meta{Author: helpdesk.Customer(who)}
				all := map[string]error{}
				_, all["view"] = conv.CustomerView(ctx, who, desk.MessageQuery{})
				_, all["erasure"] = conv.RequestErasure(ctx, by)
				_, all["claim"] = tick.ClaimSeverity(ctx, by, severity.High, "")
				_, all["intake"] = tick.UpdateIntake(ctx, by, ticket.Intake{Steps: "Print."})
				if who != "" {
					_, all["reference"] = w.o.LookUp(ctx, string(r.Reference), inbox.Inquiry{Customer: who, Assurance: inbox.AssuranceVerified})
				}
				by.IfLastMessage = 1
				_, all["intake, seen"] = tick.UpdateIntake(ctx, by, ticket.Intake{Actual: "Fire."})
				return all
			}
			l.on.Store(true)
			for _, who := range []string{"cust-2", ""} {
				for what, err := range asks(who) {
					require.ErrorIs(t, err, helpdesk.ErrNotFound, "%q %s", who, what)
					if what == "reference" {
						require.NotContains(t, err.Error(), r.Ticket.String())
					}
				}
			}
			for what, err := range asks("cust-1") {
				require.NotErrorIs(t, err, helpdesk.ErrNotFound, what)
			}

			l.on.Store(false)
			w.must(conv.PickUp(ctx, agent))
			w.must(conv.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
			w.archive(r)
			w.clock.advance(100 * day)
			_, err := w.o.ApplyRetentionAnyway(ctx, retention.Override{Clock: true, Count: 10})
			require.NoError(t, err)
			l.on.Store(true)
			for what, err := range asks("cust-2") {
				if what != "reference" || to != `"v":2` { // whose it was cannot be read, nor of what it was
					require.ErrorIs(t, err, helpdesk.ErrNotFound, what)
				}
			}
			if to == atLeast2 { // which is shown
				_, err = tick.View(ctx)
				require.ErrorIs(t, err, helpdesk.ErrGone)
				_, err = conv.AddNote(ctx, agent, text("Hm."))
				require.ErrorIs(t, err, helpdesk.ErrGone)
			}
		})
	}
}
