//go:build unix

package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/campaign"
)

// The test binary is a process to be killed, too: it writes to the file that this
// variable names, and says what was acknowledged.
const (
	envPath = "HELPDESK_SQLITE_WRITE"
	envSize = "HELPDESK_SQLITE_SIZE" // how large a file the process may write, if set
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envPath); path != "" {
		os.Exit(write(path, os.Getenv(envSize)))
	}
	// Few long sequences find more than many short ones, each of which opens a file. What
	// stands on the command line comes later, and counts.
	if err := errors.Join(flag.Set("rapid.steps", "100"), flag.Set("rapid.checks", strconv.Itoa(campaign.Rounds(8, 50)))); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

const savers = 4

// write has savers commit one batch after the other until the process is killed, or
// until a commit fails, and prints each that was acknowledged.
func write(path, size string) int {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		fmt.Println("open", err)
		return 1
	}
	st, err := s.Tenant("acme")
	if err != nil {
		fmt.Println("tenant", err)
		return 1
	}
	if limit, err := strconv.ParseUint(size, 10, 64); err == nil {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			fmt.Println("limit", err)
			return 1
		}
	}
	var out sync.Mutex
	var all sync.WaitGroup
	for g := range savers {
		all.Go(func() {
			for {
				i, rev, err := state(ctx, st, g)
				if err == nil {
					_, err = st.Commit(ctx, link(g, i+1, rev))
				}
				out.Lock()
				if err == nil {
					fmt.Println("ack", g, i+1)
				} else {
					fmt.Println("failed", g, i+1, errors.Is(err, helpdesk.ErrUncertain), errors.Is(err, store.ErrFull))
				}
				out.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return 0
}

func head(g int) store.Ref { return store.Ref{Kind: "head", ID: strconv.Itoa(g)} }

func linkRef(g, i int) store.Ref { return store.Ref{Kind: "link", ID: fmt.Sprintf("%d.%d", g, i)} }

// state returns how many links the chain of a saver has.
func state(ctx context.Context, st store.Store, g int) (int, store.Revision, error) {
	r, err := st.Load(ctx, head(g))
	if errors.Is(err, helpdesk.ErrNotFound) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", err
	}
	i, err := strconv.Atoi(string(r.Body))
	return i, r.Revision, err
}

// link adds a link to the chain of a saver: a record, a change of its head, an event,
// a message, a timer, and the result of a key.
func link(g, i int, rev store.Revision) store.Batch {
	name := fmt.Sprintf("%d.%d", g, i)
	return store.Batch{
		Key: store.Key{Name: name, Fingerprint: "f", Of: linkRef(g, i), Result: []byte(name)},
		Changes: []store.Change{
			{Ref: head(g), Expected: rev, Body: []byte(strconv.Itoa(i))},
			{
				Ref: linkRef(g, i), Body: []byte(strings.Repeat(name, 100)), Sort: fmt.Sprintf("%08d", i),
				Fields: []store.Field{{Name: "saver", Value: strconv.Itoa(g)}}, Timers: []store.Timer{{Name: "due", At: monday}},
			},
		},
		Events:   []store.Event{{ID: name, Of: head(g), Type: "linked", At: monday}, {ID: name, Of: linkRef(g, i), Type: "linked", At: monday}},
		Messages: []store.Message{{Key: name, Of: linkRef(g, i), Topic: "mail", At: monday, Body: []byte("x")}},
	}
}

var monday = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// requireLink requires a link to be there as a whole, or not at all.
func requireLink(t *testing.T, st store.Store, g, i int, there bool) {
	t.Helper()
	name := fmt.Sprintf("%d.%d", g, i)
	left, err := st.Remaining(t.Context(), linkRef(g, i))
	require.NoError(t, err)
	_, err = st.Result(t.Context(), name, "f")
	if !there {
		require.Zero(t, left.Total(), "%s is torn", name)
		require.ErrorIs(t, err, helpdesk.ErrNotFound)
		return
	}
	require.NoError(t, err)
	require.Equal(t, store.Remainder{Records: 1, Timers: 1, Events: 1, Messages: 1, Results: 1}, left, "%s is lost or torn", name)
}

// run starts the process and returns the last link of each saver that was
// acknowledged before it was killed, after so many acknowledgements, or ended.
func run(t *testing.T, path string, kill int, env ...string) (acked [savers]int, ended []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0]) //nolint:noctx // it is killed below
	cmd.Env = append(append(os.Environ(), envPath+"="+path), env...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); {
		var g, i int
		if _, err := fmt.Sscanf(lines.Text(), "ack %d %d", &g, &i); err != nil {
			ended = append(ended, lines.Text())
			continue
		}
		acked[g] = i
		if n++; n == kill {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	_ = cmd.Wait() // it was killed
	return acked, ended
}

// verify opens the file and checks it: nothing that was acknowledged is lost, nothing
// is torn, the chains have no gap, and their events are in order.
func verify(t *testing.T, path string, from, acked [savers]int) (now [savers]int) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	st, err := s.Tenant("acme")
	require.NoError(t, err)
	for g := range savers {
		now[g], _, err = state(t.Context(), st, g)
		require.NoError(t, err)
		require.GreaterOrEqual(t, now[g], acked[g], "what was acknowledged is lost")
		for i := from[g] + 1; i <= now[g]; i++ {
			requireLink(t, st, g, i, true)
		}
		requireLink(t, st, g, now[g]+1, false)
	}
	return now
}

// Ten times, or fifty if the campaign is long, a process is killed while it writes, on
// the same file.
func TestKilled(t *testing.T) {
	t.Parallel()
	rounds := campaign.Rounds(5, 50)
	path := filepath.Join(t.TempDir(), "desk.db")
	random := rand.New(rand.NewPCG(1, 2))
	var now [savers]int
	for range rounds {
		acked, ended := run(t, path, 1+random.IntN(60))
		require.Empty(t, ended)
		now = verify(t, path, now, acked)
	}
	require.Equal(t, "ok", integrity(t, path))

	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	st, err := s.Tenant("acme")
	require.NoError(t, err)
	total := 0
	for g := range savers {
		total += now[g]
		n, cursor := 0, ""
		for {
			page, err := st.Events(t.Context(), head(g), cursor, 100)
			require.NoError(t, err)
			for _, e := range page.Events {
				n++
				require.Equal(t, fmt.Sprintf("%d.%d", g, n), e.ID, "an event is lost, or out of order")
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		require.Equal(t, now[g], n)
	}
	backlog, err := st.Backlog(t.Context())
	require.NoError(t, err)
	require.Equal(t, store.Backlog{Waiting: total}, backlog)
	t.Logf("%d rounds, %d commits", rounds, total)
}

// A disk that fails while a group is written: the answer is that the store is full or
// that the outcome is unknown, and never that something was done that was not.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	var now [savers]int
	for _, size := range []int{200_000, 300_000, 500_000, 800_000} {
		acked, ended := run(t, path, -1, envSize+"="+strconv.Itoa(size))
		require.Len(t, ended, savers, "each saver is told")
		for _, line := range ended {
			require.True(t, strings.HasSuffix(line, " true false") || strings.HasSuffix(line, " false true"), line)
		}
		now = verify(t, path, now, acked)
	}
	require.Equal(t, "ok", integrity(t, path))
}
