package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/ticket"
)

// do is the way of every command: load, decide, commit, and again from the
// beginning if somebody was faster. What decide loads and decides it leaves in the
// work. It is called again for each attempt, so it must not do anything else.
func (o *Tenant) do(ctx context.Context, use inbox.EventKind, c Meta, input any, decide func(*work) error) (result Result, err error) {
	d := o.d
	ctx, end := d.c.Hooks.start(ctx, "desk."+string(use), slog.String("tenant", string(o.tenant)))
	defer func() { end(err) }()
	key, err := c.key(use, input)
	if err != nil {
		return Result{}, err
	}
	at := d.now()
	id, err := d.newID(at)
	if err != nil {
		return Result{}, err
	}
	for range d.limits.Attempts {
		w := &work{o: o, c: &d.c, limits: &d.limits, retention: &d.retention, store: o.store, tenant: o.tenant, ctx: ctx, use: use, call: c, now: at}
		w.stamp = helpdesk.Command{ID: id.String(), At: at, Author: c.Author}
		if err = w.heed(decide(w)); err == nil {
			result, err = w.commit(key)
		}
		if !errors.Is(err, store.ErrConflict) {
			break
		}
		d.c.Hooks.count(ctx, countRaces, 1, slog.String("use", string(use)))
	}
	if err != nil && key.Name != "" {
		if r, ok, look := o.replay(ctx, key); ok || look != nil {
			return r, look
		}
	}
	switch {
	case errors.Is(err, store.ErrConflict):
		return Result{}, fmt.Errorf("desk: %s: %w", use, ErrBusy)
	case err != nil:
		return Result{}, err
	}
	d.c.Hooks.count(ctx, countCommands, 1, slog.String("use", string(use)))
	return result, nil
}

const (
	maxCallKey = 200
	keyPrefix  = "key/"
)

// key returns the idempotency key of the call; its name is empty if it has none.
func (c Meta) key(use inbox.EventKind, input any) (store.Key, error) {
	if c.IdempotencyKey == "" {
		return store.Key{}, nil
	}
	if !check.IsGraphic(c.IdempotencyKey, maxCallKey) {
		return store.Key{}, &helpdesk.FieldError{Path: "key", Reason: "must be 1 to 200 bytes of printable ASCII without spaces"}
	}
	parts := []any{use, c.By, c.Who, c.IfLastMessage, input}
	if c.IfRevision != "" {
		parts = append(parts, c.IfRevision)
	}
	b, err := json.Marshal(parts)
	if err != nil { // such as a level that is none
		return store.Key{}, fmt.Errorf("desk: %s: %w: %w", use, helpdesk.ErrInvalid, err)
	}
	sum := sha256.Sum256(b)
	return store.Key{Name: keyPrefix + c.IdempotencyKey, Result: store.Result{Fingerprint: hex.EncodeToString(sum[:])}}, nil
}

// replay returns the result of an earlier call with the key, and false if there is
// none.
func (o *Tenant) replay(ctx context.Context, key store.Key) (Result, bool, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Key: key.Name})
	if err != nil || s.Result.Fingerprint == "" {
		return Result{}, false, nil //nolint:nilerr // the command's own error says more
	}
	r, err := replayed(key, &s.Result)
	return r, err == nil, err
}

// replayed returns a result that was stored under the key.
func replayed(key store.Key, was *store.Result) (Result, error) {
	if was.Fingerprint != key.Result.Fingerprint {
		return Result{}, &KeyReusedError{Key: strings.TrimPrefix(key.Name, keyPrefix)}
	}
	return readResult(was.Body)
}

func readResult(b []byte) (Result, error) {
	var r Result
	if err := json.Unmarshal(b, &r); err != nil {
		return Result{}, fmt.Errorf("desk: result: %w", helpdesk.ErrDamaged)
	}
	r.Replayed = true
	return r, nil
}

// tries is how often a batch is committed whose outcome is not known.
const tries = 5

// commit stores what was decided, in one batch.
func (w *work) commit(key store.Key) (Result, error) {
	if err := w.seen(); err != nil {
		return Result{}, err
	}
	if err := errors.Join(w.put(), w.fault); err != nil {
		return Result{}, err
	}
	if len(w.batch.Changes) == 0 && len(w.batch.Append) == 0 && len(w.batch.Ack) == 0 && key.Name == "" {
		return w.result, nil // nothing to do; a key is used all the same
	}
	if key.Name != "" {
		result, err := encode(w.result)
		if err != nil {
			return Result{}, err
		}
		key.Result.Of, key.Result.Body, key.Result.ExpiresAt = w.of, result, w.now.Add(w.limits.KeepResults)
		if !check.IsInstant(key.Result.ExpiresAt) {
			key.Result.ExpiresAt = time.Time{}
		}
		w.batch.Key = key
	}
	done, err := w.give()
	switch {
	case err != nil:
		return Result{}, err
	case done.Replayed != nil:
		return replayed(key, done.Replayed)
	default:
		return w.result, nil
	}
}

// give gives the batch to the storage. A batch of which the storage says that nothing was
// done is given again; one whose outcome is unknown, too, if it has a key. Without a key
// the outcome is asked for where the storage can tell, and stays unknown elsewhere.
// Between two tries is a pause that grows, within the deadline of the caller.
func (w *work) give() (store.Committed, error) {
	if err := w.batch.Check(); err != nil {
		return store.Committed{}, err
	}
	done, err := w.store.Commit(w.ctx, w.batch)
	unknown := err // the outcome, until a definite answer comes
	if !errors.Is(err, helpdesk.ErrUncertain) {
		unknown = nil
	}
	for n := range tries {
		switch {
		case unknown != nil && w.batch.Key.Name == "":
			return w.outcome(unknown)
		case unknown == nil && !errors.Is(err, store.ErrRetry):
			return done, err
		}
		if unknown != nil {
			w.c.Hooks.count(w.ctx, countUncertain, 1, slog.String("use", string(w.use)))
		}
		if w.o.d.pause(w.ctx, n) != nil {
			break
		}
		// The key is the same, so it is done once.
		done, err = w.store.Commit(w.ctx, w.batch)
		if isDefinite(err) {
			unknown = nil
		} else if errors.Is(err, helpdesk.ErrUncertain) {
			unknown = err
		}
	}
	if unknown != nil {
		return store.Committed{}, unknown
	}
	return done, err
}

// outcome settles an unknown outcome where the storage can. What was done has no
// revisions to tell.
func (w *work) outcome(unknown error) (store.Committed, error) {
	asked, ok := w.store.(store.Outcomer)
	e, has := errors.AsType[*store.Error](unknown)
	if !ok || !has || e.Token == "" {
		return store.Committed{}, unknown
	}
	done, err := asked.Outcome(w.ctx, e.Token)
	switch {
	case err != nil:
		return store.Committed{}, unknown
	case done:
		return store.Committed{}, nil
	default:
		return store.Committed{}, &store.Error{Kind: store.ErrRetry, Err: unknown}
	}
}

// pause waits between two tries, longer each time, and half of it is left to chance.
func (d *Desk) pause(ctx context.Context, n int) error {
	wait, err := d.jitter(min(time.Millisecond<<n, 250*time.Millisecond))
	if err != nil {
		return err
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// isDefinite reports whether a commit that was given again with its key, because its
// outcome was not known, had an answer that settles the outcome: the storage looked for
// the key. That it cannot be reached now, is full or closed says nothing of before.
func isDefinite(err error) bool {
	return err == nil || errors.Is(err, helpdesk.ErrConflict) || errors.Is(err, helpdesk.ErrInvalid)
}

// heed returns the error of a decision, unless a condition of the command does not hold
// and the decision was made or may have been refused for that: then it returns that the
// record has another revision than the command names, or that the customer has written
// since the author last read. An author who may not give the command at all, or to whom
// the record does not exist, learns nothing of either (T13, T46). Messages do not matter
// where nothing is to be done.
func (w *work) heed(err error) error {
	refused, ok := errors.AsType[*ticket.NotAllowedError](err)
	inTheWay := errors.Is(err, helpdesk.ErrInvalid) || has[*inbox.OfferError](err) || ok && refused.Reason != "actor"
	switch {
	case w.revised && (err == nil || inTheWay || isRefusedNow(err)):
		return fmt.Errorf("desk: %s: %w", w.use, ErrChanged)
	case w.unseen != nil && (err == nil && w.changes() || inTheWay):
		return w.unseen
	default:
		return err
	}
}

// seen has the record that a condition of the command is about stored with the changes
// of the command, so that nothing comes between. A condition about no record is refused.
func (w *work) seen() error {
	if w.call.IfRevision != "" && !w.met {
		return &helpdesk.FieldError{Path: "if_revision", Reason: "must not be given with this command"}
	}
	if w.keep != nil && w.changes() {
		w.keep()
	}
	switch {
	case w.call.IfLastMessage == 0:
	case len(w.files) == 0:
		return &helpdesk.FieldError{Path: "if_seen", Reason: "must not be given with this command"}
	case w.changes():
		w.files[0].changed = true
	}
	return nil
}

// changes reports whether anything is to be stored.
func (w *work) changes() bool {
	changed := func(t *ticketFile) bool { return t.changed }
	return slices.ContainsFunc(w.loose, changed) ||
		slices.ContainsFunc(w.files, func(f *file) bool { return f.changed || slices.ContainsFunc(f.tickets, changed) })
}

// put makes the batch of what was decided.
func (w *work) put() error {
	for _, f := range w.files {
		if err := w.putFile(f); err != nil {
			return err
		}
	}
	for _, t := range w.loose {
		if err := w.putTicket(t); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) putFile(f *file) error {
	for _, t := range f.tickets {
		if err := w.putTicket(t); err != nil {
			return err
		}
	}
	ref := conversationRef(f.id)
	w.expect(settingsRef, f.settings)
	if !f.changed {
		w.expect(ref, f.rev)
		return nil
	}
	b := f.body
	b.Conversation = f.now.Conversation.Snapshot()
	if err := w.closeConversation(f, &b); err != nil {
		return err
	}
	due := b.due()
	w.timer(ref, &b.Timer, due)
	c, err := b.change(f.rev)
	if err != nil {
		return err
	}
	w.batch.Changes = append(w.batch.Changes, c)
	return errors.Join(w.putMessages(f), w.putOffers(f))
}

// expect has the batch refused if a record that was only read has changed since.
func (w *work) expect(r store.Ref, rev store.Revision) {
	if !w.expects(r) && !slices.ContainsFunc(w.batch.Changes, func(c store.Change) bool { return c.Ref == r }) {
		w.batch.Expect = append(w.batch.Expect, store.Expected{Ref: r, Revision: rev})
	}
}

func (w *work) expects(r store.Ref) bool {
	return slices.ContainsFunc(w.batch.Expect, func(e store.Expected) bool { return e.Ref == r })
}

// timer sets the timer of a record, unless it stands. One that led to the command was
// handed out, and is set anew.
func (w *work) timer(r store.Ref, stands *time.Time, at time.Time) {
	if !at.IsZero() && !check.IsInstant(at) {
		at = time.Time{} // it never comes
	}
	if at.Equal(*stands) && r != w.fired {
		return
	}
	*stands = at
	w.batch.Timers = append(w.batch.Timers, dueTimer(r, at))
}

func (w *work) putTicket(t *ticketFile) error {
	ref := ticketRef(t.now.ID())
	if !t.changed {
		if !t.listed {
			w.expect(ref, t.rev)
		}
		return nil
	}
	due, err := w.wind(t)
	if err != nil {
		return err
	}
	if err := w.closeTicket(t); err != nil {
		return err
	}
	t.body.Ticket = t.now.Snapshot()
	if err := errors.Join(w.putTexts(t), w.putLog(t)); err != nil {
		return err
	}
	w.timer(ref, &t.body.Timer, due)
	c, err := t.body.change(t.now, t.rev)
	if err != nil {
		return err
	}
	w.batch.Changes = append(w.batch.Changes, c)
	return nil
}

// note stores an event of a conversation.
func (w *work) note(f *file, id, kind string, at time.Time, event any) {
	f.body.Events++
	f.changed = true
	w.append(conversationRef(f.id), f.body.Events, id, kind, at, event)
}

func (w *work) append(of store.Ref, n uint64, id, kind string, at time.Time, event any) {
	e, err := eventEntry(of, n, id, kind, at, event)
	w.batch.Append, w.fault = append(w.batch.Append, e), errors.Join(w.fault, err)
}

// noteTicket stores an event of a ticket.
func (w *work) noteTicket(t *ticketFile, id, kind string, at time.Time, event any) {
	t.body.Events++
	t.changed = true
	w.append(ticketRef(t.now.ID()), t.body.Events, id, kind, at, event)
}
