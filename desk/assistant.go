package desk

import (
	"context"
	"errors"
	"log/slog"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
)

// toAI asks the AI, and carries out the answer if it is allowed: an answer under a
// stale control token is dropped (T32). After any failure a person takes over (T31).
func (o *Tenant) toAI(ctx context.Context, m store.Message, what *order) error {
	d := o.d
	if d.c.Assistant == nil {
		return nil // the product lets its AI act
	}
	r := caseRequest(what.Conversation, "", nil)
	r.Logs = pageRequest(what.Conversation, true, MessageQuery{Last: true, Limit: d.limits.AssistantMessages})
	s, err := o.store.Read(ctx, r)
	if err != nil {
		return err
	}
	f, err := o.openFile(ctx, what.Conversation, &s)
	if err == nil {
		err = f.mayAct()
	}
	if err != nil {
		return err
	}
	c := f.now.Conversation
	if l := c.ControlToken(); l.Epoch != what.Lease.Epoch || what.Lease.Turn < l.Turn {
		return nil // control has passed on, or the customer has written more
	}
	// One commit has all of what the AI wants, under the key of the question: if
	// that is there, the AI was asked before, and is not asked again.
	call := Meta{IdempotencyKey: hashed(m.Key), Author: helpdesk.Author{By: helpdesk.ActorAI}}
	key, _, err := call.key("ai", nil)
	if err != nil {
		return err
	}
	if _, done, err := o.replay(ctx, call, key); done || err != nil {
		return err
	}
	turn := Turn{Tenant: o.tenant, Conversation: f.id.String(), Key: m.Key, Channel: c.Channel(), MayOffer: f.now.MayOffer()}
	for r := range c.Replies() {
		turn.Messages = append(turn.Messages, TurnMessage{By: r.By, Text: string(r.Body)})
	}
	answer, failure := o.ask(ctx, turn)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !turn.MayOffer { // which the AI was told
		answer.Offer = Proposal{}
	}
	err = o.act(ctx, call, what.Lease, answer, failure)
	if isNotAllowed(err) && answer.Offer != (Proposal{}) { // not this, but perhaps the rest
		answer.Offer = Proposal{}
		err = o.act(ctx, call, what.Lease, answer, failure)
	}
	if errors.Is(err, helpdesk.ErrInvalid) { // it said something that cannot be said
		d.complain(ctx, slog.LevelWarn, "the answer of the AI could not be used", err,
			slog.String("tenant", string(o.tenant)), slog.String("conversation", f.id.String()))
		err = o.act(ctx, call, what.Lease, Answer{Leave: "the answer could not be used"}, "")
	}
	switch {
	case isAddOnOff(err): // by a Config of a restart, say: nobody would answer (R65)
		o.d.c.Hooks.count(ctx, countStale, 1)
		_, err = o.switchOff(ctx, what.Conversation)
		return err
	case has[*inbox.StaleControlError](err), isNotAllowed(err):
		o.d.c.Hooks.count(ctx, countStale, 1)
		return nil
	default:
		return err
	}
}

// ask has the AI answer in time.
func (o *Tenant) ask(ctx context.Context, t Turn) (Answer, inbox.Failure) {
	answer, err := portAnswer(ctx, o.d, "Assistant", o.d.limits.Timeout, func(ctx context.Context) (Answer, error) {
		return o.d.c.Assistant.Answer(ctx, t)
	})
	switch {
	case err == nil:
		return answer, ""
	case errors.Is(err, context.DeadlineExceeded):
		return Answer{}, inbox.FailureTimeout
	}
	o.d.complain(ctx, slog.LevelWarn, "the AI failed", err,
		slog.String("tenant", string(o.tenant)), slog.String("conversation", t.Conversation))
	return Answer{}, inbox.FailureError
}

// act does all of what the AI wants, or has a person go on.
func (o *Tenant) act(ctx context.Context, c Meta, l inbox.ControlToken, a Answer, failure inbox.Failure) error {
	if failure == "" && (a.Leave != "" || a.Text == "" && a.Offer == (Proposal{})) {
		failure = inbox.FailureGiveUp
	}
	_, err := o.do(ctx, useAI, c, nil, func(w *work) error {
		f, err := w.open(l.Conversation)
		if err != nil {
			return err
		}
		if a.Text != "" {
			conv, events, err := f.now.Conversation.AddAIReply(w.another(), l, w.draft(inbox.MessageParams{Body: a.Text}))
			if err := w.talk(f, conv, events, err); err != nil {
				return err
			}
		}
		if a.Offer != (Proposal{}) {
			s := w.another()
			k, events, err := f.now.MakeOffer(s, l, inbox.OfferParams{
				ID: "o-" + s.ID, Reason: a.Offer.Reason, Summary: a.Offer.Summary, Intake: a.Offer.Intake,
			})
			if err := w.decide(f, k, events, err); err != nil {
				return err
			}
		}
		if failure == "" {
			return nil
		}
		s := w.another()
		if failure != inbox.FailureGiveUp { // the AI cannot say so itself
			s.By = helpdesk.ActorSystem
		}
		conv, events, err := f.now.Conversation.ReportAIFailure(s, l, failure, a.Leave)
		return w.talk(f, conv, events, err)
	})
	return err
}

// asked notes that what a ticket waits for an answer to has left: the time in which the
// customer can answer begins.
func (o *Tenant) asked(ctx context.Context, f *file, message string) error {
	for _, t := range f.tickets {
		if t.body.Asked != message || t.body.Sent {
			continue
		}
		_, err := o.do(ctx, useAsked, bySystem, nil, func(w *work) error {
			t, err := w.ticket(t.now.ID())
			if err != nil || t.body.Asked != message || t.body.Sent {
				return err
			}
			t.body.Sent, t.body.WaitingSince, t.changed = true, later(t.body.WaitingSince, w.now), true
			return nil
		})
		if err != nil && !isNotFound(err) && !errors.Is(err, helpdesk.ErrGone) {
			return err
		}
	}
	return nil
}
