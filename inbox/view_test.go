package inbox_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R42–R44, R50, T13, T17: who sees how much of a ticket, in every status, until it
// is gone.
func TestLookUpR44(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	verified := inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified}
	claimed := inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceClaimed}

	steps := []func(){
		func() {}, func() { p.do(p.k.PickUp(p.agent())) }, func() { p.asks() }, func() { p.says() }, func() { p.resolves() },
	}
	statuses := []ticket.Status{
		ticket.StatusSubmitted, ticket.StatusInProgress, ticket.StatusWaitingOnCustomer, ticket.StatusInProgress, ticket.StatusResolved,
	}
	for i, step := range steps {
		step()
		tk := p.k.Tickets[0]
		v, err := inbox.LookUp(tk, verified)
		require.NoError(t, err)
		require.Equal(t, statuses[i], v.Status)
		require.Equal(t, inbox.StatusView{
			Reference: tk.Reference(), Status: tk.Status(), Full: true, ID: tk.ID(), Title: tk.Intake().Title, Summary: tk.Summary(),
			CreatedAt: tk.CreatedAt(), UpdatedAt: tk.UpdatedAt(), Resolution: v.Resolution,
		}, v)
		direct := verified
		direct.Direct = true // R43
		again, err := inbox.LookUp(tk, direct)
		require.NoError(t, err)
		require.Equal(t, v, again)
		v, err = inbox.LookUp(tk, claimed)
		require.NoError(t, err)
		require.Equal(t, inbox.StatusView{Reference: tk.Reference(), Status: tk.Status()}, v)
	}
	tk := p.k.Tickets[0]
	v, err := inbox.LookUp(tk, verified)
	require.NoError(t, err)
	require.Equal(t, []inbox.ResolutionView{{At: p.now, Action: "put it out"}}, v.Resolution) // R50
	p.says()                                                                                  // reopened: it stays in the history
	v, err = inbox.LookUp(p.k.Tickets[0], verified)
	require.NoError(t, err)
	require.Equal(t, p.now, v.Resolution[0].ReopenedAt)
	require.Equal(t, ticket.StatusInProgress, v.Status)

	refusals := []struct {
		name string
		q    inbox.Inquiry
		tk   ticket.Ticket
		want error
	}{
		{"nobody", inbox.Inquiry{}, tk, inbox.ErrIdentity},
		{"none", inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceNone}, tk, inbox.ErrIdentity},
		{"unknown assurance", inbox.Inquiry{Customer: "cust-1", Assurance: "sworn"}, tk, inbox.ErrIdentity},
		{"no name", inbox.Inquiry{Assurance: inbox.AssuranceVerified}, tk, inbox.ErrIdentity},
		{"claimed, in the chat", inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceClaimed, Direct: true}, tk, inbox.ErrIdentity},
		{"another's", inbox.Inquiry{Customer: "cust-2", Assurance: inbox.AssuranceVerified}, tk, helpdesk.ErrNotFound},
		{"another's, claimed", inbox.Inquiry{Customer: "cust-2", Assurance: inbox.AssuranceClaimed}, tk, helpdesk.ErrNotFound},
		{"missing", verified, ticket.Ticket{}, helpdesk.ErrNotFound},
		{"missing, nobody", inbox.Inquiry{}, ticket.Ticket{}, inbox.ErrIdentity},
	}
	for _, tt := range refusals {
		v, err := inbox.LookUp(tt.tk, tt.q)
		require.Equal(t, tt.want, err, tt.name) // the very same: nobody can tell another's from a missing one (D1)
		require.Zero(t, v)
	}

	due := p.now.Add(30 * 24 * time.Hour)
	gone, _, err := tk.Purge(helpdesk.Command{ID: "p", At: due, Author: helpdesk.Author{By: helpdesk.ActorSystem}}, due)
	require.NoError(t, err)
	_, err = inbox.LookUp(gone, verified)
	require.Equal(t, helpdesk.ErrGone, err)
}

// R74: contact details are shown to those who may see them and want to.
func TestContactR74(t *testing.T) {
	t.Parallel()
	hidden := inbox.Contact{Customer: "cust-1", Account: "acc-1"}
	p := start(t, helpdesk.ChannelEmail, automatic)
	for _, tt := range []struct{ may, show bool }{{false, false}, {false, true}, {true, false}, {true, true}} {
		want := hidden
		if tt.may && tt.show {
			want = contact
		}
		v := p.c().TeamView(inbox.Viewer{Agent: "agent-1", MaySeeContact: tt.may, ShowContact: tt.show}, 0, 10)
		require.Equal(t, want, v.Contact)
		require.Equal(t, tt.may && tt.show, v.ContactShown)
	}
	// The customer's own view has none of it, nor anybody's name.
	data, err := json.Marshal(p.c().CustomerView(0, 10))
	require.NoError(t, err)
	for _, secret := range []string{contact.Name, contact.Email, contact.Phone, contact.Customer, "agent-1"} {
		require.NotContains(t, string(data), secret)
	}
}

// R68–R71, R73, R55: what the team sees.
func TestTeamView(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	p.conv(p.c().AddNote(p.agent(), draft("n1", "a note")))
	p.conv(p.c().AddTag(p.ai(), "Fire"))
	p.conv(p.c().SetSentiment(p.ai(), inbox.SentimentNegative))
	v := p.c().TeamView(inbox.Viewer{Agent: "agent-1"}, 0, 10)
	require.Equal(t, []any{id(1), inbox.KindQuestion, helpdesk.ChannelLiveChat, inbox.ListActive, p.c().Control(), p.c().Snapshot().StartedAt, p.now},
		[]any{v.ID, v.Kind, v.Channel, v.List, v.Control, v.StartedAt, v.UpdatedAt})
	require.Equal(t, []any{inbox.SentimentNegative, []string{"fire"}, 2, 1, 1, 1, 3},
		[]any{v.Sentiment, v.Tags, len(v.Messages), len(v.Tickets), len(v.Offers), len(v.Notifications), len(v.Escalations)})
	require.IsType(t, inbox.Note{}, v.Messages[1])
	require.Zero(t, v.Unread, "whoever writes has read what stood there (R86)")
	require.Equal(t, 2, p.c().TeamView(inbox.Viewer{Agent: "agent-2"}, 0, 10).Unread)
	require.Contains(t, v.Allowed, inbox.EventPickUp)
	_, err := json.Marshal(v)
	require.NoError(t, err)
	for _, last := range []inbox.TeamView{
		p.c().TeamView(inbox.Viewer{}, uint64(p.c().Len()), 10), // nothing is left
		p.c().TeamView(inbox.Viewer{}, 0, 0),
	} {
		require.Empty(t, last.Messages)
		require.False(t, last.More)
	}
	v.Tags[0], v.Messages[0] = "changed", inbox.Note{} // it shares nothing
	require.Equal(t, []string{"fire"}, p.c().Snapshot().Tags)
	require.IsType(t, inbox.Reply{}, p.c().Messages(0, 1)[0])
}

func TestCustomerView(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	p.replies()
	v := p.c().CustomerView(0, 10)
	require.Equal(t, inbox.CustomerView{
		ID: id(1), Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, StartedAt: p.c().Snapshot().StartedAt, Holder: inbox.HolderPeople,
		Messages: []inbox.CustomerMessageView{
			{ID: "m1", Seq: 1, At: p.c().Snapshot().StartedAt, By: helpdesk.ActorCustomer, Body: "My printer is on fire."},
			{ID: "m2", Seq: 2, At: p.now, By: helpdesk.ActorAgent, Body: "text 2"},
		},
	}, v)
	require.Empty(t, p.c().CustomerView(2, 10).Messages)
	require.NotNil(t, p.c().CustomerView(2, 10).Messages)
}

// R69: absent is not neutral.
func TestSentimentR69(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	require.Empty(t, p.c().Snapshot().Sentiment)
	for want := range inbox.Sentiments() {
		p.conv(p.c().SetSentiment(p.agent(), want))
		require.Equal(t, []any{want, want}, []any{p.c().Snapshot().Sentiment, p.last.Sentiment})
		require.True(t, want.IsValid())
	}
	p.conv(p.c().SetSentiment(p.agent(), ""))
	require.Empty(t, p.c().Snapshot().Sentiment)
	require.False(t, inbox.Sentiment("").IsValid())
	_, _, err := p.c().SetSentiment(p.agent(), "angry")
	requireFields(t, err, "sentiment")
	require.NotEqual(t, inbox.Sentiment(""), inbox.SentimentNeutral)
}

// R70, T7: tags that say the same are one; look-alikes of other scripts are not.
func TestTagsR70(t *testing.T) {
	t.Parallel()
	same := [][]string{
		{"VIP", "vip", " Vip ", "ＶＩＰ", "v\u200Fi\u202Ep"},
		{"two  words", "Two Words", "two\twords", "two\u00A0words"},
		{"Straße", "straße"},
		{"ﬁre", "fire"},
		{"é", "e\u0301"},
	}
	for _, list := range same {
		want, err := inbox.NormalTag(list[0])
		require.NoError(t, err)
		for _, tag := range list {
			got, err := inbox.NormalTag(tag)
			require.NoError(t, err)
			require.Equal(t, want, got, tag)
		}
	}
	latin, err := inbox.NormalTag("paypal")
	require.NoError(t, err)
	cyrillic, err := inbox.NormalTag("p\u0430ypal") // a Cyrillic а
	require.NoError(t, err)
	require.NotEqual(t, latin, cyrillic) // left alone, and said so

	for _, bad := range []string{"", "  ", "\x00", strings.Repeat("é", 64+1), strings.Repeat("x", 16*64+1), "\u200b", "\u2060"} {
		_, err := inbox.NormalTag(bad)
		requireFields(t, err, "tag")
		if bad != "" {
			require.NotContains(t, err.Error(), bad) // T45
		}
	}
	spaced, err := inbox.NormalTag("a" + strings.Repeat(" ", 16*64-2) + "b")
	require.NoError(t, err)
	require.Equal(t, "a b", spaced)
	_, err = inbox.NormalTag("a" + strings.Repeat(" ", 16*64-1) + "b") // not even looked at
	requireFields(t, err, "tag")
	longest, err := inbox.NormalTag(strings.Repeat("É", 64))
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("é", 64), longest)

	p := start(t, helpdesk.ChannelEmail, automatic)
	p.conv(p.c().AddTag(p.agent(), "Zebra"))
	p.conv(p.c().AddTag(p.agent(), "ant"))
	p.conv(p.c().AddTag(p.agent(), "ZEBRA"))
	require.Equal(t, []string{"ant", "zebra"}, p.c().Snapshot().Tags)
	require.Equal(t, "zebra", p.last.Tag)
	p.conv(p.c().RemoveTag(p.agent(), "ANT"))
	p.conv(p.c().RemoveTag(p.agent(), "bee"))
	require.Equal(t, []string{"zebra"}, p.c().Snapshot().Tags)
	_, _, err = p.c().AddTag(p.agent(), "")
	requireFields(t, err, "tag")
	_, _, err = p.c().RemoveTag(p.agent(), "")
	requireFields(t, err, "tag")

	for i := 1; i < 50; i++ {
		p.conv(p.c().AddTag(p.agent(), strings.Repeat("a", i)))
	}
	p.conv(p.c().AddTag(p.agent(), "zebra")) // is there
	_, _, err = p.c().AddTag(p.agent(), "one more")
	requireFields(t, err, "tag")
}

// T57: emoji of several code points are tags. Whether a character is to be shown as an emoji is kept
// as it was first written, and tells no two tags apart.
func TestTagsOfEmojiT57(t *testing.T) {
	t.Parallel()
	const (
		coder, heart, bareHeart, one = "👩\u200D💻", "❤\uFE0F", "❤", "1\uFE0F\u20E3"
		burning                      = "❤\uFE0F\u200D🔥"
	)
	for tag, want := range map[string]string{
		"🔥": "🔥", coder: coder, "🇩🇪": "🇩🇪", heart: bareHeart, bareHeart: bareHeart, one: "1\u20E3", burning: "❤\u200D🔥",
		"VIP " + coder: "vip " + coder, "👩🏽\u200D🚀": "👩🏽\u200D🚀", "🏳\uFE0F\u200D🌈": "🏳\u200D🌈", "™\uFE0F": "tm",
		"⨝" + heart: "⨝" + bareHeart, "می\u200Cخواهم": "می\u200Cخواهم",
	} {
		got, err := inbox.NormalTag(tag)
		require.NoError(t, err, tag)
		require.Equal(t, want, got, "%+q", tag)
		again, err := inbox.NormalTag(got)
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	for _, bad := range []string{
		"\u200D", "\uFE0F", "a\u200Db", "a\uFE0F", "👩\u200Da", "👩\u200D", "\u200D💻", heart + "\uFE0F", "™\u200D🔥", "⨝⋈⟗⟖⟕⨟" + heart,
		strings.Repeat(heart, 33),
	} {
		_, err := inbox.NormalTag(bad)
		requireFields(t, err, "tag")
	}

	p := start(t, helpdesk.ChannelEmail, automatic)
	p.conv(p.c().AddTag(p.agent(), heart))
	require.Equal(t, heart, p.last.Tag)
	p.conv(p.c().AddTag(p.agent(), bareHeart))
	p.conv(p.c().AddTag(p.agent(), "❣"))
	require.Equal(t, []string{"❣", heart}, p.c().Snapshot().Tags)
	again, err := inbox.FromSnapshot(p.c().Snapshot())
	require.NoError(t, err)
	require.Equal(t, p.c().Snapshot(), again.Snapshot())
	p.conv(p.c().RemoveTag(p.agent(), bareHeart))
	require.Equal(t, heart, p.last.Tag)
	require.Equal(t, []string{"❣"}, p.c().Snapshot().Tags)
	s := p.c().Snapshot()
	s.Tags = []string{bareHeart, heart}
	_, err = inbox.FromSnapshot(s)
	requireFields(t, err, "tags")
}

// A normal form is its own normal form, whatever it is made of.
func FuzzNormalTag(f *testing.F) {
	for _, s := range []string{"VIP", "", "ﬁ", "ǅ", "\u1E9E", "a\u0300\u0316", "İ", "ΑΣ", "\U0001F1E6", "\xff", "ʼn", " \u3000x", "❤\uFE0F\u200D🔥", "™\uFE0F\u200D🔥", "1\uFE0F\u20E3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tag, err := inbox.NormalTag(s)
		if err != nil {
			if tag != "" {
				t.Fatalf("NormalTag(%q) = %q, %v", s, tag, err)
			}
			return
		}
		again, err := inbox.NormalTag(tag)
		if err != nil || again != tag || tag == "" {
			t.Fatalf("NormalTag(%q) = %q, and of that %q, %v", s, tag, again, err)
		}
	})
}

// Facts of the documents that are about screens and hosts have no rule here: a
// guide that is shown first (R1–R6), profile settings (R56), support (R57), the way
// to a conversation (R66), panels (R75) and the menu's place (R78). What must be
// true is that nothing in the library stands between a customer and people: the
// first message starts a conversation, whatever was shown before (R3), and people
// can be reached in every state.
func TestNothingBlocksReachingPeople(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, inbox.Config{}) // R2: the chat is an entry, and needs nothing before it
	require.Equal(t, inbox.HolderPeople, p.c().Control().Status.Holder())
	for f := range reflect.TypeFor[inbox.StartParams]().Fields() {
		require.NotContains(t, strings.ToLower(f.Name), "guide")
	}
	for s := range inbox.Statuses() {
		if s == inbox.StatusPurged {
			continue
		}
		allowed := false
		for r := range inbox.Rows() {
			allowed = allowed || r.Status == s && r.Event == inbox.EventAddCustomerMessage
		}
		require.True(t, allowed, s)
	}
}

// T59: who asks for a merged ticket is told of the one that the work goes on in, as far as
// it is the same customer's.
func TestLookUpMergedT59(t *testing.T) {
	t.Parallel()
	mine := func(n int, customer string) ticket.Ticket {
		tk, _, err := ticket.New(ticket.Standard(), helpdesk.Command{ID: "new", At: began, Author: helpdesk.Agent("agent-1")}, ticket.Params{
			ID: ticketID(n), Reference: ticket.NewReference(uint64(n)), Conversation: "c", Channel: helpdesk.ChannelEmail,
			Intake: ticket.Intake{Title: "T" + string(rune('0'+n)), Requester: customer},
		})
		require.NoError(t, err)
		return tk
	}
	merge := func(from, into ticket.Ticket, s string) (ticket.Ticket, ticket.Ticket) {
		a, b, _, err := from.MergeInto(helpdesk.Command{ID: "merge" + s, At: began.Add(time.Minute), Author: helpdesk.Agent("agent-1")}, into)
		require.NoError(t, err)
		return a, b
	}
	first, second := merge(mine(1, "cust-1"), mine(2, "cust-1"), "1")
	second, third := merge(second, mine(3, "cust-1"), "2")
	verified := inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified}
	claimed := inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceClaimed}

	v, err := inbox.LookUp(first, claimed, second, third)
	require.NoError(t, err)
	require.Equal(t, inbox.StatusView{Reference: first.Reference(), MergedInto: third.Reference(), Status: ticket.StatusSubmitted}, v)
	v, err = inbox.LookUp(first, verified, second, third)
	require.NoError(t, err)
	require.Equal(t, []any{first.Reference(), third.Reference(), third.ID(), "T3"}, []any{v.Reference, v.MergedInto, v.ID, v.Title})
	require.Empty(t, v.Resolution)

	alone := inbox.StatusView{Reference: first.Reference(), Status: ticket.StatusResolved}
	foreign := third.Snapshot() // as it would be, if it were another's
	foreign.Intake.Requester, foreign.ID = "cust-2", second.ID()
	other, err := ticket.FromSnapshot(ticket.Standard(), foreign)
	require.NoError(t, err)
	for name, into := range map[string][]ticket.Ticket{"none": nil, "not the one": {third}, "another's": {other}, "none at all": {{}}} {
		v, err := inbox.LookUp(first, claimed, into...)
		require.NoError(t, err, name)
		require.Equal(t, alone, v, name)
	}
	due := began.Add(60 * 24 * time.Hour)
	third, _, err = third.Resolve(helpdesk.Command{ID: "r", At: began.Add(time.Hour), Author: helpdesk.Agent("agent-1")}, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam})
	require.NoError(t, err)
	gone, _, err := third.Purge(helpdesk.Command{ID: "p", At: due, Author: helpdesk.Author{By: helpdesk.ActorSystem}}, due)
	require.NoError(t, err)
	v, err = inbox.LookUp(first, claimed, second, gone)
	require.NoError(t, err)
	require.Equal(t, second.Reference(), v.MergedInto)
	_, err = inbox.LookUp(third, inbox.Inquiry{Customer: "cust-2", Assurance: inbox.AssuranceVerified}, third)
	require.Equal(t, helpdesk.ErrNotFound, err)
}
