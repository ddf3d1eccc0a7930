package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/deskcore/helpdesk/adapters/sqlite"
)

// savers is how many give commands at once, as the clients of a server do: what they
// commit meanwhile is written to the disk together.
const savers = 16

// A statement is what a desk had SQLite execute.
type statement struct {
	query string
	args  []any
}

// A tape has what a desk had SQLite execute, in order, transactions included.
type tape struct {
	mu  sync.Mutex
	all []statement
}

func (t *tape) record(query string, args []any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, statement{query, slices.Clone(args)})
}

// A replay executes what is on the tape of another desk by the driver alone, with
// the same statements prepared and the same commits written together.
type replay struct {
	*tape
	desk     *host
	db       *sql.DB
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func newReplay(folder string) *replay {
	ctx := context.Background()
	r := &replay{tape: &tape{}, prepared: map[string]*sql.Stmt{}}
	empty := must(sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(folder, "raw.db")})) // the schema
	must(0, empty.Close())
	r.desk = newHost(must(sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(folder, "tape.db"), Trace: r.record})))
	r.db = must(sql.Open("sqlite", "file:"+filepath.Join(folder, "raw.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)&_pragma=cache_size(-16384)&_pragma=temp_store(MEMORY)"))
	r.conn = must(r.db.Conn(ctx))
	return r
}

// rewind has the other desk do n commands, and puts what it had executed on the tape.
func (r *replay) rewind(n int) {
	r.all = nil
	r.desk.together(savers, n)
}

// play executes the tape.
func (r *replay) play(int) {
	ctx := context.Background()
	for i := range r.all {
		s := &r.all[i]
		if s.query == "BEGIN" || s.query == "END" { // of a reader, beside the writer's transactions
			continue
		}
		st := r.prepared[s.query]
		if st == nil {
			st = must(r.conn.PrepareContext(ctx, s.query))
			r.prepared[s.query] = st
		}
		if s.query[0] != 'S' || s.query == "SAVEPOINT one" {
			must(st.ExecContext(ctx, s.args...))
			continue
		}
		rows := must(st.QueryContext(ctx, s.args...))
		values := make([]any, len(must(rows.Columns())))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			must(0, rows.Scan(into...))
		}
		must(0, rows.Close())
	}
}

// counts returns how many rows the tables of a file have.
func counts(db *sql.DB) map[string]int {
	found := map[string]int{}
	for _, table := range []string{"conversation", "ticket", "record", "value", "entry", "timer", "message", "result"} {
		n := 0
		must(0, db.QueryRowContext(context.Background(), "SELECT count(*) FROM helpdesk_"+table).Scan(&n)) //nolint:gosec // a name of ours
		found[table] = n
	}
	return found
}

// sqliteCases measure the desk on a file: many clients at once, and the driver alone
// executing the very statements that the desk had it execute.
func sqliteCases(many int, folder string) []benchCase {
	in := func(name string) string {
		path := filepath.Join(folder, name)
		must(0, os.MkdirAll(path, 0o700))
		return path
	}
	ours := sync.OnceValue(func() *host {
		return newHost(must(sqlite.Open(context.Background(), sqlite.Config{Path: filepath.Join(in("ours"), "desk.db")})))
	})
	raw := sync.OnceValue(func() *replay { return newReplay(in("raw")) })
	turn := max(storyCommands*savers, many/1000)
	return []benchCase{{
		name: "desk/command-disk", // by sixteen clients
		big:  turn, ours: func(n int) { ours().together(savers, n) },
		peers: []peer{{name: "raw-driver", work: func(n int) { raw().play(n) }, prepare: func(n int) { raw().rewind(n) }}},
		check: func() (int, error) {
			r := newReplay(in("check"))
			r.rewind(turn)
			r.play(turn)
			tape := must(sql.Open("sqlite", filepath.Join(in("check"), "tape.db")))
			if got, want := counts(r.db), counts(tape); !maps.Equal(got, want) {
				return 0, fmt.Errorf("raw has %v, ours %v", got, want)
			}
			return turn / storyCommands * storyCommands, tape.Close()
		},
	}}
}
