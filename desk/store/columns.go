package store

import "slices"

// A Column is an attribute that records of a kind can have. A Column is plain data.
type Column struct {
	// Name has the form of Ref.Kind.
	Name string `json:"name,omitzero"`
	Type Type   `json:"type,omitzero"`
	// Many reports that a record can have several values.
	Many bool `json:"many,omitzero"`
	// Order reports that lists can be in the order of the attribute, which is an instant.
	Order bool `json:"order,omitzero"`
}

// Columns returns the attributes of a kind, and nothing for a kind whose records are listed by
// ID alone. A column is never removed and never changes its type. The caller may change the
// result.
func Columns(kind string) []Column { return slices.Clone(columnsOf(kind)) }

// Pairs returns the pairs of attributes of a kind by which a desk lists records most often,
// with the orders updated and due. An engine has an index for each pair.
func Pairs(kind string) [][2]string {
	switch kind {
	case "ticket":
		return [][2]string{{"conversation", "open"}, {"assignee", "open"}, {"customer", "open"}, {"account", "open"}, {"status", "open"}}
	case "conversation":
		return [][2]string{{"list", "customer"}, {"list", "holder"}, {"list", "channel"}, {"list", "tag"}, {"list", "unread"}}
	default:
		return nil
	}
}

func columnsOf(kind string) []Column {
	switch kind {
	case "ticket":
		return ticketColumns
	case "conversation":
		return conversationColumns
	case "blob":
		return blobColumns
	default:
		return nil
	}
}

var (
	conversationColumns = []Column{
		{Name: "conversation", Type: TypeText}, // the ID itself, so that Same works from a ticket
		{Name: "list", Type: TypeText},
		{Name: "channel", Type: TypeText},
		{Name: "customer", Type: TypeText},
		{Name: "account", Type: TypeText},
		{Name: "holder", Type: TypeText},
		{Name: "tag", Type: TypeText, Many: true},
		{Name: "unread", Type: TypeText, Many: true},
		{Name: "kind", Type: TypeText},
		{Name: "open", Type: TypeBool},
		{Name: "created", Type: TypeInstant, Order: true},
		{Name: "updated", Type: TypeInstant, Order: true},
		{Name: "due", Type: TypeInstant, Order: true},
		{Name: "archived", Type: TypeInstant},
		{Name: "purge", Type: TypeInstant, Order: true}, // from when it may be deleted
		{Name: "last_in", Type: TypeInstant},
		{Name: "breached", Type: TypeBool},
	}
	ticketColumns = []Column{
		{Name: "conversation", Type: TypeText},
		{Name: "reference", Type: TypeText},
		{Name: "lifecycle", Type: TypeText},
		{Name: "status", Type: TypeText},
		{Name: "category", Type: TypeText},
		{Name: "open", Type: TypeBool},
		{Name: "severity", Type: TypeText},
		{Name: "assignee", Type: TypeText},
		{Name: "customer", Type: TypeText},
		{Name: "account", Type: TypeText},
		{Name: "channel", Type: TypeText},
		{Name: "partner", Type: TypeText},
		{Name: "label", Type: TypeText, Many: true},
		{Name: "tag", Type: TypeText, Many: true}, // of its conversation
		{Name: "title", Type: TypeText},
		{Name: "policy", Type: TypeText},
		{Name: "first_reply", Type: TypeInstant},
		{Name: "created", Type: TypeInstant, Order: true},
		{Name: "updated", Type: TypeInstant, Order: true},
		{Name: "resolved", Type: TypeInstant},
		{Name: "due", Type: TypeInstant, Order: true},
		{Name: "purge", Type: TypeInstant, Order: true}, // from when it may be deleted
		{Name: "breached", Type: TypeBool},
		{Name: "merged_into", Type: TypeText},
		{Name: "follow_up_of", Type: TypeText},
	}
	blobColumns = []Column{
		{Name: "blob", Type: TypeText},
		{Name: "conversation", Type: TypeText},
	}
)

// column returns the place of the column with the name, and -1 for none. The search begins at
// a hint, since attributes mostly come in the order of the columns.
func column(all []Column, name string, hint int) int {
	for i := range all {
		at := hint + i
		if at >= len(all) {
			at -= len(all)
		}
		if all[at].Name == name {
			return at
		}
	}
	return -1
}
