package severity

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/deskcore/helpdesk"
)

// Answers say what a problem does to those who have it (R25). Every field is
// one question; its zero value means that the question is not answered.
//
// Within a question, greater is worse. Answers are comparable plain values. The
// zero Answers answer nothing.
type Answers struct {
	Affected    Affected    `json:"affected,omitzero"`
	Ability     Ability     `json:"ability,omitzero"`
	Workaround  Workaround  `json:"workaround,omitzero"`
	Persistence Persistence `json:"persistence,omitzero"`
}

// Affected answers "who is affected?". Its zero value means not answered, and
// has the empty text form.
type Affected uint8

// Who is affected, from mildest to worst.
const (
	AffectedOne  Affected = iota + 1 // one person
	AffectedSome                     // some users but not all
	AffectedMany                     // many users
	AffectedAll                      // everybody
)

// Ability answers "can you work?". Its zero value means not answered, and has
// the empty text form.
type Ability uint8

// How far work is possible, from mildest to worst.
const (
	AbilityYes      Ability = iota + 1 // as usual
	AbilityPartly                      // most of it; something fails or is tedious
	AbilityDegraded                    // badly: a whole function is down, or it is much too slow
	AbilityDown                        // not at all
)

// Workaround answers "is there another way to get the work done?". Its zero
// value means not answered, and has the empty text form.
type Workaround uint8

// Which workaround there is, from mildest to worst.
const (
	WorkaroundYes          Workaround = iota + 1 // one that will do
	WorkaroundTemporary                          // one that will do for a while
	WorkaroundUnreasonable                       // one that cannot be asked of anybody
	WorkaroundNone                               // none
)

// Persistence answers "how often does it happen?". Its zero value means not
// answered, and has the empty text form.
type Persistence uint8

// How often the problem shows, from mildest to worst.
const (
	PersistenceOnce         Persistence = iota + 1 // it happened once
	PersistenceIntermittent                        // it comes and goes
	PersistenceAlways                              // whenever one tries
)

// Text forms by value, the empty one for "not answered".
var (
	affectedTexts    = []string{"", "one", "some", "many", "all"}
	abilityTexts     = []string{"", "yes", "partly", "degraded", "down"}
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

// IsValid reports whether a is an answer. The zero value is none.
func (a Affected) IsValid() bool { return answered(affectedTexts, a) }

// IsValid reports whether a is an answer. The zero value is none.
func (a Ability) IsValid() bool { return answered(abilityTexts, a) }

// IsValid reports whether w is an answer. The zero value is none.
func (w Workaround) IsValid() bool { return answered(workaroundTexts, w) }

// IsValid reports whether p is an answer. The zero value is none.
func (p Persistence) IsValid() bool { return answered(persistenceTexts, p) }

// String returns the text form of a: one, some, many or all, the empty string
// when not answered, and Affected(n) for any other value.
func (a Affected) String() string { return text(affectedTexts, a, "Affected") }

// String returns the text form of a: yes, partly, degraded or down, the empty
// string when not answered, and Ability(n) for any other value.
func (a Ability) String() string { return text(abilityTexts, a, "Ability") }

// String returns the text form of w: yes, temporary, unreasonable or none, the
// empty string when not answered, and Workaround(n) for any other value.
func (w Workaround) String() string { return text(workaroundTexts, w, "Workaround") }

// String returns the text form of p: once, intermittent or always, the empty
// string when not answered, and Persistence(n) for any other value.
func (p Persistence) String() string { return text(persistenceTexts, p, "Persistence") }

// AppendText implements [encoding.TextAppender]. An answer that is not answered
// appends nothing; the error for any other invalid value is a
// [*helpdesk.FieldError].
func (a Affected) AppendText(b []byte) ([]byte, error) {
	return appendText(b, affectedTexts, a, QuestionAffected)
}

// AppendText implements [encoding.TextAppender]. An answer that is not answered
// appends nothing; the error for any other invalid value is a
// [*helpdesk.FieldError].
func (a Ability) AppendText(b []byte) ([]byte, error) {
	return appendText(b, abilityTexts, a, QuestionAbility)
}

// AppendText implements [encoding.TextAppender]. An answer that is not answered
// appends nothing; the error for any other invalid value is a
// [*helpdesk.FieldError].
func (w Workaround) AppendText(b []byte) ([]byte, error) {
	return appendText(b, workaroundTexts, w, QuestionWorkaround)
}

// AppendText implements [encoding.TextAppender]. An answer that is not answered
// appends nothing; the error for any other invalid value is a
// [*helpdesk.FieldError].
func (p Persistence) AppendText(b []byte) ([]byte, error) {
	return appendText(b, persistenceTexts, p, QuestionPersistence)
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (a Affected) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (a Ability) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (w Workaround) MarshalText() ([]byte, error) { return w.AppendText(nil) }

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (p Persistence) MarshalText() ([]byte, error) { return p.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts exactly what
// MarshalText produces. The error for any other text, a
// [*helpdesk.FieldError], leaves a alone.
func (a *Affected) UnmarshalText(b []byte) error {
	return parseText(a, affectedTexts, b, QuestionAffected)
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts exactly what
// MarshalText produces. The error for any other text, a
// [*helpdesk.FieldError], leaves a alone.
func (a *Ability) UnmarshalText(b []byte) error {
	return parseText(a, abilityTexts, b, QuestionAbility)
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts exactly what
// MarshalText produces. The error for any other text, a
// [*helpdesk.FieldError], leaves w alone.
func (w *Workaround) UnmarshalText(b []byte) error {
	return parseText(w, workaroundTexts, b, QuestionWorkaround)
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts exactly what
// MarshalText produces. The error for any other text, a
// [*helpdesk.FieldError], leaves p alone.
func (p *Persistence) UnmarshalText(b []byte) error {
	return parseText(p, persistenceTexts, b, QuestionPersistence)
}

// Missing yields the questions that are not answered and whose answers can
// still change what [Classify] returns as the level (R25): the ones worth
// asking. A field whose value is not one of the package's counts as not
// answered.
func (a Answers) Missing() iter.Seq[Question] {
	return func(yield func(Question) bool) {
		for q := range a.clean().deciding() {
			if !yield(q.name) {
				return
			}
		}
	}
}

func answered[T ~uint8](texts []string, v T) bool { return v > 0 && int(v) < len(texts) }

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
