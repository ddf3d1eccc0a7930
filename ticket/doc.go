// Package ticket has the life of a support ticket: what can happen to it, who
// may, and what follows.
package ticket
