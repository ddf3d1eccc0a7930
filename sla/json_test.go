package sla_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// jsonValues holds values of each exported struct that has a JSON form. Between
// them, the values of a type set every field.
func jsonValues() []any {
	at := tuesday.Add(9*time.Hour + 1500*time.Microsecond)
	clock := sla.Clock{
		Metric: sla.MetricResolution, Cycle: 2, State: sla.StateRunning, Verdict: sla.VerdictBreached, Severity: high,
		Start: at, Anchor: at.Add(1), Due: at.Add(2), Stop: at.Add(3),
		Target: time.Hour, Elapsed: time.Hour + 1, Remaining: 0, Overdue: 1,
		Breaches: []sla.Breach{{At: at.Add(4), Due: at.Add(5), Severity: medium, Cause: sla.CauseRetarget}},
		Next:     sla.Next{At: at.Add(6), Warn: 90},
	}
	odd := clock // durations that no evaluation has
	odd.State, odd.Start, odd.Target, odd.Remaining, odd.Overdue = sla.StateNotStarted, time.Time{}, -1, 1<<63-1, -1<<63
	voided := sla.VoidedBreach{Metric: sla.MetricFirstReply, At: at, Due: at.Add(1), Severity: low}
	anomaly := sla.Anomaly{Code: "early", Event: `a "<b>`}
	target := sla.Target{Within: 90 * time.Minute, BestEffort: true, None: true, Clock: sla.BaseBusiness, From: sla.AnchorStart, StopOn: []sla.Stop{sla.StopOnResolved}, Schedule: hours.Member{Name: "desk"}}
	gate := sla.Gate{Level: urgent, Channels: []helpdesk.Channel{chat}, UntilConfirmed: high}
	config := sla.Config{
		Name: "n", Version: 3, Schedule: hours.Member{Config: &deskHours}, Gate: &gate,
		Pause: map[sla.Metric][]sla.Status{sla.MetricNextReply: {sla.StatusSubmitted}}, Pausable: []sla.Metric{sla.MetricFirstReply},
		Untriaged: high, Reopen: sla.ReopenOnce, ReopenWindow: time.Nanosecond, Retarget: sla.RetargetCarry, WarnAt: []int{1, 1000}, Skew: -1,
		Targets: map[severity.Level]map[sla.Metric]sla.Target{low: {sla.MetricResolution: target}, high: {}},
	}
	provisional := sla.Provisional{
		ClaimedAt: at.Add(-time.Minute), Metric: sla.MetricResolution, Cycle: 2, Severity: urgent, Due: at, Target: 5 * time.Hour,
		Elapsed: 5*time.Hour + 1, Overdue: 1, Next: sla.Next{At: at.Add(7), Warn: 120, Decision: true},
	}
	rule := sla.Rule{Partner: "p", Own: true, Channels: []helpdesk.Channel{email}, Labels: map[string]string{"plan": "gold"}}
	all := []any{
		sla.Evaluation{Clocks: []sla.Clock{clock, odd, {}}, Anomalies: []sla.Anomaly{anomaly, {}}, Voided: []sla.VoidedBreach{voided, {}}},
		clock, odd,
		sla.Clock{Target: -time.Second},
		sla.Clock{Remaining: time.Second},
		sla.Clock{Overdue: -3},
		sla.Breach{At: at, Due: at, Severity: urgent, Cause: "something else"},
		sla.Next{At: at},
		sla.Next{At: at, Warn: 120},
		sla.Next{At: at, Decision: true},
		sla.Next{At: at, Warn: 50, Decision: true},
		provisional,
		sla.Evaluation{Provisional: []sla.Provisional{provisional, {}}},
		anomaly, voided,
		sla.Piece{From: at, To: at.Add(1), Kind: sla.PieceClosed, Cause: `a"<`},
		sla.MergedTicket{Start: at, FirstReplyAt: at},
		config, target, gate,
		sla.Ref{Name: "n", Version: 1},
		sla.Situation{Partner: "p", Channel: chat, Labels: map[string]string{"plan": "gold"}},
		sla.Compacted{
			Events: []sla.Event{named("a", moment{at}.opened(high))}, Dropped: 3, Through: at, Policy: "1:00", Data: "1:01",
			Asked: "e1", Finished: 2, FinishedAt: at.Add(1), Voided: []sla.VoidedBreach{voided},
		},
		rule,
		sla.BookConfig{Rules: []sla.Rule{rule, {}}, PartnersByDefault: true},
	}
	for _, e := range oneOfEach() {
		e.RecordedAt = e.At.Add(time.Second)
		all = append(all, e)
	}
	return all
}

// oneOfEach has an event of each kind, with all that it can have.
func oneOfEach() []sla.Event {
	m := at("10:00")
	opened := m.openedBy(helpdesk.ActorAgent, chat, low)
	opened.OnBehalf, opened.ContactAt = true, m.plus(-time.Hour).Time
	machine := m.message(helpdesk.ActorSystem, true, true)
	merged := m.mergedAnswered(m.plus(-time.Hour), m)
	merged.SameRequester = true
	return events(
		opened, m.notified(chat), m.changed(high), m.corrected(low), m.confirmed(), m.declined(high), merged, m.released(),
		machine, m.undelivered("m"), m.mitigated(), m.held(), m.resolved(), m.mergedInto(),
	)
}

// withoutJSON lists the exported structs that have no JSON form, or one that cannot
// be decoded, and why.
var withoutJSON = map[string]string{
	"Policy":        "it is made, not decoded: its form has names to be resolved",
	"Book":          "it is made from policies, which are made themselves",
	"EventError":    "an error",
	"ConflictError": "an error",
	"OpeningError":  "an error",
	"ContractError": "an error",
	"WholeLogError": "an error",
}

// refusedZeros lists the types whose zero value is not valid: it has no JSON form,
// or one that is refused.
var refusedZeros = map[string]bool{"Event": true}

// exportedStructs returns the names of the exported structs that a folder declares.
func exportedStructs(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if typ, ok := s.(*ast.TypeSpec); ok && typ.Name.IsExported() {
					if _, ok := typ.Type.(*ast.StructType); ok {
						names = append(names, typ.Name.Name)
					}
				}
			}
		}
	}
	return names
}

var jsonTag = regexp.MustCompile(`^[a-z][a-z0-9_]*,omitzero$`)

// What is encoded is decoded to the same value, for every exported struct of the
// package; what is not so says why.
func TestJSONOfEveryStruct(t *testing.T) {
	t.Parallel()
	unset := map[string]map[string]bool{} // by type, the fields that no value sets
	for _, v := range jsonValues() {
		typ := reflect.TypeOf(v)
		if unset[typ.Name()] == nil {
			unset[typ.Name()] = map[string]bool{}
			for f := range typ.Fields() {
				require.Regexp(t, jsonTag, f.Tag.Get("json"), "%s.%s", typ.Name(), f.Name)
				unset[typ.Name()][f.Name] = true
			}
			if !refusedZeros[typ.Name()] {
				roundTrip(t, reflect.Zero(typ).Interface())
			}
		}
		for i := range typ.NumField() {
			if !reflect.ValueOf(v).Field(i).IsZero() {
				delete(unset[typ.Name()], typ.Field(i).Name)
			}
		}
		roundTrip(t, v)
	}
	delete(unset["Rule"], "Policy") // it cannot be decoded
	delete(unset["BookConfig"], "Past")
	for name, fields := range unset {
		require.Empty(t, fields, "fields of %s that no value sets", name)
	}
	names := exportedStructs(t, ".")
	for _, name := range names {
		require.True(t, (unset[name] != nil) != (withoutJSON[name] != ""), "%s is to stand either in jsonValues or in withoutJSON", name)
	}
	require.Contains(t, names, "Evaluation")
	require.Len(t, names, len(unset)+len(withoutJSON), "every type of the lists is one of the package")
}

// roundTrip checks that v is encoded alike each time, and decoded to the same, also
// over another value; an object that holds more is read all the same, if it is a
// view.
func roundTrip(t require.TestingT, v any) {
	text, err := json.Marshal(v)
	require.NoError(t, err, "%#v", v)
	fresh := reflect.New(reflect.TypeOf(v))
	require.NoError(t, json.Unmarshal(text, fresh.Interface()), "%s", text)
	require.Equal(t, v, fresh.Elem().Interface(), "%s", text)
	again, err := json.Marshal(fresh.Elem().Interface())
	require.NoError(t, err)
	require.Equal(t, string(text), string(again))
}

// A value that would come back as another is not encoded, and text that is no value
// is not decoded.
func TestJSONRefusals(t *testing.T) {
	t.Parallel()
	_, err := json.Marshal(sla.Event{})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	for _, v := range []any{
		sla.Clock{Metric: 9},
		sla.Clock{Severity: 9},
		sla.Breach{Severity: 9},
		sla.VoidedBreach{Metric: 9},
		sla.VoidedBreach{Severity: 9},
		sla.Next{Warn: 50},
		sla.Evaluation{Clocks: []sla.Clock{{Next: sla.Next{Warn: 1}}}},
		sla.Piece{From: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		sla.Clock{Due: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		text, err := json.Marshal(v)
		require.Error(t, err, "%s", text)
	}
	for text, into := range map[string]any{
		`{"metric":"reply"}`:                                    &sla.Clock{},
		`{"elapsed_seconds":"1"}`:                               &sla.Clock{},
		`{"elapsed_seconds":0.0000000001}`:                      &sla.Clock{},
		`{"elapsed_seconds":9223372036.9}`:                      &sla.Clock{},
		`{"overdue_seconds":1e21}`:                              &sla.Clock{},
		`{"remaining_seconds":1e-999999999999}`:                 &sla.Clock{},
		`{"remaining_seconds":` + strings.Repeat("1", 65) + `}`: &sla.Clock{},
		`{"target_seconds":[]}`:                                 &sla.Clock{},
		`{"due":"tomorrow"}`:                                    &sla.Clock{},
		`{"what":"warn_x","at":"2026-03-03T09:00:00Z"}`:         &sla.Next{},
		`{"what":"warn_0","at":"2026-03-03T09:00:00Z"}`:         &sla.Next{},
		`{"what":"warn_050","at":"2026-03-03T09:00:00Z"}`:       &sla.Next{},
		`{"what":"warn_50"}`:                                    &sla.Next{},
		`{"what":"breach"}`:                                     &sla.Next{},
		`{"what":"party","at":"2026-03-03T09:00:00Z"}`:          &sla.Next{},
		`{"at":"2026-03-03T09:00:00Z"}`:                         &sla.Next{},
		`{"at":1}`:                                              &sla.Next{},
		`{"clocks":[{"cycle":"1"}]}`:                            &sla.Evaluation{},
		`{"clocks":{}}`:                                         &sla.Evaluation{},
		`{"code":1}`:                                            &sla.Anomaly{},
		`{"severity":"worst"}`:                                  &sla.Breach{},
		`{"within":"0s"}`:                                       &sla.Target{},
		`{"within":5}`:                                          &sla.Target{},
		`{"witin":"5s"}`:                                        &sla.Target{},
		`"15m"`:                                                 &sla.Target{},
		`{"partner":"p","policy":{"name":"standard"}}`:          &sla.Rule{},
		`{"past":[{}]}`:                                         &sla.BookConfig{},
		`{"name":"standard"}`:                                   &sla.Policy{},
	} {
		require.Error(t, json.Unmarshal([]byte(text), into), "%s", text)
		if _, ok := into.(json.Unmarshaler); ok {
			require.True(t, reflect.ValueOf(into).Elem().IsZero(), "%s: an error leaves the value alone", text)
		}
	}
	var p sla.Policy
	require.ErrorIs(t, json.Unmarshal([]byte(`{}`), &p), helpdesk.ErrInvalid)
}

// A number of seconds may be written as other programs write it, and members that
// are not of the form are ignored.
func TestJSONLenience(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"1e-9": 1, "1.5E+3": 25 * time.Minute, "0.0": 0, "1800.001500": 30*time.Minute + 1500*time.Microsecond, "-2": -2 * time.Second, "null": 0,
	} {
		var c sla.Clock
		require.NoError(t, json.Unmarshal([]byte(`{"elapsed_seconds":`+text+`,"more":1}`), &c), text)
		require.Equal(t, sla.Clock{Elapsed: want}, c, text)
	}
	var e sla.Evaluation
	require.NoError(t, json.Unmarshal([]byte(`{"clocks":[],"foreseen":[{}]}`), &e))
	require.Equal(t, sla.Evaluation{}, e)
}

// An event with a field that its kind does not use has no JSON form, whichever the
// field is; it is judged all the same.
func TestJSONSuperfluous(t *testing.T) {
	t.Parallel()
	each := oneOfEach()
	full := reflect.New(reflect.TypeFor[sla.Event]()).Elem()
	for _, e := range each {
		for i := range full.NumField() {
			if f := reflect.ValueOf(e).Field(i); !f.IsZero() {
				full.Field(i).Set(f)
			}
		}
	}
	for _, e := range each {
		refused := 0
		for i := range full.NumField() {
			x := reflect.ValueOf(&e).Elem()
			if !x.Field(i).IsZero() || full.Type().Field(i).Name == "RecordedAt" {
				continue
			}
			wrong := reflect.New(x.Type()).Elem()
			wrong.Set(x)
			wrong.Field(i).Set(full.Field(i))
			_, err := json.Marshal(wrong.Interface())
			require.ErrorIs(t, err, helpdesk.ErrInvalid, "%s with %s", e.Kind, full.Type().Field(i).Name)
			require.ErrorContains(t, err, strings.TrimSuffix(full.Type().Field(i).Tag.Get("json"), ",omitzero")+":")
			require.NoError(t, wrong.Interface().(sla.Event).Validate())
			refused++
		}
		require.Positive(t, refused)
	}
	_, err := json.Marshal(sla.Event{ID: "a", At: tuesday, Kind: 99, Reason: "x"})
	require.ErrorContains(t, err, "must be one of the kinds")
	require.NotContains(t, err.Error(), "does not go")
}

// Every evaluation, projection and explanation of random logs comes back as it was.
func roundTrips(t *rapid.T) {
	c, log, now := drawConfig(t), drawFineLog(t), drawNow(t, "now")
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	ev, err := p.Evaluate(log, now)
	require.NoError(t, err)
	roundTrip(t, ev)
	text, err := json.Marshal(ev.Clocks)
	require.NoError(t, err)
	require.NotContains(t, string(text), "target_seconds", "it follows from the others")
	projected, err := p.Project(log, now)
	require.NoError(t, err)
	roundTrip(t, projected)
	for _, c := range ev.Clocks {
		roundTrip(t, c)
		pieces, err := p.Explain(log, now, c.Metric, c.Cycle)
		require.NoError(t, err)
		for _, piece := range pieces {
			roundTrip(t, piece)
		}
	}
	full := p.Config()
	if len(full.Pause) == 0 {
		full.Pause = nil // no list and an empty one are the same
	}
	roundTrip(t, full)
}

func TestJSONProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, roundTrips)
}

func encoded(t require.TestingT, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}
