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

// maxLog is the size of the kept log of a ticket in JSON beyond which it is an entry of
// its own, in bytes.
const maxLog = 64 << 10

// logAtOnce is the size of a kept log beyond which it goes on in another entry, in bytes: in
// JSON each takes six at most.
const logAtOnce = 512 << 10

// A logBody is what is stored of a kept log that is too long for its ticket, in the entries
// of logKept.
type logBody struct {
	envelope

	Through time.Time   `json:"through"` // that of the ticket
	Events  []sla.Event `json:"events"`
	Parts   int         `json:"parts,omitzero"` // how many entries there are; zero: not counted
}

// A finishedClock is what is stored of a clock that is finished for good: an entry of
// logClock.
type finishedClock struct {
	envelope

	Clock sla.Clock `json:"clock"`
}

// finishedClocks say of a ticket what entries it has in logClock.
type finishedClocks struct {
	N        uint64 `json:"n,omitzero"`
	Breached bool   `json:"breached,omitzero"` // one of them was
}

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

// entries reads the first n entries of a log of a ticket.
func (o *Tenant) entries(ctx context.Context, id ticket.ID, log string, n uint64, each func(store.Entry) error) error {
	q := store.LogQuery{Of: ticketRef(id), Log: log, Before: n + 1, Limit: o.d.limits.Page}
	for q.After < n {
		s, err := o.store.Read(ctx, store.ReadRequest{Logs: []store.LogQuery{q}})
		if err != nil {
			return err
		}
		from := q.After
		for _, e := range s.Logs[0].Entries {
			if e.N != q.After+1 {
				break
			}
			if err := each(e); err != nil {
				return err
			}
			q.After = e.N
		}
		if q.After == from { // one is missing
			return damaged(ticketRef(id))
		}
	}
	return nil
}

// history reads the events that a ticket had when it was loaded.
func (o *Tenant) history(ctx context.Context, t *ticketFile) (history, error) {
	h := history{told: map[string][]int{}}
	id := t.now.ID()
	prefix := "sla/" + id.String() + "/"
	err := o.entries(ctx, id, logEvent, t.events, func(e store.Entry) error {
		if mark, ok := strings.CutPrefix(e.ID, prefix); ok {
			mark, numbering, renumbered := strings.Cut(mark, "+")
			n, _ := strconv.Atoi(numbering)
			if renumbered {
				n = max(n, 1)
			}
			h.told[mark] = append(h.told[mark], n)
			return nil
		}
		var b entryBody
		if err := t.needs.read(entryOf(e.Of, e), &b); err != nil {
			return err
		}
		var ev struct {
			Log []sla.Event `json:"log"`
		}
		if err := json.Unmarshal(b.Event, &ev); err != nil {
			if isUnknownName(err) {
				return newer(e.Of)
			}
			return b.unfit(e.Of)
		}
		h.log = append(h.log, ev.Log...)
		return nil
	})
	return h, err
}

// finished returns the finished clocks of a ticket: those that were read with it, or else
// those that are there now.
func (o *Tenant) finished(ctx context.Context, t *ticketFile) ([]sla.Clock, error) {
	var out []sla.Clock
	each := func(e store.Entry) error {
		var b finishedClock
		if err := t.needs.read(entryOf(e.Of, e), &b); err != nil {
			return err
		}
		out = append(out, b.Clock)
		return nil
	}
	if n := t.body.Finished.N; uint64(len(t.finished)) < n {
		err := o.entries(ctx, t.now.ID(), logClock, n, each)
		return out, err
	}
	for _, e := range t.finished {
		if err := each(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// clocks returns how the clocks of a ticket stand, those included that are finished.
func (o *Tenant) clocks(ctx context.Context, t *ticketFile, p *sla.Policy, now time.Time) (sla.Evaluation, error) {
	e, err := t.now.Evaluate(p, now)
	if reason, ok := asWhole(err); ok {
		h, err := o.history(ctx, t)
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
	rows, err := o.finished(ctx, t)
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
	case logSize(t.now.SLALog()) > x.w.limits.MaxLog:
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
	var old map[string]envelope // of the entries that are replaced
	if x.whole && f.N > 0 {
		old = make(map[string]envelope, f.N)
		if err := x.w.o.entries(x.w.ctx, x.t.now.ID(), logClock, f.N, func(e store.Entry) error {
			var b finishedClock
			err := x.t.needs.read(entryOf(e.Of, e), &b)
			old[e.ID] = b.envelope
			return err
		}); err != nil {
			return err
		}
		*f = finishedClocks{}
		x.w.batch.Replace = append(x.w.batch.Replace, store.Replacement{Of: ticketRef(x.t.now.ID()), Log: logClock})
	}
	for _, c := range clocks {
		id := fmt.Sprintf("%s/%d", c.Metric, c.Cycle)
		body, err := encode(&finishedClock{envelope: old[id], Clock: c})
		if err != nil {
			return err
		}
		f.N++
		f.Breached = f.Breached || sla.Evaluation{Clocks: []sla.Clock{c}}.Breached()
		x.w.batch.Append = append(x.w.batch.Append, store.Entry{
			Of: ticketRef(x.t.now.ID()), Log: logClock, N: f.N, ID: id, At: at, Body: body,
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

// logParts divides events into parts for an entry each.
func logParts(events []sla.Event) [][]sla.Event {
	var parts [][]sla.Event
	from, size := 0, 0
	for i := range events {
		n := logSize(events[i : i+1])
		if size += n; size > logAtOnce && i > from {
			parts = append(parts, events[from:i])
			from, size = i, n
		}
	}
	return append(parts, events[from:])
}

// putLog takes a long log out of what is stored of a ticket, and stores it in entries of
// logKept, which replace those there were.
func (w *work) putLog(t *ticketFile) error {
	l, of := &t.body.Ticket.Log, ticketRef(t.now.ID())
	was := t.body.LogApart
	// What a later version wrote into events that are apart has its place there alone.
	if t.body.LogApart = logSize(l.Events) > w.limits.MaxLog || t.kept.was != nil; was {
		w.batch.Replace = append(w.batch.Replace, store.Replacement{Of: of, Log: logKept})
	}
	if !t.body.LogApart {
		return nil
	}
	if !was && t.body.was != nil {
		if err := t.keepEvents(); err != nil {
			return err
		}
	}
	parts := logParts(l.Events)
	for i, part := range parts {
		body, err := encode(&logBody{envelope: t.kept, Through: l.Through, Events: part, Parts: len(parts)})
		if err != nil {
			return err
		}
		w.batch.Append = append(w.batch.Append, store.Entry{
			Of: of, Log: logKept, N: uint64(i + 1), ID: strconv.Itoa(i + 1), At: w.now, Body: body,
		})
	}
	l.Events = nil
	return nil
}

// keptLog asks for the log of a ticket that is apart.
func keptLog(of store.Ref) store.LogQuery {
	return store.LogQuery{Of: of, Log: logKept, Limit: store.MaxLimit}
}

// takeLog puts the log of a ticket that is apart where it belongs.
func (t *ticketFile) takeLog(of store.Ref, page store.EntryPage) error {
	l := &t.body.Ticket.Log
	var through time.Time
	var texts []json.RawMessage // of the events
	for i, e := range page.Entries {
		var b logBody
		if err := t.needs.read(entryOf(of, e), &b); err != nil {
			return err
		}
		if e.N != uint64(i+1) || b.Parts > 0 && b.Parts != len(page.Entries) {
			return damaged(of) // one is missing
		}
		through = b.Through
		l.Events = append(l.Events, b.Events...)
		if b.was != nil {
			var part struct{ Events []json.RawMessage }
			if err := json.Unmarshal(b.was, &part); err != nil {
				return newer(of)
			}
			texts = append(texts, part.Events...)
			t.kept = b.envelope
		}
	}
	if !through.Equal(l.Through) {
		return t.body.unfit(of)
	}
	return t.keepTexts(texts)
}

// keepEvents notes how the events are written in the ticket, which leave it.
func (t *ticketFile) keepEvents() error {
	var was struct {
		T struct {
			Log struct{ Events []json.RawMessage }
		}
	}
	if err := json.Unmarshal(t.body.was, &was); err != nil {
		return newer(ticketRef(t.now.ID()))
	}
	t.kept = t.body.envelope
	return t.keepTexts(was.T.Log.Events)
}

// keepTexts notes how the events of a log were written, if a later version wrote them, for
// each of the entries that they come to lie in.
func (t *ticketFile) keepTexts(events []json.RawMessage) (err error) {
	if t.kept.was == nil {
		return nil
	}
	var part map[string]json.RawMessage
	if err := json.Unmarshal(t.kept.was, &part); err != nil {
		return err
	}
	if _, apart := part["t"]; apart { // it is the ticket
		part = map[string]json.RawMessage{}
	}
	if part["events"], err = json.Marshal(events); err != nil {
		return err
	}
	t.kept.was, err = json.Marshal(part)
	return err
}
