package ticket_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// vendorConfig is a host's lifecycle: with a status of its own for the time in
// which a supplier is asked.
func vendorConfig() ticket.Config {
	const vendor = "with_vendor"
	c := ticket.StandardConfig()
	c.Name = "vendor"
	c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: vendor, Category: ticket.CategoryWaiting})
	c.ReopenWindow = 72 * time.Hour
	h, s := []helpdesk.Actor{agent}, []helpdesk.Actor{customer}
	c.Rows = append(
		c.Rows,
		ticket.Row{Status: progress, Event: "ask_vendor", By: h, Next: vendor, Effects: []ticket.EffectKind{"mail_vendor"}},
		ticket.Row{Status: submitted, Event: "ask_vendor", By: h, Next: vendor, Effects: []ticket.EffectKind{"mail_vendor"}},
		ticket.Row{Status: vendor, Event: "vendor_answers", By: []helpdesk.Actor{thirdParty}, Next: progress},
		ticket.Row{Status: vendor, Event: "vendor_answers", Guard: "useless", By: []helpdesk.Actor{thirdParty}, Next: vendor},
		ticket.Row{Status: vendor, Event: ticket.EventAddCustomerMessage, By: s, Next: progress},
		ticket.Row{Status: submitted, Event: "triage", By: h, Next: submitted},
		ticket.Row{Status: submitted, Event: "start", By: h, Next: progress},
	)
	return c
}

func vendor(tb testing.TB) *ticket.Lifecycle {
	tb.Helper()
	l, err := ticket.NewLifecycle(vendorConfig())
	require.NoError(tb, err)
	return l
}

func TestStandard(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*ticket.Lifecycle{
		"standard": ticket.Standard(), "standard_closed": ticket.StandardClosed(),
	} {
		require.Equal(t, name, l.Name())
		require.Equal(t, submitted, l.Config().Initial, "R45")
		require.Zero(t, l.Config().ReopenWindow, "D7: until purged")
		again, err := ticket.NewLifecycle(l.Config())
		require.NoError(t, err)
		require.Equal(t, l.Config(), again.Config())
		require.Equal(t, l.Config().Rows[0], l.Config().Rows[0])
	}
	require.Same(t, ticket.Standard(), ticket.Standard())
}

func TestCategories(t *testing.T) {
	t.Parallel()
	l := ticket.StandardClosed()
	want := []struct {
		status   ticket.Status
		category ticket.Category
		sla      sla.Status
	}{
		{submitted, ticket.CategoryNew, sla.StatusSubmitted},
		{progress, ticket.CategoryOpen, sla.StatusInProgress},
		{waiting, ticket.CategoryWaiting, sla.StatusWaitingOnCustomer},
		{resolved, ticket.CategoryDone, sla.StatusResolved},
		{closed, ticket.CategoryDone, sla.StatusResolved},
	}
	i := 0
	for s, c := range l.Statuses() {
		require.Equal(t, want[i].status, s)
		require.Equal(t, want[i].category, c)
		require.Equal(t, want[i].category, l.Category(s))
		require.Equal(t, want[i].sla, l.Category(s).SLA())
		require.True(t, l.Has(s))
		i++
	}
	require.Len(t, want, i)
	for s := range l.Statuses() {
		require.Equal(t, submitted, s)
		break
	}
	for range l.Config().Rows {
		break
	}
	for _, s := range []ticket.Status{ticket.StatusNone, ticket.StatusPurged, "on_hold"} {
		require.Empty(t, l.Category(s))
		require.Empty(t, l.Category(s).SLA())
		require.Equal(t, s == ticket.StatusPurged, l.Has(s))
	}
	require.False(t, ticket.Standard().Has(closed))
	require.Empty(t, ticket.Category("").SLA())
}

func TestZeroLifecycleRefuses(t *testing.T) {
	t.Parallel()
	var l ticket.Lifecycle
	require.Equal(t, ticket.Reason("no_lifecycle"), l.Decide(submitted, ticket.EventPickUp, "", agent).Reason)
	require.False(t, l.Has(submitted))
	require.Empty(t, l.Allowed(submitted, agent))
	require.Equal(t, ticket.Reason("no_lifecycle"), l.Why(submitted, ticket.EventPickUp, agent).Reason)
	_, err := ticket.NewLifecycle(ticket.Config{})
	require.ErrorAs(t, err, new(*ticket.LifecycleError))
	require.Equal(t, ticket.Reason(""), ticket.Decision{}.Reason)
	require.False(t, ticket.Decision{}.Allowed())
}

// Copies go out and come in.
func TestBordersAreCloned(t *testing.T) {
	t.Parallel()
	c := ticket.StandardConfig()
	l, err := ticket.NewLifecycle(c)
	require.NoError(t, err)
	want := l.Config()
	c.Rows[0].By[0] = customer
	c.Rows[0].Effects[0] = "other"
	c.Statuses[0].Category = ticket.CategoryDone
	require.Equal(t, want, l.Config())
	require.Equal(t, ticket.StandardConfig(), l.Config(), "and the package's own lists")
	for _, r := range l.Config().Rows {
		r.By[0], r.Next = customer, closed
		if len(r.Effects) > 0 {
			r.Effects[0] = "other"
		}
	}
	got := l.Config()
	got.Rows[1].By[0] = customer
	require.Equal(t, want, l.Config())
}

func TestConfigJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []ticket.Config{ticket.StandardConfig(), ticket.StandardClosedConfig(), vendorConfig()} {
		text, err := json.Marshal(c)
		require.NoError(t, err)
		var back ticket.Config
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, c, back)
	}
	var c ticket.Config
	require.NoError(t, json.Unmarshal([]byte(`{"name":"x","initial":"new","reopen_window":"72h",
		"statuses":[{"status":"new","category":"new"}],
		"rows":[{"event":"create","by":["agent"],"next":"new","effects":["a"]}]}`), &c))
	want := ticket.Config{
		Name: "x", Initial: "new", ReopenWindow: 72 * time.Hour,
		Statuses: []ticket.StatusConfig{{Status: "new", Category: ticket.CategoryNew}},
		Rows:     []ticket.Row{{Event: ticket.EventCreate, By: []helpdesk.Actor{agent}, Next: "new", Effects: []ticket.EffectKind{"a"}}},
	}
	require.Equal(t, want, c)
	text, err := json.Marshal(ticket.Config{})
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"","initial":"","statuses":[],"rows":[]}`, string(text))

	for text, fields := range map[string][]string{
		``:                                {""},
		`{`:                               {""},
		`{} {}`:                           {""},
		`[]`:                              {""},
		`{"nam":"x"}`:                     {"nam"},
		`{"reopen_window":"soon"}`:        {"reopen_window"},
		`{"reopen_window":3}`:             {"reopen_window"},
		`{"statuses":{}}`:                 {"statuses"},
		`{"statuses":[{"status":1}]}`:     {"statuses[0].status"},
		`{"rows":[{},{"by":"agent"}]}`:    {"rows[1].by"},
		`{"name":1,"rows":[{"even":""}]}`: {"name", "rows[0].even"},
		`{"name":"a","name":"b"}`:         {"name"},
	} {
		require.ElementsMatch(t, fields, rejected(t, c.UnmarshalJSON([]byte(text))), "%s", text)
		require.Equal(t, want, c, "left alone")
	}
}

// A row is looked up by its status, event and guard; edit changes those.
func edited(c ticket.Config, s ticket.Status, k ticket.EventKind, g ticket.Guard, edit func(*ticket.Row)) ticket.Config {
	for i := range c.Rows {
		if r := &c.Rows[i]; r.Status == s && r.Event == k && r.Guard == g {
			edit(r)
			return c
		}
	}
	panic(fmt.Sprintf("no row %s %s %s", s, k, g))
}

func without(c ticket.Config, drop func(ticket.Row) bool) ticket.Config {
	c.Rows = slices.DeleteFunc(c.Rows, drop)
	return c
}

// codes returns the faults that err joins.
func codes(tb testing.TB, err error) []ticket.FaultCode {
	tb.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(tb, ok)
	var list []ticket.FaultCode
	for _, e := range joined.Unwrap() {
		require.ErrorAs(tb, e, new(*ticket.LifecycleError))
		f, ok := errors.AsType[*ticket.LifecycleError](e)
		require.True(tb, ok)
		require.NotContains(tb, f.Error(), "%!")
		require.Greater(tb, len(f.Error()), len("ticket: lifecycle: ")+10)
		list = append(list, f.Code)
	}
	return list
}

func TestLifecycleFaults(t *testing.T) {
	t.Parallel()
	type config = ticket.Config
	type row = ticket.Row
	type kinds = []ticket.FaultCode
	h := []helpdesk.Actor{agent}
	tests := []struct {
		name string
		edit func(config) config
		want kinds
	}{
		{"sound", func(c config) config { return c }, nil},
		{"no name", func(c config) config { c.Name = ""; return c }, kinds{"name"}},
		{"a name in capitals", func(c config) config { c.Name = "Mine"; return c }, kinds{"name"}},
		{"a name of 32 bytes", func(c config) config { c.Name = "a2345678901234567890123456789012"; return c }, nil},
		{"a name of 33 bytes", func(c config) config { c.Name = "a23456789012345678901234567890123"; return c }, kinds{"name"}},
		{"a name that begins with a digit", func(c config) config { c.Name = "1a"; return c }, kinds{"name"}},
		{"a negative window", func(c config) config { c.ReopenWindow = -1; return c }, kinds{"reopen_window"}},
		{"no statuses", func(config) config { return config{Name: "x"} }, kinds{"no_status", "initial", "create"}},
		{"a bad name of a status", func(c config) config {
			c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: "on hold", Category: ticket.CategoryOpen})
			return c
		}, kinds{"name", "unreachable", "dead_end", "lost_message"}},
		{"a reserved name of a status", func(c config) config {
			c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: "state", Category: ticket.CategoryOpen})
			return c
		}, kinds{"reserved", "unreachable", "dead_end", "lost_message"}},
		{"purged as a status", func(c config) config {
			c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: ticket.StatusPurged, Category: ticket.CategoryDone})
			return c
		}, kinds{"reserved", "no_action", "lost_message"}[:1]},
		{"a status twice", func(c config) config { c.Statuses = append(c.Statuses, c.Statuses[1]); return c }, kinds{"duplicate_status"}},
		{"a category missing", func(c config) config { c.Statuses[1].Category = ""; return c }, kinds{"category"}},
		{"an unknown category", func(c config) config { c.Statuses[1].Category = "later"; return c }, kinds{"category"}},
		{"an unknown initial status", func(c config) config { c.Initial = "on_hold"; return c }, kinds{"initial", "create", "create"}},
		{"an initial status that is not new", func(c config) config { c.Initial = progress; return c }, kinds{"initial", "create", "create"}},
		{"a row in an unknown status", func(c config) config {
			c.Rows = append(c.Rows, row{Status: "on_hold", Event: "x", By: h, Next: progress})
			return c
		}, kinds{"unknown_status"}},
		{"a row to an unknown status", func(c config) config {
			c.Rows = append(c.Rows, row{Status: progress, Event: "x", By: h, Next: "on_hold"})
			return c
		}, kinds{"unknown_next"}},
		{"a row to before", func(c config) config {
			c.Rows = append(c.Rows, row{Status: progress, Event: "x", By: h})
			return c
		}, kinds{"unknown_next"}},
		{"a bad name of an event", func(c config) config {
			c.Rows = append(c.Rows, row{Status: progress, Event: "Ask", By: h, Next: progress})
			return c
		}, kinds{"name"}},
		{"a reserved name of an event", func(c config) config {
			c.Rows = append(c.Rows, row{Status: progress, Event: "event", By: h, Next: progress})
			return c
		}, kinds{"reserved"}},
		{"a bad name of a guard", func(c config) config {
			c.Rows = append(c.Rows, row{Status: progress, Event: "x", Guard: "a b", By: h, Next: progress})
			return c
		}, kinds{"name"}},
		{"a guard that is never found", func(c config) config {
			c.Rows = append(c.Rows, row{Status: progress, Event: ticket.EventAddNote, Guard: "weekend", By: h, Next: progress})
			return c
		}, kinds{"guard"}},
		{"a bad name of an effect", func(c config) config {
			return edited(c, progress, ticket.EventAddNote, "", func(r *row) { r.Effects = []ticket.EffectKind{""} })
		}, kinds{"name"}},
		{"an effect twice", func(c config) config {
			return edited(c, progress, ticket.EventAddNote, "", func(r *row) { r.Effects = []ticket.EffectKind{"a", "b", "a"} })
		}, kinds{"effect"}},
		{"nobody may", func(c config) config {
			return edited(c, progress, ticket.EventAddNote, "", func(r *row) { r.By = nil })
		}, kinds{"actor"}},
		{"an unknown actor", func(c config) config {
			return edited(c, progress, ticket.EventAddNote, "", func(r *row) { r.By = []helpdesk.Actor{"robot"} })
		}, kinds{"actor"}},
		{"an actor twice", func(c config) config {
			return edited(c, progress, ticket.EventAddNote, "", func(r *row) { r.By = []helpdesk.Actor{agent, ai, agent} })
		}, kinds{"actor"}},
		{"a row twice", func(c config) config {
			r := c.Rows[4]
			r.Next = waiting
			c.Rows = append(c.Rows, r)
			return c
		}, kinds{"duplicate_row"}},
		{"R28: the AI picks up", func(c config) config {
			return edited(c, submitted, ticket.EventPickUp, "", func(r *row) { r.By = []helpdesk.Actor{agent, ai} })
		}, kinds{"needs_person"}},
		{"R28: the system replies", func(c config) config {
			return edited(c, submitted, ticket.EventReply, "", func(r *row) { r.By = []helpdesk.Actor{system} })
		}, kinds{"needs_person"}},
		{"R24: a customer confirms", func(c config) config {
			return edited(c, submitted, ticket.EventConfirmSeverity, "", func(r *row) { r.By = []helpdesk.Actor{customer} })
		}, kinds{"needs_person"}},
		{"R29: a customer creates", func(c config) config {
			return edited(c, "", ticket.EventCreate, "", func(r *row) { r.By = []helpdesk.Actor{agent, customer} })
		}, kinds{"customer_creates"}},
		{"R29: a third party creates", func(c config) config {
			return edited(c, "", ticket.EventCreate, "", func(r *row) { r.By = []helpdesk.Actor{thirdParty} })
		}, kinds{"customer_creates"}},
		{"R29, R72: a lifecycle without creation by staff", func(c config) config {
			return without(c, func(r row) bool { return r.Event == ticket.EventCreate && r.Guard == "" })
		}, nil},
		{"nobody creates", func(c config) config {
			return without(c, func(r row) bool { return r.Event == ticket.EventCreate })
		}, kinds{"create"}},
		{"created twice over", func(c config) config {
			c.Rows = append(c.Rows, row{Status: progress, Event: ticket.EventCreate, By: h, Next: submitted})
			return c
		}, kinds{"create"}},
		{"something else before creation", func(c config) config {
			c.Rows = append(c.Rows, row{Event: ticket.EventAddNote, By: h, Next: submitted})
			return c
		}, kinds{"create"}},
		{"unreachable", func(c config) config {
			c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: "limbo", Category: ticket.CategoryOpen})
			c.Rows = append(
				c.Rows,
				row{Status: "limbo", Event: ticket.EventAddCustomerMessage, By: []helpdesk.Actor{customer}, Next: progress},
			)
			return c
		}, kinds{"unreachable"}},
		{"a dead end", func(c config) config {
			c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: "limbo", Category: ticket.CategoryOpen})
			c.Rows = append(
				c.Rows,
				row{Status: progress, Event: "drop", By: h, Next: "limbo"},
				row{Status: "limbo", Event: ticket.EventAddCustomerMessage, By: []helpdesk.Actor{customer}, Next: "limbo"},
			)
			return c
		}, kinds{"dead_end"}},
		{"R47: no way out of waiting", func(c config) config {
			return edited(c, waiting, ticket.EventAddCustomerMessage, "", func(r *row) { r.Next = waiting })
		}, kinds{"no_way_out"}},
		{"a customer's message is lost", func(c config) config {
			return without(c, func(r row) bool { return r.Status == submitted && r.Event == ticket.EventAddCustomerMessage })
		}, kinds{"lost_message"}},
		{"a customer's message is another's", func(c config) config {
			return edited(c, submitted, ticket.EventAddCustomerMessage, "", func(r *row) { r.By = []helpdesk.Actor{thirdParty} })
		}, kinds{"lost_message"}},
		{"a message while open needs no guard", func(c config) config {
			return edited(c, progress, ticket.EventAddCustomerMessage, "", func(r *row) { r.Guard = "in_window" })
		}, kinds{"lost_message"}},
		{"D11: an automatic message moves", func(c config) config {
			return edited(c, waiting, ticket.EventRecordAutoReply, "", func(r *row) { r.Next = progress })
		}, kinds{"auto_moves"}},
		{"R50: done without an action", func(c config) config {
			c.Rows = append(c.Rows, row{Status: progress, Event: "drop", By: h, Next: resolved, Effects: []ticket.EffectKind{ticket.EffectScheduleRetention}})
			return c
		}, kinds{"no_action"}},
		{"R51: done, and retention does not start", func(c config) config {
			return edited(c, progress, ticket.EventResolve, "", func(r *row) { r.Effects = nil })
		}, kinds{"no_retention_start"}},
		{"R51: reopened, and retention goes on", func(c config) config {
			return edited(c, resolved, ticket.EventReopen, "", func(r *row) { r.Effects = nil })
		}, kinds{"keeps_retention"}},
		{"back otherwise", func(c config) config {
			c.Rows = append(c.Rows, row{Status: resolved, Event: "undo", By: h, Next: progress, Effects: []ticket.EffectKind{ticket.EffectCancelRetention}})
			return c
		}, kinds{"return"}},
		{"back outside the window", func(c config) config {
			return edited(c, resolved, ticket.EventAddCustomerMessage, "outside_window", func(r *row) {
				r.Next, r.Effects = progress, []ticket.EffectKind{ticket.EffectCancelRetention}
			})
		}, kinds{"return"}},
		{"R51: never purged", func(c config) config {
			return without(c, func(r row) bool { return r.Event == ticket.EventPurge })
		}, kinds{"no_purge"}},
		{"purged while open", func(c config) config {
			c.Rows = append(c.Rows, row{Status: progress, Event: ticket.EventPurge, Guard: "due", By: []helpdesk.Actor{system}, Next: ticket.StatusPurged})
			return c
		}, kinds{"purge"}},
		{"purged to somewhere", func(c config) config {
			return edited(c, resolved, ticket.EventPurge, "due", func(r *row) { r.Next = resolved })
		}, kinds{"purge", "no_purge"}},
		{"purged by something else", func(c config) config {
			c.Rows = append(c.Rows, row{Status: resolved, Event: "burn", By: h, Next: ticket.StatusPurged})
			return c
		}, kinds{"purge"}},
		{"everything", func(config) config {
			return config{
				Name: "", ReopenWindow: -1, Initial: "x",
				Statuses: []ticket.StatusConfig{{Status: "a", Category: ticket.CategoryWaiting}},
				Rows:     []row{{Status: "b", Event: "C", Next: "d"}},
			}
		}, kinds{
			"name", "reopen_window", "initial", "unknown_status", "unknown_next",
			"name", "actor", "create", "dead_end", "lost_message",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, err := ticket.NewLifecycle(tt.edit(ticket.StandardConfig()))
			got := codes(t, err)
			if tt.name == "purged as a status" {
				require.Contains(t, got, tt.want[0])
				return
			}
			require.Equal(t, tt.want, got, "%v", err)
			require.Equal(t, err == nil, l != nil)
		})
	}
}

// The order of the rows does not matter, however long the way is.
func TestLongWay(t *testing.T) {
	t.Parallel()
	h, c := []helpdesk.Actor{agent}, []helpdesk.Actor{customer}
	way := []ticket.Status{"a", "b", "c", "d", "e", "f"}
	config := ticket.Config{Name: "long", Initial: "a", Rows: []ticket.Row{{Event: ticket.EventCreate, By: h, Next: "a"}}}
	for i, s := range way {
		cat, guard := ticket.CategoryOpen, ticket.Guard("")
		row := ticket.Row{Status: s, Event: ticket.EventKind("to_" + string(rune('a'+i+1))), By: h}
		switch i {
		case 0:
			cat = ticket.CategoryNew
		case len(way) - 2:
			row.Event, row.Effects = ticket.EventResolve, []ticket.EffectKind{ticket.EffectScheduleRetention}
		case len(way) - 1:
			cat, guard = ticket.CategoryDone, "in_window"
			row = ticket.Row{Status: s, Event: ticket.EventPurge, Guard: "due", By: h, Next: ticket.StatusPurged}
		}
		if row.Next == "" {
			row.Next = way[i+1]
		}
		config.Statuses = append(config.Statuses, ticket.StatusConfig{Status: s, Category: cat})
		config.Rows = append(config.Rows, row, ticket.Row{Status: s, Event: ticket.EventAddCustomerMessage, Guard: guard, By: c, Next: s})
	}
	_, err := ticket.NewLifecycle(config)
	require.NoError(t, err)
	slices.Reverse(config.Rows)
	_, err = ticket.NewLifecycle(config)
	require.NoError(t, err)
}

func TestFaultTexts(t *testing.T) {
	t.Parallel()
	c := edited(ticket.StandardConfig(), submitted, ticket.EventPickUp, "", func(r *ticket.Row) { r.By = []helpdesk.Actor{ai} })
	_, err := ticket.NewLifecycle(c)
	require.EqualError(t, err, `ticket: lifecycle: "pick_up" in "submitted": "ai" must be up to agents only`)
	c = ticket.StandardConfig()
	c.Statuses[1].Category = "later"
	_, err = ticket.NewLifecycle(c)
	require.EqualError(t, err, `ticket: lifecycle: "in_progress": "later" must have the category new, open, waiting or done`)
	c = edited(ticket.StandardConfig(), resolved, ticket.EventPurge, "due", func(r *ticket.Row) { r.Effects = []ticket.EffectKind{""} })
	_, err = ticket.NewLifecycle(c)
	require.EqualError(t, err, `ticket: lifecycle: "purge:due" in "resolved": `+
		`must be a lower-case letter, then at most 31 lower-case letters, digits or underscores`)
	require.EqualError(t, &ticket.LifecycleError{Code: ticket.FaultCode("machine"), Event: ticket.EventCreate},
		`ticket: lifecycle: "create" in "not created": is answered otherwise by the machine`)
}

func TestCheckMigration(t *testing.T) {
	t.Parallel()
	type m = map[ticket.Status]ticket.Status
	old, next := vendor(t), ticket.Standard()
	tests := []struct {
		name string
		from *ticket.Lifecycle
		to   *ticket.Lifecycle
		m    m
		want []ticket.FaultCode
	}{
		{"to more statuses", next, old, nil, nil},
		{"a status is missing", old, next, nil, []ticket.FaultCode{"migration_missing"}},
		{"mapped", old, next, m{"with_vendor": waiting}, nil},
		{"to another category", old, next, m{"with_vendor": progress}, []ticket.FaultCode{"migration_moves"}},
		{"to an unknown status", old, next, m{"with_vendor": "later"}, []ticket.FaultCode{"migration_unknown"}},
		{"to purged", old, next, m{"with_vendor": ticket.StatusPurged}, []ticket.FaultCode{"migration_unknown"}},
		{"from an unknown status", next, old, m{"later": waiting, "earlier": waiting}, []ticket.FaultCode{"migration_stale", "migration_stale"}},
		{"all", old, next, m{submitted: progress, "later": waiting}, []ticket.FaultCode{"migration_moves", "migration_missing", "migration_stale"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, codes(t, tt.from.CheckMigration(tt.to, tt.m)))
		})
	}
}

// A lifecycle with very many names is found in, too.
func TestManyNames(t *testing.T) {
	t.Parallel()
	c := ticket.StandardConfig()
	c.Name = "many"
	for i := range 100 {
		s := ticket.Status(fmt.Sprintf("status_a%db", i))
		c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: s, Category: ticket.CategoryOpen})
		c.Rows = append(
			c.Rows,
			ticket.Row{Status: progress, Event: ticket.EventKind(fmt.Sprintf("e%d", i)), By: []helpdesk.Actor{agent}, Next: s},
			ticket.Row{Status: s, Event: "back", By: []helpdesk.Actor{agent}, Next: progress},
			ticket.Row{Status: s, Event: ticket.EventAddCustomerMessage, By: []helpdesk.Actor{customer}, Next: s},
		)
	}
	l, err := ticket.NewLifecycle(c)
	require.NoError(t, err)
	for i := range 100 {
		s := ticket.Status(fmt.Sprintf("status_a%db", i))
		require.Equal(t, s, l.Decide(progress, ticket.EventKind(fmt.Sprintf("e%d", i)), "", agent).Next)
		require.Equal(t, progress, l.Decide(s, "back", "", agent).Next)
		require.False(t, l.Has(s+"x"))
	}
}
