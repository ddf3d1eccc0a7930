package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

// A toll counts the calls of stores, is an Examiner, and may fail.
type toll struct {
	store.Stores
	due, reads, revivals, most atomic.Int64
	down                       atomic.Pointer[error]
}

func (c *toll) fault() error {
	if err := c.down.Load(); err != nil {
		return *err
	}
	return nil
}

func (c *toll) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	c.due.Add(1)
	if err := c.fault(); err != nil {
		return store.DuePage{}, err
	}
	return c.Stores.Due(ctx, q)
}

func (c *toll) Examine(context.Context) (store.Condition, error) {
	return store.Condition{Schema: 7, Bytes: 1 << 20, Warnings: []string{"disk_full"}}, c.fault()
}

func (c *toll) Tenant(t store.TenantID) (store.Records, error) {
	r, err := c.Stores.Tenant(t)
	return tollRecords{r, c}, err
}

type tollRecords struct {
	store.Records
	c *toll
}

func (r tollRecords) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	r.c.reads.Add(1)
	return r.Records.Read(ctx, q)
}

func (r tollRecords) Revive(ctx context.Context, v store.Revival) (int, error) {
	r.c.revivals.Add(1)
	r.c.most.Store(max(r.c.most.Load(), int64(v.Limit)))
	return r.Records.Revive(ctx, v)
}

func (r tollRecords) Parked(context.Context, store.ParkedQuery) (store.ParkedPage, error) {
	return store.ParkedPage{}, errors.New("nobody needs to list them")
}

// put puts messages of a topic into the outbox of a tenant, each about a record of its own.
func (w *world) put(name store.TenantID, topic string, from, n int) {
	w.t.Helper()
	s, err := w.stores.Tenant(name)
	require.NoError(w.t, err)
	var b store.Batch
	flush := func() {
		_, err := s.Commit(w.t.Context(), b)
		require.NoError(w.t, err)
		b = store.Batch{}
	}
	for i := from; i < from+n; i++ {
		key := fmt.Sprintf("%s/%06d", topic, i)
		b.Send = append(b.Send, store.Message{Key: key, Of: store.Ref{Kind: "conversation", ID: strconv.Itoa(i % 5000)}, Topic: topic, At: w.clock.now()})
		if len(b.Send) == store.MaxParts {
			flush()
		}
	}
	flush()
}

// Every tenant that the storage knows is on one page, in order, whatever the limit, with what
// Tenant.Health says of it; also one that has messages and no timer. A page costs a read for each
// tenant, and does not depend on the number of messages.
func TestTenants(t *testing.T) {
	t.Parallel()
	c := &toll{}
	w := newWorld(t, func(d *desk.Config) { c.Stores, d.Stores = d.Stores, c })
	ctx := t.Context()
	none, next, err := w.desk.Tenants(ctx, "", 0)
	require.NoError(t, err)
	require.Empty(t, none)
	require.NotNil(t, none)
	require.Empty(t, next)

	var want []store.TenantID
	for i := range 12 {
		name := store.TenantID(fmt.Sprintf("t-%02d", i))
		want = append(want, name)
		if i%4 == 3 {
			w.put(name, "customer/email", 0, i)
			continue
		}
		w.must(w.tenantOf(name).Start(ctx, customer, opening(byMail, text("Hello."))))
		if i%2 == 0 {
			w.put(name, "feed/crm", 0, 3)
		}
	}
	w.put("t-05", "customer/email", 0, 5000)
	w.clock.advance(2 * time.Hour) // the timers for retention are due
	for limit := 1; limit <= 13; limit++ {
		var got []store.TenantID
		for cursor := ""; ; {
			c.due.Store(0)
			c.reads.Store(0)
			page, next, err := w.desk.Tenants(ctx, cursor, limit)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page), limit)
			require.EqualValues(t, len(page), c.reads.Load())
			require.LessOrEqual(t, c.due.Load(), int64(3))
			for _, h := range page {
				got = append(got, h.Tenant)
				alone, err := w.tenantOf(h.Tenant).Health(ctx)
				require.NoError(t, err)
				require.Equal(t, alone, h)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		require.Equal(t, want, got, "limit %d", limit)
	}
	page, _, err := w.desk.Tenants(ctx, "", 0)
	require.NoError(t, err)
	require.Equal(t, desk.Backlog{Waiting: 5001, DueSince: monday}, page[5].Backlog, "with the notice to the team")
	require.Equal(t, monday.Add(10*time.Minute), page[5].TimersDueSince)
	require.Equal(t, desk.Health{Tenant: "t-03", Backlog: desk.Backlog{Waiting: 3, DueSince: monday}}, page[3])

	_, _, err = w.desk.Tenants(ctx, "nothing", 1)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	down := errors.New("engine is down")
	c.down.Store(&down)
	_, _, err = w.desk.Tenants(ctx, "", 1)
	require.ErrorIs(t, err, down)
}

// A tenant whose report cannot be read hides no other, and is on the page itself.
func TestTenantsDamaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for _, name := range []store.TenantID{"a", "b", "c"} {
		w.must(w.tenantOf(name).Start(ctx, customer, opening(live, text("Hello."))))
	}
	s, err := w.stores.Tenant("b")
	require.NoError(t, err)
	of := store.Ref{Kind: "sweep", ID: "sweep"}
	got, err := s.Read(ctx, store.ReadRequest{Records: []store.Ref{of}})
	require.NoError(t, err)
	_, err = s.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: of, Expected: got.Records[0].Revision, Body: []byte(`{"version":0}`)}}})
	require.NoError(t, err)
	page, next, err := w.desk.Tenants(ctx, "", 2)
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	require.Len(t, page, 2)
	require.NotEmpty(t, next)
	page, next, err = w.desk.Tenants(ctx, next, 2)
	require.NoError(t, err)
	require.Equal(t, store.TenantID("c"), page[0].Tenant)
	require.Empty(t, next)
}

// What an operator must look at is found without the name of a tenant: the backlog of all, sick
// destinations, stuck calls, refused runs, secrets that are missing, and the condition of the
// storage.
func TestDeskHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fragile{broken: "Notifier", hangs: true, closed: make(chan struct{}), calls: map[string]int{}}
		c := &toll{}
		w := newWorld(t, func(d *desk.Config) {
			c.Stores, d.Stores = d.Stores, c
			d.Clock, d.Notifier = time.Now, fragileNotifier{f}
		})
		start := time.Now().UTC()
		w.post.fail = func(e desk.Envelope) error {
			if e.Tenant == "dead" {
				return errors.New("no route")
			}
			return nil
		}
		ctx := t.Context()
		health := func() desk.Overview {
			t.Helper()
			o, err := w.desk.Health(ctx)
			require.NoError(t, err)
			return o
		}
		require.Equal(t, desk.Overview{
			Storage:   store.Features{Name: "memory", Precision: time.Nanosecond},
			Condition: store.Condition{Schema: 7, Bytes: 1 << 20, Warnings: []string{"disk_full"}},
		}, health())

		w.must(w.tenantOf("dead").Start(ctx, customer, byMail)) // nobody has read the notice of it
		w.says(w.tenantOf("dead"), 2)
		w.says(w.tenantOf("well"), 1)
		o := health()
		require.Equal(t, start, o.Backlog.DueSince)
		require.Positive(t, o.Backlog.Waiting)
		stop := w.running()
		time.Sleep(time.Second)
		o = health()
		require.Equal(t, []desk.SickDestination{{Tenant: "dead", Topic: "customer/email", Since: start}}, o.Sick)
		time.Sleep(time.Minute)
		o = health()
		require.True(t, o.Sick[len(o.Sick)-1].Resting || o.Sick[0].Resting)
		require.Equal(t, start, o.Sick[0].Since, "since the first failure")
		require.Contains(t, o.Stuck, "Notifier")

		f.mend()
		close(f.closed)
		w.post.mu.Lock()
		w.post.fail = nil
		w.post.mu.Unlock()
		time.Sleep(time.Hour)
		o = health()
		require.Empty(t, o.Sick)
		require.Empty(t, o.Stuck)
		require.Zero(t, o.Backlog)

		stop()
		time.Sleep(40 * day) // in which no process ran
		well := w.tenantOf("well")
		report, err := well.ApplyRetention(ctx)
		require.NoError(t, err)
		require.NotEmpty(t, report.Refusals)
		require.Equal(t, 1, health().Refused)
		time.Sleep(2 * time.Hour)
		require.Equal(t, 1, health().Refused)
		_, err = well.ApplyRetentionAnyway(ctx, retention.Override{Clock: true, Count: 10})
		require.NoError(t, err)
		require.Zero(t, health().Refused)
		time.Sleep(40 * day)
		_, err = well.ApplyRetention(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, health().Refused)
		time.Sleep(2*time.Hour + 1)
		require.Zero(t, health().Refused, "another process has the tenant")
		require.Empty(t, health().Sick, "no loop runs any more")

		down := errors.New("engine is down")
		c.down.Store(&down)
		o, err = w.desk.Health(ctx)
		require.ErrorIs(t, err, down)
		require.Equal(t, "memory", o.Storage.Name, "what this process knows is there")
	})
}

func backlogOf(w *world, name store.TenantID) desk.Backlog {
	w.t.Helper()
	h, err := w.tenantOf(name).Health(w.t.Context())
	require.NoError(w.t, err)
	return h.Backlog
}

// parkAll gives up what waits of a topic, in order.
func (w *world) parkAll(name store.TenantID, topic string) (keys []string) {
	w.t.Helper()
	ctx := w.t.Context()
	for {
		got, err := w.stores.Claim(ctx, store.Claim{
			Queue: store.Outbox, Now: w.clock.now(), Lease: time.Minute, Want: []store.Want{{Tenant: name, Topic: topic, Limit: 500}},
		})
		require.NoError(w.t, err)
		if len(got.Items) == 0 {
			return keys
		}
		var all []store.Settlement
		for _, i := range got.Items {
			keys = append(keys, i.Message.Key)
			all = append(all, store.Settlement{Receipt: i.Receipt, Verdict: store.Park, Reason: "tries"})
		}
		require.NoError(w.t, w.stores.Settle(ctx, all...))
	}
}

// Ten thousand dead letters are revived in steps, without being listed; they go out in the order in
// which they went the first time.
func TestReviveAllOfMany(t *testing.T) {
	t.Parallel()
	c := &toll{}
	w := newWorld(t, func(d *desk.Config) { c.Stores, d.Stores = d.Stores, c })
	w.stores = c.Stores
	const many = 10_000
	w.put("acme", "customer/email", 0, many)
	first := w.parkAll("acme", "customer/email")
	require.Len(t, first, many)
	n, err := w.o.ReviveAll(t.Context(), "customer")
	require.NoError(t, err)
	require.Equal(t, many, n)
	require.LessOrEqual(t, c.most.Load(), int64(200))
	require.LessOrEqual(t, c.revivals.Load(), int64(many/200+1))
	require.Equal(t, first, w.parkAll("acme", "customer/email"))
}

// ReviveAll takes the topics that are asked for, of one tenant, and no more than there were:
// what is given up again while it works does not keep it.
func TestReviveAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	topics := []string{"customer/email", "customer/sms", "customers/email", "mail"}
	park := func() {
		for i, topic := range topics {
			w.put("acme", topic, 10*i, 3)
			w.put("other", topic, 10*i, 1)
			w.parkAll("acme", topic)
			w.parkAll("other", topic)
		}
	}
	park()
	for topic, want := range map[string]int{"customer": 6, "customer/email": 3, "mail": 3, "feed": 0, "": 12, "Not a topic": 0} {
		n, err := w.o.ReviveAll(ctx, topic)
		require.NoError(t, err)
		require.Equal(t, want, n, topic)
		n, err = w.o.ReviveAll(ctx, topic)
		require.NoError(t, err)
		require.Zero(t, n, "again")
		for _, topic := range topics {
			w.parkAll("acme", topic)
		}
	}
	require.Equal(t, 12, backlogOf(w, "acme").Parked)
	require.Equal(t, len(topics), backlogOf(w, "other").Parked)

	again := &reparks{Stores: w.stores, w: w}
	w.config.Stores = again
	w.open()
	n, err := w.o.ReviveAll(ctx, "")
	require.NoError(t, err)
	require.Equal(t, 12, n)
	require.Equal(t, 12, backlogOf(w, "acme").Parked)

	again.fail = errors.New("engine is down")
	n, err = w.o.ReviveAll(ctx, "customer")
	require.ErrorIs(t, err, again.fail)
	require.Equal(t, 3, n, "what was done before")
}

// reparks give up at once what is revived, and fail from the second time on if they have an error.
type reparks struct {
	store.Stores
	w     *world
	fail  error
	times int
}

func (r *reparks) Tenant(t store.TenantID) (store.Records, error) {
	s, err := r.Stores.Tenant(t)
	return reparkRecords{s, r}, err
}

type reparkRecords struct {
	store.Records
	r *reparks
}

func (s reparkRecords) Revive(ctx context.Context, v store.Revival) (int, error) {
	if s.r.fail != nil {
		if s.r.times++; s.r.times == 2 {
			return 0, s.r.fail
		}
	}
	n, err := s.Records.Revive(ctx, v)
	for _, topic := range []string{"customer/email", "customer/sms", "customers/email", "mail"} {
		s.r.w.parkAll("acme", topic)
	}
	return n, err
}

// What was given up in one conversation goes out in its order when it is revived, behind what waits
// there already, and before what comes later: nothing is overtaken (T28).
func TestReviveAllKeepsOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.must(w.o.Start(ctx, customer, opening(byMail, text("Hello."))))
	w.run()
	w.post.take()
	w.post.fail = func(desk.Envelope) error { return desk.ErrRejected }
	conv := w.o.Conversation(r.Conversation)
	for _, s := range []string{"one", "two", "three"} {
		w.must(conv.Reply(ctx, agent, text(s)))
	}
	w.run()
	require.Equal(t, 3, backlogOf(w, "acme").Parked)
	w.post.fail = nil
	w.must(conv.Reply(ctx, agent, text("four")))
	n, err := w.o.ReviveAll(ctx, "customer/email")
	require.NoError(t, err)
	require.Equal(t, 3, n)
	w.must(conv.Reply(ctx, agent, text("five")))
	w.run()
	var got []string
	for _, e := range w.post.take() {
		if slices.Contains([]string{"one", "two", "three", "four", "five"}, e.Body) {
			got = append(got, e.Body)
		}
	}
	require.Equal(t, []string{"four", "one", "two", "three", "five"}, got)
}
