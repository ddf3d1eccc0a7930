package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// zoneinfo makes a directory with the zone America/Vancouver by a rule of POSIX.
func zoneinfo(t *testing.T, rule string) string {
	t.Helper()
	var file []byte
	for range 2 { // without transitions: the rule is all there is
		file = append(file, "TZif2"...)
		file = append(file, make([]byte, 15)...)
		for _, n := range []uint32{0, 0, 0, 0, 1, 4} {
			file = binary.BigEndian.AppendUint32(file, n)
		}
		file = binary.BigEndian.AppendUint32(file, 0xffff8f80) // 8 hours behind UTC
		file = append(file, 0, 0, 'P', 'S', 'T', 0)
	}
	file = append(file, "\n"+rule+"\n"...)
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "America"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "America", "Vancouver"), file, 0o600))
	return dir
}

// What is opened at 08:05 where the clocks go back in autumn, is opened at 09:05 where they do not:
// the answer comes too late.
const vancouver = `{"do":"setup","policies":[{"name":"bc","version":1,"schedule":{"zone":"America/Vancouver","hours":{"mon":["09:00-17:00"]}},"targets":{"urgent":{"first_reply":{"within":"1h"},"next_reply":{"none":true},"resolution":{"none":true}},"high":{"first_reply":{"within":"1h"},"next_reply":{"none":true},"resolution":{"none":true}},"medium":{"first_reply":{"within":"1h"},"next_reply":{"none":true},"resolution":{"none":true}},"low":{"first_reply":{"within":"1h"},"next_reply":{"none":true},"resolution":{"none":true}}}}]}
{"at":"2026-11-02T16:05:00Z","do":"account","as":"acc","email":"ada@account.example"}
{"do":"start","as":"c","channel":"email","contact":{"customer":"ada","account":"acc","email":"ada@account.example"},"text":"Help"}
{"do":"create_ticket","as":"t","conversation":"c","on_behalf":true,"title":"A","description":"x","summary":"x","level":"medium"}
{"at":"+100m","do":"reply","conversation":"c","text":"Hello"}
{"do":"ticket","ticket":"t"}
`

// S39: a scenario says with which zones and holidays it was recorded, and is not compared with the
// answers of others.
func TestDataOfTwoMachinesS39(t *testing.T) {
	t.Parallel()
	script := vancouver
	if dir := os.Getenv("HELPDESK_CASES"); dir != "" {
		text, err := os.ReadFile(filepath.Join(dir, "zones_of_two_machines.jsonl"))
		require.NoError(t, err)
		script = string(text) + `{"do":"ticket","ticket":"t"}` + "\n"
	}
	back, stays := zoneinfo(t, "PST8PDT,M3.2.0,M11.1.0"), zoneinfo(t, "PDT7")
	recorded := filepath.Join(t.TempDir(), "story.jsonl")
	with, _, status := simulate(t, script, "-zoneinfo", back, "-record", recorded)
	require.Equal(t, exitDone, status, with)
	other, _, status := simulate(t, script, "-zoneinfo", stays)
	require.Equal(t, exitDone, status)
	require.NotEqual(t, with, other)

	text, err := os.ReadFile(recorded)
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	notes, _, _ := strings.Cut(script, `"do"`)
	first := strings.Count(notes, "\n")
	require.Contains(t, lines[first], `"do"`)
	require.Regexp(t, `^{"at":"2026-03-02T09:00:00Z","data":{"zones":{"America/Vancouver":"[^"]+"},"holidays":{}}}$`, lines[first+1])

	out, complaints, status := simulate(t, "", "-zoneinfo", back, "-verify", recorded)
	require.Empty(t, out+complaints)
	require.Equal(t, exitDone, status)
	out, _, status = simulate(t, "", "-zoneinfo", stays, "-verify", recorded)
	require.Equal(t, exitErrors, status)
	require.Regexp(t, "zone America/Vancouver: recorded with sha256:[0-9a-f]{64}, here is sha256:[0-9a-f]{64}\n", out)
	was := dataLines(text)
	require.Len(t, was, 1)
	require.Contains(t, out, was[0].Zones["America/Vancouver"])

	// A scenario from before this is compared line by line, and holidays are data, too.
	older := strings.Replace(string(text), lines[first+1]+"\n", "", 1)
	out, _, status = simulate(t, older, "-zoneinfo", back, "-verify")
	require.Equal(t, exitDone, status, out)
	out, _, status = simulate(t, older, "-zoneinfo", stays, "-verify")
	require.Equal(t, exitErrors, status)
	require.Contains(t, out, "differs")
	listed := strings.Replace(string(text), `"holidays":{}}`, `"holidays":{"gb":"sha256:0"}}`, 1)
	out, _, status = simulate(t, listed, "-zoneinfo", back, "-verify")
	require.Equal(t, exitErrors, status)
	require.Contains(t, out, "holidays gb: recorded with sha256:0, here is none")

	_, complaints, status = simulate(t, script, "-zoneinfo", filepath.Join(back, "nowhere"))
	require.Equal(t, exitUnusable, status)
	require.Contains(t, complaints, "nowhere")
	out, _, _ = simulate(t, strings.Replace(vancouver, "America/Vancouver", "Europe/London", 1), "-zoneinfo", back)
	require.Contains(t, out, `"code":"bad_command"`)
}

// S39: a setup after one that was refused says its data, too.
func TestDataOfSetupsS39(t *testing.T) {
	t.Parallel()
	next := strings.Replace(strings.SplitAfter(vancouver, "\n")[0], `"zone"`, `"holidays":["ca"],"zone"`, 1)
	recorded := filepath.Join(t.TempDir(), "story.jsonl")
	_, complaints, status := simulate(t, `{"do":"setup","fly":true}`+"\n"+next, "-record", recorded)
	require.Empty(t, complaints)
	require.Equal(t, exitErrors, status)
	text, err := os.ReadFile(recorded)
	require.NoError(t, err)
	all := dataLines(text)
	require.Len(t, all, 2)
	require.Len(t, all[1].Holidays, 1)
	_, _, status = simulate(t, "", "-verify", recorded)
	require.Equal(t, exitDone, status)
}
