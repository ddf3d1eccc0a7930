package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

// Beside a tenant with very much to say to a dead server, the message of another is sent within
// two seconds, on a file, too.
func TestAnotherWaitsTwoSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServers(t)
		s.fails = func(ctx context.Context, tenant store.TenantID) error {
			if tenant != "dead" {
				return nil
			}
			<-ctx.Done()
			return errors.New("dead")
		}
		d := busy(t, s, same, func(c *desk.Config) { c.Limits.Timeout = 30 * time.Second })
		say(t, d, "dead", veryMany(100), asIs)
		runs(t, d)
		for round := range 5 {
			for i := range 9 {
				say(t, d, store.TenantID(fmt.Sprintf("live-%d", i)), round+1, asIs) // one more: the keys of the others are known
			}
			time.Sleep(2 * time.Second)
			s.mu.Lock()
			for i := range 9 {
				require.Len(t, s.sent[store.TenantID(fmt.Sprintf("live-%d", i))], round+1)
			}
			s.mu.Unlock()
			time.Sleep(5 * time.Minute)
		}
	})
}

// veryMany returns how many the tests have that are many: 10,000 in the long form, but few with the
// race detector, which makes that last too long.
func veryMany(short int) int {
	if raceEnabled {
		return short
	}
	return campaign.Rounds(short, 10_000)
}

// An oracle answers every question after five seconds.
type oracle struct{}

func (oracle) Answer(ctx context.Context, _ desk.Turn) (desk.Answer, error) {
	select {
	case <-ctx.Done():
		return desk.Answer{}, ctx.Err()
	case <-time.After(5 * time.Second):
		return desk.Answer{Text: "Have you tried water?"}, nil
	}
}

// Beside 200 questions to an AI of five seconds, a person's reply is sent within two.
func TestReplyBesideQuestions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServers(t)
		d := busy(t, s, same, func(c *desk.Config) {
			c.Assistant, c.Inbox, c.Limits.Timeout = oracle{}, inbox.Config{AddOn: true}, 30*time.Second
		})
		say(t, d, "acme", 200, func(p *inbox.StartParams) { p.People, p.Channel = false, helpdesk.ChannelLiveChat })
		runs(t, d)
		time.Sleep(time.Second)
		say(t, d, "acme", 1, asIs)
		time.Sleep(2 * time.Second)
		s.mu.Lock()
		require.Equal(t, []string{"0"}, s.sent["acme"])
		s.mu.Unlock()
		time.Sleep(5 * time.Minute)
		s.mu.Lock()
		require.Len(t, s.sent["acme"], 201, "every question is answered")
		s.mu.Unlock()
	})
}

// A shredder takes some time to erase what is attached to messages.
type shredder struct{ erased atomic.Int64 }

func (s *shredder) Erase(_ context.Context, _ store.TenantID, of ...inbox.AttachmentRef) error {
	<-time.After(20 * time.Millisecond)
	s.erased.Add(int64(len(of)))
	return nil
}

func (*shredder) Remaining(context.Context, store.TenantID, ...inbox.AttachmentRef) (int, error) {
	return 0, nil
}

// withdrawn has so many conversations with an attachment whose deletion is asked for.
func withdrawn(t *testing.T, o *desk.Tenant, n int) (all []inbox.ID) {
	t.Helper()
	for i := range n {
		r, err := o.Start(t.Context(), ada, inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, People: true, Contact: inbox.Contact{Customer: "ada", Account: "acc", Email: "ada@example.com"},
			Message: inbox.MessageParams{Body: strings.Repeat("See. ", 1000), Attachments: []inbox.AttachmentRef{{Ref: fmt.Sprint("photo-", i), Type: "image/png", Size: 1}}},
		})
		require.NoError(t, err)
		_, err = o.Conversation(r.Conversation).Archive(t.Context(), grace, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
		require.NoError(t, err)
		_, err = o.Conversation(r.Conversation).RequestErasure(t.Context(), grace)
		require.NoError(t, err)
		all = append(all, r.Conversation)
	}
	return all
}

// anyNumber is a policy by which no number of records is suspicious.
func anyNumber(t *testing.T) retention.Policy {
	t.Helper()
	p, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxCount: 1_000_000, MaxShare: 100}})
	require.NoError(t, err)
	return p
}

// Timers do not wait for a run of retention that deletes very much.
func TestTimersBesideALargeSweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := veryMany(200)
		var files shredder
		d := busy(t, newServers(t), same, func(c *desk.Config) {
			c.AttachmentEraser, c.Retention, c.Inbox = &files, anyNumber(t), inbox.Config{Clock: inbox.WaitCalendar, NoAction: inbox.Duration(time.Hour)}
		})
		o, err := d.Tenant("acme")
		require.NoError(t, err)
		withdrawn(t, o, n)
		runs(t, d)
		var all []inbox.ID
		for range 30 { // whose timers come a moment after the run of retention has begun, and later
			time.Sleep(50 * time.Millisecond)
			r, err := o.Start(t.Context(), ada, inbox.StartParams{
				Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, People: true, Contact: inbox.Contact{Customer: "ada", Account: "acc", Email: "ada@example.com"},
				Message: inbox.MessageParams{Body: "Hello?"},
			})
			require.NoError(t, err)
			all = append(all, r.Conversation)
		}
		time.Sleep(time.Hour)
		done := files.erased.Load()
		require.Positive(t, done)
		require.Less(t, done, int64(n), "the run is under way")
		time.Sleep(time.Hour)
		require.EqualValues(t, n, files.erased.Load())
		for _, id := range all {
			v, err := o.Conversation(id).View(t.Context(), inbox.Viewer{Agent: "grace"}, desk.MessageQuery{})
			require.NoError(t, err)
			require.Len(t, v.Escalations, 1)
			require.False(t, v.Escalations[0].IsPending())
			require.LessOrEqual(t, v.Escalations[0].FiredAt.Sub(v.Escalations[0].Due), 2*time.Second)
		}
	})
}

// On a full disk the loops delete what is to go, fire timers and send, while commands are refused;
// when the disk has room again, all goes on.
func TestLoopsOnAFullDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		full := fullError(t)
		var room atomic.Int64
		room.Store(1 << 40)
		stores := openFile(t, sqlite.Config{Path: filepath.Join(folder, "desk.db")})
		stores.SetDisk(0, func(path string, size int64) error {
			if weight(t, folder)-weight(t, path)+size > room.Load() {
				return syscall.ENOSPC
			}
			return os.WriteFile(path, make([]byte, size), 0o600)
		})
		stores.Fail(func(commit func() error) error {
			if weight(t, folder) > room.Load() {
				return full
			}
			return commit()
		})
		var files shredder
		s := newServers(t)
		d := busy(t, s, func(store.Stores) store.Stores { return stores }, func(c *desk.Config) { c.AttachmentEraser, c.Retention = &files, anyNumber(t) })
		o, err := d.Tenant("acme")
		require.NoError(t, err)
		gone := withdrawn(t, o, min(veryMany(100), 1000))
		say(t, d, "acme", 20, asIs)
		room.Store(weight(t, folder) - 1)
		_, err = o.Start(t.Context(), ada, inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, People: true, Contact: inbox.Contact{Customer: "ada"},
			Message: inbox.MessageParams{Body: strings.Repeat("Hello? ", 2000)},
		})
		require.ErrorIs(t, err, store.ErrFull)
		runs(t, d)
		time.Sleep(2 * time.Hour)
		require.True(t, stores.Usage().Full)
		require.EqualValues(t, len(gone), files.erased.Load())
		for _, id := range gone {
			_, err := o.Conversation(id).View(t.Context(), inbox.Viewer{Agent: "grace"}, desk.MessageQuery{})
			require.ErrorIs(t, err, helpdesk.ErrGone)
		}
		h, err := o.Health(t.Context())
		require.NoError(t, err)
		require.Zero(t, h.Backlog, "all was sent, once")
		s.mu.Lock()
		require.Len(t, s.sent["acme"], 20)
		s.mu.Unlock()
		room.Store(1 << 40)
		say(t, d, "acme", 21, asIs)
		time.Sleep(2 * time.Second)
		s.mu.Lock()
		defer s.mu.Unlock()
		require.Len(t, s.sent["acme"], 21)
	})
}
