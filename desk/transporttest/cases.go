package transporttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
)

// accept sends messages that must be accepted.
func accept(ctx context.Context, h Harness, all ...desk.Envelope) (err error) {
	defer recovered(&err) // it may run in a goroutine of its own
	for i, e := range all {
		if err := h.Transport.Send(ctx, e); err != nil {
			return fmt.Errorf("sending message %d: %w", i, err)
		}
	}
	return nil
}

// rejected wants a message to be refused for ever.
func rejected(ctx context.Context, h Harness, e desk.Envelope, why string, targets ...error) error {
	err := h.Transport.Send(ctx, e)
	if err == nil {
		return fmt.Errorf("sending %s: no error", why)
	}
	for _, target := range append(targets, desk.ErrRejected) {
		if !errors.Is(err, target) {
			return fmt.Errorf("sending %s: error %q, want one matching %q", why, err.Error(), target.Error())
		}
	}
	return secret(err, e)
}

// secret wants an error not to hold what a message says, nor its address.
func secret(err error, e desk.Envelope) error {
	for field, text := range map[string]string{"address": e.To, "subject": e.Subject, "body": e.Body, "start of the body": firstLine(e.Body)} {
		if len(text) > 3 && strings.Contains(err.Error(), text) {
			return fmt.Errorf("the error holds the %s: %w", field, err)
		}
	}
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

var cases = []Case{
	{"deliver/whole", "a message that was accepted is delivered whole and unchanged, to its own address and to nobody else", nil, func(ctx context.Context, h Harness, f Features) error {
		one, two := f.envelope(1), f.envelope(2)
		return errors.Join(delivered(ctx, h, f), accept(ctx, h, one, two), delivered(ctx, h, f, one, two))
	}},
	{"deliver/texts", "a message that was accepted is delivered whole and unchanged, whatever it says", nil, func(ctx context.Context, h Harness, f Features) error {
		var all []desk.Envelope
		for i, body := range []string{
			"a", " a ", ".", "..\n.\n", "From here\n", "a\n\n\nb", "<b>&amp;</b>", "=E9=\n", "{{.}} %s $1", strings.Repeat("long ", 500), strings.Repeat("word\n", 2000),
			"--boundary\nContent-Type: text/html\n\nno", "\u202eabc", "\ufeffa",
		} {
			e := f.envelope(i)
			e.Body = body
			all = append(all, e)
		}
		least := desk.Envelope{Tenant: "acme", Key: "least", Channel: f.channel(), To: f.address(100), Body: "a"}
		all = append(all, least)
		return errors.Join(accept(ctx, h, all...), delivered(ctx, h, f, all...))
	}},
	{"deliver/blobs", "a message that was accepted is delivered with its attachments, unchanged and in order; the slice that has them is not kept or changed", nil, func(ctx context.Context, h Harness, f Features) error {
		var all, own []desk.Envelope
		for i, n := range []int{1, 0, inbox.MaxAttachments, 3} {
			e := f.envelope(i)
			e.To = f.address(1)
			e.Attachments = blobs(n)
			all = append(all, e)
			e.Attachments = slices.Clone(e.Attachments)
			own = append(own, e)
		}
		if err := accept(ctx, h, own...); err != nil {
			return err
		}
		for i, e := range own {
			if !slices.Equal(e.Attachments, all[i].Attachments) {
				return fmt.Errorf("sending message %d: its attachments were changed", i)
			}
			clear(e.Attachments)
		}
		return delivered(ctx, h, f, all...)
	}},
	{"deliver/order", "messages to one address that were accepted one after the other are delivered in that order", nil, func(ctx context.Context, h Harness, f Features) error {
		var all []desk.Envelope
		for i := range 20 {
			e := f.envelope(19 - i)
			e.To = f.address(1)
			all = append(all, e)
		}
		return errors.Join(accept(ctx, h, all...), delivered(ctx, h, f, all...))
	}},
	{"keys/different", "messages with different keys are different messages, whatever they say", nil, func(ctx context.Context, h Harness, f Features) error {
		one := f.envelope(1)
		two := one
		two.Key += "x"
		return errors.Join(accept(ctx, h, one, two), delivered(ctx, h, f, one, two))
	}},
	{"keys/tenants", "messages of different tenants are different messages, whatever their keys", nil, func(ctx context.Context, h Harness, f Features) error {
		one := f.envelope(1)
		two := one
		two.Tenant = "globex"
		return errors.Join(accept(ctx, h, one, two), delivered(ctx, h, f, one, two))
	}},
	{"again/accepted", "a message that was accepted and is sent again is accepted again", nil, func(ctx context.Context, h Harness, f Features) error {
		one, two := f.envelope(1), f.envelope(2)
		if err := accept(ctx, h, one, two, one, one); err != nil || f.Deduplicates {
			return err
		}
		got, err := h.Delivered(ctx)
		if n := count(got, one.To); n < 1 || n > 3 {
			err = errors.Join(err, fmt.Errorf("a message that was sent three times was delivered %d times", n))
		}
		if n := count(got, two.To); n != 1 {
			err = errors.Join(err, fmt.Errorf("a message that was sent once was delivered %d times", n))
		}
		return err
	}},
	{"again/once", "a message that was accepted and is sent again is delivered once", func(_ Harness, f Features) bool { return f.Deduplicates }, func(ctx context.Context, h Harness, f Features) error {
		one, two := f.envelope(1), f.envelope(2)
		return errors.Join(accept(ctx, h, one, two, one, one), delivered(ctx, h, f, one, two))
	}},
	{"reject/form", "a message of bad form is rejected as invalid: see Envelope.Check", nil, badForms},
	{"reject/channel", "a message on a channel that the transport does not serve is rejected", func(_ Harness, f Features) bool { return f.NotServed != "" }, func(ctx context.Context, h Harness, f Features) error {
		e := f.envelope(1)
		e.Channel = f.NotServed
		return errors.Join(rejected(ctx, h, e, "a message on a channel that is not served"), delivered(ctx, h, f))
	}},
	{"reject/address", "a message to an address that cannot be is rejected", func(_ Harness, f Features) bool { return f.BadAddress != "" }, func(ctx context.Context, h Harness, f Features) error {
		bad, good := f.envelope(1), f.envelope(2)
		bad.To = f.BadAddress
		return errors.Join(rejected(ctx, h, bad, "a message to an address that cannot be"), accept(ctx, h, good), delivered(ctx, h, f, good))
	}},
	{"fail/again", "what was not accepted is not delivered, and can be sent again", func(h Harness, _ Features) bool { return h.Break != nil }, failing},
	{"context/done", "a context that is done already makes Send return an error matching the context's, and the message is not accepted", nil, func(ctx context.Context, h Harness, f Features) error {
		e := f.envelope(1)
		over, cancel := context.WithCancel(ctx)
		cancel()
		if err := h.Transport.Send(over, e); !errors.Is(err, context.Canceled) {
			return fmt.Errorf("sending with a context that was canceled: error %w, want another", said(err))
		}
		late, cancel := soon(ctx)
		defer cancel()
		if err := h.Transport.Send(late, e); !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("sending with a context that is late: error %w, want another", said(err))
		}
		return errors.Join(delivered(ctx, h, f), accept(ctx, h, e), delivered(ctx, h, f, e))
	}},
	{"race/all", "a transport is safe for concurrent use", nil, func(ctx context.Context, h Harness, f Features) error {
		const senders, each = 6, 10
		var all []desk.Envelope
		errs := make([]error, senders)
		var wg sync.WaitGroup
		for i := range senders {
			var own []desk.Envelope
			for j := range each {
				e := f.envelope(i*each + j)
				e.To = f.address(i)
				own = append(own, e)
			}
			all = append(all, own...)
			wg.Go(func() { errs[i] = accept(ctx, h, own...) })
		}
		wg.Wait()
		return errors.Join(errors.Join(errs...), delivered(ctx, h, f, all...))
	}},
}

var errNone = errors.New("none")

// said returns err, and an error that says so if there is none.
func said(err error) error {
	if err == nil {
		return errNone
	}
	return err
}

func count(all []desk.Envelope, to string) (n int) {
	for _, e := range all {
		if e.To == to {
			n++
		}
	}
	return n
}

func badForms(ctx context.Context, h Harness, f Features) error {
	var errs []error
	for why, spoil := range map[string]func(*desk.Envelope){
		"no tenant":               func(e *desk.Envelope) { e.Tenant = "" },
		"no key":                  func(e *desk.Envelope) { e.Key = "" },
		"no channel":              func(e *desk.Envelope) { e.Channel = "" },
		"no address":              func(e *desk.Envelope) { e.To = "" },
		"no body":                 func(e *desk.Envelope) { e.Body = "" },
		"a NUL":                   func(e *desk.Envelope) { e.Body = "a\x00" },
		"bad UTF-8":               func(e *desk.Envelope) { e.Body = "a\xff" },
		"two lines of subject":    func(e *desk.Envelope) { e.Subject = "hello\r\nBcc: everybody@example.org" },
		"two lines of address":    func(e *desk.Envelope) { e.To += "\r\nBcc: everybody@example.org" },
		"two lines of message ID": func(e *desk.Envelope) { e.MessageID = "a\nb" },
		"two lines of reply-to":   func(e *desk.Envelope) { e.InReplyTo = "a\rb" },
		"too many attachments":    func(e *desk.Envelope) { e.Attachments = blobs(inbox.MaxAttachments + 1) },
		"a nameless attachment":   func(e *desk.Envelope) { e.Attachments = []inbox.AttachmentRef{{}} },
		"a long body":             func(e *desk.Envelope) { e.Body = strings.Repeat("a", store.MaxBody+1) },
	} {
		e := f.envelope(1)
		spoil(&e)
		errs = append(errs, rejected(ctx, h, e, "a message with "+why, helpdesk.ErrInvalid))
	}
	return errors.Join(append(errs, delivered(ctx, h, f))...)
}

func failing(ctx context.Context, h Harness, f Features) error {
	one, two := f.envelope(1), f.envelope(2)
	if err := accept(ctx, h, one); err != nil {
		return err
	}
	h.Break(true)
	err := h.Transport.Send(ctx, two)
	h.Break(false)
	switch {
	case err == nil:
		return errors.New("sending while the transport fails: no error")
	case errors.Is(err, desk.ErrRejected):
		return fmt.Errorf("sending while the transport fails: error %w, which says that it never can", err)
	case errors.Is(err, helpdesk.ErrUncertain):
		return errors.Join(secret(err, two), accept(ctx, h, two))
	default:
		return errors.Join(secret(err, two), delivered(ctx, h, f, one), accept(ctx, h, two), delivered(ctx, h, f, one, two))
	}
}
