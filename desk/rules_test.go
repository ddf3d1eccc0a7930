package desk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// booked returns a book with one policy of one name and version.
func booked(t *testing.T, off time.Month, edit func(*sla.Config)) (*sla.Book, *sla.Policy) {
	t.Helper()
	c := sla.Standard().Config()
	c.Name = "mine"
	edit(&c)
	p, err := sla.New(c, &hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) {
		return []hours.Holiday{{Name: "Day off", Observed: func(year int) time.Time {
			return time.Date(year, off, 5, 0, 0, 0, 0, time.UTC)
		}}}, nil
	}})
	require.NoError(t, err)
	b, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: p}}})
	require.NoError(t, err)
	return b, p
}

func listedHolidays(c *sla.Config) {
	c.Schedule = hours.Member{Config: &hours.Config{Name: "office", Zone: "GMT", Hours: hours.Weekdays("06:00-22:00"), Holidays: []string{"own"}}}
}

func rules(p *sla.Policy) desk.ClockRules {
	return desk.ClockRules{Digest: p.Digest(), Fingerprint: p.Fingerprint()}
}

// S39, S40: a ticket keeps the digest of the policy that it was opened under, and the
// fingerprint of the data behind its schedules. When its clocks are looked at under others, that
// is noted once, before what they come to under these, and the log says so.
func TestRulesOfATicket(t *testing.T) {
	t.Parallel()
	first, p1 := booked(t, time.May, listedHolidays)
	rulesChanged, p2 := booked(t, time.May, func(c *sla.Config) {
		listedHolidays(c)
		c.WarnAt = []int{10}
	})
	dataChanged, p3 := booked(t, time.June, listedHolidays)
	require.NotEqual(t, p1.Digest(), p2.Digest())
	require.Equal(t, p1.Fingerprint(), p2.Fingerprint())
	require.Equal(t, p1.Digest(), p3.Digest())
	require.NotEqual(t, p1.Fingerprint(), p3.Fingerprint())

	var said bytes.Buffer
	w := newWorld(t, func(c *desk.Config) { c.Policies, c.Logger = first, slog.New(slog.NewTextHandler(&said, nil)) })
	r := w.ticketed(live)
	w.must(w.o.Ticket(r.Ticket).PickUp(t.Context(), agent))
	require.Equal(t, rules(p1), w.ticket(r.Ticket).Rules)
	under := func(b *sla.Book) {
		w.config.Policies = b
		w.open()
	}
	touch := func() {
		w.clock.advance(time.Second)
		w.must(w.o.Ticket(r.Ticket).Assign(t.Context(), agent, fmt.Sprint("agent-", w.clock.now().Unix())))
	}
	changes := func() (all []desk.ClockRules) {
		page, err := w.o.Ticket(r.Ticket).Events(t.Context(), 0, 0)
		require.NoError(t, err)
		for _, e := range page.Events {
			if e.Type == desk.EventRulesChanged {
				var got desk.ClockRules
				require.NoError(t, json.Unmarshal(e.Body, &got))
				all = append(all, got)
			}
		}
		return all
	}
	require.Empty(t, changes())
	touch()
	require.Empty(t, changes(), "the same rules")
	require.Empty(t, said.String())

	under(rulesChanged)
	w.ticket(r.Ticket) // a view changes nothing
	require.Empty(t, changes())
	touch()
	require.Equal(t, []desk.ClockRules{rules(p2)}, changes())
	require.Contains(t, said.String(), `policy="mine v1" digest=true fingerprint=false`)
	require.Equal(t, rules(p1), w.ticket(r.Ticket).Rules, "what it was opened under stays")
	touch()
	require.Len(t, changes(), 1, "noted once")

	said.Reset()
	under(first)
	touch()
	require.Equal(t, []desk.ClockRules{rules(p2), rules(p1)}, changes())
	under(dataChanged)
	touch()
	require.Equal(t, []desk.ClockRules{rules(p2), rules(p1), rules(p3)}, changes())
	require.Contains(t, said.String(), `digest=false fingerprint=true`)
	touch()
	require.Len(t, changes(), 3)

	// A policy that is not here is no other policy (S26).
	gone, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: sla.Standard()}}})
	require.NoError(t, err)
	under(gone)
	touch()
	under(dataChanged)
	touch()
	require.Len(t, changes(), 3)

	// What the clocks come to stands behind the rules under which they came to it.
	under(rulesChanged)
	w.clock.advance(time.Hour)
	touch()
	kinds := w.events(r.Ticket)
	require.Equal(t, []string{desk.EventRulesChanged, desk.EventWarning}, kinds[len(kinds)-2:])
}

// A ticket without targets has no rules, and one that was stored without them takes those that
// it is looked at with, without a word: nobody knows what they were.
func TestNoRules(t *testing.T) {
	t.Parallel()
	none, err := sla.NewBook(sla.BookConfig{})
	require.NoError(t, err)
	w := newWorld(t, func(c *desk.Config) { c.Policies = none })
	r := w.ticketed(live)
	require.Zero(t, w.ticket(r.Ticket).Rules)

	w = newWorld(t)
	r = w.ticketed(live)
	w.must(w.o.Ticket(r.Ticket).PickUp(t.Context(), agent))
	ref := store.Ref{Kind: "ticket", ID: r.Ticket.String()}
	rec, err := loaded(t.Context(), w.records(), ref)
	require.NoError(t, err)
	var body map[string]any
	require.NoError(t, json.Unmarshal(rec.Body, &body))
	require.Equal(t, map[string]any{"digest": sla.Standard().Digest(), "fingerprint": sla.Standard().Fingerprint()}, body["opened"])
	require.NotContains(t, body, "rules")
	require.Less(t, len(`"opened":{"digest":"","fingerprint":""},`)+len(sla.Standard().Digest())+len(sla.Standard().Fingerprint()), 120, "bytes of a ticket")
	delete(body, "opened")
	old, err := json.Marshal(body)
	require.NoError(t, err)
	damage(t, w.records(), ref, string(old), attributed("conversation", r.Conversation.String(), "reference", string(r.Reference))...)
	for range 2 {
		w.clock.advance(time.Second)
		w.must(w.o.Ticket(r.Ticket).Assign(t.Context(), agent, fmt.Sprint("agent-", w.clock.now().Unix())))
		require.NotContains(t, w.events(r.Ticket), desk.EventRulesChanged)
	}
	require.Zero(t, w.ticket(r.Ticket).Rules)
	rec, err = loaded(t.Context(), w.records(), ref)
	require.NoError(t, err)
	body = nil
	require.NoError(t, json.Unmarshal(rec.Body, &body))
	require.NotContains(t, body, "opened")
	require.Contains(t, body, "rules")
}

// otherRules has the policy of a ticket changed without a new version.
func (s *story) otherRules() {
	s.step("a ticket before its policy changes")
	talk := s.start(live)
	known := s.config.Accounts.(accounts)
	ada := known["acc-1"]
	ada.Labels = map[string]string{"plan": "gold"}
	known["acc-1"] = ada
	made := s.made(talk.Conversation, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Rules"}, Summary: "Rules."})
	ada.Labels = nil
	known["acc-1"] = ada
	c := sla.Standard().Config()
	c.WarnAt = []int{25}
	p, err := sla.New(c, nil)
	require.NoError(s.t, err)
	s.config.Policies, err = sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: p}}, PartnersByDefault: true})
	require.NoError(s.t, err)
	s.open()
	s.step("the policy has changed")
	s.must(s.o.Ticket(made.Ticket).PickUp(s.ctx, s.agent()))
}

// noContract is a ticket whose partner is on no file (R80).
func (s *story) noContract() {
	s.step("a partner without a contract")
	var err error
	s.config.Policies, err = sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: sla.Standard()}}})
	require.NoError(s.t, err)
	s.open()
	talk := s.start(live)
	s.made(talk.Conversation, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "No contract"}, Summary: "No contract."})
	s.loops()
}
