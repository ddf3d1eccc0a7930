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
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// The use cases that no event of a conversation or a ticket is called like.
const (
	useAI             inbox.EventKind = "ai"    // its answer is carried out
	useAsked          inbox.EventKind = "asked" // the AI was asked in vain
	useBounced        inbox.EventKind = "bounced"
	useConfigure      inbox.EventKind = "configure"
	useMerge          inbox.EventKind = "merge"
	useMailed         inbox.EventKind = "mailed"
	useRequestErasure inbox.EventKind = "request_erasure"
	useTimer          inbox.EventKind = "timer"

	useDo ticket.EventKind = "do"

	usePlaceLegalHold   inbox.EventKind = "hold_conversation"
	useReleaseLegalHold inbox.EventKind = "release_conversation"
)

// A work is one command while it is decided.
type work struct {
	o     *Tenant
	ctx   context.Context
	use   inbox.EventKind
	call  Meta
	now   time.Time
	stamp helpdesk.Command
	n     int // stamps so far

	met     bool   // the record that the command is about was loaded
	revised bool   // and has another revision than the command names
	keep    func() // has that record stored with what the command changes

	unseen error // that the customer has written since what had been seen

	p     *inbox.Policy
	files []*file
	loose []*ticketFile // tickets that were loaded without their conversation

	batch  store.Batch
	of     store.Ref // what the result belongs to
	result Result
}

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
	if key.Name == "" {
		key.Name, key.Fingerprint = "cmd/"+id.String(), "-"
	}
	for range d.limits.Attempts {
		w := &work{o: o, ctx: ctx, use: use, call: c, now: at}
		w.stamp = helpdesk.Command{ID: id.String(), At: at, Author: c.Author}
		if err = w.heed(decide(w)); err == nil {
			result, err = w.commit(key)
		}
		if !errors.Is(err, store.ErrConflict) {
			break
		}
		d.c.Hooks.count(ctx, countRaces, 1, slog.String("use", string(use)))
	}
	if err != nil && c.IdempotencyKey != "" {
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
	return store.Key{Name: keyPrefix + c.IdempotencyKey, Fingerprint: hex.EncodeToString(sum[:])}, nil
}

// replay returns the result of an earlier call with the key, and false if there is
// none.
func (o *Tenant) replay(ctx context.Context, key store.Key) (Result, bool, error) {
	b, err := o.store.Result(ctx, key.Name, key.Fingerprint)
	switch {
	case errors.Is(err, store.ErrKeyReused):
		return Result{}, false, &store.KeyReusedError{Key: strings.TrimPrefix(key.Name, keyPrefix)}
	case err != nil:
		return Result{}, false, nil //nolint:nilerr // the command's own error says more
	}
	r, err := readResult(b)
	return r, true, err
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
	if err := w.put(); err != nil {
		return Result{}, err
	}
	if len(w.batch.Changes) == 0 && len(w.batch.Events) == 0 && w.call.IdempotencyKey == "" {
		return w.result, nil // nothing to do; a key is used all the same
	}
	result, err := encode(w.result)
	if err != nil {
		return Result{}, err
	}
	key.Of, key.Result, key.PurgeAt = w.of, result, w.now.Add(w.o.d.limits.KeepResults)
	if !check.IsInstant(key.PurgeAt) {
		key.PurgeAt = time.Time{}
	}
	w.batch.Key = key
	done, err := w.o.store.Commit(w.ctx, w.batch)
	for range tries {
		if !errors.Is(err, helpdesk.ErrUncertain) || w.ctx.Err() != nil {
			break
		}
		// The key is the same, so it is done once.
		w.o.d.c.Hooks.count(w.ctx, countUncertain, 1, slog.String("use", string(w.use)))
		done, err = w.o.store.Commit(w.ctx, w.batch)
	}
	switch {
	case err != nil:
		return Result{}, err
	case done.Replayed && len(done.Result) > 0 && w.call.IdempotencyKey != "":
		return readResult(done.Result)
	default:
		return w.result, nil
	}
}

// heed returns the error of a decision, or that the customer has written since what
// had been seen, if the command changes something or if that may be why it cannot
// be carried out. Somebody who may not give it at all learns nothing of messages
// (T46), and where nothing is to be done it does not matter.
func (w *work) heed(err error) error {
	refused, ok := errors.AsType[*ticket.NotAllowedError](err)
	switch {
	case w.revised && !isNotAllowed(err):
		return fmt.Errorf("desk: %s: %w", w.use, ErrChanged)
	case w.unseen == nil:
		return err
	case err == nil && w.changes(), errors.Is(err, helpdesk.ErrInvalid), has[*inbox.OfferError](err),
		ok && refused.Reason != "actor":
		return w.unseen
	default:
		return err
	}
}

// seen has the conversation that a command is about stored with what the command
// changes, if whoever gives it has said what they have seen, so that no message comes
// between.
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
	if !f.changed {
		return nil
	}
	b := f.body
	b.Conversation = f.now.Conversation.Snapshot()
	b.Messages = f.now.Conversation.Len()
	if err := w.closeConversation(f, &b); err != nil {
		return err
	}
	c, err := b.change(f.rev)
	if err := errors.Join(err, w.room(&c)); err != nil {
		return err
	}
	w.batch.Changes = append(w.batch.Changes, c)
	for _, m := range f.now.Conversation.Messages(uint64(f.loaded), b.Messages-f.loaded) {
		c, err := messageChange(f.id.String(), m)
		if err != nil {
			return err
		}
		w.batch.Changes = append(w.batch.Changes, c)
	}
	return nil
}

func (w *work) putTicket(t *ticketFile) error {
	if !t.changed {
		return nil
	}
	due, err := w.wind(t)
	if err != nil {
		return err
	}
	if err := w.closeTicket(t); err != nil {
		return err
	}
	c, err := t.body.change(t.now, t.rev, due)
	if err := errors.Join(err, w.room(&c)); err != nil {
		return err
	}
	w.batch.Changes = append(w.batch.Changes, c)
	return nil
}

// room refuses a record of more than half of what a store takes to those who can
// do without, so that there is always room for what customers write, and for what
// the library has to note.
func (w *work) room(c *store.Change) error {
	if len(c.Body) > store.MaxBody/2 && (w.call.By == helpdesk.ActorAgent || w.call.By == helpdesk.ActorAI) {
		return &helpdesk.FieldError{Path: c.Ref.Kind, Reason: "must have at most 2 MiB"}
	}
	return nil
}

// policy returns the inbox settings of the tenant.
func (w *work) policy() (*inbox.Policy, error) {
	if w.p == nil {
		p, err := w.o.policy(w.ctx)
		if err != nil {
			return nil, err
		}
		w.p = p
	}
	return w.p, nil
}

// open loads a conversation with its tickets.
func (w *work) open(id uuid.UUID) (*file, error) {
	i := slices.IndexFunc(w.files, func(f *file) bool { return f.id == id })
	if i >= 0 {
		return w.files[i], nil
	}
	p, err := w.policy()
	if err != nil {
		return nil, err
	}
	f, err := w.o.loadFile(w.ctx, id, p)
	if err != nil {
		return nil, err
	}
	w.add(f)
	return f, nil
}

func (w *work) add(f *file) {
	w.meet(f.rev, &f.changed)
	if len(w.files) == 0 { // what the command is about
		w.unseen = f.now.Conversation.CheckSeen(w.call.IfLastMessage, w.use)
	}
	w.files = append(w.files, f)
	w.about(conversationRef(f.id))
	if w.result.Conversation == uuid.Nil {
		w.result.Conversation = f.id
	}
}

// meet compares the revision of the record that a command is about, which is loaded
// first, with the one that the command names.
func (w *work) meet(rev store.Revision, changed *bool) {
	if !w.met && w.call.IfRevision != "" {
		w.revised = string(rev) != w.call.IfRevision
		w.keep = func() { *changed = true }
	}
	w.met = true
}

// about makes the result belong to r, unless it belongs to something.
func (w *work) about(r store.Ref) {
	if w.of.Kind == "" {
		w.of = r
	}
}

// ticket loads a ticket without its conversation: for commands that do not change
// its category, of which the conversation need not know.
func (w *work) ticket(id uuid.UUID) (*ticketFile, error) {
	t, err := w.o.loadTicket(w.ctx, id)
	if err != nil {
		return nil, err
	}
	w.meet(t.rev, &t.changed)
	w.loose = append(w.loose, t)
	w.about(ticketRef(id))
	w.result.Ticket, w.result.Reference = id, t.now.Reference()
	return t, nil
}

// openTicket loads a ticket with its conversation.
func (w *work) openTicket(id uuid.UUID) (*file, *ticketFile, error) {
	t, err := w.o.loadTicket(w.ctx, id)
	if err != nil {
		return nil, nil, err
	}
	conv, err := uuid.Parse(t.now.Conversation())
	if err != nil {
		return nil, nil, damaged(ticketRef(id))
	}
	first := !w.met
	w.met = true
	f, err := w.open(conv)
	if err != nil {
		return nil, nil, err
	}
	if t = f.ticket(id); t == nil {
		return nil, nil, &store.ConflictError{Ref: ticketRef(id)} // it was unlinked meanwhile
	}
	if first {
		w.met = false
		w.meet(t.rev, &t.changed)
	}
	w.result.Ticket, w.result.Reference = id, t.now.Reference()
	return f, t, nil
}

// another returns a stamp for one more decision of the same command.
func (w *work) another() helpdesk.Command {
	w.n++
	s := w.stamp
	s.ID += "." + strconv.Itoa(w.n)
	return s
}

// draft fills in the ID of a message that has none.
func (w *work) draft(d inbox.MessageParams) inbox.MessageParams {
	if d.ID == "" {
		d.ID = "m-" + w.stamp.ID
	}
	return d
}

// decide takes what a command on a case returned.
func (w *work) decide(f *file, k inbox.Case, events []inbox.Event, err error) error {
	if err != nil {
		return err
	}
	if len(events) > 0 {
		f.take(k)
	}
	for i := range events {
		if err := w.happened(f, &events[i]); err != nil {
			return err
		}
	}
	w.result.List = f.now.Conversation.List()
	return nil
}

// talk takes what a command on a conversation returned.
func (w *work) talk(f *file, c inbox.Conversation, events []inbox.Event, err error) error {
	k := f.now
	k.Conversation = c
	return w.decide(f, k, events, err)
}

// handle takes what a command on a ticket returned.
func (w *work) handle(t *ticketFile, now ticket.Ticket, events []ticket.Event, err error) error {
	if errors.Is(err, helpdesk.ErrNotFound) { // as if it were not there (D1)
		return &NotFoundError{What: ticketRef(t.now.ID()).String()}
	}
	if err != nil {
		return err
	}
	t.now, t.changed = now, true
	w.result.Status = now.Status()
	for i := range events {
		if err := w.happenedTo(t, &events[i], false); err != nil {
			return err
		}
	}
	return nil
}
