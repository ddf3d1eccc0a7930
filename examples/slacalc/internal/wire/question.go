package wire

import "encoding/json"

// A Question is one line of the input: the members that mean something to the
// program. It shares the memory of the line. The zero Question has no members.
type Question struct {
	Define, ID, Op   Value
	Schedule, Policy Value
	At, Until, For   Value
	Days             Value // in place of For
	Events, Now      Value // of a ticket
	Metric, Cycle    Value
}

// set keeps the value of a member, and ignores members of other names. The
// last of several of one name counts. Null is as good as nothing, except for
// an id, which is the asker's own.
func (q *Question) set(name, value []byte) {
	if string(value) == "null" && string(name) != "id" {
		value = nil
	}
	switch string(name) {
	case "id":
		q.ID = value
	case "op":
		q.Op = value
	case "schedule":
		q.Schedule = value
	case "policy":
		q.Policy = value
	case "at":
		q.At = value
	case "until":
		q.Until = value
	case "for":
		q.For = value
	case "days":
		q.Days = value
	case "now":
		q.Now = value
	case "events":
		q.Events = value
	case "metric":
		q.Metric = value
	case "cycle":
		q.Cycle = value
	case "define":
		q.Define = value
	}
}

// Read takes a line apart: quickly, if it looks as lines do, and otherwise with
// encoding/json, which then decides. It reports whether the line is an object;
// the error says why it is not even JSON.
func (q *Question) Read(line []byte) (object bool, err error) {
	if q.scan(line) {
		return true, nil
	}
	return q.decode(line)
}

// scan is the quick way. It reports false for whatever it does not recognize,
// be it wrong or merely unusual, and never takes for JSON what is not.
func (q *Question) scan(line []byte) bool {
	*q = Question{}
	s := scanner{b: line}
	return s.object(q.set) && s.end()
}

// decode is the slow way, and the measure of the quick one.
func (q *Question) decode(line []byte) (object bool, err error) {
	*q = Question{}
	var whole json.RawMessage
	if err := json.Unmarshal(line, &whole); err != nil {
		return false, err
	}
	if !Value(whole).IsObject() {
		return false, nil
	}
	members, err := Members(whole)
	if err != nil {
		return false, err
	}
	for name, value := range members {
		q.set([]byte(name), value)
	}
	return true, nil
}
