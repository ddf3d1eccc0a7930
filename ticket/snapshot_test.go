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
	"github.com/stretchr/testify/require"
)

// full returns a ticket that has something of everything.
func full(tb testing.TB) ticket.Ticket {
	tb.Helper()
	f := draft()
	f.ContactAt = opened.Add(-time.Hour)
	f.FollowUpOf = ticket.NewID(opened, [10]byte{7})
	d := &desk{TB: tb, now: opened.Add(-time.Minute)}
	d.Ticket, _, d.err = ticket.New(ticket.Standard(), d.stamp(ai), f)
	require.NoError(tb, d.err)
	d.must(
		ticket.EventReply, ticket.EventResolve, ticket.EventReopen, ticket.EventClaimSeverity, ticket.EventConfirmSeverity,
		ticket.EventPlaceLegalHold, ticket.EventPauseClocks, ticket.EventMergeFrom, ticket.EventResolve, ticket.EventAddFollowUp, ticket.EventMergeInto,
	)
	return d.Ticket
}

func TestSnapshotRoundTrip(t *testing.T) {
	t.Parallel()
	tk := full(t)
	s := tk.Snapshot()
	back, err := ticket.FromSnapshot(nil, s)
	require.NoError(t, err)
	require.Equal(t, s, back.Snapshot())
	require.Same(t, ticket.Standard(), back.Lifecycle())
	s.Log.Events[0].ID, s.Holds[0].ID = "x", "x"
	require.NotEqual(t, s, back.Snapshot(), "what goes in is copied")

	text, err := json.Marshal(tk)
	require.NoError(t, err)
	var decoded ticket.Ticket
	require.NoError(t, json.Unmarshal(text, &decoded))
	require.Equal(t, tk.Snapshot(), decoded.Snapshot())
	again, err := json.Marshal(decoded)
	require.NoError(t, err)
	require.Equal(t, string(text), string(again))
	direct, err := json.Marshal(tk.Snapshot())
	require.NoError(t, err)
	require.Equal(t, string(text), string(direct))

	// What comes back goes on in the same way.
	d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventAskCustomer, ticket.EventAddCustomerMessage)
	text, err = json.Marshal(d.Ticket)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &decoded))
	for k := range ticket.EventKinds() {
		one, two := *d, *d
		two.Ticket = decoded
		errOne, errTwo := one.do(k, typical(k)), two.do(k, typical(k))
		require.Equal(t, errOne, errTwo, "%s", k)
		require.Equal(t, one.events, two.events)
		require.Equal(t, one.Snapshot(), two.Snapshot())
	}
	require.NoError(t, decoded.UnmarshalJSON([]byte("null")))
	require.True(t, decoded.IsZero())
}

// Instants are stored in UTC, whatever the snapshot had.
func TestSnapshotUTC(t *testing.T) {
	t.Parallel()
	s := full(t).Snapshot()
	want := s
	east := time.FixedZone("east", 3600)
	s.CreatedAt, s.UpdatedAt, s.ContactAt, s.LastClosedAt = s.CreatedAt.In(east), s.UpdatedAt.In(east), s.ContactAt.In(east), s.LastClosedAt.In(east)
	tk, err := ticket.FromSnapshot(ticket.Standard(), s)
	require.NoError(t, err)
	require.Equal(t, want, tk.Snapshot())
}

func TestBind(t *testing.T) {
	t.Parallel()
	l := vendor(t)
	d := open(t, l)
	text, err := json.Marshal(d.Ticket)
	require.NoError(t, err)
	var tk ticket.Ticket
	require.NoError(t, json.Unmarshal(text, &tk))
	require.Nil(t, tk.Lifecycle())
	require.Equal(t, "vendor", tk.Snapshot().Lifecycle)
	require.False(t, tk.IsKnown())
	require.False(t, tk.IsOpen())
	_, _, err = tk.PickUp(d.stamp(agent))
	require.Equal(t, ticket.Reason("no_lifecycle"), refused(t, err).Reason, "read-only")
	_, err = tk.Bind(ticket.Standard())
	require.Equal(t, []string{"lifecycle"}, rejected(t, err))
	_, err = tk.Bind(nil)
	require.Equal(t, []string{"lifecycle"}, rejected(t, err))
	tk, err = tk.Bind(l)
	require.NoError(t, err)
	require.Equal(t, d.Snapshot(), tk.Snapshot())
	_, _, err = tk.PickUp(d.stamp(agent))
	require.NoError(t, err)

	// A ticket that another system resolved, without saying how, can be reopened.
	v := open(t, l).must(ticket.EventReply, ticket.EventResolve)
	snap := v.Snapshot()
	snap.Resolutions, snap.Episode = nil, 0
	v.Ticket, err = ticket.FromSnapshot(l, snap)
	require.NoError(t, err)
	v.must(ticket.EventReopen)

	closedTicket := open(t, ticket.StandardClosed())
	text, err = json.Marshal(closedTicket.Ticket)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &tk))
	require.Same(t, ticket.StandardClosed(), tk.Lifecycle())
}

func TestSnapshotFaults(t *testing.T) {
	t.Parallel()
	type snap = ticket.Snapshot
	long := time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		edit func(*snap)
		want []string
	}{
		{"sound", func(*snap) {}, nil},
		{"no ID", func(s *snap) { s.ID = nobody }, []string{"id"}},
		{"no reference", func(s *snap) { s.Reference = "x" }, []string{"reference"}},
		{"no lifecycle", func(s *snap) { s.Lifecycle = "" }, []string{"lifecycle"}},
		{"another lifecycle", func(s *snap) { s.Lifecycle = "other" }, []string{"lifecycle"}},
		{"no status", func(s *snap) { s.Status = "" }, []string{"status"}},
		{"an unknown status", func(s *snap) { s.Status = "on_hold" }, nil},
		{"created long ago", func(s *snap) { s.CreatedAt = long }, []string{"created_at"}},
		{"updated before created", func(s *snap) { s.UpdatedAt = s.CreatedAt.Add(-1) }, []string{"updated_at"}},
		{"updated when created", func(s *snap) { s.UpdatedAt = s.CreatedAt }, nil},
		{"no channel", func(s *snap) { s.Channel = "" }, []string{"channel"}},
		{"no creator", func(s *snap) { s.By = "" }, []string{"by"}},
		{"no requester", func(s *snap) { s.Intake.Requester = "" }, []string{"intake.requester"}},
		{"no level", func(s *snap) { s.Severity = 0 }, []string{"severity"}},
		{"no claim", func(s *snap) { s.Claim = severity.Claim{} }, []string{"claim"}},
		{"too few episodes", func(s *snap) { s.Episode = 2 }, []string{"episode"}},
		{"negative episodes", func(s *snap) { s.Episode, s.Resolutions = -1, nil }, []string{"episode"}},
		{"more episodes", func(s *snap) { s.Episode = 4 }, nil},
		{"R50: no action", func(s *snap) { s.Resolutions[1].Action = "" }, []string{"resolutions[1].action"}},
		{"an action apart", func(s *snap) { s.Resolutions[1].Action, s.Apart = "", true }, nil},
		{"done and not closed", func(s *snap) { s.LastClosedAt = time.Time{} }, []string{"last_closed_at"}},
		{"closed and not done", func(s *snap) { s.Status = progress }, []string{"last_closed_at"}},
		{"open", func(s *snap) { s.Status, s.LastClosedAt = progress, time.Time{} }, nil},
		{"no log", func(s *snap) { s.Log.Events = nil }, []string{"log"}},
		{"a log without opening", func(s *snap) { s.Log.Events = s.Log.Events[1:] }, []string{"log"}},
		{"a bad event", func(s *snap) { s.Log.Events[2].At = long }, []string{"log.events[2]"}},
		{"an event twice", func(s *snap) { s.Log.Events[2].ID = s.Log.Events[1].ID }, []string{"log.events[2]"}},
		{"purged needs nothing", func(s *snap) {
			*s = snap{ID: s.ID, Reference: s.Reference, Lifecycle: s.Lifecycle, Status: ticket.StatusPurged, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt}
		}, nil},
		{"everything", func(s *snap) { *s = snap{} }, []string{
			"id", "reference", "lifecycle", "status", "created_at", "updated_at", "channel", "by", "intake.requester", "severity", "claim", "log",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := full(t).Snapshot()
			s.Resolutions, s.Episode = s.Resolutions[:2], 2
			s.Resolutions = append(s.Resolutions, s.Resolutions[1])
			s.Episode = 3
			tt.edit(&s)
			tk, err := ticket.FromSnapshot(ticket.Standard(), s)
			require.Equal(t, tt.want, rejected(t, err))
			require.Equal(t, err != nil, tk.IsZero())
		})
	}
}

// T44: who opened a ticket in a newer version stays as it was.
func TestTicketOfNewerActor(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(full(t))
	require.NoError(t, err)
	later := strings.Replace(string(text), `"by":"ai"`, `"by":"robot"`, 1)
	var tk ticket.Ticket
	require.NoError(t, json.Unmarshal([]byte(later), &tk))
	text, err = json.Marshal(tk)
	require.NoError(t, err)
	require.JSONEq(t, later, string(text))
}

func TestTicketJSONRejects(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(full(t))
	require.NoError(t, err)
	d := open(t, ticket.Standard())
	want := d.Snapshot()
	for _, bad := range []string{
		`{}`, `[]`, `{`, `{"new_field":1,` + string(text[1:]), strings.Replace(string(text), `"by":"ai"`, `"by":"A robot"`, 1),
		strings.Replace(string(text), `"claim":{`, `"claim":{"new_field":1,`, 1), strings.Replace(string(text), `"notices":[{`, `"notices":[{"new_field":1,`, 1),
		strings.Replace(string(text), `"kind":"opened"`, `"kind":"dance"`, 1),
	} {
		require.ErrorIs(t, d.UnmarshalJSON([]byte(bad)), helpdesk.ErrInvalid, "%.80s", bad)
		require.Equal(t, want, d.Snapshot(), "left alone")
	}
}

// T45: nothing that people wrote is in an error.
func TestNoPersonalDataInErrorsT45(t *testing.T) {
	t.Parallel()
	const secret = "Ann Other <ann@example.org>"
	long := secret + strings.Repeat(secret, (1<<21)/20)
	d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventPlaceLegalHold)
	s := d.stamp(agent)
	bad := helpdesk.Command{ID: secret, At: s.At, Author: helpdesk.Author{By: agent, Who: secret + "\n"}}
	in := ticket.Intake{
		Requester: secret, Account: secret, Kind: secret, Title: long, Description: long, FirstSeen: long, Steps: long,
		Expected: long, Actual: long, Page: long, Versions: long, Evidence: long,
	}
	var errs []error
	add := func(err error) {
		require.Error(t, err)
		errs = append(errs, err)
	}
	m := ticket.Message{ID: secret, Channel: secret}
	_, _, err := ticket.New(ticket.Standard(), bad, ticket.Params{
		Intake: in, Reference: secret, Summary: long, Conversation: secret, Channel: secret,
	})
	add(err)
	_, _, err = ticket.New(ticket.Standard(), helpdesk.Command{ID: secret, At: s.At, Author: helpdesk.Author{By: ai}}, ticket.Params{Intake: in, Offer: secret})
	add(err)
	_, _, err = d.UpdateIntake(bad, in)
	add(err)
	for _, f := range []func(helpdesk.Command, ticket.Message) (ticket.Ticket, []ticket.Event, error){
		d.Reply, d.AskCustomer, d.AddCustomerMessage, d.RecordAutoReply,
	} {
		for by := range helpdesk.Actors() {
			bad := bad
			bad.By = by
			_, _, err = f(bad, m)
			add(err)
		}
	}
	_, _, err = d.MarkBounced(helpdesk.Command{ID: secret, At: s.At, Author: helpdesk.Author{By: system}}, secret)
	add(err)
	_, _, err = d.Assign(bad, secret+"\n")
	add(err)
	_, _, err = d.AddNote(bad, secret)
	add(err)
	_, _, err = d.Resolve(bad, ticket.ResolveParams{Action: long, Details: long, Reason: secret})
	add(err)
	_, _, err = d.PlaceLegalHold(bad, ticket.LegalHoldParams{ID: secret, Reason: long, Privileged: true})
	add(err)
	_, _, err = d.ReleaseLegalHold(bad, ticket.LegalHoldParams{ID: secret, Privileged: true})
	add(err)
	_, _, err = d.ClaimSeverity(bad, 9, secret)
	add(err)
	_, _, err = d.CorrectSeverity(bad, ticket.CorrectSeverityParams{Level: 9, Reason: long})
	add(err)
	_, _, err = d.PauseClocks(bad, long)
	add(err)
	snap := d.Snapshot()
	snap.Reference, snap.Lifecycle, snap.Status, snap.Channel, snap.By = secret, secret, secret, secret, secret
	snap.Log.Events[0].ID = secret
	snap.Log.Events[1] = sla.Event{ID: secret}
	_, err = ticket.FromSnapshot(ticket.Standard(), snap)
	add(err)
	_, err = d.Bind(&ticket.Lifecycle{})
	add(err)
	for _, err := range errs {
		for _, word := range []string{"Ann", "Other", "example"} {
			require.NotContains(t, err.Error(), word)
		}
	}
}

// FuzzTicketJSON: what decodes encodes to what decodes to the same.
func FuzzTicketJSON(f *testing.F) {
	for _, tk := range []ticket.Ticket{full(f), open(f, ticket.StandardClosed()).Ticket, open(f, vendor(f)).Ticket} {
		text, err := json.Marshal(tk)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var tk ticket.Ticket
		if tk.UnmarshalJSON(text) != nil {
			return
		}
		once, err := json.Marshal(tk)
		if err != nil {
			t.Fatal(err)
		}
		var back ticket.Ticket
		if err := json.Unmarshal(once, &back); err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		twice, err := json.Marshal(back)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s\n%s\n%v", once, twice, err)
		}
		s := helpdesk.Command{ID: "e", At: opened, Author: helpdesk.Author{By: agent, Who: "a"}}
		for _, next := range []ticket.Ticket{first(back.Reply(s, ticket.Message{ID: "m"})), first(back.Resolve(s, ticket.ResolveParams{Action: "x"}))} {
			if next.ID() != back.ID() || !next.IsZero() && next.Reference() != back.Reference() {
				t.Fatal("another ticket")
			}
		}
	})
}

func first(tk ticket.Ticket, _ []ticket.Event, _ error) ticket.Ticket { return tk }

// FuzzLifecycleConfig: what is sound stays so, and compiles to what it says.
func FuzzLifecycleConfig(f *testing.F) {
	for _, c := range []ticket.Config{ticket.StandardConfig(), ticket.StandardClosedConfig(), vendorConfig()} {
		text, err := json.Marshal(c)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var c ticket.Config
		if c.UnmarshalJSON(text) != nil {
			return
		}
		l, err := ticket.NewLifecycle(c)
		if err != nil {
			return
		}
		for _, r := range l.Config().Rows {
			for _, a := range r.By {
				if l.Decide(r.Status, r.Event, r.Guard, a).Next != r.Next {
					t.Fatalf("%+v", r)
				}
			}
		}
		if l.Mermaid() == "" || l.Markdown() == "" || l.Legend() == "" {
			t.Fatal("no picture")
		}
	})
}

// What a host keeps apart is asked by no command, and what is given since is in the ticket.
func TestTextsApart(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard())
	d.must(ticket.EventPickUp)
	d.must(ticket.EventResolve)
	s := d.Snapshot()
	s.Apart = true
	s.Intake.Description, s.Intake.Steps, s.Resolutions[0].Action, s.Resolutions[0].Details = "", "", "", ""
	tk, err := ticket.FromSnapshot(nil, s)
	require.NoError(t, err)
	require.True(t, tk.Snapshot().Apart)
	tk, _, err = tk.Reopen(d.stamp(agent), "again")
	require.NoError(t, err)
	tk, _, err = tk.UpdateIntake(d.stamp(agent), ticket.Intake{Description: "new"})
	require.NoError(t, err)
	tk, _, err = tk.Resolve(d.stamp(agent), ticket.ResolveParams{Action: "done"})
	require.NoError(t, err)
	s = tk.Snapshot()
	require.Equal(t, []any{true, "new", "", "again", "done"}, []any{s.Apart, s.Intake.Description, s.Resolutions[0].Action, s.Resolutions[0].ReopenReason, s.Resolutions[1].Action})
}
