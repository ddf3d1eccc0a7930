package sqlite_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"

	"github.com/deskcore/helpdesk/desk/faults"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
)

// Sixty are asked for, on a file whose answers get lost, by three callers at once: those with
// keys repeat a command until its outcome is known, and sixty are stored. Without keys nobody is
// told that nothing was done of what is stored, and nothing is stored twice. What is stored is
// read by SQL.
func TestSixtyOfSixty(t *testing.T) {
	t.Parallel()
	for name, keyed := range map[string]bool{"keys": true, "no keys": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "desk.db")
			s := openFile(t, sqlite.Config{Path: path})
			chance := rand.New(rand.NewPCG(1, 2))
			away, lost := 0, 0 // for how many more commits the file cannot be reached
			in := faults.Scripted(func(c faults.Call) (bool, error) {
				switch n := chance.IntN(10); {
				case c.Name != "Records.Commit":
				case away > 0:
					away--
					return false, &store.Error{Kind: helpdesk.ErrUnavailable}
				case n < 2:
					lost++
					away = chance.IntN(9)
					return n == 0, &store.Error{Kind: helpdesk.ErrUncertain}
				case n == 2:
					return false, &store.Error{Kind: store.ErrRetry}
				}
				return true, nil
			})
			calm := newHost(t, s, time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC))
			id := opened(t, calm.acme).Conversation
			shaky := newHost(t, in.Stores(s), calm.now())
			var (
				all   sync.WaitGroup
				mu    sync.Mutex
				heard = map[string]error{}
			)
			for caller := range 3 {
				all.Go(func() {
					for i := range 20 {
						note, m := strconv.Itoa(caller*20+i), grace
						if keyed {
							m.IdempotencyKey = "key-" + note
						}
						var err error
						for n := 0; n == 0 || keyed && err != nil && n < 200; n++ {
							_, err = shaky.acme.Conversation(id).AddNote(t.Context(), m, inbox.MessageParams{Body: "[[" + note + "]]"})
						}
						mu.Lock()
						heard[note] = err
						mu.Unlock()
					}
				})
			}
			all.Wait()
			stored := map[string]int{}
			rows, err := raw(t, path).QueryContext(context.WithoutCancel(t.Context()), "SELECT body FROM helpdesk_entry WHERE log = 'note'")
			require.NoError(t, err)
			for rows.Next() {
				var body string
				require.NoError(t, rows.Scan(&body))
				_, note, _ := strings.Cut(body, "[[")
				note, _, _ = strings.Cut(note, "]]")
				stored[note]++
			}
			require.NoError(t, rows.Err())
			require.NoError(t, rows.Close())
			require.Len(t, heard, 60)
			require.Positive(t, lost)
			for note, err := range heard {
				switch {
				case err == nil:
					require.Equal(t, 1, stored[note], note)
				case errors.Is(err, helpdesk.ErrUncertain):
					require.LessOrEqual(t, stored[note], 1, note)
				default:
					require.Zero(t, stored[note], "%s: %v", note, err)
				}
				require.False(t, keyed && err != nil, "%s: %v", note, err)
			}
			if keyed {
				require.Len(t, stored, 60)
			}
			require.Equal(t, "ok", integrity(t, path))
		})
	}
}
