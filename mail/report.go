package mail

import (
	"bufio"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"strings"
)

// A Report says what became of the delivery of a mail: a delivery status notification. It is
// plain data; the zero Report says nothing.
type Report struct {
	// MessageID is the Message-ID of the mail that the report is about, without angle
	// brackets, or empty if the report does not say; see [Threads.OpenMessageID].
	MessageID string `json:"message_id,omitzero"`

	// Recipients lists the recipients that the report names, at most 100.
	Recipients []ReportRecipient `json:"recipients,omitzero"`
}

// Failed reports whether the mail did not arrive and will not: of some recipient the report
// says so, and of none that the mail was delivered.
func (r Report) Failed() bool {
	failed := false
	for i := range r.Recipients {
		switch p := &r.Recipients[i]; {
		case p.Action == "delivered" || p.Action == "relayed" || p.Action == "expanded":
			return false
		case p.IsPermanent():
			failed = true
		}
	}
	return failed
}

// A ReportRecipient says what became of a mail to one recipient. It is plain data.
type ReportRecipient struct {
	Address string `json:"address,omitzero"` // the final one, as the report has it
	Action  string `json:"action,omitzero"`  // failed, delayed, delivered, relayed or expanded; in lower case
	Status  string `json:"status,omitzero"`  // such as 5.1.1 (RFC 3463)
}

// IsPermanent reports whether it is no use to send the mail again: the action is failed, and
// the status is none that passes.
func (r ReportRecipient) IsPermanent() bool {
	return r.Action == "failed" && !strings.HasPrefix(r.Status, "4.")
}

// Bounds of a report: more of it is not read.
const (
	maxReport       = 1 << 20
	maxParts        = 20
	maxReportFields = 100
)

// ReadReport reads a delivery report, given the header and the body of a mail: one in the
// format of RFC 3464, and of other formats the recipients in X-Failed-Recipients and the
// Message-ID that the body quotes. It returns false for a mail that is no delivery report. What
// is malformed is left out, and of a long report only the first mebibyte is read. Anybody can
// write a report: act on one only if the Message-ID is one of an outgoing mail.
func ReadReport(h mail.Header, body io.Reader) (Report, bool) {
	var r Report
	body = io.LimitReader(body, maxReport)
	kind, params := contentType(values(h, "Content-Type"))
	switch {
	case kind == "multipart/report" && !strings.EqualFold(params["report-type"], "disposition-notification") && params["boundary"] != "":
		if !readParts(&r, body, params["boundary"]) {
			return Report{}, false
		}
	case kind == "message/delivery-status":
		readStatus(&r, body)
	case len(values(h, "X-Failed-Recipients")) > 0:
		for _, v := range values(h, "X-Failed-Recipients") {
			for address := range strings.SplitSeq(v, ",") {
				if address = strings.TrimSpace(address); address != "" && len(r.Recipients) < maxReportFields {
					r.Recipients = append(r.Recipients, ReportRecipient{Address: address, Action: "failed"})
				}
			}
		}
		r.MessageID = quotedID(body)
	default:
		return Report{}, false
	}
	return r, true
}

// contentType returns the type of a mail and its parameters. If these are malformed, those that
// can be read are returned.
func contentType(v []string) (string, map[string]string) {
	if len(v) == 0 {
		return "", nil
	}
	kind, params, err := mime.ParseMediaType(v[0])
	if err == nil {
		return kind, params
	}
	params = map[string]string{}
	for field := range strings.SplitSeq(v[0], ";") {
		if name, value, ok := strings.Cut(field, "="); ok {
			params[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return keyword(v[0]), params
}

// readParts reads the parts of a report, and reports whether one of them says what became of the
// delivery.
func readParts(r *Report, body io.Reader, boundary string) bool {
	parts := multipart.NewReader(body, boundary)
	status := false
	for range maxParts {
		part, err := parts.NextPart()
		if err != nil {
			break
		}
		var content io.Reader = part
		if strings.EqualFold(strings.TrimSpace(part.Header.Get("Content-Transfer-Encoding")), "base64") {
			content = base64.NewDecoder(base64.StdEncoding, part)
		}
		kind, _ := contentType(part.Header["Content-Type"])
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			status = true
			readStatus(r, content)
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			if h, _ := textproto.NewReader(bufio.NewReader(content)).ReadMIMEHeader(); r.MessageID == "" {
				r.MessageID = firstID(h.Get("Message-Id"))
			}
		default:
		}
	}
	return status
}

// readStatus reads the fields for the message and those for each recipient.
func readStatus(r *Report, body io.Reader) {
	fields := textproto.NewReader(bufio.NewReader(body))
	for range maxReportFields {
		h, err := fields.ReadMIMEHeader()
		p := ReportRecipient{
			Address: typed(h.Get("Final-Recipient")), Action: keyword(h.Get("Action")), Status: keyword(h.Get("Status")),
		}
		if p.Address == "" {
			p.Address = typed(h.Get("Original-Recipient"))
		}
		if p.Address != "" && p.Action != "" {
			r.Recipients = append(r.Recipients, p)
		}
		if err != nil {
			return
		}
	}
}

// typed returns a value without the type before it, such as rfc822.
func typed(v string) string {
	if _, after, ok := strings.Cut(v, ";"); ok {
		v = after
	}
	return strings.TrimSpace(v)
}

// quotedID returns the Message-ID in the mail that a body quotes.
func quotedID(body io.Reader) string {
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimLeft(lines.Text(), "> \t"), ":")
		if ok && strings.EqualFold(name, "Message-ID") {
			return firstID(value)
		}
	}
	return ""
}

// firstID returns the first Message-ID in a value.
func firstID(v string) string {
	if ids := messageIDs(v); len(ids) > 0 && len(ids[0]) <= maxMessageID {
		return ids[0]
	}
	return ""
}
