package desk

import (
	"context"
	"slices"
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/ticket"
)

// maxHolds is how many legal holds can stand on a conversation at a time.
const maxHolds = 100

const maxHoldReason = 2_000 // runes

// PlaceLegalHold keeps the conversation and all its tickets, also later ones, from
// being deleted until [ConversationHandle.ReleaseLegalHold]. For one ticket alone
// there is [TicketHandle.PlaceLegalHold].
//
// At most 100 legal holds can stand at a time, each with an ID of its own and a
// reason of 1 to 2,000 runes. Placing a hold again under the same ID changes nothing.
// The author is a member of the team, and p.Privileged says that your product has
// checked the author's right. After the deletion the error matches
// [helpdesk.ErrGone].
func (h ConversationHandle) PlaceLegalHold(ctx context.Context, c Meta, p ticket.LegalHoldParams) (Result, error) {
	// D6; too late: T23.
	return h.onHolds(ctx, usePlaceLegalHold, ticket.EventPlaceLegalHold, c, p, func(w *work, f *file) (*heldBody, error) {
		reason := clean.Text(p.Reason)
		var faults check.Faults
		faults.Want(check.IsGraphic(p.ID, maxID), "hold", "must be 1 to 128 printable ASCII characters without spaces")
		n := clean.Len(reason)
		faults.Want(n > 0 && n <= maxHoldReason, "reason", "must be 1 to "+strconv.Itoa(maxHoldReason)+" runes")
		stands := slices.ContainsFunc(f.body.Holds, func(h ticket.LegalHold) bool { return h.ID == p.ID })
		faults.Want(stands || len(f.body.Holds) < maxHolds, "hold", "must be one of at most "+strconv.Itoa(maxHolds))
		if stands || faults.Any() {
			return nil, faults.Err()
		}
		f.body.Holds = append(slices.Clone(f.body.Holds), ticket.LegalHold{ID: p.ID, Reason: reason, Who: c.Who, At: w.now})
		return &heldBody{Hold: p.ID, Reason: reason}, nil
	})
}

// ReleaseLegalHold removes the legal hold with the ID of p, under the conditions of
// [ConversationHandle.PlaceLegalHold]. After the last release a conversation that was
// due stays for the grace of the retention policy.
func (h ConversationHandle) ReleaseLegalHold(ctx context.Context, c Meta, p ticket.LegalHoldParams) (Result, error) {
	p.Reason = "" // which is not looked at
	return h.onHolds(ctx, useReleaseLegalHold, ticket.EventReleaseLegalHold, c, p, func(w *work, f *file) (*heldBody, error) {
		rest := slices.DeleteFunc(slices.Clone(f.body.Holds), func(h ticket.LegalHold) bool { return h.ID == p.ID })
		if len(rest) == len(f.body.Holds) {
			return nil, &helpdesk.FieldError{Path: "hold", Reason: "must be the ID of a hold that stands"}
		}
		f.body.Holds = rest
		if len(rest) == 0 {
			var err error
			if f.body.ReleasedAt, err = w.notBefore(w.now); err != nil {
				return nil, err
			}
		}
		return &heldBody{Hold: p.ID}, nil
	})
}

// A heldBody names in an event the legal hold that was placed or released, and the
// author.
type heldBody struct {
	byBody

	Hold   string `json:"hold"`
	Reason string `json:"reason,omitzero"`
}

// onHolds changes the holds of a conversation. The change returns nil if there is
// nothing to change.
func (h ConversationHandle) onHolds(ctx context.Context, use inbox.EventKind, event ticket.EventKind, c Meta, p ticket.LegalHoldParams,
	change func(*work, *file) (*heldBody, error),
) (Result, error) {
	if err := c.check(inbox.EventKind(event), helpdesk.ActorAgent); err != nil {
		return Result{}, err
	}
	return h.t.do(ctx, use, c, members{{"conversation", h.id}, {"hold", p}}, func(w *work) error {
		f, err := w.open(h.id)
		if err != nil {
			return err
		}
		w.result.List = f.now.Conversation.List()
		if !p.Privileged {
			return &NotAllowedError{Use: string(event), Actor: c.By, May: []helpdesk.Actor{helpdesk.ActorAgent}, Unprivileged: true}
		}
		what, err := change(w, f)
		if what == nil {
			return err
		}
		what.byBody = byBody{c.By, c.Who}
		w.note(f, w.stamp.ID, string(event), w.now, what)
		return nil
	})
}
