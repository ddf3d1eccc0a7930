package desk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/mail"
	"github.com/google/uuid"
)

// threadSecrets returns the secrets of Message-IDs and of addresses for answers, which nobody can
// tell the keys of the desk from.
func threadSecrets(secrets []Secret) [][]byte {
	out := make([][]byte, len(secrets))
	for i, s := range secrets {
		h := hmac.New(sha256.New, s.Key)
		h.Write([]byte("helpdesk mail v1"))
		out[i] = h.Sum(nil)
	}
	return out
}

// Threads returns what tells to which conversation of the tenant a mail belongs, by the Message-ID
// of one that the desk sent or by an address that Threads made, and what a delivery report is
// about: the key is that of the [Envelope], for [Tenant.MarkBounced]. It depends on Config.Secrets,
// of which the first makes new IDs and addresses, and every one recognizes its own.
func (o *Tenant) Threads() mail.Threads {
	t, _ := mail.NewThreads(string(o.tenant), o.d.mail...) // there are secrets, and they are long enough
	return t
}

// messageID returns what mail programs know a message by: the same for the same key (T27), from
// which the conversation can be found (T51).
func (o *Tenant) messageID(conversation, key string) string {
	of, err := uuid.Parse(conversation)
	if err != nil {
		of = uuid.UUID{}
	}
	id, err := o.Threads().MessageID(of, key, o.d.c.MailDomain)
	if err != nil {
		return "" // New has checked the domain
	}
	return id
}

// thread has a mail stand in the thread of the customer's message with the number, under its
// subject (T56). A message that is gone, or that came without a Message-ID, changes nothing.
func (o *Tenant) thread(ctx context.Context, f *file, answers uint64, e *Envelope) error {
	if e.Channel != helpdesk.ChannelEmail || answers == 0 {
		return nil
	}
	if err := o.nameSent(ctx, f, "", answers); err != nil {
		return err
	}
	for _, m := range f.now.Conversation.Messages(answers-1, 1) {
		r, ok := m.(inbox.Reply)
		if !ok || r.Seq != answers {
			continue
		}
		if strings.Contains(r.ID, "@") && isMessageID(r.ID) {
			e.InReplyTo, e.References = r.ID, []string{r.ID}
		}
		if r.Subject != "" {
			e.Subject = answerTo(string(r.Subject))
		}
	}
	return nil
}

// answerTo returns the subject of an answer to a mail with a subject.
func answerTo(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return clean.Field(subject, "")
	}
	return clean.Field("Re:", subject)
}

// isThread reports whether mail to the address on an account goes to whom a conversation by mail
// is with, so that one mail says what two would (T56).
func isThread(c inbox.Conversation, to string) bool {
	own := c.Contact().Email
	return c.Channel() == helpdesk.ChannelEmail && (own == "" || strings.EqualFold(own, to))
}

// inThread has the mail about a new ticket stand in the thread of its conversation, if it goes to
// whom that is with.
func (o *Tenant) inThread(ctx context.Context, answers uint64, e *Envelope) error {
	id, err := conversationID(e.Conversation)
	if err != nil {
		return err
	}
	f, err := o.loadTalk(ctx, id)
	switch {
	case isNotFound(err):
		return nil
	case err != nil:
		return err
	case !isThread(f.now.Conversation, e.To):
		return nil
	}
	if answers == 0 {
		answers = f.now.Conversation.LastCustomerMessage()
	}
	return o.thread(ctx, f, answers, e)
}

// isConfirmed reports whether the confirmation of a ticket of the account goes to the address,
// which says what a line in the conversation would.
func (o *Tenant) isConfirmed(ctx context.Context, account, to string) (bool, error) {
	if account == "" {
		return false, nil
	}
	a, err := o.account(ctx, account)
	if isNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, ofHost(err)
	}
	own, err := clean.Address(a.Email)
	return err == nil && strings.EqualFold(own, to), nil
}
