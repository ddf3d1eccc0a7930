package desk_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/inbox/modelcheck"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// exported are the errors of the core by name, each with the kinds that it matches,
// its code and its status.
var exported = map[string]struct {
	err    error
	kind   error
	code   string
	status int
}{
	"helpdesk.ErrInvalid":     {helpdesk.ErrInvalid, helpdesk.ErrInvalid, "invalid", 422},
	"helpdesk.ErrNotAllowed":  {helpdesk.ErrNotAllowed, helpdesk.ErrNotAllowed, "not_allowed", 403},
	"helpdesk.ErrNotFound":    {helpdesk.ErrNotFound, helpdesk.ErrNotFound, "not_found", 404},
	"helpdesk.ErrGone":        {helpdesk.ErrGone, helpdesk.ErrGone, "gone", 410},
	"helpdesk.ErrConflict":    {helpdesk.ErrConflict, helpdesk.ErrConflict, "conflict", 409},
	"helpdesk.ErrUnavailable": {helpdesk.ErrUnavailable, helpdesk.ErrUnavailable, "unavailable", 503},
	"helpdesk.ErrUncertain":   {helpdesk.ErrUncertain, helpdesk.ErrUncertain, "uncertain", 500},
	"helpdesk.ErrDamaged":     {helpdesk.ErrDamaged, helpdesk.ErrDamaged, "damaged", 500},
	"helpdesk.FieldError":     {&helpdesk.FieldError{}, helpdesk.ErrInvalid, "invalid", 422},

	"severity.NotAllowedError": {&severity.NotAllowedError{}, helpdesk.ErrNotAllowed, "not_allowed", 403},

	"hours.NeverOpensError": {&hours.NeverOpensError{}, helpdesk.ErrInvalid, "internal", 500},
	"hours.RangeError":      {&hours.RangeError{}, helpdesk.ErrInvalid, "invalid", 422},
	"hours.OverflowError":   {&hours.OverflowError{}, helpdesk.ErrInvalid, "internal", 500},

	"sla.ErrNoContract": {sla.ErrNoContract, helpdesk.ErrNotFound, "no_contract", 409},
	"sla.ContractError": {&sla.ContractError{}, helpdesk.ErrNotFound, "no_contract", 409},
	"sla.EventError":    {&sla.EventError{}, helpdesk.ErrInvalid, "invalid", 422},
	"sla.ConflictError": {&sla.ConflictError{}, helpdesk.ErrInvalid, "invalid", 422},
	"sla.WholeLogError": {&sla.WholeLogError{}, helpdesk.ErrConflict, "conflict", 409},
	"sla.OpeningError":  {&sla.OpeningError{}, helpdesk.ErrInvalid, "invalid", 422},

	"ticket.NotAllowedError": {&ticket.NotAllowedError{Reason: "actor"}, helpdesk.ErrNotAllowed, "not_allowed", 403},
	"ticket.LifecycleError":  {&ticket.LifecycleError{}, helpdesk.ErrInvalid, "invalid", 422},
	"ticket in this status":  {&ticket.NotAllowedError{Reason: "status"}, helpdesk.ErrNotAllowed, "not_allowed", 409},

	"inbox.ErrIdentity":       {inbox.ErrIdentity, helpdesk.ErrNotAllowed, "identity", 403},
	"inbox.NotAllowedError":   {&inbox.NotAllowedError{Reason: "actor"}, helpdesk.ErrNotAllowed, "not_allowed", 403},
	"inbox.StaleControlError": {&inbox.StaleControlError{}, helpdesk.ErrConflict, "stale_control", 409},
	"inbox.ConflictError":     {&inbox.ConflictError{}, helpdesk.ErrConflict, "seen", 412},
	"inbox.OfferError":        {&inbox.OfferError{}, helpdesk.ErrConflict, "offer", 409},
	"offer unknown":           {&inbox.OfferError{Reason: "unknown"}, helpdesk.ErrNotFound, "offer", 409},
	"inbox purged":            {&inbox.NotAllowedError{Status: inbox.StatusPurged}, helpdesk.ErrGone, "gone", 410},
	"offer without account":   {&inbox.OfferError{Reason: "no_account"}, helpdesk.ErrNotAllowed, "offer", 409},
	"inbox ambiguous":         {&inbox.NotAllowedError{Guard: "ambiguous", Reason: "guard"}, helpdesk.ErrNotAllowed, "ambiguous", 409},
	"inbox without add-on":    {&inbox.NotAllowedError{Guard: "add_on_off"}, helpdesk.ErrNotAllowed, "add_on_off", 403},

	"modelcheck.ErrTooLarge":    {modelcheck.ErrTooLarge, helpdesk.ErrInvalid, "invalid", 422},
	"modelcheck.ViolationError": {&modelcheck.ViolationError{}, helpdesk.ErrInvalid, "invalid", 422},

	"retention.InputError":   {&retention.InputError{}, helpdesk.ErrInvalid, "internal", 500},
	"retention.RefusedError": {&retention.RefusedError{}, helpdesk.ErrNotAllowed, "refused", 409},
	"retention.ChangedError": {&retention.ChangedError{}, helpdesk.ErrConflict, "busy", 409},
	"retention.EarlyError":   {&retention.EarlyError{}, helpdesk.ErrNotAllowed, "internal", 500},
	"retention.StepError":    {&retention.StepError{}, helpdesk.ErrNotAllowed, "internal", 500},
	"retention.GoneError":    {&retention.GoneError{}, helpdesk.ErrGone, "gone", 410},
	"retention.ProofError":   {&retention.ProofError{}, helpdesk.ErrDamaged, "damaged", 500},

	"desk.NotAllowedError": {&desk.NotAllowedError{}, helpdesk.ErrNotAllowed, "not_allowed", 403},
	"desk.ErrBusy":         {desk.ErrBusy, helpdesk.ErrConflict, "busy", 409},
	"desk.ErrChanged":      {desk.ErrChanged, helpdesk.ErrConflict, "changed", 412},
	"desk.ErrNewer":        {desk.ErrNewer, helpdesk.ErrUnavailable, "newer", 503},
	"desk.NotFoundError":   {&desk.NotFoundError{}, helpdesk.ErrNotFound, "not_found", 404},
	"desk.GoneError":       {&desk.GoneError{}, helpdesk.ErrGone, "gone", 410},
	"desk.ErrNotErased":    {desk.ErrNotErased, helpdesk.ErrUnavailable, "unavailable", 503},
	"desk.ErrRejected":     {desk.ErrRejected, helpdesk.ErrNotAllowed, "not_allowed", 403},
	"desk.RetryError":      {&desk.RetryError{}, helpdesk.ErrUnavailable, "unavailable", 503},

	"store.ErrConflict":   {store.ErrConflict, helpdesk.ErrConflict, "busy", 409},
	"desk.ErrKeyReused":   {desk.ErrKeyReused, helpdesk.ErrConflict, "key_reused", 422},
	"store.ErrDuplicate":  {store.ErrDuplicate, helpdesk.ErrConflict, "conflict", 409},
	"store.ErrFull":       {store.ErrFull, helpdesk.ErrUnavailable, "full", 507},
	"store.ErrTenant":     {store.ErrTenant, helpdesk.ErrInvalid, "tenant", 404},
	"store.ErrClosed":     {store.ErrClosed, helpdesk.ErrUnavailable, "unavailable", 503},
	"store.ErrRetry":      {store.ErrRetry, helpdesk.ErrUnavailable, "unavailable", 503},
	"store.ErrNewer":      {store.ErrNewer, helpdesk.ErrUnavailable, "newer", 503},
	"store.Error":         {&store.Error{Kind: store.ErrConflict}, helpdesk.ErrConflict, "busy", 409},
	"desk.KeyReusedError": {&desk.KeyReusedError{}, helpdesk.ErrConflict, "key_reused", 422},

	"memstore.SnapshotError": {&memstore.SnapshotError{}, helpdesk.ErrDamaged, "damaged", 500},

	"outcome of a commit": {fmt.Errorf("x: %w", helpdesk.ErrUncertain), helpdesk.ErrUncertain, "uncertain", 500},
	"deadline":            {context.DeadlineExceeded, nil, "canceled", 504},
	"cancelled":           {context.Canceled, nil, "canceled", 503},
	"error of the host":   {errors.New("odd"), nil, "internal", 500},
}

// errorNames returns the exported sentinels and types of errors of a package, from
// its source.
func errorNames(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
	require.NoError(t, err)
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() && strings.HasSuffix(s.Name.Name, "Error") {
						names = append(names, f.Name.Name+"."+s.Name.Name)
					}
				case *ast.ValueSpec:
					for _, id := range s.Names {
						if strings.HasPrefix(id.Name, "Err") {
							names = append(names, f.Name.Name+"."+id.Name)
						}
					}
				}
			}
		}
	}
	return names
}

// The page on errors lists the codes, statuses and faults that ProblemOf gives.
func TestProblemsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/errors.md")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the manual is part of the repository only")
	}
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([0-9, ]+) \\| (yes|no) \\| (caller|host|library) \\|")
	documented := map[string][]string{}
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		documented[m[1]] = m[2:]
	}
	given := map[string]bool{}
	for name, e := range exported {
		p := desk.ProblemOf(e.err)
		given[p.Code] = true
		doc, ok := documented[p.Code]
		require.True(t, ok, "%s: the code %q is not documented", name, p.Code)
		require.Contains(t, strings.Split(doc[0], ", "), strconv.Itoa(p.Status), name)
		require.Equal(t, doc[1] == "yes", p.Retry, name)
		require.Equal(t, doc[2], p.Fault, name)
	}
	for code := range documented {
		require.True(t, given[code], "the code %q is documented, and no error has it", code)
	}
}

// Every exported error of the core has a row, matches its kind, and no two kinds.
func TestEveryErrorHasAKind(t *testing.T) {
	t.Parallel()
	kinds := []error{
		helpdesk.ErrInvalid, helpdesk.ErrNotAllowed, helpdesk.ErrNotFound, helpdesk.ErrGone, helpdesk.ErrConflict,
		helpdesk.ErrUnavailable, helpdesk.ErrUncertain, helpdesk.ErrDamaged,
	}
	var names []string
	for _, dir := range []string{"", "severity", "sla/hours", "sla/hours/holidays", "sla", "ticket", "inbox", "inbox/modelcheck", "mail", "retention", "desk", "desk/store", "desk/memstore"} {
		names = append(names, errorNames(t, dir)...)
	}
	require.NotEmpty(t, names)
	for _, name := range names {
		require.Contains(t, exported, name, "an exported error without a row")
	}
	for name, e := range exported {
		if strings.Contains(name, ".") {
			require.Contains(t, names, name, "a row without an exported error")
		}
		p := desk.ProblemOf(fmt.Errorf("host: %w", e.err))
		require.Equal(t, e.code, p.Code, name)
		require.Equal(t, e.status, p.Status, name)
		for _, k := range kinds {
			require.Equal(t, e.kind != nil && errors.Is(e.kind, k), errors.Is(e.err, k), "%s matches %v", name, k)
		}
	}
}

// ProblemOf gives all faults of an input, wherever they are in the tree of errors.
func TestProblemFields(t *testing.T) {
	t.Parallel()
	require.Equal(t, desk.Problem{}, desk.ProblemOf(nil))
	one, two := &helpdesk.FieldError{Path: "a", Reason: "must be given"}, &helpdesk.FieldError{Path: "b", Value: "x", Reason: "must be y"}
	var none *helpdesk.FieldError
	for _, err := range []error{
		errors.Join(one, two),
		fmt.Errorf("host: %w", errors.Join(fmt.Errorf("x: %w", one), errors.New("odd"), errors.Join(two, none))),
	} {
		p := desk.ProblemOf(err)
		require.Equal(t, "invalid", p.Code)
		require.Equal(t, []helpdesk.FieldError{*one, *two}, p.Fields)
	}
	require.Empty(t, desk.ProblemOf(helpdesk.ErrInvalid).Fields)
	codes := make([]string, 0, 2)
	for _, err := range []error{errors.Join(helpdesk.ErrUncertain, context.Canceled), errors.Join(store.ErrFull, context.Canceled)} {
		codes = append(codes, desk.ProblemOf(err).Code)
	}
	require.True(t, slices.Equal([]string{"uncertain", "canceled"}, codes), codes)
}
