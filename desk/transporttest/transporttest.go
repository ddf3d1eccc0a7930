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

// A Harness is a transport and the far end of it.
type Harness struct {
	Transport desk.Transport

	// Delivered returns all that was delivered since the harness was made, to
	// whatever address, in order. It waits until everything has arrived that was
	// accepted before the call.
	Delivered func(context.Context) ([]desk.Envelope, error)

	// Break makes the transport fail for a while, or ends that. If it is nil,
	// nothing is tested of that.
	Break func(broken bool)

	// Busy makes the far end turn messages away and say that it takes none before
	// so much time has passed; 0 ends that. If it is nil, nothing is tested of
	// [desk.RetryError].
	Busy func(after time.Duration)

	// Mute makes the far end take messages without the transport hearing of it,
	// or ends that. If it is nil, nothing is tested of [helpdesk.ErrUncertain].
	Mute func(mute bool)
}

// Features say what a transport has, or does differently. The zero Features are
// those of a mail transport that carries every field and delivers a message again
// that is sent again.
type Features struct {
	// Channel is one that the transport serves. If it is empty, it is
	// [helpdesk.ChannelEmail].
	Channel helpdesk.Channel

	// NotServed is one that it does not serve. If it is empty, it serves all.
	NotServed helpdesk.Channel

	// Address returns an address of that channel: another one for each n. If it
	// is nil, the addresses are those of a mail box.
	Address func(n int) string

	// BadAddress is one that cannot be. If it is empty, there is none.
	BadAddress string

	// Deduplicates says that what is sent again with the same key is delivered
	// once.
	Deduplicates bool

	// Carried returns what of an envelope arrives, and leaves out what the
	// transport has no place for. If it is nil, everything arrives. To and Body
	// must.
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

// Rule returns the rule that a failure breaks.
func (c Case) Rule() string { return c.rule }

// Applies reports whether the rule says something of this transport.
func (c Case) Applies(h Harness, f Features) bool { return c.needs == nil || c.needs(h, f) }

// Check tests the rule on a harness with which nothing was sent yet, and returns
// how the transport breaks it, and nil if it does not.
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

// Run tests the transports that open returns. It is called once for each case, and
// can arrange the end of what it returns by t.Cleanup. A case about a feature that
// is not there is skipped.
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

// Check is Run without a [testing.T]: it returns the joined violations, each a
// [*ViolationError].
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

// A ViolationError is a rule that an implementation breaks.
type ViolationError struct {
	Case  string
	Rule  string
	Found string // how
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
	if !slices.Equal(a.Blobs, b.Blobs) {
		return false
	}
	a.Blobs, b.Blobs = nil, nil
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
