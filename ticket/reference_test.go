package ticket_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"math/bits"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

var (
	_ encoding.TextAppender    = ticket.Reference("")
	_ encoding.TextMarshaler   = ticket.Reference("")
	_ encoding.TextUnmarshaler = (*ticket.Reference)(nil)
)

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// R37, T12: a reference is 55 bits, and says nothing else.
func TestReferenceR37T12(t *testing.T) {
	t.Parallel()
	for random, want := range map[uint64]ticket.Reference{
		0:           "HD-0000-0000-0000",
		1:           "HD-0000-0000-0012",
		2:           "HD-0000-0000-0024",
		31:          "HD-0000-0000-00ZV",
		1<<55 - 1:   "HD-ZZZZ-ZZZZ-ZZZK",
		1 << 55:     "HD-0000-0000-0000",
		1<<64 - 1:   "HD-ZZZZ-ZZZZ-ZZZK",
		0x123456789: ticket.NewReference(0x123456789),
	} {
		require.Equal(t, want, ticket.NewReference(random))
		require.True(t, want.IsValid())
		require.Equal(t, string(want), want.String())
	}
	require.GreaterOrEqual(t, bits.Len64(1<<55-1), 50)
	seen := make(map[ticket.Reference]bool)
	for i := range uint64(55) {
		seen[ticket.NewReference(1<<i)] = true
	}
	require.Len(t, seen, 55, "each bit counts")
}

func TestParseReference(t *testing.T) {
	t.Parallel()
	r := ticket.NewReference(0x2B_3C4D_5E6F_7081)
	plain := strings.ReplaceAll(strings.TrimPrefix(string(r), "HD-"), "-", "")
	for _, s := range []string{
		string(r), plain, strings.ToLower(string(r)), " " + plain, "HD" + plain, "hd " + plain, "h-d" + strings.ToLower(plain),
		strings.Join(strings.Split(plain, ""), " "), strings.Join(strings.Split(plain, ""), "-"),
	} {
		got, err := ticket.ParseReference(s)
		require.NoError(t, err, "%q", s)
		require.Equal(t, r, got)
	}
	last := ticket.NewReference(1<<55 - 1)
	got, err := ticket.ParseReference(strings.ToLower(string(last)))
	require.NoError(t, err)
	require.Equal(t, last, got, "from a to z")
	one := ticket.NewReference(0x20)
	require.Contains(t, string(one), "1")
	for _, s := range []string{"I", "i", "L", "l"} {
		got, err := ticket.ParseReference(strings.ReplaceAll(string(one), "1", s))
		require.NoError(t, err)
		require.Equal(t, one, got, "look-alikes")
	}
	for _, s := range []string{"O", "o"} {
		got, err := ticket.ParseReference(strings.ReplaceAll(string(one), "0", s))
		require.NoError(t, err)
		require.Equal(t, one, got)
	}
	for _, s := range []string{
		"", "HD-", plain[1:], plain + "0", "XX" + plain, "H" + plain, "DH" + plain, "U" + plain[1:], "é" + plain[2:], "*" + plain[1:],
		strings.Repeat("-", 200) + plain, strings.Repeat(plain, 20), "\x00" + plain[1:], strings.Repeat("0", 128), strings.Repeat("0", 129),
	} {
		got, err := ticket.ParseReference(s)
		require.ErrorIs(t, err, helpdesk.ErrInvalid, "%q", s)
		require.Empty(t, got)
	}
	got, err = ticket.ParseReference(strings.Repeat("-", 116) + plain)
	require.NoError(t, err, "128 bytes")
	require.Equal(t, r, got)
	_, err = ticket.ParseReference("ann@example.org")
	require.NotContains(t, err.Error(), "ann", "T45")
	words := strings.Fields(err.Error())
	require.True(t, ticket.Reference(words[len(words)-1]).IsValid(), "the example is one")
	for _, s := range []ticket.Reference{"", ticket.Reference(plain), ticket.Reference(strings.ToLower(string(r))), r + " "} {
		require.False(t, s.IsValid(), "%q is not the text form", s)
	}
}

// Every single mistyped character is found, and every two that changed places.
func TestReferenceCheck(t *testing.T) {
	t.Parallel()
	for _, random := range []uint64{0, 1, 1<<55 - 1, 0x2B_3C4D_5E6F_7081, 0x15_5555_5555_5555} {
		plain := strings.ReplaceAll(strings.TrimPrefix(string(ticket.NewReference(random)), "HD-"), "-", "")
		for i := range plain {
			for _, c := range alphabet {
				if byte(c) == plain[i] {
					continue
				}
				_, err := ticket.ParseReference(plain[:i] + string(c) + plain[i+1:])
				require.Error(t, err)
			}
			for j := range i {
				b := []byte(plain)
				b[i], b[j] = b[j], b[i]
				_, err := ticket.ParseReference(string(b))
				require.Equal(t, plain == string(b), err == nil, "%s %s", plain, b)
			}
		}
	}
}

func TestReferenceText(t *testing.T) {
	t.Parallel()
	r := ticket.NewReference(77)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.Equal(t, `"`+string(r)+`"`, string(text))
	b, err := r.AppendText([]byte("is:"))
	require.NoError(t, err)
	require.Equal(t, "is:"+string(r), string(b))
	var back ticket.Reference
	require.NoError(t, json.Unmarshal([]byte(strings.ToLower(string(text))), &back))
	require.Equal(t, r, back, "decoded into the text form")
	require.ErrorIs(t, back.UnmarshalText([]byte("x")), helpdesk.ErrInvalid)
	require.Equal(t, r, back)
	b, err = ticket.Reference("x").AppendText([]byte("is:"))
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	require.Equal(t, "is:", string(b))
	_, err = json.Marshal(ticket.Reference(""))
	require.Error(t, err)
}

func FuzzReference(f *testing.F) {
	f.Add("HD-0000-0000-0012", uint64(0))
	f.Add("hd oooo oooo ooi2", uint64(1))
	f.Add("", uint64(1<<55))
	f.Fuzz(func(t *testing.T, s string, random uint64) {
		r, err := ticket.ParseReference(s)
		if err != nil && (r != "" || !errors.Is(err, helpdesk.ErrInvalid)) {
			t.Fatalf("ParseReference(%q) = %q, %v", s, r, err)
		}
		if err == nil && !r.IsValid() {
			t.Fatalf("ParseReference(%q) = %q, which is not valid", s, r)
		}
		made := ticket.NewReference(random)
		if back, err := ticket.ParseReference(string(made)); err != nil || back != made {
			t.Fatalf("ParseReference(%q) = %q, %v", made, back, err)
		}
	})
}
