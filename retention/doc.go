// Package retention decides when tickets and conversations are deleted, explains why a
// record is still kept, and proves afterwards that a record was deleted.
//
// A ticket and its conversation are deleted 30 × 24 hours after the last closing of the
// ticket. The package settles the corners of that rule: the last closing counts, not
// the first; a hold wins over everything; a conversation is deleted with the last of
// its tickets; a clock that jumped deletes nothing; a crash in the middle leaves nothing
// behind. Nothing is ever deleted early. In doubt, a record is kept, and the answer has
// the reason.
//
// The package decides and does not act. It has no store, no clock and no loop.
//
// # One record
//
// [Policy.Due] and [Policy.Explain] answer for one ticket, described by an [Item]:
//
//	policy := retention.Standard()
//	fmt.Println(policy.Explain(item, now))
//	// due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT
//
// A sweep deletes the ticket five minutes later than that, because the clocks of two
// machines differ. Elapsed hours count, so summer time changes nothing.
//
// # Holds and requests for erasure
//
// [Holds] has any number of holds, told apart by their IDs. Placing and releasing are
// idempotent. While a hold is in force the record is kept. If the due instant has passed
// at the release of the last hold, the record is kept for another grace of at least 24
// hours, in which a release by mistake can be taken back.
//
// A request for erasure makes a closed ticket due at once instead of in 30 days. A hold
// and open work win over the request: the request stays pending, and [Explanation] has
// the reason. The host has to settle the legal question of a hold against a request.
//
// # A sweep
//
// [Policy.Plan] is a dry run over the records of a tenant: the records to delete and the
// records to keep, each with the reason. [Plan.Diff] compares a plan with an earlier
// one. A plan is refused if the clock ran backwards or jumped, or if suspiciously many
// records would go at once. A person can lift the refusal by an [Override]. Then:
//
//	plan, err := policy.Plan(input, now)      // look at the plan, and store it
//	purges, err := plan.Approve(override)     // the records to delete together
//	progress, err := purges[0].Begin(found, counts, now)
//	for step := range progress.Remaining() {
//		// do the step, then store the progress
//		progress, err = progress.Finish(step, now)
//	}
//
// [Purge.Begin] belongs into one commit with the revisions of all its records. If a
// customer has written, or somebody has reopened the ticket or placed a hold since the
// plan, Begin refuses, and the next plan takes the change into account. From that commit
// on the records are gone for readers, who get [helpdesk.ErrGone], and a message for the
// conversation starts a new one. Every step can be repeated, so after a crash the purge
// continues from the stored [Progress]. The host has to clean its backups, and indices
// that the library does not own.
//
// # States
//
// A record is kept, scheduled, held, purging or a tombstone. The state is not stored
// before the deletion begins: it follows from the facts about the record. Closing
// schedules a ticket, or leaves the ticket held under a hold. Reopening keeps the
// ticket. The last release schedules the ticket again.
//
// # Proof
//
// A [Tombstone] remains of a record: the ID as a keyed hash, the policy, instants and
// counts, and no personal data. With the [Key] the host recognizes the tombstone of an
// ID, and verifies that tombstones are genuine and, as a chain, complete. Tombstones
// expire after twelve months.
//
// All types are plain values, safe for concurrent use as long as nobody changes a value.
// Results are in UTC.
package retention
