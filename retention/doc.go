// Package retention says when tickets and conversations are deleted, why one is
// still here, and proves afterwards that one is gone.
//
// A ticket and its conversation go 30 × 24 hours after the ticket's last closing
// (R51). That sentence has many corners, and this package is about those: the
// last closing counts and not the first; a hold wins over everything; a
// conversation goes with the last of its tickets; a clock that jumped deletes
// nothing; a crash in the middle leaves nothing behind. Nothing is ever deleted
// early; when in doubt, a record is kept and the answer says why.
//
// The package decides and does not act. It has no store, no clock and no loop:
// values in, values out.
//
// # One record
//
// [Policy.Due] and [Policy.Explain] answer for one ticket, given what the store
// knows of it as an [Item]:
//
//	policy := retention.Standard()
//	fmt.Println(policy.Explain(item, now))
//	// due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT
//
// A sweep takes the ticket later than that by the skew, five minutes, since the
// clocks of two machines differ (T36). Elapsed hours count, so summer time
// changes nothing (T37).
//
// # Holds and requests for erasure
//
// [Holds] has any number of holds by ID (D6); placing and releasing are
// idempotent. While one is in force nothing is deleted. If the due instant has
// passed when the last one is released, the record stays for another grace of at
// least 24 hours, so that a release by mistake can be taken back.
//
// A request for erasure makes a closed ticket go at once instead of in 30 days. It
// does not win over a hold nor over open work: the request stays pending, and
// [Explanation] says why (T41). Whether a hold may stand against the request is
// the host's legal question.
//
// # A sweep
//
// [Policy.Plan] is a dry run over the records of a tenant: what would go and why,
// what is kept and why; [Plan.Diff] compares it with an earlier one. A plan may
// be refused, because the clock ran backwards or jumped, or because suspiciously
// much would go at once (T34, T35); a person can lift that by an [Override]. Then:
//
//	plan, err := policy.Plan(input, now)      // look at it, store it
//	purges, err := plan.Approve(override)     // what is deleted together
//	progress, err := purges[0].Begin(found, counts, now)
//	for step := range progress.Remaining() {
//		// do the step, then store the progress
//		progress, err = progress.Finish(step, now)
//	}
//
// [Purge.Begin] belongs into one commit with the revisions of all records that it
// expects: if a customer wrote, somebody reopened the ticket or placed a hold in the
// meantime, it refuses, and the next plan sees what happened (T22, T23). From that
// commit on the records are gone for readers, who get [helpdesk.ErrGone], and a message
// for the conversation goes to a new one. The steps can each be
// done again, so after a crash the purge goes on from the stored [Progress]
// (T39). Backups, and indices that the library does not own, are the host's to
// clean (T40).
//
// # States
//
// A record is kept, scheduled, held, purging or a tombstone. That is nowhere
// stored until its deletion begins: each time it follows from what is known of the
// record, so it cannot contradict that. Closing schedules a ticket or, under a
// hold, leaves it held; reopening keeps it; the last release schedules it again.
//
// # Proof
//
// What stays is a [Tombstone]: the ID as a keyed hash, the policy, instants and
// counts, and no personal data. With the [Key] the host recognises the tombstone
// of an ID, and verifies that tombstones are genuine and, as a chain, complete.
// They expire too, after twelve months.
//
// All types are plain values, safe for concurrent use as long as nobody writes to
// them. Results are in UTC.
package retention
