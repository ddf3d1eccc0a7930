package desk_test

import (
	"context"
	"errors"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// A shaky storage answers commits with the errors that it has, and carries out those
// of which it says so.
type shaky struct {
	*memstore.Stores
	answers []shakyAnswer // of the commits to come
}

type shakyAnswer struct {
	err  error
	done bool
}

func (s *shaky) Tenant(t store.TenantID) (store.Records, error) {
	of, err := s.Stores.Tenant(t)
	return shakyStore{of, s}, err
}

type shakyStore struct {
	store.Records
	of *shaky
}

func (s shakyStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if len(s.of.answers) == 0 {
		return s.Records.Commit(ctx, b)
	}
	a := s.of.answers[0]
	s.of.answers = s.of.answers[1:]
	if a.done {
		if _, err := s.Records.Commit(ctx, b); err != nil {
			return store.Committed{}, err
		}
	}
	return store.Committed{}, a.err
}

// An outcome that is not known stays so until the storage gives a definite answer: that
// it cannot be reached says nothing of what was done before, and a caller who is told
// that nothing was done gives the command again.
func TestUnknownStaysUnknownT61(t *testing.T) {
	t.Parallel()
	uncertain, away, closed := helpdesk.ErrUncertain, helpdesk.ErrUnavailable, store.ErrClosed
	for name, tt := range map[string]struct {
		answers []shakyAnswer
		want    error // nil: the note is there once and the result says so
		notes   int
	}{
		"done, then away":           {[]shakyAnswer{{uncertain, true}, {away, false}, {away, false}, {away, false}, {away, false}, {away, false}}, uncertain, 1},
		"lost, then away":           {[]shakyAnswer{{uncertain, false}, {away, false}, {away, false}, {away, false}, {away, false}, {away, false}}, uncertain, 0},
		"done, then closed":         {[]shakyAnswer{{uncertain, true}, {closed, false}, {closed, false}, {closed, false}, {closed, false}, {closed, false}}, uncertain, 1},
		"done, away, and back":      {[]shakyAnswer{{uncertain, true}, {away, false}}, nil, 1},
		"lost, away, and back":      {[]shakyAnswer{{uncertain, false}, {away, false}}, nil, 1},
		"away from the beginning":   {[]shakyAnswer{{away, false}}, away, 0},
		"full, which is an answer":  {[]shakyAnswer{{store.ErrFull, false}}, store.ErrFull, 0},
		"done, and uncertain again": {[]shakyAnswer{{uncertain, true}, {uncertain, false}}, nil, 1},
	} {
		for _, key := range []string{"", "key"} {
			t.Run(name+" "+key, func(t *testing.T) {
				t.Parallel()
				s := &shaky{Stores: memstore.New()}
				w := newWorld(t, func(c *desk.Config) { c.Stores = s })
				r := w.start(live)
				m := agent
				m.IdempotencyKey = key
				s.answers = tt.answers
				_, err := w.o.Conversation(r.Conversation).AddNote(t.Context(), m, text("Once."))
				s.answers = nil
				want, notes := tt.want, tt.notes
				if key == "" && errors.Is(tt.answers[0].err, uncertain) {
					want, notes = uncertain, 0 // it is not tried again, for that could do it twice
					if tt.answers[0].done {
						notes = 1
					}
				}
				if key != "" && tt.notes > 0 {
					want = nil // the key's result says that it was done
				}
				if want == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, want)
				}
				require.Equal(t, errors.Is(want, uncertain), errors.Is(err, uncertain))
				require.Len(t, w.conversation(r.Conversation).Messages, 1+notes)
				if key != "" {
					w.must(w.o.Conversation(r.Conversation).AddNote(t.Context(), m, text("Once.")))
					require.Len(t, w.conversation(r.Conversation).Messages, 2, "again with the key it is there once")
				}
			})
		}
	}
}
