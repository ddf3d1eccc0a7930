package inbox_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The words for everything that can be wrong with the settings of a tenant.
func TestFaultTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	for _, text := range []string{
		``, `null`, `[]`, `{`, `{}{}`, `{"fly":1,"Add_On":true}`, `{"add_on":true,"add_on":false}`,
		`{"add_on":"yes","manual":"phone","max_turns":"x","offer_ttl":7,"archived":7,"open_ticket":7,"staff_may_not_create":7,"several_tickets":7,"no_action":7,"not_closed":7,"queue_wait":7}`,
		`{"manual":["pigeon","",7],"max_turns":-1,"archived":"burn","open_ticket":"burn"}`,
		`{"manual":["pigeon",""],"max_turns":-1,"archived":"burn","open_ticket":"burn"}`,
		`{"offer_ttl":"999ms","no_action":"-1h","not_closed":"8784h0m1s","queue_wait":"1ns"}`, `{"no_action":"soon","not_closed":"2d","max_turns":1.5}`,
	} {
		c, err := inbox.ParseConfig([]byte(text))
		if err == nil {
			_, err = inbox.NewPolicy(c)
		}
		fmt.Fprintf(&said, "== %s\n%v\n", text, err)
	}
	golden.Equal(t, "testdata/faults.golden", said.String())
}

// The words for everything that can be wrong with what is to be said.
func TestDraftFaultTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	say := func(what string, err error) { fmt.Fprintf(&said, "== %s\n%v\n", what, err) }
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	id := inbox.ID(uuid.MustParse("00000000-0000-7000-8000-000000000001"))
	stamp := func(by helpdesk.Actor, n int) helpdesk.Command {
		return helpdesk.Command{ID: fmt.Sprintf("s%d", n), At: at.Add(time.Duration(n) * time.Minute), Author: helpdesk.Author{By: by, Who: "w"}}
	}
	customer, agent, ai := helpdesk.ActorCustomer, helpdesk.ActorAgent, helpdesk.ActorAI
	good := inbox.StartParams{
		ID: id, Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat,
		Contact: inbox.Contact{Customer: "c", Account: "a"}, Message: inbox.MessageParams{ID: "m1", Body: "Hello."},
	}
	long := strings.Repeat("x", 200_000)

	_, _, err := inbox.Start(helpdesk.Command{Author: helpdesk.Author{By: customer}}, inbox.StartParams{}, nil)
	say("nothing", err)
	_, _, err = inbox.Start(helpdesk.Command{ID: "a b", At: at.AddDate(-300, 0, 0), Author: helpdesk.Author{By: customer, Who: "\x00"}}, inbox.StartParams{
		ID: id, Kind: "riddle", Channel: "pigeon", Continues: id,
		Contact: inbox.Contact{Customer: "\x00", Account: long, Name: long, Email: long, Phone: "\n"}, Message: inbox.MessageParams{ID: "a#b"},
	}, nil)
	say("a beginning", err)

	policy, err := inbox.NewPolicy(inbox.Config{AddOn: true})
	require.NoError(t, err)
	first := stamp(customer, 1)
	first.Who = "c"
	c, events, err := inbox.Start(first, good, policy)
	require.NoError(t, err)
	require.Len(t, events, 1)
	bad := inbox.MessageParams{
		ID: "m1", Body: long, SentAt: at.AddDate(-300, 0, 0),
		Attachments: []inbox.AttachmentRef{{}, {Ref: "a b", Type: "a\nb", Size: -1, SHA256: "X"}, {Ref: "big", Size: inbox.MaxAttachmentSize + 1}},
	}
	many := inbox.MessageParams{ID: "", Body: " \n", Attachments: make([]inbox.AttachmentRef, inbox.MaxAttachments+1)}
	for i := range many.Attachments {
		many.Attachments[i].Ref = strconv.Itoa(i)
	}
	k := inbox.Case{Conversation: c}
	for _, d := range []inbox.MessageParams{{}, bad, many} {
		_, _, err = k.Reply(stamp(agent, 2), d)
		say("a reply", err)
		_, _, err = k.Conversation.AddNote(stamp(agent, 2), d)
		say("a note", err)
		_, _, err = k.Conversation.AddAIReply(stamp(ai, 2), c.ControlToken(), d)
		say("a reply of the AI", err)
	}
	lease := c.ControlToken()
	lease.Turn += 7
	_, _, err = c.AddAIReply(stamp(ai, 2), lease, inbox.MessageParams{ID: "m2", Body: "x"})
	say("a turn that never was", err)
	lease.Conversation = inbox.ID{}
	_, _, err = c.AddAIReply(stamp(ai, 2), lease, inbox.MessageParams{ID: "m2", Body: "x"})
	say("a lease of nothing", err)
	_, _, err = c.ReportAIFailure(stamp(ai, 2), c.ControlToken(), "bored", long)
	say("a failure", err)
	_, _, err = k.MakeOffer(stamp(ai, 2), c.ControlToken(), inbox.OfferParams{})
	say("an offer of nothing", err)
	_, _, err = k.MakeOffer(stamp(ai, 2), c.ControlToken(), inbox.OfferParams{
		ID: "a b", Reason: long, Summary: long, Severity: 9, Supersedes: "none",
		Intake: ticket.Intake{Title: long, Description: " ", Requester: "z", Account: "z", Kind: "riddle", Steps: long},
	})
	say("an offer", err)
	k, _, err = k.MakeOffer(stamp(ai, 2), c.ControlToken(), inbox.OfferParams{ID: "o1", Reason: "r", Summary: "s", Intake: ticket.Intake{Title: "t", Description: "d"}})
	require.NoError(t, err)
	who := stamp(customer, 3)
	who.Who = "c"
	_, _, err = k.ConfirmOffer(nil, who, inbox.ConfirmParams{Offer: "none"})
	say("no such offer", err)
	_, _, err = k.ConfirmOffer(nil, who, inbox.ConfirmParams{Offer: "o1", Shown: "x", Message: "m1", ContactAt: at.AddDate(-300, 0, 0)})
	say("a confirmation", err)
	_, _, err = k.CreateTicket(nil, stamp(agent, 3), inbox.CreateTicketParams{Intake: ticket.Intake{Title: " ", Account: "\x00"}, Summary: long})
	say("a ticket while the AI has it", err)
	taken, _, err := k.Conversation.TakeOver(stamp(agent, 3))
	require.NoError(t, err)
	k.Conversation = taken
	_, _, err = k.CreateTicket(nil, stamp(agent, 4), inbox.CreateTicketParams{Intake: ticket.Intake{Title: " ", Account: "\x00"}, Summary: long, Severity: 9, ContactAt: at.AddDate(-300, 0, 0)})
	say("a ticket", err)
	for _, tag := range []string{"", long, "\x00"} {
		_, _, err = taken.AddTag(stamp(agent, 4), tag)
		say("a tag", err)
	}
	_, _, err = taken.SetSentiment(stamp(agent, 4), "angry")
	say("a sentiment", err)
	_, _, err = taken.Follow(stamp(agent, 4), "")
	say("a watcher", err)
	_, _, err = taken.Follow(stamp(agent, 4), long)
	say("a watcher", err)
	_, _, err = taken.MarkRead(stamp(agent, 4), 99)
	say("a mark", err)
	_, _, err = k.Archive(stamp(agent, 4), inbox.ArchiveParams{})
	say("a reason", err)
	_, _, err = k.MarkBounced(stamp(helpdesk.ActorSystem, 4), "none")
	say("no such message", err)
	golden.Equal(t, "testdata/draft-faults.golden", said.String())
}
