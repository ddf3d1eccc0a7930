package sqlite

import (
	"cmp"
	"database/sql"
	"math"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// A condition is a match whose values are known.
type condition struct {
	column int
	many   bool
	values []any // none: the attribute must be absent
}

// A fragment is a piece of a statement with its arguments.
type fragment struct {
	sql  string
	args []any
}

func (x *fragment) add(sql string, args ...any) {
	x.sql += sql
	x.args = append(x.args, args...)
}

// A search is what a list or a count looks for.
type search struct {
	t      *tenant
	c      *conn
	kind   string
	table  *table
	where  []condition
	scope  *condition // the one of where that has the scope, if there is one
	filter fragment   // all of where, for a row t
}

// search resolves conditions, and returns false if nothing can meet them.
func (t *tenant) search(c *conn, kind string, where []store.Match) (*search, bool, error) {
	s := &search{t: t, c: c, kind: kind, table: tableOf(kind), where: make([]condition, 0, len(where))}
	for i := range where {
		m := &where[i]
		one := condition{column: s.table.column(m.Name)}
		if one.column < 0 {
			return s, false, nil
		}
		one.many = s.table.columns[one.column].Many
		switch {
		case m.Absent:
		case m.Same != store.Ref{}:
			var err error
			if one.values, err = t.same(c, m); err != nil || len(one.values) == 0 {
				return s, false, err
			}
		default:
			one.values = []any{stored(m.Value)}
		}
		s.where = append(s.where, one)
	}
	for i := range s.where {
		one := &s.where[i]
		s.filter.add(" AND ")
		s.meets(&s.filter, one)
		if one.column == s.table.scope && len(one.values) < 2 {
			s.scope = one
		}
	}
	return s, true, nil
}

// same returns the values of an attribute of another record.
func (t *tenant) same(c *conn, m *store.Match) ([]any, error) {
	other := tableOf(m.Same.Kind)
	i := other.column(m.Name)
	if i < 0 {
		return nil, nil
	}
	query := "SELECT " + m.Name + " FROM " + other.name + " WHERE " + other.key
	if other.columns[i].Many {
		var s sql.NullString
		if _, err := c.row(query, other.keyOf(t.name, m.Same), &s); err != nil {
			return nil, err
		}
		texts, err := parse(s, m.Name)
		values := make([]any, len(texts))
		for i, v := range texts {
			values[i] = v
		}
		return values, err
	}
	var v any
	if _, err := c.row(query, other.keyOf(t.name, m.Same), &v); err != nil || v == nil {
		return nil, err
	}
	return []any{v}, nil
}

// among adds that a column has one of the values.
func among(x *fragment, column string, values []any) {
	switch len(values) {
	case 0:
		x.add(column + " IS NULL")
	case 1:
		x.add(column+" = ?", values[0])
	default:
		x.add(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
	}
}

// meets adds that a row t meets a condition.
func (s *search) meets(x *fragment, one *condition) {
	name := s.table.columns[one.column].Name
	if !one.many || len(one.values) == 0 {
		among(x, "t."+name, one.values)
		return
	}
	x.add("EXISTS (SELECT 1 FROM helpdesk_value v WHERE v.tenant = ? AND v.kind = ? AND v.name = ? AND ", s.t.name, s.kind, name)
	among(x, "v.value", one.values)
	x.add(" AND v.scope = " + s.table.scopeText("t.") + " AND v.rec = t.rec)")
}

// own is the condition that a row is one of the kind and of the tenant.
func (s *search) own(x *fragment, alias string) {
	x.add(" WHERE "+alias+"tenant = ?", s.t.name)
	if s.table.kind == "" {
		x.add(" AND "+alias+"kind = ?", s.kind)
	}
}

// records returns what finds the numbers of the records that meet a condition, and the scope
// where the index has it, by that index alone; and false if there is no such index.
func (s *search) records(one *condition) (x fragment, ok bool) {
	name := s.table.columns[one.column].Name
	if one.many {
		if len(one.values) == 0 {
			return x, false
		}
		x.add("SELECT rec FROM helpdesk_value WHERE tenant = ? AND kind = ? AND name = ? AND ", s.t.name, s.kind, name)
		among(&x, "value", one.values)
		if s.scope != nil {
			scope := ""
			if len(s.scope.values) > 0 {
				scope = scopeOf(s.scope.values[0])
			}
			x.add(" AND scope = ?", scope)
		}
		if len(one.values) > 1 {
			x.sql = strings.Replace(x.sql, "SELECT rec", "SELECT DISTINCT rec", 1)
		}
		return x, true
	}
	if one == s.scope { // by the order that has all records
		x.add("SELECT rec FROM " + s.table.name + " INDEXED BY " + s.table.name + "_updated")
		s.own(&x, "")
		x.add(" AND ")
		among(&x, name, one.values)
		return x, true
	}
	if s.table == conversations && name == "open" && len(one.values) == 1 && one.values[0] == int64(1) {
		x.add("SELECT rec FROM "+s.table.name+" INDEXED BY "+s.table.name+"_open WHERE tenant = ? AND open = 1", s.t.name)
		return x, true
	}
	for _, ix := range s.table.indexes {
		if ix.column != one.column || len(one.values) == 0 && !ix.absent {
			continue
		}
		x.add("SELECT rec FROM " + s.table.name + " INDEXED BY " + ix.name)
		s.own(&x, "")
		x.add(" AND ")
		among(&x, name, one.values)
		if ix.scoped && s.scope != nil {
			x.add(" AND ")
			among(&x, s.table.columns[s.scope.column].Name, s.scope.values)
		}
		return x, true
	}
	return x, false
}

// few is how many records are looked at without thinking of another way. Tests make it small.
const few = 64

// A candidate is a way to the records.
type candidate struct {
	fragment

	n     int // of records, counted as far as is needed
	scope bool
}

// rarest returns the ways to the records, the rarest condition first. The others are counted
// only as far as is needed to tell.
func (s *search) rarest() ([]candidate, error) {
	var all []candidate
	for i := range s.where {
		if x, ok := s.records(&s.where[i]); ok {
			all = append(all, candidate{fragment: x, scope: &s.where[i] == s.scope})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { // the scope says least
		switch {
		case a.scope == b.scope:
			return 0
		case a.scope:
			return 1
		default:
			return -1
		}
	})
	two := len(all) == 2 && !all[1].scope // which are intersected if both are many
	few := s.t.s.few
	for limit := few; len(all) > 0; limit *= 16 {
		for i := range all {
			one := &all[i]
			if _, err := s.c.row("SELECT count(*) FROM ("+one.sql+" LIMIT 0+?)", append(slices.Clip(one.args), limit), &one.n); err != nil {
				return nil, err
			}
			if one.n < limit && limit == few {
				all[0], all[i] = all[i], all[0]
				return all[:1], nil
			}
		}
		slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.n, b.n) })
		if all[0].n < limit || limit >= few<<12 || two && limit >= 256*few {
			break
		}
	}
	return all, nil
}

// set returns the records that can meet all conditions: those with the rarest, or, if these are
// many, those with the two rarest.
func (s *search) set(all []candidate) fragment {
	few := s.t.s.few
	if len(all) > 1 && all[0].n >= 8*few && !all[1].scope && all[1].n < 8*all[0].n {
		var x fragment
		x.add(all[0].sql+" AND +rec IN ("+all[1].sql+")", append(slices.Clip(all[0].args), all[1].args...)...)
		return x
	}
	return all[0].fragment
}

// A found is a record of a page, with its place in the order.
type found struct {
	at  int64
	rec store.Record
}

// A listing is a list that is looked for.
type listing struct {
	*search

	q     *store.Query
	limit int
	order string // the column of the order, and empty for the order by ID
	page  []found
}

// list returns a page.
func (t *tenant) list(c *conn, q *store.Query) (page store.Page, err error) {
	s, ok, err := t.search(c, q.Kind, q.Where)
	if err != nil || !ok {
		return page, err
	}
	l := &listing{search: s, q: q, limit: max(q.Limit, 1)}
	if q.Order != "" {
		i := s.table.column(q.Order)
		if i < 0 || !s.table.columns[i].Order {
			return page, nil
		}
		l.order = q.Order
	}
	if err := l.find(); err != nil {
		return page, err
	}
	if len(l.page) > l.limit {
		l.page = l.page[:l.limit]
		last := l.page[l.limit-1]
		page.Next = q.CursorAfter(last.at, last.rec.Ref.ID)
	}
	for i := range l.page {
		page.Records = append(page.Records, l.page[i].rec)
	}
	return page, nil
}

// find finds the records of the page, and one more. A page is found along the order if enough of
// what comes there meets the conditions, and else from the records with the rarest of them.
func (l *listing) find() error {
	along := len(l.where) == 0 || len(l.where) == 1 && l.scope != nil && orders[l.order]
	if along { // all that comes is wanted
		_, err := l.walk(0)
		return err
	}
	all, err := l.rarest()
	if err != nil {
		return err
	}
	if len(all) > 0 && all[0].n < 16*l.t.s.few {
		return l.gather(all)
	}
	if len(all) == 0 {
		_, err := l.walk(0)
		return err
	}
	few := l.t.s.few
	budgets := []int{max(few/4*(l.limit+1), few)}
	if len(all) == 1 || all[1].scope { // there are no two to be probed by one another
		budgets = append(budgets, min(all[0].n/4, few<<6))
	}
	for _, budget := range budgets {
		if done, err := l.walk(budget); err != nil || done {
			return err
		}
	}
	return l.gather(all)
}

// gather sorts the records with the rarest conditions.
func (l *listing) gather(all []candidate) error {
	from := l.set(all)
	column := l.column()
	var x fragment
	x.add("SELECT t.id, "+column("t.")+", t.rev, t.body FROM (SELECT t.rec FROM ("+from.sql+") s CROSS JOIN "+l.table.name+" t ON t.rec = s.rec", from.args...)
	l.own(&x, "t.")
	x.add(l.filter.sql, l.filter.args...)
	l.bounds(&x, nil)
	x.add(" ORDER BY "+l.by()+" LIMIT 0+?) s CROSS JOIN "+l.table.name+" t ON t.rec = s.rec ORDER BY "+l.by(), l.limit+1)
	l.page = nil
	return l.add(&x)
}

// column returns the column of the order.
func (l *listing) column() func(alias string) string {
	return func(alias string) string {
		if l.order == "" {
			return "0"
		}
		return alias + l.order
	}
}

// by is the order of rows t.
func (l *listing) by() string {
	way := ""
	if l.q.Descending {
		way = " DESC"
	}
	if l.order == "" {
		return "t.id" + way
	}
	return "t." + l.order + way + ", t.id" + way
}

// A place is one in the order.
type place struct {
	at int64
	id string
}

// bounds adds the bounds of the order, for rows t, and that they come behind the place of the
// cursor and not behind end, if there is one. Of two bounds on one side the narrower alone is
// there, since SQLite would go along the first.
func (l *listing) bounds(x *fragment, end *place) {
	var low, high *place // neither included
	if at, id, ok := l.q.Position(); ok {
		low = &place{at, id}
	}
	high = end
	if l.q.Descending {
		low, high = high, low
	}
	if l.order == "" {
		if low != nil {
			x.add(" AND t.id > ?", low.id)
		}
		if high != nil {
			x.add(" AND t.id < ?", high.id)
		}
		return
	}
	switch {
	case low != nil:
		x.add(" AND t."+l.order+" IS NOT NULL AND (t."+l.order+", t.id) > (?, ?)", low.at, low.id) // for indexes without null
	case !l.q.From.IsZero():
		x.add(" AND t."+l.order+" >= ?", store.Nanos(l.q.From))
	default:
		x.add(" AND t."+l.order+" >= ?", int64(math.MinInt64)) // which leaves out those without
	}
	switch {
	case high != nil:
		x.add(" AND (t."+l.order+", t.id) < (?, ?)", high.at, high.id)
	case !l.q.Before.IsZero():
		x.add(" AND t."+l.order+" < ?", store.Nanos(l.q.Before))
	}
}

func (l *listing) add(x *fragment) error {
	return l.c.rows(x.sql, x.args, func(r *sql.Rows) error {
		var f found
		var rev int64
		err := r.Scan(&f.rec.Ref.ID, &f.at, &rev, &f.rec.Body)
		f.rec.Ref.Kind, f.rec.Revision = l.q.Kind, store.Revision(text(rev))
		l.page = append(l.page, f)
		return err
	})
}

// walk finds the page along the order, and reports whether it is complete. With a budget it looks
// at so many records only.
func (l *listing) walk(budget int) (bool, error) {
	l.page = nil
	scopes := []*condition{nil}
	index, scoped := "_id", false
	if l.order != "" {
		index = "_" + l.order
		scoped = orders[l.order] && l.table.scope >= 0
	}
	if scoped {
		if scopes = []*condition{l.scope}; l.scope == nil {
			var err error
			if scopes, err = l.scopes(); err != nil {
				return false, err
			}
		}
	}
	for _, scope := range scopes {
		var base fragment
		base.add(" FROM " + l.table.name + " t INDEXED BY " + l.table.name + index)
		l.own(&base, "t.")
		if scope != nil {
			base.add(" AND ")
			among(&base, "t."+l.table.columns[scope.column].Name, scope.values)
		}
		by := " ORDER BY " + l.by() + " LIMIT 0+?"
		var end *place
		if budget > 0 {
			x := fragment{base.sql, slices.Clip(base.args)}
			l.bounds(&x, nil)
			var to place
			found, err := l.c.row("SELECT "+l.column()("t.")+", t.id"+x.sql+by+" OFFSET ?", append(x.args, 1, budget), &to.at, &to.id)
			if err != nil {
				return false, err
			}
			if found {
				end = &to
			}
		}
		l.bounds(&base, end)
		before := len(l.page)
		x := fragment{"SELECT t.id, " + l.column()("t.") + ", t.rev, t.body" + base.sql + l.filter.sql + by, append(append(slices.Clip(base.args), l.filter.args...), l.limit+1)}
		if err := l.add(&x); err != nil {
			return false, err
		}
		if end != nil && len(l.page)-before <= l.limit {
			return false, nil
		}
	}
	if len(scopes) > 1 {
		l.merge()
	}
	return true, nil
}

// merge puts what was found in several scopes in order.
func (l *listing) merge() {
	slices.SortFunc(l.page, func(a, b found) int {
		c := cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rec.Ref.ID, b.rec.Ref.ID))
		if l.q.Descending {
			return -c
		}
		return c
	})
	l.page = l.page[:min(len(l.page), l.limit+1)]
}

// scopes returns all values of the scope, and none.
func (l *listing) scopes() ([]*condition, error) {
	name := l.table.columns[l.table.scope].Name
	from := " FROM " + l.table.name + " INDEXED BY " + l.table.name + "_updated WHERE tenant = ?1 AND " + name
	all := []*condition{{column: l.table.scope}}
	err := l.c.rows("WITH RECURSIVE d(place) AS (SELECT min("+name+")"+from+" IS NOT NULL UNION ALL SELECT (SELECT min("+name+")"+from+
		" > d.place) FROM d WHERE d.place IS NOT NULL) SELECT place FROM d WHERE place IS NOT NULL", []any{l.t.name}, func(r *sql.Rows) error {
		var v any
		err := r.Scan(&v)
		all = append(all, &condition{column: l.table.scope, values: []any{v}})
		return err
	})
	return all, err
}

// count counts records by an attribute.
func (t *tenant) count(c *conn, q *store.CountQuery) ([]store.Count, error) {
	s, ok, err := t.search(c, q.Kind, q.Where)
	by := -1
	if q.By != "" {
		by = s.table.column(q.By)
	}
	if err != nil || !ok || q.By != "" && by < 0 {
		if q.By == "" {
			return []store.Count{{}}, err
		}
		return nil, err
	}
	all, err := s.rarest()
	if err != nil {
		return nil, err
	}
	var x fragment
	from := s.table.name + " t"
	if len(all) > 0 {
		from := s.set(all)
		x.add("("+from.sql+") s CROSS JOIN "+s.table.name+" t ON t.rec = s.rec", from.args...)
	} else {
		x.add(from)
	}
	if by >= 0 && s.table.columns[by].Many {
		x.add(" LEFT JOIN json_each(t." + q.By + ") j")
	}
	s.own(&x, "t.")
	x.add(s.filter.sql, s.filter.args...)
	if by < 0 {
		one := store.Count{}
		_, err := c.row("SELECT count(*) FROM "+x.sql, x.args, &one.N)
		return []store.Count{one}, err
	}
	value := "t." + q.By
	if s.table.columns[by].Many {
		value = "j.value"
	}
	x.add(" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 0+?", max(q.Limit, 1))
	var counts []store.Count
	err = c.rows("SELECT "+value+", count(*) FROM "+x.sql, x.args, func(r *sql.Rows) error {
		var v any
		var one store.Count
		if err := r.Scan(&v, &one.N); err != nil {
			return err
		}
		switch v := v.(type) {
		case string:
			one.Value = store.MakeValue(s.table.columns[by].Type, v, 0)
		case int64:
			one.Value = store.MakeValue(s.table.columns[by].Type, "", v)
		}
		counts = append(counts, one)
		return nil
	})
	return counts, err
}
