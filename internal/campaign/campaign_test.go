package campaign_test

import (
	"testing"

	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/stretchr/testify/require"
)

func TestRounds(t *testing.T) { //nolint:paralleltest // it sets the environment
	t.Setenv(campaign.Variable, "")
	require.False(t, campaign.Long())
	require.Equal(t, 1, campaign.Rounds(1, 2))
	t.Setenv(campaign.Variable, "1")
	require.True(t, campaign.Long())
	require.Equal(t, 2, campaign.Rounds(1, 2))
}
