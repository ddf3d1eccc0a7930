package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What a losing storage answers to a commit, of which a script has one for each. A script
// that is at its end answers fine.
const (
	fine         = 'f' // what the storage itself answers
	doneLost     = 'D' // done, and the answer is lost
	undoneLost   = 'U' // not done, and the answer is lost
	doneRetry    = 'B' // done, and the lost answer matches ErrRetry, too
	doneConflict = 'C' // done, and the lost answer matches ErrConflict, too
	doneTwice    = 'E' // done, and the lost answer matches ErrDuplicate, too
	again        = 'r' // not done, may be tried again
	refused      = 'a' // not done: no connection
	raced        = 'c' // not done: somebody was faster; fine if the key of the batch is taken
)

// A losing storage loses answers by a script. It knows what became of each commit, and
// tells it by Outcome if it tells, except to the first askers of each, which it refuses.
type losing struct {
	store.Stores
	script  string
	tells   bool
	refuses int

	n     int
	truth map[string]bool // by token, whether the commit was done
	asked map[string]int  // by token
}

func (l *losing) Tenant(t store.TenantID) (store.Records, error) {
	of, err := l.Stores.Tenant(t)
	r := losingRecords{of, l}
	if l.tells {
		return tellingLosing{r}, err
	}
	return r, err
}

// next returns the next answer: whether the commit is done, and the error instead of its
// answer, which is nil for the answer of the storage.
func (l *losing) next(taken bool) (done bool, token string, err error) {
	a := rune(fine)
	if l.script != "" {
		a, l.script = rune(l.script[0]), l.script[1:]
	}
	l.n++
	token = strconv.Itoa(l.n)
	lost := &store.Error{Kind: helpdesk.ErrUncertain, Token: token}
	switch a {
	case doneLost:
		return true, token, lost
	case undoneLost:
		return false, token, lost
	case doneRetry:
		lost.Err = store.ErrRetry
		return true, token, lost
	case doneConflict:
		lost.Err = store.ErrConflict
		return true, token, lost
	case doneTwice:
		lost.Err = store.ErrDuplicate
		return true, token, lost
	case again:
		return false, token, &store.Error{Kind: store.ErrRetry}
	case refused:
		return false, token, &store.Error{Kind: helpdesk.ErrUnavailable}
	case raced:
		if !taken {
			return false, token, &store.Error{Kind: store.ErrConflict}
		}
	}
	return true, token, nil
}

type losingRecords struct {
	store.Records
	l *losing
}

// answer does what the script says, by do.
func (r losingRecords) answer(ctx context.Context, key string, do func(lose error) (store.Committed, error)) (store.Committed, error) {
	taken := false
	if key != "" {
		s, err := r.Read(ctx, store.ReadRequest{Key: key})
		if err != nil {
			return store.Committed{}, err
		}
		taken = s.Result.Fingerprint != ""
	}
	done, token, lost := r.l.next(taken)
	if !done {
		r.l.truth[token] = false
		return do(lost)
	}
	c, err := do(nil)
	r.l.truth[token] = err == nil
	if lost != nil {
		return store.Committed{}, lost
	}
	return c, err
}

func (r losingRecords) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	return r.answer(ctx, b.Key.Name, func(lose error) (store.Committed, error) {
		if lose != nil {
			return store.Committed{}, lose
		}
		return r.Records.Commit(ctx, b)
	})
}

func (r losingRecords) Update(ctx context.Context, lock []store.Ref, decide func(context.Context, store.Reader) (store.Batch, error)) (store.Committed, error) {
	return r.answer(ctx, "", func(lose error) (store.Committed, error) {
		return r.Records.(store.Locker).Update(ctx, lock, func(ctx context.Context, reader store.Reader) (store.Batch, error) {
			b, err := decide(ctx, reader)
			if err == nil {
				err = lose
			}
			return b, err
		})
	})
}

type tellingLosing struct{ losingRecords }

func (r tellingLosing) Outcome(_ context.Context, token string) (bool, error) {
	if r.l.asked[token]++; r.l.asked[token] <= r.l.refuses {
		return false, &store.Error{Kind: helpdesk.ErrUnavailable}
	}
	done, ok := r.l.truth[token]
	if !ok {
		return false, helpdesk.ErrUncertain
	}
	return done, nil
}

func loser(s store.Stores) *losing {
	return &losing{Stores: s, truth: map[string]bool{}, asked: map[string]int{}}
}

// A verdict says how a command ends: whether it is stored, and the kind of its error.
type verdict struct {
	stored bool
	err    error
}

// ends says how a command has to end, by the rules alone. The command is given at most six
// times.
func ends(script string, keyed, tells bool) verdict {
	unknown, stored := false, false
	for i, given := 0, 1; ; i, given = i+1, given+1 {
		a := byte(fine)
		if i < len(script) {
			a = script[i]
		}
		if a == raced && stored {
			a = fine
		}
		switch a {
		case fine:
			return verdict{true, nil}
		case doneLost, doneRetry, doneConflict, doneTwice:
			stored = true
		case raced:
			unknown, given = false, 0 // decided anew
			continue
		case refused:
			if !unknown {
				return verdict{false, helpdesk.ErrUnavailable}
			}
		}
		if a != again && a != refused {
			switch {
			case keyed:
				unknown = true
			case !tells:
				return verdict{stored, helpdesk.ErrUncertain}
			case stored:
				return verdict{true, nil}
			}
		}
		if given == 6 {
			switch {
			case stored && keyed:
				return verdict{true, nil} // the key's result is looked for
			case unknown:
				return verdict{stored, helpdesk.ErrUncertain}
			default:
				return verdict{stored, store.ErrRetry}
			}
		}
	}
}

// scripts calls yield with every script of the letters, up to a length.
func scripts(letters string, most int, yield func(string)) {
	var all func(string)
	all = func(s string) {
		yield(s)
		if len(s) < most {
			for _, l := range letters {
				all(s + string(l))
			}
		}
	}
	all("")
}

// notes counts the notes of a conversation, and how many of them say so.
func notes(tb testing.TB, s store.Records, conversation inbox.ID) map[string]int {
	tb.Helper()
	n := map[string]int{}
	q := store.LogQuery{Of: store.Ref{Kind: "conversation", ID: conversation.String()}, Log: "note", Limit: 1000}
	for more := true; more; {
		snapshot, err := s.Read(context.WithoutCancel(tb.Context()), store.ReadRequest{Logs: []store.LogQuery{q}})
		require.NoError(tb, err)
		for _, e := range snapshot.Logs[0].Entries {
			_, body, _ := strings.Cut(string(e.Body), "[[")
			body, _, _ = strings.Cut(body, "]]")
			n[body]++
			q.After = e.N
		}
		more = snapshot.Logs[0].More
	}
	return n
}

func marked(s string) inbox.MessageParams { return text("[[" + s + "]]") }

// Whatever the storage answers to the commits of a command, one after the other: a command
// ends as it has to, is never stored twice, and never said not to be stored if it is. An
// outcome that is unknown stays so, whatever else its error matches.
func TestEveryScriptOfAnswers(t *testing.T) {
	t.Parallel()
	letters := string([]rune{fine, doneLost, undoneLost, doneRetry, doneConflict, doneTwice, again, refused, raced})
	for name, mode := range map[string]struct {
		keyed, tells bool
		refuses      int
	}{
		"key": {keyed: true}, "no key": {}, "outcomes": {tells: true}, "outcomes, away at first": {tells: true, refuses: 5}, "key and outcomes": {keyed: true, tells: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mem := memstore.New()
				l := loser(mem)
				l.tells, l.refuses = mode.tells, mode.refuses
				w := newWorld(t, func(c *desk.Config) { c.Stores = l })
				of, err := mem.Tenant("acme")
				require.NoError(t, err)
				n, was := 0, 0
				var r desk.Result
				scripts(letters[1:], campaign.Rounds(3, 5), func(script string) {
					if n++; n%200 == 1 {
						l.script = ""
						r, was = w.start(live), 0
					}
					m := agent
					if mode.keyed {
						m.IdempotencyKey = "k" + strconv.Itoa(n)
					}
					l.script = script
					_, err := w.o.Conversation(r.Conversation).AddNote(t.Context(), m, text(script+"."))
					want := ends(script, mode.keyed, mode.tells)
					left, remainErr := of.Remaining(t.Context(), store.Ref{Kind: "conversation", ID: r.Conversation.String()})
					require.NoError(t, remainErr)
					stored := 0
					if want.stored {
						stored = 1
					}
					entries := left.Entries - was
					if was == 0 {
						entries -= 2 // the first message, and its event
					}
					was = left.Entries
					require.Equal(t, 2*stored, entries, "a note and an event: %s", script)
					if want.err == nil {
						require.NoError(t, err, script)
						return
					}
					require.ErrorIs(t, err, want.err, script)
					require.Equal(t, errors.Is(want.err, helpdesk.ErrUncertain), errors.Is(err, helpdesk.ErrUncertain), script)
				})
			})
		})
	}
}

// Sixty are asked for, and sixty are stored: by hosts with keys, who repeat a command until
// its outcome is known, and by hosts without keys, who repeat what was not done, if the storage
// can tell. Without either, a caller is told that the outcome is unknown, and nothing is stored
// twice, or said not to be stored if it is.
func TestSixtyOfSixty(t *testing.T) {
	t.Parallel()
	faulty := rapid.SampledFrom([]string{"D", "U", "B", "C", "E", "r", "a", "c", "Da", "Daaaaaaaaaaaa", "Uaa", "Uaaaaaaaaaaa", "DUDUDU", "rrrrrrr", "aaa", "Dr", "Ur", "cD", "cccU"})
	rapid.Check(t, func(rt *rapid.T) {
		p := sixty{
			keyed: rapid.Bool().Draw(rt, "keyed"), tells: rapid.Bool().Draw(rt, "tells"),
			deadline: rapid.SampledFrom([]time.Duration{0, 5 * time.Millisecond, time.Hour}).Draw(rt, "deadline"),
			refuses:  rapid.IntRange(0, 8).Draw(rt, "refuses"),
		}
		for range 60 {
			p.scripts = append(p.scripts, strings.Join(rapid.SliceOfN(faulty, 0, 3).Draw(rt, "script"), ""))
		}
		var heard map[string]error
		var stored map[string]int
		synctest.Test(t, func(t *testing.T) { heard, stored = p.play(t) })
		unknown := 0
		for note, err := range heard {
			switch {
			case err == nil:
				require.Equal(rt, 1, stored[note], note)
			case errors.Is(err, helpdesk.ErrUncertain):
				unknown++
				require.LessOrEqual(rt, stored[note], 1, note)
			default:
				require.Zero(rt, stored[note], "%s: %v", note, err)
			}
		}
		switch {
		case p.keyed:
			require.Len(rt, stored, 60)
		case p.tells && (p.refuses <= 5 && p.deadline == 0 || p.deadline == time.Hour):
			require.Zero(rt, unknown, "the storage tells")
			require.Len(rt, stored, 60)
		default:
			require.GreaterOrEqual(rt, len(stored)+unknown, 60)
		}
	})
}

// A sixty is what happens to sixty commands.
type sixty struct {
	keyed, tells bool
	refuses      int
	deadline     time.Duration
	scripts      []string
}

// play gives the commands until they end well: those with keys whatever came of them, those
// without only if nothing was done. It returns what their callers heard last, and how often each
// is stored.
func (p *sixty) play(t *testing.T) (heard map[string]error, stored map[string]int) {
	t.Helper()
	l := loser(memstore.New())
	l.tells, l.refuses = p.tells, p.refuses
	w := newWorld(t, func(c *desk.Config) { c.Stores = l })
	conv := w.o.Conversation(w.start(live).Conversation)
	heard = map[string]error{}
	for i, script := range p.scripts {
		l.script = script
		note, m := strconv.Itoa(i), agent
		if p.keyed {
			m.IdempotencyKey = "key-" + note
		}
		for n := 0; n == 0 || heard[note] != nil && (p.keyed || !errors.Is(heard[note], helpdesk.ErrUncertain)); n++ {
			ctx, cancel := context.WithCancel(t.Context())
			if p.deadline > 0 {
				ctx, cancel = context.WithTimeout(t.Context(), p.deadline)
			}
			_, heard[note] = conv.AddNote(ctx, m, marked(note))
			cancel()
			require.Less(t, n, 100)
		}
	}
	return heard, notes(t, w.records(), conv.ID())
}

// While the outcome is unknown, the storage is asked as long as the caller has time, with
// pauses; but one that was closed is not.
func TestUnknownUntilTheDeadline(t *testing.T) {
	t.Parallel()
	away := strings.Repeat(string(rune(refused)), 40)
	for name, tt := range map[string]struct {
		script   string
		key      string
		tells    bool
		refuses  int
		deadline time.Duration
		want     error
		stored   int
		least    time.Duration
		most     time.Duration
	}{
		"key, and back in time":         {script: "D" + away, key: "k", deadline: time.Minute, stored: 1, least: 4 * time.Second, most: 10 * time.Second},
		"key, not done, back in time":   {script: "U" + away, key: "k", deadline: time.Minute, stored: 1, least: 4 * time.Second, most: 10 * time.Second},
		"key, not back":                 {script: "D" + away, key: "k", deadline: time.Second, want: helpdesk.ErrUncertain, stored: 1, least: time.Second, most: time.Second},
		"key, without a deadline":       {script: "D" + away, key: "k", want: nil, stored: 1, most: 100 * time.Millisecond}, // the key's result can be read
		"outcome, and back in time":     {script: "D", tells: true, refuses: 40, deadline: time.Minute, stored: 1, least: 4 * time.Second, most: 10 * time.Second},
		"outcome, not done, and back":   {script: "U", tells: true, refuses: 40, deadline: time.Minute, stored: 1, least: 4 * time.Second, most: 10 * time.Second},
		"outcome, not back":             {script: "D", tells: true, refuses: 40, deadline: time.Second, want: helpdesk.ErrUncertain, stored: 1, least: time.Second, most: time.Second},
		"outcome, without a deadline":   {script: "U", tells: true, refuses: 40, want: helpdesk.ErrUncertain, most: 100 * time.Millisecond},
		"nobody can tell":               {script: "D", deadline: time.Minute, want: helpdesk.ErrUncertain, stored: 1},
		"undone is tried a few times":   {script: strings.Repeat("r", 40), deadline: time.Minute, want: store.ErrRetry, most: 100 * time.Millisecond},
		"refused is not tried":          {script: "a", deadline: time.Minute, want: helpdesk.ErrUnavailable},
		"key, undone, then unknown":     {script: "rrrU" + away, key: "k", deadline: time.Minute, stored: 1, least: 4 * time.Second, most: 10 * time.Second},
		"outcome, undone, then unknown": {script: "rrrrrD", tells: true, refuses: 30, deadline: time.Minute, stored: 1, least: 3 * time.Second, most: 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mem := memstore.New()
				l := loser(mem)
				l.tells = tt.tells
				w := newWorld(t, func(c *desk.Config) { c.Stores = l })
				conv := w.o.Conversation(w.start(live).Conversation)
				l.script, l.refuses = tt.script, tt.refuses
				ctx, cancel := context.WithCancel(t.Context())
				if tt.deadline > 0 {
					ctx, cancel = context.WithTimeout(t.Context(), tt.deadline)
				}
				defer cancel()
				m := agent
				m.IdempotencyKey = tt.key
				began := time.Now()
				_, err := conv.AddNote(ctx, m, marked("one"))
				took := time.Since(began)
				require.ErrorIs(t, err, tt.want)
				require.Equal(t, tt.want == helpdesk.ErrUncertain, errors.Is(err, helpdesk.ErrUncertain)) //nolint:errorlint // the row itself
				require.GreaterOrEqual(t, took, tt.least)
				require.LessOrEqual(t, took, tt.most)
				require.Equal(t, tt.stored, notes(t, w.records(), conv.ID())["one"])
			})
		})
	}
}

// A storage that was closed is not asked until the deadline.
func TestUnknownAndClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{Stores: memstore.New()}
		w := newWorld(t, func(c *desk.Config) { c.Stores = s })
		conv := w.o.Conversation(w.start(live).Conversation)
		s.answers = []shakyAnswer{{helpdesk.ErrUncertain, false}}
		for range 100 {
			s.answers = append(s.answers, shakyAnswer{store.ErrClosed, false})
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		_, err := conv.AddNote(ctx, keyed(agent, "k"), text("x"))
		require.ErrorIs(t, err, helpdesk.ErrUncertain)
		require.Less(t, time.Since(began), time.Second)
		require.Less(t, 90, len(s.answers))
	})
}

// A context that ends while a commit is under way leaves its outcome unknown: the caller is
// not told that nothing was done.
func TestContextEndsInFlight(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{true, false} {
		for _, key := range []string{"", "k"} {
			t.Run(fmt.Sprintf("done %t, key %q", done, key), func(t *testing.T) {
				t.Parallel()
				mem := memstore.New()
				w := newWorld(t, func(c *desk.Config) { c.Stores = mem })
				conv := w.o.Conversation(w.start(live).Conversation)
				ctx, cancel := context.WithCancel(t.Context())
				h := &hook{Stores: mem}
				lost := fmt.Errorf("%w: %w", helpdesk.ErrUncertain, context.Canceled)
				if done {
					h.after = func(store.Batch) { cancel() }
				} else {
					h.fail = func(store.Batch) error { cancel(); return lost }
				}
				w.config.Stores = losingLast{h, lost}
				w.open()
				m := agent
				m.IdempotencyKey = key
				_, err := w.o.Conversation(conv.ID()).AddNote(ctx, m, marked("one"))
				require.ErrorIs(t, err, helpdesk.ErrUncertain)
				stored := 0
				if done {
					stored = 1
				}
				require.Equal(t, stored, notes(t, w.records(), conv.ID())["one"])
			})
		}
	}
}

// A losingLast loses the answer of each commit.
type losingLast struct {
	store.Stores
	lost error
}

func (l losingLast) Tenant(t store.TenantID) (store.Records, error) {
	of, err := l.Stores.Tenant(t)
	return losingLastRecords{of, l.lost}, err
}

type losingLastRecords struct {
	store.Records
	lost error
}

func (r losingLastRecords) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	_, _ = r.Records.Commit(ctx, b)
	return store.Committed{}, r.lost
}
