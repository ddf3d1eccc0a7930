package desk

import (
	"context"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
)

// A Backlog counts messages in the outbox. It is plain data. In the zero Backlog there are none.
type Backlog struct {
	Waiting int `json:"waiting,omitzero"` // messages that are not sent yet: due, being sent, or to be sent later
	Parked  int `json:"parked,omitzero"`  // dead letters

	// DueSince is the instant since which the oldest due message has been due, in UTC; zero: none
	// is due. A message that is being sent, or will be tried again later, is not due. A dead
	// letter that was revived is due at its old instant, so DueSince can be days ago until it is
	// sent.
	DueSince time.Time `json:"due_since,omitzero"`
}

// A Health describes the unfinished work of one tenant. It is plain data. The zero Health names
// no tenant.
type Health struct {
	Tenant  store.TenantID `json:"tenant,omitzero"`
	Backlog Backlog        `json:"backlog,omitzero"` // the messages that wait, and the dead letters, which need a person

	TimersDueSince time.Time       `json:"timers_due_since,omitzero"` // since when the oldest timer has been due, in UTC; zero: none is due
	Retention      RetentionReport `json:"sweep,omitzero"`            // the last run of retention; its Refusals need a person
	Purges         int             `json:"purges,omitzero"`           // the number of deletions under way
	NoContract     int             `json:"no_contract,omitzero"`      // open tickets without targets, because their partners have no contract on file
}

// Health returns the unfinished work of the tenant, and the zero Health after an error. A tenant
// without records has no work. The error matches [helpdesk.ErrDamaged] or [ErrNewer] if the report
// of its last run of retention cannot be read; see [Desk.Tenants].
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

// retention reads, in one call, how the last run of retention went, how many deletions are
// under way, and how many tickets lack a contract.
func (o *Tenant) retention(ctx context.Context, h *Health) error {
	q := store.ReadRequest{Records: []store.Ref{sweepRef}, Counts: []store.CountQuery{{Kind: kindPurge, Limit: 1}}}
	if o.d.c.Contracts != nil { // otherwise nobody is a partner's
		q.Counts = append(q.Counts, store.CountQuery{Kind: kindTicket, Limit: 1, Where: []store.Match{
			{Name: attrPolicy, Value: store.Text(causeNoContract)}, {Name: attrOpen, Value: store.Bool(true)},
		}})
	}
	s, err := o.store.Read(ctx, q)
	if err != nil {
		return err
	}
	if h.Purges = s.Counts[0][0].N; len(s.Counts) > 1 {
		h.NoContract = s.Counts[1][0].N
	}
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
	Key string `json:"key,omitzero"` // for [Tenant.Revive]

	// Topic is customer for a message on the channel of a conversation, mail for a mail to the
	// address on the account, ai for a question to the AI, notify for a notice to the team, or
	// effect for an effect of your own lifecycle.
	Topic   string           `json:"topic,omitzero"`
	Channel helpdesk.Channel `json:"channel,omitzero"` // of the topic customer; empty for the others

	// To is the recipient: the customer, the account of a mail, or the member of the team. To
	// is a reference of your product, not an address.
	To     string    `json:"to,omitzero"`
	At     time.Time `json:"at,omitzero"`     // when the message was to be sent, in UTC
	Reason string    `json:"reason,omitzero"` // see [Tenant.DeadLetters]
	Tries  int       `json:"tries,omitzero"`  // how often a port was asked to take the message, since it was last revived
}

// DeadLetters returns a page of the messages that were given up, those that entered the outbox
// first in front, and the cursor of the next page, which is empty on the last. The first page has
// the empty cursor. A limit that is not positive, or above 200, stands for 200. The error for a
// cursor that no page had matches [helpdesk.ErrInvalid].
//
// [Tenant.Revive] and [Tenant.ReviveAll] send dead letters after all. The reasons are
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

// Revive puts a dead letter back into the outbox, and [Desk.Run] or [Desk.Deliver] of any
// process sends it; key is its DeadLetter.Key. The attempts count from zero again: if the
// destination still fails, the message becomes a dead letter once more, as a new message that is
// older than Limits.SendFor would: mostly after 3 attempts and an hour. A reply counts as delivered once it was sent;
// see [ConversationHandle.MarkDelivered]. An offer that has ended is not sent. If there is no
// dead letter with this key, the error matches [helpdesk.ErrNotFound].
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

// ReviveAll puts dead letters back into the outbox, each as by [Tenant.Revive]: those of a topic,
// or all of the tenant for the empty topic. A topic is customer, mail, ai, notify or effect, as
// in [DeadLetter], or customer with a channel, such as customer/email. The reason does not
// matter: a message that the transport rejected is sent, and probably rejected, once more.
// ReviveAll returns the number of messages that it put back, which is 0 for a topic without dead
// letters and for a topic that does not exist. The number is at most that of the dead letters
// at the beginning, so a message that becomes a dead letter again meanwhile stays one.
//
// The messages of a topic go out in the order of [Tenant.DeadLetters], each behind the messages of
// its topic that wait already for the same conversation or ticket. ReviveAll works in steps of
// 200. After an error, which is that of the storage or of ctx, at least as many were put back as
// the number says; the call can be repeated, and puts no message back twice.
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
