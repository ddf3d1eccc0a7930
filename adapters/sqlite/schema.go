package sqlite

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// A table has records. Its texts of statements are made once, from what the port says.
type table struct {
	name    string
	kind    string // empty for the table of all other kinds
	columns []store.Column
	scope   int   // the column by which lists are parted, which is in most indexes; -1 for none
	many    []int // the columns with many values
	indexes []index
	inIndex uint64 // the columns in an index, which are written only where they change

	key                            string // the condition for one record
	look, find, insert, get, exact string
	remove                         string
}

// An index finds records by an attribute.
type index struct {
	name   string
	column int
	scoped bool // the scope comes behind the attribute
	absent bool // records without the attribute are in it
}

// orders are the columns by which a table is walked along, with the scope before or not.
var orders = map[string]bool{"updated": true, "due": true, "created": false, "purge": false}

var (
	conversations = newTable("helpdesk_conversation", "conversation", store.Columns("conversation"), "list",
		"conversation-", "customer*", "holder*", "channel*", "account")
	tickets = newTable("helpdesk_ticket", "ticket", store.Columns("ticket"), "open",
		"conversation*", "assignee*", "customer*", "account*", "status*", "reference-", "partner", "merged_into-", "follow_up_of-")
	others = newTable("helpdesk_record", "", []store.Column{
		{Name: "conversation", Type: store.TypeText}, {Name: "blob", Type: store.TypeText},
	}, "", "conversation-", "blob-")
	allTables = []*table{conversations, tickets, others}
)

// tableOf returns the table of a kind.
func tableOf(kind string) *table {
	switch kind {
	case conversations.kind:
		return conversations
	case tickets.kind:
		return tickets
	default:
		return others
	}
}

// newTable makes a table. An index is named like its column; a star behind it says that all
// records are in it, with their scope, and a dash that it has only the attribute.
func newTable(name, kind string, columns []store.Column, scope string, indexes ...string) *table {
	t := &table{name: name, kind: kind, columns: columns, scope: -1, key: "tenant = ? AND id = ?"}
	if kind == "" {
		t.key = "tenant = ? AND kind = ? AND id = ?"
	}
	if scope != "" {
		t.scope = t.column(scope)
		t.inIndex |= 1 << t.scope
	}
	for i, c := range columns {
		if c.Many {
			t.many = append(t.many, i)
		}
		if c.Order {
			t.inIndex |= 1 << i
		}
	}
	for _, x := range indexes {
		column := strings.TrimRight(x, "*-")
		at := t.column(column)
		t.indexes = append(t.indexes, index{name: name + "_" + column, column: at, scoped: !strings.HasSuffix(x, "-"), absent: strings.HasSuffix(x, "*")})
		t.inIndex |= 1 << at
	}
	if open := t.column("open"); open >= 0 {
		t.inIndex |= 1 << open
	}
	t.texts()
	return t
}

func (t *table) texts() {
	columns := []string{"rec", "rev"}
	for _, i := range t.many {
		columns = append(columns, t.columns[i].Name)
	}
	was := strings.Join(append(columns, t.scopeText("")), ", ")
	var differs, names []string
	for i, c := range t.columns {
		names = append(names, c.Name)
		if t.inIndex&(1<<i) != 0 {
			differs = append(differs, "(("+c.Name+" IS NOT ?) << "+strconv.Itoa(i)+")")
		}
	}
	differs = append(differs, "((expires IS NOT ?) << "+strconv.Itoa(len(t.columns))+")")
	of, key := " FROM "+t.name+" WHERE "+t.key, "tenant, id"
	if t.kind == "" {
		key = "tenant, kind, id"
	}
	t.find = "SELECT " + was + of
	t.look = "SELECT " + was + ", " + strings.Join(differs, " | ") + of
	t.get = "SELECT rev, body" + of
	t.exact = "SELECT rev" + of
	t.remove = "DELETE FROM " + t.name + " WHERE rec = ?"
	all := strings.Count(key, ",") + 1 + 3 + len(names)
	t.insert = "INSERT INTO " + t.name + " (" + key + ", rev, expires, " + strings.Join(names, ", ") + ", body) VALUES (?" + strings.Repeat(", ?", all-1) + ")"
}

// scopeText is the scope of a row as it is in the table of values.
func (t *table) scopeText(alias string) string {
	switch {
	case t.scope < 0:
		return "''"
	case t.columns[t.scope].Type == store.TypeText:
		return "coalesce(" + alias + t.columns[t.scope].Name + ", '')"
	default:
		return "coalesce(CAST(" + alias + t.columns[t.scope].Name + " AS TEXT), '')"
	}
}

// update returns the statement that replaces a record, where these columns differ.
func (t *table) update(differs uint64) string {
	var b strings.Builder
	b.WriteString("UPDATE " + t.name + " SET rev = ?, body = ?")
	for i, c := range t.columns {
		if t.writes(i, differs) {
			b.WriteString(", " + c.Name + " = ?")
		}
	}
	if differs&(1<<len(t.columns)) != 0 {
		b.WriteString(", expires = ?")
	}
	b.WriteString(" WHERE rec = ?")
	return b.String()
}

// writes reports whether an update writes a column. What is in an index is written only where it
// differs: SQLite would write the pages of the index again.
func (t *table) writes(i int, differs uint64) bool {
	return t.inIndex&(1<<i) == 0 || differs&(1<<i) != 0
}

// column returns the place of a column, and -1 for none.
func (t *table) column(name string) int {
	return slices.IndexFunc(t.columns, func(c store.Column) bool { return c.Name == name })
}

// keyOf returns the arguments for the key.
func (t *table) keyOf(tenant string, r store.Ref) []any {
	if t.kind == "" {
		return []any{tenant, r.Kind, r.ID}
	}
	return []any{tenant, r.ID}
}

// stored returns a value as it is stored.
func stored(v store.Value) any {
	if v.Type() == store.TypeText {
		return v.Text()
	}
	return v.Int()
}

// attributes returns the values of all columns as they are stored, and the texts of those with
// many.
func (t *table) attributes(all []store.Attribute) ([]any, [][]string, error) {
	values := make([]any, len(t.columns), len(t.columns)+6)
	many := make([][]string, len(t.many))
	at := -1
	for i := range all {
		a := &all[i]
		if at < 0 || t.columns[at].Name != a.Name {
			if at = t.column(a.Name); at < 0 {
				continue // Check refuses it
			}
		}
		if m := slices.Index(t.many, at); m >= 0 {
			many[m] = append(many[m], a.Value.Text())
			continue
		}
		values[at] = stored(a.Value)
	}
	for m, texts := range many {
		if len(texts) == 0 {
			continue
		}
		slices.Sort(texts)
		b, err := json.Marshal(texts)
		if err != nil {
			return nil, nil, err
		}
		values[t.many[m]] = string(b)
	}
	return values, many, nil
}
