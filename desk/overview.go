package desk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
)

// An Overview describes the state of a desk to an operator. Backlog, TimersDueSince, Storage and
// Condition are of the storage, and so of all tenants and processes. The other fields are of this
// Desk alone, and most of them stay zero without [Desk.Run]. The manual page docs/operations.md of
// the module says what to do about each field. An Overview is plain data; the zero Overview has
// nothing to report.
type Overview struct {
	Backlog        Backlog         `json:"backlog,omitzero"`          // of all tenants together
	TimersDueSince time.Time       `json:"timers_due_since,omitzero"` // since when the oldest timer has been due, in UTC; zero: none is due
	Storage        store.Features  `json:"storage,omitzero"`
	Condition      store.Condition `json:"condition,omitzero"` // zero for an engine that is no [store.Examiner]

	Sick  []SickDestination `json:"sick,omitzero"`  // by tenant and topic
	Stuck map[string]int    `json:"stuck,omitzero"` // calls that do not return though their time is over, by the field of Config

	// ClockOff is by how much Config.Clock is ahead of the last believed instant plus the
	// monotonic time since, or behind it if negative. Zero means that the clock is believed.
	// The JSON form is a number of nanoseconds.
	ClockOff time.Duration `json:"clock_off,omitzero"`

	// The next three fields sum up the last run of retention of each tenant that this process
	// did within twice Limits.RetentionEvery. Health.Retention of a tenant has its last run by
	// any process.
	Refused        int      `json:"refused,omitzero"`         // tenants whose last run was refused
	Unreadable     int      `json:"unreadable,omitzero"`      // due records that could not be read
	MissingSecrets []string `json:"missing_secrets,omitzero"` // see RetentionReport.MissingSecrets

	// Newer counts how often this Desk has left a message or a timer to a process of a newer
	// version. While such work waits, the number grows at least once a minute.
	Newer int64 `json:"newer,omitzero"`
}

// A SickDestination is a destination of messages, or a job of a tenant, that failed when it was
// last tried. It is plain data; the zero SickDestination names none.
type SickDestination struct {
	Tenant store.TenantID `json:"tenant,omitzero"`

	// Topic is a topic of messages, such as customer/email or mail, as [Tenant.ReviveAll] takes
	// it. The topic sweep stands for the runs of retention, and settings for the taking of
	// conversations from the AI.
	Topic   string    `json:"topic,omitzero"`
	Since   time.Time `json:"since,omitzero"`   // the first failure since the last success, in UTC
	Resting bool      `json:"resting,omitzero"` // nothing is sent to it at present; see [Desk.Run]
}

// Health returns an [Overview] of all tenants and of this Desk. If the storage does not
// answer, the Overview has the fields of this Desk, and the error joins the errors of the
// storage. The Sick destinations of one tenant are those with its name.
//
// The cost grows with the tenants and topics that have messages and with the tenants whose timers
// are due, ten thousand of them to a call of the storage, and an engine may count the messages.
// Once a minute is often enough.
func (d *Desk) Health(ctx context.Context) (Overview, error) {
	now := d.now()
	o := Overview{Storage: d.c.Stores.Features(), Sick: d.sick(), Stuck: d.stuck.all(), Newer: d.newer.Load(), ClockOff: d.clock.off()}
	d.troubles.sum(&o, now.Add(-2*d.limits.RetentionEvery))
	errs := []error{
		d.due(ctx, store.DueQuery{Queue: store.Outbox, Counts: true, Limit: store.MaxLimit}, func(due *store.Due) bool {
			o.Backlog.add(due, now)
			return true
		}),
		d.due(ctx, store.DueQuery{Queue: store.Timers, Now: now, Limit: store.MaxLimit}, func(due *store.Due) bool {
			o.TimersDueSince = first(o.TimersDueSince, due.At)
			return true
		}),
	}
	if x, ok := d.c.Stores.(store.Examiner); ok {
		var err error
		o.Condition, err = x.Examine(ctx)
		errs = append(errs, err)
	}
	return o, errors.Join(errs...)
}

// Tenants returns a page of the tenants that the storage knows, by name, each with its unfinished
// work, and the cursor of the next page, which is empty on the last. The first page has the empty
// cursor. A limit that is not positive, or above 200, stands for 200.
//
// A page costs one read for each tenant, and one or two calls that ask for the destinations of
// work: their cost grows with the tenants and topics on the page, and where the engine counts
// messages or looks for the next due instant, with the number of these too. No call is made for
// a single message.
//
// The storage knows a tenant from its first conversation on. A tenant whose report of
// retention cannot be read is listed without the report: the error then matches
// [helpdesk.ErrDamaged] or [ErrNewer], while page and cursor are complete. After any other error
// the page is nil. The error for a cursor that no page had matches [helpdesk.ErrInvalid].
func (d *Desk) Tenants(ctx context.Context, cursor string, limit int) ([]Health, string, error) {
	if limit < 1 || limit > d.limits.Page {
		limit = d.limits.Page
	}
	q := store.DueQuery{Queue: store.Timers, Cursor: cursor, Limit: limit} // every tenant has a timer for retention
	if err := q.Check(); err != nil {
		return nil, "", err
	}
	after, _, _ := q.Position()
	page, err := d.c.Stores.Due(ctx, q)
	if err != nil {
		return nil, "", err
	}
	now := d.now()
	found := map[store.TenantID]*Health{}
	for _, due := range page.Due {
		h := &Health{Tenant: due.Tenant}
		if !due.At.After(now) {
			h.TimersDueSince = due.At
		}
		found[due.Tenant] = h
	}
	if err := d.backlogs(ctx, after, &page, limit, now, found); err != nil {
		return nil, "", err
	}
	names := slices.Sorted(maps.Keys(found))
	more := page.Next != "" || len(names) > limit
	names = names[:min(limit, len(names))]
	out := []Health{}
	var errs []error
	for _, name := range names {
		o, err := d.Tenant(name)
		if err == nil {
			err = o.retention(ctx, found[name])
		}
		switch {
		case unreadable(err):
			errs = append(errs, err)
		case err != nil:
			return nil, "", err
		}
		out = append(out, *found[name])
	}
	if !more {
		return out, "", errors.Join(errs...)
	}
	return out, q.CursorAfter(names[len(names)-1], ""), errors.Join(errs...)
}

// backlogs adds the messages of the tenants on a page, and of those between them that have messages and
// no timer.
func (d *Desk) backlogs(ctx context.Context, after store.TenantID, page *store.DuePage, limit int, now time.Time, found map[store.TenantID]*Health) error {
	q := store.DueQuery{Queue: store.Outbox, Counts: true, Limit: min(4*limit, store.MaxLimit)}
	if after != "" {
		q.Cursor = q.CursorAfter(after, "") // which is before its first topic
	}
	others := 0
	return d.due(ctx, q, func(due *store.Due) bool {
		if due.Tenant == after {
			return true
		}
		if n := len(page.Due); page.Next != "" && n > 0 && due.Tenant > page.Due[n-1].Tenant {
			return false
		}
		h := found[due.Tenant]
		if h == nil {
			if others++; others > limit+1 {
				return false
			}
			h = &Health{Tenant: due.Tenant}
			found[due.Tenant] = h
		}
		h.Backlog.add(due, now)
		return true
	})
}

// sick returns the destinations that fail, as far as the loops of this process know.
func (d *Desk) sick() []SickDestination {
	type place struct {
		tenant store.TenantID
		topic  string
	}
	found := map[place]SickDestination{}
	for p := range d.pools.Range {
		for _, s := range p.(*schedule.Pool).Sick() { //nolint:forcetypeassert // there is nothing else in it
			at := place{store.TenantID(s.Tenant), s.Topic}
			one := SickDestination{Tenant: at.tenant, Topic: at.topic, Since: s.Since.Round(0).UTC(), Resting: s.Rests}
			if other, ok := found[at]; ok { // of a second Run
				one.Since, one.Resting = first(one.Since, other.Since), one.Resting && other.Resting
			}
			found[at] = one
		}
	}
	all := slices.Collect(maps.Values(found))
	slices.SortFunc(all, func(a, b SickDestination) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Topic, b.Topic))
	})
	return all
}

// stuck counts calls of ports that do not return, by the port.
type stuck struct {
	mu sync.Mutex
	of map[string]int
}

// add returns how many there are of all ports then.
func (s *stuck) add(port string, n int) (sum int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]int{}
	}
	if s.of[port] += n; s.of[port] == 0 {
		delete(s.of, port)
	}
	for _, n := range s.of {
		sum += n
	}
	return sum
}

func (s *stuck) all() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.of) == 0 {
		return nil
	}
	return maps.Clone(s.of)
}

// troubles are the last runs of retention that found something, by the tenant.
type troubles struct {
	mu sync.Mutex
	of map[store.TenantID]RetentionReport
}

// note notes how a run ended.
func (t *troubles) note(tenant store.TenantID, r *RetentionReport, err error) {
	found := len(r.Refusals) > 0 || r.Unreadable > 0 || len(r.MissingSecrets) > 0
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case found && t.of == nil:
		t.of = map[store.TenantID]RetentionReport{tenant: *r}
	case found:
		t.of[tenant] = *r
	case err == nil:
		delete(t.of, tenant)
	}
}

// sum adds up the runs since an instant. Others are forgotten: another process has the tenant
// now.
func (t *troubles) sum(o *Overview, since time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	missing := map[string]bool{}
	for tenant, r := range t.of {
		if r.At.Before(since) {
			delete(t.of, tenant)
			continue
		}
		if len(r.Refusals) > 0 {
			o.Refused++
		}
		o.Unreadable += r.Unreadable
		for _, id := range r.MissingSecrets {
			missing[id] = true
		}
	}
	o.MissingSecrets = slices.Sorted(maps.Keys(missing))
}
