package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "record the scenarios anew")

// A scenario holds the commands, each followed by what it led to.
func scenarios(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// simulate runs the program.
func simulate(t *testing.T, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, complaints bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &complaints)
	return out.String(), complaints.String(), status
}

// The three documents' stories, and what goes another way, give what is recorded,
// to the byte. Their notes name the rows R7–R77: see TestNotesNameEveryRow.
func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, file := range scenarios(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			recorded := filepath.Join(t.TempDir(), "again.jsonl")
			out, complaints, _ := simulate(t, "", "-record", recorded, file)
			require.Empty(t, complaints)
			require.NotEmpty(t, out)
			got, err := os.ReadFile(recorded)
			require.NoError(t, err)
			if *update {
				require.NoError(t, os.WriteFile(file, got, 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			where, same := difference(want, got)
			require.True(t, same, where)

			_, complaints, status := simulate(t, "", "-verify", file)
			require.Empty(t, complaints)
			require.Equal(t, exitDone, status)

			// On a real engine, too.
			diff, complaints, status := simulate(t, "", "-db", filepath.Join(t.TempDir(), "desk.db"), "-verify", file)
			require.Empty(t, complaints)
			require.Equal(t, exitDone, status, diff)
		})
	}
}

// A run in a file begins with nothing, and leaves the file as it was.
func TestDBMustBeNew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	start := `{"do":"account","as":"acc","email":"ada@account.example"}`
	_, complaints, status := simulate(t, start, "-db", path)
	require.Empty(t, complaints)
	require.Equal(t, exitDone, status)
	out, complaints, status := simulate(t, start, "-db", path)
	require.Empty(t, out)
	require.Contains(t, complaints, "must be a new file")
	require.Equal(t, exitUnusable, status)
	_, complaints, status = simulate(t, start, "-db", filepath.Join(path, "x"))
	require.Contains(t, complaints, "x")
	require.Equal(t, exitUnusable, status)
}

// The same input gives the same bytes, whatever the machine.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	first, _, _ := simulate(t, "", "testdata/exceptions.jsonl")
	for range 3 {
		again, _, _ := simulate(t, "", "testdata/exceptions.jsonl")
		require.Equal(t, first, again)
	}
}

// Every command is in a scenario and in the manual, and so is every code of an
// error of the program's own.
func TestEveryCommandIsShown(t *testing.T) {
	t.Parallel()
	var all []byte
	for _, file := range scenarios(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all = append(all, text...)
	}
	manual, err := os.ReadFile("../../docs/simulate.md")
	require.NoError(t, err)
	for _, do := range known() {
		require.True(t, strings.Contains(string(all), `"do":"`+do+`"`), "no scenario has %s", do)
		require.True(t, strings.Contains(string(manual), "\n| `"+do+"` |"), "the manual has no row for %s", do)
		for _, m := range commands[do].members {
			require.Contains(t, row(t, string(manual), do), m, "the manual's row of %s", do)
		}
	}
	for _, code := range []string{badCommand, unknownDo, unknownName, badAt} {
		require.Contains(t, string(all), `"code":"`+code+`"`)
		require.Contains(t, string(manual), "`"+code+"`")
	}
}

// row returns the row of the manual about a command, with the rows of members that
// it refers to.
func row(t *testing.T, manual, do string) string {
	t.Helper()
	_, rest, ok := strings.Cut(manual, "\n| `"+do+"` |")
	require.True(t, ok)
	line, _, _ := strings.Cut(rest, "\n")
	for _, group := range []string{"SAYS", "FORM", "LIST"} {
		if strings.Contains(line, group) {
			_, rest, ok := strings.Cut(manual, "| "+group+" |")
			require.True(t, ok, group)
			more, _, _ := strings.Cut(rest, "\n")
			line += more
		}
	}
	return line
}

func TestUnusable(t *testing.T) {
	t.Parallel()
	_, complaints, status := simulate(t, "{\"do\":\"health\"}\nnonsense\n")
	require.Equal(t, exitUnusable, status)
	require.Contains(t, complaints, "line 2 is not JSON")
	for _, args := range [][]string{{"no-such-file"}, {"a", "b"}, {"-fly"}, {"-record", "no/such/folder/file", "testdata/inbox.jsonl"}} {
		_, complaints, status = simulate(t, "", args...)
		require.Equal(t, exitUnusable, status, args)
		require.NotEmpty(t, complaints, args)
	}
	_, complaints, status = simulate(t, "", "-h")
	require.Equal(t, exitDone, status)
	require.Contains(t, complaints, "usage")
	_, _, status = simulate(t, `{"do":"health"} {"do":"health"}`)
	require.Equal(t, exitUnusable, status)
	_, _, status = simulate(t, "\ufeff{\"do\":\"health\"}\r\n\n{\"note\":\"x\"}\n")
	require.Equal(t, exitDone, status)
	_, _, status = simulate(t, `{"did":"health"}`+"\n"+`{"what":1}`)
	require.Equal(t, exitErrors, status)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/inbox.jsonl")
	require.NoError(t, err)
	changed := strings.Replace(string(text), "At ten, on holidays too.", "At nine.", 1)
	out, _, status := simulate(t, changed, "-verify")
	require.Equal(t, exitErrors, status)
	require.Contains(t, out, "differs")
	_, _, status = simulate(t, string(text[:bytes.LastIndexByte(text[:len(text)-1], '\n')+1]), "-verify")
	require.Equal(t, exitErrors, status)
	_, _, status = simulate(t, "nonsense", "-verify")
	require.Equal(t, exitUnusable, status)
	_, _, status = simulate(t, "nonsense", "-record", filepath.Join(t.TempDir(), "x"))
	require.Equal(t, exitUnusable, status)
}

// TestSetup has what can be wrong with a setup.
func TestSetup(t *testing.T) {
	t.Parallel()
	bad := []string{
		`"inbox":{"fly":true}`,
		`"inbox":{"max_turns":-1}`,
		`"policies":[{"name":"x"}]`,
		`"partners":{"a":"gold"}`,
		`"lifecycle":"circular"`,
		`"lifecycle":{"name":7}`,
		`"lifecycle":{"name":"x"}`,
		`"retention":{"period":"soon"}`,
		`"reminders":{"every":"soon"}`,
		`"limits":{"sweep_every":"-1h"}`,
		`"limits":{"mails_per_window":-1}`,
	}
	for _, members := range bad {
		out, _, status := simulate(t, `{"do":"setup",`+members+`}`)
		require.Equal(t, exitErrors, status, members)
		require.Contains(t, out, `"error"`, members)
	}
	good := []string{
		`"lifecycle":"standard"`,
		`"inbox":{"add_on":true}`,
		`"retention":{"period":"24h"}`,
	}
	for _, members := range good {
		out, _, status := simulate(t, `{"do":"setup",`+members+`}`)
		require.Equal(t, exitDone, status, out)
	}
}

// What is wrong with a setup is said at once, and nothing of it is done.
func TestBadSetup(t *testing.T) {
	t.Parallel()
	out, _, status := simulate(t, `{"do":"setup","inbox":{"add_on":true},"policies":[],"retention":{"period":"30d"}}
{"do":"setup","lifecycle":{}}
{"do":"setup","policies":[{"name":"a","version":1},{"name":"a","version":2}]}
{"do":"start","as":"c","channel":"sms","contact":{"customer":"x"},"text":"Hello."}
`)
	require.Equal(t, exitErrors, status)
	require.Contains(t, out, "policies must have at least one; ")
	require.Contains(t, out, "period")
	require.Contains(t, out, `"code":"invalid","message":"ticket: lifecycle: `)
	require.Contains(t, out, `"list":"active"`) // without the add-on
}

// A customer's command on a ticket is by its customer, unless who says otherwise.
func TestCustomerOfTicket(t *testing.T) {
	t.Parallel()
	world := `{"do":"start","as":"c","channel":"live_chat","contact":{"customer":"x","account":"a"},"text":"Hello."}` + "\n" +
		`{"do":"create_ticket","as":"t","conversation":"c","title":"T","summary":"S","intake":{"kind":"enquiry"}}` + "\n"
	claim := `{"do":"claim_severity","ticket":"t","by":"customer","level":"high"`
	_, _, status := simulate(t, world+claim+"}")
	require.Equal(t, exitDone, status)
	out, _, status := simulate(t, world+claim+`,"who":"y"}`)
	require.Equal(t, exitErrors, status)
	require.Contains(t, out, `"code":"not_found"`)
}

// A line that is too long is named.
func TestTooLong(t *testing.T) {
	t.Parallel()
	_, complaint, status := simulate(t, `{"note":"x"}`+"\n"+strings.Repeat("x", maxLine+1))
	require.Equal(t, exitUnusable, status)
	require.Contains(t, complaint, "line 2 is longer than 16777216 bytes")
}

// What members that cannot be read say, and names that nothing has.
func TestBadMembers(t *testing.T) {
	t.Parallel()
	world := `{"do":"start","as":"c","channel":"live_chat","contact":{"customer":"x","account":"a"},"text":"Hello."}` + "\n" +
		`{"do":"create_ticket","as":"t","conversation":"c","title":"T","summary":"S","intake":{"kind":"enquiry"}}` + "\n"
	for _, line := range []string{
		`{"do":"reply","text":"x"}`,
		`{"do":"reply","conversation":"c","text":"x","sent_at":"yesterday"}`,
		`{"do":"customer_message","conversation":"c","text":"x","sent_at":"yesterday"}`,
		`{"do":"start","channel":"sms","text":"x","sent_at":"yesterday"}`,
		`{"do":"ai_reply","conversation":"c","lease":"none"}`,
		`{"do":"ai_reply","conversation":"none"}`,
		`{"do":"ai_fail","conversation":"none"}`,
		`{"do":"offer","conversation":"none"}`,
		`{"do":"ai_reply","conversation":"c","text":"x","sent_at":"yesterday"}`,
		`{"do":"ai_fail","conversation":"c","failure":"error"}`,
		`{"do":"confirm","offer":"none"}`,
		`{"do":"confirm","conversation":"c","offer":"none","contact_at":"once"}`,
		`{"do":"confirm","conversation":"c","offer":"none"}`,
		`{"do":"create_ticket","conversation":"c","contact_at":"once"}`,
		`{"do":"create_ticket","conversation":"c","follow_up_of":"none"}`,
		`{"do":"create_ticket","conversation":"none"}`,
		`{"do":"merge","ticket":"t","into":"none"}`,
		`{"do":"merge","ticket":"none","into":"t"}`,
		`{"do":"request_erasure","conversation":"none"}`,
		`{"do":"receive","conversation":"none"}`,
		`{"do":"customer_message","conversation":"none"}`,
		`{"do":"status","reference":"nonsense","assurance":"verified","customer":"x"}`,
		`{"do":"status","ticket":"none"}`,
		`{"do":"ticket","ticket":"none"}`,
		`{"do":"retention","ticket":"none"}`,
		`{"do":"retention","conversation":"none"}`,
		`{"do":"residue","conversation":"none"}`,
		`{"do":"conversation","conversation":"none"}`,
		`{"do":"conversations","list":"funny"}`,
		`{"do":"configure","inbox":{"fly":1}}`,
		`{"do":"configure","inbox":{"max_turns":-1}}`,
		`{"do":"account"}`,
		`{"do":"set_clock"}`,
		`{"do":"advance","until":"soon"}`,
		`{"do":"advance","until":"2020-01-01T00:00:00Z"}`,
		`{"do":"health","at":"soon"}`,
		`{"do":"health","at":"+soon"}`,
		`{"do":"tickets","cursor":"nonsense"}`,
		`{"do":"claim_severity","ticket":"t","level":"dire"}`,
		`{"do":"decline","offer":"none"}`,
		`{"do":"transport","answer":"down","times":-1}`,
		`{"do":"status","ticket":"t","reference":"HD-4GT6-5690-29DX"}`,
		`{"do":"start","as":"c","channel":"sms","text":"x"}`,
		`{"do":"reply","conversation":"c","ticket":"none","text":"x"}`,
		`{"do":"pick_up","conversation":"c","conversation":"c"}`,
		`{"do":"explain","ticket":"t","metric":"first_reply","cycle":9}`,
		`{"do":"bounced","message":"none"}`,
	} {
		out, _, status := simulate(t, world+line)
		require.Equal(t, exitErrors, status, line)
		require.Contains(t, out[strings.LastIndex(strings.TrimSpace(out), "\n"):], `"error"`, line)
	}
	for _, do := range known() {
		if do == "advance" || do == "set_clock" || do == "setup" || do == "restart" || do == "account" || do == "transport" {
			continue
		}
		out, _, _ := simulate(t, world+`{"do":"`+do+`","tenant":"No Tenant","conversation":"c","ticket":"t","into":"t"}`)
		require.Contains(t, out, `"error"`, do)
	}
}

// Lines are objects whose instants and names are what they say.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, file := range scenarios(t) {
		out, _, _ := simulate(t, "", file)
		require.NotContains(t, out, "-7", "an ID without a name")
		for line := range strings.Lines(out) {
			var m map[string]json.RawMessage
			require.NoError(t, json.Unmarshal([]byte(line), &m), line)
			require.Contains(t, m, "at")
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	n := newNames()
	s := simulation{}
	a, b := s.newID(epoch), s.newID(epoch)
	require.Equal(t, "chat", n.give(a, "chat", "c"))
	require.Equal(t, "chat", n.give(a, "other", "c"))
	require.Equal(t, "c1", n.give(b, "chat", "c"))
	require.Equal(t, "conv/chat/x c1 chat", n.in([]byte("conv/"+a.String()+"/x "+b.String()+" "+a.String())))
	require.Equal(t, "not-7 one", n.in([]byte("not-7 one")))
	require.Equal(t, "conv/"+a.String()+"/x", n.out("conv/chat/x"))
	require.Empty(t, n.of([16]byte{}))
}

// A clock goes on for long, and the sweeps with it.
func TestLongRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		return
	}
	lines := []string{`{"do":"start","channel":"live_chat","contact":{"customer":"x"},"text":"Hello."}`, `{"do":"advance","for":"500d"}`, `{"do":"health"}`}
	out, _, status := simulate(t, strings.Join(lines, "\n"))
	require.Equal(t, exitDone, status)
	require.Contains(t, out, `"sweep":{"at":"2027-07-1`)
}
