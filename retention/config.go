package retention

import (
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/deskcore/helpdesk/internal/check"
)

const day = 24 * time.Hour

// The defaults of a Config, and the bounds of its values.
const (
	standardName = "standard"

	defaultPeriod     = 30 * day        // R51
	defaultTombstones = 365 * day       // twelve months
	defaultSkew       = 5 * time.Minute // T36
	defaultMaxGap     = 3 * day         // T35
	minGrace          = 24 * time.Hour  // the least Grace, and its default
	defaultMaxShare   = 25              // percent
	defaultMaxCount   = 10_000          // records
	defaultMinCount   = 10              // records
	maxSkew           = 24 * time.Hour  // the greatest Skew
	maxPeriod         = 100 * 366 * day // the longest of every other duration
	maxName           = 100             // bytes
	maxRecords        = 1_000_000_000   // the greatest MaxCount and MinCount
)

// A Config describes a [Policy]. It is plain data, and [New] checks it. The zero
// value of a field stands for its default, so the zero Config is the standard
// policy.
//
// All durations are elapsed time: a day is 24 hours, whatever summer time does. No
// duration but Skew may be longer than 100 × 366 days. The JSON form has the names
// of the fields in snake case, and durations in the form of [time.ParseDuration]:
// {"name":"standard","period":"720h"}. The decoder is strict: an unknown, repeated
// or mistyped field is an error, and one error reports all faults.
type Config struct {
	// Name names the policy, in at most 100 bytes. The default is "standard".
	Name string `json:"name,omitzero"`
	// Version is the edition of the policy. The default is 1.
	Version int `json:"version,omitzero"`

	// Period is the time from the last closing of a ticket to its deletion. The
	// default is 30 days. The ticket's conversation is deleted with the ticket.
	Period time.Duration `json:"period,omitzero"`

	// Ticketless is the time from the last archiving of a conversation without
	// tickets to its deletion. Zero keeps such conversations for ever: the support
	// terms have no rule for this case.
	Ticketless time.Duration `json:"ticketless,omitzero"`

	// Tombstones is the time for which the proof of a deletion is kept. The default
	// is 365 days.
	Tombstones time.Duration `json:"tombstones,omitzero"`

	// Skew is the greatest difference between the clocks of two machines. A sweep
	// deletes a record this much later than its due instant, and so never too
	// early. Zero stands for five minutes. A negative Skew means none, and its JSON
	// form is "0s". The greatest Skew is 24 hours.
	Skew time.Duration `json:"skew,omitzero"`

	// Grace is the time for which a record is kept after the release of its last
	// hold, if the record was due by then. The least Grace, and the default, is 24
	// hours.
	Grace time.Duration `json:"grace,omitzero"`

	// MaxGap is the longest believable time between two sweeps. After a longer gap
	// the clock may have jumped: every sweep is refused until an [Override] with
	// Clock. MaxGap must be longer than any planned outage. The default is 3 days.
	MaxGap time.Duration `json:"max_gap,omitzero"`

	// Breaker refuses sweeps that would delete suspiciously many records.
	Breaker Breaker `json:"breaker,omitzero"`
}

// A Breaker limits the number of records, tickets and conversations together, that
// one sweep may delete without an [Override]. A sweep may reach a limit, but not
// pass one. The zero Breaker has the default limits.
type Breaker struct {
	// MaxCount is the greatest number of records. The default is 10,000.
	MaxCount int `json:"max_count,omitzero"`
	// MaxShare is the greatest share of all records of the tenant, in percent from 1
	// to 100. The default is 25.
	MaxShare int `json:"max_share,omitzero"`
	// MinCount is the size from which a sweep has to keep to MaxShare. Smaller sweeps
	// need not. The default is 10.
	MinCount int `json:"min_count,omitzero"`
}

// withDefaults fills in what c leaves open.
func (c Config) withDefaults() Config {
	set(&c.Name, standardName)
	set(&c.Version, 1)
	set(&c.Period, defaultPeriod)
	set(&c.Tombstones, defaultTombstones)
	set(&c.Skew, defaultSkew)
	set(&c.Grace, minGrace)
	set(&c.MaxGap, defaultMaxGap)
	set(&c.Breaker.MaxCount, defaultMaxCount)
	set(&c.Breaker.MaxShare, defaultMaxShare)
	set(&c.Breaker.MinCount, defaultMinCount)
	return c
}

func set[T comparable](v *T, to T) {
	if *v == *new(T) {
		*v = to
	}
}

// check returns a *helpdesk.FieldError for every fault of c, whose defaults are filled
// in.
func (c Config) check() error {
	var f faults
	if reason := nameFault(c.Name); reason != "" {
		f.Reject("name", c.Name, reason)
	}
	f.number("version", c.Version, maxRecords)
	f.duration("period", c.Period, 1, maxPeriod)
	f.duration("ticketless", c.Ticketless, 0, maxPeriod)
	f.duration("tombstones", c.Tombstones, 1, maxPeriod)
	f.duration("skew", max(c.Skew, 0), 0, maxSkew)
	f.duration("grace", c.Grace, minGrace, maxPeriod)
	f.duration("max_gap", c.MaxGap, 1, maxPeriod)
	f.number("breaker.max_count", c.Breaker.MaxCount, maxRecords)
	f.number("breaker.max_share", c.Breaker.MaxShare, 100)
	f.number("breaker.min_count", c.Breaker.MinCount, maxRecords)
	return f.Err()
}

func nameFault(name string) string {
	if len(name) > maxName {
		return fmt.Sprintf("must have at most %d bytes", maxName)
	}
	if !utf8.ValidString(name) {
		return "must be valid UTF-8"
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return "must have printable characters only"
		}
	}
	return ""
}

// faults gathers field errors.
type faults struct{ check.Faults }

func (f *faults) number(field string, v, greatest int) {
	if v < 1 || v > greatest {
		f.Reject(field, strconv.Itoa(v), fmt.Sprintf("must be from 1 to %d", greatest))
	}
}

func (f *faults) duration(field string, v, least, greatest time.Duration) {
	if v < least || v > greatest {
		f.Reject(field, v.String(), fmt.Sprintf("must be from %v to %v", least, greatest))
	}
}
