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
	_ slog.LogValuer           = retention.Secret{}
	_ fmt.Formatter            = retention.Secret{}
)

func key(t *testing.T) retention.Key {
	t.Helper()
	k, err := retention.NewKey(retention.Secret{ID: "k", Key: bytes.Repeat([]byte("k"), 32)})
	require.NoError(t, err)
	return k
}

func TestNewKey(t *testing.T) {
	t.Parallel()
	secret := bytes.Repeat([]byte("secret"), 6)
	k, err := retention.NewKey(retention.Secret{ID: "s", Key: secret})
	require.NoError(t, err)
	before, err := k.Digests("a", retention.KindTicket, "T-1")
	require.NoError(t, err)
	secret[0] = 'x'
	after, err := k.Digests("a", retention.KindTicket, "T-1")
	require.NoError(t, err)
	require.Equal(t, before, after, "it has a copy")

	// A key never shows.
	var log bytes.Buffer
	own := retention.Secret{ID: "s", Key: []byte("secret")}
	slog.New(slog.NewTextHandler(&log, nil)).Info("key", "k", k, "s", own)
	b, err := json.Marshal(map[string]any{"k": k})
	require.NoError(t, err)
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %x %q", k, k, k, k), fmt.Sprintf("%v %+v %#v %x", own, &own, own, []retention.Secret{own}), fmt.Sprint(struct{ K retention.Key }{k}), log.String(), string(b)} {
		require.NotContains(t, text, "secret")
		require.NotContains(t, text, "736563726574")
		require.NotContains(t, text, "115 101 99")
	}
	require.Equal(t, "retention.Key", fmt.Sprint(k))
	require.Contains(t, log.String(), "k=retention.Key")
}

func TestDigest(t *testing.T) {
	t.Parallel()
	k := key(t)
	seen := map[retention.Sum]string{}
	other, err := retention.NewKey(retention.Secret{ID: "k", Key: bytes.Repeat([]byte("j"), 32)})
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
			all, err := k.Digests(f.scope, retention.Kind(f.kind), f.id)
			require.NoError(t, err)
			require.Len(t, all, 1)
			s := all[0]
			require.NotContains(t, seen, s, "%v", f)
			seen[s] = f.id
		}
	}
	_, err = retention.Key{}.Digests("a", "ticket", "1")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	s, err := k.Digests("acme", retention.KindTicket, "T-1")
	require.NoError(t, err)
	require.Equal(t, "2eb1612a9b7d3b9419d607b264e82e2302e3b27b021d67b7352ddbd3fe0d8d8d", s[0].String(), "stored: it must not change")
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
		"secret":   func(s *retention.Tombstone) { s.Secret = "" },
		"another":  func(s *retention.Tombstone) { s.Secret = "other" },
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
	other, err := retention.NewKey(retention.Secret{ID: "k", Key: make([]byte, 32)})
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

// Every fault of a key is told, and of a secret's bytes nothing.
func TestFaultsOfSecrets(t *testing.T) {
	t.Parallel()
	with := func(id, fill string, n int) retention.Secret {
		return retention.Secret{ID: id, Key: bytes.Repeat([]byte(fill), n)}
	}
	for _, tt := range []struct {
		secrets []retention.Secret
		want    []string
	}{
		{nil, []string{"secrets: must be given"}},
		{[]retention.Secret{{}}, []string{"secrets[0].id: must be 1 to 32", "secrets[0].key: must have at least 32 bytes"}},
		{[]retention.Secret{with("a", "x", 31)}, []string{"secrets[0].key: must have at least 32 bytes"}},
		{[]retention.Secret{with("a b", "x", 32)}, []string{"secrets[0].id: must be 1 to 32"}},
		{[]retention.Secret{with(strings.Repeat("a", 33), "x", 32)}, []string{"secrets[0].id: must be 1 to 32"}},
		{[]retention.Secret{with("a", "x", 32), with("a", "x", 32)}, []string{"secrets[1].id: must be another", "secrets[1].key: must be another"}},
		{[]retention.Secret{with("a", "x", 32), with("b", "y", 3), with("a", "z", 32)}, []string{"secrets[1].key: must have at least", "secrets[2].id: must be another"}},
	} {
		_, err := retention.NewKey(tt.secrets...)
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.Len(t, strings.Split(err.Error(), "\n"), len(tt.want), err)
		for _, want := range tt.want {
			require.ErrorContains(t, err, want)
		}
		require.NotContains(t, err.Error(), "xxx")
	}
	_, err := retention.NewKey(with("a", "x", 32), with(strings.Repeat("b", 32), "y", 100))
	require.NoError(t, err)
}

// A chain whose tombstones were made with one secret after the other is verified with all of
// them, and one that is missing is missed.
func TestVerifyChainOfSeveralSecrets(t *testing.T) {
	t.Parallel()
	old := retention.Secret{ID: "old", Key: bytes.Repeat([]byte("o"), 32)}
	next := retention.Secret{ID: "next", Key: bytes.Repeat([]byte("n"), 32)}
	keyOf := func(all ...retention.Secret) retention.Key {
		k, err := retention.NewKey(all...)
		require.NoError(t, err)
		return k
	}
	bury := func(k retention.Key, previous retention.Sum) []retention.Tombstone {
		all, err := begin(t, whole()).Tombstones(k, "acme", previous)
		require.NoError(t, err)
		return all
	}
	chain := bury(keyOf(old), retention.Sum{})
	chain = append(chain, bury(keyOf(next, old), chain[2].Sum)...)
	require.Equal(t, []string{"old", "old", "old", "next", "next", "next"}, []string{
		chain[0].Secret, chain[1].Secret, chain[2].Secret, chain[3].Secret, chain[4].Secret, chain[5].Secret,
	})
	require.NoError(t, retention.VerifyChain(keyOf(next, old), retention.Sum{}, chain))
	require.NoError(t, retention.VerifyChain(keyOf(old, next), retention.Sum{}, chain))
	require.NoError(t, retention.VerifyChain(keyOf(next), chain[2].Sum, chain[3:]), "those of the old one have expired")
	for at, k := range map[int]retention.Key{0: keyOf(next), 3: keyOf(old)} {
		var proof *retention.ProofError
		require.ErrorAs(t, retention.VerifyChain(k, retention.Sum{}, chain), &proof)
		require.Equal(t, at, proof.Index)
	}
	// The bytes count, and not the name.
	swapped := keyOf(retention.Secret{ID: "old", Key: next.Key}, retention.Secret{ID: "next", Key: old.Key})
	require.ErrorAs(t, retention.VerifyChain(swapped, retention.Sum{}, chain), new(*retention.ProofError))

	// A record is found by what either made of its ID.
	for i, t1 := range []retention.Tombstone{chain[0], chain[3]} {
		digests, err := keyOf(next, old).Digests(t1.Scope, t1.Kind, whole().Conversation.ID)
		require.NoError(t, err)
		require.Len(t, digests, 2)
		require.Equal(t, t1.Digest, digests[1-i])
	}
}

// A tombstone of before names no secret, and is as genuine as it was.
func TestTombstoneWithoutASecret(t *testing.T) {
	t.Parallel()
	var s retention.Tombstone
	require.NoError(t, json.Unmarshal([]byte(`{
		"scope": "acme", "kind": "conversation", "digest": "35bcbe9b5b028eeabdd7b06264c5efea6d3d09964abcc771aac2f485557d8993",
		"policy": {"name": "standard", "version": 1}, "reason": "closing", "since": "2026-03-06T15:31:00.045Z",
		"closed_at": "2026-03-06T15:31:00.045Z", "purged_at": "2026-03-18T17:46:00.063Z", "counts": {"messages": 1, "timers": 1},
		"sum": "a10fbc7c935a3ba86f46bf1edcadf95b5b8d8ea5535105b821fa2f2c0a651e06"
	}`), &s))
	k, err := retention.NewKey(
		retention.Secret{ID: "new", Key: make([]byte, 32)}, retention.Secret{ID: "old", Key: bytes.Repeat([]byte{7}, 32)},
	)
	require.NoError(t, err)
	require.NoError(t, verify(s, k))
	require.Error(t, verify(s, key(t)))
	s.Secret = "old"
	require.Error(t, verify(s, k))
}
