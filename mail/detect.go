package mail

import (
	"net/mail"
	"slices"
	"strings"
)

// A Reason says by what a mail was recognised as a machine's.
type Reason string

// The reasons.
const (
	ReasonAutoSubmitted Reason = "auto_submitted" // Auto-Submitted is not "no" (RFC 3834)
	ReasonAutoReply     Reason = "autoreply"      // X-Autoreply and its kin
	ReasonPrecedence    Reason = "precedence"     // bulk, junk, list or auto_reply
	ReasonList          Reason = "list"           // a field of a mailing list (RFC 2369, RFC 2919)
	ReasonReturnPath    Reason = "return_path"    // no sender to return it to: a bounce, or an answer to one
	ReasonReport        Reason = "report"         // a delivery report (RFC 6522)
	ReasonOwn           Reason = "own_message"    // we sent it ourselves: a loop
)

// A Receiver is what is known beside the header.
type Receiver struct {
	// Domains are those of the Message-IDs that we send.
	Domains []string

	// NullSender says that the envelope of the mail had an empty sender. Without
	// it the Return-Path field is looked at.
	NullSender bool
}

// A Detection is what [Detect] found. The zero Detection is a mail that a person
// wrote.
type Detection struct {
	Reasons []Reason // in the order in which they are declared; empty if a person wrote it

	// NoAutoReply says that no machine is to answer it (X-Auto-Response-Suppress).
	// People's mail programs set that too, so it is no Reason.
	NoAutoReply bool
}

// Automatic reports whether a machine wrote the mail. It changes no state then,
// and is never answered (D11, R47, T30).
func (d Detection) Automatic() bool { return len(d.Reasons) > 0 }

// Detect says whether a machine wrote the mail with the header h: by
// Auto-Submitted, X-Autoreply, X-Autorespond and X-Autoresponder, by Precedence,
// by the fields of mailing lists, by an empty return path, as a delivery report, or
// by a Message-ID of ours. Names of fields are compared as [net/mail] keeps them,
// values without regard to case. What is not well formed counts as the sender
// meant it: a field that is there.
func Detect(h mail.Header, r Receiver) Detection {
	var d Detection
	found := func(reason Reason, ok bool) {
		if ok {
			d.Reasons = append(d.Reasons, reason)
		}
	}
	found(ReasonAutoSubmitted, slices.ContainsFunc(values(h, "Auto-Submitted"), func(v string) bool { return keyword(v) != "no" }))
	auto := slices.Concat(values(h, "X-Autoreply"), values(h, "X-Autorespond"), values(h, "X-Autoresponder"))
	found(ReasonAutoReply, slices.ContainsFunc(auto, func(v string) bool { return keyword(v) != "no" }))
	found(ReasonPrecedence, slices.ContainsFunc(values(h, "Precedence"), func(v string) bool {
		return slices.Contains([]string{"bulk", "junk", "list", "auto_reply"}, keyword(v))
	}))
	list := false
	for name := range h {
		list = list || strings.HasPrefix(strings.ToLower(name), "list-")
	}
	found(ReasonList, list)
	found(ReasonReturnPath, r.NullSender || slices.ContainsFunc(values(h, "Return-Path"), func(v string) bool {
		v = strings.Join(strings.Fields(v), "")
		return v == "" || v == "<>"
	}))
	found(ReasonReport, slices.ContainsFunc(values(h, "Content-Type"), func(v string) bool {
		return keyword(v) == "multipart/report"
	}))
	found(ReasonOwn, slices.ContainsFunc(values(h, "Message-Id"), func(v string) bool {
		_, domain, ok := strings.Cut(strings.Trim(strings.TrimSpace(v), "<>"), "@")
		return ok && slices.ContainsFunc(r.Domains, func(own string) bool { return strings.EqualFold(own, domain) })
	}))
	d.NoAutoReply = slices.ContainsFunc(values(h, "X-Auto-Response-Suppress"), func(v string) bool {
		return keyword(v) != "none"
	})
	return d
}

// values are those of a field, whichever case its name is kept in.
func values(h mail.Header, name string) []string {
	var out []string
	for k, v := range h {
		if strings.EqualFold(k, name) {
			out = append(out, v...)
		}
	}
	return out
}

// keyword is the first word of a value, without parameters and comments.
func keyword(v string) string {
	if i := strings.IndexAny(v, ";("); i >= 0 {
		v = v[:i]
	}
	return strings.ToLower(strings.TrimSpace(v))
}
