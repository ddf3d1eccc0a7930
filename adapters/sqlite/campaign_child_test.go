//go:build unix

package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

// envDesk has the test binary run a desk on a file until it is killed: its value is a [party] in the form of
// fmt.
const envDesk = "HELPDESK_SQLITE_DESK"

// A party is a process of the campaign. Processes share the file and the journal of the test, which is
// a text file to which each appends what it is about to do, and what came of it.
type party struct {
	path, journal string
	run           int           // its number, which no other has
	offset        time.Duration // of its clock from that of the machine
	faulty        bool          // its ports fail and panic

	log    *os.File
	seq    atomic.Int64
	mu     sync.Mutex
	random *rand.Rand
	desk   *desk.Desk
	tenant map[string]*desk.Tenant
	chats  []subject
}

// A subject is what commands are about.
type subject struct{ tenant, conversation string }

func (p *party) String() string {
	return fmt.Sprintf("%s|%s|%d|%d|%t", p.path, p.journal, p.run, p.offset, p.faulty)
}

// parseParty reads what String wrote.
func parseParty(text string) (*party, error) {
	p := &party{}
	parts := strings.Split(text, "|")
	if len(parts) != 5 {
		return nil, errors.New("no party")
	}
	p.path, p.journal = parts[0], parts[1]
	_, err := fmt.Sscan(strings.Join(parts[2:], " "), &p.run, (*int64)(&p.offset), &p.faulty)
	return p, err
}

func (p *party) now() time.Time { return time.Now().Add(p.offset).UTC() }

// write appends a line to the journal of the test, by one call, so that lines of processes do not mix.
func (p *party) write(args ...any) {
	if _, err := fmt.Fprintln(p.log, args...); err != nil {
		panic(err)
	}
}

// chance is true in so many of a thousand.
func (p *party) chance(permille int) bool { return p.int(1000) < permille }

func (p *party) int(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.random.IntN(n)
}

var errPort = errors.New("the port failed")

// port is the beginning of each call of a port: it fails, panics, or takes its time.
func (p *party) port(ctx context.Context, panics int) error {
	switch {
	case !p.faulty:
	case p.chance(100):
		return errPort
	case p.chance(panics):
		panic("the port panicked")
	case p.chance(110):
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(p.int(20)) * time.Millisecond):
		}
	}
	return nil
}

var theWord = regexp.MustCompile(`The word is (u[0-9]+x[0-9]+) again\.`)

// wordOf returns the word in a text, or nothing.
func wordOf(text string) string {
	if found := theWord.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

func (p *party) Send(ctx context.Context, e desk.Envelope) error {
	if err := p.port(ctx, 30); err != nil {
		return err
	}
	p.write("sent", e.Tenant, e.Key, "x"+wordOf(e.Body))
	if p.faulty && p.chance(50) {
		return errPort // though it was sent
	}
	return nil
}

func (p *party) Answer(ctx context.Context, t desk.Turn) (desk.Answer, error) {
	if err := p.port(ctx, 30); err != nil {
		return desk.Answer{}, err
	}
	return desk.Answer{Text: "Have you tried turning it off?"}, nil
}

func (p *party) Account(ctx context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	if err := p.port(ctx, 0); err != nil { // it is asked within commands, too
		return desk.Account{}, err
	}
	return desk.Account{Ref: ref, Email: "ada@account.example"}, nil
}

func (p *party) Notify(ctx context.Context, _ desk.Notice) error { return p.port(ctx, 30) }

// Erase panics where nobody recovers: the process ends, as if it were killed.
func (p *party) Erase(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) error {
	for _, a := range of {
		p.write("erased", t, a.Ref)
	}
	return p.port(ctx, 50)
}

func (p *party) Remaining(ctx context.Context, _ store.TenantID, _ ...inbox.AttachmentRef) (int, error) {
	return 0, p.port(ctx, 20)
}

// The times after which things are deleted, which the test looks at from outside.
const (
	keepClosed   = 4 * 24 * time.Hour
	keepArchived = 3 * 24 * time.Hour
)

// open opens the file and makes the desk.
func (p *party) open(ctx context.Context) (*sqlite.Stores, error) {
	var err error
	if p.log, err = os.OpenFile(p.journal, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	p.random = rand.New(rand.NewPCG(uint64(p.run), 7))
	policy, err := retention.New(retention.Config{
		Period: keepClosed, Ticketless: keepArchived, MaxGap: 100 * 24 * time.Hour, Breaker: retention.Breaker{MaxCount: 1_000_000, MaxShare: 100},
	})
	if err != nil {
		return nil, err
	}
	s, err := sqlite.Open(ctx, sqlite.Config{Path: p.path, Wait: time.Minute})
	if err != nil {
		return nil, err
	}
	patience := 200 * time.Millisecond
	if !p.faulty {
		patience = time.Minute
	}
	p.desk, err = desk.New(desk.Config{
		Stores: s, Transport: p, Accounts: p, Assistant: p, AttachmentEraser: p, Notifier: p, Clock: p.now, Retention: policy,
		Secrets: []desk.Secret{{ID: "s", Key: bytes.Repeat([]byte{9}, 32)}}, Logger: slog.New(slog.DiscardHandler),
		Limits: desk.Limits{Poll: 20 * time.Millisecond, Timeout: patience, Workers: 4, MaxSends: 1 << 20, SendFor: 19 * 365 * 24 * time.Hour, MailsPerWindow: 1 << 20, MailStarts: 1 << 20},
	})
	p.tenant = map[string]*desk.Tenant{}
	for _, name := range []string{"acme", "globex"} {
		if err == nil {
			p.tenant[name], err = p.desk.Tenant(store.TenantID(name))
		}
	}
	return s, err
}

// runDesk is a process of the campaign: it works until it is killed.
func runDesk(text string) int {
	ctx := context.Background()
	p, err := parseParty(text)
	if err == nil {
		_, err = p.open(ctx)
	}
	var open []command
	if err == nil {
		open, err = p.recall()
	}
	if err != nil {
		fmt.Println("failed", err)
		return 1
	}
	fmt.Println("ready")
	var all sync.WaitGroup
	all.Go(func() { _ = p.desk.Run(ctx) })
	all.Go(func() { // the keys of those that were killed, again
		for _, c := range open {
			p.do(ctx, c)
		}
	})
	for range 3 {
		all.Go(func() {
			for {
				p.do(ctx, p.next())
			}
		})
	}
	all.Wait()
	return 0
}

// A command is one that is given, with a word that no other has.
type command struct {
	word, kind string
	of         subject
	keyed      bool
}

// recall reads the journal of the test: the conversations of late, and commands with a key of which nobody knows
// what became.
func (p *party) recall() (open []command, err error) {
	text, err := os.ReadFile(p.journal)
	if err != nil {
		return nil, err
	}
	waiting := map[string]command{}
	old := p.now().Add(-2 * 24 * time.Hour).UnixNano() // keys are remembered longer than that
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch f[0] {
		case "try":
			at, _ := strconv.ParseInt(f[6], 10, 64)
			waiting[f[1]] = command{f[1], f[2], subject{f[3], strings.TrimPrefix(f[4], "c")}, f[5] == "true" && at > old}
		case "ack":
			if waiting[f[1]].kind == "start" {
				p.chats = append(p.chats, subject{waiting[f[1]].of.tenant, f[2]})
			}
			delete(waiting, f[1])
		case "no":
			delete(waiting, f[1])
		}
	}
	for _, c := range waiting {
		if c.keyed && len(open) < 5 && p.chance(300) {
			open = append(open, c)
		}
	}
	return open, nil
}

var kindsOfCommands = []string{
	"write", "write", "write", "write", "note", "note", "note", "note", "note", "reply", "reply", "reply", "reply",
	"ticket", "ticket", "resolve", "archive", "tag", "tag", "take", "take", "erasure",
}

// next thinks of a command.
func (p *party) next() command {
	c := command{word: fmt.Sprintf("u%dx%d", p.run, p.seq.Add(1)), keyed: p.chance(500)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.chats) == 0 || p.random.IntN(12) == 0 {
		c.kind, c.of.tenant = "start", []string{"acme", "globex"}[p.random.IntN(2)]
		return c
	}
	c.of = p.chats[max(0, len(p.chats)-1-p.random.IntN(20))]
	c.kind = kindsOfCommands[p.random.IntN(len(kindsOfCommands))]
	return c
}

// do gives a command, and says before what it is, and then what came of it: "ack", "no" where nothing was done, or
// nothing where that is not known. A command with a key is given again as long as that is so.
func (p *party) do(ctx context.Context, c command) {
	p.write("try", c.word, c.kind, c.of.tenant, "c"+c.of.conversation, c.keyed, p.now().UnixNano())
	for try := 0; ; try++ {
		limit := time.Minute
		if p.faulty && p.chance(300) {
			limit = time.Duration(1+p.int(20_000)) * time.Microsecond
		}
		short, cancel := context.WithTimeout(ctx, limit)
		r, err := p.give(short, c)
		late := short.Err() != nil
		cancel()
		switch {
		case err == nil:
			p.write("ack", c.word, r.Conversation)
			fmt.Println(c.word) // so that the test knows that it gets on
			if c.kind == "start" {
				p.mu.Lock()
				p.chats = append(p.chats, subject{c.of.tenant, r.Conversation.String()})
				p.mu.Unlock()
			}
			return
		case errors.Is(err, helpdesk.ErrUncertain), late:
			if !c.keyed {
				p.write("unknown", c.word)
				return
			}
		default:
			p.write("no", c.word, strings.ReplaceAll(desk.ProblemOf(err).Code, " ", "_"))
			return
		}
	}
}

func (p *party) give(ctx context.Context, c command) (desk.Result, error) {
	customer, agent := desk.Meta{Author: helpdesk.Customer("ada")}, desk.Meta{Author: helpdesk.Agent("grace")}
	if c.keyed {
		customer.IdempotencyKey, agent.IdempotencyKey = c.word, c.word
	}
	o := p.tenant[c.of.tenant]
	text := inbox.MessageParams{Body: "The word is " + c.word + " again."}
	if c.kind == "start" {
		text.Attachments = []inbox.AttachmentRef{{Ref: "file-" + c.word, Size: 1}}
		return o.Start(ctx, customer, inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: inbox.Contact{Customer: "ada", Account: "acc"}, Message: text,
		})
	}
	var id inbox.ID
	if err := id.UnmarshalText([]byte(c.of.conversation)); err != nil {
		panic(err)
	}
	h := o.Conversation(id)
	switch c.kind {
	case "write":
		return h.AddCustomerMessage(ctx, customer, inbox.CustomerMessageParams{MessageParams: text})
	case "note":
		return h.AddNote(ctx, agent, text)
	case "reply":
		return h.Reply(ctx, agent, text)
	case "ticket":
		return h.CreateTicket(ctx, agent, inbox.CreateTicketParams{
			Intake: ticket.Intake{Title: c.word, Description: "Nothing prints."}, Severity: severity.High,
		})
	case "take":
		return h.TakeOver(ctx, agent)
	case "resolve":
		done := ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonSpam}
		r, err := h.Resolve(ctx, agent, done)
		if desk.ProblemOf(err).Code != "ambiguous" {
			return r, err
		}
		v, err := h.View(ctx, inbox.Viewer{Agent: "grace"}, desk.MessageQuery{Limit: 1})
		if err != nil {
			return desk.Result{}, err
		}
		for _, l := range slices.Backward(v.Tickets) { // one of several has to be named
			if r, err = o.Ticket(l.Ticket).Resolve(ctx, agent, done); desk.ProblemOf(err).Code != "invalid" {
				break
			}
		}
		return r, err
	case "archive":
		return h.Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed, Resolution: ticket.ResolveParams{Action: "Away.", Reason: ticket.ReasonSpam}})
	case "erasure":
		_, err := h.RequestErasure(ctx, customer)
		return desk.Result{Conversation: id}, err
	default:
		return h.AddTag(ctx, agent, c.word)
	}
}
