package desk_test

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A keyCommand is a method that takes a Meta, called by reflection.
type keyCommand struct {
	name   string
	method reflect.Value
	meta   desk.Meta
	args   []reflect.Value // after the Meta
}

// call returns what is hashed of the command with the arguments: each of its texts.
func (c keyCommand) call(ctx context.Context, texts *[]string, meta desk.Meta, args []reflect.Value) []string {
	*texts = nil
	c.method.Call(append([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(meta)}, args...))
	return *texts
}

// keyCommands returns every command of a desk, with every member of its input set. What is
// there does not matter: a command is hashed before it is looked up.
func keyCommands(t *testing.T, w *world) []keyCommand {
	t.Helper()
	id := [16]byte{15: 1}
	var all []keyCommand
	for _, of := range []any{w.o, w.o.Conversation(id), w.o.Ticket(id)} {
		v := reflect.ValueOf(of)
		for m := range v.Type().Methods() {
			method := v.MethodByName(m.Name)
			in := method.Type()
			if in.NumIn() < 2 || in.In(1) != reflect.TypeFor[desk.Meta]() {
				continue
			}
			c := keyCommand{name: reflect.Indirect(v).Type().Name() + "." + m.Name, method: method, meta: keyed(agent, "key")}
			for i := 2; i < in.NumIn(); i++ {
				arg := reflect.New(in.In(i)).Elem()
				fillKeyed(arg, "text")
				if arg.Type() == reflect.TypeFor[string]() && c.name == "Tenant.MarkBounced" {
					arg.SetString("ticket/00000000-0000-0000-0000-000000000001/mail_resolved/7")
				}
				c.args = append(c.args, arg)
			}
			all = append(all, c)
			if c.name == "Tenant.MarkBounced" { // which is two
				c.args = []reflect.Value{reflect.ValueOf("conv/00000000-0000-0000-0000-000000000001/msg/7")}
				all = append(all, c)
			}
		}
	}
	require.Greater(t, len(all), 40)
	return all
}

// fillKeyed sets every leaf of v to something of its type.
func fillKeyed(v reflect.Value, s string) {
	if leaf(v) {
		setLeaf(v, s)
		return
	}
	switch {
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			fillKeyed(field, s)
		}
	default:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillKeyed(v.Index(0), s)
	}
}

func leaf(v reflect.Value) bool {
	return v.Type() == reflect.TypeFor[time.Time]() || v.Kind() != reflect.Struct && v.Kind() != reflect.Slice
}

func setLeaf(v reflect.Value, s string) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(monday.Add(time.Duration(len(s)) * time.Hour)))
	case v.Type() == reflect.TypeFor[helpdesk.Channel]():
		v.SetString(string(map[bool]helpdesk.Channel{true: helpdesk.ChannelEmail, false: helpdesk.ChannelSMS}[len(s) == 4]))
	case v.Type() == reflect.TypeFor[inbox.OnArchived]():
		v.SetString(string(map[bool]inbox.OnArchived{true: inbox.ArchivedReopen, false: inbox.ArchivedEscalate}[len(s) == 4]))
	case v.Type() == reflect.TypeFor[inbox.WaitClock]():
		v.SetString(string(map[bool]inbox.WaitClock{true: inbox.WaitCalendar, false: inbox.WaitBusiness}[len(s) == 4]))
	case v.Type() == reflect.TypeFor[inbox.OnOpenTicket]():
		v.SetString(string(map[bool]inbox.OnOpenTicket{true: inbox.OpenTicketAllow, false: inbox.OpenTicketResolve}[len(s) == 4]))
	case v.Type() == reflect.TypeFor[inbox.Duration]():
		v.SetInt(int64(len(s)) * int64(time.Hour))
	case v.Kind() == reflect.String:
		v.SetString(s)
	case v.Kind() == reflect.Bool:
		v.SetBool(len(s) == 4)
	case v.CanInt():
		v.SetInt(int64(len(s)) - 3)
	case v.CanUint():
		v.SetUint(uint64(len(s)) - 3)
	case v.Kind() == reflect.Array: // an ID
		v.Index(v.Len() - 1).SetUint(uint64(len(s)) - 3)
	}
}

// leaves yields every leaf of v with its path.
func leaves(v reflect.Value, path string, yield func(path string, leaf reflect.Value)) {
	switch {
	case leaf(v):
		yield(path, v)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, yield)
		}
	default:
		leaves(v.Index(0), path+".0", yield)
	}
}

// refusedHere are the members that the desk makes: a command that has them is refused before
// anything else.
var refusedHere = []struct{ command, member string }{
	{"Tenant.Start", ".ID"},
	{"Tenant.Start", ".Continues"},
	{"Tenant.Start", ".HadTicket"},
	{"ConversationHandle.ConfirmOffer", ".Ticket"},
	{"ConversationHandle.ConfirmOffer", ".Reference"},
	{"ConversationHandle.CreateTicket", ".ID"},
	{"ConversationHandle.CreateTicket", ".Reference"},
}

// unlooked are the members that a command does not look at.
var unlooked = []string{
	"ConversationHandle.ReleaseLegalHold.Reason", "TicketHandle.ReleaseLegalHold.Reason",
	"Tenant.Receive.Start.Message.ID", "Tenant.Receive.Start.Message.Body", "Tenant.Receive.Start.Message.SentAt", "Tenant.Receive.Start.Message.Subject", "Tenant.Receive.Start.Message.Via",
	"Tenant.Receive.Start.Message.Attachments.0.Ref", "Tenant.Receive.Start.Message.Attachments.0.Type",
	"Tenant.Receive.Start.Message.Attachments.0.Size", "Tenant.Receive.Start.Message.Attachments.0.SHA256",
	"Tenant.Receive.Start.ID", "Tenant.Receive.Start.Continues", "Tenant.Receive.Start.HadTicket",
	"Tenant.Receive.Message.Aside", "Tenant.Receive.Message.Forwarded", // of a machine; of a new conversation
	"Tenant.Receive.Machine",
}

// canonicalWorld is a desk with every command, ready to be given, and the texts that were
// hashed of the last one.
func canonicalWorld(t *testing.T) ([]keyCommand, *[]string) {
	t.Helper()
	w := newWorld(t)
	texts := new([]string)
	desk.Canon(w.desk, func(_ inbox.EventKind, text, fingerprint string) {
		*texts = append(*texts, text+fingerprint+"\n")
	})
	all := keyCommands(t, w)
	for i := range all {
		for _, r := range refusedHere {
			if all[i].name == r.command {
				leaf := all[i].args[0].FieldByName(r.member[1:])
				leaf.SetZero()
			}
		}
		if all[i].name == "Tenant.Receive" {
			start := all[i].args[0].FieldByName("Start")
			for _, name := range []string{"ID", "Continues", "HadTicket"} {
				start.FieldByName(name).SetZero()
			}
			all[i].args[0].FieldByName("Machine").SetBool(false)
		}
	}
	return all, texts
}

// D3: what is hashed of each command stands in a golden file, so that no change of a field, of
// a name or of the way of hashing refuses the keys of an earlier build unnoticed.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	all, texts := canonicalWorld(t)
	var out strings.Builder
	for _, c := range all {
		got := c.call(t.Context(), texts, c.meta, c.args)
		require.NotEmpty(t, got, "%s has no fingerprint", c.name)
		for _, text := range got {
			fmt.Fprintf(&out, "== %s\n%s", c.name, text)
		}
	}
	for _, use := range desksSource(t).commands(t) {
		if slices.Contains([]string{"ai", "asked", "notified", "switch_off", "timer"}, use) { // the desk's own: without a key, or without input
			continue
		}
		require.Contains(t, out.String(), fmt.Sprintf("\ncommand %d:%s\n", len(use), use))
	}
	golden.Equal(t, filepath.Join("testdata", "fingerprints.golden"), out.String())
}

// D3: any member of what a command is given, with another value or none, makes another
// fingerprint, and so do the conditions.
func TestFingerprintOfEachMember(t *testing.T) {
	t.Parallel()
	all, texts := canonicalWorld(t)
	for _, c := range all {
		base := c.call(t.Context(), texts, c.meta, c.args)
		seen := map[string]string{strings.Join(base, "\n"): "all members"}
		for i := range c.args {
			other := reflect.New(c.args[i].Type()).Elem()
			fillKeyed(other, "text")
			leaves(other, c.name, func(path string, l reflect.Value) {
				for _, value := range []string{"other", ""} {
					if l.Kind() == reflect.Bool && value != "" || isRefused(c.name, path) || slices.Contains(unlooked, path) || c.name == "Tenant.MarkBounced" {
						continue
					}
					args := append([]reflect.Value(nil), c.args...)
					args[i] = reflect.New(c.args[i].Type()).Elem()
					args[i].Set(c.args[i])
					leaves(deepCopy(args[i]), c.name, func(at string, l reflect.Value) {
						switch {
						case at != path:
						case value == "":
							l.SetZero()
						default:
							setLeaf(l, value)
						}
					})
					got := strings.Join(c.call(t.Context(), texts, c.meta, args), "\n")
					if got == "" { // such a value is refused at once
						continue
					}
					require.Empty(t, seen[got], "%s with %q is as that", path, value)
					seen[got] = path
				}
			})
		}
		for _, meta := range []desk.Meta{
			{IdempotencyKey: "key", Author: agent.Author, IfLastMessage: 7},
			{IdempotencyKey: "key", Author: agent.Author, IfRevision: "r"},
		} {
			got := strings.Join(c.call(t.Context(), texts, meta, c.args), "\n")
			require.Empty(t, seen[got], "%s %+v is as that", c.name, meta)
			seen[got] = "a condition"
		}
	}
}

// deepCopy gives the slices in v, which can be set, arrays of their own.
func deepCopy(v reflect.Value) reflect.Value {
	switch {
	case leaf(v):
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			deepCopy(field)
		}
	default:
		to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(to, v)
		v.Set(to)
	}
	return v
}

func isRefused(command, path string) bool {
	for _, r := range refusedHere {
		if r.command == command && path == command+r.member {
			return true
		}
	}
	return false
}

// D3: MarkBounced takes what it is given from a text.
func TestFingerprintOfBounced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]string{}
	var last string
	desk.Canon(w.desk, func(_ inbox.EventKind, text, _ string) { last = text })
	for _, key := range []string{
		"ticket/00000000-0000-0000-0000-000000000001/mail_resolved/7", "ticket/00000000-0000-0000-0000-000000000001/mail_resolved/8",
		"ticket/00000000-0000-0000-0000-000000000002/mail_resolved/7", "ticket/00000000-0000-0000-0000-000000000001/mail_created",
		"conv/00000000-0000-0000-0000-000000000001/msg/7", "conv/00000000-0000-0000-0000-000000000001/msg/8", "conv/00000000-0000-0000-0000-000000000002/msg/7",
	} {
		require.ErrorIs(t, w.o.MarkBounced(t.Context(), keyed(agent, "key"), key), helpdesk.ErrNotFound)
		require.NotContains(t, seen, last)
		seen[last] = key
	}
}

// D3: a member that a later version adds does not stand in the text while it is zero; what
// can be written in two ways has one text.
func TestFingerprintOfZero(t *testing.T) {
	t.Parallel()
	m := inbox.MessageParams{Body: "text", SentAt: monday}
	text, sum, err := desk.Canonical("message", m)
	require.NoError(t, err)
	for _, zero := range []any{
		nil, "", false, 0, int64(0), uint64(0),
		time.Time{},
		time.Time{}.In(time.FixedZone("", 3600)),
		inbox.ID{},
		ticket.ID{},
		severity.Level(0), inbox.Duration(0),
		inbox.StartParams{},
		inbox.CustomerMessageParams{},
		[]inbox.AttachmentRef(nil),
		[]inbox.AttachmentRef{},
		inbox.ControlToken{},
		inbox.OfferParams{},
		inbox.ConfirmParams{},
		inbox.CreateTicketParams{},
		inbox.ArchiveParams{},
		inbox.Config{},
		inbox.Config{Manual: []helpdesk.Channel{}},
		ticket.LegalHoldParams{},
		ticket.CorrectSeverityParams{},
		inbox.MessageParams{Attachments: []inbox.AttachmentRef{}},
	} {
		got, same, err := desk.Canonical("", desk.Added("message", m, zero))
		require.NoError(t, err)
		require.Equal(t, text, got, "%T", zero)
		require.Equal(t, sum, same)
	}
	got, _, _ := desk.Canonical("", desk.Added("message", m, 1))
	require.Equal(t, text+"added 1:1\n", got)

	same := func(a, b any) bool {
		x, _, err := desk.Canonical("x", a)
		require.NoError(t, err)
		y, _, err := desk.Canonical("x", b)
		require.NoError(t, err)
		return x == y
	}
	away := m
	away.SentAt = monday.In(time.FixedZone("away", 7200))
	require.True(t, same(m, away))
	require.True(t, same(inbox.Config{Manual: []helpdesk.Channel{"sms", "email"}}, inbox.Config{Manual: []helpdesk.Channel{"email", "sms", "sms"}}))
	require.False(t, same([]inbox.AttachmentRef{{Ref: "a"}}, []inbox.AttachmentRef{{Ref: "a"}, {}}), "a list has a length")
	require.False(t, same([]inbox.AttachmentRef{{Ref: "a"}, {Ref: "b"}}, []inbox.AttachmentRef{{Ref: "b"}, {Ref: "a"}}))
	require.False(t, same(ticket.ResolveParams{Action: "a\nx.details 1:b"}, ticket.ResolveParams{Action: "a", Details: "b"}), "lengths keep texts apart")
	require.False(t, same(time.Unix(0, 0), time.Unix(0, 1)))

	_, _, err = desk.Canonical("x", struct{}{})
	require.Error(t, err, "what is not listed is not hashed")
}

// T13: a key is its author's own. Another author with the key gives another command, and the
// same one gets the result.
func TestKeyIsOfItsAuthor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	with := func(who string, by helpdesk.Actor) desk.Meta {
		return desk.Meta{IdempotencyKey: "key", Author: helpdesk.Author{By: by, Who: who}}
	}
	talk := w.o.Conversation(w.start(live).Conversation)
	seen := map[uint64]desk.Meta{}
	for _, c := range []desk.Meta{
		with("cust-1", helpdesk.ActorCustomer), with("cust-2", helpdesk.ActorCustomer), with("", helpdesk.ActorCustomer),
		with("cust-1", helpdesk.ActorThirdParty), with("cust-1key", helpdesk.ActorCustomer),
	} {
		give := func() (desk.Result, error) {
			if c.By == helpdesk.ActorThirdParty {
				return talk.AddParticipantMessage(ctx, c, text("Hello?"))
			}
			return talk.AddCustomerMessage(ctx, c, inbox.CustomerMessageParams{MessageParams: text("Hello?")})
		}
		r := w.must(give())
		require.False(t, r.Replayed, "%+v", c)
		require.NotContains(t, seen, r.Seq)
		seen[r.Seq] = c
		r.Replayed = true
		require.Equal(t, r, w.must(give()))
	}
	for _, c := range []desk.Meta{with("cust-1", helpdesk.ActorAgent), with("cust-2", helpdesk.ActorAgent)} {
		require.False(t, w.must(talk.AddNote(ctx, c, text("Hm."))).Replayed)
		require.True(t, w.must(talk.AddNote(ctx, c, text("Hm."))).Replayed)
		_, err := talk.AddNote(ctx, c, text("Another."))
		reused := &desk.KeyReusedError{}
		require.ErrorAs(t, err, &reused)
		require.Equal(t, "key", reused.Key)
	}

	// A mail that begins a conversation is one, too, and so is its error.
	mail := desk.InboundMessage{Start: live, Message: inbox.CustomerMessageParams{MessageParams: text("By mail.")}}
	a, b := w.must(w.o.Receive(ctx, with("cust-1", helpdesk.ActorCustomer), mail)), w.must(w.o.Receive(ctx, with("cust-2", helpdesk.ActorCustomer), mail))
	require.NotEqual(t, a.Conversation, b.Conversation)
	mail.Message.Body = "Something else."
	_, err := w.o.Receive(ctx, with("cust-1", helpdesk.ActorCustomer), mail)
	require.EqualError(t, err, (&desk.KeyReusedError{Key: "key"}).Error())
}

// Whoever reports a bounce uses a key of its own, although the system notes the bounce.
func TestBouncedKeyIsOfItsReporter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	h, _ := w.hooked()
	var names []string
	h.before = func(b store.Batch) { names = append(names, b.Key.Name) }
	r := w.ticketed(live)
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("Hello.")))
	w.run()
	var sent string
	for _, e := range w.post.take() {
		if e.Message != "" {
			sent = e.Key
		}
	}
	names = nil
	require.NoError(t, w.o.MarkBounced(ctx, keyed(agent, "key"), sent))
	require.NoError(t, w.o.MarkBounced(ctx, keyed(system, "key"), sent))
	require.Len(t, names, 2)
	require.NotEqual(t, names[0], names[1])
	for _, name := range names {
		require.NotContains(t, name, agent.Who)
		require.Len(t, name, len("key/")+64)
	}
}

// T44: a result under a fingerprint of a version that this build does not know is not called
// used for something else: nothing is done, and the error says why.
func TestNewerFingerprint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fingerprint string
		want        error
	}{
		{"2:" + strings.Repeat("a", 64), desk.ErrNewer},
		{"10:short", desk.ErrNewer},
		{"1:" + strings.Repeat("a", 64), desk.ErrKeyReused},
		{"0:" + strings.Repeat("a", 64), helpdesk.ErrDamaged},
		{strings.Repeat("a", 64), helpdesk.ErrDamaged},
		{"x:y", helpdesk.ErrDamaged},
	} {
		w := newWorld(t)
		ctx := t.Context()
		r := w.start(live)
		h, _ := w.hooked()
		h.change = func(b *store.Batch) {
			if b.Key.Name != "" {
				b.Key.Result.Fingerprint = tt.fingerprint
			}
		}
		talk := w.o.Conversation(r.Conversation)
		w.must(talk.AddNote(ctx, keyed(agent, "k"), text("x")))
		_, err := talk.AddNote(ctx, keyed(agent, "k"), text("x"))
		require.ErrorIs(t, err, tt.want, tt.fingerprint)
		require.Len(t, w.conversation(r.Conversation).Messages, 2)
		_, err = talk.AddNote(ctx, keyed(agent, "k"), inbox.MessageParams{}) // refused, and looked for
		require.ErrorIs(t, err, tt.want, tt.fingerprint)
	}
}
