package store

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"strings"
)

// A Query asks for a page of records. The zero Query is not well-formed.
type Query struct {
	Kind       string  `json:"kind,omitzero"`
	Where      []Field `json:"where,omitzero"` // all of them; the one that fewest records have goes first
	Descending bool    `json:"descending,omitzero"`
	Cursor     string  `json:"cursor,omitzero"` // of the page before; empty: the first page
	Limit      int     `json:"limit,omitzero"`  // at least 1
}

// A Page is a part of what a [Query] asks for.
type Page struct {
	Records []Record `json:"records,omitzero"`
	Next    string   `json:"next,omitzero"` // the cursor of the next page; empty: this was the last
}

// Check returns what is wrong with the form of q, each a [*helpdesk.FieldError]: a name or
// value that its type does not allow, a limit below 1, a cursor that belongs to
// another query or is none. Another limit is not another query.
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

// CursorAfter returns the cursor of a page that begins behind the record with this
// sort and ID. It is for implementations of [Lister].
func (q Query) CursorAfter(sort, id string) string {
	b := binary.BigEndian.AppendUint32(nil, q.hash())
	b = append(b, sort...)
	b = append(b, 0)
	b = append(b, id...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// After returns the position behind which the page begins, and false if it is the
// first. It is for implementations of [Lister], after Check.
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
