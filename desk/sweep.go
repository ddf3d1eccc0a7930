package desk

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/internal/deletion"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
)

// ensureSweep sees to it that the tenant's records are looked through regularly.
// The first watermark is when the tenant was first seen.
func (o *Tenant) ensureSweep(ctx context.Context) error {
	if _, ok := o.d.known.Load(o.tenant); ok {
		return nil
	}
	s, rev, err := o.loadSweep(ctx)
	switch {
	case errors.Is(err, helpdesk.ErrDamaged), errors.Is(err, ErrNewer):
		err = nil // it is there
	case err != nil:
		return err
	case rev != "":
		if now := o.d.now(); s.Next.After(now.Add(o.d.limits.RetentionEvery)) { // the clock went back
			o.d.hasSeen(s.Next)
		}
	default:
		now := o.d.now()
		s.Watermark = now
		var b store.Batch
		if b, err = s.batch("", now.Add(o.d.limits.RetentionEvery)); err != nil {
			return err
		}
		switch _, err = o.commit(ctx, b); {
		case isRaced(err):
			err = nil // somebody else was faster
		case isUnknown(err):
			return nil // the next command sees to it; of this one nothing is unknown
		}
	}
	if err == nil {
		o.d.known.Store(o.tenant, struct{}{})
	}
	return err
}

// ApplyRetention deletes the records that the retention policy no longer keeps, and
// finishes the deletions that an earlier run left unfinished. [Desk.FireTimers]
// calls ApplyRetention for each tenant every Limits.RetentionEvery.
//
// A run that would delete suspiciously many records, or whose clock jumped, deletes
// nothing. Its report has the reasons; see [Tenant.ApplyRetentionAnyway]. A ticket
// that was merged into a ticket of another conversation is kept as long as that
// ticket. A record that cannot be read or deleted stops nothing else: the error joins
// the faults, and the report describes the rest.
//
// While the clock is not believed, see [Config], every run is refused with the code
// clock_unconfirmed, and its report is not stored.
//
// A refusal of the run is no error: the Refusals of the report have it, each with a
// code by [ProblemOf].
func (o *Tenant) ApplyRetention(ctx context.Context) (RetentionReport, error) {
	// R51; unfinished: T39; refused: T35; merged: T42.
	return o.sweep(ctx, retention.Override{})
}

// ApplyRetentionAnyway is [Tenant.ApplyRetention] with a person's word that a refused
// run is right: Override.Clock lifts the refusals clock_jump and clock_back, and an
// Override.Count of at least RefusedError.Count lifts max_count and max_share. If a
// refusal is not lifted, nothing is deleted, and the report has the refusal. Your product
// should record the person.
//
// After a pause of more than MaxGap of the retention policy, 72 hours by default, nothing
// of a tenant is deleted without that word. While the clock is not believed,
// [Desk.ConfirmClock] has to come first.
func (o *Tenant) ApplyRetentionAnyway(ctx context.Context, word retention.Override) (RetentionReport, error) {
	return o.sweep(ctx, word)
}

// PlanRetention is a dry run: the plan lists the records that [Tenant.ApplyRetention]
// would delete now, the records among the soonest due that it would keep, and the
// reasons. Records that cannot be read are left out: the error joins a
// [helpdesk.ErrDamaged] or [ErrNewer] for each, and the plan lists the rest.
//
// The plan is about the records whose time has come. A record that a legal hold keeps
// can be left out; [TicketHandle.ExplainRetention] tells of each record.
func (o *Tenant) PlanRetention(ctx context.Context) (retention.Plan, error) {
	s, _, err := o.loadSweep(ctx)
	if err != nil {
		return retention.Plan{}, err
	}
	now := o.d.now()
	plan, unread, err := o.plan(ctx, s.Watermark, now)
	if refused := o.d.refusal(now); refused != nil && err == nil {
		plan.Refusals = append(plan.Refusals, refused)
	}
	return plan, errors.Join(append(unread, err)...)
}

func (o *Tenant) sweep(ctx context.Context, word retention.Override) (RetentionReport, error) {
	s := o.newSweep(ctx, word)
	for {
		if over, err := s.next(); over || ctx.Err() != nil {
			return s.report, err
		}
	}
}

// A sweep is a run of retention for a tenant, in small turns.
type sweep struct {
	*Tenant

	ctx    context.Context //nolint:containedctx // the span of the run goes through all turns
	end    func(error)
	word   retention.Override
	run    *deletion.Run
	report RetentionReport
}

func (o *Tenant) newSweep(ctx context.Context, word retention.Override) *sweep {
	s := &sweep{Tenant: o, word: word}
	s.ctx, s.end = o.d.c.Hooks.start(ctx, "desk.sweep", slog.String("tenant", string(o.tenant)))
	s.run = deletion.New(s)
	return s
}

// next does a turn, and reports whether the sweep is over. The error is that of the turn; in the
// end it joins all of them.
func (s *sweep) next() (over bool, err error) {
	if now := s.d.now(); s.refusedAt(now) {
		s.d.troubles.note(s.tenant, &s.report, nil)
		s.end(nil)
		return true, nil
	}
	over, err = s.run.Next(s.ctx)
	s.report.Deleted, s.report.Skipped = s.run.Deleted, s.run.Skipped
	if !over {
		if s.ctx.Err() != nil {
			s.end(err)
		}
		return false, err
	}
	s.d.c.Hooks.count(s.ctx, countPurged, int64(s.report.Deleted))
	err = s.run.Err()
	if s.run.Planned > 0 || s.report.Deleted > 0 {
		err = errors.Join(err, s.keepReport(s.ctx, s.report))
	}
	s.d.troubles.note(s.tenant, &s.report, err)
	s.end(err)
	return true, err
}

// refusedAt reports whether the clock is not to be believed, and says so in the report: what was
// planned and not begun is planned again by a later run.
func (s *sweep) refusedAt(now time.Time) bool {
	refused := s.d.refusal(now)
	if refused == nil {
		return false
	}
	if s.report.At.IsZero() {
		s.report.At = now
	}
	s.report.Refusals = append(s.report.Refusals, refused)
	s.d.c.Hooks.count(s.ctx, countRefused, 1)
	s.d.log.LogAttrs(s.ctx, slog.LevelError, "sweep is refused", slog.String("tenant", string(s.tenant)), slog.String("code", refused.Code))
	return true
}

// Plan decides what goes, and keeps the watermark: a deletion that is not begun is planned
// again by a later run.
func (s *sweep) Plan(ctx context.Context) ([]retention.Purge, error) {
	o, now := s.Tenant, s.d.now()
	s.report.At = now
	o.d.known.Store(o.tenant, struct{}{})
	b, rev, err := o.loadSweep(ctx)
	if err != nil {
		return nil, err
	}
	plan, unread, err := o.plan(ctx, b.Watermark, now)
	if err != nil {
		return nil, err
	}
	s.report.Planned, s.report.Unreadable = len(plan.Going), len(unread)
	purges, refused := plan.Approve(s.word)
	if refused != nil {
		s.report.Refusals = plan.Refusals
		o.d.c.Hooks.count(ctx, countRefused, 1)
		o.d.log.LogAttrs(ctx, slog.LevelError, "sweep is refused", slog.String("tenant", string(o.tenant)), refusalsOf(&plan))
	}
	if s.report.MissingSecrets, err = o.missed(ctx, &b, now); err == nil && len(purges) > 0 {
		err = o.uses(&b, now)
	}
	if err != nil {
		return nil, err
	}
	b.Watermark, b.Last = plan.NextWatermark(s.word), s.report
	batch, err := b.batch(rev, now.Add(o.d.limits.RetentionEvery))
	if err != nil {
		return nil, err
	}
	// The watermark goes first: a purge that is not finished is found again.
	switch _, err = o.commit(ctx, batch); {
	case isRaced(err):
		return nil, errors.Join(unread...) // somebody else is sweeping
	case err != nil:
		return nil, err
	}
	return purges, errors.Join(unread...)
}

// Begin begins a purge, unless a record has changed meanwhile.
func (s *sweep) Begin(ctx context.Context, p retention.Purge) (begun string, err error) {
	begun, err = s.beginPurge(ctx, p)
	if isRaced(err) || has[*retention.ChangedError](err) || isNotFound(err) || errors.Is(err, helpdesk.ErrGone) {
		return "", nil
	}
	return begun, err
}

// Unfinished returns a page of the purges that were begun (T39).
func (s *sweep) Unfinished(ctx context.Context, cursor string) (names []string, next string, err error) {
	page, err := s.list(ctx, store.Query{Kind: kindPurge, Cursor: cursor, Limit: s.d.limits.Page})
	for _, rec := range page.Records {
		names = append(names, rec.Ref.ID)
	}
	return names, page.Next, err
}

// Finish finishes a purge.
func (s *sweep) Finish(ctx context.Context, begun string) (int, error) {
	rec, err := s.get(ctx, store.Ref{Kind: kindPurge, ID: begun})
	if err != nil || rec.Revision == "" { // somebody else has finished it
		return 0, err
	}
	var b purgeBody
	if err := decode(rec, &b); err != nil {
		return 0, err
	}
	n, err := s.finishPurge(ctx, b, rec.Revision)
	if isRaced(err) { // somebody else finishes it
		err = nil
	}
	return n, err
}

// keepReport stores how a sweep ended, unless another one came between.
func (o *Tenant) keepReport(ctx context.Context, report RetentionReport) error {
	s, rev, err := o.loadSweep(ctx)
	if err != nil || !s.Last.At.Equal(report.At) {
		return err
	}
	s.Last = report
	b, err := s.batch(rev, o.d.now().Add(o.d.limits.RetentionEvery))
	if err != nil {
		return err
	}
	if _, err := o.commit(ctx, b); !isRaced(err) {
		return err
	}
	return nil
}

// plan plans what is due, and returns what of that cannot be read.
func (o *Tenant) plan(ctx context.Context, watermark, now time.Time) (plan retention.Plan, unread []error, err error) {
	in := retention.Input{Watermark: watermark}
	done := make(map[string]bool) // conversations
	limit := o.d.retention.Config().Breaker.MaxCount
	held := 0 // of what is gathered: it stays, and must not stand in the way of the rest
	for _, kind := range []string{kindTicket, kindConversation} {
		q := store.Query{Kind: kind, Order: attrPurge, Before: now.Add(time.Nanosecond), Limit: o.d.limits.Page}
		for len(in.Items)+len(in.Conversations)-held <= limit {
			page, err := o.list(ctx, q)
			if err != nil {
				return retention.Plan{}, nil, err
			}
			for _, rec := range page.Records {
				conversation, err := o.conversationOf(ctx, rec)
				if err != nil {
					unread = append(unread, err)
					continue
				}
				if done[conversation] {
					continue
				}
				done[conversation] = true
				n, err := o.gather(ctx, conversation, &in, held <= limit)
				held += n
				switch {
				case unreadable(err):
					unread = append(unread, err)
				case err != nil:
					return retention.Plan{}, nil, err
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	if plan, err = o.d.retention.Plan(in, now); err != nil || len(plan.Going) == 0 {
		return plan, unread, err
	}
	// The share of the breaker is that of all records.
	if in.Population, err = o.population(ctx); err != nil {
		return plan, nil, err
	}
	plan, err = o.d.retention.Plan(in, now)
	return plan, unread, err
}

// conversationOf returns the conversation of a ticket, or the conversation itself.
func (o *Tenant) conversationOf(ctx context.Context, rec store.Record) (string, error) {
	if rec.Ref.Kind == kindConversation {
		return rec.Ref.ID, nil
	}
	t, err := o.readTicket(ctx, rec)
	if err != nil {
		return "", err
	}
	return t.now.Conversation(), nil
}

// gather adds a conversation and all its tickets, and returns how many that are if
// something else than their own time keeps them. It leaves such a one out unless more
// is set.
func (o *Tenant) gather(ctx context.Context, conversation string, in *retention.Input, more bool) (held int, err error) {
	id, err := conversationID(conversation)
	if err != nil {
		return 0, damaged(store.Ref{Kind: kindConversation, ID: conversation})
	}
	f, err := o.loadWhole(ctx, id)
	if isNotFound(err) || errors.Is(err, helpdesk.ErrGone) {
		return 0, nil // it went meanwhile
	}
	if err == nil {
		err = f.mayAct()
	}
	if err != nil {
		return 0, err
	}
	items, goesOn, err := o.items(ctx, f)
	if err != nil {
		return 0, err
	}
	if len(f.body.Holds) > 0 || goesOn {
		if held = 1 + len(items); !more {
			return 0, nil
		}
	}
	in.Conversations = append(in.Conversations, f.record())
	in.Items = append(in.Items, items...)
	return held, nil
}

// items returns what retention has to know of the tickets of a conversation, and
// whether one goes on as another that it was merged into.
func (o *Tenant) items(ctx context.Context, f *file) (items []retention.Item, goesOn bool, err error) {
	for _, t := range f.tickets {
		i, on, err := o.item(ctx, t)
		if err != nil {
			return nil, false, err
		}
		items, goesOn = append(items, i), goesOn || on
	}
	return items, goesOn, nil
}

// item returns what retention has to know of a ticket, and whether it goes on as
// another. One that was merged into a ticket of another conversation is as open as
// that, and is closed when that is: what the customer writes in its own conversation
// belongs there (T42), and must not lose its way (R51).
func (o *Tenant) item(ctx context.Context, t *ticketFile) (i retention.Item, goesOn bool, err error) {
	i = t.body.item(t.now, t.rev)
	root := i
	for range longestMerge {
		if root.ConversationID != i.ConversationID {
			i.Open, i.LastClosedAt = root.Open, later(i.LastClosedAt, root.LastClosedAt)
		}
		into := t.now.MergedInto()
		if into == (ticket.ID{}) {
			break
		}
		if t, err = o.loadTicket(ctx, into); err == nil {
			err = t.mayAct()
		}
		if isNotFound(err) || errors.Is(err, helpdesk.ErrGone) {
			return i, false, nil
		}
		if err != nil {
			return i, false, err
		}
		root = t.body.item(t.now, t.rev)
	}
	return i, i.Open && t.now.ID().String() != i.TicketID, nil
}

// population counts tickets and conversations.
func (o *Tenant) population(ctx context.Context) (int, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Counts: []store.CountQuery{{Kind: kindConversation, Limit: 1}, {Kind: kindTicket, Limit: 1}}})
	if err != nil {
		return 0, err
	}
	return s.Counts[0][0].N + s.Counts[1][0].N, nil
}
