package severity

import "strings"

// A Result is the answer of [Classify]. Results are comparable plain data; the zero
// Result is no result.
type Result struct {
	// Level is the level to work with: Highest if Highest is at most one level above
	// Lowest, and otherwise the level above Lowest.
	Level Level `json:"level,omitzero"`

	// Lowest and Highest bound the levels that the missing answers can still lead to.
	// The two are equal if no missing answer matters.
	Lowest  Level `json:"lowest,omitzero"`
	Highest Level `json:"highest,omitzero"`

	// Reason explains Level to people, in words without a full stop. The wording may
	// change.
	Reason string `json:"reason,omitzero"`
}

// isCertain reports whether no missing answer can change the level.
func (r Result) isCertain() bool { return r.Lowest == r.Highest }

// A rule gives its level to all answers that are at least as bad as min; a zero
// field of min asks nothing. So a worse answer can meet more rules but never
// fewer, and can never lower the level.
type rule struct {
	level  Level
	min    Answers
	reason string
}

// rules are read from the top; the first one that is met decides. That is the
// principle "unsure between two, take the higher". The last one is met by
// everything.
var rules = [...]rule{
	// R11: critical, all users, no workaround. How often does not matter.
	{
		Urgent,
		Answers{Affected: AffectedAll, Ability: AbilityDown, Workaround: WorkaroundNone},
		"everybody is affected, nobody can work and there is no workaround",
	},
	// R81: unavailability is only an example of what is critical.
	{
		Urgent,
		Answers{Affected: AffectedAll, Ability: AbilityCritical, Workaround: WorkaroundNone},
		"everybody is affected, to go on does serious harm and there is no workaround",
	},
	// As R11 but for a workaround that cannot be asked of anybody: Urgent says
	// no workaround, and nothing below High speaks of a standstill or of harm.
	{
		High,
		Answers{Affected: AffectedAll, Ability: AbilityDown, Workaround: WorkaroundUnreasonable},
		"everybody is affected, nobody can work and there is no reasonable workaround",
	},
	{
		High,
		Answers{Affected: AffectedAll, Ability: AbilityCritical, Workaround: WorkaroundUnreasonable},
		"everybody is affected, to go on does serious harm and there is no reasonable workaround",
	},
	// R12: persistent, no reasonable workaround, and either arm of "affecting
	// many users and/or impacting user experience".
	{
		High,
		Answers{Ability: AbilityDegraded, Workaround: WorkaroundUnreasonable, Persistence: PersistenceAlways},
		"it always happens, work is badly impaired and there is no reasonable workaround",
	},
	{
		High,
		Answers{Affected: AffectedMany, Workaround: WorkaroundUnreasonable, Persistence: PersistenceAlways},
		"it always happens, many users are affected and there is no reasonable workaround",
	},
	// R13: what is worse than R14 in any respect and not as bad as R12.
	{Medium, Answers{Ability: AbilityPartly}, "part of the work cannot be done"},
	{Medium, Answers{Affected: AffectedSome}, "several users are affected"},
	{Medium, Answers{Workaround: WorkaroundTemporary}, "there is no lasting workaround"},
	// R14: a small issue that has a workaround.
	{Low, Answers{}, "one user is affected, can work, and has a workaround"},
}

// Classify returns the level for the answers, and the reason in words. Every combination
// has a level: a question that is not answered, or has an invalid value, counts as
// missing. The package documentation lists the rules.
//
// A worse answer to any question never lowers the level.
func Classify(a Answers) Result {
	a = a.clean()
	low, high := decide(a), decide(a.worst())
	r := Result{Level: high.level, Lowest: low.level, Highest: high.level, Reason: low.reason}
	if r.isCertain() {
		return r
	}
	r.Level = min(high.level, low.level+1)
	r.Reason = inDoubt(a, low, high)
	return r
}

// decide returns the first rule that a meets. A missing answer meets only what
// asks nothing, as the mildest answer does.
func decide(a Answers) *rule {
	last := len(rules) - 1
	for i := range rules[:last] {
		if a.atLeast(rules[i].min) {
			return &rules[i]
		}
	}
	return &rules[last]
}

func (a Answers) atLeast(b Answers) bool {
	return a.Affected >= b.Affected && a.Ability >= b.Ability &&
		a.Workaround >= b.Workaround && a.Persistence >= b.Persistence
}

// inDoubt words a decision that rests on missing answers.
func inDoubt(a Answers, low, high *rule) string {
	var b strings.Builder
	if low.level > Low { // met by answers that were given
		b.WriteString(low.reason + "; ")
	}
	var open []string
	for q := range a.deciding() {
		open = append(open, q.wording)
	}
	b.WriteString("it is not known " + list(open, "and") + ", which can make it " + high.level.String())
	if low.level+1 < high.level {
		b.WriteString("; in doubt, one level above " + low.level.String())
	} else {
		b.WriteString("; in doubt, the higher level")
	}
	return b.String()
}
