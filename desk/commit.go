package desk

import (
	"context"
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
func (o *Tenant) do(ctx context.Context, use inbox.EventKind, c Meta, input members, decide func(*work) error) (result Result, err error) {
	d := o.d
	ctx, end := d.c.Hooks.start(ctx, "desk."+string(use), slog.String("tenant", string(o.tenant)))
	defer func() { end(err) }()
	key, text, err := c.key(use, input)
	if err != nil {
		return Result{}, err
	}
	if d.canon != nil && text != nil {
		d.canon(use, text, key.Result.Fingerprint)
	}
	at := d.now()
	id, err := d.newID(at)
	if err != nil {
		return Result{}, err
	}
	begin := func(ctx context.Context, o *Tenant) *work {
		w := &work{o: o, c: &d.c, limits: &d.limits, retention: &d.retention, store: o.store, tenant: o.tenant, ctx: ctx, use: use, call: c, now: at}
		w.stamp = helpdesk.Command{ID: id.String(), At: at, Author: c.Author}
		return w
	}
	var lock []store.Ref // what lost races were about
	for n := range d.limits.Attempts {
		if n > 1 { // the first race may have been a chance, and is run again at once
			if err = d.pause(ctx, n-2); err != nil {
				break
			}
		}
		var w *work
		if locker, ok := o.store.(store.Locker); ok && len(lock) > 0 {
			w, result, err = o.underLock(ctx, locker, lock, key, begin, decide)
		} else {
			w = begin(ctx, o)
			result, err = w.run(key, decide)
		}
		if !isRaced(err) {
			break
		}
		d.c.Hooks.count(ctx, countRaces, 1, slog.String("use", string(use)))
		lock = w.contested(lock)
	}
	if err != nil && key.Name != "" {
		r, ok, look := o.replay(ctx, c, key)
		switch {
		case ok, errors.Is(look, ErrKeyReused), unreadable(look):
			return r, look
		case look != nil && !isPassing(err): // it may be refused because it was done before
			return Result{}, look
		}
	}
	switch {
	case isRaced(err):
		return Result{}, fmt.Errorf("desk: %s: %w", use, ErrBusy)
	case isTaken(err):
		return Result{}, overfull(err)
	case err != nil:
		return Result{}, o.tell(err, c.Author)
	}
	d.c.Hooks.count(ctx, countCommands, 1, slog.String("use", string(use)))
	return result, nil
}

// replay returns the result of an earlier call with the key, and false if there is
// none.
func (o *Tenant) replay(ctx context.Context, c Meta, key store.Key) (Result, bool, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Key: key.Name})
	if err != nil || s.Result.Fingerprint == "" {
		return Result{}, false, err
	}
	r, err := replayed(c, key, &s.Result)
	return r, err == nil, err
}

// replayed returns a result that was stored under the key.
func replayed(c Meta, key store.Key, was *store.Result) (Result, error) {
	if err := sameCommand(c, was.Fingerprint, key.Result.Fingerprint); err != nil {
		return Result{}, err
	}
	return readResult(was)
}

// A resultBody is what is stored of the result of a command with a key.
type resultBody struct {
	envelope
	Result
}

func readResult(was *store.Result) (Result, error) {
	var b resultBody
	var n needs // a result is told, whatever a later version would do with it
	if err := n.read(store.Record{Ref: was.Of, Body: was.Body}, &b); err != nil {
		return Result{}, err
	}
	b.Replayed = true
	return b.Result, nil
}

// run decides and commits.
func (w *work) run(key store.Key, decide func(*work) error) (Result, error) {
	idle, err := w.prepare(key, decide)
	if err != nil || idle {
		return w.outcomeOf(key, store.Committed{}, err)
	}
	done, err := w.give()
	return w.outcomeOf(key, done, err)
}

// underLock is [work.run] while nobody else changes the records. It returns the work, unless
// nothing was decided.
func (o *Tenant) underLock(
	ctx context.Context, locker store.Locker, lock []store.Ref, key store.Key,
	begin func(context.Context, *Tenant) *work, decide func(*work) error,
) (w *work, r Result, err error) {
	given := false
	done, err := locker.Update(ctx, lock, func(ctx context.Context, reader store.Reader) (store.Batch, error) {
		inside := *o
		inside.store = lockedRecords{o.store, reader}
		w = begin(ctx, &inside)
		idle, err := w.prepare(key, decide)
		if err == nil && idle {
			err = errIdle
		}
		if err == nil {
			err = w.batch.Check()
		}
		given = err == nil
		return w.batch, err
	})
	if w != nil {
		w.o, w.store, w.ctx = o, o.store, ctx
	}
	switch {
	case given:
		done, err = w.insist(done, err)
	case errors.Is(err, errIdle):
		err = nil
	case w == nil && isUndone(err): // such as a deadlock, before anything was decided
		err = &store.Error{Kind: store.ErrConflict, Err: err}
	}
	if err != nil {
		return w, Result{}, err
	}
	r, err = w.outcomeOf(key, done, nil)
	return w, r, err
}

// errIdle ends a decision that changes nothing, under a lock.
var errIdle = errors.New("desk: nothing to do")

// lockedRecords are the records of a tenant, read under a lock.
type lockedRecords struct {
	store.Records
	reader store.Reader
}

func (r lockedRecords) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	return r.reader.Read(ctx, q)
}

// contested adds what the work was about to change to what is locked from the next attempt
// on. Nothing is locked while a port of the host is asked: it may be slow, or give commands.
func (w *work) contested(lock []store.Ref) []store.Ref {
	if w == nil {
		return lock
	}
	if w.asks {
		return nil
	}
	for i := range w.batch.Changes {
		if r := w.batch.Changes[i].Ref; !slices.Contains(lock, r) {
			lock = append(lock, r)
		}
	}
	return lock
}

// prepare decides, and makes the batch of what was decided. Idle reports that there is
// nothing to do.
func (w *work) prepare(key store.Key, decide func(*work) error) (idle bool, err error) {
	if err := w.heed(decide(w)); err != nil {
		return false, err
	}
	if err := w.seen(); err != nil {
		return false, err
	}
	if err := errors.Join(w.put(), w.fault); err != nil {
		return false, err
	}
	if len(w.batch.Changes) == 0 && len(w.batch.Append) == 0 && len(w.batch.Ack) == 0 && key.Name == "" {
		return true, nil // a key is used all the same
	}
	if key.Name != "" {
		result, err := encode(&resultBody{Result: w.result})
		if err != nil {
			return false, err
		}
		key.Result.Of, key.Result.Body, key.Result.ExpiresAt = w.of, result, w.now.Add(w.limits.KeepResults)
		if !check.IsInstant(key.Result.ExpiresAt) {
			key.Result.ExpiresAt = time.Time{}
		}
		w.batch.Key = key
	}
	return false, nil
}

// outcomeOf returns the result of what was committed.
func (w *work) outcomeOf(key store.Key, done store.Committed, err error) (Result, error) {
	if err == nil || isUnknown(err) {
		w.o.d.wakers.Committed(&w.batch)
	}
	switch {
	case err != nil:
		return Result{}, err
	case done.Replayed != nil:
		return replayed(w.call, key, done.Replayed)
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
	return w.insist(w.store.Commit(w.ctx, w.batch))
}

// insist goes on after the first answer of the storage.
func (w *work) insist(done store.Committed, err error) (store.Committed, error) {
	var unknown error // the outcome of a batch with a key, until a definite answer comes
	for n := 0; ; n++ {
		switch {
		case !isUnknown(err):
			if isDefinite(err) {
				unknown = nil
			}
		case w.batch.Key.Name == "":
			if err = w.outcome(err); isUnknown(err) {
				return store.Committed{}, err // it must not be given again
			}
		default:
			unknown = err
		}
		if unknown == nil && !isUndone(err) {
			return done, err
		}
		if n < tries && unknown != nil {
			w.c.Hooks.count(w.ctx, countUncertain, 1, slog.String("use", string(w.use)))
		}
		switch {
		case w.o.d.again(w.ctx, n, unknown != nil, err):
		case unknown != nil:
			return store.Committed{}, unknown
		default:
			return store.Committed{}, err
		}
		done, err = w.store.Commit(w.ctx, w.batch) // the key is the same, so it is done once
		if errors.Is(err, helpdesk.ErrConflict) && !isUnknown(err) {
			err = w.own(err)
		}
	}
}

// own returns nil instead of a refusal if the batch was done before, though the storage said
// that it was not: then an event of the command stands. It would be decided anew, and done
// twice, if it was believed to have lost a race against itself.
func (w *work) own(refused error) error {
	i := slices.IndexFunc(w.batch.Append, func(e store.Entry) bool { return strings.HasPrefix(e.ID, w.stamp.ID) })
	if i < 0 {
		return refused // and nothing is told twice
	}
	e := &w.batch.Append[i]
	s, err := w.store.Read(w.ctx, store.ReadRequest{Logs: []store.LogQuery{{Of: e.Of, Log: e.Log, ID: e.ID, Limit: 1}}})
	switch {
	case err != nil:
		return &store.Error{Kind: helpdesk.ErrUncertain, Err: err}
	case len(s.Logs[0].Entries) == 0:
		return refused
	default:
		return nil
	}
}

// outcome settles the unknown outcome of a batch without a key, where the storage can tell:
// it is asked until it answers. Nil says that the batch was done, and ErrRetry that it was not.
func (w *work) outcome(unknown error) error {
	asked, ok := w.store.(store.Outcomer)
	e, has := errors.AsType[*store.Error](unknown)
	if !ok || !has || e.Token == "" {
		return unknown
	}
	for n := 0; ; n++ {
		done, err := asked.Outcome(w.ctx, e.Token)
		switch {
		case err == nil && done:
			return nil
		case err == nil:
			return &store.Error{Kind: store.ErrRetry}
		case !w.o.d.again(w.ctx, n, true, err):
			return unknown
		}
	}
}

// heed returns the error of a decision, unless a condition of the command does not hold
// and the decision was made or may have been refused for that: then it returns that the
// record has another revision than the command names, or that the customer has written
// since the author last read. An author who may not give the command at all, or to whom
// the record does not exist, learns nothing of either (T13, T46). Messages do not matter
// where nothing is to be done.
func (w *work) heed(err error) error {
	if errors.Is(err, helpdesk.ErrNotAllowed) {
		if later := w.unknownStatus(); later != nil {
			return later // the refusal says only that nothing is known of the status
		}
	}
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
	b := f.body // as it was loaded
	if f.changed {
		b.Conversation = f.now.Conversation.Snapshot()
	}
	for _, t := range f.tickets {
		t.body.Tags = b.Conversation.Tags
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
	if err := errors.Join(w.closeConversation(f, &b), w.keepPromise(f, &b)); err != nil {
		return err
	}
	b.Events = f.body.Events // with what its clocks left
	due := first(b.due(), f.now.Conversation.IdleAt())
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
	if err := errors.Join(w.closeTicket(t), t.mayAct()); err != nil {
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
