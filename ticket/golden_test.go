package ticket_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The words for everything that can be wrong with a lifecycle.
func TestLifecycleFaultTexts(t *testing.T) {
	t.Parallel()
	standard, err := json.Marshal(ticket.StandardConfig())
	require.NoError(t, err)
	// with returns the standard lifecycle with rows added.
	with := func(rows string) string { return strings.Replace(string(standard), `"rows":[`, `"rows":[`+rows+`,`, 1) }
	var said strings.Builder
	for _, text := range []string{
		``, `null`, `[]`, `{`, `{}{}`, `{}`, `{"fly":1,"Name":"x"}`, `{"name":"a","name":"b"}`,
		`{"name":7,"initial":7,"statuses":7,"rows":7,"reopen_window":7}`, `{"statuses":[7,{"status":7,"category":7,"fly":1}],"rows":[7,{"status":7,"event":7,"guard":7,"by":7,"next":7,"effects":7}]}`,
		`{"name":"P!","initial":"a","reopen_window":"-1h"}`, `{"name":"x","reopen_window":"soon"}`,
		`{"name":"x","initial":"purged","statuses":[{"status":"purged","category":"new"},{"status":"A","category":"odd"},{"status":"a","category":"new"},{"status":"a","category":"new"}]}`,
		`{"name":"x","initial":"a","statuses":[{"status":"a","category":"new"},{"status":"b","category":"open"},{"status":"c","category":"done"},{"status":"d","category":"waiting"}],"rows":[{"event":"create","by":["agent"],"next":"a"},{"status":"a","event":"resolve","by":["agent"],"next":"c"},{"status":"c","event":"purge","guard":"due","by":["system"],"next":"purged"}]}`,
		`{"name":"x","initial":"a","statuses":[{"status":"a","category":"new"},{"status":"c","category":"done"}],"rows":[{"event":"create","by":["agent"],"next":"c"},{"event":"create","by":["customer"],"next":"a"},{"event":"create","guard":"offer","by":["customer"],"next":"a"}]}`,
		with(`{"status":"nowhere","event":"reply","by":["agent"],"next":"nowhere"}`),
		with(`{"status":"submitted","event":"!","guard":"!","by":["pope","agent","agent"],"next":"!","effects":["!","notify","notify"]}`),
		with(`{"status":"submitted","event":"reply","by":["agent"],"next":"submitted"},{"status":"purged","event":"reply","by":["agent"],"next":"submitted"}`),
		with(`{"status":"submitted","event":"fly","by":[],"next":"submitted"}`), with(`{"status":"submitted","event":"reply","guard":"merged","by":["agent"],"next":"submitted"}`),
		with(`{"status":"submitted","event":"assign","by":["customer"],"next":"submitted"}`), with(`{"status":"submitted","event":"close","by":["agent"],"next":"waiting_on_customer"}`),
		with(`{"status":"submitted","event":"give_up","by":["system"],"next":"in_progress"},{"status":"submitted","event":"reopen","by":["agent"],"next":"resolved"}`),
		with(`{"status":"resolved","event":"pause_clocks","by":["agent"],"next":"resolved"},{"status":"resolved","event":"purge","by":["system"],"next":"resolved"}`),
		with(`{"status":"submitted","event":"own","by":["agent"],"next":"resolved"},{"status":"submitted","event":"own2","by":["agent"],"next":"purged","effects":["mail_created","call"]}`),
	} {
		var c ticket.Config
		err := json.Unmarshal([]byte(text), &c)
		if err == nil {
			_, err = ticket.NewLifecycle(c)
		}
		fmt.Fprintf(&said, "== %.300s\n%v\n", text, err)
	}
	golden.Equal(t, "testdata/faults.golden", said.String())
}

// The words for everything that can be wrong with what is said of a ticket.
func TestDraftFaultTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	say := func(what string, err error) { fmt.Fprintf(&said, "== %s\n%v\n", what, err) }
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	long := strings.Repeat("x", 3_000_000)
	id := ticket.ID(uuid.MustParse("00000000-0000-7000-8000-000000000001"))
	agent := func(n int) helpdesk.Command {
		return helpdesk.Command{ID: fmt.Sprintf("s%d", n), At: at.Add(time.Duration(n) * time.Minute), Author: helpdesk.Agent("w")}
	}
	_, _, err := ticket.New(ticket.Standard(), helpdesk.Command{Author: helpdesk.Author{By: helpdesk.ActorAgent}}, ticket.Params{})
	say("nothing", err)
	_, _, err = ticket.New(ticket.Standard(), helpdesk.Command{ID: "a b", At: at.AddDate(-300, 0, 0), Author: helpdesk.Agent(long)}, ticket.Params{
		Reference: "HD-1", Summary: long, Conversation: "\x00", Channel: "pigeon", Severity: 9, ContactAt: at.AddDate(300, 0, 0),
		Intake: ticket.Intake{Requester: "\x00", Account: long, Kind: "riddle", Title: long, Description: long, Steps: long, FirstSeen: long},
	})
	say("a draft", err)
	_, _, err = ticket.New(ticket.Standard(), agent(1), ticket.Params{ID: id, FollowUpOf: id, Reference: "HD-1", Channel: "a b"})
	say("another draft", err)
	k, _, err := ticket.New(ticket.Standard(), agent(1), ticket.Params{
		ID: id, Reference: ticket.NewReference(1), Summary: "s", Conversation: "c", Channel: helpdesk.ChannelEmail,
		Intake: ticket.Intake{Requester: "r", Account: "a", Title: "t"},
	})
	require.NoError(t, err)
	_, _, err = k.UpdateIntake(agent(2), ticket.Intake{Requester: "z", Account: "z", Kind: "riddle", Title: "z", Steps: long})
	say("answers", err)
	_, _, err = k.ClaimSeverity(agent(2), 9, "pigeon")
	say("a claim", err)
	_, _, err = k.DeclineSeverity(agent(2), 0)
	say("a declined claim", err)
	_, _, err = k.CorrectSeverity(agent(2), ticket.CorrectSeverityParams{Level: 9, Reason: " "})
	say("a correction", err)
	_, _, err = k.PauseClocks(agent(2), long)
	say("a pause", err)
	_, _, err = k.PlaceLegalHold(agent(2), ticket.LegalHoldParams{ID: "a b", Reason: " ", Privileged: true})
	say("a hold", err)
	_, _, err = k.ReleaseLegalHold(agent(2), ticket.LegalHoldParams{ID: "none", Privileged: true})
	say("no such hold", err)
	_, _, err = k.Reply(agent(2), ticket.Message{ID: "a b", Channel: "pigeon", HappenedAt: at.AddDate(-300, 0, 0)})
	say("a reply", err)
	_, _, err = k.Resolve(agent(2), ticket.ResolveParams{Action: " ", Details: long, Reason: "bored"})
	say("a solution", err)
	_, _, err = k.Resolve(helpdesk.Command{ID: "s2", At: at, Author: helpdesk.Author{By: helpdesk.ActorAgent}}, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam})
	say("by nobody", err)
	for _, text := range []string{"", "HD-1", "HD-0000-0000-0000", "x"} {
		_, err = ticket.ParseReference(text)
		say("reference "+text, err)
	}
	golden.Equal(t, "testdata/draft-faults.golden", said.String())
}

// The diagram, the table and the JSON form of a lifecycle of a host's own.
func TestOwnLifecyclePrinted(t *testing.T) {
	t.Parallel()
	c := ticket.StandardClosedConfig()
	c.Name, c.ReopenWindow = "own", 72*time.Hour
	c.Statuses = append(c.Statuses, ticket.StatusConfig{Status: "with_vendor", Category: ticket.CategoryWaiting})
	agent, customer, system := helpdesk.ActorAgent, helpdesk.ActorCustomer, helpdesk.ActorSystem
	c.Rows = append(c.Rows,
		ticket.Row{Status: ticket.StatusInProgress, Event: "ask_vendor", By: []helpdesk.Actor{agent, helpdesk.ActorAI}, Next: "with_vendor", Effects: []ticket.EffectKind{"call_vendor", "notify"}},
		ticket.Row{Status: "with_vendor", Event: "vendor_answers", By: []helpdesk.Actor{system}, Next: ticket.StatusInProgress},
		ticket.Row{Status: "with_vendor", Event: "vendor_answers", Guard: "broken", By: []helpdesk.Actor{system}, Next: "with_vendor"},
		ticket.Row{Status: "with_vendor", Event: ticket.EventAddCustomerMessage, By: []helpdesk.Actor{customer}, Next: ticket.StatusInProgress, Effects: []ticket.EffectKind{"notify"}},
		ticket.Row{Status: "with_vendor", Event: ticket.EventResolve, By: []helpdesk.Actor{agent}, Next: ticket.StatusResolved, Effects: []ticket.EffectKind{"schedule_retention"}},
	)
	l, err := ticket.NewLifecycle(c)
	require.NoError(t, err)
	form, err := json.MarshalIndent(l.Config(), "", " ")
	require.NoError(t, err)
	var said strings.Builder
	said.WriteString(l.Mermaid() + "\n" + l.Markdown() + "\n" + string(form) + "\n")
	golden.Equal(t, "testdata/own-lifecycle.golden", said.String())
}
