package command

import (
	"context"
	"time"

	"linli/internal/identity"
	"linli/internal/procedure"
)

// Spoil has some cases refuse to be read.
func (s *Service) Spoil(fn func(id string) error) { s.spoil = fn }

// TellOnce has the hub look once.
func (s *Service) TellOnce(ctx context.Context) error { return s.tellOnce(ctx) }

// Streams counts the open pages.
func (s *Service) Streams() int { return s.hub.count() }

// Forget drops days that are over.
func (s *Service) Forget(ctx context.Context) error { return s.forget(ctx) }

// Lines are the ids of a list.
func (s *Service) Lines(ctx context.Context, a identity.Actor, sc Scope, f Filter) (ids []string, err error) {
	for {
		list, next, err := s.lines(ctx, a, sc, f)
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			ids = append(ids, l.ID)
		}
		if f.After = next; next == "" {
			return ids, nil
		}
	}
}

// Decides tells whether a state waits for a decision.
func Decides(p *procedure.Procedure, state string) bool { return decides(p, state) }

// KeepDays is for how long received cases stay counted.
const KeepDays = keepDays

// Rising and ShadeOf are the pure rules.
var (
	Rising  = rising
	ShadeOf = shade
)

// Ear is a page that hears, without a browser.
type Ear struct {
	s *Service
	p *page
}

// Listen opens a page for somebody.
func (s *Service) Listen(a identity.Actor, sc Scope) *Ear {
	p := &page{who: a, scope: sc, ring: make(chan struct{}, 1)}
	s.hub.open(p)
	return &Ear{s, p}
}

// Hears gives the cases that the page was told of, and whether it was told at all.
func (e *Ear) Hears() (cases []string, more, some bool) {
	n, some := e.s.hub.take(e.p)
	return n.cases, n.more, some
}

// ManyStreams lets one person open as many pages as a test needs, and Beat has
// streams look after themselves more often.
func (s *Service) ManyStreams(n int) { s.hub.most = n }

// Beat has streams look whether their session stands so often.
func (s *Service) Beat(d time.Duration) { s.check = d }

// MostNamed bounds the cases of one event.
const MostNamed = mostNamed
