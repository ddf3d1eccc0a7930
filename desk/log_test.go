package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// marker is in everything that people wrote or that their product says of them.
const marker = "Zyx"

// A leak has every port of a host. What they answer is an error, or they panic, with the marker.
type leak struct {
	mended atomic.Bool
	calls  atomic.Int64
	panics bool
}

func (l *leak) called() error {
	if l.mended.Load() {
		return nil
	}
	if l.panics {
		if l.calls.Add(1)%2 == 0 {
			panic(marker)
		}
		panic(errors.New(marker)) // neither a text nor an error shows
	}
	switch n := l.calls.Add(1); n % 4 {
	case 0:
		return fmt.Errorf("%s: %w", marker, &desk.RetryError{After: time.Minute})
	case 1:
		return fmt.Errorf("%s: %w", marker, helpdesk.ErrUncertain)
	case 2:
		return &helpdesk.FieldError{Path: marker, Value: marker, Reason: marker}
	default:
		return errors.New(marker)
	}
}

type (
	leakyPorts struct{ *leak }
	leakyTeam  struct{ *leak }
	leakyFiles struct{ *leak }
	leakyCopy  struct{ *leak }
)

func (l leakyPorts) Send(_ context.Context, e desk.Envelope) error {
	if !l.mended.Load() && e.Channel == helpdesk.ChannelEmail {
		return fmt.Errorf("%s: %w", marker, desk.ErrRejected)
	}
	return l.called()
}

func (l leakyPorts) Account(_ context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	return desk.Account{Ref: ref, Email: marker + "@account.example"}, l.called()
}

func (l leakyPorts) Answer(context.Context, desk.Turn) (desk.Answer, error) {
	return desk.Answer{Text: marker}, l.called()
}

func (l leakyPorts) Partner(context.Context, store.TenantID, string) (string, error) {
	return "", l.called()
}

func (l leakyPorts) Do(context.Context, store.TenantID, ticket.ID, ticket.Effect) error {
	return l.called()
}

func (l leakyTeam) Notify(context.Context, desk.Notice) error { return l.called() }

func (l leakyFiles) Erase(context.Context, store.TenantID, ...inbox.AttachmentRef) error {
	return l.called()
}

func (l leakyFiles) Remaining(context.Context, store.TenantID, ...inbox.AttachmentRef) (int, error) {
	return 0, l.called()
}

func (l leakyCopy) Erase(context.Context, store.TenantID, ...store.Ref) error { return l.called() }

func (l leakyCopy) Remaining(context.Context, store.TenantID, ...store.Ref) (int, error) {
	return 0, l.called()
}

// leakyStores fail in one of seven calls, with the marker in the error of a driver.
type leakyStores struct {
	store.Stores
	*leak
}

func (s leakyStores) fail() error {
	switch n := uint32(s.calls.Add(1)) * 2654435761 >> 8; {
	case s.mended.Load() || n%7 != 0:
		return nil
	case n%3 == 0:
		return errors.New(marker)
	case n%3 == 1:
		return &store.Error{Kind: store.ErrRetry, Err: errors.New(marker)}
	default:
		return &store.Error{Kind: helpdesk.ErrDamaged, Path: marker, Err: errors.New(marker)}
	}
}

func (s leakyStores) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	if err := s.fail(); err != nil {
		return store.DuePage{}, err
	}
	return s.Stores.Due(ctx, q)
}

func (s leakyStores) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	if err := s.fail(); err != nil {
		return store.Claims{}, err
	}
	return s.Stores.Claim(ctx, c)
}

func (s leakyStores) Settle(ctx context.Context, all ...store.Settlement) error {
	if err := s.fail(); err != nil {
		return err
	}
	return s.Stores.Settle(ctx, all...)
}

func (s leakyStores) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	if !s.mended.Load() { // it is called seldom
		return 0, errors.New(marker)
	}
	return s.Stores.Expire(ctx, now, limit)
}

func (s leakyStores) Wait(ctx context.Context, until time.Time) error {
	if err := s.fail(); err != nil {
		return err
	}
	return s.Stores.(store.Waiter).Wait(ctx, until) //nolint:forcetypeassert // it is a memstore
}

func (s leakyStores) Tenant(t store.TenantID) (store.Records, error) {
	r, err := s.Stores.Tenant(t)
	return leakyRecords{r, s}, err
}

type leakyRecords struct {
	store.Records
	s leakyStores
}

func (r leakyRecords) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	if err := r.s.fail(); err != nil {
		return store.Snapshot{}, err
	}
	return r.Records.Read(ctx, q)
}

func (r leakyRecords) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if err := r.s.fail(); err != nil {
		return store.Committed{}, err
	}
	return r.Records.Commit(ctx, b)
}

// No line of the log has what people wrote, where they are reached, or the text of an error or a
// panic of a port or of the storage, on any level: T45.
func TestLogHasNothingOfPeople(t *testing.T) {
	t.Parallel()
	for _, panics := range []bool{false, true} {
		t.Run(fmt.Sprintf("panics %v", panics), func(t *testing.T) {
			t.Parallel()
			leakyStory(t, panics)
		})
	}
}

func leakyStory(t *testing.T, panics bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &leak{panics: panics}
		l.mended.Store(true)
		var log lines
		w := newWorld(t, func(c *desk.Config) {
			c.Clock, c.Logger = time.Now, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
			p := leakyPorts{l}
			c.Transport, c.Accounts, c.Assistant, c.Contracts, c.Effects, c.Notifier = p, p, p, p, p, leakyTeam{l}
			c.AttachmentEraser, c.CopyEraser, c.Stores = leakyFiles{l}, leakyCopy{l}, leakyStores{c.Stores, l}
			c.Templates = func(d desk.TemplateData) desk.Content {
				if panics && !l.mended.Load() && l.calls.Add(1)%5 == 0 {
					panic(marker)
				}
				return desk.Content{Subject: marker, Body: marker}
			}
			c.Lifecycles = []*ticket.Lifecycle{ownLifecycle(t)}
			c.Limits.MaxSends = 4
		})
		w.tune(func(c *desk.Tuning) { c.MaxBackoff = time.Minute })
		ctx := t.Context()
		call := func(a helpdesk.Author, key string) desk.Meta {
			return desk.Meta{Author: a, IdempotencyKey: marker + key}
		}
		who := helpdesk.Customer(marker + "-customer")
		member := helpdesk.Agent(marker + "-agent")
		n := 0
		do := func(command func(desk.Meta) (desk.Result, error), a helpdesk.Author) (r desk.Result) {
			t.Helper()
			n++
			err := errors.New("not given")
			for try := 0; err != nil && try < 200; try++ {
				r, err = command(call(a, strconv.Itoa(n)))
				if err != nil {
					time.Sleep(time.Second)
				}
			}
			require.NoError(t, err)
			return r
		}
		want := []string{"message will be tried again", "message is given up", "timer could not be handled", "the AI failed", `"loop":"outbox"`, `"loop":"timers"`, `"loop":"expire"`, `"loop":"wait"`, `"code":"internal","cause":"port","type":"*errors.errorString"`}
		if panics {
			want = append(want[:len(want)-1], "a port panicked", `"type":"string"`, `"cause":"panic"`, "desk_test.leakyPorts.Send")
		}
		missing := func() bool { // which call fails is left to the order of the loops
			told := log.String()
			return slices.ContainsFunc(want, func(w string) bool { return around(told, w) == "" })
		}
		stop := w.running()
		for round := 0; round < 2 || round < 40 && missing(); round++ {
			channel := []helpdesk.Channel{helpdesk.ChannelLiveChat, helpdesk.ChannelEmail}[round%2]
			l.mended.Store(false)
			start := inbox.StartParams{
				Kind: inbox.KindQuestion, Channel: channel,
				Contact: inbox.Contact{Customer: who.Who, Account: marker + "-account", Name: marker, Email: marker + "@private.example", Phone: "+44 " + marker},
				Message: inbox.MessageParams{ID: marker + strconv.Itoa(round), Body: marker, Attachments: []inbox.AttachmentRef{{Ref: marker, Type: "image/png", Size: 1}}},
			}
			r := do(func(m desk.Meta) (desk.Result, error) { return w.o.Start(ctx, m, start) }, who)
			time.Sleep(10 * time.Minute)
			conv := w.o.Conversation(r.Conversation)
			l.mended.Store(true) // or no ticket is created, as the contract is not known
			made := do(func(m desk.Meta) (desk.Result, error) {
				return conv.CreateTicket(ctx, m, inbox.CreateTicketParams{Intake: ticket.Intake{Title: marker, Description: marker}, Summary: marker})
			}, member)
			l.mended.Store(false)
			do(func(m desk.Meta) (desk.Result, error) { return conv.PickUp(ctx, m) }, member)
			do(func(m desk.Meta) (desk.Result, error) {
				return w.o.Ticket(made.Ticket).Do(ctx, m, "ask_vendor", "")
			}, member)
			do(func(m desk.Meta) (desk.Result, error) { return conv.Reply(ctx, m, text(marker)) }, member)
			do(func(m desk.Meta) (desk.Result, error) { return conv.AddCustomerMessage(ctx, m, said(marker)) }, who)
			time.Sleep(time.Hour)
			do(func(m desk.Meta) (desk.Result, error) {
				return conv.Resolve(ctx, m, ticket.ResolveParams{Action: marker, Details: marker})
			}, member)
			do(func(m desk.Meta) (desk.Result, error) {
				return conv.Archive(ctx, m, inbox.ArchiveParams{Reason: inbox.ArchiveClosed})
			}, member)
			do(func(m desk.Meta) (desk.Result, error) {
				_, err := conv.RequestErasure(ctx, m)
				return desk.Result{}, err
			}, member)
			time.Sleep(4 * time.Hour)
		}
		stop()
		told := log.String()
		require.Empty(t, around(told, marker))
		for _, w := range want {
			require.NotEmpty(t, around(told, w), w)
		}
	})
}

// around returns the line of a text that has a word.
func around(text, word string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			return line
		}
	}
	return ""
}
