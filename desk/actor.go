package desk

import (
	"fmt"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/clean"
)

// A NotAllowedError reports a command on a tenant or on a legal hold that the author
// may not give. The error matches [helpdesk.ErrNotAllowed]. Other commands on
// conversations and tickets are refused with the errors of packages inbox and ticket.
// It is plain data.
type NotAllowedError struct {
	Use   string           // the command, such as configure
	Actor helpdesk.Actor   // the author
	May   []helpdesk.Actor // the actors that may give the command

	// Unprivileged says that this actor may give the command, but that the product
	// has not vouched for the author's right to.
	Unprivileged bool
}

// Error names the command, the author's actor and the actors that may.
func (e *NotAllowedError) Error() string {
	if e.Unprivileged {
		return fmt.Sprintf("desk: %.40q cannot %s: privileged must be true, which says that the host has checked the right to", string(e.Actor), e.Use)
	}
	return fmt.Sprintf("desk: %.40q cannot %s: this actor may not, only %v", string(e.Actor), e.Use, e.May)
}

// Unwrap returns [helpdesk.ErrNotAllowed].
func (e *NotAllowedError) Unwrap() error { return helpdesk.ErrNotAllowed }

// check refuses a command by another actor than may, and a Who that cannot be a
// reference. Packages inbox and ticket check the commands on conversations and
// tickets (T46).
func (c Meta) check(use inbox.EventKind, may ...helpdesk.Actor) error {
	if !slices.Contains(may, c.By) {
		return &NotAllowedError{Use: string(use), Actor: c.By, May: may}
	}
	if len(c.Who) > maxID || !clean.IsSafe(c.Who) {
		return &helpdesk.FieldError{Path: "who", Reason: "must be at most 128 bytes of UTF-8 without control characters"}
	}
	return nil
}

// A byBody names in an event the author of a command of the desk's own (D10).
type byBody struct {
	By  helpdesk.Actor `json:"by"`
	Who string         `json:"who,omitzero"`
}
