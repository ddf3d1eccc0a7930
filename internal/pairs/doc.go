// Package pairs is the table of what comes of two commands that are given at once:
// the words for commands and states, and the verdict for every pair. Package
// inbox/modelcheck finds the verdicts by trying every pair in both orders, which its
// tests record here and in docs/concurrency.md; the tests of package desk have every
// pair race.
package pairs
