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
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/ticket"
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
	names []string // of the calls, such as Records.Read
	at    int
	how   mishap
	dead  bool // the process has ended
	off   bool
}

func trip[T any](w *wire, name string, e effort, do func() (T, error)) (T, error) {
	var none T
	if w.off {
		return do()
	}
	if w.dead {
		return none, errMishap
	}
	w.names = append(w.names, name)
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
		return none, helpdesk.ErrUncertain
	default:
		w.dead = true
		return none, errMishap
	}
}

// idleIf notes that a claim found nothing.
func (w *wire) idleIf(nothing bool) {
	if nothing && !w.off {
		w.calls[len(w.calls)-1] = idle
	}
}

func trip0(w *wire, name string, do func() error) error {
	_, err := trip(w, name, writes, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

type wiredStores struct {
	store.Stores
	w *wire
}

func (s wiredStores) Tenant(t store.TenantID) (store.Records, error) {
	inner, err := s.Stores.Tenant(t)
	return wiredStore{inner, s.w}, err
}

func (s wiredStores) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	return trip(s.w, "Stores.Due", reads, func() (store.DuePage, error) {
		page, err := s.Stores.Due(ctx, q)
		s.w.idleIf(len(page.Due) == 0)
		return page, err
	})
}

func (s wiredStores) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	return trip(s.w, "Stores.Claim", writes, func() (store.Claims, error) {
		all, err := s.Stores.Claim(ctx, c)
		s.w.idleIf(len(all.Items) == 0)
		return all, err
	})
}

func (s wiredStores) Settle(ctx context.Context, all ...store.Settlement) error {
	return trip0(s.w, "Stores.Settle", func() error { return s.Stores.Settle(ctx, all...) })
}

func (s wiredStores) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	return trip(s.w, "Stores.Expire", writes, func() (int, error) { return s.Stores.Expire(ctx, now, limit) })
}

type wiredStore struct {
	store.Records
	w *wire
}

func (s wiredStore) Read(ctx context.Context, r store.ReadRequest) (store.Snapshot, error) {
	if desk.IsShadow(ctx) {
		return s.Records.Read(ctx, r)
	}
	return trip(s.w, "Records.Read", reads, func() (store.Snapshot, error) { return s.Records.Read(ctx, r) })
}

func (s wiredStore) Parked(ctx context.Context, q store.ParkedQuery) (store.ParkedPage, error) {
	return trip(s.w, "Records.Parked", reads, func() (store.ParkedPage, error) { return s.Records.Parked(ctx, q) })
}

func (s wiredStore) Revive(ctx context.Context, r store.Revival) (int, error) {
	return trip(s.w, "Records.Revive", writes, func() (int, error) { return s.Records.Revive(ctx, r) })
}

func (s wiredStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	return trip(s.w, "Records.Commit", commits, func() (store.Committed, error) { return s.Records.Commit(ctx, b) })
}

func (s wiredStore) Erase(ctx context.Context, e store.Erasure) (int, error) {
	return trip(s.w, "Records.Erase", writes, func() (int, error) { return s.Records.Erase(ctx, e) })
}

func (s wiredStore) Remaining(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
	return trip(s.w, "Records.Remaining", reads, func() (store.Remainder, error) { return s.Records.Remaining(ctx, of...) })
}

type wiredPorts struct {
	post  *post
	team  *team
	files *shelf
	inner accounts
	works map[string]bool // the effects that the host did, by their keys
	w     *wire
}

func (p wiredPorts) Send(ctx context.Context, e desk.Envelope) error {
	return trip0(p.w, "Transport.Send", func() error { return p.post.Send(ctx, e) })
}

func (p wiredPorts) Notify(ctx context.Context, n desk.Notice) error {
	return trip0(p.w, "Notifier.Notify", func() error { return p.team.Notify(ctx, n) })
}

func (p wiredPorts) Account(ctx context.Context, t store.TenantID, ref string) (desk.Account, error) {
	return trip(p.w, "Accounts.Account", reads, func() (desk.Account, error) { return p.inner.Account(ctx, t, ref) })
}

func (p wiredPorts) Erase(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) error {
	return trip0(p.w, "AttachmentEraser.Erase", func() error { return p.files.Erase(ctx, t, of...) })
}

func (p wiredPorts) Remaining(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) (int, error) {
	return trip(p.w, "AttachmentEraser.Remaining", reads, func() (int, error) { return p.files.Remaining(ctx, t, of...) })
}

func (p wiredPorts) Do(_ context.Context, _ store.TenantID, _ ticket.ID, e ticket.Effect) error {
	return trip0(p.w, "Effects.Do", func() error { p.works[e.Key] = true; return nil })
}

func (p wiredPorts) Partner(context.Context, store.TenantID, string) (string, error) {
	return trip(p.w, "Contracts.Partner", reads, func() (string, error) { return "", nil })
}

// A wiredIndex is the host's index, which has a method named as one of a shelf is.
type wiredIndex struct {
	inner *index
	w     *wire
}

func (x wiredIndex) Erase(ctx context.Context, t store.TenantID, of ...store.Ref) error {
	return trip0(x.w, "CopyEraser.Erase", func() error { return x.inner.Erase(ctx, t, of...) })
}

func (x wiredIndex) Remaining(ctx context.Context, t store.TenantID, of ...store.Ref) (int, error) {
	return trip(x.w, "CopyEraser.Remaining", reads, func() (int, error) { return x.inner.Remaining(ctx, t, of...) })
}

func (p wiredPorts) Answer(_ context.Context, t desk.Turn) (desk.Answer, error) {
	return trip(p.w, "Assistant.Answer", thinks, func() (desk.Answer, error) {
		if len(t.Messages) == 1 {
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
		c.Limits.RetentionEvery = 90 * time.Minute
	}}, edit...)...)
	w.tuned = func(c *desk.Tuning) { c.MinBackoff, c.MaxBackoff = time.Second, 2*time.Second }
	w.works = map[string]bool{}
	ports := wiredPorts{w.post, w.team, &shelf{has: map[string]bool{"photo": true}}, w.config.Accounts.(accounts), w.works, x}
	w.config.Stores = wiredStores{w.stores, x}
	w.config.Transport, w.config.Notifier, w.config.Accounts, w.config.AttachmentEraser = ports, ports, ports, ports
	w.config.Effects, w.config.Contracts, w.config.CopyEraser = ports, ports, wiredIndex{&index{forgot: map[store.Ref]bool{}}, x}
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
	slices.SortFunc(lines, func(a, b desk.ConversationSummary) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	for _, l := range lines {
		v := w.conversation(l.ID)
		add("conversation %s %s epoch %d tags %q archived %q offers %d", v.List, v.Control.Status, v.Control.Epoch, v.Tags, v.Archived, len(v.Offers))
		for _, m := range v.Messages {
			switch m := m.(type) {
			case inbox.Reply:
				body := madeUp.ReplaceAllString(string(m.Body), "REFERENCE")
				add("  %s: %s undelivered %t auto %t", m.By, body, m.Undelivered, m.Auto)
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
		page, err := w.o.Conversation(l.ID).Events(ctx, 0, 0)
		require.NoError(w.t, err)
		out = append(out, eventsOf(page)...)
	}
	tickets, _, err := w.o.Tickets(ctx, desk.TicketQuery{Oldest: true})
	require.NoError(w.t, err)
	for _, l := range tickets {
		v := w.ticket(l.ID)
		s := v.Ticket
		add("ticket %s %q %s episodes %d holds %d severity %s paused %t from %d", s.Status, s.Assignee, s.Intake.Title, s.Episode, len(s.Holds), s.Severity, s.ClocksPaused, len(s.MergedFrom))
		page, err := w.o.Ticket(l.ID).Events(ctx, 0, 0)
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
	add("works %d", len(w.works))
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

// play has the use case happen with a mishap at the call with that number, and
// returns what everything came to, what was told, how often, and the wire with the
// calls that there were. What fails is done again, by the desk or by a new one.
func (u *useCase) play(t *testing.T, at int, how mishap) (state string, told map[string]bool, times int, x *wire) {
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
		err := u.do(w, r)
		if at == 0 {
			require.NoError(t, err)
		}
		if err == nil && !x.dead {
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
	x.off = true
	told, times = w.told()
	return w.state(), told, times, x
}

// Whatever call of whatever port goes wrong, in whatever way: nothing is lost and
// nothing is done twice. Only what was sent and not acknowledged is sent again,
// once, under the same key (T24, T27, T29, T39, D3).
//
// If the campaign is long, every call of every use case goes wrong, in every way that
// applies to it; with the race detector, which makes each play five times as long and
// finds nothing in what is one goroutine at a time, and if it is short, the first call
// of each method of each port. Left out are claims that found nothing, which have
// nothing to lose, and calls that are made only because another went wrong.
func TestCrashAnywhere(t *testing.T) {
	t.Parallel()
	all := campaign.Long() && !raceEnabled
	for _, u := range useCases() {
		t.Run(u.name, func(t *testing.T) {
			t.Parallel()
			want, wantTold, wantTimes, x := u.play(t, 0, 0)
			calls, names := x.calls, x.names
			require.Equal(t, len(wantTold), wantTimes)
			require.NotEmpty(t, calls)
			tried := map[string]bool{}
			for i := range calls {
				if !all && tried[names[i]] {
					continue
				}
				for _, how := range calls[i].mishaps() {
					tried[names[i]] = true
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

// madeUp are the references of tickets, which are made at random.
var madeUp = regexp.MustCompile(`HD(-[0-9A-Z]{4}){3}`)
