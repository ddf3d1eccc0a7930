package mail

import (
	"net/mail"
	"slices"
	"strings"
)

// A Receiver describes the helpdesk that received a mail, and the mail's envelope.
// The zero Receiver knows no domain and no envelope.
type Receiver struct {
	// Domains lists the domains in the Message-IDs of outgoing mail. Case does not
	// matter.
	Domains []string `json:"domains,omitzero"`

	// NullSender reports that the envelope had an empty sender. If NullSender is
	// false, Detect looks at the Return-Path field.
	NullSender bool `json:"null_sender,omitzero"`
}

// A Detection is the result of [Detect]. The zero Detection describes a mail that
// a person wrote.
type Detection struct {
	// Reasons lists the codes of the signs, each once and in this order. The list is
	// empty for the mail of a person. The codes are stable and may be stored.
	//
	//   - auto_submitted: an Auto-Submitted field other than "no" (RFC 3834)
	//   - autoreply: an X-Autoreply, X-Autorespond or X-Autoresponder field other
	//     than "no"
	//   - precedence: a Precedence of bulk, junk, list or auto_reply
	//   - list: a field of a mailing list, such as List-Id (RFC 2369, RFC 2919)
	//   - return_path: an empty sender, so the mail is a bounce or answers a bounce
	//   - report: a delivery report (RFC 6522)
	//   - own_message: a Message-ID of the helpdesk itself, so the mail is in a loop
	Reasons []string `json:"reasons,omitzero"`

	// NoAutoReply reports that the sender wants no automatic reply: the field
	// X-Auto-Response-Suppress is present and not "none". Mail programs of people
	// set the field too, so NoAutoReply is not among the Reasons.
	NoAutoReply bool `json:"no_auto_reply,omitzero"`
}

// Automatic reports whether a machine wrote the mail. Automatic mail must not
// change the status of a ticket, and must never be answered.
func (d Detection) Automatic() bool { return len(d.Reasons) > 0 }

// Detect returns the signs that a machine wrote the mail with the header h;
// [Detection] lists the signs. The names of fields and all values are
// compared without regard to case, and comments and parameters are ignored. A
// malformed value hides no sign: an empty Auto-Submitted field counts, and so does a
// delivery report with malformed parameters. A nil header has no fields.
func Detect(h mail.Header, r Receiver) Detection {
	var d Detection
	found := func(reason string, ok bool) {
		if ok {
			d.Reasons = append(d.Reasons, reason)
		}
	}
	found("auto_submitted", slices.ContainsFunc(values(h, "Auto-Submitted"), func(v string) bool { return keyword(v) != "no" }))
	auto := slices.Concat(values(h, "X-Autoreply"), values(h, "X-Autorespond"), values(h, "X-Autoresponder"))
	found("autoreply", slices.ContainsFunc(auto, func(v string) bool { return keyword(v) != "no" }))
	found("precedence", slices.ContainsFunc(values(h, "Precedence"), func(v string) bool {
		return slices.Contains([]string{"bulk", "junk", "list", "auto_reply"}, keyword(v))
	}))
	list := false
	for name := range h {
		list = list || strings.HasPrefix(strings.ToLower(name), "list-")
	}
	found("list", list)
	found("return_path", r.NullSender || slices.ContainsFunc(values(h, "Return-Path"), func(v string) bool {
		v = strings.Join(strings.Fields(v), "")
		return v == "" || v == "<>"
	}))
	found("report", slices.ContainsFunc(values(h, "Content-Type"), func(v string) bool {
		return keyword(v) == "multipart/report"
	}))
	found("own_message", slices.ContainsFunc(values(h, "Message-Id"), func(v string) bool {
		_, domain, ok := strings.Cut(strings.Trim(strings.TrimSpace(v), "<>"), "@")
		return ok && slices.ContainsFunc(r.Domains, func(own string) bool { return strings.EqualFold(own, domain) })
	}))
	d.NoAutoReply = slices.ContainsFunc(values(h, "X-Auto-Response-Suppress"), func(v string) bool {
		return keyword(v) != "none"
	})
	return d
}

// values returns the values of a field, whichever case its name is kept in.
func values(h mail.Header, name string) []string {
	var out []string
	for k, v := range h {
		if strings.EqualFold(k, name) {
			out = append(out, v...)
		}
	}
	return out
}

// keyword returns the first word of a value, without parameters and comments.
func keyword(v string) string {
	if i := strings.IndexAny(v, ";("); i >= 0 {
		v = v[:i]
	}
	return strings.ToLower(strings.TrimSpace(v))
}
