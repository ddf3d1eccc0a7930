package sla

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// StandardName is the name of [Standard].
const StandardName = "standard"

// Standard returns the policy of the support terms, in the business hours of
// [hours.Standard]:
//
//	level    first reply        resolution or mitigation
//	urgent   15 minutes         5 hours, best effort after
//	high     1 business hour    24 hours, best effort after
//	medium   2 business hours   best effort
//	low      3 business hours   none
//
// Urgent counts around the clock and from the notification. Urgent is in force only after a
// notification in live chat and a confirmation; before, high is in force. Waiting for the
// customer pauses the resolution, and so does KindPaused. Reopening resumes the resolution. A
// change of the level measures again from the start. Warnings come at 50, 75 and 90 percent.
func Standard() *Policy {
	p, err := New(standardConfig(), nil)
	if err != nil {
		return new(Policy) // a test proves that this does not happen
	}
	return p
}

func standardConfig() Config {
	hour := time.Hour
	stops := []Stop{StopOnResolved, StopOnMitigated}
	none := Target{None: true}
	return Config{
		Name: StandardName, Version: 1,
		Schedule: hours.Member{Name: "standard"},
		Gate: &Gate{
			Level:          severity.Urgent,
			Channels:       []helpdesk.Channel{helpdesk.ChannelLiveChat},
			UntilConfirmed: severity.High,
		},
		Pause:    map[Metric][]Status{MetricResolution: {StatusWaitingOnCustomer}},
		Pausable: []Metric{MetricResolution},
		Reopen:   ReopenResume,
		Retarget: RetargetFromStart,
		WarnAt:   []int{50, 75, 90},
		Skew:     defaultSkew,
		Targets: map[severity.Level]map[Metric]Target{
			severity.Urgent: {
				MetricFirstReply: {Within: 15 * time.Minute, Clock: BaseCalendar, From: AnchorNotified},
				MetricNextReply:  none,
				MetricResolution: {Within: 5 * hour, BestEffort: true, Clock: BaseCalendar, From: AnchorNotified, StopOn: stops},
			},
			severity.High: {
				MetricFirstReply: {Within: hour},
				MetricNextReply:  none,
				MetricResolution: {Within: 24 * hour, BestEffort: true, Clock: BaseCalendar, StopOn: stops},
			},
			severity.Medium: {
				MetricFirstReply: {Within: 2 * hour},
				MetricNextReply:  none,
				MetricResolution: {BestEffort: true, StopOn: stops},
			},
			severity.Low: {
				MetricFirstReply: {Within: 3 * hour},
				MetricNextReply:  none,
				MetricResolution: none,
			},
		},
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
