package inbox

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Notification tells a member of the team, or the team, about an event of a
// conversation. It is plain data.
//
// A further message adds to the unread notification of a member of the team, if there is
// one. An escalation, a message that reopens a conversation or a ticket, a message of
// somebody in copy, and the passing of control to people always make a notification of
// their own. Whoever deals with a conversation has read its notifications. Archiving
// removes unread notifications; read notifications are history. Mails that confirm
// something to a customer are no notifications.
type Notification struct {
	ID     string    `json:"id,omitzero"`
	Agent  string    `json:"agent,omitzero"` // the member of the team; empty for the team
	Cause  EventKind `json:"cause,omitzero"` // the first event
	Seq    uint64    `json:"seq,omitzero"`   // the last message that the notification is about
	At     time.Time `json:"at,omitzero"`
	SentAt time.Time `json:"sent_at,omitzero"` // the instant of delivery; zero before
	ReadAt time.Time `json:"read_at,omitzero"` // zero while the notification is unread
}

// IsRead reports whether n was read.
func (n Notification) IsRead() bool { return !n.ReadAt.IsZero() }

// A ReadMark is the last message that a member of the team has read. It is plain data.
type ReadMark struct {
	Agent string `json:"agent,omitzero"`
	Seq   uint64 `json:"seq,omitzero"` // the number of the message
}

// The limits of who is told.
const (
	maxFollowers = 100 // of a conversation
	maxMarks     = 128 // members of the team whose marks are remembered
	maxRead      = 5   // read notifications that are remembered
	maxUnread    = 128 // unread notifications; more than are told at once
	maxOwn       = 8   // unread notifications of one member of the team
)

// Notifications yields what the member of the team has been told, and the team
// as a whole, in order. The empty agent is the team only.
func (c Conversation) toldTo(agent string) iter.Seq[Notification] {
	return func(yield func(Notification) bool) {
		for _, n := range c.notifications {
			if (n.Agent == "" || n.Agent == agent) && !yield(n) {
				return
			}
		}
	}
}

// Notifications yields every notification of c in order.
func (c Conversation) Notifications() iter.Seq[Notification] {
	return slices.Values(c.notifications)
}

// Followers yields the members of the team who follow c, sorted.
func (c Conversation) Followers() iter.Seq[string] { return slices.Values(c.watchers) }

// ReadUpTo returns the number of the last message that the member of the team
// has read, and 0 for none.
func (c Conversation) readUpTo(agent string) uint64 {
	i, found := c.mark(agent)
	if !found {
		return 0
	}
	return c.marks[i].Seq
}

// Unread returns how many messages the member of the team has not read. These are
// messages of others: whoever writes has read what stood there (R86).
func (c Conversation) unread(agent string) int {
	return int(c.n - c.readUpTo(agent))
}

// hasRead moves the mark of the member of the team, which never goes back. One mark too
// many, and the mark that lies furthest back is forgotten.
func (ch *change) hasRead(agent string, upTo uint64) {
	c := &ch.c
	i, found := c.mark(agent)
	if found {
		if upTo > c.marks[i].Seq {
			c.marks = clone(c.marks)
			c.marks[i].Seq = upTo
		}
		return
	}
	c.marks = slices.Insert(clone(c.marks), i, ReadMark{Agent: agent, Seq: upTo})
	if len(c.marks) <= maxMarks {
		return
	}
	back := -1
	for j, m := range c.marks {
		if m.Agent != agent && (back < 0 || m.Seq < c.marks[back].Seq) {
			back = j
		}
	}
	c.marks = slices.Delete(c.marks, back, back+1)
}

func (c Conversation) mark(agent string) (int, bool) {
	return slices.BinarySearchFunc(c.marks, agent, func(m ReadMark, a string) int { return cmp.Compare(m.Agent, a) })
}

// Follow makes the member of the team a follower of c, who is notified of the events of c
// beside its holder. A conversation has at most 100 followers.
func (c Conversation) Follow(cmd helpdesk.Command, agent string) (Conversation, []Event, error) {
	ch, err := c.begin(EventFollow, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	ch.ref("agent", agent, true)
	ch.ev.Agent = agent
	i, found := slices.BinarySearch(c.watchers, agent)
	switch {
	case found, agent == "":
	case len(c.watchers) >= maxFollowers:
		ch.tooLong("agent", len(c.watchers)+1, maxFollowers, "watchers")
	default:
		ch.c.watchers = slices.Insert(clone(c.watchers), i, agent)
	}
	return ch.finish(c)
}

// Unfollow reverses [Conversation.Follow], and removes unread notifications of the member
// of the team.
func (c Conversation) Unfollow(cmd helpdesk.Command, agent string) (Conversation, []Event, error) {
	ch, err := c.begin(EventUnfollow, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	ch.ref("agent", agent, true)
	ch.ev.Agent = agent
	if i, found := slices.BinarySearch(c.watchers, agent); found {
		ch.c.watchers = slices.Delete(clone(c.watchers), i, i+1)
		ch.dropIf(func(n Notification) bool { return n.Agent == agent })
	}
	return ch.finish(c)
}

// MarkRead records that the author, a member of the team, has read the messages up to the
// given number, and with the messages their notifications, those of the team included. A
// mark never goes back.
func (c Conversation) MarkRead(cmd helpdesk.Command, upTo uint64) (Conversation, []Event, error) {
	ch, err := c.begin(EventMarkRead, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	if cmd.Who == "" {
		ch.ref("who", "", true)
	}
	if n := c.n; upTo > n {
		ch.reject("up_to", number(upTo), "must be the number of a message, at most "+number(n))
	}
	ch.ev.Agent, ch.ev.Seq = cmd.Who, upTo
	ch.looks(cmd.Who, upTo)
	return ch.finish(c)
}

// looks marks as read the messages up to the number, and the notifications of them.
func (ch *change) looks(agent string, upTo uint64) {
	ch.hasRead(agent, upTo)
	isRead := func(n Notification) bool {
		return !n.IsRead() && n.Seq <= upTo && (n.Agent == "" || n.Agent == agent)
	}
	if !slices.ContainsFunc(ch.c.notifications, isRead) {
		return
	}
	ch.c.notifications = clone(ch.c.notifications)
	for i := range ch.c.notifications {
		n := &ch.c.notifications[i]
		if !isRead(*n) {
			continue
		}
		n.ReadAt = ch.ev.At
		if n.SentAt.IsZero() {
			ch.cancelNotifications = append(ch.cancelNotifications, n.ID)
		}
	}
	ch.forgetRead()
}

// MarkNotified records the delivery of a notification. A notification that is gone
// changes nothing.
func (c Conversation) MarkNotified(cmd helpdesk.Command, id string) (Conversation, []Event, error) {
	i := slices.IndexFunc(c.notifications, func(n Notification) bool { return n.ID == id && n.SentAt.IsZero() })
	if i < 0 && c.late(EventMarkNotified, &cmd) {
		return c, nil, nil
	}
	ch, err := c.begin(EventMarkNotified, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	ch.c.notifications = clone(c.notifications)
	ch.c.notifications[i].SentAt = ch.ev.At
	return ch.finish(c)
}

// notify tells whoever holds the conversation and the watchers, and the team if
// there are none.
func (ch *change) notify() {
	c := &ch.c
	to := clone(c.watchers)
	if c.who != "" && !slices.Contains(to, c.who) {
		to = append(to, c.who)
	}
	if len(to) == 0 {
		to = []string{""}
	}
	own, seq := ch.isOwn(), c.n
	list := clone(c.notifications)
	var now []string // the notifications of this event
	for _, agent := range to {
		if i := newestUnread(list, agent); i >= 0 && !own {
			list[i].Seq = seq
			now = append(now, list[i].ID)
			continue
		}
		n := Notification{
			ID: c.key("notify", ch.ev.ID, agent), Agent: agent, Cause: ch.ev.Kind, Seq: seq, At: ch.ev.At,
		}
		list = append(makeRoom(list, &n), n)
		now = append(now, n.ID)
		ch.effect(Effect{Kind: EffectNotify, Key: n.ID, Agent: agent, Cause: n.Cause, Message: ""})
	}
	c.notifications = forgetUnread(list, now)
}

// isOwn reports whether the event makes a notification of its own, whatever is unread.
func (ch *change) isOwn() bool {
	from, to := ch.ev.From, ch.next
	switch ch.ev.Kind {
	case EventEscalate, EventAddParticipantMessage:
		return true
	default:
		return ch.reopened || to.Holder() == HolderPeople && from.Holder() != HolderPeople
	}
}

// newestUnread returns the index of the last unread notification of the agent, or -1.
func newestUnread(list []Notification, agent string) int {
	for i, n := range slices.Backward(list) {
		if n.Agent == agent && !n.IsRead() {
			return i
		}
	}
	return -1
}

// makeRoom returns the notifications with room for n: one of the agent's own goes if there
// are too many, the oldest of the cause of n or else the oldest. So nobody from outside
// can push out an escalation, and what goes has been told.
func makeRoom(list []Notification, n *Notification) []Notification {
	oldest, alike, unread := -1, -1, 0
	for i, x := range list {
		if x.IsRead() || x.Agent != n.Agent {
			continue
		}
		unread++
		if oldest < 0 {
			oldest = i
		}
		if alike < 0 && x.Cause == n.Cause {
			alike = i
		}
	}
	switch {
	case unread < maxOwn:
		return list
	case alike >= 0:
		oldest = alike
	}
	return slices.Delete(list, oldest, oldest+1)
}

// forgetUnread returns the notifications without the oldest unread ones beside those of
// the event, if there are too many: first of those who have a later one, then of those who
// had the conversation once and never read of it. Escalations go last.
func forgetUnread(list []Notification, now []string) []Notification {
	over := -maxUnread
	last := map[string]string{}
	for _, n := range list {
		if !n.IsRead() {
			over++
			last[n.Agent] = n.ID
		}
	}
	for _, escalations := range [...]bool{false, true} {
		for _, only := range [...]bool{false, true} {
			list = slices.DeleteFunc(list, func(n Notification) bool {
				if over <= 0 || n.IsRead() || (n.Cause == EventEscalate) != escalations ||
					(last[n.Agent] == n.ID) != only || slices.Contains(now, n.ID) {
					return false
				}
				over--
				return true
			})
		}
	}
	return list
}

// dropNotifications removes what is unread.
func (ch *change) dropNotifications() { ch.dropIf(func(Notification) bool { return true }) }

func (ch *change) dropIf(match func(Notification) bool) {
	var kept []Notification
	for _, n := range ch.c.notifications {
		if n.IsRead() || !match(n) {
			kept = append(kept, n)
			continue
		}
		ch.cancelNotifications = append(ch.cancelNotifications, n.ID)
	}
	ch.c.notifications = kept
}

func (ch *change) forgetRead() {
	read := 0
	for _, n := range ch.c.notifications {
		if n.IsRead() {
			read++
		}
	}
	ch.c.notifications = slices.DeleteFunc(ch.c.notifications, func(n Notification) bool {
		if !n.IsRead() || read <= maxRead {
			return false
		}
		read--
		return true
	})
}
