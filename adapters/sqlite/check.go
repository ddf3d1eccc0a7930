package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// Check looks whether the file is sound: whether every page can be read, and whether the tables and
// their indexes say the same. The file must exist, is not changed, and may be in use. The time
// depends on the size of the file. The error for a file that is damaged matches
// [helpdesk.ErrDamaged]; the others are those of [Open].
//
// SQLite keeps no sums of what is stored. A byte that the disk changed in a text is not found.
func Check(ctx context.Context, c Config) error {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", c.dsn("query_only(1)")+"&mode=ro")
	if err != nil {
		return failed(err)
	}
	verdict := ""
	err = errors.Join(db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict), db.Close())
	if err == nil && verdict != "ok" {
		err = &store.Error{Kind: helpdesk.ErrDamaged, Path: "file", Err: errors.New("sqlite: " + verdict)}
	}
	return opening(failed(err))
}
