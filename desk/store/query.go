package store

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"strings"
)

// A Query selects a page of records. The zero Query is not well-formed.
type Query struct {
	// Kind is the kind of the records.
	Kind string `json:"kind,omitzero"`
	// Where lists the fields that the records must have, all of the list. The field
	// that the fewest records have should come first.
	Where []Field `json:"where,omitzero"`
	// Descending reverses the order.
	Descending bool `json:"descending,omitzero"`
	// Cursor is Next of the page before. An empty Cursor selects the first page.
	Cursor string `json:"cursor,omitzero"`
	// Limit is the greatest number of records in the page, at least 1.
	Limit int `json:"limit,omitzero"`
}

// A Page is a page of the records that a [Query] selects. It is plain data.
type Page struct {
	Records []Record `json:"records,omitzero"`
	// Next is the cursor of the next page. Next is empty on the last page.
	Next string `json:"next,omitzero"`
}

// Check checks the form of q. The error joins a [*helpdesk.FieldError] for each
// malformed name or value, for a limit below 1, and for a cursor that is malformed or
// belongs to another query. A query with another limit is not another query.
func (q Query) Check() error {
	var c checker
	c.want(isKind(q.Kind), "", -1, "kind", mustBeKind)
	for i, f := range q.Where {
		c.want(isKind(f.Name), "where", i, "name", mustBeKind)
		c.want(f.Value != "" && isText(f.Value, maxText), "where", i, "value", mustBeValue)
	}
	c.want(q.Limit > 0, "", -1, "limit", mustBePos)
	_, _, _, ok := q.position()
	c.want(ok, "", -1, "cursor", mustBeCursor)
	return c.err()
}

const mustBeCursor = "must be that of the page before"

// CursorAfter returns the cursor of a page that begins behind the record with the
// sort and the ID. CursorAfter is for implementations of [Store].
func (q Query) CursorAfter(sort, id string) string {
	b := binary.BigEndian.AppendUint32(nil, q.hash())
	b = append(b, sort...)
	b = append(b, 0)
	b = append(b, id...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// After returns the position behind which the page begins, and false for the first
// page. After is for implementations of [Store], which call Check before.
func (q Query) After() (sort, id string, ok bool) {
	sort, id, ok, _ = q.position()
	return sort, id, ok
}

func (q Query) position() (sort, id string, found, valid bool) {
	if q.Cursor == "" {
		return "", "", false, true
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	if err != nil || len(b) < 4 || binary.BigEndian.Uint32(b) != q.hash() {
		return "", "", false, false
	}
	sort, id, ok := strings.Cut(string(b[4:]), "\x00")
	if !ok || !isText(sort, maxSort) || !isGraphic(id, maxID) {
		return "", "", false, false
	}
	return sort, id, true, true
}

// hash tells queries apart.
func (q Query) hash() uint32 {
	h := fnv.New32a()
	write := func(s string) {
		_, _ = h.Write([]byte(s))
		_, _ = h.Write([]byte{0})
	}
	write(q.Kind)
	for _, f := range q.Where {
		write(f.Name)
		write(f.Value)
	}
	if q.Descending {
		write("descending")
	}
	return h.Sum32()
}
