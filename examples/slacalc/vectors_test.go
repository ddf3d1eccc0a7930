package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An example is a line of a file of worked examples. The program ignores what
// the examples carry besides the question.
type example struct {
	Define string         `json:"define"`
	ID     string         `json:"id"`
	Why    string         `json:"why"`
	Want   map[string]any `json:"want"`
}

// TestVectors puts every worked example through the program: S1–S30. The folder
// that HELPDESK_VECTORS names, if it is set, has more of them.
func TestVectors(t *testing.T) {
	t.Parallel()
	folders := []string{filepath.Join("..", "..", "sla", "testdata")}
	if dir := os.Getenv("HELPDESK_VECTORS"); dir != "" {
		folders = append(folders, dir)
	}
	require.Equal(t, 10, worked(t, filepath.Join(folders[0], "dates.jsonl"))) // working days and holidays: S4, S38
	for _, dir := range folders {
		for name, atLeast := range map[string]int{"schedule.jsonl": 300, "sla.jsonl": 57} {
			file := filepath.Join(dir, name)
			require.GreaterOrEqual(t, worked(t, file), atLeast, file)
		}
	}
}

// TestHolidayCases puts the questions about holidays from the field through the program, where the
// folder that has them is named (S4).
func TestHolidayCases(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("HELPDESK_CASES")
	if folder == "" {
		t.Skip("HELPDESK_CASES names no folder with cases")
	}
	require.Positive(t, worked(t, filepath.Join(folder, "holidays.jsonl")))
}

// worked puts the examples of a file through the program, and returns how many there are.
func worked(t *testing.T, file string) int {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	stdout, stderr, status := slacalc(t, data, file)
	require.Equal(t, exitAnswered, status, stderr)
	require.Empty(t, stderr)

	answers := bufio.NewScanner(bytes.NewReader(stdout))
	answers.Buffer(nil, 1<<20)
	asked := 0
	for line := range bytes.Lines(data) {
		var x example
		require.NoError(t, json.Unmarshal(line, &x))
		if x.Define != "" {
			continue
		}
		asked++
		require.True(t, answers.Scan(), "%s: no answer", x.ID)
		var have map[string]any
		require.NoError(t, json.Unmarshal(answers.Bytes(), &have))
		require.Equal(t, x.ID, have["id"])
		require.NoError(t, subset(x.ID, x.Want, have), "%s\ngot %s", x.Why, answers.Bytes())
	}
	require.False(t, answers.Scan(), "an answer too many")
	return asked
}

// slacalc runs the program on a file, or on standard input if no file is named.
func slacalc(t *testing.T, input []byte, args ...string) (stdout, stderr []byte, status int) {
	t.Helper()
	var out, problems bytes.Buffer
	status = run(args, bytes.NewReader(input), &out, &problems)
	return out.Bytes(), problems.Bytes(), status
}

// subset reports where want says something that have does not. Instants are
// compared as instants. Lists are whole. Of a clock that is written out in full,
// what is left out must not be there.
func subset(at string, want, have any) error {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: want an object, got %v", at, have)
		}
		for name, value := range w {
			if err := subset(at+"."+name, value, h[name]); err != nil {
				return err
			}
		}
		if w["clocks"] != nil {
			for _, name := range []string{"anomalies", "voided"} {
				if w[name] == nil && h[name] != nil {
					return fmt.Errorf("%s.%s: want none, got %v", at, name, h[name])
				}
			}
		}
		if w["elapsed_seconds"] != nil && w["start"] != nil {
			for _, name := range []string{"due", "stop", "next", "breaches", "overdue_seconds", "remaining_seconds"} {
				if w[name] == nil && h[name] != nil {
					return fmt.Errorf("%s.%s: want none, got %v", at, name, h[name])
				}
			}
		}
	case []any:
		h, _ := have.([]any)
		if len(w) != len(h) {
			return fmt.Errorf("%s: want %v, got %v", at, w, have)
		}
		for i := range w {
			if err := subset(fmt.Sprintf("%s[%d]", at, i), w[i], h[i]); err != nil {
				return err
			}
		}
	default:
		if want != have && !sameInstant(want, have) {
			return fmt.Errorf("%s: want %v, got %v", at, want, have)
		}
	}
	return nil
}

func sameInstant(a, b any) bool {
	s, _ := a.(string)
	u, _ := b.(string)
	at, err1 := time.Parse(time.RFC3339Nano, s)
	bt, err2 := time.Parse(time.RFC3339Nano, u)
	return err1 == nil && err2 == nil && at.Equal(bt)
}
