package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
)

// isWhole reports whether a page of a conversation with n messages lacks none.
func (q MessageQuery) isWhole(found []store.Entry, n uint64) bool {
	first, last := min(q.After, n)+1, n
	if q.Before > 0 {
		last = min(n, q.Before-1)
	}
	if first > last {
		return len(found) == 0
	}
	limit := min(uint64(q.Limit), last-first+1)
	if q.Last {
		first = last - limit + 1
	}
	return uint64(len(found)) == limit && !slices.ContainsFunc(found, func(e store.Entry) bool {
		first++
		return e.N != first-1
	})
}

// beside asks for the public messages on both sides of a page of them: the last one before it
// and the first one behind it.
func (q MessageQuery) beside(id inbox.ID, public bool) (out []store.LogQuery) {
	of := conversationRef(id)
	if public && q.After > 0 {
		out = append(out, store.LogQuery{Of: of, Log: logMessage, Before: min(q.After, maxSeq) + 1, Descending: true, Limit: 1})
	}
	if public && q.Before > 0 {
		out = append(out, store.LogQuery{Of: of, Log: logMessage, After: min(q.Before, maxSeq) - 1, Limit: 1})
	}
	return out
}

// isWholePublic reports whether a page of a conversation with n public messages lacks none.
// They are counted, from the one before the page to the one behind it; if one is not, there is
// nothing to compare.
func (q MessageQuery) isWholePublic(page store.EntryPage, beside []store.EntryPage, n uint64) (bool, error) {
	if q.Before > 0 && q.Before <= q.After {
		return true, nil // there is no page
	}
	entries := slices.Clone(page.Entries)
	if q.Last { // the greatest come first
		slices.Reverse(entries)
	}
	low, high := q.After > 0 && len(beside[0].Entries) > 0, q.Before > 0 && len(beside[len(beside)-1].Entries) > 0
	if low {
		entries = slices.Insert(entries, 0, beside[0].Entries[0])
	}
	if high {
		entries = append(entries, beside[len(beside)-1].Entries[0])
	}
	counts := make([]uint64, 0, len(entries)+2)
	if !low {
		counts = append(counts, 0)
	}
	for _, e := range entries {
		_, row, err := new(needs).message(e)
		if err != nil {
			return false, err
		}
		if row.public == 0 {
			return true, nil
		}
		counts = append(counts, row.public)
	}
	if !high {
		counts = append(counts, n+1)
	}
	for i := 1; i < len(counts); i++ {
		cut := page.More && (q.Last && i == 1 || !q.Last && i == len(counts)-1)
		if counts[i] != counts[i-1]+1 && !cut {
			return false, nil
		}
	}
	return true, nil
}

// pageRequest asks for a page of messages: of the public ones, or of all.
func pageRequest(id inbox.ID, public bool, q MessageQuery) []store.LogQuery {
	if q.Limit < 1 || q.After >= maxSeq {
		return nil
	}
	base := store.LogQuery{Of: conversationRef(id), After: q.After, Before: min(q.Before, maxSeq), Descending: q.Last, Limit: q.Limit}
	messages, notes, lost := base, base, base
	messages.Log, notes.Log = logMessage, logNote
	lost.Log, lost.Limit = logLost, min(4*q.Limit, store.MaxLimit)
	lost.After = lostPlace(q.After, maxLost)
	if lost.Before = 0; q.Before > 0 {
		lost.Before = lostPlace(min(q.Before, maxSeq), 0)
	}
	if public {
		return []store.LogQuery{messages, lost}
	}
	return []store.LogQuery{messages, notes, lost}
}

// loadPage returns a conversation without its tickets, with a page of its messages and its
// last offers at hand. The limit may be one above that of a page, so that it is known
// whether there are more.
func (o *Tenant) loadPage(ctx context.Context, id inbox.ID, public bool, q MessageQuery) (*file, error) {
	request := pageRequest(id, public, q)
	offers := lastOffers(id, shownOffers)
	if public {
		offers = lastOffers(id, 1) // the open one is the last
	}
	s, err := o.store.Read(ctx, store.ReadRequest{
		Records: []store.Ref{settingsRef, conversationRef(id)}, Logs: slices.Concat(offers, request, q.beside(id, public)),
	})
	if err != nil {
		return nil, err
	}
	pages, beside := s.Logs[len(offers):][:len(request)], s.Logs[len(offers)+len(request):]
	s.Logs = s.Logs[:len(offers)]
	f, err := o.openTalk(ctx, id, &s)
	if err != nil || len(pages) == 0 {
		return f, err
	}
	var found []store.Entry // of both logs, as many as wanted
	for _, page := range pages[:len(pages)-1] {
		found = append(found, page.Entries...)
	}
	slices.SortFunc(found, func(a, b store.Entry) int { return cmp.Compare(a.N, b.N) })
	if over := len(found) - q.Limit; over > 0 && q.Last {
		found = found[over:]
	} else if over > 0 {
		found = found[:q.Limit]
	}
	whole := !public && q.isWhole(found, uint64(f.now.Conversation.Len()))
	if public {
		if whole, err = q.isWholePublic(pages[0], beside, f.now.Conversation.Counts().Public); err != nil {
			return nil, err
		}
	}
	if !whole {
		return nil, damaged(conversationRef(id)) // a message is missing
	}
	lost := pages[len(pages)-1]
	if lost.More && len(found) > 0 { // more changes than were asked for: those of the page
		lost, err = o.lostOf(ctx, id, found[0].N, found[len(found)-1].N)
		if err != nil {
			return nil, err
		}
	}
	return f, f.handPages([]store.EntryPage{{Entries: found}, lost})
}

// lostOf returns what became of the messages from one number to another.
func (o *Tenant) lostOf(ctx context.Context, id inbox.ID, first, last uint64) (store.EntryPage, error) {
	var all store.EntryPage
	q := store.LogQuery{
		Of: conversationRef(id), Log: logLost, After: lostPlace(first, 0), Before: lostPlace(last+1, 0), Limit: store.MaxLimit,
	}
	for {
		s, err := o.store.Read(ctx, store.ReadRequest{Logs: []store.LogQuery{q}})
		if err != nil {
			return all, err
		}
		all.Entries = append(all.Entries, s.Logs[0].Entries...)
		if !s.Logs[0].More {
			return all, nil
		}
		q.After = all.Entries[len(all.Entries)-1].N
	}
}
