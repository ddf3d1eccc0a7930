package desk_test

import (
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/stretchr/testify/require"
)

// promises is a conversation without a ticket, whose clocks run: an answer does not arrive, the
// next ones do, another matter begins, and the contracts are not at hand (S34).
func (s *story) promises() {
	s.step("a promise without a ticket")
	o, err := s.desk.Tenant("initech")
	require.NoError(s.t, err)
	require.NoError(s.t, o.UpdateSettings(s.ctx, s.system(), inbox.Config{Rest: inbox.Duration(time.Hour), Idle: inbox.Duration(2 * day)}))
	s.contracts.away = true
	r := s.must(o.Start(s.ctx, s.customer(), opening(begin(helpdesk.ChannelEmail, contact), text("Is anybody there?"))))
	conv := o.Conversation(r.Conversation)
	s.contracts.away = false
	s.clock.advance(3 * time.Minute)
	s.loops()
	lost := s.must(conv.Reply(s.ctx, s.agent(), text("Yes.")))
	s.days(1)
	s.step("it did not arrive")
	s.must(conv.MarkBounced(s.ctx, s.system(), lost.Message))
	s.loops()
	s.must(conv.Reply(s.ctx, s.agent(), text("Yes, again.")))
	s.must(conv.AddCustomerMessage(s.ctx, s.customer(), said("And now?")))
	s.must(conv.Reply(s.ctx, s.agent(), text("Now, too.")))
	s.days(1)
	s.step("another promise")
	s.must(conv.AddCustomerMessage(s.ctx, s.customer(), said("Something else.")))
	s.loops()
	s.must(conv.CreateTicket(s.ctx, s.agent(), inbox.CreateTicketParams{Intake: burning, Summary: "Else."}))
	s.loops()
	s.step("nothing happens any more")
	r = s.must(o.Start(s.ctx, s.customer(), opening(begin(helpdesk.ChannelEmail, contact), text("A question."))))
	s.must(o.Conversation(r.Conversation).Reply(s.ctx, s.agent(), text("An answer.")))
	s.days(3)
}
