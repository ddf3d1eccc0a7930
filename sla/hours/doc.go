// Package hours computes with business hours: when is something due, how long
// did it take, are we open.
package hours
