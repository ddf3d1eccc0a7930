package inbox_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A command is one event with everything that it needs to be accepted, if the
// state and the actor let it be.
type command func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error)

func onConversation(f func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error)) command {
	return func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		c, events, err := f(p, s)
		return inbox.Case{Conversation: c, Tickets: p.k.Tickets}, events, err
	}
}

// lastOffer is the last offer that was made.
func (p *play) lastOffer() inbox.Offer {
	var last inbox.Offer
	for o := range p.c().Offers() {
		last = o
	}
	return last
}

func (p *play) pending() string {
	for e := range p.c().Escalations() {
		if e.IsPending() {
			return e.ID
		}
	}
	return "none"
}

var commands = map[inbox.EventKind]command{
	inbox.EventStart: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		s.Who = ""
		c, events, err := inbox.Start(s, inbox.StartParams{ID: id(9), Kind: inbox.KindComment, Channel: "email", Message: p.msg()}, nil)
		return inbox.Case{Conversation: c}, events, err
	},
	inbox.EventAddCustomerMessage: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.AddCustomerMessage(s, inbox.CustomerMessageParams{MessageParams: p.msg()})
	},
	inbox.EventAddParticipantMessage: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.AddParticipantMessage(s, p.msg())
	},
	inbox.EventRecordAutoReply: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.RecordAutoReply(s, p.msg())
	},
	inbox.EventMarkBounced: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.MarkBounced(s, "ai-1")
	},
	inbox.EventMarkDelivered: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.MarkDelivered(s, "ai-1")
	},
	inbox.EventAddAIReply: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().AddAIReply(s, p.leaseNow(), p.msg())
	}),
	inbox.EventReportAIFailure: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().ReportAIFailure(s, p.leaseNow(), inbox.FailureGiveUp, "")
	}),
	inbox.EventMakeOffer: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.MakeOffer(s, p.leaseNow(), offerDraft("o9"))
	},
	inbox.EventDeclineOffer: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().DeclineOffer(s, p.lastOffer().ID)
	}),
	inbox.EventExpireOffer: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		s.At = s.At.Add(48 * time.Hour)
		return p.c().ExpireOffer(s, p.lastOffer().ID)
	}),
	inbox.EventConfirmOffer: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.ConfirmOffer(nil, s, confirmation(p.lastOffer(), 77))
	},
	inbox.EventTakeOver: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) { return p.c().TakeOver(s) }),
	inbox.EventReply:    func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) { return p.k.Reply(s, p.msg()) },
	inbox.EventAskCustomer: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.AskCustomer(s, p.msg())
	},
	inbox.EventPickUp: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) { return p.k.PickUp(s) },
	inbox.EventReturnToAI: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().ReturnToAI(s)
	}),
	inbox.EventSwitchOff: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().WithPolicy(nil).SwitchOff(s)
	}),
	inbox.EventCreateTicket: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.CreateTicket(nil, s, staffDraft(88))
	},
	inbox.EventResolve: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.Resolve(s, ticket.ResolveParams{Action: "done", Reason: ticket.ReasonDuplicate})
	},
	inbox.EventUnlinkTicket: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		if links := p.c().Snapshot().Tickets; len(links) > 0 {
			k, events, err := inbox.Case{Conversation: p.c()}.UnlinkTicket(s, links[0].Ticket) // the ticket is gone
			if err != nil {
				return p.k, events, err
			}
			return k, events, nil
		}
		return p.k.UnlinkTicket(s, ticketID(99))
	},
	inbox.EventArchive: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		return p.k.Archive(s, inbox.ArchiveParams{Reason: inbox.ArchiveArchived})
	},
	inbox.EventUnarchive: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().Unarchive(s)
	}),
	inbox.EventEscalate: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		s.At = s.At.Add(49 * time.Hour)
		return p.c().Escalate(s, p.pending())
	}),
	inbox.EventAddNote: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().AddNote(s, p.msg())
	}),
	inbox.EventAddTag: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().AddTag(s, "VIP")
	}),
	inbox.EventRemoveTag: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().RemoveTag(s, "vip")
	}),
	inbox.EventSetSentiment: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().SetSentiment(s, inbox.SentimentNegative)
	}),
	inbox.EventFollow: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().Follow(s, "agent-2")
	}),
	inbox.EventUnfollow: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().Unfollow(s, "agent-2")
	}),
	inbox.EventMarkRead: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		return p.c().MarkRead(s, 0)
	}),
	inbox.EventMarkNotified: onConversation(func(p *play, s helpdesk.Command) (inbox.Conversation, []inbox.Event, error) {
		for n := range p.c().Notifications() {
			return p.c().MarkNotified(s, n.ID)
		}
		return p.c().MarkNotified(s, "none")
	}),
	inbox.EventPurge: func(p *play, s helpdesk.Command) (inbox.Case, []inbox.Event, error) {
		s.At = s.At.Add(40 * 24 * time.Hour)
		return p.k.Purge(s, s.At)
	},
}

// leaseNow is a lease of the epoch that stands, whoever holds control.
func (p *play) leaseNow() inbox.ControlToken {
	asked, _, _ := p.c().Turns()
	return inbox.ControlToken{Conversation: p.c().ID(), Epoch: p.c().Control().Epoch, Turn: asked}
}

func staffDraft(n int) inbox.CreateTicketParams {
	return inbox.CreateTicketParams{ID: ticketID(n), Reference: ticket.NewReference(uint64(n)), Intake: ticket.Intake{Title: "By the team"}}
}

// fixtures are the states, each with what makes as much as possible acceptable.
var fixtures = map[inbox.Status]func(tester) *play{
	inbox.StatusNone: func(tb tester) *play { tb.Helper(); return &play{t: tb, now: began} },
	inbox.StatusAI: func(tb tester) *play {
		tb.Helper()
		p := start(tb, helpdesk.ChannelEmail, automatic)
		p.conv(p.c().AddAIReply(p.ai(), p.c().ControlToken(), draft("ai-1", "Have you tried water?")))
		p.says()
		return p
	},
	inbox.StatusOffer: func(tb tester) *play {
		tb.Helper()
		p := start(tb, helpdesk.ChannelEmail, automatic)
		p.conv(p.c().AddAIReply(p.ai(), p.c().ControlToken(), draft("ai-1", "Have you tried water?")))
		p.says()
		p.offers()
		return p
	},
	inbox.StatusQueue: func(tb tester) *play {
		tb.Helper()
		p := start(tb, helpdesk.ChannelLiveChat, automatic)
		p.conv(p.c().AddAIReply(p.ai(), p.c().ControlToken(), draft("ai-1", "Have you tried water?")))
		p.confirms(p.offers())
		return p
	},
	inbox.StatusHuman: func(tb tester) *play { // by mail, where the AI may come back, with an open ticket
		tb.Helper()
		p := start(tb, helpdesk.ChannelEmail, automatic)
		p.conv(p.c().AddAIReply(p.ai(), p.c().ControlToken(), draft("ai-1", "Have you tried water?")))
		p.offers()
		p.conv(p.c().TakeOver(p.agent()))
		p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(87)))
		p.says()
		return p
	},
	inbox.StatusArchived: func(tb tester) *play {
		tb.Helper()
		p := start(tb, helpdesk.ChannelEmail, automatic)
		p.conv(p.c().AddAIReply(p.ai(), p.c().ControlToken(), draft("ai-1", "Have you tried water?")))
		p.confirms(p.offers())
		p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "no printer", Reason: ticket.ReasonSpam}))
		p.archives()
		return p
	},
	inbox.StatusPurged: func(tb tester) *play {
		tb.Helper()
		p := start(tb, helpdesk.ChannelEmail, automatic)
		p.do(p.k.Purge(p.system(), p.now))
		return p
	},
	"zoned": func(tb tester) *play { // of a newer version
		tb.Helper()
		p := start(tb, helpdesk.ChannelEmail, automatic)
		s := p.c().Snapshot()
		s.Status = "zoned"
		c, err := inbox.FromSnapshot(s)
		require.NoError(tb, err)
		p.k.Conversation = c.WithPolicy(p.c().Policy())
		return p
	},
}

// accepted is the whole machine in short: the state, the event, who may, and the
// next state, "=" for the same, "none" for a command that has nothing to do. What
// is not here is refused. It is list × event × actor and control × event × actor
// in one, since both follow from the state: see TestLists.
const accepted = `
 start               customer,third_party        human

ai customer_message    customer                    =
ai participant_message third_party                 human
ai auto_message        customer,system,third_party =
ai undelivered         system                      =
ai delivered           system                      =
ai ai_reply            ai                          =
ai ai_fail             ai,system                   human
ai offer               ai                          offer
ai take_over           agent                       human
ai reply               agent                       human
ai pick_up             agent                       =
ai switch_off          agent,system                human
ai archive             agent,system                archived
ai note                agent,ai,system             =
ai expire              system                      none
ai escalate            system                      none
ai notified            system                      none
ai purge               system                      purged

offer customer_message    customer                    =
offer participant_message third_party                 human
offer auto_message        customer,system,third_party =
offer undelivered         system                      =
offer delivered           system                      =
offer ai_reply            ai                          =
offer ai_fail             ai,system                   human
offer decline             customer                    ai
offer expire              system                      ai
offer confirm             customer                    ai
offer take_over           agent                       human
offer reply               agent                       human
offer pick_up             agent                       =
offer switch_off          agent,system                human
offer archive             agent,system                archived
offer note                agent,ai,system             =
offer escalate            system                      none
offer notified            system                      none
offer purge               system                      purged

human_queue customer_message    customer                    =
human_queue participant_message third_party                 =
human_queue auto_message        customer,system,third_party =
human_queue undelivered         system                      =
human_queue delivered           system                      =
human_queue reply               agent                       human
human_queue ask                 agent                       human
human_queue pick_up             agent                       human
human_queue resolve             agent                       human
human_queue escalate            system                      =
human_queue note                agent,system                =
human_queue notified            system                      =
human_queue unlink              system                      =
human_queue expire              system                      none
human_queue confirm             customer                    none

human customer_message    customer                    =
human participant_message third_party                 =
human auto_message        customer,system,third_party =
human undelivered         system                      =
human delivered           system                      =
human reply               agent                       =
human ask                 agent                       =
human pick_up             agent                       =
human resolve             agent                       =
human create_ticket       agent                       =
human return_to_ai        agent                       ai
human escalate            system                      =
human note                agent,system                =
human notified            system                      =
human unlink              system                      =
human expire              system                      none

archived customer_message    customer                    human
archived participant_message third_party                 human
archived auto_message        customer,system,third_party =
archived undelivered         system                      =
archived delivered           system                      =
archived unarchive           agent                       human
archived note                agent,system                =
archived unlink              system                      =
archived purge               system                      purged
archived confirm             customer                    none
archived expire              system                      none
archived escalate            system                      none
archived notified            system                      none

purged expire   system none
purged escalate system none
purged notified system none
zoned  expire   system none
zoned  escalate system none
zoned  notified system none
`

// Those that are the same in every state that lives.
var everywhere = map[inbox.EventKind][]helpdesk.Actor{
	inbox.EventAddTag:       {helpdesk.ActorAgent, helpdesk.ActorAI, helpdesk.ActorSystem},
	inbox.EventRemoveTag:    {helpdesk.ActorAgent, helpdesk.ActorAI, helpdesk.ActorSystem},
	inbox.EventSetSentiment: {helpdesk.ActorAgent, helpdesk.ActorAI, helpdesk.ActorSystem},
	inbox.EventFollow:       {helpdesk.ActorAgent},
	inbox.EventUnfollow:     {helpdesk.ActorAgent},
	inbox.EventMarkRead:     {helpdesk.ActorAgent},
}

func wanted(t *testing.T) map[string]string {
	t.Helper()
	want := map[string]string{}
	for line := range strings.Lines(accepted) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		f := strings.Fields(line)
		if strings.HasPrefix(line, " ") {
			f = append([]string{""}, f...)
		}
		require.Len(t, f, 4, line)
		for actor := range strings.SplitSeq(f[2], ",") {
			want[f[0]+"/"+f[1]+"/"+actor] = f[3]
		}
	}
	return want
}

// Every state × event × actor (T46): what is not in the literal is refused, typed,
// and changes nothing. R28, R29, R38–R40, R58–R65, R76, R77.
func TestMatrix(t *testing.T) {
	t.Parallel()
	want, used := wanted(t), 0
	for k := range inbox.EventKinds() {
		require.Contains(t, commands, k)
	}
	for state, fixture := range fixtures {
		p := fixture(t)
		require.Equal(t, state, p.c().Status())
		for kind := range inbox.EventKinds() {
			for actor := range helpdesk.Actors() {
				name := string(state) + "/" + string(kind) + "/" + string(actor)
				next, ok := want[name]
				if ok {
					used++
				}
				if !ok && slices.Contains([]inbox.Status{"ai", "offer", "human_queue", "human", "archived"}, state) && slices.Contains(everywhere[kind], actor) {
					next, ok = "=", true
				}
				if state != inbox.StatusNone && kind == inbox.EventStart {
					continue // a start begins another conversation
				}
				before := p.k
				k, events, err := commands[kind](p, p.stamp(actor))
				switch {
				case !ok:
					require.Error(t, err, name)
					require.Empty(t, events, name)
					require.Equal(t, snapshots(before), snapshots(k), name)
					checkRefusal(t, err, state, kind, actor, name)
				case next == "none":
					require.NoError(t, err, name)
					require.Empty(t, events, name)
					require.Equal(t, snapshots(before), snapshots(k), name)
				default:
					require.NoError(t, err, name)
					require.Len(t, events, 1, name)
					checkEvent(t, p.c(), events[0])
					if next == "=" {
						next = string(state)
					}
					require.Equal(t, inbox.Status(next), k.Conversation.Status(), name)
					require.Equal(t, state, events[0].From, name)
					require.NoError(t, whyOf(p.c(), kind, actor), name)
				}
			}
		}
	}
	require.Equal(t, len(want), used, "lines of the literal that no combination stands for")
}

// snapshots is what a case consists of.
func snapshots(k inbox.Case) string {
	if k.Conversation.IsZero() {
		return ""
	}
	text, err := json.MarshalIndent(k, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func whyOf(c inbox.Conversation, k inbox.EventKind, by helpdesk.Actor) error {
	if c.IsZero() {
		return nil
	}
	return c.Why(k, by)
}

// checkRefusal: a refusal is typed and says which state, event and actor.
func checkRefusal(t *testing.T, err error, state inbox.Status, kind inbox.EventKind, actor helpdesk.Actor, name string) {
	t.Helper()
	if _, ok := errors.AsType[*inbox.OfferError](err); ok {
		require.ErrorAs(t, err, new(*inbox.OfferError), name)
		return
	}
	var e *inbox.NotAllowedError
	if f, ok := errors.AsType[*helpdesk.FieldError](err); ok {
		require.Equal(t, "ticket", f.Path, name) // unlink without a ticket
		return
	}
	require.ErrorAs(t, err, &e, name)
	require.Equal(t, []any{state, kind, actor}, []any{e.Status, e.Event, e.Actor}, name)
	require.Equal(t, state == inbox.StatusPurged, errors.Is(err, helpdesk.ErrGone), name)
	require.Equal(t, state != inbox.StatusPurged, errors.Is(err, helpdesk.ErrNotAllowed), name)
	switch e.Reason {
	case "guard":
		require.NotEmpty(t, e.Guard, name)
	case "unknown_status":
		require.Equal(t, inbox.Status("zoned"), state, name)
	case "actor", "status":
	default:
		require.Fail(t, "reason", "%s: %q", name, e.Reason)
	}
	require.Contains(t, err.Error(), string(actor)+`" cannot `+string(kind), name)
}

// The rows are well made: each is named once, by known words, and control passes
// only where a row says so.
func TestRows(t *testing.T) {
	t.Parallel()
	type key struct {
		s inbox.Status
		e inbox.EventKind
		g inbox.Guard
	}
	seen := map[key]bool{}
	events := map[inbox.EventKind]bool{}
	for r := range inbox.Rows() {
		k := key{r.Status, r.Event, r.Guard}
		require.False(t, seen[k], k)
		seen[k], events[r.Event] = true, true
		require.True(t, r.Next.IsKnown(), k)
		require.True(t, r.Status == inbox.StatusNone || r.Status.IsKnown(), k)
		require.NotEmpty(t, r.By, k)
		for _, by := range r.By {
			require.True(t, by.IsValid(), k)
		}
		for _, f := range r.Effects {
			require.Contains(t, slices.Collect(inbox.EffectKinds()), f, k)
		}
		// R28, R39: nothing but a person's word gives control to the AI.
		if r.Status.Holder() == inbox.HolderPeople && r.Next.Holder() == inbox.HolderAI {
			require.Equal(t, inbox.EventReturnToAI, r.Event)
			require.Equal(t, []helpdesk.Actor{helpdesk.ActorAgent}, r.By)
		}
	}
	for k := range inbox.EventKinds() {
		require.True(t, events[k], k)
	}
	for r := range inbox.Rows() { // copies
		r.By[0] = "nobody"
		for i := range r.Effects {
			r.Effects[i] = "nothing"
		}
	}
	for r := range inbox.Rows() {
		require.NotEqual(t, helpdesk.Actor("nobody"), r.By[0])
		break
	}
}

// R58–R61, R64, R67: the lists are a partition, and follow from the state.
func TestLists(t *testing.T) {
	t.Parallel()
	want := map[inbox.Status]struct {
		list   inbox.List
		holder inbox.Holder
	}{
		inbox.StatusNone:     {"", inbox.HolderNobody},
		inbox.StatusAI:       {inbox.ListAutomated, inbox.HolderAI},
		inbox.StatusOffer:    {inbox.ListAutomated, inbox.HolderAI},
		inbox.StatusQueue:    {inbox.ListActive, inbox.HolderPeople},
		inbox.StatusHuman:    {inbox.ListActive, inbox.HolderPeople},
		inbox.StatusArchived: {inbox.ListArchived, inbox.HolderNobody},
		inbox.StatusPurged:   {"", inbox.HolderNobody},
		"zoned":              {"", inbox.HolderNobody},
	}
	for state, w := range want {
		require.Equal(t, w.list, state.List(), state)
		require.Equal(t, w.holder, state.Holder(), state)
		require.Equal(t, w.holder, inbox.Control{Status: state}.Status.Holder())
	}
	for s := range inbox.Statuses() {
		require.Contains(t, want, s)
		if s != inbox.StatusPurged {
			require.True(t, s.List().IsValid(), s)
		}
	}
	require.Equal(t, []inbox.List{"active", "archived", "automated"}, slices.Collect(inbox.Lists()))
	require.False(t, inbox.List("open").IsValid())
	require.False(t, inbox.List("").IsValid())
}

// What a UI shows as buttons, and an AI gets as tools: sorted, and without what can
// never be (T10).
func TestAllowed(t *testing.T) {
	t.Parallel()
	p := fixtures[inbox.StatusOffer](t)
	require.Equal(t, []inbox.EventKind{"ai_fail", "ai_reply", "note", "offer", "sentiment", "tag", "untag"}, p.c().Allowed(helpdesk.ActorAI))
	require.Equal(t, []inbox.EventKind{"auto_message", "confirm", "customer_message", "decline"}, p.c().Allowed(helpdesk.ActorCustomer))
	p = fixtures[inbox.StatusHuman](t)
	require.Equal(t, []inbox.EventKind{"sentiment", "tag", "untag"}, p.c().Allowed(helpdesk.ActorAI))
	require.Empty(t, inbox.Conversation{}.Allowed(helpdesk.ActorAgent))
	require.ErrorIs(t, p.c().Why(inbox.EventAddAIReply, helpdesk.ActorAI), helpdesk.ErrNotAllowed)
	var e *inbox.NotAllowedError
	require.ErrorAs(t, p.c().Why(inbox.EventConfirmOffer, helpdesk.ActorAI), &e)
	require.Equal(t, inbox.Reason("actor"), e.Reason)
	require.ErrorAs(t, p.c().Why("dance", helpdesk.ActorAgent), &e)
	require.Equal(t, inbox.Reason("unknown_event"), e.Reason)
	require.ErrorAs(t, p.c().Why(inbox.EventAddTag, "nobody"), &e)
	require.Equal(t, inbox.Reason("actor"), e.Reason)
}
