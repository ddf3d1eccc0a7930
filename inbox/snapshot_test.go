package inbox_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// busy is a conversation with something in every field.
func busy(tb tester) *play {
	tb.Helper()
	p := start(tb, helpdesk.ChannelEmail, automatic)
	p.answers()
	p.confirms(p.offers())
	p.conv(p.c().AddTag(p.agent(), "fire"))
	p.conv(p.c().Follow(p.agent(), "agent-2"))
	p.conv(p.c().SetSentiment(p.agent(), inbox.SentimentMixed))
	p.replies()
	p.do(p.k.MarkBounced(p.system(), "m3"))
	p.conv(p.c().AddNote(p.agent(), p.msg()))
	p.says()
	p.conv(p.c().MarkRead(p.agent(), 2))
	return p
}

func TestSnapshotRoundTrip(t *testing.T) {
	t.Parallel()
	for state, fixture := range fixtures {
		if state == inbox.StatusNone {
			continue
		}
		p := fixture(t)
		data, err := json.Marshal(p.c())
		require.NoError(t, err)
		var back inbox.Conversation
		require.NoError(t, json.Unmarshal(data, &back), state)
		require.Equal(t, p.c().Snapshot(), back.Snapshot(), state) // not a field is lost
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.JSONEq(t, string(data), string(again))
	}
	p := busy(t)
	back, err := inbox.FromSnapshot(p.c().Snapshot())
	require.NoError(t, err)
	require.Equal(t, p.c().Snapshot(), back.Snapshot())
	require.Nil(t, back.Policy())

	_, err = json.Marshal(inbox.Conversation{})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// What a snapshot shares with nobody.
func TestSnapshotIsACopy(t *testing.T) {
	t.Parallel()
	p := busy(t)
	want := p.c().Snapshot()
	s := p.c().Snapshot()
	back, err := inbox.FromSnapshot(s)
	require.NoError(t, err)
	s.Tags[0], s.Messages[0].Reply.Body, s.Offers[0].Status, s.Tickets[0].Offer = "x", "x", "x", "x"
	s.Escalations[0].ID, s.Notifications[0].ID, s.Followers[0], s.Marks[0].Seq = "x", "x", "x", 0
	require.Equal(t, want, p.c().Snapshot())
	require.Equal(t, want, back.Snapshot())
}

// T44: what a newer version wrote is kept and read-only, never coerced.
func TestSnapshotUnknown(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	data, err := json.Marshal(p.c())
	require.NoError(t, err)
	text := strings.Replace(string(data), `"state":"ai"`, `"state":"quantum","shoe_size":42`, 1)
	text = strings.Replace(text, `"kind":"question"`, `"kind":"poem"`, 1)
	var c inbox.Conversation
	require.NoError(t, json.Unmarshal([]byte(text), &c))
	require.Equal(t, inbox.Status("quantum"), c.Status())
	require.Equal(t, inbox.Kind("poem"), c.Kind())
	require.False(t, c.Status().IsKnown())
	require.Empty(t, c.List())
	_, _, err = c.TakeOver(p.agent())
	var e *inbox.NotAllowedError
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Reason("unknown_status"), e.Reason)
	again, err := json.Marshal(c)
	require.NoError(t, err)
	require.Contains(t, string(again), `"quantum"`)
	require.Contains(t, string(again), `"poem"`)
}

// What no conversation can be is refused, all at once, and without repeating what
// people wrote (T45).
func TestSnapshotFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit func(*inbox.Snapshot)
		want []string
	}{
		"nothing":     {func(*inbox.Snapshot) {}, nil},
		"id":          {func(s *inbox.Snapshot) { s.ID = inbox.ID{} }, []string{"id"}},
		"state":       {func(s *inbox.Snapshot) { s.Status = "No State" }, []string{"state"}},
		"started":     {func(s *inbox.Snapshot) { s.StartedAt = time.Time{} }, []string{"started_at"}},
		"updated":     {func(s *inbox.Snapshot) { s.UpdatedAt = time.Time{} }, []string{"updated_at", "updated_at"}},
		"back":        {func(s *inbox.Snapshot) { s.UpdatedAt = s.StartedAt.Add(-1) }, []string{"updated_at"}},
		"at once":     {func(s *inbox.Snapshot) { s.UpdatedAt = s.StartedAt }, nil},
		"epoch":       {func(s *inbox.Snapshot) { s.Epoch = 0 }, []string{"epoch"}},
		"kind":        {func(s *inbox.Snapshot) { s.Kind = "" }, []string{"kind"}},
		"channel":     {func(s *inbox.Snapshot) { s.Channel = "E-mail" }, []string{"channel"}},
		"empty":       {func(s *inbox.Snapshot) { s.Messages[0].Reply = nil }, []string{"messages[0]"}},
		"both":        {func(s *inbox.Snapshot) { s.Messages[0].Note = &inbox.Note{Seq: 1} }, []string{"messages[0]"}},
		"order":       {func(s *inbox.Snapshot) { s.Messages[0].Reply.Seq = 2 }, []string{"messages[1].seq"}},
		"no number":   {func(s *inbox.Snapshot) { s.Messages[0].Reply.Seq = 0 }, []string{"messages[0].seq"}},
		"too many":    {func(s *inbox.Snapshot) { s.Messages[4].Reply.Seq = 6 }, []string{"messages[4].seq"}},
		"some":        {func(s *inbox.Snapshot) { s.Messages = s.Messages[2:4] }, nil},
		"none":        {func(s *inbox.Snapshot) { s.Messages = nil }, nil},
		"counts":      {func(s *inbox.Snapshot) { s.Counts.Public++ }, []string{"counts"}},
		"last public": {func(s *inbox.Snapshot) { s.LastPublic.Seq = 6 }, []string{"last_public.seq"}},
		"note order":  {func(s *inbox.Snapshot) { s.Messages[3].Note.Seq = 5 }, []string{"messages[4].seq"}},
		"author":      {func(s *inbox.Snapshot) { s.Messages[0].Reply.By = "" }, []string{"messages[0].by"}},
		"note author": {func(s *inbox.Snapshot) { s.Messages[3].Note.By = "" }, []string{"messages[3].by"}},
		"via":         {func(s *inbox.Snapshot) { s.Messages[0].Reply.Via = "" }, []string{"messages[0].via"}},
		"last":        {func(s *inbox.Snapshot) { s.LastCustomer = 6 }, []string{"last_customer"}},
		"the last":    {func(s *inbox.Snapshot) { s.LastCustomer = 5 }, nil},
		"answered":    {func(s *inbox.Snapshot) { s.Answered = 2 }, []string{"answered"}},
		"mark":        {func(s *inbox.Snapshot) { s.Marks[0].Seq = 6 }, []string{"marks[0].seq"}},
		"marks":       {func(s *inbox.Snapshot) { s.Marks = append(s.Marks, inbox.ReadMark{Agent: "a"}) }, []string{"marks"}},
		"tags":        {func(s *inbox.Snapshot) { s.Tags = []string{"b", "a"} }, []string{"tags"}},
		"tag twice":   {func(s *inbox.Snapshot) { s.Tags = []string{"a", "a"} }, []string{"tags"}},
		"watchers":    {func(s *inbox.Snapshot) { s.Followers = []string{"b", "a"} }, []string{"watchers"}},
		"ticket":      {func(s *inbox.Snapshot) { s.HadTicket = false }, []string{"had_ticket"}},
		"no ticket":   {func(s *inbox.Snapshot) { s.Offers[0].Ticket = ticket.ID{} }, []string{"offers[0].ticket"}},
		"open offer":  {func(s *inbox.Snapshot) { s.Offers[0].Status = inbox.OfferOpen }, []string{"offers[0].status"}},
		"older offer": {func(s *inbox.Snapshot) {
			s.Offers = append([]inbox.Offer{{ID: "o", Status: inbox.OfferOpen}}, s.Offers...)
			s.Status, s.OfferCount, s.OpenOffer.ID = inbox.StatusOffer, 2, "o"
		}, []string{"offers[0].status"}},
		"no head":     {func(s *inbox.Snapshot) { s.OpenOffer.ID = s.Offers[0].ID }, []string{"offers[0].status", "state"}},
		"offer count": {func(s *inbox.Snapshot) { s.OfferCount = 0 }, []string{"offer_count"}},
		"no offers":   {func(s *inbox.Snapshot) { s.Offers = nil }, nil},
		"no offer":    {func(s *inbox.Snapshot) { s.Status = inbox.StatusOffer }, []string{"state"}},
		"archived":    {func(s *inbox.Snapshot) { s.Archived = inbox.ArchiveClosed }, []string{"archived"}},
		"why":         {func(s *inbox.Snapshot) { s.Status = inbox.StatusArchived }, []string{"archived"}},
		"newer":       {func(s *inbox.Snapshot) { s.Status, s.Archived, s.Offers[0].Status = "newer", "lost", inbox.OfferOpen }, nil},
		"purged":      {func(s *inbox.Snapshot) { s.Status, s.Kind, s.Channel = inbox.StatusPurged, "", "" }, nil},
		"all":         {func(s *inbox.Snapshot) { *s = inbox.Snapshot{} }, []string{"id", "state", "started_at", "updated_at", "epoch", "kind", "channel"}},
	}
	for name, tt := range tests {
		s := busy(t).c().Snapshot()
		tt.edit(&s)
		c, err := inbox.FromSnapshot(s)
		if tt.want == nil {
			require.NoError(t, err, name)
			continue
		}
		require.True(t, c.IsZero(), name)
		var got []string
		for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
			f, ok := errors.AsType[*helpdesk.FieldError](e)
			require.True(t, ok)
			got = append(got, f.Path)
		}
		require.Equal(t, tt.want, got, name)
	}
	var c inbox.Conversation
	for _, bad := range []string{`{`, `[]`, `{"messages":"My secret"}`, `{}`, `{"contact":{"name":7}}`} {
		err := json.Unmarshal([]byte(bad), &c)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "secret")
		require.True(t, c.IsZero())
	}
	require.ErrorIs(t, c.UnmarshalJSON([]byte(`[]`)), helpdesk.ErrInvalid)
}

// Whatever decodes encodes to what decodes to the same.
func FuzzConversationJSON(f *testing.F) {
	for state, fixture := range fixtures {
		if state == inbox.StatusNone {
			continue
		}
		data, err := json.Marshal(fixture(f).c())
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c inbox.Conversation
		if json.Unmarshal(data, &c) != nil {
			if !c.IsZero() {
				t.Fatal("changed in spite of an error")
			}
			return
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back inbox.Conversation
		if err := json.Unmarshal(again, &back); err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		third, err := json.Marshal(back)
		if err != nil || string(third) != string(again) {
			t.Fatalf("%s\n%s\n%v", again, third, err)
		}
	})
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	var none *inbox.Policy
	want := inbox.Config{Archived: inbox.ArchivedReopen, OpenTicket: inbox.OpenTicketRefuse, OfferTTL: inbox.Duration(24 * time.Hour), Clock: inbox.WaitBusiness, Rest: inbox.Duration(72 * time.Hour)}
	require.Equal(t, want, none.Config())
	require.Equal(t, want, new(inbox.Policy).Config())
	require.Equal(t, want, policy(t, inbox.Config{}).Config())
	require.False(t, none.Automates(helpdesk.ChannelEmail)) // R65: not a default

	c := inbox.Config{
		AddOn: true, Manual: []helpdesk.Channel{"phone"}, MaxTurns: 3, OfferTTL: inbox.Duration(time.Hour),
		Archived: inbox.ArchivedEscalate, OpenTicket: inbox.OpenTicketAllow, StaffMayNotCreate: true, SeveralTickets: true, OneTicket: true,
		NoAction: inbox.Duration(time.Second), NotClosed: inbox.Duration(366 * 24 * time.Hour), QueueWait: inbox.Duration(time.Minute), Clock: inbox.WaitCalendar, Rest: inbox.Duration(time.Hour), Idle: inbox.Duration(time.Hour),
	}
	p := policy(t, c)
	require.Equal(t, c, p.Config())
	c.Manual[0] = "email"
	p.Config().Manual[0] = "email"
	require.True(t, p.Automates("email"))
	require.False(t, p.Automates("phone"))

	data, err := json.Marshal(p.Config())
	require.NoError(t, err)
	back, err := inbox.ParseConfig(data)
	require.NoError(t, err)
	require.Equal(t, p.Config(), back)
	data, err = json.Marshal(inbox.Config{})
	require.NoError(t, err)
	require.Equal(t, `{}`, string(data))

	_, err = inbox.NewPolicy(inbox.Config{
		Manual: []helpdesk.Channel{"ok", "No"}, MaxTurns: -1, Archived: "burn", OpenTicket: "burn",
		OfferTTL: -1, NoAction: inbox.Duration(time.Second - 1), NotClosed: inbox.Duration(366*24*time.Hour + 1), QueueWait: 1,
	})
	requireFields(t, err, "manual[1]", "max_turns", "archived", "open_ticket", "offer_ttl", "no_action", "not_closed", "queue_wait")
	for _, bad := range []string{``, `{`, `{"add_on":1}`, `{"addon":true}`, `{} {}`, `{"no_action":"soon"}`} {
		_, err := inbox.ParseConfig([]byte(bad))
		require.ErrorIs(t, err, helpdesk.ErrInvalid, bad)
	}
	_, err = inbox.ParseConfig([]byte(`{"addon":true,"manual":[1],"max_turns":"2","no_action":"soon","archived":"reopen","archived":""}`))
	requireFields(t, err, "archived", "manual[0]", "max_turns", "no_action", "addon") // all at once
	every := reflect.ValueOf(p.Config())                                              // so that no field is forgotten
	for i := range every.NumField() {
		require.False(t, every.Field(i).IsZero(), every.Type().Field(i).Name)
	}
	var d inbox.Duration
	require.NoError(t, d.UnmarshalText([]byte("90m")))
	require.Equal(t, "1h30m0s", d.String())
	requireFields(t, d.UnmarshalText([]byte("soon")), "")
	require.Equal(t, "1h30m0s", d.String())
	_, err = inbox.NewPolicy(inbox.Config{Archived: inbox.ArchivedNewConversation, OpenTicket: inbox.OpenTicketResolve})
	require.NoError(t, err)
}

// The word types: closed sets are closed, and a state keeps what it does not know.
func TestWords(t *testing.T) {
	t.Parallel()
	var s inbox.Status
	for _, good := range []string{"ai", "a", "zoned_2", "a0", "a9", strings.Repeat("a", 32)} {
		require.NoError(t, s.UnmarshalText([]byte(good)))
		require.Equal(t, good, s.String())
		text, err := s.MarshalText()
		require.NoError(t, err)
		require.Equal(t, good, string(text))
	}
	for _, bad := range []string{"", "A", "1a", "_a", "a-b", "a/", "a:", "a`", "a{", "é", strings.Repeat("a", 33)} {
		require.ErrorIs(t, s.UnmarshalText([]byte(bad)), helpdesk.ErrInvalid, bad)
		require.ErrorContains(t, s.UnmarshalText([]byte(bad)), "then at most 31 ")
		b, err := inbox.Status(bad).AppendText([]byte("x"))
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.Equal(t, "x", string(b))
	}
	require.Equal(t, strings.Repeat("a", 32), s.String()) // left alone
	require.Equal(t, "active", inbox.ListActive.String())
	require.False(t, inbox.Kind("").IsValid())
	require.False(t, inbox.Failure("").IsValid())
	require.Equal(t, "1h0m0s", inbox.Duration(time.Hour).String())
	require.Zero(t, inbox.Conversation{}.ID())
	require.Zero(t, inbox.Conversation{}.Snapshot().Continues)
}

// T45: no error has what people wrote, or who they are.
func TestErrorsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	p := busy(t)
	secret := "Ada Example ada@example.org"
	s := p.agent()
	s.Who = secret + "\n"
	d := draft("m1", secret+strings.Repeat("x", inbox.MaxBody))
	d.Attachments = []inbox.AttachmentRef{{Ref: "b", Type: secret}}
	o := offerDraft("o1")
	o.Intake.Title, o.Summary, o.Reason = secret+strings.Repeat("x", 500), secret+strings.Repeat("x", 5000), secret+strings.Repeat("x", 5000)
	ai := start(t, helpdesk.ChannelEmail, automatic)
	stamp := ai.ai()
	stamp.Who = s.Who
	for i, try := range []func() error{
		func() error { _, _, err := p.k.Reply(s, d); return err },
		func() error { _, _, err := p.c().AddNote(s, d); return err },
		func() error { _, _, err := p.c().AddTag(s, secret+strings.Repeat("x", 100)); return err },
		func() error { _, _, err := p.c().Follow(s, s.Who); return err },
		func() error { _, _, err := ai.k.MakeOffer(stamp, ai.c().ControlToken(), o); return err },
		func() error { _, _, err := p.c().SetSentiment(s, "x"); return err },
	} {
		err := try()
		require.Error(t, err, i)
		require.NotContains(t, err.Error(), "Ada")
	}
}
