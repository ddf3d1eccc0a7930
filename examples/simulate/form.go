package main

import (
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// The forms below are those of views, with the members that this program always
// prints: programs that read its lines look for them.

type statusForm struct {
	Reference  ticket.Reference       `json:"reference,omitzero"`
	MergedInto ticket.Reference       `json:"merged_into,omitzero"`
	Status     ticket.Status          `json:"status,omitzero"`
	Full       bool                   `json:"full"`
	ID         ticket.ID              `json:"id,omitzero"`
	Title      string                 `json:"title,omitzero"`
	Summary    string                 `json:"summary,omitzero"`
	CreatedAt  time.Time              `json:"created_at,omitzero"`
	UpdatedAt  time.Time              `json:"updated_at,omitzero"`
	Resolution []inbox.ResolutionView `json:"resolution,omitzero"`
}

type teamForm struct {
	ID            inbox.ID             `json:"id,omitzero"`
	Kind          inbox.Kind           `json:"kind,omitzero"`
	Channel       helpdesk.Channel     `json:"channel,omitzero"`
	List          inbox.List           `json:"list,omitzero"`
	Control       inbox.Control        `json:"control,omitzero"`
	StartedAt     time.Time            `json:"started_at,omitzero"`
	UpdatedAt     time.Time            `json:"updated_at,omitzero"`
	Continues     inbox.ID             `json:"continues,omitzero"`
	Archived      inbox.ArchiveReason  `json:"archived,omitzero"`
	ArchivedAt    time.Time            `json:"archived_at,omitzero"`
	Contact       inbox.Contact        `json:"contact,omitzero"`
	ContactShown  bool                 `json:"contact_shown"`
	Sentiment     inbox.Sentiment      `json:"sentiment,omitzero"`
	Tags          []string             `json:"tags,omitzero"`
	Tickets       []inbox.TicketLink   `json:"tickets,omitzero"`
	Offers        []inbox.Offer        `json:"offers,omitzero"`
	Messages      inbox.Messages       `json:"messages,omitzero"`
	Earlier       bool                 `json:"-"`
	More          bool                 `json:"more,omitzero"`
	Unread        int                  `json:"unread,omitzero"`
	Clocks        sla.Evaluation       `json:"clocks,omitzero"`
	Due           time.Time            `json:"due,omitzero"`
	Notifications []inbox.Notification `json:"notifications,omitzero"`
	Escalations   []inbox.Escalation   `json:"escalations,omitzero"`
	Allowed       []inbox.EventKind    `json:"allowed,omitzero"`
	Revision      string               `json:"revision,omitzero"`
	At            time.Time            `json:"at,omitzero"`
}

// formOf returns the form in which a view is printed.
func formOf(view any) any {
	switch v := view.(type) {
	case inbox.StatusView:
		return statusForm(v)
	case inbox.TeamView:
		v.Revision, v.At = "", time.Time{} // each line says when, and engines count their revisions each in a way of its own
		return teamForm(v)
	case inbox.CustomerView:
		v.Revision, v.At, v.Earlier = "", time.Time{}, false
		return v
	case desk.TicketView:
		v.Revision, v.At, v.Targets, v.Rules = "", time.Time{}, nil, desk.ClockRules{}
		return v
	default:
		return view
	}
}
