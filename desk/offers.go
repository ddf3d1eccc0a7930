package desk

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/ticket"
)

// An offerBody is what is stored of an offer as it was made: an entry of logOffer, at the
// number of the offer in its conversation. Of the open offer the conversation itself keeps
// what it decides by.
type offerBody struct {
	envelope

	Offer inbox.Offer `json:"o"`
}

// An offerEndBody is what became of an offer: an entry of logOfferEnd, at the same number.
type offerEndBody struct {
	envelope

	Status inbox.OfferStatus `json:"status"`
	At     time.Time         `json:"at"`
	Ticket ticket.ID         `json:"ticket,omitzero"`
}

// shownOffers is how many of the last offers a view has.
const shownOffers = 20

// namedOffer asks for the offer with the ID, and for what became of it.
func namedOffer(id inbox.ID, offer string) []store.LogQuery {
	if !check.IsGraphic(offer, maxID) { // none has another
		return nil
	}
	return []store.LogQuery{
		{Of: conversationRef(id), Log: logOffer, ID: offer, Limit: 1},
		{Of: conversationRef(id), Log: logOfferEnd, ID: offer, Limit: 1},
	}
}

// lastOffers asks for the last n offers, and for what became of them.
func lastOffers(id inbox.ID, n int) []store.LogQuery {
	return []store.LogQuery{
		{Of: conversationRef(id), Log: logOffer, Descending: true, Limit: n},
		{Of: conversationRef(id), Log: logOfferEnd, Descending: true, Limit: n},
	}
}

// handOffers has the offers of pages at hand. Entries of other logs are left out.
func (f *file) handOffers(pages []store.EntryPage) error {
	var list []inbox.Offer
	for _, page := range pages {
		for _, e := range page.Entries {
			if e.Log != logOffer {
				continue
			}
			var b offerBody
			if err := f.needs.read(entryOf(e.Of, e), &b); err != nil {
				return err
			}
			list = append(list, b.Offer)
		}
	}
	for _, page := range pages {
		for _, e := range page.Entries {
			i := slices.IndexFunc(list, func(o inbox.Offer) bool { return o.ID == e.ID })
			if e.Log != logOfferEnd || i < 0 {
				continue
			}
			var b offerEndBody
			if err := f.needs.read(entryOf(e.Of, e), &b); err != nil {
				return err
			}
			list[i].Status, list[i].ClosedAt, list[i].Ticket = b.Status, b.At, b.Ticket
		}
	}
	f.now.Conversation = f.now.Conversation.WithOffers(list...)
	return nil
}

// hasNamedOffer reports whether a read of namedOffer lacks nothing: an offer has an end unless
// it is open, and none has an end alone.
func (f *file) hasNamedOffer(pages []store.EntryPage) bool {
	made, ended := "", ""
	for _, page := range pages {
		for _, e := range page.Entries {
			switch e.Log {
			case logOffer:
				made = e.ID
			case logOfferEnd:
				ended = e.ID
			}
		}
	}
	return made == ended || ended == "" && made == f.body.Conversation.OpenOffer.ID
}

// whatIsOffered returns an error if an offer is open whose content cannot be found.
func (f *file) whatIsOffered() error {
	if o, open := f.now.Conversation.OpenOffer(); open && o.Intake.Title == "" { // which every offer has
		return damaged(conversationRef(f.id))
	}
	return nil
}
