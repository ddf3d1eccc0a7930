package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

// A pair is the same stores twice, here in a file and there in memory, asked the same
// questions. Revisions and receipts are opaque, so each side has its own.
type pair struct {
	sides [2]store.Stores
	revs  [2]map[string]store.Revision
	held  [2][]store.Receipt // of messages
	rung  [2][]store.Receipt // of timers
	now   time.Time
	last  int
}

// kinds of errors that both sides have to agree on.
var kinds = []error{helpdesk.ErrNotFound, store.ErrConflict, store.ErrKeyReused, store.ErrDuplicate, helpdesk.ErrInvalid}

func kindOf(err error) string {
	if err == nil {
		return ""
	}
	for _, k := range kinds {
		if errors.Is(err, k) {
			return k.Error()
		}
	}
	return "other: " + err.Error()
}

// ask asks both sides, and requires that they answer the same.
func ask[T any](t *rapid.T, p *pair, what string, do func(side int, s store.Stores) (T, error)) T {
	t.Helper()
	a, errA := do(0, p.sides[0])
	b, errB := do(1, p.sides[1])
	require.Equal(t, kindOf(errB), kindOf(errA), what)
	require.Equal(t, b, a, what)
	return a
}

var (
	tenants = rapid.SampledFrom([]store.TenantID{"a", "b"})
	refs    = rapid.Custom(func(t *rapid.T) store.Ref {
		return store.Ref{Kind: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "kind"), ID: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id")}
	})
	fields = rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) store.Field {
		return store.Field{Name: rapid.SampledFrom([]string{"f", "g"}).Draw(t, "name"), Value: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "value") + "v"}
	}), 0, 3, rapid.ID)
	bodies = rapid.SliceOfN(rapid.Byte(), 0, 3)
	few    = rapid.IntRange(1, 3)
)

func (p *pair) at(t *rapid.T) time.Time {
	return p.now.Add(time.Duration(rapid.IntRange(-3, 10).Draw(t, "in")) * time.Second)
}

func (p *pair) name() string {
	p.last++
	return fmt.Sprintf("n%d", p.last)
}

// maybeOld is a new name, or perhaps one that was used before.
func (p *pair) maybeOld(t *rapid.T) string {
	if p.last > 0 && rapid.IntRange(0, 3).Draw(t, "old") == 0 {
		return fmt.Sprintf("n%d", rapid.IntRange(1, p.last).Draw(t, "which"))
	}
	return p.name()
}

func (p *pair) commit(t *rapid.T) {
	tenant := tenants.Draw(t, "tenant")
	b := store.Batch{}
	if rapid.Bool().Draw(t, "keyed") {
		b.Key = store.Key{
			Name: p.maybeOld(t), Fingerprint: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "fingerprint"),
			Of: refs.Draw(t, "of"), Result: bodies.Draw(t, "result"),
		}
		if rapid.Bool().Draw(t, "forgotten") {
			b.Key.PurgeAt = p.at(t)
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "changes") {
		c := store.Change{Ref: refs.Draw(t, "ref")}
		if slices.ContainsFunc(b.Changes, func(o store.Change) bool { return o.Ref == c.Ref }) {
			continue
		}
		if rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
			c.Delete = true
		} else {
			c.Body, c.Fields = bodies.Draw(t, "body"), fields.Draw(t, "fields")
			c.Sort = rapid.SampledFrom([]string{"", "a", "b", "ä", "z"}).Draw(t, "sort")
			for range rapid.IntRange(0, 2).Draw(t, "timers") {
				c.Timers = append(c.Timers, store.Timer{Name: p.name(), At: p.at(t)})
			}
			if rapid.IntRange(0, 4).Draw(t, "purged") == 0 {
				c.PurgeAt = p.at(t)
			}
		}
		b.Changes = append(b.Changes, c)
	}
	for range rapid.IntRange(0, 2).Draw(t, "events") {
		b.Events = append(b.Events, store.Event{ID: p.maybeOld(t), Of: refs.Draw(t, "of"), Type: "e", At: p.at(t), Body: bodies.Draw(t, "body")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "messages") {
		b.Messages = append(b.Messages, store.Message{
			Key: p.maybeOld(t), Of: refs.Draw(t, "of"), Topic: rapid.SampledFrom([]string{"m", "n"}).Draw(t, "topic"),
			To: "somebody", At: p.at(t), Body: bodies.Draw(t, "body"),
		})
	}
	if p.last > 0 && rapid.IntRange(0, 2).Draw(t, "withdraw") == 0 {
		b.Withdraw = []string{p.maybeOld(t)}
	}
	stale := rapid.IntRange(0, 9).Draw(t, "stale") == 0
	ask(t, p, "commit", func(side int, s store.Stores) (store.Committed, error) {
		mine := b
		mine.Changes = slices.Clone(b.Changes)
		for i := range mine.Changes {
			if mine.Changes[i].Expected = p.revs[side][string(tenant)+mine.Changes[i].Ref.String()]; stale {
				mine.Changes[i].Expected = "zz"
			}
		}
		st, err := s.Tenant(tenant)
		if err != nil {
			return store.Committed{}, err
		}
		done, err := st.Commit(context.Background(), mine)
		for i, rev := range done.Revisions {
			p.revs[side][string(tenant)+mine.Changes[i].Ref.String()] = rev
			if rev != "" {
				done.Revisions[i] = "new"
			}
		}
		return done, err
	})
}

func (p *pair) claim(t *rapid.T) {
	c := store.ClaimParams{Now: p.now, Lease: time.Duration(few.Draw(t, "lease")) * time.Second, Limit: few.Draw(t, "limit")}
	if rapid.Bool().Draw(t, "timers") {
		ask(t, p, "timers", func(side int, s store.Stores) ([]store.DueTimer, error) {
			due, err := s.Timers().Claim(context.Background(), c)
			for i := range due {
				p.rung[side] = append(p.rung[side], due[i].Receipt)
				due[i].Receipt = ""
			}
			return due, err
		})
		return
	}
	ask(t, p, "outbox", func(side int, s store.Stores) ([]store.Delivery, error) {
		due, err := s.Outbox().Claim(context.Background(), c)
		for i := range due {
			p.held[side] = append(p.held[side], due[i].Receipt)
			due[i].Receipt = ""
		}
		return due, err
	})
}

func (p *pair) settle(t *rapid.T) {
	if n := len(p.rung[0]); n > 0 {
		i := rapid.IntRange(0, n-1).Draw(t, "timer")
		ask(t, p, "ack timer", func(side int, s store.Stores) (any, error) {
			return nil, s.Timers().Ack(context.Background(), p.rung[side][i])
		})
	}
	if n := len(p.held[0]); n > 0 {
		i, how, at := rapid.IntRange(0, n-1).Draw(t, "message"), rapid.IntRange(0, 2).Draw(t, "how"), p.at(t)
		ask(t, p, "settle", func(side int, s store.Stores) (any, error) {
			switch r := p.held[side][i]; how {
			case 0:
				return nil, s.Outbox().Ack(context.Background(), r)
			case 1:
				return nil, s.Outbox().Retry(context.Background(), r, at)
			default:
				return nil, s.Outbox().Park(context.Background(), r, "why")
			}
		})
	}
}

func (p *pair) erase(t *rapid.T) {
	tenant, parts, ref := tenants.Draw(t, "tenant"), store.Part(rapid.IntRange(1, int(store.PartAll)).Draw(t, "parts")), refs.Draw(t, "ref")
	ask(t, p, "erase", func(side int, s store.Stores) (any, error) {
		st, err := s.Tenant(tenant)
		if err != nil {
			return nil, err
		}
		if parts&store.PartRecord != 0 {
			delete(p.revs[side], string(tenant)+ref.String())
		}
		return nil, st.Erase(context.Background(), parts, ref)
	})
}

func (p *pair) revive(t *rapid.T) {
	tenant, key := tenants.Draw(t, "tenant"), p.maybeOld(t)
	ask(t, p, "revive", func(_ int, s store.Stores) (any, error) {
		st, err := s.Tenant(tenant)
		if err != nil {
			return nil, err
		}
		return nil, st.Revive(context.Background(), key)
	})
}

// purge deletes all that is due. How many that is depends on the order: a record takes
// its results with it.
func (p *pair) purge(t *rapid.T) {
	limit := few.Draw(t, "limit")
	ask(t, p, "purge", func(_ int, s store.Stores) (any, error) {
		for {
			if n, err := s.Purge(context.Background(), p.now, limit); err != nil || n < limit {
				return nil, err
			}
		}
	})
}

// look asks everything that can be read.
func (p *pair) look(t *rapid.T) {
	ctx := context.Background()
	for _, tenant := range []store.TenantID{"a", "b"} {
		open := func(s store.Stores) store.Store {
			st, err := s.Tenant(tenant)
			require.NoError(t, err)
			return st
		}
		for _, kind := range []string{"x", "y"} {
			for _, id := range []string{"1", "2", "3"} {
				ref := store.Ref{Kind: kind, ID: id}
				ask(t, p, "load", func(side int, s store.Stores) (store.Record, error) {
					r, err := open(s).Load(ctx, ref)
					if err == nil {
						require.Equal(t, p.revs[side][string(tenant)+ref.String()], r.Revision)
					} else {
						delete(p.revs[side], string(tenant)+ref.String()) // it may have been purged
					}
					r.Revision = ""
					return r, err
				})
				ask(t, p, "residue", func(_ int, s store.Stores) (store.Remainder, error) { return open(s).Remaining(ctx, ref) })
				var cursors [2]string
				for more := true; more; {
					ask(t, p, "events", func(side int, s store.Stores) (store.EventPage, error) {
						page, err := open(s).Events(ctx, ref, cursors[side], 2)
						cursors[side] = page.Next
						if more = page.Next != ""; more {
							page.Next = "more"
						}
						return page, err
					})
				}
			}
			for _, q := range []store.Query{
				{Kind: kind, Limit: 2},
				{Kind: kind, Limit: 2, Descending: true},
				{Kind: kind, Limit: 1, Where: []store.Field{{Name: "f", Value: "1v"}}},
				{Kind: kind, Limit: 2, Where: []store.Field{{Name: "g", Value: "v"}, {Name: "f", Value: "v"}}, Descending: true},
			} {
				for more := true; more; {
					page := ask(t, p, "list", func(_ int, s store.Stores) (store.Page, error) {
						page, err := open(s).List(ctx, q)
						for i := range page.Records {
							page.Records[i].Revision = ""
						}
						return page, err
					})
					q.Cursor, more = page.Next, page.Next != ""
				}
			}
		}
		ask(t, p, "backlog", func(_ int, s store.Stores) (store.Backlog, error) { return open(s).Backlog(ctx) })
		ask(t, p, "parked", func(_ int, s store.Stores) ([]store.Parked, error) {
			page, err := open(s).Parked(ctx, "", 1000)
			return page.Parked, err
		})
		for i := range p.last {
			ask(t, p, "result", func(_ int, s store.Stores) ([]byte, error) { return open(s).Result(ctx, fmt.Sprintf("n%d", i+1), "p") })
		}
	}
}

// Whatever is done, the file and the memory answer the same.
func TestLikeMemory(t *testing.T) {
	t.Parallel()
	folder, n := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		file, err := sqlite.Open(context.Background(), sqlite.Config{Path: fmt.Sprintf("%s/%d.db", folder, n)})
		require.NoError(t, err)
		defer func() { require.NoError(t, file.Close()) }()
		p := &pair{sides: [2]store.Stores{file, memstore.New()}, now: monday}
		for side := range p.revs {
			p.revs[side] = map[string]store.Revision{}
		}
		t.Repeat(map[string]func(*rapid.T){
			"commit":  p.commit,
			"again":   p.commit,
			"claim":   p.claim,
			"settle":  p.settle,
			"erase":   p.erase,
			"revive":  p.revive,
			"purge":   p.purge,
			"look":    p.look,
			"advance": func(t *rapid.T) { p.now = p.now.Add(time.Duration(few.Draw(t, "seconds")) * time.Second) },
		})
		p.look(t)
	})
}
