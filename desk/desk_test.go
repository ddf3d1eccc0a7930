package desk_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// fields returns the names of the fields that an error rejects.
func fields(err error) []string {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []string
		for _, one := range many.Unwrap() {
			out = append(out, fields(one)...)
		}
		return out
	}
	if e, ok := errors.AsType[*helpdesk.FieldError](err); ok {
		return []string{e.Path}
	}
	return nil
}

// Everything that is wrong with a configuration is told at once.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	_, err := desk.New(desk.Config{})
	require.ElementsMatch(t, []string{"stores", "transport", "accounts", "clock", "secrets"}, fields(err))

	w := newWorld(t)
	for _, tt := range []struct {
		name string
		edit func(*desk.Config)
		want []string
	}{
		{"as it was", func(*desk.Config) {}, nil},
		{"short secret", func(c *desk.Config) { c.Secrets = []desk.Secret{{Key: secret.Key[:31]}} }, []string{"secrets[0].id", "secrets[0].key"}},
		{"two of a name", func(c *desk.Config) { c.Secrets = []desk.Secret{secret, {ID: secret.ID, Key: make([]byte, 32)}} }, []string{"secrets[1].id"}},
		{"domain", func(c *desk.Config) { c.MailDomain = "a b" }, []string{"mail_domain"}},
		{"no lifecycle", func(c *desk.Config) { c.Lifecycles = []*ticket.Lifecycle{nil} }, []string{"lifecycles[0]"}},
		{"same lifecycle", func(c *desk.Config) {
			c.Lifecycles = []*ticket.Lifecycle{ticket.Standard(), ticket.StandardClosed(), ticket.Standard()}
		}, []string{"lifecycles[2]"}},
		{"reminders", func(c *desk.Config) {
			c.Reminders = desk.Reminders{Every: 1, MaxReminders: -1, ResolveAfter: -1, CloseAfter: time.Second - 1}
		}, []string{
			"reminders.every", "reminders.give_up", "reminders.close", "reminders.most",
		}},
		{"a second", func(c *desk.Config) { c.Reminders = desk.Reminders{Every: time.Second} }, nil},
		{"negative limits", func(c *desk.Config) {
			c.Limits = desk.Limits{
				AssistantMessages: -1, MaxSends: -1, MailsPerWindow: -1, MailStarts: -1, Workers: -1,
				Poll: -1, Timeout: -1, SendFor: -1, MailWindow: -1, KeepResults: -1, RetentionEvery: -1,
			}
		}, []string{
			"limits.lines", "limits.max_sends", "limits.mails_per_window", "limits.mail_starts", "limits.workers",
			"limits.poll", "limits.timeout", "limits.send_for", "limits.mail_window", "limits.keep_results", "limits.sweep_every",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := w.config
			tt.edit(&c)
			_, err := desk.New(c)
			require.ElementsMatch(t, tt.want, fields(err), "%v", err)
		})
	}
	c := w.config
	c.Inbox.MaxTurns = -1
	_, err = desk.New(c)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// A desk without options works: people answer, and the randomness is the
// machine's.
func TestDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox, c.Random, c.Notifier = inbox.Config{}, nil, nil
	})
	r := w.start(live)
	require.Equal(t, inbox.ListActive, r.List)
	made := w.must(w.o.Conversation(r.Conversation).CreateTicket(t.Context(), agent, inbox.CreateTicketParams{
		Intake: ticket.Intake{Title: "Printer"}, Summary: "Your printer.",
	}))
	require.True(t, made.Reference.IsValid())
	require.Equal(t, sla.Ref{Name: "standard", Version: 1}, w.ticket(made.Ticket).Policy)
	require.Equal(t, store.TenantID("acme"), w.o.ID())
}

func TestTenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []store.TenantID{"", "A", "a b", "-a"} {
		_, err := w.desk.Tenant(name)
		require.ErrorIs(t, err, store.ErrTenant)
	}
}

// D1, T12: another tenant's ID answers exactly as one that never was.
func TestForeignIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.ticketed(live)
	other, err := w.desk.Tenant("globex")
	require.NoError(t, err)
	ctx := t.Context()
	never := uuid.MustParse("019cadc6-9a80-7b73-a48e-d247dbe58800")
	for name, ask := range map[string]func(conv inbox.ID, tick ticket.ID) error{
		"conversation": func(conv inbox.ID, _ ticket.ID) error {
			_, err := other.Conversation(conv).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
			return err
		},
		"ticket": func(_ inbox.ID, tick ticket.ID) error { _, err := other.Ticket(tick).View(ctx); return err },
		"reply": func(conv inbox.ID, _ ticket.ID) error {
			_, err := other.Conversation(conv).Reply(ctx, agent, text("x"))
			return err
		},
		"hold": func(_ inbox.ID, tick ticket.ID) error {
			_, err := other.Ticket(tick).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "x", Privileged: true})
			return err
		},
		"hold conversation": func(conv inbox.ID, _ ticket.ID) error {
			_, err := other.Conversation(conv).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "x", Privileged: true})
			return err
		},
		"events": func(conv inbox.ID, _ ticket.ID) error {
			_, err := other.Conversation(conv).Events(ctx, 0, 0)
			return err
		},
		"ticket events": func(_ inbox.ID, tick ticket.ID) error {
			_, err := other.Ticket(tick).Events(ctx, 0, 0)
			return err
		},
		"explain": func(_ inbox.ID, tick ticket.ID) error {
			_, err := other.Ticket(tick).ExplainClock(ctx, sla.MetricFirstReply, 0)
			return err
		},
		"due": func(_ inbox.ID, tick ticket.ID) error { _, err := other.Ticket(tick).ExplainRetention(ctx); return err },
		"lease": func(conv inbox.ID, _ ticket.ID) error {
			_, err := other.Conversation(conv).ControlToken(ctx)
			return err
		},
	} {
		foreign, missing := ask(made.Conversation, made.Ticket), ask(inbox.ID(never), ticket.ID(never))
		require.ErrorIs(t, foreign, helpdesk.ErrNotFound, name)
		require.NotErrorIs(t, foreign, helpdesk.ErrGone, name)
		same := strings.NewReplacer(made.Conversation.String(), never.String(), made.Ticket.String(), never.String()).Replace(foreign.Error())
		require.Equal(t, missing.Error(), same, name)
	}
	_, err = other.LookUp(ctx, string(made.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	lines, _, err := other.Conversations(ctx, desk.ConversationQuery{Any: true})
	require.NoError(t, err)
	require.Empty(t, lines)
}

func TestGoneErrorText(t *testing.T) {
	t.Parallel()
	gone := &desk.GoneError{What: "ticket/x", At: monday}
	require.ErrorIs(t, gone, helpdesk.ErrGone)
	require.Equal(t, "desk: ticket/x: gone since 2026-03-02T09:00:00Z", gone.Error())
}

// What the library itself says has the reference in it, and never the title in a
// subject (T16).
func TestEnglish(t *testing.T) {
	t.Parallel()
	o := desk.TemplateData{
		Body: "Hello.", Reference: "HD-7K3M-9QX2-VD4C", Title: "Title\r\nBcc: x", Description: "Description", Summary: "Summary",
		Action: "Action", Details: "Details", Offer: inbox.OfferView{Title: "Title", Description: "Description", Summary: "Summary"},
	}
	for kind, parts := range map[desk.OccasionKind][]string{
		desk.OccasionReply:        {"Hello."},
		desk.OccasionOffer:        {"Title", "Description", "Summary"},
		desk.OccasionHolding:      {"team"},
		desk.OccasionTicket:       {"HD-7K3M-9QX2-VD4C", "Summary"},
		desk.OccasionRemind:       {"HD-7K3M-9QX2-VD4C"},
		desk.OccasionMailCreated:  {"HD-7K3M-9QX2-VD4C", "Title", "Description"},
		desk.OccasionMailResolved: {"HD-7K3M-9QX2-VD4C", "Title", "Action", "Details"},
	} {
		o.Kind = kind
		w := desk.English(o)
		for _, p := range parts {
			require.Contains(t, w.Body, p, kind)
		}
		require.NotContains(t, w.Subject, "Title", kind)
		require.NotEmpty(t, w.Subject, kind)
	}
	o = desk.TemplateData{Kind: desk.OccasionMailCreated, Reference: "HD-7K3M-9QX2-VD4C", Title: "Title"}
	require.False(t, strings.HasSuffix(desk.English(o).Body, "\n"))
}

// Hooks see every command and every delivery, with names and codes only (T45).
func TestHooks(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	spans, counts := map[string]int{}, map[string]int64{}
	var logged strings.Builder
	w := newWorld(t, func(c *desk.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&logged, nil))
		c.Hooks = desk.Hooks{
			Start: func(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, func(error)) {
				mu.Lock()
				defer mu.Unlock()
				spans[name]++
				for _, a := range attrs {
					require.NotContains(t, a.String(), "printer")
				}
				return ctx, func(err error) {
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						spans[name+" failed"]++
					}
				}
			},
			Count: func(_ context.Context, name string, n int64, _ ...slog.Attr) {
				mu.Lock()
				defer mu.Unlock()
				counts[name] += n
			},
		}
	})
	r := w.ticketed(live)
	_, err := w.o.Conversation(r.Conversation).Resolve(t.Context(), agent, ticket.ResolveParams{})
	require.Error(t, err)
	w.post.fail = func(desk.Envelope) error { return errors.New("the printer is on fire") }
	w.run()
	require.Equal(t, 1, spans["desk.start"])
	require.Equal(t, 1, spans["desk.resolve failed"])
	require.Positive(t, spans["desk.deliver"])
	require.EqualValues(t, 4, counts["desk.commands"]) // with the notification
	require.Positive(t, counts["desk.retried"])
	require.NotContains(t, logged.String(), "fire")
	require.NotContains(t, logged.String(), "ada@")
}

// Without randomness nothing is decided.
func TestNoRandomness(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Random = iotest.ErrReader(errors.New("empty"))
	w.open()
	_, err := w.o.Start(t.Context(), customer, opening(live, text("Hello.")))
	require.ErrorContains(t, err, "randomness")
	lines, _, err := w.o.Conversations(t.Context(), desk.ConversationQuery{Any: true})
	require.NoError(t, err)
	require.Empty(t, lines)
}

// A clock before 1970 is no reason to fail.
func TestOldClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clock.at = time.Date(1950, time.March, 1, 9, 0, 0, 0, time.UTC)
	r := w.ticketed(live)
	require.Equal(t, ticket.StatusSubmitted, r.Status)
}

var _ store.Stores = memstore.New()

// A leaser notes for how long work is claimed.
type leaser struct {
	store.Stores
	leases []time.Duration
}

func (s *leaser) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	s.leases = append(s.leases, c.Lease)
	return s.Stores.Claim(ctx, c)
}

// What is claimed is so for longer than a port has, whatever that is.
func TestLeases(t *testing.T) {
	t.Parallel()
	const most = 20 * 366 * day
	for timeout, want := range map[time.Duration]time.Duration{
		0: 2 * time.Minute, 1: 2 * time.Minute, 30 * time.Second: 2 * time.Minute, 31 * time.Second: 124 * time.Second,
		8 * time.Hour: 32 * time.Hour, 9 * time.Hour: 33 * time.Hour, most: most + day,
	} {
		s := &leaser{Stores: memstore.New()}
		w := newWorld(t, func(c *desk.Config) { c.Stores, c.Limits.Timeout = s, timeout })
		w.start(live)
		w.clock.advance(time.Hour)
		_, err := w.desk.FireTimers(t.Context())
		require.NoError(t, err)
		require.Equal(t, []time.Duration{want}, s.leases, timeout)
	}
}
