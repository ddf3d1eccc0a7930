package transporttest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
)

// A Harness is a transport together with its far end. The zero Harness is not usable.
type Harness struct {
	Transport desk.Transport

	// Delivered returns all messages since the making of the harness, to any address, in
	// order. Delivered waits until every message has arrived that was accepted before the
	// call.
	Delivered func(context.Context) ([]desk.Envelope, error)

	// Break makes the transport fail until Break(false). With a nil Break, failures are not
	// tested.
	Break func(broken bool)

	// Busy makes the far end refuse messages and ask for a pause of the duration; 0 ends
	// that. With a nil Busy, [desk.RetryError] is not tested.
	Busy func(after time.Duration)

	// Mute makes the far end take messages without an answer to the transport, until
	// Mute(false). With a nil Mute, [helpdesk.ErrUncertain] is not tested.
	Mute func(mute bool)
}

// Features are the permitted differences of a transport. The zero Features belong to a mail
// transport that carries every field, and delivers a repeated message again.
type Features struct {
	// Channel is a channel of the transport. An empty Channel stands for
	// [helpdesk.ChannelEmail].
	Channel helpdesk.Channel

	// NotServed is a channel that the transport does not serve. An empty NotServed means
	// that the transport serves every channel.
	NotServed helpdesk.Channel

	// Address returns the n-th address of the channel, all different. With a nil Address the
	// addresses are those of mailboxes.
	Address func(n int) string

	// BadAddress is an impossible address, or empty.
	BadAddress string

	// Deduplicates reports that a message that is sent again with the same key is delivered
	// once.
	Deduplicates bool

	// Carried returns an envelope without the fields that the transport cannot carry. With a
	// nil Carried the transport carries every field. A transport must carry To and Body.
	Carried func(desk.Envelope) desk.Envelope
}

// A Case tests one rule. The zero Case is not usable.
type Case struct {
	name  string
	rule  string
	needs func(Harness, Features) bool // nil: nothing
	check func(context.Context, Harness, Features) error
}

// Name returns the name of the case, such as "deliver/whole".
func (c Case) Name() string { return c.name }

// Rule returns the rule of the case.
func (c Case) Rule() string { return c.rule }

// Applies reports whether the rule applies to the transport.
func (c Case) Applies(h Harness, f Features) bool { return c.needs == nil || c.needs(h, f) }

// Check tests the rule on a new harness. The error describes the violation.
func (c Case) Check(ctx context.Context, h Harness, f Features) (err error) {
	defer recovered(&err)
	return c.check(ctx, h, f)
}

// recovered makes an error of a panic.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the transport panicked: %v", r)
	}
}

// Run tests a transport. Run calls open once for each case; open returns a new harness, and can
// close the harness by t.Cleanup. Run skips the cases of missing features.
func Run(t *testing.T, open func(t *testing.T) Harness, f Features) {
	t.Helper()
	for c := range Cases() {
		t.Run(c.name, func(t *testing.T) {
			h := open(t)
			if !c.Applies(h, f) {
				t.Skip("does not apply to the declared features")
			}
			if err := c.Check(t.Context(), h, f); err != nil {
				t.Errorf("%v\nrule: %s", err, c.rule)
			}
		})
	}
}

// Check is Run without a [testing.T]. The error joins a [*ViolationError] for each violation.
func Check(ctx context.Context, open func() (Harness, error), f Features) error {
	var errs []error
	for c := range Cases() {
		h, err := open()
		if err != nil {
			return fmt.Errorf("transporttest: opening a transport: %w", err)
		}
		if !c.Applies(h, f) {
			continue
		}
		if err := c.Check(ctx, h, f); err != nil {
			errs = append(errs, &ViolationError{Case: c.name, Rule: c.rule, Found: err.Error()})
		}
	}
	return errors.Join(errs...)
}

// A ViolationError reports a rule that an implementation breaks. It is plain data.
type ViolationError struct {
	Case  string
	Rule  string
	Found string // the violation in words
}

func (v *ViolationError) Error() string {
	return fmt.Sprintf("transporttest: %s: %s\nrule: %s", v.Case, v.Found, v.Rule)
}

// envelope returns the n-th message to the n-th address.
func (f Features) envelope(n int) desk.Envelope {
	return desk.Envelope{
		Tenant: "acme", Key: fmt.Sprint("key/", n), Channel: f.channel(), To: f.address(n), Conversation: fmt.Sprint("conversation-", n), Message: fmt.Sprint("message-", n),
		Subject: fmt.Sprint("Your question no. ", n, " – käse"), Body: fmt.Sprint("secret no. ", n, ".\nSecond line. – 世界 👩‍💻"),
		MessageID: fmt.Sprint("acme.", n, "@helpdesk.example"), InReplyTo: "question@customer.example", Automatic: n%2 == 0,
	}
}

func (f Features) channel() helpdesk.Channel {
	if f.Channel == "" {
		return helpdesk.ChannelEmail
	}
	return f.Channel
}

func (f Features) address(n int) string {
	if f.Address == nil {
		return fmt.Sprintf("person-%d@customer.example", n)
	}
	return f.Address(n)
}

// blobs returns so many attachments.
func blobs(n int) []inbox.AttachmentRef {
	var all []inbox.AttachmentRef
	for i := range n {
		all = append(all, inbox.AttachmentRef{
			Ref: fmt.Sprint("bucket/photo-", i), Type: "image/png", Size: int64(i) << 10, SHA256: strings.Repeat("0a", 32),
		})
	}
	return all
}

// delivered wants these messages to have been delivered, in order if they are to
// one address.
func delivered(ctx context.Context, h Harness, f Features, want ...desk.Envelope) error {
	got, err := h.Delivered(ctx)
	if err != nil {
		return fmt.Errorf("asking what was delivered: %w", err)
	}
	carried := f.Carried
	if carried == nil {
		carried = func(e desk.Envelope) desk.Envelope { return e }
	}
	byAddress := func(all []desk.Envelope) map[string][]desk.Envelope {
		m := map[string][]desk.Envelope{}
		for _, e := range all {
			m[e.To] = append(m[e.To], carried(e))
		}
		return m
	}
	gots, wants := byAddress(got), byAddress(want)
	for to, list := range gots {
		if len(list) > len(wants[to]) {
			return fmt.Errorf("%d messages were delivered to %q, want %d", len(list), to, len(wants[to]))
		}
	}
	for to, list := range wants {
		if len(gots[to]) != len(list) {
			return fmt.Errorf("%d messages were delivered to %q, want %d", len(gots[to]), to, len(list))
		}
		for i, e := range list {
			if !same(gots[to][i], e) {
				return fmt.Errorf("message %d to %q was delivered as %+.300v, want %+.300v", i, to, gots[to][i], e)
			}
		}
	}
	return nil
}

// same reports whether two messages are. No blobs are the same as an empty list.
func same(a, b desk.Envelope) bool {
	if !slices.Equal(a.Attachments, b.Attachments) {
		return false
	}
	a.Attachments, b.Attachments = nil, nil
	return reflect.DeepEqual(a, b)
}

// Cases yields all cases, in the order of the port's rules.
func Cases() iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for _, c := range slices.Concat(cases, failCases) {
			if !yield(c) {
				return
			}
		}
	}
}

// soon is a context that is over.
func soon(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, -time.Second)
}
