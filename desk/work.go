package desk

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
)

// The use cases that no event of a conversation or a ticket is called like.
const (
	useAI             inbox.EventKind = "ai"    // its answer is carried out
	useAsked          inbox.EventKind = "asked" // the AI was asked in vain
	useBounced        inbox.EventKind = "bounced"
	useConfigure      inbox.EventKind = "configure"
	useMerge          inbox.EventKind = "merge"
	useMailed         inbox.EventKind = "mailed"
	useRequestErasure inbox.EventKind = "request_erasure"
	useTimer          inbox.EventKind = "timer"

	useDo ticket.EventKind = "do"

	usePlaceLegalHold   inbox.EventKind = "hold_conversation"
	useReleaseLegalHold inbox.EventKind = "release_conversation"
)

// A work is one command while it is decided.
type work struct {
	o         *Tenant
	c         *Config
	limits    *limits
	retention *retention.Policy
	store     store.Records
	tenant    store.TenantID

	ctx   context.Context
	use   inbox.EventKind
	call  Meta
	now   time.Time
	stamp helpdesk.Command
	n     int // stamps so far

	met     bool   // the record that the command is about was loaded
	revised bool   // and has another revision than the command names
	keep    func() // has that record stored with what the command changes

	fired store.Ref // whose timer led to the command
	asks  bool      // a port of the host was asked

	unseen error // the customer has written since the author last read

	files []*file
	loose []*ticketFile // tickets that were loaded without their conversation

	batch  store.Batch
	fault  error     // in what was to be stored, which has no form
	of     store.Ref // what the result belongs to
	result Result
}

// open loads a conversation with its tickets, and the messages with the IDs that it has.
func (w *work) open(id inbox.ID, names ...string) (*file, error) {
	i := slices.IndexFunc(w.files, func(f *file) bool { return f.id == id })
	if i >= 0 {
		return w.files[i], w.o.nameMessages(w.ctx, w.files[i], names...)
	}
	return w.openOffered(id, "", names...)
}

// openOffered loads the conversation that a command is about, with the messages with the IDs
// and with an offer at hand, which need not exist.
func (w *work) openOffered(id inbox.ID, offer string, names ...string) (*file, error) {
	f, err := w.o.loadFile(w.ctx, id, offer, names...)
	if err != nil {
		return nil, err
	}
	return f, w.add(f)
}

// add takes a conversation that was loaded, unless this version may not act on it.
func (w *work) add(f *file) error {
	if err := f.mayAct(); err != nil {
		return err
	}
	w.meet(f.rev, &f.changed)
	if len(w.files) == 0 { // what the command is about
		w.unseen = f.now.Conversation.CheckSeen(w.call.IfLastMessage, w.use)
	}
	w.files = append(w.files, f)
	w.about(conversationRef(f.id))
	if w.result.Conversation == (inbox.ID{}) {
		w.result.Conversation = f.id
	}
	return nil
}

// meet compares the revision of the record that a command is about, which is loaded
// first, with the one that the command names.
func (w *work) meet(rev store.Revision, changed *bool) {
	if !w.met && w.call.IfRevision != "" {
		w.revised = string(rev) != w.call.IfRevision
		w.keep = func() { *changed = true }
	}
	w.met = true
}

// about makes the result belong to r, unless it belongs to something.
func (w *work) about(r store.Ref) {
	if w.of.Kind == "" {
		w.of = r
	}
}

// ticket loads a ticket without its conversation: for commands that do not change
// its category, of which the conversation need not know.
func (w *work) ticket(id ticket.ID) (*ticketFile, error) {
	t, err := w.o.loadTicket(w.ctx, id)
	if err == nil {
		err = t.mayAct()
	}
	if err != nil {
		return nil, err
	}
	w.meet(t.rev, &t.changed)
	w.loose = append(w.loose, t)
	w.about(ticketRef(id))
	w.result.Ticket, w.result.Reference = id, t.now.Reference()
	return t, nil
}

// openTicket loads a ticket with its conversation, and the messages with the IDs that the
// conversation has.
func (w *work) openTicket(id ticket.ID, names ...string) (*file, *ticketFile, error) {
	for _, f := range w.files {
		if t := f.ticket(id); t != nil {
			w.result.Ticket, w.result.Reference = id, t.now.Reference()
			return f, t, w.o.nameMessages(w.ctx, f, names...)
		}
	}
	same := store.Match{Name: attrConversation, Same: ticketRef(id)}
	s, err := w.store.Read(w.ctx, store.ReadRequest{
		Records: []store.Ref{settingsRef, ticketRef(id)},
		Lists: []store.Query{
			{Kind: kindTicket, Where: []store.Match{same, {Name: attrOpen, Value: store.Bool(true)}}, Limit: maxOpenTickets},
			{Kind: kindConversation, Where: []store.Match{same}, Limit: 1},
		},
	})
	if err != nil {
		return nil, nil, err
	}
	t, err := w.o.openTicket(w.ctx, id, s.Records[1])
	if err == nil {
		err = t.mayAct()
	}
	if err != nil {
		return nil, nil, err
	}
	conv, err := conversationID(t.now.Conversation())
	if err != nil {
		return nil, nil, damaged(ticketRef(id))
	}
	i := slices.IndexFunc(w.files, func(f *file) bool { return f.id == conv })
	var f *file
	if i >= 0 {
		f = w.files[i]
	} else {
		s.Records[1] = store.Record{Ref: conversationRef(conv)}
		if found := s.Lists[1].Records; len(found) > 0 {
			s.Records[1] = found[0]
		}
		if f, err = w.o.openFile(w.ctx, conv, &s); err != nil {
			return nil, nil, known(err, conversationRef(conv))
		}
		met := w.met
		w.met = true // the command is not about the conversation
		err = w.add(f)
		w.met = met
		if err != nil {
			return nil, nil, err
		}
	}
	if known := f.ticket(id); known != nil {
		t = known
	} else {
		f.add(t) // one that was done long ago
	}
	w.meet(t.rev, &t.changed)
	w.result.Ticket, w.result.Reference = id, t.now.Reference()
	return f, t, w.o.nameMessages(w.ctx, f, names...)
}

// another returns a stamp for one more decision of the same command.
func (w *work) another() helpdesk.Command {
	w.n++
	s := w.stamp
	s.ID += "." + strconv.Itoa(w.n)
	return s
}

// draft fills in the ID of a message that has none.
func (w *work) draft(d inbox.MessageParams) inbox.MessageParams {
	if d.ID == "" {
		d.ID = "m-" + w.stamp.ID
	}
	return d
}

// unknownStatus returns that a record is of a later version if it has a status that this one
// does not know, in which no command is allowed.
func (w *work) unknownStatus() error {
	tickets := slices.Clone(w.loose)
	for _, f := range w.files {
		if f.body.Version > version && f.body.Conversation.Status.List() == "" {
			return newer(conversationRef(f.id))
		}
		tickets = append(tickets, f.tickets...)
	}
	for _, t := range tickets {
		if t.body.Version > version && !t.now.IsKnown() {
			return newer(ticketRef(t.now.ID()))
		}
	}
	return nil
}

// usualEntries is how many entries most commands append at most.
const usualEntries = 4

// note stores an event of a conversation.
func (w *work) note(f *file, id, kind string, at time.Time, event any) {
	f.body.Events++
	f.changed = true
	w.append(conversationRef(f.id), f.body.Events, id, kind, at, event)
}

func (w *work) append(of store.Ref, n uint64, id, kind string, at time.Time, event any) {
	if w.batch.Append == nil {
		w.batch.Append = make([]store.Entry, 0, usualEntries)
	}
	e, err := eventEntry(of, n, id, kind, at, event)
	w.batch.Append, w.fault = append(w.batch.Append, e), errors.Join(w.fault, err)
}

// noteTicket stores an event of a ticket.
func (w *work) noteTicket(t *ticketFile, id, kind string, at time.Time, event any) {
	t.body.Events++
	t.changed = true
	w.append(ticketRef(t.now.ID()), t.body.Events, id, kind, at, event)
}

// sent returns the case of the command as nameSent leaves it.
func (w *work) sent(id string, seq uint64) (inbox.Case, error) {
	f := w.files[0]
	err := w.o.nameSent(w.ctx, f, id, seq)
	return f.now, err
}
