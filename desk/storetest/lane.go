package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

var laneRules = []Rule{
	{Name: "lane/first", Text: "only the first message of a lane is due, even if the next has been due longer", check: func(p *probe) {
		late := p.message("m1", "t1")
		late.At = p.in(5)
		p.send(p.a, late, p.message("m2", "t1"))
		p.send(p.a, p.message("m3", "t1"), p.message("x", "t2"))
		p.same(names(p.outbox(10)), []string{"x"}, "the messages while the first of a lane is not due")
		p.pass(5)
		p.one(p.outbox(10), "m1")
		p.same(names(p.outbox(10)), []string{}, "the messages while the first of a lane is handed out")
	}},
	{Name: "lane/order", Text: "the messages of one record and topic come in the order of their commits", check: func(p *probe) {
		var all []string
		for i := range 6 {
			m := p.message("m"+itoa(9-i), "t1")
			m.At = p.in(-i)
			p.send(p.a, m, p.message("n"+itoa(i), "t1"))
			all = append(all, m.Key, "n"+itoa(i))
		}
		p.same(p.drain(p.outbox), all, "the messages")
	}},
	{Name: "lane/two", Text: "another record and another topic are other lanes", check: func(p *probe) {
		other := p.message("feed", "t1")
		other.Topic = "feed/crm"
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t1"), p.message("x", "t2"), other)
		got := p.claimFrom(p.stores, store.Outbox, store.Want{Tenant: p.acme, Topic: "customer/email", Limit: 10}, store.Want{Tenant: p.acme, Topic: "feed/crm", Limit: 10})
		p.same(names(got.Items), []string{"m1", "x", "feed"}, "the messages")
	}},
	{Name: "lane/next", Text: "when the first message of a lane is done, parked or withdrawn, the next is due, at its own instant", check: func(p *probe) {
		late := p.message("m5", "t1")
		late.At = p.in(3)
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t1"), p.message("m3", "t1"), p.message("m4", "t1"), late)
		p.settle(done(p.one(p.outbox(10), "m1")))
		p.settle(park(p.one(p.outbox(10), "m2"), ""))
		p.one(p.outbox(10), "m3")
		p.commit(p.a, store.Batch{Withdraw: []string{"m3"}})
		it := p.one(p.outbox(10), "m4")
		p.same(it.Handed, 1, "Handed of the next message")
		p.settle(done(it))
		p.same(names(p.outbox(10)), []string{}, "the messages before the instant of the next")
		p.pass(3)
		p.one(p.outbox(10), "m5")
	}},
	{Name: "lane/retry", Text: "a message that is tried again keeps its place in the lane, and nothing overtakes it", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t1"))
		p.settle(p.retry(p.one(p.outbox(10), "m1"), 30))
		p.pass(29)
		p.same(names(p.outbox(10)), []string{}, "the messages before the first is due again")
		p.pass(1)
		p.same(p.drain(p.outbox), []string{"m1", "m2"}, "the messages")
	}},
	{Name: "lane/middle", Text: "a message that is withdrawn from the middle of a lane moves nothing else", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t1"), p.message("m3", "t1"))
		first := p.one(p.outbox(10), "m1")
		p.commit(p.a, store.Batch{Withdraw: []string{"m2"}, Send: []store.Message{p.message("m4", "t1")}})
		p.same(names(p.outbox(10)), []string{}, "the messages while the first is handed out")
		p.settle(done(first))
		p.same(p.drain(p.outbox), []string{"m3", "m4"}, "the messages")
	}},
	{Name: "lane/refill", Text: "a lane that was empty begins anew", check: func(p *probe) {
		for i := range 3 {
			p.send(p.a, p.message("m"+itoa(i), "t1"))
			p.settle(done(p.one(p.outbox(10), "m"+itoa(i))))
		}
		b := store.Batch{Withdraw: []string{"m3"}, Send: []store.Message{p.message("m4", "t1")}}
		p.send(p.a, p.message("m3", "t1"))
		p.commit(p.a, b)
		p.one(p.outbox(10), "m4")
	}},
	{Name: "lane/race", Text: "a lane does not stand still when the last message leaves while another comes, in two processes: by settlement, parking, withdrawal and revival", check: checkLaneRace},
	{Name: "lane/stream", Text: "no message overtakes another of its lane, none is lost, and no two of a lane are handed out at once, while several processes send and settle", check: checkLaneStream},
}

// checkLaneRace has one process take the last message out of a lane while another puts one in.
// The lanes are mostly empty, because a full lane hides a missing lock.
func checkLaneRace(p *probe) {
	other := p.open()
	two := [2]store.Records{p.a, p.tenant(other, p.acme)}
	ways := []string{"done", "park", "withdraw", "revive"}
	const lanes, rounds = 4, 40
	for round := range rounds {
		for _, way := range ways {
			key := func(what string, lane int) string { return fmt.Sprintf("%s/%d/%d/%s", way, round, lane, what) }
			var first store.Batch
			for lane := range lanes {
				first.Send = append(first.Send, p.message(key("1", lane), "t"+itoa(lane)))
			}
			p.commit(p.a, first)
			held := map[string]store.Item{}
			for _, it := range p.outbox(100) {
				held[it.Message.Of.ID] = it
			}
			p.same(len(held), lanes, "the number of first messages that were handed out")
			if way == "revive" {
				for _, it := range held {
					p.settle(park(it, ""))
				}
				for lane := range lanes {
					p.send(p.a, p.message(key("0", lane), "t"+itoa(lane)))
				}
				for _, it := range p.outbox(100) {
					held[it.Message.Of.ID] = it
				}
			}
			errs := together(2*lanes, func(n int) error {
				lane := n / 2
				it := held["t"+itoa(lane)]
				if n%2 == 0 {
					if way == "revive" {
						_, err := two[0].Revive(p.ctx, store.Revival{Key: key("1", lane), Limit: 1})
						return err
					}
					_, err := p.insist(two[0], store.Batch{Send: []store.Message{p.message(key("2", lane), "t"+itoa(lane))}})
					return err
				}
				switch way {
				case "park":
					return other.Settle(p.ctx, park(it, ""))
				case "withdraw":
					_, err := p.insist(two[1], store.Batch{Withdraw: []string{it.Message.Key}})
					return err
				default:
					return other.Settle(p.ctx, done(it))
				}
			})
			p.ok(errors.Join(errs...), "changing lanes at once")
			var want []string
			for lane := range lanes {
				if way == "revive" {
					want = append(want, key("1", lane))
				} else {
					want = append(want, key("2", lane))
				}
			}
			got := p.drain(p.outbox)
			slices.Sort(got)
			p.same(got, want, "the messages after the first left (%s) while another came", way)
		}
	}
}

// A stream has writers and settlers of the lanes of several tickets.
type stream struct {
	mu   sync.Mutex
	sent int
	got  int
	last map[string]int  // of a lane and a writer
	busy map[string]bool // the lanes with a message that is handed out
}

// take notes that a message was handed out. The length of the text behind the writer is the
// number of the message.
func (s *stream) take(it store.Item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	lane := it.Message.Of.ID
	who, text, _ := strings.Cut(it.Message.Key, "-")
	n := len(text)
	if s.busy[lane] {
		return fmt.Errorf("two messages of the lane %s are handed out at once", lane)
	}
	if n <= s.last[who] {
		return fmt.Errorf("the message %d of %s comes after %d", n, who, s.last[who])
	}
	s.last[who] = n
	s.busy[lane] = true
	s.got++
	return nil
}

func (s *stream) release(it store.Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy[it.Message.Of.ID] = false
}

// state returns the numbers of messages that were sent and handed out.
func (s *stream) state() (sent, got int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent, s.got
}

// write sends messages to all lanes, and waits until the settlers have nearly caught up.
func (s *stream) write(p *probe, r store.Records, writer, lanes, each int) error {
	for i := range each {
		for lane := range lanes {
			key := fmt.Sprintf("%d/%d-%s", lane, writer, strings.Repeat("x", i+1))
			if _, err := p.insist(r, store.Batch{Send: []store.Message{p.message(key, "t"+itoa(lane))}}); err != nil {
				return err
			}
			s.mu.Lock()
			s.sent++
			s.mu.Unlock()
		}
		for range 20_000 {
			if sent, got := s.state(); sent-got <= lanes {
				break
			}
			runtime.Gosched()
		}
	}
	return nil
}

// settle settles what is due, until all was sent and nothing is due for a while.
func (s *stream) settle(p *probe, stores store.Stores, total int) error {
	want := []store.Want{{Tenant: p.acme, Topic: "customer/email", Limit: 2}}
	for idle := 0; idle < 100; {
		got, err := stores.Claim(p.ctx, store.Claim{Queue: store.Outbox, Want: want, Now: p.at, Lease: 24 * time.Hour})
		if err != nil && !errors.Is(err, store.ErrRetry) {
			return err
		}
		if sent, _ := s.state(); sent == total {
			idle++
		}
		for _, it := range got.Items {
			if err := s.take(it); err != nil {
				return err
			}
		}
		for _, it := range got.Items {
			idle = 0
			s.release(it)
			if err := stores.Settle(p.ctx, done(it)); err != nil {
				return err
			}
		}
		runtime.Gosched()
	}
	return nil
}

// checkLaneStream has writers that wait until their lanes are empty now and then, and settlers.
func checkLaneStream(p *probe) {
	other := p.open()
	stores := [2]store.Stores{p.stores, other}
	two := [2]store.Records{p.a, p.tenant(other, p.acme)}
	const lanes, writers, each = 3, 4, 30
	const total = lanes * writers * each
	s := &stream{last: map[string]int{}, busy: map[string]bool{}}
	errs := together(writers+2, func(n int) error {
		if n < writers {
			return s.write(p, two[n%2], n, lanes, each)
		}
		return s.settle(p, stores[n%2], total)
	})
	errs = append(errs, s.settle(p, p.stores, total)) // what was settled while others stopped
	p.ok(errors.Join(errs...), "sending and settling at once")
	_, got := s.state()
	p.same(got, total, "the number of messages that were handed out")
}
