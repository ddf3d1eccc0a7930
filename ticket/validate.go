package ticket

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A FaultCode names what can be wrong with a lifecycle.
type FaultCode string

// The faults.
const (
	FaultName             FaultCode = "name"               // a name that has not the form of one
	FaultReserved         FaultCode = "reserved"           // a name that means something else already
	FaultNoStatus         FaultCode = "no_status"          // a lifecycle without statuses
	FaultDuplicateStatus  FaultCode = "duplicate_status"   // a status stated twice
	FaultCategory         FaultCode = "category"           // a category that is missing or none
	FaultInitial          FaultCode = "initial"            // an initial status that is none, or not new
	FaultWindow           FaultCode = "reopen_window"      // a negative window
	FaultUnknownStatus    FaultCode = "unknown_status"     // a row in a status that is not stated
	FaultUnknownNext      FaultCode = "unknown_next"       // a row to a status that is not stated
	FaultActor            FaultCode = "actor"              // a row for nobody, or for somebody unknown
	FaultDuplicateRow     FaultCode = "duplicate_row"      // two rows with one status, event and guard
	FaultGuard            FaultCode = "guard"              // a guard that the command never finds
	FaultPerson           FaultCode = "needs_person"       // something that only a person of the team does (R28)
	FaultCustomerCreates  FaultCode = "customer_creates"   // R29
	FaultCreate           FaultCode = "create"             // no creation, or one that leads elsewhere
	FaultEffect           FaultCode = "effect"             // an effect stated twice in one row
	FaultUnreachable      FaultCode = "unreachable"        // a status that nothing leads to
	FaultDeadEnd          FaultCode = "dead_end"           // no way from here to a done status
	FaultWaiting          FaultCode = "no_way_out"         // the customer's answer does not end the waiting (R47)
	FaultLostMessage      FaultCode = "lost_message"       // the customer's message is refused
	FaultAutoMoves        FaultCode = "auto_moves"         // an automatic message changes the status (D11)
	FaultNoAction         FaultCode = "no_action"          // done without an action taken (R50)
	FaultReturn           FaultCode = "return"             // back from done other than by reopening
	FaultNoRetention      FaultCode = "no_retention_start" // done, and the time until deletion does not begin (R51)
	FaultKeepsRetention   FaultCode = "keeps_retention"    // reopened, and still to be deleted (R51)
	FaultNoPurge          FaultCode = "no_purge"           // done, and never deleted (R51)
	FaultPurge            FaultCode = "purge"              // deleted while not done, or by something else
	FaultSize             FaultCode = "size"               // more than 200 statuses, 1,000 rows, or 100 actors or effects of a row
	FaultMachine          FaultCode = "machine"            // looplab/fsm answers otherwise
	FaultMigrationMissing FaultCode = "migration_missing"  // an old status leads nowhere; see CheckMigration
	FaultMigrationUnknown FaultCode = "migration_unknown"  // or to a status that the new lifecycle does not have
	FaultMigrationStale   FaultCode = "migration_stale"    // a status that the old lifecycle does not have
	FaultMigrationMoves   FaultCode = "migration_moves"    // or to one of another category
)

// A LifecycleError is one thing that is wrong with a lifecycle. It matches
// [helpdesk.ErrInvalid].
type LifecycleError struct {
	Code   FaultCode
	Status Status // where; the fields that do not apply are empty
	Event  EventKind
	Guard  Guard
	Value  string // what was found
}

// Error names the place, what was found, and what would be right.
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
	FaultName:             "must be a lower-case letter, then at most 31 lower-case letters, digits or underscores",
	FaultReserved:         "is reserved",
	FaultNoStatus:         "must have statuses",
	FaultDuplicateStatus:  "must be stated once",
	FaultCategory:         "must have the category new, open, waiting or done",
	FaultInitial:          "must be a status of category new",
	FaultWindow:           "must not be negative",
	FaultUnknownStatus:    "must be a status of the lifecycle",
	FaultUnknownNext:      "must be a status of the lifecycle, or purged",
	FaultActor:            "must name who may, each once: customer, agent, ai, system or third_party",
	FaultDuplicateRow:     "must stand once with this guard",
	FaultGuard:            "is a condition that is never found for this event",
	FaultPerson:           "must be up to agents only",
	FaultCustomerCreates:  "must not be up to customers or third parties",
	FaultCreate:           "must lead from before the ticket to the initial status, and nothing else may lead from there",
	FaultEffect:           "must stand once in a row",
	FaultUnreachable:      "cannot be reached",
	FaultDeadEnd:          "has no way to a done status",
	FaultWaiting:          "must end with a message of the customer",
	FaultLostMessage:      "must take messages of the customer",
	FaultAutoMoves:        "must not change the status",
	FaultNoAction:         "must not lead to a done status: only resolve, give_up and merge_into do",
	FaultReturn:           "must not lead back from a done status: only reopen and customer_message:in_window do",
	FaultNoRetention:      "must have the effect schedule_retention",
	FaultKeepsRetention:   "must have the effect cancel_retention",
	FaultNoPurge:          "has no way to be purged",
	FaultPurge:            "must be the way from a done status to purged, and the only one",
	FaultSize:             "are too many: a lifecycle has at most 200 statuses, 1,000 rows, and 100 actors and effects a row",
	FaultMachine:          "is answered otherwise by the machine",
	FaultMigrationMissing: "must be mapped to a status of the new lifecycle",
	FaultMigrationUnknown: "must be a status of the new lifecycle",
	FaultMigrationStale:   "must be a status of the old lifecycle",
	FaultMigrationMoves:   "must be mapped to a status of the same category",
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
			k.row(FaultDuplicateRow, r, "")
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
			c.fault(FaultSize, s, strconv.Itoa(n)+" "+of)
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
	if !isName(c.Name) {
		c.fault(FaultName, "", c.Name)
	}
	if c.ReopenWindow < 0 {
		c.fault(FaultWindow, "", c.ReopenWindow.String())
	}
	if len(c.Statuses) == 0 {
		c.fault(FaultNoStatus, "", "")
	}
	for _, s := range c.Statuses {
		switch {
		case !isName(string(s.Status)):
			c.fault(FaultName, "", string(s.Status))
		case slices.Contains(reserved, string(s.Status)) || s.Status == StatusPurged:
			c.fault(FaultReserved, s.Status, "")
		}
		if _, ok := c.cats[s.Status]; ok {
			c.fault(FaultDuplicateStatus, s.Status, "")
		}
		c.cats[s.Status] = s.Category
		if !s.Category.IsValid() {
			c.fault(FaultCategory, s.Status, string(s.Category))
		}
	}
	if cat, ok := c.cats[c.Initial]; !ok || cat.IsValid() && cat != CategoryNew {
		c.fault(FaultInitial, c.Initial, "")
	}
}

// reserved names mean something to looplab/fsm, or to the table itself.
var reserved = []string{"event", "state", "none"}

// form checks the words of a row.
func (c *validator) form(r *Row) {
	if r.Status != StatusNone {
		if _, ok := c.cats[r.Status]; !ok {
			c.row(FaultUnknownStatus, r, string(r.Status))
		}
	}
	if _, ok := c.cats[r.Next]; !ok && r.Next != StatusPurged {
		c.row(FaultUnknownNext, r, string(r.Next))
	}
	switch {
	case !isName(string(r.Event)):
		c.row(FaultName, r, string(r.Event))
	case slices.Contains(reserved, string(r.Event)):
		c.row(FaultReserved, r, string(r.Event))
	}
	switch info := kindByName[r.Event]; {
	case r.Guard != GuardNone && !isName(string(r.Guard)):
		c.row(FaultName, r, string(r.Guard))
	case info != nil && !slices.Contains(info.guards, r.Guard):
		c.row(FaultGuard, r, string(r.Guard))
	}
	if len(r.By) == 0 {
		c.row(FaultActor, r, "")
	}
	for i, a := range r.By {
		if !a.IsValid() || slices.Contains(r.By[:i], a) {
			c.row(FaultActor, r, string(a))
		}
	}
	for i, e := range r.Effects {
		if !isName(string(e)) {
			c.row(FaultName, r, string(e))
		} else if slices.Contains(r.Effects[:i], e) {
			c.row(FaultEffect, r, string(e))
		}
	}
}

// meaning checks a row against what every lifecycle keeps.
func (c *validator) meaning(r *Row) {
	info := kindByName[r.Event]
	if info != nil && info.person {
		for _, a := range r.By {
			if a.IsValid() && !a.IsPerson() {
				c.row(FaultPerson, r, string(a))
			}
		}
	}
	if (r.Event == EventCreate) != (r.Status == StatusNone) || r.Event == EventCreate && r.Next != c.Initial {
		c.row(FaultCreate, r, "")
	}
	if r.Event == EventCreate {
		for _, a := range r.By {
			if a == helpdesk.ActorCustomer || a == helpdesk.ActorThirdParty {
				c.row(FaultCustomerCreates, r, string(a))
			}
		}
	}
	if r.Event == EventRecordAutoReply && r.Status != r.Next {
		c.row(FaultAutoMoves, r, "")
	}

	from, to := c.cats[r.Status], c.cats[r.Next]
	if (r.Event == EventPurge) != (r.Next == StatusPurged) || r.Event == EventPurge && from != CategoryDone {
		c.row(FaultPurge, r, "")
	}
	switch {
	case to == CategoryDone && from != CategoryDone:
		if r.Event != EventResolve && r.Event != EventResolveUnanswered && r.Event != EventMergeInto {
			c.row(FaultNoAction, r, "")
		}
		if !slices.Contains(r.Effects, EffectScheduleRetention) {
			c.row(FaultNoRetention, r, "")
		}
	case from == CategoryDone && to.IsValid() && to != CategoryDone:
		if r.Event != EventReopen && (r.Event != EventAddCustomerMessage || r.Guard != GuardInWindow) {
			c.row(FaultReturn, r, "")
		}
		if !slices.Contains(r.Effects, EffectCancelRetention) {
			c.row(FaultKeepsRetention, r, "")
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
		c.fault(FaultCreate, "", "")
	}
	for i, s := range c.Statuses {
		if slices.ContainsFunc(c.Statuses[:i], func(t StatusConfig) bool { return t.Status == s.Status }) {
			continue
		}
		if creates && !reached[s.Status] {
			c.fault(FaultUnreachable, s.Status, "")
		}
		if !finished[s.Status] {
			c.fault(FaultDeadEnd, s.Status, "")
		}
		if s.Category == CategoryDone && !purged[s.Status] {
			c.fault(FaultNoPurge, s.Status, "")
		}
		answered, leaves := false, false
		for j := range c.Rows {
			r := &c.Rows[j]
			if r.Status == s.Status && r.Event == EventAddCustomerMessage && slices.Contains(r.By, helpdesk.ActorCustomer) {
				answered = answered || r.Guard == GuardNone || s.Category == CategoryDone
				leaves = leaves || r.Guard == GuardNone && c.cats[r.Next] != CategoryWaiting
			}
		}
		if !answered {
			c.fault(FaultLostMessage, s.Status, "")
		} else if s.Category == CategoryWaiting && !leaves {
			c.fault(FaultWaiting, s.Status, "")
		}
	}
}

// CheckMigration reports whether every ticket of the lifecycle old can go on in
// the lifecycle next: statuses maps each status of old to one of next, of the
// same category, so that the log for the clocks still holds; those that next has
// too need not be mapped. The error joins one [*LifecycleError] for every status that is
// wrong. To move a ticket, replace lifecycle and status in its [Snapshot].
func CheckMigration(old, next *Lifecycle, statuses map[Status]Status) error {
	var f check.Faults
	for s, cat := range old.Statuses() {
		to, mapped := statuses[s]
		if !mapped {
			to = s
		}
		switch nextCat := next.Category(to); {
		case nextCat == "" && mapped:
			f.Add(&LifecycleError{Code: FaultMigrationUnknown, Status: s, Value: string(to)})
		case nextCat == "":
			f.Add(&LifecycleError{Code: FaultMigrationMissing, Status: s})
		case cat != nextCat:
			f.Add(&LifecycleError{Code: FaultMigrationMoves, Status: s, Value: string(to)})
		}
	}
	stale := make([]Status, 0, len(statuses))
	for s := range statuses {
		if old.Category(s) == "" {
			stale = append(stale, s)
		}
	}
	slices.Sort(stale)
	for _, s := range stale {
		f.Add(&LifecycleError{Code: FaultMigrationStale, Status: s})
	}
	return f.Err()
}
