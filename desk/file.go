package desk

import (
	"slices"

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

// replace makes t what its ticket is from now on, by the event.
func (f *file) replace(t ticket.Ticket, ev ticket.Event) error {
	k, err := f.now.ReplaceTicket(t, ev)
	if err != nil {
		return err
	}
	f.take(k)
	return nil
}

// add adds a ticket of the conversation.
func (f *file) add(t *ticketFile) {
	f.tickets = append(f.tickets, t)
	f.now.Tickets = append(slices.Clip(f.now.Tickets), t.now)
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

// record returns what retention has to know of a conversation with all its tickets.
func (f *file) record() retention.Conversation {
	c := f.body.record(f.rev)
	for _, t := range f.tickets {
		c.Tickets = append(c.Tickets, t.now.ID().String())
	}
	return c
}

// A messageRow is what is known of a message at hand beside the message.
type messageRow struct {
	stored  bool
	public  uint64 // as in a messageBody
	lost    bool   // by what was read
	changes int    // of whether it is lost
	tickets []hearer
}

// A hearer is a ticket whose log has a message.
type hearer struct {
	Ticket ticket.ID `json:"ticket"`
	Event  string    `json:"event"` // ID of the last event of the message there
}
