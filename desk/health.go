package desk

import (
	"context"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
)

// A Backlog counts the messages of a tenant in the outbox. It is plain data.
type Backlog struct {
	Waiting int `json:"waiting,omitzero"`
	Parked  int `json:"parked,omitzero"` // dead letters
}

// A Health describes the unfinished work of one tenant. It is plain data.
type Health struct {
	Backlog   Backlog         `json:"backlog,omitzero"` // the messages that wait, and the dead letters, which need a person
	Retention RetentionReport `json:"sweep,omitzero"`   // the last run of retention; its Refusals need a person
	Purges    int             `json:"purges,omitzero"`  // the deletions under way, counted up to 200
}

// Health returns the unfinished work of the tenant.
func (o *Tenant) Health(ctx context.Context) (Health, error) {
	backlog, err := o.backlog(ctx)
	if err != nil {
		return Health{}, err
	}
	rec, err := o.get(ctx, sweepRef)
	var s sweepBody // which is shown, whoever may act on it
	if err == nil && rec.Revision != "" {
		err = new(needs).read(rec, &s)
	}
	if err != nil {
		return Health{}, err
	}
	purges, err := o.firstOf(ctx, store.Query{Kind: kindPurge, Limit: o.d.limits.Page}, o.d.limits.Page)
	if err != nil {
		return Health{}, err
	}
	return Health{Backlog: backlog, Retention: s.Last, Purges: len(purges)}, nil
}

// backlog counts the messages of the tenant in the outbox.
func (o *Tenant) backlog(ctx context.Context) (Backlog, error) {
	var sum Backlog
	q := store.DueQuery{Queue: store.Outbox, Tenant: o.tenant, Counts: true, Limit: store.MaxLimit}
	for {
		page, err := o.d.c.Stores.Due(ctx, q)
		if err != nil {
			return Backlog{}, err
		}
		for _, due := range page.Due {
			sum.Waiting, sum.Parked = sum.Waiting+due.Waiting, sum.Parked+due.Parked
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return sum, nil
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
		o.d.wakers.ring(store.Outbox, o.d.now())
	}
	if err == nil && n == 0 {
		return &NotFoundError{What: "parked message"}
	}
	return err
}
