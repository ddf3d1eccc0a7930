package transporttest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/desk/transporttest"
)

func harness() transporttest.Harness {
	tr := memtransport.New(helpdesk.ChannelSMS) // or the transport to be tested
	return transporttest.Harness{
		Transport: tr,
		Delivered: func(context.Context) ([]desk.Envelope, error) { return tr.Delivered(), nil },
	}
}

var sms = transporttest.Features{
	Channel: helpdesk.ChannelSMS, NotServed: helpdesk.ChannelEmail, Deduplicates: true,
	Address: func(n int) string { return fmt.Sprintf("+44 20 7946 %04d", n) },
}

// The test of a transport is one call.
func ExampleRun() {
	_ = func(t *testing.T) { //nolint:thelper // this is the body of TestTransport
		transporttest.Run(t, func(*testing.T) transporttest.Harness { return harness() }, sms)
	}
}

// Where there is no testing.T, violations are errors that name the rules.
func ExampleCheck() {
	err := transporttest.Check(context.Background(), func() (transporttest.Harness, error) { return harness(), nil }, sms)
	fmt.Println(err)
	// Output: <nil>
}
