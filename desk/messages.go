package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A MessageQuery selects messages of a conversation by their numbers, which count from 1.
// Selected messages always come in order. It is plain data. The zero query selects the
// first page.
type MessageQuery struct {
	After  uint64 `json:"after,omitzero"`  // only messages with numbers above
	Before uint64 `json:"before,omitzero"` // only messages with numbers below; zero: all
	Last   bool   `json:"last,omitzero"`   // the last messages of these; otherwise the first
	Limit  int    `json:"limit,omitzero"`  // not positive, or above Limits.Page: Limits.Page
}

// A messageBody is what is stored of a message.
type messageBody struct {
	Version int                 `json:"v"`
	Message inbox.MessageRecord `json:"m"`
	Tickets []hearer            `json:"tickets,omitempty"` // whose logs have it
}

// A hearer is a ticket whose log has a message.
type hearer struct {
	Ticket ticket.ID `json:"ticket"`
	Event  string    `json:"event"` // ID of the last event of the message there
}

// heardBy returns the tickets whose logs got a message by an event.
func heardBy(ev *inbox.Event) []hearer {
	var all []hearer
	for _, t := range ev.Tickets {
		for _, e := range t.Log {
			if t.Message == ev.Message && e.Kind == sla.KindMessage {
				all = append(all, hearer{t.Ticket, e.ID})
			}
		}
	}
	return all
}

// A messageRow is a message as it was read.
type messageRow struct {
	rev     store.Revision
	lost    bool
	tickets []hearer
}

func messageRef(conversation string, seq uint64) store.Ref {
	return store.Ref{Kind: kindMessage, ID: conversation + "." + strconv.FormatUint(seq, 10)}
}

func messageSort(n uint64) string { return fmt.Sprintf("%08d", n) }

// messageName is the value of fieldName: the ID of a message is unique in its
// conversation.
func messageName(conversation, id string) string { return conversation + " " + id }

// messageChange returns the change that stores a message, which was read as the row; the
// zero row for one that is new.
func messageChange(conversation string, m inbox.Message, row messageRow) (store.Change, error) {
	b := messageBody{Version: version, Tickets: row.tickets}
	fields := []store.Field{{Name: fieldConversation, Value: conversation}}
	switch m := m.(type) {
	case inbox.Reply:
		b.Message.Reply = &m
		fields = append(fields, store.Field{Name: fieldPublic, Value: conversation}, store.Field{Name: fieldName, Value: messageName(conversation, m.ID)})
		for _, blob := range m.Attachments {
			if f := (store.Field{Name: fieldBlob, Value: blob.Ref}); !slices.Contains(fields, f) {
				fields = append(fields, f)
			}
		}
	case inbox.Note:
		b.Message.Note = &m
		fields = append(fields, store.Field{Name: fieldName, Value: messageName(conversation, m.ID)})
	}
	body, err := encode(b)
	if err != nil {
		return store.Change{}, err
	}
	return store.Change{
		Ref: messageRef(conversation, m.Number()), Expected: row.rev, Body: body, Sort: messageSort(m.Number()), Fields: fields,
	}, nil
}

// hand has messages at hand that were read.
func (f *file) hand(records []store.Record) error {
	if len(records) == 0 {
		return nil
	}
	list := make([]inbox.Message, 0, len(records))
	if f.rows == nil {
		f.rows = make(map[uint64]messageRow, len(records))
	}
	for _, rec := range records {
		var b messageBody
		if err := decode(rec, &b, &b.Version); err != nil {
			return err
		}
		switch m := b.Message; {
		case m.Reply != nil:
			list = append(list, *m.Reply)
			f.rows[m.Reply.Seq] = messageRow{rec.Revision, m.Reply.Undelivered, b.Tickets}
		case m.Note != nil:
			list = append(list, *m.Note)
			f.rows[m.Note.Seq] = messageRow{rev: rec.Revision}
		default:
			return damaged(rec.Ref)
		}
	}
	f.now.Conversation = f.now.Conversation.WithMessages(list...)
	return nil
}

// changedMessages returns the messages that a command has added, and those of which it
// knows by now whether they arrived.
func (f *file) changedMessages() []inbox.Message {
	var out []inbox.Message
	for _, m := range f.now.Conversation.Messages(0, f.now.Conversation.Len()) {
		row := f.rows[m.Number()]
		if r, ok := m.(inbox.Reply); row.rev == "" || ok && r.Undelivered != row.lost {
			out = append(out, m)
		}
	}
	return out
}

// heard notes which tickets got the message of an event.
func (f *file) heard(ev *inbox.Event) {
	if ev.Kind == inbox.EventMarkDelivered {
		r, _ := f.now.Conversation.Message(ev.Message)
		row := f.rows[r.Seq]
		row.tickets = slices.Clone(row.tickets)
		for _, h := range heardBy(ev) {
			for i := range row.tickets {
				if row.tickets[i].Ticket == h.Ticket {
					row.tickets[i] = h
				}
			}
		}
		f.rows[r.Seq] = row
		return
	}
	if ev.Seq == 0 || len(ev.Tickets) == 0 {
		return
	}
	row := messageRow{tickets: heardBy(ev)}
	if f.rows == nil {
		f.rows = make(map[uint64]messageRow)
	}
	f.rows[ev.Seq] = row
}

// hearers returns the case of the command with the tickets that have a message in their
// logs.
func (w *work) hearers(message string) (inbox.Case, error) {
	f := w.files[0]
	if r, ok := f.now.Conversation.Message(message); ok {
		for _, h := range f.rows[r.Seq].tickets {
			t, err := w.o.nameTicket(w.ctx, f, h.Ticket)
			if isNotFound(err) || errors.Is(err, helpdesk.ErrGone) {
				continue
			}
			if err != nil {
				return f.now, err
			}
			t.now = t.now.WithMessage(sla.Event{ID: h.Event, By: r.By, Public: true, Auto: r.Auto}, r.Undelivered)
			f.now.Tickets = slices.Clone(f.now.Tickets)
			for i := range f.now.Tickets {
				if f.now.Tickets[i].ID() == h.Ticket {
					f.now.Tickets[i] = t.now
				}
			}
		}
	}
	return f.now, nil
}

// nameMessages has the messages with the IDs at hand, as far as there are any.
func (o *Tenant) nameMessages(ctx context.Context, f *file, ids ...string) error {
	for _, id := range ids {
		if !check.IsGraphic(id, maxID) {
			continue // no message has it
		}
		found, err := o.firstOf(ctx, store.Query{
			Kind: kindMessage, Where: []store.Field{{Name: fieldName, Value: messageName(f.id.String(), id)}}, Limit: 1,
		}, 1)
		if err != nil {
			return err
		}
		if err := f.hand(found); err != nil {
			return err
		}
	}
	return nil
}

// pageMessages has a page of messages at hand: of the public ones, or of all. The limit
// may be one above that of a page, so that it is known whether there are more.
func (o *Tenant) pageMessages(ctx context.Context, f *file, public bool, q MessageQuery) error {
	id := f.id.String()
	where := store.Field{Name: fieldConversation, Value: id}
	if public {
		where.Name = fieldPublic
	}
	query := store.Query{Kind: kindMessage, Where: []store.Field{where}, Descending: q.Last, Limit: q.Limit}
	from := q.After
	if q.Last {
		from = q.Before
	}
	if from > 0 {
		from = min(from, uint64(f.now.Conversation.Len())+1)
		query.Cursor = query.CursorAfter(messageSort(from), messageRef(id, from).ID)
	}
	records, err := o.firstOf(ctx, query, q.Limit)
	if err != nil {
		return err
	}
	g := file{id: f.id, now: f.now}
	if err := g.hand(records); err != nil {
		return err
	}
	list := g.now.Conversation.Messages(q.After, g.now.Conversation.Len())
	list = slices.DeleteFunc(list, func(m inbox.Message) bool { return q.Before > 0 && m.Number() >= q.Before })
	if !public && !isWhole(list, q, f.now.Conversation.Len()) { // it is being deleted
		return &store.ConflictError{Ref: conversationRef(f.id)}
	}
	f.now.Conversation = f.now.Conversation.WithMessages(list...)
	return nil
}

// isWhole reports whether a page of a conversation with n messages lacks none.
func isWhole(list []inbox.Message, q MessageQuery, n int) bool {
	first, last := int(min(q.After, uint64(n))), n
	if q.Before > 0 {
		last = min(n, int(min(q.Before-1, uint64(n))))
	}
	return len(list) == min(q.Limit, max(0, last-first))
}
