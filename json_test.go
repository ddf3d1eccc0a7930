package helpdesk_test

import (
	"encoding/json"
	"go/ast"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/mail"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// jsonTypes are the exported structs of the core that are encoded and decoded.
// Package sla has a test of its own, since its values cannot be made up.
var jsonTypes = []any{
	helpdesk.Author{},
	helpdesk.Command{},
	helpdesk.FieldError{},
	severity.Answers{},
	severity.Notice{},
	severity.Result{},
	hours.Fingerprint{},
	hours.Reason{},
	hours.Span{},
	mail.Delivery{},
	mail.Report{},
	mail.ReportRecipient{},
	mail.Detection{},
	mail.Outgoing{},
	mail.Receiver{},
	desk.Account{},
	desk.Answer{},
	desk.InboundMessage{},
	desk.NotificationQuery{},
	desk.MessageQuery{},
	inbox.MessageCounts{},
	inbox.LastMessage{},
	desk.VerifyErasureParams{},
	desk.Meta{},
	desk.ClockEvent{},
	desk.ClockTarget{},
	desk.ConversationSummary{},
	desk.ConversationQuery{},
	desk.Envelope{},
	desk.Health{},
	desk.Overview{},
	desk.SickDestination{},
	desk.Backlog{},
	desk.DeadLetter{},
	desk.TurnMessage{},
	desk.ClockRules{},
	desk.MailEvent{},
	desk.Notice{},
	desk.NotificationSummary{},
	desk.TemplateData{},
	desk.Problem{},
	desk.Proposal{},
	desk.Result{},
	desk.RetentionReport{},
	desk.TicketSummary{},
	desk.Count{},
	desk.TicketQuery{},
	desk.TicketView{},
	desk.Turn{},
	desk.Content{},
	store.Attribute{},
	store.Batch{},
	store.Change{},
	store.Claim{},
	store.Condition{},
	store.Claims{},
	store.Column{},
	store.Committed{},
	store.Count{},
	store.CountQuery{},
	store.Due{},
	store.DuePage{},
	store.DueQuery{},
	store.Entry{},
	store.EntryPage{},
	store.Erasure{},
	store.Expected{},
	store.Features{},
	store.Item{},
	store.Key{},
	store.LogQuery{},
	store.Match{},
	store.Message{},
	store.Page{},
	store.Parked{},
	store.ParkedPage{},
	store.ParkedQuery{},
	store.Query{},
	store.ReadRequest{},
	store.Record{},
	store.Ref{},
	store.Remainder{},
	store.Replacement{},
	store.Result{},
	store.Revival{},
	store.Settlement{},
	store.Snapshot{},
	store.Timer{},
	store.Value{},
	store.Want{},
	ticket.Params{},
	ticket.Effect{},
	ticket.Event{},
	ticket.Log{},
	ticket.Explanation{},
	ticket.LegalHold{},
	ticket.Intake{},
	ticket.MissingField{},
	ticket.Message{},
	ticket.Resolution{},
	ticket.Row{},
	ticket.Snapshot{},
	ticket.CorrectSeverityParams{},
	ticket.LegalHoldParams{},
	ticket.ResolveParams{},
	ticket.StatusConfig{},
	inbox.ArchiveParams{},
	inbox.ConfirmParams{},
	inbox.CreateTicketParams{},
	inbox.StartParams{},
	inbox.AttachmentRef{},
	inbox.Contact{},
	inbox.Control{},
	inbox.CustomerMessageView{},
	inbox.CustomerView{},
	inbox.MessageParams{},
	inbox.Effect{},
	inbox.Episode{},
	inbox.EpisodeMessage{},
	inbox.Escalation{},
	inbox.Event{},
	inbox.CustomerMessageParams{},
	inbox.Inquiry{},
	inbox.ControlToken{},
	inbox.TicketLink{},
	inbox.MessageRecord{},
	inbox.Note{},
	inbox.Notification{},
	inbox.OfferParams{},
	inbox.OfferView{},
	inbox.Offer{},
	inbox.ReadMark{},
	inbox.Reply{},
	inbox.ResolutionView{},
	inbox.Row{},
	inbox.Snapshot{},
	inbox.StatusView{},
	inbox.TeamView{},
	inbox.Viewer{},
	retention.Breaker{},
	retention.Change{},
	retention.Conversation{},
	retention.Counts{},
	retention.Diff{},
	retention.Entry{},
	retention.Explanation{},
	retention.Hold{},
	retention.Input{},
	retention.Item{},
	retention.Override{},
	retention.Plan{},
	retention.PolicyRef{},
	retention.Progress{},
	retention.Purge{},
	retention.Record{},
	retention.Target{},
	retention.Tombstone{},
}

// withoutJSON are the exported structs that have no JSON form, or one that is not
// simply that of their fields, and why.
var withoutJSON = map[string]string{
	"hours.Holiday":           "it has a function",
	"desk.Config":             "it has ports of the host",
	"desk.Desk":               "a handle",
	"desk.Hooks":              "it has functions",
	"desk.Limits":             "part of Config",
	"desk.Tenant":             "a handle",
	"desk.ConversationHandle": "a handle",
	"desk.TicketHandle":       "a handle",
	"desk.Reminders":          "part of Config",
	"hours.Config":            "its form is strict, and tested in its package",
	"desk.Event":              "its body is JSON of its own",
	"desk.EventPage":          "its events have bodies that are JSON of their own",
	"hours.Member":            "part of Config",
	"hours.Resolver":          "it has functions",
	"hours.Schedule":          "New makes it from a Config",
	"hours.Version":           "part of Config",
	"inbox.Case":              "it has tickets under their lifecycles",
	"inbox.Config":            "its form is strict, and tested in its package",
	"inbox.Conversation":      "a Snapshot is its form",
	"inbox.Policy":            "NewPolicy makes it from a Config",
	"mail.Threads":            "it has a secret",
	"memstore.Stores":         "storage; a snapshot is its form",
	"retention.Config":        "its form is strict, and tested in its package",
	"retention.Key":           "a secret",
	"retention.Secret":        "a secret",
	"retention.Policy":        "its form is that of its Config",
	"severity.Claim":          "its form is strict, and tested in its package",
	"store.Bell":              "callers that wait",
	"ticket.Config":           "its form is strict, and tested in its package",
	"ticket.Decision":         "an answer to be asked",
	"ticket.Lifecycle":        "NewLifecycle makes it from a Config",
	"ticket.Ticket":           "a Snapshot is its form",
}

var instant = time.Date(2026, time.March, 2, 9, 0, 0, 1, time.UTC)

// claim returns a claim of Urgent.
func claim() severity.Claim {
	c, err := severity.NewClaim(severity.Urgent, helpdesk.ChannelLiveChat, instant)
	if err != nil {
		panic(err)
	}
	return c
}

// enums are valid values of the types whose text form is checked.
var enums = map[reflect.Type]any{
	reflect.TypeFor[helpdesk.Actor]():       helpdesk.ActorThirdParty,
	reflect.TypeFor[helpdesk.Channel]():     helpdesk.ChannelSMS,
	reflect.TypeFor[severity.Level]():       severity.High,
	reflect.TypeFor[severity.Affected]():    severity.AffectedMany,
	reflect.TypeFor[severity.Ability]():     severity.AbilityDegraded,
	reflect.TypeFor[severity.Workaround]():  severity.WorkaroundTemporary,
	reflect.TypeFor[severity.Persistence](): severity.PersistenceAlways,
	reflect.TypeFor[sla.Metric]():           sla.MetricResolution,
	reflect.TypeFor[ticket.Reference]():     ticket.NewReference(7),
	reflect.TypeFor[ticket.Status]():        ticket.StatusWaitingOnCustomer,
	reflect.TypeFor[retention.State]():      retention.StateHeld,
	reflect.TypeFor[store.TenantID]():       store.TenantID("acme"),
	reflect.TypeFor[store.Value]():          store.Instant(instant),
	reflect.TypeFor[store.Type]():           store.TypeBool,
	reflect.TypeFor[store.Queue]():          store.Outbox,
	reflect.TypeFor[store.Verdict]():        store.Park,
	reflect.TypeFor[sla.Event]():            sla.Event{ID: "e1", Kind: sla.KindSeverityConfirmed, At: instant},
	reflect.TypeFor[sla.Evaluation]():       sla.Evaluation{Clocks: []sla.Clock{{Metric: sla.MetricFirstReply, Cycle: 1, State: sla.StateRunning, Verdict: sla.VerdictPending, Start: instant, Anchor: instant, Target: time.Hour, Remaining: time.Hour}}},
	reflect.TypeFor[inbox.Messages]():       inbox.Messages{inbox.Reply{ID: "m1"}, inbox.Note{ID: "m2"}},
	reflect.TypeFor[severity.Claim]():       claim(),
	reflect.TypeFor[uuid.UUID]():            uuid.MustParse("019cadc6-9a80-7b73-a48e-d247dbe58800"),
	reflect.TypeFor[time.Time]():            instant,
	reflect.TypeFor[time.Duration]():        90*time.Minute + 1,
	reflect.TypeFor[inbox.Duration]():       inbox.Duration(90 * time.Minute),
}

// fill sets everything in v that can be set from outside its package. Texts are the
// names of their fields, so that two that are mixed up differ.
func fill(t *testing.T, v reflect.Value, name string) {
	t.Helper()
	if value, ok := enums[v.Type()]; ok {
		v.Set(reflect.ValueOf(value))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(len(name)))
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint8:
		v.SetUint(uint64(len(name)))
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), name)
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), name)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, name)
		fill(t, value, name)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), name)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && f.Tag.Get("json") != "-" {
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				fill(t, v.Field(i), tag)
			}
		}
	default:
		require.Fail(t, "no value", "%s of %v", name, v.Type())
	}
}

var memberTag = regexp.MustCompile(`^([a-z][a-z0-9_]*,omitzero|-)$`)

// What is encoded is decoded to the same value, the zero value too; members are in
// snake case and left out when zero. Each exported struct of the core is in one of
// the two lists.
func TestJSONOfEveryStruct(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, zero := range jsonTypes {
		typ := reflect.TypeOf(zero)
		name := path.Base(typ.PkgPath()) + "." + typ.Name()
		listed[name] = true
		for f := range typ.Fields() {
			if f.IsExported() && !f.Anonymous {
				require.Regexp(t, memberTag, f.Tag.Get("json"), "%s.%s", name, f.Name)
			}
		}
		roundTrip(t, name, reflect.Zero(typ))
		full := reflect.New(typ).Elem()
		fill(t, full, "x")
		roundTrip(t, name, full)
	}
	for _, d := range describe(t) {
		if slices.Contains(testKits, d.name) || d.name == "sla" {
			continue
		}
		for _, typ := range d.doc.Types {
			spec, ok := typ.Decl.Specs[0].(*ast.TypeSpec)
			if !ok {
				continue
			}
			if _, ok := spec.Type.(*ast.StructType); !ok || strings.HasSuffix(typ.Name, "Error") {
				continue // the fields of an error are for the program; its text, and ProblemOf, for others
			}
			name := d.doc.Name + "." + typ.Name
			require.True(t, listed[name] != (withoutJSON[name] != ""), "%s is to stand in one of the lists", name)
			delete(listed, name)
		}
	}
	delete(listed, "helpdesk.FieldError")
	require.Empty(t, slices.Collect(maps.Keys(listed)), "not exported structs")
}

func roundTrip(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	text, err := json.Marshal(v.Interface())
	require.NoError(t, err, name)
	back := reflect.New(v.Type())
	require.NoError(t, json.Unmarshal(text, back.Interface()), "%s %s", name, text)
	require.Equal(t, v.Interface(), back.Elem().Interface(), "%s %s", name, text)
	again, err := json.Marshal(back.Elem().Interface())
	require.NoError(t, err)
	require.Equal(t, string(text), string(again), name)
}
