package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// putMessages stores what a command added, and what it learned of messages that went out.
func (w *work) putMessages(f *file) error {
	of := conversationRef(f.id)
	publics := f.body.Conversation.Counts.Public // as they were read
	for _, m := range f.now.Conversation.Messages(0, math.MaxInt) {
		row := f.rows[m.Number()]
		reply, public := m.(inbox.Reply)
		if !row.stored {
			e := store.Entry{Of: of, Log: logNote, N: m.Number()}
			b := messageBody{Tickets: row.tickets}
			switch m := m.(type) {
			case inbox.Reply:
				added := m
				added.Undelivered = false
				publics++
				b.Public = publics
				b.Message.Reply, e.Log, e.ID, e.At = &added, logMessage, m.ID, m.At
			case inbox.Note:
				b.Message.Note, e.ID, e.At = &m, m.ID, m.At
			}
			var err error
			if e.Body, err = encode(&b); err != nil {
				return err
			}
			w.batch.Append = append(w.batch.Append, e)
		}
		if public && reply.Undelivered != row.lost {
			if err := w.putLost(of, reply, row); err != nil {
				return err
			}
		}
	}
	return w.putBlobs(f)
}

func (w *work) putLost(of store.Ref, r inbox.Reply, row messageRow) error {
	if row.changes >= maxLost {
		return &helpdesk.FieldError{Path: "message", Value: r.ID, Reason: "must not have bounced so often"}
	}
	body, err := encode(&lostBody{Lost: r.Undelivered, Tickets: row.tickets})
	if err != nil {
		return err
	}
	n := lostPlace(r.Seq, row.changes+1)
	w.batch.Append = append(w.batch.Append, store.Entry{
		Of: of, Log: logLost, N: n, ID: strconv.FormatUint(n, 10), At: w.now, Body: body,
	})
	return nil
}

// blobRef names the record of an attachment of a conversation.
func blobRef(conversation inbox.ID, ref string) store.Ref {
	sum := sha256.Sum256([]byte(ref))
	return store.Ref{Kind: kindBlob, ID: conversation.String() + "." + hex.EncodeToString(sum[:16])}
}

// putBlobs stores that the added messages have attachments, unless that is stored.
func (w *work) putBlobs(f *file) error {
	blobs := map[store.Ref]inbox.AttachmentRef{}
	var refs []store.Ref
	for _, m := range f.now.Conversation.Added() {
		if r, ok := m.(inbox.Reply); ok {
			for _, blob := range r.Attachments {
				ref := blobRef(f.id, blob.Ref)
				if _, ok := blobs[ref]; !ok {
					refs = append(refs, ref)
				}
				blobs[ref] = blob
			}
		}
	}
	if len(refs) == 0 {
		return nil
	}
	s, err := w.store.Read(w.ctx, store.ReadRequest{Records: refs})
	if err != nil {
		return err
	}
	for _, rec := range s.Records {
		if rec.Revision != "" {
			continue
		}
		blob := blobs[rec.Ref]
		body, err := encode(&blobBody{Conversation: f.id, Blob: blob})
		if err != nil {
			return err
		}
		w.batch.Changes = append(w.batch.Changes, store.Change{Ref: rec.Ref, Body: body, Attributes: []store.Attribute{
			{Name: attrBlob, Value: store.Text(blob.Ref)}, {Name: attrConversation, Value: store.Text(f.id.String())},
		}})
	}
	return nil
}

// putOffers stores the offers that a command made, and what became of others.
func (w *work) putOffers(f *file) error {
	c, of := f.now.Conversation, conversationRef(f.id)
	number := map[string]uint64{f.body.Conversation.OpenOffer.ID: uint64(f.body.Conversation.OfferCount)} // the last one
	n := uint64(f.body.Conversation.OfferCount)
	add := func(log, id string, at time.Time, body stored) error {
		text, err := encode(body)
		w.batch.Append = append(w.batch.Append, store.Entry{Of: of, Log: log, N: number[id], ID: id, At: at, Body: text})
		return err
	}
	for _, o := range c.AddedOffers() {
		n++
		number[o.ID] = n
		o.Status, o.ClosedAt, o.Ticket = inbox.OfferOpen, time.Time{}, ticket.ID{}
		if err := add(logOffer, o.ID, o.OfferedAt, &offerBody{Offer: o}); err != nil {
			return err
		}
	}
	for _, o := range c.EndedOffers() {
		if err := add(logOfferEnd, o.ID, o.ClosedAt, &offerEndBody{Status: o.Status, At: o.ClosedAt, Ticket: o.Ticket}); err != nil {
			return err
		}
	}
	return nil
}

// putTexts takes the texts out of what is to be stored of a ticket, and stores those apart
// that are new.
func (w *work) putTexts(t *ticketFile) error {
	s, of := &t.body.Ticket, ticketRef(t.now.ID())
	add := func(log string, n int, body stored) error {
		text, err := encode(body)
		w.batch.Append = append(w.batch.Append, store.Entry{
			Of: of, Log: log, N: uint64(n), ID: strconv.Itoa(n), At: t.now.UpdatedAt(), Body: text,
		})
		return err
	}
	s.Resolutions = slices.Clone(s.Resolutions)
	for i := range s.Resolutions {
		r := &s.Resolutions[i]
		if r.Action != "" {
			if err := add(logResolution, r.Episode, &resolutionBody{Action: r.Action, Details: r.Details}); err != nil {
				return err
			}
		}
		if r.ReopenReason != "" {
			if err := add(logReopening, r.Episode, &reopeningBody{Reason: r.ReopenReason}); err != nil {
				return err
			}
			t.body.Texts.Reasons++
		}
		r.Action, r.Details, r.ReopenReason = "", "", ""
	}
	s.Apart = true
	texts := longTexts(s.Intake)
	if texts == (ticket.Intake{}) {
		return nil
	}
	in := s.Intake
	s.Intake = ticket.Intake{Requester: in.Requester, Account: in.Account, Kind: in.Kind, Title: in.Title, Answers: in.Answers}
	var parts []envelope // of the entries that are replaced
	if t.rev != "" {
		had, err := w.store.Read(w.ctx, store.ReadRequest{Logs: textsOf(of)[:1]})
		if err != nil {
			return err
		}
		var all ticket.Intake
		if all, parts, err = t.needs.texts(of, had.Logs[0], t.body.Texts.Form); err != nil {
			return err
		}
		withTexts(&all, texts)
		texts = all
		w.batch.Replace = append(w.batch.Replace, store.Replacement{Of: of, Log: logText})
	}
	rest := texts.Description
	for n := 1; n == 1 || rest != ""; n++ {
		b := textBody{Intake: texts}
		b.Intake.Description = cutBytes(rest, textAtOnce)
		rest = rest[len(b.Intake.Description):]
		if len(parts) > 0 {
			b.envelope, parts = parts[0], parts[1:]
		}
		if err := add(logText, n, &b); err != nil {
			return err
		}
		t.body.Texts.Form = uint64(n)
		texts = ticket.Intake{}
	}
	if slices.ContainsFunc(parts, func(e envelope) bool { return e.was != nil }) {
		return newer(of) // there is no place for what a later version has in them
	}
	return nil
}
