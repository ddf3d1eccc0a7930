package store

import "strconv"

// Check checks the form of b. The error joins a [*helpdesk.FieldError] for each fault, at most
// 50 of them: a malformed or overlong name or text, an instant out of range, a repeated
// record, entry, timer or key, an attribute that the kind does not have, a value of another
// type, more than [MaxParts] parts, a body longer than [MaxBody], a deletion with contents or
// without an expected revision, and a result without a key. The zero Batch is well-formed.
func (b Batch) Check() error {
	var c checker
	c.key(&b.Key)
	for i := range b.Expect {
		c.ref(b.Expect[i].Ref, place{"expect", i}, "ref")
	}
	for i := range b.Changes {
		c.change(&b.Changes[i], place{"changes", i})
	}
	for i, r := range b.Replace {
		c.ref(r.Of, place{"replace", i}, "of")
		c.kind(r.Log, place{"replace", i}, "log")
	}
	for i := range b.Append {
		c.entry(&b.Append[i], place{"append", i})
	}
	for i := range b.Timers {
		t, p := &b.Timers[i], place{"timers", i}
		c.ref(t.Of, p, "of")
		c.want(isGraphic(t.Name, maxKey), p, "name", t.Name, mustBeKey)
		c.instant(isInstantOrNone(t.At), p, "at", t.At)
	}
	for i, k := range b.Withdraw {
		c.want(isGraphic(k, maxKey), place{"withdraw", i}, "", k, mustBeKey)
	}
	for i := range b.Send {
		m, p := &b.Send[i], place{"send", i}
		c.want(isGraphic(m.Key, maxKey), p, "key", m.Key, mustBeKey)
		c.ref(m.Of, p, "of")
		c.want(isTopic(m.Topic), p, "topic", m.Topic, mustBeTopic)
		c.instant(isInstant(m.At), p, "at", m.At)
		c.body(m.Body, p)
	}
	c.repeated(&b)
	parts := len(b.Expect) + len(b.Changes) + len(b.Replace) + len(b.Append) +
		len(b.Ack) + len(b.Timers) + len(b.Withdraw) + len(b.Send)
	c.number(parts <= MaxParts, top, "", parts, mustBeFew)
	return c.err()
}

// repeated looks for what must be in a batch once.
func (c *checker) repeated(b *Batch) {
	read := len(b.Expect)
	twice(read+len(b.Changes), func(i int) Ref {
		if i < read {
			return b.Expect[i].Ref
		}
		return b.Changes[i-read].Ref
	}, func(i int) {
		if i < read {
			c.reject(place{"expect", i}, "ref", b.Expect[i].Ref.ID, mustBeOnce)
		} else {
			c.reject(place{"changes", i - read}, "ref", b.Changes[i-read].Ref.ID, mustBeOnce)
		}
	})
	twice(len(b.Replace), func(i int) Replacement { return b.Replace[i] }, func(i int) {
		c.reject(place{"replace", i}, "", "", mustBeOnce)
	})
	type name struct {
		of      Ref
		log, id string
		n       uint64
	}
	twice(len(b.Append), func(i int) name { return name{b.Append[i].Of, b.Append[i].Log, b.Append[i].ID, 0} }, func(i int) {
		c.reject(place{"append", i}, "id", b.Append[i].ID, mustBeOnce)
	})
	twice(len(b.Append), func(i int) name { return name{b.Append[i].Of, b.Append[i].Log, "", b.Append[i].N} }, func(i int) {
		c.reject(place{"append", i}, "n", strconv.FormatUint(b.Append[i].N, 10), mustBeOnce)
	})
	twice(len(b.Timers), func(i int) name { return name{of: b.Timers[i].Of, id: b.Timers[i].Name} }, func(i int) {
		c.reject(place{"timers", i}, "name", b.Timers[i].Name, mustBeOnce)
	})
	twice(len(b.Send), func(i int) string { return b.Send[i].Key }, func(i int) {
		c.reject(place{"send", i}, "key", b.Send[i].Key, mustBeOnce)
	})
}

func (c *checker) key(k *Key) {
	r := &k.Result
	if k.Name == "" {
		empty := r.Fingerprint == "" && r.Of == Ref{} && len(r.Body) == 0 && r.ExpiresAt.IsZero()
		c.want(empty, top, "key.name", "", mustBeKey)
		return
	}
	c.want(isGraphic(k.Name, maxKey), top, "key.name", k.Name, mustBeKey)
	p := place{"key.result", -1}
	c.want(isGraphic(r.Fingerprint, maxPrint), p, "fingerprint", r.Fingerprint, mustBePrint)
	c.ref(r.Of, p, "of")
	c.body(r.Body, p)
	c.instant(isInstantOrNone(r.ExpiresAt), p, "expires_at", r.ExpiresAt)
}

func (c *checker) entry(e *Entry, p place) {
	c.ref(e.Of, p, "of")
	c.kind(e.Log, p, "log")
	if e.N == 0 || e.N > MaxN {
		c.reject(p, "n", strconv.FormatUint(e.N, 10), mustBeN)
	}
	c.want(isGraphic(e.ID, maxID), p, "id", e.ID, mustBeID)
	c.instant(isInstant(e.At), p, "at", e.At)
	c.body(e.Body, p)
}

func (c *checker) change(ch *Change, p place) {
	c.ref(ch.Ref, p, "ref")
	if ch.Delete {
		c.want(len(ch.Body) == 0 && len(ch.Attributes) == 0 && ch.ExpiresAt.IsZero(), p, "delete", "", mustBeDeletion)
		c.want(ch.Expected != "", p, "expected", "", mustBeRead)
		return
	}
	c.body(ch.Body, p)
	c.instant(isInstantOrNone(ch.ExpiresAt), p, "expires_at", ch.ExpiresAt)
	c.number(len(ch.Attributes) <= MaxAttributes, p, "attributes", len(ch.Attributes), "must be at most 1000")
	if len(ch.Attributes) > MaxAttributes {
		return
	}
	all := columnsOf(ch.Ref.Kind)
	var seen uint64 // the columns with one value, by their places
	many := 0
	at := -1
	for i := range ch.Attributes {
		a := &ch.Attributes[i]
		if at < 0 || at >= len(all) || all[at].Name != a.Name {
			at = column(all, a.Name, at+1)
		}
		bad := func(field, value, reason string) {
			c.reject(p, place{"attributes", i}.path(field), value, reason)
		}
		if at < 0 {
			bad("name", a.Name, mustBeColumn)
			continue
		}
		if reason := wrongValue(a.Value, all[at].Type); reason != "" {
			bad("value", "", reason)
		}
		switch {
		case all[at].Many:
			many++
		case seen&(1<<at) != 0:
			bad("name", a.Name, mustBeOnce)
		default:
			seen |= 1 << at
		}
	}
	if many > 1 {
		twice(len(ch.Attributes), func(i int) Attribute { return ch.Attributes[i] }, func(i int) {
			if at := column(all, ch.Attributes[i].Name, 0); at >= 0 && all[at].Many {
				c.reject(p, place{"attributes", i}.path(""), "", mustBeOnce)
			}
		})
	}
}
