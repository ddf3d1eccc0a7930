package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/campaign"
)

// chained makes a file with chains of links, and returns its contents and those of the journal.
func chained(t *testing.T, links int) (file, wal []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "desk.db")
	s := openFile(t, sqlite.Config{Path: path, Reserve: -1})
	st := acme(t, s)
	for g := range 2 {
		rev := store.Revision("")
		for i := range links {
			done, err := st.Commit(t.Context(), link(g, i+1, rev))
			require.NoError(t, err)
			rev = done.Revisions[0]
		}
	}
	wal, err := os.ReadFile(path + "-wal")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	file, err = os.ReadFile(path)
	require.NoError(t, err)
	return file, wal
}

// An answer is what a question was answered, and whether anything was missing: what the lengths are
// without what is in the bodies.
type answer struct {
	all, shape string
	err        error
}

// ask asks everything of a file, by all ways.
func ask(ctx context.Context, s *sqlite.Stores, links int) (all []answer) {
	st, err := s.Tenant("acme")
	if err != nil {
		return []answer{{err: err}}
	}
	say := func(what any, shape string, err error) {
		all = append(all, answer{fmt.Sprintf("%+v", what), shape, err})
	}
	for g := range 2 {
		for i := range links {
			got, err := st.Read(ctx, store.ReadRequest{
				Records: []store.Ref{head(g), linkRef(g, i+1)}, Key: fmt.Sprintf("%d.%d", g, i+1),
				Logs: []store.LogQuery{{Of: linkRef(g, i+1), Log: "event", Limit: 10}},
			})
			shape := ""
			if err == nil {
				shape = fmt.Sprint(got.Records[0].Revision != "", got.Records[1].Revision != "", len(got.Logs[0].Entries), got.Result.Fingerprint != "")
			}
			say(got, shape, err)
			left, err := st.Remaining(ctx, linkRef(g, i+1))
			say(left, fmt.Sprint(left), err)
		}
		got, err := st.Read(ctx, store.ReadRequest{Lists: []store.Query{
			{Kind: "ticket", Where: []store.Match{{Name: "assignee", Value: store.Text(strconv.Itoa(g))}}, Limit: 100},
			{Kind: "ticket", Where: []store.Match{{Name: "label", Value: store.Text("a")}}, Limit: 100},
		}})
		shape := ""
		if err == nil {
			shape = fmt.Sprint(len(got.Lists[0].Records), len(got.Lists[1].Records))
		}
		say(got, shape, err)
	}
	for _, q := range []store.Queue{store.Timers, store.Outbox} {
		page, err := s.Due(ctx, store.DueQuery{Queue: q, Now: monday, Counts: true, Limit: 10})
		say(page, fmt.Sprint(page), err)
	}
	return all
}

// Pages that the disk has changed: whatever is asked is answered with what was stored, or with ErrDamaged,
// and where it is not, a check of the file says so. SQLite has no sums, so that a byte of a text is not
// found; nothing else is missed, and nothing panics.
func TestDamagedPages(t *testing.T) {
	t.Parallel()
	const links = 12
	whole, _ := chained(t, links)
	const size = 1024
	pages := len(whole) / size
	random := rand.New(rand.NewPCG(3, 4))
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "whole.db")
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	s := openFile(t, sqlite.Config{Path: path, Reserve: -1})
	right := ask(ctx, s, links)
	require.NoError(t, s.Close())
	require.NoError(t, sqlite.Check(ctx, sqlite.Config{Path: path}))
	for _, a := range right {
		require.NoError(t, a.err)
	}
	counts := map[string]int{}
	folder := t.TempDir()
	rounds := campaign.Rounds(45, 2*pages)
	if raceEnabled {
		rounds = 30
	}
	for round := range rounds {
		page, how := random.IntN(pages), []string{"zeros", "noise", "a byte"}[round%3]
		broken := append([]byte{}, whole...)
		piece := broken[page*size : (page+1)*size]
		switch how {
		case "zeros":
			clear(piece)
		case "noise":
			for i := range piece {
				piece[i] = byte(random.Uint32())
			}
		default:
			piece[random.IntN(size)] ^= byte(1 + random.IntN(255))
		}
		name := fmt.Sprintf("round %d: %s in page %d of %d", round, how, page+1, pages)
		path := filepath.Join(folder, strconv.Itoa(round)+".db")
		require.NoError(t, os.WriteFile(path, broken, 0o600))
		checked := sqlite.Check(ctx, sqlite.Config{Path: path, Wait: time.Second})
		s, err := sqlite.Open(ctx, sqlite.Config{Path: path, Reserve: -1, Wait: time.Second})
		if err != nil {
			named := errors.Is(err, helpdesk.ErrDamaged) || errors.Is(err, sqlite.ErrForeign) || errors.Is(err, store.ErrNewer) || errors.Is(err, sqlite.ErrReadOnly)
			require.True(t, named, "%s: %v", name, err)
			counts["not opened"]++
			continue
		}
		told, missing, other := 0, 0, 0
		for i, a := range ask(ctx, s, links) {
			switch {
			case a.err != nil:
				require.ErrorIs(t, a.err, helpdesk.ErrDamaged, name)
				told++
			case a.all == right[i].all:
			case a.shape != right[i].shape:
				missing++
			default:
				other++
			}
		}
		switch {
		case told > 0:
			counts["told"]++
		case missing > 0:
			counts["found by Check"]++
			require.ErrorIs(t, checked, helpdesk.ErrDamaged, "%s: %d answers lack something", name, missing)
		case other > 0:
			counts["a text, not found"]++
			require.Equal(t, "a byte", how, "%s: %v", name, checked)
		default:
			counts["right"]++
		}
		_, err = acme(t, s).Commit(ctx, link(5, 1, ""))
		if err != nil {
			named := errors.Is(err, helpdesk.ErrDamaged) || errors.Is(err, store.ErrNewer) || errors.Is(err, store.ErrDuplicate) || errors.Is(err, store.ErrRetry)
			require.True(t, named, "%s: %v: %v", name, err, errors.Unwrap(err))
		}
		_ = s.Close() // what is damaged may not be written back
		require.NoError(t, os.Remove(path))
	}
	t.Logf("%v", counts)
}

// A journal whose bytes were changed, or that was cut: what is behind the place is as if it had not been
// written, and what is there is whole. The index of the journal is made anew.
func TestDamagedJournal(t *testing.T) {
	t.Parallel()
	const links = 12
	ctx := t.Context()
	_, wal := chained(t, links)
	require.Greater(t, len(wal), 100_000)
	random := rand.New(rand.NewPCG(5, 6))
	folder := t.TempDir()
	// The file as it was before the journal: it has the schema, and nothing else.
	empty := filepath.Join(folder, "empty.db")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for round := range campaign.Rounds(15, 60) {
		broken := append([]byte{}, wal...)
		if round%2 == 0 {
			broken[random.IntN(len(broken))] ^= byte(1 + random.IntN(255))
		} else {
			broken = broken[:random.IntN(len(broken))]
		}
		path := filepath.Join(folder, strconv.Itoa(round)+".db")
		require.NoError(t, errors.Join(os.WriteFile(path, nil, 0o600), os.WriteFile(path+"-wal", broken, 0o600),
			os.WriteFile(path+"-shm", broken[:min(len(broken), 32768)], 0o600)))
		s := openFile(t, sqlite.Config{Path: path, Reserve: -1})
		st := acme(t, s)
		for g := range 2 {
			n, rev, err := state(ctx, st, g)
			require.NoError(t, err)
			for i := range n {
				requireLink(t, st, g, i+1, true)
			}
			requireLink(t, st, g, n+1, false)
			_, err = st.Commit(ctx, link(g, n+1, rev))
			require.NoError(t, err)
		}
		require.NoError(t, s.Close())
		require.NoError(t, sqlite.Check(ctx, sqlite.Config{Path: path}))
	}
}

// A file that was cut is damaged, or no database, wherever it was cut. To SQLite one of a byte is empty.
func TestTruncated(t *testing.T) {
	t.Parallel()
	const links = 6
	whole, _ := chained(t, links)
	ctx := t.Context()
	folder := t.TempDir()
	for n := 2; n < len(whole); n += 1 + len(whole)/campaign.Rounds(25, 150) {
		path := filepath.Join(folder, strconv.Itoa(n)+".db")
		require.NoError(t, os.WriteFile(path, whole[:n], 0o600))
		require.Error(t, sqlite.Check(ctx, sqlite.Config{Path: path}))
		s, err := sqlite.Open(ctx, sqlite.Config{Path: path, Reserve: -1, Wait: time.Second})
		if err != nil {
			require.True(t, errors.Is(err, helpdesk.ErrDamaged) || errors.Is(err, sqlite.ErrForeign), "%d bytes of %d: %v", n, len(whole), err)
			continue
		}
		told := 0
		for _, a := range ask(ctx, s, links) {
			if a.err != nil {
				require.ErrorIs(t, a.err, helpdesk.ErrDamaged)
				told++
			}
		}
		require.Positive(t, told, "%d bytes of %d", n, len(whole))
		_ = s.Close()
	}
}

// A file may have pages of any size, by whichever program it was made.
func TestPageSizes(t *testing.T) {
	t.Parallel()
	for size := 512; size <= 65536; size *= 2 {
		path := filepath.Join(t.TempDir(), "desk.db")
		_, err := raw(t, path).ExecContext(t.Context(), fmt.Sprintf("PRAGMA page_size = %d; CREATE TABLE mine (a)", size))
		require.NoError(t, err)
		s := openFile(t, sqlite.Config{Path: path})
		_, err = acme(t, s).Commit(t.Context(), link(0, 1, ""))
		require.NoError(t, err)
		require.NoError(t, s.Close())
		requireLink(t, acme(t, openFile(t, sqlite.Config{Path: path})), 0, 1, true)
		got := 0
		require.NoError(t, raw(t, path).QueryRowContext(t.Context(), "PRAGMA page_size").Scan(&got))
		require.Equal(t, size, got)
		require.NoError(t, sqlite.Check(t.Context(), sqlite.Config{Path: path}))
	}
}

// What is no file of a helpdesk is refused by name.
func TestRefusedByName(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	folder := t.TempDir()
	path := filepath.Join(folder, "named.db")
	_, err := raw(t, path).ExecContext(ctx, "CREATE TABLE helpdesk_ticket (mine)")
	require.NoError(t, err)
	_, err = sqlite.Open(ctx, sqlite.Config{Path: path})
	require.ErrorIs(t, err, sqlite.ErrForeign)
	require.ErrorContains(t, err, "helpdesk_")

	_, err = sqlite.Open(ctx, sqlite.Config{Path: folder, Wait: time.Millisecond})
	require.ErrorContains(t, err, "unable to open")
	require.ErrorIs(t, err, helpdesk.ErrUnavailable)

	none := filepath.Join(folder, "none.db")
	require.Error(t, sqlite.Check(ctx, sqlite.Config{Path: none}))
	_, err = os.Stat(none)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorIs(t, sqlite.Check(ctx, sqlite.Config{}), helpdesk.ErrInvalid)
	text := filepath.Join(folder, "text")
	require.NoError(t, os.WriteFile(text, []byte("Not a database, and long enough to have a header. It goes on and on, for a hundred bytes and more, to the end."), 0o600))
	require.ErrorIs(t, sqlite.Check(ctx, sqlite.Config{Path: text}), helpdesk.ErrDamaged)
}
