package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	modelcheck "github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// An arena is one storage on which two processes race. It can be put back to where
// it was, and can hold both of them at their first commit, when each has decided
// on the same state.
type arena struct {
	inner *memstore.Stores
	due   store.Item       // what whoever claims timers gets, as if a lease had just ended
	base  *store.Batch     // everything that was committed; nil: that is not noted any more
	gates [2]chan struct{} // nil: nobody is held
	wrote [2][]store.Ref   // what the first commit of each was about
	races atomic.Int64     // decisions that were made anew
}

func (a *arena) Tenant(t store.TenantID) (store.Records, error) {
	s, err := a.inner.Tenant(t)
	return arenaStore{s, a}, err
}
func (a *arena) Features() store.Features { return a.inner.Features() }
func (a *arena) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	if q.Queue == store.Timers {
		return store.DuePage{Due: []store.Due{{Tenant: a.due.Tenant}}}, nil
	}
	return a.inner.Due(ctx, q)
}

func (a *arena) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	if c.Queue == store.Timers {
		return store.Claims{Items: []store.Item{a.due}}, nil
	}
	return a.inner.Claim(ctx, c)
}

func (a *arena) Settle(ctx context.Context, all ...store.Settlement) error {
	return a.inner.Settle(ctx, all...)
}

func (a *arena) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	return a.inner.Expire(ctx, now, limit)
}

// A contender is the key under which a context says who gives the command: 0 or 1.
type contender struct{}

type arenaStore struct {
	store.Records
	a *arena
}

func (s arenaStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	i, racing := ctx.Value(contender{}).(int)
	if racing && s.a.gates[i] != nil && s.a.wrote[i] == nil {
		for _, c := range b.Changes {
			s.a.wrote[i] = append(s.a.wrote[i], c.Ref)
		}
		<-s.a.gates[i]
	}
	done, err := s.Records.Commit(ctx, b)
	if s.a.base != nil && err == nil {
		s.a.base.Append = append(s.a.base.Append, b.Append...)
		s.a.base.Send = append(s.a.base.Send, b.Send...)
		for _, timer := range b.Timers { // the last of each record
			s.a.base.Timers = slices.DeleteFunc(s.a.base.Timers, func(o store.Timer) bool { return o.Of == timer.Of })
			s.a.base.Timers = append(s.a.base.Timers, timer)
		}
		s.a.base.Withdraw = append(s.a.base.Withdraw, b.Withdraw...)
		for _, c := range b.Changes { // the last of each record
			s.a.base.Changes = slices.DeleteFunc(s.a.base.Changes, func(o store.Change) bool { return o.Ref == c.Ref })
			if c.Expected = ""; !c.Delete {
				s.a.base.Changes = append(s.a.base.Changes, c)
			}
		}
	}
	return done, err
}

// collide reports whether both first commits change the same record.
func (a *arena) collide() bool {
	return slices.ContainsFunc(a.wrote[0], func(r store.Ref) bool { return slices.Contains(a.wrote[1], r) })
}

// A scene is a state of the table of verdicts on a desk, which two processes have
// on the same storage, each with a clock of its own.
type scene struct {
	t       testing.TB
	a       *arena
	desks   [2]*desk.Desk
	offices [2]*desk.Tenant
	clocks  [2]*clock
	base    store.Batch // what the storage has at the beginning
	policy  inbox.Config

	// What commands have to name.
	conversation inbox.ID
	ticket       ticket.ID
	lease        inbox.ControlToken
	offer, shown string
	messages     uint64
	submitted    bool
	due          map[inbox.TimerKind]time.Time
	before       picture
	alone        map[string]result // what comes of one command, by who gives it and its name
	set          bool              // all of these are as they are where the scene begins
}

// newScene plays the way to a state of the table. The timer soon, if there is one,
// is due before all others, so that it can go off alone.
func newScene(tb testing.TB, s modelcheck.State, soon inbox.TimerKind) *scene {
	tb.Helper()
	x := &scene{t: tb, alone: map[string]result{}, a: &arena{inner: memstore.New(), base: &store.Batch{}}}
	c := automatic
	c.Idle = inbox.Duration(70 * day)
	switch minute := inbox.Duration(time.Minute); soon {
	case "no_action":
		c.NoAction, c.Clock = minute, inbox.WaitCalendar
	case "not_closed":
		c.NotClosed = minute
	case "queue_wait":
		c.QueueWait = minute
	case "offer":
		c.OfferTTL = minute
	case "idle":
		c.Idle = minute
	default:
	}
	x.policy = c
	for i := range x.desks {
		w := newWorld(tb, func(d *desk.Config) {
			d.Stores, d.Assistant, d.Inbox, d.Random = x.a, placeholder{}, c, nil
			d.Hooks.Count = func(_ context.Context, name string, n int64, _ ...slog.Attr) {
				if name == "desk.races" {
					x.a.races.Add(n)
				}
			}
		})
		x.desks[i], x.clocks[i], x.offices[i] = w.desk, w.clock, w.o
	}
	r, err := x.offices[0].Start(tb.Context(), customer, opening(live, inbox.MessageParams{ID: "first", Body: "My printer is on fire."}))
	require.NoError(tb, err)
	x.conversation, x.lease = r.Conversation, r.ControlToken
	x.a.due = store.Item{
		Tenant: "acme", Timer: store.Timer{Of: store.Ref{Kind: "conversation", ID: x.conversation.String()}, Name: "due", At: monday},
		Handed: 1, Receipt: "0",
	}
	x.look()
	for i, name := range s.Path {
		x.clocks[0].advance(time.Second)
		require.NoError(tb, x.give(tb.Context(), 0, name, fmt.Sprintf("step-%d", i)), "%s: %s", s.Name, name)
		x.look()
	}
	x.base, x.a.base = *x.a.base, nil
	x.base.Timers = slices.DeleteFunc(x.base.Timers, func(timer store.Timer) bool { return timer.At.IsZero() })
	x.base.Send = slices.DeleteFunc(x.base.Send, func(m store.Message) bool { return slices.Contains(x.base.Withdraw, m.Key) })
	x.base.Withdraw = nil
	x.restore()
	x.before = x.look()
	x.set = true
	return x
}

// restore puts everything back to where the scene begins.
func (x *scene) restore() {
	x.a.inner = memstore.New()
	x.a.gates, x.a.wrote = [2]chan struct{}{}, [2][]store.Ref{}
	x.a.races.Store(0)
	var err error
	for i := range x.offices {
		x.offices[i], err = x.desks[i].Tenant("acme")
		require.NoError(x.t, err)
	}
	s, err := x.a.inner.Tenant("acme")
	require.NoError(x.t, err)
	_, err = s.Commit(x.t.Context(), x.base)
	require.NoError(x.t, err)
}

// wind sets the clocks to when the commands are given: a timer when it is due, and
// everybody else a second after what happened last.
func (x *scene) wind(names [2]string) {
	for i, name := range names {
		at := x.before.at.Add(time.Second)
		if kind, ok := timerOf(name); ok {
			at = x.due[kind]
		}
		x.clocks[i].advance(at.Sub(x.clocks[i].now()))
	}
}

// timerOf returns which timer a command is.
func timerOf(name string) (inbox.TimerKind, bool) {
	if kind, ok := strings.CutPrefix(name, string(modelcheck.ActionTimer)+" "); ok {
		return inbox.TimerKind(kind), true
	}
	return "", false
}

// give gives a command, by its name in the table: from the process with that
// number, by a member of the team of its own, with that name for what it makes.
func (x *scene) give(ctx context.Context, i int, name, label string) error {
	o := x.offices[i]
	team := desk.Meta{Author: helpdesk.Agent(fmt.Sprintf("agent-%d", i+1))}
	name, careful := strings.CutSuffix(name, modelcheck.SeenAll)
	if careful {
		team.IfLastMessage = x.messages
	}
	draft := inbox.MessageParams{ID: label, Body: "By " + label}
	solution := ticket.ResolveParams{Action: "By " + label}
	if x.submitted {
		solution.Reason = ticket.ReasonDuplicate
	}
	if _, ok := timerOf(name); ok {
		_, err := x.desks[i].FireTimers(ctx) // of which only this one is due
		return err
	}
	var err error
	switch modelcheck.ActionKind(name) {
	case modelcheck.ActionMessage:
		_, err = o.Conversation(x.conversation).AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: draft})
	case modelcheck.ActionAutoMessage:
		_, err = o.Conversation(x.conversation).RecordAutoReply(ctx, customer, draft)
	case modelcheck.ActionParticipant:
		_, err = o.Conversation(x.conversation).AddParticipantMessage(ctx, desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "friend"}}, draft)
	case modelcheck.ActionConfirm:
		_, err = o.Conversation(x.conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: x.offer, Shown: x.shown})
	case modelcheck.ActionDecline:
		_, err = o.Conversation(x.conversation).DeclineOffer(ctx, customer, x.offer)
	case modelcheck.ActionAIReply:
		_, err = o.Conversation(x.lease.Conversation).AddAIReply(ctx, ai, x.lease, draft)
	case modelcheck.ActionGiveUp:
		_, err = o.Conversation(x.lease.Conversation).ReportAIFailure(ctx, ai, x.lease, inbox.FailureGiveUp, "")
	case modelcheck.ActionTimeout:
		_, err = o.Conversation(x.lease.Conversation).ReportAIFailure(ctx, system, x.lease, inbox.FailureTimeout, "")
	case modelcheck.ActionOffer:
		d := proposal
		d.ID, d.Supersedes = label, x.offer
		_, err = o.Conversation(x.lease.Conversation).MakeOffer(ctx, ai, x.lease, d)
	case modelcheck.ActionTakeOver:
		_, err = o.Conversation(x.conversation).TakeOver(ctx, team)
	case modelcheck.ActionReply:
		_, err = o.Conversation(x.conversation).Reply(ctx, team, draft)
	case modelcheck.ActionAsk:
		_, err = o.Conversation(x.conversation).AskCustomer(ctx, team, draft)
	case modelcheck.ActionPickUp:
		_, err = o.Conversation(x.conversation).PickUp(ctx, team)
	case modelcheck.ActionResolve:
		_, err = o.Conversation(x.conversation).Resolve(ctx, team, solution)
	case modelcheck.ActionReopen:
		_, err = o.Ticket(x.ticket).Reopen(ctx, team, "again")
	case modelcheck.ActionHold:
		_, err = o.Ticket(x.ticket).PlaceLegalHold(ctx, team, ticket.LegalHoldParams{ID: "hold", Reason: "because", Privileged: true})
	case modelcheck.ActionCreate:
		_, err = o.Conversation(x.conversation).CreateTicket(ctx, team, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer."})
	case modelcheck.ActionArchive:
		_, err = o.Conversation(x.conversation).Archive(ctx, team, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
	case modelcheck.ActionUnarchive:
		_, err = o.Conversation(x.conversation).Unarchive(ctx, team)
	case modelcheck.ActionNote:
		_, err = o.Conversation(x.conversation).AddNote(ctx, team, draft)
	case modelcheck.ActionIdentify:
		_, err = o.Conversation(x.conversation).Identify(ctx, system, inbox.Contact{Name: "Ada, Countess of Lovelace"})
	case modelcheck.ActionRead:
		_, err = o.Conversation(x.conversation).MarkRead(ctx, team, x.messages)
	default:
		require.Fail(x.t, "a command of the table that no use case carries out", name)
	}
	return err
}

// sides are the labels of the two, which name what each makes.
var sides = [2]string{"one", "two"}

// A result is what came of two commands.
type result struct {
	codes [2]string // how each ended
	all   picture
	raced int64 // how often something was decided anew
}

// single gives one of two commands alone.
func (x *scene) single(names [2]string, i int) result {
	which := sides[i] + ": " + names[i]
	if _, ok := x.alone[which]; !ok {
		x.alone[which] = x.serial(names, i)
	}
	return x.alone[which]
}

// serial gives the commands one after the other, in that order.
func (x *scene) serial(names [2]string, order ...int) result {
	x.restore()
	x.wind(names)
	var r result
	for _, i := range order {
		r.codes[i] = desk.ProblemOf(x.give(x.t.Context(), i, names[i], sides[i])).Code
	}
	r.all = x.look()
	return r
}

// race gives both commands at once. If first is not negative, both are held when
// they are about to commit, and that one commits first. It must run in a bubble.
func (x *scene) race(names [2]string, first int) result {
	x.restore()
	x.wind(names)
	gates := [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	if first >= 0 {
		x.a.gates = gates
	}
	var errs [2]error
	for i := range names {
		ctx := context.WithValue(x.t.Context(), contender{}, i)
		go func() { errs[i] = x.give(ctx, i, names[i], sides[i]) }()
	}
	synctest.Wait() // both are at the gate, or were refused
	if first >= 0 {
		close(gates[first])
		synctest.Wait()
		close(gates[1-first])
		synctest.Wait()
	}
	return result{codes: [2]string{desk.ProblemOf(errs[0]).Code, desk.ProblemOf(errs[1]).Code}, all: x.look(), raced: x.a.races.Load()}
}

// A picture is everything that a conversation, its tickets and its outbox have come
// to, without instants and made-up names.
type picture struct {
	at       time.Time // of the last change
	lines    []string  // all of it
	things   []string  // sorted, and without what only says in which order it came
	events   []string  // of the conversation, sorted
	messages map[string]int
	sent     map[string]int // public messages in the outbox, by ID
	facts    int            // events of all
}

// note notes what commands have to name.
func (x *scene) note(c inbox.Snapshot, tickets []ticket.Snapshot) {
	if x.set {
		return
	}
	x.messages = c.Len
	x.due = map[inbox.TimerKind]time.Time{}
	for _, e := range c.Escalations {
		if e.IsPending() {
			x.due[e.Kind] = e.Due
		}
	}
	x.due["idle"] = x.idleAt(c)
	for _, o := range c.Offers {
		x.offer, x.shown, x.due["offer"] = o.ID, o.Shown, o.ExpiresAt
	}
	for _, s := range tickets {
		x.ticket, x.submitted = s.ID, s.Status == ticket.StatusSubmitted
	}
}

// idleAt returns when a conversation is to be archived by itself.
func (x *scene) idleAt(s inbox.Snapshot) time.Time {
	s.Messages, s.Offers = nil, nil // they are apart
	c, err := inbox.FromSnapshot(s)
	require.NoError(x.t, err)
	p, err := inbox.NewPolicy(x.policy)
	require.NoError(x.t, err)
	return c.WithPolicy(p).IdleAt()
}

// look takes a picture of what is stored, which empties the outbox.
func (x *scene) look() picture {
	p := picture{messages: map[string]int{}, sent: map[string]int{}}
	both := func(format string, args ...any) {
		s := anonymous(fmt.Sprintf(format, args...))
		p.lines, p.things = append(p.lines, s), append(p.things, s)
	}
	only := func(format string, args ...any) { p.lines = append(p.lines, anonymous(fmt.Sprintf(format, args...))) }
	c := x.stored()
	both("%s %s epoch %d turn %d answered %d", c.Status, c.Archived, c.Epoch, c.Turn, c.Answered)
	only("held by %q", c.Who)
	for _, m := range c.Messages {
		id := ""
		if m.Reply != nil {
			id = m.Reply.ID
			both("message %s by %s auto %t", id, m.Reply.By, m.Reply.Auto)
		} else {
			id = m.Note.ID
			name, _, _ := strings.Cut(id, "#") // a number is its place
			both("note %s %s", name, m.Note.Failure)
		}
		p.messages[id]++
	}
	for _, offer := range c.Offers {
		both("offer %s %s", offer.ID, offer.Status)
	}
	unread := false
	for _, n := range c.Notifications {
		unread = unread || !n.IsRead()
		only("notification %q %s read %t", n.Agent, n.Cause, n.IsRead())
	}
	both("unread %t", unread)
	for _, e := range c.Escalations {
		both("escalation %s pending %t", e.Kind, e.IsPending())
	}
	for _, m := range c.Marks {
		only("%s read up to %d", m.Agent, m.Seq)
	}
	p.events = p.add(x.events("conversation", x.conversation))
	slices.Sort(p.events)
	p.at = c.UpdatedAt
	var tickets []ticket.Snapshot
	for _, l := range c.Tickets {
		var b struct {
			Ticket ticket.Snapshot `json:"t"`
		}
		x.load("ticket", l.Ticket, &b)
		s := b.Ticket
		tickets = append(tickets, s)
		both("ticket %s %q %s episode %d holds %d offer %s", s.Status, s.Assignee, s.Intake.Title, s.Episode, len(s.Holds), s.Offer)
		for _, r := range s.Resolutions {
			both("resolution %d %s", r.Episode, r.Action)
		}
		if s.UpdatedAt.After(p.at) {
			p.at = s.UpdatedAt
		}
		p.add(x.events("ticket", l.Ticket))
	}
	x.note(c, tickets)
	for _, m := range x.outbox() {
		only("to send %s: %s", m.Topic, m.Key)
		name := m.Key
		if id, ok := messageIn(m); ok {
			name = id // its key is its place
			p.sent[id]++
		}
		if m.Topic != "notify" { // who is told first depends on the order
			p.things = append(p.things, anonymous(m.Topic+" "+name))
		}
	}
	slices.Sort(p.things)
	return p
}

// load reads a record.
func (x *scene) load(kind string, id fmt.Stringer, into any) {
	s, err := x.a.inner.Tenant("acme")
	require.NoError(x.t, err)
	r, err := loaded(x.t.Context(), s, store.Ref{Kind: kind, ID: id.String()})
	require.NoError(x.t, err)
	require.NoError(x.t, json.Unmarshal(r.Body, into))
}

// events reads the events of a record.
func (x *scene) events(kind string, id fmt.Stringer) []store.Entry {
	s, err := x.a.inner.Tenant("acme")
	require.NoError(x.t, err)
	return entries(x.t, s, store.Ref{Kind: kind, ID: id.String()}, "event")
}

// stored reads the conversation with its messages.
func (x *scene) stored() inbox.Snapshot {
	var b struct {
		Conversation inbox.Snapshot `json:"c"`
	}
	x.load("conversation", x.conversation, &b)
	s, err := x.a.inner.Tenant("acme")
	require.NoError(x.t, err)
	ref := store.Ref{Kind: "conversation", ID: x.conversation.String()}
	all := append(entries(x.t, s, ref, "message"), entries(x.t, s, ref, "note")...)
	require.EqualValues(x.t, b.Conversation.Len, len(all), "messages")
	slices.SortFunc(all, func(a, b store.Entry) int { return int(a.N) - int(b.N) })
	for _, e := range all {
		var m struct {
			Message inbox.MessageRecord `json:"m"`
		}
		require.NoError(x.t, json.Unmarshal(e.Body, &m))
		b.Conversation.Messages = append(b.Conversation.Messages, m.Message)
	}
	require.Empty(x.t, b.Conversation.Offers, "they are apart")
	offers, ends := entries(x.t, s, ref, "offer"), entries(x.t, s, ref, "offer_end")
	require.Len(x.t, offers, b.Conversation.OfferCount)
	for _, e := range offers {
		var o struct {
			Offer inbox.Offer `json:"o"`
		}
		require.NoError(x.t, json.Unmarshal(e.Body, &o))
		if i := slices.IndexFunc(ends, func(end store.Entry) bool { return end.N == e.N }); i >= 0 {
			var end struct {
				Status inbox.OfferStatus `json:"status"`
			}
			require.NoError(x.t, json.Unmarshal(ends[i].Body, &end))
			require.Equal(x.t, e.ID, ends[i].ID)
			o.Offer.Status = end.Status
		}
		require.Equal(x.t, o.Offer.Status == inbox.OfferOpen, o.Offer.ID == b.Conversation.OpenOffer.ID)
		b.Conversation.Offers = append(b.Conversation.Offers, o.Offer)
	}
	return b.Conversation
}

// add adds what happened, and returns its types.
func (p *picture) add(page []store.Entry) []string {
	p.facts += len(page)
	var types []string
	for _, e := range page {
		var b struct{ Type string }
		_ = json.Unmarshal(e.Body, &b)
		types = append(types, b.Type)
		p.lines = append(p.lines, "event "+b.Type+" of a "+e.Of.Kind)
	}
	return types
}

// outbox takes all messages out of the outbox.
func (x *scene) outbox() []store.Message {
	var all []store.Message
	for {
		due := claimed(x.t, x.a.inner, store.Claim{Queue: store.Outbox, Now: monday.Add(400 * day), Lease: time.Minute}, 100)
		if len(due) == 0 {
			return all
		}
		var done []store.Settlement
		for _, d := range due {
			all = append(all, d.Message)
			done = append(done, store.Settlement{Receipt: d.Receipt, Verdict: store.Done})
		}
		require.NoError(x.t, x.a.inner.Settle(x.t.Context(), done...))
	}
}

// messageIn returns the ID of the public message that is to be sent.
func messageIn(m store.Message) (string, bool) {
	_, after, ok := strings.Cut(string(m.Body), `"message":"`)
	if !ok || !strings.HasPrefix(m.Topic, "customer/") {
		return "", false
	}
	id, _, _ := strings.Cut(after, `"`)
	return id, true
}

// ofSystem are the IDs of messages of the system, which have their places in them.
var ofSystem = regexp.MustCompile(`system#[0-9]+`)

// anonymous replaces UUIDs, which are made up, and places.
func anonymous(s string) string {
	s = ofSystem.ReplaceAllString(s, "system#")
	const length = 36
	var b strings.Builder
	for len(s) >= length {
		if s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
			b.WriteString("ID")
			s = s[length:]
			continue
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	b.WriteString(s)
	return b.String()
}
