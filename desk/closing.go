package desk

import (
	"time"
)

// closeTicket notes when a ticket is to be deleted.
func (w *work) closeTicket(t *ticketFile) error {
	if err := w.closedNow(t); err != nil {
		return err
	}
	t.body.Purge = time.Time{}
	if at, ok := w.retention.ReadyAt(t.body.item(t.now, "")); ok {
		t.body.Purge = at
	}
	return nil
}

// closeConversation notes when a conversation without tickets is to be deleted.
func (w *work) closeConversation(f *file, b *conversationBody) error {
	if err := w.archivedNow(f, b); err != nil {
		return err
	}
	b.Purge = time.Time{}
	if b.Conversation.Count == 0 {
		b.Purge = w.retention.ExplainConversation(b.record(""), nil, w.now).Ready
	}
	return nil
}

// notBefore returns an instant before which what happens now cannot have happened,
// by everything that is known: at, unless the tenant's last sweep was later. Then
// the clock went back, and the true instant is anywhere up to the end of the time
// in which the next sweep has to come to be believed: what time until deletion
// begins now begins there, so that it ends late rather than early (R51, T34). A
// clock that is behind by no more than the skew of the retention policy is one of
// several that differ (T36), and the instant is that of the sweep.
//
// Only what begins such a time asks for it: it costs a look at the record of the
// sweeps.
func (w *work) notBefore(at time.Time) (time.Time, error) {
	rec, err := w.o.get(w.ctx, sweepRef)
	if err != nil {
		return time.Time{}, err
	}
	var s sweepBody
	if rec.Revision != "" && new(needs).read(rec, &s) != nil { // by whoever sweeps
		return at, nil //nolint:nilerr // nothing is swept then
	}
	c := w.retention.Config()
	switch {
	case !w.now.Before(s.Watermark):
		return at, nil
	case w.now.Add(max(c.Skew, 0)).Before(s.Watermark):
		return later(at, s.Watermark.Add(c.MaxGap)), nil
	default:
		return later(at, s.Watermark), nil
	}
}

// closedNow notes when a ticket was closed at the earliest, if this command closed
// it.
func (w *work) closedNow(t *ticketFile) error {
	at := t.now.LastClosedAt()
	if at.IsZero() || at.Equal(t.before.LastClosedAt()) {
		return nil
	}
	known, err := w.notBefore(at)
	if err != nil {
		return err
	}
	if t.body.ClosedAt = (time.Time{}); known.After(at) {
		t.body.ClosedAt = known
	}
	return nil
}

// archivedNow notes when a conversation was archived at the earliest, if this
// command archived it.
func (w *work) archivedNow(f *file, b *conversationBody) error {
	at := b.Conversation.ArchivedAt
	if at.IsZero() || at.Equal(f.body.Conversation.ArchivedAt) {
		return nil
	}
	known, err := w.notBefore(at)
	if err != nil {
		return err
	}
	if b.ArchivedAt = (time.Time{}); known.After(at) {
		b.ArchivedAt = known
	}
	return nil
}
