package desk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A file is a conversation with its tickets: as it was loaded, and as it is after
// what was decided since.
type file struct {
	id    inbox.ID
	rev   store.Revision // empty: the conversation is new
	body  conversationBody
	needs needs                 // to be acted on, with what was read beside it
	rows  map[uint64]messageRow // the messages that were read, by number
	now   inbox.Case

	settings store.Revision // of the settings that it is under
	changed  bool           // the conversation is to be stored

	tickets []*ticketFile
}

// A ticketFile is a ticket as it was loaded, and as it is after what was decided
// since.
type ticketFile struct {
	rev     store.Revision // empty: the ticket is new
	body    ticketBody
	needs   needs         // to be acted on, with what was read beside it
	events  uint64        // in its log, as it was loaded
	before  ticket.Ticket // zero: the ticket is new
	added   []sla.Event   // to its log since then
	kept    envelope      // of its log, with all events, if a later version wrote it and it is apart
	now     ticket.Ticket
	changed bool
	listed  bool // loaded with all others, so that nothing is decided by it

	finished []store.Entry // of logClock, as far as they were read with it
}

func (f *file) ticket(id ticket.ID) *ticketFile {
	for _, t := range f.tickets {
		if t.now.ID() == id {
			return t
		}
	}
	return nil
}

// take makes k what f is from now on, and says what that changes.
func (f *file) take(k inbox.Case) {
	f.now, f.changed = k, true
	for _, t := range k.Tickets {
		tf := f.ticket(t.ID()) // one that is new is there already: see work.created
		// Every accepted command has an instant of its own.
		if !tf.now.UpdatedAt().Equal(t.UpdatedAt()) {
			tf.changed = true
		}
		tf.now = t
	}
}

// replace makes t what its ticket is from now on.
func (f *file) replace(t ticket.Ticket) error {
	k, err := f.now.ReplaceTicket(t, ticket.Event{})
	if err != nil {
		return err
	}
	f.take(k)
	return nil
}

// maxOpenTickets is more than how many tickets of a conversation can be open at a time.
const maxOpenTickets = 64

// caseRequest asks for all that a command on a conversation needs: the settings, the
// conversation, its open tickets, the offer with the ID, if one is given, and the messages
// with the IDs.
func caseRequest(id inbox.ID, offer string, names []string) store.ReadRequest {
	return store.ReadRequest{
		Records: []store.Ref{settingsRef, conversationRef(id)},
		Lists: []store.Query{{Kind: kindTicket, Where: []store.Match{
			{Name: attrConversation, Value: store.Text(id.String())}, {Name: attrOpen, Value: store.Bool(true)},
		}, Limit: maxOpenTickets}},
		Logs: append(namedMessages(id, names), namedOffer(id, offer)...),
	}
}

// openFile returns what a read of caseRequest found.
func (o *Tenant) openFile(ctx context.Context, id inbox.ID, s *store.Snapshot) (*file, error) {
	f, err := o.openTalk(ctx, id, s)
	if err != nil {
		return nil, err
	}
	if !f.hasNamedOffer(s.Logs) {
		return nil, damaged(conversationRef(id))
	}
	needed := f.now.Conversation.CaseTickets()
	for _, rec := range s.Lists[0].Records {
		if !slices.ContainsFunc(needed, func(id ticket.ID) bool { return id.String() == rec.Ref.ID }) {
			continue // it is not known to be its own
		}
		t, err := o.readTicket(ctx, rec)
		if err != nil {
			return nil, err
		}
		f.add(t)
	}
	for _, id := range needed { // one that is done
		if err := known(o.nameTicket(ctx, f, id), ticketRef(id)); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// openTalk returns the conversation of a read, without its tickets, under the settings of
// the read, and has the messages and offers of the read at hand.
func (o *Tenant) openTalk(ctx context.Context, id inbox.ID, s *store.Snapshot) (*file, error) {
	f, err := o.openHead(ctx, id, s.Records[1])
	if err != nil {
		return nil, err
	}
	set, err := f.needs.settings(s.Records[0])
	if err != nil {
		return nil, err
	}
	p, err := set.policy(o.d.inbox)
	if err != nil {
		return nil, err
	}
	f.settings = s.Records[0].Revision
	c, err := inbox.FromSnapshot(f.body.Conversation)
	if err != nil {
		return nil, f.body.unfit(conversationRef(id))
	}
	f.now.Conversation = c.WithPolicy(p)
	if err := f.handOffers(s.Logs); err != nil {
		return nil, err
	}
	return f, f.handPages(s.Logs)
}

// openHead returns what is stored of a conversation.
func (o *Tenant) openHead(ctx context.Context, id inbox.ID, rec store.Record) (*file, error) {
	if rec.Revision == "" {
		return nil, o.missing(ctx, retention.KindConversation, id.String(), rec.Ref.String())
	}
	f := &file{id: id, rev: rec.Revision}
	return f, f.needs.read(rec, &f.body)
}

// loadFile returns a conversation with the tickets that a command needs, and with the
// offer and the messages at hand that have the IDs.
func (o *Tenant) loadFile(ctx context.Context, id inbox.ID, offer string, names ...string) (*file, error) {
	s, err := o.store.Read(ctx, caseRequest(id, offer, names))
	if err != nil {
		return nil, err
	}
	return o.openFile(ctx, id, &s)
}

// loadTalk returns a conversation without its tickets, with the messages at hand that have
// the IDs.
func (o *Tenant) loadTalk(ctx context.Context, id inbox.ID, names ...string) (*file, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{
		Records: []store.Ref{settingsRef, conversationRef(id)}, Logs: namedMessages(id, names),
	})
	if err != nil {
		return nil, err
	}
	return o.openTalk(ctx, id, &s)
}

// loadHead returns what is stored of a conversation, without messages and tickets.
func (o *Tenant) loadHead(ctx context.Context, id inbox.ID) (*file, error) {
	rec, err := o.get(ctx, conversationRef(id))
	if err != nil {
		return nil, err
	}
	return o.openHead(ctx, id, rec)
}

// nameTicket adds a ticket of the conversation, unless f has it.
func (o *Tenant) nameTicket(ctx context.Context, f *file, id ticket.ID) error {
	if f.ticket(id) != nil {
		return nil
	}
	t, err := o.loadTicket(ctx, id)
	if err != nil {
		return err
	}
	f.add(t)
	return nil
}

// add adds a ticket of the conversation.
func (f *file) add(t *ticketFile) {
	f.tickets = append(f.tickets, t)
	f.now.Tickets = append(slices.Clip(f.now.Tickets), t.now)
}

// loadWhole returns what is stored of a conversation, with all its tickets and without
// messages.
func (o *Tenant) loadWhole(ctx context.Context, id inbox.ID) (*file, error) {
	f, err := o.loadTalk(ctx, id)
	if err != nil {
		return nil, err
	}
	return f, o.loadAllTickets(ctx, f)
}

// loadAllTickets adds every ticket of a conversation, the oldest first: not for commands
// of the team, whose cost would grow with the tickets.
func (o *Tenant) loadAllTickets(ctx context.Context, f *file) error {
	q := store.Query{Kind: kindTicket, Where: []store.Match{{Name: attrConversation, Value: store.Text(f.id.String())}}, Limit: o.d.limits.Page}
	var all []*ticketFile
	for {
		page, err := o.list(ctx, q)
		if err != nil {
			return err
		}
		for _, rec := range page.Records {
			t, err := o.readTicket(ctx, rec)
			if err != nil {
				return err
			}
			if f.ticket(t.now.ID()) == nil {
				t.listed = true
				all = append(all, t)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	slices.SortFunc(all, func(a, b *ticketFile) int { return strings.Compare(a.now.ID().String(), b.now.ID().String()) })
	f.tickets = append(f.tickets, all...)
	f.now.Tickets = slices.Grow(slices.Clip(f.now.Tickets), len(all)) // once, as they can be very many
	for _, t := range all {
		f.now.Tickets = append(f.now.Tickets, t.now)
	}
	if len(f.tickets) < f.body.Conversation.Count { // one cannot be found, and must not be forgotten
		return damaged(conversationRef(f.id))
	}
	return nil
}

// mayAct returns an error if this version may not act on the conversation, on what it is
// under, or on one of the tickets at hand.
func (f *file) mayAct() error {
	if err := f.needs.check(conversationRef(f.id)); err != nil {
		return err
	}
	for _, t := range f.tickets {
		if err := t.mayAct(); err != nil {
			return err
		}
	}
	return nil
}

// mayAct returns an error if this version may not act on the ticket.
func (t *ticketFile) mayAct() error { return t.needs.check(ticketRef(t.now.ID())) }

// loadTicket returns a ticket.
func (o *Tenant) loadTicket(ctx context.Context, id ticket.ID) (*ticketFile, error) {
	rec, err := o.get(ctx, ticketRef(id))
	if err != nil {
		return nil, err
	}
	return o.openTicket(ctx, id, rec)
}

func (o *Tenant) openTicket(ctx context.Context, id ticket.ID, rec store.Record, logs ...store.EntryPage) (*ticketFile, error) {
	if rec.Revision == "" {
		return nil, o.missing(ctx, retention.KindTicket, id.String(), rec.Ref.String())
	}
	return o.readTicket(ctx, rec, logs...)
}

// readTicket returns the ticket of a record with the answers to the first of the questions of
// logsOf, if they are given. If the log of the ticket is apart, all is read again together
// with the log.
func (o *Tenant) readTicket(ctx context.Context, rec store.Record, logs ...store.EntryPage) (*ticketFile, error) {
	t := &ticketFile{rev: rec.Revision}
	err := t.needs.read(rec, &t.body)
	if err == nil && t.body.LogApart {
		t, logs, err = o.readApart(ctx, rec.Ref, logsOf(rec.Ref)[:len(logs)])
	}
	if err == nil && len(logs) > 0 {
		err = t.fill(rec.Ref, logs)
	}
	if err != nil {
		return nil, err
	}
	if t.now, err = ticket.FromSnapshot(o.d.lifecycle(t.body.Ticket.Lifecycle), t.body.Ticket); err != nil {
		return nil, t.body.unfit(rec.Ref)
	}
	t.before, t.events = t.now, t.body.Events
	if len(logs) > textLogs {
		t.finished = logs[textLogs].Entries
	}
	return t, nil
}

// readApart reads a ticket together with its log, as neither goes with another state of the
// other, and with other logs.
func (o *Tenant) readApart(ctx context.Context, of store.Ref, logs []store.LogQuery) (*ticketFile, []store.EntryPage, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Records: []store.Ref{of}, Logs: append([]store.LogQuery{keptLog(of)}, logs...)})
	if err != nil {
		return nil, nil, err
	}
	if s.Records[0].Revision == "" {
		return nil, nil, o.missing(ctx, retention.KindTicket, of.ID, of.String())
	}
	t := &ticketFile{rev: s.Records[0].Revision}
	if err := t.needs.read(s.Records[0], &t.body); err != nil {
		return nil, nil, err
	}
	if t.body.LogApart {
		err = t.takeLog(of, s.Logs[0])
	}
	return t, s.Logs[1:], err
}

// get returns a record; one that is not there has no revision.
func (o *Tenant) get(ctx context.Context, r store.Ref) (store.Record, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Records: []store.Ref{r}})
	if err != nil {
		return store.Record{}, err
	}
	return s.Records[0], nil
}

// list returns a page of records.
func (o *Tenant) list(ctx context.Context, q store.Query) (store.Page, error) {
	if err := q.Check(); err != nil {
		return store.Page{}, err
	}
	s, err := o.store.Read(ctx, store.ReadRequest{Lists: []store.Query{q}})
	if err != nil {
		return store.Page{}, err
	}
	return s.Lists[0], nil
}

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

// waits notes since when an answer of the customer is awaited.
func (t *ticketFile) waits(ev *ticket.Event) {
	b := &t.body
	asks := b.Asked == "" || ev.Message == b.Asked // not another message that is lost or found meanwhile
	switch waiting := t.now.Category() == ticket.CategoryWaiting; {
	case waiting && ev.Kind == ticket.EventMarkBounced:
		b.Unreached = b.Unreached || asks
	case waiting && b.Unreached && (ev.Kind == ticket.EventMarkDelivered && asks || ev.Kind == ticket.EventReply):
		b.Unreached, b.WaitingSince, b.Reminded, b.RemindedAt = false, ev.At, 0, time.Time{}
		b.Asked, b.Sent = ev.Message, ev.Kind == ticket.EventMarkDelivered
	case ev.Kind == ticket.EventRemind:
		b.Reminded++
		b.RemindedAt = ev.At
	case ev.Kind == ticket.EventAskCustomer, waiting && b.WaitingSince.IsZero():
		b.Unreached, b.WaitingSince, b.Reminded, b.RemindedAt = false, ev.At, 0, time.Time{}
		b.Asked, b.Sent = ev.Message, false
	case !waiting:
		b.Unreached, b.WaitingSince, b.Reminded, b.RemindedAt = false, time.Time{}, 0, time.Time{}
		b.Asked, b.Sent = "", false
	}
}

// longestMerge is how many tickets can be merged one into the other in a row.
const longestMerge = 50

// settings returns the settings of the tenant; their revision is empty if it has
// none of its own.
func (o *Tenant) settings(ctx context.Context) (settingsBody, store.Revision, error) {
	rec, err := o.get(ctx, settingsRef)
	if err != nil {
		return settingsBody{}, "", err
	}
	var n needs
	s, err := n.settings(rec)
	return s, rec.Revision, errors.Join(err, n.check(settingsRef))
}

// settings reads the settings of a tenant, which may have none of its own.
func (n *needs) settings(rec store.Record) (s settingsBody, err error) {
	if rec.Revision != "" {
		err = n.read(rec, &s)
	}
	return s, err
}

// policy returns the settings of the tenant, which may have none of its own.
func (o *Tenant) policy(ctx context.Context) (*inbox.Policy, error) {
	s, _, err := o.settings(ctx)
	if err != nil {
		return nil, err
	}
	return s.policy(o.d.inbox)
}

func (o *Tenant) loadSweep(ctx context.Context) (sweepBody, store.Revision, error) {
	rec, err := o.get(ctx, sweepRef)
	if err != nil || rec.Revision == "" {
		return sweepBody{}, "", err
	}
	var s sweepBody
	err = decode(rec, &s)
	return s, rec.Revision, err
}
