package inbox_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A model is what a conversation should be like, kept in the plainest way.
type model struct {
	ai, chat bool
	hadTk    bool
	open     bool // a ticket
	messages []string
	notes    int
	epoch    uint64
	archived bool
	addOn    bool
}

// A randomLife is a conversation that random commands happen to, beside its model.
type randomLife struct {
	*play
	m      model
	leases []inbox.ControlToken
	shown  []inbox.Offer
}

// Random commands in random order: the conversation is as its model, a refusal
// changes nothing, and what is stored comes back. R38, R39, R58–R64, R77.
func TestRandomLife(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		ch := rapid.SampledFrom([]helpdesk.Channel{helpdesk.ChannelLiveChat, helpdesk.ChannelEmail, "kiosk"}).Draw(rt, "channel")
		c := automatic
		c.AddOn = rapid.Bool().Draw(rt, "add-on")
		c.OpenTicket = rapid.SampledFrom([]inbox.OnOpenTicket{inbox.OpenTicketRefuse, inbox.OpenTicketAllow}).Draw(rt, "open ticket")
		l := &randomLife{play: start(rt, ch, c)}
		l.m = model{ai: c.AddOn, addOn: c.AddOn, chat: ch == helpdesk.ChannelLiveChat, messages: []string{"m1"}, epoch: 1}
		l.learn(l.last)
		actions := map[string]func(*rapid.T){"": func(*rapid.T) { l.check(c) }}
		for name, act := range l.actions() {
			actions[name] = func(rt *rapid.T) {
				l.t = rt
				before := snapshots(l.k)
				if err := act(rt); err != nil {
					require.True(rt, typed(err), "%v", err)
					require.Equal(rt, before, snapshots(l.k), "a refusal changes nothing")
				}
			}
		}
		rt.Repeat(actions)
	})
}

func typed(err error) bool {
	_, offer := errors.AsType[*inbox.OfferError](err)
	return offer || errors.Is(err, helpdesk.ErrNotAllowed) || errors.Is(err, helpdesk.ErrInvalid) ||
		errors.Is(err, helpdesk.ErrConflict) || errors.Is(err, helpdesk.ErrGone)
}

// learn keeps what goes out: leases and offers.
func (l *randomLife) learn(e inbox.Event) {
	for _, f := range e.Effects {
		switch f.Kind {
		case inbox.EffectAskAI:
			l.leases = append(l.leases, f.Token)
		case inbox.EffectTellOffer:
			l.shown = append(l.shown, l.lastOffer())
		default:
		}
	}
}

func (l *randomLife) try(k inbox.Case, events []inbox.Event, err error) error {
	if err != nil {
		require.Empty(l.t, events)
		require.Equal(l.t, snapshots(l.k), snapshots(k))
		return err
	}
	l.do(k, events, nil)
	l.learn(l.last)
	return nil
}

func (l *randomLife) tryConv(c inbox.Conversation, events []inbox.Event, err error) error {
	return l.try(inbox.Case{Conversation: c, Tickets: l.k.Tickets}, events, err)
}

// hold passes control in the model.
func (l *randomLife) hold(ai, archived bool) {
	if ai != l.m.ai || archived != l.m.archived {
		l.m.epoch++
	}
	l.m.ai, l.m.archived = ai, archived
}

func (l *randomLife) actions() map[string]func(*rapid.T) error {
	return map[string]func(*rapid.T) error{
		"customer writes": func(*rapid.T) error {
			d := l.msg()
			err := l.try(l.k.AddCustomerMessage(l.customer(), inbox.CustomerMessageParams{MessageParams: d}))
			require.NoError(l.t, err, "never refused")
			l.m.messages = append(l.m.messages, d.ID)
			if l.m.archived { // R84
				reopens := l.m.hadTk && !l.m.open
				l.hold(l.m.addOn && !reopens && (!l.m.chat || !l.m.hadTk), false)
			}
			l.m.open = l.m.hadTk
			return nil
		},
		"somebody else writes": func(*rapid.T) error {
			d := l.msg()
			err := l.try(l.k.AddParticipantMessage(l.stamp(helpdesk.ActorThirdParty), d))
			require.NoError(l.t, err)
			l.m.messages = append(l.m.messages, d.ID)
			if l.m.ai {
				l.m.notes++
			}
			l.hold(false, false)
			return nil
		},
		"ai replies": func(rt *rapid.T) error {
			if len(l.leases) == 0 {
				return nil
			}
			lease, d := rapid.SampledFrom(l.leases).Draw(rt, "lease"), l.msg()
			err := l.tryConv(l.c().AddAIReply(l.ai(), lease, d))
			if err == nil && l.last.ID != "" {
				require.True(l.t, l.m.ai && lease.Epoch == l.m.epoch, "the AI spoke under epoch %d", lease.Epoch)
				l.m.messages = append(l.m.messages, d.ID)
			}
			return err
		},
		"ai gives up": func(rt *rapid.T) error {
			if len(l.leases) == 0 {
				return nil
			}
			err := l.tryConv(l.c().ReportAIFailure(l.ai(), rapid.SampledFrom(l.leases).Draw(rt, "lease"), inbox.FailureGiveUp, ""))
			if err == nil {
				l.m.notes++
				l.hold(false, false)
			}
			return err
		},
		"ai offers": func(rt *rapid.T) error {
			if len(l.leases) == 0 {
				return nil
			}
			d := offerDraft(l.msg().ID)
			if o, ok := l.c().OpenOffer(); ok && rapid.Bool().Draw(rt, "supersede") {
				d.Supersedes = o.ID
			}
			return l.try(l.k.MakeOffer(l.ai(), rapid.SampledFrom(l.leases).Draw(rt, "lease"), d))
		},
		"customer confirms": func(rt *rapid.T) error {
			if len(l.shown) == 0 {
				return nil
			}
			o := rapid.SampledFrom(l.shown).Draw(rt, "offer")
			tickets := len(l.k.Tickets)
			err := l.try(l.k.ConfirmOffer(nil, l.customer(), confirmation(o, l.n)))
			if err == nil && l.last.ID != "" {
				require.Len(l.t, l.k.Tickets, tickets+1)
				l.m.hadTk, l.m.open = true, true
				if l.m.chat {
					l.hold(false, false)
				}
			}
			return err
		},
		"customer declines": func(*rapid.T) error { return l.tryConv(l.c().DeclineOffer(l.customer(), l.lastOffer().ID)) },
		"offer's timer": func(rt *rapid.T) error {
			if rapid.Bool().Draw(rt, "wait") {
				l.now = l.now.Add(25 * time.Hour)
			}
			return l.tryConv(l.c().ExpireOffer(l.system(), l.lastOffer().ID))
		},
		"escalation's timer": func(rt *rapid.T) error {
			if rapid.Bool().Draw(rt, "wait") {
				l.now = l.now.Add(49 * time.Hour)
			}
			return l.tryConv(l.c().Escalate(l.system(), l.pending()))
		},
		"agent takes over": func(*rapid.T) error {
			err := l.tryConv(l.c().TakeOver(l.agent()))
			if err == nil {
				l.hold(false, false)
			}
			return err
		},
		"agent replies": func(*rapid.T) error {
			d := l.msg()
			err := l.try(l.k.Reply(l.agent(), d))
			if err == nil {
				l.m.messages = append(l.m.messages, d.ID)
				l.hold(false, false)
			}
			return err
		},
		"agent notes": func(*rapid.T) error {
			l.m.notes++
			return l.tryConv(l.c().AddNote(l.agent(), l.msg()))
		},
		"agent picks up": func(*rapid.T) error { return l.try(l.k.PickUp(l.agent())) },
		"agent resolves": func(*rapid.T) error {
			err := l.try(l.k.Resolve(l.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
			if err == nil {
				l.m.open = false
			}
			return err
		},
		"agent creates": func(*rapid.T) error {
			d := staffDraft(l.n % 200)
			d.ID = ticket.NewID(l.now, [10]byte{byte(l.n), byte(l.n >> 8)})
			err := l.try(l.k.CreateTicket(nil, l.agent(), d))
			if err == nil {
				l.m.hadTk, l.m.open = true, true
			}
			return err
		},
		"agent returns": func(*rapid.T) error {
			err := l.tryConv(l.c().ReturnToAI(l.agent()))
			if err == nil {
				require.False(l.t, l.m.chat && l.m.hadTk)
				l.hold(true, false)
			}
			return err
		},
		"agent archives": func(*rapid.T) error {
			err := l.try(l.k.Archive(l.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
			if err == nil {
				l.hold(false, true)
			}
			return err
		},
		"agent unarchives": func(*rapid.T) error {
			err := l.tryConv(l.c().Unarchive(l.agent()))
			if err == nil {
				l.hold(false, false)
			}
			return err
		},
		"agent reads": func(*rapid.T) error { return l.tryConv(l.c().MarkRead(l.agent(), uint64(l.c().Len()))) },
	}
}

// check compares the conversation with its model.
func (l *randomLife) check(c inbox.Config) {
	t, conv := l.t, l.c()
	want := inbox.ListActive
	switch {
	case l.m.archived:
		want = inbox.ListArchived
	case l.m.ai:
		want = inbox.ListAutomated
	}
	require.Equal(t, want, conv.List())
	require.Equal(t, l.m.epoch, conv.Control().Epoch)
	require.Equal(t, l.m.hadTk, conv.HadTicket())
	_, open := l.k.OpenTicket()
	require.Equal(t, l.m.open, open)
	var ids []string
	for r := range conv.Replies() {
		ids = append(ids, r.ID)
	}
	require.Equal(t, l.m.messages, ids)
	checkHead(t, conv)
	checkOffers(t, conv)
	checkTickets(t, l.k)
	require.Equal(t, len(l.m.messages)+l.m.notes, conv.Len())
	if l.m.archived {
		require.False(t, conv.HasPendingEscalation())
		require.Zero(t, unreadCount(conv))
		require.True(t, c.OpenTicket == inbox.OpenTicketAllow || !open)
	}
	confirmed := map[string]int{}
	for _, link := range conv.Snapshot().Tickets {
		if link.Offer != "" {
			confirmed[link.Offer]++
			require.Equal(t, 1, confirmed[link.Offer])
		}
	}
	data, err := json.Marshal(conv)
	require.NoError(t, err)
	var back inbox.Conversation
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, conv.Snapshot(), back.Snapshot())
	require.True(t, slices.IsSorted(conv.Allowed(helpdesk.ActorAgent)))
}
