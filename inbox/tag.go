package inbox

import (
	"slices"

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
// made one. Two tags are equal if and only if their normal forms are.
//
// Letters of different scripts that look alike stay different: a Cyrillic а is no Latin a.
// NormalTag does not find such look-alikes; use IDs rather than names where look-alikes
// matter.
//
// The error is a [*helpdesk.FieldError] for a tag that is empty, longer than 64 runes or
// made of characters that the profile forbids.
func NormalTag(tag string) (string, error) {
	if len(tag) > 16*maxTag { // nothing that long can become short enough
		return "", &helpdesk.FieldError{Path: "tag", Reason: "must be at most 64 runes"}
	}
	s := clean.Line(tag)
	if s == "" {
		return "", &helpdesk.FieldError{Path: "tag", Reason: "must not be empty"}
	}
	// The profile says to repeat it until nothing changes, at most three times
	// after the first.
	for range 4 {
		next, err := precis.Nickname.CompareKey(s)
		if err != nil {
			return "", &helpdesk.FieldError{Path: "tag", Reason: "must be text that the Nickname profile of PRECIS allows"}
		}
		if next == s {
			if n := clean.Len(s); n > maxTag {
				return "", &helpdesk.FieldError{Path: "tag", Reason: "must be at most 64 runes"}
			}
			return s, nil
		}
		s = next
	}
	return "", &helpdesk.FieldError{Path: "tag", Reason: "must have a normal form"}
}

// AddTag adds a tag. A tag that c has already changes nothing. A conversation has at most
// 50 tags.
func (c Conversation) AddTag(cmd helpdesk.Command, tag string) (Conversation, []Event, error) {
	ch, err := c.begin(EventAddTag, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	normal, err := NormalTag(tag)
	if err != nil {
		ch.Add(err)
	}
	i, found := slices.BinarySearch(c.tags, normal)
	switch {
	case found:
	case len(c.tags) >= maxTags:
		ch.reject("tag", "", "must be one of at most 50 of a conversation")
	default:
		ch.c.tags = slices.Insert(clone(c.tags), i, normal)
	}
	ch.ev.Tag = normal
	return ch.finish(c)
}

// RemoveTag removes a tag. A tag that c does not have changes nothing.
func (c Conversation) RemoveTag(cmd helpdesk.Command, tag string) (Conversation, []Event, error) {
	ch, err := c.begin(EventRemoveTag, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	normal, err := NormalTag(tag)
	if err != nil {
		ch.Add(err)
	}
	if i, found := slices.BinarySearch(c.tags, normal); found {
		ch.c.tags = slices.Delete(clone(c.tags), i, i+1)
	}
	ch.ev.Tag = normal
	return ch.finish(c)
}

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
