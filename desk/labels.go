package desk

import (
	"log/slog"
	"maps"
	"slices"
	"unicode/utf8"
)

// What a host says of an account is kept with every ticket, so it is bounded.
const (
	maxLabels     = 20
	maxLabelName  = 64
	maxLabelValue = 256
)

// labelTenant is the label that the desk itself gives.
const labelTenant = "tenant"

// A label is one that a ticket keeps. The names are data, so that they are no members, to which a
// later version may add.
type label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// listed returns labels as a ticket keeps them, by name.
func listed(labels map[string]string) (all []label) {
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		all = append(all, label{name, labels[name]})
	}
	return all
}

// labelsOf returns the labels that a ticket keeps.
func labelsOf(all []label) map[string]string {
	if len(all) == 0 {
		return nil
	}
	labels := make(map[string]string, len(all))
	for _, l := range all {
		labels[l.Name] = l.Value
	}
	return labels
}

// asksLabels reports whether a rule asks for a label that only the host knows.
func (o *Tenant) asksLabels() bool {
	return slices.ContainsFunc(o.d.c.Policies.Labels(), func(name string) bool { return name != labelTenant })
}

// labels returns the labels of an account, if a rule asks for one.
func (w *work) labels(account string) (map[string]string, error) {
	if account == "" || !w.o.asksLabels() {
		return nil, nil
	}
	w.asks = true
	a, err := w.o.account(w.ctx, account)
	if isNotFound(err) {
		return nil, nil
	}
	return w.keepLabels(a.Labels), err
}

// keepLabels returns the labels that can be kept, and complains of others.
func (w *work) keepLabels(all map[string]string) map[string]string {
	var kept map[string]string
	left := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		value := all[name]
		fits := name != "" && len(name) <= maxLabelName && len(value) <= maxLabelValue && utf8.ValidString(name) && utf8.ValidString(value)
		switch {
		case name == labelTenant: // which is given by the desk
		case !fits || len(kept) == maxLabels:
			left++
		case kept == nil:
			kept = map[string]string{name: value}
		default:
			kept[name] = value
		}
	}
	if left > 0 {
		w.o.d.complain(w.ctx, slog.LevelWarn, "labels of an account are too many, too long or no UTF-8, and do not count", nil,
			slog.String("tenant", string(w.tenant)), slog.Int("labels", left))
	}
	return kept
}

// situated returns labels with that of the tenant.
func (o *Tenant) situated(labels map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, labels)
	all[labelTenant] = string(o.tenant)
	return all
}
