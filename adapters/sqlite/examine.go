package sqlite

import (
	"context"
	"database/sql"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

var _ store.Examiner = (*Stores)(nil)

// Examine implements [store.Examiner]. The schema is the number of the last migration, and the bytes
// are the sum of [Stores.Usage]. The warnings are
//
//   - disk_full: Usage.Full, so deletions and the loops alone are written
//   - journal_held: Usage.Held, so the journal grows
//   - no_reserve: the reserve that Config.Reserve asks for could not be made
//   - schema_newer: a newer version of this package has migrated the file
func (s *Stores) Examine(ctx context.Context) (store.Condition, error) {
	var schema sql.NullInt64
	err := s.read(ctx, func(c *conn) error {
		_, err := c.row("SELECT max(version_id) FROM "+versionTable+" WHERE is_applied", nil, &schema)
		return err
	})
	if err != nil {
		return store.Condition{}, err
	}
	u := s.Usage()
	c := store.Condition{Schema: schema.Int64, Bytes: u.File + u.Journal + u.Reserve}
	for warning, is := range map[string]bool{
		"disk_full":    u.Full,
		"journal_held": u.Held,
		"no_reserve":   s.writer.reserve.failed.Load(),
		"schema_newer": schema.Int64 > latest(),
	} {
		if is {
			c.Warnings = append(c.Warnings, warning)
		}
	}
	slices.Sort(c.Warnings)
	return c, nil
}

// latest returns the number of the last migration that this version has.
func latest() (last int64) {
	all, err := fs.ReadDir(Migrations(), ".")
	if err != nil {
		return 0 // which cannot be: the folder is embedded
	}
	for _, f := range all {
		number, _, _ := strings.Cut(f.Name(), "_")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			last = max(last, n)
		}
	}
	return last
}
