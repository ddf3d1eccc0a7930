package severity

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/deskcore/helpdesk"
)

// Answers hold the answers to four questions about the impact of a problem. The zero
// value of a field means that the question is not answered, and the zero Answers answer
// no question. Within a question, a greater value is worse. Answers are comparable plain
// data.
type Answers struct {
	Affected    Affected    `json:"affected,omitzero"`
	Ability     Ability     `json:"ability,omitzero"`
	Workaround  Workaround  `json:"workaround,omitzero"`
	Persistence Persistence `json:"persistence,omitzero"`
}

// Affected answers the question "who is affected?". The zero Affected means not
// answered, and has the empty text form.
type Affected uint8

// The number of affected people, from mildest to worst.
const (
	AffectedOne  Affected = iota + 1 // one person
	AffectedSome                     // some users but not all
	AffectedMany                     // many users
	AffectedAll                      // everybody
)

// Ability answers the question "can you work?". The zero Ability means not answered,
// and has the empty text form.
type Ability uint8

// How far work is possible, from mildest to worst.
const (
	AbilityYes      Ability = iota + 1 // as usual
	AbilityPartly                      // most of it; something fails or is tedious
	AbilityDegraded                    // badly: a whole function is down, or it is much too slow
	AbilityCritical                    // the system is up, and to go on does serious harm: data is lost, wrong or open to others
	AbilityDown                        // not at all
)

// Workaround answers the question "is there another way to do the work?". The zero
// Workaround means not answered, and has the empty text form.
type Workaround uint8

// The quality of the workaround, from best to none.
const (
	WorkaroundYes          Workaround = iota + 1 // good enough
	WorkaroundTemporary                          // good enough for a while
	WorkaroundUnreasonable                       // too much to ask of anybody
	WorkaroundNone                               // no workaround
)

// Persistence answers the question "how often does the problem happen?". The zero
// Persistence means not answered, and has the empty text form.
type Persistence uint8

// How often the problem shows, from mildest to worst.
const (
	PersistenceOnce         Persistence = iota + 1 // once
	PersistenceIntermittent                        // on and off
	PersistenceAlways                              // at every attempt
)

// Text forms by value, the empty one for "not answered".
var (
	affectedTexts    = []string{"", "one", "some", "many", "all"}
	abilityTexts     = []string{"", "yes", "partly", "degraded", "critical", "down"}
	workaroundTexts  = []string{"", "yes", "temporary", "unreasonable", "none"}
	persistenceTexts = []string{"", "once", "intermittent", "always"}
)

// A Question names one field of [Answers] by its JSON name.
type Question string

// The questions.
const (
	QuestionAffected    Question = "affected"
	QuestionAbility     Question = "ability"
	QuestionWorkaround  Question = "workaround"
	QuestionPersistence Question = "persistence"
)

// Has reports whether a answers q. A value that is not one of the package's answers
// nothing.
func (a Answers) Has(q Question) bool {
	for i := range questions {
		if questions[i].name == q {
			v := questions[i].get(a)
			return 0 < v && v <= questions[i].worst
		}
	}
	return false
}

// String returns the text form of a: one, some, many or all, the empty string
// when not answered, and Affected(n) for any other value.
func (a Affected) String() string { return text(affectedTexts, a, "Affected") }

// String returns the text form of a: yes, partly, degraded, critical or down, the empty
// string when not answered, and Ability(n) for any other value.
func (a Ability) String() string { return text(abilityTexts, a, "Ability") }

// String returns the text form of w: yes, temporary, unreasonable or none, the
// empty string when not answered, and Workaround(n) for any other value.
func (w Workaround) String() string { return text(workaroundTexts, w, "Workaround") }

// String returns the text form of p: once, intermittent or always, the empty
// string when not answered, and Persistence(n) for any other value.
func (p Persistence) String() string { return text(persistenceTexts, p, "Persistence") }

// AppendText implements [encoding.TextAppender]. The zero value appends nothing. The
// error for an invalid value is a [*helpdesk.FieldError].
func (a Affected) AppendText(b []byte) ([]byte, error) {
	return appendText(b, affectedTexts, a, QuestionAffected)
}

// AppendText implements [encoding.TextAppender]. The zero value appends nothing. The
// error for an invalid value is a [*helpdesk.FieldError].
func (a Ability) AppendText(b []byte) ([]byte, error) {
	return appendText(b, abilityTexts, a, QuestionAbility)
}

// AppendText implements [encoding.TextAppender]. The zero value appends nothing. The
// error for an invalid value is a [*helpdesk.FieldError].
func (w Workaround) AppendText(b []byte) ([]byte, error) {
	return appendText(b, workaroundTexts, w, QuestionWorkaround)
}

// AppendText implements [encoding.TextAppender]. The zero value appends nothing. The
// error for an invalid value is a [*helpdesk.FieldError].
func (p Persistence) AppendText(b []byte) ([]byte, error) {
	return appendText(b, persistenceTexts, p, QuestionPersistence)
}

// MarshalText implements [encoding.TextMarshaler], with the errors of AppendText.
func (a Affected) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// MarshalText implements [encoding.TextMarshaler], with the errors of AppendText.
func (a Ability) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// MarshalText implements [encoding.TextMarshaler], with the errors of AppendText.
func (w Workaround) MarshalText() ([]byte, error) { return w.AppendText(nil) }

// MarshalText implements [encoding.TextMarshaler], with the errors of AppendText.
func (p Persistence) MarshalText() ([]byte, error) { return p.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler] for the texts of MarshalText.
// The error for any other text is a [*helpdesk.FieldError]. On an error a does not
// change.
func (a *Affected) UnmarshalText(b []byte) error {
	return parseText(a, affectedTexts, b, QuestionAffected)
}

// UnmarshalText implements [encoding.TextUnmarshaler] for the texts of MarshalText.
// The error for any other text is a [*helpdesk.FieldError]. On an error a does not
// change.
func (a *Ability) UnmarshalText(b []byte) error {
	return parseText(a, abilityTexts, b, QuestionAbility)
}

// UnmarshalText implements [encoding.TextUnmarshaler] for the texts of MarshalText.
// The error for any other text is a [*helpdesk.FieldError]. On an error w does not
// change.
func (w *Workaround) UnmarshalText(b []byte) error {
	return parseText(w, workaroundTexts, b, QuestionWorkaround)
}

// UnmarshalText implements [encoding.TextUnmarshaler] for the texts of MarshalText.
// The error for any other text is a [*helpdesk.FieldError]. On an error p does not
// change.
func (p *Persistence) UnmarshalText(b []byte) error {
	return parseText(p, persistenceTexts, b, QuestionPersistence)
}

// Missing yields the questions that are worth asking: not answered, and with an answer
// that can still change the level of [Classify]. A field with an invalid value counts as
// not answered.
func (a Answers) Missing() iter.Seq[Question] {
	return func(yield func(Question) bool) {
		for q := range a.clean().deciding() {
			if !yield(q.name) {
				return
			}
		}
	}
}

func text[T ~uint8](texts []string, v T, typ string) string {
	if int(v) < len(texts) {
		return texts[v]
	}
	return fmt.Sprintf("%s(%d)", typ, v)
}

func appendText[T ~uint8](b []byte, texts []string, v T, q Question) ([]byte, error) {
	if int(v) < len(texts) {
		return append(b, texts[v]...), nil
	}
	return b, unknown(q, strconv.Itoa(int(v)), texts)
}

func parseText[T ~uint8](v *T, texts []string, b []byte, q Question) error {
	for i, t := range texts {
		if t == string(b) {
			*v = T(i)
			return nil
		}
	}
	return unknown(q, string(b), texts)
}

func unknown(q Question, value string, texts []string) error {
	return &helpdesk.FieldError{
		Path: string(q), Value: fmt.Sprintf("%.60s", value), Reason: "must be " + list(texts[1:], "or"),
	}
}
