// Slacalc does SLA arithmetic for programs in any language: questions in, one
// JSON object a line, and the answers out, in the same order.
//
//	go run ./examples/slacalc < questions.jsonl
//	go run ./examples/slacalc questions.jsonl
//	go run ./examples/slacalc -zoneinfo /usr/share/zoneinfo questions.jsonl
//
// With -zoneinfo, a zoneinfo directory or a zip file such as that of Go, zones
// come from there and from nowhere else; otherwise they are those of the machine.
//
// Answers are written whenever the input ends or has nothing more to read, so
// that another program can ask and wait for the answer over a pipe. Memory does
// not grow with the number of lines.
//
// # Definitions
//
// A definition has no answer. It names a schedule or a policy for the lines
// after it; a name may be defined again:
//
//	{"define":"schedule","schedule":{"name":"desk","zone":"Europe/London","hours":{"mon":["09:00-17:00"]},"holidays":["gb"]}}
//	{"define":"policy","policy":{"name":"gold","version":1,"schedule":"desk","targets":{…}}}
//
// The forms are those of hours.Config and sla.Config. Names in them are
// resolved when they are compiled: defining a schedule again changes what lines
// after it ask about by its name, and nothing that was compiled before. Without
// definition there are the schedules standard (Monday to Friday, 06:00 to 22:00
// GMT) and always, and the policy standard. Lists of holidays are those of
// package sla/hours/holidays: gb, us, au-nsw and so on.
//
// # Questions
//
// A schedule or a policy is a name or an object; objects that come again are
// compiled once. Instants (at, until, now) are RFC 3339 with up to nine digits
// of a fraction, and answers are in UTC. A duration (for) is Go's, such as
// 1h30m. The id is any JSON value and comes back as it is.
//
//	op                     members                      answer
//	add, sub               schedule, at, for or days    {"id","at"}
//	between                schedule, at, until          {"id","seconds"}
//	is_open                schedule, at                 {"id","open"}
//	next_open, next_close  schedule, at                 {"id","at"}
//	spans                  schedule, at, until          {"id","spans":[[from,to],…]}
//	data                   schedule                     {"id","zones":{name: FP},"holidays":{list: FP}}
//	evaluate               policy, events, now          {"id","clocks":[…],"anomalies":[…],"voided":[…],"provisional":[…]}
//	explain                policy, events, now, metric  {"id","pieces":[{"from","to","kind","cause"},…]}
//
// Explain is about the newest cycle of the metric, or the one that a cycle,
// counting from 1, names. Seconds are exact, with a fraction if need be, and
// negative if until is before at. Members that a question does not use are
// ignored; in a definition, a schedule or a policy they are an error.
//
// # Errors
//
// A question that cannot be answered gets {"id","error":{"code","message"}}, a
// definition that is refused {"define","name","error"}, and the run goes on;
// what the name meant before, it still means. The codes do not change, the
// messages may:
//
//	bad_question      not an object, a member is missing or of the wrong form
//	unknown_op        there is no such op
//	unknown_schedule  no schedule of this name was defined
//	unknown_policy    no policy of this name was defined
//	bad_schedule      the schedule is not valid; the message has every fault
//	bad_policy        the policy is not valid; the message has every fault
//	bad_event         an event is not valid; the message has every fault
//	bad_opening       the events have no opening, or several
//	conflict          two events have one id and different content
//	unknown_cycle     there is no such cycle of the metric
//	never_opens       the schedule does not open, or close, often enough before 2201 or after 1900
//	out_of_range      an instant is outside the years 1900 to 2200
//
// Exit status is 0 if every line was answered or taken, 1 if some got an error,
// and 2 if a line is not JSON, which ends the run, or if the input cannot be
// read or the output not be written. Blank lines are skipped.
//
// # The code
//
// This package has the arguments and the streaming. Package wire reads and writes
// text: lines, questions, instants, durations. Package calc answers: its catalog
// finds the schedule or the policy, the rest asks the library.
package main
