package storetest_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// A breakage is a way in which a store can be wrong, and the rules that it breaks.
type breakage struct {
	name     string
	open     func() store.Stores
	trips    []string
	features storetest.Features
}

var broken = slices.Concat(brokenCommits, brokenKeys, brokenReads, brokenLists, brokenTimers, brokenOutboxes, brokenErasers, brokenWholes, brokenDoubts)

// current returns the revision that a record has.
func current(ctx context.Context, s store.Store, r store.Ref) store.Revision {
	got, err := s.Load(ctx, r)
	if err != nil {
		return ""
	}
	return got.Revision
}

// copied returns a list whose elements can be changed.
func copied[T any](all []T) []T { return append([]T(nil), all...) }

// split commits a batch in pieces.
func split(pieces func(store.Batch) []store.Batch) func() store.Stores {
	return storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		var loads atomic.Int64
		s.load = func(ctx context.Context, r store.Ref) (store.Record, error) {
			defer loads.Add(1)
			return sound.Load(ctx, r)
		}
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if b.Check() != nil || ctx.Err() != nil {
				return sound.Commit(ctx, b)
			}
			all := store.Committed{}
			for _, piece := range pieces(b) {
				before := loads.Load()
				for range 5_000 { // let others look
					if runtime.Gosched(); loads.Load() > before+3 {
						break
					}
				}
				done, err := sound.Commit(ctx, piece)
				if err != nil {
					return store.Committed{}, err
				}
				all.Revisions = append(all.Revisions, done.Revisions...)
				all.Replayed = all.Replayed || done.Replayed
				if done.Result != nil {
					all.Result = done.Result
				}
				if all.Replayed {
					return store.Committed{Replayed: true, Result: all.Result}, nil
				}
			}
			return all, nil
		}
	})
}

var brokenCommits = []breakage{
	{name: "lost update: the last write wins", trips: []string{"commit/stale", "commit/race", "commit/lost-update", "commit/create", "commit/unknown"}, open: commitWith(func(ctx context.Context, sound store.Store, b *store.Batch) {
		b.Changes = copied(b.Changes)
		for i, c := range b.Changes {
			if !c.Delete {
				b.Changes[i].Expected = current(ctx, sound, c.Ref)
			}
		}
	})},
	{name: "the revision is not checked on deletion", trips: []string{"commit/delete-stale"}, open: commitWith(func(ctx context.Context, sound store.Store, b *store.Batch) {
		b.Changes = copied(b.Changes)
		for i, c := range b.Changes {
			if now := current(ctx, sound, c.Ref); c.Delete && now != "" {
				b.Changes[i].Expected = now
			}
		}
	})},
	{name: "deleting what is not there succeeds", trips: []string{"commit/absent"}, open: commitWith(func(ctx context.Context, sound store.Store, b *store.Batch) {
		b.Changes = slices.DeleteFunc(copied(b.Changes), func(c store.Change) bool { return c.Delete && current(ctx, sound, c.Ref) == "" })
	})},
	{name: "creation overwrites", trips: []string{"commit/create", "commit/names"}, open: commitWith(func(ctx context.Context, sound store.Store, b *store.Batch) {
		b.Changes = copied(b.Changes)
		for i, c := range b.Changes {
			if c.Expected == "" {
				b.Changes[i].Expected = current(ctx, sound, c.Ref)
			}
		}
	})},
	{name: "revisions are compared as numbers", trips: []string{"commit/unknown"}, open: changesWith(func(c *store.Change) {
		if t := strings.TrimLeft(string(c.Expected), "0"); t != "" {
			c.Expected = store.Revision(t)
		}
	})},
	{name: "the conflict names another record", trips: []string{"commit/names"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			if errors.Is(err, store.ErrConflict) {
				err = &store.ConflictError{Ref: b.Changes[0].Ref}
			}
			return done, err
		}
	})},
	{name: "deletions do nothing", trips: []string{"commit/delete", "timers/deleted"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			b.Changes = copied(b.Changes)
			for i, c := range b.Changes {
				if c.Delete {
					b.Changes[i] = store.Change{Ref: c.Ref, Expected: c.Expected}
				}
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "the revision follows from the body", trips: []string{"commit/fresh"}, open: func() store.Stores {
		return storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
			seen := func(r store.Record) store.Revision {
				if r.Revision == "" {
					return ""
				}
				return store.Revision("body-" + string(r.Body))
			}
			s.load = func(ctx context.Context, r store.Ref) (store.Record, error) {
				got, err := sound.Load(ctx, r)
				got.Revision = seen(got)
				return got, err
			}
			s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
				b.Changes = copied(b.Changes)
				for i, c := range b.Changes {
					got, err := sound.Load(ctx, c.Ref)
					if err == nil && c.Expected == seen(got) {
						b.Changes[i].Expected = got.Revision
					}
				}
				done, err := sound.Commit(ctx, b)
				for i := range done.Revisions {
					if !b.Changes[i].Delete {
						done.Revisions[i] = store.Revision("body-" + string(b.Changes[i].Body))
					}
				}
				return done, err
			}
		})()
	}},
	{name: "revisions come back in another order", trips: []string{"commit/revisions"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			slices.Sort(done.Revisions)
			return done, err
		}
	})},
	{name: "one commit for each change", trips: []string{"atomic/conflict", "atomic/delete", "commit/whole"}, open: split(func(b store.Batch) []store.Batch {
		var pieces []store.Batch
		for _, c := range b.Changes {
			pieces = append(pieces, store.Batch{Changes: []store.Change{c}})
		}
		b.Changes = nil
		return append(pieces, b)
	})},
	{name: "changes first, the rest afterwards", trips: []string{"atomic/duplicate", "atomic/key", "key/first"}, open: split(func(b store.Batch) []store.Batch {
		rest := b
		rest.Changes = nil
		return []store.Batch{{Changes: b.Changes}, rest}
	})},
	{name: "messages first, the rest afterwards", trips: []string{"atomic/conflict", "atomic/conflict-first"}, open: split(func(b store.Batch) []store.Batch {
		rest := b
		rest.Withdraw, rest.Messages = nil, nil
		return []store.Batch{{Withdraw: b.Withdraw, Messages: b.Messages}, rest}
	})},
	{name: "the form is not checked", trips: []string{"atomic/form", "atomic/forms"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if b.Check() != nil {
				return store.Committed{Revisions: make([]store.Revision, len(b.Changes))}, nil
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "a refused batch ends leases", trips: []string{"atomic/timers"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		last := memory[store.Ref, store.Change]{}
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			for i, c := range b.Changes {
				if err == nil {
					c.Expected = done.Revisions[i]
					last.put(c.Ref, c)
				} else if old, ok := last.get(c.Ref); ok && !old.Delete {
					_, _ = sound.Commit(ctx, store.Batch{Changes: []store.Change{old}})
				}
			}
			return done, err
		}
	})},
	{name: "an empty batch is refused", trips: []string{"commit/empty"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if b.Key.Name == "" && len(b.Changes)+len(b.Events)+len(b.Messages)+len(b.Withdraw) == 0 {
				return store.Committed{}, helpdesk.ErrInvalid
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "large batches are refused", trips: []string{"commit/largest"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if len(b.Events) > 100 {
				return store.Committed{}, helpdesk.ErrInvalid
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "only the first changes of a batch are done", trips: []string{"commit/several"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			whole := len(b.Changes)
			b.Changes = b.Changes[:min(whole, 20)]
			done, err := sound.Commit(ctx, b)
			for len(done.Revisions) < whole && err == nil {
				done.Revisions = append(done.Revisions, "1")
			}
			return done, err
		}
	})},
	{name: "an empty body keeps the old one", trips: []string{"commit/replaces"}, open: commitWith(func(ctx context.Context, sound store.Store, b *store.Batch) {
		b.Changes = copied(b.Changes)
		for i, c := range b.Changes {
			if got, err := sound.Load(ctx, c.Ref); err == nil && len(c.Body) == 0 && !c.Delete {
				b.Changes[i].Body = got.Body
			}
		}
	})},
}

var brokenKeys = []breakage{
	{name: "the fingerprint is ignored", trips: []string{"key/fingerprint", "atomic/key"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if b.Key.Fingerprint != "" {
				b.Key.Fingerprint = "f"
			}
			return sound.Commit(ctx, b)
		}
		s.result = func(ctx context.Context, key, _ string) ([]byte, error) { return sound.Result(ctx, key, "f") }
	})},
	{name: "the key is ignored", trips: []string{"key/replay", "key/result", "key/race", "key/names"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			result := b.Key.Result
			if b.Check() == nil {
				b.Key = store.Key{}
			}
			done, err := sound.Commit(ctx, b)
			done.Result = append([]byte(nil), result...)
			return done, err
		}
	})},
	{name: "a key is used by a batch that was refused", trips: []string{"key/refused"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			if errors.Is(err, store.ErrConflict) {
				_, _ = sound.Commit(ctx, store.Batch{Key: b.Key})
			}
			return done, err
		}
	})},
	{name: "keys are compared without case", trips: []string{"key/names"}, open: commitWith(func(_ context.Context, _ store.Store, b *store.Batch) { b.Key.Name = strings.ToLower(b.Key.Name) })},
	{name: "one key for all that have none", trips: []string{"key/none"}, open: commitWith(func(_ context.Context, _ store.Store, b *store.Batch) {
		if b.Key.Name == "" {
			b.Key = store.Key{Name: "none", Fingerprint: "f", Of: store.Ref{Kind: "none", ID: "none"}}
		}
	})},
	{name: "an empty result is missing", trips: []string{"key/result"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.result = func(ctx context.Context, key, fingerprint string) ([]byte, error) {
			got, err := sound.Result(ctx, key, fingerprint)
			if err == nil && len(got) == 0 {
				err = helpdesk.ErrNotFound
			}
			return got, err
		}
	})},
	{name: "a replay answers with the new result", trips: []string{"key/replay"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			done.Result = append([]byte(nil), b.Key.Result...)
			return done, err
		}
	})},
}
