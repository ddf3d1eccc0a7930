package store

import "time"

// A ReadRequest asks for data of one tenant. The zero ReadRequest asks for nothing.
type ReadRequest struct {
	Records []Ref        `json:"records,omitzero"`
	Lists   []Query      `json:"lists,omitzero"`
	Logs    []LogQuery   `json:"logs,omitzero"`
	Counts  []CountQuery `json:"counts,omitzero"`
	// Key is the name of the key whose result is wanted. Empty means none.
	Key string `json:"key,omitzero"`
}

// A Snapshot has the answers to a [ReadRequest], each in the place of its question. It is
// plain data.
type Snapshot struct {
	// Records has the ref of each question. A record that does not exist has a zero Revision.
	Records []Record    `json:"records,omitzero"`
	Lists   []Page      `json:"lists,omitzero"`
	Logs    []EntryPage `json:"logs,omitzero"`
	Counts  [][]Count   `json:"counts,omitzero"`
	// Result is zero if the key was not used.
	Result Result `json:"result,omitzero"`
}

// A Query selects a page of records. The zero Query is not well-formed.
type Query struct {
	// Kind is the kind of the records.
	Kind string `json:"kind,omitzero"`
	// Where has the conditions, at most [MaxMatches]. All must hold. The time of a page
	// depends on the rarest condition, in any order of the conditions, and with a pair of
	// [Pairs] on the number of records with both.
	Where []Match `json:"where,omitzero"`
	// Order is the name of an order of [Columns], and empty for the order by ID. Records with
	// equal instants come by ID. A record without the attribute is left out.
	Order string `json:"order,omitzero"`
	// From and Before are bounds of the order: instants from From, and before Before. Zero
	// means no bound.
	From   time.Time `json:"from,omitzero"`
	Before time.Time `json:"before,omitzero"`
	// Descending reverses the order, the IDs included.
	Descending bool `json:"descending,omitzero"`
	// Cursor is Next of the page before. An empty Cursor selects the first page.
	Cursor string `json:"cursor,omitzero"`
	// Limit is the greatest number of records in the page, from 1 to [MaxLimit].
	Limit int `json:"limit,omitzero"`
}

// A Match is a condition on an attribute. Exactly one of Value, Absent and Same is set. A
// Match is plain data; the zero Match is not well-formed.
type Match struct {
	// Name is one of the [Columns] of the kind.
	Name string `json:"name,omitzero"`
	// Value asks for records that have the value, perhaps among others.
	Value Value `json:"value,omitzero"`
	// Absent asks for records without the attribute.
	Absent bool `json:"absent,omitzero"`
	// Same asks for records that share a value of the attribute with the record Same, in the
	// same snapshot. If that record lacks the attribute or does not exist, nothing matches.
	Same Ref `json:"same,omitzero"`
}

// A Page is a part of a list. It is plain data.
//
// A caller that follows the cursors sees each record that does not change meanwhile once. A
// record that moves in the order meanwhile may be seen twice or not at all.
type Page struct {
	// Records has fewer records than the limit only on the last page.
	Records []Record `json:"records,omitzero"`
	// Next is the cursor of the next page. Next is empty on the last page.
	Next string `json:"next,omitzero"`
}

// A LogQuery selects entries of a log. The zero LogQuery is not well-formed.
type LogQuery struct {
	Of  Ref    `json:"of,omitzero"`
	Log string `json:"log,omitzero"`
	// ID asks for the entry with the ID. Empty means all.
	ID string `json:"id,omitzero"`
	// After and Before are bounds of N, both exclusive. Zero means no bound.
	After  uint64 `json:"after,omitzero"`
	Before uint64 `json:"before,omitzero"`
	// Descending asks for the greatest N first.
	Descending bool `json:"descending,omitzero"`
	// Limit is the greatest number of entries, from 1 to [MaxLimit].
	Limit int `json:"limit,omitzero"`
}

// An EntryPage is a part of a log. It is plain data.
type EntryPage struct {
	Entries []Entry `json:"entries,omitzero"`
	// More reports that entries within the bounds are left.
	More bool `json:"more,omitzero"`
}

// A CountQuery counts records by an attribute. The zero CountQuery is not well-formed.
type CountQuery struct {
	Kind string `json:"kind,omitzero"`
	// Where has the conditions, as in a [Query].
	Where []Match `json:"where,omitzero"`
	// By names one of the [Columns] of the kind, which is no instant. An empty By asks for
	// one count of all records.
	By string `json:"by,omitzero"`
	// Limit is the greatest number of counts, from 1 to [MaxLimit].
	Limit int `json:"limit,omitzero"`
}

// A Count is a number of records. Counts come by N, the greatest first, and then by
// [Value.Compare]. A value without records has no count, except that an empty By has one count
// always. A Count is plain data.
type Count struct {
	// Value is the value of the attribute. A zero Value stands for the records without the
	// attribute, and for all records if By is empty. A record with many values is counted
	// under each.
	Value Value `json:"value,omitzero"`
	N     int   `json:"n,omitzero"`
}
