package inbox_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/stretchr/testify/require"
)

// dueOf returns when the escalation of a conversation that begins at an instant is due.
func dueOf(t *testing.T, cfg inbox.Config, s *hours.Schedule, at time.Time) time.Time {
	t.Helper()
	p, err := inbox.NewPolicy(cfg)
	require.NoError(t, err)
	params := inbox.StartParams{ID: id(1), Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: contact, Message: draft("m1", "Help")}
	c, _, err := inbox.Start(helpdesk.Command{ID: "e1", At: at, Author: helpdesk.Author{By: helpdesk.ActorCustomer, Who: contact.Customer}}, params, p.WithHours(s))
	require.NoError(t, err)
	for e := range c.Escalations() {
		return e.Due
	}
	t.Fatal("nothing is armed")
	return time.Time{}
}

func TestEscalationsCountOpenTimeS41(t *testing.T) {
	t.Parallel()
	standard := sla.Standard().Schedule() // Mon–Fri 06:00–22:00
	friday := time.Date(2026, 12, 18, 20, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		config inbox.Config
		hours  *hours.Schedule
		want   time.Time
	}{
		"up to the closing": {inbox.Config{NoAction: inbox.Duration(2 * time.Hour)}, standard, friday.Add(2 * time.Hour)},
		"a second past it":  {inbox.Config{NotClosed: inbox.Duration(2*time.Hour + time.Second)}, standard, time.Date(2026, 12, 21, 6, 0, 1, 0, time.UTC)},
		"the queue":         {inbox.Config{QueueWait: inbox.Duration(3 * time.Hour)}, standard, time.Date(2026, 12, 21, 7, 0, 0, 0, time.UTC)},
		"business by name":  {inbox.Config{QueueWait: inbox.Duration(3 * time.Hour), Clock: inbox.WaitBusiness}, standard, time.Date(2026, 12, 21, 7, 0, 0, 0, time.UTC)},
		"calendar":          {inbox.Config{NoAction: inbox.Duration(3 * time.Hour), Clock: inbox.WaitCalendar}, standard, friday.Add(3 * time.Hour)},
		"no schedule":       {inbox.Config{NoAction: inbox.Duration(3 * time.Hour)}, nil, friday.Add(3 * time.Hour)},
		"never open":        {inbox.Config{NoAction: inbox.Duration(3 * time.Hour)}, hours.Subtract(standard, standard), friday.Add(3 * time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, dueOf(t, test.config, test.hours, friday))
		})
	}
}

func TestWaitClockS41(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"business", "calendar"} {
		c, err := inbox.ParseConfig([]byte(`{"clock":"` + text + `"}`))
		require.NoError(t, err)
		p, err := inbox.NewPolicy(c)
		require.NoError(t, err)
		require.Equal(t, inbox.WaitClock(text), p.Config().Clock)
	}
	_, err := inbox.NewPolicy(inbox.Config{Clock: "moon"})
	require.EqualError(t, err, `clock: "moon" must be business or calendar`)
	require.Equal(t, inbox.WaitBusiness, (*inbox.Policy)(nil).WithHours(nil).Config().Clock)
}
