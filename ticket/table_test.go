package ticket_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/looplab/fsm"
	"github.com/stretchr/testify/require"
)

// The standard lifecycle, written down anew. A line is: statuses, event[:guard],
// who, next; S submitted, P in progress, W waiting, R resolved, X closed, - not
// created, † purged, = the same; c customer, h agent, a AI, s system, t third
// party. What stands in no line is refused.
const standardTable = `
-    create:offer                    a    S
-    create                          h    S
S    pick_up                         h    P
PW   assign                          h    =
S    reply                           h    P
PW   reply                           h    =
SP   ask_customer                    h    W
SP   customer_message                c    =
W    customer_message                c    P
R    customer_message:in_window      c    P
R    customer_message:outside_window c    =
R    customer_message:merged         c    =
SPWR auto_message                    cst  =
SPWR undelivered                     s    =
SPWR delivered                       s    =
SPWR note                            h    =
SPW  answer                          chas =
SPW  mitigate                        h    =
W    remind                          s    =
W    give_up                         s    R
PW   resolve                         h    R
SPW  resolve:reason                  h    R
R    reopen                          h    P
SPWR merge_into                      h    R
SPW  merge_from                      h    =
R    follow_up                       ha   =
SPW  claim_severity                  cha  =
SPW  claim_severity:decided          h    =
SPW  confirm_severity                h    =
SPW  decline_severity                h    =
SPWR correct_severity                h    =
SPW  pause_clocks                    h    =
SPW  resume_clocks                   h    =
SPWR hold:privileged                 h    =
SPWR release:privileged              h    =
R    purge:due                       s    †
`

// What a separate closed status adds.
const closedTable = `
R    close                           s    X
X    customer_message:in_window      c    =
X    customer_message:outside_window c    =
X    customer_message:merged         c    =
X    auto_message                    cst  =
X    undelivered                     s    =
X    delivered                       s    =
X    merge_into                      h    =
X    follow_up                       ha   =
X    hold:privileged                 h    =
X    release:privileged              h    =
X    purge:due                       s    †
`

type question struct {
	status ticket.Status
	event  string // with its guard
	actor  helpdesk.Actor
}

var letters = map[rune]ticket.Status{
	'-': ticket.StatusNone, 'S': submitted, 'P': progress, 'W': waiting, 'R': resolved, 'X': closed, '†': ticket.StatusPurged,
}

func parseTable(table string) map[question]ticket.Status {
	actors := map[rune]helpdesk.Actor{'c': customer, 'h': agent, 'a': ai, 's': system, 't': thirdParty}
	want := make(map[question]ticket.Status)
	for line := range strings.Lines(strings.TrimSpace(table)) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		for _, s := range f[0] {
			for _, a := range f[2] {
				next := letters[s]
				if f[3] != "=" {
					next = letters[[]rune(f[3])[0]]
				}
				want[question{letters[s], f[1], actors[a]}] = next
			}
		}
	}
	return want
}

// R28, R29, R45–R48, T46: every status × event × guard × actor, unknown ones
// included, against the table above.
func TestEveryPairR28R29R45R46R47R48(t *testing.T) {
	t.Parallel()
	tables := []struct {
		lifecycle *ticket.Lifecycle
		table     string
	}{
		{ticket.Standard(), standardTable},
		{ticket.StandardClosed(), standardTable + closedTable},
	}
	statuses := slices.Collect(maps.Values(letters))
	statuses = append(statuses, "on_hold", "Submitted", "submitted ", ticket.Status(strings.Repeat("x", 100)))
	events := slices.Collect(ticket.EventKinds())
	events = append(events, "", "none", "event", "Pick_up", "pick_uq")
	guards := map[ticket.Guard]bool{"": true, "other": true}
	for k := range ticket.EventKinds() {
		for g := range k.Guards() {
			guards[g] = true
		}
	}
	actors := slices.AppendSeq([]helpdesk.Actor{"", "robot"}, helpdesk.Actors())
	for _, tt := range tables {
		t.Run(tt.lifecycle.Name(), func(t *testing.T) {
			t.Parallel()
			want := parseTable(tt.table)
			accepted := 0
			for _, s := range statuses {
				for _, k := range events {
					for g := range guards {
						for _, a := range actors {
							next, ok := want[question{s, fsmName(k, g), a}]
							d := tt.lifecycle.Decide(s, k, g, a)
							if d.Allowed() != ok || d.Next != next || ok == (d.Reason != "") {
								t.Errorf("Decide(%q, %q, %q, %q) = %q, %v, %q; want %q, %v", s, k, g, a, d.Next, d.Allowed(), d.Reason, next, ok)
							}
							if ok {
								accepted++
							}
						}
					}
				}
			}
			require.Equal(t, len(want), accepted, "every line of the table was asked for")
		})
	}
}

// T47: looplab/fsm, built by this test, answers as the table does.
func TestMachineAgreesT47(t *testing.T) {
	t.Parallel()
	for _, l := range []*ticket.Lifecycle{ticket.Standard(), ticket.StandardClosed(), vendor(t)} {
		t.Run(l.Name(), func(t *testing.T) {
			t.Parallel()
			m := fsm.NewFSM("none", fsmEvents(l), nil)
			type pair struct {
				k ticket.EventKind
				g ticket.Guard
			}
			pairs := make(map[pair][]helpdesk.Actor)
			for _, r := range l.Config().Rows {
				pairs[pair{r.Event, r.Guard}] = slices.Collect(helpdesk.Actors())
			}
			statuses := []ticket.Status{ticket.StatusNone, ticket.StatusPurged, "nonsense"}
			for s := range l.Statuses() {
				statuses = append(statuses, s)
			}
			asks := 0
			for _, s := range statuses {
				for p, actors := range pairs {
					next, ok := asked(m, s, fsmName(p.k, p.g))
					accepted := false
					for _, a := range actors { // actors are beyond the machine
						if d := l.Decide(s, p.k, p.g, a); d.Allowed() {
							accepted = true
							require.Equal(t, next, d.Next)
						}
					}
					require.Equal(t, ok, accepted, "%q in %q", fsmName(p.k, p.g), s)
					asks++
				}
			}
			require.Equal(t, len(statuses)*len(pairs), asks)
		})
	}
}

func TestEffectsOfDecision(t *testing.T) {
	t.Parallel()
	d := ticket.Standard().Decide(submitted, ticket.EventResolve, "reason", agent)
	require.Equal(t, []ticket.EffectKind{
		ticket.EffectMailResolved, ticket.EffectCancelTimers, ticket.EffectCancelNotifications, ticket.EffectScheduleRetention,
	}, slices.Collect(d.Effects()))
	for e := range d.Effects() {
		require.Equal(t, ticket.EffectMailResolved, e)
		break
	}
}

func TestDecideAllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	l := ticket.Standard()
	n := testing.AllocsPerRun(100, func() {
		for a := range helpdesk.Actors() {
			d := l.Decide(waiting, ticket.EventAddCustomerMessage, "", a)
			for range d.Effects() {
			}
			d = l.Decide(resolved, ticket.EventResolve, "reason", a)
			_ = d.Reason
			l.Decide("nonsense", ticket.EventAddNote, "", a)
			l.Decide(resolved, "nonsense", "", a)
		}
	})
	require.Zero(t, n)
}

// T46: which refusal comes first.
func TestRefusalsT46(t *testing.T) {
	t.Parallel()
	l := ticket.Standard()
	tests := []struct {
		name   string
		status ticket.Status
		event  ticket.EventKind
		guard  ticket.Guard
		actor  helpdesk.Actor
		want   ticket.Reason
	}{
		{"unknown event", submitted, "dance", "", agent, "unknown_event"},
		{"unknown event and actor", submitted, "dance", "", "robot", "unknown_event"},
		{"R28: the AI never resolves", progress, ticket.EventResolve, "", ai, "actor"},
		{"the actor before the status", resolved, ticket.EventPickUp, "", customer, "actor"},
		{"the actor before an unknown status", "on_hold", ticket.EventPickUp, "", customer, "actor"},
		{"T44: an unknown status", "on_hold", ticket.EventPickUp, "", agent, "unknown_status"},
		{"not in this status", resolved, ticket.EventPickUp, "", agent, "status"},
		{"not under this guard", submitted, ticket.EventResolve, "", agent, "guard"},
		{"under another guard somebody else", ticket.StatusNone, ticket.EventCreate, "", ai, "actor"},
		{"R29: a customer never creates", ticket.StatusNone, ticket.EventCreate, "", customer, "actor"},
		{"hold needs the privilege", progress, ticket.EventPlaceLegalHold, "", agent, "guard"},
		{"only a person decides anew", progress, ticket.EventClaimSeverity, "decided", customer, "actor"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := l.Decide(tt.status, tt.event, tt.guard, tt.actor)
			require.False(t, d.Allowed())
			require.Equal(t, tt.want, d.Reason)
			require.Equal(t, ticket.StatusNone, d.Next)
			for range d.Effects() {
				t.Error("a refusal has no effects")
			}
		})
	}
}

// Every command of a ticket does what its row says, for every status, actor and
// command: the same product again, through the commands.
func TestEveryCommandR28T46(t *testing.T) {
	t.Parallel()
	ways := map[ticket.Status][]ticket.EventKind{
		submitted: {ticket.EventRecordAutoReply},
		progress:  {ticket.EventReply, ticket.EventAddCustomerMessage},
		waiting:   {ticket.EventAskCustomer},
		resolved:  {ticket.EventReply, ticket.EventResolve},
		closed:    {ticket.EventReply, ticket.EventResolve, ticket.EventClose},
	}
	want := parseTable(standardTable + closedTable)
	for s, way := range ways {
		for k := range ticket.EventKinds() {
			if k == ticket.EventCreate {
				continue
			}
			for a := range helpdesk.Actors() {
				d := open(t, ticket.StandardClosed()).must(way...)
				if k == ticket.EventReleaseLegalHold { // there must be something to release
					d.must(ticket.EventPlaceLegalHold)
				}
				name := string(k) // with the guard that these commands come under
				switch {
				case k == ticket.EventResolve && s == submitted:
					name += ":reason"
				case k == ticket.EventAddCustomerMessage && d.IsDone():
					name += ":in_window"
				case k == ticket.EventPlaceLegalHold || k == ticket.EventReleaseLegalHold:
					name += ":privileged"
				case k == ticket.EventPurge:
					name += ":due"
				}
				next, ok := want[question{s, name, a}]
				err := d.do(k, a)
				if ok {
					require.NoError(t, err, "%s %s by %s", s, k, a)
					require.Equal(t, next, d.Status(), "%s %s by %s", s, k, a)
					i := slices.IndexFunc(d.events, func(ev ticket.Event) bool { return ev.Ticket == d.ID() })
					last := d.events[i]
					require.Equal(t, next, last.To)
					require.Equal(t, s, last.From)
					require.Equal(t, k, last.Kind)
					require.Equal(t, a, last.By)
					require.Equal(t, d.ID(), last.Ticket)
					require.Equal(t, d.UpdatedAt(), last.At)
					continue
				}
				e := refused(t, err)
				require.Equal(t, a, e.Actor)
				if k != ticket.EventMergeFrom { // given to the other ticket
					require.Equal(t, k, e.Event)
					require.Equal(t, s, e.Status)
				}
			}
		}
	}
}
