package desk

import (
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
