package retention_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

var (
	_ encoding.TextMarshaler   = retention.Sum{}
	_ encoding.TextUnmarshaler = (*retention.Sum)(nil)
	_ encoding.TextUnmarshaler = (*retention.State)(nil)
	_ slog.LogValuer           = retention.Key{}
	_ fmt.Formatter            = retention.Key{}
)

func key(t *testing.T) retention.Key {
	t.Helper()
	k, err := retention.NewKey(bytes.Repeat([]byte("k"), 32))
	require.NoError(t, err)
	return k
}

func TestNewKey(t *testing.T) {
	t.Parallel()
	_, err := retention.NewKey(make([]byte, 31))
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	secret := bytes.Repeat([]byte("secret"), 6)
	k, err := retention.NewKey(secret)
	require.NoError(t, err)
	before, err := k.Digest("a", retention.KindTicket, "T-1")
	require.NoError(t, err)
	secret[0] = 'x'
	after, err := k.Digest("a", retention.KindTicket, "T-1")
	require.NoError(t, err)
	require.Equal(t, before, after, "it has a copy")

	// A key never shows.
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("key", "k", k)
	b, err := json.Marshal(map[string]any{"k": k})
	require.NoError(t, err)
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %x %q", k, k, k, k), fmt.Sprint(struct{ K retention.Key }{k}), log.String(), string(b)} {
		require.NotContains(t, text, "secret")
		require.NotContains(t, text, "736563726574")
	}
	require.Equal(t, "retention.Key", fmt.Sprint(k))
	require.Contains(t, log.String(), "k=retention.Key")
}

func TestDigest(t *testing.T) {
	t.Parallel()
	k := key(t)
	seen := map[retention.Sum]string{}
	other, err := retention.NewKey(bytes.Repeat([]byte("j"), 32))
	require.NoError(t, err)
	for _, k := range []retention.Key{k, other} {
		for _, f := range []struct{ scope, kind, id string }{
			{"a", "ticket", "1"},
			{"a", "ticket", "2"},
			{"a", "conversation", "1"},
			{"b", "ticket", "1"},
			{"at", "icket", "1"},
			{"", "aticket", "1"},
			{"a", "ticket1", ""},
			{"", "", ""},
		} {
			s, err := k.Digest(f.scope, retention.Kind(f.kind), f.id)
			require.NoError(t, err)
			require.NotContains(t, seen, s, "%v", f)
			seen[s] = f.id
		}
	}
	_, err = retention.Key{}.Digest("a", "ticket", "1")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	s, err := k.Digest("acme", retention.KindTicket, "T-1")
	require.NoError(t, err)
	require.Equal(t, "2eb1612a9b7d3b9419d607b264e82e2302e3b27b021d67b7352ddbd3fe0d8d8d", s.String(), "stored: it must not change")
}

func TestSumText(t *testing.T) {
	t.Parallel()
	var zero, s retention.Sum
	require.Empty(t, zero.String())
	require.True(t, zero.IsZero())
	s[0], s[31] = 0xab, 1
	require.False(t, s.IsZero())
	text, err := s.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "ab"+strings.Repeat("00", 30)+"01", string(text))
	var got retention.Sum
	require.NoError(t, got.UnmarshalText(bytes.ToUpper(text)))
	require.Equal(t, s, got)
	for _, bad := range []string{"ab", string(text) + "00", strings.Repeat("g", 64)} {
		require.ErrorIs(t, got.UnmarshalText([]byte(bad)), helpdesk.ErrInvalid)
		require.Equal(t, s, got)
	}
	require.NoError(t, got.UnmarshalText(nil))
	require.True(t, got.IsZero())
}

func tombstones(t *testing.T, pu retention.Purge, previous retention.Sum) []retention.Tombstone {
	t.Helper()
	ts, err := begin(t, pu).Tombstones(key(t), "acme", previous)
	require.NoError(t, err)
	return ts
}

// R51: a tombstone without personal data stays.
func TestTombstonesR51(t *testing.T) {
	t.Parallel()
	k := key(t)
	ts := tombstones(t, whole(), retention.Sum{})
	require.Len(t, ts, 3)
	for i, want := range []struct {
		kind retention.Kind
		id   string
	}{{"conversation", "C-1"}, {"ticket", "T-1"}, {"ticket", "T-2"}} {
		got := ts[i]
		require.Equal(t, want.kind, got.Kind)
		require.True(t, isOf(got, k, want.id))
		require.False(t, isOf(got, k, "T-9"))
		require.False(t, isOf(got, retention.Key{}, want.id))
		require.NoError(t, verify(got, k))
		require.Equal(t, "acme", got.Scope)
		require.Equal(t, standard, got.Policy)
		require.Equal(t, retention.Reason("closing"), got.Reason)
		require.Equal(t, closed, got.ClosedAt)
		require.Equal(t, ready, got.PurgedAt)
		require.Equal(t, "gone: deleted 1 March 2026 09:05 GMT: last resolved 30 January 2026 09:00 GMT", got.Explain().String())
	}
	// The counts stand once, so that sums are right.
	require.Equal(t, retention.Counts{Messages: 5, Notes: 1}, ts[0].Counts)
	require.Zero(t, ts[1].Counts)
	require.Equal(t, retention.Counts{Messages: 5, Notes: 1}, tombstones(t, part(), retention.Sum{})[0].Counts)
	require.Len(t, tombstones(t, part(), retention.Sum{}), 1)
	require.Len(t, tombstones(t, loose(), retention.Sum{}), 1)

	// No ID is in it.
	b, err := json.Marshal(ts)
	require.NoError(t, err)
	for _, id := range []string{"C-1", "T-1", "T-2"} {
		require.NotContains(t, string(b), id)
	}
	var again []retention.Tombstone
	require.NoError(t, json.Unmarshal(b, &again))
	require.Equal(t, ts, again)

	// T39: writing them again writes the same.
	require.Equal(t, ts, tombstones(t, whole(), retention.Sum{}))

	for _, pu := range []retention.Purge{whole(), part(), loose()} {
		ts, err := begin(t, pu).Tombstones(retention.Key{}, "acme", retention.Sum{})
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.Empty(t, ts)
	}
}

// A change of any field shows.
func TestTombstoneVerify(t *testing.T) {
	t.Parallel()
	k := key(t)
	var some retention.Sum
	some[0] = 1
	for name, edit := range map[string]func(*retention.Tombstone){
		"scope":    func(s *retention.Tombstone) { s.Scope = "b" },
		"kind":     func(s *retention.Tombstone) { s.Kind = retention.KindTicket },
		"digest":   func(s *retention.Tombstone) { s.Digest[31]++ },
		"policy":   func(s *retention.Tombstone) { s.Policy.Name = "b" },
		"version":  func(s *retention.Tombstone) { s.Policy.Version++ },
		"reason":   func(s *retention.Tombstone) { s.Reason = retention.Reason("erasure") },
		"since":    func(s *retention.Tombstone) { s.Since = s.Since.Add(1) },
		"closed":   func(s *retention.Tombstone) { s.ClosedAt = s.ClosedAt.Add(time.Second) },
		"purged":   func(s *retention.Tombstone) { s.PurgedAt = s.PurgedAt.Add(1) },
		"messages": func(s *retention.Tombstone) { s.Counts.Messages++ },
		"notes":    func(s *retention.Tombstone) { s.Counts.Notes++ },
		"blobs":    func(s *retention.Tombstone) { s.Counts.Blobs++ },
		"outbox":   func(s *retention.Tombstone) { s.Counts.Outbox++ },
		"timers":   func(s *retention.Tombstone) { s.Counts.Timers++ },
		"previous": func(s *retention.Tombstone) { s.Previous = some },
		"sum":      func(s *retention.Tombstone) { s.Sum[0]++ },
	} {
		s := tombstones(t, whole(), retention.Sum{})[0]
		require.NoError(t, verify(s, k))
		edit(&s)
		err := verify(s, k)
		require.ErrorAs(t, err, new(*retention.ProofError), name)
		require.EqualError(t, err, "retention: tombstone 0 was changed, or made with another key", name)
	}
	s := tombstones(t, whole(), retention.Sum{})[0]
	s.PurgedAt = s.PurgedAt.In(time.FixedZone("", 3600))
	require.NoError(t, verify(s, k), "the same instant in another zone")
	other, err := retention.NewKey(make([]byte, 32))
	require.NoError(t, err)
	require.ErrorAs(t, verify(s, other), new(*retention.ProofError))
	require.ErrorIs(t, verify(s, retention.Key{}), helpdesk.ErrInvalid)
}

// Each tombstone commits to the one before it.
func TestVerifyChain(t *testing.T) {
	t.Parallel()
	k := key(t)
	first := tombstones(t, whole(), retention.Sum{})
	second := tombstones(t, part(), first[2].Sum)
	chain := slices.Concat(first, second)
	require.Len(t, chain, 4)
	require.NoError(t, retention.VerifyChain(k, retention.Sum{}, nil))
	require.NoError(t, retention.VerifyChain(k, retention.Sum{}, chain))
	require.NoError(t, retention.VerifyChain(k, chain[1].Sum, chain[2:]), "the front has expired")
	require.ErrorIs(t, retention.VerifyChain(retention.Key{}, retention.Sum{}, nil), helpdesk.ErrInvalid)

	for name, tt := range map[string]struct {
		chain []retention.Tombstone
		at    int
	}{
		"the first is missing":   {chain[1:], 0},
		"one is missing":         {[]retention.Tombstone{chain[0], chain[2]}, 1},
		"two changed places":     {[]retention.Tombstone{chain[0], chain[2], chain[1]}, 1},
		"one stands there twice": {[]retention.Tombstone{chain[0], chain[0]}, 1},
	} {
		err := retention.VerifyChain(k, retention.Sum{}, tt.chain)
		var proof *retention.ProofError
		require.ErrorAs(t, err, &proof, name)
		require.Equal(t, tt.at, proof.Index, name)
		require.ErrorContains(t, err, "does not follow the one before it", name)
	}
	chain[3].Counts.Blobs++
	err := retention.VerifyChain(k, retention.Sum{}, chain)
	require.EqualError(t, err, "retention: tombstone 3 was changed, or made with another key")
}

// R51: tombstones expire too, after twelve months and never early.
func TestTombstonesExpireR51(t *testing.T) {
	t.Parallel()
	p := retention.Standard()
	s := retention.Tombstone{PurgedAt: ready.In(time.FixedZone("", 3600))}
	end := ready.Add(365*day + 5*time.Minute)
	at, ok := p.ExpiresAt(s)
	require.True(t, ok)
	require.Equal(t, end, at)
	require.False(t, isExpired(p, s, end.Add(-1)))
	require.True(t, isExpired(p, s, end))

	_, ok = retention.Policy{}.ExpiresAt(s)
	require.False(t, ok)
	require.False(t, isExpired(retention.Policy{}, s, end))
	_, ok = p.ExpiresAt(retention.Tombstone{PurgedAt: time.Unix(0, 0)})
	require.False(t, ok)

	// Of a chain only the front may go.
	old, young := retention.Tombstone{PurgedAt: ready}, retention.Tombstone{PurgedAt: ready.Add(1)}
	require.Equal(t, 0, p.Expired(nil, end))
	require.Equal(t, 1, p.Expired([]retention.Tombstone{old, young, old}, end))
	require.Equal(t, 0, p.Expired([]retention.Tombstone{young, old}, end))
	require.Equal(t, 3, p.Expired([]retention.Tombstone{old, young, old}, end.Add(1)))
}
