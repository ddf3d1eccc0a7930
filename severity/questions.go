package severity

import (
	"iter"
	"strings"
)

// A question gives the four fields of Answers one shape. Its answers are the
// numbers from 1, the mildest, to worst.
type question struct {
	name    Question
	wording string // completes "it is not known …"
	worst   uint8
	get     func(Answers) uint8
	with    func(Answers, uint8) Answers
}

var questions = [...]question{
	{
		QuestionAffected, "who is affected", uint8(AffectedAll),
		func(a Answers) uint8 { return uint8(a.Affected) },
		func(a Answers, v uint8) Answers { a.Affected = Affected(v); return a },
	},
	{
		QuestionAbility, "how far work is possible", uint8(AbilityDown),
		func(a Answers) uint8 { return uint8(a.Ability) },
		func(a Answers, v uint8) Answers { a.Ability = Ability(v); return a },
	},
	{
		QuestionWorkaround, "whether there is a workaround", uint8(WorkaroundNone),
		func(a Answers) uint8 { return uint8(a.Workaround) },
		func(a Answers, v uint8) Answers { a.Workaround = Workaround(v); return a },
	},
	{
		QuestionPersistence, "how often it happens", uint8(PersistenceAlways),
		func(a Answers) uint8 { return uint8(a.Persistence) },
		func(a Answers, v uint8) Answers { a.Persistence = Persistence(v); return a },
	},
}

// clean returns a with every value that is no answer set to zero.
func (a Answers) clean() Answers {
	for _, q := range questions {
		if q.get(a) > q.worst {
			a = q.with(a, 0)
		}
	}
	return a
}

// worst returns a with every missing answer replaced by the worst one.
func (a Answers) worst() Answers {
	for _, q := range questions {
		if q.get(a) == 0 {
			a = q.with(a, q.worst)
		}
	}
	return a
}

// deciding yields the missing questions whose answers can change the level.
// Because a worse answer never lowers it, the mildest and the worst answer to a
// question are enough, against everything that the others may turn out to be.
func (a Answers) deciding() iter.Seq[question] {
	return func(yield func(question) bool) {
		for _, q := range questions {
			if q.get(a) == 0 && a.decides(q) && !yield(q) {
				return
			}
		}
	}
}

func (a Answers) decides(q question) bool {
	a = q.with(a, 1)
	for mild := range a.completions() {
		if decide(mild).level != decide(q.with(mild, q.worst)).level {
			return true
		}
	}
	return false
}

// completions yields a with its missing answers replaced in every possible way.
func (a Answers) completions() iter.Seq[Answers] {
	return func(yield func(Answers) bool) { a.complete(yield) }
}

func (a Answers) complete(yield func(Answers) bool) bool {
	for _, q := range questions {
		if q.get(a) != 0 {
			continue
		}
		for v := range q.worst {
			if !q.with(a, v+1).complete(yield) {
				return false
			}
		}
		return true
	}
	return yield(a)
}

// list joins words for people: "a", "a and b", "a, b and c".
func list(words []string, last string) string {
	n := len(words) - 1
	if n < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}
