package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/retention"
)

// A goneBody says since when something is gone, and whose it was.
type goneBody struct {
	envelope

	At        time.Time     `json:"at"`
	Of        retention.Sum `json:"of,omitzero"`        // see Tenant.goneOf; zero: of no customer that is known
	Tombstone string        `json:"tombstone,omitzero"` // the ID of the record of its tombstone, once that is there
}

// kindReference is what the reference of a ticket is under in the records of what
// is gone.
const kindReference retention.Kind = "reference"

// requesterOf is what the customer is under in the keyed hashes of Tenant.goneOf.
const requesterOf retention.Kind = "requester"

func (o *Tenant) goneRefs(kind retention.Kind, id string) ([]store.Ref, error) {
	return o.keyedRefs(kindGone, kind, id)
}

// known returns the error of a record that another one names: if it does not exist, it is lost.
func known(err error, r store.Ref) error {
	if isNotFound(err) {
		return damaged(r)
	}
	return err
}

// missing returns the error about something that is not there.
func (o *Tenant) missing(ctx context.Context, kind retention.Kind, id, what string) error {
	refs, err := o.goneRefs(kind, id)
	if err != nil {
		return err
	}
	of := store.Ref{Kind: string(kind), ID: id}
	q := store.ReadRequest{Records: refs}
	if kind != kindReference {
		q.Records = append(q.Records, of)
		q.Logs = []store.LogQuery{{Of: of, Log: logEvent, Limit: 1}}
	}
	s, err := o.store.Read(ctx, q)
	if err != nil {
		return err
	}
	rec := oneOf(s.Records[:len(refs)])
	switch {
	case rec.Revision != "":
	case kind != kindReference && s.Records[len(refs)].Revision == "" && len(s.Logs[0].Entries) > 0:
		return damaged(of) // it was there, and was not deleted
	default:
		return &NotFoundError{What: what}
	}
	var b goneBody
	if err := new(needs).read(rec, &b); err != nil { // that it is gone is told, whatever else a later version does
		return err
	}
	return &GoneError{What: what, At: b.At, record: rec.Ref.ID, of: b.Of}
}

// goneOf returns the keyed hashes of the customer whose the record was that is gone: others
// for each record, so that nobody can tell which of them had the same customer.
func (o *Tenant) goneOf(record, customer string) ([]retention.Sum, error) {
	return o.d.key.Digests(string(o.tenant), requesterOf, record+"/"+customer)
}

// tell returns the error of a command or a view for its author. That something is gone the
// team may know, and the customer whose it was. To anybody else it does not exist, as it did
// not before (R85, T13).
func (o *Tenant) tell(err error, to helpdesk.Author) error {
	gone, ok := errors.AsType[*GoneError](err)
	if !ok {
		return err
	}
	switch to.By {
	case helpdesk.ActorAgent, helpdesk.ActorSystem, helpdesk.ActorAI:
		return err
	case helpdesk.ActorCustomer:
		of, failed := o.goneOf(gone.record, to.Who)
		if failed != nil {
			return failed
		}
		if to.Who != "" && slices.Contains(of, gone.of) {
			return err
		}
	case helpdesk.ActorThirdParty:
	}
	return &NotFoundError{What: gone.What}
}

// hide returns that a record does not exist instead of an error about what cannot be read
// here, unless the record is listed as the customer's (R85, T13).
func (o *Tenant) hide(ctx context.Context, err error, r store.Ref, to helpdesk.Author) error {
	if to.By != helpdesk.ActorCustomer || !unreadable(err) {
		return err
	}
	var own attributes
	own.text(attrCustomer, to.Who)
	all := store.Query{Kind: r.Kind, Where: []store.Match{{Name: attrConversation, Same: r}}, Limit: 1}
	theirs := all
	for _, a := range own {
		theirs.Where = append(slices.Clip(all.Where), store.Match{Name: a.Name, Value: a.Value})
	}
	s, failed := o.store.Read(ctx, store.ReadRequest{Lists: []store.Query{all, theirs}})
	switch {
	case failed != nil:
		return failed
	case len(own) > 0 && len(s.Lists[1].Records) > 0, len(s.Lists[0].Records) == 0 && !errors.Is(err, ErrNewer): // or it is lost
		return err
	default:
		return &NotFoundError{What: r.String()}
	}
}
