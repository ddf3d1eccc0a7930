package inbox_test

import (
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
)

// A message of the customer in a conversation with so many messages.
func BenchmarkCustomerMessage(b *testing.B) {
	for _, bm := range []struct {
		name string
		n    int
	}{{"n=1", 1}, {"n=100", 100}, {"n=1000", 1000}} {
		b.Run(bm.name, func(b *testing.B) {
			p := start(b, helpdesk.ChannelEmail, automatic)
			for p.c().Len() < bm.n {
				p.says()
			}
			s, m := p.customer(), p.msg()
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := p.k.AddCustomerMessage(s, inbox.CustomerMessageParams{MessageParams: m}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkStaleReply(b *testing.B) {
	p := start(b, helpdesk.ChannelEmail, automatic)
	lease := p.c().ControlToken()
	p.conv(p.c().TakeOver(p.agent()))
	s, m := p.ai(), p.msg()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := p.c().AddAIReply(s, lease, m); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkNormalTag(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := inbox.NormalTag("Important Customer"); err != nil {
			b.Fatal(err)
		}
	}
}
