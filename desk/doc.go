// Package desk is where the helpdesk meets the world: the ports that it needs,
// and what is said about them.
//
// # Ports
//
// Storage is [Stores]. It hands out one [Store] per tenant, none of whose methods
// takes a tenant, so that nothing can reach across, and the ports of workers,
// [Timers] and [Outbox], whose claims span tenants and name theirs. A store knows
// nothing of tickets: it keeps records of encoded bytes, and what hangs on them,
// all of it changed by one all-or-nothing [Batch].
//
// The other ports are [Transport], which delivers what people and the AI say,
// [Accounts], which knows to whom an account belongs, [Assistant], the AI, and
// [Blobs], which erases attachments kept elsewhere.
//
// The rules of a port are the sentences of its comments. For storage and
// transport there is a suite with one case for each of them:
// [github.com/deskcore/helpdesk/desk/storetest] and
// [github.com/deskcore/helpdesk/desk/transporttest]. An engine that passes can be
// used in place of the embedded default,
// [github.com/deskcore/helpdesk/desk/memstore]. Package
// [github.com/deskcore/helpdesk/desk/faults] makes any of them fail on purpose, at
// every single call, for the tests of hosts.
//
// # Decisions are made exactly once, deliveries at least once
//
// A batch has an idempotency key, and every record in it the revision that was
// read: a command that is repeated or that lost a race changes nothing. The
// messages it sends and the timers it sets are part of the same batch, so there
// is no decision without its message and no message without its decision. What
// is claimed from the outbox can be handed out again, if a worker dies between
// sending and acknowledging; the transport gets the key of the message, and
// dropping what it has had already is the transport's part.
package desk
