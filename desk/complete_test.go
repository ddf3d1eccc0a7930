package desk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// queries are the methods that change nothing: nothing is left half done by them.
// Those that a use case calls all the same may stand here too.
var queries = []string{
	"Conversation", "Conversation.ControlToken", "Conversation.CustomerView", "Conversation.Events", "Conversation.ExplainClock", "Conversation.ExplainRetention", "Conversation.ID",
	"Conversation.View", "Conversations", "ConfirmClock", "CountConversations", "CountTickets", "CustomerTickets", "DeadLetters", "Health", "ID", "Notifications", "PlanRetention", "Settings", "LookUp", "Tenant", "Tenants", "Threads", "Ticket",
	"TicketByReference", "Ticket.Events", "Ticket.ExplainClock", "Ticket.ExplainRetention", "Ticket.ID", "Ticket.View", "Tickets", "Tombstones", "VerifyErasure",
}

// looping are the methods that every use case has called while its loops run; Run
// is a loop over Deliver, FireTimers and Expire.
var looping = []string{"Deliver", "FireTimers", "Run"}

// T24, T27: every method that does something is crashed at each of its calls: a
// new one without a use case fails here.
func TestUseCasesAreComplete(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	for of, prefix := range map[reflect.Type]string{
		reflect.TypeFor[*desk.Tenant](): "", reflect.TypeFor[*desk.Desk](): "",
		reflect.TypeFor[desk.ConversationHandle](): "Conversation.", reflect.TypeFor[desk.TicketHandle](): "Ticket.",
	} {
		for m := range of.Methods() {
			have[prefix+m.Name] = true
		}
	}
	called := calledByUseCases(t)
	for name := range called {
		require.True(t, have[name], name)
		require.NotContains(t, looping, name)
	}
	all := slices.Concat(slices.Collect(maps.Keys(called)), queries, looping)
	slices.Sort(all)
	all = slices.Compact(all)
	require.Equal(t, slices.Sorted(maps.Keys(have)), all)
}

// calledByUseCases returns the methods of desks and offices that the use cases
// call themselves, by what is written in them.
func calledByUseCases(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "usecases_test.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	called := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		if key, ok := pair.Key.(*ast.Ident); !ok || key.Name != "do" {
			return true
		}
		ast.Inspect(pair.Value, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch of := call.X.(type) {
			case *ast.SelectorExpr:
				if of.Sel.Name == "o" || of.Sel.Name == "desk" {
					called[call.Sel.Name] = true
				}
			case *ast.CallExpr:
				if handle, ok := of.Fun.(*ast.SelectorExpr); ok && (handle.Sel.Name == "Conversation" || handle.Sel.Name == "Ticket") {
					called[handle.Sel.Name+"."+call.Sel.Name] = true
				}
			}
			return true
		})
		return false
	})
	return called
}

// The use cases together make every call that a port has, and so each is crashed.
func TestUseCasesMakeEveryCall(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	add := func(name string, port reflect.Type) {
		for m := range port.Methods() {
			want[name+"."+m.Name] = true
		}
	}
	own := []string{reflect.TypeFor[desk.Config]().PkgPath(), reflect.TypeFor[store.Stores]().PkgPath()}
	for f := range reflect.TypeFor[desk.Config]().Fields() {
		if f.Type.Kind() == reflect.Interface && slices.Contains(own, f.Type.PkgPath()) {
			add(f.Name, f.Type)
		}
	}
	for _, handsOut := range []string{"Tenant", "Features"} { // they touch nothing
		delete(want, "Stores."+handsOut)
	}
	add("Records", reflect.TypeFor[store.Records]())

	made := map[string]bool{}
	for _, u := range useCases() {
		_, _, _, x := u.play(t, 0, 0)
		for i, name := range x.names {
			made[name] = made[name] || x.calls[i] != idle
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(made)))
	for name, busy := range made {
		require.True(t, busy, name)
	}
}
