package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// cases are scripts from public reports, with what is right in the end: the answers of a command,
// the last one of each.
var cases = map[string]func(t *testing.T, did map[string]json.RawMessage){
	"outage_of_mail.jsonl": func(t *testing.T, did map[string]json.RawMessage) {
		t.Helper()
		require.JSONEq(t, `{"items":[]}`, string(did["parked"]))
		require.Contains(t, string(did["health"]), `"waiting":0,"parked":0`)
		require.NotContains(t, string(did["conversation"]), `"undelivered":true`)
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
				did := map[string]json.RawMessage{}
				for line := range strings.Lines(out) {
					var l struct {
						Did  string
						View json.RawMessage
					}
					require.NoError(t, json.Unmarshal([]byte(line), &l))
					did[l.Did] = l.View
				}
				right(t, did)
			})
		}
	}
}
