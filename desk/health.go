package desk

import (
	"context"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
)

// A Backlog counts messages in the outbox. It is plain data.
type Backlog struct {
	Waiting int `json:"waiting,omitzero"`
	Parked  int `json:"parked,omitzero"` // dead letters

	// DueSince is since when the message has been due that has been due for longest, in UTC; zero:
	// none is due. A message that is being sent, or will be tried again later, is not due.
	DueSince time.Time `json:"due_since,omitzero"`
}

// A Health describes the unfinished work of one tenant. It is plain data.
type Health struct {
	Tenant  store.TenantID `json:"tenant,omitzero"`
	Backlog Backlog        `json:"backlog,omitzero"` // the messages that wait, and the dead letters, which need a person

	TimersDueSince time.Time       `json:"timers_due_since,omitzero"` // as in Backlog.DueSince
	Retention      RetentionReport `json:"sweep,omitzero"`            // the last run of retention; its Refusals need a person
	Purges         int             `json:"purges,omitzero"`           // the deletions under way
}

// Health returns the unfinished work of the tenant.
func (o *Tenant) Health(ctx context.Context) (Health, error) {
	h := Health{Tenant: o.tenant}
	now := o.d.now()
	err := o.d.due(ctx, store.DueQuery{Queue: store.Outbox, Tenant: o.tenant, Counts: true, Limit: store.MaxLimit}, func(due *store.Due) bool {
		h.Backlog.add(due, now)
		return true
	})
	if err == nil {
		err = o.d.due(ctx, store.DueQuery{Queue: store.Timers, Tenant: o.tenant, Now: now, Limit: 1}, func(due *store.Due) bool {
			h.TimersDueSince = first(h.TimersDueSince, due.At)
			return true
		})
	}
	if err == nil {
		err = o.retention(ctx, &h)
	}
	if err != nil {
		return Health{}, err
	}
	return h, nil
}

// add counts the messages of a destination.
func (b *Backlog) add(due *store.Due, now time.Time) {
	b.Waiting, b.Parked = b.Waiting+due.Waiting, b.Parked+due.Parked
	if !due.At.After(now) {
		b.DueSince = first(b.DueSince, due.At)
	}
}

// retention reads, in one call, how the last run of retention went, and how many deletions are
// under way.
func (o *Tenant) retention(ctx context.Context, h *Health) error {
	s, err := o.store.Read(ctx, store.ReadRequest{
		Records: []store.Ref{sweepRef}, Counts: []store.CountQuery{{Kind: kindPurge, Limit: 1}},
	})
	if err != nil {
		return err
	}
	h.Purges = s.Counts[0][0].N
	if s.Records[0].Revision == "" {
		return nil
	}
	var b sweepBody // which is shown, whoever may act on it
	err = new(needs).read(s.Records[0], &b)
	h.Retention = b.Last
	return err
}

// due walks along destinations, until each returns false.
func (d *Desk) due(ctx context.Context, q store.DueQuery, each func(*store.Due) bool) error {
	for {
		page, err := d.c.Stores.Due(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Due {
			if !each(&page.Due[i]) {
				return nil
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// A DeadLetter is a message that was given up. It is plain data.
type DeadLetter struct {
	Key     string           `json:"key,omitzero"`     // for [Tenant.Revive]
	Topic   string           `json:"topic,omitzero"`   // customer, mail, ai, notify or effect
	Channel helpdesk.Channel `json:"channel,omitzero"` // of a message to a customer

	// To is the recipient: the customer, the account of a mail, or the member of the team.
	To     string    `json:"to,omitzero"`
	At     time.Time `json:"at,omitzero"` // when the message was to be sent
	Reason string    `json:"reason,omitzero"`
	Tries  int       `json:"tries,omitzero"` // how often a port was asked to take the message
}

// DeadLetters returns a page of the messages that were given up, and the cursor of
// the next page, which is empty on the last. The first page has the empty cursor. A
// limit that is not positive, or above 200, stands for 200.
// [Tenant.Revive] sends a dead letter after all. The reasons are
//
//   - rejected: the transport answered [ErrRejected]
//   - no_address: the customer, or the account, has no address
//   - age: attempts failed for Limits.SendFor
//   - tries: Limits.MaxSends attempts failed
//   - damaged: the message, or the record that the message tells of, cannot be read
func (o *Tenant) DeadLetters(ctx context.Context, cursor string, limit int) ([]DeadLetter, string, error) {
	q := store.ParkedQuery{Cursor: cursor, Limit: o.page(limit)}
	if err := q.Check(); err != nil {
		return nil, "", err
	}
	page, err := o.store.Parked(ctx, q)
	if err != nil {
		return nil, "", err
	}
	out := []DeadLetter{}
	for _, p := range page.Parked {
		topic, channel, _ := strings.Cut(p.Message.Topic, "/")
		l := DeadLetter{
			Key: p.Message.Key, Topic: topic, Channel: helpdesk.Channel(channel), At: p.Message.At, Reason: p.Reason, Tries: p.Attempts,
		}
		var what order
		if what.read(p.Message) == nil {
			l.To = what.To
		}
		out = append(out, l)
	}
	return out, page.Next, nil
}

// Revive sends a dead letter after all; key is the Key of its message. A reply then
// counts as delivered from the sending on; see [ConversationHandle.MarkDelivered]. An
// offer that has ended is not sent. If there is no dead letter with this key, the
// error matches [helpdesk.ErrNotFound].
func (o *Tenant) Revive(ctx context.Context, key string) error {
	n := 0
	var err error
	if check.IsGraphic(key, maxKey) {
		n, err = o.store.Revive(ctx, store.Revival{Key: key, Limit: 1})
	}
	if n > 0 || isUnknown(err) {
		o.d.wakers.Ring(store.Outbox, o.d.now())
	}
	if err == nil && n == 0 {
		return &NotFoundError{What: "parked message"}
	}
	return err
}

// ReviveAll sends dead letters after all, each as by [Tenant.Revive]: those of a topic, such as
// customer or customer/email, or all of the tenant for the empty topic. ReviveAll returns how many
// it put back: at most as many as there are when it begins, so that what is given up again
// meanwhile stays.
//
// The dead letters come in the order in which [Tenant.DeadLetters] lists them, each behind what
// waits already for the same record and topic. ReviveAll works in steps of 200. After an error the
// number tells how many were put back before, and the call can be repeated.
func (o *Tenant) ReviveAll(ctx context.Context, topic string) (int, error) {
	parked := map[string]int{}
	var topics []string
	err := o.d.due(ctx, store.DueQuery{Queue: store.Outbox, Tenant: o.tenant, Counts: true, Limit: store.MaxLimit}, func(due *store.Due) bool {
		of := due.Topic
		switch {
		case topic == "":
			of = "" // in one order
		case of != topic && !strings.HasPrefix(of, topic+"/"):
			return true
		}
		if parked[of] == 0 && due.Parked > 0 {
			topics = append(topics, of)
		}
		parked[of] += due.Parked
		return true
	})
	if err != nil {
		return 0, err
	}
	all := 0
	for _, of := range topics {
		for left := parked[of]; left > 0; {
			limit := min(left, o.d.limits.Page)
			n, err := o.store.Revive(ctx, store.Revival{Topic: of, Limit: limit})
			if n > 0 || isUnknown(err) {
				o.d.wakers.Ring(store.Outbox, o.d.now())
			}
			if all += n; err != nil {
				return all, err
			}
			if left -= n; n < limit {
				break
			}
		}
	}
	return all, nil
}
