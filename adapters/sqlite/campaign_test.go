//go:build unix

package sqlite_test

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
)

// A process is a party in a process of its own.
type process struct {
	cmd *exec.Cmd
	out *bufio.Reader
}

// start starts a process.
func (p *party) start(t *testing.T) process {
	t.Helper()
	cmd := exec.Command(os.Args[0]) //nolint:noctx // it is killed
	cmd.Env = append(os.Environ(), envDesk+"="+p.String())
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return process{cmd, bufio.NewReader(out)}
}

// kill kills a process when so many commands were carried out and a moment has passed, and reports whether it had
// ended by itself, by a panic.
func (p process) kill(t *testing.T, commands int, moment time.Duration) (panicked bool) {
	t.Helper()
	line, err := p.out.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	for n := 0; n < commands && err == nil; n++ { // or until it ends
		_, err = p.out.ReadString('\n')
	}
	<-time.After(moment)
	require.NoError(t, p.cmd.Process.Kill())
	err = p.cmd.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	require.True(t, ok, "%v", err)
	status, ok := exit.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	if status.Signaled() {
		return false
	}
	require.Equal(t, 2, status.ExitStatus(), "a process ended by itself")
	return true
}

// A word is what the journal of the test has of a command.
type heard struct {
	command
	at              int64 // of the first try
	tries, acks, no int
	conversation    subject // by the answer
}

// A history is what the processes wrote into the journal of the test.
type history struct {
	words  map[string]*heard
	sent   map[string]map[string]int // by word: how often, by tenant and key
	keys   map[string]int            // how often, by tenant and key
	erased map[string]bool
}

func readHistory(t *testing.T, journal string) *history {
	t.Helper()
	text, err := os.ReadFile(journal)
	require.NoError(t, err)
	h := &history{words: map[string]*heard{}, sent: map[string]map[string]int{}, keys: map[string]int{}, erased: map[string]bool{}}
	for line := range strings.Lines(string(text)) {
		require.True(t, strings.HasSuffix(line, "\n"), "a line is torn: %q", line)
		f := strings.Fields(line)
		switch f[0] {
		case "try":
			w := h.words[f[1]]
			if w == nil {
				at, err := strconv.ParseInt(f[6], 10, 64)
				require.NoError(t, err)
				w = &heard{command: command{f[1], f[2], subject{f[3], strings.TrimPrefix(f[4], "c")}, f[5] == "true"}, at: at}
				h.words[f[1]] = w
			}
			w.tries++
		case "ack":
			w := h.words[f[1]]
			if w.acks++; w.acks > 1 {
				require.Equal(t, w.conversation.conversation, f[2], "a key has two results")
			}
			w.conversation = subject{w.of.tenant, f[2]}
		case "no":
			h.words[f[1]].no++
		case "sent":
			key, of := f[1]+" "+f[2], strings.TrimPrefix(f[3], "x")
			h.keys[key]++
			if h.sent[of] == nil {
				h.sent[of] = map[string]int{}
			}
			h.sent[of][key]++
		case "erased":
			h.erased[f[1]+" "+f[2]] = true
		}
	}
	return h
}

// each gives the rows of a query with columns of text.
func each(t *testing.T, db *sql.DB, query string, columns int, do func([]string)) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	for rows.Next() {
		values, into := make([]string, columns), make([]any, columns)
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(t, rows.Scan(into...))
		do(values)
	}
	require.NoError(t, errors.Join(rows.Err(), rows.Close()))
}

func conversationsOf(t *testing.T, db *sql.DB) map[subject]bool {
	t.Helper()
	all := map[subject]bool{}
	each(t, db, "SELECT tenant, id FROM helpdesk_conversation", 2, func(f []string) { all[subject{f[0], f[1]}] = true })
	return all
}

// requireRipe requires what is gone to be gone rightly: its owner asked for it, or it was closed long enough before.
func (h *history) requireRipe(t *testing.T, gone subject, now time.Time) {
	t.Helper()
	for _, w := range h.words {
		if w.of != gone || w.no == w.tries { // what was refused closes nothing
			continue
		}
		var keep time.Duration
		switch w.kind {
		case "erasure":
		case "resolve":
			keep = keepClosed
		case "archive":
			keep = keepArchived
		default:
			continue
		}
		if !time.Unix(0, w.at).Add(keep).After(now) {
			return
		}
	}
	require.Fail(t, "deleted early", "%v by %s", gone, now)
}

// Two processes with a desk each work on one file: commands from several sides at once, with keys and
// without, with deadlines by chance; timers, the outbox and deletions are under way; ports fail and panic. They
// are killed at any moment, one, the other, and the one that took the place of the first, and days pass. Then
// the file is looked at from outside: nothing that was acknowledged is lost, nothing is doubled but
// deliveries, with the same key, numbers have no gap, every timer has fired, all is delivered, and nothing was
// deleted early (R13, R49, R51, T17, T18, T29, T39).
func TestKilledDesks(t *testing.T) {
	t.Parallel()
	rounds, most := campaign.Rounds(4, 100), 25
	if raceEnabled {
		rounds, most = campaign.Rounds(2, 6), 12
	}
	day := 24 * time.Hour
	jump := max(12*time.Hour, 16*day/time.Duration(rounds))
	folder := t.TempDir()
	random := rand.New(rand.NewPCG(8, 9))
	p := party{path: filepath.Join(folder, "desk.db"), journal: filepath.Join(folder, "journal"), faulty: true}
	p.offset = time.Until(monday)
	p.settle(t)
	db := raw(t, p.path)
	alive := map[subject]bool{}
	kills, panics := 0, 0
	begin := func() process {
		p.run++
		return p.start(t)
	}
	kill := func(one process) {
		if one.kill(t, random.IntN(most), time.Duration(random.IntN(15_000))*time.Microsecond) {
			panics++
		} else {
			kills++
		}
	}
	for round := range rounds {
		one, two := begin(), begin()
		kill(one)
		three := begin()
		kill(two)
		kill(three)
		now := p.now()
		h := readHistory(t, p.journal)
		next := conversationsOf(t, db)
		for c := range alive {
			if !next[c] {
				h.requireRipe(t, c, now)
			}
		}
		alive = next
		p.offset += jump
		if round%10 == 9 {
			require.Equal(t, "ok", integrity(t, p.path))
		}
	}
	p.finish(t)
	p.audit(t, db, fmt.Sprintf("%d rounds, %d kills, %d panics that ended a process", rounds, kills, panics))
}

// settle has the AI answer the customers of one tenant.
func (p *party) settle(t *testing.T) {
	t.Helper()
	p.faulty = false
	defer func() { p.faulty = true }()
	s, err := p.open(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.tenant["globex"].UpdateSettings(t.Context(), grace, inbox.Config{AddOn: true, SeveralTickets: true}))
	require.NoError(t, p.tenant["acme"].UpdateSettings(t.Context(), grace, inbox.Config{SeveralTickets: true}))
	c := command{kind: "start", of: subject{tenant: "acme"}} // one that is deleted, whatever the others do
	for i, kind := range []string{"start", "reply", "ticket", "resolve"} {
		c.kind, c.word = kind, fmt.Sprintf("u0x%d", i)
		p.do(t.Context(), c)
		c.of.conversation = p.chats[0].conversation
	}
	require.NoError(t, errors.Join(s.Close(), p.log.Close()))
}

// finish does everything that is left to do, with ports that work.
func (p *party) finish(t *testing.T) {
	t.Helper()
	p.run, p.faulty = p.run+1, false
	s, err := p.open(t.Context())
	require.NoError(t, err)
	for range 6 {
		p.offset += 12 * time.Hour
		for n := 1; n > 0; {
			sent, err := p.desk.Deliver(t.Context())
			require.NoError(t, err)
			fired, err := p.desk.FireTimers(t.Context())
			require.NoError(t, err)
			n = sent + fired
		}
	}
	for _, o := range p.tenant {
		health, err := o.Health(t.Context())
		require.NoError(t, err)
		require.Equal(t, desk.Backlog{}, health.Backlog)
		require.Zero(t, health.Purges)
		require.Empty(t, health.Retention.Refusals)
	}
	require.NoError(t, errors.Join(s.Close(), p.log.Close()))
}

// audit looks at the file from outside.
func (p *party) audit(t *testing.T, db *sql.DB, what string) {
	t.Helper()
	require.Equal(t, "ok", integrity(t, p.path))
	h := readHistory(t, p.journal)
	alive := conversationsOf(t, db)
	now := p.now().UnixNano()
	none := func(why, query string, args ...any) {
		t.Helper()
		n := 0
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM ("+query+")", args...).Scan(&n))
		require.Zero(t, n, why)
	}
	none("a timer has not fired", "SELECT 1 FROM helpdesk_timer WHERE at <= ?", now)
	none("a message was not sent", "SELECT 1 FROM helpdesk_message WHERE state < 2 AND at <= ?", now)
	none("a message was given up", "SELECT 1 FROM helpdesk_message WHERE state = 1")
	none("a deletion has not ended", "SELECT 1 FROM helpdesk_record WHERE kind = 'purge'")
	none("a message is missing", "SELECT 1 FROM helpdesk_entry WHERE log IN ('message', 'note') GROUP BY tenant, kind, id HAVING min(n) <> 1 OR max(n) <> count(*)")
	none("an event is missing", "SELECT 1 FROM helpdesk_entry WHERE log = 'event' GROUP BY tenant, kind, id HAVING min(n) <> 1 OR max(n) <> count(*)")
	none("rows are left of what was deleted", `SELECT 1 FROM helpdesk_entry e WHERE kind = 'conversation' AND NOT EXISTS (SELECT 1 FROM helpdesk_conversation c WHERE c.tenant = e.tenant AND c.id = e.id)
		UNION ALL SELECT 1 FROM helpdesk_entry e WHERE kind = 'ticket' AND NOT EXISTS (SELECT 1 FROM helpdesk_ticket c WHERE c.tenant = e.tenant AND c.id = e.id)`)
	// One that people had answered before its ticket was opened has none (S35).
	none("a breach was not told", `SELECT 1 FROM helpdesk_ticket t WHERE status = 'submitted' AND created < ?
		AND json_extract(CAST(t.body AS TEXT), '$.t.log.replied') IS NULL
		AND NOT EXISTS (SELECT 1 FROM helpdesk_entry e WHERE e.tenant = t.tenant AND e.kind = 'ticket' AND e.id = t.id AND e.log = 'event' AND instr(CAST(e.body AS TEXT), '"sla_breach"') > 0
		AND json_extract(CAST(e.body AS TEXT), '$.event.metric') = 'first_reply')`, now-int64(7*24*time.Hour))

	none("a breach was told twice", `SELECT 1 FROM helpdesk_entry WHERE log = 'event' AND instr(CAST(body AS TEXT), '"sla_breach"') > 0 GROUP BY tenant, id,
		json_extract(CAST(body AS TEXT), '$.event.metric'), json_extract(CAST(body AS TEXT), '$.event.cycle'), json_extract(CAST(body AS TEXT), '$.event.severity') HAVING count(*) > 1`)
	stored := map[string]int{}
	each(t, db, "SELECT CAST(body AS TEXT) FROM helpdesk_entry WHERE log IN ('message', 'note')", 1, func(f []string) {
		stored[wordOf(f[0])]++
	})
	tickets, tags := map[string]int{}, map[string]int{}
	each(t, db, "SELECT title FROM helpdesk_ticket", 1, func(f []string) { tickets[f[0]]++ })
	each(t, db, "SELECT value FROM helpdesk_value WHERE name = 'tag' AND kind = 'conversation'", 1, func(f []string) { tags[f[0]]++ })
	acked, unknown, refused, found, gone := 0, 0, 0, 0, 0
	for _, w := range h.words {
		n, counted := stored[w.word], true
		switch w.kind {
		case "ticket":
			n = tickets[w.word]
		case "tag":
			n = tags[w.word]
		case "start", "write", "note", "reply":
		default:
			counted = false
		}
		require.LessOrEqual(t, n, 1, "%+v is doubled", w)
		switch {
		case w.acks > 0:
			acked++
			switch {
			case !alive[w.conversation]:
				gone++
				require.Zero(t, n, "%+v is left", w)
				h.requireRipe(t, w.conversation, time.Unix(0, now))
			case counted && n == 0 && w.kind == "ticket": // it may go before its conversation
				h.requireRipe(t, w.conversation, time.Unix(0, now))
			case counted:
				require.Equal(t, 1, n, "%+v is lost", w)
			}
			if w.kind == "reply" && alive[w.conversation] {
				require.Len(t, h.sent[w.word], 1, "%+v was not delivered, or under several keys", w)
			}
		case w.no == w.tries:
			refused++
			require.Zero(t, n, "%+v was refused, and is there", w)
		default:
			unknown++
		}
		found += n
	}
	for ref := range h.erased {
		tenant, name, _ := strings.Cut(ref, " ")
		w := h.words[strings.TrimPrefix(name, "file-")]
		require.NotNil(t, w)
		if w.acks > 0 {
			require.False(t, alive[w.conversation], "an attachment was erased early: %s of %s", name, tenant)
		}
	}
	sent, doubled := 0, 0
	for _, n := range h.keys {
		sent++
		doubled += n - 1
	}
	breaches, stones, events := 0, 0, 0
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM helpdesk_entry WHERE log = 'event' AND kind = 'ticket' AND instr(CAST(body AS TEXT), '"sla_breach"') > 0),
		(SELECT count(*) FROM helpdesk_record WHERE kind = 'tombstone'), (SELECT count(*) FROM helpdesk_entry WHERE log = 'event')`).Scan(&breaches, &stones, &events))
	t.Logf("%s: %d commands acknowledged, %d refused, %d of which nobody knows; %d words and %d events stored, %d conversations alive, %d acknowledged commands on deleted ones; %d messages sent, %d of them again; %d breaches, %d tombstones, %d attachments erased",
		what, acked, refused, unknown, found, events, len(alive), gone, sent, doubled, breaches, stones, len(h.erased))
	require.Positive(t, acked)
	require.Positive(t, stones)
	require.Positive(t, sent)
}
