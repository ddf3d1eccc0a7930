package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// edition makes a policy by name and version.
func edition(t require.TestingT, name string, version int) *sla.Policy {
	return policy(t, func(c *sla.Config) { c.Name, c.Version = name, version })
}

// S26: the first rule that matches decides; a partner's come before the vendor's
// own (R9); schedules hang on policies, and channels may have their own (R8).
func TestBookChooseS26(t *testing.T) {
	t.Parallel()
	phone, gold, goldChat, own, standard := edition(t, "phone", 1), edition(t, "gold", 1), edition(t, "gold chat", 1), edition(t, "own", 1), edition(t, "standard", 1)
	b, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{
		{Own: true, Channels: []helpdesk.Channel{helpdesk.ChannelSMS}, Policy: own},
		{Channels: []helpdesk.Channel{helpdesk.ChannelPhone}, Policy: phone},
		{Partner: "acme", Channels: []helpdesk.Channel{chat}, Policy: goldChat},
		{Partner: "acme", Policy: gold},
		{Partner: "chatty", Channels: []helpdesk.Channel{chat}, Policy: gold},
		{Partner: "idle"},
		{Policy: standard},
	}})
	require.NoError(t, err)
	tests := []struct {
		name string
		c    sla.Situation
		want *sla.Policy
	}{
		{"the vendor's own", sla.Situation{Channel: email}, standard},
		{"by phone", sla.Situation{Channel: helpdesk.ChannelPhone}, phone},
		{"by text message", sla.Situation{Channel: helpdesk.ChannelSMS}, own},
		{"a partner's: as a whole", sla.Situation{Partner: "acme", Channel: helpdesk.ChannelPhone}, gold},
		{"a partner's, first match", sla.Situation{Partner: "acme", Channel: chat}, goldChat},
		{"a partner's that covers some", sla.Situation{Partner: "chatty", Channel: chat}, gold},
		{"a partner's that matches none: untargeted", sla.Situation{Partner: "chatty", Channel: email}, nil},
		{"a partner without targets, expressly", sla.Situation{Partner: "idle", Channel: email}, nil},
	}
	for _, tt := range tests {
		got, err := b.Choose(tt.c)
		require.NoError(t, err, tt.name)
		if tt.want == nil {
			requireUntargeted(t, got)
			continue
		}
		require.Same(t, tt.want, got, tt.name)
	}
}

// S26: a rule matches by what the host knows: each of its labels, with its value, beside the partner
// and the channel.
func TestBookLabelsS26(t *testing.T) {
	t.Parallel()
	gold, eu, reseller, standard := edition(t, "gold", 1), edition(t, "eu", 1), edition(t, "reseller", 1), edition(t, "standard", 1)
	c := sla.BookConfig{Rules: []sla.Rule{
		{Labels: map[string]string{"plan": "gold", "region": "eu"}, Channels: []helpdesk.Channel{chat}, Policy: eu},
		{Labels: map[string]string{"plan": "gold"}, Policy: gold},
		{Partner: "acme", Labels: map[string]string{"plan": "gold"}, Policy: reseller},
		{Partner: "acme"},
		{Policy: standard},
	}}
	b, err := sla.NewBook(c)
	require.NoError(t, err)
	require.Equal(t, []string{"plan", "region"}, b.Labels())
	require.Empty(t, new(sla.Book).Labels())
	c.Rules[1].Labels["plan"] = "silver" // which is the caller's
	for name, test := range map[string]struct {
		situation sla.Situation
		want      *sla.Policy
	}{
		"both":            {sla.Situation{Channel: chat, Labels: map[string]string{"plan": "gold", "region": "eu", "language": "de"}}, eu},
		"another channel": {sla.Situation{Channel: email, Labels: map[string]string{"plan": "gold", "region": "eu"}}, gold},
		"another value":   {sla.Situation{Channel: chat, Labels: map[string]string{"plan": "gold", "region": "us"}}, gold},
		"one":             {sla.Situation{Channel: chat, Labels: map[string]string{"plan": "gold"}}, gold},
		"another plan":    {sla.Situation{Channel: chat, Labels: map[string]string{"plan": "Gold"}}, standard},
		"an empty value":  {sla.Situation{Channel: chat, Labels: map[string]string{"plan": ""}}, standard},
		"none":            {sla.Situation{Channel: chat}, standard},
		"of a partner":    {sla.Situation{Partner: "acme", Labels: map[string]string{"plan": "gold"}}, reseller},
	} {
		got, err := b.Choose(test.situation)
		require.NoError(t, err, name)
		require.Same(t, test.want, got, name)
	}
	got, err := b.Choose(sla.Situation{Partner: "acme", Channel: chat, Labels: map[string]string{"region": "eu"}})
	require.NoError(t, err)
	requireUntargeted(t, got)

	_, err = sla.NewBook(sla.BookConfig{Rules: []sla.Rule{
		{Labels: map[string]string{"": "x"}},
		{Labels: map[string]string{"plan": "gold"}},
		{Labels: map[string]string{"plan": "gold", "region": "eu"}},
		{Labels: map[string]string{"plan": "silver"}},
		{},
		{Labels: map[string]string{"region": "eu"}},
	}})
	require.ErrorContains(t, err, "rules[0].labels")
	require.ErrorContains(t, err, "rules[2]: can never decide: rules[1]")
	require.ErrorContains(t, err, "rules[5]: can never decide: rules[4]")
	require.NotContains(t, err.Error(), "rules[3]")
}

// S26: a ticket that matches no rule is untargeted, and no error.
func TestBookNoMatchS26(t *testing.T) {
	t.Parallel()
	b, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Channels: []helpdesk.Channel{chat}, Policy: edition(t, "chat", 1)}}})
	require.NoError(t, err)
	p, err := b.Choose(sla.Situation{Channel: email})
	require.NoError(t, err)
	requireUntargeted(t, p)

	p, err = new(sla.Book).Choose(sla.Situation{Channel: email})
	require.NoError(t, err)
	requireUntargeted(t, p)
}

// requireUntargeted takes a policy to promise nothing, and to answer all the same (S29).
func requireUntargeted(t *testing.T, p *sla.Policy) {
	t.Helper()
	require.Zero(t, p.Ref())
	require.Nil(t, p.Schedule())
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	log := []sla.Event{{ID: "o", Kind: sla.KindOpened, At: at, RecordedAt: at, Severity: severity.Urgent, By: helpdesk.ActorCustomer, Channel: email}}
	ev, err := p.Evaluate(log, at.Add(time.Hour))
	require.NoError(t, err)
	require.Len(t, ev.Clocks, 2)
	for _, c := range ev.Clocks {
		require.Equal(t, sla.VerdictUntargeted, c.Verdict)
		require.Zero(t, c.Due)
	}
	require.Zero(t, ev.Next())
	_, err = p.Explain(log, at.Add(time.Hour), sla.MetricResolution, 1)
	require.NoError(t, err)
	kept, _, err := p.Compact(sla.Compacted{}, log, at.Add(time.Hour))
	require.NoError(t, err)
	again, err := p.EvaluateCompacted(kept, nil, at.Add(2*time.Hour))
	require.NoError(t, err)
	require.Len(t, again.Clocks, 2)
	due, err := p.Promise(at)
	require.NoError(t, err)
	require.Zero(t, due)
	require.Equal(t, severity.Low, p.Untriaged())
}

// R9: a partner without a contract is an error, or an express default.
func TestBookPartnersR9(t *testing.T) {
	t.Parallel()
	standard, gold, own := edition(t, "standard", 1), edition(t, "gold", 1), edition(t, "own", 1)
	rules := []sla.Rule{
		{Own: true, Channels: []helpdesk.Channel{chat}, Policy: own}, {Policy: standard}, {Partner: "acme", Policy: gold},
	}
	strict, err := sla.NewBook(sla.BookConfig{Rules: rules})
	require.NoError(t, err)
	p, err := strict.Choose(sla.Situation{Partner: "nobody", Channel: chat})
	require.ErrorIs(t, err, sla.ErrNoContract)
	require.EqualError(t, err, `sla: partner "nobody" has no policy on file`)
	var contract *sla.ContractError
	require.ErrorAs(t, err, &contract)
	require.Equal(t, "nobody", contract.Partner)
	require.Nil(t, p)

	lenient, err := sla.NewBook(sla.BookConfig{Rules: rules, PartnersByDefault: true})
	require.NoError(t, err)
	p, err = lenient.Choose(sla.Situation{Partner: "nobody", Channel: chat})
	require.NoError(t, err)
	require.Same(t, standard, p, "the rule for the vendor's own tickets is not for partners")
	p, err = lenient.Choose(sla.Situation{Partner: "acme", Channel: chat})
	require.NoError(t, err)
	require.Same(t, gold, p)
	p, err = lenient.Choose(sla.Situation{Channel: chat})
	require.NoError(t, err)
	require.Same(t, own, p)
}

// S26: editions are found again, and no two have one name.
func TestBookPolicyS26(t *testing.T) {
	t.Parallel()
	one, two := edition(t, "standard", 1), edition(t, "standard", 2)
	b, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Partner: "acme", Policy: two}, {Policy: two}}, Past: []*sla.Policy{one, nil}})
	require.NoError(t, err)
	for _, p := range []*sla.Policy{one, two} {
		got, err := b.Policy(p.Ref())
		require.NoError(t, err)
		require.Same(t, p, got)
	}
	_, err = b.Policy(sla.Ref{Name: "standard", Version: 3})
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	require.ErrorContains(t, err, "standard v3")
	_, err = new(sla.Book).Policy(one.Ref())
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
}

func TestNewBookFaults(t *testing.T) {
	t.Parallel()
	p, twin := edition(t, "a", 1), edition(t, "a", 1)
	one, two := []helpdesk.Channel{chat}, []helpdesk.Channel{chat, email}
	tests := []struct {
		name string
		c    sla.BookConfig
		want []string
	}{
		{"none", sla.BookConfig{}, nil},
		{"channel", sla.BookConfig{Rules: []sla.Rule{{Channels: []helpdesk.Channel{chat, "Chat!"}}}}, []string{"rules[0].channels[1]"}},
		{"own and partner", sla.BookConfig{Rules: []sla.Rule{{Own: true, Partner: "x"}}}, []string{"rules[0].own"}},
		{"twice the same", sla.BookConfig{Rules: []sla.Rule{{Partner: "x"}, {Partner: "x"}}}, []string{"rules[1]"}},
		{"after one for all", sla.BookConfig{Rules: []sla.Rule{{}, {Own: true}, {Channels: one}}}, []string{"rules[1]", "rules[2]"}},
		{"after one for more channels", sla.BookConfig{Rules: []sla.Rule{{Channels: two}, {Channels: one}}}, []string{"rules[1]"}},
		{"after one for fewer channels", sla.BookConfig{Rules: []sla.Rule{{Channels: one}, {Channels: two}, {}}}, nil},
		{"the vendor's own, then all", sla.BookConfig{Rules: []sla.Rule{{Own: true}, {}}}, nil},
		{"all, then a partner's", sla.BookConfig{Rules: []sla.Rule{{}, {Partner: "x"}}}, nil},
		{"all channels, then some", sla.BookConfig{Rules: []sla.Rule{{Partner: "x"}, {Partner: "x", Channels: one}, {Partner: "y", Channels: one}}}, []string{"rules[1]"}},
		{"two policies of one name", sla.BookConfig{Rules: []sla.Rule{{Partner: "x", Policy: p}, {Partner: "y", Policy: twin}}}, []string{"rules[1].policy"}},
		{"one policy twice", sla.BookConfig{Rules: []sla.Rule{{Partner: "x", Policy: p}, {Partner: "y", Policy: p}}, Past: []*sla.Policy{p}}, nil},
		{"the past too", sla.BookConfig{Rules: []sla.Rule{{Policy: p}}, Past: []*sla.Policy{twin}}, []string{"past[0]"}},
		{"all at once", sla.BookConfig{Rules: []sla.Rule{{Own: true, Partner: "x", Channels: []helpdesk.Channel{""}}, {}, {}}}, []string{
			"rules[0].channels[0]", "rules[0].own", "rules[2]",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := sla.NewBook(tt.c)
			require.ElementsMatch(t, tt.want, rejected(t, err), "%v", err)
			require.Equal(t, err != nil, b == nil)
		})
	}
}

// A book shares no memory with what it was made from.
func TestBookIsImmutable(t *testing.T) {
	t.Parallel()
	p := edition(t, "a", 1)
	rules := []sla.Rule{{Channels: []helpdesk.Channel{chat}, Policy: p}}
	b, err := sla.NewBook(sla.BookConfig{Rules: rules})
	require.NoError(t, err)
	rules[0].Channels[0] = email
	rules[0].Policy = nil
	got, err := b.Choose(sla.Situation{Channel: chat})
	require.NoError(t, err)
	require.Same(t, p, got)
}
