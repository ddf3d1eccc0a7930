package desk_test

import (
	"testing"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/ticket"
)

// BenchmarkCommand gives commands on a conversation with an open ticket, in memory.
func BenchmarkCommand(b *testing.B) {
	sms := live
	sms.Channel = "sms"
	for _, c := range []struct {
		name string
		give func(*world, desk.Result) (desk.Result, error)
	}{
		{"start", func(w *world, _ desk.Result) (desk.Result, error) {
			return w.o.Start(w.t.Context(), customer, opening(sms, text("Nothing prints.")))
		}},
		{"tag", func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Conversation(r.Conversation).AddTag(w.t.Context(), agent, "printer")
		}},
		{"mitigate", func(w *world, r desk.Result) (desk.Result, error) {
			return w.o.Ticket(r.Ticket).Mitigate(w.t.Context(), agent)
		}},
		{"reopen and resolve", func(w *world, r desk.Result) (desk.Result, error) {
			if _, err := w.o.Conversation(r.Conversation).Resolve(w.t.Context(), agent, ticket.ResolveParams{Action: "Turned it on."}); err != nil {
				return desk.Result{}, err
			}
			return w.o.Ticket(r.Ticket).Reopen(w.t.Context(), agent, "it is off again")
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := newWorld(b)
			r := w.ticketed(sms)
			w.must(w.o.Conversation(r.Conversation).Reply(b.Context(), agent, text("Is it on?")))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%20 == 19 { // its log does not grow for ever
					b.StopTimer()
					r = w.ticketed(sms)
					w.must(w.o.Conversation(r.Conversation).Reply(b.Context(), agent, text("Is it on?")))
					b.StartTimer()
				}
				w.must(c.give(w, r))
			}
		})
	}
}

// BenchmarkTicketView evaluates the clocks of a ticket and shows it.
func BenchmarkTicketView(b *testing.B) {
	w := newWorld(b)
	r := w.ticketed(live)
	b.ReportAllocs()
	for b.Loop() {
		w.ticket(r.Ticket)
	}
}

// BenchmarkRelay sends the confirmation of a ticket and the line in its chat.
func BenchmarkRelay(b *testing.B) {
	w := newWorld(b, func(c *desk.Config) { c.Limits.MailsPerWindow = 1 << 30 })
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		w.ticketed(live)
		b.StartTimer()
		w.run()
	}
}
