package retention_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

const day = 24 * time.Hour

// fields returns the rejected fields of an error, in order.
func fields(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		fe, ok := errors.AsType[*helpdesk.FieldError](err)
		require.True(t, ok, "%v", err)
		return []string{fe.Path}
	}
	var out []string
	for _, e := range joined.Unwrap() {
		fe, ok := errors.AsType[*helpdesk.FieldError](e)
		require.True(t, ok, "%v", e)
		require.NotEmpty(t, fe.Reason)
		require.ErrorIs(t, e, helpdesk.ErrInvalid)
		out = append(out, fe.Path)
	}
	return out
}

// R51: 30 × 24 hours, and the other defaults.
func TestStandardR51(t *testing.T) {
	t.Parallel()
	want := retention.Config{
		Name: "standard", Version: 1,
		Period: 720 * time.Hour, Tombstones: 8760 * time.Hour, Skew: 5 * time.Minute,
		Grace: 24 * time.Hour, MaxGap: 72 * time.Hour,
		Breaker: retention.Breaker{MaxCount: 10_000, MaxShare: 25, MinCount: 10},
	}
	p := retention.Standard()
	require.Equal(t, want, p.Config())
	require.Equal(t, retention.PolicyRef{Name: "standard", Version: 1}, retention.PolicyRef{Name: p.Config().Name, Version: p.Config().Version})
	require.False(t, p.IsZero())
	require.True(t, retention.Policy{}.IsZero())

	again, err := retention.New(want)
	require.NoError(t, err)
	require.Equal(t, p, again)
}

func TestNewRejects(t *testing.T) {
	t.Parallel()
	const longest = 100 * 366 * day
	tests := []struct {
		name string
		edit func(*retention.Config)
		want []string
	}{
		{"accepts", func(*retention.Config) {}, nil},
		{"name of 100 bytes", func(c *retention.Config) { c.Name = strings.Repeat("n", 100) }, nil},
		{"name of 101 bytes", func(c *retention.Config) { c.Name = strings.Repeat("n", 101) }, []string{"name"}},
		{"name with a line break", func(c *retention.Config) { c.Name = "a\nb" }, []string{"name"}},
		{"name in no encoding", func(c *retention.Config) { c.Name = "a\xff" }, []string{"name"}},
		{"negative version", func(c *retention.Config) { c.Version = -1 }, []string{"version"}},
		{"greatest version", func(c *retention.Config) { c.Version = 1_000_000_000 }, nil},
		{"too great a version", func(c *retention.Config) { c.Version = 1_000_000_001 }, []string{"version"}},
		{"shortest period", func(c *retention.Config) { c.Period = 1 }, nil},
		{"negative period", func(c *retention.Config) { c.Period = -1 }, []string{"period"}},
		{"longest period", func(c *retention.Config) { c.Period = longest }, nil},
		{"too long a period", func(c *retention.Config) { c.Period = longest + 1 }, []string{"period"}},
		{"ticketless", func(c *retention.Config) { c.Ticketless = 1 }, nil},
		{"negative ticketless", func(c *retention.Config) { c.Ticketless = -1 }, []string{"ticketless"}},
		{"too long ticketless", func(c *retention.Config) { c.Ticketless = longest + 1 }, []string{"ticketless"}},
		{"negative tombstones", func(c *retention.Config) { c.Tombstones = -1 }, []string{"tombstones"}},
		{"no skew", func(c *retention.Config) { c.Skew = -time.Hour }, nil},
		{"greatest skew", func(c *retention.Config) { c.Skew = 24 * time.Hour }, nil},
		{"too great a skew", func(c *retention.Config) { c.Skew = 24*time.Hour + 1 }, []string{"skew"}},
		{"least grace", func(c *retention.Config) { c.Grace = 24 * time.Hour }, nil},
		{"less than the least grace", func(c *retention.Config) { c.Grace = 24*time.Hour - 1 }, []string{"grace"}},
		{"negative gap", func(c *retention.Config) { c.MaxGap = -1 }, []string{"max_gap"}},
		{"share of 1", func(c *retention.Config) { c.Breaker.MaxShare = 1 }, nil},
		{"share of -1", func(c *retention.Config) { c.Breaker.MaxShare = -1 }, []string{"breaker.max_share"}},
		{"share of 100", func(c *retention.Config) { c.Breaker.MaxShare = 100 }, nil},
		{"share of 101", func(c *retention.Config) { c.Breaker.MaxShare = 101 }, []string{"breaker.max_share"}},
		{"everything", func(c *retention.Config) {
			*c = retention.Config{
				Name: "\x00", Version: -1, Period: -1, Ticketless: -1, Tombstones: -1, Skew: math.MaxInt64, Grace: 1, MaxGap: -1,
				Breaker: retention.Breaker{MaxCount: -1, MaxShare: -1, MinCount: -1},
			}
		}, []string{
			"name", "version", "period", "ticketless", "tombstones", "skew", "grace", "max_gap",
			"breaker.max_count", "breaker.max_share", "breaker.min_count",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := retention.Config{Name: "ours"}
			tt.edit(&c)
			p, err := retention.New(c)
			require.Equal(t, tt.want, fields(t, err))
			require.Equal(t, tt.want != nil, p.IsZero())
		})
	}
}

func TestFieldErrorText(t *testing.T) {
	t.Parallel()
	_, err := retention.New(retention.Config{Grace: time.Hour})
	require.EqualError(t, err, `grace: "1h0m0s" must be from 24h0m0s to 878400h0m0s`)
	_, err = retention.New(retention.Config{Breaker: retention.Breaker{MaxShare: 101}})
	require.EqualError(t, err, `breaker.max_share: "101" must be from 1 to 100`)
	_, err = retention.New(retention.Config{Name: strings.Repeat("n", 101)})
	require.EqualError(t, err, `name: "`+strings.Repeat("n", 60)+`" must have at most 100 bytes`)
	_, _, err = retention.Holds(nil).Place(retention.Hold{ID: "1", Reason: strings.Repeat("n", 60), PlacedAt: t0})
	require.ErrorContains(t, err, `"`+strings.Repeat("n", 60)+`" must be a code`)
	_, err = retention.Parse([]byte("{"))
	require.ErrorContains(t, err, "must be JSON: ")
}

func TestConfigJSON(t *testing.T) {
	t.Parallel()
	const standard = `{"name":"standard","version":1,"period":"720h0m0s","tombstones":"8760h0m0s","skew":"5m0s","grace":"24h0m0s",` +
		`"max_gap":"72h0m0s","breaker":{"max_count":10000,"max_share":25,"min_count":10}}`
	b, err := json.Marshal(retention.Standard())
	require.NoError(t, err)
	require.Equal(t, standard, string(b))

	var p retention.Policy
	require.NoError(t, json.Unmarshal(b, &p))
	require.Equal(t, retention.Standard(), p)

	p, err = retention.Parse([]byte(`{}`))
	require.NoError(t, err)
	require.Equal(t, retention.Standard(), p, "every field has a default")

	b, err = json.Marshal(retention.Config{})
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(b))

	own := retention.Config{
		Name: "partner", Version: 3, Period: day, Ticketless: 2 * day, Tombstones: 3 * day, Skew: -1, Grace: 5 * day, MaxGap: 6 * day,
		Breaker: retention.Breaker{MaxCount: 7, MaxShare: 8, MinCount: 9},
	}
	b, err = json.Marshal(own)
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"partner","version":3,"period":"24h0m0s","ticketless":"48h0m0s","tombstones":"72h0m0s","skew":"0s",
		"grace":"120h0m0s","max_gap":"144h0m0s","breaker":{"max_count":7,"max_share":8,"min_count":9}}`, string(b))
	var c retention.Config
	require.NoError(t, json.Unmarshal(b, &c))
	require.Equal(t, own, c)
}

func TestConfigJSONRejects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"ticketless of 0 keeps", `{"ticketless":"0s","skew":"0s"}`, nil},
		{"no object", `[]`, []string{""}},
		{"no JSON", `{`, []string{""}},
		{
			"zeros are no defaults", `{"version":0,"period":"0s","tombstones":"0s","grace":"0s","max_gap":"0s","breaker":{"max_count":0,"max_share":0,"min_count":0}}`,
			[]string{"version", "period", "tombstones", "grace", "max_gap", "breaker.max_count", "breaker.max_share", "breaker.min_count"},
		},
		{
			"unknown members and types", `{"perod":"1h","period":1,"breaker":{"max_share":0.25,"most":1}}`,
			[]string{"breaker.max_share", "breaker.most", "period", "perod"},
		},
		{"twice", `{"name":"a","name":"b"}`, []string{"name"}},
		{"meaning", `{"grace":"1h","breaker":{"max_share":101}}`, []string{"grace", "breaker.max_share"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := retention.Standard()
			err := p.UnmarshalJSON([]byte(tt.text))
			require.ElementsMatch(t, tt.want, fields(t, err))
			if tt.want != nil {
				require.Equal(t, retention.Standard(), p, "left alone")
				_, err := retention.Parse([]byte(tt.text))
				require.Error(t, err)
			}
		})
	}
	var f retention.Config
	err := f.UnmarshalJSON([]byte(`{"period":"0s"}`))
	require.EqualError(t, err, `period: "\"0s\"" must not be 0: leave it out for the default`)
}

// A policy is what its JSON form says, and back.
func FuzzConfigJSON(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"name":"a","version":2,"period":"720h","ticketless":"1h","tombstones":"1h","skew":"0s","grace":"25h","max_gap":"1h","breaker":{"max_count":1,"max_share":2,"min_count":3}}`))
	f.Add([]byte(`{"skew":"-1s","period":"-1s"}`))
	f.Add([]byte(`{"breaker":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := retention.Parse(text)
		if err != nil {
			require.True(t, p.IsZero())
			require.NotEmpty(t, fields(t, err))
			return
		}
		b, err := json.Marshal(p)
		require.NoError(t, err)
		again, err := retention.Parse(b)
		require.NoError(t, err)
		if p.Config().Skew < 0 { // any negative skew is none
			require.Negative(t, again.Config().Skew)
			return
		}
		require.Equal(t, p, again)
	})
}
