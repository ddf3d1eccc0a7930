package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// topic returns a message of another topic.
func (p *probe) topic(key, of, topic string) store.Message {
	m := p.message(key, of)
	m.Topic = topic
	return m
}

// later returns a message that is due after units of time.
func (p *probe) later(key, of string, units int) store.Message {
	m := p.message(key, of)
	m.At = p.in(units)
	return m
}

var outboxCases = []Case{
	{"outbox/whole", "a claim hands out what was committed, of which tenant", nil, func(p *probe) {
		want := store.Message{Key: "a/1", Of: ticket("1"), Topic: "sms_2", To: "Zoë & co", At: p.in(-1), Body: []byte("\x00\xff")}
		p.post(p.acme, want)
		d := p.hands("a/1")[0]
		if !d.Message.At.Equal(want.At) {
			p.failf("the instant of the message is %v, want %v", d.Message.At, want.At)
		}
		if d.Receipt == "" {
			p.failf("the receipt is empty")
		}
		d.Message.At, d.Receipt = want.At, ""
		p.same(d, store.Delivery{Tenant: "acme", Message: want, Attempt: 1}, "what is handed out")
		empty := p.message("b", "2")
		empty.To, empty.Body = "", nil
		p.post(p.acme, empty)
		got := p.hands("b")[0].Message
		p.same([]string{got.To, string(got.Body)}, []string{"", ""}, "an empty message")
	}},
	{"outbox/early", "a message is due at its instant, not earlier", nil, func(p *probe) {
		p.post(p.acme, p.later("m", "1", 2))
		p.hands()
		p.pass(1)
		p.hands()
		if p.f.Clock == nil {
			p.at = p.at.Add(p.unit() - 1)
			p.hands()
			p.at = p.at.Add(1)
		} else {
			p.pass(1)
		}
		p.hands("m")
	}},
	{"outbox/oldest", "those messages are handed out first that have been due for longest, at most as many as the limit", nil, func(p *probe) {
		for i, units := range []int{-4, -9, -1, -7, -2} {
			p.post(p.acme, p.later(strconv.Itoa(i), strconv.Itoa(i), units))
		}
		p.post(p.globex, p.later("5", "1", -3))
		var got []string
		for _, limit := range []int{1, 2, 2, 100} {
			due, err := p.outbox.Claim(p.ctx, p.claim(limit))
			p.ok(err, "Claim")
			if len(due) > limit {
				p.failf("Claim: %d messages, more than the limit of %d", len(due), limit)
			}
			for _, d := range due {
				got = append(got, d.Message.Key)
			}
		}
		p.same(got, []string{"1", "3", "0", "5", "4", "2"}, "the order of the messages")
	}},
	{"outbox/order", "a message behind another of the same record and topic is not due before that one is acknowledged", nil, func(p *probe) {
		p.commit(p.acme, store.Batch{Messages: []store.Message{p.message("c", "1"), p.message("a", "1")}})
		p.post(p.acme, p.message("b", "1"))
		p.post(p.acme, p.later("0", "1", -5))
		for i, k := range []string{"c", "a", "b", "0"} {
			p.hands(k)
			p.hands()
			p.pass(lease) // a lease that ends changes nothing
			p.sent(p.hands(k)...)
			p.left(p.acme, store.Remainder{Messages: 3 - i, Keys: i + 1}, "1")
		}
		p.hands()
	}},
	{"outbox/waits", "a message behind another of the same record and topic is not due before that one is acknowledged, whatever that one waits for", nil, func(p *probe) {
		p.post(p.acme, p.later("first", "1", 3), p.message("second", "1"))
		p.hands()
		p.pass(3)
		p.sent(p.hands("first")...)
		p.hands("second")
	}},
	{"outbox/next", "a message behind another of the same record and topic waits for its own instant too", nil, func(p *probe) {
		p.post(p.acme, p.message("first", "1"), p.later("second", "1", 3))
		p.sent(p.hands("first")...)
		p.hands()
		p.pass(3)
		p.hands("second")
	}},
	{"outbox/aside", "messages of other records, topics and tenants do not wait for each other", nil, func(p *probe) {
		p.post(p.acme, p.later("late", "1", 5), p.topic("topic", "1", "sms"), p.message("record", "2"))
		p.commit(p.acme, store.Batch{Messages: []store.Message{{Key: "kind", Of: store.Ref{Kind: "conversation", ID: "1"}, Topic: "mail", At: p.now()}}})
		p.post(p.globex, p.message("tenant", "1"))
		due := claimed(p, 4, func() ([]store.Delivery, error) { return p.outbox.Claim(p.ctx, p.claim(100)) })
		var got []string
		for _, d := range due {
			got = append(got, d.Message.Key)
		}
		slices.Sort(got)
		p.same(got, []string{"kind", "record", "tenant", "topic"}, "the messages that are handed out")
	}},
	{"outbox/lease", "a message that was handed out is due again when the lease ends, not earlier", nil, func(p *probe) {
		p.post(p.acme, p.message("m", "1"))
		first := p.hands("m")[0]
		p.hands()
		p.pass(lease - 1)
		p.hands()
		if p.f.Clock == nil {
			p.at = p.at.Add(p.unit() - 1)
			p.hands()
			p.at = p.at.Add(1)
		} else {
			p.pass(1)
		}
		second := p.hands("m")[0]
		p.same([]int{first.Attempt, second.Attempt}, []int{1, 2}, "how often it was handed out")
		if first.Receipt == second.Receipt {
			p.failf("two claims have the same receipt %q", first.Receipt)
		}
	}},
	{"outbox/ack", "Ack removes messages, and their keys stay used", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "2"), p.message("c", "3"))
		due := p.hands("a", "b", "c")
		p.ok(p.outbox.Ack(p.ctx, due[0].Receipt, due[2].Receipt), "Ack")
		p.left(p.acme, store.Remainder{Messages: 1, Keys: 2}, "1", "2", "3")
		p.pass(lease)
		p.hands("b")
	}},
	{"outbox/ack-late", "a receipt is void if the message was handed out again since", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "1"))
		first := p.hands("a")[0]
		p.pass(lease)
		p.hands("a")
		p.sent(first)
		p.pass(lease)
		p.hands("a")
	}},
	{"outbox/ack-expired", "a receipt is good while the message was not handed out again, even if the lease has ended", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "1"))
		due := p.hands("a")
		p.pass(lease + 1)
		p.sent(due...)
		p.hands("b")
	}},
	{"outbox/void", "a void receipt is no error and does nothing", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "1"))
		due := p.hands("a")
		p.ok(p.outbox.Ack(p.ctx), "Ack of nothing")
		p.sent(due...)
		for _, r := range []store.Receipt{"", "?", "'", "1", "zzzzzzzzzzzzzzzzzzzzzzzzz", store.Receipt(strconv.Itoa(1 << 40)), due[0].Receipt} {
			p.ok(p.outbox.Ack(p.ctx, r), "Ack of a void receipt")
			p.ok(p.outbox.Retry(p.ctx, r, p.in(100)), "Retry of a void receipt")
			p.ok(p.outbox.Park(p.ctx, r, "no"), "Park of a void receipt")
		}
		p.same(p.parked(p.acme), []string{}, "what is parked")
		p.hands("b")
	}},
	{"outbox/retry", "Retry ends a lease: the message is due at that instant, not earlier", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"))
		first := p.hands("a")[0]
		p.ok(p.outbox.Retry(p.ctx, first.Receipt, p.in(2)), "Retry")
		p.pass(1)
		p.hands()
		p.pass(1)
		second := p.hands("a")[0]
		p.same(second.Attempt, 2, "how often it was handed out")
		p.ok(p.outbox.Retry(p.ctx, second.Receipt, p.in(lease+5)), "Retry later than the lease")
		p.pass(lease + 4)
		p.hands()
		p.pass(1)
		p.same(p.hands("a")[0].Attempt, 3, "how often it was handed out")
	}},
	{"outbox/retry-place", "a message that is retried keeps its place among those of its record and topic", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "1"), p.message("c", "2"))
		due := p.hands("a", "c")
		p.ok(p.outbox.Retry(p.ctx, due[0].Receipt, p.in(3)), "Retry")
		p.pass(1)
		p.hands()
		p.pass(2)
		p.sent(p.hands("a")...)
		p.hands("b")
	}},
	{"outbox/retry-late", "a receipt is void for Retry if the message was handed out again or retried since", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"))
		first := p.hands("a")[0]
		p.pass(lease)
		second := p.hands("a")[0]
		p.ok(p.outbox.Retry(p.ctx, first.Receipt, p.now()), "Retry of a void receipt")
		p.hands()
		p.ok(p.outbox.Retry(p.ctx, second.Receipt, p.in(2)), "Retry")
		p.sent(second)
		p.ok(p.outbox.Retry(p.ctx, second.Receipt, p.now()), "Retry of a void receipt")
		p.hands()
		p.pass(2)
		p.hands("a")
	}},
	{"outbox/once", "a message whose key was used before is dropped, and the rest of the batch is done", nil, func(p *probe) {
		other := p.message("a", "2")
		other.Body = []byte("other")
		again := func(n string) {
			p.commit(p.acme, store.Batch{Changes: []store.Change{put(n, "", "a")}, Events: []store.Event{p.event(n, "1")}, Messages: []store.Message{other, p.topic("with"+n, n, n)}})
			p.has(p.acme, n, "a")
		}
		p.post(p.acme, p.message("a", "1"))
		again("waiting")
		due := p.hands("a", "withwaiting")
		p.same(string(due[0].Message.Body), "message a", "what the message says")
		again("leased")
		p.sent(p.hands("withleased")...)
		p.sent(due...)
		again("sent")
		p.sent(p.hands("withsent")...)
		p.same(len(p.log(p.acme, "1")), 3, "the number of events")
		p.pass(lease)
		p.hands()
	}},
	{"outbox/once-parked", "a key counts as used also when its message was withdrawn or parked", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "2"))
		p.ok(p.outbox.Park(p.ctx, p.hands("a", "b")[0].Receipt, "no"), "Park")
		p.commit(p.acme, store.Batch{Withdraw: []string{"b"}})
		p.post(p.acme, p.message("a", "3"), p.message("b", "4"))
		p.pass(lease)
		p.hands()
		p.same(p.parked(p.acme), []string{"a"}, "what is parked")
	}},
	{"outbox/withdraw", "a message that is withdrawn is never handed out again", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "1"), p.message("c", "1"), p.message("d", "1"))
		due := p.hands("a")
		p.commit(p.acme, store.Batch{Withdraw: []string{"c"}})
		p.hands()
		p.commit(p.acme, store.Batch{Withdraw: []string{"a"}})
		due = append(due, p.hands("b")...)
		p.sent(due...)
		p.hands("d")
		p.left(p.acme, store.Remainder{Messages: 1, Keys: 3}, "1")
		p.pass(lease)
		p.hands("d")
	}},
	{"outbox/withdraw-all", "a message that is withdrawn is never handed out again: none of several, leased, parked, waiting or late", nil, func(p *probe) {
		p.post(p.acme, p.message("parked", "1"), p.message("leased", "2"), p.message("behind", "2"), p.later("late", "3", 2), p.message("other", "2"))
		due := p.hands("parked", "leased")
		p.ok(p.outbox.Park(p.ctx, due[0].Receipt, "no"), "Park")
		p.commit(p.acme, store.Batch{Withdraw: []string{"parked", "leased", "behind", "late"}})
		p.same(p.parked(p.acme), []string{}, "what is parked")
		err := p.acme.Revive(p.ctx, "parked")
		p.is(err, helpdesk.ErrNotFound, "Revive of a withdrawn message")
		p.ok(p.outbox.Retry(p.ctx, due[1].Receipt, p.now()), "Retry of a void receipt")
		p.ok(p.outbox.Park(p.ctx, due[1].Receipt, "no"), "Park of a void receipt")
		p.hands("other")
		p.pass(lease)
		p.hands("other")
		p.same(p.parked(p.acme), []string{}, "what is parked")
	}},
	{"outbox/withdraw-unknown", "withdrawing a message that was sent or that is unknown is no error", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "2"))
		p.sent(p.hands("a", "b")[0])
		p.commit(p.acme, store.Batch{Withdraw: []string{"a", "unknown", "a"}, Changes: []store.Change{put("1", "", "a")}})
		p.has(p.acme, "1", "a")
		p.post(p.acme, p.message("unknown", "3"))
		p.pass(lease)
		p.hands("unknown", "b")
	}},
	{"outbox/withdraw-first", "messages are withdrawn before messages are put in", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"))
		p.commit(p.acme, store.Batch{Withdraw: []string{"a", "b"}, Messages: []store.Message{p.message("a", "1"), p.message("b", "1")}})
		p.hands("b")
	}},
	{"outbox/deleted", "messages stay when the record is deleted", nil, func(p *probe) {
		rev := p.set(p.acme, put("1", "", "a"))
		p.post(p.acme, p.message("m", "1"))
		p.commit(p.acme, store.Batch{Changes: []store.Change{{Ref: ticket("1"), Expected: rev, Delete: true}}, Messages: []store.Message{p.message("bye", "1")}})
		p.sent(p.hands("m")...)
		p.hands("bye")
	}},
	{"outbox/race", "claims that run at once do not hand out the same message, and each record's messages come in order", nil, outboxRace},
	{"outbox/form", "a claim of bad form is refused: see Claim.Check; so are a retry at an instant out of range and a reason of bad form", nil, func(p *probe) {
		p.post(p.acme, p.message("m", "1"))
		p.claimForms(func(c store.ClaimParams) error { _, err := p.outbox.Claim(p.ctx, c); return err })
		r := p.hands("m")[0].Receipt
		p.is(p.outbox.Retry(p.ctx, r, time.Time{}), helpdesk.ErrInvalid, "Retry without an instant")
		for _, bad := range []string{"\x00", "\xff", strings.Repeat("a", 257)} {
			p.is(p.outbox.Park(p.ctx, r, bad), helpdesk.ErrInvalid, "Park with reason %.9q", bad)
		}
		p.same(p.parked(p.acme), []string{}, "what is parked")
		p.hands()
		p.pass(lease)
		p.hands("m")
	}},
}

// outboxRace has workers claim and acknowledge at once.
func outboxRace(p *probe) {
	const records, each, workers = 6, 6, 4
	for i := range records {
		var b store.Batch
		for j := range each {
			b.Messages = append(b.Messages, p.message(fmt.Sprint(i, "/", j), strconv.Itoa(i)))
		}
		p.commit(p.acme, b)
	}
	var mu sync.Mutex
	next := map[string]int{}
	working, sent := 0, 0
	now := p.now()
	for _, err := range together(workers, func(i int) error {
		for idle := 0; ; runtime.Gosched() {
			mu.Lock()
			alone, before := working == 0, sent
			working++
			mu.Unlock()
			due, err := p.outbox.Claim(p.ctx, store.ClaimParams{Now: now, Lease: lease * p.unit(), Limit: 1 + i})
			for _, d := range due {
				mu.Lock()
				n := next[d.Message.Of.ID]
				next[d.Message.Of.ID]++
				sent++
				mu.Unlock()
				if want := fmt.Sprint(d.Message.Of.ID, "/", n); d.Message.Key != want {
					err = fmt.Errorf("message %q was handed out, want %q", d.Message.Key, want)
				}
				err = errors.Join(err, p.outbox.Ack(p.ctx, d.Receipt))
			}
			mu.Lock()
			working--
			done, stuck := sent >= records*each, alone && working == 0 && sent == before
			mu.Unlock()
			if err != nil || done {
				return err
			}
			if !stuck {
				continue
			}
			if idle++; p.f.Clock == nil || idle > 100 {
				return errors.New("messages are not handed out any more")
			}
			if err := p.f.Clock.Wait(p.ctx, p.unit()/10); err != nil {
				return err
			}
		}
	}) {
		p.ok(err, "handing out")
	}
}

var parkCases = []Case{
	{"park/aside", "Park gives up on a message: it is not handed out again, and those behind it are not held up", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "1"))
		p.ok(p.outbox.Park(p.ctx, p.hands("a")[0].Receipt, "no such mailbox"), "Park")
		p.sent(p.hands("b")...)
		p.pass(lease)
		p.hands()
		p.left(p.acme, store.Remainder{Messages: 1, Keys: 1}, "1")
	}},
	{"park/shows", "Parked shows messages that were given up, why, and how often they were handed out", nil, func(p *probe) {
		m := p.message("a", "1")
		p.post(p.acme, m)
		p.hands("a")
		p.pass(lease)
		p.ok(p.outbox.Park(p.ctx, p.hands("a")[0].Receipt, "kein Postfach für é"), "Park")
		page, err := p.acme.Parked(p.ctx, "", 10)
		p.ok(err, "Parked")
		p.same(len(page.Parked), 1, "the number of messages that are parked")
		got := page.Parked[0]
		if !got.Message.At.Equal(m.At) {
			p.failf("the instant of the message is %v, want %v", got.Message.At, m.At)
		}
		got.Message.At = m.At
		p.same(got, store.Parked{Message: m, Reason: "kein Postfach für é", Attempt: 2}, "what is parked")
		p.same(page.Next, "", "the cursor of the last page")
	}},
	{"park/late", "a receipt is void for Park if the message was handed out again since", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"))
		first := p.hands("a")[0]
		p.pass(lease)
		second := p.hands("a")[0]
		p.ok(p.outbox.Park(p.ctx, first.Receipt, "no"), "Park with a void receipt")
		p.same(p.parked(p.acme), []string{}, "what is parked")
		p.sent(second)
		p.pass(lease)
		p.hands()
	}},
	{"park/pages", "Parked goes by the order in which messages were put in, in pages of at most the limit", nil, func(p *probe) {
		want := []string{"e", "a", "d", "b", "c"}
		for i, k := range want {
			p.post(p.acme, p.message(k, strconv.Itoa(i)))
		}
		due := p.hands(want...)
		for _, i := range []int{3, 0, 4, 2, 1} {
			p.ok(p.outbox.Park(p.ctx, due[i].Receipt, "no"), "Park")
		}
		for limit := 1; limit <= 6; limit++ {
			got := []string{}
			for cursor := ""; ; {
				page, err := p.acme.Parked(p.ctx, cursor, limit)
				p.ok(err, "Parked")
				if len(page.Parked) > limit {
					p.failf("Parked: %d messages, more than the limit of %d", len(page.Parked), limit)
				}
				for _, m := range page.Parked {
					got = append(got, m.Message.Key)
				}
				if cursor = page.Next; cursor == "" || len(got) > len(want) {
					break
				}
			}
			p.same(got, want, "what is parked, by pages of %d", limit)
		}
	}},
	{"park/revive", "Revive puts a parked message back, behind what waits for the same record and topic, with no attempts", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "1"), p.message("alone", "2"))
		due := p.hands("a", "alone")
		p.ok(p.outbox.Park(p.ctx, due[0].Receipt, "no"), "Park")
		p.ok(p.outbox.Park(p.ctx, due[1].Receipt, "no"), "Park")
		p.ok(p.acme.Revive(p.ctx, "a"), "Revive")
		p.same(p.parked(p.acme), []string{"alone"}, "what is parked")
		p.sent(p.hands("b")...)
		p.ok(p.acme.Revive(p.ctx, "alone"), "Revive")
		due = claimed(p, 2, func() ([]store.Delivery, error) { return p.outbox.Claim(p.ctx, p.claim(100)) })
		p.same(len(due), 2, "the number of messages that are handed out")
		for _, d := range due {
			p.same(d.Attempt, 1, "how often %q was handed out since it was revived", d.Message.Key)
			p.same(string(d.Message.Body), "message "+d.Message.Key, "what it says")
		}
		p.sent(due...)
		p.pass(lease)
		p.hands()
	}},
	{"park/revive-unknown", "Revive matches ErrNotFound if no message with this key is parked", nil, func(p *probe) {
		p.post(p.acme, p.message("a", "1"), p.message("b", "2"))
		for _, k := range []string{"a", "unknown", "", "\x00"} {
			p.is(p.acme.Revive(p.ctx, k), helpdesk.ErrNotFound, "Revive(%q)", k)
		}
		due := p.hands("a", "b")
		p.is(p.acme.Revive(p.ctx, "a"), helpdesk.ErrNotFound, "Revive of a leased message")
		p.sent(due[0])
		p.is(p.acme.Revive(p.ctx, "a"), helpdesk.ErrNotFound, "Revive of a message that was sent")
		p.ok(p.outbox.Park(p.ctx, due[1].Receipt, ""), "Park")
		p.ok(p.acme.Revive(p.ctx, "b"), "Revive")
		p.is(p.acme.Revive(p.ctx, "b"), helpdesk.ErrNotFound, "Revive of a message that was revived")
	}},
	{"park/backlog", "Backlog counts the messages that wait, whether they are due, leased or neither, and those that are parked", nil, func(p *probe) {
		want := func(waiting, parked int) {
			got, err := p.acme.Backlog(p.ctx)
			p.ok(err, "Backlog")
			p.same(got, store.Backlog{Waiting: waiting, Parked: parked}, "the backlog")
		}
		want(0, 0)
		p.post(p.acme, p.message("sent", "1"), p.message("parked", "2"), p.message("behind", "2"), p.message("leased", "3"), p.message("withdrawn", "4"), p.message("revived", "5"))
		p.post(p.acme, p.later("late", "6", 5))
		want(7, 0)
		due := p.hands("sent", "parked", "leased", "withdrawn", "revived")
		want(7, 0)
		p.sent(due[0])
		p.ok(p.outbox.Park(p.ctx, due[1].Receipt, ""), "Park")
		p.ok(p.outbox.Park(p.ctx, due[4].Receipt, ""), "Park")
		want(4, 2)
		p.commit(p.acme, store.Batch{Withdraw: []string{"withdrawn"}})
		p.ok(p.acme.Revive(p.ctx, "revived"), "Revive")
		want(4, 1)
		p.ok(p.acme.Erase(p.ctx, store.PartAll, ticket("2"), ticket("3")), "Erase")
		want(2, 0)
	}},
}
