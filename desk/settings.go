package desk

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/google/uuid"
)

var settingsRef = store.Ref{Kind: kindSettings, ID: "inbox"}

// A settingsBody is what is stored of a tenant's settings.
type settingsBody struct {
	Version   int          `json:"v"`
	Inbox     inbox.Config `json:"inbox"`
	Switching bool         `json:"switching,omitzero"` // conversations may have to be taken from the AI
}

// settings returns the settings of the tenant; their revision is empty if it has
// none of its own.
func (o *Tenant) settings(ctx context.Context) (settingsBody, store.Revision, error) {
	rec, err := o.store.Load(ctx, settingsRef)
	if errors.Is(err, helpdesk.ErrNotFound) {
		return settingsBody{}, "", nil
	}
	if err != nil {
		return settingsBody{}, "", err
	}
	var s settingsBody
	if err := decode(rec, &s, &s.Version); err != nil {
		return settingsBody{}, "", err
	}
	return s, rec.Revision, nil
}

// policy returns the policy of the settings, and def for none.
func (s *settingsBody) policy(def *inbox.Policy) (*inbox.Policy, error) {
	if s.Version == 0 {
		return def, nil
	}
	p, err := inbox.NewPolicy(s.Inbox)
	if err != nil {
		return nil, damaged(settingsRef)
	}
	return p, nil
}

func (s *settingsBody) change(expected store.Revision, at time.Time) (store.Change, error) {
	s.Version = version
	body, err := encode(s)
	if err != nil {
		return store.Change{}, err
	}
	c := store.Change{Ref: settingsRef, Expected: expected, Body: body}
	if s.Switching {
		c.Timers = []store.Timer{{Name: timerDue, At: at}}
	}
	return c, nil
}

// Settings returns the inbox settings of the tenant: its own, or else those of the
// [Config] of the desk, with the defaults filled in.
func (o *Tenant) Settings(ctx context.Context) (inbox.Config, error) {
	p, err := o.policy(ctx)
	if err != nil {
		return inbox.Config{}, err
	}
	return p.Config(), nil
}

// Configure gives the tenant inbox settings of its own. Switching the Automated
// add-on off, or having people answer a channel, takes every automated
// conversation concerned from the AI (R65): if that cannot be done at once, the
// timer loop goes on with it.
//
// An agent or the system may; the event of it says who did (T46, D10).
func (o *Tenant) UpdateSettings(ctx context.Context, c Meta, config inbox.Config) error {
	if err := c.check("configure", helpdesk.ActorAgent, helpdesk.ActorSystem); err != nil {
		return err
	}
	if _, err := inbox.NewPolicy(config); err != nil {
		return err
	}
	_, err := o.do(ctx, useConfigure, c, config, func(w *work) error {
		s, rev, err := o.settings(ctx)
		if err != nil {
			return err
		}
		s.Inbox, s.Switching = config, true
		change, err := s.change(rev, w.now)
		if err != nil {
			return err
		}
		body, err := encode(struct {
			byBody
			inbox.Config
		}{byBody{c.By, c.Who}, config})
		if err != nil {
			return err
		}
		w.about(settingsRef)
		w.batch.Changes = append(w.batch.Changes, change)
		w.batch.Events = append(w.batch.Events, store.Event{ID: w.stamp.ID, Of: settingsRef, Type: "configure", At: w.now, Body: body})
		return nil
	})
	if err != nil {
		return err
	}
	if err := o.switchOffAll(ctx); err != nil {
		o.d.log.LogAttrs(ctx, slog.LevelWarn, "conversations are still to be taken from the AI",
			slog.String("tenant", string(o.tenant)), slog.Any("error", err))
	}
	return nil
}

var bySystem = Meta{Author: helpdesk.Author{By: helpdesk.ActorSystem}}

// switchOffAll takes every conversation from the AI in which it may not be any
// more, and notes that this is done.
func (o *Tenant) switchOffAll(ctx context.Context) error {
	s, rev, err := o.settings(ctx)
	if err != nil || !s.Switching {
		return err
	}
	if err := o.takeAll(ctx); err != nil {
		return err
	}
	s.Switching = false
	change, err := s.change(rev, time.Time{})
	if err != nil {
		return err
	}
	_, err = o.store.Commit(ctx, store.Batch{Changes: []store.Change{change}})
	if errors.Is(err, store.ErrConflict) {
		return nil // somebody configured anew, and sees to it
	}
	return err
}

// takeAll takes every conversation from the AI in which it may not be any more.
func (o *Tenant) takeAll(ctx context.Context) error {
	p, err := o.policy(ctx)
	if err != nil {
		return err
	}
	automated := store.Field{Name: fieldList, Value: string(inbox.ListAutomated)}
	c := p.Config()
	if !c.AddOn {
		return o.takeListed(ctx, automated)
	}
	var errs []error
	for _, ch := range c.Manual {
		errs = append(errs, o.takeListed(ctx, automated, store.Field{Name: fieldChannel, Value: string(ch)}))
	}
	return errors.Join(errs...)
}

func (o *Tenant) takeListed(ctx context.Context, where ...store.Field) error {
	var stuck []error // what cannot be read keeps nothing else from people
	q := store.Query{Kind: kindConversation, Where: where, Limit: o.d.limits.Batch}
	for {
		page, err := o.store.List(ctx, q)
		if err != nil {
			return err
		}
		for _, rec := range page.Records {
			id, err := uuid.Parse(rec.Ref.ID)
			if err != nil {
				stuck = append(stuck, damaged(rec.Ref))
				continue
			}
			_, err = o.switchOff(ctx, id)
			switch {
			case err == nil, isNotFound(err), errors.Is(err, helpdesk.ErrGone):
			case unreadable(err):
				stuck = append(stuck, err)
			default:
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return errors.Join(stuck...)
}

// switchOff takes a conversation from the AI if it may not be in it, and returns
// the list that it is in then.
func (o *Tenant) switchOff(ctx context.Context, id uuid.UUID) (inbox.List, error) {
	p, err := o.policy(ctx)
	if err != nil {
		return "", err
	}
	if c := p.Config(); c.AddOn && len(c.Manual) == 0 {
		return "", nil
	}
	r, err := o.do(ctx, inbox.EventSwitchOff, bySystem, id, func(w *work) error {
		f, err := w.open(id)
		if err != nil {
			return err
		}
		c := f.now.Conversation
		if c.List() != inbox.ListAutomated || c.Policy().Automates(c.Channel()) {
			w.result.List = c.List()
			return nil
		}
		c, events, err := c.SwitchOff(w.stamp)
		return w.talk(f, c, events, err)
	})
	return r.List, err
}

func isNotFound(err error) bool { return errors.Is(err, helpdesk.ErrNotFound) }

// unreadable reports whether an error says that a record cannot be read, here and now
// or at all (T44).
func unreadable(err error) bool {
	return errors.Is(err, helpdesk.ErrDamaged) || errors.Is(err, ErrNewer)
}
