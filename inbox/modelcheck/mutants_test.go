package modelcheck_test

import (
	"testing"

	"github.com/deskcore/helpdesk/inbox/modelcheck"
	"github.com/stretchr/testify/require"
)

// Every mutant is found, by the invariant that it breaks, with a short trace.
func TestMutants(t *testing.T) {
	t.Parallel()
	mutants := modelcheck.Mutants()
	require.GreaterOrEqual(t, len(mutants), 12)
	for _, m := range mutants {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			c := modelcheck.Config{Policy: full, Retention: standard, Switching: m.Needs == "Switching"}
			r, err := modelcheck.Check(m.Break(c))
			var v *modelcheck.ViolationError
			require.ErrorAs(t, err, &v, "it lives: %+v", r)
			require.Equal(t, m.Invariant, v.Invariant, v)
			require.NotEmpty(t, v.Trace)
			require.LessOrEqual(t, len(v.Trace), 8)
			t.Logf("killed: %v", v)
		})
	}
}
