// Package schedule shares slots for slow work among tenants, so that none of them waits for
// another: a [Ring] says whose turn it is.
//
// Turns alone are not fair, because a slow destination holds its slots. So a tenant has at
// most a share of them, and one share stays free for a newcomer. Destinations that did not
// answer yet, or failed lately, have one slot each and three quarters of all slots together,
// those that failed a quarter. One that goes on failing rests, for longer each time, and is
// then asked once before it gets more.
package schedule
