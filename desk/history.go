package desk

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

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
			var b entryBody
			if err := t.needs.read(entryOf(e.Of, e), &b); err != nil {
				return err
			}
			var ev ClockEvent
			if json.Unmarshal(b.Event, &ev) == nil {
				for _, mark := range ev.marks()[1:] {
					h.told[mark] = append(h.told[mark], n)
				}
			}
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

// A winder looks at the clocks of a ticket.
type winder struct {
	w *work
	t *ticketFile
	p *sla.Policy // nil for a ticket without clocks

	told    []told   // what is known to be told by now
	marks   []string // of what was told in this command
	read    bool     // the whole log was asked for
	whole   bool     // and is there
	failed  error    // or could not be read now
	history history
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
