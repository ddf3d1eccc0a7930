package retention_test

import (
	"bytes"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/retention"
)

// house is a tenant with n tickets, each in a conversation of its own but for
// every tenth; a twentieth of them goes at ready, a hundredth is held.
func house(n int) retention.Input {
	in := retention.Input{Watermark: ready.Add(-time.Hour)}
	for k := range n {
		i := retention.Item{
			TicketID: fmt.Sprintf("T-%07d", (k*7919)%n), ConversationID: fmt.Sprintf("C-%07d", (k*7919)%n/10*9+k%9),
			Revision: "1", LastClosedAt: closed.Add(time.Hour),
		}
		switch {
		case k%20 == 0:
			i.LastClosedAt = closed
		case k%100 == 1:
			i.Holds = retention.Holds{hold("3", closed)}
		case k%3 == 0:
			i.Open = true
		}
		in.Items = append(in.Items, i)
	}
	tickets := map[string][]string{}
	for _, i := range in.Items {
		tickets[i.ConversationID] = append(tickets[i.ConversationID], i.TicketID)
	}
	for _, i := range in.Items {
		if of := tickets[i.ConversationID]; of != nil {
			in.Conversations = append(in.Conversations, retention.Conversation{ID: i.ConversationID, Revision: "1", Tickets: of})
			delete(tickets, i.ConversationID)
		}
	}
	return in
}

func BenchmarkDue(b *testing.B) {
	p, i := retention.Standard(), item()
	b.ReportAllocs()
	for b.Loop() {
		p.Due(i)
	}
}

func BenchmarkExplain(b *testing.B) {
	p, i := retention.Standard(), item()
	b.ReportAllocs()
	for b.Loop() {
		p.Explain(i, ready)
	}
}

func BenchmarkExplainText(b *testing.B) {
	e := retention.Standard().Explain(item(), ready)
	b.ReportAllocs()
	for b.Loop() {
		_ = e.String()
	}
}

func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			p, in := retention.Standard(), house(n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Plan(in, ready); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/ticket")
		})
	}
}

func BenchmarkDiff(b *testing.B) {
	p, in := retention.Standard(), house(100_000)
	before, err := p.Plan(in, ready)
	if err != nil {
		b.Fatal(err)
	}
	after, err := p.Plan(in, ready.Add(2*time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		after.Diff(before)
	}
}

func BenchmarkTombstone(b *testing.B) {
	k, err := retention.NewKey(retention.Secret{ID: "k", Key: bytes.Repeat([]byte("k"), 32)})
	if err != nil {
		b.Fatal(err)
	}
	pu := part()
	pr, err := pu.Begin(found(pu), retention.Counts{}, ready)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pr.Tombstones(k, "acme", retention.Sum{}); err != nil {
			b.Fatal(err)
		}
	}
}
