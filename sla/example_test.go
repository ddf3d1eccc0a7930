package sla_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A customer asks by email on a Friday evening, half an hour before the desk
// closes.
var (
	friday = time.Date(2026, time.March, 6, 21, 30, 0, 0, time.UTC)
	asked  = sla.Event{
		ID: "e1", Kind: sla.KindOpened, At: friday,
		By: helpdesk.ActorCustomer, Channel: helpdesk.ChannelEmail, Severity: severity.High,
	}
	answered = sla.Event{
		ID: "e2", Kind: sla.KindMessage, At: friday.Add(20 * time.Minute), By: helpdesk.ActorAgent, Public: true,
	}
	waits = sla.Event{ID: "e3", Kind: sla.KindStatus, At: friday.Add(25 * time.Minute), Status: sla.StatusWaitingOnCustomer}
)

// A policy from plain data: one promise for every level and every metric.
func ExampleNew() {
	within := func(d time.Duration) sla.Target { return sla.Target{Within: d} }
	none := sla.Target{None: true}
	gold, err := sla.New(sla.Config{
		Name: "gold", Version: 1,
		Schedule: hours.Member{Config: &hours.Config{
			Name: "London", Zone: "Europe/London",
			Hours: hours.Week{"mon": {"09:00-17:30"}, "tue": {"09:00-17:30"}, "wed": {"09:00-17:30"}, "thu": {"09:00-17:30"}, "fri": {"09:00-16:00"}},
		}},
		Pause: map[sla.Metric][]sla.Status{sla.MetricResolution: {sla.StatusWaitingOnCustomer}},
		Targets: map[severity.Level]map[sla.Metric]sla.Target{
			severity.Urgent: {sla.MetricFirstReply: within(15 * time.Minute), sla.MetricNextReply: within(time.Hour), sla.MetricResolution: within(4 * time.Hour)},
			severity.High:   {sla.MetricFirstReply: within(time.Hour), sla.MetricNextReply: within(2 * time.Hour), sla.MetricResolution: within(8 * time.Hour)},
			severity.Medium: {sla.MetricFirstReply: within(2 * time.Hour), sla.MetricNextReply: none, sla.MetricResolution: {BestEffort: true}},
			severity.Low:    {sla.MetricFirstReply: within(4 * time.Hour), sla.MetricNextReply: none, sla.MetricResolution: none},
		},
	}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(gold.Ref(), gold.Target(severity.High, sla.MetricResolution).Within)
	// Output: gold v1 8h0m0s
}

// Everything that is wrong with a policy is told at once.
func ExampleNew_faults() {
	c := sla.Standard().Config()
	c.Name = ""
	c.WarnAt = []int{90, 75}
	c.Targets[severity.Low][sla.MetricResolution] = sla.Target{}
	_, err := sla.New(c, nil)
	fmt.Println(errors.Is(err, helpdesk.ErrInvalid))
	fmt.Println(err)
	// Output:
	// true
	// name: must not be empty
	// warn_at[1]: "75" must be greater than the one before
	// targets.low.resolution: must be within a time, best effort or none
}

// A policy from its JSON form.
func ExampleParse() {
	p, err := sla.Parse([]byte(`{
		"name": "simple", "version": 3, "schedule": "always",
		"targets": {
			"urgent": {"first_reply": {"within": "30m"}, "next_reply": {"none": true}, "resolution": {"within": "8h"}},
			"high":   {"first_reply": {"within": "2h"},  "next_reply": {"none": true}, "resolution": {"within": "24h"}},
			"medium": {"first_reply": {"within": "8h"},  "next_reply": {"none": true}, "resolution": {"best_effort": true}},
			"low":    {"first_reply": {"within": "24h"}, "next_reply": {"none": true}, "resolution": {"none": true}}
		}
	}`), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Ref())
	// Output: simple v3
}

func ExampleStandard() {
	standard := sla.Standard()
	for l := range severity.All() {
		fmt.Println(l, standard.Target(l, sla.MetricFirstReply).Within, standard.Target(l, sla.MetricFirstReply).Clock)
	}
	// Output:
	// low 3h0m0s business
	// medium 2h0m0s business
	// high 1h0m0s business
	// urgent 15m0s calendar
}

// When is this due?
func ExamplePolicy_Evaluate() {
	ev, err := sla.Standard().Evaluate([]sla.Event{asked}, friday)
	if err != nil {
		panic(err)
	}
	for _, c := range ev.Clocks {
		fmt.Println(c.Metric, c.Verdict, c.Due.Format("Mon 15:04"))
	}
	// Output:
	// first_reply pending Mon 06:30
	// resolution pending Sat 21:30
}

// How long did we take?
func ExamplePolicy_Evaluate_elapsed() {
	late := answered
	late.At = friday.Add(57*time.Hour + 15*time.Minute) // on Monday at 06:45
	ev, err := sla.Standard().Evaluate([]sla.Event{asked, late}, friday.AddDate(0, 0, 4))
	if err != nil {
		panic(err)
	}
	c, _ := ev.Clock(sla.MetricFirstReply)
	fmt.Println(c.Elapsed, "in business hours:", c.Verdict)
	fmt.Println(c.Overdue, "too late, missed on", c.Breaches[0].At.Format("Mon 15:04"))
	// Output:
	// 1h15m0s in business hours: breached
	// 15m0s too late, missed on Mon 06:30
}

// Which timer do I arm?
func ExampleEvaluation_Next() {
	standard, log := sla.Standard(), []sla.Event{asked}
	for now := friday; ; {
		ev, err := standard.Evaluate(log, now)
		if err != nil {
			panic(err)
		}
		next := ev.Next()
		if next.IsZero() {
			break
		}
		fmt.Println(next.At.Format("Mon 15:04"), next.What())
		now = next.At.Add(1) // a host waits until then
	}
	// Output:
	// Fri 22:00 warn_50
	// Sat 09:30 warn_50
	// Sat 15:30 warn_75
	// Sat 19:06 warn_90
	// Sat 21:30 breach
	// Mon 06:15 warn_75
	// Mon 06:24 warn_90
	// Mon 06:30 breach
}

// Why is it not due earlier?
func ExamplePolicy_Explain() {
	monday := time.Date(2026, time.March, 9, 6, 20, 0, 0, time.UTC)
	pieces, err := sla.Standard().Explain([]sla.Event{asked}, monday, sla.MetricFirstReply, 0)
	if err != nil {
		panic(err)
	}
	for _, p := range pieces {
		fmt.Printf("%s – %s %-8s %s\n", p.From.Format("Mon 15:04"), p.To.Format("Mon 15:04"), p.Kind, p.Cause)
	}
	// Output:
	// Fri 21:30 – Fri 22:00 counted  open (standard)
	// Fri 22:00 – Mon 06:00 closed   outside hours (standard)
	// Mon 06:00 – Mon 06:20 counted  open (standard)
}

// A clock that waits for the customer is not due. When would it be, if the
// answer came now?
func ExamplePolicy_Project() {
	standard, log, now := sla.Standard(), []sla.Event{asked, answered, waits}, friday.Add(time.Hour)
	ev, err := standard.Evaluate(log, now)
	if err != nil {
		panic(err)
	}
	c, _ := ev.Clock(sla.MetricResolution)
	fmt.Println(c.State, c.Due.IsZero(), c.Next.IsZero())

	ev, err = standard.Project(log, now)
	if err != nil {
		panic(err)
	}
	c, _ = ev.Clock(sla.MetricResolution)
	fmt.Println(c.State, c.Due.Format("Mon 15:04"))
	// Output:
	// paused true true
	// paused Sat 22:05
}

// A book has a policy for the vendor's own customers and one for a partner's.
func ExampleNewBook() {
	gold := sla.Standard().Config()
	gold.Name = "acme gold"
	acme, err := sla.New(gold, nil)
	if err != nil {
		panic(err)
	}
	book, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{
		{Partner: "acme", Policy: acme},
		{Policy: sla.Standard()},
	}})
	if err != nil {
		panic(err)
	}
	p, err := book.Policy(sla.Ref{Name: "acme gold", Version: 1}) // as the ticket keeps it
	fmt.Println(p.Ref(), err)
	// Output: acme gold v1 <nil>
}

// Which promises was this customer given?
func ExampleBook_Choose() {
	book, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{
		{Channels: []helpdesk.Channel{helpdesk.ChannelPhone}}, // no promises by phone
		{Policy: sla.Standard()},
	}})
	if err != nil {
		panic(err)
	}
	p, err := book.Choose(sla.Situation{Channel: helpdesk.ChannelEmail})
	fmt.Println(p.Ref(), err)
	p, err = book.Choose(sla.Situation{Channel: helpdesk.ChannelPhone})
	fmt.Println(p.Ref() == sla.Ref{}, err)
	_, err = book.Choose(sla.Situation{Partner: "acme", Channel: helpdesk.ChannelEmail})
	fmt.Println(errors.Is(err, sla.ErrNoContract), err)
	// Output:
	// standard v1 <nil>
	// true <nil>
	// true sla: partner "acme" has no policy on file
}

func ExampleParseMetric() {
	m, err := sla.ParseMetric("first_reply")
	fmt.Println(m == sla.MetricFirstReply, err)
	// Output: true <nil>
}

// How does a ticket carry its clocks without its whole log?
func ExamplePolicy_Compact() {
	p := sla.Standard()
	at := time.Date(2026, time.March, 3, 9, 0, 0, 0, time.UTC)
	log := []sla.Event{{ID: "opened", Kind: sla.KindOpened, At: at, By: helpdesk.ActorCustomer, Channel: helpdesk.ChannelEmail, Severity: severity.High}}
	for i := range 100 { // they talk
		by := helpdesk.ActorAgent
		if i%2 == 1 {
			by = helpdesk.ActorCustomer
		}
		log = append(log, sla.Event{
			ID: fmt.Sprintf("m%d", i), Kind: sla.KindMessage, At: at.Add(time.Duration(i+1) * time.Minute), By: by, Public: true,
		})
	}
	now := at.Add(3 * time.Hour)
	c, _, err := p.Compact(sla.Compacted{}, log, now)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(c)
	fmt.Printf("%d events kept, %d left out, %d bytes, %v\n", len(c.Events), c.Dropped, len(text), err)
	// Output: 2 events kept, 99 left out, 344 bytes, <nil>
}

// How do clocks stand after one more event, without reading the log?
func ExamplePolicy_EvaluateCompacted() {
	p := sla.Standard()
	at := time.Date(2026, time.March, 3, 9, 0, 0, 0, time.UTC)
	log := []sla.Event{
		{ID: "e1", Kind: sla.KindOpened, At: at, By: helpdesk.ActorCustomer, Channel: helpdesk.ChannelEmail, Severity: severity.High},
		{ID: "e2", Kind: sla.KindMessage, At: at.Add(time.Minute), By: helpdesk.ActorAI, Public: true},
		{ID: "e3", Kind: sla.KindMessage, At: at.Add(2 * time.Minute), By: helpdesk.ActorAgent, Public: true},
	}
	c, _, err := p.Compact(sla.Compacted{}, log, at.Add(time.Hour))
	if err != nil {
		panic(err)
	}
	for _, e := range []sla.Event{
		{ID: "e4", Kind: sla.KindStatus, At: at.Add(2 * time.Hour), Status: sla.StatusResolved},
		{ID: "e4", Kind: sla.KindUndelivered, At: at.Add(2 * time.Hour), Message: "e3"},
	} {
		ev, err := p.EvaluateCompacted(c, []sla.Event{e}, e.At)
		if need, ok := errors.AsType[*sla.WholeLogError](err); ok {
			fmt.Println("read the whole log:", need.Reason)
			ev, err = p.Evaluate(append(log, e), e.At)
		}
		clock, _ := ev.Clock(sla.MetricFirstReply)
		fmt.Println(clock.Verdict, clock.Elapsed, err)
	}
	// Output:
	// met 2m0s <nil>
	// read the whole log: bounce
	// breached 2h0m0s <nil>
}

// Were the rules of this edition changed?
func ExamplePolicy_Digest() {
	kept := sla.Standard().Digest() // beside the ticket
	c := sla.Standard().Config()
	c.Name = "other"
	p, err := sla.New(c, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(kept == p.Digest())
	c.WarnAt = []int{80}
	if p, err = sla.New(c, nil); err != nil {
		panic(err)
	}
	fmt.Println(kept == p.Digest())
	// Output:
	// true
	// false
}

// By how much of its target may a clock have run before somebody is warned?
func ExamplePolicy_WarnAt() {
	fmt.Println(slices.Collect(sla.Standard().WarnAt()))
	// Output: [50 75 90]
}

// When do we answer somebody who writes on a Friday evening?
func ExamplePolicy_Promise() {
	friday := time.Date(2026, time.March, 6, 20, 30, 0, 0, time.UTC)
	due, err := sla.Standard().Promise(friday)
	if err != nil {
		panic(err)
	}
	fmt.Println("We reply by", due.Format("Monday 15:04"))
	// Output: We reply by Monday 07:30
}
