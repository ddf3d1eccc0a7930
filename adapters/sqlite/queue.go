package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// A queue is a table of work. Its destinations are walked along by an index that begins with
// them, from one to the next, so that the time does not depend on the items.
type queue struct {
	due    string // the destinations behind ?1 with something that is due at ?2, at most ?3
	all    string // the destinations behind ?1, at most ?2
	soon   string // when the next is due after ?2
	next   string // when the next of ?1 is due, after ?2
	ready  string // whether something of ?1 is due at ?2
	claim  string // what is due of ?1 at ?2, at most ?3
	counts string // how many wait at ?1, and how many are parked
}

var (
	timers = newQueue("helpdesk_timer", "helpdesk_timer_due", "tenant", "true",
		"SELECT kind, id, name, at, handed, attempts, first_try FROM helpdesk_timer INDEXED BY helpdesk_timer_due WHERE tenant = ?1 AND due <= ?2 ORDER BY due LIMIT 0+?3",
		"SELECT count(*), 0 FROM helpdesk_timer WHERE tenant = ?1")
	outbox = newQueue("helpdesk_message", "helpdesk_message_due", "dest", "state = 0",
		"SELECT seq, key, kind, id, topic, at, handed, attempts, first_try, body FROM helpdesk_message INDEXED BY helpdesk_message_due WHERE state = 0 AND dest = ?1 AND due <= ?2 ORDER BY due, seq LIMIT 0+?3",
		"SELECT (SELECT count(*) FROM helpdesk_message WHERE state = 0 AND dest = ?1), (SELECT count(*) FROM helpdesk_message WHERE state = 1 AND dest = ?1)")
	// parked are the destinations with something that was given up.
	parked = newQueue("helpdesk_message", "helpdesk_message_given_up", "dest", "state = 1", "", "")
)

func newQueue(table, index, dest, where, claim, counts string) queue {
	from := table + " INDEXED BY " + index + " WHERE " + where + " AND "
	walk := "WITH RECURSIVE d(place) AS (SELECT min(" + dest + ") FROM " + from + dest + " > ?1" +
		" UNION ALL SELECT (SELECT min(" + dest + ") FROM " + from + dest + " > d.place) FROM d WHERE d.place IS NOT NULL) "
	least := "(SELECT min(due) FROM " + from + dest + " = d.place AND due > "
	return queue{
		due:    walk + "SELECT place, due FROM (SELECT place, " + least + "-9223372036854775808) AS due FROM d WHERE place IS NOT NULL) WHERE due <= ?2 LIMIT 0+?3",
		all:    walk + "SELECT place FROM d WHERE place IS NOT NULL LIMIT 0+?2",
		soon:   walk + "SELECT min(" + least + "?2)) FROM d WHERE place IS NOT NULL",
		next:   "SELECT min(due) FROM " + from + dest + " = ?1 AND due > ?2",
		ready:  "SELECT EXISTS (SELECT 1 FROM " + from + dest + " = ?1 AND due <= ?2)",
		claim:  claim,
		counts: counts,
	}
}

func queueOf(q store.Queue) *queue {
	if q == store.Timers {
		return &timers
	}
	return &outbox
}

// destination returns a destination as it is stored.
func destination(q store.Queue, tenant store.TenantID, topic string) string {
	if q == store.Timers {
		return string(tenant)
	}
	return string(tenant) + " " + topic
}

// Due implements [store.Stores].
func (s *Stores) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	var page store.DuePage
	err := s.read(ctx, func(c *conn) (err error) {
		page, err = due(c, &q)
		return err
	})
	if err != nil {
		return store.DuePage{}, err
	}
	return page, nil
}

func due(c *conn, q *store.DueQuery) (page store.DuePage, err error) {
	from, now, limit := queueOf(q.Queue), store.Nanos(q.Now), max(q.Limit, 1)
	after := ""
	if tenant, topic, ok := q.Position(); ok {
		after = destination(q.Queue, tenant, topic)
	} else if n := len(q.Tenant); n > 0 { // behind every destination that comes before those of the tenant
		after = string(q.Tenant[:n-1]) + string(rune(q.Tenant[n-1]-1)) + "~"
	}
	type place struct {
		name string
		at   sql.NullInt64
	}
	var places []place
	if !q.Now.IsZero() {
		err = c.rows(from.due, []any{after, now, limit + 1}, func(r *sql.Rows) error {
			var p place
			err := r.Scan(&p.name, &p.at)
			places = append(places, p)
			return err
		})
	} else {
		list := func(r *sql.Rows) error {
			var p place
			err := r.Scan(&p.name)
			places = append(places, p)
			return err
		}
		err = c.rows(from.all, []any{after, limit + 1}, list)
		if err == nil && q.Queue == store.Outbox {
			err = c.rows(parked.all, []any{after, limit + 1}, list)
			slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.name, b.name) })
			places = slices.Compact(places)
		}
	}
	if err != nil {
		return page, err
	}
	for i := range places {
		p := &places[i]
		tenant, topic, _ := strings.Cut(p.name, " ")
		if q.Tenant != "" && tenant != string(q.Tenant) {
			break
		}
		if i == limit {
			last := page.Due[i-1]
			page.Next = q.CursorAfter(last.Tenant, last.Topic)
			break
		}
		one := store.Due{Tenant: store.TenantID(tenant), Topic: topic}
		if !p.at.Valid {
			if _, err := c.row(from.next, []any{p.name, int64(-1 << 63)}, &p.at); err != nil {
				return page, err
			}
		}
		one.At = instant(p.at)
		if q.Counts {
			if _, err := c.row(from.counts, []any{p.name}, &one.Waiting, &one.Parked); err != nil {
				return page, err
			}
		}
		page.Due = append(page.Due, one)
	}
	var soon sql.NullInt64
	_, err = c.row(from.soon, []any{"", now}, &soon)
	page.Soon = instant(soon)
	return page, err
}

// Claim implements [store.Stores].
func (s *Stores) Claim(ctx context.Context, q store.Claim) (store.Claims, error) {
	from, now := queueOf(q.Queue), store.Nanos(q.Now)
	var got store.Claims
	ready := false
	err := s.read(ctx, func(c *conn) error { // a claim of nothing is not written
		got, ready = store.Claims{}, false
		for i := range q.Want {
			w := &q.Want[i]
			if _, err := c.row(from.ready, []any{destination(q.Queue, w.Tenant, w.Topic), now}, &ready); err != nil || ready {
				return err
			}
		}
		return soonOf(c, &q, &got)
	})
	if err != nil || !ready {
		return got, err
	}
	err = s.writer.ask(ctx, true, func(w *writer) error {
		got = store.Claims{}
		until := store.Nanos(q.Now.Add(q.Lease))
		for i := range q.Want {
			begin := len(got.Items)
			hand := messageOf
			if q.Queue == store.Timers {
				hand = timerOf
			}
			want := &q.Want[i]
			var keys []receipt
			err := w.rows(from.claim, []any{destination(q.Queue, want.Tenant, want.Topic), now, want.Limit}, func(r *sql.Rows) error {
				it := store.Item{Tenant: want.Tenant}
				k, err := hand(r, &it)
				it.Handed++
				got.Items, keys = append(got.Items, it), append(keys, k)
				return err
			})
			if err != nil {
				return err
			}
			for i, k := range keys {
				k.receipt = 1 + rand.Int64N(never-1)
				got.Items[begin+i].Receipt = k.text()
				if err := w.exec("UPDATE "+k.table()+" SET due = ?, handed = handed + 1, receipt = ?"+k.where(), append([]any{until, k.receipt}, k.args()...)...); err != nil {
					return err
				}
			}
		}
		return soonOf(w.conn, &q, &got)
	})
	if err != nil {
		return store.Claims{}, err
	}
	return got, nil
}

// soonOf sets when the next item of the wanted destinations is due.
func soonOf(c *conn, q *store.Claim, got *store.Claims) error {
	soon := int64(never)
	for i := range q.Want {
		w := &q.Want[i]
		var next sql.NullInt64
		if _, err := c.row(queueOf(q.Queue).next, []any{destination(q.Queue, w.Tenant, w.Topic), store.Nanos(q.Now)}, &next); err != nil {
			return err
		}
		if next.Valid {
			soon = min(soon, next.Int64)
		}
	}
	if soon != never {
		got.Soon = store.FromNanos(soon)
	}
	return nil
}

func messageOf(r *sql.Rows, it *store.Item) (k receipt, err error) {
	m := &it.Message
	var at int64
	var first sql.NullInt64
	err = r.Scan(&k.seq, &m.Key, &m.Of.Kind, &m.Of.ID, &m.Topic, &at, &it.Handed, &it.Attempts, &first, &m.Body)
	m.At, it.FirstTry = store.FromNanos(at), instant(first)
	return k, err
}

func timerOf(r *sql.Rows, it *store.Item) (k receipt, err error) {
	m := &it.Timer
	var at int64
	var first sql.NullInt64
	err = r.Scan(&m.Of.Kind, &m.Of.ID, &m.Name, &at, &it.Handed, &it.Attempts, &first)
	m.At, it.FirstTry = store.FromNanos(at), instant(first)
	return receipt{tenant: string(it.Tenant), kind: m.Of.Kind, id: m.Of.ID, name: m.Name}, err
}

// Settle implements [store.Stores].
func (s *Stores) Settle(ctx context.Context, all ...store.Settlement) error {
	return s.writer.ask(ctx, true, func(w *writer) error {
		for i := range all {
			if err := settle(w, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func settle(w *writer, s *store.Settlement) error {
	tried, first := 0, orNull(s.Tried)
	if first != nil {
		tried = 1
	}
	if k, ok := parseTimer(s.Receipt); ok {
		switch s.Verdict {
		case store.Done:
			return w.exec("DELETE FROM helpdesk_timer"+ofTimer+" AND receipt = ?", append(k.args(), k.receipt)...)
		case store.Retry:
			at := store.Nanos(s.At)
			w.due(at)
			return w.exec("UPDATE helpdesk_timer SET due = ?, receipt = 0, attempts = attempts + ?, first_try = coalesce(first_try, ?)"+ofTimer+" AND receipt = ?",
				append(append([]any{at, tried, first}, k.args()...), k.receipt)...)
		default:
			return nil
		}
	}
	k, ok := parseMessage(s.Receipt)
	if !ok {
		return nil
	}
	l := lane{seq: k.seq, first: true}
	found, err := w.row("SELECT tenant, kind, id, topic FROM helpdesk_message WHERE seq = ? AND receipt = ? AND state = 0",
		[]any{k.seq, k.receipt}, &l.tenant, &l.kind, &l.id, &l.topic)
	if err != nil || !found {
		return err
	}
	switch s.Verdict {
	case store.Retry:
		at := store.Nanos(s.At)
		w.due(at)
		return w.exec("UPDATE helpdesk_message SET due = ?, receipt = 0, attempts = attempts + ?, first_try = coalesce(first_try, ?) WHERE seq = ?", at, tried, first, l.seq)
	case store.Park:
		err := w.exec("UPDATE helpdesk_message SET state = 1, due = NULL, receipt = 0, reason = ?, attempts = attempts + ?, first_try = coalesce(first_try, ?) WHERE seq = ?",
			s.Reason, tried, first, l.seq)
		if err != nil {
			return err
		}
		return l.promote(w)
	default:
		return l.leave(w)
	}
}

// A receipt says which item was handed out, and which handing out it was.
type receipt struct {
	receipt                int64
	seq                    int64 // of a message
	tenant, kind, id, name string
}

const ofTimer = " WHERE tenant = ? AND kind = ? AND id = ? AND name = ?"

func (r *receipt) table() string {
	if r.tenant == "" {
		return "helpdesk_message"
	}
	return "helpdesk_timer"
}

func (r *receipt) where() string {
	if r.tenant == "" {
		return " WHERE seq = ?"
	}
	return ofTimer
}

func (r *receipt) args() []any {
	if r.tenant == "" {
		return []any{r.seq}
	}
	return []any{r.tenant, r.kind, r.id, r.name}
}

// text returns the receipt. No part of the name of a timer has a space.
func (r *receipt) text() store.Receipt {
	if r.tenant == "" {
		return store.Receipt("m." + text(r.seq) + "." + text(r.receipt))
	}
	return store.Receipt(strings.Join([]string{"t", text(r.receipt), r.tenant, r.kind, r.id, r.name}, " "))
}

// parseMessage reads the receipt of a message, and false for anything else.
func parseMessage(s store.Receipt) (r receipt, ok bool) {
	parts := strings.Split(string(s), ".")
	if len(parts) != 3 || parts[0] != "m" {
		return r, false
	}
	seq, good := number(parts[1])
	n, fine := number(parts[2])
	return receipt{seq: seq, receipt: n}, good && fine && n > 0
}

// parseTimer reads the receipt of a timer, and false for anything else.
func parseTimer(s store.Receipt) (r receipt, ok bool) {
	parts := strings.Split(string(s), " ")
	if len(parts) != 6 || parts[0] != "t" || parts[2] == "" {
		return r, false
	}
	n, good := number(parts[1])
	return receipt{receipt: n, tenant: parts[2], kind: parts[3], id: parts[4], name: parts[5]}, good && n > 0
}
