package severity

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
)

// claimForm is the JSON form of a Claim.
type claimForm struct {
	Level       Level     `json:"level"`
	Notices     []Notice  `json:"notices"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
	DeclinedAt  time.Time `json:"declined_at,omitzero"`
	DeclinedTo  Level     `json:"declined_to,omitzero"`
}

// MarshalJSON implements [json.Marshaler]. The form is an object with level and notices,
// and confirmed_at, or declined_at and declined_to, after a decision. The zero Claim is
// null.
func (c Claim) MarshalJSON() ([]byte, error) {
	if c.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(claimForm{c.level, c.notices, c.confirmedAt, c.declinedAt, c.declinedTo})
}

// UnmarshalJSON implements [json.Unmarshaler] for the form of [Claim.MarshalJSON]. Unknown
// members, such as members of a newer version, are ignored. The error joins one
// [*helpdesk.FieldError] for each value that a command would refuse; of faults of the form
// the error has the first. On an error c does not change.
func (c *Claim) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*c = Claim{}
		return nil
	}
	var form claimForm
	if err := json.Unmarshal(data, &form); err != nil {
		return formFault(err)
	}
	decoded, err := form.claim()
	if err != nil {
		return err
	}
	*c = decoded
	return nil
}

// formFault returns what package encoding/json says, without what stands in the
// text.
func formFault(err error) error {
	if errors.Is(err, helpdesk.ErrInvalid) {
		return err
	}
	fault := &helpdesk.FieldError{Reason: "must be of the form of a claim"}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		fault.Path = e.Field
	}
	return fault
}

// claim makes a claim as sound as one made by the commands.
func (f claimForm) claim() (Claim, error) {
	var bad faults
	if !f.Level.IsValid() {
		bad.reject("level", f.Level.String(), mustBeLevel)
	}
	if len(f.Notices) == 0 {
		bad.reject("notices", "", "must hold at least one notification")
	}
	for i, n := range f.Notices {
		if !n.Channel.IsValid() {
			bad.channel(fmt.Sprintf("notices[%d].channel", i), n.Channel)
		}
		bad.instant(fmt.Sprintf("notices[%d].at", i), n.At)
	}
	confirmed, declined := !f.ConfirmedAt.IsZero(), !f.DeclinedAt.IsZero() || f.DeclinedTo != 0
	if confirmed {
		bad.instant("confirmed_at", f.ConfirmedAt)
	}
	if declined {
		bad.below("declined_to", f.DeclinedTo, f.Level)
		bad.instant("declined_at", f.DeclinedAt)
	}
	if confirmed && declined {
		bad.reject("declined_at", "", "must not be given with confirmed_at")
	}
	if err := bad.err(); err != nil {
		return Claim{}, err
	}
	c := Claim{level: f.Level, notices: earliest(f.Notices)}
	switch {
	case confirmed:
		c.confirmedAt = normal(f.ConfirmedAt)
	case declined:
		c.declinedAt, c.declinedTo = normal(f.DeclinedAt), f.DeclinedTo
	}
	return c, nil
}
