package transporttest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/desk/transporttest"
	"github.com/stretchr/testify/require"
)

// sender is a transport made of a function.
type sender func(context.Context, desk.Envelope) error

func (s sender) Send(ctx context.Context, e desk.Envelope) error { return s(ctx, e) }

// A mailbox is a sound transport of which parts can be replaced.
type mailbox struct {
	mu     sync.Mutex
	got    []desk.Envelope
	broken bool
	down   error // what it says while it is broken
	busy   time.Duration
	mute   bool
}

// accept takes a message as a sound transport does that delivers again what is
// sent again.
func (m *mailbox) accept(ctx context.Context, e desk.Envelope) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return m.down
	}
	if err := memtransport.New(helpdesk.ChannelEmail).Send(ctx, e); err != nil {
		return err
	}
	if strings.HasSuffix(e.To, ".invalid") {
		return desk.ErrRejected
	}
	if m.busy > 0 {
		return &desk.RetryError{After: m.busy}
	}
	e.Attachments = slices.Clone(e.Attachments)
	m.got = append(m.got, e)
	if m.mute {
		return helpdesk.ErrUncertain
	}
	return nil
}

// put delivers a message, whatever it is.
func (m *mailbox) put(e desk.Envelope) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got = append(m.got, e)
}

// has reports whether such a message was delivered.
func (m *mailbox) has(such func(desk.Envelope) bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.got, such)
}

func (m *mailbox) harness(send func(context.Context, desk.Envelope) error) transporttest.Harness {
	return transporttest.Harness{
		Transport: sender(send),
		Delivered: func(context.Context) ([]desk.Envelope, error) {
			m.mu.Lock()
			defer m.mu.Unlock()
			return slices.Clone(m.got), nil
		},
		Break: func(broken bool) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.broken = broken
		},
		Busy: func(after time.Duration) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.busy = after
		},
		Mute: func(mute bool) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.mute = mute
		},
	}
}

var features = transporttest.Features{NotServed: helpdesk.ChannelSMS, BadAddress: "nobody@nowhere.invalid"}

// wrap makes harnesses whose transport does something else.
func wrap(send func(m *mailbox, ctx context.Context, e desk.Envelope) error) func() transporttest.Harness {
	return func() transporttest.Harness {
		m := &mailbox{down: errors.New("no line")}
		return m.harness(func(ctx context.Context, e desk.Envelope) error { return send(m, ctx, e) })
	}
}

// said makes harnesses whose transport says something else where its error is an E.
func said[E error](instead func(error) error) func() transporttest.Harness {
	return wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
		err := m.accept(ctx, e)
		if _, ok := errors.AsType[E](err); ok {
			return instead(err)
		}
		return err
	})
}

// doubtless makes harnesses whose transport says something else than that it does
// not know.
func doubtless(instead error) func() transporttest.Harness {
	return wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
		err := m.accept(ctx, e)
		if errors.Is(err, helpdesk.ErrUncertain) {
			return instead
		}
		return err
	})
}

// changed makes harnesses whose transport delivers something else.
func changed(change func(*desk.Envelope)) func() transporttest.Harness {
	return wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
		if e.Check() == nil {
			change(&e)
		}
		return m.accept(ctx, e)
	})
}

func tripped(t *testing.T, open func() transporttest.Harness, f transporttest.Features) []string {
	t.Helper()
	found := map[string]bool{}
	for c := range transporttest.Cases() {
		h := open()
		require.True(t, c.Applies(h, f) || c.Name() == "again/once", c.Name())
		if !c.Applies(h, f) {
			continue
		}
		if err := c.Check(t.Context(), h, f); err != nil {
			require.NotEmpty(t, err.Error())
			found[c.Name()] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Every broken transport is caught by the right rule, every rule catches one, and
// sound ones are not caught.
func TestBroken(t *testing.T) {
	t.Parallel()
	sound := wrap((*mailbox).accept)
	require.Empty(t, tripped(t, sound, features))
	once := features
	once.Deduplicates = true

	caught := map[string]bool{}
	for _, b := range []struct {
		name  string
		open  func() transporttest.Harness
		trips []string
		f     transporttest.Features
	}{
		{"delivers nothing", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			return (&mailbox{}).accept(ctx, e)
		}), []string{"deliver/whole", "deliver/texts", "keys/different", "again/accepted"}, features},
		{"trims the body", changed(func(e *desk.Envelope) { e.Body = strings.TrimSpace(e.Body) }), []string{"deliver/texts"}, features},
		{"cuts the body", changed(func(e *desk.Envelope) { e.Body = e.Body[:min(len(e.Body), 1000)] }), []string{"deliver/texts"}, features},
		{"stops at a dot", changed(func(e *desk.Envelope) { e.Body, _, _ = strings.Cut(e.Body, "\n.\n") }), []string{"deliver/texts"}, features},
		{"loses the subject", changed(func(e *desk.Envelope) { e.Subject = "" }), []string{"deliver/whole"}, features},
		{"loses the attachments", changed(func(e *desk.Envelope) { e.Attachments = nil }), []string{"deliver/blobs"}, features},
		{"loses the last of many attachments", changed(func(e *desk.Envelope) { e.Attachments = e.Attachments[:min(len(e.Attachments), 10)] }), []string{"deliver/blobs"}, features},
		{"loses the type of an attachment", changed(func(e *desk.Envelope) {
			e.Attachments = slices.Clone(e.Attachments)
			for i := range e.Attachments {
				e.Attachments[i].Type = ""
			}
		}), []string{"deliver/blobs"}, features},
		{"changes the attachments that it was given", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			err := m.accept(ctx, e)
			clear(e.Attachments)
			return err
		}), []string{"deliver/blobs"}, features},
		{"keeps the attachments that it was given", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			if err := (&mailbox{}).accept(ctx, e); err != nil {
				return err
			}
			m.put(e)
			return nil
		}), []string{"deliver/blobs"}, features},
		{"forgets which message it is", changed(func(e *desk.Envelope) { e.Message = "" }), []string{"deliver/whole"}, features},
		{"forgets that nobody wrote it", changed(func(e *desk.Envelope) { e.Automatic = false }), []string{"deliver/whole"}, features},
		{"sends it to somebody else", changed(func(e *desk.Envelope) { e.To = "other@example.org" }), []string{"deliver/whole"}, features},
		{"sends a copy to somebody else", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			err := m.accept(ctx, e)
			if e.To = "other@example.org"; err == nil {
				_ = m.accept(ctx, e)
			}
			return err
		}), []string{"deliver/whole"}, features},
		{"the last one first", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			err := m.accept(ctx, e)
			m.mu.Lock()
			defer m.mu.Unlock()
			slices.SortStableFunc(m.got, func(a, b desk.Envelope) int { return strings.Compare(a.Key, b.Key) })
			return err
		}), []string{"deliver/order"}, features},
		{"tells messages apart by what they say", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			if m.has(func(old desk.Envelope) bool { return old.Body == e.Body }) {
				return nil
			}
			return m.accept(ctx, e)
		}), []string{"keys/different", "keys/tenants"}, features},
		{"tells messages apart by their key", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			if m.has(func(old desk.Envelope) bool { return old.Key == e.Key }) {
				return nil
			}
			return m.accept(ctx, e)
		}), []string{"keys/tenants"}, features},
		{"refuses what was sent before", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			if m.has(func(old desk.Envelope) bool { return old.Key == e.Key && old.Tenant == e.Tenant }) {
				return desk.ErrRejected
			}
			return m.accept(ctx, e)
		}), []string{"again/accepted"}, features},
		{"delivers everything twice", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			return errors.Join(m.accept(ctx, e), m.accept(ctx, e))
		}), []string{"again/accepted", "deliver/whole"}, features},
		{"does not drop, though it says so", sound, []string{"again/once"}, once},
		{"does not look at the form", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			if err := m.accept(ctx, e); !errors.Is(err, helpdesk.ErrInvalid) {
				return err
			}
			m.put(e)
			return ctx.Err()
		}), []string{"reject/form"}, features},
		{"would try a bad form again", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			if err := e.Check(); err != nil {
				return err
			}
			return m.accept(ctx, e)
		}), []string{"reject/form"}, features},
		{"tells what is in a bad message", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			if err := e.Check(); err != nil {
				return fmt.Errorf("%w: %w: %q", desk.ErrRejected, err, e.Body)
			}
			return m.accept(ctx, e)
		}), []string{"reject/form"}, features},
		{"takes any channel", changed(func(e *desk.Envelope) { e.Channel = helpdesk.ChannelEmail }), []string{"reject/channel"}, features},
		{"tries a bad address again", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			err := m.accept(ctx, e)
			if strings.HasSuffix(e.To, ".invalid") {
				return errors.New("no such mailbox")
			}
			return err
		}), []string{"reject/address"}, features},
		{"tells a bad address", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			err := m.accept(ctx, e)
			if strings.HasSuffix(e.To, ".invalid") {
				return fmt.Errorf("%w: no such mailbox: %s", err, e.To)
			}
			return err
		}), []string{"reject/address"}, features},
		{"says that a failure is for ever", func() transporttest.Harness {
			m := &mailbox{down: desk.ErrRejected}
			return m.harness(m.accept)
		}, []string{"fail/again"}, features},
		{"hides a failure", func() transporttest.Harness {
			m := &mailbox{}
			return m.harness(m.accept)
		}, []string{"fail/again"}, features},
		{"delivers what it did not accept", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			err := m.accept(ctx, e)
			if err != nil && e.Check() == nil && ctx.Err() == nil {
				m.put(e)
			}
			return err
		}), []string{"fail/again", "reject/channel"}, features},
		{"does not say when to try again", said[*desk.RetryError](func(error) error { return errors.New("busy") }), []string{"fail/later"}, features},
		{"says to try again too early", said[*desk.RetryError](func(error) error { return &desk.RetryError{After: time.Second} }), []string{"fail/later"}, features},
		{"is busy for ever", said[*desk.RetryError](func(err error) error { return errors.Join(err, desk.ErrRejected) }), []string{"fail/later"}, features},
		{"delivers what it turns away", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			err := m.accept(ctx, e)
			if _, ok := errors.AsType[*desk.RetryError](err); ok {
				m.put(e)
			}
			return err
		}), []string{"fail/later"}, features},
		{"says that what may be was not", doubtless(errors.New("no answer")), []string{"fail/uncertain"}, features},
		{"says that what may be never can", doubtless(fmt.Errorf("%w: %w", helpdesk.ErrUncertain, desk.ErrRejected)), []string{"fail/uncertain"}, features},
		{"takes no answer for a yes, and forgets", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			err := m.accept(ctx, e)
			if errors.Is(err, helpdesk.ErrUncertain) {
				m.mu.Lock()
				defer m.mu.Unlock()
				m.got = m.got[:len(m.got)-1]
				return nil
			}
			return err
		}), []string{"fail/uncertain"}, features},
		{"does not look at its context", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			return m.accept(context.WithoutCancel(ctx), e)
		}), []string{"context/done"}, features},
		{"takes every end of a context for a deadline", wrap(func(m *mailbox, ctx context.Context, e desk.Envelope) error {
			if ctx.Err() != nil {
				return context.Canceled
			}
			return m.accept(ctx, e)
		}), []string{"context/done"}, features},
		{"loses messages under load", func() transporttest.Harness {
			m := &mailbox{down: errors.New("no line")}
			n := 0
			return m.harness(func(ctx context.Context, e desk.Envelope) error {
				m.mu.Lock()
				n++
				lost := n == 37
				m.mu.Unlock()
				if lost {
					return nil
				}
				return m.accept(ctx, e)
			})
		}, []string{"race/all"}, features},
		{"panics", wrap(func(*mailbox, context.Context, desk.Envelope) error { panic("no line") }), []string{"deliver/order"}, features},
		{"cannot say what was delivered", func() transporttest.Harness {
			m := &mailbox{}
			h := m.harness(m.accept)
			h.Delivered = func(context.Context) ([]desk.Envelope, error) { return nil, errors.New("no line") }
			return h
		}, []string{"deliver/whole", "again/accepted"}, features},
	} {
		got := tripped(t, b.open, b.f)
		for _, name := range got {
			caught[name] = true
		}
		for _, want := range b.trips {
			require.Contains(t, got, want, b.name)
		}
	}
	for c := range transporttest.Cases() {
		require.True(t, caught[c.Name()], "no broken transport trips %s", c.Name())
		require.NotEmpty(t, c.Rule())
	}
}

// A transport that may have accepted a message says so, and that is not held
// against it.
func TestUncertain(t *testing.T) {
	t.Parallel()
	require.Empty(t, tripped(t, func() transporttest.Harness {
		m := &mailbox{down: helpdesk.ErrUncertain}
		return m.harness(func(ctx context.Context, e desk.Envelope) error {
			err := m.accept(ctx, e)
			if errors.Is(err, helpdesk.ErrUncertain) && !m.has(func(old desk.Envelope) bool { return reflect.DeepEqual(old, e) }) {
				m.put(e)
			}
			return err
		})
	}, features))
}

func TestRun(t *testing.T) {
	t.Parallel()
	transporttest.Run(t, func(*testing.T) transporttest.Harness { return wrap((*mailbox).accept)() }, transporttest.Features{
		Channel: helpdesk.ChannelEmail, NotServed: helpdesk.ChannelSMS,
		Address: strconv.Itoa,
		Carried: func(e desk.Envelope) desk.Envelope { return desk.Envelope{To: e.To, Body: e.Body} },
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	open := func() (transporttest.Harness, error) { return wrap((*mailbox).accept)(), nil }
	require.NoError(t, transporttest.Check(t.Context(), open, features))

	err := transporttest.Check(t.Context(), open, transporttest.Features{Deduplicates: true})
	violation, ok := errors.AsType[*transporttest.ViolationError](err)
	require.True(t, ok)
	require.Equal(t, "again/once", violation.Case)
	require.Contains(t, err.Error(), violation.Rule)
	require.Contains(t, err.Error(), violation.Found)

	lost := errors.New("no port")
	require.ErrorIs(t, transporttest.Check(t.Context(), func() (transporttest.Harness, error) { return transporttest.Harness{}, lost }, features), lost)
	for range transporttest.Cases() {
		break // an iterator can be left
	}
}
