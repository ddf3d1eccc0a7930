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

// The defaults of a [Config], and the bounds of its values.
const (
	StandardName = "standard" // Name

	DefaultPeriod     = 30 * day        // R51
	DefaultTombstones = 365 * day       // twelve months
	DefaultSkew       = 5 * time.Minute // T36
	DefaultMaxGap     = 3 * day         // T35
	MinGrace          = 24 * time.Hour  // the least Grace, and its default
	DefaultMaxShare   = 25              // percent
	DefaultMaxCount   = 10_000          // records
	DefaultMinCount   = 10              // records
	MaxSkew           = 24 * time.Hour  // the greatest Skew
	MaxPeriod         = 100 * 366 * day // the longest of every other duration
	maxName           = 100             // bytes
	maxRecords        = 1_000_000_000   // the greatest MaxCount and MinCount
)

// A Config describes a [Policy]. It is plain data; [New] checks it. The zero
// value of every field is the default that stands beside it, so the zero Config
// is the standard policy (R51).
//
// All durations are elapsed time: a day is 24 hours, whatever the clocks of any
// zone do meanwhile (T37). The JSON form has the fields' names in lower case,
// words parted by underscores, and durations in the form of
// [time.ParseDuration]: {"name":"standard","period":"720h"}. It is decoded
// strictly: an unknown, repeated or mistyped field is an error, and all are
// reported at once.
type Config struct {
	Name    string `json:"name,omitzero"`    // what the policy is called; [StandardName]
	Version int    `json:"version,omitzero"` // which edition of it; 1

	// Period is how long after its last closing a ticket is kept, and its
	// conversation with it; [DefaultPeriod].
	Period time.Duration `json:"period,omitzero"`

	// Ticketless is how long a conversation that has no ticket is kept after it
	// was last archived. Zero keeps it for ever: the support terms have no rule
	// for it.
	Ticketless time.Duration `json:"ticketless,omitzero"`

	// Tombstones is how long the proof of a deletion is kept;
	// [DefaultTombstones].
	Tombstones time.Duration `json:"tombstones,omitzero"`

	// Skew is by how much the clocks of two machines may differ: a sweep takes
	// what has been due for so long, so it is late rather than early (T36). Zero
	// is [DefaultSkew]; a negative Skew is none, and its JSON form is "0s". At
	// most [MaxSkew].
	Skew time.Duration `json:"skew,omitzero"`

	// Grace is how long a record is kept after the release of its last hold, if
	// it was due by then. At least, and by default, [MinGrace].
	Grace time.Duration `json:"grace,omitzero"`

	// MaxGap is the longest believable time from one sweep to the next. After a
	// longer one the clock may have jumped, and the sweep is refused (T35), and so
	// is every later one, until an [Override] with Clock; [DefaultMaxGap]. It must
	// be longer than the host's pauses.
	MaxGap time.Duration `json:"max_gap,omitzero"`

	// Breaker refuses sweeps that would delete suspiciously much (T35).
	Breaker Breaker `json:"breaker,omitzero"`
}

// A Breaker says how many records, tickets and conversations together, one sweep
// may delete without somebody's explicit word. Exactly as many as the limit may
// go.
type Breaker struct {
	MaxCount int `json:"max_count,omitzero"` // how many at most; [DefaultMaxCount]
	MaxShare int `json:"max_share,omitzero"` // how many percent of all records at most, 1 to 100; [DefaultMaxShare]
	MinCount int `json:"min_count,omitzero"` // MaxShare speaks for sweeps of so many records or more; [DefaultMinCount]
}

// withDefaults fills in what c leaves open.
func (c Config) withDefaults() Config {
	set(&c.Name, StandardName)
	set(&c.Version, 1)
	set(&c.Period, DefaultPeriod)
	set(&c.Tombstones, DefaultTombstones)
	set(&c.Skew, DefaultSkew)
	set(&c.Grace, MinGrace)
	set(&c.MaxGap, DefaultMaxGap)
	set(&c.Breaker.MaxCount, DefaultMaxCount)
	set(&c.Breaker.MaxShare, DefaultMaxShare)
	set(&c.Breaker.MinCount, DefaultMinCount)
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
	f.duration("period", c.Period, 1, MaxPeriod)
	f.duration("ticketless", c.Ticketless, 0, MaxPeriod)
	f.duration("tombstones", c.Tombstones, 1, MaxPeriod)
	f.duration("skew", max(c.Skew, 0), 0, MaxSkew)
	f.duration("grace", c.Grace, MinGrace, MaxPeriod)
	f.duration("max_gap", c.MaxGap, 1, MaxPeriod)
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
