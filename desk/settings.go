package desk

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
)

// Settings returns the inbox settings of the tenant: its own, or else the settings in
// the [Config] of the desk. Defaults are filled in.
func (o *Tenant) Settings(ctx context.Context) (inbox.Config, error) {
	rec, err := o.get(ctx, settingsRef)
	if err != nil {
		return inbox.Config{}, err
	}
	s, err := new(needs).settings(rec)
	if err != nil {
		return inbox.Config{}, err
	}
	p, err := s.policy(o.d.inbox)
	if err != nil {
		return inbox.Config{}, err
	}
	return p.Config(), nil
}

// UpdateSettings gives the tenant inbox settings of its own, which replace all
// earlier settings. Switching the Automated add-on off, or making a channel manual,
// moves every automated conversation concerned to people; if that fails, the timer
// loop continues the moving.
//
// The author is a member of the team or the system, and is named in the event of the
// change.
func (o *Tenant) UpdateSettings(ctx context.Context, c Meta, config inbox.Config) error {
	// R65; the author: T46, D10.
	if err := c.check("configure", helpdesk.ActorAgent, helpdesk.ActorSystem); err != nil {
		return err
	}
	if _, err := inbox.NewPolicy(config); err != nil {
		return err
	}
	_, err := o.do(ctx, useConfigure, c, members{{"settings", config}}, func(w *work) error {
		s, rev, err := w.o.settings(w.ctx)
		if err != nil {
			return err
		}
		s.Inbox, s.Switching = config, true
		s.Events++
		entry, err := eventEntry(settingsRef, s.Events, w.stamp.ID, "configure", w.now, struct {
			byBody
			inbox.Config
		}{byBody{c.By, c.Who}, config})
		if err != nil {
			return err
		}
		change, err := s.change(rev)
		if err != nil {
			return err
		}
		w.about(settingsRef)
		w.batch.Changes = append(w.batch.Changes, change)
		w.batch.Append = append(w.batch.Append, entry)
		w.batch.Timers = append(w.batch.Timers, dueTimer(settingsRef, w.now))
		return nil
	})
	if err != nil {
		return err
	}
	if err := o.switchOffAll(ctx); err != nil {
		o.d.complain(ctx, slog.LevelWarn, "conversations are still to be taken from the AI", err, slog.String("tenant", string(o.tenant)))
	}
	return nil
}

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
	change, err := s.change(rev)
	if err != nil {
		return err
	}
	_, err = o.commit(ctx, store.Batch{Changes: []store.Change{change}, Timers: []store.Timer{dueTimer(settingsRef, time.Time{})}})
	if isRaced(err) {
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
	automated := store.Match{Name: attrList, Value: store.Text(string(inbox.ListAutomated))}
	c := p.Config()
	if !c.AddOn {
		return o.takeListed(ctx, automated)
	}
	var errs []error
	for _, ch := range c.Manual {
		errs = append(errs, o.takeListed(ctx, automated, store.Match{Name: attrChannel, Value: store.Text(string(ch))}))
	}
	return errors.Join(errs...)
}

func (o *Tenant) takeListed(ctx context.Context, where ...store.Match) error {
	var stuck []error // what cannot be read keeps nothing else from people
	q := store.Query{Kind: kindConversation, Where: where, Limit: o.d.limits.Batch}
	for {
		page, err := o.list(ctx, q)
		if err != nil {
			return err
		}
		for _, rec := range page.Records {
			id, err := conversationID(rec.Ref.ID)
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
func (o *Tenant) switchOff(ctx context.Context, id inbox.ID) (inbox.List, error) {
	p, err := o.policy(ctx)
	if err != nil {
		return "", err
	}
	if c := p.Config(); c.AddOn && len(c.Manual) == 0 {
		return "", nil
	}
	r, err := o.do(ctx, inbox.EventSwitchOff, bySystem, nil, func(w *work) error {
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
