// Package desk runs a helpdesk for many tenants: commands and views over small ports
// for storage and delivery, and loops that send, remind and delete on time.
//
// # Use
//
// A [Desk] is made once. This one keeps everything in memory:
//
//	d, err := desk.New(desk.Config{
//		Stores: memstore.New(), Transport: memtransport.New(), Accounts: accounts,
//		Clock: time.Now, Secrets: []desk.Secret{{ID: "2026", Key: secret}}, // at least 32 random bytes, always the same
//	})
//	go d.Run(ctx) // sends messages, fires timers, deletes on time
//	acme, err := d.Tenant("acme")
//	ada, lena := desk.Meta{Author: helpdesk.Customer("ada")}, desk.Meta{Author: helpdesk.Agent("lena")}
//	chat, err := acme.Start(ctx, ada, inbox.StartParams{
//		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat,
//		Contact: inbox.Contact{Customer: "ada"},
//		Message: inbox.MessageParams{Body: "Nothing prints."},
//	})
//	_, err = acme.Conversation(chat.Conversation).Reply(ctx, lena, inbox.MessageParams{Body: "Is the printer on?"})
//	view, err := acme.Conversation(chat.Conversation).View(ctx, inbox.Viewer{Agent: "lena"}, desk.MessageQuery{Limit: 50})
//
// The error of each call is checked in the example of the package. A Desk is safe for
// concurrent use, and several processes can each have one on the same storage.
//
// [Desk.Tenant] returns the [Tenant] with the commands and lists of one tenant.
// [Tenant.Conversation] and [Tenant.Ticket] return handles, with the commands and views
// of one record. A handle reads nothing and never fails: the first call that needs
// the record says whether there is one. A record of another tenant is answered like a
// record that does not exist.
//
// # Commands
//
// Every command has a [Meta] with its author and an idempotency key. The same command
// with the same key is carried out once and returns the same [Result].
//
// A command is decided on the stored state and committed only if that state is
// unchanged. After a lost race the desk reads and decides again, so the outcome is
// that of one command after the other: the second command may be refused, with the
// reason. Meta.IfLastMessage refuses a command if the customer has written since the
// author last looked, Meta.IfRevision if the record has changed at all.
//
// One commit has the decision, its events, the outgoing messages and the timers. A
// refused command changes nothing. Its error lists every fault, carries no text that
// people wrote, and has a code and an HTTP status by [ProblemOf].
//
// # Delivery
//
// Decisions are made exactly once, deliveries at least once. A worker that dies
// between sending and acknowledging causes a second delivery under the same key;
// dropping known keys is the part of the [Transport]. A message that keeps failing
// becomes a dead letter: see [Tenant.DeadLetters]. [Tenant.Revive] and
// [Tenant.ReviveAll] send dead letters after all.
//
// # Deletion
//
// Closed records are deleted by the retention policy, after thirty days by default.
// [Tenant.PlanRetention] is a dry run, and [Tenant.ApplyRetention] deletes now.
// A legal hold keeps a record. After a crash the deletion continues, and a
// [retention.Tombstone] without personal data proves the result.
//
// # Time
//
// Config.Clock is the only clock of a desk. Events stay in order if the clock goes
// back. If the clock jumps by more than MaxGap of the retention policy, in either
// direction, the desk does not believe it: commands and messages go on, and timers and
// deletion wait until the clock is right again or a person calls [Desk.ConfirmClock].
// After a jump ahead, and after a pause of that length, deletion also needs
// [Tenant.ApplyRetentionAnyway]. The manual page docs/time.md of the module has the details.
//
// # Operation
//
// [Desk.Run] runs the loops until its context ends. [Desk.Health] describes the state of
// all tenants and of the process, and [Desk.Tenants] the unfinished work of each tenant.
// Config.Logger and [Hooks] report what goes wrong. The manual page docs/operations.md of
// the module says what to watch and what to do.
//
// Tests and simulations drive the loops by hand: [Desk.Deliver], [Desk.FireTimers],
// [Desk.RemoveExpired], [Tenant.ApplyRetention].
//
// # Ports
//
// Storage is [store.Stores]: one [store.Records] for each tenant, without a method that
// names another tenant. [Transport] and [Accounts] are required, too. The other ports
// are optional: [Assistant] is the AI, [Notifier] tells the team, [AttachmentEraser]
// and [CopyEraser] erase data outside the desk, [Contracts] knows channel partners,
// and [Effects] carries out the effects of your own lifecycle.
//
// The sentences of a port's documentation are its rules. A call of a port other than
// the storage has the time of Limits.Timeout. When that is over, or when the desk is told
// to end, the context of the call ends, and the port must return within 2 seconds. A panic
// of such a port counts as an error. Packages
// [github.com/deskcore/helpdesk/desk/storetest] and
// [github.com/deskcore/helpdesk/desk/transporttest] test an implementation rule by rule,
// and [github.com/deskcore/helpdesk/desk/faults] makes any call of a port fail.
//
// The manual page docs/desk.md of the module lists all commands, views and counters.
package desk
