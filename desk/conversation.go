package desk

import (
	"context"
	"errors"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
)

// A ConversationHandle names one conversation of a tenant, which need not exist. It
// holds nothing but the ID, is comparable, and can be used by several goroutines at
// once. Where the conversation does not exist, the methods return an error that
// matches [helpdesk.ErrNotFound]; where it was deleted, [helpdesk.ErrGone]. The zero
// handle has no tenant and must not be used.
type ConversationHandle struct {
	t  *Tenant
	id inbox.ID
}

// Conversation returns a handle for a conversation. It does not read anything.
func (o *Tenant) Conversation(id inbox.ID) ConversationHandle { return ConversationHandle{o, id} }

// ID returns the ID of the conversation.
func (h ConversationHandle) ID() inbox.ID { return h.id }

// Start begins a conversation with a message of the customer. It is automated if
// the tenant has the add-on and the AI answers the channel, and active otherwise
// (R64, R65); the result has the AI's lease then. What somebody else than the contact
// writes begins one that people hold (T11). A message without an ID gets one.
func (o *Tenant) Start(ctx context.Context, c Meta, p inbox.StartParams) (Result, error) {
	var faults check.Faults
	faults.Want(p.ID == inbox.ID{}, "id", "must be empty: the desk makes it")
	faults.Want(p.Continues == inbox.ID{}, "continues", "must be empty: the desk knows")
	faults.Want(!p.HadTicket, "had_ticket", "must be false: the desk knows")
	if faults.Any() {
		return Result{}, faults.Err()
	}
	if err := o.ensureSweep(ctx); err != nil {
		return Result{}, err
	}
	p.Message = dated(p.Message)
	r, err := o.do(ctx, inbox.EventStart, c, p, func(w *work) error {
		p := p
		p.Message = w.draft(p.Message)
		return w.start(p, w.stamp)
	})
	if err != nil {
		return Result{}, err
	}
	return o.settle(ctx, r)
}

// settle makes sure that a conversation that became automated is not stranded
// because the add-on was switched off at the same time (R65): either whoever
// switched it off has seen the conversation, or the settings say so now.
func (o *Tenant) settle(ctx context.Context, r Result) (Result, error) {
	if r.Replayed || r.List != inbox.ListAutomated {
		return r, nil
	}
	list, err := o.switchOff(ctx, r.Conversation)
	if err != nil {
		// It is started; the next message, or the loop, sees to it.
		return r, nil //nolint:nilerr // the command itself was carried out
	}
	if list != "" && list != r.List {
		r.List, r.ControlToken = list, inbox.ControlToken{}
	}
	return r, nil
}

// An Arrival is something that came in and is to find its conversation. It is
// plain data.
type InboundMessage struct {
	// Conversation is the one that it belongs to; zero for none. Start is
	// what a new one starts from, if there is none or it is not there (T14, T22),
	// but for its Message, which is not looked at.
	Conversation inbox.ID          `json:"conversation,omitzero"`
	Start        inbox.StartParams `json:"start,omitzero"`

	Message inbox.CustomerMessageParams `json:"message,omitzero"`

	// Machine says that a machine wrote it, such as an out-of-office reply (T30).
	// It starts no conversation then: without one it is refused with
	// [helpdesk.ErrNotFound] or [helpdesk.ErrGone].
	Machine bool `json:"machine,omitzero"`
}

// Receive takes up what came in, from the customer or from somebody in copy: in its
// conversation, or in a new one if it has none or if its own is not there, or not any
// more (T14, T22). It is what to call for inbound mail. One that begins without an
// address, by mail or telephone, is taken too; what is answered is parked then, unless
// the account has one (see [Tenant.DeadLetters]).
func (o *Tenant) Receive(ctx context.Context, c Meta, a InboundMessage) (Result, error) {
	if a.Conversation != (inbox.ID{}) {
		var r Result
		var err error
		switch {
		case a.Machine:
			r, err = o.Conversation(a.Conversation).RecordAutoReply(ctx, c, a.Message.MessageParams)
		case c.By == helpdesk.ActorThirdParty:
			r, err = o.Conversation(a.Conversation).AddParticipantMessage(ctx, c, a.Message.MessageParams)
		default:
			r, err = o.Conversation(a.Conversation).AddCustomerMessage(ctx, c, a.Message)
		}
		if a.Machine || !errors.Is(err, helpdesk.ErrGone) && !isNotFound(err) {
			return r, err
		}
	}
	if a.Machine {
		return Result{}, &NotFoundError{What: kindConversation}
	}
	if c.IdempotencyKey != "" { // it may have been looked for in vain, and used, above
		c.IdempotencyKey = hashed("receive/" + c.IdempotencyKey)
	}
	a.Start.Message = a.Message.MessageParams
	return o.Start(ctx, c, a.Start)
}

// AddCustomerMessage adds a message of the customer; see [inbox.Case.AddCustomerMessage]
// for what follows. From another customer than the contact it is somebody else's, as
// by [ConversationHandle.AddParticipantMessage] (T11): who may write into a conversation at all is for
// the host to check. It is never refused while the conversation is there. Where it
// belongs into a new conversation, that is started by the same commit and is the
// one of the result; where its ticket was merged into another, that one gets it
// too, unless its conversation is another customer's (T13).
func (h ConversationHandle) AddCustomerMessage(ctx context.Context, c Meta, m inbox.CustomerMessageParams) (Result, error) {
	m.MessageParams = dated(m.MessageParams)
	r, err := h.t.do(ctx, inbox.EventAddCustomerMessage, c, []any{h.id, m}, func(w *work) error {
		f, err := w.open(h.id)
		if err != nil {
			return err
		}
		m := m
		m.MessageParams = w.draft(m.MessageParams)
		return w.receive(f, w.stamp, m.MessageParams, func(k inbox.Case, cmd helpdesk.Command) (inbox.Case, []inbox.Event, error) {
			return k.AddCustomerMessage(cmd, m)
		})
	})
	if err != nil {
		return Result{}, err
	}
	return h.t.settle(ctx, r)
}

// AddParticipantMessage adds a message of somebody who is neither the customer nor of
// the team, such as somebody in copy (T11).
func (h ConversationHandle) AddParticipantMessage(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	m = dated(m)
	return h.t.do(ctx, inbox.EventAddParticipantMessage, c, []any{h.id, m}, func(w *work) error {
		f, err := w.open(h.id)
		if err != nil {
			return err
		}
		m := w.draft(m)
		return w.receive(f, w.stamp, m, func(k inbox.Case, cmd helpdesk.Command) (inbox.Case, []inbox.Event, error) {
			return k.AddParticipantMessage(cmd, m)
		})
	})
}

// RecordAutoReply adds a message that a machine wrote. It changes nothing (D11, T30).
func (h ConversationHandle) RecordAutoReply(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	m = dated(m)
	return h.onCase(ctx, inbox.EventRecordAutoReply, c, m, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.RecordAutoReply(w.stamp, w.draft(m))
	})
}

// MarkDelivered notes that a message of ours, which [ConversationHandle.MarkBounced] had taken back,
// reached the customer after all: it counts as an answer from then. The relay gives
// this command for a reply that was revived.
func (h ConversationHandle) MarkDelivered(ctx context.Context, c Meta, message string) (Result, error) {
	return h.onCase(ctx, inbox.EventMarkDelivered, c, message, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.MarkDelivered(w.stamp, message)
	})
}

// MarkBounced notes that a message of ours did not reach the customer (T28).
func (h ConversationHandle) MarkBounced(ctx context.Context, c Meta, message string) (Result, error) {
	return h.onCase(ctx, inbox.EventMarkBounced, c, message, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.MarkBounced(w.stamp, message)
	})
}

// AddAIReply adds what the AI answers under its lease, and sends it. If control
// passed on meanwhile the error is an [*inbox.StaleControlError], and nothing is
// sent (T32).
func (h ConversationHandle) AddAIReply(ctx context.Context, c Meta, l inbox.ControlToken, m inbox.MessageParams) (Result, error) {
	r, err := h.onConversation(ctx, inbox.EventAddAIReply, c, []any{l, m}, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.AddAIReply(w.stamp, l, w.draft(m))
	})
	return r, h.t.late(ctx, err)
}

// ReportAIFailure says that the AI does not go on, and why: a person takes its place (T31).
func (h ConversationHandle) ReportAIFailure(ctx context.Context, c Meta, l inbox.ControlToken, f inbox.Failure, comment string) (Result, error) {
	r, err := h.onConversation(ctx, inbox.EventReportAIFailure, c, []any{l, f, comment}, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.ReportAIFailure(w.stamp, l, f, comment)
	})
	return r, h.t.late(ctx, err)
}

// MakeOffer has the AI offer to open a ticket (R27). The result has the offer's ID, and
// the fingerprint of what is shown to the customer. An offer without an ID gets
// one.
func (h ConversationHandle) MakeOffer(ctx context.Context, c Meta, l inbox.ControlToken, d inbox.OfferParams) (Result, error) {
	r, err := h.onCase(ctx, inbox.EventMakeOffer, c, []any{l, d}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		d := d
		if d.ID == "" {
			d.ID = "o-" + w.stamp.ID
		}
		return k.MakeOffer(w.stamp, l, d)
	})
	return r, h.t.late(ctx, err)
}

// late counts an answer of the AI that came after control had passed on, and returns err.
func (o *Tenant) late(ctx context.Context, err error) error {
	if has[*inbox.StaleControlError](err) {
		o.d.c.Hooks.count(ctx, countStale, 1)
	}
	return err
}

// DeclineOffer has the customer decline an offer.
func (h ConversationHandle) DeclineOffer(ctx context.Context, c Meta, offer string) (Result, error) {
	return h.onConversation(ctx, inbox.EventDeclineOffer, c, offer, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.DeclineOffer(w.stamp, offer)
	})
}

// TakeOver has people take control from the AI.
func (h ConversationHandle) TakeOver(ctx context.Context, c Meta) (Result, error) {
	return h.onConversation(ctx, inbox.EventTakeOver, c, nil, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.TakeOver(w.stamp)
	})
}

// ReturnToAI gives control back to the AI.
func (h ConversationHandle) ReturnToAI(ctx context.Context, c Meta) (Result, error) {
	r, err := h.onConversation(ctx, inbox.EventReturnToAI, c, nil, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.ReturnToAI(w.stamp)
	})
	if err != nil {
		return Result{}, err
	}
	return h.t.settle(ctx, r)
}

// Reply adds a public message of a member of the team and sends it (R76).
func (h ConversationHandle) Reply(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	return h.onCase(ctx, inbox.EventReply, c, m, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.Reply(w.stamp, w.draft(m))
	})
}

// AskCustomer adds a public question of a member of the team and sends it: the open ticket
// waits for the customer's answer (R47).
func (h ConversationHandle) AskCustomer(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	return h.onCase(ctx, inbox.EventAskCustomer, c, m, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.AskCustomer(w.stamp, w.draft(m))
	})
}

// AddNote adds an internal comment, which is never sent (R77).
func (h ConversationHandle) AddNote(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	return h.onConversation(ctx, inbox.EventAddNote, c, m, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.AddNote(w.stamp, w.draft(m))
	})
}

// PickUp has a member of the team take the conversation, and its submitted ticket
// with it (R40, R46). If a colleague has it already it is refused (T18).
func (h ConversationHandle) PickUp(ctx context.Context, c Meta) (Result, error) {
	return h.onCase(ctx, inbox.EventPickUp, c, nil, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.PickUp(w.stamp)
	})
}

// Archive puts a conversation away: pending escalations and unread notifications
// go by the same commit, those not sent yet included (R61–R63).
func (h ConversationHandle) Archive(ctx context.Context, c Meta, a inbox.ArchiveParams) (Result, error) {
	return h.onCase(ctx, inbox.EventArchive, c, a, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.Archive(w.stamp, a)
	})
}

// Unarchive takes a conversation out again.
func (h ConversationHandle) Unarchive(ctx context.Context, c Meta) (Result, error) {
	return h.onConversation(ctx, inbox.EventUnarchive, c, nil, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.Unarchive(w.stamp)
	})
}

// AddTag adds a tag to a conversation (R70).
func (h ConversationHandle) AddTag(ctx context.Context, c Meta, tag string) (Result, error) {
	return h.onConversation(ctx, inbox.EventAddTag, c, tag, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.AddTag(w.stamp, tag)
	})
}

// RemoveTag takes a tag away.
func (h ConversationHandle) RemoveTag(ctx context.Context, c Meta, tag string) (Result, error) {
	return h.onConversation(ctx, inbox.EventRemoveTag, c, tag, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.RemoveTag(w.stamp, tag)
	})
}

// SetSentiment says how the customer seems to feel on the whole (R69).
func (h ConversationHandle) SetSentiment(ctx context.Context, c Meta, feeling inbox.Sentiment) (Result, error) {
	return h.onConversation(ctx, inbox.EventSetSentiment, c, feeling, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.SetSentiment(w.stamp, feeling)
	})
}

// Follow has a member of the team told of what happens in a conversation.
func (h ConversationHandle) Follow(ctx context.Context, c Meta, agent string) (Result, error) {
	return h.onConversation(ctx, inbox.EventFollow, c, agent, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.Follow(w.stamp, agent)
	})
}

// Unfollow takes back [ConversationHandle.Follow].
func (h ConversationHandle) Unfollow(ctx context.Context, c Meta, agent string) (Result, error) {
	return h.onConversation(ctx, inbox.EventUnfollow, c, agent, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.Unfollow(w.stamp, agent)
	})
}

// MarkRead notes that the member of the team who gives the call has read the
// messages up to the given number, and the notifications about them (R55).
func (h ConversationHandle) MarkRead(ctx context.Context, c Meta, upTo uint64) (Result, error) {
	return h.onConversation(ctx, inbox.EventMarkRead, c, upTo, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.MarkRead(w.stamp, upTo)
	})
}

// onCase carries out a command on the conversation with its tickets.
func (h ConversationHandle) onCase(ctx context.Context, use inbox.EventKind, c Meta, input any,
	command func(*work, inbox.Case) (inbox.Case, []inbox.Event, error),
) (Result, error) {
	return h.t.do(ctx, use, c, []any{h.id, input}, func(w *work) error {
		f, err := w.open(h.id)
		if err != nil {
			return err
		}
		k, events, err := command(w, f.now)
		return w.decide(f, k, events, err)
	})
}

// onConversation carries out a command on the conversation alone.
func (h ConversationHandle) onConversation(ctx context.Context, use inbox.EventKind, c Meta, input any,
	command func(*work, inbox.Conversation) (inbox.Conversation, []inbox.Event, error),
) (Result, error) {
	return h.onCase(ctx, use, c, input, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		conv, events, err := command(w, k.Conversation)
		k.Conversation = conv
		return k, events, err
	})
}
