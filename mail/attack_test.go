package mail_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/deskcore/helpdesk/mail"
	"github.com/stretchr/testify/require"
)

// "The secret never shows": also not in a host's struct that is printed.
func TestAttackSecretInAStruct(t *testing.T) {
	t.Parallel()
	secret := bytes.Repeat([]byte("hunter2!"), 4)
	threads, err := mail.NewThreads(secret, "acme")
	require.NoError(t, err)
	host := struct {
		name    string
		threads mail.Threads
	}{"host", threads}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, host), "hunter2", verb)
	}
}
