package sla

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// ErrNoContract is the error for a partner without a rule in a [Book]. It matches
// [helpdesk.ErrNotFound].
var ErrNoContract = check.Sentinel(helpdesk.ErrNotFound, "no policy on file for the partner")

var errNoPolicy = check.Sentinel(helpdesk.ErrNotFound, "no such policy")

// A Situation holds the facts that choose the policy of a new ticket. It is plain data.
type Situation struct {
	Partner string           `json:"partner,omitzero"` // the channel partner of the customer; empty for the vendor's own customers
	Channel helpdesk.Channel `json:"channel,omitzero"` // the channel of the first contact

	// Labels is what else is known, by name: a plan, a product, a region.
	Labels map[string]string `json:"labels,omitzero"`
}

// A Rule is one line of a [Book]: the policy for matching tickets. A zero field matches every
// ticket, so the zero Rule matches every ticket and leaves the ticket without targets.
type Rule struct {
	// Partner, if not empty, matches the tickets of that partner.
	Partner string `json:"partner,omitzero"`

	// Own matches the vendor's own tickets only: tickets without a partner.
	Own bool `json:"own,omitzero"`

	// Channels, if not empty, matches the tickets that came in by a channel of the list.
	Channels []helpdesk.Channel `json:"channels,omitzero"`

	// Labels matches the tickets that have each of these labels, with this value.
	Labels map[string]string `json:"labels,omitzero"`

	// Policy is the policy of the matching tickets. A nil Policy leaves the tickets
	// without targets. A Rule with a policy can be encoded but not decoded.
	Policy *Policy `json:"policy,omitzero"`
}

func (r *Rule) matches(c Situation) bool {
	switch {
	case r.Partner != "" && r.Partner != c.Partner, r.Own && c.Partner != "":
		return false
	case !includes(c.Labels, r.Labels):
		return false
	default:
		return len(r.Channels) == 0 || slices.Contains(r.Channels, c.Channel)
	}
}

// includes reports whether labels include each of others.
func includes(labels, others map[string]string) bool {
	for name, value := range others {
		if had, ok := labels[name]; !ok || had != value {
			return false
		}
	}
	return true
}

// covers reports whether r decides for every ticket that o matches.
func (r *Rule) covers(o *Rule) bool {
	if r.Partner != o.Partner || r.Own && !o.Own || !includes(o.Labels, r.Labels) {
		return false
	}
	if len(r.Channels) == 0 {
		return true
	}
	for _, c := range o.Channels {
		if !slices.Contains(r.Channels, c) {
			return false
		}
	}
	return len(o.Channels) > 0
}

// A BookConfig describes a [Book]. The zero BookConfig describes a book without rules.
type BookConfig struct {
	// Rules are tried in order. The first matching rule decides (S26).
	Rules []Rule `json:"rules,omitzero"`

	// PartnersByDefault lets the rules without a partner apply to a partner that no rule
	// names. If PartnersByDefault is false, such a partner is an error, so that the
	// promises to a partner are never guessed.
	PartnersByDefault bool `json:"partners_by_default,omitzero"`

	// Past lists versions that tickets still keep but no rule has any more. [Book.Policy]
	// finds these versions.
	Past []*Policy `json:"past,omitzero"`
}

// A Book chooses the policy of a new ticket, and finds the policy again later. A Book is
// immutable and safe for concurrent use. The zero Book has no rules.
type Book struct {
	rules    []Rule
	partners map[string]bool
	lenient  bool
	labels   []string
	byRef    map[Ref]*Policy
}

// NewBook returns the book for c. The error joins one [*helpdesk.FieldError] for each fault: a
// rule that can never decide because an earlier rule matches all of its tickets, a rule with both
// Partner and Own, an invalid channel, a label without a name, and two policies with one name and
// version.
func NewBook(c BookConfig) (*Book, error) {
	b := &Book{lenient: c.PartnersByDefault, partners: make(map[string]bool), byRef: make(map[Ref]*Policy)}
	var f check.Faults
	byPartner := make(map[string][]int, len(c.Rules))
	for i, r := range c.Rules {
		field := fmt.Sprintf("rules[%d]", i)
		r.Channels, r.Labels = slices.Clone(r.Channels), maps.Clone(r.Labels)
		for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
			if name == "" {
				f.Reject(field+".labels", name, "must have names")
			}
			b.labels = append(b.labels, name)
		}
		for k, ch := range r.Channels {
			if !ch.IsValid() {
				f.Reject(fmt.Sprintf("%s.channels[%d]", field, k), string(ch), "must be the name of a channel")
			}
		}
		if r.Own && r.Partner != "" {
			f.Reject(field+".own", strconv.FormatBool(r.Own), "must not stand with a partner")
		}
		for _, k := range byPartner[r.Partner] { // no other rule covers this one
			if b.rules[k].covers(&r) {
				f.Reject(field, r.Partner, fmt.Sprintf("can never decide: rules[%d] comes before and matches all of its tickets", k))
				break
			}
		}
		if r.Partner != "" {
			b.partners[r.Partner] = true
		}
		byPartner[r.Partner] = append(byPartner[r.Partner], i)
		b.rules = append(b.rules, r)
		b.file(&f, field+".policy", r.Policy)
	}
	slices.Sort(b.labels)
	b.labels = slices.Compact(b.labels)
	for i, p := range c.Past {
		b.file(&f, fmt.Sprintf("past[%d]", i), p)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *Book) file(f *check.Faults, field string, p *Policy) {
	if p == nil {
		return
	}
	if other, ok := b.byRef[p.Ref()]; ok && other != p {
		f.Reject(field, p.Ref().String(), "must be the only policy with this name and version")
	}
	b.byRef[p.Ref()] = p
}

// untargeted is the policy of a ticket without targets.
var untargeted = new(Policy)

// Choose returns the policy of a new ticket. The ticket keeps the [Policy.Ref] (S26). A ticket
// is without targets if no rule matches, or if the matching rule has no policy: its policy is a
// zero Policy, with the zero Ref. The error for a partner that no rule names is a
// [*ContractError], which matches [ErrNoContract], unless the book has PartnersByDefault; only
// with an error the policy is nil.
func (b *Book) Choose(c Situation) (*Policy, error) {
	if c.Partner != "" && !b.partners[c.Partner] && !b.lenient {
		return nil, &ContractError{Partner: c.Partner}
	}
	for i := range b.rules {
		r := &b.rules[i]
		if c.Partner != "" && b.partners[c.Partner] && r.Partner == "" {
			continue // a partner's policy replaces the vendor's as a whole
		}
		if r.matches(c) {
			return cmp.Or(r.Policy, untargeted), nil
		}
	}
	return untargeted, nil
}

// Labels returns the names of the labels that rules match by, sorted. Where there are none, nobody
// needs to know a label.
func (b *Book) Labels() []string { return slices.Clone(b.labels) }

// Policy returns the policy with the name and version. The error for a policy that the book
// does not have matches [helpdesk.ErrNotFound].
func (b *Book) Policy(ref Ref) (*Policy, error) {
	p, ok := b.byRef[ref]
	if !ok {
		return nil, fmt.Errorf("sla: %.80s: %w", ref, errNoPolicy)
	}
	return p, nil
}

// String returns the name and the version, such as "standard v1".
func (r Ref) String() string { return r.Name + " v" + strconv.Itoa(r.Version) }

// A ContractError reports a partner that no rule of a [Book] names. It matches
// [ErrNoContract]. It is plain data.
type ContractError struct{ Partner string }

func (e *ContractError) Error() string {
	return fmt.Sprintf("sla: partner %.60q has no policy on file", e.Partner)
}

// Unwrap returns [ErrNoContract].
func (e *ContractError) Unwrap() error { return ErrNoContract }
