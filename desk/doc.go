// Package desk is where the helpdesk meets the world: the use cases, the ports for
// storage and delivery, and the loops that do what is due.
//
// # Use
//
// A [Desk] is made once, of a [Config]. It hands out an [Tenant] for each tenant,
// which has a method for each use case, and [Desk.Run] does in the background what
// time brings about: see the example of the package.
//
//	d, err := desk.New(desk.Config{Stores: …, Transport: …, Accounts: …, Clock: time.Now, Secret: …})
//	go d.Run(ctx)
//	acme, err := d.Tenant("acme")
//	chat, err := acme.Start(ctx, call, beginning, draft)
//
// What a customer does: [Tenant.Start], [ConversationHandle.AddCustomerMessage], [Tenant.Receive]
// for what comes in by mail, [ConversationHandle.ConfirmOffer] and [ConversationHandle.DeclineOffer] an offer,
// [Tenant.Status].
//
// What the AI does, if there is no [Assistant] that the desk asks by itself:
// [ConversationHandle.AddAIReply], [ConversationHandle.MakeOffer], [ConversationHandle.ReportAIFailure]. Each takes the lease under
// which it was asked, and is refused if control has passed on since (D5).
//
// What the team does with a conversation: [ConversationHandle.TakeOver], [ConversationHandle.Reply],
// [ConversationHandle.AddNote], [ConversationHandle.AskCustomer], [ConversationHandle.AddTag], [ConversationHandle.SetSentiment],
// [ConversationHandle.MarkRead], [ConversationHandle.Archive], [ConversationHandle.ReturnToAI]; with a ticket:
// [ConversationHandle.CreateTicket], [ConversationHandle.PickUp], [TicketHandle.Assign], [TicketHandle.Mitigate],
// [ConversationHandle.Resolve], [TicketHandle.Reopen], [TicketHandle.MergeInto], [TicketHandle.PlaceLegalHold],
// [TicketHandle.ReleaseLegalHold], [TicketHandle.PauseClocks] (what holds a conversation, with or
// without tickets, is [ConversationHandle.PlaceLegalHold]); with how bad it is:
// [TicketHandle.ClaimSeverity], [TicketHandle.ConfirmSeverity], [TicketHandle.DeclineSeverity],
// [TicketHandle.CorrectSeverity]; with what a lifecycle of the host's own adds:
// [TicketHandle.Do].
//
// What there is to see: [Tenant.Conversations], [Tenant.Tickets] and
// [Tenant.Notifications] are lists with cursors; [ConversationHandle.View],
// [ConversationHandle.CustomerView] and [TicketHandle.View] are views; [TicketHandle.ExplainClock]
// says how the time of a clock came about, [TicketHandle.ExplainRetention] when a ticket
// is deleted, and why not; [Tenant.Health] what waits.
//
// # A command
//
// Every command has a [Meta]: who gives it, and a key. Given again with the same
// key it is not carried out again, and has the same [Result]. It is decided on what
// is stored, and committed only if that has not changed meanwhile; if it has, it is
// decided anew, and what comes of that is what would have come of giving the
// command a moment later: it may be refused then, by an error that says why.
// Call.IfSeen makes it depend on what whoever gives it has read.
//
// A refused command changes nothing. Its error lists everything that is wrong, and
// [ProblemOf] names its kind. What people wrote is in no error.
//
// # Time
//
// Nothing asks the machine for the time but Config.Clock. Clocks that go back do not
// make events go back (T34); one that jumps ahead deletes nothing (T35); one that is
// a little fast deletes nothing early (T36). What was due while nobody was there is
// recorded at the instant at which it was due, once.
//
// What is closed while the clock stands before the tenant's last sweep is kept for
// longer, up to MaxGap of the retention policy, and not deleted early (R51), if the
// clock is right again within that time. A clock that is behind by less than the
// time since that sweep, at most Limits.SweepEvery, is not noticed, and what is
// closed then can go as much earlier.
//
// When the clock was ahead and is right again, which shows when it goes back by more
// than Limits.SweepEvery, the loops do what they would have put off until the wrong
// instant: they sweep, and send what waits; what another process is sending at that
// moment may be sent twice. It takes a desk that has read the wrong clock, or that
// meets the tenant by [Tenant.Start] for the first time; the latter holds after a
// restart too. For a tenant that nobody writes to, call [Tenant.ApplyRetention]. What was
// recorded under the wrong clock stays: stamps, the time until deletion of what was
// closed then, escalations and breaches that came early, and those that were set
// then, which come late. [Desk.RemoveExpired] removes expired tombstones and results by the
// clock as it is.
//
// A tenant whose sweeps pause for longer than MaxGap of the retention policy, 72
// hours by default, is a tenant whose clock may have jumped: a desk that was down
// for so long deletes nothing, until somebody who has looked at the clock calls
// [Tenant.SweepAnyway], with Override.Clock, once for each tenant (T35).
// SweepReport.Refusals of [Tenant.Health] and the counter [countRefused] show that;
// set MaxGap above the longest pause that is to pass by itself. Everything but
// deletion goes on as usual.
//
// Loops can be driven by hand, as tests and simulations do: [Desk.Deliver],
// [Desk.FireTimers], [Desk.RemoveExpired], [Tenant.ApplyRetention].
//
// # Rules
//
// R36, T28 or D5 name rules that tests prove: docs/rules.md of the module says in a
// line each what they stand for.
//
// # Ports
//
// Storage is [store.Stores]. It hands out one [store.Store] per tenant, none of whose methods
// takes a tenant, so that nothing can reach across, and the ports of workers,
// [store.Timers] and [store.Outbox], whose claims span tenants and name theirs. A store knows
// nothing of tickets: it keeps records of encoded bytes, and what hangs on them,
// all of it changed by one all-or-nothing [store.Batch].
//
// The other ports are [Transport], which delivers what people and the AI say,
// [Accounts], which knows to whom an account belongs, and, if wanted, [Assistant],
// the AI, [AttachmentEraser], which erases attachments kept elsewhere, [Notifier], which tells
// the team, [CopyEraser], which forgets what the host keeps elsewhere, [Contracts], which
// knows channel partners, and [Effects].
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
