// Package memtransport is a transport in memory, for tests and demonstrations.
//
// The transport keeps every rule of [desk.Transport], and drops a message that is sent again
// with the same key.
package memtransport

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
)

// A Transport is a [desk.Transport] that delivers to memory. A Transport is safe for concurrent
// use. The zero Transport is not usable; [New] makes a Transport.
type Transport struct {
	channels []helpdesk.Channel

	mu        sync.Mutex
	delivered []desk.Envelope
	accepted  map[key]bool
}

type key struct {
	tenant store.TenantID
	key    string
}

var _ desk.Transport = (*Transport)(nil)

// New returns a Transport for the channels, and for every channel without an argument.
func New(channels ...helpdesk.Channel) *Transport {
	return &Transport{channels: slices.Clone(channels), accepted: map[key]bool{}}
}

// Send implements [desk.Transport].
func (t *Transport) Send(ctx context.Context, e desk.Envelope) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := e.Check(); err != nil {
		return fmt.Errorf("memtransport: %w: %w", desk.ErrRejected, err)
	}
	if len(t.channels) > 0 && !slices.Contains(t.channels, e.Channel) {
		return fmt.Errorf("memtransport: channel %s: %w", e.Channel, desk.ErrRejected)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if k := (key{e.Tenant, e.Key}); !t.accepted[k] {
		t.accepted[k] = true
		t.delivered = append(t.delivered, own(e))
	}
	return nil
}

// own returns e, sharing nothing.
func own(e desk.Envelope) desk.Envelope {
	e.Attachments = slices.Clone(e.Attachments)
	return e
}

// Delivered returns all delivered messages since the last Take, in order.
func (t *Transport) Delivered() []desk.Envelope {
	t.mu.Lock()
	defer t.mu.Unlock()
	got := slices.Clone(t.delivered)
	for i := range got {
		got[i] = own(got[i])
	}
	return got
}

// Take returns and removes all delivered messages since the last Take, in order.
func (t *Transport) Take() []desk.Envelope {
	t.mu.Lock()
	defer t.mu.Unlock()
	got := t.delivered
	t.delivered = nil
	return got
}
