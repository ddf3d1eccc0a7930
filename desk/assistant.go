package desk

import (
	"context"
	"errors"
	"log/slog"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// toAI asks the AI, and does what it wants if it may: what it decided under a lease
// that has passed is dropped (T32). Whatever goes wrong with it, a person takes its
// place (T31).
func (o *Office) toAI(ctx context.Context, m Message, what *order) error {
	d := o.d
	if d.c.Assistant == nil {
		return nil // the host lets its AI act
	}
	p, err := o.policy(ctx)
	if err != nil {
		return err
	}
	f, err := o.loadFile(ctx, what.Conversation, p)
	if err != nil {
		return err
	}
	c := f.now.Conversation
	if l := c.Lease(); l.Epoch != what.Lease.Epoch || what.Lease.Turn < l.Turn {
		return nil // control has passed on, or the customer has written more
	}
	turn := Turn{Tenant: o.tenant, Conversation: f.id.String(), Key: m.Key, Channel: c.Channel(), MayOffer: mayOffer(f.now)}
	for r := range c.AllReplies() {
		turn.Lines = append(turn.Lines, Line{By: r.By, Text: string(r.Body)})
	}
	if n := len(turn.Lines); n > d.limits.Lines {
		turn.Lines = turn.Lines[n-d.limits.Lines:]
	}
	answer, failure := o.ask(ctx, turn)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err = o.act(ctx, what.Lease, answer, failure)
	if errors.Is(err, inbox.ErrStaleControl) || errors.Is(err, inbox.ErrNotAllowed) {
		return nil
	}
	return err
}

// mayOffer reports whether the AI could offer a ticket now.
func mayOffer(k inbox.Case) bool {
	_, standing := k.Conversation.OpenOffer()
	_, open := k.Open()
	return !standing && (!open || k.Conversation.Policy().Config().SeveralTickets)
}

// ask has the AI answer in time.
func (o *Office) ask(ctx context.Context, t Turn) (Answer, inbox.Failure) {
	limited, cancel := context.WithTimeout(ctx, o.d.limits.Timeout)
	defer cancel()
	answer, err := o.d.c.Assistant.Answer(limited, t)
	switch {
	case err == nil:
		return answer, ""
	case limited.Err() != nil:
		return Answer{}, inbox.FailureTimeout
	}
	o.d.log.LogAttrs(ctx, slog.LevelWarn, "the AI failed",
		slog.String("tenant", string(o.tenant)), slog.String("conversation", t.Conversation), slog.String("code", string(CodeOf(err))))
	return Answer{}, inbox.FailureError
}

// act does what the AI wants. An AI that is asked again may want something else: a
// turn is answered once, whatever with, and a second offer is refused.
func (o *Office) act(ctx context.Context, l inbox.Lease, a Answer, failure inbox.Failure) error {
	byAI := Call{By: helpdesk.ActorAI}
	give := func(comment string) error {
		_, err := o.AIFail(ctx, byAI, l, inbox.FailureGiveUp, comment)
		return err
	}
	if failure != "" {
		_, err := o.AIFail(ctx, bySystem, l, failure, "")
		return err
	}
	if a.Text != "" {
		if _, err := o.AIReply(ctx, byAI, l, inbox.Draft{Body: a.Text}); err != nil {
			return unusable(err, give)
		}
	}
	if a.Offer != (Proposal{}) {
		d := inbox.OfferDraft{
			Reason: a.Offer.Reason, Summary: a.Offer.Summary,
			Intake: ticket.Intake{Title: a.Offer.Title, Description: a.Offer.Description},
		}
		if _, err := o.Offer(ctx, byAI, l, d); err != nil {
			return unusable(err, give)
		}
	}
	if a.Leave != "" || a.Text == "" && a.Offer == (Proposal{}) {
		return give(a.Leave)
	}
	return nil
}

// unusable has a person go on if the AI said something that cannot be said: too
// long, empty, an offer without a title.
func unusable(err error, give func(string) error) error {
	if CodeOf(err) != CodeInvalid {
		return err
	}
	return give("the answer could not be used")
}
