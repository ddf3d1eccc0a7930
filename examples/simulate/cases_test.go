package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/mail"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A said is what a script says: its lines, and by command the views in order.
type said struct {
	lines []string
	did   map[string][]string
}

// last returns the last view of a command.
func (s *said) last(do string) string { return s.did[do][len(s.did[do])-1] }

// having returns the lines that have all of the parts.
func (s *said) having(parts ...string) (n int) {
	for _, l := range s.lines {
		all := true
		for _, p := range parts {
			all = all && strings.Contains(l, p)
		}
		if all {
			n++
		}
	}
	return n
}

// cases are scripts from public reports, with what is right.
var cases = map[string]func(t *testing.T, s *said){
	"outage_of_mail.jsonl": func(t *testing.T, s *said) {
		t.Helper()
		require.JSONEq(t, `{"items":[]}`, s.last("parked"))
		require.Contains(t, s.last("health"), `"waiting":0,"parked":0`)
		require.NotContains(t, s.last("conversation"), `"undelivered":true`)
	},
	"reply_before_ticket.jsonl": func(t *testing.T, s *said) { // S34, S35
		t.Helper()
		for _, view := range s.did["ticket"][:2] {
			require.Contains(t, view, `"metric":"first_reply","cycle":1,"state":"stopped","verdict":"met","severity":"high","start":"2026-03-03T10:00:00Z"`)
			require.Contains(t, view, `"stop":"2026-03-03T10:05:00Z"`)
		}
		breach := `"metric":"first_reply","cycle":1,"due":"2026-03-03T17:30:00Z","severity":"low"`
		require.Equal(t, 1, s.having(`{"at":"2026-03-03T17:30:00Z","event":{"of":"chat2","type":"sla_breach"`))
		require.Equal(t, 1, s.having(`"notice":{"cause":"sla_breach","conversation":"chat2"`, breach))
		require.Contains(t, s.last("conversation"), `"verdict":"breached"`)
		require.Contains(t, s.did["ticket"][2], `"start":"2026-03-04T14:30:00Z"`)
		require.Contains(t, s.last("ticket"), `"start":"2026-03-04T16:30:00Z"`)
	},
	"undecided_urgent.jsonl": func(t *testing.T, s *said) { // S36, S37
		t.Helper()
		for at, metric := range map[string]string{"2026-03-07T02:25:00Z": "first_reply", "2026-03-07T07:10:00Z": "resolution"} {
			require.Equal(t, 1, s.having(`{"at":"`+at+`","event":{"of":"t","type":"decision_overdue"`, `"metric":"`+metric+`"`))
			require.Equal(t, 1, s.having(`"notice":{"cause":"decision_overdue"`, `"metric":"`+metric+`"`))
		}
		const monday = `{"at":"2026-03-09T07:30:00Z",`
		require.Equal(t, 2, s.having(monday+`"event":{"of":"t","type":"sla_breach"`, `"severity":"urgent"`))
		require.Zero(t, s.having(monday, `"sla_warning"`))
	},
	"escalation_is_silent.jsonl": func(t *testing.T, s *said) { // R86, T48
		t.Helper()
		require.Equal(t, 3, s.having(`"notice":{`, `"cause":"escalate"`))
		require.Contains(t, s.last("notifications"), `"cause":"escalate"`)
	},
	"notice_after_acting.jsonl": func(t *testing.T, s *said) { // R86
		t.Helper()
		require.Equal(t, 4, s.having(`"notice":{"agent":"agent","cause":"customer_message","conversation":"c"`), "2 to 5, each")
	},
	"copy_answers_give_up.jsonl": func(t *testing.T, s *said) { // T50, R87
		t.Helper()
		require.Zero(t, s.having(`"type":"remind"`)+s.having(`"type":"give_up"`))
		require.Equal(t, 2, s.having(`"notice":{`, `"cause":"participant_message"`))
		require.Contains(t, s.last("status"), `"status":"waiting_on_customer"`)
	},
	"reminders_at_christmas.jsonl": func(t *testing.T, s *said) { // S41
		t.Helper()
		require.Equal(t, 1, s.having(`{"at":"2026-12-28T08:00:00.000000001Z","event":{"of":"t","type":"remind"`))
		require.Zero(t, s.having(`"type":"give_up"`))
		require.Equal(t, 1, s.having(`{"at":"2026-12-24T20:00:00Z","event":{"of":"d","type":"escalate"`))
	},
	"mail_does_not_thread.jsonl": func(t *testing.T, s *said) { // T56
		t.Helper()
		for _, id := range []string{"cust-1@acme.example", "cust-2@acme.example"} {
			require.Equal(t, 1, s.having(`"out":{"channel":"email"`, `"in_reply_to":"`+id+`","references":["`+id+`"]`))
		}
	},
	"tags_with_emoji.jsonl": func(t *testing.T, s *said) { // T57
		t.Helper()
		require.Equal(t, 17, s.having(`"did":"tag","result"`)) // each is taken
		for _, tag := range []string{`"🔥"`, `"👩‍💻"`, `"🇩🇪"`, `"❤️"`} {
			var text string
			require.NoError(t, json.Unmarshal([]byte(tag), &text))
			require.Contains(t, s.last("conversation"), `"`+text+`"`)
		}
	},
	"partner_without_contract.jsonl": func(t *testing.T, s *said) { // R80
		t.Helper()
		require.Equal(t, 2, s.having(`"did":"confirm"`, `"status":"submitted"`))
		require.Equal(t, 1, s.having(`"notice":{`, `"cause":"no_contract"`))
		require.Contains(t, s.last("health"), `"no_contract":1`)
	},
	"second_issue_by_sms.jsonl": func(t *testing.T, s *said) { // R88
		t.Helper()
		require.Equal(t, 2, s.having(`"did":"offer","as":"o`, `"result"`))
		require.Equal(t, 1, s.having(`"did":"create_ticket","as":"t2"`, `"status":"submitted"`))
		require.Zero(t, s.having(`"error"`))
	},
	"transcript_lacks_our_words.jsonl": func(t *testing.T, s *said) { // R83
		t.Helper()
		const offer, reference = `I can open a support ticket for you.`, `Your support ticket is HD-`
		const reminder, resolution = `We need an answer from you`, `is resolved.`
		words := func(view string) (n []int) {
			for _, w := range []string{`"by":"system"`, offer, reference, reminder, resolution} {
				n = append(n, strings.Count(view, w))
			}
			return n
		}
		for _, do := range []string{"customer_conversation", "conversation"} {
			require.Equal(t, []int{2, 1, 1, 0, 0}, words(s.did[do][0]), do)
			require.Equal(t, []int{4, 1, 1, 1, 1}, words(s.did[do][1]), do)
		}
		require.Contains(t, s.did["customer_conversation"][0], `"tickets":[{"reference":"HD-`)
		require.Contains(t, s.did["customer_conversation"][0], `"status":"submitted"`)
		require.Contains(t, s.did["customer_conversation"][1], `"status":"resolved"`)
	},
	"idle_for_ever.jsonl": func(t *testing.T, s *said) { // R91: without the option, as ever
		t.Helper()
		require.Zero(t, s.having(`"type":"archive_idle"`))
		require.Contains(t, s.last("conversations"), `"list":"automated"`)
	},
}

// The cases from the field come out right, where the folder that has them is named.
func TestCases(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("HELPDESK_CASES")
	if folder == "" {
		t.Skip("HELPDESK_CASES names no folder with cases")
	}
	for name, right := range cases {
		for _, engine := range []string{"memory", "SQLite"} {
			t.Run(name+"/"+engine, func(t *testing.T) {
				t.Parallel()
				var args []string
				if engine == "SQLite" {
					args = []string{"-db", filepath.Join(t.TempDir(), "desk.db")}
				}
				out, complaints, _ := simulate(t, "", append(args, filepath.Join(folder, name))...)
				require.Empty(t, complaints)
				all := &said{did: map[string][]string{}}
				for line := range strings.Lines(out) {
					var l struct {
						Did  string
						View json.RawMessage
					}
					require.NoError(t, json.Unmarshal([]byte(line), &l))
					all.lines = append(all.lines, line)
					all.did[l.Did] = append(all.did[l.Did], string(l.View))
				}
				right(t, all)
			})
		}
	}
}

// Headers of mails from the field are told apart, and thread addresses and threads are found (T51–T54).
func TestMailCases(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("HELPDESK_CASES")
	if folder == "" {
		t.Skip("HELPDESK_CASES names no folder with cases")
	}
	threads, err := mail.NewThreads("acme", bytes.Repeat([]byte{1}, 32))
	require.NoError(t, err)
	id := uuid.MustParse("019d19ec-2680-7000-8000-000000000001")
	ours, err := threads.MessageID(id, "conv/1/msg/2", "desk.example")
	require.NoError(t, err)
	address, err := threads.Address("support@help.example", id)
	require.NoError(t, err)
	all, err := os.ReadFile(filepath.Join(folder, "mail.jsonl"))
	require.NoError(t, err)
	for line := range bytes.Lines(all) {
		var c struct {
			Why, Headers, Mailbox string
			Machine               *bool
			Finds                 bool
		}
		require.NoError(t, json.Unmarshal(line, &c))
		if c.Mailbox != "" {
			a, err := threads.Address(c.Mailbox, id)
			require.NoError(t, err, c.Mailbox)
			c.Headers, c.Finds = "To: "+a, true
		}
		m := readMail(strings.NewReplacer("OURS", ours, "ADDRESS", address).Replace(c.Headers) + "\n\nx")
		if c.Machine != nil {
			require.Equal(t, *c.Machine, mail.Detect(m.header, mail.Receiver{Threads: threads}).Automatic(), c.Why+": "+c.Headers)
		}
		if c.Finds {
			found, ok := threads.Find(m.header)
			require.True(t, ok, c.Headers)
			require.Equal(t, id, found)
		}
	}
}
