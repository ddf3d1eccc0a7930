package severity

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Status is the stage of a [Claim]. The zero Status belongs to the zero Claim.
type Status string

// The statuses of a claim.
const (
	StatusClaimed   Status = "claimed"   // no person of the team has decided
	StatusConfirmed Status = "confirmed" // a person of the team has confirmed the level, for good
	StatusDeclined  Status = "declined"  // a person of the team has set a lower level
)

// A Notice is one notification of a problem. It is plain data.
type Notice struct {
	Channel helpdesk.Channel `json:"channel,omitzero"`
	At      time.Time        `json:"at,omitzero"`
}

// A Claim records the claimed level of a problem, the notifications of the problem, and
// the decision of a person of the team. The policy of package sla determines the level
// in force.
//
// A Claim is an immutable value, safe for concurrent use. A command returns the new
// Claim, and on an error the old one. Instants are in UTC. The zero Claim claims
// nothing; [NewClaim] makes a Claim.
type Claim struct {
	level       Level
	notices     []Notice // the first of each channel, by instant and then channel
	confirmedAt time.Time
	declinedAt  time.Time
	declinedTo  Level
}

// NewClaim returns the claim that a problem has the level, made by a notification on the
// channel at the instant. The error joins one [*helpdesk.FieldError] for each invalid
// argument.
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

// Notify returns c with one more notification. Of several notifications on one channel
// only the earliest counts, whatever the order of their arrival. The error joins one
// [*helpdesk.FieldError] for each invalid argument, or is a [*NotAllowedError] if c
// claims nothing.
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

// Confirm returns c with the confirmation of a person of the team. A confirmation holds
// for good. A second confirmation changes nothing: the first instant counts.
//
// The error is a [*NotAllowedError] if by is not a person of the team, or if c claims
// nothing or was declined. The error for an invalid instant is a
// [*helpdesk.FieldError].
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

// Decline returns c with the decision of a person of the team that the level is to, a
// lower one. A second decision for the same level changes nothing: the first instant
// counts. A new claim is the way to take the decision back.
//
// The error is a [*NotAllowedError] if by is not a person of the team, or if c claims
// nothing, was confirmed, or was declined to another level. The error joins one
// [*helpdesk.FieldError] for each other invalid argument.
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

// Status returns the stage of c.
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

// ConfirmedAt returns the instant of the confirmation, and the zero time without one.
func (c Claim) ConfirmedAt() time.Time { return c.confirmedAt }

// Declined returns the level to which c was declined, and the instant. Both are zero if
// c was not declined.
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
