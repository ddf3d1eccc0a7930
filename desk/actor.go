package desk

import (
	"fmt"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/clean"
)

// A NotAllowedError reports a command of the desk's own that its actor may not give
// (T46). It matches [helpdesk.ErrNotAllowed]. Those on conversations and tickets have
// the errors of their packages.
type NotAllowedError struct {
	Use   string           // the command, such as configure
	Actor helpdesk.Actor   // who tried
	May   []helpdesk.Actor // who may

	// Unprivileged says that this one may, but the host has not vouched for it.
	Unprivileged bool
}

// Error names the command, and who may and who tried.
func (e *NotAllowedError) Error() string {
	if e.Unprivileged {
		return fmt.Sprintf("desk: %.40q cannot %s: privileged must be true, which says that the host has checked the right to", string(e.Actor), e.Use)
	}
	return fmt.Sprintf("desk: %.40q cannot %s: this actor may not, only %v", string(e.Actor), e.Use, e.May)
}

// Unwrap returns [helpdesk.ErrNotAllowed].
func (e *NotAllowedError) Unwrap() error { return helpdesk.ErrNotAllowed }

// check refuses a call by another actor than these, and one whose Who cannot be a
// reference. Commands on conversations and tickets are checked by their packages.
func (c Meta) check(use inbox.EventKind, may ...helpdesk.Actor) error {
	if !slices.Contains(may, c.By) {
		return &NotAllowedError{Use: string(use), Actor: c.By, May: may}
	}
	if len(c.Who) > maxID || !clean.IsSafe(c.Who) {
		return &helpdesk.FieldError{Path: "who", Reason: "must be at most 128 bytes of UTF-8 without control characters"}
	}
	return nil
}

// A byBody says in an event who gave a command of the desk's own (D10).
type byBody struct {
	By  helpdesk.Actor `json:"by"`
	Who string         `json:"who,omitzero"`
}
