package ticket_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func at(by helpdesk.Actor) helpdesk.Command {
	return helpdesk.Command{ID: "event-1", At: opened, Author: helpdesk.Author{By: by, Who: string(by) + "-1"}}
}

// R27, R30, R34: the AI creates a ticket from a confirmed offer, on the
// customer's behalf; R35–R37: what follows from it.
func TestCreateByAIR27R30R34R35R36R37(t *testing.T) {
	t.Parallel()
	d := draft()
	d.ContactAt = opened.Add(-time.Hour)
	tk, events, err := ticket.New(ticket.Standard(), at(ai), d)
	require.NoError(t, err)

	require.Equal(t, d.ID, tk.ID())
	require.Equal(t, d.Reference, tk.Reference())
	require.Equal(t, "Campaigns do not go out", tk.Intake().Title)
	require.Equal(t, "Since this morning.", tk.Intake().Description)
	require.Equal(t, "Campaigns are stuck", tk.Summary())
	require.Equal(t, "customer-1", tk.Requester(), "R30: the requester is the customer")
	require.Equal(t, "account-1", tk.Account())
	require.Equal(t, helpdesk.Author{By: ai, Who: "ai-1"}, tk.Snapshot().Author)
	require.Equal(t, "offer-1", tk.Snapshot().Offer)
	require.Equal(t, "conversation-1", tk.Conversation())
	require.Equal(t, helpdesk.ChannelLiveChat, tk.Channel())
	require.Equal(t, submitted, tk.Status(), "R45")
	require.Equal(t, ticket.CategoryNew, tk.Category())
	require.True(t, tk.IsOpen())
	require.True(t, tk.IsKnown())
	require.False(t, tk.IsDone())
	require.Empty(t, tk.Assignee(), "R45: waiting to be picked up")
	require.Equal(t, opened, tk.CreatedAt())
	require.Equal(t, opened, tk.UpdatedAt())
	require.Equal(t, severity.Medium, tk.Severity())
	require.Equal(t, severity.StatusClaimed, tk.Snapshot().Claim.Status())
	require.Zero(t, tk.Episode())
	require.Zero(t, tk.LastClosedAt())
	require.Equal(t, nobody, tk.Snapshot().FollowUpOf)
	require.Same(t, ticket.Standard(), tk.Lifecycle())
	require.Equal(t, "standard", tk.Snapshot().Lifecycle)
	_, done := tk.Resolution()
	require.False(t, done)

	prefix := "ticket/" + d.ID.String() + "/"
	require.Equal(t, []ticket.Event{{
		ID: "event-1", Ticket: d.ID, At: opened, Author: helpdesk.Author{By: ai, Who: "ai-1"},
		Kind: ticket.EventCreate, Guard: "offer", To: submitted,
		Channel: helpdesk.ChannelLiveChat, Offer: "offer-1", Severity: severity.Medium,
		Effects: []ticket.Effect{
			{Kind: ticket.EffectMailCreated, Key: prefix + "mail_created"},
			{Kind: ticket.EffectTellCustomer, Key: prefix + "tell_customer"},
			{Kind: ticket.EffectArmTimers, Key: prefix + "arm_timers/event-1"},
			{Kind: ticket.EffectNotify, Key: prefix + "notify/event-1"},
		},
		Log: tk.SLALog(),
	}}, events)
	require.Equal(t, []sla.Event{
		{
			ID: "event-1#1", Kind: sla.KindOpened, At: opened, By: ai, Channel: helpdesk.ChannelLiveChat,
			Severity: severity.Medium, OnBehalf: true, ContactAt: opened.Add(-time.Hour),
		},
		{ID: "event-1#2", Kind: sla.KindNotified, At: opened, Channel: helpdesk.ChannelLiveChat},
	}, tk.SLALog())
}

// R29, R72: staff may create a ticket, with or without the customer having
// asked; a customer never may.
func TestCreateByOthersR29(t *testing.T) {
	t.Parallel()
	d := draft()
	d.Offer = ""
	d.ContactAt = opened.Add(-time.Hour)
	tk, events, err := ticket.New(ticket.Standard(), at(agent), d)
	require.NoError(t, err)
	require.Equal(t, ticket.Guard(""), events[0].Guard)
	require.True(t, events[0].HasEffect(ticket.EffectMailCreated))
	require.False(t, events[0].HasEffect(ticket.EffectForward))
	require.Equal(t, []sla.Event{{
		ID: "event-1#1", Kind: sla.KindOpened, At: opened, By: agent, Channel: helpdesk.ChannelLiveChat, Severity: severity.Medium,
	}}, tk.SLALog(), "nobody has notified, and nobody was in contact")

	d.OnBehalf = true
	tk, _, err = ticket.New(ticket.Standard(), at(agent), d)
	require.NoError(t, err)
	require.Len(t, tk.SLALog(), 2)
	require.Equal(t, opened.Add(-time.Hour), tk.SLALog()[0].ContactAt)

	for _, by := range []helpdesk.Actor{customer, system, thirdParty, ai, ""} {
		_, _, err = ticket.New(ticket.Standard(), at(by), d)
		e := refused(t, err)
		want := ticket.NotAllowedError{
			Event: ticket.EventCreate, Actor: by, Reason: "actor", Actors: []helpdesk.Actor{agent, ai},
		}
		if by == ai {
			want.Guards, want.Actors = []ticket.Guard{"offer"}, []helpdesk.Actor{agent} // which is what it may, and who may without
		}
		require.Equal(t, want, e)
	}
	d.Offer = "offer-1"
	for _, by := range []helpdesk.Actor{customer, system, thirdParty, agent} {
		got, events, err := ticket.New(ticket.Standard(), at(by), d)
		refused(t, err)
		require.True(t, got.IsZero())
		require.Empty(t, events)
	}
	_, _, err = ticket.New(nil, at(ai), d)
	require.Equal(t, ticket.Reason("no_lifecycle"), refused(t, err).Reason)
}

// T2 and the rest: every fault of a draft at once.
func TestCreateRejectsT1T2(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*helpdesk.Command, *ticket.Params)
		want []string
	}{
		{"accepts", func(*helpdesk.Command, *ticket.Params) {}, nil},
		{"no event ID", func(s *helpdesk.Command, _ *ticket.Params) { s.ID = "" }, []string{"id"}},
		{"event ID of 128 bytes", func(s *helpdesk.Command, _ *ticket.Params) { s.ID = strings.Repeat("x", 128) }, nil},
		{"event ID of 129 bytes", func(s *helpdesk.Command, _ *ticket.Params) { s.ID = strings.Repeat("x", 129) }, []string{"id"}},
		{"event ID with #", func(s *helpdesk.Command, _ *ticket.Params) { s.ID = "a#1" }, []string{"id"}},
		{"event ID with a space", func(s *helpdesk.Command, _ *ticket.Params) { s.ID = "a 1" }, []string{"id"}},
		{"event ID with !", func(s *helpdesk.Command, _ *ticket.Params) { s.ID = "a!~" }, nil},
		{"event ID with delete", func(s *helpdesk.Command, _ *ticket.Params) { s.ID = "a\x7f" }, []string{"id"}},
		{"event ID not ASCII", func(s *helpdesk.Command, _ *ticket.Params) { s.ID = "ä" }, []string{"id"}},
		{"no instant", func(s *helpdesk.Command, _ *ticket.Params) { s.At = time.Time{} }, []string{"at"}},
		{"the first instant", func(s *helpdesk.Command, _ *ticket.Params) { s.At = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC) }, nil},
		{"before it", func(s *helpdesk.Command, _ *ticket.Params) {
			s.At = time.Date(1899, 12, 31, 23, 59, 59, 999999999, time.UTC)
		}, []string{"at"}},
		{"the last instant", func(s *helpdesk.Command, _ *ticket.Params) {
			s.At = time.Date(2200, 12, 31, 23, 59, 59, 999999999, time.UTC)
		}, nil},
		{"after it", func(s *helpdesk.Command, _ *ticket.Params) { s.At = time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC) }, []string{"at"}},
		{"who with a line end", func(s *helpdesk.Command, _ *ticket.Params) { s.Who = "a\nb" }, []string{"who"}},
		{"who with delete", func(s *helpdesk.Command, _ *ticket.Params) { s.Who = "a\x7f" }, []string{"who"}},
		{"who with a C1 control", func(s *helpdesk.Command, _ *ticket.Params) { s.Who = "a\u009f" }, []string{"who"}},
		{"who with a no-break space", func(s *helpdesk.Command, _ *ticket.Params) { s.Who = "a\u00a0b ~" }, nil},
		{"who invalid", func(s *helpdesk.Command, _ *ticket.Params) { s.Who = "\xff" }, []string{"who"}},
		{"who of 128 bytes", func(s *helpdesk.Command, _ *ticket.Params) { s.Who = strings.Repeat("ä", 64) }, nil},
		{"who of 129 bytes", func(s *helpdesk.Command, _ *ticket.Params) { s.Who = strings.Repeat("x", 129) }, []string{"who"}},
		{"no ID", func(_ *helpdesk.Command, d *ticket.Params) { d.ID = nobody }, []string{"ticket"}},
		{"no reference", func(_ *helpdesk.Command, d *ticket.Params) { d.Reference = "" }, []string{"reference"}},
		{"no requester", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Requester = "" }, []string{"intake.requester"}},
		{"account with NUL", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Account = "\x00" }, []string{"intake.account"}},
		{"R25: no account", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Account = "" }, nil},
		{"R25: no kind", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Kind = "" }, nil},
		{"R26: an unknown kind", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Kind = "wish" }, []string{"intake.kind"}},
		{"T2: no title", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Title = " \n\x00" }, []string{"intake.title"}},
		{"T1: 120 runes", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Title = strings.Repeat("ä", 120) }, nil},
		{"T1: 120 runes when clean", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Title = " " + strings.Repeat("x", 120) + "\n" }, nil},
		{"T1: 121 runes", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Title = strings.Repeat("ä", 121) }, []string{"intake.title"}},
		{"T1: 1 MB", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Title = strings.Repeat("x", 1<<20) }, []string{"intake.title"}},
		{"R25: no description", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Description = "" }, nil},
		{"a long description", func(_ *helpdesk.Command, d *ticket.Params) {
			d.Intake.Description = strings.Repeat("ä", (1 << 21))
		}, nil},
		{"too long a description", func(_ *helpdesk.Command, d *ticket.Params) {
			d.Intake.Description = strings.Repeat("x", (1<<21)+1)
		}, []string{"intake.description"}},
		{"a long answer", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Steps = strings.Repeat("x", 20_000) }, nil},
		{"too long an answer", func(_ *helpdesk.Command, d *ticket.Params) { d.Intake.Steps = strings.Repeat("x", 20_000+1) }, []string{"intake.steps"}},
		{"answers that are none", func(_ *helpdesk.Command, d *ticket.Params) {
			d.Intake.Answers = severity.Answers{Affected: 9, Ability: 9, Workaround: 9, Persistence: 9}
		}, []string{"intake.answers.affected", "intake.answers.ability", "intake.answers.workaround", "intake.answers.persistence"}},
		{"answers that are some", func(_ *helpdesk.Command, d *ticket.Params) {
			d.Intake.Answers = severity.Answers{Affected: 1, Ability: 2, Workaround: 3, Persistence: 1}
		}, nil},
		{"a long summary", func(_ *helpdesk.Command, d *ticket.Params) { d.Summary = strings.Repeat("x", ticket.MaxSummary) }, nil},
		{"too long a summary", func(_ *helpdesk.Command, d *ticket.Params) { d.Summary = strings.Repeat("x", ticket.MaxSummary+1) }, []string{"summary"}},
		{"no conversation", func(_ *helpdesk.Command, d *ticket.Params) { d.Conversation = "" }, nil},
		{"a bad conversation", func(_ *helpdesk.Command, d *ticket.Params) { d.Conversation = "a b" }, []string{"conversation"}},
		{"no channel", func(_ *helpdesk.Command, d *ticket.Params) { d.Channel = "" }, []string{"channel"}},
		{"a product's channel", func(_ *helpdesk.Command, d *ticket.Params) { d.Channel = "whatsapp" }, nil},
		{"a bad offer", func(_ *helpdesk.Command, d *ticket.Params) { d.Offer = "a b" }, []string{"offer"}},
		{"contact too early", func(_ *helpdesk.Command, d *ticket.Params) { d.ContactAt = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC) }, []string{"contact_at"}},
		{"no level", func(_ *helpdesk.Command, d *ticket.Params) { d.Severity = 0 }, nil},
		{"a bad level", func(_ *helpdesk.Command, d *ticket.Params) { d.Severity = 9 }, []string{"severity"}},
		{"following itself", func(_ *helpdesk.Command, d *ticket.Params) { d.FollowUpOf = d.ID }, []string{"follow_up_of"}},
		{"everything", func(s *helpdesk.Command, d *ticket.Params) {
			*s = helpdesk.Command{Author: helpdesk.Author{By: ai}}
			*d = ticket.Params{Offer: "a b", Severity: 9}
		}, []string{"id", "at", "ticket", "reference", "intake.requester", "intake.title", "channel", "offer", "severity"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, d := at(ai), draft()
			tt.edit(&s, &d)
			tk, events, err := ticket.New(ticket.Standard(), s, d)
			require.Equal(t, tt.want, rejected(t, err))
			require.Equal(t, err != nil, tk.IsZero())
			require.Equal(t, err != nil, len(events) == 0)
			if err == nil {
				for _, ev := range tk.SLALog() {
					require.NoError(t, ev.Validate())
				}
			}
		})
	}
}

// T3, T4: texts are cleaned, not only checked.
func TestCreateCleansT3T4(t *testing.T) {
	t.Parallel()
	d := draft()
	d.Intake.Title = "a\x00b\u202Ec\n"
	d.Intake.Description = "one\r\ntwo\x00\xff"
	d.Summary = "s\x1b"
	tk, _, err := ticket.New(ticket.Standard(), at(ai), d)
	require.NoError(t, err)
	require.Equal(t, "a bc", tk.Intake().Title)
	require.Equal(t, "one\ntwo\uFFFD", tk.Intake().Description)
	require.Equal(t, "s", tk.Summary())
}

// The level is claimed, or that of the answers.
func TestCreateLevel(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*ticket.Params)
		want severity.Level
	}{
		{"claimed", func(d *ticket.Params) { d.Severity = severity.Urgent }, severity.Urgent},
		{"R14: an enquiry is low", func(d *ticket.Params) { d.Intake.Kind = ticket.IntakeEnquiry }, severity.Low},
		{"an empty form", func(*ticket.Params) {}, severity.Medium},
		{"R11: answers", func(d *ticket.Params) {
			d.Intake.Answers = severity.Answers{Affected: severity.AffectedAll, Ability: severity.AbilityDown, Workaround: severity.WorkaroundNone}
		}, severity.Urgent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := draft()
			d.Severity = 0
			tt.edit(&d)
			tk, events, err := ticket.New(ticket.Standard(), at(ai), d)
			require.NoError(t, err)
			require.Equal(t, tt.want, tk.Severity())
			require.Equal(t, tt.want, tk.Snapshot().Claim.Level())
			require.Equal(t, tt.want, events[0].Severity)
			require.Equal(t, tt.want, tk.SLALog()[0].Severity)
		})
	}
}

// A contact after the creation, by a clock that is ahead, is none.
func TestContactAt(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]bool{-time.Hour: true, 0: true, 1: false} {
		d := draft()
		d.ContactAt = opened.Add(wait).In(time.FixedZone("east", 3600))
		tk, _, err := ticket.New(ticket.Standard(), at(ai), d)
		require.NoError(t, err)
		require.Equal(t, want, !tk.SLALog()[0].ContactAt.IsZero(), "%v", wait)
		if want {
			require.Equal(t, opened.Add(wait), tk.SLALog()[0].ContactAt, "in UTC")
		}
	}
}

func TestNewID(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(0x0123456789AB).UTC()
	id := ticket.NewID(at, [10]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	require.Equal(t, "01234567-89ab-7fff-bfff-ffffffffffff", id.String())
	require.EqualValues(t, 7, uuid.UUID(id).Version())
	require.Equal(t, "01234567-89ab-7000-8000-000000000000", ticket.NewID(at, [10]byte{}).String())
	require.NotEqual(t, ticket.NewID(at, [10]byte{9: 1}), ticket.NewID(at, [10]byte{}))
}

func TestZeroTicket(t *testing.T) {
	t.Parallel()
	var tk ticket.Ticket
	require.True(t, tk.IsZero())
	require.False(t, tk.IsKnown())
	require.False(t, tk.IsOpen())
	require.Equal(t, nobody, tk.ID())
	require.Equal(t, ticket.StatusNone, tk.Status())
	require.Empty(t, tk.Category())
	require.Empty(t, tk.SLALog())
	require.Empty(t, tk.Allowed(agent))
	require.Equal(t, ticket.Reason("no_lifecycle"), tk.Why(ticket.EventPickUp, agent).Reason)
	require.Equal(t, ticket.Intake{}, tk.Intake())
	_, _, err := tk.PickUp(at(agent))
	require.Equal(t, ticket.Reason("no_lifecycle"), refused(t, err).Reason)
	text, err := json.Marshal(tk)
	require.NoError(t, err)
	require.Equal(t, "null", string(text))
	tk = open(t, ticket.Standard()).Ticket
	require.NoError(t, json.Unmarshal(text, &tk))
	require.True(t, tk.IsZero())
}
