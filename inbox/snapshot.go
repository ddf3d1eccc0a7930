package inbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/ticket"
)

// A Snapshot is the whole state of a [Conversation] without its policy, for storage. It is
// plain data. Its JSON form is that of the conversation. [Conversation.Snapshot] and
// [FromSnapshot] convert between the two.
type Snapshot struct {
	ID        ID               `json:"id,omitzero"`
	Kind      Kind             `json:"kind,omitzero"`
	Channel   helpdesk.Channel `json:"channel,omitzero"`
	Contact   Contact          `json:"contact,omitzero"`
	StartedAt time.Time        `json:"started_at,omitzero"`
	UpdatedAt time.Time        `json:"updated_at,omitzero"`
	Continues ID               `json:"continues,omitzero"` // the conversation that this one continues

	Status     Status        `json:"state,omitzero"`
	Epoch      uint64        `json:"epoch,omitzero"`
	Who        string        `json:"who,omitzero"` // the member of the team in control
	Archived   ArchiveReason `json:"archived,omitzero"`
	ArchivedAt time.Time     `json:"archived_at,omitzero"`

	Tags      []string  `json:"tags,omitzero"` // in the normal form, with the marks of emoji, sorted
	Sentiment Sentiment `json:"sentiment,omitzero"`

	// Messages are the messages at hand, in order. A host that keeps messages apart
	// leaves them out: nothing else of the Snapshot depends on them.
	Messages     []MessageRecord `json:"messages,omitzero"`
	Len          uint64          `json:"len,omitzero"` // the number of the last message
	Counts       MessageCounts   `json:"counts,omitzero"`
	LastCustomer uint64          `json:"last_customer,omitzero"` // the number of the customer's last message
	LastPublic   LastMessage     `json:"last_public,omitzero"`   // the last public message that no machine wrote

	Episode   Episode        `json:"episode,omitzero"`    // the newest
	LastAsked EpisodeMessage `json:"last_asked,omitzero"` // the customer's last message

	// LastWordAt is the instant of the last message that came in from a person while no ticket
	// was open.
	LastWordAt time.Time `json:"last_word_at,omitzero"`

	Waiting EpisodeMessage `json:"waiting,omitzero"` // the oldest that people have not answered since the last ticket was opened

	Turn     uint64 `json:"turn,omitzero"`     // messages that the AI was asked to answer
	Answered uint64 `json:"answered,omitzero"` // the last message that the AI answered
	Turns    int    `json:"turns,omitzero"`    // in a row, since the AI took control

	// OpenOffer is the open offer: its ID, Status, Shown, FollowUpOf, OfferedAt and
	// ExpiresAt. Offers are the offers at hand, in the order of making, with the open one. A
	// host that keeps offers apart leaves them out: nothing else depends on them.
	OpenOffer  Offer   `json:"offer,omitzero"`
	Offers     []Offer `json:"offers,omitzero"`
	OfferCount int     `json:"offer_count,omitzero"` // of all offers

	Tickets   []TicketLink `json:"tickets,omitzero"`      // the open tickets and the last that are done, in the order of creation
	Done      []ticket.ID  `json:"done,omitzero"`         // of these, in the order in which they were done
	Count     int          `json:"ticket_count,omitzero"` // of all tickets
	HadTicket bool         `json:"had_ticket,omitzero"`

	Escalations   []Escalation   `json:"escalations,omitzero"`
	Armed         uint64         `json:"armed,omitzero"` // the number of escalations so far
	Notifications []Notification `json:"notifications,omitzero"`
	Followers     []string       `json:"watchers,omitzero"`
	Marks         []ReadMark     `json:"marks,omitzero"`
}

// A MessageRecord is one message of a [Snapshot]: a reply or a note, never both. It is
// plain data.
type MessageRecord struct {
	Reply *Reply `json:"reply,omitzero"`
	Note  *Note  `json:"note,omitzero"`
}

// Snapshot returns the state of c. The Snapshot shares no memory with c.
func (c Conversation) Snapshot() Snapshot {
	f := c.facts()
	s := Snapshot{
		ID: f.id, Kind: f.kind, Channel: f.channel, Contact: f.contact,
		StartedAt: f.startedAt, UpdatedAt: c.lastAt, Continues: f.continues,
		Status: c.state, Epoch: c.epoch, Who: c.who, Archived: c.archived, ArchivedAt: c.archivedAt,
		Tags: clone(c.tags), Sentiment: c.sentiment,
		Len: c.n, Counts: c.counts, LastCustomer: c.lastCustomer, LastPublic: c.lastPublic,
		Episode: c.Episode(), LastAsked: c.lastAsked, LastWordAt: c.lastWord, Waiting: c.waiting,
		Turn: c.turn, Answered: c.answered, Turns: c.turns,
		OpenOffer: c.openOffer, Offers: clone(c.offers), OfferCount: c.offerCount,
		Tickets: clone(c.tickets), Done: clone(c.done), Count: c.count, HadTicket: c.hadTicket,
		Escalations: clone(c.escalations), Armed: c.armed,
		Notifications: clone(c.notifications), Followers: clone(c.watchers), Marks: clone(c.marks),
	}
	for _, m := range c.messages.after(0, maxSeq) {
		switch m := m.(type) {
		case Reply:
			s.Messages = append(s.Messages, MessageRecord{Reply: &m})
		case Note:
			s.Messages = append(s.Messages, MessageRecord{Note: &m})
		}
	}
	return s
}

// FromSnapshot returns the conversation that s describes, under the default policy before
// [Conversation.WithPolicy]. A status that this version does not know stays as stored,
// and makes the conversation read-only.
//
// The error joins one [*helpdesk.FieldError] for every fault of s.
func FromSnapshot(s Snapshot) (Conversation, error) {
	f := s.faults()
	if err := f.Err(); err != nil {
		return Conversation{}, err
	}
	c := Conversation{
		made: &facts{
			id: s.ID, text: s.ID.String(), kind: s.Kind, channel: s.Channel, contact: s.Contact,
			startedAt: normal(s.StartedAt), continues: s.Continues,
		},
		state: s.Status, epoch: s.Epoch, who: s.Who, archived: s.Archived, archivedAt: utc(s.ArchivedAt),
		tags: clone(s.Tags), sentiment: s.Sentiment,
		n: s.Len, read: s.Len, counts: s.Counts, lastCustomer: s.LastCustomer, lastPublic: s.LastPublic,
		episode: s.Episode.utc(), lastAsked: s.LastAsked.utc(), lastWord: utc(s.LastWordAt), waiting: s.Waiting.utc(),
		turn: s.Turn, answered: s.Answered, turns: s.Turns,
		offers: clone(s.Offers), offerCount: s.OfferCount, offersRead: s.OfferCount,
		tickets: clone(s.Tickets), done: clone(s.Done), count: s.Count, hadTicket: s.HadTicket,
		escalations: clone(s.Escalations), armed: s.Armed,
		notifications: clone(s.Notifications), watchers: clone(s.Followers), marks: clone(s.Marks),
		lastAt: normal(s.UpdatedAt),
	}
	c.lastPublic.At = utc(s.LastPublic.At)
	if s.OpenOffer.ID != "" {
		c.openOffer = s.OpenOffer.head()
	}
	for _, m := range s.Messages {
		if m.Note != nil {
			c.messages = c.messages.append(*m.Note)
		} else {
			c.messages = c.messages.append(copied(*m.Reply))
		}
	}
	return c, nil
}

// faults says what no conversation can be. What people wrote is taken as it is.
func (s *Snapshot) faults() faults {
	var f faults
	if s.ID == (ID{}) {
		f.reject("id", "", "must be given")
	}
	if err := checkName("state", string(s.Status)); err != nil {
		f.reject("state", string(s.Status), "must be the name of a state")
	}
	f.instant("started_at", s.StartedAt)
	f.instant("updated_at", s.UpdatedAt)
	if s.UpdatedAt.Before(s.StartedAt) {
		f.reject("updated_at", s.UpdatedAt.UTC().Format(time.RFC3339), "must not be before started_at")
	}
	if s.Epoch == 0 {
		f.reject("epoch", "0", "must be at least 1")
	}
	if s.Status == StatusPurged {
		return f
	}
	if !check.IsName(string(s.Kind)) {
		f.reject("kind", string(s.Kind), "must be the name of a kind")
	}
	if !s.Channel.IsValid() {
		f.reject("channel", string(s.Channel), "must be the name of a channel")
	}
	last := uint64(0)
	for i, m := range s.Messages {
		n := last + 1
		switch {
		case m.Reply != nil:
			n = m.Reply.Seq
		case m.Note != nil:
			n = m.Note.Seq
		}
		switch {
		case (m.Reply == nil) == (m.Note == nil):
			f.reject(check.At("messages", i), "", "must be a reply or a note")
		case n <= last || n > s.Len:
			f.reject(check.At("messages", i)+".seq", number(n), "must be above that of the message before, and at most "+number(s.Len))
		case m.Reply != nil && !check.IsName(string(m.Reply.By)), m.Note != nil && !check.IsName(string(m.Note.By)): // one of a newer version stays as stored
			f.reject(check.At("messages", i)+".by", "", "must be the name of an actor")
		case m.Reply != nil && !m.Reply.Via.IsValid():
			f.reject(check.At("messages", i)+".via", "", "must be the name of a channel")
		}
		last = max(last, n)
	}
	n := s.Len
	most := func(field string, v, limit uint64) {
		if v > limit {
			f.reject(field, number(v), "must be at most "+number(limit))
		}
	}
	if sum := s.Counts.Public + s.Counts.Notes; sum != n {
		f.reject("counts", number(sum), "must be "+number(n)+" messages together")
	}
	most("last_customer", s.LastCustomer, n)
	most("last_public.seq", s.LastPublic.Seq, n)
	most("answered", s.Answered, s.Turn)
	s.Episode.faults(&f)
	for i, m := range s.Marks {
		most(check.At("marks", i)+".seq", m.Seq, n)
	}
	if !slices.IsSortedFunc(s.Tags, func(a, b string) int { return compareTags(a, tagKey(b)) }) || len(slices.CompactFunc(slices.Clone(s.Tags), func(a, b string) bool { return tagKey(a) == tagKey(b) })) != len(s.Tags) {
		f.reject("tags", "", "must be sorted and different")
	}
	if !slices.IsSorted(s.Followers) {
		f.reject("watchers", "", "must be sorted")
	}
	if !slices.IsSortedFunc(s.Marks, func(a, b ReadMark) int { return bytes.Compare([]byte(a.Agent), []byte(b.Agent)) }) {
		f.reject("marks", "", "must be sorted by agent")
	}
	s.offerFaults(&f)
	if s.Status.isKnown() && (s.Status == StatusArchived) != (s.Archived != "") {
		f.reject("archived", string(s.Archived), "must be given if and only if the state is archived")
	}
	if s.Count > 0 && !s.HadTicket {
		f.reject("had_ticket", "false", "must be true with tickets")
	}
	if s.Count < len(s.Tickets) {
		f.reject("ticket_count", strconv.Itoa(s.Count), "must be at least "+strconv.Itoa(len(s.Tickets)))
	}
	for i, id := range s.Done {
		if !slices.ContainsFunc(s.Tickets, func(l TicketLink) bool { return l.Ticket == id }) {
			f.reject(check.At("done", i), id.String(), "must be among the tickets")
		}
	}
	return f
}

// offerFaults says what the offers of no conversation can be.
func (s *Snapshot) offerFaults(f *faults) {
	id := s.OpenOffer.ID
	for i := range s.Offers {
		o := &s.Offers[i]
		stands := i == len(s.Offers)-1 && (o.ID == id || !s.Status.isKnown())
		if o.Status == OfferOpen && !stands || o.Status != OfferOpen && o.ID == id {
			f.reject(check.At("offers", i)+".status", string(o.Status), "must be open if and only if it is the open offer, which is the last")
		}
		if o.Status == OfferConfirmed && o.Ticket == (ticket.ID{}) {
			f.reject(check.At("offers", i)+".ticket", "", "must be given with a confirmed offer")
		}
	}
	if s.OfferCount < len(s.Offers) || s.OfferCount == 0 && id != "" {
		f.reject("offer_count", strconv.Itoa(s.OfferCount), "must count the offers at least")
	}
	if s.Status.isKnown() && (id != "") != (s.Status == StatusOffer) {
		f.reject("state", string(s.Status), "must be offer if and only if an offer is open")
	}
}

// MarshalJSON implements [json.Marshaler] by [Conversation.Snapshot]. The zero
// Conversation is an error.
func (c Conversation) MarshalJSON() ([]byte, error) {
	if c.IsZero() {
		return nil, &helpdesk.FieldError{Path: "id", Reason: "must be given"}
	}
	return json.Marshal(c.Snapshot())
}

// UnmarshalJSON implements [json.Unmarshaler] by [FromSnapshot]. Unknown members, such as
// members of a newer version, are ignored. On an error c does not change.
func (c *Conversation) UnmarshalJSON(data []byte) error {
	var s Snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		fault := &helpdesk.FieldError{Reason: "must be a conversation"}
		if f, ok := errors.AsType[*helpdesk.FieldError](check.JSON(err)); ok {
			fault.Path, fault.Reason = f.Path, f.Reason // the value could be what people wrote
		}
		return fault
	}
	parsed, err := FromSnapshot(s)
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
