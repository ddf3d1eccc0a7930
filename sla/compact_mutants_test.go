package sla_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// talesByHand are tales that are rarely drawn.
func talesByHand() []tale {
	tell := func(log ...sla.Event) tale {
		c := desk()
		nextReplies(time.Hour)(&c)
		target(low, sla.MetricNextReply, sla.Target{Within: 3 * time.Hour})(&c)
		x := tale{config: c}
		for i, e := range events(log...) {
			x.batches = append(x.batches, []sla.Event{e})
			x.nows = append(x.nows, log[i].At)
			if !e.RecordedAt.IsZero() {
				x.nows[i] = e.RecordedAt
			}
			x.laters = append(x.laters, log[i].At.Add(time.Hour))
		}
		return x
	}
	team := at("10:00").openedBy(helpdesk.ActorAgent, email, high)
	return []tale{
		// The level of a message that waits is corrected, and back, and again.
		tell(
			at("10:00").opened(high), at("10:05").reply(), at("10:10").question(), ai(at("10:15")), at("11:30").corrected(low), ai(at("11:31")), at("11:32").note(),
			at("11:40").corrected(high), ai(at("11:41")), at("11:42").note(), at("11:50").corrected(low), ai(at("11:51")), at("11:52").note(), at("11:53").note(),
		),
		// It is corrected back and forth in one instant.
		tell(
			at("10:00").opened(high), at("10:05").reply(), at("10:10").question(), ai(at("10:15")), at("11:30").corrected(low), ai(at("11:31")), at("11:32").note(),
			at("11:40").corrected(high), at("11:40").corrected(low), ai(at("11:41")), at("11:42").note(),
		),
		// Holds, a notification late, and a reply that counts before it says.
		tell(
			at("10:00").chat(urgent), ai(at("10:01")), at("10:02").reply(), at("10:05").held(), at("10:10").confirmed(), ai(at("10:11")), at("10:20").released(),
			at("10:30").question(), ai(at("10:31")), at("10:40").held(), ai(at("10:41")), at("10:42").note(), at("11:30").released(), at("11:31").note(),
		),
		tell(
			at("10:00").opened(urgent), ai(at("10:01")), at("10:05").confirmed(), at("10:10").notified(chat), ai(at("10:11")), at("10:30").note(), at("10:40").note(),
		),
		tell(
			at("10:00").opened(high), ai(at("10:01")), recorded(at("10:10"), at("10:30").reply()), at("10:20").note(), named("e3", at("10:30").reply()), at("10:40").note(),
		),
		// The team spoke right before the customer did.
		tell(team, ai(at("10:01")), at("10:02").reply(), ai(at("10:02:30")), at("10:03").note(), at("10:03:30").question(), at("10:05").question()),
	}
}

// mutants are compactors with a fault each.
var mutants = map[string]func(*sla.Compacted){
	"the first reply goes":   without(func(c *sla.Compacted, e sla.Event) bool { return isReply(e) && e.At.Before(c.Through) }),
	"the first contact goes": without(func(c *sla.Compacted, e sla.Event) bool { return isQuestion(e) && e.ID == firstQuestion(c) }),
	"the question that waits goes": without(func(c *sla.Compacted, e sla.Event) bool {
		return isQuestion(e) && e.ID != firstQuestion(c) && e.At.Before(c.Through)
	}),
	"replies before the contact go": without(func(c *sla.Compacted, e sla.Event) bool {
		byTeam := slices.ContainsFunc(c.Events, func(o sla.Event) bool {
			return o.Kind == sla.KindOpened && o.By != helpdesk.ActorCustomer && !o.OnBehalf
		})
		return isReply(e) && byTeam && firstQuestion(c) == "" && e.At.Before(c.Through)
	}),
	"what was said at this instant goes": without(func(c *sla.Compacted, e sla.Event) bool { return e.Kind == sla.KindMessage && e.At.Equal(c.Through) }),
	"bounces go":                         without(func(c *sla.Compacted, e sla.Event) bool { return e.Kind == sla.KindUndelivered }),
	"what bounced goes": without(func(c *sla.Compacted, e sla.Event) bool {
		return slices.ContainsFunc(c.Events, func(u sla.Event) bool { return u.Message == e.ID })
	}),
	"what bounced goes with its bounce": without(func(c *sla.Compacted, e sla.Event) bool {
		pair := func(u sla.Event) bool { return u.Message == e.ID || e.Message != "" && e.Message == u.ID }
		return e.At.Before(c.Through) && slices.ContainsFunc(c.Events, pair)
	}),
	"what counts earlier than it says goes": without(func(c *sla.Compacted, e sla.Event) bool {
		return e.Kind == sla.KindMessage && !e.RecordedAt.IsZero() && !e.At.Before(c.Through) && e.RecordedAt.Before(c.Through)
	}),
	"what lies ahead goes": func(c *sla.Compacted) {
		last := c.Through
		without(func(_ *sla.Compacted, e sla.Event) bool { return e.At.After(last) })(c)
	},
	"when it was recorded goes": func(c *sla.Compacted) {
		for i := range c.Events {
			c.Events[i].RecordedAt = time.Time{}
		}
	},
	"the count of finished cycles goes":     func(c *sla.Compacted) { c.Finished = 0 },
	"one more cycle is finished":            func(c *sla.Compacted) { c.Finished++ },
	"what waits for an answer is not known": func(c *sla.Compacted) { c.Asked = "" },
	"all messages wait for an answer":       func(c *sla.Compacted) { c.Asked = firstQuestion(c) },
	"what was voided is voided twice":       func(c *sla.Compacted) { c.Voided = append(slices.Clone(c.Voided), c.Voided...) },
	"what was voided goes":                  func(c *sla.Compacted) { c.Voided = nil },
	"when cycles were finished goes":        func(c *sla.Compacted) { c.FinishedAt = time.Time{} },
	"late by a tick is not late":            func(c *sla.Compacted) { c.Through = c.Through.Add(-tick) },
	"now is late":                           func(c *sla.Compacted) { c.Through = c.Through.Add(1) },
	"nothing was dropped":                   func(c *sla.Compacted) { c.Dropped = 0 },
}

func init() {
	for kind := range kinds {
		if kind != sla.KindMessage && kind != sla.KindUndelivered && kind != sla.KindOpened {
			mutants[kind.String()+" goes"] = without(func(c *sla.Compacted, e sla.Event) bool { return e.Kind == kind && e.At.Before(c.Through) })
		}
	}
	for _, reason := range []string{"late", "bounce", "correction"} {
		ignored[reason+" is ignored"] = reason
	}
}

// ignored are compactors that do not heed a reason.
var ignored = map[string]string{}

func without(drop func(*sla.Compacted, sla.Event) bool) func(*sla.Compacted) {
	return func(c *sla.Compacted) {
		before := *c
		c.Events = slices.DeleteFunc(slices.Clone(c.Events), func(e sla.Event) bool { return drop(&before, e) })
	}
}

func isReply(e sla.Event) bool {
	return e.Kind == sla.KindMessage && e.By == helpdesk.ActorAgent && e.Public && !e.Auto
}

func isQuestion(e sla.Event) bool {
	return e.Kind == sla.KindMessage && e.By == helpdesk.ActorCustomer && !e.Auto
}

func firstQuestion(c *sla.Compacted) string {
	for _, e := range c.Events {
		if isQuestion(e) {
			return e.ID
		}
	}
	return ""
}

// Every fault of a compactor is found.
func TestCompactMutants(t *testing.T) {
	t.Parallel()
	const most = 3000 // tales
	tales := make(map[int]tale)
	names := slices.Sorted(maps.Keys(drawLogs))
	byHand := talesByHand()
	for i, x := range byHand {
		p, err := sla.New(x.config, nil)
		require.NoError(t, err)
		require.NoError(t, compacted(x, newKeeping(p)), "tale %d", i)
	}
	next := func(i int) tale {
		if i < len(byHand) {
			return byHand[i]
		}
		x, ok := tales[i]
		if !ok {
			draw := drawLogs[names[i%len(names)]]
			x = rapid.Custom(func(t *rapid.T) tale { return drawTale(t, draw) }).Example(i)
			tales[i] = x
		}
		return x
	}
	kill := func(name string, prepare func(*keeping)) {
		for i := range most {
			x := next(i)
			p, err := sla.New(x.config, nil)
			require.NoError(t, err)
			k := newKeeping(p)
			prepare(k)
			if err := compacted(x, k); err != nil {
				require.NoError(t, compacted(x, newKeeping(p)), "tale %d: %s", i, tellTale(x, p))
				t.Logf("%s: killed by tale %d", name, i)
				return
			}
		}
		t.Errorf("%s: nobody noticed", name)
	}
	for name, mutate := range mutants {
		kill(name, func(k *keeping) { k.mutate = mutate })
	}
	for name, reason := range ignored {
		kill(name, func(k *keeping) { k.ignore = reason })
	}
}
