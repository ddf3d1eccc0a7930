package ticket

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A FaultCode names a fault of a lifecycle. The faults of names and forms are:
//
//   - name: a name in the wrong form
//   - reserved: a name with another meaning already
//   - no_status: a lifecycle without statuses
//   - duplicate_status: a status stated twice
//   - category: a category that is missing or unknown
//   - initial: an initial status that is missing, unknown or not of category new
//   - reopen_window: a negative window
//   - unknown_status, unknown_next: a row in a status, or to a status, that is not stated
//   - actor: a row for no actor, for one actor twice, or for an unknown actor
//   - duplicate_row: two rows with one status, event and guard
//   - guard: a guard that the command never finds
//   - effect: an effect stated twice in one row
//   - size: more than 200 statuses, 1,000 rows, or 100 actors or effects of a row
//   - machine: looplab/fsm gives another answer than the table
//
// The faults of meaning are:
//
//   - needs_person: another actor than a person for an event of people
//   - create: no creation, or a creation that leads to another status than the initial
//   - customer_creates: a creation by the customer
//   - unreachable: a status that no row leads to
//   - dead_end: a status without a way to done
//   - no_way_out: a waiting status that the customer's answer does not end
//   - lost_message: a status that refuses the customer's message
//   - auto_moves: an automatic message that changes the status
//   - no_action: a way to done without an action taken
//   - return: a way back from done other than reopening
//   - no_retention_start, keeps_retention: a way to done that does not start the time
//     until deletion, or a way back that does not end that time
//   - no_purge: a done status without deletion
//   - purge: a deletion of an open ticket, or by another event
//
// The faults of a migration, see [Lifecycle.CheckMigration], are:
//
//   - migration_missing: an old status without a new one
//   - migration_unknown: a new status that the new lifecycle lacks
//   - migration_stale: an old status that the old lifecycle lacks
//   - migration_moves: a new status of another category
type FaultCode string

// The faults.
const (
	faultName             FaultCode = "name"               // a name that has not the form of one
	faultReserved         FaultCode = "reserved"           // a name that means something else already
	faultNoStatus         FaultCode = "no_status"          // a lifecycle without statuses
	faultDuplicateStatus  FaultCode = "duplicate_status"   // a status stated twice
	faultCategory         FaultCode = "category"           // a category that is missing or none
	faultInitial          FaultCode = "initial"            // an initial status that is none, or not new
	faultWindow           FaultCode = "reopen_window"      // a negative window
	faultUnknownStatus    FaultCode = "unknown_status"     // a row in a status that is not stated
	faultUnknownNext      FaultCode = "unknown_next"       // a row to a status that is not stated
	faultActor            FaultCode = "actor"              // a row for nobody, or for somebody unknown
	faultDuplicateRow     FaultCode = "duplicate_row"      // two rows with one status, event and guard
	faultGuard            FaultCode = "guard"              // a guard that the command never finds
	faultPerson           FaultCode = "needs_person"       // something that only a person of the team does (R28)
	faultCustomerCreates  FaultCode = "customer_creates"   // R29
	faultCreate           FaultCode = "create"             // no creation, or one that leads elsewhere
	faultEffect           FaultCode = "effect"             // an effect stated twice in one row
	faultUnreachable      FaultCode = "unreachable"        // a status that nothing leads to
	faultDeadEnd          FaultCode = "dead_end"           // no way from here to a done status
	faultWaiting          FaultCode = "no_way_out"         // the customer's answer does not end the waiting (R47)
	faultLostMessage      FaultCode = "lost_message"       // the customer's message is refused
	faultAutoMoves        FaultCode = "auto_moves"         // an automatic message changes the status (D11)
	faultNoAction         FaultCode = "no_action"          // done without an action taken (R50)
	faultReturn           FaultCode = "return"             // back from done other than by reopening
	faultNoRetention      FaultCode = "no_retention_start" // done, and the time until deletion does not begin (R51)
	faultKeepsRetention   FaultCode = "keeps_retention"    // reopened, and still to be deleted (R51)
	faultNoPurge          FaultCode = "no_purge"           // done, and never deleted (R51)
	faultPurge            FaultCode = "purge"              // deleted while not done, or by something else
	faultSize             FaultCode = "size"               // more than 200 statuses, 1,000 rows, or 100 actors or effects of a row
	faultMachine          FaultCode = "machine"            // looplab/fsm answers otherwise
	faultMigrationMissing FaultCode = "migration_missing"  // an old status leads nowhere; see CheckMigration
	faultMigrationUnknown FaultCode = "migration_unknown"  // or to a status that the new lifecycle does not have
	faultMigrationStale   FaultCode = "migration_stale"    // a status that the old lifecycle does not have
	faultMigrationMoves   FaultCode = "migration_moves"    // or to one of another category
)

// A LifecycleError is one fault of a lifecycle. It matches [helpdesk.ErrInvalid] and is
// plain data. A field that does not apply to the fault is empty.
type LifecycleError struct {
	Code   FaultCode
	Status Status // the place of the fault, with Event and Guard
	Event  EventKind
	Guard  Guard
	Value  string // the value found
}

// Error names the place, the value found and the values that would be right.
func (e *LifecycleError) Error() string {
	var b strings.Builder
	b.WriteString("ticket: lifecycle: ")
	switch {
	case e.Event != "":
		fmt.Fprintf(&b, "%.40q in %.40q: ", internal(e.Event, e.Guard), label(e.Status))
	case e.Status != "":
		fmt.Fprintf(&b, "%.40q: ", string(e.Status))
	}
	if e.Value != "" {
		fmt.Fprintf(&b, "%.40q ", e.Value)
	}
	b.WriteString(faultTexts[e.Code])
	return b.String()
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *LifecycleError) Unwrap() error { return helpdesk.ErrInvalid }

var faultTexts = map[FaultCode]string{
	faultName:             "must be a lower-case letter, then at most 31 lower-case letters, digits or underscores",
	faultReserved:         "is reserved",
	faultNoStatus:         "must have statuses",
	faultDuplicateStatus:  "must be stated once",
	faultCategory:         "must have the category new, open, waiting or done",
	faultInitial:          "must be a status of category new",
	faultWindow:           "must not be negative",
	faultUnknownStatus:    "must be a status of the lifecycle",
	faultUnknownNext:      "must be a status of the lifecycle, or purged",
	faultActor:            "must name who may, each once: customer, agent, ai, system or third_party",
	faultDuplicateRow:     "must stand once with this guard",
	faultGuard:            "is a condition that is never found for this event",
	faultPerson:           "must be up to agents only",
	faultCustomerCreates:  "must not be up to customers or third parties",
	faultCreate:           "must lead from before the ticket to the initial status, and nothing else may lead from there",
	faultEffect:           "must stand once in a row",
	faultUnreachable:      "cannot be reached",
	faultDeadEnd:          "has no way to a done status",
	faultWaiting:          "must end with a message of the customer",
	faultLostMessage:      "must take messages of the customer",
	faultAutoMoves:        "must not change the status",
	faultNoAction:         "must not lead to a done status: only resolve, give_up and merge_into do",
	faultReturn:           "must not lead back from a done status: only reopen and customer_message:in_window do",
	faultNoRetention:      "must have the effect schedule_retention",
	faultKeepsRetention:   "must have the effect cancel_retention",
	faultNoPurge:          "has no way to be purged",
	faultPurge:            "must be the way from a done status to purged, and the only one",
	faultSize:             "are too many: a lifecycle has at most 200 statuses, 1,000 rows, and 100 actors and effects a row",
	faultMachine:          "is answered otherwise by the machine",
	faultMigrationMissing: "must be mapped to a status of the new lifecycle",
	faultMigrationUnknown: "must be a status of the new lifecycle",
	faultMigrationStale:   "must be a status of the old lifecycle",
	faultMigrationMoves:   "must be mapped to a status of the same category",
}

// A validator gathers the faults of one Config.
type validator struct {
	Config
	check.Faults
	cats map[Status]Category
}

func (c *validator) fault(code FaultCode, s Status, value string) {
	c.Add(&LifecycleError{Code: code, Status: s, Value: value})
}

func (c *validator) row(code FaultCode, r *Row, value string) {
	c.Add(&LifecycleError{Code: code, Status: r.Status, Event: r.Event, Guard: r.Guard, Value: value})
}

// validate reports everything that is wrong with c.
func validate(c Config) error {
	k := &validator{Config: c, cats: make(map[Status]Category)}
	if k.tooLarge(); k.Any() {
		return k.Err()
	}
	k.names()
	seen := make(map[rowID]bool)
	for i := range c.Rows {
		r := &c.Rows[i]
		k.form(r)
		k.meaning(r)
		id := rowID{r.Status, r.Event, r.Guard}
		if seen[id] {
			k.row(faultDuplicateRow, r, "")
		}
		seen[id] = true
	}
	k.paths()
	return k.Err()
}

// The bounds of a lifecycle: everything is asked for every pair.
const (
	maxStatuses = 200
	maxRows     = 1_000
	maxEffects  = 100 // of a row
)

func (c *validator) tooLarge() {
	most := func(s Status, n, limit int, of string) {
		if n > limit {
			c.fault(faultSize, s, strconv.Itoa(n)+" "+of)
		}
	}
	most("", len(c.Statuses), maxStatuses, "statuses")
	most("", len(c.Rows), maxRows, "rows")
	for i := range c.Rows {
		r := &c.Rows[i]
		most(r.Status, len(r.By), maxEffects, "actors")
		most(r.Status, len(r.Effects), maxEffects, "effects")
	}
}

// A rowID names a row.
type rowID struct {
	s Status
	k EventKind
	g Guard
}

// names checks everything but the rows.
func (c *validator) names() {
	if !check.IsName(c.Name) {
		c.fault(faultName, "", c.Name)
	}
	if c.ReopenWindow < 0 {
		c.fault(faultWindow, "", c.ReopenWindow.String())
	}
	if len(c.Statuses) == 0 {
		c.fault(faultNoStatus, "", "")
	}
	for _, s := range c.Statuses {
		switch {
		case !check.IsName(string(s.Status)):
			c.fault(faultName, "", string(s.Status))
		case slices.Contains(reserved, string(s.Status)) || s.Status == StatusPurged:
			c.fault(faultReserved, s.Status, "")
		}
		if _, ok := c.cats[s.Status]; ok {
			c.fault(faultDuplicateStatus, s.Status, "")
		}
		c.cats[s.Status] = s.Category
		if !s.Category.IsValid() {
			c.fault(faultCategory, s.Status, string(s.Category))
		}
	}
	if cat, ok := c.cats[c.Initial]; !ok || cat.IsValid() && cat != CategoryNew {
		c.fault(faultInitial, c.Initial, "")
	}
}

// reserved names mean something to looplab/fsm, or to the table itself.
var reserved = []string{"event", "state", "none"}

// form checks the words of a row.
func (c *validator) form(r *Row) {
	if r.Status != StatusNone {
		if _, ok := c.cats[r.Status]; !ok {
			c.row(faultUnknownStatus, r, string(r.Status))
		}
	}
	if _, ok := c.cats[r.Next]; !ok && r.Next != StatusPurged {
		c.row(faultUnknownNext, r, string(r.Next))
	}
	switch {
	case !check.IsName(string(r.Event)):
		c.row(faultName, r, string(r.Event))
	case slices.Contains(reserved, string(r.Event)):
		c.row(faultReserved, r, string(r.Event))
	}
	switch info := kindByName[r.Event]; {
	case r.Guard != guardNone && !check.IsName(string(r.Guard)):
		c.row(faultName, r, string(r.Guard))
	case info != nil && !slices.Contains(info.guards, r.Guard):
		c.row(faultGuard, r, string(r.Guard))
	}
	if len(r.By) == 0 {
		c.row(faultActor, r, "")
	}
	for i, a := range r.By {
		if !a.IsValid() || slices.Contains(r.By[:i], a) {
			c.row(faultActor, r, string(a))
		}
	}
	for i, e := range r.Effects {
		if !check.IsName(string(e)) {
			c.row(faultName, r, string(e))
		} else if slices.Contains(r.Effects[:i], e) {
			c.row(faultEffect, r, string(e))
		}
	}
}

// meaning checks a row against what every lifecycle keeps.
func (c *validator) meaning(r *Row) {
	info := kindByName[r.Event]
	if info != nil && info.person {
		for _, a := range r.By {
			if a.IsValid() && !a.IsPerson() {
				c.row(faultPerson, r, string(a))
			}
		}
	}
	if (r.Event == EventCreate) != (r.Status == StatusNone) || r.Event == EventCreate && r.Next != c.Initial {
		c.row(faultCreate, r, "")
	}
	if r.Event == EventCreate {
		for _, a := range r.By {
			if a == helpdesk.ActorCustomer || a == helpdesk.ActorThirdParty {
				c.row(faultCustomerCreates, r, string(a))
			}
		}
	}
	if r.Event == EventRecordAutoReply && r.Status != r.Next {
		c.row(faultAutoMoves, r, "")
	}

	from, to := c.cats[r.Status], c.cats[r.Next]
	if (r.Event == EventPurge) != (r.Next == StatusPurged) || r.Event == EventPurge && from != CategoryDone {
		c.row(faultPurge, r, "")
	}
	switch {
	case to == CategoryDone && from != CategoryDone:
		if r.Event != EventResolve && r.Event != EventResolveUnanswered && r.Event != EventMergeInto {
			c.row(faultNoAction, r, "")
		}
		if !slices.Contains(r.Effects, EffectScheduleRetention) {
			c.row(faultNoRetention, r, "")
		}
	case from == CategoryDone && to.IsValid() && to != CategoryDone:
		if r.Event != EventReopen && (r.Event != EventAddCustomerMessage || r.Guard != guardInWindow) {
			c.row(faultReturn, r, "")
		}
		if !slices.Contains(r.Effects, EffectCancelRetention) {
			c.row(faultKeepsRetention, r, "")
		}
	}
}

// paths checks what the rows amount to together.
func (c *validator) paths() {
	reached := map[Status]bool{StatusNone: true}
	finished := make(map[Status]bool) // has a way to done
	purged := make(map[Status]bool)   // has a way to purged
	for s, cat := range c.cats {
		finished[s] = cat == CategoryDone
	}
	purged[StatusPurged] = true
	for range len(c.cats) + 2 { // the longest way
		for i := range c.Rows {
			r := &c.Rows[i]
			reached[r.Next] = reached[r.Next] || reached[r.Status]
			finished[r.Status] = finished[r.Status] || finished[r.Next]
			purged[r.Status] = purged[r.Status] || purged[r.Next]
		}
	}
	creates := slices.ContainsFunc(c.Rows, func(r Row) bool { return r.Event == EventCreate })
	if !creates {
		c.fault(faultCreate, "", "")
	}
	for i, s := range c.Statuses {
		if slices.ContainsFunc(c.Statuses[:i], func(t StatusConfig) bool { return t.Status == s.Status }) {
			continue
		}
		if creates && !reached[s.Status] {
			c.fault(faultUnreachable, s.Status, "")
		}
		if !finished[s.Status] {
			c.fault(faultDeadEnd, s.Status, "")
		}
		if s.Category == CategoryDone && !purged[s.Status] {
			c.fault(faultNoPurge, s.Status, "")
		}
		answered, leaves := false, false
		for j := range c.Rows {
			r := &c.Rows[j]
			if r.Status == s.Status && r.Event == EventAddCustomerMessage && slices.Contains(r.By, helpdesk.ActorCustomer) {
				answered = answered || r.Guard == guardNone || s.Category == CategoryDone
				leaves = leaves || r.Guard == guardNone && c.cats[r.Next] != CategoryWaiting
			}
		}
		if !answered {
			c.fault(faultLostMessage, s.Status, "")
		} else if s.Category == CategoryWaiting && !leaves {
			c.fault(faultWaiting, s.Status, "")
		}
	}
}

// CheckMigration reports whether every ticket of l can go on in the lifecycle next. The
// map leads from each status of l to a status of next of the same category, so that the
// log for the clocks stays right. A status that next has too may be absent from the map.
// The error joins one [*LifecycleError] for every faulty status. To move a ticket,
// replace lifecycle and status in its [Snapshot].
func (l *Lifecycle) CheckMigration(next *Lifecycle, statuses map[Status]Status) error {
	var f check.Faults
	for _, of := range l.config.Statuses {
		s, cat := of.Status, of.Category
		to, mapped := statuses[s]
		if !mapped {
			to = s
		}
		switch nextCat := next.Category(to); {
		case nextCat == "" && mapped:
			f.Add(&LifecycleError{Code: faultMigrationUnknown, Status: s, Value: string(to)})
		case nextCat == "":
			f.Add(&LifecycleError{Code: faultMigrationMissing, Status: s})
		case cat != nextCat:
			f.Add(&LifecycleError{Code: faultMigrationMoves, Status: s, Value: string(to)})
		}
	}
	stale := make([]Status, 0, len(statuses))
	for s := range statuses {
		if l.Category(s) == "" {
			stale = append(stale, s)
		}
	}
	slices.Sort(stale)
	for _, s := range stale {
		f.Add(&LifecycleError{Code: faultMigrationStale, Status: s})
	}
	return f.Err()
}
