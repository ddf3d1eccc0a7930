package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// How a port call goes wrong.
type mishap int

const (
	crashBefore mishap = iota // the process ends, and the call has done nothing
	crashAfter                // the process ends after the call has done what it does
	failsOnce                 // the call answers with an error and has done nothing
	uncertain                 // a commit is done, and nobody can tell
	lost                      // a commit is not done, and nobody can tell
)

var errMishap = errors.New("mishap")

// An effort says what a call does.
type effort int

const (
	reads effort = iota
	writes
	commits
	thinks // the AI, whose error is an answer
	idle   // asked for work, and there was none
)

// mishaps are those that can happen to a call.
func (e effort) mishaps() []mishap {
	switch e {
	case reads:
		return []mishap{crashBefore, failsOnce}
	case writes:
		return []mishap{crashBefore, crashAfter, failsOnce}
	case thinks:
		return []mishap{crashBefore, crashAfter}
	case idle:
		return nil
	default:
		return []mishap{crashBefore, crashAfter, failsOnce, uncertain, lost}
	}
}

// A wire is around every port of a desk, counts the calls, and has one of them go
// wrong.
type wire struct {
	calls []effort
	at    int
	how   mishap
	dead  bool // the process has ended
	off   bool
}

func trip[T any](w *wire, e effort, do func() (T, error)) (T, error) {
	var none T
	if w.off {
		return do()
	}
	if w.dead {
		return none, errMishap
	}
	if w.calls = append(w.calls, e); len(w.calls) != w.at {
		return do()
	}
	switch w.how {
	case crashAfter:
		w.dead = true
		_, _ = do()
		return none, errMishap
	case failsOnce:
		return none, errMishap
	case uncertain, lost:
		if w.how == uncertain {
			_, _ = do()
		}
		return none, desk.ErrUncertain
	default:
		w.dead = true
		return none, errMishap
	}
}

// idleIf notes that a claim found nothing.
func idleIf[T any](w *wire, claim func() ([]T, error)) ([]T, error) {
	all, err := claim()
	if len(all) == 0 && !w.off {
		w.calls[len(w.calls)-1] = idle
	}
	return all, err
}

func trip0(w *wire, do func() error) error {
	_, err := trip(w, writes, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

type wiredStores struct {
	desk.Stores
	w *wire
}

func (s wiredStores) Tenant(t desk.Tenant) (desk.Store, error) {
	inner, err := s.Stores.Tenant(t)
	return wiredStore{inner, s.w}, err
}
func (s wiredStores) Timers() desk.Timers { return wiredTimers{s.Stores.Timers(), s.w} }
func (s wiredStores) Outbox() desk.Outbox { return wiredOutbox{s.Stores.Outbox(), s.w} }

type wiredStore struct {
	desk.Store
	w *wire
}

func (s wiredStore) Load(ctx context.Context, r desk.Ref) (desk.Record, error) {
	return trip(s.w, reads, func() (desk.Record, error) { return s.Store.Load(ctx, r) })
}

func (s wiredStore) Result(ctx context.Context, key, fingerprint string) ([]byte, error) {
	return trip(s.w, reads, func() ([]byte, error) { return s.Store.Result(ctx, key, fingerprint) })
}

func (s wiredStore) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	return trip(s.w, reads, func() (desk.Page, error) { return s.Store.List(ctx, q) })
}

func (s wiredStore) Commit(ctx context.Context, b desk.Batch) (desk.Committed, error) {
	return trip(s.w, commits, func() (desk.Committed, error) { return s.Store.Commit(ctx, b) })
}

func (s wiredStore) Erase(ctx context.Context, p desk.Part, of ...desk.Ref) error {
	return trip0(s.w, func() error { return s.Store.Erase(ctx, p, of...) })
}

func (s wiredStore) Residue(ctx context.Context, of ...desk.Ref) (desk.Residue, error) {
	return trip(s.w, reads, func() (desk.Residue, error) { return s.Store.Residue(ctx, of...) })
}

type wiredTimers struct {
	desk.Timers
	w *wire
}

func (t wiredTimers) Claim(ctx context.Context, c desk.Claim) ([]desk.DueTimer, error) {
	return trip(t.w, writes, func() ([]desk.DueTimer, error) {
		return idleIf(t.w, func() ([]desk.DueTimer, error) { return t.Timers.Claim(ctx, c) })
	})
}

func (t wiredTimers) Ack(ctx context.Context, r ...desk.Receipt) error {
	return trip0(t.w, func() error { return t.Timers.Ack(ctx, r...) })
}

type wiredOutbox struct {
	desk.Outbox
	w *wire
}

func (o wiredOutbox) Claim(ctx context.Context, c desk.Claim) ([]desk.Delivery, error) {
	return trip(o.w, writes, func() ([]desk.Delivery, error) {
		return idleIf(o.w, func() ([]desk.Delivery, error) { return o.Outbox.Claim(ctx, c) })
	})
}

func (o wiredOutbox) Ack(ctx context.Context, r ...desk.Receipt) error {
	return trip0(o.w, func() error { return o.Outbox.Ack(ctx, r...) })
}

func (o wiredOutbox) Retry(ctx context.Context, r desk.Receipt, at time.Time) error {
	return trip0(o.w, func() error { return o.Outbox.Retry(ctx, r, at) })
}

func (o wiredOutbox) Park(ctx context.Context, r desk.Receipt, reason string) error {
	return trip0(o.w, func() error { return o.Outbox.Park(ctx, r, reason) })
}

type wiredPorts struct {
	post  *post
	team  *team
	files *shelf
	inner accounts
	w     *wire
}

func (p wiredPorts) Send(ctx context.Context, e desk.Envelope) error {
	return trip0(p.w, func() error { return p.post.Send(ctx, e) })
}

func (p wiredPorts) Notify(ctx context.Context, n desk.Notice) error {
	return trip0(p.w, func() error { return p.team.Notify(ctx, n) })
}

func (p wiredPorts) Account(ctx context.Context, t desk.Tenant, ref string) (desk.Account, error) {
	return trip(p.w, reads, func() (desk.Account, error) { return p.inner.Account(ctx, t, ref) })
}

func (p wiredPorts) Erase(ctx context.Context, t desk.Tenant, of ...inbox.BlobRef) error {
	return trip0(p.w, func() error { return p.files.Erase(ctx, t, of...) })
}

func (p wiredPorts) Residue(ctx context.Context, t desk.Tenant, of ...inbox.BlobRef) (int, error) {
	return trip(p.w, reads, func() (int, error) { return p.files.Residue(ctx, t, of...) })
}

func (p wiredPorts) Answer(_ context.Context, t desk.Turn) (desk.Answer, error) {
	return trip(p.w, thinks, func() (desk.Answer, error) {
		if len(t.Lines) == 1 {
			return desk.Answer{Text: "Have you tried water?"}, nil
		}
		return desk.Answer{Offer: desk.Proposal{Intake: ticket.Intake{Title: "Printer", Description: "Burns."}, Summary: "Your printer burns.", Reason: "hardware"}}, nil
	})
}

// wired returns a world whose ports are all on a wire.
func wired(t *testing.T, edit ...func(*desk.Config)) (*world, *wire) {
	t.Helper()
	x := &wire{off: true}
	w := newWorld(t, append([]func(*desk.Config){func(c *desk.Config) {
		c.Limits.MinBackoff, c.Limits.MaxBackoff, c.Limits.SweepEvery = time.Second, 2*time.Second, 90*time.Minute
	}}, edit...)...)
	ports := wiredPorts{w.post, w.team, &shelf{has: map[string]bool{"photo": true}}, w.config.Accounts.(accounts), x}
	w.config.Stores = wiredStores{w.stores, x}
	w.config.Transport, w.config.Notifier, w.config.Accounts, w.config.Blobs = ports, ports, ports, ports
	if _, ok := w.config.Assistant.(placeholder); ok {
		w.config.Assistant = ports
	}
	w.open()
	return w, x
}

// A placeholder says that the wired AI is wanted.
type placeholder struct{ desk.Assistant }

var (
	idsPattern = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	refPattern = regexp.MustCompile(`HD-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`)
)

// state says everything that a tenant has come to, without names and instants.
func (w *world) state() string {
	w.t.Helper()
	ctx := w.t.Context()
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	lines, next, err := w.o.Conversations(ctx, desk.ConversationQuery{Any: true, Oldest: true})
	require.NoError(w.t, err)
	require.Empty(w.t, next)
	// Conversations in the order in which they began.
	slices.SortFunc(lines, func(a, b desk.ConversationLine) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	for _, l := range lines {
		v := w.conversation(l.ID)
		add("conversation %s %s epoch %d tags %q archived %q offers %d", v.List, v.Control.State, v.Control.Epoch, v.Tags, v.Archived, len(v.Offers))
		for _, m := range v.Messages {
			switch m := m.(type) {
			case inbox.Reply:
				add("  %s: %s undelivered %t auto %t", m.By, m.Body, m.Undelivered, m.Auto)
			case inbox.Note:
				add("  note: %s", m.Comment)
			}
		}
		for _, n := range v.Notifications {
			add("  notification %q %s read %t sent %t", n.Agent, n.Cause, n.IsRead(), !n.SentAt.IsZero())
		}
		for _, e := range v.Escalations {
			add("  escalation %s pending %t", e.Kind, e.IsPending())
		}
		page, err := w.o.Events(ctx, l.ID, "", 0)
		require.NoError(w.t, err)
		out = append(out, eventsOf(page)...)
	}
	tickets, _, err := w.o.Tickets(ctx, desk.TicketQuery{Oldest: true})
	require.NoError(w.t, err)
	for _, l := range tickets {
		v := w.ticket(l.ID)
		s := v.Ticket
		add("ticket %s %q %s episodes %d holds %d severity %s paused %t from %d", s.Status, s.Assignee, s.Intake.Title, s.Episode, len(s.Holds), s.Severity, s.ClocksPaused, len(s.MergedFrom))
		page, err := w.o.TicketEvents(ctx, l.ID, "", 0)
		require.NoError(w.t, err)
		out = append(out, eventsOf(page)...)
	}
	settings, err := w.o.Settings(ctx)
	require.NoError(w.t, err)
	add("add-on %t", settings.AddOn)
	stones, _, err := w.o.Tombstones(ctx, "", 100)
	require.NoError(w.t, err)
	for _, s := range stones {
		add("tombstone of a %s", s.Kind)
	}
	health, err := w.o.Health(ctx)
	require.NoError(w.t, err)
	add("waiting %d parked %d purges %d", health.Backlog.Waiting, health.Backlog.Parked, health.Purges)
	return strings.Join(out, "\n")
}

// eventsOf returns the types of the events, sorted: those of loops can come in
// another order.
func eventsOf(page desk.EventPage) []string {
	var out []string
	for _, e := range page.Events {
		var body map[string]any
		_ = json.Unmarshal(e.Body, &body)
		out = append(out, fmt.Sprintf("  event %s %v", e.Type, body["guard"]))
	}
	slices.Sort(out)
	return out
}

// told returns what left, by key: what it said, and how often.
func (w *world) told() (what map[string]bool, times int) {
	what = map[string]bool{}
	seen := map[string]bool{}
	note := func(key, s string) {
		times++
		if !seen[key] {
			seen[key] = true
			s = refPattern.ReplaceAllString(idsPattern.ReplaceAllString(s, "ID"), "REF")
			for what[s] {
				s += "+"
			}
			what[s] = true
		}
	}
	for _, e := range w.post.take() {
		note("post "+e.Key, fmt.Sprintf("%s to %s: %s: %s", e.Channel, e.To, e.Subject, e.Body))
	}
	for _, n := range w.team.take() {
		note("team "+n.Key, fmt.Sprintf("team %q: %s", n.Agent, n.Cause))
	}
	return what, times
}

// rest runs the loops until there is nothing to do, whatever happens.
func (w *world) rest() {
	w.t.Helper()
	for quiet := 0; quiet < 2; {
		sent, err := w.desk.Deliver(w.t.Context())
		fired, more := w.desk.FireTimers(w.t.Context())
		if err != nil || more != nil {
			w.clock.advance(time.Second)
		}
		if quiet++; sent+fired > 0 {
			quiet = 0
		}
		w.clock.advance(time.Second)
	}
}

// A useCase is one command in a world that is ready for it.
type useCase struct {
	name string
	edit func(*desk.Config)
	prep func(w *world) desk.Result
	do   func(w *world, r desk.Result) error
	wait time.Duration // how much later the loops run once more
}

func plainly(do func(w *world, r desk.Result) (desk.Result, error)) func(*world, desk.Result) error {
	return func(w *world, r desk.Result) error { _, err := do(w, r); return err }
}

var k = map[string]desk.Call{
	"customer": keyed(customer, "key"), "agent": keyed(agent, "key"), "ai": keyed(ai, "key"), "system": keyed(system, "key"),
}

// useCases has every use case that changes something.
func useCases() []useCase {
	started := func(w *world) desk.Result { return w.start(live) }
	ticketed := func(w *world) desk.Result { return w.ticketed(live) }
	resolved := func(w *world) desk.Result { return w.resolved(live) }
	offered := func(w *world) desk.Result {
		r := w.start(live)
		o := w.must(w.o.Offer(w.t.Context(), ai, r.Lease, proposal))
		o.Lease = r.Lease
		return o
	}
	ctx := context.Background()
	sol := ticket.Solution{Action: "Done.", Reason: ticket.ReasonDuplicate}
	return []useCase{
		{name: "start", prep: func(*world) desk.Result { return desk.Result{} }, do: plainly(func(w *world, _ desk.Result) (desk.Result, error) {
			return w.o.Start(ctx, k["customer"], live, text("Hello."))
		})},
		{name: "start under people", edit: func(c *desk.Config) { c.Inbox = inbox.Config{} }, prep: func(*world) desk.Result { return desk.Result{} }, do: plainly(func(w *world, _ desk.Result) (desk.Result, error) {
			return w.o.Start(ctx, k["customer"], live, text("Hello."))
		})},
		{name: "answered by the AI", edit: func(c *desk.Config) { c.Assistant = placeholder{} }, prep: func(*world) desk.Result { return desk.Result{} }, do: plainly(func(w *world, _ desk.Result) (desk.Result, error) {
			return w.o.Start(ctx, k["customer"], live, text("Hello."))
		})},
		{name: "offered by the AI", edit: func(c *desk.Config) { c.Assistant = placeholder{} }, prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.CustomerMessage(ctx, k["customer"], r.Conversation, said("It did not help."))
		})},
		{name: "receive", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Receive(ctx, k["customer"], desk.Arrival{Conversation: r.Conversation, Beginning: live, Message: said("And?")})
		})},
		{name: "customer message", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.CustomerMessage(ctx, k["customer"], r.Conversation, said("And?"))
		})},
		{name: "message elsewhere", edit: func(c *desk.Config) { c.Inbox.Archived = inbox.ArchivedNewConversation }, prep: func(w *world) desk.Result {
			r := w.start(live)
			w.archive(r)
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.CustomerMessage(ctx, k["customer"], r.Conversation, said("And?"))
		})},
		{name: "forwarded message", prep: func(w *world) desk.Result {
			a, b := w.ticketed(live), w.ticketed(live)
			w.must(w.o.Merge(ctx, agent, a.Ticket, b.Ticket))
			return a
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.CustomerMessage(ctx, k["customer"], r.Conversation, said("And?"))
		})},
		{name: "participant message", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.ParticipantMessage(ctx, desk.Call{Key: "key", By: helpdesk.ActorThirdParty, Who: "friend"}, r.Conversation, text("Hi."))
		})},
		{name: "auto message", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.AutoMessage(ctx, k["customer"], r.Conversation, text("Away."))
		})},
		{name: "undelivered", prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			w.must(w.o.Reply(ctx, agent, r.Conversation, inbox.Draft{ID: "answer", Body: "Hello."}))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Undelivered(ctx, k["system"], r.Conversation, "answer")
		})},
		{name: "rejected by the transport", prep: started, do: func(w *world, r desk.Result) error {
			w.post.fail = func(e desk.Envelope) error {
				if strings.Contains(e.Body, "nowhere") {
					return desk.ErrRejected
				}
				return nil
			}
			_, err := w.o.Reply(ctx, k["agent"], r.Conversation, text("To nowhere."))
			return err
		}},
		{name: "AI reply", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.AIReply(ctx, k["ai"], r.Lease, text("Hello."))
		})},
		{name: "AI fail", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.AIFail(ctx, k["ai"], r.Lease, inbox.FailureGiveUp, "too hard")
		})},
		{name: "offer", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Offer(ctx, k["ai"], r.Lease, proposal)
		})},
		{name: "confirm", prep: offered, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Confirm(ctx, k["customer"], r.Conversation, desk.Consent{Offer: r.Offer, Shown: r.Shown})
		})},
		{name: "decline", prep: offered, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Decline(ctx, k["customer"], r.Conversation, r.Offer)
		})},
		{name: "offer expires", prep: offered, do: func(*world, desk.Result) error { return nil }, wait: 25 * time.Hour},
		{name: "take over", prep: offered, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.TakeOver(ctx, k["agent"], r.Conversation)
		})},
		{name: "return to AI", prep: func(w *world) desk.Result {
			r := w.start(live)
			return w.must(w.o.TakeOver(ctx, agent, r.Conversation))
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.ReturnToAI(ctx, k["agent"], r.Conversation)
		})},
		{name: "reply", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Reply(ctx, k["agent"], r.Conversation, text("Hello."))
		})},
		{name: "ask", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ask(ctx, k["agent"], r.Conversation, text("Which?"))
		})},
		{name: "note", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Note(ctx, k["agent"], r.Conversation, text("Hm."))
		})},
		{name: "pick up", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.PickUp(ctx, k["agent"], r.Conversation)
		})},
		{name: "archive", prep: resolved, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Archive(ctx, k["agent"], r.Conversation, inbox.Archiving{Reason: inbox.ArchiveClosed})
		})},
		{name: "unarchive", prep: func(w *world) desk.Result { r := w.resolved(live); w.archive(r); return r }, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Unarchive(ctx, k["agent"], r.Conversation)
		})},
		{name: "tag", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Tag(ctx, k["agent"], r.Conversation, "hot")
		})},
		{name: "untag", prep: func(w *world) desk.Result {
			r := w.start(live)
			w.must(w.o.Tag(ctx, agent, r.Conversation, "hot"))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Untag(ctx, k["agent"], r.Conversation, "hot")
		})},
		{name: "sentiment", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.SetSentiment(ctx, k["agent"], r.Conversation, inbox.SentimentMixed)
		})},
		{name: "watch", prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Watch(ctx, k["agent"], r.Conversation, "agent-2")
		})},
		{name: "unwatch", prep: func(w *world) desk.Result {
			r := w.start(live)
			w.must(w.o.Watch(ctx, agent, r.Conversation, "agent-2"))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Unwatch(ctx, k["agent"], r.Conversation, "agent-2")
		})},
		{name: "mark read", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.MarkRead(ctx, k["agent"], r.Conversation, 1)
		})},
		{name: "create ticket", edit: func(c *desk.Config) { c.Inbox = inbox.Config{} }, prep: started, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.CreateTicket(ctx, k["agent"], r.Conversation, desk.TicketDraft{Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer."})
		})},
		{name: "follow up", prep: resolved, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.CreateTicket(ctx, k["agent"], r.Conversation, desk.TicketDraft{
				Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer.", FollowUpOf: r.Ticket,
			})
		})},
		{name: "resolve", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Resolve(ctx, k["agent"], r.Conversation, sol)
		})},
		{name: "reopen", prep: func(w *world) desk.Result { r := w.resolved(live); w.archive(r); return r }, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Reopen(ctx, k["agent"], r.Ticket, "no")
		})},
		{name: "merge", prep: func(w *world) desk.Result {
			a, b := w.ticketed(live), w.ticketed(live)
			a.Offer = b.Ticket.String()
			return a
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Merge(ctx, k["agent"], r.Ticket, uuid.MustParse(r.Offer))
		})},
		{name: "assign", prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			w.must(w.o.PickUp(ctx, agent, r.Conversation))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Assign(ctx, k["agent"], r.Ticket, "agent-2")
		})},
		{name: "mitigate", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Mitigate(ctx, k["agent"], r.Ticket)
		})},
		{name: "answer", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Answer(ctx, k["agent"], r.Ticket, ticket.Intake{FirstSeen: "Monday"})
		})},
		{name: "claim severity", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.ClaimSeverity(ctx, k["customer"], r.Ticket, severity.Urgent, helpdesk.ChannelLiveChat)
		})},
		{name: "confirm severity", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.ConfirmSeverity(ctx, k["agent"], r.Ticket)
		})},
		{name: "decline severity", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.DeclineSeverity(ctx, k["agent"], r.Ticket, severity.Low)
		})},
		{name: "correct severity", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.CorrectSeverity(ctx, k["agent"], r.Ticket, severity.Low, "small")
		})},
		{name: "pause clocks", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.PauseClocks(ctx, k["agent"], r.Ticket, "a part")
		})},
		{name: "resume clocks", prep: ticketed, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.ResumeClocks(ctx, k["agent"], r.Ticket)
		})},
		{name: "hold", prep: resolved, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Hold(ctx, k["agent"], r.Ticket, "h", "litigation", true)
		})},
		{name: "release", prep: func(w *world) desk.Result {
			r := w.resolved(live)
			w.must(w.o.Hold(ctx, agent, r.Ticket, "h", "litigation", true))
			return r
		}, do: plainly(func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Release(ctx, k["agent"], r.Ticket, "h", true)
		})},
		{name: "switch off", prep: func(w *world) desk.Result { w.start(live); return w.start(live) }, do: func(w *world, _ desk.Result) error {
			return w.o.Configure(ctx, k["agent"], inbox.Config{})
		}},
		{name: "clocks", prep: ticketed, do: func(*world, desk.Result) error { return nil }, wait: 3 * time.Hour},
		{name: "reminder", edit: func(c *desk.Config) { c.Reminders = desk.Reminders{Every: day, Most: 1, GiveUp: 3 * day} }, prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			return w.must(w.o.Ask(ctx, agent, r.Conversation, text("Which?")))
		}, do: func(*world, desk.Result) error { return nil }, wait: 25 * time.Hour},
		{name: "given up", edit: func(c *desk.Config) { c.Reminders = desk.Reminders{GiveUp: 2 * day} }, prep: func(w *world) desk.Result {
			r := w.ticketed(live)
			return w.must(w.o.Ask(ctx, agent, r.Conversation, text("Which?")))
		}, do: func(*world, desk.Result) error { return nil }, wait: 49 * time.Hour},
		{name: "erasure", prep: func(w *world) desk.Result {
			r := w.must(w.o.Start(ctx, customer, live, inbox.Draft{Body: "Look.", Blobs: []inbox.BlobRef{{Ref: "photo", Size: 1}}}))
			offer := w.must(w.o.Offer(ctx, ai, r.Lease, proposal))
			made := w.must(w.o.Confirm(ctx, customer, r.Conversation, desk.Consent{Offer: offer.Offer, Shown: offer.Shown}))
			w.must(w.o.Resolve(ctx, agent, made.Conversation, sol))
			return made
		}, do: func(w *world, r desk.Result) error {
			_, err := w.o.RequestErasure(ctx, k["agent"], r.Conversation)
			return err
		}, wait: 3 * time.Hour},
	}
}

// play has the use case happen with a mishap at the call with that number, and
// returns what everything came to, what was told, how often, and how many calls
// there were. What fails is done again, by the desk or by a new one.
func (u *useCase) play(t *testing.T, at int, how mishap) (state string, told map[string]bool, times int, calls []effort) {
	t.Helper()
	var edits []func(*desk.Config)
	if u.edit != nil {
		edits = append(edits, u.edit)
	}
	w, x := wired(t, edits...)
	r := u.prep(w)
	w.rest()
	w.told()
	x.off, x.at, x.how = false, at, how
	began := w.clock.now()
	restart := func() {
		if x.dead {
			x.dead = false
			w.open()
		}
	}
	for range 3 {
		if err := u.do(w, r); err == nil && !x.dead {
			break
		}
		restart()
	}
	// The loops run now and at later instants, the same in every play; in between
	// leases end.
	for _, later := range []time.Duration{0, 10 * time.Minute, u.wait + 20*time.Minute, u.wait + 4*time.Hour, u.wait + 4*time.Hour + 10*time.Minute} {
		w.clock.advance(began.Add(later).Sub(w.clock.now()))
		w.rest()
		restart()
	}
	calls = x.calls
	x.off = true
	told, times = w.told()
	return w.state(), told, times, calls
}

// Whatever call of whatever port goes wrong, in whatever way: nothing is lost and
// nothing is done twice. Only what was sent and not acknowledged is sent again,
// once, under the same key (T24, T27, T29, T39, D3).
func TestCrashAnywhere(t *testing.T) {
	t.Parallel()
	step := 1
	if raceEnabled || testing.Short() { // it is one goroutine at a time
		step = 7
	}
	for _, u := range useCases() {
		t.Run(u.name, func(t *testing.T) {
			t.Parallel()
			want, wantTold, wantTimes, calls := u.play(t, 0, 0)
			require.Equal(t, len(wantTold), wantTimes)
			require.NotEmpty(t, calls)
			for i := len(u.name) % step; i < len(calls); i += step {
				for _, how := range calls[i].mishaps() {
					got, told, times, _ := u.play(t, i+1, how)
					where := fmt.Sprintf("call %d of %d, mishap %d", i+1, len(calls), how)
					require.Equal(t, want, got, where)
					require.Equal(t, slices.Sorted(maps.Keys(wantTold)), slices.Sorted(maps.Keys(told)), where)
					require.LessOrEqual(t, times, wantTimes+1, where)
				}
			}
		})
	}
}
