package severity_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/severity"
	"github.com/stretchr/testify/require"
)

// answers yields every combination of answers whose values start at from: 0
// includes missing ones (5·6·5·4), 1 is full ones only (4·5·4·3).
func answers(from uint8) iter.Seq[severity.Answers] {
	return func(yield func(severity.Answers) bool) {
		for a := from; a <= 4; a++ {
			for b := from; b <= 5; b++ {
				for w := from; w <= 4; w++ {
					for p := from; p <= 3; p++ {
						if !yield(severity.Answers{
							Affected: severity.Affected(a), Ability: severity.Ability(b),
							Workaround: severity.Workaround(w), Persistence: severity.Persistence(p),
						}) {
							return
						}
					}
				}
			}
		}
	}
}

// R11–R14: the documents' own examples.
func TestDocumentsExamplesR11R12R13R14(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		in     severity.Answers
		want   severity.Level
		reason string
	}{
		{
			"R11 platform is down",
			severity.Answers{severity.AffectedAll, severity.AbilityDown, severity.WorkaroundNone, severity.PersistenceAlways},
			severity.Urgent, "everybody is affected, nobody can work and there is no workaround",
		},
		{
			"R12 campaigns not sending",
			severity.Answers{severity.AffectedMany, severity.AbilityDegraded, severity.WorkaroundNone, severity.PersistenceAlways},
			severity.High, "it always happens, work is badly impaired and there is no reasonable workaround",
		},
		{
			"R13 single upload fails, bulk upload works",
			severity.Answers{severity.AffectedSome, severity.AbilityPartly, severity.WorkaroundTemporary, severity.PersistenceAlways},
			severity.Medium, "part of the work cannot be done",
		},
		{
			"R14 guidance on how to use the platform",
			severity.Answers{severity.AffectedOne, severity.AbilityYes, severity.WorkaroundYes, severity.PersistenceOnce},
			severity.Low, "one user is affected, can work, and has a workaround",
		},
		{
			"R14 trouble with a SCORM file",
			severity.Answers{severity.AffectedOne, severity.AbilityYes, severity.WorkaroundYes, severity.PersistenceAlways},
			severity.Low, "one user is affected, can work, and has a workaround",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := severity.Result{Level: tt.want, Lowest: tt.want, Highest: tt.want, Reason: tt.reason}
			require.Equal(t, want, severity.Classify(tt.in))
		})
	}
}

// R11–R15: every sentence of the documents by itself, both sides of its bound.
func TestClassifyBoundsR15(t *testing.T) {
	t.Parallel()
	const (
		one, some, many, everybody     = severity.AffectedOne, severity.AffectedSome, severity.AffectedMany, severity.AffectedAll
		yes, partly, degraded          = severity.AbilityYes, severity.AbilityPartly, severity.AbilityDegraded
		critical, down                 = severity.AbilityCritical, severity.AbilityDown
		lasting, temporary, poor, none = severity.WorkaroundYes, severity.WorkaroundTemporary, severity.WorkaroundUnreasonable, severity.WorkaroundNone
		once, intermittent, always     = severity.PersistenceOnce, severity.PersistenceIntermittent, severity.PersistenceAlways
		urgent, high, medium, low      = severity.Urgent, severity.High, severity.Medium, severity.Low
	)
	type answers = severity.Answers
	tests := []struct {
		name string
		in   answers
		want severity.Level
	}{
		{"R11 all, down, none", answers{everybody, down, none, always}, urgent},
		{"R11 how often does not matter", answers{everybody, down, none, once}, urgent},
		{"R11 not all users", answers{many, down, none, always}, high},
		{"R11 neither critical nor unavailable", answers{everybody, degraded, none, always}, high},
		{"R81 all lose data, none", answers{everybody, critical, none, always}, urgent},
		{"R81 how often does not matter", answers{everybody, critical, none, once}, urgent},
		{"R81 not all users", answers{many, critical, none, always}, high},
		{"R81 a workaround, though unreasonable", answers{everybody, critical, poor, once}, high},
		{"R81 a workaround for a while", answers{everybody, critical, temporary, always}, medium},
		{"R11 a workaround, though unreasonable", answers{everybody, down, poor, once}, high},
		{"R11 a workaround for a while", answers{everybody, down, temporary, always}, medium},

		{"R12 both arms", answers{many, degraded, poor, always}, high},
		{"R12 the arm of many users", answers{many, yes, poor, always}, high},
		{"R12 the arm of experience", answers{one, degraded, poor, always}, high},
		{"R12 neither arm", answers{some, partly, none, always}, medium},
		{"R12 not persistent", answers{many, degraded, none, intermittent}, medium},
		{"R12 a reasonable workaround", answers{everybody, degraded, temporary, always}, medium},

		{"R13 intermittent, temporary workaround", answers{one, yes, temporary, intermittent}, medium},
		{"R13 some users but not all", answers{some, yes, lasting, once}, medium},
		{"R13 part of the work fails", answers{one, partly, lasting, once}, medium},

		{"R14 small, with a workaround", answers{one, yes, lasting, intermittent}, low},
		{"R14 small, without a workaround", answers{one, yes, none, once}, medium},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := severity.Classify(tt.in)
			require.Equal(t, tt.want, got.Level, got.Reason)
			require.True(t, isCertain(got))
		})
	}
}

// R11–R15: an independent statement of the rules, against every full answer.
func TestClassifyIsTotal(t *testing.T) {
	t.Parallel()
	counts := map[severity.Level]int{}
	for a := range answers(1) {
		standstill := a.Affected == severity.AffectedAll && (a.Ability == severity.AbilityDown || a.Ability == severity.AbilityCritical)
		unreasonable := a.Workaround == severity.WorkaroundUnreasonable || a.Workaround == severity.WorkaroundNone
		felt := a.Affected == severity.AffectedAll || a.Affected == severity.AffectedMany ||
			a.Ability == severity.AbilityDown || a.Ability == severity.AbilityCritical || a.Ability == severity.AbilityDegraded
		want := severity.Medium
		switch {
		case standstill && a.Workaround == severity.WorkaroundNone:
			want = severity.Urgent
		case unreasonable && (standstill || felt && a.Persistence == severity.PersistenceAlways):
			want = severity.High
		case a.Affected == severity.AffectedOne && a.Ability == severity.AbilityYes && a.Workaround == severity.WorkaroundYes:
			want = severity.Low
		}
		got := severity.Classify(a)
		require.Equal(t, want, got.Level, "%+v", a)
		require.True(t, isCertain(got), "%+v", a)
		require.NotEmpty(t, got.Reason)
		require.Empty(t, slices.Collect(a.Missing()))
		counts[got.Level]++
	}
	require.Equal(t, map[severity.Level]int{
		severity.Urgent: 6, severity.High: 34, severity.Medium: 197, severity.Low: 3,
	}, counts)
}

// completions is the slow, plain way to fill in what is missing.
func completions(a severity.Answers) []severity.Answers {
	var all []severity.Answers
	for full := range answers(1) {
		if (a.Affected == 0 || a.Affected == full.Affected) && (a.Ability == 0 || a.Ability == full.Ability) &&
			(a.Workaround == 0 || a.Workaround == full.Workaround) && (a.Persistence == 0 || a.Persistence == full.Persistence) {
			all = append(all, full)
		}
	}
	return all
}

// R15, R25: missing answers leave a range, and doubt raises by one level at most.
func TestClassifyMissingAnswersR25(t *testing.T) {
	t.Parallel()
	for a := range answers(0) {
		lowest, highest := severity.Urgent, severity.Low
		for _, full := range completions(a) {
			l := severity.Classify(full).Level
			lowest, highest = min(lowest, l), max(highest, l)
		}
		got := severity.Classify(a)
		require.Equal(t, lowest, got.Lowest, "%+v", a)
		require.Equal(t, highest, got.Highest, "%+v", a)
		require.Equal(t, lowest == highest, isCertain(got), "%+v", a)
		switch highest - lowest {
		case 0, 1:
			require.Equal(t, highest, got.Level, "unsure between two: the higher, %+v", a)
		default:
			require.Equal(t, lowest+1, got.Level, "%+v", a)
		}
	}
}

// R11–R15: making any answer worse never lowers the level, nor either bound.
func TestClassifyIsMonotone(t *testing.T) {
	t.Parallel()
	var steps int
	for a := range answers(0) {
		was := severity.Classify(a)
		worse := []severity.Answers{a, a, a, a}
		worse[0].Affected++
		worse[1].Ability++
		worse[2].Workaround++
		worse[3].Persistence++
		for i, b := range worse {
			answered := []bool{a.Affected > 0, a.Ability > 0, a.Workaround > 0, a.Persistence > 0}[i]
			exists := b.Has([]severity.Question{
				severity.QuestionAffected, severity.QuestionAbility, severity.QuestionWorkaround, severity.QuestionPersistence,
			}[i])
			if !answered || !exists {
				continue
			}
			steps++
			is := severity.Classify(b)
			require.GreaterOrEqual(t, is.Level, was.Level, "%+v → %+v", a, b)
			require.GreaterOrEqual(t, is.Lowest, was.Lowest, "%+v → %+v", a, b)
			require.GreaterOrEqual(t, is.Highest, was.Highest, "%+v → %+v", a, b)
		}
	}
	require.Equal(t, 3*(6*5*4)+4*(5*5*4)+3*(5*6*4)+2*(5*6*5), steps)
}

// R25: exactly those questions are asked whose answers can change the level.
func TestMissingR25(t *testing.T) {
	t.Parallel()
	set := map[severity.Question]func(*severity.Answers, uint8){
		severity.QuestionAffected:    func(a *severity.Answers, v uint8) { a.Affected = severity.Affected(v) },
		severity.QuestionAbility:     func(a *severity.Answers, v uint8) { a.Ability = severity.Ability(v) },
		severity.QuestionWorkaround:  func(a *severity.Answers, v uint8) { a.Workaround = severity.Workaround(v) },
		severity.QuestionPersistence: func(a *severity.Answers, v uint8) { a.Persistence = severity.Persistence(v) },
	}
	order := []severity.Question{
		severity.QuestionAffected, severity.QuestionAbility, severity.QuestionWorkaround, severity.QuestionPersistence,
	}
	for a := range answers(0) {
		var want []severity.Question
		missing := []bool{a.Affected == 0, a.Ability == 0, a.Workaround == 0, a.Persistence == 0}
		for i, q := range order {
			seen := map[severity.Level]bool{}
			matters := false
			for _, full := range completions(a) {
				clear(seen)
				for v := uint8(1); v <= []uint8{4, 5, 4, 3}[i]; v++ {
					set[q](&full, v)
					seen[severity.Classify(full).Level] = true
				}
				matters = matters || len(seen) > 1
			}
			if missing[i] && matters {
				want = append(want, q)
			}
		}
		got := slices.Collect(a.Missing())
		require.Equal(t, want, got, "%+v", a)
		require.Equal(t, len(got) == 0, isCertain(severity.Classify(a)), "%+v", a)
	}
	for q := range (severity.Answers{}).Missing() {
		require.Equal(t, severity.QuestionAffected, q, "Missing stops when asked to")
		break
	}
}

func TestClassifyReasons(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   severity.Answers
		want severity.Result
	}{
		{
			"nothing is answered",
			severity.Answers{},
			severity.Result{
				Level: severity.Medium, Lowest: severity.Low, Highest: severity.Urgent,
				Reason: "it is not known who is affected, how far work is possible, whether there is a workaround " +
					"and how often it happens, which can make it urgent; in doubt, one level above low",
			},
		},
		{
			"two neighbours",
			severity.Answers{Affected: severity.AffectedOne, Ability: severity.AbilityYes},
			severity.Result{
				Level: severity.Medium, Lowest: severity.Low, Highest: severity.Medium,
				Reason: "it is not known whether there is a workaround, which can make it medium; in doubt, the higher level",
			},
		},
		{
			"a part is known",
			severity.Answers{Affected: severity.AffectedAll, Ability: severity.AbilityDown, Persistence: severity.PersistenceOnce},
			severity.Result{
				Level: severity.High, Lowest: severity.Medium, Highest: severity.Urgent,
				Reason: "part of the work cannot be done; it is not known whether there is a workaround, " +
					"which can make it urgent; in doubt, one level above medium",
			},
		},
		{
			"high or urgent",
			severity.Answers{Ability: severity.AbilityDown, Workaround: severity.WorkaroundNone, Persistence: severity.PersistenceAlways},
			severity.Result{
				Level: severity.Urgent, Lowest: severity.High, Highest: severity.Urgent,
				Reason: "it always happens, work is badly impaired and there is no reasonable workaround; " +
					"it is not known who is affected, which can make it urgent; in doubt, the higher level",
			},
		},
		{
			"two questions are open",
			severity.Answers{Affected: severity.AffectedMany, Ability: severity.AbilityPartly},
			severity.Result{
				Level: severity.High, Lowest: severity.Medium, Highest: severity.High,
				Reason: "part of the work cannot be done; it is not known whether there is a workaround " +
					"and how often it happens, which can make it high; in doubt, the higher level",
			},
		},
		{
			"what is missing does not matter",
			severity.Answers{Affected: severity.AffectedMany, Workaround: severity.WorkaroundYes},
			severity.Result{
				Level: severity.Medium, Lowest: severity.Medium, Highest: severity.Medium,
				Reason: "several users are affected",
			},
		},
		{
			"the workaround will not last",
			severity.Answers{severity.AffectedOne, severity.AbilityYes, severity.WorkaroundTemporary, severity.PersistenceOnce},
			severity.Result{
				Level: severity.Medium, Lowest: severity.Medium, Highest: severity.Medium,
				Reason: "there is no lasting workaround",
			},
		},
		{
			"many users",
			severity.Answers{severity.AffectedMany, severity.AbilityPartly, severity.WorkaroundNone, severity.PersistenceAlways},
			severity.Result{
				Level: severity.High, Lowest: severity.High, Highest: severity.High,
				Reason: "it always happens, many users are affected and there is no reasonable workaround",
			},
		},
		{
			"a standstill",
			severity.Answers{severity.AffectedAll, severity.AbilityDown, severity.WorkaroundUnreasonable, severity.PersistenceOnce},
			severity.Result{
				Level: severity.High, Lowest: severity.High, Highest: severity.High,
				Reason: "everybody is affected, nobody can work and there is no reasonable workaround",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, severity.Classify(tt.in))
		})
	}
}

// A value that is no answer counts as missing, so Classify is total over
// everything that the types can hold.
func TestClassifyStrangeValues(t *testing.T) {
	t.Parallel()
	strange := severity.Answers{Affected: 5, Ability: 255, Workaround: 5, Persistence: 4}
	require.Equal(t, severity.Classify(severity.Answers{}), severity.Classify(strange))
	require.Len(t, slices.Collect(strange.Missing()), 4)
	known := severity.Answers{severity.AffectedOne, severity.AbilityYes, severity.WorkaroundYes, 4}
	require.Equal(t, severity.Low, severity.Classify(known).Level)
}

// Full answers need no allocation.
func TestClassifyAllocates(t *testing.T) {
	a := severity.Answers{severity.AffectedOne, severity.AbilityYes, severity.WorkaroundYes, severity.PersistenceOnce}
	require.Zero(t, testing.AllocsPerRun(100, func() { severity.Classify(a) }))
}

func TestResultJSON(t *testing.T) {
	t.Parallel()
	r := severity.Classify(severity.Answers{Affected: severity.AffectedOne, Ability: severity.AbilityYes, Workaround: severity.WorkaroundYes})
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.JSONEq(t, `{"level":"low","lowest":"low","highest":"low",
		"reason":"one user is affected, can work, and has a workaround"}`, string(text))
}

// The table in the package comment is the one that decides.
func TestDocTableAgrees(t *testing.T) {
	t.Parallel()
	for _, row := range docTable(t) {
		a := severity.Answers{severity.AffectedOne, severity.AbilityYes, severity.WorkaroundYes, severity.PersistenceOnce}
		for name, into := range map[string]interface{ UnmarshalText([]byte) error }{
			"affected": &a.Affected, "ability": &a.Ability, "workaround": &a.Workaround, "persistence": &a.Persistence,
		} {
			if cell := row[name]; cell != "" {
				require.NoError(t, into.UnmarshalText([]byte(cell)))
			}
		}
		require.Equal(t, row["level"], severity.Classify(a).Level.String(), "%v", row)
	}
}

func ExampleClassify() {
	r := severity.Classify(severity.Answers{
		Affected:    severity.AffectedSome,
		Ability:     severity.AbilityPartly,
		Workaround:  severity.WorkaroundTemporary,
		Persistence: severity.PersistenceIntermittent,
	})
	fmt.Println(r.Level, "because", r.Reason)

	r = severity.Classify(severity.Answers{Affected: severity.AffectedAll, Ability: severity.AbilityDown})
	fmt.Println(r.Level, "because", r.Reason)
	// Output:
	// medium because part of the work cannot be done
	// high because part of the work cannot be done; it is not known whether there is a workaround, which can make it urgent; in doubt, one level above medium
}

func ExampleAnswers_Missing() {
	// Nobody can work. Whether it always happens can still matter, too.
	a := severity.Answers{Ability: severity.AbilityDown}
	fmt.Println(slices.Collect(a.Missing()))

	// With a workaround for a while, nothing else can change the level.
	a.Workaround = severity.WorkaroundTemporary
	fmt.Println(slices.Collect(a.Missing()))
	// Output:
	// [affected workaround persistence]
	// []
}

func BenchmarkClassify(b *testing.B) {
	full := severity.Answers{severity.AffectedSome, severity.AbilityPartly, severity.WorkaroundTemporary, severity.PersistenceAlways}
	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			severity.Classify(full)
		}
	})
	b.Run("blank", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			severity.Classify(severity.Answers{})
		}
	})
}

func FuzzAnswersJSON(f *testing.F) {
	f.Add(`{"affected":"all","ability":"down","workaround":"none","persistence":"always"}`)
	f.Add(`{"affected":"one"}`)
	f.Add(`{"ability":""}`)
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, s string) {
		var a severity.Answers
		if json.Unmarshal([]byte(s), &a) != nil {
			return
		}
		text, err := json.Marshal(a)
		require.NoError(t, err)
		var b severity.Answers
		require.NoError(t, json.Unmarshal(text, &b))
		require.Equal(t, a, b)
		r := severity.Classify(a)
		require.True(t, r.Level.IsValid())
		require.LessOrEqual(t, r.Lowest, r.Level)
		require.LessOrEqual(t, r.Level, r.Highest)
		require.False(t, strings.HasSuffix(r.Reason, "."))
	})
}

// isCertain reports whether no missing answer can change the level.
func isCertain(r severity.Result) bool { return r.Lowest == r.Highest }
