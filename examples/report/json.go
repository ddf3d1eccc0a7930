package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/deskcore/helpdesk/sla"
)

// printJSON prints the form that doc.go documents.
func printJSON(w io.Writer, standings []standing, now time.Time) error {
	type explained struct {
		Metric sla.Metric  `json:"metric"`
		Cycle  int         `json:"cycle"`
		Pieces []sla.Piece `json:"pieces"`
	}
	lines := json.NewEncoder(w)
	for _, s := range standings {
		line := struct {
			Ticket  string      `json:"ticket"`
			Title   string      `json:"title"`
			Partner string      `json:"partner,omitempty"`
			Only    bool        `json:"conversation,omitempty"` // there is no ticket
			Policy  string      `json:"policy"`
			Version int         `json:"version"`
			Now     time.Time   `json:"now"`
			Clocks  []sla.Clock `json:"clocks"`
			Explain []explained `json:"explain"`
		}{s.ID, s.Title, s.Partner, s.Conversation, s.policy.Ref().Name, s.policy.Ref().Version, now.UTC(), s.clocks, nil}
		for i, c := range s.clocks {
			line.Explain = append(line.Explain, explained{c.Metric, c.Cycle, append([]sla.Piece{}, s.pieces[i]...)})
		}
		if err := lines.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
