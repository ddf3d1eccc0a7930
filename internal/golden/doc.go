// Package golden compares what a test made with a file under testdata. It is for
// tests only.
package golden
