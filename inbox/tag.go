package inbox

import (
	"slices"
	"strings"
	"unicode"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/clean"
	"golang.org/x/text/secure/precis"
)

// The limits of tags.
const (
	maxTags = 50 // of a conversation
	maxTag  = 64 // in runes, after normalising
)

// NormalTag returns the normal form of a tag. The tag is cleaned of control and direction
// marks, then prepared for comparison by the Nickname profile of PRECIS (RFC 8266):
// without case and width, with compatibility forms replaced, and with each run of spaces
// made one. Emoji of several code points stay together, and whether a character is to be
// shown as an emoji tells no two tags apart. Two tags are equal if and only if their normal
// forms are.
//
// Letters of different scripts that look alike stay different: a Cyrillic а is no Latin a.
// NormalTag does not find such look-alikes; use IDs rather than names where look-alikes
// matter.
//
// The error is a [*helpdesk.FieldError] for a tag that is empty, longer than 64 runes or
// made of characters that the profile forbids.
func NormalTag(tag string) (string, error) {
	s, err := shownTag(tag)
	return tagKey(s), err
}

// What emoji have between their code points, which the profile forbids elsewhere.
const (
	joiner   = '\u200D' // makes one emoji of two
	selector = '\uFE0F' // has the character before it shown as an emoji
)

// tagKey returns the normal form of a tag as it is shown.
func tagKey(shown string) string { return strings.ReplaceAll(shown, string(selector), "") }

// shownTag returns a tag as it is kept and shown: in the normal form, with the marks that have
// characters shown as emoji.
func shownTag(tag string) (string, error) {
	fault := func(reason string) (string, error) { return "", &helpdesk.FieldError{Path: "tag", Reason: reason} }
	const tooLong = "must be at most 64 runes"
	if len(tag) > 16*maxTag { // nothing that long can become short enough
		return fault(tooLong)
	}
	const notAllowed = "must be text that the Nickname profile of PRECIS allows"
	s := clean.Line(tag)
	if s == "" {
		return fault("must not be empty")
	}
	signs := signsFor(s)
	s = signs.hide(s)
	// The profile says to repeat it until nothing changes, at most three times
	// after the first.
	for range 4 {
		next, err := precis.Nickname.CompareKey(s)
		if err != nil {
			return fault(notAllowed)
		}
		if next == s {
			s, ok := signs.show(s)
			switch {
			case !ok:
				return fault(notAllowed)
			case clean.Len(s) > maxTag:
				return fault(tooLong)
			}
			return s, nil
		}
		s = next
	}
	return fault("must have a normal form")
}

// emojiSigns are symbols that the profile lets be, to stand for the marks in emoji while it
// works: for the selector and for the joiner. Zero: there are none.
type emojiSigns [2]rune

// signsFor returns symbols that s does not have, if it has marks.
func signsFor(s string) (out emojiSigns) {
	if !strings.ContainsRune(s, joiner) && !strings.ContainsRune(s, selector) {
		return out
	}
	n := 0
	for _, r := range "⨝⋈⟗⟖⟕⨟" {
		if n < len(out) && !strings.ContainsRune(s, r) {
			out[n] = r
			n++
		}
	}
	if n < len(out) {
		return emojiSigns{}
	}
	return out
}

// hide puts the signs in place of the marks in emoji. Marks elsewhere stay, for the profile to
// judge.
func (e emojiSigns) hide(s string) string {
	if e == (emojiSigns{}) {
		return s
	}
	runes := []rune(s)
	out := slices.Clone(runes)
	for i, r := range runes {
		switch {
		case !isMark(runes, i):
		case r == selector:
			out[i] = e[0]
		default:
			out[i] = e[1]
		}
	}
	return string(out)
}

// show puts the marks back. One that has a letter shown as an emoji is left out, as the profile
// replaced the symbol; ok is false for one that joins a letter.
func (e emojiSigns) show(s string) (shown string, ok bool) {
	if e == (emojiSigns{}) {
		return s, true
	}
	runes := []rune(s)
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		if r != e[0] && r != e[1] {
			out = append(out, r)
			continue
		}
		mark := joiner
		if r == e[0] {
			mark = selector
		}
		around := append(slices.Clone(out), mark)
		if i+1 < len(runes) {
			around = append(around, runes[i+1])
		}
		switch {
		case isMark(around, len(out)):
			out = append(out, mark)
		case mark == joiner:
			return "", false
		}
	}
	return string(out), true
}

// isMark reports whether the i-th rune is a mark in an emoji.
func isMark(runes []rune, i int) bool {
	switch {
	case i == 0:
		return false
	case runes[i] == selector:
		return isPicture(runes[i-1])
	case runes[i] == joiner:
		return (runes[i-1] == selector || isPicture(runes[i-1])) && i+1 < len(runes) && unicode.Is(unicode.So, runes[i+1])
	default:
		return false
	}
}

// isPicture reports whether r can be shown as an emoji, or ends one.
func isPicture(r rune) bool {
	return unicode.In(r, unicode.So, unicode.Sk, unicode.Sm) || '0' <= r && r <= '9' || r == '#' || r == '*' || r == '‼' || r == '⁉'
}

// AddTag adds a tag. A tag that c has already changes nothing. A conversation has at most
// 50 tags.
func (c Conversation) AddTag(cmd helpdesk.Command, tag string) (Conversation, []Event, error) {
	ch, err := c.begin(EventAddTag, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	shown, err := shownTag(tag)
	if err != nil {
		ch.Add(err)
	}
	i, found := c.tag(shown)
	switch {
	case found:
		shown = c.tags[i]
	case len(c.tags) >= maxTags:
		ch.reject("tag", "", "must be one of at most 50 of a conversation")
	default:
		ch.c.tags = slices.Insert(clone(c.tags), i, shown)
	}
	ch.ev.Tag = shown
	return ch.finish(c)
}

// RemoveTag removes a tag. A tag that c does not have changes nothing.
func (c Conversation) RemoveTag(cmd helpdesk.Command, tag string) (Conversation, []Event, error) {
	ch, err := c.begin(EventRemoveTag, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	shown, err := shownTag(tag)
	if err != nil {
		ch.Add(err)
	}
	if i, found := c.tag(shown); found {
		shown = c.tags[i]
		ch.c.tags = slices.Delete(clone(c.tags), i, i+1)
	}
	ch.ev.Tag = shown
	return ch.finish(c)
}

// tag returns where a tag stands among those of c, or would, and whether it does.
func (c Conversation) tag(shown string) (int, bool) {
	return slices.BinarySearchFunc(c.tags, tagKey(shown), compareTags)
}

func compareTags(tag, key string) int { return strings.Compare(tagKey(tag), key) }

// SetSentiment sets the mood of the customer. The zero Sentiment removes the mood.
func (c Conversation) SetSentiment(cmd helpdesk.Command, feeling Sentiment) (Conversation, []Event, error) {
	ch, err := c.begin(EventSetSentiment, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	if feeling != sentimentNone && !feeling.isValid() {
		ch.reject("sentiment", string(feeling), "must be negative, neutral, positive or mixed, or empty for none")
	}
	ch.c.sentiment, ch.ev.Sentiment = feeling, feeling
	return ch.finish(c)
}
