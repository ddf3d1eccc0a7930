package calc

import (
	"github.com/deskcore/helpdesk/examples/internal/zones"
	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A Calculator knows what was defined so far, and answers one line after the
// other. The zero Calculator is not usable; see [New].
type Calculator struct {
	catalog  *catalog
	question wire.Question // the current line
	answer   wire.Answer   // to it
	failed   bool
}

// New returns a Calculator that knows the built-in schedules and policies.
func New() *Calculator { return &Calculator{catalog: newCatalog()} }

// ZonesFrom has schedules take their zones from a zoneinfo directory or zip file, and from nowhere
// else.
func (c *Calculator) ZonesFrom(path string) error {
	zone, err := zones.From(path)
	c.catalog.resolver.Zone = zone
	return err
}

// Failed reports whether some line got an error.
func (c *Calculator) Failed() bool { return c.failed }

// Answer returns the answer to a line, with its line break, and nothing for a
// definition. It is valid until the next call. The error is a line that is not
// JSON.
func (c *Calculator) Answer(line []byte) ([]byte, error) {
	c.answer.Reset()
	q := &c.question
	object, err := q.Read(line)
	if err != nil {
		return nil, err
	}
	switch {
	case !object:
		err = faultf(badQuestion, "a line must be an object")
	case q.Define != nil:
		err = c.define(q, line)
	default:
		err = c.ask(q)
	}
	if err != nil {
		c.failed = true
		c.refuse(q, faultOf(err))
	}
	return c.answer.Bytes(), nil
}

// ask answers a question.
func (c *Calculator) ask(q *wire.Question) error {
	op, ok := q.Op.Text()
	if !ok {
		return faultf(badQuestion, "op: %s must be the name of an operation", q.Op)
	}
	switch string(op) {
	case "add":
		return c.shift(q, (*hours.Schedule).Add, (*hours.Schedule).AddDays)
	case "sub":
		return c.shift(q, (*hours.Schedule).Sub, (*hours.Schedule).SubDays)
	case "between":
		return c.between(q)
	case "is_open":
		return c.isOpen(q)
	case "next_open":
		return c.next(q, (*hours.Schedule).NextOpen)
	case "next_close":
		return c.next(q, (*hours.Schedule).NextClose)
	case "spans":
		return c.spans(q)
	case "data":
		return c.data(q)
	case "evaluate":
		return c.evaluate(q)
	case "explain":
		return c.explain(q)
	default:
		return faultf(unknownOp, "op: %s must be add, sub, between, is_open, next_open, next_close, spans, data, evaluate or explain", q.Op)
	}
}

// begin starts the answer with the id of the question, if it has one.
func (c *Calculator) begin(q *wire.Question) {
	c.answer.Open('{')
	if q.ID != nil {
		c.answer.Name("id")
		c.answer.JSON(q.ID)
	}
}

func (c *Calculator) end() {
	c.answer.Close('}')
	c.answer.EndLine()
}

// refuse makes the answer an error.
func (c *Calculator) refuse(q *wire.Question, f *fault) {
	c.answer.Reset()
	c.begin(q)
	if q.Define != nil {
		c.answer.Name("define")
		c.answer.JSON(q.Define)
		if d, err := readDefinition(q); err == nil {
			c.answer.Name("name")
			c.answer.Text(d.name)
		}
	}
	c.answer.Name("error")
	c.answer.Open('{')
	c.answer.Name("code")
	c.answer.Text(f.code)
	c.answer.Name("message")
	c.answer.Text(f.message)
	c.answer.Close('}')
	c.end()
}
