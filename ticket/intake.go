package ticket

import (
	"iter"
	"slices"

	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/severity"
)

// The most runes of a title and of a summary.
const (
	MaxTitle   = 120
	MaxSummary = 2_000
)

// maxDescription leaves room for a mail whose subject was cut.
const maxDescription = 1 << 21

// An IntakeKind is the kind of a request. A kind of a newer version decodes verbatim,
// and its form has only the questions that every kind has. The zero IntakeKind is a
// question without an answer.
type IntakeKind string

// The kinds of intake.
const (
	IntakeEnquiry IntakeKind = "enquiry" // how do I …?
	IntakeIssue   IntakeKind = "issue"   // something does not work as wanted
	IntakeBug     IntakeKind = "bug"     // something does not work as built
)

var intakeKinds = [...]IntakeKind{IntakeEnquiry, IntakeIssue, IntakeBug}

// IntakeKinds yields the kinds of intake.
func IntakeKinds() iter.Seq[IntakeKind] { return slices.Values(intakeKinds[:]) }

// IsKnown reports whether k is one of [IntakeKinds].
func (k IntakeKind) isKnown() bool { return slices.Contains(intakeKinds[:], k) }

// An Intake is the form of a ticket. Requester and Title are needed to create a
// ticket; no other missing answer stops the creation. [Intake.Missing] lists the
// questions to ask. The zero Intake has no answers.
type Intake struct {
	Requester   string     `json:"requester,omitzero"` // a reference to the customer, not a name or an address
	Account     string     `json:"account,omitzero"`
	Kind        IntakeKind `json:"kind,omitzero"`
	Title       string     `json:"title,omitzero"`       // one line of at most [MaxTitle] runes
	Description string     `json:"description,omitzero"` // at most 2,097,152 runes

	// Answers tell how severe an issue or a bug is.
	Answers severity.Answers `json:"answers,omitzero"`

	FirstSeen string `json:"first_seen,omitzero"` // a text such as "since Monday"; this and the other answers: at most 20,000 runes
	Steps     string `json:"steps,omitzero"`
	Expected  string `json:"expected,omitzero"`
	Actual    string `json:"actual,omitzero"`

	Page     string `json:"page,omitzero"`
	Versions string `json:"versions,omitzero"`
	Evidence string `json:"evidence,omitzero"`
}

// A MissingField is one question of an [Intake] that has no answer. It is plain data.
type MissingField struct {
	Field string `json:"field,omitzero"` // the name of the field in the JSON form

	// Required says that the answer is needed: to work on the ticket, or because the
	// answer can change the level of severity. Other answers are recommended.
	Required bool `json:"required,omitzero"`
}

// Missing yields the questions without an answer, in the order of the form. The form
// depends on the kind. Every kind asks for requester, account, kind, title and
// description. An issue and a bug ask for the affected people, their ability to work,
// the workaround, the persistence and the first occurrence. A bug also asks for the
// steps and for the expected and the actual result. Page, versions and evidence are
// recommended, and so is a question about the impact whose answer can no longer
// change the level.
func (in Intake) Missing() iter.Seq[MissingField] {
	return func(yield func(MissingField) bool) {
		deciding := slices.Collect(in.Answers.Missing())
		for i := range questions {
			q := &questions[i]
			if !q.asked(in.Kind) || q.get(&in) {
				continue
			}
			required := q.required
			if q.question != "" {
				required = slices.Contains(deciding, q.question)
			}
			if !yield(MissingField{q.field, required}) {
				return
			}
		}
	}
}

// Classify returns the level that the answers call for, and the reason. An enquiry is
// low, whatever its answers.
func (in Intake) Classify() severity.Result {
	if in.Kind == IntakeEnquiry {
		return severity.Result{
			Level: severity.Low, Lowest: severity.Low, Highest: severity.Low,
			Reason: "it is a general enquiry",
		}
	}
	return severity.Classify(in.Answers)
}

// An intakeQuestion is one field of an Intake.
type intakeQuestion struct {
	field    string
	kinds    []IntakeKind // nil: every kind
	required bool
	question severity.Question // whose answer decides whether it is required
	get      func(*Intake) bool
}

func (q *intakeQuestion) asked(k IntakeKind) bool {
	return q.kinds == nil || slices.Contains(q.kinds, k)
}

var questions = buildQuestions()

func buildQuestions() []intakeQuestion {
	trouble := []IntakeKind{IntakeIssue, IntakeBug}
	bug := []IntakeKind{IntakeBug}
	return []intakeQuestion{
		{"requester", nil, true, "", func(in *Intake) bool { return in.Requester != "" }},
		{"account", nil, true, "", func(in *Intake) bool { return in.Account != "" }},
		{"kind", nil, true, "", func(in *Intake) bool { return in.Kind != "" }},
		{"title", nil, true, "", func(in *Intake) bool { return in.Title != "" }},
		{"description", nil, true, "", func(in *Intake) bool { return in.Description != "" }},
		{"affected", trouble, true, severity.QuestionAffected, func(in *Intake) bool { return in.Answers.Has(severity.QuestionAffected) }},
		{"ability", trouble, true, severity.QuestionAbility, func(in *Intake) bool { return in.Answers.Has(severity.QuestionAbility) }},
		{"workaround", trouble, true, severity.QuestionWorkaround, func(in *Intake) bool { return in.Answers.Has(severity.QuestionWorkaround) }},
		{"persistence", trouble, true, severity.QuestionPersistence, func(in *Intake) bool { return in.Answers.Has(severity.QuestionPersistence) }},
		{"first_seen", trouble, true, "", func(in *Intake) bool { return in.FirstSeen != "" }},
		{"steps", bug, true, "", func(in *Intake) bool { return in.Steps != "" }},
		{"expected", bug, true, "", func(in *Intake) bool { return in.Expected != "" }},
		{"actual", bug, true, "", func(in *Intake) bool { return in.Actual != "" }},
		{"page", trouble, false, "", func(in *Intake) bool { return in.Page != "" }},
		{"versions", trouble, false, "", func(in *Intake) bool { return in.Versions != "" }},
		{"evidence", trouble, false, "", func(in *Intake) bool { return in.Evidence != "" }},
	}
}

// intake makes the texts of in safe and refuses what is wrong with it.
func (f *faults) intake(in *Intake) {
	f.ref("requester", in.Requester, true)
	f.ref("account", in.Account, false)
	if in.Kind != "" && !in.Kind.isKnown() {
		f.reject("kind", string(in.Kind), "must be enquiry, issue or bug")
	}
	in.Title = f.title(in.Title)
	in.Description = f.long("description", in.Description, false, maxDescription)
	f.answers(in.Answers)
	in.FirstSeen = f.text("first_seen", in.FirstSeen, false)
	in.Steps = f.text("steps", in.Steps, false)
	in.Expected = f.text("expected", in.Expected, false)
	in.Actual = f.text("actual", in.Actual, false)
	in.Page = f.text("page", in.Page, false)
	in.Versions = f.text("versions", in.Versions, false)
	in.Evidence = f.text("evidence", in.Evidence, false)
}

// Check returns the faults that would keep in from becoming a ticket: a
// [*helpdesk.FieldError] for each fault, joined, and nil if there is none. A missing
// requester is no fault, because a conversation knows the requester; nor is a missing
// answer, see [Intake.Missing].
func (in Intake) Check() error {
	var f faults
	if in.Requester == "" {
		in.Requester = "-"
	}
	f.intake(&in) // which is a copy
	return f.Err()
}

func (f *faults) answers(a severity.Answers) {
	answer := func(path, s string, ok bool) {
		if !ok {
			f.reject(path, s, "must be one of its answers")
		}
	}
	answer("answers.affected", a.Affected.String(), a.Affected == 0 || a.Has(severity.QuestionAffected))
	answer("answers.ability", a.Ability.String(), a.Ability == 0 || a.Has(severity.QuestionAbility))
	answer("answers.workaround", a.Workaround.String(), a.Workaround == 0 || a.Has(severity.QuestionWorkaround))
	answer("answers.persistence", a.Persistence.String(), a.Persistence == 0 || a.Has(severity.QuestionPersistence))
}

// merge returns in with what other answers.
func (in Intake) merge(other Intake, f *faults) Intake {
	fixed := func(field string, to *string, from string) {
		if from != "" && *to != "" && from != *to {
			f.reject(field, "", "is given already")
		} else if from != "" {
			*to = from
		}
	}
	kind := string(in.Kind)
	fixed("requester", &in.Requester, other.Requester)
	fixed("account", &in.Account, other.Account)
	fixed("kind", &kind, string(other.Kind))
	in.Kind = IntakeKind(kind)
	replace(&in.Title, other.Title)
	replace(&in.Description, other.Description)
	replace(&in.Answers.Affected, other.Answers.Affected)
	replace(&in.Answers.Ability, other.Answers.Ability)
	replace(&in.Answers.Workaround, other.Answers.Workaround)
	replace(&in.Answers.Persistence, other.Answers.Persistence)
	replace(&in.FirstSeen, other.FirstSeen)
	replace(&in.Steps, other.Steps)
	replace(&in.Expected, other.Expected)
	replace(&in.Actual, other.Actual)
	replace(&in.Page, other.Page)
	replace(&in.Versions, other.Versions)
	replace(&in.Evidence, other.Evidence)
	return in
}

func replace[T comparable](to *T, from T) {
	var none T
	if from != none {
		*to = from
	}
}

const noSubject = "(no subject)"

// Fit returns a copy of in whose title and description keep to the bounds. A mail
// that opens a ticket goes through Fit: set the title to the subject as written in the
// header, and the description to the body. Fit never refuses, because a mail must not
// be lost. Words encoded by RFC 2047 are decoded first, then both texts are cleaned.
// An empty title becomes "(no subject)". A title that is too long is cut between two
// characters, with "…", and the whole subject goes to the beginning of the
// description. A description that is too long is cut.
func (in Intake) Fit() Intake {
	full := clean.Subject(in.Title)
	body := clean.Text(in.Description)
	in.Title = full
	switch {
	case full == "":
		in.Title = noSubject
	case clean.Len(full) > MaxTitle:
		in.Title = clean.Cut(full, MaxTitle)
		if body == "" {
			body = full
		} else {
			body = full + "\n\n" + body
		}
	}
	in.Description = clean.Cut(body, maxDescription)
	return in
}
