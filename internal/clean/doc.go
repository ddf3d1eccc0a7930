// Package clean makes text that came from outside safe to keep: valid UTF-8, no
// control characters, no direction marks in titles, lengths counted in runes,
// and header fields that cannot become two.
//
// It is pure and knows nothing of tickets. What cannot be cleaned without losing
// what somebody meant is left to the caller: the functions here never fail, but
// for [Address].
//
// # What is one character for people
//
// [Cut] cuts where people see a boundary: never inside a rune, and never
// between a character and what belongs to it. It keeps together
//
//   - combining marks (category M), variation selectors included, with what they
//     mark, and emoji modifiers (skin tones) with their emoji;
//   - both sides of a zero-width joiner, and a zero-width joiner or non-joiner
//     with what it follows;
//   - regional indicators in pairs, counted from the first of a run, so that a
//     flag stays whole;
//   - tag characters with their base, and keycaps;
//   - the leading, vowel and trailing parts of a Korean syllable.
//
// These are the rules of Unicode's extended grapheme clusters that matter in
// practice, without the tables: prepended marks, and conjuncts of Indic scripts
// beyond their marks, may be cut.
package clean
