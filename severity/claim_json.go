package severity

import (
	"bytes"
	"encoding/json"
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

// MarshalJSON implements [json.Marshaler]: an object with level, notices and,
// where they apply, confirmed_at, or declined_at and declined_to. The zero Claim
// is null.
func (c Claim) MarshalJSON() ([]byte, error) {
	if c.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(claimForm{c.level, c.notices, c.confirmedAt, c.declinedAt, c.declinedTo})
}

// UnmarshalJSON implements [json.Unmarshaler]. It accepts what
// [Claim.MarshalJSON] produces and refuses whatever the commands would refuse:
// such an error matches [ErrInvalid], [ErrUnknown] or [ErrNotAllowed]. A field
// that it does not know is an error too. On an error it leaves c alone.
func (c *Claim) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*c = Claim{}
		return nil
	}
	var form claimForm
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&form); err != nil {
		return fmt.Errorf("severity: claim: %w", err)
	}
	decoded, err := form.claim()
	if err != nil {
		return err
	}
	*c = decoded
	return nil
}

// claim makes the claim by its commands, so that it is as sound as any.
func (f claimForm) claim() (Claim, error) {
	if len(f.Notices) == 0 {
		return Claim{}, &FieldError{Field: "notices", Reason: "must hold at least one notification"}
	}
	c, err := NewClaim(f.Level, f.Notices[0].Channel, f.Notices[0].At)
	for _, n := range f.Notices[1:] {
		if err == nil {
			c, err = c.Notify(n.Channel, n.At)
		}
	}
	if err == nil && !f.ConfirmedAt.IsZero() {
		c, err = c.Confirm(helpdesk.ActorAgent, f.ConfirmedAt)
	}
	if err == nil && (!f.DeclinedAt.IsZero() || f.DeclinedTo != 0) {
		c, err = c.Decline(f.DeclinedTo, helpdesk.ActorAgent, f.DeclinedAt)
	}
	if err != nil {
		return Claim{}, err
	}
	return c, nil
}
