package retention_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/retention"
)

// The words for everything that can be wrong with a policy.
func TestFaultTexts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	for _, text := range []string{
		``, `null`, `[]`, `{`, `{}{}`, `{"fly":1,"Name":"x"}`, `{"name":"a","name":"b"}`,
		`{"name":7,"version":"x","period":7,"ticketless":7,"tombstones":7,"skew":7,"grace":7,"max_gap":7,"breaker":7}`,
		`{"name":"P! ` + strings.Repeat("x", 200) + `","version":-1}`,
		`{"period":"-1h","ticketless":"-1s","tombstones":"-1h","skew":"25h","grace":"1h","max_gap":"-1s","breaker":{"max_count":-1,"max_share":101,"min_count":-1}}`,
		`{"period":"999999h","ticketless":"999999h","tombstones":"9999999h","grace":"9999999h","max_gap":"9999999h","breaker":{"max_count":1000000001,"min_count":1000000001}}`,
		`{"period":"0s","tombstones":"0s","grace":"0s","max_gap":"0s","version":0,"name":"","breaker":{"max_count":0,"max_share":0,"min_count":0,"fly":1}}`,
		`{"period":"soon","max_gap":"30d","skew":"-1h"}`, `{"period":"1h","tombstones":"1s","breaker":{"max_count":1.5}}`,
	} {
		_, err := retention.Parse([]byte(text))
		fmt.Fprintf(&said, "== %s\n%v\n", text, err)
	}
	_, err := retention.NewKey(retention.Secret{Key: []byte("short")}, retention.Secret{Key: []byte("short")})
	fmt.Fprintf(&said, "== a short key\n%v\n", err)
	golden.Equal(t, "testdata/faults.golden", said.String())
}
