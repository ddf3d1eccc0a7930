package storetest_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// An option is an engine with something that not every engine has.
type option struct {
	breakage
	engine storetest.Engine
}

type (
	decision = func(context.Context, store.Reader) (store.Batch, error)
	updater  = func(ctx context.Context, lock []store.Ref, decide decision) (store.Committed, error)
)

// locking are records whose lock can be replaced.
type locking struct {
	store.Records
	update updater
}

func (l locking) Update(ctx context.Context, lock []store.Ref, decide decision) (store.Committed, error) {
	return l.update(ctx, lock, decide)
}

// lockedWith breaks the lock of records. What is returned for a tenant is shared.
func lockedWith(spoil func(sound store.Records, update updater) updater) func() func() store.Stores {
	return with(func(_ store.Stores, s *stores) {
		var all memory[store.TenantID, store.Records]
		s.records = func(name store.TenantID, sound store.Records) store.Records {
			return all.once(name, func() store.Records { return locking{sound, spoil(sound, sound.(store.Locker).Update)} })
		}
	})
}

// decided breaks what is decided, and the batch of it.
func decided(spoil func(store.Batch, error) (store.Batch, error)) func() func() store.Stores {
	return lockedWith(func(_ store.Records, update updater) updater {
		return func(ctx context.Context, lock []store.Ref, decide decision) (store.Committed, error) {
			return update(ctx, lock, func(ctx context.Context, r store.Reader) (store.Batch, error) { return spoil(decide(ctx, r)) })
		}
	})
}

// A forgetful mutex is not released by a panic.
func forgetful(sound store.Records, _ updater) updater {
	turn := make(chan struct{}, 1)
	return func(ctx context.Context, _ []store.Ref, decide decision) (store.Committed, error) {
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
			return store.Committed{}, ctx.Err()
		}
		b, err := decide(ctx, sound)
		<-turn
		if err != nil {
			return store.Committed{}, err
		}
		return sound.Commit(ctx, b)
	}
}

// telling are records that lose outcomes, and tell them when asked.
type telling struct {
	store.Records
	of *outcomes
}

type outcomes struct {
	last atomic.Int64
	done memory[string, bool]
	tell func(token string, done, known bool) (bool, error) // nil: as it should
}

func (r telling) Outcome(_ context.Context, token string) (bool, error) {
	done, known := r.of.done.get(token)
	switch {
	case r.of.tell != nil:
		return r.of.tell(token, done, known)
	case !known:
		return false, &store.Error{Kind: helpdesk.ErrUncertain, Token: token}
	default:
		return done, nil
	}
}

func loses(ctx context.Context, r store.Records, b store.Batch, done bool) error {
	t := r.(telling)
	token := fmt.Sprintf("c%d", t.of.last.Add(1))
	t.of.done.put(token, done)
	if done {
		if _, err := r.Commit(ctx, b); err != nil {
			return err
		}
	}
	return &store.Error{Kind: helpdesk.ErrUncertain, Token: token}
}

func told(tell func(token string, done, known bool) (bool, error)) func() func() store.Stores {
	return with(func(_ store.Stores, s *stores) {
		o := &outcomes{tell: tell}
		s.records = func(_ store.TenantID, sound store.Records) store.Records { return telling{sound, o} }
	})
}

// toldHere is an engine of which a process knows its own commits only.
func toldHere() func() store.Stores {
	sound := memstore.New()
	return func() store.Stores {
		o := &outcomes{}
		return &stores{Stores: sound, records: func(_ store.TenantID, sound store.Records) store.Records { return telling{sound, o} }}
	}
}

// A vessel is full when it is told so.
type vessel struct {
	*stores
	full *atomic.Bool
}

func fills(_ context.Context, s store.Stores) error {
	s.(vessel).full.Store(true)
	return nil
}

var errFull = &store.Error{Kind: store.ErrFull}

// filled breaks a vessel that is full, and by nothing only fills it.
func filled(spoil func(full func() bool, s *stores, r *records)) func() func() store.Stores {
	return func() func() store.Stores {
		full := &atomic.Bool{}
		s := &stores{Stores: memstore.New()}
		spoil(full.Load, s, &records{})
		s.records = func(_ store.TenantID, sound store.Records) store.Records {
			r := &records{Records: sound, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
				if full.Load() {
					return store.Committed{}, errFull
				}
				return sound.Commit(ctx, b)
			}}
			spoil(full.Load, s, r)
			return r
		}
		return func() store.Stores { return vessel{s, full} }
	}
}

// ownNow is the clock of engines with one of their own.
func ownNow() time.Time { return start.AddDate(1, 0, 0) }

// byOwnClock is an engine that asks its own clock, which is ahead of that of others, and moves
// while it works.
func byOwnClock(ahead time.Duration) func() func() store.Stores {
	return with(func(sound store.Stores, s *stores) {
		var ticks atomic.Int64
		now := func() time.Time { return ownNow().Add(ahead + time.Duration(ticks.Add(1))) }
		s.features = func() store.Features {
			f := sound.Features()
			f.OwnClock = true
			return f
		}
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			c.Now = now()
			return sound.Claim(ctx, c)
		}
		s.due = func(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
			if !q.Now.IsZero() {
				q.Now = now()
			}
			return sound.Due(ctx, q)
		}
	})
}

// coarse is an engine whose instants have a precision of a second, and which rounds those that
// come due.
func coarse(round func(time.Time) time.Time) func() func() store.Stores {
	return with(func(sound store.Stores, s *stores) {
		s.features = func() store.Features {
			f := sound.Features()
			f.Precision = time.Second
			return f
		}
		s.records = func(_ store.TenantID, sound store.Records) store.Records {
			return &records{Records: sound, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
				b = cloned(b)
				for i := range b.Timers {
					if !b.Timers[i].At.IsZero() {
						b.Timers[i].At = round(b.Timers[i].At)
					}
				}
				for i := range b.Send {
					b.Send[i].At = round(b.Send[i].At)
				}
				return sound.Commit(ctx, b)
			}}
		}
		s.settle = func(ctx context.Context, all ...store.Settlement) error {
			for i := range all {
				if !all[i].At.IsZero() {
					all[i].At = round(all[i].At)
				}
			}
			return sound.Settle(ctx, all...)
		}
	})
}

func down(at time.Time) time.Time { return at.Truncate(time.Second) }

func up(at time.Time) time.Time { return down(at.Add(time.Second - 1)) }

var soundOptions = []option{
	{breakage{"a teller", nil, told(nil)}, storetest.Engine{Lose: loses}},
	{breakage{"a vessel", nil, filled(func(func() bool, *stores, *records) {})}, storetest.Engine{Fill: fills}},
	{breakage{"a clock of its own", nil, byOwnClock(0)}, storetest.Engine{Now: ownNow}},
	{breakage{"a coarse clock", nil, coarse(up)}, storetest.Engine{}},
}

var brokenOptions = []option{
	{breakage{"Update has no lock", []string{"lock/turns", "lock/commit"}, lockedWith(func(sound store.Records, _ updater) updater {
		return func(ctx context.Context, _ []store.Ref, decide decision) (store.Committed, error) {
			b, err := decide(ctx, sound)
			if err != nil {
				return store.Committed{}, err
			}
			return sound.Commit(ctx, b)
		}
	})}, storetest.Engine{}},
	{breakage{"only the first name is locked", []string{"lock/turns"}, lockedWith(func(_ store.Records, update updater) updater {
		return func(ctx context.Context, lock []store.Ref, decide decision) (store.Committed, error) {
			return update(ctx, lock[:1], decide)
		}
	})}, storetest.Engine{}},
	{breakage{"a commit does not wait for Update", []string{"lock/commit"}, lockedWith(func(_ store.Records, update updater) updater {
		return func(ctx context.Context, lock []store.Ref, decide decision) (store.Committed, error) {
			var others []store.Ref
			for _, ref := range lock {
				others = append(others, store.Ref{Kind: ref.Kind, ID: "lock-" + ref.ID})
			}
			return update(ctx, others, decide)
		}
	})}, storetest.Engine{}},
	{breakage{"the Reader reads what was there before the lock", []string{"lock/commit", "lock/turns"}, lockedWith(func(sound store.Records, update updater) updater {
		var mu sync.Mutex
		before := map[store.Ref]store.Record{}
		return func(ctx context.Context, lock []store.Ref, decide decision) (store.Committed, error) {
			return update(ctx, lock, func(ctx context.Context, _ store.Reader) (store.Batch, error) {
				return decide(ctx, &records{Records: sound, read: func(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
					s, err := sound.Read(ctx, q)
					mu.Lock()
					defer mu.Unlock()
					for i, rec := range s.Records {
						if old, ok := before[rec.Ref]; ok {
							s.Records[i] = old
						}
						before[rec.Ref] = rec
					}
					return s, err
				}})
			})
		}
	})}, storetest.Engine{}},
	{breakage{"Update ignores what is expected", []string{"lock/batch"}, lockedWith(func(sound store.Records, update updater) updater {
		return func(ctx context.Context, lock []store.Ref, decide decision) (store.Committed, error) {
			return update(ctx, lock, func(ctx context.Context, r store.Reader) (store.Batch, error) {
				b, err := decide(ctx, r)
				b = cloned(b)
				b.Expect = nil
				for i := range b.Changes {
					b.Changes[i].Expected = at(ctx, sound, b.Changes[i].Ref)
				}
				return b, err
			})
		}
	})}, storetest.Engine{}},
	{breakage{"Update ignores the key", []string{"lock/batch"}, decided(func(b store.Batch, err error) (store.Batch, error) {
		b.Key = store.Key{}
		return b, err
	})}, storetest.Engine{}},
	{breakage{"the error of decide is wrapped", []string{"lock/error"}, decided(func(b store.Batch, err error) (store.Batch, error) {
		if err != nil {
			err = fmt.Errorf("update: %w", err)
		}
		return b, err
	})}, storetest.Engine{}},
	{breakage{"a batch is done although decide failed", []string{"lock/error"}, lockedWith(func(sound store.Records, update updater) updater {
		return func(ctx context.Context, lock []store.Ref, decide decision) (store.Committed, error) {
			var b store.Batch
			done, err := update(ctx, lock, func(ctx context.Context, r store.Reader) (_ store.Batch, err error) {
				b, err = decide(ctx, r)
				return b, err
			})
			if err != nil {
				_, _ = sound.Commit(ctx, b)
			}
			return done, err
		}
	})}, storetest.Engine{}},
	{breakage{"a panic keeps the lock", []string{"lock/ends"}, lockedWith(forgetful)}, storetest.Engine{}},
	{breakage{"a context that ends during decide is ignored", []string{"lock/ends"}, lockedWith(func(_ store.Records, update updater) updater {
		return func(ctx context.Context, lock []store.Ref, decide decision) (store.Committed, error) {
			return update(context.WithoutCancel(ctx), lock, decide)
		}
	})}, storetest.Engine{}},

	{breakage{"every commit was done", []string{"outcome/definite"}, told(func(_ string, _, known bool) (bool, error) {
		if !known {
			return false, helpdesk.ErrUncertain
		}
		return true, nil
	})}, storetest.Engine{Lose: loses}},
	{breakage{"no commit was done", []string{"outcome/definite"}, told(func(_ string, _, known bool) (bool, error) {
		if !known {
			return false, helpdesk.ErrUncertain
		}
		return false, nil
	})}, storetest.Engine{Lose: loses}},
	{breakage{"what is not known was not done", []string{"outcome/definite"}, told(func(_ string, done, _ bool) (bool, error) { return done, nil })}, storetest.Engine{Lose: loses}},
	{breakage{"another process cannot tell", []string{"outcome/definite"}, toldHere}, storetest.Engine{Lose: loses}},
	{breakage{"an outcome is told once", []string{"outcome/definite"}, func() func() store.Stores {
		var asked memory[string, bool]
		return told(func(token string, done, known bool) (bool, error) {
			if _, again := asked.get(token); again || !known {
				return false, helpdesk.ErrUncertain
			}
			asked.put(token, true)
			return done, nil
		})()
	}}, storetest.Engine{Lose: loses}},

	{breakage{"a full storage refuses to read", []string{"full/goes-on"}, filled(func(full func() bool, _ *stores, r *records) {
		sound := r.Records
		r.read = func(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
			if full() {
				return store.Snapshot{}, errFull
			}
			return sound.Read(ctx, q)
		}
	})}, storetest.Engine{Fill: fills}},
	{breakage{"a full storage refuses to erase", []string{"full/goes-on"}, filled(func(full func() bool, _ *stores, r *records) {
		sound := r.Records
		r.erase = func(ctx context.Context, e store.Erasure) (int, error) {
			if full() {
				return 0, errFull
			}
			return sound.Erase(ctx, e)
		}
	})}, storetest.Engine{Fill: fills}},
	{breakage{"a full storage keeps what expires", []string{"full/goes-on"}, filled(func(full func() bool, s *stores, _ *records) {
		s.expire = func(ctx context.Context, now time.Time, limit int) (int, error) {
			if full() {
				return 0, errFull
			}
			return s.Stores.Expire(ctx, now, limit)
		}
	})}, storetest.Engine{Fill: fills}},
	{breakage{"a full storage says something else", []string{"full/goes-on"}, filled(func(full func() bool, _ *stores, r *records) {
		commit := r.commit
		r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if full() {
				return store.Committed{}, &store.Error{Kind: store.ErrRetry}
			}
			return commit(ctx, b)
		}
	})}, storetest.Engine{Fill: fills}},
	{breakage{"a full storage does a part", []string{"full/goes-on"}, filled(func(full func() bool, _ *stores, r *records) {
		sound := r.Records
		commit := r.commit
		r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if full() {
				_, _ = sound.Commit(ctx, store.Batch{Append: b.Append})
			}
			return commit(ctx, b)
		}
	})}, storetest.Engine{Fill: fills}},

	{breakage{"a clock of its own that is ahead", []string{"clock/never-early"}, byOwnClock(2 * time.Hour)}, storetest.Engine{Now: ownNow}},
	{breakage{"a clock of its own, and no leases", []string{"clock/never-early"}, func() func() store.Stores {
		open := byOwnClock(0)()
		return func() store.Stores {
			s := open()
			return &stores{Stores: s, claim: func(ctx context.Context, c store.Claim) (store.Claims, error) {
				c.Lease = 1
				return s.Claim(ctx, c)
			}}
		}
	}}, storetest.Engine{Now: ownNow}},
	{breakage{"a clock of its own that the suite does not know", []string{"clock/never-early"}, byOwnClock(0)}, storetest.Engine{}},
	{breakage{"instants are cut", []string{"clock/precision"}, coarse(down)}, storetest.Engine{}},
}
