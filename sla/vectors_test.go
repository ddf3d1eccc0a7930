package sla_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A line is one line of a file of worked examples: a definition, or a question
// with the answer that is wanted.
type line struct {
	Define   string          `json:"define"`
	Schedule json.RawMessage `json:"schedule"`
	Policy   json.RawMessage `json:"policy"`

	ID     string          `json:"id"`
	Why    string          `json:"why"`
	Op     string          `json:"op"`
	Metric string          `json:"metric"`
	Events []sla.Event     `json:"events"`
	Now    time.Time       `json:"now"`
	Want   json.RawMessage `json:"want"`
}

// vectorFiles are the worked examples to check: those of the repository, and
// those of the folder that HELPDESK_VECTORS names.
func vectorFiles(t *testing.T, name string) []string {
	t.Helper()
	files := []string{filepath.Join("testdata", name)}
	if dir := os.Getenv("HELPDESK_VECTORS"); dir != "" {
		files = append(files, filepath.Join(dir, name))
	}
	return files
}

// TestVectors asks every worked example of S10–S30.
func TestVectors(t *testing.T) {
	t.Parallel()
	for _, file := range vectorFiles(t, "sla.jsonl") {
		schedules := make(map[string]*hours.Schedule)
		policies := map[string]*sla.Policy{sla.StandardName: sla.Standard()}
		resolver := &hours.Resolver{Schedule: func(name string) (*hours.Schedule, error) {
			if s, ok := schedules[name]; ok {
				return s, nil
			}
			return nil, helpdesk.ErrNotFound
		}}
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		asked := 0
		for scan := bufio.NewScanner(bytes.NewReader(data)); scan.Scan(); {
			var l line
			require.NoError(t, json.Unmarshal(scan.Bytes(), &l), "%s", scan.Bytes())
			switch {
			case l.Define == "schedule":
				var c hours.Config
				require.NoError(t, json.Unmarshal(l.Schedule, &c))
				s, err := hours.New(c, resolver)
				require.NoError(t, err)
				schedules[c.Name] = s
			case l.Define == "policy":
				var c sla.Config
				require.NoError(t, json.Unmarshal(l.Policy, &c))
				p, err := sla.New(c, resolver)
				require.NoError(t, err)
				policies[c.Name] = p
			case l.Op == "evaluate":
				asked++
				var name string
				require.NoError(t, json.Unmarshal(l.Policy, &name))
				got, err := policies[name].Evaluate(l.Events, l.Now)
				require.NoError(t, err, l.ID)
				have, err := json.Marshal(got)
				require.NoError(t, err)
				require.NoError(t, subset(l.Want, have), "%s: %s\ngot %s", l.ID, l.Why, have)
			default:
				t.Fatalf("%s: a line of no known kind: %s", file, scan.Bytes())
			}
		}
		require.GreaterOrEqual(t, asked, 57, file)
	}
}

// subset reports where want, a JSON text, says something that have does not.
// Instants are compared as instants. What want leaves out must not be there if
// it is next, due, stop, breaches or overdue_seconds of a clock that is written
// out in full; the list of clocks, of anomalies and of voided ones is whole.
func subset(want, have json.RawMessage) error {
	var w, h map[string]any
	if err := errors.Join(json.Unmarshal(want, &w), json.Unmarshal(have, &h)); err != nil {
		return err
	}
	for _, list := range []string{"clocks", "anomalies", "voided"} {
		wl, _ := w[list].([]any)
		hl, _ := h[list].([]any)
		if len(wl) != len(hl) {
			return fmt.Errorf("%s: want %d, got %d", list, len(wl), len(hl))
		}
		for i := range wl {
			if err := subsetOf(fmt.Sprintf("%s[%d]", list, i), wl[i], hl[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func subsetOf(at string, want, have any) error {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: want an object, got %v", at, have)
		}
		for k, v := range w {
			if err := subsetOf(at+"."+k, v, h[k]); err != nil {
				return err
			}
		}
		if _, whole := w["elapsed_seconds"]; whole && w["start"] != nil {
			for _, k := range []string{"due", "stop", "next", "breaches", "overdue_seconds", "remaining_seconds"} {
				if w[k] == nil && h[k] != nil {
					return fmt.Errorf("%s.%s: want none, got %v", at, k, h[k])
				}
			}
		}
	case []any:
		h, _ := have.([]any)
		if len(w) != len(h) {
			return fmt.Errorf("%s: want %v, got %v", at, w, have)
		}
		for i := range w {
			if err := subsetOf(fmt.Sprintf("%s[%d]", at, i), w[i], h[i]); err != nil {
				return err
			}
		}
	case string:
		h, _ := have.(string)
		wt, err1 := time.Parse(time.RFC3339Nano, w)
		ht, err2 := time.Parse(time.RFC3339Nano, h)
		if err1 == nil && err2 == nil && wt.Equal(ht) {
			return nil
		}
		if w != h {
			return fmt.Errorf("%s: want %s, got %v", at, w, have)
		}
	default:
		if want != have {
			return fmt.Errorf("%s: want %v, got %v", at, want, have)
		}
	}
	return nil
}
