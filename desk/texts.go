package desk

import (
	"context"
	"slices"
	"strconv"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/ticket"
)

// A textBody is what is stored of the long texts of a form: the entries of logText, which
// are replaced together. A description that is long goes on in the next entry.
type textBody struct {
	envelope

	Intake ticket.Intake `json:"intake"`
}

// A resolutionBody is what is stored of the texts of a resolution: an entry of
// logResolution, at the number of its closing.
type resolutionBody struct {
	envelope

	Action  string `json:"action"`
	Details string `json:"details,omitzero"`
}

// A reopeningBody is what is stored of why a ticket was reopened: an entry of logReopening,
// at the number of the closing before.
type reopeningBody struct {
	envelope

	Reason string `json:"reason"`
}

// textAtOnce is how many bytes of a description one entry has: in JSON each takes six at
// most, and the other texts have room beside.
const textAtOnce = 550_000

// textParts is more than how many entries a form takes, and shownResolutions than how many
// resolutions a ticket keeps.
const (
	textParts        = 20
	shownResolutions = 8
)

// longTexts returns the long texts of a form.
func longTexts(in ticket.Intake) ticket.Intake {
	return ticket.Intake{
		Description: in.Description, FirstSeen: in.FirstSeen, Steps: in.Steps, Expected: in.Expected, Actual: in.Actual,
		Page: in.Page, Versions: in.Versions, Evidence: in.Evidence,
	}
}

// withTexts puts those texts into a form that are given.
func withTexts(in *ticket.Intake, texts ticket.Intake) {
	for _, t := range []struct {
		to   *string
		text string
	}{
		{&in.Description, texts.Description},
		{&in.FirstSeen, texts.FirstSeen},
		{&in.Steps, texts.Steps},
		{&in.Expected, texts.Expected},
		{&in.Actual, texts.Actual},
		{&in.Page, texts.Page},
		{&in.Versions, texts.Versions},
		{&in.Evidence, texts.Evidence},
	} {
		if t.text != "" {
			*t.to = t.text
		}
	}
}

// textLogs is how many logs the texts of a ticket are in.
const textLogs = 3

// textsOf asks for all texts of a ticket.
func textsOf(of store.Ref) []store.LogQuery {
	return []store.LogQuery{
		{Of: of, Log: logText, Limit: textParts},
		{Of: of, Log: logResolution, Descending: true, Limit: shownResolutions},
		{Of: of, Log: logReopening, Descending: true, Limit: shownResolutions},
	}
}

// logsOf asks for all texts of a ticket, and then for its finished clocks.
func logsOf(of store.Ref) []store.LogQuery {
	return append(textsOf(of), store.LogQuery{Of: of, Log: logClock, Limit: store.MaxLimit})
}

// texts returns the form of the entries of logText, and the envelope of each. They are so many;
// zero if they are not counted.
func (n *needs) texts(of store.Ref, page store.EntryPage, many uint64) (in ticket.Intake, parts []envelope, err error) {
	if last := len(page.Entries); many > 0 && (uint64(last) != many || page.Entries[last-1].N != many) {
		return in, nil, damaged(of) // one is missing
	}
	for _, e := range page.Entries {
		var b textBody
		if err := n.read(entryOf(e.Of, e), &b); err != nil {
			return in, nil, err
		}
		parts = append(parts, b.envelope)
		b.Intake.Description = in.Description + b.Intake.Description
		withTexts(&in, b.Intake)
	}
	return in, parts, nil
}

// fill puts the texts of a read of textsOf where they belong.
func (t *ticketFile) fill(of store.Ref, pages []store.EntryPage) error {
	s := &t.body.Ticket
	in, _, err := t.needs.texts(of, pages[0], t.body.Texts.Form)
	if err != nil {
		return err
	}
	withTexts(&s.Intake, in)
	resolution := func(n uint64) *ticket.Resolution {
		i := slices.IndexFunc(s.Resolutions, func(r ticket.Resolution) bool { return uint64(r.Episode) == n })
		if i < 0 {
			return &ticket.Resolution{} // an older one
		}
		return &s.Resolutions[i]
	}
	for _, e := range pages[1].Entries {
		var b resolutionBody
		if err := t.needs.read(entryOf(of, e), &b); err != nil {
			return err
		}
		r := resolution(e.N)
		r.Action, r.Details = b.Action, b.Details
	}
	for _, e := range pages[2].Entries {
		var b reopeningBody
		if err := t.needs.read(entryOf(of, e), &b); err != nil {
			return err
		}
		resolution(e.N).ReopenReason = b.Reason
	}
	if len(pages[2].Entries) < min(t.body.Texts.Reasons, shownResolutions) {
		return damaged(of) // one is missing
	}
	s.Apart = false // the texts of every resolution are there, or it is damaged
	return nil
}

// namedResolution returns the texts of a resolution that a ticket does not keep any more,
// and false if there is none.
func (o *Tenant) namedResolution(ctx context.Context, id ticket.ID, episode int) (b resolutionBody, ok bool, err error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Logs: []store.LogQuery{
		{Of: ticketRef(id), Log: logResolution, ID: strconv.Itoa(episode), Limit: 1},
	}})
	if err != nil || len(s.Logs[0].Entries) == 0 {
		return b, false, err
	}
	var n needs
	err = n.read(entryOf(ticketRef(id), s.Logs[0].Entries[0]), &b)
	return b, err == nil, err
}
