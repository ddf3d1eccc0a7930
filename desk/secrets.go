package desk

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/retention"
)

// keyedRefs returns what a record is called that has a keyed hash in place of an ID: by each
// of the secrets, the one first by which new records are called.
func (o *Tenant) keyedRefs(kind string, of retention.Kind, id string) ([]store.Ref, error) {
	sums, err := o.d.key.Digests(string(o.tenant), of, id)
	refs := make([]store.Ref, len(sums))
	for i, sum := range sums {
		refs[i] = store.Ref{Kind: kind, ID: sum.String()}
	}
	return refs, err
}

// keyed returns the record that has one of the names, by one read. One that is not there has
// the first name and no revision.
func (o *Tenant) keyed(ctx context.Context, refs []store.Ref) (store.Record, error) {
	s, err := o.store.Read(ctx, store.ReadRequest{Records: refs})
	if err != nil {
		return store.Record{}, err
	}
	return oneOf(s.Records), nil
}

func oneOf(records []store.Record) store.Record {
	return records[max(0, slices.IndexFunc(records, func(r store.Record) bool { return r.Revision != "" }))]
}

// renewed returns the changes that store a record under the name that new ones have, and not
// any more under the one that it was found under.
func renewed(was store.Record, now store.Change) []store.Change {
	if was.Ref == now.Ref {
		now.Expected = was.Revision
		return []store.Change{now}
	}
	return []store.Change{now, {Ref: was.Ref, Expected: was.Revision, Delete: true}}
}

// secretCheck is what a secret is under in the hash of a secretUse.
const secretCheck retention.Kind = "secret"

// check returns the hash by which a secret of the desk is known, and false if it has none
// with the ID.
func (o *Tenant) check(id string) (sum retention.Sum, ok bool, err error) {
	i := slices.Index(o.d.secrets, id)
	if i < 0 {
		return sum, false, nil
	}
	sums, err := o.d.key.Digests(string(o.tenant), secretCheck, id)
	if err != nil {
		return sum, false, err
	}
	return sums[i], true, nil
}

// uses notes that tombstones of that instant are made with the first secret.
func (o *Tenant) uses(s *sweepBody, at time.Time) error {
	id := o.d.secrets[0]
	check, _, err := o.check(id)
	if err != nil {
		return err
	}
	until := o.expiry(at)
	s.Secrets = slices.Clone(s.Secrets)
	i := slices.IndexFunc(s.Secrets, func(u secretUse) bool { return u.ID == id })
	switch {
	case i < 0:
		s.Secrets = append(s.Secrets, secretUse{id, check, until})
	case s.Secrets[i].Check != check || s.Secrets[i].Until.IsZero(): // another secret is called so, or for ever
	case until.IsZero():
		s.Secrets[i].Until = until
	default:
		s.Secrets[i].Until = later(s.Secrets[i].Until, until)
	}
	return nil
}

// missed returns the IDs of the secrets that the desk lacks, or has with other bytes, while
// something is kept that was made with them.
func (o *Tenant) missed(ctx context.Context, s *sweepBody, now time.Time) ([]string, error) {
	s.Secrets = slices.DeleteFunc(slices.Clone(s.Secrets), func(u secretUse) bool { return !u.Until.IsZero() && !now.Before(u.Until) })
	var ids []string
	for _, u := range s.Secrets {
		check, ok, err := o.check(u.ID)
		if err != nil {
			return nil, err
		}
		if !ok || check != u.Check {
			ids = append(ids, u.ID)
		}
	}
	if ids != nil {
		o.d.log.LogAttrs(ctx, slog.LevelError, "secrets are missing", slog.String("tenant", string(o.tenant)), slog.Any("ids", ids))
	}
	return ids, nil
}

// expiry returns when a tombstone of that instant expires.
func (o *Tenant) expiry(at time.Time) time.Time {
	until, ok := o.d.retention.ExpiresAt(retention.Tombstone{PurgedAt: at})
	if !ok || !check.IsInstant(until) {
		return time.Time{}
	}
	return until
}
