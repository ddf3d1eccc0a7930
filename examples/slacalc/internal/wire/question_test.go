package wire

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestScanTakesWhatIsCommon: the quick way takes all of the worked examples, and
// shapes that are usual elsewhere.
func TestScanTakesWhatIsCommon(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"schedule.jsonl", "sla.jsonl"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "sla", "testdata", name))
		require.NoError(t, err)
		for line := range bytes.Lines(data) {
			var q Question
			require.True(t, q.scan(bytes.TrimSpace(line)), "%s", line)
		}
	}
	for _, line := range []string{
		`{}`, `{ }`, `{ "id" : 1 , "op" : "add" }`, `{"id":-0.5e+3}`, `{"id":"\"\\\/\b\f\n\r\t"}`, `{"id":[{},[],[null,true,false,1E-2]]}`,
	} {
		var q Question
		require.True(t, q.scan([]byte(line)), line)
		require.NoError(t, sameWays([]byte(line)))
	}
}

// TestScanRefuses: what the quick way leaves to the slow one.
func TestScanRefuses(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", maxNesting+1) + strings.Repeat("]", maxNesting+1)
	for _, line := range []string{
		``, `{`, `}`, `[]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{"a":1}x`, `{a:1}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":+1}`, `{"a":-}`,
		`{"a":"` + "\x01" + `"}`, `{"a":"\u0041"}`, `{"a":"\x"}`, `{"a":"\`, `{"a":"`, `{"\n":1}`, `{"a":tru}`, `{"a":nul`, `{"a":[1,]}`, `{"a":[1}`, `{"a":{"b"}}`, `{"a":{1:2}}`,
		`{"a":` + deep + `}`,
	} {
		var q Question
		require.False(t, q.scan([]byte(line)), line)
		require.NoError(t, sameWays([]byte(line)))
	}
}

// sameWays reports a line that the quick way takes and encoding/json takes apart
// differently, or not at all.
func sameWays(line []byte) error {
	var quick, slow Question
	if !quick.scan(line) {
		return nil
	}
	object, err := slow.decode(line)
	switch {
	case err != nil:
		return err
	case !object:
		return fmt.Errorf("an object only to the quick way: %q", line)
	}
	for _, pair := range [][2]Value{
		{quick.Define, slow.Define},
		{quick.ID, slow.ID},
		{quick.Op, slow.Op},
		{quick.Schedule, slow.Schedule},
		{quick.Policy, slow.Policy},
		{quick.At, slow.At},
		{quick.Until, slow.Until},
		{quick.For, slow.For},
		{quick.Now, slow.Now},
		{quick.Events, slow.Events},
		{quick.Metric, slow.Metric},
		{quick.Cycle, slow.Cycle},
	} {
		if !bytes.Equal(pair[0], pair[1]) {
			return fmt.Errorf("%q: quick %q, slow %q", line, pair[0], pair[1])
		}
	}
	return nil
}

// FuzzScan holds the quick way against encoding/json.
func FuzzScan(f *testing.F) {
	for _, line := range []string{
		`{"op":"is_open","schedule":"always","at":"2026-03-06T22:00:00Z"}`, `{"define":"schedule","schedule":{"zone":"Europe/London","hours":{"mon":["09:00-12:30"]}}}`, `{"id":1,"id":2,"at":null}`, `{"a":"\"","op":"\\","op":[{"op":"x"}],"cycle":-1.5e3}`, `{"op":"\ud800"}`,
		"{\"\xff\":1,\"id\":\"\xff\"}", `{"id":1}}`, ` { "op" : { } , "for" : [ ] } `,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.ContainsAny(line, "\n") {
			return // it would be several lines
		}
		if err := sameWays(line); err != nil {
			t.Fatal(err)
		}
	})
}
