package storetest_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// at returns the revision of a record now.
func at(ctx context.Context, sound store.Records, ref store.Ref) store.Revision {
	s, err := sound.Read(ctx, store.ReadRequest{Records: []store.Ref{ref}})
	if err != nil {
		return "unknown"
	}
	return s.Records[0].Revision
}

// taken reports whether an entry is taken by ID.
func taken(ctx context.Context, sound store.Records, e store.Entry) bool {
	s, err := sound.Read(ctx, store.ReadRequest{Logs: []store.LogQuery{{Of: e.Of, Log: e.Log, ID: e.ID, Limit: 1}}})
	return err == nil && len(s.Logs[0].Entries) > 0
}

// conflict returns the first conflict of a batch, asked before the batch is done.
func conflict(ctx context.Context, sound store.Records, b store.Batch) error {
	all := slices.Clone(b.Expect)
	for _, c := range b.Changes {
		all = append(all, store.Expected{Ref: c.Ref, Revision: c.Expected})
	}
	for _, e := range all {
		if at(ctx, sound, e.Ref) != e.Revision {
			return &store.Error{Kind: store.ErrConflict, Ref: e.Ref}
		}
	}
	return nil
}

// inTwo does a batch in two steps.
func inTwo(first func(store.Batch) (one, two store.Batch)) func() func() store.Stores {
	return committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		if s, err := sound.Read(ctx, store.ReadRequest{Key: b.Key.Name}); err == nil && s.Result.Fingerprint != "" {
			return sound.Commit(ctx, b)
		}
		one, two := first(b)
		if _, err := sound.Commit(ctx, one); err != nil {
			return store.Committed{}, err
		}
		return sound.Commit(ctx, two)
	})
}

// A revision that is made of the contents comes again.
func sameRevisions(sound store.Records, r *records) {
	type named struct {
		ref store.Ref
		rev store.Revision
	}
	var real memory[named, store.Revision]
	name := func(body []byte) store.Revision { return store.Revision("r" + strconv.Itoa(len(body))) }
	r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
		b = cloned(b)
		for i := range b.Changes {
			c := &b.Changes[i]
			if got, ok := real.get(named{c.Ref, c.Expected}); ok {
				c.Expected = got
			}
		}
		done, err := sound.Commit(ctx, b)
		for i, rev := range done.Revisions {
			if rev != "" {
				c := b.Changes[i]
				real.put(named{c.Ref, name(c.Body)}, rev)
				done.Revisions[i] = name(c.Body)
			}
		}
		return done, err
	}
	r.read = func(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
		s, err := sound.Read(ctx, q)
		for i := range s.Records {
			if one := &s.Records[i]; one.Revision != "" {
				one.Revision = name(one.Body)
			}
		}
		return s, err
	}
}

var brokenCommits = []breakage{
	{"a revision is made of the contents", []string{"commit/revisions"}, recordsWith(sameRevisions)},
	{"the expected revision is ignored", []string{"commit/stale", "source/shared", "race/revision"}, before(func(ctx context.Context, sound store.Records, b *store.Batch) {
		for i := range b.Changes {
			b.Changes[i].Expected = at(ctx, sound, b.Changes[i].Ref)
		}
	})},
	{"a conflict is one of any kind", []string{"commit/stale", "commit/expect"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		done, err := sound.Commit(ctx, b)
		if e, ok := errors.AsType[*store.Error](err); ok && e.Kind == store.ErrConflict { //nolint:errorlint // the kind itself
			return done, &store.Error{Kind: helpdesk.ErrConflict, Ref: e.Ref}
		}
		return done, err
	})},
	{"Expect is ignored", []string{"commit/expect", "commit/nothing", "race/absent", "race/expect"}, before(func(_ context.Context, _ store.Records, b *store.Batch) { b.Expect = nil })},
	{"work is done before the rest", []string{"commit/nothing", "question/entries-third"}, inTwo(func(b store.Batch) (one, two store.Batch) {
		one.Withdraw, b.Withdraw = b.Withdraw, nil
		one.Ack, b.Ack = b.Ack, nil
		return one, b
	})},
	{"the log of an absent record is refused", []string{"commit/empty"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		for _, e := range b.Append {
			if len(b.Changes) == 0 && at(ctx, sound, e.Of) == "" {
				return store.Committed{}, errBroken
			}
		}
		return sound.Commit(ctx, b)
	})},
	{"a large batch is refused", []string{"commit/large"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		if len(b.Changes) > 100 {
			return store.Committed{}, &store.Error{Kind: store.ErrFull}
		}
		return sound.Commit(ctx, b)
	})},
	{"the context is ignored", []string{"commit/context"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		return sound.Commit(context.WithoutCancel(ctx), b)
	})},
	{"a batch is done, and the error is that of the context", []string{"commit/in-flight"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		if err := ctx.Err(); err != nil {
			return store.Committed{}, err
		}
		done, err := sound.Commit(context.WithoutCancel(ctx), b)
		for range 100 {
			runtime.Gosched()
		}
		if ctx.Err() != nil {
			return store.Committed{}, ctx.Err()
		}
		return done, err
	})},
	{"revisions come before the key", []string{"question/key-first"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		if err := conflict(ctx, sound, b); err != nil {
			return store.Committed{}, err
		}
		return sound.Commit(ctx, b)
	})},
	{"entries come before revisions", []string{"question/revisions-second"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		for _, e := range b.Append {
			if b.Key.Name != "" && taken(ctx, sound, e) {
				return store.Committed{}, &store.Error{Kind: store.ErrDuplicate, Ref: e.Of, Entry: e.Log + "/" + e.ID}
			}
		}
		return sound.Commit(ctx, b)
	})},
	{"a duplicate names the last entry", []string{"question/duplicate"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		done, err := sound.Commit(ctx, b)
		if e, ok := errors.AsType[*store.Error](err); ok && errors.Is(err, store.ErrDuplicate) {
			last := b.Append[len(b.Append)-1]
			e.Entry = last.Log + "/" + last.ID
		}
		return done, err
	})},
	{"IDs of entries are not unique", []string{"question/duplicate", "question/duplicate-long", "race/entry", "commit/nothing", "question/entries-third", "question/replace-append"}, before(func(ctx context.Context, sound store.Records, b *store.Batch) {
		for i := range b.Append {
			for taken(ctx, sound, b.Append[i]) {
				b.Append[i].ID += "x"
			}
		}
	})},
	{"entries are appended before logs are replaced", []string{"question/replace-append", "log/replace"}, inTwo(func(b store.Batch) (one, two store.Batch) {
		if len(b.Replace) > 0 {
			one.Append, b.Append = b.Append, nil
		}
		return one, b
	})},
	{"timers are set before others are acknowledged", []string{"question/ack-set"}, before(func(_ context.Context, _ store.Records, b *store.Batch) {
		if len(b.Ack) > 0 {
			b.Timers = nil
		}
	})},
	{"messages are sent before others are withdrawn", []string{"question/withdraw-send"}, inTwo(func(b store.Batch) (one, two store.Batch) {
		one.Send, b.Send = b.Send, nil
		return one, b
	})},
	{"a result loses its instant", []string{"key/result", "read/times"}, answered(func(_ store.ReadRequest, s *store.Snapshot) {
		s.Result.ExpiresAt = s.Result.ExpiresAt.AddDate(0, 0, 0).UTC().Truncate(1e9)
	})},
	{"a refused batch takes its key", []string{"key/refused", "commit/nothing"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		done, err := sound.Commit(ctx, b)
		if err != nil {
			_, _ = sound.Commit(ctx, store.Batch{Key: b.Key})
		}
		return done, err
	})},
	{"no key is a key", []string{"key/zero"}, before(func(_ context.Context, _ store.Records, b *store.Batch) {
		if b.Key.Name == "" {
			b.Key = store.Key{Name: "none", Result: store.Result{Fingerprint: "f", Of: store.Ref{Kind: "none", ID: "none"}}}
		}
	})},
}

// The unlocked engine looks first, and does a batch afterwards.
func unlocked(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
	if err := conflict(ctx, sound, b); err != nil {
		return store.Committed{}, err
	}
	for range 10 {
		runtime.Gosched()
	}
	b.Expect = nil
	for i := range b.Changes {
		b.Changes[i].Expected = at(ctx, sound, b.Changes[i].Ref)
	}
	return sound.Commit(ctx, b)
}

// pieces is an engine that is for one caller at a time.
func pieces(sound store.Records, r *records) {
	var busy atomic.Int32
	r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
		defer busy.Add(-1)
		if busy.Add(1) > 1 {
			return store.Committed{}, errBroken
		}
		for range 20 {
			runtime.Gosched()
		}
		return sound.Commit(ctx, b)
	}
}

// The lanes of an engine without their lock: who sends looks whether a lane is empty, and puts
// the message behind the others if it is not; who settles looks whether another message waits.
type lanes struct {
	mu     sync.Mutex
	ahead  map[string]bool            // the lanes with a message in the sound engine
	behind map[string][]store.Message // those that wait
	held   map[store.Receipt]store.Item
	byKey  map[string]string // the lanes of messages ahead
}

func laneOf(m store.Message) string { return m.Of.String() + " " + m.Topic }

// leave promotes the next message of a lane.
func (l *lanes) leave(ctx context.Context, sound store.Records, lane string) {
	l.mu.Lock()
	var next []store.Message
	if all := l.behind[lane]; len(all) > 0 {
		next, l.behind[lane] = all[:1:1], all[1:]
		l.byKey[next[0].Key] = lane
	} else {
		delete(l.ahead, lane)
	}
	l.mu.Unlock()
	if len(next) > 0 {
		_, _ = sound.Commit(ctx, store.Batch{Send: next})
	}
}

// send puts a message into its lane, and returns it if it is the first.
func (l *lanes) send(m store.Message) []store.Message {
	lane := laneOf(m)
	l.mu.Lock()
	first := !l.ahead[lane]
	if first {
		l.ahead[lane] = true
		l.byKey[m.Key] = lane
	}
	l.mu.Unlock()
	if first {
		return []store.Message{m}
	}
	for range 20 { // here the lock is missing
		runtime.Gosched()
	}
	l.mu.Lock()
	l.behind[lane] = append(l.behind[lane], m)
	l.mu.Unlock()
	return nil
}

func unlockedLanes() func() store.Stores {
	return with(func(sound store.Stores, s *stores) {
		l := &lanes{ahead: map[string]bool{}, behind: map[string][]store.Message{}, held: map[store.Receipt]store.Item{}, byKey: map[string]string{}}
		s.records = func(_ store.TenantID, sound store.Records) store.Records {
			return &records{Records: sound, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
				var first []store.Message
				for _, m := range b.Send {
					first = append(first, l.send(m)...)
				}
				b.Send = first
				done, err := sound.Commit(ctx, b)
				for _, key := range b.Withdraw {
					l.mu.Lock()
					lane, ok := l.byKey[key]
					l.mu.Unlock()
					if ok {
						l.leave(ctx, sound, lane)
					}
				}
				return done, err
			}}
		}
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			got, err := sound.Claim(ctx, c)
			l.mu.Lock()
			defer l.mu.Unlock()
			for _, it := range got.Items {
				l.held[it.Receipt] = it
			}
			return got, err
		}
		s.settle = func(ctx context.Context, all ...store.Settlement) error {
			err := sound.Settle(ctx, all...)
			for _, one := range all {
				l.mu.Lock()
				it, ok := l.held[one.Receipt]
				delete(l.held, one.Receipt)
				l.mu.Unlock()
				if ok && one.Verdict != store.Retry {
					r, _ := sound.Tenant(it.Tenant)
					l.leave(ctx, r, laneOf(it.Message))
				}
			}
			return err
		}
	})()
}

var brokenRaces = []breakage{
	{"revisions are compared without a lock", []string{"race/revision", "race/absent", "race/expect"}, committed(unlocked)},
	{"keys are looked up without a lock", []string{"race/key"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		if s, err := sound.Read(ctx, store.ReadRequest{Key: b.Key.Name}); err == nil && s.Result.Fingerprint != "" {
			return store.Committed{Replayed: &s.Result}, nil
		}
		for range 10 {
			runtime.Gosched()
		}
		k := b.Key
		b.Key = store.Key{}
		done, err := sound.Commit(ctx, b)
		if err == nil {
			_, err = sound.Commit(ctx, store.Batch{Key: k})
		}
		return done, err
	})},
	{"an item is handed out twice", []string{"race/claim", "outbox/lease"}, with(func(sound store.Stores, s *stores) {
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			got, err := sound.Claim(ctx, c)
			if len(got.Items) > 0 && got.Items[0].Handed == 1 {
				err = sound.Settle(ctx, store.Settlement{Receipt: got.Items[0].Receipt, Verdict: store.Retry, At: c.Now})
			}
			return got, err
		}
	})},
	{"lanes have no lock", []string{"lane/race"}, unlockedLanes},
	{"the engine is for one caller", []string{"end/together"}, recordsWith(pieces)},
}
