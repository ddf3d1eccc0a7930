package ticket_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R25, R26: what lacks, by kind, in the order of the form.
func TestMissingR25R26(t *testing.T) {
	t.Parallel()
	always := []string{"requester!", "account!", "kind!", "title!", "description!"}
	impact := []string{"affected!", "ability!", "workaround!", "persistence!", "first_seen!"}
	help := []string{"page", "versions", "evidence"}
	kindless := slices.DeleteFunc(slices.Clone(always), func(s string) bool { return s == "kind!" })
	full := ticket.Intake{
		Requester: "r", Account: "a", Title: "t", Description: "d", FirstSeen: "f",
		Steps: "s", Expected: "e", Actual: "a", Page: "p", Versions: "v", Evidence: "e",
		Answers: severity.Answers{Affected: 1, Ability: 1, Workaround: 1, Persistence: 1},
	}
	as := func(in ticket.Intake, k ticket.IntakeKind) ticket.Intake { in.Kind = k; return in }
	tests := []struct {
		name string
		in   ticket.Intake
		want []string
	}{
		{"nothing", ticket.Intake{}, always},
		{"an enquiry", as(ticket.Intake{}, ticket.IntakeEnquiry), kindless},
		{"an issue", as(ticket.Intake{}, ticket.IntakeIssue), slices.Concat(kindless, impact, help)},
		{"a bug", as(ticket.Intake{}, ticket.IntakeBug), slices.Concat(kindless, impact, []string{"steps!", "expected!", "actual!"}, help)},
		{"T44: a kind of a newer version", as(ticket.Intake{}, "wish"), kindless},
		{"a full enquiry", as(full, ticket.IntakeEnquiry), nil},
		{"a full issue", as(full, ticket.IntakeIssue), nil},
		{"a full bug", as(full, ticket.IntakeBug), nil},
		{"answers that are none lack", ticket.Intake{
			Requester: "r", Account: "a", Kind: ticket.IntakeIssue, Title: "t", Description: "d", FirstSeen: "f", Page: "p", Versions: "v",
			Evidence: "e", Answers: severity.Answers{Affected: 9, Ability: 1, Workaround: 1, Persistence: 1},
		}, []string{"affected!"}},
		{"what cannot change the level is recommended", ticket.Intake{
			Requester: "r", Account: "a", Kind: ticket.IntakeIssue, Title: "t", Description: "d", FirstSeen: "f", Page: "p", Versions: "v", Evidence: "e",
			Answers: severity.Answers{Affected: severity.AffectedAll, Ability: severity.AbilityDown, Workaround: severity.WorkaroundNone},
		}, []string{"persistence"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for l := range tt.in.Missing() {
				name := l.Field
				if l.Required {
					name += "!"
				}
				got = append(got, name)
			}
			require.Equal(t, tt.want, got)
			for range tt.in.Missing() {
				break
			}
		})
	}

	// Each text of a full form that is taken away is named.
	for field, clear := range map[string]func(*ticket.Intake){
		"requester":   func(in *ticket.Intake) { in.Requester = "" },
		"account":     func(in *ticket.Intake) { in.Account = "" },
		"title":       func(in *ticket.Intake) { in.Title = "" },
		"description": func(in *ticket.Intake) { in.Description = "" },
		"affected":    func(in *ticket.Intake) { in.Answers.Affected = 0 },
		"ability":     func(in *ticket.Intake) { in.Answers.Ability = 0 },
		"workaround":  func(in *ticket.Intake) { in.Answers.Workaround = 0 },
		"persistence": func(in *ticket.Intake) { in.Answers.Persistence = 0 },
		"first_seen":  func(in *ticket.Intake) { in.FirstSeen = "" },
		"steps":       func(in *ticket.Intake) { in.Steps = "" },
		"expected":    func(in *ticket.Intake) { in.Expected = "" },
		"actual":      func(in *ticket.Intake) { in.Actual = "" },
		"page":        func(in *ticket.Intake) { in.Page = "" },
		"versions":    func(in *ticket.Intake) { in.Versions = "" },
		"evidence":    func(in *ticket.Intake) { in.Evidence = "" },
	} {
		in := as(full, ticket.IntakeBug)
		clear(&in)
		got := slices.Collect(in.Missing())
		require.Len(t, got, 1)
		require.Equal(t, field, got[0].Field)
	}
}

func TestIntakeKinds(t *testing.T) {
	t.Parallel()
	require.Equal(t, []ticket.IntakeKind{"enquiry", "issue", "bug"}, slices.Collect(ticket.IntakeKinds()))
	require.True(t, ticket.IntakeBug.IsKnown())
	require.False(t, ticket.IntakeKind("").IsKnown())
}

func TestClassify(t *testing.T) {
	t.Parallel()
	down := severity.Answers{Affected: severity.AffectedAll, Ability: severity.AbilityDown, Workaround: severity.WorkaroundNone}
	r := ticket.Intake{Kind: ticket.IntakeEnquiry, Answers: down}.Classify()
	require.Equal(t, severity.Result{Level: severity.Low, Lowest: severity.Low, Highest: severity.Low, Reason: "it is a general enquiry"}, r)
	require.Equal(t, severity.Classify(down), ticket.Intake{Kind: ticket.IntakeBug, Answers: down}.Classify())
	require.Equal(t, severity.Classify(down), ticket.Intake{Answers: down}.Classify())
}

func TestIntakeJSON(t *testing.T) {
	t.Parallel()
	in := ticket.Intake{Requester: "r", Title: "t", Kind: "wish", Answers: severity.Answers{Affected: severity.AffectedOne}}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"requester":"r","title":"t","kind":"wish","answers":{"affected":"one"}}`, string(text))
	var back ticket.Intake
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, in, back, "T44: kept verbatim")
}

// T1, T2: a mail always becomes a ticket.
func TestFitT1T2(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	tests := []struct{ name, subject, body, title, description string }{
		{"T2: no subject", "", "b", "(no subject)", "b"},
		{"T2: nothing to see", " \r\n\x00", "b", "(no subject)", "b"},
		{"nothing at all", "", "", "(no subject)", ""},
		{"T1: 120", x(120), "b", x(120), "b"},
		{"T1: 121", x(121), "b", x(119) + "…", x(121) + "\n\nb"},
		{"T1: 121 and no body", x(121), " ", x(119) + "…", x(121)},
		{"T1: 1 MB", x(1 << 20), "b", x(119) + "…", x(1<<20) + "\n\nb"},
		{"not inside a character", x(118) + "👩\u200D💻" + x(9), "b", x(118) + "…", x(118) + "👩\u200D💻" + x(9) + "\n\nb"},
		{"T5: decoded, then cleaned", "=?utf-8?q?Hi=0D=0ABcc:_x?=", "b", "Hi Bcc: x", "b"},
		{"T3: the body too", "s", "a\r\nb\x00", "s", "a\nb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := ticket.Intake{Title: tt.subject, Description: tt.body}.Fit()
			title, description := in.Title, in.Description
			require.Equal(t, tt.title, title)
			require.Equal(t, tt.description, description)
		})
	}
	description := ticket.Intake{Title: x(121), Description: x(1 << 21)}.Fit().Description
	require.Equal(t, (1 << 21), utf8.RuneCountInString(description))
}

// What a mail becomes can always be made a ticket of.
func FuzzFit(f *testing.F) {
	f.Add("", "")
	f.Add("=?utf-8?q?Hi=0D=0ABcc:x?=", "a\x00\xff")
	f.Add(strings.Repeat("e\u0301", 100), "b")
	f.Fuzz(func(t *testing.T, subject, body string) {
		d := draft()
		d.Intake.Title, d.Intake.Description = subject, body
		d.Intake = d.Intake.Fit()
		tk, _, err := ticket.New(ticket.Standard(), at(ai), d)
		if err != nil {
			t.Fatal(err)
		}
		if tk.Intake().Title != d.Intake.Title || tk.Intake().Description != d.Intake.Description {
			t.Fatalf("cleaned twice: %q, %q", tk.Intake().Title, d.Intake.Title)
		}
	})
}
