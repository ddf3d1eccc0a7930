package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// maxLog is the size of the kept log of a ticket in JSON beyond which it is a record of its
// own, in bytes.
const maxLog = 64 << 10

// A logBody is what is stored of a kept log that is too long for its ticket.
type logBody struct {
	Version int         `json:"v"`
	Through time.Time   `json:"through"` // that of the ticket
	Events  []sla.Event `json:"events"`
}

// A finishedClock is what is stored of a clock that is finished for good: a row of the
// log of clocks of a ticket.
type finishedClock struct {
	Version int       `json:"v"`
	Edition int       `json:"edition"` // rows of an earlier one are void
	Clock   sla.Clock `json:"clock"`
}

// finishedClocks say of a ticket what rows it has.
type finishedClocks struct {
	Edition  int  `json:"edition,omitzero"`
	N        int  `json:"n,omitzero"`        // rows of the edition
	Breached bool `json:"breached,omitzero"` // one of them was
}

func logRef(id ticket.ID) store.Ref   { return store.Ref{Kind: kindLog, ID: id.String()} }
func clockRef(id ticket.ID) store.Ref { return store.Ref{Kind: kindClock, ID: id.String()} }

// asWhole returns why only the whole log has the answer, and false if that is not so.
func asWhole(err error) (reason string, ok bool) {
	e, ok := errors.AsType[*sla.WholeLogError](err)
	if ok {
		reason = e.Reason
	}
	return reason, ok
}

// A history is what the events of a ticket tell of its clocks.
type history struct {
	log  []sla.Event
	told map[string][]int // by mark: the numberings under which it was told; see ticketBody.Lasts
}

// history reads the events of a ticket up to an instant: those that the ticket knows
// which was last changed then.
func (o *Tenant) history(ctx context.Context, id ticket.ID, until time.Time) (history, error) {
	h := history{told: map[string][]int{}}
	prefix := "sla/" + id.String() + "/"
	for cursor := ""; ; {
		page, err := o.store.Events(ctx, ticketRef(id), cursor, o.d.limits.Page)
		if err != nil {
			return history{}, err
		}
		for _, ev := range page.Events {
			if mark, ok := strings.CutPrefix(ev.ID, prefix); ok {
				mark, edition, _ := strings.Cut(mark, "+")
				n, _ := strconv.Atoi(edition)
				if n == 0 && strings.HasSuffix(ev.ID, "+") {
					n = 1
				}
				h.told[mark] = append(h.told[mark], n)
				continue
			}
			var b struct {
				Log []sla.Event `json:"log"`
			}
			if err := json.Unmarshal(ev.Body, &b); err != nil {
				return history{}, damaged(ev.Of)
			}
			if !ev.At.After(until) {
				h.log = append(h.log, b.Log...)
			}
		}
		if cursor = page.Next; cursor == "" {
			return h, nil
		}
	}
}

// finished reads the rows of the finished clocks of a ticket.
func (o *Tenant) finished(ctx context.Context, id ticket.ID, of finishedClocks) ([]sla.Clock, error) {
	if of.N == 0 {
		return nil, nil
	}
	out := make([]sla.Clock, 0, of.N)
	for cursor := ""; ; {
		page, err := o.store.Events(ctx, clockRef(id), cursor, o.d.limits.Page)
		if err != nil {
			return nil, err
		}
		for _, ev := range page.Events {
			var b finishedClock
			if err := decode(store.Record{Ref: ev.Of, Body: ev.Body}, &b, &b.Version); err != nil {
				return nil, err
			}
			if b.Edition == of.Edition && len(out) < of.N {
				out = append(out, b.Clock)
			}
		}
		if cursor = page.Next; cursor == "" {
			return out, nil
		}
	}
}

// clocks returns how the clocks of a ticket stand, those included that are finished if all
// are wanted.
func (o *Tenant) clocks(ctx context.Context, t *ticketFile, p *sla.Policy, now time.Time, all bool) (sla.Evaluation, error) {
	e, err := t.now.Evaluate(p, now)
	if reason, ok := asWhole(err); ok {
		h, err := o.history(ctx, t.now.ID(), t.now.UpdatedAt())
		if err != nil {
			return sla.Evaluation{}, err
		}
		slow(reason)
		return p.Evaluate(h.log, now)
	}
	if err != nil {
		return e, err
	}
	shadowed(ctx, o, t, p, nil, now, e)
	if !all {
		return e, nil
	}
	rows, err := o.finished(ctx, t.now.ID(), t.body.Finished)
	e.Clocks = sorted(append(rows, e.Clocks...))
	return e, err
}

// sorted sorts clocks as an evaluation has them.
func sorted(clocks []sla.Clock) []sla.Clock {
	slices.SortStableFunc(clocks, func(a, b sla.Clock) int {
		if a.Metric != b.Metric {
			return int(a.Metric) - int(b.Metric)
		}
		return a.Cycle - b.Cycle
	})
	return clocks
}

// keepLog compacts the log of a ticket, and stores what is finished. A log that cannot be
// evaluated stays as it is, unless it is long: then it is read from the events, if it can
// be one day.
func (x *winder) keepLog(at time.Time) error {
	t := x.t
	after, clocks, err := t.now.Compact(x.p, at)
	if reason, ok := asWhole(err); ok {
		if err := x.readWhole(reason); x.failed != nil {
			return err
		}
		after, clocks, err = t.now.Compact(x.p, at)
	}
	switch {
	case err == nil:
		t.now = after
	case logSize(t.now.SLALog()) > maxLog:
		if after, _, err := t.now.Compact(nil, at); err == nil {
			t.now = after
		}
	}
	return x.keepFinished(clocks, at)
}

// keepFinished stores clocks that are finished. After the whole log was read, they are all
// that there are.
func (x *winder) keepFinished(clocks []sla.Clock, at time.Time) error {
	f := &x.t.body.Finished
	if x.whole && f.N > 0 {
		*f = finishedClocks{Edition: f.Edition + 1}
	}
	for _, c := range clocks {
		body, err := encode(finishedClock{version, f.Edition, c})
		if err != nil {
			return err
		}
		f.N++
		f.Breached = f.Breached || sla.Evaluation{Clocks: []sla.Clock{c}}.Breached()
		x.w.batch.Events = append(x.w.batch.Events, store.Event{
			ID: fmt.Sprintf("%d/%s/%d", f.Edition, c.Metric, c.Cycle), Of: clockRef(x.t.now.ID()), Type: kindClock, At: at, Body: body,
		})
	}
	return nil
}

// logSize returns about how many bytes events have in JSON.
func logSize(events []sla.Event) int {
	n := 0
	for i := range events {
		e := &events[i]
		n += 90 + len(e.ID) + len(e.Message) + len(e.Reason) + len(e.Channel)
	}
	return n
}

// putLog takes a long log out of what is stored of a ticket, and returns the change of its
// record, and false for none.
func (t *ticketFile) putLog() (store.Change, bool, error) {
	l := &t.body.Ticket.Log
	c := store.Change{Ref: logRef(t.now.ID()), Expected: t.logRev}
	t.body.LogApart = logSize(l.Events) > maxLog
	if !t.body.LogApart {
		c.Delete = true
		return c, t.logRev != "", nil
	}
	body, err := encode(logBody{version, l.Through, l.Events})
	l.Events, c.Body = nil, body
	return c, true, err
}

// fetchLog puts the log of a ticket that is apart where it belongs.
func (o *Tenant) fetchLog(ctx context.Context, t *ticketFile, of store.Ref) error {
	if !t.body.LogApart {
		return nil
	}
	l := &t.body.Ticket.Log
	rec, err := o.store.Load(ctx, store.Ref{Kind: kindLog, ID: of.ID})
	if isNotFound(err) {
		return &store.ConflictError{Ref: of} // one of them has changed meanwhile
	}
	if err != nil {
		return err
	}
	var b logBody
	if err := decode(rec, &b, &b.Version); err != nil {
		return err
	}
	if !b.Through.Equal(l.Through) {
		return &store.ConflictError{Ref: of}
	}
	l.Events, t.logRev = b.Events, rec.Revision
	return nil
}
