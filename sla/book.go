package sla

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// ErrNoContract is the error for a partner without a rule in a [Book]. It matches
// [helpdesk.ErrNotFound].
var ErrNoContract = check.Sentinel(helpdesk.ErrNotFound, "no policy on file for the partner")

var errNoPolicy = check.Sentinel(helpdesk.ErrNotFound, "no such policy")

// A Case is what is known of a ticket when its policy is chosen. It is plain data.
type Situation struct {
	Partner string           `json:"partner,omitzero"` // the channel partner whose customer asks; empty for the vendor's own
	Channel helpdesk.Channel `json:"channel,omitzero"` // by which way
}

// A Rule is one line of a [Book]: tickets that match it are under its policy. A
// zero field matches every ticket.
type Rule struct {
	// Partner, if not empty, matches the tickets of that partner.
	Partner string `json:"partner,omitzero"`

	// Own matches the vendor's own tickets alone: those without a partner.
	Own bool `json:"own,omitzero"`

	// Channels, if not empty, match the tickets that came in by one of them
	// (R8).
	Channels []helpdesk.Channel `json:"channels,omitzero"`

	// Policy is the policy of the tickets that match. A nil Policy leaves them
	// without targets. A Rule with a policy can be encoded and not decoded.
	Policy *Policy `json:"policy,omitzero"`
}

func (r *Rule) matches(c Situation) bool {
	switch {
	case r.Partner != "" && r.Partner != c.Partner, r.Own && c.Partner != "":
		return false
	default:
		return len(r.Channels) == 0 || slices.Contains(r.Channels, c.Channel)
	}
}

// covers reports whether r decides for every ticket that o matches.
func (r *Rule) covers(o *Rule) bool {
	if r.Partner != o.Partner || r.Own && !o.Own {
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

// A BookConfig describes a [Book]. The zero BookConfig is that of a book without
// rules.
type BookConfig struct {
	// Rules are tried in order; the first that matches decides (S26).
	Rules []Rule `json:"rules,omitzero"`

	// PartnersByDefault lets the rules that name no partner apply to a partner
	// without a rule of its own. If it is false, such a partner is an error:
	// which promises it was given is never guessed (R9).
	PartnersByDefault bool `json:"partners_by_default,omitzero"`

	// Past are editions that no rule names any more but that tickets still
	// keep. They are found by [Book.Policy].
	Past []*Policy `json:"past,omitzero"`
}

// A Book chooses the policy of a ticket when it is opened, and finds it again
// later. It is immutable and safe for concurrent use. The zero Book has no
// rules.
type Book struct {
	rules    []Rule
	partners map[string]bool
	lenient  bool
	byRef    map[Ref]*Policy
}

// NewBook returns the book that c describes. The error joins one [*helpdesk.FieldError]
// for every fault: a rule that can never decide because those before it match
// all of its tickets, a rule for a partner and the vendor's own at once, a
// channel that is not one, and two policies with one name and version.
func NewBook(c BookConfig) (*Book, error) {
	b := &Book{lenient: c.PartnersByDefault, partners: make(map[string]bool), byRef: make(map[Ref]*Policy)}
	var f check.Faults
	byPartner := make(map[string][]int, len(c.Rules))
	for i, r := range c.Rules {
		field := fmt.Sprintf("rules[%d]", i)
		r.Channels = slices.Clone(r.Channels)
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

// Choose returns the policy of a ticket that is opened now; the ticket keeps its
// [Policy.Ref] (S26). A ticket that no rule matches, or one whose rule has no
// policy, is without targets: the policy is nil and there is no error. The error
// for a partner that no rule names matches [ErrNoContract], unless the book lets
// the other rules stand in (R9).
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
			return r.Policy, nil
		}
	}
	return nil, nil
}

// Policy returns the policy that a ticket keeps. The error for one that is not
// in the book matches [helpdesk.ErrNotFound].
func (b *Book) Policy(ref Ref) (*Policy, error) {
	p, ok := b.byRef[ref]
	if !ok {
		return nil, fmt.Errorf("sla: %.80s: %w", ref, errNoPolicy)
	}
	return p, nil
}

// String returns the name and the version: standard v1.
func (r Ref) String() string { return r.Name + " v" + strconv.Itoa(r.Version) }

// A ContractError reports a partner that no rule of a [Book] names (R9). It
// matches [ErrNoContract].
type ContractError struct{ Partner string }

func (e *ContractError) Error() string {
	return fmt.Sprintf("sla: partner %.60q has no policy on file", e.Partner)
}

// Unwrap returns [ErrNoContract].
func (e *ContractError) Unwrap() error { return ErrNoContract }
