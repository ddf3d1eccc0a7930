// Program release is a process of one release of the library. The tests build it twice, from
// this tree and from this tree with a later version's changes, and run both on one file.
//
// Its arguments are the file, the instant, and what to do with which arguments; it prints a
// JSON object, and in it the code of an error if there is one.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

type host struct{ told int }

func (*host) Account(_ context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	return desk.Account{Ref: ref, Email: "ada@account.example"}, nil
}

func (h *host) Notify(context.Context, desk.Notice) error {
	h.told++
	return nil
}

// out is what is printed.
type out struct {
	Code  string `json:"code,omitempty"`
	Error string `json:"error,omitempty"`

	Conversation string            `json:"conversation,omitempty"`
	Ticket       string            `json:"ticket,omitempty"`
	Message      string            `json:"message,omitempty"`
	Replayed     bool              `json:"replayed,omitempty"`
	View         *inbox.TeamView   `json:"view,omitempty"`
	TicketView   *desk.TicketView  `json:"ticket_view,omitempty"`
	Bodies       map[string]string `json:"bodies,omitempty"`
	Sent         int               `json:"sent"`
	Told         int               `json:"told"`
	Parked       int               `json:"parked"`
	Fired        int               `json:"fired"`
	Done         int               `json:"done"`
}

func main() {
	o, err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4:])
	if err != nil {
		o.Code, o.Error = desk.ProblemOf(err).Code, err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var (
	ada   = desk.Meta{Author: helpdesk.Customer("ada")}
	grace = desk.Meta{Author: helpdesk.Agent("grace")}
)

func run(file, at, what string, args []string) (o out, err error) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Config{Path: file})
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return o, err
	}
	h, post := &host{}, memtransport.New()
	d, err := desk.New(desk.Config{
		Stores: s, Transport: post, Accounts: h, Notifier: h, Clock: func() time.Time { return now },
		Secrets: []desk.Secret{{ID: "s", Key: bytes.Repeat([]byte{7}, 32)}},
	})
	if err != nil {
		return o, err
	}
	acme, err := d.Tenant("acme")
	if err != nil {
		return o, err
	}
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	id, _ := uuid.Parse(arg(0))
	conv, tick := acme.Conversation(inbox.ID(id)), acme.Ticket(ticket.ID(id))
	keyed := func(m desk.Meta, key string) desk.Meta {
		m.IdempotencyKey = key
		return m
	}
	took := func(r desk.Result, err error) error {
		o.Message, o.Replayed = r.Message, r.Replayed
		if r.Ticket != (ticket.ID{}) {
			o.Ticket = r.Ticket.String()
		}
		if r.Conversation != (inbox.ID{}) {
			o.Conversation = r.Conversation.String()
		}
		return err
	}
	switch what {
	case "start":
		if err := took(acme.Start(ctx, ada, inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: inbox.Contact{Customer: "ada", Account: "acc", Email: "ada@private.example"},
			People: true, Message: inbox.MessageParams{Body: "Help!"},
		})); err != nil {
			return o, err
		}
		id, _ := uuid.Parse(o.Conversation)
		conv := acme.Conversation(inbox.ID(id))
		if _, err := conv.PickUp(ctx, grace); err != nil {
			return o, err
		}
		return o, took(conv.CreateTicket(ctx, grace, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer", Description: "It burns."}, Summary: "Printer."}))
	case "note":
		return o, took(conv.AddNote(ctx, keyed(grace, arg(2)), inbox.MessageParams{Body: arg(1)}))
	case "reply":
		return o, took(conv.Reply(ctx, keyed(grace, arg(2)), inbox.MessageParams{Body: arg(1)}))
	case "message":
		return o, took(conv.AddCustomerMessage(ctx, keyed(ada, arg(2)), inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: arg(1)}}))
	case "tag":
		return o, took(conv.AddTag(ctx, grace, arg(1)))
	case "read":
		return o, took(conv.MarkRead(ctx, grace, 1))
	case "resolve":
		return o, took(conv.Resolve(ctx, grace, ticket.ResolveParams{Action: "Put out."}))
	case "reopen":
		return o, took(tick.Reopen(ctx, grace, "It burns again."))
	case "hold":
		return o, took(tick.PlaceLegalHold(ctx, grace, ticket.LegalHoldParams{ID: arg(1), Reason: "court", Privileged: true}))
	case "assign":
		return o, took(tick.Assign(ctx, grace, arg(1)))
	case "affected":
		var a severity.Answers
		if err := a.Affected.UnmarshalText([]byte(arg(1))); err != nil {
			return o, err
		}
		return o, took(tick.UpdateIntake(ctx, grace, ticket.Intake{Answers: a}))
	case "many": // notes by four at once, with a key for each
		var all sync.WaitGroup
		errs := make([]error, 4)
		n, _ := strconv.Atoi(arg(2))
		for w := range errs {
			all.Go(func() {
				for i := range n {
					name := fmt.Sprintf("%s-%d-%d", arg(1), w, i)
					if _, errs[w] = conv.AddNote(ctx, keyed(grace, name), inbox.MessageParams{ID: name, Body: name}); errs[w] != nil {
						return
					}
				}
			})
		}
		all.Wait()
		o.Done = 4 * n
		return o, errors.Join(errs...)
	case "view":
		v, err := conv.View(ctx, inbox.Viewer{}, desk.MessageQuery{Last: true})
		o.View = &v
		return o, err
	case "ticket":
		v, err := tick.View(ctx)
		o.TicketView = &v
		return o, err
	case "work":
		for range 20 {
			_, err1 := d.Deliver(ctx)
			n, err2 := d.FireTimers(ctx)
			o.Fired += n
			err = errors.Join(err, err1, err2)
		}
		o.Sent, o.Told = len(post.Delivered()), h.told
		dead, _, err2 := acme.DeadLetters(ctx, "", 0)
		o.Parked = len(dead)
		return o, errors.Join(err, err2)
	case "bodies":
		r, err := s.Tenant("acme")
		if err != nil {
			return o, err
		}
		found, err := r.Read(ctx, store.ReadRequest{Records: []store.Ref{{Kind: "conversation", ID: arg(0)}, {Kind: "ticket", ID: arg(1)}}})
		if err != nil {
			return o, err
		}
		o.Bodies = map[string]string{}
		for _, rec := range found.Records {
			o.Bodies[rec.Ref.Kind] = string(rec.Body)
		}
		return o, nil
	default:
		return o, fmt.Errorf("release: %q is not known", what)
	}
}
