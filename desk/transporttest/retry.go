package transporttest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
)

var failCases = []Case{
	{"fail/later", "an error that is a *RetryError says that the message was not accepted, and can be sent again, not before After has passed", func(h Harness, _ Features) bool { return h.Busy != nil }, later},
	{"fail/uncertain", "where the message may have been accepted, the error matches ErrUncertain, and it can be sent again", func(h Harness, _ Features) bool { return h.Mute != nil }, unanswered},
}

func later(ctx context.Context, h Harness, f Features) error {
	const after = 90 * time.Second
	one, two := f.envelope(1), f.envelope(2)
	if err := accept(ctx, h, one); err != nil {
		return err
	}
	h.Busy(after)
	err := h.Transport.Send(ctx, two)
	h.Busy(0)
	retry, ok := errors.AsType[*desk.RetryError](err)
	switch {
	case !ok:
		return fmt.Errorf("sending when nothing is taken for %v: error %w, want a *RetryError", after, said(err))
	case errors.Is(err, desk.ErrRejected), errors.Is(err, helpdesk.ErrUncertain):
		return fmt.Errorf("sending when nothing is taken for %v: error %w, which says another thing too", after, err)
	case retry.After < after:
		return fmt.Errorf("the error says to try again in %v, want not before %v", retry.After, after)
	}
	return errors.Join(secret(err, two), delivered(ctx, h, f, one), accept(ctx, h, two), delivered(ctx, h, f, one, two))
}

func unanswered(ctx context.Context, h Harness, f Features) error {
	e := f.envelope(1)
	h.Mute(true)
	err := h.Transport.Send(ctx, e)
	h.Mute(false)
	if err != nil {
		switch {
		case errors.Is(err, desk.ErrRejected):
			return fmt.Errorf("sending without an answer: error %w, which says that it never can", err)
		case !errors.Is(err, helpdesk.ErrUncertain):
			return fmt.Errorf("sending without an answer: error %w, which says that it was not accepted", err)
		}
		if err := errors.Join(secret(err, e), accept(ctx, h, e)); err != nil {
			return err
		}
	}
	got, err := h.Delivered(ctx)
	most := 2
	if f.Deduplicates {
		most = 1
	}
	if n := count(got, e.To); n < 1 || n > most {
		err = errors.Join(err, fmt.Errorf("a message that was sent without an answer, and again, was delivered %d times", n))
	}
	return err
}
