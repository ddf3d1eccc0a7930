package memtransport_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/desk/transporttest"
	"github.com/stretchr/testify/require"
)

func TestTransport(t *testing.T) {
	t.Parallel()
	for name, channels := range map[string][]helpdesk.Channel{"any channel": nil, "one channel": {helpdesk.ChannelSMS}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := transporttest.Features{Deduplicates: true, Channel: helpdesk.ChannelSMS}
			if len(channels) > 0 {
				f.NotServed = helpdesk.ChannelEmail
			}
			transporttest.Run(t, func(*testing.T) transporttest.Harness {
				tr := memtransport.New(channels...)
				return transporttest.Harness{Transport: tr, Delivered: func(context.Context) ([]desk.Envelope, error) { return tr.Delivered(), nil }}
			}, f)
		})
	}
}

func TestTake(t *testing.T) {
	t.Parallel()
	tr := memtransport.New()
	e := desk.Envelope{Tenant: "acme", Key: "1", Channel: helpdesk.ChannelSMS, To: "+44 20 7946 0000", Body: "hello"}
	require.NoError(t, tr.Send(t.Context(), e))
	require.Equal(t, []desk.Envelope{e}, tr.Take())
	require.NoError(t, tr.Send(t.Context(), e), "it was accepted before, even if it was taken")
	require.Empty(t, tr.Take())
	e.Key = "2"
	require.NoError(t, tr.Send(t.Context(), e))
	require.Equal(t, []desk.Envelope{e}, tr.Delivered())
}

func ExampleNew() {
	tr := memtransport.New(helpdesk.ChannelSMS)
	e := desk.Envelope{Tenant: "acme", Key: "1", Channel: helpdesk.ChannelSMS, To: "+44 20 7946 0000", Body: "hello"}
	for range 2 { // the second time it is dropped: same key
		if err := tr.Send(context.Background(), e); err != nil {
			panic(err)
		}
	}
	fmt.Println(len(tr.Delivered()), tr.Delivered()[0].Body)

	e.Channel = helpdesk.ChannelEmail
	fmt.Println(tr.Send(context.Background(), e))
	// Output:
	// 1 hello
	// memtransport: channel email: rejected
}
