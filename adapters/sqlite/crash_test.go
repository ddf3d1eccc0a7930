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

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/campaign"
)

// The test binary is a process to be killed, too: it writes to the file that this variable names,
// and says what was acknowledged.
const (
	envPath = "HELPDESK_SQLITE_WRITE"
	envSize = "HELPDESK_SQLITE_SIZE" // how large a file the process may write, if set
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envOpen); path != "" {
		os.Exit(openAsNobody(path))
	}
	if party := os.Getenv(envDesk); party != "" {
		os.Exit(runDesk(party))
	}
	if path := os.Getenv(envPath); path != "" {
		os.Exit(write(path, os.Getenv(envSize)))
	}
	if err := errors.Join(flag.Set("rapid.steps", "60"), flag.Set("rapid.checks", strconv.Itoa(campaign.Rounds(8, 50)))); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

const savers = 4

// write has savers commit one batch after the other until the process is killed, or until a
// commit fails, and prints each that was acknowledged.
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
					fmt.Println("failed", g, i+1, errors.Is(err, helpdesk.ErrUncertain), errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrRetry))
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

// verify opens the file and checks it: nothing that was acknowledged is lost, nothing is torn,
// the chains have no gap, and their entries are in order.
func verify(t *testing.T, path string, from, acked [savers]int) (now [savers]int) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	st := acme(t, s)
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

// A process is killed while it writes, again and again, on the same file.
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
	st := acme(t, openFile(t, sqlite.Config{Path: path}))
	total := 0
	for g := range savers {
		total += now[g]
		got, err := st.Read(t.Context(), store.ReadRequest{Logs: []store.LogQuery{{Of: head(g), Log: "event", Limit: store.MaxLimit}}})
		require.NoError(t, err)
		require.Len(t, got.Logs[0].Entries, now[g])
		for i, e := range got.Logs[0].Entries {
			require.Equal(t, uint64(i)+1, e.N, "an entry is lost")
		}
	}
	t.Logf("%d rounds, %d commits", rounds, total)
}

// A disk that fails while a group is written: the answer is that the store is full, that nothing
// was done, or that the outcome is unknown, and never that something was done that was not.
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
