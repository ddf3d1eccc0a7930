package hostile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/hostile"
)

// A recorder notes what a test would report.
type recorder struct {
	testing.TB
	said []string
}

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// It finds what costs too much and what says too much. It is not parallel because it
// counts what the program allocates.
func TestCheckFindsWhatIsNotBounded(t *testing.T) {
	var sink []byte
	invalid := &helpdesk.FieldError{Reason: "is wrong"}
	text := func(size int) string { return strings.Repeat("x", size) }
	for want, read := range map[string]func([]byte) error{
		"":             func([]byte) error { return invalid },
		"not invalid":  func([]byte) error { return nil },
		"not invalid:": func([]byte) error { return errors.New("other") },
		"the error has": func(data []byte) error {
			return &helpdesk.FieldError{Reason: string(data)}
		},
		"cost": func(data []byte) error {
			for i := range len(data) >> 15 {
				sink = make([]byte, i<<15)
			}
			return invalid
		},
		"1048576 bytes": func(data []byte) error {
			for range 500 {
				sink = make([]byte, len(data))
			}
			return invalid
		},
	} {
		r := &recorder{TB: t}
		hostile.Check(r, hostile.Megabyte, hostile.Texts{"one": text}, read)
		if want == "" {
			require.Empty(t, r.said)
		} else {
			require.Len(t, r.said, 1, want)
			require.Contains(t, r.said[0], "one: ")
			require.Contains(t, r.said[0], want)
		}
	}
	require.NotNil(t, sink)
}

func TestTexts(t *testing.T) {
	t.Parallel()
	require.Equal(t, `{"a0":1,"a1":1}`, hostile.Members(`"a%d":1`, 10))
	require.Equal(t, "[],[],[],[]", hostile.List("[]", 10))
}
