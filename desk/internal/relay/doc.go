// Package relay sends the messages of the outbox: it asks the host to take them, and says to the
// storage what became of each, so that none is lost, and none is counted as tried of which
// nobody was asked.
package relay
