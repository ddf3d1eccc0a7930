package desk

import (
	"context"
	"errors"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
)

// A ConversationHandle has the commands and views of one conversation of a tenant,
// which need not exist. [Tenant.Conversation] returns a handle. A handle holds the ID
// and no data, is comparable, and is safe for concurrent use. If the conversation
// does not exist, the methods return an error that matches [helpdesk.ErrNotFound]; if
// it was deleted, [helpdesk.ErrGone]. The zero handle has no tenant and must not be
// used.
type ConversationHandle struct {
	t  *Tenant
	id inbox.ID
}

// Conversation returns a handle for a conversation, and reads nothing.
func (o *Tenant) Conversation(id inbox.ID) ConversationHandle { return ConversationHandle{o, id} }

// ID returns the ID of the conversation.
func (h ConversationHandle) ID() inbox.ID { return h.id }

// Start begins a conversation with a message of the customer. If the tenant has the
// add-on and the AI answers the channel, the conversation is automated, and the
// Result has the control token of the AI. Otherwise the conversation is active. If
// another person than the contact wrote the message, people hold the conversation.
//
// The desk makes the ID of the conversation, and the ID of a message without one. The
// fields ID, Continues and HadTicket of p must be zero.
func (o *Tenant) Start(ctx context.Context, c Meta, p inbox.StartParams) (Result, error) {
	// R64, R65; another author than the contact: T11.
	var faults check.Faults
	faults.Want(p.ID == inbox.ID{}, "conversation", "must be empty: the desk makes it")
	faults.Want(p.Continues == inbox.ID{}, "continues", "must be empty: the desk knows")
	faults.Want(!p.HadTicket, "had_ticket", "must be false: the desk knows")
	if faults.Any() {
		return Result{}, faults.Err()
	}
	if err := o.ensureSweep(ctx); err != nil {
		return Result{}, err
	}
	p.Message = dated(p.Message)
	r, err := o.do(ctx, inbox.EventStart, c, members{{"start", p}}, func(w *work) error {
		p := p
		p.Message = w.draft(p.Message)
		return w.start(p, w.stamp)
	})
	if err != nil {
		return Result{}, err
	}
	return o.settle(ctx, r)
}

// settle makes sure that a conversation that became automated is not stranded because
// the add-on was switched off at the same time (R65): either the command that
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

// An InboundMessage is a message that came in, such as a mail, and needs a
// conversation. It is plain data; without a Kind and a Channel in Start, the zero
// value begins no conversation.
type InboundMessage struct {
	// Conversation is the conversation that the message belongs to, and zero if that
	// is not known. Start describes a new conversation, in case that Conversation is
	// zero, does not exist or was deleted. Start.Message is ignored.
	Conversation inbox.ID          `json:"conversation,omitzero"`
	Start        inbox.StartParams `json:"start,omitzero"`

	// Message is the message itself.
	Message inbox.CustomerMessageParams `json:"message,omitzero"`

	// Machine says that a machine wrote the message, such as an out-of-office reply.
	// Such a message begins no conversation: without a conversation the message is
	// refused with [helpdesk.ErrNotFound] or [helpdesk.ErrGone].
	Machine bool `json:"machine,omitzero"`
}

// Receive takes a message that came in, from the customer or from a participant: call
// Receive for inbound mail. The message is added to its conversation. A message
// without a conversation, or whose conversation does not exist or was deleted, begins
// a new one.
//
// Package mail reads the headers of a mail: [mail.Threads] finds the conversation, and
// detection tells the mails of machines. The Message-ID of the mail, as the
// IdempotencyKey, makes a mail that comes twice count once; see [Meta] for the mails
// of unknown senders.
//
// A conversation by mail or telephone can begin without an address. If the account
// has no address either, the answers become dead letters; see [Tenant.DeadLetters].
func (o *Tenant) Receive(ctx context.Context, c Meta, a InboundMessage) (Result, error) {
	// Not there: T14, T22; a machine: T30.
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
	key := c.IdempotencyKey
	if key != "" { // it may have been looked for in vain, and used, above
		c.IdempotencyKey = hashed("receive/" + key)
	}
	if a.Conversation != (inbox.ID{}) { // the conditions were about the one that is gone
		c.IfLastMessage, c.IfRevision = 0, ""
	}
	a.Start.Message = a.Message.MessageParams
	r, err := o.Start(ctx, c, a.Start)
	if reused, ok := errors.AsType[*KeyReusedError](err); ok {
		reused.Key = key
	}
	return r, err
}

// AddCustomerMessage adds a message of the customer; [inbox.Case.AddCustomerMessage]
// has the effects. Without a condition in c, the command is never refused while the
// conversation exists. Your product decides which authors may write into a
// conversation: a message of another customer than the contact counts as a message of a
// participant, see [ConversationHandle.AddParticipantMessage].
//
// A message that belongs into a new conversation begins the new conversation in the
// same commit, and the Result names the new one. If the ticket was merged into
// another ticket, that ticket gets the message too, unless the other conversation is
// another customer's.
func (h ConversationHandle) AddCustomerMessage(ctx context.Context, c Meta, m inbox.CustomerMessageParams) (Result, error) {
	// Of another customer: T11. Of a merged ticket: T13.
	m.MessageParams = dated(m.MessageParams)
	r, err := h.t.do(ctx, inbox.EventAddCustomerMessage, c, members{{"conversation", h.id}, {"message", m}}, func(w *work) error {
		f, err := w.open(h.id, inbox.NamesOf(m.MessageParams)...)
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

// AddParticipantMessage adds a message of a person who is neither the customer nor of
// the team, such as a person in copy.
func (h ConversationHandle) AddParticipantMessage(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	m = dated(m)
	return h.t.do(ctx, inbox.EventAddParticipantMessage, c, members{{"conversation", h.id}, {"message", m}}, func(w *work) error {
		f, err := w.open(h.id, inbox.NamesOf(m)...)
		if err != nil {
			return err
		}
		m := w.draft(m)
		return w.receive(f, w.stamp, m, func(k inbox.Case, cmd helpdesk.Command) (inbox.Case, []inbox.Event, error) {
			return k.AddParticipantMessage(cmd, m)
		})
	})
}

// RecordAutoReply adds a message that a machine wrote, and changes nothing else.
func (h ConversationHandle) RecordAutoReply(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	m = dated(m)
	return h.onCase(ctx, inbox.EventRecordAutoReply, c, members{{"message", m}}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.RecordAutoReply(w.stamp, w.draft(m))
	}, inbox.NamesOf(m)...)
}

// MarkDelivered records that a sent message reached the customer after
// [ConversationHandle.MarkBounced]: the message counts as an answer from now on. The
// desk gives this command for a reply that was revived.
func (h ConversationHandle) MarkDelivered(ctx context.Context, c Meta, message string) (Result, error) {
	return h.onCase(ctx, inbox.EventMarkDelivered, c, members{{"message", message}}, func(w *work, _ inbox.Case) (inbox.Case, []inbox.Event, error) {
		k, err := w.sent(message, 0)
		if err != nil {
			return k, nil, err
		}
		return k.MarkDelivered(w.stamp, message)
	})
}

// MarkBounced records that the message with the given ID did not reach the customer,
// and so is no answer.
func (h ConversationHandle) MarkBounced(ctx context.Context, c Meta, message string) (Result, error) {
	return h.onCase(ctx, inbox.EventMarkBounced, c, members{{"message", message}}, func(w *work, _ inbox.Case) (inbox.Case, []inbox.Event, error) {
		k, err := w.sent(message, 0)
		if err != nil {
			return k, nil, err
		}
		return k.MarkBounced(w.stamp, message)
	})
}

// AddAIReply adds an answer of the AI under its control token, and sends the answer.
// If control has passed to people meanwhile, nothing is sent and the error is an
// [*inbox.StaleControlError]. A token is for one answer: another answer under the token
// is refused alike, and the same answer, with the same ID, changes nothing and is told
// as [Result].Replayed. Without the AddOn of [inbox.Config] there is no token.
func (h ConversationHandle) AddAIReply(ctx context.Context, c Meta, l inbox.ControlToken, m inbox.MessageParams) (Result, error) {
	r, err := h.onConversation(ctx, inbox.EventAddAIReply, c, members{{"token", l}, {"message", m}}, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		m := w.draft(m)
		now, events, err := conv.AddAIReply(w.stamp, l, m)
		if r, ok := conv.Message(m.ID); ok && err == nil && len(events) == 0 {
			w.result.Replayed, w.result.Message, w.result.Seq = true, r.ID, r.Seq
		}
		return now, events, err
	}, m.ID)
	return r, h.t.late(ctx, err)
}

// ReportAIFailure records that the AI does not go on, and why: a person takes over,
// and the customer is told once.
func (h ConversationHandle) ReportAIFailure(ctx context.Context, c Meta, l inbox.ControlToken, f inbox.Failure, comment string) (Result, error) {
	r, err := h.onConversation(ctx, inbox.EventReportAIFailure, c, members{{"token", l}, {"failure", string(f)}, {"comment", comment}}, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.ReportAIFailure(w.stamp, l, f, comment)
	})
	return r, h.t.late(ctx, err)
}

// MakeOffer has the AI offer a ticket to the customer. The Result has the ID of the
// offer and the fingerprint of the text that the customer is shown. The desk makes
// the ID of an offer without one.
func (h ConversationHandle) MakeOffer(ctx context.Context, c Meta, l inbox.ControlToken, d inbox.OfferParams) (Result, error) {
	r, err := h.onOffer(ctx, inbox.EventMakeOffer, c, members{{"token", l}, {"offer", d}}, d.ID, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
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

// DeclineOffer records that the customer declines an offer.
func (h ConversationHandle) DeclineOffer(ctx context.Context, c Meta, offer string) (Result, error) {
	return h.onOffer(ctx, inbox.EventDeclineOffer, c, members{{"offer", offer}}, offer, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		conv, events, err := k.Conversation.DeclineOffer(w.stamp, offer)
		k.Conversation = conv
		return k, events, err
	})
}

// TakeOver gives control from the AI to people: later answers of the AI are refused,
// and its open offer is withdrawn.
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

// Reply adds a public message of a member of the team, and sends the message.
func (h ConversationHandle) Reply(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	return h.onCase(ctx, inbox.EventReply, c, members{{"message", m}}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.Reply(w.stamp, w.draft(m))
	}, m.ID)
}

// AskCustomer adds a public question of a member of the team and sends the question;
// the open ticket waits for the customer's answer.
func (h ConversationHandle) AskCustomer(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	return h.onCase(ctx, inbox.EventAskCustomer, c, members{{"message", m}}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.AskCustomer(w.stamp, w.draft(m))
	}, m.ID)
}

// AddNote adds an internal note, which is never sent and never shown to the customer.
func (h ConversationHandle) AddNote(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	return h.onConversation(ctx, inbox.EventAddNote, c, members{{"message", m}}, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.AddNote(w.stamp, w.draft(m))
	}, m.ID)
}

// PickUp makes the author responsible for the conversation and its submitted ticket.
// While a colleague is responsible for both, the command is refused.
func (h ConversationHandle) PickUp(ctx context.Context, c Meta) (Result, error) {
	// R40, R46; a colleague: T18.
	return h.onCase(ctx, inbox.EventPickUp, c, nil, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.PickUp(w.stamp)
	})
}

// Archive moves the conversation to the archived list, and removes pending
// escalations and unread notifications, also those not yet sent.
func (h ConversationHandle) Archive(ctx context.Context, c Meta, a inbox.ArchiveParams) (Result, error) {
	// R61–R63.
	return h.onCase(ctx, inbox.EventArchive, c, members{{"archive", a}}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.Archive(w.stamp, a)
	})
}

// Unarchive moves an archived conversation back to the active list.
func (h ConversationHandle) Unarchive(ctx context.Context, c Meta) (Result, error) {
	return h.onConversation(ctx, inbox.EventUnarchive, c, nil, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.Unarchive(w.stamp)
	})
}

// AddTag adds a tag to the conversation; [inbox.NormalTag] has the form of a tag.
func (h ConversationHandle) AddTag(ctx context.Context, c Meta, tag string) (Result, error) {
	return h.tag(ctx, inbox.EventAddTag, c, tag, inbox.Conversation.AddTag)
}

// RemoveTag removes a tag from the conversation.
func (h ConversationHandle) RemoveTag(ctx context.Context, c Meta, tag string) (Result, error) {
	return h.tag(ctx, inbox.EventRemoveTag, c, tag, inbox.Conversation.RemoveTag)
}

// tag changes the tags of the conversation, and has its tickets listed by them: those that are
// open and those that were done last, but for those that only a later version may act on.
func (h ConversationHandle) tag(ctx context.Context, use inbox.EventKind, c Meta, tag string,
	command func(inbox.Conversation, helpdesk.Command, string) (inbox.Conversation, []inbox.Event, error),
) (Result, error) {
	return h.t.do(ctx, use, c, members{{"conversation", h.id}, {"tag", tag}}, func(w *work) error {
		f, err := w.o.loadTalk(w.ctx, h.id)
		if err != nil {
			return err
		}
		if err := w.add(f); err != nil {
			return err
		}
		conv, events, err := command(f.now.Conversation, w.stamp, tag)
		if err := w.talk(f, conv, events, err); err != nil || len(events) == 0 {
			return err
		}
		for _, l := range conv.Snapshot().Tickets {
			err := w.o.nameTicket(w.ctx, f, l.Ticket)
			t := f.ticket(l.Ticket)
			if err == nil {
				err = t.mayAct()
			}
			switch {
			case errors.Is(err, ErrNewer): // it gets the tags when it is changed
			case err != nil:
				return known(err, ticketRef(l.Ticket))
			default:
				t.changed = true
			}
		}
		return nil
	})
}

// SetSentiment records the mood of the customer in the conversation as a whole.
func (h ConversationHandle) SetSentiment(ctx context.Context, c Meta, feeling inbox.Sentiment) (Result, error) {
	return h.onConversation(ctx, inbox.EventSetSentiment, c, members{{"sentiment", string(feeling)}}, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.SetSentiment(w.stamp, feeling)
	})
}

// Identify records who a visitor is, once your product or the team knows: it adds a customer, an
// account and addresses to the contact, and never takes a conversation from another customer. Give
// the command as the system after a login. The tickets that are opened from then on go by the
// contract of the account.
func (h ConversationHandle) Identify(ctx context.Context, c Meta, who inbox.Contact) (Result, error) {
	return h.onCase(ctx, inbox.EventIdentify, c, members{{"contact", who}}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.Identify(w.stamp, who)
	})
}

// Follow makes a member of the team a follower, who is notified of the events of the
// conversation.
func (h ConversationHandle) Follow(ctx context.Context, c Meta, agent string) (Result, error) {
	return h.onConversation(ctx, inbox.EventFollow, c, members{{"agent", agent}}, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.Follow(w.stamp, agent)
	})
}

// Unfollow reverses [ConversationHandle.Follow].
func (h ConversationHandle) Unfollow(ctx context.Context, c Meta, agent string) (Result, error) {
	return h.onConversation(ctx, inbox.EventUnfollow, c, members{{"agent", agent}}, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.Unfollow(w.stamp, agent)
	})
}

// MarkRead records that the author has read the messages up to the given number, and
// with the messages their notifications.
func (h ConversationHandle) MarkRead(ctx context.Context, c Meta, upTo uint64) (Result, error) {
	return h.onConversation(ctx, inbox.EventMarkRead, c, members{{"up_to", upTo}}, func(w *work, conv inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
		return conv.MarkRead(w.stamp, upTo)
	})
}

// onCase carries out a command on the conversation with its tickets, and with the
// messages at hand that have the IDs.
func (h ConversationHandle) onCase(ctx context.Context, use inbox.EventKind, c Meta, input members,
	command func(*work, inbox.Case) (inbox.Case, []inbox.Event, error), names ...string,
) (Result, error) {
	return h.t.do(ctx, use, c, append(members{{"conversation", h.id}}, input...), func(w *work) error {
		f, err := w.open(h.id, names...)
		if err != nil {
			return err
		}
		k, events, err := command(w, f.now)
		return w.decide(f, k, events, err)
	})
}

// onOffer carries out a command on the conversation with the offer at hand that has the ID,
// if there is one.
func (h ConversationHandle) onOffer(ctx context.Context, use inbox.EventKind, c Meta, input members, offer string,
	command func(*work, inbox.Case) (inbox.Case, []inbox.Event, error),
) (Result, error) {
	return h.t.do(ctx, use, c, append(members{{"conversation", h.id}}, input...), func(w *work) error {
		f, err := w.openOffered(h.id, offer)
		if err != nil {
			return err
		}
		k, events, err := command(w, f.now)
		return w.decide(f, k, events, err)
	})
}

// onConversation carries out a command on the conversation alone: its tickets are not even
// read, and a change of one is no lost race.
func (h ConversationHandle) onConversation(ctx context.Context, use inbox.EventKind, c Meta, input members,
	command func(*work, inbox.Conversation) (inbox.Conversation, []inbox.Event, error), names ...string,
) (Result, error) {
	return h.t.do(ctx, use, c, append(members{{"conversation", h.id}}, input...), func(w *work) error {
		f, err := w.o.loadTalk(w.ctx, h.id, names...)
		if err != nil {
			return err
		}
		if err := w.add(f); err != nil {
			return err
		}
		conv, events, err := command(w, f.now.Conversation)
		return w.talk(f, conv, events, err)
	})
}
