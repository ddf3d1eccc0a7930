package severity

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Status says how far a [Claim] has come. The zero Status is that of no claim.
type Status string

// The statuses of a claim.
const (
	StatusClaimed   Status = "claimed"   // nobody of the team has decided
	StatusConfirmed Status = "confirmed" // for good
	StatusDeclined  Status = "declined"  // another level was set
)

// A Notice is one notification of a problem.
type Notice struct {
	Channel helpdesk.Channel `json:"channel,omitzero"`
	At      time.Time        `json:"at,omitzero"`
}

// A Claim is a level that somebody says a problem has, the notifications of the
// problem, and what a person of the team decided about it. Which level is in force
// depends on the policy: package sla says it.
//
// A Claim is an immutable value, safe for concurrent use: every command returns
// the new Claim, and one that is refused returns the old one. Instants are kept
// in UTC. The zero Claim claims nothing; see [NewClaim].
type Claim struct {
	level       Level
	notices     []Notice // the first of each channel, by instant and then channel
	confirmedAt time.Time
	declinedAt  time.Time
	declinedTo  Level
}

// NewClaim returns the claim that a problem has the given level, made by a
// notification on the channel at the instant given. The error joins one
// [*helpdesk.FieldError] for each of these that is not valid.
func NewClaim(level Level, channel helpdesk.Channel, at time.Time) (Claim, error) {
	var f faults
	if !level.IsValid() {
		f.reject("level", level.String(), mustBeLevel)
	}
	f.channel("channel", channel)
	f.instant("at", at)
	if err := f.err(); err != nil {
		return Claim{}, err
	}
	return Claim{level: level, notices: []Notice{{Channel: channel, At: normal(at)}}}, nil
}

// Notify returns c with one more notification. Of several on one channel only
// the earliest counts, in whatever order they arrive. The error joins one
// [*helpdesk.FieldError] for each argument that is not valid, or is a [*NotAllowedError]
// if c claims nothing.
func (c Claim) Notify(channel helpdesk.Channel, at time.Time) (Claim, error) {
	var f faults
	f.channel("channel", channel)
	f.instant("at", at)
	if err := f.err(); err != nil {
		return c, err
	}
	if c.IsZero() {
		return c, &NotAllowedError{Event: "notify"}
	}
	n := Notice{Channel: channel, At: normal(at)}
	notices := slices.Clone(c.notices)
	i := slices.IndexFunc(notices, func(m Notice) bool { return m.Channel == channel })
	switch {
	case i < 0:
		notices = append(notices, n)
	case n.At.Before(notices[i].At):
		notices[i] = n
	default:
		return c, nil
	}
	slices.SortFunc(notices, byInstant)
	c.notices = notices
	return c, nil
}

func byInstant(m, n Notice) int {
	return cmp.Or(m.At.Compare(n.At), cmp.Compare(m.Channel, n.Channel))
}

// earliest returns the first notification on each channel, as a claim keeps them.
func earliest(notices []Notice) []Notice {
	all := make([]Notice, len(notices))
	for i, n := range notices {
		all[i] = Notice{Channel: n.Channel, At: normal(n.At)}
	}
	slices.SortFunc(all, byInstant)
	seen := make(map[helpdesk.Channel]bool, len(all))
	return slices.DeleteFunc(all, func(n Notice) bool {
		twice := seen[n.Channel]
		seen[n.Channel] = true
		return twice
	})
}

// Confirm returns c with the confirmation of a person of the team. It holds for
// good; confirming again changes nothing, the first instant counts.
//
// The error is a [*NotAllowedError] if by is not a person of the team, if c
// claims nothing or was declined, and a [*helpdesk.FieldError] for a bad instant.
func (c Claim) Confirm(by helpdesk.Actor, at time.Time) (Claim, error) {
	if err := c.decidable("confirm", by); err != nil {
		return c, err
	}
	var f faults
	f.instant("at", at)
	if err := f.err(); err != nil {
		return c, err
	}
	if c.Status() == StatusClaimed {
		c.confirmedAt = normal(at)
	}
	return c, nil
}

// Decline returns c with a person's decision that the level is another, lower
// one. Declining again to the same level changes nothing, the first instant
// counts; whoever holds that the level was right after all claims it anew.
//
// The error is a [*NotAllowedError] if by is not a person of the team, or if c
// claims nothing, was confirmed, or was declined to another level; it joins one
// [*helpdesk.FieldError] for each other argument that is not valid.
func (c Claim) Decline(to Level, by helpdesk.Actor, at time.Time) (Claim, error) {
	if err := c.decidable("decline", by); err != nil {
		return c, err
	}
	var f faults
	f.below("declined_to", to, c.level)
	f.instant("at", at)
	if err := f.err(); err != nil {
		return c, err
	}
	if c.Status() == StatusDeclined {
		if to != c.declinedTo {
			return c, &NotAllowedError{Status: StatusDeclined, Event: "decline", Actor: by}
		}
		return c, nil
	}
	c.declinedAt, c.declinedTo = normal(at), to
	return c, nil
}

// decidable returns why by may not make the decision.
func (c Claim) decidable(event string, by helpdesk.Actor) error {
	status := c.Status()
	opposed := map[string]Status{"confirm": StatusDeclined, "decline": StatusConfirmed}[event]
	if status == "" || status == opposed || !by.IsPerson() {
		return &NotAllowedError{Status: status, Event: event, Actor: by}
	}
	return nil
}

// IsZero reports whether c claims nothing.
func (c Claim) IsZero() bool { return c.level == 0 }

// Level returns the claimed level, and zero if c claims nothing.
func (c Claim) Level() Level { return c.level }

// Status returns how far c has come.
func (c Claim) Status() Status {
	switch {
	case c.IsZero():
		return ""
	case !c.confirmedAt.IsZero():
		return StatusConfirmed
	case !c.declinedAt.IsZero():
		return StatusDeclined
	default:
		return StatusClaimed
	}
}

// Notices yields the first notification on each channel, the earliest first.
func (c Claim) Notices() iter.Seq[Notice] { return slices.Values(c.notices) }

// ConfirmedAt returns when c was confirmed, and the zero time if it was not.
func (c Claim) ConfirmedAt() time.Time { return c.confirmedAt }

// Declined returns the level to which c was declined and when; both are zero if
// it was not.
func (c Claim) Declined() (to Level, at time.Time) { return c.declinedTo, c.declinedAt }

const mustBeChannel = "must be the name of a channel"

func (f *faults) channel(path string, c helpdesk.Channel) {
	if !c.IsValid() {
		f.reject(path, c.String(), mustBeChannel)
	}
}

// instant refuses instants that have no text form.
func (f *faults) instant(path string, t time.Time) {
	if year := t.UTC().Year(); t.IsZero() || year < 1 || 9999 < year {
		f.reject(path, t.UTC().Format(time.RFC3339Nano), "must be an instant in the years 1 to 9999")
	}
}

// below refuses a level to which a claim of the other one cannot be declined.
func (f *faults) below(path string, to, claimed Level) {
	if !to.IsValid() || to >= claimed {
		f.reject(path, to.String(), "must be a level below "+claimed.String())
	}
}

// normal returns t in UTC and without a reading of the monotonic clock.
func normal(t time.Time) time.Time { return t.Round(0).UTC() }
