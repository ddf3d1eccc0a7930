package sla

import "slices"

// voided lists the breaches that corrections of the level undid (S22): those on
// record right before a correction that are not on record now.
func (r *run) voided(now *Evaluation) ([]Voided, error) {
	var gone []Voided
	j := &r.j
	for i := range j.entries {
		if j.entries[i].kind != KindSeverityCorrected || j.opened == nil {
			continue
		}
		q := newRun(r.p, nil)
		q.j.entries = append(q.j.entries[:0], j.entries[:i]...)
		q.j.skew, q.j.opened, q.j.opening, q.j.start = j.skew, j.opened, j.opening, j.start
		err := q.evaluate(j.entries[i].at)
		if err != nil {
			return nil, err
		}
		for _, c := range q.result() {
			for _, b := range c.Breaches {
				v := Voided{Metric: c.Metric, At: b.At, Due: b.Due, Severity: b.Severity}
				if !stands(now, v) && !slices.Contains(gone, v) {
					gone = append(gone, v)
				}
			}
		}
		q.release()
	}
	return gone, nil
}

func stands(e *Evaluation, v Voided) bool {
	for i := range e.Clocks {
		if e.Clocks[i].Metric != v.Metric {
			continue
		}
		for _, b := range e.Clocks[i].Breaches {
			if b.At.Equal(v.At) && b.Due.Equal(v.Due) && b.Severity == v.Severity {
				return true
			}
		}
	}
	return false
}
