package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// eventOf returns what an event says, as an object: of what it is, its type, and
// what it holds. What names it, and what is said already, is left out, and of
// effects all but their kinds.
func eventOf(of store.Ref, typ string, event []byte) (json.RawMessage, error) {
	body := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	if err := d.Decode(&body); err != nil {
		return nil, err
	}
	for _, k := range []string{"id", "at", "kind", of.Kind, "tickets", "log"} {
		delete(body, k)
	}
	if effects, ok := body["effects"].([]any); ok {
		var kinds []any
		for _, x := range effects {
			if m, ok := x.(map[string]any); ok {
				kinds = append(kinds, m["kind"])
			}
		}
		body["effects"] = kinds
	}
	rest, err := plain(body)
	if err != nil {
		return nil, err
	}
	out := fmt.Appendf(nil, `{"of":%q,"type":%q`, of.ID, typ)
	if len(rest) > 2 {
		out = fmt.Appendf(out, ",%s", rest[1:len(rest)-1])
	}
	return append(out, '}'), nil
}

// event tells of an event that was committed.
func (s *simulation) event(e store.Entry) {
	var b struct {
		Type  string          `json:"type"`
		Event json.RawMessage `json:"event"`
	}
	err := json.Unmarshal(e.Body, &b)
	if err != nil {
		return
	}
	said, err := eventOf(e.Of, b.Type, b.Event)
	if err != nil {
		return
	}
	s.lines = append(s.lines, fmt.Appendf(nil, `{"at":%q,"event":%s}`, stamp(e.At), said))
}

// An occurred is an event in a list.
type occurred struct {
	At    string          `json:"at"`
	Event json.RawMessage `json:"event"`
}

func (s *simulation) viewEvents(c *command) (string, any, error) {
	o, err := s.office(c)
	if err != nil {
		return "", nil, err
	}
	if (c.Conversation == "") == (c.Ticket == "") {
		return "", nil, faultf(badCommand, "conversation or ticket must be given, and not both")
	}
	var of func(context.Context, uint64, int) (desk.EventPage, error)
	var ref store.Ref
	if c.Ticket != "" {
		id, err := s.names.id("ticket", c.Ticket)
		if err != nil {
			return "", nil, err
		}
		of, ref = o.Ticket(ticket.ID(id)).Events, store.Ref{Kind: "ticket", ID: id.String()}
	} else {
		id, err := s.names.id("conversation", c.Conversation)
		if err != nil {
			return "", nil, err
		}
		of, ref = o.Conversation(inbox.ID(id)).Events, store.Ref{Kind: "conversation", ID: id.String()}
	}
	var after uint64
	if c.Cursor != "" {
		if after, err = strconv.ParseUint(s.cursor(c.Cursor), 10, 64); err != nil {
			return "", nil, &helpdesk.FieldError{Path: "cursor", Reason: "must be that of the page before"}
		}
	}
	page, err := of(context.Background(), after, c.Limit)
	if err != nil {
		return "", nil, err
	}
	next := ""
	if page.More {
		next = strconv.FormatUint(page.Events[len(page.Events)-1].N, 10)
	}
	items := []occurred{}
	for _, e := range page.Events {
		said, err := eventOf(ref, e.Type, e.Body)
		if err != nil {
			return "", nil, err
		}
		items = append(items, occurred{stamp(e.At), said})
	}
	return "view", paged{items, s.next(next)}, nil
}

// next gives a cursor of the storage engine a name: each engine has others, and a
// run says the same on all.
func (s *simulation) next(cursor string) string {
	if cursor == "" {
		return ""
	}
	name := "next" + number(len(s.cursors)+1)
	s.cursors[name] = cursor
	return name
}

// cursor returns the engine's cursor of that name. What no page was followed by is
// the engine's to refuse.
func (s *simulation) cursor(name string) string {
	if cursor, ok := s.cursors[name]; ok {
		return cursor
	}
	return name
}
