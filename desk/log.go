package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/retention"
)

// A line of the log has codes, numbers, the IDs of records and the names of tenants. The text of
// an error is never in it: a port of the host, and a driver of a storage, may quote an address or
// what people wrote.

// causes are names of errors that have no code of their own.
var causes = [...]struct {
	is   func(error) bool
	name string
}{
	{kind(errPanic), "panic"},
	{kind(errStuck), "stuck"},
	{kind(ErrRejected), "rejected"},
	{has[*rateError], "rate"},
	{has[*RetryError], "retry_after"},
	{kind(ErrNotErased), "not_erased"},
	{kind(store.ErrClosed), "closed"},
	{kind(store.ErrDuplicate), "duplicate"},
	{kind(store.ErrRetry), "not_done"},
	{has[*hostError], "port"},
}

// faultOf describes an error for the log: the code of [ProblemOf], a name for the cause if there
// is one, and for an error of no known kind the type of Go.
func faultOf(err error) []slog.Attr {
	code := ProblemOf(err).Code
	all := []slog.Attr{slog.String("code", code)}
	for i := range causes {
		if causes[i].is(err) {
			all = append(all, slog.String("cause", causes[i].name))
			break
		}
	}
	if code == codeInternal {
		all = append(all, slog.String("type", fmt.Sprintf("%T", innermost(err))))
	}
	return all
}

// innermost returns the error that an error wraps, the first of several.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if all, ok := err.(interface{ Unwrap() []error }); ok && len(all.Unwrap()) > 0 {
			next = all.Unwrap()[0]
		}
		if next == nil {
			return err
		}
		err = next
	}
}

// complain writes a line about an error into the log.
func (d *Desk) complain(ctx context.Context, level slog.Level, text string, err error, about ...slog.Attr) {
	d.log.LogAttrs(ctx, level, text, append(about, faultOf(err)...)...)
}

// logged says which message a line is about. The key is left out, as it can have IDs that the
// host gave: of a message, or of a member of the team. Of a record and topic there is one message
// at a time.
func logged(t store.TenantID, m *store.Message) []slog.Attr {
	return []slog.Attr{slog.String("tenant", string(t)), slog.String("of", m.Of.String()), slog.String("topic", m.Topic)}
}

// refusalsOf returns the codes of the reasons for which a plan is refused.
func refusalsOf(p *retention.Plan) slog.Attr {
	var codes []string
	for _, r := range p.Refusals {
		codes = append(codes, r.Code)
	}
	return slog.Any("refusals", codes)
}

// panicked describes a panic to the log, while it is being recovered: the type of what the code
// panics with, which may be what people wrote itself, and the functions.
func panicked(with any) []slog.Attr {
	return []slog.Attr{slog.String("type", fmt.Sprintf("%T", with)), slog.String("stack", functions())}
}

// functions returns the functions that call, without their arguments.
func functions() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	var b strings.Builder
	for {
		f, more := frames.Next()
		b.WriteString(f.Function + "\n\t" + f.File + ":" + strconv.Itoa(f.Line) + "\n")
		if !more {
			return b.String()
		}
	}
}
